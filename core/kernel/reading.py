"""Rows of several tables by one statement, for a screen that shows a few of each."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from core.kernel.tables import Row

Wanted = Sequence[tuple[type[Row], sa.ColumnElement[bool]]]
"""Row classes, each once, and which of their rows."""


def read_together(connection: sa.Connection, wanted: Wanted) -> Mapping[type[Row], tuple[Any, ...]]:
    """Return the rows that fulfil each class's condition, in no order.

    SQLite alone lets the columns of a union differ in type; elsewhere there is a statement for each table.
    """
    if connection.dialect.name != "sqlite":
        return {cls: _rows(cls, connection.execute(sa.select(cls.TABLE.sql).where(which))) for cls, which in wanted}
    width = max(len(cls.TABLE.columns) for cls, _ in wanted)
    parts = []
    for number, (cls, which) in enumerate(wanted):
        columns = [column.label(f"c{n}") for n, column in enumerate(cls.TABLE.sql.c)]
        rest = [sa.null().label(f"c{n}") for n in range(len(columns), width)]
        parts.append(sa.select(sa.literal(number).label("which"), *columns, *rest).where(which))
    found: list[list[Sequence[Any]]] = [[] for _ in wanted]
    for row in connection.execute(sa.union_all(*parts)):
        values = tuple(row)
        found[values[0]].append(values[1:])
    return {cls: _rows(cls, (raw[: len(cls.TABLE.columns)] for raw in found[n])) for n, (cls, _) in enumerate(wanted)}


def _rows(cls: type[Row], raw: Iterable[Sequence[Any]]) -> tuple[Row, ...]:
    return tuple(cls.TABLE.row(tuple(each)) for each in raw)
