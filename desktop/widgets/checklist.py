"""A list that fills by scanning: number, words, count and a tick; the current line is lit and always in view."""

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
    for n, each in enumerate(checks[begin:end]):
        line = QRectF(box.x(), box.y() + n * row, box.width(), row)
        _row(canvas, line, each, counts, numbered=numbered, pictured=pictured, ticks=ticks)
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


def _row(
    canvas: Canvas, box: QRectF, check: Check, counts: float, *, numbered: bool, pictured: bool, ticks: bool
) -> None:
    done = ticks and bool(check.total) and check.done >= check.total
    if check.current:
        canvas.card(box.adjusted(0, 1, 0, -1), "accent_tint", canvas.theme.outline and "accent", width=3)
    left, right = box.x() + 12, box.right() - 12
    quiet = done and not check.current
    if numbered:
        canvas.text(QRectF(left, box.y(), 26, box.height()), check.number, 25, "quiet", middle=True)
        left += 38
    if pictured:
        if has_picture(check.picture):
            picture(
                canvas, QRectF(left, box.y() + 5, box.height() - 10, box.height() - 10), check.picture, framed=False
            )
        left += box.height() + 4
    if ticks:
        right -= _TICK
        spot = QRectF(right, box.center().y() - _TICK / 2, _TICK, _TICK)
        if done:
            outcome(canvas, spot, Outcome.ACCEPT)
        elif check.total:
            mark(canvas, spot, Mark.LATER)
        right -= 12
    if check.total:
        area = QRectF(right - counts, box.y(), counts, box.height())
        hue = "quiet" if quiet else "ink"
        canvas.text(area, _count(check, filling=ticks), 25, hue, bold=not quiet, at=END, middle=True)
        right -= counts + 10
    words = QRectF(left, box.y() + 3, right - left, box.height() - 6)
    hue = "quiet" if quiet else "ink"
    if check.detail:
        half = box.center().y() + 2
        upper = QRectF(words.x(), max(box.y(), half - 34), words.width(), min(34.0, half - box.y()))
        lower = QRectF(words.x(), half, words.width(), min(28.0, box.bottom() - half))
        canvas.text(upper, check.words, 25, hue, bold=check.current, elide=True)
        canvas.text(lower, check.detail, 18, "quiet", elide=True)
    else:
        canvas.text(words, check.words, 25, hue, bold=check.current, lines=2, middle=True, smallest=20, elide=True)
