"""The ZPL back end: sheets become `^XA` to `^XZ`, and no data of ours can ever become a command.

Words are set in the printer's own scalable font where every character of the document is plain ASCII, since that is
what all ZPL interpreters draw alike; any other document has all its words sent as pictures of our letters, so that one
label never mixes two typefaces. The one thing a newcomer would get wrong: `^FH` works for one field only and must be
given again before each `^FD`. Sources: ZPL programming guide (`^A0 ^BC ^CI ^FH ^FB ^FR ^GB ^PQ ^FX`).
"""

from PIL import Image

from printing import code128, faces
from printing.compose import Block, Code, Ink, Part, Rect, Sheet, Words
from printing.graphic import graphic_field
from printing.label import Document, Reverse, Text
from printing.media import Media
from printing.typeset import OWN, Face

MIME = "application/zpl"
PRINTER_CAPITAL = 0.75
"""Height of font 0's capitals, as a share of the height that `^A0` is given."""
_DOTS_OF_SLACK = 2
_UNSAFE = frozenset(b"^~_")

# How far font 0 moves on for each character from U+0020, in thousandths of its height: the widest seen over heights
# from 15 to 150 dots at 203 and 300 dpi in a rendering of a printer's captured resident font.
# fmt: off
_PRINTER_WIDTHS = (
    300, 300, 500, 500, 500, 934, 625, 300, 300, 300, 500, 934, 300, 934, 300, 300,
    500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 300, 300, 1000, 934, 1000, 467,
    934, 570, 570, 550, 600, 534, 534, 600, 625, 300, 467, 570, 500, 750, 625, 600,
    570, 600, 600, 550, 534, 625, 550, 834, 570, 570, 534, 300, 300, 300, 534, 534,
    300, 473, 534, 467, 534, 500, 300, 534, 534, 267, 267, 467, 267, 750, 534, 500,
    534, 534, 350, 450, 300, 534, 467, 667, 467, 467, 400, 534, 534, 534, 1000,
)
# fmt: on
_FIRST, _LAST = " ", "~"


def _printer_width(line: str, _strong: bool) -> float:
    # Font 0 has one weight.
    return sum(_PRINTER_WIDTHS[ord(c) - ord(_FIRST)] for c in line) / (1000 * PRINTER_CAPITAL)


PRINTER = Face(_printer_width, "...")


def printer_draws(text: str) -> bool:
    """Say whether the printer's own font draws a text: plain ASCII, but no backslash, which `^FB` takes for itself."""
    return all((_FIRST <= c <= _LAST and c != "\\") or c == "\n" for c in faces.clean(text))


def face_for(document: Document) -> Face:
    """Return the letters a document is set in: the printer's if it can draw every word of it, else ours."""
    for page in document.pages:
        for element in page.elements:
            texts = element.texts if isinstance(element, Reverse) else (element,)
            if any(isinstance(text, Text) and not printer_draws(text.text) for text in texts):
                return OWN
    return PRINTER


def field(text: str) -> str:
    """Return `^FH^FD…^FS` for any text; what comes out is printable ASCII with no `^` or `~` inside the data."""
    return f"^FH^FD{escape(text)}^FS"


def escape(text: str) -> str:
    """Return text as field data: `^ ~ _`, controls and all bytes beyond ASCII as `_HH` of its UTF-8."""
    return "".join(
        chr(byte) if 0x20 <= byte <= 0x7E and byte not in _UNSAFE else f"_{byte:02X}"
        for byte in text.encode("utf-8", "replace")
    )


def build(sheets: tuple[Sheet, ...], media: Media, *, face: Face, comment: str, once: bool) -> bytes:
    """Return the job's bytes, one label a sheet.

    Args:
        sheets: the labels.
        media: gives darkness and speed.
        face: whose letters they were composed with.
        comment: rides along where the printer ignores it; letters, digits, `-` and `=` only, since it has no escape.
        once: after a fault the printer must not print the label again by itself (`^JZN`). It is said either way,
            because a printer keeps what the last job said.
    """
    # ~SD is obeyed where it stands, so it stands before the label; it is the only ~ that we send.
    darkness = "" if media.darkness is None else f"~SD{media.darkness:02}\n"
    speed = "" if media.speed is None else f"^PR{media.speed}"
    named = f"^FX{comment}^FS\n" if comment else ""
    begin = f"{darkness}^XA\n{named}^CI28^JZ{'N' if once else 'Y'}{speed}"
    return "".join(_label(sheet, face, begin) for sheet in sheets).encode("ascii")


def _label(sheet: Sheet, face: Face, begin: str) -> str:
    fields = "\n".join(_part(part, face) for part in sheet.parts)
    return f"{begin}^PW{sheet.width}^LL{sheet.height}^LH0,0\n{fields}\n^PQ1\n^XZ\n"


def _part(part: Part, face: Face) -> str:
    match part:
        case Ink():
            return _filled(part.area)
        case Code():
            return _code(part)
        case Words():
            return _printer_words(part) if face is PRINTER else _picture_of_words(part)
        case Block():
            return _printer_block(part) if face is PRINTER else _picture(part.area, part.lines, ground=0)


def _filled(area: Rect) -> str:
    # ^GB draws a frame; one as thick as its smaller side is full.
    return f"^FO{area.x},{area.y}^GB{area.width},{area.height},{min(area.width, area.height)}^FS"


def _code(code: Code) -> str:
    if code.stretches:
        data = field(code128.zpl(code.stretches))
        return f"^FO{code.x},{code.y}^BY{code.module}^BCN,{code.height},N,N,N,N{data}"
    # Any other code is drawn from our own modules: the printer's encoder might choose another size than we measured.
    grey = Image.new("L", (code.ink.width, code.ink.height), 255)
    for bar in code.bars():
        grey.paste(0, (bar.x - code.x, bar.y - code.y, bar.x - code.x + bar.width, bar.y - code.y + bar.height))
    return f"^FO{code.x},{code.y}{graphic_field(grey)}^FS"


def _printer_words(words: Words) -> str:
    height = int(words.capital / PRINTER_CAPITAL + 0.01)
    top = words.baseline - round(height * PRINTER_CAPITAL)
    reverse = "^FR" if words.white else ""
    font = f"^A0N,{height},{height}"
    if words.align == "left":
        return f"^FO{words.left},{top}{reverse}{font}{field(words.text)}"
    # The printer aligns by its own widths, which are never more than those we measured with.
    block = f"^FB{words.column.width},1,0,{'R' if words.align == 'right' else 'C'}"
    return f"^FO{words.column.x},{top}{reverse}{font}{block}{field(words.text)}"


def _printer_block(block: Block) -> str:
    return "\n".join((_filled(block.area), *(_printer_words(line) for line in block.lines)))


def _picture_of_words(words: Words) -> str:
    reach = words.reach
    left, top = max(0, reach.x - _DOTS_OF_SLACK), max(0, reach.y)
    area = Rect(left, top, reach.x + reach.width + _DOTS_OF_SLACK - left, reach.y + reach.height - top)
    return _picture(area, (words,), ground=255)


def _picture(area: Rect, lines: tuple[Words, ...], *, ground: int) -> str:
    """Return the lines as a picture on a `ground` of 0 (black, letters white) or 255."""
    grey = Image.new("L", (area.width, area.height), ground)
    for words in lines:
        left, baseline, em = words.left - area.x, words.baseline - area.y, words.capital / faces.CAPITAL_EM
        faces.draw(grey, words.text, left, baseline, em, strong=words.strong, ink=255 - ground)
    return f"^FO{area.x},{area.y}{graphic_field(grey)}^FS"
