"""A profile is written, carried, and read back whole or not at all; and it is a device that can be started."""

import json
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from devices.assembling import bus_of, pan_of, supervise, talk_of
from devices.calibration import Calibration
from devices.drivers.evdev import EvdevBus
from devices.drivers.hid import SCALES, SCANNERS, HidBus
from devices.drivers.raw_input import RawInputBus
from devices.drivers.serial_ports import Line, SerialBus
from devices.feedback import Sink, initialisation
from devices.framing.ssi import packet
from devices.framing.text import Ending
from devices.profile import (
    Profile,
    ProfileFault,
    Role,
    ScannerProtocol,
    Settings,
    TransportKind,
    read_profile,
    write_profile,
)
from devices.scale_formats.asking import ScaleProtocol
from devices.scale_formats.reading import Reading, State
from devices.scan import Scan
from devices.talk import ScaleTalk
from devices.transport import Match

SCANNER = Profile(
    id="scanner-1", role=Role.SCANNER, transport=TransportKind.SERIAL, protocol=ScannerProtocol.SSI, station="bench-3",
    match=Match(vid=0x05E0, pid=0x1701, serial="S1", location="1-2"),
    settings=Settings(sink=Sink.SSI, special_keys={"108": "\x1d"}),
    calibration=Calibration(layout={"z": "y"}, separator="\x1d", aim_ok=True, ending=Ending.CRLF, gap_p95_ms=4),
)  # fmt: skip
SCALE = Profile(
    id="scale-1", role=Role.SCALE, transport=TransportKind.SERIAL, protocol=ScaleProtocol.SICS,
    match=Match(path="/dev/ttyS0"), verified_until="2027-12-31",
    settings=Settings(bits=7, parity="E", most_grams=30_000, empty_below_grams=5),
)  # fmt: skip


def reached(protocol: ScannerProtocol | ScaleProtocol) -> Profile:
    role = Role.SCANNER if isinstance(protocol, ScannerProtocol) else Role.SCALE
    kind = {
        "hid_pos": TransportKind.HID,
        "keys": TransportKind.KEYS,
        "hid": TransportKind.HID,
        "wedge": TransportKind.WINDOW,
    }
    return Profile(
        id="device-1", role=role, transport=kind.get(protocol, TransportKind.SERIAL), protocol=protocol, match=Match(vid=0x0C2E)
    )  # fmt: skip


@pytest.mark.parametrize("profile", [SCANNER, SCALE, *map(reached, (*ScannerProtocol, *ScaleProtocol))])
def test_a_profile_is_the_same_after_a_journey(profile: Profile) -> None:
    text = write_profile(profile)

    assert read_profile(text) == profile
    assert write_profile(read_profile(text)) == text


@pytest.mark.parametrize(("change", "where"), [
    ({"version": 2}, "version"),
    ({"version": None}, "version"),
    ({"colour": "red"}, "colour"),
    ({"id": 7}, "id"),
    ({"role": "printer"}, "role"),
    ({"role": "scale"}, "protocol"),
    ({"transport": "hid"}, "transport"),
    ({"protocol": "zpl"}, "protocol"),
    ({"locked": 1}, "locked"),
    ({"match": {"vid": "05E0"}}, "match.vid"),
    ({"match": {"vid": True}}, "match.vid"),
    ({"match": []}, "match"),
    ({"settings": {"sink": "horn"}}, "settings.sink"),
    ({"settings": {"special_keys": {"108": 29}}}, "settings.special_keys"),
    ({"settings": {"special_keys": {"Down": "\x1d"}}}, "settings.special_keys"),
    ({"settings": {"parity": "even"}}, "settings.parity"),
    ({"settings": {"baud": 0}}, "settings.baud"),
    ({"settings": {"bits": 9}}, "settings.bits"),
    ({"settings": {"stop_bits": 0}}, "settings.stop_bits"),
    ({"settings": {"most_grams": -1}}, "settings.most_grams"),
    ({"verified_until": "next year"}, "verified_until"),
    ({"verified_until": "20271231"}, "verified_until"),
    ({"calibration": {"aim": True}}, "calibration.aim"),
    ({"calibration": {"ending": "never"}}, "calibration.ending"),
])  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(change: dict[str, object], where: str) -> None:
    raw = json.loads(write_profile(SCANNER)) | change

    with pytest.raises(ProfileFault) as found:
        read_profile(json.dumps(raw))
    assert found.value.where == where


def test_what_is_missing_or_no_json_is_refused() -> None:
    raw = json.loads(write_profile(SCANNER))
    del raw["match"]

    for text, where in ((json.dumps(raw), "match"), ("{", ""), ("[]", "version"), ('"x"', "version")):
        with pytest.raises(ProfileFault) as found:
            read_profile(text)
        assert found.value.where == where


def test_only_a_calibration_says_that_separators_and_symbologies_arrive() -> None:
    assert (SCANNER.gs_ok, SCANNER.aim_ok, SCANNER.ending) == (True, True, Ending.CRLF)
    unknown = replace(SCANNER, calibration=None)
    assert (unknown.gs_ok, unknown.aim_ok, unknown.ending) == (False, False, Ending.ANY)
    assert not replace(SCANNER, calibration=Calibration()).gs_ok


@pytest.mark.parametrize(("profile", "bus"), [
    (SCALE, SerialBus(Line(9600, 7, "E", 1), also="/dev/ttyS0")),
    (reached(ScannerProtocol.HID_POS), HidBus(SCANNERS)),
    (reached(ScaleProtocol.HID), HidBus(SCALES)),
    (reached(ScannerProtocol.KEYS), EvdevBus()),
])  # fmt: skip
def test_a_device_is_reached_as_its_profile_says(profile: Profile, bus: object) -> None:
    assert bus_of(profile) == bus


def test_keyboards_are_read_by_a_window_where_the_system_wants_that() -> None:
    windows = RawInputBus(SimpleNamespace(names=dict, record=bytes))

    assert bus_of(reached(ScannerProtocol.KEYS), windows) is windows
    assert bus_of(SCALE, windows) == SerialBus(Line(9600, 7, "E", 1), also="/dev/ttyS0")


@pytest.mark.parametrize(("protocol", "stream"), [
    (ScannerProtocol.TEXT, b"]C1A-01\r"),
    (ScannerProtocol.DATALOGIC, b"]C1A-01\r"),
    (ScannerProtocol.SSI, packet(0xF3, b"\x0f]C1A-01\r", source=0)),
    (ScannerProtocol.HONEYWELL, b"\x16\xfe\x13\0\0\0\rMSGGET0005IC1\x1dA-01\r"),
    (ScannerProtocol.HID_POS, b"\x02\x04]C1A-01" + bytes(55)),
])  # fmt: skip
def test_a_scanner_is_heard_as_its_profile_says(protocol: ScannerProtocol, stream: bytes) -> None:
    assert talk_of(reached(protocol)).feed(stream, 7).out == (
        Scan(data=b"A-01", aim="]C1", device="device-1", at_ms=7),
    )


def test_a_scanner_is_greeted_and_asked_as_its_profile_says() -> None:
    talk = talk_of(SCANNER)
    assert talk.opened(0).send == initialisation(Sink.SSI)[:1]
    assert talk.heartbeat

    assert talk_of(reached(ScannerProtocol.HID_POS)).opened(0).send == (b"\xfe\x01",)
    datalogic = replace(reached(ScannerProtocol.DATALOGIC), settings=Settings(sink=Sink.DATALOGIC))
    assert talk_of(datalogic).heartbeat == b""
    assert talk_of(replace(datalogic, calibration=Calibration(aim_ok=True))).heartbeat == b"i"


def test_a_cordless_scanner_that_keeps_scans_is_known_by_its_profile() -> None:
    talk = talk_of(replace(reached(ScannerProtocol.TEXT), settings=Settings(memory=True)))
    talk.opened(0)

    (scan,) = talk.feed(b"A-01\r", 10).out
    assert isinstance(scan, Scan)
    assert scan.stored


def test_a_scale_is_asked_and_heard_as_its_profile_says() -> None:
    talk = talk_of(SCALE)
    assert talk.opened(0).send == (b"TA\r\n", b"SI\r\n", b"I2\r\n")
    assert talk.heartbeat == b"SI\r\n"
    (found,) = talk.feed(b"S S     100.00 g\r\n", 7).out
    assert isinstance(found, Reading)
    assert found.state is State.STABLE
    assert isinstance(talk, ScaleTalk)
    for line in (b'I2 A "PG5002-S Standard 5100.90 g"\r\n', b"I3 I\r\n", b'I4 A "B021002593"\r\n'):
        talk.feed(line, 8)
    assert talk.firmware == "PG5002-S Standard 5100.90 g, B021002593"
    assert talk.tick(1_000).send == (b"TA\r\n", b"SI\r\n", b"I3\r\n")
    talk.feed(b"ES\r\n", 1_100)
    assert talk.tick(2_000).send == (b"SI\r\n", b"I4\r\n"), "a scale of the lowest level does not know its tare"
    assert talk.opened(3_000).send == (b"SI\r\n", b"I2\r\n")
    talk.lost()
    assert talk.opened(4_000).send[0] == b"TA\r\n", "it may be another one"
    assert talk_of(reached(ScaleProtocol.ADAM)).heartbeat == b""
    assert (pan_of(SCALE).most, pan_of(SCALE).empty_below) == (Decimal(30_000), Decimal(5))
    assert pan_of(reached(ScaleProtocol.SICS)).most is None


def test_a_profile_is_a_device_that_can_be_started() -> None:
    happened = []
    supervisor = supervise(SCALE, happened.append, lambda: 1_000)

    supervisor.stop()
    assert (supervisor.device, supervisor.match, happened) == ("scale-1", SCALE.match, [])
