"""The refusal: it fills the window until the next correct scan or one key."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.languages import plain
from desktop.screens import Answer, Outcome, Side, Stop
from desktop.theme import BARE, FOCUS, Theme, Touch
from desktop.widgets.caps import cap_of, draw_cap
from desktop.widgets.drawing import Drawing, DrawnButton
from desktop.widgets.icons import outcome
from desktop.widgets.paint import CENTRE, Canvas, measured, width_of
from desktop.widgets.pictures import has_picture, picture

BUTTONS = 3
_LOW = 560.0
_ABOVE = 0.4
"""Where nothing is compared, so much of what is free lies above the words."""


class _Words(Drawing):
    """Title, what to do, and the two things side by side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stop = Stop("", "")

    def paint(self, canvas: Canvas) -> None:
        stop = self.stop
        canvas.fill(canvas.box, "stop")
        low = canvas.height < _LOW
        side, top = 36.0, 24.0 if low else 34.0
        icon = 96.0 if low else 138.0
        left = side + icon + 48
        room = canvas.width - left - side
        foot = 66.0 if stop.dropped else 12.0
        sides = [each for each in (stop.expected, stop.got) if each is not None]
        if not sides:
            top = max(top, (canvas.height - foot - self._high(room, icon, low=low)) * _ABOVE)
        outcome(canvas, QRectF(side + 6, top + 10, icon, icon), Outcome.REFUSE, on_stop=True)
        cards_from = canvas.height - foot - (150.0 if low else 300.0) if sides else canvas.height - foot
        head = QRectF(left, top, room, (cards_from - top) * 0.6)
        y = top + canvas.text(
            head, stop.title, 72 if low else 102, "on_stop", bold=True, lines=2, smallest=36, tight=True
        )
        rest = QRectF(left, y, room, max(50.0, cards_from - y - 12))
        y += canvas.text(rest, stop.rest, 36 if low else 50, "on_stop", lines=3, smallest=25)
        cards_from = max(y + 16, top + icon + 24)
        cards = QRectF(side, cards_from, canvas.width - 2 * side, min(300.0, canvas.height - foot - cards_from - 8))
        self._cards(canvas, cards, sides)
        if stop.dropped:
            line = QRectF(side, max(cards.bottom() + 8, canvas.height - foot), canvas.width - 2 * side, 50)
            outcome(canvas, QRectF(line.x(), line.y() + 4, 42, 42), Outcome.CAUTION, on_stop=True)
            canvas.text(line.adjusted(62, 0, 0, 0), stop.dropped, 36, "on_stop", bold=True, middle=True, smallest=22)

    def _high(self, room: float, icon: float, *, low: bool) -> float:
        """Return how high title and rest are where there is room for them."""
        title = measured(self.stop.title, 72 if low else 102, room, bold=True, lines=2, tight=True)[1]
        rest = measured(self.stop.rest, 36 if low else 50, room, bold=False, lines=3, tight=False)[1]
        return max(icon, title + rest)

    def _cards(self, canvas: Canvas, box: QRectF, sides: list[Side]) -> None:
        gap = 18.0
        wide = (box.width() - gap) / 2
        for n, each in enumerate(sides):
            area = QRectF(box.x() + n * (wide + gap), box.y(), wide, box.height())
            canvas.card(area, "surface", "", radius=10)
            _side(canvas, area.adjusted(28, 18, -28, -18), each, lead=each is self.stop.expected)


def _side(canvas: Canvas, box: QRectF, side: Side, *, lead: bool) -> None:
    """Paint one of the two things: its name, what tells it apart as large as it fits, its code."""
    top = box.y() + canvas.text(QRectF(box.x(), box.y(), box.width(), 48), side.title, 36 if box.height() > 170 else 25,
                                "ink" if lead else "quiet", bold=lead, elide=True) + 4  # fmt: skip
    left = box.x()
    if has_picture(side.thing.picture):
        high = box.bottom() - top
        picture(canvas, QRectF(left, top, high, high), side.thing.picture, framed=False)
        left += high + 24
    room, large = box.right() - left, side.thing.variant or side.thing.name or side.thing.code
    if side.thing.variant:
        top += canvas.text(QRectF(left, top, room, 46), side.thing.name, 36, smallest=22, elide=True)
    foot = 34.0 if side.thing.code and large != side.thing.code else 0.0
    area = QRectF(left, top, room, max(44.0, box.bottom() - top - foot))
    top += canvas.text(area, large, 102, bold=True, lines=2, smallest=25, tight=True, elide=True)
    if foot:
        canvas.text(QRectF(left, top, room, 32), side.thing.code, 25, "quiet", elide=True)


class StopButton(DrawnButton):
    """One way on from a refusal: an outline with its key."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self.answer = Answer("", "")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_answer(self, answer: Answer) -> None:
        """Show a way on."""
        self.answer = answer
        self.setAccessibleName(plain(f"{answer.words} {cap_of(answer.key)}"))
        self.update()

    def paint(self, canvas: Canvas) -> None:
        """Paint outline, key and words."""
        canvas.fill(canvas.box, "stop")
        width = FOCUS + 1 if self.hasFocus() else 2
        canvas.card(canvas.box.adjusted(1, 1, -1, -1), "stop", "on_stop", width=width)
        cap = cap_of(self.answer.key)
        key = max(45.0, width_of(cap, 20, bold=True) + 20)
        words = min(width_of(self.answer.words, 25, bold=True) + 2, canvas.width - key - 60)
        left = (canvas.width - key - words - 16) / 2
        draw_cap(canvas, QRectF(left, canvas.height / 2 - 18, key, 36), cap, "on_stop")
        canvas.text(QRectF(left + key + 16, 0, words, canvas.height), self.answer.words, 25, "on_stop", bold=True,
                    middle=True, at=CENTRE, lines=2, elide=True)  # fmt: skip


class RefusalPanel(QWidget):
    """Edge to edge.

    Signals:
        chosen: a verb.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._words = _Words(self)
        self._row = QHBoxLayout()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._words, 1)
        self._column.addLayout(self._row)
        self._buttons = [StopButton(self) for _ in range(BUTTONS)]
        for button in self._buttons:
            button.clicked.connect(lambda _checked=False, button=button: self.chosen.emit(button.answer.key))
            self._row.addWidget(button, 1)
        self.setAutoFillBackground(True)

    def dress(self, theme: Theme, zoom: float, touch: Touch = BARE) -> None:
        """Take a theme, a size, and how large buttons are."""
        self._words.dress(theme, zoom)
        side, low = round(36 * zoom), round(30 * zoom)
        self._row.setContentsMargins(side, round(8 * zoom), side, low)
        self._row.setSpacing(round(max(18, touch.gap) * zoom))
        palette = self.palette()
        palette.setColor(self.backgroundRole(), theme.colour("stop"))
        self.setPalette(palette)
        for button in self._buttons:
            button.setFixedHeight(round(touch.target * zoom))
            button.dress(theme, zoom)

    def show_stop(self, stop: Stop) -> None:
        """Show a refusal."""
        self._words.stop = stop
        compared = [f"{each.title} {each.thing.words}" for each in (stop.expected, stop.got) if each is not None]
        said = (stop.title, stop.rest, *compared, stop.dropped)
        self.setAccessibleName(plain(". ".join(filter(None, said))))
        self._words.setAccessibleName(self.accessibleName())
        for n, button in enumerate(self._buttons):
            button.setVisible(n < len(stop.answers))
            if n < len(stop.answers):
                button.show_answer(stop.answers[n])
        self._words.update()
        # A page that was hidden until now has not been laid out yet.
        self._column.activate()
