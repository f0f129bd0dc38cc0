"""Black and white pictures inside ZPL: the `^GFA` field and its run-length text.

Source: ZPL programming guide, `^GF` and "alternative data compression": G to Y repeat the next hex digit 1 to 19
times, g to z 20 to 400 times, `,` fills the row with white, `:` repeats the row before. Its `!`, which fills the row
"with ones", is not used: an interpreter was seen to take that for the digit 1, and to print stripes.
"""

import re
from functools import cache

from PIL import Image

from printing.raster import Picture

_MOST_REPEAT = 400
_FILL = ","
_REPEATED = re.compile(r"(.)\1+")


def graphic_field(picture: Picture) -> str:
    """Return the `^GFA` command that draws a picture."""
    wide, size = picture.row_bytes, len(picture.data)
    rows = [picture.data[start : start + wide].hex().upper() for start in range(0, size, wide)]
    return f"^GFA,{size},{size},{wide},{_compressed(rows)}"


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


def _compressed(rows: list[str]) -> str:
    parts: list[str] = []
    before = ""
    for row in rows:
        parts.append(":" if row == before else _compressed_row(row))
        before = row
    return "".join(parts)


def _compressed_row(row: str) -> str:
    kept = row.rstrip("0")
    if len(row) - len(kept) <= 1:
        return _runs(row)
    # An odd number of digits would leave half a byte to the filler, which not every printer completes alike.
    return _runs(kept + "0" * (len(kept) % 2)) + _FILL


def _runs(digits: str) -> str:
    return _RUN.sub(_shortened, digits)


def _shortened(run: re.Match[str]) -> str:
    wholes, rest = divmod(len(run[0]) - 1, _MOST_REPEAT)
    return f"z{run[1]}" * wholes + _times(rest + 1) + run[1]


_RUN = re.compile(r"(.)\1{2,}")
"""Runs of two are as short as they are."""


@cache
def _times(count: int) -> str:
    """Return the letters that repeat what follows them so often, at most 400 times; none for once."""
    if count == 1:
        return ""
    twenties, ones = divmod(count, 20)
    return (chr(ord("f") + twenties) if twenties else "") + (chr(ord("F") + ones) if ones else "")
