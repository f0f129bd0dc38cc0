"""The only way rows are written: one map of rows, one statement a table and kind, and it knows what changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.cases.commands import OpenCase
from core.cases.model import Case, CaseKind, CaseState
from core.catalog.model import Location, LocationRole, Zone
from core.kernel.ids import CommandId, LocationId, OrderId, ZoneId
from core.kernel.journal import FlowState
from core.kernel.operations import OpTouch
from core.kernel.refusal import Bug
from core.kernel.uow import UnitOfWork
from core.orders.model import Contact
from core.stock.model import Condition, Reservation
from tests.support import NOON, SITE, STATION, Bench, bench

OPERATION = CommandId(b"operation-000001")


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as opened:
        yield opened


@contextmanager
def work(it: Bench, *, at_origin: bool = True) -> Iterator[UnitOfWork]:
    """Open a unit of work that is flushed and committed."""
    with it.executor.connection.begin():
        uow = UnitOfWork(it.executor.connection, at_origin=at_origin)
        yield uow
        uow.flush(OPERATION)


@contextmanager
def statements(it: Bench) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, sql: str, *_: object) -> None:
        if not sql.startswith("BEGIN"):
            seen.append(sql)

    sa.event.listen(it.executor.connection, "before_cursor_execute", note)
    yield seen
    sa.event.remove(it.executor.connection, "before_cursor_execute", note)


def zone(n: int = 1, name: str = "Ground floor") -> Zone:
    return Zone(SITE, ZoneId(b"zone-%011d" % n), f"Z{n}", name, n)


def case(order: bytes) -> Case:
    return Case(
        SITE, b"case-of-" + order[:8], CaseKind.CALL, OrderId(order), bytes(16), "{}", NOON, b"p" * 16, CaseState.OPEN,
        b"p" * 16, "", 0,
    )  # type: ignore[arg-type]  # fmt: skip


def test_many_rows_of_a_table_are_one_statement_of_each_kind(it: Bench) -> None:
    with work(it) as uow:
        uow.insert(*(zone(n) for n in range(30)))
    with statements(it) as seen, work(it) as uow:
        rows = [uow.get(Zone, Zone.TABLE.key_of(zone(n))) for n in range(3)]
        uow.fetch({Zone: [Zone.TABLE.key_of(zone(n)) for n in range(3, 20)]})
        seen.clear()
        for n in range(20):
            row = uow.get(Zone, Zone.TABLE.key_of(zone(n)))
            assert row is not None
            if n % 2:
                uow.delete(row)
            else:
                uow.update(row, name="Loft")
        uow.insert(*(zone(n) for n in range(50, 60)))

    assert [sql.split()[0] for sql in seen] == ["DELETE", "UPDATE", "INSERT"]
    assert None not in rows
    assert len(it.all(Zone)) == 30


def test_a_row_read_twice_is_read_once_and_is_what_was_written(it: Bench) -> None:
    with work(it) as uow:
        uow.insert(zone())
        key = Zone.TABLE.key_of(zone())
        uow.update(zone(), name="Loft")
        found = uow.get(Zone, key)
    with statements(it) as seen, work(it) as again:
        assert again.get(Zone, key) == again.get(Zone, key) == found == zone(name="Loft")

    assert len([sql for sql in seen if sql.startswith("SELECT")]) == 1


def test_what_did_not_change_is_not_written(it: Bench) -> None:
    with work(it) as uow:
        uow.insert(zone())
    with statements(it) as seen, work(it) as uow:
        uow.put(zone())
        uow.update(zone(), name=zone().name)

    assert [sql.split()[0] for sql in seen] == ["SELECT"]
    assert not uow.changes.tables


def test_gone_and_made_anew_is_the_new_row(it: Bench) -> None:
    with work(it) as uow:
        uow.insert(zone())
    with work(it) as uow:
        row = uow.get(Zone, Zone.TABLE.key_of(zone()))
        assert row is not None
        uow.delete(row)
        uow.insert(zone(name="Loft"))
    assert it.all(Zone) == [zone(name="Loft")]

    with work(it) as uow:
        uow.insert(zone(2))
        uow.delete(zone(2))
    assert it.all(Zone) == [zone(name="Loft")]


@pytest.mark.parametrize(
    "what",
    [
        "insert twice",
        "update a key",
        "update what is gone",
        "save what travels",
        "insert a person",
        "add a person",
        "save by values what travels",
    ],
)
def test_what_must_not_be_is_a_bug(it: Bench, what: str) -> None:
    contact = Contact(SITE, b"c" * 16, *["x"] * 11)  # type: ignore[arg-type]
    with pytest.raises(Bug), it.executor.connection.begin():
        uow = UnitOfWork(it.executor.connection)
        uow.insert(zone())
        match what:
            case "insert twice":
                uow.insert(zone())
            case "update a key":
                uow.update(zone(), id=ZoneId(b"another-zone----"))
            case "update what is gone":
                uow.delete(zone())
                uow.update(zone(), name="Loft")
            case "save what travels":
                uow.save(zone(2))
            case "save by values what travels":
                uow.save(unread={Zone: [astuple(zone(2))]})
            case "add a person":
                uow.insert(or_leave={Contact: [astuple(contact)]})
            case _:
                uow.insert(contact)

    assert it.all(Zone) == []


def test_rows_added_unread_leave_alone_what_is_there(it: Bench) -> None:
    with work(it) as uow:
        uow.insert(zone(1, "first"), zone(2, "second"))
    with statements(it) as seen, work(it) as uow:
        uow.get(Zone, Zone.TABLE.key_of(zone(4)))
        seen.clear()
        uow.insert(or_leave={Zone: [astuple(zone(n, "other")) for n in range(1, 5)]})

    assert [row.name for row in it.all(Zone)] == ["first", "second", "other", "other"]
    assert [sql.split()[0] for sql in seen] == ["INSERT"]


def test_rows_added_unread_are_there_for_whoever_asks(it: Bench) -> None:
    with work(it) as uow:
        uow.insert(or_leave={Zone: [astuple(zone(1)), astuple(zone(2))]})
        assert uow.get(Zone, Zone.TABLE.key_of(zone(2))) == zone(2)
        uow.update(zone(2), name="Loft")

    assert it.all(Zone) == [zone(1), zone(2, "Loft")]


def test_rows_saved_unread_replace_what_is_there_and_are_read_as_saved(it: Bench) -> None:
    contact = Contact(SITE, b"c" * 16, *["x"] * 11)  # type: ignore[arg-type]
    with work(it) as uow:
        uow.save(unread={Contact: [astuple(contact)]})
    with work(it) as uow:
        uow.save(unread={Contact: [astuple(replace(contact, name="Zoë"))]})
        assert uow.get(Contact, (SITE, contact.id)) == replace(contact, name="Zoë")

    assert it.all(Contact) == [replace(contact, name="Zoë")]


def test_where_no_row_is_added_nothing_is_written(it: Bench) -> None:
    with statements(it) as seen, work(it) as uow:
        seen.clear()
        uow.insert(or_leave={Zone: []})

    assert uow.changes.tables == frozenset()
    assert seen == []


def test_a_row_is_found_by_what_is_unique_of_it_as_this_transaction_sees_it(it: Bench) -> None:
    with work(it) as uow:
        uow.insert(zone(1), zone(2), zone(3))
    with work(it) as uow:
        row = uow.get(Zone, Zone.TABLE.key_of(zone(2)))
        assert row is not None
        uow.delete(row)
        uow.update(zone(3), name="Loft")
        uow.insert(zone(4))
        found = uow.find(Zone, "code", [(SITE, f"Z{n}") for n in range(1, 6)])

    assert {key[1]: row.name for key, row in found.items()} == {
        "Z1": "Ground floor", "Z3": "Loft", "Z4": "Ground floor",
    }  # fmt: skip


def test_a_serial_that_is_let_go_in_this_transaction_is_nobodys(it: Bench) -> None:
    held = Reservation(
        SITE, b"reservation-0001", b"line", bytes(16), b"o" * 16, b"i" * 16, bytes(16), "S1", bytes(16), b"l" * 16,
        Condition.GOOD, 1, 1,
    )  # type: ignore[arg-type]  # fmt: skip
    it.seed(held)
    with work(it) as uow:
        name = [(SITE, b"i" * 16, "S1")]
        assert uow.find(Reservation, "serial", name)
        row = uow.get(Reservation, Reservation.TABLE.key_of(held))
        assert row is not None
        uow.delete(row)
        assert uow.find(Reservation, "serial", name) == {}


def test_what_changed_is_told_by_table_and_order_and_kept_as_the_timeline(it: Bench) -> None:
    with work(it) as uow:
        uow.insert(case(b"order-1---------"), zone())
        uow.touch(SITE, b"order-2---------")

    assert uow.changes.tables == {"exception_case", "zone"}
    assert uow.changes.orders == {b"order-1---------", b"order-2---------"}
    assert {(row.id, row.operation) for row in it.all(OpTouch)} == {
        (b"order-1---------", OPERATION),
        (b"order-2---------", OPERATION),
    }


def test_where_an_operation_is_applied_again_local_rows_are_neither_read_nor_written(it: Bench) -> None:
    state = FlowState(STATION, "pick", 1, "{}", None, NOON)
    it.run(OpenCase(**it.base(), kind=CaseKind.CALL))
    with work(it) as uow:
        uow.save(state)
    with work(it, at_origin=False) as uow:
        assert uow.get(FlowState, (STATION,)) is None
        uow.save(replace(state, flow="pack"))

    assert [row.flow for row in it.all(FlowState)] == ["pick"]


def test_more_keys_than_a_statement_takes_are_read_in_several(it: Bench) -> None:
    with work(it) as uow:
        uow.insert(zone())
        uow.insert(
            *(
                Location(SITE, LocationId(b"place-%010d" % n), f"A-{n}", zone().id, LocationRole.PICK, n, "")
                for n in range(1000)
            )
        )
    with statements(it) as seen, work(it) as uow:
        uow.fetch({Location: [(SITE, b"place-%010d" % n) for n in range(1200)]})
        there = [uow.get(Location, (SITE, b"place-%010d" % n)) is not None for n in range(1200)]

    assert there == [True] * 1000 + [False] * 200
    assert len(seen) == 3
