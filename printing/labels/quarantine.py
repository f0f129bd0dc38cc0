"""The quarantine label, 4 by 2 inches: what must not move on until somebody has decided.

The word QUARANTINE is read from three metres, the reason from one; the code is scanned at the shelf.
"""

from core.stock.contents import QuarantineLabel
from printing import words
from printing.label import Align, Area, Barcode, Document, Element, Page, Reverse, Symbology, Text
from printing.style import Style

TEMPLATE = "quarantine_label"
TEMPLATE_VERSION = 1
WIDTH_MM, HEIGHT_MM = 101.6, 50.8
_MARGIN_MM = 1.5
_LEFT, _RIGHT = 5.0, 96.6
_INNER = _RIGHT - _LEFT


def layout(content: QuarantineLabel, style: Style) -> Document:
    """Return the label; a copy after the first says so in small print. The paper is one size only."""
    block = Area(2, 2, WIDTH_MM - 4, 10.5)
    said = style.say("Quarantine").upper()
    title = Text(
        name="title",
        area=Area(_LEFT, 4, 58, 6.5),
        text=said,
        capital_mm=6.5,
        strong=True,
    )
    destination = Text(
        name="destination",
        area=Area(_LEFT + 60, 4.5, _INNER - 60, 5.5),
        text=content.destination,
        capital_mm=5.5,
        least_mm=2,
        max_lines=2,
        strong=True,
        middle=True,
        align=Align.RIGHT,
        may_shorten=True,
    )
    elements: tuple[Element, ...] = (
        Reverse(name="title", area=block, texts=(title, destination)),
        *_why(content, style),
        *_code(content, style),
    )
    return Document(
        template=TEMPLATE,
        version=TEMPLATE_VERSION,
        width_mm=WIDTH_MM,
        height_mm=HEIGHT_MM,
        margin_mm=_MARGIN_MM,
        pages=(Page(elements=elements),),
        title=f"{said} {content.code}",
    )


def _why(content: QuarantineLabel, style: Style) -> tuple[Element, ...]:
    lot = style.say("Lot {lot}", lot=content.lot) if content.lot else ""
    goods = words.there(
        ("quantity_text", content.quantity_text), ("sku", content.sku), ("lot", lot), ("subject", content.subject)
    )
    return (
        Text(
            name="reason",
            area=Area(_LEFT, 15.5, _INNER, 4.6),
            text=content.reason,
            capital_mm=4.6,
            least_mm=2,
            max_lines=2,
            strong=True,
            may_shorten=True,
        ),
        Text(
            name="subject",
            area=Area(_LEFT, 22.7, _INNER, 5.6),
            text=words.said(goods),
            capital_mm=2.7,
            least_mm=2,
            max_lines=2,
            may_shorten=True,
            facts=goods,
            kept=("quantity_text", "sku", "lot"),
        ),
    )


def _code(content: QuarantineLabel, style: Style) -> tuple[Element, ...]:
    raised = words.there(
        ("copy", style.copied()), ("site_name", content.site_name), ("raised_by", content.raised_by),
        ("raised_at_text", content.raised_at_text),
    )  # fmt: skip
    return (
        Barcode(
            name="code",
            symbology=Symbology.CODE_128,
            data=content.code,
            area=Area(0, 30.5, 66, 12),
            module_mm=0.5,
            least_module_mm=0.25,
            least_height_mm=10,
            align=Align.LEFT,
        ),
        Text(
            name="code digits",
            area=Area(_LEFT, 44.8, 58, 2.8),
            text=content.code,
            capital_mm=2.8,
            least_mm=2,
            strong=True,
            column="code",
        ),
        Text(
            name="raised",
            area=Area(66, 30.5, _RIGHT - 66, 17),
            text=words.said(raised, by="\n"),
            capital_mm=2.2,
            least_mm=2,
            max_lines=5,
            align=Align.RIGHT,
            may_shorten=True,
            facts=raised,
            kept=("copy",),
        ),
    )
