"""Units that two benches missed unheard of each other are missing once, and what one of them found is not missing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cases.model import Case, CaseKind
from core.catalog.places import unexplained
from core.kernel import codec
from core.packing import decide as packing
from core.packing.back_to_pick import AskElsewhere, Elsewhere, back_to_pick
from core.packing.commands import BackToPick, ShipShort
from core.picking.model import Pick
from core.stock.model import Balance
from core.waves.model import Batch
from tests.orders.shop import TODAY, order_id
from tests.support import SITE
from tests.sync.agreeing import agree_in_the_end
from tests.sync.docks import FLOOR, pack, two_orders_are_picked
from tests.sync.world import Member, World, world

ORDER = order_id("o1")
WHY = "COULD_NOT_LOCATE"


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub, and two benches that know of the same tote."""
    with world(tmp_path, kinds=FLOOR, after=two_orders_are_picked) as made:
        yield made
        agree_in_the_end(made)
        made.office.check()


def goes_without(bench: Member) -> ShipShort:
    """Say that what is in no carton is not there."""
    command = packing.ship_short(bench.shop.pack_view(ORDER), bench.shop.stamp(), WHY)
    bench.bench.run(command)
    return command


def picks_others(bench: Member) -> BackToPick:
    view = bench.shop.pack_view(ORDER)
    found = bench.shop.ask(AskElsewhere(SITE, bench.name, view, TODAY, WHY))
    assert isinstance(found, Elsewhere), found
    command = back_to_pick(view, found, bench.shop.stamp(), WHY)
    bench.bench.run(command)
    return command


def lost(it: World) -> int:
    return sum(row.total for row in it.office.it.all(Balance) if row.location == unexplained(SITE))


def told(it: World) -> list[int]:
    cases = [row for row in it.office.it.all(Case) if row.kind is CaseKind.MISSING_AT_BENCH]
    return [int(codec.parse(row.facts)["quantity"]) for row in cases]


def contradicted(it: World) -> int:
    return [row.kind for row in it.office.it.all(Case)].count(CaseKind.CONTRADICTED)


def counts(it: World) -> tuple[int, int, int]:
    """Return how many units of the order are picked, packed and short."""
    found = it.office.counts(ORDER)
    return found.get("picked", 0), found.get("packed", 0), found.get("short", 0)


@pytest.mark.parametrize("packed", [0, 2])
def test_what_two_benches_missed_is_missing_once(it: World, packed: int) -> None:
    one, two = it.members[1:3]
    if packed:
        one.shop.pack_some(ORDER, packed)
        it.settle()
    goes_without(one)
    goes_without(two)
    it.push(one)
    it.push(two)

    assert counts(it) == (packed, packed, 3 - packed)
    assert (lost(it), told(it)) == (3 - packed, [3 - packed])
    assert contradicted(it) == 1


def test_what_one_bench_packed_is_not_missing_because_another_did_not_find_it(it: World) -> None:
    one, two = it.members[1:3]
    pack(one)
    goes_without(two)
    it.push(one)
    it.push(two)

    assert counts(it) == (3, 3, 0)
    assert (lost(it), told(it), contradicted(it)) == (0, [], 1)


def test_others_are_not_picked_for_what_the_order_went_without(it: World) -> None:
    one, two = it.members[1:3]
    walks = len(it.office.it.all(Batch))
    goes_without(one)
    picks_others(two)
    it.push(one)
    it.push(two)

    assert counts(it) == (0, 0, 3)
    assert (lost(it), told(it), len(it.office.it.all(Batch))) == (3, [3], walks)


@pytest.mark.parametrize("packed", [1, 3])
def test_others_are_not_picked_for_what_another_bench_packed(it: World, packed: int) -> None:
    """What is missing all the same is said again; until then its picks stand, so that it can be taken out and packed anew."""
    one, two = it.members[1:3]
    walks, picks = len(it.office.it.all(Batch)), it.office.it.all(Pick)
    one.shop.pack_some(ORDER, packed)
    picks_others(two)
    it.push(one)
    it.push(two)

    assert counts(it) == (3, packed, 0)
    assert (lost(it), told(it), contradicted(it), len(it.office.it.all(Batch))) == (0, [], 1, walks)
    assert it.office.it.all(Pick) == picks


def test_the_order_does_not_go_without_what_others_are_picked_for(it: World) -> None:
    one, two = it.members[1:3]
    walks = len(it.office.it.all(Batch))
    picks_others(one)
    goes_without(two)
    it.push(one)
    it.push(two)

    assert counts(it) == (0, 0, 0)
    assert (lost(it), told(it), contradicted(it), len(it.office.it.all(Batch))) == (3, [3], 1, walks + 1)


def test_what_stands_in_the_hospital_by_now_is_missing_there(it: World) -> None:
    one, two = it.members[1:3]
    goes_without(two)
    view = one.shop.pack_view(ORDER)
    one.bench.run(packing.park(view, one.shop.stamp(), CaseKind.HOSPITAL, "MISSING"))
    it.push(one)
    it.push(two)

    assert counts(it) == (0, 0, 3)
    assert (lost(it), told(it)) == (3, [3])
