"""Where you are: the walk as a line of stops, and on arrival the places beside each other with yours lit."""

from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen

from desktop.cards import Route, Shelf, WalkStop
from desktop.proofs import Mark
from desktop.widgets.paint import CENTRE, END, Canvas

_HEAD = 44.0
_STEP = 46.0
_TILE = 92.0
_GAP = 6.0


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
