"""Work that stations hold: how long what a station holds will last, and what it should get next.

A cart holds walks, a bench the packing of single units that were picked together: no tote binds them to their orders, so all
of one walk go to one bench. What else is packed needs no lease: the goods in hand are the right.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.kernel.batches import batched
from core.kernel.commands import Command
from core.kernel.flow import Stamp
from core.kernel.ids import BatchId, CommandId, SiteId, StationId, ZoneId, derive
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Fulfilment
from core.rights.commands import RecallWork
from core.rights.model import LeaseState, SiteStation, Stage, StationHeard, StationKind, StationStatus, WorkLease
from core.rights.outages import MINUTES_MAX, minutes_ahead, outage_minutes
from core.rights.queries import Name, is_mine
from core.waves.commands import SetZones
from core.waves.model import Batch, BatchKind, BatchMember, BatchState, MemberOutcome
from core.waves.queries import urgency
from core.waves.zones import Zones, Zoning, pickers, zones_of, zoning

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
_LOOKED_AT = 100
"""Walks whose zones are looked up at once: who asks has mostly enough before."""
NOWHERE: Zones = frozenset()
_OVER = (MemberOutcome.CANCELLED.value, MemberOutcome.DETACHED.value)


_SITE: sa.BindParameter[Any] = sa.bindparam("site")


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
        held = list(_held_by(connection, site, stage, station))
        seconds[stage] = sum(takes for lease, takes, begun in held if begun or not lease.recalled_at)
        recalled += [lease for lease, _, begun in held if lease.recalled_at and not begun]
    rush = any(rush_work(connection, site, station, stage) for stage in seconds)
    return Held(seconds, tuple(recalled), minutes_ahead(outage_minutes(connection, site)), rush)


def _seconds(stage: Stage, left: int) -> int:
    """Return how long stops or units take."""
    return max(0, left) * (SECONDS_A_STOP if stage is Stage.PICK else SECONDS_A_SINGLE)


class _Free(NamedTuple):
    """Work that nobody holds."""

    batch: BatchId
    seconds: int
    """How long it will take."""
    zones: Zones
    taken_from: bytes
    """The station that it was asked back from last; empty for none."""


def next_work(
    connection: sa.Connection, site: SiteId, stage: Stage, station: StationId, seconds: int, since: int = 0,
    *, again: bool = True,
) -> tuple[BatchId, ...]:  # fmt: skip
    """Return work that nobody holds and a station may have, the most urgent first, until it will take so long.

    Without `again` nothing that was asked back from it.
    """
    chosen: list[BatchId] = []
    zoned = zoning(connection, site, since)
    for each in _free(connection, site, stage, zoned):
        if seconds <= 0:
            break
        if not zoned.may(station, each.zones) or (each.taken_from == station and not again):
            continue
        chosen.append(each.batch)
        seconds -= each.seconds
    return tuple(chosen)


def _free(connection: sa.Connection, site: SiteId, stage: Stage, zoned: Zoning) -> Iterator[_Free]:
    """Yield work that nobody holds, the most urgent first.

    A walk that waits on its cart, because whoever began it is lost, is free once its lease is none any more.
    """
    found = connection.execute(_free_statement(stage), {"site": site})
    rows = [(BatchId(bytes(row[0])), int(row[1]), bytes(row[2])) for row in found]
    for some in batched(rows, _LOOKED_AT):
        through = _through(connection, site, stage, zoned, [batch for batch, *_ in some])
        for batch, left, taken_from in some:
            yield _Free(batch, _seconds(stage, left), through.get(batch, NOWHERE), taken_from)


def _through(
    connection: sa.Connection, site: SiteId, stage: Stage, zoned: Zoning, batches: Sequence[BatchId]
) -> Mapping[BatchId, Zones]:
    """Return the zones of walks where it matters: what is packed lies at the bench."""
    return zones_of(connection, site, batches) if zoned.works and stage is Stage.PICK else {}


@cache
def _free_statement(stage: Stage) -> sa.Select[Any]:
    batches, leases = sql_of(Batch), sql_of(WorkLease)
    lease = sa.and_(leases.c.site == batches.c.site, leases.c.stage == stage.value, leases.c.work == batches.c.id)
    held = leases.c.state.in_((LeaseState.HELD.value, LeaseState.FROZEN.value))
    taken_from = sa.case((leases.c.recalled_at > 0, leases.c.station), else_=sa.literal(b""))
    waits = (BatchState.READY.value, BatchState.SUSPENDED.value)
    ready = batches.c.state.in_(waits) if stage is Stage.PICK else sa.true()
    return (
        sa.select(batches.c.id, _progress(stage)[0], taken_from)
        .outerjoin(leases, lease)
        .where(batches.c.site == _SITE, ready, _open(stage), sa.or_(leases.c.work.is_(None), ~held))
        .order_by(*urgency(batches))
    )


def waits_elsewhere(connection: sa.Connection, site: SiteId, station: StationId) -> bool:
    """Return whether walks wait, and all of them in zones that others work."""
    zoned = zoning(connection, site)
    if station not in zoned.works:
        return False
    free = list(_free(connection, site, Stage.PICK, zoned))
    return bool(free) and not any(zoned.may(station, each.zones) for each in free)


def fair_share(
    connection: sa.Connection, site: SiteId, stage: Stage, station: StationId, since: int, seconds: int
) -> tuple[BatchId, ...]:
    """Return the walks that a station is given, while others are there that hold less: its share of what is free.

    What is free is thought of as given, walk by walk, to whoever holds least: nobody holds work ahead for an outage that
    another has nothing to do without, and what was asked back does not go where it came from while another may have it. A walk counts
    for those only whose zones it lies in.

    Args:
        connection: the central database's.
        site: which site.
        stage: what of the work.
        station: who asks.
        since: stations that were not heard since then, by the hub's clock, are not there.
        seconds: for how long it asks.
    """
    held = dict.fromkeys(_present(connection, site, stage, since), 0) | {station: 0}
    for lease, takes, _ in _held_by(connection, site, stage):
        if lease.station in held:
            held[lease.station] += takes
    zoned, most = zoning(connection, site, since), MINUTES_MAX * 60
    mine: list[BatchId] = []
    for work in _free(connection, site, stage, zoned):
        if seconds <= 0 or held[station] >= most:
            break
        whose = [each for each in held if held[each] < most and zoned.may(each, work.zones)]
        whose = [each for each in whose if each != work.taken_from] or whose
        if not whose:
            continue
        least = min(whose, key=lambda each: (held[each], each != station))
        held[least] += work.seconds
        if least == station:
            mine.append(work.batch)
            seconds -= work.seconds
    return tuple(mine)


def spare_work(
    connection: sa.Connection, site: SiteId, stage: Stage, station: StationId, since: int
) -> WorkLease | None:
    """Return work that a station with nothing to do should get from the one that holds most; None for none.

    Of what was not begun the last that it may have by its zones; nothing while something else was asked for and has not
    come back.
    """
    zoned = zoning(connection, site, since)
    there = _present(connection, site, stage, since) - {station}
    held: dict[StationId, list[tuple[WorkLease, int, bool]]] = {}
    for each in _held_by(connection, site, stage):
        if each[0].station == station or (each[0].recalled_at and each[0].station in there and not each[2]):
            return None
        if each[0].station in there:
            held.setdefault(each[0].station, []).append(each)
    works = [BatchId(lease.work) for some in held.values() for lease, _, begun in some if not begun]
    through = _through(connection, site, stage, zoned, works)

    def spare(some: Sequence[tuple[WorkLease, int, bool]]) -> list[WorkLease]:
        mine = (each for each, _, begun in some if not begun)
        return [each for each in mine if zoned.may(station, through.get(BatchId(each.work), NOWHERE))]

    most = max(
        (each for each in held.values() if spare(each)),
        key=lambda each: (sum(takes for _, takes, _ in each), each[0][0].station),
        default=[],
    )
    found = spare(most)
    return found[-1] if found and len(most) > 1 else None


def _present(connection: sa.Connection, site: SiteId, stage: Stage, since: int) -> set[StationId]:
    """Return the stations that work at a stage and were heard lately."""
    stations, heard = sql_of(SiteStation), sql_of(StationHeard)
    kinds = [kind.value for kind, stages in STAGES.items() if stage in stages]
    query = (
        sa.select(stations.c.id)
        .join(heard, sa.and_(heard.c.site == stations.c.site, heard.c.station == stations.c.id))
        .where(
            stations.c.site == site, stations.c.status == StationStatus.ACTIVE.value, stations.c.kind.in_(kinds),
            heard.c.at >= since,
        )
    )  # fmt: skip
    return {StationId(bytes(row[0])) for row in connection.execute(query)}


def _held_by(
    connection: sa.Connection, site: SiteId, stage: Stage, station: StationId | None = None
) -> Iterator[tuple[WorkLease, int, bool]]:
    """Yield leases of a stage that are not done, everybody's or one station's, the most urgent first.

    With each the seconds that what is left of it takes, and whether it was begun.
    """
    width = len(WorkLease.TABLE.columns)
    query = _held_statement(stage, station is not None)
    for row in [tuple(each) for each in connection.execute(query, {"site": site, "station": station})]:
        yield rows_of(WorkLease, [row[:width]])[0], _seconds(stage, int(row[width])), bool(row[width + 1])


@cache
def _held_statement(stage: Stage, of_one: bool) -> sa.Select[Any]:
    batches, leases = sql_of(Batch), sql_of(WorkLease)
    return (
        sa.select(leases, *_progress(stage))
        .join(batches, sa.and_(batches.c.site == leases.c.site, batches.c.id == leases.c.work))
        .where(
            leases.c.site == _SITE,
            leases.c.state == LeaseState.HELD.value,
            leases.c.stage == stage.value,
            _open(stage),
            leases.c.station == sa.bindparam("station") if of_one else sa.true(),
        )
        .order_by(*urgency(batches))
    )


def rush_work(
    connection: sa.Connection, site: SiteId, station: StationId, stage: Stage, since: int = 0
) -> tuple[BatchId, ...]:
    """Return the first work that nobody holds, where it is more urgent than everything that a station holds.

    One at a time: who has it holds something as urgent, and the next goes to another.
    """
    first = next_work(connection, site, stage, station, 1, since, again=False)
    mine = [lease.work for lease, _, _ in _held_by(connection, site, stage, station)]
    if not first or not mine:
        return ()
    batches = sql_of(Batch)
    query = sa.select(batches.c.id, batches.c.priority).where(batches.c.site == site, batches.c.id.in_([*first, *mine]))
    priority = {bytes(row[0]): int(row[1]) for row in connection.execute(query)}
    return first if priority[first[0]] > max(priority.get(bytes(each), 0) for each in mine) else ()


def not_begun(connection: sa.Connection, station: SiteStation) -> Iterator[WorkLease]:
    """Yield the walks, and the packing of walks, that a station holds, has not begun and was not asked for yet."""
    for stage in STAGES[station.kind]:
        for lease, _, begun in _held_by(connection, station.site, stage, station.id):
            if not begun and not lease.recalled_at:
                yield lease


def plan_zones(
    connection: sa.Connection, station: SiteStation, zones: Sequence[ZoneId], stamp: Stamp
) -> Iterator[Command]:
    """Yield what lets a station work other zones: that it does, and that walks are asked back that are others' then.

    Args:
        connection: a reader.
        station: which.
        zones: all that it is to work; none for every zone.
        stamp: of the first command; the others' ids follow from its.
    """
    now, wanted = zoning(connection, station.site), frozenset(zones)
    left = now.works.get(station.id, NOWHERE) - wanted
    yield SetZones(
        **stamp, station=station.id, zones=tuple(sorted(wanted)), left=tuple(sorted(left)), base_version=station.version
    )
    others = {name: some for name, some in now.works.items() if name != station.id}
    zoned = Zoning(others | ({station.id: wanted} if wanted else {}), pickers(connection, station.site))
    held = [lease for lease in not_begun(connection, station) if lease.stage is Stage.PICK]
    through = _through(connection, station.site, Stage.PICK, zoned, [BatchId(each.work) for each in held])
    for n, each in enumerate(held):
        if not zoned.may(station.id, through.get(BatchId(each.work), NOWHERE)):
            base: Stamp = {**stamp, "id": CommandId(derive(stamp["id"], "recall", n))}
            yield RecallWork(**base, stage=each.stage, work=each.work)


def may_pack(site: SiteId | Name, station: StationId | Name, walk: sa.Column[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that the singles of a walk are a station's to pack: it holds them, or is alone at its site."""
    return is_mine(site, station, Stage.PACK, walk, begun=packing_began(site, walk))


def packing_began(site: SiteId | Name, walk: sa.Column[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that some of a walk's singles are packed: the rest lies there, and is not given back."""
    members, parts = sql_of(BatchMember), sql_of(Fulfilment)
    return (
        sa.exists()
        .where(
            members.c.site == site, members.c.batch == walk, members.c.outcome.not_in(_OVER),
            parts.c.site == site, parts.c.id == members.c.fulfilment, parts.c.packed > 0,
        )
        .correlate(walk.table)
    )  # fmt: skip


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
    return (
        sa.select(sa.func.coalesce(sa.func.sum(value), 0))
        .select_from(members)
        .join(parts, sa.and_(parts.c.site == members.c.site, parts.c.id == members.c.fulfilment))
        .where(members.c.site == batches.c.site, members.c.batch == batches.c.id, members.c.outcome.not_in(_OVER))
        .correlate(batches)
        .scalar_subquery()
    )
