"""Honeywell scanners on a serial port, with or without the decode header (devices.md 1.8, S16, S28).

With `DECHDR1` a scan arrives as `16 FE`, the payload's length (four bytes, lowest first), `0D`, and the payload:
`MSGGET`, the data's length in four digits, Honeywell's letter for the symbology, the symbology id without its bracket,
`1D`, the data, and a CR, which both lengths count. Without it, a scan is text that ends with a CR; answers to menu commands
end with ACK, ENQ or NAK and `!` or `.`. The one thing a newcomer would get wrong: data may hold a CR, too, so with the
header only the lengths say where it ends.
"""

import re

from devices.framing.heard import Damaged, Heard, Read, Reply
from devices.framing.text import Ending, Text, may_be_code
from devices.scan import as_ean_13

_SYN, _HEADER, _PAYLOAD = b"\x16", 7, 14
_LEAD = re.compile(rb"\x16\xfe(?P<length>....)\r", re.DOTALL)
_MESSAGE = re.compile(rb"MSGGET(?P<length>[0-9]{4})(?P<letter>.)(?P<aim>[A-Za-z][0-9A-Fa-f])\x1d", re.DOTALL)
_LEAD_LOST = re.compile(rb"\xfe.{1,4}", re.DOTALL)
_MENU_ANSWER = re.compile(rb"(?P<text>[^\r\x16]*?)[\x05\x06\x15][!.]")
_UPC_A = b"c"
_LONGEST = 7089 + _PAYLOAD
_STALE_MS = 2000


class Honeywell:
    """A framer for both ways."""

    def __init__(self, ending: Ending = Ending.ANY, *, aim_always: bool = False) -> None:
        """Begin with nothing heard; `ending` is for scans without the header."""
        self._text = Text(ending, aim_always=aim_always)
        self._begun = b""
        self._plain = b""
        """Text without a header that has not ended, as far as it may still be the answer to a menu command."""
        self._lost = False
        """The lead of a message was damaged: what follows is its middle, up to the next message or a pause."""
        self._last = 0

    def feed(self, data: bytes, at_ms: int) -> list[Heard]:
        """Return the scans these bytes complete."""
        heard = self.tick(at_ms)
        self._last = at_ms
        self._begun += data
        while self._begun:
            if self._begun.startswith(_SYN) and not self._plain:
                found = self._message()
                if found is None:
                    return heard
                heard += found
            else:
                before, syn, after = self._begun.partition(_SYN)
                heard += [] if self._lost else self._words(before, at_ms)
                self._begun = syn + after
                if syn and self._plain:
                    # A message begins although the text before it did not end: it never will.
                    heard.append(Damaged(self._plain, "interrupted"))
                    self._plain = b""
                    self._text.reset()
        return heard

    def tick(self, at_ms: int) -> list[Heard]:
        """Give up a message that does not go on; return a text that silence ended."""
        stale = at_ms - self._last >= _STALE_MS
        self._lost = self._lost and not stale
        if self._begun and stale:
            lost, self._begun = self._begun, b""
            return [Damaged(lost, "interrupted")]
        heard = self._text.tick(at_ms)
        if heard:
            self._plain = b""
        return heard

    def reset(self) -> None:
        """Forget what had begun."""
        self._begun = self._plain = b""
        self._lost = False
        self._text.reset()

    def _message(self) -> list[Heard] | None:
        """Take a message off what has begun; None while it is not all here."""
        lead = _LEAD.match(self._begun)
        length = int.from_bytes(lead["length"], "little") if lead else 0
        if (lead is None and len(self._begun) >= _HEADER) or not self._could_be_lead() or length > _LONGEST:
            lost, self._begun = self._begun[:1], self._begun[1:]
            self._lost = True
            return [Damaged(lost, "no message")]
        if lead is None or len(self._begun) < _HEADER + length:
            return None
        whole, end = self._begun, _HEADER + length - 1
        message = _MESSAGE.match(whole, _HEADER)
        if message is None or int(message["length"]) != length - _PAYLOAD or whole[end : end + 1] != b"\r":
            # Bytes are missing: the next message may have begun within what was taken for this one.
            self._lost, self._begun = True, whole[1:]
            return [Damaged(whole[:1], "no message")]
        self._lost, self._begun = False, whole[end + 1 :]
        data, aim = whole[message.end() : end], "]" + message["aim"].decode("ascii")
        if message["letter"] == _UPC_A:
            data = as_ean_13(aim, data)
        if not data or not may_be_code(aim, data):
            return [Damaged(whole[_HEADER : end + 1], "noise" if data else "empty")]
        return [Read(data, aim)]

    def _could_be_lead(self) -> bool:
        return b"\x16\xfe".startswith(self._begun[:2])

    def _words(self, words: bytes, at_ms: int) -> list[Heard]:
        """Take text without a header, byte by byte: only its end says what it was."""
        heard: list[Heard] = []
        for at in range(len(words)):
            byte = words[at : at + 1]
            self._plain = (self._plain + byte)[-_LONGEST:]
            answer = _MENU_ANSWER.fullmatch(self._plain) if byte in b"!." else None
            if answer:
                heard.append(Reply(answer["text"]))
                self._plain = b""
                self._text.reset()
                continue
            found = self._text.feed(byte, at_ms)
            if found or byte in b"\r\n\t":
                self._plain = b""
            heard += [_no_message(each) for each in found]
        return heard


def _no_message(found: Heard) -> Heard:
    """A message whose first byte was lost is no text, and neither is its lead."""
    if isinstance(found, Read) and (_MESSAGE.match(found.data) or _LEAD_LOST.fullmatch(found.data)):
        return Damaged(found.data, "no message")
    return found
