"""Orders that are changed while the floor works on: what was done unheard of the change stops, is asked back, or is told as gone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.amending.backing import plan_put_back
from core.amending.commands import ResumeFulfilment
from core.amending.holds import plan_let_go
from core.amending.planner import OrderChange, plan_change
from core.cases.model import Case, CaseKind, CaseState
from core.catalog.commands import location_id
from core.catalog.parcel_codes import ParcelCode
from core.kernel import codec
from core.kernel.ids import ContactId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.orders.model import Contact, Fulfilment, StopRequest
from core.orders.progress import wanted
from core.packing.commands import ReopenParcel
from core.packing.model import Parcel
from core.rights.model import StationKind
from tests.orders.shop import lay_out, order_id
from tests.support import SITE
from tests.sync.agreeing import agree_in_the_end
from tests.sync.docks import hand, label, load, pack
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


def put_back(member: Member) -> None:
    shop = member.shop
    with member.connection.begin():
        back = plan_put_back(member.connection, SITE, ORDER, shop.part(ORDER), location_id("A-2"), shop.stamp())
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
    assert [codec.parse(row.facts) for row in told] == [{"quantity": 1, "what": "change"}]


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
