"""Whether released work adds up: tasks against their reservations, batches against their tasks, numbers given out."""

from collections import defaultdict
from collections.abc import Iterator

import sqlalchemy as sa

from core.kernel.ids import NO_ID
from core.kernel.numbers import OWN, NumberRange
from core.kernel.tables import rows_of, sql_of
from core.kernel.verify import Difference
from core.stock.model import Reservation
from core.waves.commands import BATCH_NUMBERS, WAVE_NUMBERS
from core.waves.model import Batch, BatchState, PickTask, TaskState, Wave


def verify_waves(connection: sa.Connection) -> Iterator[Difference]:
    """Yield every difference between work and what is reserved for it."""
    tasks = rows_of(PickTask, connection.execute(sa.select(sql_of(PickTask))))
    yield from _tasks(connection, tasks)
    yield from _batches(connection, tasks)
    yield from _numbers(connection)


def _tasks(connection: sa.Connection, tasks: tuple[PickTask, ...]) -> Iterator[Difference]:
    held = sql_of(Reservation)
    query = sa.select(held.c.work, sa.func.sum(held.c.quantity)).where(held.c.work != NO_ID).group_by(held.c.work)
    units = {bytes(row[0]): int(row[1]) for row in connection.execute(query)}
    for row in tasks:
        want = row.quantity - row.picked - row.short if row.state is TaskState.OPEN else 0
        have = units.pop(row.id, 0)
        if have != want:
            yield Difference("pick_task", row.id.hex(), f"{want} units reserved", f"{have} units reserved")
    for work, quantity in units.items():
        yield Difference("reservation", f"work {work.hex()}", "a task", f"none, {quantity} units reserved")


def _batches(connection: sa.Connection, tasks: tuple[PickTask, ...]) -> Iterator[Difference]:
    left: dict[bytes, int] = defaultdict(int)
    for row in tasks:
        left[row.batch] += row.state is TaskState.OPEN
    for batch in rows_of(Batch, connection.execute(sa.select(sql_of(Batch)))):
        stops = batch.tasks - batch.tasks_done
        if stops != left[batch.id]:
            yield Difference("batch", batch.id.hex(), f"{left[batch.id]} stops to go", f"{stops} stops to go")
        if batch.state is BatchState.PICKED and left[batch.id]:
            yield Difference("batch", batch.id.hex(), "no stop to go, being picked", f"{left[batch.id]} stops to go")


def _numbers(connection: sa.Connection) -> Iterator[Difference]:
    ranges = sql_of(NumberRange)
    own = sa.select(ranges.c.site, ranges.c.name, ranges.c.next).where(ranges.c.first == OWN)
    given = {(row[0], row[1]): int(row[2]) for row in connection.execute(own)}
    for name, table in ((WAVE_NUMBERS, sql_of(Wave)), (BATCH_NUMBERS, sql_of(Batch))):
        query = sa.select(table.c.site, sa.func.max(table.c.number)).group_by(table.c.site)
        for site, number in connection.execute(query):
            if given.get((site, name), 1) <= number:
                yield Difference("number_range", name, f"a number after {number}", f"next {given.get((site, name), 1)}")
