"""The cases in a window: pressed, typed and scanned off the screen, read out, and with room for every step."""

import pytest
import zxingcpp
from PIL import Image
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.cases.model import CaseKind
from core.catalog.command_codes import read_command
from core.kernel.journal import GestureOutcome
from core.station.cases import ChooseCase, ShowCase
from core.station.feedback import Feedback
from desktop.gallery import Look, show, window_of
from desktop.gallery_cases import case_states
from desktop.gallery_shared import Shown
from desktop.languages import plain, speaking
from desktop.messages import case_steps
from desktop.present import present
from desktop.spoken import spoken
from desktop.theme import ThemeName
from desktop.views.answers_view import AnswerButton
from tests.desktop.test_layout import faults

PLAYED = [Shown("x", Feedback(input=None, outcome=GestureOutcome.ACCEPTED, flow="home", state=None))]
SHOWN = {each.name: each for each in case_states(PLAYED)}
LOOKS = [
    Look(1024, 600, ThemeName.LIGHT, "de", gloves=True),
    Look(1024, 600, ThemeName.LIGHT, "ar", gloves=True),
    Look(1366, 768, ThemeName.DARK),
]


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_case_shows_every_step_and_fits(qtbot: QtBot, look: Look) -> None:
    with speaking(look.language):
        shell = window_of(look)
        qtbot.addWidget(shell)
        for name, each in SHOWN.items():
            show(shell, each)
            assert faults(shell) == [], name
            state = each.feedback.state
            if isinstance(state, ShowCase) and not state.seen.changes:
                drawn = {text.words for text in shell.prompt.drawn}
                assert set(case_steps(state.seen.kind)) <= drawn, name


def test_a_decision_is_made_by_finger_by_digit_and_by_its_code(qtbot: QtBot, tmp_path) -> None:
    shell = window_of(Look(1366, 768, ThemeName.LIGHT))
    qtbot.addWidget(shell)
    shell.show()
    one = SHOWN[f"cases-{CaseKind.DOUBLE_PARCEL}"]
    show(shell, one)
    given: list[str] = []
    shell.gesture.connect(given.append)
    buttons = [each for each in shell.findChildren(AnswerButton) if each.isVisible()]
    assert [each.answer.key for each in buttons] == ["QTY-1", "QTY-2", "NO"]
    qtbot.mouseClick(buttons[1], Qt.MouseButton.LeftButton)
    qtbot.keyClick(shell, Qt.Key.Key_1)
    assert given == ["QTY-2", "QTY-1"]
    shell.grab().save(str(tmp_path / "case.png"))
    read = {read_command(found.text) for found in zxingcpp.read_barcodes(Image.open(tmp_path / "case.png"))}
    assert len(read) == len(buttons)


def test_a_case_is_read_out_with_its_steps_and_the_list_with_what_cannot_wait() -> None:
    state = SHOWN[f"cases-{CaseKind.LABEL_TWICE}"].feedback.state
    said = [plain(each) for each in spoken(present(state))]
    assert all(step in said for step in case_steps(CaseKind.LABEL_TWICE))
    listed = SHOWN["cases-list-many"].feedback.state
    assert isinstance(listed, ChooseCase)
    assert "9 cannot wait" in " ".join(plain(each) for each in spoken(present(listed)))
