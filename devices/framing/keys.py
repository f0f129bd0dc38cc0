"""From the keys of a keyboard scanner to its text, by our own map of a US keyboard (devices.md 1.4).

Read below the operating system's keyboard layout, so the layout of the station does not matter. Key codes are those
of Linux (`input-event-codes.h`); Windows' scan codes are the same up to 0x53. The one thing a newcomer would get
wrong: a group separator has no key. It comes as Ctrl+], as Alt with 029 on the number pad, or as a key like Down.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
)
_PAD = "789-456+1230."
PAD_FIRST, PAD_STAR, PAD_SLASH, PAD_ENTER = 71, 55, 98, 96
ENTER, TAB, SPACE, DOWN, CAPS_LOCK = 28, 15, 57, 108, 58
SHIFTS, CONTROLS, ALTS = frozenset({42, 54}), frozenset({29, 97}), frozenset({56, 100})
PLAIN = {first + at: char for first, plain, _ in _ROWS for at, char in enumerate(plain)} | {
    PAD_FIRST + at: char for at, char in enumerate(_PAD)
} | {PAD_STAR: "*", PAD_SLASH: "/", PAD_ENTER: "\r", ENTER: "\r", TAB: "\t", SPACE: " "}  # fmt: skip
SHIFTED = PLAIN | {first + at: char for first, _, shifted in _ROWS for at, char in enumerate(shifted)}
_PAD_DIGITS = {PAD_FIRST + at: char for at, char in enumerate(_PAD) if char.isdigit()}
_UP, _REPEATED = 0, 2
_MARK = "\x9f"
_MARKS = re.compile(_MARK + "[0-9A-F]{2}")
UNWRITTEN = frozenset({*range(59, 69), 87, 88, *range(102, 112), *range(183, 195)})
"""F keys, arrows and their neighbours: what writes nothing and may stand for a separator."""


def mark(key: int) -> str:
    """Return what stands in a scan for a key that writes nothing: the sheet learns whether it is the separator."""
    return f"{_MARK}{key & 0xFF:02X}"


def without_marks(text: str) -> str:
    """Return a text as it would be had those keys not been pressed."""
    return _MARKS.sub("", text)


@dataclass(slots=True)
class Keyboard:
    """The state of one keyboard: what is held down, and what has been typed with Alt so far."""

    special: Mapping[int, str] = field(default_factory=dict)
    """What the keys of this device mean that write nothing by themselves (calibration): Down may be a separator."""
    _held: set[int] = field(default_factory=set)
    _with_alt: str = ""
    _capitals: bool = False

    def press(self, code: int, value: int) -> str:
        """Take one key event (1 down, 2 repeated, 0 up) and return the text it makes, mostly one character or none."""
        if value == _UP:
            self._held.discard(code)
            return self._after_alt() if code in ALTS and not self._held & ALTS else ""
        if value == _REPEATED:
            return ""  # a scanner does not hold a key; what repeats is one key that got stuck
        self._held.add(code)
        if code == CAPS_LOCK:
            self._capitals = not self._capitals
        if self._held & ALTS:
            self._with_alt += _PAD_DIGITS.get(code, "")
            return ""
        return self.special.get(code) or self._character(code) or (mark(code) if code in UNWRITTEN else "")

    def reset(self) -> None:
        """Forget what is held down: the device was unplugged."""
        self._held.clear()
        self._with_alt, self._capitals = "", False

    def _character(self, code: int) -> str:
        char = (SHIFTED if self._held & SHIFTS else PLAIN).get(code, "")
        if self._held & CONTROLS:
            # Ctrl takes the two highest bits of a letter or bracket: Ctrl+] is 0x1D.
            return chr(ord(char.upper()) & 0x1F) if char and "@" <= char.upper() <= "_" else ""
        return char.swapcase() if self._capitals and char.isalpha() else char

    def _after_alt(self) -> str:
        digits, self._with_alt = self._with_alt, ""
        return bytes((int(digits) & 0xFF,)).decode("latin-1") if digits else ""
