"""The virtual scanner and scale speak as real ones do, and are processes behind a port of their own."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from devices.assembling import talk_of
from devices.capture import Captured, Pan, Why
from devices.drivers.serial_ports import SerialBus
from devices.feedback import Sink, accept, heartbeat, refuse
from devices.framing.text import Ending
from devices.profile import Profile, Role, ScannerProtocol, Settings, TransportKind
from devices.scale_formats.asking import REQUESTS, ScaleProtocol, reader
from devices.scale_formats.reading import Ask, NotAWeight, Reading, State
from devices.scan import Scan
from devices.simulation.scale import PROTOCOLS, STREAMS, VirtualScale
from devices.simulation.scanner import MODES, VirtualScanner
from devices.supervisor import Connected, Happened, Lost, Supervisor
from devices.transport import Gone, Match, Port
from devices.virtual import main

LIMIT = 20
KNOWN = {"vid": 1, "pid": 2, "serial_number": "S1", "location": "1-2", "product": "virtual", "description": ""}
MATCH = Match(vid=1, pid=2, serial="S1", location="1-2")
GS1 = "010950600013435210ABC{GS}17261231"


def profile(protocol: ScannerProtocol | ScaleProtocol, **settings) -> Profile:
    role = Role.SCANNER if isinstance(protocol, ScannerProtocol) else Role.SCALE
    return Profile(
        id="device-1", role=role, transport=TransportKind.SERIAL, protocol=protocol, match=MATCH,
        settings=Settings(**settings),
    )  # fmt: skip


def talk(scanner: VirtualScanner, station, sent: bytes) -> list[Scan]:
    """Let a scanner and a station talk to their end; return the scans."""
    found, at = [], 1_000
    while sent:
        said = station.feed(sent, at)
        found += [each for each in said.out if isinstance(each, Scan)]
        sent = scanner.hears(b"".join(said.send)) if said.send else b""
        at += 1_000
    return found


@pytest.mark.parametrize("mode", MODES)
def test_a_station_reads_every_mode_and_its_beeps_are_counted(mode: str) -> None:
    scanner, sink = VirtualScanner(mode), Sink.BEL if mode == "text" else Sink(mode)
    station = talk_of(profile(ScannerProtocol(mode), sink=sink))
    long = "https://example.com/01/09506000134352?" + "x" * 500

    scanner.hears(b"".join(station.opened(0).send))
    codes = [each.code for each in talk(scanner, station, scanner.script({"do": "scan", "code": GS1, "aim": "]C1"}))]
    codes += [each.code for each in talk(scanner, station, scanner.script({"do": "scan", "code": long, "aim": "]Q1"}))]
    assert codes == ["]C1" + GS1.replace("{GS}", "\x1d"), "]Q1" + long]
    scanner.hears(accept(sink) + refuse(sink))
    assert (scanner.accepted, scanner.refused) == (1, int(mode != "text"))
    assert bool(scanner.hears(heartbeat(sink))) is (mode != "text")


def test_a_zebra_scanner_waits_to_be_acknowledged_and_sends_again() -> None:
    scanner = VirtualScanner("ssi")
    first = scanner.script({"do": "scan", "code": "A-01", "aim": "]C1"})
    assert scanner.script({"do": "scan", "code": "A-02", "aim": "]C1"}) == b""
    assert scanner.state()["waiting"] == 2
    station = talk_of(profile(ScannerProtocol.SSI, sink=Sink.SSI))

    assert len(station.feed(first, 0).out) == 1
    again = station.feed(scanner.again(), 2_000)
    assert again.out == ()
    assert [each.code for each in talk(scanner, station, scanner.hears(again.send[0]))] == ["]C1A-02"]
    assert scanner.state()["waiting"] == 0


def test_a_memory_is_kept_until_it_is_in_range() -> None:
    scanner = VirtualScanner("text", Ending.CRLF)

    assert scanner.script({"do": "store", "code": "A-01"}) == b""
    assert scanner.state()["kept"] == 1
    assert scanner.script({"do": "in_range"}) == b"]C0A-01\r\n"


def test_what_is_not_understood_is_said() -> None:
    assert VirtualScanner("text").script({"do": "dance"}) is None
    assert VirtualScale(ScaleProtocol.SICS).script({"do": "put"}) is None


def weigh(scale: VirtualScale) -> list[Reading | NotAWeight]:
    """Return what a station reads of a scale it asks once."""
    read = reader(scale.protocol, unit="kg" if scale.protocol is ScaleProtocol.DIGI else "")
    sent = scale.again() if scale.protocol in STREAMS else scale.hears(REQUESTS[scale.protocol].weigh)
    found = read.feed(sent, 1_000)
    for ask in [each for each in found if isinstance(each, Ask)]:
        found += read.feed(scale.hears(ask.data), 1_000)
    return [each for each in found if not isinstance(each, Ask)]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_station_reads_every_protocol(protocol: ScaleProtocol) -> None:
    scale = VirtualScale(protocol)
    states = []
    for wish in ({"do": "put", "grams": 1_235}, {"do": "moving"}, {"do": "still"}, {"do": "put", "grams": 0}):
        scale.script(wish)
        states.append([(each.state, each.grams) for each in weigh(scale) if isinstance(each, Reading)])
    still, moving, again, empty = states

    unstated = protocol in (ScaleProtocol.ADAM, ScaleProtocol.DIGI)
    assert still == [(State.UNSTATED if unstated else State.STABLE, Decimal(1235))]
    assert [state for state, _ in moving] == [] if unstated else [State.MOVING]
    assert again == ([] if protocol is ScaleProtocol.ADAM else still)
    assert [state for state, _ in empty] in ([], [State.UNSTATED]) if unstated else [State.ZERO]
    scale.script({"do": "put", "grams": 1_235})
    assert [each.grams for each in weigh(scale) if isinstance(each, Reading)] == [Decimal(1235)], "put on anew"
    scale.script({"do": "put", "grams": 40_000})
    if not unstated:
        assert [each.state for each in weigh(scale) if isinstance(each, Reading)] == [State.OVER]


def test_zero_and_tare_are_heard() -> None:
    scale = VirtualScale(ScaleProtocol.SICS, grams=500)
    requests = REQUESTS[ScaleProtocol.SICS]

    assert scale.hears(requests.tare) == b"T S      0.500 kg\r\n"
    scale.script({"do": "put", "grams": 1_500})
    (net,) = weigh(scale)
    assert isinstance(net, Reading)
    assert net.grams == 1_000
    assert scale.hears(requests.clear_tare) == b"TAC A\r\n"
    assert scale.hears(requests.zero) == b"Z A\r\n"
    assert scale.state() == {"grams": 0, "tare_grams": 0, "asked": 1}


def test_without_the_flag_it_does_not_start(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scanner"]) == 2
    assert "only runs with --simulate" in capsys.readouterr().err


class Rig:
    """A virtual device in its process, and a station's supervisor on its port."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "devices.virtual", "--simulate", "--tied", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        ports = json.loads(self.process.stdout.readline())
        self.path = ports["port"]
        self._link = socket.create_connection(("127.0.0.1", ports["control"]), LIMIT)
        self._answers = self._link.makefile()
        self.happened: list[Happened] = []
        self._came = threading.Condition()

    def say(self, **wish) -> Any:
        self._link.sendall(json.dumps(wish).encode() + b"\n")
        return json.loads(self._answers.readline())

    def supervise(self, device: Profile) -> Supervisor:
        bus = SerialBus(listed=lambda: [SimpleNamespace(device=self.path, **KNOWN)] if self.path else [])
        clock = iter(range(1_000_000, 10**9, 25))
        it = Supervisor(
            device=device.id, match=device.match, bus=bus, talk=talk_of(device), hand=self._hand,
            now_ms=lambda: next(clock),
        )  # fmt: skip
        it.start()
        return it

    def _hand(self, happened: Happened) -> None:
        with self._came:
            self.happened.append(happened)
            self._came.notify_all()

    def wait(self, that: Callable[[object], bool]) -> None:
        with self._came:
            assert self._came.wait_for(lambda: any(that(each.what) for each in self.happened), LIMIT), self.happened

    def until(self, that: Callable[[dict[str, int]], bool]) -> None:
        """Ask the device how it is until it is so."""
        pause = threading.Event()
        assert any(that(self.say(do="state")) or pause.wait(0.02) for _ in range(LIMIT * 50)), self.say(do="state")

    def end(self) -> None:
        self._answers.close()
        self._link.close()
        self.process.stdin.close()
        self.process.wait(LIMIT)
        self.process.stdout.close()


def test_a_scanner_in_its_process_is_read_answered_pulled_and_plugged() -> None:
    rig = Rig("scanner", "--mode", "ssi")
    supervisor = rig.supervise(profile(ScannerProtocol.SSI, sink=Sink.SSI))
    rig.wait(lambda what: isinstance(what, Connected))
    assert rig.say(do="scan", code=GS1, aim="]C1") == {"ok": True}
    rig.wait(lambda what: isinstance(what, Scan) and what.code == "]C1" + GS1.replace("{GS}", "\x1d"))
    assert supervisor.send(accept(Sink.SSI))
    rig.until(lambda state: state["accepted"] == 1)

    rig.say(do="half", code="4006381333931", aim="]E0")
    rig.path = ""
    rig.say(do="unplug")
    rig.wait(lambda what: isinstance(what, Lost))
    rig.happened.clear()
    rig.path = rig.say(do="plug")["port"]
    rig.wait(lambda what: isinstance(what, Connected))
    rig.say(do="scan", code="4006381333948", aim="]E0")
    rig.wait(lambda what: isinstance(what, Scan))
    supervisor.stop()
    with pytest.raises(Gone, match="simulated"):
        SerialBus(simulated=False).open(Port(path=rig.path))

    assert [each.what.code for each in rig.happened if isinstance(each.what, Scan)] == ["]E04006381333948"]
    assert rig.say(do="state")["refused"] == 0
    assert rig.say(do="dance") == {"ok": False}
    rig.end()


def test_a_scale_in_its_process_is_weighed_on() -> None:
    rig = Rig("scale", "--protocol", "sics")
    device = profile(ScaleProtocol.SICS)
    supervisor = rig.supervise(device)
    rig.say(do="put", grams=1_235)
    rig.wait(lambda what: isinstance(what, Reading) and what.digits == "1.235" and what.state is State.STABLE)
    supervisor.stop()
    last = [each for each in rig.happened if isinstance(each.what, Reading)][-1]

    pan, taken = Pan(scale=device.id).seen(last.what, last.at_ms).take(last.at_ms)
    assert isinstance(taken, Captured)
    assert (taken.reading.raw, taken.grams) == (b"S S      1.235 kg", Decimal(1235))
    assert pan.why_not(last.at_ms) is Why.NOT_EMPTIED
    rig.end()


def test_a_terminal_that_is_none_of_ours_may_bring_a_real_device_to_a_real_station() -> None:
    master, slave = os.openpty()
    SerialBus(simulated=False).open(Port(path=os.ttyname(slave))).close()
    os.close(master)
    os.close(slave)
