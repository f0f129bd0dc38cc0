"""Into the carton: which one, and each unit proven on its way in."""

from dataclasses import replace

from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.kernel.flow import (
    Answered,
    Ask,
    Candidate,
    CodeKind,
    Context,
    Event,
    Play,
    Pressed,
    Refuse,
    Run,
    Say,
    Scanned,
    Step,
    Tone,
    Verb,
    Weighed,
)
from core.kernel.ids import ItemId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.packing import decide
from core.packing.last_packed import AskLastPacked
from core.packing.queries import AskPack
from core.packing.scale import compared, weighed
from core.packing.states import AskMissing, Saving, ScanCarton, Then, VerifyUnit, WeighParcel
from core.packing.steps import ask_again, close, look, must_weigh, not_now, pack, park, refreshed, refuse, rule, unpack
from core.packing.views import BoxChoice, PackView
from core.rules.model import Check, Mode
from core.rules.policies import stops

Packing = ScanCarton | VerifyUnit
Keys = Scanned | Pressed


def scan_carton(state: ScanCarton, event: Event, context: Context) -> Step:
    """Return what happens before a carton."""
    view = state.view
    match event:
        case Scanned():
            return _before_carton(state, event, context)
        case Pressed(verb=Verb.BOX, argument=code):
            return _carton(state, code, event, context)
        case Pressed(verb=Verb.NO) if state.question:
            return Step(replace(state, question=""), (Play(Tone.ACCEPT),))
        case Pressed(verb=Verb.UNDO | Verb.NO):
            return look(context, Play(Tone.ACCEPT))
        case Answered(query=AskPack(), answer=answer):
            return refreshed(state, answer, view.order_number, context)
        case Pressed():
            return _everywhere(state, event, context)
        case Weighed(grams=grams):
            # An empty carton that is put on the scale first: nothing to say no to.
            return Step(state, (Say(Note.WEIGHED, {"grams": grams, "expected": 0}),))
        case _:
            raise Bug(f"{event!r} before a carton")


def _before_carton(state: ScanCarton, event: Scanned, context: Context) -> Step:
    view = state.view
    boxes, items = event.of(CodeKind.BOX_TYPE), event.of(CodeKind.ITEM)
    if boxes and not items:
        return _carton(state, boxes[0].code, event, context)
    if boxes:
        return refuse(state, Reason.AMBIGUOUS_CODE, got=event.raw)
    box = decide.box_named(view, view.proposed)
    serial = any(each.serial == event.raw for each in view.loose)
    free = rule(context, Check.CARTON_SIZE, view).mode in (Mode.OFF, Mode.INFORM)
    if (items or serial) and box is not None and free:
        # The first unit takes the proposed carton.
        return _verified(state, VerifyUnit(view, box), event, context)
    if not event.candidates:
        return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
    got = event.candidates[0].code
    return refuse(state, Reason.WRONG_KIND, expected_kind="box_type", expected=view.proposed, got=got)


def _carton(state: Packing, code: str, event: Keys, context: Context) -> Step:
    """Take a carton; one that the carrier will not have never, one that is too small as policy says."""
    view = state.view
    box = decide.box_named(view, code)
    if box is None:
        return refuse(state, Reason.NOT_FOUND, got=code)
    if box.why_not == Reason.CARTON_WRONG_FOR_CARRIER:
        return refuse(state, Reason.CARTON_WRONG_FOR_CARRIER, got=code, carrier=view.carrier)
    # Where none is large enough, or the order goes on in another one, the packer knows better.
    small = bool(box.why_not and view.proposed and view.parcel is None)
    strict = rule(context, Check.CARTON_SIZE, view)
    if small and strict.mode == Mode.BLOCK and Check.CARTON_SIZE not in context.overridden:
        facts = {"got": code, "expected": view.proposed, **stops(Check.CARTON_SIZE, strict)}
        return Step(state, (Refuse(Refusal(Reason.CARTON_TOO_SMALL, facts)),))
    if small and strict.mode == Mode.CONFIRM:
        if state.question != code:
            asked = replace(state, question=code)
            return Step(asked, (Play(Tone.CAUTION), Say(Note.CARTON, {"carton": code, "asked": 1})))
        if isinstance(event, Scanned) and not event.settled:
            return refuse(state, Reason.RESCAN_TOO_FAST, got=code)
    return _taken(state, box, event, context, Tone.CAUTION if small and strict.mode == Mode.INFORM else Tone.ACCEPT)


def _taken(state: Packing, box: BoxChoice, event: Keys, context: Context, tone: Tone) -> Step:
    view = state.view
    if rule(context, Check.VERIFY_UNITS, view).mode == Mode.OFF:
        # Nobody looks at the units here: the carton says it all.
        return _rest(VerifyUnit(view, box), event, context)
    weight = state.weight_grams if isinstance(state, VerifyUnit) else 0
    return Step(VerifyUnit(view, box, weight), (Play(tone), Say(Note.CARTON, {"carton": box.code})))


def verify_unit(state: VerifyUnit, event: Event, context: Context) -> Step:
    """Return what happens while units are verified."""
    view = state.view
    match event:
        case Scanned():
            return _unit_or_carton(state, event, context)
        case Weighed(grams=grams):
            return compared(replace(state, weight_grams=grams), grams)
        case Answered(query=AskPack(), answer=answer):
            return refreshed(state, answer, view.order_number, context)
        case Answered(query=AskLastPacked()):
            return unpack(view, state.box, event, context) or refuse(state, Reason.NOTHING_TO_UNDO)
        case Pressed():
            return _key(state, event, context)
        case _:
            raise Bug(f"{event!r} while units are verified")


def _unit_or_carton(state: VerifyUnit, event: Scanned, context: Context) -> Step:
    boxes, items = event.of(CodeKind.BOX_TYPE), event.of(CodeKind.ITEM)
    if boxes and items:
        return refuse(state, Reason.AMBIGUOUS_CODE, got=event.raw)
    if boxes:
        return _carton(state, boxes[0].code, event, context)
    return _verified(state, state, event, context)


def _key(state: VerifyUnit, event: Pressed, context: Context) -> Step:
    view = state.view
    match event:
        case Pressed(verb=Verb.BOX, argument=code):
            return _carton(state, code, event, context)
        case Pressed(verb=Verb.FULL):
            if not view.pending and (view.parcel is None or view.parcel.units == 0):
                return refuse(state, Reason.NOTHING_TO_PACK, got=state.box.code)
            return _finish(state, (), event, context)
        case Pressed(verb=Verb.CONFIRM):
            return _unchecked(state, event, context)
        case Pressed(verb=Verb.YES) if state.rest:
            return _rest(state, event, context)
        case Pressed(verb=Verb.NO) if state.rest or state.question:
            return Step(replace(state, rest=0, question=""), (Play(Tone.ACCEPT),))
        case Pressed(verb=Verb.UNDO) if view.pending:
            # Nothing of it is written: all of them come out, and are verified anew.
            return Step(state, (ask_again(view, context),))
        case Pressed(verb=Verb.UNDO) if view.parcel is not None:
            return Step(state, (Ask(AskLastPacked(context.station, view.parcel.id)),))
        case Pressed(verb=Verb.UNDO | Verb.NO) if view.parcel is None:
            return Step(ScanCarton(view), (Play(Tone.ACCEPT),))
        case _:
            return _everywhere(state, event, context)


def _unchecked(state: VerifyUnit, event: Pressed, context: Context) -> Step:
    """Take the rest without scanning it, as far as policy lets the packer."""
    strict = context.policies.rule(Check.VERIFY_UNITS, items=_loose_items(state.view))
    if not state.view.left or strict.mode in (Mode.OFF, Mode.INFORM) or Check.VERIFY_UNITS in context.overridden:
        return _rest(state, event, context)
    if strict.mode == Mode.CONFIRM:
        return Step(replace(state, rest=1), (Play(Tone.CAUTION),))
    facts = {**stops(Check.VERIFY_UNITS, strict), "units": state.view.left}
    return Step(state, (Refuse(Refusal(Reason.SUPERVISOR_NEEDED, facts)),))


def _loose_items(view: PackView) -> list[ItemId]:
    """Return the items that are not in a carton yet: what is taken unseen is these."""
    loose = {each.line for each in view.loose}
    return [line.item for line in view.lines if line.line in loose]


def _rest(state: VerifyUnit, event: Keys, context: Context) -> Step:
    return _finish(state, decide.all_units(state.view), event, context)


def _finish(state: VerifyUnit, units: decide.Verified, event: Keys, context: Context) -> Step:
    """Close the carton with these units in it, over the scale where policy says so."""
    view = state.view
    if must_weigh(context, view):
        if units:
            return pack(view, state.box, units, event, context)
        at_scale = WeighParcel(view, state.box, decide.expected_weight(view, state.box, ()))
        return weighed(at_scale, event, state.weight_grams, context) if state.weight_grams else Step(at_scale)
    # A weight that was read before these units went in is not the carton's.
    return close(view, state.box, units, event, context, 0 if units else state.weight_grams)


def _verified(before: Packing, state: VerifyUnit, event: Scanned, context: Context) -> Step:
    """Take a scan as a unit that goes into the carton; refusals leave what is shown before it."""
    view = state.view
    units = _units(view, event)
    if isinstance(units, Refusal):
        return Step(before, (Refuse(units),))
    if sum(unit.quantity for unit in units) >= view.left:
        return _finish(state, units, event, context)
    return pack(view, state.box, units, event, context)


def _units(view: PackView, event: Scanned) -> decide.Verified | Refusal:
    serial = next((each for each in view.loose if each.serial and each.serial == event.raw), None)
    if serial is not None:
        return (decide.unit_of(view, serial, serial.first, 1),)
    if not event.candidates:
        return Refusal(Reason.UNKNOWN_CODE, {"got": event.raw})
    items = event.of(CodeKind.ITEM)
    if not items:
        return Refusal(Reason.WRONG_KIND, {"expected_kind": "item", "got": event.candidates[0].code})
    return decide.verify(view, _mine(view, items), event.raw)


def _mine(view: PackView, items: tuple[Candidate, ...]) -> Candidate:
    """Return the item of this order among those a code may mean."""
    wanted = {line.item for line in view.lines}
    return next((each for each in items if each.target in wanted), items[0])


def _everywhere(state: Packing, event: Pressed, context: Context) -> Step:
    """Return the step of a key that means the same before the carton and at the units."""
    view = state.view
    box = state.box if isinstance(state, VerifyUnit) else None
    match event.verb:
        case Verb.SHORT if view.left:
            return Step(AskMissing(view, box), (Play(Tone.CAUTION),))
        case Verb.CALL if context.stopped_by:
            return park(view, CaseKind.OVERRIDE_NEEDED, context.stopped_by, event, context)
        case Verb.CALL:
            call = OpenCase(**context.stamp(event), kind=CaseKind.CALL, order=view.order, subject=view.fulfilment)
            waiting = Saving(Note.CASE_OPENED, (), Then.LOOK_AGAIN, view.fulfilment, box, None, view.order_number)
            return Step(waiting, (Run(call),))
        case _:
            return not_now(state, event)
