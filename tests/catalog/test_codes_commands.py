"""Command codes: made, read back, refused when misread, and kept out of master data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.codes import (
    CommandReading,
    Flaw,
    Gs1Reading,
    PlainReading,
    Rejected,
    Verb,
    command_code,
    is_reserved,
    read_code,
)
from core.catalog.command_codes import check_character

TODAY = (2026, 6, 15)
ARGUMENTS = {Verb.BOX: "B-12", Verb.QTY: "144", Verb.GRADE: "C", Verb.DISP: "RESTOCK"}
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def judged(code: str) -> object:
    """Return what a code is as a command; the plain text must be there too."""
    plain, *others = read_code(code, today=TODAY)
    assert plain == PlainReading(code)
    return others[0] if others else None


def test_the_check_character_is_that_of_the_standard() -> None:
    # The example of ISO/IEC 7064 for MOD 37,36.
    assert check_character("A12425GABC1234002") == "M"


@pytest.mark.parametrize("verb", list(Verb))
def test_every_verb_reads_back(verb: Verb) -> None:
    argument = ARGUMENTS.get(verb, "")
    code = command_code(verb, argument)
    assert set(code) <= set(ALPHABET + "-")
    assert judged(code) == CommandReading(verb, argument)
    assert judged(code.lower()) == CommandReading(verb, argument)


def test_a_command_has_one_code_for_ever() -> None:
    assert command_code("YES") == "WMS-YES-H"
    assert command_code("BOX", "A-1") == "WMS-BOX-A-1-3"


@pytest.mark.parametrize(
    ("verb", "argument"),
    [
        ("DANCE", ""),
        ("YES", "NOW"),
        ("QTY", ""),
        ("QTY", "00"),
        ("QTY", "012"),
        ("QTY", "1234567"),
        ("QTY", "1.5"),
        ("GRADE", "E"),
        ("GRADE", ""),
        ("BOX", ""),
        ("BOX", "b"),
        ("BOX", "A "),
        ("BOX", "-A"),
        ("DISP", "X" * 41),
    ],
)
def test_no_code_is_made_that_could_not_be_read(verb: str, argument: str) -> None:
    with pytest.raises(ValueError, match=r"argument|Verb"):
        command_code(verb, argument)


@pytest.mark.parametrize(
    ("code", "flaw"),
    [
        ("WMS-", Flaw.BAD_CHECK_DIGIT),
        ("WMS-YES", Flaw.BAD_CHECK_DIGIT),
        ("WMS-YES-", Flaw.BAD_CHECK_DIGIT),
        ("WMS-YES-HH", Flaw.BAD_CHECK_DIGIT),
        ("WMS-YES_H", Flaw.BAD_CHARACTER),
        ("wms-\u00df-X", Flaw.BAD_CHARACTER),
        ("WMS-DANCE-" + check_character("WMSDANCE"), Flaw.UNKNOWN_COMMAND),
        ("WMS-GRADE-E-" + check_character("WMSGRADEE"), Flaw.BAD_VALUE),
        ("WMS-YES--" + check_character("WMSYES"), Flaw.BAD_VALUE),
    ],
)
def test_a_bad_command_is_rejected(code: str, flaw: Flaw) -> None:
    reading = judged(code)
    assert isinstance(reading, Rejected)
    assert reading.reason is flaw


@given(st.sampled_from(list(Verb)), st.integers(0, 40), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_never_another_command(verb: Verb, at: int, other: str) -> None:
    code = command_code(verb, ARGUMENTS.get(verb, ""))
    at = 4 + at % (len(code) - 4)
    if code[at] in ("-", other):
        return
    assert isinstance(judged(code[:at] + other + code[at + 1 :]), Rejected)


def test_a_command_may_ride_in_a_gs1_symbol() -> None:
    gs1, command = read_code("]C199" + command_code("UNDO"), today=TODAY)
    assert isinstance(gs1, Gs1Reading)
    assert command == CommandReading(Verb.UNDO)


@pytest.mark.parametrize("code", ["WMS-YES-H", "wms-1", " WMS-", "WMS-anything"])
def test_the_prefix_is_reserved_in_any_case(code: str) -> None:
    assert is_reserved(code)


@pytest.mark.parametrize("code", ["WMS", "WMSX-1", "A-WMS-1", "", "5012345678900"])
def test_other_codes_are_free(code: str) -> None:
    assert not is_reserved(code)
    assert not any(isinstance(reading, CommandReading) for reading in read_code(code, today=TODAY))
