"""Taking units of an order off the work that is not done yet: promises, reservations, tasks, places in batches.

Decided by `planner.py`, written here for every command that cuts. Total: units that are gone meanwhile are not cut.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from core.kernel.commands import Command, Read
from core.kernel.ids import BatchId, FulfilmentId, FulfilmentLineId, OrderLineId, ReservationId, SiteId, TaskId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import Key, Row
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment, FulfilmentLine, OrderLine
from core.orders.progress import advance, wanted
from core.picking.commands import anothers
from core.stock.ledger import balance_key
from core.stock.model import Balance, Reservation, StockKey
from core.stock.reserving import let_go
from core.waves.model import Batch, BatchMember, BatchState, MemberOutcome, PickTask, TaskState


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGo:
    """Units of a reservation that nobody wants any more: its highest ordinals."""

    reservation: ReservationId
    line: FulfilmentLineId
    task: TaskId
    batch: BatchId
    key: StockKey
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCut:
    """Units of a line that are cancelled at once."""

    line: FulfilmentLineId
    order_line: OrderLineId
    fulfilment: FulfilmentId
    unpromised: int
    promised: int
    """Promised and not released."""
    released: int
    """In reservations, which `let_go` names."""


@dataclass(frozen=True, slots=True)
class MemberEnd:
    """A fulfilment of which nothing is left in a batch."""

    batch: BatchId
    fulfilment: FulfilmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Everything that is taken off the work."""

    lines: tuple[LineCut, ...] = ()
    let_go: tuple[LetGo, ...] = ()
    members: tuple[MemberEnd, ...] = ()
    ends: tuple[BatchId, ...] = ()
    """Batches that nobody started and that have no stop left; a running one ends where it is picked."""

    @property
    def units(self) -> int:
        """Return how many units are cancelled at once."""
        return sum(each.unpromised + each.promised + each.released for each in self.lines)


def cut_reads(site: SiteId, cut: Cut) -> dict[type[Row], list[Key]]:
    """Return the keys that cutting looks at."""
    return {
        FulfilmentLine: [(site, each.line) for each in cut.lines],
        OrderLine: [(site, each.order_line) for each in cut.lines],
        Fulfilment: [(site, each.fulfilment) for each in cut.lines],
        Reservation: [(site, each.reservation) for each in cut.let_go],
        Balance: [balance_key(site, each.key) for each in cut.let_go],
        PickTask: [(site, each.task) for each in cut.let_go],
        Batch: [(site, batch) for batch in dict.fromkeys(each.batch for each in cut.let_go)],
        BatchMember: [(site, each.batch, each.fulfilment) for each in cut.members],
    }


def check_cut(read: Read, site: SiteId, cut: Cut) -> Refusal | None:
    """Return why a cut was decided on something that is otherwise now; None when all is as it was."""
    for each in cut.let_go:
        held = read.get(Reservation, (site, each.reservation))
        if held is None or held.quantity < each.quantity or held.work != each.task:
            return Refusal(Reason.CHANGED_MEANWHILE)
    for line in cut.lines:
        row = read.get(FulfilmentLine, (site, line.line))
        if row is None:
            return Refusal(Reason.NOT_FOUND)
        if wanted(row) - row.promised < line.unpromised or row.promised - row.reserved < line.promised:
            return Refusal(Reason.CHANGED_MEANWHILE)
    return None


def apply_cut(uow: UnitOfWork, site: SiteId, cut: Cut) -> int:
    """Let go, shrink, count; return how many units were cancelled."""
    released: dict[FulfilmentLineId, int] = defaultdict(int)
    for each in cut.let_go:
        row = uow.get(Reservation, (site, each.reservation))
        if row is not None:
            gone = min(each.quantity, row.quantity)
            let_go(uow, row, gone, from_front=False)
            _shrink(uow, site, each, gone)
            released[each.line] += gone
    total = sum(_count(uow, site, each, released[each.line]) for each in cut.lines)
    for member in _members(uow, site, cut):
        uow.update(member, outcome=MemberOutcome.CANCELLED)
    for batch in cut.ends:
        head = uow.get(Batch, (site, batch))
        if head is not None and head.state is BatchState.READY and head.tasks_done >= head.tasks:
            uow.update(head, state=BatchState.PICKED)
    return total


def keep_packed(uow: UnitOfWork, by: Command, cut: Cut) -> None:
    """Say of singles that are cut and packed that they have their units: their own will not be picked any more."""
    start = 0
    for each in cut.let_go:
        units = min(each.quantity, anothers.packed_unheard(uow, by.site, each.batch, each.line))
        row = uow.get(FulfilmentLine, (by.site, each.line))
        if units and row is not None:
            others = anothers.Anothers(each.batch, row.order, row.fulfilment, row.id, row.packed - units + 1, units)
            start = anothers.keep(uow, by, others, each.key, start)


def _count(uow: UnitOfWork, site: SiteId, each: LineCut, released: int) -> int:
    row = uow.get(FulfilmentLine, (site, each.line))
    if row is None:
        return 0
    promised = min(each.promised, max(0, row.promised - row.reserved))
    unpromised = min(each.unpromised, max(0, wanted(row) - row.promised))
    total = released + promised + unpromised
    advance(uow, site, each.line, reserved=-released, promised=-(released + promised), cancelled=total)
    count_cancelled(uow, site, each.order_line, total)
    return total


def count_cancelled(uow: UnitOfWork, site: SiteId, order_line: OrderLineId, quantity: int) -> None:
    """Count cancelled units at the order's own line."""
    row = uow.get(OrderLine, (site, order_line))
    if row is not None:
        uow.update(row, cancelled=row.cancelled + quantity)


def _members(uow: UnitOfWork, site: SiteId, cut: Cut) -> Iterator[BatchMember]:
    for each in cut.members:
        row = uow.get(BatchMember, (site, each.batch, each.fulfilment))
        if row is not None and row.outcome is MemberOutcome.OPEN:
            yield row


def _shrink(uow: UnitOfWork, site: SiteId, each: LetGo, gone: int) -> None:
    """Take units off a task; one of which nothing is left is gone, and its batch has a stop less."""
    row = uow.get(PickTask, (site, each.task))
    if row is None:
        return
    handled = row.picked + row.short
    left = max(handled, row.quantity - gone)
    state = row.state
    if state is TaskState.OPEN and left <= handled:
        state = TaskState.DONE if handled else TaskState.GONE
    head = uow.get(Batch, (site, each.batch))
    if head is not None:
        uow.update(
            head,
            units=max(0, head.units - (row.quantity - left)),
            tasks=max(0, head.tasks - int(state is TaskState.GONE and row.state is TaskState.OPEN)),
            tasks_done=head.tasks_done + int(state is TaskState.DONE and row.state is TaskState.OPEN),
        )
    uow.update(row, quantity=left, state=state)
