"""A burst of keys is a scan; typing is given to the window, every key of it, in order."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop.wedge import WedgeFilter
from devices.framing.keys import mark
from devices.framing.text import SILENCE_MS
from devices.framing.wedge import GAP_MS
from devices.repeats import DOUBLE_READ_MS, DoubleReads

QUICK, SLOW = 5, 300


class Typed(QWidget):
    """A widget that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.text += event.text()


class Keyboard:
    """Keys with the time between them, offered to the filter as Qt offers them."""

    def __init__(self, qtbot: QtBot) -> None:
        self.now, self.scans, self.silence_ends = 10_000, [], False
        self.stamped: list[int] = []
        self.wedge = WedgeFilter(
            lambda: self.now, lambda code, _gaps, _end: self.scans.append(code), lambda: self.silence_ends, self.stamp
        )
        self.window = Typed()
        qtbot.addWidget(self.window)

    def stamp(self, event: QKeyEvent) -> int:
        self.stamped.append(event.timestamp())
        return event.timestamp()

    def key(self, text: str, gap: int, code: int = Qt.Key.Key_A, to: QWidget | None = None, stamp: int = 0) -> bool:
        """Press a key and return whether the filter kept it from the window; the system may say when that was."""
        self.now += gap
        event = QKeyEvent(QEvent.Type.KeyPress, code, Qt.KeyboardModifier.NoModifier, text)
        event.setTimestamp(stamp)
        kept = self.wedge.eventFilter(to or self.window, event)
        if not kept:
            (to or self.window).event(event)
        return kept

    def enter(self, gap: int = QUICK) -> bool:
        return self.key("\r", gap, Qt.Key.Key_Return)

    def burst(self, code: str, gap: int = QUICK) -> None:
        for char in code:
            self.key(char, gap)
        self.enter(gap)

    def heap(self, keys: str, stamp: int, apart: int) -> None:
        """Have the window come to keys all at once that the system says were so far apart."""
        for at, char in enumerate(keys):
            code = Qt.Key.Key_Return if char == "\r" else Qt.Key.Key_A
            self.key(char, 0, code, stamp=stamp + at * apart)


@pytest.fixture
def it(qtbot: QtBot):
    made = Keyboard(qtbot)
    yield made
    made.now += SILENCE_MS
    made.wedge.release()


@pytest.mark.parametrize("code", ["A-01-04", "09501101530003", "010950110153000310LOT7\x1d2112"])
def test_a_burst_is_a_scan_and_nothing_of_it_reaches_the_window(it: Keyboard, code: str) -> None:
    it.burst(code)

    assert it.scans == [code]
    assert it.window.text == ""


def test_slow_keys_are_typing(it: Keyboard) -> None:
    for char in "slow":
        it.key(char, SLOW)
    assert not it.enter(SLOW)

    assert it.scans == []
    assert it.window.text == "slow\r"


def test_the_first_digit_of_a_code_answers_no_question(it: Keyboard) -> None:
    assert it.key("1", SLOW)
    assert it.window.text == ""


def test_a_single_key_reaches_the_window_when_no_burst_follows(it: Keyboard, qtbot: QtBot) -> None:
    it.key("1", SLOW)
    it.now += GAP_MS

    qtbot.waitUntil(lambda: it.window.text == "1", timeout=10 * GAP_MS)


def test_a_key_that_writes_nothing_is_not_held_back(it: Keyboard) -> None:
    assert not it.key("", SLOW, Qt.Key.Key_F2)


@pytest.mark.parametrize(
    ("key", "text", "modifier", "said"),
    [
        (Qt.Key.Key_Down, "", Qt.KeyboardModifier.KeypadModifier, mark(Qt.Key.Key_Down)),
        (Qt.Key.Key_F8, "", Qt.KeyboardModifier.NoModifier, mark(Qt.Key.Key_F8)),
        (Qt.Key.Key_F, "\x06", Qt.KeyboardModifier.ControlModifier, "\x06"),
    ],
)
def test_a_key_within_a_burst_may_be_the_separator_and_is_the_windows_own_elsewhere(
    it: Keyboard, key: Qt.Key, text: str, modifier: Qt.KeyboardModifier, said: str
) -> None:
    def separator(gap: int) -> bool:
        it.now += gap
        event = QKeyEvent(QEvent.Type.KeyPress, key, modifier, text)
        return it.wedge.eventFilter(it.window, event)

    for char in "10ABC":
        it.key(char, QUICK)
    assert not it.key("", QUICK, Qt.Key.Key_Shift)
    for char in "D":
        it.key(char, QUICK)
    assert separator(QUICK)
    it.burst("17261231")

    assert it.scans == [f"10ABCD{said}17261231"]
    assert not separator(SLOW)


def test_a_short_burst_is_typing(it: Keyboard) -> None:
    it.burst("123")

    assert it.scans == []
    assert it.window.text == "123\r"


def test_a_fast_typist_is_no_scanner(it: Keyboard) -> None:
    it.burst("A-01-04", gap=60)

    assert it.scans == []
    assert it.window.text == "A-01-04\r"


def test_the_same_code_at_once_is_one_read_and_later_it_is_another(it: Keyboard) -> None:
    it.burst("9501", gap=1)
    it.burst("9501", gap=1)
    assert it.scans == ["9501"]

    it.now += DOUBLE_READ_MS
    it.burst("9501", gap=1)
    assert it.scans == ["9501", "9501"]


@pytest.mark.parametrize("read_before", range(1, len("A-01-04\r")))
def test_a_window_that_was_held_up_tears_no_scan_apart(it: Keyboard, read_before: int) -> None:
    code = "A-01-04\r"
    it.heap(code[:read_before], 50_000, QUICK)
    it.now += 3 * GAP_MS
    it.heap(code[read_before:], 50_000 + read_before * QUICK, QUICK)

    assert it.scans == ["A-01-04"]
    assert it.window.text == ""


def test_keys_that_waited_are_no_scan_for_having_waited(it: Keyboard) -> None:
    it.heap("slow\r", 50_000, SLOW)

    assert it.scans == []
    assert it.window.text == "slow\r"


def test_two_scans_that_waited_are_two(it: Keyboard) -> None:
    it.heap("9501\r", 50_000, QUICK)
    it.heap("9501\r", 50_500, QUICK)

    assert it.scans == ["9501", "9501"]


def test_keys_that_are_still_to_be_read_come_before_the_verdict_that_none_followed(it: Keyboard) -> None:
    it.heap("A-01", 50_000, QUICK)
    it.now += GAP_MS
    it.wedge._patience.timeout.emit()
    it.heap("-04\r", 50_020, QUICK)

    assert it.scans == ["A-01-04"]


def test_a_scan_that_silence_ends_is_one_although_the_timer_rang_early(it: Keyboard, qtbot: QtBot) -> None:
    it.silence_ends = True
    for char in "A-01-04":
        it.key(char, QUICK)
    it.now += SILENCE_MS - 6
    it.wedge.release()
    assert (it.scans, it.window.text) == ([], "")

    it.now += 6
    qtbot.waitUntil(lambda: it.scans == ["A-01-04"])
    assert it.window.text == ""
    assert it.wedge._patience.timerType() is Qt.TimerType.PreciseTimer


def test_a_key_that_goes_on_to_the_next_widget_is_looked_at_once(it: Keyboard, qtbot: QtBot) -> None:
    line = QLineEdit()
    qtbot.addWidget(line)
    # Behind its Enter a scanner may send what ends a line elsewhere: no window wants it, and all of them are asked.
    for to in (line, it.window, it.window):
        it.key("\n", 0, Qt.Key.Key_Return, to=to, stamp=50_000)
    assert it.stamped == [50_000]

    # Two of a key at one time are two keys.
    it.heap("0055\r", 50_100, 0)
    assert it.scans == ["0055"]


def test_a_line_to_write_in_keeps_its_keys(it: Keyboard, qtbot: QtBot) -> None:
    line = QLineEdit()
    qtbot.addWidget(line)

    for char in "A-01-04":
        assert not it.key(char, QUICK, to=line)
    assert line.text() == "A-01-04"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(keys=st.lists(st.tuples(st.sampled_from("A1-\r"), st.integers(0, 200)), max_size=40))
def test_no_key_is_lost_and_none_comes_twice(it: Keyboard, keys: list[tuple[str, int]]) -> None:
    heard: list[str] = []
    it.window.text = ""
    it.now += 1_000

    def take(code: str, _gaps: tuple[int, ...], _end: str) -> None:
        heard.append(code)
        it.window.text += code + "\r"

    it.wedge._scanned = take
    for text, gap in keys:
        # The same code again is meant here.
        it.wedge._reads = DoubleReads()
        it.key(text, gap, Qt.Key.Key_Return if text == "\r" else Qt.Key.Key_A)
    it.now += GAP_MS
    it.wedge.release()

    assert it.window.text == "".join(text for text, _ in keys)
    assert all(len(code) >= 4 for code in heard)
