"""Tables of rights: the stations of a site, the starts of their programs, and what the hub has taken of each."""

from enum import StrEnum

from core.kernel.ids import CommandId, SiteId, StationId
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


@table(TableClass.LOCAL, key=("site", "station", "number"), unique={"start": ("site", "station", "start")})
class StationStart(Row):
    """A start of a station's program: at the station its own, at the hub those it heard of, in that order."""

    site: SiteId
    station: StationId
    number: int
    start: bytes
    at: int


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
    """The operation itself where this program does not know it yet; empty otherwise."""
    at: int
    """When it came, by the hub's clock."""
