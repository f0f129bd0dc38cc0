"""Scans as text with a terminator: plain serial and USB-CDC scanners, Datalogic, and keys that were made into text.

An empty text is nothing, so terminators may come doubled. A text that stops in the middle is not joined with what
comes later, and one without the prefix or the symbology id that its device always sends is no scan: both may be the tail of
another code. Bytes that no code holds are noise of the line, and what they came in is none either. The one thing a
newcomer would get wrong: silence ends a scan only where no terminator is configured, and what was not listened to was not
silent: bytes may have waited while somebody else had the processor.
"""

import re
from enum import StrEnum

from devices.framing.heard import Damaged, Heard, Read, Reply
from devices.scan import split_aim

SILENCE_MS = 120
"""Without a terminator so much silence ends a scan (devices.md 1.5)."""
STALE_MS = 500
"""What lies further apart within one text was not sent as one: a byte takes a millisecond at 9600 baud."""
_FIRST_PRINTABLE = 0x20
_NO_CODE = re.compile("[^\\r\\n\\t\\x04\\x1c-\\x7e\\xa0-\\U0010ffff]")
"""Characters that no code holds: control characters but for line ends and the separators of GS1 and ISO/IEC 15434."""
_OF_BYTES = frozenset("QdzLJU")
"""Symbologies (the letter of their AIM id) that may hold text in another encoding than UTF-8."""
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
        self,
        ending: Ending = Ending.ANY,
        *,
        aim_always: bool = False,
        prefix: bytes = b"",
        replies: bool = False,
        noisy: bool = True,
        longest: int = LONGEST,
    ) -> None:
        """Begin with nothing heard.

        Args:
            ending: what ends a scan.
            aim_always: this device is known to send the symbology id with every scan.
            prefix: what it is known to send in front of every scan.
            replies: text without the symbology id is the device's answer to a query, not a damaged scan.
            noisy: it comes over a line, where a byte may be another one than was sent, and nothing says when it came.
            longest: more bytes than this are no scan.
        """
        self._pattern = _PATTERNS[ending]
        self._aim_always, self._replies, self._longest = aim_always, replies, longest
        self._prefix, self._noisy = prefix, noisy
        self._marks = any(byte < _FIRST_PRINTABLE for byte in prefix)
        """No code holds this prefix, so that whatever stands before it can be cut off."""
        self._begun = b""
        self._too_long = self._interrupted = False
        self._looked = False
        """It was silent for long enough when it was last looked."""
        self._last = 0

    def feed(self, data: bytes, at_ms: int) -> list[Heard]:
        """Return the scans that these bytes complete."""
        heard = [] if self._noisy else self._silent(at_ms)
        self._looked = False
        if self._pattern and self._begun and at_ms - self._last >= STALE_MS:
            if self._marks:  # what comes now begins with the prefix, or is no scan
                heard.append(Damaged(self._begun, "interrupted"))
                self.reset()
            self._interrupted = bool(self._begun)
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
        """Return the scan that silence ended, if one more look found nothing that had waited to be read."""
        looked, self._looked = self._looked, at_ms - self._last >= SILENCE_MS
        return self._silent(at_ms) if looked else []

    def _silent(self, at_ms: int) -> list[Heard]:
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
        start = text.rfind(self._prefix) if self._marks else 0
        if not text.startswith(self._prefix, max(0, start)):
            return [Reply(text) if self._replies else Damaged(text, "no prefix")]
        noise, scan = text[: max(0, start)], text[max(0, start) + len(self._prefix) :]
        heard: list[Heard] = [Damaged(noise, "noise")] if noise else []
        aim, data = split_aim(scan)
        if self._aim_always and not aim:
            return [*heard, Reply(text) if self._replies else Damaged(text, "no symbology id")]
        if not any(byte >= _FIRST_PRINTABLE for byte in data):
            return [*heard, Damaged(text, "no text")]
        if self._noisy and not may_be_code(aim, data):
            return [*heard, Damaged(text, "noise")]
        return [*heard, Read(data, aim)]


def may_be_code(aim: str, data: bytes) -> bool:
    r"""Say whether a symbol can hold this, or a line has changed some of it.

    Example:
        >>> may_be_code("]C0", b"A-01"), may_be_code("]C0", b"A\xff-01"), may_be_code("]Q1", b"Gr\xf6\xdfe")
        (True, False, True)
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        if aim[1:2] not in _OF_BYTES:
            return False
        text = data.decode("latin-1")
    return not _NO_CODE.search(text)
