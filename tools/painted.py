"""From a scan to the painted screen: `xvfb-run python -m tools.painted HOME` prints the milliseconds of each scan.

The real window on the real station picks what the station says it expects. A scan is over when its screen was painted
and the X server has it all.
"""

import itertools
import json
import sys
import time
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from desktop.app import StationWindow
from desktop.assembly import assembled
from desktop.bridge import MainThread
from desktop.shell import Shell

SCANS = 200
PATIENCE_S = 10


class Watched:
    """A window whose paintings are seen."""

    def __init__(self, application: QApplication, window: StationWindow) -> None:
        self.application, self.window = application, window
        self.painted_at = 0.0
        plain = window.station.painted

        def painted() -> None:
            application.sync()
            self.painted_at = time.perf_counter()
            plain()

        window.station.painted = painted

    def after(self, act: object, *words: str) -> float:
        """Act, wait until the outcome is painted, and return the milliseconds it took."""
        self.painted_at = 0.0
        begun = time.perf_counter()
        act(*words)  # type: ignore[operator]
        while not self.painted_at or not self.window.station.idle:
            self.application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            assert time.perf_counter() < begun + PATIENCE_S, words
        return (self.painted_at - begun) * 1000


def pick(watched: Watched) -> list[float]:
    """Pick until so many scans are measured."""
    took: list[float] = []
    totes = itertools.count(1)
    window = watched.window
    watched.after(window.scan, "BADGE-MARA")
    watched.after(window.station.go, "pick")
    while len(took) < SCANS and window.last is not None:
        wanted = next((each for each in window.last.expects if each.meaning == "next"), None)
        if wanted is None or type(window.station.state).__name__ == "NoWork":
            break
        if wanted.kind == "key":
            watched.after(window.press, wanted.code)
            continue
        code = wanted.code or f"TOTE-{next(totes):04d}"
        took.append(watched.after(window.scan, code))
    return took


def main(folder: str) -> int:
    application = QApplication(sys.argv[:1])
    with assembled(Path(folder)) as assembly:
        posted = MainThread()
        shell = Shell(simulated=assembly.simulated)
        with assembly.database.reading() as reading:
            zone, bench = assembly.zone(reading), assembly.bench(reading)
        window = StationWindow(shell, assembly.simulated, zone=zone, language="en", bench=bench)
        window.station, reader = assembly.station(posted.post, window.hear)
        watched = Watched(application, window)
        # Whoever waits for events is woken, whatever happens.
        ticking = QTimer(shell)
        ticking.start(10)
        shell.resize(1366, 768)
        shell.show()
        watched.after(window.station.start)
        print(json.dumps(pick(watched)))
        shell.close()
        reader.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
