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
    """Keeps the row under the strip true; lives and ends with the window."""

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
        timer = QTimer(self)
        timer.timeout.connect(self.look)
        timer.start(LOOK_MS)
        self.look()

    def look(self) -> None:
        """Show how the line is now."""
        self._shell.show_line(line_of(self._desk.stand(self._reader), self._now()))
        station = self._station()
        if isinstance(station.state, ShowLine) and station.idle and not (self._shell.refusing or self._shell.aside):
            station.go("line")
