"""Where stock falls below what was promised, the least urgent orders lose their promise, and `explain` says why."""

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.allocation.promise import Promise
from core.allocation.queries import excess, explain
from core.allocation.run import Allocator
from core.allocation.withdraw import PromisedLine, plan_withdrawals
from core.amending.planner import OrderChange, plan_change
from core.catalog.commands import location_id
from core.kernel.executor import Outcome, Work
from core.kernel.ids import FulfilmentId, FulfilmentLineId, ItemId, OrderId, OwnerId
from core.kernel.reasons import Reason
from core.orders.model import PartialPolicy, PaymentState
from core.stock.commands import AdjustStock, LiftHold, PlaceHold
from core.stock.model import HoldScope, StockHold, StockKey
from tests.orders.shop import OWNER, TODAY, Shop, item, shop
from tests.support import SITE


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as opened:
        yield opened


# The plan


US, MUG, CUP = OwnerId(b"o" * 16), ItemId(b"m" * 16), ItemId(b"c" * 16)


def line(  # noqa: PLR0913  a line says so much
    name: str,
    units: int,
    *,
    sku: ItemId = MUG,
    number: int = 1,
    priority: int = 0,
    at: int = 1,
    whole: bool = False,
    unpaid: bool = False,
) -> PromisedLine:
    part = FulfilmentId(name.encode().ljust(16))
    key = FulfilmentLineId(f"{name}{number}".encode().ljust(16))
    return PromisedLine(key, part, number, US, sku, units, priority, 0, at, whole, unpaid)


def taken(plan: tuple[Promise, ...]) -> list[tuple[str, int]]:
    return [(each.line.decode().strip(), each.quantity) for each in plan]


def test_the_least_urgent_and_youngest_loses_first_and_no_more_than_is_lacking() -> None:
    lines = [line("old", 3, at=1), line("new", 3, at=2), line("urgent", 3, priority=5, at=9)]

    assert taken(plan_withdrawals(lines, {(US, MUG): 4})) == [("new1", 3), ("old1", 1)]
    assert plan_withdrawals(lines, {}) == ()
    assert taken(plan_withdrawals(lines, {(US, MUG): 99})) == [("new1", 3), ("old1", 3), ("urgent1", 3)]


def test_an_order_that_goes_whole_gives_all_of_it_back() -> None:
    lines = [line("w", 2, at=9, whole=True), line("w", 5, sku=CUP, number=2, at=9, whole=True), line("o", 2)]

    assert taken(plan_withdrawals(lines, {(US, MUG): 1})) == [("w2", 5), ("w1", 2)]


def test_who_has_not_paid_gives_all_of_it_back_first() -> None:
    lines = [line("late", 2, at=9), line("unpaid", 2, priority=9, unpaid=True)]

    assert taken(plan_withdrawals(lines, {(US, MUG): 3})) == [("unpaid1", 2), ("late1", 1)]
    assert taken(plan_withdrawals(lines, {})) == [("unpaid1", 2)]


@given(
    st.lists(
        st.builds(
            line, st.sampled_from("abcdef"), st.integers(1, 9), sku=st.sampled_from((MUG, CUP)),
            number=st.integers(1, 3), priority=st.just(0), at=st.just(1),
        ),
        unique_by=lambda each: each.line,
    ),
    st.integers(0, 40),
)  # fmt: skip
def test_as_much_is_taken_as_is_lacking_or_as_there_is(lines: list[PromisedLine], lacking: int) -> None:
    plan = plan_withdrawals(lines, {(US, MUG): lacking})

    assert sum(each.quantity for each in plan) == min(lacking, sum(each.units for each in lines if each.item == MUG))


# The run


def run(it: Shop) -> None:
    def submit(work: Work) -> "Future[Outcome]":
        future: Future[Outcome] = Future()
        future.set_result(it.it.executor.perform(work))
        return future

    reader = it.it.database.reader()
    Allocator(SITE, reader, submit, it.it.clock, it.it.ids).run()
    reader.close()


def lose(it: Shop, units: int, sku: str = "MUG", place: str = "A-1") -> None:
    key = StockKey(owner=OWNER, item=item(sku), location=location_id(place))
    it.it.run(AdjustStock(**it.it.base(), key=key, difference=-units, reason="broken"))


def why(it: Shop, order: OrderId) -> list[Reason | None]:
    with it.connection.begin():
        return [each.reason for each in explain(it.connection, SITE, order, TODAY)]


def over(it: Shop) -> int:
    with it.connection.begin():
        return sum(excess(it.connection, SITE, TODAY).values())


def test_after_a_loss_the_least_urgent_order_loses_its_promise_and_says_why(it: Shop) -> None:
    it.stock("MUG", "A-1", 5)
    first, second = it.order("o1", [("MUG", 3)], priority=5), it.order("o2", [("MUG", 2)])
    run(it)
    lose(it, 1)
    assert over(it) == 1
    run(it)

    assert (it.counts(first), it.counts(second)) == ({"promised": 3}, {"promised": 1})
    assert over(it) == 0
    assert why(it, second) == [Reason.STOCK_PROMISED_TO_OTHERS]
    before = it.travels()
    run(it)
    assert it.travels() == before, "nothing is taken and given in turns"
    it.stock("MUG", "A-1", 1)
    run(it)
    assert it.counts(second) == {"promised": 2}
    it.check()


def test_what_nobody_may_use_covers_no_promise(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    order = it.order("o1", [("MUG", 2)])
    run(it)
    it.it.run(PlaceHold(**it.it.base(), scope=HoldScope.ITEM, target=item("MUG"), reason="recall"))
    run(it)
    assert (it.counts(order), why(it, order)) == ({}, [Reason.STOCK_ON_HOLD])

    it.it.run(LiftHold(**it.it.base(), hold=it.it.all(StockHold)[0].id))
    run(it)
    assert it.counts(order) == {"promised": 2}


def test_an_order_that_goes_whole_frees_its_other_lines_for_others(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    it.stock("CUP", "B-1", 2)
    whole = it.order("o1", [("MUG", 2), ("CUP", 2)], partial=PartialPolicy.WHOLE)
    run(it)
    other = it.order("o2", [("CUP", 2)])
    run(it)
    assert it.counts(other) == {}
    lose(it, 1)
    run(it)

    assert (it.counts(whole, 1), it.counts(whole, 2), it.counts(other)) == ({}, {}, {"promised": 2})
    it.check()


def test_what_a_walk_has_in_hand_is_not_taken(it: Shop) -> None:
    it.stock("MUG", "A-1", 3)
    released = it.released("o1", [("MUG", 2)])
    waiting = it.order("o2", [("MUG", 1)], priority=9)
    run(it)
    lose(it, 2)
    run(it)

    assert it.counts(released) == {"promised": 2, "reserved": 2}
    assert it.counts(waiting) == {}
    assert over(it) == 1, "the floor finds out"


def test_an_order_whose_payment_bounced_keeps_nothing_from_others(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    bounced = it.order("o1", [("MUG", 2)], priority=9)
    run(it)
    other = it.order("o2", [("MUG", 2)])
    with it.connection.begin():
        change = plan_change(
            it.connection, SITE, order=bounced, change=OrderChange(payment=PaymentState.UNPAID), stamp=it.stamp()
        )
    it.it.run(change)
    run(it)

    assert (it.counts(bounced), it.counts(other)) == ({}, {"promised": 2})
    assert why(it, bounced) == [Reason.WAITS_FOR_PAYMENT]
    it.check()
