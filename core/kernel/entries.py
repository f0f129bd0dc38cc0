"""Rows of a unit of work: each as the database has it, as it will be, and what is to be done about that."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import compress
from operator import ne
from typing import Any

from core.kernel.statements import SQLITE_MARK, IfThere, delete_rows, insert_rows, update_rows
from core.kernel.tables import Key, Row, TableInfo
from core.kernel.together import Statement


class Pending(StrEnum):
    """What is to be done about a row."""

    CLEAN = "clean"
    INSERT = "insert"
    UPDATE = "update"
    ADD = "add"
    """Inserted, or left alone where its key is there: a row that nobody read before."""
    SAVE = "save"
    """Inserted, or updated where its key is there: a row that nobody read before."""
    DELETE = "delete"


THERE = {
    Pending.INSERT: IfThere.FAILS, Pending.ADD: IfThere.STAYS, Pending.SAVE: IfThere.GIVES_WAY,
}  # fmt: skip
"""What becomes of a new row whose key is there already."""


class Entry:
    """A row of the identity map: as the database has it, as it will be, and what is to be done."""

    __slots__ = ("before", "pending", "row")

    def __init__(self, row: Row | None, pending: Pending) -> None:
        """Begin with a row as the database has it, or as it will."""
        self.before = row
        self.row = row
        self.pending = pending


def written(info: TableInfo, pending: Iterable[tuple[Key, Entry]], mark: str) -> Iterator[Statement]:
    """Yield the statements that write rows of a table, and take the rows as written: one a kind of change.

    Args:
        info: the table.
        pending: rows about which something is to be done.
        mark: how the database writes a parameter.
    """
    updates: list[tuple[tuple[Any, ...], tuple[int, ...]]] = []
    new: dict[Pending, list[tuple[Any, ...]]] = {Pending.INSERT: [], Pending.ADD: [], Pending.SAVE: []}
    deletes: list[Key] = []
    values = info.values if mark == SQLITE_MARK else info.bare_values
    for key, entry in pending:
        if entry.row is None:
            deletes.append(key)
        elif entry.pending is not Pending.UPDATE:
            new[entry.pending].append(values(entry.row))
        elif entry.before is not None:
            was, is_now = info.read_fields(entry.before), info.read_fields(entry.row)
            updates.append((values(entry.row), tuple(compress(range(len(was)), map(ne, was, is_now)))))
        entry.pending, entry.before = Pending.CLEAN, entry.row
    if deletes:
        yield delete_rows(info, deletes, mark)
    if updates:
        yield from update_rows(info, updates, mark)
    for kind, rows in new.items():
        if rows:
            yield insert_rows(info, rows, mark, THERE[kind])
