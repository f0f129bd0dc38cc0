"""What is written on the key that would press something, and how it is drawn."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPen

from desktop.widgets.keys import KEY_NAMES
from desktop.widgets.paint import CENTRE, Canvas

_CAPS = {"CONFIRM": "Enter", "YES": "Y", "NO": "Esc", "MENU": "F10", "FIND": "F12", "HELP": "F1", "NOTPRINTED": "N"}


def cap_of(key: str) -> str:
    """Return the name of the key for a verb with its argument."""
    verb, _, argument = key.partition("-")
    return argument if verb == "QTY" else _CAPS.get(verb) or KEY_NAMES.get(verb, "")


def draw_cap(canvas: Canvas, box: QRectF, cap: str, hue: str) -> None:
    """Draw a key's name in its outline."""
    painter = canvas.painter
    painter.setPen(QPen(canvas.colour(hue), 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(canvas.place(box), 7, 7)
    canvas.text(box.adjusted(4, 0, -4, 0), cap, 20, hue, bold=True, at=CENTRE, middle=True)
