"""Pages as the dots of a print head, whole or in pieces, for the languages that are told dots.

Every piece is cut from the finished page. So it does not matter whether a printer puts a picture over what is there
or only adds its black to it, nor in which order: what is written anywhere is what belongs there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from printing import png
from printing.compose import Code, Ink, Rect, Sheet, Words
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
    # Mode "1" packs a row into whole bytes and sets a bit for what is not 0.
    bits = png.picture(sheet).point(_PAGE_BLACK).convert("1", dither=Image.Dither.NONE)
    return Picture(0, 0, (sheet.width + 7) // 8, sheet.height, bits.tobytes())


def parts(sheet: Sheet) -> Iterator[Rect | Picture]:
    """Yield what draws a page: rectangles to fill (lines, frames, the bars of linear codes), and pictures of the rest."""
    whole = page(sheet)
    paper = Rect(0, 0, sheet.width, sheet.height)
    for part in sheet.parts:
        match part:
            case Ink():
                yield part.area
            case Code() if part.symbology in LINEAR:
                yield from part.bars()
            case Code():
                yield from _cut(whole, paper, part.ink)
            case Words():
                yield from _cut(whole, paper, _grown(part.reach))
            case _:
                yield from _cut(whole, paper, part.area)


def _grown(area: Rect) -> Rect:
    # Letters lean out of their own width by a dot or two.
    return Rect(area.x - 2, area.y - 2, area.width + 4, area.height + 4)


def _cut(whole: Picture, paper: Rect, area: Rect) -> Iterator[Picture]:
    """Yield the part of a page in an area, its sides on whole bytes and its white edges left out; nothing if all white."""
    left, right = max(0, area.x) // 8, (min(paper.width, area.x + area.width) + 7) // 8
    rows = []
    for y in range(max(0, area.y), min(paper.height, area.y + area.height)):
        start = y * whole.row_bytes
        rows.append(whole.data[start + left : start + right])
    black = [index for index, row in enumerate(rows) if any(row)]
    if not black:
        return
    kept = rows[black[0] : black[-1] + 1]
    lead = min(len(row) - len(row.lstrip(b"\0")) for row in kept)
    wide = max(len(row.rstrip(b"\0")) for row in kept) - lead
    y = max(0, area.y) + black[0]
    yield Picture(8 * (left + lead), y, wide, len(kept), b"".join(row[lead : lead + wide] for row in kept))
