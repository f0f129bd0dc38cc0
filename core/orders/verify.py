"""Whether orders add up: counters of fulfilments, of the order's own lines, holds, what is open, and the timeline."""

from collections.abc import Iterator

import sqlalchemy as sa

from core.kernel.operations import TOUCH_ORDER, Operation, OpTouch
from core.kernel.tables import rows_of, sql_of
from core.kernel.verify import Difference
from core.orders.model import Fulfilment, FulfilmentLine, Order, OrderHold, OrderLine
from core.orders.progress import COUNTERS, wanted


def verify_orders(connection: sa.Connection) -> Iterator[Difference]:
    """Yield every difference between orders and what they follow from."""
    yield from _fulfilments(connection)
    yield from _order_lines(connection)
    yield from _holds(connection)


def _fulfilments(connection: sa.Connection) -> Iterator[Difference]:
    line = sql_of(FulfilmentLine)
    sums = [sa.func.sum(line.c[name]) for name in COUNTERS]
    query = sa.select(
        line.c.site, line.c.fulfilment, sa.func.count(), sa.func.sum(line.c.quantity), *sums
    ).group_by(line.c.site, line.c.fulfilment)  # fmt: skip
    found = {(row[0], bytes(row[1])): [int(value) for value in row[2:]] for row in connection.execute(query)}
    names = ("lines", "units", *COUNTERS)
    for row in rows_of(Fulfilment, connection.execute(sa.select(sql_of(Fulfilment)))):
        want = found.get((row.site, row.id), [0] * len(names))
        for name, expected in zip(names, want, strict=True):
            if getattr(row, name) != expected:
                yield Difference("fulfilment", row.id.hex(), f"{name} {expected}", f"{name} {getattr(row, name)}")
        yield from _open(row)
    for each in rows_of(FulfilmentLine, connection.execute(sa.select(line))):
        yield from _open(each)


def _open(row: Fulfilment | FulfilmentLine) -> Iterator[Difference]:
    expected = int(row.loaded < wanted(row))
    if row.open != expected:
        yield Difference(row.TABLE.name, row.id.hex(), f"open {expected}", f"open {row.open}")


def _order_lines(connection: sa.Connection) -> Iterator[Difference]:
    line, own = sql_of(FulfilmentLine), sql_of(OrderLine)
    query = sa.select(line.c.order_line, sa.func.sum(line.c.quantity), sa.func.sum(line.c.cancelled))
    parts = {bytes(row[0]): (int(row[1]), int(row[2])) for row in connection.execute(query.group_by(line.c.order_line))}
    for row in rows_of(OrderLine, connection.execute(sa.select(own))):
        want, have = parts.get(row.id, (0, 0)), (row.ordered, row.cancelled)
        if want != have:
            words = [f"ordered {ordered}, cancelled {cancelled}" for ordered, cancelled in (want, have)]
            yield Difference("order_line", row.id.hex(), *words)


def _holds(connection: sa.Connection) -> Iterator[Difference]:
    hold, part = sql_of(OrderHold), sql_of(Fulfilment)
    query = sa.select(hold.c.order, sa.func.count()).where(hold.c.released_at == 0).group_by(hold.c.order)
    open_holds = {bytes(row[0]): int(row[1]) for row in connection.execute(query)}
    for id_, order, held in connection.execute(sa.select(part.c.id, part.c.order, part.c.held)):
        want = open_holds.get(bytes(order), 0)
        if held != want:
            yield Difference("fulfilment", bytes(id_).hex(), f"held {want}", f"held {held}")


def verify_timeline(connection: sa.Connection) -> Iterator[Difference]:
    """Every order was touched by the operation that brought it, and every touch is by an operation of the log."""
    log, touch, order = sql_of(Operation), sql_of(OpTouch), sql_of(Order)
    logged = sa.exists().where(log.c.site == touch.c.site, log.c.id == touch.c.operation)
    lost = sa.select(touch.c.id, touch.c.operation).where(~logged)
    for id_, operation in connection.execute(lost):
        yield Difference("op_touch", bytes(id_).hex(), f"operation {bytes(operation).hex()}", "none in the log")
    touched = sa.exists().where(
        touch.c.site == order.c.site, touch.c.entity == TOUCH_ORDER, touch.c.id == order.c.id
    )  # fmt: skip
    for (id_,) in connection.execute(sa.select(order.c.id).where(~touched)):
        yield Difference("op_touch", bytes(id_).hex(), "the operation that brought the order", "none")
