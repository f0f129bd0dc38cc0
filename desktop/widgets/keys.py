"""The F keys, the same everywhere: key name above its word; one that makes no sense now is flat and quiet.

At the end of the row stands the code of help, to scan: behind it every key has its own.
"""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.catalog.command_codes import command_code
from desktop.languages import plain, tr
from desktop.screens import KeyCap
from desktop.theme import BARE, FOCUS, Theme, Touch
from desktop.widgets.drawing import DrawnButton
from desktop.widgets.paint import CENTRE, Canvas
from desktop.widgets.qr import draw_code, qr_modules

KEYS = (
    ("F2", "SHORT"), ("F3", "DAMAGED"), ("F4", "FULL"), ("F5", "REPRINT"),
    ("F6", "SKIP"), ("F7", "WEIGH"), ("F8", "UNDO"), ("F9", "CALL"),
)  # fmt: skip
"""Key and verb."""
KEY_NAMES = {verb: name for name, verb in KEYS}
WIDEST = 320
_GROUPS = ("F5", "F9")
_HELP, _LITTLE_HELP, _LEAST_HELP, _FEW, _WIDE = 150, 112, 76, 6, 1200
"""The help tile's widths; it is there with few keys, or in a wide window."""
_CAP = 22
"""Height of a key's name where it stands over the code of help."""
_EDGE = 9
"""Above and below the keys."""


class Key(DrawnButton):
    """One key, drawn; pressed by finger, mouse or keyboard."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Show a key."""
        super().__init__(parent)
        self._name, self._word = name, ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_cap(self, cap: KeyCap) -> None:
        """Take the word of the language that is spoken; a disabled key is flat."""
        if (cap.words, cap.enabled) == (self._word, self.isEnabled()):
            return
        self._word = cap.words
        self.setAccessibleName(plain(f"{cap.words} {self._name}"))
        self.setEnabled(cap.enabled)
        self.update()

    def paint(self, canvas: Canvas) -> None:
        """Paint the key."""
        canvas.rtl = False
        box = QRectF(0, 0, canvas.width, canvas.height - 2)
        if self.isEnabled():
            canvas.raised(box, "raised", "edge")
        if self.hasFocus():
            canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
            canvas.card(box, "accent_tint", "accent", width=FOCUS)
        hue = "ink" if self.isEnabled() else "quiet"
        middle = box.center().y()
        tall = box.height() > BARE.target
        name = QRectF(4, middle - (41 if tall else 27), box.width() - 8, 24)
        canvas.text(name, self._name, 18, "quiet", at=CENTRE, middle=True)
        word = QRectF(2, name.bottom() - 1, box.width() - 4, 60 if tall else 32)
        canvas.text(word, self._word, 22, hue, bold=self.isEnabled(), at=CENTRE, middle=True, elide=True,
                    lines=2 if tall and " " in self._word else 1)  # fmt: skip


class HelpTile(DrawnButton):
    """The way to help: pressed, or its code scanned."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Know the code."""
        super().__init__(parent)
        self._modules = qr_modules(command_code("HELP"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def paint(self, canvas: Canvas) -> None:
        """Paint key, word and code."""
        canvas.rtl = False
        box = QRectF(0, 0, canvas.width, canvas.height)
        if self.hasFocus():
            canvas.card(box, "accent_tint", "accent", width=FOCUS)
        middle = box.center().y()
        if canvas.width < _LITTLE_HELP - 1:
            draw_code(canvas, QRectF(0, _CAP, canvas.width, canvas.height - _CAP), self._modules)
            canvas.text(QRectF(2, 0, canvas.width - 4, _CAP), "F1", 18, "quiet", at=CENTRE, middle=True)
            return
        right = draw_code(canvas, QRectF(0, middle - BARE.target / 2, canvas.width, BARE.target), self._modules)
        canvas.text(QRectF(2, middle - 27, right - 4, 24), "F1", 18, "quiet", at=CENTRE, middle=True)
        if canvas.width >= _HELP - 1:
            canvas.text(QRectF(2, middle - 4, right - 4, 32), tr("Help"), 20, at=CENTRE, middle=True, smallest=18)


class KeyRow(QWidget):
    """The row of keys.

    Signals:
        pressed: a verb.
    """

    pressed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Lay the keys out in their groups."""
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.addStretch(1)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._keys: dict[str, Key] = {}
        self._gaps: list[QWidget] = []
        for name, verb in KEYS:
            if name in _GROUPS:
                self._gaps.append(QWidget(self))
                self._row.addWidget(self._gaps[-1])
            key = Key(name, self)
            key.clicked.connect(lambda _checked=False, verb=verb: self.pressed.emit(verb))
            self._row.addWidget(key, 1000)
            self._keys[verb] = key
        self._count, self._zoom, self._touch = 0, 1.0, BARE
        self.help = HelpTile(self)
        self.help.clicked.connect(lambda: self.pressed.emit("HELP"))
        self._row.addWidget(self.help)

    def dress(self, theme: Theme, zoom: float, touch: Touch = BARE) -> None:
        """Take a theme, a size, and how large keys are."""
        side, edge = round(18 * zoom), round(_EDGE * zoom)
        self._row.setContentsMargins(side, edge, side, edge)
        self._row.setSpacing(round(touch.gap * zoom))
        self.setFixedHeight(round((touch.target + 2 * _EDGE) * zoom))
        self._touch = touch
        for blank in self._gaps:
            # A glove's distance keeps every key apart: groups have none to spare.
            blank.setFixedWidth(1)
            blank.setVisible(touch is BARE)
        self._zoom = zoom
        self.help.dress(theme, zoom)
        self._show_help()
        for key in self._keys.values():
            key.setFixedHeight(round(touch.target * zoom))
            key.setMaximumWidth(round(WIDEST * zoom))
            key.dress(theme, zoom)

    def show_keys(self, row: tuple[KeyCap, ...]) -> None:
        """Show the keys of this kind of bench; those it can never use are not drawn."""
        wanted = {cap.verb: cap for cap in row}
        self.setVisible(bool(wanted))
        for verb, key in self._keys.items():
            cap = wanted.get(verb)
            key.setVisible(cap is not None)
            if cap is not None:
                key.show_cap(cap)
        self._count = len(wanted)
        self.help.setAccessibleName(f"{tr('Help')} F1")
        self.help.update()
        self._show_help()

    def _show_help(self) -> None:
        """Keep the tile where every key's word has its room beside it."""
        wide = self.width() / self._zoom >= _WIDE
        narrow = _LITTLE_HELP if self._touch is BARE else _LEAST_HELP
        self.help.setVisible(self._count <= _FEW or wide)
        self.help.setFixedSize(round((_HELP if wide else narrow) * self._zoom), round(self._touch.target * self._zoom))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Look whether there is room."""
        super().resizeEvent(event)
        self._show_help()
