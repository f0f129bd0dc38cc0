"""The bench: the order's checklist, the carton it fills, its weight and its label."""

from core.packing import states as pack
from core.packing.decide import all_units, expected_weight
from core.packing.views import BoxChoice, ClosedParcel, DueWork, PackLine, PackView
from core.packing.weight import WeightCheck
from core.printers.commands import REPRINT_REASONS
from desktop.cards import Card, Facts, Gauge, LabelCard, Listing
from desktop.languages import decimal, isolated, joined, kilograms, tr
from desktop.messages import paper_words, printer_steps, reason_words, trouble_words
from desktop.presenters.home import face
from desktop.presenters.printers import part_of
from desktop.presenters.stowing import arranged
from desktop.presenters.words import (
    back,
    cut_off,
    grouped,
    home_answer,
    item_words,
    keys,
    numbered,
    of_total,
    per_mille,
    present,
)
from desktop.printer_words import PRINTER_TROUBLES
from desktop.proofs import Carton, Check, Fact, Hero, LabelFace, Mark, Packing, Paper, Remedy, Rows, Solid, Stage
from desktop.screens import Answer, KeyCap, Screen, Slab

_SHOWN = 16
_LEAST_DRAWN, _MOST_DRAWN = 3, 60
"""A carton is drawn from three units on; more than so many are a heap, not a drawing."""
_KILOGRAM = 1000


@present.register
def _(state: pack.ScanWork, now: int = 0) -> Screen:
    rows = tuple(_due(each, now, current=n == 0) for n, each in enumerate(state.due[:_SHOWN]))
    return Screen(
        prompt=tr("Scan a tote or a unit"), proof=Rows(rows, tr("No tote waits. Picked carts come here.")), row=_row(),
        answers=() if rows else (Answer("CONFIRM", tr("Look again")), home_answer()),
    )  # fmt: skip


def _due(work: DueWork, now: int, *, current: bool) -> Check:
    order = tr("Order {order}", order=work.order_number)
    if work.label:
        words = tr("Label {label}", label=grouped(work.label))
        order = joined((order, tr("not scanned back")))
    else:
        # Of a single the code beside its tote is what is scanned; its order is opened where no unit is there.
        words = joined((work.tote, grouped(work.unit_code)))
    return Check(words, joined((order, work.carrier, cut_off(work.cut_off_at, now))), 0, work.units, current)


@present.register
def _(state: pack.ScanTote, _now: int = 0) -> Screen:
    prompt, proof = tr("Scan the tote"), Hero(isolated(state.tote), tr("The slip is read. Scan the tote it lies in."))
    if state.slip in state.besides:
        about = tr("This order goes whole, and {tote} is not all of it.", tote=isolated(state.tote))
        prompt, proof = tr("Scan the other slip"), Hero(tr("Other tote"), about)
    return Screen(prompt=prompt, proof=proof, row=_row("UNDO"), answers=(back(),))


@present.register
def _(state: pack.ScanCarton, now: int = 0) -> Screen:
    view = state.view
    box = next((each for each in view.boxes if each.code == view.proposed), None)
    asked = tr("{carton} is too small. Scan it again to take it", carton=state.question) if state.question else ""
    hint = tr("Scan it, or scan the first unit.") if view.proposed else tr("None is large enough. Scan one.")
    listing = Listing(tr("Order {order}", order=view.order_number), isolated(view.carrier), _checks(view))
    return Screen(
        prompt=asked or tr("Take a carton"),
        proof=Hero(isolated(view.proposed) or tr("any"), "\n".join(filter(None, (_size(box), hint)))),
        beside=(listing,), row=_row("SHORT", "UNDO"), progress=_packed(view), middle=_middle(view, now),
    )  # fmt: skip


@present.register
def _(state: pack.VerifyUnit, now: int = 0) -> Screen:
    view = state.view
    prompt = tr("Scan the next unit") if view.left else tr("All in. Close the carton")
    answers: tuple[Answer, ...] = () if view.left else (Answer("FULL", tr("Close")),)
    if state.question:
        prompt = tr("{carton} is too small. Scan it again to take it", carton=state.question)
    elif state.rest:
        prompt = tr("Is everything else in?")
        answers = (Answer("YES", tr("Yes, without scanning")), Answer("NO", tr("No, back")))
    return Screen(
        prompt=prompt, proof=_packing(view, state.box), beside=_bench(view, state.box, state.weight_grams),
        answers=answers, row=_row("SHORT", "FULL", "UNDO", "CALL"), progress=_packed(view), middle=_middle(view, now),
    )  # fmt: skip


@present.register
def _(state: pack.WeighParcel, now: int = 0) -> Screen:
    view = state.view
    frame = _bench(view, state.box, state.outside, state.check)
    if state.outside:
        return Screen(
            prompt=tr("Weight is off. Count again"), proof=Rows(_checks(view)), beside=frame, row=_row("UNDO"), progress=1000,
            answers=(Answer("YES", tr("It is right")), Answer("NO", tr("Weigh again"))), middle=_middle(view, now),
        )  # fmt: skip
    return Screen(
        prompt=tr("Put it on the scale"), proof=_packing(view, state.box), beside=frame, row=_row("UNDO"), progress=1000,
        middle=_middle(view, now),
    )  # fmt: skip


@present.register
def _(state: pack.AskMissing, now: int = 0) -> Screen:
    view = state.view
    listing = Listing(tr("Order {order}", order=view.order_number), isolated(view.carrier), _checks(view))
    others = (Answer("QTY-2", tr("Ship without them")), Answer("QTY-3", tr("Pick others")))
    return Screen(
        prompt=tr("{n} missing", n=view.left), proof=Rows(_missing(view)), beside=(listing,),
        answers=(Answer("QTY-1", tr("Wait in the hospital")), *(() if view.slip else others), back()),
        row=_row("UNDO"), progress=_packed(view), middle=_middle(view, now),
    )  # fmt: skip


@present.register
def _(state: pack.AskMissingReason, now: int = 0) -> Screen:
    view = state.view
    listing = Listing(tr("Order {order}", order=view.order_number), isolated(view.carrier), _checks(view))
    detail = tr("Ship without them") if state.instead is pack.Instead.GO else tr("Pick others")
    return Screen(
        prompt=tr("{n} missing. Why?", n=view.left), detail=detail, beside=(listing,), answers=numbered(state.reasons),
        row=_row("UNDO"), progress=_packed(view), middle=_middle(view, now),
    )  # fmt: skip


@present.register
def _(state: pack.StickLabel, _now: int = 0) -> Screen:
    parcel = state.parcel
    asks = state.job_state == "unknown"
    facts = (
        Fact(tr("Order"), isolated(parcel.order_number)), Fact(tr("Carrier"), isolated(parcel.carrier)),
        Fact(tr("Units"), str(parcel.units)),
        Fact(tr("Weight"), kilograms(parcel.weight_grams) if parcel.weight_grams else ""),
    )  # fmt: skip
    if state.waits:
        return _waiting(state)
    return Screen(
        prompt=tr("Stick it on. Scan it"), proof=Paper(_face(parcel), _stages(state)),
        beside=(Facts(tuple(each for each in facts if each.value)),),
        answers=(Answer("NOTPRINTED", tr("Not printed")), Answer("SKIP", tr("Later"))) if asks else (), scan=True,
        row=_row("REPRINT", "UNDO", "SKIP"), progress=1000, middle=(tr("Order {order}", order=parcel.order_number),),
    )  # fmt: skip


def _waiting(state: pack.StickLabel) -> Screen:
    """Return what is to be done while the printer waits: at it, or at the other one that somebody confirms."""
    way, there, parcel = state.way, state.elsewhere, state.parcel
    other = [
        Answer("QTY-1", tr("Print at {printer}", printer=isolated(each.fallback)), isolated(each.place))
        for each in (there,)
        if each is not None
    ]
    name = isolated(way.printer) if way is not None and way.printer else tr("Label printer")
    known = state.fault.split(",", maxsplit=1)[0] in PRINTER_TROUBLES
    size = (0, 0) if way is None else (way.width_mm, way.height_mm)
    return Screen(
        prompt=tr("{printer} waits: {fault}", printer=name, fault=trouble_words(state.fault)) if known else tr("This label cannot be printed"),
        detail=tr("Then the label comes by itself. Stick it on. Scan it.") if known else isolated(state.fault),
        proof=Remedy(part_of(state.fault), printer_steps(state.fault, *size)), scan=True,
        beside=(Facts((Fact(tr("Order"), isolated(parcel.order_number)), Fact(tr("Carrier"), isolated(parcel.carrier)))),),
        answers=(*other, Answer("SKIP", tr("Later"))),
        row=_row("REPRINT", "UNDO", "SKIP"), progress=1000, middle=(tr("Order {order}", order=parcel.order_number),),
    )  # fmt: skip


def _stages(state: pack.StickLabel) -> tuple[Stage, ...]:
    sent, printed, scanned = Mark.DONE, Mark.DONE, Mark.NOW
    sent_words = printed_words = ""
    match state.job_state:
        case "queued" | "sending":
            sent, printed, scanned = Mark.NOW, Mark.LATER, Mark.LATER
            part = tr("The label is on its way, {percent} % of it.", percent=state.percent)
            sent_words = part if state.percent else tr("The label is on its way.")
        case "sent":
            printed, scanned = Mark.NOW, Mark.LATER
            printed_words = tr("The label prints.")
        case "unknown":
            printed = Mark.TROUBLE
            printed_words = tr("Did a label come out? Scan it, or press Not printed.")
        case "applied":
            scanned = Mark.DONE
        case _:
            pass
    then = tr("then it goes on in another carton") if state.parcel.more else tr("then the order is done")
    return (
        Stage(tr("Sent"), sent_words, sent),
        Stage(tr("Printed"), printed_words, printed),
        Stage(tr("Scan it back"), then, scanned),
    )


@present.register
def _(state: pack.AskReprintReason, _now: int = 0) -> Screen:
    label = tr("Label {label}", label=grouped(state.parcel.sscc))
    return Screen(prompt=tr("Why again?"), detail=label, answers=numbered(REPRINT_REASONS), row=_row("UNDO"))


@present.register
def _(state: pack.ConfirmReopen, _now: int = 0) -> Screen:
    wrong = (
        tr("Then take off and out: {paper}", paper=paper_words(state.paper))
        if state.paper
        else tr("Its label is void then.")
    )
    return Screen(
        prompt=tr("Open it again?"), proof=Hero(isolated(state.parcel.order_number), wrong),
        answers=(Answer("YES", tr("Yes, open it")), Answer("NO", tr("No"))), row=_row("UNDO"),
    )  # fmt: skip


@present.register
def _(state: pack.StopPacking, _now: int = 0) -> Screen:
    title, _, rest = reason_words(state.reason, order=state.order).partition(". ")
    paper = tr("Then take off and out: {paper}", paper=paper_words(state.paper)) if state.paper else ""
    return Screen(
        prompt="", loud=Slab(title.rstrip("."), f"{rest} {paper}".rstrip()), row=_row(),
        answers=(Answer("CONFIRM", tr("It is put aside")),),
    )  # fmt: skip


# Parts


def _row(*enabled: str) -> tuple[KeyCap, ...]:
    row = (("SHORT", ""), ("FULL", tr("Next box")), ("REPRINT", ""), ("SKIP", tr("Later")), ("UNDO", ""), ("CALL", ""))
    return keys(row, enabled)


def _middle(view: PackView, now: int) -> tuple[str, ...]:
    order = tr("Order {order}", order=view.order_number)
    return tuple(filter(None, (order, of_total(view.packed, view.units), cut_off(view.cut_off_at, now))))


def _packed(view: PackView) -> int:
    return per_mille(view.packed, view.units)


def _missing(view: PackView) -> tuple[Check, ...]:
    """Return the lines of which units are not in the tote, and how many."""
    return tuple(
        Check(_words(line), "", 0, line.to_pack - line.packed, current=False, picture=line.picture)
        for line in view.lines
        if line.packed < line.to_pack
    )


def _checks(view: PackView) -> tuple[Check, ...]:
    first = next((line.line for line in view.lines if line.packed < line.to_pack), None)
    return tuple(
        Check(_words(line), "", line.packed, line.to_pack, line.line == first, str(line.number), line.picture)
        for line in view.lines
    )


def _words(line: PackLine) -> str:
    return item_words(line.description, line.variant, line.sku)


def _size(box: BoxChoice | None) -> str:
    return "" if box is None else isolated(f"{box.length_mm} x {box.width_mm} x {box.height_mm} mm")


def _packing(view: PackView, box: BoxChoice) -> Packing:
    return Packing(
        count=of_total(view.packed, view.units), checks=_checks(view), carton=_carton(view, box),
        caption=joined((tr("Carton {carton}", carton=box.code), _size(box))),
    )  # fmt: skip


def _carton(view: PackView, box: BoxChoice) -> Carton | None:
    """Return the open carton with what is in it; None when measures are unknown or it would be no help."""
    units = [
        (str(line.number), line.length_mm or 0, line.width_mm or 0, line.height_mm or 0)
        for line in view.lines
        for _ in range(line.to_pack)
    ]
    inside = (max(box.length_mm, box.width_mm), min(box.length_mm, box.width_mm), box.height_mm)
    if not _LEAST_DRAWN <= len(units) <= _MOST_DRAWN or not all(all(each[1:]) for each in units) or not all(inside):
        return None
    places = arranged(inside, units)
    if places is None:
        return None
    newest = _newest(view)
    solids: list[Solid] = []
    done = {str(line.number): line.packed for line in view.lines}
    for (number, *_), place in zip(units, places, strict=True):
        if done[number] > 0:
            done[number] -= 1
            solids.append(Solid(*place, number, lit=number == newest and not done[number]))
    return Carton(length=inside[0], width=inside[1], height=inside[2], solids=tuple(solids))


def _newest(view: PackView) -> str:
    """Return the number of the line that was scanned last: ids of rows keep the order they were made in."""
    if view.parcel is None or not view.parcel.contents:
        return ""
    line = max(view.parcel.contents)[1]
    return next((str(each.number) for each in view.lines if each.line == line), "")


def _bench(view: PackView, box: BoxChoice, grams: int, known: WeightCheck | None = None) -> tuple[Card, ...]:
    """Return weight and label as cards: the scale only where every unit's weight is known."""
    check = known or expected_weight(view, box, all_units(view))
    label = LabelCard(
        isolated(view.carrier), tr("Ready"), tr("Prints when the last unit is in."), LabelFace(carrier=isolated(view.carrier))
    )  # fmt: skip
    if not check.known:
        return (label,)
    low, high = check.expected_grams - check.tolerance_grams, check.expected_grams + check.tolerance_grams
    fits = bool(grams) and check.fits(grams)
    off = bool(grams) and not view.left and not fits
    if fits:
        words = tr("as expected")
    elif off:
        words = tr("too light") if grams < low else tr("too heavy")
    else:
        words = tr("when full")
    reading = kilograms(grams) if grams else "-"
    return (
        Gauge(
            title=tr("Weight"), reading=reading, words=words, band=_range(low, high), grams=grams, low=low, high=high,
            fits=fits, off=off,
        ),
        label,
    )  # fmt: skip


def _range(low: int, high: int) -> str:
    if high < _KILOGRAM:
        return tr("{low} to {high}", low=str(low), high=kilograms(high))
    return tr("{low} to {high}", low=decimal(low / _KILOGRAM, 2), high=f"{decimal(high / _KILOGRAM, 2)} kg")


def _face(parcel: ClosedParcel) -> LabelFace:
    return face(parcel.carrier, parcel.sscc, parcel.order_number, parcel.units, parcel.weight_grams, parcel.rendering)
