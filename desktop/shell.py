"""The window: strip, prompt and context, last scan, keys. It shows what it is given and emits gestures."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.kernel.flow import Expect
from desktop.languages import spoken
from desktop.screens import Band, Screen, Stop
from desktop.theme import LIGHT, Theme
from desktop.views.answers_view import AnswersView
from desktop.views.prompt_view import PromptView
from desktop.widgets.context import ContextPanel
from desktop.widgets.keys import KEYS, KeyRow
from desktop.widgets.refusal import RefusalPanel
from desktop.widgets.scan_band import ScanBand
from desktop.widgets.simulated import SimulatedBench
from desktop.widgets.strip import Strip

_KEYS = {
    **{getattr(Qt.Key, f"Key_{name}"): verb for name, verb in KEYS},
    Qt.Key.Key_F1: "HELP",
    Qt.Key.Key_F10: "MENU",
    Qt.Key.Key_F12: "FIND",
    Qt.Key.Key_Return: "CONFIRM",
    Qt.Key.Key_Enter: "CONFIRM",
    Qt.Key.Key_Escape: "NO",
    Qt.Key.Key_Y: "YES",
}


class Shell(QWidget):
    """A station's one window.

    Signals:
        gesture: a verb with its argument.
        scanned: a code from the simulated scanner.
        weighed: grams from the simulated scale.
        painted: what was shown is on the screen.
    """

    gesture = Signal(str)
    scanned = Signal(str)
    weighed = Signal(int)
    painted = Signal()

    def __init__(self, *, simulated: bool) -> None:
        """Build the frame."""
        super().__init__()
        self.setWindowTitle("Dockside")
        self._theme: Theme = LIGHT
        self.strip, self.prompt, self.context = Strip(self), PromptView(self), ContextPanel(self)
        self.answers, self.band, self.keys = AnswersView(self), ScanBand(self), KeyRow(self)
        self.bench = SimulatedBench(self)
        self.bench.setVisible(simulated)
        self.refusal = RefusalPanel(self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._work())
        self._stack.addWidget(self.refusal)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        column.addWidget(self.bench)
        for signal in (self.keys.pressed, self.answers.chosen, self.bench.pressed):
            signal.connect(self.gesture)
        self.bench.scanned.connect(self.scanned)
        self.bench.weighed.connect(self.weighed)

    def _work(self) -> QWidget:
        page, middle, left = QWidget(self), QHBoxLayout(), QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.prompt, 1)
        left.addWidget(self.answers)
        middle.setSpacing(0)
        middle.addLayout(left, 2)
        middle.addWidget(self.context, 1)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addLayout(middle, 1)
        column.addWidget(self.band)
        column.addWidget(self.keys)
        return page

    def show_theme(self, theme: Theme) -> None:
        """Take a theme."""
        self._theme = theme
        self.setStyleSheet(f"QWidget {{ background: {theme.surface}; color: {theme.ink}; }}")

    def show_screen(
        self, screen: Screen, who: str, devices: str, band: Band | None, expects: tuple[Expect, ...]
    ) -> None:
        """Show a screen with its frame."""
        self._face()
        theme = self._theme
        self.strip.show_words(theme, who, screen.middle, devices, screen.progress)
        self.prompt.show_screen(theme, screen)
        self.answers.show_answers(theme, screen.answers)
        self.context.setVisible(bool(screen.slots or screen.checks or screen.facts))
        self.context.show_screen(theme, screen)
        self.band.show_band(theme, band)
        self.keys.show_keys(theme, screen.keys)
        self.bench.show_expected(theme, expects)
        self._stack.setCurrentIndex(0)

    def show_stop(self, stop: Stop, expects: tuple[Expect, ...]) -> None:
        """Fill the window with a refusal."""
        self._face()
        self.refusal.show_stop(self._theme, stop)
        self.bench.show_expected(self._theme, expects)
        self._stack.setCurrentIndex(1)

    def _face(self) -> None:
        """Mirror the window where the language that is spoken reads from the right."""
        wanted = Qt.LayoutDirection.RightToLeft if spoken().right_to_left else Qt.LayoutDirection.LeftToRight
        if self.layoutDirection() is not wanted:
            self.setLayoutDirection(wanted)

    @property
    def refusing(self) -> bool:
        """Return whether a refusal fills the window."""
        return self._stack.currentIndex() == 1

    def lift_stop(self) -> None:
        """Show the work again."""
        self._stack.setCurrentIndex(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn keys into gestures; digits answer questions."""
        verb = _KEYS.get(Qt.Key(event.key()))
        if verb is not None:
            self.gesture.emit(verb)
        elif event.text().isdigit() and len(event.text()) == 1:
            self.gesture.emit(f"QTY-{event.text()}")
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the context at no more than a third."""
        super().resizeEvent(event)
        self.context.setMaximumWidth(self.width() // 3)
