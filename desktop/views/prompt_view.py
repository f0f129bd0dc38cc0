"""The prompt: one order to the operator, the largest thing on the screen, and what proves it right."""

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from desktop.languages import plain
from desktop.screens import BLOCK, Dock, Hero, Kinds, Outcome, Packing, Paper, Place, Rows, Screen, Slab, Subject
from desktop.spoken import spoken
from desktop.storyline import Story
from desktop.widgets import proofs
from desktop.widgets.drawing import Drawing
from desktop.widgets.icons import outcome
from desktop.widgets.paint import END, Canvas, measured
from desktop.widgets.sentence import sentence

_LOW = 430.0
_SLAB = 216.0
_LOW_SLAB = 150.0


class PromptView(Drawing):
    """Verb and object, then what proves it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._screen = Screen(prompt="")
        self._folded = False

    def show_screen(self, screen: Screen, *, folded: bool) -> None:
        """Show a screen's prompt; `folded` when its cards are not shown beside it."""
        self._screen, self._folded = screen, folded
        self.setAccessibleName(plain(" ".join(spoken(screen))))
        self.update()

    def paint(self, canvas: Canvas) -> None:
        """Paint slab, prompt, detail and proof, from above."""
        screen = self._screen
        canvas.fill(canvas.box, "ground" if isinstance(screen.proof, Dock) else "surface")
        low = canvas.height < _LOW
        top = 0.0
        if screen.loud is not None:
            high = _LOW_SLAB if canvas.height < _LOW + 60 else _SLAB
            _slab(canvas, QRectF(0, 0, canvas.width, high), screen.loud)
            top = high
        side = 27.0 if self._folded or isinstance(screen.proof, Dock) else 36.0
        tall = screen.loud is None and not low
        box = QRectF(
            side, top + (24 if tall else 12), canvas.width - 2 * side, canvas.height - top - (44 if tall else 22)
        )
        used = self._prompt(canvas, box, low=low)
        if screen.detail:
            area = QRectF(box.x(), box.y() + used + 6, box.width(), min(96.0, box.bottom() - box.y() - used - 6))
            used += canvas.text(area, screen.detail, 25, "quiet", lines=3, elide=True) + 8
        if screen.proof is not None:
            gap = 8.0 if low else 14.0
            area = QRectF(box.x(), box.y() + used + gap, box.width(), box.height() - used - gap)
            proofs.draw(canvas, area, screen.proof, screen, folded=self._folded)

    def _prompt(self, canvas: Canvas, box: QRectF, *, low: bool) -> float:
        screen = self._screen
        size = _size(screen, low=low)
        room, aside = QRectF(box), ""
        if isinstance(screen.proof, Packing):
            aside = screen.proof.count
        elif isinstance(screen.proof, Dock):
            aside = screen.proof.summary
        if aside:
            largest = 50 if isinstance(screen.proof, Packing) else 25
            wide = min(box.width() * 0.45, measured(aside, largest, 0, bold=False, lines=1, tight=False)[0] + 2)
            canvas.text(QRectF(box.right() - wide, box.y(), wide, size * 1.2), aside, largest, "quiet", at=END,
                        middle=True)  # fmt: skip
            room.setWidth(box.width() - wide - 18)
        room.setHeight(min(box.height(), size * (1.55 if BLOCK in screen.prompt else 2.5)))
        return sentence(canvas, room, screen.prompt, screen.block, size)


def _size(screen: Screen, *, low: bool) -> int:
    """Return how large a prompt may be: what proves it leaves it more or less room."""
    if screen.loud is not None or isinstance(screen.proof, Dock):
        return 36
    if isinstance(screen.proof, Place | Hero):
        return 36 if low else 50
    if isinstance(screen.proof, Kinds):
        return 72 if low else 102
    if screen.answers or isinstance(screen.proof, Rows | Packing | Paper | Subject | Story):
        return 50 if low else 72
    return 60 if low else 102


def _slab(canvas: Canvas, box: QRectF, slab: Slab) -> None:
    canvas.fill(box, "stop")
    low = box.height() < _SLAB
    icon = 90.0 if low else 138.0
    outcome_box = QRectF(box.x() + 30, box.center().y() - icon / 2, icon, icon)
    outcome(canvas, outcome_box, Outcome.REFUSE, on_stop=True)
    left, right = outcome_box.right() + 36, box.right() - 36
    if slab.code:
        wide = min(300.0, box.width() * 0.28)
        right -= wide
        canvas.text(QRectF(right, box.center().y() - 44, wide, 34), slab.name, 25, "on_stop", at=END)
        canvas.text(QRectF(right, box.center().y() - 8, wide, 48), slab.code, 36, "on_stop", bold=True, at=END)
        right -= 24
    high = 60.0 if low else 88.0
    top = box.y() + (6 if low else 14)
    canvas.text(QRectF(left, top, right - left, high), slab.title, 50 if low else 72, "on_stop", bold=True, smallest=30,
                lines=2, middle=True)  # fmt: skip
    rest = QRectF(left, top + high, right - left, box.bottom() - top - high - 8)
    canvas.text(rest, slab.rest, 25 if low else 36, "on_stop", lines=3, smallest=22)
