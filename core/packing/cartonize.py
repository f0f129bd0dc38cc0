"""Which carton to propose: the smallest whose volume and longest edge take everything.

A proposal, never an order: another carton is one scan. Items without measures count nothing, and the proposal says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.catalog.model import BoxType
from core.kernel.reasons import Reason

_USABLE_PER_MILLE = 850
"""Of a carton's volume: goods of many shapes never fill it."""


@dataclass(frozen=True, slots=True)
class Goods:
    """Units of one item to be packed."""

    quantity: int
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    weight_grams: int | None

    @property
    def measured(self) -> bool:
        """Return whether all three edges are known."""
        return bool(self.length_mm and self.width_mm and self.height_mm)

    @property
    def volume_mm3(self) -> int:
        """Return the volume of all units; 0 when a measure is missing."""
        return (self.length_mm or 0) * (self.width_mm or 0) * (self.height_mm or 0) * self.quantity

    @property
    def edges(self) -> tuple[int, ...]:
        """Return one unit's edges, the longest first."""
        return tuple(sorted((self.length_mm or 0, self.width_mm or 0, self.height_mm or 0), reverse=True))


def why_not_in(goods: Sequence[Goods], box: BoxType, carrier: str) -> Reason | None:
    """Return why a box does not do: wrong for the carrier, or too small by volume, edges or weight; None when it does."""
    if box.carrier not in ("", carrier):
        return Reason.CARTON_WRONG_FOR_CARRIER
    inner = sorted((box.length_mm, box.width_mm, box.height_mm), reverse=True)
    volume = box.length_mm * box.width_mm * box.height_mm * _USABLE_PER_MILLE // 1000
    weight = sum((each.weight_grams or 0) * each.quantity for each in goods)
    # One unit alone may fill its box to the edge; the allowance is for several.
    alone = len(goods) == 1 and goods[0].quantity == 1
    roomy = alone or sum(each.volume_mm3 for each in goods) <= volume
    edges = all(edge <= room for each in goods for edge, room in zip(each.edges, inner, strict=True))
    heavy = box.max_weight_grams != 0 and weight > box.max_weight_grams
    return None if roomy and edges and not heavy else Reason.CARTON_TOO_SMALL


def propose(goods: Iterable[Goods], boxes: Sequence[BoxType], carrier: str = "") -> BoxType | None:
    """Return the first fitting box, smallest volume first; None when none is large enough."""
    inside = list(goods)
    by_volume = sorted(boxes, key=lambda box: (box.length_mm * box.width_mm * box.height_mm, box.code))
    return next((box for box in by_volume if box.active and why_not_in(inside, box, carrier) is None), None)
