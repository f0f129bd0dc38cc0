"""Black and white pictures inside ZPL: the `^GFA` field and its run-length text.

Source: ZPL programming guide, `^GF` and "alternative data compression": G to Y repeat the next hex digit 1 to 19
times, g to z 20 to 400 times, `,` fills the row with white, `:` repeats the row before. Its `!`, which fills the row
"with ones", is not used: an interpreter was seen to take that for the digit 1, and to print stripes.
"""

import re
from functools import cache, lru_cache

from PIL import Image

from printing.raster import Picture

_MOST_REPEAT = 400
_FILL = ","
_REPEATED = re.compile(r"(.)\1+")


def graphic_field(picture: Picture) -> str:
    """Return the `^GFA` command that draws a picture."""
    wide, size = picture.row_bytes, len(picture.data)
    return f"^GFA,{size},{size},{wide},{_compressed(picture.data, wide)}"


def read_graphic(said: str) -> Image.Image:
    """Return the picture that the text behind `^GF` draws, as `graphic_field` writes it.

    Raises:
        ValueError: it is not of that kind.
    """
    kind, size, _, wide, data = said.split(",", 4)
    row_bytes = int(wide)
    rows = _rows(data, row_bytes * 2)
    if kind != "A" or len(rows) * row_bytes != int(size):
        raise ValueError(f"a picture of {size} bytes with {len(rows)} rows of {row_bytes}")
    bits = Image.frombytes("1", (row_bytes * 8, len(rows)), bytes.fromhex("".join(rows)))
    return bits.convert("L").point(lambda level: 255 - level)


def _rows(data: str, digits: int) -> list[str]:
    rows: list[str] = []
    row, times = "", 0
    for each in data:
        if each == ":":
            rows.append(rows[-1])
        elif each == _FILL:
            rows.append(row.ljust(digits, "0"))
            row = ""
        elif "G" <= each <= "Y":
            times += ord(each) - ord("F")
        elif "g" <= each <= "z":
            times += 20 * (ord(each) - ord("f"))
        else:
            row += each * max(1, times)
            times = 0
            if len(row) == digits:
                rows.append(row)
                row = ""
    return rows


@lru_cache(maxsize=512)
def _compressed(data: bytes, row_bytes: int) -> str:
    """Return rows of dots as they are said; the same line of words comes on label after label."""
    digits = data.hex().upper()
    rows = [digits[start : start + 2 * row_bytes] for start in range(0, len(digits), 2 * row_bytes)]
    said: list[str] = []
    before = ""
    for row in rows:
        said.append(":" if row == before else _without_end(row))
        before = row
    # All rows at once, with a line end between so that no run goes on in the next one.
    return _RUN.sub(_shortened, "\n".join(said)).replace("\n", "")


def _without_end(row: str) -> str:
    kept = row.rstrip("0")
    if len(row) - len(kept) <= 1:
        return row
    # An odd number of digits would leave half a byte to the filler, which not every printer completes alike.
    return kept + "0" * (len(kept) % 2) + _FILL


def _shortened(run: re.Match[str]) -> str:
    return _SHORT[run[0]]


class _Short(dict[str, str]):
    """Runs of a digit as they are said; there are a few hundred, and a label has thousands of them."""

    def __missing__(self, run: str) -> str:
        wholes, rest = divmod(len(run) - 1, _MOST_REPEAT)
        said = f"z{run[0]}" * wholes + _times(rest + 1) + run[0]
        if len(run) <= _MOST_REPEAT:
            self[run] = said
        return said


_SHORT = _Short()
_RUN = re.compile(r"([0-9A-F])\1{2,}")
"""Runs of two are as short as they are."""


@cache
def _times(count: int) -> str:
    """Return the letters that repeat what follows them so often, at most 400 times; none for once."""
    if count == 1:
        return ""
    twenties, ones = divmod(count, 20)
    return (chr(ord("f") + twenties) if twenties else "") + (chr(ord("F") + ones) if ones else "")
