"""Operations applied again at the hub: reads of all of them are one look, writes one statement a table, and the feed their trace.

A fact is never refused: where the hub's rows speak against it, it is applied with an exception and a case. A claim without
its right is refused. What the database or the program itself will not have, whatever it is, leaves a case and a receipt of
its own, and those behind it go on: no operation can stop a queue.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

import sqlalchemy as sa

from core.cases.commands import open_case
from core.cases.model import CaseKind
from core.kernel import codec
from core.kernel.commands import REGISTRY, Command, OpClass, body_of, command_of
from core.kernel.feed import Feed, FeedHead, FeedKind, Written, content_text, key_text_of, link
from core.kernel.ids import SiteId, StationId, document_id
from core.kernel.numbers import NumberRange, take
from core.kernel.operations import Operation, OperationOutcome, OperationState
from core.kernel.statements import IfThere, insert_rows, mark_of
from core.kernel.tables import Key, R, Row, TableClass, Values
from core.kernel.together import ahead, savepoint, send
from core.kernel.uow import UnitOfWork
from core.rights.doors import Outside, at_the_door, door_reads
from core.rights.gate import given_since, right_reads, without_right

T = TypeVar("T")

_TOLD = 8_000
"""Characters of each version that a case keeps of an edit: all of it, but for a batch of an import."""


@dataclass(slots=True)
class Applied:
    """What applying some operations came to."""

    head: FeedHead
    """How far the feed goes now."""
    log: list[Operation] = field(default_factory=list)
    """The operations as they stand in the log, with their outcome."""
    feed: list[Values] = field(default_factory=list)
    """Rows of the feed by their values, as the database takes them."""
    reasons: list[str] = field(default_factory=list)
    """Why each was refused or could not be applied; empty where it was applied."""


def is_known(operation: Operation) -> bool:
    """Return whether this program can apply an operation of that kind and version."""
    cls = REGISTRY.get(operation.kind)
    return cls is not None and operation.version <= cls.VERSION


def apply_all(connection: sa.Connection, operations: Sequence[Operation], head: FeedHead) -> Applied:
    """Apply operations one after another inside the caller's transaction, and write log and feed.

    Args:
        connection: an open transaction's, the site's turn in hand.
        operations: known kinds, in order.
        head: how far the site's feed goes.
    """
    whole = tried(connection, lambda: _applied(connection, operations, head))
    if isinstance(whole, Applied):
        return whole
    if len(operations) == 1:
        return _set_aside(connection, operations[0], head, whole)
    done = Applied(head)
    for each in operations:
        one = apply_all(connection, [each], done.head)
        done.head = one.head
        done.log += one.log
        done.feed += one.feed
        done.reasons += one.reasons
    return done


def tried(connection: sa.Connection, act: Callable[[], T]) -> T | Exception:
    """Return what an act comes to, or the error where an operation is at fault: nothing that it wrote stands then."""
    try:
        with savepoint(connection):
            return act()
    except Exception as e:
        if not _is_its_own(e):
            raise
        return e


def _is_its_own(error: Exception) -> bool:
    """Return whether an operation is at fault: not the connection, the disk or the memory."""
    if isinstance(error, sa.exc.DBAPIError):
        return isinstance(error, sa.exc.IntegrityError | sa.exc.DataError)
    return not isinstance(error, MemoryError | OSError)


def _applied(connection: sa.Connection, operations: Sequence[Operation], head: FeedHead) -> Applied:
    uow = UnitOfWork(connection, at_origin=False, watched=True)
    commands = [command_of(each) for each in operations]
    _look_up(uow, commands, {each.station for each in operations})
    ends: list[_End] = []
    for operation, command in zip(operations, commands, strict=True):
        refused = _one(uow, command, operation)
        if refused:
            _take_numbers(uow, command, operation)
        outcome, told = uow.told
        written = uow.end(operation.id)
        if refused:
            outcome, told = OperationOutcome.REFUSED, {"refused": refused}
        ends.append((operation, written, outcome, codec.canonical(dict(told)), refused))
    return _ended(connection, uow, head, ends)


def apply_as_done(connection: sa.Connection, operations: Sequence[Operation], head: FeedHead) -> Applied:
    """Apply operations that were done where nobody else decided: nothing of them is doubted, their outcome stays.

    Args:
        connection: an open transaction's, the site's turn in hand.
        operations: in order.
        head: how far the site's feed goes.
    """
    uow = UnitOfWork(connection, at_origin=False, watched=True)
    commands = [command_of(each) for each in operations]
    _look_up(uow, commands)
    ends: list[_End] = []
    for operation, command in zip(operations, commands, strict=True):
        command.apply(uow)
        ends.append((operation, uow.end(operation.id), operation.outcome, operation.result, ""))
    return _ended(connection, uow, head, ends)


_End = tuple[Operation, list[Written], OperationOutcome, str, str]
"""An operation, what it did, how it went, what it told, and why it was refused."""


def _ended(connection: sa.Connection, uow: UnitOfWork, head: FeedHead, ends: Iterable[_End]) -> Applied:
    """Write what operations did; while the database writes rows, the feed that tells of them is put together."""
    done = Applied(head)
    with ahead(connection):
        uow.flush(varied=True)
        for each in ends:
            _end(done, *each)
        return _write(connection, done)


def _one(uow: UnitOfWork, command: Command, operation: Operation) -> str:
    """Apply one operation; return why it was refused, empty where it was not."""
    own = operation.station == own_station(operation.site)
    outside = None if own else at_the_door(uow, command, operation.station)
    if outside is not None and not outside.happened:
        _tell(uow, command, outside)
        return str(outside.reason)
    looking = _Looking(uow)
    refusal = command.check(looking)
    if refusal is None and not own:
        refusal = given_since(uow, command, operation.fence) or without_right(
            uow, command, operation.station, operation.incarnation
        )
    if looking.blind:
        # What is a station's own (its spool, its flow) only the station could check.
        refusal = None
    if refusal is not None and command.CLASS is not OpClass.FACT:
        if command.CLASS is OpClass.EDIT and not own:
            # The hub's own are answered where they are asked for; a station has gone on as if its own stood.
            open_case(uow, command, CaseKind.EDIT_LOST, facts=_both_versions(uow, command, str(refusal.reason)))
        return str(refusal.reason)
    command.apply(uow)
    if outside is not None:
        uow.except_()
        _tell(uow, command, outside)
    if refusal is not None:
        uow.except_()
        open_case(uow, command, CaseKind.CONTRADICTED, facts={"kind": command.KIND, "reason": str(refusal.reason)})
    return ""


def _take_numbers(uow: UnitOfWork, command: Command, operation: Operation) -> None:
    """Count the numbers of an operation that comes to nothing as given out: they are on labels and lists already.

    Its station takes back what it did here, the numbers with it, and would give them out again.
    """
    for name, number in command.numbers():
        lent = uow.get(NumberRange, (operation.site, name, number.range))
        if lent is not None and lent.station == operation.station:
            take(uow, operation.site, name, number)


def _tell(uow: UnitOfWork, command: Command, outside: Outside) -> None:
    """Open a case for what came in by the wrong door; of an edit it says what was wanted and what stands instead."""
    reason = str(outside.reason)
    facts = _both_versions(uow, command, reason) if command.CLASS is OpClass.EDIT else {"kind": command.KIND}
    open_case(uow, command, outside.case, facts={**facts, "reason": reason, "needed": outside.needed})


def _both_versions(uow: UnitOfWork, command: Command, reason: str) -> dict[str, str | int]:
    """Return what an edit that lost wanted, and what stands instead; neither has personal data, which no edit's body has."""
    rows = (uow.get(cls, key) for cls, keys in command.reads().items() for key in keys)
    stands = [f"{row.TABLE.name} {content_text(row)}" for row in rows if row is not None]
    wanted, here = body_of(command)[:_TOLD], "\n".join(stands)[:_TOLD]
    return {"kind": command.KIND, "reason": reason, "wanted": wanted, "stands": here}


class _Looking:
    """What a check may look at here, and whether it asked for rows that are a station's own."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self.blind = False

    def get(self, cls: type[R], key: Key) -> R | None:
        """Return the row of a key, or None."""
        self.blind |= cls.TABLE.kind is TableClass.LOCAL
        return self._uow.get(cls, key)

    def find(self, cls: type[R], name: str, values: Iterable[Key]) -> dict[Key, R]:
        """Return rows by a uniqueness, or by its first columns."""
        return self._uow.find(cls, name, values)


def _set_aside(connection: sa.Connection, operation: Operation, head: FeedHead, error: Exception) -> Applied:
    """Open a case for an operation that cannot be applied at all, and let the queue go on."""
    uow = UnitOfWork(connection, at_origin=False, watched=True)
    words = f"{type(error).__name__}: {error}"[:500]
    try:
        command = command_of(operation)
    except Exception:  # noqa: BLE001  its body is none of its kind's: there is no command to open the case by
        written: list[Written] = []
    else:
        open_case(uow, command, CaseKind.NOT_APPLIED, facts={"kind": operation.kind, "why": words})
        _take_numbers(uow, command, operation)
        written = uow.end(operation.id)
    failed = (operation, written, OperationOutcome.FAILED, codec.canonical({"failed": words}), words)
    return _ended(connection, uow, head, [failed])


def _end(
    done: Applied, operation: Operation, written: Iterable[Written], outcome: OperationOutcome, result: str, reason: str
) -> None:
    """Put what an operation did into the feed, and its receipt behind it."""
    receipt = {
        "station": operation.station.hex(), "incarnation": operation.incarnation, "seq": operation.seq,
        "kind": operation.kind, "at": operation.device_ms, "actor": operation.actor.hex(), "outcome": outcome.value,
        "reason": reason,
    }  # fmt: skip
    site, epoch, seq, digest = done.head.site, done.head.epoch, done.head.seq, done.head.hash
    for info, key, _, after in written:
        seq += 1
        kind, content = (FeedKind.GONE, "") if after is None else (FeedKind.ROW, content_text(after))
        text = key_text_of(info, key)
        digest = link(digest, site, seq, epoch, kind, info.name, text, content)
        done.feed.append((site, seq, epoch, kind._value_, info.name, text, content, digest))
    seq, entity, content = seq + 1, operation.id.hex(), codec.canonical(receipt)
    digest = link(digest, site, seq, epoch, FeedKind.RECEIPT, entity, "", content)
    done.feed.append((site, seq, epoch, FeedKind.RECEIPT._value_, entity, "", content, digest))
    done.head = FeedHead(site, epoch, seq, digest)
    now = {"position": seq, "state": OperationState.DURABLE, "result": result, "outcome": outcome}
    done.log.append(Operation.TABLE.changed(operation, now))
    done.reasons.append(reason)


def _write(connection: sa.Connection, done: Applied) -> Applied:
    if done.log:
        mark, log = mark_of(connection), list(map(Operation.TABLE.values, done.log))
        books = [insert_rows(Operation.TABLE, log, mark), insert_rows(Feed.TABLE, done.feed, mark)]
        head = insert_rows(FeedHead.TABLE, [FeedHead.TABLE.values(done.head)], mark, IfThere.GIVES_WAY)
        send(connection, [*books, head], together=False)
    return done


@cache
def own_station(site: SiteId) -> StationId:
    """Return the id under which the hub itself speaks in a site's log."""
    return StationId(document_id(0, "hub", str(site)))


def _look_up(uow: UnitOfWork, commands: Sequence[Command], stations: Collection[StationId] = ()) -> None:
    """Bring what all these commands will look at; those of stations also what is asked at the door."""
    wanted: dict[type[Row], list[Key]] = {}
    found: dict[tuple[type[Row], str], list[Key]] = {}
    for command in commands:
        doors = (door_reads(command, each) for each in stations)
        for reads in (command.reads(), right_reads(command), *doors):
            for cls, keys in reads.items():
                wanted.setdefault(cls, []).extend(keys)
        for by, values in command.finds().items():
            found.setdefault(by, []).extend(values)
    uow.fetch(wanted, finds=found)
