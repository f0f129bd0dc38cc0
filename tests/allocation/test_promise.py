"""Who gets the stock: the plan of promises, and the commands that come of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.allocation.commands import LINES_PER_OPERATION, Promised, PromiseLines, WithdrawPromises
from core.allocation.promise import OpenLine, Promise, PromisePlan, plan_promises
from core.allocation.run import promise_commands
from core.kernel.ids import NO_ID, FulfilmentId, FulfilmentLineId
from core.kernel.reasons import Reason
from core.orders.commands import HoldOrder
from core.orders.model import PartialPolicy, PaymentState
from core.stock.model import ReplenishmentNeed
from tests.orders.shop import HOUR, OWNER, Shop, item, shop
from tests.support import NOON

MUG, CUP = item("MUG"), item("CUP")


def part(name: str) -> FulfilmentId:
    return FulfilmentId(name.encode().ljust(16, b"."))


def open_line(name: str, number: int = 1, *, wanted: int = 1, **more: object) -> OpenLine:
    line = OpenLine(
        FulfilmentLineId(f"{name}/{number}".encode().ljust(16, b".")), part(name), number, OWNER, MUG, wanted, 0, 0,
        NOON, whole=False,
    )  # fmt: skip
    return replace(line, **more)  # type: ignore[arg-type]


def got(plan: PromisePlan) -> dict[bytes, int]:
    return {bytes(each.line).rstrip(b"."): each.quantity for each in plan.promises}


def waits(plan: PromisePlan) -> dict[bytes, Reason]:
    return {bytes(each.line).rstrip(b"."): each.reason for each in plan.waiting}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"priority": 1, "cut_off_at": 0}, {"priority": 0, "cut_off_at": NOON}),
        ({"cut_off_at": NOON, "ordered_at": NOON + 5}, {"cut_off_at": NOON + HOUR, "ordered_at": NOON}),
        ({"cut_off_at": NOON}, {"cut_off_at": 0}),
        ({"ordered_at": NOON}, {"ordered_at": NOON + 1}),
    ],
    ids=["priority", "cut-off", "one with a cut-off", "age"],
)
def test_urgency_is_priority_then_cut_off_then_age(first: dict[str, int], second: dict[str, int]) -> None:
    lines = [open_line("b", **second), open_line("a", **first)]

    plan = plan_promises(lines, {(OWNER, MUG): 1})

    assert got(plan) == {b"a/1": 1}
    assert waits(plan) == {b"b/1": Reason.NO_STOCK}


def test_part_of_a_line_may_be_promised() -> None:
    plan = plan_promises([open_line("a", wanted=5)], {(OWNER, MUG): 3})

    assert got(plan) == {b"a/1": 3}
    assert [(each.quantity, each.reason) for each in plan.waiting] == [(2, Reason.NO_STOCK)]


def test_a_whole_order_takes_all_or_nothing_and_leaves_the_stock_to_the_next() -> None:
    lines = [
        open_line("a", 1, wanted=2, whole=True),
        open_line("a", 2, wanted=2, item=CUP, whole=True),
        open_line("b", 1, wanted=2, ordered_at=NOON + 1),
    ]

    plan = plan_promises(lines, {(OWNER, MUG): 2, (OWNER, CUP): 1})

    assert got(plan) == {b"b/1": 2}
    assert waits(plan) == {b"a/1": Reason.WAITS_FOR_WHOLE_ORDER, b"a/2": Reason.NO_STOCK}


def test_two_lines_of_one_item_never_get_more_than_there_is() -> None:
    whole = [open_line("a", n, wanted=2, whole=True) for n in (1, 2)]
    some = [open_line("a", n, wanted=2) for n in (1, 2)]

    assert got(plan_promises(whole, {(OWNER, MUG): 3})) == {}
    assert got(plan_promises(some, {(OWNER, MUG): 3})) == {b"a/1": 2, b"a/2": 1}


def test_another_owners_stock_is_not_promised() -> None:
    plan = plan_promises([open_line("a")], {(b"other-----------", MUG): 9})  # type: ignore[dict-item]

    assert got(plan) == {}


LINES = st.lists(
    st.builds(
        lambda name, number, units, sku, priority, cut_off, whole: open_line(
            name, number, wanted=units, item=sku, priority=priority, cut_off_at=cut_off, whole=whole
        ),
        st.sampled_from("abcdef"), st.integers(1, 3), st.integers(1, 4), st.sampled_from([MUG, CUP]),
        st.just(0), st.just(0), st.booleans(),
    ),
    unique_by=lambda line: line.line, max_size=14,
)  # fmt: skip


@given(LINES, st.integers(-2, 12), st.integers(0, 12), st.randoms(use_true_random=False))
def test_a_plan_never_oversubscribes_and_accounts_for_every_unit(lines, mugs: int, cups: int, chance) -> None:
    kinds = {line.fulfilment: line.whole for line in lines}
    lines = [replace(line, whole=kinds[line.fulfilment]) for line in lines]
    free = {(OWNER, MUG): mugs, (OWNER, CUP): cups}
    plan = plan_promises(lines, free)

    by_line = {line.line: line for line in lines}
    taken = Counter[object]()
    for promise in plan.promises:
        assert promise.quantity > 0
        taken[OWNER, by_line[promise.line].item] += promise.quantity
    assert all(units <= max(0, free[name]) for name, units in taken.items())  # type: ignore[index]
    for line in lines:
        promised = sum(each.quantity for each in plan.promises if each.line == line.line)
        waiting = sum(each.quantity for each in plan.waiting if each.line == line.line)
        assert promised + waiting == line.wanted
    for name, whole in kinds.items():
        got_some = {line.line in {p.line for p in plan.promises} for line in lines if line.fulfilment == name}
        assert not whole or len(got_some) == 1
    chance.shuffle(lines)
    assert plan_promises(lines, free) == plan


def test_a_fulfilment_is_never_divided_between_operations(it: Shop) -> None:
    promises = [Promise(FulfilmentLineId(bytes([n, k])), part(f"p{n}"), 1) for n in range(5) for k in range(40)]
    long = [Promise(FulfilmentLineId(b"long%d" % k), part("long"), 1) for k in range(LINES_PER_OPERATION + 50)]

    found = [
        Counter(each.fulfilment for each in command.lines)
        for command in promise_commands(PromisePlan((*promises, *long), (), {}), it.stamp())
    ]

    assert found == [
        {part("p0"): 40, part("p1"): 40},
        {part("p2"): 40, part("p3"): 40},
        {part("p4"): 40},
        {part("long"): LINES_PER_OPERATION + 50},
    ]


# With a database


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as opened:
        yield opened
        opened.check()


def promised(it: Shop, order, quantity: int = 1) -> Promised:
    return Promised(it.line(order).id, it.part(order), quantity)


def test_what_lies_in_reserve_counts_and_raises_a_need_until_the_shelf_is_filled(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    it.stock("MUG", "R-1", 5)
    order = it.order("o1", [("MUG", 4)])

    it.promise()

    assert it.counts(order) == {"promised": 4}
    assert [(row.item, row.quantity) for row in it.it.all(ReplenishmentNeed)] == [(MUG, 2)]
    log = len(it.it.dump()["op_log"])
    it.promise()
    assert len(it.it.dump()["op_log"]) == log
    it.stock("MUG", "A-2", 3)
    it.promise()
    assert it.it.all(ReplenishmentNeed) == []


def test_what_is_nowhere_is_no_need(it: Shop) -> None:
    it.stock("MUG", "R-1", 1)
    it.order("o1", [("MUG", 4)])

    it.promise()

    assert [row.quantity for row in it.it.all(ReplenishmentNeed)] == [1]


@pytest.mark.parametrize("place", ["Q-1", "IN-1", "BENCH-1", "DOCK-1"])
def test_goods_that_nobody_picks_are_not_promised(it: Shop, place: str) -> None:
    it.stock("MUG", place, 5)
    order = it.order("o1", [("MUG", 1)])

    it.promise()

    assert it.counts(order) == {}


def test_expired_goods_are_not_promised_and_those_of_today_are(it: Shop) -> None:
    it.stock("MUG", "A-1", 5, lot="L1", expiry="2025-12-15")
    it.stock("MUG", "A-1", 3, lot="L2", expiry="2025-12-16")
    order = it.order("o1", [("MUG", 9)])

    it.promise()

    assert it.counts(order) == {"promised": 3}


def test_unpaid_and_held_orders_are_promised_nothing(it: Shop) -> None:
    it.stock("MUG", "A-1", 5)
    unpaid = it.order("o1", [("MUG", 1)], payment=PaymentState.UNPAID)
    held = it.order("o2", [("MUG", 1)])
    it.it.run(HoldOrder(**it.it.base(), order=held, fulfilments=(it.part(held),), reason="fraud"))

    it.promise()

    assert (it.counts(unpaid), it.counts(held)) == ({}, {})


def test_a_second_run_promises_nothing_twice(it: Shop) -> None:
    it.stock("MUG", "A-1", 5)
    order = it.order("o1", [("MUG", 3)])
    other = it.order("o2", [("MUG", 3)], ordered_at=NOON + 1)

    it.promise()
    assert it.promise().promises == ()

    assert (it.counts(order), it.counts(other)) == ({"promised": 3}, {"promised": 2})


def test_picked_units_free_no_stock_that_is_gone(it: Shop) -> None:
    it.stock("MUG", "A-1", 3)
    it.released("o1", [("MUG", 2), ("MUG", 1)])
    it.pick_all()
    late = it.order("o2", [("MUG", 1)])

    it.promise()

    assert it.counts(late) == {}


def test_more_than_a_line_wants_is_refused(it: Shop) -> None:
    order = it.order("o1", [("MUG", 2)])

    for quantities in ((3,), (0,), (-1,), (1, 2)):
        lines = tuple(promised(it, order, each) for each in quantities)
        assert it.it.refuse(PromiseLines(**it.it.base(), lines=lines)).reason is Reason.CHANGED_MEANWHILE


def test_a_line_that_is_not_there_or_held_is_refused(it: Shop) -> None:
    order = it.order("o1", [("MUG", 2)])
    nobody = Promised(FulfilmentLineId(NO_ID), FulfilmentId(NO_ID), 1)
    assert it.it.refuse(PromiseLines(**it.it.base(), lines=(nobody,))).reason is Reason.NOT_FOUND

    it.it.run(HoldOrder(**it.it.base(), order=order, fulfilments=(it.part(order),), reason="fraud"))
    assert it.it.refuse(PromiseLines(**it.it.base(), lines=(promised(it, order),))).reason is Reason.ORDER_HELD


def test_promising_and_withdrawing_is_the_identity(it: Shop) -> None:
    order = it.order("o1", [("MUG", 2)])
    before = it.travels()

    it.it.run(PromiseLines(**it.it.base(), lines=(promised(it, order, 2),)))
    it.it.run(WithdrawPromises(**it.it.base(), lines=(promised(it, order, 2),)))

    assert it.travels() == before


def test_what_is_released_is_not_withdrawn(it: Shop) -> None:
    it.stock("MUG", "A-1", 3)
    order = it.released("o1", [("MUG", 2)])

    command = WithdrawPromises(**it.it.base(), lines=(promised(it, order, 1),))

    assert it.it.refuse(command).reason is Reason.CHANGED_MEANWHILE


def test_two_owners_with_the_same_sku_never_mix(it: Shop) -> None:
    from core.catalog.commands import NewCode, NewItem, SaveItems, owner_id

    other = owner_id("OTHER")
    it.it.run(
        SaveItems(
            **it.it.base(), owner=other,
            items=(NewItem(sku="MUG", description="Their mug", codes=(NewCode("05012345678900"),)),),
        )
    )  # fmt: skip
    it.stock("MUG", "A-1", 5)
    theirs = it.order("o1", [("MUG", 1)], owner=other)
    ours = it.order("o2", [("MUG", 1)])

    it.promise()

    assert (it.counts(theirs), it.counts(ours)) == ({}, {"promised": 1})


def test_a_whole_order_waits_in_the_books_too(it: Shop) -> None:
    it.stock("MUG", "A-1", 5)
    order = it.order("o1", [("MUG", 2), ("CUP", 1)], partial=PartialPolicy.WHOLE)

    it.promise()
    assert (it.counts(order, 1), it.counts(order, 2)) == ({}, {})
    it.stock("CUP", "B-1", 1)
    it.promise()

    assert (it.counts(order, 1), it.counts(order, 2)) == ({"promised": 2}, {"promised": 1})
