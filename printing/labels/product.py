"""The product label: what a trade item is, its lot and its expiry, for people and for every till and scanner.

The description and the expiry are read in the hand, the code at arm's length. Where the number is all there is to say
the code is the EAN-13 that every till reads; with a lot, an expiry or a serial it is a GS1 DataMatrix, as small as a
label of 40 mm needs it. (GS1 General Specifications 2.1, 3.2)
"""

from core.catalog.contents import ProductLabel
from printing import words
from printing.fault import LabelFault
from printing.label import Align, Area, Barcode, Document, Element, Page, Symbology, Text
from printing.labels import gs1
from printing.style import Style

TEMPLATE_VERSION = 1
_MARGIN_MM = 1.0
_EDGE = 2.5
_EAN = 13
_MODULE_MM = {Symbology.EAN_13: 0.33, Symbology.GS1_128: 0.5, Symbology.GS1_DATA_MATRIX: 1.0}
_LEAST_MODULE_MM = {Symbology.EAN_13: 0.248, Symbology.GS1_128: 0.248, Symbology.GS1_DATA_MATRIX: 0.37}
_HRI_MM = 2.4
_PITCH = 1.75


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
    if not form:
        return Symbology.EAN_13 if alone and number.startswith("0") else Symbology.GS1_DATA_MATRIX
    known = {
        "data_matrix": Symbology.GS1_DATA_MATRIX, "gs1_128": Symbology.GS1_128, "ean_13": Symbology.EAN_13
    }  # fmt: skip
    if form not in known:
        raise LabelFault("form", f"{form!r} is none of {', '.join(known)}")
    if known[form] is Symbology.EAN_13 and not number.startswith("0"):
        raise LabelFault("form", f"{number} does not fit an EAN-13")
    return known[form]


def _beside(content: ProductLabel, style: Style, symbology: Symbology, elements: list[gs1.Element]) -> list[Element]:
    """Return words on the left, the square code on the right."""
    wide, high = style.paper.width_mm, style.paper.height_mm
    side = min(high - 2 * _EDGE, wide * 0.33)
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
    ean = symbology is Symbology.EAN_13
    data = elements[0][1][1:] if ean else gs1.joined(elements)
    found.append(_code(symbology, data, Area(0.5, top, wide - 1, bars), Align.CENTRE))
    found.append(
        Text(
            name="code digits", area=Area(_EDGE, high - _EDGE - _HRI_MM, wide - 2 * _EDGE, _HRI_MM),
            text=f"{data[0]} {data[1:7]} {data[7:]}" if ean else gs1.readable(elements), capital_mm=_HRI_MM,
            align=Align.CENTRE,
        )
    )  # fmt: skip
    return found


def _code(symbology: Symbology, data: str, area: Area, align: Align) -> Barcode:
    return Barcode(
        name="code", symbology=symbology, data=data, area=area, module_mm=_MODULE_MM[symbology],
        least_module_mm=_LEAST_MODULE_MM[symbology], align=align,
    )  # fmt: skip


def _words(content: ProductLabel, style: Style, area: Area, *, beside: bool) -> list[Text]:
    """Return what it is, then its facts: a line each beside a square code, else one line of all."""
    facts = [
        (name, title, value)
        for name, title, value in (
            ("gtin", "GTIN", content.gtin if beside else ""), ("lot", style.say("Lot"), content.lot),
            ("expiry", style.say("Expiry"), content.expiry), ("serial", style.say("Serial"), content.serial),
        )
        if value
    ]  # fmt: skip
    size = max(2.0, min(3.6, area.height_mm * 0.085))
    small = words.joined(content.sku, style.copied(), by="   ")
    if not beside:
        said = words.joined(*(f"{title} {value}" for _, title, value in facts), small, by="   ")
        line = Text(
            name="facts", area=Area(area.x_mm, area.bottom_mm - 2.2, area.width_mm, 2.2), text=said, capital_mm=2.2,
            strong=bool(facts), may_shorten=not facts,
        )  # fmt: skip
        return [_description(content, Area(area.x_mm, area.y_mm, area.width_mm, area.height_mm - 5), 4.0), line]
    low = area.bottom_mm - (2.0 + size * 0.8 if small else 0)
    top = low - len(facts) * size * _PITCH + size * (_PITCH - 1)
    room = Area(area.x_mm, area.y_mm + 0.3, area.width_mm, max(2.0, top - area.y_mm - size - 0.3))
    found = [_description(content, room, size * 1.6)]
    for place, (name, title, value) in enumerate(facts):
        y, aside = top + place * size * _PITCH, min(22.0, area.width_mm * 0.27)
        found.append(_fact(f"{name} title", title, Area(area.x_mm, y, aside, size), strong=False))
        value_area = Area(area.x_mm + aside + 0.8, y, area.width_mm - aside - 0.8, size)
        found.append(_fact(name, value, value_area, strong=True))
    if small:
        area = Area(area.x_mm, area.bottom_mm - 2.0, area.width_mm, 2.0)
        found.append(Text(name="sku", area=area, text=small, capital_mm=2.0, may_shorten=True))
    return found


def _description(content: ProductLabel, area: Area, capital_mm: float) -> Text:
    return Text(
        name="description", area=area, text=content.description, capital_mm=min(5.5, capital_mm), max_lines=3,
        strong=True, may_shorten=True,
    )  # fmt: skip


def _fact(name: str, text: str, area: Area, *, strong: bool) -> Text:
    return Text(name=name, area=area, text=text, capital_mm=area.height_mm, strong=strong, may_shorten=not strong)
