"""Scanners that are keyboards: our own US map, separators that have no key, Linux' and Windows' records."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.calibration import SHEET, Keyed
from devices.framing.heard import Read
from devices.framing.key_events import evdev, raw_input
from devices.framing.keys import (
    CAPS_LOCK,
    DOWN,
    ENTER,
    PAD_ENTER,
    PAD_FIRST,
    PLAIN,
    SHIFTED,
    TAB,
    Keyboard,
    mark,
    without_marks,
)
from devices.framing.text import SILENCE_MS, Ending
from devices.learning import Learner
from devices.talk import ScannerTalk
from tests.devices.streams import cuts_of, heard, pieces, reads, split_everywhere

SHIFT, CONTROL, ALT, BRACKET, MINUS = 42, 29, 56, 27, 12
TYPED = {char: (code, False) for code, char in PLAIN.items() if code < PAD_FIRST} | {
    char: (code, True) for code, char in SHIFTED.items() if code < PAD_FIRST and PLAIN[code] != char
}
PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


def strokes(text: str) -> list[tuple[int, int]]:
    """Return the key events in which a US keyboard writes a text; a separator is Ctrl+]."""
    events = []
    for char in text:
        code, shift = (BRACKET, False) if char == "\x1d" else TYPED[char]
        with_it = [CONTROL] if char == "\x1d" else [SHIFT] if shift else []
        events += [*((each, 1) for each in with_it), (code, 1), (code, 0), *((each, 0) for each in with_it)]
    return events


def linux(events: list[tuple[int, int]], stamp: int = 1000, gap: int = 0) -> bytes:
    """Return records as the kernel writes them: each key with its scan code before and a report behind, `gap` ms apart."""
    record = struct.Struct("llHHi")
    made = b""
    for at, (code, value) in enumerate(events):
        seconds, millis = divmod(stamp + at * gap, 1000)
        for kind, number, told in ((4, 4, code), (1, code, value), (0, 0, 0)):
            made += record.pack(seconds, millis * 1000, kind, number, told)
    return made


def windows(events: list[tuple[int, int]], stamp: int = 0, gap: int = 0) -> bytes:
    return b"".join(
        struct.pack("<HHHHIII", code, int(not value), 0, 0, 0x100, 0, stamp + at * gap)
        for at, (code, value) in enumerate(events)
    )


def typed(*events: tuple[int, int], keyboard: Keyboard | None = None) -> str:
    keyboard = keyboard or Keyboard()
    return "".join(keyboard.press(*event) for event in events)


def down(*codes: int) -> list[tuple[int, int]]:
    return [event for code in codes for event in ((code, 1), (code, 0))]


def test_every_printable_character_has_its_key() -> None:
    assert typed(*strokes(PRINTABLE)) == PRINTABLE


@pytest.mark.parametrize(("codes", "text"), [
    ([71, 72, 73, 75, 76, 77, 79, 80, 81, 82, 83], "7894561230."),
    ([74, 78, 55, 98], "-+*/"),
    ([ENTER], "\r"), ([PAD_ENTER], "\r"), ([TAB], "\t"), ([DOWN], mark(DOWN)), ([200], ""),
])  # fmt: skip
def test_pad_and_terminators(codes: list[int], text: str) -> None:
    assert typed(*down(*codes)) == text


def test_a_separator_comes_as_control_and_bracket() -> None:
    assert typed((CONTROL, 1), (BRACKET, 1), (BRACKET, 0), (CONTROL, 0), *strokes("17")) == "\x1d17"
    assert typed((CONTROL, 1), *strokes("a1"), (CONTROL, 0)) == "\x01"


def test_a_separator_comes_as_alt_and_029_on_the_pad() -> None:
    pad = down(82, 80, 73)

    assert typed((ALT, 1), *pad, (ALT, 0), *strokes("17")) == "\x1d17"
    assert typed((ALT, 1), (ALT, 0), *strokes("17")) == "17"


def test_a_separator_comes_as_a_key_that_was_learnt() -> None:
    assert typed(*down(DOWN), *strokes("17"), keyboard=Keyboard({DOWN: "\x1d"})) == "\x1d17"


def test_caps_lock_turns_letters_and_nothing_else() -> None:
    assert typed(*down(CAPS_LOCK), *strokes("aB1-"), *down(CAPS_LOCK), *strokes("a")) == "Ab1-a"


def test_a_key_that_repeats_writes_once() -> None:
    code = TYPED["7"][0]

    assert typed((code, 1), (code, 2), (code, 2), (code, 0)) == "7"


def test_a_key_held_when_the_device_was_lost_is_not_held_afterwards() -> None:
    keyboard = Keyboard()

    typed((SHIFT, 1), keyboard=keyboard)
    keyboard.reset()
    assert typed(*strokes("a"), keyboard=keyboard) == "a"


@pytest.mark.parametrize(("make", "records"), [(evdev, linux), (raw_input, windows)])
def test_records_are_scans_however_they_are_cut(make, records) -> None:
    stream = records([*strokes("]C110AB\x1d17261231"), *down(ENTER), *strokes("A-01"), *down(TAB)])
    assert heard(make(), [stream]) == [Read(b"10AB\x1d17261231", "]C1"), Read(b"A-01")]

    assert split_everywhere(make, records([*strokes("A\x1d"), *down(ENTER)])) == [Read(b"A\x1d")]


@pytest.mark.parametrize(("make", "records"), [(evdev, linux), (raw_input, windows)])
def test_a_reader_that_was_held_up_takes_a_scan_for_one_and_two_for_two(make, records) -> None:
    framer, keys = make(Ending.SILENCE), strokes("A-01-04")
    found = framer.feed(records(keys[:6], 5_000, 3), 10_000)
    found += framer.feed(records(keys[6:], 5_018, 3), 10_400)
    assert found + framer.tick(10_400 + SILENCE_MS - 10) == []
    assert framer.tick(10_400 + SILENCE_MS) == []
    assert framer.tick(10_400 + SILENCE_MS + 50) == [Read(b"A-01-04")]

    again = records(keys, 6_000, 3) + records(keys, 6_000 + 3 * len(keys) + SILENCE_MS, 3)
    assert framer.feed(again, 12_000) == [Read(b"A-01-04")]
    assert heard(framer, [], quiet_ms=12_000) == [Read(b"A-01-04")]


@pytest.mark.parametrize(("apart", "scans"), [(50, 1), (500, 2)])
@pytest.mark.parametrize(("make", "records"), [(evdev, linux), (raw_input, windows)])
def test_the_same_code_is_one_read_or_two_by_when_it_was_typed(make, records, apart: int, scans: int) -> None:
    keys = [*strokes("95"), *down(ENTER)]
    once, again = records(keys, 5_000), records(keys, 5_000 + apart)

    at_once = ScannerTalk("scanner-1", make()).feed(once + again, 10_000)
    talk = ScannerTalk("scanner-1", make())
    late = talk.feed(once, 10_000).out + talk.feed(again, 11_000).out
    assert (len(at_once.out), len(late)) == (scans, scans)


def test_windows_extended_keys_are_told_from_the_pads() -> None:
    extended = [struct.pack("<HHHHIII", code, 2, 0, 0, 0x100, 0, 0) for code in (0x50, 0x5B, 0x1C)]

    assert heard(raw_input(special={DOWN: "\x1d"}), [windows(strokes("A")), *extended]) == [Read(b"A\x1d")]


@settings(max_examples=50)
@given(data=st.data(), noise=st.binary(max_size=200))
def test_nothing_crashes_and_pieces_do_not_matter(data, noise: bytes) -> None:
    for make in (evdev, raw_input):
        cut = pieces(noise, data.draw(cuts_of(noise)))
        assert heard(make(Ending.SILENCE), cut) == heard(make(Ending.SILENCE), [noise])


@pytest.mark.parametrize("key", [DOWN, 66, 88])
def test_a_key_that_stands_for_the_separator_is_learnt_from_the_sheet(key: int) -> None:
    def typed_as(code: str) -> bytes:
        parts = code.split("\x1d")
        return b"".join(
            linux(strokes(part) + ([(key, 1), (key, 0)] if part is not parts[-1] else [])) for part in parts
        )

    framer, learner = evdev(), Learner(whole=True)
    for at, code in enumerate(SHEET):
        (read,) = reads(heard(framer, [typed_as(code), linux([(ENTER, 1), (ENTER, 0)])]))
        learner.scan([Keyed(char, at) for char in read.data.decode("latin-1")])
    learnt = learner.learnt
    assert learnt is not None
    assert (learnt.gs_ok, learnt.separator) == (True, mark(key))
    assert learnt.meant(f"010950600013435210ABC{mark(key)}17261231") == "010950600013435210ABC\x1d17261231"
    other = mark(DOWN if key != DOWN else 66)
    assert learnt.meant(f"A-01{other}-04") == "A-01-04"
    assert without_marks(f"A{mark(key)}B") == "AB"
