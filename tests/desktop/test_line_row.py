"""The row under the strip: none where a station is alone; where it shares its site, what it says is seen and read out."""

from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from pytestqt.qtbot import QtBot

from core.kernel.journal import GestureOutcome
from core.station.line import ShowLine, Standing, Trouble
from core.station.station import Feedback
from desktop.gallery import Look, show, window_of
from desktop.gallery_shared import Shown
from desktop.languages import speaking
from desktop.present import present
from desktop.presenters.line import line_of
from desktop.proofs import Sheet
from desktop.shell import Shell
from desktop.theme import ThemeName
from desktop.watching import LineWatch
from tests.desktop.test_layout import faults
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


@pytest.mark.parametrize("size", [(1024, 600), (1024, 768)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("code", ["en", "de", "ar"])
def test_whoever_is_from_it_sees_every_fact_and_all_that_is_wrong_in_the_smallest_windows(
    qtbot: QtBot, size: tuple[int, int], code: str
) -> None:
    parts = [Trouble(each, "unreachable", "", final=False) for each in ("push", "fetch")]
    standing = Standing(
        hub="http://hub.nordhafen.example:8700", since=NOON - 4_800_000, waiting=212, oldest_at=NOON - 4_740_000,
        held_seconds=2_100, cursor=48_211, head=48_318, offset_ms=-190_000,
        troubles=(*parts, Trouble("pull", "other_file", "operation 48 is another", final=True), Trouble("lease", "busy", "", final=False)),
    )  # fmt: skip
    with speaking(code):
        shell = window_of(Look(*size, ThemeName.LIGHT, code))
        qtbot.addWidget(shell)
        shown = Shown(
            "it",
            Feedback(input=None, outcome=GestureOutcome.ACCEPTED, flow="line", state=ShowLine(standing)),
            "Dana Wolf",
            "it",
            NOON,
            standing,
        )
        show(shell, shown)
        screen = present(ShowLine(standing), NOON)

        assert faults(shell) == []
    drawn = {each.words for each in shell.prompt.drawn}
    assert isinstance(screen.proof, Sheet)
    assert len(screen.proof.rows) == 3
    wanted = {screen.prompt, screen.detail}
    wanted |= {words for each in screen.proof.rows for words in (each.words, each.detail, each.amount)}
    wanted |= {words for each in screen.proof.facts for words in (each.name, each.value)}
    assert wanted <= drawn
