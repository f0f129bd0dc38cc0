"""The station with its window: the one module that knows everybody."""

import json
import shutil
import sys
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLocale, QObject, QTimer
from PySide6.QtWidgets import QApplication

from core.kernel.flow import Tone, Verb
from core.kernel.journal import GestureInput, GestureOutcome
from core.kernel.reasons import Reason
from core.station.station import Feedback, Input
from desktop.assembly import assembled, spoolers, virtual_printer
from desktop.bridge import MainThread
from desktop.crash import CrashReports
from desktop.front_door import bring_forward, front_door
from desktop.languages import SOURCE, kilograms, speak, tr
from desktop.messages import KEY_WORDS, key_words, role_words
from desktop.present import band, present, refusal_screen
from desktop.screens import Band, Outcome
from desktop.shell import Shell
from desktop.theme import LIGHT, THEMES, ThemeName
from desktop.wedge import WedgeFilter
from desktop.words import sentence

_OUTCOMES = {Tone.ACCEPT: Outcome.ACCEPT, Tone.DONE: Outcome.ACCEPT, Tone.CAUTION: Outcome.CAUTION}


class StationWindow(QObject):
    """Joins a station to its shell."""

    def __init__(self, shell: Shell, simulated: bool, *, zone: str = "", language: str = SOURCE) -> None:
        """Wait for the station.

        Args:
            shell: the window.
            simulated: whether its devices are.
            zone: the site's time zone.
            language: what is spoken while nobody is signed in.
        """
        super().__init__()
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
        words = sentence(feedback)
        if feedback.outcome is GestureOutcome.REFUSED and feedback.refusal is not None:
            self.shell.show_stop(refusal_screen(feedback.refusal, feedback.dropped), feedback.expects)
        else:
            if feedback.input is not None and words:
                self._band = band(_OUTCOMES.get(feedback.tone, Outcome.INFO), words, _got(feedback.input))
            who = tr("Nobody signed in") if operator is None else f"{operator.name}  ·  {role_words(operator.roles)}"
            devices = tr("Simulated devices") if self._simulated else tr("All ready")
            self.shell.show_screen(present(feedback.state), who, devices, self._band, feedback.expects)
        # The next turn of the event loop has painted what was just shown.
        QTimer.singleShot(0, self.station.painted)


def _got(given: Input) -> str:
    """Return what came in, as people read it: a key by its word, a weight with its unit, a code as it is."""
    verb = given.text.partition("-")[0]
    match given.kind:
        case GestureInput.KEY:
            return key_words(verb) if verb in KEY_WORDS else ""
        case GestureInput.WEIGHT:
            return kilograms(int(given.text))
        case _:
            return given.text


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
            zone = assembly.zone(reading)
        window = StationWindow(shell, assembly.simulated, zone=zone, language=QLocale.system().name()[:2])
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
