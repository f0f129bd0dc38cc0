"""How many units are in hand, and where they are laid: more scans, a number, and the place that books them."""

from dataclasses import replace

from core.kernel.flow import CodeKind, Context, Event, Play, Pressed, Run, Say, Scanned, Stamp, Step, Tone, Verb
from core.kernel.ids import LocationId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug
from core.receiving.commands import BookGoods, Taken
from core.receiving.naming import heard
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
            return _typed(state, event.behind(state.typed))
        case Pressed(verb=Verb.NO) if state.question:
            return Step(replace(state, question=""), (Play(Tone.ACCEPT),))
        case Pressed(verb=Verb.UNDO) if state.typed:
            return Step(replace(state, typed="", question=""), (Play(Tone.ACCEPT),))
        case Pressed(verb=Verb.UNDO) if state.added or len(state.goods.serials) > 1:
            return _one_less(state)
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
    line = state.line
    if event.typed and event.raw.isdecimal() and not line.by_serial:
        return _typed(state, event.raw)
    places = event.of(CodeKind.LOCATION)
    if places and not items_said(event):
        return _place(state, event, places[0].code, LocationId(places[0].target), context)
    # But for a number nothing is typed here: a code that was typed is the code.
    given = event if line.by_serial else replace(event, typed=False)
    match heard(state, given, CodeKind.SERIAL if line.by_serial else CodeKind.LOCATION):
        case Step() as step:
            return step
        case Said() as said:
            return _one_more(state, said)
        case serial:
            return _serial(state, serial) if line.by_serial else not_now(state, event)


def _one_more(state: CountUnits, said: Said) -> Step:
    """Count what another scan of the item stands for."""
    line, goods = state.line, state.goods
    if line.by_serial:
        return _serial(state, said.serial) if said.serial else refuse(state, Reason.SCAN_SERIAL, item=line.sku)
    if not said.quantity:
        return refuse(state, Reason.UNKNOWN_CODE, got=said.code)
    units = state.units + said.quantity
    if len(str(units)) > DIGITS:
        return refuse(state, Reason.NOT_A_QUANTITY, quantity=units)
    # What was typed stands for all that was scanned before it.
    added = (*(() if state.typed else state.added), said.quantity)
    after = replace(state, goods=replace(goods, quantity=units), typed="", question="", added=added)
    return Step(after, (Play(Tone.ACCEPT), Say(Note.RIGHT_ITEM, {"item": line.sku})))


def _one_less(state: CountUnits) -> Step:
    """Take the last scan off again; whatever was counted before it stays in hand."""
    goods, added = state.goods, state.added
    if goods.serials:
        goods = replace(goods, serials=goods.serials[:-1])
    else:
        goods, added = replace(goods, quantity=goods.quantity - added[-1]), added[:-1]
    return Step(replace(state, goods=goods, added=added, question=""), (Play(Tone.ACCEPT), Say(Note.UNDONE)))


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
