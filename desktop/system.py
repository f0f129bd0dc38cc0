"""The machine this program runs on: its clock, its ids, its folders. Only composition roots import this.

The one thing a newcomer would get wrong: nothing below `desktop` asks the machine for the time or for chance; it is
handed what stands here.
"""

import os
import sys
import time
import zoneinfo
from pathlib import Path

import platformdirs
import uuid_utils

from core.kernel.refusal import Fault

APPLICATION = "Dockside"
HOME_VARIABLE = "DOCKSIDE_HOME"


class SystemClock:
    """The machine's clock; `wait` moves it on, for scripts that say *wait* and mean only the clock."""

    def __init__(self) -> None:
        """Start with the machine's time."""
        self._ahead_ms = 0

    def now_ms(self) -> int:
        """Return UTC milliseconds."""
        return time.time_ns() // 1_000_000 + self._ahead_ms

    def boot_ns(self) -> int:
        """Return nanoseconds since the machine started, running on through suspend where the system can say so."""
        boot = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic_ns() if boot is None else time.clock_gettime_ns(boot)

    def wait(self, ms: int) -> None:
        """Let so much time have passed."""
        self._ahead_ms += ms


class SystemIds:
    """Ids that never recur and sort by time."""

    def new(self) -> bytes:
        """Return a UUIDv7."""
        return uuid_utils.uuid7().bytes


def home_folder(named: Path | None) -> Path:
    """Return the station's data folder: as named, as the environment says, or the system's place for it."""
    if named is not None:
        return named
    from_environment = os.environ.get(HOME_VARIABLE)
    if from_environment:
        return Path(from_environment)
    return Path(platformdirs.user_data_dir(APPLICATION, appauthor=False))


def machine_time_zone() -> str:
    """Return the name of the zone this machine keeps its time by; UTC where it cannot be told."""
    named = os.environ.get("TZ", "").lstrip(":")
    _, _, linked = str(Path("/etc/localtime").resolve()).rpartition("zoneinfo/")
    return next((name for name in (named, linked) if name in zoneinfo.available_timezones()), "UTC")


class NoDisplay(Fault):
    """A window was asked for where none can be shown."""


def refuse_no_display() -> None:
    """Refuse to open a window where Qt would end the process instead of saying why.

    Raises:
        NoDisplay: there is no display, and no platform was named that needs none.
    """
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in names):
        raise NoDisplay(
            "there is no display: DISPLAY and WAYLAND_DISPLAY are not set (`make run` brings a virtual one)"
        )
