"""A shipping label as a picture, black on white in every theme: what was sent, or until then what is known of it."""

from functools import lru_cache

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from desktop.proofs import LabelFace
from desktop.theme import PAPER, PRINT
from desktop.widgets.paint import CENTRE, END, Canvas
from desktop.widgets.pictures import has_picture, picture, shape
from printing.code128 import bars, plan

ASPECT = 1.5
"""Height to width: 6 by 4 inches."""
_WIDE = 270.0
"""The width at which the sizes below hold."""


@lru_cache(maxsize=64)
def _modules(data: str) -> str:
    return bars(plan(data, gs1=True))


def aspect_of(label: LabelFace) -> float:
    """Return a label's height to its width: that of what was sent, where it is here."""
    return shape(label.rendering) or ASPECT


def draw_label(canvas: Canvas, box: QRectF, label: LabelFace) -> None:
    """Draw a label into a box, as large as it fits; never mirrored."""
    room = canvas.place(box)
    aspect = aspect_of(label)
    wide = min(room.width(), room.height() / aspect)
    sheet = QRectF(0, 0, wide, wide * aspect)
    sheet.moveCenter(room.center())
    factor = wide / _WIDE
    painter = canvas.painter
    painter.save()
    painter.translate(sheet.topLeft())
    painter.scale(factor, factor)
    paper = Canvas(painter, canvas.theme, sheet.size() / factor, rtl=False)
    paper.card(paper.box, PAPER, "edge", width=1.5, radius=6)
    if has_picture(label.rendering):
        picture(paper, paper.box.adjusted(3, 3, -3, -3), label.rendering, framed=False)
    elif label.code:
        _printed(paper, label)
    else:
        _blank(paper)
    painter.restore()


def _printed(paper: Canvas, label: LabelFace) -> None:
    left, wide = 16.0, paper.width - 32
    paper.text(QRectF(left, 14, wide, 32), " ".join(filter(None, (label.carrier, label.service))).upper(), 25, PRINT,
               bold=True, smallest=10, elide=True)  # fmt: skip
    _rule(paper, 54, 2)
    if label.lines:
        for n, line in enumerate(label.lines[:3]):
            paper.text(QRectF(left, 64 + n * 25, wide, 25), line, 18, PRINT, smallest=10, elide=True)
    else:
        _address(paper, 68)
    _rule(paper, 148, 1.5)
    paper.text(QRectF(left, 152, wide * 0.62, 66), label.large, 50, PRINT, bold=True, middle=True, smallest=18)
    for n, line in enumerate(label.aside[:2]):
        paper.text(QRectF(left + wide * 0.62, 160 + n * 26, wide * 0.38, 24), line, 18, PRINT, at=END, smallest=10)
    _rule(paper, 222, 1.5)
    _draw_bars(paper, QRectF(left, 254, wide, 96), label.bars)
    paper.text(QRectF(left, 358, wide, 30), label.code, 22, PRINT, bold=True, at=CENTRE, smallest=10)


def _draw_bars(paper: Canvas, box: QRectF, data: str) -> None:
    modules = _modules(data)
    wide = box.width() / len(modules)
    x = 0
    for run in modules.split("0"):
        if run:
            paper.painter.fillRect(QRectF(box.x() + x * wide, box.y(), len(run) * wide, box.height()), QColor(PRINT))
        x += len(run) + 1


def _address(paper: Canvas, top: float) -> None:
    """Draw lines where the address is: a bench does not need to know where somebody lives."""
    for n, part in enumerate((0.5, 0.72, 0.6)):
        paper.painter.fillRect(QRectF(16, top + n * 25, (paper.width - 32) * part, 9), QColor("#8795A1"))


def _blank(paper: Canvas) -> None:
    grey = QColor("#8795A1")
    painter, wide = paper.painter, paper.width - 44
    painter.fillRect(QRectF(22, 26, wide * 0.52, 24), grey)
    for n, part in enumerate((0.72, 0.6, 0.66)):
        painter.fillRect(QRectF(22, 80 + n * 27, wide * part, 11), grey)
    painter.fillRect(QRectF(22, 170, wide, 2), grey)
    x, n = 22.0, 0
    while x < paper.width - 24:
        step = (5, 3, 7, 4, 3, 6)[n % 6]
        painter.fillRect(QRectF(x, 205, min(step, paper.width - 22 - x), 120), grey)
        x, n = x + step + (5, 4, 6)[n % 3], n + 1
    painter.fillRect(QRectF(22 + wide * 0.2, 350, wide * 0.6, 14), grey)


def _rule(paper: Canvas, y: float, width: float) -> None:
    paper.painter.fillRect(QRectF(16, y, paper.width - 32, width), QColor(PRINT))
