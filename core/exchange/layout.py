"""Laying out a warehouse for a shop that publishes none: locations, boxes, totes, carts and opening stock for its items.

A plan, the same for the same items: fast sellers nearest, a place an item, a few units more than the orders ask for.
It is for trying the program out, for the tests and for the sample; a real warehouse imports its own layout.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.catalog.commands import NewBoxType, NewContainer, NewLocation
from core.catalog.model import ContainerKind, LocationRole

BAYS = 20
LEVELS = 4
SPARE_UNITS = 5
"""Units beyond what the orders ask for: one breaks, one is not found."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An item with the units that its shop's orders ask for."""

    owner: str
    sku: str
    units: int
    orders: int


@dataclass(frozen=True, slots=True)
class Placed:
    """Opening stock of an item at a location."""

    owner: str
    sku: str
    location: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A warehouse to be imported."""

    locations: tuple[NewLocation, ...]
    stock: tuple[Placed, ...]


def lay_out(wanted: Sequence[Wanted], bays: int = BAYS) -> Layout:
    """Return locations and stock for items, given in any order, in aisles of so many bays."""
    ranked = sorted(wanted, key=lambda each: (-each.orders, -each.units, each.owner, each.sku))
    codes = _pick_codes(len(ranked), bays)
    places: list[NewLocation] = [*fixed_places()]
    stock: list[Placed] = []
    for each in ranked:
        code, sequence = next(codes)
        places.append(NewLocation(code, code.split("-")[0], LocationRole.PICK, sequence))
        stock.append(Placed(each.owner, each.sku, code, each.units + SPARE_UNITS))
    return Layout(tuple(places), tuple(stock))


def _pick_codes(count: int, bays: int) -> Iterator[tuple[str, int]]:
    """Yield location codes in walk order: aisle, bay, level."""
    sequence = 100
    aisles = count // (bays * LEVELS) + 1
    for aisle in range(aisles):
        name = _letters(aisle)
        for bay in range(1, bays + 1):
            for level in range(1, LEVELS + 1):
                sequence += 1
                yield f"{name}-{bay:02d}-{level:02d}", sequence


def _letters(number: int) -> str:
    """Return A, B, … Z, AA, AB for 0, 1, … 25, 26, 27."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def fixed_places() -> tuple[NewLocation, ...]:
    """Return the places every warehouse has beside its shelves."""
    return (
        NewLocation("IN-01", "IN", LocationRole.RECEIVE, 1),
        NewLocation("BENCH-1", "BENCH", LocationRole.PACK, 2),
        NewLocation("BENCH-2", "BENCH", LocationRole.PACK, 3),
        NewLocation("STAGE-1", "STAGE", LocationRole.STAGE, 4),
        NewLocation("DOCK-1", "DOCK", LocationRole.SHIP, 5),
        NewLocation("DOCK-2", "DOCK", LocationRole.SHIP, 6),
        NewLocation("Q-01", "QUARANTINE", LocationRole.QUARANTINE, 7),
        NewLocation("H-01", "HOSPITAL", LocationRole.HOSPITAL, 8),
    )


def boxes() -> tuple[NewBoxType, ...]:
    """Return cartons of common sizes; inner measures."""
    return (
        NewBoxType("C1", "Carton C1", 200, 150, 100, 90, 10_000),
        NewBoxType("C2", "Carton C2", 300, 200, 150, 160, 15_000),
        NewBoxType("C3", "Carton C3", 400, 300, 250, 310, 20_000),
        NewBoxType("C4", "Carton C4", 600, 400, 400, 620, 30_000),
        NewBoxType("C5", "Carton C5", 1200, 600, 600, 1900, 60_000),
        NewBoxType("P1", "Pallet box", 1200, 800, 1200, 9000, 400_000),
    )


def containers(totes: int, carts: int, slots: int = 6) -> tuple[NewContainer, ...]:
    """Return totes and carts."""
    return (
        *(NewContainer(f"TOTE-{n:04d}", ContainerKind.TOTE) for n in range(1, totes + 1)),
        *(NewContainer(f"CART-{n:02d}", ContainerKind.CART, slots, 120_000, 360_000) for n in range(1, carts + 1)),
    )
