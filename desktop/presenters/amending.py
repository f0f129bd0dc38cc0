"""The office's word about an order: why, and what it means now, before anybody says yes."""

from collections.abc import Iterator

from core.station import amending
from core.station.wishes import Meant, Wish
from desktop.languages import tr
from desktop.messages import answer_words
from desktop.presenters.words import back, numbered, present
from desktop.proofs import Check, Rows
from desktop.screens import Answer, Screen


@present.register(amending.LookAtOrder)
@present.register(amending.Writing)
def _(_state: object, _now: int = 0) -> Screen:
    return Screen(prompt="…")


@present.register
def _(state: amending.AskWhy, _now: int = 0) -> Screen:
    meant = state.meant
    prompt = tr("Why is it cancelled?") if meant.wish is Wish.CANCEL else tr("Why must it wait?")
    return Screen(prompt=prompt, detail=tr("Order {order}", order=meant.number), answers=numbered(meant.reasons))


@present.register
def _(state: amending.ConfirmWish, _now: int = 0) -> Screen:
    meant = state.meant
    prompt, yes = _asked(meant)
    why = answer_words(meant.reason) if meant.reason else ""
    sentences = (f"{why}." if why else "", _means(meant))
    return Screen(
        prompt=prompt, detail=" ".join(filter(None, sentences)), proof=Rows(tuple(_rows(meant))),
        answers=(Answer("YES", yes), back()),
    )  # fmt: skip


def wish_words(wish: Wish) -> str:
    """Return what may be wished, as its key says it."""
    match wish:
        case Wish.CANCEL:
            return tr("Cancel the order")
        case Wish.HOLD:
            return tr("Hold it")
        case Wish.LET_GO:
            return tr("Let it go on")


def _asked(meant: Meant) -> tuple[str, str]:
    """Return the question and its yes."""
    match meant.wish:
        case Wish.CANCEL:
            return tr("Cancel order {order}?", order=meant.number), tr("Cancel the order")
        case Wish.HOLD:
            return tr("Hold order {order}?", order=meant.number), tr("Hold it")
        case Wish.LET_GO:
            return tr("Let order {order} go on?", order=meant.number), tr("Let it go on")


def _means(meant: Meant) -> str:
    """Return what follows for the others, and how far it holds."""
    if meant.wish is Wish.CANCEL:
        request = tr("It is a request until every dock has answered.")
        return request if meant.shared else tr("It is final at once.")
    waits = tr("Nothing more of it is promised, released, packed or loaded.")
    said = waits if meant.wish is Wish.HOLD else tr("It goes on from where it stands.")
    return f"{said} {tr('Other stations hear of it as they are connected.')}" if meant.shared else said


def _rows(meant: Meant) -> Iterator[Check]:
    if meant.wish is Wish.CANCEL:
        yield from _row(tr("Not picked yet") if meant.shared else tr("Cancelled at once"), meant.cancelled)
        yield from _row(tr("Put back by hand"), meant.put_back, tr("picked or packed"))
        yield from _row(tr("Too late"), meant.late, tr("has left"))
    else:
        yield from _row(tr("Waits") if meant.wish is Wish.HOLD else tr("Goes on"), meant.here)


def _row(words: str, units: int, detail: str = "") -> Iterator[Check]:
    """Yield a line of so many units; none where there are none."""
    if units:
        yield Check(words, detail, 0, units, current=False, amount=tr("{n} units", n=units))
