"""The same operations make the same tables in PostgreSQL, with all its guards."""

from pathlib import Path

import pytest
import sqlalchemy as sa

import core.everything  # noqa: F401
from core.exchange.verify import verify_all
from core.kernel.database import open_postgres, open_station
from core.kernel.guards import all_guards
from core.kernel.home import Home
from core.kernel.rebuild import rebuild
from core.kernel.tablehash import table_hashes
from core.kernel.uow import Role
from tests.homes import Played, copy_home
from tests.proof.lives import private_rows

pytestmark = pytest.mark.postgres

REFUSED = {
    "UPDATE balance SET settled = -1 WHERE signed = 0": "guard no_negative_stock",
    "DELETE FROM stock_entry": "guard stock_entry_append_only",
    "UPDATE stock_entry SET quantity = 7": "guard stock_entry_append_only",
    "DELETE FROM op_log": "guard op_log_append_only",
    "UPDATE op_log SET body = '{}'": "guard op_log_immutable",
    "INSERT INTO op_log SELECT position + 100000, seq + 100000, id, kind, version, body, site, actor, session, station, "
    "incarnation, device_ms, boot_ns, base_cursor, fence, prev_hash, hash, state, result, outcome FROM op_log LIMIT 1": "op_log_operation_id",
    "UPDATE sales_order SET external_id = 'one'": "sales_order_external",
    "UPDATE parcel_content SET quantity = 0": "guard content_positive",
    "UPDATE batch_member SET slot = slot + 1": "guard batch_member_immutable",
    "DELETE FROM batch_member": "guard batch_member_kept",
}  # fmt: skip


def triggers(connection: sa.Connection) -> set[str]:
    """Return the names of the guards that a database holds."""
    listed = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    return set(connection.exec_driver_sql(listed[connection.dialect.name]).scalars())


def test_a_played_day_applied_in_postgresql_gives_equal_tables(
    played_shift: Played, tmp_path: Path, postgres: str
) -> None:
    home = Home(copy_home(played_shift.home, tmp_path / "home"))
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
        with connection.begin():
            declared = {f"{g.name}_{event.lower()}" for g in all_guards(Role.AUTHORITY) for event in g.events}
            assert triggers(connection) == declared
        for sql, refusal in REFUSED.items():
            with pytest.raises(sa.exc.IntegrityError, match=refusal), connection.begin():
                connection.exec_driver_sql(sql)
        with connection.begin():
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
    station.dispose()
    central.dispose()
