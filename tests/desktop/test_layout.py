"""Nothing is cut off, clipped or laid over something else: every screen, in every size, theme and language."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.catalog.command_codes import command_code, read_command
from core.catalog.fill_codes import is_fill_code
from core.catalog.readings import CommandReading
from core.picking.states import ShowCode
from core.station.home import Home
from core.station.home_queries import CutOff
from desktop.gallery import Look, show, states, window_of
from desktop.gallery_cases import case_states
from desktop.gallery_moving import moving_states
from desktop.gallery_orders import order_states
from desktop.gallery_printers import printer_states
from desktop.gallery_receiving import receiving_states
from desktop.gallery_shared import Shown, shared_states
from desktop.languages import PSEUDO, speaking, tr
from desktop.present import present
from desktop.shell import Shell
from desktop.storyline import Story
from desktop.theme import ThemeName
from desktop.views.prompt_view import PromptView
from desktop.widgets.caps import cap_of
from desktop.widgets.drawing import Drawing, DrawnButton
from desktop.widgets.paint import Drawn
from tests.homes import copy_home
from tests.support import NOON

LOOKS = [
    *(Look(1024, 600, ThemeName.LIGHT, code) for code in ("en", "de", "ar", PSEUDO)),
    *(Look(1024, 600, ThemeName.LIGHT, code, gloves=True) for code in ("de", "ar")),
    Look(1366, 768, ThemeName.LIGHT, "de", text=2.0, gloves=True),
    Look(1920, 1080, ThemeName.LIGHT),
]
"""Where room is shortest in each language and by each wish, and where it is widest."""
NIGHT_LOOKS = [
    *(Look(*size, ThemeName.LIGHT) for size in ((1280, 800), (1366, 768))),
    Look(1024, 600, ThemeName.CONTRAST),
    *(Look(1366, 768, ThemeName.LIGHT, code) for code in ("de", "ar", PSEUDO)),
    *(
        Look(*size, ThemeName.LIGHT, text=text)
        for size, text in (((1366, 768), 1.25), ((1366, 768), 2.0), ((1920, 1080), 2.0))
    ),
    Look(1024, 600, ThemeName.LIGHT, gloves=True),
    *(Look(1366, 768, ThemeName.LIGHT, code, gloves=True) for code in ("en", "de", "ar")),
]
"""What lies between them."""
SHARED_LOOKS = [
    *(Look(1024, 600, ThemeName.LIGHT, code) for code in ("en", "de", "ar")),
    Look(1366, 768, ThemeName.LIGHT, "de"),
    Look(1024, 600, ThemeName.LIGHT, "de", gloves=True),
]
LINE_LOOKS = [
    *(Look(1024, 600, ThemeName.LIGHT, code, gloves=True) for code in ("de", "ar")),
    Look(1024, 600, ThemeName.LIGHT, "de", text=2.0),
]
"""Where the row of the line to the hub takes room that is short already."""
SLACK = 1.5
LEADING = 0.2
"""Part of a line's height above and below its letters: lines may come that near to each other."""


@pytest.fixture(scope="module")
def shown(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Shown]:
    return list(states(copy_home(sample_home, tmp_path_factory.mktemp("layout") / "home")))


def painted(shell: Shell) -> Iterator[tuple[Drawing | DrawnButton, tuple[Drawn, ...]]]:
    shell.grab()
    for widget in shell.findChildren(QWidget):
        if isinstance(widget, Drawing | DrawnButton) and widget.isVisibleTo(shell):
            yield widget, widget.drawn


def letters(drawn: Drawn) -> QRectF:
    """The room the letters themselves take."""
    leading = drawn.used.height() * LEADING
    return drawn.used.adjusted(2, leading, -2, -leading)


def room_of(widget: QWidget, shell: Shell) -> QRect:
    return QRect(widget.mapTo(shell, QPoint(0, 0)), widget.size())


def misplaced(shell: Shell) -> list[str]:
    """Say which parts have no room in the window, or lie over each other.

    A part has a height of its own: where the parts need more than the window has, none is cut, and the last are pushed out.
    """
    rooms = {widget: room_of(widget, shell) for widget, _ in painted(shell)}
    found = [
        f"{type(widget).__name__} at {room.getRect()} leaves the window"
        for widget, room in rooms.items()
        if not shell.rect().contains(room)
    ]
    for (one, room), (other, taken) in combinations(rooms.items(), 2):
        if room.intersects(taken) and not (one.isAncestorOf(other) or other.isAncestorOf(one)):
            found.append(
                f"{type(one).__name__} at {room.getRect()} lies over {type(other).__name__} at {taken.getRect()}"
            )
    return found


def faults(shell: Shell) -> list[str]:
    found = misplaced(shell)
    for widget, texts in painted(shell):
        name = type(widget).__name__
        story = isinstance(widget, PromptView) and isinstance(widget.proof, Story)
        whole = QRectF(0, 0, widget.width() / widget.zoom, widget.height() / widget.zoom)
        for each in texts:
            # A line of an order's story may be as long as it likes, and ends in an ellipsis then.
            if not each.fits and not story:
                found.append(f"{name}: {each.words!r} does not fit {each.room}")
            if not whole.adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(letters(each)):
                found.append(f"{name}: {each.words!r} at {each.used} leaves {whole}")
        for one, other in combinations(texts, 2):
            if one.words and letters(one).intersects(letters(other)):
                found.append(f"{name}: {one.words!r} lies over {other.words!r}")
    return found


def _after(shown: list[Shown]) -> list[Shown]:
    """Return what comes up only now and then, as if it had come up behind what was played."""
    others = (shared_states, printer_states, case_states, order_states, moving_states, receiving_states)
    return [each for states_of in others for each in states_of(shown)]


@pytest.mark.parametrize("look", SHARED_LOOKS, ids=lambda look: look.name)
def test_what_only_shared_sites_printers_in_trouble_cases_and_orders_show_fits_too(
    qtbot: QtBot, shown: list[Shown], look: Look
) -> None:
    found = []
    with speaking(look.language):
        shell = window_of(look)
        qtbot.addWidget(shell)
        for each in _after(shown):
            show(shell, each)
            found += [f"{each.name}: {fault}" for fault in faults(shell)]

    assert found == []


@pytest.mark.parametrize("look", LINE_LOOKS, ids=lambda look: look.name)
def test_every_screen_of_a_site_that_is_shared_leaves_its_line_room(
    qtbot: QtBot, shown: list[Shown], look: Look
) -> None:
    line = next(each.standing for each in shown if each.standing is not None)
    found = []
    with speaking(look.language):
        shell = window_of(look)
        qtbot.addWidget(shell)
        for each in (*shown, *_after(shown)):
            show(shell, replace(each, standing=each.standing or line))
            found += [f"{each.name}: {fault}" for fault in faults(shell)]

    assert found == []


@pytest.mark.parametrize("lined", [False, True])
@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_nine_answers_as_large_as_a_glove_needs_leave_the_last_scan_its_room(
    qtbot: QtBot, shown: list[Shown], language: str, lined: bool
) -> None:
    line = next(each.standing for each in shown if each.standing is not None)
    why = next(each for each in order_states(shown) if each.name == "order-cancel-why-own")
    with speaking(language):
        shell = window_of(Look(1024, 600, ThemeName.LIGHT, language, gloves=True))
        qtbot.addWidget(shell)
        show(shell, replace(why, standing=line if lined else None))

        assert len(shell._screen.answers) == 9
        assert faults(shell) == []
        assert shell.band.isVisibleTo(shell)


@pytest.mark.parametrize("width", [1024, 1366])
@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_the_last_minute_before_a_cut_off_and_hours_behind_it_fit_their_cards(
    qtbot: QtBot, shown: list[Shown], language: str, width: int
) -> None:
    home = next(each for each in reversed(shown) if isinstance(each.feedback.state, Home))
    soon = CutOff(at=NOON + 20_000, carrier="KESTREL", orders=120, units=600, picked=500, packed=300, loaded=100)
    late = replace(soon, at=NOON - 22 * 3_600_000 - 48 * 60_000)
    state = replace(home.feedback.state, view=replace(home.feedback.state.view, cut_offs=(late, soon)))
    with speaking(language):
        shell = window_of(Look(width, 600 if width == 1024 else 768, ThemeName.LIGHT, language))
        qtbot.addWidget(shell)
        show(shell, replace(home, feedback=replace(home.feedback, state=state), now=NOON))

        assert faults(shell) == []
        said = {drawn.words for drawn in shell.context.drawn if shell.context.isVisibleTo(shell)}
        assert tr("under 1 min") in said


def test_what_has_no_room_in_the_window_is_a_fault(qtbot: QtBot, shown: list[Shown]) -> None:
    shell = window_of(Look(1024, 600, ThemeName.LIGHT))
    qtbot.addWidget(shell)
    show(shell, next(each for each in order_states(shown) if each.name == "order-cancel-why-own"))
    shell.show()
    assert misplaced(shell) == []

    shell.answers._grid.setSpacing(200)
    shell._lay_out()
    assert any("lies over ScanBand" in fault for fault in misplaced(shell))
    shell.band.setFixedHeight(500)
    shell._lay_out()
    assert any(fault.startswith("ScanBand") and fault.endswith("leaves the window") for fault in misplaced(shell))


def test_a_bench_reads_the_code_of_a_tote_off_the_smallest_cart(
    qtbot: QtBot, shown: list[Shown], tmp_path: Path
) -> None:
    each = next(each for each in shared_states(shown) if isinstance(each.feedback.state, ShowCode))
    shell = window_of(Look(1024, 600, ThemeName.LIGHT))
    qtbot.addWidget(shell)
    show(shell, each)
    shell.grab().save(str(tmp_path / "cart.png"))

    read = {found.text for found in zxingcpp.read_barcodes(Image.open(tmp_path / "cart.png"))}

    codes = {code for code in read if is_fill_code(code)}
    assert codes == {each.feedback.state.code.slip.code}


def test_every_way_on_where_a_site_is_shared_has_a_key_and_a_code(shown: list[Shown]) -> None:
    for each in shared_states(shown):
        screen = present(each.feedback.state)
        ways = [answer.key for answer in screen.answers] + sorted(screen.keys)
        assert ways or each.feedback.expects, each.name
        for key in ways:
            verb, _, argument = key.partition("-")
            assert isinstance(read_command(command_code(verb, argument)), CommandReading)
            assert cap_of(key), f"{each.name}: no key for {key}"


@pytest.mark.parametrize(
    "look",
    [*LOOKS, *(pytest.param(each, marks=pytest.mark.nightly) for each in NIGHT_LOOKS)],
    ids=lambda look: look.name,
)
def test_every_text_fits_its_place_and_stands_alone(qtbot: QtBot, shown: list[Shown], look: Look) -> None:
    assert len(shown) > 40
    found = []
    with speaking(look.language):
        shell = window_of(look)
        qtbot.addWidget(shell)
        for each in shown:
            show(shell, each)
            found += [f"{each.name}: {fault}" for fault in faults(shell)]

    assert found == []
