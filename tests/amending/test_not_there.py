"""Units of a stopped order that are nowhere: they leave the books where the work had them, and somebody counts."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.amending.backing import plan_not_there, plan_put_back
from core.amending.commands import NotThere
from core.amending.planner import OrderChange, plan_cancel, plan_change, plan_resume
from core.cases.decisions import Decision
from core.cases.model import Case, CaseKind, CaseState
from core.catalog.commands import location_id
from core.catalog.places import unexplained
from core.kernel import codec
from core.kernel.ids import OrderId
from core.kernel.operations import OperationOutcome
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.packing import decide as packing
from core.packing.model import Parcel, ParcelContent
from core.picking.model import Fill, Pick
from core.stock.counting import plan_count
from core.stock.ledger import on_hand
from core.stock.model import Balance, Cause, CountRequest, CountState, StockEntry, StockKey
from tests.orders.shop import OWNER, Shop, item, lay_out, order_id, shop
from tests.support import SITE
from tests.sync.held import hashes, receipts
from tests.sync.world import Member, World, world


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as opened:
        opened.stock("MUG", "A-1", 10)
        opened.stock("CUP", "B-1", 10)
        yield opened
        opened.check()


def cancel(it: Shop, order: OrderId) -> None:
    with it.connection.begin():
        command = plan_cancel(it.connection, SITE, order, "customer", it.stamp())
    assert not isinstance(command, Refusal)
    it.it.run(command)


def cases(it: Shop, kind: CaseKind) -> list[Case]:
    return [row for row in it.it.all(Case) if row.kind is kind]


def not_there(it: Shop, order: OrderId, n: int = 0) -> NotThere:
    asking = cases(it, CaseKind.PUT_BACK)[n].id
    with it.connection.begin():
        command = plan_not_there(it.connection, SITE, order, it.part(order), asking, it.stamp())
    assert isinstance(command, NotThere), command
    return command


def missing(it: Shop, sku: str = "MUG") -> int:
    """Return the units of an item that are somewhere in the house, nobody knows where."""
    here = unexplained(SITE)
    return sum(row.total for row in it.it.all(Balance) if (row.item, row.location) == (item(sku), here))


def test_units_that_are_in_no_tote_are_missing_and_their_places_are_to_be_counted(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2), ("CUP", 1)])
    it.pick_all()
    cancel(it, order)

    done = it.it.run(not_there(it, order))

    assert done.result == {"units": 3}
    assert (it.counts(order, 1), it.counts(order, 2)) == ({"cancelled": 2}, {"cancelled": 1})
    assert (missing(it), missing(it, "CUP")) == (2, 1)
    assert it.it.all(Pick) == []
    assert {row.state for row in it.it.all(Fill)} == {"emptied"}
    assert {row.cause for row in it.it.all(StockEntry) if row.location == unexplained(SITE)} == {Cause.SHORT}
    assert [row.decision for row in cases(it, CaseKind.PUT_BACK)] == [Decision.NOT_THERE.value]
    asked = {(row.location, row.item, row.reason) for row in it.it.all(CountRequest)}
    assert asked == {(location_id("A-1"), item("MUG"), "COULD_NOT_LOCATE"), (location_id("B-1"), item("CUP"), "COULD_NOT_LOCATE")}  # fmt: skip
    told = cases(it, CaseKind.STOCK_UNEXPLAINED)
    assert {(row.subject, codec.parse(row.facts)["item"]) for row in told} == {
        (location_id("A-1"), item("MUG").hex()),
        (location_id("B-1"), item("CUP").hex()),
    }
    assert {row.order for row in told} == {order}


def test_what_somebody_had_laid_back_is_found_by_the_count(it: Shop) -> None:
    """The picker had put the units back on the shelf and told nobody."""
    order = it.released("o1", [("MUG", 2)])
    it.pick_all()
    cancel(it, order)
    it.it.run(not_there(it, order))
    (asked,) = it.it.all(CountRequest)
    key = StockKey(owner=OWNER, item=item("MUG"), location=location_id("A-1"))

    with it.connection.begin():
        count = plan_count(it.connection, SITE, key, 10, it.stamp(), asked.id)
    it.it.run(count)

    assert (it.at("MUG", "A-1"), missing(it)) == (10, 0)
    assert it.it.need(CountRequest, asked.id).state is CountState.CLOSED


def test_a_parcel_that_is_nowhere_is_given_up_with_its_label(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2)])
    it.pick_all()
    parcel = it.pack_all(order)
    loading = it.loading(parcel)
    cancel(it, order)

    it.it.run(not_there(it, order))

    row = it.it.need(Parcel, parcel.id)
    assert (row.state, row.label, row.units) == ("void", "void", 0)
    assert it.it.all(ParcelContent) == []
    assert missing(it) == 2
    assert it.it.refuse(loading).reason is Reason.NOT_PACKED, "if it turns up, no dock takes it"


def test_of_a_changed_order_only_the_line_of_the_case_is_settled(it: Shop) -> None:
    order = it.released("o1", [("MUG", 3), ("CUP", 2)])
    it.pick_all()
    wish = OrderChange(quantities={it.order_line(order, 1): 2, it.order_line(order, 2): 1})
    with it.connection.begin():
        change = plan_change(it.connection, SITE, order, wish, it.stamp())
    assert not isinstance(change, Refusal)
    it.it.run(change)
    mugs = next(n for n, row in enumerate(cases(it, CaseKind.PUT_BACK)) if row.subject == it.line(order, 1).id)

    it.it.run(not_there(it, order, mugs))

    assert it.counts(order, 1) == {"promised": 2, "reserved": 2, "picked": 2, "cancelled": 1}
    assert it.counts(order, 2)["picked"] == 2
    assert (missing(it), missing(it, "CUP")) == (1, 0)
    assert [row.subject for row in cases(it, CaseKind.PUT_BACK) if row.state is CaseState.OPEN] == [
        it.line(order, 2).id
    ]
    with it.connection.begin():
        back = plan_put_back(it.connection, SITE, order, it.part(order), location_id("A-2"), it.stamp())
    assert not isinstance(back, Refusal)
    it.it.run(back)
    with it.connection.begin():
        on = plan_resume(it.connection, SITE, order, it.part(order), it.stamp())
    assert not isinstance(on, Refusal)
    it.it.run(on)
    it.load(it.pack_all(order))
    assert (it.counts(order, 1)["loaded"], it.counts(order, 2)["loaded"]) == (2, 1)


def test_no_second_count_is_asked_for_at_a_place(it: Shop) -> None:
    orders = [it.released(name, [("MUG", 1), ("CUP", 1)]) for name in ("o1", "o2")]
    for n, order in enumerate(orders):
        it.pick_all(f"CART-{n + 1}")
        cancel(it, order)
        it.it.run(not_there(it, order, n))

    assert sorted(row.location for row in it.it.all(CountRequest)) == sorted({location_id("A-1"), location_id("B-1")})
    assert missing(it) == 2


def test_it_is_refused_where_nothing_is_stopped_and_where_the_goods_went_on(it: Shop) -> None:
    order = it.released("o1", [("MUG", 2)])
    it.pick_all()
    cancel(it, order)
    old = not_there(it, order)
    with it.connection.begin():
        back = plan_put_back(it.connection, SITE, order, it.part(order), location_id("A-2"), it.stamp())
    assert not isinstance(back, Refusal)
    it.it.run(back)

    assert it.it.refuse(old).reason is Reason.CHANGED_MEANWHILE
    with it.connection.begin():
        late = plan_not_there(it.connection, SITE, order, it.part(order), old.cases[0], it.stamp())
    assert late == Refusal(Reason.NOTHING_TO_UNDO, {"order": "o1"})


# Two who settle one case unheard of each other


def a_picked_order(it: World) -> None:
    shop_of(it)
    cart = it.members[0]
    it.office.stock("MUG", "A-1", 10)
    it.office.order("o1", [("MUG", 3)])
    it.office.promise()
    it.grant(cart, *it.office.release())
    it.settle()
    cart.shop.pick_all()
    it.settle()


def a_stopped_order(it: World) -> None:
    a_picked_order(it)
    cancel(it.office, order_id("o1"))
    it.settle()


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, after=a_stopped_order) as made:
        yield made


def shop_of(made: World) -> None:
    lay_out(made.office.it)
    made.settle()


def both(it: World, first: Member, second: Member) -> None:
    """Let the hub hear one after the other, then everybody."""
    it.push(first)
    it.push(second)
    it.settle()
    it.office.check()
    assert [hashes(each.connection) for each in it.members] == [hashes(it.central)] * len(it.members)


def says_not_there(member: Member) -> None:
    member.bench.run(not_there(member.shop, order_id("o1")))


def puts_back(member: Member) -> None:
    order = order_id("o1")
    with member.connection.begin():
        back = plan_put_back(
            member.connection, SITE, order, member.shop.part(order), location_id("A-2"), member.shop.stamp()
        )
    assert not isinstance(back, Refusal)
    member.bench.run(back)


def contradicted(it: World) -> list[str]:
    found = [row for row in it.office.it.all(Case) if row.kind is CaseKind.CONTRADICTED]
    return [codec.parse(row.facts)["kind"] for row in found]


def test_two_who_do_not_find_them_are_one(apart: World) -> None:
    one, two = apart.members
    says_not_there(one)
    says_not_there(two)
    both(apart, one, two)

    assert (missing(apart.office), apart.office.counts(order_id("o1"))) == (3, {"cancelled": 3})
    assert len(apart.office.it.all(CountRequest)) == len(cases(apart.office, CaseKind.STOCK_UNEXPLAINED)) == 1
    assert contradicted(apart) == []
    assert OperationOutcome.APPLIED_WITH_EXCEPTION not in {outcome for _, outcome in receipts(apart)}


def test_units_that_the_other_one_puts_back_are_found(apart: World) -> None:
    one, two = apart.members
    says_not_there(one)
    puts_back(two)
    both(apart, one, two)

    office = apart.office
    assert (missing(office), office.at("MUG", "A-2"), office.counts(order_id("o1"))) == (0, 3, {"cancelled": 3})
    assert [row.decision for row in cases(office, CaseKind.PUT_BACK)] == [Decision.NOT_THERE.value], "the first stands"
    assert contradicted(apart) == ["amending.put_back"]


def test_units_that_were_put_back_are_not_missing_because_somebody_else_looked_in_the_tote_later(apart: World) -> None:
    one, two = apart.members
    says_not_there(one)
    puts_back(two)
    both(apart, two, one)

    office = apart.office
    assert (missing(office), office.at("MUG", "A-2"), office.counts(order_id("o1"))) == (0, 3, {"cancelled": 3})
    assert [row.decision for row in cases(office, CaseKind.PUT_BACK)] == ["put_back"], "the first stands"
    assert contradicted(apart) == ["amending.not_there"]
    assert office.it.all(CountRequest) == []


def test_a_tote_that_was_put_aside_and_then_emptied_holds_nothing_whichever_is_heard_first(tmp_path: Path) -> None:
    with world(tmp_path, after=a_picked_order) as it:
        one, two = it.members
        view = replace(one.shop.pack_view(order_id("o1")), hospital="Q-1", hospital_id=location_id("Q-1"))
        one.bench.run(packing.park(view, one.shop.stamp(), CaseKind.HOSPITAL, "MISSING"))
        cancel(it.office, order_id("o1"))
        it.pull(two)
        puts_back(two)
        both(it, two, one)

        office = it.office
        assert (office.at("MUG", "Q-1"), office.at("MUG", "A-2"), missing(office)) == (0, 3, 0)


def test_units_of_a_changed_line_that_are_found_after_all_are_cancelled_once(tmp_path: Path) -> None:
    """The tote has units that the order keeps: those are not taken for the ones that were found."""

    def a_changed_order(made: World) -> None:
        shop_of(made)
        made.office.stock("MUG", "A-1", 10)
        order = made.office.order("o1", [("MUG", 3)])
        made.office.promise()
        made.grant(made.members[0], *made.office.release())
        made.settle()
        made.members[0].shop.pick_all()
        made.settle()
        wish = OrderChange(quantities={made.office.order_line(order): 2})
        with made.central.begin():
            change = plan_change(made.central, SITE, order, wish, made.office.stamp())
        assert not isinstance(change, Refusal)
        made.office.it.run(change)
        made.settle()

    with world(tmp_path, after=a_changed_order) as it:
        one, two = it.members
        says_not_there(one)
        puts_back(two)
        both(it, one, two)

        kept = {"promised": 2, "reserved": 2, "picked": 2, "cancelled": 1}
        assert (it.office.counts(order_id("o1")), it.office.at("MUG", "A-2"), missing(it.office)) == (kept, 1, 0)
        (pick,) = it.office.it.all(Pick)
        in_the_tote = StockKey(
            owner=OWNER, item=item("MUG"), location=it.office.it.all(Fill)[0].location, lpn=pick.fill  # type: ignore[arg-type]
        )  # fmt: skip
        with it.central.begin():
            assert on_hand(UnitOfWork(it.central), SITE, in_the_tote) == 2
