"""A walk is drawn as a plan and a bay where the site says how its codes are built; where it does not, nobody guesses."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.picking.states import GoToLocation, TakeItem
from core.picking.views import Neighbour
from desktop.cards import Bay, Plan, Route, Shelf, Spot
from desktop.languages import plain
from desktop.places import Part, parts_of, read_shape, shape_places
from desktop.present import present
from desktop.proofs import Place
from tests.picking.test_flow import VIEW

HERE = replace(
    VIEW, location_code="B-12-03", came_from="D-04-01", ahead=("B-15-02", "A-02-01"), others_open=4,
    beside=("B-11-04", "B-12-01", "B-12-02", "B-12-03", "B-12-04", "B-13-01"),
    neighbour=Neighbour("MUG-RED", "red", "", "B-12-02"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _unsaid() -> Iterator[None]:
    shape_places("")
    yield
    shape_places("")


def card(state: object, kind: type) -> object:
    return next(each for each in present(state).beside if isinstance(each, kind))


def test_a_code_is_read_as_the_site_says_and_no_other_way() -> None:
    assert parts_of("B-12-03") == {}
    shape_places("aisle-bay-level")
    assert parts_of("B-12-03") == {Part.AISLE: "B", Part.BAY: "12", Part.LEVEL: "03"}
    assert [parts_of(each) for each in ("B-12", "B-12-03-1", "BENCH-1", "B--03", "")] == [{}] * 5


@pytest.mark.parametrize("shape", ["aisle-aisle", "row-bay", "aisle bay", "-"])
def test_a_shape_that_names_something_else_is_refused(shape: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_shape(shape)


def test_the_plan_has_the_aisles_of_the_walk_and_those_between() -> None:
    shape_places("aisle-bay-level")
    plan = card(GoToLocation(HERE), Plan)
    assert isinstance(plan, Plan)
    assert (plan.aisles, plan.bays) == (("A", "B", "C", "D"), 16)
    assert (plan.came_from, plan.target, plan.ahead) == (Spot("D", 4), Spot("B", 12), (Spot("B", 15), Spot("A", 2)))


def test_the_parts_of_a_code_are_named_below_it() -> None:
    shape_places("aisle-bay-level")
    place = present(GoToLocation(HERE)).proof
    assert isinstance(place, Place)
    assert place.names == ("Aisle", "Bay", "Level")


def test_the_bay_one_stands_before_has_its_shelves_from_the_top() -> None:
    shape_places("aisle-bay-level")
    bay = card(TakeItem(HERE), Bay)
    assert isinstance(bay, Bay)
    assert (plain(bay.title), plain(bay.aside)) == ("Bay B-12", "shelf 3")
    assert [[place.code for place in shelf] for shelf in bay.shelves] == [
        ["B-12-04"],
        ["B-12-03"],
        ["B-12-02"],
        ["B-12-01"],
    ]
    assert (bay.target, bay.not_this) == ("B-12-03", "B-12-02")


def test_bins_stand_beside_each_other_on_their_shelf() -> None:
    shape_places("aisle-bay-level-bin")
    view = replace(HERE, location_code="B-12-2-03", beside=("B-12-1-01", "B-12-2-02", "B-12-2-03"), neighbour=None)
    bay = card(TakeItem(view), Bay)
    assert isinstance(bay, Bay)
    assert [[plain(place.words) for place in shelf] for shelf in bay.shelves] == [["02", "03"], ["01"]]
    assert bay.aside == "top shelf"


@pytest.mark.parametrize("shape", ["", "aisle-bay-level-bin"])
def test_where_the_codes_say_nothing_the_order_of_the_places_is_drawn(shape: str) -> None:
    shape_places(shape)
    assert isinstance(card(GoToLocation(HERE), Route), Route)
    assert isinstance(card(TakeItem(HERE), Shelf), Shelf)
    place = present(GoToLocation(HERE)).proof
    assert isinstance(place, Place)
    assert place.names == ()


def test_a_walk_through_more_aisles_than_a_plan_has_room_for_is_a_list() -> None:
    shape_places("aisle-bay-level")
    assert isinstance(card(GoToLocation(replace(HERE, came_from="Z-01-01")), Route), Route)
