"""Promising a site's stock to open lines: a pure plan, decided by priority, then cut-off, then age.

An order that must go whole gets all of it or nothing; any other takes what there is. The plan says for every line that
stays open why it waits. Promises name no location: only a release does.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.kernel.ids import FulfilmentId, FulfilmentLineId, ItemId, OwnerId
from core.kernel.reasons import Reason

StockName = tuple[OwnerId, ItemId]

_NO_CUT_OFF = 2**62


@dataclass(frozen=True, slots=True)
class OpenLine:
    """Units of a line that nothing is promised to yet."""

    line: FulfilmentLineId
    fulfilment: FulfilmentId
    number: int
    owner: OwnerId
    item: ItemId
    wanted: int
    priority: int
    cut_off_at: int
    ordered_at: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Promise:
    """Units of the site's stock for a line."""

    line: FulfilmentLineId
    fulfilment: FulfilmentId
    quantity: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Units of a line that stay open, and why."""

    line: FulfilmentLineId
    fulfilment: FulfilmentId
    quantity: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class PromisePlan:
    """What is promised now and what waits."""

    promises: tuple[Promise, ...]
    waiting: tuple[Waiting, ...]
    left: Mapping[StockName, int]
    """What may still be promised, for the lines after these."""


def plan_promises(lines: Iterable[OpenLine], free: Mapping[StockName, int]) -> PromisePlan:
    """Return which open lines get how much.

    Args:
        lines: open lines, each with the units still wanted.
        free: units per owner and item that may be promised and are not promised yet.
    """
    left = dict(free)
    promises: list[Promise] = []
    waiting: list[Waiting] = []
    for group in _by_urgency(lines):
        if group[0].whole:
            _promise_whole(group, left, promises, waiting)
        else:
            _promise_some(group, left, promises, waiting)
    return PromisePlan(tuple(promises), tuple(waiting), left)


def _by_urgency(lines: Iterable[OpenLine]) -> list[list[OpenLine]]:
    groups: dict[FulfilmentId, list[OpenLine]] = defaultdict(list)
    for line in lines:
        groups[line.fulfilment].append(line)
    for group in groups.values():
        group.sort(key=lambda line: line.number)
    return sorted(groups.values(), key=lambda group: urgency(group[0]))


class Urgent(Protocol):
    """A line with what says how urgent its fulfilment is."""

    @property
    def priority(self) -> int: ...  # noqa: D102
    @property
    def cut_off_at(self) -> int: ...  # noqa: D102
    @property
    def ordered_at(self) -> int: ...  # noqa: D102
    @property
    def fulfilment(self) -> FulfilmentId: ...  # noqa: D102


def urgency(line: Urgent) -> tuple[int, int, int, FulfilmentId]:
    """Return what fulfilments are sorted by, the most urgent first: priority, cut-off, age."""
    return (-line.priority, line.cut_off_at or _NO_CUT_OFF, line.ordered_at, line.fulfilment)


def _promise_some(
    group: Sequence[OpenLine], left: dict[StockName, int], promises: list[Promise], waiting: list[Waiting]
) -> None:
    for line in group:
        name = (line.owner, line.item)
        got = min(line.wanted, max(0, left.get(name, 0)))
        if got:
            left[name] -= got
            promises.append(Promise(line.line, line.fulfilment, got))
        if got < line.wanted:
            waiting.append(Waiting(line.line, line.fulfilment, line.wanted - got, Reason.NO_STOCK))


def _promise_whole(
    group: Sequence[OpenLine], left: dict[StockName, int], promises: list[Promise], waiting: list[Waiting]
) -> None:
    # Two lines of one item are summed first: each alone would fit, both together might not.
    need: dict[StockName, int] = defaultdict(int)
    for line in group:
        need[line.owner, line.item] += line.wanted
    lacking = {name for name, quantity in need.items() if left.get(name, 0) < quantity}
    for line in group:
        name = (line.owner, line.item)
        if not lacking:
            left[name] -= line.wanted
            promises.append(Promise(line.line, line.fulfilment, line.wanted))
        else:
            reason = Reason.NO_STOCK if name in lacking else Reason.WAITS_FOR_WHOLE_ORDER
            waiting.append(Waiting(line.line, line.fulfilment, line.wanted, reason))
