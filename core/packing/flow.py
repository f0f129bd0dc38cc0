"""Packing at a bench: open a tote, take a carton, verify every unit into it, stick the label on.

A tote stands on the bench. The packer scans it and its order opens; scans a carton (or the first unit, which takes the
proposed one); scans each unit on its way into the carton. The last unit closes the carton: label and slip print. The
label is stuck on and scanned back, which proves that it is printed, legible and on the right box. Out of a tote of
single units, a scan of a unit opens its order, packs it and closes it in one.

A tote whose picks are not known here is packed by its slip: the slip is scanned, then the tote it lies in, then every
unit. Nothing is written before all of them are found as the slip says; then all of it is, in one.

    LookForWork --due--> ScanWork
    ScanWork --tote, order--> ScanCarton
    ScanWork --an order with an open carton--> VerifyUnit, WeighParcel
    ScanWork --an order without its label--> StickLabel
    ScanWork --single unit, label--> Saving
    ScanWork --CONFIRM--> LookForWork
    ScanWork --a tote's slip--> ScanTote
    ScanTote --its tote--> ScanCarton
    ScanTote --NO, it may not be packed--> LookForWork
    VerifyUnit --the last unit by a slip, to be weighed--> WeighParcel
    WeighParcel --UNDO, by a slip--> VerifyUnit
    ScanCarton --carton--> VerifyUnit
    ScanCarton --unit, CALL--> Saving
    ScanCarton --UNDO--> LookForWork
    VerifyUnit --unit, FULL, UNDO, CALL--> Saving
    VerifyUnit --FULL, to be weighed--> WeighParcel
    VerifyUnit --NO, nothing in it yet--> ScanCarton
    VerifyUnit, ScanCarton --SHORT--> AskMissing
    AskMissing --QTY-1--> Saving
    AskMissing --QTY-2, QTY-3--> AskMissingReason
    AskMissing --NO--> ScanCarton, VerifyUnit
    AskMissingReason --QTY--> Saving
    AskMissingReason --NO--> AskMissing
    WeighParcel --weight, YES, SKIP, UNDO--> Saving
    Saving --done--> ScanCarton, VerifyUnit, WeighParcel, StickLabel, LookForWork
    Saving --refused: changed underneath--> StopPacking
    StickLabel --label, NOTPRINTED, another printer while it waits--> Saving
    StickLabel --the next order, where policy lets go on--> ScanCarton
    StickLabel --REPRINT--> AskReprintReason
    StickLabel --UNDO--> ConfirmReopen
    StickLabel --SKIP--> LookForWork
    AskReprintReason --QTY--> Saving
    AskReprintReason --NO--> StickLabel
    ScanWork, StickLabel, AskReprintReason --its order was cancelled meanwhile--> StopPacking
    ConfirmReopen --YES--> Saving
    ConfirmReopen --NO--> StickLabel
    StopPacking --CONFIRM, a place or tote--> LookForWork

Whatever the books say otherwise than the screen, a refused command leads back to the order as it is now, or to the
next one: never stuck.
"""

from dataclasses import replace
from typing import Any, ClassVar

from core.catalog.fill_codes import is_fill_code
from core.kernel.executor import Done, Failed
from core.kernel.flow import (
    Answered,
    Ask,
    CodeKind,
    Context,
    Effect,
    Event,
    Expect,
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
from core.kernel.ids import CommandId, ParcelId
from core.kernel.notes import Note
from core.kernel.refusal import Bug, Refusal
from core.packing import decide
from core.packing.carton import scan_carton, verify_unit
from core.packing.due import AskDue
from core.packing.enclosed import AskPaper
from core.packing.expects import expected
from core.packing.label import ask_reprint_reason, confirm_reopen, print_moved, stick_label
from core.packing.missing import ask_missing, ask_missing_reason
from core.packing.opening import scan_tote, scan_work
from core.packing.queries import AskClosed, AskPack
from core.packing.scale import weigh_parcel
from core.packing.states import (
    AskMissing,
    AskMissingReason,
    AskReprintReason,
    ConfirmReopen,
    LookForWork,
    Saving,
    ScanCarton,
    ScanTote,
    ScanWork,
    State,
    StickLabel,
    StopPacking,
    Then,
    VerifyUnit,
    WeighParcel,
)
from core.packing.steps import STOPS, ask_again, look, look_again, not_now, refuse, scan_back, show_label, shown, stop
from core.packing.views import ClosedParcel, PackView
from core.rules.model import Mode


class PackFlow:
    """One packer, one order at a time."""

    NAME: ClassVar[str] = "pack"
    VERSION: ClassVar[int] = 1
    STATES: ClassVar[Any] = State
    KEEPS: ClassVar[bool] = True

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look for what is due; `argument` is the code of a tote that was scanned, or a slip and the code of its tote."""
        if is_fill_code(argument):
            slip, _, tote = argument.partition(" ")
            return Step(ScanTote(slip, tote), (Play(Tone.ACCEPT),))
        found = look(context)
        return replace(found, state=LookForWork(argument))

    def resume(self, state: State, at: int, cause: CommandId, context: Context) -> Step:
        """Bring the order up to date, or look for what is due."""
        match state:
            case ScanCarton(view=view) | VerifyUnit(view=view) | WeighParcel(view=view):
                return Step(state, (ask_again(view, context),))
            case AskMissing(view=view) | AskMissingReason(view=view):
                return Step(state, (ask_again(view, context),))
            case StickLabel(parcel=parcel) | AskReprintReason(parcel=parcel):
                return Step(state, (Ask(AskClosed(context.site, parcel.parcel)),))
            case ConfirmReopen(parcel=parcel):
                return Step(state, (Ask(AskPaper(context.site, parcel.sscc)),))
            case StopPacking():
                return Step(state)
            case _:
                return look(context)

    def expects(self, state: State) -> tuple[Expect, ...]:
        """Return what the state takes next."""
        return expected(state)

    def handle(self, state: State, event: Event, context: Context) -> Step:
        """Return what an event does; see the diagram.

        Raises:
            Bug: the event cannot happen in this state.
        """
        if isinstance(event, PrintMoved):
            return print_moved(state, event, context)
        if isinstance(event, Scanned) and event.rejected is not None:
            return refuse(state, event.rejected, got=event.raw)
        match state:
            case LookForWork():
                return self._look_for_work(state, event, context)
            case ScanWork():
                return scan_work(state, event, context)
            case ScanTote():
                return scan_tote(state, event, context)
            case ScanCarton():
                return scan_carton(state, event, context)
            case VerifyUnit():
                return verify_unit(state, event, context)
            case WeighParcel():
                return weigh_parcel(state, event, context)
            case AskMissing():
                return ask_missing(state, event, context)
            case AskMissingReason():
                return ask_missing_reason(state, event, context)
            case Saving():
                return self._saving(state, event, context)
            case StickLabel():
                return stick_label(state, event, context)
            case AskReprintReason():
                return ask_reprint_reason(state, event, context)
            case ConfirmReopen():
                return confirm_reopen(state, event, context)
            case StopPacking():
                return self._stop_packing(state, event, context)

    def _look_for_work(self, state: LookForWork, event: Event, context: Context) -> Step:
        match event:
            case Answered(query=AskDue(), answer=due) if state.tote:
                return Step(
                    ScanWork(due), (Ask(AskPack(context.site, context.station, CodeKind.TOTE, b"", state.tote)),)
                )
            case Answered(query=AskDue(), answer=due):
                return Step(ScanWork(due))
            case Scanned() | Pressed() | Weighed():
                return not_now(state, event)
            case _:
                raise Bug(f"{event!r} while looking for work")

    def _saving(self, state: Saving, event: Event, context: Context) -> Step:
        match event:
            case Done():
                return self._saved(state, event, context)
            case Failed(refusal=refusal):
                if refusal.reason in STOPS:
                    return stop(state.order, refusal)
                if state.back is not None:
                    # The books say otherwise than the screen: look at the order again.
                    again = replace(state, target=state.back.fulfilment, back=None)
                    return Step(again, (Refuse(refusal), ask_again(state.back, context)))
                return self._refused(state, refusal, context)
            case Answered(query=AskPack(), answer=PackView() as view):
                return Step(shown(view, context, state.box))
            case Answered(query=AskPack(), answer=Refusal() as refusal):
                return stop(state.order, refusal) if refusal.reason in STOPS else look(context)
            case Answered(query=AskClosed(), answer=ClosedParcel() as parcel):
                return show_label(parcel, context)
            case Answered(query=AskClosed(), answer=Refusal() as refusal):
                return stop(state.order, refusal)
            case Answered(query=AskClosed(), answer=None):
                return look(context)
            case _:
                raise Bug(f"{event!r} while saving")

    def _refused(self, state: Saving, refusal: Refusal, context: Context) -> Step:
        if state.then is Then.LABEL:
            return Step(state, (Refuse(refusal), Ask(AskClosed(context.site, ParcelId(state.target)))))
        return look(context, Refuse(refusal))

    def _saved(self, state: Saving, event: Done, context: Context) -> Step:
        paper = event.result.get("paper", "") if state.note == Note.REOPENED else ""
        say = (
            Say(Note.REOPENED_PAPER, {**dict(state.facts), "paper": paper})
            if paper
            else Say(state.note, dict(state.facts))
        )
        effects: tuple[Effect, ...] = (Play(Tone.ACCEPT), say)
        match state.then:
            case Then.GO_ON:
                if state.back is None:
                    raise Bug("going on without an order")
                return Step(shown(state.back, context, state.box), effects)
            case Then.LOOK_AGAIN:
                return look_again(state, context, *effects)
            case Then.LABEL:
                if scan_back(context).mode == Mode.OFF:
                    return look(context, Play(Tone.DONE), say)
                return Step(state, (Play(Tone.DONE), say, Ask(AskClosed(context.site, ParcelId(state.target)))))
            case Then.CLOSE:
                return self._close_short(state, event, context, effects)
            case Then.WORK:
                return look(context, *effects)

    def _close_short(self, state: Saving, event: Done, context: Context, effects: tuple[Effect, ...]) -> Step:
        """Close the carton with what is in it: the rest was given up."""
        if state.back is None or state.box is None:
            raise Bug("a short carton without its order")
        command = decide.close(state.back, state.box, context.stamp_after(event, "close short"), context, (), 0)
        waiting = replace(state, then=Then.LABEL, target=command.parcel, note=Note.CLOSED)
        return Step(waiting, (*effects, Run(command)))

    def _stop_packing(self, state: StopPacking, event: Event, context: Context) -> Step:
        match event:
            case Pressed(verb=Verb.CONFIRM | Verb.YES | Verb.NO):
                return look(context, Play(Tone.ACCEPT))
            case Scanned() if event.of(CodeKind.LOCATION, CodeKind.TOTE):
                return look(context, Play(Tone.ACCEPT), Say(Note.SET_ASIDE, {"order": state.order}))
            case Scanned(candidates=()):
                return not_now(state, event)
            case Scanned() | Pressed() | Weighed():
                return refuse(state, state.reason, order=state.order)
            case _:
                raise Bug(f"{event!r} while an order is stopped")
