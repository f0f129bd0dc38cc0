"""Which orders are picked in one walk: `plan_batches`, the seat of every planner.

This one is plain: urgent before normal and never mixed, nor orders that go to different carts by their zones; orders of one
unit together in bulk, the others clustered by where their walk begins until the cart is full. The optimising planner replaces this one function.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.kernel.ids import FulfilmentId, LocationId, OrderId, StationId
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
    """Stops and lines, whichever is more: what the picker reads."""
    units: int
    weight_grams: int
    volume_ml: int
    first_stop: tuple[int, LocationId]
    """Where its walk begins: sequence and location; neighbours go together."""
    whose: frozenset[StationId] = frozenset()
    """Stations that may be given it by the zones it lies in; none where all are alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CartSpec:
    """What one walk can carry."""

    slots: int = 6
    max_weight_grams: int = 120_000
    volume_ml: int = 360_000
    max_lines: int = 120
    bulk_orders: int = 30
    """Single-unit orders in one bulk tote."""
    cut_off_slack_ms: int = 3_600_000
    """How much later than the most urgent one an order of the same walk may be due."""


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
    for group in (some for each in _by_urgency(candidates, cart) for some in _by_stations(each)):
        bulk = [run for run in _runs([each for each in group if each.units == 1], cart, cart.bulk_orders) if run[1:]]
        together = {each.fulfilment for run in bulk for each in run}
        rest = [each for each in group if each.fulfilment not in together]
        batches.extend(PlannedBatch(BatchKind.BULK, tuple(run)) for run in bulk)
        batches.extend(PlannedBatch(BatchKind.CLUSTER, tuple(run)) for run in _runs(rest, cart, cart.slots))
    return tuple(batches)


def _by_urgency(candidates: Sequence[Candidate], cart: CartSpec) -> list[list[Candidate]]:
    """Return the candidates that may share a walk: of one priority, due at about the same time."""
    groups: list[list[Candidate]] = []
    for each in sorted(candidates, key=lambda c: (-c.priority, _due(c), c.ordered_at, c.fulfilment)):
        first = groups[-1][0] if groups else None
        if first is None or first.priority != each.priority or _due(each) > _due(first) + cart.cut_off_slack_ms:
            groups.append([])
        groups[-1].append(each)
    return groups


def _by_stations(group: Sequence[Candidate]) -> list[list[Candidate]]:
    """Return the candidates that go to the same stations together, the most urgent first."""
    found: dict[frozenset[StationId], list[Candidate]] = {}
    for each in group:
        found.setdefault(each.whose, []).append(each)
    return list(found.values())


def _due(each: Candidate) -> int:
    return each.cut_off_at or _NO_CUT_OFF


def _runs(group: Sequence[Candidate], cart: CartSpec, most: int) -> list[list[Candidate]]:
    """Return runs of neighbours that each fit on the cart."""
    runs: list[list[Candidate]] = []
    weight = volume = lines = 0
    for each in sorted(group, key=lambda c: (c.first_stop, c.ordered_at, c.fulfilment)):
        fits = (
            bool(runs)
            and len(runs[-1]) < most
            and weight + each.weight_grams <= cart.max_weight_grams
            and volume + each.volume_ml <= cart.volume_ml
            and lines + each.lines <= cart.max_lines
        )
        if not fits:
            runs.append([])
            weight = volume = lines = 0
        runs[-1].append(each)
        weight, volume, lines = weight + each.weight_grams, volume + each.volume_ml, lines + each.lines
    return runs
