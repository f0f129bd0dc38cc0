"""One value of a file to one value of ours: numbers, dates, units, words. A value that will not do raises `BadValue`.

Conversions are remembered: a file says the same date and price many times.
"""

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.exchange.mapping import Mapping
from core.exchange.report import Problem
from core.kernel.quantity import MILLIONTHS

TEXT_MAX = 2_000
QUANTITY_MAX = 1_000_000_000


class BadValue(Exception):
    """A value cannot be taken; carries why."""

    def __init__(self, problem: Problem) -> None:
        """Say what is wrong."""
        super().__init__(problem)
        self.problem = problem


def text(value: str) -> str:
    """Return text in normal form (NFC), stripped.

    Raises:
        BadValue: it is too long.
    """
    clean = value.strip()
    if not clean.isascii():
        clean = unicodedata.normalize("NFC", clean)
    if len(clean) > TEXT_MAX:
        raise BadValue(Problem.TOO_LONG)
    return clean


class Values:
    """The conversions of one mapping."""

    def __init__(self, mapping: Mapping) -> None:
        """Remember how this mapping writes numbers and dates."""
        self._mapping = mapping
        self._zone = ZoneInfo(mapping.time_zone)
        self.number: Callable[[str], Decimal] = lru_cache(maxsize=50_000)(self._number)
        self.instant: Callable[[str], int] = lru_cache(maxsize=50_000)(self._instant)

    def _number(self, value: str) -> Decimal:
        plain = value.strip()
        if self._mapping.thousands:
            plain = plain.replace(self._mapping.thousands, "")
        if self._mapping.decimal != ".":
            plain = plain.replace(self._mapping.decimal, ".")
        try:
            number = Decimal(plain)
        except InvalidOperation as e:
            raise BadValue(Problem.NOT_A_NUMBER) from e
        if not number.is_finite():
            raise BadValue(Problem.NOT_A_NUMBER)
        return number

    def quantity(self, value: str) -> int:
        """Return a counted quantity: whole and above zero.

        Raises:
            BadValue: it is not.
        """
        number = self.number(value)
        if number != number.to_integral_value():
            raise BadValue(Problem.NOT_WHOLE)
        if not 0 < number <= QUANTITY_MAX:
            raise BadValue(Problem.NOT_POSITIVE)
        return int(number)

    def whole(self, value: str) -> int:
        """Return a whole number, 0 for nothing.

        Raises:
            BadValue: it is not whole.
        """
        if not value.strip():
            return 0
        number = self.number(value)
        if number != number.to_integral_value():
            raise BadValue(Problem.NOT_WHOLE)
        return int(number)

    def millionths(self, value: str) -> int:
        """Return a price in millionths of the currency's unit, 0 for nothing.

        Raises:
            BadValue: it is not a number.
        """
        return int(self.number(value) * MILLIONTHS) if value.strip() else 0

    def measure(self, value: str, ratio: tuple[int, int]) -> int | None:
        """Return a length or weight in our unit, rounded up to a whole one; None for nothing.

        Raises:
            BadValue: it is not a number, or below zero.
        """
        if not value.strip():
            return None
        number = self.number(value) * ratio[0] / ratio[1]
        if number < 0:
            raise BadValue(Problem.NOT_POSITIVE)
        return int(number.to_integral_value(rounding="ROUND_CEILING")) or None

    def _instant(self, value: str) -> int:
        plain = value.strip()
        if not plain:
            return 0
        formats = (self._mapping.date_format, "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")
        for each in dict.fromkeys(formats):
            try:
                local = datetime.strptime(plain, each)  # noqa: DTZ007  the zone is given next
            except ValueError:
                continue
            aware = local if local.tzinfo is not None else local.replace(tzinfo=self._zone)
            return int(aware.astimezone(UTC).timestamp() * 1000)
        raise BadValue(Problem.NOT_A_DATE)

    def date(self, value: str) -> str:
        """Return an ISO date, empty for nothing.

        Raises:
            BadValue: there is no such day.
        """
        plain = value.strip()
        if not plain:
            return ""
        for each in (self._mapping.date_format, "%Y-%m-%d"):
            try:
                return datetime.strptime(plain, each).date().isoformat()  # noqa: DTZ007  a date has no zone
            except ValueError:
                continue
        raise BadValue(Problem.NOT_A_DATE)

    def flag(self, value: str) -> int:
        """Return 1 or 0.

        Raises:
            BadValue: it says neither.
        """
        match value.strip().lower():
            case "" | "0" | "no" | "false" | "n":
                return 0
            case "1" | "yes" | "true" | "y":
                return 1
            case _:
                raise BadValue(Problem.NOT_ALLOWED)
