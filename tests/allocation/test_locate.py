"""Which shelf units come from: oldest first, fewest stops, and every unit ordinal once."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from core.allocation.locate import Demand, LocatePlan, Shelf, locate
from core.kernel.ids import FulfilmentId, FulfilmentLineId, LocationId, LotId, OrderId
from core.stock.model import NO_LOT, StockKey
from tests.orders.shop import OWNER, item

MUG, CUP = item("MUG"), item("CUP")


def shelf(name: str, free: int, *, expiry: str = "", first_at: int = 0, sequence: int = 0, sku=MUG) -> Shelf:
    lot = LotId(expiry.encode().ljust(16)) if expiry else NO_LOT
    key = StockKey(owner=OWNER, item=sku, location=LocationId(name.encode().ljust(16)), lot=lot)
    return Shelf(key, free, expiry, first_at, sequence)


def demand(name: str, quantity: int, *, first: int = 1, sku=MUG) -> Demand:
    return Demand(
        FulfilmentLineId(name.encode()), FulfilmentId(name.encode()), OrderId(b"o"), OWNER, sku, first, quantity
    )


def stops(plan: LocatePlan) -> list[tuple[str, int, int]]:
    return [(each.key.location.decode().strip(), each.first, each.quantity) for each in plan.takes]


def test_what_expires_first_goes_first_whatever_the_walk_says() -> None:
    shelves = [
        shelf("near", 9, expiry="2026-02-01", sequence=1),
        shelf("far", 9, expiry="2026-01-01", sequence=99),
        shelf("never", 9, sequence=0),
    ]

    assert stops(locate([demand("a", 10)], shelves)) == [("far", 1, 9), ("near", 10, 1)]


def test_without_a_date_what_came_first_goes_first() -> None:
    shelves = [shelf("new", 9, first_at=20, sequence=1), shelf("old", 9, first_at=10, sequence=2)]

    assert stops(locate([demand("a", 2)], shelves)) == [("old", 1, 2)]


def test_of_one_age_a_shelf_that_holds_all_saves_a_stop_and_the_emptiest_such() -> None:
    shelves = [shelf("a", 2, sequence=1), shelf("b", 9, sequence=2), shelf("c", 4, sequence=3)]

    assert stops(locate([demand("x", 3)], shelves)) == [("c", 1, 3)]


def test_when_none_holds_all_the_walk_decides() -> None:
    shelves = [shelf("b", 2, sequence=2), shelf("a", 2, sequence=1)]

    assert stops(locate([demand("x", 3)], shelves)) == [("a", 1, 2), ("b", 3, 1)]


def test_ordinals_go_on_where_the_line_stands() -> None:
    shelves = [shelf("a", 2, sequence=1), shelf("b", 5, sequence=2)]

    assert stops(locate([demand("x", 6, first=4)], shelves)) == [("a", 4, 2), ("b", 6, 4)]


def test_what_no_shelf_has_is_said() -> None:
    plan = locate([demand("a", 3), demand("b", 2)], [shelf("s", 4)])

    assert [(each.line, missing) for each, missing in plan.short] == [(b"b", 1)]


def test_shelves_with_nothing_free_are_passed_by() -> None:
    assert locate([demand("a", 1)], [shelf("s", 0), shelf("t", -2)]).takes == ()


SHELVES = st.lists(
    st.builds(
        lambda n, free, expiry, sku: shelf(f"L{n}", free, expiry=expiry, sequence=n, sku=sku),
        st.integers(1, 6), st.integers(-1, 5), st.sampled_from(["", "2026-01-01", "2026-02-01"]),
        st.sampled_from([MUG, CUP]),
    ),
    unique_by=lambda each: each.key, max_size=8,
)  # fmt: skip
DEMANDS = st.lists(
    st.builds(
        lambda n, units, sku: demand(f"d{n}", units, sku=sku), st.integers(1, 9), st.integers(1, 6),
        st.sampled_from([MUG, CUP]),
    ),
    unique_by=lambda each: each.line, max_size=5,
)  # fmt: skip


@given(DEMANDS, SHELVES, st.randoms(use_true_random=False))
def test_no_shelf_gives_more_than_it_has_and_no_ordinal_is_given_twice(demands, shelves, chance) -> None:
    plan = locate(demands, shelves)

    taken = Counter[StockKey]()
    for each in plan.takes:
        assert each.key.item == each.demand.item
        taken[each.key] += each.quantity
    assert all(taken[each.key] <= max(0, each.free) for each in shelves)
    for each in demands:
        ordinals = [
            n for take in plan.takes if take.demand == each for n in range(take.first, take.first + take.quantity)
        ]
        missing = sum(units for wanting, units in plan.short if wanting == each)
        assert ordinals == list(range(each.first, each.first + each.quantity - missing))
        left = sum(max(0, s.free) - taken[s.key] for s in shelves if s.key.item == each.item)
        assert not missing or left == 0
    chance.shuffle(shelves)
    assert locate(demands, shelves) == plan
