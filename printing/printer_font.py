"""The scalable font inside ZPL printers (font 0): what it draws, and how wide.

The one thing a newcomer would get wrong: it is no back end's own affair. Whether a text fits is measured by the wider
of this font and ours, so that a label that one printer takes is taken by every other (`typeset`).
"""

import re
from functools import lru_cache

CAPITAL = 0.75
"""Height of its capitals, as a share of the height that `^A0` is given."""
_DRAWN = re.compile(r"[ -\[\]-~\n]*")

# How far font 0 moves on for each character from U+0020, in thousandths of its height: the widest seen over heights
# from 15 to 150 dots at 203 and 300 dpi in a rendering of a printer's captured resident font.
# fmt: off
_PRINTER_WIDTHS = (
    300, 300, 500, 500, 500, 934, 625, 300, 300, 300, 500, 934, 300, 934, 300, 300,
    500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 300, 300, 1000, 934, 1000, 467,
    934, 570, 570, 550, 600, 534, 534, 600, 625, 300, 467, 570, 500, 750, 625, 600,
    570, 600, 600, 550, 534, 625, 550, 834, 570, 570, 534, 300, 300, 300, 534, 534,
    300, 473, 534, 467, 534, 500, 300, 534, 534, 267, 267, 467, 267, 750, 534, 500,
    534, 534, 350, 450, 300, 534, 467, 667, 467, 467, 400, 534, 534, 534, 1000,
)
# fmt: on
_FIRST, _LAST = " ", "~"
_WIDTHS = {chr(ord(_FIRST) + n): width for n, width in enumerate(_PRINTER_WIDTHS)}


@lru_cache(maxsize=4096)
def draws(words: str) -> bool:
    """Say whether it draws words: plain ASCII, but no backslash, which `^FB` takes for itself."""
    return _DRAWN.fullmatch(words) is not None


def width(line: str, _strong: bool) -> float:
    """Return how wide a line that it draws is at most, in capital heights; it has one weight."""
    return sum(map(_WIDTHS.__getitem__, line)) / (1000 * CAPITAL)
