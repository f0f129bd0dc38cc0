"""Time, handed in: the core never asks the machine what time it is."""

from typing import Protocol


class Clock(Protocol):
    """The time of the station; a seat, so that tests, replays and simulations set it."""

    def now_ms(self) -> int:
        """Return UTC milliseconds since 1970."""

    def boot_ns(self) -> int:
        """Return nanoseconds of a clock that never goes back while the machine is up and runs on through suspend."""
