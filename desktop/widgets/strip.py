"""The strip on top: who works here, how far the work is, how the devices are; its lower edge is the progress."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.theme import LIGHT, Theme, unit
from desktop.widgets.paint import canvas, text


class Strip(QWidget):
    """Quiet until something matters."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._theme = LIGHT
        self._words = ("", "", "")
        self._progress = 0
        self.setFixedHeight(5 * unit())

    def show_words(self, theme: Theme, who: str, middle: str, devices: str, progress: int) -> None:
        """Show operator and station, the work's name, the devices, and progress in per mille."""
        self._theme, self._words, self._progress = theme, (who, middle, devices), progress
        self.setAccessibleName(", ".join(filter(None, self._words)))
        self.update()

    def sizeHint(self) -> QSize:
        """Return a strip's size."""
        return QSize(600, 5 * unit())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint three parts and the edge."""
        painter = canvas(self)
        theme, width, height = self._theme, self.width(), self.height()
        painter.fillRect(self.rect(), theme.colour("ground"))
        third = (width - 36) / 3
        aligns = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        for n, (words, align) in enumerate(zip(self._words, aligns, strict=True)):
            box = QRectF(18 + n * third, (height - 24) / 2, third, 24)
            text(painter, box, words, 18, theme.colour("ink" if n == 1 else "quiet"), bold=n == 1, align=align)
        painter.fillRect(QRectF(0, height - 1, width, 1), theme.colour("hairline"))
        if self._progress:
            painter.fillRect(QRectF(0, height - 4, width * self._progress / 1000, 4), theme.colour("accent"))
        painter.end()
