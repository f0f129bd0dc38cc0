"""A shift played through the real window, event by event: what `make run` shows where nobody can look.

It takes what the station says it expects next, as the simulated bench's buttons would, and keeps pictures on the way.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from core.kernel.journal import GestureOutcome

if TYPE_CHECKING:
    from desktop.app import StationWindow

ROUNDS = (("BADGE-MARA", "pick"), ("BADGE-AYLIN", "pack"), ("BADGE-TOM", "dispatch"))
_OVER = {"pick": ("NoWork",), "pack": ("ScanWork",), "dispatch": ("ScanParcel",)}
STEPS_MAX = 3_000
BATCHES = 2
"""Batches that are picked; the rest stays for whoever opens the window."""


@dataclass(slots=True)
class Tally:
    """What was done through the window."""

    steps: int = 0
    refusals: int = 0
    parcels: int = 0
    loaded: int = 0
    batches: int = 0
    finished: bool = False
    pictures: list[str] = field(default_factory=list)


class ScriptedShift(QObject):
    """Plays picker, packer and loader."""

    def __init__(self, window: "StationWindow", out: Path) -> None:
        """Play through a window into a folder."""
        super().__init__()
        self._window, self._out = window, out
        self._round, self._tote, self._heard = -1, 0, 0
        self._wrong_shown = False
        self.tally = Tally()
        out.mkdir(parents=True, exist_ok=True)
        self._timer = QTimer(self)
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._step)

    def begin(self) -> None:
        """Start."""
        self._picture("sign-in")
        self._next_round()
        self._timer.start()

    def _next_round(self) -> None:
        self._round += 1
        if self._round >= len(ROUNDS):
            self.tally.finished = self.tally.loaded > 0
            self._timer.stop()
            QApplication.quit()
            return
        station = self._window.station
        if station.operator is not None:
            self._window.press("LOGOUT")
        self._stage = "badge"

    def _step(self) -> None:
        station = self._window.station
        if not station.idle:
            return
        self.tally.steps += 1
        if self.tally.steps > STEPS_MAX:
            self._round = len(ROUNDS)
            self._next_round()
            return
        badge, flow = ROUNDS[self._round]
        if self._stage == "badge":
            self._stage = "open"
            self._window.scan(badge)
        elif self._stage == "open":
            self._picture(f"home-{flow}")
            self._stage = "work"
            station.go(flow)
        else:
            self._work(flow)

    def _work(self, flow: str) -> None:
        station = self._window.station
        state = type(station.state).__name__
        last = self._window.last
        if last is not None and last.outcome is GestureOutcome.REFUSED and self._window.shell.refusing:
            self.tally.refusals += 1
            self._picture(f"refusal-{state}")
            self._window.press("NO")
            return
        self._picture(f"{flow}-{state}")
        expects = [each for each in station._flow.expects(station.state) if each.meaning in ("next", "close")]  # noqa: SLF001
        done = flow == "pick" and self.tally.batches >= BATCHES and state == "ScanCart"
        if not expects or state == "NoWork" or done:
            self._next_round()
            return
        if state == "TakeItem" and not self._wrong_shown:
            self._wrong_shown = True
            self._window.scan("A-01-01")
            return
        self._take(state, expects[0].kind, expects[0].code)

    def _take(self, state: str, kind: str, code: str) -> None:
        if state == "BatchDone":
            self.tally.batches += 1
        if state == "StickLabel":
            self.tally.parcels += 1
        if state == "ScanParcel" and kind == "parcel":
            self.tally.loaded += 1
        if kind == "key":
            if state == "ConfirmClose":
                self._window.press(code)
                self._next_round()
                return
            self._window.press(code)
        elif kind == "weight":
            self._window.station.weigh(1000)
        else:
            if kind == "tote" and not code:
                self._tote += 1
                code = f"TOTE-{self._tote:04d}"
            self._window.scan(code)

    def _picture(self, name: str) -> None:
        """Keep the first picture of each kind of screen."""
        if name in self.tally.pictures:
            return
        self.tally.pictures.append(name)
        self._window.shell.grab().save(str(self._out / f"{len(self.tally.pictures):02d}-{name}.png"))
