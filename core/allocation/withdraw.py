"""Taking promises back that stock no longer covers: a pure plan, decided in the reverse of the order they were made in.

Stock falls below what was promised when units break, are not found, expire or are put on hold; and an order whose payment
bounced keeps nothing from others. What is reserved for a walk stays: the floor has it in hand. The newcomer's mistake:
leaving part of an order that must go whole promised. It cannot go, and would keep its units from one that can.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.allocation.promise import Promise, StockName, urgency
from core.kernel.ids import FulfilmentId, FulfilmentLineId, ItemId, OwnerId


@dataclass(frozen=True, slots=True)
class PromisedLine:
    """Units of a line that are promised and that no walk has yet."""

    line: FulfilmentLineId
    fulfilment: FulfilmentId
    number: int
    owner: OwnerId
    item: ItemId
    units: int
    priority: int
    cut_off_at: int
    ordered_at: int
    whole: bool
    unpaid: bool


def plan_withdrawals(lines: Iterable[PromisedLine], excess: Mapping[StockName, int]) -> tuple[Promise, ...]:
    """Return what is taken back, the least urgent first.

    Args:
        lines: promised lines: all of unpaid fulfilments, and all of those that have a line of an item in excess.
        excess: units per owner and item that are promised and not there.
    """
    left = dict(excess)
    groups: dict[FulfilmentId, list[PromisedLine]] = defaultdict(list)
    for line in lines:
        groups[line.fulfilment].append(line)
    taken: list[Promise] = []
    # Who has not paid loses first: what is freed so, nobody else has to give.
    ordered = sorted(groups.values(), key=lambda group: (group[0].unpaid, *urgency(group[0])), reverse=True)
    for group in ordered:
        of_all = group[0].unpaid or (group[0].whole and any(left.get((each.owner, each.item), 0) > 0 for each in group))
        for line in sorted(group, key=lambda each: each.number, reverse=True):
            name = (line.owner, line.item)
            units = line.units if of_all else min(line.units, max(0, left.get(name, 0)))
            if units:
                left[name] = left.get(name, 0) - units
                taken.append(Promise(line.line, line.fulfilment, units))
    return tuple(taken)
