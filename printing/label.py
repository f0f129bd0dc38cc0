"""The model of everything we print: elements on a page, in millimetres, free of any printer, resolution or language.

The origin is the top left corner, x runs right and y runs down. The one thing a newcomer would get wrong: a text's
size is the height of its capitals, and its area runs from the top of the first line's capitals to the last baseline;
accents and descenders reach a third of that height beyond, so leave that much air between lines that are set apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

MM_PER_INCH = 25.4
LEAST_CAPITAL_MM = 2.0
"""Nothing on a label is smaller (devices.md 4); what is read in the hand may be `LEAST_CAPITAL_IN_HAND_MM`."""
LEAST_CAPITAL_IN_HAND_MM = 1.6


class Align(StrEnum):
    """Where lines lie within their area."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


class Symbology(StrEnum):
    """The codes we print. Data of a GS1 code is an element string: fixed AIs run on, others end with U+001D."""

    CODE_128 = "code_128"
    GS1_128 = "gs1_128"
    EAN_13 = "ean_13"
    """13 digits with their check digit."""
    EAN_8 = "ean_8"
    """8 digits with their check digit."""
    QR = "qr"
    DATA_MATRIX = "data_matrix"
    GS1_DATA_MATRIX = "gs1_data_matrix"


LINEAR = (Symbology.CODE_128, Symbology.GS1_128, Symbology.EAN_13, Symbology.EAN_8)
GS1 = (Symbology.GS1_128, Symbology.GS1_DATA_MATRIX)


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in millimetres from the page's top left corner."""

    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float

    @property
    def right_mm(self) -> float:
        """Return the x of the right edge."""
        return self.x_mm + self.width_mm

    @property
    def bottom_mm(self) -> float:
        """Return the y of the lower edge."""
        return self.y_mm + self.height_mm


@dataclass(frozen=True, slots=True)
class Paper:
    """What is loaded: a label or a sheet."""

    width_mm: float
    height_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Words that are set as large as fits between `capital_mm` and `least_mm`."""

    name: str
    area: Area
    text: str
    """Lines end with a newline; each may be wrapped further, up to `max_lines` in all."""
    capital_mm: float
    least_mm: float = LEAST_CAPITAL_MM
    max_lines: int = 1
    align: Align = Align.LEFT
    strong: bool = False
    middle: bool = False
    """Stand in the middle of the area's height, where what fits is smaller."""
    may_shorten: bool = False
    """It is prose, and ends with an ellipsis where even the least size does not fit; without it that is a fault."""
    column: str = ""
    """The fact it says, where it is not called like it: what is found about it names that."""
    facts: tuple[tuple[str, str], ...] = ()
    """What it joins, where that is more than one fact: the fact and its words, in their order."""
    kept: tuple[str, ...] = ()
    """Of its facts those that are never left out: codes and numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Barcode:
    """A code to be scanned, quiet zones included in its area, with modules of whole dots."""

    name: str
    symbology: Symbology
    data: str
    area: Area
    """Bars take the whole height; a square code the largest square of whole modules."""
    module_mm: float
    """The module wished for; it becomes the nearest number of whole dots, or the largest that fits."""
    least_module_mm: float
    """The smallest module this use of the code allows."""
    least_height_mm: float = 0.0
    align: Align = Align.CENTRE
    secret: bool = False
    """Only scanners are to read it: no words beside it say the same."""
    column: str = ""
    """The fact it says, where it is not called like it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A filled rectangle: a line between parts, or a bar."""

    name: str
    area: Area


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An outline drawn inside its area."""

    name: str
    area: Area
    line_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reverse:
    """A black block with white words in it: a warning."""

    name: str
    area: Area
    texts: tuple[Text, ...]
    """Their areas lie within the block's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """A picture in black and white, as large as fits into its area."""

    name: str
    area: Area
    png: bytes
    align: Align = Align.LEFT


Element = Text | Barcode | Rule | Box | Reverse | Logo


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What stands on one page or label, in the order it is read."""

    elements: tuple[Element, ...]
    darkness: int | None = None
    """In the numbers of the printer's language, where this label is to try it out; else what is loaded decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A laid out document: one page for a label, any number for a slip or a manifest."""

    template: str
    version: int
    width_mm: float
    height_mm: float
    margin_mm: float
    """The edge that no head or roller prints on; nothing may reach into it."""
    pages: tuple[Page, ...]
    title: str = ""
    templates: tuple[str, ...] = ()
    """Templates of a site that had a say, with their versions."""
    least_capital_mm: float = LEAST_CAPITAL_MM
    said_in: Mapping[str, str] = field(default_factory=dict)
    """Where a template says of an element where it stands or how large it is: `house_label.toml, line 7`."""


def resized(document: Document, sizes: Mapping[str, float]) -> Document:
    """Return a document with other sizes of some texts, by name: they still fit themselves into their areas."""
    if not sizes:
        return document

    def sized(element: Element) -> Element:
        if not isinstance(element, Text) or element.name not in sizes:
            return element
        wanted = sizes[element.name]
        return replace(element, capital_mm=wanted, least_mm=min(element.least_mm, wanted))

    pages = tuple(Page(elements=tuple(sized(element) for element in page.elements)) for page in document.pages)
    return replace(document, pages=pages)


Place = tuple[float, float] | tuple[float, float, float, float]
"""Left and top, or left, top, width and height, in millimetres."""


def placed(document: Document, places: Mapping[str, Place]) -> Document:
    """Return a document with some elements elsewhere, by name; one that stands there several times is left alone."""
    if not places:
        return document
    return replace(document, pages=tuple(_rearranged(page, places) for page in document.pages))


def _rearranged(page: Page, places: Mapping[str, Place]) -> Page:
    names = [element.name for element in page.elements]
    moved = (
        _moved(each, places[each.name]) if each.name in places and names.count(each.name) == 1 else each
        for each in page.elements
    )
    return replace(page, elements=tuple(moved))


def _moved(element: Element, place: Place) -> Element:
    before = element.area
    left, top, *size = place
    width, height = size or (before.width_mm, before.height_mm)
    area = Area(left, top, width, height)
    if not isinstance(element, Reverse):
        return replace(element, area=area)
    # What stands in a block goes with it, and grows and shrinks as it does.
    wide, high = width / before.width_mm, height / before.height_mm
    texts = tuple(
        replace(
            text,
            area=Area(
                left + (text.area.x_mm - before.x_mm) * wide, top + (text.area.y_mm - before.y_mm) * high,
                text.area.width_mm * wide, text.area.height_mm * high,
            ),
        )
        for text in element.texts
    )  # fmt: skip
    return replace(element, area=area, texts=texts)


def mirrored(document: Document) -> Document:
    """Return a document as it stands in a language that is read from the right: every element on the other side."""
    pages = tuple(
        replace(page, elements=tuple(_turned(element, document.width_mm) for element in page.elements))
        for page in document.pages
    )
    return replace(document, pages=pages)


_OTHER_SIDE = {Align.LEFT: Align.RIGHT, Align.RIGHT: Align.LEFT, Align.CENTRE: Align.CENTRE}


def _turned(element: Element, width_mm: float) -> Element:
    area = replace(element.area, x_mm=width_mm - element.area.right_mm)
    match element:
        case Text():
            return _turned_text(element, width_mm)
        case Barcode() | Logo():
            return replace(element, area=area, align=_OTHER_SIDE[element.align])
        case Reverse():
            return replace(element, area=area, texts=tuple(_turned_text(text, width_mm) for text in element.texts))
        case Rule() | Box():
            return replace(element, area=area)


def _turned_text(text: Text, width_mm: float) -> Text:
    area = replace(text.area, x_mm=width_mm - text.area.right_mm)
    return replace(text, area=area, align=_OTHER_SIDE[text.align])
