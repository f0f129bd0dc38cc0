"""Honeywell's messages with the decode header, and plain text without it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.framing.heard import Damaged, Read, Reply
from devices.framing.honeywell import Honeywell
from tests.devices.streams import AT, CODES, cuts_of, heard, pieces, reads, split_everywhere


def message(data: bytes, aim: bytes = b"C1", letter: bytes = b"I") -> bytes:
    payload = b"MSGGET" + b"%04d" % (len(data) + 1) + letter + aim + b"\x1d" + data + b"\r"
    return b"\x16\xfe" + len(payload).to_bytes(4, "little") + b"\r" + payload


GS1 = b"010950600013435210ABC\x1d17261231"


def test_a_message_names_its_symbology_and_its_length() -> None:
    assert split_everywhere(Honeywell, message(GS1) + message(b"4006381333931", b"E0", b"d")) == [
        Read(GS1, "]C1"), Read(b"4006381333931", "]E0"),
    ]  # fmt: skip


def test_a_upc_a_has_the_thirteen_digits_that_its_symbology_id_promises() -> None:
    assert reads(heard(Honeywell(), [message(b"416000336108", b"E0", b"c")])) == [Read(b"0416000336108", "]E0")]
    assert reads(heard(Honeywell(), [message(b"416000336108", b"E0", b"d")])) == [Read(b"416000336108", "]E0")]


def test_only_the_length_ends_a_message() -> None:
    data = b"line 1\rline 2\x1d\r\n"

    assert split_everywhere(Honeywell, message(data, b"Q1")) == [Read(data, "]Q1")]


@pytest.mark.parametrize(("good", "noise"), [(b"A", b"\0"), (b"A", b"\xc1"), (b"-", b"\x0d\x0a\x0b")])
def test_a_message_with_a_byte_that_no_code_holds_is_none(good: bytes, noise: bytes) -> None:
    stream = message(b"A-01".replace(good, noise)) + message(b"A-02")

    assert reads(split_everywhere(Honeywell, stream)) == [Read(b"A-02", "]C1")]


def test_lengths_that_contradict_each_other_are_no_message() -> None:
    assert message(b"A" * 12)[2:6].hex() + message(b"A" * 12)[13:17].decode() == "1b0000000013"  # as S16 shows it
    for wrong in (-2, -1, 1, 2, 3):
        said = bytearray(message(b"A-01"))
        said[2] += wrong
        assert reads(heard(Honeywell(), [bytes(said) + message(b"A-02") * 2]))[-1:] == [Read(b"A-02", "]C1")]
        assert Read(b"A-01", "]C1") not in reads(heard(Honeywell(), [bytes(said)]))


def test_without_the_header_a_scan_is_text() -> None:
    assert split_everywhere(Honeywell, b"]C1" + GS1 + b"\r4006381333931\r\n") == [
        Read(GS1, "]C1"), Read(b"4006381333931"),
    ]  # fmt: skip


def test_an_answer_to_a_menu_command_is_no_scan() -> None:
    stream = b"REVINF: X00015448BBA\x06!" + b"DECHDR1\x06." + b"BEEPER9\x05!" + b"A-01!\r"

    assert split_everywhere(Honeywell, stream) == [
        Reply(b"REVINF: X00015448BBA"), Reply(b"DECHDR1"), Reply(b"BEEPER9"), Read(b"A-01!"),
    ]  # fmt: skip


def test_the_rest_of_a_message_whose_lead_was_damaged_is_no_scan() -> None:
    broken = bytearray(message(GS1))
    broken[1] = 0xFF

    assert reads(split_everywhere(Honeywell, bytes(broken) + message(b"A-01"))) == [Read(b"A-01", "]C1")]
    assert reads(heard(Honeywell(), [message(GS1)[7:]])) == []


@pytest.mark.parametrize("at", range(len(message(GS1))))
def test_a_message_that_lost_a_byte_is_no_scan_and_does_not_spoil_the_next(at: int) -> None:
    broken = message(GS1)[:at] + message(GS1)[at + 1 :]

    found = reads(heard(Honeywell(), [broken + message(b"A-01") + message(b"A-02")]))
    assert found == [Read(b"A-01", "]C1"), Read(b"A-02", "]C1")]


def test_a_message_that_stops_is_given_up_and_the_next_is_read() -> None:
    honeywell = Honeywell()

    assert honeywell.feed(message(GS1)[:20], AT) == []
    assert honeywell.feed(message(b"A-01"), AT + 3_000) == [
        Damaged(message(GS1)[:20], "interrupted"), Read(b"A-01", "]C1"),
    ]  # fmt: skip
    honeywell.feed(message(GS1)[:20], AT + 3_000)
    honeywell.reset()
    assert honeywell.feed(message(b"A-02"), AT + 3_000) == [Read(b"A-02", "]C1")]


def test_other_payloads_are_no_scan() -> None:
    payload = b"IMGGET0000"
    picture = b"\x16\xfe" + len(payload).to_bytes(4, "little") + b"\r" + payload

    assert reads(split_everywhere(Honeywell, picture + message(b"A-01"))) == [Read(b"A-01", "]C1")]


@settings(max_examples=50)
@given(data=st.data(), codes=st.lists(CODES.map(str.encode), max_size=4), noise=st.binary(max_size=10))
def test_pieces_do_not_matter_and_messages_after_noise_are_read(data, codes: list[bytes], noise: bytes) -> None:
    stream = noise.replace(b"\x16", b"") + b"".join(message(code) for code in codes)
    whole = heard(Honeywell(), [stream])

    assert heard(Honeywell(), pieces(stream, data.draw(cuts_of(stream)))) == whole
    assert [each for each in reads(whole) if each.aim] == [Read(code, "]C1") for code in codes]
