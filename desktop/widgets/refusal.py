"""The refusal: it fills the window until the next correct scan or one key."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.languages import tr
from desktop.screens import Outcome, Stop
from desktop.theme import LIGHT, Theme
from desktop.widgets.paint import canvas, card, fitting, outcome_icon, text


class RefusalPanel(QWidget):
    """Edge to edge."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._theme = LIGHT
        self._stop = Stop("", "", "", "", "")

    def show_stop(self, theme: Theme, stop: Stop) -> None:
        """Show a refusal."""
        self._theme, self._stop = theme, stop
        self.setAccessibleName(f"{stop.title}. {stop.rest}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint what was expected, what was got and what to do."""
        painter = canvas(self)
        theme, stop = self._theme, self._stop
        width, height = self.width(), self.height()
        painter.fillRect(self.rect(), theme.colour("stop"))
        white = theme.colour("on_stop")
        icon = min(120.0, height * 0.18)
        outcome_icon(painter, QRectF(48, 40, icon, icon), Outcome.REFUSE, theme, on_stop=True)
        left = 48 + icon + 36
        room = width - left - 48
        size = fitting(stop.title, room, 72)
        used = text(painter, QRectF(left, 36, room, 200), stop.title, size, white, bold=True, wrap=True)
        text(painter, QRectF(left, 40 + used, room, 120), stop.rest, 36, white, wrap=True)
        top = max(64 + icon, 40 + used + 110)
        cards = [(tr("Expected"), stop.expected), (tr("You scanned"), stop.got)]
        shown = [each for each in cards if each[1]]
        each_width = (width - 96 - 24 * (len(shown) - 1)) / max(1, len(shown))
        bottom = height - 110
        for n, (name, value) in enumerate(shown):
            box = QRectF(48 + n * (each_width + 24), top, each_width, max(120.0, bottom - top))
            card(painter, box, theme.colour("surface"), None)
            text(painter, box.adjusted(24, 20, -24, 0), name, 25, theme.colour("quiet"))
            big = fitting(value, each_width - 48, 72)
            text(painter, box.adjusted(24, 64, -24, -12), value, big, theme.colour("ink"), bold=True, wrap=True)
        foot = stop.dropped or tr("Scan the right one, or press Esc.")
        text(
            painter,
            QRectF(48, height - 80, width - 96, 60),
            foot,
            36 if stop.dropped else 25,
            white,
            bold=bool(stop.dropped),
        )
        painter.end()
