"""What a box that came back is: the parcel or the order that its label names, when that left, and whether it is here already."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from core.catalog.model import Item, Location
from core.catalog.parcel_codes import ParcelCode
from core.kernel.ids import NO_ID, ItemId, LocationId, OrderId, ParcelId, ReturnId, SiteId
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment, FulfilmentLine, Order
from core.packing.model import EarlyLoad, Parcel, ParcelContent
from core.people.model import PersonCard
from core.returns.known import Sought, receipt_before
from core.returns.model import Return, id_of_code, id_of_order, id_of_parcel
from core.returns.views import BoxInHand, Received, WentOut
from core.rights.model import SiteStation

_NO_PARCEL, _NO_ORDER = ParcelId(NO_ID), OrderId(NO_ID)


@dataclass(frozen=True, slots=True)
class AskBox:
    """Which box is this?"""

    site: SiteId
    code: str
    parcel: ParcelId = _NO_PARCEL
    order: OrderId = _NO_ORDER
    """Neither where the code names nothing here."""
    label: ParcelCode | None = None
    """What the square code of its label says, where the bench that closed it has not been heard."""

    def run(self, connection: sa.Connection) -> BoxInHand | None:
        """Return it; None where what was scanned is gone."""
        books = UnitOfWork(connection)
        if self.parcel != NO_ID:
            return self._parcel(connection, books)
        if self.order != NO_ID:
            return self._order(connection, books)
        heard = receipt_before(books, self.site, Sought(id_of_code(self.code, 1), self.code))
        if heard is not None and heard.parcel != NO_ID:
            return BoxInHand(
                back=heard.id, code=self.code, parcel=heard.parcel, order=heard.order, before=_received(books, heard)
            )  # fmt: skip
        back, number, before = self._next(books, lambda n: id_of_code(self.code, n))
        return BoxInHand(
            back=back, code=self.code, number=number, parcel=_NO_PARCEL, order=_NO_ORDER, before=before
        )  # fmt: skip

    def _parcel(self, connection: sa.Connection, books: UnitOfWork) -> BoxInHand | None:
        row = books.get(Parcel, (self.site, self.parcel))
        early = books.get(EarlyLoad, (self.site, self.parcel))
        label = self.label
        if row is not None:
            fulfilment, carrier, left_at = row.fulfilment, row.carrier, row.loaded_at
        elif label is not None:
            fulfilment, carrier, left_at = label.fulfilment, label.carrier, 0
        else:
            return None
        head = books.get(Fulfilment, (self.site, fulfilment))
        order = _NO_ORDER if head is None else head.order
        back = id_of_parcel(self.parcel)
        return BoxInHand(
            back=back, code=self.code, parcel=self.parcel, order=order,
            order_number=self._number(books, order), fulfilments=(fulfilment,), carrier=carrier,
            left_at=left_at or (0 if early is None else early.at),
            inside=self._inside(books, self._units(connection, books, [self.parcel])),
            before=_received(books, receipt_before(books, self.site, Sought(back, self.code, 1, self.parcel, order))),
        )  # fmt: skip

    def _order(self, connection: sa.Connection, books: UnitOfWork) -> BoxInHand | None:
        """Return a box of an order whose slip was scanned: which of its parcels this was, nobody knows."""
        if books.get(Order, (self.site, self.order)) is None:
            return None
        parts, boxes = sql_of(Fulfilment), sql_of(Parcel)
        of_order = (parts.c.site == self.site, parts.c.order == self.order)
        heads = rows_of(Fulfilment, connection.execute(sa.select(parts).where(*of_order).order_by(parts.c.number)))
        fulfilments = tuple(each.id for each in heads)
        gone = sa.select(boxes).where(
            boxes.c.site == self.site, boxes.c.fulfilment.in_(fulfilments), boxes.c.loaded_at > 0
        )
        parcels = rows_of(Parcel, connection.execute(gone))
        early = books.find(EarlyLoad, "fulfilment", [(self.site, each) for each in fulfilments]).values()
        back, number, before = self._next(books, lambda n: id_of_order(self.order, n))
        return BoxInHand(
            back=back, code=self.code, number=number, parcel=_NO_PARCEL, order=self.order,
            order_number=self._number(books, self.order), fulfilments=fulfilments,
            carrier=heads[0].carrier if heads else "",
            left_at=max((*(each.loaded_at for each in parcels), *(each.at for each in early)), default=0),
            inside=self._inside(books, self._units(connection, books, [each.id for each in parcels])), before=before,
        )  # fmt: skip

    def _number(self, books: UnitOfWork, order: OrderId) -> str:
        row = books.get(Order, (self.site, order))
        return "" if row is None else row.number

    def _units(
        self, connection: sa.Connection, books: UnitOfWork, parcels: list[ParcelId]
    ) -> Iterator[tuple[ItemId, int]]:
        """Yield items and units of parcels; of one that is unheard of, what its label says."""
        contents = sql_of(ParcelContent)
        here = sa.select(contents).where(contents.c.site == self.site, contents.c.parcel.in_(parcels))
        rows = rows_of(ParcelContent, connection.execute(here.order_by(contents.c.line, contents.c.first)))
        yield from ((row.item, row.quantity) for row in rows)
        for each in () if rows or self.label is None else self.label.units:
            line = books.get(FulfilmentLine, (self.site, each.line))
            if line is not None:
                yield line.item, each.quantity

    def _inside(self, books: UnitOfWork, units: Iterator[tuple[ItemId, int]]) -> tuple[WentOut, ...]:
        count: Counter[ItemId] = Counter()
        for item, quantity in units:
            count[item] += quantity
        items = ((books.get(Item, (self.site, item)), quantity) for item, quantity in count.items())
        return tuple(
            WentOut(item.description, item.variant, item.sku, item.picture, quantity)
            for item, quantity in items
            if item is not None
        )

    # Whether it is here

    def _next(
        self, books: UnitOfWork, box: Callable[[int], ReturnId]
    ) -> tuple[ReturnId, int, Received | None]:  # fmt: skip
        """Return the next box under a code, its number, and the one that came before it."""
        number, before = 1, None
        while (found := books.get(Return, (self.site, box(number)))) is not None:
            number, before = number + 1, found
        return box(number), number, _received(books, before)


@dataclass(frozen=True, slots=True)
class AskHere:
    """Is this box here by now?"""

    site: SiteId
    box: BoxInHand
    place: LocationId
    place_code: str
    """Where it is being put down."""

    def run(self, connection: sa.Connection) -> Received | None:
        """Return who received it, None where nobody did as far as is known here."""
        books = UnitOfWork(connection)
        return _received(books, receipt_before(books, self.site, self.box))


def _received(books: UnitOfWork, row: Return | None) -> Received | None:
    if row is None:
        return None
    site = row.site
    who = books.get(PersonCard, (site, row.received_by))
    station = books.get(SiteStation, (site, row.station))
    place = books.get(Location, (site, row.place))
    return Received(
        "" if who is None else who.name,
        "" if station is None else station.name,
        "" if place is None else place.code,
        row.received_at,
    )
