"""The scale against what it should say: a bar with the band outlined; it zooms to the band when near."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen, QPolygonF

from desktop.cards import Gauge
from desktop.widgets.paint import END, Canvas

_BAR = 18
_NEAR = 0.7
"""From this part of the band's lower edge on the bar shows the neighbourhood of the band only."""


def scale_of(gauge: Gauge) -> tuple[int, int]:
    """Return the grams at the bar's ends."""
    if gauge.grams >= gauge.low * _NEAR:
        room = max(4 * (gauge.high - gauge.low), abs(gauge.grams - (gauge.low + gauge.high) // 2) * 5 // 2, 8)
        middle = (gauge.low + gauge.high) // 2
        return max(0, middle - room // 2), middle + room // 2
    return 0, max(1, gauge.high * 23 // 20)


def draw_gauge(canvas: Canvas, box: QRectF, gauge: Gauge) -> None:
    """Draw reading, bar and band into a box 150 px high."""
    half = box.width() * 0.5
    canvas.text(QRectF(box.x(), box.y() + 22, box.width() - half - 8, 32), gauge.title, 25, elide=True)
    canvas.text(QRectF(box.right() - half, box.y(), half, 62), gauge.reading, 50, bold=True, at=END, middle=True)
    _bar(canvas, QRectF(box.x() + 8, box.y() + 84, box.width() - 16, _BAR), gauge)
    hue = "accept" if gauge.fits else "caution" if gauge.off else "quiet"
    canvas.text(QRectF(box.x(), box.y() + 114, half, 38), gauge.words, 25, hue, bold=gauge.off, elide=True)
    canvas.text(QRectF(box.x() + half, box.y() + 114, half, 38), gauge.band, 25, "quiet", at=END)


def _bar(canvas: Canvas, box: QRectF, gauge: Gauge) -> None:
    low, high = scale_of(gauge)
    painter = canvas.painter

    def at(grams: int) -> float:
        return box.x() + box.width() * min(1.0, max(0.0, (grams - low) / (high - low)))

    canvas.card(box, "face_left", canvas.theme.outline and "outline", radius=_BAR / 2)
    now = at(gauge.grams)
    if gauge.grams:
        filled = QRectF(box.x(), box.y(), max(float(_BAR), now - box.x()), _BAR)
        canvas.card(filled, "accept" if gauge.fits else "caution" if gauge.off else "quiet", "", radius=_BAR / 2)
    band = QRectF(at(gauge.low), box.y() - 8, max(14.0, at(gauge.high) - at(gauge.low)), _BAR + 16)
    painter.setPen(QPen(canvas.colour("accept"), 3))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(canvas.place(band), 6, 6)
    if gauge.grams:
        tip = canvas.place(QRectF(now, box.y() - 4, 0, 0)).x()
        y = box.y() - 5
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(canvas.colour("ink"))
        painter.drawPolygon(QPolygonF([QPointF(tip - 11, y - 16), QPointF(tip + 11, y - 16), QPointF(tip, y)]))
