"""The inner grammar of North American coupons, (8110) and (8112): fields whose first digit tells their length.

A warehouse meets these only by mistake, but a code that claims to be one must be right or be rejected. Grammar: GS1
US, North American Coupon Application Guideline. The thing a newcomer would get wrong: the optional fields come in
rising order of their number, each at most once.
"""

from calendar import monthrange
from collections.abc import Callable

from core.catalog.readings import Flaw

_OFFER_LENGTH, _FAMILY_LENGTH, _DATE_LENGTH = 6, 3, 6
_REQUIREMENT_CODES = "012349"
_SAME_PREFIX = "9"
"""Stands where a company prefix would, when it is that of the first purchase."""


class _Malformed(Exception):
    def __init__(self, flaw: Flaw) -> None:
        self.flaw = flaw


class _Reader:
    """Takes fields off the front of a run of digits."""

    def __init__(self, text: str) -> None:
        self.rest = text

    def take(self, length: int) -> str:
        if len(self.rest) < length:
            raise _Malformed(Flaw.BAD_LENGTH)
        field, self.rest = self.rest[:length], self.rest[length:]
        return field

    def one_of(self, allowed: str) -> str:
        digit = self.take(1)
        if digit not in allowed:
            raise _Malformed(Flaw.BAD_VALUE)
        return digit

    def measured(self, shortest: int, longest: int, base: int) -> str:
        """Take a length digit and that many more than `base` digits."""
        length = int(self.take(1))
        if not shortest <= length <= longest:
            raise _Malformed(Flaw.BAD_VALUE)
        return self.take(base + length)

    def starts(self, field: str) -> bool:
        if not self.rest.startswith(field):
            return False
        self.rest = self.rest[1:]
        return True


def coupon(value: str) -> Flaw | None:
    """Return what is wrong with a coupon code, (8110)."""
    return _judge(value, _read_coupon)


def positive_offer(value: str) -> Flaw | None:
    """Return what is wrong with a positive offer file coupon, (8112)."""
    return _judge(value, _read_positive_offer)


def _judge(value: str, read: Callable[[_Reader], None]) -> Flaw | None:
    if not (value.isascii() and value.isdecimal()):
        return Flaw.BAD_CHARACTER if value else Flaw.BAD_LENGTH
    reader = _Reader(value)
    try:
        read(reader)
    except _Malformed as malformed:
        return malformed.flaw
    return Flaw.BAD_LENGTH if reader.rest else None


def _read_positive_offer(reader: _Reader) -> None:
    reader.one_of("01")
    reader.measured(0, 6, base=6)
    reader.take(_OFFER_LENGTH)
    reader.measured(0, 9, base=6)


def _read_coupon(reader: _Reader) -> None:
    reader.measured(0, 6, base=6)
    reader.take(_OFFER_LENGTH)
    reader.measured(1, 5, base=0)
    _read_requirement(reader)
    if reader.starts("1"):
        reader.one_of("0123")
        _read_further_purchase(reader)
    if reader.starts("2"):
        _read_further_purchase(reader)
    _read_dates(reader)
    if reader.starts("5"):
        reader.measured(0, 9, base=6)
    if reader.starts("6"):
        reader.measured(1, 7, base=6)
    if reader.starts("9"):
        reader.one_of("01256")
        reader.one_of("012")
        reader.take(1)
        reader.one_of("01")


def _read_requirement(reader: _Reader) -> None:
    reader.measured(1, 5, base=0)
    reader.one_of(_REQUIREMENT_CODES)
    reader.take(_FAMILY_LENGTH)


def _read_further_purchase(reader: _Reader) -> None:
    _read_requirement(reader)
    if not reader.starts(_SAME_PREFIX):
        reader.measured(0, 6, base=6)


def _read_dates(reader: _Reader) -> None:
    expiry = _read_date(reader) if reader.starts("3") else ""
    start = _read_date(reader) if reader.starts("4") else ""
    if expiry and start and expiry < start:
        raise _Malformed(Flaw.BAD_VALUE)


def _read_date(reader: _Reader) -> str:
    date = reader.take(_DATE_LENGTH)
    year, month, day = int(date[:2]), int(date[2:4]), int(date[4:])
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(2000 + year, month)[1]:
        raise _Malformed(Flaw.BAD_DATE)
    return date
