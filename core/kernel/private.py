"""Personal data on its way: rows of private tables that go up beside operations, and those that a station still needs.

They are outside operations, feed and hashes, and travel by their ids. What a station made goes up with the operation it
came with; what the feed speaks of and is not here is wanted, and fetched when there is time. Both are queues in the file.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from core.kernel.feed import key_text
from core.kernel.refusal import Bug
from core.kernel.statements import found_by, mark_of, select_rows
from core.kernel.tables import Key, Row, TableClass, TableInfo, table
from core.kernel.together import Statement

_KEYS_PER_SELECT = 200
REMEMBERED = -1


@table(TableClass.LOCAL, key=("entity", "key"), indexes={"private_out_position": ("position",)})
class PrivateOut(Row):
    """A private row that the hub has not got yet."""

    entity: str
    key: str
    position: int
    """Of the operation it came with in this file's log; `REMEMBERED` where that was another's, and the hub may have lost it."""


@table(TableClass.LOCAL, key=("entity", "key"))
class PrivateWanted(Row):
    """A private row that the feed speaks of and that is to be fetched."""

    entity: str
    key: str


Wants = Callable[[Row], Iterable[tuple[type[Row], Key]]]

_WANTS: dict[str, tuple[Wants, bool, Callable[[Any], bool]]] = {}


def brings(cls: type[Row], *, again: bool, when: Callable[[Any], bool] = lambda _row: True) -> Callable[[Wants], Wants]:
    """Declare which private rows belong to a row of a class, and a station needs once the feed brings it.

    Args:
        cls: the class in the feed.
        again: whether a private row that is here already may be another now, and is fetched again.
        when: whether a row is one for which they are needed.
    """

    def declare(wants: Wants) -> Wants:
        _WANTS[cls.TABLE.name] = wants, again, when
        return wants

    return declare


def is_followed_by_private(cls: type[Row]) -> bool:
    """Return whether rows of a class bring private ones."""
    return cls.TABLE.name in _WANTS


def wanted_with(row: Row) -> Iterator[tuple[type[Row], Key, bool]]:
    """Yield the private rows that a row of the feed brings, and whether each is fetched although it is here."""
    found = _WANTS.get(row.TABLE.name)
    if found is not None:
        wants, again, when = found
        if when(row):
            for cls, key in wants(row):
                yield cls, key, again


def private_with(row: Row) -> Iterable[tuple[type[Row], Key]]:
    """Return the private rows that belong to a row of the feed, needed or not."""
    found = _WANTS.get(row.TABLE.name)
    return () if found is None else found[0](row)


def going_out(rows: Iterable[Row], position: int, mark: str) -> Iterator[Statement]:
    """Yield the statement that notes private rows as not at the hub yet."""
    noted = [(row.TABLE.name, key_text(row.TABLE.key_of(row)), position) for row in rows]
    if noted:
        marks = ",".join([mark] * 3)
        sql = (
            f'INSERT INTO "private_out" ("entity","key","position") VALUES ({marks}) '
            'ON CONFLICT ("entity","key") DO UPDATE SET "position"=excluded."position"'
        )
        yield (sql, noted)


def private_rows(connection: sa.Connection, info: TableInfo, keys: Sequence[Key]) -> Iterator[Row]:
    """Yield the rows of a private table that are here.

    Raises:
        Bug: the table is not private.
    """
    if info.kind is not TableClass.PRIVATE:
        raise Bug(f"{info.name} is not a private table")
    mark = mark_of(connection)
    for start in range(0, len(keys), _KEYS_PER_SELECT):
        where, given = found_by(info, info.key, keys[start : start + _KEYS_PER_SELECT], mark)
        yield from map(info.row, connection.exec_driver_sql(select_rows(info, where), given))
