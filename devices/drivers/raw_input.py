"""Windows' raw input: which keyboard a key came from, for scanners that are keyboards (devices.md 1.5).

A window receives `WM_INPUT` before the key itself; its native event filter gives each to `message`, and swallows the
key where that says so. What needs Windows is `WindowsKeyboards` alone, four calls; the rest is tested with recorded
records. The one thing a newcomer would get wrong: only the scanners that were opened are swallowed, not the keyboard.
"""

import queue
import re
import struct
import sys
from dataclasses import dataclass, field
from typing import Protocol

from devices.transport import Gone, Port

WM_INPUT = 0x00FF
_RAW_KEYBOARD = 16
"""The size of a `RAWKEYBOARD`; `framing/key_events.py` reads it, with the time of its message behind it."""
_READ_SECONDS = 0.05
_NAME = re.compile(
    r"\\\\\?\\HID#VID_(?P<vid>[0-9A-F]{4})&PID_(?P<pid>[0-9A-F]{4})[^#]*#(?P<instance>[^#]+)#", re.IGNORECASE
)
_HEADER = struct.Struct("<IIQQ")
"""`RAWINPUTHEADER` on 64 bits: type, size, device, window parameter."""
_KEYBOARD = 1
_TIME = struct.Struct("<I")


class Keyboards(Protocol):
    """What Windows is asked."""

    def names(self) -> dict[int, str]:
        """Return the keyboards by their handles."""

    def record(self, message: int) -> bytes:
        """Return the `RAWINPUT` of a `WM_INPUT`'s parameter."""


def port_of(name: str) -> Port | None:
    r"""Read a keyboard's name; None for one that is no USB device.

    Example:
        >>> port_of(r"\\?\HID#VID_05E0&PID_1200#7&2a1b&0&0000#{884b96c3}").location
        '7&2a1b&0&0000'
    """
    found = _NAME.match(name)
    if found is None:
        return None
    return Port(
        path=name, vid=int(found["vid"], 16), pid=int(found["pid"], 16), location=found["instance"], name="keyboard"
    )


@dataclass(slots=True)
class RawInputTransport:
    """One keyboard's records, as the window's filter gives them."""

    records: "queue.SimpleQueue[bytes]" = field(default_factory=queue.SimpleQueue)
    closed: bool = False

    def read(self) -> bytes:
        """Return a record, or nothing after a moment."""
        if self.closed:
            raise Gone
        try:
            return self.records.get(timeout=_READ_SECONDS)
        except queue.Empty:
            return b""

    def write(self, data: bytes) -> None:
        """Send nothing: such a scanner is not told anything."""

    def close(self) -> None:
        """Leave its keys to the window again."""
        self.closed = True


@dataclass(slots=True)
class RawInputBus:
    """The keyboards of this computer, one bus for all scanners of a window."""

    keyboards: Keyboards
    _open: dict[str, RawInputTransport] = field(default_factory=dict)

    def ports(self) -> tuple[Port, ...]:
        """Return the USB keyboards plugged in now."""
        return tuple(port for name in self.keyboards.names().values() if (port := port_of(name)))

    def open(self, port: Port) -> RawInputTransport:
        """Take a keyboard's keys away from the window."""
        if port.path not in self.keyboards.names().values():
            raise Gone
        self._open[port.path] = RawInputTransport()
        return self._open[port.path]

    def message(self, parameter: int, time: int) -> bool:
        """Take a `WM_INPUT`; return whether its key is a scanner's, and not for the window.

        Args:
            parameter: what Windows knows the key by.
            time: the message's own, in milliseconds: when the key was pressed, whenever the window comes to it.
        """
        raw = self.keyboards.record(parameter)
        if len(raw) < _HEADER.size + _RAW_KEYBOARD:
            return False
        kind, _, device, _ = _HEADER.unpack_from(raw)
        transport = self._open.get(self.keyboards.names().get(device, ""))
        if kind != _KEYBOARD or transport is None or transport.closed:
            return False
        transport.records.put(raw[_HEADER.size : _HEADER.size + _RAW_KEYBOARD] + _TIME.pack(time))
        return True


if sys.platform == "win32":  # pragma: no cover  needs Windows
    import ctypes
    from ctypes import wintypes

    _RIDI_DEVICENAME, _RID_INPUT, _RIDEV_INPUTSINK = 0x20000007, 0x10000003, 0x100
    _GENERIC_DESKTOP, _KEYBOARD_USAGE = 0x01, 0x06

    class _Listed(ctypes.Structure):
        _fields_ = (("device", wintypes.HANDLE), ("kind", wintypes.DWORD))

    class _Wanted(ctypes.Structure):
        _fields_ = (
            ("page", wintypes.USHORT), ("usage", wintypes.USHORT),
            ("flags", wintypes.DWORD), ("window", wintypes.HWND),
        )  # fmt: skip

    class WindowsKeyboards:
        """Windows, asked for its keyboards; the names are kept, for every key asks for one."""

        def __init__(self, window: int) -> None:
            """Have this window receive `WM_INPUT`, also in the background."""
            self._user32 = ctypes.windll.user32
            self._names: dict[int, str] = {}
            wanted = _Wanted(_GENERIC_DESKTOP, _KEYBOARD_USAGE, _RIDEV_INPUTSINK, window)
            if not self._user32.RegisterRawInputDevices(ctypes.byref(wanted), 1, ctypes.sizeof(wanted)):
                raise ctypes.WinError()

        def names(self) -> dict[int, str]:
            """Return the keyboards by their handles."""
            count = wintypes.UINT()
            self._user32.GetRawInputDeviceList(None, ctypes.byref(count), ctypes.sizeof(_Listed))
            listed = (_Listed * count.value)()
            found = self._user32.GetRawInputDeviceList(listed, ctypes.byref(count), ctypes.sizeof(_Listed))
            here = [each.device for each in listed[: max(0, found)] if each.kind == _KEYBOARD]
            self._names = {each: self._names.get(each) or self._name(each) for each in here}
            return self._names

        def record(self, message: int) -> bytes:
            """Return the `RAWINPUT` of a `WM_INPUT`'s parameter."""
            size = wintypes.UINT(_HEADER.size + 64)
            data = ctypes.create_string_buffer(size.value)
            read = self._user32.GetRawInputData(
                wintypes.HANDLE(message), _RID_INPUT, data, ctypes.byref(size), _HEADER.size
            )
            return data.raw[: max(0, read)]

        def _name(self, device: int) -> str:
            size = wintypes.UINT(1024)
            text = ctypes.create_unicode_buffer(size.value)
            self._user32.GetRawInputDeviceInfoW(wintypes.HANDLE(device), _RIDI_DEVICENAME, text, ctypes.byref(size))
            return text.value
