"""Taking the feed at a station: pulled rows go under its own unsettled work, receipts settle it.

There is no other way in: a pulled row goes into the image where its key has one, else into the table; whole operations are
taken in one transaction with the cursor; only a receipt in the feed settles. What follows from rows (balances) is brought
along by whoever declared it with `follows`, for what the table shows and for what is confirmed apart.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from core.kernel.feed import (
    Feed,
    FeedBroken,
    FeedHead,
    FeedKind,
    content_text,
    feed_hash,
    head_of,
    key_of,
    key_text,
    row_of,
    table_of,
)
from core.kernel.ids import CommandId, SiteId
from core.kernel.operations import Operation, OperationState
from core.kernel.private import PrivateWanted, wanted_with
from core.kernel.shadow import Shadow
from core.kernel.tables import TABLES, Key, Row, TableClass, TableInfo, sql_of, table
from core.kernel.uow import Changes, Role, UnitOfWork

_KEYS_PER_SELECT = 400


@table(TableClass.LOCAL, key=("site", "entity"))
class Skipped(Row):
    """A table that a newer hub spoke of and this program does not know: its rows wait in the feed's tail."""

    site: SiteId
    entity: str
    loaded: int
    """1 where rows came by a loading, which keeps none aside: the site has to be loaded again."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row that came to be, became another, or went, from elsewhere than a command here."""

    before: Row | None
    after: Row | None
    shown: bool
    """Whether the table shows it: work here did not change the row meanwhile."""
    confirmed: bool
    """Whether what is confirmed of it changed; not where unsettled work was only taken back."""


Follower = Callable[[UnitOfWork, Change], None]

_FOLLOWERS: dict[str, Follower] = {}


def follows(cls: type[Row]) -> Callable[[Follower], Follower]:
    """Declare what brings derived rows along when rows of a class change from outside."""

    def declare(follower: Follower) -> Follower:
        _FOLLOWERS[cls.TABLE.name] = follower
        return follower

    return declare


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking rows of the feed did."""

    changes: Changes
    settled: tuple[CommandId, ...]
    """Own operations whose receipt was among them."""
    head: FeedHead
    strange: bool = False
    """Whether they name this very file as the author of an operation that it has not: it was rolled back, or copied."""


@dataclass(slots=True)
class _Image:
    """An image while a page is taken."""

    text: str | None
    last_op: int
    changed: bool = False
    over: bool = False


@dataclass(slots=True)
class _Images:
    """The images that matter to a page, read as they are needed."""

    connection: sa.Connection
    any: bool
    known: dict[tuple[str, str], _Image | None] = field(default_factory=dict)

    def look_up(self, rows: Iterable[Feed]) -> None:
        """Read the images of the rows of a page."""
        if not self.any:
            return
        wanted: dict[str, list[str]] = {}
        for row in rows:
            if row.kind is not FeedKind.RECEIPT and self.known.setdefault((row.entity, row.key), None) is None:
                wanted.setdefault(row.entity, []).append(row.key)
        shadow = sql_of(Shadow)
        for entity, keys in wanted.items():
            for start in range(0, len(keys), _KEYS_PER_SELECT):
                some = keys[start : start + _KEYS_PER_SELECT]
                self._read(sa.select(shadow).where(shadow.c.entity == entity, shadow.c.key.in_(some)))

    def get(self, entity: str, key: str) -> _Image | None:
        """Return the image of a key, None where no unsettled work touched it."""
        found = self.known.get((entity, key))
        return None if found is None or found.over else found

    def settled_by(self, position: int) -> list[tuple[str, str, _Image]]:
        """Return the images that nothing after a position of the log holds on to."""
        if not self.any:
            return []
        shadow = sql_of(Shadow)
        self._read(sa.select(shadow).where(shadow.c.last_op <= position))
        return [
            (entity, key, image)
            for (entity, key), image in self.known.items()
            if image is not None and not image.over and image.last_op <= position
        ]

    def _read(self, query: sa.Select[Any]) -> None:
        for raw in self.connection.execute(query):
            entity, key, text, last_op = str(raw[0]), str(raw[1]), raw[2], int(raw[3])
            if self.known.get((entity, key)) is None:
                self.known[entity, key] = _Image(None if text is None else str(text), last_op)

    def write(self, uow: UnitOfWork) -> None:
        """Write what became of them."""
        for (entity, key), image in self.known.items():
            if image is None or not (image.changed or image.over):
                continue
            row = uow.get(Shadow, (entity, key))
            if row is not None and image.over:
                uow.delete(row)
            elif row is not None:
                uow.update(row, image=image.text)


class _Taking:
    """One page on its way into the tables."""

    def __init__(self, connection: sa.Connection, site: SiteId) -> None:
        """Begin on an open transaction."""
        self.connection = connection
        self.head = head_of(connection, site)
        self.uow = UnitOfWork(connection, role=Role.REPLICA)
        self.images = _Images(connection, has_images(connection))
        self.settled: list[CommandId] = []

    def run(self, rows: Sequence[Feed]) -> Taken:
        self._check(rows)
        self.images.look_up(rows)
        self._fetch(rows)
        for row in rows:
            if row.kind is FeedKind.RECEIPT:
                self._settle(CommandId(bytes.fromhex(row.entity)))
            else:
                self._take(row)
        self.images.write(self.uow)
        last = rows[-1]
        # The epoch is the newest that was heard of: a station that lags behind takes rows of older ones.
        head = FeedHead(last.site, max(self.head.epoch, last.epoch), last.seq, last.hash)
        self.uow.save(head)
        self.uow.save(*rows)
        self.uow.flush(varied=True)
        return Taken(self.uow.changes, tuple(self.settled), head)

    def run_confirmed(self, rows: Sequence[Feed], settled: int) -> Changes:
        self.images.look_up(rows)
        self._fetch(rows)
        for row in rows:
            self._take(row)
        self._put_back(settled)
        self.images.write(self.uow)
        self.uow.flush(varied=True)
        return self.uow.changes

    def _check(self, rows: Sequence[Feed]) -> None:
        seq, digest = self.head.seq, self.head.hash
        for row in rows:
            if row.seq != seq + 1:
                raise FeedBroken(f"feed of site {row.site}: {row.seq} follows {seq}")
            digest = feed_hash(digest, row)
            if digest != row.hash:
                raise FeedBroken(f"feed of site {row.site}: row {row.seq} does not follow from the one before")
            seq = row.seq
        if rows[-1].kind is not FeedKind.RECEIPT:
            raise FeedBroken(f"feed of site {rows[-1].site}: row {seq} is in the middle of an operation")

    def _fetch(self, rows: Sequence[Feed]) -> None:
        """Read together what the rows will replace."""
        wanted: dict[type[Row], list[Key]] = {}
        for row in rows:
            info = table_of(row)
            if row.kind is not FeedKind.RECEIPT and info is not None:
                wanted.setdefault(info.cls, []).append(key_of(info, row.key))
        self.uow.fetch(wanted)

    def _take(self, row: Feed) -> None:
        info = table_of(row)
        if info is None:
            # A newer hub's: it stays in the feed's tail until this program knows it.
            self.uow.save(Skipped(row.site, row.entity, 0))
            return
        text = row.content if row.kind is FeedKind.ROW else None
        if text is not None:
            self._want(row_of(info, text))
        image = self.images.get(row.entity, row.key)
        if image is None:
            show(self.uow, info, row.key, text, confirmed=True)
            return
        before = None if image.text is None else row_of(info, image.text)
        image.text, image.changed = text, True
        follow(self.uow, Change(before, None if text is None else row_of(info, text), shown=False, confirmed=True))

    def _want(self, row: Row) -> None:
        """Note the private rows that come with a row, where they are not here or may be others now."""
        for cls, key, again in wanted_with(row):
            if again or self.uow.get(cls, key) is None:
                self.uow.save(PrivateWanted(cls.TABLE.name, key_text(key)))

    def _settle(self, operation: CommandId) -> None:
        """Put back what no later operation holds on to, where the receipt is of an operation of this file."""
        log = sql_of(Operation)
        mine = sa.and_(log.c.site == self.head.site, log.c.id == operation)
        found = self.connection.execute(sa.select(log.c.position, log.c.state).where(mine)).first()
        if found is None or found[1] == OperationState.DURABLE:
            return
        self._put_back(int(found[0]))
        row = self.uow.get(Operation, (self.head.site, int(found[0])))
        if row is not None:
            self.uow.update(row, state=OperationState.DURABLE)
        self.settled.append(operation)

    def _put_back(self, position: int) -> None:
        """Show the images that nothing after a position of the log holds on to."""
        for entity, key, image in self.images.settled_by(position):
            show(self.uow, TABLES[entity], key, image.text, confirmed=False)
            image.over = True


def has_images(connection: sa.Connection) -> bool:
    """Return whether anything here is not settled."""
    unsettled = sa.select(sa.func.count()).select_from(sa.select(sql_of(Shadow)).limit(1).subquery())
    return bool(connection.execute(unsettled).scalar_one())


def take_confirmed(connection: sa.Connection, site: SiteId, rows: Sequence[Feed], *, settled: int = 0) -> Changes:
    """Take rows as what is confirmed, wherever the cursor stands; the caller holds the transaction.

    Args:
        connection: an open transaction's.
        site: whose rows.
        rows: rows that are so or are no more, without receipts.
        settled: a position of this file's log up to which own work is settled by now; 0 for none.
    """
    return _Taking(connection, site).run_confirmed(rows, settled)


def show(uow: UnitOfWork, info: TableInfo, key: str, text: str | None, *, confirmed: bool) -> None:
    """Make the table's row what a text says, with what follows from it.

    Args:
        uow: the transaction's.
        info: the table.
        key: the row's, as the feed says it.
        text: the row as the feed says it; None for a row that is not there.
        confirmed: whether what is confirmed of it changes as well.
    """
    before = uow.get(info.cls, key_of(info, key))
    after = None if text is None else row_of(info, text)
    if after is not None:
        uow.put(after)
    elif before is not None:
        uow.delete(before)
    follow(uow, Change(before, after, shown=True, confirmed=confirmed))


def follow(uow: UnitOfWork, change: Change) -> None:
    """Bring along what follows from a row."""
    one = change.after if change.after is not None else change.before
    follower = None if one is None else _FOLLOWERS.get(one.TABLE.name)
    if follower is not None:
        follower(uow, change)


def take(connection: sa.Connection, rows: Sequence[Feed]) -> Taken:
    """Take rows of the feed that follow on the cursor, whole operations; the caller holds the transaction.

    Raises:
        FeedBroken: they do not follow, or end in the middle of an operation; nothing was written.
    """
    return _Taking(connection, rows[0].site).run(rows)


def confirmed(connection: sa.Connection, info: TableInfo) -> dict[str, str]:
    """Return what is confirmed of a table: content by key, as the feed says both."""
    rows = (info.row(raw) for raw in connection.execute(sa.select(info.sql)))
    found = {key_text(info.key_of(row)): content_text(row) for row in rows}
    shadow = sql_of(Shadow)
    query = sa.select(shadow.c.key, shadow.c.image).where(shadow.c.entity == info.name)
    for key, image in connection.execute(query):
        if image is None:
            found.pop(str(key), None)
        else:
            found[str(key)] = str(image)
    return found


__all__ = [
    "Change", "Follower", "Taken", "confirmed", "follow", "follows", "has_images", "show", "take", "take_confirmed",
]  # fmt: skip
