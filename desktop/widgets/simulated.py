"""The simulated bench: a banner, the codes that would be scanned now, and a field for any other.

Shown only where the home is marked as simulated: nothing on it is real.
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from core.kernel.flow import Expect
from desktop.languages import tr
from desktop.theme import Theme, font, unit

SHOWN = 4


class SimulatedBench(QWidget):
    """Scanner and scale, drawn on the screen.

    Signals:
        scanned: a code.
        pressed: a verb with its argument.
        weighed: grams.
    """

    scanned = Signal(str)
    pressed = Signal(str)
    weighed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show the banner."""
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 6, 18, 6)
        row.setSpacing(unit())
        self._banner = QLabel(self)
        self._banner.setFont(font(18, bold=True))
        row.addWidget(self._banner)
        self._buttons = [QPushButton(self) for _ in range(SHOWN)]
        self._codes: list[tuple[str, str]] = [("", "")] * SHOWN
        self._theme: Theme | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        for n, button in enumerate(self._buttons):
            button.setFont(font(18))
            button.setMinimumHeight(4 * unit())
            button.clicked.connect(lambda _checked=False, n=n: self._scan(n))
            row.addWidget(button)
        self._field = QLineEdit(self)
        self._field.setFont(font(18))
        self._field.setMinimumHeight(4 * unit())
        self._field.returnPressed.connect(self._typed)
        row.addWidget(self._field, 1)

    def show_expected(self, theme: Theme, expects: tuple[Expect, ...]) -> None:
        """Offer what the station would take now."""
        self._dress(theme)
        self._banner.setText(tr("SIMULATED BENCH: nothing here is real. Scan:"))
        self._field.setPlaceholderText(tr("any code, Enter"))
        self._field.setAccessibleName(tr("any code, Enter"))
        wanted = [each for each in expects if each.code or each.kind == "tote"][:SHOWN]
        for n, button in enumerate(self._buttons):
            button.setVisible(n < len(wanted))
            if n < len(wanted):
                self._codes[n] = (wanted[n].kind, wanted[n].code or "TOTE-0001")
                button.setText(wanted[n].code or tr("an empty tote"))

    def _dress(self, theme: Theme) -> None:
        """Take a theme; a style sheet costs more than a scan may, so only when it is another."""
        if theme is self._theme:
            return
        self._theme = theme
        self.setStyleSheet(
            f"SimulatedBench, QLabel {{ background: {theme.caution}; color: {theme.on_outcome}; }}"
            f"QPushButton, QLineEdit {{ background: {theme.raised}; color: {theme.ink}; padding: 2px 12px; }}"
        )

    def _scan(self, n: int) -> None:
        kind, code = self._codes[n]
        if kind == "key":
            self.pressed.emit(code)
        elif kind == "weight":
            self.weighed.emit(1000)
        else:
            self.scanned.emit(code)

    def _typed(self) -> None:
        words = self._field.text().strip()
        self._field.clear()
        if words:
            self.scanned.emit(words)
