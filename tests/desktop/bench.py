"""The real window on a copied sample, with a scanner that is a method."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from desktop.app import StationWindow
from desktop.assembly import assembled
from desktop.bridge import MainThread
from desktop.shell import Shell


class Bench:
    """A window on a copied sample, without printers."""

    def __init__(self, qtbot: QtBot, folder: Path, now_ms: Callable[[], int] | None = None) -> None:
        """Open it; without a clock of the test's own, times that are relative stand still."""
        self._qtbot = qtbot
        self._stack = assembled(folder)
        self.assembly = self._stack.__enter__()
        self.main = MainThread()
        self.shell = Shell(simulated=True)
        self.window = StationWindow(self.shell, simulated=True, now_ms=now_ms)
        self.window.station, self._reader = self.assembly.station(self.main.post, self.window.hear)
        self.window.take_photos(self.assembly.photos, self.main.post)
        qtbot.addWidget(self.shell)
        self.shell.resize(1366, 768)
        self.shell.show()
        self.window.station.start()
        self.settle()

    def close(self) -> None:
        self.settle()
        for each in self.shell.findChildren(QTimer):
            each.stop()
        self._reader.close()
        self._stack.__exit__(None, None, None)

    def settle(self) -> None:
        self._qtbot.waitUntil(lambda: self.window.station.idle, timeout=10_000)
        self._qtbot.wait(5)

    @property
    def state(self) -> str:
        return type(self.window.station.state).__name__

    def scan(self, code: str) -> str:
        self.window.scan(code)
        self.settle()
        return self.state

    def press(self, verb: str) -> str:
        self.window.press(verb)
        self.settle()
        return self.state

    def next(self) -> str:
        """Do what the station expects next."""
        station = self.window.station
        wanted = next(each for each in station._flow.expects(station.state) if each.meaning == "next")
        if wanted.kind == "key":
            return self.press(wanted.code)
        code = wanted.code
        if wanted.kind == "tote" and not code:
            self._tote = getattr(self, "_tote", 0) + 1
            code = f"TOTE-{self._tote:04d}"
        return self.scan(code)
