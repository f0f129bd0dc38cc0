"""A bad network between stations and hub: an HTTP proxy of its own that lets each request meet the fate that chance gives it.

It knows requests as such, since what goes wrong between two programs goes wrong there: a request that never comes, comes
twice, or comes when nobody waits for it any more; an answer that is lost or breaks off; a connection that is accepted and
never answered. What a fate is drawn for which request depends on the threads of the moment, so a seed gives the same
mixture, not the same run.
"""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any, Self
from urllib.parse import urlsplit

_PAUSE_S = 0.2
_BROKEN = (OSError, asyncio.IncompleteReadError, ValueError)


class Fate(StrEnum):
    """What becomes of a request."""

    PASS = "passes"
    DELAY = "comes late, and so does its answer"
    DROP = "is lost, and the connection with it"
    LOSE_ANSWER = "is answered, and the answer lost"
    TWICE = "comes twice"
    LATE_COPY = "is given up, and comes when later ones are there"
    CUT_REQUEST = "breaks off"
    CUT_ANSWER = "is answered, and the answer breaks off"
    HALF_OPEN = "is never answered"
    RESET = "meets a connection that is reset"


POOR = {
    Fate.PASS: 55, Fate.DELAY: 12, Fate.DROP: 6, Fate.LOSE_ANSWER: 6, Fate.TWICE: 6, Fate.LATE_COPY: 4, Fate.CUT_REQUEST: 3,
    Fate.CUT_ANSWER: 3, Fate.HALF_OPEN: 1, Fate.RESET: 4,
}  # fmt: skip
"""A link that loses a fifth of what it carries."""
WHOLE = {Fate.PASS: 1}


@dataclass
class Seen:
    """A request that was answered, and what it was answered."""

    request: bytes
    answer: bytes


@dataclass
class FaultProxy:
    """Listens on loopback on a thread of its own; a context manager."""

    target: str
    """The hub's address."""
    seed: int = 0
    longest_s: float = 1.0
    """What a delay lasts at most."""
    held_s: float = 1.5
    """How long a connection that is never answered stays open: a program is patient for longer, and would do nothing else."""
    fates: Mapping[Fate, int] = field(default_factory=lambda: WHOLE)
    met: Counter[Fate] = field(default_factory=Counter)
    pushes: list[Seen] = field(default_factory=list)
    """The last pushes that were answered."""
    address: str = ""

    def __post_init__(self) -> None:
        self._chance = Random(self.seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy")
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: set[asyncio.StreamWriter] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._do(self._listen())}"
        return self

    def __exit__(self, *exc: object) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def requests(self) -> int:
        """Return how many requests came."""
        return self.met.total()

    def heal(self, *, held: bool = True) -> None:
        """Let the network be whole.

        Args:
            held: whether connections that were never answered are closed; a network that forgot them does not say so.
        """
        self.fates = WHOLE
        if held:
            self._do(self._let_go())

    def again(self, seen: Seen) -> bytes:
        """Send a request once more and return the answer."""
        answer: bytes = self._do(self._asked(seen.request))
        return answer

    def _do(self, what: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(30)

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _end(self) -> None:
        self._server.close()
        await self._let_go()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _let_go(self) -> None:
        for writer in self._held:
            writer.transport.abort()
        self._held.clear()

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._keep(self._serve(reader, writer))

    def _keep(self, what: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, until one of them ends it."""
        try:
            while request := await _message(reader):
                if not await self._meets(self._draw(), request, writer):
                    break
        except _BROKEN:
            # One side is gone: the other learns it by the end of its connection.
            writer.transport.abort()
        finally:
            if writer not in self._held:
                writer.close()

    def _draw(self) -> Fate:
        fate = self._chance.choices(list(self.fates), list(self.fates.values()))[0]
        self.met[fate] += 1
        return fate

    async def _meets(self, fate: Fate, request: bytes, writer: asyncio.StreamWriter) -> bool:
        """Let a request meet its fate; return whether its connection lives on."""
        match fate:
            case Fate.DROP:
                return False
            case Fate.RESET:
                writer.transport.abort()
                return False
            case Fate.HALF_OPEN:
                self._held.add(writer)
                self._loop.call_later(self.held_s, writer.transport.abort)
                return False
            case Fate.CUT_REQUEST:
                await self._broken_off(request)
                return False
            case Fate.LATE_COPY:
                self._keep(self._later(request))
                return False
            case Fate.DELAY:
                await self._pause()
            case Fate.TWICE:
                await self._asked(request)
            case _:
                pass
        answer = await self._asked(request)
        if fate is Fate.LOSE_ANSWER:
            return False
        if fate is Fate.DELAY:
            await self._pause()
        if fate is Fate.CUT_ANSWER:
            answer = answer[: self._chance.randrange(1, len(answer))]
        writer.write(answer)
        await writer.drain()
        return fate is not Fate.CUT_ANSWER

    async def _pause(self) -> None:
        await asyncio.sleep(self._chance.uniform(0, self.longest_s))

    async def _later(self, request: bytes) -> None:
        await self._pause()
        with suppress(*_BROKEN):
            await self._asked(request)

    async def _asked(self, request: bytes) -> bytes:
        """Ask the hub, and return its answer as it came."""
        reader, writer = await self._hub()
        try:
            writer.write(request)
            await writer.drain()
            answer = await _message(reader)
            if not answer:
                raise OSError("the hub hung up")
        finally:
            writer.close()
        if request.startswith(b"POST /v1/push") and answer.startswith(b"HTTP/1.1 200"):
            self.pushes.append(Seen(request, answer))
            del self.pushes[:-50]
        return answer

    async def _broken_off(self, request: bytes) -> None:
        with suppress(*_BROKEN):
            _, writer = await self._hub()
            writer.write(request[: self._chance.randrange(1, len(request))])
            await writer.drain()
            await asyncio.sleep(self._chance.uniform(0, _PAUSE_S))
            writer.close()

    async def _hub(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host = urlsplit(self.target)
        return await asyncio.open_connection(host.hostname, host.port)


async def _message(reader: asyncio.StreamReader) -> bytes:
    """Return an HTTP message as it came, with its body; nothing where the connection ended before it."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as e:
        if not e.partial:
            return b""
        raise
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return head + await reader.readexactly(int(value))
    return head


def body_of(message: bytes) -> dict[str, Any]:
    """Return the JSON object in a message."""
    import zstandard

    head, _, body = message.partition(b"\r\n\r\n")
    if b"content-encoding: zstd" in head.lower():
        body = zstandard.ZstdDecompressor().decompress(body)
    return dict(json.loads(body))
