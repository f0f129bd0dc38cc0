"""Goods and totes that two stations carried elsewhere unheard of each other: once everywhere, and told where it was minutes ago."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.cases.model import Case, CaseKind
from core.catalog.commands import container_id, location_id
from core.kernel import codec
from core.kernel.catching_up import KEPT_MS
from core.kernel.commands import Command
from core.kernel.ids import NO_ID
from core.picking.model import TotePlace
from core.rights.model import WorkLease
from core.station.moving_queries import AskMove, AskToteMove, AskToteStands
from core.stock.commands import AdjustStock
from core.stock.model import Balance, Cause, StockEntry, StockKey
from core.waves.model import Batch, BatchState
from sync.hub.planning import Planner
from tests.orders.shop import OWNER, item, order_id
from tests.support import SITE
from tests.sync.released import released_walks, walks
from tests.sync.test_conflicts import MUGS, told
from tests.sync.world import Member, World, world

MINUTE = 60_000
TOTE = container_id("TOTE-9")


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub with 100 mugs on a shelf, two of them promised, and two desks."""
    with world(tmp_path) as made:
        released_walks(made, 1)
        made.settle()
        yield made


def ran(member: Member, command: Command) -> None:
    member.bench.run(replace(command, **member.bench.base()))


def carries(member: Member, quantity: int, to: str, source: StockKey = MUGS) -> None:
    """Carry mugs from their shelf, by what the station has heard of."""
    ran(member, member.shop.ask(AskMove(SITE, source, quantity, location_id(to), to)))


def puts_down(member: Member, to: str) -> None:
    tote = member.shop.ask(AskToteStands(SITE, TOTE, "TOTE-9"))
    ran(member, member.shop.ask(AskToteMove(SITE, TOTE, tote.fill, tote.order, location_id(to), to)))


def both(it: World, first: Member, second: Member) -> None:
    it.push(first)
    it.push(second)
    it.settle()
    it.office.check()


def mugs(it: World) -> dict[str, int]:
    """Where the mugs are, at the hub and at each station alike."""
    places = ("A-1", "A-2", "B-1", "B-2")
    found = [{place: shop.at("MUG", place) for place in places} for shop in (it.office, *(m.shop for m in it.members))]
    assert all(each == found[0] for each in found)
    return {place: units for place, units in found[0].items() if units}


def cases(it: World) -> list[dict[str, object]]:
    rows = [row for row in it.office.it.all(Case) if row.kind is CaseKind.MOVED_TWICE]
    return [codec.parse(row.facts) for row in rows]


def apart(it: World, member: Member, minutes: int) -> None:
    """Let a station's clock show so much more."""
    member.bench.clock.tick(minutes * MINUTE)


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_moves_of_the_same_goods_the_last_of_the_feed_stands_and_both_are_in_the_ledger(
    it: World, first: int
) -> None:
    one, two = it.members[first], it.members[1 - first]
    carries(one, 98, "A-2")
    carries(two, 98, "B-1")
    both(it, one, two)

    assert mugs(it) == {"A-1": 2, "B-1": 98}
    moved = [row for row in it.office.it.all(StockEntry) if row.cause is Cause.MOVE and row.quantity > 0]
    assert sorted((row.location, row.quantity) for row in moved) == sorted(
        [(location_id("A-2"), 98), (location_id("B-1"), 98)]
    )
    (case,) = cases(it)
    assert (case["quantity"], case["shelf"], case["first_to"]) == (
        98,
        location_id("B-1").hex(),
        location_id("A-2").hex(),
    )
    assert codec.from_text(StockKey, str(case["goods"])) == StockKey(
        owner=OWNER, item=item("MUG"), location=location_id("B-1")
    )
    assert told(it) == [], "it is told once, and in its own words"


def test_moves_of_other_units_of_one_shelf_are_nobodys_conflict(it: World) -> None:
    one, two = it.members
    carries(one, 40, "A-2")
    carries(two, 50, "B-1")
    both(it, one, two)

    assert mugs(it) == {"A-1": 10, "A-2": 40, "B-1": 50}
    assert (cases(it), told(it)) == ([], [])


def test_only_what_both_can_have_carried_comes_along(it: World) -> None:
    one, two = it.members
    carries(one, 60, "A-2")
    carries(two, 60, "B-1")
    both(it, one, two)

    assert mugs(it) == {"A-1": 2, "A-2": 38, "B-1": 60}, "what is promised there is left for its picker"
    assert [case["quantity"] for case in cases(it)] == [22]


def test_two_who_carried_the_same_to_one_place_agree(it: World) -> None:
    one, two = it.members
    carries(one, 98, "A-2")
    carries(two, 98, "A-2")
    both(it, one, two)

    assert mugs(it) == {"A-1": 2, "A-2": 98}
    assert (cases(it), told(it)) == ([], [])


@pytest.mark.parametrize(("minutes", "is_told"), [(4, True), (9, False)])
def test_clocks_decide_only_whether_somebody_is_told(it: World, minutes: int, is_told: bool) -> None:
    one, two = it.members
    carries(one, 98, "A-2")
    apart(it, two, minutes)
    carries(two, 98, "B-1")
    both(it, two, one)

    assert mugs(it) == {"A-1": 2, "A-2": 98}
    assert bool(cases(it)) == is_told
    assert told(it) == []


def test_whoever_carries_twice_takes_what_another_carried_unheard_of_him_from_where_that_one_brought_it(
    it: World,
) -> None:
    one, two = it.members
    carries(one, 40, "A-2")
    carries(two, 20, "B-1")
    carries(two, 78, "B-2")
    both(it, one, two)

    assert mugs(it) == {"A-1": 2, "B-1": 20, "B-2": 78}, "his own move did not hide the other one"


def test_goods_that_were_carried_on_since_are_found_where_they_are(it: World) -> None:
    one, two = it.members
    carries(one, 98, "A-2")
    carries(one, 98, "B-2", StockKey(owner=OWNER, item=item("MUG"), location=location_id("A-2")))
    carries(two, 98, "B-1")
    both(it, one, two)

    assert mugs(it) == {"A-1": 2, "B-1": 98}
    assert len(cases(it)) == 1


def test_whoever_has_heard_of_a_move_carries_what_is_left(it: World) -> None:
    one, two = it.members
    carries(one, 40, "A-2")
    it.settle()
    carries(two, 58, "B-1")
    it.settle()

    assert mugs(it) == {"A-1": 2, "A-2": 40, "B-1": 58}
    assert (cases(it), told(it)) == ([], [])


def test_what_was_picked_where_it_was_carried_to_is_missing_and_told(it: World) -> None:
    one, two = it.members
    it.grant(one, *walks(it))
    it.settle()
    one.shop.start()
    it.settle()
    carries(two, 98, "B-1")
    one.shop.put(one.shop.task())
    one.bench.run(_adjusted(one, -98))
    both(it, one, two)

    assert mugs(it) == {"B-1": 98}, "it happened, so the books follow it: what they miss is unexplained"
    assert [kind for kind, _, _ in told(it)] == [CaseKind.CONTRADICTED]
    assert cases(it) == []


def _adjusted(member: Member, difference: int, place: str = "A-1") -> Command:
    return AdjustStock(**member.bench.base(), key=_from(place), difference=difference, reason="broken")


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_who_carried_one_tote_the_last_of_the_feed_says_where_it_stands(it: World, first: int) -> None:
    one, two = it.members[first], it.members[1 - first]
    puts_down(one, "A-2")
    puts_down(two, "B-1")
    both(it, one, two)

    for shop in (it.office, *(m.shop for m in it.members)):
        assert shop.it.need(TotePlace, TOTE).place == location_id("B-1")
    (case,) = cases(it)
    assert (case["shelf"], case["first_to"]) == (location_id("B-1").hex(), location_id("A-2").hex())
    assert told(it) == []


def test_a_tote_that_is_carried_on_by_whoever_has_heard_of_it_is_no_case(it: World) -> None:
    one, two = it.members
    puts_down(one, "A-2")
    it.settle()
    puts_down(two, "B-1")
    it.settle()

    assert it.office.it.need(TotePlace, TOTE).place == location_id("B-1")
    assert cases(it) == []


def _from(place: str) -> StockKey:
    return StockKey(owner=OWNER, item=item("MUG"), location=location_id(place))


def test_what_was_carried_on_before_goods_came_is_not_taken_for_them(it: World) -> None:
    one, two = it.members
    carries(one, 40, "A-2")
    carries(one, 40, "B-2", _from("A-2"))
    it.settle()
    carries(one, 58, "A-2")
    one.bench.run(_adjusted(one, -58, "A-2"))
    carries(two, 58, "B-1")
    both(it, one, two)

    assert mugs(it) == {"B-1": 58, "B-2": 40}, "those at B-2 were carried on long before"
    assert [kind for kind, _, _ in told(it)] == [CaseKind.CONTRADICTED]
    assert cases(it) == []


def test_where_there_is_enough_for_both_a_promise_made_since_takes_nothing_from_where_the_first_brought_it(
    it: World,
) -> None:
    one, two = it.members
    carries(one, 40, "A-2")
    carries(two, 50, "B-1")
    it.push(one)
    it.office.order("o2", [("MUG", 50)])
    it.office.promise()
    it.office.release()
    assert it.office.it.need(Balance, item("MUG"), location_id("A-1"), OWNER, NO_ID, "", NO_ID, "good").reserved == 52
    both(it, one, two)

    assert mugs(it) == {"A-1": 10, "A-2": 40, "B-1": 50}
    assert cases(it) == []
    assert [kind for kind, _, _ in told(it)] == [CaseKind.CONTRADICTED], "what was promised is not there any more"


def test_what_was_picked_since_is_not_left_there_whatever_is_promised_by_then(it: World) -> None:
    """Two mugs were promised when they were carried; these two are picked, and two others are promised."""
    one, two = it.members
    it.grant(one, *walks(it))
    it.pull(one)
    carries(two, 50, "A-2")
    one.shop.pick_all()
    it.push(one)
    it.office.order("o2", [("MUG", 2)])
    it.office.promise()
    it.office.release()
    carries(one, 47, "B-1")
    both(it, one, two)

    assert mugs(it) == {"A-1": 1, "A-2": 50, "B-1": 47}
    assert cases(it) == []


def test_a_wrong_clock_doubles_no_goods(it: World) -> None:
    one, two = it.members
    carries(one, 98, "A-2")
    two.bench.clock.tick(3 * KEPT_MS)
    carries(two, 98, "B-1")
    both(it, one, two)

    assert mugs(it) == {"A-1": 2, "B-1": 98}
    assert told(it) == []


# What was promised where it is carried away


def plan(it: World) -> None:
    Planner(SITE, it.hub, it.clock, it.ids).run()


def held_at(it: World) -> dict[str, int]:
    """Where units are held for orders, at the hub and at each station alike: never more than there are."""
    names = {location_id(name): name for name in ("A-1", "A-2", "B-1", "B-2", "R-1", "Q-1")}
    found = []
    for bench in (it.office.it, *(member.bench for member in it.members)):
        rows = [row for row in bench.all(Balance) if row.item == item("MUG") and row.location in names]
        assert [row for row in rows if row.reserved > row.total] == []
        found.append({names[row.location]: row.reserved for row in rows if row.reserved})
    assert all(each == found[0] for each in found)
    return found[0]


def is_carried_away(it: World, to: str, quantity: int = 98) -> Member:
    """Let a station that hears nothing carry mugs away, all of which the hub promises meanwhile."""
    one = it.members[0]
    carries(one, quantity, to)
    it.office.order("o2", [("MUG", 98)])
    plan(it)
    it.pull(it.members[1])
    it.push(one)
    return one


def test_a_promise_follows_goods_that_were_carried_away_before_it_was_made(it: World) -> None:
    is_carried_away(it, "A-2")
    plan(it)
    it.settle()

    assert held_at(it) == {"A-1": 2, "A-2": 98}
    assert it.office.line(order_id("o2")).reserved == 98
    it.office.check()


def test_of_what_was_carried_to_where_nobody_picks_the_promise_is_taken_back_and_others_wait(it: World) -> None:
    is_carried_away(it, "Q-1", 90)
    plan(it)
    it.settle()

    assert held_at(it) == {"A-1": 10}
    line = it.office.line(order_id("o2"))
    assert (line.promised, line.reserved) == (8, 8)
    assert mugs(it) == {"A-1": 10}
    it.office.check()


def test_a_walk_that_a_station_holds_is_asked_back_and_goes_where_the_goods_are(it: World) -> None:
    one, two = it.members
    carries(one, 98, "A-2")
    it.office.order("o2", [("MUG", 98)])
    plan(it)
    (first, _) = walks(it)
    it.grant(two, first)
    it.settle()
    plan(it)
    assert [row.recalled_at > 0 for row in it.office.it.all(WorkLease) if row.work == first] == [True]
    it.pull(two)
    it.lease(two, 0)
    it.settle()
    plan(it)
    it.settle()

    assert held_at(it) == {"A-1": 2, "A-2": 98}
    it.office.check()


def test_a_walk_that_is_begun_stays_with_its_picker(it: World) -> None:
    one, two = it.members
    carries(one, 98, "A-2")
    it.office.order("o2", [("MUG", 98)])
    plan(it)
    (first, second) = walks(it)
    it.grant(two, first)
    it.pull(two)
    assert two.shop.start().batch == first
    it.settle()
    plan(it)
    it.settle()

    assert set(walks(it)) >= {first, second}
    assert it.office.it.need(Batch, first).state is BatchState.RUNNING
    assert [row.recalled_at for row in it.office.it.all(WorkLease) if row.work == first] == [0]
