"""Loading a site's work into a station's file: what is confirmed, part by part, until the feed can be followed from there.

A station that joins, or whose cursor is older than what the hub still has, is given rows as they are now instead of all
that ever happened. They replace confirmed images, never own work: what is unsettled stays in its table and in its queue.
How far it came is a row of the file, committed with what came, so that it may be interrupted anywhere. Work that is over is
not among it; what its ledger entries sum to is (`carried`). The one thing a newcomer would get wrong: parts are read at
different moments and do not fit together; they do once the feed was followed from where the loading began.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import MISSING, dataclass, fields
from typing import Any, cast

import orjson
import sqlalchemy as sa

from core.kernel.feed import Feed, FeedBroken, FeedHead, FeedKind, content_text, head_of, key_text
from core.kernel.ids import SiteId
from core.kernel.operations import Operation, OperationState
from core.kernel.private import PrivateWanted, is_followed_by_private, wanted_with
from core.kernel.replica import Skipped, has_images, take_confirmed
from core.kernel.shadow import Shadow
from core.kernel.statements import IfThere, insert_rows, mark_of
from core.kernel.tables import TABLES, Row, TableClass, TableInfo, rows_of, sql_of, table
from core.kernel.uow import Role, UnitOfWork


@table(TableClass.LOCAL, key=("site",))
class Loading(Row):
    """How far a loading came; no row where none is under way."""

    site: SiteId
    fresh: int
    """1 where the file knew nothing of the site: no row can be one that is no more."""
    goes_on: str
    """What the hub gave to ask for the next part by; empty before the first."""
    epoch: int
    seq: int
    hash: bytes
    """Where the feed stood when it began: from there it is followed afterwards."""
    incarnation: int
    applied: int
    """Operations of this incarnation that are in what is loaded."""
    goal: int
    """How far the feed went when the last part was there; 0 before."""
    done: int
    """Per mille, as the hub guesses."""


@table(TableClass.LOCAL, key=("entity", "key"))
class LoadedKey(Row):
    """A row that came by the loading that is under way: those of a table that did not are no more.

    After a way back to where the hub is, a row that came with it and is newer than the feed as far as it was followed.
    """

    entity: str
    key: str


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one table, by their values."""

    entity: str
    columns: tuple[str, ...]
    rows: str
    """A JSON list of lists; bytes in hex."""


_DONE = 1000
"""Per mille."""

Derive = Callable[[sa.Connection, SiteId], None]

_DERIVES: list[tuple[type[Row], Derive]] = []


def derived_again(carried: type[Row]) -> Callable[[Derive], Derive]:
    """Declare what derives rows of an area again once a site was loaded.

    Args:
        carried: the class of what stands for rows that are not loaded; each loading brings it anew.
    """

    def declare(derive: Derive) -> Derive:
        _DERIVES.append((carried, derive))
        return derive

    return declare


def loading_of(connection: sa.Connection, site: SiteId) -> Loading | None:
    """Return how far a loading came; None where none is under way."""
    found = rows_of(Loading, connection.execute(sa.select(sql_of(Loading)).where(sql_of(Loading).c.site == site)))
    return found[0] if found else None


def want_loading(connection: sa.Connection, site: SiteId, incarnation: int) -> None:
    """Begin a loading, or begin it anew."""
    head = head_of(connection, site)
    known = loading_of(connection, site)
    # What an earlier one brought may be no more, unless this file never followed the feed.
    fresh = int(head.seq == 0 and (known is None or known.fresh == 1))
    connection.execute(sa.delete(sql_of(LoadedKey)))
    for carried, _ in _DERIVES:
        connection.execute(sa.delete(sql_of(carried)).where(sql_of(carried).c.site == site))
    _save(connection, Loading(site, fresh, "", 0, 0, b"", incarnation, 0, 0, 0))


def load(connection: sa.Connection, parts: Iterable[Part], state: Loading) -> None:
    """Take parts, and how far it came with them; the caller holds the transaction."""
    new = bool(state.fresh) and not has_images(connection)
    for part in parts:
        info = TABLES.get(part.entity)
        if info is None:
            _save(connection, Skipped(state.site, part.entity, 1))
            continue
        if new or info.kind is TableClass.LOCAL:
            _load_new(connection, info, part)
        else:
            _load_over(connection, info, part, state.site)
    _save(connection, state)


def end_loading(connection: sa.Connection, state: Loading) -> None:
    """Let the feed be followed from where the loading began; what is settled by then is.

    Args:
        connection: an open transaction's.
        state: with the goal set.
    """
    site = state.site
    if not state.fresh:
        take_confirmed(connection, site, others(connection, site))
    settle_through(connection, site, state)
    uow = UnitOfWork(connection, role=Role.REPLICA)
    uow.save(FeedHead(site, state.epoch, state.seq, state.hash))
    uow.flush(varied=True)
    connection.execute(sa.delete(sql_of(LoadedKey)))
    for _, derive in _DERIVES:
        derive(connection, site)
    _save(connection, state)


def ahead(
    connection: sa.Connection, to: FeedHead, incarnation: int, goal: int, keys: Collection[tuple[str, str]]
) -> None:
    """Note that rows are here that are newer than the feed as far as it was followed: as after a loading.

    Args:
        connection: an open transaction's.
        to: how far the feed was followed.
        incarnation: the file's.
        goal: how far the hub's feed went when it gave the rows.
        keys: their tables and keys.
    """
    known = loading_of(connection, to.site)
    if known is not None and not known.goal:
        # It is to be loaded all the same, and nothing that is no more outlives that.
        return
    connection.execute(sa.delete(sql_of(LoadedKey)))
    connection.execute(sa.delete(sql_of(Loading)).where(sql_of(Loading).c.site == to.site))
    # Where nothing came, nothing is newer.
    if keys and goal > to.seq:
        _save(
            connection, Loading(to.site, 0, "", to.epoch, to.seq, to.hash, incarnation, 0, goal, _DONE),
            *(LoadedKey(*each) for each in keys),
        )  # fmt: skip


def ahead_keys(connection: sa.Connection, site: SiteId) -> tuple[tuple[str, str], ...] | None:
    """Return tables and keys of the rows that are newer than the feed as far as it was followed.

    None where rows are that nobody counted: those of a loading.
    """
    state, loaded = loading_of(connection, site), sql_of(LoadedKey)
    if state is None or not state.goal:
        return ()
    query = sa.select(loaded.c.entity, loaded.c.key).order_by(loaded.c.entity, loaded.c.key)
    return tuple((str(row[0]), str(row[1])) for row in connection.execute(query)) or None


def at_goal(connection: sa.Connection, site: SiteId, reached: int) -> None:
    """Forget a loading once the feed was followed beyond its goal."""
    rows = sql_of(Loading)
    over = sa.delete(rows).where(rows.c.site == site, rows.c.goal > 0, rows.c.goal <= reached)
    if connection.execute(over).rowcount:
        connection.execute(sa.delete(sql_of(LoadedKey)))


def _save(connection: sa.Connection, *rows: Row) -> None:
    uow = UnitOfWork(connection, role=Role.REPLICA)
    uow.save(*rows)
    uow.flush(varied=True)


def _values(info: TableInfo, part: Part) -> list[tuple[Any, ...]]:
    """Return rows as the database takes them, in the table's order; a column that the hub does not know takes its default.

    Raises:
        FeedBroken: the hub lacks a column that has none, or a value is not of its column's kind.
    """
    defaults = {each.name: each.default for each in fields(cast("Any", info.cls)) if each.default is not MISSING}
    missing = set(info.columns) - set(part.columns)
    if missing - set(defaults):
        raise FeedBroken(f"{info.name} came without {', '.join(sorted(missing - set(defaults)))}")
    places = [
        (part.columns.index(name) if name not in missing else -1, isinstance(info.sql.c[name].type, sa.LargeBinary))
        for name in info.columns
    ]
    others = [defaults.get(name) for name in info.columns]
    try:
        return [
            tuple(
                others[n] if place < 0
                else bytearray.fromhex(row[place]) if is_binary and row[place] is not None
                else row[place]
                for n, (place, is_binary) in enumerate(places)
            )
            for row in orjson.loads(part.rows)
        ]  # fmt: skip
    except (ValueError, TypeError, IndexError) as e:
        raise FeedBroken(f"{info.name}: {e}") from e


def _load_new(connection: sa.Connection, info: TableInfo, part: Part) -> None:
    """Write rows by their values: nobody has seen them, and nothing here is about them."""
    values = _values(info, part)
    if not values:
        return
    sql, runs = insert_rows(info, values, mark_of(connection), IfThere.GIVES_WAY)
    connection.exec_driver_sql(sql, list(runs))
    if is_followed_by_private(info.cls):
        _want(connection, map(info.row, values))


def _load_over(connection: sa.Connection, info: TableInfo, part: Part, site: SiteId) -> None:
    """Take rows as what is confirmed, under own work that is not settled, and note that they are there."""
    rows = [info.row(values) for values in _values(info, part)]
    told = [
        Feed(site, 0, 0, FeedKind.ROW, info.name, key_text(info.key_of(row)), content_text(row), b"") for row in rows
    ]
    take_confirmed(connection, site, told)
    uow = UnitOfWork(connection, role=Role.REPLICA)
    uow.save(*(LoadedKey(info.name, each.key) for each in told))
    uow.flush(varied=True)


def _want(connection: sa.Connection, rows: Iterable[Row]) -> None:
    wanted = {(cls.TABLE.name, key_text(key)) for row in rows for cls, key, _ in wanted_with(row)}
    if wanted:
        uow = UnitOfWork(connection, role=Role.REPLICA)
        uow.save(*(PrivateWanted(*each) for each in sorted(wanted)))
        uow.flush(varied=True)


def others(connection: sa.Connection, site: SiteId) -> list[Feed]:
    """Return, as the feed would tell it, what did not come: it is no more, or belongs to work that is over.

    Whoever works here meanwhile lets it go in slices, once the last part is here; the end of the loading takes what is left.
    """
    told: list[Feed] = []
    loaded, shadow = sql_of(LoadedKey), sql_of(Shadow)
    for info in TABLES.values():
        if info.kind not in (TableClass.FEED, TableClass.LEDGER):
            continue
        came = set(connection.execute(sa.select(loaded.c.key).where(loaded.c.entity == info.name)).scalars())
        here = (info.row(raw) for raw in connection.execute(sa.select(info.sql).where(info.sql.c.site == site)))
        keys = [key_text(info.key_of(row)) for row in here]
        under = connection.execute(
            sa.select(shadow.c.key).where(shadow.c.entity == info.name, shadow.c.image.is_not(None))
        )
        gone = [key for key in dict.fromkeys([*keys, *under.scalars()]) if key not in came]
        told += [Feed(site, 0, 0, FeedKind.GONE, info.name, key, "", b"") for key in gone]
    return told


def settle_through(connection: sa.Connection, site: SiteId, state: Loading) -> None:
    """Settle own operations that are in what was loaded."""
    log = sql_of(Operation)
    mine = sa.and_(
        log.c.site == site, log.c.incarnation == state.incarnation, log.c.seq <= state.applied,
        log.c.state != OperationState.DURABLE.value,
    )  # fmt: skip
    last = connection.execute(sa.select(sa.func.max(log.c.position)).where(mine)).scalar_one()
    if last is None:
        return
    take_confirmed(connection, site, [], settled=int(last))
    connection.execute(sa.update(log).where(mine).values(state=OperationState.DURABLE.value))


__all__ = [
    "LoadedKey", "Loading", "Part", "ahead", "ahead_keys", "at_goal", "derived_again", "end_loading", "load", "loading_of", "others", "want_loading",
]  # fmt: skip
