"""What the screens of goods in say: how far a delivery is, what is too much, and who booked it."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath
from pytestqt.qtbot import QtBot

from core.cases.model import CaseKind
from core.station.cases import ShowCase
from desktop.gallery_cases import case_states
from desktop.gallery_receiving import receiving_states
from desktop.languages import plain
from desktop.present import present
from desktop.proofs import Rows, Steps
from desktop.theme import FITTING, LIGHT, font
from desktop.widgets.drawing import Canvas
from desktop.widgets.sentence import code_hero
from tests.desktop.test_cases_screen import PLAYED
from tests.desktop.test_drawings import pixels

SHOWN = {each.name.removeprefix("receive-"): each.feedback.state for each in receiving_states(PLAYED)}


def test_lines_say_what_is_booked_of_what_was_announced_and_what_is_too_much() -> None:
    screen = present(SHOWN["items"])

    assert isinstance(screen.proof, Rows)
    assert [each.amount for each in screen.proof.rows] == ["54 of 48", "12 of 48", "0 of 6", "0 of 120"]
    assert [plain(each.detail) for each in screen.proof.rows][:2] == ["MUG-350-BLUE, 6 too many", "MUG-350-RED"]
    assert plain(screen.detail) == "PO-2025-0417, Northfield Pottery, and 10 more lines"


def test_a_finished_delivery_is_not_finished_again() -> None:
    assert [each.key for each in present(SHOWN["all"]).answers] == ["CONFIRM", "NO"]


def test_the_number_in_hand_stands_in_the_prompt_and_more_than_announced_asks_for_the_place_again() -> None:
    usual, asked = present(SHOWN["units"]), present(SHOWN["too-many"])

    assert (usual.block and usual.block.words, asked.block and asked.block.words) == ("36", "360")
    assert plain(usual.detail) == "12 of 48 are booked. Scan more of them, or type how many."
    assert plain(asked.detail) == "That is more than announced: 372 of 48. Scan IN-01 again, and a lead looks at it."


def test_a_case_of_too_many_compares_the_bookings() -> None:
    state = next(each for each in case_states(PLAYED) if each.name == f"cases-{CaseKind.OVER_RECEIPT}").feedback.state
    assert isinstance(state, ShowCase)
    screen = present(state)

    assert plain(screen.detail).startswith("36 too many, Mug, 350 ml, blue")
    assert isinstance(screen.proof, Steps)
    first, second, *rest = map(plain, screen.proof.steps)
    assert first.startswith("48 at IN-01: Mara Lindt, BENCH-1")
    assert second.startswith("36 at A-12-03: Aylin Demir, BENCH-2")
    assert rest == ["Go to the places and count.", "What nobody ordered may go back."]
    assert [each.words for each in screen.answers] == [
        "We keep it",
        "It was booked twice",
        "It goes back",
        "Notes",
        "Back",
    ]


def ink(paint: Callable[[QPainter], object]) -> int:
    """Return how many pixels are dark of what is painted."""
    image = QImage(600, 300, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    paint(painter)
    painter.end()
    return sum(each < 128 for each in pixels(image).tobytes())


def test_joined_letters_of_a_large_number_cut_no_holes_into_each_other(qtbot: QtBot) -> None:
    """Arabic writes *66 of 222* with a word whose letters are joined."""
    word, size, box = "من", max(each for each in FITTING if each <= 150), QRectF(20, 20, 560, 200)
    as_text = QPainterPath()
    as_text.setFillRule(Qt.FillRule.WindingFill)
    as_text.addText(QPointF(0, 0), font(size, bold=True, tight=True), word)
    whole = ink(lambda painter: painter.fillPath(as_text.translated(100, 200), Qt.GlobalColor.black))
    drawn = ink(lambda painter: code_hero(Canvas(painter, LIGHT, QSizeF(600, 300), rtl=True), box, word, size))
    assert abs(drawn - whole) < whole / 200
