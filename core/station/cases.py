"""The cases that wait for a person: each looked at on the floor, settled by a key, or by putting its goods back by a scan.

Something happened that no rule settles: a label number on two boxes, units that are not there, an edit that lost. Whoever
decides sees what cannot wait first, goes where the case says, does what its steps say, and then says by one key what was done.
A code that is scanned brings up what waits about that order, parcel or place. Units of a stopped order are settled by the scan
of the place they lie at now. A case that is another role's is settled by that role's badge and PIN over the refusal.

    LookAtCases --looked--> ChooseCase, ShowCase
    ChooseCase --answer--> ShowCase, LookAtCases
    ChooseCase --scan--> LookAtCases
    LookAtCase --looked--> ShowCase, LookAtCases
    ShowCase --looked again--> ShowCase, LookAtCases
    ShowCase --answer--> Settling
    ShowCase --scan of a place, where units are to be put back--> Settling
    ShowCase --scan--> LookAtCases
    Settling --done--> Settling, LookAtCases
    Settling --failed--> ShowCase
    ShowCase --NO--> LookAtCases

From ChooseCase NO leads home, or to all cases where only some were shown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from core.cases.commands import CloseCase, OpenCase
from core.cases.decisions import DECISIONS, Decision
from core.cases.model import CaseKind
from core.kernel.commands import Command
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
    Query,
    Refuse,
    Run,
    Say,
    Scanned,
    Step,
    Tone,
    Verb,
)
from core.kernel.ids import NO_ID, CaseId, CommandId, LocationId, SiteId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.people.roles import INVENTORY, IT, LEAD, allowed, holds_any
from core.receiving.model import TakeOut
from core.returns.settling import AskSecond
from core.station.back_queries import AskBack, AskNothingLeft, AskNotThere
from core.station.case_queries import PAGE, AskCase, AskCases, AskEdit, AskTakeOut, CaseSeen, CasesPage, ask_second
from core.station.menu import JOBS
from core.station.moving_queries import AskCarriedBack
from core.station.questions import Answers, Questions, key, numbered

NEXT = "next"
"""The answer that leads to the next page, and behind the last to the first."""
CHECK = "case"
"""What a badge passes over a case that is another role's."""
_STOCK, _MACHINES, _BOTH = f"{LEAD},{INVENTORY}", IT, f"{LEAD},{IT}"
DECIDERS: Mapping[CaseKind, str] = {
    CaseKind.STOCK_UNEXPLAINED: _STOCK,
    CaseKind.RECOUNT: _STOCK,
    CaseKind.MOVED_TWICE: _STOCK,
    CaseKind.SHORT_PICK: _STOCK,
    CaseKind.DAMAGED: _STOCK,
    CaseKind.MISSING_AT_BENCH: _STOCK,
    CaseKind.PUT_BACK: _STOCK,
    CaseKind.OVER_RECEIPT: _STOCK,
    CaseKind.RETURN_TWICE: _STOCK,
    CaseKind.RETURN_NOT_LEFT: _STOCK,
    CaseKind.RETURN_UNKNOWN: _STOCK,
    CaseKind.PRINT_FAULT: _BOTH,
    CaseKind.EDIT_LOST: f"{LEAD},{INVENTORY},{IT}",
    CaseKind.OTHER_STATIONS: _BOTH,
    CaseKind.STATION_RENEWED: _BOTH,
    CaseKind.CALL: _BOTH,
    CaseKind.LOG_BROKEN: _MACHINES,
    CaseKind.NOT_APPLIED: _MACHINES,
    CaseKind.STATION_TWICE: _MACHINES,
}
"""Whose business a kind of case is, comma-separated; of what is not named here the lead's."""
FOLLOWED: Mapping[Decision, Callable[[SiteId, CaseSeen], Query]] = {
    Decision.TAKEN: lambda site, seen: AskEdit(site, seen.case),
    Decision.AT_SECOND: lambda site, seen: ask_second(site, seen.case, Decision.AT_SECOND),
    Decision.TWO_BOXES: lambda site, seen: ask_second(site, seen.case, Decision.TWO_BOXES),
    Decision.NOT_THERE: lambda site, seen: AskNotThere(site, seen.case, seen.order, seen.fulfilment),
    Decision.COUNTED_TWICE: lambda site, seen: AskTakeOut(site, seen.case, TakeOut.TWICE),
    Decision.SENT_BACK: lambda site, seen: AskTakeOut(site, seen.case, TakeOut.SENT_BACK),
    Decision.LIES_FIRST: lambda site, seen: AskCarriedBack(site, seen.case),
    Decision.NOTHING_LEFT: lambda site, seen: AskNothingLeft(site, seen.case, seen.order, seen.fulfilment),
}
"""What is asked where more follows from a decision than that its case is closed: the command that does it, by the decision."""
_LOOKED_FOR = (CodeKind.ORDER, CodeKind.PARCEL, CodeKind.TOTE, CodeKind.LOCATION, CodeKind.ITEM)
"""What may be scanned to see the cases about it."""


def deciders(kind: CaseKind) -> str:
    """Return whose business a case is, as comma-separated roles."""
    return DECIDERS.get(kind, LEAD)


@dataclass(frozen=True, slots=True)
class LookAtCases:
    """They are being looked at."""


@dataclass(frozen=True, slots=True)
class ChooseCase:
    """Which case?"""

    page: CasesPage
    target: bytes = NO_ID
    """What they are about, where something was scanned."""


@dataclass(frozen=True, slots=True)
class LookAtCase:
    """One is being looked at."""


@dataclass(frozen=True, slots=True)
class ShowCase:
    """What was done about it?"""

    seen: CaseSeen


@dataclass(frozen=True, slots=True)
class Settling:
    """It is being written."""

    seen: CaseSeen
    decision: Decision | None = None
    """What it is closed with once its edit was made; None where the command under way closes it."""
    note: Note = Note.CASE_SETTLED


State = LookAtCases | ChooseCase | LookAtCase | ShowCase | Settling


class CasesFlow(Questions):
    """What waits for a person, and what was decided about it?"""

    NAME: ClassVar[str] = "cases"
    STATES: ClassVar[Any] = State
    WAITS: ClassVar[tuple[type, ...]] = (LookAtCases, LookAtCase, Settling)

    def __init__(self, others: frozenset[str] = frozenset()) -> None:
        """Stand at a station that leaves some flows to others: what they do is not done by a decision here."""
        self._others = others

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look, for those who decide; the argument is the id in hex of the case to be shown."""
        if not any(allowed(context.roles, each) for each in JOBS[self.NAME]):
            return Step(LookAtCases(), (Refuse(Refusal(Reason.NOT_ALLOWED)), Go("home")))
        if argument:
            return Step(LookAtCase(), (Ask(AskCase(context.site, CaseId(bytes.fromhex(argument)))),))
        return _look(context)

    def resume(self, state: Any, at: int, cause: CommandId, context: Context) -> Step:
        """Look again at what is shown."""
        match state:
            case ShowCase(seen=seen):
                return Step(LookAtCase(), (Ask(AskCase(context.site, seen.case)),))
            case ChooseCase(page=page, target=target):
                return _look(context, page.first, target, page.about)
            case _:
                return self.begin("", at, cause, context)

    def answers(self, state: Any) -> Answers:
        """Return the cases of a page and the way to the next, or what may be decided."""
        match state:
            case ChooseCase(page=page):
                more = (NEXT,) if page.total > PAGE else ()
                return numbered((*(each.case.hex() for each in page.cases), *more))
            case ShowCase(seen=seen):
                return numbered((*(each.value for each in offered(seen)), "note"))
            case _:
                return {}

    def takes(self, state: Any) -> tuple[Expect, ...]:
        """Return what may be scanned, and the call."""
        if isinstance(state, ShowCase):
            back = seen_back(state.seen)
            return (*((Expect("location", "", "next"),) if back else ()), key("CALL", "call"))
        return tuple(Expect(kind.value, "", "about") for kind in _LOOKED_FOR[:2])

    def chosen(self, state: Any, digit: int, event: Pressed, context: Context) -> Step | None:
        """Show a case or the next page, or settle one."""
        match state:
            case ChooseCase(page=page) if digit <= len(page.cases):
                return Step(ShowCase(page.cases[digit - 1]), (Play(Tone.ACCEPT),))
            case ChooseCase(page=page, target=target):
                first = page.first + PAGE if page.first + PAGE < page.total else 0
                return _look(context, first, target, page.about)
            case ShowCase(seen=seen) if digit <= len(offered(seen)):
                return _decide(state, offered(seen)[digit - 1], event, context)
            case ShowCase(seen=seen):
                return Step(state, (Go("note", f"case {seen.case.hex()}"),))
            case _:
                return None

    def pressed(self, state: Any, event: Pressed, context: Context) -> Step | None:
        """Ask for help with a case."""
        if not isinstance(state, ShowCase) or event.verb is not Verb.CALL:
            return None
        seen = state.seen
        call = OpenCase(**context.stamp(event), kind=CaseKind.CALL, order=seen.order, subject=seen.case)
        return Step(Settling(seen, None, Note.CASE_OPENED), (Run(call),))

    def scanned(self, state: Any, event: Scanned, context: Context) -> Step | None:
        """Put units back at a place, or look at what waits about what was scanned."""
        found = next(iter(event.of(*_LOOKED_FOR)), None)
        match state:
            case ShowCase(seen=seen) if seen_back(seen) and (places := event.of(CodeKind.LOCATION)):
                if (refused := _refused(seen, context)) is not None:
                    return Step(state, (Refuse(refused),))
                target = LocationId(places[0].target)
                return Step(state, (Ask(AskBack(context.site, seen.case, seen.order, seen.fulfilment, target)),))
            case ChooseCase() | ShowCase() if found is not None:
                return _look(context, 0, found.target, found.code)
            case ChooseCase() | ShowCase():
                return Step(state, (Refuse(Refusal(Reason.UNKNOWN_CODE, {"got": event.raw})),))
            case _:
                return None

    def came(self, state: Any, event: Any, context: Context) -> Step | None:
        """Show what was asked, and settle."""
        match state, event:
            case LookAtCases(), Answered(query=AskCases() as asked, answer=CasesPage() as page):
                return self._looked(asked, page, context)
            case LookAtCase(), Answered(answer=CaseSeen() as seen):
                return Step(ShowCase(seen))
            case LookAtCase(), Answered():
                return _look(context)
            case ShowCase(), Answered(
                query=AskBack()
                | AskNotThere()
                | AskNothingLeft()
                | AskTakeOut()
                | AskEdit()
                | AskSecond()
                | AskCarriedBack(),
                answer=Refusal() as refusal,
            ):
                return Step(state, (Refuse(refusal),))
            case ShowCase(seen=seen), Answered(query=asked, answer=Command() as made):
                if (refused := self._outside(seen, made, context)) is not None:
                    return Step(state, (Refuse(refused),))
                return Step(Settling(seen, _closing(asked)), (Run(replace(made, **context.stamp(event))),))
            case Settling(seen=seen, decision=Decision() as decision), Done():
                close = CloseCase(**context.stamp_after(event, "close"), case=seen.case, decision=decision.value)
                return Step(Settling(seen), (Run(close),))
            case Settling(note=note), Done():
                after = _look(context)
                return Step(after.state, (Play(Tone.ACCEPT), Say(note), *after.effects))
            case Settling(seen=seen), Failed(refusal=refusal):
                return Step(ShowCase(seen), (Refuse(refusal),))
            case _:
                return None

    def _outside(self, seen: CaseSeen, made: Command, context: Context) -> Refusal | None:
        """Return why what follows from a decision is not done here by this person: the hub would tell of it."""
        if any(made.PERMISSION in JOBS[each] for each in self._others):
            return Refusal(Reason.OTHER_STATIONS, {"got": seen.delivery or dict(seen.facts).get("code", "")})
        return None if allowed(context.roles, made.PERMISSION) else Refusal(Reason.NOT_ALLOWED)

    def back(self, state: Any, event: Pressed, context: Context) -> Step | None:
        """Lead to all cases, and from those home."""
        if isinstance(state, ShowCase) or (isinstance(state, ChooseCase) and state.target != NO_ID):
            return _look(context)
        return Step(state, (Go("home"),))

    def _looked(self, asked: AskCases, page: CasesPage, context: Context) -> Step:
        """Show a page; the case itself where a scan is about one alone, and everything where it is about none."""
        if asked.target == NO_ID:
            return Step(ChooseCase(page))
        if not page.cases:
            after = _look(context)
            return Step(after.state, (Say(Note.NO_CASES, {"got": asked.about}), *after.effects))
        return Step(ShowCase(page.cases[0])) if page.total == 1 else Step(ChooseCase(page, asked.target))


def _closing(asked: Query) -> Decision | None:
    """Return what a case is closed with once what was asked for is done; None where that closes it."""
    match asked:
        case AskSecond(decision=decision):
            return decision
        case AskEdit():
            return Decision.TAKEN
        case AskCarriedBack():
            return Decision.LIES_FIRST
        case _:
            return None


def offered(seen: CaseSeen) -> tuple[Decision, ...]:
    """Return what may be decided about a case."""
    if seen.nothing_left:
        return (Decision.NOTHING_LEFT,)
    decisions = DECISIONS[seen.kind]
    if seen.one_box:
        decisions = tuple(each for each in decisions if each is not Decision.TWO_BOXES)
    return (Decision.LOOKED, Decision.NOT_NEEDED) if seen.unread else decisions


def seen_back(seen: CaseSeen) -> bool:
    """Return whether a case is settled by the place that its units lie at now."""
    return seen.fulfilment != NO_ID and not seen.nothing_left


def _look(context: Context, first: int = 0, target: bytes = NO_ID, about: str = "") -> Step:
    return Step(LookAtCases(), (Ask(AskCases(context.site, first, target, about)),))


def _refused(seen: CaseSeen, context: Context) -> Refusal | None:
    """Return why this person does not settle a case; None where they do, or a badge that does has passed it."""
    roles = deciders(seen.kind)
    if holds_any(context.roles, roles) or CHECK in context.overridden:
        return None
    return Refusal(Reason.SUPERVISOR_NEEDED, {"override": CHECK, "passed_by": roles})


def _decide(state: ShowCase, decision: Decision, event: Pressed, context: Context) -> Step:
    seen = state.seen
    if (refused := _refused(seen, context)) is not None:
        return Step(state, (Refuse(refused),))
    follows = FOLLOWED.get(decision)
    if follows is not None:
        return Step(state, (Ask(follows(context.site, seen)),))
    close = CloseCase(**context.stamp(event), case=seen.case, decision=decision.value)
    return Step(Settling(seen), (Run(close),))
