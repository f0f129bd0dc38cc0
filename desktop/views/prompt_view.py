"""The prompt: one order to the operator, the largest thing on the screen, and what proves it right."""

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from desktop.languages import plain
from desktop.proofs import Dock, Hero, Kinds, Packing, Paper, Place, Proof, Rows, Sheet, Steps, Subject, ToScan
from desktop.screens import BLOCK, Screen
from desktop.spoken import spoken
from desktop.storyline import Story
from desktop.widgets import proofs
from desktop.widgets.drawing import Drawing
from desktop.widgets.paint import END, Canvas, measured
from desktop.widgets.sentence import sentence
from desktop.widgets.slab import SLAB, SLAB_LOW, draw_slab

_GAP, _LINE = 18.0, 30.0
_LOW, _LEAST, _DETAIL = 430.0, 60.0, 40.0
"""In less height than the first the prompt is smaller; what a proof and a line of detail need at least."""


class PromptView(Drawing):
    """Verb and object, then what proves it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._screen = Screen(prompt="")
        self._folded = False

    @property
    def proof(self) -> Proof | None:
        """Return what is shown below the prompt."""
        return self._screen.proof

    def show_screen(self, screen: Screen, *, folded: bool) -> None:
        """Show a screen's prompt; `folded` when its cards are not shown beside it."""
        if (screen, folded) == (self._screen, self._folded):
            return
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
            high = SLAB_LOW if canvas.height < _LOW + 60 else SLAB
            # An answer below it is no part of it.
            top = high if screen.prompt else canvas.height - (_GAP if screen.answers else 0)
            draw_slab(canvas, QRectF(0, 0, canvas.width, top), screen.loud)
            if not screen.prompt:
                return
        side = 27.0 if self._folded or isinstance(screen.proof, Dock) else 36.0
        tall = screen.loud is None and not low
        box = QRectF(
            side, top + (24 if tall else 12), canvas.width - 2 * side, canvas.height - top - (44 if tall else 22)
        )
        used = self._prompt(canvas, box, low=low)
        if screen.detail and box.height() - used >= _LINE:
            area = QRectF(box.x(), box.y() + used + 6, box.width(), min(96.0, box.bottom() - box.y() - used - 6))
            used += canvas.text(area, screen.detail, 25, "quiet", lines=3, elide=True) + 8
        if screen.proof is not None:
            gap = 8.0 if low else 14.0
            area = QRectF(box.x(), box.y() + used + gap, box.width(), box.height() - used - gap)
            # Under a line to type in there is room for the prompt alone.
            if area.height() >= _LEAST:
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
        short = low and not isinstance(screen.proof, Sheet | Steps)
        # Where there is no room for both, what is to be done stands alone.
        below = _DETAIL if screen.detail and box.height() - _DETAIL >= _LINE else 0.0
        room.setHeight(min(box.height() - below, size * (1.55 if BLOCK in screen.prompt or short else 2.5)))
        return sentence(canvas, room, screen.prompt, screen.block, size)


def _size(screen: Screen, *, low: bool) -> int:
    """Return how large a prompt may be: what proves it leaves it more or less room."""
    if screen.loud is not None or isinstance(screen.proof, Dock):
        return 36
    if isinstance(screen.proof, Sheet | Steps):
        return 30 if low else 36
    if isinstance(screen.proof, Place | Hero | ToScan):
        return 36 if low else 50
    if isinstance(screen.proof, Kinds):
        return 72 if low else 102
    if screen.answers or isinstance(screen.proof, Rows | Packing | Paper | Subject | Story):
        return 50 if low else 72
    return 60 if low else 102
