"""The cards beside a prompt: each paints one frozen value into a box and says how high it would like to be."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainterPath

from desktop.cards import (
    Bay,
    Card,
    CutOffRow,
    CutOffs,
    Facts,
    Gauge,
    InHand,
    LabelCard,
    Listing,
    Plan,
    Route,
    Shelf,
)
from desktop.proofs import Cart
from desktop.screens import Outcome
from desktop.widgets.cart import columns_of, draw_cart
from desktop.widgets.checklist import ROW, draw_checklist
from desktop.widgets.gauge import draw_gauge
from desktop.widgets.icons import outcome
from desktop.widgets.label_face import ASPECT, draw_label
from desktop.widgets.paint import END, Canvas, Run, fitting, width_of
from desktop.widgets.pictures import has_picture, picture
from desktop.widgets.sentence import block_width, draw_block
from desktop.widgets.walk import draw_bay, draw_plan, draw_route, draw_shelf

PAD = 18.0
_CUT_OFF = 148.0
_FACT = 45.0
_BAR = 12.0


def wish(card: Card, width: float) -> tuple[float, bool]:
    """Return the height a card would like, and whether it takes more when there is more."""
    match card:
        case Cart(slots=slots):
            columns = columns_of(len(slots))
            rows = -(-len(slots) // columns)
            return min(420.0, (width - 2 * PAD) / (columns + 0.24) * (rows * 0.74 + 0.42) + 2 * PAD), False
        case Route(stops=stops):
            return 80.0 + 50 * min(6, len(stops)), True
        case Plan():
            return 250.0, True
        case Shelf():
            return 190.0, False
        case Bay(shelves=shelves):
            return 2 * PAD + 44.0 + 42 * len(shelves) + 8, False
        case InHand():
            return 182.0, False
        case Listing(checks=checks):
            return 74.0 + ROW * len(checks), True
        case Gauge():
            return 190.0, False
        case LabelCard():
            return 210.0, True
        case CutOffs(rows=rows):
            return 60.0 + max(1, len(rows)) * (_CUT_OFF + 18), True
        case Facts(facts=facts, title=title):
            return 2 * PAD + _FACT * len(facts) + (40 if title else 0), False


def draw(canvas: Canvas, box: QRectF, card: Card) -> None:
    """Draw a card on its surface; the list of cut-offs is a stack of cards itself."""
    if isinstance(card, CutOffs):
        _cut_offs(canvas, box, card)
        return
    canvas.card(box)
    inner = box.adjusted(PAD, PAD, -PAD, -PAD)
    match card:
        case Cart(slots=slots):
            draw_cart(canvas, inner, slots)
        case Route():
            draw_route(canvas, inner, card)
        case Plan():
            draw_plan(canvas, inner, card)
        case Shelf():
            draw_shelf(canvas, inner, card)
        case Bay():
            draw_bay(canvas, inner, card)
        case InHand():
            _in_hand(canvas, inner, card)
        case Listing():
            _listing(canvas, inner, card)
        case Gauge():
            draw_gauge(canvas, inner, card)
        case LabelCard():
            _label(canvas, inner, card)
        case Facts():
            _facts(canvas, inner, card)


def _in_hand(canvas: Canvas, box: QRectF, card: InHand) -> None:
    canvas.text(QRectF(box.x(), box.y(), box.width(), 36), card.title, 25, "quiet", elide=True)
    left = box.x()
    if has_picture(card.thing.picture):
        picture(canvas, QRectF(left, box.y() + 36, 108, box.height() - 36), card.thing.picture, framed=False)
        left += 120
    block = QRectF(left, box.y() + 40, block_width(card.block, 42), 62)
    draw_block(canvas, block, card.block, 42)
    canvas.text(QRectF(block.right() + 14, block.y(), box.right() - block.right() - 14, 62), card.unit, 36, bold=True,
                middle=True, elide=True)  # fmt: skip
    line = QRectF(left, block.bottom() + 8, box.right() - left, max(30.0, box.bottom() - block.bottom() - 8))
    thing(canvas, line, card.thing.name, card.thing.variant, 25)


def thing(canvas: Canvas, box: QRectF, name: str, variant: str, size: int) -> None:
    """Draw an item on one line, what tells it from others in the heavier weight."""
    parts = (Run(f"{name}, "), Run(variant, bold=True)) if variant else (Run(name, bold=True),)
    wide = sum(width_of(each.words, 20, bold=each.bold) for each in parts)
    if wide <= box.width():
        canvas.runs(box, parts, size, smallest=20)
    else:
        canvas.text(box, ", ".join(filter(None, (name, variant))), size, lines=2, middle=True, elide=True)


def _listing(canvas: Canvas, box: QRectF, card: Listing) -> None:
    head = box.width() * 0.56
    canvas.text(QRectF(box.x(), box.y(), head - 8, 36), card.title, 25, bold=True, elide=True)
    canvas.text(QRectF(box.x() + head, box.y(), box.width() - head, 36), card.aside, 25, "quiet", at=END)
    draw_checklist(canvas, QRectF(box.x() - 8, box.y() + 44, box.width() + 16, box.height() - 40), card.checks)


def _label(canvas: Canvas, box: QRectF, card: LabelCard) -> None:
    high = min(box.height(), 170.0)
    wide = high / ASPECT
    draw_label(canvas, QRectF(box.x(), box.center().y() - high / 2, wide, high), card.label)
    left = box.x() + wide + 22
    room = box.right() - left
    top = box.center().y() - 72
    canvas.text(QRectF(left, top, room, 32), card.title, 25, elide=True)
    canvas.text(QRectF(left, top + 34, room, 46), card.state, 36, bold=True)
    canvas.text(QRectF(left, top + 82, room, 62), card.detail, 25, "quiet", lines=2, elide=True)


def _facts(canvas: Canvas, box: QRectF, card: Facts) -> None:
    top = box.y()
    if card.title:
        canvas.text(QRectF(box.x(), top, box.width(), 32), card.title, 25, bold=True)
        top += 40
    for fact in card.facts:
        if top + _FACT > box.bottom() + 1:
            return
        half = box.width() * 0.4
        canvas.text(QRectF(box.x(), top, half - 8, _FACT), fact.name, 25, "quiet", middle=True, elide=True)
        area = QRectF(box.x() + half, top, box.width() - half, _FACT)
        canvas.text(area, fact.value, 25, bold=True, at=END, lines=2, middle=True, elide=True)
        top += _FACT


def _cut_offs(canvas: Canvas, box: QRectF, card: CutOffs) -> None:
    canvas.text(QRectF(box.x() + 4, box.y(), box.width() - 8, 36), card.title, 25, bold=True, elide=True)
    top = box.y() + 48
    if not card.rows:
        canvas.text(QRectF(box.x() + 4, top, box.width() - 8, 96), card.empty, 25, "quiet", lines=3)
        return
    room = max(1, int((box.bottom() - top + 18) // (_CUT_OFF + 18)))
    for row in card.rows[:room]:
        _cut_off(canvas, QRectF(box.x(), top, box.width(), _CUT_OFF), row)
        top += _CUT_OFF + 18


def _cut_off(canvas: Canvas, box: QRectF, row: CutOffRow) -> None:
    canvas.card(box)
    inner = box.adjusted(PAD, 14, -PAD, -16)
    half = inner.width() / 2
    canvas.text(QRectF(inner.x(), inner.y(), half, 62), row.time, 50, bold=True, middle=True)
    hue, bold = ("ink", True) if row.urgent else ("quiet", False)
    # The sign in front of what is urgent stands beside the time, not on it.
    room = inner.width() - min(half, width_of(row.time, 50, bold=True)) - 10 - (40 if row.urgent else 0)
    size = fitting(row.left, room, 25, bold=bold)
    wide = min(room, width_of(row.left, size, bold=bold) + 1)
    canvas.text(QRectF(inner.right() - room, inner.y(), room, 62), row.left, size, hue, bold=bold, at=END,
                lines=2, middle=True)  # fmt: skip
    if row.urgent:
        outcome(canvas, QRectF(inner.right() - wide - 40, inner.y() + 16, 28, 28), Outcome.CAUTION)
    canvas.text(QRectF(inner.x(), inner.y() + 64, half, 34), row.carrier, 25, middle=True, elide=True)
    number, _, rest = row.orders.partition(" ")
    canvas.runs(QRectF(inner.x() + half, inner.y() + 64, half, 34),
                (Run(number, bold=True), Run(f" {rest}", hue="quiet")), 25, at=END)  # fmt: skip
    _stages(canvas, QRectF(inner.x(), inner.bottom() - _BAR, inner.width(), _BAR), row.stages)


def _stages(canvas: Canvas, box: QRectF, stages: tuple[int, int, int]) -> None:
    """Draw how far the units are: loaded, packed and picked, most done first; what is not begun stays empty."""
    painter = canvas.painter
    canvas.card(box, "face_left", canvas.theme.outline and "outline", radius=_BAR / 2)
    clip = QPainterPath()
    clip.addRoundedRect(canvas.place(box), _BAR / 2, _BAR / 2)
    painter.save()
    painter.setClipPath(clip)
    x = box.x()
    for n, part in enumerate(stages):
        wide = box.width() * part / 1000
        if wide > 0:
            canvas.fill(QRectF(x, box.y(), max(2.0, wide - 1.5), _BAR), ("stage_1", "stage_2", "stage_4")[n])
        x += wide
    painter.restore()
