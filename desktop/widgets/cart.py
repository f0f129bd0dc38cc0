"""The cart from the front: tapered totes with sticker, number and count; the target filled with the accent."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from desktop.proofs import Slot
from desktop.theme import SCALE
from desktop.widgets.icons import tick
from desktop.widgets.paint import CENTRE, Canvas
from desktop.widgets.sentence import sticker

_ASPECT = 0.74
"""Height of a tote's cell to its width."""
_FEW = 3
_MANY = 12
_TAPER = 0.09
_WHEEL = 0.09
_COUNTED = 60
"""A tote lower than this shows its number alone: nothing is written smaller than the scale allows."""


def columns_of(count: int) -> int:
    """Return how many totes stand side by side: three up to six, then as many as keep the cart wider than high."""
    if count <= _FEW:
        return max(1, count)
    return _FEW if count <= 2 * _FEW else 4 if count <= _MANY else 6


def draw_cart(canvas: Canvas, box: QRectF, slots: tuple[Slot, ...]) -> None:
    """Draw a cart into a box, as large as it fits; never mirrored."""
    columns = columns_of(len(slots))
    rows = (len(slots) + columns - 1) // columns
    spot = canvas.place(box)
    cell = min(spot.width() / (columns + 0.24), spot.height() / (rows * _ASPECT + 0.42))
    wide, high = cell * columns + cell * 0.12, rows * cell * _ASPECT + cell * 0.36
    left, top = spot.center().x() - wide / 2, spot.center().y() - high / 2
    post = max(3.0, cell * 0.03)
    _frame(canvas, QRectF(left, top, wide, high), rows, cell, post)
    for n, slot in enumerate(slots):
        row, column = divmod(n, columns)
        tote = QRectF(
            left + cell * 0.06 + column * cell + cell * 0.03, top + cell * (0.04 + row * _ASPECT), cell * 0.94,
            cell * _ASPECT * 0.88,
        )  # fmt: skip
        _tote(canvas, tote, slot)


def _frame(canvas: Canvas, box: QRectF, rows: int, cell: float, post: float) -> None:
    painter, edge = canvas.painter, canvas.colour("edge")
    pen = QPen(edge, post, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    wheel = cell * _WHEEL
    foot = box.bottom() - 2 * wheel
    painter.setPen(pen)
    for x in (box.left(), box.right()):
        painter.drawLine(QPointF(x, box.top()), QPointF(x, foot))
    for row in range(rows):
        y = box.top() + cell * (0.04 + row * _ASPECT + _ASPECT * 0.88) + post / 2
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
    painter.setBrush(canvas.colour("raised"))
    for x in (box.left(), box.right()):
        painter.drawEllipse(QPointF(x, foot + wheel), wheel, wheel)


def _tote(canvas: Canvas, box: QRectF, slot: Slot) -> None:
    painter, theme = canvas.painter, canvas.theme
    full = slot.total > 0 and slot.done >= slot.total
    fill = "accent" if slot.target else "surface" if not slot.done else "face_left"
    line = "accent" if slot.target else "edge"
    rim = QRectF(box.x(), box.y(), box.width(), box.height() * 0.1)
    body = box.adjusted(box.width() * 0.02, rim.height(), -box.width() * 0.02, 0)
    taper = body.width() * _TAPER
    painter.setPen(QPen(canvas.colour(line), max(1.5, box.width() / 80)))
    painter.setBrush(canvas.colour(fill))
    painter.drawPolygon(
        QPolygonF([body.topLeft(), body.topRight(), body.bottomRight() - QPointF(taper, 0),
                   body.bottomLeft() + QPointF(taper, 0)])
    )  # fmt: skip
    painter.drawRoundedRect(rim, 3, 3)
    _sticker(painter, QRectF(body.x() + body.width() * 0.13, body.y() + body.height() * 0.14, body.width() * 0.16,
                             body.height() * 0.64), sticker(slot.number), theme.colour("on_accent"), ringed=slot.target)  # fmt: skip
    words = QRectF(body.x() + body.width() * 0.32, body.y(), body.width() * 0.58, body.height())
    ink = "on_accent" if slot.target else "quiet" if full else "ink"
    counted = body.height() >= _COUNTED and not slot.target
    upper = QRectF(words.x(), body.y() + body.height() * 0.05, words.width(), body.height() * 0.56)
    size = max(SCALE[0], int(body.height() * (0.62 if slot.target else 0.42 if counted else 0.6)))
    _said(canvas, upper if counted else words, str(slot.number), size, ink, bold=True)
    if not counted:
        return
    below = QRectF(words.x() - 4, body.y() + body.height() * 0.57, words.width() + 8, body.height() * 0.36)
    if full:
        side = min(below.height(), below.width()) * 0.8
        spot = QRectF(0, 0, side, side)
        spot.moveCenter(below.center())
        tick(painter, spot, canvas.colour("quiet"), max(1.5, side / 12))
    else:
        _said(canvas, below, f"{slot.done} / {slot.total}", max(SCALE[0], int(body.height() * 0.24)), "quiet")


def _sticker(painter: QPainter, box: QRectF, colour: str, ring: QColor, *, ringed: bool) -> None:
    if not colour:
        return
    painter.setPen(QPen(ring, max(1.5, box.width() / 9)) if ringed else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(box, box.width() / 7, box.width() / 7)


def _said(canvas: Canvas, spot: QRectF, words: str, size: int, hue: str, *, bold: bool = False) -> None:
    """Draw words at a box that is on the screen already: what is drawn of real things is not mirrored."""
    canvas.text(canvas.place(spot), words, size, hue, bold=bold, at=CENTRE, middle=True)
