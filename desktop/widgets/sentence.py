"""Sentences with a block of ink inside, and codes with quiet dashes."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from desktop.languages import plain
from desktop.proofs import Block
from desktop.screens import BLOCK
from desktop.theme import FITTING, SLOT_STICKERS, font
from desktop.widgets.paint import CENTRE, Canvas, metrics, width_of

_TALL, _GAP, _LEAST = 1.5, 0.28, 25
"""A line with a block: its height and gaps by its type size, and the smallest one."""


def sticker(slot: int) -> str:
    """Return the colour of a slot's sticker; past the sixth there is none."""
    return SLOT_STICKERS[slot - 1] if 1 <= slot <= len(SLOT_STICKERS) else ""


def block_width(block: Block, size: int) -> float:
    """Return how wide a block is beside words of a size."""
    digits = width_of(block.words, size, bold=True)
    return max(digits + size * 0.62, size * 1.3) + (size * 0.42 if sticker(block.slot) else 0)


def draw_block(canvas: Canvas, box: QRectF, block: Block, size: int) -> None:
    """Draw reversed digits: ink for a quantity, the accent with its sticker for a slot; a single unit is an outline."""
    slot = bool(block.slot)
    single = block.words == "1" and not slot
    fill, ink = ("accent", "on_accent") if slot else ("surface", "ink") if single else ("block", "on_block")
    canvas.card(box, fill, "ink" if single else "", width=3 if single else 1, radius=min(10.0, box.height() / 5))
    inside = QRectF(box)
    colour = sticker(block.slot)
    if colour:
        wide = size * 0.3
        patch = QRectF(box.x() + size * 0.18, box.y() + box.height() * 0.16, wide, box.height() * 0.68)
        canvas.painter.setPen(QPen(canvas.colour(ink), max(1.5, size / 36)))
        canvas.painter.setBrush(QColor(colour))
        canvas.painter.drawRoundedRect(canvas.place(patch), wide / 6, wide / 6)
        inside.setLeft(patch.right())
    capital = metrics(size, bold=True).capHeight()
    known = metrics(size, bold=True)
    top = box.center().y() - capital / 2 - (known.ascent() - capital)
    advance = known.horizontalAdvance(block.words)
    left = inside.x() + (inside.width() - advance) / 2
    canvas.text(QRectF(left, top, advance + 1, known.height() + 1), block.words, size, ink, bold=True, smallest=size)


def sentence(canvas: Canvas, box: QRectF, words: str, block: Block | None, largest: int) -> float:
    """Draw a prompt with its block in it on one line, as large as it fits; return its height."""
    if block is None or BLOCK not in words:
        return canvas.text(box, words.replace(BLOCK, ""), largest, bold=True, lines=3, smallest=25, tight=True)
    before, _, after = (each.strip() for each in words.partition(BLOCK))
    size = next(
        (
            each
            for each in reversed(FITTING)
            if each <= largest and each * _TALL <= box.height() and _wide(before, block, after, each) <= box.width()
        ),
        _LEAST,
    )
    high, gap, left = size * _TALL, size * _GAP, box.x()
    if before:
        room = width_of(before, size, bold=True)
        canvas.text(QRectF(left, box.y(), room + 1, high), before, size, bold=True, middle=True, smallest=_LEAST)
        left += room + gap
    room = block_width(block, size)
    draw_block(canvas, QRectF(left, box.y(), room, high), block, size)
    left += room + gap
    if after:
        area = QRectF(left, box.y(), max(1.0, box.right() - left), high)
        canvas.text(area, after, size, bold=True, middle=True, smallest=_LEAST)
    return high


def _wide(before: str, block: Block, after: str, size: int) -> float:
    parts = [width_of(each, size, bold=True) + size * _GAP for each in (before, after) if each]
    return sum(parts) + block_width(block, size)


def code_hero(canvas: Canvas, box: QRectF, code: str, largest: int, names: tuple[str, ...] = ()) -> float:
    """Draw a code as large as it fits, by the height of its capitals, its dashes quiet; return the height it took.

    Args:
        canvas: what is drawn on.
        box: the room; from its top.
        code: as people read it.
        largest: the largest type size.
        names: what its parts are called, each written below its part.
    """
    code = plain(code)
    parts = code.split("-") if code.count("-") and len(code) <= _LONGEST_GROUPED else [code]
    names = names if len(names) == len(parts) else ()
    room = box.adjusted(0, 0, 0, -_NAMED if names else 0)
    size = next((each for each in reversed(FITTING) if each <= largest and _hero(parts, each, room)), FITTING[0])
    known = metrics(size, bold=True, tight=True)
    capital, dash = known.capHeight(), _dash(size)
    wide = _hero_width(parts, size)
    # The code itself is never mirrored, only the place where it stands.
    left = canvas.place(QRectF(box.x(), box.y(), wide, capital)).x()
    painter = canvas.painter
    painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    baseline = box.y() + capital
    for n, part in enumerate(parts):
        if n:
            bar = QRectF(left + dash * 0.12, baseline - capital * 0.56, dash * 0.76, capital * 0.145)
            painter.fillRect(bar, canvas.colour("edge"))
            left += dash
        path = QPainterPath()
        # Joined letters lie over each other: counted as inside and outside in turns, they would cut holes into each other.
        path.setFillRule(Qt.FillRule.WindingFill)
        path.addText(QPointF(left, baseline), font(size, bold=True, tight=True), part)
        painter.fillPath(path, canvas.colour("ink"))
        advance = known.horizontalAdvance(part)
        if names:
            middle = left + advance / 2
            below = canvas.place(QRectF(middle - _NAME / 2, baseline + _NAMED - 30, _NAME, 28))
            canvas.text(below, names[n], 22, "quiet", at=CENTRE, middle=True)
        left += advance
    canvas.note(code, box, QRectF(box.x(), box.y(), wide, capital))
    return capital + (_NAMED if names else 0)


_LONGEST_GROUPED = 16
_NAMED, _NAME = 48.0, 170.0
"""Height of the names below a code, and the width of one."""


def _dash(size: int) -> float:
    return size * 0.44


def _hero_width(parts: list[str], size: int) -> float:
    known = metrics(size, bold=True, tight=True)
    return sum(known.horizontalAdvance(each) for each in parts) + _dash(size) * (len(parts) - 1)


def _hero(parts: list[str], size: int, box: QRectF) -> bool:
    return _hero_width(parts, size) <= box.width() and metrics(size, bold=True, tight=True).capHeight() <= box.height()


def struck(painter: QPainter, box: QRectF, colour: QColor, ground: QColor) -> None:
    """Strike something out."""
    for pen, width in ((ground, 9.0), (colour, 4.0)):
        painter.setPen(QPen(pen, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(box.bottomLeft(), box.topRight())
