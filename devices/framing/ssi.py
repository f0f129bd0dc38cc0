"""Zebra's Simple Serial Interface: packets with a checksum, each answered (devices.md 1.8, S16, S17).

A packet is `length, opcode, source, status, data…, checksum high, low`; the length counts all but the checksum, which
is the two's complement of the sum. Status bit 0 says that a packet is sent again, bit 1 that more follow for the same
symbol. The one thing a newcomer would get wrong: a packet that is sent again is acknowledged again and counts once,
unless we had asked for it, since then the first one never arrived.
"""

from devices.framing.heard import Answer, Damaged, Heard, Read, Reply
from devices.scan import as_ean_13, split_aim

HOST, DECODER = 0x04, 0x00
CMD_ACK, CMD_NAK, DECODE_DATA, EVENT = 0xD0, 0xD1, 0xF3, 0xF6
SEGMENT, SEGMENT_ACK = 0x73, 0x74
_RETRANSMITTED, _CONTINUED = 0x01, 0x02
_SHORTEST, _CHECKSUM = 4, 2
_BETWEEN_BYTES_MS = 500
"""A packet that stops for longer has lost bytes: the length may have been one of the wrong ones."""
_SEGMENT_LEAD, _FIRST_LEAD = 5, 14
_LONGEST = 7089

_UPC_A = 0x08
SYMBOLOGY = {
    0x01: "]A0", 0x02: "]F0", 0x03: "]C0", 0x06: "]I0", 0x07: "]G0", _UPC_A: "]E0", 0x0A: "]E4", 0x0B: "]E0",
    0x0F: "]C1", 0x11: "]L0", 0x2D: "]z0", 0x30: "]e0", 0x31: "]e0", 0x32: "]e0",
}  # fmt: skip
"""Bar code types of DECODE_DATA that are one symbology; a Data Matrix or QR code (1B, 1C) may be GS1 or not."""


def packet(opcode: int, data: bytes = b"", *, status: int = 0, source: int = HOST) -> bytes:
    """Return a packet with its length and checksum.

    Example:
        >>> packet(0xD0).hex(" ")
        '04 d0 04 00 ff 28'
    """
    body = bytes((_SHORTEST + len(data), opcode, source, status)) + data
    return body + checksum(body)


def checksum(body: bytes) -> bytes:
    """Return the two bytes that end a packet."""
    return (-sum(body) & 0xFFFF).to_bytes(2, "big")


ACK = packet(CMD_ACK)
NAK = packet(CMD_NAK, b"\x01")
"""Send it again."""
SEGMENT_TAKEN = packet(SEGMENT_ACK)


class Ssi:
    """A framer for SSI."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self._last = 0
        self._taken = b""
        """The packet that was acknowledged last. It outlives a pulled cable: the acknowledgement may not have arrived."""
        self.reset()

    def feed(self, data: bytes, at_ms: int) -> list[Heard]:
        """Return the scans these bytes complete, and what is to be answered."""
        heard = self.tick(at_ms)
        self._last = at_ms
        self._begun += data
        return heard + self._packets(no_more=False)

    def tick(self, at_ms: int) -> list[Heard]:
        """Give up a packet that does not go on, and ask for it again."""
        if at_ms - self._last < _BETWEEN_BYTES_MS:
            return []
        heard = self._packets(no_more=True)
        return heard + self._lost()

    def reset(self) -> None:
        """Forget what had begun."""
        self._begun = self._skipped = self._joined = b""
        self._type: int | None = None
        self._expected: int | None = None
        """How long the symbol of these segments is."""
        self._asked_again = False

    def _packets(self, *, no_more: bool) -> list[Heard]:
        heard: list[Heard] = []
        while self._begun:
            length = self._begun[0]
            end = length + _CHECKSUM
            if length >= _SHORTEST and len(self._begun) < end and not no_more:
                break
            body, check = self._begun[:length], self._begun[length:end]
            if length < _SHORTEST or checksum(body) != check or not _from_scanner(body):
                self._skipped += self._begun[:1]
                self._begun = self._begun[1:]
                continue
            self._begun = self._begun[end:]
            heard += self._lost() + self._take(body)
        return heard

    def _lost(self) -> list[Heard]:
        lost, self._skipped = self._skipped, b""
        if len(lost) < _SHORTEST + _CHECKSUM:
            return [Damaged(lost, "no packet")] if lost else []
        self._asked_again = True
        return [Damaged(lost, "no packet"), Answer(NAK)]

    def _take(self, body: bytes) -> list[Heard]:
        opcode, status = body[1], body[3]
        if opcode == SEGMENT:
            return self._segment(body)
        if opcode == EVENT:
            return [Answer(ACK), Reply(body)]
        if opcode != DECODE_DATA:
            return [Reply(body)]
        if len(body) <= _SHORTEST:
            return [Answer(ACK), Damaged(body, "empty")]
        # A status that says only "once more" apart, it is the same packet.
        same = body[1:3] + bytes((status & ~_RETRANSMITTED,)) + body[4:]
        again = status & _RETRANSMITTED and same == self._taken and not self._asked_again
        self._taken, self._asked_again = same, False
        if again:
            return [Answer(ACK)]
        self._joined += body[5:]
        if len(self._joined) > _LONGEST:
            lost, self._joined = self._joined, b""
            return [Answer(ACK), Damaged(lost[:_LONGEST], "too long")]
        if status & _CONTINUED:
            return [Answer(ACK)]
        data, self._joined = self._joined, b""
        return [Answer(ACK), _read(body[4], data)]

    def _segment(self, body: bytes) -> list[Heard]:
        """Join a symbol that comes in segments; the first names its type and length (S16)."""
        first = len(body) > _FIRST_LEAD and body[4] == 0 and body[5] == DECODE_DATA
        if first:
            self._type, self._expected = body[10], int.from_bytes(body[12:14], "big")
            self._joined = body[_FIRST_LEAD:]
        elif body[4:] == self._taken:
            return [Answer(SEGMENT_TAKEN if self._joined else ACK)]
        elif self._expected is None or self._type is None:
            return [Answer(SEGMENT_TAKEN), Damaged(body, "segment without a first")]
        else:
            self._joined += body[_SEGMENT_LEAD:]
        self._taken = body[4:]
        if self._expected is None or self._type is None or len(self._joined) < self._expected:
            return [Answer(SEGMENT_TAKEN)]
        data, symbology = self._joined[: self._expected], self._type
        self._joined, self._expected, self._type = b"", None, None
        return [Answer(ACK), _read(symbology, data)]


def _from_scanner(body: bytes) -> bool:
    return body[2] == DECODER or (body[1] == SEGMENT and len(body) > _SEGMENT_LEAD)


def _read(symbology: int, data: bytes) -> Heard:
    aim, text = split_aim(data.rstrip(b"\r\n"))
    if not aim and symbology == _UPC_A:
        text = as_ean_13(SYMBOLOGY[_UPC_A], text)
    return Read(text, aim or SYMBOLOGY.get(symbology, "")) if text else Damaged(data, "empty")
