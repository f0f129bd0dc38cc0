"""Looks once a second how the line to the hub is, and shows it; the screen for IT is looked at again as long as it is shown."""

from collections.abc import Callable

import sqlalchemy as sa
from PySide6.QtCore import QObject, QTimer

from core.station.line import LineDesk, ShowLine
from core.station.station import Station
from desktop.presenters.line import line_of
from desktop.shell import Shell

LOOK_MS = 1_000


class LineWatch(QObject):
    """Keeps the row under the strip true; ends before what it reads from does."""

    def __init__(
        self,
        shell: Shell,
        desk: LineDesk,
        reader: sa.Connection,
        now_ms: Callable[[], int],
        station: Callable[[], Station],
    ) -> None:
        """Begin to look."""
        super().__init__(shell)
        self._shell, self._desk, self._reader, self._now, self._station = shell, desk, reader, now_ms, station
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(LOOK_MS)
        self.look()

    def close(self) -> None:
        """Stop looking, before what is read from goes."""
        self._timer.stop()

    def look(self) -> None:
        """Show how the line is now."""
        self._shell.show_line(line_of(self._desk.stand(self._reader), self._now()))
        station = self._station()
        if isinstance(station.state, ShowLine) and station.idle and not (self._shell.refusing or self._shell.aside):
            station.go("line")
