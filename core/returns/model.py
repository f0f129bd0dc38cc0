"""What came back: a row for each box that was received, under an id that its label gives."""

from core.catalog.model import LocationRole
from core.kernel.ids import (
    CommandId,
    FulfilmentId,
    LocationId,
    OrderId,
    ParcelId,
    PersonId,
    ReturnId,
    SiteId,
    StationId,
    derive,
    document_id,
)
from core.kernel.tables import Row, TableClass, table

PLACES = (LocationRole.QUARANTINE, LocationRole.RECEIVE)
"""What a place must be for where a box waits until somebody opens it: nothing is promised or picked from there."""
CODE_LONGEST = 64
"""Characters of a code that names nothing here and is kept all the same."""


@table(
    TableClass.FEED, key=("site", "id"), unique={"code": ("site", "code", "id")}, touch="order", name="goods_return"
)  # fmt: skip
class Return(Row):
    """A box that came back.

    Its id follows from what its label says, so that two stations that receive one box write one row: the first one stands.
    """

    site: SiteId
    id: ReturnId
    code: str
    """Our label's number, the order's where its slip was scanned, or whatever the label says that names nothing here."""
    number: int
    """Of several boxes under one code: 1, 2, 3. A parcel of ours is one box."""
    parcel: ParcelId
    """NO_ID where the label names none."""
    order: OrderId
    fulfilment: FulfilmentId
    """The parcel's; NO_ID where only the order is known, or nothing."""
    left: int
    """1 where the books had seen it leave."""
    place: LocationId
    station: StationId
    received_by: PersonId
    received_at: int
    receipt: CommandId
    """The operation that stands, of two that received it."""


def id_of_parcel(parcel: ParcelId) -> ReturnId:
    """Return the id of a parcel's return."""
    return ReturnId(derive(parcel, "return"))


def id_of_order(order: OrderId, number: int) -> ReturnId:
    """Return the id of an order's n-th box."""
    return ReturnId(derive(order, "return", number))


def id_of_code(code: str, number: int) -> ReturnId:
    """Return the id of the n-th box under a code that names nothing here."""
    return ReturnId(derive(document_id(0, "return", code), "return", number))


def is_kept(code: str) -> bool:
    """Return whether a code that names nothing here is one that may be kept: a number, and no text with names in it."""
    return 0 < len(code) <= CODE_LONGEST and code.isascii() and code.isprintable() and " " not in code
