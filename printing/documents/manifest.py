"""The dispatch manifest: what the driver signs for.

The carrier and the two totals are read across a counter; the rows are for the day something is missing. A manifest
whose rows do not add up to its totals is refused: two people sign it.
"""

from core.shipping.contents import Manifest, ManifestRow
from printing import words
from printing.documents.flow import Band, pages, text
from printing.fault import LabelFault
from printing.label import (
    LEAST_CAPITAL_IN_HAND_MM,
    Align,
    Area,
    Barcode,
    Document,
    Element,
    Page,
    Rule,
    Symbology,
)
from printing.style import Style

TEMPLATE = "manifest"
TEMPLATE_VERSION = 1
_MARGIN_MM = 5.0
_EDGE = 15.0
_HAIR = 0.2
_ROW = 6.4
_HEAD = 62.0
_SIGNATURES = 34.0
_FOOT = 12.0
_QUIET = 3.4
"""What the code's quiet zone reaches into the white edge, so that its bars end where the lines end."""
# Where each column begins and how wide it is, in parts of the printed width.
_PLACE, _LABEL, _ORDER, _POSTCODE, _WEIGHT = (0, 0.06), (0.07, 0.38), (0.46, 0.22), (0.69, 0.16), (0.86, 0.14)


def layout(content: Manifest, style: Style) -> Document:
    """Return the manifest on the paper that is loaded.

    Raises:
        LabelFault: the rows do not add up to the totals.
    """
    _add_up(content)
    paper = style.paper
    wide = paper.width_mm - 2 * _EDGE
    titles = _titles(wide, style)
    bands = [titles, *(_row(row, place, wide, style) for place, row in enumerate(content.rows, start=1))]
    bands.append(_signatures(wide, style))
    set_pages = pages(
        bands,
        first_top_mm=_EDGE + _HEAD,
        top_mm=_EDGE + 12,
        bottom_mm=paper.height_mm - _EDGE - _FOOT,
        again=titles,
    )
    return Document(
        template=TEMPLATE,
        version=TEMPLATE_VERSION,
        width_mm=paper.width_mm,
        height_mm=paper.height_mm,
        margin_mm=_MARGIN_MM,
        least_capital_mm=LEAST_CAPITAL_IN_HAND_MM,
        pages=tuple(
            Page(
                elements=(
                    *(_head(content, wide, style) if place == 1 else _again(content, wide, style)),
                    *elements,
                    *_foot(content, style, place, len(set_pages)),
                )
            )
            for place, elements in enumerate(set_pages, start=1)
        ),
        title=style.say("Manifest {number}", number=content.number),
    )


def _add_up(content: Manifest) -> None:
    if content.parcels != len(content.rows):
        raise LabelFault("parcels", f"{content.parcels} were loaded, {len(content.rows)} are listed")
    listed = sum(row.weight_grams or 0 for row in content.rows)
    if content.weight_grams != listed:
        raise LabelFault("weight", f"total is {content.weight_grams} g, the rows add up to {listed} g")


def _head(content: Manifest, wide: float, style: Style) -> tuple[Element, ...]:
    half = wide / 2
    dock = style.say("Dock {dock}", dock=content.dock) if content.dock else ""
    where = words.joined(content.site, dock, by=", ")
    when = words.joined(content.closed_at_text, content.closed_by, by=", ")
    parcels = style.count(content.parcels, "1 parcel", "{n} parcels")
    number = style.say("Manifest {number}", number=content.number)
    return (
        text("carrier", content.carrier, _EDGE, _EDGE, half, capital_mm=8, strong=True),
        text("where", where, _EDGE, _EDGE + 14.5, half),
        text("when", when, _EDGE, _EDGE + 19.5, half),
        text("vehicle", content.vehicle, _EDGE, _EDGE + 24.5, half),
        text("number", number, _EDGE + half, _EDGE, half, strong=True, align=Align.RIGHT),
        Barcode(
            name="manifest",
            symbology=Symbology.CODE_128,
            data=content.number,
            area=Area(_EDGE + half - 5, _EDGE + 5.5, half + 5 + _QUIET, 13),
            module_mm=0.34,
            least_module_mm=0.19,
            least_height_mm=10,
            align=Align.RIGHT,
        ),
        Rule(name="rule", area=Area(_EDGE, _EDGE + 32, wide, 0.5)),
        text("parcels", parcels, _EDGE, _EDGE + 38, half, capital_mm=7, strong=True),
        text(
            "total weight",
            words.weight(content.weight_grams),
            _EDGE + half,
            _EDGE + 38,
            half,
            capital_mm=7,
            strong=True,
            align=Align.RIGHT,
        ),
        Rule(name="rule", area=Area(_EDGE, _EDGE + 51, wide, 0.5)),
    )


def _again(content: Manifest, wide: float, style: Style) -> tuple[Element, ...]:
    again = words.joined(content.carrier, style.say("Manifest {number}", number=content.number), by="   ")
    return (text("carrier", again, _EDGE, _EDGE, wide, strong=True),)


def _titles(wide: float, style: Style) -> Band:
    def place(y: float) -> tuple[Element, ...]:
        named = ((_LABEL, "Label"), (_ORDER, "Order"), (_POSTCODE, "Postcode"))
        weight = text(
            "title",
            style.say("Weight"),
            _EDGE + wide * _WEIGHT[0],
            y,
            wide * _WEIGHT[1],
            align=Align.RIGHT,
            strong=True,
        )
        titles = tuple(
            text("title", style.say(name), _EDGE + wide * at, y, wide * part, strong=True) for (at, part), name in named
        )
        return (*titles, weight, Rule(name="rule", area=Area(_EDGE, y + 4.2, wide, _HAIR)))

    return Band(_ROW, place)


def _row(row: ManifestRow, number: int, wide: float, style: Style) -> Band:
    weight = words.weight(row.weight_grams) if row.weight_grams is not None else style.say("not weighed")
    label = words.fours(row.label) if row.label.isdecimal() else row.label

    def place(y: float) -> tuple[Element, ...]:
        cells = ((_PLACE, str(number)), (_LABEL, label), (_ORDER, row.order_number), (_POSTCODE, row.postcode))
        set_cells = tuple(
            text(f"row {number}", words_, _EDGE + wide * at, y, wide * part) for (at, part), words_ in cells
        )
        last = text(f"row {number}", weight, _EDGE + wide * _WEIGHT[0], y, wide * _WEIGHT[1], align=Align.RIGHT)
        return (*set_cells, last, Rule(name="rule", area=Area(_EDGE, y + 4.2, wide, _HAIR)))

    return Band(_ROW, place)


def _signatures(wide: float, style: Style) -> Band:
    third = (wide - 12) / 3

    def place(y: float) -> tuple[Element, ...]:
        found: list[Element] = []
        for index, name in enumerate(("Driver, in capitals", "Signature", "Date and time")):
            x = _EDGE + index * (third + 6)
            found.append(Rule(name="rule", area=Area(x, y + 24, third, 0.35)))
            found.append(text("signature", style.say(name), x, y + 26.5, third, capital_mm=1.9))
        return tuple(found)

    return Band(_SIGNATURES, place)


def _foot(content: Manifest, style: Style, page: int, last: int) -> tuple[Element, ...]:
    wide = style.paper.width_mm - 2 * _EDGE
    y = style.paper.height_mm - _EDGE
    left = words.joined(style.say("Manifest {number}", number=content.number), style.copied(), by="   ")
    where = style.say("{page} of {last}", page=page, last=last)
    return (
        text("foot", left, _EDGE, y, wide / 2, capital_mm=1.9),
        text("page", where, _EDGE + wide / 2, y, wide / 2, capital_mm=1.9, align=Align.RIGHT),
    )
