"""The floor list: what a station held that cannot say any more what became of it is looked for, order by order.

Somebody walks the floor and answers each line: here, gone, not found. Only when every line of a walk has its answer the walk
is free for another station. The one thing a newcomer would get wrong: *not found* is no observation but a decision, and it
waits until no dock can have loaded the box unheard. (Reference: sync, 8.0, 14 and invariants 15 and 20.)
"""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from core.cases.commands import open_case
from core.cases.model import CaseKind
from core.catalog.model import Container
from core.kernel import codec
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import (
    NO_ID,
    FulfilmentId,
    FulfilmentLineId,
    OrderId,
    ParcelId,
    PersonId,
    ReservationId,
    SiteId,
    StationId,
    derive,
)
from core.kernel.numbers import OWN, NumberRange
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import sql_of
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment, FulfilmentLine
from core.orders.progress import advance
from core.picking.model import Fill, FillState
from core.rights.fences import FENCES, fence_now
from core.rights.model import Epoch, EpochState, FloorAnswer, FloorLine, LeaseState, Stage, WorkLease
from core.rights.renewing import Frozen
from core.stock.model import Reservation
from core.stock.reserving import let_go
from core.waves.commands import Unreserved
from core.waves.model import Batch, BatchMember, BatchState, PickTask

LINES_MAX = 200
"""Of one list: each is a row of one operation."""


@dataclass(frozen=True, slots=True)
class NewLine:
    """What is to be looked for: an order, or at a dock a parcel or the carrier itself."""

    station: StationId
    stage: Stage
    work: bytes
    fence: int
    order: OrderId
    fulfilment: FulfilmentId
    told: str
    parcel: ParcelId = ParcelId(NO_ID)

    @property
    def subject(self) -> bytes:
        """Return what tells it from others of the same loss."""
        return next(each for each in (self.parcel, self.fulfilment, self.work) if each != NO_ID)


def line_id(each: NewLine, epoch: int) -> bytes:
    """Return the id of a line: the same loss puts the same order on the list once."""
    return derive(each.subject, f"floor {each.stage} {each.work.hex()} {each.fence} {epoch}")


@command("picking.list_floor", OpClass.FACT, permission="rights.recover")
class ListFloor(Command):
    """Orders are put on the floor list."""

    lines: tuple[NewLine, ...]
    mark: int
    epoch: int
    """The recovery that waits for the answers; 0 for none."""
    last: int
    """1 for the last part of a recovery's list."""

    def reads(self) -> Reads:
        """Return the lines and the epoch."""
        lines = [(self.site, line_id(each, self.epoch)) for each in self.lines]
        return {FloorLine: lines, Epoch: [(self.site, self.epoch)]}

    def check(self, read: Read) -> Refusal | None:
        """Nothing stands against looking."""
        return None if self.lines or self.epoch else Refusal(Reason.NOT_FOUND)

    def apply(self, uow: UnitOfWork) -> None:
        """Write the lines that are not there."""
        for each in self.lines:
            line = line_id(each, self.epoch)
            if uow.get(FloorLine, (self.site, line)) is None:
                uow.insert(
                    FloorLine(
                        self.site, line, each.station, each.stage, each.work, each.fence, each.order,
                        each.fulfilment, each.parcel, each.told, self.mark, self.epoch, FloorAnswer.OPEN, PersonId(NO_ID), 0,
                    )
                )  # fmt: skip
        epoch = uow.get(Epoch, (self.site, self.epoch))
        if self.last and epoch is not None and epoch.state is EpochState.RECOVERING:
            uow.update(epoch, floor=1)


@command("picking.answer_floor", OpClass.FACT, permission="rights.reclaim")
class AnswerFloor(Command):
    """Somebody looked for an order and says what he found."""

    line: bytes
    answer: FloorAnswer
    """*Not found* where that was decided; whether it may be, was looked at before."""
    stage: Stage
    work: bytes
    fence: int
    ends: int
    """1 for the last answer of a walk: it is free for another station then."""
    lets_go: tuple[Unreserved, ...] = ()
    """What the walk still held for an order that has left, or may have: nobody picks it a second time."""

    def reads(self) -> Reads:
        """Return the line, the lease, the walk and the fences."""
        return {
            NumberRange: [(self.site, FENCES, OWN)],
            FloorLine: [(self.site, self.line)],
            WorkLease: [(self.site, self.stage, self.work)],
            Batch: [(self.site, self.work)],
            Reservation: [(self.site, each.reservation) for each in self.lets_go],
            FulfilmentLine: [(self.site, each.line) for each in self.lets_go],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse a line that is answered, and no answer."""
        row = read.get(FloorLine, (self.site, self.line))
        if row is None or self.answer is FloorAnswer.OPEN:
            return Refusal(Reason.NOT_FOUND, {"got": self.line.hex()})
        return None if row.answer is FloorAnswer.OPEN else Refusal(Reason.CHANGED_MEANWHILE)

    def apply(self, uow: UnitOfWork) -> None:
        """Write the answer; what is not here is a case, and a walk that was begun waits on its cart."""
        row = uow.get(FloorLine, (self.site, self.line))
        if row is None or row.answer is not FloorAnswer.OPEN:
            return
        now = fence_now(uow, self.site)
        uow.update(row, answer=self.answer, answered_by=self.actor, answered_at=self.at, answered=now)
        if self.answer is not FloorAnswer.HERE:
            facts: dict[str, str | int] = {"answer": self.answer.value, "told": row.told}
            asks = self.answer is FloorAnswer.PRESUMED_GONE
            kind = CaseKind.CARRIER_INQUIRY if asks else CaseKind.FLOOR
            subject = row.fulfilment if row.parcel == NO_ID else row.parcel
            open_case(uow, self, kind, order=row.order, subject=subject, facts=facts)
        for each in self.lets_go:
            held = uow.get(Reservation, (self.site, each.reservation))
            if held is not None:
                # Its balance is not named beforehand: units may have been re-pointed since.
                let_go(uow, held, held.quantity)
                advance(uow, self.site, each.line, reserved=-held.quantity)
        if not self.ends:
            return
        _close(uow, self.site, Frozen(self.stage, self.work, self.fence))
        _suspend(uow, self.site, self.stage, self.work)


@command("picking.end_floor", OpClass.FACT, permission="rights.recover")
class EndFloor(Command):
    """Every line of frozen work is answered, and no answer was the last: a hub that was set back hears them from others."""

    leases: tuple[Frozen, ...]

    def reads(self) -> Reads:
        """Return the leases and the walks."""
        return {
            WorkLease: [(self.site, each.stage, each.work) for each in self.leases],
            Batch: [(self.site, each.work) for each in self.leases],
        }

    def check(self, read: Read) -> Refusal | None:
        """Nothing stands against what was answered."""
        return None if self.leases else Refusal(Reason.NOT_FOUND)

    def apply(self, uow: UnitOfWork) -> None:
        """Free the work as the last answer would have; what was granted again since is not touched."""
        for each in self.leases:
            if _close(uow, self.site, each):
                _suspend(uow, self.site, each.stage, each.work)


def _close(uow: UnitOfWork, site: SiteId, each: Frozen) -> bool:
    """End a lease that is frozen under its fence, and return whether it was."""
    lease = uow.get(WorkLease, (site, each.stage, each.work))
    if lease is None or lease.state is not LeaseState.FROZEN or lease.fence != each.fence:
        return False
    uow.update(lease, state=LeaseState.CLOSED)
    return True


def _suspend(uow: UnitOfWork, site: SiteId, stage: Stage, work: bytes) -> None:
    """Let a walk that was begun wait on its cart."""
    batch = uow.get(Batch, (site, work))
    if stage is Stage.PICK and batch is not None and batch.state is BatchState.RUNNING:
        uow.update(batch, state=BatchState.SUSPENDED, holder=PersonId(NO_ID))


def still_held(connection: sa.Connection, line: FloorLine) -> tuple[Unreserved, ...]:
    """Return what a walk still holds for an order of the floor list."""
    tasks, held, lines = sql_of(PickTask), sql_of(Reservation), sql_of(FulfilmentLine)
    query = (
        sa.select(held.c.id, held.c.demand)
        .join(tasks, sa.and_(tasks.c.site == held.c.site, tasks.c.id == held.c.work))
        .join(lines, sa.and_(lines.c.site == held.c.site, lines.c.id == held.c.demand))
        .where(held.c.site == line.site, tasks.c.batch == line.work, lines.c.fulfilment == line.fulfilment)
    )
    rows = connection.execute(query.order_by(held.c.id)) if line.stage is Stage.PICK else ()
    return tuple(Unreserved(ReservationId(bytes(row[0])), FulfilmentLineId(bytes(row[1]))) for row in rows)


def lines_of_frozen(connection: sa.Connection, site: SiteId) -> Iterator[NewLine]:
    """Yield the orders of walks that are frozen and not on the list yet."""
    leases, lines = sql_of(WorkLease), sql_of(FloorLine)
    there = sa.exists().where(
        lines.c.site == site, lines.c.stage == leases.c.stage, lines.c.work == leases.c.work,
        lines.c.fence == leases.c.fence, lines.c.epoch == 0,
    )  # fmt: skip
    frozen = sa.and_(leases.c.site == site, leases.c.state == LeaseState.FROZEN.value, ~there)
    yield from _lines(connection, site, frozen)


def answered(connection: sa.Connection, site: SiteId) -> tuple[Frozen, ...]:
    """Return what is frozen although its list is whole and every line of it is answered, as many as one operation ends."""
    leases, lines = sql_of(WorkLease), sql_of(FloorLine)
    of_the_work = sa.and_(
        lines.c.site == site, lines.c.stage == leases.c.stage, lines.c.work == leases.c.work
    )  # fmt: skip
    whole = sa.exists().where(
        of_the_work, lines.c.fence == leases.c.fence, lines.c.epoch == 0,
        sa.or_(leases.c.stage != Stage.LOAD.value, lines.c.order == NO_ID),
    )  # fmt: skip
    still = sa.exists().where(of_the_work, lines.c.answer == FloorAnswer.OPEN.value)
    query = sa.select(leases.c.stage, leases.c.work, leases.c.fence).where(
        leases.c.site == site, leases.c.state == LeaseState.FROZEN.value, whole, ~still
    )
    found = connection.execute(query.order_by(leases.c.stage, leases.c.work).limit(LINES_MAX))
    return tuple(Frozen(Stage(row[0]), bytes(row[1]), int(row[2])) for row in found)


def lines_of_open(connection: sa.Connection, site: SiteId, epoch: int) -> Iterator[NewLine]:
    """Yield every order of a walk that has not left, for a recovery in which a station was lost as well."""
    lines, leases, members = sql_of(FloorLine), sql_of(WorkLease), sql_of(BatchMember)
    there = sa.exists().where(
        lines.c.site == site, lines.c.epoch == epoch, lines.c.fulfilment == members.c.fulfilment,
        lines.c.work == members.c.batch, lines.c.stage == leases.c.stage,
    )  # fmt: skip
    yield from _lines(connection, site, sa.and_(leases.c.site == site, ~there))


def _lines(connection: sa.Connection, site: SiteId, which: sa.ColumnElement[bool]) -> Iterator[NewLine]:
    leases, members, parts, batches = sql_of(WorkLease), sql_of(BatchMember), sql_of(Fulfilment), sql_of(Batch)
    query = (
        sa.select(
            leases.c.station, leases.c.stage, leases.c.work, leases.c.fence, members.c.order,
            members.c.fulfilment, batches.c.number, parts.c.units, parts.c.picked, parts.c.packed,
        )
        .join(members, sa.and_(members.c.site == leases.c.site, members.c.batch == leases.c.work))
        .join(parts, sa.and_(parts.c.site == members.c.site, parts.c.id == members.c.fulfilment))
        .join(batches, sa.and_(batches.c.site == leases.c.site, batches.c.id == leases.c.work))
        .where(which, leases.c.stage.in_((Stage.PICK.value, Stage.PACK.value)), parts.c.open == 1)
        .order_by(leases.c.work, leases.c.stage, members.c.fulfilment)
        .limit(LINES_MAX + 1)
    )  # fmt: skip
    for row in connection.execute(query).all():
        told = {"batch": int(row[6]), "units": int(row[7]), "picked": int(row[8]), "packed": int(row[9])}
        totes = ",".join(_totes(connection, site, bytes(row[2]), bytes(row[5])))
        yield NewLine(
            StationId(bytes(row[0])), Stage(row[1]), bytes(row[2]), int(row[3]), OrderId(bytes(row[4])),
            FulfilmentId(bytes(row[5])), codec.canonical({**told, "totes": totes}),
        )  # fmt: skip


def _totes(connection: sa.Connection, site: SiteId, batch: bytes, fulfilment: bytes) -> list[str]:
    fills, containers = sql_of(Fill), sql_of(Container)
    query = (
        sa.select(containers.c.code)
        .join(fills, sa.and_(fills.c.site == containers.c.site, fills.c.container == containers.c.id))
        .where(
            fills.c.site == site, fills.c.batch == batch, fills.c.fulfilment.in_((fulfilment, NO_ID)),
            fills.c.state != FillState.EMPTIED.value,
        )
        .order_by(containers.c.code)
    )  # fmt: skip
    return [str(row[0]) for row in connection.execute(query)]
