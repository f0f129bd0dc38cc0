"""The packing slip: the first thing the customer sees in the carton, on A5 or A4.

A letter before it is a list: whose shop it is, what is inside, what follows, how to send something back. The largest
thing is the shop's name; the packer's concern is the order number and its code, top right.
"""

from core.packing.contents import PackingSlip, SlipLine
from printing import words
from printing.documents.flow import Band, pages, set_height_mm, text
from printing.label import (
    LEAST_CAPITAL_IN_HAND_MM,
    Align,
    Area,
    Barcode,
    Document,
    Element,
    Logo,
    Page,
    Rule,
    Symbology,
)
from printing.style import Style

TEMPLATE = "packing_slip"
TEMPLATE_VERSION = 1
_MARGIN_MM = 5.0
_EDGE = 12.0
_HAIR = 0.2
_QUANTITY = 16.0
_FOOT = 10.0
_QR = 24.0
_SKU_MM = 1.8
_QUIET = 3.0
"""What a code's quiet zone reaches into the white edge, so that its bars end where the lines end."""


def layout(content: PackingSlip, style: Style) -> Document:
    """Return the slip on the paper that is loaded."""
    paper = style.paper
    wide = paper.width_mm - 2 * _EDGE
    closing = _closing(content, wide, style)
    blocks = {
        "address": [_addressed(content, wide, style)],
        "gift": [_gift(content.gift_note, wide)] if content.gift_note else [],
        "contents": [_contents(content, wide, style), *(_line(line, wide, style) for line in content.lines)],
        "closing": [closing] if closing.height_mm else [],
    }
    bands = [band for block in style.ordered(blocks) for band in block]
    set_pages = pages(bands, first_top_mm=_EDGE + 26, top_mm=_EDGE + 10, bottom_mm=paper.height_mm - _EDGE - _FOOT)
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
        title=style.say("Order {number}", number=content.order_number),
    )


def _head(content: PackingSlip, wide: float, style: Style) -> tuple[Element, ...]:
    left, right = wide * 0.52, wide * 0.44
    return (
        _shop(content, left, style),
        text("shop lines", "\n".join(content.shop_lines), _EDGE, _EDGE + 9.5, left, capital_mm=1.9, max_lines=3),
        text(
            "order",
            style.say("Order {number}", number=content.order_number),
            _EDGE + wide - right,
            _EDGE,
            right,
            capital_mm=3,
            strong=True,
            align=Align.RIGHT,
        ),
        Barcode(
            name="order code",
            symbology=Symbology.CODE_128,
            data=content.order_number,
            area=Area(_EDGE + wide - right - 4, _EDGE + 6, right + 4 + _QUIET, 9),
            module_mm=0.3,
            least_module_mm=0.19,
            least_height_mm=8,
            align=Align.RIGHT,
        ),
        Rule(name="rule", area=Area(_EDGE, _EDGE + 19.5, wide, 0.4)),
    )


def _shop(content: PackingSlip, wide: float, style: Style) -> Element:
    """Return whose slip it is: the shop's mark where it has one, else its name."""
    if style.template.logo is not None:
        return Logo(name="shop", area=Area(_EDGE, _EDGE - 1.5, wide, 9), png=style.template.logo)
    return text("shop", content.shop_name, _EDGE, _EDGE, wide, capital_mm=5.6, strong=True, max_lines=1)


def _again(content: PackingSlip, wide: float, style: Style) -> tuple[Element, ...]:
    order = style.say("Order {number}", number=content.order_number)
    again = words.joined(content.shop_name, order, by="   ")
    return (text("shop", again, _EDGE, _EDGE, wide, strong=True),)


def _addressed(content: PackingSlip, wide: float, style: Style) -> Band:
    half = wide / 2
    facts = words.joined(
        style.say("Ordered {when}", when=content.ordered_at_text) if content.ordered_at_text else "",
        style.say("at {channel}", channel=content.channel) if content.channel else "",
        _carton(content, style),
        by="\n",
    )
    to = text("ship to", "\n".join(content.ship_to_lines), _EDGE, 0, half, capital_mm=2.4, max_lines=8)
    aside = text("facts", facts, _EDGE + half, 0, half, capital_mm=1.9, max_lines=4, align=Align.RIGHT)
    height = max(set_height_mm(to), set_height_mm(aside))

    def place(y: float) -> tuple[Element, ...]:
        return (
            text("ship to", to.text, _EDGE, y, half - 2, capital_mm=2.4, max_lines=8),
            text("facts", facts, _EDGE + half, y, half, capital_mm=1.9, max_lines=4, align=Align.RIGHT),
        )

    return Band(height + 9, place)


def _carton(content: PackingSlip, style: Style) -> str:
    if content.cartons == 1:
        return style.say("Everything in one carton")
    if content.cartons:
        return style.say("Carton {number} of {count}", number=content.carton, count=content.cartons)
    return style.say("Carton {number}", number=content.carton)


def _gift(note: str, wide: float) -> Band:
    indent, lines = 5.0, 12
    height = set_height_mm(text("gift note", note, 0, 0, wide - indent, capital_mm=3, max_lines=lines))

    def place(y: float) -> tuple[Element, ...]:
        return (
            Rule(name="rule", area=Area(_EDGE, y - 1, 0.8, height + 2.5)),
            text("gift note", note, _EDGE + indent, y, wide - indent, capital_mm=3, max_lines=lines),
        )

    return Band(height + 11, place)


def _contents(content: PackingSlip, wide: float, style: Style) -> Band:
    title = style.say("In this carton") if content.cartons != 1 else style.say("In this parcel")

    def place(y: float) -> tuple[Element, ...]:
        return (
            text("contents", title, _EDGE, y, wide, capital_mm=2.4, strong=True),
            Rule(name="rule", area=Area(_EDGE, y + 5, wide, _HAIR)),
        )

    return Band(8.2, place)


def _line(line: SlipLine, wide: float, style: Style) -> Band:
    column = wide - _QUANTITY
    quantity = f"{line.quantity} {line.unit}".strip()
    aside = words.joined(
        line.sku,
        style.say("{n} to follow", n=line.backordered) if line.backordered else "",
        style.say("{n} in another carton", n=line.in_other_cartons) if line.in_other_cartons else "",
        by="   ",
    )
    name = text("item", line.description, 0, 0, column, capital_mm=2.4, max_lines=3)
    tall = max(2.4, set_height_mm(name))

    def place(y: float) -> tuple[Element, ...]:
        return (
            text("quantity", quantity, _EDGE, y, _QUANTITY - 3, capital_mm=2.4, strong=True),
            text("item", line.description, _EDGE + _QUANTITY, y, column, capital_mm=2.4, max_lines=3),
            text("item facts", aside, _EDGE + _QUANTITY, y + tall + 1.9, column, capital_mm=_SKU_MM),
            Rule(name="rule", area=Area(_EDGE, y + tall + 5.9, wide, _HAIR)),
        )

    return Band(tall + 9, place)


def _closing(content: PackingSlip, wide: float, style: Style) -> Band:
    returns = "\n".join((content.returns, *(style.template.extra or ()))).strip("\n")
    column = wide - _QR - 6 if content.returns_link else wide
    thanks = text("thanks", content.thanks, 0, 0, column, capital_mm=2.8, max_lines=3, strong=True)
    back = text("returns", returns, 0, 0, column, capital_mm=2, max_lines=12)
    first = set_height_mm(thanks) + (5 if content.thanks else 0)
    written = first + set_height_mm(back)
    height = max(written, _QR if content.returns_link else 0.0)

    def place(y: float) -> tuple[Element, ...]:
        top = y + 6
        found: list[Element] = [
            text("thanks", content.thanks, _EDGE, top, column, capital_mm=2.8, max_lines=3, strong=True),
            text("returns", returns, _EDGE, top + first, column, capital_mm=2, max_lines=12),
        ]
        if content.returns_link:
            found.append(
                Barcode(
                    name="returns code",
                    symbology=Symbology.QR,
                    data=content.returns_link,
                    area=Area(_EDGE + wide - _QR + _QUIET, top - 3, _QR, _QR),
                    module_mm=0.7,
                    least_module_mm=0.33,
                    align=Align.RIGHT,
                )
            )
        return tuple(found)

    return Band(height + 8 if height else 0.0, place)


def _foot(content: PackingSlip, style: Style, page: int, last: int) -> tuple[Element, ...]:
    wide = style.paper.width_mm - 2 * _EDGE
    y = style.paper.height_mm - _EDGE
    said = style.say("Packed {when} by {who}" if content.packed_by else "Packed {when}",
                     when=content.packed_at_text, who=content.packed_by)  # fmt: skip
    packed = words.joined(said, style.copied(), by="   ")
    number = style.say("{page} of {last}", page=page, last=last) if last > 1 else ""
    return (
        text("packed", packed, _EDGE, y, wide * 0.8, capital_mm=1.7),
        text("page", number, _EDGE + wide * 0.8, y, wide * 0.2, capital_mm=1.7, align=Align.RIGHT),
    )
