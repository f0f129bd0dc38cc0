"""What the database itself refuses, whatever the code above it does: at an authority all of it, at a replica the rest."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

import core.everything  # noqa: F401
from core.catalog.commands import location_id
from core.kernel import guards
from core.kernel.ids import ReservationId, TaskId
from core.kernel.operations import Operation
from core.kernel.tables import TABLES, Row, TableClass, sql_of
from core.kernel.uow import Role, UnitOfWork
from core.stock.model import Balance, Condition, Reservation, StockEntry
from core.waves.model import BatchMember, MemberOutcome
from tests.orders.shop import OWNER, Shop, item, shop
from tests.support import SITE


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as opened:
        opened.stock("MUG", "A-1", 1, serial="S1")
        opened.stock("MUG", "B-1", 5)
        yield opened


def reservation(name: bytes, *, serial: str = "S1", place: str = "A-1", quantity: int = 1) -> Reservation:
    return Reservation(
        SITE, ReservationId(name.ljust(16, b"-")), b"line", TaskId(bytes(16)), OWNER, item("MUG"), bytes(16), serial,
        bytes(16), location_id(place), Condition.GOOD, 1, quantity,
    )  # type: ignore[arg-type]  # fmt: skip


def write(it: Shop, *rows: Row) -> None:
    with it.connection.begin():
        uow = UnitOfWork(it.connection)
        uow.insert(*rows)
        uow.flush()


def refused(it: Shop, match: str, act: Callable[[], object]) -> None:
    """The act is refused by the database, and nothing of it is there."""
    before = it.it.dump()
    with pytest.raises(sa.exc.IntegrityError, match=match):
        act()
    assert it.it.dump() == before


def execute(it: Shop, sql: str) -> None:
    with it.connection.begin():
        it.connection.exec_driver_sql(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE balance SET settled = -1, total = -1 WHERE signed = 0",
        "INSERT INTO balance SELECT site,item,location,owner,lot,'S9',lpn,condition,-1,-1,0,0,0 FROM balance WHERE signed=0",
    ],
)
def test_physical_stock_is_never_below_nothing(it: Shop, sql: str) -> None:
    refused(it, "guard no_negative_stock", lambda: execute(it, sql))


def test_the_world_and_the_unexplained_may_be_below_nothing(it: Shop) -> None:
    assert min(row.total for row in it.it.all(Balance)) == -5


def test_a_serial_is_reserved_once_wherever_the_second_wants_it(it: Shop) -> None:
    write(it, reservation(b"first"))

    refused(it, "UNIQUE constraint failed: reservation", lambda: write(it, reservation(b"second")))
    refused(it, "UNIQUE constraint failed: reservation", lambda: write(it, reservation(b"third", place="B-1")))


def test_units_without_serials_are_reserved_by_many(it: Shop) -> None:
    write(it, *(reservation(name, serial="", place="B-1") for name in (b"first", b"second")))

    assert len(it.it.all(Reservation)) == 2


@pytest.mark.parametrize("quantity", [0, -1])
def test_nothing_is_reserved_by_nobody(it: Shop, quantity: int) -> None:
    refused(it, "guard reservation_positive", lambda: write(it, reservation(b"first", quantity=quantity)))


def test_an_operation_is_applied_once(it: Shop) -> None:
    known = it.it.all(Operation)[-1]
    again = replace(known, position=known.position + 1, seq=known.seq + 1)

    refused(it, r"UNIQUE constraint failed: op_log\.site, op_log\.id", lambda: write(it, again))


def test_a_number_of_a_stations_life_is_used_once(it: Shop) -> None:
    known = it.it.all(Operation)[-1]
    other = replace(known, position=known.position + 1, id=b"another-id------")  # type: ignore[arg-type]

    refused(it, r"UNIQUE constraint failed: op_log\.site, op_log\.station", lambda: write(it, other))


def test_an_entry_is_written_once(it: Shop) -> None:
    known = it.it.all(StockEntry)[0]

    refused(it, "UNIQUE constraint failed: stock_entry", lambda: write(it, known))


@pytest.mark.parametrize("table", sorted(name for name, info in TABLES.items() if info.kind is TableClass.LEDGER))
def test_a_ledger_is_only_added_to(it: Shop, table: str) -> None:
    refused(it, f"guard {table}_append_only", lambda: execute(it, f"UPDATE {table} SET quantity = quantity + 1"))
    refused(it, f"guard {table}_append_only", lambda: execute(it, f"DELETE FROM {table}"))


@pytest.mark.parametrize("column", sorted(set(Operation.TABLE.columns) - {"state", "result", "outcome"}))
def test_no_part_of_an_operation_but_how_far_it_came_is_ever_changed(it: Shop, column: str) -> None:
    kept = {"body": "'{}'", "kind": "'x'"}.get(column, "x'00'" if column in ("id", "hash", "prev_hash") else "77")

    refused(it, "guard op_log_(immutable|in_place)", lambda: execute(it, f'UPDATE op_log SET "{column}" = {kept}'))


def test_how_far_an_operation_has_travelled_may_change(it: Shop) -> None:
    execute(it, "UPDATE op_log SET state = 'durable'")

    assert {row.state for row in it.it.all(Operation)} == {"durable"}


MEMBERSHIP = {
    "UPDATE batch_member SET slot = slot + 1": "guard batch_member_immutable",
    "UPDATE batch_member SET fulfilment = x'00'": "guard batch_member_immutable",
    "UPDATE batch_member SET \"order\" = x'00'": "guard batch_member_immutable",
    "DELETE FROM batch_member": "guard batch_member_kept",
}


@pytest.mark.parametrize("sql", MEMBERSHIP)
def test_who_is_in_a_batch_is_never_rewritten_only_what_became_of_it(it: Shop, sql: str) -> None:
    it.released("o1", [("MUG", 2)])

    refused(it, MEMBERSHIP[sql], lambda: execute(it, sql))

    execute(it, "UPDATE batch_member SET outcome = 'picked'")
    assert [row.outcome for row in it.it.all(BatchMember)] == [MemberOutcome.PICKED]


# A replica: a row that is pulled must always find its place


def test_a_replica_takes_what_only_an_authority_decides(it: Shop) -> None:
    with it.connection.begin():
        guards.make_guards(it.connection, Role.REPLICA)

    write(it, reservation(b"first"), reservation(b"second"))
    execute(it, "UPDATE balance SET settled = -1, total = -1 WHERE signed = 0")
    execute(it, "UPDATE stock_entry SET quantity = 7 WHERE n = 0")
    execute(it, "DELETE FROM stock_entry WHERE n = 1")

    known = it.it.all(Operation)[-1]
    again = replace(known, position=known.position + 1, seq=known.seq + 1)
    refused(it, r"UNIQUE constraint failed: op_log\.site, op_log\.id", lambda: write(it, again))


def test_swapping_the_role_there_and_back_leaves_the_same_guards(it: Shop) -> None:
    def made() -> set[tuple[str, str]]:
        with it.connection.begin():
            rows = it.connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL"
            ).all()
        return {(row[0], row[1]) for row in rows}

    before = made()
    for role in (Role.REPLICA, Role.AUTHORITY):
        with it.connection.begin():
            guards.make_guards(it.connection, role)

    assert made() == before


def test_every_guard_has_a_name_and_a_table_that_is_there() -> None:
    declared = list(guards.all_guards(Role.AUTHORITY))

    assert len({each.name for each in declared}) == len(declared)
    assert {each.table for each in declared} <= set(TABLES)
    assert all(sql_of(TABLES[each.table].cls) is not None for each in declared)
