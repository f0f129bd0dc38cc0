"""Giving work to stations: the most urgent that nobody holds, for as long as a station asks to be sure of."""

from collections.abc import Callable, Iterable

import sqlalchemy as sa

from core.catalog.queries import site_row
from core.kernel.commands import Command
from core.kernel.flow import Stamp
from core.kernel.ids import NO_SESSION, SYSTEM, BatchId, CommandId, SiteId
from core.kernel.numbers import OWN, UNLIMITED, NumberRange, next_number
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import UnitOfWork
from core.rights.commands import Grant, GrantNumbers, GrantWork, NewRange, RecallWork
from core.rights.fences import FENCES
from core.rights.model import (
    LOADING,
    LeaseState,
    SiteStation,
    Stage,
    StationHeard,
    StationKind,
    StationStatus,
    WorkLease,
)
from core.rights.outages import MINUTES_MAX
from core.rights.queries import gives_nothing, unheard
from core.shipping.commands import carrier_right
from core.stock.expiry import today_at
from core.waves.keeping import keep_commands, let_go_command
from core.waves.leases import fair_share, held_work, next_work, rush_work, spare_work
from sync.numbers import IN_HAND
from sync.protocol import Lease

CARRIERS_MAX = 100
PRESENT_MS = 600_000
"""A station that was not heard for so long is not waited with."""
_TAKEN = (LeaseState.HELD, LeaseState.FROZEN)
WALKS_MAX = 50
"""Of one grant and stage: each is a row of one operation."""


def grant(asked: Lease, at: int, new_id: Callable[[], bytes]) -> Callable[[sa.Connection], GrantWork | None]:
    """Return what decides, with the site's turn in hand, which work a station gets; None for none.

    Args:
        asked: the station's request.
        at: the hub's time.
        new_id: gives the operation's id.
    """

    def decide(connection: sa.Connection) -> GrantWork | None:
        if _kind(connection, asked, at) is None:
            return None
        lasts = min(asked.minutes, MINUTES_MAX) * 60
        held = held_work(connection, asked.site, asked.station)
        work = [
            (stage, each)
            for stage, seconds in held.seconds.items()
            for each in _next(connection, asked, stage, lasts, seconds, at)[:WALKS_MAX]
            or rush_work(connection, asked.site, asked.station, stage, at - PRESENT_MS)
        ]
        if not work:
            return None
        first = next_number(connection, asked.site, FENCES).value
        grants = tuple(Grant(stage, each, first + n) for n, (stage, each) in enumerate(work))
        return GrantWork(
            id=CommandId(new_id()), site=asked.site, at=at, actor=SYSTEM, session=NO_SESSION, station=asked.station,
            incarnation=asked.incarnation, epoch=asked.epoch, grants=grants,
        )  # fmt: skip

    return decide


def keep_beside(granted: GrantWork, new_id: Callable[[], bytes]) -> Callable[[sa.Connection], Iterable[Command]]:
    """Return what decides which units at other places are kept for the walks that a station was given, and which no more.

    Args:
        granted: what it was given.
        new_id: gives the operations' ids.
    """

    def decide(connection: sa.Connection) -> Iterable[Command]:
        over = let_go_command(connection, granted.site, _stamp(granted, new_id))
        walks = [BatchId(each.work) for each in granted.grants if each.stage is Stage.PICK]
        row = site_row(connection, granted.site)
        today = today_at(granted.at, "UTC" if row is None else row.time_zone)
        return (
            *([] if over is None else [over]),
            *keep_commands(connection, granted.site, granted.station, walks, today, _stamp(granted, new_id)),
        )

    return decide


def _stamp(granted: GrantWork, new_id: Callable[[], bytes]) -> Stamp:
    return Stamp(id=CommandId(new_id()), site=granted.site, at=granted.at, actor=SYSTEM, session=NO_SESSION)


def _next(
    connection: sa.Connection, asked: Lease, stage: Stage, lasts: int, seconds: int, at: int
) -> tuple[BatchId, ...]:
    """Return the work that a station gets next: as much as it asks for, or its share where there is not enough for all."""
    if not next_work(connection, asked.site, stage, asked.station, lasts - seconds, at - PRESENT_MS):
        return ()
    return fair_share(connection, asked.site, stage, asked.station, at - PRESENT_MS, lasts - seconds)


def recall_spare(asked: Lease, at: int, new_id: Callable[[], bytes]) -> Callable[[sa.Connection], RecallWork | None]:
    """Return what decides which work is asked back for a station that has none, from the one that holds most.

    Args:
        asked: the station's request.
        at: the hub's time.
        new_id: gives the operation's id.
    """

    def decide(connection: sa.Connection) -> RecallWork | None:
        if _kind(connection, asked, at) is None:
            return None
        held = held_work(connection, asked.site, asked.station).seconds
        wanting = (stage for stage, seconds in held.items() if not seconds)
        spare = (spare_work(connection, asked.site, stage, asked.station, at - PRESENT_MS) for stage in wanting)
        found = next((lease for lease in spare if lease is not None), None)
        if found is None:
            return None
        return RecallWork(
            id=CommandId(new_id()), site=asked.site, at=at, actor=SYSTEM, session=NO_SESSION, stage=found.stage,
            work=found.work,
        )  # fmt: skip

    return decide


def grant_numbers(asked: Lease, at: int, new_id: Callable[[], bytes]) -> Callable[[sa.Connection], GrantNumbers | None]:
    """Return what decides which numbers a station gets to give out; None for none.

    Args:
        asked: the station's request.
        at: the hub's time.
        new_id: gives the operation's id.
    """

    def decide(connection: sa.Connection) -> GrantNumbers | None:
        kind = _kind(connection, asked, at)
        usual = {} if kind is None else IN_HAND[kind]
        ranges = tuple(
            _cut(connection, asked.site, name, usual[name]) for name in dict.fromkeys(asked.numbers) if name in usual
        )
        ranges = tuple(each for each in ranges if each.first <= each.last)
        if not ranges:
            return None
        return GrantNumbers(
            id=CommandId(new_id()), site=asked.site, at=at, actor=SYSTEM, session=NO_SESSION, station=asked.station,
            incarnation=asked.incarnation, epoch=asked.epoch,
            ranges=ranges,
        )  # fmt: skip

    return decide


def _cut(connection: sa.Connection, site: SiteId, name: str, count: int) -> NewRange:
    """Return the next numbers of a site's own range, as many as there are; none where it ends before it begins."""
    own = UnitOfWork(connection).get(NumberRange, (site, name, OWN))
    first, last = (1, UNLIMITED) if own is None else (own.next, own.last)
    return NewRange(name, first, min(last, first + count - 1))


def grant_carriers(asked: Lease, at: int, new_id: Callable[[], bytes]) -> Callable[[sa.Connection], GrantWork | None]:
    """Return what decides which carriers a dock gets: those that no dock has, and that were not just taken from it.

    What was taken from it goes back to it where no other dock is there: a carrier nobody has is loaded by nobody.

    Args:
        asked: the station's request.
        at: the hub's time.
        new_id: gives the operation's id.
    """

    def decide(connection: sa.Connection) -> GrantWork | None:
        if _kind(connection, asked, at) not in LOADING:
            return None
        if any(station != asked.station for station, _ in unheard(connection, asked.site)):
            # A hub that was away may have given it to one of them and forgotten it: two docks would each load an order once.
            return None
        leases = sql_of(WorkLease)
        query = sa.select(leases).where(leases.c.site == asked.site, leases.c.stage == Stage.LOAD.value)
        known = {row.work: row for row in rows_of(WorkLease, connection.execute(query))}
        wanted = [carrier_right(name)[1] for name in dict.fromkeys(asked.carriers)][:CARRIERS_MAX]
        free = [work for work in wanted if _may_have(known.get(work), asked)]
        if len(free) < len(wanted) and not _another_loads(connection, asked, at - PRESENT_MS):
            free = [work for work in wanted if work in free or _is_recalled(known[work], asked)]
        if not free:
            return None
        first = next_number(connection, asked.site, FENCES).value
        return GrantWork(
            id=CommandId(new_id()), site=asked.site, at=at, actor=SYSTEM, session=NO_SESSION, station=asked.station,
            incarnation=asked.incarnation, epoch=asked.epoch,
            grants=tuple(Grant(Stage.LOAD, work, first + n) for n, work in enumerate(free)),
        )  # fmt: skip

    return decide


def _may_have(row: WorkLease | None, asked: Lease) -> bool:
    """Return whether a carrier may go to whoever asks: nobody has it, and the office did not take it from there."""
    return row is None or (row.state not in _TAKEN and not _is_recalled(row, asked))


def _is_recalled(row: WorkLease, asked: Lease) -> bool:
    """Return whether the office took a carrier from whoever asks for it, and it was given back."""
    return row.state not in _TAKEN and row.station == asked.station and bool(row.recalled_at)


def _another_loads(connection: sa.Connection, asked: Lease, since: int) -> bool:
    """Return whether another station that loads was heard since a moment."""
    stations, heard = sql_of(SiteStation), sql_of(StationHeard)
    query = (
        sa.select(stations.c.id)
        .join(heard, sa.and_(heard.c.site == stations.c.site, heard.c.station == stations.c.id))
        .where(
            stations.c.site == asked.site, stations.c.id != asked.station, heard.c.at >= since,
            stations.c.status == StationStatus.ACTIVE.value, stations.c.kind.in_([kind.value for kind in LOADING]),
        )
    )  # fmt: skip
    return connection.execute(query.limit(1)).first() is not None


def _kind(connection: sa.Connection, asked: Lease, at: int) -> StationKind | None:
    """Return what a station is there for; None where nothing is given to it, or to its file, or to anybody now."""
    if gives_nothing(connection, asked.site, at):
        return None
    stations = sql_of(SiteStation)
    query = sa.select(stations.c.kind).where(
        stations.c.site == asked.site, stations.c.id == asked.station, stations.c.incarnation == asked.incarnation,
        stations.c.status == StationStatus.ACTIVE.value,
    )  # fmt: skip
    kind = connection.execute(query).scalar_one_or_none()
    return None if kind is None else StationKind(kind)
