"""From what the picker did to the command that says so: pure decisions over the stop that is shown."""

from collections.abc import Iterator

from core.kernel.flow import Stamp
from core.kernel.ids import NO_ID, ContainerId, FillId, FulfilmentId, derive
from core.picking.commands import (
    Finish,
    MarkDamaged,
    PickUnits,
    Shorted,
    ShortPick,
    Taken,
    UndoDamaged,
    UndoPick,
    UndoShort,
)
from core.picking.states import PutInTote
from core.picking.views import TakeView, TaskView
from core.waves.model import BatchKind, MemberOutcome

SHORT_REASONS = ("COULD_NOT_LOCATE", "STOCKOUT", "DIFFERENT_LOCATION", "BIN_NOT_ACCESSIBLE")
"""Why units were not found; the first is what a bare key press would mean."""


def next_put(state: PutInTote) -> TakeView:
    """Return whose units are put next: in bulk all lines at once, else slot after slot."""
    passed = state.put
    for each in state.view.takes:
        if passed < each.quantity:
            return each
        passed -= each.quantity
    raise ValueError("nothing is left to put")


def put_quantity(state: PutInTote) -> int:
    """Return the units that go into the next tote."""
    left = state.taken - state.put
    if state.view.kind is BatchKind.BULK:
        return left
    take = next_put(state)
    return min(left, take.quantity - _before(state, take))


def _before(state: PutInTote, take: TakeView) -> int:
    """Return the units of a take that lie in a tote already."""
    passed = 0
    for each in state.view.takes:
        if each is take:
            return state.put - passed
        passed += each.quantity
    return 0


def takes_of(state: PutInTote, quantity: int) -> tuple[Taken, ...]:
    """Return the units of the next put by line and ordinal."""
    return tuple(_takes(state, quantity))


def _takes(state: PutInTote, quantity: int) -> Iterator[Taken]:
    skip, left = state.put, quantity
    for each in state.view.takes:
        if skip >= each.quantity:
            skip -= each.quantity
            continue
        here = min(each.quantity - skip, left)
        if here:
            yield Taken(each.reservation, each.line, each.fulfilment, each.order, each.first + skip, here)
        left, skip = left - here, 0


def finish_of(view: TaskView, shorts: tuple[Shorted, ...] = (), extra: FillId | None = None) -> Finish | None:
    """Return what ends with this stop; None while others are open."""
    if view.others_open:
        return None
    given_up = {each.fulfilment for each in shorts} | {part for part, short in view.members if short}
    members = tuple(
        (part, MemberOutcome.SHORT if part in given_up else MemberOutcome.PICKED) for part, _ in view.members
    )
    fills = view.fills if extra is None or extra in view.fills else (*view.fills, extra)
    return Finish(fills, members)


def pick(state: PutInTote, stamp: Stamp, fill: FillId, container: ContainerId, quantity: int) -> PickUnits:
    """Return the command of putting so many units into a tote."""
    view, take = state.view, next_put(state)
    bulk = view.kind is BatchKind.BULK
    opens = fill == NO_ID
    made = FillId(derive(stamp["id"], "fill")) if opens else fill
    return PickUnits(
        **stamp,
        batch=view.batch,
        task=view.task,
        key=view.key,
        place=view.place,
        fill=made,
        container=container,
        slot=0 if bulk else take.slot,
        owner=FulfilmentId(NO_ID) if bulk else take.fulfilment,
        opens_fill=int(opens),
        takes=takes_of(state, quantity),
        finish=finish_of(view, extra=made),
        full_fills=view.full_fills,
    )


def shorts_of(view: TaskView, missing: int) -> tuple[Shorted, ...]:
    """Return whose units are given up: from the last line backwards, the highest ordinals of each."""
    found: list[Shorted] = []
    for each in reversed(view.takes):
        here = min(each.quantity, missing)
        if here:
            first = each.first + each.quantity - here
            found.append(Shorted(each.reservation, each.line, each.fulfilment, each.order, first, here, each.whole))
        missing -= here
    return tuple(reversed(found))


def short(view: TaskView, stamp: Stamp, missing: int, reason: str) -> ShortPick:
    """Return the command of giving units up."""
    shorts = shorts_of(view, missing)
    return ShortPick(
        **stamp,
        batch=view.batch,
        task=view.task,
        key=view.key,
        short=shorts,
        reason=reason,
        opens_count=1 - view.count_open,
        finish=finish_of(view, shorts),
        full_fills=view.full_fills,
    )


def damaged(view: TaskView, stamp: Stamp, quantity: int) -> MarkDamaged:
    """Return the command of setting damaged units aside; what nothing else is free for is given up."""
    shorts = shorts_of(view, max(0, quantity - view.free_here))
    return MarkDamaged(
        **stamp,
        batch=view.batch,
        task=view.task,
        key=view.key,
        quarantine=view.quarantine,
        quantity=quantity,
        short=shorts,
        finish=finish_of(view, shorts),
        full_fills=view.full_fills,
        sku=view.sku,
        quarantine_code=view.quarantine_code,
        site_name=view.site_name,
    )


def undo(done: PickUnits | ShortPick | MarkDamaged, stamp: Stamp) -> UndoPick | UndoShort | UndoDamaged:
    """Return the command that takes another back."""
    match done:
        case PickUnits():
            return UndoPick(
                **stamp,
                undoes=done.id,
                batch=done.batch,
                task=done.task,
                key=done.key,
                place=done.place,
                fill=done.fill,
                container=done.container,
                slot=done.slot,
                owner=done.owner,
                opens_fill=done.opens_fill,
                takes=done.takes,
                finish=done.finish,
                full_fills=done.full_fills,
            )
        case ShortPick():
            return UndoShort(
                **stamp,
                undoes=done.id,
                batch=done.batch,
                task=done.task,
                key=done.key,
                short=done.short,
                finish=done.finish,
                full_fills=done.full_fills,
            )
        case MarkDamaged():
            return UndoDamaged(
                **stamp,
                undoes=done.id,
                batch=done.batch,
                task=done.task,
                key=done.key,
                quarantine=done.quarantine,
                quantity=done.quantity,
                short=done.short,
                finish=done.finish,
                full_fills=done.full_fills,
            )
