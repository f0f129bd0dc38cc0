"""What proves a prompt, painted into the room below it: one function for each frozen value."""

from PySide6.QtCore import QRectF

from desktop.cards import Gauge, LabelCard
from desktop.proofs import (
    Block,
    Cart,
    Dock,
    Fact,
    Hero,
    Kinds,
    Mark,
    Packing,
    Paper,
    Part,
    Picture,
    Place,
    Proof,
    Remedy,
    Rows,
    Sheet,
    Steps,
    Subject,
    Take,
    ToScan,
)
from desktop.screens import Outcome, Screen
from desktop.storyline import Story
from desktop.theme import FITTING, SCALE
from desktop.widgets.cards import thing
from desktop.widgets.cart import draw_cart
from desktop.widgets.carton import draw_carton
from desktop.widgets.checklist import LEAST, ROW, draw_checklist
from desktop.widgets.dock import draw_dock
from desktop.widgets.icons import glyph, mark, outcome
from desktop.widgets.label_face import ASPECT, aspect_of, draw_label
from desktop.widgets.paint import CENTRE, END, Canvas, Run, width_of
from desktop.widgets.pictures import has_picture, picture, shape
from desktop.widgets.printer import draw_printer
from desktop.widgets.qr import draw_large, qr_modules
from desktop.widgets.sentence import block_width, code_hero, draw_block, struck
from desktop.widgets.story import draw_story

_LOW = 430.0
"""Less height than this, and things stand side by side."""
_CODE_ALONE = 190.0
"""In less height than this a place is its code alone."""
_NAMED = 370.0
"""From this height on the parts of a place's code are named."""
_NARROW = 700.0
_GUTTER = 20.0
_SHEET_ROW = 55.0
_STEP = 46.0
"""The least a step takes."""
_DETAIL = 60.0
"""The least height of what is said below a label's state."""
_PAGE = 0.4
"""The share of the width that a page takes at most which is to be looked at."""
_FACT_HIGH, _FACT_WIDE, _FACT_COLUMNS, _FACT_SIZE = 62.0, 225.0, 4, 25
_STAGES = 76.0
"""In less height than this for each, what comes later is its name alone."""
_ROOMY = 220.0
"""From this height on what a question is about is larger."""
_KIND, _KIND_HIGH, _ALONE = 120.0, 66.0, 200.0
"""What can be scanned stands in one row where each has so much room."""


def draw(canvas: Canvas, box: QRectF, proof: Proof, screen: Screen, *, folded: bool) -> None:
    """Paint a proof; `folded` says that the cards beside are not shown and their news belongs in here."""
    match proof:
        case Hero():
            _hero(canvas, box, proof)
        case Place():
            _place(canvas, box, proof, folded=folded)
        case Take():
            _take(canvas, box, proof, folded=folded)
        case Cart(slots=slots):
            draw_cart(canvas, box, slots)
        case Packing():
            _packing(canvas, box, proof, screen, folded=folded)
        case Paper():
            _paper(canvas, box, proof)
        case Dock(loads=loads):
            draw_dock(canvas, box, loads)
        case Kinds(kinds=kinds):
            _kinds(canvas, box, kinds)
        case Rows():
            _rows(canvas, box, proof)
        case Picture() | Story():
            _seen(canvas, box, proof)
        case Sheet():
            _sheet(canvas, box, proof)
        case Steps():
            _steps(canvas, box, proof)
        case Subject():
            _subject(canvas, box, proof)
        case ToScan():
            _to_scan(canvas, box, proof)
        case Remedy(part=part, steps=steps):
            _remedy(canvas, box, part, steps)


def _seen(canvas: Canvas, box: QRectF, proof: Picture | Story) -> None:
    """Paint what happened, or a photo of it."""
    if isinstance(proof, Story):
        draw_story(canvas, box, proof)
    elif has_picture(proof.digest):
        picture(canvas, box, proof.digest, framed=False)
    else:
        canvas.text(box, proof.missing, 36, "quiet", lines=4, smallest=25)


def _remedy(canvas: Canvas, box: QRectF, part: Part, steps: tuple[str, ...]) -> None:
    """Paint the printer at the side where reading begins, and the numbered steps beside it."""
    side = min(box.height(), box.width() * 0.34)
    draw_printer(canvas, QRectF(box.x(), box.y(), side, min(box.height(), side)), part)
    rest = box.adjusted(side + 2 * _GUTTER, 0, 0, 0)
    _numbered(canvas, rest, steps)


def _numbered(canvas: Canvas, rest: QRectF, steps: tuple[str, ...]) -> None:
    """Paint steps with their numbers, the first lit."""
    high = min(rest.height() / len(steps), 84.0)
    mark = min(44.0, high - 8)
    said = [(words, n == 0) for n, words in enumerate(steps)]
    size = canvas.common_size(said, rest.width() - mark - 18, high, 36, lines=2, smallest=20)
    for n, words in enumerate(steps):
        row = QRectF(rest.x(), rest.y() + n * high, rest.width(), high)
        spot = QRectF(row.x(), row.center().y() - mark / 2, mark, mark)
        canvas.card(spot, "accent" if n == 0 else "raised", "accent" if n == 0 else "edge", radius=mark / 2)
        hue = "on_accent" if n == 0 else "ink"
        canvas.text(spot, str(n + 1), 25, hue, bold=True, at=CENTRE, middle=True)
        area = row.adjusted(mark + 18, 0, 0, 0)
        canvas.text(area, words, size, bold=n == 0, lines=2, smallest=20, middle=True, elide=True)


def _to_scan(canvas: Canvas, box: QRectF, proof: ToScan) -> None:
    """Paint a code as large as the room lets it be, and what it is of beside it."""
    side = draw_large(canvas, box, qr_modules(proof.content))
    rest = box.adjusted(side + _GUTTER, 0, 0, 0)
    high = code_hero(canvas, rest.adjusted(0, 6, 0, -80), proof.words, 102)
    below = rest.adjusted(0, high + 24, 0, 0)
    canvas.text(below, proof.detail, 25, "quiet", lines=6, smallest=18, elide=True)


def _hero(canvas: Canvas, box: QRectF, hero: Hero) -> None:
    lower = 70.0 if hero.detail else 0.0
    # Letters that reach below the line need room that a code's capitals do not.
    largest = 204 if box.height() > _LOW else 144
    high = code_hero(canvas, box.adjusted(0, 6, 0, -lower - 24), hero.words, largest)
    if hero.detail:
        area = QRectF(box.x(), box.y() + high + 40, box.width(), max(34.0, box.bottom() - box.y() - high - 40))
        if hero.good is not None:
            outcome(canvas, QRectF(area.x(), area.y(), 36, 36), Outcome.ACCEPT if hero.good else Outcome.CAUTION)
            area.setLeft(area.x() + 52)
        canvas.text(area, hero.detail, 25, "quiet", lines=3, elide=True)


def _place(canvas: Canvas, box: QRectF, place: Place, *, folded: bool) -> None:
    if box.height() < _CODE_ALONE:
        code_hero(canvas, box, place.code, 204)
        return
    low = box.height() < _LOW
    foot = 96.0 if low else 150.0
    room = QRectF(box.x(), box.y() + (4 if low else 22), box.width(), box.height() - foot - (30 if low else 60))
    high = code_hero(canvas, room, place.code, 204, place.names if box.height() >= _NAMED else ())
    line = min(box.bottom() - foot, max(room.y() + high + (26 if low else 54), box.bottom() - foot - 30))
    canvas.rule(box.x(), line, box.width())
    area = QRectF(box.x(), line + 14, box.width(), box.bottom() - line - 14)
    if low:
        _then_row(canvas, area, place, folded=folded)
    else:
        _then(canvas, area, place)


def _then_row(canvas: Canvas, box: QRectF, place: Place, *, folded: bool) -> None:
    """Paint what is taken then on one line, with the slot at its end."""
    right = box.right()
    middle = QRectF(box.x(), box.y(), box.width(), min(box.height(), 64.0))
    if folded and place.slot:
        block = Block(str(place.slot), place.slot)
        wide = block_width(block, 36)
        draw_block(canvas, QRectF(right - wide, middle.y() + 6, wide, 52), block, 36)
        right -= wide + 16
        room = min(width_of(place.into, 25, bold=False) + 2, box.width() * 0.22)
        canvas.text(QRectF(right - room, middle.y(), room, 64), place.into, 25, "quiet", middle=True)
        right -= room + 18
    left = box.x()
    if has_picture(place.thing.picture):
        picture(canvas, QRectF(left, middle.y(), 64, 64), place.thing.picture, framed=False)
        left += 82
    room = min(width_of(place.lead, 25, bold=False) + 2, box.width() * 0.24)
    canvas.text(QRectF(left, middle.y(), room, 64), place.lead, 25, "quiet", middle=True)
    left += room + 16
    wide = block_width(place.block, 36)
    draw_block(canvas, QRectF(left, middle.y() + 6, wide, 52), place.block, 36)
    left += wide + 16
    _unit_and_thing(canvas, QRectF(left, middle.y(), right - left, 64), place.unit, place.thing.name,
                    place.thing.variant or "", 25)  # fmt: skip


def _unit_and_thing(canvas: Canvas, box: QRectF, unit: str, name: str, variant: str, size: int) -> None:
    parts = [Run(f"{unit}   ", bold=True), Run(f"{name}, " if variant else name), Run(variant, bold=True)]
    wide = sum(width_of(each.words, 20, bold=each.bold) for each in parts)
    if wide <= box.width():
        canvas.runs(box, parts, size, smallest=20)
        return
    words = "  ".join(filter(None, (unit, ", ".join(filter(None, (name, variant))))))
    canvas.text(box, words, size, lines=2, middle=True, elide=True)


def _then(canvas: Canvas, box: QRectF, place: Place) -> None:
    left = box.x()
    if has_picture(place.thing.picture):
        side = min(120.0, box.height() - 8)
        picture(canvas, QRectF(left, box.y() + 4, side, side), place.thing.picture)
        left += side + 27
    canvas.text(QRectF(left, box.y(), box.right() - left, 38), place.lead, 25, "quiet")
    top = box.y() + 40
    wide = block_width(place.block, 42)
    draw_block(canvas, QRectF(left, top, wide, 63), place.block, 42)
    left += wide + 16
    room = QRectF(left, top - 4, box.right() - left, 71)
    _unit_and_thing(canvas, room, place.unit, place.thing.name, place.thing.variant, 36)


def _take(canvas: Canvas, box: QRectF, take: Take, *, folded: bool) -> None:
    left, bottom = box.x(), box.bottom()
    if take.neighbour is not None:
        bottom -= 92
        _neighbour(canvas, QRectF(box.x(), bottom + 12, box.width(), 80), take)
        canvas.rule(box.x(), bottom, box.width())
    if has_picture(take.thing.picture):
        side = min(bottom - box.y() - 16, box.width() * 0.38)
        picture(canvas, QRectF(left, box.y() + 4, side, side), take.thing.picture)
        left += side + 36
    low = bottom - box.y() < 250
    top = box.y() + (0 if low else 10)
    room = box.right() - left
    name = take.thing.name if take.thing.variant else ""
    if name:
        top += canvas.text(QRectF(left, top, room, 50 if low else 92), name, 36, lines=1 if low else 2, smallest=25,
                           elide=True)  # fmt: skip
    hero = take.thing.variant or take.thing.name or take.thing.code
    left_over = max(60.0, bottom - top - 36 - 34 * len(take.notes[:2]))
    top += canvas.text(QRectF(left, top, room, min(left_over, 250.0)), hero, 102, bold=True, lines=3, smallest=30,
                       tight=True, elide=True)  # fmt: skip
    lines = (take.thing.code, *take.notes)
    for n, words in enumerate(each for each in lines if each):
        if top + 32 > bottom:
            break
        canvas.text(QRectF(left, top, room, 34), words, 25, "ink" if n else "quiet", bold=bool(n), elide=True)
        top += 34
    if folded and take.slot:
        block = Block(str(take.slot), take.slot)
        wide = block_width(block, 36)
        draw_block(canvas, QRectF(box.right() - wide, box.y() + 6, wide, 52), block, 36)
        area = QRectF(box.right() - wide - 216, box.y(), 200, 64)
        canvas.text(area, take.into, 25, "quiet", at=END, middle=True)


def _neighbour(canvas: Canvas, box: QRectF, take: Take) -> None:
    neighbour = take.neighbour
    if neighbour is None:
        return
    side = 66.0
    spot = QRectF(box.x(), box.y() + 2, side, side)
    inner = canvas.place(spot)
    if has_picture(neighbour.picture):
        picture(canvas, spot, neighbour.picture, framed=False)
    else:
        glyph(canvas, spot.adjusted(9, 9, -9, -9), "item", "edge")
    struck(canvas.painter, inner.adjusted(6, 6, -6, -6), canvas.colour("ink"), canvas.colour("surface"))
    left = spot.right() + 20
    canvas.text(QRectF(left, box.y(), box.right() - left, 34), neighbour.words, 25, bold=True, elide=True)
    canvas.text(QRectF(left, box.y() + 36, box.right() - left, 34), neighbour.place, 25, "quiet", elide=True)


def _packing(canvas: Canvas, box: QRectF, packing: Packing, screen: Screen, *, folded: bool) -> None:
    side = 176.0 if folded else 0.0
    if folded:
        _column(canvas, QRectF(box.right() - side + 18, box.y(), side - 18, box.height()), screen)
        canvas.fill(QRectF(box.right() - side - 1, box.y(), 1, box.height()), "hairline")
    room = box.width() - side
    drawn = packing.carton is not None and box.height() > 180
    wide = room * (0.52 if drawn else 1.0) - (18 if folded else 0)
    draw_checklist(canvas, QRectF(box.x() - 12, box.y(), wide, box.height()), packing.checks)
    if not drawn or packing.carton is None:
        return
    area = QRectF(box.x() + wide + 12, box.y(), room - wide - (36 if folded else 12), box.height())
    draw_carton(canvas, area.adjusted(0, 0, 0, -44), packing.carton)
    canvas.text(QRectF(area.x(), area.bottom() - 40, area.width(), 40), packing.caption, 25, "quiet", at=CENTRE)


def _column(canvas: Canvas, box: QRectF, screen: Screen) -> None:
    """Say in words what the folded cards would show: weight and label."""
    top = box.y()
    for card in screen.beside:
        if isinstance(card, Gauge):
            said = (card.title, card.reading, f"{card.words}\n{card.band}")
        elif isinstance(card, LabelCard):
            said = (card.title, card.state, card.detail)
        else:
            continue
        if top > box.y():
            canvas.rule(box.x(), top, box.width())
            top += 14
        top += canvas.text(QRectF(box.x(), top, box.width(), 26), said[0], 18, "quiet", elide=True)
        top += canvas.text(QRectF(box.x(), top, box.width(), 48), said[1], 36, bold=True)
        if isinstance(card, LabelCard) and box.bottom() - top < _DETAIL:
            continue  # Its state says it.
        lower = QRectF(box.x(), top + 2, box.width(), max(26.0, min(90.0, box.bottom() - top - 2)))
        top += canvas.text(lower, said[2], 18, "quiet", lines=3, elide=True) + 18


def _paper(canvas: Canvas, box: QRectF, paper: Paper) -> None:
    high = min(box.height(), 430.0)
    aspect = aspect_of(paper.label)
    wide = min(high / aspect, box.width() * 0.4)
    draw_label(canvas, QRectF(box.x(), box.y(), wide, wide * aspect), paper.label)
    # One that lies across leaves room below it: its stages take what a standing one leaves them.
    room = min(box.height(), max(wide * aspect, min(high, wide * ASPECT)))
    _stages(canvas, QRectF(box.x() + wide + 54, box.y(), box.width() - wide - 54, room), paper)


def _stages(canvas: Canvas, box: QRectF, paper: Paper) -> None:
    """Paint how far a label is: every stage in one size, what is said of it below; what comes later says less where it is tight."""
    tight = box.height() < _STAGES * len(paper.stages)
    said = [stage.detail if not (tight and stage.mark is Mark.LATER) else "" for stage in paper.stages]
    shares = [1.0 + 0.7 * bool(detail) for detail in said]
    share = min(110.0 / max(shares), box.height() / max(1.0, sum(shares)))
    head = min(50.0, share * 0.92)
    size = max((each for each in FITTING if each * 1.3 <= head and each <= SCALE[2]), default=SCALE[0])
    icon = min(50.0, share * 0.72)
    top = box.y() + max(0.0, (box.height() - share * sum(shares)) / 2)
    for stage, detail, part in zip(paper.stages, said, shares, strict=True):
        high = share * part
        mark(canvas, QRectF(box.x(), top + (high - icon) / 2, icon, icon), stage.mark)
        x = box.x() + icon + 24
        strong = stage.mark in (Mark.NOW, Mark.TROUBLE)
        hue = "quiet" if stage.mark is Mark.LATER else "ink"
        row = QRectF(x, top, box.right() - x, high)
        if detail:
            row.setHeight(head)
            below = QRectF(x, top + head, row.width(), high - head)
            canvas.text(below, detail, 25, "quiet", lines=2, elide=True)
        canvas.text(row, stage.words, size, hue, bold=strong, middle=True, elide=True)
        top += high


def _kinds(canvas: Canvas, box: QRectF, kinds: tuple[tuple[str, str], ...]) -> None:
    columns = len(kinds) if box.width() / len(kinds) >= _KIND else min(len(kinds), 3)
    rows = -(-len(kinds) // columns)
    wide, high = box.width() / columns, min(150.0 if len(kinds) > 1 else box.height(), box.height() / rows)
    icon = max(24.0, min(56.0 if len(kinds) > 1 else _ALONE, high - 44))
    top = box.y() + max(0.0, (box.height() - high * rows) / 2)
    for n, (name, words) in enumerate(kinds):
        row, column = divmod(n, columns)
        x, y = box.x() + column * wide, top + row * high
        if high < _KIND_HIGH:
            canvas.text(QRectF(x + 2, y, wide - 4, high), words, 25, "quiet", at=CENTRE, middle=True, elide=True)
            continue
        glyph(canvas, QRectF(x + (wide - icon) / 2, y, icon, icon), name)
        canvas.text(QRectF(x + 2, y + icon + 6, wide - 4, 36), words, 25, "quiet", at=CENTRE, elide=True)


def _rows(canvas: Canvas, box: QRectF, rows: Rows) -> None:
    if not rows.rows:
        canvas.text(QRectF(box.x(), box.y() + 6, box.width(), 110), rows.empty, 36, "quiet", lines=2, smallest=25)
        return
    if has_picture(rows.picture):
        side = min(box.height(), box.width() * 0.34)
        picture(canvas, QRectF(box.x(), box.y(), side, side), rows.picture)
        box = box.adjusted(side + 36, 0, 0, 0)
    columns = 2 if box.width() > _NARROW and len(rows.rows) * LEAST > box.height() else 1
    half = -(-len(rows.rows) // columns)
    # Columns before the last are full of what they show: only the last tells how much more there is.
    if columns > 1:
        half = min(half, max(1, int(box.height() // LEAST)))
    wide = (box.width() - _GUTTER * (columns - 1)) / columns
    for n in range(columns):
        part = rows.rows[n * half :] if n == columns - 1 else rows.rows[n * half : (n + 1) * half]
        area = QRectF(box.x() - 12 + n * (wide + _GUTTER), box.y(), wide + 12, min(box.height(), 72.0 * half))
        draw_checklist(canvas, area, part, ticks=False, rows=half)


def _sheet(canvas: Canvas, box: QRectF, sheet: Sheet) -> None:
    """Paint what is wrong above, and below it the facts side by side."""
    rows = _fact_rows(box, sheet.facts)
    high = _FACT_HIGH * len(rows)
    area = QRectF(box.x(), box.y(), box.width(), max(_SHEET_ROW, box.height() - high - _GUTTER))
    if sheet.rows:
        area.setHeight(min(area.height(), ROW * len(sheet.rows)))
        draw_checklist(canvas, area.adjusted(-12, 0, 0, 0), sheet.rows, ticks=False, least=_SHEET_ROW)
    else:
        canvas.text(area, sheet.empty, 36, "quiet", lines=2, smallest=25)
    _facts(canvas, QRectF(box.x(), box.bottom() - high, box.width(), high), rows)


def _steps(canvas: Canvas, box: QRectF, proof: Steps) -> None:
    """Paint the steps above, and below them as many rows of facts as they leave room for, all beside the page they are about."""
    if has_picture(proof.picture):
        wide = min(box.width() * _PAGE, box.height() / shape(proof.picture))
        picture(canvas, QRectF(box.x(), box.y(), wide, box.height()), proof.picture)
        box = box.adjusted(wide + _GUTTER, 0, 0, 0)
    rows = _fact_rows(box, proof.facts)
    fitting = int((box.height() - _STEP * len(proof.steps) - _GUTTER) // _FACT_HIGH)
    rows = rows[: max(0, fitting)]
    high = _FACT_HIGH * len(rows)
    area = QRectF(box.x(), box.y(), box.width(), box.height() - high - _GUTTER * bool(rows))
    _numbered(canvas, area, proof.steps)
    if rows:
        _facts(canvas, QRectF(box.x(), box.bottom() - high, box.width(), high), rows)


def _fact_rows(box: QRectF, facts: tuple[Fact, ...]) -> list[list[tuple[Fact, int, int]]]:
    """Return facts in rows, each with its column and how many columns it takes: a long value takes more than one."""
    columns = min(_FACT_COLUMNS, max(1, int(box.width() // _FACT_WIDE)))
    wide = (box.width() + _GUTTER) / columns
    rows: list[list[tuple[Fact, int, int]]] = []
    at = columns
    for each in facts:
        span = min(columns, 1 + int((width_of(each.value, _FACT_SIZE, bold=True) + _GUTTER) / (wide + 1)))
        if at + span > columns:
            rows.append([])
            at = 0
        rows[-1].append((each, at, span))
        at += span
    return rows


def _facts(canvas: Canvas, foot: QRectF, rows: list[list[tuple[Fact, int, int]]]) -> None:
    """Paint rows of facts, each name over its value, below a rule."""
    columns = min(_FACT_COLUMNS, max(1, int(foot.width() // _FACT_WIDE)))
    wide = (foot.width() + _GUTTER) / columns
    canvas.rule(foot.x(), foot.y() - _GUTTER / 2, foot.width())
    for row, told in enumerate(rows):
        for each, column, span in told:
            x, y, room = foot.x() + column * wide, foot.y() + row * _FACT_HIGH, wide * span - _GUTTER
            canvas.text(QRectF(x, y, room, 26), each.name, 18, "quiet")
            canvas.text(QRectF(x, y + 25, room, 34), each.value, _FACT_SIZE, bold=True, smallest=18, elide=True)


def _subject(canvas: Canvas, box: QRectF, subject: Subject) -> None:
    """Paint what it is about beside its picture, as large as there is room, and below it what is said of it."""
    left, top = box.x(), box.y() + 4
    roomy = box.height() > _ROOMY
    size, line = (50, 84.0) if roomy else (36, 63.0)
    if has_picture(subject.thing.picture):
        side = min(box.height() - 8, 240.0 if roomy else 140.0)
        picture(canvas, QRectF(left, top, side, side), subject.thing.picture)
        left += side + (36 if roomy else 24)
    if subject.detail or roomy:
        top += max(0.0, (min(box.height(), 240.0 if roomy else 120.0) - line - 48) / 2) if left > box.x() else 0.0
    words = left
    if subject.block is not None:
        wide = block_width(subject.block, size + 6)
        draw_block(canvas, QRectF(words, top, wide, line), subject.block, size + 6)
        words += wide + 18
    if subject.thing.words:
        thing(canvas, QRectF(words, top, box.right() - words, line), subject.thing.name, subject.thing.variant, size)
    top += line + 10
    area = QRectF(left, top, box.right() - left, max(32.0, box.bottom() - top))
    canvas.text(area, subject.detail, 25, "quiet", lines=3, elide=True)
