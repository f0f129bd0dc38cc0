"""The GS1 logistic label of a pallet or a carton, on 4 by 6 inches, A6 or A5.

From the top: whose it is and where it goes, what is on it in words, then symbols with upright bars (a picket fence) and
what they say below each. The SSCC stands lowest and alone, its bars 32 mm high; what else is to be said goes into one
or two symbols above it, and where those are too narrow for it into a GS1 DataMatrix. Data titles are in English
wherever it goes. (GS1 General Specifications 6.6; modules of at least 0.495 mm, quiet zones of ten of them.)
"""

from collections.abc import Sequence

from core.packing.contents import LogisticLabel
from printing import code128, typeset, words
from printing.fault import LabelFault
from printing.label import LEAST_CAPITAL_MM, Align, Area, Barcode, Document, Element, Page, Rule, Symbology, Text
from printing.labels import gs1
from printing.style import Style

TEMPLATE_VERSION = 1
_MARGIN_MM = 1.5
_EDGE = 5.0
_LEAST_WIDE, _LEAST_HIGH = 101.0, 147.0
"""Not below A6, or the 4 by 6 inches that most rolls have (millimetres, half of one to spare)."""
_MODULE_MM, _LEAST_MODULE_MM = 0.5, 0.495
_BARS_MM = 32.5
_LEAST_BARS_MM = 13.0
"""Of a symbol beside the SSCC's, where the words leave no more."""
_GAP_MM = 4.8
_STRIP_MM, _HEAD_MM, _PITCH_MM, _AIR_MM = 22.0, 6.6, 7.2, 6.0
"""What the words take at least: the addresses, a line of what it is, a row of values, and the air around."""
_HRI_MM = 3.2
_SYMBOLS_MOST = 2
_SQUARE_MM = 30.0
_SENDER_SHARES = (0.34, 0.42, 0.5)
_LINES_MOST = 8
_COLUMNS = {
    "3102": "net_grams", "3103": "net_grams", "3302": "gross_grams", "3303": "gross_grams",
    "00": "sscc", "01": "gtin", "02": "content", "10": "lot", "15": "best_before", "17": "expiry", "37": "count",
    "400": "order_number", "420": "to_postcode",
}  # fmt: skip
"""Which fact each identifier says."""


def layout(content: LogisticLabel, style: Style) -> Document:
    """Return the label on the paper that is loaded.

    Raises:
        LabelFault: the paper is too small, a value will not do, or two do not go together.
    """
    wide, high = style.paper.width_mm, style.paper.height_mm
    if wide < _LEAST_WIDE or high < _LEAST_HIGH:
        raise LabelFault("paper", f"a logistic label is not smaller than A6; {wide:g} by {high:g} mm are loaded")
    number = gs1.element("sscc", "00", content.sscc)
    said = _said(content)
    symbols = _symbols(said, wide)
    lowest = high - _EDGE - _HRI_MM - 1.4 - _BARS_MM
    found = _symbol("sscc", [number], lowest, _BARS_MM, wide, words.fours(content.sscc))
    y = lowest
    if symbols:
        bars = _bars_mm(content, len(said), lowest, len(symbols))
        for place, each in reversed(list(enumerate(symbols))):
            y -= bars + _HRI_MM + _GAP_MM
            found = [*_symbol(f"symbol {place + 1}", each, y, bars, wide), *found]
    square = symbols is None
    top = _head(content, wide, y)
    room = Area(_EDGE, top.bottom_mm, wide - 2 * _EDGE, y - 4 - top.bottom_mm)
    facts = _facts(content, said, style, room, square=square, alone=len(symbols or ()) < _SYMBOLS_MOST)
    data = gs1.joined([number, *said]) if square else ""
    elements = (*_addresses(content, style, top), *facts, *_square(data, wide, y), *found)
    return Document(
        template=content.KIND, version=TEMPLATE_VERSION, width_mm=wide, height_mm=high, margin_mm=_MARGIN_MM,
        pages=(Page(elements=elements),), title=f"SSCC {content.sscc}",
    )  # fmt: skip


def _said(content: LogisticLabel) -> list[gs1.Element]:
    """Return what is said beside the SSCC, in the order in which it is read."""
    said: list[gs1.Element] = []
    if content.content and content.gtin:
        raise LabelFault("gtin", "a unit that is a trade item (01) has no content (02) beside it")
    if content.content:
        if content.count < 1:
            raise LabelFault("count", "a content (02) needs the count of what is in it (37)")
        said.append(gs1.element("content", "02", gs1.gtin("content", content.content)))
        said.append(gs1.element("count", "37", str(content.count)))
    elif content.count:
        raise LabelFault("content", "a count (37) needs the number of what is counted (02)")
    if content.gtin:
        said.append(gs1.element("gtin", "01", gs1.gtin("gtin", content.gtin)))
    if (content.lot or content.expiry or content.best_before) and not (content.content or content.gtin):
        raise LabelFault("lot", "a lot or a date needs the number of the goods (02 or 01)")
    if content.best_before:
        said.append(gs1.element("best_before", "15", gs1.day("best_before", content.best_before)))
    if content.expiry:
        said.append(gs1.element("expiry", "17", gs1.day("expiry", content.expiry)))
    if content.lot:
        said.append(gs1.element("lot", "10", content.lot))
    if content.net_grams:
        if not (content.content or content.gtin):
            raise LabelFault("net_grams", "a net weight (310) needs the number of the goods (02 or 01)")
        said.append(gs1.weight("net_grams", "310", content.net_grams))
    if content.gross_grams:
        said.append(gs1.weight("gross_grams", "330", content.gross_grams))
    if content.order_number:
        said.append(gs1.element("order_number", "400", content.order_number))
    if content.to_postcode:
        said.append(gs1.element("to_postcode", "420", content.to_postcode.replace(" ", "")))
    return said


def _symbols(said: Sequence[gs1.Element], wide: float) -> list[list[gs1.Element]] | None:
    """Return what each symbol above the SSCC says, in as few as can be; None where two are not enough."""
    found: list[list[gs1.Element]] = []
    for each in said:
        if found and _fits([*found[-1], each], wide):
            found[-1].append(each)
        elif _fits([each], wide):
            found.append([each])
        else:
            return None
    return found if len(found) <= _SYMBOLS_MOST else None


def _bars_mm(content: LogisticLabel, values: int, low: float, symbols: int) -> float:
    """Return how high the bars above the SSCC are: what the words leave of the label."""
    addresses = _STRIP_MM if content.from_lines or content.to_lines else 0.0
    rows = _rows(values + (symbols < _SYMBOLS_MOST), 2)
    left = low - _EDGE - addresses - _HEAD_MM - _PITCH_MM * rows - _AIR_MM
    return max(_LEAST_BARS_MM, min(_BARS_MM, left / symbols - _HRI_MM - _GAP_MM))


def _rows(values: int, columns: int) -> int:
    return -(-values // columns)


def _fits(elements: Sequence[gs1.Element], wide: float) -> bool:
    modules = len(code128.bars(code128.plan(gs1.joined(elements), gs1=True))) + 2 * code128.QUIET_MODULES
    # The widest that a module wished for becomes in whole dots of a head of 203 or 300 dpi.
    return modules * 0.508 <= wide - 1


def _symbol(
    name: str, elements: list[gs1.Element], y: float, bars: float, wide: float, readable: str = ""
) -> list[Element]:
    said = f"({elements[0][0]}) {readable}" if readable else gs1.readable(elements)
    return [
        Barcode(
            name=name, symbology=Symbology.GS1_128, data=gs1.joined(elements), area=Area(0.5, y, wide - 1, bars),
            module_mm=_MODULE_MM, least_module_mm=_LEAST_MODULE_MM, least_height_mm=bars - 0.5,
        ),
        Text(
            name=f"{name} digits", area=Area(_EDGE, y + bars + 1.4, wide - 2 * _EDGE, _HRI_MM), text=said,
            capital_mm=_HRI_MM, least_mm=2.2, strong=True, align=Align.CENTRE, column=_COLUMNS[elements[-1][0]],
        ),
    ]  # fmt: skip


def _square(data: str, wide: float, low: float) -> list[Element]:
    if not data:
        return []
    area = Area(wide - _EDGE - _SQUARE_MM, low - 4 - _SQUARE_MM, _SQUARE_MM, _SQUARE_MM)
    return [
        Barcode(
            name="square symbol", symbology=Symbology.GS1_DATA_MATRIX, data=data, area=area, module_mm=0.75,
            least_module_mm=0.495, align=Align.RIGHT,
        )
    ]  # fmt: skip


def _head(content: LogisticLabel, wide: float, low: float) -> Area:
    """Return the strip that sender and receiver share: a third of what the symbols leave, as far as it is needed."""
    high = min(46.0, max(_STRIP_MM, (low - _EDGE) * 0.4)) if content.from_lines or content.to_lines else 0.0
    return Area(_EDGE, _EDGE, wide - 2 * _EDGE, high)


def _addresses(content: LogisticLabel, style: Style, strip: Area) -> list[Element]:
    if not strip.height_mm:
        return []
    third = _sender_mm(content, strip)
    to = Area(strip.x_mm + third + 3, strip.y_mm, strip.width_mm - third - 3, strip.height_mm)
    found: list[Element] = []
    for name, title, lines, area, capital in (
        (
            "from_lines",
            style.say("From"),
            content.from_lines,
            Area(strip.x_mm, strip.y_mm, third, strip.height_mm),
            2.4,
        ),
        ("to_lines", style.say("To"), (*content.to_lines, content.to_postcode), to, 5.0),
    ):
        found.append(
            Text(name=f"{name} title", area=Area(area.x_mm, area.y_mm, area.width_mm, 2.2), text=title, capital_mm=2.2)
        )
        found.append(
            Text(
                name=name, area=Area(area.x_mm, area.y_mm + 5.2, area.width_mm, area.height_mm - 9.5),
                text="\n".join(filter(None, lines)), capital_mm=capital, max_lines=_LINES_MOST, strong=name == "to_lines",
            )
        )  # fmt: skip
    y = strip.bottom_mm - 2
    return [
        *found, Rule(name="rule", area=Area(strip.x_mm + third + 1.2, strip.y_mm, 0.35, strip.height_mm - 3)),
        Rule(name="rule", area=Area(strip.x_mm, y, strip.width_mm, 0.5)),
    ]  # fmt: skip


def _sender_mm(content: LogisticLabel, strip: Area) -> float:
    """Return how wide the sender's part of the strip is: a third, or as much more as its address needs, to the half."""
    said, room = "\n".join(content.from_lines), strip.height_mm - 9.5
    for share in _SENDER_SHARES[:-1]:
        lines = typeset.lines_needed(said, strip.width_mm * share, LEAST_CAPITAL_MM)
        if lines <= _LINES_MOST and typeset.height_mm(lines, LEAST_CAPITAL_MM) <= room:
            return strip.width_mm * share
    return strip.width_mm * _SENDER_SHARES[-1]


def _facts(
    content: LogisticLabel, said: list[gs1.Element], style: Style, area: Area, *, square: bool, alone: bool
) -> list[Element]:
    """Return the words above the symbols: data titles with their values, two beside each other."""
    shown = [(ai, _shown(ai, value, content)) for ai, value in said if ai != "420"]
    if alone:
        shown.insert(0, ("00", words.fours(content.sscc)))
    column = area.width_mm - (_SQUARE_MM + 3 if square else 0)
    head = words.there(("copy", style.copied()), ("carrier", content.carrier), ("description", content.description))
    found: list[Element] = []
    top = area.y_mm + 1.5
    if head:
        found.append(
            Text(
                name="description", area=Area(area.x_mm, top, area.width_mm, 3.4), text=words.said(head, by=" "), capital_mm=3.4, strong=True,
                may_shorten=True, facts=head, kept=("copy",),
            )
        )  # fmt: skip
        top += 6.6
    columns = 1 if square else 2
    wide_first = alone and not square
    rows = wide_first + _rows(len(shown) - wide_first, columns)
    pitch = min(11.5, max(_PITCH_MM, (area.bottom_mm - top) / rows)) if rows else 0.0
    size = min(5.0, pitch * 0.36)
    for place, (ai, value) in enumerate(shown):
        row, side = divmod(place + (wide_first and place > 0), columns)
        x, y = area.x_mm + column / columns * side, top + row * pitch
        room = column if place == 0 and wide_first else column / columns - 2
        found.append(Text(name=f"title {ai}", area=Area(x, y, room, 2.0), text=gs1.title(ai), capital_mm=2.0))
        found.append(
            Text(
                name=f"value {ai}", area=Area(x, y + 2.2 + size * 0.35, room, size), text=value, capital_mm=size, least_mm=2.0,
                strong=True, column=_COLUMNS[ai],
            )
        )  # fmt: skip
    return found


def _shown(ai: str, value: str, content: LogisticLabel) -> str:
    return {"15": content.best_before, "17": content.expiry}.get(ai, gs1.shown(ai, value))
