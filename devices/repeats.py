"""Scans that are no work of this moment: sent twice by the scanner, or out of its memory (devices.md 1.6).

The same data of the same device within 120 ms is one read. A cordless scanner that may keep scans sends them, back in
range, faster than a hand can; they are told by that, by coming at once after the link returned, or by a prefix that
the scanner puts in front. The one thing a newcomer would get wrong: the first of a stored batch looks like any scan,
so each scan of such a device waits a moment for the next. Only devices that cannot be told to keep nothing pay that.
"""

from dataclasses import dataclass, field, replace

from devices.scan import Scan

DOUBLE_READ_MS = 120
HAND_MS = 300
"""No hand aims and pulls twice within this."""
RETURNED_MS = 2000
"""A stored batch begins within so much of the link's return."""


@dataclass(slots=True)
class DoubleReads:
    """The last read of one device."""

    ignored: int = 0
    """How many were sent twice, for diagnostics."""
    _data: bytes = b""
    _at: int | None = None

    def is_new(self, data: bytes, at_ms: int) -> bool:
        """Say whether this read counts; one that does not still begins the time anew."""
        again = self._at is not None and data == self._data and at_ms - self._at < DOUBLE_READ_MS
        self._data, self._at = data, at_ms
        self.ignored += again
        return not again


@dataclass(slots=True)
class Memory:
    """Tells the stored scans of one cordless scanner from live ones. Scans come out in the order they came."""

    prefix: bytes = b""
    """What the scanner puts in front of a stored scan, where it can."""
    _waiting: list[Scan] = field(default_factory=list)
    _returned: int | None = None
    _batch: bool = False
    """The last scan was stored, and so is the next that follows at once."""
    _last: int | None = None

    def returned(self, at_ms: int) -> None:
        """Remember that the link has come back."""
        self._returned = at_ms

    def take(self, scan: Scan) -> list[Scan]:
        """Take a scan, and return those of which it is known by now what they are."""
        if self.prefix:
            stored = scan.data.startswith(self.prefix)
            return [replace(scan, data=scan.data.removeprefix(self.prefix), stored=stored)]
        done = self.tick(scan.at_ms)
        at_once = self._returned is not None and scan.at_ms - self._returned < RETURNED_MS
        quick = self._last is not None and scan.at_ms - self._last < HAND_MS
        self._last = scan.at_ms
        if at_once or (quick and (self._batch or self._waiting)):
            done += [replace(each, stored=True) for each in (*self._waiting, scan)]
            self._waiting, self._batch = [], True
            return done
        self._waiting, self._batch = [scan], False
        return done

    def tick(self, at_ms: int) -> list[Scan]:
        """Return the scan that nothing followed at once: it is live."""
        if not self._waiting or at_ms - self._waiting[-1].at_ms < HAND_MS:
            return []
        done, self._waiting = self._waiting, []
        return done
