"""Labels for places, totes and carts: which kind, which ones, how they look, and how many are out.

A rack was built, a sign was torn off, new totes came. Somebody says what kind of label it is, and scans what still can be
scanned, types a code or a range, or takes all that there are. The first one is shown as it will be printed, with the
printer it goes to; then they are jobs as any other's, and whoever asked may go on working while they come out.

    ChooseKind --answer--> ChooseLabels
    ChooseKind --the answer behind the kinds--> ChooseList
    ChooseList --answer, scan of a path--> ShowLabels, ChooseListKind, ShowMistakes
    ChooseListKind --answer--> ShowLabels, ShowMistakes
    ShowMistakes --CONFIRM--> ShowLabels
    ShowLabels --UNDO, of a list--> ChooseList
    ChooseLabels --scan, CONFIRM--> ShowLabels
    ShowLabels --scan--> ShowLabels
    ShowLabels --UNDO--> ShowLabels, ChooseLabels
    ShowLabels --CONFIRM--> Asking
    Asking --done--> Printing
    Asking --failed--> ShowLabels
    Printing --moved--> Printing
    ChooseLabels, ShowLabels, Printing, ChooseList, ChooseListKind, ShowMistakes --NO--> ChooseKind

From ChooseKind NO leads to the printers.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import sqlalchemy as sa

from core.kernel.executor import Done, Failed
from core.kernel.flow import (
    Answered,
    Ask,
    CodeKind,
    Context,
    Expect,
    Go,
    Play,
    Pressed,
    PrintMoved,
    Query,
    Refuse,
    Run,
    Scanned,
    Step,
    Tone,
    Verb,
)
from core.kernel.ids import CommandId, JobId, SiteId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.people.roles import allowed
from core.printers.asking import JOBS_AT_ONCE, asked_for, paper_jobs
from core.printers.commands import PrintPaper
from core.printers.queries import JobsOut, jobs_out
from core.station.printers import PrintersFlow, said_by
from core.station.questions import Answers, Questions, key, numbered

LISTS_SHOWN = 6
MISTAKES_SHOWN = 5
ALL = "*"
"""In place of a code: all of the kind that there are."""
PERMISSION = "print.paper"


@dataclass(frozen=True, slots=True)
class LabelKind:
    """A kind of label that is offered here."""

    name: str
    """A content kind, such as ``location_label``."""
    known: int
    """How many of what it is for there are."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Labels that were chosen, before anything is printed."""

    kind: str
    said: tuple[str, ...]
    """Codes, ranges and `ALL`, as they were scanned and typed."""
    contents: tuple[Any, ...]
    """What they say, one each; none where no label can be made of what was said."""
    first: str = ""
    last: str = ""
    rendering: str = ""
    """Digest of a picture of the first one, as its printer will print it."""
    printer: str = ""
    place: str = ""
    file: str = ""
    """The list that they are made from; empty for what was scanned, typed or taken from the records."""
    kinds: tuple[str, ...] = ()
    """Kinds whose columns the list has, where it does not say of which kind it is."""
    faults: tuple[str, ...] = ()
    """What is wrong with the list, by line and column: then no label is made of it."""


class LabelDesk(Protocol):
    """Where labels are made, beside the station; the composition root gives it."""

    def kinds(self, connection: sa.Connection) -> tuple[LabelKind, ...]:
        """Return what is offered."""

    def choose(self, connection: sa.Connection, kind: str, said: tuple[str, ...]) -> Chosen:
        """Return the labels that codes, ranges and `ALL` stand for."""

    def lists(self) -> tuple[str, ...]:
        """Return the names of files that may be lists, the newest first."""

    def listed(self, connection: sa.Connection, name: str, kind: str) -> Chosen | None:
        """Return the labels of a list by its name or path, of a kind or of the one it is for; None where there is no such file."""


class _NoLabels:
    """A desk that makes none."""

    def kinds(self, _connection: sa.Connection) -> tuple[LabelKind, ...]:
        """Return none."""
        return ()

    def choose(self, _connection: sa.Connection, kind: str, said: tuple[str, ...]) -> Chosen:
        """Choose none."""
        return Chosen(kind, said, ())

    def lists(self) -> tuple[str, ...]:
        """Know no list."""
        return ()

    def listed(self, _connection: sa.Connection, name: str, kind: str) -> Chosen | None:
        """Find no list."""
        return None


NO_LABELS: LabelDesk = _NoLabels()
"""Where nothing is printed: a station that only looks."""


# Questions


@dataclass(frozen=True, slots=True)
class AskKinds:
    """What can be printed here?"""

    desk: LabelDesk

    def run(self, connection: sa.Connection) -> tuple[LabelKind, ...]:
        """Return the kinds."""
        return self.desk.kinds(connection)


@dataclass(frozen=True, slots=True)
class AskChosen:
    """Which labels are that?"""

    desk: LabelDesk
    kind: str
    said: tuple[str, ...]

    def run(self, connection: sa.Connection) -> Chosen:
        """Return them."""
        return self.desk.choose(connection, self.kind, self.said)


@dataclass(frozen=True, slots=True)
class AskLists:
    """Which lists lie there?"""

    desk: LabelDesk

    def run(self, _connection: sa.Connection) -> tuple[str, ...]:
        """Return their names."""
        return self.desk.lists()[:LISTS_SHOWN]


@dataclass(frozen=True, slots=True)
class AskListed:
    """Which labels are in that list?"""

    desk: LabelDesk
    name: str
    kind: str = ""

    def run(self, connection: sa.Connection) -> Chosen | None:
        """Return them, or what is wrong with it."""
        return self.desk.listed(connection, self.name, self.kind)


@dataclass(frozen=True, slots=True)
class AskOut:
    """How many are out?"""

    site: SiteId
    jobs: tuple[JobId, ...]

    def run(self, connection: sa.Connection) -> JobsOut:
        """Return how the jobs are."""
        return jobs_out(connection, self.site, self.jobs)


# States


@dataclass(frozen=True, slots=True)
class ChooseKind:
    """What kind of label?"""

    kinds: tuple[LabelKind, ...]


@dataclass(frozen=True, slots=True)
class ChooseLabels:
    """Which ones?"""

    kind: LabelKind


@dataclass(frozen=True, slots=True)
class ShowLabels:
    """So it looks, there it goes: print?"""

    kind: LabelKind
    chosen: Chosen


@dataclass(frozen=True, slots=True)
class Asking:
    """They are being asked for."""

    kind: LabelKind
    chosen: Chosen
    jobs: tuple[JobId, ...]


@dataclass(frozen=True, slots=True)
class Printing:
    """So many are out."""

    kind: LabelKind
    chosen: Chosen
    jobs: tuple[JobId, ...]
    out: JobsOut


@dataclass(frozen=True, slots=True)
class ChooseList:
    """Which list?"""

    lists: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChooseListKind:
    """Labels of which kind are to be made of it?"""

    chosen: Chosen


@dataclass(frozen=True, slots=True)
class ShowMistakes:
    """This is wrong with the list: put it right."""

    chosen: Chosen


State = ChooseKind | ChooseLabels | ShowLabels | Asking | Printing | ChooseList | ChooseListKind | ShowMistakes


class LabelsFlow(Questions):
    """Kind, codes, a look, the print."""

    NAME: ClassVar[str] = "labels"
    STATES: ClassVar[Any] = State
    WAITS: ClassVar[tuple[type, ...]] = (Asking,)

    def __init__(self, desk: LabelDesk) -> None:
        """Stand at a desk."""
        self._desk = desk

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Ask what can be printed here."""
        if not allowed(context.roles, PERMISSION):
            return Step(ChooseKind(()), (Refuse(Refusal(Reason.NOT_ALLOWED)), Go("home")))
        return self._kinds()

    def answers(self, state: State) -> Answers:
        """Return the kinds, or the lists."""
        match state:
            case ChooseKind(kinds=kinds) if kinds:
                return numbered((*(each.name for each in kinds), "list"))
            case ChooseList(lists=names) | ChooseListKind(chosen=Chosen(kinds=names)):
                return numbered(names)
            case _:
                return {}

    def takes(self, state: State) -> tuple[Expect, ...]:
        """Return the keys beside them."""
        match state:
            case ChooseLabels(kind=kind) if kind.known:
                return (key("CONFIRM", "next"),)
            case ShowLabels():
                return (key("CONFIRM", "next"), key("UNDO", "undo"))
            case ShowMistakes():
                return (key("CONFIRM", "again"),)
            case _:
                return ()

    def back(self, state: State, event: Pressed, context: Context) -> Step:
        """Lead to the printers from the kinds, and to the kinds from everywhere else."""
        return Step(state, (Go(PrintersFlow.NAME),)) if isinstance(state, ChooseKind) else self._kinds()

    def heard(self, state: State, event: PrintMoved, context: Context) -> Step:
        """Count how many are out."""
        return Step(state, (Ask(AskOut(context.site, state.jobs)),) if isinstance(state, Printing) else ())

    def _lists(self) -> Step:
        return Step(ChooseList(()), (Play(Tone.ACCEPT), Ask(AskLists(self._desk))))

    def _kinds(self) -> Step:
        return Step(ChooseKind(()), (Ask(AskKinds(self._desk)),))

    def came(self, state: State, event: Any, context: Context) -> Step | None:
        """Show what was chosen, and how far it is."""
        match state, event:
            case _, Answered(query=query, answer=answer):
                return self._answered(state, query, answer)
            case Asking(kind=kind, chosen=chosen, jobs=jobs), Done():
                out = Printing(kind, chosen, jobs, JobsOut(0, len(jobs)))
                return Step(out, (Play(Tone.ACCEPT), Ask(AskOut(context.site, jobs))))
            case Asking(kind=kind, chosen=chosen), Failed(refusal=refusal):
                return Step(ShowLabels(kind, chosen), (Refuse(refusal),))
            case _:
                return None

    def _answered(self, state: State, query: Query, answer: Any) -> Step | None:
        match state, query, answer:
            case ChooseKind(), AskKinds(), tuple() as kinds:
                return Step(ChooseKind(kinds))
            case ChooseList(), AskLists(), tuple() as lists:
                return Step(ChooseList(lists))
            case ChooseList() | ChooseListKind() | ShowMistakes(), AskListed(name=name), found:
                return _of_list(state, name, found)
            case ChooseLabels(kind=kind) | ShowLabels(kind=kind), AskChosen(said=said), Chosen() as chosen:
                if not chosen.contents:
                    return Step(state, (Refuse(Refusal(Reason.NO_SUCH_LABELS, {"got": said[-1]})),))
                if len(chosen.contents) > JOBS_AT_ONCE:
                    facts: dict[str, str | int] = {"count": len(chosen.contents), "most": JOBS_AT_ONCE}
                    return Step(state, (Refuse(Refusal(Reason.TOO_MANY_LABELS, facts)),))
                return Step(ShowLabels(kind, chosen), (Play(Tone.ACCEPT),))
            case Printing(kind=kind, chosen=chosen, jobs=jobs), AskOut(), JobsOut() as out:
                return Step(Printing(kind, chosen, jobs, out))
            case _:
                return None

    def chosen(self, state: State, digit: int, event: Pressed, context: Context) -> Step | None:
        """Ask which ones of a kind, or look into a list."""
        match state:
            case ChooseKind(kinds=kinds) if digit <= len(kinds):
                return Step(ChooseLabels(kinds[digit - 1]), (Play(Tone.ACCEPT),))
            case ChooseKind():
                return self._lists()
            case ChooseList(lists=lists):
                return Step(state, (Ask(AskListed(self._desk, lists[digit - 1])),))
            case ChooseListKind(chosen=chosen):
                return Step(state, (Ask(AskListed(self._desk, chosen.file, chosen.kinds[digit - 1])),))
            case _:
                return None

    def pressed(self, state: State, event: Pressed, context: Context) -> Step | None:
        """Choose all, leave the last out, or print."""
        match state, event.verb:
            case ChooseLabels(kind=kind), Verb.CONFIRM if kind.known:
                return Step(state, (Ask(AskChosen(self._desk, kind.name, (ALL,))),))
            case ShowMistakes(chosen=chosen), Verb.CONFIRM:
                return Step(state, (Ask(AskListed(self._desk, chosen.file, chosen.kind)),))
            case ShowLabels(chosen=chosen), Verb.UNDO if chosen.file:
                return self._lists()
            case ShowLabels(kind=kind, chosen=chosen), Verb.UNDO:
                if len(chosen.said) == 1:
                    return Step(ChooseLabels(kind), (Play(Tone.ACCEPT),))
                return Step(state, (Ask(AskChosen(self._desk, kind.name, chosen.said[:-1])),))
            case ShowLabels(kind=kind, chosen=chosen), Verb.CONFIRM | Verb.PRINT:
                base = context.stamp(event)
                work = asked_for(base, paper_jobs(base, chosen.contents, printer="label"))
                assert isinstance(work.command, PrintPaper)
                return Step(Asking(kind, chosen, work.command.jobs), (Run(work.command, work.private),))
            case _:
                return None

    def scanned(self, state: State, event: Scanned, context: Context) -> Step | None:
        """Add a code or a range to what is chosen; a badge's code is a secret, and no sign."""
        if isinstance(state, ChooseList):
            return Step(state, (Ask(AskListed(self._desk, event.raw)),))
        listed = isinstance(state, ShowLabels) and state.chosen.file
        if event.of(CodeKind.PERSON) or listed or not isinstance(state, ChooseLabels | ShowLabels):
            return None
        before = state.chosen.said if isinstance(state, ShowLabels) else ()
        return Step(state, (Ask(AskChosen(self._desk, state.kind.name, (*before, said_by(event)))),))


def _of_list(state: State, name: str, found: Chosen | None) -> Step:
    """Return what becomes of a list: shown as labels, asked of which kind they are, or what is wrong with it."""
    if found is None:
        return Step(state, (Refuse(Refusal(Reason.NOT_FOUND, {"got": name})),))
    if found.faults:
        return Step(ShowMistakes(found), (Play(Tone.CAUTION),))
    if not found.kind:
        return Step(ChooseListKind(found), (Play(Tone.ACCEPT),))
    if len(found.contents) > JOBS_AT_ONCE:
        facts: dict[str, str | int] = {"count": len(found.contents), "most": JOBS_AT_ONCE}
        return Step(state, (Refuse(Refusal(Reason.TOO_MANY_LABELS, facts)),))
    return Step(ShowLabels(LabelKind(found.kind, 0), found), (Play(Tone.ACCEPT),))
