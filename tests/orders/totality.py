"""Applying a command to states nobody foresaw: rows gone, counters and states anything, everything rolled back after."""

from collections.abc import Iterable
from dataclasses import fields
from enum import Enum
from typing import get_type_hints

from hypothesis import strategies as st

from core.catalog.model import Location
from core.kernel.commands import Command
from core.kernel.tables import Row, TableClass
from core.kernel.uow import UnitOfWork
from core.packing.model import ParcelContent
from core.stock.model import Balance, Reservation
from tests.support import Bench

NUMBERS = st.integers(min_value=0, max_value=4)


class _Undo(Exception):
    pass


def apply_to_anything(it: Bench, command: Command, data: st.DataObject) -> None:
    """Apply a command after some of the rows it reads were taken away or made anything else."""
    connection = it.executor.connection
    try:
        with connection.begin():
            wild = UnitOfWork(connection)
            for cls, keys in command.reads().items():
                for key in dict.fromkeys(keys):
                    row = wild.get(cls, key)
                    if row is not None and cls.TABLE.kind is not TableClass.PRIVATE:
                        _make_wild(wild, row, data)
            wild.flush()
            uow = UnitOfWork(connection, at_origin=data.draw(st.booleans()))
            uow.fetch(command.reads())
            command.apply(uow)
            uow.flush(command.id)
            raise _Undo
    except _Undo:
        pass


def _make_wild(uow: UnitOfWork, row: Row, data: st.DataObject) -> None:
    match data.draw(st.sampled_from(["as it is", "gone", "other"])):
        case "gone":
            uow.delete(row)
        case "other" if not isinstance(row, Location):
            # A place that comes to lie outside the building has other balances: no command can do that.
            uow.update(row, **_other(row, data))  # type: ignore[type-var]
        case _:
            pass


def _other(row: Row, data: st.DataObject) -> dict[str, object]:
    hints = get_type_hints(type(row))
    changed: dict[str, object] = {}
    for name in _free(row):
        kind = hints[name]
        if isinstance(kind, type) and issubclass(kind, Enum):
            changed[name] = data.draw(st.sampled_from(list(kind)))
        elif kind is int:
            changed[name] = data.draw(NUMBERS)
    if isinstance(row, Balance):
        changed |= {"settled": changed["total"], "signed": row.signed}
    if isinstance(row, Reservation | ParcelContent):
        changed |= {"quantity": 1 + int(str(changed["quantity"]))}
    return changed


def _free(row: Row) -> Iterable[str]:
    unique = {column for each in row.TABLE.unique.values() for column in each.columns}
    return [each.name for each in fields(row) if each.name not in {*row.TABLE.key, *unique}]  # type: ignore[arg-type]


__all__ = ["apply_to_anything"]
