"""With gloves whatever is touched is 25 mm large and 5 mm from its neighbour, in the smallest window too."""

from itertools import combinations
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.picking.states import AskShortReason
from desktop.gallery import Look, window_of
from desktop.languages import PSEUDO, speaking
from desktop.present import present
from desktop.proofs import Hero
from desktop.screens import Answer, Screen
from desktop.shell import Shell
from desktop.theme import DPI, THEMES, ThemeName
from desktop.views.answers_view import AnswerButton
from desktop.widgets.drawing import Drawing
from desktop.widgets.entry import Asked, EntryKey
from desktop.widgets.keys import Key
from desktop.widgets.paint import reads_from_right
from tests.desktop.test_layout import faults
from tests.desktop.test_room import FRAME, STATES
from tests.picking.test_flow import VIEW

WINDOWS = [(1024, 600), (1280, 800), (1366, 768)]
MM = DPI / 25.4
QUESTIONS: dict[str, Any] = {
    **{name: STATES[name] for name in ("menu", "files", "kinds", "mappings", "report")},
    "why short": AskShortReason(VIEW, 1),
}
every_window = pytest.mark.parametrize("size", WINDOWS, ids=lambda size: f"{size[0]}x{size[1]}")


def _window(qtbot: QtBot, size: tuple[int, int], language: str = "en") -> Shell:
    shell = window_of(Look(*size, ThemeName.LIGHT, language, gloves=True))
    qtbot.addWidget(shell)
    shell.grab()  # as large as it will be
    return shell


def _room(widget: QWidget, shell: Shell) -> QRect:
    return QRect(widget.mapTo(shell, QPoint(0, 0)), widget.size())


def _apart(one: QRect, other: QRect) -> float:
    """Return how far two rooms are from each other, the nearer way."""
    aside = max(other.left() - one.right(), one.left() - other.right()) - 1
    below = max(other.top() - one.bottom(), one.top() - other.bottom()) - 1
    return max(aside, below)


def _too_small(shell: Shell, *kinds: type[QWidget]) -> list[str]:
    """Return what is touched and smaller or nearer than a glove needs, or outside the window."""
    shell.grab()
    zoom = shell._zoom
    found = [each for kind in kinds for each in shell.findChildren(kind) if each.isVisibleTo(shell)]
    assert found
    rooms = {each.accessibleName(): _room(each, shell) for each in found}
    bad = [name for name, room in rooms.items() if min(room.width(), room.height()) < 24.5 * MM * zoom]
    bad += [f"{name} is outside" for name, room in rooms.items() if not shell.rect().contains(room)]
    for (name, one), (other_name, other) in combinations(rooms.items(), 2):
        if _apart(one, other) < 5 * MM * zoom - 1.5:
            bad.append(f"{name} and {other_name}: {_apart(one, other)}")
    return bad


@pytest.mark.parametrize("language", ["en", "de", "ar", PSEUDO])
@pytest.mark.parametrize("question", QUESTIONS)
@every_window
def test_every_answer_is_as_large_and_as_far_apart_as_a_glove_needs(
    qtbot: QtBot, size: tuple[int, int], question: str, language: str
) -> None:
    with speaking(language):
        shell = _window(qtbot, size, language)
        shell.show_screen(present(QUESTIONS[question]), FRAME, None, ())

        assert _too_small(shell, AnswerButton, Key) == []
        assert [each for each in shell.prompt.drawn if not each.fits and question != "report"] == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_holds_with_the_simulated_bench_below_it(qtbot: QtBot, question: str) -> None:
    shell = _window(qtbot, (1024, 600))
    shell.bench.setVisible(True)
    shell.show_screen(present(QUESTIONS[question]), FRAME, None, ())

    assert _too_small(shell, AnswerButton, Key) == []
    assert [each.words for each in shell.prompt.drawn if not each.fits and question != "report"] == []


@pytest.mark.parametrize("asked", Asked)
@every_window
def test_every_key_of_the_line_is_as_large_and_as_far_apart_as_a_glove_needs(
    qtbot: QtBot, size: tuple[int, int], asked: Asked
) -> None:
    shell = _window(qtbot, size)
    shell.show_screen(present(STATES["no files"]), FRAME, None, ())
    shell.ask(asked)

    assert _too_small(shell, EntryKey) == []


def test_in_a_wide_low_window_with_large_text_the_prompt_keeps_a_line_above_the_keys(qtbot: QtBot) -> None:
    shell = window_of(Look(1280, 800, ThemeName.LIGHT, "de", text=1.5, gloves=True))
    qtbot.addWidget(shell)
    with speaking("de"):
        shell.show_screen(present(STATES["no files"]), FRAME, None, ())
        for asked in Asked:
            shell.ask(asked)
            assert faults(shell) == []
            assert any(each.words for each in shell.prompt.drawn)


def test_an_answers_words_have_room_beside_its_code_with_something_below_them(qtbot: QtBot) -> None:
    button = AnswerButton()
    qtbot.addWidget(button)
    button.dress(THEMES[ThemeName.LIGHT], 1.0)
    button.show_answer(Answer("QTY-1", "Auf P-08 drucken", "4 m nach links"), primary=False)
    button.resize(367, 94)
    button.grab()
    assert [each.words for each in button.drawn if not each.fits] == []


@pytest.mark.parametrize(
    ("screen", "said"),
    [
        (Screen(prompt="Choose a PIN", detail="Four digits or more."), "Choose a PIN. Four digits or more."),
        (Screen(prompt="What is it called?", detail="Type its name."), "What is it called? Type its name."),
        (Screen(prompt="Put in the tote", proof=Hero("TOTE-1")), "Put in the tote: TOTE-1"),
    ],
)
def test_what_to_do_and_with_what_is_one_line_above_the_keys(qtbot: QtBot, screen: Screen, said: str) -> None:
    shell = _window(qtbot, (1024, 600))
    shell.show_screen(screen, FRAME, None, ())
    shell.ask(Asked.CODE)
    shell.grab()

    assert " ".join(each.words for each in shell.prompt.drawn) == said


def test_what_can_be_typed_with_bare_fingers_can_be_typed_with_gloves(qtbot: QtBot) -> None:
    bare, gloved = window_of(Look(1024, 600, ThemeName.LIGHT)), _window(qtbot, (1024, 600))
    qtbot.addWidget(bare)
    reached = {}
    for shell in (bare, gloved):
        shell.show()
        shell.show_screen(present(STATES["no files"]), FRAME, None, ())
        shell.ask(Asked.CODE)
        caps = {each.cap for each in shell.entry.keys}
        for turn in caps & {"JKL"}:
            qtbot.mouseClick(_key(shell, turn), Qt.MouseButton.LeftButton)
            caps |= {each.cap for each in shell.entry.keys}
        reached[shell] = {each for each in caps if len(each) == 1}

    assert reached[gloved] == reached[bare]


def test_a_code_of_both_parts_is_typed_by_touch(qtbot: QtBot) -> None:
    shell = _window(qtbot, (1024, 600))
    shell.show()
    shell.show_screen(present(STATES["no files"]), FRAME, None, ())
    shell.ask(Asked.CODE)

    with qtbot.waitSignal(shell.typed) as typed:
        for cap in ("JKL", "T", "O", "123", "4", "JKL", "_", "\u21b5"):
            qtbot.mouseClick(_key(shell, cap), Qt.MouseButton.LeftButton)

    assert typed.args == ["TO4_"]


def test_the_parts_begin_with_the_digits_each_time(qtbot: QtBot) -> None:
    shell = _window(qtbot, (1024, 600))
    shell.show()
    shell.show_screen(present(STATES["no files"]), FRAME, None, ())
    shell.ask(Asked.CODE)
    qtbot.mouseClick(_key(shell, "JKL"), Qt.MouseButton.LeftButton)
    shell.ask(Asked.CODE)

    assert "1" in {each.cap for each in shell.entry.keys}


@pytest.mark.parametrize("touch", ["bare", "gloved"])
def test_words_are_typed_by_touch_with_blanks_between_them_and_their_end_is_seen(qtbot: QtBot, touch: str) -> None:
    shell = _window(qtbot, (1024, 600)) if touch == "gloved" else window_of(Look(1024, 600, ThemeName.LIGHT))
    qtbot.addWidget(shell)
    shell.show()
    shell.show_screen(present(STATES["no files"]), FRAME, None, ())
    shell.ask(Asked.TEXT)
    caps = ("A", "JKL", "\u2423", "T", "\u21b5") if touch == "gloved" else ("A", "\u2423", "T", "\u21b5")
    with qtbot.waitSignal(shell.typed) as typed:
        for cap in caps:
            qtbot.mouseClick(_key(shell, cap), Qt.MouseButton.LeftButton)
    assert typed.args == ["A T"]

    line: Any = next(each for each in shell.entry.findChildren(Drawing) if not isinstance(each, EntryKey))
    for words, rtl in (
        ("only the end of a long note has room ", False),
        ("\u0644\u0627 \u064a\u062a\u0633\u0639 ", True),
    ):
        line.words = words * 40 + "9"
        line.grab()
        (drawn,) = line.drawn
        assert drawn.fits
        assert (drawn.words[0], drawn.words[-2]) == ("\u2026", "9")
        assert reads_from_right(drawn.words) == rtl


def _key(shell: Shell, cap: str) -> EntryKey:
    return next(each for each in shell.entry.keys if each.cap == cap)
