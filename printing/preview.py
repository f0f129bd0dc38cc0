"""What the bytes of a job look like: our own ZPL read back into a picture, so that the screen shows what was sent.

It reads what `zpl` writes and nothing else: of a job that says anything more there is no picture, rather than a wrong
one. Words that a printer sets in its own font are drawn in our letters, as narrow as its own.
"""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from PIL import Image, ImageDraw

from printing import code128, faces, printer_font
from printing.graphic import read_graphic

_COMMAND = re.compile(r"\^([A-Z][A-Z0-9])([^^]*)")
_ESCAPED = re.compile(rb"_([0-9A-F]{2})")
_SILENT = frozenset({"XA", "FX", "FS", "CI", "LH", "PQ", "FH", "JZ", "PR", "PO", "PM", "LR", "LS", "FW", "CV"})
_BLACK, _WHITE = 0, 255
_SIDE_MAX = 8_000
"""Dots: what a job says of its own size is not believed beyond it."""


@dataclass(slots=True)
class _Field:
    """One field as far as it was read."""

    at: tuple[int, int] = (0, 0)
    font: int = 0
    """The height that `^A0` gives; 0 for no words."""
    column: tuple[int, str] = (0, "L")
    """Width and side of `^FB`."""
    bars: tuple[int, int] = (0, 0)
    """Module and height of `^BC`."""
    reverse: bool = False


@dataclass(slots=True)
class _Label:
    """One label as far as it was read."""

    width: int = 0
    height: int = 0
    module: int = 0
    field: _Field = field(default_factory=_Field)
    image: Image.Image | None = None

    def paper(self) -> Image.Image:
        """Return the picture, white at first."""
        if self.image is None:
            if not 0 < self.width <= _SIDE_MAX or not 0 < self.height <= _SIDE_MAX:
                raise ValueError(f"{self.width} by {self.height} dots")
            self.image = Image.new("L", (self.width, self.height), _WHITE)
        return self.image


def preview(data: bytes) -> bytes:
    """Return a grey PNG of the first label of a ZPL job of ours, a pixel a dot; empty where there is no picture of it."""
    try:
        image = _read(data.decode("ascii"))
    except ValueError:
        return b""
    kept = io.BytesIO()
    image.save(kept, "PNG", compress_level=1)
    return kept.getvalue()


def _read(text: str) -> Image.Image:
    label = _Label()
    for name, rest in _COMMAND.findall(text):
        if name == "XZ":
            break
        said = rest.rstrip("\n")
        if name in _DO:
            _DO[name](label, said)
        elif name not in _SILENT:
            raise ValueError(f"^{name}")
    return label.paper()


def _numbers(said: str) -> list[int]:
    return [int(each) for each in said.split(",")]


def _width(label: _Label, said: str) -> None:
    label.width = int(said)


def _height(label: _Label, said: str) -> None:
    label.height = int(said)


def _origin(label: _Label, said: str) -> None:
    x, y = _numbers(said)
    label.field = _Field((x, y))


def _box(label: _Label, said: str) -> None:
    width, height, thick = _numbers(said)
    if thick != min(width, height):
        raise ValueError(f"^GB{said}")
    x, y = label.field.at
    ImageDraw.Draw(label.paper()).rectangle((x, y, x + width - 1, y + height - 1), fill=_BLACK)


def _font(label: _Label, said: str) -> None:
    _, height, _ = said.split(",")
    label.field.font = int(height)


def _column(label: _Label, said: str) -> None:
    width, _, _, side = said.split(",")
    label.field.column = (int(width), side)


def _reversed(label: _Label, _said: str) -> None:
    label.field.reverse = True


def _module(label: _Label, said: str) -> None:
    label.module = int(said)


def _code(label: _Label, said: str) -> None:
    label.field.bars = (label.module, int(said.split(",")[1]))


def _picture(label: _Label, said: str) -> None:
    label.paper().paste(read_graphic(said), label.field.at)


def _data(label: _Label, said: str) -> None:
    here = label.field
    words = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), said.encode()).decode("utf-8")
    if here.bars[0]:
        _draw_bars(label, code128.bars(code128.read_zpl(words)))
    elif here.font:
        _draw_words(label, words)
    else:
        raise ValueError("^FD of nothing")


def _draw_bars(label: _Label, modules: str) -> None:
    pen, (x, y), (module, high) = ImageDraw.Draw(label.paper()), label.field.at, label.field.bars
    for n, each in enumerate(modules):
        if each == "1":
            pen.rectangle((x + n * module, y, x + (n + 1) * module - 1, y + high - 1), fill=_BLACK)


def _draw_words(label: _Label, words: str) -> None:
    """Draw words as a printer sets them: our letters, as narrow as its own are."""
    here = label.field
    capital = here.font * printer_font.CAPITAL
    em = capital / faces.CAPITAL_EM
    wide, ours = max(1, round(printer_font.width(words, True) * capital)), faces.width_em(words, strong=True) * em
    over, under = round(capital * faces.ASCENT_CAPITALS), round(capital * faces.DESCENT_CAPITALS)
    letters = Image.new("L", (max(1, round(ours)), round(capital) + over + under), _BLACK)
    faces.draw(letters, words, 0, over + capital, em, strong=True, ink=_WHITE)
    letters = letters.resize((wide, letters.height))
    room = here.column[0] - wide if here.column[0] else 0
    left = here.at[0] + round(room * {"L": 0.0, "C": 0.5, "R": 1.0}[here.column[1]])
    label.paper().paste(_WHITE if here.reverse else _BLACK, (left, here.at[1] - over), letters)


_DO: Mapping[str, Callable[[_Label, str], None]] = {
    "PW": _width, "LL": _height, "FO": _origin, "GB": _box, "A0": _font, "FB": _column, "FR": _reversed, "BY": _module,
    "BC": _code, "GF": _picture, "FD": _data,
}  # fmt: skip
