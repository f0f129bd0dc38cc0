"""Which orders are picked in one walk."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.kernel.ids import FulfilmentId, LocationId, OrderId, StationId
from core.waves.model import BatchKind
from core.waves.planner import Candidate, CartSpec, PlannedBatch, plan_batches
from tests.support import NOON

HOUR = 3_600_000
CART = CartSpec(slots=3, max_weight_grams=1000, volume_ml=1000, max_lines=10, bulk_orders=4)


def one(
    name: str,
    *,
    units: int = 2,
    priority: int = 0,
    cut_off_at: int = 0,
    weight: int = 10,
    volume: int = 10,
    lines: int = 1,
    stop: int = 1,
    ordered_at: int = NOON,
) -> Candidate:
    fulfilment = FulfilmentId(name.encode())
    return Candidate(
        fulfilment, OrderId(name.encode()), priority, cut_off_at, ordered_at, lines, units, weight, volume,
        (stop, LocationId(b"%03d" % stop)),
    )  # fmt: skip


def plan(*candidates: Candidate, cart: CartSpec = CART) -> list[tuple[str, str]]:
    return [words(batch) for batch in plan_batches(candidates, cart)]


def words(batch: PlannedBatch) -> tuple[str, str]:
    return batch.kind.value, "".join(member.fulfilment.decode() for member in batch.members)


def test_an_order_alone_is_a_cluster_of_one() -> None:
    assert plan(one("a", units=1)) == [("cluster", "a")]
    assert plan() == []


def test_single_units_go_together_in_bulk_and_the_others_in_clusters() -> None:
    assert plan(one("a", units=1), one("b"), one("c", units=1), one("d")) == [("bulk", "ac"), ("cluster", "bd")]


def test_a_bulk_tote_takes_so_many_and_one_left_over_walks_with_the_clusters() -> None:
    singles = [one(name, units=1) for name in "abcde"]

    assert plan(*singles, one("x")) == [("bulk", "abcd"), ("cluster", "ex")]


def test_orders_that_go_to_different_carts_by_their_zones_are_never_mixed() -> None:
    here, there = frozenset({StationId(b"one")}), frozenset({StationId(b"one"), StationId(b"two")})
    some = [replace(one(name), whose=whose) for name, whose in zip("abcd", (here, there, here, there), strict=True)]
    singles = [replace(one(name, units=1), whose=here) for name in "xy"]

    assert plan(*some, *singles) == [("bulk", "xy"), ("cluster", "ac"), ("cluster", "bd")]


def test_priorities_are_never_mixed() -> None:
    assert plan(one("a"), one("b", priority=2), one("c"), one("d", priority=2)) == [
        ("cluster", "bd"),
        ("cluster", "ac"),
    ]


def test_the_next_cut_off_goes_first_and_those_without_one_last() -> None:
    orders = [one("a"), one("b", cut_off_at=NOON + 2 * HOUR), one("c", cut_off_at=NOON)]

    assert plan(*orders) == [("cluster", "c"), ("cluster", "b"), ("cluster", "a")]


def test_cut_offs_a_few_minutes_apart_share_a_walk() -> None:
    orders = [one("a", cut_off_at=NOON), one("b", cut_off_at=NOON + HOUR), one("c", cut_off_at=NOON + HOUR + 1)]

    assert plan(*orders) == [("cluster", "ab"), ("cluster", "c")]


def test_neighbours_share_a_walk() -> None:
    orders = [
        one("a", stop=1),
        one("b", stop=9),
        one("c", stop=2),
        one("d", stop=8),
        one("e", stop=3),
        one("f", stop=7),
    ]

    assert plan(*orders) == [("cluster", "ace"), ("cluster", "fdb")]


def test_a_cart_has_so_many_slots() -> None:
    assert plan(*(one(name) for name in "abcd")) == [("cluster", "abc"), ("cluster", "d")]


def test_a_cart_carries_so_much_weight_volume_and_lines() -> None:
    assert plan(one("a", weight=600), one("b", weight=500)) == [("cluster", "a"), ("cluster", "b")]
    assert plan(one("a", volume=600), one("b", volume=500)) == [("cluster", "a"), ("cluster", "b")]
    assert plan(one("a", lines=6), one("b", lines=5)) == [("cluster", "a"), ("cluster", "b")]


def test_what_is_too_heavy_for_any_cart_walks_alone() -> None:
    assert plan(one("a"), one("b", weight=5000), one("c")) == [("cluster", "a"), ("cluster", "b"), ("cluster", "c")]


CANDIDATES = st.lists(
    st.builds(
        lambda n, units, priority, cut_off, weight, lines, stop: one(
            f"{n:03d}", units=units, priority=priority, cut_off_at=cut_off, weight=weight, lines=lines, stop=stop
        ),
        st.integers(0, 200), st.integers(1, 3), st.integers(0, 2), st.sampled_from([0, NOON, NOON + HOUR, NOON + 9 * HOUR]),
        st.integers(0, 700), st.integers(1, 6), st.integers(1, 9),
    ),
    unique_by=lambda each: each.fulfilment, max_size=30,
)  # fmt: skip


@given(CANDIDATES, st.randoms(use_true_random=False))
def test_everybody_walks_once_within_the_cart_and_with_their_like(candidates: list[Candidate], chance) -> None:
    batches = plan_batches(candidates, CART)

    walked = [member.fulfilment for batch in batches for member in batch.members]
    assert sorted(walked) == sorted(each.fulfilment for each in candidates)
    for batch in batches:
        assert len({member.priority for member in batch.members}) == 1
        dues = [member.cut_off_at or 2**62 for member in batch.members]
        assert max(dues) - min(dues) <= CART.cut_off_slack_ms
        if batch.kind is BatchKind.BULK:
            assert 2 <= len(batch.members) <= CART.bulk_orders
            assert {member.units for member in batch.members} == {1}
        else:
            assert len(batch.members) <= CART.slots
        if len(batch.members) > 1:
            assert sum(member.weight_grams for member in batch.members) <= CART.max_weight_grams
            assert sum(member.lines for member in batch.members) <= CART.max_lines
    priorities = [batch.members[0].priority for batch in batches]
    assert priorities == sorted(priorities, reverse=True)
    chance.shuffle(candidates)
    assert plan_batches(candidates, CART) == batches
