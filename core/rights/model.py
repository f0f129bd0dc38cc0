"""Tables of rights: the stations of a site, what they hold, their programs' starts, and what the hub has taken of each."""

from enum import StrEnum

from core.kernel.ids import NO_ID, CommandId, FulfilmentId, OrderId, ParcelId, PersonId, SiteId, StationId, ZoneId
from core.kernel.operations import OperationOutcome
from core.kernel.tables import Partial, Row, TableClass, table


class StationKind(StrEnum):
    """What a station is there for: its rights go by it."""

    CART = "cart"
    """Picks: leases pick work."""
    BENCH = "bench"
    """Packs: leases loose pack work and label numbers, packs what totes bring."""
    DOCK = "dock"
    """Loads: the second gate."""
    DESK = "desk"
    """Looks and decides: imports, plans, releases."""


LOADING = (StationKind.DOCK, StationKind.DESK)
"""Stations that load: they have carriers; a desk where it is all there is."""


PICKING = (StationKind.CART, StationKind.DESK)
"""Stations that pick; a desk where there is no cart."""


class StationStatus(StrEnum):
    """Whether a station takes part."""

    ACTIVE = "active"
    FROZEN = "frozen"
    """Two files speak under its name, or its file was rolled back: nothing of it counts until that is settled."""
    LOST = "lost"
    """A person said that it will not come back: what it held is answered on the floor."""
    REVOKED = "revoked"


@table(TableClass.FEED, key=("site", "id"), unique={"name": ("site", "name")})
class SiteStation(Row):
    """A station of a site, as everybody there knows it."""

    site: SiteId
    id: StationId
    name: str
    kind: StationKind
    status: StationStatus
    incarnation: int
    """Of its file: a file that was rolled back or copied goes on under the next."""
    added_at: int
    version: int
    listed: int = 0
    """The newest epoch of the hub in which it listed what it holds; before that nothing it was granted earlier counts."""
    broke: int = 0
    """The fence at which it was last given up or revoked, or its file went on anew: what was granted before is below it. 0 for never."""


@table(TableClass.FEED, key=("site", "station", "zone"))
class StationZone(Row):
    """A zone that a station works; one without any works all of them."""

    site: SiteId
    station: StationId
    zone: ZoneId


class EpochState(StrEnum):
    """How far a hub has come after it was set back."""

    RECOVERING = "recovering"
    """It knows less than its stations: it grants nothing until it has heard all of them."""
    OVER = "over"


@table(TableClass.FEED, key=("site", "number"))
class Epoch(Row):
    """A life of the hub's memory: a new one begins whenever it was set back to what it knew earlier. The first has no row."""

    site: SiteId
    number: int
    seq: int
    """The last row of the feed that was there when it began: whoever took more knows what the hub has forgotten."""
    hash: bytes
    """Of that row."""
    state: EpochState
    fence: int
    """Its own: what was granted before is below it, what broke since is not."""
    began_at: int
    ended_at: int
    """When every station had been heard; 0 before that."""
    floor: int = 0
    """1 once every open order was put on the floor list, because a station was lost or set back as well."""


class Stage(StrEnum):
    """What of a fulfilment's way a right is for."""

    PLAN = "plan"
    """Promising and releasing the site's stock: the authority's alone."""
    PICK = "pick"
    """A walk: everything of one batch."""
    PACK = "pack"
    """Goods that no tote binds to their order."""
    LOAD = "load"
    """A carrier's parcels: one dock loads them at a time."""


PLANNING = (Stage.PLAN, NO_ID)
"""The right that no station ever has: several planners would promise the same units."""


class LeaseState(StrEnum):
    """Where a lease stands; only *held* is a right."""

    HELD = "held"
    RELEASED = "released"
    """Given back before anything was done."""
    FROZEN = "frozen"
    """Its holder is lost or was rolled back: the floor is looked at before anybody gets it."""
    CLOSED = "closed"
    """Answered on the floor after its holder was lost."""


@table(
    TableClass.FEED,
    key=("site", "stage", "work"),
    indexes={"work_lease_station": ("site", "station", "state")},
)
class WorkLease(Row):
    """Work that one station may do, with or without the hub, until it gives it back or has done it."""

    site: SiteId
    stage: Stage
    work: bytes
    """The batch, the fulfilment, or the carrier."""
    station: StationId
    incarnation: int
    """Of the station's file: a file that was rolled back holds nothing of what it held."""
    epoch: int
    fence: int
    """With the epoch in front it only grows, over all leases of a site: the higher one counts."""
    state: LeaseState
    recalled_at: int
    """When the office asked for it back; 0 while nobody did. Work that was begun is not given back."""
    granted_at: int
    """By the clock of the hub that did, for people: what was first its fence tells."""
    listed: int = 0
    """The newest epoch in which its holder said that it has it."""


class FloorAnswer(StrEnum):
    """What was found of an order on the floor."""

    OPEN = "open"
    """Nobody has looked yet."""
    HERE = "here"
    GONE = "gone"
    """It has left, by its own label or a witness."""
    NOT_FOUND = "not_found"
    """It is not there, and no dock can have it: it may be picked again."""
    PRESUMED_GONE = "presumed_gone"
    """It is not there, and a dock that lost its memory may have loaded it: the carrier is asked, nothing is picked again."""


@table(
    TableClass.FEED,
    key=("site", "id"),
    unique={"fulfilment": ("site", "fulfilment", "id")},
    indexes={"floor_line_answer": ("site", "answer")},
    touch="order",
)
class FloorLine(Row):
    """What somebody has to look for on the floor, since whoever had it cannot say any more what became of it."""

    site: SiteId
    id: bytes
    station: StationId
    """Who held it; NO_ID where all open orders are looked for."""
    stage: Stage
    work: bytes
    """The lease under which it was held."""
    fence: int
    order: OrderId
    """NO_ID where the carrier itself is looked for."""
    fulfilment: FulfilmentId
    parcel: ParcelId
    """NO_ID where an order's goods are looked for, wherever they are."""
    told: str
    """Canonical JSON of what was known last: walk, units, totes; carrier and label."""
    mark: int
    """How far the feed went when the loss was known: a dock that has not heard that far may still load it."""
    epoch: int
    """The recovery that waits for the answer; 0 for none."""
    answer: FloorAnswer
    answered_by: PersonId
    answered_at: int
    answered: int = 0
    """The fence that came next when it was answered: whatever broke before is below it."""


@table(TableClass.LOCAL, key=("site", "station"))
class StationHeard(Row):
    """What the hub last heard of a station: how much of its log is here, and what it knew when it spoke."""

    site: SiteId
    station: StationId
    incarnation: int
    epoch: int
    cursor: int
    """How far it had taken the feed."""
    length: int
    """The number of the last operation in its log."""
    applied: int
    """How many of them the hub has: all of them, where this is its length."""
    aside: int
    """Rows of the feed that it knows of and that the hub has not got again since it was set back."""
    at: int
    ahead_ms: int = 0
    """How far its clock was ahead of the hub's, with what the way took; nothing is ordered or refused by it."""


@table(TableClass.LOCAL, key=("site",))
class HubPresence(Row):
    """How long the hub has been there without a break that it knows of, by its own clock; no station has one."""

    site: SiteId
    at: int
    """When it looked last."""
    since: int
    """When it was there again after it had been away: what it knows may be older than that. 0 where every station was heard
    since, an epoch began, or somebody vouched for its machine."""
    seq: int
    """How far the feed went then: what it wrote since, a station that knows more has not."""


@table(TableClass.LOCAL, key=("site",))
class HubContact(Row):
    """When this station last had an answer of its hub, by the hub's clock."""

    site: SiteId
    start: bytes
    """Of the program that had it."""
    at: int


@table(TableClass.LOCAL, key=("site", "began_at"))
class HubOutage(Row):
    """A time in which this station worked without its hub, by the hub's clock."""

    site: SiteId
    began_at: int
    ended_at: int


@table(TableClass.LOCAL, key=("site", "station", "number"), unique={"start": ("site", "station", "start")})
class StationStart(Row):
    """A start of a station's program: at the station its own, at the hub those it heard of, in that order."""

    site: SiteId
    station: StationId
    number: int
    start: bytes
    at: int
    incarnation: int = 0
    """Of the file when it was heard of."""
    minted: int = 0
    """1 where that incarnation was made for this very start: a file asks once, and only a second file asks again."""


@table(
    TableClass.LOCAL,
    key=("site", "station", "incarnation", "seq"),
    indexes={"operation_receipt_parked": Partial(("site", "outcome"), where="outcome = 'parked'")},
)
class OperationReceipt(Row):
    """That the hub has an operation, and what became of it: kept for ever, a station may ask again after weeks."""

    site: SiteId
    station: StationId
    incarnation: int
    seq: int
    operation: CommandId
    hash: bytes
    outcome: OperationOutcome
    reason: str
    parked: str
    """The operation itself where this program does not know it yet, or the log has another of its id; empty otherwise."""
    at: int
    """When it came, by the hub's clock."""
