"""What is open, what may be promised, and why a line waits."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

import sqlalchemy as sa

from core.allocation.promise import OpenLine, StockName
from core.allocation.why import ItemStock, LineExplanation, Standing, explain_lines
from core.allocation.withdraw import PromisedLine
from core.catalog.model import Location, LocationRole
from core.kernel.batches import batched
from core.kernel.ids import NO_ID, FulfilmentId, FulfilmentLineId, ItemId, OrderId, OwnerId, SiteId
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Fulfilment, FulfilmentLine, PartialPolicy, PaymentState, StopKind, StopRequest
from core.stock.expiry import is_expired
from core.stock.model import Balance, Condition, Lot, Reservation, StockHold
from core.stock.queries import promisable, why_not_pickable

_IDS_AT_ONCE = 400


def open_fulfilments(
    connection: sa.Connection, site: SiteId, among: Iterable[FulfilmentId] | None = None
) -> Iterator[FulfilmentId]:
    """Yield the fulfilments (of these, or of all) that may go on and have units nothing is promised to, the most urgent first."""
    part = sql_of(Fulfilment)
    query = sa.select(part.c.id).where(*_may_be_promised(site))
    if among is not None:
        query = query.where(part.c.id.in_(sorted(among)))
    urgency = (part.c.priority.desc(), part.c.cut_off_at == 0, part.c.cut_off_at, part.c.ordered_at, part.c.id)
    return iter(connection.execute(query.order_by(*urgency)).scalars())


def count_open_lines(connection: sa.Connection, site: SiteId) -> int:
    """Return how many lines of them have units nothing is promised to."""
    line, part = sql_of(FulfilmentLine), sql_of(Fulfilment)
    going = sa.select(part.c.id).where(*_may_be_promised(site))
    query = sa.select(sa.func.count()).where(
        line.c.site == site,
        line.c.fulfilment.in_(going),
        line.c.promised < line.c.quantity - line.c.short - line.c.cancelled,
    )
    return int(connection.execute(query).scalar_one())


def _may_be_promised(site: SiteId) -> tuple[sa.ColumnElement[bool], ...]:
    part, stop = sql_of(Fulfilment), sql_of(StopRequest)
    return (
        part.c.site == site,
        part.c.open == 1,
        part.c.held == 0,
        part.c.payment != PaymentState.UNPAID.value,
        part.c.promised < part.c.units - part.c.short - part.c.cancelled,
        ~sa.exists().where(stop.c.site == site, stop.c.fulfilment == part.c.id),
    )


def open_lines(connection: sa.Connection, site: SiteId, fulfilments: Iterable[FulfilmentId]) -> Iterator[OpenLine]:
    """Yield the lines of these fulfilments that have units nothing is promised to."""
    line, part = sql_of(FulfilmentLine), sql_of(Fulfilment)
    want = line.c.quantity - line.c.short - line.c.cancelled
    query = (
        sa.select(
            line.c.id, line.c.fulfilment, line.c.number, line.c.owner, line.c.item, want - line.c.promised,
            part.c.priority, part.c.cut_off_at, part.c.ordered_at, part.c.partial,
        )
        .select_from(line)
        .join(part, sa.and_(part.c.site == line.c.site, part.c.id == line.c.fulfilment))
        .where(
            line.c.site == site, line.c.fulfilment.in_(sa.bindparam("ids", expanding=True)), line.c.promised < want
        )
    )  # fmt: skip
    for some in batched(fulfilments, _IDS_AT_ONCE):
        for found in connection.execute(query, {"ids": some}):
            yield OpenLine(*found[:9], whole=found[9] == PartialPolicy.WHOLE.value)


def outstanding(
    connection: sa.Connection, site: SiteId, items: Collection[ItemId] | None = None
) -> dict[StockName, int]:
    """Return the units per owner and item (of these items, or of all) that are promised and not picked yet."""
    line, part = sql_of(FulfilmentLine), sql_of(Fulfilment)
    units = sa.func.sum(line.c.promised - line.c.picked)
    query = sa.select(line.c.owner, line.c.item, units).group_by(line.c.owner, line.c.item)
    if items is not None:
        query = query.where(line.c.site == site, line.c.item.in_(sorted(items)), line.c.open == 1)
    else:
        going = sa.select(part.c.id).where(part.c.site == site, part.c.open == 1, part.c.promised > part.c.picked)
        query = query.where(line.c.site == site, line.c.fulfilment.in_(going), line.c.open == 1)
    return {(OwnerId(owner), ItemId(item)): int(total) for owner, item, total in connection.execute(query)}


def free_to_promise(connection: sa.Connection, site: SiteId, today: str) -> Mapping[StockName, int]:
    """Return the units per owner and item that may still be promised, of items that somebody waits for."""
    line = sql_of(FulfilmentLine)
    want = line.c.quantity - line.c.short - line.c.cancelled
    asked = sa.select(line.c.item).where(line.c.site == site, line.c.open == 1, line.c.promised < want)
    wanted = set(connection.execute(asked.distinct()).scalars())
    return free_of(connection, site, today, wanted)


def free_of(connection: sa.Connection, site: SiteId, today: str, items: Collection[ItemId]) -> Mapping[StockName, int]:
    """Return the units per owner and item (of these items) that are neither promised nor kept for a walk."""
    promised, beside = outstanding(connection, site), kept_beside(connection, site)
    free = {
        name: row.quantity - promised.get(name, 0) - beside.get(name, 0)
        for row in promisable(connection, site, today)
        if row.item in items and (name := (row.owner, row.item))
    }
    return {name: units for name, units in free.items() if units > 0}


def kept_beside(connection: sa.Connection, site: SiteId) -> Mapping[StockName, int]:
    """Return the units per owner and item that are kept for walks at other places than they are sent to."""
    held = sql_of(Reservation)
    query = (
        sa.select(held.c.owner, held.c.item, sa.func.sum(held.c.quantity))
        .where(held.c.site == site, held.c.work == NO_ID)
        .group_by(held.c.owner, held.c.item)
    )
    return {(OwnerId(owner), ItemId(item)): int(units) for owner, item, units in connection.execute(query)}


def excess(connection: sa.Connection, site: SiteId, today: str) -> Mapping[StockName, int]:
    """Return the units per owner and item that are promised and not picked, and that no stock one may use covers."""
    there = {(row.owner, row.item): row.quantity for row in promisable(connection, site, today)}
    over = {name: units - there.get(name, 0) for name, units in outstanding(connection, site).items()}
    return {name: units for name, units in over.items() if units > 0}


def promised_lines(connection: sa.Connection, site: SiteId, items: Collection[ItemId]) -> Iterator[PromisedLine]:
    """Yield what is promised and in no walk of unpaid fulfilments, and of those that were promised any of these items."""
    line, part = sql_of(FulfilmentLine), sql_of(Fulfilment)
    unpaid = part.c.payment == PaymentState.UNPAID.value
    waiting = (line.c.site == site, line.c.open == 1, line.c.promised > line.c.reserved)
    asked = line.alias()
    of_items = sa.select(asked.c.fulfilment).where(
        asked.c.site == site, asked.c.open == 1, asked.c.promised > asked.c.reserved,
        asked.c.item.in_(sa.bindparam("items", expanding=True)),
    )  # fmt: skip
    query = (
        sa.select(
            line.c.id, line.c.fulfilment, line.c.number, line.c.owner, line.c.item, line.c.promised - line.c.reserved,
            part.c.priority, part.c.cut_off_at, part.c.ordered_at, part.c.partial, part.c.payment,
        )
        .select_from(line)
        .join(part, sa.and_(part.c.site == line.c.site, part.c.id == line.c.fulfilment))
        .where(*waiting)
    )  # fmt: skip
    going = part.c.promised > part.c.reserved
    found: dict[FulfilmentLineId, PromisedLine] = {}
    conditions: list[tuple[sa.ColumnElement[bool], dict[str, object]]] = [
        (sa.and_(part.c.open == 1, going, unpaid), {})
    ]
    conditions += [(part.c.id.in_(of_items), {"items": some}) for some in batched(sorted(items), _IDS_AT_ONCE)]
    for condition, given in conditions:
        for row in connection.execute(query.where(condition), given):
            whole, owes = row[9] == PartialPolicy.WHOLE.value, row[10] == PaymentState.UNPAID.value
            found[row[0]] = PromisedLine(*row[:9], whole=whole, unpaid=owes)
    return iter(found.values())


def explain(connection: sa.Connection, site: SiteId, order: OrderId, today: str) -> tuple[LineExplanation, ...]:
    """Return for every line of an order why it was not promised or not released; empty for an unknown order."""
    lines = _standing(connection, site, order)
    return explain_lines(lines, _stock_of(connection, site, {each.row.item for each in lines}, today))


def _standing(connection: sa.Connection, site: SiteId, order: OrderId) -> tuple[Standing, ...]:
    line, part, stop = sql_of(FulfilmentLine), sql_of(Fulfilment), sql_of(StopRequest)
    parts = sa.select(part.c.id).where(part.c.site == site, part.c.order == order)
    query = (
        sa.select(line, part.c.held, part.c.payment, part.c.partial, stop.c.kind)
        .select_from(line)
        .join(part, sa.and_(part.c.site == line.c.site, part.c.id == line.c.fulfilment))
        .outerjoin(stop, sa.and_(stop.c.site == part.c.site, stop.c.fulfilment == part.c.id))
        .where(line.c.site == site, line.c.fulfilment.in_(parts))
        .order_by(part.c.number, line.c.number)
    )
    width = len(FulfilmentLine.TABLE.columns)
    found: list[Standing] = []
    for raw in connection.execute(query):
        values = tuple(raw)
        held, payment, partial, kind = values[width:]
        row = rows_of(FulfilmentLine, [values[:width]])[0]
        stopped = None if kind is None else StopKind(kind)
        found.append(Standing(row, held, PaymentState(payment), PartialPolicy(partial), stopped))
    return tuple(found)


def _stock_of(
    connection: sa.Connection, site: SiteId, items: Collection[ItemId], today: str
) -> Mapping[StockName, ItemStock]:
    """Return what there is of these items and what may be done with it."""
    b, p, lots, holds = sql_of(Balance), sql_of(Location), sql_of(Lot), sql_of(StockHold)
    held = sa.exists().where(
        holds.c.site == site, holds.c.released_at == 0, holds.c.target.in_([b.c.lot, b.c.location, b.c.item])
    )
    query = (
        sa.select(
            b.c.owner, b.c.item, b.c.total, b.c.reserved, b.c.condition, p.c.role, p.c.blocked,
            sa.func.coalesce(lots.c.expiry, ""), sa.case((held, 1), else_=0),
        )
        .select_from(b)
        .join(p, sa.and_(p.c.site == b.c.site, p.c.id == b.c.location))
        .outerjoin(lots, sa.and_(lots.c.site == b.c.site, lots.c.id == b.c.lot))
        .where(b.c.site == site, b.c.item.in_(sorted(items)), b.c.signed == 0, b.c.total > 0)
    )  # fmt: skip
    found: dict[StockName, ItemStock] = defaultdict(ItemStock)
    for owner, item, total, reserved, condition, role, blocked, expiry, on_hold in connection.execute(query):
        place = LocationRole(role)
        word = why_not_pickable(
            place, blocked, Condition(condition), expired=is_expired(expiry, today), held=bool(on_hold)
        )
        found[OwnerId(owner), ItemId(item)].add(word, place, total, reserved)
    for name, units in outstanding(connection, site, items).items():
        found[name].promised = units
    return found
