"""Serial ports, USB or not, by pyserial.

A byte that the line spoilt (its parity or its frame is wrong) is told by Linux behind a mark, and read as NUL, which no
code and no weight holds. The one thing a newcomer would get wrong: a port that vanished reads as silence or raises,
whichever; both are found out, the first by looking at what is plugged in (`supervisor.py`).
"""

import contextlib
import errno
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import serial
from serial.tools import list_ports

from devices.drivers.not_real import is_marked
from devices.drivers.port_owner import owner_of
from devices.transport import FORBIDDEN, SIMULATED, Busy, Gone, Port

READ_SECONDS = 0.05
_WRITE_SECONDS = 0.5
_NAMELESS = "n/a"
"""What pyserial calls a port that the system has no words for."""
SPOILT = b"\0"
"""Stands for a byte whose parity or frame was wrong."""
_HELD = frozenset({errno.EBUSY, errno.EAGAIN})
_MARK = re.compile(rb"\xff(?:(?P<itself>\xff)|\0.|(?P<begun>\0?\Z))", re.DOTALL)
"""What PARMRK makes of a byte FF, of a spoilt one, and of either that has not come to its end yet (termios)."""
_WINDOWS_HELD = "PermissionError"
"""How pyserial puts Windows' 'access denied' into words: there it means that the port is held."""


@dataclass(frozen=True, slots=True)
class Line:
    """How the bits go over the wire; scales often want 7E1."""

    baud: int = 9600
    bits: int = 8
    parity: str = "N"
    stop_bits: int = 1


class SerialTransport:
    """One open port."""

    def __init__(self, port: Any, *, marked: bool = False) -> None:
        """Take an open `serial.Serial`; `marked` where the system marks the bytes that the line spoilt."""
        self._port, self._marked = port, marked
        self._begun = b""
        """A mark of which the rest has not come yet."""

    def read(self) -> bytes:
        """Return what came, or nothing after a moment; NUL for a byte that the line spoilt."""
        try:
            data: bytes = self._port.read(1)
            data += self._port.read(self._port.in_waiting) if data else b""
        except (OSError, TypeError) as e:
            raise Gone from e
        if not self._marked:
            return data
        data, self._begun = self._begun + data, b""
        return _MARK.sub(self._unmarked, data)

    def _unmarked(self, mark: re.Match[bytes]) -> bytes:
        if mark["begun"] is not None:
            self._begun = mark[0]
            return b""
        return mark["itself"] or SPOILT

    def write(self, data: bytes) -> None:
        """Send."""
        try:
            self._port.write(data)
        except OSError as e:
            raise Gone from e

    def close(self) -> None:
        """Let the port go."""
        with contextlib.suppress(OSError):  # it was gone already
            self._port.close()


@dataclass(frozen=True, slots=True)
class SerialBus:
    """The serial ports of this computer."""

    line: Line = Line()
    listed: Callable[[], Iterable[Any]] = list_ports.comports
    also: str = ""
    """A path that the system does not list among its ports: a link to one, or a device that is simulated."""
    simulated: bool = True
    """Whether a simulated device will do."""

    def ports(self) -> tuple[Port, ...]:
        """Return what is plugged in now."""
        listed = self._listed()
        unlisted = self.also and all(port.path != self.also for port in listed) and Path(self.also).exists()
        return (*listed, Port(path=self.also)) if unlisted else listed

    def _listed(self) -> tuple[Port, ...]:
        return tuple(
            Port(
                path=each.device,
                vid=each.vid or 0,
                pid=each.pid or 0,
                serial=each.serial_number or "",
                location=each.location or "",
                name=each.product or ("" if each.description == _NAMELESS else each.description) or "",
            )
            for each in self.listed()
        )

    def open(self, port: Port) -> SerialTransport:
        """Open a port for us alone."""
        owner = owner_of(port.path)
        if owner:
            raise Busy(owner)
        try:
            opened = serial.Serial(
                port.path,
                self.line.baud,
                bytesize=self.line.bits,
                parity=self.line.parity,
                stopbits=self.line.stop_bits,
                timeout=READ_SECONDS,
                write_timeout=_WRITE_SECONDS,
                exclusive=True,
            )
        except OSError as e:
            if e.errno in _HELD or _WINDOWS_HELD in str(e):
                raise Busy(owner) from e
            raise Gone(FORBIDDEN if e.errno == errno.EACCES else "") from e
        if not self.simulated and is_marked(opened.fileno()):
            opened.close()
            raise Gone(SIMULATED)
        return SerialTransport(opened, marked=_mark_spoilt(opened))


def _mark_spoilt(port: Any) -> bool:
    """Let the system mark bytes whose parity or frame is wrong; return whether it does."""
    if sys.platform == "win32":
        return False
    import termios

    settings = termios.tcgetattr(port.fileno())
    settings[0] |= termios.INPCK | termios.PARMRK
    settings[0] &= ~(termios.IGNPAR | termios.IGNBRK | termios.BRKINT | termios.ISTRIP)
    termios.tcsetattr(port.fileno(), termios.TCSANOW, settings)
    return True
