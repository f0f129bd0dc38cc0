"""What a station has is held against what its hub has where nothing moves: what differs is named and fetched again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.exchange.verify import verify_all
from core.exchange.verify_member import verify_member
from core.kernel import comparing
from core.kernel.comparing import Mended, mended
from core.kernel.feed import head_of
from core.kernel.loading import loading_of
from core.waves.model import PickTask
from tests.support import SITE
from tests.sync.held import confirmed_rows
from tests.sync.released import released_walks, walks
from tests.sync.world import Member, World, world


def everybody_knows_of_a_walk(it: World) -> None:
    released_walks(it, 1)
    for member in it.members:
        it.load(member)
    it.settle()


@pytest.fixture
def it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A hub with a walk that a station knows of; a question is of few rows."""
    monkeypatch.setattr(comparing, "ROWS", 7)
    with world(tmp_path, stations=1, after=everybody_knows_of_a_walk) as made:
        yield made


def changed(member: Member, words: str) -> None:
    with member.connection.begin():
        member.connection.exec_driver_sql(words)


def asked(it: World, member: Member) -> int:
    """Compare; return how many questions that took."""
    center, sums = it.center, []
    whole = center.compare

    def counting(message: object) -> object:
        sums.append(message)
        return whole(message)  # type: ignore[arg-type]

    center.compare = counting  # type: ignore[method-assign, assignment]
    it.compare(member)
    center.compare = whole  # type: ignore[method-assign]
    return len(sums)


def told(member: Member) -> tuple[Mended, ...]:
    with member.connection.begin():
        return mended(member.connection)


def test_equal_stations_are_compared_once_for_each_place_of_the_feed(it: World) -> None:
    one = it.members[0]
    assert asked(it, one) > 5, "bucket after bucket"
    assert asked(it, one) == 0
    assert told(one) == ()

    it.office.order("more", [("MUG", 1)])
    assert asked(it, one) == 0, "what was not heard yet is no difference"
    it.settle()
    assert asked(it, one) > 5

    one.bench.run(OpenCase(**one.bench.base(), kind=CaseKind.CALL))
    assert asked(it, one) == 0, "own work is not settled"


def test_rows_that_were_changed_behind_everybodys_back_are_named_and_fetched_again(it: World) -> None:
    one = it.members[0]
    changed(one, "UPDATE pick_task SET sequence = sequence + 100")
    changed(one, "UPDATE location SET blocked = 1 WHERE code = 'A-1'")
    row = one.bench.all(PickTask)[0]
    one.bench.seed(
        PickTask(*(b"a row of nobody-" if name == "id" else getattr(row, name) for name in row.TABLE.columns))
    )
    assert confirmed_rows(one.connection) != confirmed_rows(it.central)
    asked(it, one)

    assert confirmed_rows(one.connection) == confirmed_rows(it.central)
    assert {(each.table, each.seq) for each in told(one)} == {("location", _head(it)), ("pick_task", _head(it))}
    assert len({each.key for each in told(one)}) == 3
    assert asked(it, one) > 0, "once more, until nothing differs"
    assert asked(it, one) == 0


def _head(it: World) -> int:
    with it.central.begin():
        return head_of(it.central, SITE).seq


def test_where_rows_are_missing_the_site_is_loaded_anew(it: World) -> None:
    one = it.members[0]
    changed(one, "DELETE FROM box_type WHERE code = (SELECT min(code) FROM box_type)")
    asked(it, one)
    with one.connection.begin():
        assert loading_of(one.connection, SITE) is not None
    assert told(one) == (Mended("box_type", "", _head(it)),)

    it.load(one)
    it.settle()
    with one.connection.begin():
        count = one.connection.execute(sa.text("SELECT count(*) FROM box_type")).scalar_one()
    with it.central.begin():
        assert count == it.central.execute(sa.text("SELECT count(*) FROM box_type")).scalar_one()


def loads_anew(it: World, member: Member, words: str) -> set[str]:
    """Change a station's file, compare, and let it load what it was told to; return the tables that differed."""
    before = confirmed_rows(member.connection)
    changed(member, words)
    assert confirmed_rows(member.connection) != before
    asked(it, member)
    with member.connection.begin():
        assert loading_of(member.connection, SITE) is not None
    differed = {each.table for each in told(member)}
    it.load(member)
    it.settle()
    assert asked(it, member) > 0
    with member.connection.begin():
        assert loading_of(member.connection, SITE) is None, mended(member.connection)
        assert verify_member(member.connection, SITE).differences == ()
        assert verify_all(member.connection, follows=True) == ()
    return differed


@pytest.mark.parametrize("table", ["fulfilment_line", "pick_task", "batch_member", "work_lease"])
def test_rows_of_open_work_that_are_missing_are_found(it: World, table: str) -> None:
    one = it.members[0]
    it.grant(one, *walks(it))
    it.settle()

    assert loads_anew(it, one, f"DELETE FROM {table}") == {table}
    assert confirmed_rows(one.connection)[table] == confirmed_rows(it.central)[table] != {}


def test_a_ledger_is_held_against_the_hubs_by_what_it_sums_to(it: World) -> None:
    one = it.members[0]
    it.office.stock("MUG", "A-1", 5)
    it.settle()

    last = "operation = (SELECT max(operation) FROM stock_entry)"
    assert loads_anew(it, one, f"DELETE FROM stock_entry WHERE {last}") == {"balance"}
    assert one.shop.at("MUG", "A-1") == it.office.at("MUG", "A-1")


def test_an_entry_that_was_changed_is_found_and_what_derives_from_it_is_made_anew(it: World) -> None:
    one = it.members[0]
    it.office.stock("MUG", "A-1", 5)
    it.settle()

    last = "operation = (SELECT max(operation) FROM stock_entry)"
    assert "stock_entry" in loads_anew(it, one, f"UPDATE stock_entry SET quantity = quantity * 2 WHERE {last}")
    assert one.shop.at("MUG", "A-1") == it.office.at("MUG", "A-1")
