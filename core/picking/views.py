"""What a picker is shown of a stop: frozen values that the queries fill and the flow's states carry."""

from dataclasses import dataclass

from core.kernel.ids import (
    NO_ID,
    BatchId,
    ContainerId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    LocationId,
    OrderId,
    ReservationId,
    TaskId,
    ZoneId,
)
from core.kernel.reasons import Reason
from core.stock.model import StockKey
from core.waves.model import BatchKind


@dataclass(frozen=True, slots=True)
class SlotView:
    """One place on the cart."""

    slot: int
    order_number: str
    tote: str
    """The tote that stands there; empty before the first put."""
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class TakeView:
    """Units of a stop for one line."""

    reservation: ReservationId
    line: FulfilmentLineId
    fulfilment: FulfilmentId
    order: OrderId
    order_number: str
    whole: int
    slot: int
    first: int
    quantity: int
    fill: FillId
    """The open fill of its slot; NO_ID when there is none yet."""
    container: ContainerId
    tote: str
    changes: int = 0
    """How often units went into that fill or out of it under the walk's lease."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Something beside the stop that looks the same and is not: same description, another variant."""

    sku: str
    variant: str
    picture: str
    location_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """One stop with everything its screen and its codes need."""

    batch: BatchId
    batch_number: int
    wave_number: int
    carrier: str
    cut_off_at: int
    kind: BatchKind
    place: LocationId
    cart_code: str
    task: TaskId
    key: StockKey
    location_code: str
    zone: str
    zone_id: ZoneId
    sku: str
    description: str
    variant: str
    picture: str
    code: str
    """A code of the item that can be scanned."""
    inner: int
    """Units of the packaging that divides the quantity, 0 for none."""
    lot: str
    expiry: str
    lot_control: int
    serial_control: int
    hazard: str
    takes: tuple[TakeView, ...]
    slots: tuple[SlotView, ...]
    lines_done: int
    lines_total: int
    others_open: int
    """Other stops of the batch that are still open."""
    last_sequence: int
    members: tuple[tuple[FulfilmentId, int], ...]
    """Members with the units given up of each."""
    fills: tuple[FillId, ...]
    full_fills: tuple[FillId, ...]
    count_open: int
    """1 when somebody is asked to count this bin already."""
    free_here: int
    """Units of the same key that nobody holds."""
    quarantine: LocationId
    quarantine_code: str
    site_name: str
    held: int = 0
    """1 when somebody put the item, the lot or the place on hold."""
    blocked: str = ""
    """Why nothing may be taken from the place; empty when it may."""
    lpn_code: str = ""
    """The package the units are in, as its label says it; empty for loose ones."""
    neighbour: Neighbour | None = None
    came_from: str = ""
    """The stop before this one; empty at the first."""
    ahead: tuple[str, ...] = ()
    """Locations of the next stops, in the order of the walk."""
    beside: tuple[str, ...] = ()
    """Locations of the same zone next to this one, itself among them, in the order of the walk."""
    epoch: int = 0
    fence: int = 0
    """Of the lease the walk is done under; 0 where a station is alone."""

    @property
    def quantity(self) -> int:
        """Return the units to take."""
        return sum(each.quantity for each in self.takes)


@dataclass(frozen=True, slots=True)
class BatchOffer:
    """A batch somebody may take."""

    batch: BatchId
    number: int
    kind: BatchKind
    wave_number: int
    carrier: str
    cut_off_at: int
    orders: int
    units: int
    stops: int
    left_on: str
    """The cart it was left on; empty for a new one."""
    carts: tuple[str, ...]
    """Codes of carts that are free, for the simulated bench and the player."""
    scanned: ContainerId = ContainerId(NO_ID)
    """The cart with whose scan the work was begun; NO_ID for none."""
    zones: tuple[str, ...] = ()
    """Codes of the zones it goes through, where stations work zones of their own."""


@dataclass(frozen=True, slots=True)
class ToteState:
    """What a tote holds now."""

    fill: FillId
    batch: BatchId
    slot: int
    order_number: str
    """Whose goods are in it; empty when it is free."""


@dataclass(frozen=True, slots=True)
class Picked:
    """The batch that was just finished."""

    batch: BatchId
    number: int
    totes: tuple[str, ...]
    cart_code: str
    destination: str = ""
    """Where the cart goes; empty where no such place is laid out."""
    shared: int = 0
    """1 where the walk was leased: other stations have to hear of it."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """My batch has no stop that anybody wants any more, and was not ended."""

    batch: BatchId
    tasks: tuple[TaskId, ...]
    fills: tuple[FillId, ...]
    members: tuple[tuple[FulfilmentId, int], ...]


@dataclass(frozen=True, slots=True)
class OtherStock:
    """The same item somewhere else, or of another lot or serial."""

    key: StockKey
    free: int
    lot: str
    expiry: str
    location_code: str
    on_hand: int
    held: int
    blocked: str = ""
    pickable: int = 1
    """0 where one does not pick: reserve, a bench, a cart."""
    tote: str = ""
    """The tote the units are in; empty elsewhere."""
    zone_id: ZoneId = ZoneId(NO_ID)
    asks: int = 0
    """Units more that are free by this station's books, where the hub has to be asked: somebody else may have them by now."""


@dataclass(frozen=True, slots=True)
class NextLot:
    """The lot that should go next instead of one that may not be used."""

    lot: str
    expiry: str
    location_code: str


Work = TaskView | BatchOffer | Picked | Leftover | Reason
"""What is there to do; a reason when nothing is."""
