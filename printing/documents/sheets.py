"""Sheets of codes that are scanned off paper: the commands of a bench, and the codes that calibrate a scanner.

A command is found by its sign from a metre and its word in the hand; its code says what the key says, so that gloves
stay on. On the calibration sheet every code stands alone on its line: a scanner must not see two at once. (devices.md
1.4, 1.7)
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.catalog.contents import CalibrationSheet, CommandSheet, SheetCommand
from printing.documents.flow import Band, pages, text
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
    Text,
)
from printing.style import Style

TEMPLATE_VERSION = 1
_MARGIN_MM = 5.0
_EDGE = 12.0
_HEAD = 17.0
_FOOT = 9.0
_SEPARATOR = "\x1d"
_MODULE_MM, _LEAST_MODULE_MM = 0.34, 0.25


@dataclass(frozen=True, slots=True)
class Shown:
    """How a command is found on the sheet."""

    sign: str
    word: str


SHOWN: Mapping[str, Shown] = {
    "CONFIRM": Shown("✔", "Confirm"),
    "YES": Shown("👍", "Yes"),
    "NO": Shown("✖", "No, back"),
    "UNDO": Shown("↶", "Undo"),
    "SKIP": Shown("⏭", "Skip"),
    "CALL": Shown("🔔", "Call"),
    "HELP": Shown("❓", "Help"),
    "MENU": Shown("☰", "Menu"),
    "FIND": Shown("🔎", "Type a code"),
    "PAUSE": Shown("⏸", "Pause"),
    "LOGOUT": Shown("🚪", "Sign out"),
    "SHORT": Shown("🕳", "Short"),
    "DAMAGED": Shown("💥", "Damaged"),
    "FULL": Shown("🧺", "Full"),
    "WEIGH": Shown("⚖", "Weigh"),
    "REPRINT": Shown("🖨", "Reprint"),
    "NOTPRINTED": Shown("🚫", "Not printed"),
    "BOX": Shown("📦", "Carton {argument}"),
    "QTY": Shown("#", "{argument}"),
}
"""By verb; what is scanned nowhere yet is on no sheet."""
GROUPS: Mapping[str, tuple[str, ...]] = {
    "At every step": (
        "CONFIRM", "YES", "NO", "UNDO", "SKIP", "CALL", "HELP", "MENU", "FIND", "PAUSE", "LOGOUT"
    ),
    "At the shelf": ("SHORT", "DAMAGED", "FULL"),
    "At the bench": ("WEIGH", "REPRINT", "NOTPRINTED"),
    "Cartons": ("BOX",),
    "Quantities and answers by number": ("QTY",),
}  # fmt: skip


def commands(content: CommandSheet, style: Style) -> Document:
    """Return the sheet of commands, two beside each other, group after group."""
    wide = style.paper.width_mm - 2 * _EDGE
    bands: list[Band] = []
    for group, verbs in GROUPS.items():
        inside = [each for verb in verbs for each in content.commands if each.verb == verb]
        if inside:
            rows = [inside[at : at + 2] for at in range(0, len(inside), 2)]
            bands.append(_group(style.say(group), rows[0], wide, style))
            bands += [_commands(row, wide, style) for row in rows[1:]]
    return _document(content.KIND, style.say("Commands"), content.site_name, style, bands)


def calibration(content: CalibrationSheet, style: Style) -> Document:
    """Return the sheet that a scanner is calibrated by: its codes in their order, far from each other."""
    wide = style.paper.width_mm - 2 * _EDGE
    told = style.say("Scan these codes once each, from the first to the last. Cover what is below with your hand.")
    bands = [_told(told, wide), *(_numbered(number, code, wide) for number, code in enumerate(content.codes, start=1))]
    return _document(content.KIND, style.say("Scanner calibration"), content.site_name, style, bands)


def _document(kind: str, title: str, site: str, style: Style, bands: list[Band]) -> Document:
    paper = style.paper
    wide = paper.width_mm - 2 * _EDGE
    made = pages(bands, first_top_mm=_EDGE + _HEAD, top_mm=_EDGE + _HEAD, bottom_mm=paper.height_mm - _EDGE - _FOOT)
    return Document(
        template=kind, version=TEMPLATE_VERSION, width_mm=paper.width_mm, height_mm=paper.height_mm,
        margin_mm=_MARGIN_MM, least_capital_mm=LEAST_CAPITAL_IN_HAND_MM, title=title,
        pages=tuple(
            Page(elements=(*_head(title, site, wide), *elements, *_foot(style, place, len(made))))
            for place, elements in enumerate(made, start=1)
        ),
    )  # fmt: skip


def _head(title: str, site: str, wide: float) -> tuple[Element, ...]:
    return (
        text("title", title, _EDGE, _EDGE, wide * 0.65, capital_mm=6, strong=True),
        text("site", site, _EDGE + wide * 0.65, _EDGE + 3.4, wide * 0.35, capital_mm=2.6, align=Align.RIGHT),
        Rule(name="rule", area=Area(_EDGE, _EDGE + 11, wide, 0.5)),
    )


def _foot(style: Style, page: int, last: int) -> tuple[Element, ...]:
    wide = style.paper.width_mm - 2 * _EDGE
    where = style.say("{page} of {last}", page=page, last=last) if last > 1 else ""
    y = style.paper.height_mm - _EDGE
    return (
        text("copy", style.copied(), _EDGE, y, wide / 2, capital_mm=1.9),
        text("page", where, _EDGE + wide / 2, y, wide / 2, capital_mm=1.9, align=Align.RIGHT),
    )


def _group(title: str, first: list[SheetCommand], wide: float, style: Style) -> Band:
    """Return a group's title with its first row: a title never ends a page."""
    row = _commands(first, wide, style)

    def place(y: float) -> tuple[Element, ...]:
        return (text("group", title, _EDGE, y + 2, wide, capital_mm=3.2, strong=True), *row.place(y + 9))

    return Band(row.height_mm + 9, place)


def _commands(row: list[SheetCommand], wide: float, style: Style) -> Band:
    half = wide / 2

    def place(y: float) -> tuple[Element, ...]:
        return tuple(
            element
            for column, command in enumerate(row)
            for element in _command(command, _EDGE + half * column, y, half, style)
        )

    return Band(27.5, place)


def _command(command: SheetCommand, x: float, y: float, wide: float, style: Style) -> Iterator[Element]:
    shown = SHOWN[command.verb]
    word = style.say(shown.word, argument=command.argument) if command.argument else style.say(shown.word)
    sign = 11.0
    yield Text(
        name="sign", area=Area(x, y + 0.5, sign, 6.5), text=shown.sign, capital_mm=6.5, strong=True, align=Align.CENTRE,
        middle=True,
    )  # fmt: skip
    yield Text(
        name="word", area=Area(x + sign + 2, y + 1, wide - sign - 6, 4.6), text=word, capital_mm=4.6, least_mm=2.4,
        strong=True, middle=True, may_shorten=True,
    )  # fmt: skip
    yield Barcode(
        name=command.code, symbology=Symbology.CODE_128, data=command.code, area=Area(x - 2.5, y + 9.5, wide - 1, 10),
        module_mm=_MODULE_MM, least_module_mm=_LEAST_MODULE_MM, least_height_mm=8, align=Align.LEFT,
    )  # fmt: skip
    said = "  ".join(filter(None, (command.code, command.name)))
    yield Text(
        name="code", area=Area(x + 0.8, y + 21, wide - 6, 1.9), text=said, capital_mm=1.9, least_mm=1.6, may_shorten=True
    )  # fmt: skip


def _told(told: str, wide: float) -> Band:
    def place(y: float) -> tuple[Element, ...]:
        return (text("told", told, _EDGE, y, wide, capital_mm=2.8, max_lines=2),)

    return Band(14, place)


def _numbered(number: int, code: str, wide: float) -> Band:
    def place(y: float) -> tuple[Element, ...]:
        gs1 = _SEPARATOR in code
        return (
            text("number", str(number), _EDGE, y + 3, 8, capital_mm=6, strong=True),
            Barcode(
                name=f"code {number}", symbology=Symbology.GS1_128 if gs1 else Symbology.CODE_128, data=code,
                area=Area(_EDGE + 10, y, wide - 10, 12), module_mm=_MODULE_MM, least_module_mm=_LEAST_MODULE_MM,
                least_height_mm=10, align=Align.LEFT, secret=True,
            ),
        )  # fmt: skip

    return Band(29, place)
