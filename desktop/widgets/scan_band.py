"""The last scan: outcome as icon, what it meant, what was read."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.screens import Band, Outcome
from desktop.theme import LIGHT, Theme, unit
from desktop.widgets.paint import canvas, fitting, outcome_icon, text

_TINT = {
    Outcome.ACCEPT: "accept_tint",
    Outcome.CAUTION: "caution_tint",
    Outcome.REFUSE: "caution_tint",
    Outcome.INFO: "info_tint",
}


class ScanBand(QWidget):
    """One line over the keys."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._theme = LIGHT
        self._band: Band | None = None
        self.setFixedHeight(6 * unit())

    def show_band(self, theme: Theme, band: Band | None) -> None:
        """Show the last scan; None for none."""
        self._theme, self._band = theme, band
        self.setAccessibleName("" if band is None else f"{band.outcome}: {band.words} {band.got}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint icon, words and code."""
        painter = canvas(self)
        theme, band = self._theme, self._band
        painter.fillRect(self.rect(), theme.colour("ground" if band is None else _TINT[band.outcome]))
        painter.fillRect(QRectF(0, 0, self.width(), 1), theme.colour("hairline"))
        if band is not None:
            middle = self.height() / 2
            outcome_icon(painter, QRectF(18, middle - 14, 28, 28), band.outcome, theme)
            width = self.width() - 80
            size = fitting(band.words, width * 0.66, 25, bold=True)
            text(
                painter,
                QRectF(60, middle - size * 0.65, width * 0.66, 40),
                band.words,
                size,
                theme.colour("ink"),
                bold=True,
            )
            box = QRectF(60 + width * 0.66, middle - 12, width * 0.34, 30)
            text(painter, box, band.got, 18, theme.colour("quiet"), align=Qt.AlignmentFlag.AlignRight)
        painter.end()
