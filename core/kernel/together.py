"""Statements of one transaction that go to the database together: the writing side of *fetched together*.

PostgreSQL takes them one behind the other without being waited for (`postgres.py`); SQLite is another matter.

A put writes fifteen tables, and calling the database costs more than most of these statements do. SQLite has one way to
write several tables by one statement: a trigger. So a set of statements becomes, when it is first sent over a
connection, a temporary view whose trigger runs them with the view's columns as their parameters; from then on the set is
one INSERT, planned once. Sets differ by texts and numbers of rows alone: a day of scans needs a few dozen. The
newcomer's mistake: making one of many rows. What is bulk runs by itself.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from hashlib import sha256
from itertools import count, groupby
from typing import Any

import sqlalchemy as sa

Statement = tuple[str, Sequence[tuple[Any, ...]]]
"""A text with `?` (PostgreSQL: `%s`) for its parameters, which stand nowhere else in it, and those of each run."""

Question = tuple[str, tuple[Any, ...]]
"""The text of a SELECT and its parameters."""

Shape = tuple[tuple[str, int], ...]
"""The texts of a set and how often each runs."""

_RUNS_EACH = 8
"""What runs more often goes by itself: rows of a file, of a wave, of a large cart."""
_VALUES_MAX = 1000
"""A view of SQLite has at most 2,000 columns; and what is as long as this is not worth a text of its own."""
_SETS_KEPT = 500
"""Sets that a connection knows at a time; the one that was not used for longest makes room."""
_KNOWN = "sets of statements"


def send(connection: sa.Connection, statements: Sequence[Statement], *, together: bool = True) -> None:
    """Run statements in their order: at SQLite those of few rows that follow each other as one.

    Args:
        connection: the open transaction's.
        statements: what is to run.
        together: whether this set of statements will come again; one that will not is not learned.
    """
    if connection.dialect.name != "sqlite":
        from core.kernel.postgres import run

        if statements:
            run(connection, statements)
        return
    for few, following in groupby(statements, key=lambda each: together and len(each[1]) <= _RUNS_EACH):
        some = list(following)
        insert = _insert_of(connection, some) if few and len(some) > 1 else None
        if insert is not None:
            connection.exec_driver_sql(insert, tuple(value for _, runs in some for run in runs for value in run))
            continue
        for sql, runs in some:
            connection.exec_driver_sql(sql, list(runs) if len(runs) > 1 else runs[0])


def ahead(connection: sa.Connection) -> AbstractContextManager[None]:
    """Let what is sent meanwhile not be waited for before the end, where the database works beside this program."""
    if connection.dialect.name == "sqlite":
        return nullcontext()
    from core.kernel.postgres import ahead as ahead_of_it

    return ahead_of_it(connection)


def savepoint(connection: sa.Connection) -> AbstractContextManager[object]:
    """Undo what is done meanwhile where it goes wrong, and let what was done before stand."""
    if connection.dialect.name == "sqlite":
        return connection.begin_nested()
    from core.kernel.postgres import savepoint as savepoint_of_it

    return savepoint_of_it(connection)


def ask(connection: sa.Connection, questions: Sequence[Question]) -> Iterable[Sequence[Sequence[Any]]]:
    """Return the rows that each of several questions finds; PostgreSQL hears all of them before it answers the first."""
    if connection.dialect.name != "sqlite":
        from core.kernel.postgres import ask as ask_together

        return ask_together(connection, questions) if questions else ()
    return [connection.exec_driver_sql(*each).all() for each in questions]


def _insert_of(connection: sa.Connection, statements: Sequence[Statement]) -> str | None:
    """Return the statement that runs a set, made when it is new; None where it is too long."""
    if sum(len(run) for _, runs in statements for run in runs) > _VALUES_MAX:
        return None
    known: dict[Shape, str] | None = connection.info.get(_KNOWN)
    if known is None:
        known = connection.info[_KNOWN] = {}
        for back in ("rollback", "rollback_savepoint"):
            sa.event.listen(connection, back, _forget)
    shape = tuple((sql, len(runs)) for sql, runs in statements)
    insert = known.pop(shape, None)
    if insert is None:
        if len(known) >= _SETS_KEPT:
            oldest = known.pop(next(iter(known)))
            connection.exec_driver_sql(f"DROP VIEW {oldest.split()[2]}")
        insert = _learn(connection, shape)
    known[shape] = insert
    return insert


def _forget(connection: sa.Connection, *_savepoint: object) -> None:
    """Let go of what was learned: sets that a transaction made are gone with it."""
    connection.info[_KNOWN] = {}


def _learn(connection: sa.Connection, shape: Shape) -> str:
    column = count()
    inside: list[str] = []
    for sql, times in shape:
        first, *rest = sql.split("?")
        inside.extend(first + "".join(f"NEW.c{next(column)}{part}" for part in rest) for _ in range(times))
    width, body = next(column), ";".join(inside)
    name = f"set_{sha256(body.encode()).hexdigest()[:24]}"
    columns = ",".join(f"NULL AS c{n}" for n in range(width))
    connection.exec_driver_sql(f"CREATE TEMP VIEW IF NOT EXISTS {name} AS SELECT {columns}")
    connection.exec_driver_sql(
        f"CREATE TEMP TRIGGER IF NOT EXISTS {name}_runs INSTEAD OF INSERT ON {name} BEGIN {body}; END"
    )
    return f"INSERT INTO {name} VALUES ({','.join('?' * width)})"
