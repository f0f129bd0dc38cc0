"""Pages as the dots of a print head, whole or in pieces, for the languages that are told dots.

Every piece is cut from the finished page. So it does not matter whether a printer puts a picture over what is there
or only adds its black to it, nor in which order: what is written anywhere is what belongs there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from printing import faces, png
from printing.compose import Code, Ink, Part, Rect, Sheet, Words
from printing.label import LINEAR

_BLACK_BELOW = 128
_INVERTED = bytes(255 - byte for byte in range(256))
_PAGE_BLACK = bytes(255 if level < _BLACK_BELOW else 0 for level in range(256))


@dataclass(frozen=True, slots=True)
class Picture:
    """A rectangle of dots in rows of whole bytes, the leftmost dot in the highest bit, set where it is black."""

    x: int
    """A multiple of 8: not every printer takes another."""
    y: int
    row_bytes: int
    height: int
    data: bytes

    @property
    def white_set(self) -> bytes:
        """Return the data for a printer that takes a set bit for white."""
        return self.data.translate(_INVERTED)


def page(sheet: Sheet) -> Picture:
    """Return a whole page; its last byte of a row may reach beyond the paper, in white."""
    return packed(png.picture(sheet))


def packed(grey: Image.Image) -> Picture:
    """Return a grey picture as dots, dark ones black."""
    # Mode "1" packs a row into whole bytes and sets a bit for what is not 0.
    bits = grey.point(_PAGE_BLACK).convert("1", dither=Image.Dither.NONE)
    return Picture(0, 0, (grey.width + 7) // 8, grey.height, bits.tobytes())


def parts(sheet: Sheet) -> Iterator[Rect | Picture]:
    """Yield what draws a page: rectangles to fill (lines, frames, the bars of linear codes), and pictures of the rest."""
    whole = page(sheet)
    for part in sheet.parts:
        match part:
            case Ink():
                yield part.area
            case Code() if part.symbology in LINEAR:
                yield from part.bars()
            case _:
                picture = cut(whole, part)
                if picture is not None:
                    yield picture


def cut(whole: Picture, part: Part) -> Picture | None:
    """Return what a page shows of a part, its sides on whole bytes and its white edges left out; None if all is white."""
    area = _room(part)
    left, right = max(0, area.x) // 8, min(whole.row_bytes, (area.x + area.width + 7) // 8)
    top = max(0, area.y)
    starts = range(top * whole.row_bytes, min(whole.height, area.y + area.height) * whole.row_bytes, whole.row_bytes)
    rows = [whole.data[start + left : start + right] for start in starts]
    black = [index for index, row in enumerate(rows) if any(row)]
    if not black:
        return None
    kept = rows[black[0] : black[-1] + 1]
    lead = min(len(row) - len(row.lstrip(b"\0")) for row in kept)
    wide = max(len(row.rstrip(b"\0")) for row in kept) - lead
    data = b"".join(row[lead : lead + wide] for row in kept)
    return Picture(8 * (left + lead), top + black[0], wide, len(kept), data)


def _room(part: Part) -> Rect:
    """Return the rectangle that holds all of a part's black, and may hold some of its neighbours'."""
    if not isinstance(part, Words):
        return part.ink if isinstance(part, Code) else part.area
    em = part.capital / faces.CAPITAL_EM
    left, top, right, bottom = faces.room(part.text, part.left, part.baseline, em, strong=part.strong)
    return Rect(left, top, right - left, bottom - top)
