"""What the hub does with pushed operations: each is applied again by name, once, and its rows and receipt become the feed.

One transaction a push, one push of a site at a time: the head of the site's feed is locked first. Reads of all its
operations are one look, writes are one statement a table. A fact is never refused: where the hub's rows speak against it,
it is applied with an exception and a case. A claim without its right is refused, and says so in its receipt. What this
program does not know yet is stored with everything behind it, and applied when it is known.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

import sqlalchemy as sa

from core.cases.commands import open_case
from core.cases.model import CaseKind
from core.kernel import codec
from core.kernel.commands import REGISTRY, Command, OpClass, body_of, command_of
from core.kernel.feed import Feed, FeedHead, FeedKind, Written, content_text, feed_hash, head_of, key_text
from core.kernel.ids import SiteId, StationId, document_id
from core.kernel.operations import GENESIS, Operation, OperationOutcome, OperationState, operation_hash
from core.kernel.tables import Key, Row, rows_of, sql_of
from core.kernel.uow import UnitOfWork
from core.rights.model import SiteStation, StationStart
from sync.protocol import UNKNOWN_STATION, Push, Pushed, SentReceipt, operation_of, private_of


class NotTaken(Exception):
    """A push is not taken at all; nothing was written."""

    def __init__(self, reason: str) -> None:
        """Say which of the protocol's reasons it is."""
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class _Batch:
    """What is written at the end of the transaction."""

    feed: list[Feed] = field(default_factory=list)
    log: list[Row] = field(default_factory=list)
    receipts: list[SentReceipt] = field(default_factory=list)


class Receiver:
    """Takes operations of one site's stations on a connection of its own."""

    def __init__(self, connection: sa.Connection, site: SiteId) -> None:
        """Use a connection to the central database."""
        self._connection = connection
        self._site = site

    def receive(self, push: Push, at: int) -> Pushed:
        """Apply what is new of a station's operations, in their order, in one transaction.

        Args:
            push: the operations in the order of their numbers, without gaps; the first ones may be known already.
            at: the hub's time, UTC milliseconds.

        Raises:
            NotTaken: the station is none of the site's, or the hub's epoch is another than the station has seen.
        """
        operations = [operation_of(each, push) for each in push.operations]
        with self._connection.begin():
            head = self._lock()
            self._admit(push)
            newest = self._note_start(push, at)
            through, digest = self._applied(push.station, push.incarnation)
            known = self._stored(push)
            forked = _fork(operations, known, through)
            new = [each for each in operations if each.seq > through]
            receipts = [_receipt(each) for each in known]
            self._keep_private(push)
            if not forked and new and new[0].seq == through + 1:
                fit = list(takewhile(_is_known, _chained(new, digest)))
                head, more = self._apply(fit, head)
                receipts += more
                if fit:
                    through, digest = fit[-1].seq, fit[-1].hash
        return Pushed(
            epoch=head.epoch, at=at, applied_through=through, applied_head=digest, newest_start=newest,
            receipts=tuple(receipts), forked=forked,
        )  # fmt: skip

    def run(self, command: Command, *, boot_ns: int) -> SentReceipt:
        """Apply a command of the hub's own: it is an operation like any other, of a station that is the hub itself.

        Args:
            command: what the hub or somebody at it decided.
            boot_ns: the hub's time since its machine was started.
        """
        mine = own_station(self._site)
        with self._connection.begin():
            head = self._lock()
            seq, digest = self._applied(mine, 1)
            blank = Operation(
                0, seq + 1, command.id, command.KIND, command.VERSION, body_of(command), self._site, command.actor,
                command.session, mine, 1, command.at, boot_ns, head.seq, 0, digest, GENESIS, OperationState.PENDING, "{}",
                OperationOutcome.APPLIED,
            )  # fmt: skip
            _, receipts = self._apply([replace(blank, hash=operation_hash(blank))], head)
        return receipts[0]

    # What is known

    def _lock(self) -> FeedHead:
        """Take the site's turn; until the transaction ends nobody else writes to it."""
        if self._connection.dialect.name != "sqlite":
            heads = sql_of(FeedHead)
            self._connection.execute(sa.select(heads.c.seq).where(heads.c.site == self._site).with_for_update())
        return head_of(self._connection, self._site)

    def _admit(self, push: Push) -> None:
        stations = sql_of(SiteStation)
        query = sa.select(stations.c.status).where(stations.c.site == self._site, stations.c.id == push.station)
        if self._connection.dialect.name != "sqlite":
            query = query.with_for_update()
        if self._connection.execute(query).scalar_one_or_none() is None:
            raise NotTaken(UNKNOWN_STATION)

    def _note_start(self, push: Push, at: int) -> bytes:
        """Keep the id of the station's start where it is new, and return the newest that was heard of."""
        starts = sql_of(StationStart)
        mine = sa.and_(starts.c.site == self._site, starts.c.station == push.station)
        query = sa.select(starts.c.number, starts.c.start).where(mine).order_by(starts.c.number.desc())
        found = [(int(row[0]), bytes(row[1])) for row in self._connection.execute(query)]
        if push.start in {start for _, start in found}:
            return found[0][1]
        number = found[0][0] + 1 if found else 1
        books = UnitOfWork(self._connection)
        books.insert(StationStart(self._site, push.station, number, push.start, at))
        books.flush(varied=True)
        return push.start

    def _applied(self, station: StationId, incarnation: int) -> tuple[int, bytes]:
        log = sql_of(Operation)
        mine = sa.and_(log.c.station == station, log.c.incarnation == incarnation)
        query = sa.select(log.c.seq, log.c.hash).where(mine).order_by(log.c.seq.desc()).limit(1)
        found = self._connection.execute(query).first()
        return (0, GENESIS) if found is None else (int(found[0]), bytes(found[1]))

    def _stored(self, push: Push) -> list[Operation]:
        """Return those of a push's operations that are known, with what became of them the first time."""
        log = sql_of(Operation)
        query = sa.select(log).where(
            log.c.station == push.station, log.c.incarnation == push.incarnation,
            log.c.seq.in_([each.seq for each in push.operations]),
        ).order_by(log.c.seq)  # fmt: skip
        return list(rows_of(Operation, self._connection.execute(query))) if push.operations else []

    def _keep_private(self, push: Push) -> None:
        """Keep the personal data that came with the operations: of this site alone."""
        rows = (private_of(each) for each in push.private)
        books = UnitOfWork(self._connection)
        books.save(*(row for row in rows if row is not None and row.TABLE.key_of(row)[0] == self._site))
        books.flush(varied=True)

    # Applying

    def _apply(self, operations: Sequence[Operation], head: FeedHead) -> tuple[FeedHead, list[SentReceipt]]:
        batch = _Batch()
        uow = UnitOfWork(self._connection, at_origin=False, watched=True)
        commands = [command_of(each) for each in operations]
        uow.fetch(_together(commands))
        for each, command in zip(operations, commands, strict=True):
            reason = self._one(uow, command)
            head = self._tell(each, uow, head, batch, reason)
        uow.flush(varied=True)
        books = UnitOfWork(self._connection)
        books.insert(*batch.log, *batch.feed)
        books.save(head)
        books.flush(varied=True)
        return head, batch.receipts

    def _one(self, uow: UnitOfWork, command: Command) -> str:
        """Apply one operation; return why it was refused, empty where it was not."""
        refusal = command.check(uow)
        if refusal is not None and command.CLASS is not OpClass.FACT:
            return str(refusal.reason)
        command.apply(uow)
        if refusal is not None:
            uow.except_()
            open_case(uow, command, CaseKind.CONTRADICTED, facts={"kind": command.KIND, "reason": str(refusal.reason)})
        return ""

    def _tell(self, operation: Operation, uow: UnitOfWork, head: FeedHead, batch: _Batch, refused: str) -> FeedHead:
        """Write what an operation did into the feed, and its receipt."""
        outcome, result = uow.told
        written = uow.end(operation.id)
        if refused:
            outcome, result = OperationOutcome.REFUSED, {"refused": refused}
        receipt = {
            "station": operation.station.hex(), "incarnation": operation.incarnation, "seq": operation.seq,
            "kind": operation.kind, "at": operation.device_ms, "actor": operation.actor.hex(), "outcome": outcome.value,
            "reason": refused,
        }  # fmt: skip
        for kind, entity, key, content in (
            *map(_words, written),
            (FeedKind.RECEIPT, operation.id.hex(), "", codec.canonical(receipt)),
        ):
            row = Feed(self._site, head.seq + 1, head.epoch, kind, entity, key, content, b"")
            row = replace(row, hash=feed_hash(head.hash, row))
            head = FeedHead(self._site, head.epoch, row.seq, row.hash)
            batch.feed.append(row)
        batch.log.append(
            replace(
                operation,
                position=head.seq,
                state=OperationState.DURABLE,
                result=codec.canonical(dict(result)),
                outcome=outcome,
            )
        )
        batch.receipts.append(SentReceipt(operation.seq, operation.id, outcome, refused))
        return head


def own_station(site: SiteId) -> StationId:
    """Return the id under which the hub itself speaks in a site's log."""
    return StationId(document_id(0, "hub", str(site)))


def _fork(operations: Iterable[Operation], known: Iterable[Operation], through: int) -> int:
    """Return the first number under which another operation is known than the one that came; 0 for none."""
    hashes = {each.seq: each.hash for each in known}
    return next((each.seq for each in operations if each.seq <= through and hashes.get(each.seq) != each.hash), 0)


def _receipt(known: Operation) -> SentReceipt:
    """Return an operation's receipt as it was the first time."""
    return SentReceipt(known.seq, known.id, known.outcome, str(codec.parse(known.result).get("refused", "")))


def _words(each: Written) -> tuple[FeedKind, str, str, str]:
    gone = each.after is None
    return FeedKind.GONE if gone else FeedKind.ROW, each.info.name, key_text(each.key), _content(each.after)


def _content(row: Row | None) -> str:
    return "" if row is None else content_text(row)


def _is_known(operation: Operation) -> bool:
    cls = REGISTRY.get(operation.kind)
    return cls is not None and operation.version <= cls.VERSION


def _together(commands: Iterable[Command]) -> dict[type[Row], list[Key]]:
    wanted: dict[type[Row], list[Key]] = {}
    for command in commands:
        for cls, keys in command.reads().items():
            wanted.setdefault(cls, []).extend(keys)
    return wanted


def _chained(operations: Iterable[Operation], head: bytes) -> Iterator[Operation]:
    """Yield operations as long as each follows from the one before."""
    for each in operations:
        if each.prev_hash != head or operation_hash(each) != each.hash:
            return
        head = each.hash
        yield each
