"""QR codes to scan off the screen: black on white in every theme, their modules at least 0.5 mm."""

from functools import lru_cache
from typing import Any

import zxingcpp
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from desktop.theme import CORNER, PAPER, PRINT
from desktop.widgets.paint import Canvas

_HALF = 128
_MODULE = 3.0
_EDGE = 1.5
_LARGEST, _SHARE = 8.0, 0.6
"""Modules of a large code are no larger than this, and it takes no more of the width."""
_QUIET, _QUIET_LOW = 4, 2
"""Modules of white round a code; where it is tight the surface around makes up for the rest."""


def draw_code(canvas: Canvas, box: QRectF, modules: tuple[tuple[bool, ...], ...]) -> float:
    """Draw a code at the end of a box and return where it begins; never mirrored."""
    if not modules:
        return box.right() - 12
    quiet = _QUIET if box.height() >= (len(modules) + 2 * _QUIET) * _MODULE else _QUIET_LOW
    side = (len(modules) + 2 * quiet) * _MODULE
    beside = max(_EDGE, (box.height() - side) / 2)
    area = QRectF(box.right() - side - beside, box.center().y() - side / 2, side, side)
    # Where it is tight the white is the button's own end: it follows its corners and leaves its outline alone.
    tight = area.y() < box.y() + _EDGE
    canvas.card(area.intersected(box.adjusted(0, _EDGE, 0, -_EDGE)), PAPER, "", radius=CORNER - _EDGE if tight else 4)
    spot = canvas.place(area)
    painter = canvas.painter
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    left, top = spot.x() + quiet * _MODULE, spot.y() + quiet * _MODULE
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if dark:
                painter.fillRect(QRectF(left + x * _MODULE, top + y * _MODULE, _MODULE, _MODULE), QColor(PRINT))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    return area.x() - 6


def draw_large(canvas: Canvas, box: QRectF, modules: tuple[tuple[bool, ...], ...]) -> float:
    """Draw a code at the beginning of a box, as large as it lets it be, and return the side it takes."""
    count = len(modules) + 2 * _QUIET
    module = max(1.0, min(_LARGEST, min(box.height(), box.width() * _SHARE) // count))
    side = module * count
    canvas.card(QRectF(box.x(), box.y(), side, side), PAPER, "", radius=4)
    spot = canvas.place(QRectF(box.x(), box.y(), side, side))
    painter = canvas.painter
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if dark:
                at = QRectF(spot.x() + (x + _QUIET) * module, spot.y() + (y + _QUIET) * module, module, module)
                painter.fillRect(at, QColor(PRINT))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    return side


@lru_cache(maxsize=256)
def qr_modules(content: str) -> tuple[tuple[bool, ...], ...]:
    """Return a QR code's modules, row by row, true where dark, without a quiet zone."""
    made = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    image: Any = zxingcpp.write_barcode_to_image(made, scale=1, add_quiet_zones=False)
    rows: Any = memoryview(image).tolist()
    return tuple(tuple(value < _HALF for value in row) for row in rows)
