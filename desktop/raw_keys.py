"""Windows' raw input in a window: a scanner's keys become its own, and reach nothing that has the focus (devices.md 1.5).

A window is sent `WM_INPUT` in front of the key itself. Where that was a scanner's, the key that follows is swallowed.
The one thing a newcomer would get wrong: Windows is asked for nothing anywhere else.
"""

import sys
from ctypes import wintypes

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray
from PySide6.QtWidgets import QApplication, QWidget

from devices.drivers.raw_input import WM_INPUT, RawInputBus
from devices.transport import Bus

_KEYS = frozenset({0x0100, 0x0101, 0x0104, 0x0105})
"""`WM_KEYDOWN`, `WM_KEYUP` and the same with Alt."""


class RawKeys(QAbstractNativeEventFilter):
    """Gives scanners their keys, and swallows the twin that would be typed."""

    def __init__(self, bus: RawInputBus) -> None:
        """Fill the transports of this bus."""
        super().__init__()
        self._bus = bus
        self._twins = 0

    def nativeEventFilter(self, kind: QByteArray | bytes | bytearray | memoryview, message: int) -> tuple[bool, int]:
        """Take a message of the window; return whether it is not for the window."""
        if QByteArray(kind).data() != b"windows_generic_MSG":
            return False, 0
        said = wintypes.MSG.from_address(int(message))
        if said.message == WM_INPUT:
            self._twins += self._bus.message(said.lParam, said.time)
        elif said.message in _KEYS and self._twins:
            self._twins -= 1
            return True, 0
        return False, 0


def raw_keys(application: QApplication, window: QWidget) -> Bus | None:
    """Return the keyboards of this computer where they come through a window; None where the system has another way."""
    if sys.platform == "win32":  # pragma: no cover  needs Windows
        from devices.drivers.raw_input import WindowsKeyboards

        bus = RawInputBus(WindowsKeyboards(int(window.winId())))
        keys = RawKeys(bus)
        application.installNativeEventFilter(keys)
        application.setProperty("rawKeys", keys)  # Qt does not hold it itself
        return bus
    return None
