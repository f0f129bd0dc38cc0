"""One window a home: a second start knocks, and the first window comes to the front.

The home's lock decides who is first; this only carries the knock. The one thing a newcomer would get wrong: a socket that
a killed station left behind is taken away by whoever holds the lock now, not by whoever knocks.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QWidget

from core.kernel.home import HomeBusy

_PATIENCE_MS = 2_000
_HEARD = b"raised"


def _name(folder: Path) -> str:
    return f"dockside-{sha256(str(folder.resolve()).encode('utf-8', 'surrogateescape')).hexdigest()[:24]}"


@contextmanager
def front_door(folder: Path, knocked: Callable[[], None]) -> Iterator[None]:
    """Listen for knocks while a home's window is open; only the same user can knock."""
    server = QLocalServer()
    server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)

    def answer() -> None:
        socket = server.nextPendingConnection()
        knocked()
        socket.write(_HEARD)
        socket.disconnected.connect(socket.deleteLater)
        socket.flush()
        socket.disconnectFromServer()

    server.newConnection.connect(answer)
    QLocalServer.removeServer(_name(folder))
    server.listen(_name(folder))
    try:
        yield
    finally:
        server.close()


def knock(folder: Path) -> bool:
    """Ask the window of a home to come to the front; return whether one heard it."""
    socket = QLocalSocket()
    socket.connectToServer(_name(folder))
    if not socket.waitForConnected(_PATIENCE_MS):
        return False
    heard = socket.waitForReadyRead(_PATIENCE_MS) and socket.readAll().data() == _HEARD
    socket.abort()
    return heard


def refuse_second(folder: Path) -> None:
    """Refuse to open a window of a home that has one.

    Raises:
        HomeBusy: it was asked to come to the front.
    """
    if knock(folder):
        raise HomeBusy(f"{folder} is being set up already")


def bring_forward(window: QWidget) -> None:
    """Show a window over all others, also where it was made small."""
    window.setWindowState((window.windowState() & ~Qt.WindowState.WindowMinimized) | Qt.WindowState.WindowActive)
    window.show()
    window.raise_()
    window.activateWindow()
