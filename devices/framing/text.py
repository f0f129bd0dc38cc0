"""Scans as text with a terminator: plain serial and USB-CDC scanners, Datalogic, and keys that were made into text.

An empty text is nothing, so terminators may come doubled. A text that stops in the middle is not joined with what
comes seconds later, and one without the symbology id that its device always sends is no scan: both may be the tail of
another code, as one of control characters alone is noise. The one thing a newcomer would get wrong: silence ends a scan only where no terminator is configured.
"""

import re
from enum import StrEnum

from devices.framing.heard import Damaged, Heard, Read, Reply
from devices.scan import split_aim

SILENCE_MS = 120
"""Without a terminator so much silence ends a scan (devices.md 1.5)."""
STALE_MS = 2000
"""What lies further apart within one text was not sent as one."""
_FIRST_PRINTABLE = 0x20
LONGEST = 7089
"""No symbol holds more: a QR code of digits alone."""


class Ending(StrEnum):
    """What a scanner sends behind a scan."""

    ANY = "any"
    """Not known yet: CR, LF or Tab, whichever comes."""
    CR = "cr"
    LF = "lf"
    CRLF = "crlf"
    TAB = "tab"
    SILENCE = "silence"


_PATTERNS = {
    Ending.ANY: re.compile(rb"[\r\n\t]"),
    Ending.CR: re.compile(rb"\r"),
    Ending.LF: re.compile(rb"\n"),
    Ending.CRLF: re.compile(rb"\r\n"),
    Ending.TAB: re.compile(rb"\t"),
    Ending.SILENCE: None,
}


class Text:
    """A framer for text."""

    def __init__(
        self, ending: Ending = Ending.ANY, *, aim_always: bool = False, replies: bool = False, longest: int = LONGEST
    ) -> None:
        """Begin with nothing heard.

        Args:
            ending: what ends a scan.
            aim_always: this device is known to send the symbology id with every scan.
            replies: text without the symbology id is the device's answer to a query, not a damaged scan.
            longest: more bytes than this are no scan.
        """
        self._pattern = _PATTERNS[ending]
        self._aim_always, self._replies, self._longest = aim_always, replies, longest
        self._begun = b""
        self._too_long = self._interrupted = False
        self._last = 0

    def feed(self, data: bytes, at_ms: int) -> list[Heard]:
        """Return the scans that these bytes complete."""
        heard = self.tick(at_ms)
        if self._pattern and self._begun and at_ms - self._last >= STALE_MS:
            self._interrupted = True
        self._last = at_ms
        if self._pattern is None:
            self._keep(self._begun + data)
            return heard
        rest = self._begun + data
        while match := self._pattern.search(rest):
            self._keep(rest[: match.start()])
            heard += self._end()
            rest = rest[match.end() :]
        self._keep(rest)
        return heard

    def tick(self, at_ms: int) -> list[Heard]:
        """Return the scan that silence ended."""
        if self._pattern or not self._begun or at_ms - self._last < SILENCE_MS:
            return []
        self._begun = self._begun.rstrip(b"\r\n\t")
        return self._end()

    def reset(self) -> None:
        """Forget what had begun."""
        self._begun = b""
        self._too_long = self._interrupted = False

    def _keep(self, begun: bytes) -> None:
        if len(begun) > self._longest:
            # The last byte may be half of a terminator.
            begun, self._too_long = begun[: self._longest] + begun[-1:], True
        self._begun = begun

    def _end(self) -> list[Heard]:
        text, too_long, interrupted = self._begun, self._too_long, self._interrupted
        self.reset()
        if too_long:
            return [Damaged(text[: self._longest], "too long")]
        if not text:
            return []
        if interrupted:
            return [Damaged(text, "interrupted")]
        aim, data = split_aim(text)
        if self._aim_always and not aim:
            return [Reply(text) if self._replies else Damaged(text, "no symbology id")]
        if not any(byte >= _FIRST_PRINTABLE for byte in data):
            return [Damaged(text, "no text")]
        return [Read(data, aim)]
