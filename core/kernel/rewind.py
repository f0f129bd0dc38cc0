"""A station whose hub was set back: what it took beyond the restored feed is taken back, and nothing of it is lost.

The hub knows less than the station. Rows beyond the last one that both have become again what they are at the hub, and are
set aside to be handed back to it; operations of the station's own that the hub has lost wait to be sent again, and what they
did stays in sight: it is unsettled once more, with the hub's row as its confirmed image. (Reference: sync, 8.0, 17.)
"""

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from core.kernel.feed import TRAVELS, Feed, FeedBroken, FeedHead, FeedKind, head_of, key_of, key_text, row_of, table_of
from core.kernel.ids import CommandId, SiteId
from core.kernel.loading import ahead_keys
from core.kernel.operations import Operation, OperationState
from core.kernel.private import REMEMBERED, PrivateOut, private_with
from core.kernel.replica import Change, follow, show, take_confirmed
from core.kernel.shadow import Shadow
from core.kernel.tables import TABLES, Key, Row, TableClass, TableInfo, rows_of, sql_of, table
from core.kernel.uow import Changes, Role, UnitOfWork

_IDS_PER_SELECT = 400

Images = Mapping[tuple[str, str], str | None]
"""Rows as the hub has them, by table and key as the feed says them; None for a row that it has not."""


@table(TableClass.LOCAL, key=("site", "epoch", "seq"), indexes={"set_aside_operation": ("operation",)})
class SetAside(Row):
    """A row of the feed that the hub has forgotten; it stays until its operation is in the feed again."""

    site: SiteId
    epoch: int
    seq: int
    kind: FeedKind
    entity: str
    key: str
    content: str
    operation: CommandId
    """Whose doing it was: the receipt behind it names it."""


def beyond(connection: sa.Connection, site: SiteId, seq: int) -> tuple[Feed, ...]:
    """Return what was taken of the feed behind a number."""
    feed = sql_of(Feed)
    query = sa.select(feed).where(feed.c.site == site, feed.c.seq > seq).order_by(feed.c.seq)
    return rows_of(Feed, connection.execute(query))


def keys_of(rows: Iterable[Feed]) -> tuple[tuple[str, str], ...]:
    """Return the tables and keys that rows of the feed are about, each once."""
    return tuple(dict.fromkeys((row.entity, row.key) for row in rows if row.kind is not FeedKind.RECEIPT))


def rewind(connection: sa.Connection, to: FeedHead, images: Images) -> Changes:
    """Go back to the last row that the hub has as well, in the caller's transaction.

    Args:
        connection: an open transaction's.
        to: that row, and the hub's new epoch.
        images: what the hub has of the rows that were taken beyond it.

    Raises:
        FeedBroken: rows were taken since the images were asked for; nothing was written.
    """
    rows = beyond(connection, to.site, to.seq)
    missing = [key for key in (*keys_of(rows), *(ahead_keys(connection, to.site) or ())) if key not in images]
    if missing:
        raise FeedBroken(f"feed of site {to.site}: rows came while it went back to {to.seq}")
    return _Rewinding(connection, to).run(rows, images)


def leave(connection: sa.Connection, site: SiteId, epoch: int) -> None:
    """Set aside everything that was taken of a feed of which the hub has none, before the site is loaded anew.

    What this file did of it waits to be sent again; its rows are what the loading brings until then.

    Args:
        connection: an open transaction's.
        site: which site.
        epoch: the hub's new one.
    """
    _Rewinding(connection, FeedHead(site, epoch, 0, b"")).leave(beyond(connection, site, 0))


class _Rewinding:
    """One way back."""

    def __init__(self, connection: sa.Connection, to: FeedHead) -> None:
        self.connection = connection
        self.to = to
        self.uow = UnitOfWork(connection, role=Role.REPLICA)

    def run(self, rows: tuple[Feed, ...], images: Images) -> Changes:
        here = head_of(self.connection, self.to.site)
        if len(rows) != max(0, here.seq - self.to.seq):
            raise FeedBroken(f"feed of site {here.site}: what was taken behind {self.to.seq} is not here any more")
        doing = _by_operation(rows)
        self._fetch(images)
        mine = self._own(doing)
        held = {key: mine[each] for each in doing for key in keys_of(doing[each]) if each in mine}
        for each in images:
            self._put_back(each, images[each], held.get(each))
        self._keep(doing, mine)
        last = self.to if rows else here
        self.uow.save(FeedHead(here.site, self.to.epoch, last.seq, last.hash))
        self.uow.flush(varied=True)
        self._forget(mine)
        return self.uow.changes

    def leave(self, rows: tuple[Feed, ...]) -> None:
        doing = _by_operation(rows)
        mine = self._own(doing)
        self._keep(doing, mine)
        self.uow.flush(varied=True)
        self._forget(mine)

    def _keep(self, doing: Mapping[CommandId, list[Feed]], mine: Mapping[CommandId, int]) -> None:
        """Set aside what everybody did, and let the personal data go again that came with it, as far as it is here.

        This file's own too, although it sends it again: what others did rests on it, and is taken in its order.
        """
        beside = {each for part in doing.values() for row in part for each in _private_of(row)}
        wanted: dict[type[Row], list[Key]] = {PrivateOut: [(cls.TABLE.name, key_text(key)) for cls, key in beside]}
        for cls, key in beside:
            wanted.setdefault(cls, []).append(key)
        self.uow.fetch(wanted)
        for operation, part in doing.items():
            self._send_again(part, mine.get(operation, REMEMBERED))
            self.uow.save(*(_aside(row, operation) for row in part))

    def _forget(self, mine: Mapping[CommandId, int]) -> None:
        feed = sql_of(Feed)
        self.connection.execute(sa.delete(feed).where(feed.c.site == self.to.site, feed.c.seq > self.to.seq))
        self._unsettle(mine.values())

    def _fetch(self, keys: Iterable[tuple[str, str]]) -> None:
        """Read together what is put back."""
        wanted: dict[type[Row], list[Key]] = {Shadow: list(keys)}
        for entity, key in keys:
            info = _known(entity)
            if info is not None:
                wanted.setdefault(info.cls, []).append(key_of(info, key))
        self.uow.fetch(wanted)

    def _own(self, operations: Iterable[CommandId]) -> dict[CommandId, int]:
        """Return the positions of those that are in this file's log."""
        log = sql_of(Operation)
        wanted, found = list(operations), {}
        for start in range(0, len(wanted), _IDS_PER_SELECT):
            some = wanted[start : start + _IDS_PER_SELECT]
            query = sa.select(log.c.id, log.c.position).where(log.c.site == self.to.site, log.c.id.in_(some))
            found.update({CommandId(bytes(row[0])): int(row[1]) for row in self.connection.execute(query)})
        return found

    def _put_back(self, at: tuple[str, str], text: str | None, position: int | None) -> None:
        """Make what is confirmed of a row what the hub has; what own work made of it stays in sight."""
        entity, key = at
        info = _known(entity)
        if info is None:
            return
        shadow = self.uow.get(Shadow, at)
        if shadow is None and position is None:
            show(self.uow, info, key_of(info, key), None if text is None else row_of(info, text), confirmed=True)
            return
        if shadow is None:
            before = self.uow.get(info.cls, key_of(info, key))
            self.uow.insert(Shadow(entity, key, text, position or 0))
        else:
            before = None if shadow.image is None else row_of(info, shadow.image)
            self.uow.update(shadow, image=text, last_op=max(shadow.last_op, position or 0))
        follow(self.uow, Change(before, None if text is None else row_of(info, text), shown=False, confirmed=True))

    def _send_again(self, rows: Iterable[Feed], position: int) -> None:
        """Let the personal data go again that came with an operation: what is this file's own is the newer one."""
        for row in rows:
            for cls, key in _private_of(row):
                name, text = cls.TABLE.name, key_text(key)
                known = self.uow.get(PrivateOut, (name, text))
                if self.uow.get(cls, key) is not None and (known is None or known.position < position):
                    self.uow.save(PrivateOut(name, text, position))

    def _unsettle(self, positions: Iterable[int]) -> None:
        """Let own operations wait again that the hub may have lost; one that it has it knows by its number."""
        log = sql_of(Operation)
        wait = {"state": OperationState.PENDING.value}
        here = log.c.site == self.to.site
        acknowledged = log.c.state == OperationState.ACKNOWLEDGED.value
        self.connection.execute(sa.update(log).where(here, acknowledged).values(wait))
        some = sorted(positions)
        for start in range(0, len(some), _IDS_PER_SELECT):
            these = log.c.position.in_(some[start : start + _IDS_PER_SELECT])
            self.connection.execute(sa.update(log).where(here, these).values(wait))


def _private_of(row: Feed) -> Iterable[tuple[type[Row], Key]]:
    info = table_of(row)
    return () if row.kind is not FeedKind.ROW or info is None else private_with(row_of(info, row.content))


def met(connection: sa.Connection, rows: Iterable[Feed]) -> None:
    """Let go of what was set aside of operations that are in the feed again; in the caller's transaction."""
    aside = sql_of(SetAside)
    if connection.execute(sa.select(aside.c.seq).limit(1)).first() is None:
        return
    again = [bytes.fromhex(row.entity) for row in rows if row.kind is FeedKind.RECEIPT]
    for start in range(0, len(again), _IDS_PER_SELECT):
        some = again[start : start + _IDS_PER_SELECT]
        connection.execute(sa.delete(aside).where(aside.c.operation.in_(some)))


def came_loaded(connection: sa.Connection, site: SiteId, operations: Sequence[CommandId]) -> None:
    """Take operations for settled whose receipts lie before the cursor, in what was loaded; in the caller's transaction."""
    aside, log = sql_of(SetAside), sql_of(Operation)
    for start in range(0, len(operations), _IDS_PER_SELECT):
        some = operations[start : start + _IDS_PER_SELECT]
        connection.execute(sa.delete(aside).where(aside.c.operation.in_(some)))
        mine = sa.and_(log.c.site == site, log.c.id.in_(some), log.c.state != OperationState.DURABLE.value)
        last = connection.execute(sa.select(sa.func.max(log.c.position)).where(mine)).scalar_one()
        if last is not None:
            take_confirmed(connection, site, (), settled=int(last))
            connection.execute(sa.update(log).where(mine).values(state=OperationState.DURABLE.value))


def set_aside(connection: sa.Connection, site: SiteId, after: tuple[int, int], most: int) -> tuple[SetAside, ...]:
    """Return rows that are to be handed back, whole operations, the oldest first.

    Args:
        connection: a reader's.
        site: which site.
        after: epoch and number of the last row that was handed back in this round.
        most: rows, but never less than one operation.
    """
    aside = sql_of(SetAside)
    behind = sa.or_(aside.c.epoch > after[0], sa.and_(aside.c.epoch == after[0], aside.c.seq > after[1]))
    query = sa.select(aside).where(aside.c.site == site, behind).order_by(aside.c.epoch, aside.c.seq)
    chosen: list[SetAside] = []
    end = 0
    for row in rows_of(SetAside, connection.execute(query)):
        if end >= most:
            break
        chosen.append(row)
        if row.kind is FeedKind.RECEIPT:
            end = len(chosen)
    return tuple(chosen[:end])


def aside_left(connection: sa.Connection, site: SiteId) -> int:
    """Return how many rows are set aside."""
    aside = sql_of(SetAside)
    query = sa.select(sa.func.count()).where(aside.c.site == site)
    return int(connection.execute(query).scalar_one())


def _by_operation(rows: Iterable[Feed]) -> dict[CommandId, list[Feed]]:
    found: dict[CommandId, list[Feed]] = {}
    part: list[Feed] = []
    for row in rows:
        part.append(row)
        if row.kind is FeedKind.RECEIPT:
            found[CommandId(bytes.fromhex(row.entity))] = part
            part = []
    return found


def _aside(row: Feed, operation: CommandId) -> SetAside:
    return SetAside(row.site, row.epoch, row.seq, row.kind, row.entity, row.key, row.content, operation)


def _known(entity: str) -> TableInfo | None:
    """Return a table that travels; None where this program does not know it."""
    info = TABLES.get(entity)
    return info if info is not None and info.kind in TRAVELS else None
