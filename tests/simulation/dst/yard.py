"""What comes in at the door and what is carried about: pallets, boxes that come back, units and totes on their way elsewhere.

All of it exists once: a pallet's units are on it or lie where somebody laid them, a box stands where it was put down last.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.simulation.dst.goods import Box, Hall


@dataclass(frozen=True)
class Carried:
    """Units that somebody took from one place to another."""

    operation: bytes
    sku: str
    units: int
    source: str
    """Where they were, as it was said."""
    target: str


@dataclass(frozen=True)
class Laid:
    """Units of a delivery that somebody booked where they lie."""

    operation: bytes
    number: str
    sku: str
    units: int
    place: str
    again: bool = False
    """Whether they were booked by somebody else, who has not been heard: nothing was laid there."""


@dataclass
class Yard:
    """The door of a hall, and what people have in their hands between its places."""

    hall: Hall
    pallets: dict[str, Counter[str]] = field(default_factory=dict)
    """What of each delivery is still on its pallet."""
    announced: dict[str, Counter[str]] = field(default_factory=dict)
    """What was said of each delivery first."""
    laid: list[Laid] = field(default_factory=list)
    carried: list[Carried] = field(default_factory=list)
    back: list[Box] = field(default_factory=list)
    """Boxes that a van brought back."""
    received: dict[bytes, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    """The operations by which each of them was received by its label, by its parcel."""
    by_slip: dict[bytes, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    """The same, by its order's number."""
    stands: dict[bytes, str] = field(default_factory=dict)
    """Where it was put down last."""
    totes: dict[str, str] = field(default_factory=dict)
    """Where each tote was put down last."""
    notes: dict[bytes, str] = field(default_factory=dict)
    """What people wrote, by the operation that keeps it."""
    photos: list[bytes] = field(default_factory=list)
    """Notes that show something."""
    decided: dict[bytes, str] = field(default_factory=dict)
    """What was decided of a case by whoever saw to it first."""

    def take(self, place: str, sku: str, units: int) -> None:
        """Take units from a place into somebody's hands."""
        self.hall.shelves[place][sku] -= units
        assert self.hall.shelves[place][sku] >= 0, (place, sku)

    def carried_from(self, place: str, sku: str) -> list[Carried]:
        """Return what was carried away from a place, the last of it first."""
        return [each for each in reversed(self.carried) if (each.source, each.sku) == (place, sku)]

    def let_go(self, operation: bytes) -> None:
        """Let a move be none: its station refused it."""
        self.carried = [each for each in self.carried if each.operation != operation]

    def booked(self, number: str, sku: str) -> Iterator[Laid]:
        """Yield what was booked of a line, the last of it first."""
        yield from (each for each in reversed(self.laid) if (each.number, each.sku) == (number, sku))

    def of_order(self, number: str) -> int:
        """Return how many boxes of an order came back."""
        return sum(box.order == number for box in self.back)


__all__ = ["Carried", "Laid", "Yard"]
