"""How a device speaks, found out by what it says: a scanner by one scan, a scale by what it sends or answers.

Pure: bytes and the time they came go in. Every framing that could be meant hears the same bytes; the one that proves most
(a checksum, a header) is believed before the one that takes anything. A scale is only ever asked for its weight. The one
thing a newcomer would get wrong: a text is taken for a scan only if it is text throughout, for a packet of another
protocol holds stretches of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from devices.feedback import Sink
from devices.framing import key_events
from devices.framing.heard import Answer, Framer, Heard, Read
from devices.framing.hid_pos import HidPos
from devices.framing.honeywell import Honeywell
from devices.framing.ssi import Ssi
from devices.framing.text import Ending, Text
from devices.profile import ScannerProtocol, Settings, TransportKind
from devices.scale_formats.asking import REQUESTS, ScaleProtocol, reader
from devices.scale_formats.reading import Ask, Reading, ScaleFormat

HONEYWELL_VIDS, DATALOGIC_VID, ZEBRA_VID = frozenset({0x0C2E, 0x23D0}), 0x05F9, 0x05E0
"""Makers by the number their devices carry (S10)."""
ANSWER_MS = 400
"""How long a scale may take to answer a question before the next one is tried."""
_SEPARATOR, _FIRST_PRINTABLE, _DELETE = 0x1D, 0x20, 0x7F
_HEADER = b"\x16\xfe"


@dataclass(frozen=True, slots=True)
class Speech:
    """How a device speaks, and what it said by which that is known."""

    protocol: ScannerProtocol | ScaleProtocol
    settings: Settings
    said: str
    """The code that was scanned, or the weight as the scale wrote it."""
    send: tuple[bytes, ...] = ()
    """What its protocol wants to hear for that."""


def _framers(kind: TransportKind) -> tuple[tuple[ScannerProtocol, Framer], ...]:
    match kind:
        case TransportKind.HID:
            return ((ScannerProtocol.HID_POS, HidPos()),)
        case TransportKind.KEYS:
            return ((ScannerProtocol.KEYS, key_events.here()),)
        case _:
            # In the order of what proves most.
            return (
                (ScannerProtocol.SSI, Ssi()), (ScannerProtocol.HONEYWELL, Honeywell()),
                (ScannerProtocol.TEXT, Text()), (ScannerProtocol.TEXT, Text(Ending.SILENCE)),
            )  # fmt: skip


@dataclass(slots=True)
class ScannerEar:
    """Listens to a scanner of which nothing is known but how it is connected, and by whom it was made."""

    kind: TransportKind
    vid: int = 0
    _framers: tuple[tuple[ScannerProtocol, Framer], ...] = field(init=False)
    _heard: bytes = field(default=b"", init=False)

    def __post_init__(self) -> None:
        """Take every framing that such a connection can have."""
        self._framers = _framers(self.kind)

    def feed(self, data: bytes, at_ms: int) -> Speech | None:
        """Return how it speaks, once a whole scan came."""
        self._heard += data
        return self._told(lambda framer: framer.feed(data, at_ms))

    def tick(self, at_ms: int) -> Speech | None:
        """Return how it speaks, where silence ended the scan."""
        return self._told(lambda framer: framer.tick(at_ms))

    def _told(self, hear: Callable[[Framer], list[Heard]]) -> Speech | None:
        found: Speech | None = None
        for protocol, framer in self._framers:
            heard = hear(framer)
            read = next((each for each in heard if isinstance(each, Read)), None)
            if read is not None and found is None and self._believes(protocol, read):
                spoken = self._spoken(protocol)
                send = tuple(each.data for each in heard if isinstance(each, Answer))
                found = Speech(spoken, Settings(sink=_sink(spoken, self.vid)), read.data.decode("latin-1"), send)
        return found

    def _believes(self, protocol: ScannerProtocol, read: Read) -> bool:
        match protocol:
            case ScannerProtocol.HONEYWELL:
                return _HEADER in self._heard
            case ScannerProtocol.TEXT:
                return _HEADER not in self._heard and all(map(_is_text, read.data))
            case _:
                return True

    def _spoken(self, protocol: ScannerProtocol) -> ScannerProtocol:
        """Return what a scanner of this maker speaks that sent plain text."""
        if protocol is ScannerProtocol.TEXT and self.vid in HONEYWELL_VIDS:
            return ScannerProtocol.HONEYWELL
        if protocol is ScannerProtocol.TEXT and self.vid == DATALOGIC_VID:
            return ScannerProtocol.DATALOGIC
        return protocol


def _is_text(byte: int) -> bool:
    return byte == _SEPARATOR or (byte >= _FIRST_PRINTABLE and byte != _DELETE)


def _sink(protocol: ScannerProtocol, vid: int) -> Sink:
    """Return how such a scanner is told what became of a scan: a beep it knows nothing of does no harm."""
    match protocol:
        case ScannerProtocol.SSI:
            return Sink.SSI
        case ScannerProtocol.HONEYWELL:
            return Sink.HONEYWELL
        case ScannerProtocol.DATALOGIC:
            return Sink.DATALOGIC
        case ScannerProtocol.TEXT if vid == ZEBRA_VID:
            return Sink.BEL
        case _:
            return Sink.NONE


_USUAL, _SEVEN_EVEN, _SLOW = Settings(), Settings(bits=7, parity="E"), Settings(baud=4800)
LINES: Mapping[TransportKind, tuple[tuple[Settings, tuple[ScaleProtocol, ...]], ...]] = {
    TransportKind.SERIAL: (
        (
            _USUAL,
            (
                ScaleProtocol.STREAM, ScaleProtocol.TOLEDO_CONTINUOUS, ScaleProtocol.SICS, ScaleProtocol.NCI,
                ScaleProtocol.TOLEDO_8217, ScaleProtocol.CAS_TILL, ScaleProtocol.DIGI,
            ),
        ),
        (_SEVEN_EVEN, (ScaleProtocol.TOLEDO_8217, ScaleProtocol.NCI)),
        (_SLOW, (ScaleProtocol.ADAM,)),
    ),
    TransportKind.HID: ((_USUAL, (ScaleProtocol.HID,)),),
}  # fmt: skip
"""How the line of a scale may be set, the usual way first, and who speaks so; who sends unasked is listened to first."""


@dataclass(slots=True)
class ScaleEar:
    """Listens to a scale on one line, and asks it for its weight in one protocol after the other."""

    settings: Settings
    protocols: tuple[ScaleProtocol, ...]
    _formats: tuple[tuple[ScaleProtocol, ScaleFormat], ...] = field(init=False)
    _asked: int = field(default=-1, init=False)
    _asked_at: int = field(default=0, init=False)
    _wish: bytes = field(default=b"", init=False)
    """What the protocol that is asked wants to hear before it says its weight."""

    def __post_init__(self) -> None:
        """Read in every protocol at once; a frame of one is damage to another."""
        self._formats = tuple((each, reader(each)) for each in self.protocols)

    @property
    def over(self) -> bool:
        """Say whether every protocol of this line was asked and had its time."""
        return self._asked >= len(self.protocols)

    def feed(self, data: bytes, at_ms: int) -> Speech | None:
        """Return how it speaks, once a weight came; no two of them write one alike, so it is no matter which was asked."""
        found: Speech | None = None
        for protocol, weigher in self._formats:
            said = weigher.feed(data, at_ms)
            reading = next((each for each in said if isinstance(each, Reading) and each.digits), None)
            if reading is not None and found is None:
                found = Speech(protocol, self.settings, f"{reading.digits} {reading.unit}".strip())
            self._wish = next((each.data for each in said if isinstance(each, Ask)), self._wish)
        return found

    def question(self, at_ms: int) -> bytes:
        """Return what is to be sent now: the next protocol's question, once the one before had its time."""
        if self._wish:
            wish, self._wish = self._wish, b""
            return wish
        if self._asked >= 0 and at_ms - self._asked_at < ANSWER_MS:
            return b""
        self._asked, self._asked_at = self._asked + 1, at_ms
        return b"" if self.over else REQUESTS[self.protocols[self._asked]].weigh
