"""The database behind SQLAlchemy Core: an encrypted SQLite file at a station, PostgreSQL at a hub.

A station has one writer connection (`writer.py` owns it) and readers that only read, each statement on the newest
commit. `synchronous=FULL`: what was confirmed survives the plug. The newcomer's mistake: the standard library's sqlite3
is too old (its WAL can corrupt); only `sqlcipher3` is used, and its version is asserted.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from core.kernel import guards, migrate
from core.kernel.refusal import Fault
from core.kernel.statistics import ship_statistics
from core.kernel.tables import Row, TableClass, metadata, table
from core.kernel.uow import Role

OLDEST_SQLITE = (3, 51, 3)
"""The first release with the fix of the WAL-reset corruption (2026-03-13)."""


_PLANS_NOTHING = {"prepare_threshold": None}
"""What the driver has planned it forgets with every rollback, and with it all that anybody had: what comes often is planned by
whoever says it (`postgres.py`)."""


class DatabaseFault(Fault):
    """The database cannot be opened or written; the message says which file and why."""


@table(TableClass.LOCAL, key=("name",))
class Profile(Row):
    """What this file knows of itself: station, site, incarnation, program version."""

    name: str
    value: str


class Database:
    """One database: engines for the writer and for readers."""

    def __init__(
        self,
        writer: sa.Engine,
        reader: sa.Engine,
        *,
        role: Role = Role.AUTHORITY,
        close: Callable[[], object] = lambda: None,
    ) -> None:
        """Use ready engines, and what closes the connections behind them; see `open_station` and `open_postgres`."""
        self.role = role
        self._close = close
        self._writer = writer
        self._reader = reader

    def connect(self) -> sa.Connection:
        """Open the connection that writes; exactly one is open at a time."""
        return self._writer.connect()

    def reader(self) -> sa.Connection:
        """Open a connection that only reads; every statement sees the newest commit."""
        return self._reader.connect()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a reader for a while."""
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """Open a connection on which every statement sees the same state, until it is over."""
        engine = self._writer
        if engine.dialect.name != "sqlite":
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with engine.connect() as connection, connection.begin():
            yield connection

    def prepare(self, backups: Path | None = None) -> None:
        """Bring an empty or older database to today's tables and guards.

        Raises:
            MigrationFault: it was made by a newer program, or by another build before a release.
        """
        with self._writer.connect() as connection:
            found = migrate.revision(connection)
            if found is None:
                self._make(connection)
            elif found not in migrate.KNOWN and connection.dialect.name == "postgresql":
                migrate.go_beside(connection, found)
            elif found != migrate.HEAD:
                migrate.upgrade(connection, found, backups, lambda: self._dress(connection))
            else:
                migrate.compare(connection)

    def _make(self, connection: sa.Connection) -> None:
        try:
            with connection.begin():
                metadata.create_all(connection)
                migrate.stamp(connection)
                self._dress(connection)
        except sa.exc.DatabaseError:
            # Two hubs that begin on one empty database: one makes its tables, the other finds them.
            if migrate.revision(connection) != migrate.HEAD:
                raise

    def _dress(self, connection: sa.Connection) -> None:
        guards.make_guards(connection, self.role)
        ship_statistics(connection)

    def dispose(self) -> None:
        """Close what is open."""
        self._writer.dispose()
        self._reader.dispose()
        self._close()


@contextmanager
def at_one_moment(reader: sa.Connection) -> Iterator[None]:
    """Let a station's reader see one state for a while: a view is put together from several statements.

    Between two of them the engines may commit a page of the feed.
    """
    driver: Any = reader.connection.driver_connection if reader.dialect.name == "sqlite" else None
    if driver is None or driver.in_transaction:
        yield
        return
    driver.execute("BEGIN")
    try:
        yield
    finally:
        if driver.in_transaction:
            driver.execute("COMMIT")


def open_station(path: Path, key: bytes, *, role: Role = Role.AUTHORITY) -> Database:
    """Return the database of a station's file, made when it is not there.

    Raises:
        DatabaseFault: the SQLite behind it is too old, or the file cannot be read with this key.
    """
    import sqlcipher3.dbapi2 as driver

    if driver.sqlite_version_info < OLDEST_SQLITE:
        raise DatabaseFault(f"SQLite {driver.sqlite_version} is too old: {'.'.join(map(str, OLDEST_SQLITE))} is needed")
    database = Database(_sqlite(driver, path, key, writes=True), _sqlite(driver, path, key, writes=False), role=role)
    try:
        with database.connect() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
    except sa.exc.DatabaseError as e:
        raise DatabaseFault(f"{path} cannot be read with the key beside it: {e.orig}") from e
    return database


def _sqlite(driver: Any, path: Path, key: bytes, *, writes: bool) -> sa.Engine:
    # The driver asks every bytes object whether it is something to be adapted, which costs more than writing it; a
    # bytearray it takes as it is. Half the time of a bulk insert.
    driver.register_adapter(bytes, bytearray)

    def create() -> Any:
        connection = driver.connect(str(path), isolation_level=None, check_same_thread=False, cached_statements=256)
        cursor = connection.cursor()
        # Cheaper than the usual SHA-512 on processors with SHA instructions, and as strong for this; backups inherit it.
        cursor.execute("PRAGMA cipher_default_hmac_algorithm = HMAC_SHA256")
        cursor.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        cursor.execute("PRAGMA cipher_log_level = NONE")
        cursor.execute("PRAGMA busy_timeout = 5000")
        cursor.execute("PRAGMA trusted_schema = OFF")
        cursor.execute("PRAGMA cell_size_check = ON")
        cursor.execute("PRAGMA cache_size = -65536")
        cursor.execute("PRAGMA temp_store = MEMORY")
        if writes:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute("PRAGMA wal_autocheckpoint = 4000")
        else:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()
        return connection

    options = {} if writes else {"execution_options": {"isolation_level": "AUTOCOMMIT"}}
    engine = sa.create_engine("sqlite://", creator=create, module=driver, poolclass=NullPool, **options)
    if writes:
        # The driver is in autocommit, so the transaction begins here, taking the write lock at once.
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def open_postgres(url: str, *, role: Role = Role.AUTHORITY, connections: int = 0) -> Database:
    """Return the database of a PostgreSQL address (`postgresql+psycopg://…`).

    Args:
        url: the address.
        role: whether it decides or follows.
        connections: how many are kept open at most for whoever asks; 0 for a new one each time.
    """
    import core.kernel.postgres  # noqa: F401  how lists of values are written

    if not connections:
        writer = sa.create_engine(url, poolclass=NullPool, connect_args=_PLANS_NOTHING)
        return Database(writer, _reading(writer), role=role)
    from core.kernel.postgres import LatestFirst

    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    pool = LatestFirst(
        plain, min_size=1, max_size=connections, open=True, close_returns=True, configure=_same_types,
        kwargs=_PLANS_NOTHING,
    )  # fmt: skip
    writer = sa.create_engine(url, creator=pool.getconn, poolclass=NullPool)
    return Database(writer, _reading(writer), role=role, close=pool.close)


def _same_types(connection: Any) -> None:
    """Let a number have the same type whatever its value: the same text would be planned for every width of its numbers."""
    from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper

    for dumper in (Int8Dumper, Int8BinaryDumper):
        connection.adapters.register_dumper(int, dumper)


def _reading(engine: sa.Engine) -> sa.Engine:
    return engine.execution_options(isolation_level="AUTOCOMMIT")
