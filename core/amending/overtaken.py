"""A change that the floor overtook: it was made by what was known, and then somebody was heard who had not heard of it.

Units that are not wanted any more were picked all the same, or a carton was labelled for the address from before. The change
stands, so the floor is stopped as it would have been had this been known when it was made: bench and dock do not go on, the
units are asked back, and what has left is told. The thing a newcomer would get wrong: it is the hub that says so, as an
operation of its own; what was done on the floor is a fact and writes no stop.
"""

from collections.abc import Iterator

import sqlalchemy as sa

from core.amending.commands import NewStop, StopOvertaken, ToPutBack
from core.amending.planner import going_back, stop_words
from core.amending.queries import AmendView, amend_view, told_too_late
from core.cases.model import CaseKind
from core.kernel import codec
from core.kernel.flow import Stamp
from core.kernel.ids import FulfilmentId, OrderId, SiteId
from core.orders.model import FulfilmentLine, StopKind
from core.orders.progress import wanted
from core.packing.model import Parcel, ParcelState


def plan_overtaken(connection: sa.Connection, site: SiteId, order: OrderId, stamp: Stamp) -> StopOvertaken | None:
    """Return the command that stops what was done to an order against its last change; None where nothing was."""
    view = amend_view(connection, site, order)
    if view is None or view.order.order.cancelled_at:
        return None
    lines = view.order.fulfilment_lines
    back = {line: count for line in lines if (count := _to_ask_back(view, line)) > 0}
    boxes = [box for box in view.parcels if box.state is ParcelState.CLOSED and _goes_elsewhere(view, box)]
    told = told_too_late(connection, site, order)
    away = [box for box in boxes if box.loaded_at]
    gone = tuple(box.id for box in told.untold(away))
    # The units that a change found in a van are wanted as they are since: those that are not left unheard of it.
    late = max(0, sum(_left(view, line) for line in lines) - told.units_unheard(away)) + len(gone)
    stops = tuple(
        _stops(view, {line.fulfilment for line in back}, {box.fulfilment for box in boxes if not box.loaded_at})
    )
    if not (back or stops or late):
        return None
    units = tuple(ToPutBack(line.id, count) for line, count in back.items())
    return StopOvertaken(**stamp, order=order, stops=stops, put_back=units, late=late, gone=gone)


def _to_ask_back(view: AmendView, line: FulfilmentLine) -> int:
    """Return how many units lie here that were picked by whoever had not heard that they are not wanted, and that no case asks for."""
    # What was packed by a slip may be heard of before its picks are.
    here = max(line.picked, line.packed)
    beyond = min(here, line.quantity - line.short) - max(0, wanted(line))
    said = [codec.parse(each.facts) for each in view.cases if (each.kind, each.subject) == (CaseKind.PUT_BACK, line.id)]
    asked = sum(int(each["quantity"]) for each in said if each.get("unheard"))
    return min(beyond - asked, here - line.loaded - asked - going_back(view, line))


def _left(view: AmendView, line: FulfilmentLine) -> int:
    """Return how many units are in a van that are not wanted any more."""
    return max(0, line.loaded - max(0, wanted(line) - going_back(view, line)))


def _goes_elsewhere(view: AmendView, box: Parcel) -> bool:
    part = next(each for each in view.order.fulfilments if each.id == box.fulfilment)
    return (box.contact, box.carrier, box.service) != (part.contact, part.carrier, part.service)


def _stops(view: AmendView, too_many: set[FulfilmentId], other_label: set[FulfilmentId]) -> Iterator[NewStop]:
    """Yield the stops that say more than was said before: where more is asked back, whoever lets it go on must have seen that."""
    said = {stop.fulfilment: stop for stop in view.order.stops}
    for part in sorted(too_many | other_label):
        known = said.get(part)
        before = set() if known is None else set(known.text.split())
        words = stop_words(
            quantity="quantity" in before or part in too_many, label="label" in before or part in other_label,
            payment="payment" in before,
        )  # fmt: skip
        if known is None or (known.kind is StopKind.CHANGE and (part in too_many or words != known.text)):
            yield NewStop(part, StopKind.CHANGE, words)
