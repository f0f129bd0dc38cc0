"""Signing in, home and the look-ups."""

from core.catalog.model import LocationRole
from core.packing.model import LabelState
from core.printers.commands import REPRINT_REASONS
from core.station import home, menu, sign_in
from core.station.home_queries import CutOff, HomeView, StockLine, WaitingJob
from core.stock.model import Condition
from desktop.cards import CutOffRow, CutOffs, Facts
from desktop.languages import clock, isolated, joined, kilograms, tr
from desktop.menus import menu_screen
from desktop.messages import job_words, kind_words
from desktop.presenters.words import (
    back,
    grouped,
    home_answer,
    is_soon,
    left_until,
    numbered,
    per_mille,
    present,
)
from desktop.proofs import Check, Fact, Hero, Kinds, LabelFace, Mark, Paper, Rows, Stage
from desktop.screens import Answer, Screen

ROWS_SHOWN = 16


@present.register
def _(_state: sign_in.ScanBadge, _now: int = 0) -> Screen:
    kinds = Kinds((("badge", tr("badge")),))
    return Screen(prompt=tr("Scan your badge"), detail=tr("Nobody is signed in at this station."), proof=kinds)


@present.register
def _(state: sign_in.EnterPin, _now: int = 0) -> Screen:
    return Screen(prompt=tr("Type your PIN"), proof=Hero(isolated(state.name)), answers=(back(),))


@present.register
def _(state: home.Home, now: int = 0) -> Screen:
    view = state.view
    kinds = Kinds(
        (
            ("location", tr("location")), ("tote", tr("tote")), ("item", tr("item")), ("order", tr("order")),
            ("parcel", tr("parcel")), ("badge", tr("badge")),
        )
    )  # fmt: skip
    answers = () if view.job is None else (_job(view.job),)
    detail = tr("Nothing waits for you.") if view.job is None else ""
    return Screen(
        prompt=tr("Scan anything"), detail=detail, proof=kinds, answers=(*answers, home_answer()),
        beside=_waiting(view, now),
    )  # fmt: skip


@present.register
def _(state: menu.Menu, _now: int = 0) -> Screen:
    return menu_screen(state)


def _job(job: WaitingJob) -> Answer:
    size: tuple[str, ...] = ()
    match job.flow:
        case "pick":
            words = tr("Pick batch {number}", number=job.number)
            size = (tr("{n} orders", n=job.orders), tr("{n} units", n=job.units), job.carrier)
        case "pack":
            words = tr("Pack: {n} totes wait", n=job.orders)
        case "cases":
            words = tr("{n} cases wait", n=job.orders)
            size = (tr("{n} cannot wait", n=job.number),) if job.number else ()
        case _:
            words, size = tr("Load: {n} parcels wait", n=job.orders), (job.carrier,)
    return Answer("CONFIRM", words, joined(size), big=True)


def _waiting(view: HomeView, now: int) -> tuple[CutOffs | Facts, ...]:
    rows = tuple(_cut_off(each, now) for each in view.cut_offs)
    card = CutOffs(tr("Waiting, by cut-off"), rows, tr("Nothing waits. Orders come in by import."))
    cases = (Facts((Fact(tr("Open cases"), str(view.cases)),)),) if view.cases else ()
    return (card, *cases)


def _cut_off(each: CutOff, now: int) -> CutOffRow:
    stages = (
        per_mille(each.loaded, each.units), per_mille(each.packed - each.loaded, each.units),
        per_mille(each.picked - each.packed, each.units),
    )  # fmt: skip
    orders = tr("{n} orders", n=each.orders)
    if not each.at:
        return CutOffRow(tr("No cut-off"), "", isolated(each.carrier), orders, stages)
    left = left_until(each.at, now)
    return CutOffRow(clock(each.at), left, isolated(each.carrier), orders, stages, is_soon(each.at, now))


@present.register
def _(state: home.ShowStock, _now: int = 0) -> Screen:
    found = state.found
    free = sum(line.quantity - line.reserved for line in found.lines)
    total = sum(line.quantity for line in found.lines)
    detail = tr("{free} free of {total}", free=free, total=total) if found.lines else ""
    rows = tuple(_stock(line, found.kind == "location") for line in found.lines[:ROWS_SHOWN])
    title = isolated(found.title) or isolated(found.code)
    if found.title and found.code not in found.title:
        detail = joined((found.code, detail))
    picture = found.lines[0].picture if found.lines and found.kind == "item" else ""
    return Screen(prompt=title, detail=detail, proof=Rows(rows, tr("Nothing lies there."), picture), answers=(back(),))


def _stock(line: StockLine, at_place: bool) -> Check:
    words = joined((line.description, line.variant)) if at_place else isolated(line.location)
    detail = joined(
        (
            line.sku if at_place else _role(line.role), tr("lot {lot}", lot=line.lot) if line.lot else "", line.expiry,
            line.serial, _condition(line.condition), line.blocked,
            tr("{n} promised", n=line.reserved) if line.reserved else "",
        )
    )  # fmt: skip
    picture = line.picture if at_place else ""
    return Check(
        words or isolated(line.sku),
        detail,
        line.quantity - line.reserved,
        line.quantity,
        current=False,
        picture=picture,
        amount=tr("{n} units", n=line.quantity),
    )


def _role(role: str) -> str:
    """Return what a place is for."""
    match role:
        case LocationRole.PICK:
            return tr("picked from")
        case LocationRole.RESERVE:
            return tr("reserve")
        case LocationRole.RECEIVE:
            return tr("goods in")
        case LocationRole.PACK:
            return tr("bench")
        case LocationRole.STAGE | LocationRole.SHIP:
            return tr("ready to go")
        case LocationRole.QUARANTINE:
            return tr("quarantine")
        case LocationRole.HOSPITAL:
            return tr("hospital")
        case LocationRole.CART:
            return tr("on a cart")
        case _:
            return ""


def _condition(condition: str) -> str:
    """Return what is wrong with goods; nothing where they are good."""
    match condition:
        case Condition.DAMAGED:
            return tr("damaged")
        case Condition.BLOCKED:
            return tr("blocked")
        case _:
            return ""


@present.register
def _(state: home.ShowParcel, _now: int = 0) -> Screen:
    found = state.found
    applied = found.label == LabelState.APPLIED
    # How far its print job is, is known where it is printed.
    asked = tr("asked for") if found.copies else tr("not printed")
    printed = job_words(found.job_state) or (tr("printed") if applied else asked)
    facts = (
        Fact(tr("Order"), isolated(found.order_number)), Fact(tr("Carrier"), isolated(found.carrier)),
        Fact(tr("Units"), str(found.units)), Fact(tr("Label"), printed),
        Fact(tr("Copies"), str(found.copies)), Fact(tr("Loaded"), clock(found.loaded_at) or tr("not yet")),
    )  # fmt: skip
    stages = (
        Stage(tr("Label"), printed, _done(applied or bool(found.copies and found.job_state))),
        Stage(tr("Scan it back"), tr("on the box") if applied else tr("not yet"), _done(applied)),
        Stage(tr("Loaded"), clock(found.loaded_at) or tr("not yet"), _done(bool(found.loaded_at))),
    )  # fmt: skip
    return Screen(
        prompt=tr("Parcel of order {order}", order=found.order_number),
        proof=Paper(
            face(found.carrier, found.sscc, found.order_number, found.units, found.weight_grams, found.rendering),
            stages,
        ),
        beside=(Facts(facts),),
        answers=(Answer("REPRINT", tr("Print the label again")), back()),
    )


def _done(is_done: bool) -> Mark:
    return Mark.DONE if is_done else Mark.LATER


def face(carrier: str, sscc: str, order: str, units: int, weight_grams: int, rendering: str) -> LabelFace:
    """Return a parcel's label: what was sent to the printer, and until then what is known of it."""
    aside = (tr("{n} units", n=units), kilograms(weight_grams) if weight_grams else "")
    return LabelFace(
        carrier=isolated(carrier), code=grouped(sscc), bars=f"00{sscc}", large=isolated(order),
        aside=tuple(each for each in aside if each), rendering=rendering,
    )  # fmt: skip


@present.register
def _(state: home.AskReprintReason, _now: int = 0) -> Screen:
    label = tr("Label {label}", label=grouped(state.found.sscc))
    return Screen(prompt=tr("Why again?"), detail=label, answers=numbered(REPRINT_REASONS))


@present.register
def _(state: home.Choose, _now: int = 0) -> Screen:
    answers = tuple(
        Answer(f"QTY-{n}", isolated(each.label), kind_words(each.kind)) for n, each in enumerate(state.candidates, 1)
    )
    return Screen(prompt=tr("Which one?"), detail=grouped(state.raw), answers=(*answers[:5], back()))
