"""The house carrier's parcel label, 4 by 6 inches.

Read from the top by two people: the depot sorts by the route and the postcode from two metres, the driver reads the
address. The SSCC stands lowest with its digits below it (GS1 logistic label), in a module a worn head still prints.
"""

from dataclasses import replace

from core.packing.contents import HouseLabel
from printing import typeset, words
from printing.label import (
    LEAST_CAPITAL_MM,
    Align,
    Area,
    Barcode,
    Document,
    Element,
    Page,
    Reverse,
    Rule,
    Symbology,
    Text,
)
from printing.style import Style

TEMPLATE = "house_label"
TEMPLATE_VERSION = 1
WIDTH_MM, HEIGHT_MM = 101.6, 152.4
_MARGIN_MM = 2.5
_LEFT, _RIGHT = 5.0, 96.6
_INNER = _RIGHT - _LEFT
_MODULE_MM, _LEAST_MODULE_MM = 0.5, 0.495
_BARS_MM = 34.0
_SIDE = 30.0
_SQUARE = 34.0
_SQUARE_MODULE_MM, _LEAST_SQUARE_MODULE_MM = 0.5, 0.33
_COUNTRY_CODE = 3
_SENDER_LINES, _SENDER_LINES_MOST = 2, 7


def layout(content: HouseLabel, style: Style) -> Document:
    """Return the label. The paper is one size only, and a copy looks as the first did: it goes with the carrier."""
    sender = _sender(content, style)
    elements = (
        *_service(content),
        sender,
        *_addresses(content, sender.area.bottom_mm),
        *_destination(content, style),
        *_parcel(content, style),
        *_number(content),
    )
    return Document(
        template=TEMPLATE,
        version=TEMPLATE_VERSION,
        width_mm=WIDTH_MM,
        height_mm=HEIGHT_MM,
        margin_mm=_MARGIN_MM,
        pages=(Page(elements=elements),),
        title=f"{content.carrier} {content.sscc}",
    )


def _service(content: HouseLabel) -> tuple[Element, ...]:
    name = words.there(("carrier", content.carrier.upper()), ("service", content.service.upper()))
    wide = _INNER - _SIDE if content.route else _INNER
    found: list[Element] = [
        Text(
            name="service",
            area=Area(_LEFT, 5, wide, 7.5),
            text=words.said(name, by=" "),
            capital_mm=5.6,
            max_lines=2,
            strong=True,
            middle=True,
            may_shorten=True,
            facts=name,
        )
    ]
    if content.route:
        area = Area(_RIGHT - _SIDE + 2, 5, _SIDE - 2, 7.5)
        found.append(
            Text(
                name="route",
                area=area,
                text=content.route,
                capital_mm=7.5,
                least_mm=2.4,
                max_lines=2,
                strong=True,
                align=Align.RIGHT,
                may_shorten=True,
            )
        )
    return (*found, Rule(name="rule", area=Area(_LEFT, 15, _INNER, 0.75)))


def _sender(content: HouseLabel, style: Style) -> Text:
    """Return the sender's address, beside the square code where it takes more than two lines."""
    facts = words.there(("site_name", content.site_name), ("from_lines", ", ".join(filter(None, content.from_lines))))
    said = style.say("From {lines}", lines=words.said(facts, by=", "))
    whole = Area(_LEFT, 18.2, _INNER, 6)
    if typeset.lines_needed(said, _INNER, LEAST_CAPITAL_MM) <= _SENDER_LINES:
        return Text(name="from", area=whole, text=said, capital_mm=2.2, max_lines=_SENDER_LINES, facts=facts)
    wide = _INNER - _SQUARE if content.data else _INNER
    lines = min(_SENDER_LINES_MOST, typeset.lines_needed(said, wide, LEAST_CAPITAL_MM))
    area = replace(whole, width_mm=wide, height_mm=typeset.height_mm(lines, LEAST_CAPITAL_MM))
    return Text(name="from", area=area, text=said, capital_mm=LEAST_CAPITAL_MM, max_lines=lines, facts=facts)


def _addresses(content: HouseLabel, top: float) -> tuple[Element, ...]:
    # A country written out ends the address, as the post wants it; its two letters stand beside the postcode.
    country = content.to_country.upper() if content.to_postcode and not _is_short(content.to_country) else ""
    wide = _INNER - _SQUARE if content.data else _INNER
    return (
        Text(
            name="to",
            area=Area(_LEFT, top + 4.3, wide, 57.2 - top),
            text=words.joined(*content.to_lines, country, by="\n"),
            capital_mm=5,
            max_lines=10,
            column="to_lines",
        ),
        *_told(content.data),
        Rule(name="rule", area=Area(_LEFT, 65, _INNER, 0.5)),
    )


def _told(data: str) -> tuple[Element, ...]:
    """Return the square code that tells a dock of a parcel it has not heard of; nothing where nobody needs it."""
    if not data:
        return ()
    return (
        Barcode(
            name="parcel code",
            symbology=Symbology.QR,
            data=data,
            area=Area(_RIGHT - _SQUARE + 2, 26.5, _SQUARE, _SQUARE + 2),
            module_mm=_SQUARE_MODULE_MM,
            least_module_mm=_LEAST_SQUARE_MODULE_MM,
            align=Align.RIGHT,
            column="data",
        ),
    )


def _destination(content: HouseLabel, style: Style) -> tuple[Element, ...]:
    """Return the largest thing on the label: the postcode, or the country where there is none."""
    largest = content.to_postcode or content.to_country
    country = content.to_country if content.to_postcode and _is_short(content.to_country) else ""
    parcel = style.say("Parcel {number}", number=content.parcel_number) if content.parcel_number else ""
    said = (("country", "to_country", country), ("parcel", "parcel_number", parcel))
    aside = [each for each in said if each[2]]
    if content.weight_grams is not None:
        aside.append(("weight", "weight_grams", words.weight(content.weight_grams)))
    found: list[Element] = [
        Text(
            name="postcode",
            area=Area(_LEFT, 69.5, _INNER - _SIDE, 13.5),
            text=largest,
            capital_mm=13.5,
            least_mm=5,
            strong=True,
            middle=True,
            column="to_postcode" if content.to_postcode else "to_country",
        )
    ]
    for place, (name, column, text) in enumerate(aside):
        area = Area(_RIGHT - _SIDE + 2, 69.5 + 5.1 * place, _SIDE - 2, 3.3)
        found.append(Text(name=name, area=area, text=text, capital_mm=3.3, align=Align.RIGHT, column=column))
    return (*found, Rule(name="rule", area=Area(_LEFT, 86.5, _INNER, 0.5)))


def _is_short(country: str) -> bool:
    return len(country) <= _COUNTRY_CODE


def _parcel(content: HouseLabel, style: Style) -> tuple[Element, ...]:
    number = style.say("Order {number}", number=content.order_number)
    order = words.there(("order_number", number), ("reference", content.reference))
    printed = words.there(("station", content.station), ("printed_at_text", content.printed_at_text))
    found: list[Element] = [
        Text(
            name="order",
            area=Area(_LEFT, 90, _INNER - _SIDE if content.hazards else _INNER, 3.2),
            text=words.said(order),
            capital_mm=3.2,
            strong=True,
            may_shorten=True,
            facts=order,
            kept=("order_number",),
        ),
        Text(
            name="printed",
            area=Area(_LEFT, 95.7, _INNER - _SIDE if content.hazards else _INNER, 2.2),
            text=words.said(printed),
            capital_mm=2.2,
            may_shorten=True,
            facts=printed,
        ),
    ]
    if content.hazards:
        found.append(_hazards(content.hazards))
    return tuple(found)


def _hazards(hazards: tuple[str, ...]) -> Reverse:
    block = Area(_RIGHT - _SIDE + 2, 89, _SIDE - 2, 12.5)
    words_area = Area(block.x_mm + 1.5, block.y_mm + 1.8, block.width_mm - 3, block.height_mm - 3.6)
    text = Text(
        name="hazard",
        area=words_area,
        text="\n".join(hazards).upper(),
        capital_mm=5,
        least_mm=2,
        max_lines=2,
        strong=True,
        middle=True,
        align=Align.CENTRE,
        column="hazards",
    )
    return Reverse(name="hazard", area=block, texts=(text,))


def _number(content: HouseLabel) -> tuple[Element, ...]:
    return (
        Barcode(
            name="sscc",
            symbology=Symbology.GS1_128,
            data=f"00{content.sscc}",
            area=Area(0.5, 104, WIDTH_MM - 1, _BARS_MM),
            module_mm=_MODULE_MM,
            least_module_mm=_LEAST_MODULE_MM,
            least_height_mm=32,
        ),
        Text(
            name="sscc digits",
            area=Area(_LEFT, 142, _INNER, 4.2),
            text=f"(00) {words.fours(content.sscc)}",
            capital_mm=4.2,
            least_mm=3,
            strong=True,
            align=Align.CENTRE,
            column="sscc",
        ),
    )
