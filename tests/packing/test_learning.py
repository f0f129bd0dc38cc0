"""The weight of a unit is learnt from cartons of one item, approved, and from then on a wrong weight may block."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.commands import NewItem, SaveItems, box_type_id
from core.catalog.model import Item
from core.kernel.flow import Verb
from core.kernel.ids import ParcelId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.packing.commands import LearntWeight, LearnWeights
from core.packing.learning import Learnt, Weighing, learn
from core.packing.model import ParcelContent
from core.packing.states import ScanWork, StickLabel, WeighParcel
from core.packing.weighings import NEWEST, SINCE_MS, lessons
from core.packing.weight import LEARNT, Weighed, weight_check
from tests.orders.shop import OWNER, Shop, item
from tests.packing.arrange import CUP, GTIN, MEDIUM, MUG, desk, packing_shop, picked, tote
from tests.support import NOON, SITE

TARE = 200
"""Of the carton that mugs and cups are packed in here."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with packing_shop(tmp_path) as it:
        yield it


# Numbers


def test_the_weight_is_that_of_all_units_and_the_deviation_is_one_units() -> None:
    # Ten cartons of four units, 10 g above and below 4 * 300 g: (10 / 2)² from each, 10 * 25 / 9 = 27.8, its root 5.27.
    weighings = [Weighing(4, 1210), Weighing(4, 1190)] * 5

    assert learn(weighings) == Learnt(300, 5270, 10, 0)


def test_cartons_of_any_size_count_by_their_units() -> None:
    # 55 units, 11,000 g; each carton is exact.
    assert learn([Weighing(n, 200 * n) for n in range(1, 11)]) == Learnt(200, 0, 10, 0)


def test_what_rounding_takes_away_is_part_of_the_deviation() -> None:
    # 20.4 g each is stored as 20 g: twenty of them are 8 g off. (8² / 20) * 10 / 9 = 3.56, its root 1.885.
    learnt = learn([Weighing(20, 408)] * 10)

    assert learnt == Learnt(20, 1885, 10, 0)
    check = weight_check([Weighed(20, learnt.weight_grams, learnt.sigma_mg, learnt.samples)], 0)
    assert check.fits(408)


@pytest.mark.parametrize("odd", [Weighing(4, 900), Weighing(4, 1500), Weighing(4, 9000)])
def test_a_carton_that_weighs_a_unit_less_or_more_teaches_nothing(odd: Weighing) -> None:
    weighings = [Weighing(4, 1200 + grams) for grams in (-6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6)]

    assert learn([*weighings, odd]) == Learnt(300, learn(weighings).sigma_mg, 11, 1)


def test_the_steps_of_the_scale_make_no_outlier() -> None:
    # (9 * 1² + 9²) / 9 = 10, its root 3.162.
    assert learn([Weighing(1, 100)] * 9 + [Weighing(1, 110)]) == Learnt(101, 3162, 10, 0)
    assert learn([Weighing(1, 100)] * 10 + [Weighing(1, 111)]) == Learnt(100, 0, 10, 1)


def test_too_few_weighings_teach_nothing() -> None:
    assert learn([Weighing(1, 100)] * (LEARNT - 1)) is None
    assert learn([Weighing(1, 100)] * (LEARNT - 1) + [Weighing(1, 500)]) is None, "outliers do not make up the number"


def test_weighings_that_tell_of_two_things_teach_nothing() -> None:
    assert learn([Weighing(1, 100)] * 12 + [Weighing(1, 180)] * 4) == Learnt(100, 0, 12, 4)
    assert learn([Weighing(1, 100)] * 12 + [Weighing(1, 180)] * 5) is None


def test_empty_and_impossible_weighings_are_no_weighings() -> None:
    assert learn([Weighing(0, 100), Weighing(3, 0), Weighing(3, -40)] * 10) is None


@given(st.lists(st.builds(Weighing, st.integers(0, 40), st.integers(-50, 90_000)), max_size=60), st.randoms())
def test_the_order_of_weighings_does_not_matter_and_no_numbers_break_it(weighings: list[Weighing], chance) -> None:
    learnt = learn(weighings)
    shuffled = list(weighings)
    chance.shuffle(shuffled)

    assert learn(shuffled) == learnt
    if learnt is not None:
        assert learnt.samples >= LEARNT
        assert learnt.weight_grams > 0
        assert learnt.sigma_mg >= 0


# What was weighed


def weigh_orders(it: Shop, grams: list[int], *lines: tuple[str, int], prefix: str = "o") -> None:
    """Pack and weigh an order of these lines for each weight."""
    orders = [picked(it, f"{prefix}{n}", *lines) for n in range(len(grams))]
    with desk(it, policies={"weight": "confirm"}) as d:
        for order, weight in zip(orders, grams, strict=True):
            d.take(tote(it, order), MEDIUM, *(GTIN[sku] for sku, units in lines for _ in range(units)))
            assert isinstance(d.state, WeighParcel)
            d.weigh(weight)
            if isinstance(d.state, WeighParcel):
                d.take(Verb.YES)
            d.take(d.state.parcel.sscc)


def said(it: Shop, *skus: str, at: int | None = None) -> dict[str, Learnt]:
    with it.connection.begin():
        found = lessons(it.connection, SITE, it.it.clock.now_ms() if at is None else at, skus)
    return {each.item.sku: each.learnt for each in found}


def approved(it: Shop, **changes: int) -> LearnWeights:
    with it.connection.begin():
        found = lessons(it.connection, SITE, it.it.clock.now_ms())
    weights = tuple(LearntWeight(**{**{n: getattr(each.weight, n) for n in _NAMES}, **changes}) for each in found)
    return LearnWeights(**it.it.base(), weights=weights)


_NAMES = tuple(LearntWeight.__dataclass_fields__)

MUGS = [TARE + 2 * 310 + off for off in (-2, -1, -1, 0, 0, 0, 0, 1, 1, 2)]


def test_cartons_of_one_item_teach_its_weight_and_mixed_ones_do_not(shop: Shop) -> None:
    weigh_orders(shop, MUGS, (MUG, 2))
    weigh_orders(shop, [TARE + 5000], (MUG, 1), (CUP, 1), prefix="mixed")

    # 20 units weigh 6,200 g; squares (4 + 1 + 1 + 1 + 1 + 4) / 2 = 6, over 9, its root 0.816.
    assert said(shop) == {MUG: Learnt(310, 816, 10, 0)}
    assert said(shop, CUP) == {}
    assert said(shop, at=shop.it.clock.now_ms() + SINCE_MS) == {}, "what was weighed long ago"


def test_a_parcel_that_was_not_weighed_teaches_nothing(shop: Shop) -> None:
    for n in range(LEARNT):
        shop.pack_all(picked(shop, f"o{n}", (MUG, 2)))

    assert said(shop) == {}


def test_the_newest_weighings_count(shop: Shop) -> None:
    parcel = shop.pack_all(picked(shop, "o", (MUG, 1)))
    (content,) = shop.it.all(ParcelContent)
    for n in range(2 * NEWEST):
        grams = TARE + (250 if n < NEWEST else 400)
        box = replace(
            parcel, id=_parcel(n), sscc="", box_type=box_type_id(MEDIUM), weight_grams=grams, closed_at=NOON + n
        )
        shop.it.seed(box, replace(content, id=_parcel(n), parcel=_parcel(n), first=n + 2))

    assert said(shop) == {MUG: Learnt(400, 0, NEWEST, 0)}


def _parcel(n: int) -> ParcelId:
    return ParcelId(f"parcel-{n:09}".encode())


def test_an_approved_weight_is_stored_and_then_not_proposed_again(shop: Shop) -> None:
    weigh_orders(shop, MUGS, (MUG, 2))
    shop.it.run(approved(shop))
    row = shop.it.need(Item, item(MUG))

    assert (row.weight_grams, row.weight_sigma_mg, row.weight_samples) == (310, 816, 10)
    assert said(shop) == {}
    master = NewItem(sku=MUG, description="Mug", weight_grams=290)
    shop.it.run(SaveItems(**shop.it.base(), owner=OWNER, items=(master,)))
    assert shop.it.need(Item, item(MUG)).weight_grams == 310, "the item master does not know better than the scale"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"samples": LEARNT - 1}, Refusal(Reason.NOT_A_QUANTITY, {"quantity": LEARNT - 1})),
        ({"weight_grams": 0}, Refusal(Reason.NOT_A_QUANTITY, {"quantity": 0})),
        ({"base_version": 9}, Refusal(Reason.CHANGED_MEANWHILE, {"item": MUG, "version": 1})),
    ],
)
def test_a_weight_that_was_not_weighed_enough_or_is_out_of_date_is_refused(
    shop: Shop, changes: dict[str, int], refusal: Refusal
) -> None:
    weigh_orders(shop, MUGS, (MUG, 2))

    assert shop.it.refuse(approved(shop, **changes)) == refusal


def test_only_a_learnt_weight_blocks(shop: Shop) -> None:
    weigh_orders(shop, MUGS, (MUG, 2))
    before, after = picked(shop, "before", (MUG, 2)), picked(shop, "after", (MUG, 2))
    with desk(shop, policies={"weight": "block"}) as d:
        d.take(tote(shop, before), MEDIUM, GTIN[MUG], GTIN[MUG])
        d.weigh(TARE + 310)
        assert d.state.outside == TARE + 310, "nobody weighed a mug yet: the packer is asked"
        d.take(Verb.YES)
        d.take(d.state.parcel.sscc)

        shop.it.run(approved(shop))
        assert isinstance(d.state, ScanWork)
        d.take(tote(shop, after), MEDIUM, GTIN[MUG], GTIN[MUG])
        d.weigh(TARE + 310)
        assert d.last.refusal is not None
        assert (d.last.refusal.reason, d.last.refusal.facts["expected"]) == (Reason.WEIGHT_OUTSIDE, TARE + 620)
        d.weigh(TARE + 620)
        assert isinstance(d.state, StickLabel)
