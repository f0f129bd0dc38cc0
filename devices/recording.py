"""A device's stream kept with its times, and gone through again: what support and tests need (devices.md 0.20).

One JSON object a line: `at` in milliseconds, and `in` (from the device) or `out` (to it) in hexadecimal, or `port`:
`opened`, `closed`. The one thing a newcomer would get wrong: time belongs to a stream, and so does a pulled cable. Bytes
without them end a scan elsewhere.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from devices.talk import Outcome, Talk
from devices.transport import Bus, Port, Transport


class RecordingFault(Exception):
    """A recording that cannot be read: its line and why."""


class PortIs(StrEnum):
    """What became of a port."""

    OPENED = "opened"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Passed:
    """Bytes that passed between a device and us, or a port that was opened or let go."""

    at_ms: int
    data: bytes = b""
    sent: bool = False
    """By us to the device."""
    port: PortIs | None = None


@dataclass(slots=True)
class _TappedTransport:
    """A transport that tells what passes."""

    transport: Transport
    passed: Callable[[Passed], None]
    now_ms: Callable[[], int]

    def read(self) -> bytes:
        """Return what came, having told of it."""
        data = self.transport.read()
        if data:
            self.passed(Passed(self.now_ms(), data))
        return data

    def write(self, data: bytes) -> None:
        """Send, having told of it."""
        self.passed(Passed(self.now_ms(), data, sent=True))
        self.transport.write(data)

    def close(self) -> None:
        """Let the port go, having told of it."""
        self.passed(Passed(self.now_ms(), port=PortIs.CLOSED))
        self.transport.close()


@dataclass(frozen=True, slots=True)
class Tapped:
    """A bus of which every byte is told."""

    bus: Bus
    passed: Callable[[Passed], None]
    now_ms: Callable[[], int]

    def ports(self) -> Sequence[Port]:
        """Return what is plugged in now."""
        return self.bus.ports()

    def open(self, port: Port) -> Transport:
        """Open a port, tell of it, and listen in on it."""
        transport = self.bus.open(port)
        self.passed(Passed(self.now_ms(), port=PortIs.OPENED))
        return _TappedTransport(transport, self.passed, self.now_ms)


def write_passed(passed: Passed) -> str:
    """Return a line of a recording."""
    if passed.port is not None:
        return json.dumps({"at": passed.at_ms, "port": passed.port.value})
    return json.dumps({"at": passed.at_ms, "out" if passed.sent else "in": passed.data.hex()})


def read_recording(lines: Iterable[str]) -> list[Passed]:
    """Return what a recording holds.

    Raises:
        RecordingFault: a line is none of a recording, or time goes back in it.
    """
    found: list[Passed] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            passed = _passed(json.loads(line))
        except (ValueError, TypeError) as e:
            raise RecordingFault(f"line {number}: {e}") from e
        if found and passed.at_ms < found[-1].at_ms:
            raise RecordingFault(f"line {number}: time goes back to {passed.at_ms}")
        found.append(passed)
    return found


def _passed(record: object) -> Passed:
    if not isinstance(record, dict) or set(record) not in ({"at", "in"}, {"at", "out"}, {"at", "port"}):
        raise ValueError('it needs "at" and one of "in", "out" and "port"')
    if type(record["at"]) is not int:
        raise ValueError('"at" is milliseconds')
    if "port" in record:
        return Passed(record["at"], port=PortIs(record["port"]))
    sent = "out" in record
    return Passed(record["at"], bytes.fromhex(record["out" if sent else "in"]), sent)


def replay(recording: Iterable[Passed], talk: Talk, *, quiet_ms: int = 5_000) -> list[Outcome]:
    """Go through a recording again and return what is handed over, and after some silence at its end."""
    out: list[Outcome] = []
    at = 0
    for passed in recording:
        if passed.at_ms > at:
            out += _listen(talk, passed.at_ms)
        at = passed.at_ms
        if passed.port is PortIs.OPENED:
            out += talk.opened(at).out
        elif passed.port is PortIs.CLOSED:
            talk.lost()
        elif not passed.sent:
            out += talk.feed(passed.data, at).out
    return [*out, *_listen(talk, at + quiet_ms)]


def _listen(talk: Talk, at_ms: int) -> list[Outcome]:
    """Hear nothing up to a moment: while a port is read that happens many times, and twice is as good."""
    return [each for _ in range(2) for each in talk.tick(at_ms).out]
