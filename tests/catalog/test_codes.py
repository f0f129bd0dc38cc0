"""What a scanned string can mean: AIM ids, item numbers, and that plain text is never talked away."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.codes import (
    CommandReading,
    DigitalLinkReading,
    Flaw,
    Gs1Reading,
    GtinReading,
    Level,
    PlainReading,
    Reading,
    Rejected,
    SsccReading,
    check_digit,
    normalise_gtin,
    read_code,
)

TODAY = (2026, 6, 15)
GS = "\x1d"


def read(raw: str, **how: bool) -> tuple[Reading, ...]:
    return read_code(raw, today=TODAY, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("aim", ["]C1", "]d2", "]Q3", "]e0"])
def test_a_gs1_symbol_is_read_by_its_aim_id_and_is_no_plain_text(aim: str) -> None:
    (reading,) = read(f"{aim}011231231231233310ABC123{GS}99TESTING")
    assert isinstance(reading, Gs1Reading)
    assert reading.ais == (("01", "12312312312333"), ("10", "ABC123"), ("99", "TESTING"))
    assert (reading.gtin, reading.lot, reading.lacks) == ("12312312312333", "ABC123", ())


@pytest.mark.parametrize("aim", ["]C1", "]d2", "]Q3", "]e0"])
@pytest.mark.parametrize("rest", ["", GS])
def test_a_gs1_symbol_without_data_is_rejected(aim: str, rest: str) -> None:
    assert read(aim + rest) == (Rejected(Flaw.EMPTY),)


@pytest.mark.parametrize("text", ["]", "]X", "]XX", "ABC", "]99TEXT"])
def test_what_is_no_aim_id_stays_in_the_text(text: str) -> None:
    assert read(text) == (PlainReading(text),)


@pytest.mark.parametrize("text", ["", " ", "\r\n", "\0"])
def test_nothing_is_rejected_as_empty(text: str) -> None:
    assert read(text) == (Rejected(Flaw.EMPTY),)


@pytest.mark.parametrize(
    ("code", "gtin14"),
    [
        ("]E02112345678900", "02112345678900"),
        ("]E00416000336108", "00416000336108"),
        ("]E402345673", "00000002345673"),
        ("]E3978014300723412", "09780143007234"),
        ("]E3978014300723412345", "09780143007234"),
    ],
)
def test_an_ean_symbol_is_a_trade_item_and_nothing_else(code: str, gtin14: str) -> None:
    assert read(code) == (GtinReading(gtin14, Level.UNIT),)


@pytest.mark.parametrize(
    ("code", "flaw"),
    [
        ("]E02112345678901", Flaw.BAD_CHECK_DIGIT),
        ("]E402345674", Flaw.BAD_CHECK_DIGIT),
        ("]E0211234567890", Flaw.BAD_LENGTH),
        ("]E021123456", Flaw.BAD_LENGTH),
        ("]E0416000336108", Flaw.BAD_LENGTH),
        ("]E4023456730", Flaw.BAD_LENGTH),
        ("]E39780143007234", Flaw.BAD_LENGTH),
        ("]E3978014300723512", Flaw.BAD_CHECK_DIGIT),
        ("]E021123456789OO", Flaw.BAD_CHARACTER),
        ("]E402345673|]e0", Flaw.EMPTY),
        ("]E402345673|]e00112312312312333", Flaw.REPEATED_IDENTIFIER),
    ],
)
def test_a_bad_ean_symbol_is_rejected(code: str, flaw: Flaw) -> None:
    (reading,) = read(code)
    assert isinstance(reading, Rejected)
    assert reading.reason is flaw


def test_the_composite_above_an_ean_belongs_to_the_item() -> None:
    (reading,) = read(f"]E402345673|]e099COMPOSITE{GS}98XYZ")
    assert isinstance(reading, Gs1Reading)
    assert reading.ais == (("01", "00000002345673"), ("99", "COMPOSITE"), ("98", "XYZ"))


def test_the_aim_id_may_come_apart_from_the_text() -> None:
    expected = read("]C1011231231231233310ABC")
    assert read_code("011231231231233310ABC", symbology="]C1", today=TODAY) == expected
    assert read_code("]C1011231231231233310ABC", symbology="]C1", today=TODAY) == expected


@pytest.mark.parametrize("aim", ["]C0", "]C2", "]A0", "]L0", "]z0", "]S0", "]d1", "]Q1", "]J0", "]I0"])
def test_a_text_symbol_is_never_a_gs1_message(aim: str) -> None:
    assert read(f"{aim}10D9T") == (PlainReading("10D9T"),)
    assert read(f"{aim}0112312312312333") == (PlainReading("0112312312312333"),)


def test_a_plain_lot_that_looks_like_an_identifier_stays_plain_beside_the_other_reading() -> None:
    plain, gs1 = read("10D9T")
    assert plain == PlainReading("10D9T")
    assert isinstance(gs1, Gs1Reading)
    assert (gs1.lot, gs1.gtin, gs1.lacks) == ("D9T", None, ("10",))


@pytest.mark.parametrize(
    "text", ["A-01-02-03", "98123", "TOTE-7", "5012345678901", "123456789012345678", "0195", "1099"]
)
def test_a_plain_code_is_always_the_first_reading(text: str) -> None:
    assert read(text)[0] == PlainReading(text)


@pytest.mark.parametrize("text", ["A-01-02-03", "98123", "TOTE-7", "5012345678901", "123456789012345678", "0195"])
def test_a_code_that_is_no_member_of_any_kind_is_plain_alone(text: str) -> None:
    assert read(text) == (PlainReading(text),)


@pytest.mark.parametrize(
    ("text", "gtin14", "level"),
    [
        ("96385074", "00000096385074", Level.UNIT),
        ("036000291452", "00036000291452", Level.UNIT),
        ("5012345678900", "05012345678900", Level.UNIT),
        ("05012345678900", "05012345678900", Level.UNIT),
        ("15012345678907", "15012345678907", Level.PACKAGE),
        ("95012345678903", "95012345678903", Level.VARIABLE),
    ],
)
def test_a_bare_number_with_a_right_check_digit_may_be_an_item(text: str, gtin14: str, level: Level) -> None:
    assert read(text)[:2] == (PlainReading(text), GtinReading(gtin14, level))


def test_itf_carries_a_package_number_and_stays_text() -> None:
    number = "15012345678907"
    assert read(f"]I1{number}")[:2] == (PlainReading(number), GtinReading(number, Level.PACKAGE))


@pytest.mark.parametrize("number", ["036000291452", "96385074", "106141412345678908"])
def test_itf_of_another_length_is_text_as_a_part_of_a_code_would_be(number: str) -> None:
    assert not any(isinstance(each, GtinReading | SsccReading) for each in read(f"]I0{number}"))


@pytest.mark.parametrize(
    ("upce", "gtin14"),
    [
        ("04252614", "00042100005264"),
        ("01234531", "00012300000451"),
        ("01234543", "00012340000053"),
        ("01234565", "00012345000065"),
    ],
)
def test_eight_digits_may_be_a_shortened_upc(upce: str, gtin14: str) -> None:
    assert GtinReading(gtin14, Level.UNIT) in read(upce)


def test_a_bare_sscc_is_a_handling_unit() -> None:
    assert read("340123451234567895") == (PlainReading("340123451234567895"), SsccReading("340123451234567895"))


def test_a_gs1_message_of_an_sscc_alone_is_a_handling_unit() -> None:
    gs1, sscc = read("]C100106141411234567897")
    assert isinstance(gs1, Gs1Reading)
    assert gs1.sscc == "106141411234567897"
    assert sscc == SsccReading("106141411234567897")


def test_blanks_and_line_ends_around_a_code_are_no_part_of_it() -> None:
    assert read(" TOTE-7\r\n") == (PlainReading("TOTE-7"),)


def test_text_is_read_in_composed_form() -> None:
    assert read("Ma\u0308rz") == (PlainReading("M\u00e4rz"),)


@pytest.mark.parametrize("text", ["A\0B", "A\ud800B"])
def test_what_no_record_can_hold_is_rejected(text: str) -> None:
    assert read(text) == (Rejected(Flaw.UNREADABLE),)


def test_digits_of_other_scripts_are_no_numbers() -> None:
    text = "\u0665" * 13
    assert read(text) == (PlainReading(text),)
    assert normalise_gtin(text) is None


def test_the_printed_form_is_taken_from_a_person_only() -> None:
    printed = "(01)12312312312333(10)AB(7)C(99)X"
    plain, gs1 = read(printed, typed=True)
    assert plain == PlainReading(printed)
    assert isinstance(gs1, Gs1Reading)
    assert gs1.ais == (("01", "12312312312333"), ("10", "AB(7)C"), ("99", "X"))
    assert read(printed) == (PlainReading(printed),)


def test_a_bad_printed_form_says_why() -> None:
    assert read("(01)12312312312334", typed=True)[1] == Rejected(Flaw.BAD_CHECK_DIGIT, "01")
    assert read("(01", typed=True) == (PlainReading("(01"),)


def test_check_digits() -> None:
    assert check_digit("629104150021") == "3"
    assert check_digit("10614141123456789") == "7"
    assert check_digit("0") == "0"
    with pytest.raises(ValueError, match="not digits"):
        check_digit("12A")


@pytest.mark.parametrize("text", ["", "5012345678901", "501234567891", "00000000", "1234567", "501234567890O"])
def test_what_is_no_item_number_has_no_key(text: str) -> None:
    assert normalise_gtin(text) is None


@given(st.sampled_from([7, 11, 12, 13]), st.data())
def test_every_item_number_has_one_key_however_long_it_is_written(length: int, data: st.DataObject) -> None:
    body = data.draw(st.text("0123456789", min_size=length, max_size=length).filter(lambda text: text.strip("0")))
    gtin = body + check_digit(body)
    key = normalise_gtin(gtin)
    assert key == gtin.zfill(14)
    assert normalise_gtin(key) == key


@given(st.text("0123456789", min_size=2, max_size=18), st.integers(0, 17), st.integers(1, 9))
def test_a_check_digit_sees_every_single_wrong_digit(body: str, at: int, shift: int) -> None:
    at %= len(body)
    wrong = body[:at] + str((int(body[at]) + shift) % 10) + body[at + 1 :]
    assert check_digit(wrong) != check_digit(body)


CODE_LIKE = st.lists(
    st.one_of(
        st.text(max_size=6),
        st.sampled_from(
            [GS, "]C1", "]E0", "]Q1", "]d2", "01", "10", "17", "00", "37", "310", "(", ")", "WMS-", "-", "|]e0"]
        ),
        st.sampled_from(["https://x.y/", "/", "?", "=", "&", "%", "12312312312333", "261231", "8110", "8013", "7040"]),
    ),
    max_size=12,
).map("".join)


@settings(max_examples=500, deadline=None)
@given(CODE_LIKE, st.booleans(), st.booleans(), st.sampled_from([None, "]C1", "]Q1", "]E0", "]E4", "]I1", "EAN13"]))
def test_any_text_has_at_least_one_reading_and_never_an_exception(
    raw: str, trusted: bool, typed: bool, symbology: str | None
) -> None:
    readings = read_code(raw, symbology=symbology, separators_trusted=trusted, typed=typed, today=TODAY)
    assert readings
    assert sum(isinstance(reading, PlainReading) for reading in readings) <= 1
    assert all(
        not isinstance(reading, (CommandReading, DigitalLinkReading)) or len(readings) > 1 for reading in readings
    )


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(lambda text: text.strip(" ")))
def test_without_an_aim_id_plain_text_is_always_kept(raw: str) -> None:
    readings = read("x" + raw)
    assert isinstance(readings[0], PlainReading)
