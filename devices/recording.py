"""A device's stream kept with its times, and gone through again: what support and tests need (devices.md 0.20).

One JSON object a line: `at` in milliseconds, and `in` (from the device) or `out` (to it) in hexadecimal. The one thing
a newcomer would get wrong: time belongs to a stream. Bytes without it end a scan elsewhere.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from devices.talk import Outcome, Talk
from devices.transport import Transport


@dataclass(slots=True)
class Recorded:
    """A transport that writes down what passes."""

    transport: Transport
    line: Callable[[str], None]
    now_ms: Callable[[], int]

    def read(self) -> bytes:
        """Return what came, having written it down."""
        data = self.transport.read()
        if data:
            self.line(json.dumps({"at": self.now_ms(), "in": data.hex()}))
        return data

    def write(self, data: bytes) -> None:
        """Send, having written it down."""
        self.line(json.dumps({"at": self.now_ms(), "out": data.hex()}))
        self.transport.write(data)

    def close(self) -> None:
        """Let the port go."""
        self.transport.close()


def replay(lines: Iterable[str], talk: Talk, *, quiet_ms: int = 5_000) -> list[Outcome]:
    """Go through a recording again and return what is handed over, and after some silence at its end."""
    out: list[Outcome] = []
    at = 0
    for line in lines:
        record = json.loads(line)
        at = record["at"]
        if "in" in record:
            out += talk.feed(bytes.fromhex(record["in"]), at).out
    return [*out, *talk.tick(at + quiet_ms).out]
