"""Plain scanners: terminated text, at once, however it is cut into pieces."""

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.framing.heard import Damaged, Read, Reply
from devices.framing.text import LONGEST, SILENCE_MS, STALE_MS, Ending, Text
from devices.scan import Scan
from tests.devices.streams import AT, cuts_of, heard, pieces, reads, split_everywhere

TERMINATORS = {Ending.CR: b"\r", Ending.LF: b"\n", Ending.CRLF: b"\r\n", Ending.TAB: b"\t"}
GS1 = b"]C1010950600013435210ABC\x1d17261231"


@pytest.mark.parametrize(("ending", "sent"), TERMINATORS.items())
@pytest.mark.parametrize("doubled", [1, 2])
def test_a_terminator_ends_a_scan_also_doubled(ending: Ending, sent: bytes, doubled: int) -> None:
    stream = GS1 + sent * doubled + b"4006381333931" + sent * doubled

    for chosen in (ending, Ending.ANY):
        found = split_everywhere(partial(Text, chosen), stream)
        assert found == [Read(GS1[3:], "]C1"), Read(b"4006381333931")]


def test_two_scans_ten_milliseconds_apart_are_two_and_each_is_there_at_once() -> None:
    text = Text()

    assert text.feed(b"4006381333931\r", AT) == [Read(b"4006381333931")]
    assert text.feed(b"4006381333948\r", AT + 10) == [Read(b"4006381333948")]


def test_without_a_terminator_silence_ends_a_scan_and_nothing_else_does() -> None:
    text = Text(Ending.SILENCE)

    assert text.feed(b"400638", AT) == []
    assert text.feed(b"1333931", AT + SILENCE_MS - 1) == []
    assert text.tick(AT + 2 * SILENCE_MS - 2) == []
    assert text.tick(AT + 2 * SILENCE_MS - 1) == []
    assert text.tick(AT + 2 * SILENCE_MS + 9) == [Read(b"4006381333931")]


@pytest.mark.parametrize("look", [False, True])
def test_what_waited_while_nobody_read_belongs_to_what_was_read_before(look: bool) -> None:
    text = Text(Ending.SILENCE)

    text.feed(b"400638", AT)
    # A look that took as long as the silence may have been over before the rest came.
    assert not look or text.tick(AT + 5 * SILENCE_MS) == []
    assert text.feed(b"1333931", AT + 5 * SILENCE_MS) == []
    assert text.tick(AT + 6 * SILENCE_MS) + text.tick(AT + 6 * SILENCE_MS) == [Read(b"4006381333931")]


def test_with_a_terminator_silence_ends_nothing() -> None:
    text = Text(Ending.CR)

    text.feed(b"40063813", AT)
    assert text.tick(AT + 60_000) == []


def test_lines_within_a_code_stay_where_the_terminator_is_known() -> None:
    assert heard(Text(Ending.CRLF), [b"]Q1line 1\nline 2\rline 3\r\n"]) == [Read(b"line 1\nline 2\rline 3", "]Q1")]


def test_what_stops_for_seconds_is_not_joined_with_what_follows() -> None:
    text = Text()

    text.feed(b"400638", AT)
    assert text.feed(b"4006381333931\r", AT + STALE_MS) == [Damaged(b"4006384006381333931", "interrupted")]
    assert text.feed(b"4006381333931\r", AT + STALE_MS) == [Read(b"4006381333931")]


def test_what_had_begun_is_forgotten_when_the_device_is_lost() -> None:
    text = Text()

    text.feed(b"400638", AT)
    text.reset()
    assert text.feed(b"4006381333948\r", AT) == [Read(b"4006381333948")]


@pytest.mark.parametrize("ending", [Ending.CR, Ending.CRLF, Ending.SILENCE])
def test_what_is_longer_than_any_symbol_is_no_scan(ending: Ending) -> None:
    sent = TERMINATORS.get(ending, b"")
    found = split_everywhere(partial(Text, ending, longest=20), b"7" * 30 + sent)
    assert found == [Damaged(b"7" * 20, "too long")]

    longest = b"7" * LONGEST
    assert reads(heard(Text(ending), [longest + sent])) == [Read(longest)]


def test_a_device_that_always_names_the_symbology_sends_no_scan_without() -> None:
    assert heard(Text(aim_always=True), [b"81333931\r]E04006381333931\r"]) == [
        Damaged(b"81333931", "no symbology id"),
        Read(b"4006381333931", "]E0"),
    ]


def test_a_datalogic_scanners_answer_is_told_from_a_scan_by_the_symbology_id() -> None:
    found = heard(Text(aim_always=True, replies=True), [b"QuickScan 1.2\r", b"]C0ABC\r"])

    assert found == [Reply(b"QuickScan 1.2"), Read(b"ABC", "]C0")]


def test_control_characters_alone_and_a_symbology_alone_are_no_scan() -> None:
    assert reads(heard(Text(), [b"\x00\x03\r]C1\r\x1d\r"])) == []


@settings(max_examples=25)
@given(data=st.data(), codes=st.lists(st.binary(min_size=1, max_size=30), max_size=5))
def test_nothing_crashes_and_pieces_do_not_matter(data, codes: list[bytes]) -> None:
    stream = b"\r".join([*codes, b""])
    for ending in Ending:
        assert heard(Text(ending), pieces(stream, data.draw(cuts_of(stream)))) == heard(Text(ending), [stream])


def test_text_is_utf_8_or_latin_1_and_a_code_has_its_symbology_in_front() -> None:
    scan = Scan(data="Größe".encode(), device="d", at_ms=1, aim="]Q1")

    assert scan.code == "]Q1Größe"
    assert Scan(data="Größe".encode("latin-1"), device="d", at_ms=1).code == "Größe"
    assert not scan.stored
