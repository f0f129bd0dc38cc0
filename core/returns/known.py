"""Which parcel a code names, and whether a box was received before: its label has several codes, and each may have been scanned.

The number of our label stands on it alone, behind its application identifier and in the square code; beside it may be the
carrier's number. Who scans one of them knows the parcel only where the bench that labelled it was heard.
"""

from dataclasses import dataclass
from typing import Protocol

from core.cases.commands import case_id
from core.cases.decisions import Decision
from core.cases.model import Case, CaseKind
from core.kernel.commands import Finds, Read
from core.kernel.ids import NO_ID, FulfilmentId, OrderId, ParcelId, ReturnId, SiteId
from core.kernel.tables import Key
from core.packing.model import EarlyLoad, Parcel
from core.returns.model import Return

SSCC_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Named:
    """The parcel that a code names."""

    parcel: ParcelId
    order: OrderId
    fulfilment: FulfilmentId


def finds_of(site: SiteId, code: str) -> Finds:
    """Return by what is found which parcel a code names, and what was received under it."""
    return {
        (Parcel, "sscc"): _ssccs(site, code),
        (EarlyLoad, "sscc"): _ssccs(site, code),
        (Parcel, "tracking"): _ways(site, code),
        (Return, "code"): _ways(site, code),
    }


def named_by(read: Read, site: SiteId, code: str) -> Named | None:
    """Return the one parcel that bears a number; None where none does, or nobody knows which."""
    ssccs, ways = _ssccs(site, code), _ways(site, code)
    boxes = (*read.find(Parcel, "sscc", ssccs).values(), *read.find(Parcel, "tracking", ways).values())
    found = {row.id: Named(row.id, row.order, row.fulfilment) for row in boxes}
    for early in () if found else read.find(EarlyLoad, "sscc", ssccs).values():
        found[early.parcel] = Named(early.parcel, early.order, early.fulfilment)
    return next(iter(found.values())) if len(found) == 1 else None


class Box(Protocol):
    """A box that somebody has in hand, or had."""

    @property
    def back(self) -> ReturnId:
        """Return the id it is received under."""

    @property
    def code(self) -> str:
        """Return what was scanned of its label."""

    @property
    def number(self) -> int:
        """Return which of several boxes under that code it is."""

    @property
    def parcel(self) -> ParcelId:
        """Return the parcel it is known to be; NO_ID where nobody has heard of one."""

    @property
    def order(self) -> OrderId:
        """Return the order whose slip was scanned, or its parcel's; NO_ID for none."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A box that is looked for by what is said of it."""

    back: ReturnId
    code: str
    number: int = 1
    parcel: ParcelId = ParcelId(NO_ID)
    order: OrderId = OrderId(NO_ID)


def receipt_before(read: Read, site: SiteId, box: Box) -> Return | None:
    """Return the receipt of a box that was heard before, whichever code of its label was scanned then.

    Of several boxes under one code only the first may be one that another code names.
    """
    row = read.get(Return, (site, box.back))
    if row is not None or box.number != 1 or (box.parcel == NO_ID and box.order != NO_ID):
        return row
    parcel = None if box.parcel == NO_ID else read.get(Parcel, (site, box.parcel))
    codes = (box.code,) if parcel is None else (box.code, parcel.sscc, parcel.tracking)
    ways = [way for each in dict.fromkeys(codes) if each for way in _ways(site, each)]
    rows = [row for row in read.find(Return, "code", ways).values() if row.number == 1]
    if box.parcel == NO_ID:
        # It was received by the square code of its label, which names a parcel that nobody has heard of.
        rows = [row for row in rows if row.parcel != NO_ID]
    else:
        label = _ssccs(site, box.code if parcel is None else parcel.sscc)
        rows = [row for row in rows if row.parcel == box.parcel or (is_bare(row) and _is_of(read, row, box, label))]
    return min(rows, key=lambda row: row.receipt, default=None)


def _is_of(read: Read, row: Return, box: Box, label: list[Key]) -> bool:
    """Return whether a box whose code named nothing is this parcel.

    Our label's number is on one box alone. A carrier gives his anew after a while, and two carriers may give the same one.
    """
    if label and _ssccs(row.site, row.code) == label:
        return True
    named = named_by(read, row.site, row.code)
    if named is None or named.parcel != box.parcel:
        return False
    case = read.get(Case, (row.site, case_id(row.receipt, CaseKind.RETURN_UNKNOWN)))
    return case is None or case.decision != Decision.NOT_OURS


def is_bare(row: Return) -> bool:
    """Return whether a box was received by a code that named nothing."""
    return row.parcel == NO_ID and row.order == NO_ID


def _ssccs(site: SiteId, code: str) -> list[Key]:
    """Return the label number that a code may be, alone or behind its application identifier."""
    alone = code.removeprefix("00") if len(code) > SSCC_DIGITS else code
    return [(site, alone)] if len(alone) == SSCC_DIGITS and alone.isdecimal() else []


def _ways(site: SiteId, code: str) -> list[Key]:
    """Return how a number may be kept that was scanned like this."""
    for _, alone in _ssccs(site, code):
        return [(site, alone), (site, f"00{alone}")]
    return [(site, each) for each in dict.fromkeys((code, code.upper()))]


__all__ = ["Box", "Named", "Sought", "finds_of", "is_bare", "named_by", "receipt_before"]
