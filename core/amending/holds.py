"""Deciding what holding an order, and letting it go on, means: every part of it waits; every hold and every stop of it ends."""

import sqlalchemy as sa

from core.amending.commands import ResumeFulfilment
from core.amending.planner import plan_resume
from core.kernel.flow import Stamp
from core.kernel.ids import CommandId, OrderId, SiteId, derive
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.orders.commands import HoldOrder, ReleaseHold
from core.orders.model import StopKind
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
) -> tuple[ReleaseHold | ResumeFulfilment, ...] | Refusal:
    """Return the commands that end every hold of an order, and every stop of a change; or that nothing holds it.

    The first has the stamp's own id. What a change stopped goes on only once it is as it is wanted now: its command says so.
    """
    view = order_view(connection, site, order)
    if view is None:
        return Refusal(Reason.NOT_FOUND)
    holds = [each for each in view.holds if not each.released_at]
    stops = [each.fulfilment for each in view.stops if each.kind is StopKind.CHANGE]
    if not holds and not stops:
        return Refusal(Reason.NOT_HELD, {"order": view.order.number})
    parts = tuple(part.id for part in view.fulfilments)
    bases: list[Stamp] = [
        {**stamp, "id": CommandId(derive(stamp["id"], "hold", n)) if n else stamp["id"]}
        for n in range(len(holds) + len(stops))
    ]
    made = [ReleaseHold(**base, hold=each.id, fulfilments=parts) for base, each in zip(bases, holds, strict=False)]
    goes_on = [
        plan_resume(connection, site, order, part, base) for base, part in zip(bases[len(holds) :], stops, strict=True)
    ]
    refused = next((each for each in goes_on if isinstance(each, Refusal)), None)
    return refused or (*made, *(each for each in goes_on if not isinstance(each, Refusal)))
