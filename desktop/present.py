"""From a flow's state to a screen: pure formatting, tested without Qt.

Every sentence goes through `tr`, its facts by name; codes and times that stand alone go through `isolated` and `clock`.
"""

from functools import singledispatch
from typing import Any

from core.kernel.refusal import Refusal
from core.packing import states as pack
from core.packing.views import DueWork, PackView
from core.picking import states as pick
from core.picking.decide import next_put, put_quantity
from core.picking.views import TaskView
from core.shipping import flow as ship
from core.station import home, menu, sign_in
from core.waves.model import BatchKind
from desktop.languages import clock, isolated, joined, kilograms, tr
from desktop.menus import menu_screen
from desktop.messages import (
    answer_words,
    event_words,
    job_words,
    kind_words,
    reason_words,
    refusal_words,
    stage_words,
    trouble_words,
)
from desktop.screens import Answer, Band, Check, Fact, Outcome, Screen, Slot, Stop

_SHELF = frozenset({"SHORT", "DAMAGED", "SKIP", "UNDO", "CALL"})


def refusal_screen(refusal: Refusal, dropped: int) -> Stop:
    """Return the refusal that fills the window: what was expected, what was got, what to do."""
    words = refusal_words(refusal)
    title, _, rest = words.partition(". ")
    facts = refusal.facts
    expected = str(facts.get("expected_label") or facts.get("expected") or "")
    got = str(facts.get("got_label") or facts.get("got") or "")
    more = tr("{n} more scans not taken. Scan them again.", n=dropped) if dropped else ""
    return Stop(title.rstrip("."), rest, isolated(expected), isolated(got), more)


def band(outcome: Outcome, words: str, got: str) -> Band:
    """Return the last-scan band."""
    return Band(outcome, words, isolated(got))


@singledispatch
def present(state: Any) -> Screen:
    """Return the screen of a state: nothing to read while something is written."""
    return Screen(prompt="…")


@present.register
def _(state: sign_in.ScanBadge) -> Screen:
    return Screen(prompt=tr("Scan your badge"), detail=tr("Nobody is signed in at this station."))


@present.register
def _(state: sign_in.EnterPin) -> Screen:
    return Screen(prompt=tr("Type your PIN"), hero=state.name)


@present.register
def _(state: home.Home) -> Screen:
    view = state.view
    checks = tuple(
        Check(
            f"{clock(each.at) or tr('No cut-off')} {isolated(each.carrier)}",
            tr("{n} orders", n=each.orders),
            each.loaded,
            each.units,
            current=False,
        )
        for each in view.cut_offs
    )
    job = view.job
    if job is None:
        return Screen(
            prompt=tr("Scan anything"), detail=tr("Nothing waits for you."), checks=checks, facts=_cases(view.cases)
        )  # fmt: skip
    match job.flow:
        case "pick":
            words = tr("Pick batch {number}", number=job.number)
        case "pack":
            words = tr("Pack: {n} totes wait", n=job.orders)
        case _:
            words = tr("Load: {n} parcels wait", n=job.orders)
    return Screen(
        prompt=tr("Scan anything"), checks=checks, facts=_cases(view.cases), answers=(Answer("CONFIRM", words),),
        detail=tr("A location, item, tote, order or parcel: it says what it is and what comes next."),
    )  # fmt: skip


present.register(menu.Menu)(menu_screen)


@present.register
def _(state: home.ShowStock) -> Screen:
    found = state.found
    rows = tuple(
        Check(
            f"{isolated(line.location)}  {isolated(line.sku)}",
            joined((line.description, line.variant, line.lot, line.expiry, line.blocked)),
            line.quantity - line.reserved,
            line.quantity,
            current=False,
        )
        for line in found.lines[:12]
    )
    total = sum(line.quantity for line in found.lines)
    return Screen(
        prompt=isolated(found.title), hero=isolated(found.code), checks=rows, answers=(_back(),),
        detail=tr("{n} here, free of all", n=total) if rows else tr("Nothing lies there."),
    )  # fmt: skip


@present.register
def _(state: home.ShowOrder) -> Screen:
    found = state.found
    lines = tuple(
        Check(
            tr("{quantity} x {item}", quantity=line.quantity, item=line.description or line.sku),
            reason_words(line.reason),
            line.packed,
            line.quantity,
            current=False,
        )
        for line in found.lines[:8]
    )
    story = tuple(
        Fact(f"{clock(event.at)} {isolated(event.who)}", event_words(event.kind)) for event in found.events[-10:]
    )
    place = joined((found.name, found.postcode, found.city))
    return Screen(
        prompt=tr("Order {order}", order=found.number),
        detail=f"{stage_words(found.stage)}. {place}",
        checks=lines,
        facts=story,
        answers=(_back(),),
    )


@present.register
def _(state: home.ShowParcel) -> Screen:
    found = state.found
    facts = (
        Fact(tr("Order"), isolated(found.order_number)), Fact(tr("Carrier"), isolated(found.carrier)),
        Fact(tr("Units"), str(found.units)), Fact(tr("Label"), job_words(found.job_state) or tr("not printed")),
        Fact(tr("Copies"), str(found.copies)), Fact(tr("Loaded"), clock(found.loaded_at) or tr("not yet")),
    )  # fmt: skip
    return Screen(
        prompt=tr("Parcel"),
        hero=isolated(found.sscc),
        facts=facts,
        answers=(Answer("REPRINT", tr("Print the label again")), _back()),
        keys=frozenset({"REPRINT"}),
    )


@present.register
def _(state: home.AskReprintReason) -> Screen:
    return Screen(
        prompt=tr("Why again?"), detail=tr("Label {label}", label=state.found.sscc), answers=_numbered(home.REPRINT_REASONS)
    )  # fmt: skip


@present.register
def _(state: home.Choose) -> Screen:
    answers = tuple(
        Answer(f"QTY-{n}", f"{kind_words(each.kind)}: {isolated(each.label)}")
        for n, each in enumerate(state.candidates, 1)
    )
    return Screen(prompt=tr("Which one?"), hero=isolated(state.raw), answers=(*answers, _back()))


# Picking


@present.register
def _(state: pick.NoWork) -> Screen:
    return Screen(
        prompt=tr("No work"),
        detail=reason_words(state.reason),
        answers=(Answer("CONFIRM", tr("Look again")), Answer("MENU", tr("Menu"))),
    )


@present.register
def _(state: pick.ScanCart) -> Screen:
    offer = state.offer
    what = tr("one tote, single units") if offer.kind is BatchKind.BULK else tr("one slot an order")
    prompt = tr("Fetch {cart}", cart=offer.left_on) if offer.left_on else tr("Scan a cart")
    size = (tr("{n} orders", n=offer.orders), tr("{n} units", n=offer.units), tr("{n} stops", n=offer.stops))
    return Screen(
        prompt=prompt, hero=tr("Batch {number}", number=offer.number), detail=f"{joined(size)}: {what}.",
        middle=_middle(offer.wave_number, offer.cut_off_at, ""),
    )  # fmt: skip


@present.register
def _(state: pick.GoToLocation) -> Screen:
    view = state.view
    then = f"{tr('each', n=view.quantity)}  {_words(view)}"
    prompt = tr("Take it from {code} instead? Scan it again", code=state.question) if state.question else tr("Go to")
    return Screen(
        prompt=prompt, hero=isolated(view.location_code), quantity=str(view.quantity), support=then, lead=tr("Then take"),
        slots=_slots(view, 0), keys=_SHELF, progress=_progress(view), middle=_view_middle(view),
    )  # fmt: skip


@present.register
def _(state: pick.TakeItem) -> Screen:
    view = state.view
    lot = tr("Lot {lot}, use by {expiry}", lot=view.lot, expiry=view.expiry) if view.lot else ""
    serial = tr("Serial {serial}", serial=view.key.serial) if view.key.serial else ""
    inner = isolated(f" = {view.quantity // view.inner} x {view.inner}") if view.inner else ""
    again = tr("Take lot {lot} instead? Scan it again", lot=state.question)
    prompt = again if state.question else tr("Take and scan")
    return Screen(
        prompt=prompt, quantity=str(view.quantity), support=f"{tr('each', n=view.quantity)}{inner}", hero=isolated(view.variant or view.sku),
        detail=joined((view.description, view.sku, lot, serial)), slots=_slots(view, 0), keys=_SHELF,
        progress=_progress(view), middle=_view_middle(view),
    )  # fmt: skip


@present.register
def _(state: pick.PutInTote) -> Screen:
    view, take = state.view, next_put(state)
    where = tr("Put in the tote") if view.kind is BatchKind.BULK else tr("Put in slot {slot}", slot=take.slot)
    known = take.tote and not state.full
    scan = tr("Scan {tote}.", tote=take.tote) if known else tr("Scan an empty tote.")
    return Screen(
        prompt=where, quantity=str(put_quantity(state)), support=f"{tr('each', n=put_quantity(state))}  {_words(view)}", hero=str(take.slot or "T"),
        detail=f"{scan} {tr('Order {order}', order=take.order_number)}", slots=_slots(view, take.slot),
        keys=frozenset({"FULL", "UNDO", "SHORT"}), progress=_progress(view), middle=_view_middle(view),
    )  # fmt: skip


@present.register
def _(state: pick.SayWhatFits) -> Screen:
    answers = tuple(Answer(f"QTY-{n}", tr("{n} fitted", n=n)) for n in range(min(4, state.taken - state.put)))
    return Screen(
        prompt=tr("How many fitted?"),
        detail=tr("Then scan another tote for the rest."),
        answers=(*answers, _back()),
    )


@present.register
def _(state: pick.AskShortReason) -> Screen:
    return Screen(
        prompt=tr("{n} missing. Why?", n=state.missing),
        detail=tr("{item} at {location}", item=_words(state.view), location=state.view.location_code),
        answers=_numbered(state.reasons),
    )  # fmt: skip


@present.register
def _(state: pick.ConfirmDamaged) -> Screen:
    return Screen(
        prompt=tr("Damaged?"), quantity=str(state.quantity),
        support=f"{tr('each', n=state.quantity)}  {_words(state.view)}",
        detail=tr("They go to {place}; a label prints.", place=state.view.quarantine_code),
        answers=(Answer("YES", tr("Yes, set them aside")), Answer("NO", tr("No, back"))),
    )  # fmt: skip


@present.register
def _(state: pick.BatchDone) -> Screen:
    return Screen(
        prompt=tr("Bring the cart to {place}", place=state.done.destination) if state.done.destination else tr("Bring the cart to the benches"),
        hero=isolated(state.done.cart_code), detail=f"{tr('Batch {number}', number=state.done.number)}: {joined(state.done.totes)}",
        answers=(Answer("CONFIRM", tr("Next batch")), Answer("MENU", tr("Menu"))), keys=frozenset({"UNDO"}), progress=1000,
    )  # fmt: skip


@present.register(pick.Saving)
@present.register(pack.Saving)
@present.register(pick.LookForWork)
@present.register(pack.LookForWork)
@present.register(ship.Loading)
@present.register(ship.LookAtDock)
@present.register(ship.OpeningList)
@present.register(home.Reprinting)
@present.register(sign_in.CountingPin)
@present.register(sign_in.SigningIn)
@present.register(sign_in.SigningOut)
def _(state: object) -> Screen:
    return Screen(prompt="…")


# Packing


@present.register
def _(state: pack.ScanWork) -> Screen:
    rows = tuple(
        Check(
            _due(each),
            tr("Order {order}", order=each.order_number) if each.order_number else isolated(each.unit_code),
            0,
            each.units,
            current=n == 0,
        )
        for n, each in enumerate(state.due[:8])
    )
    detail = "" if rows else tr("No tote waits. Picked carts come here.")
    return Screen(
        prompt=tr("Scan a tote or a unit"),
        detail=detail,
        checks=rows,
        answers=() if rows else (Answer("CONFIRM", tr("Look again")), Answer("MENU", tr("Menu"))),
    )


@present.register
def _(state: pack.ScanCarton) -> Screen:
    view = state.view
    return Screen(
        prompt=tr("Take a carton"), hero=isolated(view.proposed) or tr("any"),
        detail=tr("Scan it, or scan the first unit.") if view.proposed else tr("None is large enough. Scan one."),
        checks=_checks(view), keys=frozenset({"SHORT", "UNDO"}), progress=_packed(view),
        middle=f"{tr('Order {order}', order=view.order_number)}  {isolated(view.carrier)}",
    )  # fmt: skip


@present.register
def _(state: pack.VerifyUnit) -> Screen:
    view = state.view
    weight = (Fact(tr("Weight"), kilograms(state.weight_grams)),) if state.weight_grams else ()
    return Screen(
        prompt=tr("Scan the next unit") if view.left else tr("All in. Close the carton"),
        hero=tr("{done} of {total}", done=view.packed, total=view.units), checks=_checks(view),
        facts=(Fact(tr("Carton"), isolated(state.box.code)), Fact(tr("Carrier"), isolated(view.carrier)), *weight),
        answers=() if view.left else (Answer("FULL", tr("Close")),),
        keys=frozenset({"SHORT", "FULL", "UNDO", "CALL", "WEIGH"}), progress=_packed(view), middle=tr("Order {order}", order=view.order_number),
    )  # fmt: skip


@present.register
def _(state: pack.WeighParcel) -> Screen:
    if state.outside:
        return Screen(
            prompt=tr("Weight is off. Count again"),
            hero=kilograms(state.outside),
            answers=(Answer("YES", tr("It is right")), Answer("NO", tr("Weigh again"))),
        )
    return Screen(
        prompt=tr("Put it on the scale"), hero=isolated(state.box.code), checks=_checks(state.view),
        keys=frozenset({"UNDO", "WEIGH"}),
    )  # fmt: skip


@present.register
def _(state: pack.AskMissing) -> Screen:
    return Screen(
        prompt=tr("{n} missing", n=state.view.left), detail=tr("Order {order}", order=state.view.order_number),
        answers=(Answer("QTY-1", tr("Wait in the hospital")), Answer("QTY-2", tr("Ship without them")), _back()),
    )  # fmt: skip


@present.register
def _(state: pack.StickLabel) -> Screen:
    parcel = state.parcel
    fault = trouble_words(state.fault)
    match state.job_state:
        case "queued" | "sending":
            words = tr("The label is on its way.")
        case "sent":
            words = tr("The label prints.")
        case "printed":
            words = tr("The label is printed.")
        case "held":
            words = tr("The printer waits: {fault}.", fault=fault)
        case "failed_clean":
            words = tr("The printer is away: {fault}.", fault=fault)
        case "unknown":
            words = tr("Did a label come out? Scan it, or press Not printed.")
        case _:
            words = ""
    return Screen(
        prompt=tr("Stick it on. Scan it"), hero=isolated(parcel.sscc), detail=words,
        facts=(
            Fact(tr("Order"), isolated(parcel.order_number)), Fact(tr("Carrier"), isolated(parcel.carrier)),
            Fact(tr("Units"), str(parcel.units)),
        ),
        answers=(Answer("NOTPRINTED", tr("Not printed")), Answer("SKIP", tr("Later"))) if state.job_state in ("unknown", "held", "failed_clean") else (),
        keys=frozenset({"REPRINT", "UNDO", "SKIP"}), progress=1000, middle=tr("Order {order}", order=parcel.order_number),
    )  # fmt: skip


@present.register
def _(state: pack.AskReprintReason) -> Screen:
    from core.packing.expects import REPRINT_REASONS

    return Screen(
        prompt=tr("Why again?"), detail=tr("Label {label}", label=state.parcel.sscc), answers=_numbered(REPRINT_REASONS)
    )  # fmt: skip


@present.register
def _(state: pack.ConfirmReopen) -> Screen:
    return Screen(
        prompt=tr("Open it again?"),
        hero=isolated(state.parcel.order_number),
        detail=tr("Its label is void then."),
        answers=(Answer("YES", tr("Yes, open it")), Answer("NO", tr("No"))),
    )


@present.register
def _(state: pack.StopPacking) -> Screen:
    words = reason_words(state.reason, order=state.view.order_number)
    return Screen(prompt=tr("Stop"), detail=words, loud=words, answers=(Answer("CONFIRM", tr("It is put aside")),))


# Dispatch


@present.register
def _(state: ship.ScanParcel) -> Screen:
    view = state.view
    rows = tuple(
        Check(
            isolated(load.carrier),
            tr("{n} without label", n=load.unlabelled) if load.unlabelled else "",
            load.loaded,
            load.loaded + load.waiting,
            current=bool(load.loaded),
        )
        for load in view.loads
    )
    loaded, all_of = ship.total(view.loads)
    stopped = state.stopped
    loud = "" if stopped is None else " ".join(
        (
            reason_words(stopped.reason, order=stopped.order_number),
            tr("Parcel {label}. Scan its shelf.", label=stopped.sscc),
        )
    )  # fmt: skip
    answers = (Answer("CONFIRM", tr("Close the list")),) if any(load.loaded for load in view.loads) else ()
    nothing = tr("Everything is loaded") if loaded else tr("Nothing to load")
    return Screen(
        prompt=tr("Scan the next parcel") if all_of > loaded else nothing,
        hero=tr("{done} of {total}", done=loaded, total=all_of),
        checks=rows, loud=loud, keys=frozenset({"UNDO", "CALL"}), answers=answers if all_of == loaded else (), middle=tr("Dock {dock}", dock=view.dock_code),
        progress=loaded * 1000 // max(1, all_of),
    )  # fmt: skip


@present.register
def _(state: ship.ConfirmClose) -> Screen:
    staying = state.staying
    left = tr("Stays behind: {labels}", labels=joined(staying.left[:6]))
    return Screen(
        prompt=tr("Close {carrier}?", carrier=staying.carrier), hero=tr("{n} parcels", n=len(staying.parcels)),
        detail=left if staying.left else tr("Nothing stays behind."),
        answers=(Answer("YES", tr("Close and print")), Answer("NO", tr("Load on"))),
    )  # fmt: skip


# Words


def _words(view: TaskView) -> str:
    return joined((view.description, view.variant)) or isolated(view.sku)


def _back() -> Answer:
    return Answer("NO", tr("Back"))


def _due(work: DueWork) -> str:
    if work.label:
        return tr("Label {label}", label=work.label)
    return tr("{tote}: single unit", tote=work.tote) if work.unit_code else isolated(work.tote)


def _slots(view: TaskView, target: int) -> tuple[Slot, ...]:
    wanted = {target} if target else {each.slot for each in view.takes}
    return tuple(
        Slot(each.slot, isolated(each.tote or each.order_number), each.done, each.total, each.slot in wanted)
        for each in view.slots
    )


def _progress(view: TaskView) -> int:
    return view.lines_done * 1000 // max(1, view.lines_total)


def _packed(view: PackView) -> int:
    return view.packed * 1000 // max(1, view.units)


def _checks(view: PackView) -> tuple[Check, ...]:
    first = next((line.line for line in view.lines if line.packed < line.to_pack), None)
    return tuple(
        Check(
            joined((line.description, line.variant)),
            isolated(line.sku),
            line.packed,
            line.to_pack,
            line.line == first,
        )
        for line in view.lines
    )


def _numbered(reasons: tuple[str, ...]) -> tuple[Answer, ...]:
    return (*(Answer(f"QTY-{n}", answer_words(each)) for n, each in enumerate(reasons, 1)), _back())


def _cases(count: int) -> tuple[Fact, ...]:
    return (Fact(tr("Open cases"), str(count)),) if count else ()


def _middle(wave: int, cut_off: int, count: str) -> str:
    name = tr("Wave {number}", number=wave) if wave else ""
    return "  ·  ".join(filter(None, (name, count, tr("cut-off {time}", time=clock(cut_off)) if cut_off else "")))


def _view_middle(view: TaskView) -> str:
    count = tr("{done} of {total}", done=view.lines_done + 1, total=view.lines_total)
    return _middle(view.wave_number, view.cut_off_at, count)
