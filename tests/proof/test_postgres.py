"""The same operations make the same tables in PostgreSQL, with all its guards."""

from pathlib import Path

import pytest
import sqlalchemy as sa

import core.everything  # noqa: F401
from core.exchange.verify import verify_all
from core.kernel.database import open_postgres, open_station
from core.kernel.home import Home
from core.kernel.migrate import HEAD
from core.kernel.migrations.run import upgrade_from_nothing
from core.kernel.rebuild import rebuild
from core.kernel.tablehash import table_hashes
from core.kernel.tables import metadata
from desktop.cli import main
from tests.homes import copy_home
from tests.proof.lives import private_rows

pytestmark = pytest.mark.postgres


def triggers(connection: sa.Connection) -> set[str]:
    """Return the names of the guards that a database holds."""
    listed = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    return set(connection.exec_driver_sql(listed[connection.dialect.name]).scalars())


def test_a_played_day_applied_in_postgresql_gives_equal_tables(
    sample_home: Path, tmp_path: Path, postgres: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy_home(sample_home, tmp_path / "home")
    assert main(["replay", "--play", "--seed", "11", "--mistakes", "10", "--home", str(folder)]) == 0
    capsys.readouterr()
    home = Home(folder)
    station = open_station(home.database, home.key())
    central = open_postgres(postgres)
    central.prepare()

    with station.reading() as source:
        rebuild(source, central)
        with central.reading() as target:
            assert table_hashes(target) == table_hashes(source)
            assert private_rows(target) == private_rows(source)
            assert [str(each) for each in verify_all(target)] == []
            assert triggers(target) == triggers(source) != set()

    with central.connect() as connection:
        with pytest.raises(Exception, match="guard no_negative_stock"), connection.begin():
            connection.exec_driver_sql("UPDATE balance SET settled = -1 WHERE signed = 0")
        with pytest.raises(Exception, match="guard stock_entry_append_only"), connection.begin():
            connection.exec_driver_sql("DELETE FROM stock_entry")
        with connection.begin():
            metadata.drop_all(connection)
            connection.exec_driver_sql("DROP TABLE alembic_version")
        upgrade_from_nothing(connection)
        with connection.begin():
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    station.dispose()
    central.dispose()
    assert found == HEAD
