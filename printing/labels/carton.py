"""The carton content label, 4 by 6 inches: what is inside, for whoever must not open it.

The number of the carton is read from two metres, the lines in the hand; more lines than the label holds end in how
many more there are.
"""

from core.catalog.gs1_checks import is_digits, mod10_check
from core.packing.contents import CartonContentLabel
from printing import typeset, words
from printing.label import Align, Area, Barcode, Document, Element, Page, Rule, Symbology, Text
from printing.style import Style

TEMPLATE_VERSION = 1
_MARGIN_MM = 2.0
_EDGE = 5.0
_SSCC = 18
_LINE_MM = 2.8
_BARS_MM = 22.0


def layout(content: CartonContentLabel, style: Style) -> Document:
    """Return the label on the paper that is loaded."""
    wide, high = style.paper.width_mm, style.paper.height_mm
    inner = wide - 2 * _EDGE
    is_sscc = (
        is_digits(content.code) and len(content.code) == _SSCC and mod10_check(content.code[:-1]) == content.code[-1]
    )
    low = high - _EDGE - 9.4 - _BARS_MM
    order = style.say("Order {number}", number=content.order_number) if content.order_number else style.say("Contents")
    facts = words.joined(
        style.count(content.units, "1 unit", "{n} units") if content.units else "",
        *_weights(content, style), by="   ",
    )  # fmt: skip
    small = words.there(
        ("copy", style.copied()), ("site_name", content.site_name), ("packed_at_text", content.packed_at_text)
    )
    aside = 34.0 if content.carton else 0.0
    carton = style.say("Carton {number}", number=content.carton) if content.carton else ""
    elements: tuple[Element, ...] = (
        Text(
            name="order_number", area=Area(_EDGE, 6, inner - aside, 7), text=order, capital_mm=7, least_mm=3, strong=True,
            middle=True,
        ),
        Text(
            name="carton", area=Area(wide - _EDGE - aside + 2, 6, max(1.0, aside - 2), 7), text=carton, capital_mm=5,
            least_mm=2.6, strong=True, align=Align.RIGHT, middle=True, max_lines=2,
        ),
        Rule(name="rule", area=Area(_EDGE, 16.5, inner, 0.7)),
        _lines(content, style, Area(_EDGE, 20.5, inner, low - 20.5 - 10)),
        Text(name="facts", area=Area(_EDGE, low - 6.6, inner, 3.4), text=facts, capital_mm=3.4, strong=True),
        Barcode(
            name="code", symbology=Symbology.GS1_128 if is_sscc else Symbology.CODE_128,
            data=f"00{content.code}" if is_sscc else content.code, area=Area(0.5, low, wide - 1, _BARS_MM),
            module_mm=0.5, least_module_mm=0.495 if is_sscc else 0.25, least_height_mm=10,
        ),
        Text(
            name="code digits", area=Area(_EDGE, low + _BARS_MM + 1.4, inner, 3.6),
            text=f"(00) {words.fours(content.code)}" if is_sscc else content.code, capital_mm=3.6, least_mm=2.4, strong=True,
            align=Align.CENTRE, column="code",
        ),
        Text(
            name="small", area=Area(_EDGE, high - _EDGE - 2.2, inner, 2.2), text=words.said(small), capital_mm=2.2,
            may_shorten=True, facts=small, kept=("copy",),
        ),
    )  # fmt: skip
    return Document(
        template=content.KIND, version=TEMPLATE_VERSION, width_mm=wide, height_mm=high, margin_mm=_MARGIN_MM,
        pages=(Page(elements=elements),), title=content.code,
    )  # fmt: skip


def _weights(content: CartonContentLabel, style: Style) -> tuple[str, ...]:
    """Return the weight; with that of the carton alone, what is in it and the carton too."""
    gross, tare = content.weight_grams, content.tare_grams
    if not gross:
        return ()
    if not 0 < tare < gross:
        return (style.fact(words.weight(gross)),)
    return (
        style.say("Gross {weight}", weight=words.weight(gross)), style.say("Net {weight}", weight=words.weight(gross - tare)),
        style.say("Tare {weight}", weight=words.weight(tare)),
    )  # fmt: skip


def _lines(content: CartonContentLabel, style: Style, area: Area) -> Text:
    room = 1 + int((area.height_mm - _LINE_MM) / (_LINE_MM * typeset.LINE_PITCH))
    lines = [line.replace("\n", " ") for line in content.lines]
    if len(lines) > room:
        more = style.say("and {n} more lines", n=len(lines) - room + 1)
        lines = [*lines[: room - 1], more]
    return Text(
        name="lines", area=area, text="\n".join(lines), capital_mm=4.4, least_mm=2.4, max_lines=max(1, room),
        may_shorten=True,
    )  # fmt: skip
