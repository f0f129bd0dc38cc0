"""A list on sheets: a head with its number and code, columns, rows that are never cut by a page's end, and a foot.

Pick list, return slip and floor list are lists and differ in their columns only. A row is as high as its highest cell;
a column that is ticked with a pen has boxes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from printing import words
from printing.documents.flow import Band, pages, set_height_mm, text
from printing.label import (
    LEAST_CAPITAL_IN_HAND_MM,
    Align,
    Area,
    Barcode,
    Box,
    Document,
    Element,
    Page,
    Rule,
    Symbology,
)
from printing.style import Style

_MARGIN_MM = 5.0
_EDGE = 12.0
_FOOT = 9.0
_HAIR = 0.2
_BOX = 5.2
_GAP = 3.5
_QUIET = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its title, its part of the width, and how its cells are set."""

    title: str
    part: float
    align: Align = Align.LEFT
    strong: bool = False
    capital_mm: float = 2.4
    lines: int = 2
    box_mm: float = 0.0
    """How wide the empty box is that is ticked or written into; the row has no words for it then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a list shows."""

    template: str
    version: int
    title: str
    code: str
    """What a scan of its head says; empty for none."""
    facts: tuple[str, ...]
    """Lines below the title."""
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[str]]
    """A row's words, a cell each for the columns without a box."""
    closing: str = ""
    """A paragraph below the last row."""
    tall_mm: float = 0.0
    """What a row is high at least: where a finger or a pen goes along it."""
    document_title: str = ""
    square: str = ""
    """What a square code below the rows says: a web address."""


def listing(shown: Listing, style: Style) -> Document:
    """Return the list on the paper."""
    paper = style.paper
    wide = paper.width_mm - 2 * _EDGE
    head = _head(shown, wide)
    titles = _titles(shown.columns, wide)
    bands = [titles, *(_row(shown, row, place, wide) for place, row in enumerate(shown.rows, start=1))]
    if shown.closing or shown.square:
        bands.append(_closing(shown, wide))
    made = pages(
        bands, first_top_mm=_EDGE + head.height_mm, top_mm=_EDGE + 9, bottom_mm=paper.height_mm - _EDGE - _FOOT,
        again=titles,
    )  # fmt: skip
    return Document(
        template=shown.template, version=shown.version, width_mm=paper.width_mm, height_mm=paper.height_mm,
        margin_mm=_MARGIN_MM, least_capital_mm=LEAST_CAPITAL_IN_HAND_MM, title=shown.document_title or shown.title,
        pages=tuple(
            Page(
                elements=(
                    *(head.place(_EDGE) if place == 1 else (text("title", shown.title, _EDGE, _EDGE, wide, strong=True),)),
                    *elements,
                    *_foot(shown, style, place, len(made)),
                )
            )
            for place, elements in enumerate(made, start=1)
        ),
    )  # fmt: skip


def _head(shown: Listing, wide: float) -> Band:
    right = wide * 0.42 if shown.code else 0.0
    left = wide - right - (4 if right else 0)
    facts = "\n".join(each for each in shown.facts if each)
    title = text("title", shown.title, _EDGE, 0, left, capital_mm=6, strong=True, max_lines=2)
    said = text("facts", facts, _EDGE, 0, left, capital_mm=2.4, max_lines=8)
    tall = max(set_height_mm(title) + (5 + set_height_mm(said) if facts else 0), 15.0 if shown.code else 0.0)

    def place(y: float) -> tuple[Element, ...]:
        found: list[Element] = [
            text("title", shown.title, _EDGE, y, left, capital_mm=6, strong=True, max_lines=2),
            text("facts", facts, _EDGE, y + set_height_mm(title) + 4.5, left, capital_mm=2.4, max_lines=8),
            Rule(name="rule", area=Area(_EDGE, y + tall + 4, wide, 0.5)),
        ]
        if shown.code:
            found.append(
                Barcode(
                    name="number", symbology=Symbology.CODE_128, data=shown.code,
                    area=Area(_EDGE + wide - right - 3, y, right + 3 + _QUIET, 12), module_mm=0.34, least_module_mm=0.19,
                    least_height_mm=8, align=Align.RIGHT,
                )
            )  # fmt: skip
        return tuple(found)

    return Band(tall + 9, place)


def _cells(columns: Sequence[Column], wide: float) -> list[tuple[Column, float, float]]:
    """Return each column with where it begins and how wide it is, in millimetres."""
    whole = sum(column.part for column in columns)
    found, x = [], _EDGE
    for column in columns:
        room = wide * column.part / whole
        found.append((column, x, room - _GAP))
        x += room
    last, at, room = found[-1]
    found[-1] = (last, at, room + _GAP)
    return found


def _titles(columns: Sequence[Column], wide: float) -> Band:
    def place(y: float) -> tuple[Element, ...]:
        named = tuple(
            text("title", column.title, x, y, room, capital_mm=2.0, strong=True, align=column.align)
            for column, x, room in _cells(columns, wide)
            if column.title
        )
        return (*named, Rule(name="rule", area=Area(_EDGE, y + 3.8, wide, 0.35)))

    return Band(6.4, place)


def _row(shown: Listing, row: Sequence[str], number: int, wide: float) -> Band:
    cells = iter(row)
    said = [(column, x, room, "" if column.box_mm else next(cells)) for column, x, room in _cells(shown.columns, wide)]

    def set_text(column: Column, words_: str, x: float, y: float, room: float) -> Element:
        return text(
            f"row {number}", words_, x, y, room, capital_mm=column.capital_mm, max_lines=column.lines,
            strong=column.strong, align=column.align,
        )  # fmt: skip

    heights = [
        set_height_mm(
            text("row", words_, x, 0, room, capital_mm=column.capital_mm, max_lines=column.lines, strong=column.strong)
        )
        for column, x, room, words_ in said
        if words_
    ]
    tall = max([*heights, shown.tall_mm, _BOX if any(column.box_mm for column, *_ in said) else 0.0])

    def place(y: float) -> tuple[Element, ...]:
        found: list[Element] = []
        for column, x, room, words_ in said:
            if column.box_mm:
                spare = room - column.box_mm
                left = x + {Align.LEFT: 0.0, Align.CENTRE: spare / 2, Align.RIGHT: spare}[column.align]
                found.append(Box(name=f"row {number}", area=Area(left, y - 0.6, column.box_mm, _BOX), line_mm=0.3))
            elif words_:
                found.append(set_text(column, words_, x, y, room))
        return (*found, Rule(name="rule", area=Area(_EDGE, y + tall + 1.9, wide, _HAIR)))

    return Band(tall + 4.4, place)


def _closing(shown: Listing, wide: float) -> Band:
    side = 26.0 if shown.square else 0.0
    room = wide - side - (6 if side else 0)
    said = text("closing", shown.closing, _EDGE, 0, room, capital_mm=2.4, max_lines=10)
    tall = max(set_height_mm(said), side)

    def place(y: float) -> tuple[Element, ...]:
        found: list[Element] = [text("closing", shown.closing, _EDGE, y + 6, room, capital_mm=2.4, max_lines=10)]
        if shown.square:
            found.append(
                Barcode(
                    name="square code", symbology=Symbology.QR, data=shown.square,
                    area=Area(_EDGE + wide - side + _QUIET, y + 2, side, side), module_mm=0.75, least_module_mm=0.33,
                    align=Align.RIGHT,
                )
            )  # fmt: skip
        return tuple(found)

    return Band(tall + 8, place)


def _foot(shown: Listing, style: Style, page: int, last: int) -> tuple[Element, ...]:
    wide = style.paper.width_mm - 2 * _EDGE
    y = style.paper.height_mm - _EDGE
    where = style.say("{page} of {last}", page=page, last=last) if last > 1 else ""
    return (
        text("foot", words.joined(shown.title, style.copied(), by="   "), _EDGE, y, wide * 0.7, capital_mm=1.9),
        text("page", where, _EDGE + wide * 0.7, y, wide * 0.3, capital_mm=1.9, align=Align.RIGHT),
    )
