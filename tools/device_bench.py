"""How long a scan takes from the scanner's last byte to the one it is handed to: through a real pseudo-terminal."""

import os
import queue
import time
import tty
from types import SimpleNamespace
from typing import Any

from devices.drivers.serial_ports import SerialBus
from devices.framing.text import Text
from devices.scan import Scan
from devices.supervisor import Connected, Happened, Supervisor
from devices.talk import ScannerTalk
from devices.transport import Match

SCANS = 1_000
_EVERY_SECONDS = 0.01
_LIMIT_SECONDS = 10.0


def measure_scan_bytes() -> dict[str, Any]:
    """Scan a thousand codes, one every ten milliseconds, each another one than the last."""
    master, slave = os.openpty()
    tty.setraw(slave)
    port = SimpleNamespace(
        device=os.ttyname(slave), vid=1, pid=2, serial_number="S1", location="", product="bench", description=""
    )
    came: queue.SimpleQueue[tuple[Happened, int]] = queue.SimpleQueue()
    supervisor = Supervisor(
        device="scanner-1",
        match=Match(vid=1, pid=2, serial="S1"),
        bus=SerialBus(listed=lambda: [port]),
        talk=ScannerTalk("scanner-1", Text()),
        hand=lambda happened: came.put((happened, time.perf_counter_ns())),
        now_ms=lambda: time.monotonic_ns() // 1_000_000,
    )
    supervisor.start()
    happened, _ = came.get(timeout=_LIMIT_SECONDS)
    assert isinstance(happened.what, Connected), happened
    took = []
    for n in range(SCANS):
        sent = time.perf_counter_ns()
        os.write(master, b"]E0%013d\r" % n)
        happened, at = came.get(timeout=_LIMIT_SECONDS)
        assert isinstance(happened.what, Scan), happened
        assert int(happened.what.data) == n, happened
        took.append((at - sent) / 1e6)
        time.sleep(_EVERY_SECONDS)
    supervisor.stop()
    os.close(slave)
    os.close(master)
    took.sort()
    return {"scans": SCANS, "p50_ms": round(took[SCANS // 2], 3), "p99_ms": round(took[SCANS * 99 // 100], 3)}
