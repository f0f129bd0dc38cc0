"""Lot, date and serial: what units are to be known by, as far as the code that was scanned did not say it."""

from dataclasses import replace
from datetime import date

from core.catalog.gs1 import iso_date
from core.kernel.flow import Ask, CodeKind, Context, Effect, Event, Play, Pressed, Scanned, Step, Tone, Verb
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug
from core.receiving.queries import AskLotDate
from core.receiving.states import CountUnits, LookAtLot, SayExpiry, SayLot, ScanSerial
from core.receiving.steps import items_said, look_at, not_now, refuse
from core.receiving.views import DeliveryView, Goods, LineView, Said

LONGEST = 40
"""Characters of a lot or serial: twice as many as GS1 allows."""

Naming = SayLot | SayExpiry | ScanSerial


def named(view: DeliveryView, line: LineView, goods: Goods, context: Context, *before: Effect) -> Step:
    """Return the step that asks for what the units are to be known by next; at last how many they are."""
    if (line.by_lot or line.by_date) and not goods.lot:
        return Step(SayLot(view, line, goods), before)
    if goods.lot and not goods.looked_up:
        asked = Ask(AskLotDate(context.site, line.item, goods.lot))
        return Step(LookAtLot(view, line, goods), (*before, asked))
    if line.by_date and not goods.expiry:
        return Step(SayExpiry(view, line, goods), before)
    if line.by_serial and not goods.serials:
        return Step(ScanSerial(view, line, goods), before)
    return Step(CountUnits(view, line, goods), before)


def heard(state: Naming | CountUnits, event: Scanned, wanted: CodeKind | None) -> Step | Said | str:
    """Return what a scan says of the units in hand: by their item's code, by the elements of a symbol, or as a text.

    Args:
        state: where somebody stands.
        event: the scan.
        wanted: what the text is to name; None for a date. A code that names something else is none, unless somebody read it
            off the goods and typed it. A badge's code never is: it is a secret.

    Returns:
        The step that refuses it; what it says (of no unit, where it does not name the item); or the text.
    """
    line, said, badge = state.line, items_said(event), event.of(CodeKind.PERSON)
    mine = next((each for each in said if each.item == line.item), None) or _by_symbol(line, event)
    if mine is not None:
        lot = state.goods.lot
        other = lot and mine.lot and mine.lot != lot
        return refuse(state, Reason.WRONG_LOT, expected=lot, got=mine.lot) if other else mine
    is_it = event.typed or not event.candidates or (wanted is not None and event.of(wanted))
    is_text = event.symbol is None and event.rejected is None and len(event.raw) <= LONGEST
    if is_it and is_text and not badge:
        return event.raw
    if not event.candidates:
        return refuse(state, event.rejected or Reason.UNKNOWN_CODE, got=event.raw)
    if said:
        return refuse(state, Reason.WRONG_ITEM, expected=line.sku, got=said[0].code)
    got = badge[0].label if badge else event.candidates[0].code
    if wanted is None:
        return refuse(state, Reason.NOT_A_DATE, got=got)
    return refuse(state, Reason.WRONG_KIND, expected_kind=wanted, expected="", got=got)


def _by_symbol(line: LineView, event: Scanned) -> Said | None:
    """Return what a symbol says that names nothing here; None where it says nothing of what units are known by."""
    symbol = event.symbol
    if event.candidates or symbol is None or not (symbol.lot or symbol.serial or symbol.expiry):
        return None
    return Said(line.item, event.raw, symbol.lot, symbol.expiry, symbol.serial, quantity=0)


def _on(state: Naming, event: Event, context: Context, wanted: CodeKind | None) -> Step | Said | str:
    """Return what every question of these does with an event: the step, what a code says of the units, or a text."""
    match event:
        case Scanned():
            return heard(state, event, wanted)
        case Pressed(verb=Verb.NO | Verb.UNDO):
            return look_at(context, state.view.delivery, None, Play(Tone.ACCEPT))
        case Pressed():
            return not_now(state, event)
        case _:
            raise Bug(f"{event!r} while units are named")


def say_lot(state: SayLot, event: Event, context: Context) -> Step:
    """Take the lot: by its own code, by the item's, or as it is typed."""
    match _on(state, event, context, CodeKind.LOT):
        case Step() as step:
            return step
        case Said(lot=lot, expiry=expiry):
            # A lot that nobody knows by its date has none of its own.
            goods = replace(state.goods, lot=lot, expiry=expiry if state.line.by_date else "")
        case lot:
            goods = replace(state.goods, lot=lot)
    if not goods.lot:
        return refuse(state, Reason.SAY_LOT, item=state.line.sku)
    return named(state.view, state.line, goods, context, Play(Tone.ACCEPT))


def say_expiry(state: SayExpiry, event: Event, context: Context) -> Step:
    """Take the date as it is typed, by day or as GS1 writes it, or out of a code."""
    found = _on(state, event, context, None)
    if isinstance(found, Step):
        return found
    text = found.expiry if isinstance(found, Said) else found
    expiry = _date(text, context.today)
    if not expiry:
        return refuse(state, Reason.NOT_A_DATE, got=text or state.line.sku)
    goods = replace(state.goods, expiry=expiry)
    return named(state.view, state.line, goods, context, Play(Tone.ACCEPT))


def scan_serial(state: ScanSerial, event: Event, context: Context) -> Step:
    """Take the first unit's serial number."""
    found = _on(state, event, context, CodeKind.SERIAL)
    if isinstance(found, Step):
        return found
    serial = found.serial if isinstance(found, Said) else found
    if not serial:
        return refuse(state, Reason.SCAN_SERIAL, item=state.line.sku)
    goods = replace(state.goods, serials=(serial,))
    return named(state.view, state.line, goods, context, Play(Tone.ACCEPT))


def _date(text: str, today: str) -> str:
    """Return the ISO date that a text says, empty for none: ``2026-12-31`` or ``261231``."""
    now = date.fromisoformat(today)
    if "-" not in text:
        return iso_date(text, (now.year, now.month, now.day)) or ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""
