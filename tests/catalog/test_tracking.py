"""Tracking numbers: every published one, right and wrong, and how much a form alone is worth."""

import csv
from typing import Any

import pytest

from core.catalog.codes import Flaw, GtinReading, PlainReading, TrackingReading, read_code
from core.catalog.judging import Verdict, judge
from core.catalog.tracking import read_tracking
from tests.shared_data import shared

TODAY = (2026, 6, 15)
GS = "\x1d"
UNNAMED = {
    "Old Dominion": "old_dominion",
    "Old Dominion Guaranteed Shipment": "old_dominion_guaranteed",
    "UPS Waybill": "ups_waybill",
    "LaserShip 1LS7 (18)": "lasership_1ls7_18",
}


def published() -> list[dict[str, Any]]:
    with (shared("tracking_numbers") / "numbers.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def of(text: str) -> list[TrackingReading]:
    return [each for each in read_code(text, today=TODAY) if isinstance(each, TrackingReading)]


def test_every_published_number_is_its_carrier_s_and_no_wrong_one_is() -> None:
    numbers = published()
    assert len(numbers) > 100
    wrong = []
    for each in numbers:
        form = each["id"] or UNNAMED[each["type"]]
        found = any((one.carrier, one.form) == (each["courier"], form) for one in of(each["number"]))
        if found != (each["expect"] == "valid"):
            wrong.append(each)
    assert wrong == []


def test_every_published_number_is_taken_for_its_carrier_s_or_left_open_between_two() -> None:
    left_open, only_text = set(), set()
    for each in published():
        if each["expect"] == "valid":
            judged = judge(read_code(each["number"], today=TODAY))
            if judged.verdict is Verdict.AMBIGUOUS:
                assert judged.reason is Flaw.SEVERAL_MEANINGS
                left_open.add(each["number"])
            elif isinstance(judged.chosen, PlainReading):
                # Fourteen digits that nothing vouches for are as likely an item's number with a digit that was misread.
                only_text.add(each["number"])
            else:
                assert isinstance(judged.chosen, TrackingReading), each
                assert judged.chosen.carrier == each["courier"], each
    assert left_open == {"287809468872", "320610804900", "JFV247545960"}
    assert only_text == {"5108 7693037816", "60120174971147"}


@pytest.mark.parametrize(
    "number", ["1Z5R89390357567127", "799531274483", "RB123456785GB", "92748931507708513018050063"]
)
def test_any_single_wrong_digit_of_a_checked_number_is_seen(number: str) -> None:
    (form,) = {each.form for each in of(number) if each.carrier in ("ups", "fedex", "s10", "usps")}
    last = max(index for index, character in enumerate(number) if character.isdecimal())
    other = "7" if number[last] != "7" else "3"
    assert form not in {each.form for each in of(number[:last] + other + number[last + 1 :])}


def test_a_number_stays_text_and_trade_item_beside_whose_it_may_be() -> None:
    readings = read_code("05012345678900", today=TODAY)
    assert isinstance(readings[0], PlainReading)
    assert isinstance(readings[1], GtinReading)
    assert [(each.carrier, each.vouchers) for each in of("05012345678900")] == [("dhl", 0)]


def test_a_number_is_the_same_in_small_letters() -> None:
    assert [(each.carrier, each.number) for each in of("1z999aa10123456784")] == [("ups", "1Z999AA10123456784")]
    assert of("\u017fp029692510000901479") == []


def test_a_licence_plate_is_dhl_s_own_by_its_agency_only() -> None:
    assert [(each.form, each.vouchers) for each in of("JJD0099999999")] == [("dhl_express_piece_id", 1)]
    assert [(each.form, each.vouchers) for each in of("JAB0099999999")] == [("dhl_express_piece_id", 0)]


def test_a_gs1_symbol_is_asked_only_for_numbers_that_are_gs1_messages_too() -> None:
    number = "420787459400111206206406260787"
    assert [each.form for each in of(f"]C1{number}")] == ["usps_impb_n"]
    assert [each.number for each in of(f"]C142078745{GS}9400111206206406260787")] == [number]
    assert of("]C14002847016405018") == []
    assert [each.form for each in of("]C04002847016405018")] == ["canada_post"]


def test_nine_digits_of_a_postcode_stand_in_front_of_a_number_of_22_digits_only() -> None:
    assert "usps_impb_c" not in {each.form for each in of("42012330825993879098871080199488843267")}
    assert "usps_impb_c" in {each.form for each in of("4201233093879098871080199488843267")}
    assert [each.form for each in of("420787459400111206206406260787")] == ["usps_impb_n"]


@pytest.mark.parametrize(
    ("number", "form", "vouchers"),
    [
        ("JU418354384IE", "s10", 2),
        ("AA123456785DE", "s10", 2),
        ("JJDW667285918", "dhl_express_piece_id", 0),
        ("JVGLA667285918", "", 0),
        ("JVGL667285918", "dhl_express_piece_id", 1),
    ],
)
def test_letters_that_a_form_leaves_open_may_be_any(number: str, form: str, vouchers: int) -> None:
    found = [(each.form, each.vouchers) for each in of(number)]
    assert found == ([(form, vouchers)] if form else [])


def test_the_country_of_a_postal_item_is_one() -> None:
    assert [each.form for each in of("RB123456785GB")] == ["s10"]
    assert of("RB123456785QQ") == []


@pytest.mark.parametrize("text", ["", " ", "123456789", "1" * 42, "ü" * 12, "٣٣١٨٨١٠٠٢٥"])
def test_what_cannot_be_a_number_is_none(text: str) -> None:
    assert read_tracking(text) == ()
