"""Rules of the protocol, each with a switch that removes it: for tests alone, the production's code knows nothing of them.

A mutant is the program without one rule. A kept schedule shows for each what would go wrong; where two rules guard the
same thing, they are removed together, and the name of each alone says which other masks it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from core.kernel import executor, replica, rewind, uow
from core.kernel.executor import Executor
from core.kernel.feed import Feed, FeedBroken, FeedHead, head_of
from core.kernel.ids import CommandId, SiteId, StationId
from core.kernel.operations import Operation, OperationState
from core.kernel.shadow import Shadow, shadowing
from core.kernel.tables import sql_of
from core.kernel.uow import UnitOfWork
from core.packing import bench
from core.picking import queries as picking
from core.rights import standing
from core.rights.commands import GrantWork
from core.rights.model import LeaseState, OperationReceipt, Stage, StationHeard, WorkLease
from core.waves.zones import Zoning
from sync.hub import applying, center, leasing, receiving
from sync.protocol import Push, SentRow
from sync.station import files, running

Mutant = Callable[[], AbstractContextManager[object]]
MUTANTS: dict[str, Mutant] = {}
"""Every rule by the name of what it says."""


def without(rule: str) -> Callable[[Callable[[], Iterator[None]]], Callable[[], Iterator[None]]]:
    """Declare what removes a rule."""

    def declare(remove: Callable[[], Iterator[None]]) -> Callable[[], Iterator[None]]:
        MUTANTS[rule] = contextmanager(remove)
        return remove

    return declare


def together(name: str, *rules: str) -> None:
    """Declare the removal of several rules that mask each other."""

    @contextmanager
    def remove() -> Iterator[None]:
        with ExitStack() as stack:
            for rule in rules:
                stack.enter_context(MUTANTS[rule]())
            yield

    MUTANTS[name] = remove


# What the hub takes


@without("an operation is taken once by its number")
def _by_number() -> Iterator[None]:
    def receive(self: receiving.Receiver, push: Push, at: int, whole: Any = receiving.Receiver.receive) -> Any:
        def newest(receiver: receiving.Receiver, station: bytes, *more: Any) -> OperationReceipt:
            row = before(receiver, station, *more)  # type: ignore[arg-type]
            if station != push.station or not push.operations or push.operations[0].seq > row.seq:
                return row
            first = push.operations[0]
            return replace(row, seq=first.seq - 1, hash=first.prev_hash)

        before = receiving.Receiver._newest
        with patch.object(receiving.Receiver, "_newest", newest):
            return whole(self, push, at)

    with patch.object(receiving.Receiver, "receive", receive):
        yield


@without("an operation is taken once by its id")
def _by_id() -> Iterator[None]:
    with patch.object(receiving.Receiver, "_elsewhere", lambda *_: set()):
        yield


@without("an operation follows on the hash of the one before, at the hub")
def _chained() -> Iterator[None]:
    with patch.object(receiving, "_chained", lambda operations, _head: iter(operations)):
        yield


@without("operations behind an unknown one wait for it")
def _parked() -> Iterator[None]:
    def take(
        self: receiving.Receiver, operations: Sequence[Operation], _head: FeedHead, at: int, _books: UnitOfWork, *,
        behind: bool = False, one: Any = receiving.Receiver._take,
    ) -> list[OperationReceipt]:  # fmt: skip
        made: list[OperationReceipt] = []
        for each in operations:
            made += one(self, [each], head_of(self._connection, self._site), at, UnitOfWork(self._connection))
        return made

    with patch.object(receiving.Receiver, "_take", take):
        yield


@without("a fact is never refused")
def _facts() -> Iterator[None]:
    def one(books: UnitOfWork, command: Any, operation: Operation, whole: Any = applying._one) -> str:
        refusal = command.check(applying._Looking(books))
        return str(refusal.reason) if refusal is not None else whole(books, command, operation)

    with patch.object(applying, "_one", one):
        yield


@without("one that cannot be applied gets a case, and the queue goes on")
def _set_aside() -> Iterator[None]:
    with patch.object(applying, "_is_its_own", lambda _error: False):
        yield


@without("the hub's rows and its receipts are one transaction")
def _together_at_the_hub() -> Iterator[None]:
    def note(self: receiving.Receiver, *rest: Any, whole: Any = receiving.Receiver._note_heard) -> None:
        # The effects are there; the plug may be pulled before their receipts are.
        _commit(self._connection)
        whole(self, *rest)

    with patch.object(receiving.Receiver, "_note_heard", note):
        yield


def _commit(connection: sa.Connection) -> None:
    """Commit under the hands of whoever holds the transaction."""
    connection.exec_driver_sql("COMMIT")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.dialect.name == "sqlite" else "BEGIN")


@without("a number that went out stays out, also where the hub cannot apply what gave it out")
def _numbers_stay_out() -> Iterator[None]:
    with patch.object(applying, "_take_numbers", lambda *_: None):
        yield


# What a station takes


@without("the image is kept when a row is touched first")
def _first_touch() -> Iterator[None]:
    with _shadowing('"image"=excluded."image","last_op"=excluded."last_op"'):
        yield


@without("each later touch raises the last operation of an image")
def _last_op() -> Iterator[None]:
    with _shadowing('"last_op"="last_op"'):
        yield


def _shadowing(then: str) -> AbstractContextManager[object]:
    def otherwise(written: Iterable[Any], position: int, mark: str) -> Iterator[Any]:
        for sql, rows in shadowing(written, position, mark):
            yield sql.replace('"last_op"=excluded."last_op"', then), rows

    return patch.object(uow, "shadowing", otherwise)


@without("no image is kept at all")
def _no_images() -> Iterator[None]:
    with patch.object(uow, "shadowing", lambda *_: iter(())):
        yield


@without("a pulled row goes into the image where there is one")
def _into_the_image() -> Iterator[None]:
    with patch.object(replica._Images, "get", lambda *_: None):
        yield


@without("only a receipt in the feed settles")
def _receipt_settles() -> Iterator[None]:
    whole = Executor.acknowledge

    def acknowledge(
        self: Executor, through: int, epoch: int = 0, incarnation: int = 0,
        remembered: Sequence[tuple[str, str]] = (), followed: Sequence[CommandId] = (),
    ) -> None:  # fmt: skip
        whole(self, through, epoch, incarnation, remembered, followed)
        log, shadow = sql_of(Operation), sql_of(Shadow)
        mine = sa.and_(
            log.c.station == self._identity.station, log.c.incarnation == self._identity.incarnation,
            log.c.seq <= through,
        )  # fmt: skip
        last = sa.select(sa.func.max(log.c.position)).where(mine).scalar_subquery()
        with self._connection.begin():
            self._connection.execute(sa.delete(shadow).where(shadow.c.last_op <= last))
            self._connection.execute(sa.update(log).where(mine).values(state=OperationState.DURABLE.value))

    with patch.object(Executor, "acknowledge", acknowledge):
        yield


@without("settling takes back what the hub did not confirm")
def _settle_back() -> Iterator[None]:
    def show(books: Any, info: Any, key: str, text: str | None, *, confirmed: bool, whole: Any = replica.show) -> None:
        if confirmed:
            whole(books, info, key, text, confirmed=confirmed)

    with patch.object(replica, "show", show):
        yield


@without("pages end at receipts")
def _page_ends() -> Iterator[None]:
    def part(
        connection: sa.Connection, site: SiteId, first: Sequence[SentRow], whole: Any = center._whole_operations
    ) -> Any:
        rows: list[SentRow] = whole(connection, site, first)
        return rows[: max(1, len(rows) // 2)]

    with patch.object(center, "_whole_operations", part):
        yield


@without("a page that ends within an operation is not taken")
def _whole_page() -> Iterator[None]:
    with _check_without("in the middle of an operation"):
        yield


@without("a row that does not follow on the hash of the one before is not taken")
def _feed_chain() -> Iterator[None]:
    with _check_without("does not follow from the one before"):
        yield


@without("a gap in the feed stops")
def _feed_gap() -> Iterator[None]:
    def check(self: Any, rows: Sequence[Feed], whole: Any = replica._Taking._check) -> None:
        before = self.head
        # Whatever comes is taken for what follows; its hash is looked at all the same.
        self.head = replace(before, seq=rows[0].seq - 1)
        try:
            whole(self, rows)
        finally:
            self.head = before

    with patch.object(replica._Taking, "_check", check):
        yield


def _check_without(words: str) -> AbstractContextManager[object]:
    def check(self: Any, rows: Sequence[Feed], whole: Any = replica._Taking._check) -> None:
        try:
            whole(self, rows)
        except FeedBroken as e:
            if words not in str(e):
                raise

    return patch.object(replica._Taking, "_check", check)


@without("rows and cursor are one transaction")
def _with_the_cursor() -> Iterator[None]:
    whole = Executor.take

    def take(self: Executor, rows: Sequence[Feed], epoch: int = 0) -> Any:
        heads = sql_of(FeedHead)

        def head_as(row: FeedHead) -> None:
            values = {"seq": row.seq, "hash": row.hash, "epoch": row.epoch}
            self._connection.execute(sa.update(heads).values(values))

        def taken_alone(connection: sa.Connection, some: Sequence[Feed], *rest: Any) -> Any:
            before = head_of(connection, some[0].site)
            taken = replica.take(connection, some, *rest)
            head_as(before)
            return taken

        with patch.object(executor, "take", taken_alone):
            taken = whole(self, rows, epoch)
        with self._connection.begin():
            head_as(taken.head)
        return taken

    with patch.object(Executor, "take", take):
        yield


@without("a command that is in the log is not run again")
def _once_here() -> Iterator[None]:
    def fetch(self: UnitOfWork, reads: Any, command: Any = None, whole: Any = UnitOfWork.fetch, **more: Any) -> None:
        whole(self, reads, command, **more)

    with patch.object(UnitOfWork, "fetch", fetch):
        yield


@without("operation and rows are one transaction")
def _with_the_operation() -> Iterator[None]:
    late: list[Operation] = []

    def insert(self: UnitOfWork, *rows: Any, whole: Any = UnitOfWork.insert, **more: Any) -> None:
        late.extend(row for row in rows if isinstance(row, Operation) and row.state is OperationState.PENDING)
        whole(self, *(row for row in rows if row not in late), **more)

    def flush(self: UnitOfWork, operation: Any = None, *, whole: Any = UnitOfWork.flush, **more: Any) -> None:
        whole(self, operation, **more)
        if late:
            _commit(self._connection)
            self.save(late.pop())
            whole(self)

    with patch.object(UnitOfWork, "insert", insert), patch.object(UnitOfWork, "flush", flush):
        yield


# Who may do what


@without("a station claims only what it holds")
def _gate_here() -> Iterator[None]:
    with patch.object(standing, "without_right", lambda *_, **_more: None):
        yield


@without("a walk that others hold is not gone on with")
def _goes_on() -> Iterator[None]:
    with patch.object(standing, "_is_others", lambda *_: False):
        yield


@without("a station offers only what it holds")
def _offer() -> Iterator[None]:
    with patch.object(picking, "is_mine", lambda *_: sa.true()):
        yield


@without("the hub refuses a claim without its right")
def _gate_there() -> Iterator[None]:
    with patch.object(applying, "without_right", lambda *_, **_more: None):
        yield


@without("a lease does not end by time")
def _no_expiry() -> Iterator[None]:
    with _free_where(lambda lease, newest: lease.c.granted_at < newest - 60_000):
        yield


@without("work that somebody holds is given to nobody else")
def _one_holder() -> Iterator[None]:
    with _free_where(lambda _lease, _newest: sa.true()):
        yield


@without("a walk goes to whoever works its zones")
def _in_zones() -> Iterator[None]:
    with patch.object(Zoning, "may", lambda *_: True):
        yield


@contextmanager
def _free_where(condition: Callable[[Any, int], Any]) -> Iterator[None]:
    """Let the hub take held work for free under a condition, the leases being as they are."""

    def next_work(
        connection: sa.Connection,
        site: SiteId,
        stage: Stage,
        station: StationId,
        seconds: int,
        since: int = 0,
        whole: Any = leasing.next_work,
    ) -> Any:
        lease, stations = sql_of(WorkLease), sql_of(StationHeard)
        newest = int(connection.execute(sa.select(sa.func.max(stations.c.at))).scalar_one() or 0)
        held = lease.c.state == LeaseState.HELD.value
        with connection.begin_nested() as aside:
            free = sa.update(lease).where(held, condition(lease, newest)).values(state=LeaseState.RELEASED.value)
            connection.execute(free)
            found = whole(connection, site, stage, station, seconds, since)
            aside.rollback()
        return found

    with (
        patch.object(leasing, "next_work", next_work),
        patch.object(
            leasing,
            "fair_share",
            lambda on, site, stage, who, since, for_s: next_work(on, site, stage, who, for_s, since),
        ),
        patch.object(GrantWork, "check", lambda *_: None),
    ):
        yield


@without("numbers are given out of a range of the station's own")
def _ranges() -> Iterator[None]:
    def in_use(site: SiteId, name: str, station: bytes, whole: Any = bench.in_use) -> Any:
        return whole(site, name, bytes(16))

    with patch.object(bench, "in_use", in_use):
        yield


# When the hub, or a file, goes back in time


@without("a hub that was set back grants nothing until its stations are heard")
def _recovery() -> Iterator[None]:
    with patch.object(leasing, "gives_nothing", lambda *_: False):
        yield


@without("operations that a restored hub lost are sent again")
def _sent_again() -> Iterator[None]:
    def read_log(*arguments: Any, whole: Any = files.read_log) -> Any:
        # Only what was never at the hub is sent: not what the hub says that it lacks either.
        return whole(*arguments[:4])

    unsettle = patch.object(rewind._Rewinding, "_unsettle", lambda *_: None)
    with unsettle, patch.object(files, "read_log", read_log):
        yield


@without("what a restored hub forgot is handed back")
def _handed_back() -> Iterator[None]:
    with patch.object(receiving, "remembered", lambda *_: iter(())):
        yield


@without("nothing is claimed until the file is sure to be the newest")
def _sure() -> Iterator[None]:
    def begin(connection: sa.Connection, *arguments: Any, whole: Any = running.begin) -> Any:
        said = whole(connection, *arguments)
        with connection.begin():
            standing.be_sure(connection)
        return said

    with patch.object(running, "begin", begin):
        yield


together(
    "an operation is taken once, by number or id", "an operation is taken once by its number",
    "an operation is taken once by its id",
)  # fmt: skip
together(
    "whole operations are taken", "pages end at receipts", "a page that ends within an operation is not taken"
)  # fmt: skip
together(
    "a gap in the feed stops, by number or hash", "a gap in the feed stops",
    "a row that does not follow on the hash of the one before is not taken",
)  # fmt: skip
together(
    "a station does only what it holds", "a station claims only what it holds", "a station offers only what it holds",
    "a walk that others hold is not gone on with", "a walk is gone on with where it is held",
)  # fmt: skip
together(
    "a claim needs its right, here and there", "a station does only what it holds",
    "the hub refuses a claim without its right",
)  # fmt: skip
together(
    "a label's number is the station's own", "numbers are given out of a range of the station's own",
    "a station claims only what it holds", "the hub refuses a claim without its right",
)  # fmt: skip

MASKED: dict[str, tuple[str, ...]] = {
    "an operation is taken once by its id": ("an operation is taken once, by number or id",),
    "a page that ends within an operation is not taken": ("whole operations are taken",),
    "a gap in the feed stops": ("a gap in the feed stops, by number or hash",),
    "a station claims only what it holds": ("a station does only what it holds",),
    "a station offers only what it holds": ("a station does only what it holds",),
    "a walk that others hold is not gone on with": ("a station does only what it holds",),
    "the hub refuses a claim without its right": ("a claim needs its right, here and there",),
}
"""Rules whose removal alone shows nothing, since another guards the same; with what they are removed together."""

__all__ = ["MASKED", "MUTANTS"]
