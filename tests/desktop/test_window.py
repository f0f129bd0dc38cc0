"""The real window, with simulated devices, through pick, pack and dispatch."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.app import StationWindow
from desktop.assembly import assembled
from desktop.bridge import MainThread
from desktop.shell import Shell
from desktop.theme import CONTRAST, DARK, LIGHT, THEMES, ThemeName
from desktop.wedge import WedgeFilter
from tests.homes import copy_home


class Bench:
    """A window on a copied sample, without printers."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self._qtbot = qtbot
        self._stack = assembled(folder)
        self.assembly = self._stack.__enter__()
        self.main = MainThread()
        self.shell = Shell(simulated=True)
        self.window = StationWindow(self.shell, simulated=True)
        self.window.station, self._reader = self.assembly.station(self.main.post, self.window.hear)
        qtbot.addWidget(self.shell)
        self.shell.resize(1366, 768)
        self.shell.show()
        self.window.station.start()
        self.settle()

    def close(self) -> None:
        self.settle()
        self._reader.close()
        self._stack.__exit__(None, None, None)

    def settle(self) -> None:
        self._qtbot.waitUntil(lambda: self.window.station.idle, timeout=10_000)
        self._qtbot.wait(5)

    @property
    def state(self) -> str:
        return type(self.window.station.state).__name__

    def scan(self, code: str) -> str:
        self.window.scan(code)
        self.settle()
        return self.state

    def press(self, verb: str) -> str:
        self.window.press(verb)
        self.settle()
        return self.state

    def next(self) -> str:
        """Do what the station expects next."""
        station = self.window.station
        wanted = next(each for each in station._flow.expects(station.state) if each.meaning == "next")
        if wanted.kind == "key":
            return self.press(wanted.code)
        code = wanted.code
        if wanted.kind == "tote" and not code:
            self._tote = getattr(self, "_tote", 0) + 1
            code = f"TOTE-{self._tote:04d}"
        return self.scan(code)


@pytest.fixture
def it(qtbot: QtBot, sample_home: Path, tmp_path: Path):
    made = Bench(qtbot, copy_home(sample_home, tmp_path / "home"))
    yield made
    made.close()


def test_one_order_goes_through_the_window_to_the_van(it: Bench) -> None:
    assert it.state == "ScanBadge"
    it.scan("BADGE-MARA")
    assert it.state == "Home"
    assert it.press("CONFIRM") == "ScanCart"
    while it.next() != "BatchDone":
        pass
    it.press("LOGOUT")
    it.scan("BADGE-AYLIN")
    it.window.station.go("pack")
    it.settle()
    while it.next() != "StickLabel":
        pass
    sscc = it.window.station.state.parcel.sscc
    assert it.next() == "ScanWork"
    it.press("LOGOUT")
    it.scan("BADGE-TOM")
    it.window.station.go("dispatch")
    it.settle()
    assert it.scan(sscc) == "ScanParcel"
    assert it.press("CONFIRM") == "ConfirmClose"
    assert it.press("YES") == "ScanParcel"


def test_a_wrong_scan_fills_the_window_until_the_right_one(it: Bench) -> None:
    it.scan("BADGE-MARA")
    it.press("CONFIRM")
    it.next()
    assert it.state == "GoToLocation"

    it.scan("BENCH-1")

    assert it.shell.refusing
    assert it.state == "GoToLocation"
    it.next()
    assert not it.shell.refusing
    assert it.state == "TakeItem"


def test_escape_lifts_a_refusal_without_doing_anything(it: Bench, qtbot: QtBot) -> None:
    it.scan("BADGE-MARA")
    it.scan("NO-SUCH-CODE")
    assert it.shell.refusing

    qtbot.keyClick(it.shell, Qt.Key.Key_Escape)

    assert not it.shell.refusing
    assert it.state == "Home"


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda each: each.name)
@pytest.mark.parametrize("size", [(1024, 600), (1366, 768), (1920, 1080)])
def test_every_theme_and_size_is_painted(it: Bench, theme, size) -> None:
    it.shell.show_theme(theme)
    it.shell.resize(*size)
    it.scan("BADGE-MARA")
    picture = it.shell.grab()

    assert (picture.width(), picture.height()) == size
    colours = {picture.toImage().pixel(x, y) for x in range(0, size[0], 16) for y in range(0, size[1], 16)}
    assert len(colours) > 3


def test_a_burst_of_keys_is_a_scan_and_slow_keys_are_typing() -> None:
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtGui import QKeyEvent

    now, heard = [0], []
    wedge = WedgeFilter(lambda: now[0], heard.append)

    def key(text: str, gap: int, code: Qt.Key = Qt.Key.Key_A) -> bool:
        now[0] += gap
        return wedge.eventFilter(QObject(), QKeyEvent(QEvent.Type.KeyPress, code, Qt.KeyboardModifier.NoModifier, text))

    for char in "A-01-04":
        key(char, 5)
    assert key("\r", 5, Qt.Key.Key_Return)
    for char in "slow":
        assert not key(char, 300)
    assert not key("\r", 300, Qt.Key.Key_Return)

    assert heard == ["A-01-04"]


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK, CONTRAST], ids=lambda each: each.name)
def test_text_is_readable_in_every_theme(theme) -> None:
    assert contrast(theme.ink, theme.surface) >= 10
    assert contrast(theme.quiet, theme.ground) >= 4.5
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.on_stop, theme.stop) >= 4.5
    assert ThemeName(theme.name) is theme.name
