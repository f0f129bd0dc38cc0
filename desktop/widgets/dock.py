"""Carriers' loads as roll cages that fill: a brick is a parcel, and what waits is the room above."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen

from desktop.proofs import Load
from desktop.screens import Outcome
from desktop.widgets.icons import outcome
from desktop.widgets.paint import END, Canvas, Run, fitting, width_of

_BRICKS = ((2, 2, 1, 1), (1, 1, 2, 2), (2, 1, 2, 1), (1, 2, 1, 2))
"""Rows of bricks, six widths each."""
_COURSE = 4
_FULLEST = 40
"""More parcels than these, and a brick stands for several."""
_WHEEL = 9.0
_HEAD = 48.0
_LEAST, _BAR = 84.0, 22.0
"""In less height than the first a load is a bar of the second's."""


def columns_of(count: int, width: float) -> int:
    """Return how many cages stand side by side."""
    return max(1, min(count, 4 if width >= 1100 else 3))


def draw_dock(canvas: Canvas, box: QRectF, loads: tuple[Load, ...]) -> None:
    """Draw a card a carrier into a box."""
    columns = columns_of(len(loads), box.width())
    rows = min(2 if box.height() > 420 else 1, (len(loads) + columns - 1) // columns)
    gap = 18.0
    wide = (box.width() - gap * (columns - 1)) / columns
    wide = min(wide, 520.0)
    high = (box.height() - gap * (rows - 1)) / max(1, rows)
    for n, load in enumerate(loads[: columns * rows]):
        row, column = divmod(n, columns)
        _card(canvas, QRectF(box.x() + column * (wide + gap), box.y() + row * (high + gap), wide, high), load)


def _card(canvas: Canvas, box: QRectF, load: Load) -> None:
    canvas.card(box, "raised", "accent" if load.current else "hairline", width=3 if load.current else 1)
    inner = box.adjusted(18, 12, -18, -14)
    full = load.loaded >= load.total > 0
    count, _, rest = load.count.partition(" ")
    wide = inner.width() * 0.46
    canvas.runs(QRectF(inner.right() - wide, inner.y(), wide, 34), (Run(count, bold=True), Run(f" {rest}", hue="quiet")),
                25, at=END)  # fmt: skip
    name = QRectF(inner.x(), inner.y(), inner.width() - wide - 8 - (36 if full else 0), 34)
    canvas.text(name, load.carrier, 25, bold=load.current, middle=True, elide=True)
    if full:
        size = fitting(load.carrier, name.width(), 25, bold=load.current)
        side = min(name.width(), width_of(load.carrier, size, bold=load.current)) + 10
        outcome(canvas, QRectF(inner.x() + side, inner.y() + 4, 26, 26), Outcome.ACCEPT)
    top = inner.y() + _HEAD
    foot = 28.0 if load.detail or load.trouble else 0.0
    room = QRectF(inner.x(), top, inner.width(), inner.bottom() - top - foot)
    if room.height() < _LEAST:
        _bar(canvas, room, load)
    else:
        _cage(canvas, room, load)
    if foot:
        line = QRectF(inner.x(), inner.bottom() - 24, inner.width(), 26)
        if load.trouble:
            outcome(canvas, QRectF(line.x(), line.y() + 1, 22, 22), Outcome.CAUTION)
            canvas.text(line.adjusted(30, 0, 0, 0), load.trouble, 18, bold=True, middle=True)
        else:
            canvas.text(line, load.detail, 18, "quiet", middle=True)


def _bar(canvas: Canvas, box: QRectF, load: Load) -> None:
    """Draw how full it is as a bar, where a cage would be a toy."""
    bar = QRectF(box.x(), box.center().y() - _BAR / 2 - 4, box.width(), _BAR)
    canvas.card(bar, "surface", "edge", radius=_BAR / 2)
    if load.loaded and load.total:
        filled = QRectF(bar.x(), bar.y(), max(_BAR, bar.width() * min(load.loaded, load.total) / load.total), _BAR)
        canvas.card(filled, "accent" if load.current else "parked", canvas.theme.outline, radius=_BAR / 2)


def _cage(canvas: Canvas, box: QRectF, load: Load) -> None:
    painter = canvas.painter
    room = canvas.place(box)
    wide = min(room.width() - 12, room.height() * 1.5)
    cage = QRectF(room.center().x() - wide / 2, room.y() + 4, wide, room.height() - 2 * _WHEEL - 8)
    edge = QPen(canvas.colour("edge"), 4.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    painter.setPen(QPen(canvas.colour("edge"), 1.2))
    for part in (0.33, 0.66):
        y = cage.y() + cage.height() * part
        painter.drawLine(QPointF(cage.left(), y), QPointF(cage.right(), y))
    _bricks(canvas, cage.adjusted(8, 12, -8, -5), load)
    painter.setPen(edge)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for x in (cage.left(), cage.right()):
        painter.drawLine(QPointF(x, cage.top()), QPointF(x, cage.bottom() + 5))
    painter.drawLine(cage.bottomLeft(), cage.bottomRight())
    painter.setPen(QPen(canvas.colour("edge"), 3.5))
    for x in (cage.left() + 15, cage.right() - 15):
        painter.drawEllipse(QPointF(x, cage.bottom() + _WHEEL + 4), _WHEEL - 2, _WHEEL - 2)


def _bricks(canvas: Canvas, box: QRectF, load: Load) -> None:
    """Fill from below: as many bricks of all as parcels are in."""
    if not load.total:
        return
    all_bricks = min(load.total, _FULLEST)
    count = load.loaded * all_bricks // load.total if load.loaded < load.total else all_bricks
    if load.loaded and not count:
        count = 1
    courses = max(4, -(-all_bricks // _COURSE))
    high = min(box.height() / courses, 26.0)
    painter = canvas.painter
    painter.setPen(QPen(canvas.colour("outline"), 1) if canvas.theme.outline else Qt.PenStyle.NoPen)
    painter.setBrush(canvas.colour("accent" if load.current else "parked"))
    for n in range(count):
        row, place = divmod(n, _COURSE)
        widths = _BRICKS[row % len(_BRICKS)]
        x = box.x() + box.width() * sum(widths[:place]) / 6
        y = box.bottom() - (row + 1) * high
        painter.drawRoundedRect(QRectF(x + 1, y + 1, box.width() * widths[place] / 6 - 2, high - 2), 2, 2)
