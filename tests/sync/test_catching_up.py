"""What a newer hub says is kept until this program knows it; what came long ago is let go."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.cases.commands import OpenCase
from core.cases.model import Case, CaseKind
from core.kernel.catching_up import KEPT_MS, forget, take_up
from core.kernel.feed import Feed
from core.kernel.loading import loading_of, want_loading
from core.kernel.replica import Skipped
from core.kernel.tables import TABLES, sql_of
from tests.support import NOON, SITE
from tests.sync.world import Member, World, world

NEW = Case.TABLE.name
"""A table that the older program did not know."""


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def opened(it: World, count: int) -> None:
    for n in range(count):
        it.office.it.run(OpenCase(**it.office.it.base(), kind=CaseKind.CALL, subject=bytes([n])))


def older(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(TABLES, NEW)


def upgraded(member: Member) -> None:
    member.bench.executor.load(lambda connection: take_up(connection, SITE, 1))


def test_rows_of_a_table_that_is_not_known_yet_are_taken_up_after_an_upgrade(
    it: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = it.members[0]
    opened(it, 3)
    info = TABLES[NEW]
    older(monkeypatch)
    it.pull(one)
    assert one.bench.all(Case) == []
    assert [row.entity for row in one.bench.all(Skipped)] == [NEW]
    upgraded(one)
    assert one.bench.all(Case) == [], "it is still not known"

    monkeypatch.setitem(TABLES, NEW, info)
    upgraded(one)
    assert one.bench.all(Case) == it.office.it.all(Case)
    assert one.bench.all(Skipped) == []


def test_what_a_loading_had_to_leave_is_loaded_again(it: World, monkeypatch: pytest.MonkeyPatch) -> None:
    two = it.members[1]
    opened(it, 2)
    info = TABLES[NEW]
    two.bench.executor.load(lambda connection: want_loading(connection, SITE, 1))
    feeding = it.center.load

    def load(asked: object) -> object:
        monkeypatch.setitem(TABLES, NEW, info)
        answer = feeding(asked)
        older(monkeypatch)
        return answer

    older(monkeypatch)
    monkeypatch.setattr(it.center, "load", load)
    it.load(two)
    assert two.bench.all(Case) == []
    monkeypatch.setattr(it.center, "load", feeding)
    monkeypatch.setitem(TABLES, NEW, info)
    it.pull(two)
    upgraded(two)
    with two.connection.begin():
        assert loading_of(two.connection, SITE) is not None
    it.load(two)
    it.pull(two)
    assert two.bench.all(Case) == it.office.it.all(Case)


def test_rows_that_came_a_month_ago_go_but_not_those_that_are_not_known(
    it: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = it.members[0]
    older(monkeypatch)
    opened(it, 2)
    it.pull(one)
    it.office.it.clock.tick(KEPT_MS)
    opened(it, 1)
    it.pull(one)
    before = {row.seq for row in one.bench.all(Feed)}
    one.bench.executor.load(lambda connection: forget(connection, SITE, NOON + KEPT_MS // 2))
    assert {row.seq for row in one.bench.all(Feed)} == before, "none is old enough"

    one.bench.executor.load(lambda connection: forget(connection, SITE, it.office.it.clock.now_ms()))
    left = one.bench.all(Feed)
    assert [row.entity for row in left if row.entity == NEW] == [NEW] * 3
    assert len(left) < len(before)
    assert max(before) in {row.seq for row in left}
    with it.central.begin():
        assert it.central.execute(sa.select(sa.func.count()).select_from(sql_of(Feed))).scalar_one() == len(before)
    opened(it, 1)
    it.pull(one)
    assert max(row.seq for row in one.bench.all(Feed)) > max(before), "the feed goes on where it was"
