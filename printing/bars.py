"""Where bars stand on a page: so that a code which nobody can read is noticed although another one reads.

What is looked for is what no line of words and no frame has: a stretch in which it gets darker and lighter again and again
from side to side, unevenly, and stays the same over three millimetres across. Bars that are blurred or too thin do so too. The
one thing a newcomer would get wrong: it finds bars, and does not read them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

from PIL import Image, ImageChops

MM_PER_INCH = 25.4
_PARTS = 3
"""Millimetres over which bars stay the same; those of a code are twice as high at least."""
_SAME = 48
"""Levels of grey by which a column may differ over them."""
_CHANGE = 24
"""Levels from a bar to the gap beside it: less is paper."""
_LEAST_CHANGES = 26
"""From a bar to a gap or back: a Code 128 of one letter has 25, tables and rulers have fewer."""
_WIDEST_MM = 4.0
"""Of a bar or a gap; what is wider is no bar any more."""
_LEAST_MM = 6.0
"""Of all bars of a code side by side."""
_ODD = 2
"""Dots that are not the same across may stand between bars: a stain, an edge."""
_EVEN = 1.3
"""The bars of a code differ in width; lines of a table and the teeth of a comb do not."""


@dataclass(frozen=True, slots=True)
class Field:
    """A rectangle full of bars, in dots of its picture."""

    left: int
    top: int
    right: int
    bottom: int

    def meets(self, left: int, top: int, right: int, bottom: int) -> bool:
        """Return whether another rectangle shares a dot with it."""
        return left <= self.right and self.left <= right and top <= self.bottom and self.top <= bottom


def fields_of(picture: Image.Image, dpi: int) -> tuple[Field, ...]:
    """Return the rectangles of a grey picture that are full of bars, upright or lying.

    Args:
        picture: black on white, with greys between (mode L).
        dpi: its dots an inch.
    """
    lying = _fields(picture.transpose(Image.Transpose.TRANSPOSE), dpi)
    return (*_fields(picture, dpi), *(Field(each.top, each.left, each.bottom, each.right) for each in lying))


def _fields(picture: Image.Image, dpi: int) -> tuple[Field, ...]:
    part = max(1, round(dpi / MM_PER_INCH))
    rows = picture.height // (part * _PARTS)
    if not rows:
        return ()
    flat = picture.crop((0, 0, picture.width, rows * _PARTS * part)).resize(
        (picture.width, rows * _PARTS), Image.Resampling.BOX
    )
    wide, data = picture.width, flat.tobytes()
    # Every third row, from the first, the second and the third on: what stands in one place of all of them is one column.
    parts = [
        Image.frombytes(
            "L",
            (wide, rows),
            b"".join(data[(y * _PARTS + n) * wide : (y * _PARTS + n + 1) * wide] for y in range(rows)),
        )
        for n in range(_PARTS)
    ]
    spread = ImageChops.difference(reduce(ImageChops.lighter, parts), reduce(ImageChops.darker, parts)).tobytes()
    middle = parts[_PARTS // 2].tobytes()
    open_: list[Field] = []
    done: list[Field] = []
    for y in range(rows):
        row = slice(y * wide, (y + 1) * wide)
        top = y * _PARTS * part
        found = [Field(a, top, b, top + _PARTS * part - 1) for a, b in _stretches(middle[row], spread[row], dpi)]
        going = []
        for each in open_:
            below = next((f for f in found if f.left <= each.right and each.left <= f.right), None)
            if below is None:
                done.append(each)
            else:
                found.remove(below)
                going.append(Field(min(each.left, below.left), each.top, max(each.right, below.right), below.bottom))
        open_ = going + found
    return (*done, *open_)


def _stretches(row: bytes, spread: bytes, dpi: int) -> Iterator[tuple[int, int]]:
    """Yield from where to where in a row of columns bars stand side by side."""
    widest, least = int(_WIDEST_MM * dpi / MM_PER_INCH), _LEAST_MM * dpi / MM_PER_INCH
    turns: list[int] = []
    high = low = row[0] if row else 0
    rising, odd = False, 0
    for x, level in enumerate((*row, 0)):
        odd = odd + 1 if x == len(row) or spread[x] > _SAME else 0
        far = bool(turns) and x - turns[-1] > widest
        if odd > _ODD or far or x == len(row):
            if len(turns) >= _LEAST_CHANGES and turns[-1] - turns[0] >= least and not _is_even(turns):
                yield turns[0], turns[-1]
            turns, high, low = [], level, level
            continue
        high, low = max(high, level), min(low, level)
        if rising and high - level >= _CHANGE:
            turns.append(x)
            rising, low = False, level
        elif not rising and level - low >= _CHANGE:
            turns.append(x)
            rising, high = True, level


def _is_even(turns: list[int]) -> bool:
    """Return whether what stands side by side is equally wide, twice around: lines, teeth, dashes."""
    pitches = sorted(b - a for a, b in zip(turns, turns[2:], strict=False))
    middle = pitches[len(pitches) // 10 : -len(pitches) // 10 or None]
    return middle[-1] <= middle[0] * _EVEN + 1
