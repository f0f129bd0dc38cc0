"""Goods carry their own right from the cart to the bench: what happened at two of them is told, and nothing of it is lost."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.cases.model import Case, CaseKind
from core.catalog.fill_codes import fill_code, read_fill_code
from core.catalog.readings import FillCode
from core.kernel import codec
from core.kernel.flow import CodeKind
from core.kernel.ids import NO_ID, BatchId, ParcelId, PersonId
from core.kernel.operations import Operation, OperationOutcome
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.packing import decide as packing
from core.packing.commands import CloseParcel
from core.packing.model import Parcel, ParcelContent, ParcelState
from core.packing.queries import AskPack
from core.packing.views import PackView
from core.picking import decide as picking
from core.picking.commands import PickUnits, SkipTask, StartBatch, SuspendBatch
from core.picking.fill_codes import AskFillCodes
from core.picking.model import Fill, FillState
from core.picking.queries import AskLastDone
from core.rights.commands import GiveBackWork
from core.rights.model import FloorAnswer, FloorLine, Stage, WorkLease
from core.waves.model import Batch, BatchState
from sync.hub import planned_again
from tests.orders.shop import order_id
from tests.support import SITE
from tests.sync.agreeing import agree_in_the_end
from tests.sync.one_walk import a_walk_is_held, books, give_to
from tests.sync.world import Member, World, world


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub with one order on a walk that the first of two stations holds."""
    with world(tmp_path, after=a_walk_is_held) as made:
        yield made


def slip_of(member: Member) -> str:
    """Return what a cart's screen says of its one tote."""
    (batch,) = {row.batch for row in member.bench.all(Fill)}
    (code,) = member.shop.ask(AskFillCodes(SITE, batch))
    return str(code.slip.code)


def pack_by(member: Member, slip: str) -> Parcel:
    """Pack a tote by its slip and close the parcel."""
    view = member.shop.ask(AskPack(SITE, member.name, CodeKind.FILL, b"", "", slip))
    assert isinstance(view, PackView), view
    shop = member.shop
    member.bench.run(packing.close(view, view.boxes[0], shop.stamp(), shop.context, packing.all_units(view), 0))
    return max(member.bench.all(Parcel), key=lambda row: row.closed_at)


def refusal(member: Member, slip: str) -> Reason:
    found = member.shop.ask(AskPack(SITE, member.name, CodeKind.FILL, b"", "", slip))
    assert isinstance(found, Refusal), found
    return found.reason


def test_a_fill_and_its_operations_carry_the_fence_they_were_picked_under(it: World) -> None:
    one = it.members[0]
    one.shop.pick_all()
    agree_in_the_end(it)
    (lease,) = it.office.it.all(WorkLease)

    assert [(row.epoch, row.fence, row.changes) for row in it.office.it.all(Fill)] == [(1, lease.fence, 1)]
    picks = [row for row in it.office.it.all(Operation) if row.kind == PickUnits.KIND]
    assert [row.fence for row in picks] == [lease.fence]


def test_of_picks_that_fit_nothing_is_planned_again(it: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a savepoint is asked for: it would be two statements of each operation."""
    one = it.members[0]
    one.shop.pick_all()
    asked: list[object] = []
    monkeypatch.setattr(planned_again, "tried", lambda *told: asked.append(told))
    it.push(one)
    assert asked == []
    assert it.office.counts(order_id("o1"))["picked"] == 3


def test_units_that_two_benches_packed_are_in_two_parcels_and_a_case_names_both(it: World) -> None:
    one, two = it.members
    one.shop.pick_all()
    it.settle()
    order = order_id("o1")
    first, second = one.shop.pack_all(order), two.shop.pack_all(order)
    assert first.id != second.id
    agree_in_the_end(it)

    parcels = it.office.it.all(Parcel)
    assert {row.id for row in parcels} == {first.id, second.id}
    assert {row.state for row in parcels} == {ParcelState.CLOSED}
    assert sorted((row.parcel, row.first, row.quantity) for row in it.office.it.all(ParcelContent)) == sorted(
        [(first.id, 1, 3), (second.id, 1, 3)]
    )
    (case,) = [row for row in it.office.it.all(Case) if row.kind is CaseKind.DOUBLE_PARCEL]
    facts = codec.parse(case.facts)
    assert {facts["parcel"], facts["other"]} == {first.id.hex(), second.id.hex()}
    assert it.office.it.all(Operation)[-1].outcome is OperationOutcome.APPLIED_WITH_EXCEPTION


@pytest.mark.parametrize("first", ["pick", "pack"])
def test_a_bench_packs_by_the_slip_what_it_has_not_heard_of_and_the_late_picks_reconcile(it: World, first: str) -> None:
    one, two = it.members
    order = order_id("o1")
    one.shop.pick_all()
    slip = slip_of(one)
    assert two.bench.all(Fill) == []
    parcel = pack_by(two, slip)
    assert two.shop.counts(order)["packed"] == 3

    for member in (one, two) if first == "pick" else (two, one):
        it.push(member)
    agree_in_the_end(it)

    assert it.office.it.all(Case) == []
    assert books(it) == {"A-1": 97, "BENCH-1": 3}
    counts = it.office.counts(order)
    assert (counts["picked"], counts["packed"]) == (3, 3)
    (fill,) = it.office.it.all(Fill)
    assert (fill.state, fill.changes, fill.slot) == (FillState.EMPTIED, 1, 1)
    assert [(row.parcel, row.fill, row.first, row.quantity) for row in it.office.it.all(ParcelContent)] == [
        (parcel.id, fill.id, 1, 3)
    ]
    (closed,) = [row for row in it.office.it.all(Operation) if row.kind == CloseParcel.KIND]
    assert closed.fence == fill.fence
    it.office.check()


@pytest.mark.parametrize("first", ["pick", "pack"])
def test_an_order_in_two_totes_is_packed_offline_by_the_slips_of_both(it: World, first: str) -> None:
    one, two = it.members
    one.shop.put(one.shop.start(), 2, fills_up=True)
    one.shop.put(one.shop.task(), 1)
    (batch,) = {row.batch for row in one.bench.all(Fill)}
    slips = [str(code.slip.code) for code in one.shop.ask(AskFillCodes(SITE, batch))]
    parcels = [pack_by(two, slip) for slip in slips]
    assert [refusal(two, slip) for slip in slips] == [Reason.ALREADY_PACKED] * 2

    for member in (one, two) if first == "pick" else (two, one):
        it.push(member)
    agree_in_the_end(it)
    assert it.office.it.all(Case) == []
    assert sorted(row.units for row in it.office.it.all(Parcel)) == [1, 2]
    assert len({row.id for row in parcels}) == 2
    assert {row.state for row in it.office.it.all(Fill)} == {FillState.EMPTIED}
    assert books(it) == {"A-1": 97, "BENCH-1": 3}
    it.office.check()


def test_what_the_slip_did_not_say_is_owed_and_told(it: World) -> None:
    one, two = it.members
    one.shop.pick_all()
    code = read_fill_code(slip_of(one))
    assert isinstance(code, FillCode)
    (units,) = code.units
    pack_by(two, fill_code(replace(code, units=(replace(units, quantity=2),))))
    it.push(two)
    agree_in_the_end(it)

    # Three were picked, two packed: the third is in the tote that counts as empty.
    assert books(it) == {"A-1": 97, "CART CART-1": 1, "BENCH-1": 2}
    (case,) = it.office.it.all(Case)
    assert (case.kind, codec.parse(case.facts)["quantity"]) == (CaseKind.CONTRADICTED, 1)


def test_a_slip_whose_walk_was_given_to_another_cart_is_refused(it: World) -> None:
    one, two = it.members
    one.shop.pick_all()
    slip = slip_of(one)
    (lease,) = it.office.it.all(WorkLease)
    it.office.it.run(GiveBackWork(**it.office.it.base(), stage=lease.stage, work=lease.work, fence=lease.fence))
    it.grant(two, BatchId(lease.work))
    it.pull(two)

    assert refusal(two, slip) is Reason.WORK_GIVEN
    # Who has not heard of it packs all the same: both facts, and a case.
    view = replace_coded(two, slip)
    assert two.bench.refuse(view).reason is Reason.WORK_GIVEN


def replace_coded(member: Member, slip: str) -> CloseParcel:
    """Return the command of a bench that had not heard of the new lease."""
    code = read_fill_code(slip)
    assert isinstance(code, FillCode)
    view = member.shop.ask(
        AskPack(SITE, member.name, CodeKind.FILL, b"", "", fill_code(replace(code, fence=code.fence + 1)))
    )
    assert isinstance(view, PackView), view
    assert view.coded is not None
    old = replace(view, coded=replace(view.coded, fence=code.fence))
    shop = member.shop
    return packing.close(old, old.boxes[0], shop.stamp(), shop.context, packing.all_units(old), 0)


def test_a_fill_that_is_known_done_or_changed_is_never_packed_by_an_old_slip(it: World) -> None:
    one, two = it.members
    view = one.shop.start()
    one.shop.put(view, 2)
    early = slip_of(one)
    one.shop.put(one.shop.task(), 1)
    late = slip_of(one)
    it.settle()
    assert refusal(two, early) is Reason.SLIP_OLD
    pack_by(two, late)

    assert refusal(two, late) is Reason.ALREADY_PACKED
    assert refusal(two, early) in (Reason.ALREADY_PACKED, Reason.SLIP_OLD)
    agree_in_the_end(it)
    assert it.office.it.all(Case) == []


def take_back(member: Member) -> None:
    """Undo what was picked last."""
    (batch,) = {row.batch for row in member.bench.all(Fill)}
    done = member.shop.ask(AskLastDone(batch))
    assert isinstance(done, PickUnits)
    member.bench.run(picking.undo(done, member.shop.stamp()))


@pytest.mark.parametrize("left", [2, 0])
def test_a_slip_is_old_once_something_it_says_was_taken_out_again(it: World, left: int) -> None:
    one, two = it.members
    if left:
        one.shop.put(one.shop.start(), left)
        one.shop.put(one.shop.task(), 1)
    else:
        one.shop.put(one.shop.start(), 3)
    before = slip_of(one)
    take_back(one)
    it.settle()
    assert refusal(two, before) is Reason.SLIP_OLD
    assert two.bench.all(Parcel) == []

    # Put in again, in whatever tote: what the newest slip says is packed.
    one.shop.put(one.shop.task(), 3 - left)
    pack_by(two, slip_of(one))
    agree_in_the_end(it)
    assert it.office.it.all(Case) == []
    assert books(it) == {"A-1": 97, "BENCH-1": 3}


def test_a_tote_of_which_nothing_is_known_waits_for_its_slip(it: World) -> None:
    one, two = it.members
    one.shop.pick_all()
    (fill,) = one.bench.all(Fill)
    found = two.shop.ask(AskPack(SITE, two.name, CodeKind.TOTE, fill.container, "TOTE-1"))

    assert isinstance(found, Refusal)
    assert found.reason is Reason.SLIP_NEEDED
    assert found.facts["got"] == "TOTE-1"


def test_a_slip_at_two_benches_is_two_parcels_and_a_case(it: World) -> None:
    one, two = it.members
    one.shop.pick_all()
    slip = slip_of(one)
    first, second = pack_by(one, slip), pack_by(two, slip)
    agree_in_the_end(it)

    assert {row.id for row in it.office.it.all(Parcel)} == {first.id, second.id}
    assert [row.kind for row in it.office.it.all(Case)].count(CaseKind.DOUBLE_PARCEL) == 1
    assert books(it) == {"A-1": 97, "BENCH-1": 6, "UNEXPLAINED": -3}, "only what stays different is unexplained"


# An old right


def test_what_happens_on_a_walk_carries_the_fence_of_its_lease(it: World) -> None:
    one = it.members[0]
    stop = one.shop.start()
    base = one.bench.base
    one.bench.run(SkipTask(**base(), batch=stop.batch, task=stop.task, sequence=stop.last_sequence + 1))
    one.bench.run(picking.short(one.shop.task(), one.shop.stamp(), 1, "STOCKOUT", station=one.name))
    one.bench.run(SuspendBatch(**base(), batch=stop.batch, station=one.name))
    it.settle()
    (lease,) = it.office.it.all(WorkLease)

    mine = {row.kind: row.fence for row in it.office.it.all(Operation) if row.station == one.name}
    walk = {kind: fence for kind, fence in mine.items() if kind.startswith("picking.")}
    assert walk == dict.fromkeys(("picking.start", "picking.skip", "picking.short", "picking.suspend"), lease.fence)


@pytest.mark.parametrize("what", ["skip", "short", "pick"])
def test_what_happened_under_an_older_fence_stands_and_is_told(it: World, what: str) -> None:
    one, two = it.members
    stop = one.shop.start()
    it.push(one)
    give_to(it, two)
    match what:
        case "skip":
            skip = SkipTask(**one.bench.base(), batch=stop.batch, task=stop.task, sequence=stop.last_sequence + 1)
            one.bench.run(skip)
        case "short":
            one.bench.run(picking.short(stop, one.shop.stamp(), 3, "STOCKOUT", station=one.name))
        case _:
            one.shop.put(stop)
    it.push(one)

    last = next(row for row in it.office.it.all(Operation) if row.kind.endswith(f".{what}"))
    assert last.outcome is OperationOutcome.APPLIED_WITH_EXCEPTION
    (case,) = [row for row in it.office.it.all(Case) if row.kind is CaseKind.CONTRADICTED]
    assert codec.parse(case.facts)["reason"] == Reason.WORK_GIVEN


def test_a_walk_that_is_begun_under_an_older_fence_is_refused_at_the_hub(it: World) -> None:
    one, two = it.members
    one.shop.start()
    lease = give_to(it, two)
    it.push(one)

    assert it.office.it.need(Batch, BatchId(lease.work)).state is BatchState.READY
    (start,) = [row for row in it.office.it.all(Operation) if row.kind == StartBatch.KIND]
    assert (start.outcome, start.fence < lease.fence) == (OperationOutcome.REFUSED, True)


def test_whoever_hears_that_others_have_the_walk_stops(it: World) -> None:
    one, two = it.members
    stop = one.shop.start()
    it.push(one)
    give_to(it, two)
    it.pull(one)
    before = one.bench.all(Operation)

    skip = SkipTask(**one.bench.base(), batch=stop.batch, task=stop.task, sequence=stop.last_sequence + 1)
    assert one.bench.refuse(skip).reason is Reason.WALK_GIVEN
    assert one.bench.all(Operation) == before


@pytest.mark.parametrize("how", ["lost", "set back"])
def test_a_slip_of_a_cart_that_was_lost_or_set_back_waits_for_the_floor_list(it: World, how: str) -> None:
    one, two = it.members
    one.shop.pick_all()
    slip = slip_of(one)
    words = {"lost": "status = 'lost'", "set back": "incarnation = 2"}[how]
    with two.connection.begin():
        two.connection.exec_driver_sql(f"UPDATE site_station SET {words}, broke = 5 WHERE id = ?", (one.name,))
    assert refusal(two, slip) is Reason.LOOK_FIRST
    assert two.bench.all(Parcel) == []

    code = read_fill_code(slip)
    assert isinstance(code, FillCode)
    for answered, told in ((5, False), (6, True)):
        two.bench.seed(
            FloorLine(
                SITE, b"line %d" % answered, one.name, Stage.PICK, code.walk, code.fence, order_id("o1"),
                code.fulfilment, ParcelId(NO_ID), "{}", 1, 0, FloorAnswer.HERE, PersonId(NO_ID), 0, answered,
            )
        )  # fmt: skip
        if not told:
            assert refusal(two, slip) is Reason.LOOK_FIRST, "that was answered before it was lost"
    assert pack_by(two, slip).state is ParcelState.CLOSED
