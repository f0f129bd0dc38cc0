"""Tables of released work: waves, the batches picked in one walk, their tasks, who is in them and who holds them.

A task is one stop: units of one stock key that lines of many orders share; its reservations (`work` = the task) say
whose they are.
"""

from enum import StrEnum

from core.kernel.guards import guard
from core.kernel.ids import (
    BatchId,
    CommandId,
    ContainerId,
    FulfilmentId,
    ItemId,
    LocationId,
    LotId,
    LpnId,
    OrderId,
    OwnerId,
    PersonId,
    SiteId,
    StationId,
    TaskId,
    WaveId,
)
from core.kernel.tables import Row, TableClass, Unique, table


@table(TableClass.FEED, key=("site", "id"), unique={"number": ("site", "number")})
class Wave(Row):
    """Work released together for a cut-off."""

    site: SiteId
    id: WaveId
    number: int
    carrier: str
    cut_off_at: int
    released_at: int


class BatchKind(StrEnum):
    """How a batch is picked."""

    CLUSTER = "cluster"
    """Sorted into the orders' totes while picking: one slot an order; an order alone is a cluster of one."""
    BULK = "bulk"
    """Single-unit orders picked together into one tote; whose unit it is is decided at the bench."""


class BatchState(StrEnum):
    """How far a batch has come."""

    READY = "ready"
    RUNNING = "running"
    SUSPENDED = "suspended"
    PICKED = "picked"


@table(
    TableClass.FEED,
    key=("site", "id"),
    unique={"number": ("site", "number"), "cart": Unique(("site", "cart"), where="state = 'running'")},
    indexes={"batch_state": ("site", "state")},
)
class Batch(Row):
    """Orders picked in one walk."""

    site: SiteId
    id: BatchId
    number: int
    wave: WaveId
    kind: BatchKind
    priority: int
    cut_off_at: int
    slots: int
    tasks: int
    tasks_done: int
    units: int
    weight_grams: int
    volume_ml: int
    state: BatchState
    cart: ContainerId
    """NO_ID until somebody starts it."""
    holder: PersonId
    """Who works on it; NO_ID for nobody."""
    version: int


class MemberOutcome(StrEnum):
    """What became of a fulfilment in its batch; membership itself is never rewritten."""

    OPEN = "open"
    PICKED = "picked"
    SHORT = "short"
    CANCELLED = "cancelled"
    DETACHED = "detached"


@table(
    TableClass.FEED,
    key=("site", "batch", "fulfilment"),
    indexes={"batch_member_fulfilment": ("site", "fulfilment")},
    touch="order",
)
class BatchMember(Row):
    """A fulfilment's place in a batch."""

    site: SiteId
    batch: BatchId
    fulfilment: FulfilmentId
    order: OrderId
    slot: int
    """1..n on the cart; 0 in a bulk batch."""
    outcome: MemberOutcome


_MEMBER = ("site", "batch", "fulfilment", "order", "slot")
guard(
    "batch_member_immutable",
    "batch_member",
    " OR ".join(f'NEW."{column}" <> OLD."{column}"' for column in _MEMBER),
    events=("UPDATE",),
)
guard("batch_member_kept", "batch_member", "1=1", events=("DELETE",))


class TaskState(StrEnum):
    """How far a task has come."""

    OPEN = "open"
    DONE = "done"
    """Picked, short or both: nothing is left to do."""
    GONE = "gone"
    """Its units are no longer wanted, or are picked elsewhere."""


@table(TableClass.FEED, key=("site", "id"), indexes={"pick_task_batch": ("site", "batch", "state", "sequence")})
class PickTask(Row):
    """One location, one stock key, so many units, for one or more orders of a batch."""

    site: SiteId
    id: TaskId
    batch: BatchId
    sequence: int
    """Its place on the walk: skipping moves it behind the last."""
    owner: OwnerId
    item: ItemId
    lot: LotId
    serial: str
    lpn: LpnId
    location: LocationId
    quantity: int
    picked: int
    short: int
    """Units not found or damaged."""
    skipped: int
    """How often it was put off."""
    state: TaskState
    version: int


@table(TableClass.FEED, key=("site", "batch", "id"))
class Assignment(Row):
    """Who worked on a batch, one row a turn; only ever added."""

    site: SiteId
    batch: BatchId
    id: CommandId
    """The command that began or ended the turn."""
    person: PersonId
    station: StationId
    at: int
    what: str
    """started, suspended, resumed, finished."""
