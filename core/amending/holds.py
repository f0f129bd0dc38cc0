"""Deciding what holding an order, and letting it go on, means: every part of it waits, and every hold of it ends."""

import sqlalchemy as sa

from core.kernel.flow import Stamp
from core.kernel.ids import CommandId, OrderId, SiteId, derive
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.orders.commands import HoldOrder, ReleaseHold
from core.orders.queries import order_view


def plan_hold(
    connection: sa.Connection, site: SiteId, order: OrderId, reason: str, stamp: Stamp, *, note: str = ""
) -> HoldOrder | Refusal:
    """Return the command that lets an order wait, or why it cannot."""
    view = order_view(connection, site, order)
    if view is None:
        return Refusal(Reason.NOT_FOUND)
    if view.order.cancelled_at:
        return Refusal(Reason.ORDER_CANCELLED, {"order": view.order.number})
    parts = tuple(part.id for part in view.fulfilments)
    return HoldOrder(**stamp, order=order, fulfilments=parts, reason=reason, note=note)


def plan_let_go(
    connection: sa.Connection, site: SiteId, order: OrderId, stamp: Stamp
) -> tuple[ReleaseHold, ...] | Refusal:
    """Return the commands that end every hold of an order, the first with the stamp's own id; or that nothing holds it."""
    view = order_view(connection, site, order)
    if view is None:
        return Refusal(Reason.NOT_FOUND)
    holds = [each for each in view.holds if not each.released_at]
    if not holds:
        return Refusal(Reason.NOT_HELD, {"order": view.order.number})
    parts = tuple(part.id for part in view.fulfilments)
    made = []
    for n, each in enumerate(holds):
        base: Stamp = {**stamp, "id": CommandId(derive(stamp["id"], "hold", n)) if n else stamp["id"]}
        made.append(ReleaseHold(**base, hold=each.id, fulfilments=parts))
    return tuple(made)
