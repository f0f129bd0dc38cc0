"""Reading goods in: deliveries that are waited for, one with its lines, and who booked what of a line."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.catalog.model import Item
from core.kernel.ids import NO_ID, DeliveryId, DeliveryLineId, ItemId, OwnerId, SiteId
from core.kernel.tables import rows_of, sql_of
from core.receiving.model import Delivery, DeliveryBooking, DeliveryLine
from core.receiving.views import DeliveriesPage, DeliveryRow, DeliveryView, LineView, Said
from core.rules.amounts import amounts
from core.rules.model import Measure
from core.stock.commands import lot_id
from core.stock.model import Lot

PAGE = 5
"""Deliveries of one screen."""
LINES_SHOWN = 8
"""Lines of a delivery on its screen."""


@dataclass(frozen=True, slots=True)
class AskDeliveries:
    """Which deliveries are waited for?"""

    site: SiteId
    first: int = 0

    def run(self, connection: sa.Connection) -> DeliveriesPage:
        """Return a page of them; the last one where there are not so many any more."""
        table, lines = sql_of(Delivery), sql_of(DeliveryLine)
        waits = (table.c.site == self.site, table.c.finished_at == 0)
        total = int(connection.execute(sa.select(sa.func.count()).select_from(table).where(*waits)).scalar_one())
        first = min(self.first, max(0, (total - 1) // PAGE * PAGE))
        query = sa.select(table).where(*waits).order_by(table.c.announced_at, table.c.id).limit(PAGE).offset(first)
        found = rows_of(Delivery, connection.execute(query))
        sums = sa.select(lines.c.delivery, sa.func.sum(lines.c.expected), sa.func.sum(lines.c.booked)).where(
            lines.c.site == self.site, lines.c.delivery.in_([row.id for row in found])
        )  # fmt: skip
        units = {bytes(of): (int(e), int(b)) for of, e, b in connection.execute(sums.group_by(lines.c.delivery))}
        rows = tuple(
            DeliveryRow(row.id, row.number, row.supplier, *units.get(bytes(row.id), (0, 0))) for row in found
        )  # fmt: skip
        return DeliveriesPage(rows, first, total)


@dataclass(frozen=True, slots=True)
class AskDelivery:
    """How far is a delivery?"""

    site: SiteId
    delivery: DeliveryId = DeliveryId(NO_ID)
    number: str = ""
    """As its paper says it, where it was scanned; of two owners' the one that is waited for."""

    def run(self, connection: sa.Connection) -> DeliveryView | None:
        """Return it; None where there is none."""
        table, lines = sql_of(Delivery), sql_of(DeliveryLine)
        which = table.c.number == self.number if self.delivery == NO_ID else table.c.id == self.delivery
        query = sa.select(table).where(table.c.site == self.site, which).order_by(table.c.finished_at).limit(1)
        found = rows_of(Delivery, connection.execute(query))
        if not found:
            return None
        row = found[0]
        is_open = sa.case((lines.c.booked < lines.c.expected, 1), else_=0)
        of = (lines.c.site == self.site, lines.c.delivery == row.id)
        sums = sa.select(
            sa.func.sum(lines.c.expected), sa.func.sum(lines.c.booked), sa.func.count(), sa.func.sum(is_open)
        ).where(*of)  # fmt: skip
        expected, booked, count, open_lines = (int(value or 0) for value in connection.execute(sums).one())
        some = _lines().where(*of).order_by(is_open.desc(), lines.c.number).limit(LINES_SHOWN)
        percent = amounts(connection, self.site, Measure.OVER_RECEIPT).of()
        return DeliveryView(
            row.id, row.number, row.supplier, row.finished_at, expected, booked, count, open_lines, percent,
            tuple(map(_line, connection.execute(some))),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class AskLine:
    """On which lines of a delivery are the items that a code may mean?"""

    site: SiteId
    delivery: DeliveryId
    said: tuple[Said, ...]

    def run(self, connection: sa.Connection) -> tuple[tuple[LineView, Said], ...]:
        """Return them, each with what the code says of its units."""
        lines, said = sql_of(DeliveryLine), {each.item: each for each in self.said}
        query = _lines().where(
            lines.c.site == self.site, lines.c.delivery == self.delivery, lines.c.item.in_(list(said))
        )  # fmt: skip
        found = map(_line, connection.execute(query.order_by(lines.c.number)))
        return tuple((line, said[line.item]) for line in found)


@dataclass(frozen=True, slots=True)
class AskLotDate:
    """Which date has a lot that was here before?"""

    site: SiteId
    item: ItemId
    lot: str

    def run(self, connection: sa.Connection) -> str:
        """Return it as an ISO date; empty for a lot that is new, or has none."""
        lots = sql_of(Lot)
        query = sa.select(lots.c.expiry).where(lots.c.site == self.site, lots.c.id == lot_id(self.item, self.lot))
        return str(connection.execute(query).scalar_one_or_none() or "")


def _lines() -> sa.Select[Any]:
    lines, items = sql_of(DeliveryLine), sql_of(Item)
    columns = (
        lines.c.id, lines.c.owner, lines.c.item, items.c.sku, items.c.description, items.c.variant, items.c.picture,
        lines.c.expected, lines.c.booked, items.c.lot_control, items.c.expiry_control, items.c.serial_control,
    )  # fmt: skip
    return sa.select(*columns).join(items, sa.and_(items.c.site == lines.c.site, items.c.id == lines.c.item))


def _line(row: sa.Row[Any]) -> LineView:
    line, owner, item, *rest = tuple(row)
    return LineView(DeliveryLineId(bytes(line)), OwnerId(bytes(owner)), ItemId(bytes(item)), *rest)


def delivery_row(connection: sa.Connection, site: SiteId, delivery: DeliveryId) -> Delivery | None:
    """Return a delivery; None where it is not here."""
    table = sql_of(Delivery)
    found = rows_of(Delivery, connection.execute(sa.select(table).where(table.c.site == site, table.c.id == delivery)))
    return found[0] if found else None


def bookings_of(connection: sa.Connection, site: SiteId, line: DeliveryLineId) -> tuple[DeliveryBooking, ...]:
    """Return the bookings of a line of which something is left, in the order in which they were made."""
    table = sql_of(DeliveryBooking)
    query = sa.select(table).where(
        table.c.site == site, table.c.line == line, table.c.quantity > table.c.taken_out
    )  # fmt: skip
    return rows_of(DeliveryBooking, connection.execute(query.order_by(table.c.booked_at, table.c.operation, table.c.n)))
