"""What the spooler needs of a printer, and the exact meaning of its answers.

The one thing a newcomer would get wrong: 'failed' has two meanings. As long as no byte has left us, nothing can have
been printed and the job may be tried again by itself. After the first byte nobody knows, and a person must look.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.kernel.refusal import Fault

Progress = Callable[[int], None]
"""Called with the bytes that have left us so far, after each piece; the first call means: it is no longer clean."""


class PrinterState(StrEnum):
    """What a printer says about itself."""

    READY = "ready"
    HELD = "held"
    """It cannot print now: send nothing into its buffer."""
    UNKNOWN = "unknown"
    """It did not say, or not so that we understood. Never taken for ready by itself."""


class Trouble(StrEnum):
    """Why a printer is held, or why nothing is known of it."""

    PAPER_OUT = "paper_out"
    RIBBON_OUT = "ribbon_out"
    HEAD_OPEN = "head_open"
    PAUSED = "paused"
    BUFFER_FULL = "buffer_full"
    SETTINGS_LOST = "settings_lost"
    TOO_HOT = "too_hot"
    UNREACHABLE = "unreachable"
    SILENT = "silent"
    """Connected, but it does not answer: perhaps a printer that only listens."""
    UNREADABLE = "unreadable"
    """It answered something that is no status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterStatus:
    """One answer."""

    state: PrinterState
    troubles: tuple[Trouble, ...] = ()
    """What needs a hand first comes first."""
    waiting_formats: int = 0
    """Labels it has received and not printed."""
    remaining_labels: int = 0
    """Labels of the batch it is printing that are still to come."""
    label_waiting: bool = False
    """A label sticks out and waits to be taken (peel-off)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """All bytes of a job left us. Not a word about paper."""

    bytes_sent: int


class SendFault(Fault):
    """A job did not leave us as a whole."""

    def __init__(self, reason: str, *, bytes_left_us: int) -> None:
        """Say why, and how many bytes had been handed over before it."""
        super().__init__(reason)
        self.reason = reason
        self.bytes_left_us = bytes_left_us

    @property
    def clean(self) -> bool:
        """Say whether nothing can have been printed: no byte left us."""
        return self.bytes_left_us == 0


class Printer(Protocol):
    """One device; used by one spooler thread at a time."""

    def send(self, job: bytes, progress: Progress) -> Sent:
        """Hand over a job's bytes, all or as far as it goes.

        Raises:
            SendFault: with the bytes that left us; `clean` if none did.
        """

    def status(self) -> PrinterStatus:
        """Ask the printer how it is; never raises, an unreachable printer is `UNKNOWN`."""

    def labels_printed(self) -> int | None:
        """Return the printer's own count of labels since it was made, or None where it does not say."""
