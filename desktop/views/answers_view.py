"""A question's answers: two to five large buttons, each with its key, its words and a code that can be scanned."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from core.catalog.command_codes import command_code
from desktop.screens import Answer
from desktop.theme import LIGHT, Theme, unit
from desktop.widgets.paint import canvas, card, fitting, text, upright
from desktop.widgets.qr import qr_modules

_ONE_COLUMN = 3
"""More answers than these stand side by side: the prompt keeps its room."""
_CAPS = {"CONFIRM": "Enter", "YES": "Y", "NO": "Esc", "MENU": "F10"}


class AnswerButton(QPushButton):
    """One answer."""

    def __init__(self, answer: Answer, theme: Theme, *, primary: bool, parent: QWidget | None = None) -> None:
        """Show an answer."""
        super().__init__(parent)
        self._answer, self._theme, self._primary = answer, theme, primary
        verb, _, argument = answer.key.partition("-")
        self._cap = argument if verb == "QTY" else _CAPS.get(verb, verb.title())
        self._modules = qr_modules(command_code(verb, argument))
        self.setMinimumHeight(9 * unit())
        self.setAccessibleName(f"{answer.words}, {self._cap}")

    def sizeHint(self) -> QSize:
        """Return a button's size."""
        return QSize(400, 9 * unit())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint key, words and code."""
        painter = canvas(self)
        theme, high = self._theme, self.height()
        box = QRectF(1, 1, self.width() - 2, high - 4)
        card(painter, box.translated(0, 2), theme.colour("edge"), None)
        card(painter, box, theme.colour("accent" if self._primary else "raised"), theme.colour("edge"))
        ink = theme.colour("on_accent" if self._primary else "ink")
        text(painter, QRectF(18, high / 2 - 13, 70, 30), self._cap, 18, ink)
        room = self.width() - 90 - high
        size = fitting(self._answer.words, room, 36)
        text(painter, QRectF(88, high / 2 - size * 0.66, room, 60), self._answer.words, size, ink, bold=True)
        self._code(painter, QRectF(self.width() - high, 6, high - 14, high - 14))
        painter.end()

    def _code(self, painter: QPainter, box: QRectF) -> None:
        with upright(painter, box):
            self._modules_in(painter, box)

    def _modules_in(self, painter: QPainter, box: QRectF) -> None:
        painter.fillRect(box, QColor("white"))
        count = len(self._modules)
        side = max(1, int((box.width() - 8) // count))
        left, top = box.x() + (box.width() - side * count) / 2, box.y() + (box.height() - side * count) / 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        for y, row in enumerate(self._modules):
            for x, dark in enumerate(row):
                if dark:
                    painter.fillRect(QRectF(left + x * side, top + y * side, side, side), QColor("black"))


class AnswersView(QWidget):
    """The answers, one below the other.

    Signals:
        chosen: a verb with its argument.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show none yet."""
        super().__init__(parent)
        self._column = QGridLayout(self)
        self._column.setContentsMargins(36, 0, 36, 18)
        self._column.setSpacing(unit())
        self._shown: tuple[Answer, ...] = ()
        self._theme = LIGHT

    def show_answers(self, theme: Theme, answers: tuple[Answer, ...]) -> None:
        """Show these answers; nothing moves when they are the same."""
        self.setVisible(bool(answers))
        if (answers, theme) == (self._shown, self._theme):
            return
        self._shown, self._theme = answers, theme
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for n, answer in enumerate(answers):
            button = AnswerButton(answer, theme, primary=n == 0, parent=self)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _checked=False, key=answer.key: self.chosen.emit(key))
            columns = 2 if len(answers) > _ONE_COLUMN else 1
            self._column.addWidget(button, n // columns, n % columns)
            button.show()
