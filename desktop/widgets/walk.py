"""Where you are: the walk as a plan or a line of stops, and on arrival the bay, or the places in a row, with yours lit."""

from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen

from desktop.cards import Bay, Plan, Route, Shelf, Spot, WalkStop
from desktop.proofs import Mark
from desktop.widgets.paint import CENTRE, END, Canvas, width_of

_HEAD = 44.0
_STEP = 46.0
_TILE = 92.0
_GAP = 6.0
_AISLE_MOST, _SHELF_MOST = 120.0, 62.0
"""The widest an aisle and the highest a shelf is drawn."""


def draw_route(canvas: Canvas, box: QRectF, route: Route) -> None:
    """Draw the stops from above to below: what is done dotted, the next leg in the accent, what comes as rings."""
    canvas.text(QRectF(box.x(), box.y(), box.width() * 0.48, 40), route.title, 25, elide=True)
    canvas.text(QRectF(box.x() + box.width() * 0.6, box.y(), box.width() * 0.4, 38), route.aside, 25, "quiet", at=END)
    room = max(2, int((box.height() - _HEAD) // _STEP))
    stops = _near(route.stops, room)
    top = box.y() + _HEAD
    step = min(_STEP * 1.3, (box.height() - _HEAD) / max(1, len(stops)))
    x = box.x() + 20
    for n, (one, other) in enumerate(pairwise(stops)):
        _leg(canvas, QPointF(x, top + step * (n + 0.5)), step, one, other)
    for n, stop in enumerate(stops):
        y = top + step * (n + 0.5)
        _stop(canvas, QPointF(x, y), stop)
        bold = stop.mark is Mark.NOW
        hue = "ink" if bold or stop.mark is Mark.LATER else "quiet"
        area = QRectF(x + 30, y - step / 2, box.right() - x - 30, step)
        canvas.text(area, stop.code, 36 if bold else 25, hue, bold=bold, middle=True)


def _near(stops: tuple[WalkStop, ...], room: int) -> tuple[WalkStop, ...]:
    """Return the stops in view: one that is done, the one asked for, and what comes."""
    now = next((n for n, each in enumerate(stops) if each.mark is Mark.NOW), 0)
    begin = max(0, min(now - 1, len(stops) - room))
    return stops[begin : begin + room]


def _leg(canvas: Canvas, start: QPointF, step: float, one: WalkStop, other: WalkStop) -> None:
    pen = QPen(canvas.colour("edge"), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    if other.mark is Mark.NOW:
        pen = QPen(canvas.colour("accent"), 5)
    elif one.mark is Mark.DONE:
        pen.setDashPattern([0.1, 2.2])
    canvas.painter.setPen(pen)
    spot = canvas.place(QRectF(start.x(), start.y(), 0, step))
    canvas.painter.drawLine(spot.topLeft(), spot.bottomLeft())


def _stop(canvas: Canvas, centre: QPointF, stop: WalkStop) -> None:
    match stop.mark:
        case Mark.NOW:
            canvas.dot(centre, 15, "raised")
            canvas.dot(centre, 13, "accent")
            canvas.dot(centre, 5.5, "raised")
        case Mark.DONE:
            canvas.dot(centre, 7, "edge")
        case Mark.LATER | Mark.TROUBLE:
            canvas.dot(centre, 8, "edge")
            canvas.dot(centre, 5, "raised")


def draw_shelf(canvas: Canvas, box: QRectF, shelf: Shelf) -> None:
    """Draw the places one stands before, in walk order; never mirrored: left is left."""
    canvas.text(QRectF(box.x(), box.y(), box.width(), 36), shelf.title, 25, elide=True)
    spot = canvas.place(QRectF(box.x(), box.y() + _HEAD, box.width(), box.height() - _HEAD))
    room = max(1, int(spot.width() // _TILE))
    at = shelf.places.index(shelf.target) if shelf.target in shelf.places else 0
    begin = max(0, min(at - room // 2, len(shelf.places) - room))
    places = shelf.places[begin : begin + room]
    wide = spot.width() / max(1, len(places))
    high = min(spot.height() - 14, 86.0)
    top = spot.y() + (spot.height() - high) / 2
    painter = canvas.painter
    for n, place in enumerate(places):
        tile = QRectF(spot.x() + n * wide + _GAP / 2, top, wide - _GAP, high)
        lit = place == shelf.target
        other = place == shelf.not_this
        body = tile if lit else tile.adjusted(0, high * 0.22, 0, 0)
        logical = canvas.place(body)
        canvas.card(logical, "accent" if lit else "face_left", canvas.theme.outline and "outline", radius=5)
        hue = "on_accent" if lit else "ink" if other else "quiet"
        canvas.text(logical.adjusted(2, 0, -2, 0), _short(place, shelf.title), 36 if lit else 25, hue, bold=lit,
                    at=CENTRE, middle=True)  # fmt: skip
        if other:
            painter.setPen(QPen(canvas.colour("ink"), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(body.bottomLeft() + QPointF(10, -10), body.topRight() + QPointF(-10, 10))
    canvas.fill(canvas.place(QRectF(spot.x() - 2, top + high, spot.width() + 4, 5)), "edge")


def _short(place: str, title: str) -> str:
    """Return a place's last part where its first ones stand in the title."""
    head, _, tail = place.rpartition("-")
    return tail if head and head in title else place


def draw_plan(canvas: Canvas, box: QRectF, plan: Plan) -> None:
    """Draw the aisles from above, their first bays in front; never mirrored. What is walked lies behind *you*."""
    _head(canvas, box, plan.title, plan.aside)
    ground = canvas.place(box.adjusted(0, _HEAD, 0, 0))
    wide = min(ground.width() / len(plan.aisles), _AISLE_MOST)
    left = ground.center().x() - wide * len(plan.aisles) / 2
    top, foot = ground.y() + 30, ground.bottom() - 22
    for n, aisle in enumerate(plan.aisles):
        middle = left + (n + 0.5) * wide
        here = aisle == plan.target.aisle
        name = canvas.place(QRectF(middle - wide / 2, ground.y(), wide, 24))
        canvas.text(name, aisle, 18, "ink" if here else "quiet", bold=here, at=CENTRE, middle=True)
        for side in (-1, 1):
            rack = QRectF(middle + side * wide * 0.26 - wide * 0.11, top, wide * 0.22, foot - top)
            canvas.card(canvas.place(rack), "face_left", canvas.theme.outline and "outline", radius=3)

    def at(spot: Spot) -> QPointF:
        along = (spot.bay - 0.5) / plan.bays
        return QPointF(left + (plan.aisles.index(spot.aisle) + 0.5) * wide, foot - along * (foot - top))

    for stop in plan.ahead:
        _stop(canvas, _logical(canvas, at(stop)), WalkStop("", Mark.LATER))
    if plan.came_from is not None and plan.came_from != plan.target:
        _way(canvas, at(plan.came_from), at(plan.target), foot + 12)
        _you(canvas, at(plan.came_from), plan.you, ground)
    _stop(canvas, _logical(canvas, at(plan.target)), WalkStop("", Mark.NOW))


def _logical(canvas: Canvas, spot: QPointF) -> QPointF:
    """Return where a point of the screen is before it is mirrored: marks are placed again when they are drawn."""
    return canvas.place(QRectF(spot.x(), spot.y(), 0, 0)).topLeft()


def _way(canvas: Canvas, here: QPointF, there: QPointF, front: float) -> None:
    """Draw the next leg: straight within an aisle, round its front into another."""
    corners = (
        [here, there] if here.x() == there.x() else [here, QPointF(here.x(), front), QPointF(there.x(), front), there]
    )
    pen = QPen(canvas.colour("accent"), 5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    canvas.painter.setPen(pen)
    canvas.painter.setBrush(Qt.BrushStyle.NoBrush)
    canvas.painter.drawPolyline(corners)


def _you(canvas: Canvas, here: QPointF, word: str, ground: QRectF) -> None:
    spot = _logical(canvas, here)
    canvas.dot(spot, 11, "raised")
    canvas.dot(spot, 9, "ink")
    wide = width_of(word, 18, bold=True) + 10
    beside = here.x() + 16 if here.x() + 16 + wide <= ground.right() else here.x() - 16 - wide
    label = canvas.place(QRectF(beside, here.y() - 13, wide, 26))
    canvas.card(label, "raised", "", radius=4)
    canvas.text(label, word, 18, bold=True, at=CENTRE, middle=True)


def draw_bay(canvas: Canvas, box: QRectF, bay: Bay) -> None:
    """Draw the face of a bay, its top shelf on top; never mirrored."""
    _head(canvas, box, bay.title, bay.aside)
    face = canvas.place(box.adjusted(4, _HEAD, -4, 0))
    painter, edge = canvas.painter, canvas.colour("edge")
    high = min(face.height() / len(bay.shelves), _SHELF_MOST)
    for n, shelf in enumerate(bay.shelves):
        floor = face.y() + (n + 1) * high
        wide = (face.width() - 16) / len(shelf)
        for m, place in enumerate(shelf):
            lit, other = place.code == bay.target, place.code == bay.not_this
            tile = QRectF(face.x() + 8 + m * wide + 4, floor - high + 6, wide - 8, high - 8)
            if not lit:
                tile.setTop(tile.y() + tile.height() * 0.18)
            logical = canvas.place(tile)
            canvas.card(logical, "accent" if lit else "face_left", canvas.theme.outline and "outline", radius=5)
            hue = "on_accent" if lit else "ink" if other else "quiet"
            canvas.text(logical, place.words, 30 if lit else 22, hue, bold=lit, at=CENTRE, middle=True)
            if other:
                _cross_out(canvas, tile)
        painter.fillRect(QRectF(face.x(), floor - 2, face.width(), 4), edge)
    for x in (face.x(), face.right() - 5):
        painter.fillRect(QRectF(x, face.y(), 5, high * len(bay.shelves) + 6), edge)


def _head(canvas: Canvas, box: QRectF, title: str, aside: str) -> None:
    canvas.text(QRectF(box.x(), box.y(), box.width() * 0.56, 36), title, 25, elide=True)
    canvas.text(QRectF(box.x() + box.width() * 0.58, box.y(), box.width() * 0.42, 36), aside, 25, "quiet", at=END)


def _cross_out(canvas: Canvas, tile: QRectF) -> None:
    canvas.painter.setPen(QPen(canvas.colour("ink"), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    middle = min(30.0, tile.width() / 2 - 6)
    centre = tile.center()
    canvas.painter.drawLine(
        QPointF(centre.x() - middle, tile.bottom() - 4), QPointF(centre.x() + middle, tile.top() + 4)
    )
