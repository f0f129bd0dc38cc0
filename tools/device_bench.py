"""How long a scan takes from the scanner's last byte to the one it is handed to, and to its feedback: through a real pseudo-terminal.

Handed over is a scan when it stands in the station's queue, apart from its neighbours and with its device (devices.md 7.1:
*two scans, each < 20 ms*); its feedback comes after its commit, and is to come within 100 ms (1.8).
"""

import os
import queue
import threading
import time
import tty
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from core.rights.model import StationKind
from core.station.feedback import Feedback
from core.station.replay import Pump
from desktop.assembly import Assembly, assembled
from desktop.gear import Gear
from desktop.line import connected
from desktop.membership import Membership
from devices.drivers.serial_ports import SerialBus
from devices.framing.text import Text
from devices.profile import Profile, Role, ScannerProtocol, TransportKind
from devices.scale_formats.asking import REQUESTS, ScaleProtocol, reader
from devices.scale_formats.reading import Reading
from devices.scan import Scan
from devices.supervisor import Connected, Happened, Supervisor
from devices.talk import ScaleTalk, ScannerTalk
from devices.transport import Match

SCANS = 1_000
_BURST, _PAIRS = 200, 20
_APART_SECONDS, _HUB_SECONDS = 0.01, 0.5
_EVERY_SECONDS = 0.01
_LIMIT_SECONDS = 10.0


def measure_scan_bytes() -> dict[str, Any]:
    """Scan a thousand codes, one every ten milliseconds, each another one than the last."""

    def told(what: object, n: int) -> None:
        assert isinstance(what, Scan), what
        assert int(what.data) == n, what

    return _handed(ScannerTalk("scanner-1", Text()), SCANS, lambda n: b"]E0%013d\r" % n, told)


def measure_scale_bytes() -> dict[str, Any]:
    """Let a scale that sends by itself say a thousand weights, one every ten milliseconds, each another one than the last."""

    def told(what: object, n: int) -> None:
        assert isinstance(what, Reading), what
        assert what.grams == n, what

    format_ = ScaleProtocol.STREAM
    talk = ScaleTalk(reader(format_), REQUESTS[format_])
    return _handed(talk, SCANS, lambda n: b"ST,GS,%8skg\r\n" % f"{n / 1000:.3f}".encode(), told)


def _handed(
    talk: Any, count: int, frame: Callable[[int], bytes], told: Callable[[object, int], None]
) -> dict[str, Any]:
    """Write frames to a pseudo-terminal, and return how long each took from its last byte to the one it is handed to."""
    master, slave = os.openpty()
    tty.setraw(slave)
    port = SimpleNamespace(
        device=os.ttyname(slave), vid=1, pid=2, serial_number="S1", location="", product="bench", description=""
    )
    came: queue.SimpleQueue[tuple[Happened, int]] = queue.SimpleQueue()
    supervisor = Supervisor(
        device="device-1",
        match=Match(vid=1, pid=2, serial="S1"),
        bus=SerialBus(listed=lambda: [port]),
        talk=talk,
        hand=lambda happened: came.put((happened, time.perf_counter_ns())),
        now_ms=lambda: time.monotonic_ns() // 1_000_000,
    )
    supervisor.start()
    happened, _ = came.get(timeout=_LIMIT_SECONDS)
    assert isinstance(happened.what, Connected), happened
    took = []
    for n in range(count):
        sent = time.perf_counter_ns()
        os.write(master, frame(n))
        happened, at = came.get(timeout=_LIMIT_SECONDS)
        told(happened.what, n)
        took.append((at - sent) / 1e6)
        time.sleep(_EVERY_SECONDS)
    supervisor.stop()
    os.close(slave)
    os.close(master)
    took.sort()
    return {"count": count, "p50_ms": round(took[count // 2], 3), "p99_ms": round(took[count * 99 // 100], 3)}


class _Bench:
    """A station without a window that hears one scanner: how long each scan took from its last byte to the queue, and to its feedback."""

    def __init__(self, assembly: Assembly) -> None:
        self.master, slave = os.openpty()
        tty.setraw(slave)
        self._slave = slave
        self.sent: dict[str, int] = {}
        self.handed: list[float] = []
        self.took: list[float] = []
        self.codes: list[str] = []
        self.pump = Pump()
        self.station, self._reader = assembly.station(self.pump.deliver, self._hear)
        self.gear = Gear(self, self.pump.deliver, lambda: assembly.clock.boot_ns() // 1_000_000)
        self.profile = Profile(
            id="scanner-1", role=Role.SCANNER, transport=TransportKind.SERIAL, protocol=ScannerProtocol.TEXT,
            match=Match(path=os.ttyname(slave)),
        )  # fmt: skip
        self.station.start()
        self.settle()

    def scan(self, code: str) -> None:
        self.sent[code] = time.perf_counter_ns()
        os.write(self.master, code.encode() + b"\r")

    def wait_for(self, count: int) -> None:
        self.pump.run_until(lambda: len(self.took) == count)

    def settle(self) -> None:
        self.pump.run_until(lambda: self.station.idle)

    def work_for(self, seconds: float) -> None:
        """Let the station's thread do what comes: one that slept meanwhile would be measured with the scans."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.pump.idle(left)

    def close(self) -> None:
        self._reader.close()
        os.close(self._slave)
        os.close(self.master)

    def _hear(self, feedback: Feedback) -> None:
        self.station.painted()
        if feedback.input is not None and feedback.input.device:
            self.codes.append(feedback.input.text)
            self.took.append((time.perf_counter_ns() - self.sent[feedback.input.text]) / 1e6)

    # What the gear tells

    def scanned(self, code: str, device: str, *, trusted: bool) -> None:
        self.handed.append((time.perf_counter_ns() - self.sent[code]) / 1e6)
        self.station.scan(code, device=device, trusted=trusted)

    def stored(self, code: str, device: str, *, trusted: bool) -> None: ...

    def damaged(self, device: str) -> None: ...

    def weighed(self) -> None: ...

    def changed(self) -> None: ...

    def learnt(self, profile: Profile) -> None: ...


class _SlowHub(BaseHTTPRequestHandler):
    """A hub that takes half a second to say that it has its hands full."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        time.sleep(_HUB_SECONDS)
        self.send_response(503)
        self.end_headers()

    do_GET = do_POST  # noqa: N815  the library's name

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002  the library's name


def measure_scanner_burst(home: Path) -> dict[str, Any]:
    """Scan 200 codes at 20 a second with a scanner while the hub takes 500 ms; then pairs of scans 10 ms apart."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _SlowHub)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    with assembled(home) as assembly:
        bench = _Bench(assembly)
        member = Membership(f"http://127.0.0.1:{server.server_port}", "Bench 1", StationKind.BENCH)
        with bench.gear.at_work([bench.profile]), connected(assembly, member, lambda _: None):
            bench.pump.idle(1.0)
            bench.station.scan("BADGE-MARA")
            bench.settle()
            codes = [("MUG-350-BLUE", "MUG-350-RED")[n % 2] for n in range(_BURST)]
            begun = time.perf_counter()
            for n, code in enumerate(codes, 1):
                bench.scan(code)
                bench.work_for(begun + n / 20 - time.perf_counter())
            bench.wait_for(_BURST)
            burst, took = list(bench.codes), sorted(bench.took)
            bench.took.clear()
            bench.handed.clear()
            for pair in range(1, _PAIRS + 1):
                for code in ("MUG-350-BLUE", "MUG-350-RED"):
                    bench.scan(code)
                    bench.work_for(_APART_SECONDS)
                bench.wait_for(2 * pair)
                bench.pump.idle(0.2)
            handed, slower = sorted(bench.handed), sorted(map(max, zip(bench.took[::2], bench.took[1::2], strict=True)))
        bench.close()
    server.shutdown()
    serving.join()
    server.server_close()
    return {
        "outcomes": len(burst), "in_order": int(burst == codes), "p50_ms": round(took[_BURST // 2], 2),
        "p99_ms": round(took[_BURST * 99 // 100], 2), "pair_scans": len(handed), "pair_scan_max_ms": round(handed[-1], 2),
        "pair_feedback_p50_ms": round(slower[_PAIRS // 2], 2), "pair_feedback_max_ms": round(slower[-1], 2),
    }  # fmt: skip
