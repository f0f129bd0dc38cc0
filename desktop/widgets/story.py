"""A story: the stages with their times, and below them a line of events with who, where and what was scanned."""

from PySide6.QtCore import QPointF, QRectF

from desktop.screens import Outcome
from desktop.storyline import Story, StoryRow, StoryStep, Weight
from desktop.widgets.icons import glyph, outcome
from desktop.widgets.paint import END, Canvas, width_of

_STEPS = 62.0
_TALLEST, _LEAST = 54.0, 24.5
_TWO_LINES = 44.0
_DOT = 32.0
_GAP = 18.0
_COLUMNS = 640.0
"""Less room than this, and who stands below what was done."""


def draw_story(canvas: Canvas, box: QRectF, story: Story) -> None:
    """Draw a story into a box; the rows share its height."""
    top = box.y()
    if story.steps:
        _steps(canvas, QRectF(box.x(), top, box.width(), _STEPS), story.steps)
        top += _STEPS + 6
    if not story.rows:
        canvas.text(QRectF(box.x(), top, box.width(), 80), story.empty, 25, "quiet", lines=2)
        return
    high = max(_LEAST, min(_TALLEST, (box.bottom() - top) / len(story.rows)))
    times = max(width_of(each.time, 20, bold=False) for each in story.rows) + 6
    spine = box.x() + times + _GAP + _DOT / 2
    length = high * (len(story.rows) - 1)
    if story.steps and length:
        canvas.fill(QRectF(spine - 1, top + high / 2, 2, length), "hairline")
    for n, row in enumerate(story.rows):
        _row(canvas, QRectF(box.x(), top + n * high, box.width(), high), row, times, story.shares)


def _steps(canvas: Canvas, box: QRectF, steps: tuple[StoryStep, ...]) -> None:
    canvas.rule(box.x(), box.y(), box.width())
    each = (box.width() - _DOT * (len(steps) - 1)) / len(steps)
    for n, step in enumerate(steps):
        left = box.x() + n * (each + _DOT)
        hue = "ink" if step.now or step.time else "quiet"
        canvas.text(QRectF(left, box.y() + 6, each, 26), step.words, 18, hue, bold=step.now, elide=True)
        canvas.text(QRectF(left, box.y() + 30, each, 30), step.time, 20, hue, bold=step.now)
        if n:
            glyph(canvas, QRectF(left - _DOT + 2, box.y() + 22, 20, 20), "back" if canvas.rtl else "go")


def _row(canvas: Canvas, box: QRectF, row: StoryRow, times: float, shares: tuple[float, float]) -> None:
    """Write one event: in columns where there is room for three, else who stands below what was done."""
    canvas.text(QRectF(box.x(), box.y(), times, box.height()), row.time, 20, "quiet", middle=True)
    spot = QRectF(box.x() + times + _GAP, box.center().y() - _DOT / 2, _DOT, _DOT)
    _dot(canvas, spot, row.weight)
    left = spot.right() + _GAP
    room, (for_words, for_who) = box.right() - left, shares
    loud = row.weight in (Weight.TROUBLE, Weight.LAST)
    facts = min(
        width_of(row.facts, 20, bold=False) + 4, room * (1 - for_words if room < _COLUMNS else 1 - for_words - for_who)
    )
    canvas.text(QRectF(box.right() - facts, box.y(), facts, box.height()), row.facts, 20, at=END, middle=True, lines=2)
    words = QRectF(left, box.y(), room - facts - _GAP, box.height())
    if room < _COLUMNS and row.who:
        half = box.height() / 2
        canvas.text(QRectF(left, box.y(), words.width(), half), row.words, 20, bold=loud, middle=True, elide=True)
        canvas.text(QRectF(left, box.y() + half, words.width(), half), row.who, 18, "quiet", middle=True, elide=True)
        return
    if row.who:
        words.setWidth(room * for_words - _GAP)
        who = QRectF(left + room * for_words, box.y(), room * for_who - _GAP, box.height())
        canvas.text(who, row.who, 20, "quiet", middle=True, elide=True)
    lines = 2 if box.height() >= _TWO_LINES else 1
    canvas.text(words, row.words, 20, bold=loud, middle=True, lines=lines, elide=True)


def _dot(canvas: Canvas, box: QRectF, weight: Weight) -> None:
    if weight is Weight.TROUBLE:
        outcome(canvas, box.adjusted(5, 5, -5, -5), Outcome.CAUTION)
        return
    hue, radius = {Weight.QUIET: ("edge", 6.0), Weight.LAST: ("accent", 9.0)}.get(weight, ("ink", 6.0))
    canvas.dot(QPointF(box.center()), radius, hue)
