"""A shift played through the real window, event by event: what `make run` shows where nobody can look.

It takes what the station says it expects next, as the simulated bench's buttons would, and keeps pictures on the way.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from PySide6.QtCore import QElapsedTimer, QObject, QTimer
from PySide6.QtWidgets import QApplication

from core.kernel.ids import SiteId
from core.kernel.journal import GestureOutcome
from core.kernel.operations import Operation, OperationState
from core.kernel.tables import sql_of
from core.orders.model import Fulfilment
from core.rights.model import StationKind

if TYPE_CHECKING:
    from desktop.app import StationWindow

ROUNDS = (("BADGE-MARA", "pick"), ("BADGE-AYLIN", "pack"), ("BADGE-TOM", "dispatch"))
_OF_KIND = {StationKind.CART: ROUNDS[:1], StationKind.BENCH: ROUNDS[1:2], StationKind.DOCK: ROUNDS[2:]}
PATIENCE_MS, AT_FIRST_MS = 30_000, 300_000
"""How long a station that shares its site waits before it calls it a day: where nobody brings anything any more, and before that."""
_AGAIN_MS = 300
_PRINTS_MS = 3_000
_OVER = {"pick": ("NoWork",), "pack": ("ScanWork",), "dispatch": ("ScanParcel",)}
_BEFORE = {"pack": "picked", "dispatch": "packed"}
"""What becomes of units at another station before they come to a flow."""
_LOOKS_OUT = ("NoWork", "ScanWork", "ScanParcel")
"""Steps at which a bench waits for others."""
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


def others_bring(connection: sa.Connection, site: SiteId, flow: str) -> bool:
    """Return whether other stations have yet to do something that makes work for a flow, or to hear what was done here."""
    log = sql_of(Operation)
    unheard = sa.select(log.c.position).where(log.c.state == OperationState.PENDING.value).limit(1)
    if connection.execute(unheard).first() is not None:
        return True
    if flow not in _BEFORE:
        return False
    parts = sql_of(Fulfilment)
    wanted = parts.c.units - parts.c.short - parts.c.cancelled
    query = sa.select(parts.c.id).where(parts.c.site == site, parts.c.open == 1, parts.c[_BEFORE[flow]] < wanted)
    return connection.execute(query.limit(1)).first() is not None


class ScriptedShift(QObject):
    """Plays picker, packer and loader."""

    def __init__(
        self, window: "StationWindow", out: Path, kind: StationKind | None = None,
        others: Callable[[str], bool] = lambda _flow: False,
    ) -> None:  # fmt: skip
        """Play through a window into a folder: everything, or of a station that shares its site what it is there for.

        Args:
            window: the station's.
            out: where pictures go.
            kind: what the station is there for; None where it is alone.
            others: whether other stations have yet to bring something to a flow.
        """
        super().__init__()
        self._rounds = ROUNDS if kind is None else _OF_KIND.get(kind, ROUNDS)
        self._patience, self._others = kind is not None, others
        self._waiting, self._looked = QElapsedTimer(), 0
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
        if self._round >= len(self._rounds):
            self.tally.finished = any(
                (self.tally.loaded, self._patience and (self.tally.batches or self.tally.parcels))
            )
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
        if self.tally.steps > STEPS_MAX and not self._patience:
            self._round = len(self._rounds)
            self._next_round()
            return
        badge, flow = self._rounds[self._round]
        if self._stage == "closing":
            if self._waiting.elapsed() > _PRINTS_MS:
                self._next_round()
        elif self._stage == "badge":
            self._stage = "open"
            self._waiting.start()
            self._window.scan(badge)
        elif self._stage == "open" and station.operator is None:
            # Badges come from the hub when there is time.
            if self._waiting.elapsed() > _AGAIN_MS:
                self._window.press("NO")
                self._stage = "badge"
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
        under_way = "-under-way" if state == "ScanParcel" and self.tally.loaded else ""
        self._picture(f"{flow}-{state}{under_way}")
        if self._waits(flow, state):
            return
        expects = [each for each in station._flow.expects(station.state) if each.meaning in ("next", "close")]  # noqa: SLF001
        done = flow == "pick" and self.tally.batches >= BATCHES and state == "ScanCart" and not self._patience
        if not expects or state == "NoWork" or done:
            self._next_round()
            return
        if state == "TakeItem" and not self._wrong_shown:
            self._wrong_shown = True
            self._window.scan("A-01-01")
            return
        self._take(state, expects[0].kind, expects[0].code)

    def _waits(self, flow: str, state: str) -> bool:
        """Return whether there is nothing to do yet, and others may still bring something."""
        station = self._window.station
        expects = station._flow.expects(station.state)  # noqa: SLF001
        if state not in _LOOKS_OUT or (state != "NoWork" and any(each.meaning == "next" for each in expects)):
            self._waiting.start()
            return False
        waited = self._waiting.elapsed()
        if not self._patience or waited >= AT_FIRST_MS:
            return False
        begun = self.tally.batches or self.tally.parcels or self.tally.loaded
        if waited < PATIENCE_MS or not begun or 0 <= waited - self._looked < _AGAIN_MS:
            return True
        # A slow machine packs a parcel in more time than anybody waits for none.
        self._looked = waited
        return self._others(flow)

    def _take(self, state: str, kind: str, code: str) -> None:
        if state == "BatchDone":
            self.tally.batches += 1
        if state == "StickLabel":
            self.tally.parcels += 1
        if state == "ScanParcel" and kind == "parcel":
            self.tally.loaded += 1
        if kind == "key":
            if state == "ConfirmClose":
                # The list prints; a window that closes at once would take its printer along.
                self._stage = "closing"
                self._waiting.start()
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
