"""Devices are added in the window by doing: a scanner by one scan of the code shown, a scale by what lies on it; and taken off."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from core.kernel.reasons import Reason
from devices.assembling import bus_of
from devices.calibration import SHEET
from devices.drivers.serial_ports import SerialBus
from devices.feedback import Sink, accept
from devices.framing import ssi
from devices.framing.ssi import packet
from devices.profile import Profile, TransportKind, read_profile
from devices.scale_formats.asking import ScaleProtocol
from devices.simulation.scale import VirtualScale
from devices.transport import Bus
from tests.desktop.rig import Plug, Rig
from tests.homes import copy_home


class Computer:
    """The serial ports that this computer lists, at real pseudo-terminals; it has no other kind of port."""

    def __init__(self) -> None:
        self.plugs: list[Plug] = []

    def bus_of(self, profile: Profile) -> Bus:
        if profile.transport is not TransportKind.SERIAL:
            return SerialBus(listed=list)
        bus = bus_of(profile)
        assert isinstance(bus, SerialBus)
        return SerialBus(bus.line, listed=lambda: [_listed(each) for each in self.plugs])


def _listed(plug: Plug) -> SimpleNamespace:
    return SimpleNamespace(
        device=plug.path, vid=0, pid=0, serial_number="", location="", product=plug.name, description=""
    )


@pytest.fixture
def computer(tmp_path: Path) -> Iterator[Computer]:
    made = Computer()
    yield made
    for each in made.plugs:
        each.unplug()


@pytest.fixture
def rig(qtbot: QtBot, sample_home: Path, tmp_path: Path, computer: Computer) -> Iterator[Callable[..., Rig]]:
    made: list[Rig] = []

    def make(*profiles: Profile) -> Rig:
        it = Rig(qtbot, copy_home(sample_home, tmp_path / "home"), profiles)
        made.append(it)
        it.plugged.fitting._bus = computer.bus_of
        it.scan("BADGE-DANA")
        it.window.type("2580")
        it.settle()
        assert it.open_devices() == "ShowDevices"
        assert it.press("QTY-2") == "ChoosePlugged"
        return it

    yield make
    for each in made:
        each.close()


def listens(it: Rig, plug: Plug) -> None:
    """Wait until the trial has this port open."""
    it.until(lambda: plug.opened)


def heard(it: Rig) -> str:
    it.until(lambda: it.state == "TryOut" and bool(it.window.station.state.trial.speech))
    return str(it.window.station.state.trial.speech)


def test_a_scanner_is_found_by_one_scan_kept_learnt_and_at_work(rig, tmp_path: Path, computer: Computer) -> None:
    mouse, scanner = Plug(tmp_path, "other"), Plug(tmp_path, "zebra")
    computer.plugs += [mouse, scanner]
    it = rig()
    assert it.press("QTY-1") == "TryOut"
    it.until(lambda: bool(it.window.station.state.trial.pair))
    pair = it.window.station.state.trial.pair
    listens(it, scanner)
    mouse.send(b"SOMETHING\r")
    scanner.send(packet(ssi.DECODE_DATA, b"\x03" + pair.encode(), source=ssi.DECODER))
    assert heard(it) == "ssi"
    it.until(lambda: scanner.hears(ssi.ACK))

    assert it.press("CONFIRM") == "ScanSheet"
    kept = read_profile(it.assembly.profile["device:scanner-1"])
    assert (kept.protocol, kept.match.path, kept.settings.sink) == ("ssi", scanner.path, Sink.SSI)
    it.until(lambda: it.plugged.gear._devices["scanner-1"].link is not None)
    for n, code in enumerate(SHEET):
        scanner.send(packet(ssi.DECODE_DATA, b"\x03" + code.encode("latin-1"), source=ssi.DECODER))
        it.until(lambda n=n: it.plugged.gear.learning().scanned > n or it.plugged.gear.learning().saved)
    it.until(lambda: it.state == "ScanSheet" and it.window.station.state.learning.saved)
    assert read_profile(it.assembly.profile["device:scanner-1"]).gs_ok

    it.press("NO")
    it.press("NO")
    scanner.send(packet(ssi.DECODE_DATA, b"\x03MUG-350-BLUE", source=ssi.DECODER))
    it.until(lambda: bool(it.given) and it.given[-1][:2] == ("]C0MUG-350-BLUE", "scanner-1"))
    it.until(lambda: scanner.hears(accept(Sink.SSI)))


def test_a_scale_is_found_by_what_lies_on_it_and_is_asked_its_unit(rig, tmp_path: Path, computer: Computer) -> None:
    scale = Plug(tmp_path, "pan")
    computer.plugs.append(scale)
    it = rig()
    assert it.press("QTY-2") == "ChooseRole"
    assert it.press("QTY-2") == "TryOut"

    pan = VirtualScale(ScaleProtocol.DIGI, grams=1235)

    def answers() -> bool:
        if scale.hears(b"\x02W\x03"):
            scale.told = b""
            scale.send(pan.hears(b"\x02W\x03"))
        return bool(it.window.station.state.trial.speech)

    it.until(answers)
    trial = it.window.station.state.trial
    assert (trial.speech, trial.said, trial.lacks_unit) == ("digi", "01.235", True)
    assert it.press("CONFIRM") == "ChooseUnit"
    assert it.press("QTY-1") == "ChoosePlugged"

    kept = read_profile(it.assembly.profile["device:scale-1"])
    assert (kept.protocol, kept.settings.unit) == ("digi", "kg")
    assert it.plugged.gear.pan is not None
    assert it.window.station.state.plugged == ()

    assert it.press("QTY-9") == "ChooseGone"
    assert it.press("QTY-1") == "ConfirmGone"
    assert it.press("YES") == "ChoosePlugged"
    assert "device:scale-1" not in it.assembly.profile
    assert it.plugged.gear.pan is None


def test_a_scanner_that_is_set_up_is_named_and_a_keyboard_is_kept_as_one(
    rig, tmp_path: Path, computer: Computer
) -> None:
    known = Plug(tmp_path, "scanner-1")
    computer.plugs.append(known)
    it = rig(known.scanner())
    assert it.window.station.state.plugged == ()
    it.press("QTY-1")
    it.until(lambda: bool(it.window.station.state.trial.pair))
    pair = it.window.station.state.trial.pair
    known.send(pair.encode() + b"\r")
    it.until(lambda: it.window.station.state.trial.trouble == "known")
    assert it.window.station.state.trial.by == "scanner-1"
    assert it.given[-1][0] != pair

    it.plugged.gear.keyed(pair, (), "\r")
    assert heard(it) == "wedge"
    assert it.press("CONFIRM") == "ScanSheet"
    assert read_profile(it.assembly.profile["device:keyboard"]).protocol == "wedge"


def test_a_port_that_another_program_holds_is_said_and_one_that_is_its_stays(
    rig, tmp_path: Path, computer: Computer
) -> None:
    plug, locked = Plug(tmp_path, "held"), Plug(tmp_path, "scanner-1")
    computer.plugs += [plug, locked]
    it = rig(replace(locked.scanner(), locked=True))
    assert it.press("QTY-2") == "ChooseRole"
    plug.unplug()
    assert it.press("QTY-1") == "TryOut"
    it.until(lambda: it.window.station.state.trial.trouble == "absent")
    it.press("NO")
    it.press("QTY-9")
    it.press("QTY-1")
    it.press("YES")
    assert it.heard[-1].refusal is not None
    assert it.heard[-1].refusal.reason is Reason.LOCKED_BY_IT
    assert "device:scanner-1" in it.assembly.profile
