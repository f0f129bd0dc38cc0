"""Weighing, row by row of devices.md 7.1: the peer's bug, and what happens here instead."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.kernel.reasons import Reason
from desktop.presenters.weighing import live_of
from devices.capture import Captured, Pan, Why
from devices.drivers.hid import HidTransport
from devices.scale_formats.asking import ScaleProtocol, reader
from devices.scale_formats.reading import NotAWeight, Reading
from devices.supervisor import IDLE_MS, Connected, Lost, Supervisor
from devices.talk import ScaleTalk
from devices.transport import Match, Port
from tests.desktop.rig import Plug, Rig
from tests.homes import copy_home

STILL, MOVING, EMPTY = b"\x0201.235\r", b"\x02\x3f\x41\r", b"\x0200.000\r"


@pytest.fixture
def plug(tmp_path: Path) -> Iterator[Plug]:
    made = Plug(tmp_path, "scale-1")
    yield made
    made.unplug()


def test_a_scale_in_motion_shows_no_weight_and_is_not_captured(
    qtbot: QtBot, sample_home: Path, tmp_path: Path, plug: Plug
) -> None:
    it = Rig(qtbot, copy_home(sample_home, tmp_path / "home"), [plug.scale(ScaleProtocol.TOLEDO_8217)])
    it.scan("BADGE-AYLIN")
    gear = it.plugged.gear

    def shown(frame: bytes) -> tuple[str, str]:
        plug.send(frame * 2)
        it.until(
            lambda: (
                gear.pan.said_again
                and gear.pan.newest is not None
                and gear.pan.newest.raw in (frame, frame[:-1], frame[1:-1], frame.strip())
            )
        )
        live = live_of(gear.pan, gear.now_ms())
        return live.reading, live.words

    try:
        it.until(lambda: plug.hears(b"W"))
        assert shown(STILL)[0].startswith("01.235")
        assert shown(MOVING) == ("-", "moving")
        it.press("WEIGH")
        assert it.heard[-1].refusal.reason is Reason.SCALE_MOVING
        assert all(each[0] == "" for each in it.given if each[1] == "scale-1")
    finally:
        it.close()


class Reports:
    """A HID scale that has sent more than anybody read."""

    def __init__(self, *reports: bytes) -> None:
        self._reports = list(reports)

    def read(self, _longest: int, _wait_ms: int) -> list[int]:
        return list(self._reports.pop(0)) if self._reports else []


def test_a_scale_that_sends_faster_than_it_is_read_does_not_lag() -> None:
    behind = [b"\x03\x04\x03\xfd" + grams.to_bytes(2, "little") for grams in range(1_000, 1_236)]
    newest = HidTransport(Reports(*behind), newest=True).read()

    (reading,) = reader(ScaleProtocol.HID).feed(newest, 0)
    assert isinstance(reading, Reading)
    assert reading.grams == Decimal(1_235)


def test_an_empty_report_is_no_weight_of_nothing() -> None:
    for report in (bytes(6), b"\x04\x04\x00\x00\x00\x00"):
        found = reader(ScaleProtocol.HID).feed(report, 0)
        assert all(isinstance(each, NotAWeight) for each in found), found
        pan = Pan(scale="scale-1")
        for each in found:
            pan = pan.seen(each, 0)
        assert pan.why_not(0) is Why.NOTHING_SEEN


class Dead:
    """A scale that answers until it freezes: its port stays there and says nothing."""

    def __init__(self) -> None:
        self.frozen = False
        self.opened = 0

    def ports(self) -> tuple[Port, ...]:
        return (Port(path="/dev/scale"),)

    def open(self, _port: Port) -> "Dead":
        self.opened += 1
        self.frozen = False
        return self

    def read(self) -> bytes:
        return b"" if self.frozen else b"S S      1.235 kg\r\n"

    def write(self, _data: bytes) -> None:
        pass

    def close(self) -> None:
        pass


def test_a_scale_that_froze_for_six_hours_is_found_out_and_opened_again() -> None:
    scale, clock, happened = Dead(), [0], []
    requests = b"SI\r\n"
    it = Supervisor(
        device="scale-1", match=Match(path="/dev/scale"), bus=scale,
        talk=ScaleTalk(reader(ScaleProtocol.SICS), _sics(), heartbeat=requests), hand=happened.append,
        now_ms=lambda: clock[0],
    )  # fmt: skip
    pan = Pan(scale="scale-1")

    def step(seconds: float) -> None:
        nonlocal pan
        clock[0] += round(seconds * 1000)
        before = len(happened)
        it.step()
        for each in happened[before:]:
            pan = pan.lost() if isinstance(each.what, Lost) else pan.seen(each.what, each.at_ms)

    step(1)
    step(0.1)
    assert isinstance(pan.take(clock[0])[1], Captured)
    scale.frozen = True
    for _ in range(8 * IDLE_MS // 20_000):
        step(20)
        assert pan.take(clock[0])[1] is not None
        if scale.opened > 1:
            break
    assert [each.what.why for each in happened if isinstance(each.what, Lost)] == ["silent"]
    assert isinstance([each for each in happened if isinstance(each.what, Connected | Lost)][-1].what, Connected | Lost)
    step(1)
    step(1)
    assert scale.opened == 2


def _sics():
    from devices.scale_formats.asking import REQUESTS

    return REQUESTS[ScaleProtocol.SICS]


def test_a_scale_pulled_out_within_a_frame_leaves_no_weight(
    qtbot: QtBot, sample_home: Path, tmp_path: Path, plug: Plug
) -> None:
    it = Rig(qtbot, copy_home(sample_home, tmp_path / "home"), [plug.scale(ScaleProtocol.STREAM)])
    gear = it.plugged.gear
    try:
        plug.send(b"ST,GS,   1.240kg\r\nST,GS,   9.")
        it.until(lambda: gear.pan.newest is not None)
        plug.unplug()
        it.until(lambda: gear.pan.newest is None)
        assert gear.capture() is Why.NOTHING_SEEN
        plug.plug()
        it.until(lambda: it.plugged.gear.devices()[0].trouble == "silent")
        plug.send(b"999kg\r\n")
        it.qtbot.wait(60)
        assert gear.capture() is Why.NOTHING_SEEN
    finally:
        it.close()
