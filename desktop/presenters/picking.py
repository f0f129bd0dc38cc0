"""The cart: where to go, what to take, where to put it, and the questions on the way."""

from core.picking import states as pick
from core.picking.decide import next_put, put_quantity
from core.picking.views import TaskView
from core.waves.model import BatchKind
from desktop.cards import Card, Facts, InHand
from desktop.languages import isolated, joined, tr
from desktop.messages import reason_words
from desktop.presenters.walk import part_names, shelf_of, walk_of
from desktop.presenters.words import (
    amount,
    back,
    cut_off,
    home_answer,
    item_words,
    keys,
    numbered,
    of_total,
    per_mille,
    present,
    thing,
    unit_words,
)
from desktop.proofs import Block, Cart, Fact, Hero, Kinds, Neighbour, Place, Slot, Subject, Take, Thing, ToScan
from desktop.screens import BLOCK, Answer, KeyCap, Screen

_SHELF = ("SHORT", "DAMAGED", "SKIP", "UNDO", "CALL")
_MOST_FIT = 4


@present.register
def _(state: pick.NoWork, _now: int = 0) -> Screen:
    title, _, rest = reason_words(state.reason).partition(". ")
    return Screen(
        prompt=title.rstrip("."), detail=rest, answers=(Answer("CONFIRM", tr("Look again")), home_answer())
    )  # fmt: skip


@present.register
def _(state: pick.ScanCart, now: int = 0) -> Screen:
    offer = state.offer
    what = tr("one tote, single units") if offer.kind is BatchKind.BULK else tr("one slot an order")
    facts = (
        Fact(tr("Orders"), str(offer.orders)), Fact(tr("Units"), str(offer.units)), Fact(tr("Stops"), str(offer.stops)),
        Fact(tr("Carrier"), isolated(offer.carrier)),
    )  # fmt: skip
    prompt = tr("Fetch {cart}", cart=offer.left_on) if offer.left_on else tr("Scan a cart")
    # Beside the others it would not be seen where the window is small.
    zones = tr("zones {codes}", codes=joined(offer.zones)) if offer.zones else ""
    batch = joined((tr("Batch {number}", number=offer.number), what, tr("{n} units", n=offer.units), zones))
    return Screen(
        prompt=prompt, detail=batch, proof=Kinds((("cart", isolated(offer.left_on) or tr("cart")),)), row=_row(),
        beside=(Facts(tuple(each for each in facts if each.value)),), middle=_middle(offer.wave_number, "", offer.cut_off_at, now),
    )  # fmt: skip


@present.register
def _(state: pick.GoToLocation, now: int = 0) -> Screen:
    view = state.view
    slot = _slot(view)
    # Asked about another place, that one is the largest: the first is named beside it.
    prompt = tr("Take it from here instead?") if state.question else tr("Go to")
    either = tr("Scan it again, or go to {code}.", code=view.location_code) if state.question else ""
    place = Place(
        code=isolated(state.question or view.location_code), lead=tr("Then take"), block=amount(view.quantity),
        unit=unit_words(view.quantity, view.inner), thing=_thing(view), into=tr("into slot") if slot else "", slot=slot,
        names=part_names(state.question or view.location_code),
    )  # fmt: skip
    return _at(
        view,
        now,
        prompt=prompt,
        detail=either,
        proof=place,
        enabled=(*_SHELF, "REPRINT"),
        beside=(walk_of(view), *_cart(view, 0)),
    )


@present.register
def _(state: pick.TakeItem, now: int = 0) -> Screen:
    view = state.view
    slot = _slot(view)
    asked = tr("Take lot {lot} instead?", lot=state.question) if state.question else ""
    take = Take(
        thing=_thing(view), notes=_notes(view), neighbour=None if asked or state.unscanned else _neighbour(view), into=tr("into slot") if slot else "", slot=slot
    )  # fmt: skip
    sure = (Answer("YES", tr("Yes, without scanning")), Answer("NO", tr("No, back"))) if state.unscanned else ()
    return _at(
        view, now, answers=sure, prompt=asked or tr("Take {block} {unit}", block=BLOCK, unit=unit_words(view.quantity, view.inner)),
        block=None if asked else amount(view.quantity), detail=tr("Scan it again") if asked else "", proof=take, enabled=_SHELF, beside=(*shelf_of(view), *_cart(view, 0)),
    )  # fmt: skip


@present.register
def _(state: pick.PutInTote, now: int = 0) -> Screen:
    view, take = state.view, next_put(state)
    quantity = put_quantity(state)
    known = take.tote and not state.full
    scan = tr("Scan {tote}.", tote=take.tote) if known else tr("Scan an empty tote.")
    hand = InHand(tr("In your hand"), amount(quantity), unit_words(quantity), _thing(view))
    order = Facts(
        (
            Fact(tr("Order"), isolated(take.order_number)),
            Fact(tr("Tote"), isolated(take.tote) if known else tr("an empty one")),
        )
    )
    enabled = ("FULL", "UNDO", "SHORT")
    if view.kind is BatchKind.BULK:
        subject = Hero(isolated(take.tote)) if known else Subject(_thing(view), amount(quantity))
        return _at(view, now, prompt=tr("Put in the tote"), detail=scan, proof=subject, enabled=enabled,
                   beside=(hand, order))  # fmt: skip
    return _at(
        view, now, prompt=tr("Put in slot {block}", block=BLOCK), block=Block(str(take.slot), take.slot), detail=scan,
        proof=Cart(_slots(view, take.slot)), enabled=enabled, beside=(hand, order),
    )  # fmt: skip


@present.register
def _(state: pick.SayWhatFits, now: int = 0) -> Screen:
    answers = tuple(Answer(f"QTY-{n}", tr("{n} fitted", n=n)) for n in range(min(_MOST_FIT, state.taken - state.put)))
    return _at(
        state.view, now, prompt=tr("How many fitted?"), detail=tr("Then scan another tote for the rest."),
        answers=(*answers, back()), enabled=("UNDO",), beside=_cart(state.view, 0),
    )  # fmt: skip


@present.register
def _(state: pick.AskShortReason, now: int = 0) -> Screen:
    view = state.view
    where = tr(
        "{item} at {location}", item=item_words(view.description, view.variant, view.sku), location=view.location_code
    )
    return _at(
        view, now, prompt=tr("{n} missing. Why?", n=state.missing), detail=where, answers=numbered(state.reasons),
        enabled=("UNDO",), beside=_cart(view, 0),
    )  # fmt: skip


@present.register
def _(state: pick.ConfirmDamaged, now: int = 0) -> Screen:
    view = state.view
    after = tr("They go to {place}; a label prints.", place=view.quarantine_code)
    return _at(
        view, now, prompt=tr("Damaged?"), proof=Subject(_thing(view), amount(state.quantity), after),
        answers=(Answer("YES", tr("Yes, set them aside")), Answer("NO", tr("No, back"))), enabled=("UNDO",),
        beside=_cart(view, 0),
    )  # fmt: skip


@present.register
def _(state: pick.BatchDone, _now: int = 0) -> Screen:
    done = state.done
    cart = isolated(done.cart_code)
    if not done.totes:
        to, hero = tr("Nothing was picked: the cart is empty"), Hero(cart)
    elif done.destination:
        to, hero = tr("Bring the cart to"), Hero(isolated(done.destination), joined((cart, *done.totes)))
    else:
        to, hero = tr("Bring the cart to the benches"), Hero(cart, joined(done.totes))
    facts = [Fact(tr("Batch"), str(done.number)), Fact(tr("Totes"), str(len(done.totes)))]
    detail = ""
    if state.slips:
        to = tr("Put the slips into the totes")
        detail = tr("No bench has heard of these picks: each tote needs its slip.")
        facts.append(Fact(tr("Slips"), str(state.slips)))
    codes = (Answer("REPRINT", tr("Show the codes")),) if done.shared and done.totes else ()
    return Screen(
        prompt=to, detail=detail, proof=hero, progress=1000, row=_row("UNDO", "REPRINT", shared=done.shared),
        answers=(Answer("CONFIRM", tr("Next batch")), *codes, home_answer()), beside=(Facts(tuple(facts)),),
    )  # fmt: skip


@present.register
def _(state: pick.ShowCode, _now: int = 0) -> Screen:
    slip = state.code.slip
    about = tr("Order {order}", order=slip.order_number)
    code = ToScan(slip.code, isolated(slip.tote), "\n".join((about, *map(isolated, slip.lines))))
    # Keys and no more answers than the way back: the bench's scanner is to find one code here.
    row = (("REPRINT", tr("Print the slip")), ("SKIP", tr("Next tote")), ("UNDO", ""), ("CALL", ""))
    enabled = ("REPRINT", "UNDO", "SKIP") if len(state.codes) > 1 else ("REPRINT", "UNDO")
    return Screen(prompt=tr("Let the bench scan this"), proof=code, row=keys(row, enabled), answers=(back(),))


# Parts


def _row(*enabled: str, shared: int = 0) -> tuple[KeyCap, ...]:
    """Return a cart's keys; the totes' codes are one of them where other stations pack."""
    codes = (("REPRINT", tr("Codes")),) if shared else ()
    row = (("SHORT", ""), ("DAMAGED", ""), ("FULL", tr("Tote full")), *codes, ("SKIP", ""), ("UNDO", ""), ("CALL", ""))
    return keys(row, enabled)


def _at(view: TaskView, now: int, *, enabled: tuple[str, ...], **parts: object) -> Screen:
    """Return a screen at a stop of the walk, with what all of them share."""
    count = of_total(view.lines_done + 1, view.lines_total)
    return Screen(
        row=_row(*enabled, shared=int(view.fence > 0)), progress=per_mille(view.lines_done, view.lines_total),
        middle=_middle(view.wave_number, count, view.cut_off_at, now), **parts,  # type: ignore[arg-type]
    )  # fmt: skip


def _middle(wave: int, count: str, at: int, now: int) -> tuple[str, ...]:
    name = tr("Wave {number}", number=wave) if wave else ""
    return tuple(filter(None, (name, count, cut_off(at, now))))


def _thing(view: TaskView) -> Thing:
    return thing(view.description, view.variant, view.code, view.picture, view.sku)


def _notes(view: TaskView) -> tuple[str, ...]:
    lot = tr("Lot {lot}, use by {expiry}", lot=view.lot, expiry=view.expiry) if view.lot else ""
    serial = tr("Serial {serial}", serial=view.key.serial) if view.key.serial else ""
    package = tr("Package {package}", package=view.lpn_code) if view.lpn_code else ""
    return tuple(filter(None, (lot, serial, package, isolated(view.hazard))))


def _neighbour(view: TaskView) -> Neighbour | None:
    near = view.neighbour
    if near is None:
        return None
    same = near.location_code == view.location_code
    place = tr("beside it, in the same place") if same else tr("beside it, in {place}", place=near.location_code)
    return Neighbour(tr("Not the {variant} one", variant=near.variant), place, near.picture)


def _slot(view: TaskView) -> int:
    """Return the slot everything of a stop goes into; 0 when it is divided, or for a tote of single units."""
    slots = {each.slot for each in view.takes}
    return slots.pop() if len(slots) == 1 and view.kind is not BatchKind.BULK else 0


def _slots(view: TaskView, target: int) -> tuple[Slot, ...]:
    wanted = {target} if target else {each.slot for each in view.takes}
    return tuple(
        Slot(each.slot, isolated(each.tote or each.order_number), each.done, each.total, each.slot in wanted)
        for each in view.slots
    )


def _cart(view: TaskView, target: int) -> tuple[Card, ...]:
    return () if view.kind is BatchKind.BULK else (Cart(_slots(view, target)),)
