"""A column's values go to PostgreSQL as one list, and come back as they were."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

import core.everything  # noqa: F401
from core.catalog.model import Zone
from core.kernel.database import Database, open_postgres
from core.kernel.ids import CommandId, PersonId, SessionId, SiteId, StationId, ZoneId
from core.kernel.operations import Operation, OperationOutcome, OperationState
from core.kernel.shadow import Shadow
from core.kernel.statements import POSTGRES_MARK, Blobs, Numbers, Words, update_rows
from core.kernel.tables import sql_of
from core.kernel.uow import UnitOfWork

pytestmark = pytest.mark.postgres

LISTS = (
    (Numbers([1, -1, 2**62, 0]), "bigint"),
    (Numbers([None, 7]), "bigint"),
    (Numbers([7] * 600), "bigint"),
    (Numbers([7, 8, 7]), "bigint"),
    (Words(["", "ü", 'quote " and \\ and {,}', "NULL", "line\nline"]), "text"),
    (Words(["abc", "def"]), "text"),
    (Words(["ü"] * 3), "text"),
    (Words([None, None]), "text"),
    (Words([None, "abc", ""]), "text"),
    (Blobs([b"", b"\x00\xff" * 40, bytearray(b"id")]), "bytea"),
    (Blobs([b"0123456789abcdef", bytearray(b"fedcba9876543210")]), "bytea"),
    (Blobs([b"id", bytearray(b"id")]), "bytea"),
    (Blobs([None, b"x"]), "bytea"),
)


@pytest.fixture(scope="module")
def database(postgres: str) -> Iterator[Database]:
    database = open_postgres(postgres, connections=1)
    database.prepare()
    yield database
    with database.connect() as connection, connection.begin():
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    database.dispose()


@pytest.mark.parametrize(("values", "kind"), LISTS, ids=str)
def test_a_list_comes_back_as_it_was(database: Database, values: list[object], kind: str) -> None:
    with database.reading() as connection:
        found = connection.exec_driver_sql(f"SELECT * FROM unnest(%b::{kind}[])", (values,)).scalars().all()
    assert found == [bytes(each) if isinstance(each, bytearray) else each for each in values]


def operation(n: int) -> Operation:
    return Operation(
        n, n, CommandId(bytes([n]) * 16), "kind", 1, '{"a": "{}"}', SiteId(1), PersonId(b"p" * 16), SessionId(b"s" * 16),
        StationId(b"t" * 16), 1, 0, 0, 0, 0, b"before", b"hash", OperationState.PENDING, "{}", OperationOutcome.APPLIED,
    )  # fmt: skip


def test_many_rows_are_written_read_changed_and_removed_together(database: Database) -> None:
    """Rows with nothing in some columns among them."""
    rows = [Shadow("item", f"[{n}]", None if n % 2 else f'{{"n":{n}}}', n) for n in range(1, 6)]
    with database.connect() as connection:
        with connection.begin():
            uow = UnitOfWork(connection)
            uow.save(*rows)
            uow.insert(*map(operation, range(1, 4)))
            uow.flush(varied=True)
        with connection.begin():
            uow = UnitOfWork(connection)
            uow.fetch({Shadow: [("item", row.key) for row in rows], Operation: [(1, n) for n in (1, 2, 3, 4)]})
            found = [uow.get(Shadow, ("item", row.key)) for row in rows]
            assert found == rows
            assert uow.get(Operation, (SiteId(1), 4)) is None
            for n, row in enumerate(rows[:3]):
                uow.update(row, image=None if n else "{}", last_op=row.last_op + 10)
            uow.delete(rows[3])
            uow.delete(rows[4])
            for n in (1, 2, 3):
                one = uow.get(Operation, (SiteId(1), n))
                assert one is not None
                uow.update(one, state=OperationState.DURABLE)
            uow.flush(varied=True)
        with connection.begin():
            shadow, log = sql_of(Shadow), sql_of(Operation)
            left = connection.execute(sa.select(shadow.c.key, shadow.c.image, shadow.c.last_op).order_by(shadow.c.key))
            assert [tuple(row) for row in left] == [("[1]", "{}", 11), ("[2]", None, 12), ("[3]", None, 13)]
            assert set(connection.execute(sa.select(log.c.state)).scalars()) == {OperationState.DURABLE.value}


def test_what_one_row_gives_up_another_takes_and_all_others_are_written_together(database: Database) -> None:
    site = SiteId(1)
    zones = [Zone(site, ZoneId(b"zone-%011d" % n), f"Z{n}", "Ground floor", n) for n in range(5)]
    with database.connect() as connection:
        with connection.begin():
            uow = UnitOfWork(connection)
            uow.insert(*zones)
            uow.flush(varied=True)
        with connection.begin():
            uow = UnitOfWork(connection)
            uow.fetch({Zone: [(site, each.id) for each in zones]})
            for each in (zones[4], zones[2]):
                uow.update(each, name="Loft")
            for each, code in ((zones[0], "Z9"), (zones[1], "Z0"), (zones[3], "Z1")):
                uow.update(each, code=code)
            uow.flush(varied=True)
        rows = sql_of(Zone)
        found = connection.execute(sa.select(rows.c.code, rows.c.name).where(rows.c.site == site).order_by(rows.c.id))
        assert [tuple(row) for row in found] == [
            ("Z9", "Ground floor"), ("Z0", "Ground floor"), ("Z2", "Loft"), ("Z1", "Ground floor"), ("Z4", "Loft"),
        ]  # fmt: skip

    places, values = Zone.TABLE.places, Zone.TABLE.bare_values
    changes = zip(zones, ("name", "code", "name", "code", "code"), strict=True)
    statements = update_rows(Zone.TABLE, [(values(each), (places[name],)) for each, name in changes], POSTGRES_MARK)
    assert [len(runs) for _, runs in statements] == [1, 3]


def test_connections_that_are_not_kept_write_lists_as_well(postgres: str) -> None:
    database = open_postgres(postgres)
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT cardinality(%b::text[])", (Words(["a", "b"]),)).scalar_one() == 2
    database.dispose()
