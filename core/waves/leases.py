"""Walks as work that stations hold: how long what a station holds will last, and which walk it should get next."""

from dataclasses import dataclass

import sqlalchemy as sa

from core.kernel.ids import BatchId, SiteId, StationId
from core.kernel.tables import rows_of, sql_of
from core.rights.model import LeaseState, Stage, WorkLease
from core.waves.model import Batch, BatchState

SECONDS_A_STOP = 45
"""How long a stop of a walk takes, with the way to it."""
MINUTES_AHEAD = 60
"""How much work a station holds so that it does not stand still when the hub is gone (reference: sync, 8.0, 4)."""


@dataclass(frozen=True, slots=True)
class Held:
    """The walks that a station holds."""

    seconds: int
    """How long the open stops of all of them will take."""
    recalled: tuple[WorkLease, ...]
    """What was asked for again and was not begun."""


def held_walks(connection: sa.Connection, site: SiteId, station: StationId) -> Held:
    """Return what a station holds of walks that are not done."""
    batches, leases = sql_of(Batch), sql_of(WorkLease)
    width = len(WorkLease.TABLE.columns)
    query = (
        sa.select(leases, batches.c.state, batches.c.tasks - batches.c.tasks_done)
        .join(batches, sa.and_(batches.c.site == leases.c.site, batches.c.id == leases.c.work))
        .where(
            leases.c.site == site, leases.c.station == station, leases.c.state == LeaseState.HELD.value,
            leases.c.stage == Stage.PICK.value, batches.c.state != BatchState.PICKED.value,
        )
    )  # fmt: skip
    found = [tuple(row) for row in connection.execute(query)]
    rows = rows_of(WorkLease, [row[:width] for row in found])
    begun = [row[width] != BatchState.READY.value for row in found]
    stops = sum(
        max(0, int(row[width + 1])) for row, lease, at_work in zip(found, rows, begun, strict=True)
        if at_work or not lease.recalled_at
    )  # fmt: skip
    recalled = (lease for lease, at_work in zip(rows, begun, strict=True) if lease.recalled_at and not at_work)
    return Held(stops * SECONDS_A_STOP, tuple(recalled))


def next_walks(connection: sa.Connection, site: SiteId, seconds: int) -> tuple[BatchId, ...]:
    """Return walks that nobody holds, the most urgent first, until they will take so long."""
    batches, leases = sql_of(Batch), sql_of(WorkLease)
    held = sa.exists().where(
        leases.c.site == batches.c.site, leases.c.stage == Stage.PICK.value, leases.c.work == batches.c.id,
        leases.c.state == LeaseState.HELD.value,
    )  # fmt: skip
    query = (
        sa.select(batches.c.id, batches.c.tasks)
        .where(batches.c.site == site, batches.c.state == BatchState.READY.value, ~held)
        .order_by(batches.c.priority.desc(), batches.c.cut_off_at == 0, batches.c.cut_off_at, batches.c.number)
    )
    chosen: list[BatchId] = []
    for batch, stops in connection.execute(query):
        if seconds <= 0:
            break
        chosen.append(BatchId(bytes(batch)))
        seconds -= int(stops) * SECONDS_A_STOP
    return tuple(chosen)
