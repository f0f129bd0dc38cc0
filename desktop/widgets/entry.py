"""The line to type in: a code whose barcode is damaged, or a PIN. By keyboard, or by touch on the keys below it.

It takes no focus: keys come through the window, so that a scan stays a scan while it is open.
"""

from enum import StrEnum

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from desktop.languages import tr
from desktop.theme import BARE, FOCUS, Theme, Touch
from desktop.widgets.drawing import Drawing, DrawnButton
from desktop.widgets.paint import CENTRE, Canvas

_CODE_ROWS = ("1234567890", "QWERTYUIOP", "ASDFGHJKL/", "ZXCVBNM-._")
_PIN_ROWS = ("123", "456", "789", " 0 ")
_LONGEST = 300
_DOT, _CARET = "\u2022", "\u2502"
_BACK, _ENTER, _ESCAPE = "\u232b", "\u21b5", "Esc"
_LINE, _KEY, _LOW_KEY = 64, 76, 56


class Asked(StrEnum):
    """What is typed."""

    CODE = "code"
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
        canvas.text(box, self.cap, 25, "on_accent" if ends else "ink", bold=True, at=CENTRE, middle=True)


class _Line(Drawing):
    """What was typed, with a caret."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = ""

    def paint(self, canvas: Canvas) -> None:
        canvas.rtl = False
        canvas.card(canvas.box, "raised", "accent", width=FOCUS)
        box = canvas.box.adjusted(18, 0, -18, 0)
        canvas.text(box, f"{self.words}{_CARET}", 36, bold=True, middle=True, elide=True)


class _Pad(QWidget):
    """Keys in rows, as on every keyboard, whichever way the language reads."""

    pressed = Signal(str)

    def __init__(self, rows: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self.keys: list[EntryKey] = []
        for row, letters in enumerate(rows):
            for column, letter in enumerate(letters):
                if letter != " ":
                    self._put(letter, row, column)
        for cap, row in ((_ESCAPE, 0), (_BACK, 1), (_ENTER, len(rows) - 1)):
            self._put(cap, row, len(rows[0]))

    def _put(self, cap: str, row: int, column: int) -> None:
        key = EntryKey(cap, self)
        key.clicked.connect(lambda _checked=False: self.pressed.emit(cap))
        self._grid.addWidget(key, row, column)
        self.keys.append(key)

    def dress(self, theme: Theme, zoom: float, high: int) -> None:
        self._grid.setSpacing(round(6 * zoom))
        for key in self.keys:
            key.setFixedHeight(round(high * zoom))
            key.dress(theme, zoom)

    def name_keys(self) -> None:
        names = {_BACK: tr("Delete"), _ENTER: tr("Enter"), _ESCAPE: tr("Back")}
        for key in self.keys:
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
        self._pads = {Asked.CODE: _Pad(_CODE_ROWS, self), Asked.PIN: _Pad(_PIN_ROWS, self)}
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._line)
        for pad in self._pads.values():
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
        return tuple(self._pads[self._asked].keys)

    def dress(self, theme: Theme, zoom: float, touch: Touch = BARE, *, low: bool) -> None:
        """Take a theme, a size, and how large keys are; in a low window they are lower too."""
        side, gap = round(36 * zoom), round(8 * zoom)
        self._column.setContentsMargins(side, 0, side, round(18 * zoom))
        self._column.setSpacing(gap)
        self._line.dress(theme, zoom)
        self._line.set_high(_LINE)
        for pad in self._pads.values():
            pad.dress(theme, zoom, _LOW_KEY if low else _KEY)
        if not low:
            # The alphabet has no room for keys of a glove's size: what is typed with gloves is digits.
            self._pads[Asked.PIN].dress(theme, zoom, max(_KEY, touch.target) if touch is not BARE else _KEY)
        palette = self.palette()
        palette.setColor(self.backgroundRole(), theme.colour("surface"))
        self.setPalette(palette)

    def ask(self, asked: Asked) -> None:
        """Open, empty."""
        self._asked, self._text = asked, ""
        for kind, pad in self._pads.items():
            pad.setVisible(kind is asked)
        self._pads[asked].name_keys()
        self._show_text()
        self.show()

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
                if self._asked is Asked.CODE or cap.isdecimal():
                    self._text = (self._text + cap)[:_LONGEST]
        self._show_text()

    def _show_text(self) -> None:
        secret = self._asked is Asked.PIN
        self._line.words = _DOT * len(self._text) if secret else self._text
        said = tr("PIN, {n} digits", n=len(self._text)) if secret else tr("Code: {code}", code=self._text)
        self._line.setAccessibleName(said)
        self._line.update()
