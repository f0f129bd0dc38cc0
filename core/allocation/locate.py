"""Finding located units for promised demand at release: first expired first out, else first in first out.

A pure plan over shelves (stock keys with free units). Among units of the same age it prefers a shelf that holds the
whole quantity, the one with the least left over, and then the walk's order: fewer stops, emptier bins.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.kernel.ids import FulfilmentId, FulfilmentLineId, ItemId, LocationId, LotId, LpnId, OrderId, OwnerId
from core.stock.model import StockKey

_NEVER = "9999-12-31"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Free units of one stock key at a location one may pick from."""

    key: StockKey
    free: int
    expiry: str
    """ISO date; empty when it does not expire."""
    first_at: int
    sequence: int
    """The location's place on the walk."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Promised units of a line that no location is reserved for yet."""

    line: FulfilmentLineId
    fulfilment: FulfilmentId
    order: OrderId
    owner: OwnerId
    item: ItemId
    first: int
    """The first unit ordinal."""
    quantity: int


@dataclass(frozen=True, slots=True)
class Take:
    """Units of a shelf for a line."""

    demand: Demand
    key: StockKey
    first: int
    quantity: int


@dataclass(frozen=True, slots=True)
class LocatePlan:
    """Which units come from where, and which demands found too little."""

    takes: tuple[Take, ...]
    short: tuple[tuple[Demand, int], ...]
    """Demands with the units that no shelf has."""


class _Open:
    """A shelf with what is left of it while planning."""

    __slots__ = ("left", "shelf")

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.left = shelf.free


def locate(demands: Sequence[Demand], shelves: Iterable[Shelf]) -> LocatePlan:
    """Return where every demand's units come from, in the order the demands are given."""
    by_item: dict[tuple[OwnerId, ItemId], list[_Open]] = defaultdict(list)
    for shelf in sorted(shelves, key=_order):
        if shelf.free > 0:
            by_item[shelf.key.owner, shelf.key.item].append(_Open(shelf))
    takes: list[Take] = []
    short: list[tuple[Demand, int]] = []
    for demand in demands:
        missing = _take(demand, by_item[demand.owner, demand.item], takes)
        if missing:
            short.append((demand, missing))
    return LocatePlan(tuple(takes), tuple(short))


def _age(shelf: Shelf) -> tuple[str, int]:
    return (shelf.expiry or _NEVER, shelf.first_at)


def _order(shelf: Shelf) -> tuple[str, int, int, LocationId, LotId, str, LpnId]:
    key = shelf.key
    return (*_age(shelf), shelf.sequence, key.location, key.lot, key.serial, key.lpn)


def _take(demand: Demand, shelves: list[_Open], takes: list[Take]) -> int:
    """Take a demand's units off the shelves and return how many are missing."""
    missing, first = demand.quantity, demand.first
    while missing and shelves:
        best = _best(shelves, missing)
        got = min(best.left, missing)
        takes.append(Take(demand, best.shelf.key, first, got))
        missing, first, best.left = missing - got, first + got, best.left - got
        if best.left == 0:
            shelves.remove(best)
    return missing


def _best(shelves: list[_Open], quantity: int) -> _Open:
    oldest = _age(shelves[0].shelf)
    whole = [each for each in shelves if _age(each.shelf) == oldest and each.left >= quantity]
    return min(whole, key=lambda each: each.left, default=shelves[0])
