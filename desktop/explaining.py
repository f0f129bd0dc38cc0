"""What the command line says of an order: where each line stands, what it waits for, and how far its cancel is."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from core.allocation.queries import explain
from core.allocation.why import LineExplanation
from core.amending.queries import CancelStanding, cancel_standing
from core.exchange.report import printable
from core.kernel.ids import FulfilmentId, SiteId
from core.kernel.reasons import Reason
from core.kernel.refusal import Fault
from core.orders.model import Order
from core.orders.queries import orders_by_number
from core.packing.queries import in_hospital
from desktop.messages import fill
from desktop.refusal_words import REFUSALS


def explained(connection: sa.Connection, site: SiteId, number: str, today: str) -> tuple[dict[str, Any], list[str]]:
    """Return what is to be said of the orders that people call by a number, as data and as lines of words.

    Args:
        connection: reads the station's file.
        site: whose orders.
        number: what people call them.
        today: the day at the site.

    Raises:
        Fault: there is none.
    """
    found = orders_by_number(connection, site, number)
    if not found:
        raise Fault(f"there is no order {printable(number)}")
    rows = [
        (each, _waiting(each, row, in_hospital(connection, each.site, each.id)))
        for each in found
        for row in explain(connection, each.site, each.id, today)
    ]
    asked = ((each, cancel_standing(connection, each.site, each.id)) for each in found if each.cancelled_at)
    cancels = {each.channel: cancel for each, cancel in asked if cancel is not None}
    data = {
        "lines": [
            {
                "channel": each.channel, "line": row.number, "stage": str(row.stage),
                "reason": None if row.reason is None else str(row.reason), **row.facts,
            }
            for each, row in rows
        ],
        "cancels": {
            channel: {"final": int(each.final), "waits": list(each.waits), "on_hold": list(each.on_hold)}
            for channel, each in cancels.items()
        },
    }  # fmt: skip
    words = [
        f"{each.channel} line {row.number}: {row.stage}"
        + ("" if row.reason is None else f", {fill(REFUSALS[row.reason], row.facts)}")
        for each, row in rows
    ]
    return data, [*words, *(f"{channel}: {_words(each)}" for channel, each in cancels.items())]


def _waiting(order: Order, line: LineExplanation, parked: Collection[FulfilmentId]) -> LineExplanation:
    """Return what a line waits for beyond its stock: somebody's decision in the hospital."""
    if line.reason is not None or line.fulfilment not in parked:
        return line
    return replace(line, reason=Reason.STILL_OPEN, facts={**line.facts, "order": order.number})


def _words(cancel: CancelStanding) -> str:
    """Return how far a cancel is."""
    if cancel.final:
        return "the cancel is final"
    words = f"cancel asked, waits for {', '.join(cancel.waits)}" if cancel.waits else "cancel asked"
    return f"{words}; on hold: {', '.join(cancel.on_hold)}" if cancel.on_hold else words
