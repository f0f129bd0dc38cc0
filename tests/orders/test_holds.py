"""A held order waits wherever it stands: nothing more of it is promised, released, packed or loaded until it is let go."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.allocation.commands import Promised, PromiseLines
from core.kernel.ids import OrderId
from core.kernel.reasons import Reason
from core.orders.commands import HoldOrder, ReleaseHold, fulfilment_line_id
from core.orders.model import OrderHold
from core.waves.commands import ReleaseBatch
from tests.orders.shop import Shop, shop


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as opened:
        opened.stock("MUG", "A-1", 10)
        yield opened
        opened.check()


def hold(it: Shop, order: OrderId) -> None:
    it.it.run(HoldOrder(**it.it.base(), order=order, fulfilments=(it.part(order),), reason="fraud"))


def let_go(it: Shop, order: OrderId) -> None:
    (row,) = it.it.all(OrderHold)
    it.it.run(ReleaseHold(**it.it.base(), hold=row.id, fulfilments=(it.part(order),)))


def test_before_the_promise(it: Shop) -> None:
    order = it.order("o1", [("MUG", 2)])
    line = Promised(fulfilment_line_id(it.part(order), 1), it.part(order), 2)
    hold(it, order)

    assert it.promise().promises == ()
    assert it.it.refuse(PromiseLines(**it.it.base(), lines=(line,))).reason is Reason.ORDER_HELD
    let_go(it, order)
    it.promise()

    assert it.counts(order) == {"promised": 2}


def test_before_the_release(it: Shop) -> None:
    order = it.order("o1", [("MUG", 2)])
    it.promise()
    planned = next(each for each in it.plan().commands if isinstance(each, ReleaseBatch))
    hold(it, order)

    assert it.plan().commands == ()
    assert it.it.refuse(planned).reason is Reason.ORDER_HELD
    let_go(it, order)

    assert len(it.release()) == 1


def test_while_it_is_picked_the_walk_ends_and_the_bench_waits(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2)])
    view = it.start()
    hold(it, order)

    it.put(view)
    assert it.counts(order) == {"promised": 2, "reserved": 2, "picked": 2}
    assert it.ask_refusal(order).reason is Reason.ORDER_HELD
    let_go(it, order)

    assert it.pack_all(order).units == 2


def test_packed_and_labelled_it_stays_at_the_dock(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2)])
    it.pick_all()
    parcel = it.pack_all(order)
    loading = it.loading(parcel)
    hold(it, order)

    assert it.it.refuse(loading).reason is Reason.ORDER_HELD
    let_go(it, order)
    it.it.run(loading)

    assert it.counts(order)["loaded"] == 2


def test_one_part_of_it_in_the_van_is_told_of_the_rest_only(it: Shop) -> None:
    order = it.released("o1", [("MUG", 4)])
    it.pick_all()
    it.load(it.pack_some(order, 2))
    hold(it, order)

    assert it.ask_refusal(order).reason is Reason.ORDER_HELD
    assert it.counts(order)["loaded"] == 2
    let_go(it, order)
    it.load(it.pack_all(order))

    assert it.counts(order)["loaded"] == 4
