"""Black and white pictures inside ZPL: the `^GFA` field and its run-length text.

Source: ZPL programming guide, `^GF` and "alternative data compression": G to Y repeat the next hex digit 1 to 19
times, g to z 20 to 400 times, `,` and `!` fill the row with white or black, `:` repeats the row before.
"""

from itertools import groupby

from PIL import Image

_MOST_REPEAT = 400
_BLACK_BELOW = 128
_FILLS = {",": "0", "!": "F"}


def graphic_field(grey: Image.Image) -> str:
    """Return the `^GFA` command that draws a grey picture, dark dots black."""
    width, height = grey.size
    row_bytes = (width + 7) // 8
    padded = Image.new("L", (row_bytes * 8, height), 255)
    padded.paste(grey, (0, 0))
    # A set bit is a black dot in ZPL and a white one in a mode "1" picture.
    bits = padded.point(lambda level: 255 if level < _BLACK_BELOW else 0).convert("1", dither=Image.Dither.NONE)
    data = bits.tobytes()
    rows = [data[start : start + row_bytes].hex().upper() for start in range(0, len(data), row_bytes)]
    size = row_bytes * height
    return f"^GFA,{size},{size},{row_bytes},{_compressed(rows)}"


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
        elif each in _FILLS:
            rows.append(row.ljust(digits, _FILLS[each]))
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
    for digit, fill in (("0", ","), ("F", "!")):
        kept = row.rstrip(digit)
        # An odd number of digits would leave half a byte to the filler, which not every printer completes alike.
        if len(row) - len(kept) > 1:
            kept += digit * (len(kept) % 2)
            return _runs(kept) + fill
    return _runs(row)


def _runs(digits: str) -> str:
    return "".join(_run(digit, len(list(group))) for digit, group in groupby(digits))


def _run(digit: str, count: int) -> str:
    parts = []
    while count > _MOST_REPEAT:
        parts.append(f"z{digit}")
        count -= _MOST_REPEAT
    if count == 1:
        return "".join(parts) + digit
    twenties, ones = divmod(count, 20)
    parts.append(chr(ord("f") + twenties) if twenties else "")
    parts.append(chr(ord("F") + ones) if ones else "")
    return "".join(parts) + digit
