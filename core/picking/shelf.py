"""On the way and at the shelf: is it the right place, and are these the right units?

The order of precision is serial, lot, package, item (floor.md B0.1): a scan is taken only if it says as much as the
stop needs; otherwise the next more precise code is asked for. Wrong is never called unknown.
"""

from dataclasses import replace

from core.kernel.flow import (
    Answered,
    Ask,
    Candidate,
    CodeKind,
    Context,
    Event,
    Play,
    Pressed,
    Rule,
    Run,
    Say,
    Scanned,
    Step,
    Tone,
    Verb,
)
from core.kernel.ids import NO_ID, LocationId, LpnId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug
from core.picking.commands import AskKept, RepointTask
from core.picking.fill_codes import AskFillCodes
from core.picking.queries import AskLastDone, AskNextLot, AskOther
from core.picking.showing import ask_codes, shown
from core.picking.states import GoToLocation, PutInTote, Saving, TakeItem
from core.picking.steps import ask_last_done, everywhere, refuse, undo, wrong_item
from core.picking.views import NextLot, OtherStock, TaskView
from core.rules.model import Check, Mode
from core.rules.policies import stops
from core.stock.expiry import is_expired
from core.stock.model import NO_LPN


def go_to_location(state: GoToLocation, event: Event, context: Context) -> Step:
    """Return what happens on the way to a location."""
    match event:
        case Scanned():
            return _place(state, event, context)
        case Answered(query=AskLastDone()):
            return undo(state, event, state.view.batch, context)
        case Answered(query=AskOther(), answer=found):
            return _other_place(state, event, found, context)
        case Answered(query=AskFillCodes(), answer=codes):
            return shown(state, codes)
        case Pressed(verb=Verb.REPRINT) if state.view.fence:
            return ask_codes(state, state.view.batch, context)
        case Pressed(verb=Verb.UNDO):
            return ask_last_done(state, state.view.batch)
        case Pressed(verb=Verb.NO) if state.question:
            return Step(replace(state, question=""), (Play(Tone.ACCEPT),))
        case Pressed():
            return everywhere(state, event, context)
        case _:
            raise Bug(f"{event!r} on the way")


def _place(state: GoToLocation, event: Scanned, context: Context) -> Step:
    view = state.view
    if not event.candidates:
        return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
    places = event.of(CodeKind.LOCATION)
    if not places:
        got = event.candidates[0].code
        return refuse(state, Reason.WRONG_KIND, expected_kind="location", expected=view.location_code, got=got)
    place = next((each for each in places if each.target == view.key.location), None)
    if place is not None:
        if view.blocked:
            return refuse(state, Reason.LOCATION_BLOCKED, location=view.location_code, why=view.blocked)
        note = Say(Note.RIGHT_PLACE, {"location": view.location_code})
        at_shelf = TakeItem(view)
        if _scan(view, context).mode == Mode.OFF and _plain(view):
            # The place says it all here: nobody asks for the item.
            return _taken(at_shelf, place.code, context, unproven=state)
        return Step(at_shelf, (Play(Tone.ACCEPT), note))
    other = places[0]
    if state.question == other.code and not event.settled:
        return refuse(state, Reason.RESCAN_TOO_FAST, got=other.code)
    return Step(state, (Ask(_at(view, context, other.code, LocationId(other.target))),))


def _other_place(state: GoToLocation, event: Answered, found: tuple[OtherStock, ...], context: Context) -> Step:
    view, query = state.view, event.query
    if not isinstance(query, AskOther):
        raise Bug(f"{query!r} is no question about another place")
    usable = [each for each in found if _why_not(each, view.quantity, context) is None and not each.key.serial]
    unheard = next((each for each in found if not each.key.serial and _may_ask(each, view.quantity, context)), None)
    if not usable and unheard is not None and not view.key.serial:
        return _ask_hub(state, event, unheard, context)
    if not usable or view.key.serial:
        return refuse(state, Reason.WRONG_LOCATION, expected=view.location_code, got=query.scanned)
    if state.question != query.scanned:
        # Reversible but unusual: the same place scanned again confirms.
        asked = replace(state, question=query.scanned)
        return Step(asked, (Play(Tone.CAUTION), Say(Note.REPOINTED, {"location": query.scanned, "asked": 1})))
    return _repoint(view, event, usable[0], context, at_totes=False)


def take_item(state: TakeItem, event: Event, context: Context) -> Step:
    """Return what happens at the shelf."""
    view = state.view
    match event:
        case Scanned():
            return _units(state, event, context)
        case Answered(query=AskOther(), answer=found):
            return _other_units(state, event, found, context)
        case Answered(query=AskNextLot() as query, answer=instead):
            return _expired(state, query, instead)
        case Pressed(verb=Verb.QTY, argument=argument):
            return refuse(state, Reason.WRONG_KIND, expected_kind="item", expected=view.sku, got=f"QTY-{argument}")
        case Pressed(verb=Verb.NO) if state.question or state.unscanned:
            return Step(replace(state, question="", unscanned=0), (Play(Tone.ACCEPT),))
        case Pressed(verb=Verb.UNDO | Verb.NO):
            return Step(GoToLocation(view), (Play(Tone.ACCEPT), Say(Note.UNDONE)))
        case Pressed(verb=Verb.CONFIRM):
            return _unscanned(state, event, context)
        case Pressed(verb=Verb.YES) if state.unscanned:
            return _taken(state, view.sku, context)
        case Pressed():
            return everywhere(state, event, context)
        case _:
            raise Bug(f"{event!r} at the shelf")


def _scan(view: TaskView, context: Context) -> Rule:
    """Return how strictly a unit must be scanned at this stop (floor.md C6: a location hides what lies in it)."""
    return context.policies.rule(Check.ITEM_SCAN_AT_PICK, items=(view.key.item,), zone=view.zone_id)


def _plain(view: TaskView) -> bool:
    """Return whether the place alone may say which units they are: no lot, serial or package of several."""
    return not (view.key.serial or view.lot or view.key.lpn != NO_ID)


def _unscanned(state: TakeItem, event: Pressed, context: Context) -> Step:
    """Take units that will not scan at the picker's word, as far as policy lets him; lots and serials are typed."""
    strict = _scan(state.view, context)
    if not _plain(state.view):
        return refuse(state, Reason.COMMAND_NOT_NOW, command=event.verb)
    if strict.mode in (Mode.OFF, Mode.INFORM) or Check.ITEM_SCAN_AT_PICK in context.overridden:
        return _taken(state, state.view.sku, context)
    if strict.mode == Mode.CONFIRM:
        return Step(replace(state, unscanned=1), (Play(Tone.CAUTION),))
    return refuse(state, Reason.SUPERVISOR_NEEDED, **stops(Check.ITEM_SCAN_AT_PICK, strict))


def _units(state: TakeItem, event: Scanned, context: Context) -> Step:
    view = state.view
    mine = next((each for each in event.of(CodeKind.ITEM) if each.target == view.key.item), None)
    if mine is not None:
        return _right_item(state, event, mine, context)
    others = event.of(CodeKind.ITEM)
    packages, lots = event.of(CodeKind.LPN), event.of(CodeKind.LOT)
    if view.key.serial and not others:
        return _serial(state, event, event.raw, context)
    if packages:
        return _package(state, event, packages[0], context)
    if lots and not others:
        return _lot(state, event, lots[0].code, context)
    if not event.candidates:
        return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
    if others:
        return wrong_item(state, view, others[0])
    got = event.candidates[0]
    return refuse(state, Reason.WRONG_KIND, expected_kind="item", expected=view.sku, got=got.code)


def _right_item(state: TakeItem, event: Scanned, said: Candidate, context: Context) -> Step:
    """Take an item's own code as far as it goes: what the stop needs beyond it is asked for."""
    view = state.view
    if said.quantity > view.quantity:
        return refuse(state, Reason.TOO_MANY, wanted=view.quantity, got=said.quantity)
    if said.expiry and is_expired(said.expiry, context.today):
        return _ask_next_lot(state, said.lot, said.expiry, context)
    if view.key.serial:
        if not said.serial:
            return refuse(state, Reason.SCAN_SERIAL, expected=view.key.serial, item=view.sku)
        return _serial(state, event, said.serial, context)
    if said.lot and view.lot:
        return _lot(state, event, said.lot, context)
    if view.lot or view.key.lpn != NO_ID:
        # One lot and one package here: the item's code says it all.
        return _ask_other(state, event, _stock(view, context, event.raw))
    return _taken(state, event.raw, context)


def _serial(state: TakeItem, event: Scanned, serial: str, context: Context) -> Step:
    if serial == state.view.key.serial:
        return _taken(state, event.raw, context)
    # A serial is looked for everywhere: where it is makes the difference between wrong, booked already and unknown.
    query = _stock(state.view, context, serial, anywhere=True, serial=serial)
    return _ask_other(state, event, replace(query, known=int(bool(event.candidates))))


def _lot(state: TakeItem, event: Scanned, lot: str, context: Context) -> Step:
    view = state.view
    if view.lot and lot == view.lot:
        return _taken(state, event.raw, context)
    return _ask_other(state, event, _stock(view, context, lot, lot=lot))


def _package(state: TakeItem, event: Scanned, package: Candidate, context: Context) -> Step:
    view = state.view
    if package.target == view.key.lpn:
        return _taken(state, event.raw, context)
    return _ask_other(state, event, _stock(view, context, package.code, lpn=LpnId(package.target)))


def _stock(
    view: TaskView,
    context: Context,
    scanned: str,
    *,
    anywhere: bool = False,
    lot: str = "",
    serial: str = "",
    lpn: LpnId = NO_LPN,
) -> AskOther:
    """Return the question what lies here (or anywhere) of the item, narrowed by what the scan said."""
    key = view.key
    where = LocationId(NO_ID) if anywhere else key.location
    return replace(_at(view, context, scanned, where), lot=lot, serial=serial, lpn=lpn)


def _at(view: TaskView, context: Context, scanned: str, where: LocationId) -> AskOther:
    """Return the question what lies at a place of the item."""
    return AskOther(context.site, view.key.owner, view.key.item, scanned, where, batch=view.batch)


def _ask_other(state: TakeItem, event: Scanned, query: AskOther) -> Step:
    if state.question == query.scanned and not event.settled:
        return refuse(state, Reason.RESCAN_TOO_FAST, got=query.scanned)
    return Step(state, (Ask(query),))


def _other_units(state: TakeItem, event: Answered, found: tuple[OtherStock, ...], context: Context) -> Step:
    view, query = state.view, event.query
    if not isinstance(query, AskOther):
        raise Bug(f"{query!r} is no question about other units")
    if query.serial:
        return _other_serial(state, event, query, found, context)
    if not query.lot and query.lpn == NO_ID:
        return _plain_item(state, query, found, context)
    if not found:
        if query.lot and not view.lot:
            # The lot of something else: these units have none.
            return refuse(state, Reason.WRONG_KIND, expected_kind="item", expected=view.sku, got=query.scanned)
        reason = Reason.WRONG_LOT if query.lot else Reason.NOT_FOUND
        return refuse(state, reason, expected=view.lot or view.lpn_code or view.sku, got=query.scanned)
    return _offer(state, event, query.scanned, found, context)


def _plain_item(state: TakeItem, query: AskOther, found: tuple[OtherStock, ...], context: Context) -> Step:
    """The item's plain code was scanned where lot or package matter: enough if there is only one of them here."""
    view = state.view
    if {each.key.lot for each in found} - {view.key.lot}:
        return refuse(state, Reason.SCAN_LOT, expected=view.lot, item=view.sku)
    if {each.key.lpn for each in found} - {view.key.lpn}:
        return refuse(state, Reason.SCAN_PACKAGE, expected=view.lpn_code, item=view.sku)
    return _taken(state, query.scanned, context)


def _other_serial(
    state: TakeItem, event: Answered, query: AskOther, found: tuple[OtherStock, ...], context: Context
) -> Step:
    view = state.view
    if not found and query.known:
        return refuse(state, Reason.WRONG_KIND, expected_kind="item", expected=view.sku, got=query.serial)
    if not found:
        return refuse(state, Reason.UNKNOWN_CODE, got=query.serial)
    other = found[0]
    if not other.pickable:
        where = other.tote or other.location_code
        return refuse(state, Reason.DUPLICATE_SERIAL, serial=query.serial, got=query.serial, where=where)
    if other.key.location != view.key.location:
        return refuse(state, Reason.WRONG_SERIAL, expected=view.key.serial, got=query.serial, where=other.location_code)
    return _offer(state, event, query.serial, found, context)


def _offer(state: TakeItem, event: Answered, scanned: str, found: tuple[OtherStock, ...], context: Context) -> Step:
    """Take other units than reserved if they may be used: at once, or when the same code is scanned again."""
    view = state.view
    first = next((each for each in found if _why_not(each, view.quantity, context) is None), found[0])
    why = _why_not(first, view.quantity, context)
    if why is Reason.EXPIRED:
        return _ask_next_lot(state, first.lot, first.expiry, context)
    if _may_ask(first, view.quantity, context):
        return _ask_hub(state, event, first, context)
    if why is not None:
        facts: dict[str, str | int] = {"lot": first.lot or scanned, "location": first.location_code}
        return refuse(state, why, free=max(0, first.free), wanted=view.quantity, **facts)
    later = first.expiry > view.expiry and not is_expired(view.expiry, context.today)
    repacked = (first.key.lpn == NO_ID) != (view.key.lpn == NO_ID)
    if (later or repacked) and state.question != scanned:
        asked = replace(state, question=scanned)
        return Step(asked, (Play(Tone.CAUTION), Say(Note.REPOINTED, {"lot": scanned, "asked": 1})))
    return _repoint(view, event, first, context, at_totes=True)


def _why_not(other: OtherStock, wanted: int, context: Context) -> Reason | None:
    if is_expired(other.expiry, context.today):
        return Reason.EXPIRED
    if other.held:
        return Reason.ON_HOLD
    if other.blocked:
        return Reason.LOCATION_BLOCKED
    if not other.pickable:
        return Reason.WRONG_LOCATION
    return Reason.RESERVED_FOR_OTHERS if other.free < wanted else None


def _may_ask(other: OtherStock, wanted: int, context: Context) -> bool:
    """Return whether units may be used but for the hub's word."""
    alone = replace(other, free=other.free + other.asks)
    return _why_not(other, wanted, context) is Reason.RESERVED_FOR_OTHERS and not _why_not(alone, wanted, context)


def _ask_hub(state: GoToLocation | TakeItem, event: Answered, other: OtherStock, context: Context) -> Step:
    """Ask the hub for units at another place: what is free here by the books may be somebody else's by now."""
    view = state.view
    command = AskKept(
        **context.stamp(event), batch=view.batch, key=other.key, quantity=view.quantity - other.free
    )  # fmt: skip
    facts = (("lot", other.lot or other.key.serial), ("location", other.location_code))
    return Step(Saving(view.batch, Note.HUB_ASKED, facts, state), (Run(command),))


def _ask_next_lot(state: TakeItem, lot: str, expiry: str, context: Context) -> Step:
    key = state.view.key
    return Step(state, (Ask(AskNextLot(context.site, key.owner, key.item, context.today, lot, expiry)),))


def _expired(state: TakeItem, query: AskNextLot, instead: NextLot | None) -> Step:
    facts: dict[str, str | int] = {"lot": query.lot, "expiry": query.expiry}
    if instead is not None:
        facts |= {"next": instead.lot, "next_expiry": instead.expiry, "next_location": instead.location_code}
    return refuse(state, Reason.EXPIRED, **facts)


def _repoint(view: TaskView, event: Answered, other: OtherStock, context: Context, *, at_totes: bool) -> Step:
    command = RepointTask(
        **context.stamp(event),
        batch=view.batch,
        task=view.task,
        source=view.key,
        target=other.key,
        reservations=tuple(each.reservation for each in view.takes),
        today=context.today,
    )
    moved = replace(
        view, key=other.key, lot=other.lot, expiry=other.expiry, location_code=other.location_code, zone_id=other.zone_id,
        free_here=other.free - view.quantity, held=other.held, blocked=other.blocked, lpn_code="",
    )  # fmt: skip
    keep = PutInTote(moved, moved.quantity, 0) if at_totes else TakeItem(moved)
    facts = (("lot", other.lot or other.key.serial), ("location", other.location_code))
    return Step(Saving(view.batch, Note.REPOINTED, facts, keep), (Run(command),))


def _taken(state: TakeItem, got: str, context: Context, unproven: GoToLocation | None = None) -> Step:
    """The right units are in hand, if they may be used today; `unproven` is what is shown when they may not."""
    view = state.view
    if is_expired(view.expiry, context.today):
        return _ask_next_lot(state, view.lot, view.expiry, context)
    if view.held:
        return refuse(unproven or state, Reason.ON_HOLD, lot=view.lot or view.sku, location=view.location_code)
    note = Say(Note.RIGHT_ITEM, {"item": view.sku, "quantity": view.quantity, "got": got})
    return Step(PutInTote(view, view.quantity, 0), (Play(Tone.ACCEPT), note))
