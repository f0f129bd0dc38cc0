"""Lot, date and serial: what units are to be known by, as far as the code that was scanned did not say it."""

from dataclasses import replace
from datetime import date

from core.catalog.gs1 import iso_date
from core.kernel.flow import Ask, Context, Effect, Event, Play, Pressed, Scanned, Step, Tone, Verb
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug
from core.receiving.queries import AskLotDate
from core.receiving.states import CountUnits, LookAtLot, SayExpiry, SayLot, ScanSerial
from core.receiving.steps import items_said, look_at, not_now, refuse
from core.receiving.views import DeliveryView, Goods, LineView, Said

LONGEST = 40
"""Characters of a lot or serial: twice as many as GS1 allows."""
_SIX_DIGITS = 6

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


def _on(state: Naming, event: Event, context: Context) -> Step | Said | None:
    """Return what every question of these does with an event: the step, or what an item's own code says; None for a text."""
    match event:
        case Scanned():
            said = items_said(event)
            mine = next((each for each in said if each.item == state.line.item), None)
            if mine is not None:
                return mine
            if said:
                return refuse(state, Reason.WRONG_ITEM, expected=state.line.sku, got=said[0].code)
            if event.rejected is not None:
                return refuse(state, event.rejected, got=event.raw)
            if len(event.raw) > LONGEST:
                return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
            return None
        case Pressed(verb=Verb.NO | Verb.UNDO):
            return look_at(context, state.view.delivery, None, Play(Tone.ACCEPT))
        case Pressed():
            return not_now(state, event)
        case _:
            raise Bug(f"{event!r} while units are named")


def say_lot(state: SayLot, event: Event, context: Context) -> Step:
    """Take the lot: by its own code, by the item's, or as it is typed."""
    found = _on(state, event, context)
    if isinstance(found, Step):
        return found
    goods = state.goods
    match found, event:
        case Said(lot=lot, expiry=expiry), _ if lot:
            goods = replace(goods, lot=lot, expiry=expiry)
        case None, Scanned(raw=raw):
            goods = replace(goods, lot=raw)
        case _:
            return refuse(state, Reason.SAY_LOT, item=state.line.sku)
    return named(state.view, state.line, goods, context, Play(Tone.ACCEPT))


def say_expiry(state: SayExpiry, event: Event, context: Context) -> Step:
    """Take the date as it is typed, by day or as GS1 writes it, or out of the item's code."""
    found = _on(state, event, context)
    if isinstance(found, Step):
        return found
    text = found.expiry if isinstance(found, Said) else event.raw if isinstance(event, Scanned) else ""
    expiry = _date(text, context.today)
    if not expiry:
        return refuse(state, Reason.NOT_A_DATE, got=text or state.line.sku)
    goods = replace(state.goods, expiry=expiry)
    return named(state.view, state.line, goods, context, Play(Tone.ACCEPT))


def scan_serial(state: ScanSerial, event: Event, context: Context) -> Step:
    """Take the first unit's serial number."""
    found = _on(state, event, context)
    if isinstance(found, Step):
        return found
    serial = found.serial if isinstance(found, Said) else event.raw if isinstance(event, Scanned) else ""
    if not serial:
        return refuse(state, Reason.SCAN_SERIAL, item=state.line.sku)
    goods = replace(state.goods, serials=(serial,))
    return named(state.view, state.line, goods, context, Play(Tone.ACCEPT))


def _date(text: str, today: str) -> str:
    """Return the ISO date that a text says, empty for none: ``2026-12-31`` or ``261231``."""
    now = date.fromisoformat(today)
    try:
        if len(text) == _SIX_DIGITS and text.isdecimal():
            return iso_date(text, (now.year, now.month, now.day)) or ""
        return date.fromisoformat(text).isoformat() if "-" in text else ""
    except ValueError:
        return ""
