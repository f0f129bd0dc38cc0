"""A widget that is painted from one frozen value: what all of ours are."""

from collections.abc import Callable

from PySide6.QtCore import QSizeF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.theme import LIGHT, Theme
from desktop.widgets.paint import Canvas, Drawn


def painted(widget: QWidget, theme: Theme, zoom: float, paint: Callable[[Canvas], None]) -> tuple[Drawn, ...]:
    """Paint a widget in design pixels and return the texts that were drawn."""
    painter = QPainter(widget)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    painter.scale(zoom, zoom)
    size = QSizeF(widget.width() / zoom, widget.height() / zoom)
    canvas = Canvas(painter, theme, size, rtl=widget.isRightToLeft())
    try:
        paint(canvas)
    finally:
        # A painter that is still at work when its widget goes takes the program with it.
        painter.end()
    return tuple(canvas.drawn)


class Drawing(QWidget):
    """Paints itself; `dress` says in which colours and how large."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.zoom = 1.0
        self.stale = True
        self.drawn: tuple[Drawn, ...] = ()

    def dress(self, theme: Theme, zoom: float) -> None:
        """Take a theme and a size."""
        self.theme, self.zoom = theme, zoom
        self.update()

    def set_high(self, pixels: float) -> None:
        """Take a height in design pixels."""
        self.setFixedHeight(round(pixels * self.zoom))

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
        self.drawn = painted(self, self.theme, self.zoom, self.paint)


class DrawnButton(QPushButton):
    """A button that is painted the same way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.zoom = 1.0
        self.stale = True
        self.drawn: tuple[Drawn, ...] = ()

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
        self.drawn = painted(self, self.theme, self.zoom, self.paint)
