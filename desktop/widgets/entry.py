"""The line to type in: a code whose barcode is damaged, or a PIN. By keyboard, or by touch on the keys below it.

It takes no focus: keys come through the window, so that a scan stays a scan while it is open.
"""

from enum import StrEnum

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.languages import tr
from desktop.theme import BARE, FOCUS, SCALE, Theme, Touch
from desktop.widgets.drawing import Drawing, DrawnButton
from desktop.widgets.paint import CENTRE, Canvas, end_of, reads_from_right

_CODE_ROWS = ("1234567890", "QWERTYUIOP", "ASDFGHJKL/", "ZXCVBNM-._")
_TEXT_ROWS = ("1234567890", "QWERTYUIOP", "ASDFGHJKL/\u2423", "ZXCVBNM-._")
_PIN_ROWS = ("123", "456", "789", " 0 ")
_PART_ROWS = (("12345AB", "67890CD", "EFGHI-"), ("JKLMNOP", "QRSTUVW", "XYZ/._"))
"""What is typed with gloves in a low window, in two parts: keys of their size for all of it at once have no room there."""
_TEXT_PART_ROWS = (_PART_ROWS[0], ("JKLMNOP", "QRSTUVW", "XYZ/.\u2423"))
_PARTS = ("123", "JKL")
"""What the key says that leads to a part."""
_LOW_PIN_ROWS = ("12345", "67890")
_LONGEST = 300
_DOT, _CARET = "\u2022", "\u2502"
_BACK, _ENTER, _ESCAPE, _BLANK = "\u232b", "\u21b5", "Esc", "\u2423"
_LINE = 64


class Asked(StrEnum):
    """What is typed."""

    CODE = "code"
    TEXT = "text"
    """Words, with blanks between them."""
    PIN = "pin"


class EntryKey(DrawnButton):
    """One key of the pad."""

    def __init__(self, cap: str, parent: QWidget | None = None) -> None:
        """Show a key."""
        super().__init__(parent)
        self.cap = cap
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paint(self, canvas: Canvas) -> None:
        """Paint it raised; the one that ends typing in the accent."""
        ends = self.cap == _ENTER
        box = QRectF(0, 0, canvas.width, canvas.height - 2)
        canvas.raised(box, "accent" if ends else "raised", "accent" if ends else "edge")
        room = box.adjusted(4, 0, -4, 0)
        canvas.text(room, self.cap, 30, "on_accent" if ends else "ink", bold=True, at=CENTRE, middle=True)


class _Line(Drawing):
    """What was typed, with a caret; of what has no room its end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = ""

    def paint(self, canvas: Canvas) -> None:
        # What is typed runs its own way, whichever way the window's language does.
        canvas.rtl = reads_from_right(self.words)
        canvas.card(canvas.box, "raised", "accent", width=FOCUS)
        box = canvas.box.adjusted(18, 0, -18, 0)
        words = end_of(f"{self.words}{_CARET}", box.width(), SCALE[0], bold=True)
        canvas.text(box, words, 36, bold=True, middle=True)


class _Pad(QWidget):
    """Keys in rows, as on every keyboard, whichever way the language reads; of several parts one is shown."""

    pressed = Signal(str)

    def __init__(self, parts: tuple[tuple[str, ...], ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._all: list[EntryKey] = []
        self._parts: list[list[EntryKey]] = [[] for _ in parts]
        for n, rows in enumerate(parts):
            for row, letters in enumerate(rows):
                for column, letter in enumerate(letters):
                    if letter != " ":
                        self._parts[n].append(self._put(letter, row, column))
            if len(parts) > 1:
                other = (n + 1) % len(parts)
                turn = self._put(_PARTS[other], len(rows) - 1, len(rows[-1]), said=False)
                turn.clicked.connect(lambda _checked=False, other=other: self.turn(other))
                self._parts[n].append(turn)
        rows = parts[0]
        self._put(_ESCAPE, 0, len(rows[0]))
        self._put(_BACK, 1, len(rows[0]))
        tall = len(rows) == 2  # Beside both rows then stands the key that ends typing.
        self._put(_ENTER, 0 if tall else len(rows) - 1, len(rows[0]) + int(tall), rows=2 if tall else 1)
        self.turn(0)

    @property
    def keys(self) -> tuple[EntryKey, ...]:
        """Return the keys that are shown."""
        return tuple(key for key in self._all if not key.isHidden())

    def _put(self, cap: str, row: int, column: int, *, rows: int = 1, said: bool = True) -> EntryKey:
        key = EntryKey(cap, self)
        if said:
            key.clicked.connect(lambda _checked=False: self.pressed.emit(cap))
        self._grid.addWidget(key, row, column, rows, 1)
        self._all.append(key)
        return key

    def turn(self, part: int) -> None:
        """Show a part."""
        for n, keys in enumerate(self._parts):
            for key in keys:
                key.setVisible(n == part)

    def dress(self, theme: Theme, zoom: float, touch: Touch) -> None:
        self._grid.setSpacing(round(touch.gap * zoom))
        for row in range(self._grid.rowCount()):
            self._grid.setRowMinimumHeight(row, round(touch.target * zoom))
        for key in self._all:
            key.setMinimumHeight(round(touch.target * zoom))
            key.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
            key.dress(theme, zoom)
        rows = self._grid.rowCount()
        self.setFixedHeight(round((touch.target * rows + touch.gap * (rows - 1)) * zoom))

    def name_keys(self) -> None:
        names = {_BACK: tr("Delete"), _ENTER: tr("Enter"), _ESCAPE: tr("Back"), _BLANK: tr("Space")}
        for key in self._all:
            key.setAccessibleName(names.get(key.cap, key.cap))


class EntryPad(QWidget):
    """A line and its keys.

    Signals:
        entered: what was typed, never empty.
        cancelled: nothing is typed after all.
    """

    entered = Signal(str)
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Be closed."""
        super().__init__(parent)
        self._asked, self._text = Asked.CODE, ""
        self._line = _Line(self)
        self._whole = {
            Asked.CODE: _Pad((_CODE_ROWS,), self), Asked.TEXT: _Pad((_TEXT_ROWS,), self), Asked.PIN: _Pad((_PIN_ROWS,), self),
        }  # fmt: skip
        self._divided = {
            Asked.CODE: _Pad(_PART_ROWS, self), Asked.TEXT: _Pad(_TEXT_PART_ROWS, self), Asked.PIN: _Pad((_LOW_PIN_ROWS,), self),
        }  # fmt: skip
        self._pads = self._whole
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._line)
        for pad in (*self._whole.values(), *self._divided.values()):
            pad.pressed.connect(self._touched)
            self._column.addWidget(pad)
        self.setAutoFillBackground(True)
        self.hide()

    @property
    def asked(self) -> Asked | None:
        """Return what is being typed; None while it is closed."""
        return None if self.isHidden() else self._asked

    @property
    def keys(self) -> tuple[EntryKey, ...]:
        """Return the keys that are shown."""
        return self._pads[self._asked].keys

    def dress(self, theme: Theme, zoom: float, touch: Touch = BARE, *, low: bool) -> None:
        """Take a theme, a size, and how large keys are; for a glove's in a low window they are divided."""
        side, gap = round((36 if touch is BARE else 24) * zoom), round(8 * zoom)
        self._column.setContentsMargins(side, 0, side, round(18 * zoom))
        self._column.setSpacing(gap)
        self._line.dress(theme, zoom)
        self._line.set_high(_LINE)
        for pad in (*self._whole.values(), *self._divided.values()):
            pad.dress(theme, zoom, touch)
        self._pads = self._divided if low and touch is not BARE else self._whole
        self._show_pad()
        palette = self.palette()
        palette.setColor(self.backgroundRole(), theme.colour("surface"))
        self.setPalette(palette)

    def ask(self, asked: Asked) -> None:
        """Open, empty."""
        self._asked, self._text = asked, ""
        self._show_pad()
        self._show_text()
        self.show()

    def _show_pad(self) -> None:
        shown = self._pads[self._asked]
        for pad in (*self._whole.values(), *self._divided.values()):
            pad.setVisible(pad is shown)
        shown.turn(0)
        shown.name_keys()

    def close_line(self) -> None:
        """Close, and forget what was typed."""
        self._text = ""
        self._show_text()
        self.hide()

    def take_key(self, event: QKeyEvent) -> bool:
        """Take a key of the keyboard and return whether it was one of ours."""
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._touched(_ENTER)
            case Qt.Key.Key_Escape:
                self._touched(_ESCAPE)
            case Qt.Key.Key_Backspace:
                self._touched(_BACK)
            case _ if event.text() and event.text().isprintable():
                self._touched(event.text())
            case _:
                return False
        return True

    def _touched(self, cap: str) -> None:
        match cap:
            case _ if cap == _ESCAPE:
                self.cancelled.emit()
            case _ if cap == _BACK:
                self._text = self._text[:-1]
            case _ if cap == _ENTER:
                text, self._text = self._text.strip(), ""
                if text:
                    self.entered.emit(text)
            case _:
                if self._asked is not Asked.PIN or cap.isdecimal():
                    self._text = (self._text + cap.replace(_BLANK, " "))[:_LONGEST]
        self._show_text()

    def _show_text(self) -> None:
        secret = self._asked is Asked.PIN
        self._line.words = _DOT * len(self._text) if secret else self._text
        code = (
            tr("Code: {code}", code=self._text) if self._asked is Asked.CODE else tr("Typed: {text}", text=self._text)
        )
        said = tr("PIN, {n} digits", n=len(self._text)) if secret else code
        self._line.setAccessibleName(said)
        self._line.update()
