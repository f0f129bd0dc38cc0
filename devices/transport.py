"""How a device is reached: the ports there are, which of them is the device, and the bytes in both directions.

A device is known by what it is (maker, product, serial number, the socket it is plugged into), not by the name its
port has today. The one thing a newcomer would get wrong: two equal scanners without serial numbers are told apart by
their sockets alone, and where that does not say which is which, neither is taken for the other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

FORBIDDEN = "forbidden"
"""The device is there and the system does not let us: a group or a rule is missing."""

SIMULATED = "simulated"
"""The device is not real, and this station is."""


class Gone(Exception):
    """The device is not there (any more), or cannot be opened; why is its text, where it is known."""


class Busy(Exception):
    """Another program holds the port."""

    def __init__(self, owner: str) -> None:
        """Say which, as far as it is known."""
        super().__init__(owner)
        self.owner = owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """Something that can be opened now."""

    path: str
    vid: int = 0
    pid: int = 0
    serial: str = ""
    location: str = ""
    """The way through the hubs to its socket."""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a device is known by: `path` alone for a port that is part of the computer."""

    vid: int = 0
    pid: int = 0
    serial: str = ""
    location: str = ""
    path: str = ""


class Transport(Protocol):
    """One open port, read by one thread."""

    def read(self) -> bytes:
        """Return what came, or nothing after a moment.

        Raises:
            Gone: the device was unplugged.
        """

    def write(self, data: bytes) -> None:
        """Send.

        Raises:
            Gone: the device was unplugged, or does not take it.
        """

    def close(self) -> None:
        """Let the port go; never raises."""


class Bus(Protocol):
    """One kind of port."""

    def ports(self) -> Sequence[Port]:
        """Return what is plugged in now."""

    def open(self, port: Port) -> Transport:
        """Open a port.

        Raises:
            Busy: another program holds it.
            Gone: it cannot be opened.
        """


def find(ports: Iterable[Port], match: Match) -> Port | None:
    """Return the one port that is the device, or None where none is or it cannot be said which."""
    if not match.vid:
        return next((port for port in ports if port.path == match.path), None)
    alike = [port for port in ports if (port.vid, port.pid) == (match.vid, match.pid)]
    if match.serial:
        alike = [port for port in alike if port.serial == match.serial]
    here = [port for port in alike if port.location == match.location]
    if len(here) == 1:
        return here[0]
    # The only one of its kind may have been plugged in elsewhere.
    return alike[0] if len(alike) == 1 else None
