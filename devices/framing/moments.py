"""When keys were pressed: by the stamps that the system gave them, not by when somebody came to read them.

A window or a thread that was held up finds the keys of a second in one heap. Read then, they look as if they had come
together, or the first of them long before the others. The one thing a newcomer would get wrong: stamps are of another clock
than ours, which may start anywhere and wrap, so only the time between two of them is taken.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class Moments:
    """The keys of one keyboard, one after another."""

    _stamp: int = 0
    _read: int = 0
    _moment: int = 0

    def key(self, stamp: int, at_ms: int) -> int:
        """Return when the next key was pressed, in milliseconds; only what lies between two keys means anything.

        Args:
            stamp: the system's milliseconds of this key; 0 where it gave none.
            at_ms: our own time at which it is read.
        """
        known = stamp and self._stamp and stamp >= self._stamp
        self._moment += stamp - self._stamp if known else at_ms - self._read
        self._stamp, self._read = stamp, at_ms
        return self._moment

    def later(self, at_ms: int) -> int:
        """Return what time it is if no key followed the last one that was read."""
        return self._moment + at_ms - self._read
