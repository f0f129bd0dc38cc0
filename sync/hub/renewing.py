"""New incarnations: a file that was rolled back, copied or declared lost goes on under a number that nobody ever had."""

from dataclasses import replace

import sqlalchemy as sa

from core.kernel.clock import Clock
from core.kernel.feed import head_of
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, IdSource, SiteId
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import UnitOfWork
from core.rights.model import LeaseState, SiteStation, Stage, StationStart, StationStatus, WorkLease
from core.rights.recovering import LISTED_MAX
from core.rights.renewing import FreezeStation, FreezeWork, Frozen, RenewStation
from sync.hub.receiving import Receiver
from sync.hub.recovery import was_applied
from sync.protocol import Renew


def renew(connection: sa.Connection, asked: Renew, clock: Clock, ids: IdSource) -> int:
    """Return the incarnation that a file goes on under; 0 where it gets none.

    A start of a program asks once: one that has got an incarnation and asks for another is not alone with its name. Both
    files are stopped then, until one of them is started anew. Who was given up since may ask again.
    """
    given = [0]

    def decide(connection: sa.Connection) -> RenewStation | FreezeStation | None:
        books = UnitOfWork(connection)
        station = books.get(SiteStation, (asked.site, asked.station))
        if station is None or station.status is StationStatus.REVOKED:
            return None
        start = _start(connection, asked, clock.now_ms())
        base = {
            "id": CommandId(ids.new()), "site": asked.site, "at": clock.now_ms(), "actor": SYSTEM, "session": NO_SESSION,
        }  # fmt: skip
        if start.minted and asked.incarnation < start.incarnation:
            given[0] = start.incarnation
            return None
        if start.minted and station.status is not StationStatus.LOST:
            stopped = station.status is not StationStatus.ACTIVE
            return None if stopped else FreezeStation(**base, station=asked.station, number=0)  # type: ignore[arg-type]
        # The epoch's number is above all that were made before it: what the hub has forgotten it does not make again.
        epoch = head_of(connection, asked.site).epoch
        known = max(station.incarnation, asked.incarnation, epoch)
        given[0] = known + 1
        books.save(replace(start, incarnation=given[0], minted=1))
        books.flush()
        return RenewStation(**base, station=asked.station, incarnation=given[0], epoch=epoch)  # type: ignore[arg-type]

    receiver = Receiver(connection, asked.site)
    if receiver.decide(decide, boot_ns=clock.boot_ns()) is not None:
        receiver.unpark(clock.now_ms())
    return given[0]


def freeze_work(connection: sa.Connection, site: SiteId, clock: Clock, ids: IdSource) -> None:
    """Freeze every lease whose holder is lost or goes on under another incarnation."""

    def decide(connection: sa.Connection) -> FreezeWork | None:
        leases, stations = sql_of(WorkLease), sql_of(SiteStation)
        out = (StationStatus.LOST.value, StationStatus.REVOKED.value)
        query = (
            sa.select(leases.c.stage, leases.c.work, leases.c.fence)
            .join(stations, sa.and_(stations.c.site == leases.c.site, stations.c.id == leases.c.station))
            .where(
                leases.c.site == site, leases.c.state == LeaseState.HELD.value,
                sa.or_(stations.c.status.in_(out), stations.c.incarnation > leases.c.incarnation),
            )
        )  # fmt: skip
        found = connection.execute(query.order_by(leases.c.stage, leases.c.work).limit(LISTED_MAX)).all()
        if not found:
            return None
        return FreezeWork(
            id=CommandId(ids.new()), site=site, at=clock.now_ms(), actor=SYSTEM, session=NO_SESSION,
            leases=tuple(Frozen(Stage(row[0]), bytes(row[1]), int(row[2])) for row in found),
        )  # fmt: skip

    while was_applied(Receiver(connection, site).decide(decide, boot_ns=clock.boot_ns())):
        pass


def _start(connection: sa.Connection, asked: Renew, at: int) -> StationStart:
    """Return what is known of a start; a new row, not written yet, where nothing is."""
    starts = sql_of(StationStart)
    mine = sa.and_(starts.c.site == asked.site, starts.c.station == asked.station)
    found = rows_of(StationStart, connection.execute(sa.select(starts).where(mine, starts.c.start == asked.start)))
    if found:
        return found[0]
    number = connection.execute(sa.select(sa.func.max(starts.c.number)).where(mine)).scalar_one() or 0
    return StationStart(asked.site, asked.station, int(number) + 1, asked.start, at, asked.incarnation)
