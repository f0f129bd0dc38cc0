"""Help over the present step: what it wants, and the keys with their codes, to read and to scan."""

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from core.catalog.command_codes import command_code
from desktop.helping import Help, HelpKey, HelpStep
from desktop.languages import plain, tr
from desktop.widgets.caps import cap_of, draw_cap
from desktop.widgets.drawing import Drawing
from desktop.widgets.icons import glyph
from desktop.widgets.paint import CENTRE, Canvas
from desktop.widgets.pictures import has_picture, picture
from desktop.widgets.qr import draw_code, qr_modules

_ROW, _LEAST, _GAP, _SIDE = 96.0, 76.0, 8.0, 36.0
_WORD = 30.0
_CAP = 58.0
_PICTURED, _STEP, _NAMED = 0.56, 150.0, 100.0
"""The share of the width that pictures of the steps take at most, the widest one, and the lowest with words."""


class HelpPanel(Drawing):
    """A page of the window, until any key or scan."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._help = Help("", (), ())

    def show_help(self, shown: Help) -> None:
        """Show the help for a step."""
        self._help = shown
        keys = (f"{key.word}, {cap_of(key.verb)}: {key.explanation}" for key in shown.keys)
        said = (tr("Help"), shown.title, *self._wants(), *keys)
        self.setAccessibleName(plain(". ".join(said)))
        self.update()

    def _wants(self) -> list[str]:
        return [f"{tr('Scan: {kind}', kind=each.name)} {each.value}".strip() for each in self._help.wants]

    def paint(self, canvas: Canvas) -> None:
        """Paint the step's title, what it wants, and the keys in two columns."""
        canvas.fill(canvas.box, "surface")
        width = canvas.width - 2 * _SIDE
        keys = self._help.keys
        rows = (len(keys) + 1) // 2
        table = max(min(canvas.height * 0.72, rows * (_ROW + _GAP)), rows * (_LEAST + _GAP))
        head = QRectF(_SIDE, 12, width, canvas.height - table - 20)
        wants = "  ·  ".join(self._wants())
        steps = self._help.steps
        if steps:
            # A low head leaves the pictures as much width as height.
            wide = min(width * _PICTURED, min(_STEP, head.height() * 0.9) * len(steps))
            _steps(canvas, QRectF(head.right() - wide, head.y(), wide, head.height() - 4), steps)
            head.setWidth(width - wide - 24)
        used = canvas.text(QRectF(head.x(), head.y(), head.width(), head.height() * 0.6), self._help.title, 50,
                           bold=True, lines=2, smallest=25)  # fmt: skip
        room = QRectF(head.x(), head.y() + used, head.width(), head.height() - used)
        canvas.text(room, wants, 25, "quiet", lines=2, elide=True)
        wide, high = (width - _GAP) / 2, (table - _GAP) / max(1, rows) - _GAP
        for n, key in enumerate(keys):
            column, row = divmod(n, rows)
            top = canvas.height - table + row * (high + _GAP)
            _key(canvas, QRectF(_SIDE + column * (wide + _GAP), top, wide, high), key)


def _steps(canvas: Canvas, box: QRectF, steps: tuple[HelpStep, ...]) -> None:
    """Draw the work of a bench as pictures in a row, the present step lit."""
    wide = box.width() / len(steps)
    high = min(box.height(), wide + 30)
    # Very low pictures stand without their words: what is scanned now is said beside them.
    named = high >= _NAMED
    for n, step in enumerate(steps):
        tile = QRectF(box.x() + n * wide + 4, box.y(), wide - 8, high)
        if step.now:
            canvas.card(tile, "accent_tint", "accent", width=3)
        side = min(tile.width() - 12, high - (44 if named else 12))
        spot = QRectF(tile.center().x() - side / 2, tile.y() + 6, side, side)
        if has_picture(step.picture):
            picture(canvas, spot, step.picture, framed=False)
        else:
            glyph(canvas, spot, step.kind, "accent" if step.now else "quiet")
        if not named:
            continue
        words = QRectF(tile.x() + 4, tile.bottom() - 34, tile.width() - 8, 28)
        canvas.text(words, step.words, 22, bold=step.now, at=CENTRE, middle=True, elide=True)


def _key(canvas: Canvas, box: QRectF, key: HelpKey) -> None:
    canvas.card(box)
    right = draw_code(canvas, box, qr_modules(command_code(key.verb)))
    draw_cap(canvas, QRectF(box.x() + 14, box.center().y() - 20, _CAP, 40), cap_of(key.verb), "ink")
    left = box.x() + 14 + _CAP + 16
    top = box.y() + max(0.0, (box.height() - _WORD - 44) / 2)
    canvas.text(QRectF(left, top, right - left, _WORD), key.word, 25, bold=True, middle=True, elide=True)
    below = QRectF(left, top + _WORD, right - left, box.bottom() - top - _WORD)
    canvas.text(below, key.explanation, 18, "quiet", lines=2, elide=True)
