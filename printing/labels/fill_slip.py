"""The slip of a tote, 4 by 6 inches: for a bench that has not heard of the picks.

The tote's code is read from a metre, so that the slip comes into the right one; the code below it is scanned at arm's
length, with modules of about half a millimetre.
"""

from core.picking.contents import FillSlip
from printing import words
from printing.label import Area, Barcode, Document, Element, Page, Rule, Symbology, Text
from printing.style import Style

TEMPLATE = "fill_slip"
TEMPLATE_VERSION = 1
WIDTH_MM, HEIGHT_MM = 101.6, 152.4
_MARGIN_MM = 2.5
_LEFT, _RIGHT = 5.0, 96.6
_INNER = _RIGHT - _LEFT
_CODE_MM = 41.0
_MODULE_MM, _LEAST_MODULE_MM = 0.6, 0.33


def layout(content: FillSlip, style: Style) -> Document:
    """Return the slip; a copy after the first says so in small print. The paper is one size only."""
    about = words.joined(
        style.say("Order {number}", number=content.order_number), style.say("slot {number}", number=content.slot),
        style.count(content.units, "1 unit", "{n} units"), by=", ",
    )  # fmt: skip
    numbered = words.joined(
        style.say("Batch {number}", number=content.batch_number),
        style.say("slip {number}: a lower number is void", number=content.number), style.copied(), by="   ",
    )  # fmt: skip
    small = words.there(("number", numbered), ("site_name", content.site_name))
    elements: tuple[Element, ...] = (
        Text(
            name="tote", area=Area(_LEFT, 6, _INNER, 9), text=content.tote, capital_mm=9, least_mm=4, strong=True,
            middle=True,
        ),
        Text(name="order", area=Area(_LEFT, 21.5, _INNER, 4), text=about, capital_mm=4, strong=True, max_lines=2, column="order_number"),
        Rule(name="rule", area=Area(_LEFT, 30, _INNER, 0.75)),
        Barcode(
            name="code", symbology=Symbology.QR, data=content.code,
            area=Area((WIDTH_MM - _CODE_MM) / 2, 40, _CODE_MM, _CODE_MM), module_mm=_MODULE_MM,
            least_module_mm=_LEAST_MODULE_MM,
        ),
        Text(
            name="goods", area=Area(_LEFT, 92, _INNER, 14), text="\n".join(content.lines), capital_mm=2.7, max_lines=4,
            may_shorten=True, column="lines",
        ),
        Text(
            name="small", area=Area(_LEFT, 143.5, _INNER, 6), text=words.said(small), capital_mm=2.2, max_lines=2,
            may_shorten=True, facts=small, kept=("number",),
        ),
    )  # fmt: skip
    return Document(
        template=TEMPLATE, version=TEMPLATE_VERSION, width_mm=WIDTH_MM, height_mm=HEIGHT_MM, margin_mm=_MARGIN_MM,
        pages=(Page(elements=elements),), title=f"{content.tote} {content.number}",
    )  # fmt: skip
