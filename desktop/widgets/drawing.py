"""A widget that is painted from one frozen value: what all of ours are."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSizeF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.theme import LIGHT, Theme
from desktop.widgets.paint import Canvas, Drawn

if TYPE_CHECKING:
    _Widget = QWidget
else:
    # Qt's classes cannot be mixed with each other: only the type checker takes this for a widget of its own.
    _Widget = object


class _Painted(_Widget):
    """What paints itself; `dress` says in which colours and how large. Mixed into widgets of two kinds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.zoom = 1.0
        self.stale = True
        self.drawn: tuple[Drawn, ...] = ()
        """The texts of the last painting, for the test that looks whether all of them fit."""

    def dress(self, theme: Theme, zoom: float) -> None:
        """Take a theme and a size."""
        self.theme, self.zoom = theme, zoom
        self.update()

    def paint(self, canvas: Canvas) -> None:
        """Paint everything."""
        raise NotImplementedError

    def update(self) -> None:  # type: ignore[override]
        """Remember that something else is to be shown."""
        self.stale = True
        super().update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint in design pixels."""
        self.stale = False
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.scale(self.zoom, self.zoom)
        size = QSizeF(self.width() / self.zoom, self.height() / self.zoom)
        canvas = Canvas(painter, self.theme, size, rtl=self.isRightToLeft())
        try:
            self.paint(canvas)
        finally:
            # A painter that is still at work when its widget goes takes the program with it.
            painter.end()
        self.drawn = tuple(canvas.drawn)


class Drawing(_Painted, QWidget):
    """One that is only looked at."""

    def set_high(self, pixels: float) -> None:
        """Take a height in design pixels."""
        self.setFixedHeight(round(pixels * self.zoom))


class DrawnButton(_Painted, QPushButton):
    """One that is pressed."""
