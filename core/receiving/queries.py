"""Reading goods in: deliveries that are waited for, one with its lines, and who booked what of a line."""

from collections.abc import Iterable

import sqlalchemy as sa

from core.kernel.ids import DeliveryId, DeliveryLineId, SiteId
from core.kernel.tables import rows_of, sql_of
from core.receiving.model import Delivery, DeliveryBooking


def digests_of(connection: sa.Connection, site: SiteId, ids: Iterable[DeliveryId]) -> dict[DeliveryId, bytes]:
    """Return the hash of what was announced, of those of these deliveries that are here."""
    table = sql_of(Delivery)
    query = sa.select(table.c.id, table.c.digest).where(table.c.site == site, table.c.id.in_(list(ids)))
    return {DeliveryId(bytes(found)): bytes(digest) for found, digest in connection.execute(query)}


def bookings_of(connection: sa.Connection, site: SiteId, line: DeliveryLineId) -> tuple[DeliveryBooking, ...]:
    """Return the bookings of a line of which something is left, in the order in which they were made."""
    table = sql_of(DeliveryBooking)
    query = sa.select(table).where(
        table.c.site == site, table.c.line == line, table.c.quantity > table.c.taken_out
    )  # fmt: skip
    return rows_of(DeliveryBooking, connection.execute(query.order_by(table.c.booked_at, table.c.operation, table.c.n)))
