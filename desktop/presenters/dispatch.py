"""The dock: carriers' loads that fill, the one parcel that must not go, and what would stay behind."""

from core.shipping import flow as ship
from core.shipping.views import CarrierLoad
from desktop.languages import clock, isolated, joined, tr
from desktop.messages import reason_words
from desktop.presenters.words import back, cut_off, grouped, keys, of_total, per_mille, present
from desktop.proofs import Dock, Hero, Load
from desktop.screens import Answer, KeyCap, Screen, Slab

_LEFT_SHOWN = 6


@present.register
def _(state: ship.ScanParcel, now: int = 0) -> Screen:
    view = state.view
    loaded, all_of = ship.total(view.loads)
    loads = tuple(_load(each, current=each.carrier == state.standing.carrier) for each in view.loads)
    answers = (Answer("CONFIRM", tr("Close the list")),) if loaded and all_of == loaded else ()
    nothing = tr("Everything is loaded") if loaded else tr("Nothing to load")
    soonest = min((load.cut_off_at for load in view.loads if load.cut_off_at and load.waiting), default=0)
    count = of_total(loaded, all_of)
    asked = tr("Scan it again") if state.question else ""
    nothing_yet = "" if loads else tr("Packed parcels come here when their label was scanned.")
    return Screen(
        prompt=asked or (tr("Scan the next parcel") if all_of > loaded else nothing), proof=Dock(tr("{count} parcels", count=count), loads),
        detail=tr("Its label was not scanned back. Once more, and it is loaded.") if asked else nothing_yet,
        loud=_slab(state), row=_row("UNDO", "CALL"), answers=answers, progress=per_mille(loaded, all_of),
        middle=tuple(filter(None, (tr("Dock {dock}", dock=view.dock_code), count, cut_off(soonest, now)))),
    )  # fmt: skip


@present.register
def _(state: ship.SettleBox, _now: int = 0) -> Screen:
    return Screen(
        prompt=tr("Is this parcel in the van?"), row=_row(),
        proof=Hero(grouped(state.parcel.sscc), tr("Order {order}", order=state.parcel.order_number)),
        detail=tr("The station stopped while it was loaded. Look before anything else goes in."),
        answers=(Answer("YES", tr("It is in the van")), Answer("NO", tr("It is not"))),
    )  # fmt: skip


@present.register
def _(state: ship.TakeOut, _now: int = 0) -> Screen:
    loads = tuple(_load(each, current=each.carrier == state.standing.carrier) for each in state.view.loads)
    loaded, all_of = ship.total(state.view.loads)
    dock = Dock(tr("{count} parcels", count=of_total(loaded, all_of)), loads)
    return Screen(prompt=tr("Scan the parcel that comes out"), proof=dock, answers=(back(),), row=_row("UNDO"))


def _load(load: CarrierLoad, *, current: bool) -> Load:
    total = load.loaded + load.waiting
    return Load(
        carrier=isolated(load.carrier), loaded=load.loaded, total=total, count=of_total(load.loaded, total),
        detail=tr("leaves {time}", time=clock(load.cut_off_at)) if load.cut_off_at else "",
        trouble=tr("{n} without label", n=load.unlabelled) if load.unlabelled else "", current=current,
    )  # fmt: skip


def _slab(state: ship.ScanParcel) -> Slab | None:
    stopped = state.stopped
    if stopped is None:
        return None
    words = (
        f"{reason_words(stopped.reason, order=stopped.order_number)} {tr('Carry it to its shelf and scan the shelf.')}"
    )
    return Slab(tr("This parcel must not go"), words, tr("Parcel"), grouped(stopped.sscc))


@present.register
def _(state: ship.ConfirmClose, _now: int = 0) -> Screen:
    staying = state.staying
    # Orders of which a part goes are named first: they become backorders.
    stays = (*(tr("Order {order}", order=each) for each in staying.backorders), *map(grouped, staying.left))
    left = tr("Stays behind: {labels}", labels=joined(stays[:_LEFT_SHOWN]))
    more = len(stays) - _LEFT_SHOWN
    if more > 0:
        left = f"{left} {tr('and {n} more', n=more)}"
    return Screen(
        prompt=tr("Close {carrier}?", carrier=staying.carrier), row=_row("UNDO"),
        proof=Hero(tr("{n} parcels", n=len(staying.parcels)), left if stays else tr("Nothing stays behind.")),
        answers=(Answer("YES", tr("Close and print")), Answer("NO", tr("Load on"))),
    )  # fmt: skip


def _row(*enabled: str) -> tuple[KeyCap, ...]:
    return keys((("UNDO", ""), ("CALL", "")), enabled)
