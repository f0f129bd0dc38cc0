"""Singles that a bench packs unheard for an order whose own unit is never picked: they were another's of the same walk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.amending.backing import plan_not_there, plan_put_back
from core.amending.planner import plan_cancel
from core.cases.model import Case, CaseKind, CaseState
from core.catalog.commands import location_id
from core.kernel.flow import Candidate, CodeKind
from core.kernel.ids import OrderId
from core.kernel.operations import OperationOutcome
from core.kernel.refusal import Refusal
from core.orders.model import CancelState, FulfilmentLine, Order, OrderCancel
from core.packing import decide as packing
from core.packing.queries import AskPack, AskSingle
from core.packing.views import PackView, Single
from core.picking import decide as picking
from core.picking.commands import PickUnits
from core.rights.model import OperationReceipt, Stage, StationKind
from core.stock.model import Balance
from tests.orders.shop import item, lay_out, order_id
from tests.support import SITE
from tests.sync.held import hashes
from tests.sync.world import Member, World, world

FLOOR = (StationKind.CART, StationKind.BENCH, StationKind.DOCK)
FIRST, SECOND = order_id("s0"), order_id("s1")
"""In the order in which they are due."""


def singles_are_held(it: World) -> None:
    cart, bench, _ = it.members
    lay_out(cart.bench)
    it.settle()
    it.office.stock("MUG", "A-1", 100)
    for n in range(2):
        it.office.order(f"s{n}", [("MUG", 1)], cut_off_at=1_000_000 + n)
    it.office.promise()
    (walk,) = it.office.release()
    it.grant(cart, walk)
    it.grant(bench, walk, stage=Stage.PACK)
    it.settle()


def units_apart(it: World) -> None:
    cart, bench, _ = it.members
    lay_out(cart.bench)
    it.settle()
    for n, place in enumerate(("A-1", "A-2")):
        it.office.stock("MUG", place, 1)
        it.office.order(f"s{n}", [("MUG", 1)], cut_off_at=1_000_000 + n)
    it.office.promise()
    (walk,) = it.office.release()
    it.grant(cart, walk)
    it.grant(bench, walk, stage=Stage.PACK)
    it.settle()


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub, a cart with a walk of two singles, the bench that packs them, and a dock."""
    with world(tmp_path, kinds=FLOOR, after=singles_are_held) as made:
        yield made


def pack_the_first(bench: Member) -> None:
    """Pack a unit that lies at the bench: it is taken for the order that is due first."""
    code = Candidate(kind=CodeKind.ITEM, target=item("MUG"), code="MUG", label="MUG")
    found = bench.shop.ask(AskSingle(SITE, bench.name, (code,), "MUG"))
    assert isinstance(found, Single)
    shop = bench.shop
    bench.bench.run(packing.close(found.view, found.view.boxes[0], shop.stamp(), shop.context, found.units, 0))


def cancel(it: World, order: OrderId) -> None:
    with it.central.begin():
        plan = plan_cancel(it.central, SITE, order, "customer", it.office.stamp())
    assert not isinstance(plan, Refusal)
    it.office.it.run(plan)


def line(it: World, order: OrderId) -> FulfilmentLine:
    (row,) = (row for row in it.office.it.all(FulfilmentLine) if row.order == order)
    return row


def asked_back(it: World) -> list[OrderId]:
    rows = it.office.it.all(Case)
    return [row.order for row in rows if row.kind is CaseKind.PUT_BACK and row.state is CaseState.OPEN]


def put_back(it: World, member: Member, order: OrderId) -> None:
    """Lay down at a place what is asked for of an order."""
    shop = member.shop
    with member.connection.begin():
        back = plan_put_back(member.connection, SITE, order, shop.part(order), location_id("A-2"), shop.stamp())
    assert not isinstance(back, Refusal)
    member.bench.run(back)
    it.settle()


def goes_without(it: World, bench: Member, order: OrderId) -> None:
    """Say at the bench that the unit of an order is not in the tote."""
    view = bench.shop.ask(AskPack(SITE, bench.name, CodeKind.ORDER, order))
    assert isinstance(view, PackView)
    bench.bench.run(packing.ship_short(view, bench.shop.stamp(), "COULD_NOT_LOCATE"))
    it.settle()


def everybody_agrees(it: World, *, stock: int = 100) -> None:
    """See that all books are the same, and that every unit is on a shelf or in a carton."""
    for _ in range(3):
        it.settle()
    for member in it.members:
        assert hashes(member.connection) == hashes(it.central)
    it.office.check()
    totals = [row for row in it.office.it.all(Balance) if row.total]
    places = {location_id(name) for name in ("A-1", "A-2", "BENCH-1")}
    assert sum(row.total for row in totals if row.location in places) == stock
    failed = [row for row in it.office.it.all(OperationReceipt) if row.outcome is OperationOutcome.FAILED]
    assert failed == []
    for row in it.office.it.all(FulfilmentLine):
        assert row.packed <= row.picked <= row.quantity
        assert row.short + row.cancelled <= row.quantity


@pytest.mark.parametrize("heard_first", ["pick", "pack"])
@pytest.mark.parametrize("final", [False, True])
def test_a_single_packed_for_an_order_that_was_cancelled_unheard_is_asked_back_and_missed_by_the_other(
    it: World, heard_first: str, final: bool
) -> None:
    cart, bench, dock = it.members
    cancel(it, FIRST)
    it.pull(cart)
    if final:
        it.pull(dock)
        it.push(dock)
    cart.shop.pick_all()
    pack_the_first(bench)
    for member in (cart, bench) if heard_first == "pick" else (bench, cart):
        it.push(member)
    it.settle()
    it.settle()

    assert it.office.it.need(OrderCancel, FIRST).state is CancelState.FINAL
    first = line(it, FIRST)
    assert (first.picked, first.packed, first.cancelled) == (1, 1, 1)
    assert asked_back(it) == [FIRST]
    put_back(it, bench, FIRST)
    first = line(it, FIRST)
    assert (first.picked, first.packed, first.cancelled) == (0, 0, 1)
    assert it.office.it.need(Order, FIRST).cancelled_at
    assert asked_back(it) == []

    goes_without(it, bench, SECOND)
    assert line(it, SECOND).short == 1
    everybody_agrees(it)
    assert it.office.at("MUG", "A-1") == 99
    assert it.office.at("MUG", "A-2") == 1


@pytest.mark.parametrize("heard_first", ["pick", "pack"])
def test_a_cancelled_order_whose_unit_was_packed_for_another_can_be_said_not_to_be_there(
    it: World, heard_first: str
) -> None:
    """Its tote is empty; the unit is put back out of the other's carton, which was cancelled as well."""
    cart, bench, dock = it.members
    cancel(it, FIRST)
    it.pull(cart)
    cart.shop.pick_all()
    pack_the_first(bench)
    for member in (cart, bench) if heard_first == "pick" else (bench, cart):
        it.push(member)
    cancel(it, SECOND)
    it.settle()
    it.settle()

    assert sorted(asked_back(it)) == sorted([FIRST, SECOND])
    put_back(it, bench, FIRST)
    shop = bench.shop
    (case,) = (row.id for row in bench.bench.all(Case) if row.order == SECOND and row.kind is CaseKind.PUT_BACK)
    with bench.connection.begin():
        nowhere = plan_not_there(bench.connection, SITE, SECOND, shop.part(SECOND), case, shop.stamp())
    assert not isinstance(nowhere, Refusal)
    bench.bench.run(nowhere)
    it.settle()
    assert asked_back(it) == []
    assert [row.cancelled for row in it.office.it.all(FulfilmentLine)] == [1, 1]
    everybody_agrees(it)


@pytest.mark.parametrize("cancelled", ["before", "between"])
@pytest.mark.parametrize("final", [False, True])
def test_a_pick_that_is_heard_last_was_the_orders_own(it: World, cancelled: str, final: bool) -> None:
    """Whoever picked it had not heard of the cancel either: nothing is another's, and nobody misses one."""
    cart, bench, dock = it.members
    stop = cart.shop.start()
    cart.shop.put(stop, 1)
    pack_the_first(bench)
    if cancelled == "before":
        cancel(it, FIRST)
    it.push(bench)
    if cancelled == "between":
        cancel(it, FIRST)
    first = line(it, FIRST)
    assert (first.picked, first.packed, first.cancelled) == (1, 1, 1), "as far as anybody knows"
    if final:
        it.pull(dock)
        it.push(dock)
    it.push(cart)
    it.settle()
    cart.shop.put(cart.shop.task(), 1)
    it.settle()
    it.settle()

    first = line(it, FIRST)
    assert (first.picked, first.packed, first.cancelled) == (1, 1, 1)
    assert set(asked_back(it)) == {FIRST}
    put_back(it, bench, FIRST)
    assert asked_back(it) == []
    pack_the_first(bench)
    it.settle()
    second = line(it, SECOND)
    assert (second.picked, second.packed, second.short) == (1, 1, 0)
    everybody_agrees(it)


@pytest.mark.parametrize("heard", ["apart", "with its pick"])
def test_a_single_packed_unheard_whose_own_pick_is_undone_is_put_back_too(it: World, heard: str) -> None:
    cart, bench, _ = it.members
    stop = cart.shop.start()
    pick = cart.shop.put(stop, 1)
    pack_the_first(bench)
    it.push(bench)
    cancel(it, FIRST)
    if heard == "apart":
        it.push(cart)
    assert isinstance(pick, PickUnits)
    cart.bench.run(picking.undo(pick, cart.shop.stamp()))
    it.push(cart)

    first = line(it, FIRST)
    assert (first.picked, first.packed, first.cancelled) == (1, 1, 1), "the unit that was packed was another's"
    it.settle()
    it.settle()
    assert asked_back(it) == [FIRST]
    put_back(it, bench, FIRST)
    assert (line(it, FIRST).packed, asked_back(it)) == (0, [])
    cart.shop.put(cart.shop.task(), 1)
    it.settle()
    goes_without(it, bench, SECOND)
    everybody_agrees(it)


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[World]:
    """The same with the two units at two places: the first one's at the first."""
    with world(tmp_path, kinds=FLOOR, after=units_apart) as made:
        yield made


@pytest.mark.parametrize("heard_first", ["cart", "bench", "between"])
@pytest.mark.parametrize("undone", [False, True])
def test_an_order_that_is_packed_is_not_short_where_its_own_unit_is_not_found(
    apart: World, heard_first: str, undone: bool
) -> None:
    cart, bench, _ = apart.members
    stop = cart.shop.start()
    assert [take.order_number for take in stop.takes] == ["s0"]
    short = picking.short(stop, cart.shop.stamp(), 1, "STOCKOUT", station=cart.name)
    cart.bench.run(short)
    pack_the_first(bench)
    if heard_first != "cart":
        apart.push(bench)
    apart.push(cart)
    if undone:
        cart.bench.run(picking.undo(short, cart.shop.stamp()))
        cart.shop.put(cart.shop.task(), 1)
    if heard_first == "between":
        apart.pull(cart)
    cart.shop.put(cart.shop.task(), 1)
    apart.settle()
    apart.settle()

    first = line(apart, FIRST)
    assert (first.picked, first.packed, first.short) == (1, 1, 0)
    if undone:
        pack_the_first(bench)
    else:
        goes_without(apart, bench, SECOND)
    apart.settle()
    assert line(apart, SECOND).short == int(not undone)
    everybody_agrees(apart, stock=2)


def test_a_single_that_was_not_found_is_not_damaged_either_where_the_order_has_another(apart: World) -> None:
    cart, bench, _ = apart.members
    stop = cart.shop.start()
    pack_the_first(bench)
    apart.push(bench)
    damaged = picking.damaged(stop, cart.shop.stamp(), 1, station=cart.name)
    cart.bench.run(damaged)
    cart.shop.put(cart.shop.task(), 1)
    apart.settle()
    apart.settle()

    first = line(apart, FIRST)
    assert (first.picked, first.packed, first.short) == (1, 1, 0)
    goes_without(apart, bench, SECOND)
    everybody_agrees(apart, stock=1)
