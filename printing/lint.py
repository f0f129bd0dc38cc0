"""The linter that looks at every page before a byte of it is made.

It looks at what will be drawn (`Sheet`), not at what was asked for. The one thing a newcomer would get wrong: a
finding is no warning. A label that may not scan, or lacks a letter of an address, costs a parcel; it is held, and
somebody is told which fact is wrong and why. Only prose that ends in an ellipsis is printed all the same, and said.
"""

import unicodedata
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from core.catalog.gs1 import SEPARATOR, forbidden, lacking, split_message
from core.catalog.gs1_checks import is_digits, mod10_check
from core.catalog.readings import Flaw, Rejected
from printing import faces
from printing.compose import Block, Code, Cut, Ink, Part, Rect, Sheet, Words, dots
from printing.fault import LabelFault
from printing.label import GS1, LINEAR, Barcode, Document, Page, Reverse, Symbology, Text

_KEYS = {"00": 18, "01": 14, "02": 14}
"""Digits of the numbers that most element strings begin with."""
_TOLERANCE_MM = 0.005
"""Half a hundredth: what whole dots may lose against a size asked for."""


_LEAST_MODULE_MM: Mapping[Symbology, float] = MappingProxyType(
    {
        Symbology.CODE_128: 0.19,
        Symbology.GS1_128: 0.248,
        Symbology.EAN_13: 0.248,
        Symbology.EAN_8: 0.248,
        Symbology.QR: 0.25,
        Symbology.DATA_MATRIX: 0.25,
        Symbology.GS1_DATA_MATRIX: 0.25,
    }
)
"""What no layout may go below, whatever it says itself (GS1 General Specifications 5.2, thermal printing on demand)."""
_LEAST_SSCC_MODULE_MM, _MOST_GS1_128_MODULE_MM = 0.495, 1.016
_MOST_GS1_128_MM, _MOST_GS1_128_CHARACTERS = 165.0, 48


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a page: the fact or element, what it measures and what it may."""

    element: str
    reason: str
    stops: bool = True
    """It makes the page unfit to print."""
    other: str = ""
    """The element that it overlaps, where it does."""


def check(document: Document, page: Page, sheet: Sheet) -> None:
    """Let a page pass, or refuse it.

    Raises:
        LabelFault: naming the element and reason of the first finding that stops it.
    """
    for finding in findings(document, page, sheet):
        if finding.stops:
            raise LabelFault(finding.element, finding.reason, finding.other)


def check_together(document: Document) -> None:
    """Let a document's pages pass as a whole, or refuse them.

    Raises:
        LabelFault: two of its labels carry the same SSCC.
    """
    check_numbers(number for page in document.pages for number in sscc_of(page))


def findings(document: Document, page: Page, sheet: Sheet) -> Iterator[Finding]:
    """Yield everything that is to be said of a page, in the order an operator should hear of it."""
    columns = {each.name: each.column for each in page.elements if isinstance(each, Barcode) and each.column}
    columns |= {each.name: each.column for each in _texts(page) if each.column}
    for finding in _found(document, page, sheet):
        # Where it stands on the page, for whoever moved it there.
        yield replace(
            finding, element=columns.get(finding.element, finding.element), other=finding.other or finding.element
        )


def shortened(sheet: Sheet) -> Iterator[Finding]:
    """Yield the prose that a page shows the beginning of only, each with how much of it that is."""
    for cut in sheet.cut:
        if not _unfit(cut):
            for fact, there, of in _left_out(cut):
                yield Finding(fact, f"shortened to {there} of {of} characters", stops=False)


def _left_out(cut: Cut) -> Iterator[tuple[str, int, int]]:
    """Yield the facts of a text that are not there as a whole, with their characters: those there, and all."""
    text, at = cut.text, 0
    for fact, said in text.facts or ((text.column or text.name, text.text),):
        at = text.text.index(said, at) + len(said)
        end, of = len(faces.clean(text.text[:at])), len(faces.clean(said))
        if cut.kept < end:
            yield fact, max(0, cut.kept - end + of), of


def _unfit(cut: Cut) -> str:
    """Return a fact that had to be shortened and must not be; empty where all of them are prose."""
    left_out = list(_left_out(cut))
    if not cut.text.may_shorten:
        return max(left_out, key=lambda each: each[2])[0]
    return next((fact for fact, _, _ in left_out if fact in cut.text.kept), "")


def _found(document: Document, page: Page, sheet: Sheet) -> Iterator[Finding]:
    yield from _glyphs(page)
    yield from _numbers(page)
    for cut in sheet.cut:
        fact, text = _unfit(cut), cut.text
        if fact:
            yield Finding(
                fact,
                f"does not fit: {text.text[:40]!r} in letters of {text.least_mm:g} mm, its smallest",
                other=text.name,
            )
    yield from _twice(page)
    yield from _codes(page, sheet)
    yield from _unread(page, sheet)
    inked, reach = [_inked(part) for part in sheet.parts], [_reach(part) for part in sheet.parts]
    for part, ink, around in zip(sheet.parts, inked, reach, strict=True):
        yield from _outside(document, sheet, part, ink, around)
    for line in _lines(sheet):
        capital = sheet.millimetres(line.capital)
        if capital < document.least_capital_mm - _TOLERANCE_MM:
            yield Finding(
                line.element,
                f"letters of {capital:.2f} mm are too small to read, at least {document.least_capital_mm:g} needed",
            )
    yield from _overlaps(sheet, inked, reach)
    yield from shortened(sheet)


def sscc_of(page: Page) -> Iterator[str]:
    """Yield the SSCCs that a page's codes say, each once."""
    said = (dict(_elements(each)).get("00") for each in page.elements if isinstance(each, Barcode))
    yield from dict.fromkeys(number for number in said if number)


def check_numbers(numbers: Iterable[str], before: Container[str] = ()) -> None:
    """Let SSCCs pass of which none comes twice, or came before.

    A number stands for one pallet or carton: another may have it a year after the first was sent, at the earliest
    (GS1 General Specifications 2.2.1). What a station gives out itself its books never give out again.

    Raises:
        LabelFault: naming the number.
    """
    seen: set[str] = set()
    for number in numbers:
        if number in seen or number in before:
            raise LabelFault("sscc", f"{number} is on two labels, at most 1 may carry it")
        seen.add(number)


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
            # By the script: who cannot read the letters knows by it whose name it is.
            scripts = dict.fromkeys(unicodedata.name(c, "?").split()[0].capitalize() for c in lost)
            yield Finding(text.name, f"no font draws {named} ({', '.join(scripts)})")
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


def _elements(barcode: Barcode) -> tuple[tuple[str, str], ...]:
    elements = split_message(barcode.data) if barcode.symbology in GS1 else ()
    return () if isinstance(elements, Rejected) else elements


def _twice(page: Page) -> Iterator[Finding]:
    """Look for codes that stand twice, and for identifiers that are said with two values."""
    codes = [element for element in page.elements if isinstance(element, Barcode)]
    said: dict[str, str] = {}
    for index, code in enumerate(codes):
        same = [each for each in codes[:index] if (each.symbology, each.data) == (code.symbology, code.data)]
        if same or code.name in (each.name for each in codes[:index]):
            yield Finding(code.name, f"stands on the label {len(same) + 1 if same else 2} times, at most 1 may")
        for ai, value in _elements(code):
            if said.setdefault(ai, value) != value:
                yield Finding(code.name, f"({ai}) is {value} here and {said[ai]} elsewhere on the label")


def _unread(page: Page, sheet: Sheet) -> Iterator[Finding]:
    """Look for bars whose data no line of words repeats, so that nobody could type what does not scan."""
    lines: dict[str, str] = {}
    for line in _lines(sheet):
        lines[line.element] = lines.get(line.element, "") + line.text
    read = [_bare(each) for each in lines.values()]
    for element in page.elements:
        if isinstance(element, Barcode) and element.symbology in LINEAR and not element.secret:
            bare = _bare(element.data)
            if not any(bare in each for each in read):
                yield Finding(element.name, f"nothing on the label says {element.data!r} for people")


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _outside(document: Document, sheet: Sheet, part: Part, ink: Rect, around: Rect) -> Iterator[Finding]:
    edge = dots(document.margin_mm, sheet.dpi)
    printable = Rect(edge, edge, sheet.width - 2 * edge, sheet.height - 2 * edge)
    beyond = _beyond(ink, printable)
    if beyond:
        yield Finding(
            part.element,
            f"reaches {sheet.millimetres(beyond):.1f} mm outside the printable area, "
            f"{document.margin_mm:g} mm from the edges",
        )
    elif over := _beyond(around, Rect(0, 0, sheet.width, sheet.height)):
        yield Finding(part.element, f"reaches {sheet.millimetres(over):.1f} mm over the edge of the paper")
    if isinstance(part, Block):
        for line in part.lines:
            if out := _beyond(line.ink, part.area):
                yield Finding(line.element, f"reaches {sheet.millimetres(out):.1f} mm out of its black block")


def _beyond(area: Rect, room: Rect) -> int:
    """Return by how many dots an area reaches out of a room at most, 0 where it lies within."""
    return max(
        0,
        room.x - area.x,
        room.y - area.y,
        area.x + area.width - room.x - room.width,
        area.y + area.height - room.y - room.height,
    )


def _codes(page: Page, sheet: Sheet) -> Iterator[Finding]:
    asked = {element.name: element for element in page.elements if isinstance(element, Barcode)}
    for part in sheet.parts:
        if not isinstance(part, Code):
            continue
        wish = asked[part.element]
        sscc = part.symbology is Symbology.GS1_128 and part.data.startswith("00")
        least = max(wish.least_module_mm, _LEAST_SSCC_MODULE_MM if sscc else _LEAST_MODULE_MM[part.symbology])
        module_mm, height_mm = sheet.millimetres(part.module), sheet.millimetres(part.height)
        if part.module < 1 or part.module != int(part.module):
            yield Finding(part.element, f"its modules are {part.module:g} dots, whole ones are needed")
        if module_mm < least - _TOLERANCE_MM:
            yield Finding(part.element, f"modules of {module_mm:.3f} mm, at least {least:g} needed")
        if height_mm < wish.least_height_mm - sheet.millimetres(1):
            yield Finding(part.element, f"{height_mm:.1f} mm high, at least {wish.least_height_mm:g} needed")
        if part.symbology is Symbology.GS1_128:
            yield from _too_much(part, sheet)


def _too_much(code: Code, sheet: Sheet) -> Iterator[Finding]:
    """Look at what scanners of GS1-128 are built for (GS1 General Specifications 5.4)."""
    module_mm, wide_mm, characters = (
        sheet.millimetres(code.module),
        sheet.millimetres(code.reach.width),
        len(code.data.removesuffix(SEPARATOR)),
    )
    if module_mm > _MOST_GS1_128_MODULE_MM + _TOLERANCE_MM:
        yield Finding(code.element, f"modules of {module_mm:.3f} mm, at most {_MOST_GS1_128_MODULE_MM:g} allowed")
    if wide_mm > _MOST_GS1_128_MM:
        yield Finding(code.element, f"{wide_mm:.1f} mm wide, at most {_MOST_GS1_128_MM:g} allowed")
    if characters > _MOST_GS1_128_CHARACTERS:
        yield Finding(code.element, f"{characters} characters, at most {_MOST_GS1_128_CHARACTERS} allowed")


def _overlaps(sheet: Sheet, inked: list[Rect], reach: list[Rect]) -> Iterator[Finding]:
    for i, k in _that_meet(reach):
        part, other = sheet.parts[i], sheet.parts[k]
        if isinstance(part, Code) or isinstance(other, Code):
            code, near = (part, other) if isinstance(part, Code) else (other, part)
            deep = sheet.millimetres(_depth(reach[i], reach[k]))
            yield Finding(
                code.element, f"its quiet zone is overlapped by {near.element}, by {deep:.1f} mm", other=near.element
            )
        elif inked[i].meets(inked[k]) and not (isinstance(part, Ink) and isinstance(other, Ink)):
            deep = sheet.millimetres(_depth(inked[i], inked[k]))
            yield Finding(other.element, f"overlaps {part.element} by {deep:.1f} mm", other=part.element)


def _that_meet(areas: list[Rect]) -> Iterator[tuple[int, int]]:
    """Yield the places of each two areas that share a dot; of each with each, since few parts of a page do."""
    edges = [(each.x, each.y, each.x + each.width, each.y + each.height) for each in areas]
    for i, (left, top, right, bottom) in enumerate(edges):
        for k in range(i + 1, len(edges)):
            begins, over, ends, under = edges[k]
            if top < under and over < bottom and left < ends and begins < right:
                yield i, k


def _depth(one: Rect, other: Rect) -> int:
    """Return by how many dots two areas would have to part."""
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return min(across, down)


def _inked(part: Part) -> Rect:
    return part.area if isinstance(part, Ink | Block) else part.ink


def _reach(part: Part) -> Rect:
    return part.area if isinstance(part, Ink | Block) else part.reach
