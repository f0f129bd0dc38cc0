"""What to think of a code by itself, before anything is looked up: taken, refused or open, and what it most likely is.

A station never asks this: it looks every reading up and lets the step choose. It is for whoever tries a scanner or a label:
`dockside parse`. The thing a newcomer would get wrong: a text that claims to be of a kind and is not a right one of it is
refused, although the same text could be somebody's SKU. And two likeliest meanings are none: it stays open which it is.
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
    """The likeliest of them, and one of them; none unless accepted."""
    reason: Flaw | None = None
    at: str = ""
    """The identifier or the part that is wrong, where there is one."""


def judge(readings: Sequence[Reading], *, opaque: bool = False) -> Judged:
    """Return what to think of a code by its readings, as `read_code` gives them.

    Args:
        readings: all that the code can mean.
        opaque: its symbol carries text of whatever kind, so that digits in it are not likely an item or a handling unit.
    """
    said = tuple(each for each in readings if not isinstance(each, Rejected | Ambiguous))
    for each in readings:
        if isinstance(each, Ambiguous):
            return Judged(Verdict.AMBIGUOUS, (*said, *each.alternatives), reason=Flaw.LOST_SEPARATOR)
        if isinstance(each, Rejected) and not (each.reason is Flaw.LOST_SEPARATOR and any(map(_is_vouched, said))):
            partial = () if each.partial is None else (each.partial,)
            return Judged(Verdict.REJECTED, (*said, *partial), reason=each.reason, at=each.at)
    ranks = [_rank(each, opaque=opaque) for each in said]
    likeliest = [each for each, rank in zip(said, ranks, strict=True) if rank == min(ranks)]
    if len(set(map(_whose, likeliest))) > 1:
        return Judged(Verdict.AMBIGUOUS, said, reason=Flaw.SEVERAL_MEANINGS)
    return Judged(Verdict.ACCEPTED, said, likeliest[0])


def _is_vouched(reading: Said) -> bool:
    return isinstance(reading, TrackingReading) and reading.vouchers > 0


def _rank(reading: Said, *, opaque: bool) -> tuple[int, int]:
    """Return how far behind the likeliest a reading stands, first by its kind."""
    match reading:
        case CommandReading() | FillCode():
            return 0, 0
        case Gs1Reading():
            # Without companions it only looks like a message: a lot may well be called 10D9T.
            return (6, 0) if reading.lacks else (1, 0)
        case SsccReading():
            return (6, 0) if opaque else (2, 0)
        case GtinReading():
            return (6, 0) if opaque else (3, 0)
        case TrackingReading(number=number, vouchers=0) if number.isdecimal():
            # Its length says nothing: it may be an item's number of which a digit was misread.
            return 6, 0
        case TrackingReading():
            return 4, -reading.vouchers
        case PlainReading():
            return 5, 0


def _whose(reading: Said) -> str:
    """Return what readings of one rank must have in common to be one meaning: two forms of one carrier are."""
    match reading:
        case TrackingReading():
            return reading.carrier
        case GtinReading():
            return reading.gtin14
        case _:
            return ""
