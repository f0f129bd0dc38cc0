"""What the scale taught: the weight of one unit, out of cartons that held one item only (devices.md 3.3).

A weighing that does not agree with the others is left out: a unit was missing, or something lay on the scale. Where too
many disagree nothing is learnt. Everything in whole numbers, so that the same weighings teach the same everywhere.

The newcomer's mistake: measuring the deviation from the mean. A carton is compared with the stored weight, in whole
grams; measured from that, what rounding takes away is part of the deviation, and the tolerance allows for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isqrt

from core.packing.weight import LEARNT, SCALE_STEP_GRAMS

_OUTLIER = 3_500
_NORMAL = 6_745
"""Beyond a modified z-score of 3.5, 0.6745 times the distance from the median over the median distance, a weighing is an
outlier (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993); both in thousandths and ten-thousandths."""
_AGREE = 4
"""Of so many weighings at most one may be left out; more, and they tell of different things."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """A closed carton of one item: how many units, and what they weighed without the carton."""

    quantity: int
    net_grams: int


@dataclass(frozen=True, slots=True)
class Learnt:
    """What weighings say of one unit."""

    weight_grams: int
    sigma_mg: int
    """Standard deviation of one unit from that weight."""
    samples: int
    left_out: int
    """Weighings that did not agree."""


def learn(weighings: Iterable[Weighing]) -> Learnt | None:
    """Return what a unit weighs; None where the weighings are too few or do not agree.

    A carton's units deviate independently, so a carton of n units deviates by the square root of n times one unit's
    deviation: each weighing's squared distance counts by its units.
    """
    usable = [each for each in weighings if each.quantity > 0 and each.net_grams > 0]
    if len(usable) < LEARNT:
        return None
    good = _agreeing(usable)
    left_out = len(usable) - len(good)
    if len(good) < LEARNT or left_out * _AGREE > len(usable):
        return None
    units, net = sum(each.quantity for each in good), sum(each.net_grams for each in good)
    weight = (2 * net + units) // (2 * units)
    if weight == 0:
        return None
    squares = sum((each.net_grams - each.quantity * weight) ** 2 * 1_000_000 // each.quantity for each in good)
    return Learnt(weight, isqrt(squares // (len(good) - 1)), len(good), left_out)


def _agreeing(weighings: Sequence[Weighing]) -> list[Weighing]:
    """Return the weighings whose units weigh about what those of the others do; the scale's own steps are no reason."""
    per_unit = [each.net_grams * 1000 // each.quantity for each in weighings]
    middle = _median(per_unit)
    far = [abs(each - middle) for each in per_unit]
    usual = _median(far)
    return [
        each
        for each, off in zip(weighings, far, strict=True)
        if off * _NORMAL <= 10 * _OUTLIER * usual or off * each.quantity <= 2 * SCALE_STEP_GRAMS * 1000
    ]


def _median(numbers: Sequence[int]) -> int:
    """Return the middle of some numbers; of an even count between the two."""
    ordered = sorted(numbers)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) // 2
