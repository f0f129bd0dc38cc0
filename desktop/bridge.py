"""Where other threads meet Qt: a call posted from anywhere runs on the window's thread, in order."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal


class MainThread(QObject):
    """Carries calls to the thread that made it.

    Signals:
        posted: a call.
    """

    posted = Signal(object)

    def __init__(self) -> None:
        """Live on the current thread."""
        super().__init__()
        self.posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def post(self, call: Callable[[], None]) -> None:
        """Hand over a call, from any thread."""
        self.posted.emit(call)

    def _run(self, call: Callable[[], None]) -> None:
        call()
