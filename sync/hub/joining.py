"""PCs that become stations: by the name under which they were added, or as new ones of a kind they name.

Who may join is not asked yet: enrolment comes with keys and codes. Until then a hub listens to its own machine unless told
otherwise, and says so. A PC that asks again with its token is the same one; another does not get a name that is in use.
"""

from dataclasses import replace

import sqlalchemy as sa

from core.kernel.clock import Clock
from core.kernel.feed import head_of
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, IdSource, SiteId, StationId
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import UnitOfWork
from core.rights.commands import AddStation
from core.rights.model import SiteStation, StationKind, StationStart, StationStatus
from core.rights.naming import station_name
from sync.hub.receiving import Receiver
from sync.protocol import KIND_NEEDED, NAME_TAKEN, TAKEN_OUT, Join, Joined, Refused


def join(connection: sa.Connection, site: SiteId, join: Join, clock: Clock, ids: IdSource) -> Joined | Refused:
    """Make a PC a station of a site, or say who it is already.

    Args:
        connection: the central database's, outside a transaction.
        site: which of the hub's sites.
        join: what the PC says of itself.
        clock: the hub's.
        ids: gives ids.
    """
    join = replace(join, name=station_name(join.name))
    refused = _made(connection, site, join, clock, ids)
    if refused:
        return Refused(epoch=0, reason=refused)
    with connection.begin():
        row = _named(connection, site, join.name)
        if row is not None and row.status is StationStatus.REVOKED:
            return Refused(epoch=0, reason=TAKEN_OUT, words=f"{row.name} was taken out")
        if row is None or not _is_first(connection, site, row.id, join.token, clock.now_ms()):
            return Refused(epoch=0, reason=NAME_TAKEN)
        epoch = head_of(connection, site).epoch
    return Joined(
        epoch=epoch, site=site, station=row.id, incarnation=row.incarnation, name=row.name, kind=row.kind.value
    )


def _made(connection: sa.Connection, site: SiteId, join: Join, clock: Clock, ids: IdSource) -> str:
    """Add a station of a name that nobody added; return why not."""
    with connection.begin():
        known = _named(connection, site, join.name)
    if known is not None:
        return ""
    if not join.name or join.kind not in set(StationKind):
        return KIND_NEEDED
    command = AddStation(
        id=CommandId(ids.new()), site=site, at=clock.now_ms(), actor=SYSTEM, session=NO_SESSION,
        station=StationId(ids.new()), name=join.name, kind=StationKind(join.kind), base_version=0,
    )  # fmt: skip

    def decide(connection: sa.Connection) -> AddStation | None:
        return command if _named(connection, site, join.name) is None else None

    Receiver(connection, site).decide(decide, boot_ns=clock.boot_ns())
    return ""


def _named(connection: sa.Connection, site: SiteId, name: str) -> SiteStation | None:
    stations = sql_of(SiteStation)
    query = sa.select(stations).where(stations.c.site == site, stations.c.name == name)
    return next(iter(rows_of(SiteStation, connection.execute(query))), None)


def _is_first(connection: sa.Connection, site: SiteId, station: StationId, token: bytes, at: int) -> bool:
    """Return whether a PC is the one that took a station's name; the first to ask is, its token is kept as a start."""
    stations, starts = sql_of(SiteStation), sql_of(StationStart)
    # In turn: two PCs that ask at once are two.
    connection.execute(
        sa.select(stations.c.id).where(stations.c.site == site, stations.c.id == station).with_for_update()
    )
    mine = sa.select(starts.c.start).where(starts.c.site == site, starts.c.station == station)
    known = {bytes(each) for each in connection.execute(mine).scalars()}
    if known:
        return token in known
    books = UnitOfWork(connection)
    books.save(StationStart(site, station, 1, token, at))
    books.flush(varied=True)
    return True
