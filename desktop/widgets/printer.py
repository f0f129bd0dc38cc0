"""A label printer from its side, opened where that is what is to be done, with the part that needs a hand in the accent.

The one thing a newcomer would get wrong: it shows where to reach, not how the machine of one maker looks.
"""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen, QPolygonF

from desktop.proofs import Part
from desktop.widgets.paint import Canvas

_OPEN = (Part.ROLL, Part.RIBBON, Part.HEAD, Part.COVER, Part.PATH)
"""Parts that are reached under the cover."""
_HINGE = (0.10, 0.52)
_LID_UP = -52.0
"""Degrees."""


class _Pen:
    """Draws in a square whose sides are one, in the colours of a theme."""

    def __init__(self, canvas: Canvas, box: QRectF, part: Part) -> None:
        """Draw into the middle of a box."""
        spot = canvas.place(box)
        self.side = min(spot.width(), spot.height())
        self.corner = QPointF(spot.center().x() - self.side / 2, spot.center().y() - self.side / 2)
        self.canvas, self.painter, self.part = canvas, canvas.painter, part

    def at(self, x: float, y: float) -> QPointF:
        return self.corner + QPointF(x * self.side, y * self.side)

    def box(self, x: float, y: float, wide: float, high: float) -> QRectF:
        return QRectF(self.at(x, y), self.at(x + wide, y + high))

    def ink(self, part: Part | None, hue: str) -> QColor:
        """Return a part's colour: the accent where it is what needs a hand."""
        return self.canvas.colour("accent" if part is self.part else hue)

    def use(self, part: Part | None, fill: str, *, line: str = "edge", width: float = 0.012) -> None:
        """Take the colours of a part."""
        edge = self.ink(part, line) if self.canvas.theme.outline else self.canvas.colour(line)
        self.painter.setPen(QPen(edge, max(1.5, width * self.side), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        self.painter.setBrush(self.ink(part, fill))

    def round(self, box: QRectF, radius: float) -> None:
        self.painter.drawRoundedRect(box, radius * self.side, radius * self.side)

    def circle(self, x: float, y: float, radius: float) -> None:
        self.painter.drawEllipse(self.at(x, y), radius * self.side, radius * self.side)

    def line(self, part: Part | None, *points: tuple[float, float], width: float = 0.03, hue: str = "edge") -> None:
        pen = QPen(self.ink(part, hue), max(2.0, width * self.side), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self.painter.setPen(pen)
        self.painter.drawPolyline(QPolygonF([self.at(*each) for each in points]))


def draw_printer(canvas: Canvas, box: QRectF, part: Part) -> None:
    """Draw it into a box, as large as it fits; never mirrored."""
    pen = _Pen(canvas, box, part)
    _cable(pen)
    if part in _OPEN:
        _inside(pen)
    _body(pen)
    _lid(pen)
    if part is Part.PAPER:
        _paper(pen)


def _cable(pen: _Pen) -> None:
    path = QPainterPath(pen.at(0.08, 0.80))
    path.cubicTo(pen.at(-0.04, 0.80), pen.at(-0.02, 0.97), pen.at(0.10, 0.97))
    pen.painter.setBrush(Qt.BrushStyle.NoBrush)
    pen.painter.setPen(
        QPen(pen.ink(Part.CABLE, "edge"), max(2.0, 0.03 * pen.side), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    )
    pen.painter.drawPath(path)
    pen.use(Part.CABLE, "face_right")
    pen.round(pen.box(0.10, 0.935, 0.12, 0.065), 0.015)
    pen.line(Part.CABLE, (0.22, 0.953), (0.27, 0.953), width=0.018)
    pen.line(Part.CABLE, (0.22, 0.982), (0.27, 0.982), width=0.018)


def _inside(pen: _Pen) -> None:
    """Draw roll, ribbon, head, and the labels' way to the front."""
    pen.line(Part.PATH, (0.36, 0.29), (0.62, 0.40), (0.78, 0.555), (0.99, 0.555), width=0.022)
    pen.use(Part.ROLL, "raised")
    pen.circle(0.36, 0.46, 0.17)
    pen.use(None, "face_left")
    pen.circle(0.36, 0.46, 0.05)
    if pen.part is Part.RIBBON:
        pen.use(Part.RIBBON, "face_right")
        pen.circle(0.62, 0.30, 0.065)
        pen.circle(0.80, 0.30, 0.065)
        pen.line(Part.RIBBON, (0.62, 0.365), (0.74, 0.52), (0.80, 0.365), width=0.014)
    pen.use(Part.HEAD, "face_right")
    pen.round(pen.box(0.70, 0.44, 0.14, 0.085), 0.015)


def _body(pen: _Pen) -> None:
    pen.use(None, "face_left")
    pen.round(pen.box(0.06, 0.52, 0.88, 0.40), 0.04)
    pen.line(None, (0.84, 0.60), (0.94, 0.60), width=0.02)
    if pen.part not in _OPEN:
        pen.use(None, "raised")
        pen.painter.drawRect(pen.box(0.90, 0.585, 0.10, 0.03))
    pen.use(Part.KEY, "raised")
    pen.circle(0.80, 0.76, 0.06)
    pen.use(None, "face_top", width=0.008)
    pen.circle(0.64, 0.76, 0.022)
    pen.circle(0.57, 0.76, 0.022)


def _lid(pen: _Pen) -> None:
    painter = pen.painter
    pen.use(Part.COVER, "face_top")
    if pen.part not in _OPEN:
        pen.round(pen.box(0.06, 0.24, 0.88, 0.29), 0.09)
        return
    painter.save()
    painter.translate(pen.at(*_HINGE))
    painter.rotate(_LID_UP)
    wide, high = 0.60 * pen.side, 0.085 * pen.side
    painter.drawRoundedRect(QRectF(0, -high, wide, high), 0.04 * pen.side, 0.04 * pen.side)
    painter.restore()
    pen.line(Part.COVER if pen.part is Part.COVER else None, (0.10, 0.52), (0.13, 0.52), width=0.04)


def _paper(pen: _Pen) -> None:
    """Draw the label that cannot be drawn: a sheet with a cross."""
    pen.use(Part.PAPER, "raised")
    pen.round(pen.box(0.30, 0.04, 0.40, 0.34), 0.02)
    white = pen.canvas.colour("on_accent")
    pen.painter.setPen(QPen(white, max(3.0, 0.035 * pen.side), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    pen.painter.drawLine(pen.at(0.42, 0.13), pen.at(0.58, 0.29))
    pen.painter.drawLine(pen.at(0.58, 0.13), pen.at(0.42, 0.29))
