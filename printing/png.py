"""The picture back end: what a sheet looks like, for the preview on the screen and for tests.

It draws with our own letters, so a label that a printer sets in its own font looks slightly wider there than here.
"""

import io

from PIL import Image, ImageDraw

from printing import faces
from printing.compose import Block, Code, Drawing, Ink, Rect, Sheet, Words

MIME = "image/png"
_BLACK, _WHITE = 0, 255


def build(sheets: tuple[Sheet, ...]) -> bytes:
    """Return one grey PNG with the sheets one below the other."""
    pictures = [picture(sheet) for sheet in sheets]
    whole = Image.new("L", (max(p.width for p in pictures), sum(p.height for p in pictures)), _WHITE)
    y = 0
    for each in pictures:
        whole.paste(each, (0, y))
        y += each.height
    kept = io.BytesIO()
    whole.save(kept, "PNG", dpi=(sheets[0].dpi, sheets[0].dpi), compress_level=1)
    return kept.getvalue()


def picture(sheet: Sheet) -> Image.Image:
    """Return a sheet as a grey picture, one pixel a dot."""
    image = Image.new("L", (sheet.width, sheet.height), _WHITE)
    pen = ImageDraw.Draw(image)
    for part in sheet.parts:
        match part:
            case Ink():
                _fill(pen, part.area)
            case Code():
                for bar in part.bars():
                    _fill(pen, bar)
            case Words():
                _write(image, part)
            case Drawing():
                image.paste(part.image(), (part.area.x, part.area.y))
            case Block():
                _fill(pen, part.area)
                for line in part.lines:
                    _write(image, line)
    return image


def _fill(pen: ImageDraw.ImageDraw, area: Rect) -> None:
    pen.rectangle((area.x, area.y, area.x + area.width - 1, area.y + area.height - 1), fill=_BLACK)


def _write(image: Image.Image, words: Words) -> None:
    ink = _WHITE if words.white else _BLACK
    em = words.capital / faces.CAPITAL_EM
    faces.draw(image, words.text, words.left, words.baseline, em, strong=words.strong, ink=ink)
