"""Fill codes: what the code on a tote's slip says about one filling, so that a bench can pack it unheard of.

The text is `WMS-FILL-` and capital letters and digits (base 32), which a QR code holds in its densest form and a keyboard
wedge types without harm. Inside are bytes: a version, numbers of variable length, ids of which only what differs from the
one before is kept, a place for the cart's signature (empty until stations have keys), and the beginning of the SHA-256 over
all of it. The thing a newcomer would get wrong: a text is taken only if writing what was read gives the same bytes again.
"""

from base64 import b32decode, b32encode
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from core.catalog.command_codes import PREFIX
from core.catalog.readings import FillCode, FillUnits, Flaw, Rejected
from core.kernel.ids import (
    ID_BYTES,
    NO_ID,
    BatchId,
    ContainerId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    ItemId,
    LocationId,
    LotId,
    OwnerId,
    SiteId,
    StationId,
)

FILL_PREFIX = f"{PREFIX}FILL-"
VERSION = 1
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
CHECK_BYTES = 4
_MOST_UNITS = 200
"""Runs of units in one code; a QR code holds about as many."""
_NO_ID = 17
"""Stands where an id begins: none, and nothing follows."""
_MOST_NUMBER_BYTES = 9


def fill_code(fill: FillCode) -> str:
    """Return the text of the code.

    Raises:
        ValueError: what it should say could not be read again.
    """
    told = _payload(fill)
    read = _read(told)
    if read != fill:
        raise ValueError(f"no fill code says this: {read}")
    return FILL_PREFIX + b32encode(told).decode().rstrip("=")


def is_fill_code(text: str) -> bool:
    """Return whether a text claims to be a fill code."""
    return text[: len(FILL_PREFIX)].upper() == FILL_PREFIX


def read_fill_code(text: str) -> FillCode | Rejected:
    """Return what a fill code says, or what is wrong with it.

    Lower case is taken too: a keyboard wedge with caps lock on sends it, and the check vouches for it.
    """
    body = text[len(FILL_PREFIX) :].upper()
    if not set(body) <= _LETTERS:
        return Rejected(Flaw.BAD_CHARACTER)
    try:
        told = b32decode(body + "=" * (-len(body) % 8))
    except ValueError:
        return Rejected(Flaw.BAD_LENGTH)
    if len(told) <= CHECK_BYTES + 1:
        return Rejected(Flaw.BAD_LENGTH)
    if _check(told[:-CHECK_BYTES]) != told[-CHECK_BYTES:]:
        # A part of it was not read, or another code ran into it.
        return Rejected(Flaw.BAD_CHECK_DIGIT)
    if told[0] != VERSION:
        return Rejected(Flaw.UNKNOWN_VERSION, str(told[0]))
    read = _read(told)
    if isinstance(read, FillCode) and b32encode(told).decode().rstrip("=") != body:
        return Rejected(Flaw.BAD_VALUE)
    return read


def _read(told: bytes) -> FillCode | Rejected:
    try:
        fill = _Reader(told[1:-CHECK_BYTES]).fill()
    except (IndexError, UnicodeDecodeError, OverflowError):
        return Rejected(Flaw.BAD_LENGTH)
    if _payload(fill) != told or not _makes_sense(fill):
        return Rejected(Flaw.BAD_VALUE)
    return fill


def _makes_sense(fill: FillCode) -> bool:
    """Return whether there is something in it, and no unit twice."""
    last: dict[FulfilmentLineId, int] = {}
    for each in sorted(fill.units, key=lambda one: (one.line, one.first)):
        if each.first <= last.get(each.line, 0) or each.quantity < 1:
            return False
        last[each.line] = each.first + each.quantity - 1
    return 0 < len(fill.units) <= _MOST_UNITS


def _payload(fill: FillCode) -> bytes:
    told = bytes([VERSION]) + b"".join(_parts(fill))
    return told + _check(told)


def _check(told: bytes) -> bytes:
    return sha256(told).digest()[:CHECK_BYTES]


def _parts(fill: FillCode) -> Iterator[bytes]:
    for number in (fill.site, fill.incarnation, fill.epoch, fill.fence, fill.number):
        yield _number(number)
    before = NO_ID
    for each in (fill.fulfilment, fill.fill, fill.walk, fill.container, fill.place, fill.station):
        yield _id(each, before)
        before = each
    yield _number(len(fill.units))
    previous = _nothing(fill.fulfilment)
    for units in fill.units:
        yield _id(units.line, previous.line)
        yield _id(units.owner, previous.owner)
        yield _id(units.item, previous.item)
        yield _id(units.lot, previous.lot)
        serial = units.serial.encode()
        yield _number(len(serial)) + serial + _number(units.first) + _number(units.quantity)
        previous = units
    yield _number(len(fill.signature)) + fill.signature


def _nothing(fulfilment: FulfilmentId) -> FillUnits:
    """Return what stands before the first units: ids of lines begin as their fulfilment's does."""
    none = FillUnits(
        line=FulfilmentLineId(NO_ID), owner=OwnerId(NO_ID), item=ItemId(NO_ID), lot=LotId(NO_ID), serial="", first=0,
        quantity=0,
    )  # fmt: skip
    return replace(none, line=FulfilmentLineId(fulfilment))


def _number(value: int) -> bytes:
    """Return a number in bytes of seven bits, the lowest first."""
    told = bytearray()
    while value > 0x7F:
        told.append(value & 0x7F | 0x80)
        value >>= 7
    told.append(value)
    return bytes(told)


def _id(value: bytes, before: bytes) -> bytes:
    """Return how many bytes an id begins with as the one before, and the others."""
    if value == NO_ID:
        return bytes([_NO_ID])
    same = next((n for n, (one, other) in enumerate(zip(value, before, strict=True)) if one != other), ID_BYTES)
    return bytes([same]) + value[same:]


class _Reader:
    """Takes a payload apart; whatever is missing is an `IndexError`."""

    def __init__(self, told: bytes) -> None:
        self._told = told
        self._at = 0

    def fill(self) -> FillCode:
        site, incarnation, epoch, fence, number = (self._number() for _ in range(5))
        fulfilment = self._id(NO_ID)
        fill = self._id(fulfilment)
        walk = self._id(fill)
        container = self._id(walk)
        place = self._id(container)
        station = self._id(place)
        units, previous = [], _nothing(FulfilmentId(fulfilment))
        for _ in range(min(self._number(), _MOST_UNITS + 1)):
            previous = self._units(previous)
            units.append(previous)
        return FillCode(
            site=SiteId(site), fill=FillId(fill), container=ContainerId(container), fulfilment=FulfilmentId(fulfilment),
            walk=BatchId(walk), place=LocationId(place), station=StationId(station), incarnation=incarnation,
            epoch=epoch, fence=fence, number=number, units=tuple(units), signature=self._bytes(self._number()),
        )  # fmt: skip

    def _units(self, before: FillUnits) -> FillUnits:
        return FillUnits(
            line=FulfilmentLineId(self._id(before.line)), owner=OwnerId(self._id(before.owner)),
            item=ItemId(self._id(before.item)), lot=LotId(self._id(before.lot)),
            serial=self._bytes(self._number()).decode(), first=self._number(), quantity=self._number(),
        )  # fmt: skip

    def _number(self) -> int:
        value = 0
        for place in range(_MOST_NUMBER_BYTES):
            byte = self._told[self._at]
            self._at += 1
            value |= (byte & 0x7F) << 7 * place
            if byte <= 0x7F:
                return value
        raise OverflowError

    def _id(self, before: bytes) -> bytes:
        same = self._bytes(1)[0]
        if same > ID_BYTES:
            return NO_ID
        return before[:same] + self._bytes(ID_BYTES - same)

    def _bytes(self, count: int) -> bytes:
        found = self._told[self._at : self._at + count]
        if len(found) < count:
            raise IndexError
        self._at += count
        return found
