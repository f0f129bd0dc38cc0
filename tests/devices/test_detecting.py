"""How a device speaks is found out by one scan, or by the weight it says, wherever the bytes are cut."""

import pytest

from devices.detecting import ANSWER_MS, LINES, ScaleEar, ScannerEar, Speech
from devices.feedback import Sink
from devices.framing import ssi
from devices.profile import ScannerProtocol, Settings, TransportKind
from devices.scale_formats.asking import ScaleProtocol
from devices.simulation.scale import PROTOCOLS, VirtualScale
from devices.simulation.scanner import VirtualScanner

ZEBRA, HONEYWELL, DATALOGIC = 0x05E0, 0x0C2E, 0x05F9
CODE = "PAIR7K3M"


def told(data: bytes, vid: int, cut: int, kind: TransportKind = TransportKind.SERIAL) -> Speech | None:
    ear = ScannerEar(kind, vid)
    return ear.feed(data[:cut], 0) or ear.feed(data[cut:], 5) or ear.tick(200)


@pytest.mark.parametrize(
    ("mode", "vid", "protocol", "sink"),
    [
        ("ssi", ZEBRA, ScannerProtocol.SSI, Sink.SSI),
        ("ssi", 0, ScannerProtocol.SSI, Sink.SSI),
        ("honeywell", HONEYWELL, ScannerProtocol.HONEYWELL, Sink.HONEYWELL),
        ("text", HONEYWELL, ScannerProtocol.HONEYWELL, Sink.HONEYWELL),
        ("datalogic", DATALOGIC, ScannerProtocol.DATALOGIC, Sink.DATALOGIC),
        ("text", ZEBRA, ScannerProtocol.TEXT, Sink.BEL),
        ("text", 0, ScannerProtocol.TEXT, Sink.NONE),
    ],
)
def test_one_scan_says_how_a_scanner_speaks(mode: str, vid: int, protocol: ScannerProtocol, sink: Sink) -> None:
    data = VirtualScanner(mode).script({"do": "scan", "code": CODE, "aim": "]C0"})
    assert data is not None
    for cut in range(len(data)):
        found = told(data, vid, cut)
        assert found is not None, cut
        assert (found.protocol, found.settings.sink) == (protocol, sink), cut
        assert found.said == CODE, cut
        assert found.send == ((ssi.ACK,) if mode == "ssi" else ())


def test_a_scanner_without_a_terminator_is_heard_once_it_is_silent() -> None:
    ear = ScannerEar(TransportKind.SERIAL)
    assert ear.feed(CODE.encode(), 0) is None
    assert ear.tick(50) is None
    assert ear.tick(150) is None
    found = ear.tick(200)
    assert found is not None
    assert (found.protocol, found.said) == (ScannerProtocol.TEXT, CODE)


@pytest.mark.parametrize(
    "noise", [b"\x00\x07\xff\r", b"\r\n\t", b"\xf3\x00\x00AB\x01\r", ssi.packet(0xF6, b"\x01", source=0)]
)
def test_what_is_no_scan_says_nothing(noise: bytes) -> None:
    ear = ScannerEar(TransportKind.SERIAL)
    assert ear.feed(noise, 0) is None
    assert ear.tick(5_000) is None


def test_a_report_of_a_hid_scanner_is_one() -> None:
    report = bytes([2, len(CODE)]) + b"]C0" + CODE.encode().ljust(59, b"\0")
    found = ScannerEar(TransportKind.HID).feed(report, 0)
    assert found is not None
    assert (found.protocol, found.said) == (ScannerProtocol.HID_POS, CODE)


def heard_from(scale: VirtualScale, ear: ScaleEar) -> Speech | None:
    """Let a scale and an ear talk until the ear knows, or has asked everything."""
    at = 0
    while not ear.over:
        question = ear.question(at)
        data = (scale.hears(question) if question else b"") + scale.again()
        if data and (found := ear.feed(data, at)) is not None:
            return found
        at += ANSWER_MS // 4
    return None


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_scale_is_known_by_what_it_says(protocol: ScaleProtocol) -> None:
    scale = VirtualScale(protocol, 30_000)
    scale.script({"do": "put", "grams": 1235})
    found = [heard_from(scale, ScaleEar(*line)) for line in LINES[TransportKind.SERIAL]]
    first = next(each for each in found if each is not None)
    assert (first.protocol, first.said.split()[0].lstrip("0")) == (protocol, "1.235")


def test_a_thing_that_is_no_scale_is_asked_for_its_weight_and_nothing_else() -> None:
    sent: list[bytes] = []
    for line in LINES[TransportKind.SERIAL]:
        ear, at = ScaleEar(*line), 0
        while not ear.over:
            sent.append(ear.question(at))
            assert ear.feed(b"ES\r\n?\r", at) is None
            at += ANSWER_MS
    assert {each for each in sent if each} == {b"SI\r\n", b"W\r", b"W", b"\x05", b"\x02W\x03", b"P\r\n"}


def test_a_hid_scale_says_it_by_itself() -> None:
    (line,) = LINES[TransportKind.HID]
    found = ScaleEar(*line).feed(bytes.fromhex("030403FDD304"), 0)
    assert found == Speech(ScaleProtocol.HID, Settings(), "1.235 kg")
