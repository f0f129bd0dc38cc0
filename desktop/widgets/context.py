"""The panel beside the prompt: cards one below the other, at most a third of the window."""

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from desktop.cards import Bay, Card, CutOffs, Facts, Gauge, InHand, LabelCard, Listing, Plan, Route, Shelf
from desktop.languages import plain
from desktop.proofs import Cart
from desktop.widgets import cards
from desktop.widgets.drawing import Drawing
from desktop.widgets.paint import Canvas

_GAP = 18.0
_LEAST = 96.0


class ContextPanel(Drawing):
    """Quiet: what the prompt does not need."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._cards: tuple[Card, ...] = ()

    def show_cards(self, shown: tuple[Card, ...]) -> None:
        """Show what belongs beside a prompt."""
        if shown == self._cards:
            return
        self._cards = shown
        self.setAccessibleName(plain("; ".join(filter(None, (spoken(each) for each in shown)))))
        self.update()

    def paint(self, canvas: Canvas) -> None:
        """Paint the cards from above, as many as there is room for."""
        canvas.fill(canvas.box, "ground")
        canvas.fill(QRectF(0, 0, 1, canvas.height), "hairline")
        box = canvas.box.adjusted(_GAP, _GAP, -_GAP, -_GAP)
        top = box.y()
        for card, high in self._heights(box):
            cards.draw(canvas, QRectF(box.x(), top, box.width(), high), card)
            top += high + _GAP

    def _heights(self, box: QRectF) -> list[tuple[Card, float]]:
        """Return the cards with their heights: what does not fit is left out from below, what is left over is used."""
        found: list[tuple[Card, float, bool]] = []
        left = box.height() + _GAP
        for card in self._cards:
            wish, grows = cards.wish(card, box.width())
            high = min(wish, left - _GAP)
            if high < min(wish, _LEAST) or (not grows and high < wish * 0.75):
                break
            found.append((card, high, grows))
            left -= high + _GAP
        growing = sum(1 for _, _, grows in found if grows)
        return [(card, high + (left / growing if grows else 0)) for card, high, grows in found]


def spoken(card: Card) -> str:
    """Return what a screen reader says of a card."""
    return ", ".join(filter(None, _parts(card)))


def _parts(card: Card) -> tuple[str, ...]:
    match card:
        case Cart(slots=slots):
            return tuple(f"{each.number} {each.caption} {each.done}/{each.total}" for each in slots)
        case Route(title=title, aside=aside) | Plan(title=title, aside=aside):
            return (title, aside)
        case Bay(title=title, aside=aside):
            return (title, aside)
        case Shelf(title=title, target=target):
            return (title, target)
        case InHand(title=title, block=block, unit=unit, thing=thing):
            return (title, block.words, unit, thing.words)
        case Listing(title=title, checks=checks):
            return (title, *(f"{each.words} {each.done}/{each.total}" for each in checks))
        case Gauge() as gauge:
            return (gauge.title, gauge.reading, gauge.words, gauge.band)
        case LabelCard() as label:
            return (label.title, label.state, label.detail)
        case CutOffs(title=title, rows=rows):
            return (title, *(f"{each.time} {each.carrier} {each.orders} {each.left}" for each in rows))
        case Facts(facts=facts):
            return tuple(f"{each.name} {each.value}" for each in facts)
