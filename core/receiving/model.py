"""Tables of goods in: announced deliveries with their lines, and every booking of a line."""

from enum import StrEnum

from core.kernel.ids import (
    NO_ID,
    CommandId,
    DeliveryId,
    DeliveryLineId,
    ItemId,
    LocationId,
    LotId,
    OwnerId,
    PersonId,
    SiteId,
)
from core.kernel.tables import Row, TableClass, table


@table(
    TableClass.FEED,
    key=("site", "id"),
    unique={"number": ("site", "owner", "number")},
    indexes={"delivery_open": ("site", "finished_at", "announced_at")},
)
class Delivery(Row):
    """Goods that somebody said would come."""

    site: SiteId
    id: DeliveryId
    owner: OwnerId
    number: str
    """As its paper says it: of the order or of the despatch."""
    supplier: str
    """Whose goods they are, as the announcement had it: a copy, not a record of suppliers."""
    announced_at: int
    digest: bytes
    """Hash of all that was announced: an announcement that says something else is told."""
    finished_at: int
    """When somebody said that no more comes; 0 before."""
    finished_by: PersonId
    announcement: CommandId = CommandId(NO_ID)
    """The operation that said last that it comes: how long ago that is, is asked of where it was heard."""


@table(TableClass.FEED, key=("site", "id"), indexes={"delivery_line_delivery": ("site", "delivery")})
class DeliveryLine(Row):
    """One item of a delivery."""

    site: SiteId
    id: DeliveryLineId
    delivery: DeliveryId
    number: int
    """Its place on the announcement, from 1."""
    owner: OwnerId
    item: ItemId
    expected: int
    booked: int
    """What its bookings brought, without what was taken out again."""


class TakeOut(StrEnum):
    """Why units that were booked in are taken out again."""

    UNDONE = "undone"
    """Whoever booked them took that back."""
    TWICE = "twice"
    """They were counted twice and never came."""
    SENT_BACK = "sent_back"
    """They came and went back to the supplier."""


@table(TableClass.FEED, key=("site", "operation", "n"), unique={"line": ("site", "line", "operation", "n")})
class DeliveryBooking(Row):
    """Units of a line that somebody booked in, where they were laid."""

    site: SiteId
    operation: CommandId
    n: int
    line: DeliveryLineId
    booked_at: int
    booked_by: PersonId
    owner: OwnerId
    item: ItemId
    lot: LotId
    serial: str
    location: LocationId
    quantity: int
    taken_out: int
    """How many of them were taken out again."""
