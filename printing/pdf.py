"""The PDF back end: sheets become pages with embedded fonts and vector bars.

`invariant` is on, so that the same sheets give the same bytes (a rendering is kept as a blob under its digest). The
one thing a newcomer would get wrong: a PDF's y runs up from the lower edge; everything is turned over here, once.
"""

import io

from PIL import Image
from reportlab.lib.utils import ImageReader  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from printing import faces
from printing.compose import Block, Code, Drawing, Ink, Rect, Sheet, Words

MIME = "application/pdf"
_POINTS_PER_INCH = 72
_PICTURE_DPI = 600
"""Resolution of words that must be shaped: a PDF text operator cannot join letters."""


def build(sheets: tuple[Sheet, ...], *, title: str) -> bytes:
    """Return one PDF with a page for each sheet."""
    kept = io.BytesIO()
    canvas = Canvas(kept, invariant=1, pageCompression=1)
    canvas.setTitle(title)
    canvas.setCreator("Dockside")
    canvas.setAuthor("")
    for sheet in sheets:
        _page(canvas, sheet)
    canvas.save()
    return kept.getvalue()


def _page(canvas: Canvas, sheet: Sheet) -> None:
    points = _POINTS_PER_INCH / sheet.dpi
    canvas.setPageSize((sheet.width * points, sheet.height * points))
    canvas.setFillGray(0)
    for part in sheet.parts:
        match part:
            case Ink():
                _fill(canvas, sheet, part.area)
            case Code():
                for bar in part.bars():
                    _fill(canvas, sheet, bar)
            case Words():
                _write(canvas, sheet, part)
            case Drawing():
                _draw(canvas, sheet, part)
            case Block():
                _fill(canvas, sheet, part.area)
                for line in part.lines:
                    _write(canvas, sheet, line)
    canvas.showPage()


def _fill(canvas: Canvas, sheet: Sheet, area: Rect) -> None:
    points = _POINTS_PER_INCH / sheet.dpi
    bottom = sheet.height - area.y - area.height
    canvas.rect(area.x * points, bottom * points, area.width * points, area.height * points, stroke=0, fill=1)


def _draw(canvas: Canvas, sheet: Sheet, part: Drawing) -> None:
    points, area = _POINTS_PER_INCH / sheet.dpi, part.area
    bottom = sheet.height - area.y - area.height
    canvas.drawImage(
        ImageReader(part.image()), area.x * points, bottom * points, width=area.width * points,
        height=area.height * points,
    )  # fmt: skip


def _write(canvas: Canvas, sheet: Sheet, words: Words) -> None:
    points = _POINTS_PER_INCH / sheet.dpi
    canvas.setFillGray(1 if words.white else 0)
    em = words.capital / faces.CAPITAL_EM
    x, y = words.left * points, (sheet.height - words.baseline) * points
    for run in faces.runs(words.text, strong=words.strong):
        if run.shaped:
            _picture(canvas, words, run, x, y, em * points)
        else:
            canvas.setFont(_registered(run.font), em * points)
            canvas.drawString(x, y, run.text)
        x += run.width_em * em * points
    canvas.setFillGray(0)


def _registered(font: faces.Font) -> str:
    name: str = font.value
    if name not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(name, str(font.path)))
    return name


def _picture(canvas: Canvas, words: Words, run: faces.Run, x: float, y: float, em_points: float) -> None:
    """Draw shaped words as a picture; `x`, `y` (baseline) and the em in points."""
    scale = _PICTURE_DPI / _POINTS_PER_INCH
    em = em_points * scale
    width, above, below = round(run.width_em * em) + 2, round(em), round(em * 0.35)
    grey = Image.new("L", (width, above + below), 0 if words.white else 255)
    faces.draw(grey, run.text, 0, above, em, strong=words.strong, ink=255 if words.white else 0)
    canvas.drawImage(
        ImageReader(grey),
        x,
        y - below / scale,
        width=width / scale,
        height=(above + below) / scale,
        preserveAspectRatio=False,
    )
