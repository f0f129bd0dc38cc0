"""A scale without its cell: what lies on it, whether it moves, and how it says so in its protocol.

Scripted by JSON objects (`{"do": "put", "grams": 1235}`). It speaks kilograms with three decimals, whatever its
protocol. The one thing a newcomer would get wrong: `moving` lasts until `still`; a real pan takes its time, too.
"""

from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Any

from devices.scale_formats.asking import REQUESTS, ScaleProtocol

STREAMS = frozenset({ScaleProtocol.TOLEDO_CONTINUOUS, ScaleProtocol.STREAM})
"""These speak without being asked."""
PROTOCOLS = tuple(protocol for protocol in ScaleProtocol if protocol is not ScaleProtocol.HID)
_IDENTITY = (b"VIRTUAL SCALE", b"1.0", b"NOT-REAL")
_FLAGS = {"moving": ("moving", True), "still": ("moving", False), "freeze": ("frozen", True), "thaw": ("frozen", False)}


@dataclass(slots=True)
class VirtualScale:
    """One pan."""

    protocol: ScaleProtocol
    most_grams: int = 30_000
    grams: int = 0
    """What lies on it; less than nothing when something was lifted after it was zeroed."""
    tare_grams: int = 0
    moving: bool = False
    frozen: bool = False
    asked: int = 0
    _told: bytes = b""
    _last_sent: int | None = None

    def script(self, wish: dict[str, Any]) -> bytes | None:
        """Do what an object says and return what is to be sent now; None for one it does not understand."""
        match wish:
            case {"do": "put", "grams": int(grams)}:
                self.grams = grams
                # What is put back after the pan was empty is new to it.
                self._last_sent = self._last_sent if grams else None
            case {"do": "noise", "hex": str(noise)}:
                return bytes.fromhex(noise)
            case {"do": "half"}:
                frame = self.speaks()
                return frame[: len(frame) // 2]
            case {"do": str(flag)} if flag in _FLAGS:
                name, on = _FLAGS[flag]
                setattr(self, name, on)
            case _:
                return None
        return b""

    def hears(self, data: bytes) -> bytes:
        """Take what the station sends, and return what is sent to it now."""
        if self.frozen:
            return b""
        self._told += data
        requests, answer = REQUESTS[self.protocol], b""
        orders = (
            (requests.clear_tare, self._clear), (requests.tare_now, self._says_tare), (requests.tare, self._tare),
            (requests.zero, self._zero), (requests.weigh, self._weigh),
        )  # fmt: skip
        for said, done in orders:
            while said and said in self._told:
                self._told = self._told.replace(said, b"", 1)
                answer += done()
        for n, said in enumerate(requests.identity):
            if said in self._told:
                self._told = self._told.replace(said, b"", 1)
                answer += b'%s A "%s"\r\n' % (said[:2], _IDENTITY[n])
        if self.protocol is ScaleProtocol.CAS_TILL and b"\x11" in self._told:
            self._told = b""
            answer += self.speaks()
        self._told = self._told[-64:]
        return answer

    def again(self) -> bytes:
        """Return what a stream says now by itself."""
        return self.speaks() if self.protocol in STREAMS and not self.frozen else b""

    def state(self) -> dict[str, int]:
        """Say how it is."""
        return {"grams": self.grams, "tare_grams": self.tare_grams, "asked": self.asked}

    def speaks(self) -> bytes:
        """Return its frame for this moment."""
        net = self.grams - self.tare_grams
        value, over = f"{abs(net) / 1000:.3f}", self.grams > self.most_grams
        match self.protocol:
            case ScaleProtocol.SICS:
                return self._sics("-" * (net < 0) + value, over=over)
            case ScaleProtocol.TOLEDO_8217:
                status = 0x40 | self.moving | over << 1 | (net < 0) << 2
                return b"\x02?%c\r" % status if status & 7 else b"\x02%s%s\r" % (value.zfill(6).encode(), self._n())
            case ScaleProtocol.TOLEDO_CONTINUOUS:
                return self._continuous(net, over=over)
            case ScaleProtocol.NCI:
                said = b"S%c%c" % (0x30 | self.moving | (net == 0) << 1, 0x30 | (net < 0) | over << 1)
                shown = b"" if self.moving or net < 0 or over else b"\n%sKG\r" % value.zfill(6).encode()
                return shown + b"\n" + said + b"\r\x03"
            case ScaleProtocol.CAS_TILL:
                sign = b"F" if over else b"-" if net < 0 else b" "
                body = (b"U" if self.moving else b"S") + sign + value.zfill(6).encode() + b"kg"
                return b"\x01\x02" + body + bytes((reduce(xor, body),)) + b"\x03\x04"
            case ScaleProtocol.STREAM:
                head = b"OL" if over else b"US" if self.moving else b"ST"
                kind = b"NT" if self.tare_grams else b"GS"
                return b"%s,%s,%s%skg\r\n" % (head, kind, b"-" if net < 0 else b" ", value.rjust(7).encode())
            case ScaleProtocol.ADAM:
                if self.moving or not net or net == self._last_sent:
                    return b""
                self._last_sent = net
                return b"%s kg\r\n" % ("-" * (net < 0) + value).rjust(8).encode()
            case ScaleProtocol.DIGI:
                body = b"w" + value.zfill(6).encode()
                return b"" if net < 0 or over or self.moving else b"\x02" + body + bytes((reduce(xor, body),)) + b"\x03"
            case ScaleProtocol.HID:
                return b""

    def _sics(self, value: str, *, over: bool) -> bytes:
        if over:
            return b"S +\r\n"
        return b"S %s %s kg\r\n" % (b"D" if self.moving else b"S", value.rjust(10).encode())

    def _continuous(self, net: int, *, over: bool) -> bytes:
        b = 0x30 | bool(self.tare_grams) | (net < 0) << 1 | over << 2 | self.moving << 3
        frame = b"\x02\x2d%c\x20%06d%06d\r" % (b, abs(net), self.tare_grams)
        return frame + bytes((-sum(frame) & 0x7F,))

    def _n(self) -> bytes:
        return b"N" if self.tare_grams else b""

    def _weigh(self) -> bytes:
        self.asked += 1
        return b"\x06" if self.protocol is ScaleProtocol.CAS_TILL else self.speaks()

    def _zero(self) -> bytes:
        self.grams = self.tare_grams = 0
        return self._done(b"Z A\r\n")

    def _tare(self) -> bytes:
        self.tare_grams = self.grams
        return self._done(b"T S %s kg\r\n" % f"{self.grams / 1000:.3f}".rjust(10).encode())

    def _says_tare(self) -> bytes:
        return b"TA A %s kg\r\n" % f"{self.tare_grams / 1000:.3f}".rjust(10).encode()

    def _clear(self) -> bytes:
        self.tare_grams = 0
        return self._done(b"TAC A\r\n")

    def _done(self, in_sics: bytes) -> bytes:
        match self.protocol:
            case ScaleProtocol.SICS:
                return in_sics
            case ScaleProtocol.TOLEDO_8217:
                return b"\x02?%c\r" % (0x50 if self.grams == self.tare_grams else 0x40)
            case _:
                return b""
