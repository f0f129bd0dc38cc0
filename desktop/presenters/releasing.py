"""Releasing to the floor: what may go by cut-off, that it goes, and what came of it."""

from collections.abc import Iterator

from core.station import releasing
from core.waves.planning import Planned
from desktop.languages import isolated, joined, tr
from desktop.presenters.words import back, moment, present
from desktop.proofs import Check, Hero, Rows
from desktop.screens import Answer, Screen


@present.register(releasing.LookAtReady)
def _(_state: object, _now: int = 0) -> Screen:
    return Screen(prompt="…")


@present.register
def _(state: releasing.ShowReady, now: int = 0) -> Screen:
    if not state.ready:
        why = tr("Orders come up here once their goods are promised, they are paid and nothing holds them.")
        return Screen(prompt=tr("No order waits to be released"), detail=why, answers=(back(),))
    orders, units = sum(each.orders for each in state.ready), sum(each.units for each in state.ready)
    until = tuple(
        Answer(f"QTY-{n}", tr("Only until {time}", time=moment(each.cut_off_at, now)), _many(each.orders, each.units))
        for n, each in enumerate(state.until, 1)
    )
    return Screen(
        prompt=tr("Release to the floor?"), detail=_many(orders, units),
        answers=(Answer("CONFIRM", tr("Release all")), *until, back()),
    )  # fmt: skip


@present.register
def _(_state: releasing.Releasing, _now: int = 0) -> Screen:
    return Screen(prompt=tr("Orders go to the floor"), detail=tr("Go back and work on meanwhile."), answers=(back(),))


@present.register
def _(state: releasing.ShowReleased, _now: int = 0) -> Screen:
    done = state.done
    return Screen(
        prompt=tr("{n} orders are released", n=done.released_orders), detail=tr("{n} batches", n=done.batches),
        proof=Rows(tuple(_waits(done))), answers=(Answer("CONFIRM", tr("Look again")), back()),
    )  # fmt: skip


@present.register
def _(state: releasing.ShowBroken, _now: int = 0) -> Screen:
    return Screen(
        prompt=tr("The release broke off"), detail=tr("What went is on the floor. Look again for the rest."),
        proof=Hero(isolated(state.why)), answers=(Answer("CONFIRM", tr("Look again")), back()),
    )  # fmt: skip


def _waits(done: Planned) -> Iterator[Check]:
    """Yield what did not go, and why; nothing where everything did."""
    waits = (
        (done.unreleased, tr("Waits for goods"), tr("promised, but not where anybody picks"), tr("{n} orders", n=done.unreleased)),
        (done.waiting_lines, tr("Waits for stock"), tr("nothing is promised yet"), tr("{n} lines", n=done.waiting_lines)),
    )  # fmt: skip
    for many, words, why, amount in waits:
        if many:
            yield Check(words, why, 0, many, current=False, amount=amount)


def _many(orders: int, units: int) -> str:
    return joined((tr("{n} orders", n=orders), tr("{n} units", n=units)))
