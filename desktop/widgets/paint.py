"""Painting helpers shared by the widgets: a canvas that reads from either side, text that fits, outcome icons, cards.

The one thing a newcomer would get wrong: widgets compute places from left to right only. Where one reads from the
right, the canvas is mirrored as a whole; words and icons stand upright in their places by themselves, and a drawing of
a real thing is put into `upright`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from desktop.screens import Outcome
from desktop.theme import SCALE, Theme, font

CORNER = 10.0


def canvas(widget: QWidget) -> QPainter:
    """Return a painter on a widget, mirrored where its language reads from the right."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if widget.layoutDirection() is Qt.LayoutDirection.RightToLeft:
        painter.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        painter.translate(widget.width(), 0)
        painter.scale(-1, 1)
    return painter


@contextmanager
def upright(painter: QPainter, box: QRectF, *, words: bool = False) -> Iterator[None]:
    """Draw into a box as it is, however the canvas reads: carts, maps, cartons, gauges and labels never mirror.

    Args:
        painter: a canvas.
        box: where the drawing stands, in the canvas's own places.
        words: whether what is drawn are words, which keep their language's direction.
    """
    if painter.worldTransform().m11() > 0:
        yield
        return
    painter.save()
    painter.translate(2 * box.center().x(), 0)
    painter.scale(-1, 1)
    if not words:
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    yield
    painter.restore()


def fitting(text: str, width: float, largest: int, *, bold: bool = True, smallest: int = 18) -> int:
    """Return the largest type size at which a text fits a width on one line."""
    for size in [each for each in reversed(SCALE) if smallest <= each <= largest]:
        if QFontMetricsF(font(size, bold=bold)).horizontalAdvance(text) <= width:
            return size
    return smallest


def text(
    painter: QPainter, box: QRectF, words: str, size: int, colour: QColor, *, bold: bool = False, wrap: bool = False,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> float:  # fmt: skip
    """Draw words into a box from its top and return the height they took."""
    painter.setFont(font(size, bold=bold))
    painter.setPen(colour)
    flags = int(align | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextDontClip)
    flags |= int(Qt.TextFlag.TextWordWrap) if wrap else 0
    bound = painter.boundingRect(box, flags, words)
    with upright(painter, box, words=True):
        painter.drawText(box, flags, words)
    return bound.height()


def card(painter: QPainter, box: QRectF, fill: QColor, line: QColor | None) -> None:
    """Draw a rounded surface, with or without a line."""
    painter.setBrush(fill)
    painter.setPen(QPen(line, 1) if line is not None else Qt.PenStyle.NoPen)
    painter.drawRoundedRect(box, CORNER, CORNER)


def outcome_icon(painter: QPainter, box: QRectF, outcome: Outcome, theme: Theme, *, on_stop: bool = False) -> None:
    """Draw an outcome's own shape: a tick in a circle, a triangle, an octagon, a dot in a circle."""
    with upright(painter, box):
        _outcome_icon(painter, box, outcome, theme, on_stop=on_stop)


def _outcome_icon(painter: QPainter, box: QRectF, outcome: Outcome, theme: Theme, *, on_stop: bool) -> None:
    colour = theme.colour("on_stop") if on_stop else theme.colour(str(outcome))
    sign = theme.colour("stop") if on_stop else theme.colour("surface")
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    x, y, w = box.x(), box.y(), box.width()
    pen = QPen(sign, max(2.0, w / 9), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    match outcome:
        case Outcome.REFUSE:
            cut = w * 0.29
            corners = [(cut, 0), (w - cut, 0), (w, cut), (w, w - cut), (w - cut, w), (cut, w), (0, w - cut), (0, cut)]
            painter.drawPolygon(QPolygonF([QPointF(x + a, y + b) for a, b in corners]))
            painter.setPen(pen)
            painter.drawLine(QPointF(x + w * 0.33, y + w * 0.33), QPointF(x + w * 0.67, y + w * 0.67))
            painter.drawLine(QPointF(x + w * 0.67, y + w * 0.33), QPointF(x + w * 0.33, y + w * 0.67))
        case Outcome.CAUTION:
            painter.drawPolygon(QPolygonF([QPointF(x + w / 2, y), QPointF(x + w, y + w), QPointF(x, y + w)]))
            painter.setPen(pen)
            painter.drawLine(QPointF(x + w / 2, y + w * 0.42), QPointF(x + w / 2, y + w * 0.64))
            painter.drawPoint(QPointF(x + w / 2, y + w * 0.83))
        case Outcome.ACCEPT:
            painter.drawEllipse(box)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            tick = QPainterPath(QPointF(x + w * 0.28, y + w * 0.52))
            tick.lineTo(x + w * 0.44, y + w * 0.68)
            tick.lineTo(x + w * 0.73, y + w * 0.34)
            painter.drawPath(tick)
        case Outcome.INFO:
            painter.drawEllipse(box)
            painter.setPen(pen)
            painter.drawLine(QPointF(x + w / 2, y + w * 0.46), QPointF(x + w / 2, y + w * 0.72))
            painter.drawPoint(QPointF(x + w / 2, y + w * 0.28))
