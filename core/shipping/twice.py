"""Whether a parcel is a second one: its units are in a van under another parcel, whichever label that has, or its number is.

Units are told apart by their ordinals. (Reference: sync, 8.0, 9, and invariants 16 and 17.)
"""

from collections.abc import Iterable, Sequence

from core.cases.commands import open_case
from core.cases.model import CaseKind
from core.kernel import codec
from core.kernel.commands import Command, Read
from core.kernel.ids import FulfilmentLineId, OrderId, ParcelId, SiteId
from core.kernel.uow import UnitOfWork
from core.orders.model import FulfilmentLine
from core.packing.model import EarlyLoad, Parcel, ParcelContent

Run = tuple[FulfilmentLineId, int, int]
"""Line, first ordinal, number of units."""


def runs_in(rows: Iterable[ParcelContent]) -> list[Run]:
    """Return the units of a parcel's rows."""
    return [(row.line, row.first, row.quantity) for row in rows]


def units_text(runs: Iterable[Run]) -> str:
    """Return units as a row keeps them."""
    return codec.canonical([[line.hex(), first, quantity] for line, first, quantity in runs])


def runs_of_text(text: str) -> list[Run]:
    """Return the units that a row keeps."""
    return [(FulfilmentLineId(bytes.fromhex(line)), int(first), int(units)) for line, first, units in codec.parse(text)]


def overlap(one: Iterable[Run], others: Sequence[Run]) -> bool:
    """Return whether a unit is among both."""
    return any(
        line == other and first < start + units and start < first + quantity
        for line, first, quantity in one
        for other, start, units in others
    )


def loaded_with(
    read: Read, site: SiteId, parcel: ParcelId, fulfilments: Iterable[bytes], runs: Sequence[Run]
) -> ParcelId | None:
    """Return another parcel in a van that holds one of these units; None for none."""
    for line in dict.fromkeys(line for line, _, _ in runs):
        row = read.get(FulfilmentLine, (site, line))
        if row is None or not row.loaded:
            continue
        for each in read.find(ParcelContent, "units", [(site, line)]).values():
            box = read.get(Parcel, (site, each.parcel))
            if each.parcel != parcel and box is not None and box.loaded_at and overlap(runs, runs_in([each])):
                return each.parcel
    early = read.find(EarlyLoad, "fulfilment", [(site, each) for each in fulfilments]).values()
    for load in sorted(early, key=lambda row: row.parcel):
        if load.parcel != parcel and overlap(runs, runs_of_text(load.units)):
            return load.parcel
    return None


def has_the_number(read: Read, site: SiteId, parcel: ParcelId, sscc: str) -> ParcelId | None:
    """Return another parcel that has a label number, packed or in a van by its label alone; None for none."""
    names = [(site, sscc)]
    packed = [each.id for each in read.find(Parcel, "sscc", names).values()]
    early = [each.parcel for each in read.find(EarlyLoad, "sscc", names).values()]
    return next((each for each in sorted((*packed, *early)) if each != parcel), None)


def tell_of_second(uow: UnitOfWork, by: Command, parcel: ParcelId, order: OrderId, runs: Sequence[Run]) -> None:
    """Open the case of units that left twice: two docks that could not hear each other loaded two parcels of them."""
    lines = (uow.get(FulfilmentLine, (by.site, line)) for line, _, _ in runs)
    fulfilments = dict.fromkeys(bytes(row.fulfilment) for row in lines if row is not None)
    other = loaded_with(uow, by.site, parcel, fulfilments, runs)
    if other is not None:
        uow.except_()
        facts: dict[str, str | int] = {"parcel": parcel.hex(), "other": other.hex()}
        open_case(uow, by, CaseKind.SHIPPED_TWICE, order=order, subject=parcel, facts=facts)
