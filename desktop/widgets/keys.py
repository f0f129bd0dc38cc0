"""The F keys, the same everywhere: key name above its word; one that makes no sense now is flat and quiet."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from desktop.messages import key_words
from desktop.theme import LIGHT, Theme, unit
from desktop.widgets.paint import canvas, card, fitting, text

KEYS = (
    ("F2", "SHORT"), ("F3", "DAMAGED"), ("F4", "FULL"), ("F5", "REPRINT"),
    ("F6", "SKIP"), ("F7", "WEIGH"), ("F8", "UNDO"), ("F9", "CALL"),
)  # fmt: skip
"""Key and verb."""


class Key(QPushButton):
    """One key, drawn; pressed by finger, mouse or keyboard."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Show a key."""
        super().__init__(parent)
        self._name, self._word, self._theme, self._primary = name, "", LIGHT, False
        self.setMinimumHeight(8 * unit())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def dress(self, theme: Theme, word: str, *, enabled: bool, primary: bool = False) -> None:
        """Take a theme and the word of the language that is spoken; a disabled key is flat."""
        self._theme, self._word, self._primary = theme, word, primary
        self.setAccessibleName(f"{word} {self._name}")
        self.setEnabled(enabled)
        self.update()

    def sizeHint(self) -> QSize:
        """Return a key's size."""
        return QSize(110, 8 * unit())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Press without taking the focus away."""
        super().mousePressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the key."""
        painter = canvas(self)
        theme = self._theme
        box = QRectF(1, 1, self.width() - 2, self.height() - 4)
        ink, quiet = theme.colour("ink"), theme.colour("quiet")
        if self.isEnabled():
            card(painter, box.translated(0, 2), theme.colour("edge"), None)
            card(painter, box, theme.colour("accent" if self._primary else "raised"), theme.colour("edge"))
            if self._primary:
                ink = quiet = theme.colour("on_accent")
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            pen = painter.pen()
            pen.setColor(theme.colour("accent"))
            pen.setWidth(3)
            painter.setPen(pen)
            painter.drawRoundedRect(box.adjusted(2, 2, -2, -2), 8, 8)
        centre = Qt.AlignmentFlag.AlignHCenter
        text(painter, QRectF(0, self.height() * 0.14, self.width(), 24), self._name, 18, quiet, align=centre)
        size = fitting(self._word, self.width() - 12, 25)
        colour = ink if self.isEnabled() else theme.colour("quiet")
        text(
            painter,
            QRectF(0, self.height() * 0.46, self.width(), 40),
            self._word,
            size,
            colour,
            bold=self.isEnabled(),
            align=centre,
        )
        painter.end()


class KeyRow(QWidget):
    """The row of keys.

    Signals:
        pressed: a verb.
    """

    pressed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Lay the keys out in their groups."""
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 9, 18, 9)
        row.setSpacing(unit())
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._keys: dict[str, Key] = {}
        for name, verb in KEYS:
            key = Key(name, self)
            key.clicked.connect(lambda _checked=False, verb=verb: self.pressed.emit(verb))
            if name in ("F5", "F9"):
                row.addSpacing(unit())
            row.addWidget(key, 1)
            self._keys[verb] = key

    def show_keys(self, theme: Theme, enabled: frozenset[str]) -> None:
        """Say which keys make sense now."""
        for verb, key in self._keys.items():
            key.dress(theme, key_words(verb), enabled=verb in enabled)
