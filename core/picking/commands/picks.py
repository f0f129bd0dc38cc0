"""Units taken from a location into a tote, and put back again.

What a pick wrote, its undo unwrites exactly: the undo carries the pick's own fields, and a test compares every table.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from core.cases.commands import open_case
from core.cases.model import Case, CaseKind, CaseState
from core.catalog.model import Location
from core.catalog.places import unexplained
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import (
    NO_ID,
    BatchId,
    CaseId,
    CommandId,
    ContainerId,
    CountId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    LocationId,
    LpnId,
    OrderId,
    ReservationId,
    SiteId,
    StationId,
    TaskId,
    derive,
)
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment, FulfilmentLine
from core.orders.progress import advance
from core.picking.commands import anothers
from core.picking.commands.asking_back import ask_back_late
from core.picking.model import Fill, FillState, Pick, singles_fill
from core.rights.model import Stage
from core.rights.queries import fence_of
from core.stock.ledger import Movement, balance_key, balance_keys, key_of, on_hand, post
from core.stock.model import Balance, Cause, CountRequest, CountState, Reservation, StockKey
from core.stock.reserving import give_back, let_go
from core.waves.model import Assignment, Batch, BatchMember, BatchState, MemberOutcome, PickTask, TaskState


@dataclass(frozen=True, slots=True)
class Taken:
    """Units taken for one line, by unit ordinal."""

    reservation: ReservationId
    line: FulfilmentLineId
    fulfilment: FulfilmentId
    order: OrderId
    first: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Finish:
    """What ends with the last task of a batch."""

    fills: tuple[FillId, ...]
    members: tuple[tuple[FulfilmentId, MemberOutcome], ...]
    station: StationId = StationId(NO_ID)
    """Where the turn at the batch ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfWalk(Command):
    """What happens on a walk: whoever holds its lease does it, and the operation says under which."""

    batch: BatchId

    def goes_on_with(self) -> tuple[str, bytes]:
        """Return the walk: a station that held it and was set back, or whose walk others have, does not go on with it."""
        return Stage.PICK, self.batch

    def under(self, uow: UnitOfWork) -> int:
        """Return the fence of the walk's lease."""
        return fence_of(uow, self.site, Stage.PICK, self.batch)


def pick_id(command: CommandId, n: int) -> bytes:
    """Return the id of a command's n-th pick."""
    return derive(command, "pick", n)


def finish_reads(site: SiteId, batch: BatchId, by: CommandId, finish: Finish | None) -> Reads:
    """Return the keys that ending a batch looks at; `by` is the command that ends it."""
    if finish is None:
        return {}
    return {
        Fill: [(site, fill) for fill in finish.fills],
        BatchMember: [(site, batch, fulfilment) for fulfilment, _ in finish.members],
        Assignment: [(site, batch, by)],
    }


def settle_task(
    uow: UnitOfWork, site: SiteId, task: TaskId, batch: BatchId, *, picked: int, short: int, beyond: int = 0
) -> bool:
    """Count units of a task (below zero to take back) and return whether its batch is done by it.

    Also where the office meanwhile took from the task what was left of it: the walk is over all the same. `beyond` of them
    it had taken from it unheard of: the task is for so many more, since for the others' units somebody is still on his way.
    """
    row = uow.get(PickTask, (site, task))
    if row is None:
        return False
    picked, short = max(0, row.picked + picked), max(0, row.short + short)
    quantity = max(0, row.quantity + beyond)
    done = picked + short >= quantity
    moved = int(done) - int(row.state is TaskState.DONE)
    state = TaskState.GONE if row.state is TaskState.GONE else TaskState.DONE if done else TaskState.OPEN
    uow.update(row, quantity=quantity, picked=picked, short=short, state=state)
    head = uow.get(Batch, (site, batch))
    if head is None:
        return False
    if moved and state is not TaskState.GONE:
        head = uow.update(head, tasks_done=max(0, head.tasks_done + moved))
    return done and head.tasks_done >= head.tasks


def unreserved(uow: UnitOfWork, site: SiteId, units: Iterable[tuple[ReservationId, int]]) -> int:
    """Return how many of units that somebody handled were reserved no more: their order was cancelled, or others did it."""
    rows = [(quantity, uow.get(Reservation, (site, reservation))) for reservation, quantity in units]
    return sum(max(0, quantity - (0 if row is None else row.quantity)) for quantity, row in rows)


def end_batch(uow: UnitOfWork, by: Command, batch: BatchId, finish: Finish) -> None:
    """Say that a batch is picked: its totes wait for a bench, its members have an outcome, the turn is over."""
    head = uow.get(Batch, (by.site, batch))
    if head is not None:
        uow.update(head, state=BatchState.PICKED)
    for fill in finish.fills:
        row = uow.get(Fill, (by.site, fill))
        if row is not None and row.state in (FillState.OPEN, FillState.FULL):
            uow.update(row, state=FillState.PICKED)
    for fulfilment, outcome in finish.members:
        member = uow.get(BatchMember, (by.site, batch, fulfilment))
        if member is not None and member.outcome is MemberOutcome.OPEN:
            uow.update(member, outcome=outcome)
    uow.put(Assignment(by.site, batch, by.id, by.actor, finish.station, by.at, "finished"))
    uow.tell(batch_done=1)


def reopen_batch(
    uow: UnitOfWork, site: SiteId, batch: BatchId, finish: Finish, full_fills: Iterable[FillId], undoes: CommandId
) -> None:
    """Take back that a batch is picked; totes that were full before are full again."""
    head = uow.get(Batch, (site, batch))
    if head is None or head.state is not BatchState.PICKED:
        return
    uow.update(head, state=BatchState.RUNNING)
    full = set(full_fills)
    for fill in finish.fills:
        row = uow.get(Fill, (site, fill))
        if row is not None and row.state is FillState.PICKED:
            uow.update(row, state=FillState.FULL if fill in full else FillState.OPEN)
    for fulfilment, _ in finish.members:
        member = uow.get(BatchMember, (site, batch, fulfilment))
        if member is not None and member.outcome in (MemberOutcome.PICKED, MemberOutcome.SHORT):
            uow.update(member, outcome=MemberOutcome.OPEN)
    turn = uow.get(Assignment, (site, batch, undoes))
    if turn is not None:
        uow.delete(turn)


def check_undo(
    read: Read, site: SiteId, batch: BatchId, task: TaskId, key: StockKey, finish: Finish | None
) -> Refusal | None:
    """Return why what was done at a stop cannot be taken back: the stop moved, or its batch ended without it."""
    stop, head = read.get(PickTask, (site, task)), read.get(Batch, (site, batch))
    if stop is None or head is None:
        return Refusal(Reason.WORK_GONE)
    if (stop.lot, stop.serial, stop.lpn, stop.location) != (key.lot, key.serial, key.lpn, key.location):
        return Refusal(Reason.CHANGED_MEANWHILE)
    if head.state is BatchState.PICKED and finish is None:
        return Refusal(Reason.NOTHING_TO_UNDO)
    return None


def hold_again(uow: UnitOfWork, by: Command, task: TaskId, key: StockKey, each: Taken) -> None:
    """Hold units of a reservation again; what is left of it says where. Units that others hold wait for another wave."""
    left = uow.get(Reservation, (by.site, each.reservation))
    where = key if left is None else key_of(left)
    held = give_back(
        uow,
        Reservation(
            by.site, each.reservation, each.line, task, where.owner, where.item, where.lot, where.serial, where.lpn,
            where.location, where.condition, each.first, each.quantity,
        ),
        each.first,
        each.quantity,
    )  # fmt: skip
    if not held:
        advance(uow, by.site, each.line, reserved=-each.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Units(OfWalk):
    """What a pick and its undo share."""

    task: TaskId
    key: StockKey
    """Where the units are taken from."""
    place: LocationId
    """The cart's location."""
    fill: FillId
    container: ContainerId
    slot: int
    owner: FulfilmentId
    """Whose fill it is; NO_ID in a bulk batch."""
    opens_fill: int
    fills_up: int = 0
    """1 when the tote takes no more after these units."""
    takes: tuple[Taken, ...]
    finish: Finish | None
    """What ends if this was the last task; decided from what the station saw."""
    full_fills: tuple[FillId, ...] = ()
    """Of `finish`, the fills that were closed as full before."""
    epoch: int = 0
    fence: int = 0
    """Of the lease of the walk; 0 where a station is alone."""
    change: int = 0
    """Which change of the fill under that lease it is; 0 where nobody counts them."""

    def under(self, _uow: UnitOfWork) -> int:
        """Return the fence of the walk's lease, as the stop was shown."""
        return self.fence

    def inside(self) -> StockKey:
        """Return the stock key of the units once they are in the tote."""
        return self._in_tote(self.place, self.fill)

    def owed(self) -> StockKey:
        """Return what stands for units that were packed out of the fill before anybody had heard of the pick.

        Whoever packs singles unheard cannot know which of their walk's totes they lie in: the first stands for all.
        """
        first = singles_fill(self.batch, 0) if self.owner == NO_ID else self.fill
        return self._in_tote(unexplained(self.site), first)

    def _in_tote(self, location: LocationId, fill: FillId) -> StockKey:
        key = self.key
        return StockKey(
            owner=key.owner, item=key.item, location=location, lot=key.lot, serial=key.serial, lpn=LpnId(fill),
            condition=key.condition,
        )  # fmt: skip

    def common_reads(self) -> dict[type, list[tuple[object, ...]]]:
        """Return the keys both look at."""
        out = Movement(self.key, self.inside(), 0, Cause.PICK)
        reads: dict[type, list[tuple[object, ...]]] = {
            PickTask: [(self.site, self.task)],
            Batch: [(self.site, self.batch)],
            Reservation: [(self.site, each.reservation) for each in self.takes],
            FulfilmentLine: [(self.site, each.line) for each in self.takes],
            Fulfilment: [(self.site, each.fulfilment) for each in self.takes],
            Fill: [(self.site, self.fill)],
            Balance: balance_keys(self.site, [out]),
            Location: [(self.site, self.key.location), (self.site, self.place)],
        }
        if self.fence:
            reads[Balance].append(balance_key(self.site, self.owed()))
        return reads

    def _others(self) -> Iterator[anothers.Anothers]:
        """Yield the units of singles, as they are named where a bench's were taken for another's."""
        for each in self.takes if self.fence and self.owner == NO_ID else ():
            yield self._other(each, each.quantity)

    def _other(self, each: Taken, quantity: int) -> anothers.Anothers:
        return anothers.Anothers(self.batch, each.order, each.fulfilment, each.line, each.first, quantity)

    def _finish_reads(
        self, reads: dict[type, list[tuple[object, ...]]], by: CommandId
    ) -> dict[type, list[tuple[object, ...]]]:
        for cls, keys in finish_reads(self.site, self.batch, by, self.finish).items():
            reads.setdefault(cls, []).extend(keys)
        return reads


def count_id(command: CommandId) -> CountId:
    """Return the id of the count that a command asks for."""
    return CountId(derive(command, "count"))


@command("picking.pick", OpClass.FACT, permission="pick.work")
class PickUnits(_Units):
    """Units of one task went into one tote, for one line or (in bulk) for several."""

    def reads(self) -> Reads:
        """Return task, reservations, lines, fill and balances."""
        reads = self._finish_reads(self.common_reads(), self.id)
        reads[Pick] = [(self.site, each.pick_id) for each in self._others()]
        return reads

    def check(self, read: Read) -> Refusal | None:
        """Refuse a task that is gone, other units than are reserved, and a tote of somebody else's."""
        task = read.get(PickTask, (self.site, self.task))
        if task is None or task.state is not TaskState.OPEN:
            return Refusal(Reason.WORK_GONE)
        refused = next(filter(None, (self._check_take(read, each) for each in self.takes)), None)
        if refused is not None:
            return refused
        fill = read.get(Fill, (self.site, self.fill))
        if fill is None:
            return None if self.opens_fill else Refusal(Reason.WORK_GONE)
        if (fill.container, fill.batch) != (self.container, self.batch):
            return Refusal(Reason.TOTE_IN_USE)
        # What was packed by its slip may be heard of before its picks are.
        told = fill.state is FillState.EMPTIED and 0 < self.change <= fill.changes
        return None if fill.state is FillState.OPEN or told else Refusal(Reason.TOTE_IN_USE)

    def _check_take(self, read: Read, each: Taken) -> Refusal | None:
        row = read.get(Reservation, (self.site, each.reservation))
        have = 0 if row is None else row.quantity
        if row is None or not 0 < each.quantity <= have:
            return Refusal(Reason.TOO_MANY, {"wanted": have, "got": each.quantity})
        if key_of(row) != self.key or row.first != each.first or row.demand != each.line:
            return Refusal(Reason.CHANGED_MEANWHILE)
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Move the goods, use up the reservations, count the lines, end what ends."""
        self._fill(uow)
        total = sum(each.quantity for each in self.takes)
        self._beyond_the_books(uow, total - on_hand(uow, self.site, self.key))
        others = sum(anothers.forget(uow, self.site, each) for each in self._others())
        owed = min(total - others, max(0, -on_hand(uow, self.site, self.owed()))) if self.fence else 0
        there = Movement(self.key, self.inside(), total - others - owed, Cause.PICK)
        gone = Movement(self.key, anothers.nowhere(self.site, self.key), others, Cause.PICK)
        post(uow, self, [gone, Movement(self.key, self.owed(), owed, Cause.PICK), there])
        self._left_behind(uow, total - others - owed)
        beyond = unreserved(uow, self.site, [(each.reservation, each.quantity) for each in self.takes])
        for n, each in enumerate(self.takes):
            self._picked_twice(uow, n, each, self._take(uow, n, each))
        done = settle_task(uow, self.site, self.task, self.batch, picked=total, short=0, beyond=beyond)
        if done and self.finish is not None:
            end_batch(uow, self, self.batch, self.finish)

    def _fill(self, uow: UnitOfWork) -> None:
        state = FillState.FULL if self.fills_up else FillState.OPEN
        row = uow.get(Fill, (self.site, self.fill))
        if row is None:
            uow.insert(
                Fill(
                    self.site, self.fill, self.container, self.batch, self.slot, self.owner, self.place, state, self.at,
                    self.epoch, self.fence, self.change,
                )
            )  # fmt: skip
            return
        row = uow.update(row, changes=max(row.changes, self.change))
        if self.opens_fill and row.state is FillState.EMPTIED:
            row = uow.update(row, slot=self.slot, location=self.place, opened_at=self.at)
        if self.fills_up and row.state is FillState.OPEN:
            uow.update(row, state=state)

    def _beyond_the_books(self, uow: UnitOfWork, units: int) -> None:
        """Tell of units that lay on the shelf and that the books had not there: whoever did something meanwhile was wrong."""
        if units <= 0:
            return
        facts: dict[str, str | int] = {
            "item": self.key.item.hex(),
            "location": self.key.location.hex(),
            "quantity": units,
        }
        subject = self.key.location
        open_case(uow, self, CaseKind.STOCK_UNEXPLAINED, order=self.takes[0].order, subject=subject, facts=facts)
        uow.put(
            CountRequest(
                self.site, count_id(self.id), self.key.owner, self.key.item, self.key.lot, self.key.lpn, self.key.location,
                "PICKED_MORE", self.at, CountState.OPEN, 0,
            )
        )  # fmt: skip

    def _left_behind(self, uow: UnitOfWork, units: int) -> None:
        """Tell of units in a tote that was packed by its slip and counts as empty: the slip did not say them."""
        fill = uow.get(Fill, (self.site, self.fill))
        if not units or fill is None or fill.state is not FillState.EMPTIED:
            return
        uow.except_()
        facts: dict[str, str | int] = {"kind": self.KIND, "reason": "left_in_tote", "quantity": units}
        open_case(uow, self, CaseKind.CONTRADICTED, order=self.takes[0].order, subject=self.fill, facts=facts)

    def _picked_twice(self, uow: UnitOfWork, n: int, each: Taken, units: int) -> None:
        """Have units put back beyond what was ordered: two carts that did not hear of each other picked them, no bench packs them."""
        if not units:
            return
        uow.except_()
        facts: dict[str, str | int] = {"reason": "picked_twice", "quantity": units}
        open_case(
            uow, self, CaseKind.PUT_BACK, order=each.order, subject=each.fulfilment, facts=facts, n=len(self.takes) + n
        )  # fmt: skip

    def _take(self, uow: UnitOfWork, n: int, each: Taken) -> int:
        """Write a pick; return how many of its units are more than the order has."""
        row = uow.get(Reservation, (self.site, each.reservation))
        if row is not None:
            let_go(uow, row, each.quantity)
        else:
            ask_back_late(uow, self, each.order, each.fulfilment, each.quantity, n)
        key = self.key
        uow.insert(
            Pick(
                self.site, pick_id(self.id, n), self.batch, self.task, each.reservation, each.fulfilment, each.line,
                each.order, self.fill, key.owner, key.item, key.lot, key.serial, key.lpn, key.location, each.first,
                each.quantity, self.at, self.opens_fill,
            )
        )  # fmt: skip
        line = advance(uow, self.site, each.line, picked=each.quantity)
        return 0 if line is None else max(0, min(each.quantity, line.picked - line.quantity))


@command("picking.undo_pick", OpClass.FACT, permission="pick.work")
class UndoPick(_Units):
    """The units of a pick went back where they came from."""

    undoes: CommandId

    def reads(self) -> Reads:
        """Return what the pick wrote."""
        reads = self._finish_reads(self.common_reads(), self.undoes)
        picks = [pick_id(self.undoes, n) for n in range(len(self.takes))]
        reads[Pick] = [(self.site, each) for each in (*picks, *(other.pick_id for other in self._others()))]
        reads[Case] = [(self.site, self._asked_back(n)) for n in range(2 * len(self.takes))]
        return reads

    def check(self, read: Read) -> Refusal | None:
        """Refuse a pick that was undone, and units that are not in the tote any more."""
        if any(read.get(Pick, (self.site, pick_id(self.undoes, n))) is None for n in range(len(self.takes))):
            return Refusal(Reason.NOTHING_TO_UNDO)
        if on_hand(read, self.site, self.inside()) < sum(each.quantity for each in self.takes):
            return Refusal(Reason.ALREADY_PACKED)
        return check_undo(read, self.site, self.batch, self.task, self.key, self.finish)

    def apply(self, uow: UnitOfWork) -> None:
        """Move the goods back, hold them again, count the lines back."""
        total = sum(each.quantity for each in self.takes)
        inside = on_hand(uow, self.site, self.inside())
        start = post(uow, self, [Movement(self.inside(), self.key, total, Cause.UNPICK)])
        beyond = 0
        for n, each in enumerate(self.takes):
            gone = self._give_back(uow, n, each)
            start = anothers.keep_if_packed(uow, self, self._other(each, gone), self.key, start, paid=inside < total)
            beyond += gone
        settle_task(uow, self.site, self.task, self.batch, picked=-total, short=0, beyond=-beyond)
        if self.finish is not None:
            reopen_batch(uow, self.site, self.batch, self.finish, self.full_fills, self.undoes)
        fill = uow.get(Fill, (self.site, self.fill))
        if fill is None:
            return
        if self.opens_fill and fill.state is not FillState.EMPTIED:
            if self.fence and self.owner != NO_ID:
                # Its slip may lie in the tote: a bench knows by this that it says nothing any more.
                uow.update(fill, state=FillState.EMPTIED, changes=fill.changes + 1)
            else:
                uow.delete(fill)
            return
        if self.fence:
            fill = uow.update(fill, changes=fill.changes + 1)
        if self.fills_up and fill.state is FillState.FULL:
            uow.update(fill, state=FillState.OPEN)

    def _give_back(self, uow: UnitOfWork, n: int, each: Taken) -> int:
        """Write that units are on their shelf, for their line; return how many of them that does not wait for any more."""
        pick = uow.get(Pick, (self.site, pick_id(self.undoes, n)))
        if pick is None:
            return 0
        uow.delete(pick)
        # Asked for since their order's cancel was final, or since another had picked them.
        for asked in (n, len(self.takes) + n):
            case = uow.get(Case, (self.site, self._asked_back(asked)))
            if case is not None and case.state is CaseState.OPEN:
                uow.delete(case)
        before = uow.get(FulfilmentLine, (self.site, each.line))
        after = advance(uow, self.site, each.line, picked=-each.quantity)
        # What was cut from the line while nobody had heard of the pick is held for nobody.
        held = 0 if before is None or after is None else _to_pick(after) - _to_pick(before)
        if held:
            hold_again(uow, self, self.task, self.key, replace(each, quantity=held))
        return each.quantity - held

    def _asked_back(self, n: int) -> CaseId:
        return CaseId(derive(self.undoes, f"case {CaseKind.PUT_BACK}", n))


def _to_pick(row: FulfilmentLine) -> int:
    """Return the units of a line that are reserved and in no tote."""
    return max(0, row.reserved - row.picked)
