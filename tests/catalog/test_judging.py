"""What to think of a code by itself: taken, refused or open, and what it most likely is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.codes import read_code
from core.catalog.judging import Judged, Verdict, judge
from core.catalog.readings import Flaw, Gs1Reading

TODAY = (2026, 6, 15)
GS = "\x1d"


def judged(raw: str, *, trusted: bool = False) -> Judged:
    return judge(read_code(raw, separators_trusted=trusted, today=TODAY))


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
        ("60120174971147", "PlainReading"),
        ("10D9T", "PlainReading"),
        ("A-01-02-03", "PlainReading"),
        ("]X", "PlainReading"),
        ("WMS-CONFIRM-J", "CommandReading"),
    ],
)
def test_what_a_code_most_likely_is(raw: str, kind: str) -> None:
    result = judged(raw)
    assert (result.verdict, type(result.chosen).__name__, result.reason) == (Verdict.ACCEPTED, kind, None)
    assert result.chosen in result.readings


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
    ],
)
def test_what_a_code_claims_to_be_and_is_not(raw: str, reason: Flaw, at: str) -> None:
    result = judged(raw)
    assert (result.verdict, result.reason, result.at, result.chosen) == (Verdict.REJECTED, reason, at, None)


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
