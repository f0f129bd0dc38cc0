"""Operations applied again at the hub: reads of all of them are one look, writes one statement a table, and the feed their trace.

A fact is never refused: where the hub's rows speak against it, it is applied with an exception and a case. A claim without
its right is refused. What the database or the program itself will not have, whatever it is, leaves a case and a receipt of
its own, and those behind it go on: no operation can stop a queue.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from core.cases.commands import open_case
from core.cases.model import CaseKind
from core.kernel import codec
from core.kernel.commands import REGISTRY, Command, OpClass, command_of
from core.kernel.feed import Feed, FeedHead, FeedKind, Written, content_text, feed_hash, key_text
from core.kernel.ids import SiteId, StationId, document_id
from core.kernel.operations import Operation, OperationOutcome, OperationState
from core.kernel.tables import Key, R, Row, TableClass
from core.kernel.uow import UnitOfWork
from core.rights.gate import without_right


@dataclass(slots=True)
class Applied:
    """What applying some operations came to."""

    head: FeedHead
    """How far the feed goes now."""
    log: list[Operation] = field(default_factory=list)
    """The operations as they stand in the log, with their outcome."""
    feed: list[Feed] = field(default_factory=list)
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
    try:
        with connection.begin_nested():
            return _write(connection, _applied(connection, operations, head))
    except Exception as e:
        if not _is_its_own(e):
            raise
        if len(operations) == 1:
            return _write(connection, _set_aside(connection, operations[0], head, e))
    done = Applied(head)
    for each in operations:
        one = apply_all(connection, [each], done.head)
        done.head = one.head
        done.log += one.log
        done.feed += one.feed
        done.reasons += one.reasons
    return done


def _is_its_own(error: Exception) -> bool:
    """Return whether an operation is at fault: not the connection, the disk or the memory."""
    if isinstance(error, sa.exc.DBAPIError):
        return isinstance(error, sa.exc.IntegrityError | sa.exc.DataError)
    return not isinstance(error, MemoryError | OSError)


def _applied(connection: sa.Connection, operations: Sequence[Operation], head: FeedHead) -> Applied:
    done = Applied(head)
    uow = UnitOfWork(connection, at_origin=False, watched=True)
    commands = [command_of(each) for each in operations]
    uow.fetch(_together(commands))
    for operation, command in zip(operations, commands, strict=True):
        refused = _one(uow, command, operation)
        outcome, told = uow.told
        written = uow.end(operation.id)
        if refused:
            outcome, told = OperationOutcome.REFUSED, {"refused": refused}
        _end(done, operation, written, outcome, codec.canonical(dict(told)), refused)
    uow.flush(varied=True)
    return done


def apply_as_done(connection: sa.Connection, operations: Sequence[Operation], head: FeedHead) -> Applied:
    """Apply operations that were done where nobody else decided: nothing of them is doubted, their outcome stays.

    Args:
        connection: an open transaction's, the site's turn in hand.
        operations: in order.
        head: how far the site's feed goes.
    """
    done = Applied(head)
    uow = UnitOfWork(connection, at_origin=False, watched=True)
    commands = [command_of(each) for each in operations]
    uow.fetch(_together(commands))
    for operation, command in zip(operations, commands, strict=True):
        command.apply(uow)
        _end(done, operation, uow.end(operation.id), operation.outcome, operation.result, "")
    uow.flush(varied=True)
    return _write(connection, done)


def _one(uow: UnitOfWork, command: Command, operation: Operation) -> str:
    """Apply one operation; return why it was refused, empty where it was not."""
    looking = _Looking(uow)
    refusal = command.check(looking)
    if refusal is None and operation.station != own_station(operation.site):
        refusal = without_right(uow, command, operation.station, operation.incarnation)
    if looking.blind:
        # What is a station's own (its spool, its flow) only the station could check.
        refusal = None
    if refusal is not None and command.CLASS is not OpClass.FACT:
        return str(refusal.reason)
    command.apply(uow)
    if refusal is not None:
        uow.except_()
        open_case(uow, command, CaseKind.CONTRADICTED, facts={"kind": command.KIND, "reason": str(refusal.reason)})
    return ""


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
    done = Applied(head)
    uow = UnitOfWork(connection, at_origin=False, watched=True)
    words = f"{type(error).__name__}: {error}"[:500]
    try:
        command = command_of(operation)
    except Exception:  # noqa: BLE001  its body is none of its kind's: there is no command to open the case by
        written = []
    else:
        open_case(uow, command, CaseKind.NOT_APPLIED, facts={"kind": operation.kind, "why": words})
        written = uow.end(operation.id)
        uow.flush(varied=True)
    _end(done, operation, written, OperationOutcome.FAILED, codec.canonical({"failed": words}), words)
    return done


def _end(
    done: Applied, operation: Operation, written: Iterable[Written], outcome: OperationOutcome, result: str, reason: str
) -> None:
    """Put what an operation did into the feed, and its receipt behind it."""
    receipt = {
        "station": operation.station.hex(), "incarnation": operation.incarnation, "seq": operation.seq,
        "kind": operation.kind, "at": operation.device_ms, "actor": operation.actor.hex(), "outcome": outcome.value,
        "reason": reason,
    }  # fmt: skip
    for each in written:
        gone = each.after is None
        content = "" if each.after is None else content_text(each.after)
        _tell(done, FeedKind.GONE if gone else FeedKind.ROW, each.info.name, key_text(each.key), content)
    _tell(done, FeedKind.RECEIPT, operation.id.hex(), "", codec.canonical(receipt))
    done.log.append(
        replace(operation, position=done.head.seq, state=OperationState.DURABLE, result=result, outcome=outcome)
    )
    done.reasons.append(reason)


def _tell(done: Applied, kind: FeedKind, entity: str, key: str, content: str) -> None:
    head = done.head
    row = Feed(head.site, head.seq + 1, head.epoch, kind, entity, key, content, b"")
    digest = feed_hash(head.hash, row)
    done.head = FeedHead(head.site, head.epoch, row.seq, digest)
    done.feed.append(Feed(head.site, row.seq, head.epoch, kind, entity, key, content, digest))


def _write(connection: sa.Connection, done: Applied) -> Applied:
    books = UnitOfWork(connection)
    books.insert(*done.log, *done.feed)
    books.save(done.head)
    books.flush(varied=True)
    return done


def own_station(site: SiteId) -> StationId:
    """Return the id under which the hub itself speaks in a site's log."""
    return StationId(document_id(0, "hub", str(site)))


def _together(commands: Iterable[Command]) -> dict[type[Row], list[Key]]:
    wanted: dict[type[Row], list[Key]] = {}
    for command in commands:
        for cls, keys in command.reads().items():
            wanted.setdefault(cls, []).extend(keys)
    return wanted
