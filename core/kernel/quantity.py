"""Quantities, money and measures as whole numbers: what a float would round, an integer refuses.

A quantity is an integer in the item's base unit (each, g, ml, mm). Money is minor units with a currency; unit prices
and costs are millionths of the major unit, so that 0.0125 GBP is kept exactly.
"""

from dataclasses import dataclass

MILLIONTHS = 1_000_000


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of an ISO 4217 currency."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Span:
    """Unit ordinals first..last of one line, numbered from 1: which of the ordered units these are."""

    first: int
    last: int

    @property
    def quantity(self) -> int:
        """Return how many units the span holds."""
        return self.last - self.first + 1


def spans_of(ordinals: list[int]) -> tuple[Span, ...]:
    """Return the fewest spans that hold exactly these ordinals."""
    spans: list[Span] = []
    for ordinal in sorted(set(ordinals)):
        if spans and spans[-1].last == ordinal - 1:
            spans[-1] = Span(spans[-1].first, ordinal)
        else:
            spans.append(Span(ordinal, ordinal))
    return tuple(spans)
