"""Orders that are changed while the floor works on: what was done unheard of the change stops, is asked back, or is told as gone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from core.amending.backing import plan_put_back
from core.amending.commands import NotThere, PutBack, ResumeFulfilment
from core.amending.holds import plan_let_go
from core.amending.planner import OrderChange, plan_cancel, plan_change
from core.cases.commands import CloseCase
from core.cases.decisions import Decision
from core.cases.model import Case, CaseKind, CaseState
from core.catalog.commands import location_id
from core.catalog.model import Location
from core.catalog.parcel_codes import ParcelCode
from core.kernel import codec
from core.kernel.ids import CaseId, ContactId, FulfilmentId, OrderId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.orders.model import Contact, Fulfilment, StopRequest
from core.orders.progress import wanted
from core.packing.commands import ReopenParcel
from core.packing.model import Parcel, ParcelContent, ParcelState
from core.picking.commands import PickUnits
from core.rights.model import FloorAnswer, StationKind
from core.station.back_queries import AskBack, AskNothingLeft, AskNotThere
from core.station.case_queries import AskCase
from core.stock.model import CountRequest
from sync.hub import planned_again
from tests.orders.shop import lay_out, order_id
from tests.support import SITE
from tests.sync.agreeing import agree_in_the_end
from tests.sync.docks import hand, label, load, pack
from tests.sync.test_fills import give_to, pack_by, slip_of
from tests.sync.test_reclaim import answer, give_up, lines
from tests.sync.world import Member, World, world

FLOOR = (StationKind.CART, StationKind.BENCH, StationKind.DOCK, StationKind.DESK)
ORDER = order_id("o1")
YORK = Contact(SITE, ContactId(b"e" * 16), "Ann", "", "9 Road", "York", "", "YO1", "GB", "", "", "", "")


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
    """A hub, a cart that holds the walk of one order of three mugs, a bench, a dock and a desk."""
    with world(tmp_path, kinds=FLOOR, after=a_walk_is_held) as made:
        yield made
        agree_in_the_end(made)


def fewer(it: World, units: int) -> None:
    with it.central.begin():
        wish = OrderChange(quantities={it.office.order_line(ORDER): units})
        plan = plan_change(it.central, SITE, ORDER, wish, it.office.stamp())
    assert not isinstance(plan, Refusal)
    it.office.it.run(plan)


def to_york(it: World) -> None:
    it.office.it.seed(YORK)
    with it.central.begin():
        plan = plan_change(it.central, SITE, ORDER, OrderChange(contact=YORK.id), it.office.stamp())
    assert not isinstance(plan, Refusal)
    it.office.it.run(plan)


def asked_back(it: World) -> list[int]:
    cases = [row for row in it.office.it.all(Case) if row.kind is CaseKind.PUT_BACK and row.state is CaseState.OPEN]
    return [codec.parse(row.facts)["quantity"] for row in cases]


def stops(it: World) -> list[str]:
    return [row.text for row in it.office.it.all(StopRequest)]


def put_back(member: Member, place: str = "A-2") -> None:
    shop = member.shop
    with member.connection.begin():
        back = plan_put_back(member.connection, SITE, ORDER, shop.part(ORDER), location_id(place), shop.stamp())
    assert not isinstance(back, Refusal)
    member.bench.run(back)


def let_go(member: Member) -> Refusal | None:
    with member.connection.begin():
        made = plan_let_go(member.connection, SITE, ORDER, member.shop.stamp())
    assert not isinstance(made, Refusal)
    (goes_on,) = made
    assert isinstance(goes_on, ResumeFulfilment)
    outcome = member.bench.try_run(goes_on)
    return getattr(outcome, "refusal", None)


def head(it: World) -> Fulfilment:
    return it.office.it.need(Fulfilment, it.office.part(ORDER))


def test_units_that_a_cart_picked_unheard_of_the_change_are_asked_back_and_the_rest_goes_on(it: World) -> None:
    cart, bench, dock, desk = it.members
    cart.shop.pick_all()
    fewer(it, 1)
    assert (stops(it), asked_back(it)) == ([], [])
    it.settle()
    it.settle()

    assert (stops(it), asked_back(it)) == (["quantity"], [2])
    assert bench.shop.ask_refusal(ORDER).reason is Reason.ORDER_CHANGED
    put_back(desk)
    it.settle()
    assert (head(it).picked, wanted(head(it)), asked_back(it)) == (1, 1, [])
    assert let_go(desk) is None
    it.settle()
    assert hand(dock, _closed(it, bench)).why_not is None


def _closed(it: World, bench: Member) -> ParcelCode:
    code = label(bench, pack(bench))
    it.settle()
    return code


def test_a_parcel_that_was_labelled_for_the_address_before_stops_at_the_dock_until_it_has_another_label(
    it: World,
) -> None:
    cart, bench, dock, desk = it.members
    cart.shop.pick_all()
    it.settle()
    to_york(it)
    parcel = pack(bench)
    code = label(bench, parcel)
    it.settle()
    it.settle()

    assert stops(it) == ["label"]
    assert hand(dock, code).why_not is Reason.ORDER_CHANGED
    refused = let_go(desk)
    assert refused is not None
    assert refused.reason is Reason.LABEL_OFF_FIRST
    bench.bench.run(ReopenParcel(**bench.bench.base(), parcel=parcel.id, reason="OPERATOR"))
    it.settle()
    assert let_go(desk) is None
    it.settle()
    assert it.office.it.need(Parcel, parcel.id).contact == YORK.id


def test_what_left_unheard_of_the_change_is_told_once(it: World) -> None:
    cart, bench, dock, _ = it.members
    cart.shop.pick_all()
    it.settle()
    code = label(bench, pack(bench))
    it.settle()
    fewer(it, 2)
    load(dock, code)
    it.settle()
    it.settle()

    told = [row for row in it.office.it.all(Case) if row.kind is CaseKind.CANCEL_TOO_LATE]
    assert [codec.parse(row.facts) for row in told] == [{"quantity": 1, "parcels": "", "unheard": 1, "what": "change"}]


def test_what_was_told_is_not_told_again_once_it_is_decided(it: World) -> None:
    cart, bench, dock, _ = it.members
    cart.shop.pick_all()
    it.settle()
    first, second = bench.shop.pack_some(ORDER, 2), bench.shop.pack_all(ORDER)
    codes = [label(bench, each) for each in (first, second)]
    it.settle()
    to_york(it)
    for code in codes:
        load(dock, code)
        it.push(dock)
        for case in [row for row in it.office.it.all(Case) if row.state is CaseState.OPEN]:
            it.office.it.run(CloseCase(**it.office.it.base(), case=case.id, decision=Decision.CARRIER_STOPS))
    it.settle()

    told = [row for row in it.office.it.all(Case) if row.kind is CaseKind.CANCEL_TOO_LATE]
    assert [codec.parse(row.facts)["quantity"] for row in told] == [1, 1]


def test_units_that_a_change_found_in_the_van_hide_no_carton_that_leaves_with_the_label_from_before(it: World) -> None:
    cart, bench, dock, _ = it.members
    cart.shop.pick_all()
    it.settle()
    first, second = bench.shop.pack_some(ORDER, 2), bench.shop.pack_all(ORDER)
    load(dock, label(bench, first))
    code = label(bench, second)
    it.settle()
    fewer(it, 1)
    to_york(it)
    load(dock, code)
    it.settle()

    told = [codec.parse(row.facts) for row in it.office.it.all(Case) if row.kind is CaseKind.CANCEL_TOO_LATE]
    assert sorted(each.get("parcels", "") for each in told) == sorted(["", first.id.hex(), second.id.hex()])


@pytest.mark.parametrize("first", ["cart", "bench"])
def test_units_packed_by_a_slip_unheard_of_the_change_are_asked_back_whoever_is_heard_first(
    it: World, first: str
) -> None:
    cart, bench, dock, desk = it.members
    cart.shop.pick_all()
    pack_by(bench, slip_of(cart))
    fewer(it, 1)
    it.push(cart if first == "cart" else bench)
    it.pull(dock)
    it.pull(desk)

    assert (stops(it), asked_back(it)) == (["quantity"], [2])
    with desk.connection.begin():
        early = plan_put_back(
            desk.connection, SITE, ORDER, desk.shop.part(ORDER), location_id("A-2"), desk.shop.stamp()
        )
    assert isinstance(early, Refusal) is (first == "bench")
    it.settle()
    assert asked_back(it) == [2]
    put_back(desk)
    it.settle()
    assert (head(it).picked, head(it).packed, wanted(head(it)), asked_back(it)) == (1, 1, 1, [])
    assert let_go(desk) is None


@pytest.mark.parametrize("how", ["put back", "not there"])
def test_what_was_packed_out_of_a_cart_that_burnt_before_its_picks_were_heard_is_settled_once_the_floor_was_looked_at(
    it: World, how: str
) -> None:
    cart, bench, dock, desk = it.members
    cart.shop.pick_all()
    pack_by(bench, slip_of(cart))
    fewer(it, 1)
    it.push(bench)
    give_up(it, cart)
    it.members.remove(cart)
    it.settle()
    waits = Refusal(Reason.NOT_FULLY_PICKED, {"order": "o1"})
    assert desk.shop.ask(AskBack(SITE, *asked_for(it, desk), location_id("A-2"))) == waits, (
        "nobody has looked for it yet"
    )

    for each in lines(it):
        answer(it, each, FloorAnswer.HERE)
    it.settle()
    asks = AskBack(SITE, *asked_for(it, desk), location_id("A-2"))
    found = desk.shop.ask(asks if how == "put back" else AskNotThere(SITE, *asked_for(it, desk)))
    assert isinstance(found, PutBack | NotThere)
    desk.bench.run(replace(found, **desk.shop.stamp()))
    it.settle()

    assert (head(it).packed, head(it).cancelled, wanted(head(it)), asked_back(it)) == (1, 2, 1, [])
    assert it.office.at("MUG", "A-2") == (2 if how == "put back" else 0)
    assert [box.units for box in it.office.it.all(Parcel)] == [1]
    assert let_go(desk) is None
    it.settle()


def asked_for(it: World, member: Member) -> tuple[CaseId, OrderId, FulfilmentId]:
    """Return the one open case of units that are to be put back, and whose they are."""
    (case,) = [row for row in it.office.it.all(Case) if row.kind is CaseKind.PUT_BACK and row.state is CaseState.OPEN]
    return case.id, ORDER, member.shop.part(ORDER)


def test_a_desk_that_is_away_does_not_let_go_on_what_was_stopped_anew(it: World) -> None:
    cart, _, _, desk = it.members
    cart.shop.put(cart.shop.start(), 2)
    it.push(cart)
    fewer(it, 1)
    it.pull(desk)
    put_back(desk)
    it.push(desk)
    it.pull(desk)
    assert (stops(it), asked_back(it)) == (["quantity"], [])
    cart.shop.put(cart.shop.task(), 1)
    it.push(cart)
    assert let_go(desk) is None
    assert asked_back(it) == [1]
    it.settle()

    assert (stops(it), asked_back(it)) == (["quantity"], [1])


def test_a_carton_with_the_label_from_before_that_is_heard_of_late_stops_what_was_let_go_on(it: World) -> None:
    cart, bench, _, desk = it.members
    cart.shop.pick_all()
    it.settle()
    first = bench.shop.pack_some(ORDER, 2)
    it.settle()
    to_york(it)
    second = pack(bench)
    it.pull(desk)
    assert stops(it) == ["label"]
    desk.bench.run(ReopenParcel(**desk.bench.base(), parcel=first.id, reason="OPERATOR"))
    assert let_go(desk) is None
    it.push(bench)
    it.settle()

    assert stops(it) == ["label"]
    assert it.office.it.need(Parcel, second.id).contact != YORK.id


def test_what_cannot_be_planned_leaves_a_case_and_the_station_goes_on(
    it: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cart = it.members[0]
    cart.shop.pick_all()
    fewer(it, 1)

    def raises(connection: Connection, *_: object) -> None:
        connection.exec_driver_sql("SELECT 1")
        raise ZeroDivisionError

    monkeypatch.setattr(planned_again, "plan_overtaken", raises)
    it.settle()

    assert cart.unsettled() == []
    assert head(it).picked == 3
    (case,) = [row for row in it.office.it.all(Case) if row.kind is CaseKind.NOT_APPLIED]
    assert codec.parse(case.facts) == {"kind": PickUnits.KIND, "why": "ZeroDivisionError: "}


# Two put back unheard of each other


def counts_asked(it: World) -> set[str]:
    return {it.office.it.need(Location, row.location).code for row in it.office.it.all(CountRequest)}


def test_what_two_put_back_unheard_of_each_other_is_cancelled_once_and_lies_where_it_can_have_been_laid(
    it: World,
) -> None:
    cart, bench, _, desk = it.members
    cart.shop.pick_all()
    it.settle()
    fewer(it, 1)
    it.settle()
    put_back(desk)
    put_back(bench, "B-1")
    it.push(desk)
    it.settle()

    assert (head(it).picked, head(it).cancelled, wanted(head(it)), asked_back(it)) == (0, 2, 1, [])
    assert (it.office.at("MUG", "A-2"), it.office.at("MUG", "B-1")) == (2, 1), "there were three in the tote"
    assert counts_asked(it) == {"A-2", "B-1"}, "one of the two had one in hand"
    assert let_go(desk) is None


def test_what_a_second_one_put_back_beyond_what_was_asked_is_picked_anew(it: World) -> None:
    cart, bench, dock, desk = it.members
    cart.shop.pick_all()
    it.settle()
    fewer(it, 2)
    it.settle()
    put_back(desk)
    put_back(bench, "B-1")
    it.settle()

    assert (head(it).picked, head(it).reserved, head(it).promised, wanted(head(it))) == (1, 1, 2, 2)
    assert (it.office.at("MUG", "A-2"), it.office.at("MUG", "B-1"), counts_asked(it)) == (1, 1, set())
    assert [row.kind for row in it.office.it.all(Case) if row.state is CaseState.OPEN] == [CaseKind.CONTRADICTED]
    assert let_go(desk) is None
    it.settle()
    it.grant(cart, *it.office.release())
    it.settle()
    cart.shop.totes = iter((8,))
    cart.shop.pick_all()
    it.settle()
    assert hand(dock, _closed(it, bench)).why_not is None
    assert [box.units for box in it.office.it.all(Parcel)] == [2]


def test_of_two_cases_of_which_one_was_put_back_elsewhere_the_other_is(it: World) -> None:
    cart, bench, _, desk = it.members
    cart.shop.pick_all()
    it.settle()
    fewer(it, 2)
    it.pull(desk)
    fewer(it, 1)
    it.pull(bench)
    put_back(desk)
    put_back(bench, "B-1")
    it.push(desk)
    it.settle()

    assert (head(it).picked, head(it).cancelled, wanted(head(it)), asked_back(it)) == (0, 2, 1, [])
    assert (it.office.at("MUG", "A-2"), it.office.at("MUG", "B-1"), counts_asked(it)) == (1, 2, set())


def test_a_carton_that_two_took_units_out_of_holds_what_both_left_in_it(it: World) -> None:
    cart, bench, dock, desk = it.members
    cart.shop.pick_all()
    it.settle()
    _closed(it, bench)
    fewer(it, 2)
    it.settle()
    put_back(desk)
    put_back(dock, "B-1")
    it.settle()

    (box,) = it.office.it.all(Parcel)
    assert (box.state, box.units) == (ParcelState.OPEN, 1)
    assert sum(row.quantity for row in it.office.it.all(ParcelContent)) == 1
    assert (head(it).picked, head(it).packed, head(it).cancelled, wanted(head(it))) == (1, 1, 1, 2)
    assert (it.office.at("MUG", "A-2"), it.office.at("MUG", "B-1")) == (1, 1)


def test_what_was_put_back_for_a_change_is_not_put_back_once_more_for_the_cancel_that_came_since(it: World) -> None:
    cart, bench, _, desk = it.members
    cart.shop.pick_all()
    it.settle()
    fewer(it, 1)
    it.settle()
    put_back(desk)
    put_back(bench, "B-1")
    it.push(desk)
    with it.central.begin():
        plan = plan_cancel(it.central, SITE, ORDER, "customer", it.office.stamp())
    assert not isinstance(plan, Refusal)
    it.office.it.run(plan)
    it.settle()

    assert (it.office.at("MUG", "A-2"), it.office.at("MUG", "B-1")) == (2, 1), "there were three in the tote"
    assert (head(it).picked, head(it).cancelled, wanted(head(it))) == (0, 3, 0)
    closes = desk.shop.ask(AskNothingLeft(SITE, *asked_for(it, desk)))
    assert isinstance(closes, CloseCase)


def test_of_a_changed_order_that_two_carts_picked_the_line_is_put_back_and_the_rest_once_it_goes_on(
    tmp_path: Path,
) -> None:
    with world(tmp_path, kinds=(StationKind.CART, StationKind.CART, *FLOOR[1:]), after=two_carts_pick) as it:
        desk = it.members[-1]
        cases = [row for row in it.office.it.all(Case) if row.kind is CaseKind.PUT_BACK]
        over, changed = sorted(cases, key=lambda row: "picked_twice" not in row.facts)
        asks = AskNotThere(SITE, over.id, ORDER, desk.shop.part(ORDER))
        assert desk.shop.ask(asks) == Refusal(Reason.ORDER_CHANGED, {"order": "o1"})
        seen = desk.shop.ask(AskCase(SITE, over.id))
        assert (seen.waits, seen.nothing_left) == (Refusal(Reason.ORDER_CHANGED, {"order": "o1"}), False)
        put_back(desk)
        it.settle()

        assert it.office.it.need(Case, changed.id).state is CaseState.CLOSED
        assert it.office.it.need(Case, over.id).state is CaseState.OPEN
        assert (wanted(head(it)), head(it).cancelled, head(it).picked) == (2, 1, 5)
        assert let_go(desk) is None
        it.settle()
        agree_in_the_end(it)


def two_carts_pick(it: World) -> None:
    one, two = it.members[:2]
    lay_out(one.bench)
    it.settle()
    it.office.stock("MUG", "A-1", 100)
    it.office.order("o1", [("MUG", 3)])
    it.office.promise()
    it.grant(one, *it.office.release())
    it.settle()
    one.shop.pick_all()
    give_to(it, two)
    two.shop.totes = iter((9,))
    two.shop.pick_all("CART-2")
    it.settle()
    fewer(it, 2)
    it.settle()


def test_a_second_change_asks_back_what_the_first_did_not(it: World) -> None:
    it.members[0].shop.pick_all()
    it.settle()
    fewer(it, 2)
    fewer(it, 1)

    assert asked_back(it) == [1, 1]
    with it.central.begin():
        wish = OrderChange(quantities={it.office.order_line(ORDER): 3})
        plan = plan_change(it.central, SITE, ORDER, wish, it.office.stamp())
    assert plan == Refusal(Reason.ORDER_CHANGED, {"order": "o1"}), "what lies in the tote is on its way back"
