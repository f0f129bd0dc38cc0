"""`dockside hub adopt`: a station that was alone becomes the first of a site at a hub, with nothing lost.

What it did is applied again at the hub, operation by operation, as it did it: the hub has its log, a feed that tells it from
the first day, and equal rows in every table, which is proven before anything is committed. Then the station's own file
follows: all its operations are settled, its cursor stands behind them, its guards are those of a follower. Stopped halfway,
it is simply done again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from core.kernel.database import Profile
from core.kernel.executor import Identity
from core.kernel.feed import TRAVELS, Feed, FeedHead, content_text, head_of, key_text
from core.kernel.guards import make_guards
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, SiteId, StationId
from core.kernel.numbers import next_number
from core.kernel.operations import GENESIS, Operation, OperationState
from core.kernel.refusal import Fault
from core.kernel.tables import TABLES, TableClass, TableInfo, rows_of, sql_of
from core.kernel.uow import Role, UnitOfWork
from core.kernel.verify import Difference
from core.rights.commands import AddStation, Grant, GrantWork
from core.rights.fences import FENCES
from core.rights.model import LeaseState, OperationReceipt, SiteStation, Stage, StationKind, StationStart, WorkLease
from core.waves.model import Batch, BatchState
from sync.hub.applying import apply_as_done
from sync.hub.receiving import Receiver

_PART = 200
"""Operations that are applied together."""
_SAME = (*TRAVELS, TableClass.DERIVED, TableClass.PRIVATE)


class NotAdopted(Fault):
    """A station cannot become one of the hub's; nothing was written."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """What of a station is at the hub now."""

    operations: int
    """Those that were taken this time."""
    head: FeedHead
    """The row of the feed at which its last operation ends: the station has all up to there."""


def adopt(source: sa.Connection, central: sa.Connection, me: Identity, at: int) -> Adopted:
    """Take everything a station has done and has, in one transaction.

    Args:
        source: reads the station's file; nobody else has it open.
        central: the central database's, outside a transaction.
        me: who the station is.
        at: the hub's time, UTC milliseconds.

    Raises:
        NotAdopted: the hub has that site already from elsewhere, or the rows would not be equal.
    """
    with central.begin():
        Receiver(central, me.site).lock()
        known = _known(central, me.site, me.station)
        head = head_of(central, me.site)
        if head.seq and not known:
            raise NotAdopted(f"the hub has a site {me.site} already, and it is not this station's")
        if not head.seq:
            _copy_private(source, central, me.site)
        done = 0
        for some in _not_yet(source, me.site, known):
            if _is_member(central, me):
                raise NotAdopted("this station was adopted before and went on working by itself since")
            applied = apply_as_done(central, some, head)
            head = applied.head
            _keep_receipts(central, some, at)
            done += len(some)
        different = [] if not done else list(differences(source, central, me.site))
        if different:
            raise NotAdopted(f"{len(different)} rows would differ at the hub, the first: {different[0]}")
        return Adopted(done, _end(central, me))


def _known(central: sa.Connection, site: SiteId, station: StationId) -> dict[tuple[bytes, int, int], bytes]:
    """Return the hashes of operations that were adopted before, by station, incarnation and number."""
    table = sql_of(OperationReceipt)
    mine = sa.select(table.c.station, table.c.incarnation, table.c.seq, table.c.hash).where(
        table.c.site == site, table.c.station == station
    )
    return {(bytes(row[0]), int(row[1]), int(row[2])): bytes(row[3]) for row in central.execute(mine)}


def _not_yet(
    source: sa.Connection, site: SiteId, known: dict[tuple[bytes, int, int], bytes]
) -> Iterator[list[Operation]]:
    """Yield the operations of a log that are not at the hub, in parts.

    Raises:
        NotAdopted: the hub has another operation under one of their numbers.
    """
    log = sql_of(Operation)
    query = sa.select(log).where(log.c.site == site).order_by(log.c.position)
    for part in source.execute(query).partitions(_PART):
        some = []
        for each in rows_of(Operation, part):
            there = known.get((each.station, each.incarnation, each.seq))
            if there is None:
                some.append(each)
            elif there != each.hash:
                raise NotAdopted(f"the hub has another operation {each.seq} of this station")
        if some:
            yield some


def _is_member(central: sa.Connection, me: Identity) -> bool:
    return UnitOfWork(central).get(SiteStation, (me.site, me.station)) is not None


def _copy_private(source: sa.Connection, central: sa.Connection, site: SiteId) -> None:
    for info in TABLES.values():
        if info.kind is TableClass.PRIVATE:
            books = UnitOfWork(central)
            books.save(*(info.row(raw) for raw in source.execute(sa.select(info.sql).where(info.sql.c.site == site))))
            books.flush(varied=True)


def _keep_receipts(central: sa.Connection, some: list[Operation], at: int) -> None:
    books = UnitOfWork(central)
    books.save(
        *(
            OperationReceipt(
                each.site, each.station, each.incarnation, each.seq, each.id, each.hash, each.outcome, "", "", at
            )
            for each in some
        )
    )
    books.flush(varied=True)


def _end(central: sa.Connection, me: Identity) -> FeedHead:
    """Return the row of the feed behind which nothing is this station's doing."""
    log, feed = sql_of(Operation), sql_of(Feed)
    last = sa.select(sa.func.max(log.c.position)).where(log.c.site == me.site, log.c.station == me.station)
    position = int(central.execute(last).scalar_one() or 0)
    row = central.execute(sa.select(feed.c.hash).where(feed.c.site == me.site, feed.c.seq == position)).first()
    return FeedHead(me.site, head_of(central, me.site).epoch, position, GENESIS if row is None else bytes(row[0]))


def differences(source: sa.Connection, central: sa.Connection, site: SiteId) -> Iterator[Difference]:
    """Yield every row that is not the same in a station's file and at the hub."""
    for name, info in sorted(TABLES.items()):
        if info.kind in _SAME:
            here, there = _texts(source, info, site), _texts(central, info, site)
            for key in sorted(here.keys() | there.keys()):
                if here.get(key) != there.get(key):
                    yield Difference(name, key, here.get(key, "no row"), there.get(key, "no row"))


def _texts(connection: sa.Connection, info: TableInfo, site: SiteId) -> dict[str, str]:
    rows = (info.row(raw) for raw in connection.execute(sa.select(info.sql).where(info.sql.c.site == site)))
    return {key_text(info.key_of(row)): content_text(row) for row in rows}


def admit(
    central: sa.Connection,
    me: Identity,
    name: str,
    kind: StationKind,
    at: int,
    boot_ns: int,
    new_id: Callable[[], bytes],
) -> None:
    """Make a station that was adopted one of the site's, and give it the work that it has begun.

    Args:
        central: the central database's, outside a transaction.
        me: who the station is.
        name: what it is called.
        kind: what it is there for.
        at: the hub's time.
        boot_ns: the hub's time since its machine was started.
        new_id: gives the operations' ids.
    """

    def joins(connection: sa.Connection) -> AddStation | None:
        if _is_member(connection, me):
            return None
        return AddStation(
            id=CommandId(new_id()), site=me.site, at=at, actor=SYSTEM, session=NO_SESSION, station=me.station, name=name,
            kind=kind, base_version=0,
        )  # fmt: skip

    def holds(connection: sa.Connection) -> GrantWork | None:
        batches, leases = sql_of(Batch), sql_of(WorkLease)
        held = sa.exists().where(
            leases.c.site == me.site, leases.c.stage == Stage.PICK.value, leases.c.work == batches.c.id,
            leases.c.state == LeaseState.HELD.value,
        )  # fmt: skip
        begun = sa.select(batches.c.id).where(
            batches.c.site == me.site, batches.c.state.not_in([BatchState.READY.value, BatchState.PICKED.value]), ~held
        )
        walks = [bytes(row[0]) for row in connection.execute(begun.order_by(batches.c.number).limit(_PART))]
        if not walks:
            return None
        first = next_number(connection, me.site, FENCES).value
        return GrantWork(
            id=CommandId(new_id()), site=me.site, at=at, actor=SYSTEM, session=NO_SESSION, station=me.station,
            incarnation=me.incarnation, epoch=head_of(connection, me.site).epoch,
            grants=tuple(Grant(Stage.PICK, walk, first + n) for n, walk in enumerate(walks)),
        )  # fmt: skip

    for decision in (joins, holds):
        Receiver(central, me.site).decide(decision, boot_ns=boot_ns)
    with central.begin():
        _take_name(central, me, new_id(), at)


def _take_name(central: sa.Connection, me: Identity, token: bytes, at: int) -> None:
    """Note a start of the station, so that no other PC joins under its name before it is heard."""
    starts = sql_of(StationStart)
    known = sa.select(sa.func.count()).where(starts.c.site == me.site, starts.c.station == me.station)
    if not central.execute(known).scalar_one():
        books = UnitOfWork(central)
        books.save(StationStart(me.site, me.station, 1, token, at))
        books.flush(varied=True)


def follow(connection: sa.Connection, head: FeedHead, profile: dict[str, str]) -> None:
    """Let a station's file follow the hub from a row of the feed on: it has everything up to there.

    Args:
        connection: the file's, outside a transaction.
        head: how far the file is.
        profile: what the file says of its place at the hub.
    """
    log = sql_of(Operation)
    with connection.begin():
        connection.execute(sa.update(log).values(state=OperationState.DURABLE.value))
        books = UnitOfWork(connection, role=Role.REPLICA)
        books.save(head, *(Profile(name, value) for name, value in profile.items()))
        books.flush(varied=True)
        make_guards(connection, Role.REPLICA)
