"""A list that fills by scanning: number, words, count and a tick; the current line is lit and always in view."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF

from desktop.languages import tr
from desktop.proofs import Check, Mark
from desktop.screens import Outcome
from desktop.widgets.icons import mark, outcome
from desktop.widgets.paint import END, Canvas, width_of
from desktop.widgets.pictures import has_picture, picture

ROW = 66.0
"""A row's height where there is room."""
LEAST = 58.0
"""And where there is little."""
_TALLEST = 88.0
_TICK = 28.0
_NUMBER = 38.0


def shown(checks: tuple[Check, ...], room: int) -> tuple[int, int]:
    """Return which lines are in view: the current one with its neighbours."""
    if len(checks) <= room:
        return 0, len(checks)
    current = next((n for n, each in enumerate(checks) if each.current), 0)
    begin = max(0, min(current - room // 2, len(checks) - room))
    return begin, begin + room


def draw_checklist(
    canvas: Canvas, box: QRectF, checks: tuple[Check, ...], *, ticks: bool = True, rows: int = 0, least: float = LEAST
) -> float:
    """Draw a list into a box and return the height it took; what is out of view is counted in its last row.

    Args:
        canvas: what is drawn on.
        box: the room.
        checks: the lines.
        ticks: whether they fill.
        rows: how many rows a list beside it has, so that both are as high; 0 where it stands alone.
        least: how high a row is at least.
    """
    if not checks:
        return 0.0
    row = max(least, min(_TALLEST, box.height() / (rows or len(checks))))
    # As many as fill it, though a share of the height is rarely a round figure.
    fitting = int(box.height() / row + 0.01)
    room = max(1, fitting)
    left_out = len(checks) - room
    if left_out > 0 and room > 1:
        room, left_out = room - 1, left_out + 1
    begin, end = shown(checks, room)
    numbered = any(each.number for each in checks)
    pictured = any(has_picture(each.picture) for each in checks[begin:end])
    said = [_count(each, filling=ticks) for each in checks[begin:end]]
    counts = max(width_of(each, 25, bold=True) for each in said) + 8
    columns = _Columns(counts, numbered=numbered, pictured=pictured, ticks=ticks)
    words = [(each.words, each.current) for each in checks[begin:end] if not each.detail]
    wide = min(columns.words(QRectF(0, 0, box.width(), row), each).width() for each in checks[begin:end])
    size = canvas.common_size(words, wide, row - 6, 25, lines=2, smallest=20)
    for n, each in enumerate(checks[begin:end]):
        line = QRectF(box.x(), box.y() + n * row, box.width(), row)
        _row(canvas, line, each, columns, size)
    taken = end - begin
    if left_out > 0 and taken < fitting:
        line = QRectF(box.x() + 12, box.y() + taken * row, box.width() - 24, row)
        canvas.text(line, tr("and {n} more", n=left_out), 25, "quiet", middle=True, elide=True)
        taken += 1
    return taken * row


def _count(check: Check, *, filling: bool) -> str:
    """Return how far a line is, or how many it is about where nothing fills."""
    if not check.total or check.amount:
        return check.amount
    return f"{check.done} / {check.total}" if filling else str(check.total)


@dataclass(frozen=True, slots=True)
class _Columns:
    """What stands before and behind the words of every row of a list."""

    counts: float
    numbered: bool
    pictured: bool
    ticks: bool

    def words(self, box: QRectF, check: Check) -> QRectF:
        """Return what a row leaves its words."""
        left = 12 + (_NUMBER if self.numbered else 0.0) + (box.height() + 4 if self.pictured else 0.0)
        right = 12 + (_TICK + 12 if self.ticks else 0.0) + (self.counts + 10 if check.total or check.amount else 0.0)
        return box.adjusted(left, 3, -right, -3)


def _row(canvas: Canvas, box: QRectF, check: Check, columns: _Columns, size: int) -> None:
    done = columns.ticks and bool(check.total) and check.done >= check.total
    if check.current:
        canvas.card(box.adjusted(0, 1, 0, -1), "accent_tint", canvas.theme.outline and "accent", width=3)
    left, right = box.x() + 12, box.right() - 12
    words = columns.words(box, check)
    quiet = done and not check.current
    hue = "quiet" if quiet else "ink"
    if columns.numbered:
        canvas.text(QRectF(left, box.y(), 26, box.height()), check.number, 25, "quiet", middle=True)
        left += _NUMBER
    if columns.pictured and has_picture(check.picture):
        side = box.height() - 10
        picture(canvas, QRectF(left, box.y() + 5, side, side), check.picture, framed=False)
    if columns.ticks:
        spot = QRectF(right - _TICK, box.center().y() - _TICK / 2, _TICK, _TICK)
        if done:
            outcome(canvas, spot, Outcome.ACCEPT)
        elif check.total:
            mark(canvas, spot, Mark.LATER)
    if check.total or check.amount:
        area = QRectF(words.right() + 10, box.y(), columns.counts, box.height())
        said = _count(check, filling=columns.ticks)
        canvas.text(area, said, 25, hue, bold=not quiet, at=END, middle=True)
    if check.detail:
        half = box.center().y() + 2
        upper = QRectF(words.x(), max(box.y(), half - 34), words.width(), min(34.0, half - box.y()))
        lower = QRectF(words.x(), half, words.width(), min(28.0, box.bottom() - half))
        canvas.text(upper, check.words, 25, hue, bold=check.current, elide=True)
        canvas.text(lower, check.detail, 18, "quiet", elide=True)
    else:
        canvas.text(words, check.words, size, hue, bold=check.current, lines=2, middle=True, smallest=20, elide=True)
