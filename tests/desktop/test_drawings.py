"""The drawings: real things never mirror, codes on the screen can be read, solids lie where there is room."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import combinations

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from core.catalog.command_codes import command_code
from desktop.cards import Bay, BayPlace, Plan, Spot
from desktop.presenters.stowing import arranged
from desktop.proofs import Carton, Check, LabelFace, Load, Part, Remedy, Rows, Slot, Solid, ToScan
from desktop.screens import Answer, Outcome, Screen, lit_answers
from desktop.theme import CONTRAST, DARK, FOCUS, LIGHT, Theme
from desktop.views.answers_view import AnswersView
from desktop.widgets.cart import draw_cart
from desktop.widgets.carton import draw_carton
from desktop.widgets.checklist import LEAST
from desktop.widgets.dock import draw_dock
from desktop.widgets.icons import outcome
from desktop.widgets.keys import Key
from desktop.widgets.label_face import draw_label
from desktop.widgets.paint import Canvas
from desktop.widgets.proofs import draw
from desktop.widgets.walk import draw_bay, draw_plan
from tests.printing.samples import FILL_SLIP

SLOTS = tuple(Slot(n, f"TOTE-{n}", n - 1, 4, n == 2) for n in range(1, 7))
CARTON = Carton(length=400, width=300, height=250, solids=(Solid(0, 0, 0, 200, 150, 100, "1", lit=True),))
PLAN = Plan(
    title="", aside="", you="", aisles=("A", "B", "C"), bays=12, came_from=Spot("C", 4), target=Spot("A", 11),
    ahead=(Spot("A", 2),),
)  # fmt: skip
BAY = Bay(
    title="", aside="", target="A-12-03", not_this="A-12-02",
    shelves=tuple((BayPlace(f"A-12-0{n}", f"0{n}"), BayPlace(f"A-12-1{n}", f"1{n}")) for n in (3, 2, 1)),
)  # fmt: skip
LABEL = LabelFace(carrier="HOUSE", code="0950 1101 0000 0000 18", bars="00095011010000000018", large="100461")


def drawn(
    paint: Callable[[Canvas], None], *, rtl: bool = False, theme: Theme = LIGHT, scale: float = 1.0, on: str = "surface"
) -> QImage:
    image = QImage(round(600 * scale), round(600 * scale), QImage.Format.Format_RGB32)
    image.fill(theme.colour(on))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    paint(Canvas(painter, theme, QSizeF(600, 600), rtl=rtl))
    painter.end()
    return image


BOX = QRectF(20, 20, 560, 560)


@pytest.mark.parametrize(
    "paint",
    [
        lambda canvas: draw_cart(canvas, BOX, SLOTS),
        lambda canvas: draw_carton(canvas, BOX, CARTON),
        lambda canvas: draw_label(canvas, BOX, LABEL),
        lambda canvas: draw_plan(canvas, BOX, PLAN),
        lambda canvas: draw_bay(canvas, BOX, BAY),
    ],
    ids=["cart", "carton", "label", "plan", "bay"],
)
def test_a_drawing_of_a_real_thing_is_the_same_for_whoever_reads_from_the_right(
    qapp: object, paint: Callable[[Canvas], None]
) -> None:
    assert drawn(paint, rtl=True) == drawn(paint)


def test_a_load_fills_from_below_as_parcels_come(qapp: object) -> None:
    def filled(loaded: int) -> int:
        load = Load(carrier="HOUSE", loaded=loaded, total=40, count=f"{loaded} of 40", current=True)
        image = drawn(lambda canvas: draw_dock(canvas, BOX, (load,)))
        accent = LIGHT.colour("accent").rgb()
        return sum(image.pixel(x, y) == accent for x in range(0, 600, 3) for y in range(0, 600, 3))

    amounts = [filled(loaded) for loaded in (0, 1, 10, 20, 40)]

    assert amounts == sorted(amounts)
    assert len(set(amounts)) == len(amounts)


@pytest.mark.parametrize("lengths", [(9, 70, 30), (70, 9, 30), (30, 9, 70)])
@pytest.mark.parametrize("as_steps", [True, False])
def test_rows_of_one_list_are_all_of_one_size(qapp: object, lengths: tuple[int, ...], as_steps: bool) -> None:
    said = tuple(("put the roll in " * 6)[:length].strip() for length in lengths)
    checks = tuple(Check(words, "", 0, 1, current=n == 0) for n, words in enumerate(said))
    proof = Remedy(Part.ROLL, said) if as_steps else Rows(checks)
    canvases: list[Canvas] = []

    def paint(canvas: Canvas) -> None:
        canvases.append(canvas)
        room = QRectF(20, 20, 560 if as_steps else 340, 260)
        draw(canvas, room, proof, Screen(prompt=""), folded=False)

    drawn(paint)
    rows = [each for each in canvases[0].drawn if each.words in said]

    assert len(rows) == len(said)
    assert len({each.size for each in rows}) == 1


def test_a_row_says_how_much_it_is_though_nothing_is_counted(qapp: object) -> None:
    rows = Rows((Check("Q-000417", "", 0, 0, current=True, amount="in doubt"),))
    canvases: list[Canvas] = []

    def paint(canvas: Canvas) -> None:
        canvases.append(canvas)
        draw(canvas, BOX, rows, Screen(prompt=""), folded=False)

    drawn(paint)

    assert [each.words for each in canvases[0].drawn] == ["in doubt", "Q-000417"]


@pytest.mark.parametrize("theme", [LIGHT, DARK, CONTRAST], ids=lambda each: each.name)
def test_the_bars_of_a_label_on_the_screen_can_be_scanned(qapp: object, theme: Theme) -> None:
    image = drawn(lambda canvas: draw_label(canvas, BOX, LABEL), theme=theme, scale=2)

    assert [each.text for each in zxingcpp.read_barcodes(pixels(image))] == ["(00)095011010000000018"]


def pixels(image: QImage) -> memoryview:
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = b"".join(
        bytes(grey.constScanLine(y))[: grey.width()]  # type: ignore[call-overload]
        for y in range(grey.height())
    )
    return memoryview(rows).cast("B", (grey.height(), grey.width()))


@pytest.mark.parametrize("theme", [LIGHT, DARK, CONTRAST], ids=lambda each: each.name)
@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_every_answer_can_be_scanned_off_the_screen(qtbot: QtBot, theme: Theme, direction: Qt.LayoutDirection) -> None:
    view = AnswersView()
    qtbot.addWidget(view)
    view.setLayoutDirection(direction)
    view.dress(theme, 1.0)
    view.show_answers((Answer("QTY-1", "Not found"), Answer("YES", "Yes"), Answer("NO", "Back")))
    view.resize(900, 330)

    read = {each.text for each in zxingcpp.read_barcodes(pixels(view.grab().toImage()))}

    assert read == {command_code("QTY", "1"), command_code("YES", ""), command_code("NO", "")}


def test_no_answer_is_lit_where_a_scan_is_wanted(qtbot: QtBot) -> None:
    view = AnswersView()
    qtbot.addWidget(view)
    answers = (Answer("NOTPRINTED", "Nothing came out"), Answer("NO", "Back"))

    view.show_answers(answers)
    assert view._buttons[0]._primary
    view.show_answers(answers, scan=True)
    assert not view._buttons[0]._primary


def test_no_answer_among_equals_is_lit_but_what_is_so_already() -> None:
    equals = (Answer("QTY-1", "Not found"), Answer("QTY-2", "Shelf is empty"), Answer("NO", "Back"))
    assert lit_answers(equals, scan=False) == ()
    assert lit_answers((Answer("CONFIRM", "Release all"), *equals), scan=False) == (0,)
    assert lit_answers((equals[0], replace(equals[1], now=True)), scan=True) == (1,)


def test_every_outcome_has_a_shape_of_its_own(qapp: object) -> None:
    """In one colour: whoever sees none still tells them apart."""
    shapes = {}
    for each in Outcome:
        image = drawn(partial(outcome, box=BOX, which=each, on_stop=True), on="stop")
        white = LIGHT.colour("on_stop").rgb()
        shapes[each] = frozenset(
            (x, y) for x in range(0, 600, 10) for y in range(0, 600, 10) if image.pixel(x, y) == white
        )

    assert all(len(shape) > 1000 for shape in shapes.values())
    for one, other in combinations(Outcome, 2):
        assert len(shapes[one] ^ shapes[other]) > 100


def test_what_has_the_keyboard_has_a_ring_of_three_pixels(qtbot: QtBot) -> None:
    key = Key("F2")
    qtbot.addWidget(key)
    key.resize(120, 76)
    key.show()
    key.setFocus()
    qtbot.waitUntil(key.hasFocus)

    image = key.grab().toImage()
    accent = LIGHT.colour("accent").rgb()

    assert FOCUS >= 3
    assert sum(image.pixel(60, y) == accent for y in range(12)) >= FOCUS


measures = st.integers(min_value=1, max_value=300)


@given(st.lists(st.tuples(st.sampled_from("1234"), measures, measures, measures), max_size=14))
def test_units_in_a_carton_lie_inside_it_and_not_in_each_other(units: list[tuple[str, int, int, int]]) -> None:
    inside = (400, 300, 250)

    places = arranged(inside, units)

    if places is None:
        return
    assert len(places) == len(units)
    for (_, *measured), (x, y, z, long, wide, high) in zip(units, places, strict=True):
        assert sorted(measured) == sorted((long, wide, high))
        assert x + long <= inside[0]
        assert y + wide <= inside[1]
        assert z + high <= inside[2]
    for one, other in combinations(places, 2):
        apart = any(
            one[axis] + one[axis + 3] <= other[axis] or other[axis] + other[axis + 3] <= one[axis] for axis in range(3)
        )
        assert apart


def test_a_unit_that_is_too_large_is_not_drawn_in_a_carton(qapp: object) -> None:
    assert arranged((400, 300, 250), [("1", 500, 10, 10)]) is None
    assert arranged((400, 300, 250), [("1", 100, 100, 100)]) == ((0, 0, 0, 100, 100, 100),)


def _listed(count: int, height: float) -> list[str]:
    rows = tuple(Check(f"line {n}", "", 0, n + 1, current=False) for n in range(count))
    words: list[str] = []

    def paint(canvas: Canvas) -> None:
        draw(canvas, QRectF(20, 20, 560, height), Rows(rows), Screen(prompt=""), folded=True)
        words.extend(each.words for each in canvas.drawn)

    drawn(paint)
    return words


@pytest.mark.parametrize("height", range(60, 560, 7))
@pytest.mark.parametrize("count", [1, 2, 4, 5, 9])
def test_a_list_shows_every_line_or_says_how_many_more_there_are(count: int, height: int) -> None:
    words = _listed(count, float(height))

    seen = sum(each.startswith("line ") for each in words)
    more = sum(int(found[1]) for each in words if (found := re.match(r"and (\d+) more", each)))
    assert seen + more == count or (seen == 1 and height < 2 * LEAST), words


@pytest.mark.parametrize("theme", [LIGHT, DARK, CONTRAST], ids=lambda each: each.name)
@pytest.mark.parametrize("rtl", [False, True])
def test_a_totes_code_is_read_off_the_screen(qapp: object, theme: Theme, rtl: bool) -> None:  # noqa: FBT001
    proof, room = ToScan(FILL_SLIP.code, FILL_SLIP.tote, "Order 100482"), QRectF(20, 20, 560, 330)
    image = drawn(lambda canvas: draw(canvas, room, proof, Screen(prompt=""), folded=True), theme=theme, rtl=rtl)

    assert [each.text for each in zxingcpp.read_barcodes(pixels(image))] == [FILL_SLIP.code]
