"""The calibration sheet while it is scanned: what came is cut into its codes, and learnt from once all of them are there.

A scanner whose text is cut by a terminator is heard byte by byte, for the terminator is one of the things to learn; one
that sends whole scans (packets, reports, keys of its own) is heard scan by scan. A code scanned twice counts once, and
a code that cannot be the sheet's begins it anew. The one thing a newcomer would get wrong: without a terminator only
silence says that a code is over.
"""

import re
from dataclasses import dataclass, field, replace

from devices.calibration import LONGEST_PREFIX, SHEET, Calibration, Keyed, Trouble, calibrate
from devices.framing.text import Ending

_SILENCE_MS = 120
_TAIL = re.compile(r"[\r\n\t]+$")
_AIM_LENGTH = 3
_EASY = 3
"""So many codes at the front have no signs in them: their length alone says whether they are the sheet's."""


@dataclass(slots=True)
class Learner:
    """One scanner with its sheet."""

    whole: bool = False
    """It sends whole scans, so that its terminator says nothing."""
    trouble: Trouble | None = None
    learnt: Calibration | None = None
    _done: list[list[Keyed]] = field(default_factory=list)
    _begun: list[Keyed] = field(default_factory=list)

    @property
    def scanned(self) -> int:
        """Return how many of the sheet's codes are there."""
        return len(SHEET) if self.learnt else len(self._done)

    def hear(self, data: bytes, at_ms: int) -> None:
        """Take bytes of a scanner whose text a terminator cuts."""
        self.tick(at_ms)
        for char in data.decode("latin-1"):
            ended = bool(self._begun) and self._begun[-1].text in "\r\n\t"
            if ended and char not in "\r\n\t":
                self._end()
            if self._begun or char not in "\r\n\t":
                self._begun.append(Keyed(char, at_ms))

    def tick(self, at_ms: int) -> None:
        """Take notice that time has passed: silence ends a code."""
        if self._begun and at_ms - self._begun[-1].at_ms >= _SILENCE_MS:
            self._end()

    def scan(self, keys: list[Keyed]) -> None:
        """Take a whole scan, its terminator with it where there is one."""
        self._begun = keys
        self._end()

    def _end(self) -> None:
        keys, self._begun = self._begun, []
        if self.learnt or (self._done and _body(keys) == _body(self._done[-1])):
            return
        self.trouble = None
        self._done.append(keys)
        if not self._may_be(len(self._done) - 1):
            self._fail(Trouble.OTHER_CODES)
        elif len(self._done) == len(SHEET):
            found = calibrate(self._done)
            if isinstance(found, Trouble):
                self._fail(found)
            elif self.whole and found.prefix:
                self._fail(Trouble.PREFIX)
            else:
                self.learnt = replace(found, ending=Ending.ANY) if self.whole else found

    def _may_be(self, which: int) -> bool:
        """Say whether a code is as long as the sheet's, where its length says something."""
        if which >= _EASY:
            return True
        more = len(_body(self._done[which])) - len(SHEET[which])
        first = len(_body(self._done[0])) - len(SHEET[0])
        return 0 <= more <= LONGEST_PREFIX + _AIM_LENGTH and more == first

    def _fail(self, why: Trouble) -> None:
        self._done, self.trouble = [], why


def _body(keys: list[Keyed]) -> str:
    return _TAIL.sub("", "".join(key.text for key in keys))
