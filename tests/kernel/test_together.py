"""What one transaction writes goes to SQLite as one statement, and means what its parts mean."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.cases.commands import OpenCase
from core.cases.model import Case, CaseKind
from core.catalog.model import Zone
from core.kernel import together
from core.kernel.ids import CommandId, ZoneId
from core.kernel.tables import sql_of
from core.kernel.together import send
from core.kernel.uow import UnitOfWork
from core.stock.model import Balance, StockEntry
from tests.support import SITE, Bench, bench

INSERT = "INSERT INTO zone (site, id, code, name, sequence) VALUES (?,?,?,?,?)"
RENAME = "UPDATE zone SET name=? WHERE site=? AND id=?"
DELETE = "DELETE FROM zone WHERE site=? AND id=?"


def of(n: int) -> ZoneId:
    return ZoneId(b"zone-%011d" % n)


def new(n: int) -> tuple[int, bytes, str, str, int]:
    return SITE, of(n), f"Z{n}", "", n


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as opened:
        yield opened


@contextmanager
def sent(it: Bench) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        seen.append(sql.partition(" ")[0])

    connection = it.executor.connection
    sa.event.listen(connection, "before_cursor_execute", note)
    try:
        with connection.begin():
            seen.clear()
            yield seen
    finally:
        sa.event.remove(connection, "before_cursor_execute", note)


def zones(it: Bench) -> list[tuple[str, str]]:
    with it.executor.connection.begin():
        table = sql_of(Zone)
        found = it.executor.connection.execute(sa.select(table.c.code, table.c.name).order_by(table.c.sequence))
        return [(row[0], row[1]) for row in found]


def test_a_set_is_learned_once_and_then_is_one_statement(it: Bench) -> None:
    with sent(it) as seen:
        send(it.executor.connection, [(INSERT, [new(1), new(2)]), (RENAME, [("North", SITE, of(1))])])
    assert seen == ["CREATE", "CREATE", "INSERT"]

    with sent(it) as seen:
        send(it.executor.connection, [(INSERT, [new(3), new(4)]), (RENAME, [("South", SITE, of(4))])])
    assert seen == ["INSERT"]
    assert zones(it) == [("Z1", "North"), ("Z2", ""), ("Z3", ""), ("Z4", "South")]


def test_its_statements_run_in_their_order(it: Bench) -> None:
    with sent(it):
        send(it.executor.connection, [(INSERT, [new(1)])])
        send(
            it.executor.connection, [(DELETE, [(SITE, of(1))]), (INSERT, [new(1)]), (RENAME, [("Again", SITE, of(1))])]
        )

    assert zones(it) == [("Z1", "Again")]


def test_what_is_bulk_goes_by_itself_between_its_neighbours(it: Bench) -> None:
    with sent(it) as seen:
        send(
            it.executor.connection,
            [
                (INSERT, [new(n) for n in range(1, 31)]), (RENAME, [("First", SITE, of(1))]), (DELETE, [(SITE, of(2))]),
            ],
        )  # fmt: skip

    assert seen == ["INSERT", "CREATE", "CREATE", "INSERT"]
    assert len(zones(it)) == 29


def test_what_is_longer_than_a_view_may_be_goes_statement_by_statement(it: Bench) -> None:
    many = [(INSERT, [new(n) for n in range(start, start + 8)]) for start in range(0, 8 * 60, 8)]

    with sent(it) as seen:
        send(it.executor.connection, many)

    assert seen == ["INSERT"] * 60
    assert len(zones(it)) == 480


def test_one_statement_alone_is_sent_as_it_is(it: Bench) -> None:
    with sent(it) as seen:
        send(it.executor.connection, [(INSERT, [new(1)])])

    assert seen == ["INSERT"]


def test_what_a_transaction_learned_is_gone_with_it_and_learned_again(it: Bench) -> None:
    both = [(INSERT, [new(1)]), (RENAME, [("North", SITE, of(1))])]
    with pytest.raises(KeyError), sent(it):
        send(it.executor.connection, both)
        raise KeyError
    assert zones(it) == []

    for back in range(2):
        with sent(it), it.executor.connection.begin_nested() as trial:
            send(it.executor.connection, both)
            if not back:
                trial.rollback()
    assert zones(it) == [("Z1", "North")]


def test_the_set_that_was_not_used_for_longest_makes_room(it: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "_SETS_KEPT", 2)
    rename = (RENAME, [("North", SITE, of(1))])

    def learned(times: int) -> bool:
        with sent(it) as seen:
            send(it.executor.connection, [(DELETE, [(SITE, of(n)) for n in range(1, times + 1)]), rename])
        return "CREATE" in seen

    assert [learned(n) for n in (1, 2, 1, 3, 1, 2)] == [True, True, False, True, False, True]


def test_a_guard_refuses_inside_and_nothing_of_the_set_stays(it: Bench) -> None:
    # What comes before the refused row in the same set is taken back with it.
    negative = (
        "INSERT INTO balance VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        [(SITE, bytes(16), bytes(16), bytes(16), bytes(16), "", bytes(16), "good", -1, -1, 0, 0, 0)],
    )
    with pytest.raises(sa.exc.IntegrityError, match="no_negative_stock"), sent(it):
        send(it.executor.connection, [(INSERT, [new(1)]), negative])

    assert zones(it) == []
    assert it.all(Balance) == []


def test_a_ledger_cannot_be_changed_by_a_set_either(it: Bench) -> None:
    assert StockEntry.TABLE.name == "stock_entry"
    entry = (SITE, b"o" * 16, 0, 1, "move", *[bytes(16)] * 3, "", *[bytes(16)] * 2, "good", 1, 0)
    marks = ",".join("?" * len(entry))
    with sent(it):
        send(it.executor.connection, [(f"INSERT INTO stock_entry VALUES ({marks})", [entry])])

    with pytest.raises(sa.exc.IntegrityError, match="append_only"), sent(it):
        send(
            it.executor.connection,
            [(INSERT, [new(1)]), ("UPDATE stock_entry SET quantity=? WHERE site=?", [(2, SITE)])],
        )
    assert [row.quantity for row in it.all(StockEntry)] == [1]


def test_an_update_names_only_the_columns_that_changed(it: Bench) -> None:
    with sent(it):
        uow = UnitOfWork(it.executor.connection)
        uow.insert(Zone(SITE, of(1), "Z1", "Ground floor", 1), Zone(SITE, of(2), "Z2", "First floor", 2))
        uow.flush()
    written: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        written.append(sql)

    with it.executor.connection.begin():
        uow = UnitOfWork(it.executor.connection)
        uow.fetch({Zone: [(SITE, of(1)), (SITE, of(2))]})
        sa.event.listen(it.executor.connection, "before_cursor_execute", note)
        for n, change in ((1, {"name": "Cellar"}), (2, {"sequence": 9})):
            row = uow.get(Zone, (SITE, of(n)))
            assert row is not None
            uow.update(row, **change)
        uow.flush()
    sa.event.remove(it.executor.connection, "before_cursor_execute", note)

    assert written == ['UPDATE "zone" SET "name"=?,"sequence"=? WHERE "site"=? AND "id"=?']
    assert zones(it) == [("Z1", "Cellar"), ("Z2", "First floor")]


def test_a_row_that_was_changed_and_changed_back_is_not_written(it: Bench) -> None:
    with sent(it):
        send(it.executor.connection, [(INSERT, [new(1)])])

    with sent(it) as seen:
        uow = UnitOfWork(it.executor.connection)
        row = uow.get(Zone, (SITE, of(1)))
        assert row is not None
        seen.clear()
        uow.update(uow.update(row, name="North"), name="")
        uow.flush()
    assert seen == []


def test_a_command_writes_its_rows_by_one_statement(it: Bench) -> None:
    def call(n: int) -> OpenCase:
        return OpenCase(**it.base(), kind=CaseKind.CALL, subject=CommandId(b"subject-%08d" % n))

    it.run(call(1))
    seen: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        seen.append(sql.partition(" ")[0])

    sa.event.listen(it.executor.connection, "before_cursor_execute", note)
    it.run(call(2))
    sa.event.remove(it.executor.connection, "before_cursor_execute", note)

    assert seen.count("INSERT") == 1
    assert len(it.all(Case)) == 2
