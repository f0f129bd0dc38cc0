"""The hub without a wire: messages in, messages out, over a central database. Stateless, so that several may run."""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, cast

import sqlalchemy as sa

from core.catalog.queries import site_row
from core.kernel.clock import Clock
from core.kernel.commands import Command
from core.kernel.database import Database
from core.kernel.feed import Feed, FeedHead, FeedKind, head_of
from core.kernel.ids import IdSource, SiteId, StationId
from core.kernel.operations import GENESIS, OperationOutcome
from core.kernel.statements import mark_of, select_rows
from core.kernel.tables import sql_of
from core.kernel.together import Question, ask
from core.rights.commands import GrantWork
from core.rights.model import SiteStation, StationStatus
from core.rights.queries import is_recovering
from sync.hub.cancelling import settle_cancels
from sync.hub.carrying import carried, take
from sync.hub.comparing import compare
from sync.hub.joining import join
from sync.hub.leasing import grant, grant_carriers, grant_numbers, keep_beside, recall_spare
from sync.hub.receiving import KnowsMore, NotTaken, Receiver, any_parked
from sync.hub.reclaim import look_for_lost_work
from sync.hub.recovery import go_on, images, missing, partings, raise_epoch
from sync.hub.renewing import renew
from sync.hub.sharing import shared
from sync.hub.snapshots import snapshot
from sync.protocol import (
    FETCH_MAX,
    NOT_HERE,
    OTHER_PROTO,
    PROTO,
    PULL_BYTES,
    ROWS_MAX,
    SITE_NEEDED,
    TAKEN_OUT,
    TOO_LARGE,
    UNDERSTOOD,
    UNKNOWN_STATION,
    Carried,
    Carry,
    Compare,
    Compared,
    Fetch,
    Fetched,
    Join,
    Joined,
    Lease,
    Leased,
    Load,
    Loaded,
    Pulled,
    Push,
    Pushed,
    Refused,
    Rejoin,
    Rejoined,
    Renew,
    Renewed,
    SentReceipt,
    SentRow,
)

Site = Callable[[SiteId], Database | None]
"""Gives the database a site lives in; None where the site is not this hub's."""
_KINDS = {each.value: each for each in FeedKind}


class Center:
    """Answers what stations ask."""

    def __init__(self, databases: Site, clock: Clock, ids: IdSource, sites: Collection[SiteId] = ()) -> None:
        """Answer from these databases.

        Args:
            databases: gives the one a site lives in.
            clock: the hub's.
            ids: gives ids.
            sites: all there are, for a PC that joins and names none.
        """
        self._databases, self._sites = databases, sites
        self._clock = clock
        self._ids = ids

    def push(self, push: Push) -> Pushed | Refused:
        """Apply a station's operations."""
        database = self._place(push.proto, push.site)
        if isinstance(database, Refused):
            return database
        with database.connect() as connection:
            receiver = Receiver(connection, push.site)
            try:
                answer = receiver.receive(push, self._clock.now_ms())
            except NotTaken as e:
                return Refused(epoch=self._head(connection, push.site).epoch, reason=e.reason)
            except KnowsMore as e:
                raise_epoch(connection, push.site, self._clock, self._ids, known=e.epoch, heard=True)
                return receiver.receive(push, self._clock.now_ms())
            if answer.recovering:
                self._go_on(connection, push.site)
            else:
                settle_cancels(connection, push.site, self._clock, self._ids, receiver.cancels)
            return answer

    def pull(self, proto: int, site: SiteId, station: StationId, after: int, epoch: int) -> Pulled | Refused:
        """Return whole operations of a site's feed behind a number; none to a station that knows only an older epoch."""
        database = self._place(proto, site)
        if isinstance(database, Refused):
            return database
        with database.reading() as connection:
            head, refused, first = _looked_up(connection, site, station, after)
            if refused:
                return Refused(epoch=head.epoch, reason=refused)
            given = partial(Pulled, epoch=head.epoch, at=self._clock.now_ms(), after=after, head=head.seq)
            if epoch != head.epoch or after >= head.seq:
                return given(rows=())
            if not first or first[0].seq != after + 1:
                # It was here once.
                return given(rows=(), resync=True)
            return given(rows=tuple(_whole_operations(connection, site, first)))

    def load(self, load: Load) -> Loaded | Refused:
        """Return a part of a site as it is."""
        database = self._place(load.proto, load.site)
        if isinstance(database, Refused):
            return database
        with database.reading() as connection:
            refused = _refused(connection, load.site, load.station)
            if refused:
                return Refused(epoch=head_of(connection, load.site).epoch, reason=refused)
            return snapshot(connection, load, self._clock.now_ms())

    def names(self) -> dict[SiteId, str]:
        """Return what the hub's sites are called: a PC that is about to join is told, and so is the network."""
        found: dict[SiteId, str] = {}
        for site in sorted(self._sites):
            database = self._databases(site)
            if database is not None:
                with database.reading() as connection:
                    row = site_row(connection, site)
                found[site] = "" if row is None else row.name
        return found

    def join(self, asked: Join) -> Joined | Refused:
        """Make a PC a station."""
        if not asked.site and len(self._sites) != 1:
            return Refused(epoch=0, reason=SITE_NEEDED, words=", ".join(map(str, sorted(self._sites))))
        site = SiteId(asked.site) if asked.site else next(iter(self._sites))
        database = self._place(asked.proto, site)
        if isinstance(database, Refused):
            return database
        with database.connect() as connection:
            return join(connection, site, asked, self._clock, self._ids)

    def fetch(self, fetch: Fetch) -> Fetched | Refused:
        """Return private rows that a station needs, as far as they are here."""
        database = self._place(fetch.proto, fetch.site)
        if isinstance(database, Refused):
            return database
        with database.reading() as connection:
            head = head_of(connection, fetch.site)
            refused = _refused(connection, fetch.site, fetch.station)
            if refused:
                return Refused(epoch=head.epoch, reason=refused)
            rows, withheld = shared(connection, fetch) if fetch.epoch == head.epoch else ((), ())
            return Fetched(epoch=head.epoch, rows=rows, withheld=withheld)

    def carry(self, asked: Carry) -> Carried | Refused:
        """Take and give the bytes of photos."""
        database = self._place(asked.proto, asked.site)
        if isinstance(database, Refused):
            return database
        with database.connect() as connection, connection.begin():
            epoch = head_of(connection, asked.site).epoch
            refused = _refused(connection, asked.site, asked.station)
            if refused:
                return Refused(epoch=epoch, reason=refused)
            if asked.epoch != epoch:
                return Carried(epoch=epoch)
            take(connection, asked)
            return carried(connection, asked, epoch)

    def compare(self, asked: Compare) -> Compared | Refused:
        """Say what of a station's rows is something else here."""
        database = self._place(asked.proto, asked.site)
        if isinstance(database, Refused):
            return database
        with database.reading() as connection:
            epoch = head_of(connection, asked.site).epoch
            refused = _refused(connection, asked.site, asked.station)
            if refused:
                return Refused(epoch=epoch, reason=refused)
            if sum(len(each.keys) for each in asked.buckets) > FETCH_MAX:
                return Refused(epoch=epoch, reason=TOO_LARGE)
            return compare(connection, asked)

    def rejoin(self, rejoin: Rejoin) -> Rejoined | Refused:
        """Say what a station that knows only an older epoch has to forget."""
        database = self._place(rejoin.proto, rejoin.site)
        if isinstance(database, Refused):
            return database
        with database.reading() as connection:
            head = head_of(connection, rejoin.site)
            if not _is_known(connection, rejoin.site, rejoin.station):
                return Refused(epoch=head.epoch, reason=UNKNOWN_STATION)
            places = partings(connection, rejoin.site, rejoin.cursor, rejoin.cursor_hash)
            # One that takes no part any more goes back with the hub, so that it can say what it did; it is given nothing.
            wanted = () if _is_out(connection, rejoin.site, rejoin.station) else rejoin.wanted[:FETCH_MAX]
            rows = tuple(images(connection, wanted, rejoin.site))
            return Rejoined(epoch=head.epoch, places=places, rows=rows, head=head.seq)

    def renew(self, asked: Renew) -> Renewed | Refused:
        """Give a file that was rolled back or copied a new incarnation."""
        database = self._place(asked.proto, asked.site)
        if isinstance(database, Refused):
            return database
        with database.connect() as connection:
            with connection.begin():
                known = _is_known(connection, asked.site, asked.station)
            epoch = self._head(connection, asked.site).epoch
            if not known:
                return Refused(epoch=epoch, reason=UNKNOWN_STATION)
            given = renew(connection, asked, self._clock, self._ids) if asked.epoch == epoch else 0
            look_for_lost_work(connection, asked.site, self._clock, self._ids)
            return Renewed(epoch=epoch, incarnation=given)

    def lease(self, lease: Lease) -> Leased | Refused:
        """Give a station work that nobody holds, and numbers to give out."""
        database = self._place(lease.proto, lease.site)
        if isinstance(database, Refused):
            return database
        with database.connect() as connection:
            with connection.begin():
                refused = _refused(connection, lease.site, lease.station)
            head = self._head(connection, lease.site)
            if refused:
                return Refused(epoch=head.epoch, reason=refused)
            if lease.epoch != head.epoch:
                return Leased(epoch=head.epoch, granted=0, head=head.seq)
            decision = grant(lease, self._clock.now_ms(), self._ids.new)
            receiver, boot_ns = Receiver(connection, lease.site), self._clock.boot_ns()
            made = receiver.decide(decision, boot_ns=boot_ns)
            if made is None and lease.minutes:
                receiver.decide(recall_spare(lease, self._clock.now_ms(), self._ids.new), boot_ns=boot_ns)
            if lease.carriers:
                receiver.decide(grant_carriers(lease, self._clock.now_ms(), self._ids.new), boot_ns=boot_ns)
            if lease.numbers:
                receiver.decide(grant_numbers(lease, self._clock.now_ms(), self._ids.new), boot_ns=boot_ns)
            command, receipt = made if made is not None else (None, None)
            granted = 0
            if isinstance(command, GrantWork) and receipt is not None and receipt.outcome is OperationOutcome.APPLIED:
                granted = len(command.grants)
                receiver.decide_all(keep_beside(command, self._ids.new), boot_ns=boot_ns)
            head = self._head(connection, lease.site)
            return Leased(epoch=head.epoch, granted=granted, head=head.seq)

    def run(self, command: Command) -> SentReceipt | Refused:
        """Apply a command of the hub's own."""
        database = self._place(PROTO, command.site)
        if isinstance(database, Refused):
            return database
        with database.connect() as connection:
            made = Receiver(connection, command.site).decide(lambda _: command, boot_ns=self._clock.boot_ns())
            settle_cancels(connection, command.site, self._clock, self._ids)
        assert made is not None
        return made[1]

    def go_on(self, site: SiteId) -> None:
        """End a site's recovery where nobody is left to be heard: not every station will push again."""
        database = self._databases(site)
        if database is None:
            return
        with database.reading() as connection:
            recovering = is_recovering(connection, site)
        if recovering:
            with database.connect() as connection:
                self._go_on(connection, site)

    def _go_on(self, connection: sa.Connection, site: SiteId) -> None:
        """End a recovery once everybody was heard, with what lost stations held on the floor list again, or answered there."""
        with connection.begin():
            heard = not missing(connection, site)
        if heard:
            look_for_lost_work(connection, site, self._clock, self._ids)
            go_on(connection, site, self._clock, self._ids)

    def unpark(self, site: SiteId) -> int:
        """Apply what waited at a site for a program that knows it, where this one does; return how many operations."""
        database = self._databases(site)
        if database is None:
            return 0
        with database.reading() as connection:
            waits = any_parked(connection, site)
        if not waits:
            return 0
        with database.connect() as connection:
            return Receiver(connection, site).unpark(self._clock.now_ms())

    def _place(self, proto: int, site: SiteId) -> Database | Refused:
        """Return where a site lives, or why this hub does not answer."""
        if proto not in UNDERSTOOD:
            return Refused(epoch=0, reason=OTHER_PROTO, words=f"{proto}, here {min(UNDERSTOOD)} to {max(UNDERSTOOD)}")
        return self._databases(site) or Refused(epoch=0, reason=NOT_HERE)

    def head(self, site: SiteId) -> int:
        """Return how far a site's feed goes."""
        database = self._databases(site)
        if database is None:
            return 0
        with database.reading() as connection:
            return head_of(connection, site).seq

    def _head(self, connection: sa.Connection, site: SiteId) -> FeedHead:
        with connection.begin():
            return head_of(connection, site)


def _looked_up(
    connection: sa.Connection, site: SiteId, station: StationId, after: int
) -> tuple[FeedHead, str, list[SentRow]]:
    """Return how far a site's feed goes, why a station is given nothing of it, and rows behind a number, asked together.

    Whoever waits for more asks each time that there is some.
    """
    mark = mark_of(connection)
    head = select_rows(FeedHead.TABLE, f'"site"={mark}'), (site,)
    found, status, rows = ask(connection, [head, _status_of(mark, site, station), _rows_behind(mark, site, after)])
    goes_to = cast("FeedHead", FeedHead.TABLE.row(found[0])) if found else FeedHead(site, 1, 0, GENESIS)
    return goes_to, _why_refused(status), list(map(_sent, rows))


def _status_of(mark: str, site: SiteId, station: StationId) -> Question:
    return f'SELECT "status" FROM "site_station" WHERE "site"={mark} AND "id"={mark}', (site, station)


def _why_refused(found: Sequence[Sequence[Any]]) -> str:
    """Return why a station is given nothing, by its status as it was found.

    One that was given up and lives is heard all the same: it goes on under a new incarnation, and takes part again.
    """
    if not found:
        return UNKNOWN_STATION
    return TAKEN_OUT if found[0][0] in (StationStatus.LOST, StationStatus.REVOKED) else ""


def _refused(connection: sa.Connection, site: SiteId, station: StationId) -> str:
    """Return why a station is given nothing of a site; empty for one that takes part."""
    (found,) = ask(connection, [_status_of(mark_of(connection), site, station)])
    return _why_refused(found)


def _is_known(connection: sa.Connection, site: SiteId, station: StationId) -> bool:
    stations = sql_of(SiteStation)
    query = sa.select(sa.func.count()).where(stations.c.site == site, stations.c.id == station)
    return bool(connection.execute(query).scalar_one())


def _is_out(connection: sa.Connection, site: SiteId, station: StationId) -> bool:
    """Return whether a station was revoked; one that was given up may live, and takes part again."""
    stations = sql_of(SiteStation)
    query = sa.select(stations.c.status).where(stations.c.site == site, stations.c.id == station)
    return connection.execute(query).scalar_one_or_none() == StationStatus.REVOKED.value


def _rows_behind(mark: str, site: SiteId, after: int) -> Question:
    where = f'"site"={mark} AND "seq">{mark} ORDER BY "seq" LIMIT {ROWS_MAX}'
    return select_rows(Feed.TABLE, where), (site, after)


def _sent(raw: Sequence[Any]) -> SentRow:
    _, seq, epoch, kind, entity, key, content, digest = raw
    return SentRow(seq, epoch, _KINDS[kind], entity, key, content, bytes(digest))


def _whole_operations(connection: sa.Connection, site: SiteId, part: Sequence[SentRow]) -> list[SentRow]:
    """Return rows up to a receipt: as many operations as a pull may hold, at least one.

    Args:
        connection: an open connection.
        site: whose feed.
        part: its first rows; one operation may be longer.
    """
    chosen: list[SentRow] = []
    size, end = 0, 0
    while part and not end:
        for row in part:
            chosen.append(row)
            size += len(row.content)
            if row.kind is FeedKind.RECEIPT:
                if end and (size > PULL_BYTES or len(chosen) > ROWS_MAX):
                    break
                end = len(chosen)
        if not end:
            (more,) = ask(connection, [_rows_behind(mark_of(connection), site, chosen[-1].seq)])
            part = list(map(_sent, more))
    return chosen[:end]
