"""The station with its window: the one module that knows everybody."""

import json
import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLocale, QObject, QTimer
from PySide6.QtWidgets import QApplication

from core.kernel.flow import Verb
from core.kernel.journal import GestureOutcome
from core.kernel.reasons import Reason
from core.station.station import Feedback
from desktop.assembly import assembled, spoolers, virtual_printer
from desktop.bridge import MainThread
from desktop.crash import CrashReports
from desktop.front_door import bring_forward, front_door
from desktop.languages import SOURCE, speak
from desktop.present import frame_of, last_scan, present, refusal_screen
from desktop.screens import Band
from desktop.shell import Shell
from desktop.theme import LIGHT, THEMES, ThemeName
from desktop.wedge import WedgeFilter

TICK_MS = 1_000
"""How often the band says anew how long ago the last scan was."""


class StationWindow(QObject):
    """Joins a station to its shell."""

    def __init__(
        self, shell: Shell, simulated: bool, *, zone: str = "", language: str = SOURCE, bench: str = "",
        now_ms: Callable[[], int] | None = None,
    ) -> None:  # fmt: skip
        """Wait for the station.

        Args:
            shell: the window.
            simulated: whether its devices are.
            zone: the site's time zone.
            language: what is spoken while nobody is signed in.
            bench: what the place is called.
            now_ms: the clock, for times that are relative; without one time stands still.
        """
        super().__init__()
        self._bench, self._now = bench, now_ms or (lambda: 0)
        if now_ms is not None:
            # The window's own timer: it ends with the window.
            ticking = QTimer(shell)
            ticking.timeout.connect(lambda: shell.band.tick(now_ms()))
            ticking.start(TICK_MS)
        self._zone, self._language = zone, language
        self.shell, self._simulated = shell, simulated
        self.station: Any = None
        self.last: Feedback | None = None
        self._band: Band | None = None
        self.heard = 0
        shell.show_theme(LIGHT)
        shell.gesture.connect(self.press)
        shell.scanned.connect(self.scan)
        shell.weighed.connect(self.weigh)

    def scan(self, code: str) -> None:
        """Take a scan."""
        self.station.scan(code)

    def weigh(self, grams: int) -> None:
        """Take a weight."""
        self.station.weigh(grams)

    def press(self, gesture: str) -> None:
        """Take a key; while a refusal fills the window, *back* only lifts it."""
        verb, _, argument = gesture.partition("-")
        if self.shell.refusing and verb in ("NO", "CONFIRM"):
            self.shell.lift_stop()
            self.station.painted()
            return
        self.station.press(Verb(verb), argument)

    def hear(self, feedback: Feedback) -> None:
        """Show what an input led to."""
        self.heard += 1
        self.last = feedback
        operator = self.station.operator
        speak(self._language if operator is None else operator.language, self._zone)
        now = self._now()
        screen = present(feedback.state, now)
        if feedback.outcome is GestureOutcome.REFUSED and feedback.refusal is not None:
            self.shell.show_stop(refusal_screen(feedback.refusal, feedback.dropped, screen.row), feedback.expects)
        else:
            self._band = last_scan(feedback) or self._band
            frame = frame_of(operator, self._bench, feedback.state, simulated=self._simulated)
            self.shell.show_screen(screen, frame, self._band, feedback.expects, now=now)
        # The next turn of the event loop has painted what was just shown.
        QTimer.singleShot(0, self.station.painted)


def open_window(
    folder: Path, *, theme: str = "light", scripted: Path | None = None, size: tuple[int, int] = (1366, 768)
) -> int:
    """Open a station's window and work until it is closed; with `scripted`, play a shift and leave pictures there.

    Raises:
        Fault: the home cannot be opened.
    """
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    with ExitStack() as stack:
        assembly = stack.enter_context(assembled(folder))
        main = MainThread()
        shell = Shell(simulated=assembly.simulated)
        with assembly.database.reading() as reading:
            zone, bench = assembly.zone(reading), assembly.bench(reading)
        window = StationWindow(
            shell, assembly.simulated, zone=zone, language=QLocale.system().name()[:2], bench=bench,
            now_ms=assembly.clock.now_ms,
        )  # fmt: skip
        shell.show_theme(THEMES[ThemeName(theme)])
        window.station, reader = assembly.station(main.post, window.hear)
        stack.callback(reader.close)
        crashes = CrashReports(assembly.home.folder / "crashes", assembly.clock)
        stack.enter_context(
            crashes.installed(lambda report: main.post(lambda: window.station.stop(Reason.CRASHED, report)))
        )
        if assembly.simulated:
            printed = assembly.home.folder / "printed"
            ports = stack.enter_context(virtual_printer(printed))
            stack.enter_context(
                spoolers(assembly, *ports, lambda event: main.post(lambda: window.station.print_moved(event)))
            )
        wedge = WedgeFilter(assembly.clock.now_ms, window.scan)
        application.installEventFilter(wedge)
        stack.callback(lambda: application.removeEventFilter(wedge))
        shell.resize(*size)
        shell.show()
        stack.enter_context(front_door(folder, lambda: bring_forward(shell)))
        window.station.start()
        if scripted is None:
            return application.exec()
        from desktop.scripted import ScriptedShift

        shift = ScriptedShift(window, scripted)
        QTimer.singleShot(200, shift.begin)
        application.exec()
        shutil.copytree(assembly.home.folder / "printed", scripted / "printed", dirs_exist_ok=True)
        (scripted / "summary.json").write_text(json.dumps(asdict(shift.tally), indent=2), encoding="utf-8")
        return 0 if shift.tally.finished else 1
