"""Bands that flow down pages: each knows its height before it is placed, and none is ever cut by a page's end.

Heights come from `typeset.fit`, which says how a text is set whoever draws it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from printing import typeset
from printing.label import Align, Area, Element, Text

CAPITAL_MM = 2.2
"""Body text of a document: about 8.6 points."""
LEAST_MM = 1.6


@dataclass(frozen=True, slots=True)
class Band:
    """A strip of a page."""

    height_mm: float
    place: Callable[[float], tuple[Element, ...]]
    """Return its elements for a y of its upper edge, in millimetres."""


def pages(
    bands: Sequence[Band], *, first_top_mm: float, top_mm: float, bottom_mm: float, again: Band | None = None
) -> list[list[Element]]:
    """Return the elements of as many pages as the bands take; a band higher than a page gets one to itself.

    Args:
        bands: what flows, in order.
        first_top_mm: where the first page's bands begin.
        top_mm: where they begin on every further page.
        bottom_mm: where they end.
        again: what is repeated at the top of every further page, such as the titles of columns.
    """
    found: list[list[Element]] = [[]]
    y = first_top_mm
    for band in bands:
        if y + band.height_mm > bottom_mm and found[-1]:
            found.append([])
            y = top_mm
            if again is not None:
                found[-1].extend(again.place(y))
                y += again.height_mm
        found[-1].extend(band.place(y))
        y += band.height_mm
    return found


def text(
    name: str,
    words: str,
    x_mm: float,
    y_mm: float,
    width_mm: float,
    *,
    capital_mm: float = CAPITAL_MM,
    max_lines: int = 1,
    strong: bool = False,
    align: Align = Align.LEFT,
) -> Text:
    """Return a text of a document, with the height its lines may take at most; too long words are shortened."""
    return Text(
        name=name,
        area=Area(x_mm, y_mm, width_mm, typeset.height_mm(max_lines, capital_mm)),
        text=words,
        capital_mm=capital_mm,
        least_mm=min(capital_mm, LEAST_MM),
        max_lines=max_lines,
        strong=strong,
        align=align,
        may_shorten=True,
    )


def set_height_mm(element: Text) -> float:
    """Return the height that a text takes when it is set."""
    setting = typeset.fit(element)
    return typeset.height_mm(len(setting.lines), setting.capital_mm)
