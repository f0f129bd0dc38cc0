"""The slab over the whole width: the one thing that must not go on, the loudest thing in the building."""

from PySide6.QtCore import QRectF

from desktop.screens import Outcome, Slab
from desktop.widgets.icons import outcome
from desktop.widgets.paint import END, Canvas, fitting, measured, width_of

SLAB, SLAB_LOW = 216.0, 176.0
"""Its height, and in a low window."""
_ICON, _LEAST = 138.0, 36
_TITLE, _REST = (72, 36), (50, 25)


def draw_slab(canvas: Canvas, box: QRectF, slab: Slab) -> None:
    """Draw what must not go, why, and what to do with it, in the middle of a box."""
    canvas.fill(box, "stop")
    title_size, rest_size = _TITLE if box.height() >= SLAB else _REST
    icon = min(_ICON, box.height() * 0.62)
    spot = QRectF(box.x() + 36, box.center().y() - icon / 2, icon, icon)
    outcome(canvas, spot, Outcome.REFUSE, on_stop=True)
    left, right = spot.right() + 36, box.right() - 36
    if slab.code:
        wide = min(300.0, box.width() * 0.28)
        right -= wide
        canvas.text(QRectF(right, box.center().y() - 44, wide, 36), slab.name, 25, "on_stop", at=END)
        canvas.text(QRectF(right, box.center().y() - 8, wide, 50), slab.code, 36, "on_stop", bold=True, at=END)
        right -= 24
    room = right - left
    rest = measured(slab.rest, rest_size, room, bold=False, lines=3, tight=False)[1] if slab.rest else 0.0
    rest = min(rest, box.height() * 0.42)
    size = fitting(slab.title, room, title_size, smallest=_LEAST)
    lines = 1 if width_of(slab.title, size, bold=True) <= room else 2
    title = min(box.height() - rest - 16, measured(slab.title, size, room, bold=True, lines=lines, tight=False)[1])
    top = box.center().y() - (title + rest) / 2
    canvas.text(QRectF(left, top, room, title + 1), slab.title, size, "on_stop", bold=True, smallest=25, lines=lines)
    below = QRectF(left, top + title, room, rest + 2)
    canvas.text(below, slab.rest, rest_size, "on_stop", lines=3, smallest=18)
