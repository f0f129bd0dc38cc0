"""Running the hub's service: on loopback unless somebody says otherwise, ended by a signal or by whoever started it."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from core.kernel.refusal import Fault
from sync.hub.taking import Share, Taker
from sync.protocol import PORT

LOOPBACK = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  said by whoever listens there, not chosen here
_WAITING = 2048
"""Connections that may wait to be taken."""
_START_S = 10.0
_END_S = 1
"""Seconds that requests have to end; a pull that waits for news is answered at once and asks the next hub again."""


class HubNotStarted(Fault):
    """The service could not listen where it was to."""


_SILENT_S = 180.0
"""Seconds without a byte after which a connection is closed where it is the other side's turn. A station waits as long for a photo."""

_LOOP = "asyncio:SelectorEventLoop"
"""The one that says on every system when somebody waits at a socket."""


class _Connection(AutoHTTPProtocol):  # type: ignore[misc,valid-type]
    """A connection that is closed where nothing comes any more; the server itself would keep half a message for ever.

    Whoever waits for an answer, for its turn or for news, is not expected to say anything.
    """

    _silence: asyncio.TimerHandle
    _heard: float

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._heard = self.loop.time()
        self._listen()

    def data_received(self, data: bytes) -> None:
        self._heard = self.loop.time()
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._silence.cancel()
        super().connection_lost(exc)

    def _listen(self) -> None:
        asked, now = self.cycle, self.loop.time()
        is_their_turn = asked is None or asked.more_body or asked.response_complete
        if not is_their_turn or self.transport.get_write_buffer_size():
            # What is answered over a thin line is on its way for minutes. Where nobody takes it, the system ends the connection.
            self._heard = now
        if now >= self._heard + _SILENT_S:
            self.transport.abort()
            return
        self._silence = self.loop.call_later(self._heard + _SILENT_S - now, self._listen)


class _Server(uvicorn.Server):
    """A server that takes its share of the connections, and lets those who wait for news go when it ends."""

    def __init__(self, app: Starlette, listener: socket.socket, share: Share) -> None:
        """Prepare to answer at a socket that listens."""
        taker = Taker(listener, self._connected, lambda: len(self.server_state.connections), share)

        class Counted(_Connection):
            """A connection whose end is noted at once: whoever holds fewer takes the next."""

            def connection_lost(self, exc: Exception | None) -> None:
                super().connection_lost(exc)
                taker.note()

        super().__init__(
            uvicorn.Config(
                app, http=Counted, loop=_LOOP, log_level="warning", access_log=False, lifespan="on", ws="none",
                timeout_graceful_shutdown=_END_S,
            )
        )  # fmt: skip
        self.ending: Callable[[], None] = app.state.end
        self.ready: Callable[[], None] = lambda: None
        self._listener = listener
        self._taker = taker
        share.note(0)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say so."""
        # Without sockets of its own: it would take whatever wakes it.
        await super().startup([])
        if self.started:
            self._taker.begin()
            self.ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nothing any more, answer those who wait, then end."""
        self._taker.end()
        self.ending()
        await super().shutdown([self._listener])

    async def _connected(self, connection: socket.socket) -> None:
        def answering() -> asyncio.Protocol:
            return self.config.http_protocol_class(  # type: ignore[call-arg]
                config=self.config, server_state=self.server_state, app_state=self.lifespan.state
            )

        with suppress(OSError):
            # Whoever came may be gone again.
            await asyncio.get_running_loop().connect_accepted_socket(answering, connection)


def address_of(listener: socket.socket) -> str:
    """Return the address at which a socket listens."""
    host, port = listener.getsockname()[:2]
    return web_address(host, port)


def web_address(host: str, port: int) -> str:
    """Return how a host and a port are asked over HTTP."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Listen at an address for a while.

    Raises:
        HubNotStarted: the port is taken.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=_WAITING)
    except OSError as e:
        # The system's own words: a socket's say the address once more.
        why = os.strerror(e.errno) if e.errno and not isinstance(e, socket.gaierror) else e.strerror
        raise HubNotStarted(f"the hub does not listen on {host}:{port}: {why}") from e
    # An answer goes out as its head and its body. The event loop sends a body at once only on sockets that say which protocol they
    # are of, and these do not: it waited for the other side's word that the head came, 40 ms of every answer but the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with listener:
        yield listener


def serve(
    app: Starlette,
    host: str,
    port: int,
    ready: Callable[[str], None],
    listener: socket.socket | None = None,
    share: Share | None = None,
) -> None:
    """Serve until a signal ends it.

    Args:
        app: the service.
        host: the address to listen on.
        port: the port; 0 for any.
        ready: hears the address once it listens.
        listener: a socket that listens there already.
        share: what those hold who answer at it, too.

    Raises:
        HubNotStarted: it could not listen there.
    """
    with suppress(KeyboardInterrupt), nullcontext(listener) if listener else listening(host, port) as made:
        server = _Server(app, made, share or Share([0]))
        server.ready = lambda: ready(address_of(made))
        server.run()


@contextmanager
def served(app: Starlette, host: str = LOOPBACK, port: int = 0) -> Iterator[str]:
    """Serve from a thread for a while, and yield the address.

    Raises:
        HubNotStarted: the port is taken, or the machine did not get round to it.
    """
    with listening(host, port) as made:
        server, began = _Server(app, made, Share([0])), threading.Event()
        server.ready = began.set
        address = address_of(made)
        thread = threading.Thread(target=server.run, name="dockside-hub")
        thread.start()
        try:
            if not began.wait(_START_S):
                raise HubNotStarted(f"the hub does not answer at {address}")
            yield address
        finally:
            server.should_exit = True
            thread.join()


__all__ = ["EVERYWHERE", "LOOPBACK", "PORT", "HubNotStarted", "serve", "served", "web_address"]
