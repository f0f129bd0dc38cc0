"""The simulated bench: a banner, the codes that would be scanned now, and a field for any other.

Shown only where the home is marked as simulated: nothing on it is real.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from core.kernel.flow import Expect
from desktop.floor_words import KEY_WORDS
from desktop.languages import kilograms, tr
from desktop.messages import key_words, role_words
from desktop.theme import Theme, font, unit
from desktop.widgets.caps import cap_of
from desktop.widgets.icons import drawn
from desktop.widgets.paint import width_of

SHOWN = 6
_WIDE = 1200
"""A bench narrower than this says only that it is simulated."""
_FIELD, _ROUND = 260, 74
"""Room for the field with the margins, and round the words of a button."""
_ICONS = {"key": "key", "weight": "scale", "person": "badge"}


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
        self._badges: tuple[tuple[str, str, str], ...] = ()
        self._empty_tote: Callable[[], str] = lambda: ""
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

    def hand_out(self, badges: tuple[tuple[str, str, str], ...], empty_tote: Callable[[], str]) -> None:
        """Know whose badges hang here (name, roles and code of each) and which tote of the stack is empty."""
        self._badges, self._empty_tote = badges, empty_tote

    def show_expected(self, theme: Theme, expects: tuple[Expect, ...], *, badges: bool = False) -> None:
        """Offer what the station would take now, as many codes as there is room for.

        Args:
            theme: its colours.
            expects: what would be taken.
            badges: whether a badge may be scanned, too.
        """
        self._dress(theme)
        banner = tr("SIMULATED BENCH: nothing here is real. Scan:")
        self._banner.setText(banner if self.width() >= _WIDE else f"{banner.partition(':')[0]}:")
        self._field.setPlaceholderText(tr("any code, Enter"))
        self._field.setAccessibleName(tr("any code, Enter"))
        room = self.width() - width_of(self._banner.text(), 18, bold=True) - _FIELD
        wanted = [(each.kind, each.code, _words(each)) for each in expects if each.code or each.kind == "tote"]
        # The likely answer is expected twice: by what it means, and as one of all.
        wanted = list(dict.fromkeys(wanted))
        if badges:
            wanted += [
                ("person", code, f"{name.partition(' ')[0]}, {role_words(roles)}") for name, roles, code in self._badges
            ]
        for n, button in enumerate(self._buttons):
            kind, code, words = wanted[n] if n < len(wanted) else ("", "", "")
            room -= width_of(words, 18) + _ROUND
            button.setVisible(bool(words) and (n == 0 or room >= 0))
            if words:
                self._codes[n] = (kind, code)
                button.setText(words)
                button.setIcon(drawn(_ICONS.get(kind, "scanner"), theme.ink, 24))
        layout = self.layout()
        if layout is not None:
            layout.activate()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep the Enter behind a typed code: the window would confirm with it what the code led to."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

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
            self.weighed.emit(int(code) if code.isdigit() else 1000)
        else:
            self.scanned.emit(code or self._empty_tote())

    def _typed(self) -> None:
        words = self._field.text().strip()
        self._field.clear()
        if words:
            self.scanned.emit(words)


def _words(wanted: Expect) -> str:
    """Return what stands on the button of something expected: a code, a key's word, or a weight."""
    if wanted.kind == "key":
        return key_words(wanted.code) if wanted.code in KEY_WORDS else cap_of(wanted.code) or wanted.code
    if wanted.kind == "weight" and wanted.code.isdigit():
        return kilograms(int(wanted.code))
    return wanted.code or tr("an empty tote")
