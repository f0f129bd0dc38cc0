"""How tests look at paper: ZPL by an interpreter that is not ours, PDF by a browser's engine, codes by a reader's."""

import io
import re
from dataclasses import dataclass

import pypdfium2
import zplkit
import zxingcpp
from PIL import Image

from printing import png
from printing.label import Paper
from printing.media import Language, Media
from printing.render import Rendering, composed, lay_out
from tests.printing import heads

_NO_PICTURE = re.compile(rb"~SD\d\d\n|\^PQ1|\^JZ[YN]|\^PR\d+")


@dataclass(frozen=True, slots=True)
class Read:
    """One code that a scanner would report, with its AIM identifier."""

    aim: str
    data: str


def pictures(rendering: Rendering, media: Media) -> list[Image.Image]:
    """Return each label or page as a grey picture at the media's resolution."""
    match rendering.language:
        case Language.ZPL:
            return zpl_pictures(rendering.data, media.dpi)
        case Language.PDF:
            document = pypdfium2.PdfDocument(rendering.data)
            try:
                return [page.render(scale=media.dpi / 72).to_pil().convert("L") for page in document]
            finally:
                document.close()
        case Language.EPL2:
            return heads.epl2(rendering.data).printed
        case Language.TSPL:
            return heads.tspl(rendering.data, media.dpi).printed
        case Language.ESC_POS:
            return heads.escpos(rendering.data).printed
        case Language.PNG:
            return [Image.open(io.BytesIO(rendering.data)).convert("L")]


def page(content: object, media: Media) -> Image.Image:
    """Return the only page of a label as the head's dots, black or white: what is meant to come out."""
    [sheet] = composed(lay_out(content, Paper(media.width_mm, media.height_mm)), media)
    return png.picture(sheet).point([0 if level < 128 else 255 for level in range(256)])


def zpl_pictures(data: bytes, dpi: int) -> list[Image.Image]:
    """Return the labels that a ZPL interpreter draws. What changes no picture it does not know."""
    options = zplkit.Options(profile="specification", width=4 * dpi, height=6 * dpi, dpi=dpi)
    drawn = zplkit.render(_NO_PICTURE.sub(b"", data), options)
    return [Image.open(io.BytesIO(label.png())).convert("L") for label in drawn.labels]


def codes(picture: Image.Image) -> list[Read]:
    """Return what a scanner reads, from top to bottom."""
    read = zxingcpp.read_barcodes(picture, try_rotate=False, try_invert=False)
    found = sorted(read, key=lambda code: code.position.top_left.y)
    return [Read(code.symbology_identifier, code.text) for code in found]


def pdf_text(data: bytes) -> list[str]:
    """Return the text of each page of a PDF, as copied from a viewer."""
    document = pypdfium2.PdfDocument(data)
    try:
        return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]
    finally:
        document.close()
