"""Tables of picking: the fills of totes, where those stand, and every pick that was made.

A fill is one filling of a tote: the tote is an asset that comes back, the fill never does.
"""

from enum import StrEnum

from core.kernel.ids import (
    BatchId,
    CommandId,
    ContainerId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    ItemId,
    LocationId,
    LotId,
    LpnId,
    OrderId,
    OwnerId,
    PersonId,
    ReservationId,
    SiteId,
    TaskId,
    derive,
)
from core.kernel.tables import Row, TableClass, table


class FillState(StrEnum):
    """What became of a fill."""

    OPEN = "open"
    """On a cart, being filled."""
    FULL = "full"
    """Closed on the cart because it would take no more; another one goes on."""
    PICKED = "picked"
    """Its batch is done: a bench may pack from it."""
    EMPTIED = "emptied"
    """Packed or put back: the tote is free again."""


IN_USE = [each.value for each in FillState if each is not FillState.EMPTIED]
"""States of a fill that keep its tote."""


SINGLES_TOTES = 8
"""Totes of one walk of singles that are looked into for a unit that nobody heard of yet."""


def singles_fill(batch: BatchId, n: int) -> FillId:
    """Return the id of the n-th tote filling of a walk of singles."""
    return FillId(derive(batch, "singles", n))


@table(
    TableClass.FEED,
    key=("site", "id"),
    indexes={
        "fill_container": ("site", "container", "state"),
        "fill_batch": ("site", "batch"),
        "fill_fulfilment": ("site", "fulfilment"),
        "fill_state": ("site", "state", "fulfilment"),
    },
)
class Fill(Row):
    """One filling of a tote; goods in it have this id as their LPN."""

    site: SiteId
    id: FillId
    container: ContainerId
    batch: BatchId
    slot: int
    fulfilment: FulfilmentId
    """Whose goods they are; NO_ID in a bulk batch."""
    location: LocationId
    """Where the goods are booked: the cart's location."""
    state: FillState
    opened_at: int
    epoch: int
    fence: int
    """Of the lease its walk was worked under, with the epoch in front; 0 where a station is alone."""
    changes: int
    """How often units went in or out under that lease: the newest word about what is in it has the highest number."""


@table(
    TableClass.FEED,
    key=("site", "id"),
    unique={"fill": ("site", "fill", "id")},
    indexes={
        "pick_batch": ("site", "batch"),
        "pick_fulfilment": ("site", "fulfilment"),
        "pick_line": ("site", "line"),
    },
    touch="order",
)
class Pick(Row):
    """Units taken for one line in one go: what undo puts back (and then takes this row away) and a tote is checked against."""

    site: SiteId
    id: bytes
    batch: BatchId
    task: TaskId
    reservation: ReservationId
    fulfilment: FulfilmentId
    line: FulfilmentLineId
    order: OrderId
    fill: FillId
    owner: OwnerId
    item: ItemId
    lot: LotId
    serial: str
    lpn: LpnId
    """The package it was taken out of."""
    location: LocationId
    """Where it was taken from."""
    first: int
    """First unit ordinal of the line."""
    quantity: int
    at: int
    opened_fill: int
    """1 when this pick opened its fill: undoing it takes the fill away again."""


@table(TableClass.FEED, key=("site", "container"), touch="order")
class TotePlace(Row):
    """Where a tote was put down last; its goods stay booked to the cart that it was filled on."""

    site: SiteId
    container: ContainerId
    fill: FillId
    """What was in it then; NO_ID where nothing was. With another filling it stands where that one's cart is."""
    order: OrderId
    """Whose goods those are; NO_ID for nobody's alone."""
    place: LocationId
    move: CommandId
    moved_at: int
    moved_by: PersonId
