"""Windows' raw input, with recorded records: a scanner's keys are told from the keyboard's by their device."""

import struct

import pytest

from devices.drivers.raw_input import RawInputBus, port_of
from devices.framing.heard import Read
from devices.framing.key_events import raw_input
from devices.transport import Gone, Match, Port, find
from tests.devices.streams import heard
from tests.devices.test_keys import down, strokes

SCANNER = r"\\?\HID#VID_05E0&PID_1200&MI_00#7&2a1b3c4d&0&0000#{884b96c3-56ef-11d1-bc8c-00a0c91405dd}"
KEYBOARD = r"\\?\HID#VID_046D&PID_C31C#8&1f2e&0&0000#{884b96c3-56ef-11d1-bc8c-00a0c91405dd}"
BUILT_IN = r"\\?\ACPI#LEN0071#4&1a2b&0#{884b96c3-56ef-11d1-bc8c-00a0c91405dd}"


class Recorded:
    """Windows as it answered: three keyboards, and the record of each message."""

    def __init__(self) -> None:
        self.plugged = {0x10047: SCANNER, 0x10049: KEYBOARD, 0x10051: BUILT_IN}
        self.records: list[bytes] = []

    def names(self) -> dict[int, str]:
        return self.plugged

    def record(self, message: int) -> bytes:
        return self.records[message]

    def key(self, device: int, code: int, value: int, kind: int = 1) -> int:
        header = struct.pack("<IIQQ", kind, 40, device, 0)
        self.records.append(header + struct.pack("<HHHHII", code, int(not value), 0, 0, 0x100, 0))
        return len(self.records) - 1


def test_a_keyboards_name_says_what_it_is_and_where() -> None:
    assert port_of(SCANNER) == Port(path=SCANNER, vid=0x05E0, pid=0x1200, location="7&2a1b3c4d&0&0000", name="keyboard")
    assert port_of(BUILT_IN) is None


def test_a_scanners_keys_are_a_scan_and_the_keyboards_stay_the_windows() -> None:
    windows = Recorded()
    bus = RawInputBus(windows)
    port = find(bus.ports(), Match(vid=0x05E0, pid=0x1200, location="7&2a1b3c4d&0&0000"))
    scanner = bus.open(port)
    assert scanner.read() == b""

    for code, value in [*strokes("A-01"), *down(28)]:
        assert not bus.message(windows.key(0x10049, code, value), 0)
        assert bus.message(windows.key(0x10047, code, value), 0)
    assert not bus.message(windows.key(0x10047, 30, 1, kind=0), 0)
    windows.records.append(b"short")
    assert not bus.message(len(windows.records) - 1, 0)
    parts = []
    while part := scanner.read():
        parts.append(part)
    assert heard(raw_input(), parts) == [Read(b"A-01")]
    scanner.write(b"nothing")


def test_a_scanner_that_was_closed_types_into_the_window_again() -> None:
    windows = Recorded()
    bus = RawInputBus(windows)
    scanner = bus.open(bus.ports()[0])
    scanner.close()

    assert not bus.message(windows.key(0x10047, 30, 1), 0)
    with pytest.raises(Gone):
        scanner.read()


def test_a_scanner_that_is_not_plugged_in_cannot_be_opened() -> None:
    windows = Recorded()
    bus = RawInputBus(windows)
    port = bus.ports()[0]
    del windows.plugged[0x10047]

    assert bus.message(windows.key(0x10047, 30, 1), 0) is False
    with pytest.raises(Gone):
        bus.open(port)
