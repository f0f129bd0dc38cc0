"""Pushes as ready bytes over bare connections: whoever loads a hub on the processors it runs on takes next to nothing of them.

What a station's own program takes to write a message is the station's: written beforehand, it is no part of what a hub is
measured by. What the hub gets is byte for byte what a station's line sends (`sync/station/http.py`).
"""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.kernel.ids import SiteId, StationId
from sync.protocol import ATTENDED, FOR_SITE, PROTO, WAITS, Pulled, Push, Pushed
from sync.wire import PACKED, from_bytes, to_bytes

WAITS_S = 20
"""Seconds for which a station waits for an answer."""
OK = 200


@dataclass(frozen=True, slots=True)
class Ready:
    """A push as it goes over the wire."""

    request: bytes
    operations: int
    through: int
    """The number of its last operation."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a hub said."""

    status: int
    packed: bool
    body: bytes

    def pulled(self) -> Pulled:
        """Return it as a page of the feed."""
        assert self.status == OK, self
        return from_bytes(Pulled, self.body, packed=self.packed)

    def pushed(self) -> Pushed:
        """Return it as the answer to a push that was taken."""
        assert self.status == OK, self
        return from_bytes(Pushed, self.body, packed=self.packed)


def ready(push: Push, *, attended: bool = True) -> Ready:
    """Return a push as bytes.

    Args:
        push: what is said.
        attended: whether somebody works at the station.
    """
    body, packed = to_bytes(push)
    head = [
        "POST /v1/push HTTP/1.1", "Host: hub", "Content-Type: application/json", f"Content-Length: {len(body)}",
        f"{FOR_SITE}: {push.site}", f"{WAITS}: {WAITS_S}",
    ]  # fmt: skip
    head += [f"Content-Encoding: {PACKED}"] if packed else []
    head += [f"{ATTENDED}: 1"] if attended else []
    request = "\r\n".join([*head, "", ""]).encode("ascii") + body
    return Ready(request, len(push.operations), push.operations[-1].seq)


def ready_pull(site: SiteId, station: StationId, after: int, wait_s: float = 0) -> bytes:
    """Return the question for what comes behind a row of the feed, as bytes.

    Args:
        site: whose feed.
        station: who asks.
        after: the row's number.
        wait_s: how long the hub may keep it where nothing is there yet.
    """
    words = f"site={site}&station={station.hex()}&after={after}&proto={PROTO}&epoch=1&wait={wait_s}"
    return f"GET /v1/pull?{words} HTTP/1.1\r\nHost: hub\r\nAccept-Encoding: {PACKED}\r\n\r\n".encode("ascii")


class Wire:
    """One connection to a hub."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Use an open connection."""
        self._reader, self._writer = reader, writer

    async def ask(self, request: bytes) -> Answer:
        """Send a request and return what is said to it.

        Raises:
            OSError: the connection is gone.
        EOFError: it ended in the middle of an answer.
            TimeoutError: nothing was said for as long as a station waits.
        """
        async with asyncio.timeout(WAITS_S):
            self._writer.write(request)
            status, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("ascii").split("\r\n")
            told = dict(line.lower().split(": ", 1) for line in lines if line)
            body = await self._reader.readexactly(int(told["content-length"]))
        return Answer(int(status.split()[1]), told.get("content-encoding") == PACKED, body)

    def close(self) -> None:
        """Let go of the connection."""
        self._writer.close()


async def open_wire(address: str) -> Wire:
    """Return a connection to the hub at an address.

    Raises:
        OSError: nobody listens.
    """
    where = urlsplit(address)
    return Wire(*await asyncio.open_connection(where.hostname, where.port))


__all__ = ["OK", "Answer", "Ready", "Wire", "open_wire", "ready", "ready_pull"]
