"""The feed of a site: every row that operations left behind, in the order in which they were committed, numbered from 1.

Where the database is the authority of several stations, each operation writes its final rows here and then its receipt;
the stations take them in that order. Numbers have no gaps, since the head of the feed is locked last in the transaction
that writes; every row carries the hash of all before it, so that a gap or a changed row is seen by whoever reads on.
A station's head is its cursor: how far it has taken the feed.
"""

from collections.abc import Callable, Mapping
from enum import Enum, StrEnum
from functools import cache, lru_cache
from hashlib import sha256
from struct import Struct
from typing import Any, NamedTuple, cast

import orjson
import sqlalchemy as sa

from core.kernel import codec
from core.kernel.ids import SiteId
from core.kernel.operations import GENESIS
from core.kernel.refusal import Fault
from core.kernel.tables import TABLES, Key, Row, TableClass, TableInfo, table

TRAVELS = (TableClass.FEED, TableClass.LEDGER)
"""The classes of tables whose rows the feed carries."""


class FeedKind(StrEnum):
    """What a row of the feed says."""

    ROW = "row"
    """A row as it is now."""
    GONE = "gone"
    """A row is no more."""
    RECEIPT = "receipt"
    """An operation ends here: everything since the receipt before is its doing."""


@table(TableClass.LOCAL, key=("site", "seq"))
class Feed(Row):
    """One row of a site's feed: at the authority all of them, at a station what was taken lately."""

    site: SiteId
    seq: int
    epoch: int
    """The hub's epoch in which it was written: a restored hub begins a new one."""
    kind: FeedKind
    entity: str
    """The table; of a receipt the operation's id in hex."""
    key: str
    """Canonical JSON of the key's values in the table's order; empty for a receipt."""
    content: str
    """Canonical JSON: the row's values by column, or what the receipt says; empty for a row that is gone."""
    hash: bytes
    """Over the hash of the row before and this row's own words."""


@table(TableClass.LOCAL, key=("site",))
class FeedHead(Row):
    """How far a site's feed goes here: what was written at the authority, what was taken at a station."""

    site: SiteId
    epoch: int
    seq: int
    hash: bytes


class FeedBroken(Fault):
    """A row of the feed does not follow from the one before: what came is fetched again, never skipped."""


class Written(NamedTuple):
    """What a transaction did to a row that travels."""

    info: TableInfo
    key: Key
    before: Row | None
    after: Row | None


_LENGTH = Struct(">Q").pack


def feed_hash(prev: bytes, row: Feed) -> bytes:
    """Return the hash a row of the feed must carry after the one with hash `prev`."""
    return link(prev, row.site, row.seq, row.epoch, row.kind, row.entity, row.key, row.content)


def link(prev: bytes, site: int, seq: int, epoch: int, kind: FeedKind, entity: str, key: str, content: str) -> bytes:
    """Return the hash of a row by its values: what `chain_hash` says of them, written out, since each is hashed thrice."""
    number, where, what = b"%d" % seq, key.encode(), content.encode()
    # A receipt's is an operation's id, which never comes again.
    named = (
        _parts(epoch, "receipt") + _part(entity) if kind is FeedKind.RECEIPT else _parts(epoch, kind._value_, entity)
    )
    return sha256(
        b"".join((
            prev, _parts(site), _LENGTH(len(number)), number, named, _LENGTH(len(where)), where, _LENGTH(len(what)), what,
        ))
    ).digest()  # fmt: skip


@lru_cache(maxsize=500)
def _parts(*values: str | int) -> bytes:
    """Return parts, each with its length in front: sites, epochs and tables are the same for thousands of rows."""
    return b"".join(map(_part, values))


def _part(value: str | int) -> bytes:
    raw = str(value).encode()
    return _LENGTH(len(raw)) + raw


def head_of(connection: sa.Connection, site: SiteId) -> FeedHead:
    """Return how far the feed goes here; the beginning where it has not begun."""
    raw = connection.execute(_head_statement(), {"site": site}).first()
    return FeedHead(site, 1, 0, GENESIS) if raw is None else cast("FeedHead", FeedHead.TABLE.row(raw))


@cache
def _head_statement() -> sa.Select[Any]:
    heads = FeedHead.TABLE.sql
    return sa.select(heads).where(heads.c.site == sa.bindparam("site"))


def key_text(key: Key) -> str:
    """Return a key as it stands in the feed."""
    return codec.canonical([_plain(part) for part in key])


def key_of(info: TableInfo, text: str) -> Key:
    """Return the key that a text of the feed stands for."""
    parts = codec.parse(text)
    return tuple(
        bytes.fromhex(part) if is_binary else part for part, is_binary in zip(parts, _binary_parts(info), strict=True)
    )


@cache
def _binary_parts(info: TableInfo) -> tuple[bool, ...]:
    """Return which parts of a key stand in the feed as hex."""
    return tuple(isinstance(info.sql.c[name].type, sa.LargeBinary) for name in info.key)


def content_text(row: Row) -> str:
    """Return a row's values by column as they stand in the feed."""
    return _texts(row.TABLE)[1](row)


def key_text_of(info: TableInfo, key: Key) -> str:
    """Return a key of a table as it stands in the feed: what `key_text` says, of values that are known to be its columns'."""
    return _texts(info)[0](key)


@cache
def _texts(info: TableInfo) -> tuple[Callable[[Key], str], Callable[[Row], str]]:
    """Return what makes the texts of a table's keys and rows, written out by its columns: the hub makes ten a scan."""

    def plain(name: str, value: str) -> str:
        column, is_enum = info.sql.c[name], info.places[name] in info.enums
        if not is_enum and not isinstance(column.type, sa.LargeBinary):
            return value
        told = f"{value}._value_" if is_enum else f"{value}.hex()"
        return f"None if {value} is None else {told}" if column.nullable else told

    def text(name: str, value: str) -> str:
        if isinstance(info.sql.c[name].type, sa.LargeBinary):
            return f'"{{{value}.hex()}}"'
        # Numbers and what no text needs to be escaped in go as they are.
        return (
            f"{{{value}}}"
            if isinstance(info.sql.c[name].type, sa.BigInteger)
            else f"{{canonical({plain(name, value)})}}"
        )

    places = {name: f"_{n}" for n, name in enumerate(info.key)}
    key = f"[{','.join(text(name, place) for name, place in places.items())}]"
    # Its columns are in the order of their names already.
    content = ",".join(f"{name!r}: {plain(name, f'row.{name}')}" for name in sorted(info.columns))
    inside: dict[str, Any] = {"canonical": codec.canonical, "dumps": orjson.dumps}
    exec(  # noqa: S102  our own names
        f"def key(values):\n    [{','.join(places.values())}] = values\n    return f{key!r}\n"
        f"def content(row):\n    return dumps({{{content}}}).decode()",
        inside,
    )
    return inside["key"], inside["content"]


def row_of(info: TableInfo, text: str) -> Row:
    """Return the row that a text of the feed stands for.

    A column that an older program did not know yet takes its default.

    Raises:
        FeedBroken: the text lacks a column without default, or a value is not of its column's kind.
    """
    told: Mapping[str, Any] = codec.parse(text)
    try:
        return _whole_row(info)(told)
    except (KeyError, TypeError, ValueError):
        return _part_of_row(info, told)


@cache
def _whole_row(info: TableInfo) -> Callable[[Mapping[str, Any]], Row]:
    """Return what makes a row of all its columns, written out by them: a third of what one by one they take."""
    inside: dict[str, Any] = {"cls": info.cls, "fromhex": bytes.fromhex}
    values = []
    for n, (name, read) in enumerate(_readers(info)):
        given, none = f"told[{name!r}]", ""
        if read is not None and info.sql.c[name].nullable:
            none, given = f"None if (_{n} := {given}) is None else ", f"_{n}"
        kind = info.enums.get(n)
        if kind is not None:
            inside[f"members_{n}"] = {each.value: each for each in kind}
            given = f"members_{n}[{given}]"
        elif read is not None:
            given = f"fromhex({given})"
        values.append(none + given)
    exec(f"def build(told):\n    return cls({', '.join(values)})", inside)  # noqa: S102  our own names
    return cast("Callable[[Mapping[str, Any]], Row]", inside["build"])


def _part_of_row(info: TableInfo, told: Mapping[str, Any]) -> Row:
    """Return the row of an object that lacks columns, which have a default where all is well."""
    given: dict[str, Any] = {}
    try:
        for name, read in _readers(info):
            if name in told:
                value = told[name]
                given[name] = value if read is None or value is None else read(value)
        return info.cls(**given)
    except (TypeError, ValueError) as e:
        raise FeedBroken(f"{info.name}: {e}") from e


@cache
def _readers(info: TableInfo) -> tuple[tuple[str, Callable[[Any], Any] | None], ...]:
    """Return by column what makes its value of what stands in the feed; None where both are the same."""
    binary = {column.name for column in info.sql.columns if isinstance(column.type, sa.LargeBinary)}
    return tuple(
        (name, info.enums.get(n) or (bytes.fromhex if name in binary else None)) for n, name in enumerate(info.columns)
    )


def table_of(row: Feed) -> TableInfo | None:
    """Return the table a row of the feed belongs to; None where this program does not know it (yet)."""
    info = TABLES.get(row.entity)
    return info if info is not None and info.kind in TRAVELS else None


def _plain(value: object) -> object:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return value.value if isinstance(value, Enum) else value
