"""What a full carton should weigh, how far off it may be, and whether the scale could see one missing unit.

Everything in whole numbers: grams, and milligrams where deviations are small (devices.md 3.3).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isqrt

LEARNT = 10
"""Weighings after which a unit's weight counts as learnt: their deviation is then known to a quarter, 1/sqrt(2 * 9)."""
SCALE_STEP_GRAMS = 5
"""The smallest step (e) of a bench scale."""
_K = 3
"""Standard deviations that are still normal."""
_PER_MILLE = 20
"""Two percent of the expected weight: packing material and moisture."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """Units of one item in a carton."""

    quantity: int
    weight_grams: int | None
    sigma_mg: int
    samples: int


@dataclass(frozen=True, slots=True)
class WeightCheck:
    """What the scale should say."""

    expected_grams: int
    tolerance_grams: int
    known: bool
    """Whether every unit's weight is known; else there is nothing to compare with."""
    sees_one_unit: bool
    """Whether the tolerance is small enough to notice the lightest unit missing."""
    learnt: bool
    """Whether every weight was learnt from weighings: only then may a check block."""

    def fits(self, grams: int) -> bool:
        """Return whether a weight is within the tolerance."""
        return abs(grams - self.expected_grams) <= self.tolerance_grams

    @property
    def may_block(self) -> bool:
        """Return whether a weight outside may stop a parcel; else it only informs."""
        return self.known and self.learnt and self.sees_one_unit


def weight_check(
    contents: Iterable[Weighed], tare_grams: int, *, scale_step_grams: int = SCALE_STEP_GRAMS
) -> WeightCheck:
    """Return what a carton should weigh.

    Args:
        contents: what is in it.
        tare_grams: the empty carton.
        scale_step_grams: the scale's smallest step (e).
    """
    inside = list(contents)
    known = bool(inside) and all(each.weight_grams is not None for each in inside)
    net = sum((each.weight_grams or 0) * each.quantity for each in inside)
    expected = tare_grams + net
    variance = sum(each.quantity * each.sigma_mg**2 for each in inside)
    tolerance = max(2 * scale_step_grams, _K * isqrt(variance) // 1000, expected * _PER_MILLE // 1000)
    lightest = min((each.weight_grams or 0 for each in inside), default=0)
    return WeightCheck(
        expected_grams=expected,
        tolerance_grams=tolerance,
        known=known,
        sees_one_unit=known and 2 * tolerance <= lightest,
        learnt=known and all(each.samples >= LEARNT for each in inside),
    )
