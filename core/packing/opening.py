"""Before an order: a tote, an order's number, a loose unit or a label says what is worked on next."""

from dataclasses import replace

from core.catalog.fill_codes import read_fill_code
from core.catalog.readings import FillCode
from core.kernel.flow import (
    Answered,
    Ask,
    CodeKind,
    Context,
    Event,
    Play,
    Pressed,
    Refuse,
    Run,
    Scanned,
    Step,
    Tone,
    Verb,
    Weighed,
)
from core.kernel.ids import ParcelId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.packing import decide
from core.packing.commands import ConfirmLabel
from core.packing.queries import AskClosed, AskPack, AskSingle
from core.packing.states import Saving, ScanTote, ScanWork, State, Then
from core.packing.steps import close, look, must_weigh, not_now, opened, refuse, rule, show_label, stop
from core.packing.views import ClosedParcel, PackView, Single
from core.rules.model import Check, Mode

OPENS = (CodeKind.TOTE, CodeKind.ORDER, CodeKind.ITEM, CodeKind.PARCEL, CodeKind.FILL)
"""Kinds of codes that say what is worked on next."""


def scan_work(state: ScanWork, event: Event, context: Context) -> Step:
    """Return what happens before an order."""
    match event:
        case Scanned():
            return scanned_work(state, event, context)
        case Answered(query=AskPack() | AskSingle() | AskClosed()):
            return answered_work(state, event, context)
        case Pressed(verb=Verb.CONFIRM):
            return look(context)
        case Pressed() | Weighed():
            return not_now(state, event)
        case _:
            raise Bug(f"{event!r} before an order")


def scanned_work(state: State, event: Scanned, context: Context) -> Step:
    """Return the question that a scan leads to: whose is it?"""
    known = event.of(*OPENS)
    if event.candidates and not known:
        return refuse(state, Reason.WRONG_KIND, expected_kind="tote", got=event.candidates[0].code)
    items = tuple(each for each in known if each.kind is CodeKind.ITEM)
    if len(items) == len(known):
        # Two owners may know one code: which of them has a unit here decides.
        return Step(state, (Ask(AskSingle(context.site, context.station, items, event.raw)),))
    if len(known) > 1:
        return refuse(state, Reason.AMBIGUOUS_CODE, got=event.raw)
    one = known[0]
    if one.kind is CodeKind.FILL:
        return Step(ScanTote(event.raw, one.code), (Play(Tone.ACCEPT),))
    if one.kind is CodeKind.PARCEL:
        return Step(state, (Ask(AskClosed(context.site, ParcelId(one.target))),))
    return Step(state, (Ask(AskPack(context.site, context.station, one.kind, one.target, one.code)),))


def scan_tote(state: ScanTote, event: Event, context: Context) -> Step:
    """Return what happens with a slip in hand: another tote's is no word about this one."""
    match event:
        case Scanned() if event.of(CodeKind.FILL):
            return _other_slip(state, event)
        case Scanned() if event.of(CodeKind.TOTE):
            tote, code = event.of(CodeKind.TOTE)[0], read_fill_code(state.slip)
            if not isinstance(code, FillCode) or tote.target != code.container:
                return refuse(state, Reason.SLIP_OF_OTHER, expected=state.tote, got=tote.code)
            asked = AskPack(
                context.site, context.station, CodeKind.FILL, code.fill, tote.code, state.slip, state.besides
            )
            return Step(state, (Ask(asked),))
        case Answered(query=AskPack(), answer=PackView(addressed=0)):
            return look(context, Refuse(Refusal(Reason.ADDRESS_AWAITED)))
        case Answered(query=AskPack(), answer=PackView() as view):
            return opened(view, context)
        case Answered(query=AskPack(), answer=Refusal(reason=Reason.NOT_FULLY_PICKED) as refusal):
            # The rest may stand here too: its slip says so.
            return Step(replace(state, besides=tuple(dict.fromkeys((*state.besides, state.slip)))), (Refuse(refusal),))
        case Answered(query=AskPack(), answer=Refusal() as refusal):
            return look(context, Refuse(refusal))
        case Pressed(verb=Verb.NO | Verb.UNDO):
            return look(context, Play(Tone.ACCEPT))
        case Scanned(candidates=()) | Pressed() | Weighed():
            return not_now(state, event)
        case Scanned():
            got = event.candidates[0].code
            return refuse(state, Reason.WRONG_KIND, expected_kind="tote", expected=state.tote, got=got)
        case _:
            raise Bug(f"{event!r} before a tote")


def _other_slip(state: ScanTote, event: Scanned) -> Step:
    """Take another slip instead; of two of one filling the newer one counts, in whatever order they are read."""
    before, now = read_fill_code(state.slip), read_fill_code(event.raw)
    match before, now:
        case FillCode(fill=fill, number=newest), FillCode(fill=same, number=number) if fill == same and number < newest:
            return refuse(state, Reason.SLIP_OLD, order=state.tote)
    return Step(ScanTote(event.raw, event.of(CodeKind.FILL)[0].code, state.besides), (Play(Tone.ACCEPT),))


def answered_work(state: State, event: Answered, context: Context) -> Step:
    """Return what is worked on next, or why it may not be."""
    match event.answer:
        case PackView(addressed=0) | Single(view=PackView(addressed=0)):
            return refuse(state, Reason.ADDRESS_AWAITED)
        case PackView() as view:
            return opened(view, context)
        case Single(view=view, units=units):
            return _single(view, units, event, context)
        case ClosedParcel() as parcel if parcel.applied or not isinstance(event.query, AskClosed):
            return show_label(parcel, context, Play(Tone.ACCEPT))
        case ClosedParcel() as parcel:
            # The label in hand, read from a box that stood there without: that is its scan-back.
            return applied(parcel, ConfirmLabel(**context.stamp(event), parcel=parcel.parcel))
        case Refusal() as refusal if isinstance(event.query, AskClosed):
            return stop(str(refusal.facts["order"]), refusal)
        case Refusal() as refusal:
            return Step(state, (Refuse(refusal),))
        case None:
            return refuse(state, Reason.NOT_PACKED)
        case _:
            raise Bug(f"{event!r} before an order")


def _single(view: PackView, units: decide.Verified, event: Answered, context: Context) -> Step:
    """Pack and close a loose unit's order with the one scan that named it, where nothing else is asked."""
    box = decide.box_named(view, view.proposed)
    asks = rule(context, Check.CARTON_SIZE, view).mode in (Mode.CONFIRM, Mode.BLOCK)
    fast = bool(units) and view.left == 1 and view.parcel is None
    if not fast or box is None or asks or must_weigh(context, view):
        return opened(view, context)
    return close(view, box, units, event, context)


def applied(parcel: ClosedParcel, command: ConfirmLabel) -> Step:
    """Return the step that writes that a label is on its box."""
    facts = (("order", parcel.order_number), ("label", parcel.sscc))
    then, target = (Then.LOOK_AGAIN, parcel.fulfilment) if parcel.more else (Then.WORK, parcel.parcel)
    return Step(Saving(Note.LABEL_APPLIED, facts, then, target, order=parcel.order_number), (Run(command),))
