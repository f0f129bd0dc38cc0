"""Pages as the dots of a print head, whole or in pieces, for the languages that are told dots.

Every piece is cut from the finished page. So it does not matter whether a printer puts a picture over what is there
or only adds its black to it, nor in which order: what is written anywhere is what belongs there. The one thing a
newcomer would get wrong: no page is drawn in grey and made black and white afterwards. Most of it is white, and a line
of words is looked at once, however many labels say it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from PIL import Image, ImageDraw

from printing import faces
from printing.compose import Block, Code, Drawing, Ink, Part, Rect, Sheet, Words
from printing.label import LINEAR

_BLACK_BELOW = 128
_INVERTED = bytes(255 - byte for byte in range(256))
_BLACK = bytes(255 if level < _BLACK_BELOW else 0 for level in range(256))
_WHOLE = 8
"""Dots of a byte."""


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

    @property
    def room(self) -> Rect:
        """Return where it is."""
        return Rect(self.x, self.y, self.row_bytes * _WHOLE, self.height)


class _Plate:
    """A page while its dots are set."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._row_bytes = (width + _WHOLE - 1) // _WHOLE
        self._dots = bytearray(self._row_bytes * height)

    def fill(self, area: Rect) -> None:
        """Blacken a rectangle."""
        self.repeat((1 << area.width) - 1, area)

    def repeat(self, row: int, area: Rect) -> None:
        """Blacken the dots of a row that are set in it, in each row of an area; the highest bit is its leftmost dot."""
        beyond = area.x + area.width - self._row_bytes * _WHOLE
        row = row >> beyond if beyond > 0 else row << -beyond
        if area.x < 0 or beyond > self._width - self._row_bytes * _WHOLE:
            row &= ((1 << self._width) - 1) << (self._row_bytes * _WHOLE - self._width)
        top, bottom = max(0, area.y), min(self._height, area.y + area.height)
        if top < bottom:
            begin, end = top * self._row_bytes, bottom * self._row_bytes
            rows = row.to_bytes(self._row_bytes, "big") * (bottom - top)
            self._dots[begin:end] = _joined(self._dots[begin:end], rows)

    def lay(self, picture: Picture, *, white: bool = False) -> None:
        """Blacken the dots that are set in a picture, or whiten them."""
        left, right = max(0, picture.x // _WHOLE), min(self._row_bytes, picture.x // _WHOLE + picture.row_bytes)
        skipped = left - picture.x // _WHOLE
        nothing = bytes(max(0, right - left))
        for index in range(max(0, -picture.y), min(picture.height, self._height - picture.y)):
            start = index * picture.row_bytes + skipped
            row = picture.data[start : start + right - left]
            begin = (picture.y + index) * self._row_bytes + left
            below = self._dots[begin : begin + right - left]
            if white:
                row = _without(below, row)
            elif below != nothing:
                row = _joined(below, row)
            self._dots[begin : begin + right - left] = row

    def finished(self) -> Picture:
        """Return the page."""
        return Picture(0, 0, self._row_bytes, self._height, bytes(self._dots))


def _joined(one: bytearray, other: bytes) -> bytes:
    return (int.from_bytes(one, "big") | int.from_bytes(other, "big")).to_bytes(len(one), "big")


def _without(one: bytearray, other: bytes) -> bytes:
    return (int.from_bytes(one, "big") & ~int.from_bytes(other, "big")).to_bytes(len(one), "big")


def page(sheet: Sheet) -> Picture:
    """Return a whole page; its last byte of a row may reach beyond the paper, in white."""
    plate = _Plate(sheet.width, sheet.height)
    for part in sheet.parts:
        match part:
            case Ink():
                plate.fill(part.area)
            case Code():
                _set_modules(plate, part)
            case Words():
                _lay_words(plate, part)
            case Drawing():
                plate.lay(_drawing(part))
            case Block():
                plate.fill(part.area)
                for line in part.lines:
                    _lay_words(plate, line)
    return plate.finished()


def _set_modules(plate: _Plate, code: Code) -> None:
    dots, tall = code.module, code.height if code.symbology in LINEAR else code.module
    for index, row in enumerate(code.rows):
        modules = int(row.replace("0", "0" * dots).replace("1", "1" * dots), 2)
        plate.repeat(modules, Rect(code.x, code.y + index * tall, len(row) * dots, tall))


def _lay_words(plate: _Plate, words: Words) -> None:
    line = _line_of(words)
    if line is not None:
        plate.lay(line, white=words.white)


def _line_of(words: Words) -> Picture | None:
    aside = words.left % _WHOLE
    line = _line(words.text, words.capital / faces.CAPITAL_EM, words.strong, aside)
    return None if line is None else replace(line, x=line.x + words.left - aside, y=line.y + words.baseline)


@lru_cache(maxsize=1024)
def _line(text: str, em: float, strong: bool, aside: int) -> Picture | None:
    """Return the dots of a line that begins on the baseline at 0, so many dots right of a whole byte; None for none."""
    letters = list(faces.letters(text, aside, 0, em, strong=strong))
    if not letters:
        return None
    left = min(x for _, x, _ in letters) // _WHOLE * _WHOLE
    top = min(y for _, _, y in letters)
    size = max(x + each.width for each, x, _ in letters) - left, max(y + each.height for each, _, y in letters) - top
    covered = Image.new("L", size)
    pen = ImageDraw.Draw(covered)
    for each, x, y in letters:
        pen.bitmap((x - left, y - top), each, 255)
    return _packed(covered.convert("1", dither=Image.Dither.NONE), left, top)


def _drawing(part: Drawing) -> Picture:
    aside = part.area.x % _WHOLE
    grey = Image.new("L", (aside + part.area.width, part.area.height), 255)
    grey.paste(part.image(), (aside, 0))
    return _packed(grey.point(_BLACK, "1"), part.area.x - aside, part.area.y)


def packed(grey: Image.Image) -> Picture:
    """Return a grey picture as dots, dark ones black."""
    return _packed(grey.point(_BLACK, "1"), 0, 0)


def _packed(bits: Image.Image, x: int, y: int) -> Picture:
    # Mode "1" packs a row into whole bytes and sets a bit for what is not 0.
    return Picture(x, y, (bits.width + _WHOLE - 1) // _WHOLE, bits.height, bits.tobytes())


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
    if area is None:
        return None
    left, right = max(0, area.x) // _WHOLE, min(whole.row_bytes, (area.x + area.width + _WHOLE - 1) // _WHOLE)
    top = max(0, area.y)
    starts = range(top * whole.row_bytes, min(whole.height, area.y + area.height) * whole.row_bytes, whole.row_bytes)
    rows = [whole.data[start + left : start + right] for start in starts]
    white = bytes(max(0, right - left))
    black = [index for index, row in enumerate(rows) if row != white]
    if not black:
        return None
    kept = rows[black[0] : black[-1] + 1]
    columns = 0
    for row in kept:
        columns |= int.from_bytes(row, "big")
    said = columns.to_bytes(len(white), "big")
    lead, wide = len(said) - len(said.lstrip(b"\0")), len(said.strip(b"\0"))
    data = b"".join(row[lead : lead + wide] for row in kept)
    return Picture(_WHOLE * (left + lead), top + black[0], wide, len(kept), data)


def _room(part: Part) -> Rect | None:
    """Return the rectangle that holds all of a part's black, and may hold some of its neighbours'; None for no letters."""
    if isinstance(part, Words):
        line = _line_of(part)
        return None if line is None else line.room
    return part.ink if isinstance(part, Code) else part.area
