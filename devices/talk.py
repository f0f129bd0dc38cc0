"""What is said to and by one device, without its port: bytes and time in, scans and weights and answers out.

Pure, so that a recorded stream gives the same again (`recording.py`). The one thing a newcomer would get wrong: a
device that comes back has forgotten what it was told, so `opened` says it again each time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from devices.framing.heard import Answer, Damaged, Framer, Heard, Read, Reply
from devices.repeats import DoubleReads, Memory
from devices.scale_formats.asking import Requests
from devices.scale_formats.reading import Ask, NotAWeight, Reading, ScaleFormat
from devices.scan import Scan

POLL_MS = 200
"""How often a scale is asked: a weight is good for a second."""
GREETING_MS = 500
"""How long a scanner may take to answer one part of its greeting before it is sent the next."""

Outcome = Scan | Damaged | Reading | NotAWeight


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be sent, and what is handed over, both in order."""

    send: tuple[bytes, ...] = ()
    out: tuple[Outcome, ...] = ()


class Talk(Protocol):
    """One device."""

    @property
    def heartbeat(self) -> bytes:
        """A query that a living device answers, or nothing."""

    def opened(self, at_ms: int) -> Said:
        """Greet a device that came (back)."""

    def feed(self, data: bytes, at_ms: int) -> Said:
        """Take what it sent."""

    def tick(self, at_ms: int) -> Said:
        """Take notice that time has passed."""

    def lost(self) -> None:
        """Forget what had begun."""


@dataclass(slots=True)
class ScannerTalk:
    """A scanner: framing, double reads, and memory where it has one that cannot be turned off.

    Its greeting is sent part by part, each when the one before was answered, for a scanner takes one order at a time.
    """

    device: str
    framer: Framer
    greeting: tuple[bytes, ...] = ()
    heartbeat: bytes = b""
    memory: Memory | None = None
    reads: DoubleReads = field(default_factory=DoubleReads)
    names: Callable[[bytes], str] = lambda _: ""
    """Returns the version of its firmware from what it says of itself; empty where it says something else."""
    firmware: str = ""
    """What it said last of that."""
    _unsaid: tuple[bytes, ...] = ()
    _greeted: int = 0

    def opened(self, at_ms: int) -> Said:
        """Begin to say what it is to be like."""
        if self.memory:
            self.memory.returned(at_ms)
        self._unsaid = self.greeting
        return Said(send=self._greet(at_ms))

    def feed(self, data: bytes, at_ms: int) -> Said:
        """Return the scans that became complete, and the protocol's answers."""
        return self._said(self.framer.feed(data, at_ms), at_ms)

    def tick(self, at_ms: int) -> Said:
        """Return the scans that time made complete."""
        return self._said(self.framer.tick(at_ms), at_ms)

    def lost(self) -> None:
        """Forget what had begun."""
        self.framer.reset()

    def _greet(self, at_ms: int) -> tuple[bytes, ...]:
        part, self._unsaid, self._greeted = self._unsaid[:1], self._unsaid[1:], at_ms
        return part

    def _said(self, heard: list[Heard], at_ms: int) -> Said:
        out: list[Outcome] = list(self.memory.tick(at_ms)) if self.memory else []
        for each in heard:
            if isinstance(each, Damaged):
                out.append(each)
            elif isinstance(each, Read) and self.reads.is_new(each.data, at_ms if each.moment is None else each.moment):
                scan = Scan(data=each.data, aim=each.aim, device=self.device, at_ms=at_ms)
                out += self.memory.take(scan) if self.memory else [scan]
        for reply in heard:
            if isinstance(reply, Reply):
                self.firmware = self.names(reply.data) or self.firmware
        send = tuple(each.data for each in heard if isinstance(each, Answer))
        answered = any(isinstance(each, Reply) for each in heard) or at_ms - self._greeted >= GREETING_MS
        if self._unsaid and answered:
            send += self._greet(at_ms)
        return Said(send, tuple(out))


@dataclass(slots=True)
class ScaleTalk:
    """A scale: its format, and the question it is asked again and again where it is not a stream."""

    reader: ScaleFormat
    requests: Requests
    heartbeat: bytes = b""
    _asked: int | None = None
    _unasked: tuple[bytes, ...] = ()

    @property
    def firmware(self) -> str:
        """Return what the scale said of itself."""
        return self.reader.itself

    def opened(self, at_ms: int) -> Said:
        """Ask for the first weight, and with it and those that follow who it is."""
        self._asked, self._unasked = None, self.requests.identity
        return self.tick(at_ms)

    def feed(self, data: bytes, at_ms: int) -> Said:
        """Return the readings that became complete, and what is to be asked."""
        weighed = self.reader.feed(data, at_ms)
        asked = tuple(each.data for each in weighed if isinstance(each, Ask))
        return Said(asked + self._poll(at_ms), tuple(each for each in weighed if not isinstance(each, Ask)))

    def tick(self, at_ms: int) -> Said:
        """Ask again when it is time."""
        return Said(send=self._poll(at_ms))

    def lost(self) -> None:
        """Forget what had begun."""
        self.reader.reset()

    def _poll(self, at_ms: int) -> tuple[bytes, ...]:
        if not self.requests.weigh or (self._asked is not None and at_ms - self._asked < POLL_MS):
            return ()
        self._asked = at_ms
        who, self._unasked = self._unasked[:1], self._unasked[1:]
        tare = self.requests.tare_now if self.reader.tells_tare else b""
        return (*filter(None, (tare, self.requests.weigh)), *who)
