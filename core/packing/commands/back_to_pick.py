"""Units that are missing at the bench are picked again: what was picked is given up, and a walk of its own fetches others.

One command, because a unit that is given up without its new walk is nobody's: the order would wait and nobody would know
for what. The unit ordinals stay those that were missing, so that no two parcels ever claim the same unit.
"""

from core.cases.commands import open_case
from core.cases.model import CaseKind
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import BatchId, FillId, FulfilmentId, OrderId, WaveId
from core.kernel.numbers import Number, is_free
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment, FulfilmentLine, StopRequest
from core.orders.progress import advance
from core.packing.commands.missing import check_missing, empty_totes, missing_moves, still_inside
from core.packing.commands.units import Unit, check_open
from core.picking.model import Fill, Pick
from core.picking.trimming import Trimmed, trim_picks
from core.stock.ledger import balance_keys, post
from core.stock.model import Balance, Reservation
from core.waves.commands import BATCH_NUMBERS, NewMember, NewTask, ReleaseBatch
from core.waves.model import Batch, BatchKind, BatchMember


@command("packing.back_to_pick", OpClass.FACT, permission="pack.work")
class BackToPick(Command):
    """Units are missing at the bench; others are reserved elsewhere, and a batch of their own goes to the floor."""

    order: OrderId
    fulfilment: FulfilmentId
    missing: tuple[Unit, ...]
    reason: str
    picks: tuple[Trimmed, ...]
    """The picks of the missing units, with what is left of each."""
    empties: tuple[FillId, ...]
    """Tote fillings that hold nothing else."""
    batch: BatchId
    number: Number
    wave: WaveId
    priority: int
    cut_off_at: int
    weight_grams: int
    volume_ml: int
    tasks: tuple[NewTask, ...]
    """The stops at which as many units are taken instead, under the same ordinals."""

    def _release(self) -> ReleaseBatch:
        return ReleaseBatch(
            id=self.id, site=self.site, at=self.at, actor=self.actor, session=self.session, batch=self.batch,
            number=self.number, wave=self.wave, kind=BatchKind.CLUSTER, priority=self.priority,
            cut_off_at=self.cut_off_at, weight_grams=self.weight_grams, volume_ml=self.volume_ml,
            members=(NewMember(self.fulfilment, self.order, 1),), tasks=self.tasks,
        )  # fmt: skip

    def numbers(self) -> tuple[tuple[str, Number], ...]:
        """Return the walk's."""
        return ((BATCH_NUMBERS, self.number),)

    def reads(self) -> Reads:
        """Return what the release looks at, and lines, balances, picks and totes of the missing units."""
        release = self._release().reads()
        return {
            **release,
            Balance: [*release[Balance], *balance_keys(self.site, missing_moves(self.site, self.missing))],
            FulfilmentLine: [(self.site, unit.line) for unit in self.missing],
            Pick: [(self.site, each.row) for each in self.picks],
            Fill: [(self.site, each) for each in dict.fromkeys((*self.empties, *(u.fill for u in self.missing)))],
            Fulfilment: [(self.site, self.fulfilment)],
            StopRequest: [(self.site, self.fulfilment)],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse a stopped order, units that are packed by now, picks that changed, and units that are not free."""
        refusal = check_open(read, self.site, self.fulfilment) or check_missing(read, self.site, self.missing)
        if refusal is not None:
            return refusal
        if any(read.get(Pick, (self.site, each.row)) is None for each in self.picks):
            return Refusal(Reason.CHANGED_MEANWHILE)
        if not is_free(read, self.site, BATCH_NUMBERS, self.number):
            return Refusal(Reason.CHANGED_MEANWHILE, {"number": self.number.value})
        if sum(task.quantity for task in self.tasks) != sum(unit.quantity for unit in self.missing):
            return Refusal(Reason.NOT_A_QUANTITY, {"quantity": sum(task.quantity for task in self.tasks)})
        return self._release().check_stock(read)

    def apply(self, uow: UnitOfWork) -> None:
        """Book the units to *unexplained*, take their picks away, free empty totes, release the walk, open a case.

        Where another bench has packed some of them, or missed them too, nothing of that is so: what is missing is said again.
        """
        missing = still_inside(uow, self.site, self.missing)
        quantity = sum(unit.quantity for unit in missing)
        if quantity < sum(unit.quantity for unit in self.missing):
            uow.except_()
            return
        post(uow, self, missing_moves(self.site, missing))
        for unit in missing:
            advance(uow, self.site, unit.line, picked=-unit.quantity, reserved=-unit.quantity)
        trim_picks(uow, self, self.picks)
        empty_totes(uow, self.site, self.empties)
        if self._goes(uow):
            self._release().apply(uow)
        else:
            # What it names is somebody else's by now: the units wait, promised, for the next release.
            uow.except_()
        open_case(
            uow, self, CaseKind.MISSING_AT_BENCH, order=self.order, subject=self.fulfilment,
            facts={"quantity": quantity, "reason": self.reason, "batch": self.number.value},
        )  # fmt: skip

    def _goes(self, uow: UnitOfWork) -> bool:
        """Return whether the walk can be written: its number, its batch and its serials are nobody else's."""
        if uow.get(Batch, (self.site, self.batch)) or uow.get(BatchMember, (self.site, self.batch, self.fulfilment)):
            return False
        serials = [
            (self.site, task.key.item, task.key.serial)
            for task in self.tasks
            for _ in (task.takes if task.key.serial else ())
        ]
        return (
            not uow.find(Batch, "number", [(self.site, self.number.value)])
            and len(set(serials)) == len(serials)
            and not (serials and uow.find(Reservation, "serial", serials))
            and all(take.quantity > 0 for task in self.tasks for take in task.takes)
        )
