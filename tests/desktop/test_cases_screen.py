"""The cases in a window: pressed, typed and scanned off the screen, read out, and with room for every step."""

import io
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import StrEnum
from typing import get_args, get_origin, get_type_hints

import pytest
import zxingcpp
from PIL import Image
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.cases.model import CaseKind
from core.catalog.command_codes import read_command
from core.catalog.model import SiteKind
from core.kernel.commands import REGISTRY, Command, OpClass
from core.kernel.journal import GestureOutcome
from core.kernel.tables import TABLES
from core.orders.model import PartialPolicy, PaymentState
from core.printers.model import Speech
from core.rights.model import StationKind
from core.rules.model import Mode
from core.station.case_queries import Change
from core.station.cases import ChooseCase, ShowCase
from core.station.feedback import Feedback
from desktop.edit_words import EDIT_FIELDS, EDIT_VALUES
from desktop.gallery import Look, show, window_of
from desktop.gallery_cases import case_states
from desktop.gallery_moving import moving_states
from desktop.gallery_shared import Shown
from desktop.languages import plain, speaking
from desktop.messages import case_steps
from desktop.present import present
from desktop.presenters.edits import changes_words
from desktop.proofs import Steps
from desktop.spoken import spoken
from desktop.theme import ThemeName
from desktop.views.answers_view import AnswerButton
from desktop.widgets.pictures import show_pictures
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
                said = present(state, each.now).proof.steps  # type: ignore[union-attr]
                assert set(said) <= drawn, name
                for one in state.seen.receipts:
                    assert any(one.place in words and one.who in words for words in drawn), name
                others = state.seen.nothing_left or state.seen.waits or state.seen.receipts
                assert others or said[-1] == case_steps(state.seen.kind)[-1], name


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_a_page_that_is_to_be_looked_at_stands_beside_the_steps(qtbot: QtBot, look: Look) -> None:
    kept = io.BytesIO()
    Image.new("L", (812, 1218), 200).save(kept, "PNG")
    show_pictures(lambda digest: kept.getvalue() if digest == "page" else b"")
    case = SHOWN["cases-print_fault"]
    state = case.feedback.state
    assert isinstance(state, ShowCase)
    fault = "page 1 has bars 38 mm from the left and 60 mm from the top that no code reads from: look at it"
    seen = replace(state.seen, file="100482.pdf", picture="page", facts=(("fault", fault),))
    with speaking(look.language):
        shell = window_of(look)
        qtbot.addWidget(shell)
        show(shell, replace(case, feedback=replace(case.feedback, state=replace(state, seen=seen))))

        assert faults(shell) == []
        shot = shell.prompt.grab().toImage()
    of_the_page = [
        x for x in range(shot.width()) if any(shot.pixelColor(x, y).name() == "#c8c8c8" for y in range(shot.height()))
    ]
    at_the_left = of_the_page[0] < shot.width() / 2
    assert len(of_the_page) > 90
    assert at_the_left is (look.language != "ar"), "where reading begins"


def test_a_decision_is_made_by_finger_by_digit_and_by_its_code(qtbot: QtBot, tmp_path) -> None:
    shell = window_of(Look(1366, 768, ThemeName.LIGHT))
    qtbot.addWidget(shell)
    shell.show()
    one = SHOWN[f"cases-{CaseKind.DOUBLE_PARCEL}"]
    show(shell, one)
    given: list[str] = []
    shell.gesture.connect(given.append)
    buttons = [each for each in shell.findChildren(AnswerButton) if each.isVisible()]
    assert [each.answer.key for each in buttons] == ["QTY-1", "QTY-2", "QTY-3", "NO"]
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


_ROW_ITSELF = {"order", "owner", "person", "channel", "customer", "measure", "scope", "target", "document", "size"}
"""What says which row an edit is of: both versions have the same."""


def _fields_of(cls: type) -> Iterator[str]:
    """Yield what an edit says one value of, in it and in a row that it carries."""
    for name, hint in get_type_hints(cls).items():
        rows = [each for each in (hint, *get_args(hint)) if isinstance(each, type) and is_dataclass(each)]
        if rows and get_origin(hint) is not tuple:
            yield from _fields_of(rows[0])
        elif get_origin(hint) is not tuple:
            yield name


def test_all_that_an_edit_changes_has_words() -> None:
    stamp = {each.name for each in fields(Command)} | {"base_version", "version"}
    columns = {column for table in TABLES.values() for column in table.columns}
    edits = [
        each for each in REGISTRY.values() if each.CLASS is OpClass.EDIT and "base_version" in get_type_hints(each)
    ]
    changed = {name for each in edits for name in _fields_of(each)} & columns

    assert changed - stamp - _ROW_ITSELF == set(EDIT_FIELDS)


@pytest.mark.parametrize("names", [Mode, Speech, PaymentState, PartialPolicy, SiteKind, StationKind])
def test_what_is_one_of_a_few_has_words_in_every_language(names: type[StrEnum]) -> None:
    assert {each.value for each in names} <= set(EDIT_VALUES)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["Language: العربية, stands: Deutsch", "Checks as for: trusted, stands: new starter"]),
        ("de", ["Sprache: العربية, gilt: Deutsch", "Prüfungen wie bei: bewährt, gilt: neu"]),
    ],
)
def test_an_edit_that_lost_is_compared_in_words(language: str, told: list[str]) -> None:
    state = SHOWN[f"cases-{CaseKind.EDIT_LOST}"].feedback.state
    with speaking(language):
        proof = present(state).proof
    assert isinstance(proof, Steps)
    assert [plain(each) for each in proof.steps] == told


def test_of_what_has_no_name_is_said_that_it_differs_and_of_nothing_that_it_is_none() -> None:
    changes = [Change("contact", "", "", unnamed=True), Change("darkness", "", "15"), Change("gap_tenths", "25", "30")]
    assert list(changes_words(changes)) == [
        "Recipient: another than stands",
        "Darkness: -, stands: 15",
        "Gap, mm: 2.5, stands: 3.0",
    ]


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_where_two_carried_the_same_is_said_in_the_order_of_the_keys_in_the_smallest_window(
    qtbot: QtBot, language: str
) -> None:
    told = next(each for each in moving_states(PLAYED) if each.name == "move-case")
    with speaking(language):
        shell = window_of(Look(1024, 600, ThemeName.LIGHT, language, gloves=True))
        qtbot.addWidget(shell)
        show(shell, told)
        proof = present(told.feedback.state).proof
        assert isinstance(proof, Steps)
        assert faults(shell) == []
    last, first, books = map(plain, proof.steps)
    assert "A-01-02" in last and "Tom Berger" in last, "1: it lies at the last place"
    assert "B-02-04" in first and "Aylin Demir" in first, "2: at the first one"
    assert "A-01-02" in books
