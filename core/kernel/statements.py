"""The texts of the statements by which rows are read and written, each with the values of its runs."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cache
from typing import Any

from core.kernel.tables import Key, TableInfo
from core.kernel.together import Statement


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
    return _insert(info, mark, there), rows


@cache
def _insert(info: TableInfo, mark: str, there: IfThere) -> str:
    marks = ",".join([mark] * len(info.columns))
    sql = f"INSERT INTO {quoted(info.name)} ({_names(info.columns)}) VALUES ({marks})"
    rest = [f"{quoted(name)}=excluded.{quoted(name)}" for name in info.columns if name not in info.key]
    if there is IfThere.STAYS or (there is IfThere.GIVES_WAY and not rest):
        sql += f" ON CONFLICT ({_names(info.key)}) DO NOTHING"
    elif there is IfThere.GIVES_WAY:
        sql += f" ON CONFLICT ({_names(info.key)}) DO UPDATE SET {','.join(rest)}"
    return sql


def update_rows(info: TableInfo, rows: Sequence[tuple[Any, ...]], changed: Sequence[int], mark: str) -> Statement:
    """Return the statement that writes some columns of rows; the key says which rows."""
    order = (*changed, *map(info.columns.index, info.key))
    sets = ",".join(f"{quoted(info.columns[n])}={mark}" for n in changed)
    sql = f"UPDATE {quoted(info.name)} SET {sets} WHERE {_equal(info.key, mark)}"
    return sql, [tuple(row[n] for n in order) for row in rows]


def delete_rows(info: TableInfo, keys: Sequence[Key], mark: str) -> Statement:
    """Return the statement that removes rows."""
    return f"DELETE FROM {quoted(info.name)} WHERE {_equal(info.key, mark)}", keys


def select_rows(info: TableInfo, where: str) -> str:
    """Return the statement that reads rows."""
    return f"SELECT {_names(info.columns)} FROM {quoted(info.name)} WHERE {where}"


def found_by(columns: Sequence[str], keys: Sequence[Key], mark: str) -> tuple[str, tuple[Any, ...]]:
    """Return the condition that finds rows by columns; keys that differ in their last part only share one IN list."""
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
