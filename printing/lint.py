"""The linter that looks at every page before a byte of it is made.

It looks at what will be drawn (`Sheet`), not at what was asked for. The one thing a newcomer would get wrong: a
finding is never a warning. A label that may not scan, or lacks a letter of an address, costs a parcel; it is held,
and somebody is told which element is wrong and why.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from core.catalog.gs1 import SEPARATOR, forbidden, lacking, split_message
from core.catalog.gs1_checks import is_digits, mod10_check
from core.catalog.readings import Flaw, Rejected
from printing import faces
from printing.compose import Block, Code, Ink, Part, Rect, Sheet, Words, dots
from printing.fault import LabelFault
from printing.label import GS1, Barcode, Document, Page, Reverse, Text

_KEYS = {"00": 18, "01": 14, "02": 14}
"""Digits of the numbers that most element strings begin with."""
_TOLERANCE_MM = 0.005
"""Half a hundredth: what whole dots may lose against a size asked for."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that makes a page unfit to print."""

    element: str
    reason: str


def check(document: Document, page: Page, sheet: Sheet) -> None:
    """Let a page pass, or refuse it.

    Raises:
        LabelFault: naming the first finding's element and reason.
    """
    for finding in findings(document, page, sheet):
        raise LabelFault(finding.element, finding.reason)


def findings(document: Document, page: Page, sheet: Sheet) -> Iterator[Finding]:
    """Yield everything that is wrong with a page, in the order an operator should hear of it."""
    yield from _glyphs(page)
    yield from _numbers(page)
    for element, words in sheet.cut:
        yield Finding(element, f"does not fit: {words[:40]!r}")
    yield from _codes(page, sheet)
    for part in sheet.parts:
        yield from _outside(document, sheet, part)
    for line in _lines(sheet):
        if sheet.millimetres(line.capital) < document.least_capital_mm - _TOLERANCE_MM:
            yield Finding(line.element, f"letters of {sheet.millimetres(line.capital):.2f} mm are too small to read")
    yield from _overlaps(sheet)


def _texts(page: Page) -> Iterator[Text]:
    for element in page.elements:
        if isinstance(element, Text):
            yield element
        elif isinstance(element, Reverse):
            yield from element.texts


def _lines(sheet: Sheet) -> Iterator[Words]:
    for part in sheet.parts:
        if isinstance(part, Words):
            yield part
        elif isinstance(part, Block):
            yield from part.lines


def _glyphs(page: Page) -> Iterator[Finding]:
    for text in _texts(page):
        words = faces.clean(text.text)
        lost = faces.missing(words)
        if lost:
            named = " ".join(f"U+{ord(c):04X}" for c in lost[:5])
            yield Finding(text.name, f"no font draws {named}")
        elif faces.needs_shaping(words) and not faces.can_shape():
            yield Finding(text.name, "its letters join, and the library that joins them (FriBiDi) is not installed")


def _numbers(page: Page) -> Iterator[Finding]:
    """Look at the element strings of a page: each for itself, then which go together on the same goods."""
    together: list[tuple[str, str]] = []
    named: dict[str, str] = {}
    for element in page.elements:
        if not isinstance(element, Barcode) or element.symbology not in GS1:
            continue
        elements = split_message(element.data)
        if isinstance(elements, Rejected):
            yield Finding(element.name, _flawed(element.data, elements))
            continue
        together.extend(elements)
        named.update((ai, element.name) for ai, _ in elements)
    for ai in lacking(tuple(together)):
        yield Finding(named[ai], f"({ai}) needs another identifier beside it that is not on the label")
    odd = forbidden(tuple(together))
    if odd is not None:
        yield Finding(named[odd], f"({odd}) must not stand beside what else is on the label")


def _flawed(data: str, rejected: Rejected) -> str:
    """Return what is wrong with an element string, and what a number's check digit should be."""
    at = data.find(rejected.at) + len(rejected.at)
    number = data[at:].split(SEPARATOR, maxsplit=1)[0]
    if rejected.reason is Flaw.BAD_CHECK_DIGIT and is_digits(number) and data.startswith(rejected.at):
        number = number[: _KEYS.get(rejected.at, len(number))]
        return f"check digit of {number} should be {mod10_check(number[:-1])}"
    return f"({rejected.at}) {rejected.reason.value.replace('_', ' ')}"


def _outside(document: Document, sheet: Sheet, part: Part) -> Iterator[Finding]:
    edge = dots(document.margin_mm, sheet.dpi)
    printable = Rect(edge, edge, sheet.width - 2 * edge, sheet.height - 2 * edge)
    paper = Rect(0, 0, sheet.width, sheet.height)
    if not _inked(part).within(printable):
        yield Finding(part.element, "reaches outside the printable area")
    elif not _reach(part).within(paper):
        yield Finding(part.element, "reaches over the edge of the paper")
    if isinstance(part, Block):
        for line in part.lines:
            if not line.ink.within(part.area):
                yield Finding(line.element, "reaches out of its black block")


def _codes(page: Page, sheet: Sheet) -> Iterator[Finding]:
    asked = {element.name: element for element in page.elements if isinstance(element, Barcode)}
    for part in sheet.parts:
        if not isinstance(part, Code):
            continue
        wish = asked[part.element]
        module_mm, height_mm = sheet.millimetres(part.module), sheet.millimetres(part.height)
        if part.module < 1 or part.module != int(part.module):
            yield Finding(part.element, "its modules are not whole dots")
        if module_mm < wish.least_module_mm - _TOLERANCE_MM:
            yield Finding(part.element, f"modules of {module_mm:.3f} mm, at least {wish.least_module_mm:g} needed")
        if height_mm < wish.least_height_mm - sheet.millimetres(1):
            yield Finding(part.element, f"{height_mm:.1f} mm high, at least {wish.least_height_mm:g} needed")


def _overlaps(sheet: Sheet) -> Iterator[Finding]:
    for index, part in enumerate(sheet.parts):
        for other in sheet.parts[index + 1 :]:
            if isinstance(part, Code):
                yield from _crowded(part, other)
            elif isinstance(other, Code):
                yield from _crowded(other, part)
            elif not (isinstance(part, Ink) and isinstance(other, Ink)) and _inked(part).meets(_inked(other)):
                yield Finding(other.element, f"overlaps {part.element}")


def _crowded(code: Code, near: Part) -> Iterator[Finding]:
    if code.reach.meets(_reach(near)):
        yield Finding(code.element, f"its quiet zone is overlapped by {near.element}")


def _inked(part: Part) -> Rect:
    return part.area if isinstance(part, Ink | Block) else part.ink


def _reach(part: Part) -> Rect:
    return part.area if isinstance(part, Ink | Block) else part.reach
