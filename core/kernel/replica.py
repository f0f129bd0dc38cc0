"""Taking the feed at a station: pulled rows go under its own unsettled work, receipts settle it.

There is no other way in: a pulled row goes into the image where its key has one, else into the table; whole operations are
taken in one transaction with the cursor; only a receipt in the feed settles. What follows from rows (balances) is brought
along by whoever declared it with `follows`, for what the table shows and for what is confirmed apart.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa

from core.kernel.commands import Reads
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
from core.kernel.statements import found_by, select_rows
from core.kernel.tables import TABLES, Key, Row, TableClass, TableInfo, rows_of, sql_of, table
from core.kernel.uow import Changes, Role, UnitOfWork

_KEYS_PER_SELECT = 400
_TOGETHER = 40
"""Rows that are read or shown before it is asked again whether somebody waits: a millisecond."""

T = TypeVar("T")


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
Needs = Callable[[Any], Reads]
GivesWay = Callable[[], bool]

_FOLLOWERS: dict[str, tuple[Follower, Needs]] = {}


def follows(cls: type[Row], needs: Needs) -> Callable[[Follower], Follower]:
    """Declare what brings derived rows along when rows of a class change from outside.

    Args:
        cls: the class.
        needs: which rows it will read for a row of the class: those of a page are read together.
    """

    def declare(follower: Follower) -> Follower:
        _FOLLOWERS[cls.TABLE.name] = follower, needs
        return follower

    return declare


def has_followers(cls: type[Row]) -> bool:
    """Return whether something derives from rows of a class."""
    return cls.TABLE.name in _FOLLOWERS


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking rows of the feed did."""

    changes: Changes
    settled: tuple[CommandId, ...]
    """Own operations whose receipt was among them."""
    head: FeedHead
    strange: int = 0
    """The incarnation under which they name this very file as the author of an operation that it has not: it was rolled back, or
    copied; 0 where they do not."""

    def and_then(self, more: "Taken") -> "Taken":
        """Return what both did, one after the other."""
        tables, orders = self.changes.tables | more.changes.tables, self.changes.orders | more.changes.orders
        return Taken(Changes(tables, orders), self.settled + more.settled, more.head, self.strange or more.strange)


class _Said(NamedTuple):
    """What a row of the feed says of a table's row."""

    told: Feed
    info: TableInfo | None
    """None where this program does not know the table (yet)."""
    key: Key
    row: Row | None
    """None where it is no more."""


def _read(told: Feed) -> _Said:
    info = table_of(told)
    if info is None:
        return _Said(told, None, (), None)
    if told.kind is FeedKind.GONE:
        return _Said(told, info, key_of(info, told.key), None)
    row = row_of(info, told.content)
    return _Said(told, info, info.key_of(row), row)


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
        for entity, keys in wanted.items():
            for raw in _found(self.connection, Shadow, ("entity", "key"), [(entity, key) for key in keys]):
                self._note(raw)

    def get(self, entity: str, key: str) -> _Image | None:
        """Return the image of a key, None where no unsettled work touched it."""
        found = self.known.get((entity, key))
        return None if found is None or found.over else found

    def look_through(self, position: int) -> None:
        """Read the images that nothing after a position of the log holds on to."""
        if self.any and position:
            shadow = sql_of(Shadow)
            for raw in self.connection.execute(sa.select(shadow).where(shadow.c.last_op <= position)):
                self._note(raw)

    def settled_by(self, position: int) -> list[tuple[str, str, _Image]]:
        """Return those that nothing after a position of the log holds on to; it was looked through as far."""
        return [
            (entity, key, image)
            for (entity, key), image in self.known.items()
            if image is not None and not image.over and image.last_op <= position
        ]

    def _note(self, raw: Sequence[Any]) -> None:
        entity, key, text, last_op = raw
        if self.known.get((entity, key)) is None:
            self.known[entity, key] = _Image(text, last_op)

    def write(self, uow: UnitOfWork) -> None:
        """Write what became of them."""
        changed = {at: image for at, image in self.known.items() if image is not None and (image.changed or image.over)}
        uow.fetch({Shadow: list(changed)})
        for at, image in changed.items():
            row = uow.get(Shadow, at)
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
        self.own: Mapping[CommandId, Operation] = {}

    def run(self, rows: Sequence[Feed], gives_way: GivesWay) -> Taken:
        self._check(rows)
        self.own = self._own(rows)
        self.images.look_through(max((each.position for each in self.own.values()), default=0))
        said = list(_unless(gives_way, map(_read, rows)))
        self._bring(rows, said)
        for each in _unless(gives_way, said):
            if each.told.kind is FeedKind.RECEIPT:
                self._settle(CommandId(bytes.fromhex(each.told.entity)))
            else:
                self._take(each)
        self.images.write(self.uow)
        last = rows[-1]
        # The epoch is the newest that was heard of: a station that lags behind takes rows of older ones.
        head = FeedHead(last.site, max(self.head.epoch, last.epoch), last.seq, last.hash)
        self.uow.save(head, unread={Feed: list(map(Feed.TABLE.read_fields, rows))})
        self.uow.flush(varied=True)
        return Taken(self.uow.changes, tuple(self.settled), head)

    def run_confirmed(self, rows: Sequence[Feed], settled: int) -> Changes:
        self.images.look_through(settled)
        said = list(map(_read, rows))
        self._bring(rows, said)
        for each in said:
            self._take(each)
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

    def _bring(self, rows: Sequence[Feed], said: Iterable[_Said]) -> None:
        """Bring what rows replace, and what follows from them."""
        self.images.look_up(rows)
        wanted: dict[type[Row], list[Key]] = {Operation: [(row.site, row.position) for row in self.own.values()]}
        for each in said:
            if each.info is not None:
                wanted.setdefault(each.info.cls, []).append(each.key)
            if each.row is not None:
                for cls, keys in _needs(each.row).items():
                    wanted.setdefault(cls, []).extend(keys)
        self.uow.fetch(wanted)

    def _own(self, rows: Sequence[Feed]) -> dict[CommandId, Operation]:
        """Return the operations of this file's log whose receipts are among rows of the feed."""
        ids = [(row.site, bytes.fromhex(row.entity)) for row in rows if row.kind is FeedKind.RECEIPT]
        found = rows_of(Operation, _found(self.connection, Operation, ("site", "id"), ids))
        return {each.id: each for each in found}

    def _take(self, said: _Said) -> None:
        told, info, row = said.told, said.info, said.row
        if info is None:
            # A newer hub's: it stays in the feed's tail until this program knows it.
            self.uow.save(Skipped(told.site, told.entity, 0))
            return
        if row is not None:
            self._want(row)
        image = self.images.get(told.entity, told.key)
        if image is None:
            show(self.uow, info, said.key, row, confirmed=True)
            return
        before = None if image.text is None else row_of(info, image.text)
        image.text, image.changed = None if row is None else told.content, True
        follow(self.uow, Change(before, row, shown=False, confirmed=True))

    def _want(self, row: Row) -> None:
        """Note the private rows that come with a row, where they are not here or may be others now."""
        for cls, key, again in wanted_with(row):
            if again or self.uow.get(cls, key) is None:
                self.uow.save(PrivateWanted(cls.TABLE.name, key_text(key)))

    def _settle(self, id_: CommandId) -> None:
        """Put back what no later operation holds on to, where the receipt is of an operation of this file."""
        row = self.own.get(id_)
        if row is None or row.state is OperationState.DURABLE or id_ in self.settled:
            return
        self._put_back(row.position)
        self.uow.update(row, state=OperationState.DURABLE)
        self.settled.append(id_)

    def _put_back(self, position: int) -> None:
        """Show the images that nothing after a position of the log holds on to."""
        for entity, key, image in self.images.settled_by(position):
            info = TABLES[entity]
            row = None if image.text is None else row_of(info, image.text)
            show(self.uow, info, key_of(info, key), row, confirmed=False)
            image.over = True


class _Stopped(Exception):
    """Somebody waits."""


def _unless(gives_way: GivesWay, some: Iterable[T]) -> Iterator[T]:
    """Yield them, and stop everything where somebody waits: before some of them, and behind the last."""
    for number, each in enumerate(some):
        if not number % _TOGETHER and gives_way():
            raise _Stopped
        yield each
    if gives_way():
        raise _Stopped


def _found(
    connection: sa.Connection, cls: type[Row], columns: tuple[str, ...], keys: Sequence[Key]
) -> Iterator[Sequence[Any]]:
    """Yield the rows of a table by values of some columns, as the database gives them."""
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    for start in range(0, len(keys), _KEYS_PER_SELECT):
        where, given = found_by(cls.TABLE, columns, keys[start : start + _KEYS_PER_SELECT], mark)
        yield from connection.exec_driver_sql(select_rows(cls.TABLE, where), given)


def _needs(row: Row) -> Reads:
    """Return the rows that are read beside a row which comes: private ones that it brings, what follows from it."""
    needs = dict[type[Row], list[Key]]()
    for cls, key, _ in wanted_with(row):
        needs.setdefault(cls, []).append(key)
    follower = _FOLLOWERS.get(row.TABLE.name)
    return needs if follower is None else {**needs, **follower[1](row)}


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


def show(uow: UnitOfWork, info: TableInfo, key: Key, after: Row | None, *, confirmed: bool) -> None:
    """Make the table's row what it is by the feed, with what follows from it.

    Args:
        uow: the transaction's.
        info: the table.
        key: the row's.
        after: the row; None for one that is not there.
        confirmed: whether what is confirmed of it changes as well.
    """
    before = uow.get(info.cls, key)
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
        follower[0](uow, change)


def take(connection: sa.Connection, rows: Sequence[Feed], gives_way: GivesWay = lambda: False) -> Taken | None:
    """Take rows of the feed that follow on the cursor, whole operations; the caller holds the transaction.

    Args:
        connection: an open transaction's.
        rows: the rows.
        gives_way: whether somebody waits for whom it should stop; asked as long as nothing is written.

    Returns:
        What it did; None where it stopped, and nothing was written.

    Raises:
        FeedBroken: they do not follow, or end in the middle of an operation; nothing was written.
    """
    try:
        return _Taking(connection, rows[0].site).run(rows, gives_way)
    except _Stopped:
        return None


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
