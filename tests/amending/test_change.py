"""What changing an order means at every stage: fewer and more units, another address, service, priority, cut-off."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.amending.backing import plan_put_back
from core.amending.commands import ChangeOrder, PutBack, ResumeFulfilment
from core.amending.planner import OrderChange, plan_cancel, plan_change, plan_resume
from core.cases.model import Case, CaseState
from core.catalog.commands import location_id
from core.kernel.ids import NO_ID, ContactId, OrderId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.orders.model import Contact, Order, OrderLine, PartialPolicy, PaymentState, StopRequest
from core.packing import decide as packing
from core.packing.commands import ReopenParcel
from core.packing.model import Parcel, ParcelContent
from core.picking.model import Pick
from core.stock.model import Reservation
from core.waves.model import PickTask
from tests.orders.shop import CONTACT, Shop, shop
from tests.support import NOON, SITE

ELSEWHERE = ContactId(b"e" * 16)
NEW_ADDRESS = Contact(SITE, ELSEWHERE, "Ann", "", "9 Road", "York", "", "YO1", "GB", "", "", "", "")


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as opened:
        opened.stock("MUG", "A-1", 10)
        opened.stock("CUP", "B-1", 10)
        yield opened
        opened.check()


def plan(it: Shop, order: OrderId, **what: object) -> ChangeOrder | Refusal:
    with it.connection.begin():
        return plan_change(it.connection, SITE, order, OrderChange(**what), it.stamp())  # type: ignore[arg-type]


def change(it: Shop, order: OrderId, *private: Contact, **what: object):
    command = plan(it, order, **what)
    assert isinstance(command, ChangeOrder), command
    return it.it.run(command, *private).result


def fewer(it: Shop, order: OrderId, want: int, number: int = 1):
    return change(it, order, quantities={it.order_line(order, number): want})


def put_back(it: Shop, order: OrderId) -> PutBack:
    with it.connection.begin():
        command = plan_put_back(it.connection, SITE, order, it.part(order), location_id("A-2"), it.stamp())
    assert isinstance(command, PutBack), command
    return command


def resume(it: Shop, order: OrderId) -> ResumeFulfilment:
    with it.connection.begin():
        command = plan_resume(it.connection, SITE, order, it.part(order), it.stamp())
    assert isinstance(command, ResumeFulfilment), command
    return command


def test_fewer_units_take_what_is_not_promised_first(it: Shop) -> None:
    order = it.order("o1", [("MUG", 14)])
    it.promise()

    assert fewer(it, order, 8) == {"cancelled": 6, "put_back": 0, "too_late": 0}

    assert it.counts(order) == {"promised": 8, "cancelled": 6}
    line = it.it.need(OrderLine, it.order_line(order))
    assert (line.ordered, line.cancelled) == (14, 6)
    assert it.it.need(Order, order).version == 2


def test_fewer_units_of_released_work_shrink_the_task(it: Shop) -> None:
    order = it.released("o1", [("MUG", 4), ("CUP", 1)])

    fewer(it, order, 1)

    assert it.counts(order) == {"promised": 1, "reserved": 1, "cancelled": 3}
    assert [(row.first, row.quantity) for row in it.it.all(Reservation) if row.demand == it.line(order).id] == [(1, 1)]
    assert sorted(row.quantity for row in it.it.all(PickTask)) == [1, 1]
    assert it.it.all(StopRequest) == []
    it.pick_all()
    it.load(it.pack_all(order))
    assert it.counts(order)["loaded"] == 1


def test_fewer_units_of_picked_goods_stop_the_bench_until_they_are_put_back(it: Shop) -> None:
    order = it.released("o1", [("MUG", 4), ("CUP", 1)])
    it.pick_all()

    assert fewer(it, order, 3) == {"cancelled": 0, "put_back": 1, "too_late": 0}

    view = it.ask_refusal(order)
    assert view.reason is Reason.ORDER_CHANGED
    assert it.it.refuse(resume(it, order)).reason is Reason.PUT_BACK_FIRST
    it.it.run(put_back(it, order))
    assert it.counts(order) == {"promised": 3, "reserved": 3, "picked": 3, "cancelled": 1}
    assert sorted((row.first, row.quantity) for row in it.it.all(Pick)) == [(1, 1), (1, 3)]
    it.it.run(resume(it, order))
    assert it.it.all(StopRequest) == []
    it.load(it.pack_all(order))
    assert it.counts(order)["loaded"] == 3
    assert it.head(order).open == 0


def test_fewer_units_of_a_packed_parcel_open_it_again(it: Shop) -> None:
    order = it.released("o1", [("MUG", 4)])
    it.pick_all()
    parcel = it.pack_all(order)

    fewer(it, order, 3)
    it.it.run(put_back(it, order))
    it.it.run(resume(it, order))

    row = it.it.need(Parcel, parcel.id)
    assert (row.state, row.label, row.sscc, row.units) == ("open", "void", "", 3)
    assert [(each.first, each.quantity) for each in it.it.all(ParcelContent)] == [(1, 3)]
    assert it.counts(order) == {"promised": 3, "reserved": 3, "picked": 3, "packed": 3, "cancelled": 1}


def test_units_in_the_van_are_too_late(it: Shop) -> None:
    order = it.released("o1", [("MUG", 4)])
    it.pick_all()
    it.load(it.pack_some(order, 3))

    assert fewer(it, order, 1) == {"cancelled": 0, "put_back": 1, "too_late": 2}
    assert sorted(str(row.kind) for row in it.it.all(Case) if row.state is CaseState.OPEN) == [
        "cancel_too_late",
        "put_back",
    ]
    it.it.run(put_back(it, order))


def test_more_units_while_nothing_is_released(it: Shop) -> None:
    order = it.order("o1", [("MUG", 2)])
    it.promise()

    fewer(it, order, 5)
    it.promise()

    assert it.counts(order) == {"promised": 5}
    assert it.it.need(OrderLine, it.order_line(order)).ordered == 5
    assert it.head(order).units == 5


def test_more_units_of_released_work_are_refused(it: Shop) -> None:
    order = it.order("o1", [("MUG", 2)])
    it.promise()
    early = plan(it, order, quantities={it.order_line(order): 3})
    it.release()

    assert plan(it, order, quantities={it.order_line(order): 3}) == Refusal(Reason.ORDER_CHANGED, {"order": "o1"})
    assert it.it.refuse(early).reason is Reason.ORDER_CHANGED


def test_a_new_address_reaches_what_is_not_packed(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2)])

    change(it, order, NEW_ADDRESS, contact=ELSEWHERE)

    assert it.head(order).contact == ELSEWHERE
    assert it.it.need(Order, order).contact == ELSEWHERE
    assert it.it.need(Contact, ELSEWHERE).city == "York"
    assert it.it.need(Contact, CONTACT).city == "Leeds"
    it.pick_all()
    assert it.pack_all(order).contact == ELSEWHERE


def test_a_new_address_stops_a_labelled_parcel_until_it_has_another_label(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2)])
    it.pick_all()
    parcel = it.pack_all(order)
    loading = it.loading(parcel)

    change(it, order, NEW_ADDRESS, contact=ELSEWHERE)

    assert it.it.refuse(loading).reason is Reason.ORDER_CHANGED
    assert it.it.refuse(resume(it, order)) == Refusal(Reason.LABEL_OFF_FIRST, {"label": parcel.sscc})
    it.it.run(ReopenParcel(**it.it.base(), parcel=parcel.id, reason="ADDRESS"))
    it.it.run(resume(it, order))
    row = it.it.need(Parcel, parcel.id)
    assert (row.state, row.contact) == ("open", ELSEWHERE)


def test_an_open_parcel_takes_the_new_address(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2)])
    it.pick_all()
    view = it.pack_view(order)
    one = (packing.unit_of(view, view.loose[0], 1, 1),)
    it.it.run(packing.pack(view, view.boxes[0], it.stamp(), it.context, one))

    change(it, order, NEW_ADDRESS, contact=ELSEWHERE, service="express")

    (row,) = it.it.all(Parcel)
    assert (row.contact, row.service) == (ELSEWHERE, "express")
    assert it.it.all(StopRequest) == []


def test_priority_and_cut_off_move_the_order_forward(it: Shop) -> None:
    order = it.order("o1", [("MUG", 2)])

    change(it, order, priority=2, cut_off_at=NOON)

    head, row = it.head(order), it.it.need(Order, order)
    assert (head.priority, head.cut_off_at) == (row.priority, row.cut_off_at) == (2, NOON)
    assert (head.contact, head.service) == (CONTACT, "standard")


def test_two_edits_of_one_version_are_one_too_many(it: Shop) -> None:
    order = it.order("o1", [("MUG", 2)])
    first, second = plan(it, order, priority=1), plan(it, order, priority=2)
    assert isinstance(first, ChangeOrder)
    it.it.run(first)

    assert it.it.refuse(second) == Refusal(Reason.CHANGED_MEANWHILE, {"order": "o1"})


def test_a_cancelled_order_is_not_changed(it: Shop) -> None:
    order = it.order("o1", [("MUG", 2)])
    early = plan(it, order, priority=1)
    with it.connection.begin():
        stop = plan_cancel(it.connection, SITE, order, "customer", it.stamp())
    it.it.run(stop)  # type: ignore[arg-type]

    assert plan(it, order, priority=1) == Refusal(Reason.ORDER_CANCELLED, {"order": "o1"})
    assert it.it.refuse(early) == Refusal(Reason.ORDER_CANCELLED, {"order": "o1"})


@pytest.mark.parametrize(("number", "want", "reason"), [(1, -1, Reason.NOT_A_QUANTITY), (9, 1, Reason.NOT_FOUND)])
def test_impossible_wishes_are_refused(it: Shop, number: int, want: int, reason: Reason) -> None:
    order = it.order("o1", [("MUG", 2)])

    found = plan(it, order, quantities={it.order_line(order, number): want})

    assert isinstance(found, Refusal)
    assert found.reason is reason


def test_an_unknown_order_is_refused(it: Shop) -> None:
    assert plan(it, OrderId(NO_ID), priority=1) == Refusal(Reason.NOT_FOUND)
    with it.connection.begin():
        assert plan_resume(it.connection, SITE, OrderId(NO_ID), it.part(OrderId(NO_ID)), it.stamp()) == Refusal(
            Reason.NOT_FOUND
        )


def test_a_cancelled_fulfilment_is_not_resumed(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2)])
    assert it.it.refuse(resume(it, order)).reason is Reason.NOT_FOUND
    it.pick_all()
    with it.connection.begin():
        stop = plan_cancel(it.connection, SITE, order, "customer", it.stamp())
    it.it.run(stop)  # type: ignore[arg-type]

    assert it.it.refuse(resume(it, order)).reason is Reason.ORDER_CANCELLED


# Money


def test_an_unpaid_order_goes_on_once_it_is_paid(it: Shop) -> None:
    order = it.order("o1", [("MUG", 2)], payment=PaymentState.UNPAID)
    it.promise()
    assert it.counts(order) == {}

    change(it, order, payment=PaymentState.PAID)
    it.promise()
    it.release()

    assert it.counts(order) == {"promised": 2, "reserved": 2}
    assert it.it.all(StopRequest) == []


def test_a_payment_that_bounced_keeps_promised_work_off_the_floor(it: Shop) -> None:
    order = it.order("o1", [("MUG", 2)])
    it.promise()

    change(it, order, payment=PaymentState.UNPAID)

    assert it.release() == []
    assert it.it.all(StopRequest) == []


@pytest.mark.parametrize("stage", ["released", "picked", "packed"])
def test_a_payment_that_bounced_stops_what_is_on_the_floor_until_it_is_there(it: Shop, stage: str) -> None:
    order = it.released("o1", [("MUG", 2)])
    if stage != "released":
        it.pick_all()
    loading = it.loading(it.pack_all(order)) if stage == "packed" else None

    change(it, order, payment=PaymentState.UNPAID)

    (stop,) = it.it.all(StopRequest)
    assert (stop.fulfilment, stop.text) == (it.part(order), "payment")
    if stage == "picked":
        assert it.ask_refusal(order).reason is Reason.ORDER_CHANGED
    if loading is not None:
        assert it.it.refuse(loading).reason is Reason.ORDER_CHANGED
    assert it.it.refuse(resume(it, order)).reason is Reason.WAITS_FOR_PAYMENT

    change(it, order, payment=PaymentState.ON_ACCOUNT)
    it.it.run(resume(it, order))
    if stage == "released":
        it.pick_all()
    it.it.run(loading or it.loading(it.pack_all(order)))
    assert it.counts(order)["loaded"] == 2


def test_what_else_an_order_says_is_changed_in_its_open_parts_too(it: Shop) -> None:
    order = it.order("o1", [("MUG", 2)])

    change(it, order, promised_at=NOON + 1, handling="fragile", partial=PartialPolicy.WHOLE)

    row, part = it.it.need(Order, order), it.head(order)
    assert (row.promised_at, row.handling, row.partial) == (NOON + 1, "fragile", PartialPolicy.WHOLE)
    assert (part.promised_at, part.partial) == (NOON + 1, PartialPolicy.WHOLE)
