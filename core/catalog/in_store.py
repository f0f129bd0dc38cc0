"""In-store numbers: what a company itself lets the digits behind 20 to 29 mean, as data; without a rule they mean nothing here.

GS1 leaves these prefixes to each company (General Specifications 2.1.11): where the item stands in them, where a weight or a
price, and whether a digit proves it, is another thing in every country and shop. So nothing is guessed and none is shipped.
The one thing a newcomer would get wrong: the item is known by its number with nought in place of weight and price, which is
how scales and tills keep it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from core.catalog.gs1_checks import mod10_check
from core.catalog.readings import GtinReading, Level

R = TypeVar("R")
_SHAPE = re.compile(r"(?:0[24]|2[0-9])[0-9]*[IWPX]{3,}C")
_LENGTH = 13
_GRAMS_MOST = 1000
_KEYS = {"code", "grams"}


class RuleFault(ValueError):
    """A rule will not do; the text says which and why."""


@dataclass(frozen=True, slots=True)
class InStoreRule:
    """What the digits of one prefix are."""

    code: str
    """Thirteen signs: the prefix, then `I` for the item, `W` for its weight, `P` for its price, `X` for what is not read, `C` at the end."""
    grams: int = 1
    """What one in the last place of the weight is: 1 where it is in grams, 10 in hundredths of a kilogram."""

    @property
    def prefix(self) -> str:
        """Return the digits that say that it is this rule's."""
        return self.code[: len(self.code) - len(self.code.lstrip("0123456789"))]

    def read(self, digits: str) -> GtinReading | None:
        """Return item, weight and price of thirteen digits with their right check digit; None for another prefix's."""
        if not digits.startswith(self.prefix):
            return None
        body = "".join("0" if sign in "WPX" else digit for digit, sign in zip(digits[:-1], self.code[:-1], strict=True))
        weight, price = self._part("W", digits), self._part("P", digits)
        return GtinReading(
            (body + mod10_check(body)).zfill(14), Level.VARIABLE, None if weight is None else weight * self.grams, price
        )

    def _part(self, sign: str, digits: str) -> int | None:
        at = self.code.find(sign)
        return None if at < 0 else int(digits[at : at + self.code.count(sign)])


def rules_of(data: Mapping[str, Any]) -> tuple[InStoreRule, ...]:
    """Return the rules that a `codes.toml` says.

    Raises:
        RuleFault: a key is unknown, a rule is none, or two are about the same numbers.
    """
    for key in data:
        if key != "in_store":
            raise RuleFault(f"{key!r} is no key; there is in_store")
    found: list[InStoreRule] = []
    for each in data.get("in_store", ()):
        rule = _rule(each)
        other = next((e for e in found if e.prefix.startswith(rule.prefix) or rule.prefix.startswith(e.prefix)), None)
        if other is not None:
            raise RuleFault(f"{rule.code} and {other.code} are about the same numbers")
        found.append(rule)
    return tuple(found)


def _rule(said: Any) -> InStoreRule:
    if not isinstance(said, dict) or not set(said) <= _KEYS:
        raise RuleFault(f"a rule says code and grams, not {said!r}")
    code, grams = said.get("code"), said.get("grams", 1)
    if not isinstance(code, str) or len(code) != _LENGTH or not _SHAPE.fullmatch(code):
        raise RuleFault(f"{code!r} is no such code as 21IIIIIWWWWWC: 13 signs, of 02, 04 or 20 to 29 on, C at the end")
    if any(sign not in code for sign in "I") or not set("WP") & set(code) or any(_torn(code, sign) for sign in "IWP"):
        raise RuleFault(f"{code}: the item (I), and a weight (W) or a price (P), each in one piece")
    if isinstance(grams, bool) or not isinstance(grams, int) or not 1 <= grams <= _GRAMS_MOST:
        raise RuleFault(f"{code}: {grams!r} is no number of grams from 1 to {_GRAMS_MOST}")
    return InStoreRule(code, grams)


def _torn(code: str, sign: str) -> bool:
    return sign * code.count(sign) not in code


def with_rules(readings: Iterable[R], rules: Sequence[InStoreRule]) -> tuple[R | GtinReading, ...]:
    """Return readings in which in-store numbers say what a company's rules make of them."""
    return tuple(_told(each, rules) for each in readings) if rules else tuple(readings)


def _told(reading: R, rules: Sequence[InStoreRule]) -> R | GtinReading:
    if not isinstance(reading, GtinReading) or not reading.gtin14.startswith("0"):
        return reading
    found = (rule.read(reading.gtin14[1:]) for rule in rules)
    return next((each for each in found if each is not None), reading)
