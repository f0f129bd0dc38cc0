"""Telling a scan from typing where a scanner is just a keyboard: by the time between the keys (devices.md 1.5).

A burst has at least four characters, no two further apart than 80 ms and half of them no further than 35 ms, and is
closed by Enter or Tab at once, or by silence where the scanner has no terminator. What turns out to be typing is given
back, in order. Keys are opaque here: a window's events, or anything. The one thing a newcomer would get wrong: a key
that was given back must not be offered again.
"""

from dataclasses import dataclass, field
from statistics import median
from typing import Generic, TypeVar

from devices.framing.text import SILENCE_MS

GAP_MS = 80
USUAL_GAP_MS = 35
SHORTEST = 4

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Verdict(Generic[K]):
    """What is to be done now."""

    released: tuple[K, ...] = ()
    """Keys that were typed: give them to the window first."""
    kept: bool = False
    """The key just offered is held back or was part of a scan."""
    scan: str | None = None
    gaps: tuple[int, ...] = ()
    """Milliseconds between the keys of that scan."""


@dataclass(slots=True)
class Bursts(Generic[K]):
    """The keys held back, and how fast they came."""

    silence_ends: bool = False
    """The scanner sends no terminator: so much silence ends a scan."""
    _keys: list[K] = field(default_factory=list)
    _gaps: list[int] = field(default_factory=list)
    _text: str = ""
    _last: int = 0

    @property
    def patience_ms(self) -> int:
        """Return after how much silence `waited` is to be asked."""
        return SILENCE_MS if self.silence_ends else GAP_MS

    def begun(self, at_ms: int) -> bool:
        """Return whether keys are held back that the next one may go on with."""
        return bool(self._keys) and at_ms - self._last <= GAP_MS

    def writes(self, key: K, text: str, at_ms: int) -> Verdict[K]:
        """Take a key that writes something: it is held back."""
        before: Verdict[K] = self._close() if at_ms - self._last > GAP_MS else Verdict()
        if self._keys:
            self._gaps.append(at_ms - self._last)
        self._keys.append(key)
        self._text += text
        self._last = at_ms
        return Verdict(before.released, kept=True, scan=before.scan, gaps=before.gaps)

    def ends(self, at_ms: int) -> Verdict[K]:
        """Take a key that may be a terminator: Enter or Tab."""
        if at_ms - self._last <= GAP_MS and self._is_scan:
            return self._scan(kept=True)
        return self._close()

    def other(self) -> Verdict[K]:
        """Take any other key: it ends no scan, and it must not overtake those held back."""
        return Verdict(self._take()[0])

    def left_ms(self, at_ms: int) -> int:
        """Return how much of the silence is still to come before `waited` decides; 0 too where a clock was put back."""
        left = self._last + self.patience_ms - at_ms
        return left if self._keys and 0 < left <= self.patience_ms else 0

    def waited(self, at_ms: int) -> Verdict[K]:
        """Say what becomes of the keys held back when nothing followed them."""
        return Verdict() if self.left_ms(at_ms) else self._close()

    def _close(self) -> Verdict[K]:
        if self.silence_ends and self._is_scan:
            return self._scan(kept=False)
        return Verdict(self._take()[0])

    def _scan(self, *, kept: bool) -> Verdict[K]:
        gaps = tuple(self._gaps)
        return Verdict(kept=kept, scan=self._take()[1], gaps=gaps)

    @property
    def _is_scan(self) -> bool:
        return len(self._text) >= SHORTEST and median(self._gaps or [0]) <= USUAL_GAP_MS

    def _take(self) -> tuple[tuple[K, ...], str]:
        taken = tuple(self._keys), self._text
        self._keys, self._gaps, self._text = [], [], ""
        return taken
