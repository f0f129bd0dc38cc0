"""What somebody who unpacks a delivery is shown: those that are waited for, one with what is open of it, and the units in hand."""

from dataclasses import dataclass

from core.kernel.ids import DeliveryId, DeliveryLineId, ItemId, OwnerId
from core.receiving.commands import most_of


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery in the list of those that are waited for."""

    delivery: DeliveryId
    number: str
    supplier: str
    expected: int
    booked: int


@dataclass(frozen=True, slots=True)
class DeliveriesPage:
    """Some of the deliveries that are waited for, the oldest announcement first."""

    rows: tuple[DeliveryRow, ...]
    first: int
    """How many come before these."""
    total: int


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of a delivery, with all that is booked of it as far as this station knows, its own not yet settled units among it."""

    line: DeliveryLineId
    owner: OwnerId
    item: ItemId
    sku: str
    description: str
    variant: str
    picture: str
    expected: int
    booked: int
    by_lot: int = 0
    """1 where its units are known by a lot."""
    by_date: int = 0
    """1 where they are known by an expiry date."""
    by_serial: int = 0
    """1 where each has a number of its own."""


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A delivery that is being unpacked."""

    delivery: DeliveryId
    number: str
    supplier: str
    finished_at: int
    expected: int
    booked: int
    lines: int
    open_lines: int
    """Lines of which something is still to come."""
    percent: int
    """How much of a line may come over what was announced before somebody has to look."""
    shown: tuple[LineView, ...] = ()
    """Some of its lines, those that are open first."""

    def is_too_much(self, line: LineView, quantity: int) -> bool:
        """Return whether so many units more of a line are beyond what may come."""
        return line.booked + quantity > most_of(line.expected, self.percent)


@dataclass(frozen=True, slots=True)
class Said:
    """What a scanned code says of the units it is on."""

    item: ItemId
    code: str
    lot: str = ""
    expiry: str = ""
    serial: str = ""
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Goods:
    """The units in hand, as far as it is known which they are."""

    quantity: int
    lot: str = ""
    expiry: str = ""
    looked_up: int = 0
    """1 once the lot's date was looked for: one that was here before has its date."""
    serials: tuple[str, ...] = ()
