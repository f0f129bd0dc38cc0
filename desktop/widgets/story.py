"""A story: the stages with their times, and below them a line of events with who, where and what was scanned."""

from PySide6.QtCore import QPointF, QRectF

from desktop.screens import Outcome
from desktop.storyline import Story, StoryRow, StoryStep, Weight
from desktop.widgets.icons import glyph, outcome
from desktop.widgets.paint import END, Canvas, width_of
from desktop.widgets.pictures import has_picture, picture

_STEPS = 62.0
_TALLEST, _LEAST = 54.0, 24.5
_ALONE = 134.0
"""A row that stands alone tells all it has to say."""
_LINE, _TIGHT = 26.0, 8.0
_DOT = 32.0
_GAP = 18.0
_WIDE = 4 / 3
"""A picture's room, its width to its height."""
_WORDS = 0.44
"""The least share of a row that its words have; where three columns leave less, who stands below what was done."""
_FACTS = 0.5


def draw_story(canvas: Canvas, box: QRectF, story: Story) -> None:
    """Draw a story into a box; the rows share its height."""
    top = box.y()
    if story.steps:
        _steps(canvas, QRectF(box.x(), top, box.width(), _STEPS), story.steps)
        top += _STEPS + 6
    if not story.rows:
        canvas.text(QRectF(box.x(), top, box.width(), 80), story.empty, 25, "quiet", lines=2)
        return
    pictures = any(each.picture for each in story.rows)
    tallest = _TALLEST if len(story.rows) > 1 and not pictures else _ALONE
    high = max(_LEAST, min(tallest, (box.bottom() - top) / len(story.rows)))
    times = max(width_of(each.time, 20, bold=False) for each in story.rows) + 6
    left = box.x() + times + 2 * _GAP + _DOT
    if story.steps:
        canvas.fill(QRectF(left - _GAP - _DOT / 2 - 1, top + high / 2, 2, high * (len(story.rows) - 1)), "hairline")
    # Pictures stand below each other at the end of the rows.
    side = high - _TIGHT if pictures else 0.0
    room = box.right() - left - (side * _WIDE + _GAP if pictures else 0.0)
    facts = min(room * _FACTS, max(width_of(each.facts, 20, bold=False) for each in story.rows) + 4)
    who = max(width_of(each.who, 20, bold=False) for each in story.rows) + 4
    if room - facts - who - 2 * _GAP < room * _WORDS:
        who = 0.0
    for n, row in enumerate(story.rows):
        area = QRectF(box.x(), top + n * high, box.width(), high)
        canvas.text(QRectF(area.x(), area.y(), times, high), row.time, 20, "quiet", middle=True)
        _dot(canvas, QRectF(left - _GAP - _DOT, area.center().y() - _DOT / 2, _DOT, _DOT), row.weight)
        _row(canvas, QRectF(left, area.y(), room, high), row, who, facts)
        if has_picture(row.picture):
            spot = QRectF(box.right() - side * _WIDE, area.y() + _TIGHT / 2, side * _WIDE, side)
            picture(canvas, spot, row.picture, framed=False)


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


def _row(canvas: Canvas, box: QRectF, row: StoryRow, who: float, facts: float) -> None:
    """Write one event: what was done, who, what was scanned; without a column for who, that stands below what was done."""
    loud = row.weight in (Weight.TROUBLE, Weight.LAST)
    last = QRectF(box.right() - facts, box.y(), facts, box.height())
    lines = max(1, int((box.height() + _TIGHT) / _LINE))
    canvas.text(last, row.facts, 20, at=END, middle=True, lines=lines, elide=True)
    room = box.width() - (facts + _GAP if row.facts or who else 0.0)
    if who:
        room -= who + _GAP
        beside = QRectF(box.x() + room + _GAP, box.y(), who, box.height())
        canvas.text(beside, row.who, 20, "quiet", middle=True)
    words = QRectF(box.x(), box.y(), room, box.height())
    size = 25 if box.height() >= _ALONE / 2 else 20
    if row.who and not who:
        words.setHeight(box.height() / 2)
        canvas.text(words.translated(0, box.height() / 2), row.who, 18, "quiet", elide=True)
        lines = 1
    canvas.text(words, row.words, size, bold=loud, middle=True, lines=lines, elide=True)


def _dot(canvas: Canvas, box: QRectF, weight: Weight) -> None:
    if weight is Weight.TROUBLE:
        outcome(canvas, box.adjusted(5, 5, -5, -5), Outcome.CAUTION)
        return
    hue, radius = {Weight.QUIET: ("edge", 6.0), Weight.LAST: ("accent", 9.0)}.get(weight, ("ink", 6.0))
    canvas.dot(QPointF(box.center()), radius, hue)
