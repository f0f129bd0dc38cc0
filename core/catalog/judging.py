"""What to think of a code by itself, before anything is looked up: taken, refused or open, and what it most likely is.

A station never asks this: it looks every reading up and lets the step choose. It is for whoever tries a scanner or a label:
`dockside parse`. The thing a newcomer would get wrong: a text that claims to be of a kind and is not a right one of it is
refused, although the same text could be somebody's SKU.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.catalog.readings import (
    Ambiguous,
    CommandReading,
    FillCode,
    Flaw,
    Gs1Reading,
    GtinReading,
    PlainReading,
    Reading,
    Rejected,
    Said,
    SsccReading,
    TrackingReading,
)


class Verdict(StrEnum):
    """What becomes of a code."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, why it is not *accepted*, and everything that the code may say."""

    verdict: Verdict
    readings: tuple[Said, ...]
    chosen: Said | None = None
    """The likeliest of them; none unless accepted."""
    reason: Flaw | None = None
    at: str = ""
    """The identifier or the part that is wrong, where there is one."""


def judge(readings: Sequence[Reading]) -> Judged:
    """Return what to think of a code by its readings, as `read_code` gives them."""
    said = tuple(each for each in readings if not isinstance(each, Rejected | Ambiguous))
    for each in readings:
        if isinstance(each, Ambiguous):
            return Judged(Verdict.AMBIGUOUS, (*said, *each.alternatives), reason=Flaw.LOST_SEPARATOR)
        if isinstance(each, Rejected) and not (each.reason is Flaw.LOST_SEPARATOR and any(map(_is_vouched, said))):
            partial = () if each.partial is None else (each.partial,)
            return Judged(Verdict.REJECTED, (*said, *partial), reason=each.reason, at=each.at)
    return Judged(Verdict.ACCEPTED, said, min(said, key=_rank))


def _is_vouched(reading: Said) -> bool:
    return isinstance(reading, TrackingReading) and reading.vouched


def _rank(reading: Said) -> int:
    """Return how far behind the likeliest a reading stands; of equals the first counts."""
    match reading:
        case CommandReading() | FillCode():
            return 0
        case Gs1Reading():
            # Without companions it only looks like a message: a lot may well be called 10D9T.
            return 6 if reading.lacks else 1
        case SsccReading():
            return 2
        case GtinReading():
            return 3
        case TrackingReading():
            return 4 if reading.vouched else 6
        case PlainReading():
            return 5
