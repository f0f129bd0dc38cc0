"""Signs: a code that is read from afar and scanned from near, for places, containers, desks and people.

The words are as large as the label lets them be; the code stands twice below and beside them, as bars for a laser and
as a square for a camera, and a check letter beside the words proves a code that was typed. A sign fits itself to the
paper it is made for, lying or standing.
"""

from dataclasses import dataclass, replace

from core.catalog.command_codes import check_letter
from printing import faces, typeset, words
from printing.label import Align, Area, Barcode, Document, Element, Page, Reverse, Symbology, Text
from printing.style import Style

_MARGIN_MM = 1.5
_LYING = 1.15
"""How much wider than high a label is that has its codes below the words, beside each other."""
_MODULE_MM, _LEAST_MODULE_MM = 0.5, 0.25
_SQUARE_MODULE_MM, _LEAST_SQUARE_MODULE_MM = 3.0, 0.33
_SMALL_MM = 2.2
_NOTE_MM = 3.4
_LOW_MM = 36.0
"""A lower label has its codes beside each other, and no small print."""
_NARROW_MM = 60.0
_SHORT_MM = 70.0
"""A lower standing sign has no small print."""
_AIR = 0.1
"""What letters may reach beyond their lines for nothing, in capital heights: so much is left around them anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What a sign shows."""

    template: str
    version: int
    code: str
    words: str
    """What is read from afar; most often the code itself."""
    says: str = "code"
    """The fact that the words are; a name is prose, a code or a number is not."""
    title: str = ""
    """What kind of thing it is, white on black; empty where the code says it."""
    titled: str = "title"
    """The fact that the title is, where it is no word of ours."""
    notes: tuple[tuple[str, str], ...] = ()
    """What else is said, in small: facts and their words."""
    coded: bool = False
    """Whether the small print says the code, since the words are another."""
    site: str = ""
    """Whose it is, in the small print."""
    checked: bool = True
    """Whether the check letter stands on it: a badge's code is nobody's to read."""
    beside: bool = False
    """Whether the words are a number that stands beside the codes, as high as the label."""
    prefix: str = ""
    """A sign before the words: an arrow."""


def sign(shown: Sign, style: Style) -> Document:
    """Return the sign on the paper."""
    wide, high = style.paper.width_mm, style.paper.height_mm
    lies = wide >= high * _LYING
    if shown.beside and not lies:
        shown = replace(shown, notes=())
    drawn = _numbered if shown.beside and lies else _strip if high < _LOW_MM else _lying if lies else _standing
    return Document(
        template=shown.template, version=shown.version, width_mm=wide, height_mm=high, margin_mm=_MARGIN_MM,
        pages=(Page(elements=tuple(drawn(shown, style))),), title=shown.words,
    )  # fmt: skip


def _numbered(shown: Sign, style: Style) -> list[Element]:
    """Return a number as high as the label, and beside it what it belongs to with its codes."""
    wide, high = style.paper.width_mm, style.paper.height_mm
    edge = 3.0
    left = wide * 0.4
    column = wide - left
    side = min(column * 0.42, high * 0.5)
    bars = high * 0.3
    said = words.there(("copy", style.copied()), *shown.notes)
    text = Area(left, edge + 1, column - side - edge, high - bars - 2 * edge - 4)
    return [
        Text(
            name="words", area=Area(edge, edge, left - 2 * edge, high - 2 * edge), text=shown.words,
            capital_mm=high - 2 * edge, least_mm=5, strong=True, middle=True, align=Align.CENTRE, column=shown.says,
        ),
        Text(
            name="title", area=Area(text.x_mm, text.y_mm, text.width_mm, text.height_mm * 0.5), text=shown.title,
            capital_mm=6, least_mm=3, strong=True, max_lines=2, column=shown.titled,
        ),
        Text(
            name="note", area=Area(text.x_mm, text.y_mm + text.height_mm * 0.6, text.width_mm, text.height_mm * 0.4),
            text=words.said(said), capital_mm=3, max_lines=2, may_shorten=True, facts=said, kept=("copy",),
        ),
        _square(shown, Area(wide - side - 0.5, 0.5, side, side), Align.RIGHT),
        _bars(shown, Area(left - 2.5, high - edge - bars, column + 2, bars), Align.LEFT),
    ]  # fmt: skip


def _strip(shown: Sign, style: Style) -> list[Element]:
    """Return a low sign: words over bars on the left, the square code on the right."""
    wide, high = style.paper.width_mm, style.paper.height_mm
    side = min(high - 1, wide * 0.3)
    left = wide - side - 2
    bars = max(6.5, high * 0.3)
    low = high - 2.2
    note = words.there(("copy", style.copied()), *shown.notes)
    aside = left * 0.28 if note else 0.0
    top = 2.2
    area = Area(2.2, top, left - 3 - aside, low - bars - 1.6 - top)
    found = _words(shown, area)
    if note:
        found.append(
            Text(
                name="note", area=Area(left - aside + 1, top, aside - 1, area.height_mm), text=words.said(note),
                capital_mm=2.8, max_lines=3, middle=True, may_shorten=True, facts=note, kept=("copy",),
            )
        )  # fmt: skip
    found.append(_bars(shown, Area(0, low - bars, left, bars), Align.LEFT))
    found.append(_square(shown, Area(wide - side - 0.5, (high - side) / 2, side, side), Align.RIGHT))
    return found


def _lying(shown: Sign, style: Style) -> list[Element]:
    """Return a sign that is wider than high: words over all of it, bars and the square code below."""
    wide, high = style.paper.width_mm, style.paper.height_mm
    edge = 3.0
    found, top = _titled(shown, Area(edge, edge, wide - 2 * edge, 6.4), edge)
    side = min(max(20.0, high * 0.46), wide * 0.34)
    low = high - edge
    note, small = words.there(*shown.notes), _small(shown, style)
    row = low - side + 3
    left = wide - side - 2
    found.extend(_words(shown, Area(edge, top + 0.8, wide - 2 * edge, row - top - 4.4)))
    bars_low = low - (_SMALL_MM + 1.8 if small else 0)
    bars_top = row + (_NOTE_MM + 2.2 if note else 0)
    if note:
        found.append(_note(note, Area(edge, row, left - edge, _NOTE_MM)))
    found.append(_bars(shown, Area(0, bars_top, left, bars_low - bars_top), Align.LEFT))
    found.append(_square(shown, Area(wide - side - 0.5, high - side - 0.5, side, side), Align.RIGHT))
    if small:
        found.append(_foot(small, Area(edge, low - _SMALL_MM, left - edge, _SMALL_MM)))
    return found


def _standing(shown: Sign, style: Style) -> list[Element]:
    """Return a sign that is higher than wide: everything below each other, in the middle."""
    wide, high = style.paper.width_mm, style.paper.height_mm
    edge = 4.0 if wide >= _NARROW_MM else 2.5
    inner = wide - 2 * edge
    found, top = _titled(shown, Area(edge, edge, inner, max(6.4, high * 0.09)), edge)
    small = _small(shown, style) if high >= _SHORT_MM else ()
    low = high - edge - (_SMALL_MM + 3 if small else 0)
    bars = max(7.0, min(24.0, high * 0.14))
    air = min(8.0, high * 0.07)
    lines = words.there(*shown.notes)
    noted = min(6.5, max(_NOTE_MM, high * 0.04))
    notes = len(lines) * noted * 1.75 + (1.5 if lines else 0)
    side = min(inner * 0.8, (low - top - bars - notes) * (0.5 if small else 0.6))
    room = low - top - bars - notes - side - air
    found.extend(_words(shown, Area(edge, top + 1.5, inner, room - 1.5), Align.CENTRE))
    top += room + air * 0.56
    if lines:
        for place, line in enumerate(lines):
            area = Area(edge, top + place * noted * typeset.LINE_PITCH, inner, noted)
            found.append(_note((line,), area, noted, Align.CENTRE))
        top += notes
    found.append(_square(shown, Area((wide - side) / 2, top, side, side), Align.CENTRE))
    found.append(_bars(shown, Area(0.5, low - bars, wide - 1, bars), Align.CENTRE))
    if small:
        found.append(_foot(small, Area(edge, high - edge - _SMALL_MM, inner, _SMALL_MM)))
    return found


def _titled(shown: Sign, area: Area, top: float) -> tuple[list[Element], float]:
    """Return the band that says what kind of thing it is, and where the rest begins."""
    if not shown.title:
        return [], top
    return [_band(shown, area)], area.bottom_mm + 1.6


def _words(shown: Sign, area: Area, align: Align = Align.LEFT) -> list[Element]:
    letter = check_letter(shown.code) if shown.checked and shown.words == shown.code else ""
    # What hangs below the line, as in a name, must not hang into what is below it, nor an accent reach over the edge.
    up, down = (max(0.0, each - _AIR) for each in faces.reach(shown.words))
    size = min(area.height_mm / (1 + up + down), 46.0)
    area = Area(area.x_mm, area.y_mm + up * size, area.width_mm, size)
    block = min(area.width_mm * 0.13, size) if letter else 0.0
    before = min(size, area.width_mm * 0.12) if shown.prefix else 0.0
    found: list[Element] = []
    if shown.prefix:
        place = Area(area.x_mm, area.y_mm + (area.height_mm - before) / 2, before, before)
        found.append(_letter("arrow", shown.prefix, place))
    gap = 2.5
    room = Area(
        area.x_mm + before + (gap if before else 0), area.y_mm,
        area.width_mm - before - block - gap * (bool(before) + bool(block)), area.height_mm,
    )  # fmt: skip
    found.append(
        Text(
            name="words", area=room, text=shown.words, capital_mm=size, least_mm=3, strong=True, middle=True, align=align,
            max_lines=1 if shown.words == shown.code else 2, may_shorten=shown.says == "name", column=shown.says,
        )
    )  # fmt: skip
    if letter:
        place = Area(area.right_mm - block, area.y_mm + (area.height_mm - block) / 2, block, block)
        found.append(_letter("check letter", letter, place))
    return found


def _letter(name: str, letter: str, area: Area) -> Reverse:
    inset = area.height_mm * 0.2
    inside = Area(area.x_mm + 0.3, area.y_mm + inset, area.width_mm - 0.6, area.height_mm - 2 * inset)
    text = Text(
        name=name, area=inside, text=letter, capital_mm=inside.height_mm, strong=True, middle=True, align=Align.CENTRE,
        column="code",
    )  # fmt: skip
    return Reverse(name=name, area=area, texts=(text,))


def _band(shown: Sign, area: Area) -> Reverse:
    inset = area.height_mm * 0.22
    inside = Area(area.x_mm + 2, area.y_mm + inset, area.width_mm - 4, area.height_mm - 2 * inset)
    text = Text(
        name="title", area=inside, text=shown.title.upper(), capital_mm=inside.height_mm, strong=True, middle=True,
        may_shorten=True, column=shown.titled,
    )  # fmt: skip
    return Reverse(name="title", area=area, texts=(text,))


def _note(
    said: tuple[tuple[str, str], ...], area: Area, capital_mm: float = _NOTE_MM, align: Align = Align.LEFT
) -> Text:
    return Text(
        name="note", area=area, text=words.said(said), capital_mm=capital_mm, least_mm=2.4, align=align,
        may_shorten=True, facts=said,
    )  # fmt: skip


def _bars(shown: Sign, area: Area, align: Align) -> Barcode:
    return Barcode(
        name="code", symbology=Symbology.CODE_128, data=shown.code, area=area, module_mm=_MODULE_MM,
        least_module_mm=_LEAST_MODULE_MM, least_height_mm=6, align=align, secret=not shown.checked, column="code",
    )  # fmt: skip


def _square(shown: Sign, area: Area, align: Align) -> Barcode:
    return Barcode(
        name="square code", symbology=Symbology.QR, data=shown.code, area=area, module_mm=_SQUARE_MODULE_MM,
        least_module_mm=_LEAST_SQUARE_MODULE_MM, align=align, column="code",
    )  # fmt: skip


def _small(shown: Sign, style: Style) -> tuple[tuple[str, str], ...]:
    """Return the small print, which begins with what must not be cut off."""
    return words.there(("code", shown.code if shown.coded else ""), ("copy", style.copied()), ("site_name", shown.site))


def _foot(small: tuple[tuple[str, str], ...], area: Area) -> Text:
    return Text(
        name="small", area=area, text=words.said(small), capital_mm=_SMALL_MM, may_shorten=True, facts=small,
        kept=("code", "copy"),
    )  # fmt: skip
