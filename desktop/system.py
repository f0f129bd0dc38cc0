"""The machine this program runs on: its clock, its ids, its folders. Only composition roots import this.

The one thing a newcomer would get wrong: nothing below `desktop` asks the machine for the time or for chance; it is
handed what stands here.
"""

import os
import time
from pathlib import Path

import platformdirs
from uuid_utils import compat

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
        return compat.uuid7().bytes


def home_folder(named: Path | None) -> Path:
    """Return the station's data folder: as named, as the environment says, or the system's place for it."""
    if named is not None:
        return named
    from_environment = os.environ.get(HOME_VARIABLE)
    if from_environment:
        return Path(from_environment)
    return Path(platformdirs.user_data_dir(APPLICATION, appauthor=False))
