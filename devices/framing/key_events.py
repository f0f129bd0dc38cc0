"""Scanners that are keyboards, read from the device itself: Linux' input events and Windows' raw input.

The records have a fixed size and are read here; that the window does not see the same keys is for the drivers. The
one thing a newcomer would get wrong: the characters go through the same framing as a serial scanner's, at the times at
which the system says they were typed (`moments.py`).
"""

import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace

from devices.framing.heard import Heard, Read
from devices.framing.keys import Keyboard
from devices.framing.moments import Moments
from devices.framing.text import Ending, Text

_INPUT_EVENT = struct.Struct("llHHi")
"""`struct input_event`: seconds, microseconds, type, code, value; of this machine's own width."""
_EV_KEY = 1
_RAW_KEYBOARD = struct.Struct("<HHHHIII")
"""`RAWKEYBOARD`: scan code, flags, reserved, virtual key, message, extra information; and the time of its message."""
_BREAK, _E0 = 1, 2
_E0_CODES = {0x1C: 96, 0x1D: 97, 0x35: 98, 0x38: 100, 0x48: 103, 0x4B: 105, 0x4D: 106, 0x50: 108, 0x53: 111}
"""Windows' scan codes with E0 in front, as Linux calls the keys."""

Key = tuple[int, int, int]
"""A key's code, 1 for down, 0 for up, 2 for repeated, and the system's milliseconds."""


def _linux(record: bytes) -> Key | None:
    seconds, micros, kind, code, value = _INPUT_EVENT.unpack(record)
    return (code, value, seconds * 1000 + micros // 1000) if kind == _EV_KEY else None


def _windows(record: bytes) -> Key | None:
    code, flags, _, _, _, _, stamp = _RAW_KEYBOARD.unpack(record)
    if flags & _E0:
        if code not in _E0_CODES:
            return None
        code = _E0_CODES[code]
    return code, int(not flags & _BREAK), stamp


class KeyEvents:
    """A framer for a keyboard's records."""

    def __init__(
        self, record: int, key: Callable[[bytes], Key | None], ending: Ending, special: Mapping[int, str]
    ) -> None:
        """Begin with nothing heard; `record` is the size of what `key` reads."""
        self._size, self._key = record, key
        self._keyboard = Keyboard(special)
        self._text = Text(ending, noisy=False)
        self._moments = Moments()
        self._begun = b""

    def feed(self, data: bytes, at_ms: int) -> list[Heard]:
        """Return the scans that these records complete."""
        heard: list[Heard] = []
        self._begun += data
        while len(self._begun) >= self._size:
            record, self._begun = self._begun[: self._size], self._begun[self._size :]
            key = self._key(record)
            if key is None:
                continue
            code, value, stamp = key
            moment = self._moments.key(stamp, at_ms)
            typed = self._keyboard.press(code, value)
            if typed:
                heard += _at(self._text.feed(typed.encode("latin-1", "replace"), moment), moment)
        return heard

    def tick(self, at_ms: int) -> list[Heard]:
        """Return the scan that silence ended."""
        moment = self._moments.later(at_ms)
        return _at(self._text.tick(moment), moment)

    def reset(self) -> None:
        """Forget what had begun, and what is held down."""
        self._begun = b""
        self._keyboard.reset()
        self._text.reset()


def _at(heard: list[Heard], moment: int) -> list[Heard]:
    return [replace(each, moment=moment) if isinstance(each, Read) else each for each in heard]


def evdev(ending: Ending = Ending.ANY, special: Mapping[int, str] | None = None) -> KeyEvents:
    """Return a framer for Linux' input events."""
    return KeyEvents(_INPUT_EVENT.size, _linux, ending, special or {})


def raw_input(ending: Ending = Ending.ANY, special: Mapping[int, str] | None = None) -> KeyEvents:
    """Return a framer for Windows' raw input."""
    return KeyEvents(_RAW_KEYBOARD.size, _windows, ending, special or {})


def here(ending: Ending = Ending.ANY, special: Mapping[int, str] | None = None) -> KeyEvents:
    """Return the framer for the keyboards of this kind of computer."""
    return (raw_input if sys.platform == "win32" else evdev)(ending, special)
