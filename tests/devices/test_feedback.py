"""What is said to scanners, byte by byte as their manuals and several code bases have it."""

import pytest

from devices import feedback
from devices.assembling import talk_of
from devices.calibration import Calibration
from devices.feedback import Light, Sink, accept, firmware, heartbeat, initialisation, menu, parameter, refuse, settled
from devices.framing.ssi import ACK, NAK, Ssi
from devices.framing.text import Ending
from devices.profile import Profile, Role, ScannerProtocol, Settings, TransportKind
from devices.scan import Scan
from devices.simulation.scanner import VirtualScanner
from devices.talk import ScannerTalk
from devices.transport import Match
from tests.devices.streams import heard, replies

SSI_VECTORS = [
    (ACK, "04 D0 04 00 FF 28"),
    (NAK, "05 D1 04 00 01 FF 25"),
    (feedback.beep(0x00), "05 E6 04 00 00 FF 11"),
    (feedback.beep(0x01), "05 E6 04 00 01 FF 10"),
    (feedback.beep(0x12), "05 E6 04 00 12 FE FF"),
    (feedback.beep(0x14), "05 E6 04 00 14 FE FD"),
    (feedback.light(Light.GREEN, on=True), "05 E7 04 00 01 FF 0F"),
    (feedback.light(Light.RED, on=True), "05 E7 04 00 02 FF 0E"),
    (feedback.light(Light.GREEN, on=False), "05 E8 04 00 01 FF 0E"),
    (feedback.SCAN_ENABLE, "04 E9 04 00 FF 0F"),
    (feedback.SCAN_DISABLE, "04 EA 04 00 FF 0E"),
    (feedback.START_SESSION, "04 E4 04 00 FF 14"),
    (feedback.STOP_SESSION, "04 E5 04 00 FF 13"),
    (feedback.REQUEST_REVISION, "04 A3 04 00 FF 55"),
    (feedback.PICK_LIST, "08 C6 04 00 FF F0 92 02 FC AB"),
]
HONEYWELL_VECTORS = [
    (feedback.GOOD_READ, "1B 37 2C"),
    (feedback.BAD_READ, "1B 38 2C"),
    (feedback.BEEP_LOW, "1B 34 2C"),
    (feedback.BEEP_MEDIUM, "1B 35 2C"),
    (feedback.BEEP_HIGH, "1B 36 2C"),
    (feedback.GREEN_SHORT, "1B 31 2C"),
    (feedback.GREEN_LONG, "1B 32 2C"),
    (feedback.GREEN_LONGEST, "1B 33 2C"),
    (feedback.MENU_CHANGED, "1B 61 2C"),
    (feedback.MENU_REFUSED, "1B 62 2C"),
    (feedback.TRIGGER_ON, "16 54 0D"),
    (feedback.TRIGGER_OFF, "16 55 0D"),
    (feedback.HONEYWELL_BEEP, "16 07 0D"),
    (menu("REVINF^"), "16 4D 0D 52 45 56 49 4E 46 5E 21"),
    (menu("DECHDR1", permanent=True), "16 4D 0D 44 45 43 48 44 52 31 2E"),
]


@pytest.mark.parametrize(("sent", "vector"), SSI_VECTORS + HONEYWELL_VECTORS)
def test_vectors(sent: bytes, vector: str) -> None:
    assert sent == bytes.fromhex(vector)


@pytest.mark.parametrize(("number", "name"), [
    (2, "02"), (239, "EF"), (256, "F0 00"), (495, "F0 EF"), (512, "F1 00"), (751, "F1 EF"), (768, "F2 00"),
])  # fmt: skip
def test_parameters_are_named_by_one_byte_or_two(number: int, name: str) -> None:
    assert parameter(number, 1)[5:-3] == bytes.fromhex(name)


def test_a_parameter_is_set_for_good_or_not_and_audibly_or_not() -> None:
    sent = parameter(402, 2, permanent=True, beeping=True)

    assert (sent[3], sent[4]) == (0x08, 0x00)
    assert replies(heard(Ssi(), [bytes((*sent[:2], 0, *sent[3:-2])) + _checksum(sent)]))


def _checksum(sent: bytes) -> bytes:
    return (-(sum(sent[:-2]) - 4) & 0xFFFF).to_bytes(2, "big")


@pytest.mark.parametrize(("sink", "accepted", "refused"), [
    (Sink.SSI, "05 E6 04 00 01 FF 10", "05 E6 04 00 12 FE FF 05 E7 04 00 02 FF 0E"),
    (Sink.HONEYWELL, "1B 37 2C", "1B 38 2C 1B 38 2C"),
    (Sink.DATALOGIC, "42", "46"),
    (Sink.CIPHERLAB, "23 40 2F 2F 2F 2F 0D", ""),
    (Sink.BEL, "07", ""),
    (Sink.NONE, "", ""),
])  # fmt: skip
def test_accepted_and_refused(sink: Sink, accepted: str, refused: str) -> None:
    assert accept(sink) == bytes.fromhex(accepted)
    assert refuse(sink) == bytes.fromhex(refused)


def test_the_red_lamp_of_a_refusal_goes_out_again() -> None:
    assert settled(Sink.SSI) == bytes.fromhex("05 E8 04 00 02 FF 0D")
    assert settled(Sink.HONEYWELL) == b""


def test_what_is_sent_when_a_scanner_comes_is_forgotten_when_it_goes() -> None:
    assert initialisation(Sink.SSI) == (
        bytes.fromhex("07 C6 04 00 FF 2D 01 FE 02"),
        bytes.fromhex("08 C6 04 00 FF F1 20 00 FD 1E"),
        feedback.SCAN_ENABLE,
    )
    assert initialisation(Sink.HONEYWELL) == (b"\x16M\rDECHDR1!", b"\x16M\rHSTACK1!")
    assert initialisation(Sink.BEL) == initialisation(Sink.NONE) == ()


def test_whoever_has_a_query_is_asked_whether_it_lives() -> None:
    assert {sink: heartbeat(sink) for sink in Sink} == {
        Sink.SSI: bytes.fromhex("04 A3 04 00 FF 55"),
        Sink.HONEYWELL: b"\x16M\rREVINF^!",
        Sink.DATALOGIC: b"i",
        Sink.CIPHERLAB: b"",
        Sink.BEL: b"",
        Sink.NONE: b"",
    }


@pytest.mark.parametrize(
    ("mode", "sink"), [("ssi", Sink.SSI), ("honeywell", Sink.HONEYWELL), ("datalogic", Sink.DATALOGIC)]
)
def test_a_scanner_is_asked_who_it_is_as_soon_as_it_is_there(mode: str, sink: Sink) -> None:
    protocol = ScannerProtocol(mode)
    known = Calibration(separator="\x1d", aim_ok=True, ending=Ending.CR)
    profile = Profile(
        id="scanner-1", role=Role.SCANNER, transport=TransportKind.SERIAL, protocol=protocol, match=Match(path="p"),
        settings=Settings(sink=sink), calibration=known,
    )  # fmt: skip
    talk, scanner = talk_of(profile), VirtualScanner(mode)
    assert isinstance(talk, ScannerTalk)
    said, at = talk.opened(0), 0
    while not talk.firmware and at < 5_000:
        at += 600
        answer = b"".join(scanner.hears(each) for each in said.send)
        said = talk.feed(answer, at) if answer else talk.tick(at)
    assert talk.firmware == "VIRTUAL-R00"
    assert said.out == ()
    scan = scanner.script({"do": "scan", "code": "MUG", "aim": "]C0"})
    assert scan is not None
    assert [each.data for each in talk.feed(scan, at + 10).out if isinstance(each, Scan)] == [b"MUG"]


def test_what_else_a_scanner_says_of_itself_is_no_version() -> None:
    assert firmware(Sink.SSI, bytes.fromhex("04d00000")) == firmware(Sink.HONEYWELL, b"DECHDR1") == ""
    assert firmware(Sink.NONE, b"anything") == firmware(Sink.BEL, b"anything") == ""
