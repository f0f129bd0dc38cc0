"""Deliveries that nobody finishes: after so many days without a booking no more of them is waited for.

Otherwise each would stay in the list of every station for good. It is finished as a person would finish it, so what comes of it later
is booked all the same. How many days is data of the house (`dockside amount delivery_days`).
"""

from collections.abc import Iterator

import sqlalchemy as sa

from core.kernel.flow import Stamp
from core.kernel.ids import CommandId, DeliveryId, SiteId, derive
from core.kernel.tables import sql_of
from core.receiving.commands import FinishDelivery
from core.receiving.model import Delivery, DeliveryBooking, DeliveryLine
from core.rules.amounts import amounts
from core.rules.model import Measure

_DAY_MS = 86_400_000
_AT_ONCE = 100


def closing_commands(connection: sa.Connection, site: SiteId, stamp: Stamp) -> Iterator[FinishDelivery]:
    """Yield what finishes deliveries that were announced, and booked last, so long ago; some of them at a time.

    Args:
        connection: a reader.
        site: which site.
        stamp: of the commands, whose time says what is long ago; their ids follow from its.
    """
    days = amounts(connection, site, Measure.DELIVERY_DAYS).of()
    if not days:
        return
    since = stamp["at"] - days * _DAY_MS
    table, lines, bookings = sql_of(Delivery), sql_of(DeliveryLine), sql_of(DeliveryBooking)
    of_line = (bookings.c.site == lines.c.site, bookings.c.line == lines.c.id)
    booked_since = (
        sa.exists()
        .where(lines.c.site == site, lines.c.delivery == table.c.id)
        .where(*of_line, bookings.c.booked_at >= since)
    )
    query = (
        sa.select(table.c.id)
        .where(table.c.site == site, table.c.finished_at == 0, table.c.announced_at < since, ~booked_since)
        .order_by(table.c.announced_at, table.c.id)
        .limit(_AT_ONCE)
    )
    for n, each in enumerate(connection.execute(query).scalars()):
        base: Stamp = {**stamp, "id": CommandId(derive(stamp["id"], "closed", n))}
        yield FinishDelivery(**base, delivery=DeliveryId(bytes(each)))
