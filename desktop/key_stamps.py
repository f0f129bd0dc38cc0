"""When Windows' keys were pressed: Qt puts the time on them at which it comes to them, and Windows knows better.

Each `WM_KEYDOWN` has its own time, which is kept until Qt has made an event of it. The one thing a newcomer would get wrong:
not every such message becomes an event, so the two are matched by their scan codes.
"""

import sys
from collections import deque
from collections.abc import Callable
from ctypes import wintypes

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

_DOWN = frozenset({0x0100, 0x0104})
"""`WM_KEYDOWN` and the same with Alt."""
_SCAN_CODE = 0x1FF
"""The bits of the scan code in a message's second parameter, above the lowest sixteen: with E0 in front as the highest."""
_MOST = 256


class KeyStamps(QAbstractNativeEventFilter):
    """Keeps the times of keys on their way through Qt."""

    def __init__(self) -> None:
        """Begin with no key on its way."""
        super().__init__()
        self._pressed: deque[tuple[int, int]] = deque(maxlen=_MOST)

    def nativeEventFilter(self, kind: QByteArray | bytes | bytearray | memoryview, message: int) -> tuple[bool, int]:
        """Take notice of a message of the window, and let it pass."""
        if QByteArray(kind).data() == b"windows_generic_MSG":
            said = wintypes.MSG.from_address(int(message))
            if said.message in _DOWN:
                self._pressed.append((said.lParam >> 16 & _SCAN_CODE, said.time))
        return False, 0

    def of(self, event: QKeyEvent) -> int:
        """Return the milliseconds of a key; 0 where it is none of Windows'."""
        for before, (code, time) in enumerate(self._pressed):
            if code == event.nativeScanCode():
                for _ in range(before + 1):
                    self._pressed.popleft()
                return time
        # One that no message stands behind takes none from the keys that come.
        return 0


def stamp_of(application: QApplication) -> Callable[[QKeyEvent], int]:
    """Return what knows when a key was pressed, on the system this is."""
    if sys.platform == "win32":  # pragma: no cover  needs Windows
        stamps = KeyStamps()
        application.installNativeEventFilter(stamps)
        application.setProperty("keyStamps", stamps)  # Qt does not hold it itself
        return stamps.of
    return QKeyEvent.timestamp
