"""The row under the strip: none where a station is alone; where it shares its site, what it says is seen and read out."""

from dataclasses import dataclass

import sqlalchemy as sa
from pytestqt.qtbot import QtBot

from core.station.line import Standing
from desktop.presenters.line import line_of
from desktop.shell import Shell
from desktop.watching import LineWatch
from tests.support import NOON


@dataclass
class Desk:
    standing: Standing

    def stand(self, connection: sa.Connection) -> Standing:
        return self.standing


class Idle:
    state, idle = None, True


def test_a_window_of_a_station_that_is_alone_shows_no_line(qtbot: QtBot) -> None:
    shell = Shell(simulated=False)
    qtbot.addWidget(shell)
    shell.show()
    assert not shell.line.isVisible()
    shell.show_line(line_of(Standing(hub="h", connected=True), NOON))
    assert shell.line.isVisible()
    shell.show_line(None)
    assert not shell.line.isVisible()


def test_the_row_is_looked_at_again_and_read_out(qtbot: QtBot) -> None:
    shell = Shell(simulated=False)
    qtbot.addWidget(shell)
    shell.show()
    desk = Desk(Standing(hub="h", connected=True))
    watch = LineWatch(shell, desk, None, lambda: NOON, lambda: Idle())  # type: ignore[arg-type,return-value]
    assert shell.line.accessibleName() == "Connected, nothing waits"
    desk.standing = Standing(hub="h", since=NOON - 300_000, waiting=2)
    watch.look()
    assert shell.line.accessibleName() == "Without the hub for 5 min, 2 steps wait to be sent"
    watch.close()
