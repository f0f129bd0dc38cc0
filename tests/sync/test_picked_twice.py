"""What two carts picked that did not hear of each other is packed once, and the rest is put back or said not to be there."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.amending.commands import PutBack
from core.cases.model import Case, CaseKind, CaseState
from core.catalog.commands import container_id, location_id
from core.kernel import codec
from core.kernel.flow import CodeKind
from core.kernel.ids import FulfilmentId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.packing import decide as packing
from core.packing.commands import CloseParcel
from core.packing.model import ParcelContent
from core.packing.queries import AskPack
from core.packing.views import PackView
from core.picking.queries import AskTote
from core.station.back_queries import AskBack, AskNotThere
from core.station.case_queries import AskCase
from core.stock.model import CountRequest
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


@pytest.mark.parametrize("how", ["given", "copied"])
def test_what_two_carts_picked_unheard_of_each_other_is_packed_once_and_a_case_tells_of_the_rest(
    it: World, how: str
) -> None:
    _, two = it.members
    both_pick(it)
    if how == "copied":
        under_one_lease(it)

    cases = {row.kind: row for row in it.office.it.all(Case)}
    assert cases.keys() == {CaseKind.CONTRADICTED, CaseKind.PUT_BACK}
    over = cases[CaseKind.PUT_BACK]
    assert (over.order, codec.parse(over.facts)) == (order_id("o1"), {"quantity": 3, "reason": "picked_twice"})
    assert it.office.counts(order_id("o1"))["picked"] == 6

    first, second = scanned(two, "TOTE-1"), scanned(two, "TOTE-9")
    assert isinstance(second, PackView)
    assert (second.totes, second.units, second.left) == (("TOTE-9",), 3, 3)
    if how == "copied":
        assert isinstance(first, PackView)
        assert (first.totes, first.units, first.left) == (("TOTE-1",), 3, 3)
        assert {each.fill for each in first.loose}.isdisjoint(each.fill for each in second.loose)
        both = replace(second, loose=(*first.loose, *second.loose))
        assert two.bench.refuse(close_all(two, both)).reason is Reason.ALREADY_PACKED
    else:
        assert isinstance(first, Refusal)
        assert first.reason is Reason.WORK_GIVEN
    waits = put_over(two, over)
    assert isinstance(waits, Refusal)
    assert waits.reason is Reason.PACK_FIRST, "either of them may be the one that is over"
    told = two.shop.ask(AskCase(SITE, over.id))
    assert (told.waits, told.nothing_left) == (waits, False)
    two.bench.run(close_all(two, second))

    (content,) = two.bench.all(ParcelContent)
    assert (content.first, content.quantity) == (1, 3)
    again = scanned(two, "TOTE-1")
    assert isinstance(again, Refusal)
    assert again.reason is Reason.LEFT_OVER
    if how == "copied":
        shop = two.shop
        late = packing.pack(first, first.boxes[0], shop.stamp(), shop.context, packing.all_units(first))
        assert two.bench.refuse(late).reason is Reason.ALREADY_PACKED
    agree_in_the_end(it)
    assert books(it) == {"A-1": 94, "CART CART-1": 3, "BENCH-1": 3}

    # What is over is put back as units of a cancelled order are, and the order stays as it is.
    seen = two.shop.ask(AskCase(SITE, over.id))
    assert (seen.number, seen.place) == ("o1", "TOTE-1")
    back = put_over(two, over)
    assert isinstance(back, PutBack)
    two.bench.run(back)
    assert two.bench.refuse(replace(back, id=two.shop.stamp()["id"])).reason is Reason.PUT_BACK_ALREADY
    agree_in_the_end(it)
    assert books(it) == {"A-1": 94, "A-2": 3, "BENCH-1": 3}
    counts = it.office.counts(order_id("o1"))
    assert (counts["picked"], counts["packed"], counts["reserved"]) == (3, 3, 3)
    assert it.office.it.need(Case, over.id).state is CaseState.CLOSED
    assert isinstance(scanned(two, "TOTE-1"), Refusal)
    assert two.shop.ask(AskTote(SITE, container_id("TOTE-1"), "TOTE-1")) is None, "and its tote is free"


def test_what_two_carts_picked_and_is_over_can_be_said_not_to_be_there(it: World) -> None:
    _, two = it.members
    over = picked_twice(it)
    nowhere = two.shop.ask(AskNotThere(SITE, over.id, over.order, FulfilmentId(over.subject)))
    two.bench.run(replace(nowhere, **two.shop.stamp()))
    agree_in_the_end(it)

    assert it.office.counts(order_id("o1"))["picked"] == 3
    assert [row.location for row in it.office.it.all(CountRequest)] == [location_id("A-1")]
    assert it.office.at("MUG", "A-1") == 94


def test_what_is_over_and_two_put_back_unheard_of_each_other_is_counted_once_and_said(it: World) -> None:
    one, two = it.members
    over = picked_twice(it)
    for each in (one, two):
        back = put_over(each, over)
        assert isinstance(back, PutBack)
        each.bench.run(back)
    agree_in_the_end(it)

    counts = it.office.counts(order_id("o1"))
    assert (counts["picked"], counts["packed"], counts.get("cancelled", 0)) == (3, 3, 0)
    assert books(it) == {"A-1": 94, "A-2": 3, "BENCH-1": 3}
    said = [codec.parse(row.facts)["reason"] for row in it.office.it.all(Case) if row.kind is CaseKind.CONTRADICTED]
    assert Reason.PUT_BACK_ALREADY in said


@pytest.mark.parametrize("first", ["missed", "packed"])
def test_an_order_does_not_go_without_what_is_missing_in_one_of_two_totes(it: World, first: str) -> None:
    one, two = it.members
    both_pick(it)
    under_one_lease(it)
    missed, found = scanned(one, "TOTE-1"), scanned(two, "TOTE-9")
    assert isinstance(missed, PackView)
    assert isinstance(found, PackView)
    one.bench.run(packing.ship_short(missed, one.shop.stamp(), "COULD_NOT_LOCATE"))
    two.bench.run(close_all(two, found))
    for each in (one, two) if first == "missed" else (two, one):
        it.push(each)
    agree_in_the_end(it)

    counts = it.office.counts(order_id("o1"))
    named = ("picked", "packed", "short", "reserved", "promised")
    assert [counts.get(name, 0) for name in named] == [3, 3, 0, 3, 3]
    assert books(it) == {"A-1": 94, "BENCH-1": 3, "UNEXPLAINED": 3}
    (told,) = (row for row in it.office.it.all(Case) if row.kind is CaseKind.MISSING_AT_BENCH)
    assert codec.parse(told.facts)["quantity"] == 3


def both_pick(it: World) -> None:
    """Let two carts pick the same unheard of each other, and everybody hear of it."""
    one, two = it.members
    one.shop.pick_all()
    give_to(it, two)
    it.pull(two)
    two.shop.totes = iter((9,))
    two.shop.pick_all("CART-2")
    agree_in_the_end(it)


def under_one_lease(it: World) -> None:
    """Have it that two copies of a file picked: under one lease."""
    for each in (it.central, *(member.connection for member in it.members)):
        with each.begin():
            each.exec_driver_sql("UPDATE fill SET fence = (SELECT max(fence) FROM work_lease)")


def picked_twice(it: World) -> Case:
    """Let two carts pick the same unheard of each other and the second's tote be packed; return the case of what is over."""
    _, two = it.members
    both_pick(it)
    second = scanned(two, "TOTE-9")
    assert isinstance(second, PackView)
    two.bench.run(close_all(two, second))
    agree_in_the_end(it)
    (over,) = (row for row in two.bench.all(Case) if row.kind is CaseKind.PUT_BACK)
    return over


def put_over(member: Member, case: Case) -> PutBack | Refusal:
    """Lay down what is over of an order, at the next place."""
    asked = AskBack(SITE, case.id, case.order, FulfilmentId(case.subject), location_id("A-2"))
    made = member.shop.ask(asked)
    return made if isinstance(made, Refusal) else replace(made, **member.shop.stamp())


def scanned(member: Member, tote: str) -> PackView | Refusal:
    """Scan a tote at a bench."""
    found = member.shop.ask(AskPack(SITE, member.name, CodeKind.TOTE, container_id(tote), tote))
    assert isinstance(found, PackView | Refusal), found
    return found


def close_all(member: Member, view: PackView) -> CloseParcel:
    """Return the command that packs all of an order and closes the parcel."""
    shop = member.shop
    return packing.close(view, view.boxes[0], shop.stamp(), shop.context, packing.all_units(view), 0)
