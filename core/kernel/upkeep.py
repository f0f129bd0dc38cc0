"""What a station's file needs beside its work: a copy a day, a short write-ahead log, a look at its end after a bad end.

All of it is for quiet minutes (sync.md 4). The one thing a newcomer would get wrong: a copy is made on a connection of
its own, which only reads; on the writer's it would hold up every scan for as long as the file is long.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from core.kernel import migrate
from core.kernel.database import Database
from core.kernel.executor import identity_of
from core.kernel.operations import GENESIS, Operation, operation_hash
from core.kernel.tables import rows_of, sql_of
from core.kernel.verify import Difference

KEPT = 7
"""Daily copies that are kept; those before a migration are not counted and not removed."""
DAY_MS = 86_400_000
TAIL = 1_000
"""Operations at the end of the log that are checked after an unclean end."""
_DAILY = "daily-"


def copy_due(folder: Path, now_ms: int) -> bool:
    """Return whether the newest daily copy is a day old, or there is none."""
    newest = max((path.stat().st_mtime for path in folder.glob(f"{_DAILY}*.db")), default=0.0)
    return now_ms - int(newest * 1000) >= DAY_MS


def make_daily_copy(database: Database, folder: Path, now_ms: int) -> Path:
    """Write today's copy, read it through, and let the oldest go.

    Raises:
        MigrationFault: the copy cannot be read.
        OSError: the disk refused.
    """
    day = datetime.fromtimestamp(now_ms / 1000, UTC)
    target = folder / f"{_DAILY}{day:%Y%m%d-%H%M%S}.db"
    with database.connect() as connection:
        migrate.backup(connection, target)
    for old in sorted(folder.glob(f"{_DAILY}*.db"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return target


def shorten_log(connection: sa.Connection) -> None:
    """Bring the write-ahead log into the file and make it empty; for the writer's `maintain`, when nobody scans."""
    raw = connection.connection.driver_connection
    if raw is not None and connection.dialect.name == "sqlite":
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def bring_into_file(reader: sa.Connection) -> None:
    """Bring the write-ahead log into the file as far as nobody is kept from work, on a connection that only reads; the writer goes on."""
    raw = reader.connection.driver_connection
    if raw is not None and reader.dialect.name == "sqlite":
        raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def verify_tail(connection: sa.Connection, count: int = TAIL) -> Iterator[Difference]:
    """Yield every break in the chain among this file's last operations of its own station and incarnation."""
    mine = identity_of(connection)
    if mine is None:
        return
    log = sql_of(Operation)
    query = (
        sa.select(log)
        .where(log.c.site == mine.site, log.c.station == mine.station, log.c.incarnation == mine.incarnation)
        .order_by(log.c.seq.desc())
        .limit(count + 1)
    )
    rows = list(reversed(rows_of(Operation, connection.execute(query))))
    before = None if len(rows) > count else (0, GENESIS)
    for row in rows:
        if before is not None:
            seq, head = before
            if (row.seq, row.prev_hash) != (seq + 1, head):
                yield Difference("op_log", f"position {row.position}", f"seq {seq + 1}", f"seq {row.seq}")
            if row.hash != operation_hash(row):
                yield Difference(
                    "op_log", f"position {row.position}", operation_hash(row).hex()[:16], row.hash.hex()[:16]
                )
        before = row.seq, row.hash


@contextmanager
def marked_as_open(folder: Path) -> Iterator[bool]:
    """Leave a mark while a station is open; yield whether the last one ended without taking its mark away."""
    mark = folder / "open"
    unclean = mark.exists()
    mark.touch()
    yield unclean
    mark.unlink(missing_ok=True)
