"""Deliveries that nobody finishes: after so many days without a booking no more of them is waited for.

Otherwise each would stay in the list of every station for good. It is finished as a person would finish it, so what comes of it later
is booked all the same, and whoever announces it again has it open again. How many days is data of the house
(`dockside amount delivery_days`); what nothing came of yet is waited for a year: goods are at sea for months. The one thing a newcomer
would get wrong: how long ago something was said is how long ago the hub heard it, by the hub's clock. Stations' clocks are wrong at times.
"""

from collections.abc import Iterator

import sqlalchemy as sa

from core.kernel.flow import Stamp
from core.kernel.ids import CommandId, DeliveryId, SiteId, derive
from core.kernel.operations import Operation
from core.kernel.tables import sql_of
from core.receiving.commands import FinishDelivery
from core.receiving.model import Delivery, DeliveryBooking, DeliveryLine
from core.rights.model import OperationReceipt
from core.rules.amounts import amounts
from core.rules.model import Measure

_DAY_MS = 86_400_000
NOTHING_CAME_DAYS = 365
"""How long a delivery is waited for of which nothing came."""
_AT_ONCE = 100


def closing_commands(
    connection: sa.Connection, site: SiteId, stamp: Stamp, *, alone: bool = False
) -> Iterator[FinishDelivery]:
    """Yield what finishes deliveries that were announced, and booked last, so long ago; some of them at a time.

    Of what is not known to be heard long ago nothing is finished: that is left to a person.

    Args:
        connection: a reader.
        site: which site.
        stamp: of the commands, whose time says what is long ago; their ids follow from its.
        alone: whether this is a PC without a hub: then all is by its own clock.
    """
    days = amounts(connection, site, Measure.DELIVERY_DAYS).of()
    if not days:
        return
    now = stamp["at"]
    since, long_since = (now - each * _DAY_MS for each in (days, max(days, NOTHING_CAME_DAYS)))
    table, lines, bookings = sql_of(Delivery), sql_of(DeliveryLine), sql_of(DeliveryBooking)
    of_it = (
        lines.c.site == table.c.site, lines.c.delivery == table.c.id,
        bookings.c.site == lines.c.site, bookings.c.line == lines.c.id,
    )  # fmt: skip
    # Each is asked of the few open deliveries, by keys: as a join over the log a database may well read all of it.
    announced = _heard_at(site, table.c.announcement, alone=alone)
    booked = sa.func.max(sa.func.coalesce(_heard_at(site, bookings.c.operation, alone=alone), now))
    came = sa.func.sum(bookings.c.quantity - bookings.c.taken_out)
    last_booked, units = (
        sa.select(sa.func.coalesce(each, 0)).where(*of_it).scalar_subquery() for each in (booked, came)
    )
    query = (
        sa.select(table.c.id)
        .where(
            table.c.site == site, table.c.finished_at == 0, announced < since, last_booked < since,
            sa.or_(units > 0, announced < long_since),
        )
        .order_by(table.c.announced_at, table.c.id)
        .limit(_AT_ONCE)
    )  # fmt: skip
    for n, each in enumerate(connection.execute(query).scalars()):
        base: Stamp = {**stamp, "id": CommandId(derive(stamp["id"], "closed", n))}
        yield FinishDelivery(**base, delivery=DeliveryId(bytes(each)))


def _heard_at(site: SiteId, operation: sa.ColumnElement[CommandId], *, alone: bool) -> sa.ScalarSelect[int]:
    """Return when an operation came, by the clock of whoever asks; NULL where that is not known."""
    log, receipts = sql_of(Operation), sql_of(OperationReceipt)
    if alone:
        return sa.select(log.c.device_ms).where(log.c.site == site, log.c.id == operation).scalar_subquery()
    its = (receipts.c[name] == log.c[name] for name in ("site", "station", "incarnation", "seq"))
    return sa.select(receipts.c.at).where(log.c.site == site, log.c.id == operation, *its).scalar_subquery()
