"""Windows' messages as they come: a scanner's keys go to the scanner, and their twins to nobody; the keyboard's to the window."""

import ctypes
from ctypes import wintypes

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from desktop.key_stamps import KeyStamps, stamp_of
from desktop.raw_keys import RawKeys, raw_keys
from devices.drivers.raw_input import WM_INPUT, RawInputBus

KEY_DOWN, KEY_UP, PAINT = 0x0100, 0x0101, 0x000F


class Bus(RawInputBus):
    """A bus whose messages are a scanner's when their parameter is odd."""

    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[arg-type]
        self.times: list[int] = []

    def message(self, parameter: int, time: int) -> bool:
        self.times.append(time)
        return bool(parameter % 2)


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def keys(qapp: object, bus: Bus) -> RawKeys:
    return RawKeys(bus)


def passed(
    keys: RawKeys | KeyStamps,
    message: int,
    parameter: int = 0,
    kind: bytes = b"windows_generic_MSG",
    time: int = 0,
) -> bool:
    """Return whether a message is kept from the window."""
    said = wintypes.MSG(message=message, lParam=parameter, time=time)
    return keys.nativeEventFilter(kind, ctypes.addressof(said))[0]


def test_a_scanners_key_is_swallowed_once_and_the_keyboards_is_not(keys: RawKeys) -> None:
    assert [passed(keys, WM_INPUT, 1), passed(keys, KEY_DOWN), passed(keys, KEY_DOWN)] == [False, True, False]
    assert [passed(keys, WM_INPUT, 2), passed(keys, KEY_DOWN), passed(keys, KEY_UP)] == [False, False, False]


def test_keys_that_came_behind_each_other_are_swallowed_as_often(keys: RawKeys) -> None:
    for _ in range(3):
        passed(keys, WM_INPUT, 1)
    assert [passed(keys, each) for each in (KEY_DOWN, PAINT, KEY_UP, KEY_DOWN, KEY_UP)] == [
        True,
        False,
        True,
        True,
        False,
    ]


def test_other_platforms_messages_are_not_looked_into(keys: RawKeys) -> None:
    assert not passed(keys, WM_INPUT, 1, b"xcb_generic_event_t")
    assert not passed(keys, KEY_DOWN)


def test_a_scanner_is_told_when_its_key_was_pressed(keys: RawKeys, bus: Bus) -> None:
    passed(keys, WM_INPUT, 1, time=86_400_000)

    assert bus.times == [86_400_000]


def test_a_windows_key_has_the_time_of_its_message(qapp: object) -> None:
    def event(code: int) -> QKeyEvent:
        return QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, code, 0, 0, "1")

    stamps = KeyStamps()
    for code, time in ((0x02, 100), (0x2A, 103), (0x11C, 105)):
        assert not passed(stamps, KEY_DOWN, code << 16 | 1, time=time)
        assert not passed(stamps, KEY_UP, code << 16 | 1, time=time + 1)
    assert not passed(stamps, KEY_DOWN, 0x03 << 16, b"xcb_generic_event_t", 107)

    # The one between made no event.
    assert [stamps.of(event(code)) for code in (0x02, 0x11C, 0x03)] == [100, 105, 0]

    # A key without a message leaves the next scan its times.
    passed(stamps, KEY_DOWN, 0x04 << 16, time=110)
    assert [stamps.of(event(code)) for code in (0x03, 0x04)] == [0, 110]


def test_elsewhere_the_system_has_a_way_of_its_own(qapp: object) -> None:
    assert raw_keys(qapp, None) is None  # type: ignore[arg-type]
    assert stamp_of(qapp) == QKeyEvent.timestamp  # type: ignore[arg-type]
