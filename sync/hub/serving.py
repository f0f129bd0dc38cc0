"""Running the hub's service: on loopback unless somebody says otherwise, ended by a signal or by whoever started it."""

import asyncio.trsock
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress

import uvicorn
from starlette.applications import Starlette

from core.kernel.refusal import Fault
from sync.protocol import PORT

LOOPBACK = "127.0.0.1"
_WAITING = 2048
"""Connections that may wait to be taken."""
_START_S = 10.0
_END_S = 1
"""Seconds that requests have to end; a pull that waits for news is answered at once and asks the next hub again."""


class HubNotStarted(Fault):
    """The service could not listen where it was to."""


class _Server(uvicorn.Server):
    """A server that says when it listens, and lets those who wait for news go when it ends."""

    ready: Callable[[str], None] = staticmethod(lambda _address: None)
    ending: Callable[[], None] = staticmethod(lambda: None)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say where."""
        await super().startup(sockets)
        for each in sockets or ():
            each.listen(_WAITING)
        if self.started:
            self.ready(self.address)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer those who wait, then end."""
        self.ending()
        await super().shutdown(sockets)

    @property
    def address(self) -> str:
        """Return where it listens."""
        return address_of(self.servers[0].sockets[0])


def address_of(listener: "socket.socket | asyncio.trsock.TransportSocket") -> str:
    """Return the address at which a socket listens."""
    host, port = listener.getsockname()[:2]
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


def _server(app: Starlette, host: str, port: int) -> _Server:
    server = _Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            lifespan="on",
            ws="none",
            # Who is woken takes one connection and not all that wait: where several processes listen, the others take the rest.
            backlog=1,
            timeout_graceful_shutdown=_END_S,
        )
    )
    server.ending = app.state.end
    return server


def serve(
    app: Starlette, host: str, port: int, ready: Callable[[str], None], listener: socket.socket | None = None
) -> None:
    """Serve until a signal ends it.

    Args:
        app: the service.
        host: the address to listen on.
        port: the port; 0 for any.
        ready: hears the address once it listens.
        listener: a socket that listens there already.

    Raises:
        HubNotStarted: it could not listen there.
    """
    server = _server(app, host, port)
    server.ready = ready
    with suppress(KeyboardInterrupt), nullcontext(listener) if listener else listening(host, port) as made:
        server.run([made])


@contextmanager
def served(app: Starlette, host: str = LOOPBACK, port: int = 0) -> Iterator[str]:
    """Serve from a thread for a while, and yield the address.

    Raises:
        HubNotStarted: the port is taken, or the machine did not get round to it.
    """
    server = _server(app, host, port)
    thread = threading.Thread(target=server.run, name="dockside-hub")
    thread.start()
    pause = threading.Event()
    for _ in range(int(_START_S / 0.01)):
        if server.started or not thread.is_alive():
            break
        pause.wait(0.01)
    try:
        if not server.started:
            raise HubNotStarted(f"the hub does not listen on {host}:{port}")
        yield server.address
    finally:
        server.should_exit = True
        thread.join()


__all__ = ["LOOPBACK", "PORT", "HubNotStarted", "serve", "served"]
