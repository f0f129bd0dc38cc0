"""How many units are in hand, and where they are laid: more scans, a number, and the place that books them."""

from dataclasses import replace

from core.kernel.flow import CodeKind, Context, Event, Play, Pressed, Run, Say, Scanned, Stamp, Step, Tone, Verb
from core.kernel.ids import LocationId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug
from core.receiving.commands import BookGoods, Taken
from core.receiving.naming import LONGEST
from core.receiving.states import CountUnits, Last, Saving
from core.receiving.steps import items_said, look_at, not_now, refuse
from core.receiving.views import Said
from core.stock.commands import Receipt

DIGITS = 6
"""Digits of a number of units."""


def count_units(state: CountUnits, event: Event, context: Context) -> Step:
    """Return what happens while units are counted and laid down."""
    match event:
        case Scanned():
            return _scanned(state, event, context)
        case Pressed(verb=Verb.QTY, argument=argument) if argument.isdigit():
            return _typed(state, argument if len(argument) > 1 else state.typed + argument)
        case Pressed(verb=Verb.NO) if state.question:
            return Step(replace(state, question=""), (Play(Tone.ACCEPT),))
        case Pressed(verb=Verb.UNDO) if state.typed:
            return Step(replace(state, typed="", question=""), (Play(Tone.ACCEPT),))
        case Pressed(verb=Verb.NO | Verb.UNDO):
            return look_at(context, state.view.delivery, None, Play(Tone.ACCEPT), Say(Note.UNDONE))
        case Pressed():
            return not_now(state, event)
        case _:
            raise Bug(f"{event!r} while units are counted")


def _typed(state: CountUnits, digits: str) -> Step:
    if state.line.by_serial:
        return refuse(state, Reason.SCAN_SERIAL, item=state.line.sku)
    if len(digits) > DIGITS or int(digits) == 0:
        return refuse(state, Reason.NOT_A_QUANTITY, quantity=digits)
    return Step(replace(state, typed=digits, question=""), (Play(Tone.ACCEPT),))


def _scanned(state: CountUnits, event: Scanned, context: Context) -> Step:
    said = items_said(event)
    mine = next((each for each in said if each.item == state.line.item), None)
    places = event.of(CodeKind.LOCATION)
    if mine is not None:
        return _one_more(state, mine)
    if places and not said:
        return _place(state, event, places[0].code, LocationId(places[0].target), context)
    if said:
        return refuse(state, Reason.WRONG_ITEM, expected=state.line.sku, got=said[0].code)
    if event.typed and event.raw.isdecimal() and not state.line.by_serial:
        return _typed(state, event.raw)
    if event.rejected is not None:
        return refuse(state, event.rejected, got=event.raw)
    if state.line.by_serial and len(event.raw) <= LONGEST:
        return _serial(state, event.raw)
    return not_now(state, event)


def _one_more(state: CountUnits, said: Said) -> Step:
    """Count what another scan of the item stands for; of another lot are other units."""
    line, goods = state.line, state.goods
    if goods.lot and said.lot and said.lot != goods.lot:
        return refuse(state, Reason.WRONG_LOT, expected=goods.lot, got=said.lot)
    if line.by_serial:
        return _serial(state, said.serial) if said.serial else refuse(state, Reason.SCAN_SERIAL, item=line.sku)
    units = state.units + said.quantity
    if len(str(units)) > DIGITS:
        return refuse(state, Reason.NOT_A_QUANTITY, quantity=units)
    after = replace(state, goods=replace(goods, quantity=units), typed="", question="")
    return Step(after, (Play(Tone.ACCEPT), Say(Note.RIGHT_ITEM, {"item": line.sku})))


def _serial(state: CountUnits, serial: str) -> Step:
    if serial in state.goods.serials:
        return refuse(state, Reason.DUPLICATE_SERIAL, serial=serial)
    goods = replace(state.goods, serials=(*state.goods.serials, serial))
    return Step(
        replace(state, goods=goods, question=""), (Play(Tone.ACCEPT), Say(Note.SERIAL_TAKEN, {"serial": serial}))
    )


def _place(state: CountUnits, event: Scanned, code: str, place: LocationId, context: Context) -> Step:
    """Book the units at a place; more than may come is booked when the place is scanned once more."""
    view, line, units = state.view, state.line, state.units
    if view.is_too_much(line, units) and state.question != code:
        facts = {"booked": line.booked + units, "expected": line.expected}
        return Step(replace(state, question=code), (Play(Tone.CAUTION), Say(Note.MORE_THAN_ANNOUNCED, facts)))
    if state.question == code and not event.settled:
        return refuse(state, Reason.RESCAN_TOO_FAST, got=code)
    command = _booking(state, place, context.stamp(event))
    taken = tuple(Taken(command.id, n, each) for n, each in enumerate(command.receipts))
    told = (("quantity", units), ("item", line.sku), ("location", code))
    last = Last(line.line, command.id, taken)
    return Step(Saving(view.delivery, Note.BOOKED_IN, told, state, last), (Run(command),))


def _booking(state: CountUnits, place: LocationId, stamp: Stamp) -> BookGoods:
    line, goods = state.line, state.goods
    one = Receipt(
        owner=line.owner, item=line.item, location=place, quantity=state.units, lot=goods.lot, expiry=goods.expiry
    )  # fmt: skip
    many = tuple(replace(one, quantity=1, serial=serial) for serial in goods.serials)
    return BookGoods(**stamp, line=line.line, receipts=many or (one,))
