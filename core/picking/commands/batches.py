"""Who works on a batch, in which order, and with which totes."""

from core.cases.commands import open_case
from core.cases.model import Case, CaseKind
from core.catalog.model import Container, ContainerKind
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import BatchId, ContainerId, FillId, StationId, TaskId, derive
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.picking.commands.picks import Finish, OfWalk, end_batch, finish_reads
from core.picking.model import Fill, FillState
from core.rights.model import Stage
from core.rights.queries import fence_of
from core.waves.model import Assignment, Batch, BatchState, PickTask, TaskState


@command("picking.start", OpClass.CLAIM, permission="pick.work")
class StartBatch(Command):
    """Somebody takes a batch with a cart, or takes it over where it was left."""

    batch: BatchId
    cart: ContainerId
    station: StationId

    def claims(self) -> tuple[str, bytes]:
        """Return the walk."""
        return Stage.PICK, self.batch

    def under(self, uow: UnitOfWork) -> int:
        """Return the fence of the walk's lease."""
        return fence_of(uow, self.site, Stage.PICK, self.batch)

    def reads(self) -> Reads:
        """Return the batch, the cart and the log's row."""
        return {
            Batch: [(self.site, self.batch)],
            Container: [(self.site, self.cart)],
            Assignment: [(self.site, self.batch, self.id)],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse a batch that somebody works on, that is done, or that lies on another cart."""
        row, cart = read.get(Batch, (self.site, self.batch)), read.get(Container, (self.site, self.cart))
        if row is None or row.state is BatchState.PICKED:
            return Refusal(Reason.WORK_GONE)
        if row.state is BatchState.RUNNING:
            return Refusal(Reason.WORK_TAKEN, {"number": row.number})
        if cart is None or cart.kind is not ContainerKind.CART:
            return Refusal(Reason.WRONG_KIND, {"expected_kind": "cart"})
        if row.state is BatchState.SUSPENDED and row.cart != self.cart:
            return Refusal(Reason.CART_IN_USE, {"number": row.number})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Write who holds it."""
        row = uow.get(Batch, (self.site, self.batch))
        if row is None or row.state is BatchState.PICKED:
            return
        what = "resumed" if row.state is BatchState.SUSPENDED else "started"
        uow.update(row, state=BatchState.RUNNING, cart=self.cart, holder=self.actor)
        uow.put(Assignment(self.site, self.batch, self.id, self.actor, self.station, self.at, what))


@command("picking.suspend", OpClass.FACT, permission="pick.work")
class SuspendBatch(OfWalk):
    """Somebody leaves a batch on its cart for whoever comes next."""

    station: StationId

    def reads(self) -> Reads:
        """Return the batch and the log's row."""
        return {Batch: [(self.site, self.batch)], Assignment: [(self.site, self.batch, self.id)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a batch that does not run."""
        row = read.get(Batch, (self.site, self.batch))
        return None if row is not None and row.state is BatchState.RUNNING else Refusal(Reason.WORK_GONE)

    def apply(self, uow: UnitOfWork) -> None:
        """Write that nobody works on it."""
        row = uow.get(Batch, (self.site, self.batch))
        if row is None or row.state is not BatchState.RUNNING:
            return
        uow.update(row, state=BatchState.SUSPENDED)
        uow.put(Assignment(self.site, self.batch, self.id, self.actor, self.station, self.at, "suspended"))


@command("picking.finish", OpClass.FACT, permission="pick.work")
class FinishBatch(OfWalk):
    """What is left of a batch is no longer wanted: its stops go, its totes are ready."""

    gone: tuple[TaskId, ...]
    """Open stops for which nobody holds units any more."""
    finish: Finish

    def reads(self) -> Reads:
        """Return the batch, its last stops, its totes and members."""
        reads: dict[type, list[tuple[object, ...]]] = {
            Batch: [(self.site, self.batch)],
            PickTask: [(self.site, task) for task in self.gone],
        }
        return {**reads, **finish_reads(self.site, self.batch, self.id, self.finish)}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a batch that does not run."""
        row = read.get(Batch, (self.site, self.batch))
        return None if row is not None and row.state is BatchState.RUNNING else Refusal(Reason.WORK_GONE)

    def apply(self, uow: UnitOfWork) -> None:
        """Take the stops off, end the batch."""
        for task in self.gone:
            stop = uow.get(PickTask, (self.site, task))
            if stop is not None and stop.state is TaskState.OPEN:
                uow.update(stop, state=TaskState.GONE)
        head = uow.get(Batch, (self.site, self.batch))
        if head is None or head.state is not BatchState.RUNNING:
            return
        uow.update(head, tasks_done=head.tasks)
        end_batch(uow, self, self.batch, self.finish)


@command("picking.skip", OpClass.FACT, permission="pick.work")
class SkipTask(OfWalk):
    """A stop is put off: it goes behind the last one, and must still be done."""

    task: TaskId
    sequence: int
    """Behind every other stop of the batch."""
    stopped_by: str = ""
    """The check that only a supervisor passes here: a case waits for one, and the picker goes on; empty otherwise."""

    def reads(self) -> Reads:
        """Return the task."""
        reads: dict[type, list[tuple[object, ...]]] = {PickTask: [(self.site, self.task)]}
        if self.stopped_by:
            reads[Case] = [(self.site, derive(self.id, f"case {CaseKind.OVERRIDE_NEEDED}", 0))]
        return reads

    def check(self, read: Read) -> Refusal | None:
        """Refuse a task that is done, and a place before its own."""
        row = read.get(PickTask, (self.site, self.task))
        if row is None or row.state is not TaskState.OPEN:
            return Refusal(Reason.WORK_GONE)
        return None if self.sequence > row.sequence else Refusal(Reason.CHANGED_MEANWHILE)

    def apply(self, uow: UnitOfWork) -> None:
        """Move it behind the last."""
        if self.stopped_by:
            open_case(uow, self, CaseKind.OVERRIDE_NEEDED, subject=self.task, facts={"check": self.stopped_by})
        row = uow.get(PickTask, (self.site, self.task))
        if row is not None and row.state is TaskState.OPEN:
            uow.update(row, sequence=max(row.sequence, self.sequence), skipped=row.skipped + 1)


@command("picking.close_fill", OpClass.FACT, permission="pick.work")
class CloseFill(OfWalk):
    """A tote takes no more: another one goes on for the same order."""

    fill: FillId

    def reads(self) -> Reads:
        """Return the fill."""
        return {Fill: [(self.site, self.fill)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a fill that is not open."""
        row = read.get(Fill, (self.site, self.fill))
        return None if row is not None and row.state is FillState.OPEN else Refusal(Reason.WORK_GONE)

    def apply(self, uow: UnitOfWork) -> None:
        """Close it."""
        row = uow.get(Fill, (self.site, self.fill))
        if row is not None and row.state is FillState.OPEN:
            uow.update(row, state=FillState.FULL)
