"""One sheet teaches layout, separator, symbology id, terminator and rhythm of a scanner."""

import random
import string
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.calibration import SEPARATOR, SHEET, Calibration, Keyed, Trouble, calibrate
from devices.framing.text import Ending

ALL = string.ascii_letters + string.digits + string.punctuation
US_TO_FRENCH = dict(
    zip("qwaz;mQWAZ:M1234567890!@#$%^&*()", "azqwm,AZQWM?&é\"'(-è_çà1234567890", strict=True)
) | {",": ";", "<": ".", ".": ":", ">": "/", "/": "!", "?": "§", "'": "ù", '"': "%", "-": ")", "_": "°", "\\": "*",
     "|": "µ", "`": "²", "~": "", "[": "", "{": "", "]": "$", "}": "£"}  # fmt: skip
"""What a French keyboard makes of a US scanner's keys; the circumflex and the tréma write nothing by themselves."""
US_TO_GERMAN = dict(zip("yzYZ", "zyZY", strict=True)) | {
    "@": '"', "#": "§", "^": "&", "&": "/", "*": "(", "(": ")", ")": "=", "-": "ß", "_": "?", "=": "", "+": "",
    "[": "ü", "{": "Ü", "]": "+", "}": "*", ";": "ö", ":": "Ö", "'": "ä", '"': "Ä", "\\": "#", "|": "'", "`": "",
    "~": "°", "<": ";", ">": ":", "/": "-", "?": "_",
}  # fmt: skip
GS1 = "010950600013435210ABC\x1d17261231"


def scans(
    types: Callable[[str], str] = lambda char: char, *, aim: bool = True, end: str = "\r", gap: int = 4
) -> list[list[Keyed]]:
    """Return what comes when the sheet is scanned with a scanner that types like this."""
    found, at = [], 10_000
    for n, code in enumerate(SHEET):
        head = ("]C1" if n == len(SHEET) - 1 else "]C0") * aim
        keys = [types(char) for char in head + code] + list(end)
        found.append([Keyed(key, at := at + gap) for key in keys if key])
        at += 2_000
    return found


def through(layout: dict[str, str], separator: str = SEPARATOR) -> Callable[[str], str]:
    return lambda char: separator if char == SEPARATOR else layout.get(char, char)


def typed(types: Callable[[str], str], code: str) -> str:
    return "".join(types(char) for char in code)


def test_a_scanner_that_types_what_is_meant_needs_no_map() -> None:
    assert calibrate(scans()) == Calibration(separator=SEPARATOR, aim_ok=True, ending=Ending.CR, gap_p95_ms=4)


@pytest.mark.parametrize(("end", "ending"), [
    ("\r", Ending.CR), ("\n", Ending.LF), ("\r\n", Ending.CRLF), ("\t", Ending.TAB), ("", Ending.SILENCE),
    ("\r\r", Ending.CR), ("\r\n\r\n", Ending.CRLF), ("\r\t", Ending.ANY),
])  # fmt: skip
def test_the_terminator_is_learnt_also_doubled(end: str, ending: Ending) -> None:
    assert calibrate(scans(end=end)).ending is ending


@pytest.mark.parametrize("layout", [US_TO_FRENCH, US_TO_GERMAN])
@pytest.mark.parametrize("aim", [True, False])
def test_another_layout_is_undone(layout: dict[str, str], aim: bool) -> None:
    types = through(layout)
    learnt = calibrate(scans(types, aim=aim))
    head = "]C1" if aim else ""

    assert learnt.aim_ok is aim
    for code in ("A-01-04", "WMS-QTY-12-Z", "(01)09506000134352", "https://example.com/01/0950", GS1):
        assert learnt.meant(typed(types, head + code)) == head + code
    assert set(learnt.unclear) == {meant for meant, came in layout.items() if not came}


@settings(max_examples=40)
@given(st.randoms(use_true_random=False))
def test_any_layout_that_tells_keys_apart_is_undone(chance: random.Random) -> None:
    shuffled = chance.sample(ALL, len(ALL))
    types = through(dict(zip(ALL, shuffled, strict=True)))
    learnt = calibrate(scans(types))

    assert learnt.meant(typed(types, "]C1" + ALL)) == "]C1" + ALL
    assert learnt.unclear == ""
    assert learnt.gs_ok


def test_characters_that_come_as_others_do_are_not_guessed() -> None:
    learnt = calibrate(scans(through({"/": "-"})))

    assert set(learnt.unclear) == {"/", "-"}
    assert learnt.layout == {}


def test_capitals_that_are_reversed_are_turned_back() -> None:
    learnt = calibrate(scans(lambda char: char.swapcase()))

    assert learnt.meant("]c1lOT-7") == "]C1Lot-7"


@pytest.mark.parametrize(("separator", "arrives"), [
    (SEPARATOR, True), ("Alt029", True), ("↓", True), ("|", True), ("]", True), ("", False), ("/", False), ("A", False),
])  # fmt: skip
def test_what_becomes_of_the_separator_is_learnt(separator: str, arrives: bool) -> None:
    types = through({}, separator)
    learnt = calibrate(scans(types))

    assert learnt.gs_ok is arrives
    if arrives:
        assert learnt.meant(typed(types, "]C1" + GS1)) == "]C1" + GS1
    else:
        assert learnt.meant("]C1" + GS1.replace(SEPARATOR, "")) == "]C1" + GS1.replace(SEPARATOR, "")


def test_the_rhythm_is_what_nineteen_of_twenty_gaps_keep_to() -> None:
    slow = scans(gap=4)
    slow[0] = [Keyed(key.text, key.at_ms + 70 * (n > 3)) for n, key in enumerate(slow[0])]

    assert calibrate(scans(gap=12)).gap_p95_ms == 12
    assert calibrate(slow).gap_p95_ms == 4


def test_other_codes_teach_nothing() -> None:
    sheet = scans()

    assert calibrate(sheet[:-1]) is Trouble.COUNT
    assert calibrate([sheet[0], *sheet[:-1]]) is Trouble.OTHER_CODES
    assert calibrate([*sheet[:2], sheet[3], sheet[2], *sheet[4:]]) is Trouble.OTHER_CODES
    assert calibrate([*sheet[:-1], sheet[0]]) is Trouble.OTHER_CODES
    assert calibrate([*sheet[:-1], scans(end="\n")[-1]]) is Trouble.ENDINGS
    assert calibrate([[]] * len(SHEET)) is Trouble.OTHER_CODES


@settings(max_examples=60)
@given(st.lists(st.text(alphabet=ALL + SEPARATOR + "\r", max_size=80), min_size=6, max_size=6))
def test_nothing_crashes(codes: list[str]) -> None:
    calibrate([[Keyed(char, 10 * n) for n, char in enumerate(code)] for code in codes])
