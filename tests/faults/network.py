"""A network that can be cut in one direction: hub and stations in network namespaces, a third one between them that drops.

A station reaches the hub at an address of its own, so that each is cut for itself. What is dropped is dropped silently on
its way through, as a network does it, and never refused at the sender.
"""

import os
import shutil
import subprocess
from enum import StrEnum
from itertools import count
from typing import Self

_NUMBERS = count()
STATIONS = 50


class Cut(StrEnum):
    """Which way nothing goes."""

    NONE = "none"
    OUT = "to the hub"
    IN = "from the hub"
    BOTH = "either way"


def unavailable() -> str | None:
    """Return why networks cannot be made here; None where they can."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "namespaces need root"
    if shutil.which("ip") is None:
        return "`ip` is not installed (Debian: iproute2)"
    name = f"dockside-{os.getpid()}-try"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode:
        return f"a network namespace cannot be made: {made.stderr.strip()}"
    subprocess.run(["ip", "netns", "del", name], check=False)
    return None


class Network:
    """The network; a context manager. Everything of it goes with its namespaces."""

    def __init__(self) -> None:
        self._name = f"d{os.getpid() % 100_000}-{next(_NUMBERS)}"
        self._between, self._hub = f"{self._name}-between", f"{self._name}-hub"
        # Reserved for tests of networks (RFC 2544); a quarter for each process that may do this beside others.
        self._base = f"198.{18 + os.getpid() % 2}"
        self._cuts: dict[int, Cut] = {}

    @property
    def at_the_hub(self) -> list[str]:
        """Return what stands before a command that is run at the hub."""
        return ["ip", "netns", "exec", self._hub]

    def address(self, station: int) -> str:
        """Return the hub's address for a station."""
        return f"{self._base}.2.{station}"

    def __enter__(self) -> Self:
        here, links = f"{self._name}a", f"{self._base}.1"
        for name in (self._between, self._hub):
            _ip("netns", "add", name)
        _ip("link", "add", here, "type", "veth", "peer", "name", "near", "netns", self._between)
        _ip("-n", self._between, "link", "add", "far", "type", "veth", "peer", "name", "wire", "netns", self._hub)
        _ip("addr", "add", f"{links}.1/30", "dev", here)
        _ip("link", "set", here, "up")
        for where, device, last in ((self._between, "near", 2), (self._between, "far", 5), (self._hub, "wire", 6)):
            _ip("-n", where, "addr", "add", f"{links}.{last}/30", "dev", device)
            _ip("-n", where, "link", "set", device, "up")
        _ip("-n", self._hub, "link", "set", "lo", "up")
        _ip("-n", self._hub, "route", "add", "default", "via", f"{links}.5")
        _ip("route", "add", f"{self._base}.2.0/24", "via", f"{links}.2")
        _ip("netns", "exec", self._between, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
        self._gate = f"{links}.6"
        for station in range(1, STATIONS + 1):
            _ip("-n", self._hub, "addr", "add", f"{self.address(station)}/32", "dev", "lo")
            self._open(station)
        return self

    def __exit__(self, *exc: object) -> None:
        for name in (self._hub, self._between):
            _ip("netns", "del", name)

    def cut(self, station: int, how: Cut) -> None:
        """Let nothing pass one way, or either, between the hub and a station."""
        before, address = self._cuts.get(station, Cut.NONE), self.address(station)
        if (how in (Cut.OUT, Cut.BOTH)) != (before in (Cut.OUT, Cut.BOTH)):
            if how in (Cut.OUT, Cut.BOTH):
                _ip("-n", self._between, "route", "replace", "blackhole", f"{address}/32")
            else:
                _ip("-n", self._between, "route", "del", "blackhole", f"{address}/32")
                self._open(station)
        if (how in (Cut.IN, Cut.BOTH)) != (before in (Cut.IN, Cut.BOTH)):
            _ip(
                "-n", self._between, "rule", "add" if how in (Cut.IN, Cut.BOTH) else "del", "from", address, "blackhole"
            )
        self._cuts[station] = how

    def _open(self, station: int) -> None:
        _ip("-n", self._between, "route", "replace", f"{self.address(station)}/32", "via", self._gate)

    def heal(self) -> None:
        """Let everything pass."""
        for station in list(self._cuts):
            self.cut(station, Cut.NONE)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
