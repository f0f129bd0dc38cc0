"""The panel beside the prompt: the cart with its slots, a list that fills, or quiet facts."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from desktop.languages import isolated
from desktop.screens import Check, Fact, Outcome, Screen, Slot
from desktop.theme import LIGHT, SLOT_STICKERS, Theme
from desktop.widgets.paint import canvas, card, fitting, outcome_icon, text, upright


class ContextPanel(QWidget):
    """At most a third of the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._theme = LIGHT
        self._screen = Screen(prompt="")

    def show_screen(self, theme: Theme, screen: Screen) -> None:
        """Show what belongs beside a prompt."""
        self._theme, self._screen = theme, screen
        words = [f"{c.words} {c.done}/{c.total}" for c in screen.checks] + [f"{f.name} {f.value}" for f in screen.facts]
        self.setAccessibleName("; ".join(words))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint slots, then checks, then facts, as far as there is room."""
        painter = canvas(self)
        painter.fillRect(self.rect(), self._theme.colour("ground"))
        top = 18.0
        if self._screen.slots:
            top = self._cart(painter, top, self._screen.slots)
        if self._screen.checks:
            top = self._checks(painter, top, self._screen.checks)
        for fact in self._screen.facts:
            top = self._fact(painter, top, fact)
        painter.end()

    def _cart(self, painter: QPainter, top: float, slots: tuple[Slot, ...]) -> float:
        width = self.width() - 36
        columns = 3 if len(slots) > 2 else max(1, len(slots))
        rows = (len(slots) + columns - 1) // columns
        cell = min(width / columns, 150.0)
        high = min(cell * 0.82, (self.height() - top - 60) / max(1, rows))
        frame = QRectF(18, top, width, rows * (high + 10) + 16)
        with upright(painter, frame):
            self._shelves(painter, frame, slots, columns, high)
        return frame.bottom() + 36

    def _shelves(self, painter: QPainter, frame: QRectF, slots: tuple[Slot, ...], columns: int, high: float) -> None:
        theme, width, top = self._theme, frame.width(), frame.top()
        painter.setPen(QPen(theme.colour("edge"), 2))
        painter.setBrush(theme.colour("raised"))
        painter.drawRoundedRect(frame, 10, 10)
        for n, slot in enumerate(slots):
            row, column = divmod(n, columns)
            box = QRectF(
                18 + 8 + column * ((width - 16) / columns),
                top + 8 + row * (high + 10),
                (width - 16) / columns - 8,
                high,
            )
            self._tote(painter, box, slot)
        wheels = frame.bottom() + 8
        painter.setBrush(theme.colour("edge"))
        painter.setPen(Qt.PenStyle.NoPen)
        for x in (frame.left() + 30, frame.right() - 30):
            painter.drawEllipse(QRectF(x - 8, wheels - 8, 16, 16))

    def _tote(self, painter: QPainter, box: QRectF, slot: Slot) -> None:
        theme = self._theme
        card(painter, box, theme.colour("accent" if slot.target else "surface"), theme.colour("edge"))
        ink = theme.colour("on_accent" if slot.target else "ink")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(SLOT_STICKERS[(slot.number - 1) % len(SLOT_STICKERS)]))
        painter.drawRoundedRect(QRectF(box.x() + 8, box.y() + 8, 10, box.height() - 16), 3, 3)
        text(painter, box.adjusted(26, 4, -6, 0), str(slot.number), 36, ink, bold=True)
        text(
            painter,
            QRectF(box.x() + 26, box.bottom() - 28, box.width() - 34, 24),
            f"{slot.done} / {slot.total}",
            18,
            ink,
        )

    def _checks(self, painter: QPainter, top: float, checks: tuple[Check, ...]) -> float:
        theme, width = self._theme, self.width() - 36
        high = 62.0
        room = int((self.height() - top - 10) // (high + 6))
        first = next((n for n, each in enumerate(checks) if each.current), 0)
        begin = max(0, min(first - room // 2, len(checks) - room))
        for each in checks[begin : begin + room]:
            box = QRectF(18, top, width, high)
            card(
                painter,
                box,
                theme.colour("accent_tint" if each.current else "raised"),
                theme.colour("accent" if each.current else "hairline"),
            )
            count = isolated(f"{each.done} / {each.total}") if each.total else ""
            room_for = width - 150
            size = fitting(each.words, room_for, 25, bold=each.current)
            text(
                painter,
                QRectF(box.x() + 14, top + 6, room_for, 30),
                each.words,
                size,
                theme.colour("ink"),
                bold=each.current,
            )
            text(painter, QRectF(box.x() + 14, top + 35, room_for, 24), each.detail, 18, theme.colour("quiet"))
            text(
                painter,
                QRectF(box.right() - 130, top + 16, 84, 30),
                count,
                25,
                theme.colour("ink"),
                align=Qt.AlignmentFlag.AlignRight,
            )
            if each.total and each.done >= each.total:
                outcome_icon(painter, QRectF(box.right() - 38, top + 18, 26, 26), Outcome.ACCEPT, theme)
            top += high + 6
        return top

    def _fact(self, painter: QPainter, top: float, fact: Fact) -> float:
        theme, width = self._theme, self.width() - 36
        if top > self.height() - 40:
            return top
        text(painter, QRectF(18, top + 4, width * 0.5, 26), fact.name, 18, theme.colour("quiet"))
        size = fitting(fact.value, width * 0.5, 25)
        text(
            painter,
            QRectF(18 + width * 0.5, top, width * 0.5, 32),
            fact.value,
            size,
            theme.colour("ink"),
            bold=True,
            align=Qt.AlignmentFlag.AlignRight,
        )
        return top + 40
