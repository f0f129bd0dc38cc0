"""What SQLite's planner is told of the tables, once, when a file is made: statistics of a busy warehouse, not of today's.

Every key leads with the site, and a file has one site. Without statistics the planner takes any first column to be
selective and reads every row of the site by the primary key, where an index would give it five (a put at 60,000 open
tasks: 50 ms instead of 1). `ANALYZE` on a young file would teach it the same mistake, so the figures are written down
here by rule and never measured. PostgreSQL keeps its own.
"""

import sqlalchemy as sa

from core.kernel.tables import TABLES, TableInfo

ROWS = 1_000_000
_FEW = 50
"""Rows of a state, role or kind that is ever asked for: the running batches, not the finished ones."""
_SOME = 5
"""Rows of one parent: lines of an order, codes of an item."""
_SELECTIVE_ONLY_TOGETHER = frozenset({"site", "owner", "station", "entity"})
_FLAGS = frozenset({"state", "role", "kind", "open", "zone", "context"})


def ship_statistics(connection: sa.Connection) -> None:
    """Write the statistics of every index; for connections that are opened from now on.

    The caller holds the transaction, after guards and unique indexes are made. Does nothing where the database is not SQLite.
    """
    if connection.dialect.name != "sqlite":
        return
    # Makes the statistics table where there is none yet.
    connection.exec_driver_sql("ANALYZE sqlite_schema")
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    rows = [row for info in TABLES.values() for row in _rows(connection, info)]
    connection.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", rows)


def _rows(connection: sa.Connection, info: TableInfo) -> list[tuple[str, str, str]]:
    rows = []
    without_rowid = not info.sql.dialect_options["sqlite"]["with_rowid"]
    for _, index, unique, origin, _partial in connection.exec_driver_sql(f'PRAGMA index_list("{info.name}")').all():
        columns = [row[2] for row in connection.exec_driver_sql(f'PRAGMA index_info("{index}")')]
        # The key of a table without rowid goes by the table's own name.
        name = info.name if origin == "pk" and without_rowid else index
        rows.append((info.name, name, " ".join(map(str, estimates(columns, unique=bool(unique))))))
    return rows


def estimates(columns: list[str], *, unique: bool) -> list[int]:
    """Return the rows of a table, then how many share the first column of an index, its first two, and so on."""
    found = [ROWS]
    for n, column in enumerate(columns, start=1):
        left = found[-1]
        if column in _FLAGS:
            left = min(left, _FEW)
        elif column not in _SELECTIVE_ONLY_TOGETHER:
            left = min(left, _SOME)
        found.append(1 if unique and n == len(columns) else left)
    return found
