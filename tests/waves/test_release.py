"""What goes to the floor, what waits and why, and taking a batch back."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.catalog.commands import NewItem, SaveItems, location_id, zone_id
from core.kernel.ids import NO_ID, BatchId
from core.kernel.numbers import Number, NumberRange
from core.kernel.operations import ROWS_PER_OPERATION
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.orders.commands import HoldOrder
from core.orders.model import OrderLine, PartialPolicy, PaymentState, StopKind, StopRequest
from core.stock.commands import AdjustStock, lot_id
from core.stock.model import Reservation, StockKey
from core.stock.moving import MoveStock
from core.waves.commands import CreateWave, RecallBatch, ReleaseBatch
from core.waves.model import Batch, BatchMember, PickTask, Wave
from core.waves.planner import CartSpec
from core.waves.queries import plan_recall
from core.waves.reserves import KeepForWalk, Kept
from core.waves.uncovered import uncovered_commands
from tests.orders.shop import HOUR, OWNER, Shop, item, shop
from tests.support import NOON, PICKER, SITE

HISTORY = ("wave", "batch", "batch_member", "pick_task")
"""What a release leaves behind for ever: who was in which batch is never rewritten."""


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as opened:
        yield opened
        opened.check()


def batches(plan) -> list[ReleaseBatch]:
    return [each for each in plan.commands if isinstance(each, ReleaseBatch)]


def test_a_wave_has_batches_with_tasks_in_walk_order(it: Shop) -> None:
    it.stock("MUG", "B-1", 5)
    it.stock("CUP", "A-1", 5)
    first = it.order("o1", [("MUG", 2), ("CUP", 1)])
    it.order("o2", [("MUG", 1), ("CUP", 1)], ordered_at=NOON + 1)
    it.promise()

    it.release()

    (wave,) = it.it.all(Wave)
    (batch,) = it.it.all(Batch)
    assert (wave.number, batch.number, batch.wave, batch.slots, batch.tasks, batch.units) == (1, 1, wave.id, 2, 2, 5)
    assert (batch.weight_grams, batch.volume_ml) == (1500, 5000)
    tasks = sorted(it.it.all(PickTask), key=lambda row: row.sequence)
    assert [(row.location, row.quantity) for row in tasks] == [(location_id("A-1"), 2), (location_id("B-1"), 3)]
    assert sorted(row.slot for row in it.it.all(BatchMember)) == [1, 2]
    assert it.counts(first) == {"promised": 2, "reserved": 2}
    assert {row.name: row.next for row in it.it.all(NumberRange)} == {"wave": 2, "batch": 2}


def test_nothing_to_release_is_no_wave(it: Shop) -> None:
    it.order("o1", [("MUG", 2)])
    it.promise()

    assert it.plan().commands == ()


def test_what_expires_first_is_reserved_first(it: Shop) -> None:
    it.stock("MUG", "A-1", 5, lot="LATE", expiry="2026-06-01")
    it.stock("MUG", "B-1", 1, lot="SOON", expiry="2026-01-01")
    it.stock("MUG", "B-2", 9, lot="GONE", expiry="2025-12-15")
    it.released("o1", [("MUG", 2)])

    assert {(row.lot, row.quantity) for row in it.it.all(Reservation)} == {
        (lot_id(item("MUG"), "SOON"), 1),
        (lot_id(item("MUG"), "LATE"), 1),
    }


def test_every_unit_has_an_ordinal_of_its_own(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    it.stock("MUG", "A-2", 2)
    it.released("o1", [("MUG", 4)])

    assert sorted((row.first, row.quantity) for row in it.it.all(Reservation)) == [(1, 2), (3, 2)]


def test_serials_are_reserved_one_by_one(it: Shop) -> None:
    it.it.run(SaveItems(**it.it.base(), owner=OWNER, items=(NewItem(sku="CAM", description="Cam", serial_control=1),)))
    for serial in ("S1", "S2", "S3"):
        it.stock("CAM", "A-1", 1, serial=serial)
    it.released("o1", [("CAM", 2)])

    assert sorted((row.serial, row.quantity) for row in it.it.all(Reservation)) == [("S1", 1), ("S2", 1)]


@pytest.mark.parametrize(
    ("filters", "going"),
    [
        ({}, {"o1", "o2", "o3"}),
        ({"carrier": "FAST"}, {"o2"}),
        ({"cut_off_until": NOON}, {"o1"}),
        ({"priority_from": 1}, {"o3"}),
        ({"zone": zone_id("A")}, {"o1", "o3"}),
        ({"zone": zone_id("B")}, {"o2"}),
        ({"limit": 1}, {"o3"}),
    ],
    ids=["all", "carrier", "cut-off", "priority", "zone A", "zone B", "limit"],
)
def test_a_wave_takes_what_its_filters_name(it: Shop, filters: dict[str, object], going: set[str]) -> None:
    it.stock("MUG", "A-1", 9)
    it.stock("CUP", "B-1", 9)
    orders = {
        "o1": it.order("o1", [("MUG", 2)], cut_off_at=NOON),
        "o2": it.order("o2", [("CUP", 1), ("MUG", 1)] if "zone" not in filters else [("CUP", 2)], carrier="FAST"),
        "o3": it.order("o3", [("MUG", 2)], priority=1, cut_off_at=NOON + HOUR),
    }
    it.promise()

    plan = it.plan(**filters)

    found = {member.order for batch in batches(plan) for member in batch.members}
    assert found == {orders[name] for name in going}


def test_an_order_of_two_zones_is_in_neither(it: Shop) -> None:
    it.stock("MUG", "A-1", 9)
    it.stock("CUP", "B-1", 9)
    it.order("o1", [("MUG", 1), ("CUP", 1)])
    it.promise()

    assert (it.plan(zone=zone_id("A")).commands, it.plan(zone=zone_id("B")).commands) == ((), ())


def test_what_cannot_be_located_does_not_use_up_the_limit(it: Shop) -> None:
    it.stock("MUG", "R-1", 5)
    it.stock("CUP", "A-1", 5)
    waiting = it.order("o1", [("MUG", 2)], priority=1)
    going = it.order("o2", [("CUP", 2)])
    it.promise()

    plan = it.plan(limit=1)

    assert [member.order for batch in batches(plan) for member in batch.members] == [going]
    assert [(each.fulfilment, each.reason) for each in plan.waiting] == [
        (it.part(waiting), Reason.WAITS_FOR_REPLENISHMENT)
    ]


def test_what_waits_says_why(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    it.stock("CUP", "R-1", 2)
    both = it.order("o1", [("MUG", 2), ("CUP", 1)], partial=PartialPolicy.WHOLE)
    it.promise()
    key = StockKey(owner=OWNER, item=item("MUG"), location=location_id("A-1"))
    assert [(each.fulfilment, each.reason) for each in it.plan().waiting] == [
        (it.part(both), Reason.WAITS_FOR_REPLENISHMENT)
    ]

    it.it.run(MoveStock(**it.it.base(), source=key, target=location_id("BENCH-1"), quantity=1))

    assert [each.reason for each in it.plan().waiting] == [Reason.NOT_ENOUGH_STOCK]


def test_part_of_an_order_goes_and_the_rest_when_its_batch_is_done(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    order = it.released("o1", [("MUG", 5)])
    it.stock("MUG", "A-2", 3)
    it.promise()
    assert it.counts(order) == {"promised": 5, "reserved": 2}
    assert it.plan().commands == ()

    it.pick_all()
    it.release()

    assert [(row.first, row.quantity) for row in it.it.all(Reservation)] == [(3, 3)]
    it.pick_all("CART-2")
    it.load(it.pack_all(order))
    assert it.counts(order)["loaded"] == 5


@pytest.mark.parametrize("what", ["held", "stopped", "unpaid", "whole"])
def test_what_may_not_go_is_not_planned(it: Shop, what: str) -> None:
    it.stock("MUG", "A-1", 2)
    whole = PartialPolicy.WHOLE if what == "whole" else PartialPolicy.PARTIAL
    order = it.order("o1", [("MUG", 2)])
    it.promise()
    assert len(it.plan().commands) == 2

    hinder(it, order, what, whole)

    assert it.plan().commands == ()


def hinder(it: Shop, order, what: str, whole: PartialPolicy) -> None:
    row = it.head(order)
    match what:
        case "held":
            it.it.run(HoldOrder(**it.it.base(), order=order, fulfilments=(row.id,), reason="fraud"))
        case "stopped":
            it.it.seed(StopRequest(SITE, row.id, order, StopKind.CHANGE, NOON, PICKER, ""))
        case "unpaid":
            rewrite(it, replace(row, payment=PaymentState.UNPAID))
        case _:
            rewrite(it, replace(row, partial=whole, units=3))
            rewrite(it, replace(it.line(order), quantity=3))
            rewrite(it, replace(it.it.need(OrderLine, it.order_line(order)), ordered=3))


def rewrite(it: Shop, row) -> None:
    from core.kernel.uow import UnitOfWork

    with it.connection.begin():
        uow = UnitOfWork(it.connection)
        uow.put(row)
        uow.flush()


def test_an_operation_holds_no_more_rows_than_a_station_takes_at_once(it: Shop) -> None:
    skus = [f"S{n}" for n in range(60)]
    it.it.run(SaveItems(**it.it.base(), owner=OWNER, items=tuple(NewItem(sku=sku, description=sku) for sku in skus)))
    for sku in skus:
        it.stock(sku, "A-1", 9)
    for n in range(4):
        it.order(f"o{n}", [(sku, 1) for sku in skus], ordered_at=NOON + n)
    it.promise()

    found = batches(it.plan(CartSpec(max_lines=1000)))

    assert [len(each.members) for each in found] == [1, 1, 1, 1]
    assert [each.number.value for each in found] == [1, 2, 3, 4]
    assert all(2 + 2 + 3 * len(each.tasks) <= ROWS_PER_OPERATION for each in found)


def test_a_plan_is_the_same_from_equal_books(it: Shop) -> None:
    it.stock("MUG", "A-1", 9)
    for n in range(4):
        it.order(f"o{n}", [("MUG", 2)])
    it.promise()
    stamp = it.stamp()
    it.stamp = lambda: stamp  # type: ignore[method-assign]

    assert it.plan() == it.plan()


# Refusals of the command


def planned(it: Shop) -> ReleaseBatch:
    it.stock("MUG", "A-1", 3)
    it.order("o1", [("MUG", 2)])
    it.promise()
    return batches(it.plan())[0]


def test_units_that_are_not_free_any_more_are_refused_even_when_each_task_fits(it: Shop) -> None:
    command = planned(it)
    task = command.tasks[0]
    half = replace(task, takes=(replace(task.takes[0], quantity=1),))
    key = task.key
    it.it.run(MoveStock(**it.it.base(), source=key, target=location_id("A-2"), quantity=2))

    twice = replace(command, tasks=(half, half))

    assert it.it.refuse(twice) == Refusal(Reason.NOT_ENOUGH_STOCK, {"free": 1, "asked": 2})
    assert it.it.refuse(command) == Refusal(Reason.NOT_ENOUGH_STOCK, {"free": 1, "asked": 2})


def test_more_than_is_promised_is_refused(it: Shop) -> None:
    command = planned(it)
    task = command.tasks[0]
    more = replace(command, tasks=(replace(task, takes=(replace(task.takes[0], quantity=3),)),))
    none = replace(command, tasks=(replace(task, takes=(replace(task.takes[0], quantity=0),)),))

    assert it.it.refuse(more).reason is Reason.CHANGED_MEANWHILE
    assert it.it.refuse(none).reason is Reason.NOT_A_QUANTITY
    assert it.it.refuse(replace(command, tasks=())).reason is Reason.NO_WORK


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("held", Reason.ORDER_HELD),
        ("stopped", Reason.ORDER_CHANGED),
        ("unpaid", Reason.WAITS_FOR_PAYMENT),
    ],
)
def test_a_fulfilment_that_may_not_go_is_refused(it: Shop, what: str, reason: Reason) -> None:
    command = planned(it)

    hinder(it, command.members[0].order, what, PartialPolicy.PARTIAL)

    assert it.it.refuse(command).reason is reason


def test_a_number_is_given_out_once(it: Shop) -> None:
    command = planned(it)
    wave = CreateWave(**it.it.base(), wave=command.wave, number=Number(1), carrier="", cut_off_at=0)
    it.it.run(wave)
    it.it.run(command)

    assert it.it.refuse(replace(wave, **it.stamp())).reason is Reason.CHANGED_MEANWHILE
    again = replace(command, **it.stamp(), batch=BatchId(b"b" * 16))
    assert it.it.refuse(again) == Refusal(Reason.CHANGED_MEANWHILE, {"number": 1})
    assert it.it.refuse(replace(again, number=Number(2))).reason is Reason.NOT_ENOUGH_STOCK


def test_a_fulfilment_that_is_not_there_is_refused(it: Shop) -> None:
    command = planned(it)
    nobody = replace(command.members[0], fulfilment=type(command.members[0].fulfilment)(NO_ID))

    assert it.it.refuse(replace(command, members=(nobody,))).reason is Reason.NOT_FOUND


# Recall


def recall(it: Shop, batch: BatchId) -> RecallBatch:
    with it.connection.begin():
        command = plan_recall(it.connection, SITE, batch, it.stamp())
    assert isinstance(command, RecallBatch), command
    return command


def test_releasing_and_recalling_is_the_identity_but_for_the_history(it: Shop) -> None:
    it.stock("MUG", "A-1", 9)
    it.stock("CUP", "B-1", 9, lot="L1", expiry="2026-05-01")
    it.order("o1", [("MUG", 2), ("CUP", 3)])
    it.order("o2", [("MUG", 1)])
    it.order("o3", [("MUG", 1)])
    it.promise()
    before = it.travels(*HISTORY)

    made = it.release()
    assert it.travels(*HISTORY) != before
    for batch in made:
        it.it.run(recall(it, batch))

    assert it.travels(*HISTORY) == before
    assert {row.state for row in it.it.all(PickTask)} == {"gone"}
    assert {row.outcome for row in it.it.all(BatchMember)} == {"detached"}
    assert {row.state for row in it.it.all(Batch)} == {"picked"}


def test_what_was_recalled_is_released_again_with_the_same_ordinals(it: Shop) -> None:
    it.stock("MUG", "A-1", 9)
    order = it.released("o1", [("MUG", 4)])
    it.it.run(recall(it, it.it.all(Batch)[0].id))

    it.release()

    assert [(row.first, row.quantity) for row in it.it.all(Reservation)] == [(1, 4)]
    assert sorted(row.number for row in it.it.all(Batch)) == [1, 2]
    it.pick_all()
    it.load(it.pack_all(order))
    assert it.counts(order)["loaded"] == 4


def test_a_batch_that_somebody_started_is_not_recalled(it: Shop) -> None:
    it.stock("MUG", "A-1", 9)
    it.released("o1", [("MUG", 4)])
    batch = it.it.all(Batch)[0].id
    early = recall(it, batch)
    it.start()

    assert it.it.refuse(early) == Refusal(Reason.WORK_TAKEN, {"number": 1})
    with it.connection.begin():
        assert plan_recall(it.connection, SITE, batch, it.stamp()) == Refusal(Reason.WORK_TAKEN, {"number": 1})
        assert plan_recall(it.connection, SITE, BatchId(NO_ID), it.stamp()) == Refusal(Reason.NOT_FOUND)
    assert it.it.refuse(replace(early, batch=BatchId(NO_ID))).reason is Reason.NOT_FOUND


def test_of_walks_that_are_sent_for_too_much_the_least_urgent_go_back_and_no_more_than_have_to(it: Shop) -> None:
    it.stock("MUG", "A-1", 8)
    for n in range(4):
        it.order(f"o{n}", [("MUG", 2)], cut_off_at=NOON + n * HOUR if n else 0)
    it.promise()
    urgent, middle, late, no_cut_off = it.release(CartSpec(slots=1))
    key = StockKey(owner=OWNER, item=item("MUG"), location=location_id("A-1"))
    assert uncovered(it) == []
    it.it.run(AdjustStock(**it.it.base(), key=key, difference=-3, reason="broken"))

    taken = uncovered(it)
    assert [each.batch for each in taken] == [no_cut_off, late]
    for each in taken:
        it.it.run(each)
    assert uncovered(it) == []
    assert {row.id for row in it.it.all(Batch) if row.state == "ready"} == {urgent, middle}


def test_what_is_kept_beside_another_walk_makes_no_walk_go_back_whose_units_are_there(it: Shop) -> None:
    it.stock("MUG", "B-1", 5)
    it.released("o1", [("MUG", 5)])
    (first,) = it.it.all(Batch)
    it.stock("MUG", "A-1", 10)
    it.released("o2", [("MUG", 5)])
    (second,) = (row for row in it.it.all(Batch) if row.id != first.id)
    key = StockKey(owner=OWNER, item=item("MUG"), location=location_id("A-1"))
    it.it.run(KeepForWalk(**it.it.base(), batch=first.id, units=(Kept(key, 5),)))

    it.it.run(AdjustStock(**it.it.base(), key=key, difference=-3, reason="broken"))
    assert uncovered(it) == [], "seven are there for five"
    it.it.run(AdjustStock(**it.it.base(), key=key, difference=-3, reason="broken"))
    assert [each.batch for each in uncovered(it)] == [second.id]


def uncovered(it: Shop) -> list[RecallBatch]:
    with it.connection.begin():
        made = list(uncovered_commands(it.connection, SITE, it.stamp()))
    return [each for each in made if isinstance(each, RecallBatch)]
