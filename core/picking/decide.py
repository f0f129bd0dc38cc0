"""From what the picker did to the command that says so: pure decisions over the stop that is shown."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from core.kernel.flow import Stamp
from core.kernel.ids import NO_ID, CommandId, ContainerId, FillId, FulfilmentId, StationId, derive
from core.picking.commands import (
    Finish,
    FinishBatch,
    MarkDamaged,
    PickUnits,
    Shorted,
    ShortPick,
    Taken,
    UndoDamaged,
    UndoPick,
    UndoShort,
)
from core.picking.model import singles_fill
from core.picking.states import PutInTote
from core.picking.views import Leftover, TakeView, TaskView
from core.rules import reasons
from core.waves.model import BatchKind, MemberOutcome

SHORT_REASONS = reasons.SHORT_REASONS
NOWHERE = StationId(NO_ID)


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


def finish_of(
    view: TaskView, shorts: tuple[Shorted, ...] = (), extra: FillId | None = None, station: StationId = NOWHERE
) -> Finish | None:
    """Return what ends with this stop; None while others are open."""
    if view.others_open:
        return None
    given_up = {each.fulfilment for each in shorts} | {part for part, short in view.members if short}
    fills = view.fills if extra is None or extra in view.fills else (*view.fills, extra)
    return Finish(fills, _outcomes(tuple(part for part, _ in view.members), given_up), station)


def _outcomes(
    members: tuple[FulfilmentId, ...], given_up: set[FulfilmentId]
) -> tuple[tuple[FulfilmentId, MemberOutcome], ...]:
    return tuple((part, MemberOutcome.SHORT if part in given_up else MemberOutcome.PICKED) for part in members)


def finish_leftover(left: Leftover, stamp: Stamp, station: StationId) -> FinishBatch:
    """Return the command that ends a batch in which nothing is wanted any more; its id follows from the gesture's."""
    given_up = {part for part, short in left.members if short}
    outcomes = _outcomes(tuple(part for part, _ in left.members), given_up)
    mine: Stamp = {**stamp, "id": CommandId(derive(stamp["id"], "finish batch"))}
    return FinishBatch(**mine, batch=left.batch, gone=left.tasks, finish=Finish(left.fills, outcomes, station))


def pick(
    state: PutInTote,
    stamp: Stamp,
    fill: FillId,
    container: ContainerId,
    quantity: int,
    *,
    fills_up: bool = False,
    station: StationId = NOWHERE,
) -> PickUnits:
    """Return the command of putting so many units into a tote."""
    view, take = state.view, next_put(state)
    bulk = view.kind is BatchKind.BULK
    opens = fill == NO_ID
    # Of singles every bench knows beforehand which filling they are in: it packs them by its lease, heard of or not.
    new = singles_fill(view.batch, len(view.fills)) if bulk else FillId(derive(stamp["id"], "fill"))
    made = new if opens else fill
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
        fills_up=int(fills_up),
        takes=takes_of(state, quantity),
        finish=finish_of(view, extra=made, station=station),
        full_fills=view.full_fills,
        epoch=view.epoch,
        fence=view.fence,
        change=take.changes + 1 if view.fence else 0,
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


def short(view: TaskView, stamp: Stamp, missing: int, reason: str, *, station: StationId = NOWHERE) -> ShortPick:
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
        finish=finish_of(view, shorts, station=station),
        full_fills=view.full_fills,
    )


def damaged(view: TaskView, stamp: Stamp, quantity: int, *, station: StationId = NOWHERE) -> MarkDamaged:
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
        finish=finish_of(view, shorts, station=station),
        full_fills=view.full_fills,
        sku=view.sku,
        quarantine_code=view.quarantine_code,
        site_name=view.site_name,
    )


def rest(view: TaskView, put: int) -> TaskView:
    """Return the stop with only the units that were not put."""
    takes = []
    for each in view.takes:
        here = min(put, each.quantity)
        put -= here
        if here < each.quantity:
            takes.append(replace(each, first=each.first + here, quantity=each.quantity - here))
    return replace(view, takes=tuple(takes))


def after_damage(view: TaskView, done: MarkDamaged) -> TaskView | None:
    """Return the stop as it is after units of it were set aside; None when nothing is left to take."""
    given_up = {each.reservation: each.quantity for each in done.short}
    takes = tuple(
        replace(each, quantity=each.quantity - given_up.get(each.reservation, 0))
        for each in view.takes
        if each.quantity > given_up.get(each.reservation, 0)
    )
    if not takes:
        return None
    lost: Counter[FulfilmentId] = Counter()
    for each in done.short:
        lost[each.fulfilment] += each.quantity
    members = tuple((part, short + lost[part]) for part, short in view.members)
    slot_of = {each.fulfilment: each.slot for each in view.takes}
    by_slot = {slot_of[part]: units for part, units in lost.items()}
    slots = tuple(replace(each, total=each.total - by_slot.get(each.slot, 0)) for each in view.slots)
    free_here = view.free_here - done.quantity + sum(lost.values())
    return replace(view, takes=takes, members=members, slots=slots, free_here=free_here)


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
                fills_up=done.fills_up,
                takes=done.takes,
                finish=done.finish,
                full_fills=done.full_fills,
                epoch=done.epoch,
                fence=done.fence,
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
