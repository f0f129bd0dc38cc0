"""What is open, what may be promised, and why a line waits."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from core.allocation.promise import OpenLine, StockName
from core.kernel.ids import FulfilmentId, FulfilmentLineId, ItemId, OrderId, OwnerId, SiteId
from core.kernel.reasons import Reason
from core.kernel.tables import sql_of
from core.orders.model import Fulfilment, FulfilmentLine, PartialPolicy, PaymentState, StopRequest
from core.orders.progress import Stage, stage_of, wanted
from core.orders.queries import OrderView, order_view
from core.stock.queries import promisable


def open_lines(connection: sa.Connection, site: SiteId) -> tuple[OpenLine, ...]:
    """Return the lines with units nothing is promised to, of fulfilments that may go on."""
    line, part, stop = sql_of(FulfilmentLine), sql_of(Fulfilment), sql_of(StopRequest)
    want = line.c.quantity - line.c.short - line.c.cancelled
    query = (
        sa.select(
            line.c.id, line.c.fulfilment, line.c.number, line.c.owner, line.c.item, want - line.c.promised,
            part.c.priority, part.c.cut_off_at, part.c.ordered_at, part.c.partial,
        )
        .select_from(line)
        .join(part, sa.and_(part.c.site == line.c.site, part.c.id == line.c.fulfilment))
        .outerjoin(stop, sa.and_(stop.c.site == part.c.site, stop.c.fulfilment == part.c.id))
        .where(
            part.c.site == site, part.c.open == 1, part.c.held == 0, stop.c.kind.is_(None),
            part.c.payment != PaymentState.UNPAID.value, line.c.promised < want,
        )
    )  # fmt: skip
    return tuple(
        OpenLine(*found[:9], whole=found[9] == PartialPolicy.WHOLE.value) for found in connection.execute(query)
    )


def outstanding(connection: sa.Connection, site: SiteId) -> dict[StockName, int]:
    """Return the units per owner and item that are promised and not picked yet."""
    line = sql_of(FulfilmentLine)
    query = (
        sa.select(line.c.owner, line.c.item, sa.func.sum(line.c.promised - line.c.picked))
        .where(line.c.site == site, line.c.open == 1)
        .group_by(line.c.owner, line.c.item)
    )
    return {(OwnerId(owner), ItemId(item)): int(total) for owner, item, total in connection.execute(query)}


def free_to_promise(connection: sa.Connection, site: SiteId, today: str) -> Mapping[StockName, int]:
    """Return the units per owner and item that may still be promised."""
    promised = outstanding(connection, site)
    return {
        (row.owner, row.item): row.quantity - promised.get((row.owner, row.item), 0)
        for row in promisable(connection, site, today)
    }


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
    """None when it waits for nothing but its turn on the floor."""
    facts: Mapping[str, str | int]


def explain(connection: sa.Connection, site: SiteId, order: OrderId, today: str) -> tuple[LineExplanation, ...]:
    """Return for every line of an order why it was not promised or not released; empty for an unknown order."""
    view = order_view(connection, site, order)
    if view is None:
        return ()
    stock = {(row.owner, row.item): row.quantity for row in promisable(connection, site, today)}
    promised = outstanding(connection, site)
    return tuple(_explain_line(view, line, stock, promised) for line in view.fulfilment_lines)


def _explain_line(
    view: OrderView, line: FulfilmentLine, stock: Mapping[StockName, int], promised: Mapping[StockName, int]
) -> LineExplanation:
    part = next(each for each in view.fulfilments if each.id == line.fulfilment)
    name = (line.owner, line.item)
    have, given = stock.get(name, 0), promised.get(name, 0)
    facts: dict[str, str | int] = {
        "wanted": wanted(line), "promised": line.promised, "reserved": line.reserved, "on_hand": have,
        "promised_to_all": given,
    }  # fmt: skip
    reason = _why(view, part, line, have=have, given=given)
    return LineExplanation(
        view.order.id, part.id, line.id, line.number, line.item, wanted(line), stage_of(line), reason, facts
    )


def _why(view: OrderView, part: Fulfilment, line: FulfilmentLine, *, have: int, given: int) -> Reason | None:
    if stage_of(line) is Stage.CANCELLED or any(stop.fulfilment == part.id for stop in view.stops):
        return Reason.ORDER_CANCELLED
    if part.held:
        return Reason.ORDER_HELD
    if part.payment is PaymentState.UNPAID and line.promised < wanted(line):
        return Reason.WAITS_FOR_PAYMENT
    if line.promised < wanted(line):
        if have == 0:
            return Reason.NO_STOCK
        if part.partial is PartialPolicy.WHOLE and have - given >= wanted(line) - line.promised:
            return Reason.WAITS_FOR_WHOLE_ORDER
        return Reason.STOCK_PROMISED_TO_OTHERS
    if line.reserved < line.promised:
        return Reason.WAITS_FOR_WAVE
    return None
