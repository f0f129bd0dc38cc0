"""HID-POS reports: the symbology id in its place or one further, long symbols in several reports."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.framing.heard import Damaged, Read
from devices.framing.hid_pos import HidPos, initialisation
from tests.devices.streams import heard, reads


def reports(data: bytes, aim: bytes = b"]C1", *, shifted: bool = False, letter: bytes = b"I") -> list[bytes]:
    """Return the reports in which a scanner sends a symbol."""
    parts = [data[at : at + 56] for at in range(0, len(data), 56)]
    sent = []
    for n, part in enumerate(parts):
        more = bytes((n < len(parts) - 1,))
        report = bytes((len(part),)) + b"\x00" * shifted + aim + part.ljust(56, b"\x00") + letter + b"\x00" + more
        sent.append(b"\x02" + report)
    return sent


@pytest.mark.parametrize("shifted", [False, True])
@pytest.mark.parametrize("length", [1, 55, 56, 57, 200])
def test_a_symbol_is_what_its_reports_hold(length: int, shifted: bool) -> None:
    data = bytes(33 + n % 90 for n in range(length))

    assert heard(HidPos(), [*reports(data, shifted=shifted), *reports(b"A-01")]) == [
        Read(data, "]C1"), Read(b"A-01", "]C1"),
    ]  # fmt: skip


def test_a_terminator_that_was_sent_is_taken_off_and_a_separator_is_not() -> None:
    assert heard(HidPos(), reports(b"10ABC\x1d17261231\r")) == [Read(b"10ABC\x1d17261231", "]C1")]


@pytest.mark.parametrize("shifted", [False, True])
def test_a_upc_a_has_the_thirteen_digits_that_its_symbology_id_promises(shifted: bool) -> None:
    for letter, data in ((b"c", b"0416000336108"), (b"d", b"416000336108")):
        sent = reports(b"416000336108", b"]E0", shifted=shifted, letter=letter)
        assert heard(HidPos(), sent) == [Read(data, "]E0")]


def test_without_a_symbology_id_none_is_known() -> None:
    assert heard(HidPos(), reports(b"A-01", b"\x00\x00\x00")) == [Read(b"A-01")]


def test_other_reports_and_broken_ones_are_no_scan() -> None:
    assert heard(HidPos(), [b"", b"\x03" + reports(b"A-01")[0][1:], bytes(64), b"\x02" + bytes(63)]) == []
    assert heard(HidPos(), [b"\x02\x04]C1A-01", b"\x02\x39" + bytes(62)]) == [
        Damaged(b"\x02\x04]C1A-01", "short report"), Damaged(b"\x02\x39" + bytes(62), "length"),
    ]  # fmt: skip


def test_a_symbol_is_not_joined_with_one_from_before_the_device_was_lost() -> None:
    hid = HidPos()

    hid.feed(reports(b"X" * 100)[0], 0)
    hid.reset()
    assert heard(hid, reports(b"A-01")) == [Read(b"A-01", "]C1")]


@pytest.mark.parametrize(("vid", "sent"), [(0x0C2E, (b"\xfe\x01",)), (0x23D0, (b"\xfe\x01",)), (0x05E0, ())])
def test_a_honeywell_scanner_is_told_to_use_this_mode(vid: int, sent: tuple[bytes, ...]) -> None:
    assert initialisation(vid) == sent


@settings(max_examples=50)
@given(st.lists(st.binary(max_size=70), max_size=8))
def test_nothing_crashes_and_nothing_is_longer_than_a_symbol(noise: list[bytes]) -> None:
    assert all(len(each.data) <= 7089 for each in reads(heard(HidPos(), noise)))
