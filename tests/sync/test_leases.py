"""Walks are in one station's hands at a time, with or without the hub; what nobody began comes back when it is asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.amending.commands import CancelOrder
from core.amending.planner import plan_cancel
from core.catalog.commands import container_id
from core.kernel.ids import BatchId, PersonId
from core.kernel.operations import OperationOutcome
from core.kernel.reasons import Reason
from core.picking.commands import StartBatch
from core.picking.queries import AskWork
from core.picking.views import BatchOffer, TaskView
from core.rights.commands import RecallWork
from core.rights.model import LeaseState, OperationReceipt, Stage, StationKind, WorkLease
from core.waves import leases
from core.waves.model import Batch, BatchMember, BatchState
from core.waves.planner import CartSpec
from tests.support import PICKER, SITE
from tests.sync.held import hashes
from tests.sync.released import released_walks
from tests.sync.world import Member, World, world

ORDERS = 8


def walks_are_released(it: World) -> None:
    released_walks(it, ORDERS)


@pytest.fixture
def it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A hub with a walk for each of some orders, and two stations that know of them; a walk takes a minute."""
    monkeypatch.setattr(leases, "SECONDS_A_STOP", 60)
    with world(tmp_path, kinds=(StationKind.CART, StationKind.CART), after=walks_are_released) as made:
        yield made


def held(member: Member) -> list[BatchId]:
    rows = [row for row in member.bench.all(WorkLease) if row.station == member.name and row.state is LeaseState.HELD]
    return [BatchId(row.work) for row in rows]


def offer(member: Member) -> BatchId | None:
    found = member.shop.ask(AskWork(SITE, PICKER, station=member.name))
    return found.batch if isinstance(found, BatchOffer) else None


def start(member: Member, batch: BatchId, cart: str) -> StartBatch:
    return StartBatch(**member.bench.base(), batch=batch, cart=container_id(cart), station=member.name)


def test_nobody_is_offered_work_that_it_does_not_hold(it: World) -> None:
    one, two = it.members
    batches = sorted(it.office.it.all(Batch), key=lambda row: row.cut_off_at)
    assert len(batches) == ORDERS
    assert offer(one) is None
    assert one.bench.refuse(start(one, batches[0].id, "CART-1")).reason is Reason.WORK_HELD

    it.lease(one, 2)
    assert offer(one) is None, "what is granted comes by the feed"
    it.settle()

    assert offer(one) == batches[0].id, "the most urgent first"
    assert offer(two) is None
    assert two.bench.refuse(start(two, batches[0].id, "CART-2")).reason is Reason.WORK_HELD
    one.bench.run(start(one, batches[0].id, "CART-1"))


def test_a_station_is_given_as_much_as_it_asks_for_and_no_walk_twice(it: World) -> None:
    one, two = it.members
    for member in (one, two):
        it.lease(member, 3)
        it.lease(member, 3)
    it.settle()
    assert len(held(one)) == len(held(two)) == 3
    assert not set(held(one)) & set(held(two))

    for member in (two, one):
        it.lease(member, 100)
        it.settle()
    assert len(held(one)) == len(held(two)) == ORDERS / 2, "nobody holds ahead what another lacks"
    it.lease(two, 100)
    it.settle()
    assert len(held(two)) == ORDERS / 2, "nothing is left"


def test_a_walk_is_gone_on_with_at_the_cart_that_holds_it_whoever_is_there(it: World) -> None:
    one, two = it.members
    for member in (one, two):
        it.lease(member, 3)
    it.settle()
    one.bench.run(start(one, held_in_order(it, one)[0], "CART-1"))
    it.settle()

    mine = one.shop.ask(AskWork(SITE, PICKER, station=one.name))
    assert isinstance(mine, TaskView)
    assert offer(two) == held_in_order(it, two)[0], "the same badge at another cart is not sent for the same goods"
    assert isinstance(one.shop.ask(AskWork(SITE, PersonId(b"somebody-else---"), station=one.name)), TaskView), (
        "the goods lie on the cart"
    )

    two.bench.run(start(two, held_in_order(it, two)[0], "CART-2"))
    it.settle()
    at_each = [member.shop.ask(AskWork(SITE, PICKER, station=member.name)) for member in (one, two)]
    assert [found.batch for found in at_each] == [mine.batch, held_in_order(it, two)[0]]

    it.office.it.run(RecallWork(**it.office.it.base(), stage=Stage.PICK, work=mine.batch))
    it.settle()
    still = one.shop.ask(AskWork(SITE, PICKER, station=one.name))
    assert still.batch == mine.batch, "what was begun is not taken out of anybody's hands"


def test_who_has_nothing_to_do_gets_what_another_holds_and_has_not_begun(it: World) -> None:
    one, two = it.members
    with it.central.begin():
        it.central.exec_driver_sql("UPDATE station_heard SET at = 0 WHERE station = ?", (two.name,))
    it.lease(one, 100)
    it.settle()
    assert len(held(one)) == ORDERS, "who is not there is not waited with"
    last = held_in_order(it, one)[-1]

    it.lease(two, 100)
    it.settle()
    assert held(two) == []
    it.lease(one, 100)
    it.settle()
    it.lease(two, 100)
    it.settle()
    assert held(two) == [last], "the last of whoever holds most"
    assert len(held(one)) == ORDERS - 1
    it.lease(one, 100)
    it.settle()
    assert len(held(one)) == ORDERS - 1, "and whoever gave it back does not take it again"


def test_nothing_is_asked_back_that_was_begun_or_is_all_there_is(it: World) -> None:
    one, two = it.members
    it.lease(one, 1)
    it.settle()
    (batch,) = held(one)
    with it.central.begin():
        it.central.exec_driver_sql("UPDATE batch SET state = 'picked' WHERE id <> ?", (batch,))
    it.lease(two, 100)
    it.settle()
    assert it.office.it.need(WorkLease, Stage.PICK, batch).recalled_at == 0, "its only one"


def held_in_order(it: World, member: Member) -> list[BatchId]:
    mine = set(held(member))
    return [row.id for row in sorted(it.office.it.all(Batch), key=lambda row: row.cut_off_at) if row.id in mine]


def test_fences_grow_over_all_leases_of_the_site(it: World) -> None:
    for member in it.members:
        it.lease(member, 2)
    it.settle()
    rows = sorted(it.members[0].bench.all(WorkLease), key=lambda row: row.fence)

    assert [row.fence for row in rows] == [1, 2, 3, 4]
    assert [row.station for row in rows] == [it.members[0].name] * 2 + [it.members[1].name] * 2


def test_a_station_works_on_what_it_holds_while_the_hub_is_gone(it: World) -> None:
    one = it.members[0]
    it.lease(one, 2)
    it.settle()
    batches = held(one)

    for _ in batches:
        one.shop.pick_all()
    assert {one.bench.need(Batch, batch).state for batch in batches} == {BatchState.PICKED}
    assert offer(one) is None
    it.settle()

    assert hashes(one.connection) == hashes(it.central)
    assert {row.state for row in it.office.it.all(Batch) if row.id in batches} == {BatchState.PICKED}


def test_what_the_office_asks_for_is_given_back_where_nobody_began_it(it: World) -> None:
    one, two = it.members
    it.lease(one, 2)
    it.settle()
    begun, other = held(one)
    one.bench.run(start(one, begun, "CART-1"))
    for batch in (begun, other):
        it.office.it.run(RecallWork(**it.office.it.base(), stage=Stage.PICK, work=batch))
    it.pull(one)
    assert offer(one) is None, "what was asked for is not begun any more"

    it.lease(one, 0)
    it.settle()
    assert held(one) == [begun], "who has begun goes on"

    it.lease(two, 100)
    it.settle()
    assert other in held(two)


def test_what_was_asked_back_goes_to_another_and_back_only_where_no_other_is_there(it: World) -> None:
    one, two = it.members
    it.lease(one, 1)
    it.settle()
    (batch,) = held(one)
    it.office.it.run(RecallWork(**it.office.it.base(), stage=Stage.PICK, work=batch))
    it.pull(one)
    it.lease(one, 0)
    it.settle()
    it.lease(one, 3)
    it.settle()
    assert batch not in held(one), "though it holds as little as the other"
    assert len(held(one)) == 3

    with it.central.begin():
        it.central.exec_driver_sql("UPDATE station_heard SET at = 0 WHERE station = ?", (two.name,))
    it.lease(one, 100)
    it.settle()
    assert batch in held(one), "nobody else is there"


def test_a_recall_that_is_not_heard_in_time_changes_nothing(it: World) -> None:
    one = it.members[0]
    it.lease(one, 1)
    it.settle()
    (batch,) = held(one)
    it.office.it.run(RecallWork(**it.office.it.base(), stage=Stage.PICK, work=batch))
    one.shop.pick_all()
    it.settle()
    it.lease(one, 0)
    it.settle()

    assert held(one) == [batch]
    assert it.office.it.need(Batch, batch).state is BatchState.PICKED


def test_a_station_that_goes_on_under_another_incarnation_gets_nothing_for_the_old_one(it: World) -> None:
    one = it.members[0]
    with it.central.begin():
        it.central.exec_driver_sql("UPDATE site_station SET incarnation = 2 WHERE name = 'S-1'")
    it.lease(one, 60)
    it.settle()

    assert held(one) == []


def test_a_walk_whose_last_order_was_cancelled_meanwhile_is_over_at_the_hub_too(it: World) -> None:
    one = it.members[0]
    it.lease(one, 2)
    it.settle()
    walk = held(one)[0]
    members = [row.order for row in it.office.it.all(BatchMember) if row.batch == walk]
    one.bench.run(start(one, walk, "CART-1"))
    it.settle()
    with it.central.begin():
        plan = plan_cancel(it.central, SITE, members[0], "customer", it.office.stamp())
    assert isinstance(plan, CancelOrder)
    it.office.it.run(plan)

    one.shop.put(one.shop.task())
    assert one.bench.need(Batch, walk).state is BatchState.PICKED
    it.settle()

    assert it.office.it.need(Batch, walk).state is BatchState.PICKED
    assert one.bench.need(Batch, walk).state is BatchState.PICKED
    one.bench.run(start(one, held(one)[1], "CART-1"))
    it.settle()
    assert [row.outcome for row in it.office.it.all(OperationReceipt) if row.outcome is OperationOutcome.FAILED] == []


def test_a_rush_order_comes_to_a_station_that_has_enough_to_do(it: World) -> None:
    """And to one of them: what is as urgent as what it holds already goes to another."""
    one, two = it.members
    for member in (one, two):
        it.lease(member, 3)
    it.settle()
    before = held(one)
    assert len(before) == 3
    it.lease(one, 3)
    assert len(held(one)) == 3, "it has enough"

    for name in ("rush-1", "rush-2"):
        it.office.order(name, [("MUG", 2)], priority=9, cut_off_at=900_000)
    it.office.promise()
    rush = it.office.release(CartSpec(slots=1), priority_from=9)
    assert len(rush) == 2
    it.settle()
    for member in (one, two, one, two):
        it.lease(member, 3)
        it.settle()
    assert sorted(batch for member in (one, two) for batch in held(member) if batch in rush) == sorted(rush)
    assert len(held(one)) == len(held(two)) == 4
    assert offer(one) in rush, "it is the next thing it is told to do"
