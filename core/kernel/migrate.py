"""From yesterday's tables to today's: the head revision, the backup before, Alembic only when a file is behind.

A new file is made from the table declarations and stamped with the head; a test compares that with every revision
applied in order, on SQLite and PostgreSQL. Revisions live in `core/kernel/migrations/versions`.
"""

import os
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from core.kernel.blobs import sync_folder
from core.kernel.refusal import Fault
from core.kernel.tables import metadata

HEAD = "0001"
"""The newest revision; a new one under `migrations/versions` names it as its parent and changes this line."""

KNOWN = ("0001",)

_VERSION_TABLE = "alembic_version"

_COLUMNS = {
    "sqlite": "SELECT m.name, c.name, c.\"notnull\" AND c.dflt_value IS NULL FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'",
    "postgresql": "SELECT table_name, column_name, is_nullable = 'NO' AND column_default IS NULL FROM information_schema.columns WHERE table_schema = current_schema()",
}
"""Every column by its table, and whether who writes a row has to say it."""


class MigrationFault(Fault):
    """A database cannot be brought to today's tables."""


def revision(connection: sa.Connection) -> str | None:
    """Return the revision a database is at, None when it is empty."""
    with connection.begin():
        if not sa.inspect(connection).has_table(_VERSION_TABLE):
            return None
        found = connection.exec_driver_sql(f"SELECT version_num FROM {_VERSION_TABLE}").scalar_one_or_none()
    return None if found is None else str(found)


def stamp(connection: sa.Connection) -> None:
    """Write the head revision into a new database, as Alembic would."""
    connection.exec_driver_sql(
        f"CREATE TABLE {_VERSION_TABLE} (version_num VARCHAR(32) NOT NULL, "
        f"CONSTRAINT {_VERSION_TABLE}_pkc PRIMARY KEY (version_num))"
    )
    connection.exec_driver_sql(f"INSERT INTO {_VERSION_TABLE} (version_num) VALUES ('{HEAD}')")


def _columns(connection: sa.Connection) -> dict[str, dict[str, bool]]:
    """Return the columns of each table that is there, with whether who writes a row has to say it."""
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    with connection.begin():
        for table, column, needed in connection.exec_driver_sql(_COLUMNS[connection.dialect.name]):
            found[table][column] = bool(needed)
    return found


def compare(connection: sa.Connection) -> None:
    """Look whether a database that says it is at the head has the head's columns.

    Before the first release the first revision still changes, so that its number alone does not tell two builds apart;
    without this the first command that needs a missing column would fail in the middle of a shift.

    Raises:
        MigrationFault: it was made by another build; names the first table and column that differ.
    """
    there = _columns(connection)
    for name, declared in sorted(metadata.tables.items()):
        wanted = {column.name for column in declared.columns}
        if wanted == there[name].keys():
            continue
        column = min(wanted ^ there[name].keys())
        how = "lacks" if column in wanted else "has an unknown"
        raise MigrationFault(
            f"this database was made by another build of Dockside that calls its tables {HEAD} too: table {name} {how} "
            f"column {column}; nothing was changed. Open it with the build that made it, or begin with a new folder"
        )


def go_beside(connection: sa.Connection, found: str) -> None:
    """Look whether this program can go on over a central database that a newer one has expanded.

    Of two hubs over one database the one that is brought up to date first expands it, and the other works on until its turn comes: a
    revision adds tables, and columns that whoever does not know them may leave out (decision 0062).

    Args:
        connection: a reader's.
        found: the revision it is at, which this program does not know.

    Raises:
        MigrationFault: it is no mere expansion of what this program knows; names the first table and column that say so.
    """
    there = _columns(connection)
    for name, declared in sorted(metadata.tables.items()):
        wanted = {column.name for column in declared.columns}
        lacking = min(wanted - there[name].keys(), default=None)
        asked = min((each for each, needed in there[name].items() if needed and each not in wanted), default=None)
        if lacking is not None or asked is not None:
            how = f"lacks column {lacking}" if lacking is not None else f"wants column {asked} of every row"
            raise MigrationFault(
                f"this database is at revision {found}, made by a newer Dockside, and table {name} {how}; this one knows {HEAD}: "
                "bring this hub up to date, too"
            )


def upgrade(connection: sa.Connection, found: str, backups: Path | None, dress: Callable[[], None]) -> None:
    """Bring a database from an older revision to the head, after a backup.

    Args:
        connection: the one that writes.
        found: the revision it is at.
        backups: where a copy of a station's file is kept; None for none.
        dress: makes what no revision holds (guards, statistics), in the same transaction: a file that says it is at
            the head has its guards, wherever the power went.

    Raises:
        MigrationFault: it was made by a newer program, or its copy cannot be read.
    """
    if found not in KNOWN:
        raise MigrationFault(f"this file is at revision {found}, made by a newer Dockside; this one knows {HEAD}")
    from core.kernel.migrations.run import upgrade_to_head

    if backups is not None and connection.dialect.name == "sqlite":
        backup(connection, backups / f"before-{HEAD}-from-{found}.db")
    with connection.begin():
        # Of two hubs that are brought up to date at once the second waits here, and finds it done.
        version = sa.table(_VERSION_TABLE, sa.column("version_num", sa.String))
        if connection.execute(sa.select(version.c.version_num).with_for_update()).scalar_one() != HEAD:
            upgrade_to_head(connection)
            dress()


def backup(connection: sa.Connection, target: Path) -> None:
    """Write a whole copy of the station's file, under the same key, and read it through; only then it has its name.

    Raises:
        MigrationFault: the copy cannot be read.
        OSError: the disk refused.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    raw = connection.connection.driver_connection
    if raw is None:
        raise MigrationFault("the database is closed")
    # On the driver itself: SQLAlchemy would begin a transaction, and inside one VACUUM is refused.
    raw.execute("VACUUM INTO ?", (str(part),))
    with part.open("r+b") as file:
        os.fsync(file.fileno())
    raw.execute("ATTACH DATABASE ? AS copy", (str(part),))
    try:
        found = raw.execute("PRAGMA copy.quick_check(1)").fetchone()
    finally:
        raw.execute("DETACH DATABASE copy")
    if found is None or found[0] != "ok":
        raise MigrationFault(f"the backup {part} cannot be read: {found}")
    part.replace(target)
    sync_folder(target.parent)
