"""Labels for places, totes and carts: which kind, which ones, how they look, and how many are out.

A rack was built, a sign was torn off, new totes came. Somebody says what kind of label it is, and scans what still can be
scanned, types a code or a range, or takes all that there are. The first one is shown as it will be printed, with the
printer it goes to; then they are jobs as any other's, and whoever asked may go on working while they come out.

Labels of a list are made and looked over beside the station; who leaves meanwhile gives that up. Numbers that no two pallets
may bear are written down before they are printed.

    ChooseKind --answer--> ChooseLabels
    ChooseKind --the answer behind the kinds--> ChooseList
    ChooseList, ChooseListKind --answer, scan of a path--> LookingThrough
    LookingThrough --looked at again, at its end--> ShowLabels, ChooseListKind, ShowMistakes
    LookingThrough --there is no such file--> ChooseList
    ShowMistakes --CONFIRM--> LookingThrough
    ShowLabels --UNDO, of a list--> ChooseList
    ChooseLabels --scan, CONFIRM--> ShowLabels
    ShowLabels --scan--> ShowLabels
    ShowLabels --UNDO--> ShowLabels, ChooseLabels
    ShowLabels --CONFIRM--> Asking
    ShowLabels --CONFIRM, with numbers--> GivingOut
    GivingOut --done--> Asking
    GivingOut --a number was given out meanwhile--> LookingThrough
    Asking --done--> Printing
    Asking --failed--> ShowLabels
    Printing --moved--> Printing
    ChooseLabels, ShowLabels, Printing, ChooseList, ChooseListKind, ShowMistakes, LookingThrough --NO--> ChooseKind

From ChooseKind NO leads to the printers, and the answer behind the lists to the badges.
"""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from core.kernel.executor import Done, Failed
from core.kernel.flow import (
    Answered,
    Ask,
    CodeKind,
    Context,
    Effect,
    Expect,
    Go,
    Play,
    Pressed,
    PrintMoved,
    Query,
    Refuse,
    Run,
    Scanned,
    Stamp,
    Start,
    Step,
    Tone,
    Verb,
)
from core.kernel.ids import CommandId, JobId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.packing.commands import NUMBERS_AT_ONCE, UseSsccs
from core.people.roles import allowed
from core.printers.asking import JOBS_AT_ONCE, asked_for, paper_jobs
from core.printers.commands import PrintPaper
from core.printers.queries import JobsOut
from core.station.label_desk import (
    ALL,
    AskChosen,
    AskKinds,
    AskLists,
    AskMade,
    AskOut,
    Chosen,
    GiveUp,
    LabelDesk,
    LabelKind,
    LookThrough,
    Making,
)
from core.station.new_badge import BADGES
from core.station.new_badge import PERMISSION as BADGES_GIVEN
from core.station.printers import PrintersFlow, said_by
from core.station.questions import Answers, Questions, key, numbered

MISTAKES_SHOWN = 5
LOOKING = "list"
"""The argument that begins the flow at a list that is being looked through."""
PERMISSION = "print.paper"


# States


@dataclass(frozen=True, slots=True)
class ChooseKind:
    """What kind of label?"""

    kinds: tuple[LabelKind, ...]
    badges: bool = False
    """Whether whoever is signed in may give out badges."""


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


@dataclass(frozen=True, slots=True)
class LookingThrough:
    """Labels are made of a list: so far it is."""

    making: Making


@dataclass(frozen=True, slots=True)
class GivingOut:
    """The numbers on them are being written down."""

    kind: LabelKind
    chosen: Chosen


State = (
    ChooseKind | ChooseLabels | ShowLabels | GivingOut | Asking | Printing | ChooseList | ChooseListKind
    | LookingThrough | ShowMistakes
)  # fmt: skip


def looks_again(state: Any) -> tuple[str, str] | None:
    """Return the flow and the argument that begin it at this state anew, where it changes by itself."""
    return (LabelsFlow.NAME, LOOKING) if isinstance(state, LookingThrough) else None


class LabelsFlow(Questions):
    """Kind, codes, a look, the print."""

    NAME: ClassVar[str] = "labels"
    STATES: ClassVar[Any] = State
    WAITS: ClassVar[tuple[type, ...]] = (GivingOut, Asking)

    def __init__(self, desk: LabelDesk) -> None:
        """Stand at a desk."""
        self._desk = desk

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Ask what can be printed here, or how far a list is."""
        if not allowed(context.roles, PERMISSION):
            return Step(ChooseKind(()), (Refuse(Refusal(Reason.NOT_ALLOWED)), Go("home")))
        if argument == LOOKING:
            return Step(LookingThrough(Making()), (Ask(AskMade(self._desk)),))
        return self._kinds(context)

    def answers(self, state: State) -> Answers:
        """Return the kinds, or the lists."""
        match state:
            case ChooseKind(kinds=kinds, badges=badges) if kinds:
                return numbered((*(each.name for each in kinds), "list", *(("badges",) if badges else ())))
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
        if isinstance(state, ChooseKind):
            return Step(state, (Go(PrintersFlow.NAME),))
        return self._kinds(context, Start(GiveUp(self._desk)))

    def heard(self, state: State, event: PrintMoved, context: Context) -> Step:
        """Count how many are out."""
        return Step(state, (Ask(AskOut(context.site, state.jobs)),) if isinstance(state, Printing) else ())

    def _lists(self) -> Step:
        return Step(ChooseList(()), (Play(Tone.ACCEPT), Ask(AskLists(self._desk))))

    def _kinds(self, context: Context, *before: Effect) -> Step:
        return Step(ChooseKind((), allowed(context.roles, BADGES_GIVEN)), (*before, Ask(AskKinds(self._desk))))

    def _look_through(self, name: str, kind: str = "", *before: Effect) -> Step:
        looking = LookingThrough(Making(name))
        return Step(looking, (*before, Start(LookThrough(self._desk, name, kind)), Ask(AskMade(self._desk, name))))

    def came(self, state: State, event: Any, context: Context) -> Step | None:
        """Show what was chosen, and how far it is."""
        match state, event:
            case _, Answered(query=query, answer=answer):
                return self._answered(state, query, answer)
            case GivingOut(kind=kind, chosen=chosen), Done() as done:
                return _asked(kind, chosen, context.stamp_after(done, "labels"))
            case GivingOut(chosen=chosen), Failed(refusal=refusal):
                return self._look_through(chosen.file, chosen.kind, Refuse(refusal))
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
                return Step(replace(state, kinds=kinds))
            case ChooseList(), AskLists(), tuple() as lists:
                return Step(ChooseList(lists))
            case LookingThrough(), AskMade(name=name), None:
                gone = Refuse(Refusal(Reason.NOT_FOUND, {"got": name}))
                return Step(ChooseList(()), (*((gone,) if name else ()), Ask(AskLists(self._desk))))
            case LookingThrough(), AskMade(), Making() as making:
                return Step(LookingThrough(making))
            case LookingThrough(), AskMade(), Chosen() as found:
                return self._of_list(found)
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
            case ChooseKind(kinds=kinds) if digit == len(kinds) + 1:
                return self._lists()
            case ChooseKind():
                return Step(state, (Go(BADGES),))
            case ChooseList(lists=lists):
                return self._look_through(lists[digit - 1])
            case ChooseListKind(chosen=chosen):
                return self._look_through(chosen.file, chosen.kinds[digit - 1])
            case _:
                return None

    def pressed(self, state: State, event: Pressed, context: Context) -> Step | None:
        """Choose all, leave the last out, or print."""
        match state, event.verb:
            case ChooseLabels(kind=kind), Verb.CONFIRM if kind.known:
                return Step(state, (Ask(AskChosen(self._desk, kind.name, (ALL,))),))
            case ShowMistakes(chosen=chosen), Verb.CONFIRM:
                return self._look_through(chosen.file, chosen.kind)
            case ShowLabels(chosen=chosen), Verb.UNDO if chosen.file:
                return self._lists()
            case ShowLabels(kind=kind, chosen=chosen), Verb.UNDO:
                if len(chosen.said) == 1:
                    return Step(ChooseLabels(kind), (Play(Tone.ACCEPT),))
                return Step(state, (Ask(AskChosen(self._desk, kind.name, chosen.said[:-1])),))
            case ShowLabels(kind=kind, chosen=chosen), Verb.CONFIRM | Verb.PRINT if chosen.numbers:
                # First they are written down: a number that is printed and then not known of may be printed twice.
                used = UseSsccs(**context.stamp(event), ssccs=chosen.numbers, drawn=chosen.drawn)
                return Step(GivingOut(kind, chosen), (Run(used),))
            case ShowLabels(kind=kind, chosen=chosen), Verb.CONFIRM | Verb.PRINT:
                return _asked(kind, chosen, context.stamp(event))
            case _:
                return None

    def scanned(self, state: State, event: Scanned, context: Context) -> Step | None:
        """Add a code or a range to what is chosen; a badge's code is a secret, and no sign."""
        if isinstance(state, ChooseList):
            return self._look_through(event.raw)
        listed = isinstance(state, ShowLabels) and state.chosen.file
        if event.of(CodeKind.PERSON) or listed or not isinstance(state, ChooseLabels | ShowLabels):
            return None
        before = state.chosen.said if isinstance(state, ShowLabels) else ()
        return Step(state, (Ask(AskChosen(self._desk, state.kind.name, (*before, said_by(event)))),))

    def _of_list(self, found: Chosen) -> Step:
        """Return what becomes of a list: shown as labels, asked of which kind they are, or what is wrong with it."""
        most = NUMBERS_AT_ONCE if found.numbers else JOBS_AT_ONCE
        if found.faults:
            return Step(ShowMistakes(found), (Play(Tone.CAUTION),))
        if not found.kind:
            return Step(ChooseListKind(found), (Play(Tone.ACCEPT),))
        if len(found.contents) > most:
            facts: dict[str, str | int] = {"count": len(found.contents), "most": most}
            return Step(ChooseList(()), (Refuse(Refusal(Reason.TOO_MANY_LABELS, facts)), Ask(AskLists(self._desk))))
        return Step(ShowLabels(LabelKind(found.kind, 0), found), (Play(Tone.ACCEPT),))


def _asked(kind: LabelKind, chosen: Chosen, base: Stamp) -> Step:
    work = asked_for(base, paper_jobs(base, chosen.contents, printer="label"))
    assert isinstance(work.command, PrintPaper)
    return Step(Asking(kind, chosen, work.command.jobs), (Run(work.command, work.private),))
