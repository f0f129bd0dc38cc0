"""Work that stations hold: how long what a station holds will last, and what it should get next.

A cart holds walks, a bench the packing of single units that were picked together: no tote binds them to their orders, so all
of one walk go to one bench. What else is packed needs no lease: the goods in hand are the right.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.kernel.ids import BatchId, SiteId, StationId
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Fulfilment
from core.rights.model import LeaseState, SiteStation, Stage, StationKind, WorkLease
from core.rights.outages import minutes_ahead, outage_minutes
from core.waves.model import Batch, BatchKind, BatchMember, BatchState, MemberOutcome

SECONDS_A_STOP = 45
"""How long a stop of a walk takes, with the way to it."""
SECONDS_A_SINGLE = 30
"""How long a single unit takes at the bench."""
STAGES: dict[StationKind, tuple[Stage, ...]] = {
    StationKind.CART: (Stage.PICK,),
    StationKind.BENCH: (Stage.PACK,),
    StationKind.DESK: (Stage.PICK, Stage.PACK),
    StationKind.DOCK: (),
}
"""What a station leases; a desk everything, where it is all there is."""


@dataclass(frozen=True, slots=True)
class Held:
    """The work that a station holds."""

    seconds: dict[Stage, int]
    """How long what is left of it will take, for each stage that the station works at."""
    recalled: tuple[WorkLease, ...]
    """What was asked for again and was not begun."""
    ahead: int
    """For how many minutes it should be enough, by the station's own outages."""
    rush: bool = False
    """Whether work waits that goes before all of it: what is held for an outage must not make a good day rigid."""

    def lasts(self, minutes: int) -> bool:
        """Return whether it is enough for so long, at every stage."""
        return all(each >= minutes * 60 for each in self.seconds.values())


def held_work(connection: sa.Connection, site: SiteId, station: StationId) -> Held:
    """Return what a station holds that is not done."""
    stations = sql_of(SiteStation)
    kinds = sa.select(stations.c.kind).where(stations.c.site == site, stations.c.id == station)
    kind = connection.execute(kinds).scalar_one_or_none()
    seconds: dict[Stage, int] = {}
    recalled: list[WorkLease] = []
    for stage in () if kind is None else STAGES[StationKind(kind)]:
        held = list(_held(connection, site, station, stage))
        seconds[stage] = seconds_of(stage, (left for lease, left, begun in held if begun or not lease.recalled_at))
        recalled += [lease for lease, _, begun in held if lease.recalled_at and not begun]
    rush = any(rush_work(connection, site, station, stage) for stage in seconds)
    return Held(seconds, tuple(recalled), minutes_ahead(outage_minutes(connection, site)), rush)


def seconds_of(stage: Stage, left: Iterable[int]) -> int:
    """Return how long stops or units take."""
    return sum(max(0, each) for each in left) * (SECONDS_A_STOP if stage is Stage.PICK else SECONDS_A_SINGLE)


def _held(
    connection: sa.Connection, site: SiteId, station: StationId, stage: Stage
) -> Iterable[tuple[WorkLease, int, bool]]:
    """Yield leases of a stage that are not done, with what is left of each and whether it was begun."""
    batches, leases = sql_of(Batch), sql_of(WorkLease)
    width = len(WorkLease.TABLE.columns)
    left, begun = _progress(stage)
    query = (
        sa.select(leases, left, begun)
        .join(batches, sa.and_(batches.c.site == leases.c.site, batches.c.id == leases.c.work))
        .where(
            leases.c.site == site, leases.c.station == station, leases.c.state == LeaseState.HELD.value,
            leases.c.stage == stage.value, _open(stage),
        )
    )  # fmt: skip
    for row in [tuple(each) for each in connection.execute(query)]:
        yield rows_of(WorkLease, [row[:width]])[0], int(row[width]), bool(row[width + 1])


def next_work(connection: sa.Connection, site: SiteId, stage: Stage, seconds: int) -> tuple[BatchId, ...]:
    """Return work that nobody holds, the most urgent first, until it will take so long."""
    batches, leases = sql_of(Batch), sql_of(WorkLease)
    held = sa.exists().where(
        leases.c.site == batches.c.site, leases.c.stage == stage.value, leases.c.work == batches.c.id,
        leases.c.state.in_((LeaseState.HELD.value, LeaseState.FROZEN.value)),
    )  # fmt: skip
    ready = batches.c.state == BatchState.READY.value if stage is Stage.PICK else sa.true()
    query = (
        sa.select(batches.c.id, _progress(stage)[0])
        .where(batches.c.site == site, ready, _open(stage), ~held)
        .order_by(batches.c.priority.desc(), batches.c.cut_off_at == 0, batches.c.cut_off_at, batches.c.number)
    )
    chosen: list[BatchId] = []
    for batch, left in connection.execute(query):
        if seconds <= 0:
            break
        chosen.append(BatchId(bytes(batch)))
        seconds -= seconds_of(stage, [int(left)])
    return tuple(chosen)


def rush_work(connection: sa.Connection, site: SiteId, station: StationId, stage: Stage) -> tuple[BatchId, ...]:
    """Return the first work that nobody holds, where it is more urgent than everything that a station holds.

    One at a time: who has it holds something as urgent, and the next goes to another.
    """
    first = next_work(connection, site, stage, 1)
    mine = [lease.work for lease, _, _ in _held(connection, site, station, stage)]
    if not first or not mine:
        return ()
    batches = sql_of(Batch)
    query = sa.select(batches.c.id, batches.c.priority).where(batches.c.site == site, batches.c.id.in_([*first, *mine]))
    priority = {bytes(row[0]): int(row[1]) for row in connection.execute(query)}
    return first if priority[first[0]] > max(priority.get(bytes(each), 0) for each in mine) else ()


def _progress(stage: Stage) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    """Return what is left of a batch at a stage, in stops or units, and whether it was begun there."""
    batches = sql_of(Batch)
    if stage is Stage.PICK:
        begun = sa.case((batches.c.state != BatchState.READY.value, 1), else_=0)
        return batches.c.tasks - batches.c.tasks_done, begun
    parts = sql_of(Fulfilment)
    left = _of_members(parts.c.units - parts.c.short - parts.c.cancelled - parts.c.packed)
    return left, sa.case((_of_members(parts.c.packed) > 0, 1), else_=0)


def _open(stage: Stage) -> sa.ColumnElement[bool]:
    """Return the condition that something of a batch is left to do at a stage."""
    batches = sql_of(Batch)
    if stage is Stage.PICK:
        return batches.c.state != BatchState.PICKED.value
    return sa.and_(batches.c.kind == BatchKind.BULK.value, _progress(stage)[0] > 0)


def _of_members(value: sa.ColumnElement[int]) -> sa.ScalarSelect[int]:
    """Return the sum of a value over the fulfilments of a batch that still count."""
    batches, members, parts = sql_of(Batch), sql_of(BatchMember), sql_of(Fulfilment)
    over = [MemberOutcome.CANCELLED.value, MemberOutcome.DETACHED.value]
    return (
        sa.select(sa.func.coalesce(sa.func.sum(value), 0))
        .select_from(members)
        .join(parts, sa.and_(parts.c.site == members.c.site, parts.c.id == members.c.fulfilment))
        .where(members.c.site == batches.c.site, members.c.batch == batches.c.id, members.c.outcome.not_in(over))
        .correlate(batches)
        .scalar_subquery()
    )
