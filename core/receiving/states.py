"""Where somebody who unpacks a delivery stands, and what is asked next."""

from dataclasses import dataclass

from core.kernel.ids import CommandId, DeliveryId, DeliveryLineId
from core.kernel.notes import Note
from core.receiving.commands import Taken
from core.receiving.views import DeliveriesPage, DeliveryView, Goods, LineView


@dataclass(frozen=True, slots=True)
class Last:
    """What was booked last, for undo."""

    line: DeliveryLineId
    booking: CommandId
    taken: tuple[Taken, ...]


@dataclass(frozen=True, slots=True)
class LookAtDeliveries:
    """They are being looked up."""


@dataclass(frozen=True, slots=True)
class ChooseDelivery:
    """Which delivery is it?"""

    page: DeliveriesPage


@dataclass(frozen=True, slots=True)
class LookAtDelivery:
    """One is being looked up."""

    delivery: DeliveryId
    last: Last | None = None


@dataclass(frozen=True, slots=True)
class ScanItem:
    """Scan the next unit, carton or inner of it."""

    view: DeliveryView
    last: Last | None = None


@dataclass(frozen=True, slots=True)
class SayLot:
    """Of which lot?"""

    view: DeliveryView
    line: LineView
    goods: Goods


@dataclass(frozen=True, slots=True)
class LookAtLot:
    """Its lot is being looked up."""

    view: DeliveryView
    line: LineView
    goods: Goods


@dataclass(frozen=True, slots=True)
class SayExpiry:
    """Which date is on it?"""

    view: DeliveryView
    line: LineView
    goods: Goods


@dataclass(frozen=True, slots=True)
class ScanSerial:
    """Which serial number is on it?"""

    view: DeliveryView
    line: LineView
    goods: Goods


@dataclass(frozen=True, slots=True)
class CountUnits:
    """How many are they, and where are they laid? The scan of the place books them."""

    view: DeliveryView
    line: LineView
    goods: Goods
    typed: str = ""
    """Digits that were typed: they replace what was scanned."""
    added: tuple[int, ...] = ()
    """How many more each further scan made of them: the last one can be taken off."""
    question: str = ""
    """A place whose second scan books more than may come; empty when nothing is asked."""

    @property
    def units(self) -> int:
        """Return how many units are in hand."""
        return int(self.typed) if self.typed else len(self.goods.serials) or self.goods.quantity


@dataclass(frozen=True, slots=True)
class ConfirmFinish:
    """Not all of it came: is it finished?"""

    view: DeliveryView


@dataclass(frozen=True, slots=True)
class Saving:
    """A command is being written."""

    delivery: DeliveryId
    note: Note
    facts: tuple[tuple[str, str | int], ...]
    back: CountUnits | ScanItem
    """Where a refusal leads."""
    last: Last | None = None


State = (
    LookAtDeliveries
    | ChooseDelivery
    | LookAtDelivery
    | ScanItem
    | SayLot
    | LookAtLot
    | SayExpiry
    | ScanSerial
    | CountUnits
    | ConfirmFinish
    | Saving
)
