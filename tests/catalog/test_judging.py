"""What to think of a code by itself: taken, refused or open, and what it most likely is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.codes import aim_id, is_opaque, read_code
from core.catalog.judging import Judged, Verdict, judge
from core.catalog.readings import Flaw, Gs1Reading, GtinReading, Level, PlainReading

TODAY = (2026, 6, 15)
GS = "\x1d"


def judged(raw: str, *, trusted: bool = False) -> Judged:
    return judge(read_code(raw, separators_trusted=trusted, today=TODAY), opaque=is_opaque(aim_id(raw)))


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (f"]C1011231231231233310ABC123{GS}99TESTING", "Gs1Reading"),
        (f"]e0011231231231233310ABC123{GS}99TESTING{GS}", "Gs1Reading"),
        ("]E00416000336108", "GtinReading"),
        ("]E402345673", "GtinReading"),
        ("]Q1https://example.com/01/12312312312333?99=TEST", "DigitalLinkReading"),
        ("]Q1HTTPS://example.com/01/12312312312333", "DigitalLinkReading"),
        ("]Q1HtTps://example.com/01/12312312312333", "PlainReading"),
        ("106141411234567897", "SsccReading"),
        ("4006381333931", "GtinReading"),
        ("05012345678900", "GtinReading"),
        ("1Z5R89390357567127", "TrackingReading"),
        ("1z999aa10123456784", "TrackingReading"),
        ("60120174971147", "PlainReading"),
        ("05012345678901", "PlainReading"),
        ("]I015012345678908", "PlainReading"),
        ("TLR000083964", "TrackingReading"),
        ("]I015012345678907", "GtinReading"),
        ("]C01Z5R89390357567127", "TrackingReading"),
        ("01234531", "GtinReading"),
        ("10D9T", "PlainReading"),
        ("A-01-02-03", "PlainReading"),
        ("]X", "PlainReading"),
        ("WMS-CONFIRM-J", "CommandReading"),
        (f"[)>\x1e06{GS}PA-7{GS}Q12\x1e\x04", "PlainReading"),
        (f"]d1[)>\x1e06{GS}PA-7{GS}Q12\x1e\x04", "PlainReading"),
    ],
)
def test_what_a_code_most_likely_is(raw: str, kind: str) -> None:
    result = judged(raw)
    assert (result.verdict, type(result.chosen).__name__, result.reason) == (Verdict.ACCEPTED, kind, None)
    assert result.chosen in result.readings


@pytest.mark.parametrize("aim", ["]C0", "]C2", "]A0", "]L0", "]z0", "]d1", "]Q1", "]J0"])
@pytest.mark.parametrize(
    "number", ["4006381333931", "036000291452", "96385074", "15012345678907", "106141412345678908"]
)
def test_digits_in_a_symbol_of_text_are_text(aim: str, number: str) -> None:
    result = judged(aim + number)
    assert (result.verdict, result.reason) == (Verdict.ACCEPTED, None)
    assert not isinstance(result.chosen, GtinReading)
    assert PlainReading(number) in result.readings


@pytest.mark.parametrize(
    "raw", ["]C04006381333931", "]A04006381333931", "]C0106141412345678908", "]I0036000291452", "]I196385074"]
)
def test_where_nothing_else_vouches_for_digits_the_text_is_chosen(raw: str) -> None:
    for trusted in (False, True):
        assert judged(raw, trusted=trusted).chosen == PlainReading(raw[3:])


def test_eight_digits_that_are_a_right_number_in_two_ways_are_left_open() -> None:
    result = judged("01234565")
    assert (result.verdict, result.reason, result.chosen) == (Verdict.AMBIGUOUS, Flaw.SEVERAL_MEANINGS, None)
    assert [each.gtin14 for each in result.readings if isinstance(each, GtinReading)] == [
        "00000001234565", "00012345000065",
    ]  # fmt: skip
    assert judged("]E401234565").verdict is Verdict.ACCEPTED
    # Number system 1 of UPC-E is not GS1's: an EAN-8 that is right is one.
    assert judged("12345670").chosen == GtinReading("00000012345670", Level.UNIT)


@pytest.mark.parametrize(
    ("raw", "reason", "at"),
    [
        ("", Flaw.EMPTY, ""),
        ("]C1", Flaw.EMPTY, ""),
        ("]E02112345678901", Flaw.BAD_CHECK_DIGIT, ""),
        ("]E402345674", Flaw.BAD_CHECK_DIGIT, ""),
        ("]C10109506000134353", Flaw.BAD_CHECK_DIGIT, "01"),
        ("]C110ABC", Flaw.MISSING_COMPANION, "10"),
        ("]d2010950600013435202095060001343523712", Flaw.FORBIDDEN_COMPANION, "01"),
        ("WMS-CONFIRM-X", Flaw.BAD_CHECK_DIGIT, ""),
        ("]Q1https://example.com/01/12312312312334", Flaw.BAD_CHECK_DIGIT, "01"),
        ("01095060001343522112345678901210ABCDEFGH17261231", Flaw.LOST_SEPARATOR, "21"),
        ("001061414123456789080209506000134352371210ABC17261231", Flaw.LOST_SEPARATOR, "37"),
    ],
)
def test_what_a_code_claims_to_be_and_is_not(raw: str, reason: Flaw, at: str) -> None:
    result = judged(raw)
    assert (result.verdict, result.reason, result.at, result.chosen) == (Verdict.REJECTED, reason, at, None)


def test_a_message_without_a_symbology_id_that_begins_with_its_item_is_refused_for_its_flaw() -> None:
    for raw, reason, at in [
        ("010950600013435217261331", Flaw.BAD_DATE, "17"),
        ("0109506000134352310300123", Flaw.BAD_LENGTH, "3103"),
        ("01095060001343520109506000134369", Flaw.REPEATED_IDENTIFIER, "01"),
        ("001061414123456789080209506000134353", Flaw.BAD_CHECK_DIGIT, "02"),
    ]:
        result = judged(raw)
        assert (result.verdict, result.reason, result.at) == (Verdict.REJECTED, reason, at), raw
    # By chance: the check digit is wrong, no identifier follows, or a carrier's check vouches for all of it.
    for raw in ("010950600013435317261331", "0109506000134352X7", "01095060001343521754", "0195"):
        assert judged(raw).verdict is Verdict.ACCEPTED, raw


def test_an_asset_number_begins_with_a_company_s_and_a_signature_signs_one_thing() -> None:
    for raw, reason, at in [
        ("]C18004ABCD", Flaw.BAD_VALUE, "8004"),
        ("]C1401123", Flaw.BAD_LENGTH, "401"),
        (f"]d2800309521012345678{GS}8030QUJD", Flaw.BAD_CHECK_DIGIT, "8003"),
        (f"]d2800309520123456788{GS}8030QUJD", Flaw.MISSING_COMPANION, "8030"),
    ]:
        assert (judged(raw).reason, judged(raw).at) == (reason, at), raw
    assert judged(f"]d2800309520123456788A1{GS}8030QUJD").verdict is Verdict.ACCEPTED


def test_a_message_that_lacks_its_item_says_what_it_has() -> None:
    (partial,) = judged("]C110ABC").readings
    assert isinstance(partial, Gs1Reading)
    assert partial.lot == "ABC"


def test_a_lost_separator_leaves_it_open_unless_the_device_is_known_to_pass_them_on() -> None:
    raw = "010950600013435210ABC17261231"
    for each in (raw, f"]C1{raw}"):
        result = judged(each)
        assert (result.verdict, result.reason, result.chosen) == (Verdict.AMBIGUOUS, Flaw.LOST_SEPARATOR, None)
        assert {"ABC17261231", "ABC"} == {each.lot for each in result.readings if isinstance(each, Gs1Reading)}
        trusted = judged(each, trusted=True)
        assert trusted.verdict is Verdict.ACCEPTED
        assert isinstance(trusted.chosen, Gs1Reading)
        assert trusted.chosen.lot == "ABC17261231"


def test_a_carrier_s_number_that_is_checked_stands_although_its_separator_is_lost() -> None:
    result = judged("]C1420787459400111206206406260787")
    assert (result.verdict, type(result.chosen).__name__) == (Verdict.ACCEPTED, "TrackingReading")


@given(st.text(max_size=60))
def test_whatever_comes_has_a_verdict(raw: str) -> None:
    result = judged(raw)
    assert (result.verdict is Verdict.ACCEPTED) == (result.chosen is not None) == (result.reason is None)
