"""A cancel is a request until every dock was heard: it is final only when nothing of it can leave any more, or has left."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.amending.backing import plan_put_back
from core.amending.planner import OrderChange, plan_cancel, plan_change
from core.amending.queries import CancelStanding, cancel_standing
from core.cases.commands import CloseCase, OpenCase
from core.cases.decisions import Decision
from core.cases.model import Case, CaseKind, CaseState
from core.catalog.commands import location_id
from core.kernel import codec
from core.kernel.executor import Failed
from core.kernel.ids import NO_ID, CaseId, OrderId
from core.kernel.operations import OperationOutcome
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.orders.model import CancelState, Order, OrderCancel
from core.packing.model import Parcel
from core.picking import decide as picking
from core.rights.losing import RevokeStation
from core.rights.model import FloorAnswer, SiteStation, StationKind
from core.station.back_queries import AskBack
from core.stock.model import Reservation
from core.waves.model import Batch, BatchState
from sync.hub.reclaim import look_for_lost_work, mark_lost
from tests.orders.shop import lay_out, order_id
from tests.support import SITE
from tests.sync.agreeing import agree_in_the_end
from tests.sync.docks import hand, label, load, pack
from tests.sync.held import receipts
from tests.sync.test_fills import pack_by, slip_of
from tests.sync.test_reclaim import answer, lines
from tests.sync.world import Member, World, world

FLOOR = (StationKind.CART, StationKind.BENCH, StationKind.DOCK, StationKind.DOCK)
ORDER = order_id("o1")


def a_walk_is_held(it: World) -> None:
    cart, _, dock, _ = it.members
    lay_out(cart.bench)
    it.settle()
    it.office.stock("MUG", "A-1", 100)
    it.office.order("o1", [("MUG", 3)])
    it.office.promise()
    it.grant(cart, *it.office.release())
    it.give_carrier(dock, "HOUSE")
    it.settle()


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub, a cart that holds the walk of one order, a bench, and two docks of which the first has the carrier."""
    with world(tmp_path, kinds=FLOOR, after=a_walk_is_held) as made:
        yield made


def picked(it: World) -> None:
    it.members[0].shop.pick_all()
    it.settle()


def cancel(it: World, order: OrderId = ORDER) -> None:
    with it.central.begin():
        plan = plan_cancel(it.central, SITE, order, "customer", it.office.stamp())
    assert not isinstance(plan, Refusal)
    it.office.it.run(plan)


def standing(it: World) -> CancelStanding:
    with it.central.begin():
        found = cancel_standing(it.central, SITE, ORDER)
    assert found is not None
    return found


def hear(it: World, member: Member) -> None:
    """Let a station take what there is and say how far it is."""
    it.pull(member)
    it.push(member)


def kinds(it: World) -> set[CaseKind]:
    return {row.kind for row in it.office.it.all(Case)}


def put_backs(it: World) -> list[Case]:
    return [row for row in it.office.it.all(Case) if row.kind is CaseKind.PUT_BACK]


def put_back_asked(it: World) -> int:
    return sum(codec.parse(row.facts)["quantity"] for row in put_backs(it))


def put_back(member: Member) -> None:
    """Lay down at a place what its station knows to be asked for."""
    shop = member.shop
    with member.connection.begin():
        back = plan_put_back(member.connection, SITE, ORDER, shop.part(ORDER), location_id("A-2"), shop.stamp())
    assert not isinstance(back, Refusal)
    member.bench.run(back)


def test_a_cancel_waits_for_every_dock_and_is_final_once_they_were_heard(it: World) -> None:
    *_, dock, other = it.members
    picked(it)
    cancel(it)
    assert standing(it) == CancelStanding(final=False, waits=("S-3", "S-4"))

    hear(it, dock)
    assert standing(it).waits == ("S-4",)
    hear(it, other)
    assert standing(it) == CancelStanding(final=True, waits=())
    assert it.office.it.need(OrderCancel, ORDER).final_at > 0
    assert put_back_asked(it) == 3
    it.settle()
    assert {row.state for member in it.members for row in member.bench.all(OrderCancel)} == {CancelState.FINAL}


def test_a_dock_that_spoke_without_having_heard_of_it_does_not_count(it: World) -> None:
    *_, dock, other = it.members
    picked(it)
    hear(it, other)
    cancel(it)
    it.push(dock)
    it.push(other)

    assert standing(it).waits == ("S-3", "S-4")


def test_a_dock_that_heard_of_it_counts_only_once_its_whole_log_is_here(it: World) -> None:
    *_, dock, other = it.members
    picked(it)
    bench = it.members[1]
    code = label(bench, pack(bench))
    load(dock, code)
    for _ in range(3):
        dock.bench.run(OpenCase(**dock.bench.base(), kind=CaseKind.CALL))
    cancel(it)
    hear(it, other)
    it.pull(dock)
    it.push(dock, most=1)
    assert standing(it).waits == ("S-3",), "the load is on its way"

    it.push(dock)
    assert standing(it).final
    assert CaseKind.CANCEL_TOO_LATE in kinds(it), "its label said what left, although its bench was not heard"
    it.push(bench)
    agree_in_the_end(it)
    assert it.office.counts(ORDER)["loaded"] == 3


def test_what_a_dock_loaded_before_it_heard_of_the_cancel_has_left_and_is_told(it: World) -> None:
    _, bench, dock, other = it.members
    picked(it)
    code = label(bench, pack(bench))
    it.settle()
    load(dock, code)
    cancel(it)
    for member in (dock, other):
        hear(it, member)
    agree_in_the_end(it)

    assert standing(it).final
    assert {CaseKind.CONTRADICTED, CaseKind.CANCEL_TOO_LATE} <= kinds(it)
    assert it.office.it.all(Parcel)[0].loaded_at > 0, "what happened, happened"


def too_late(it: World) -> list[Case]:
    return [row for row in it.office.it.all(Case) if row.kind is CaseKind.CANCEL_TOO_LATE]


def test_what_a_cancel_told_is_not_told_again_once_it_is_final_also_where_it_is_decided_by_then(it: World) -> None:
    _, bench, dock, other = it.members
    picked(it)
    load(dock, label(bench, pack(bench)))
    it.settle()
    cancel(it)
    (case,) = too_late(it)
    it.office.it.run(CloseCase(**it.office.it.base(), case=case.id, decision=Decision.CARRIER_STOPS))
    for member in (dock, other):
        hear(it, member)

    assert standing(it).final
    assert [row.id for row in too_late(it)] == [case.id]


def test_what_leaves_after_a_cancel_told_of_something_else_is_told_as_well(it: World) -> None:
    _, bench, dock, other = it.members
    picked(it)
    first, second = bench.shop.pack_some(ORDER, 2), bench.shop.pack_all(ORDER)
    load(dock, label(bench, first))
    code = label(bench, second)
    it.settle()
    load(dock, code)
    cancel(it)
    for member in (dock, other):
        hear(it, member)

    assert standing(it).final
    assert sorted(codec.parse(row.facts)["quantity"] for row in too_late(it)) == [1, 2]


def test_what_was_packed_out_of_a_cart_that_burnt_before_its_picks_were_heard_is_asked_back(it: World) -> None:
    cart, bench, dock, other = it.members
    cart.shop.pick_all()
    pack_by(bench, slip_of(cart))
    it.push(bench)
    cancel(it)
    it.pull(bench)
    early = bench.shop.ask(AskBack(SITE, CaseId(NO_ID), ORDER, bench.shop.part(ORDER), location_id("A-2")))
    assert early == Refusal(Reason.NOT_FULLY_PICKED, {"order": "o1"}), "its picks are on their way"
    mark_lost(it.central, it.office.it.need(SiteStation, cart.name), "burnt", it.clock, it.ids, switched_off=False)
    it.members.remove(cart)
    for member in (dock, other):
        hear(it, member)
    assert (standing(it).final, put_back_asked(it)) == (True, 3)
    it.settle()
    put_back(dock)
    it.settle()
    assert [row.state for row in put_backs(it)] == [CaseState.CLOSED]
    assert (it.office.at("MUG", "A-2"), it.office.counts(ORDER).get("packed", 0)) == (3, 0)
    agree_in_the_end(it)


def test_after_a_final_cancel_no_dock_loads_it(it: World) -> None:
    _, bench, dock, other = it.members
    picked(it)
    code = label(bench, pack(bench))
    cancel(it)
    for member in (dock, other):
        hear(it, member)
    assert standing(it).final

    for member in (dock, other):
        assert hand(member, code).why_not is Reason.ORDER_CANCELLED
    it.push(bench)
    agree_in_the_end(it)
    assert it.office.counts(ORDER).get("loaded", 0) == 0


def test_a_cart_that_picked_on_gives_back_what_it_picked(it: World) -> None:
    cart, _, dock, other = it.members
    cart.shop.pick_all()
    cancel(it)
    assert put_back_asked(it) == 0, "nobody knows that it was picked"
    it.push(cart)
    for member in (dock, other):
        hear(it, member)

    assert standing(it).final
    assert put_back_asked(it) == 3
    agree_in_the_end(it)


def test_what_a_cart_picked_is_asked_back_also_where_the_cancel_was_final_before_it_was_heard(it: World) -> None:
    cart, _, dock, other = it.members
    cart.shop.pick_all()
    cancel(it)
    for member in (dock, other):
        hear(it, member)
    assert (standing(it).final, put_back_asked(it)) == (True, 0)

    it.push(cart)

    assert put_back_asked(it) == 3
    it.settle()
    put_back(cart)
    it.push(cart)
    assert [row.state for row in put_backs(it)] == [CaseState.CLOSED]
    assert it.office.at("MUG", "A-2") == 3
    agree_in_the_end(it)


def test_what_was_picked_on_is_asked_back_where_the_first_units_were_put_back_without_having_heard_of_it(
    it: World,
) -> None:
    cart, bench, dock, other = it.members
    cart.shop.put(cart.shop.start(), 1)
    it.push(cart)
    cancel(it)
    it.pull(bench)
    cart.shop.put(cart.shop.task(), 2)
    it.push(cart)
    for member in (dock, other):
        hear(it, member)
    assert (standing(it).final, put_back_asked(it)) == (True, 1)

    put_back(bench)
    it.push(bench)

    said = {codec.parse(row.facts)["quantity"]: row.state for row in put_backs(it)}
    assert said == {1: CaseState.CLOSED, 2: CaseState.OPEN}
    it.settle()
    put_back(cart)
    it.settle()
    assert {row.state for row in put_backs(it)} == {CaseState.CLOSED}
    assert len(put_backs(it)) == 2, "nothing is left to ask for"
    assert it.office.at("MUG", "A-2") == 3
    agree_in_the_end(it)


def test_what_was_picked_of_a_cancelled_order_and_laid_back_at_once_is_held_for_nobody(it: World) -> None:
    cart, _, dock, other = it.members
    view = cart.shop.start()
    it.push(cart)
    cancel(it)
    for member in (dock, other):
        hear(it, member)
    pick = cart.shop.put(view)
    it.push(cart)
    assert (standing(it).final, put_back_asked(it)) == (True, 3)

    cart.bench.run(picking.undo(pick, cart.shop.stamp()))  # type: ignore[arg-type]
    it.push(cart)

    assert put_backs(it) == [], "they lie on their shelf"
    assert it.office.it.all(Reservation) == []
    assert it.office.counts(ORDER) == {"cancelled": 3}
    agree_in_the_end(it)


@pytest.mark.parametrize("found", [True, False])
def test_a_walk_is_not_over_by_units_of_a_cancelled_order_while_others_lie_on_their_shelf(
    tmp_path: Path, found: bool
) -> None:
    with world(tmp_path) as it:
        cart = it.members[0]
        lay_out(cart.bench)
        it.settle()
        it.office.stock("MUG", "A-1", 100)
        it.office.order("o1", [("MUG", 2)])
        it.office.order("o2", [("MUG", 2)])
        it.office.promise()
        (walk,) = it.office.release()
        it.grant(cart, walk)
        it.settle()
        view = cart.shop.start()
        it.push(cart)
        # Picked is for the first, short is the last.
        cancel(it, order_id("o1" if found else "o2"))
        if found:
            cart.shop.put(view)
        else:
            cart.bench.run(picking.short(view, cart.shop.stamp(), 2, "STOCKOUT", station=cart.name))
        it.push(cart)

        assert it.office.it.need(Batch, walk).state is BatchState.RUNNING
        it.settle()
        cart.shop.put(cart.shop.task())
        it.settle()
        assert it.office.it.need(Batch, walk).state is BatchState.PICKED
        assert it.office.it.all(Reservation) == []
        agree_in_the_end(it)


def test_a_dock_that_is_stopped_keeps_a_cancel_open(it: World) -> None:
    *_, dock, other = it.members
    picked(it)
    cancel(it)
    with it.central.begin():
        it.central.exec_driver_sql("UPDATE site_station SET status = 'frozen' WHERE id = ?", (other.name,))
    for member in (dock, other):
        hear(it, member)

    assert standing(it).waits == ("S-4",)


def test_a_dock_that_was_taken_out_keeps_a_cancel_open_until_its_van_was_looked_into(it: World) -> None:
    """It may load on without its hub; nobody may say that nothing left before its device is off and the floor was looked at."""
    *_, dock, other = it.members
    picked(it)
    cancel(it)
    it.members.remove(dock)
    out = RevokeStation(**it.office.it.base(), station=dock.name, switched_off=0)
    refused = it.office.it.try_run(out)
    assert isinstance(refused, Failed)
    assert refused.refusal.reason is Reason.DOCK_STILL_ON
    hear(it, other)
    assert standing(it).waits == ("S-3",)

    it.office.it.run(RevokeStation(**it.office.it.base(), station=dock.name, switched_off=1))
    hear(it, other)
    assert standing(it).waits == ("S-3",), "what it holds is still to be frozen"
    look_for_lost_work(it.central, SITE, it.clock, it.ids)
    hear(it, other)
    assert standing(it).waits == ("S-3",)

    for line in lines(it):
        answer(it, line, FloorAnswer.HERE)
    hear(it, other)
    assert standing(it).final


def test_a_cancel_of_what_nobody_began_waits_for_the_docks_as_well(it: World) -> None:
    *_, dock, other = it.members
    it.office.order("o2", [("MUG", 1)])
    cancel(it, order_id("o2"))
    assert it.office.it.need(OrderCancel, order_id("o2")).state is CancelState.ASKED

    for member in (dock, other):
        hear(it, member)
    assert it.office.it.need(OrderCancel, order_id("o2")).state is CancelState.FINAL


def test_a_final_cancel_of_what_nobody_began_outlives_a_restore_of_the_hub_to_before_it(it: World) -> None:
    *_, dock, other = it.members
    it.office.order("o2", [("MUG", 1)])
    it.settle()
    kept = it.backup()
    cancel(it, order_id("o2"))
    for member in (dock, other):
        hear(it, member)
    assert it.office.it.need(OrderCancel, order_id("o2")).state is CancelState.FINAL
    it.restore(kept)
    for _ in range(3):
        it.settle()

    assert it.office.it.need(Order, order_id("o2")).cancelled_at > 0
    assert it.office.it.need(OrderCancel, order_id("o2")).state is CancelState.FINAL


def test_the_hub_alone_says_that_a_cancel_is_final(it: World) -> None:
    from core.amending.commands import JudgeCancel

    *_, dock, _ = it.members
    picked(it)
    cancel(it)
    it.pull(dock)
    row = dock.bench.need(OrderCancel, ORDER)
    command = JudgeCancel(**dock.bench.base(), order=ORDER, operation=row.operation, waits=(), put_back=(), late=0)

    assert dock.bench.refuse(command).reason is Reason.PLANNED_ELSEWHERE


def test_a_changed_order_that_a_bench_packed_unheard_of_is_stopped_at_the_dock(it: World) -> None:
    _, bench, dock, _ = it.members
    picked(it)
    with it.central.begin():
        line = it.office.order_line(ORDER)
        plan = plan_change(it.central, SITE, ORDER, OrderChange(quantities={line: 2}), it.office.stamp())
    assert not isinstance(plan, Refusal)
    it.office.it.run(plan)
    code = label(bench, pack(bench))
    it.push(bench)
    it.pull(dock)

    assert hand(dock, code).why_not is Reason.ORDER_CHANGED
    assert OperationOutcome.APPLIED_WITH_EXCEPTION in {outcome for _, outcome in receipts(it)}
    assert CaseKind.CONTRADICTED in kinds(it), "it was packed as it was before"
    agree_in_the_end(it)
