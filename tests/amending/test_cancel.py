"""What cancelling means, unit by unit, at every stage; and that nothing is written on a refusal."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.amending.backing import plan_put_back
from core.amending.commands import CancelOrder, PutBack
from core.amending.planner import plan_cancel
from core.cases.commands import CloseCase
from core.cases.decisions import Decision
from core.cases.model import Case, CaseKind, CaseState
from core.catalog.commands import location_id
from core.catalog.places import unexplained
from core.kernel.ids import NO_ID, OrderId
from core.kernel.printing import MovePrintJob
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.spool import JobState, PrintJob
from core.orders.model import Order, OrderLine, PartialPolicy, StopKind, StopRequest
from core.packing import decide as packing
from core.packing.commands import ConfirmLabel, PackUnits
from core.packing.model import Parcel, ParcelContent
from core.picking import decide
from core.picking.model import Fill, Pick
from core.shipping.commands import SetAside
from core.shipping.queries import AskParcelInHand
from core.stock.model import Balance, Reservation
from core.waves.model import Batch, BatchMember, PickTask
from tests.orders.shop import Shop, shop
from tests.support import SITE


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as opened:
        opened.stock("MUG", "A-1", 10)
        opened.stock("CUP", "B-1", 10)
        yield opened
        opened.check()


def plan(it: Shop, order: OrderId) -> CancelOrder | Refusal:
    with it.connection.begin():
        return plan_cancel(it.connection, SITE, order, "customer", it.stamp())


def cancel(it: Shop, order: OrderId):
    command = plan(it, order)
    assert isinstance(command, CancelOrder), command
    return it.it.run(command).result


def put_back(it: Shop, order: OrderId, place: str = "A-2") -> PutBack:
    with it.connection.begin():
        command = plan_put_back(it.connection, SITE, order, it.part(order), location_id(place), it.stamp())
    assert isinstance(command, PutBack), command
    return command


def open_cases(it: Shop) -> list[str]:
    return [str(case.kind) for case in it.it.all(Case) if case.state is CaseState.OPEN]


def test_what_is_not_promised_is_cancelled_at_once(it: Shop) -> None:
    order = it.order("o1", [("MUG", 2)])

    assert cancel(it, order) == {"cancelled": 2, "put_back": 0, "too_late": 0}
    assert it.counts(order) == {"cancelled": 2}
    assert it.head(order).open == 0
    assert it.it.need(OrderLine, it.order_line(order)).cancelled == 2
    assert it.it.need(Order, order).cancelled_at > 0
    assert it.it.all(StopRequest) == []


def test_a_promise_goes_back_to_others(it: Shop) -> None:
    order = it.order("o1", [("MUG", 10)])
    it.promise()
    other = it.order("o2", [("MUG", 10)])
    it.promise()
    assert it.counts(other) == {}

    cancel(it, order)
    it.promise()

    assert it.counts(order) == {"cancelled": 10}
    assert it.counts(other) == {"promised": 10}


def test_released_work_shrinks_and_an_unstarted_batch_of_nothing_is_over(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2), ("CUP", 1)])

    assert cancel(it, order)["cancelled"] == 3

    assert it.counts(order, 1) == {"cancelled": 2}
    assert it.it.all(Reservation) == []
    assert {row.state for row in it.it.all(PickTask)} == {"gone"}
    (batch,) = it.it.all(Batch)
    assert (batch.state, batch.tasks, batch.units) == ("picked", 0, 0)
    assert [row.outcome for row in it.it.all(BatchMember)] == ["cancelled"]
    assert [row.reserved for row in it.it.all(Balance)] == [0] * len(it.it.all(Balance))
    assert [row.kind for row in it.it.all(StopRequest)] == [StopKind.CANCEL]
    assert open_cases(it) == []


def test_one_of_two_orders_in_a_task_leaves_the_other_its_units(it: Shop) -> None:
    first = it.order("o1", [("MUG", 2), ("CUP", 1)])
    second = it.order("o2", [("MUG", 3), ("CUP", 1)])
    it.promise()
    it.release()

    cancel(it, first)

    assert sorted((row.quantity, str(row.state)) for row in it.it.all(PickTask)) == [(1, "open"), (3, "open")]
    (batch,) = it.it.all(Batch)
    assert (batch.state, batch.tasks, batch.units) == ("ready", 2, 4)
    assert sorted(row.outcome for row in it.it.all(BatchMember)) == ["cancelled", "open"]
    it.pick_all()
    assert it.counts(second, 1) == {"promised": 3, "reserved": 3, "picked": 3}


def test_a_running_batch_of_nothing_is_ended_by_its_picker(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2), ("CUP", 1)])
    it.start()

    cancel(it, order)

    assert it.it.all(Batch)[0].state == "running"
    assert {row.state for row in it.it.all(PickTask)} == {"gone"}


def test_half_picked_goes_half_at_once_and_half_by_hand(it: Shop) -> None:
    order = it.released("o1", [("MUG", 3), ("CUP", 1)])
    it.put(it.start(), 1)

    assert cancel(it, order) == {"cancelled": 3, "put_back": 1, "too_late": 0}

    assert it.counts(order, 1) == {"promised": 1, "reserved": 1, "picked": 1, "cancelled": 2}
    assert sorted((row.quantity, row.picked, str(row.state)) for row in it.it.all(PickTask)) == [
        (0, 0, "gone"),
        (1, 1, "done"),
    ]
    assert open_cases(it) == ["put_back"]
    assert it.it.all(BatchMember)[0].outcome == "open"

    it.it.run(put_back(it, order))

    assert it.counts(order, 1) == {"cancelled": 3}
    assert (it.at("MUG", "A-1"), it.at("MUG", "A-2")) == (9, 1)
    assert open_cases(it) == []
    # The tote stands on a running cart: the picker takes it off.
    assert [row.state for row in it.it.all(Fill)] == ["open"]


def test_picked_goods_are_stopped_at_the_bench_and_go_back_by_hand(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2), ("CUP", 1)])
    it.pick_all()
    view = it.pack_view(order)

    assert cancel(it, order) == {"cancelled": 0, "put_back": 3, "too_late": 0}

    pack = packing.pack(view, view.boxes[0], it.stamp(), it.context, packing.all_units(view))
    assert it.it.refuse(pack).reason is Reason.ORDER_CANCELLED
    done = put_back(it, order)
    assert it.it.run(done).result == {"units": 3}
    assert it.counts(order, 1) == {"cancelled": 2}
    assert it.counts(order, 2) == {"cancelled": 1}
    assert it.it.all(Pick) == []
    assert {row.state for row in it.it.all(Fill)} == {"emptied"}
    assert [(row.kind, row.decision) for row in it.it.all(Case)] == [(CaseKind.PUT_BACK, "put_back")]
    assert it.at("MUG", "A-2") == 2
    assert it.it.refuse(put_back_again(it, done)).reason is Reason.PUT_BACK_ALREADY


def put_back_again(it: Shop, done: PutBack) -> PutBack:
    return replace(done, **it.stamp())


def test_a_packed_parcel_is_stopped_at_the_dock_and_unpacked(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2), ("CUP", 1)])
    it.pick_all()
    parcel = it.pack_all(order)
    loading = it.loading(parcel)
    out = next(each for each in it.it.all(PrintJob) if each.document == "packing_slip")
    it.it.run(MovePrintJob(**it.it.base(), job=out.id, state=JobState.SENDING))

    assert cancel(it, order) == {"cancelled": 0, "put_back": 3, "too_late": 0, "paper": "packing_slip"}

    assert it.it.refuse(loading).reason is Reason.ORDER_CANCELLED
    done = it.it.run(put_back(it, order))
    assert done.result == {"units": 3, "paper": "packing_slip"}, "the label never left for a printer"
    assert {each.state for each in it.it.all(PrintJob) if each.carton == parcel.sscc} == {JobState.VOIDED}
    row = it.it.need(Parcel, parcel.id)
    assert (row.state, row.label, row.units, row.sscc) == ("void", "void", 0, parcel.sscc)
    assert it.it.all(ParcelContent) == []
    assert it.counts(order, 1) == {"cancelled": 2}
    assert it.head(order).open == 0


def test_a_parcel_that_was_carried_aside_meanwhile_is_unpacked_where_it_lies_now(it: Shop) -> None:
    """A dock set it aside, and whoever unpacks it there has not heard of it."""
    order = it.released("o1", [("MUG", 2)])
    it.pick_all()
    parcel = it.pack_all(order)
    it.it.run(ConfirmLabel(**it.it.base(), parcel=parcel.id))
    cancel(it, order)
    old = put_back(it, order)
    it.it.run(set_aside(it, parcel))
    assert it.at("MUG", "Q-1") == 2

    it.it.run(old)

    assert (it.at("MUG", "Q-1"), it.at("MUG", "A-2"), it.at("MUG", "BENCH-1")) == (0, 2, 0)


def set_aside(it: Shop, parcel: Parcel) -> SetAside:
    hand = it.ask(AskParcelInHand(SITE, parcel.id))
    return SetAside(
        **it.stamp(), parcel=parcel.id, order=parcel.order, shelf=location_id("Q-1"), reason=hand.why_not,
        bench=hand.bench, inside=hand.inside,
    )  # fmt: skip


def test_of_a_parcel_that_was_unpacked_nothing_is_aside_when_that_is_heard_late(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2)])
    it.pick_all()
    parcel = it.pack_all(order)
    it.it.run(ConfirmLabel(**it.it.base(), parcel=parcel.id))
    cancel(it, order)
    late = set_aside(it, parcel)
    it.it.run(put_back(it, order))

    it.it.run(late)

    assert (it.at("MUG", "Q-1"), it.at("MUG", "A-2")) == (0, 2)
    assert sum(row.total for row in it.it.all(Balance) if row.location == unexplained(SITE)) == 0


def test_a_tote_that_was_carried_to_the_hospital_meanwhile_is_emptied_there(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2), ("CUP", 1)])
    it.pick_all()
    view = replace(it.pack_view(order), hospital_id=location_id("Q-1"), hospital="Q-1")
    cancel(it, order)
    old = put_back(it, order)
    it.it.run(packing.park(view, it.stamp(), CaseKind.HOSPITAL, "MISSING"))
    assert it.at("MUG", "Q-1") == 2

    it.it.run(old)

    assert (it.at("MUG", "Q-1"), it.at("MUG", "A-2"), it.at("CUP", "A-2")) == (0, 2, 1)


def test_what_is_in_the_van_is_told_and_not_touched(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2)])
    it.pick_all()
    it.load(it.pack_all(order))
    before = it.travels("exception_case", "sales_order")

    assert cancel(it, order) == {"cancelled": 0, "put_back": 0, "too_late": 2}

    assert it.travels("exception_case", "sales_order") == before
    assert it.it.need(Order, order).cancelled_at == 0
    assert open_cases(it) == ["cancel_too_late"]
    assert plan(it, order) == Refusal(Reason.ALREADY_SHIPPED, {"order": "o1"})
    (case,) = it.it.all(Case)
    it.it.run(CloseCase(**it.it.base(), case=case.id, decision=Decision.CARRIER_STOPS))
    assert plan(it, order) == Refusal(Reason.ALREADY_SHIPPED, {"order": "o1"}), "what is decided was told"


def test_half_in_the_van_ends_with_every_unit_accounted_for(it: Shop) -> None:
    order = it.released("o1", [("MUG", 5), ("CUP", 2)], partial=PartialPolicy.WHOLE)
    it.pick_all()
    it.load(it.pack_some(order, 2))
    packed = it.pack_some(order, 1)

    result = cancel(it, order)

    assert (result["put_back"], result["too_late"]) == (5, 2)
    it.it.run(put_back(it, order))
    totals = [it.line(order, n) for n in (1, 2)]
    assert [row.loaded + row.short + row.cancelled for row in totals] == [5, 2]
    assert it.it.need(Parcel, packed.id).state == "void"
    assert it.head(order).open == 0
    assert it.it.need(Order, order).cancelled_at > 0


def test_single_units_out_of_a_bulk_tote_leave_the_others_there(it: Shop) -> None:
    first, second = it.order("o1", [("MUG", 1)]), it.order("o2", [("MUG", 1)])
    it.promise()
    it.release()
    assert it.it.all(Batch)[0].kind == "bulk"
    it.pick_all()

    cancel(it, first)
    it.it.run(put_back(it, first))

    assert [row.state for row in it.it.all(Fill)] == ["picked"]
    assert [row.fulfilment for row in it.it.all(Pick)] == [it.part(second)]
    it.load(it.pack_all(second))
    assert it.counts(second)["loaded"] == 1


def test_a_pick_cannot_be_undone_once_its_units_went_back(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2), ("CUP", 1)])
    done = it.put(it.start())
    cancel(it, order)
    it.it.run(put_back(it, order))

    assert it.it.refuse(decide.undo(done, it.stamp())).reason is Reason.NOTHING_TO_UNDO  # type: ignore[arg-type]


def test_a_unit_put_back_on_its_shelf_by_undo_can_be_cancelled_again(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2), ("CUP", 1)])
    done = it.put(it.start())
    cancel(it, order)
    it.it.run(decide.undo(done, it.stamp()))  # type: ignore[arg-type]

    assert cancel(it, order)["cancelled"] == 2
    assert it.counts(order, 1) == {"cancelled": 2}
    assert it.it.all(Reservation) == []


@pytest.mark.parametrize("times", [1, 2])
def test_cancelling_again_is_refused(it: Shop, times: int) -> None:
    order = it.released("o1", [("MUG", 2)])
    it.pick_all()
    cancel(it, order)
    if times == 2:
        it.it.run(put_back(it, order))

    assert plan(it, order) == Refusal(Reason.ORDER_CANCELLED, {"order": "o1"})


def test_an_unknown_order_is_refused(it: Shop) -> None:
    assert plan(it, OrderId(NO_ID)) == Refusal(Reason.NOT_FOUND)
    command = CancelOrder(
        **it.stamp(), order=OrderId(NO_ID), reason="", cut=plan(it, it.order("o1", [("MUG", 1)])).cut, stops=(),
        put_back=(), late=0, final=1, cartons=(),
    )  # fmt: skip
    assert it.it.refuse(command).reason is Reason.NOT_FOUND


def test_work_that_went_on_since_the_plan_is_refused(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2), ("CUP", 1)])
    old = plan(it, order)
    it.put(it.start())

    assert it.it.refuse(old).reason is Reason.CHANGED_MEANWHILE


def test_a_promise_made_since_the_plan_is_refused(it: Shop) -> None:
    order = it.order("o1", [("MUG", 2)])
    old = plan(it, order)
    it.promise()

    assert it.it.refuse(old).reason is Reason.CHANGED_MEANWHILE


def test_putting_back_is_refused_where_nothing_is_stopped_or_the_place_will_not_do(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2)])
    it.pick_all()
    with it.connection.begin():
        early = plan_put_back(it.connection, SITE, order, it.part(order), location_id("A-2"), it.stamp())
    assert early == Refusal(Reason.CHANGED_MEANWHILE)
    cancel(it, order)

    assert it.it.refuse(put_back(it, order, "NOWHERE")).reason is Reason.NOT_FOUND
    done = put_back(it, order)
    it.it.run(done)
    with it.connection.begin():
        late = plan_put_back(it.connection, SITE, order, it.part(order), location_id("A-2"), it.stamp())
    assert late == Refusal(Reason.NOTHING_TO_UNDO, {"order": "o1"})


def test_a_scan_that_packs_is_in_flight_while_the_office_cancels(it: Shop) -> None:
    """The unit is in the parcel when the stop comes: the plan of putting back is made anew."""
    order = it.released("o1", [("MUG", 2)])
    it.pick_all()
    old = plan(it, order)
    view = it.pack_view(order)
    pack: PackUnits = packing.pack(
        view, view.boxes[0], it.stamp(), it.context, (packing.unit_of(view, view.loose[0], 1, 1),)
    )
    it.it.run(pack)
    it.it.run(old)

    it.it.run(put_back(it, order))

    assert it.counts(order) == {"cancelled": 2}
    assert it.at("MUG", "A-2") == 2
    assert [row.state for row in it.it.all(Parcel)] == ["void"]
