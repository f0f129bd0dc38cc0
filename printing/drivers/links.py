"""The wires a printer hangs on: a TCP port, a USB printer file, a serial port. Opened for one job or one question each.

The one thing a newcomer would get wrong: the operating system takes bytes long before the printer has them. So the buffer
for what was not sent yet is kept small, and a job that was written without an error is still nothing more than sent.
"""

import errno
import os
import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

TCP_PORT, STATUS_PORT = 9100, 9200
PIECE = 4096
_HELD = (errno.EBUSY, errno.EAGAIN)
_UNSENT_MAX = 16_384
"""Bytes that the operating system may hold for a printer: what is further ahead of it than that is no progress."""


class Taken(OSError):
    """Another program has the printer open."""


class Wire(Protocol):
    """An open connection."""

    def send(self, data: bytes, seconds: float) -> int:
        """Hand over some of the bytes and return how many; an `OSError` where none go within the time."""

    def receive(self, seconds: float) -> bytes:
        """Return what came; nothing at the end of the connection.

        Raises:
            TimeoutError: nothing came in that time.
        """

    def finish(self, seconds: float) -> None:
        """Say that the job is over, and hear whether all of it was taken."""


class Link(Protocol):
    """A place where a printer is."""

    @property
    def address(self) -> str:
        """Return it as a printer's row writes it."""

    def open(self, *, to_ask: bool = False) -> Any:
        """Return a context manager of an open wire; `to_ask` for a question that a job may be going on beside."""


@dataclass(frozen=True, slots=True)
class _Socket:
    link: socket.socket

    def send(self, data: bytes, seconds: float) -> int:
        self.link.settimeout(seconds)
        return self.link.send(data)

    def receive(self, seconds: float) -> bytes:
        self.link.settimeout(seconds)
        return self.link.recv(PIECE)

    def finish(self, seconds: float) -> None:
        """Read until the printer closes: a connection that is reset instead did not take everything."""
        self.link.shutdown(socket.SHUT_WR)
        try:
            while self.receive(seconds):
                pass
        except TimeoutError:
            pass  # kept open: no word about the job


@dataclass(frozen=True, slots=True)
class TcpLink:
    """A port that takes whatever comes (9100); every job has a connection of its own, whose end ends a PDF job."""

    host: str
    port: int = TCP_PORT
    connect_seconds: float = 3.0

    @property
    def address(self) -> str:
        """Return host and port."""
        return f"tcp:{self.host}:{self.port}"

    @contextmanager
    def open(self, *, to_ask: bool = False) -> Iterator[Wire]:
        """Connect."""
        with socket.create_connection((self.host, self.port), self.connect_seconds) as link:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNSENT_MAX)
            yield _Socket(link)


@dataclass(frozen=True, slots=True)
class _File:
    descriptor: int

    def send(self, data: bytes, seconds: float) -> int:
        if not select.select([], [self.descriptor], [], seconds)[1]:
            raise TimeoutError("the printer takes nothing")
        return os.write(self.descriptor, data)

    def receive(self, seconds: float) -> bytes:
        if not select.select([self.descriptor], [], [], seconds)[0]:
            raise TimeoutError("the printer says nothing")
        return os.read(self.descriptor, PIECE)

    def finish(self, seconds: float) -> None:
        """Nothing ends on a file."""


@dataclass(frozen=True, slots=True)
class UsbLink:
    """A USB printer's file under Linux (`/dev/usb/lp0`), read and written, held by one process at a time."""

    path: str

    @property
    def address(self) -> str:
        """Return the file."""
        return f"usb:{self.path}"

    @contextmanager
    def open(self, *, to_ask: bool = False) -> Iterator[Wire]:
        """Open it and lock it; one that another process has locked is busy, and nothing is written."""
        import fcntl  # not on Windows

        descriptor = os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as e:
                raise Taken(f"{self.path} is used by another program") from e
            yield _File(descriptor)
        finally:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class _Serial:
    port: Any

    def send(self, data: bytes, seconds: float) -> int:
        from serial import SerialTimeoutException

        self.port.write_timeout = seconds
        try:
            return int(self.port.write(data) or 0)
        except SerialTimeoutException as e:
            raise TimeoutError("the printer takes nothing") from e

    def receive(self, seconds: float) -> bytes:
        self.port.timeout = seconds
        came = bytes(self.port.read(1))
        if not came:
            raise TimeoutError("the printer says nothing")
        return came + bytes(self.port.read(self.port.in_waiting))

    def finish(self, seconds: float) -> None:
        """Wait until the last byte is on the wire."""
        self.port.flush()


@dataclass(frozen=True, slots=True)
class SerialLink:
    """A serial port or USB serial; a printer whose buffer is full says so by DTR or by XOFF."""

    path: str
    baud: int = 9600
    flow: str = "dtr"
    """``dtr``, ``xon`` or ``none``."""

    @property
    def address(self) -> str:
        """Return port, speed and handshake."""
        return f"serial:{self.path}?baud={self.baud}&flow={self.flow}"

    @contextmanager
    def open(self, *, to_ask: bool = False) -> Iterator[Wire]:
        """Open it for ourselves."""
        import serial

        try:
            port = serial.Serial(
                self.path, self.baud, dsrdtr=self.flow == "dtr", xonxoff=self.flow == "xon", exclusive=True, timeout=1.0
            )
        except serial.SerialException as e:
            if e.errno in _HELD:
                raise Taken(f"{self.path} is used by another program") from e
            raise
        try:
            yield _Serial(port)
        finally:
            port.close()
