"""Windows' messages as they come: a scanner's keys go to the scanner, and their twins to nobody; the keyboard's to the window."""

import ctypes
from ctypes import wintypes

import pytest

from desktop.raw_keys import RawKeys, raw_keys
from devices.drivers.raw_input import WM_INPUT, RawInputBus

KEY_DOWN, KEY_UP, PAINT = 0x0100, 0x0101, 0x000F


class Bus(RawInputBus):
    """A bus whose messages are a scanner's when their parameter is odd."""

    def message(self, parameter: int) -> bool:
        return bool(parameter % 2)


@pytest.fixture
def keys(qapp: object) -> RawKeys:
    return RawKeys(Bus(None))  # type: ignore[arg-type]


def passed(keys: RawKeys, message: int, parameter: int = 0, kind: bytes = b"windows_generic_MSG") -> bool:
    """Return whether a message is kept from the window."""
    said = wintypes.MSG(message=message, lParam=parameter)
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


def test_elsewhere_the_system_has_a_way_of_its_own(qapp: object) -> None:
    assert raw_keys(qapp, None) is None  # type: ignore[arg-type]
