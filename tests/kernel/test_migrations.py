"""A new file and one that went through every revision are the same, on both databases."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import core.everything  # noqa: F401
from core.kernel import guards, migrate
from core.kernel.database import open_station
from core.kernel.migrations.run import upgrade_from_nothing
from core.kernel.tables import TABLES, metadata
from core.kernel.uow import Role
from tests.support import KEY, bench
from tools.freeze import VERSIONS, statements

_NOT_OURS = ("alembic_version", "sqlite_stat1", "sqlite_stat4")


def _schema(folder: Path, name: str) -> list[tuple[str, str]]:
    database = open_station(folder / name, KEY)
    try:
        with database.connect() as connection:
            rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
    finally:
        database.dispose()
    return sorted((row[0], " ".join(row[1].split())) for row in rows if row[0] not in _NOT_OURS)


def test_every_revision_in_order_makes_the_tables_that_are_declared(tmp_path: Path) -> None:
    database = open_station(tmp_path / "revised.db", KEY)
    with database.connect() as connection:
        upgrade_from_nothing(connection)
        with connection.begin():
            guards.make_guards(connection, Role.AUTHORITY)
            differences = compare_metadata(MigrationContext.configure(connection), metadata)
    database.dispose()
    with bench(tmp_path, "made.db"):
        pass

    unique = {f"{name}_{n}" for name, info in TABLES.items() for n in info.unique}
    assert [each for each in differences if each[0] != "remove_index" or each[1].name not in unique] == []
    assert _schema(tmp_path, "revised.db") == _schema(tmp_path, "made.db")


def test_a_file_made_by_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        with it.executor.connection.begin():
            it.executor.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        try:
            it.database.prepare()
        except migrate.MigrationFault as fault:
            assert "9999" in str(fault)
        else:
            raise AssertionError("a newer file was taken")


def test_the_frozen_text_is_what_the_declarations_say() -> None:
    from sqlalchemy.dialects import postgresql, sqlite

    for dialect in (sqlite.dialect(), postgresql.dialect()):
        text = (VERSIONS / f"r0001.{dialect.name}.sql").read_text(encoding="utf-8")
        assert sorted(text.splitlines()) == sorted(f"{each};" for each in statements(dialect))


def test_a_backup_opens_under_the_same_key(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        migrate.backup(it.executor.connection, tmp_path / "backups" / "copy.db")
    copy = open_station(tmp_path / "backups" / "copy.db", KEY)
    with copy.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == migrate.HEAD
    copy.dispose()
