"""When a cancel is final: once every dock was heard that could still load what it stops (reference: sync, 8.0, 10).

A dock was heard when its log is here to the tail and it had taken the feed beyond the cancel when it said so: what it
loaded before is known then, and what it would load afterwards it refuses. A dock on hold was not heard, whatever it says;
one that is lost or was taken out is not waited for once what it may have loaded was looked for.
"""

from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from core.amending.commands import JudgeCancel, ToPutBack
from core.amending.queries import AmendView, amend_view
from core.cases.model import CaseKind
from core.kernel.feed import head_of
from core.kernel.flow import Stamp
from core.kernel.ids import FulfilmentId, OrderId, SiteId, StationId
from core.kernel.operations import Operation
from core.kernel.statements import mark_of
from core.kernel.tables import rows_of, sql_of
from core.kernel.together import ask
from core.orders.model import CancelState, OrderCancel, StopKind, waits_text
from core.packing.model import EarlyLoad
from core.rights.model import LOADING, SiteStation, StationHeard, StationStatus
from core.rights.queries import docks_on_hold

_OUT = (StationStatus.LOST, StationStatus.REVOKED)
_TOGETHER = 200


def cancels_asked(connection: sa.Connection, site: SiteId) -> tuple[OrderId, ...]:
    """Return the orders whose cancel is not final yet, as many as are looked at together."""
    mark = mark_of(connection)
    sql = (
        f'SELECT "order" FROM "order_cancel" WHERE "site"={mark} AND "state"=\'{CancelState.ASKED.value}\' '
        f'ORDER BY "asked_at" LIMIT {_TOGETHER}'
    )
    return tuple(OrderId(bytes(row[0])) for found in ask(connection, [(sql, (site,))]) for row in found)


def with_news(connection: sa.Connection, site: SiteId, orders: Sequence[OrderId]) -> tuple[OrderId, ...]:
    """Return those of some orders of whose cancel something else is to be said than was said: seldom any."""
    if not orders:
        return ()
    cancels, log = sql_of(OrderCancel), sql_of(Operation)
    asked = sa.and_(log.c.site == cancels.c.site, log.c.id == cancels.c.operation)
    query = sa.select(cancels.c.order, cancels.c.waits, log.c.position).join(log, asked)
    heard = heard_up_to(connection, site)
    found = {
        OrderId(bytes(order)): waits_text(waits) != said or not waits
        for order, said, position in connection.execute(
            query.where(cancels.c.site == site, cancels.c.order.in_(orders))
        )
        for waits in [tuple(_not_heard(heard, int(position)))]
    }
    return tuple(order for order in orders if found.get(order))


def judge(connection: sa.Connection, site: SiteId, order: OrderId, stamp: Stamp) -> JudgeCancel | None:
    """Return what is to be said about a cancel now; None where that was said already."""
    cancels, log = sql_of(OrderCancel), sql_of(Operation)
    found = rows_of(
        OrderCancel,
        connection.execute(sa.select(cancels).where(cancels.c.site == site, cancels.c.order == order)),
    )
    if not found or found[0].state is CancelState.FINAL:
        return None
    row = found[0]
    at = connection.execute(
        sa.select(log.c.position).where(log.c.site == site, log.c.id == row.operation)
    ).scalar_one_or_none()
    waits = tuple(_not_heard(heard_up_to(connection, site), int(at))) if at is not None else ()
    if at is None or (waits and waits_text(waits) == row.waits):
        return None
    view = None if waits else amend_view(connection, site, order)
    gone = {} if view is None else _unheard(connection, view)
    return JudgeCancel(
        **stamp, order=order, operation=row.operation, waits=waits,
        put_back=() if view is None else tuple(_back(view, gone)), late=0 if view is None else _late(view, gone),
    )  # fmt: skip


def _not_heard(heard: Mapping[StationId, int], position: int) -> Iterator[StationId]:
    """Yield the docks that may not know of a cancel, or may have loaded before they knew."""
    return (dock for dock, cursor in heard.items() if cursor < position)


def heard_up_to(connection: sa.Connection, site: SiteId) -> dict[StationId, int]:
    """Return how far of the feed each dock had taken when its log was here to the tail; -1 for one that does not count."""
    stations, heard = sql_of(SiteStation), sql_of(StationHeard)
    epoch = head_of(connection, site).epoch
    docks = rows_of(
        SiteStation,
        connection.execute(
            sa.select(stations)
            .where(
                stations.c.site == site, stations.c.kind.in_([each.value for each in LOADING])
            )
            .order_by(stations.c.name)
        ),
    )  # fmt: skip
    known = {
        row.station: row
        for row in rows_of(StationHeard, connection.execute(sa.select(heard).where(heard.c.site == site)))
    }
    on_hold = docks_on_hold(connection, site)
    found: dict[StationId, int] = {}
    for dock in docks:
        if dock.status in _OUT and dock.id not in on_hold:
            # It is off, and what it may have loaded was looked for.
            continue
        said = known.get(dock.id)
        to_the_tail = said is not None and said.applied >= said.length and not said.aside
        current = said is not None and (said.epoch, said.incarnation) == (epoch, dock.incarnation)
        active = dock.status is StationStatus.ACTIVE and dock.id not in on_hold
        found[dock.id] = said.cursor if said is not None and active and to_the_tail and current else -1
    return found


def _unheard(connection: sa.Connection, view: AmendView) -> dict[FulfilmentId, int]:
    """Return the units by fulfilment that left by their labels alone: their bench has not been heard yet."""
    early = sql_of(EarlyLoad)
    parts = [part.id for part in view.order.fulfilments]
    query = sa.select(early).where(early.c.site == view.order.order.site, early.c.fulfilment.in_(parts))
    gone: dict[FulfilmentId, int] = {}
    for row in rows_of(EarlyLoad, connection.execute(query)):
        gone[row.fulfilment] = gone.get(row.fulfilment, 0) + row.quantity
    return gone


def _back(view: AmendView, gone: Mapping[FulfilmentId, int]) -> Iterator[ToPutBack]:
    """Yield the units of stopped fulfilments in totes and parcels that no open case asks for."""
    asked = {case.subject for case in view.cases if case.kind is CaseKind.PUT_BACK}
    for stop in view.order.stops:
        if stop.kind is StopKind.CANCEL and bytes(stop.fulfilment) not in asked:
            units = sum(
                max(0, line.picked - line.loaded, line.packed - line.loaded) for line in view.lines(stop.fulfilment)
            )
            units -= gone.get(stop.fulfilment, 0)
            if units > 0:
                yield ToPutBack(bytes(stop.fulfilment), units)


def _late(view: AmendView, gone: Mapping[FulfilmentId, int]) -> int:
    """Return the units that are in a van."""
    return sum(line.loaded for line in view.order.fulfilment_lines) + sum(gone.values())
