"""Label numbers that no parcel was closed with are given out once a year, whoever has them: carton, list or void label."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.kernel.numbers import next_number
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.packing.commands import SSCC_NUMBERS, ReopenParcel, UseSsccs
from core.packing.commands.numbering import YEAR_MS
from core.packing.model import PrintedSscc
from core.packing.numbering import draw, given_out
from tests.orders.shop import Shop
from tests.packing.arrange import MUG, packing_shop, picked
from tests.support import SITE, STATION

FOREIGN = "340123450000000018"


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    with packing_shop(tmp_path) as shop:
        yield shop


def use(it: Shop, *ssccs: str, later_ms: int = 0) -> UseSsccs:
    base = it.it.base()
    return UseSsccs(**base | {"at": base["at"] + later_ms}, ssccs=ssccs)  # type: ignore[arg-type]


def test_a_number_comes_again_after_a_year_and_not_before(it: Shop) -> None:
    it.it.run(use(it, FOREIGN))
    assert it.it.refuse(use(it, FOREIGN)).reason is Reason.LABEL_TWICE
    assert it.it.refuse(use(it, FOREIGN, later_ms=YEAR_MS - 60_000)).facts == {"label": FOREIGN}
    assert it.it.refuse(use(it, "340123450000000025", "340123450000000025")).reason is Reason.LABEL_TWICE
    it.it.run(use(it, FOREIGN, later_ms=YEAR_MS + 60_000))
    assert len(it.it.all(PrintedSscc)) == 1


def test_a_cartons_number_and_that_of_a_void_label_are_nobodys_else(it: Shop) -> None:
    parcel = it.pack_all(picked(it, "o1", (MUG, 2)))
    assert it.it.refuse(use(it, parcel.sscc)).reason is Reason.LABEL_TWICE
    with it.it.database.reading() as reader:
        assert set(given_out(reader, SITE, {parcel.sscc, FOREIGN}, parcel.closed_at + 1)) == {parcel.sscc}
    it.it.run(ReopenParcel(**it.it.base(), parcel=parcel.id, reason="OPERATOR"))
    assert it.it.refuse(use(it, parcel.sscc)).reason is Reason.LABEL_TWICE
    it.it.run(use(it, parcel.sscc, later_ms=YEAR_MS + 60_000))


def test_drawn_numbers_follow_on_the_cartons_and_cartons_on_them(it: Shop) -> None:
    first = it.pack_all(picked(it, "o1", (MUG, 1)))
    with it.it.database.reading() as reader:
        drawn = draw(reader, SITE, STATION, 3)
    assert not isinstance(drawn, Refusal)
    command = use(it, *(sscc for _, sscc in drawn))
    it.it.run(replace(command, drawn=tuple(number for number, _ in drawn)))

    second = it.pack_all(picked(it, "o2", (MUG, 1)))

    found = [first.sscc, *(sscc for _, sscc in drawn), second.sscc]
    assert len(set(found)) == 5
    assert [int(each[7:17]) for each in found] == list(range(int(first.sscc[7:17]), int(first.sscc[7:17]) + 5))
    again = replace(use(it, "340123450000000032"), drawn=(drawn[0][0],))
    assert it.it.refuse(again).reason is Reason.NUMBERS_OUT
    with it.it.database.reading() as reader:
        assert next_number(reader, SITE, SSCC_NUMBERS).value == drawn[-1][0].value + 2
