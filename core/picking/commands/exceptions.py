"""What goes otherwise at the shelf: units not found, units damaged, other units than reserved. Each can be undone."""

from dataclasses import dataclass, replace

from core.cases.commands import open_case
from core.cases.model import Case, CaseKind
from core.catalog.model import PICKABLE, Location
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import (
    BatchId,
    CommandId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    LocationId,
    OrderId,
    ReservationId,
    SiteId,
    TaskId,
    derive,
)
from core.kernel.printing import settle_job, spool_job
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.spool import OPEN_STATES, JobState, PrintJob
from core.kernel.uow import Role, UnitOfWork
from core.orders.model import Fulfilment, FulfilmentLine
from core.orders.progress import advance
from core.picking.commands import anothers
from core.picking.commands.picks import (
    Finish,
    OfWalk,
    Taken,
    check_undo,
    count_id,
    end_batch,
    finish_reads,
    hold_again,
    reopen_batch,
    settle_task,
    unreserved,
)
from core.rights.model import Stage
from core.stock.contents import QuarantineLabel
from core.stock.expiry import is_expired
from core.stock.ledger import Movement, balance_key, balance_keys, key_of, on_hand, post
from core.stock.model import Balance, Cause, Condition, CountRequest, CountState, Lot, Reservation, StockKey
from core.stock.reserving import free, let_go, repoint
from core.waves.model import Batch, BatchState, PickTask, TaskState
from core.waves.reserves import exchange, keep, kept, reserve_id


@dataclass(frozen=True, slots=True)
class Shorted:
    """Units of a reservation that will not be picked: its highest ordinals."""

    reservation: ReservationId
    line: FulfilmentLineId
    fulfilment: FulfilmentId
    order: OrderId
    first: int
    """The first ordinal that is given up."""
    quantity: int
    whole: int
    """1 when the order was to go whole: somebody has to decide at the bench."""


def _give_up(
    uow: UnitOfWork,
    by: Command,
    task: TaskId,
    batch: BatchId,
    key: StockKey,
    short: tuple[Shorted, ...],
    start: int = 0,
) -> bool:
    """Let the reservations go, count the lines short; return whether the batch is done by it."""
    beyond = unreserved(uow, by.site, [(each.reservation, each.quantity) for each in short])
    for each in short:
        row = uow.get(Reservation, (by.site, each.reservation))
        if row is not None:
            let_go(uow, row, each.quantity, from_front=False)
        packed = min(each.quantity, anothers.packed_unheard(uow, by.site, batch, each.line))
        if packed:
            start = anothers.keep(uow, by, _others(batch, each, packed), key, start)
        gone = each.quantity - packed
        advance(uow, by.site, each.line, short=gone, promised=-gone, reserved=-gone)
        if each.whole and gone:
            open_case(
                uow, by, CaseKind.SHORT_PICK, order=each.order, subject=each.fulfilment,
                facts={"quantity": gone}, n=each.first,
            )  # fmt: skip
    return settle_task(uow, by.site, task, batch, picked=0, short=_units(short), beyond=beyond)


def _others(batch: BatchId, each: Shorted, quantity: int) -> anothers.Anothers:
    return anothers.Anothers(batch, each.order, each.fulfilment, each.line, each.first, quantity)


def _units(short: tuple[Shorted, ...]) -> int:
    return sum(each.quantity for each in short)


def _take_back(
    uow: UnitOfWork,
    by: Command,
    task: TaskId,
    batch: BatchId,
    key: StockKey,
    short: tuple[Shorted, ...],
    undoes: CommandId,
    start: int = 0,
) -> None:
    settle_task(uow, by.site, task, batch, picked=0, short=-_units(short))
    for each in short:
        taken = Taken(each.reservation, each.line, each.fulfilment, each.order, each.first, each.quantity)
        hold_again(uow, by, task, key, taken)
        row = uow.get(FulfilmentLine, (by.site, each.line))
        back = each.quantity if row is None else min(each.quantity, row.short)
        if back < each.quantity:
            start = anothers.give(uow, by, _others(batch, each, each.quantity - back), key, start)
        advance(uow, by.site, each.line, reserved=back, promised=back, short=-back)
        case = uow.get(Case, (by.site, derive(undoes, f"case {CaseKind.SHORT_PICK}", each.first)))
        if case is not None:
            uow.delete(case)


def _short_reads(
    site: SiteId,
    batch: BatchId,
    task: TaskId,
    key: StockKey,
    short: tuple[Shorted, ...],
    finish: Finish | None,
    by: CommandId,
) -> dict[type, list[tuple[object, ...]]]:
    reads: dict[type, list[tuple[object, ...]]] = {
        PickTask: [(site, task)],
        Batch: [(site, batch)],
        Reservation: [(site, each.reservation) for each in short],
        FulfilmentLine: [(site, each.line) for each in short],
        Fulfilment: [(site, each.fulfilment) for each in short],
        Balance: [balance_key(site, key)],
        Location: [(site, key.location)],
    }
    for cls, keys in finish_reads(site, batch, by, finish).items():
        reads.setdefault(cls, []).extend(keys)
    return reads


def _check_short(read: Read, site: SiteId, task: TaskId, key: StockKey, short: tuple[Shorted, ...]) -> Refusal | None:
    row = read.get(PickTask, (site, task))
    if row is None or row.state is not TaskState.OPEN:
        return Refusal(Reason.WORK_GONE)
    for each in short:
        held = read.get(Reservation, (site, each.reservation))
        have = 0 if held is None else held.quantity
        if held is None or not 0 < each.quantity <= have:
            return Refusal(Reason.TOO_MANY, {"wanted": have, "got": each.quantity})
        last, given_up = held.first + held.quantity, each.first + each.quantity
        if key_of(held) != key or last != given_up or held.demand != each.line:
            return Refusal(Reason.CHANGED_MEANWHILE)
    return None


def _check_take_back(read: Read, site: SiteId, short: tuple[Shorted, ...], key: StockKey, more: int) -> Refusal | None:
    """Refuse units that are no longer given up, or that somebody else holds by now."""
    for each in short:
        row = read.get(FulfilmentLine, (site, each.line))
        if row is None or row.short < each.quantity:
            return Refusal(Reason.NOTHING_TO_UNDO)
    have, wanted = free(read, site, key) + more, _units(short)
    return Refusal(Reason.RESERVED_FOR_OTHERS, {"free": max(0, have), "wanted": wanted}) if have < wanted else None


@command("picking.short", OpClass.FACT, permission="pick.work")
class ShortPick(OfWalk):
    """Units were not found: the line goes without them, and somebody counts the bin."""

    task: TaskId
    key: StockKey
    short: tuple[Shorted, ...]
    reason: str
    opens_count: int
    """0 when a count of this bin is asked for already."""
    finish: Finish | None
    full_fills: tuple[FillId, ...] = ()

    def reads(self) -> Reads:
        """Return task, reservations, lines and the balance."""
        return _short_reads(self.site, self.batch, self.task, self.key, self.short, self.finish, self.id)

    def check(self, read: Read) -> Refusal | None:
        """Refuse a task that is gone, nothing, and other units than are open."""
        if not self.short:
            return Refusal(Reason.NOT_A_QUANTITY, {"quantity": 0})
        return _check_short(read, self.site, self.task, self.key, self.short)

    def apply(self, uow: UnitOfWork) -> None:
        """Give the units up, ask for a count."""
        if _give_up(uow, self, self.task, self.batch, self.key, self.short) and self.finish is not None:
            end_batch(uow, self, self.batch, self.finish)
        if self.opens_count:
            uow.put(
                CountRequest(
                    self.site, count_id(self.id), self.key.owner, self.key.item, self.key.lot, self.key.lpn,
                    self.key.location, self.reason, self.at, CountState.OPEN, 0,
                )
            )  # fmt: skip


@command("picking.undo_short", OpClass.FACT, permission="pick.work")
class UndoShort(OfWalk):
    """The units were there after all."""

    undoes: CommandId
    task: TaskId
    key: StockKey
    short: tuple[Shorted, ...]
    finish: Finish | None
    full_fills: tuple[FillId, ...] = ()

    def reads(self) -> Reads:
        """Return what the short wrote."""
        reads = _short_reads(self.site, self.batch, self.task, self.key, self.short, self.finish, self.undoes)
        reads[CountRequest] = [(self.site, count_id(self.undoes))]
        reads[Case] = [
            (self.site, derive(self.undoes, f"case {CaseKind.SHORT_PICK}", each.first)) for each in self.short
        ]
        return reads

    def check(self, read: Read) -> Refusal | None:
        """Refuse when the lines are no longer short, or others hold the units."""
        gone = check_undo(read, self.site, self.batch, self.task, self.key, self.finish)
        return gone or _check_take_back(read, self.site, self.short, self.key, 0)

    def apply(self, uow: UnitOfWork) -> None:
        """Hold the units again; the count that was asked for is no longer needed."""
        _take_back(uow, self, self.task, self.batch, self.key, self.short, self.undoes)
        count = uow.get(CountRequest, (self.site, count_id(self.undoes)))
        if count is not None and count.state is CountState.OPEN:
            uow.delete(count)
        if self.finish is not None:
            reopen_batch(uow, self.site, self.batch, self.finish, self.full_fills, self.undoes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Damage(OfWalk):
    task: TaskId
    key: StockKey
    quarantine: LocationId
    quantity: int
    short: tuple[Shorted, ...]
    """Units for which nothing else is free at this place."""
    finish: Finish | None
    full_fills: tuple[FillId, ...] = ()

    def bad(self) -> StockKey:
        """Return where the damaged units go."""
        return replace(self.key, location=self.quarantine, condition=Condition.DAMAGED)

    def common_reads(self, by: CommandId) -> dict[type, list[tuple[object, ...]]]:
        """Return the keys both look at."""
        reads = _short_reads(self.site, self.batch, self.task, self.key, self.short, self.finish, by)
        reads[Location].append((self.site, self.quarantine))
        reads[Balance] = balance_keys(self.site, [Movement(self.key, self.bad(), 0, Cause.DAMAGE)])
        return reads


@command("picking.damaged", OpClass.FACT, permission="pick.work")
class MarkDamaged(_Damage):
    """Damaged units went from the bin to quarantine; others are taken where there are any."""

    sku: str
    quarantine_code: str
    site_name: str

    def reads(self) -> Reads:
        """Return task, reservations, lines and balances."""
        return self.common_reads(self.id)

    def check(self, read: Read) -> Refusal | None:
        """Refuse a task that is gone, more than there is, and units that nothing free replaces and nobody gives up."""
        if self.quantity <= 0:
            return Refusal(Reason.NOT_A_QUANTITY, {"quantity": self.quantity})
        refused = _check_short(read, self.site, self.task, self.key, self.short)
        if refused is not None:
            return refused
        have = on_hand(read, self.site, self.key)
        if have < self.quantity:
            return Refusal(Reason.TOO_MANY, {"wanted": have, "got": self.quantity})
        if free(read, self.site, self.key) + _units(self.short) < self.quantity:
            return Refusal(Reason.CHANGED_MEANWHILE)
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Move the units, give up what cannot be replaced, print the quarantine label."""
        n = post(uow, self, [Movement(self.key, self.bad(), self.quantity, Cause.DAMAGE)])
        if _give_up(uow, self, self.task, self.batch, self.key, self.short, n) and self.finish is not None:
            end_batch(uow, self, self.batch, self.finish)
        open_case(uow, self, CaseKind.DAMAGED, subject=self.task, facts={"sku": self.sku, "quantity": self.quantity})
        code = f"Q-{self.id.hex()[-8:].upper()}"
        spool_job(
            uow,
            self,
            QuarantineLabel(
                code=code, reason="Damaged", subject=self.sku, destination=self.quarantine_code,
                site_name=self.site_name, raised_by="", raised_at_text="", sku=self.sku,
                quantity_text=str(self.quantity),
            ),
            purpose="quarantine",
            printer="label",
            subject=self.task,
            code=code,
        )  # fmt: skip


@command("picking.undo_damaged", OpClass.FACT, permission="pick.work")
class UndoDamaged(_Damage):
    """The units were not damaged: they are back in the bin."""

    undoes: CommandId

    def reads(self) -> Reads:
        """Return what the damage wrote."""
        reads = self.common_reads(self.undoes)
        reads[Case] = [
            (self.site, derive(self.undoes, f"case {CaseKind.DAMAGED}", 0)),
            *((self.site, derive(self.undoes, f"case {CaseKind.SHORT_PICK}", each.first)) for each in self.short),
        ]
        return reads

    def check(self, read: Read) -> Refusal | None:
        """Refuse when the units have left quarantine, or when it was undone."""
        if read.get(Case, (self.site, derive(self.undoes, f"case {CaseKind.DAMAGED}", 0))) is None:
            return Refusal(Reason.NOTHING_TO_UNDO)
        if on_hand(read, self.site, self.bad()) < self.quantity:
            return Refusal(Reason.NOTHING_TO_UNDO)
        gone = check_undo(read, self.site, self.batch, self.task, self.key, self.finish)
        return gone or _check_take_back(read, self.site, self.short, self.key, self.quantity)

    def apply(self, uow: UnitOfWork) -> None:
        """Move the units back and hold them again; a label that did not come out is not printed."""
        n = post(uow, self, [Movement(self.bad(), self.key, self.quantity, Cause.UNPICK)])
        _take_back(uow, self, self.task, self.batch, self.key, self.short, self.undoes, n)
        if self.finish is not None:
            reopen_batch(uow, self.site, self.batch, self.finish, self.full_fills, self.undoes)
        case = uow.get(Case, (self.site, derive(self.undoes, f"case {CaseKind.DAMAGED}", 0)))
        if case is not None:
            uow.delete(case)
        job = uow.get(PrintJob, (self.site, derive(self.undoes, "print quarantine")))
        if job is not None and job.state in OPEN_STATES:
            settle_job(uow, self, job.id, JobState.VOIDED)


@command("picking.repoint", OpClass.CLAIM, permission="pick.work")
class RepointTask(OfWalk):
    """Other units than reserved are taken: another lot, package or place with the same item."""

    task: TaskId
    source: StockKey
    target: StockKey
    reservations: tuple[ReservationId, ...]
    today: str = ""
    """The site's day, for expiry; empty when nobody asked."""

    def claims(self) -> tuple[str, bytes]:
        """Return the walk: what is held for it is held elsewhere from now on."""
        return Stage.PICK, self.batch

    def reads(self) -> Reads:
        """Return task, reservations and both balances."""
        kept_at = [(self.site, reserve_id(self.batch, key)) for key in (self.source, self.target)]
        return {
            PickTask: [(self.site, self.task)],
            Reservation: [*((self.site, each) for each in self.reservations), *kept_at],
            Balance: [balance_key(self.site, self.source), balance_key(self.site, self.target)],
            Lot: [(self.site, self.target.lot)],
            Location: [(self.site, self.source.location), (self.site, self.target.location)],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse another item, units that may not be used, and units that are not free."""
        task = read.get(PickTask, (self.site, self.task))
        if task is None or task.state is not TaskState.OPEN:
            return Refusal(Reason.WORK_GONE)
        if (self.source.owner, self.source.item) != (self.target.owner, self.target.item):
            return Refusal(Reason.WRONG_ITEM)
        rows = [read.get(Reservation, (self.site, each)) for each in self.reservations]
        if any(row is None or key_of(row) != self.source for row in rows):
            return Refusal(Reason.CHANGED_MEANWHILE)
        wanted = sum(row.quantity for row in rows if row is not None)
        have = max(free(read, self.site, self.target), kept(read, self.site, self.batch, self.target))
        if have < wanted:
            return Refusal(Reason.RESERVED_FOR_OTHERS, {"free": max(0, have), "wanted": wanted})
        return self._check_usable(read)

    def unheard(self, read: Read) -> Refusal | None:
        """Refuse units that are not kept for the walk: another cart may choose the same."""
        rows = [read.get(Reservation, (self.site, each)) for each in self.reservations]
        wanted = sum(row.quantity for row in rows if row is not None)
        have = kept(read, self.site, self.batch, self.target)
        return None if have >= wanted else Refusal(Reason.NOT_KEPT_FOR_YOU, {"free": have, "wanted": wanted})

    def _check_usable(self, read: Read) -> Refusal | None:
        lot, place = read.get(Lot, (self.site, self.target.lot)), read.get(Location, (self.site, self.target.location))
        if lot is not None and self.today and is_expired(lot.expiry, self.today):
            return Refusal(Reason.EXPIRED, {"expiry": lot.expiry, "lot": lot.code})
        if place is None or place.role not in PICKABLE:
            return Refusal(Reason.WRONG_LOCATION)
        if place.blocked:
            return Refusal(Reason.LOCATION_BLOCKED, {"location": place.code})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Hold the units there instead; the task goes with them, and what it leaves is kept in exchange for what was kept."""
        rows = [uow.get(Reservation, (self.site, each)) for each in self.reservations]
        wanted = sum(row.quantity for row in rows if row is not None)
        exchange(uow, self.site, self.batch, self.target, self.source, wanted)
        for each in self.reservations:
            row = uow.get(Reservation, (self.site, each))
            if row is not None:
                repoint(uow, row, self.target)
        task = uow.get(PickTask, (self.site, self.task))
        if task is not None and task.state is TaskState.OPEN:
            target = self.target
            uow.update(task, lot=target.lot, serial=target.serial, lpn=target.lpn, location=target.location)


@command("picking.ask_kept", OpClass.FACT, permission="pick.work")
class AskKept(OfWalk):
    """A picker would take units at another place that are not kept for the walk: the hub keeps them for it if they are free.

    Asked by an operation, so that it needs no message of its own: what the hub keeps comes by the feed, and the picker scans again.
    """

    key: StockKey
    quantity: int

    def reads(self) -> Reads:
        """Return the walk, the balance and what is kept of it."""
        return {
            Batch: [(self.site, self.batch)],
            Balance: [balance_key(self.site, self.key)],
            Reservation: [(self.site, reserve_id(self.batch, self.key))],
        }

    def check(self, read: Read) -> Refusal | None:
        """Nothing stands against asking."""
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Keep them at the hub, where the walk goes on and nobody has them; a station has only asked."""
        walk = uow.get(Batch, (self.site, self.batch))
        if uow.role is not Role.AUTHORITY or walk is None or walk.state is BatchState.PICKED:
            return
        if 0 < self.quantity <= free(uow, self.site, self.key):
            keep(uow, self.site, self.batch, self.key, self.quantity)
