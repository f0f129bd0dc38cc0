"""The brush of every widget: text that fits, cards, icons; mirrored as a whole where people read from the right.

Everything is laid out from the left; `place` mirrors a box. What is drawn of real things (cart, carton, label) takes a
placed box and draws inside it without mirroring. Every text is remembered with the room it had: a test walks all screens
and fails on one that did not fit.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QStaticText, QTextOption

from desktop.languages import plain
from desktop.theme import CORNER, FITTING, SCALE, Theme, font
from desktop.widgets.arabic import arabic_size, draw_arabic, is_arabic

START, CENTRE, END = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight
WRAP = int(Qt.TextFlag.TextWordWrap)
_TALL = 100_000.0
_SLACK = 0.5
_CODE = re.compile(r"(?<=\w)-(?=\w)")
_JOINER = "\u2060"
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A text that was drawn, for the test that looks whether everything fits."""

    words: str
    room: QRectF
    used: QRectF
    fits: bool
    """Whether all of it was shown: what had to end in an ellipsis did not fit."""
    size: int = 0
    """The type size it was set in; 0 where it was drawn as a shape."""


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one look inside a line."""

    words: str
    bold: bool = False
    hue: str = "ink"


@lru_cache(maxsize=8192)
def unbroken(words: str) -> str:
    """Return words whose codes do not break at their hyphens."""
    return _CODE.sub(f"-{_JOINER}", words)


@lru_cache(maxsize=8192)
def _bare(words: str) -> str:
    """Return words without the marks that keep directions apart, where all of them run one way.

    No font of ours draws a mark, and the one that stands in would set its line lower than its neighbours.
    """
    return words if reads_from_right(words) else plain(words)


@lru_cache(maxsize=8192)
def reads_from_right(words: str) -> bool:
    """Return whether a text has letters of a script that runs from right to left."""
    return any(unicodedata.bidirectional(each) in ("R", "AL") for each in words)


@lru_cache(maxsize=256)
def metrics(size: int, *, bold: bool, tight: bool = False) -> QFontMetricsF:
    """Return the measures of a type size."""
    return QFontMetricsF(font(size, bold=bold, tight=tight))


def width_of(words: str, size: int, *, bold: bool = False) -> float:
    """Return how wide words are on one line."""
    if is_arabic(words):
        return arabic_size(font(size, bold=bold), words, _TALL)[0] + _SLACK
    return metrics(size, bold=bold).horizontalAdvance(words)


def end_of(words: str, width: float, size: int, *, bold: bool = False) -> str:
    """Return as much of a line's end as has room at a size, behind an ellipsis where its beginning has none."""
    if width_of(words, size, bold=bold) <= width:
        return words
    cuts = range(1, len(words))
    fits = bisect_left(cuts, True, key=lambda cut: width_of(_ELLIPSIS + words[cut:], size, bold=bold) <= width)
    return _ELLIPSIS + words[cuts[min(fits, len(cuts) - 1)] :]


@lru_cache(maxsize=16384)
def measured(words: str, size: int, width: float, *, bold: bool, lines: int, tight: bool) -> tuple[float, float, int]:
    """Return width, height and lines of a text set at a size into a width."""
    if is_arabic(words):
        return arabic_size(font(size, bold=bold), words, width if lines > 1 else _TALL)
    known = metrics(size, bold=bold, tight=tight)
    if lines == 1:
        return known.horizontalAdvance(words), known.height(), 1
    bound = known.boundingRect(QRectF(0, 0, width, _TALL), WRAP, words)
    return bound.width(), bound.height(), max(1, round(bound.height() / known.lineSpacing()))


@lru_cache(maxsize=4096)
def _shaped(words: str, size: int, *, bold: bool, tight: bool, from_right: bool) -> QStaticText:
    """Return one line of words, set and kept."""
    made = QStaticText(words)
    made.setTextFormat(Qt.TextFormat.PlainText)
    option = QTextOption()
    option.setTextDirection(Qt.LayoutDirection.RightToLeft if from_right else Qt.LayoutDirection.LeftToRight)
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    made.setTextOption(option)
    made.prepare(font=font(size, bold=bold, tight=tight))
    return made


def fitting(words: str, width: float, largest: int, *, bold: bool = True, smallest: int = 18) -> int:
    """Return the largest type size at which a text fits a width on one line."""
    for size in reversed(FITTING):
        if smallest <= size <= largest and width_of(words, size, bold=bold) <= width:
            return size
    return smallest


class Canvas:
    """A painter that knows theme, direction and room, and remembers its texts."""

    def __init__(self, painter: QPainter, theme: Theme, size: QSizeF, *, rtl: bool) -> None:
        """Paint with a painter that is scaled to design pixels."""
        self.painter, self.theme, self.rtl = painter, theme, rtl
        self.width, self.height = size.width(), size.height()
        self.drawn: list[Drawn] = []

    @property
    def box(self) -> QRectF:
        """Return all the room there is."""
        return QRectF(0, 0, self.width, self.height)

    def place(self, box: QRectF) -> QRectF:
        """Return where a box is on the screen: the other way round where people read from the right."""
        return QRectF(self.width - box.right(), box.y(), box.width(), box.height()) if self.rtl else QRectF(box)

    def colour(self, hue: str) -> QColor:
        """Return a hue of the theme, or a colour that is written out, as a colour."""
        return QColor(hue) if hue.startswith("#") else self.theme.colour(hue)

    def text(
        self, box: QRectF, words: str, size: int, hue: str = "ink", *, bold: bool = False, lines: int = 1,
        at: Qt.AlignmentFlag = START, middle: bool = False, smallest: int = SCALE[0], tight: bool = False,
        elide: bool = False,
    ) -> float:  # fmt: skip
        """Draw words into a box, as large as they fit up to a size, and return the height they took.

        Args:
            box: the room; from its top, or in its middle.
            words: what it says.
            size: the largest size.
            hue: the colour.
            bold: the heavier weight.
            lines: how many lines it may take.
            at: which side it stands at, seen by somebody who reads from the left.
            middle: whether it stands in the middle of the box's height.
            smallest: the smallest size.
            tight: whether large letters stand closer.
            elide: whether words that are too long even then may end in an ellipsis: descriptions, never codes.
        """
        if not words:
            return 0.0
        said = unbroken(_bare(words)) if lines > 1 else _bare(words)
        tight = tight and not self.rtl
        size, (wide, high, _) = self._fit(said, box, size, bold=bold, lines=lines, smallest=smallest, tight=tight)
        fits = wide <= box.width() + _SLACK and high <= box.height() + _SLACK
        if not fits and elide:
            said, (wide, high, _) = self._elided(said, box, size, bold=bold, lines=lines)
        top = box.y() + (max(0.0, box.height() - high) / 2 if middle else 0.0)
        left = box.x() + {START: 0.0, CENTRE: (box.width() - wide) / 2, END: box.width() - wide}[at]
        self.drawn.append(Drawn(words, box, QRectF(left, top, wide, high), fits, size))
        self._draw(QRectF(box.x(), top, box.width(), high + 1), said, size, hue, bold=bold, wrap=lines > 1, at=at,
                   tight=tight)  # fmt: skip
        return high

    @staticmethod
    def common_size(
        said: Sequence[tuple[str, bool]], width: float, height: float, largest: int, *, lines: int, smallest: int
    ) -> int:
        """Return the largest type size at which every row of a list fits its room: rows of one list look alike.

        Args:
            said: words of each row, and whether they are bold.
            width: a row's width.
            height: a row's height.
            largest: the largest size.
            lines: how many lines a row may take.
            smallest: the smallest size; a row that does not fit even then is shortened when it is drawn.
        """
        box = QRectF(0, 0, width, height)
        sizes = [
            Canvas._fit(unbroken(_bare(words)) if lines > 1 else _bare(words), box, largest, bold=bold, lines=lines,
                        smallest=smallest, tight=False)[0]
            for words, bold in said
            if words
        ]  # fmt: skip
        return min(sizes, default=largest)

    @staticmethod
    def _fit(
        words: str, box: QRectF, largest: int, *, bold: bool, lines: int, smallest: int, tight: bool
    ) -> tuple[int, tuple[float, float, int]]:
        size = smallest
        for size in [each for each in reversed(FITTING) if smallest <= each <= largest] or [largest]:
            found = measured(words, size, box.width(), bold=bold, lines=lines, tight=tight)
            if found[0] <= box.width() + _SLACK and found[1] <= box.height() + _SLACK and found[2] <= lines:
                return size, found
        return size, measured(words, size, box.width(), bold=bold, lines=lines, tight=tight)

    def _elided(
        self, words: str, box: QRectF, size: int, *, bold: bool, lines: int
    ) -> tuple[str, tuple[float, float, int]]:
        known = metrics(size, bold=bold)
        if lines == 1:
            said = known.elidedText(words, Qt.TextElideMode.ElideRight, box.width())
            return said, measured(said, size, box.width(), bold=bold, lines=1, tight=False)
        said = words
        while len(said) > 1:
            said = said[: max(1, int(len(said) * 0.92))].rstrip(" ,.;")
            found = measured(said + _ELLIPSIS, size, box.width(), bold=bold, lines=lines, tight=False)
            if found[0] <= box.width() + _SLACK and found[1] <= box.height() + _SLACK:
                return said + _ELLIPSIS, found
        return _ELLIPSIS, measured(_ELLIPSIS, size, box.width(), bold=bold, lines=1, tight=False)

    def _draw(
        self, box: QRectF, words: str, size: int, hue: str, *, bold: bool, wrap: bool, at: Qt.AlignmentFlag,
        tight: bool,
    ) -> None:  # fmt: skip
        painter = self.painter
        painter.setPen(self.colour(hue))
        from_right = self.rtl and reads_from_right(words)
        if is_arabic(words):
            side = {START: END, END: START, CENTRE: CENTRE}[at] if self.rtl else at
            draw_arabic(painter, self.place(box), font(size, bold=bold), words, side, from_right=from_right, wrap=wrap)
            return
        painter.setFont(font(size, bold=bold, tight=tight))
        side = {START: END, END: START, CENTRE: CENTRE}[at] if self.rtl else at
        if not wrap:
            # Shaped once and kept: most words of a screen were on the one before.
            set_text = _shaped(words, size, bold=bold, tight=tight, from_right=from_right)
            room = box.width() - set_text.size().width()
            spot = self.place(box).topLeft() + QPointF({END: room, CENTRE: room / 2}.get(side, 0.0), 0)
            painter.drawStaticText(spot, set_text)
            return
        painter.setLayoutDirection(Qt.LayoutDirection.RightToLeft if from_right else Qt.LayoutDirection.LeftToRight)
        flags = int(side | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignAbsolute) | WRAP
        painter.drawText(self.place(box), flags | int(Qt.TextFlag.TextDontClip), words)

    def note(self, words: str, room: QRectF, used: QRectF) -> None:
        """Remember words that were drawn as a shape."""
        fits = used.width() <= room.width() + _SLACK and used.height() <= room.height() + _SLACK
        self.drawn.append(Drawn(words, room, used, fits))

    def runs(
        self, box: QRectF, parts: Sequence[Run], size: int, *, at: Qt.AlignmentFlag = START, smallest: int = SCALE[0]
    ) -> float:
        """Draw one line of words of several looks, as large as it fits, in the box's middle; return its width."""
        said = [each for each in parts if each.words]
        size = next(
            (
                each
                for each in reversed(FITTING)
                if smallest <= each <= size and self._wide(said, each) <= box.width() + _SLACK
            ),
            smallest,
        )
        wide = self._wide(said, size)
        left = box.x() + {START: 0.0, CENTRE: (box.width() - wide) / 2, END: box.width() - wide}[at]
        for each in self._in_order(said):
            room = min(width_of(each.words, size, bold=each.bold), box.right() - left)
            self.text(
                QRectF(left, box.y(), max(1.0, room), box.height()), each.words, size, each.hue, bold=each.bold,
                middle=True, smallest=size, elide=True,
            )  # fmt: skip
            left += room
        return wide

    def _in_order(self, parts: Sequence[Run]) -> list[Run]:
        """Return runs in the order they are placed: Latin words among others keep their own direction."""
        if not self.rtl:
            return list(parts)
        found: list[Run] = []
        latin: list[Run] = []
        for each in parts:
            if any(letter.isascii() and letter.isalpha() for letter in each.words):
                latin.insert(0, each)
                continue
            found += [*latin, each]
            latin = []
        return found + latin

    @staticmethod
    def _wide(parts: Sequence[Run], size: int) -> float:
        return sum(width_of(each.words, size, bold=each.bold) for each in parts)

    def card(
        self, box: QRectF, fill: str = "raised", line: str = "hairline", *, width: float = 1, radius: float = CORNER
    ) -> None:
        """Draw a rounded surface; no line where it has no hue."""
        half = width / 2 if line else 0
        self.painter.setBrush(self.colour(fill))
        self.painter.setPen(QPen(self.colour(line), width) if line else Qt.PenStyle.NoPen)
        self.painter.drawRoundedRect(self.place(box).adjusted(half, half, -half, -half), radius, radius)

    def raised(self, box: QRectF, fill: str = "raised", line: str = "edge", shade: str = "edge") -> None:
        """Draw a surface that can be pressed: the only thing with a lower edge."""
        self.card(box.translated(0, 2), shade, "")
        self.card(box, fill, line)

    def rule(self, x: float, y: float, width: float, hue: str = "hairline") -> None:
        """Draw a line between surfaces."""
        self.painter.fillRect(self.place(QRectF(x, y, width, 1)), self.colour(hue))

    def fill(self, box: QRectF, hue: str) -> None:
        """Fill a box."""
        self.painter.fillRect(self.place(box), self.colour(hue))

    def dot(self, centre: QPointF, radius: float, hue: str) -> None:
        """Fill a circle."""
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(self.colour(hue))
        spot = self.place(QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius))
        self.painter.drawEllipse(spot)
