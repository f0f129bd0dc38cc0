"""What lies over and beside the floor's work has room in every window and language: menu, help, typing, files, stories."""

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.exchange.report import Entry, Fate, FileProblem, Problem, Trouble
from core.kernel.flow import Expect
from core.station import home, importing, menu, sign_in
from core.station.importing import Reading
from core.station.story import EVENTS_SHOWN, REFUSED
from desktop.gallery import Look, window_of
from desktop.helping import help_for
from desktop.languages import PSEUDO, speaking
from desktop.present import present
from desktop.presenters.words import keys
from desktop.proofs import Hero
from desktop.screens import Answer, Frame, Screen
from desktop.shell import Shell
from desktop.theme import ThemeName
from desktop.widgets.drawing import Drawing, DrawnButton
from desktop.widgets.entry import Asked
from tests.desktop.test_story_screen import ORDER

SIZES = [(1024, 600), (1366, 768), (1920, 1080)]
FRAME = Frame("Dana Wolf", "lead, inventory, IT", "BENCH-1", ready="All ready")
ROW = tuple((verb, "") for verb in ("SHORT", "DAMAGED", "FULL", "REPRINT", "SKIP", "WEIGH", "UNDO", "CALL"))

_ENTRIES = tuple(
    Entry(10_000 + n, "ordered_at", "31.02.2025", problem, f"100{n}", tuple(Fate)[n % 3])
    for n, problem in enumerate(Problem)
)
_READING = Reading("orders of the whole week 49.csv", "orders", running=False, lines=120_000, documents=40_000,
                   imported=39_000, unchanged=800, skipped=100, rejected=100, problems=len(_ENTRIES), entries=_ENTRIES)  # fmt: skip
_FAULT = Trouble("orders of the whole week 49.csv", FileProblem.NO_COLUMN, column="quantity",
                 facts=(("wanted", "quantity"), ("columns", ", ".join(f"column of the shop {n}" for n in range(60)))))  # fmt: skip
_LONG = tuple(replace(ORDER.events[1 + n % 5], at=ORDER.events[0].at + n * 60_000) for n in range(EVENTS_SHOWN + 4))

STATES: dict[str, Any] = {
    "menu": menu.Menu((*menu.JOBS, menu.OUT), "pick"),
    "files": importing.ChooseFile(tuple(f"orders of the whole week {n}.csv" for n in range(importing.FILES_SHOWN))),
    "no files": importing.ChooseFile(()),
    "kinds": importing.ChooseKind("/in/orders of the whole week 49.csv", tuple(importing.PERMISSIONS)),
    "mappings": importing.ChooseMapping("/in/a.csv", "orders", ("dockside", "retail_olist", "retail_uci", "mine.toml")),
    "reading": importing.Importing(replace(_READING, running=True)),
    "report": importing.ShowReport(_READING),
    "skipped": importing.ShowReport(replace(_READING, rejected=0)),
    "fault": importing.ShowReport(replace(_READING, entries=(), fault=_FAULT)),
    "story": home.ShowOrder(ORDER),
    "long story": home.ShowOrder(replace(ORDER, events=_LONG, parcels=(("095011010000000018", ""), ("095011010000000025", "")))),
    "refused story": home.ShowOrder(replace(ORDER, events=tuple(replace(e, kind=REFUSED, reason="weight_outside") for e in _LONG))),
}  # fmt: skip


def _cut(shell: Shell) -> list[str]:
    """Return the words that did not fit."""
    shell.grab()
    cut: list[str] = []
    for each in shell.findChildren(QWidget):
        if isinstance(each, Drawing | DrawnButton) and each.isVisibleTo(shell):
            cut += [drawn.words for drawn in each.drawn if not drawn.fits]
    return cut


def _window(qtbot: QtBot, size: tuple[int, int], language: str) -> Shell:
    shell = window_of(Look(*size, ThemeName.LIGHT, language))
    qtbot.addWidget(shell)
    return shell


every_window = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
every_language = pytest.mark.parametrize("language", ["en", "de", "ar", PSEUDO])


@every_language
@every_window
def test_every_screen_beside_the_work_fits(qtbot: QtBot, size: tuple[int, int], language: str) -> None:
    cut: dict[str, list[str]] = {}
    with speaking(language):
        shell = _window(qtbot, size, language)
        for name, state in STATES.items():
            shell.show_screen(present(state), FRAME, None, ())
            found = _cut(shell)
            if found:
                cut[name] = found
            assert (shell.width(), shell.height()) == size, name
            assert shell.minimumSizeHint().height() <= size[1], name

    assert cut == {}


@every_language
@every_window
def test_help_fits_with_every_key_there_is(qtbot: QtBot, size: tuple[int, int], language: str) -> None:
    with speaking(language):
        shell = _window(qtbot, size, language)
        screen = replace(present(STATES["menu"]), row=keys(ROW, [verb for verb, _ in ROW]))
        expects = tuple(Expect(kind, "A-12-03", "next") for kind in ("location", "item", "tote", "parcel"))
        shell.show_screen(screen, FRAME, None, ())
        shell.show_help(help_for(screen, expects, "pack"))

        assert _cut(shell) == []
        assert len(shell.help._help.keys) == len(ROW) + 3


@every_language
@every_window
@pytest.mark.parametrize("asked", list(Asked))
def test_the_line_to_type_in_leaves_the_prompt_its_room(
    qtbot: QtBot, size: tuple[int, int], language: str, asked: Asked
) -> None:
    with speaking(language):
        shell = _window(qtbot, size, language)
        shell.show_screen(present(STATES["no files"]), FRAME, None, ())
        shell.ask(asked)

        assert _cut(shell) == []
        assert shell.entry.isVisibleTo(shell)
        assert shell.minimumSizeHint().height() <= size[1]
        assert shell.prompt.height() >= 100


@every_language
def test_a_pin_is_asked_for_by_name(qtbot: QtBot, language: str) -> None:
    from core.kernel.ids import PersonId

    with speaking(language):
        shell = _window(qtbot, (1024, 600), language)
        shell.show_screen(present(sign_in.EnterPin(PersonId(bytes(16)), "Dana Wolf", "BADGE-DANA")), FRAME, None, ())
        shell.ask(Asked.PIN)

        assert _cut(shell) == []


@pytest.mark.parametrize("before", [0, 1, 2])
@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_answers_stand_in_their_places_before_anything_else_happens(qtbot: QtBot, before: int, count: int) -> None:
    shell = window_of(Look(1366, 768, ThemeName.LIGHT))
    qtbot.addWidget(shell)
    shell.show()
    answers = tuple(Answer(f"QTY-{n}", f"Answer {n}") for n in range(1, 6))
    big = tuple(replace(each, big=n == 0) for n, each in enumerate(answers[:before]))
    shell.show_screen(Screen(prompt="Scan anything", answers=big), Frame(""), None, ())
    qtbot.wait(10)

    shell.show_screen(Screen(prompt="Go", proof=Hero("STAGE-1"), answers=answers[:count]), Frame(""), None, ())

    boxes = [each.geometry() for each in shell.answers._buttons[:count]]
    assert all(shell.answers.rect().contains(each) for each in boxes)
    assert not any(one.intersects(other) for n, one in enumerate(boxes) for other in boxes[n + 1 :])
    assert not shell.answers.geometry().intersects(shell.prompt.geometry())
