"""The house carrier's parcel label, 4 by 6 inches.

Read from the top by two people: the depot sorts by the route and the postcode from two metres, the driver reads the
address. The SSCC stands lowest with its digits below it (GS1 logistic label), in a module a worn head still prints.
"""

from core.packing.contents import HouseLabel
from printing import words
from printing.label import Align, Area, Barcode, Document, Element, Page, Reverse, Rule, Symbology, Text
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


def layout(content: HouseLabel, style: Style) -> Document:
    """Return the label. The paper is one size only, and a copy looks as the first did: it goes with the carrier."""
    elements = (
        *_service(content),
        *_addresses(content, style),
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
    name = words.joined(content.carrier, content.service, by=" ").upper()
    wide = _INNER - _SIDE if content.route else _INNER
    found: list[Element] = [
        Text(
            name="service",
            area=Area(_LEFT, 5, wide, 7.5),
            text=name,
            capital_mm=5.6,
            max_lines=2,
            strong=True,
            middle=True,
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
                least_mm=4,
                strong=True,
                align=Align.RIGHT,
            )
        )
    return (*found, Rule(name="rule", area=Area(_LEFT, 15, _INNER, 0.75)))


def _addresses(content: HouseLabel, style: Style) -> tuple[Element, ...]:
    # A country written out ends the address, as the post wants it; its two letters stand beside the postcode.
    country = content.to_country.upper() if content.to_postcode and not _is_short(content.to_country) else ""
    wide = _INNER - _SQUARE if content.data else _INNER
    sender = style.say("From {lines}", lines=words.joined(content.site_name, *content.from_lines, by=", "))
    return (
        Text(
            name="from",
            area=Area(_LEFT, 18.2, _INNER, 6),
            text=sender,
            capital_mm=2.2,
            max_lines=2,
            may_shorten=True,
        ),
        Text(
            name="to",
            area=Area(_LEFT, 28.5, wide, 33),
            text=words.joined(*content.to_lines, country, by="\n"),
            capital_mm=5,
            max_lines=10,
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
        ),
    )


def _destination(content: HouseLabel, style: Style) -> tuple[Element, ...]:
    """Return the largest thing on the label: the postcode, or the country where there is none."""
    largest = content.to_postcode or content.to_country
    country = content.to_country if content.to_postcode and _is_short(content.to_country) else ""
    parcel = style.say("Parcel {number}", number=content.parcel_number) if content.parcel_number else ""
    aside = [(name, text) for name, text in (("country", country), ("parcel", parcel)) if text]
    if content.weight_grams is not None:
        aside.append(("weight", words.weight(content.weight_grams)))
    found: list[Element] = [
        Text(
            name="postcode",
            area=Area(_LEFT, 69.5, _INNER - _SIDE, 13.5),
            text=largest,
            capital_mm=13.5,
            least_mm=5,
            strong=True,
            middle=True,
        )
    ]
    for place, (name, text) in enumerate(aside):
        area = Area(_RIGHT - _SIDE + 2, 69.5 + 5.1 * place, _SIDE - 2, 3.3)
        found.append(Text(name=name, area=area, text=text, capital_mm=3.3, align=Align.RIGHT))
    return (*found, Rule(name="rule", area=Area(_LEFT, 86.5, _INNER, 0.5)))


def _is_short(country: str) -> bool:
    return len(country) <= _COUNTRY_CODE


def _parcel(content: HouseLabel, style: Style) -> tuple[Element, ...]:
    order = words.joined(style.say("Order {number}", number=content.order_number), content.reference, by="   ")
    printed = words.joined(content.station, content.printed_at_text, by="   ")
    found: list[Element] = [
        Text(
            name="order",
            area=Area(_LEFT, 90, _INNER - _SIDE if content.hazards else _INNER, 3.2),
            text=order,
            capital_mm=3.2,
            strong=True,
            may_shorten=True,
        ),
        Text(
            name="printed",
            area=Area(_LEFT, 95.7, _INNER - _SIDE if content.hazards else _INNER, 2.2),
            text=printed,
            capital_mm=2.2,
            may_shorten=True,
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
        ),
    )
