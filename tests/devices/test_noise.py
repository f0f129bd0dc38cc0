"""Every scanner's frames with noise between and within them, cut off, sent twice: the code that was sent, or none."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.framing.heard import Damaged, Framer, Read
from devices.framing.hid_pos import HidPos
from devices.framing.honeywell import Honeywell
from devices.framing.ssi import Ssi
from devices.framing.text import STALE_MS, Ending, Text, may_be_code
from tests.devices.streams import AT, CODES, cuts_of, heard, pieces, reads, split_everywhere
from tests.devices.test_hid_pos import reports
from tests.devices.test_honeywell import message
from tests.devices.test_ssi import decode

AIM = "]C1"
STX = b"\x02"
Frames = Callable[[bytes], bytes]

MARKED = partial(Text, Ending.CR, prefix=STX)
NAMED = partial(Text, Ending.CR, aim_always=True)
DATALOGIC = partial(Text, Ending.CR, aim_always=True, replies=True)


def named(code: bytes) -> bytes:
    return b"]C1" + code + b"\r"


def marked(code: bytes) -> bytes:
    return STX + named(code)


def hears_only(sent: Iterable[bytes], found: Sequence[object]) -> bool:
    """Say whether what was read are codes that were sent, in their order."""
    rest = iter(sent)
    return all(any(each == Read(code, AIM) for code in rest) for each in found if isinstance(each, Read))


CODE = CODES.map(str.encode)
PRINTED = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="]"), max_size=8).map(
    str.encode
)
ANY = st.binary(max_size=8).filter(lambda noise: not set(noise) & set(b"]\x02\x16"))


@pytest.mark.parametrize(("make", "frame"), [
    (MARKED, marked), (NAMED, named), (DATALOGIC, named), (Honeywell, message), (Ssi, lambda code: decode(b"]C1" + code)),
])  # fmt: skip
@settings(max_examples=30)
@given(data=st.data())
def test_noise_between_scans_is_never_a_part_of_one(make: Callable[[], Framer], frame: Frames, data) -> None:
    codes = data.draw(st.lists(CODE, max_size=4))
    stream = b"".join(data.draw(PRINTED | ANY) + frame(code) for code in codes)
    found = heard(make(), pieces(stream, data.draw(cuts_of(stream))))

    assert found == heard(make(), [stream])
    if make in (MARKED, Ssi):
        assert [each for each in reads(found) if each.aim] == [Read(code, AIM) for code in codes]
    elif make is Honeywell:  # without its header there is no telling
        assert hears_only(codes, [each for each in found if isinstance(each, Read) and each.aim])
    else:
        assert hears_only(codes, found)


def spoilt(data, frame: bytes) -> bytes:
    """Return a frame that a line lost, doubled, added or cut off something of."""
    at = data.draw(st.integers(0, len(frame) - 1))
    how = data.draw(st.sampled_from(("lost", "twice", "more", "cut", "error")))
    now = {"lost": b"", "twice": frame[at : at + 1] * 2, "more": data.draw(ANY) + frame[at : at + 1], "error": b"\0"}
    return frame[:at] if how == "cut" else frame[:at] + now[how] + frame[at + 1 :]


@pytest.mark.parametrize(("make", "frame"), [(Ssi, lambda code: decode(b"]C1" + code)), (Honeywell, message)])
@settings(max_examples=60)
@given(data=st.data())
def test_a_packet_that_a_line_spoilt_is_never_another_code(make: Callable[[], Framer], frame: Frames, data) -> None:
    codes = data.draw(st.lists(CODE, min_size=1, max_size=3))
    stream = b"".join(spoilt(data, frame(code)) if data.draw(st.booleans()) else frame(code) for code in codes)
    found = reads(heard(make(), [stream]))

    assert hears_only(codes, [each for each in found if each.aim])


@settings(max_examples=60)
@given(code=CODE, at=st.integers(0, 20), noise=st.binary(min_size=1, max_size=4))
def test_bytes_that_no_code_holds_take_the_text_with_them(code: bytes, at: int, noise: bytes) -> None:
    stream = code[:at] + noise.translate(None, b"\r\n\t") + code[at:]
    found = reads(heard(Text(), [stream + b"\r" + code + b"\r"]))

    assert found[-1:] == [Read(code)]
    if not may_be_code("", stream):
        assert found == [Read(code)]


@settings(max_examples=60)
@given(codes=st.lists(st.binary(min_size=1, max_size=150), min_size=1, max_size=3), data=st.data())
def test_reports_between_and_within_those_of_a_symbol_are_never_a_part_of_it(codes: list[bytes], data) -> None:
    other = st.binary(max_size=70).filter(lambda report: report[:1] != b"\x02")
    parts = [part for code in codes for report in reports(code) for part in (data.draw(other), report)]

    assert hears_only([code.rstrip(b"\r\n") for code in codes], heard(HidPos(), parts))


def test_a_spoilt_byte_takes_its_scan_with_it_and_the_next_counts() -> None:
    for make, frame in ((Text, named), (MARKED, marked), (NAMED, named), (Honeywell, message)):
        for at in range(len(frame(b"A-01"))):
            broken = bytearray(frame(b"A-01"))
            broken[at] = 0
            found = reads(heard(make(), [bytes(broken) + frame(b"A-02") + frame(b"A-03")]))
            assert found[-1:] == [Read(b"A-03", AIM)]
            assert hears_only((b"A-01", b"A-02", b"A-03"), found), (make, at)


def test_with_a_prefix_that_no_code_holds_the_scan_behind_noise_counts() -> None:
    assert split_everywhere(MARKED, b"4711" + marked(b"A-01")) == [Damaged(b"4711", "noise"), Read(b"A-01", AIM)]
    it = MARKED()
    it.feed(b"4711", AT)
    assert it.feed(marked(b"A-01"), AT + STALE_MS) == [Damaged(b"4711", "interrupted"), Read(b"A-01", AIM)]


def test_without_its_prefix_a_text_is_no_scan() -> None:
    assert heard(Text(prefix=b"~"), [b"~A-01\rA-02\r4~A-03\r"]) == [
        Read(b"A-01"), Damaged(b"A-02", "no prefix"), Damaged(b"4~A-03", "no prefix"),
    ]  # fmt: skip


def test_text_in_an_older_encoding_is_taken_where_the_symbology_can_hold_it() -> None:
    old = "Größe".encode("latin-1")

    assert reads(heard(Text(), [b"]Q1" + old + b"\r"])) == [Read(old, "]Q1")]
    assert reads(heard(Text(), ["Größe".encode() + b"\r"])) == [Read("Größe".encode())]
    assert reads(heard(Text(), [old + b"\r]C0" + old + b"\r"])) == []
    assert reads(heard(Text(), [b"[)>\x1e06\x1dPA-01\x1e\x04\r"])) == [Read(b"[)>\x1e06\x1dPA-01\x1e\x04")]
