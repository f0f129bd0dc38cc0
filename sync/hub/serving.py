"""Running the hub's service: on loopback unless somebody says otherwise, ended by a signal or by whoever started it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from core.kernel.refusal import Fault

PORT = 8700
LOOPBACK = "127.0.0.1"
_START_S = 10.0
_END_S = 1
"""Seconds that requests have to end: a pull that waits for news may wait much longer, and asks the next hub again."""


class HubNotStarted(Fault):
    """The service could not listen where it was to."""


def _server(app: Starlette, host: str, port: int) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            lifespan="on",
            ws="none",
            timeout_graceful_shutdown=_END_S,
        )
    )


def serve(app: Starlette, host: str = LOOPBACK, port: int = PORT) -> None:
    """Serve until a signal ends it."""
    _server(app, host, port).run()


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
        taken = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://{host}:{taken}"
    finally:
        server.should_exit = True
        thread.join()
