"""One command, one transaction: check, apply, log, commit. The writer's thread runs it; so do the hub and a rebuild.

Works that nobody waits for may share a transaction: then all of them are there after its commit, or none.

Rows, ledger entries, the operation, print jobs, the flow's state and the gesture are committed together; a refusal comes
before anything is written and leaves one gesture row. Applying a command whose id is in the log already gives the outcome of
the first time: a step is never done twice.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import sqlalchemy as sa

from core.kernel import codec
from core.kernel.clock import Clock
from core.kernel.commands import Command, body_of, command_of
from core.kernel.database import Profile
from core.kernel.feed import Feed, FeedBroken, FeedHead, FeedKind, head_of, key_text
from core.kernel.ids import CommandId, SiteId, StationId
from core.kernel.journal import FlowState, Gesture, GestureOutcome
from core.kernel.loading import ahead, at_goal, loading_of, want_loading
from core.kernel.operations import GENESIS, Operation, OperationState, operation_hash, tail_of
from core.kernel.private import REMEMBERED, PrivateOut, PrivateWanted
from core.kernel.refusal import Bug, Refusal
from core.kernel.replica import Taken, take
from core.kernel.rewind import Images, came_loaded, leave, met, rewind
from core.kernel.tables import Row, TableClass, TableInfo, rows_of, sql_of
from core.kernel.uow import NO_CHANGES, ByClass, Changes, Role, UnitOfWork

_IDS_PER_SELECT = 400


@dataclass(frozen=True, slots=True)
class Work:
    """What one transaction holds."""

    command: Command | None = None
    gesture: Gesture | None = None
    flow: FlowState | None = None
    private: ByClass = field(default_factory=dict)
    """Personal data, and rows of this station alone, that the command refers to by id, by their values: stored beside
    it, never in its body."""
    body: str = ""
    """The command's canonical body where that was made beside its reading; empty where it is to be made."""


@dataclass(frozen=True, slots=True)
class Done:
    """A command was applied and committed."""

    command: CommandId | None
    at: int = 0
    """The command's time."""
    changes: Changes = NO_CHANGES
    result: Mapping[str, str | int] = field(default_factory=dict)
    again: bool = False
    """Whether it is given once more after a restart: what followed it in the world nobody knows."""

    def __hash__(self) -> int:
        """Hash by the command."""
        return hash(self.command)


@dataclass(frozen=True, slots=True)
class Failed:
    """A command was refused: nothing was written but the gesture."""

    command: CommandId
    refusal: Refusal


Outcome = Done | Failed

Gate = Callable[[sa.Connection, Command], Refusal | None]
"""Says whether the actor may run a command; denying by default is the gate's business."""


class GaveWay(Exception):
    """Something of the background stopped before it wrote anything, because somebody waits: it is to be begun again."""


class GuardBroken(Bug):
    """The database refused a row that the command's check should have refused."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this file is: written into every operation."""

    site: SiteId
    station: StationId
    incarnation: int = 1


def identity_of(connection: sa.Connection) -> Identity | None:
    """Return who a database says it is, None when it was never told."""
    found = {str(row[0]): str(row[1]) for row in connection.execute(_profile_statement())}
    if "station" not in found:
        return None
    return Identity(SiteId(int(found["site"])), StationId(bytes.fromhex(found["station"])), int(found["incarnation"]))


@cache
def _profile_statement() -> sa.Select[Any]:
    names = sql_of(Profile)
    return sa.select(names.c.name, names.c.value)


def write_identity(connection: sa.Connection, identity: Identity) -> None:
    """Tell a new database who it is."""
    rows = {"site": str(identity.site), "station": identity.station.hex(), "incarnation": str(identity.incarnation)}
    with connection.begin():
        connection.execute(sa.insert(sql_of(Profile)), [{"name": name, "value": value} for name, value in rows.items()])


class Executor:
    """Runs works one after another on one writing connection, and knows the head of the log."""

    def __init__(
        self,
        connection: sa.Connection,
        identity: Identity,
        clock: Clock,
        gate: Gate,
        *,
        role: Role = Role.AUTHORITY,
        gives_way: Callable[[], bool] = lambda: False,
    ) -> None:
        """Take over a connection that nobody else writes through; `gives_way` says whether somebody waits for it."""
        self._connection = connection
        self._identity = identity
        self._clock = clock
        self._gate = gate
        self._role = role
        self.gives_way = gives_way
        self._position, self._seq, self._head = self._read_head()
        self._cursor = 0 if role is Role.AUTHORITY else self._read_cursor()

    @property
    def identity(self) -> Identity:
        """Return who this file is."""
        return self._identity

    def now(self) -> int:
        """Return the station's time, UTC milliseconds."""
        return self._clock.now_ms()

    @property
    def connection(self) -> sa.Connection:
        """Return the writing connection, for upkeep between transactions."""
        return self._connection

    def perform(self, work: Work) -> Outcome:
        """Run one work and commit it, or refuse it and keep its gesture.

        Raises:
            GuardBroken: the database refused what the check allowed; nothing was written.
            Bug: the command did something impossible; nothing was written.
        """
        return self.perform_together((work,))[0]

    def perform_together(self, works: Iterable[Work]) -> list[Outcome]:
        """Run works one after another in one transaction, as long as they come; a refusal leaves only its gesture.

        Raises:
            GuardBroken: the database refused what a check allowed; nothing was written, of none of them.
            Bug: a command did something impossible; nothing was written, of none of them.
        """
        head = self._position, self._seq, self._head
        outcomes: list[Outcome] = []
        kind = ""
        try:
            with self._connection.begin():
                for work in works:
                    kind = "" if work.command is None else work.command.KIND
                    outcomes.append(self._keep(work) if work.command is None else self._run(work.command, work))
        except BaseException as e:
            # Only what was committed is true: the head of the log is again where it was.
            self._position, self._seq, self._head = head
            if isinstance(e, sa.exc.IntegrityError):
                raise GuardBroken(f"{kind}: {e.orig}") from e
            raise
        return outcomes

    def take(self, rows: Sequence[Feed], epoch: int = 0) -> Taken:
        """Take rows of the site's feed, whole operations, in one transaction with the cursor.

        Args:
            rows: the rows.
            epoch: the hub's when it gave them; 0 for whichever is the newest here.

        Raises:
            FeedBroken: they do not follow on what was taken, or a newer epoch was heard of since; nothing was written.
            GaveWay: somebody waits; nothing was written.
        """
        taken = self._take(rows, epoch)
        if taken is None:
            # The transaction has ended as any other: undone, it would take with it what the connection has learned.
            raise GaveWay
        self._cursor = taken.head.seq
        return taken

    def _take(self, rows: Sequence[Feed], epoch: int) -> Taken | None:
        with self._connection.begin():
            newest = head_of(self._connection, self._identity.site).epoch
            if epoch and newest != epoch:
                raise FeedBroken(f"feed of site {self._identity.site}: rows of epoch {epoch} in epoch {newest}")
            taken = take(self._connection, rows, self.gives_way)
            if taken is None:
                return None
            at_goal(self._connection, self._identity.site, taken.head.seq)
            met(self._connection, rows)
            return replace(taken, strange=self._strange_to(rows))

    def load(self, task: Callable[[sa.Connection], None]) -> None:
        """Do a part of loading the site in one transaction."""
        with self._connection.begin():
            task(self._connection)
        self._cursor = self._read_cursor()

    def _strange_to(self, rows: Sequence[Feed]) -> int:
        """Return this file's incarnation where rows name it as the author of an operation that its log has not; else 0."""
        me, log = self._identity, sql_of(Operation)
        mine = [row for row in rows if row.kind is FeedKind.RECEIPT and me.station.hex() in row.content]
        told = [(bytes.fromhex(row.entity), codec.parse(row.content)) for row in mine]
        ids = [
            each for each, receipt in told
            if (receipt["station"], receipt["incarnation"]) == (me.station.hex(), me.incarnation)
        ]  # fmt: skip
        here = sa.select(sa.func.count()).where(log.c.site == me.site)
        some = (ids[start : start + _IDS_PER_SELECT] for start in range(0, len(ids), _IDS_PER_SELECT))
        lacks = any(self._connection.execute(here.where(log.c.id.in_(part))).scalar_one() < len(part) for part in some)
        return me.incarnation if lacks else 0

    def rewind(
        self, to: FeedHead, images: Images, tell: Callable[[sa.Connection, int], Sequence[Command]], goal: int = 0
    ) -> Changes:
        """Take a newer epoch of the hub: go back to the last row of the feed that both have, in one transaction.

        Args:
            to: that row and the epoch.
            images: what the hub has of the rows beyond it.
            tell: makes what the station says to the hub in the new epoch, from what it knew before.
            goal: how far the hub's feed went when it gave the images.

        Raises:
            FeedBroken: rows were taken meanwhile; nothing was written.
        """
        head = self._position, self._seq, self._head, self._cursor
        try:
            with self._connection.begin():
                if head_of(self._connection, to.site).epoch >= to.epoch:
                    return NO_CHANGES
                told = tell(self._connection, to.epoch)
                changes = rewind(self._connection, to, images)
                ahead(self._connection, to, self._identity.incarnation, goal, images)
                self._renumber()
                self._cursor = self._at_cursor()
                for command in told:
                    self._run(command, Work(command))
        except BaseException:
            self._position, self._seq, self._head, self._cursor = head
            raise
        return changes

    def load_anew(self, epoch: int, tell: Callable[[sa.Connection, int], Sequence[Command]]) -> None:
        """Take a newer epoch of a hub that was set back beyond what is kept here: the site is loaded from the beginning.

        Args:
            epoch: the hub's new one.
            tell: makes what the station says to the hub in the new epoch, from what it knew before.
        """
        me, head = self._identity, (self._position, self._seq, self._head)
        try:
            with self._connection.begin():
                under_way = loading_of(self._connection, me.site)
                if under_way is not None and not under_way.goal:
                    return
                leave(self._connection, me.site, epoch)
                self._renumber()
                for command in tell(self._connection, epoch):
                    self._run(command, Work(command))
                want_loading(self._connection, me.site, me.incarnation)
        except BaseException:
            self._position, self._seq, self._head = head
            raise

    def renew(self, incarnation: int) -> None:
        """Go on under a new incarnation: what the hub has not got is numbered anew, and where the flow stood is forgotten.

        Calling it again with the same changes nothing.
        """
        before = self._identity, self._seq, self._head
        names, flows = sql_of(Profile), sql_of(FlowState)
        try:
            with self._connection.begin():
                if incarnation <= self._identity.incarnation:
                    return
                mine = names.c.name == "incarnation"
                self._connection.execute(sa.update(names).where(mine).values(value=str(incarnation)))
                self._connection.execute(sa.delete(flows))
                self._identity = replace(self._identity, incarnation=incarnation)
                self._seq, self._head = 0, GENESIS
                self._renumber()
        except BaseException:
            self._identity, self._seq, self._head = before
            raise

    def _renumber(self) -> None:
        """Put operations of older incarnations that are to be sent behind this one's, in their order; their ids stay."""
        me, log = self._identity, sql_of(Operation)
        query = sa.select(log).where(
            log.c.site == me.site, log.c.station == me.station, log.c.incarnation < me.incarnation,
            log.c.state == OperationState.PENDING.value,
        )  # fmt: skip
        for row in rows_of(Operation, self._connection.execute(query.order_by(log.c.position))):
            moved = replace(row, seq=self._seq + 1, incarnation=me.incarnation, prev_hash=self._head)
            moved = replace(moved, hash=operation_hash(moved))
            place = {
                "seq": moved.seq,
                "incarnation": moved.incarnation,
                "prev_hash": moved.prev_hash,
                "hash": moved.hash,
            }
            here = sa.and_(log.c.site == me.site, log.c.position == row.position)
            self._connection.execute(sa.update(log).where(here).values(place))
            self._seq, self._head = moved.seq, moved.hash

    def acknowledge(
        self,
        through: int,
        epoch: int = 0,
        incarnation: int = 0,
        remembered: Sequence[tuple[str, str]] = (),
        followed: Sequence[CommandId] = (),
    ) -> None:
        """Mark this incarnation's operations up to a number as being at the hub; what is settled stays settled.

        Args:
            through: the number.
            epoch: the hub's when it said so: what an older one had, the newer may have lost. 0 for the newest here.
            incarnation: of the file when it asked; 0 for the newest.
            remembered: tables and keys of private rows that came with others' operations, and are there again.
            followed: operations that are in the feed as far as it was taken here, though their receipts did not come:
                they were in what was loaded.
        """
        if incarnation and incarnation != self._identity.incarnation:
            return
        log = sql_of(Operation)
        mine = sa.and_(
            log.c.site == self._identity.site, log.c.station == self._identity.station,
            log.c.incarnation == self._identity.incarnation, log.c.seq <= through,
        )  # fmt: skip
        out = sql_of(PrivateOut)
        done = sa.select(sa.func.max(log.c.position)).where(mine)
        pending = log.c.state == OperationState.PENDING.value
        with self._connection.begin():
            if epoch and head_of(self._connection, self._identity.site).epoch != epoch:
                return
            self._connection.execute(
                sa.update(log).where(mine, pending).values(state=OperationState.ACKNOWLEDGED.value)
            )
            self._connection.execute(sa.delete(out).where(out.c.position.between(0, done.scalar_subquery())))
            for entity, key in remembered:
                again = sa.and_(out.c.entity == entity, out.c.key == key, out.c.position == REMEMBERED)
                self._connection.execute(sa.delete(out).where(again))
            came_loaded(self._connection, self._identity.site, followed)

    def keep_fetched(self, rows: Sequence[Row], withheld: Sequence[tuple[str, str]] = ()) -> None:
        """Keep private rows that came from the hub; they are not wanted any more.

        Args:
            rows: the rows.
            withheld: tables and keys of those that this station is not given: they are not wanted either.

        Raises:
            Bug: a row's table is not private.
        """
        uow = UnitOfWork(self._connection, role=self._role)
        with self._connection.begin():
            for row in rows:
                _refuse_public(row.TABLE)
                uow.save(row)
            came = [(row.TABLE.name, key_text(row.TABLE.key_of(row))) for row in rows]
            uow.fetch({PrivateWanted: [*came, *withheld]})
            for at in (*came, *withheld):
                wanted = uow.get(PrivateWanted, at)
                if wanted is not None:
                    uow.delete(wanted)
            uow.flush()

    def _run(self, command: Command, work: Work) -> Outcome:
        follows = self._role is Role.REPLICA
        uow = UnitOfWork(self._connection, role=self._role, watched=follows)
        before = uow.fetch(command.reads(), (command.site, command.id))
        if before is not None:
            return Done(command.id, before[0], NO_CHANGES, codec.parse(before[1]))
        refusal = self._gate(self._connection, command) or command.check(uow)
        if refusal is not None:
            if work.gesture is not None:
                refused = replace(work.gesture, outcome=GestureOutcome.REFUSED, reason=str(refusal.reason))
                self._keep(Work(gesture=replace(refused, command=None)))
            return Failed(command.id, refusal)
        _keep_private(uow, work.private)
        command.apply(uow)
        operation = self._operation(command, work.body or body_of(command), uow)
        uow.insert(operation, *(row for row in (work.gesture,) if row is not None))
        if work.flow is not None:
            uow.save(work.flow)
        uow.flush(operation.id, position=operation.position if follows else None)
        self._position, self._seq, self._head = operation.position, operation.seq, operation.hash
        return Done(command.id, command.at, uow.changes, dict(uow.told[1]))

    def _operation(self, command: Command, body: str, uow: UnitOfWork) -> Operation:
        outcome, result = uow.told
        blank = Operation(
            position=self._position + 1,
            seq=self._seq + 1,
            id=command.id,
            kind=command.KIND,
            version=command.VERSION,
            body=body,
            site=command.site,
            actor=command.actor,
            session=command.session,
            station=self._identity.station,
            incarnation=self._identity.incarnation,
            device_ms=command.at,
            boot_ns=self._clock.boot_ns(),
            base_cursor=self._cursor,
            fence=command.under(uow),
            prev_hash=self._head,
            hash=GENESIS,
            state=OperationState.PENDING if self._role is Role.REPLICA else OperationState.LOCAL,
            result=codec.canonical(dict(result)),
            outcome=outcome,
        )
        return replace(blank, hash=operation_hash(blank))

    def _keep(self, work: Work) -> Done:
        """Write a gesture, a flow state or private rows that belong to no command."""
        follows = self._role is Role.REPLICA
        uow = UnitOfWork(self._connection, role=self._role, watched=follows)
        _keep_private(uow, work.private)
        if work.gesture is not None:
            uow.insert(work.gesture)
        if work.flow is not None:
            uow.save(work.flow)
        uow.flush(position=self._position if follows else None)
        return Done(None, changes=uow.changes)

    def _read_cursor(self) -> int:
        with self._connection.begin():
            return self._at_cursor()

    def _at_cursor(self) -> int:
        return head_of(self._connection, self._identity.site).seq

    def _read_head(self) -> tuple[int, int, bytes]:
        me = self._identity
        with self._connection.begin():
            position = self._connection.execute(sa.select(sa.func.max(sql_of(Operation).c.position))).scalar_one()
            return int(position or 0), *tail_of(self._connection, me.site, me.station, me.incarnation)


def _keep_private(uow: UnitOfWork, private: ByClass) -> None:
    """Write rows of personal data, and of this station alone, that came beside a command.

    Raises:
        Bug: a row's table travels.
    """
    uow.save(unread=private)


def _refuse_public(info: TableInfo) -> None:
    if info.kind is not TableClass.PRIVATE:
        raise Bug(f"{info.name} is not a private table")


def apply_again(connection: sa.Connection, operation: Operation, *, role: Role = Role.AUTHORITY) -> Changes:
    """Apply an operation from another log by name, and keep its row: what a rebuild and a hub do.

    The caller holds the transaction. Local rows (spool, flow, gestures) are not made.
    """
    uow = UnitOfWork(connection, role=role, at_origin=False)
    command = command_of(operation)
    uow.fetch(command.reads())
    command.apply(uow)
    uow.flush(operation.id)
    log = UnitOfWork(connection, role=role)
    log.insert(operation)
    log.flush()
    return uow.changes
