"""Everything is reached by scanner alone, by keyboard alone and by touch: work, menu, help, typing, PIN, sign-out."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from core.catalog.command_codes import command_code
from core.kernel.journal import Gesture
from core.kernel.tables import sql_of
from desktop.sounds import Sound
from desktop.widgets.entry import Asked
from tests.desktop.bench import Bench

Way = Callable[[Bench, QtBot, str], None]

_KEYS = {
    "HELP": Qt.Key.Key_F1, "SHORT": Qt.Key.Key_F2, "DAMAGED": Qt.Key.Key_F3, "FULL": Qt.Key.Key_F4,
    "REPRINT": Qt.Key.Key_F5, "SKIP": Qt.Key.Key_F6, "UNDO": Qt.Key.Key_F8, "CALL": Qt.Key.Key_F9, "MENU": Qt.Key.Key_F10,
    "FIND": Qt.Key.Key_F12, "CONFIRM": Qt.Key.Key_Return, "NO": Qt.Key.Key_Escape, "YES": Qt.Key.Key_Y,
}  # fmt: skip


def by_keyboard(it: Bench, qtbot: QtBot, key: str) -> None:
    """Press a key of the keyboard."""
    verb, _, argument = key.partition("-")
    qtbot.keyClick(it.shell, argument if verb == "QTY" else _KEYS[verb])
    it.settle()


def by_scanner(it: Bench, qtbot: QtBot, key: str) -> None:
    """Scan a command code; every one of these is on the screen or on its help."""
    verb, _, argument = key.partition("-")
    it.scan(command_code(verb, argument))


def by_touch(it: Bench, qtbot: QtBot, key: str) -> None:
    """Press what is drawn for a key, wherever that is on the screen."""
    button = _button(it, key)
    assert button.isVisible(), f"nothing to touch for {key}"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(button.width() // 2, button.height() // 2))
    it.settle()


def _button(it: Bench, key: str) -> QPushButton:
    if key == "MENU":
        return it.shell.strip.menu
    answers = [each for each in it.shell.answers._buttons if each.isVisible() and each.answer.key == key]
    ways_on = [each for each in it.shell.refusal._buttons if each.isVisible() and each.answer.key == key]
    return (answers or ways_on or [it.shell.keys._keys[key]])[0]


WAYS: list[Way] = [by_keyboard, by_scanner, by_touch]
each_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)


def _at_a_shelf(it: Bench) -> None:
    it.scan("BADGE-MARA")
    it.press("CONFIRM")
    it.next()
    assert it.state == "GoToLocation"


@each_way
def test_the_menu_is_opened_at_a_step_and_leads_back_to_it(it: Bench, qtbot: QtBot, way: Way) -> None:
    _at_a_shelf(it)

    way(it, qtbot, "MENU")
    assert it.state == "Menu"
    way(it, qtbot, "NO")

    assert it.state == "GoToLocation"


@each_way
def test_another_job_is_begun_from_the_menu(it: Bench, qtbot: QtBot, way: Way) -> None:
    it.scan("BADGE-NOOR")

    way(it, qtbot, "MENU")
    way(it, qtbot, "QTY-3")

    assert it.window.station.flow == "pack"


@each_way
def test_larger_text_and_gloves_are_chosen_over_a_step_and_lead_back_to_it(it: Bench, qtbot: QtBot, way: Way) -> None:
    _at_a_shelf(it)
    usual = it.shell._zoom

    way(it, qtbot, "MENU")
    way(it, qtbot, "QTY-4")
    assert it.state == "Choose"
    way(it, qtbot, "QTY-2")
    assert it.shell._zoom == pytest.approx(usual * 1.25)
    way(it, qtbot, "QTY-4")
    way(it, qtbot, "NO")

    assert it.state == "GoToLocation"
    keys = [each for each in it.shell.keys._keys.values() if each.isVisible()]
    millimetres = it.shell._zoom * 96 / 25.4
    assert all(each.height() / it.shell._zoom / 96 * 25.4 >= 24.5 for each in keys)
    assert all(b.x() - a.x() - a.width() >= 5 * millimetres - 1 for a, b in pairwise(sorted(keys, key=lambda k: k.x())))

    it.press("LOGOUT")
    assert it.shell._zoom == usual, "what nobody chose is the usual"
    it.scan("BADGE-MARA")
    assert it.shell._zoom == pytest.approx(usual * 1.25)


@each_way
def test_one_signs_out_from_the_menu(it: Bench, qtbot: QtBot, way: Way) -> None:
    it.scan("BADGE-TOM")

    way(it, qtbot, "MENU")
    way(it, qtbot, "QTY-3")

    assert it.state == "ScanBadge"


@each_way
def test_help_lies_over_the_step_and_is_taken_away(it: Bench, qtbot: QtBot, way: Way) -> None:
    _at_a_shelf(it)
    if way is by_touch:
        way(it, qtbot, "MENU")

    way(it, qtbot, "HELP")

    assert it.shell.help.isVisible()
    assert it.shell.aside
    assert it.state == "GoToLocation"
    assert "F2" in it.shell.help.accessibleName()
    by_keyboard(it, qtbot, "NO")
    assert not it.shell.help.isVisible()
    assert it.state == "GoToLocation"


def test_the_right_scan_works_while_help_is_shown(it: Bench, qtbot: QtBot) -> None:
    _at_a_shelf(it)
    by_keyboard(it, qtbot, "HELP")

    it.next()

    assert it.state == "TakeItem"
    assert not it.shell.help.isVisible()


@each_way
def test_a_damaged_barcode_is_typed(it: Bench, qtbot: QtBot, way: Way) -> None:
    _at_a_shelf(it)
    code = it.window.station.state.view.location_code
    if way is by_touch:
        way(it, qtbot, "MENU")
    way(it, qtbot, "FIND")
    assert it.shell.entry.asked is Asked.CODE

    if way is by_touch:
        _touch_pad(it, qtbot, code)
    else:
        qtbot.keyClicks(it.shell, code)
        qtbot.keyClick(it.shell, Qt.Key.Key_Return)
    it.settle()

    assert it.state == "TakeItem"
    assert it.shell.entry.asked is None
    table = sql_of(Gesture)
    with it.assembly.database.reading() as reader:
        last = reader.execute(table.select().order_by(table.c.number.desc())).first()
    assert (last.input, last.raw) == ("manual", code)


def _touch_pad(it: Bench, qtbot: QtBot, words: str) -> None:
    keys = {each.cap: each for each in it.shell.entry.keys}
    for cap in (*words, "\u21b5"):
        assert keys[cap].isVisible()
        qtbot.mouseClick(keys[cap], Qt.MouseButton.LeftButton)


def test_typing_is_given_up_and_the_step_is_as_it_was(it: Bench, qtbot: QtBot) -> None:
    _at_a_shelf(it)
    by_keyboard(it, qtbot, "FIND")
    qtbot.keyClicks(it.shell, "A-0")
    qtbot.keyClick(it.shell, Qt.Key.Key_Escape)

    assert it.shell.entry.asked is None
    assert it.shell.keys.isVisible()
    assert it.state == "GoToLocation"


def test_a_scan_is_taken_as_one_while_the_line_is_open(it: Bench, qtbot: QtBot) -> None:
    _at_a_shelf(it)
    by_keyboard(it, qtbot, "FIND")
    qtbot.keyClicks(it.shell, "12")

    it.next()

    assert it.state == "TakeItem"
    assert it.shell.entry.asked is None


def test_a_typed_code_that_is_wrong_is_refused_like_a_scan(it: Bench, qtbot: QtBot) -> None:
    _at_a_shelf(it)
    by_keyboard(it, qtbot, "FIND")
    qtbot.keyClicks(it.shell, "NO-SUCH-PLACE")
    qtbot.keyClick(it.shell, Qt.Key.Key_Return)
    it.settle()

    assert it.shell.refusing
    assert it.state == "GoToLocation"


def test_backspace_takes_a_letter_back(it: Bench, qtbot: QtBot) -> None:
    it.scan("BADGE-MARA")
    by_keyboard(it, qtbot, "FIND")
    qtbot.keyClicks(it.shell, "BENCH-12")
    qtbot.keyClick(it.shell, Qt.Key.Key_Backspace)
    qtbot.keyClick(it.shell, Qt.Key.Key_Return)
    it.settle()

    assert it.state == "ShowStock"


# The PIN


def _asks_pin(it: Bench) -> bool:
    it.scan("BADGE-DANA")
    return it.state == "EnterPin"


@pytest.mark.parametrize("by", ["keyboard", "touch"])
def test_a_pin_is_typed_and_never_shown(it: Bench, qtbot: QtBot, by: str) -> None:
    assert _asks_pin(it), "a supervisor's badge asks for the PIN"
    assert it.shell.entry.asked is Asked.PIN

    if by == "touch":
        _touch_pad(it, qtbot, "2580")
    else:
        qtbot.keyClicks(it.shell, "25a80")
        assert it.shell.entry._line.words == "\u2022" * 4
        qtbot.keyClick(it.shell, Qt.Key.Key_Return)
    it.settle()

    assert it.state == "Home"
    table = sql_of(Gesture)
    with it.assembly.database.reading() as reader:
        assert "2580" not in [row.raw for row in reader.execute(table.select())]


def test_a_wrong_pin_is_refused_and_the_next_digit_begins_again(it: Bench, qtbot: QtBot) -> None:
    _asks_pin(it)
    qtbot.keyClicks(it.shell, "1111")
    qtbot.keyClick(it.shell, Qt.Key.Key_Return)
    it.settle()
    assert it.shell.refusing

    qtbot.keyClicks(it.shell, "2580")
    qtbot.keyClick(it.shell, Qt.Key.Key_Return)
    it.settle()

    assert it.state == "Home"


def test_a_pin_is_given_up(it: Bench, qtbot: QtBot) -> None:
    _asks_pin(it)

    qtbot.keyClick(it.shell, Qt.Key.Key_Escape)
    it.settle()

    assert it.state == "ScanBadge"
    assert it.shell.entry.asked is None


# A whole line, each way


@each_way
def test_a_refusal_is_lifted_each_way_without_doing_anything(it: Bench, qtbot: QtBot, way: Way) -> None:
    _at_a_shelf(it)
    it.scan("BENCH-1")
    assert it.shell.refusing

    way(it, qtbot, "NO")

    assert not it.shell.refusing
    assert it.state == "GoToLocation"


@each_way
def test_a_short_is_told_each_way(it: Bench, qtbot: QtBot, way: Way) -> None:
    _at_a_shelf(it)
    task = it.window.station.state.view.task

    way(it, qtbot, "SHORT")
    assert it.state == "AskShortReason"
    way(it, qtbot, "QTY-1")

    state = it.window.station.state
    assert it.state == "GoToLocation"
    assert state.view.task != task


def test_a_refusal_is_heard_and_so_is_a_right_scan(it: Bench) -> None:
    heard: list[Sound] = []
    it.window._play = heard.append
    _at_a_shelf(it)
    heard.clear()

    it.scan("BENCH-1")
    it.next()
    it.press("SHORT")

    assert heard == [Sound.REFUSE, Sound.ACCEPT, Sound.CAUTION]


# Files


def test_a_file_is_dropped_onto_the_window_and_read_in(it: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "new orders.csv"
    file.write_text(
        "channel,order,line,sku,quantity,ordered_at,name,address,city,postcode,country\n"
        "shop,Z-1,1,MUG-350-BLUE,1,2025-12-16T09:00:00,Ada Byron,1 Mill Lane,Leeds,LS1 4AP,GB\n"
        "shop,Z-2,1,NOBODY-KNOWS,1,2025-12-16T09:00:00,Ada Byron,1 Mill Lane,Leeds,LS1 4AP,GB\n",
        encoding="utf-8",
    )
    _asks_pin(it)
    qtbot.keyClicks(it.shell, "2580")
    qtbot.keyClick(it.shell, Qt.Key.Key_Return)
    it.settle()

    _drop(it, file)
    it.settle()
    assert it.state == "ChooseKind"
    kinds = it.window.station.state.kinds
    qtbot.keyClick(it.shell, str(kinds.index("orders") + 1))
    it.settle()
    assert it.state == "ChooseMapping"
    qtbot.keyClick(it.shell, "1")
    it.settle()

    qtbot.waitUntil(lambda: it.state == "ShowReport", timeout=10_000)
    reading = it.window.station.state.reading
    assert (reading.imported, reading.rejected) == (1, 1)
    assert "NOBODY-KNOWS" in it.shell.prompt.accessibleName()


def _drop(it: Bench, file: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    it.shell.dropEvent(
        QDropEvent(
            QPointF(10, 10), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )


def test_a_path_is_typed_and_a_wrong_one_is_refused(it: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "stock.csv"
    file.write_text("sku,location,quantity\n", encoding="utf-8")
    _asks_pin(it)
    qtbot.keyClicks(it.shell, "2580")
    qtbot.keyClick(it.shell, Qt.Key.Key_Return)
    it.settle()
    it.window.station.go("import")
    it.settle()

    for path, state in ((f"{file}x", "ChooseFile"), (str(file), "ChooseKind")):
        by_keyboard(it, qtbot, "FIND")
        qtbot.keyClicks(it.shell, path)
        qtbot.keyClick(it.shell, Qt.Key.Key_Return)
        it.settle()
        assert it.state == state
        assert it.shell.refusing == (state == "ChooseFile")


def test_a_file_that_nobody_is_signed_in_for_is_refused(it: Bench, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("x\n", encoding="utf-8")

    _drop(it, file)
    it.settle()

    assert it.state == "ScanBadge"
    assert it.shell.refusing


def test_a_picker_reads_no_file_in(it: Bench, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("x\n", encoding="utf-8")
    it.scan("BADGE-MARA")

    _drop(it, file)
    it.settle()

    assert it.window.station.flow == "home"


def test_news_of_a_printer_waits_below_a_refusal(it: Bench) -> None:
    _at_a_shelf(it)
    it.scan("BENCH-1")
    assert it.shell.refusing

    it.window.station.go("pick")
    it.settle()

    assert it.shell.refusing
    it.press("NO")
    assert not it.shell.refusing
    assert it.state == "GoToLocation"


# One order to the van, each way alone


def _give(it: Bench, qtbot: QtBot, way: Way, code: str) -> None:
    """Give a code in one way only: scanned, typed, or touched on the keys of the screen."""
    if way is by_scanner:
        it.scan(code)
        return
    if way is by_touch:
        way(it, qtbot, "MENU")
    way(it, qtbot, "FIND")
    if way is by_touch:
        _touch_pad(it, qtbot, code)
    else:
        qtbot.keyClicks(it.shell, code)
        qtbot.keyClick(it.shell, Qt.Key.Key_Return)
    it.settle()


def _go_on(it: Bench, qtbot: QtBot, way: Way) -> str:
    """Do what the station expects next, and return where it stands then."""
    station = it.window.station
    wanted = next(each for each in station._flow.expects(station.state) if each.meaning == "next")
    if wanted.kind == "key":
        way(it, qtbot, wanted.code)
    else:
        _give(it, qtbot, way, wanted.code or "TOTE-0001")
    return it.state


@each_way
def test_an_order_goes_to_the_van_this_way_alone(it: Bench, qtbot: QtBot, way: Way) -> None:
    if way is by_touch:
        # Nobody types at a badge reader: a badge is the one thing that is always scanned.
        it.scan("BADGE-JONAS")
    else:
        _give(it, qtbot, way, "BADGE-JONAS")
    assert it.state == "Home"
    way(it, qtbot, "CONFIRM")
    while _go_on(it, qtbot, way) != "BatchDone":
        pass
    way(it, qtbot, "MENU")
    way(it, qtbot, "QTY-3")
    assert it.window.station.flow == "pack"
    while _go_on(it, qtbot, way) != "StickLabel":
        pass
    sscc = it.window.station.state.parcel.sscc
    _give(it, qtbot, way, sscc)
    way(it, qtbot, "MENU")
    way(it, qtbot, "QTY-4")
    assert it.window.station.flow == "dispatch"

    _give(it, qtbot, way, sscc)

    assert it.window.station.state.view.loads[0].loaded == 1
