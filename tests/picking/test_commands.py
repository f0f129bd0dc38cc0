"""What each command refuses, with nothing written; and that the apply of every fact is total."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.catalog.commands import container_id, location_id
from core.kernel.commands import Command, OpClass
from core.kernel.flow import Stamp
from core.kernel.ids import NO_ID, BatchId, ContainerId, FillId, PersonId
from core.kernel.reasons import Reason
from core.kernel.tables import TableClass
from core.kernel.uow import UnitOfWork
from core.picking import decide
from core.picking.commands import (
    CloseFill,
    FinishBatch,
    PickUnits,
    RepointTask,
    SkipTask,
    StartBatch,
    SuspendBatch,
    UndoDamaged,
)
from core.picking.queries import AskWork
from core.picking.states import PutInTote
from core.picking.views import TaskView
from core.stock.commands import lot_id
from core.stock.model import Balance, CountRequest, Reservation
from core.stock.moving import MoveStock
from core.waves.model import Batch, BatchMember, BatchState, PickTask, TaskState
from tests.picking.arrange import CART, MILK, MUG, OTHER_CART, RED, Arranged, Take, item, line_id
from tests.support import PICKER, SITE, STATION, Bench

TOTE = container_id("TOTE-1")
NO_FILL = FillId(NO_ID)


def stamp(it: Arranged, actor: PersonId = PICKER) -> Stamp:
    return Stamp(**it.bench.base(actor))  # type: ignore[typeddict-item]


def start(it: Arranged, cart: str = CART, batch: BatchId | None = None) -> StartBatch:
    found = it.bench.all(Batch)[0].id if batch is None else batch
    return StartBatch(**it.bench.base(), batch=found, cart=container_id(cart), station=STATION)


def view(it: Arranged) -> TaskView:
    with it.bench.executor.connection.begin():
        found = AskWork(SITE, PICKER).run(it.bench.executor.connection)
    assert isinstance(found, TaskView), found
    return found


def put(it: Arranged, quantity: int = 0, tote: ContainerId = TOTE, fill: FillId | None = None) -> PickUnits:
    state = PutInTote(view(it), view(it).quantity, 0)
    known = decide.next_put(state).fill if fill is None else fill
    return decide.pick(state, stamp(it), known, tote, quantity or decide.put_quantity(state))


@pytest.fixture
def stood(it: Arranged) -> Arranged:
    """Two orders at one shelf, one of them at another too; the batch runs."""
    it.stock(MUG, "A-01-01", 10)
    it.stock(RED, "A-01-02", 5)
    it.order("101", MUG=3, RED=2)
    it.order("102", MUG=2)
    it.release(Take("101", MUG, "A-01-01", 3), Take("102", MUG, "A-01-01", 2), Take("101", RED, "A-01-02", 2))
    it.bench.run(start(it))
    return it


# Who works


def test_a_batch_is_taken_once(stood: Arranged) -> None:
    refusal = stood.bench.refuse(start(stood, OTHER_CART))
    assert (refusal.reason, dict(refusal.facts)) == (Reason.WORK_TAKEN, {"number": 1})


def test_a_batch_that_is_done_or_unknown_is_gone(stood: Arranged) -> None:
    assert stood.bench.refuse(start(stood, batch=BatchId(b"no such batch...")))  # type: ignore[truthy-bool]
    change(stood, stood.bench.all(Batch)[0], state=BatchState.PICKED)
    assert stood.bench.refuse(start(stood)).reason is Reason.WORK_GONE
    pause = SuspendBatch(**stood.bench.base(), batch=stood.bench.all(Batch)[0].id, station=STATION)
    assert stood.bench.refuse(pause).reason is Reason.WORK_GONE


def test_a_paused_batch_stays_on_its_cart_and_a_tote_is_no_cart(stood: Arranged) -> None:
    batch = stood.bench.all(Batch)[0].id
    stood.bench.run(SuspendBatch(**stood.bench.base(), batch=batch, station=STATION))
    assert stood.bench.refuse(start(stood, OTHER_CART)).reason is Reason.CART_IN_USE
    assert stood.bench.refuse(start(stood, "TOTE-1")).reason is Reason.WRONG_KIND
    stood.bench.run(start(stood))
    assert stood.bench.need(Batch, batch).state is BatchState.RUNNING


def test_a_skipped_stop_goes_behind_never_before(stood: Arranged) -> None:
    first, second = sorted(stood.bench.all(PickTask), key=lambda row: row.sequence)
    assert (
        stood.bench.refuse(SkipTask(**stood.bench.base(), batch=second.batch, task=second.id, sequence=1)).reason
        is Reason.CHANGED_MEANWHILE
    )
    change(stood, first, state=TaskState.DONE)
    assert (
        stood.bench.refuse(SkipTask(**stood.bench.base(), batch=first.batch, task=first.id, sequence=9)).reason
        is Reason.WORK_GONE
    )


def test_a_batch_that_does_not_run_is_not_ended(stood: Arranged) -> None:
    head = stood.bench.all(Batch)[0]
    change(stood, head, state=BatchState.SUSPENDED)
    finish = decide.finish_of(replace(view_of(stood), others_open=0))
    assert finish is not None
    command = FinishBatch(**stood.bench.base(), batch=head.id, gone=(), finish=finish)
    assert stood.bench.refuse(command).reason is Reason.WORK_GONE


def view_of(it: Arranged) -> TaskView:
    head = it.bench.all(Batch)[0]
    change(it, head, state=BatchState.RUNNING)
    found = view(it)
    change(it, it.bench.need(Batch, head.id), state=head.state)
    return found


# Units


def test_more_or_other_units_than_are_reserved_are_refused(stood: Arranged) -> None:
    command = put(stood)
    take = command.takes[0]
    more = replace(command, takes=(replace(take, quantity=take.quantity + 1),))
    assert stood.bench.refuse(more).reason is Reason.TOO_MANY
    assert stood.bench.refuse(replace(command, takes=(replace(take, quantity=0),))).reason is Reason.TOO_MANY
    later = replace(command, takes=(replace(take, first=2, quantity=1),))
    assert stood.bench.refuse(later).reason is Reason.CHANGED_MEANWHILE
    elsewhere = replace(command, key=replace(command.key, location=location_id("A-01-02")))
    assert stood.bench.refuse(elsewhere).reason is Reason.CHANGED_MEANWHILE
    stranger = replace(command, takes=(replace(take, line=line_id("102", MUG)),))
    assert stood.bench.refuse(stranger).reason is Reason.CHANGED_MEANWHILE


def test_a_done_stop_takes_nothing(stood: Arranged) -> None:
    command = put(stood)
    change(stood, stood.bench.need(PickTask, command.task), state=TaskState.DONE)
    assert stood.bench.refuse(command).reason is Reason.WORK_GONE


def test_a_fill_that_is_closed_gone_or_in_another_tote_takes_nothing(stood: Arranged) -> None:
    first = put(stood, quantity=1)
    stood.bench.run(first)
    other = replace(put(stood, fill=first.fill), container=container_id("TOTE-2"))
    assert stood.bench.refuse(other).reason is Reason.TOTE_IN_USE
    gone = replace(put(stood), fill=FillId(b"no such fill...."), opens_fill=0)
    assert stood.bench.refuse(gone).reason is Reason.WORK_GONE
    stood.bench.run(CloseFill(**stood.bench.base(), batch=first.batch, fill=first.fill))
    assert (
        stood.bench.refuse(CloseFill(**stood.bench.base(), batch=first.batch, fill=first.fill)).reason
        is Reason.WORK_GONE
    )
    assert stood.bench.refuse(put(stood, fill=first.fill)).reason is Reason.TOTE_IN_USE


def test_units_that_have_left_the_tote_are_not_put_back(stood: Arranged) -> None:
    done = put(stood)
    stood.bench.run(done)
    move = MoveStock(**stood.bench.base(), source=done.inside(), target=location_id("BENCH-1"), quantity=3)
    stood.bench.run(move)
    assert stood.bench.refuse(decide.undo(done, stamp(stood))).reason is Reason.ALREADY_PACKED


def test_a_pick_is_undone_once(stood: Arranged) -> None:
    done = put(stood)
    stood.bench.run(done)
    stood.bench.run(decide.undo(done, stamp(stood)))
    assert stood.bench.refuse(decide.undo(done, stamp(stood))).reason is Reason.NOTHING_TO_UNDO


def test_a_pick_is_not_undone_after_its_stop_moved_to_other_units(stood: Arranged) -> None:
    stood.stock(MUG, "A-01-03", 5)
    done = put(stood)
    stood.bench.run(done)
    stood.bench.run(repoint(stood, "A-01-03"))
    assert stood.bench.refuse(decide.undo(done, stamp(stood))).reason is Reason.CHANGED_MEANWHILE


def repoint(it: Arranged, place: str, *, today: str = "", **other: Any) -> RepointTask:
    stop = view(it)
    target = replace(stop.key, location=location_id(place), **other)
    held = tuple(each.reservation for each in stop.takes)
    return RepointTask(
        **it.bench.base(),
        batch=stop.batch,
        task=stop.task,
        source=stop.key,
        target=target,
        reservations=held,
        today=today,
    )


# Missing and damaged


def test_a_short_gives_up_the_last_ordinals_and_nothing_else(stood: Arranged) -> None:
    done = decide.short(view(stood), stamp(stood), 3, "STOCKOUT")
    assert [(each.first, each.quantity) for each in done.short] == [(3, 1), (1, 2)]
    assert stood.bench.refuse(replace(done, short=())).reason is Reason.NOT_A_QUANTITY
    first = replace(done.short[0], first=1)
    assert stood.bench.refuse(replace(done, short=(first,))).reason is Reason.CHANGED_MEANWHILE
    many = replace(done.short[0], first=0, quantity=4)
    assert stood.bench.refuse(replace(done, short=(many,))).reason is Reason.TOO_MANY
    stood.bench.run(done)
    assert [(row.first, row.quantity) for row in stood.bench.all(Reservation) if row.item == item(MUG)] == [(1, 2)]
    assert len(stood.bench.all(CountRequest)) == 1
    stood.clean()


def test_a_short_is_not_taken_back_when_others_hold_the_units(stood: Arranged) -> None:
    done = decide.short(view(stood), stamp(stood), 5, "STOCKOUT")
    stood.bench.run(done)
    stood.order("900", MUG=8)
    stood.release(Take("900", MUG, "A-01-01", 8))
    refusal = stood.bench.refuse(decide.undo(done, stamp(stood)))
    assert (refusal.reason, dict(refusal.facts)) == (Reason.RESERVED_FOR_OTHERS, {"free": 2, "wanted": 5})


def test_a_short_is_taken_back_once(stood: Arranged) -> None:
    done = decide.short(view(stood), stamp(stood), 1, "STOCKOUT")
    stood.bench.run(done)
    stood.bench.run(decide.undo(done, stamp(stood)))
    assert stood.bench.refuse(decide.undo(done, stamp(stood))).reason is Reason.NOTHING_TO_UNDO


def test_damage_never_leaves_more_reserved_than_there_is(stood: Arranged) -> None:
    stop = view(stood)
    assert stop.free_here == 5
    blind = replace(stop, free_here=9)
    assert stood.bench.refuse(decide.damaged(blind, stamp(stood), 7)).reason is Reason.CHANGED_MEANWHILE
    assert stood.bench.refuse(decide.damaged(stop, stamp(stood), 0)).reason is Reason.NOT_A_QUANTITY
    assert stood.bench.refuse(decide.damaged(replace(stop, free_here=20), stamp(stood), 11)).reason is Reason.TOO_MANY
    done = decide.damaged(stop, stamp(stood), 7)
    assert sum(each.quantity for each in done.short) == 2
    stood.bench.run(done)
    shelf = next(row for row in stood.bench.all(Balance) if row.location == location_id("A-01-01"))
    assert (shelf.total, shelf.reserved) == (3, 3)
    stood.clean()


def test_damage_is_taken_back_once_and_only_from_quarantine(stood: Arranged) -> None:
    done = decide.damaged(view(stood), stamp(stood), 2)
    stood.bench.run(done)
    undo = decide.undo(done, stamp(stood))
    assert isinstance(undo, UndoDamaged)
    stood.bench.run(undo)
    assert stood.bench.refuse(decide.undo(done, stamp(stood))).reason is Reason.NOTHING_TO_UNDO
    again = decide.damaged(view(stood), stamp(stood), 2)
    stood.bench.run(again)
    move = MoveStock(**stood.bench.base(), source=again.bad(), target=location_id("BENCH-1"), quantity=2)
    stood.bench.run(move)
    assert stood.bench.refuse(decide.undo(again, stamp(stood))).reason is Reason.NOTHING_TO_UNDO


# Other units


def test_only_free_usable_units_of_the_same_item_replace_others(stood: Arranged) -> None:
    stood.stock(MUG, "A-01-03", 4)
    stood.stock(MUG, "R-01-01", 9)
    few = stood.bench.refuse(repoint(stood, "A-01-03"))
    assert (few.reason, dict(few.facts)) == (Reason.RESERVED_FOR_OTHERS, {"free": 4, "wanted": 5})
    assert stood.bench.refuse(repoint(stood, "R-01-01")).reason is Reason.WRONG_LOCATION
    assert stood.bench.refuse(repoint(stood, "A-01-02", item=item(RED))).reason is Reason.WRONG_ITEM
    stood.stock(MUG, "A-01-03", 1)
    done = repoint(stood, "A-01-03")
    stood.bench.run(done)
    assert stood.bench.refuse(replace(done, id=stood.bench.base()["id"])).reason is Reason.CHANGED_MEANWHILE
    stood.clean()


def test_an_expired_lot_never_replaces_another(it: Arranged) -> None:
    it.stock(MILK, "A-01-01", 3, lot="L1", expiry="2026-01-01")
    it.stock(MILK, "A-01-01", 3, lot="L0", expiry="2025-12-15")
    it.order("101", MILK=1)
    it.release(Take("101", MILK, "A-01-01", 1, lot="L1"))
    it.bench.run(start(it))
    old = repoint(it, "A-01-01", today="2025-12-16", lot=lot_id(item(MILK), "L0"))
    refusal = it.bench.refuse(old)
    assert (refusal.reason, dict(refusal.facts)) == (Reason.EXPIRED, {"expiry": "2025-12-15", "lot": "L0"})
    it.bench.run(replace(old, id=it.bench.base()["id"], today="2025-12-15"))


# Total


def change(it: Arranged, row: Any, **changes: Any) -> None:
    with it.bench.executor.connection.begin():
        uow = UnitOfWork(it.bench.executor.connection)
        uow.update(row, **changes)
        uow.flush()


def facts_of(it: Arranged) -> list[Command]:
    """Run one of each on the way, and return every fact with what undoes it."""
    bench: Bench = it.bench
    made: list[Command] = []

    def run(command: Command) -> None:
        bench.run(command)
        made.append(command)

    pick = put(it, quantity=1)
    run(pick)
    run(replace(put(it, quantity=1), fills_up=1))
    for done in (
        decide.short(view(it), stamp(it), 1, "STOCKOUT"),
        decide.damaged(view(it), stamp(it), 6),
    ):
        run(done)
        run(decide.undo(done, stamp(it)))
    stop = view(it)
    finish = decide.finish_of(replace(stop, others_open=0))
    assert finish is not None
    made += [
        replace(put(it), finish=finish),
        replace(decide.undo(pick, stamp(it)), finish=finish),
        replace(decide.short(stop, stamp(it), 1, "STOCKOUT"), finish=finish),
        SkipTask(**bench.base(), batch=stop.batch, task=stop.task, sequence=9),
        CloseFill(**bench.base(), batch=stop.batch, fill=pick.fill),
        SuspendBatch(**bench.base(), batch=stop.batch, station=STATION),
        FinishBatch(**bench.base(), batch=stop.batch, gone=(stop.task,), finish=finish),
        OpenCase(**bench.base(), kind=CaseKind.CALL),
    ]
    fresh = [replace(each, id=bench.base()["id"]) for each in made]
    assert {type(each).KIND for each in fresh if type(each).CLASS is OpClass.FACT} >= {
        "picking.pick", "picking.undo_pick", "picking.short", "picking.undo_short", "picking.damaged",
        "picking.undo_damaged", "picking.skip", "picking.close_fill", "picking.suspend", "picking.finish",
    }  # fmt: skip
    return fresh


class Stop(Exception):
    """Rolls a try back."""


COUNTERS = {"quantity", "picked", "short", "reserved", "promised", "packed", "total", "settled", "tasks", "tasks_done"}


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_apply_of_every_fact_is_total(stood: Arranged, data: st.DataObject) -> None:
    """Whatever rows are gone, changed or of other quantities: apply never raises, and balances stay at 0 or above."""
    facts = getattr(stood, "facts", None)
    if facts is None:
        facts = facts_of(stood)
        stood.facts = facts  # type: ignore[attr-defined]
    command = data.draw(st.sampled_from(facts))
    connection = stood.bench.executor.connection
    with pytest.raises(Stop), connection.begin():
        spoil(data, connection, command)
        uow = UnitOfWork(connection)
        uow.fetch(command.reads())
        command.apply(uow)
        uow.flush()
        left = connection.exec_driver_sql("SELECT count(*) FROM balance WHERE signed = 0 AND total < 0").scalar_one()
        assert left == 0
        raise Stop


def spoil(data: st.DataObject, connection: Any, command: Command) -> None:
    """Take rows away that the command reads, and change the numbers and states of others."""
    uow = UnitOfWork(connection)
    for cls, keys in command.reads().items():
        if cls.TABLE.kind not in (TableClass.FEED, TableClass.DERIVED):
            continue
        for key in dict.fromkeys(keys):
            row: Any = uow.get(cls, key)
            if row is None:
                continue
            # Who is in a batch stays: the database itself keeps it.
            ways = ("keep", "change") if cls is BatchMember else ("keep", "delete", "change")
            match data.draw(st.sampled_from(ways)):
                case "delete":
                    uow.delete(row)
                case "change":
                    uow.update(row, **changed(data, row))
                case _:
                    pass
    uow.flush()


def changed(data: st.DataObject, row: Any) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name in row.TABLE.columns:
        value = getattr(row, name)
        if name in COUNTERS:
            low = 1 if isinstance(row, Reservation) else 0
            changes[name] = data.draw(st.integers(low, 12))
        elif name == "state":
            changes[name] = data.draw(st.sampled_from(list(type(value))))
    if isinstance(row, Balance):
        changes["settled"] = changes["total"]
    return changes
