"""Parcel codes: what the square code on a parcel's label says about it, so that a dock can load it unheard of.

The bench may have closed the parcel while nobody could hear it. Its label then is all that the dock has: the parcel and its
label number, whose units are in it, and who labelled it under which right. The thing a newcomer would get wrong: the code
decides nothing about a parcel that the dock knows; there the books speak.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from core.catalog import packed
from core.catalog.command_codes import PREFIX
from core.catalog.readings import Flaw, Rejected
from core.kernel.ids import (
    CommandId,
    ContainerId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    ParcelId,
    SiteId,
    StationId,
)

PARCEL_PREFIX = f"{PREFIX}PARCEL-"
VERSION = 1
_SSCC_DIGITS = 18
_MOST_UNITS = 25
"""Runs of units in one code: a label has no room for more at a module that a worn head still prints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelUnits:
    """Units of one line in a parcel, by their ordinals, with the tote filling they came out of."""

    line: FulfilmentLineId
    first: int
    quantity: int
    fill: FillId


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelCode:
    """A closed parcel as its bench knows it."""

    site: SiteId
    sscc: str
    parcel: ParcelId
    fulfilment: FulfilmentId
    operation: CommandId
    """That closed it and took the label number."""
    container: ContainerId
    """The tote that it was packed out of; NO_ID for loose goods."""
    fence: int
    """The highest that its units were picked under."""
    station: StationId
    """The bench, with the incarnation of its file and the hub's epoch in which it got its numbers."""
    incarnation: int
    epoch: int
    carrier: str
    weight_grams: int
    units: tuple[ParcelUnits, ...]
    signature: bytes = b""


def parcel_code(parcel: ParcelCode) -> str:
    """Return the text of the code; empty where there is more in the parcel than a code holds."""
    if len(parcel.units) > _MOST_UNITS:
        return ""
    return PARCEL_PREFIX + packed.told(VERSION, _parts(parcel))


def find_parcel_code(raw: str) -> str:
    """Return a parcel code without what a scanner puts in front; empty where a text claims to be none."""
    at = raw.upper().find(PARCEL_PREFIX)
    return raw[at:].strip() if at >= 0 else ""


def parcel_in(raw: str) -> ParcelCode | None:
    """Return what a scan says of a parcel; None where it was another code, or cannot be read."""
    text = find_parcel_code(raw)
    found = read_parcel_code(text) if text else None
    return found if isinstance(found, ParcelCode) else None


def read_parcel_code(text: str) -> ParcelCode | Rejected:
    """Return what a parcel code says, or what is wrong with it."""
    reader = packed.understood(text[len(PARCEL_PREFIX) :], VERSION)
    if isinstance(reader, Rejected):
        return reader
    try:
        found = _read(reader)
    except (IndexError, UnicodeDecodeError, OverflowError):
        return Rejected(Flaw.BAD_LENGTH)
    # Taken only if writing what was read gives the same letters again.
    return (
        found if parcel_code(found) == PARCEL_PREFIX + text[len(PARCEL_PREFIX) :].upper() else Rejected(Flaw.BAD_VALUE)
    )


def _parts(parcel: ParcelCode) -> Iterator[bytes]:
    for value in (
        parcel.site, int(parcel.sscc), parcel.fence, parcel.incarnation, parcel.epoch, parcel.weight_grams,
    ):  # fmt: skip
        yield packed.number(value)
    before: bytes = bytes(16)
    for each in (parcel.operation, parcel.parcel, parcel.fulfilment, parcel.container, parcel.station):
        yield packed.ident(each, before)
        before = each
    yield packed.words(parcel.carrier.encode())
    yield packed.number(len(parcel.units))
    line, fill = bytes(parcel.fulfilment), bytes(16)
    for units in parcel.units:
        yield packed.ident(units.line, line) + packed.ident(units.fill, fill)
        yield packed.number(units.first) + packed.number(units.quantity)
        line, fill = units.line, units.fill
    yield packed.words(parcel.signature)


def _read(reader: packed.Reader) -> ParcelCode:
    site, sscc, fence, incarnation, epoch, weight = (reader.number() for _ in range(6))
    operation = reader.ident(bytes(16))
    parcel = reader.ident(operation)
    fulfilment = reader.ident(parcel)
    container = reader.ident(fulfilment)
    station = reader.ident(container)
    carrier = reader.words().decode()
    units: list[ParcelUnits] = []
    line, fill = fulfilment, bytes(16)
    for _ in range(min(reader.number(), _MOST_UNITS + 1)):
        line, fill = reader.ident(line), reader.ident(fill)
        units.append(
            ParcelUnits(line=FulfilmentLineId(line), first=reader.number(), quantity=reader.number(), fill=FillId(fill))
        )
    return ParcelCode(
        site=SiteId(site), sscc=str(sscc).zfill(_SSCC_DIGITS), parcel=ParcelId(parcel),
        fulfilment=FulfilmentId(fulfilment), operation=CommandId(operation), container=ContainerId(container),
        fence=fence, station=StationId(station), incarnation=incarnation, epoch=epoch, carrier=carrier,
        weight_grams=weight, units=tuple(units), signature=reader.words(),
    )  # fmt: skip
