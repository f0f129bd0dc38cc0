"""Returns: a box that came back is received by its label and by the place that it is put down at.

Whoever stands there has a box in hand that a carrier brought back. Its label says what it is: our own label names the parcel, a
return slip the order. The screen shows what left in it and when, or that nothing of it has left by the books, which is received
as well and told. A code that names nothing here is received once somebody has said so. Then the box is put down and its place is
scanned: that is the receipt. The box stays closed: what is in it, and where that goes, is found out by whoever opens it.

    ScanReturn --label--> ScanPlace
    ScanReturn --slip or number of which a box is here--> AnotherBox
    ScanReturn --code that names nothing here--> ConfirmUnknown
    ScanReturn --CALL--> Writing
    ConfirmUnknown --YES, the same code again--> ScanPlace
    ConfirmUnknown --NO--> ScanReturn
    ConfirmUnknown, AnotherBox --CALL--> Writing
    AnotherBox --YES--> ScanPlace
    AnotherBox --NO--> ScanReturn
    ScanPlace --place, CALL--> Writing
    ScanPlace --NO--> ScanReturn
    Writing --done, refused--> ScanReturn, ConfirmUnknown, AnotherBox, ScanPlace

From ScanReturn NO leads home.
"""

from typing import Any, ClassVar

from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.catalog.codes import without_aim
from core.catalog.parcel_codes import parcel_in
from core.kernel.executor import Done, Failed
from core.kernel.flow import (
    Answered,
    Ask,
    CodeKind,
    Context,
    Event,
    Expect,
    Go,
    Play,
    Pressed,
    PrintMoved,
    Refuse,
    Run,
    Say,
    Scanned,
    Step,
    Tone,
    Verb,
    Weighed,
)
from core.kernel.ids import CommandId, LocationId, OrderId, ParcelId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.returns.commands import ReceiveReturn
from core.returns.model import is_kept
from core.returns.queries import AskBox, AskHere
from core.returns.states import AnotherBox, ConfirmUnknown, ScanPlace, ScanReturn, State, Writing
from core.returns.views import BoxInHand, Received


def refuse(state: State, reason: Reason, **facts: str | int) -> Step:
    """Return the step that says no and changes nothing."""
    return Step(state, (Refuse(Refusal(reason, facts)),))


class ReturnsFlow:
    """One person at a bench or desk, one box at a time."""

    NAME: ClassVar[str] = "returns"
    VERSION: ClassVar[int] = 1
    STATES: ClassVar[Any] = State
    KEEPS: ClassVar[bool] = True

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Wait for a box."""
        return Step(ScanReturn())

    def resume(self, state: State, at: int, cause: CommandId, context: Context) -> Step:
        """Go on: the box is still in somebody's hands, and what others did with it is looked at when it is received."""
        return Step(state)

    def expects(self, state: State) -> tuple[Expect, ...]:
        """Return the code that is wanted, and the keys."""
        yes, back, call = Expect("key", "YES", "next"), Expect("key", "NO", "back"), Expect("key", "CALL", "call")
        match state:
            case ScanReturn():
                return (Expect("parcel", "", "next"), call, back)
            case ConfirmUnknown() | AnotherBox():
                return (yes, call, back)
            case ScanPlace():
                return (Expect("location", "", "next"), call, back)
            case Writing():
                return ()

    def handle(self, state: State, event: Event, context: Context) -> Step:
        """Return what an event does; see the diagram.

        Raises:
            Bug: the event cannot happen in this state.
        """
        match state, event:
            case _, PrintMoved():
                return Step(state)
            case Writing(), Done():
                said = Say(state.note, dict(state.facts))
                return Step(state.after, (Play(Tone.ACCEPT), said))
            case Writing(), Failed(refusal=refusal):
                return Step(state.before, (Refuse(refusal),))
            case ScanReturn(), Answered(query=AskBox(), answer=box):
                return self._found(state, box)
            case ScanPlace(), Answered(query=AskHere() as asked):
                return self._put_down(state, event, asked, context)
            case Writing(), _:
                raise Bug(f"{event!r} while something is written")
            case _, Scanned():
                return self._scanned(state, event, context)
            case _, Pressed():
                return self._pressed(state, event, context)
            case _, Weighed():
                return refuse(state, Reason.COMMAND_NOT_NOW)
            case _:
                raise Bug(f"{event!r} at the returns bench")

    # Scans

    def _scanned(self, state: State, event: Scanned, context: Context) -> Step:
        # A carrier's number that names nothing here is all that such a box may have.
        if event.rejected not in (None, Reason.TRACKING_NUMBER):
            return refuse(state, event.rejected, got=event.raw)
        match state:
            case ScanReturn():
                return self._label(state, event, context)
            case ScanPlace(box=box):
                return self._place(state, box, event, context)
            case ConfirmUnknown(box=box) if without_aim(event.raw) == box.code:
                if not event.settled:
                    return refuse(state, Reason.RESCAN_TOO_FAST, got=event.raw)
                return Step(ScanPlace(box), (Play(Tone.ACCEPT),))
            case _:
                return refuse(state, Reason.COMMAND_NOT_NOW, got=event.raw)

    def _label(self, state: ScanReturn, event: Scanned, context: Context) -> Step:
        site, label = context.site, parcel_in(event.raw)
        parcels, orders = event.of(CodeKind.PARCEL), event.of(CodeKind.ORDER)
        if len(parcels) + len(orders) > 1:
            return refuse(state, Reason.AMBIGUOUS_CODE, got=event.raw)
        if parcels:
            return Step(state, (Ask(AskBox(site, parcels[0].code, parcel=ParcelId(parcels[0].target), label=label)),))
        if label is not None:
            return Step(state, (Ask(AskBox(site, label.sscc, parcel=label.parcel, label=label)),))
        if orders:
            return Step(state, (Ask(AskBox(site, orders[0].code, order=OrderId(orders[0].target))),))
        if event.candidates:
            return refuse(state, Reason.WRONG_KIND, expected_kind="parcel", got=event.candidates[0].code)
        if not is_kept(event.raw):
            return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
        # The same label gives the same code, whether or not a scanner says which symbol it was.
        return Step(state, (Ask(AskBox(site, without_aim(event.raw))),))

    def _found(self, state: ScanReturn, box: BoxInHand | None) -> Step:
        match box:
            case None:
                return refuse(state, Reason.NOT_FOUND)
            case BoxInHand(before=Received() as before) if box.one_only:
                return _here_already(state, box, before)
            case BoxInHand(before=Received()):
                return Step(AnotherBox(box), (Play(Tone.CAUTION),))
            case BoxInHand(known=False):
                return Step(ConfirmUnknown(box), (Play(Tone.CAUTION),))
            case _:
                tone = Tone.ACCEPT if box.left_at else Tone.CAUTION
                return Step(ScanPlace(box), (Play(tone), Say(Note.LOOKED_UP, {"what": box.order_number or box.code})))

    def _place(self, state: ScanPlace, box: BoxInHand, event: Scanned, context: Context) -> Step:
        places = event.of(CodeKind.LOCATION)
        if not event.candidates:
            return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
        if len(places) != 1:
            return refuse(state, Reason.WRONG_KIND, expected_kind="location", got=event.candidates[0].code)
        # Others may have received it while it was carried about.
        return Step(state, (Ask(AskHere(context.site, box, LocationId(places[0].target), places[0].code)),))

    def _put_down(self, state: ScanPlace, event: Answered, asked: AskHere, context: Context) -> Step:
        box = state.box
        if event.answer is not None:
            return _here_already(state, box, event.answer)
        command = ReceiveReturn(
            **context.stamp(event), back=box.back, code=box.code, number=box.number, parcel=box.parcel,
            order=box.order, fulfilments=box.fulfilments, place=asked.place, station=context.station,
        )  # fmt: skip
        facts = (("label", box.code), ("place", asked.place_code))
        return Step(Writing(state, ScanReturn(), Note.RETURN_RECEIVED, facts), (Run(command),))

    # Keys

    def _pressed(self, state: State, event: Pressed, context: Context) -> Step:
        match state, event.verb:
            case ConfirmUnknown(box=box) | AnotherBox(box=box), Verb.YES:
                return Step(ScanPlace(box), (Play(Tone.ACCEPT),))
            case ConfirmUnknown() | AnotherBox() | ScanPlace(), Verb.NO:
                return Step(ScanReturn(), (Play(Tone.ACCEPT),))
            case ScanReturn(), Verb.NO:
                return Step(state, (Go("home"),))
            case ScanReturn() | ConfirmUnknown() | AnotherBox() | ScanPlace(), Verb.CALL:
                call = OpenCase(**context.stamp(event), kind=CaseKind.CALL)
                return Step(Writing(state, state, Note.CASE_OPENED), (Run(call),))
            case _:
                return refuse(state, Reason.COMMAND_NOT_NOW, command=event.verb)


def _here_already(state: State, box: BoxInHand, before: Received) -> Step:
    return refuse(state, Reason.ALREADY_RETURNED, label=box.code, place=before.place, who=before.who, at=before.at)


__all__ = ["AnotherBox", "ConfirmUnknown", "ReturnsFlow", "ScanPlace", "ScanReturn", "State", "Writing"]
