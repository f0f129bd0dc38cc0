"""Walks, and the singles of a walk, are in one station's hands at a time, with or without the hub; what nobody began comes back when it is asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.amending.commands import CancelOrder
from core.amending.planner import plan_cancel
from core.cases.model import Case
from core.catalog.commands import container_id
from core.kernel.flow import Candidate, CodeKind
from core.kernel.ids import BatchId, PersonId
from core.kernel.operations import OperationOutcome
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.orders.model import FulfilmentLine
from core.packing import decide as packing
from core.packing.commands import CloseParcel
from core.packing.due import AskDue
from core.packing.queries import AskPack, AskSingle
from core.packing.views import Single
from core.picking.commands import StartBatch
from core.picking.model import Fill
from core.picking.queries import AskTote, AskWork
from core.picking.views import BatchOffer, TaskView
from core.rights.commands import AddStation, RecallWork
from core.rights.model import LeaseState, OperationReceipt, SiteStation, Stage, StationKind, WorkLease
from core.station.line import Standing
from core.stock.model import Balance
from core.waves import leases
from core.waves.leases import SECONDS_A_SINGLE
from core.waves.model import Batch, BatchMember, BatchState
from core.waves.planner import CartSpec
from desktop.line import Line
from desktop.membership import Membership
from tests.orders.shop import item, lay_out
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


# Singles: what a bench holds


@pytest.fixture
def singles(tmp_path: Path) -> Iterator[World]:
    """A hub with single units picked in two walks: the stations are benches, and know of it."""
    with world(tmp_path, kinds=(StationKind.CART, StationKind.CART)) as made:
        lay_out(made.members[0].bench)
        made.settle()
        made.office.stock("MUG", "A-1", 100)
        for n in range(2):
            for m in range(3):
                made.office.order(f"s{n}{m}", [("MUG", 1)], cut_off_at=1_000_000 + n)
            made.office.promise()
            made.grant(made.members[0], *made.office.release())
            made.settle()
            made.members[0].shop.pick_all(f"CART-{n + 1}")
            made.settle()
        for n, member in enumerate(made.members, 1):
            base, kind = made.office.it.base(), StationKind.BENCH
            made.office.it.run(AddStation(**base, station=member.name, name=f"B-{n}", kind=kind, base_version=1))
        made.settle()
        yield made


def loose(member: Member) -> list[BatchId]:
    rows = [row for row in member.bench.all(WorkLease) if row.station == member.name and row.stage is Stage.PACK]
    return [BatchId(row.work) for row in rows if row.state is LeaseState.HELD]


def scanned(member: Member) -> object:
    code = Candidate(kind=CodeKind.ITEM, target=item("MUG"), code="MUG", label="MUG")
    return member.shop.ask(AskSingle(SITE, member.name, (code,), "MUG"))


def close_single(member: Member, found: Single) -> CloseParcel:
    shop = member.shop
    return packing.close(found.view, found.view.boxes[0], shop.stamp(), shop.context, found.units, 0)


def test_all_singles_of_one_walk_are_one_benchs_and_nobody_elses(singles: World) -> None:
    one, two = singles.members
    assert isinstance(scanned(one), Refusal)
    singles.lease(one, 1)
    singles.settle()
    (batch,) = loose(one)
    assert [each.unit_code for each in one.shop.ask(AskDue(SITE, 1, one.name))] == ["MUG"] * 3
    assert two.shop.ask(AskDue(SITE, 1, two.name)) == ()

    found = scanned(two)
    assert isinstance(found, Refusal)
    assert found.reason is Reason.WORK_HELD
    (tote,) = (row.container for row in one.bench.all(Fill) if row.batch == batch)
    said = [member.shop.ask(AskPack(SITE, member.name, CodeKind.TOTE, tote)) for member in (one, two)]
    assert [each.reason for each in said] == [Reason.SINGLE_UNITS, Reason.WORK_HELD], "its units are scanned; not here"
    mine = scanned(one)
    assert isinstance(mine, Single)
    assert mine.view.walk == batch
    stolen = packing.pack(mine.view, mine.view.boxes[0], two.shop.stamp(), two.shop.context, mine.units)
    assert two.bench.refuse(stolen).reason is Reason.WORK_HELD

    # With or without the hub, all three of them, and nothing of the other walk.
    for _ in range(3):
        mine = scanned(one)
        assert isinstance(mine, Single)
        one.bench.run(close_single(one, mine))
    assert isinstance(scanned(one), Refusal)
    singles.settle()
    assert singles.office.it.all(Case) == []
    assert hashes(one.connection) == hashes(singles.central)


def test_benches_are_given_walks_of_singles_and_none_to_pick(singles: World) -> None:
    one, two = singles.members
    for member in (one, two):
        singles.lease(member, 60)
        singles.settle()
    assert len(loose(one)) == len(loose(two)) == 1
    assert loose(one) != loose(two)
    made = singles.office
    made.order("late", [("MUG", 2)])
    made.promise()
    made.release()
    singles.lease(two, 60)
    singles.settle()
    mine = [row.stage for row in two.bench.all(WorkLease) if row.station == two.name]
    assert mine == [Stage.PACK], "a bench does not pick"


def test_a_window_says_how_long_the_held_work_lasts_a_benchs_only_where_it_holds_some(singles: World) -> None:
    one, two = singles.members
    singles.grant(one, *(row.id for row in singles.office.it.all(Batch)), stage=Stage.PACK)
    singles.settle()

    assert stands(one).held_seconds == 6 * SECONDS_A_SINGLE
    assert stands(two).held_seconds is None, "totes bring the rest of its work"


def stands(member: Member) -> Standing:
    line = Line(Membership("http://hub:8700", "Bench 1", StationKind.BENCH), member.identity, member.bench.clock)
    with member.connection.begin():
        return line.stand(member.connection)


def test_singles_nobody_began_come_back_when_they_are_asked_for(singles: World) -> None:
    one, two = singles.members
    singles.grant(one, *(row.id for row in singles.office.it.all(Batch)), stage=Stage.PACK)
    singles.settle()
    singles.lease(one, 0)
    singles.settle()
    mine = scanned(one)
    assert isinstance(mine, Single)
    begun = mine.view.walk
    one.bench.run(close_single(one, mine))
    for batch in loose(one):
        office = singles.office.it
        office.run(RecallWork(**office.base(), stage=Stage.PACK, work=batch))
    singles.pull(one)
    singles.lease(one, 0)
    singles.settle()

    assert loose(one) == [begun]
    singles.lease(two, 60)
    singles.settle()
    assert len(loose(two)) == 1

    # The others of the walk lie at the bench that began it: it goes on with them.
    for _ in range(2):
        mine = scanned(one)
        assert isinstance(mine, Single)
        assert mine.view.walk == begun
        one.bench.run(close_single(one, mine))
    assert isinstance(scanned(one), Refusal)


@pytest.mark.parametrize("totes", [1, 2])
@pytest.mark.parametrize("first", ["pick", "pack", "between"])
def test_a_bench_packs_singles_it_holds_before_it_has_heard_of_their_picks(
    tmp_path: Path, first: str, totes: int
) -> None:
    with world(tmp_path) as it:
        one, two = it.members
        lay_out(one.bench)
        it.settle()
        it.office.stock("MUG", "A-1", 100)
        for n in range(3):
            it.office.order(f"s{n}", [("MUG", 1)])
        it.office.promise()
        (batch,) = it.office.release()
        it.grant(one, batch)
        it.grant(two, batch, stage=Stage.PACK)
        it.settle()
        stop = one.shop.start()
        one.shop.put(stop, 2, fills_up=totes == 2)
        if first == "between":
            it.push(one)
        one.shop.put(one.shop.task(), 1)
        assert len(one.bench.all(Fill)) == totes
        done = one.shop.ask(AskWork(SITE, PICKER, finished=batch, station=one.name))
        name = next(row.name for row in it.office.it.all(SiteStation) if row.id == two.name)
        assert done.destination == name, "to the bench that packs them, heard of or not"
        for _ in range(3):
            found = scanned(two)
            assert isinstance(found, Single)
            two.bench.run(close_single(two, found))
        assert isinstance(scanned(two), Refusal)

        for member in (one, two) if first == "pick" else (two, one):
            it.push(member)
        it.settle()

        assert it.office.it.all(Case) == []
        assert {row.lpn for row in it.office.it.all(Balance) if row.total} & {
            row.id for row in one.bench.all(Fill)
        } == set()
        assert it.office.at("MUG", "A-1") == 97
        assert it.office.at("MUG", "BENCH-1") == 3
        assert [(row.picked, row.packed) for row in it.office.it.all(FulfilmentLine)] == [(1, 1)] * 3
        for member in it.members:
            assert hashes(member.connection) == hashes(it.central)
        it.office.check()
        # Its tote is free again.
        tote = one.bench.all(Fill)[0].container
        assert one.shop.ask(AskTote(SITE, tote, "TOTE-1")) is None


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


def test_a_unit_nobody_heard_of_is_taken_for_one_of_a_walk_that_was_begun(tmp_path: Path) -> None:
    with world(tmp_path) as it:
        one, two = it.members
        lay_out(one.bench)
        it.settle()
        it.office.stock("MUG", "A-1", 100)
        walks = []
        for n in range(2):
            for m in range(3):
                it.office.order(f"s{n}{m}", [("MUG", 1)], cut_off_at=1_000_000 + n)
            it.office.promise()
            walks += it.office.release()
        it.grant(one, walks[1])
        it.grant(two, *walks, stage=Stage.PACK)
        it.settle()
        one.shop.start()
        it.settle()
        one.shop.put(one.shop.task())

        found = scanned(two)
        assert isinstance(found, Single)
        assert found.view.walk == walks[1], "the other has the more urgent orders, and is still on its shelf"
