"""What the presenters share: sentences of things, codes as people read them, keys, times."""

from collections.abc import Collection, Iterable
from functools import singledispatch
from typing import Any

from core.catalog.fill_codes import FILL_PREFIX, is_fill_code
from desktop.languages import clock, day, isolated, joined, span, tr
from desktop.messages import answer_words, key_words
from desktop.proofs import Block, Thing
from desktop.screens import Answer, KeyCap, Screen

_MINUTE_MS = 60_000
_SOON_MIN = 30
_DAY_MIN = 24 * 60
_GTIN, _SHORT_GTIN, _SSCC = 14, 13, 18
_ENDING = 6


@singledispatch
def present(_state: Any, _now: int = 0) -> Screen:
    """Return the screen of a state: nothing to read while something is written.

    Args:
        _state: a flow's.
        _now: UTC milliseconds, for times that are relative; 0 where time stands still.
    """
    return Screen(prompt="…")


def grouped(code: str) -> str:
    """Return a long number in groups that can be read out: ``9501101 53000 3``."""
    said = code
    if code.isdigit():
        if len(code) == _GTIN and code.startswith("0"):
            code = code[1:]
        if len(code) == _SHORT_GTIN:
            said = f"{code[:7]} {code[7:12]} {code[12:]}"
        elif len(code) == _SSCC:
            said = " ".join((code[:4], code[4:8], code[8:12], code[12:16], code[16:]))
    elif is_fill_code(code):
        # Hundreds of characters that only a scanner reads: the last ones tell two apart.
        said = f"{FILL_PREFIX}…{code[-_ENDING:]}"
    return isolated(said)


def thing(description: str, variant: str, code: str, picture: str = "", sku: str = "") -> Thing:
    """Return an item as a screen names it; by its SKU where it has no words."""
    return Thing(isolated(description) or isolated(sku), isolated(variant), grouped(code), picture)


def item_words(description: str, variant: str, sku: str) -> str:
    """Return an item on one line."""
    # A name is one thing, as the catalogue writes it: what joins its parts is not the language of the window.
    return isolated(", ".join(filter(None, (description, variant))) or sku)


def amount(quantity: int) -> Block:
    """Return a quantity as a block of ink."""
    return Block(str(quantity))


def unit_words(quantity: int, inner: int = 0) -> str:
    """Return the unit of a quantity with its packaging: *each = 2 inners of 6*."""
    unit = tr("each", n=quantity)
    if not inner or quantity % inner or quantity < inner:
        return unit
    return tr("{unit} = {n} inners of {size}", unit=unit, n=quantity // inner, size=inner)


def cut_off(at: int, now: int) -> str:
    """Return when work must be gone: the minutes when they are few, else the clock; empty for never."""
    if not at:
        return ""
    minutes = (at - now) // _MINUTE_MS
    if now and 0 <= minutes <= _SOON_MIN:
        return tr("{n} min to cut-off", n=minutes) if minutes else tr("under 1 min to cut-off")
    return tr("cut-off {time}", time=clock(at))


def moment(at: int, now: int) -> str:
    """Return an instant of today by the clock, any other with its day as well."""
    return clock(at) if not now or day(at) == day(now) else joined((day(at), clock(at)))


def left_until(at: int, now: int) -> str:
    """Return how long there is until an instant, or its day when that is far."""
    minutes = (at - now) // _MINUTE_MS
    if not now or not at or abs(minutes) >= _DAY_MIN:
        return day(at)
    return span(minutes) if minutes >= 0 else tr("{time} late", time=span(-minutes))


def is_soon(at: int, now: int) -> bool:
    """Return whether an instant is at most half an hour away, or past."""
    return bool(at and now) and at - now <= _SOON_MIN * _MINUTE_MS


def keys(row: Iterable[tuple[str, str]], enabled: Collection[str]) -> tuple[KeyCap, ...]:
    """Return a bench's row of keys with those that make sense now."""
    return tuple(KeyCap(verb, words or key_words(verb), verb in enabled) for verb, words in row)


def back() -> Answer:
    """Return the way back."""
    return Answer("NO", tr("Back"))


def home_answer() -> Answer:
    """Return the way to other jobs."""
    return Answer("MENU", tr("Menu"))


def numbered(reasons: tuple[str, ...]) -> tuple[Answer, ...]:
    """Return reasons as answers, with the way back."""
    return (*(Answer(f"QTY-{n}", answer_words(each)) for n, each in enumerate(reasons, 1)), back())


def of_total(done: int, total: int) -> str:
    """Return *6 of 7*."""
    return tr("{done} of {total}", done=done, total=total)


def per_mille(part: int, whole: int) -> int:
    """Return a part of a whole, 0 to 1000."""
    return part * 1000 // max(1, whole)
