"""The returns bench: what came back, what left in it and when, and where it is put down."""

from collections.abc import Iterator

from core.returns import flow as returns
from core.returns.views import BoxInHand, WentOut
from desktop.languages import clock, day, isolated, joined, tr
from desktop.presenters.words import back, grouped, item_words, keys, present
from desktop.proofs import Check, Fact, Hero, Kinds, Sheet
from desktop.screens import Answer, KeyCap, Screen


@present.register
def _(_state: returns.ScanReturn, _now: int = 0) -> Screen:
    kinds = Kinds((("parcel", tr("parcel")), ("order", tr("order"))))
    return Screen(
        prompt=tr("Scan the label of what came back"), proof=kinds, answers=(back(),), scan=True, row=_row("CALL"),
        detail=tr("Our label, the return slip, or the carrier's number."),
    )  # fmt: skip


@present.register
def _(_state: returns.Writing, _now: int = 0) -> Screen:
    return Screen(prompt="…")


@present.register
def _(state: returns.ConfirmUnknown, _now: int = 0) -> Screen:
    return Screen(
        prompt=tr("This is no parcel of ours"), proof=Hero(grouped(state.box.code)), row=_row("CALL"),
        detail=tr("Received all the same, it waits until somebody knows whose it is."),
        answers=(Answer("YES", tr("Receive it")), back()),
    )  # fmt: skip


@present.register
def _(state: returns.AnotherBox, _now: int = 0) -> Screen:
    box = state.box
    return Screen(
        prompt=tr("Is this another box?"), proof=Sheet((), tuple(_before(box))), row=_row("CALL"),
        detail=tr("A box under this number is here already."), answers=(Answer("YES", tr("Another box")), back()),
    )  # fmt: skip


@present.register
def _(state: returns.ScanPlace, _now: int = 0) -> Screen:
    box = state.box
    proof = Sheet(_rows(box), tuple(_facts(box)), _nothing(box)) if box.known else Hero(grouped(box.code))
    return Screen(
        prompt=tr("Put it down and scan its place"), proof=proof, answers=(back(),), scan=True, row=_row("CALL"),
        detail=_said(box),
    )  # fmt: skip


def _said(box: BoxInHand) -> str:
    if not box.known:
        return tr("Unknown return")
    return tr("Keep it closed.") if box.left_at else tr("By the books it has not left. Receive it: somebody looks.")


def _facts(box: BoxInHand) -> Iterator[Fact]:
    if box.order_number:
        yield Fact(tr("Order"), isolated(box.order_number))
    if box.carrier:
        yield Fact(tr("Carrier"), isolated(box.carrier))
    yield Fact(tr("It left"), joined((day(box.left_at), clock(box.left_at))) if box.left_at else tr("not by the books"))


def _before(box: BoxInHand) -> Iterator[Fact]:
    yield Fact(tr("Order"), isolated(box.order_number)) if box.order_number else Fact(tr("Label"), grouped(box.code))
    before = box.before
    if before is None:
        return
    yield Fact(tr("Place"), isolated(before.place))
    yield Fact(tr("Received by"), joined((before.who, before.station, day(before.at), clock(before.at))))


def _rows(box: BoxInHand) -> tuple[Check, ...]:
    return tuple(_row_of(each) for each in box.inside)


def _row_of(each: WentOut) -> Check:
    words = item_words(each.description, each.variant, each.sku)
    return Check(words, grouped(each.sku), each.quantity, each.quantity, current=False, picture=each.picture)


def _nothing(box: BoxInHand) -> str:
    return "" if box.inside else tr("Nothing is known of what is in it.")


def _row(*enabled: str) -> tuple[KeyCap, ...]:
    return keys((("CALL", ""),), enabled)
