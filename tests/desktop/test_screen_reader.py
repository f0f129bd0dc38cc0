"""Everything that can be pressed has a name, every screen can be heard, and outcomes are announced."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.kernel.journal import GestureOutcome
from desktop.announcing import announcer
from desktop.gallery import Look, Shown, show, states, window_of
from desktop.languages import PSEUDO, speaking
from desktop.shell import Shell
from desktop.theme import ThemeName
from desktop.widgets.drawing import Drawing
from desktop.widgets.entry import Asked
from tests.desktop.bench import Bench
from tests.homes import copy_home

MARKS = "\u2067\u2068\u2069\u200e\u2060\ufffc"
"""Signs for the eye that a reader would read out."""


@pytest.fixture(scope="module")
def shown(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Shown]:
    """Return every screen of the gallery."""
    held = QApplication.instance() or QApplication([])
    assert held is not None
    return list(states(copy_home(sample_home, tmp_path_factory.mktemp("gallery") / "home")))


def _name(widget: QWidget) -> str:
    """Return what a screen reader calls a widget."""
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else ""


def _nameless(shell: Shell) -> list[QWidget]:
    """Return what can be seen and pressed, or is a drawing, and has no name."""
    seen = [each for each in shell.findChildren(QWidget) if each.isVisibleTo(shell)]
    wanted = [each for each in seen if each.focusPolicy() != Qt.FocusPolicy.NoFocus or isinstance(each, Drawing)]
    # The band before the first scan, and a strip of facts with none, say nothing because there is nothing.
    empty = (shell.band, shell.context)
    return [each for each in wanted if not _name(each) and each not in empty]


@pytest.mark.parametrize("language", ["en", "ar", PSEUDO])
def test_whatever_can_be_pressed_has_a_name_on_every_screen(qtbot: QtBot, shown: list[Shown], language: str) -> None:
    shell = window_of(Look(1366, 768, ThemeName.LIGHT, language))
    qtbot.addWidget(shell)
    nameless: dict[str, list[str]] = {}
    with speaking(language):
        for each in shown:
            show(shell, each)
            found = _nameless(shell)
            if found:
                nameless[each.name] = [type(widget).__name__ for widget in found]

    assert len(shown) > 25
    assert nameless == {}


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_every_screen_says_what_to_do(qtbot: QtBot, shown: list[Shown], language: str) -> None:
    shell = window_of(Look(1366, 768, ThemeName.LIGHT, language))
    qtbot.addWidget(shell)
    with speaking(language):
        for each in shown:
            show(shell, each)
            said = shell.refusal.accessibleName() if shell.refusing else shell.prompt.accessibleName()
            assert len(said.strip()) > 1, each.name
            assert [hex(ord(mark)) for mark in MARKS if mark in said] == [], each.name


def test_help_typing_and_the_simulated_bench_have_names_too(it: Bench) -> None:
    it.scan("BADGE-MARA")
    it.press("HELP")
    assert _nameless(it.shell) == []
    it.press("NO")
    it.press("FIND")
    assert it.shell.entry.asked is Asked.CODE
    assert _nameless(it.shell) == []
    assert all(_name(key) for key in it.shell.entry.keys)


# Announcements


def _listen(it: Bench) -> list[tuple[str, bool]]:
    said: list[tuple[str, bool]] = []
    it.window.announce = lambda words, urgent: said.append((words, urgent))
    return said


def test_what_was_done_and_what_comes_next_is_announced(it: Bench) -> None:
    it.scan("BADGE-MARA")
    it.press("CONFIRM")
    said = _listen(it)

    it.next()

    ((words, urgent),) = said
    assert not urgent
    location = it.window.station.state.view.location_code
    assert "Cart ready" in words
    assert f"Go to. {location}" in words


def test_a_refusal_interrupts_and_says_what_to_do(it: Bench) -> None:
    it.scan("BADGE-MARA")
    it.press("CONFIRM")
    it.next()
    said = _listen(it)

    it.scan("BENCH-1")

    assert it.window.last is not None
    assert it.window.last.outcome is GestureOutcome.REFUSED
    ((words, urgent),) = said
    assert urgent
    assert words.startswith("Wrong location. This is BENCH-1. Go to ")


def test_an_announcement_has_no_marks_that_are_read_out(it: Bench) -> None:
    it.scan("BADGE-NOOR")
    it.press("CONFIRM")
    said = _listen(it)

    it.next()

    assert not any(mark in words for words, _ in said for mark in MARKS)


def test_without_a_screen_reader_nothing_is_said_and_nothing_fails(qtbot: QtBot) -> None:
    shell = Shell(simulated=False)
    qtbot.addWidget(shell)
    QAccessible.setActive(False)

    announcer(shell)("Right place", False)
    QAccessible.setActive(True)
    announcer(shell)("Right place", False)
    announcer(shell)("Wrong place", True)
    QAccessible.setActive(False)
    with speaking("ar"):
        announcer(shell)("", True)
