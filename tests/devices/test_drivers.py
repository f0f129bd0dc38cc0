"""The drivers: real pseudo-terminals for serial ports, recorded records and reports for what the kernel lacks here."""

import errno
import json
import os
import subprocess
import threading
import tty
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from devices.drivers.evdev import EvdevBus
from devices.drivers.hid import SCALES, SCANNERS, HidBus
from devices.drivers.port_owner import owner_of
from devices.drivers.serial_ports import Line, SerialBus, SerialTransport
from devices.framing.heard import Read
from devices.framing.key_events import evdev
from devices.framing.ssi import Ssi
from devices.framing.text import Text
from devices.recording import Passed, Tapped, read_recording, replay, write_passed
from devices.repeats import Memory
from devices.scale_formats.asking import REQUESTS, ScaleProtocol
from devices.scale_formats.sics import Sics
from devices.scan import Scan
from devices.supervisor import Connected, Happened, Lost, Supervisor
from devices.talk import ScaleTalk, ScannerTalk
from devices.transport import FORBIDDEN, Busy, Gone, Match, Port
from tests.devices.streams import AT, heard
from tests.devices.test_keys import down, linux, strokes
from tests.devices.test_ssi import VECTOR

LIMIT = 20
KNOWN = {"vid": 0x05E0, "pid": 0x1701, "serial_number": "S1", "location": "1-2", "product": "DS2208", "description": ""}
MATCH = Match(vid=0x05E0, pid=0x1701, serial="S1", location="1-2")


class Cable:
    """A pseudo-terminal: `master` is the device, `path` the port it has."""

    def __init__(self) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.path = os.ttyname(self.slave)
        self.listed = SimpleNamespace(device=self.path, **KNOWN)

    def let_go(self) -> None:
        """Leave the port to whoever opens it."""
        self._close("slave")

    def unplug(self) -> None:
        self._close("master")

    def _close(self, end: str) -> None:
        handle = getattr(self, end)
        if handle >= 0:
            os.close(handle)
        setattr(self, end, -1)  # its number is another file's soon


class Heard:
    """What happened, waited for."""

    def __init__(self) -> None:
        self.all: list[Happened] = []
        self._came = threading.Condition()

    def __call__(self, happened: Happened) -> None:
        with self._came:
            self.all.append(happened)
            self._came.notify_all()

    def wait(self, that: Callable[[object], bool]) -> None:
        with self._came:
            assert self._came.wait_for(lambda: any(that(each.what) for each in self.all), LIMIT), self.all


@pytest.fixture
def cable():
    it = Cable()
    yield it
    it.let_go()
    it.unplug()


def test_a_scanner_is_unplugged_in_the_middle_of_a_scan_and_comes_back_elsewhere(cable: Cable) -> None:
    listed, said = [cable.listed], Heard()
    clock = iter(range(1_000_000, 10**9, 7))
    supervisor = Supervisor(
        device="scanner-1", match=MATCH, bus=SerialBus(listed=lambda: listed), hand=said, now_ms=lambda: next(clock),
        talk=ScannerTalk("scanner-1", Text(), greeting=(b"hello",)),
    )  # fmt: skip
    supervisor.start()
    said.wait(lambda what: isinstance(what, Connected))
    assert os.read(cable.master, 100) == b"hello"
    os.write(cable.master, b"]E04006381333931\r")
    said.wait(lambda what: isinstance(what, Scan))
    assert supervisor.send(b"\x07")
    assert os.read(cable.master, 100) == b"\x07"

    os.write(cable.master, b"]E0400638")
    listed.clear()
    cable.let_go()
    cable.unplug()
    said.wait(lambda what: isinstance(what, Lost))
    again = Cable()
    said.all.clear()
    listed.append(again.listed)
    said.wait(lambda what: isinstance(what, Connected))
    os.write(again.master, b"]E04006381333948\r")
    said.wait(lambda what: isinstance(what, Scan))
    supervisor.stop()
    again.let_go()
    again.unplug()

    assert [each.what.code for each in said.all if isinstance(each.what, Scan)] == ["]E04006381333948"]
    assert not supervisor.send(b"\x07")


def test_ports_are_named_by_what_is_plugged_in() -> None:
    listed = [SimpleNamespace(device="COM7", **KNOWN), SimpleNamespace(
        device="/dev/ttyS0", vid=None, pid=None, serial_number=None, location=None, product=None, description="ttyS0")]  # fmt: skip

    assert SerialBus(listed=lambda: listed).ports() == (
        Port(path="COM7", vid=0x05E0, pid=0x1701, serial="S1", location="1-2", name="DS2208"),
        Port(path="/dev/ttyS0", name="ttyS0"),
    )


def test_a_port_that_the_system_has_no_words_for_has_no_name() -> None:
    listed = [
        SimpleNamespace(
            device="/dev/ttyS0", vid=None, pid=None, serial_number=None, location=None, product=None, description="n/a"
        )
    ]
    assert SerialBus(listed=lambda: listed).ports() == (Port(path="/dev/ttyS0"),)


def test_every_byte_comes_as_it_was_sent_and_a_spoilt_one_as_none_that_a_code_holds(cable: Cable) -> None:
    port = SerialBus().open(Port(path=cable.path))
    sent = bytes(range(256)) + b"\xff\xff\0\xff"
    os.write(cable.master, sent)
    came = b""
    while len(came) < len(sent):
        came += port.read()
    port.close()

    assert came == sent
    # What the kernel makes of A with a wrong parity, of a break, and of FF, cut wherever it may be.
    marked, meant = b"]C1\xff\0A-\xff\0\0\xff\xff\xff\xff\0\xff\0\xff\r", b"]C1\0-\0\xff\xff\0\0\r"
    for cut in range(len(marked)):
        parts = iter((marked[:cut], marked[cut:]))
        line = SimpleNamespace(read=lambda n, parts=parts: next(parts) if n else b"", in_waiting=0)
        transport = SerialTransport(line, marked=True)
        assert transport.read() + transport.read() == meant, cut


def test_a_port_that_another_program_has_open_says_which(cable: Cable) -> None:
    with subprocess.Popen(["sleep", "60"], stdin=cable.slave) as other:
        try:
            assert owner_of(cable.path) == "sleep"
            with pytest.raises(Busy) as found:
                SerialBus().open(Port(path=cable.path))
            assert found.value.owner == "sleep"
        finally:
            other.kill()
    SerialBus().open(Port(path=cable.path)).close()


def test_a_port_is_ours_alone_while_we_have_it(cable: Cable) -> None:
    ours = SerialBus(Line(baud=4800, bits=7, parity="E")).open(Port(path=cable.path))

    with pytest.raises(Busy):
        SerialBus().open(Port(path=cable.path))
    ours.close()


def test_a_port_that_is_not_there_is_gone(tmp_path) -> None:
    with pytest.raises(Gone):
        SerialBus().open(Port(path=str(tmp_path / "ttyACM9")))
    with pytest.raises(Gone):
        EvdevBus().open(Port(path=str(tmp_path / "event9")))


def test_a_port_that_vanished_is_gone_for_reading_and_writing(cable: Cable) -> None:
    open_port = SerialBus().open(Port(path=cable.path))
    assert open_port.read() == b""
    cable.let_go()
    cable.unplug()

    with pytest.raises(Gone):
        open_port.read()
    with pytest.raises(Gone):
        open_port.write(b"x")
    open_port.close()


@pytest.fixture
def keyboards(tmp_path):
    """A scanner that is a keyboard, and a power button, as the kernel lists them; the scanner's records are a pipe."""
    for name, keys, vendor in (("event3", "10000 0 120013", "05e0"), ("event0", "10000000000000 0", "0000")):
        about = tmp_path / "sys" / name / "device"
        (about / "id").mkdir(parents=True)
        (about / "capabilities").mkdir()
        (about / "capabilities" / "key").write_text(f"{keys}\n" if name == "event0" else f"{keys} f0000000 10000000\n")
        (about / "id" / "vendor").write_text(f"{vendor}\n")
        (about / "id" / "product").write_text("1200\n")
        (about / "name").write_text("Symbol Bar Code Scanner\n")
        (about / "phys").write_text("usb-0000:00:14.0-2/input0\n")
        (about / "uniq").write_text("\n")
    (tmp_path / "dev").mkdir()
    os.mkfifo(tmp_path / "dev" / "event3")
    return tmp_path


def test_a_keyboard_scanner_is_listed_grabbed_and_read(keyboards) -> None:
    grabbed = []
    bus = EvdevBus(keyboards / "dev", keyboards / "sys", grabbed.append)
    (port,) = bus.ports()
    assert port == Port(
        path=str(keyboards / "dev" / "event3"), vid=0x05E0, pid=0x1200, location="usb-0000:00:14.0-2/input0",
        name="Symbol Bar Code Scanner",
    )  # fmt: skip
    scanner = bus.open(port)
    assert len(grabbed) == 1
    device = os.open(port.path, os.O_WRONLY)
    os.write(device, linux([*strokes("A-01"), *down(28)]))

    assert heard(evdev(), [scanner.read()]) == [Read(b"A-01")]
    scanner.write(b"nothing")
    os.close(device)
    with pytest.raises(Gone):
        scanner.read()
    scanner.close()


def test_a_keyboard_scanner_that_another_program_grabbed_is_in_use(keyboards) -> None:
    def refuse(number: int) -> Callable[[int], None]:
        def grab(_handle: int) -> None:
            raise OSError(number, "no")

        return grab

    for number, fault in ((errno.EBUSY, Busy), (errno.ENODEV, Gone)):
        bus = EvdevBus(keyboards / "dev", keyboards / "sys", refuse(number))
        with pytest.raises(fault):
            bus.open(bus.ports()[0])


def test_a_device_we_may_not_open_says_so(keyboards, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> int:
        raise PermissionError(errno.EACCES, "no")

    bus = EvdevBus(keyboards / "dev", keyboards / "sys")
    monkeypatch.setattr(os, "open", refuse)

    with pytest.raises(Gone, match=FORBIDDEN):
        bus.open(bus.ports()[0])
    with pytest.raises(Gone, match=FORBIDDEN):
        SerialBus().open(Port(path="/dev/ttyS99"))


class FakeHid:
    """As much of hidapi as is used: two devices, reports that wait, and one that is pulled out."""

    def __init__(self, *reports: bytes) -> None:
        self.reports, self.features = list(reports), []

    def enumerate(self) -> list[dict[str, object]]:
        return [
            {"path": b"1-2:1.0", "vendor_id": 0x0C2E, "product_id": 0x0B6A, "serial_number": None,
             "product_string": "Xenon", "usage_page": SCANNERS},
            {"path": b"1-3:1.0", "vendor_id": 0x0922, "product_id": 0x8003, "serial_number": "7",
             "product_string": "M10", "usage_page": SCALES},
        ]  # fmt: skip

    def device(self) -> "FakeHid":
        return self

    def open_path(self, path: bytes) -> None:
        if path == b"gone":
            raise OSError("open failed")

    def read(self, _longest: int, _ms: int) -> list[int]:
        if self.reports and self.reports[0] == b"unplugged":
            raise OSError("read error")
        return list(self.reports.pop(0)) if self.reports else []

    def send_feature_report(self, data: bytes) -> int:
        self.features.append(data)
        return len(data) if data != b"\xff" else -1

    def close(self) -> None:
        self.reports.clear()


def test_a_hid_scanner_gives_every_report_and_a_scale_the_newest() -> None:
    library = FakeHid(b"\x02a", b"\x02b")
    bus = HidBus(SCANNERS, lambda: library)
    (port,) = bus.ports()
    assert port == Port(path="1-2:1.0", vid=0x0C2E, pid=0x0B6A, name="Xenon")
    scanner = bus.open(port)
    assert [scanner.read(), scanner.read(), scanner.read()] == [b"\x02a", b"\x02b", b""]
    scanner.write(b"\xfe\x01")
    assert library.features == [b"\xfe\x01"]
    with pytest.raises(Gone):
        scanner.write(b"\xff")

    library.reports = [b"\x03a", b"\x03b", b"\x03c"]
    scale = HidBus(SCALES, lambda: library)
    assert [port.serial for port in scale.ports()] == ["7"]
    open_scale = scale.open(scale.ports()[0])
    assert open_scale.read() == b"\x03c"
    library.reports = [b"unplugged"]
    with pytest.raises(Gone):
        open_scale.read()
    with pytest.raises(Gone):
        bus.open(Port(path="gone"))
    open_scale.close()


def test_without_hidapi_there_are_no_such_devices() -> None:
    bus = HidBus(SCANNERS, lambda: None)

    assert bus.ports() == ()
    with pytest.raises(Gone):
        bus.open(Port(path="1-2:1.0"))


def test_a_stream_that_was_recorded_says_the_same_again(cable: Cable) -> None:
    lines: list[str] = []
    clock = iter([AT - 5, AT, AT + 10, AT + 20, AT + 30])
    tapped = Tapped(SerialBus(), lambda passed: lines.append(write_passed(passed)), lambda: next(clock))
    recorded = tapped.open(Port(path=cable.path))
    assert recorded.read() == b""
    recorded.write(b"\x07")
    os.write(cable.master, b"A-01\rA-0")
    first = recorded.read()
    os.write(cable.master, b"2\r")
    second = recorded.read()
    recorded.close()

    assert first + second == b"A-01\rA-02\r"
    assert [json.loads(lines[at]) for at in (0, 1, -1)] == [
        {"at": AT - 5, "port": "opened"}, {"at": AT, "out": "07"}, {"at": AT + 30, "port": "closed"},
    ]  # fmt: skip
    recording = read_recording(lines)
    assert recording[1] == Passed(AT, b"\x07", sent=True)
    assert replay(recording, ScannerTalk("scanner-1", Text())) == [
        Scan(data=b"A-01", device="scanner-1", at_ms=AT + 10), Scan(data=b"A-02", device="scanner-1", at_ms=AT + 20),
    ]  # fmt: skip


class Scripted:
    """A bus with one port whose device does what a list says: bytes, silence (empty), or the cable pulled (None)."""

    def __init__(self, *does: bytes | None) -> None:
        self.does, self.now = list(does), AT

    def ports(self) -> tuple[Port, ...]:
        return (Port(path="x"),)

    def open(self, _port: Port) -> "Scripted":
        return self

    def read(self) -> bytes:
        did = self.does.pop(0) if self.does else b""
        if did is None:
            raise Gone
        return did

    def write(self, data: bytes) -> None:
        """Take it."""

    def close(self) -> None:
        """Let it go."""


@pytest.mark.parametrize(("protocol", "does"), [
    ("text", (b"A-01\r", b"A-0", None, b"A-02\r", b"A-03", b"\r")),
    ("memory", (b"A-01\r", None, b"A-02\r", b"A-03\rA-04\r", b"", b"", b"", b"A-05\r", *[b""] * 9)),
    ("ssi", (VECTOR[:9], None, VECTOR, VECTOR[:5], *[b""] * 9, VECTOR)),
    ("sics", (b"S S      1.0", None, b"S S      1.250 kg\r\n", b"", b"S D      1.3", b"00 kg\r\n")),
])  # fmt: skip
def test_a_recording_says_what_was_said_also_of_a_cable_pulled_and_of_a_memory(protocol: str, does) -> None:
    def talk():
        kept = {"memory": {"memory": Memory()}}.get(protocol, {})
        if protocol == "sics":
            return ScaleTalk(Sics(), REQUESTS[ScaleProtocol.SICS])
        return ScannerTalk("d", Ssi() if protocol == "ssi" else Text(), **kept)

    said, bus, lines = [], Scripted(*does), []
    it = Supervisor(
        device="d", match=Match(path="x"), talk=talk(), hand=said.append, now_ms=lambda: bus.now,
        bus=Tapped(bus, lambda passed: lines.append(write_passed(passed)), lambda: bus.now),
    )  # fmt: skip
    for _ in range(len(does) + 4):
        it.step()
        bus.now += 60
    it.close()

    heard = [each.what for each in said if not isinstance(each.what, Connected | Lost)]
    assert heard
    assert replay(read_recording(lines), talk()) == heard
