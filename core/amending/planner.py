"""Deciding what cancelling or changing an order means, unit by unit; pure once the order with its work is read.

Of a line, the units that cost least to give up go first: those promised nothing, then promised ones, then those that
tasks would pick, then what lies in totes and parcels (stopped, and put back by hand). What is in the van is too late.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType

import sqlalchemy as sa

from core.amending.commands import (
    CancelOrder,
    ChangeOrder,
    Header,
    NewStop,
    Raise,
    ResumeFulfilment,
    ToPutBack,
)
from core.amending.cuts import Cut, LetGo, LineCut, MemberEnd
from core.amending.queries import AmendView, TooLate, amend_view, told_too_late
from core.cases.model import CaseKind
from core.kernel import codec
from core.kernel.flow import Stamp
from core.kernel.ids import BatchId, ContactId, FulfilmentId, FulfilmentLineId, OrderId, OrderLineId, ParcelId, SiteId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.orders.model import Fulfilment, FulfilmentLine, PartialPolicy, PaymentState, StopKind
from core.orders.progress import wanted
from core.packing.model import Parcel, ParcelState
from core.stock.ledger import key_of
from core.waves.model import BatchState


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChange:
    """What is wanted otherwise; None and what is not named stay as they are."""

    quantities: Mapping[OrderLineId, int] = field(default_factory=dict)
    """Units still wanted of a line, those in the van included."""
    contact: ContactId | None = None
    """A new private row, handed to the writer beside the command."""
    carrier: str | None = None
    service: str | None = None
    priority: int | None = None
    cut_off_at: int | None = None
    promised_at: int | None = None
    payment: PaymentState | None = None
    """Unpaid: what is released already stops until it is paid."""
    partial: PartialPolicy | None = None
    handling: str | None = None


@dataclass(frozen=True, slots=True)
class _Decided:
    """What giving units up means."""

    cut: Cut
    back: Mapping[FulfilmentLineId, int]
    """Units in totes and parcels, by line."""
    late: int


def plan_cancel(
    connection: sa.Connection, site: SiteId, order: OrderId, reason: str, stamp: Stamp
) -> CancelOrder | Refusal:
    """Return the command that cancels an order as far as it can be, or why nothing can be cancelled."""
    view = amend_view(connection, site, order)
    if view is None:
        return Refusal(Reason.NOT_FOUND)
    stopped = {stop.fulfilment for stop in view.order.stops if stop.kind is StopKind.CANCEL}
    decided = _decide(view, {line.id: wanted(line) for line in view.order.fulfilment_lines})
    back = {line: units for line, units in decided.back.items() if _fulfilment_of(view, line) not in stopped}
    if not decided.cut.lines and not back:
        if not decided.late or decided.back:
            return Refusal(Reason.ORDER_CANCELLED, {"order": view.order.order.number})
        if decided.late <= told_too_late(connection, site, order).by_cancel:
            return Refusal(Reason.ALREADY_SHIPPED, {"order": view.order.order.number})
    by_part: dict[FulfilmentId, int] = defaultdict(int)
    for line, units in back.items():
        by_part[_fulfilment_of(view, line)] += units
    released = {cut.fulfilment for cut in decided.cut.lines if cut.released}
    # A picker may have a unit in the hand this moment: what was released at all is stopped too.
    stops = sorted((released | set(by_part)) - stopped)
    return CancelOrder(
        **stamp,
        order=order,
        reason=reason,
        cut=decided.cut,
        stops=tuple(NewStop(part, StopKind.CANCEL, reason) for part in stops),
        put_back=tuple(ToPutBack(part, by_part[part]) for part in sorted(by_part)),
        late=decided.late,
        # Also where nothing was released: what no station has heard of is gone with a hub that is set back.
        final=int(not view.shared),
        cartons=tuple(
            box.sscc
            for box in view.parcels
            if box.fulfilment in stopped.union(by_part) and box.state is ParcelState.CLOSED and not box.loaded_at
        ),
    )


def plan_change(
    connection: sa.Connection, site: SiteId, order: OrderId, change: OrderChange, stamp: Stamp
) -> ChangeOrder | Refusal:
    """Return the command that changes an order at every stage it is in, or why it cannot be."""
    view = amend_view(connection, site, order)
    if view is None:
        return Refusal(Reason.NOT_FOUND)
    head = view.order.order
    if head.cancelled_at:
        return Refusal(Reason.ORDER_CANCELLED, {"order": head.number})
    wishes = _wishes(view, change.quantities)
    if isinstance(wishes, Refusal):
        return wishes
    fewer, raises = wishes
    decided = _decide(view, fewer, {line.id: going_back(view, line) for line in view.order.fulfilment_lines})
    open_parts = tuple(part for part in view.order.fulfilments if part.open)
    header = _header(view, change)
    boxes = [box for box in view.parcels if header is not None and _other_label(box, header)]
    labelled = {box.fulfilment for box in boxes if box.state is ParcelState.CLOSED and not box.loaded_at}
    gone = _gone(view, boxes, told_too_late(connection, site, order))
    back = {_fulfilment_of(view, line) for line in decided.back}
    unpaid = _unpaid(view, header)
    stopped = {stop.fulfilment for stop in view.order.stops if stop.kind is StopKind.CANCEL}
    return ChangeOrder(
        **stamp,
        order=order,
        base_version=head.version,
        header=header,
        fulfilments=() if header is None else tuple(part.id for part in open_parts),
        open_parcels=tuple(box.id for box in boxes if box.state is ParcelState.OPEN),
        cut=decided.cut,
        raises=raises,
        stops=tuple(
            NewStop(
                part, StopKind.CHANGE, stop_words(quantity=part in back, label=part in labelled, payment=part in unpaid)
            )
            for part in sorted((labelled | back | unpaid) - stopped)
        ),
        put_back=tuple(ToPutBack(line, units) for line, units in sorted(decided.back.items())),
        late=decided.late + len(gone),
        gone=gone,
    )


def plan_resume(
    connection: sa.Connection, site: SiteId, order: OrderId, fulfilment: FulfilmentId, stamp: Stamp
) -> ResumeFulfilment | Refusal:
    """Return the command that lets a changed fulfilment go on."""
    view = amend_view(connection, site, order)
    if view is None:
        return Refusal(Reason.NOT_FOUND)
    lines = {line.id for line in view.lines(fulfilment)}
    stop = next((each for each in view.order.stops if each.fulfilment == fulfilment), None)
    return ResumeFulfilment(
        **stamp,
        fulfilment=fulfilment,
        parcels=tuple(
            box.id
            for box in view.parcels
            if box.fulfilment == fulfilment and box.state is not ParcelState.VOID and not box.loaded_at
        ),
        cases=tuple(case.id for case in view.cases if case.kind is CaseKind.PUT_BACK and case.subject in lines),
        stopped_at=0 if stop is None else stop.at,
        why="" if stop is None else stop.text,
    )


def going_back(view: AmendView, line: FulfilmentLine) -> int:
    """Return how many units of a line cases ask back that still count as wanted."""
    said = [codec.parse(each.facts) for each in view.cases if (each.kind, each.subject) == (CaseKind.PUT_BACK, line.id)]
    return sum(int(each.get("quantity", 0)) for each in said if not each.get("unheard"))


def stop_words(**said: bool) -> str:
    """Return what a stop says of why: words, one after the other."""
    return " ".join(word for word, is_said in said.items() if is_said)


def _fulfilment_of(view: AmendView, line: FulfilmentLineId) -> FulfilmentId:
    return next(each.fulfilment for each in view.order.fulfilment_lines if each.id == line)


def _wishes(
    view: AmendView, quantities: Mapping[OrderLineId, int]
) -> tuple[dict[FulfilmentLineId, int], tuple[Raise, ...]] | Refusal:
    """Return by how much lines go down, and which go up."""
    fewer: dict[FulfilmentLineId, int] = {}
    raises: list[Raise] = []
    for order_line, want in sorted(quantities.items()):
        lines = [line for line in view.order.fulfilment_lines if line.order_line == order_line]
        if not lines:
            return Refusal(Reason.NOT_FOUND)
        if want < 0:
            return Refusal(Reason.NOT_A_QUANTITY, {"quantity": want})
        still = {line.id: wanted(line) - going_back(view, line) for line in lines}
        have = sum(still.values())
        if want > have:
            part = next(each for each in view.order.fulfilments if each.id == lines[-1].fulfilment)
            if part.reserved or _stopped(view, part) or any(going_back(view, line) for line in lines):
                return Refusal(Reason.ORDER_CHANGED, {"order": view.order.order.number})
            raises.append(Raise(lines[-1].id, order_line, part.id, want - have))
        left = have - want
        for line in reversed(lines):
            if left > 0:
                fewer[line.id] = min(left, still[line.id])
                left -= fewer[line.id]
    return fewer, tuple(raises)


def _stopped(view: AmendView, part: Fulfilment) -> bool:
    return any(stop.fulfilment == part.id for stop in view.order.stops)


def _header(view: AmendView, change: OrderChange) -> Header | None:
    before = _header_before(view)
    said = {each.name: getattr(change, each.name) for each in fields(Header)}
    new = replace(before, **{name: value for name, value in said.items() if value is not None})
    return None if new == before else new


def _header_before(view: AmendView) -> Header:
    head = view.order.order
    carriers = [part.carrier for part in view.order.fulfilments]
    return Header(
        contact=head.contact, carrier=carriers[0] if carriers else "", service=head.service, priority=head.priority,
        cut_off_at=head.cut_off_at, promised_at=head.promised_at, payment=head.payment, partial=head.partial,
        handling=head.handling,
    )  # fmt: skip


def _unpaid(view: AmendView, header: Header | None) -> set[FulfilmentId]:
    """Return the fulfilments on the floor that a payment which did not come stops."""
    if header is None or header.payment is not PaymentState.UNPAID:
        return set()
    return {part.id for part in view.order.fulfilments if part.reserved > part.loaded}


def _gone(view: AmendView, boxes: Iterable[Parcel], told: TooLate) -> tuple[ParcelId, ...]:
    """Return those of wrongly labelled parcels that left and that are to be told: it is this change that is wrong, or nobody was."""
    before = _header_before(view)
    gone = [box for box in boxes if box.loaded_at]
    wrong_already = [box for box in gone if _other_label(box, before)]
    return tuple(box.id for box in gone if box not in wrong_already or box in told.untold(wrong_already))


def _other_label(box: Parcel, new: Header) -> bool:
    if box.state is ParcelState.VOID:
        return False
    return (box.contact, box.carrier, box.service) != (new.contact, new.carrier, new.service)


# Units, the cheapest to give up first


def _decide(
    view: AmendView, fewer: Mapping[FulfilmentLineId, int], asked: Mapping[FulfilmentLineId, int] = MappingProxyType({})
) -> _Decided:
    """Return what giving units up means, where so many of each line are asked back already."""
    cuts: list[LineCut] = []
    let_go: list[LetGo] = []
    back: dict[FulfilmentLineId, int] = {}
    late = 0
    for line in view.order.fulfilment_lines:
        left = fewer.get(line.id, 0)
        unpromised = min(left, max(0, wanted(line) - line.promised))
        promised = min(left - unpromised, max(0, line.promised - line.reserved))
        going = _let_go(view, line, left - unpromised - promised)
        released = sum(each.quantity for each in going)
        let_go.extend(going)
        if unpromised + promised + released:
            cuts.append(
                LineCut(
                    line=line.id, order_line=line.order_line, fulfilment=line.fulfilment, unpromised=unpromised,
                    promised=promised, released=released,
                )
            )  # fmt: skip
        left -= unpromised + promised + released
        here = min(left, max(0, line.picked - line.loaded - asked.get(line.id, 0)))
        if here:
            back[line.id] = here
        late += left - here
    members = tuple(_members(view, let_go))
    ends = tuple(_ends(view, let_go))
    return _Decided(Cut(lines=tuple(cuts), let_go=tuple(let_go), members=members, ends=ends), back, late)


def _let_go(view: AmendView, line: FulfilmentLine, units: int) -> list[LetGo]:
    """Return which reservations let go of how much, the highest ordinals first."""
    found: list[LetGo] = []
    for row in reversed([each for each in view.reservations if each.demand == line.id]):
        task = view.tasks.get(row.work)
        here = min(units, row.quantity)
        if here and task is not None:
            found.append(
                LetGo(reservation=row.id, line=line.id, task=task.id, batch=task.batch, key=key_of(row), quantity=here)
            )
            units -= here
    return found


def _members(view: AmendView, let_go: Iterable[LetGo]) -> Iterable[MemberEnd]:
    """Yield the places in batches of which nothing is left: no unit to pick, none picked."""
    left = {row.id: row.quantity for row in view.reservations}
    touched: dict[tuple[BatchId, FulfilmentId], None] = {}
    for each in let_go:
        left[each.reservation] -= each.quantity
        touched[each.batch, _fulfilment_of(view, each.line)] = None
    still = {
        (view.tasks[row.work].batch, _fulfilment_of(view, FulfilmentLineId(row.demand)))
        for row in view.reservations
        if left[row.id] and row.work in view.tasks
    } | {(pick.batch, pick.fulfilment) for pick in view.picks}
    for batch, fulfilment in sorted(set(touched) - still):
        yield MemberEnd(batch, fulfilment)


def _ends(view: AmendView, let_go: Iterable[LetGo]) -> Iterable[BatchId]:
    """Yield the batches that nobody started and that have no stop left."""
    less: dict[bytes, int] = defaultdict(int)
    for each in let_go:
        less[each.task] += each.quantity
    done = {task for task, units in less.items() if view.tasks[task].quantity <= units}
    for batch in sorted({view.tasks[task].batch for task in done}):
        open_batch = view.batches.get(batch)
        if open_batch is not None and open_batch.row.state is BatchState.READY and not open_batch.open_tasks - done:
            yield batch
