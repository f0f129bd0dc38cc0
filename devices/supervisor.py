"""Keeps one device at work: finds it, opens it, listens, and finds it again after whatever happened (devices.md 1.9).

Each device has a thread of its own, which is the only one that reads; feedback may be sent from any. `hand` is called
on that thread with what happened: `Scan`, `Damaged`, `Reading` or `NotAWeight` as they come, and how the device is:
`Connected`, `Lost`, `InUse`. The one thing a newcomer would get wrong: half a scan is dropped with the device that
sent it; what comes after is another.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from devices.scale_formats.reading import Reading
from devices.talk import Outcome, Said, Talk
from devices.transport import Bus, Busy, Gone, Match, Port, Transport, find

RETRY_MS = (500, 1_000, 2_000, 5_000)
LOOK_MS = 500
"""How often it is looked for while it is away: whatever is plugged in is tried at once."""
PRESENT_MS = 2_000
"""A port may vanish without a word: how often an idle one is looked for."""
IDLE_MS = 60_000
"""After so much silence a device that has a query is asked whether it lives."""
ANSWER_MS = 5_000
ASLEEP_MS = 30_000
"""A step that took so long was a computer asleep: ports do not survive that."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The device is there."""

    port: Port


@dataclass(frozen=True, slots=True)
class Lost:
    """The device is not there: `absent`, `forbidden`, `unplugged`, `silent` or `slept`."""

    why: str


@dataclass(frozen=True, slots=True)
class InUse:
    """Another program holds the port; its name where the system says it."""

    owner: str


Link = Connected | Lost | InUse


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Something of one device."""

    device: str
    what: Outcome | Link
    at_ms: int
    """When it was heard of; a weight may be as old as the look at the port before that, and is."""


@dataclass(slots=True, kw_only=True)
class Supervisor:
    """One device. `step` does one thing and says how long to wait; `start` does it on a thread until `stop`."""

    device: str
    match: Match
    bus: Bus
    talk: Talk
    hand: Callable[[Happened], None]
    now_ms: Callable[[], int]
    """A clock that goes on while the computer sleeps, and never back."""
    _transport: Transport | None = field(default=None, init=False)
    _port: Port | None = field(default=None, init=False)
    _link: Link | None = field(default=None, init=False)
    _failures: int = field(default=0, init=False)
    _next_try: int = field(default=0, init=False)
    _ports: tuple[Port, ...] | None = field(default=None, init=False)
    _stepped: int | None = field(default=None, init=False)
    _read: int = field(default=0, init=False)
    _heard: int = field(default=0, init=False)
    _looked: int = field(default=0, init=False)
    _asked: int | None = field(default=None, init=False)
    _writing: threading.Lock = field(default_factory=threading.Lock, init=False)
    _stopped: threading.Event = field(default_factory=threading.Event, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    def start(self) -> None:
        """Begin on a thread of its own."""
        self._thread = threading.Thread(target=self._run, name=f"device {self.device}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, and let the port go."""
        self._stopped.set()
        if self._thread:
            self._thread.join()

    def send(self, data: bytes) -> bool:
        """Send something that is no answer: feedback, zero, tare. Return whether it left us."""
        with self._writing:
            if self._transport is None or not data:
                return False
            try:
                self._transport.write(data)
            except Gone:
                return False  # its own thread finds out, too
        return True

    def step(self) -> float:
        """Look for the device, or listen to it once; return the seconds to wait before the next step."""
        now = self.now_ms()
        slept = self._stepped is not None and now - self._stepped >= ASLEEP_MS
        self._stepped = now
        if self._transport is not None and slept:
            self._lose("slept", now)
        if self._transport is None:
            return self._connect(now)
        try:
            self._listen(self._transport)
        except Gone:
            self._lose("unplugged", self.now_ms())
        return 0.0

    def close(self) -> None:
        """Let the port go, where whoever steps has no thread."""
        self._close()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._stopped.wait(self.step())
        self._close()

    def _connect(self, now: int) -> float:
        ports = tuple(self.bus.ports())
        if ports == self._ports and now < self._next_try:
            return LOOK_MS / 1000
        self._ports = ports
        port = find(ports, self.match)
        if port is None:
            self._failed(self._link if isinstance(self._link, Lost) else Lost("absent"), now)
            return LOOK_MS / 1000
        try:
            transport = self.bus.open(port)
        except Gone as e:
            self._failed(Lost(str(e) or "absent"), now)
        except Busy as e:
            self._failed(InUse(e.owner), now)
        else:
            with self._writing:
                self._transport, self._port = transport, port
            self._failures, self._read, self._heard, self._looked, self._asked = 0, now, now, now, None
            self._tell(Connected(port), now)
            try:
                self._do(transport, self.talk.opened(now), now, now)
            except Gone:
                self._lose("unplugged", now)
            return 0.0
        return LOOK_MS / 1000

    def _failed(self, link: Link, now: int) -> None:
        self._next_try = now + RETRY_MS[min(self._failures, len(RETRY_MS) - 1)]
        self._failures += 1
        self._tell(link, now)

    def _listen(self, transport: Transport) -> None:
        before, data = self._read, transport.read()
        now = self._read = self.now_ms()
        self._do(transport, self.talk.feed(data, now) if data else self.talk.tick(now), now, before)
        if data:
            self._heard, self._asked = now, None
        elif self._asked is not None and now - self._asked >= ANSWER_MS:
            self._lose("silent", now)
        elif self.talk.heartbeat and self._asked is None and now - self._heard >= IDLE_MS:
            self._asked = now
            self._write(transport, self.talk.heartbeat)
        elif now - max(self._heard, self._looked) >= PRESENT_MS:
            self._looked = now
            if self._port not in self.bus.ports():
                raise Gone

    def _do(self, transport: Transport, said: Said, now: int, before: int) -> None:
        for each in said.out:
            self.hand(Happened(device=self.device, what=each, at_ms=before if isinstance(each, Reading) else now))
        for data in said.send:
            self._write(transport, data)

    def _write(self, transport: Transport, data: bytes) -> None:
        with self._writing:
            transport.write(data)

    def _lose(self, why: str, now: int) -> None:
        self._close()
        self._failures, self._next_try, self._ports = 0, now, None
        self._tell(Lost(why), now)

    def _close(self) -> None:
        with self._writing:
            transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()
            self.talk.lost()

    def _tell(self, link: Link, now: int) -> None:
        """Say how the device is, once."""
        if link != self._link:
            self._link = link
            self.hand(Happened(device=self.device, what=link, at_ms=now))
