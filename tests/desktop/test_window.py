"""The real window, with simulated devices, through pick, pack and dispatch."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.present import present
from desktop.theme import CONTRAST, DARK, DPI, LIGHT, TARGET_MM, THEMES, ThemeName
from desktop.widgets.drawing import DrawnButton
from tests.desktop.bench import Bench


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


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


GROUNDS = ("ground", "surface", "raised", "accent_tint", "accept_tint", "caution_tint", "info_tint")
ON = (
    ("on_accent", "accent"), ("on_stop", "stop"), ("on_block", "block"), ("on_outcome", "accept"),
    ("on_outcome", "caution"), ("on_outcome", "info"), ("accept", "accept_tint"), ("caution", "caution_tint"),
    ("quiet", "face_left"), ("on_accent", "lit_top"),
)  # fmt: skip
"""Words and signs on what they stand on, beside ink and quiet ink on every ground."""


@pytest.mark.parametrize("theme", [LIGHT, DARK, CONTRAST], ids=lambda each: each.name)
def test_text_is_readable_in_every_theme(theme) -> None:
    for ground in GROUNDS:
        assert contrast(theme.ink, getattr(theme, ground)) >= 10, ground
        assert contrast(theme.quiet, getattr(theme, ground)) >= 4.5, ground
    for words, ground in ON:
        assert contrast(getattr(theme, words), getattr(theme, ground)) >= 4.5, (words, ground)
    assert ThemeName(theme.name) is theme.name


@pytest.mark.parametrize("size", [(1024, 600), (1366, 768), (1920, 1080)])
def test_what_is_touched_is_twenty_millimetres(it: Bench, size) -> None:
    it.shell.resize(*size)
    it.scan("BADGE-MARA")
    buttons = [each for each in it.shell.findChildren(DrawnButton) if each.isVisible()]
    it.press("CONFIRM")
    it.next()
    buttons += [each for each in it.shell.keys.findChildren(DrawnButton) if each.isVisible()]

    assert len(buttons) > 6
    for each in buttons:
        if each.parent() is not it.shell.strip:
            assert min(each.width(), each.height()) / each.zoom >= TARGET_MM * DPI / 25.4 - 1, each.accessibleName()


def test_what_did_not_change_is_not_painted_again(it: Bench) -> None:
    it.scan("BADGE-MARA")
    it.press("CONFIRM")
    it.next()
    it.shell.paint_now()
    screen = present(it.window.station.state)

    it.shell.prompt.show_screen(screen, folded=False)
    assert not it.shell.prompt.stale
    it.shell.prompt.show_screen(screen, folded=True)

    assert it.shell.prompt.stale
