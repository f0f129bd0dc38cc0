"""Moving: from where, what and how many, and where to."""

from core.station import moving
from core.station.moving_queries import Goods
from desktop.languages import clock, isolated, joined, tr
from desktop.presenters.words import amount, back, home_answer, item_words, keys, present, thing
from desktop.proofs import Hero, Kinds, Subject
from desktop.screens import Answer, Screen


@present.register
def _(state: moving.ScanSource, _now: int = 0) -> Screen:
    last = state.last
    kinds = Kinds((("location", tr("location")), ("tote", tr("tote"))))
    undo: tuple[Answer, ...] = ()
    if last is not None and last.back is not None:
        undo = (Answer("UNDO", tr("Back to {place}", place=last.source), _moved(last)),)
    return Screen(
        prompt=tr("Scan a place or a tote"),
        detail=tr("Take goods from the place, or carry the tote as a whole."), proof=kinds,
        answers=(*undo, home_answer(), back()), scan=True,
    )  # fmt: skip


def _moved(last: moving.Moved) -> str:
    if not last.quantity:
        return isolated(last.what)
    return tr("{quantity} x {item}", quantity=last.quantity, item=last.what)


@present.register
def _(state: moving.ChooseGoods, _now: int = 0) -> Screen:
    shown = state.among[: moving.SHOWN]
    more = len(state.among) - len(shown)
    hint = tr("Scan it, or choose it.")
    return Screen(
        prompt=tr("What do you take from {place}?", place=state.there.code),
        detail=" ".join(filter(None, (hint, tr("{n} more can be scanned.", n=more) if more else ""))),
        answers=(*(_choice(each, n) for n, each in enumerate(shown, 1)), back()), scan=True,
    )  # fmt: skip


def _choice(goods: Goods, number: int) -> Answer:
    words = item_words(goods.description, goods.variant, goods.sku)
    return Answer(
        f"QTY-{number}", words, joined((tr("{n} free", n=goods.free), goods.lot, goods.expiry, goods.key.serial))
    )


def _which(goods: Goods) -> str:
    lot = tr("Lot {lot}, use by {expiry}", lot=goods.lot, expiry=goods.expiry) if goods.expiry else ""
    plain_lot = tr("lot {lot}", lot=goods.lot) if goods.lot and not lot else ""
    return joined((lot, plain_lot, isolated(goods.key.serial)))


@present.register
def _(state: moving.PutGoods, _now: int = 0) -> Screen:
    goods = state.goods
    what = thing(goods.description, goods.variant, goods.sku, goods.picture)
    from_where = tr("{n} free at {place}", n=goods.free, place=state.there.code)
    other = (Answer("FIND", tr("Type another number")),) if goods.free > 1 else ()
    return Screen(
        prompt=tr("Scan where they go"), detail=from_where, proof=Subject(what, amount(state.quantity), _which(goods)),
        answers=(*other, back()), scan=True, row=keys((("UNDO", ""),), ("UNDO",) if state.typed else ()),
    )  # fmt: skip


@present.register
def _(state: moving.PutTote, _now: int = 0) -> Screen:
    tote = state.tote
    order = tr("Order {order}", order=tote.number) if tote.number else ""
    stands = tr("stands at {place}", place=tote.place_code) if tote.place_code else ""
    since = joined((isolated(tote.by), clock(tote.at))) if stands else ""
    return Screen(
        prompt=tr("Scan where the tote is put down"), proof=Hero(isolated(tote.code), joined((order, stands, since))),
        answers=(back(),), scan=True,
    )  # fmt: skip


@present.register
def _(_state: moving.Moving, _now: int = 0) -> Screen:
    return Screen(prompt="…")
