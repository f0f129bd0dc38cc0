"""The return label, 4 by 6 inches: the customer sticks it on what goes back.

The returns desk reads its number from a metre and scans it; the reasons are ticked by the customer with a pen.
"""

from core.packing.contents import ReturnLabel
from printing import typeset, words
from printing.fault import LabelFault
from printing.label import (
    LEAST_CAPITAL_MM,
    Align,
    Area,
    Barcode,
    Box,
    Document,
    Element,
    Page,
    Reverse,
    Rule,
    Symbology,
    Text,
)
from printing.style import Style

TEMPLATE_VERSION = 1
WIDTH_MM, HEIGHT_MM = 101.6, 152.4
_MARGIN_MM = 2.5
_LEFT, _RIGHT = 5.0, 96.6
_INNER = _RIGHT - _LEFT
_REASONS_MOST = 6
_SENDER_MM, _SENDER_LINES_MOST = 6.0, 6
_BARS_MM = 25.0


def layout(content: ReturnLabel, style: Style) -> Document:
    """Return the label. The paper is one size only.

    Raises:
        LabelFault: there are more reasons than boxes.
    """
    if len(content.reasons) > _REASONS_MOST:
        raise LabelFault("reasons", f"{len(content.reasons)} of them, at most {_REASONS_MOST} have room")
    order = style.say("Order {number}", number=content.order_number) if content.order_number else ""
    sender = style.say("From {lines}", lines=words.joined(*content.from_lines, by=", ")) if content.from_lines else ""
    lines = max(2, min(_SENDER_LINES_MOST, typeset.lines_needed(sender, _INNER, LEAST_CAPITAL_MM)))
    place = words.there(("to_postcode", content.to_postcode), ("to_country", content.to_country))
    more = max(0.0, typeset.height_mm(lines, LEAST_CAPITAL_MM) - _SENDER_MM)
    elements: tuple[Element, ...] = (
        _band(style.say("Return")),
        Text(name="order_number", area=Area(_LEFT, 20, _INNER, 3.4), text=order, capital_mm=3.4, strong=True),
        Text(
            name="from_lines", area=Area(_LEFT, 26.5, _INNER, _SENDER_MM + more), text=sender, capital_mm=2.2,
            max_lines=lines,
        ),
        Rule(name="rule", area=Area(_LEFT, 35.5 + more, _INNER, 0.5)),
        Text(
            name="to_lines", area=Area(_LEFT, 40 + more, _INNER, 26 - more), text="\n".join(content.to_lines), capital_mm=4.6,
            max_lines=6,
        ),
        Text(
            name="to_postcode", area=Area(_LEFT, 71, _INNER, 8),
            text=words.said(place, by="  "), facts=place, capital_mm=8, least_mm=4, strong=True,
            middle=True,
        ),
        Rule(name="rule", area=Area(_LEFT, 83, _INNER, 0.5)),
        *_reasons(content.reasons, style),
        Barcode(
            name="rma", symbology=Symbology.CODE_128, data=content.rma, area=Area(0.5, 114.5, WIDTH_MM - 1, _BARS_MM),
            module_mm=0.5, least_module_mm=0.25, least_height_mm=15, column="rma",
        ),
        Text(
            name="rma digits", area=Area(_LEFT, 141.2, _INNER, 4), text=content.rma, capital_mm=4, least_mm=2.6, strong=True,
            align=Align.CENTRE, column="rma",
        ),
        Text(name="copy", area=Area(_LEFT, 147.2, _INNER, 2.1), text=style.copied(), capital_mm=2.1),
    )  # fmt: skip
    return Document(
        template=content.KIND, version=TEMPLATE_VERSION, width_mm=WIDTH_MM, height_mm=HEIGHT_MM, margin_mm=_MARGIN_MM,
        pages=(Page(elements=elements),), title=content.rma,
    )  # fmt: skip


def _band(title: str) -> Reverse:
    text = Text(name="title", area=Area(_LEFT + 2, 7, _INNER - 4, 6.5), text=title.upper(), capital_mm=6.5, strong=True)
    return Reverse(name="title", area=Area(_LEFT, 4.5, _INNER, 11.5), texts=(text,))


def _reasons(reasons: tuple[str, ...], style: Style) -> list[Element]:
    """Return the boxes to tick, two beside each other."""
    if not reasons:
        return []
    found: list[Element] = [
        Text(
            name="why",
            area=Area(_LEFT, 87, _INNER, 2.6),
            text=style.say("Why does it come back?"),
            capital_mm=2.6,
            strong=True,
        )
    ]
    half = _INNER / 2
    for place, reason in enumerate(reasons):
        x, y = _LEFT + half * (place % 2), 93 + 7.0 * (place // 2)
        found.append(Box(name="reason box", area=Area(x, y, 4, 4), line_mm=0.4))
        found.append(
            Text(
                name="reasons",
                area=Area(x + 6, y + 0.7, half - 8, 5.5),
                text=reason,
                capital_mm=2.6,
                max_lines=2,
                may_shorten=True,
            )
        )
    return found
