"""The row under the strip of a station that shares its site: how the line to the hub is, in an icon and words."""

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from desktop.languages import plain
from desktop.screens import Line, Outcome
from desktop.theme import Theme
from desktop.widgets.drawing import Drawing
from desktop.widgets.icons import glyph, outcome
from desktop.widgets.paint import Canvas, width_of

HIGH = 33
_ICON = 20.0
_BETWEEN = "   ·   "


class LineRow(Drawing):
    """A fact, not an alarm: quiet while all is well, on a tint of its own while it is not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Take no room: a station that is alone has no line."""
        super().__init__(parent)
        self._line: Line | None = None
        self.set_high(HIGH)
        self.hide()

    def dress(self, theme: Theme, zoom: float) -> None:
        """Take a theme and a size."""
        super().dress(theme, zoom)
        self.set_high(HIGH)

    def show_line(self, line: Line | None) -> None:
        """Show how the line is; None for a station that has none."""
        if line == self._line:
            return
        self._line = line
        self.setAccessibleName("" if line is None else plain(", ".join((line.words, *line.facts))))
        self.setVisible(line is not None)
        self.update()

    def paint(self, canvas: Canvas) -> None:
        """Paint an icon, how it is, and what follows from it."""
        line = self._line
        well = line is None or line.outcome is Outcome.ACCEPT
        canvas.fill(
            canvas.box, "ground" if well else "info_tint" if line and line.outcome is Outcome.INFO else "caution_tint"
        )
        canvas.rule(0, canvas.height - 1, canvas.width)
        if line is None:
            return
        box = QRectF(18, (canvas.height - _ICON) / 2, _ICON, _ICON)
        if well:
            glyph(canvas, box, "hub")
        else:
            outcome(canvas, box, line.outcome)
        left, room = 18 + _ICON + 10, canvas.width - 36
        wide = min(width_of(line.words, 18, bold=not well) + 2, room - left)
        hue = "quiet" if well else "ink"
        canvas.text(QRectF(left, 0, wide, canvas.height), line.words, 18, hue, bold=not well, middle=True, elide=True)
        left += wide
        for fact in line.facts:
            words = _BETWEEN + fact
            wide = width_of(words, 18, bold=False) + 2
            if left + wide > room + 18:
                # What is not said in full is not said: the first says most.
                return
            canvas.text(QRectF(left, 0, wide, canvas.height), words, 18, hue, middle=True)
            left += wide
