"""Why a line is not promised or not released: pure, over what the shelves hold and what others were promised.

The newcomer's mistake: asking only whether there is stock. A line may wait because of another line of its order, because
the units lie in reserve storage, or because nobody may take them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.allocation.promise import StockName
from core.catalog.model import LocationRole
from core.kernel.ids import FulfilmentId, FulfilmentLineId, ItemId, OrderId
from core.kernel.reasons import Reason
from core.orders.model import FulfilmentLine, PartialPolicy, PaymentState, StopKind
from core.orders.progress import Stage, stage_of, wanted

OF_OTHERS = (LocationRole.CART, LocationRole.PERSON, LocationRole.PACK, LocationRole.SHIP, LocationRole.IN_TRANSIT)
"""Roles of places whose goods were picked for somebody."""


@dataclass(slots=True)
class ItemStock:
    """Units of one item of one owner, by what may be done with them."""

    pickable: int = 0
    free: int = 0
    """Of the pickable ones, those no reservation holds."""
    in_reserve: int = 0
    expired: int = 0
    on_hold: int = 0
    blocked: int = 0
    elsewhere: int = 0
    """Received and not put away, in quarantine, damaged."""
    promised: int = 0
    """To all lines, and not picked yet."""

    @property
    def usable(self) -> int:
        """Return the units that count for a promise."""
        return self.pickable + self.in_reserve

    def add(self, why_not: str, role: LocationRole, units: int, reserved: int) -> None:
        """Count a balance, given in one word why it may not be picked (empty when it may)."""
        match why_not:
            case "":
                self.pickable += units
                self.free += units - reserved
            case "expired":
                self.expired += units
            case "held":
                self.on_hold += units
            case "blocked":
                self.blocked += units
            case _ if why_not == LocationRole.RESERVE.value:
                self.in_reserve += units
            case _:
                # What was picked for somebody is no stock any more.
                self.elsewhere += 0 if role in OF_OTHERS else units

    def unusable(self) -> Reason | None:
        """Return why units that are there cannot be used, the most telling first; None when there are none."""
        causes = (
            (self.expired, Reason.STOCK_EXPIRED),
            (self.on_hold, Reason.STOCK_ON_HOLD),
            (self.blocked, Reason.LOCATION_BLOCKED),
            (self.elsewhere, Reason.STOCK_NOT_PICKABLE),
        )
        most = max(causes, key=lambda cause: cause[0])
        return most[1] if most[0] else None


@dataclass(frozen=True, slots=True)
class Standing:
    """A line with what its fulfilment says."""

    row: FulfilmentLine
    held: int
    payment: PaymentState
    partial: PartialPolicy
    stop: StopKind | None

    @property
    def name(self) -> StockName:
        """Return whose item it is."""
        return (self.row.owner, self.row.item)


@dataclass(frozen=True, slots=True)
class LineExplanation:
    """Where a line stands and what it waits for."""

    order: OrderId
    fulfilment: FulfilmentId
    line: FulfilmentLineId
    number: int
    item: ItemId
    wanted: int
    stage: Stage
    reason: Reason | None
    """None when it waits for nothing but the floor."""
    facts: Mapping[str, str | int]


def explain_lines(lines: Sequence[Standing], stock: Mapping[StockName, ItemStock]) -> tuple[LineExplanation, ...]:
    """Return for every line of one order why it is not promised or not released."""
    return tuple(_explained(each, lines, stock) for each in lines)


def _explained(line: Standing, all_lines: Sequence[Standing], stock: Mapping[StockName, ItemStock]) -> LineExplanation:
    row, have = line.row, stock.get(line.name, ItemStock())
    group = [each for each in all_lines if each.row.fulfilment == row.fulfilment]
    facts: dict[str, str | int] = {
        "wanted": wanted(row), "promised": row.promised, "reserved": row.reserved, "on_hand": have.usable,
        "promised_to_all": have.promised, "pickable": have.pickable, "in_reserve": have.in_reserve,
        "expired": have.expired, "on_hold": have.on_hold, "blocked": have.blocked, "elsewhere": have.elsewhere,
    }  # fmt: skip
    return LineExplanation(
        row.order, row.fulfilment, row.id, row.number, row.item, wanted(row), stage_of(row),
        _why(line, group, stock), facts,
    )  # fmt: skip


def _why(line: Standing, group: Sequence[Standing], stock: Mapping[StockName, ItemStock]) -> Reason | None:
    row = line.row
    if wanted(row) <= 0:
        return Reason.ORDER_CANCELLED if row.cancelled else Reason.NOT_ENOUGH_STOCK
    if row.loaded >= wanted(row):
        return None
    if line.stop is not None:
        return Reason.ORDER_CANCELLED if line.stop is StopKind.CANCEL else Reason.ORDER_CHANGED
    if line.held:
        return Reason.ORDER_HELD
    if row.reserved >= wanted(row):
        return None
    if line.payment is PaymentState.UNPAID:
        return Reason.WAITS_FOR_PAYMENT
    if row.promised < wanted(row):
        return _not_promised(line, group, stock)
    return _not_released(line, group, stock)


def _not_promised(line: Standing, group: Sequence[Standing], stock: Mapping[StockName, ItemStock]) -> Reason:
    whole = line.partial is PartialPolicy.WHOLE
    # Two lines of one item are summed: each alone would fit, both together might not.
    missing = _sums(group if whole else [line], lambda each: wanted(each.row) - each.row.promised)
    have = stock.get(line.name, ItemStock())
    if have.usable - have.promised < missing[line.name]:
        if have.usable >= missing[line.name]:
            return Reason.STOCK_PROMISED_TO_OTHERS
        return have.unusable() or (Reason.NOT_ENOUGH_STOCK if have.usable else Reason.NO_STOCK)
    others = (stock.get(name, ItemStock()).usable - stock.get(name, ItemStock()).promised for name in missing)
    if any(there < units for there, units in zip(others, missing.values(), strict=True)):
        return Reason.WAITS_FOR_WHOLE_ORDER
    return Reason.WAITS_FOR_PROMISE


def _not_released(line: Standing, group: Sequence[Standing], stock: Mapping[StockName, ItemStock]) -> Reason:
    whole = line.partial is PartialPolicy.WHOLE
    if whole and any(each.row.promised < wanted(each.row) for each in group):
        return Reason.WAITS_FOR_WHOLE_ORDER
    missing = _sums(group if whole else [line], lambda each: each.row.promised - each.row.reserved)
    have = stock.get(line.name, ItemStock())
    if have.free < missing[line.name]:
        if have.in_reserve >= missing[line.name] - have.free:
            return Reason.WAITS_FOR_REPLENISHMENT
        return have.unusable() or Reason.NOT_ENOUGH_STOCK
    if any(stock.get(name, ItemStock()).free < units for name, units in missing.items()):
        return Reason.WAITS_FOR_WHOLE_ORDER
    return Reason.WAITS_FOR_WAVE


def _sums(lines: Iterable[Standing], units: Callable[[Standing], int]) -> Mapping[StockName, int]:
    found: dict[StockName, int] = defaultdict(int)
    for each in lines:
        found[each.name] += max(0, units(each))
    return found
