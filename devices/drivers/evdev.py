"""Linux' input devices: a keyboard scanner read below the keyboard layout, and grabbed so that no window sees it.

The kernel's own interface is four calls, so no library is needed. Only devices that have an Enter key are listed. The
one thing a newcomer would get wrong: without the grab each scan would also be typed into the focused window.
"""

import errno
import os
import select
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devices.drivers.port_owner import owner_of
from devices.transport import FORBIDDEN, Busy, Gone, Port

_EVIOCGRAB, _EVIOCSCLOCKID = 0x40044590, 0x400445A0
_MONOTONIC = struct.pack("i", 1)
"""The clock of the events' times: setting the computer's time must not tear a scan apart."""
_READ_SECONDS = 0.05
_LONGEST = 4096
_KEY_ENTER = 28


def _grab(handle: int) -> None:
    import fcntl  # not on Windows

    fcntl.ioctl(handle, _EVIOCSCLOCKID, _MONOTONIC)
    fcntl.ioctl(handle, _EVIOCGRAB, 1)


class EvdevTransport:
    """One grabbed device."""

    def __init__(self, handle: int) -> None:
        """Take an open file."""
        self._handle = handle

    def read(self) -> bytes:
        """Return the records that came, or nothing after a moment."""
        try:
            ready, _, _ = select.select([self._handle], [], [], _READ_SECONDS)
            data = os.read(self._handle, _LONGEST) if ready else None
        except (OSError, ValueError) as e:
            raise Gone from e
        if data == b"":
            raise Gone
        return data or b""

    def write(self, data: bytes) -> None:
        """Send nothing: such a scanner is not told anything."""

    def close(self) -> None:
        """Let the device go, and its grab with it."""
        os.close(self._handle)


@dataclass(frozen=True, slots=True)
class EvdevBus:
    """The keyboards of this computer."""

    dev: Path = Path("/dev/input")
    sys: Path = Path("/sys/class/input")
    grab: Callable[[int], None] = _grab

    def ports(self) -> tuple[Port, ...]:
        """Return what is plugged in now and has an Enter key."""
        return tuple(
            self._port(each.name, each / "device")
            for each in sorted(self.sys.glob("event*"))
            if _has_key(_text(each / "device" / "capabilities" / "key"), _KEY_ENTER)
        )

    def open(self, port: Port) -> EvdevTransport:
        """Open a device for us alone."""
        try:
            handle = os.open(port.path, os.O_RDONLY | os.O_NONBLOCK)
        except PermissionError as e:
            raise Gone(FORBIDDEN) from e
        except OSError as e:
            raise Gone from e
        try:
            self.grab(handle)
        except OSError as e:
            os.close(handle)
            if e.errno == errno.EBUSY:
                raise Busy(owner_of(port.path)) from e
            raise Gone from e
        return EvdevTransport(handle)

    def _port(self, name: str, about: Path) -> Port:
        return Port(
            path=str(self.dev / name),
            vid=int(_text(about / "id" / "vendor") or "0", 16),
            pid=int(_text(about / "id" / "product") or "0", 16),
            serial=_text(about / "uniq"),
            location=_text(about / "phys"),
            name=_text(about / "name"),
        )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _has_key(words: str, key: int) -> bool:
    """Say whether a bitmap of keys, words of 64 bits with the highest first, has this one."""
    return bool(words) and bool(int(words.rsplit(maxsplit=1)[-1], 16) >> key & 1)
