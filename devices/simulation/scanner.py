"""A scanner without its laser: each scan becomes the bytes of its mode, and what it is told is counted.

Scripted by JSON objects (`{"do": "scan", "code": "A-01-04", "aim": "]C1"}`). Like a real one it sends the next scan
only when the last was acknowledged, where its mode wants that, and is deaf to what its mode does not know. The one
thing a newcomer would get wrong: `half` sends the beginning of a scan and nothing more, as a pulled cable does.
"""

from dataclasses import dataclass, field
from typing import Any

from devices import feedback
from devices.feedback import Sink, accept, refuse
from devices.framing import ssi
from devices.framing.ssi import packet
from devices.framing.text import Ending

MODES = ("text", "ssi", "honeywell", "datalogic")
_SINKS = {"text": Sink.BEL, "ssi": Sink.SSI, "honeywell": Sink.HONEYWELL, "datalogic": Sink.DATALOGIC}
_ENDINGS = {Ending.CR: b"\r", Ending.LF: b"\n", Ending.CRLF: b"\r\n", Ending.TAB: b"\t", Ending.SILENCE: b""}
_IN_A_PACKET, _CONTINUED, _AGAIN = 240, 0x02, 0x01
_SSI_TYPES = {"]C1": 0x0F, "]C0": 0x03, "]E0": 0x0B, "]E4": 0x0A, "]I0": 0x06, "]A0": 0x01, "]e0": 0x30}
_DATA_MATRIX = 0x1B
_REVISION = b"VIRTUAL-R00"
_TRIES = 3


@dataclass(slots=True)
class VirtualScanner:
    """What it has still to send, and what it was told."""

    mode: str
    ending: Ending = Ending.CR
    names_symbology: bool = True
    frozen: bool = False
    """It hears nothing and sends nothing."""
    accepted: int = 0
    refused: int = 0
    acknowledged: int = 0
    _waiting: list[bytes] = field(default_factory=list)
    _pending: bytes = b""
    _tries: int = 0
    _kept: list[bytes] = field(default_factory=list)
    """Its memory: scans made out of range."""
    _told: bytes = b""

    def script(self, wish: dict[str, Any]) -> bytes | None:
        """Do what an object says and return what is to be sent now; None for one it does not understand."""
        match wish:
            case {"do": "scan", "code": str(code)}:
                self._waiting += self._frames(code, wish.get("aim", "]C0"))
            case {"do": "half", "code": str(code)}:
                frame = b"".join(self._frames(code, wish.get("aim", "]C0")))
                return frame[: len(frame) // 2]
            case {"do": "store", "code": str(code)}:
                self._kept += self._frames(code, wish.get("aim", "]C0"))
            case {"do": "in_range"}:
                self._waiting, self._kept = self._waiting + self._kept, []
            case {"do": "noise", "hex": str(noise)}:
                return bytes.fromhex(noise)
            case {"do": "freeze"} | {"do": "thaw"}:
                self.frozen = wish["do"] == "freeze"
            case _:
                return None
        return self._next()

    def hears(self, data: bytes) -> bytes:
        """Take what the station sends, and return what is sent to it now."""
        if self.frozen:
            return b""
        self._told += data
        answer = b""
        for said, done in self._vocabulary():
            while said and said in self._told:
                self._told = self._told.replace(said, b"", 1)
                answer += done()
        self._told = self._told[-64:]
        return answer + self._next()

    def again(self) -> bytes:
        """Return the packet that nobody acknowledged, once more."""
        if not self._pending or self.frozen:
            return b""
        self._tries += 1
        if self._tries >= _TRIES:
            self._pending = b""
            return self._next()
        body = bytearray(self._pending[:-2])
        body[3] |= _AGAIN
        return bytes(body) + ssi.checksum(bytes(body))

    def state(self) -> dict[str, int]:
        """Say what it was told so far."""
        return {
            "accepted": self.accepted,
            "refused": self.refused,
            "acknowledged": self.acknowledged,
            "waiting": len(self._waiting) + bool(self._pending),
            "kept": len(self._kept),
        }

    def _vocabulary(self) -> list[tuple[bytes, Any]]:
        """Return what it understands, longest first, and what it does then."""
        sink = _SINKS[self.mode]
        words = [(refuse(sink), self._refuse), (accept(sink), self._accept)]
        if self.mode == "ssi":
            words += [
                (ssi.ACK, self._acknowledge), (ssi.SEGMENT_TAKEN, self._acknowledge), (ssi.NAK, self.again),
                (feedback.REQUEST_REVISION, lambda: packet(0xA4, _REVISION, source=ssi.DECODER)),
            ]  # fmt: skip
        if self.mode == "honeywell":
            words.append((feedback.menu("REVINF^"), lambda: b"REVINF" + _REVISION + b"\x06!"))
        if self.mode == "datalogic":
            words.append((b"i", lambda: _REVISION + b"\r"))
        return words

    def _accept(self) -> bytes:
        self.accepted += 1
        return b""

    def _refuse(self) -> bytes:
        self.refused += 1
        return b""

    def _acknowledge(self) -> bytes:
        self.acknowledged += 1
        self._pending = b""
        return b""

    def _next(self) -> bytes:
        """Return what may be sent now: everything, or one packet until it is acknowledged."""
        if self.frozen or self._pending:
            return b""
        if self.mode != "ssi":
            sent, self._waiting = b"".join(self._waiting), []
            return sent
        if self._waiting:
            self._pending, self._tries = self._waiting.pop(0), 0
        return self._pending

    def _frames(self, code: str, aim: str) -> list[bytes]:
        data = code.replace("{GS}", "\x1d").encode()
        named = aim.encode() + data if self.names_symbology else data
        match self.mode:
            case "ssi":
                kind = bytes((_SSI_TYPES.get(aim, _DATA_MATRIX),))
                parts = [named[at : at + _IN_A_PACKET] for at in range(0, len(named), _IN_A_PACKET)]
                return [
                    packet(
                        ssi.DECODE_DATA, kind + part, status=_CONTINUED * (part is not parts[-1]), source=ssi.DECODER
                    )
                    for part in parts
                ]
            case "honeywell":
                payload = b"MSGGET%04dI" % (len(data) + 1) + aim[1:].encode() + b"\x1d" + data + b"\r"
                return [b"\x16\xfe" + len(payload).to_bytes(4, "little") + b"\r" + payload]
            case _:
                return [named + _ENDINGS.get(self.ending, b"\r")]
