"""The open carton, 30 degrees isometric, in three tones; the unit in hand in the accent with its number on top.

A proportion, not an instruction: where units lie is a simple filling's guess.
"""

from math import cos, radians, sin

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform

from desktop.proofs import Carton, Solid
from desktop.theme import font
from desktop.widgets.paint import Canvas

_COS, _SIN = cos(radians(30)), sin(radians(30))
_FLAP = 0.42
"""How far a flap stands out, as a part of the side it hangs on."""
_LARGEST_DIGIT = 72
_SMALLEST_DIGIT = 10

Point3 = tuple[float, float, float]


class _View:
    """Projects millimetres of a carton into a box."""

    def __init__(self, box: QRectF, carton: Carton) -> None:
        long, wide, high = carton.length, carton.width, carton.height
        flap = _FLAP * min(long, wide)
        left, right = -(wide + flap) * _COS, (long + flap) * _COS
        top, bottom = -high - flap * 0.9, (long + wide) * _SIN
        self.scale = min(box.width() / (right - left), box.height() / (bottom - top))
        self._x = box.center().x() - (left + right) / 2 * self.scale
        self._y = box.center().y() - (top + bottom) / 2 * self.scale

    def __call__(self, point: Point3) -> QPointF:
        x, y, z = point
        return QPointF(self._x + (x - y) * _COS * self.scale, self._y + ((x + y) * _SIN - z) * self.scale)

    def face(self, *points: Point3) -> QPolygonF:
        return QPolygonF([self(each) for each in points])


def draw_carton(canvas: Canvas, box: QRectF, carton: Carton) -> None:
    """Draw a carton with what is in it into a box; never mirrored."""
    view = _View(canvas.place(box), carton)
    long, wide, high = float(carton.length), float(carton.width), float(carton.height)
    painter = canvas.painter
    edge = QPen(canvas.colour("edge"), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(edge)
    flap = _FLAP * min(long, wide)
    for hue, points in (
        ("face_right", ((0, 0, 0), (long, 0, 0), (long, wide, 0), (0, wide, 0))),
        ("face_left", ((0, 0, 0), (0, wide, 0), (0, wide, high), (0, 0, high))),
        ("face_top", ((0, 0, 0), (long, 0, 0), (long, 0, high), (0, 0, high))),
        ("face_left", ((0, 0, high), (0, wide, high), (-flap, wide, high + flap * 0.5), (-flap, 0, high + flap * 0.5))),
        ("face_top", ((0, 0, high), (long, 0, high), (long, -flap, high + flap * 0.5), (0, -flap, high + flap * 0.5))),
    ):
        painter.setBrush(canvas.colour(hue))
        painter.drawPolygon(view.face(*points))
    for solid in sorted(carton.solids, key=lambda each: (each.z, each.x + each.y, each.x)):
        _solid(canvas, view, solid)
    painter.setPen(edge)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(view.face((0, wide, high), (long, wide, high), (long, 0, high)))
    for corner in ((long, wide), (0, wide), (long, 0)):
        painter.drawLine(view((*corner, 0.0)), view((*corner, high)))
    painter.drawPolyline(view.face((0, wide, 0), (long, wide, 0), (long, 0, 0)))


def _solid(canvas: Canvas, view: _View, solid: Solid) -> None:
    painter = canvas.painter
    x, y, z = float(solid.x), float(solid.y), float(solid.z)
    far, wide, top = x + solid.length, y + solid.width, z + solid.height
    name = "lit" if solid.lit else "face"
    line = canvas.colour("on_accent" if solid.lit else "edge")
    painter.setPen(QPen(line, 1.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    for hue, points in (
        ("left", ((x, wide, z), (far, wide, z), (far, wide, top), (x, wide, top))),
        ("right", ((far, y, z), (far, wide, z), (far, wide, top), (far, y, top))),
        ("top", ((x, y, top), (far, y, top), (far, wide, top), (x, wide, top))),
    ):
        painter.setBrush(canvas.colour(f"{name}_{hue}"))
        painter.drawPolygon(view.face(*points))
    _number(painter, view, solid, canvas.colour("on_accent" if solid.lit else "ink"))


def _number(painter: QPainter, view: _View, solid: Solid, ink: QColor) -> None:
    """Draw the line's number lying on the top face."""
    side = min(solid.length, solid.width) * view.scale
    size = min(_LARGEST_DIGIT, int(side * 0.62))
    if size < _SMALLEST_DIGIT:
        return
    middle = view((solid.x + solid.length / 2, solid.y + solid.width / 2, float(solid.z + solid.height)))
    painter.save()
    painter.setTransform(QTransform(_COS, _SIN, -_COS, _SIN, middle.x(), middle.y()), combine=True)
    painter.setFont(font(size, bold=True))
    painter.setPen(ink)
    painter.drawText(QRectF(-side, -side, 2 * side, 2 * side), int(Qt.AlignmentFlag.AlignCenter), solid.number)
    painter.restore()
