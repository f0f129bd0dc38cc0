"""A new file and one that went through every revision are the same, guards included, on both databases."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import core.everything  # noqa: F401
from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.kernel import guards, migrate
from core.kernel.database import Database, open_postgres, open_station
from core.kernel.migrations import run
from core.kernel.migrations.run import upgrade_to_head
from core.kernel.tables import TABLES, metadata
from core.kernel.uow import Role, UnitOfWork
from core.picking.model import Fill
from tests.commands import example_row
from tests.support import KEY, Bench, bench
from tools.freeze import VERSIONS, statements

_NOT_OURS = ("alembic_version", "sqlite_stat1", "sqlite_stat4")
NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("balance") as batch:
        batch.add_column(sa.Column("seen_at", sa.BigInteger(), nullable=False, server_default="0"))
        batch.alter_column("reserved", new_column_name="held")
    op.execute("UPDATE balance SET seen_at = 7")
{more}
"""


def _schema(database: Database) -> set[tuple[str, str]]:
    """Return every table, index and trigger, by name and text."""
    with database.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
    return {(row[0], " ".join(row[1].split())) for row in rows if row[0] not in _NOT_OURS}


def _postgres_schema(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return every column, index, constraint and trigger."""
    asked = {
        "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
        " WHERE table_schema = 'public'",
        "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "constraints": "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND contype <> 'n'",
        "triggers": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    }  # fmt: skip
    with database.reading() as connection:
        return {
            name: sorted(tuple(row) for row in connection.exec_driver_sql(sql.replace("%", "%%")))
            for name, sql in asked.items()
        }


def _unlike_declared(connection: sa.Connection) -> list[object]:
    """Return how the tables differ from their declarations; unique indexes are guards and no part of those."""
    unique = {f"{name}_{n}" for name, info in TABLES.items() for n in info.unique}
    with connection.begin():
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    return [each for each in found if each[0] != "remove_index" or each[1].name not in unique]


def _revised(database: Database) -> None:
    with database.connect() as connection:
        with connection.begin():
            upgrade_to_head(connection)
            guards.make_guards(connection, database.role)
        assert _unlike_declared(connection) == []


@pytest.mark.parametrize("role", list(Role))
def test_every_revision_in_order_makes_the_file_that_is_declared(tmp_path: Path, role: Role) -> None:
    revised, made = (open_station(tmp_path / name, KEY, role=role) for name in ("revised.db", "made.db"))
    _revised(revised)
    made.prepare()

    assert _schema(revised) == _schema(made)
    for each in (revised, made):
        each.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize("role", list(Role))
def test_every_revision_in_order_makes_the_postgresql_that_is_declared(postgres: str, role: Role) -> None:
    central = open_postgres(postgres, role=role)
    found = []
    for make in (_revised, Database.prepare):
        with central.connect() as connection, connection.begin():
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        make(central)
        found.append(_postgres_schema(central))
    with central.connect() as connection, connection.begin():
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    central.dispose()

    revised, made = found
    assert revised == made
    triggers = {str(row[0]) for row in made["triggers"]}
    assert triggers == {f"{g.name}_{event.lower()}" for g in guards.all_guards(role) for event in g.events}
    unique = {str(row[0]) for row in made["indexes"] if "UNIQUE" in str(row[1])} - {f"pk_{name}" for name in TABLES}
    declared = {f"{name}_{n}" for name, info in TABLES.items() for n in info.unique}
    assert unique - {"alembic_version_pkc"} == (declared if role is Role.AUTHORITY else unique & declared)
    assert "op_log_operation_id" in unique


@pytest.fixture
def emptied(postgres: str) -> Iterator[str]:
    """Return the address of a PostgreSQL without tables, which are taken away again afterwards."""
    yield postgres
    central = open_postgres(postgres)
    with central.connect() as connection, connection.begin():
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    central.dispose()


@pytest.mark.postgres
def test_two_hubs_that_begin_or_are_brought_up_to_date_at_once_do_it_once(
    emptied: str, later: Callable[[str], None]
) -> None:
    hubs = [open_postgres(emptied) for _ in range(2)]
    for revision in ("0001", "0002"):
        if revision == "0002":
            later("")
        together = threading.Barrier(len(hubs))

        def prepare(hub: Database, together: threading.Barrier = together) -> None:
            together.wait(10)
            hub.prepare()

        with ThreadPoolExecutor() as pool:
            list(pool.map(prepare, hubs))
        assert _revision(hubs[0]) == revision
    with hubs[1].reading() as reader:
        assert "held" in {str(each["name"]) for each in sa.inspect(reader).get_columns("balance")}
    for each in hubs:
        each.dispose()


def test_the_frozen_text_is_what_the_declarations_say() -> None:
    from sqlalchemy.dialects import postgresql, sqlite

    for dialect in (sqlite.dialect(), postgresql.dialect()):
        text = (VERSIONS / f"r0001.{dialect.name}.sql").read_text(encoding="utf-8")
        assert sorted(text.splitlines()) == sorted(f"{each};" for each in statements(dialect))


# From an older file to a newer program


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what makes this program one that knows a revision more, with something in it."""

    def release(more: str = "") -> None:
        folder = tmp_path / "versions"
        folder.mkdir(exist_ok=True)
        (folder / "r0002_next.py").write_text(NEXT.format(more=more), encoding="utf-8")
        monkeypatch.setattr(run, "VERSIONS", [*run.VERSIONS[:1], folder])
        monkeypatch.setattr(migrate, "HEAD", "0002")
        monkeypatch.setattr(migrate, "KNOWN", ("0001", "0002"))
        # What is declared here is the revision before: a file of this one has other columns.
        monkeypatch.setattr(migrate, "compare", lambda _connection: None)

    return release


@pytest.fixture
def older(tmp_path: Path) -> Iterator[Bench]:
    """Return a file of today with something in it."""
    with bench(tmp_path) as it:
        it.run(OpenCase(**it.base(), kind=CaseKind.CALL))
        it.executor.connection.exec_driver_sql(
            "INSERT INTO balance VALUES (1, x'01', x'02', x'03', x'04', '', x'05', 'good', 3, 3, 0, 0, 0)"
        )
        it.executor.connection.commit()
        it.executor.connection.close()
        yield it


def _revision(database: Database) -> str:
    with database.reading() as reader:
        return str(reader.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())


def test_an_older_file_is_copied_brought_up_and_guarded_again(
    older: Bench, later: Callable[[str], None], tmp_path: Path
) -> None:
    before = {name for name, text in _schema(older.database) if text.startswith(("CREATE TRIGGER", "CREATE UNIQUE"))}
    later("")

    older.database.prepare(tmp_path / "backups")

    assert _revision(older.database) == "0002"
    after = {name for name, text in _schema(older.database) if text.startswith(("CREATE TRIGGER", "CREATE UNIQUE"))}
    assert after == before
    with older.database.connect() as connection:
        rows = connection.exec_driver_sql("SELECT total, held, seen_at FROM balance").all()
        assert [tuple(row) for row in rows] == [(3, 0, 7)]
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'balance'").scalar_one() > 0
        connection.rollback()
        with pytest.raises(sa.exc.IntegrityError, match="guard no_negative_stock"), connection.begin():
            connection.exec_driver_sql("UPDATE balance SET settled = -1")
    (copy,) = (tmp_path / "backups").iterdir()
    assert copy.name == "before-0002-from-0001.db"
    kept = open_station(copy, KEY)
    assert _revision(kept) == "0001"
    kept.dispose()


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    older: Bench, later: Callable[[str], None], tmp_path: Path
) -> None:
    before = _schema(older.database)
    later("    op.execute('SELECT * FROM nowhere')")

    with pytest.raises(sa.exc.OperationalError, match="nowhere"):
        older.database.prepare(tmp_path / "backups")

    assert _revision(older.database) == "0001"
    assert _schema(older.database) == before
    with older.database.connect() as connection:
        assert connection.exec_driver_sql("SELECT total, reserved FROM balance").one() == (3, 0)
    assert len(list((tmp_path / "backups").iterdir())) == 1


def test_a_file_that_is_up_to_date_is_neither_copied_nor_changed(older: Bench, tmp_path: Path) -> None:
    before = _schema(older.database)

    older.database.prepare(tmp_path / "backups")

    assert _schema(older.database) == before
    assert not (tmp_path / "backups").exists()


def test_a_file_made_by_a_newer_program_is_left_alone(older: Bench, tmp_path: Path) -> None:
    with older.database.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(migrate.MigrationFault, match="9999"):
        older.database.prepare(tmp_path / "backups")

    assert _revision(older.database) == "9999"
    assert not (tmp_path / "backups").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("ALTER TABLE print_job DROP COLUMN template", "print_job lacks column template"),
        ("ALTER TABLE print_job ADD COLUMN tray TEXT", "print_job has an unknown column tray"),
        ("DROP TABLE balance", "balance lacks column"),
    ],
)
def test_a_file_of_another_build_that_calls_itself_the_same_is_left_alone(
    older: Bench, change: str, words: str
) -> None:
    with older.database.connect() as connection, connection.begin():
        guards.drop_guards(connection)
        connection.exec_driver_sql(change)
    before = _schema(older.database)

    with pytest.raises(migrate.MigrationFault, match=words):
        older.database.prepare()

    assert _schema(older.database) == before


@pytest.mark.postgres
def test_a_central_database_of_another_build_is_left_alone(emptied: str) -> None:
    central = open_postgres(emptied)
    central.prepare()
    central.prepare()
    with central.connect() as connection, connection.begin():
        connection.exec_driver_sql("ALTER TABLE balance RENAME COLUMN reserved TO held")

    with pytest.raises(migrate.MigrationFault, match="balance has an unknown column held"):
        central.prepare()

    central.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("ALTER TABLE fill ADD COLUMN colour TEXT", ""),
        ("ALTER TABLE fill ADD COLUMN colour TEXT NOT NULL DEFAULT ''", ""),
        ("CREATE TABLE shelf_life (site INTEGER NOT NULL)", ""),
        ("ALTER TABLE fill ADD COLUMN colour TEXT NOT NULL", "fill wants column colour of every row"),
        ("ALTER TABLE fill RENAME COLUMN slot TO place_on_cart", "fill lacks column slot"),
        ("DROP TABLE fill", "fill lacks column"),
    ],
)
def test_a_hub_goes_on_over_tables_that_a_newer_one_has_expanded_and_over_no_others(
    emptied: str, change: str, words: str
) -> None:
    central = open_postgres(emptied)
    central.prepare()
    with central.connect() as connection, connection.begin():
        connection.exec_driver_sql(change)
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    if words:
        with pytest.raises(migrate.MigrationFault, match=words):
            central.prepare()
    else:
        central.prepare()
        with central.connect() as connection, connection.begin():
            books, row = UnitOfWork(connection), example_row(Fill)
            books.insert(row)
            books.flush()
            assert UnitOfWork(connection).get(Fill, Fill.TABLE.key_of(row)) == row

    assert _revision(central) == "9999"
    central.dispose()


def test_alembic_is_not_even_imported_where_nothing_is_behind(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from pathlib import Path; import core.everything; from core.kernel.database import open_station; "
        f"it = open_station(Path({str(tmp_path / 'new.db')!r}), bytes(32)); it.prepare(); it.prepare(); "
        "print(sorted(m for m in sys.modules if m.split('.')[0] == 'alembic'))"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    assert out.strip() == "[]"


def test_a_backup_is_encrypted_under_the_same_key_and_takes_its_name_when_it_is_whole(
    older: Bench, tmp_path: Path
) -> None:
    target = tmp_path / "backups" / "copy.db"
    with older.database.connect() as connection:
        migrate.backup(connection, target)

    assert [path.name for path in target.parent.iterdir()] == ["copy.db"]
    copy = open_station(target, KEY)
    assert _revision(copy) == migrate.HEAD
    copy.dispose()
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(target).execute("SELECT * FROM op_log").fetchall()
