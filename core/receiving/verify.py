"""Whether deliveries add up: what is booked of a line against its bookings."""

from collections.abc import Iterator

import sqlalchemy as sa

from core.kernel.tables import rows_of, sql_of
from core.kernel.verify import Difference
from core.receiving.model import Delivery, DeliveryBooking, DeliveryLine


def verify_deliveries(connection: sa.Connection) -> Iterator[Difference]:
    """Yield every line that does not have what its bookings brought, without what was taken out of them again.

    A line that a late booking brought back to a station which had let its delivery go has not all of its bookings there.
    """
    head, line, booking = sql_of(Delivery), sql_of(DeliveryLine), sql_of(DeliveryBooking)
    left = sa.func.sum(booking.c.quantity - booking.c.taken_out)
    query = sa.select(booking.c.site, booking.c.line, left).group_by(booking.c.site, booking.c.line)
    sums = {(int(site), bytes(of)): int(units) for site, of, units in connection.execute(query)}
    here = sa.exists().where(head.c.site == line.c.site, head.c.id == line.c.delivery)
    for row in rows_of(DeliveryLine, connection.execute(sa.select(line).where(here))):
        want = sums.get((row.site, row.id), 0)
        if row.booked != want:
            yield Difference("delivery_line", row.id.hex(), f"booked {want}", f"booked {row.booked}")
