"""The window: strip, prompt and context, last scan, keys. It shows what it is given and emits gestures.

Nothing is built for a scan: every widget stands, takes a value and paints itself again.
"""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QStackedWidget, QVBoxLayout, QWidget

from core.kernel.flow import Expect
from desktop.cards import CutOffs
from desktop.helping import Help
from desktop.languages import spoken
from desktop.proofs import Dock, Hero, Kinds, Packing, Picture, Remedy, Sheet, Steps, ToScan
from desktop.screens import Band, Frame, Line, Screen, Stop
from desktop.spoken import spoken as spoken_screen
from desktop.storyline import Story
from desktop.theme import BARE, DPI, GLOVED, LIGHT, Theme, zoom_for
from desktop.views.answers_view import AnswersView
from desktop.views.prompt_view import PromptView
from desktop.widgets.context import ContextPanel
from desktop.widgets.drawing import Drawing, DrawnButton
from desktop.widgets.entry import Asked, EntryPad
from desktop.widgets.help_panel import HelpPanel
from desktop.widgets.keys import KEYS, KeyRow
from desktop.widgets.line import LineRow
from desktop.widgets.refusal import RefusalPanel
from desktop.widgets.scan_band import LOW, ScanBand
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
    Qt.Key.Key_N: "NOTPRINTED",
}
_NARROW = 1200
"""A window narrower than this, in design pixels, folds the cards beside the prompt into it."""
_LOW = 660
"""In one lower than this the last scan takes less room."""
_CONTEXT = 455
_MANY_UNDER_A_HERO = 3
"""So many answers stand side by side, so that what is largest stays it."""
_NEEDS, _NEEDS_MORE = 105.0, 255.0
"""Height that the prompt has in a low window before the last scan has any; the second with much below it."""
_ENDS = ".?!…؟:"
"""What a sentence ends with, in every language."""


def _takes_badges(screen: Screen) -> bool:
    """Return whether a screen says that a badge can be scanned."""
    return isinstance(screen.proof, Kinds) and any(kind == "badge" for kind, _ in screen.proof.kinds)


def _in_a_line(screen: Screen) -> str:
    """Return what to do, and with what, in one line."""
    first, *more = spoken_screen(screen)[:2]
    if isinstance(screen.proof, Hero):
        return ": ".join((first, *more))
    # A detail is a sentence of its own; a code belongs to the prompt's.
    ended = first if not more or more[0] != screen.detail or first[-1] in _ENDS else f"{first}."
    return " ".join((ended, *more))


class Shell(QWidget):
    """A station's one window.

    Signals:
        gesture: a verb with its argument.
        scanned: a code from the simulated scanner.
        weighed: grams from the simulated scale.
        typed: what was typed by hand.
        dropped: the path of a file that was dropped onto the window.
        pasted: there is a picture in the clipboard, which is read where somebody wants it.
    """

    gesture = Signal(str)
    scanned = Signal(str)
    weighed = Signal(int)
    typed = Signal(str)
    dropped = Signal(str)
    pasted = Signal()

    def __init__(self, *, simulated: bool, dpi: float = DPI) -> None:
        """Build the frame for a screen with so many real pixels an inch."""
        super().__init__()
        self.setWindowTitle("Dockside")
        self._theme: Theme = LIGHT
        self._dpi, self._zoom, self._text, self._touch = dpi, 1.0, 1.0, BARE
        self._screen = Screen(prompt="")
        self.strip, self.prompt, self.context = Strip(self), PromptView(self), ContextPanel(self)
        self.line = LineRow(self)
        self.answers, self.band, self.keys = AnswersView(self), ScanBand(self), KeyRow(self)
        self.bench = SimulatedBench(self)
        self.bench.setVisible(simulated)
        self.entry = EntryPad(self)
        self.refusal, self.help = RefusalPanel(self), HelpPanel(self)
        self._stack = QStackedWidget(self)
        self._page = self._work()
        self._stack.addWidget(self._page)
        self._stack.addWidget(self.refusal)
        self._stack.addWidget(self.help)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        column.addWidget(self.bench)
        # The window is as large as its screen: what is shown does not resize it.
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        for signal in (self.keys.pressed, self.answers.chosen, self.refusal.chosen, self.bench.pressed):
            signal.connect(self.gesture)
        self.bench.scanned.connect(self.scanned)
        self.bench.weighed.connect(self.weighed)
        self.strip.menu.clicked.connect(lambda: self.gesture.emit("MENU"))
        self.entry.entered.connect(self.typed)
        self.entry.cancelled.connect(lambda: self.gesture.emit("NO"))
        self.setAcceptDrops(True)
        self.show_theme(LIGHT)

    def _work(self) -> QWidget:
        page, middle, left = QWidget(self), QHBoxLayout(), QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.prompt, 1)
        left.addWidget(self.answers)
        left.addWidget(self.entry)
        middle.setSpacing(0)
        middle.addLayout(left, 1)
        middle.addWidget(self.context)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addWidget(self.line)
        column.addLayout(middle, 1)
        column.addWidget(self.band)
        column.addWidget(self.keys)
        return page

    def show_theme(self, theme: Theme) -> None:
        """Take a theme."""
        self._theme = theme
        palette = self.palette()
        palette.setColor(self.backgroundRole(), theme.colour("ground"))
        self.setPalette(palette)
        self._dress()

    def suit(self, text: float, *, gloves: bool) -> None:
        """Take how somebody likes the screen: a factor for everything on it, and whether fingers are gloved."""
        touch = GLOVED if gloves else BARE
        if (text, touch) == (self._text, self._touch):
            return
        self._text, self._touch = text, touch
        self._fit()

    def _fit(self) -> None:
        self._zoom = zoom_for(self._dpi, self.width(), self.height(), text=self._text)
        self._dress()

    def _dress(self) -> None:
        theme, zoom, low = self._theme, self._zoom, self._low
        for each in (self.line, self.prompt, self.context, self.help):
            each.dress(theme, zoom)
        for touched in (self.strip, self.keys, self.refusal):
            touched.dress(theme, zoom, self._touch)
        for tight in (self.answers, self.entry):
            tight.dress(theme, zoom, self._touch, low=low)
        self.band.dress(theme, zoom, low=low)
        self._fold()

    @property
    def _low(self) -> bool:
        return self.height() / self._zoom < _LOW

    @property
    def _has_band(self) -> bool:
        """Return whether there is room for the last scan: in a low window the prompt, answers and keys come first."""
        screen = self._screen
        if not self._low or self.entry.asked is not None or isinstance(screen.proof, Sheet | ToScan):
            return not self._low
        high = self.strip.height()
        high += 0 if self.line.isHidden() else self.line.height()
        high += 0 if self.bench.isHidden() else self.bench.sizeHint().height()
        high += self.answers.sizeHint().height() if screen.answers else 0
        high += self.keys.minimumHeight() if screen.row else 0
        hero = isinstance(screen.proof, Hero) and bool(screen.proof.detail and screen.detail)
        needs = _NEEDS_MORE if hero or isinstance(screen.proof, Packing | Picture | Remedy | Story) else _NEEDS
        return (self.height() - high) / self._zoom >= needs + LOW

    def show_screen(
        self, screen: Screen, frame: Frame, band: Band | None, expects: tuple[Expect, ...], *, now: int = 0
    ) -> None:
        """Show a screen with its frame.

        Args:
            screen: what is shown.
            frame: who works where.
            band: the last scan, None for none.
            expects: what the simulated bench offers.
            now: UTC milliseconds, for how long ago the last scan was.
        """
        self._face()
        self.entry.close_line()
        if (screen.prompt, screen.answers, screen.row) != (self._screen.prompt, self._screen.answers, self._screen.row):
            self._forget_focus()
        self._screen = screen
        self.strip.show_frame(frame, screen.middle, screen.progress)
        many = isinstance(screen.proof, Hero) and len(screen.answers) >= _MANY_UNDER_A_HERO
        dense = many or isinstance(screen.proof, Picture | Story | Sheet | Steps | ToScan | Remedy)
        self.answers.show_answers(screen.answers, dense=dense, scan=screen.scan)
        self.context.show_cards(screen.beside)
        self._fold()
        self.band.show_band(band, now)
        self.keys.show_keys(screen.row)
        self.bench.show_expected(self._theme, expects, badges=_takes_badges(screen))
        self._stack.setCurrentIndex(0)
        self._lay_out()

    def _fold(self) -> None:
        """Show the cards beside the prompt, and the last scan, where there is room for them and something to say."""
        screen, wide = self._screen, self.width() / self._zoom
        self.band.setVisible(self._has_band)
        keep = bool(screen.beside) and isinstance(screen.beside[0], CutOffs)
        beside = bool(screen.beside) and not isinstance(screen.proof, Dock) and (wide >= _NARROW or keep)
        self.context.setVisible(beside)
        side = round(min(_CONTEXT * max(1.0, wide / 1536), wide * 0.36) * self._zoom)
        if self.context.width() != side:
            self.context.setFixedWidth(side)
        if self.entry.asked is not None and self._low:
            # The keys leave room for one line: what to do, and with what.
            screen = replace(screen, prompt=_in_a_line(screen), block=None, detail="", proof=None)
        self.prompt.show_screen(screen, folded=bool(screen.beside) and not beside)

    def _lay_out(self) -> None:
        """Give every part its place at once: a picture of the window never shows the screen before.

        The answers come first, since what they need decides about the page, and again once the page has given them their room.
        """
        for part in (self.answers, self, self._page, self.answers, self.refusal):
            layout = part.layout()
            if layout is not None:
                layout.activate()

    def paint_now(self) -> None:
        """Paint what changed, and nothing else: it is on the screen when this returns."""
        self._lay_out()
        for each in self.findChildren(QWidget):
            if isinstance(each, Drawing | DrawnButton) and each.stale and each.isVisible():
                each.repaint()

    def show_line(self, line: Line | None) -> None:
        """Show how the line to the hub is, from now on; None for a station that is alone."""
        before = self.line.isVisibleTo(self._page)
        self.line.show_line(line)
        if before != (line is not None):
            self._fold()
            self._lay_out()

    def show_stop(self, stop: Stop, expects: tuple[Expect, ...]) -> None:
        """Fill the window with a refusal."""
        self._face()
        self._forget_focus()
        self.refusal.show_stop(stop)
        self.bench.show_expected(self._theme, expects)
        self._stack.setCurrentIndex(1)

    def _face(self) -> None:
        """Mirror the window where the language that is spoken reads from the right."""
        wanted = Qt.LayoutDirection.RightToLeft if spoken().right_to_left else Qt.LayoutDirection.LeftToRight
        if self.layoutDirection() is not wanted:
            self.setLayoutDirection(wanted)

    def _forget_focus(self) -> None:
        """Take the ring from where it is: on another screen the same key would do something else."""
        if (focused := self.focusWidget()) is not None:
            focused.clearFocus()

    def show_help(self, shown: Help) -> None:
        """Show help over the step."""
        self.help.show_help(shown)
        self._stack.setCurrentWidget(self.help)

    def ask(self, asked: Asked) -> None:
        """Open the line to type in under the prompt; its keys take the place of the others."""
        self.answers.hide()
        self.keys.hide()
        self._forget_focus()
        self.entry.ask(asked)
        self._fold()
        if not self.refusing:
            self._stack.setCurrentIndex(0)

    @property
    def aside(self) -> bool:
        """Return whether help, or a line to type a code in, lies over the step."""
        return self._stack.currentWidget() is self.help or self.entry.asked in (Asked.CODE, Asked.TEXT)

    @property
    def refusing(self) -> bool:
        """Return whether a refusal fills the window."""
        return self._stack.currentIndex() == 1

    def lift_stop(self) -> None:
        """Show the work again, without help and without a line to type a code in."""
        self._stack.setCurrentIndex(0)
        if self.entry.asked in (Asked.CODE, Asked.TEXT):
            self.entry.close_line()
            self._fold()
            self.answers.setVisible(bool(self._screen.answers))
            self.keys.setVisible(bool(self._screen.row))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn keys into gestures; digits answer questions, and what is typed goes to the line that is open."""
        if event.matches(QKeySequence.StandardKey.Paste) and self._paste():
            return
        if self.entry.asked is not None:
            if self.refusing and event.text().isdecimal():
                self.gesture.emit("NO")
            if not self.refusing and self.entry.take_key(event):
                return
        verb = _KEYS.get(Qt.Key(event.key()))
        focused = self.focusWidget()
        if verb == "CONFIRM" and isinstance(focused, DrawnButton) and focused.hasFocus():
            # Whoever went there by Tab means what the ring is round, not what Enter would confirm without it.
            focused.click()
        elif verb is not None:
            self.gesture.emit(verb)
        elif event.text().isdigit() and len(event.text()) == 1:
            self.gesture.emit(f"QTY-{event.text()}")
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay everything out anew in the size of the real screen."""
        super().resizeEvent(event)
        self._fit()

    def _paste(self) -> bool:
        """Tell of the picture in the clipboard, or of the first file that was copied; return whether there is one."""
        clipboard = QGuiApplication.clipboard()
        path = next((each.toLocalFile() for each in clipboard.mimeData().urls() if each.isLocalFile()), "")
        there = clipboard.mimeData().hasImage()
        if path:
            self.dropped.emit(path)
        elif there:
            self.pasted.emit()
        return bool(path) or there

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Let files be dropped."""
        if any(each.isLocalFile() for each in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell of the first file that was dropped."""
        path = next((each.toLocalFile() for each in event.mimeData().urls() if each.isLocalFile()), "")
        if path:
            event.acceptProposedAction()
            self.dropped.emit(path)
