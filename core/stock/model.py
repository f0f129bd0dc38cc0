"""Tables of stock: the append-only ledger, balances derived from it, reservations, lots, holds, counts asked for.

A stock key is (site, owner, item, lot, serial, LPN, location, condition), no part NULL. Every movement is two entries
that sum to zero: goods come from and go to the world, and what a fact took beyond the books comes from *unexplained*.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.kernel.guards import guard
from core.kernel.ids import (
    NO_ID,
    CommandId,
    CountId,
    HoldId,
    ItemId,
    LocationId,
    LotId,
    LpnId,
    OwnerId,
    PersonId,
    ReservationId,
    SiteId,
    StationId,
)
from core.kernel.tables import Row, TableClass, Unique, table

NO_LOT = LotId(NO_ID)
NO_LPN = LpnId(NO_ID)
NO_SERIAL = ""


class Condition(StrEnum):
    """The condition of goods; only good ones are promised."""

    GOOD = "good"
    DAMAGED = "damaged"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockKey:
    """Which goods, where, in what condition."""

    owner: OwnerId
    item: ItemId
    location: LocationId
    lot: LotId = NO_LOT
    serial: str = NO_SERIAL
    lpn: LpnId = NO_LPN
    """The pallet, carton, fill or parcel they are in."""
    condition: Condition = Condition.GOOD


class Cause(StrEnum):
    """Why goods moved, as the ledger says it."""

    RECEIVE = "receive"
    UNRECEIVE = "unreceive"
    """Never came, and was booked all the same."""
    SEND_BACK = "send_back"
    """Goes back to the supplier."""
    OPENING = "opening"
    """What lay there when the books began; told once for each stock key."""
    MOVE = "move"
    ADJUST = "adjust"
    COUNT = "count"
    PICK = "pick"
    UNPICK = "unpick"
    DAMAGE = "damage"
    SHORT = "short"
    PACK = "pack"
    UNPACK = "unpack"
    LOAD = "load"
    UNLOAD = "unload"


@table(TableClass.LEDGER, key=("site", "operation", "n"))
class StockEntry(Row):
    """One side of a movement: entry 2k takes, 2k+1 gives, and the two sum to zero."""

    site: SiteId
    operation: CommandId
    n: int
    at: int
    cause: Cause
    owner: OwnerId
    item: ItemId
    lot: LotId
    serial: str
    lpn: LpnId
    location: LocationId
    condition: Condition
    quantity: int
    second_quantity: int = 0
    """Grams that catch-weight units weighed, with the sign of the quantity; 0 for all other goods."""


@table(
    TableClass.DERIVED,
    key=("site", "item", "location", "owner", "lot", "serial", "lpn", "condition"),
    indexes={"balance_location": ("site", "location")},
)
class Balance(Row):
    """What the entries of one stock key sum to."""

    site: SiteId
    item: ItemId
    location: LocationId
    owner: OwnerId
    lot: LotId
    serial: str
    lpn: LpnId
    condition: Condition
    settled: int
    """Confirmed entries only; equals `total` at an authority."""
    total: int
    reserved: int
    """What the reservations of this key sum to: derived like the total, so that a claim can be checked by key."""
    signed: int
    """1 at the world and unexplained locations, whose balances may be negative."""
    second_quantity: int = 0
    """What the second quantities of its entries sum to."""


guard("no_negative_stock", "balance", "NEW.signed = 0 AND NEW.settled < 0")


@table(
    TableClass.FEED,
    key=("site", "id"),
    unique={
        "serial": Unique(("site", "item", "serial"), where="serial <> ''"),
        "demand": ("site", "demand", "id"),
    },
    indexes={
        "reservation_work": ("site", "work"),
        "reservation_item": ("site", "item", "location"),
    },
)
class Reservation(Row):
    """Units of a stock key held for a demand: stored once, nowhere counted up."""

    site: SiteId
    id: ReservationId
    demand: bytes
    """What it is held for; opaque here, a fulfilment line for the floor, a walk for what is kept beside its stops."""
    work: bytes
    """The task that will take it; NO_ID for what is kept for a walk at other places than it is sent to."""
    owner: OwnerId
    item: ItemId
    lot: LotId
    serial: str
    lpn: LpnId
    location: LocationId
    condition: Condition
    first: int
    """The first unit ordinal of the demand it is for."""
    quantity: int
    """Units still held; the row goes when it would be 0."""


guard("reservation_positive", "reservation", "NEW.quantity <= 0")


@table(TableClass.FEED, key=("site", "id"), unique={"code": ("site", "item", "code")})
class Lot(Row):
    """A traceability group of one item; two items may use the same lot name."""

    site: SiteId
    id: LotId
    owner: OwnerId
    item: ItemId
    code: str
    expiry: str
    """ISO date in the site's zone, usable through that day; empty when it does not expire."""
    first_at: int
    """When its first unit came: FIFO."""


@table(TableClass.FEED, key=("site", "item", "serial"))
class Serial(Row):
    """One unit that is known by a number of its own, from the first time it came in; two items may use the same number."""

    site: SiteId
    item: ItemId
    serial: str
    lot: LotId
    """The one lot it belongs to; NO_LOT where its item is not known by lots."""
    first_at: int


class HoldScope(StrEnum):
    """What a stock hold covers."""

    LOCATION = "location"
    LOT = "lot"
    ITEM = "item"


@table(TableClass.FEED, key=("site", "id"), indexes={"hold_target": ("site", "target")})
class StockHold(Row):
    """Goods that must not be promised or picked until somebody lets go."""

    site: SiteId
    id: HoldId
    scope: HoldScope
    target: bytes
    reason: str
    placed_at: int
    released_at: int
    """0 while it holds."""


class CountState(StrEnum):
    """How far a count has come."""

    OPEN = "open"
    CLOSED = "closed"


@table(TableClass.FEED, key=("site", "id"), indexes={"count_request_location": ("site", "location", "state")})
class CountRequest(Row):
    """A count asked for because the floor and the books differed; its flow comes with the stock side of the floor."""

    site: SiteId
    id: CountId
    owner: OwnerId
    item: ItemId
    lot: LotId
    lpn: LpnId
    location: LocationId
    reason: str
    opened_at: int
    state: CountState
    counted: int
    """What was counted; meaningful once closed."""


@table(TableClass.FEED, key=("site", "item", "location", "owner", "lot", "serial", "lpn", "condition"))
class StockCount(Row):
    """What the counts of one stock key came to so far: a count that is heard late is told apart from what moved since."""

    site: SiteId
    item: ItemId
    location: LocationId
    owner: OwnerId
    lot: LotId
    serial: str
    lpn: LpnId
    condition: Condition
    counts: int
    """How many there were."""
    corrected: int
    """By how much they changed the books in all: the rest of a balance came and went on the floor."""


@table(
    TableClass.FEED,
    key=("site", "item", "location", "owner", "lot", "serial", "lpn", "condition", "station"),
    unique={"place": ("site", "item", "location", "owner", "lot", "serial", "lpn", "condition", "station")},
)
class LastMove(Row):
    """Where a station said last that units of a stock key were carried: whoever carried the same ones unheard of that finds them there.

    A row for each station: the newest alone would hide one that somebody has not heard of behind one of his own.
    """

    site: SiteId
    item: ItemId
    location: LocationId
    owner: OwnerId
    lot: LotId
    serial: str
    lpn: LpnId
    condition: Condition
    station: StationId
    target: LocationId
    move: CommandId
    moved_at: int
    """By the clock of its station: it decides nothing, but whether a person is told."""
    moved_by: PersonId


@table(TableClass.FEED, key=("site", "owner", "item"))
class ReplenishmentNeed(Row):
    """Units that were promised and lie only in reserve storage: somebody has to bring them down."""

    site: SiteId
    owner: OwnerId
    item: ItemId
    quantity: int
    opened_at: int
