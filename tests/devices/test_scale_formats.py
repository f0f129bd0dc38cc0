"""Frames from the scales' manuals, split at every offset and with noise between them: never a wrong weight."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.capture import Captured, Pan
from devices.scale_formats.asking import REQUESTS, Requests, ScaleProtocol, reader
from devices.scale_formats.cas import CasTill, Stream
from devices.scale_formats.hid import HidScale
from devices.scale_formats.nci import Nci
from devices.scale_formats.reading import (
    STALE_MS,
    Ask,
    Kind,
    NotAWeight,
    Reading,
    ScaleFormat,
    State,
    Weighed,
)
from devices.scale_formats.sics import Sics
from devices.scale_formats.silent import Adam, Digi
from devices.scale_formats.toledo import Toledo8217, ToledoContinuous
from tests.devices.streams import AT, cuts_of, pieces

STABLE, ZERO, MOVING, OVER, UNDER, FAULT, UNSTATED = State
GROSS, NET, NO_KIND = Kind

Said = tuple[State, str, str, Kind]
"""State, digits, unit, kind; or nothing for a frame that is no weight."""

KG, IN_LB = Toledo8217, partial(Toledo8217, "lb")
STILL_ADAM = partial(Adam, only_still=True)
STILL_DIGI = partial(Digi, "kg", only_still=True)
SHORT = partial(ToledoContinuous, checksum=False)

FRAMES: list[tuple[Callable[[], ScaleFormat], bytes, Said | None]] = [
    (Sics, b"S S     100.00 g\r\n", (STABLE, "100.00", "g", NO_KIND)),
    (Sics, b"S D     100.03 g\r\n", (MOVING, "100.03", "g", NO_KIND)),
    (Sics, b"S S      -0.52 kg\r\n", (STABLE, "-0.52", "kg", NO_KIND)),
    (Sics, b"S S       0.00 g\r\n", (ZERO, "0.00", "g", NO_KIND)),
    (Sics, b"S I\r\n", (MOVING, "", "", NO_KIND)),
    (Sics, b"S +\r\n", (OVER, "", "", NO_KIND)),
    (Sics, b"S -\r\n", (UNDER, "", "", NO_KIND)),
    (Sics, b"Z A\r\n", None),
    (Sics, b"T I\r\n", None),
    (Sics, b'I4 A "B021002593"\r\n', None),
    (Sics, b"ES\r\n", None),
    (KG, b"\x0201.235\r", (STABLE, "01.235", "kg", GROSS)),
    (KG, b"\x0201.24\r", (STABLE, "01.24", "lb", GROSS)),
    (KG, b"\x0201.235N\r", (STABLE, "01.235", "kg", NET)),
    (KG, b"\x0200.000\r", (ZERO, "00.000", "kg", GROSS)),
    (IN_LB, b"\x0201.2346\r", (STABLE, "01.2346", "lb", GROSS)),
    (KG, b"\x0201.2346\r", (STABLE, "01.2346", "", GROSS)),
    (KG, b"\x02?A\r", (MOVING, "", "", NO_KIND)),
    (KG, b"\x02?a\r", (MOVING, "", "", NO_KIND)),
    (KG, b"\x02?B\r", (OVER, "", "", NO_KIND)),
    (KG, b"\x02?b\r", (OVER, "", "", NO_KIND)),
    (KG, b"\x02?D\r", (UNDER, "", "", NO_KIND)),
    (KG, b"\x02?d\r", (UNDER, "", "", NO_KIND)),
    (KG, b"\x02?P\r", (ZERO, "", "", NO_KIND)),
    (KG, b"\x02?p\r", (ZERO, "", "", NO_KIND)),
    (KG, b"\x02?H\r", (FAULT, "", "", NO_KIND)),
    (KG, b"\x02?@\r", None),
    (KG, b"\x02E\rhello", None),
    (ToledoContinuous, b"\x02\x2d\x30\x20001235000000\r\x29", (STABLE, "001.235", "kg", GROSS)),
    (ToledoContinuous, b"\x02\x2d\x38\x20001235000000\r\x21", (MOVING, "001.235", "kg", GROSS)),
    (ToledoContinuous, b"\x02\x2d\x33\x20000020000250\r\x28", (STABLE, "-000.020", "kg", NET)),
    (ToledoContinuous, b"\x02\x2d\x34\x20000000000000\r\x30", (OVER, "", "", GROSS)),
    (SHORT, b"\x02\x2d\x30\x20  1235     0\r", (STABLE, "001.235", "kg", GROSS)),
    (SHORT, b"\x02\x2a\x20\x20   012000000\r", (STABLE, "000012", "lb", GROSS)),
    (SHORT, b"\x02\x2b\x20\x21   125000000\r", (STABLE, "00012.5", "g", GROSS)),
    (SHORT, b"\x02\x2d\x30\x20000000000000\r", (ZERO, "000.000", "kg", GROSS)),
    (SHORT, b"\x02\x2d\x70\x20001235000000\r", (FAULT, "", "", GROSS)),
    (SHORT, b"\x02\x2e\x30\x30012356000000\r", (STABLE, "01.2356", "kg", GROSS)),
    (SHORT, b"\x02\x28\x30\x20001200000000\r", (STABLE, "001200", "kg", GROSS)),
    (SHORT, b"\x02\x29\x20\x20  1230     0\r", (STABLE, "001230", "lb", GROSS)),
    (SHORT, b"\x02\x28\x30\x20000000000000\r", (ZERO, "000000", "kg", GROSS)),
    (Nci, b"\n001.23KG\r\nS00\r\x03", (STABLE, "001.23", "KG", GROSS)),
    (Nci, b"\n001.23KG\r\n00\r\x03", (STABLE, "001.23", "KG", GROSS)),
    (Nci, b"\n001.23LB\rS00\r\x03", (STABLE, "001.23", "LB", GROSS)),
    (Nci, b"\n000.00KG\r\nS20\r\x03", (ZERO, "000.00", "KG", GROSS)),
    (Nci, b"\n001.23KG\r\nS0p4\r\x03", (STABLE, "001.23", "KG", NET)),
    (Nci, b"\n001.23KG\r\nS10\r\x03", (MOVING, "001.23", "KG", GROSS)),
    (Nci, b"\nS10\r\x03", (MOVING, "", "", GROSS)),
    (Nci, b"\nS01\r\x03", (UNDER, "", "", GROSS)),
    (Nci, b"\n02\r\x03", (OVER, "", "", GROSS)),
    (Nci, b"\nS20\r\x03", (ZERO, "", "", GROSS)),
    (Nci, b"\nS40\r\x03", (FAULT, "", "", GROSS)),
    (Nci, b"\nS08\r\x03", (FAULT, "", "", GROSS)),
    (Nci, b"\nS00\r\x03", None),
    (Nci, b"\n?\r\x03", None),
    (CasTill, b"\x01\x02S 01.235kg\x64\x03\x04", (STABLE, "01.235", "kg", NO_KIND)),
    (CasTill, b"\x01\x02U 01.235kg\x62\x03\x04", (MOVING, "01.235", "kg", NO_KIND)),
    (CasTill, b"\x01\x02SF01.235kg\x02\x03\x04", (OVER, "", "", NO_KIND)),
    (CasTill, b"\x01\x02UF      kg\x1f\x03\x04", (OVER, "", "", NO_KIND)),
    (CasTill, b"\x01\x02UF------kg\x1f\x03\x04", (OVER, "", "", NO_KIND)),
    (CasTill, b"\x01\x02S 01.235kg\x65\x03\x04", None),
    (CasTill, b"\x15", None),
    (Stream, b"ST,GS,0\x40,   1.235 kg\r\n", (STABLE, "1.235", "kg", GROSS)),
    (Stream, b"ST,NT,0\x42,   1.235 kg\r\n", (STABLE, "1.235", "kg", NET)),
    (Stream, b"ST,GS,   1.235kg\r\n", (STABLE, "1.235", "kg", GROSS)),
    (Stream, b"ST,GS,+ 01.235kg\r\n", (STABLE, "01.235", "kg", GROSS)),
    (Stream, b"ST,GS,-  1.235 g\r\n", (STABLE, "-1.235", "g", GROSS)),
    (Stream, b"ST,GS,   0.000kg\r\n", (ZERO, "0.000", "kg", GROSS)),
    (Stream, b"US,GS,   1.235kg\r\n", (MOVING, "1.235", "kg", GROSS)),
    (Stream, b"ST,GS,0\x04,   1.235 kg\r\n", (MOVING, "1.235", "kg", GROSS)),
    (Stream, b"OL,GS,0\x04,           kg\r\n", (OVER, "", "", NO_KIND)),
    (Stream, b"ST,GS,        kg\r\n", None),
    (Adam, b"   1.235 kg\r\n", (UNSTATED, "1.235", "kg", NO_KIND)),
    (STILL_ADAM, b"   1.235 kg\r\n", (STABLE, "1.235", "kg", NO_KIND)),
    (STILL_ADAM, b"G/W  + 2.00 kg\r\n", (STABLE, "2.00", "kg", GROSS)),
    (STILL_ADAM, b"N/W  - 1.00 kg\r\n", (STABLE, "-1.00", "kg", NET)),
    (Adam, b"T/W  + 1.00 kg\r\n", None),
    (Adam, b"Err 4\r\n", None),
    (STILL_DIGI, b"\x02w01.235\x6c\x03", (STABLE, "01.235", "kg", NO_KIND)),
    (Digi, b"\x02w01.235\x6c\x03", (UNSTATED, "01.235", "", NO_KIND)),
    (Digi, b"\x02w01.235\x6d\x03", None),
    (STILL_DIGI, b"\x02w01.23$\x7d\x03", None),
    (STILL_DIGI, b"\x02wt\x03\x03", None),
    (Digi, b"\x02w012350\x72\x03", None),
]  # fmt: skip

MAKES = list(dict.fromkeys(make for make, _, _ in FRAMES))
NOISE = st.binary(max_size=6).filter(lambda noise: not set(noise) & set(b"\x01\x02\x06\n\r.0123456789"))
"""Between frames, on a line of its own where a line would be spoilt."""


def said(weighed: Weighed) -> Said | None:
    return (weighed.state, weighed.digits, weighed.unit, weighed.kind) if isinstance(weighed, Reading) else None


def readings(found: list[Weighed]) -> list[Said | None]:
    return [said(each) for each in found if isinstance(each, Reading)]


@pytest.mark.parametrize(("make", "frame", "expected"), FRAMES)
def test_every_frame_says_one_thing_however_it_is_cut(make, frame: bytes, expected: Said | None) -> None:
    found = make().feed(frame, AT)
    assert [said(each) for each in found] == [expected]

    for at in range(1, len(frame)):
        it = make()
        assert it.feed(frame[:at], AT) + it.feed(frame[at:], AT) == found, at
    it = make()
    assert [each for at in range(len(frame)) for each in it.feed(frame[at : at + 1], AT)] == found


@pytest.mark.parametrize("make", MAKES)
@settings(max_examples=20)
@given(data=st.data())
def test_noise_between_frames_gives_no_wrong_weight_and_loses_none(make, data) -> None:
    frames = [(frame, expected) for each, frame, expected in FRAMES if each is make]
    chosen = data.draw(st.lists(st.sampled_from(frames), max_size=5))
    line = b"\r\n" if b"\r\n" in frames[0][0] and make is not Nci else b""
    stream = b"".join(frame + data.draw(NOISE) + line for frame, _ in chosen)
    whole = make().feed(stream, AT)

    assert readings(whole) == [expected for _, expected in chosen if expected]
    it = make()
    assert [each for piece in pieces(stream, data.draw(cuts_of(stream))) for each in it.feed(piece, AT)] == whole


@pytest.mark.parametrize("make", MAKES)
@settings(max_examples=20)
@given(noise=st.lists(st.binary(max_size=300), max_size=4))
def test_nothing_crashes(make, noise: list[bytes]) -> None:
    it = make()
    for each in noise:
        it.feed(each, AT)
    it.reset()
    frame, expected = next((frame, expected) for other, frame, expected in FRAMES if other is make and expected)
    assert readings(it.feed(frame, AT)) == [expected]


@pytest.mark.parametrize(("make", "frame", "expected"), [each for each in FRAMES if each[2]])
def test_half_a_frame_is_not_joined_with_what_follows_seconds_later(make, frame: bytes, expected: Said) -> None:
    for at in range(1, len(frame)):
        it = make()
        assert it.feed(frame[:at], AT) == []
        # A status that stands by itself stays one; a value is none.
        assert [said[1] for said in readings(it.feed(frame[at:], AT + STALE_MS)) if said and said[1]] == []
        assert readings(it.feed(frame, AT + STALE_MS)) in ([expected], [])
        assert readings(it.feed(frame, AT + STALE_MS)) == [expected]


def test_a_till_scale_is_asked_again_when_it_is_ready() -> None:
    it = CasTill()

    assert REQUESTS[ScaleProtocol.CAS_TILL].weigh == b"\x05"
    assert it.feed(b"\x06", AT) == [Ask(b"\x11")]
    assert it.feed(b"\x15", AT) == [NotAWeight(b"\x15", "busy")]


def test_a_net_weight_says_that_it_is_one_in_every_dialect_that_can() -> None:
    continuous = b"\x02\x2d%c\x20001235000250\r"
    for make, frame, kind in [
        (Toledo8217, b"\x0201.235\r", Kind.GROSS),
        (Toledo8217, b"\x0201.235N\r", Kind.NET),
        (partial(ToledoContinuous, checksum=False), continuous % 0x30, Kind.GROSS),
        (partial(ToledoContinuous, checksum=False), continuous % 0x31, Kind.NET),
        (Nci, b"\n001.23KG\r\nS00\r\x03", Kind.GROSS),
        (Nci, b"\n001.23KG\r\nS0p0\r\x03", Kind.GROSS),
        (Nci, b"\n001.23KG\r\nS0p4\r\x03", Kind.NET),
        (Nci, b"\n001.23KG\r0p4\r\x03", Kind.NET),
        (Stream, b"ST,GS,   1.235kg\r\n", Kind.GROSS),
        (Stream, b"ST,NT,   1.235kg\r\n", Kind.NET),
        (Stream, b"ST,GS,1\x44,   1.235 kg\r\n", Kind.GROSS),
        (Stream, b"ST,GS,1\x46,   1.235 kg\r\n", Kind.GROSS),
        (Stream, b"ST,GS,1\x42,   1.235 kg\r\n", Kind.NET),
        (Sics, b"S S      1.235 kg\r\n", Kind.UNSTATED),
        (Sics, b"TA A      0.000 kg\r\nS S      1.235 kg\r\n", Kind.GROSS),
        (Sics, b"TA A      0.250 kg\r\nS S      1.235 kg\r\n", Kind.NET),
        (Sics, b"T S      0.250 kg\r\nS D      1.235 kg\r\n", Kind.NET),
        (Sics, b"TA A      0.250 kg\r\nTAC A\r\nS S      1.235 kg\r\n", Kind.GROSS),
        (Sics, b"TA I\r\nS S      1.235 kg\r\n", Kind.UNSTATED),
        (CasTill, bytes.fromhex("0102532030312e3233356b67640304"), Kind.UNSTATED),
    ]:
        for cut in range(len(frame) + 1):
            it = make()
            said = [each for each in it.feed(frame[:cut], 0) + it.feed(frame[cut:], 1) if isinstance(each, Reading)]
            assert [each.kind for each in said] == [kind], (frame, cut)


def test_a_scale_that_went_away_may_come_back_without_its_tare() -> None:
    it = Sics()
    it.feed(b"TA A      0.250 kg\r\n", 0)
    it.reset()
    (said,) = it.feed(b"S S      1.235 kg\r\n", 0)
    assert isinstance(said, Reading)
    assert said.kind is Kind.UNSTATED


def test_the_tare_is_told_where_it_is_sent() -> None:
    (found,) = ToledoContinuous().feed(b"\x02\x2d\x33\x20000020000250\r\x28", AT)

    assert isinstance(found, Reading)
    assert found.tare == "000.250"


@pytest.mark.parametrize(("report", "expected", "grams"), [
    ("03 04 03 FD D3 04", (STABLE, "1.235", "kg"), "1235"),
    ("03 03 03 FD D3 04", (MOVING, "1.235", "kg"), "1235"),
    ("03 04 0B FF 7B 00", (STABLE, "12.3", "oz"), "348.6991344375"),
    ("03 02 02 00 00 00", (ZERO, "0", "g"), "0"),
    ("03 05 02 00 14 00", (UNDER, "-20", "g"), "-20"),
    ("03 06 02 00 14 00", (OVER, "20", "g"), "20"),
    ("03 01 02 00 14 00", (FAULT, "20", "g"), "20"),
    ("03 07 02 00 14 00", (FAULT, "20", "g"), "20"),
    ("03 08 02 00 14 00", (FAULT, "20", "g"), "20"),
    ("03 04 02 01 0C 00", (STABLE, "120", "g"), "120"),
    ("03 04 05 00 0C 00", (STABLE, "12", "tael"), None),
])  # fmt: skip
def test_usb_reports(report: str, expected: tuple[State, str, str], grams: str | None) -> None:
    (found,) = HidScale().feed(bytes.fromhex(report), AT)

    assert isinstance(found, Reading)
    assert (found.state, found.digits, found.unit) == expected
    assert found.grams == (None if grams is None else Decimal(grams))


@pytest.mark.parametrize(("report", "why"), [
    ("00 00 00 00 00 00", "empty"),
    ("04 04 00 00 00 00", "unsupported"),
    ("03 00 00 00 00 00", "unsupported"),
    ("03 04 00 00 0C 00", "unsupported"),
    ("03 04 02 00 0C", "unsupported"),
    ("03 09 02 00 0C 00", "unsupported"),
    ("03 04 02 40 0C 00", "unsupported"),
    ("05 04 02 00 0C 00 01 02", "unsupported"),
])  # fmt: skip
def test_other_reports_are_no_weight(report: str, why: str) -> None:
    assert HidScale().feed(bytes.fromhex(report), AT) == [NotAWeight(bytes.fromhex(report), why)]


@given(st.binary(max_size=10))
def test_no_report_crashes(report: bytes) -> None:
    assert len(HidScale().feed(report, AT)) == bool(report)


@pytest.mark.parametrize(("digits", "unit", "grams"), [
    ("1.235", "kg", "1235"), ("1.235", "KG", "1235"), ("0.5", "lb", "226.796185"), ("12", "oz", "340.1942775"),
    ("12", "mg", "0.012"), ("2", "t", "2000000"), ("1", "ozt", "31.1034768"), ("5", "ct", "1"),
])  # fmt: skip
def test_grams_are_exact(digits: str, unit: str, grams: str) -> None:
    found = Reading(state=STABLE, digits=digits, unit=unit, raw=b"")

    assert found.grams == Decimal(grams)
    for unknown in ("ton", "tael", "", "pcs"):
        assert replace(found, unit=unknown).grams is None


def test_what_scales_are_asked() -> None:
    assert REQUESTS[ScaleProtocol.SICS] == Requests(
        b"SI\r\n", b"Z\r\n", b"T\r\n", b"TA\r\n", b"TAC\r\n", (b"I2\r\n", b"I3\r\n", b"I4\r\n")
    )
    assert REQUESTS[ScaleProtocol.TOLEDO_8217] == Requests(b"W", b"Z", b"T\r", clear_tare=b"C")
    assert REQUESTS[ScaleProtocol.NCI] == Requests(b"W\r", b"Z\r")
    assert REQUESTS[ScaleProtocol.ADAM].weigh == b"P\r\n"
    assert REQUESTS[ScaleProtocol.DIGI].weigh == b"\x02W\x03"
    assert set(REQUESTS) == set(ScaleProtocol)


@pytest.mark.parametrize("protocol", ScaleProtocol)
def test_every_protocol_has_its_reader(protocol: ScaleProtocol) -> None:
    frame, expected = {
        ScaleProtocol.SICS: (b"S S     100.00 g\r\n", STABLE),
        ScaleProtocol.TOLEDO_8217: (b"\x0201.235\r", STABLE),
        ScaleProtocol.TOLEDO_CONTINUOUS: (b"\x02\x2d\x30\x20001235000000\r\x29", STABLE),
        ScaleProtocol.NCI: (b"\n001.23KG\r\nS00\r\x03", STABLE),
        ScaleProtocol.CAS_TILL: (b"\x01\x02S 01.235kg\x64\x03\x04", STABLE),
        ScaleProtocol.STREAM: (b"ST,GS,   1.235kg\r\n", STABLE),
        ScaleProtocol.ADAM: (b"   1.235 kg\r\n", UNSTATED),
        ScaleProtocol.DIGI: (b"\x02w01.235\x6c\x03", UNSTATED),
        ScaleProtocol.HID: (bytes.fromhex("03 04 03 FD D3 04"), STABLE),
    }[protocol]
    (found,) = reader(protocol).feed(frame, AT)

    assert isinstance(found, Reading)
    assert found.state is expected


@pytest.mark.parametrize("frame", [b"\x02\x28\x30\x20001235000000\r", b"\x02\x29\x30\x20001230000005\r"])
def test_a_digit_where_a_zero_was_announced_is_no_weight(frame: bytes) -> None:
    assert SHORT().feed(frame, AT) == [NotAWeight(frame, "unsupported")]


def test_a_scale_that_leaves_announced_zeros_out_has_no_weights_until_it_is_plugged_in_anew() -> None:
    round_one, odd_one = b"\x02\x29\x30\x20000120000000\r", b"\x02\x29\x30\x20000125000000\r"
    scale = SHORT()

    assert [said(each) for each in scale.feed(round_one + odd_one + round_one, AT)] == [
        (STABLE, "000120", "kg", GROSS), None, None,
    ]  # fmt: skip
    scale.reset()
    assert [said(each) for each in scale.feed(round_one, AT)] == [(STABLE, "000120", "kg", GROSS)]


FOR_A_LINE = [make for make in MAKES if make not in (Adam, STILL_ADAM, Digi)]
"""Adam's scales say a weight once: noise in it stays in it. Of the others the pan takes none."""


@pytest.mark.parametrize("make", FOR_A_LINE)
@settings(max_examples=60)
@given(data=st.data())
def test_a_frame_that_a_line_spoilt_is_never_a_weight_that_is_taken(make, data) -> None:
    frame, expected = data.draw(
        st.sampled_from([(frame, said) for each, frame, said in FRAMES if each is make and said and said[0] is STABLE])
    )
    at = data.draw(st.integers(0, len(frame) - 1))
    how = data.draw(st.sampled_from(("lost", "twice", "more", "other", "cut")))
    now = {"lost": b"", "twice": frame[at : at + 1] * 2, "more": data.draw(st.binary(min_size=1, max_size=4)) + frame[at : at + 1],
           "other": data.draw(st.binary(min_size=1, max_size=1))}  # fmt: skip
    spoilt = frame[:at] if how == "cut" else frame[:at] + now[how] + frame[at + 1 :]
    it, pan = make(), Pan(scale="scale-1", twice=True)
    for sent in (frame, spoilt, frame, spoilt, frame, frame):
        for each in it.feed(sent, AT):
            if isinstance(each, Reading):
                pan = pan.seen(each, AT)
                pan, taken = pan.take(AT)
                assert not isinstance(taken, Captured) or said(taken.reading) == expected
