"""A station's rows held against its hub's, where nothing moves: what differs is named, and fetched again.

Rows of the feed are chained, so a row that differs is no row that was lost on the way: a disk, a person with a tool or a
mistake of a program changed it behind everybody's back. Buckets are rows that follow each other by key; only their sums
travel, until one differs. The one thing a newcomer would get wrong: a station does not hold all rows of every table, so it
says which it means, and counts those that every station holds. Of a ledger a station holds what is young and the sums of
the rest: there the sums are held against the hub's as well.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

import orjson
import sqlalchemy as sa

from core.kernel.database import Profile
from core.kernel.feed import TRAVELS, Feed, FeedHead, FeedKind, content_text, head_of, key_of, key_text, row_of
from core.kernel.ids import SiteId
from core.kernel.loading import loading_of, want_loading
from core.kernel.operations import Operation, OperationState
from core.kernel.replica import has_followers, has_images, take_confirmed
from core.kernel.tables import TABLES, Key, Row, TableInfo, sql_of
from core.kernel.uow import Role, UnitOfWork

ROWS = 250
"""Of one question, over all its buckets."""
_COMPARED, _MENDED = "compared", "mended"
"""In the profile of a station: the row of the feed at which everything was compared; what differed and was fetched again."""
_MENDED_MAX = 20
_UNSETTLED = sa.text(f"state <> '{OperationState.DURABLE.value}'")


class Bucket(NamedTuple):
    """Rows of a table that follow each other by key, as a station has them."""

    entity: str
    keys: tuple[str, ...]
    digest: bytes
    rows: int
    """Rows of the table that every station holds, where this is its last bucket; else -1."""


@dataclass(frozen=True, slots=True)
class Buckets:
    """Some buckets, and where the next begin."""

    buckets: tuple[Bucket, ...]
    table: str
    """Of the last row; empty where these were the last buckets of all."""
    key: str


FIRST = Buckets((), " ", "")
"""Before all of them."""


@dataclass(frozen=True, slots=True)
class Mended:
    """A row that was not what the hub has, and was fetched again."""

    table: str
    key: str
    """Empty where rows were missing, and the site was loaded anew."""
    seq: int
    """How far the feed went then."""


Rows = Callable[[TableInfo, SiteId], tuple[sa.ColumnElement[bool], ...] | None]
"""Says which rows of a table every station of a site holds: all that fulfil these; None where none is held for sure."""
Sums = Callable[[sa.Connection, SiteId], Mapping[str, str]]

_SUMS: dict[str, tuple[Sums, Sums]] = {}


def compare_sums(cls: type[Row], here: Sums, there: Sums) -> None:
    """Declare that what derives from a ledger is compared: all of it in one bucket, since it is one sum that differs.

    Args:
        cls: the class of what derives.
        here: what a station's ledger sums to, by key; of what is zero nothing is said.
        there: the same at the hub.
    """
    _SUMS[cls.TABLE.name] = here, there


def digest_of(rows: Iterable[tuple[str, str]]) -> bytes:
    """Return the sum over rows by key and content."""
    digest = sha256()
    for key, content in sorted(rows):
        digest.update(f"{key}\n{content}\n".encode())
    return digest.digest()[:16]


def head_to_compare(connection: sa.Connection, site: SiteId) -> FeedHead | None:
    """Return how far the feed was taken, where everything here is settled and that was not compared yet; else None."""
    head = head_of(connection, site)
    profile = sql_of(Profile)
    done = connection.execute(sa.select(profile.c.value).where(profile.c.name == _COMPARED)).scalar_one_or_none()
    return None if done == _place(head) or not _is_still(connection, site) else head


def _place(head: FeedHead) -> str:
    return f"{head.epoch}.{head.seq}"


def _is_still(connection: sa.Connection, site: SiteId) -> bool:
    log = sql_of(Operation)
    unsettled = sa.select(log.c.position).where(log.c.site == site, _UNSETTLED).limit(1)
    return (
        loading_of(connection, site) is None
        and not has_images(connection)
        and connection.execute(unsettled).first() is None
    )


def next_buckets(connection: sa.Connection, site: SiteId, after: Buckets, held: Rows) -> Buckets | None:
    """Return the next buckets; None where something is unsettled by now.

    Args:
        connection: a reader's, for one moment of the file.
        site: whose rows.
        after: those before; `FIRST` for none.
        held: which rows every station holds.
    """
    if not _is_still(connection, site):
        return None
    found: list[Bucket] = []
    left = ROWS
    for name, info in sorted(TABLES.items()):
        if info.kind not in TRAVELS or name < after.table:
            continue
        rows = _rows(connection, site, info, key_of(info, after.key) if name == after.table else None, left)
        left -= len(rows)
        count = _count(connection, site, info, held(info, site)) if left else -1
        if rows or count >= 0:
            found.append(Bucket(name, tuple(rows), digest_of(rows.items()), count))
        if not left:
            return Buckets(tuple(found), name, next(reversed(rows)))
    found += [
        Bucket(name, (), digest_of(sums[0](connection, site).items()), -1) for name, sums in sorted(_SUMS.items())
    ]
    return Buckets(tuple(found), "", "")


def _rows(connection: sa.Connection, site: SiteId, info: TableInfo, after: Key | None, most: int) -> dict[str, str]:
    columns = [info.sql.c[name] for name in info.key]
    query = sa.select(info.sql).where(info.sql.c.site == site).order_by(*columns).limit(most)
    if after is not None:
        query = query.where(sa.tuple_(*columns) > sa.tuple_(*after))
    rows = (info.row(raw) for raw in connection.execute(query))
    return {key_text(info.key_of(row)): content_text(row) for row in rows}


def _count(
    connection: sa.Connection, site: SiteId, info: TableInfo, held: tuple[sa.ColumnElement[bool], ...] | None
) -> int:
    if held is None:
        return -1
    query = sa.select(sa.func.count()).select_from(info.sql).where(info.sql.c.site == site, *held)
    return int(connection.execute(query).scalar_one())


def differing(
    connection: sa.Connection, site: SiteId, asked: Iterable[Bucket], here: Callable[[Bucket], Mapping[str, str]],
    held: Rows,
) -> tuple[tuple[tuple[str, Mapping[str, str]], ...], tuple[str, ...]]:  # fmt: skip
    """Return the rows of buckets that are something else at the hub, by table, and tables of which not as much is there.

    Args:
        connection: a reader of the central database.
        site: whose rows.
        asked: what a station has.
        here: what the hub has of a bucket, content by key.
        held: which rows every station holds.
    """
    others, short = [], []
    for bucket in asked:
        info = TABLES.get(bucket.entity)
        if bucket.entity in _SUMS and digest_of(_SUMS[bucket.entity][1](connection, site).items()) != bucket.digest:
            short.append(bucket.entity)
        if info is None or info.kind not in TRAVELS:
            continue
        rows = here(bucket)
        if digest_of(rows.items()) != bucket.digest:
            others.append((bucket.entity, rows))
        if bucket.rows >= 0 and bucket.rows != _count(connection, site, info, held(info, site)):
            short.append(bucket.entity)
    return tuple(others), tuple(short)


def mend(
    connection: sa.Connection, head: FeedHead, asked: Buckets, differs: Mapping[str, Mapping[str, str]],
    short: Iterable[str], incarnation: int,
) -> int:  # fmt: skip
    """Make rows that differ what the hub has; load the site anew where some are missing; return how many that were.

    What derives from rows was not changed with them, so that they are not simply replaced where something does: that is
    made anew by a loading. The caller holds the transaction.

    Args:
        connection: an open transaction's of the station's file.
        head: where the feed stood when it was asked; nothing is done where it went on.
        asked: what was asked.
        differs: what the hub has, content by key, of the tables that differ.
        short: tables of which the hub has not as much.
        incarnation: of the file.
    """
    site = head.site
    if head_of(connection, site).seq != head.seq or not _is_still(connection, site):
        return 1
    told = [row for bucket in asked.buckets for row in _told(connection, site, bucket, differs.get(bucket.entity))]
    anew = any(has_followers(TABLES[row.entity].cls) for row in told)
    missing = [] if told else list(short)
    found = [Mended(row.entity, row.key, head.seq) for row in told] + [Mended(name, "", head.seq) for name in missing]
    if missing or anew:
        want_loading(connection, site, incarnation)
    elif told:
        take_confirmed(connection, site, told)
    if found:
        kept = [*mended(connection), *found][-_MENDED_MAX:]
        _note(connection, _MENDED, orjson.dumps([[each.table, each.key, each.seq] for each in kept]).decode())
    return len(found)


def _told(connection: sa.Connection, site: SiteId, bucket: Bucket, rows: Mapping[str, str] | None) -> list[Feed]:
    """Return the rows of a bucket that are something else here, as the feed would tell them."""
    if rows is None:
        return []
    info, books = TABLES[bucket.entity], UnitOfWork(connection)
    told = []
    for key in bucket.keys:
        row, there = books.get(info.cls, key_of(info, key)), rows.get(key)
        if there is None and row is not None:
            told.append(Feed(site, 0, 0, FeedKind.GONE, info.name, key, "", b""))
        elif there is not None and (row is None or content_text(row) != content_text(row_of(info, there))):
            # Read as it is here: a newer hub's row may have columns that this program does not know.
            told.append(Feed(site, 0, 0, FeedKind.ROW, info.name, key, there, b""))
    return told


def note_compared(connection: sa.Connection, head: FeedHead) -> None:
    """Note that everything was compared at a row of the feed, in the caller's transaction."""
    _note(connection, _COMPARED, _place(head))


def mended(connection: sa.Connection) -> tuple[Mended, ...]:
    """Return the last rows that differed from the hub's and were fetched again."""
    profile = sql_of(Profile)
    said = connection.execute(sa.select(profile.c.value).where(profile.c.name == _MENDED)).scalar_one_or_none()
    return tuple(Mended(*each) for each in orjson.loads(said or "[]"))


def _note(connection: sa.Connection, name: str, value: str) -> None:
    uow = UnitOfWork(connection, role=Role.REPLICA)
    uow.save(Profile(name, value))
    uow.flush()


__all__ = [
    "FIRST", "Bucket", "Buckets", "Mended", "compare_sums", "differing", "digest_of", "head_to_compare", "mend", "mended", "next_buckets",
    "note_compared",
]  # fmt: skip
