"""The ZPL back end: sheets become `^XA` to `^XZ`, and no data of ours can ever become a command.

Words are set in the printer's own scalable font where every character of their element is plain ASCII, since that is
what all ZPL interpreters draw alike; an element with any other is sent as pictures of our letters. The one thing a newcomer would get wrong: `^FH` works for one field only and must be
given again before each `^FD`. Sources: ZPL programming guide (`^A0 ^BC ^CI ^FH ^FB ^FR ^GB ^PQ ^FX`).
"""

import re
from dataclasses import replace

from printing import code128, printer_font, raster
from printing.compose import Block, Code, Drawing, Ink, Part, Rect, Sheet, Words
from printing.darkness import afterwards, darkness_of
from printing.graphic import graphic_field
from printing.label import LINEAR
from printing.media import Media

MIME = "application/zpl"
_UNESCAPED = re.compile(r"[ \"-\]`-}]*")
_UNSAFE = frozenset(b"^~_!")
"""An exclamation mark begins a line to the printer's settings (`! U1 setvar`), and who knows where a printer looks."""
USUAL = "^PON^PMN^LRN^LS0^FWN^CVN"
"""Undoes what somebody else's label may have left (`firewall`): a page that is turned, mirrored, white on black or moved,
fields that begin turned, codes that are looked over. A printer keeps each until it is told otherwise."""


def field(text: str) -> str:
    """Return `^FH^FD…^FS` for any text; what comes out is printable ASCII with no `^` or `~` inside the data."""
    return f"^FH^FD{escape(text)}^FS"


def escape(text: str) -> str:
    """Return text as field data: `^ ~ _ !`, controls and all bytes beyond ASCII as `_HH` of its UTF-8."""
    if _UNESCAPED.fullmatch(text):
        return text
    return "".join(
        chr(byte) if 0x20 <= byte <= 0x7E and byte not in _UNSAFE else f"_{byte:02X}"
        for byte in text.encode("utf-8", "replace")
    )


def build(sheets: tuple[Sheet, ...], media: Media, *, comment: str, once: bool) -> bytes:
    """Return the job's bytes, one label a sheet.

    Args:
        sheets: the labels.
        media: gives darkness and speed.
        comment: rides along where the printer ignores it; letters, digits, `-` and `=` only, since it has no escape.
        once: after a fault the printer must not print the label again by itself (`^JZN`). It is said either way,
            because a printer keeps what the last job said.
    """
    speed = "" if media.speed is None else f"^PR{media.speed}"
    named = f"^FX{comment}^FS\n" if comment else ""
    begin = f"^XA\n{named}{USUAL}^CI28^JZ{'N' if once else 'Y'}{speed}"
    labels = "".join(_darkness(darkness_of(sheet, media)) + _label(sheet, begin) for sheet in sheets)
    return (labels + _darkness(afterwards(sheets, media))).encode("ascii")


def _darkness(value: int | None) -> str:
    # ~SD is obeyed where it stands, so it stands outside of labels; it is the only ~ that we send.
    return "" if value is None else f"~SD{value:02}\n"


def _label(sheet: Sheet, begin: str) -> str:
    drawn = tuple(part for part in sheet.parts if _is_drawn(part))
    # Words that the printer sets are in no picture, and drawing them for nothing is what takes the time.
    whole = raster.page(replace(sheet, parts=drawn)) if drawn else None
    fields = "\n".join(_part(part, whole) for part in sheet.parts)
    return f"{begin}^PW{sheet.width}^LL{sheet.height}^LH0,0\n{fields}\n^PQ1\n^XZ\n"


def _is_drawn(part: Part) -> bool:
    """Say whether a part is a picture: a drawing, a square code, or words that the printer has no letters for."""
    match part:
        case Drawing():
            return True
        case Code():
            return part.symbology not in LINEAR
        case Words() | Block():
            return not part.printers
        case _:
            return False


def _printer_encodes(code: Code) -> bool:
    """Say whether a printer is told what a code says, and not how it looks.

    Square codes are drawn from our own modules, since the printer's encoder might choose another size than we
    measured; bars are where they change to digit pairs within (`>5`), which not every interpreter of ZPL does as the
    manual has it.
    """
    return bool(code.stretches) and all(stretch.code_set != "C" for stretch in code.stretches[1:])


def _part(part: Part, whole: raster.Picture | None) -> str:
    if isinstance(part, Ink):
        return _filled(part.area)
    if isinstance(part, Code) and _printer_encodes(part):
        data = field(code128.zpl(part.stretches))
        return f"^FO{part.x},{part.y}^BY{part.module}^BCN,{part.height},N,N,N,N{data}"
    if isinstance(part, Code) and part.symbology in LINEAR:
        return "\n".join(_filled(bar) for bar in part.bars())
    if isinstance(part, Words) and part.printers:
        return _printer_words(part)
    if isinstance(part, Block) and part.printers:
        return _printer_block(part)
    picture = None if whole is None else raster.cut(whole, part)
    return "" if picture is None else f"^FO{picture.x},{picture.y}{graphic_field(picture)}^FS"


def _filled(area: Rect) -> str:
    # ^GB draws a frame; one as thick as its smaller side is full.
    return f"^FO{area.x},{area.y}^GB{area.width},{area.height},{min(area.width, area.height)}^FS"


def _printer_words(words: Words) -> str:
    height = int(words.capital / printer_font.CAPITAL + 0.01)
    top = words.baseline - round(height * printer_font.CAPITAL)
    reverse = "^FR" if words.white else ""
    font = f"^A0N,{height},{height}"
    if words.align == "left":
        return f"^FO{words.left},{top}{reverse}{font}{field(words.text)}"
    # The printer aligns by its own widths, which are never more than those we measured with.
    block = f"^FB{words.column.width},1,0,{'R' if words.align == 'right' else 'C'}"
    return f"^FO{words.column.x},{top}{reverse}{font}{block}{field(words.text)}"


def _printer_block(block: Block) -> str:
    return "\n".join((_filled(block.area), *(_printer_words(line) for line in block.lines)))
