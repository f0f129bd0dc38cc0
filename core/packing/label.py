"""The label: stuck on and scanned back, printed again with a reason, or void because the parcel is opened again."""

from dataclasses import replace

from core.catalog.codes import without_aim
from core.kernel.flow import (
    Answered,
    Ask,
    CodeKind,
    Context,
    Event,
    Play,
    Pressed,
    PrintMoved,
    Run,
    Say,
    Scanned,
    Step,
    Tone,
    Verb,
    Weighed,
)
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.packing.commands import ConfirmLabel, ReopenParcel, ReprintLabel
from core.packing.enclosed import AskPaper
from core.packing.opening import OPENS, answered_work, applied, scanned_work
from core.packing.queries import AskClosed
from core.packing.states import AskReprintReason, ConfirmReopen, Saving, State, StickLabel, Then
from core.packing.steps import look, not_now, refuse, scan_back, show_label, stop
from core.packing.views import ClosedParcel
from core.printers.commands import REPRINT_LIMIT, REPRINT_REASONS, SendElsewhere
from core.printers.queries import AskWayOut, WayOut
from core.rules.model import Mode


def print_moved(state: State, event: PrintMoved, context: Context) -> Step:
    """Return what the news of a print job changes: how far the label in hand is, and where else it may go while it waits."""
    if not isinstance(state, StickLabel | AskReprintReason | ConfirmReopen) or event.subject != state.parcel.parcel:
        return Step(state)
    if event.code != state.parcel.sscc:
        # The slip of the same parcel: it has a printer of its own.
        return Step(state)
    rendering = event.rendering or state.parcel.rendering
    parcel = replace(state.parcel, job_state=event.state, fault=event.fault, rendering=rendering)
    if not isinstance(state, StickLabel):
        return Step(replace(state, parcel=parcel))
    shown = show_label(parcel, context)
    return Step(replace(shown.state, percent=event.percent), shown.effects)


def stick_label(state: StickLabel, event: Event, context: Context) -> Step:
    """Return what happens while a label is stuck on."""
    parcel = state.parcel
    match event:
        case Scanned():
            return _scanned(state, event, context)
        case Answered(query=AskClosed(parcel=asked), answer=ClosedParcel() as fresh) if asked == parcel.parcel:
            return show_label(fresh, context)
        case Answered(query=AskClosed(parcel=asked), answer=Refusal() as refusal) if asked == parcel.parcel:
            return stop(parcel.order_number, refusal)
        case Answered(query=AskWayOut(), answer=way):
            return Step(replace(state, way=way))
        case Answered(query=AskClosed(parcel=asked), answer=None) if asked == parcel.parcel:
            return look(context)
        case Answered():
            return answered_work(state, event, context)
        case Weighed(grams=grams):
            facts = {"grams": grams, "expected": parcel.expected_grams}
            tone = Tone.ACCEPT if parcel.fits(grams) else Tone.CAUTION
            return Step(state, (Play(tone), Say(Note.WEIGHED, facts)))
        case Pressed(verb=Verb.QTY, argument="1") if state.elsewhere is not None:
            return _elsewhere(parcel, state.elsewhere, event, context)
        case Pressed(verb=Verb.REPRINT):
            return Step(AskReprintReason(parcel), (Play(Tone.CAUTION),))
        case Pressed(verb=Verb.NOTPRINTED):
            return _reprint(parcel, "NOT_PRINTED", event, context)
        case Pressed(verb=Verb.UNDO):
            return Step(ConfirmReopen(parcel), (Play(Tone.CAUTION), Ask(AskPaper(context.site, parcel.sscc))))
        case Pressed(verb=Verb.SKIP):
            # Packed, unlabelled is a real state: the bench goes on, the dock will ask.
            return look(context, Play(Tone.CAUTION), Say(Note.SKIPPED, {"label": parcel.sscc}))
        case Pressed():
            return not_now(state, event)
        case _:
            raise Bug(f"{event!r} while a label is stuck on")


def _scanned(state: StickLabel, event: Scanned, context: Context) -> Step:
    parcel, way = state.parcel, state.elsewhere
    if way is not None and without_aim(event.raw) == way.fallback:
        return _elsewhere(parcel, way, event, context)
    labels = event.of(CodeKind.PARCEL)
    if not event.candidates:
        return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
    if not labels:
        goes_on = scan_back(context).mode in (Mode.OFF, Mode.INFORM) or parcel.applied
        if goes_on and event.of(*OPENS):
            # Where the label is not asked for strictly, the next tote is the next order.
            return scanned_work(state, event, context)
        got = event.candidates[0].code
        return refuse(state, Reason.WRONG_KIND, expected_kind="parcel", expected=parcel.sscc, got=got)
    if labels[0].target != parcel.parcel:
        return refuse(state, Reason.WRONG_PARCEL, expected=parcel.sscc, got=labels[0].code)
    return applied(parcel, ConfirmLabel(**context.stamp(event), parcel=parcel.parcel))


def _elsewhere(parcel: ClosedParcel, way: WayOut, event: Pressed | Scanned, context: Context) -> Step:
    """Send the label to the printer that somebody confirmed; nothing of it has left us."""
    facts = (("printer", way.fallback),)
    command = SendElsewhere(**context.stamp(event), jobs=(way.job,), printer=way.fallback)
    waiting = Saving(Note.SENT_ELSEWHERE, facts, Then.LABEL, parcel.parcel, order=parcel.order_number)
    return Step(waiting, (Run(command),))


def _reprint(parcel: ClosedParcel, reason: str, event: Pressed, context: Context) -> Step:
    passed = int(REPRINT_LIMIT in context.overridden)
    command = ReprintLabel(**context.stamp(event), parcel=parcel.parcel, reason=reason, passed=passed)
    facts = (("label", parcel.sscc),)
    return Step(Saving(Note.REPRINTING, facts, Then.LABEL, parcel.parcel, order=parcel.order_number), (Run(command),))


def ask_reprint_reason(state: AskReprintReason, event: Event, context: Context) -> Step:
    """Return what an answer to *why again* does; each reason is one key."""
    match event:
        case Pressed(verb=Verb.QTY, argument=argument) if argument in ("1", "2", "3", "4"):
            return _reprint(state.parcel, REPRINT_REASONS[int(argument) - 1], event, context)
        case Pressed(verb=Verb.NO | Verb.UNDO):
            return show_label(state.parcel, context, Play(Tone.ACCEPT))
        case Answered(query=AskClosed(), answer=Refusal() as refusal):
            return stop(state.parcel.order_number, refusal)
        case Answered(query=AskClosed(), answer=answer):
            return look(context) if answer is None else Step(AskReprintReason(answer))
        case Scanned() | Pressed() | Weighed():
            return not_now(state, event)
        case _:
            raise Bug(f"{event!r} while a reason is asked for")


def confirm_reopen(state: ConfirmReopen, event: Event, context: Context) -> Step:
    """Return what an answer to *open it again* does; a rescan never confirms it."""
    parcel = state.parcel
    match event:
        case Answered(query=AskPaper(), answer=paper):
            return Step(replace(state, paper=paper))
        case Pressed(verb=Verb.YES):
            command = ReopenParcel(**context.stamp(event), parcel=parcel.parcel, reason="OPERATOR")
            facts = (("order", parcel.order_number),)
            waiting = Saving(Note.REOPENED, facts, Then.LOOK_AGAIN, parcel.fulfilment, order=parcel.order_number)
            return Step(waiting, (Run(command),))
        case Pressed(verb=Verb.NO | Verb.UNDO):
            return show_label(parcel, context, Play(Tone.ACCEPT))
        case Scanned() | Pressed() | Weighed():
            return not_now(state, event)
        case _:
            raise Bug(f"{event!r} while reopening is confirmed")
