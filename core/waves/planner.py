"""Which orders are picked in one walk: `plan_batches`, the seat of every planner.

This one is plain: urgent before normal and never mixed, orders of one unit together in bulk, the others clustered by
zone until the cart is full. The optimising planner replaces this one function.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.kernel.ids import FulfilmentId, LocationId, OrderId
from core.waves.model import BatchKind


@dataclass(frozen=True, slots=True)
class Candidate:
    """A fulfilment whose units are located and could be picked now."""

    fulfilment: FulfilmentId
    order: OrderId
    priority: int
    cut_off_at: int
    ordered_at: int
    lines: int
    units: int
    weight_grams: int
    volume_ml: int
    first_stop: tuple[int, LocationId]
    """Where its walk begins: sequence and location; neighbours go together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CartSpec:
    """What one walk can carry."""

    slots: int = 6
    max_weight_grams: int = 120_000
    volume_ml: int = 360_000
    bulk_orders: int = 30


@dataclass(frozen=True, slots=True)
class PlannedBatch:
    """Fulfilments of one walk, in slot order."""

    kind: BatchKind
    members: tuple[Candidate, ...]


_NO_CUT_OFF = 2**62


def plan_batches(candidates: Sequence[Candidate], cart: CartSpec) -> tuple[PlannedBatch, ...]:
    """Return the batches to pick, the most urgent first.

    Every candidate is in exactly one batch; an order too heavy or too large for the cart walks alone.
    """
    batches: list[PlannedBatch] = []
    for group in _by_urgency(candidates):
        singles = [each for each in group if each.units == 1]
        if len(singles) < 2:
            singles = []
        rest = [each for each in group if each not in singles]
        batches.extend(_bulk(singles, cart))
        batches.extend(_clusters(rest, cart))
    return tuple(batches)


def _by_urgency(candidates: Sequence[Candidate]) -> list[list[Candidate]]:
    """Return the candidates by priority and cut-off: neither is ever mixed in a batch."""
    groups: dict[tuple[int, int], list[Candidate]] = {}
    for each in candidates:
        groups.setdefault((-each.priority, each.cut_off_at or _NO_CUT_OFF), []).append(each)
    return [groups[key] for key in sorted(groups)]


def _bulk(singles: Sequence[Candidate], cart: CartSpec) -> list[PlannedBatch]:
    ordered = sorted(singles, key=lambda each: (each.first_stop, each.ordered_at, each.fulfilment))
    return [PlannedBatch(BatchKind.BULK, tuple(members)) for members in _filled(ordered, cart, cart.bulk_orders)]


def _clusters(group: Sequence[Candidate], cart: CartSpec) -> list[PlannedBatch]:
    ordered = sorted(group, key=lambda each: (each.first_stop, each.ordered_at, each.fulfilment))
    return [PlannedBatch(BatchKind.CLUSTER, tuple(members)) for members in _filled(ordered, cart, cart.slots)]


def _filled(ordered: Sequence[Candidate], cart: CartSpec, most: int) -> list[list[Candidate]]:
    """Return runs of candidates that each fit on the cart."""
    runs: list[list[Candidate]] = []
    weight = volume = 0
    for each in ordered:
        fits = (
            bool(runs)
            and len(runs[-1]) < most
            and weight + each.weight_grams <= cart.max_weight_grams
            and volume + each.volume_ml <= cart.volume_ml
        )
        if not fits:
            runs.append([])
            weight = volume = 0
        runs[-1].append(each)
        weight, volume = weight + each.weight_grams, volume + each.volume_ml
    return runs
