"""One sheet teaches layout, separator, symbology id, terminator and rhythm of a scanner."""

import ctypes
import random
import string
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.calibration import SEPARATOR, SHEET, Calibration, Keyed, Trouble, calibrate
from devices.framing.text import Ending
from tests.devices.test_keys import strokes

try:
    xkb = ctypes.CDLL("libxkbcommon.so.0")
except OSError:
    xkb = None
ALL = string.ascii_letters + string.digits + string.punctuation
GS1 = "010950600013435210ABC\x1d17261231"


class Names(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_char_p) for name in ("rules", "model", "layout", "variant", "options"))


@cache
def keyboard(layout: str) -> tuple[ctypes.c_void_p, ctypes.c_void_p]:
    """Return a layout and what its dead keys make of letters."""
    pointer = ctypes.c_void_p
    for make in ("xkb_context_new", "xkb_keymap_new_from_names", "xkb_state_new",
                 "xkb_compose_table_new_from_locale", "xkb_compose_state_new"):  # fmt: skip
        getattr(xkb, make).restype = pointer
    context = pointer(xkb.xkb_context_new(0))
    names = Names(b"evdev", b"pc105", layout.encode(), None, None)
    return (
        pointer(xkb.xkb_keymap_new_from_names(context, ctypes.byref(names), 0)),
        pointer(xkb.xkb_compose_table_new_from_locale(context, b"en_US.UTF-8", 0)),
    )


def typed(types: Callable[[str], str] | str, code: str) -> str:
    """Return what comes for a code: character by character, or by the layout of that name."""
    if not isinstance(types, str):
        return "".join(types(char) for char in code)
    pointer = ctypes.c_void_p
    layout, table = keyboard(types)
    keys, dead = pointer(xkb.xkb_state_new(layout)), pointer(xkb.xkb_compose_state_new(table, 0))
    text, buffer = "", ctypes.create_string_buffer(32)
    for key, value in strokes(code):
        if value:
            xkb.xkb_compose_state_feed(dead, xkb.xkb_state_key_get_one_sym(keys, key + 8))
            nothing, composing, composed, cancelled = range(4)
            state = xkb.xkb_compose_state_get_status(dead)
            if state == nothing:
                xkb.xkb_state_key_get_utf8(keys, key + 8, buffer, 32)
                text += buffer.value.decode()
            elif state == composed:
                xkb.xkb_compose_state_get_utf8(dead, buffer, 32)
                text += buffer.value.decode()
            if state in (composed, cancelled):
                xkb.xkb_compose_state_reset(dead)
        xkb.xkb_state_update_key(keys, key + 8, int(bool(value)))
    return text


def scans(
    types: Callable[[str], str] | str = lambda char: char,
    *,
    prefix: str = "",
    aim: bool = True,
    end: str = "\r",
    gap: int = 4,
) -> list[list[Keyed]]:
    """Return what comes when the sheet is scanned with a scanner that types like this."""
    found, at = [], 10_000
    for n, code in enumerate(SHEET):
        head = prefix + ("]C1" if n == len(SHEET) - 1 else "]C0") * aim
        keys = [*typed(types, head + code), *end] if isinstance(types, str) else [*map(types, head + code), *end]
        found.append([Keyed(key, at := at + gap) for key in keys if key])
        at += 2_000
    return found


def through(layout: dict[str, str], separator: str = SEPARATOR) -> Callable[[str], str]:
    return lambda char: separator if char == SEPARATOR else layout.get(char, char)


def test_a_scanner_that_types_what_is_meant_needs_no_map() -> None:
    assert calibrate(scans()) == Calibration(separator=SEPARATOR, aim_ok=True, ending=Ending.CR, gap_p95_ms=4)


@pytest.mark.parametrize(("end", "ending"), [
    ("\r", Ending.CR), ("\n", Ending.LF), ("\r\n", Ending.CRLF), ("\t", Ending.TAB), ("", Ending.SILENCE),
    ("\r\r", Ending.CR), ("\r\n\r\n", Ending.CRLF), ("\r\t", Ending.ANY),
])  # fmt: skip
def test_the_terminator_is_learnt_also_doubled(end: str, ending: Ending) -> None:
    assert calibrate(scans(end=end)).ending is ending


@pytest.mark.parametrize("prefix", ["\x02", "~", "AB", "2026-11-", "C0~"])
@pytest.mark.parametrize("aim", [True, False])
def test_the_prefix_is_learnt_and_marks_where_a_scan_begins(prefix: str, aim: bool) -> None:
    found = calibrate(scans(prefix=prefix, aim=aim))

    assert found == Calibration(separator=SEPARATOR, prefix=prefix, aim_ok=aim, ending=Ending.CR, gap_p95_ms=4)
    assert found.begins
    assert found.without_prefix(prefix + "]C1" * aim + GS1) == "]C1" * aim + GS1
    assert found.without_prefix(GS1) == GS1
    assert not calibrate(scans(aim=False)).begins


def test_what_comes_in_front_and_is_not_the_same_each_time_is_no_prefix() -> None:
    sheet = [[Keyed(char, 0) for char in f"{n}{code}\r"] for n, code in enumerate(SHEET)]

    assert calibrate(sheet) is Trouble.SYMBOLOGY
    assert calibrate(scans(prefix="123456789")) is Trouble.OTHER_CODES


@pytest.mark.skipif(xkb is None, reason="libxkbcommon, whose layouts these are, is not here")
@pytest.mark.parametrize(("layout", "dead"), [
    ("us", ""), ("fr", "[{"), ("de", "`=+"), ("gb", ""), ("be", "[{"), ("es", "[{'\""), ("dk", "=+]}"),
])  # fmt: skip
@pytest.mark.parametrize("aim", [True, False])
def test_a_real_keyboards_layout_is_undone(layout: str, dead: str, aim: bool) -> None:
    """What comes is what X and Windows alike make of a US scanner's keys: dead keys take the next letter with them."""
    found = calibrate(scans(layout, aim=aim))
    if "]" in dead:  # and Control with it, which is the separator, is dead, too
        assert found is (Trouble.SYMBOLOGY if aim else Trouble.SEPARATOR)
        return
    head = "]C1" if aim else ""
    assert found.aim_ok is aim
    assert set(found.unclear) >= set(dead)
    for code in ("A-01-04", "WMS-QTY-12-Z", "(01)09506000134352", "https://example.com/01/0950", GS1):
        if not set(code) & set(found.unclear) and (found.gs_ok or code != GS1):
            assert found.meant(typed(layout, head + code)) == head + code, found
    assert not set("-/:().") & set(found.unclear)


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
    assert calibrate([*sheet[:-1], [*sheet[-1][:-3], sheet[-1][-1]]]) is Trouble.SEPARATOR
    assert calibrate([*sheet[:-1], scans(end="\n")[-1]]) is Trouble.ENDINGS
    assert calibrate([[]] * len(SHEET)) is Trouble.OTHER_CODES


@settings(max_examples=60)
@given(st.lists(st.text(alphabet=ALL + SEPARATOR + "\r", max_size=80), min_size=len(SHEET), max_size=len(SHEET)))
def test_nothing_crashes(codes: list[str]) -> None:
    calibrate([[Keyed(char, 10 * n) for n, char in enumerate(code)] for code in codes])
