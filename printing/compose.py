"""From millimetres to dots: a page becomes words, ink and codes at whole dots of one head, for every back end to draw.

The one thing a newcomer would get wrong: nothing is decided after this step. A back end that moved, scaled or wrapped
something would print what the linter has not seen.
"""

import io
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import zxingcpp
from barcode.ean import EuropeanArticleNumber8, EuropeanArticleNumber13  # type: ignore[import-untyped]
from PIL import Image

from core.catalog.gs1 import split_message
from core.catalog.gs1_checks import is_digits, mod10_check
from core.catalog.readings import Rejected
from printing import code128, faces
from printing.fault import LabelFault, picture_fault
from printing.label import (
    LINEAR,
    MM_PER_INCH,
    Align,
    Barcode,
    Box,
    Document,
    Logo,
    Page,
    Reverse,
    Rule,
    Symbology,
    Text,
)
from printing.typeset import LINE_PITCH, PRINTER, Face, face_for, fit, height_mm

_QUIET_QR = 4
_QUIET_DATA_MATRIX = 1
_EAN = {Symbology.EAN_13: (13, 11, EuropeanArticleNumber13), Symbology.EAN_8: (8, 7, EuropeanArticleNumber8)}
"""Digits, modules of the quiet zone, and what draws it."""
_BLACK_BELOW = 128
_BAR = re.compile("1+")


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of whole dots."""

    x: int
    y: int
    width: int
    height: int

    def meets(self, other: "Rect") -> bool:
        """Say whether the two share a dot."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    def within(self, other: "Rect") -> bool:
        """Say whether this one lies inside the other."""
        return (
            self.x >= other.x
            and self.y >= other.y
            and self.x + self.width <= other.x + other.width
            and self.y + self.height <= other.y + other.height
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One line of text, all sizes in dots."""

    element: str
    text: str
    left: int
    baseline: int
    width: float
    capital: float
    align: Align
    column: Rect
    """The area the line is aligned in."""
    strong: bool
    white: bool
    printers: bool = False
    """Whether the printer sets it in its own letters."""

    @property
    def ink(self) -> Rect:
        """Return where the letters are, from capitals' top to baseline."""
        return Rect(self.left, self.baseline - round(self.capital), max(1, round(self.width)), round(self.capital))

    @property
    def reach(self) -> Rect:
        """Return where accents and descenders may be too."""
        up, down = (round(self.capital * each) for each in faces.reach(self.text))
        ink = self.ink
        return Rect(ink.x, ink.y - up, ink.width, ink.height + up + down)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A black rectangle and the white lines in it: one thing, since a print head cannot take ink away again."""

    element: str
    area: Rect
    lines: tuple[Words, ...]

    @property
    def printers(self) -> bool:
        """Return whether the printer sets all that stands in it in its own letters."""
        return all(line.printers for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """A filled rectangle."""

    element: str
    area: Rect


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A barcode: rows of modules at whole dots. A linear code has one row, drawn `height` dots tall."""

    element: str
    symbology: Symbology
    data: str
    x: int
    y: int
    module: int
    height: int
    rows: tuple[str, ...]
    """`1` is black; without quiet zones."""
    stretches: tuple[code128.Stretch, ...]
    """How a printer is told to draw a Code 128; empty for all others, which are drawn from their modules."""
    quiet: int
    """Modules that stay white: left and right of a linear code, all around a square one."""

    @property
    def ink(self) -> Rect:
        """Return where the modules are."""
        return Rect(self.x, self.y, len(self.rows[0]) * self.module, self.height)

    @property
    def reach(self) -> Rect:
        """Return the code with its quiet zones."""
        margin = self.quiet * self.module
        above = 0 if self.symbology in LINEAR else margin
        return Rect(self.x - margin, self.y - above, self.ink.width + 2 * margin, self.height + 2 * above)

    def bars(self) -> list[Rect]:
        """Return the black rectangles: one for each run of modules in a row."""
        tall = self.height if self.symbology in LINEAR else self.module
        found: list[Rect] = []
        for index, row in enumerate(self.rows):
            y = self.y + index * self.module
            found += [
                Rect(self.x + run.start() * self.module, y, len(run[0]) * self.module, tall)
                for run in _BAR.finditer(row)
            ]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture in dots: black (0) and white (255), a byte each."""

    element: str
    area: Rect
    grey: bytes

    @property
    def ink(self) -> Rect:
        """Return where it is."""
        return self.area

    @property
    def reach(self) -> Rect:
        """Return where it is: it reaches nowhere else."""
        return self.area

    def image(self) -> Image.Image:
        """Return it as a grey picture."""
        return Image.frombytes("L", (self.area.width, self.area.height), self.grey)


Part = Words | Block | Ink | Code | Drawing


@dataclass(frozen=True, slots=True)
class Cut:
    """A text that did not fit as a whole."""

    text: Text
    kept: int
    """Characters that are there."""
    of: int
    """Characters that it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page in dots, and what was noticed while it was composed."""

    width: int
    height: int
    dpi: int
    parts: tuple[Part, ...]
    darkness: int | None
    cut: tuple[Cut, ...]
    """Texts that were shortened, with leave or without."""

    def millimetres(self, dots: float) -> float:
        """Return a length in millimetres."""
        return dots * MM_PER_INCH / self.dpi


def dots(length_mm: float, dpi: int) -> int:
    """Return a length in whole dots, the nearest."""
    return round(length_mm * dpi / MM_PER_INCH)


def compose(document: Document, page: Page, *, dpi: int, face: Face) -> Sheet:
    """Return one page in dots of a head.

    Raises:
        LabelFault: a barcode cannot say its data or has no room at all.
    """
    parts: list[Part] = []
    cut: list[Cut] = []
    for element in page.elements:
        match element:
            case Text():
                parts.extend(_words(element, dpi, face_for(face, element), cut))
            case Reverse():
                set_in = face_for(face, *element.texts)
                lines = [line for text in element.texts for line in _words(text, dpi, set_in, cut, white=True)]
                parts.append(Block(element=element.name, area=_rect(element, dpi), lines=tuple(lines)))
            case Rule():
                parts.append(Ink(element=element.name, area=_rect(element, dpi)))
            case Box():
                parts.extend(_frame(element, dpi))
            case Barcode():
                parts.append(_code(element, dpi))
            case Logo():
                parts.append(_drawing(element, dpi))
    return Sheet(
        width=dots(document.width_mm, dpi),
        height=dots(document.height_mm, dpi),
        dpi=dpi,
        parts=tuple(parts),
        darkness=page.darkness,
        cut=tuple(cut),
    )


def _rect(element: Rule | Box | Reverse | Text | Logo, dpi: int) -> Rect:
    area = element.area
    return Rect(
        dots(area.x_mm, dpi),
        dots(area.y_mm, dpi),
        max(1, dots(area.width_mm, dpi)),
        max(1, dots(area.height_mm, dpi)),
    )


def _words(text: Text, dpi: int, face: Face, cut: list[Cut], *, white: bool = False) -> list[Words]:
    setting = fit(text)
    if not setting.complete:
        cut.append(Cut(text, setting.kept, setting.of))
    column = _rect(text, dpi)
    capital = setting.capital_mm * dpi / MM_PER_INCH
    spare = text.area.height_mm - height_mm(len(setting.lines), setting.capital_mm)
    drop = dots(spare / 2, dpi) if text.middle else 0
    lines = []
    for index, line in enumerate(setting.lines):
        width = face.width(line, text.strong) * capital
        slack = column.width - width
        indent = {Align.LEFT: 0.0, Align.CENTRE: slack / 2, Align.RIGHT: slack}[text.align]
        lines.append(
            Words(
                element=text.name,
                text=line,
                left=column.x + round(indent),
                baseline=column.y + drop + round(capital * (1 + LINE_PITCH * index)),
                width=width,
                capital=capital,
                align=text.align,
                column=column,
                strong=text.strong,
                white=white,
                printers=face is PRINTER,
            )
        )
    return [line for line in lines if line.text]


def _drawing(logo: Logo, dpi: int) -> Drawing:
    area = _rect(logo, dpi)
    try:
        wide, high, grey = _scaled(logo.png, area.width, area.height)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as e:
        raise LabelFault(logo.name, f"the picture cannot be read: {picture_fault(e)}") from e
    slack = area.width - wide
    indent = {Align.LEFT: 0, Align.CENTRE: slack // 2, Align.RIGHT: slack}[logo.align]
    return Drawing(element=logo.name, area=Rect(area.x + indent, area.y, wide, high), grey=grey)


@lru_cache(maxsize=16)
def _scaled(png: bytes, wide: int, high: int) -> tuple[int, int, bytes]:
    """Return a picture as large as fits: width, height and its dots, dark ones black."""
    with Image.open(io.BytesIO(png)) as image:
        colours = image.convert("RGBA")
    white = Image.new("RGBA", colours.size, "white")
    white.alpha_composite(colours)
    scale = min(wide / white.width, high / white.height)
    size = max(1, int(white.width * scale)), max(1, int(white.height * scale))
    grey = white.convert("L").resize(size).point(lambda level: 255 if level >= _BLACK_BELOW else 0)
    return (*size, grey.tobytes())


def _frame(box: Box, dpi: int) -> list[Ink]:
    area, line = _rect(box, dpi), max(1, dots(box.line_mm, dpi))
    sides = (
        Rect(area.x, area.y, area.width, line),
        Rect(area.x, area.y + area.height - line, area.width, line),
        Rect(area.x, area.y + line, line, area.height - 2 * line),
        Rect(area.x + area.width - line, area.y + line, line, area.height - 2 * line),
    )
    return [Ink(element=box.name, area=side) for side in sides]


def _code(barcode: Barcode, dpi: int) -> Code:
    area = Rect(
        dots(barcode.area.x_mm, dpi),
        dots(barcode.area.y_mm, dpi),
        dots(barcode.area.right_mm, dpi) - dots(barcode.area.x_mm, dpi),
        dots(barcode.area.height_mm, dpi),
    )
    rows, stretches, quiet = _symbol(barcode)
    across, linear = len(rows[0]) + 2 * quiet, barcode.symbology in LINEAR
    room = area.width // across if linear else min(area.width, area.height) // across
    module = min(max(1, dots(barcode.module_mm, dpi)), room)
    if module < 1:
        raise LabelFault(barcode.column or barcode.name, f"{across} modules do not fit in {barcode.area.width_mm:g} mm")
    slack = area.width - across * module
    indent = {Align.LEFT: 0, Align.CENTRE: slack // 2, Align.RIGHT: slack}[barcode.align]
    return Code(
        element=barcode.name,
        symbology=barcode.symbology,
        data=barcode.data,
        x=area.x + indent + quiet * module,
        y=area.y if linear else area.y + quiet * module,
        module=module,
        height=area.height if linear else len(rows) * module,
        rows=rows,
        stretches=stretches,
        quiet=quiet,
    )


def _symbol(barcode: Barcode) -> "_Symbol":
    try:
        return _drawn(barcode.symbology, barcode.data)
    except (ValueError, RuntimeError) as e:
        raise LabelFault(barcode.column or barcode.name, f"cannot be a {barcode.symbology.value}: {e}") from e


_Symbol = tuple[tuple[str, ...], tuple[code128.Stretch, ...], int]
"""A code's rows of modules, the stretches of a Code 128, and its quiet zone in modules."""


@lru_cache(maxsize=512)
def _drawn(symbology: Symbology, data: str) -> _Symbol:
    match symbology:
        case Symbology.CODE_128 | Symbology.GS1_128:
            stretches = code128.plan(data, gs1=symbology is Symbology.GS1_128)
            return (code128.bars(stretches),), stretches, code128.QUIET_MODULES
        case Symbology.EAN_13 | Symbology.EAN_8:
            return (_ean(symbology, data),), (), _EAN[symbology][1]
        case Symbology.QR:
            return _matrix(data, zxingcpp.BarcodeFormat.QRCode, ec_level="M"), (), _QUIET_QR
        case Symbology.DATA_MATRIX:
            square = _matrix(data, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
            return square, (), _QUIET_DATA_MATRIX
        case Symbology.GS1_DATA_MATRIX:
            square = _matrix(_bracketed(data), zxingcpp.BarcodeFormat.DataMatrix, force_square=True, gs1=True)
            return square, (), _QUIET_DATA_MATRIX


def _ean(symbology: Symbology, data: str) -> str:
    digits, _, drawn = _EAN[symbology]
    if not is_digits(data) or len(data) != digits:
        raise ValueError(f"{data!r} is not {digits} digits")
    if mod10_check(data[:-1]) != data[-1]:
        raise ValueError(f"check digit of {data} should be {mod10_check(data[:-1])}")
    return str(drawn(data).build()[0])


def _bracketed(data: str) -> str:
    """Return an element string as the encoder takes it; no value of GS1 holds a square bracket."""
    elements = split_message(data)
    if isinstance(elements, Rejected):
        raise ValueError(f"({elements.at}) {elements.reason.value.replace('_', ' ')}")  # noqa: TRY004  its value is wrong
    return "".join(f"[{ai}]{value}" for ai, value in elements)


def _matrix(data: str, form: zxingcpp.BarcodeFormat, **options: object) -> tuple[str, ...]:
    if not data:
        raise ValueError("nothing to encode")
    image = zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(data, form, **options), 1, add_quiet_zones=False)
    view = memoryview(cast("bytes", image))
    columns = cast("tuple[int, ...]", view.shape)[1]
    dots = view.tobytes().translate(_MODULES).decode("ascii")
    return tuple(dots[start : start + columns] for start in range(0, len(dots), columns))


_MODULES = bytes.maketrans(bytes((0, 255)), b"10")
