"""Looking at rights: which work is a station's to do, under which fence, and what was found of it on the floor."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from core.kernel.commands import Read
from core.kernel.feed import head_of
from core.kernel.ids import FulfilmentId, SiteId, StationId
from core.kernel.tables import sql_of
from core.kernel.uow import Role, UnitOfWork
from core.rights.model import (
    LOADING,
    Epoch,
    EpochState,
    FloorAnswer,
    FloorLine,
    HubPresence,
    LeaseState,
    SiteStation,
    Stage,
    StationHeard,
    StationKind,
    StationStatus,
    WorkLease,
)

Name = sa.BindParameter[Any]


def is_mine(
    site: SiteId | Name,
    station: StationId | Name,
    stage: Stage,
    work: sa.ColumnElement[bytes],
    *,
    begun: sa.ColumnElement[bool] | None = None,
) -> sa.ColumnElement[bool]:
    """Return the condition that work is a station's to do: it holds a lease, or is alone at its site.

    What was asked for again is not begun any more; what was begun is gone on with, since it is not given back.

    Args:
        site: whose work.
        station: which station.
        stage: what of the work.
        work: the walk.
        begun: the condition that it was begun at this stage; None where only what was not is asked about.
    """
    stations, leases = sql_of(SiteStation).alias("sharing"), sql_of(WorkLease).alias("right_of")
    shared = sa.exists().where(stations.c.site == site)
    held = sa.exists().where(
        leases.c.site == site, leases.c.stage == stage.value, leases.c.work == work, leases.c.station == station,
        leases.c.state == LeaseState.HELD.value, sa.or_(leases.c.recalled_at == 0, sa.false() if begun is None else begun),
    )  # fmt: skip
    return sa.or_(~shared, held)


def is_shared(connection: sa.Connection, site: SiteId) -> bool:
    """Return whether several stations share a site, and its hub decides who gets what."""
    stations = sql_of(SiteStation).alias("sharing")
    return connection.execute(sa.select(stations.c.id).where(stations.c.site == site).limit(1)).first() is not None


def is_kind(site: SiteId | Name, station: StationId | Name, kind: StationKind) -> sa.ColumnElement[bool]:
    """Return the condition that a station is of a kind; where it is alone at its site it is of none."""
    stations = sql_of(SiteStation).alias("of_kind")
    return sa.exists().where(stations.c.site == site, stations.c.id == station, stations.c.kind == kind.value)


def is_recovering(connection: sa.Connection, site: SiteId) -> bool:
    """Return whether the hub was set back and still hears its stations: no work and no numbers are granted before that is over."""
    epochs = sql_of(Epoch)
    query = sa.select(sa.func.count()).where(
        epochs.c.site == site, epochs.c.number == head_of(connection, site).epoch,
        epochs.c.state == EpochState.RECOVERING.value,
    )  # fmt: skip
    return bool(connection.execute(query).scalar_one())


LISTENS_MS = 60_000
"""A station that is on the network pushes every ten seconds, and tries every thirty while the hub does not answer."""


def gives_nothing(connection: sa.Connection, site: SiteId, at: int) -> bool:
    """Return whether the hub gives out neither work nor numbers and plans nothing: it was set back, or may have been.

    A machine that was put back whole does not know it. Whoever is on the network knows what it forgot, and says so within
    a minute, before anything is given to one that was away longer than the hub.

    Args:
        connection: a reader's, of the hub.
        site: which site.
        at: the hub's time.
    """
    since = _there_since(connection, site)
    return 0 <= at - since < LISTENS_MS or is_recovering(connection, site)


def unheard(
    connection: sa.Connection, site: SiteId, kinds: Iterable[StationKind] = LOADING
) -> tuple[tuple[StationId, str], ...]:
    """Return stations that were not heard since the hub was away: what they hold it may not know; with their names.

    Args:
        connection: a reader's, of the hub.
        site: which site.
        kinds: of the stations; those that load where none are named.
    """
    since = _there_since(connection, site)
    stations, heard = sql_of(SiteStation), sql_of(StationHeard)
    told = sa.exists().where(heard.c.site == site, heard.c.station == stations.c.id, heard.c.at >= since)
    query = sa.select(stations.c.id, stations.c.name).where(
        stations.c.site == site, stations.c.status == StationStatus.ACTIVE.value, stations.c.added_at < since,
        stations.c.kind.in_([kind.value for kind in kinds]), ~told,
    )  # fmt: skip
    found = connection.execute(query.order_by(stations.c.name)) if since else ()
    return tuple((StationId(bytes(row[0])), str(row[1])) for row in found)


def _there_since(connection: sa.Connection, site: SiteId) -> int:
    presence = sql_of(HubPresence)
    return int(connection.execute(sa.select(presence.c.since).where(presence.c.site == site)).scalar_one_or_none() or 0)


def docks_on_hold(connection: sa.Connection, site: SiteId) -> frozenset[StationId]:
    """Return the stations that lost what they knew of a carrier's parcels, until all of it was looked for on the floor.

    Also while their leases are still to be frozen: that is another transaction than the one that gave them up.
    """
    leases, lines, stations = sql_of(WorkLease), sql_of(FloorLine), sql_of(SiteStation)
    out = (StationStatus.LOST.value, StationStatus.REVOKED.value)
    of_one_gone = sa.and_(
        leases.c.state == LeaseState.HELD.value,
        sa.exists().where(
            stations.c.site == site, stations.c.id == leases.c.station, stations.c.status.in_(out)
        ),
    )  # fmt: skip
    query = sa.union(
        sa.select(leases.c.station).where(
            leases.c.site == site,
            leases.c.stage == Stage.LOAD.value,
            sa.or_(leases.c.state == LeaseState.FROZEN.value, of_one_gone),
        ),
        sa.select(lines.c.station).where(
            lines.c.site == site, lines.c.stage == Stage.LOAD.value, lines.c.answer == FloorAnswer.OPEN.value
        ),
    )
    return frozenset(StationId(bytes(row)) for row in connection.execute(query).scalars())


def fence_of(uow: UnitOfWork, site: SiteId, stage: Stage, work: bytes) -> int:
    """Return the fence under which work is done at a station that shares its site; 0 where there is none."""
    row = None if uow.role is Role.AUTHORITY else uow.get(WorkLease, (site, stage, work))
    return 0 if row is None else row.fence


def speaks(
    read: Read, site: SiteId, station: StationId, incarnation: int, fulfilment: FulfilmentId, *, unknown: bool
) -> bool:
    """Return whether a slip or a label counts that a station printed in a life of its file.

    What a station that was lost, or in an older life, says of goods counts only for an order that was found on the floor
    since. (Reference: sync, 8.0, 7, 9, 13 and 14.)

    Args:
        read: rows by key.
        site: whose station.
        station: who printed it.
        incarnation: in which life of its file.
        fulfilment: whose goods it speaks of.
        unknown: whether the word of a station counts that is not known here.
    """
    row = read.get(SiteStation, (site, station))
    if row is None:
        return unknown
    out = row.status in (StationStatus.LOST, StationStatus.REVOKED)
    if not out and row.incarnation <= incarnation:
        return True
    lines = read.find(FloorLine, "fulfilment", [(site, fulfilment)]).values()
    return any(
        line.answer is FloorAnswer.HERE and line.answered > row.broke and (line.station == station or line.epoch)
        for line in lines
    )
