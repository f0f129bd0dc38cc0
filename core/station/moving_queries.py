"""What may be carried elsewhere: free goods at a place, a tote with where it stands, and the move itself as it is known here."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from core.cases.model import Case
from core.catalog.model import SIGNED, Item, Location
from core.kernel import codec
from core.kernel.commands import Command
from core.kernel.executor import identity_of
from core.kernel.ids import (
    NO_ID,
    CaseId,
    ContainerId,
    FillId,
    FulfilmentId,
    ItemId,
    LocationId,
    LotId,
    LpnId,
    OrderId,
    OwnerId,
    SiteId,
    StationId,
)
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import sql_of
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment
from core.packing.model import Parcel
from core.people.model import PersonCard
from core.picking.commands import MoveTote
from core.picking.model import Fill, TotePlace
from core.picking.queries import AskTote
from core.station.back_queries import nobody
from core.stock.model import Balance, Condition, Lot, Reservation, StockKey
from core.stock.moving import GOODS, NOT_MOVED, MoveStock, last_moves

LINES_MOST = 200
HELD_MOST = 1_000
"""Demands that a move names; what was left for more than these is not known where it is heard."""


@dataclass(frozen=True, slots=True)
class Goods:
    """Units of one stock key that nobody was promised."""

    key: StockKey
    sku: str
    description: str
    variant: str
    picture: str
    lot: str
    expiry: str
    free: int


@dataclass(frozen=True, slots=True)
class GoodsAt:
    """What may be carried away from a place."""

    place: LocationId
    code: str
    goods: tuple[Goods, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """Goods that a scan names, by as much as it says of them."""

    got: str
    """What was scanned."""
    item: ItemId = ItemId(NO_ID)
    serial: str = ""
    lot: LotId = LotId(NO_ID)
    lot_code: str = ""


@dataclass(frozen=True, slots=True)
class AskGoods:
    """What may be carried away from here?"""

    site: SiteId
    place: LocationId
    code: str
    named: Named | None = None
    """Only these of what lies there."""

    def run(self, connection: sa.Connection) -> GoodsAt:
        """Return what is free there, in the order of its SKUs, no more than are listed; nothing for a place outside the building."""
        query = _free_at() if self.named is None else _free_at().where(*_which(self.named))
        found = connection.execute(query, {"site": self.site, "place": self.place})
        return GoodsAt(self.place, self.code, tuple(_goods(row) for row in found))


def _which(named: Named) -> Iterator[sa.ColumnElement[bool]]:
    b, lots = sql_of(Balance), sql_of(Lot)
    if named.item != NO_ID:
        yield b.c.item == named.item
    if named.serial:
        yield b.c.serial == named.serial
    if named.lot != NO_ID:
        yield b.c.lot == named.lot
    if named.lot_code:
        yield lots.c.code == named.lot_code


@cache
def _free_at() -> sa.Select[Any]:
    b, i, p, lots = sql_of(Balance), sql_of(Item), sql_of(Location), sql_of(Lot)
    # What is in a tote goes with its tote; what is packed is somebody's, and nobody holds it any more.
    boxes = (sql_of(Fill), sql_of(Parcel))
    in_a_box = (sa.exists().where(box.c.site == b.c.site, box.c.id == b.c.lpn) for box in boxes)
    return (
        sa.select(
            b.c.owner, b.c.item, b.c.location, b.c.lot, b.c.serial, b.c.lpn, b.c.condition, i.c.sku, i.c.description,
            i.c.variant, i.c.picture, sa.func.coalesce(lots.c.code, ""), sa.func.coalesce(lots.c.expiry, ""),
            b.c.total - b.c.reserved,
        )
        .select_from(b)
        .join(i, sa.and_(i.c.site == b.c.site, i.c.id == b.c.item))
        .join(p, sa.and_(p.c.site == b.c.site, p.c.id == b.c.location))
        .outerjoin(lots, sa.and_(lots.c.site == b.c.site, lots.c.id == b.c.lot))
        .where(
            b.c.site == sa.bindparam("site"), b.c.location == sa.bindparam("place"), b.c.total > b.c.reserved,
            p.c.role.not_in([each.value for each in SIGNED]), *(~each for each in in_a_box),
        )
        .order_by(i.c.sku, lots.c.expiry, b.c.serial)
        .limit(LINES_MOST)
    )  # fmt: skip


def _goods(row: Any) -> Goods:
    key = StockKey(
        owner=OwnerId(row[0]), item=ItemId(row[1]), location=LocationId(row[2]), lot=LotId(row[3]), serial=row[4],
        lpn=LpnId(row[5]), condition=Condition(row[6]),
    )  # fmt: skip
    return Goods(key, *row[7:])


@dataclass(frozen=True, slots=True)
class ToteStands:
    """A tote that is to be carried, with where it stands by whoever put it down last."""

    container: ContainerId
    code: str
    fill: FillId
    order: OrderId
    number: str
    """The order's; empty where it is nobody's alone."""
    place: LocationId
    place_code: str
    """Empty where nobody said."""
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class AskToteStands:
    """Where does this tote stand?"""

    site: SiteId
    container: ContainerId
    code: str

    def run(self, connection: sa.Connection) -> ToteStands:
        """Return it; where it was put down with something else in it is not where it stands."""
        books = UnitOfWork(connection)
        held = AskTote(self.site, self.container, self.code).run(connection)
        fill = FillId(NO_ID) if held is None else held.fill
        order = OrderId(NO_ID) if held is None else _order(books, self.site, fill)
        number = "" if held is None else held.order_number
        row = books.get(TotePlace, (self.site, self.container))
        if row is None or row.fill != fill:
            return ToteStands(self.container, self.code, fill, order, number, LocationId(NO_ID), "", "", 0)
        card, place = books.get(PersonCard, (self.site, row.moved_by)), books.get(Location, (self.site, row.place))
        return ToteStands(
            self.container, self.code, fill, order, number, row.place, "" if place is None else place.code,
            "" if card is None else card.name, row.moved_at,
        )  # fmt: skip


def _order(books: UnitOfWork, site: SiteId, fill: FillId) -> OrderId:
    row = books.get(Fill, (site, fill))
    part = None if row is None else books.get(Fulfilment, (site, FulfilmentId(row.fulfilment)))
    return OrderId(NO_ID) if part is None else part.order


@dataclass(frozen=True, slots=True)
class AskMove:
    """What says that goods were carried to a place?"""

    site: SiteId
    source: StockKey
    quantity: int
    target: LocationId
    code: str
    """The target's."""

    def run(self, connection: sa.Connection) -> MoveStock:
        """Return the command, with the last move out of their place and what holds units there as far as it is known."""
        books, here = UnitOfWork(connection), identity_of(connection)
        return MoveStock(
            **nobody(self.site), source=self.source, target=self.target, quantity=self.quantity,
            station=StationId(NO_ID) if here is None else here.station,
            known=tuple(row.move for row in last_moves(books, self.site, self.source)), left_for=self._left_for(connection),
        )  # fmt: skip

    def _left_for(self, connection: sa.Connection) -> tuple[bytes, ...]:
        held, key = sql_of(Reservation), self.source
        query = sa.select(held.c.demand).distinct().where(
            held.c.site == self.site, held.c.item == key.item, held.c.location == key.location,
            held.c.owner == key.owner, held.c.lot == key.lot, held.c.serial == key.serial, held.c.lpn == key.lpn,
            held.c.condition == key.condition.value,
        ).order_by(held.c.demand).limit(HELD_MOST)  # fmt: skip
        return tuple(map(bytes, connection.execute(query).scalars()))


@dataclass(frozen=True, slots=True)
class AskToteMove:
    """What says that a tote was put down at a place?"""

    site: SiteId
    container: ContainerId
    fill: FillId
    order: OrderId
    place: LocationId
    code: str
    """The place's."""

    def run(self, connection: sa.Connection) -> MoveTote:
        """Return the command, with the last move of the tote that is known of."""
        row = UnitOfWork(connection).get(TotePlace, (self.site, self.container))
        return MoveTote(
            **nobody(self.site), container=self.container, fill=self.fill, order=self.order, place=self.place,
            known=NOT_MOVED if row is None else row.move,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class AskCarriedBack:
    """What says that what two carried elsewhere lies where the first of them put it?"""

    site: SiteId
    case: CaseId

    def run(self, connection: sa.Connection) -> Command | Refusal:
        """Return the move there, or that it was carried elsewhere since."""
        row = UnitOfWork(connection).get(Case, (self.site, self.case))
        facts = {} if row is None else codec.parse(row.facts)
        target = LocationId(bytes.fromhex(str(facts.get("first_to", ""))))
        if row is None or not target:
            return Refusal(Reason.NOT_FOUND)
        if GOODS in facts:
            goods = codec.from_text(StockKey, str(facts[GOODS]))
            return AskMove(self.site, goods, int(facts["quantity"]), target, "").run(connection)
        stands = AskToteStands(self.site, ContainerId(row.subject), "").run(connection)
        if stands.place.hex() != facts.get("shelf"):
            return Refusal(Reason.CHANGED_MEANWHILE)
        return AskToteMove(self.site, stands.container, stands.fill, stands.order, target, "").run(connection)


__all__ = [
    "AskCarriedBack",
    "AskGoods",
    "AskMove",
    "AskToteMove",
    "AskToteStands",
    "Goods",
    "GoodsAt",
    "Named",
    "ToteStands",
]
