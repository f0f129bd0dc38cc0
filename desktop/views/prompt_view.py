"""The prompt: one order to the operator, the largest thing on the screen, and what proves it right."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.screens import Screen
from desktop.theme import LIGHT, Theme, font
from desktop.widgets.paint import canvas, card, fitting, text


class PromptView(QWidget):
    """Verb and object, then the hero, then the quantity."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._theme = LIGHT
        self._screen = Screen(prompt="")

    def show_screen(self, theme: Theme, screen: Screen) -> None:
        """Show a screen's prompt."""
        self._theme, self._screen = theme, screen
        parts = (screen.prompt, screen.hero, screen.lead, screen.quantity, screen.support, screen.detail)
        self.setAccessibleName(" ".join(filter(None, parts)))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        painter = canvas(self)
        theme, screen = self._theme, self._screen
        painter.fillRect(self.rect(), theme.colour("surface"))
        left, width, height = 36.0, self.width() - 72.0, float(self.height())
        top = self._loud(painter, left, width)
        small = height < 460
        prompt = fitting(screen.prompt, width, 50 if screen.hero else 72, smallest=25)
        top += text(
            painter, QRectF(left, top, width, height), screen.prompt, prompt, theme.colour("ink"), bold=True, wrap=True
        )
        if screen.hero:
            largest = 102 if small else 204
            size = fitting(screen.hero, width, largest)
            roomy = height >= 520
            size = min(size, largest if roomy or not screen.quantity else 144)
            top += text(painter, QRectF(left, top, width, height), screen.hero, size, theme.colour("ink"), bold=True)
        if screen.quantity or screen.support:
            top = self._quantity(painter, left, top + (8 if small else 18), width)
        if screen.detail:
            text(
                painter,
                QRectF(left, top + 12, width, height - top),
                screen.detail,
                25,
                theme.colour("quiet"),
                wrap=True,
            )
        painter.end()

    def _loud(self, painter: QPainter, left: float, width: float) -> float:
        """Paint the slab of a parcel that must not go; return where the rest begins."""
        if not self._screen.loud:
            return 24.0
        box = QRectF(left - 18, 18, width + 36, 130)
        card(painter, box, self._theme.colour("stop"), None)
        text(
            painter,
            box.adjusted(24, 16, -24, -8),
            self._screen.loud,
            36,
            self._theme.colour("on_stop"),
            bold=True,
            wrap=True,
        )
        return 166.0

    def _quantity(self, painter: QPainter, left: float, top: float, width: float) -> float:
        """Paint the block of ink with the digits reversed, and the words beside it."""
        theme, screen = self._theme, self._screen
        if screen.lead:
            top += text(painter, QRectF(left, top, width, 40), screen.lead, 25, theme.colour("quiet")) + 8
        if screen.quantity:
            digits = QFontMetricsF(font(72, bold=True)).horizontalAdvance(screen.quantity)
            block = QRectF(left, top, digits + 40, 92)
            single = screen.quantity == "1"
            card(
                painter,
                block,
                theme.colour("accent_tint" if single else "block"),
                theme.colour("edge") if single else None,
            )
            ink = theme.colour("ink" if single else "on_block")
            text(painter, block.adjusted(20, 2, 0, 0), screen.quantity, 72, ink, bold=True)
            left, width = left + block.width() + 24, width - block.width() - 24
        size = fitting(screen.support, width, 50, bold=False, smallest=25)
        text(
            painter,
            QRectF(left, top + (92 - size * 1.2) / 2, width, 140),
            screen.support,
            size,
            theme.colour("ink"),
            wrap=True,
        )
        return top + 104
