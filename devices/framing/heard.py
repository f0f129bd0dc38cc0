"""What a framer makes of bytes, and what every framer can do.

The one thing a newcomer would get wrong: what makes no frame is not dropped in silence. It is `Damaged`, so that the
scanner can be told to refuse and the operator sees that a scan was not taken.
"""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Read:
    """A complete scan."""

    data: bytes
    aim: str = ""
    moment: int | None = field(default=None, compare=False)
    """When its last key was pressed, by the framer's own count of milliseconds; None for what comes over a line."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the protocol wants to be sent back at once, whatever becomes of the scan (ACK, NAK)."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """The device speaks of itself, for instance answers a query: it lives."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Damaged:
    """Bytes that are no scan."""

    data: bytes
    why: str


Heard = Read | Answer | Reply | Damaged


class Framer(Protocol):
    """One device's stream. Times are milliseconds of one clock that never goes back."""

    def feed(self, data: bytes, at_ms: int) -> list[Heard]:
        """Return what became complete with these bytes."""

    def tick(self, at_ms: int) -> list[Heard]:
        """Return what became complete, or was given up, because nothing came until now."""

    def reset(self) -> None:
        """Forget what had begun: the device was unplugged."""
