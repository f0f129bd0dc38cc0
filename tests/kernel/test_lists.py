"""A column's values go to PostgreSQL as one list, and come back as they were."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

import core.everything  # noqa: F401
from core.kernel.database import Database, open_postgres
from core.kernel.ids import CommandId, PersonId, SessionId, SiteId, StationId
from core.kernel.operations import Operation, OperationOutcome, OperationState
from core.kernel.shadow import Shadow
from core.kernel.statements import Blobs, Numbers, Words
from core.kernel.tables import sql_of
from core.kernel.uow import UnitOfWork

pytestmark = pytest.mark.postgres

LISTS = (
    (Numbers([1, -1, 2**62, 0]), "bigint"),
    (Numbers([None, 7]), "bigint"),
    (Words(["", "ü", 'quote " and \\ and {,}', "NULL", "line\nline"]), "text"),
    (Words(["abc", "def"]), "text"),
    (Words([None, None]), "text"),
    (Words([None, "abc", ""]), "text"),
    (Blobs([b"", b"\x00\xff" * 40, bytearray(b"id")]), "bytea"),
    (Blobs([b"0123456789abcdef", bytearray(b"fedcba9876543210")]), "bytea"),
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


def test_connections_that_are_not_kept_write_lists_as_well(postgres: str) -> None:
    database = open_postgres(postgres)
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT cardinality(%b::text[])", (Words(["a", "b"]),)).scalar_one() == 2
    database.dispose()
