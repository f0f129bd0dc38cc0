"""One command, one transaction: what is committed, what is refused, what is never done twice."""

from pathlib import Path

import pytest

from core.cases.commands import CloseCase, OpenCase
from core.cases.model import Case, CaseKind, CaseState
from core.kernel.commands import Command, OpClass, Read, command
from core.kernel.executor import Done, Executor, Failed, GuardBroken, Identity, Work
from core.kernel.ids import CaseId, CommandId, ItemId, LocationId, OwnerId, StationId, derive
from core.kernel.journal import Gesture, GestureInput, GestureOutcome
from core.kernel.operations import Operation, operation_hash
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.kernel.tables import TABLES, TableClass
from core.kernel.uow import UnitOfWork
from core.orders.model import Contact
from core.stock.model import NO_LOT, NO_LPN, Balance, Cause, Condition, StockEntry
from tests.support import SITE, STATION, Bench, bench, open_gate


@command("test.overdraw", OpClass.FACT, permission="test.overdraw")
class Overdraw(Command):
    def check(self, read: Read) -> Refusal | None:
        return None

    def apply(self, uow: UnitOfWork) -> None:
        key = (ItemId(b"i" * 16), LocationId(b"l" * 16), OwnerId(b"o" * 16), NO_LOT, "", NO_LPN, Condition.GOOD)
        uow.insert(Balance(self.site, *key, -1, -1, 0, 0))


@command("test.leak", OpClass.FACT, permission="test.leak")
class Leak(Command):
    def check(self, read: Read) -> Refusal | None:
        return None

    def apply(self, uow: UnitOfWork) -> None:
        uow.insert(Contact(self.site, b"c" * 16, *["x"] * 11))  # type: ignore[arg-type]


@pytest.fixture
def it(tmp_path: Path):
    with bench(tmp_path) as opened:
        yield opened


def gesture(it: Bench, number: int, command_id: CommandId | None = None) -> Gesture:
    return Gesture(
        STATION, number, it.clock.now_ms(), b"p" * 16, b"s" * 16, "pick", "TakeItem", GestureInput.SCAN, "X1",
        GestureOutcome.ACCEPTED, "", command_id, "",
    )  # type: ignore[arg-type]  # fmt: skip


def test_an_operation_carries_everything_sync_needs(it: Bench) -> None:
    first = OpenCase(**it.base(), kind=CaseKind.CALL)
    it.run(first)
    it.run(OpenCase(**it.base(), kind=CaseKind.DAMAGED))

    one, two = it.all(Operation)

    assert (one.position, one.seq, one.id, one.kind, one.version) == (1, 1, first.id, "cases.open", 1)
    assert (one.station, one.incarnation, one.device_ms) == (STATION, 1, first.at)
    assert two.prev_hash == one.hash == operation_hash(one)
    assert two.hash == operation_hash(two)
    assert two.seq == 2


def test_the_same_command_is_not_done_twice(it: Bench) -> None:
    command = OpenCase(**it.base(), kind=CaseKind.CALL)
    it.run(command)
    before = it.dump()

    again = it.run(command)

    assert again.command == command.id
    assert it.dump() == before


def test_a_refusal_leaves_one_gesture_and_nothing_else(it: Bench) -> None:
    before = it.dump()
    command = CloseCase(**it.base(), case=CaseId(b"x" * 16), decision="")

    outcome = it.executor.perform(Work(command=command, gesture=gesture(it, 1, command.id)))

    assert outcome == Failed(command.id, Refusal(Reason.NOT_FOUND))
    after = it.dump()
    kept = after.pop("gesture")
    before.pop("gesture")
    assert after == before
    assert len(kept) == 1
    assert it.all(Gesture)[0].outcome is GestureOutcome.REFUSED
    assert it.all(Gesture)[0].reason == "not_found"
    assert it.all(Gesture)[0].command is None


def test_a_gate_that_says_no_refuses(it: Bench) -> None:
    shut = Executor(
        it.executor.connection, Identity(SITE, STATION), it.clock, lambda _c, _x: Refusal(Reason.NOT_ALLOWED)
    )
    before = it.dump()

    outcome = shut.perform(Work(command=OpenCase(**it.base(), kind=CaseKind.CALL)))

    assert isinstance(outcome, Failed)
    assert it.dump() == before


def test_the_database_itself_refuses_negative_stock(it: Bench) -> None:
    before = it.dump()

    with pytest.raises(GuardBroken, match="no_negative_stock"):
        it.try_run(Overdraw(**it.base()))

    assert it.dump() == before


def test_the_log_goes_on_after_a_broken_guard(it: Bench) -> None:
    with pytest.raises(GuardBroken):
        it.try_run(Overdraw(**it.base()))
    it.run(OpenCase(**it.base(), kind=CaseKind.CALL))

    assert [op.seq for op in it.all(Operation)] == [1]


def test_the_database_itself_refuses_an_operation_applied_twice(it: Bench) -> None:
    it.run(OpenCase(**it.base(), kind=CaseKind.CALL))
    known = it.all(Operation)[0]
    uow = UnitOfWork(it.executor.connection)

    with (
        pytest.raises(Exception, match="UNIQUE constraint failed: op_log.site, op_log.id"),
        it.executor.connection.begin(),
    ):
        uow.insert(type(known)(*[2 if n in ("position", "seq") else getattr(known, n) for n in known.TABLE.columns]))
        uow.flush()


@pytest.mark.parametrize("statement", ["UPDATE stock_entry SET quantity = 5", "DELETE FROM stock_entry"])
def test_the_ledger_is_append_only(it: Bench, statement: str) -> None:
    it.seed(
        StockEntry(
            SITE, b"o" * 16, 0, 1, Cause.RECEIVE, b"w" * 16, b"i" * 16, NO_LOT, "", NO_LPN, b"l" * 16, Condition.GOOD, 1
        )  # type: ignore[arg-type]
    )
    with pytest.raises(Exception, match="stock_entry_append_only"), it.executor.connection.begin():
        it.executor.connection.exec_driver_sql(statement)


@pytest.mark.parametrize("statement", ["UPDATE op_log SET body = '{}'", "DELETE FROM op_log"])
def test_the_log_is_append_only(it: Bench, statement: str) -> None:
    it.run(OpenCase(**it.base(), kind=CaseKind.CALL))
    with pytest.raises(Exception, match="op_log"), it.executor.connection.begin():
        it.executor.connection.exec_driver_sql(statement)


def test_personal_data_never_comes_from_a_body(it: Bench) -> None:
    before = it.dump()

    with pytest.raises(Bug, match="contact"):
        it.try_run(Leak(**it.base()))

    assert it.dump() == before


def test_personal_data_beside_a_command_is_kept_with_it(it: Bench) -> None:
    row = Contact(SITE, b"c" * 16, *["Ines Doe"] * 11)  # type: ignore[arg-type]

    it.run(OpenCase(**it.base(), kind=CaseKind.CALL), row)

    assert it.all(Contact) == [row]
    assert "Ines" not in it.all(Operation)[0].body


def test_a_new_executor_goes_on_where_the_log_ends(it: Bench) -> None:
    it.run(OpenCase(**it.base(), kind=CaseKind.CALL))
    again = Executor(it.executor.connection, Identity(SITE, STATION), it.clock, open_gate)

    again.perform(Work(command=OpenCase(**it.base(), kind=CaseKind.CALL)))

    one, two = it.all(Operation)
    assert (two.position, two.seq, two.prev_hash) == (2, 2, one.hash)


def test_another_incarnation_counts_anew_in_the_same_file(it: Bench) -> None:
    it.run(OpenCase(**it.base(), kind=CaseKind.CALL))
    again = Executor(it.executor.connection, Identity(SITE, STATION, 2), it.clock, open_gate)

    again.perform(Work(command=OpenCase(**it.base(), kind=CaseKind.CALL)))

    assert [(op.position, op.incarnation, op.seq) for op in it.all(Operation)] == [(1, 1, 1), (2, 2, 1)]


def test_closing_a_case_twice_is_refused(it: Bench) -> None:
    opened = OpenCase(**it.base(), kind=CaseKind.CALL)
    it.run(opened)
    case = CaseId(derive(opened.id, "case call"))
    it.run(CloseCase(**it.base(), case=case, decision="done"))

    assert it.need(Case, case).state is CaseState.CLOSED
    assert it.refuse(CloseCase(**it.base(), case=case, decision="again")).reason is Reason.CHANGED_MEANWHILE


def test_every_table_declares_a_class_and_leads_with_its_site_where_it_travels() -> None:
    for info in TABLES.values():
        if info.kind in (TableClass.FEED, TableClass.LEDGER, TableClass.PRIVATE):
            assert info.key[0] == "site", info.name


def test_done_is_given_again_with_its_result(it: Bench) -> None:
    command = OpenCase(**it.base(), kind=CaseKind.CALL)
    first = it.run(command)

    again = it.executor.perform(Work(command=command))

    assert isinstance(again, Done)
    assert (again.at, dict(again.result)) == (first.at, dict(first.result))


def test_a_station_is_16_bytes() -> None:
    assert len(StationId(STATION)) == 16
