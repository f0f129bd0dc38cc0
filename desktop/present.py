"""From a flow's state to a screen: pure formatting, tested without Qt."""

from datetime import UTC, datetime
from functools import singledispatch
from typing import Any

from core.kernel.refusal import Refusal
from core.packing import states as pack
from core.packing.views import PackView
from core.picking import states as pick
from core.picking.decide import SHORT_REASONS, next_put, put_quantity
from core.picking.views import TaskView
from core.shipping import flow as ship
from core.station import home, sign_in
from core.waves.model import BatchKind
from desktop.messages import REFUSALS, fill, refusal_words
from desktop.screens import Answer, Band, Check, Fact, Outcome, Screen, Slot, Stop

_SHELF = frozenset({"SHORT", "DAMAGED", "SKIP", "UNDO", "CALL"})
_WORDS = {
    "COULD_NOT_LOCATE": "Not found",
    "STOCKOUT": "Shelf is empty",
    "DIFFERENT_LOCATION": "Lies elsewhere",
    "BIN_NOT_ACCESSIBLE": "Cannot reach it",
    "JAM": "Printer jammed",
    "DAMAGED": "Label damaged",
    "LOST": "Label lost",
    "WRONG_PRINTER": "Wrong printer",
}


def refusal_screen(refusal: Refusal, dropped: int) -> Stop:
    """Return the refusal that fills the window: what was expected, what was got, what to do."""
    words = refusal_words(refusal)
    title, _, rest = words.partition(". ")
    facts = refusal.facts
    expected = str(facts.get("expected_label") or facts.get("expected") or "")
    got = str(facts.get("got_label") or facts.get("got") or "")
    more = f"{dropped} more scans not taken. Scan them again." if dropped else ""
    return Stop(title.rstrip("."), rest, expected, got, more)


def band(outcome: Outcome, words: str, got: str) -> Band:
    """Return the last-scan band."""
    return Band(outcome, words, got)


@singledispatch
def present(state: Any) -> Screen:
    """Return the screen of a state."""
    return Screen(prompt=type(state).__name__)


@present.register
def _(state: sign_in.ScanBadge) -> Screen:
    return Screen(prompt="Scan your badge", detail="Nobody is signed in at this station.")


@present.register
def _(state: sign_in.EnterPin) -> Screen:
    return Screen(prompt="Type your PIN", hero=state.name)


@present.register
def _(state: home.Home) -> Screen:
    view = state.view
    checks = tuple(
        Check(
            f"{_time(each.at) or 'No cut-off'} {each.carrier}",
            f"{each.orders} orders",
            each.loaded,
            each.units,
            current=False,
        )
        for each in view.cut_offs
    )
    job = view.job
    if job is None:
        return Screen(prompt="Scan anything", detail="Nothing waits for you.", checks=checks, facts=_cases(view.cases))
    what = {"pick": "Pick", "pack": "Pack", "dispatch": "Load"}[job.flow]
    name = f"batch {job.number}" if job.number else f"{job.orders} waiting"
    words = f"{what} {name}" if job.flow == "pick" else f"{what}: {name}"
    return Screen(
        prompt="Scan anything", checks=checks, facts=_cases(view.cases), answers=(Answer("CONFIRM", words),),
        detail="A location, item, tote, order or parcel: it says what it is and what comes next.",
    )  # fmt: skip


@present.register
def _(state: home.ShowStock) -> Screen:
    found = state.found
    rows = tuple(
        Check(
            f"{line.location}  {line.sku}",
            ", ".join(filter(None, (line.description, line.variant, line.lot, line.expiry, line.blocked))),
            line.quantity - line.reserved,
            line.quantity,
            current=False,
        )
        for line in found.lines[:12]
    )
    total = sum(line.quantity for line in found.lines)
    return Screen(
        prompt=found.title, hero=found.code, checks=rows, answers=(Answer("NO", "Back"),),
        detail=f"{total} here, free of all" if rows else "Nothing lies there.",
    )  # fmt: skip


@present.register
def _(state: home.ShowOrder) -> Screen:
    found = state.found
    lines = tuple(
        Check(
            f"{line.quantity} x {line.description or line.sku}",
            _why(line.reason),
            line.packed,
            line.quantity,
            current=False,
        )
        for line in found.lines[:8]
    )
    story = tuple(
        Fact(f"{_time(event.at)} {event.who}", event.kind.replace(".", " ").replace("_", " "))
        for event in found.events[-10:]
    )
    place = ", ".join(filter(None, (found.name, found.postcode, found.city)))
    return Screen(
        prompt=f"Order {found.number}",
        detail=f"{found.stage}. {place}",
        checks=lines,
        facts=story,
        answers=(Answer("NO", "Back"),),
    )


@present.register
def _(state: home.ShowParcel) -> Screen:
    found = state.found
    facts = (
        Fact("Order", found.order_number), Fact("Carrier", found.carrier), Fact("Units", str(found.units)),
        Fact("Label", f"{found.label}, {found.job_state or 'no job'}"), Fact("Copies", str(found.copies)),
        Fact("Loaded", _time(found.loaded_at) or "not yet"),
    )  # fmt: skip
    return Screen(
        prompt="Parcel",
        hero=found.sscc,
        facts=facts,
        answers=(Answer("REPRINT", "Print the label again"), Answer("NO", "Back")),
        keys=frozenset({"REPRINT"}),
    )


@present.register
def _(state: home.AskReprintReason) -> Screen:
    return Screen(prompt="Why again?", detail=f"Label {state.found.sscc}", answers=_numbered(home.REPRINT_REASONS))


@present.register
def _(state: home.Choose) -> Screen:
    answers = tuple(Answer(f"QTY-{n}", f"{each.kind}: {each.label}") for n, each in enumerate(state.candidates, 1))
    return Screen(prompt="Which one?", hero=state.raw, answers=(*answers, Answer("NO", "Back")))


# Picking


@present.register
def _(state: pick.NoWork) -> Screen:
    return Screen(
        prompt="No work",
        detail=fill(REFUSALS[state.reason], {}),
        answers=(Answer("CONFIRM", "Look again"), Answer("MENU", "Home")),
    )


@present.register
def _(state: pick.ScanCart) -> Screen:
    offer = state.offer
    what = "one tote, single units" if offer.kind is BatchKind.BULK else "one slot an order"
    prompt = f"Fetch {offer.left_on}" if offer.left_on else "Scan a cart"
    return Screen(
        prompt=prompt, hero=f"Batch {offer.number}", detail=f"{offer.orders} orders, {offer.units} units, {offer.stops} stops: {what}.",
        middle=_middle(offer.wave_number, offer.cut_off_at, ""),
    )  # fmt: skip


@present.register
def _(state: pick.GoToLocation) -> Screen:
    view = state.view
    then = f"each  {_words(view)}"
    prompt = f"Take it from {state.question} instead? Scan it again" if state.question else "Go to"
    return Screen(
        prompt=prompt, hero=view.location_code, quantity=str(view.quantity), support=then, lead="Then take",
        slots=_slots(view, 0), keys=_SHELF, progress=_progress(view), middle=_view_middle(view),
    )  # fmt: skip


@present.register
def _(state: pick.TakeItem) -> Screen:
    view = state.view
    lot = f"Lot {view.lot}, use by {view.expiry}" if view.lot else ""
    serial = f"Serial {view.key.serial}" if view.key.serial else ""
    inner = f" = {view.quantity // view.inner} x {view.inner}" if view.inner else ""
    prompt = f"Take lot {state.question} instead? Scan it again" if state.question else "Take and scan"
    return Screen(
        prompt=prompt, quantity=str(view.quantity), support=f"each{inner}", hero=view.variant or view.sku,
        detail="  ".join(filter(None, (view.description, view.sku, lot, serial))), slots=_slots(view, 0), keys=_SHELF,
        progress=_progress(view), middle=_view_middle(view),
    )  # fmt: skip


@present.register
def _(state: pick.PutInTote) -> Screen:
    view, take = state.view, next_put(state)
    where = "Put in the tote" if view.kind is BatchKind.BULK else f"Put in slot {take.slot}"
    tote = take.tote if take.tote and not state.full else "an empty tote"
    return Screen(
        prompt=where, quantity=str(put_quantity(state)), support=f"each  {_words(view)}", hero=str(take.slot or "T"),
        detail=f"Scan {tote}. Order {take.order_number}", slots=_slots(view, take.slot),
        keys=frozenset({"FULL", "UNDO", "SHORT"}), progress=_progress(view), middle=_view_middle(view),
    )  # fmt: skip


@present.register
def _(state: pick.SayWhatFits) -> Screen:
    answers = tuple(Answer(f"QTY-{n}", f"{n} fitted") for n in range(min(4, state.taken - state.put)))
    return Screen(
        prompt="How many fitted?",
        detail="Then scan another tote for the rest.",
        answers=(*answers, Answer("NO", "Back")),
    )


@present.register
def _(state: pick.AskShortReason) -> Screen:
    return Screen(
        prompt=f"{state.missing} missing. Why?", detail=f"{_words(state.view)} at {state.view.location_code}",
        answers=_numbered(SHORT_REASONS),
    )  # fmt: skip


@present.register
def _(state: pick.ConfirmDamaged) -> Screen:
    return Screen(
        prompt="Damaged?", quantity=str(state.quantity), support=f"each  {_words(state.view)}",
        detail=f"They go to {state.view.quarantine_code}; a label prints.",
        answers=(Answer("YES", "Yes, set them aside"), Answer("NO", "No, back")),
    )  # fmt: skip


@present.register
def _(state: pick.BatchDone) -> Screen:
    return Screen(
        prompt="Bring the cart to the benches", hero=state.done.cart_code, detail=f"Batch {state.done.number}: {', '.join(state.done.totes)}",
        answers=(Answer("CONFIRM", "Next batch"), Answer("MENU", "Home")), keys=frozenset({"UNDO"}), progress=1000,
    )  # fmt: skip


@present.register(pick.Saving)
@present.register(pack.Saving)
@present.register(pick.LookForWork)
@present.register(pack.LookForWork)
@present.register(ship.Loading)
@present.register(ship.LookAtDock)
@present.register(ship.OpeningList)
def _(state: object) -> Screen:
    return Screen(prompt="…")


# Packing


@present.register
def _(state: pack.ScanWork) -> Screen:
    rows = tuple(
        Check(
            f"Label {each.label}" if each.label else each.tote if not each.unit_code else f"{each.tote}: single unit",
            f"order {each.order_number}" if each.order_number else each.unit_code,
            0,
            each.units,
            current=n == 0,
        )
        for n, each in enumerate(state.due[:8])
    )
    detail = "" if rows else "No tote waits. Picked carts come here."
    return Screen(
        prompt="Scan a tote or a unit",
        detail=detail,
        checks=rows,
        answers=() if rows else (Answer("CONFIRM", "Look again"), Answer("MENU", "Home")),
    )


@present.register
def _(state: pack.ScanCarton) -> Screen:
    view = state.view
    hero = view.proposed or "any"
    return Screen(
        prompt="Take a carton", hero=hero, detail="Scan it, or scan the first unit." if view.proposed else "None is large enough. Scan one.",
        checks=_checks(view), keys=frozenset({"SHORT", "UNDO"}), progress=_packed(view), middle=f"Order {view.order_number}  {view.carrier}",
    )  # fmt: skip


@present.register
def _(state: pack.VerifyUnit) -> Screen:
    view = state.view
    weight = (Fact("Weight", f"{state.weight_grams} g"),) if state.weight_grams else ()
    return Screen(
        prompt="Scan the next unit" if view.left else "All in. Close the carton", hero=f"{view.packed} of {view.units}", checks=_checks(view),
        facts=(Fact("Carton", state.box.code), Fact("Carrier", view.carrier), *weight),
        answers=() if view.left else (Answer("FULL", "Close"),),
        keys=frozenset({"SHORT", "FULL", "UNDO", "CALL", "WEIGH"}), progress=_packed(view), middle=f"Order {view.order_number}",
    )  # fmt: skip


@present.register
def _(state: pack.WeighParcel) -> Screen:
    if state.outside:
        return Screen(
            prompt="Weight is off. Count again",
            hero=f"{state.outside} g",
            answers=(Answer("YES", "It is right"), Answer("NO", "Weigh again")),
        )
    return Screen(
        prompt="Put it on the scale", hero=state.box.code, checks=_checks(state.view), keys=frozenset({"UNDO", "WEIGH"})
    )


@present.register
def _(state: pack.AskMissing) -> Screen:
    return Screen(
        prompt=f"{state.view.left} missing", detail=f"Order {state.view.order_number}",
        answers=(Answer("QTY-1", "Wait in the hospital"), Answer("QTY-2", "Ship without them"), Answer("NO", "Back")),
    )  # fmt: skip


@present.register
def _(state: pack.StickLabel) -> Screen:
    parcel = state.parcel
    words = {
        "queued": "The label is on its way.", "sending": "The label is on its way.", "sent": "The label prints.",
        "printed": "The label is printed.", "held": f"The printer waits: {state.fault}.",
        "unknown": "Did a label come out? Scan it, or press Not printed.", "failed_clean": f"The printer is away: {state.fault}.",
    }.get(state.job_state, "")  # fmt: skip
    return Screen(
        prompt="Stick it on. Scan it", hero=parcel.sscc, detail=words,
        facts=(Fact("Order", parcel.order_number), Fact("Carrier", parcel.carrier), Fact("Units", str(parcel.units))),
        answers=(Answer("NOTPRINTED", "Not printed"), Answer("SKIP", "Later")) if state.job_state in ("unknown", "held", "failed_clean") else (),
        keys=frozenset({"REPRINT", "UNDO", "SKIP"}), progress=1000, middle=f"Order {parcel.order_number}",
    )  # fmt: skip


@present.register
def _(state: pack.AskReprintReason) -> Screen:
    from core.packing.expects import REPRINT_REASONS

    return Screen(prompt="Why again?", detail=f"Label {state.parcel.sscc}", answers=_numbered(REPRINT_REASONS))


@present.register
def _(state: pack.ConfirmReopen) -> Screen:
    return Screen(
        prompt="Open it again?",
        hero=state.parcel.order_number,
        detail="Its label is void then.",
        answers=(Answer("YES", "Yes, open it"), Answer("NO", "No")),
    )


@present.register
def _(state: pack.StopPacking) -> Screen:
    words = fill(REFUSALS[state.reason], {"order": state.view.order_number})
    return Screen(prompt="Stop", detail=words, loud=words, answers=(Answer("CONFIRM", "It is put aside"),))


# Dispatch


@present.register
def _(state: ship.ScanParcel) -> Screen:
    view = state.view
    rows = tuple(
        Check(
            load.carrier,
            f"{load.unlabelled} without label" if load.unlabelled else "",
            load.loaded,
            load.loaded + load.waiting,
            current=bool(load.loaded),
        )
        for load in view.loads
    )
    loaded, all_of = ship.total(view.loads)
    stopped = state.stopped
    loud = (
        ""
        if stopped is None
        else f"{fill(REFUSALS[stopped.reason], {'order': stopped.order_number})} Parcel {stopped.sscc}. Scan its shelf."
    )
    answers = (Answer("CONFIRM", "Close the list"),) if any(load.loaded for load in view.loads) else ()
    return Screen(
        prompt="Scan the next parcel" if all_of > loaded else "Everything is loaded" if loaded else "Nothing to load", hero=f"{loaded} of {all_of}",
        checks=rows, loud=loud, keys=frozenset({"UNDO", "CALL"}), answers=answers if all_of == loaded else (), middle=f"Dock {view.dock_code}",
        progress=loaded * 1000 // max(1, all_of),
    )  # fmt: skip


@present.register
def _(state: ship.ConfirmClose) -> Screen:
    staying = state.staying
    left = ", ".join(staying.left[:6]) if staying.left else "Nothing stays behind."
    return Screen(
        prompt=f"Close {staying.carrier}?", hero=f"{len(staying.parcels)} parcels", detail=f"Stays behind: {left}" if staying.left else left,
        answers=(Answer("YES", "Close and print"), Answer("NO", "Load on")),
    )  # fmt: skip


# Words


def _words(view: TaskView) -> str:
    return ", ".join(filter(None, (view.description, view.variant))) or view.sku


def _slots(view: TaskView, target: int) -> tuple[Slot, ...]:
    wanted = {target} if target else {each.slot for each in view.takes}
    return tuple(
        Slot(each.slot, each.tote or each.order_number, each.done, each.total, each.slot in wanted)
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
            ", ".join(filter(None, (line.description, line.variant))),
            line.sku,
            line.packed,
            line.to_pack,
            line.line == first,
        )
        for line in view.lines
    )


def _numbered(reasons: tuple[str, ...]) -> tuple[Answer, ...]:
    return (*(Answer(f"QTY-{n}", _WORDS.get(each, each)) for n, each in enumerate(reasons, 1)), Answer("NO", "Back"))


def _why(reason: str) -> str:
    from core.kernel.reasons import Reason

    return fill(REFUSALS[Reason(reason)], {}) if reason else ""


def _cases(count: int) -> tuple[Fact, ...]:
    return (Fact("Open cases", str(count)),) if count else ()


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%H:%M") if at else ""


def _middle(wave: int, cut_off: int, count: str) -> str:
    return "  ·  ".join(
        filter(None, (f"Wave {wave}" if wave else "", count, f"cut-off {_time(cut_off)}" if cut_off else ""))
    )


def _view_middle(view: TaskView) -> str:
    return _middle(view.wave_number, view.cut_off_at, f"{view.lines_done + 1} of {view.lines_total}")
