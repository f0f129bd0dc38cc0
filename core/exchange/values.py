"""One value of a file to one value of ours: numbers, dates, units, words. A value that will not do raises `BadValue`.

Conversions are remembered: a file says the same date and price many times.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.exchange.mapping import Mapping
from core.exchange.readers import FORMULA, MARK
from core.exchange.report import Problem
from core.kernel.quantity import MILLIONTHS

TEXT_MAX = 2_000
CODE_MAX = 120
"""Characters of what is scanned, typed or printed as a code."""
NUMBER_MAX = 1_000_000_000
_FIRST_MS, _LAST_MS = 0, int(datetime(2200, 1, 1, tzinfo=UTC).timestamp() * 1000)
"""Outside these an instant is a spreadsheet's mistake, not a day of work."""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_LINE_BREAKS = "\t\r\n"
_NO_TEXT = ("Cc", "Cs")
"""Kinds of characters that no text holds; a code holds none either that only turns or joins others, unseen (Cf)."""
_ISO_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d", re.ASCII)


class BadValue(Exception):
    """A value cannot be taken; carries why, and of which field once that is known."""

    def __init__(self, problem: Problem, field: str = "") -> None:
        """Say what is wrong."""
        super().__init__(problem)
        self.problem, self.field = problem, field


def text(value: str, *, longest: int = TEXT_MAX, breaks: str = _LINE_BREAKS) -> str:
    """Return text in normal form (NFC), stripped.

    Raises:
        BadValue: it is too long, or holds a character that is none.
    """
    clean = value.strip()
    if clean.isascii() and clean.isprintable() and len(clean) <= longest:
        return clean
    if not clean.isascii():
        clean = unicodedata.normalize("NFC", clean)
    if len(clean) > longest:
        raise BadValue(Problem.TOO_LONG)
    if not clean.isprintable():
        if clean.startswith(MARK):
            raise BadValue(Problem.FORMULA if clean.startswith(FORMULA) else Problem.NESTED)
        refused = _NO_TEXT if breaks else (*_NO_TEXT, "Cf")
        if any(unicodedata.category(char) in refused and char not in breaks for char in clean):
            raise BadValue(Problem.CONTROL_CHARACTER)
    return clean


def code(value: str) -> str:
    """Return what people scan, type or print as one word.

    Raises:
        BadValue: it is too long for that, or holds a line break or a character that nobody sees.
    """
    return text(value, longest=CODE_MAX, breaks="")


class Values:
    """The conversions of one mapping."""

    def __init__(self, mapping: Mapping) -> None:
        """Remember how this mapping writes numbers and dates."""
        self._mapping = mapping
        # Python's own knows its offset without looking.
        self._zone = UTC if mapping.time_zone == "UTC" else ZoneInfo(mapping.time_zone)
        self._formats = tuple(dict.fromkeys((mapping.date_format, *_ISO_FORMATS, "%Y-%m-%d")))
        # A mapping of its own ideas comes first: it may mean day and month the other way round.
        self._iso_first = mapping.date_format in _ISO_FORMATS
        self._decimal, self._thousands = mapping.decimal, mapping.thousands
        mark = re.escape(mapping.thousands or ",")
        self._grouped = re.compile(rf"[+-]?\d{{1,3}}({mark}\d{{3}})+({re.escape(mapping.decimal)}\d*)?", re.ASCII)
        self.number: Callable[[str], Decimal] = lru_cache(maxsize=50_000)(self._number)
        self.instant: Callable[[str], int] = lru_cache(maxsize=50_000)(self._instant)
        self.quantity: Callable[[str], int] = lru_cache(maxsize=50_000)(self._quantity)
        self.millionths: Callable[[str], int] = lru_cache(maxsize=50_000)(self._millionths)

    def _number(self, value: str) -> Decimal:
        plain = value.strip()
        if plain.startswith(FORMULA):
            raise BadValue(Problem.FORMULA)
        if self._thousands and self._thousands in plain:
            if not self._grouped.fullmatch(plain):
                raise BadValue(Problem.NOT_A_NUMBER)
            plain = plain.replace(self._thousands, "")
        if self._decimal != ".":
            if "." in plain:
                raise BadValue(Problem.NOT_A_NUMBER)
            plain = plain.replace(self._decimal, ".")
        if len(plain) > CODE_MAX or not _NUMBER.fullmatch(plain):
            raise BadValue(Problem.NOT_A_NUMBER)
        number = Decimal(plain)
        if abs(number) > NUMBER_MAX:
            raise BadValue(Problem.TOO_LARGE)
        return number

    def _quantity(self, value: str) -> int:
        """Return a counted quantity: whole and above zero.

        Raises:
            BadValue: it is not.
        """
        number = self.number(value)
        if number != number.to_integral_value():
            raise BadValue(Problem.NOT_WHOLE)
        if number <= 0:
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

    def _millionths(self, value: str) -> int:
        """Return a price in millionths of the currency's unit, 0 for nothing.

        Raises:
            BadValue: it is not a number, or below zero.
        """
        if not value.strip():
            return 0
        number = self.number(value)
        if number < 0:
            raise BadValue(Problem.NOT_POSITIVE)
        return int(number * MILLIONTHS)

    def measure(self, value: str, ratio: tuple[int, int]) -> int | None:
        """Return a length or weight in our unit, rounded up to a whole one; None for nothing.

        Raises:
            BadValue: it is not a number, below zero, or larger than anything.
        """
        if not value.strip():
            return None
        number = self.number(value) * ratio[0] / ratio[1]
        if number < 0:
            raise BadValue(Problem.NOT_POSITIVE)
        if number > NUMBER_MAX:
            raise BadValue(Problem.TOO_LARGE)
        return int(number.to_integral_value(rounding="ROUND_CEILING")) or None

    def _instant(self, value: str) -> int:
        plain = value.strip()
        if not plain:
            return 0
        if plain.startswith(FORMULA):
            raise BadValue(Problem.FORMULA)
        local = self._local(plain)
        # `replace` would take five times as long.
        aware = local if local.tzinfo is not None else datetime.combine(local, local.time(), self._zone)
        try:
            at = int(aware.timestamp() * 1000)
        except (OverflowError, ValueError) as e:
            raise BadValue(Problem.NOT_A_DATE) from e
        if not _FIRST_MS <= at < _LAST_MS:
            raise BadValue(Problem.NOT_A_DATE)
        return at

    def _local(self, plain: str) -> datetime:
        if self._iso_first and _ISO.fullmatch(plain):
            # Twenty times as fast as `strptime`, and most files say every second another time.
            try:
                return datetime.fromisoformat(plain)
            except ValueError as e:
                raise BadValue(Problem.NOT_A_DATE) from e
        for each in self._formats:
            try:
                return datetime.strptime(plain, each)  # noqa: DTZ007  whoever asks gives the zone
            except ValueError:
                continue
        raise BadValue(Problem.NOT_A_DATE)

    def date(self, value: str) -> str:
        """Return an ISO date, empty for nothing.

        Raises:
            BadValue: there is no such day.
        """
        plain = value.strip()
        if not plain:
            return ""
        if plain.startswith(FORMULA):
            raise BadValue(Problem.FORMULA)
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
