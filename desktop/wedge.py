"""Keyboard-wedge scanners: a burst of keys that ends in Enter is a scan, whatever has the focus.

Typing is slower than a scanner: a burst has at least four characters no further apart than 80 ms. Keys that turn out to
be typing are left to the window.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

GAP_MS = 80
SHORTEST = 4


class WedgeFilter(QObject):
    """An application-wide event filter that turns bursts into scans."""

    def __init__(self, now_ms: Callable[[], int], scanned: Callable[[str], None]) -> None:
        """Deliver scans to `scanned`."""
        super().__init__()
        self._now, self._scanned = now_ms, scanned
        self._burst: list[str] = []
        self._last = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Swallow the Enter that ends a burst, and deliver the burst."""
        if (
            event.type() is not QEvent.Type.KeyPress
            or not isinstance(event, QKeyEvent)
            or isinstance(watched, QLineEdit)
        ):
            return False
        now = self._now()
        if now - self._last > GAP_MS:
            self._burst.clear()
        self._last = now
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            code = "".join(self._burst)
            self._burst.clear()
            if len(code) >= SHORTEST:
                self._scanned(code)
                return True
            return False
        if event.text() and (event.text().isprintable() or event.text() == "\x1d"):
            self._burst.append(event.text())
            # A single key is a key; from the second one in a burst on it belongs to a scan.
            return len(self._burst) > 1
        return False
