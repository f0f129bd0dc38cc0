"""What a hub does after it was set back: it begins an epoch, hears every station, and only then grants again.

Whoever restores a hub's database calls `raise_epochs` before anything is answered. Where nobody did (somebody put an old
database back by other means), the first station that knows more than the hub says so, and the hub begins the epoch itself.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import sqlalchemy as sa

from core.kernel.clock import Clock
from core.kernel.commands import Command
from core.kernel.database import Database
from core.kernel.feed import TRAVELS, Feed, FeedHead, content_text, head_of, key_of, key_text
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, IdSource, SiteId, StationId
from core.kernel.numbers import OWN, NumberRange
from core.kernel.operations import GENESIS, OperationOutcome
from core.kernel.tables import TABLES, Key, rows_of, sql_of
from core.kernel.uow import UnitOfWork
from core.picking.reclaim import LINES_MAX, ListFloor, lines_of_open
from core.rights.fences import FENCES, first_fence
from core.rights.model import (
    Epoch,
    EpochState,
    FloorAnswer,
    FloorLine,
    HubPresence,
    LeaseState,
    SiteStation,
    Stage,
    StationHeard,
    StationStatus,
    WorkLease,
)
from core.rights.queries import is_recovering
from core.rights.recovering import LISTED_MAX, Dropped, EndRecovery, RaiseEpoch, Skipped
from sync.hub.receiving import Receiver
from sync.protocol import Place, SentPrivate, SentReceipt


def raise_epochs(database: Database, clock: Clock, ids: IdSource) -> dict[SiteId, int]:
    """Begin a new epoch for every site of a database that was set back; return the epochs by site.

    To be called before the hub answers anything. Calling it twice does no harm: stations take the newest.
    """
    with database.connect() as connection:
        with connection.begin():
            sites = [SiteId(row[0]) for row in connection.execute(sa.select(sql_of(FeedHead).c.site))]
        return {site: raise_epoch(connection, site, clock, ids) for site in sorted(sites)}


def raise_epoch(
    connection: sa.Connection, site: SiteId, clock: Clock, ids: IdSource, *, known: int = 0, heard: bool = False
) -> int:
    """Begin a new epoch of a site, and return its number.

    Args:
        connection: the central database's, outside a transaction.
        site: which site.
        clock: the hub's.
        ids: gives the operation's id.
        known: the newest epoch that anybody is known to have seen; the new one is above it.
        heard: whether a station said that it knows more.
    """

    def decide(connection: sa.Connection) -> RaiseEpoch | None:
        head = head_of(connection, site)
        if heard and head.epoch > known:
            # Another who spoke at the same moment was heard first.
            return None
        # By the clock as well: a database that is set back twice to the same backup must not begin the same epoch twice.
        number = max(head.epoch + 1, known + 1, clock.now_ms() // 1000)
        books = UnitOfWork(connection)
        books.save(FeedHead(site, number, head.seq, head.hash))
        back = _back_to(connection, books, head, heard=heard)
        books.flush()
        return RaiseEpoch(
            id=CommandId(ids.new()), site=site, at=clock.now_ms(), actor=SYSTEM, session=NO_SESSION, number=number,
            seq=back.seq, hash=back.hash, ranges=_skipped(connection, site, number), broke=_broke_since(connection, back),
        )  # fmt: skip

    made = Receiver(connection, site).decide(decide, boot_ns=clock.boot_ns())
    if made is None:
        with connection.begin():
            return head_of(connection, site).epoch
    command, _ = made
    assert isinstance(command, RaiseEpoch)
    return command.number


def _back_to(connection: sa.Connection, books: UnitOfWork, head: FeedHead, *, heard: bool) -> FeedHead:
    """Return the last row that whoever knows more may have as well: what a hub wrote before it knew of it, nobody else has.

    Args:
        connection: an open transaction's.
        books: of it.
        head: how far the feed goes.
        heard: whether a station told it; who puts a database back and says so begins where that ends.
    """
    presence, feed = books.get(HubPresence, (head.site,)), sql_of(Feed)
    if presence is None or not presence.since:
        return head
    books.save(replace(presence, since=0))
    if not heard:
        return head
    row = sa.select(feed.c.hash).where(feed.c.site == head.site, feed.c.seq == presence.seq)
    there = connection.execute(row).scalar_one_or_none()
    return head if there is None else replace(head, seq=presence.seq, hash=bytes(there))


NUMBERS_SKIPPED = 100_000
"""Of each of a site's ranges at every new epoch: more than are given out between two backups. Of one that ends half of what is left at
most, or a site of few numbers had none any more: what stations got of it they hand back before any more is given."""


def _skipped(connection: sa.Connection, site: SiteId, epoch: int) -> tuple[Skipped, ...]:
    """Return how far the site's own ranges go on: fences, labels and everything else that must not be given out twice."""
    ranges = sql_of(NumberRange)
    query = sa.select(ranges.c.name, ranges.c.next, ranges.c.last).where(ranges.c.site == site, ranges.c.first == OWN)
    found = {
        str(name): int(following) + min(NUMBERS_SKIPPED, max(0, int(last) + 1 - int(following)) // 2)
        for name, following, last in connection.execute(query)
    }
    found[FENCES] = max(found.get(FENCES, 0), first_fence(epoch))
    return tuple(Skipped(name, following) for name, following in sorted(found.items()))


def _broke_since(connection: sa.Connection, back: FeedHead) -> tuple[StationId, ...]:
    """Return the stations that broke behind the row up to which an epoch's hub knows all: nobody can say before or after what else."""
    feed, stations = sql_of(Feed), sql_of(SiteStation)
    written = sa.select(feed.c.key).where(
        feed.c.site == back.site, feed.c.seq > back.seq, feed.c.entity == SiteStation.TABLE.name
    )
    keys = {str(key) for key in connection.execute(written).scalars()}
    broken = sa.select(stations.c.id).where(stations.c.site == back.site, stations.c.broke > 0) if keys else None
    found = [] if broken is None else [StationId(bytes(each)) for each in connection.execute(broken).scalars()]
    return tuple(sorted(each for each in found if key_text((back.site, each)) in keys))


def partings(connection: sa.Connection, site: SiteId, cursor: int, cursor_hash: bytes) -> tuple[Place, ...]:
    """Return the rows of the feed behind which a station's may be another than the hub's, the last first.

    Args:
        connection: a reader's.
        site: which site.
        cursor: how far the station has taken the feed.
        cursor_hash: the hash of that row: where the hub has it as well, nothing of it is to be forgotten.
    """
    feed, epochs = sql_of(Feed), sql_of(Epoch)
    found = connection.execute(sa.select(feed.c.hash).where(feed.c.site == site, feed.c.seq == cursor)).scalar()
    if not cursor or (found is not None and bytes(found) == cursor_hash):
        return (Place(cursor, cursor_hash),)
    began = sa.select(epochs.c.seq, epochs.c.hash).where(epochs.c.site == site, epochs.c.seq < cursor).distinct()
    places = [Place(int(row[0]), bytes(row[1])) for row in connection.execute(began.order_by(epochs.c.seq.desc()))]
    return (*places, Place(0, GENESIS))


def images(connection: sa.Connection, wanted: Iterable[tuple[str, str]], site: SiteId) -> Iterator[SentPrivate]:
    """Yield rows that travel as they are here now, those of them that are there.

    Args:
        connection: a reader's.
        wanted: tables and keys, as the feed says them.
        site: whose rows alone are told.
    """
    keys: dict[str, list[Key]] = {}
    for entity, text in wanted:
        info = TABLES.get(entity)
        if info is not None and info.kind in TRAVELS:
            found = key_of(info, text)
            if found[0] == site:
                keys.setdefault(entity, []).append(found)
    for entity, some in keys.items():
        info = TABLES[entity]
        books = UnitOfWork(connection)
        books.fetch({info.cls: some})
        for key in some:
            row = books.get(info.cls, key)
            if row is not None:
                yield SentPrivate(entity, key_text(key), content_text(row))


def missing(connection: sa.Connection, site: SiteId) -> tuple[SiteStation, ...]:
    """Return the stations that the hub waits for: those that take part and have not told everything in its epoch."""
    epoch = head_of(connection, site).epoch
    stations, heard = sql_of(SiteStation), sql_of(StationHeard)
    told = sa.exists().where(
        heard.c.site == site, heard.c.station == stations.c.id, heard.c.epoch == epoch, heard.c.aside == 0,
        heard.c.applied >= heard.c.length,
    )  # fmt: skip
    out = (StationStatus.LOST.value, StationStatus.REVOKED.value)
    query = sa.select(stations).where(
        stations.c.site == site, stations.c.status.not_in(out), sa.or_(stations.c.listed < epoch, ~told)
    )
    return rows_of(SiteStation, connection.execute(query.order_by(stations.c.name)))


def go_on(connection: sa.Connection, site: SiteId, clock: Clock, ids: IdSource) -> None:
    """End the recovery of a site where every station was heard: leases that nobody listed are dropped.

    Where a station was lost or set back as well, nobody may know of what it did: every open order is looked for first.
    """

    def decide(connection: sa.Connection) -> EndRecovery | ListFloor | None:
        head = head_of(connection, site)
        epoch = head.epoch
        if not is_recovering(connection, site) or missing(connection, site):
            return None
        if _somebody_broke(connection, site, epoch):
            if not _is_on_the_list(connection, site, epoch):
                lines = tuple(lines_of_open(connection, site, epoch))
                return ListFloor(
                    id=CommandId(ids.new()), site=site, at=clock.now_ms(), actor=SYSTEM, session=NO_SESSION,
                    lines=lines[:LINES_MAX], mark=head.seq, epoch=epoch, last=int(len(lines) <= LINES_MAX),
                )  # fmt: skip
            if _are_open(connection, site, epoch):
                return None
        leases = sql_of(WorkLease)
        query = sa.select(leases.c.stage, leases.c.work, leases.c.fence).where(
            leases.c.site == site,
            leases.c.state == LeaseState.HELD.value,
            leases.c.epoch < epoch,
            leases.c.listed < epoch,
        )
        found = connection.execute(query.order_by(leases.c.stage, leases.c.work).limit(LISTED_MAX + 1)).all()
        dropped = tuple(Dropped(Stage(row[0]), bytes(row[1]), int(row[2])) for row in found[:LISTED_MAX])
        return EndRecovery(
            id=CommandId(ids.new()), site=site, at=clock.now_ms(), actor=SYSTEM, session=NO_SESSION, number=epoch,
            dropped=dropped, last=int(len(found) <= LISTED_MAX),
        )  # fmt: skip

    while was_applied(Receiver(connection, site).decide(decide, boot_ns=clock.boot_ns())):
        pass


def _somebody_broke(connection: sa.Connection, site: SiteId, epoch: int) -> bool:
    """Return whether a station was given up or set back since a recovery began: with the first of its epochs that none is over of."""
    stations, epochs = sql_of(SiteStation), sql_of(Epoch)
    over = sa.select(sa.func.coalesce(sa.func.max(epochs.c.number), 0)).where(
        epochs.c.site == site, epochs.c.number < epoch, epochs.c.state == EpochState.OVER.value
    )
    first = (
        sa.select(sa.func.min(epochs.c.fence))
        .where(epochs.c.site == site, epochs.c.number > over.scalar_subquery(), epochs.c.number <= epoch)
        .scalar_subquery()
    )
    query = sa.select(sa.func.count()).where(stations.c.site == site, stations.c.broke >= first)
    return bool(connection.execute(query).scalar_one())


def _is_on_the_list(connection: sa.Connection, site: SiteId, epoch: int) -> bool:
    epochs = sql_of(Epoch)
    query = sa.select(epochs.c.floor).where(epochs.c.site == site, epochs.c.number == epoch)
    return bool(connection.execute(query).scalar_one())


def _are_open(connection: sa.Connection, site: SiteId, epoch: int) -> bool:
    """Return whether orders that a recovery waits for are still to be looked for."""
    lines = sql_of(FloorLine)
    query = sa.select(sa.func.count()).where(
        lines.c.site == site, lines.c.answer == FloorAnswer.OPEN.value, lines.c.epoch == epoch
    )
    return bool(connection.execute(query).scalar_one())


def was_applied(made: tuple[Command, SentReceipt] | None) -> bool:
    """Return whether something was decided and done, so that there may be more of it."""
    return made is not None and made[1].outcome is OperationOutcome.APPLIED
