"""GS1 messages: values in the floor's terms, companions, dates, lost separators and Digital Links."""

import random

import pytest

from core.catalog.codes import (
    Ambiguous,
    Day,
    DigitalLinkReading,
    Flaw,
    Gs1Reading,
    PlainReading,
    Reading,
    Rejected,
    read_code,
)
from core.catalog.gs1 import full_year, iso_date

TODAY = (2026, 6, 15)
GS = "\x1d"
ITEM = "0109506000134352"


def gs1(message: str, *, trusted: bool = True, today: Day = TODAY) -> Reading:
    (reading, *_) = read_code("]C1" + message.replace("{GS}", GS), separators_trusted=trusted, today=today)
    return reading


def accepted(message: str) -> Gs1Reading:
    reading = gs1(message)
    assert isinstance(reading, Gs1Reading), reading
    return reading


def test_the_parts_that_a_floor_asks_for() -> None:
    reading = accepted(f"{ITEM}17261231{GS}10LOT-1{GS}21S/9{GS}3012{GS}3103001250")
    assert reading == Gs1Reading(
        ais=(
            ("01", "09506000134352"),
            ("17", "261231"),
            ("10", "LOT-1"),
            ("21", "S/9"),
            ("30", "12"),
            ("3103", "001250"),
        ),
        gtin="09506000134352",
        lot="LOT-1",
        serial="S/9",
        expiry="2026-12-31",
        count=12,
        weight_grams=1250,
    )


def test_the_content_of_a_logistic_unit_is_not_the_item_itself() -> None:
    reading = accepted("001061414112345678970209506000134352" + "3748{GS}15270100")
    assert (reading.sscc, reading.gtin, reading.content_gtin) == ("106141411234567897", None, "09506000134352")
    assert (reading.count, reading.best_before, reading.expiry) == (48, "2027-01-31", None)


def test_a_piece_of_an_item_names_the_item() -> None:
    assert accepted("8006095060001343520102").gtin == "09506000134352"


@pytest.mark.parametrize(
    ("ai", "value", "grams"),
    [
        ("3100", "000002", 2000),
        ("3103", "001250", 1250),
        ("3105", "123456", 1235),
        ("3104", "000005", 1),
        ("3202", "000100", 454),
        ("3301", "000105", 10500),
        ("3400", "000001", 454),
    ],
)
def test_weights_are_whole_grams(ai: str, value: str, grams: int) -> None:
    assert accepted(ITEM + ai + value).weight_grams == grams


def test_net_weight_goes_before_gross_weight() -> None:
    assert accepted(f"{ITEM}33030020003103001900").weight_grams == 1900


@pytest.mark.parametrize(
    ("yymmdd", "today", "iso"),
    [
        ("261231", TODAY, "2026-12-31"),
        ("280200", TODAY, "2028-02-29"),
        ("270200", TODAY, "2027-02-28"),
        ("760101", TODAY, "2076-01-01"),
        ("770101", TODAY, "1977-01-01"),
        ("491231", (1999, 1, 1), "2049-12-31"),
        ("500101", (1999, 1, 1), "1950-01-01"),
    ],
)
def test_dates_have_the_nearest_century_and_a_day(yymmdd: str, today: Day, iso: str) -> None:
    assert iso_date(yymmdd, today) == iso
    reading = gs1(f"{ITEM}17{yymmdd}", today=today)
    assert isinstance(reading, Gs1Reading)
    assert reading.expiry == iso


@pytest.mark.parametrize("text", ["", "2612", "26123x", "261301", "260001", "260230", "261232", "٢٦١٢٣١"])
def test_what_is_no_date_is_none_and_not_another_one(text: str) -> None:
    assert iso_date(text, TODAY) is None


def test_the_window_of_years_reaches_49_back_and_50_ahead() -> None:
    for this_year in (1999, 2000, 2026, 2050, 2051, 2099):
        years = {full_year(two_digits, this_year) for two_digits in range(100)}
        assert years == set(range(this_year - 49, this_year + 51))


def test_the_hour_of_expiry_counts_by_its_day() -> None:
    assert accepted(f"{ITEM}70032612312359").expiry == "2026-12-31"


@pytest.mark.parametrize("message", [f"{ITEM}10A{GS}", f"{GS}{ITEM}10A", f"{ITEM}{GS}10A"])
def test_needless_separators_are_tolerated(message: str) -> None:
    assert accepted(message).ais == (("01", "09506000134352"), ("10", "A"))


@pytest.mark.parametrize(
    ("message", "flaw", "at"),
    [
        ("0109506000134353", Flaw.BAD_CHECK_DIGIT, "01"),
        ("01095060001343", Flaw.BAD_LENGTH, "01"),
        ("01095060001343S2", Flaw.BAD_CHARACTER, "01"),
        (f"{ITEM}17261331", Flaw.BAD_DATE, "17"),
        (f"{ITEM}17260230", Flaw.BAD_DATE, "17"),
        (f"{ITEM}700626100", Flaw.BAD_LENGTH, "7006"),
        (f"{ITEM}10A B", Flaw.BAD_CHARACTER, "10"),
        (f"{ITEM}10", Flaw.BAD_LENGTH, "10"),
        (f"{ITEM}10A{{GS}}{{GS}}21B", Flaw.EMPTY, GS),
        (f"A{{GS}}{{GS}}{ITEM}", Flaw.UNKNOWN_IDENTIFIER, "A"),
        (f"{ITEM}10A{{GS}}05{{GS}}21B", Flaw.UNKNOWN_IDENTIFIER, "05"),
        (f"{ITEM}10{'A' * 21}", Flaw.TOO_LONG, "10"),
        (f"{ITEM}05X", Flaw.UNKNOWN_IDENTIFIER, "05X"),
        (f"{ITEM}10A{{GS}}10B", Flaw.REPEATED_IDENTIFIER, "10"),
        (f"{ITEM}3712", Flaw.FORBIDDEN_COMPANION, "01"),
        (f"{ITEM}31030012503102000125", Flaw.FORBIDDEN_COMPANION, "3103"),
        (f"{ITEM}21A{{GS}}235B", Flaw.FORBIDDEN_COMPANION, "21"),
        ("10ABC", Flaw.MISSING_COMPANION, "10"),
        ("0209506000134352", Flaw.MISSING_COMPANION, "02"),
        ("02095060001343523748", Flaw.MISSING_COMPANION, "37"),
        (f"{ITEM}250X", Flaw.MISSING_COMPANION, "250"),
    ],
)
def test_a_bad_message_is_rejected_with_its_place(message: str, flaw: Flaw, at: str) -> None:
    reading = gs1(message)
    assert isinstance(reading, Rejected)
    assert (reading.reason, reading.at) == (flaw, at)


def test_the_same_element_twice_is_one() -> None:
    assert accepted(f"{ITEM}10A{{GS}}10A").ais == (("01", "09506000134352"), ("10", "A"))


def test_a_message_that_lacks_its_companion_tells_what_it_says() -> None:
    reading = gs1("0209506000134352" + "3748{GS}10L1")
    assert isinstance(reading, Rejected)
    assert reading.partial is not None
    assert (reading.partial.content_gtin, reading.partial.count, reading.partial.lot) == ("09506000134352", 48, "L1")


def test_a_separator_in_a_code_of_unknown_symbology_is_a_claim() -> None:
    assert read_code(f"01095060001343{GS}X", today=TODAY) == (
        PlainReading(f"01095060001343{GS}X"),
        Rejected(Flaw.BAD_LENGTH, "01"),
    )


def test_a_lot_that_ends_in_a_date_is_not_believed_from_an_unproven_device() -> None:
    reading = gs1(f"{ITEM}10ABC17261231", trusted=False)
    assert isinstance(reading, Ambiguous)
    assert [(one.lot, one.expiry) for one in reading.alternatives] == [("ABC17261231", None), ("ABC", "2026-12-31")]


def test_the_same_message_without_an_aim_id_is_as_doubtful() -> None:
    plain, reading = read_code(f"{ITEM}10ABC17261231", today=TODAY)
    assert plain == PlainReading(f"{ITEM}10ABC17261231")
    assert isinstance(reading, Ambiguous)


def test_a_proven_device_is_believed() -> None:
    assert accepted(f"{ITEM}10ABC17261231").lot == "ABC17261231"


def test_one_separator_proves_the_device() -> None:
    reading = gs1(f"{ITEM}21S1{GS}10ABC17261231", trusted=False)
    assert isinstance(reading, Gs1Reading)
    assert reading.lot == "ABC17261231"


@pytest.mark.parametrize(
    "lot",
    ["ABC17361231", "ABC17200101", "ABC17261331", "ABC12261231", "ABC3103001250", "ABC21S1", "17261231", "ABC1726123"],
)
def test_only_a_plausible_date_that_fills_the_message_is_evidence(lot: str) -> None:
    reading = gs1(f"{ITEM}10{lot}", trusted=False)
    assert isinstance(reading, Gs1Reading)
    assert reading.lot == lot


def test_a_date_that_is_there_already_is_no_evidence() -> None:
    reading = gs1(f"{ITEM}1727010110ABC17261231", trusted=False)
    assert isinstance(reading, Gs1Reading)
    assert reading.lot == "ABC17261231"


def test_a_value_too_long_for_its_identifier_lost_its_separator() -> None:
    assert gs1(f"{ITEM}10{'A' * 20}21S1", trusted=False) == Rejected(Flaw.LOST_SEPARATOR, "10")
    assert gs1(f"{ITEM}422826" + "10ABC", trusted=False) == Rejected(Flaw.LOST_SEPARATOR, "422")


def test_a_value_that_a_separator_would_mend_lost_it() -> None:
    assert gs1(f"{ITEM}301210ABC", trusted=False) == Rejected(Flaw.LOST_SEPARATOR, "30")
    assert gs1(f"{ITEM}301210ABC") == Rejected(Flaw.BAD_CHARACTER, "30")
    assert gs1(f"{ITEM}3012XYABC", trusted=False) == Rejected(Flaw.BAD_CHARACTER, "30")
    assert gs1(f"{ITEM}0109506000134369", trusted=False) == Rejected(Flaw.REPEATED_IDENTIFIER, "01")


@pytest.mark.parametrize(
    ("code", "at"),
    [
        ("01095060001343522112345678901210ABCDEFGH17261231", "21"),
        ("001061414123456789080209506000134352371210ABC17261231", "37"),
        ("02095060001343523748" + "10ABC", "37"),
        (f"{ITEM}301210ABC", "30"),
    ],
)
def test_a_checked_number_in_front_shows_that_a_separator_was_lost(code: str, at: str) -> None:
    assert Rejected(Flaw.LOST_SEPARATOR, at) in read_code(code, today=TODAY)
    trusted = read_code(code, separators_trusted=True, today=TODAY)
    assert Flaw.LOST_SEPARATOR not in {each.reason for each in trusted if isinstance(each, Rejected)}


@pytest.mark.parametrize(
    "code",
    [
        "01-0815-4711",
        "01095060001343532112345678901210ABCDEFGH17261231",
        "0112345678901234567890",
        "00ABC",
        f"{ITEM}-X",
    ],
)
def test_a_code_that_merely_begins_as_a_message_stays_plain(code: str) -> None:
    assert not any(isinstance(each, Rejected | Gs1Reading) for each in read_code(code, today=TODAY))


def test_a_value_too_long_with_a_date_in_it_has_the_one_other_meaning() -> None:
    reading = gs1(f"{ITEM}10{'A' * 20}1726123121S1", trusted=False)
    assert isinstance(reading, Ambiguous)
    assert [(one.lot, one.expiry, one.serial) for one in reading.alternatives] == [("A" * 20, "2026-12-31", "S1")]


@pytest.mark.parametrize("tail", ["17261231", "1726123121SER-4", "11260101172612313024"])
def test_every_separator_lost_before_a_date_is_seen(tail: str) -> None:
    chance = random.Random(4)
    for _ in range(200):
        lot = "".join(chance.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=chance.randint(1, 12)))
        assert isinstance(gs1(f"{ITEM}10{lot}{tail}", trusted=False), Ambiguous), lot


@pytest.mark.parametrize(("digits", "most"), [(6, 0), (10, 3), (14, 3)])
def test_hardly_any_good_numeric_lot_is_suspected(digits: int, most: int) -> None:
    chance = random.Random(digits)
    lots = ["".join(chance.choices("0123456789", k=digits)) for _ in range(3000)]
    suspected = [lot for lot in lots if isinstance(gs1(f"{ITEM}10{lot}", trusted=False), Ambiguous)]
    assert len(suspected) <= most


def link(address: str) -> Reading:
    plain, *others = read_code(f"]Q1{address}", today=TODAY)
    assert plain == PlainReading(address)
    return others[0] if others else plain


@pytest.mark.parametrize("aim", ["]Q1", "]d1", ""])
@pytest.mark.parametrize("scheme", ["https", "http", "HTTPS", "HTTP"])
def test_a_digital_link_says_what_a_message_says(aim: str, scheme: str) -> None:
    address = f"{scheme}://example.com/01/12312312312333?99=TEST"
    assert read_code(aim + address, today=TODAY) == (
        PlainReading(address),
        DigitalLinkReading(ais=(("01", "12312312312333"), ("99", "TEST")), gtin="12312312312333", uri=address),
    )


def test_a_link_may_have_a_stem_qualifiers_escapes_and_names_of_its_own() -> None:
    reading = link("https://id.example.com/de/shop/01/09506000134352/10/A%2FB/21/7?17=261200&utm=x&&3103=000500#top")
    assert isinstance(reading, DigitalLinkReading)
    assert reading.ais == (
        ("01", "09506000134352"),
        ("10", "A/B"),
        ("21", "7"),
        ("17", "261200"),
        ("3103", "000500"),
    )
    assert (reading.lot, reading.serial, reading.expiry, reading.weight_grams) == ("A/B", "7", "2026-12-31", 500)


@pytest.mark.parametrize(
    "address",
    [
        "HtTps://example.com/01/12312312312333",
        "ftp://example.com/01/12312312312333",
        "https://example.com/",
        "https://example.com",
        "https://example.com/products/17",
        "https://example.com/10/ABC",
        "https://example.com/01/12312312312333/reviews/5",
        "https://example.com/01//12312312312333",
        "https://example.com/2026/01/15/",
        "https://00/006141411234567890",
        "https://example.com/gtin/12312312312333",
        "https://example.com/products-and-services",
        "https://",
    ],
)
def test_an_address_without_a_key_is_a_text(address: str) -> None:
    assert link(address) == PlainReading(address)


@pytest.mark.parametrize(
    ("address", "flaw", "at"),
    [
        ("https://example.com/01/12312312312334", Flaw.BAD_CHECK_DIGIT, "01"),
        ("https://example.com/01/12312312312333/21/A/10/B", Flaw.BAD_LINK, "21/10"),
        ("https://example.com/01/12312312312333/10/A/235/B", Flaw.BAD_LINK, "10/235"),
        ("https://example.com/01/12312312312333?21=A", Flaw.BAD_LINK, "21"),
        ("https://example.com/01/12312312312333?05=A", Flaw.UNKNOWN_IDENTIFIER, "05"),
        ("https://example.com/01/12312312312333?17=261331", Flaw.BAD_DATE, "17"),
        ("https://example.com/01/12312312312333?99=A%2", Flaw.BAD_CHARACTER, "99"),
        ("https://example.com/01/12312312312333/10/A?10=B", Flaw.REPEATED_IDENTIFIER, "10"),
        ("https://example.com/01/12312312312333/10/A?10=A", Flaw.REPEATED_IDENTIFIER, "10"),
        ("https://example.com/01/12312312312333?99=A&99=A", Flaw.REPEATED_IDENTIFIER, "99"),
        ("https://example.com/01/12312312312333?01=12312312312333", Flaw.REPEATED_IDENTIFIER, "01"),
        ("https://example.com/01/12312312312333?10=A", Flaw.BAD_LINK, "10"),
        ("https://example.com/01/12312312312333/21/7?10=A", Flaw.BAD_LINK, "10"),
        ("https://example.com/01/12312312312333/99/A", Flaw.BAD_LINK, "99"),
        ("https://example.com/01/12312312312333/", Flaw.BAD_LINK, "/"),
        ("https://example.com/01/12312312312333/10/", Flaw.BAD_LENGTH, "10"),
        ("https:///01/12312312312333", Flaw.BAD_LINK, "//"),
        ("https://[fe80::1%25lo]/01/12312312312333", Flaw.BAD_LINK, "[fe80::1%25lo]"),
        ("https://a$/00/106141411234567897", Flaw.BAD_LINK, "a$"),
        ("https://a/01/12312312312333^bad", Flaw.BAD_LINK, "^"),
        ("https://a/01/12312312312333?99=A;B C", Flaw.BAD_LINK, " "),
        ("https://example.com/01/2112345678900", Flaw.BAD_LENGTH, "01"),
        ("https://example.com/01/416000336108", Flaw.BAD_LENGTH, "01"),
        ("https://example.com/01/02345673", Flaw.BAD_LENGTH, "01"),
        ("https://example.com/8004/9520614141234567?01=2112345678900", Flaw.BAD_LENGTH, "01"),
        ("https://example.com/01/12312312312333?99=", Flaw.BAD_LENGTH, "99"),
        ("https://example.com/01/12312312312333?99=A%00B", Flaw.BAD_CHARACTER, "99"),
        ("https://example.com/01/12312312312333?37=5", Flaw.FORBIDDEN_COMPANION, "01"),
        ("https://example.com/00/106141411234567897?37=5", Flaw.MISSING_COMPANION, "37"),
    ],
)
def test_a_bad_link_is_rejected_with_its_place(address: str, flaw: Flaw, at: str) -> None:
    reading = link(address)
    assert isinstance(reading, Rejected)
    assert (reading.reason, reading.at) == (flaw, at)


@pytest.mark.parametrize(
    ("address", "ais"),
    [
        ("https://a./01/12312312312333?", "01 12312312312333"),
        ("https://[2001:db8::1]:8080/01/12312312312333", "01 12312312312333"),
        ("https://a/00/faux/00/006141411234567890", "00 006141411234567890"),
        ("https://a/8018/123456789012345675/8019/123", "8018 123456789012345675 8019 123"),
        ("https://a/8004/9520614141234567?01=09521234543213", "8004 9520614141234567 01 09521234543213"),
        ("https://a/01/12312312312333?&&&99=ABC&&singleton&98=XYZ%2f9&&&", "01 12312312312333 99 ABC 98 XYZ/9"),
        ("https://a/01/12312312312333?99=A;B", "01 12312312312333 99 A;B"),
        ("https://a/01/12312312312333/22/ABC+123", "01 12312312312333 22 ABC+123"),
        ("https://a/01/09520123456788/235/XYZ?10=ABC123", "01 09520123456788 235 XYZ 10 ABC123"),
        ("https://a/414/9520123456788/254/32a%2Fb", "414 9520123456788 254 32a/b"),
    ],
)
def test_what_gs1_s_own_engine_takes_for_a_link_is_one(address: str, ais: str) -> None:
    reading = link(address)
    assert isinstance(reading, DigitalLinkReading), reading
    assert " ".join(part for element in reading.ais for part in element) == ais
