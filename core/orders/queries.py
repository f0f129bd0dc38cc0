"""Reading orders: by number, with lines, holds and the timeline of what happened to them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from typing import Any

import sqlalchemy as sa

from core.kernel import codec
from core.kernel.batches import batched
from core.kernel.ids import ContactId, FulfilmentId, OrderId, PersonId, SiteId, StationId
from core.kernel.operations import TOUCH_ORDER, Operation, OperationOutcome, OpTouch
from core.kernel.reading import read_together
from core.kernel.tables import Row, rows_of, sql_of
from core.orders.model import Contact, Fulfilment, FulfilmentLine, Order, OrderHold, OrderLine, StopRequest

_NAMES = tuple(f"name_{n}" for n in range(64))
"""Parameters of one look for orders: about a batch of an import."""


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order with everything that belongs to it."""

    order: Order
    lines: tuple[OrderLine, ...]
    fulfilments: tuple[Fulfilment, ...]
    fulfilment_lines: tuple[FulfilmentLine, ...]
    holds: tuple[OrderHold, ...]
    stops: tuple[StopRequest, ...]
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One operation that touched an order."""

    position: int
    at: int
    kind: str
    actor: PersonId
    station: StationId
    body: str
    result: str
    exceptional: bool


def orders_by_number(connection: sa.Connection, site: SiteId, number: str) -> tuple[Order, ...]:
    """Return the orders people call by a number; two channels may use the same one."""
    orders = sql_of(Order)
    query = sa.select(orders).where(orders.c.site == site, orders.c.number == number)
    return rows_of(Order, connection.execute(query.order_by(orders.c.id)))


def order_view(connection: sa.Connection, site: SiteId, order: OrderId) -> OrderView | None:
    """Return an order with its lines, fulfilments, holds and address; None when it is not there."""
    head = sql_of(Order)
    found = rows_of(Order, connection.execute(sa.select(head).where(head.c.site == site, head.c.id == order)))
    if not found:
        return None
    read = read_together(connection, [*(_of(cls, site, order) for cls in _PARTS), _by_id(site, found[0].contact)])
    lines, parts, part_lines, holds, stops = (sorted(read[cls], key=_place) for cls in _PARTS)
    return OrderView(
        found[0], tuple(lines), tuple(parts), tuple(part_lines), tuple(holds), tuple(stops),
        next(iter(read[Contact]), None),
    )  # fmt: skip


_PARTS = (OrderLine, Fulfilment, FulfilmentLine, OrderHold, StopRequest)


def _of(cls: type[Row], site: SiteId, order: OrderId) -> tuple[type[Row], sa.ColumnElement[bool]]:
    table = sql_of(cls)
    return cls, sa.and_(table.c.site == site, table.c.order == order)


def _by_id(site: SiteId, contact_id: ContactId) -> tuple[type[Row], sa.ColumnElement[bool]]:
    table = sql_of(Contact)
    return Contact, sa.and_(table.c.site == site, table.c.id == contact_id)


def _place(row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in ("number", "placed_at", "at", "id") if hasattr(row, name))


def contact(connection: sa.Connection, site: SiteId, contact_id: ContactId) -> Contact | None:
    """Return a private address; None where it was erased or never came to this station."""
    contacts = sql_of(Contact)
    query = sa.select(contacts).where(contacts.c.site == site, contacts.c.id == contact_id)
    found = rows_of(Contact, connection.execute(query))
    return found[0] if found else None


def fulfilment(connection: sa.Connection, site: SiteId, fulfilment_id: FulfilmentId) -> Fulfilment | None:
    """Return a fulfilment by id."""
    parts = sql_of(Fulfilment)
    query = sa.select(parts).where(parts.c.site == site, parts.c.id == fulfilment_id)
    found = rows_of(Fulfilment, connection.execute(query))
    return found[0] if found else None


def known_orders(
    connection: sa.Connection, site: SiteId, names: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], bytes]:
    """Return which of these orders, by channel and external id, are here, with the digest of each one's document.

    Not by id: a channel that says another date for an order it sent before still means that order.
    """
    by_channel: dict[str, list[str]] = defaultdict(list)
    for channel, name in names:
        by_channel[channel].append(name)
    known: dict[tuple[str, str], bytes] = {}
    for channel, inside in by_channel.items():
        for some in batched(inside, len(_NAMES)):
            # Of a few lengths alone, the last name again for those that lack: the statement's texts are made once.
            asked = _NAMES[: 1 << (len(some) - 1).bit_length()]
            given = dict(zip_longest(asked, some, fillvalue=some[-1]))
            found = connection.execute(_known_query(asked), {"site": site, "channel": channel, **given})
            known.update(((channel, name), bytes(digest)) for name, digest in found)
    return known


@cache
def _known_query(names: tuple[str, ...]) -> sa.Select[Any]:
    table = sql_of(Order)
    return sa.select(table.c.external_id, table.c.digest).where(
        table.c.site == sa.bindparam("site"),
        table.c.channel == sa.bindparam("channel"),
        table.c.external_id.in_([sa.bindparam(name) for name in names]),
    )


def timeline(connection: sa.Connection, site: SiteId, order: OrderId) -> tuple[TimelineEntry, ...]:
    """Return every operation that touched an order, oldest first."""
    log, touch = sql_of(Operation), sql_of(OpTouch)
    query = (
        sa.select(
            log.c.position, log.c.device_ms, log.c.kind, log.c.actor, log.c.station, log.c.body, log.c.result,
            log.c.outcome,
        )
        .select_from(log)
        .join(touch, sa.and_(touch.c.site == log.c.site, touch.c.operation == log.c.id))
        .where(touch.c.site == site, touch.c.entity == TOUCH_ORDER, touch.c.id == order)
        .order_by(log.c.position)
    )  # fmt: skip
    return tuple(
        TimelineEntry(*found[:-1], exceptional=found[-1] == OperationOutcome.APPLIED_WITH_EXCEPTION.value)
        for found in connection.execute(query)
    )


def body_of_entry(entry: TimelineEntry) -> dict[str, object]:
    """Return the fields of a timeline entry's command."""
    body = codec.parse(entry.body)
    return dict(body)
