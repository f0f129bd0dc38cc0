"""Every line that was not promised or not released says why: one test a reason."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.allocation.queries import explain as explain_promises
from core.amending.planner import OrderChange, plan_cancel, plan_change
from core.catalog.commands import location_id
from core.catalog.model import Location
from core.kernel.ids import NO_ID, OrderId
from core.kernel.reasons import Reason
from core.kernel.uow import UnitOfWork
from core.orders.commands import HoldOrder
from core.orders.model import Fulfilment, PartialPolicy, PaymentState
from core.orders.progress import Stage
from core.stock.commands import PlaceHold
from core.stock.model import Condition, HoldScope, StockKey
from core.stock.moving import MoveStock
from core.waves.queries import explain
from tests.orders.shop import OWNER, TODAY, Shop, item, shop
from tests.support import NOON, SITE

WHOLE = PartialPolicy.WHOLE


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as opened:
        yield opened


def why(it: Shop, order: OrderId) -> list[Reason | None]:
    with it.connection.begin():
        return [each.reason for each in explain(it.connection, SITE, order, TODAY)]


def facts(it: Shop, order: OrderId, number: int = 1):
    with it.connection.begin():
        return explain(it.connection, SITE, order, TODAY)[number - 1].facts


def hold_stock(it: Shop, scope: HoldScope, target: bytes) -> None:
    it.it.run(PlaceHold(**it.it.base(), scope=scope, target=target, reason="recall"))


def block(it: Shop, place: str) -> None:
    with it.connection.begin():
        uow = UnitOfWork(it.connection)
        row = uow.get(Location, (SITE, location_id(place)))
        assert row is not None
        uow.update(row, blocked="shelf broken")
        uow.flush()


def test_there_is_none(it: Shop) -> None:
    assert why(it, it.order("o1", [("MUG", 1)])) == [Reason.NO_STOCK]


def test_there_is_too_little(it: Shop) -> None:
    it.stock("MUG", "A-1", 1)
    order = it.order("o1", [("MUG", 3)], partial=WHOLE)
    it.promise()

    assert why(it, order) == [Reason.NOT_ENOUGH_STOCK]


def test_others_have_it(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    it.order("o1", [("MUG", 2)])
    late = it.order("o2", [("MUG", 2)], ordered_at=NOON + 1)
    it.promise()

    assert why(it, late) == [Reason.STOCK_PROMISED_TO_OTHERS]
    assert {name: facts(it, late)[name] for name in ("wanted", "on_hand", "promised_to_all")} == {
        "wanted": 2,
        "on_hand": 2,
        "promised_to_all": 2,
    }


def test_it_is_there_and_nobody_promised_it_yet(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)

    assert why(it, it.order("o1", [("MUG", 2)])) == [Reason.WAITS_FOR_PROMISE]


def test_another_line_of_the_order_lacks(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    order = it.order("o1", [("MUG", 2), ("CUP", 1)], partial=WHOLE)
    it.promise()

    assert why(it, order) == [Reason.WAITS_FOR_WHOLE_ORDER, Reason.NO_STOCK]


def test_two_lines_of_one_item_together_are_too_many(it: Shop) -> None:
    it.stock("MUG", "A-1", 3)
    order = it.order("o1", [("MUG", 2), ("MUG", 2)], partial=WHOLE)
    it.promise()

    assert why(it, order) == [Reason.NOT_ENOUGH_STOCK, Reason.NOT_ENOUGH_STOCK]


def test_it_is_expired(it: Shop) -> None:
    it.stock("MUG", "A-1", 2, lot="L1", expiry="2025-12-15")
    order = it.order("o1", [("MUG", 2)])
    it.promise()

    assert why(it, order) == [Reason.STOCK_EXPIRED]
    assert facts(it, order)["expired"] == 2


@pytest.mark.parametrize("scope", list(HoldScope))
def test_it_is_on_hold(it: Shop, scope: HoldScope) -> None:
    from core.stock.commands import lot_id

    it.stock("MUG", "A-1", 2, lot="L1", expiry="2026-12-15")
    target = {
        HoldScope.LOCATION: location_id("A-1"), HoldScope.LOT: lot_id(item("MUG"), "L1"), HoldScope.ITEM: item("MUG"),
    }  # fmt: skip
    hold_stock(it, scope, target[scope])
    order = it.order("o1", [("MUG", 2)])
    it.promise()

    assert why(it, order) == [Reason.STOCK_ON_HOLD]


def test_its_place_is_blocked(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    block(it, "A-1")
    order = it.order("o1", [("MUG", 2)])
    it.promise()

    assert why(it, order) == [Reason.LOCATION_BLOCKED]


@pytest.mark.parametrize(("place", "condition"), [("IN-1", Condition.GOOD), ("A-1", Condition.DAMAGED)])
def test_it_lies_where_nobody_picks(it: Shop, place: str, condition: Condition) -> None:
    it.stock("MUG", place, 2, condition=condition)
    order = it.order("o1", [("MUG", 2)])
    it.promise()

    assert why(it, order) == [Reason.STOCK_NOT_PICKABLE]


def test_goods_picked_for_others_are_no_stock(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    it.released("o1", [("MUG", 2)])
    it.pick_all()
    order = it.order("o2", [("MUG", 2)])
    it.promise()

    assert why(it, order) == [Reason.NO_STOCK]


def test_the_money_is_not_there(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    order = it.order("o1", [("MUG", 2)], payment=PaymentState.UNPAID)
    it.promise()

    assert why(it, order) == [Reason.WAITS_FOR_PAYMENT]


def test_the_order_is_held(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    order = it.order("o1", [("MUG", 2)])
    it.it.run(HoldOrder(**it.it.base(), order=order, fulfilments=(it.part(order),), reason="fraud"))

    assert why(it, order) == [Reason.ORDER_HELD]


def test_the_order_is_cancelled(it: Shop) -> None:
    it.stock("MUG", "A-1", 3)
    waiting = it.order("o1", [("TEA", 1)])
    picked = it.released("o2", [("MUG", 2)])
    it.pick_all()
    for order in (waiting, picked):
        with it.connection.begin():
            command = plan_cancel(it.connection, SITE, order, "customer", it.stamp())
        it.it.run(command)  # type: ignore[arg-type]

    assert (why(it, waiting), why(it, picked)) == ([Reason.ORDER_CANCELLED], [Reason.ORDER_CANCELLED])


def test_the_order_is_changed_underneath(it: Shop) -> None:
    it.stock("MUG", "A-1", 3)
    order = it.released("o2", [("MUG", 2)])
    it.pick_all()
    with it.connection.begin():
        wish = OrderChange(quantities={it.order_line(order): 1})
        command = plan_change(it.connection, SITE, order, wish, it.stamp())
    it.it.run(command)  # type: ignore[arg-type]

    assert why(it, order) == [Reason.ORDER_CHANGED]


def test_it_waits_for_a_wave(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    order = it.order("o1", [("MUG", 2)])
    it.promise()

    assert why(it, order) == [Reason.WAITS_FOR_WAVE]


def test_it_waits_for_replenishment(it: Shop) -> None:
    it.stock("MUG", "R-1", 2)
    order = it.order("o1", [("MUG", 2)])
    it.promise()

    assert why(it, order) == [Reason.WAITS_FOR_REPLENISHMENT]
    assert facts(it, order)["in_reserve"] == 2


def test_another_line_of_the_order_waits_for_replenishment(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    it.stock("CUP", "R-1", 2)
    order = it.order("o1", [("MUG", 2), ("CUP", 1)], partial=WHOLE)
    it.promise()

    assert why(it, order) == [Reason.WAITS_FOR_WHOLE_ORDER, Reason.WAITS_FOR_REPLENISHMENT]


def test_promised_goods_were_put_on_hold_or_taken_away_since(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    it.stock("CUP", "A-1", 2)
    order = it.order("o1", [("MUG", 2), ("CUP", 2)])
    it.promise()
    hold_stock(it, HoldScope.ITEM, item("MUG"))
    key = StockKey(owner=OWNER, item=item("CUP"), location=location_id("A-1"))
    it.it.run(MoveStock(**it.it.base(), source=key, target=location_id("BENCH-1"), quantity=2))

    assert why(it, order) == [Reason.STOCK_ON_HOLD, Reason.NOT_ENOUGH_STOCK]


def test_released_work_names_its_batch(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    order = it.released("o1", [("MUG", 2)])

    assert why(it, order) == [None]
    assert {name: facts(it, order)[name] for name in ("batch", "batch_state", "reserved")} == {
        "batch": 1,
        "batch_state": "ready",
        "reserved": 2,
    }


def test_what_left_waits_for_nothing(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    order = it.released("o1", [("MUG", 2)])
    it.pick_all()
    it.load(it.pack_all(order))

    with it.connection.begin():
        (line,) = explain(it.connection, SITE, order, TODAY)
    assert (line.reason, line.stage, line.wanted) == (None, Stage.LOADED, 2)


def test_what_was_not_found_at_the_shelf_says_so(it: Shop) -> None:
    from core.picking import decide

    it.stock("MUG", "A-1", 2)
    it.stock("CUP", "A-1", 2)
    order = it.released("o1", [("MUG", 2), ("CUP", 1)])
    view = it.start()
    it.it.run(decide.short(view, it.stamp(), view.quantity, "STOCKOUT"))

    assert Reason.NOT_ENOUGH_STOCK in why(it, order)


def test_an_order_that_is_not_there_has_no_lines(it: Shop) -> None:
    assert why(it, OrderId(NO_ID)) == []


def test_a_payment_that_bounced_after_the_promise(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    order = it.order("o1", [("MUG", 2)])
    it.promise()
    with it.connection.begin():
        uow = UnitOfWork(it.connection)
        row = uow.get(Fulfilment, (SITE, it.part(order)))
        assert row is not None
        uow.update(row, payment=PaymentState.UNPAID)
        uow.flush()

    assert why(it, order) == [Reason.WAITS_FOR_PAYMENT]


def test_an_explanation_costs_four_statements(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    order = it.released("o1", [("MUG", 2), ("CUP", 1), ("JUG", 1)])
    said: list[str] = []

    def listen(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    with it.connection.begin():
        sa.event.listen(it.connection, "before_cursor_execute", listen)
        explain_promises(it.connection, SITE, order, TODAY)
        alone = len(said)
        explain(it.connection, SITE, order, TODAY)
        sa.event.remove(it.connection, "before_cursor_execute", listen)

    assert (alone, len(said) - alone) == (3, 4)
