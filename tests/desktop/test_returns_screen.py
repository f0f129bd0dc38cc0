"""The returns bench in every kind of window: nothing is cut off, and a box that never left is said to be one."""

import pytest
from pytestqt.qtbot import QtBot

from core.kernel.journal import GestureOutcome
from core.station.feedback import Feedback
from desktop.gallery import Look, show, window_of
from desktop.gallery_returns import return_states
from desktop.gallery_shared import Shown
from desktop.languages import plain, speaking
from desktop.present import present
from desktop.spoken import spoken
from desktop.theme import ThemeName
from tests.desktop.test_layout import faults

PLAYED = [Shown("x", Feedback(input=None, outcome=GestureOutcome.ACCEPTED, flow="home", state=None))]
SHOWN = {each.name: each for each in return_states(PLAYED)}
LOOKS = [
    Look(1024, 600, ThemeName.LIGHT, "de", gloves=True),
    Look(1024, 600, ThemeName.LIGHT, "ar"),
    Look(1366, 768, ThemeName.DARK, text=2.0),
]


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_step_fits(qtbot: QtBot, look: Look) -> None:
    with speaking(look.language):
        shell = window_of(look)
        qtbot.addWidget(shell)
        for name, each in SHOWN.items():
            show(shell, each)
            assert faults(shell) == [], name


def test_a_box_that_has_not_left_is_said_to_be_one() -> None:
    said = [plain(each) for each in spoken(present(SHOWN["returns-never-left"].feedback.state))]
    assert "By the books it has not left. Receive it: somebody looks." in said
