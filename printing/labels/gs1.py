"""Element strings for labels: values are checked one by one, under the name of the field they came from.

The one thing a newcomer would get wrong: identifiers of a fixed length stand first, so that a symbol needs as few
separators as can be; only what runs to a separator makes a symbol longer than its characters.
"""

from collections.abc import Sequence
from datetime import date

from core.catalog.gs1 import SEPARATOR, identifiers, value_flaw
from core.catalog.gs1_checks import is_digits, mod10_check
from core.catalog.readings import Flaw
from printing.fault import LabelFault

GTIN_DIGITS = (8, 12, 13, 14)
_FULL_GTIN = 14
TITLES = {
    "00": "SSCC", "01": "GTIN", "02": "CONTENT", "10": "BATCH/LOT", "15": "BEST BEFORE", "17": "USE BY OR EXPIRY",
    "21": "SERIAL", "37": "COUNT", "400": "ORDER NUMBER", "420": "SHIP TO POST", "310": "NET WEIGHT (kg)",
    "330": "GROSS WEIGHT (kg)",
}  # fmt: skip
"""Data titles stand in English wherever the goods go (GS1 General Specifications 3.2)."""

WEIGHTS = ("310", "330")
"""Identifiers whose fourth digit says how many decimals their value has."""
_LIGHT, _HEAVY = 1_000_000, 10_000_000
"""Grams from which on a weight is said in hundredths of a kilogram, and from which on it is none of a pallet's."""

Element = tuple[str, str]
"""An application identifier and its value."""


def element(field: str, ai: str, value: str) -> Element:
    """Return an element of a label.

    Raises:
        LabelFault: the value will not do; it names the field.
    """
    flaw = value_flaw(identifiers()[ai], value)
    if flaw is Flaw.BAD_CHECK_DIGIT and is_digits(value):
        raise LabelFault(field, f"check digit of {value} should be {mod10_check(value[:-1])}")
    if flaw is not None:
        raise LabelFault(field, f"{value!r} cannot be ({ai}) {title(ai)}: {flaw.value.replace('_', ' ')}")
    return ai, value


def title(ai: str) -> str:
    """Return the data title of an identifier, whatever its decimals."""
    return TITLES.get(ai) or TITLES[ai[:3]]


def weight(field: str, stem: str, grams: int) -> Element:
    """Return a weight as an element string says it: six digits of kilograms, three of them decimals, or two of a heavy unit.

    Raises:
        LabelFault: it is more than six digits hold.
    """
    if grams < _LIGHT:
        return element(field, f"{stem}3", f"{grams:06}")
    if grams < _HEAVY:
        return element(field, f"{stem}2", f"{(grams + 5) // 10:06}")
    raise LabelFault(field, f"{grams} g is more than a label can say")


def shown(ai: str, value: str) -> str:
    """Return a value as people read it: a weight with its decimals."""
    if ai[:3] not in WEIGHTS:
        return value
    decimals = int(ai[3])
    return f"{int(value[:-decimals])}.{value[-decimals:]}"


def gtin(field: str, digits: str) -> str:
    """Return a GTIN in 14 digits.

    Raises:
        LabelFault: it is none.
    """
    if not is_digits(digits) or len(digits) not in GTIN_DIGITS:
        raise LabelFault(field, f"{digits!r} is no GTIN of 8, 12, 13 or 14 digits")
    if mod10_check(digits[:-1]) != digits[-1]:
        raise LabelFault(field, f"check digit of {digits} should be {mod10_check(digits[:-1])}")
    return digits.zfill(_FULL_GTIN)


def day(field: str, iso: str) -> str:
    """Return an ISO date as an element string says it.

    Raises:
        LabelFault: it is no date.
    """
    try:
        return date.fromisoformat(iso).strftime("%y%m%d")
    except ValueError as e:
        raise LabelFault(field, f"{iso!r} is no date such as 2027-01-31") from e


def joined(elements: Sequence[Element]) -> str:
    """Return an element string, the fixed identifiers first."""
    known = identifiers()
    ordered = sorted(elements, key=lambda each: not known[each[0]].fixed)
    parts = [f"{ai}{value}{'' if known[ai].fixed else SEPARATOR}" for ai, value in ordered]
    return "".join(parts).removesuffix(SEPARATOR)


def readable(elements: Sequence[Element]) -> str:
    """Return elements as people read them below their symbol."""
    known = identifiers()
    ordered = sorted(elements, key=lambda each: not known[each[0]].fixed)
    return " ".join(f"({ai}) {value}" for ai, value in ordered)
