"""The texts of the statements by which rows are read and written, each with the values of its runs.

PostgreSQL takes many rows by one run, a list of values a column: a run a row costs it three times as much, and a text
with all rows' parameters would differ every time. SQLite takes a run a row.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from core.kernel.tables import Key, TableInfo
from core.kernel.together import Statement

SQLITE_MARK, POSTGRES_MARK = "?", "%s"
"""How each of the databases writes a parameter."""


def mark_of(connection: sa.Connection) -> str:
    """Return how a connection's database writes a parameter."""
    return SQLITE_MARK if connection.dialect.name == "sqlite" else POSTGRES_MARK


class IfThere(StrEnum):
    """What becomes of a new row whose key is there already."""

    FAILS = "fails"
    STAYS = "stays"
    """The old one stays as it is."""
    GIVES_WAY = "gives_way"
    """The old one takes the new one's values."""


def insert_rows(
    info: TableInfo, rows: Sequence[tuple[Any, ...]], mark: str, there: IfThere = IfThere.FAILS
) -> Statement:
    """Return the statement that writes new rows, given by their values in column order."""
    if mark == POSTGRES_MARK and len(rows) > 1:
        return _insert(info, f"SELECT {_each(info, info.columns)}", there), [_by_column(info, info.columns, rows)]
    return _insert(info, f"VALUES ({','.join([mark] * len(info.columns))})", there), rows


@cache
def _insert(info: TableInfo, given: str, there: IfThere) -> str:
    sql = f"INSERT INTO {quoted(info.name)} ({_names(info.columns)}) {given}"
    rest = [f"{quoted(name)}=excluded.{quoted(name)}" for name in info.columns if name not in info.key]
    if there is IfThere.STAYS or (there is IfThere.GIVES_WAY and not rest):
        sql += f" ON CONFLICT ({_names(info.key)}) DO NOTHING"
    elif there is IfThere.GIVES_WAY:
        sql += f" ON CONFLICT ({_names(info.key)}) DO UPDATE SET {','.join(rest)}"
    return sql


Update = tuple[tuple[Any, ...], tuple[int, ...]]
"""A row's values, and the places of those that changed."""


def update_rows(info: TableInfo, rows: Sequence[Update], mark: str) -> Iterator[Statement]:
    """Yield the statements that write what changed of rows; the key says which rows."""
    if mark == SQLITE_MARK:
        yield from _update(info, rows, mark)
        return
    # Where one row gives up what is to be another's alone, they are written in their order: one run has none.
    alone = _alone(info)
    yield from _update(info, [each for each in rows if alone.isdisjoint(each[1])], mark, by_lists=True)
    yield from _update(info, [each for each in rows if not alone.isdisjoint(each[1])], mark)


@cache
def _alone(info: TableInfo) -> frozenset[int]:
    """Return the places of columns that say whether a row is the only one of a kind."""
    words = {word for each in info.unique.values() for word in (*each.columns, *re.findall(r"\w+", each.where or ""))}
    return frozenset(n for n, name in enumerate(info.columns) if name in words and name not in info.key)


def _update(info: TableInfo, rows: Sequence[Update], mark: str, *, by_lists: bool = False) -> Iterator[Statement]:
    """Yield the statement that writes those columns of rows that changed in one of them, unless none did."""
    changed = sorted({n for _, places in rows for n in places})
    if not changed:
        return
    order = (*changed, *map(info.columns.index, info.key))
    runs = list(map(itemgetter(*order), (values for values, _ in rows)))
    if by_lists and len(runs) > 1:
        yield (
            _update_by_lists(info, tuple(changed)),
            [_by_column(info, tuple(info.columns[n] for n in order), runs)],
        )
        return
    sets = ",".join(f"{quoted(info.columns[n])}={mark}" for n in changed)
    yield f"UPDATE {quoted(info.name)} SET {sets} WHERE {_equal(info.key, mark)}", runs


@cache
def _update_by_lists(info: TableInfo, changed: tuple[int, ...]) -> str:
    names = [info.columns[n] for n in changed]
    sets = ",".join(f'{quoted(name)}=given."c{n}"' for n, name in enumerate(names))
    return f"UPDATE {quoted(info.name)} SET {sets} FROM {_given(info, (*names, *info.key), info.key)}"


def delete_rows(info: TableInfo, keys: Sequence[Key], mark: str) -> Statement:
    """Return the statement that removes rows."""
    if mark == POSTGRES_MARK and len(keys) > 1:
        return f"DELETE FROM {quoted(info.name)} USING {_given(info, info.key, info.key)}", [
            _by_column(info, info.key, keys)
        ]
    return f"DELETE FROM {quoted(info.name)} WHERE {_equal(info.key, mark)}", keys


def select_rows(info: TableInfo, where: str) -> str:
    """Return the statement that reads rows."""
    return f"SELECT {_names(info.columns)} FROM {quoted(info.name)} WHERE {where}"


def select_together(
    wanted: Sequence[tuple[TableInfo, Sequence[Key]]], command: Key | None, mark: str
) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that reads rows of several tables, and its values; only SQLite lets columns of a union differ in type.

    Args:
        wanted: tables with keys; in front of each row stands its table's place among them.
        command: site and id of a command whose operation is read beside them, behind -1.
        mark: how the database writes a parameter.
    """
    width = max([2, *(len(info.columns) for info, _ in wanted)])
    parts: list[str] = []
    values: list[Any] = []
    for number, (info, keys) in enumerate(wanted):
        where, given = found_by(info, info.key, keys, mark)
        names = ",".join((*map(quoted, info.columns), *["NULL"] * (width - len(info.columns))))
        parts.append(f"SELECT {number},{names} FROM {quoted(info.name)} WHERE {where}")
        values.extend(given)
    if command is not None:
        rest = ",NULL" * (width - 2)
        parts.append(f"SELECT -1,device_ms,result{rest} FROM op_log WHERE site={mark} AND id={mark}")
        values.extend(command)
    return " UNION ALL ".join(parts), tuple(values)


def found_by(info: TableInfo, columns: Sequence[str], keys: Sequence[Key], mark: str) -> tuple[str, tuple[Any, ...]]:
    """Return the condition that finds rows by columns; keys that differ in their last part only share one IN list."""
    if mark == POSTGRES_MARK and len(keys) > 1:
        return f"({_names(columns)}) IN (SELECT * FROM {_lists(info, tuple(columns))})", _by_column(
            info, tuple(columns), keys
        )
    *leading, last = zip(*keys, strict=True)
    if all(column.count(column[0]) == len(keys) for column in leading):
        where = "".join(f"{quoted(name)}={mark} AND " for name in columns[:-1])
        marks = ",".join([mark] * len(keys))
        return f"{where}{quoted(columns[-1])} IN ({marks})", (*(column[0] for column in leading), *last)
    return " OR ".join([f"({_equal(columns, mark)})"] * len(keys)), tuple(part for key in keys for part in key)


def quoted(name: str) -> str:
    """Return a name of the database's as it stands in a statement."""
    return f'"{name}"'


def _names(columns: Iterable[str]) -> str:
    return ",".join(map(quoted, columns))


def _equal(columns: Iterable[str], mark: str) -> str:
    return " AND ".join(f"{quoted(name)}={mark}" for name in columns)


class Numbers(list[Any]):
    """A column's integers, for PostgreSQL."""


class Words(list[Any]):
    """A column's texts."""


class Blobs(list[Any]):
    """A column's bytes."""


@cache
def _lists(info: TableInfo, columns: tuple[str, ...]) -> str:
    """Return rows that are given by a list of values a column."""
    return f"unnest({','.join(_LIST[kind] for kind in _kinds(info, columns))})"


@cache
def _each(info: TableInfo, columns: tuple[str, ...]) -> str:
    """Return the values of such rows, one behind the other: what reads them as a table keeps each list a second time."""
    return ",".join(f"unnest({_LIST[kind]})" for kind in _kinds(info, columns))


_LIST = {Numbers: "%b::bigint[]", Words: "%b::text[]", Blobs: "%b::bytea[]"}


@cache
def _kinds(info: TableInfo, columns: tuple[str, ...]) -> tuple[type[list[Any]], ...]:
    """Return what columns' values are given in."""
    return tuple(_kind(info.sql.c[name].type) for name in columns)


def _kind(column: object) -> type[list[Any]]:
    if isinstance(column, sa.LargeBinary):
        return Blobs
    return Numbers if isinstance(column, sa.BigInteger) else Words


def _given(info: TableInfo, columns: tuple[str, ...], key: tuple[str, ...]) -> str:
    """Return the rows that are given by columns, the key last, and the condition that a table's row is one of them."""
    first = len(columns) - len(key)
    where = " AND ".join(f'{quoted(info.name)}.{quoted(name)}=given."c{first + n}"' for n, name in enumerate(key))
    names = ",".join(f'"c{n}"' for n in range(len(columns)))
    return f"{_lists(info, columns)} AS given({names}) WHERE {where}"


def _by_column(info: TableInfo, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> tuple[list[Any], ...]:
    """Return rows' values, a list a column."""
    return tuple(kind(column) for kind, column in zip(_kinds(info, columns), zip(*rows, strict=True), strict=True))
