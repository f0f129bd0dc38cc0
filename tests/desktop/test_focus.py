"""By keyboard alone: Tab reaches whatever can be pressed, Enter presses what the ring is round, and no other screen's."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.widgets.drawing import DrawnButton
from tests.desktop.bench import Bench

_MOST = 60


def _pressable(it: Bench) -> set[QWidget]:
    return {each for each in it.shell.findChildren(DrawnButton) if each.isVisible() and each.isEnabled()}


def _tab_to(it: Bench, qtbot: QtBot, wanted: QWidget) -> None:
    for _ in range(_MOST):
        if it.shell.focusWidget() is wanted:
            return
        qtbot.keyClick(it.shell.focusWidget() or it.shell, Qt.Key.Key_Tab)
    raise AssertionError(f"Tab never comes to {wanted.accessibleName()}")


def _answer(it: Bench, key: str) -> QWidget:
    return next(each for each in it.shell.answers._buttons if each.isVisible() and each.answer.key == key)


def _at_a_question(it: Bench) -> None:
    it.scan("BADGE-MARA")
    it.press("CONFIRM")
    it.next()
    it.press("SHORT")
    assert it.state == "AskShortReason"


def test_tab_comes_to_everything_that_can_be_pressed(it: Bench, qtbot: QtBot) -> None:
    _at_a_question(it)
    reached: set[QWidget] = set()
    for _ in range(_MOST):
        qtbot.keyClick(it.shell.focusWidget() or it.shell, Qt.Key.Key_Tab)
        focused = it.shell.focusWidget()
        assert focused is not None
        reached.add(focused)

    assert _pressable(it) - reached == set()


def test_enter_presses_what_the_ring_is_round(it: Bench, qtbot: QtBot) -> None:
    _at_a_question(it)
    back = _answer(it, "NO")
    _tab_to(it, qtbot, back)

    qtbot.keyClick(back, Qt.Key.Key_Return)
    it.settle()

    assert it.state == "GoToLocation", "back, and no reason was given"


def test_the_ring_of_one_screen_is_not_on_the_next(it: Bench, qtbot: QtBot) -> None:
    _at_a_question(it)
    back = _answer(it, "NO")
    _tab_to(it, qtbot, back)
    it.press("NO")
    it.press("SHORT")

    assert not back.hasFocus()
    qtbot.keyClick(it.shell, Qt.Key.Key_Return)
    it.settle()

    assert it.state == "AskShortReason" or it.shell.refusing, "Enter alone answers no question"


def test_the_ring_stays_while_the_same_screen_only_tells_the_time(it: Bench, qtbot: QtBot) -> None:
    _at_a_question(it)
    back = _answer(it, "NO")
    _tab_to(it, qtbot, back)

    assert it.window.last is not None
    it.window.hear(it.window.last)

    assert back.hasFocus()
