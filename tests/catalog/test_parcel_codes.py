"""The square code of a parcel's label: what is read is what was told, and half a code is none."""

from dataclasses import replace

import pytest

from core.catalog.codes import Rejected, SsccReading, read_code
from core.catalog.parcel_codes import (
    PARCEL_PREFIX,
    ParcelCode,
    ParcelUnits,
    find_parcel_code,
    parcel_code,
    read_parcel_code,
)
from core.kernel.ids import (
    NO_ID,
    CommandId,
    ContainerId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    ParcelId,
    SiteId,
    StationId,
    derive,
)

ORDER = derive(b"an order of mine", "order")
CODE = ParcelCode(
    site=SiteId(3), sscc="006141410000000012", parcel=ParcelId(derive(ORDER, "parcel")),
    fulfilment=FulfilmentId(derive(ORDER, "fulfilment")), operation=CommandId(derive(ORDER, "closing")),
    container=ContainerId(b"t" * 16), fence=4711, station=StationId(b"s" * 16), incarnation=2, epoch=3,
    carrier="Kestrel Überland", weight_grams=1910,
    units=tuple(
        ParcelUnits(line=FulfilmentLineId(derive(ORDER, "line", n)), first=n + 1, quantity=300, fill=FillId(b"f" * 16))
        for n in range(3)
    ),
    signature=b"later",
)  # fmt: skip
TEXT = parcel_code(CODE)
TODAY = (2026, 11, 24)


@pytest.mark.parametrize(
    "code",
    [CODE, replace(CODE, container=ContainerId(NO_ID), signature=b"", carrier="", fence=0, weight_grams=0)],
    ids=["everything", "no more than there must be"],
)
def test_what_is_read_is_what_was_told(code: ParcelCode) -> None:
    assert read_parcel_code(parcel_code(code)) == code


def test_it_is_found_behind_what_a_scanner_puts_in_front_and_in_small_letters() -> None:
    assert read_parcel_code(find_parcel_code(f"]Q1{TEXT.lower()}\r\n")) == CODE
    assert find_parcel_code("006141410000000012") == ""


def test_every_other_look_up_takes_it_for_the_labels_number() -> None:
    assert SsccReading(CODE.sscc) in read_code(TEXT, today=TODAY)


@pytest.mark.parametrize("at", range(len(PARCEL_PREFIX), len(TEXT), 7))
def test_a_code_with_a_wrong_letter_is_none(at: int) -> None:
    other = "A" if TEXT[at] != "A" else "B"
    wrong = TEXT[:at] + other + TEXT[at + 1 :]

    assert isinstance(read_parcel_code(wrong), Rejected)
    assert not any(isinstance(each, SsccReading) for each in read_code(wrong, today=TODAY))


@pytest.mark.parametrize("end", range(len(PARCEL_PREFIX), len(TEXT), 11))
def test_half_a_code_is_none(end: int) -> None:
    assert isinstance(read_parcel_code(TEXT[:end]), Rejected)


@pytest.mark.parametrize("text", ["", "!", "ÄÖÜ", "A" * 3, "7" * 4000])
def test_what_only_begins_like_one_is_none(text: str) -> None:
    assert isinstance(read_parcel_code(PARCEL_PREFIX + text), Rejected)


def test_more_than_a_label_has_room_for_is_not_told() -> None:
    assert parcel_code(replace(CODE, units=CODE.units * 9)) == ""
