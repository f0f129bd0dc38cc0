"""A question's answers: two to five large buttons, each with its key, its words and a code that can be scanned."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from core.catalog.command_codes import command_code
from desktop.languages import plain
from desktop.screens import Answer, lit_answers
from desktop.theme import BARE, FOCUS, GLOVED, Theme, Touch
from desktop.widgets.caps import cap_of, draw_cap
from desktop.widgets.drawing import DrawnButton
from desktop.widgets.icons import arrow, outcome
from desktop.widgets.paint import Canvas, width_of
from desktop.widgets.qr import draw_code, qr_modules

MOST = 12
_ONE_COLUMN = 3
"""More answers than these stand side by side: the prompt keeps its room."""
_HIGH, _LOW, _BIG, _BIG_LOW = 92, 78, 130, 104
_NARROW = 340
_FIVE, _MANY, _MOST_LOW, _MOST_HIGH = 5, 6, 8, 10
"""Three above two beside a list; more are lower; more than the third in three columns in a low window, than the last in any."""


class AnswerButton(DrawnButton):
    """One answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self.answer = Answer("", "")
        self._primary = False
        self._modules: tuple[tuple[bool, ...], ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_answer(self, answer: Answer, *, primary: bool) -> None:
        """Show an answer."""
        self.answer, self._primary = answer, primary
        verb, _, argument = answer.key.partition("-")
        self._modules = () if argument == "0" else qr_modules(command_code(verb, argument))
        self.setAccessibleName(plain(", ".join(filter(None, (answer.words, answer.detail, cap_of(answer.key))))))
        self.update()

    def paint(self, canvas: Canvas) -> None:
        """Paint key, words and code."""
        box = QRectF(0, 0, canvas.width, canvas.height - 2)
        fill, ink = ("accent", "on_accent") if self._primary else ("raised", "ink")
        canvas.raised(box, fill, "accent" if self._primary else "edge", "lit_right" if self._primary else "edge")
        if self.hasFocus():
            canvas.card(box.adjusted(4, 4, -4, -4), fill, "on_accent" if self._primary else "accent", width=FOCUS)
        right = draw_code(canvas, box, self._modules)
        cap = cap_of(self.answer.key)
        gap = 20 if canvas.width > _NARROW else 10
        left = box.x() + gap
        if self.answer.big:
            arrow(canvas, QRectF(box.x() + 28, box.center().y() - 29, 58, 58), "on_accent", "accent")
            left = box.x() + 114
            if cap:
                wide = max(45.0, width_of(cap, 20, bold=True) + 24)
                draw_cap(canvas, QRectF(right - wide - 8, box.center().y() - 22, wide, 44), cap, ink)
                right -= wide + 24
        elif cap:
            wide = max(45.0, width_of(cap, 20, bold=True) + 20)
            draw_cap(canvas, QRectF(left, box.center().y() - 22, wide, 44), cap, ink)
            left += wide + gap
        if self.answer.mark is not None:
            outcome(canvas, QRectF(left, box.center().y() - 18, 36, 36), self.answer.mark)
            left += 48
        self._said(canvas, QRectF(left, box.y(), right - left - 8, box.height()), ink)

    def _said(self, canvas: Canvas, box: QRectF, ink: str) -> None:
        answer = self.answer
        if not answer.detail:
            canvas.text(box, answer.words, 36, ink, bold=True, lines=2, middle=True, elide=True)
            return
        # What is less high has smaller words: they never touch its edges.
        high = min(80.0, box.height() - 12)
        top = box.center().y() - high / 2
        upper = QRectF(box.x(), top, box.width(), high * 0.57)
        lower = QRectF(box.x(), top + high * 0.57, box.width(), high * 0.43)
        canvas.text(upper, answer.words, 36, ink, bold=True, smallest=18, elide=True, middle=True)
        canvas.text(lower, answer.detail, 25, ink if self._primary else "quiet", smallest=18, elide=True, middle=True)


class AnswersView(QWidget):
    """The answers, one below the other.

    Signals:
        chosen: a verb with its argument.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show none yet."""
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._shown: tuple[Answer, ...] = ()
        self._zoom, self._touch = 1.0, BARE
        self._low = self._dense = self._scan = False
        self._buttons = [AnswerButton(self) for _ in range(MOST)]
        for button in self._buttons:
            button.clicked.connect(lambda _checked=False, button=button: self.chosen.emit(button.answer.key))

    def dress(self, theme: Theme, zoom: float, touch: Touch = BARE, *, low: bool = False) -> None:
        """Take a theme, a size, and how large answers are at least; in a low window they stand side by side."""
        self._zoom, self._low, self._touch = zoom, low, touch
        side = round(36 * zoom)
        self._grid.setContentsMargins(side, 0, side, round(20 * zoom))
        self._grid.setSpacing(round(touch.gap * zoom))
        for button in self._buttons:
            button.dress(theme, zoom)
        self._lay_out()
        palette = self.palette()
        palette.setColor(self.backgroundRole(), theme.colour("surface"))
        self.setPalette(palette)
        self.setAutoFillBackground(True)

    def show_answers(self, answers: tuple[Answer, ...], *, dense: bool = False, scan: bool = False) -> None:
        """Show these answers; nothing moves when they are the same.

        Args:
            answers: what can be answered.
            dense: whether they leave the room to a list.
            scan: whether a scan is what is wanted, and no answer is.
        """
        self.setVisible(bool(answers))
        if (answers, dense, scan) == (self._shown, self._dense, self._scan):
            return
        self._shown, self._dense, self._scan = answers, dense, scan
        lit = lit_answers(answers, scan=scan)
        for n, button in enumerate(self._buttons):
            button.setVisible(n < len(answers))
            if n < len(answers):
                button.show_answer(answers[n], primary=n in lit)
        self._lay_out()

    def _lay_out(self) -> None:
        """Place the answers; nothing is made anew."""
        count = len(self._shown)
        beside = (self._low or self._dense) and count > 1 and not any(answer.big for answer in self._shown)
        by_three = self._dense and count in (_ONE_COLUMN, _FIVE)
        columns = 3 if by_three else 2 if count > _ONE_COLUMN or beside else 1
        columns = 3 if count > (_MOST_LOW if self._low or self._touch is GLOVED else _MOST_HIGH) else columns
        usual = _LOW if self._low or self._dense or count > _MANY else _HIGH
        if self._touch is GLOVED:
            usual = max(usual, GLOVED.target)
        for n, (button, answer) in enumerate(zip(self._buttons, self._shown, strict=False)):
            self._grid.addWidget(button, n // columns, n % columns)
            button.setFixedHeight(round(((_BIG_LOW if self._low else _BIG) if answer.big else usual) * self._zoom))
