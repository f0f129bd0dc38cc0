"""Lines of Arabic: their face asks for twice the height its letters take, so lines are set here by size, not by face."""

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QTextLayout, QTextOption

_LINE = 1.35
"""Height of a line, by its type size."""
_BASELINE = 1.0
"""How far below a line's top its letters stand, by their type size."""


@lru_cache(maxsize=8192)
def is_arabic(words: str) -> bool:
    """Return whether a text has Arabic letters or marks."""
    return any("\u0600" <= each <= "\u06ff" for each in words)


def arabic_size(font: QFont, words: str, width: float) -> tuple[float, float, int]:
    """Return width, height and lines of a text set into a width."""
    layout = _laid_out(font, words, width, from_right=True)
    count = layout.lineCount()
    wide = max((layout.lineAt(n).naturalTextWidth() for n in range(count)), default=0.0)
    return wide, count * font.pixelSize() * _LINE, count


def draw_arabic(
    painter: QPainter, box: QRectF, font: QFont, words: str, side: Qt.AlignmentFlag, *, from_right: bool, wrap: bool
) -> None:
    """Draw a text into a box from its top.

    Args:
        painter: with its pen set.
        box: where it stands on the screen.
        font: its face.
        words: what it says.
        side: which side of the box it stands at, as seen.
        from_right: whether it begins at the right.
        wrap: whether it may take several lines.
    """
    layout = _laid_out(font, words, box.width() if wrap else 100_000.0, from_right=from_right)
    for n in range(layout.lineCount()):
        line = layout.lineAt(n)
        room = box.width() - line.naturalTextWidth()
        left = {Qt.AlignmentFlag.AlignRight: room, Qt.AlignmentFlag.AlignHCenter: room / 2}.get(side, 0.0)
        top = (n * _LINE + _BASELINE) * font.pixelSize() - line.ascent()
        line.draw(painter, box.topLeft() + QPointF(left, top) - line.position())


def _laid_out(font: QFont, words: str, width: float, *, from_right: bool) -> QTextLayout:
    option = QTextOption(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute)
    option.setTextDirection(Qt.LayoutDirection.RightToLeft if from_right else Qt.LayoutDirection.LeftToRight)
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    layout = QTextLayout(words.replace("\n", "\u2028"), font)
    layout.setTextOption(option)
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
    layout.endLayout()
    return layout
