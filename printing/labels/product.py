"""The product label: what a trade item is, its lot and its expiry, for people and for every till and scanner.

The description and the expiry are read in the hand, the code at arm's length. Where the number is all there is to say
the code is the EAN-13 or EAN-8 that every till reads; with a lot, an expiry or a serial it is a GS1 DataMatrix, as small as a
label of 40 mm needs it. (GS1 General Specifications 2.1, 3.2)
"""

from dataclasses import replace

from core.catalog.contents import ProductLabel
from printing import typeset, words
from printing.fault import LabelFault
from printing.label import LEAST_CAPITAL_MM, Align, Area, Barcode, Document, Element, Page, Symbology, Text
from printing.labels import gs1
from printing.style import Style

TEMPLATE_VERSION = 1
_MARGIN_MM = 1.0
_EDGE = 2.5
_FULL_GTIN, _EAN_8 = 14, 8
_DIGITS = {Symbology.EAN_13: (13, "EAN-13"), Symbology.EAN_8: (8, "EAN-8")}
_MODULE_MM = {Symbology.EAN_13: 0.33, Symbology.EAN_8: 0.33, Symbology.GS1_128: 0.5, Symbology.GS1_DATA_MATRIX: 1.0}
_LEAST_MODULE_MM = {
    Symbology.EAN_13: 0.248,
    Symbology.EAN_8: 0.248,
    Symbology.GS1_128: 0.248,
    Symbology.GS1_DATA_MATRIX: 0.37,
}
_HRI_MM = 2.4
_PITCH = 1.75
_AI = {"gtin": "01", "lot": "10", "serial": "21"}
_ASIDE_MM = 1.2
"""Between a title and its value."""


def layout(content: ProductLabel, style: Style) -> Document:
    """Return the label on the paper that is loaded.

    Raises:
        LabelFault: the number, a date or a value will not do, or the form is unknown.
    """
    number = gs1.gtin("gtin", content.gtin)
    elements = [gs1.element("gtin", "01", number)]
    if content.expiry:
        elements.append(gs1.element("expiry", "17", gs1.day("expiry", content.expiry)))
    if content.lot:
        elements.append(gs1.element("lot", "10", content.lot))
    if content.serial:
        elements.append(gs1.element("serial", "21", content.serial))
    symbology = _symbology(content.form, number, alone=len(elements) == 1)
    square = symbology is Symbology.GS1_DATA_MATRIX
    drawn = (_beside if square else _below)(content, style, symbology, elements)
    return Document(
        template=content.KIND, version=TEMPLATE_VERSION, width_mm=style.paper.width_mm,
        height_mm=style.paper.height_mm, margin_mm=_MARGIN_MM, pages=(Page(elements=tuple(drawn)),),
        title=content.sku or content.gtin,
    )  # fmt: skip


def _symbology(form: str, number: str, *, alone: bool) -> Symbology:
    """Return how a GTIN of 14 digits is drawn: one of 8 is an EAN-8, one of 12 an EAN-13 with a leading 0."""
    short = number.startswith("0" * (_FULL_GTIN - _EAN_8))
    till = Symbology.EAN_8 if short else Symbology.EAN_13 if number.startswith("0") else None
    if not form:
        return till if alone and till is not None else Symbology.GS1_DATA_MATRIX
    known = {
        "data_matrix": Symbology.GS1_DATA_MATRIX, "gs1_128": Symbology.GS1_128, "ean_13": Symbology.EAN_13,
        "ean_8": Symbology.EAN_8,
    }  # fmt: skip
    if form not in known:
        raise LabelFault("form", f"{form!r} is none of {', '.join(known)}")
    if known[form] in _DIGITS and known[form] is not till:
        instead = "" if till is None else f", it is an {_DIGITS[till][1]}"
        raise LabelFault("form", f"{number} is no {_DIGITS[known[form]][1]}{instead}")
    return known[form]


def _beside(content: ProductLabel, style: Style, symbology: Symbology, elements: list[gs1.Element]) -> list[Element]:
    """Return words on the left, the square code on the right."""
    wide, high = style.paper.width_mm, style.paper.height_mm
    side = min(high - 2 * _EDGE, wide * 0.28)
    left = wide - side - 2 * _EDGE - 1.5
    found = _words(content, style, Area(_EDGE, _EDGE, left, high - 2 * _EDGE), beside=True)
    area = Area(wide - side - _EDGE, (high - side) / 2, side, side)
    return [*found, _code(symbology, gs1.joined(elements), area, Align.RIGHT)]


def _below(content: ProductLabel, style: Style, symbology: Symbology, elements: list[gs1.Element]) -> list[Element]:
    """Return words above, bars below them and what they say below those."""
    wide, high = style.paper.width_mm, style.paper.height_mm
    bars = max(8.0, min(22.8, high * 0.42))
    top = high - _EDGE - bars - _HRI_MM - 1.6
    found: list[Element] = [
        *_words(content, style, Area(_EDGE, _EDGE, wide - 2 * _EDGE, top - _EDGE - 2), beside=False)
    ]
    ean = symbology in _DIGITS
    data = elements[0][1][-_DIGITS[symbology][0] :] if ean else gs1.joined(elements)
    found.append(_code(symbology, data, Area(0.5, top, wide - 1, bars), Align.CENTRE))
    found.append(
        Text(
            name="code digits", area=Area(_EDGE, high - _EDGE - _HRI_MM, wide - 2 * _EDGE, _HRI_MM),
            text=_grouped(data) if ean else gs1.readable(elements), capital_mm=_HRI_MM,
            align=Align.CENTRE, column="gtin" if ean else "",
        )
    )  # fmt: skip
    return found


def _grouped(digits: str) -> str:
    """Return the digits as they stand below their bars."""
    if len(digits) == _EAN_8:
        return f"{digits[:4]} {digits[4:]}"
    return f"{digits[0]} {digits[1:7]} {digits[7:]}"


def _code(symbology: Symbology, data: str, area: Area, align: Align) -> Barcode:
    return Barcode(
        name="code", symbology=symbology, data=data, area=area, module_mm=_MODULE_MM[symbology],
        least_module_mm=_LEAST_MODULE_MM[symbology], align=align, column="gtin" if symbology in _DIGITS else "",
    )  # fmt: skip


def _words(content: ProductLabel, style: Style, area: Area, *, beside: bool) -> list[Text]:
    """Return what it is, then its facts: a line each beside a square code, else all of them behind each other."""
    facts = [
        (name, title, value)
        for name, title, value in (
            ("gtin", "GTIN", content.gtin if beside else ""), ("lot", style.say("Lot"), content.lot),
            ("expiry", style.say("Expiry"), content.expiry), ("serial", style.say("Serial"), content.serial),
        )
        if value
    ]  # fmt: skip
    small = words.there(("sku", content.sku), ("copy", style.copied()))
    if not beside:
        said = (*((name, f"{title} {value}") for name, title, value in facts), *small)
        found = [_lines("facts", said, area, area.bottom_mm, 2.2, strong=bool(facts))]
        return [_description(content, area, found[0].area.y_mm - 2.8, 4.0), *found]
    size = max(LEAST_CAPITAL_MM, min(3.6, area.height_mm * 0.085))
    titles, values = (
        max(typeset.measure(each[part], strong) for each in facts) for part, strong in ((1, False), (2, True))
    )
    size_of_all = min(size, (area.width_mm - _ASIDE_MM) / (titles + values))
    found = [_lines("sku", small, area, area.bottom_mm, LEAST_CAPITAL_MM)] if small else []
    low = found[0].area.y_mm - size * 0.8 if found else area.bottom_mm
    top = low - size_of_all * (1 + _PITCH * (len(facts) - 1))
    if size_of_all < LEAST_CAPITAL_MM or top < area.y_mm:
        # As the standard has it below a symbol, without a blank: what is too long for a line may break anywhere.
        tight = ((name, f"({_AI[name]}){value}" if name in _AI else f"{title} {value}") for name, title, value in facts)
        return _tight(content, (*tight, *small), area)
    rows = _columns(facts, Area(area.x_mm, top, area.width_mm, size_of_all), titles * size_of_all + _ASIDE_MM)
    return [_description(content, area, top - size, size * 1.6), *rows, *found]


def _tight(content: ProductLabel, facts: tuple[tuple[str, str], ...], area: Area) -> list[Text]:
    """Return facts that are too long for columns in lines of their own, and the description where they leave room.

    Raises:
        LabelFault: they do not fit.
    """
    said = words.said(facts, by="\n")
    lines = typeset.lines_needed(said, area.width_mm, LEAST_CAPITAL_MM)
    high = typeset.height_mm(lines, LEAST_CAPITAL_MM)
    if high > area.height_mm:
        name, value = max(facts, key=lambda each: len(each[1]))
        raise LabelFault(name, f"does not fit: {value[:40]!r} in letters of {LEAST_CAPITAL_MM:g} mm, its smallest")
    block = Text(
        name="facts", area=Area(area.x_mm, area.bottom_mm - high, area.width_mm, high), text=said,
        capital_mm=LEAST_CAPITAL_MM, max_lines=lines, facts=facts,
    )  # fmt: skip
    above = block.area.y_mm - LEAST_CAPITAL_MM
    if above - area.y_mm >= LEAST_CAPITAL_MM:
        return [_description(content, area, above, 4.0), block]
    prose = words.there(("description", content.description))
    return [
        replace(
            block, text=words.said((("facts", said), *prose)), facts=(*facts, *prose), may_shorten=True,
            kept=tuple(name for name, _ in facts),
        )
    ]  # fmt: skip


def _columns(facts: list[tuple[str, str, str]], first: Area, aside: float) -> list[Text]:
    """Return facts below each other, their values in a column of their own."""
    found: list[Text] = []
    for place, (name, title, value) in enumerate(facts):
        row = replace(first, y_mm=first.y_mm + place * first.height_mm * _PITCH)
        beside = replace(row, x_mm=row.x_mm + aside, width_mm=row.width_mm - aside)
        found.append(Text(name=f"{name} title", area=row, text=title, capital_mm=row.height_mm, column=name))
        found.append(Text(name=name, area=beside, text=value, capital_mm=row.height_mm, strong=True))
    return found


def _lines(
    name: str, facts: tuple[tuple[str, str], ...], area: Area, low: float, capital_mm: float, *, strong: bool = False
) -> Text:
    """Return facts that are never shortened, in as many lines as they take above a y."""
    said = words.said(facts)
    lines = max(1, typeset.lines_needed(said, area.width_mm, LEAST_CAPITAL_MM, strong=strong))
    high = capital_mm if lines == 1 else typeset.height_mm(lines, LEAST_CAPITAL_MM)
    return Text(
        name=name, area=Area(area.x_mm, low - high, area.width_mm, high), text=said, capital_mm=min(high, capital_mm),
        max_lines=lines, strong=strong, facts=facts,
    )  # fmt: skip


def _description(content: ProductLabel, area: Area, low: float, capital_mm: float) -> Text:
    top = area.y_mm + 0.3
    return Text(
        name="description", area=Area(area.x_mm, top, area.width_mm, max(LEAST_CAPITAL_MM, low - top)),
        text=content.description, capital_mm=min(5.5, capital_mm), max_lines=3, strong=True, may_shorten=True,
    )  # fmt: skip
