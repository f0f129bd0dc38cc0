"""What a closed parcel's label means beyond its bench: numbers that are on two, and parcels that left before they were heard of."""

from collections.abc import Iterable

from core.cases.commands import open_case
from core.cases.model import CaseKind
from core.catalog.places import world
from core.kernel.commands import Command
from core.kernel.ids import NO_ID, LpnId, SiteId, StationId
from core.kernel.numbers import Number, NumberRange
from core.kernel.uow import UnitOfWork
from core.orders.progress import advance
from core.packing.model import EarlyLoad, LabelStop, Parcel, ParcelContent, StoppedLabel
from core.stock.ledger import Movement, post
from core.stock.model import Cause, StockKey

SSCC_NUMBERS = "sscc"


def way_out(site: SiteId, parcel: Parcel, inside: Iterable[ParcelContent]) -> list[Movement]:
    """Return the way of a parcel's goods out into the world, from where they are booked."""
    return [
        Movement(
            StockKey(
                owner=each.owner, item=each.item, location=parcel.place, lot=each.lot, serial=each.serial,
                lpn=LpnId(parcel.id),
            ),
            StockKey(owner=each.owner, item=each.item, location=world(site), lot=each.lot, serial=each.serial),
            each.quantity,
            Cause.LOAD,
        )
        for each in inside
    ]  # fmt: skip


def leave_early(
    uow: UnitOfWork, by: Command, parcel: Parcel, early: EarlyLoad, inside: Iterable[ParcelContent], *, start: int
) -> None:
    """Book out a parcel that was in the van before its bench was heard: both happened, and now the books say so."""
    rows = list(inside)
    post(uow, by, way_out(by.site, parcel, rows), start=start)
    for each in rows:
        advance(uow, by.site, each.line, loaded=each.quantity)
    uow.update(parcel, manifest=early.manifest, loaded_at=early.at)
    uow.delete(early)


def tell_of_label(uow: UnitOfWork, by: Command, parcel: Parcel, number: Number, station: StationId) -> None:
    """Stop a label number that is on another parcel too, or that the station had no right to give out, with a case."""
    same = uow.find(Parcel, "sscc", [(by.site, parcel.sscc)]).values()
    others = sorted(each.id for each in same if each.id != parcel.id)
    lent = uow.get(NumberRange, (by.site, SSCC_NUMBERS, number.range))
    foreign = (
        lent is not None
        and lent.station != NO_ID
        and (lent.station != station or not lent.first <= number.value <= lent.last)
    )
    known = uow.get(StoppedLabel, (by.site, parcel.sscc))
    if not others and not foreign and known is None:
        return
    uow.except_()
    uow.put(StoppedLabel(by.site, parcel.sscc, LabelStop.TWICE, by.at))
    facts: dict[str, str | int] = {
        "label": parcel.sscc,
        "parcel": parcel.id.hex(),
        "other": "".join(o.hex() for o in others[:1]),
    }
    open_case(uow, by, CaseKind.LABEL_TWICE, order=parcel.order, subject=parcel.id, facts=facts)
