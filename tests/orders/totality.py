"""Applying a command to states nobody foresaw: rows gone, counters and states anything, everything rolled back after."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from enum import Enum
from random import Random
from typing import get_type_hints

import sqlalchemy as sa
from hypothesis import strategies as st

from core.catalog.model import Location
from core.kernel.commands import Command
from core.kernel.operations import OpTouch
from core.kernel.tables import Row, TableClass
from core.kernel.uow import UnitOfWork
from core.packing.model import ParcelContent
from core.stock.model import Balance, Reservation
from core.waves.model import BatchMember
from tests.support import Bench


class _Undo(Exception):
    pass


def apply_to_anything(it: Bench, command: Command, data: st.DataObject) -> None:
    """Apply a command after some of the rows it looks at were taken away or made anything else."""
    connection = it.executor.connection
    # One draw for all of it: a command looks at some thirty rows of fifteen columns.
    chance = data.draw(st.randoms(use_true_random=True))
    with undone(connection):
        wild = UnitOfWork(connection)
        for row in _looked_at(connection, command):
            _make_wild(wild, row, chance)
        wild.flush()
        _apply(UnitOfWork(connection, at_origin=chance.random() < 0.5), command)


@contextmanager
def undone(connection: sa.Connection) -> Iterator[None]:
    """Run something in a transaction of which nothing stays."""
    try:
        with connection.begin():
            yield
            raise _Undo
    except _Undo:
        pass


def _apply(uow: UnitOfWork, command: Command) -> None:
    uow.fetch(command.reads())
    command.apply(uow)
    uow.flush(command.id)


def _looked_at(connection: sa.Connection, command: Command) -> list[Row]:
    """Return the rows that applying looks at as things are, whether its `reads` name them or not."""
    seen = UnitOfWork(connection)
    with connection.begin_nested() as trial:
        _apply(seen, command)
        trial.rollback()
    keys = [(info.cls, key) for info, entries in seen._entries.items() for key in entries]
    now = UnitOfWork(connection)
    rows = (now.get(cls, key) for cls, key in keys if cls.TABLE.kind is not TableClass.PRIVATE)
    return [row for row in rows if row is not None and not isinstance(row, OpTouch)]


def _make_wild(uow: UnitOfWork, row: Row, chance: Random) -> None:
    match chance.choice(["as it is", "gone", "other"]):
        case "gone" if not isinstance(row, BatchMember):
            uow.delete(row)
        case "other" if not isinstance(row, Location):
            # A place that comes to lie outside the building has other balances: no command can do that.
            uow.update(row, **_other(row, chance))  # type: ignore[type-var]
        case _:
            pass


def _other(row: Row, chance: Random) -> dict[str, object]:
    hints = get_type_hints(type(row))
    changed: dict[str, object] = {}
    for name in _free(row):
        kind = hints[name]
        if isinstance(kind, type) and issubclass(kind, Enum):
            changed[name] = chance.choice(list(kind))
        elif kind is int:
            changed[name] = chance.randint(0, 4)
    if isinstance(row, BatchMember):
        # Who is in a batch the database itself keeps: only what became of a member is anything.
        return {"outcome": changed["outcome"]}
    if isinstance(row, Balance):
        changed |= {"settled": changed["total"], "signed": row.signed}
    if isinstance(row, Reservation | ParcelContent):
        changed |= {"quantity": 1 + int(str(changed["quantity"]))}
    return changed


def _free(row: Row) -> Iterable[str]:
    unique = {column for each in row.TABLE.unique.values() for column in each.columns}
    return [each.name for each in fields(row) if each.name not in {*row.TABLE.key, *unique}]  # type: ignore[arg-type]


__all__ = ["apply_to_anything"]
