"""What a carton should weigh, how far off it may be, and whether one missing unit would be seen (devices.md 3.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.model import BoxType
from core.kernel.ids import BoxTypeId
from core.kernel.reasons import Reason
from core.packing.cartonize import Goods, propose, why_not_in
from core.packing.weight import LEARNT, Weighed, weight_check
from tests.support import SITE


def test_the_expected_weight_is_units_and_carton() -> None:
    check = weight_check([Weighed(2, 300, 0, 0), Weighed(1, 120, 0, 0)], 200)

    assert (check.expected_grams, check.known) == (920, True)


@pytest.mark.parametrize(
    ("units", "tare", "tolerance", "why"),
    [
        ([Weighed(1, 100, 0, 0)], 0, 10, "twice the scale's step"),
        ([Weighed(10, 1000, 0, 0)], 0, 200, "two percent of what it weighs"),
        ([Weighed(4, 100, 20_000, 9)], 0, 120, "three deviations of four units"),
    ],
)
def test_the_tolerance_is_the_largest_of_three(units: list[Weighed], tare: int, tolerance: int, why: str) -> None:
    assert weight_check(units, tare).tolerance_grams == tolerance, why


@pytest.mark.parametrize(("lightest", "sees"), [(19, False), (20, True)])
def test_one_missing_unit_is_seen_when_it_weighs_twice_the_tolerance(lightest: int, sees: bool) -> None:
    check = weight_check([Weighed(1, lightest, 0, LEARNT), Weighed(1, 400, 0, LEARNT)], 0)

    assert (check.tolerance_grams, check.sees_one_unit, check.may_block) == (10, sees, sees)


def test_weights_that_nobody_learnt_never_block() -> None:
    assert not weight_check([Weighed(1, 400, 0, LEARNT - 1)], 0).may_block
    assert weight_check([Weighed(1, 400, 0, LEARNT)], 0).may_block


@pytest.mark.parametrize("inside", [[], [Weighed(1, None, 0, 0)], [Weighed(1, 5, 0, 9), Weighed(1, None, 0, 9)]])
def test_what_nobody_weighed_cannot_be_compared(inside: list[Weighed]) -> None:
    check = weight_check(inside, 100)

    assert (check.known, check.sees_one_unit, check.may_block) == (False, False, False)


@given(
    units=st.lists(
        st.builds(Weighed, st.integers(1, 20), st.integers(1, 5000), st.integers(0, 50_000), st.just(LEARNT)),
        min_size=1, max_size=5,
    ),
    tare=st.integers(0, 2000),
)  # fmt: skip
def test_a_check_that_may_block_tells_a_full_carton_from_one_without_its_lightest_unit(
    units: list[Weighed], tare: int
) -> None:
    check = weight_check(units, tare)
    lightest = min(each.weight_grams or 0 for each in units)

    assert check.fits(check.expected_grams)
    if check.may_block:
        assert not check.fits(check.expected_grams - lightest)


# Cartons


def box(code: str, length: int, width: int, height: int, *, grams: int = 0, carrier: str = "") -> BoxType:
    name = BoxTypeId(code.encode().ljust(16, b"-"))
    return BoxType(SITE, name, code, code, length, width, height, 50, grams, carrier, 1)


FLAT, CUBE, LONG = box("FLAT", 300, 200, 50), box("CUBE", 200, 200, 200), box("LONG", 900, 100, 100)


@pytest.mark.parametrize(
    ("goods", "expected"),
    [
        ([Goods(1, 250, 150, 40, 100)], "FLAT"),
        ([Goods(1, 190, 190, 190, 100)], "CUBE"),
        ([Goods(1, 800, 20, 20, 100)], "LONG"),
        ([Goods(2, 190, 190, 100, 100)], None),
        ([Goods(1, 950, 20, 20, 100)], None),
        ([Goods(1, None, None, None, None)], "FLAT"),
    ],
    ids=["flat", "a unit to the edge", "by its longest edge", "no room for two", "too long for all", "no measures"],
)
def test_the_smallest_that_takes_volume_and_edges_is_proposed(goods: list[Goods], expected: str | None) -> None:
    found = propose(goods, [CUBE, LONG, FLAT])

    assert (None if found is None else found.code) == expected


def test_a_carton_says_why_it_is_none() -> None:
    one = [Goods(1, 100, 100, 40, 500)]

    assert why_not_in(one, FLAT, "DHL") is None
    assert why_not_in(one, box("THEIRS", 300, 300, 300, carrier="UPS"), "DHL") is Reason.CARTON_WRONG_FOR_CARRIER
    assert why_not_in(one, box("LIGHT", 300, 300, 300, grams=400), "DHL") is Reason.CARTON_TOO_SMALL
    assert why_not_in([Goods(1, 400, 10, 10, 5)], CUBE, "DHL") is Reason.CARTON_TOO_SMALL
