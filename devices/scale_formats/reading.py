"""What a scale said: the value as it was sent, digit by digit, and in grams; moving or still; net or gross.

The one thing a newcomer would get wrong: a weight is text and a decimal, never a float, and a unit that is not known
for certain (tael and ton differ from country to country) has no grams.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

STALE_MS = 1000
"""Half a frame is not continued after so long."""
_LONGEST = 256
_BROKEN_OFF = b"\0"
"""Stands where half a frame was given up, so that its other half is no frame of its own."""
_GRAMS = {
    "mg": Decimal("0.001"), "g": Decimal(1), "kg": Decimal(1000), "t": Decimal(1_000_000), "ct": Decimal("0.2"),
    "grain": Decimal("0.06479891"), "dwt": Decimal("1.55517384"), "ozt": Decimal("31.1034768"),
    "oz": Decimal("28.349523125"), "lb": Decimal("453.59237"),
}  # fmt: skip


class State(StrEnum):
    """What the scale says about itself."""

    STABLE = "stable"
    ZERO = "zero"
    """Stable, and nothing on it."""
    MOVING = "moving"
    OVER = "over"
    UNDER = "under"
    FAULT = "fault"
    """It is broken, not calibrated or not zeroed."""
    UNSTATED = "unstated"
    """It sent a value and not whether it stands still."""


class Kind(StrEnum):
    """Which weight it is."""

    GROSS = "gross"
    NET = "net"
    UNSTATED = "unstated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One answer that speaks of a weight; `digits` is empty where only the state was sent."""

    state: State
    digits: str = ""
    unit: str = ""
    kind: Kind = Kind.UNSTATED
    tare: str = ""
    """The tare as it was sent, in the same unit."""
    raw: bytes

    @property
    def grams(self) -> Decimal | None:
        """Return the weight in grams, or None where no value was sent or its unit is not known."""
        factor = _GRAMS.get(self.unit.lower())
        return Decimal(self.digits) * factor if self.digits and factor is not None else None


@dataclass(frozen=True, slots=True)
class NotAWeight:
    """Something that must not be taken for one: other reports, damaged frames, answers to other commands."""

    raw: bytes
    why: str


@dataclass(frozen=True, slots=True)
class Ask:
    """What the protocol wants to be sent now, to come by the weight."""

    data: bytes


Weighed = Reading | NotAWeight | Ask


class ScaleFormat(Protocol):
    """One scale's stream."""

    @property
    def itself(self) -> str:
        """What the scale said of itself: model, software, serial number; empty where it said nothing."""

    @property
    def tells_tare(self) -> bool:
        """Return whether it may be asked for its tare: False once it said that it does not know the question."""

    def feed(self, data: bytes, at_ms: int) -> list[Weighed]:
        """Return what became complete with these bytes."""

    def reset(self) -> None:
        """Forget what had begun: the scale was unplugged."""


class Frames:
    """A scale's stream cut into frames; a protocol says where one ends and what it says."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self._begun = b""
        self._last = 0
        self.tells_tare = True
        self.itself = ""
        """What the scale said of itself; most have no words for it."""

    def feed(self, data: bytes, at_ms: int) -> list[Weighed]:
        """Return what became complete with these bytes."""
        if self._begun and at_ms - self._last >= STALE_MS:
            self._begun = _BROKEN_OFF
        self._last = at_ms
        self._begun += data
        found: list[Weighed] = []
        while (taken := self._take(self._begun)) is not None:
            length, heard = taken
            self._begun = self._begun[length:]
            found += heard
        self._begun = self._begun[-_LONGEST:]
        return found

    def reset(self) -> None:
        """Forget what had begun."""
        self._begun = b""

    def _take(self, begun: bytes) -> tuple[int, list[Weighed]] | None:
        """Return how many bytes are done with and what they said; None while more are needed."""
        raise NotImplementedError


class Lines(Frames):
    """Frames that end with CR LF."""

    def _take(self, begun: bytes) -> tuple[int, list[Weighed]] | None:
        line, end, _ = begun.partition(b"\r\n")
        if not end:
            return None
        said = self._line(line) if line else None
        return len(line) + len(end), [] if said is None else [said]

    def _line(self, line: bytes) -> Weighed | None:
        """Say what a line means; None where it speaks of nothing that is handed on."""
        raise NotImplementedError


def still(digits: str) -> State:
    """Return the state of a scale that stands still with this value."""
    return State.STABLE if Decimal(digits) else State.ZERO
