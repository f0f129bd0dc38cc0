"""A run of promising beside the floor: in portions, the most urgent first, as often as anybody likes."""

from collections.abc import Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.allocation import run as running
from core.allocation.run import Allocator
from core.kernel.executor import Outcome, Work
from core.orders.model import PartialPolicy
from core.stock.model import ReplenishmentNeed
from core.waves.planning import filters_of
from desktop.assembly import assembled
from desktop.cli import main
from tests.homes import copy_home
from tests.orders.shop import Shop, shop
from tests.support import SITE


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as opened:
        yield opened


def allocator(it: Shop, commands: list[Work] | None = None) -> Allocator:
    def submit(work: Work) -> "Future[Outcome]":
        future: Future[Outcome] = Future()
        future.set_result(it.it.executor.perform(work))
        if commands is not None:
            commands.append(work)
        return future

    return Allocator(SITE, it.it.database.reader(), submit, it.it.clock, it.it.ids)


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "FULFILMENTS_AT_ONCE", 2)


def test_a_run_promises_in_order_of_urgency_and_another_promises_nothing_twice(it: Shop, small_portions: None) -> None:
    it.stock("MUG", "A-1", 4)
    it.stock("MUG", "R-1", 3)
    orders = [it.order(f"o{n}", [("MUG", 2)], priority=n) for n in range(5)]
    each = allocator(it)

    assert each.run() == 4
    assert [it.counts(order).get("promised", 0) for order in orders] == [0, 1, 2, 2, 2]
    assert [row.quantity for row in it.it.all(ReplenishmentNeed)] == [3]
    before = it.travels()
    assert each.run() == 0

    assert it.travels() == before
    each.reader.close()
    it.check()


def test_a_whole_order_is_judged_whole_whatever_the_portions(it: Shop, small_portions: None) -> None:
    it.stock("MUG", "A-1", 3)
    whole = it.order("whole", [("MUG", 2), ("MUG", 2)], priority=9, partial=PartialPolicy.WHOLE)
    later = [it.order(f"o{n}", [("MUG", 1)]) for n in range(4)]
    each = allocator(it)

    assert each.run() == 3
    assert it.counts(whole) == {}
    assert sum(it.counts(order).get("promised", 0) for order in later) == 3
    each.reader.close()


def test_lines_beyond_what_is_there_are_not_even_read(it: Shop, small_portions: None) -> None:
    it.stock("MUG", "A-1", 2)
    it.stock("CUP", "A-1", 99)
    for n in range(8):
        it.order(f"o{n}", [("MUG", 1)], ordered_at=n)
    with it.connection.begin():
        plans = list(running.plan_run(it.connection, SITE, "2025-12-16"))

    assert [len(plan.promises) for plan in plans] == [2]


def test_a_run_that_is_stopped_leaves_the_rest_to_the_next(it: Shop, small_portions: None) -> None:
    it.stock("MUG", "A-1", 9)
    for n in range(6):
        it.order(f"o{n}", [("MUG", 1)])
    done: list[Work] = []
    first = allocator(it, done)
    first.goes_on = lambda: len(done) < 2

    assert first.run() == 4
    second = allocator(it)
    assert second.run() == 2
    first.reader.close()
    second.reader.close()
    it.check()


# On the command line


def test_orders_are_promised_as_they_come(
    sample_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = copy_home(sample_home, tmp_path / "home")
    file = tmp_path / "orders.csv"
    file.write_text(
        "channel,order,line,sku,quantity,unit_price,currency,ordered_at\n"
        "shop,NEW-1,1,MUG-350-RED,1,4.50,GBP,2025-12-16T09:00:00\n",
        encoding="utf-8",
    )
    assert main(["import", "orders", str(file), "--home", str(home)]) == 0
    capsys.readouterr()

    assert main(["explain", "NEW-1", "--home", str(home), "--json"]) == 0
    assert '"waits_for_wave"' in capsys.readouterr().out


def test_a_part_is_released_by_what_people_call_it(sample_home: Path, tmp_path: Path) -> None:
    with assembled(copy_home(sample_home, tmp_path / "home")) as assembly, assembly.database.reading() as reader:
        found = filters_of(reader, SITE, cut_off="2025-12-16T14:30", carrier="HOUSE", priority=1, zone="A")

        noon = datetime(2025, 12, 16, 14, 30, tzinfo=UTC)
        assert found.cut_off_until == noon.timestamp() * 1000
        assert (found.carrier, found.priority_from) == ("HOUSE", 1)
        assert found.zone is not None
        for wrong in ({"zone": "NOWHERE"}, {"cut_off": "soon"}, {"carrier": "HOUS"}):
            with pytest.raises(ValueError, match=r"no zone NOWHERE|no time such as|with a carrier HOUS$"):
                filters_of(reader, SITE, **{"cut_off": None, "carrier": None, "priority": None, "zone": None, **wrong})  # type: ignore[arg-type]
