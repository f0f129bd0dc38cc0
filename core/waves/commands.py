"""Releasing work to the floor: a wave, its batches with tasks and located reservations, and taking a batch back."""

from collections import defaultdict
from dataclasses import dataclass, replace

from core.catalog.model import Zone
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import (
    NO_ID,
    BatchId,
    ContainerId,
    FulfilmentId,
    FulfilmentLineId,
    OrderId,
    PersonId,
    ReservationId,
    StationId,
    TaskId,
    WaveId,
    ZoneId,
    derive,
)
from core.kernel.numbers import Number, NumberRange, is_free, take
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment, FulfilmentLine, PaymentState, StopKind, StopRequest
from core.orders.progress import advance
from core.rights.model import PICKING, PLANNING, SiteStation, StationZone
from core.stock.ledger import balance_key
from core.stock.model import Balance, Reservation, StockKey
from core.stock.reserving import free, let_go, reserve
from core.waves.model import (
    Batch,
    BatchKind,
    BatchMember,
    BatchState,
    MemberOutcome,
    PickTask,
    TaskState,
    Wave,
)

WAVE_NUMBERS = "wave"
BATCH_NUMBERS = "batch"


@command("waves.create", OpClass.CLAIM, permission="waves.release")
class CreateWave(Command):
    """Work will be released together for a cut-off."""

    wave: WaveId
    number: Number
    carrier: str
    cut_off_at: int

    def claims(self) -> tuple[str, bytes]:
        """Return the site's planning."""
        return PLANNING

    def reads(self) -> Reads:
        """Return the wave and its number range."""
        return {Wave: [(self.site, self.wave)], NumberRange: [(self.site, WAVE_NUMBERS, self.number.range)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a number that was given out."""
        if is_free(read, self.site, WAVE_NUMBERS, self.number):
            return None
        return Refusal(Reason.CHANGED_MEANWHILE, {"number": self.number.value})

    def apply(self, uow: UnitOfWork) -> None:
        """Write the wave."""
        take(uow, self.site, WAVE_NUMBERS, self.number)
        uow.put(Wave(self.site, self.wave, self.number.value, self.carrier, self.cut_off_at, self.at))


@dataclass(frozen=True, slots=True)
class NewMember:
    """A fulfilment with its slot on the cart; 0 in bulk."""

    fulfilment: FulfilmentId
    order: OrderId
    slot: int


@dataclass(frozen=True, slots=True)
class NewTake:
    """Units of a task for one line, by unit ordinal."""

    line: FulfilmentLineId
    fulfilment: FulfilmentId
    first: int
    quantity: int


@dataclass(frozen=True, slots=True)
class NewTask:
    """One stop: a stock key and whose units are taken there."""

    key: StockKey
    takes: tuple[NewTake, ...]

    @property
    def quantity(self) -> int:
        """Return the units to take."""
        return sum(each.quantity for each in self.takes)


def task_id(batch: BatchId, sequence: int) -> TaskId:
    """Return the id of a batch's task, numbered from 1 in walk order."""
    return TaskId(derive(batch, "task", sequence))


def reservation_id(task: TaskId, n: int) -> ReservationId:
    """Return the id of a task's n-th reservation, from 0."""
    return ReservationId(derive(task, "reservation", n))


@command("waves.release", OpClass.CLAIM, permission="waves.release")
class ReleaseBatch(Command):
    """A batch goes to the floor: its members, its stops, and located units reserved for every line."""

    batch: BatchId
    number: Number
    wave: WaveId
    kind: BatchKind
    priority: int
    cut_off_at: int
    weight_grams: int
    volume_ml: int
    members: tuple[NewMember, ...]
    tasks: tuple[NewTask, ...]

    def claims(self) -> tuple[str, bytes]:
        """Return the site's planning."""
        return PLANNING

    def reads(self) -> Reads:
        """Return balances, lines, fulfilments and what the office said of them; and what it makes, read all at once."""
        takes = [take_ for task in self.tasks for take_ in task.takes]
        made = [(task_id(self.batch, n), task) for n, task in enumerate(self.tasks, start=1)]
        return {
            Batch: [(self.site, self.batch)],
            BatchMember: [(self.site, self.batch, each.fulfilment) for each in self.members],
            PickTask: [(self.site, task) for task, _ in made],
            Reservation: [(self.site, reservation_id(task, n)) for task, new in made for n in range(len(new.takes))],
            Balance: [balance_key(self.site, task.key) for task in self.tasks],
            FulfilmentLine: [(self.site, each.line) for each in takes],
            Fulfilment: [(self.site, each.fulfilment) for each in self.members],
            StopRequest: [(self.site, each.fulfilment) for each in self.members],
            NumberRange: [(self.site, BATCH_NUMBERS, self.number.range)],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse units that are not free, lines that want less, fulfilments that may not go on."""
        if not self.tasks or not self.members:
            return Refusal(Reason.NO_WORK)
        if not is_free(read, self.site, BATCH_NUMBERS, self.number):
            return Refusal(Reason.CHANGED_MEANWHILE, {"number": self.number.value})
        return self._check_members(read) or self.check_stock(read) or self._check_lines(read)

    def _check_members(self, read: Read) -> Refusal | None:
        for member in self.members:
            row = read.get(Fulfilment, (self.site, member.fulfilment))
            if row is None:
                return Refusal(Reason.NOT_FOUND)
            if row.held:
                return Refusal(Reason.ORDER_HELD)
            if row.payment is PaymentState.UNPAID:
                return Refusal(Reason.WAITS_FOR_PAYMENT)
            stop = read.get(StopRequest, (self.site, member.fulfilment))
            if stop is not None:
                return Refusal(Reason.ORDER_CANCELLED if stop.kind is StopKind.CANCEL else Reason.ORDER_CHANGED)
        return None

    def check_stock(self, read: Read) -> Refusal | None:
        """Refuse units that are not free."""
        # Summed per key: two tasks of one key would each fit alone.
        asked: dict[StockKey, int] = defaultdict(int)
        for task in self.tasks:
            asked[task.key] += task.quantity
        for key, quantity in asked.items():
            have = free(read, self.site, key)
            if have < quantity:
                return Refusal(Reason.NOT_ENOUGH_STOCK, {"free": have, "asked": quantity})
        return None

    def _check_lines(self, read: Read) -> Refusal | None:
        asked: dict[FulfilmentLineId, int] = defaultdict(int)
        for task in self.tasks:
            for each in task.takes:
                if each.quantity <= 0:
                    return Refusal(Reason.NOT_A_QUANTITY, {"quantity": each.quantity})
                asked[each.line] += each.quantity
        for line, quantity in asked.items():
            row = read.get(FulfilmentLine, (self.site, line))
            if row is None or row.promised - row.reserved < quantity:
                return Refusal(Reason.CHANGED_MEANWHILE)
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Write batch, members, tasks and reservations; count the lines as reserved."""
        take(uow, self.site, BATCH_NUMBERS, self.number)
        units = sum(task.quantity for task in self.tasks)
        uow.put(
            Batch(
                self.site, self.batch, self.number.value, self.wave, self.kind, self.priority, self.cut_off_at,
                max((member.slot for member in self.members), default=0), len(self.tasks), 0, units,
                self.weight_grams, self.volume_ml, BatchState.READY, ContainerId(NO_ID), PersonId(NO_ID), 1,
            )
        )  # fmt: skip
        for member in self.members:
            uow.put(
                BatchMember(self.site, self.batch, member.fulfilment, member.order, member.slot, MemberOutcome.OPEN)
            )
        for sequence, task in enumerate(self.tasks, start=1):
            self._add_task(uow, sequence, task)

    def _add_task(self, uow: UnitOfWork, sequence: int, task: NewTask) -> None:
        made, key = task_id(self.batch, sequence), task.key
        uow.put(
            PickTask(
                self.site, made, self.batch, sequence, key.owner, key.item, key.lot, key.serial, key.lpn,
                key.location, task.quantity, 0, 0, 0, TaskState.OPEN, 1,
            )
        )  # fmt: skip
        for n, each in enumerate(task.takes):
            reserve(
                uow,
                Reservation(
                    self.site, reservation_id(made, n), each.line, made, key.owner, key.item, key.lot, key.serial,
                    key.lpn, key.location, key.condition, each.first, each.quantity,
                ),
            )  # fmt: skip
            advance(uow, self.site, each.line, reserved=each.quantity)


@dataclass(frozen=True, slots=True)
class Unreserved:
    """A reservation that is let go, with the line it was for."""

    reservation: ReservationId
    line: FulfilmentLineId


@command("waves.recall", OpClass.CLAIM, permission="waves.release")
class RecallBatch(Command):
    """A batch nobody started goes back: its units are free again, its orders wait for another wave."""

    batch: BatchId
    tasks: tuple[TaskId, ...]
    reservations: tuple[Unreserved, ...]
    members: tuple[FulfilmentId, ...]

    def claims(self) -> tuple[str, bytes]:
        """Return the site's planning."""
        return PLANNING

    def reads(self) -> Reads:
        """Return everything the batch holds."""
        return {
            Batch: [(self.site, self.batch)],
            PickTask: [(self.site, task) for task in self.tasks],
            Reservation: [(self.site, each.reservation) for each in self.reservations],
            FulfilmentLine: [(self.site, each.line) for each in self.reservations],
            BatchMember: [(self.site, self.batch, each) for each in self.members],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse a batch that somebody started."""
        row = read.get(Batch, (self.site, self.batch))
        if row is None:
            return Refusal(Reason.NOT_FOUND)
        return None if row.state is BatchState.READY else Refusal(Reason.WORK_TAKEN, {"number": row.number})

    def apply(self, uow: UnitOfWork) -> None:
        """Let the reservations go, take tasks and members off."""
        for each in self.reservations:
            row = uow.get(Reservation, (self.site, each.reservation))
            if row is not None:
                # Its balance is not named beforehand: units may have been re-pointed since.
                let_go(uow, row, row.quantity)
                advance(uow, self.site, each.line, reserved=-row.quantity)
        for task in self.tasks:
            stop = uow.get(PickTask, (self.site, task))
            if stop is not None:
                uow.update(stop, state=TaskState.GONE)
        for fulfilment in self.members:
            member = uow.get(BatchMember, (self.site, self.batch, fulfilment))
            if member is not None:
                uow.update(member, outcome=MemberOutcome.DETACHED)
        batch = uow.get(Batch, (self.site, self.batch))
        if batch is not None:
            uow.put(replace(batch, state=BatchState.PICKED, tasks_done=batch.tasks))


@command("waves.set_zones", OpClass.EDIT, permission="rights.recall")
class SetZones(Command):
    """Somebody says which zones a station works: it is given walks there, and no others while somebody works those."""

    station: StationId
    zones: tuple[ZoneId, ...]
    """All that it works from now on; none for every zone."""
    left: tuple[ZoneId, ...]
    """Those that it worked and does not work any more."""
    base_version: int
    """Of the station's row."""

    def reads(self) -> Reads:
        """Return the station and the zones, by themselves and as it works them."""
        both = (*self.zones, *self.left)
        return {
            SiteStation: [(self.site, self.station)],
            Zone: [(self.site, each) for each in self.zones],
            StationZone: [(self.site, self.station, each) for each in both],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse a station that is not or does not pick, a zone that is not, and an edit of a row somebody changed meanwhile."""
        row = read.get(SiteStation, (self.site, self.station))
        if row is None:
            return Refusal(Reason.NOT_FOUND, {"station": self.station.hex()})
        if self.zones and row.kind not in PICKING:
            return Refusal(Reason.OTHER_STATIONS, {"kind": row.kind})
        if row.version != self.base_version:
            return Refusal(Reason.CHANGED_MEANWHILE, {"version": row.version})
        gone = next((each for each in self.zones if read.get(Zone, (self.site, each)) is None), None)
        return None if gone is None else Refusal(Reason.NOT_FOUND, {"zone": gone.hex()})

    def apply(self, uow: UnitOfWork) -> None:
        """Write which zones it works."""
        for zone in self.left:
            gone = uow.get(StationZone, (self.site, self.station, zone))
            if gone is not None:
                uow.delete(gone)
        for zone in self.zones:
            uow.put(StationZone(self.site, self.station, zone))
        row = uow.get(SiteStation, (self.site, self.station))
        if row is not None:
            uow.update(row, version=row.version + 1)
