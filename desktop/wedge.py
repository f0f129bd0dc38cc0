"""Keyboard-wedge scanners: a burst of keys that ends in Enter or Tab is a scan, whatever has the focus.

Typing is slower than a scanner: a burst has at least four characters, no two further apart than 80 ms and half of them
no further than 35 ms (devices.md 1.5). A key that writes something is held back so long; what turns out to be typing is
given to the window then, in order. So the first digit of a barcode answers no question, and no typed key is lost. The
thing a newcomer would get wrong: one key passes this filter once for each widget it is offered to.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

GAP_MS = 80
USUAL_GAP_MS = 35
SHORTEST = 4
DOUBLE_READ_MS = 120
"""The same code again within this is one read that the scanner sent twice (devices.md 1.6)."""
_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
_SEPARATOR = "\x1d"


@dataclass(slots=True)
class _Burst:
    keys: list[tuple[QWidget, QKeyEvent]] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)

    @property
    def code(self) -> str:
        return "".join(event.text() for _, event in self.keys)

    @property
    def is_scan(self) -> bool:
        return len(self.keys) >= SHORTEST and median(self.gaps) <= USUAL_GAP_MS


class WedgeFilter(QObject):
    """An application-wide event filter that turns bursts into scans."""

    def __init__(self, now_ms: Callable[[], int], scanned: Callable[[str], None]) -> None:
        """Deliver scans to `scanned`."""
        super().__init__()
        self._now, self._scanned = now_ms, scanned
        self._burst = _Burst()
        self._last_key = self._last_scan = 0
        self._last_code = ""
        self._releasing = False
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(GAP_MS)
        self._patience.timeout.connect(self.release)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hold back what may be a scan; swallow the key that ends one, and deliver it."""
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent) or self._releasing:
            return False
        if not isinstance(watched, QWidget) or isinstance(watched, QLineEdit):
            return False
        now = self._now()
        gap, self._last_key = now - self._last_key, now
        if gap > GAP_MS:
            self.release()
        if _writes(event):
            if self._burst.keys:
                self._burst.gaps.append(gap)
            self._burst.keys.append((watched, QKeyEvent(event)))
            self._patience.start()
            return True
        if event.key() in _ENDS and self._burst.is_scan:
            code, self._burst = self._burst.code, _Burst()
            self._patience.stop()
            self._deliver(code, now)
            return True
        self.release()
        return False

    def release(self) -> None:
        """Give the keys held back to whom they were meant for: they were typed."""
        self._patience.stop()
        burst, self._burst = self._burst, _Burst()
        self._releasing = True
        try:
            for widget, event in burst.keys:
                QCoreApplication.sendEvent(widget, event)
        finally:
            self._releasing = False

    def _deliver(self, code: str, now: int) -> None:
        again = code == self._last_code and now - self._last_scan < DOUBLE_READ_MS
        self._last_code, self._last_scan = code, now
        if not again:
            self._scanned(code)


def _writes(event: QKeyEvent) -> bool:
    text = event.text()
    return text == _SEPARATOR or (len(text) == 1 and text.isprintable())
