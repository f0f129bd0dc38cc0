"""Icons: an outcome's own shape, and the quiet outlines of things and devices.

Outcomes are drawn here because their shapes carry meaning (tick in a circle, triangle, octagon, dot in a circle);
everything else comes from one icon font.
"""

from collections.abc import Mapping
from functools import lru_cache
from math import ceil

import qtawesome
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from desktop.proofs import Mark
from desktop.screens import Outcome
from desktop.widgets.paint import Canvas

GLYPHS: Mapping[str, str] = {
    "location": "ph.map-pin",
    "tote": "ph.tray",
    "item": "ph.cube",
    "order": "ph.file-text",
    "parcel": "ph.barcode",
    "badge": "ph.identification-badge",
    "person": "ph.identification-badge",
    "cart": "ph.shopping-cart",
    "box_type": "ph.package",
    "weight": "ph.scales",
    "hub": "ph.hard-drives",
    "scanner": "mdi6.barcode-scan",
    "scale": "ph.scales",
    "printer": "ph.printer",
    "key": "ph.keyboard",
    "go": "ph.caret-right-bold",
    "back": "ph.caret-left-bold",
}
"""What our names of icons are in the icon font."""
_TICK = ((0.28, 0.52), (0.44, 0.68), (0.73, 0.34))
_CUT = 0.29


@lru_cache(maxsize=512)
def drawn(name: str, colour: str, side: int) -> QPixmap:
    """Return an icon in a colour, so many pixels large."""
    made: QPixmap = qtawesome.icon(GLYPHS[name], color=colour).pixmap(side, side)
    return made


def glyph(canvas: Canvas, box: QRectF, name: str, hue: str = "quiet") -> None:
    """Draw an icon into a box."""
    spot = canvas.place(box)
    side = max(1, ceil(spot.width() * abs(canvas.painter.deviceTransform().m11())))
    picture = drawn(name, canvas.colour(hue).name(), side)
    canvas.painter.drawPixmap(spot, picture, QRectF(picture.rect()))


def outcome(canvas: Canvas, box: QRectF, which: Outcome, *, on_stop: bool = False, reversed_: bool = False) -> None:
    """Draw an outcome's shape; on the refusal in its two colours, `reversed_` on a ground of the outcome's own."""
    fill, sign = ("on_stop", "stop") if on_stop else (str(which), "on_outcome")
    if reversed_:
        fill, sign = sign, fill
    _SHAPES[which](canvas.painter, canvas.place(box), canvas.colour(fill), canvas.colour(sign))


def _pen(sign: QColor, width: float) -> QPen:
    return QPen(sign, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def _at(box: QRectF, x: float, y: float) -> QPointF:
    return QPointF(box.x() + box.width() * x, box.y() + box.height() * y)


def _solid(painter: QPainter, fill: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)


def _octagon(painter: QPainter, box: QRectF, fill: QColor, sign: QColor) -> None:
    _solid(painter, fill)
    corners = ((_CUT, 0), (1 - _CUT, 0), (1, _CUT), (1, 1 - _CUT), (1 - _CUT, 1), (_CUT, 1), (0, 1 - _CUT), (0, _CUT))
    painter.drawPolygon(QPolygonF([_at(box, x, y) for x, y in corners]))
    painter.setPen(_pen(sign, box.width() / 8))
    painter.drawLine(_at(box, 0.32, 0.32), _at(box, 0.68, 0.68))
    painter.drawLine(_at(box, 0.68, 0.32), _at(box, 0.32, 0.68))


def _triangle(painter: QPainter, box: QRectF, fill: QColor, sign: QColor) -> None:
    painter.setPen(_pen(fill, box.width() / 9))
    painter.setBrush(fill)
    painter.drawPolygon(QPolygonF([_at(box, 0.5, 0.1), _at(box, 0.94, 0.9), _at(box, 0.06, 0.9)]))
    painter.setPen(_pen(sign, box.width() / 9))
    painter.drawLine(_at(box, 0.5, 0.38), _at(box, 0.5, 0.6))
    painter.drawPoint(_at(box, 0.5, 0.78))


def _tick(painter: QPainter, box: QRectF, fill: QColor, sign: QColor) -> None:
    _solid(painter, fill)
    painter.drawEllipse(box)
    tick(painter, box, sign, box.width() / 8)


def tick(painter: QPainter, box: QRectF, colour: QColor, width: float) -> None:
    """Draw a bare tick."""
    painter.setPen(_pen(colour, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path = QPainterPath(_at(box, *_TICK[0]))
    for x, y in _TICK[1:]:
        path.lineTo(_at(box, x, y))
    painter.drawPath(path)


def _dot(painter: QPainter, box: QRectF, fill: QColor, sign: QColor) -> None:
    _solid(painter, fill)
    painter.drawEllipse(box)
    painter.setPen(_pen(sign, box.width() / 9))
    painter.drawLine(_at(box, 0.5, 0.46), _at(box, 0.5, 0.72))
    painter.drawPoint(_at(box, 0.5, 0.28))


_SHAPES = {
    Outcome.REFUSE: _octagon,
    Outcome.CAUTION: _triangle,
    Outcome.ACCEPT: _tick,
    Outcome.INFO: _dot,
}


def mark(canvas: Canvas, box: QRectF, which: Mark) -> None:
    """Draw how far a step is: a tick, an arrow in the accent, an empty circle, a triangle."""
    match which:
        case Mark.DONE:
            outcome(canvas, box, Outcome.ACCEPT)
        case Mark.TROUBLE:
            outcome(canvas, box, Outcome.CAUTION)
        case Mark.NOW:
            arrow(canvas, box, "accent", "on_accent")
        case Mark.LATER:
            ring(canvas, box)


def arrow(canvas: Canvas, box: QRectF, fill: str, sign: str) -> None:
    """Draw an arrow onwards in a circle; it points where people read to."""
    spot = canvas.place(box)
    painter = canvas.painter
    _solid(painter, canvas.colour(fill))
    painter.drawEllipse(spot)
    painter.setPen(_pen(canvas.colour(sign), spot.width() / 8))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    corners = [(0.42, 0.28), (0.64, 0.5), (0.42, 0.72)]
    points = [_at(spot, 1 - x if canvas.rtl else x, y) for x, y in corners]
    painter.drawPolyline(QPolygonF(points))


def ring(canvas: Canvas, box: QRectF) -> None:
    """Draw an empty circle."""
    painter = canvas.painter
    painter.setPen(QPen(canvas.colour("edge"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(canvas.place(box).adjusted(1.5, 1.5, -1.5, -1.5))
