"""What the hub does with pushed operations: each is taken once, in the order of its station, and has a receipt for ever.

One transaction a push, one push of a site at a time: the head of the site's feed is locked first. What was taken before
gives the receipt of the first time; what this program does not know yet is kept with everything behind it, acknowledged,
and applied once it is known; what another incarnation of the same file sent already is a duplicate.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

import sqlalchemy as sa

from core.kernel import codec
from core.kernel.commands import Command, body_of
from core.kernel.feed import Feed, FeedHead, head_of
from core.kernel.ids import NO_ID, NO_SESSION, SYSTEM, CommandId, SiteId, StationId, derive
from core.kernel.operations import GENESIS, Operation, OperationOutcome, OperationState, operation_hash
from core.kernel.tables import Row, rows_of, sql_of
from core.kernel.uow import UnitOfWork
from core.rights.model import OperationReceipt, SiteStation, StationHeard, StationStart, StationStatus
from core.rights.recovering import recovering
from core.rights.renewing import FreezeStation
from sync.hub.applying import apply_all, is_known, own_station
from sync.hub.remembering import remembered
from sync.protocol import (
    UNKNOWN_STATION,
    Push,
    Pushed,
    SentOperation,
    SentReceipt,
    operation_of,
    private_of,
    sent_operation,
)

_SET_ASIDE = (StationStatus.FROZEN, StationStatus.REVOKED)
"""Stations whose operations are kept and acknowledged, and change nothing."""


class NotTaken(Exception):
    """A push is not taken at all; nothing was written."""

    def __init__(self, reason: str) -> None:
        """Say which of the protocol's reasons it is."""
        super().__init__(reason)
        self.reason = reason


class KnowsMore(Exception):
    """A station knows rows or an epoch that this hub does not: the hub was set back; nothing was written."""

    def __init__(self, epoch: int) -> None:
        """Say the newest epoch that it knows."""
        super().__init__(epoch)
        self.epoch = epoch


class Receiver:
    """Takes operations of one site's stations on a connection of its own."""

    def __init__(self, connection: sa.Connection, site: SiteId) -> None:
        """Use a connection to the central database."""
        self._connection = connection
        self._site = site

    def receive(self, push: Push, at: int) -> Pushed:
        """Take what is new of a station's operations, in their order, in one transaction.

        Args:
            push: the operations in the order of their numbers, without gaps; the first ones may be known already.
            at: the hub's time, UTC milliseconds.

        Raises:
            NotTaken: the station is none of the site's.
            KnowsMore: it knows of the feed what this hub does not.
        """
        operations = [operation_of(each, push) for each in push.operations]
        with self._connection.begin():
            head = self.lock()
            station = self._admit(push.station)
            if not self._shares(push, head):
                raise KnowsMore(push.epoch)
            newest = self._note_start(push, at)
            last = self._last(push.station, push.incarnation)
            if push.epoch < head.epoch:
                # It does not know yet that the hub was set back: only what it says afterwards counts.
                return Pushed(
                    epoch=head.epoch, at=at, applied_through=last.seq, applied_head=last.hash, newest_start=newest,
                    receipts=(), incarnation=max(station.incarnation, push.incarnation),
                )  # fmt: skip
            self._keep_private(push)
            for each in remembered(self._connection, push, head):
                self._decided([each], 0, at)
            head = head_of(self._connection, self._site)
            known = self._receipts(push)
            forked = _fork(operations, known)
            new = [each for each in operations if each.seq > last.seq]
            receipts = [_sent(each) for each in known]
            if not forked and new and new[0].seq == last.seq + 1:
                fit = list(_chained(new, last.hash))
                behind = last.outcome is OperationOutcome.PARKED or station.status in _SET_ASIDE
                made = self._take(fit, head, at, behind=behind)
                receipts += map(_sent, made)
                last = made[-1] if made else last
            elif forked and station.status is StationStatus.ACTIVE:
                self._decided([self._freeze(push, forked, at)], 0, at)
            self._note_heard(push, last.seq, at)
            still = self._is_recovering(head.epoch)
        return Pushed(
            epoch=head.epoch, at=at, applied_through=last.seq, applied_head=last.hash, newest_start=newest,
            receipts=tuple(receipts), forked=forked, recovering=int(still),
            incarnation=max(station.incarnation, push.incarnation),
        )  # fmt: skip

    def decide(
        self, decision: Callable[[sa.Connection], Command | None], *, boot_ns: int
    ) -> tuple[Command, SentReceipt] | None:
        """Apply a command of the hub's own, decided with the site's turn in hand; see `decide_all`.

        Args:
            decision: makes it; None for nothing to do.
            boot_ns: the hub's time since its machine was started.
        """

        def one(connection: sa.Connection) -> tuple[Command, ...]:
            command = decision(connection)
            return () if command is None else (command,)

        made = self.decide_all(one, boot_ns=boot_ns)
        return made[0] if made else None

    def decide_all(
        self, decision: Callable[[sa.Connection], Iterable[Command]], *, boot_ns: int
    ) -> list[tuple[Command, SentReceipt]]:
        """Apply commands of the hub's own: operations like any other, of a station that is the hub itself.

        Args:
            decision: makes them, with the site's turn in hand, so that nothing comes between looking and doing.
            boot_ns: the hub's time since its machine was started.
        """
        with self._connection.begin():
            self.lock()
            return self._decided(tuple(decision(self._connection)), boot_ns)

    def _decided(self, commands: Sequence[Command], boot_ns: int, at: int = 0) -> list[tuple[Command, SentReceipt]]:
        """Apply commands of the hub's own, with the site's turn in hand."""
        if not commands:
            return []
        mine = own_station(self._site)
        head, last = head_of(self._connection, self._site), self._last(mine, 1)
        operations: list[Operation] = []
        seq, prev = last.seq, last.hash
        for command in commands:
            blank = Operation(
                0, seq + 1, command.id, command.KIND, command.VERSION, body_of(command), self._site, command.actor,
                command.session, mine, 1, command.at, boot_ns, head.seq, 0, prev, GENESIS, OperationState.PENDING,
                "{}", OperationOutcome.APPLIED,
            )  # fmt: skip
            operations.append(replace(blank, hash=operation_hash(blank)))
            seq, prev = seq + 1, operations[-1].hash
        made = self._take(operations, head, at or commands[0].at)
        return [(command, _sent(receipt)) for command, receipt in zip(commands, made, strict=True)]

    def unpark(self, at: int) -> int:
        """Apply parked operations that this program knows now, each station's in their order; return how many.

        Args:
            at: the hub's time, UTC milliseconds.
        """
        done = 0
        with self._connection.begin():
            self.lock()
            table = sql_of(OperationReceipt)
            query = sa.select(table).where(
                table.c.site == self._site, table.c.outcome == OperationOutcome.PARKED.value
            ).order_by(table.c.station, table.c.incarnation, table.c.seq)  # fmt: skip
            stuck: set[tuple[StationId, int]] = set()
            out = {each.id for each in self._stations() if each.status in _SET_ASIDE}
            for row in rows_of(OperationReceipt, self._connection.execute(query)):
                operation = _unparked(row)
                if row.station in out or (row.station, row.incarnation) in stuck or not is_known(operation):
                    stuck.add((row.station, row.incarnation))
                    continue
                self._take([operation], head_of(self._connection, self._site), at)
                done += 1
        return done

    # What is known

    def _is_recovering(self, epoch: int) -> bool:
        return recovering(UnitOfWork(self._connection), self._site, epoch)

    def lock(self) -> FeedHead:
        """Take the site's turn; until the transaction ends nobody else writes to it."""
        if self._connection.dialect.name != "sqlite":
            heads = sql_of(FeedHead)
            begin = {"site": self._site, "epoch": 1, "seq": 0, "hash": GENESIS}
            there = sa.select(heads.c.seq).where(heads.c.site == self._site).with_for_update()
            if self._connection.execute(there).first() is None:
                from sqlalchemy.dialects.postgresql import insert

                self._connection.execute(insert(heads).values(begin).on_conflict_do_nothing())
                self._connection.execute(there)
        return head_of(self._connection, self._site)

    def _admit(self, station: StationId) -> SiteStation:
        stations = sql_of(SiteStation)
        query = sa.select(stations).where(stations.c.site == self._site, stations.c.id == station)
        found = rows_of(SiteStation, self._connection.execute(query.with_for_update()))
        if not found:
            raise NotTaken(UNKNOWN_STATION)
        return found[0]

    def _stations(self) -> tuple[SiteStation, ...]:
        stations = sql_of(SiteStation)
        return rows_of(SiteStation, self._connection.execute(sa.select(stations).where(stations.c.site == self._site)))

    def _freeze(self, push: Push, number: int, at: int) -> FreezeStation:
        """Return what stops a station of which two files speak: its id follows from the operation that both have."""
        cause = next(each.id for each in push.operations if each.seq == number)
        return FreezeStation(
            id=CommandId(derive(cause, "fork", push.incarnation)), site=self._site, at=at, actor=SYSTEM, session=NO_SESSION,
            station=push.station, number=number,
        )  # fmt: skip

    def _shares(self, push: Push, head: FeedHead) -> bool:
        """Return whether what the station took of the feed is what is here."""
        if push.epoch < head.epoch or not push.cursor:
            return True
        feed = sql_of(Feed)
        query = sa.select(feed.c.hash).where(feed.c.site == self._site, feed.c.seq == push.cursor)
        found = self._connection.execute(query).scalar_one_or_none()
        return push.epoch == head.epoch and found is not None and bytes(found) == push.cursor_hash

    def _note_heard(self, push: Push, applied: int, at: int) -> None:
        """Keep how far the station is; a push that was late says nothing new."""
        heard = sql_of(StationHeard)
        mine = sa.and_(heard.c.site == self._site, heard.c.station == push.station)
        before = rows_of(StationHeard, self._connection.execute(sa.select(heard).where(mine)))
        now = StationHeard(
            self._site, push.station, push.incarnation, push.epoch, push.cursor, push.log_length, applied,
            push.aside_left, at,
        )  # fmt: skip
        if not before or _order(before[0]) <= _order(now):
            self._keep(now)

    def _note_start(self, push: Push, at: int) -> bytes:
        """Keep the id of the station's start where it is new, and return the newest that was heard of."""
        starts = sql_of(StationStart)
        mine = sa.and_(starts.c.site == self._site, starts.c.station == push.station)
        found = rows_of(StationStart, self._connection.execute(sa.select(starts).where(mine)))
        if push.start not in {each.start for each in found}:
            number = max((each.number for each in found), default=0) + 1
            new = StationStart(self._site, push.station, number, push.start, at, push.incarnation)
            self._keep(new)
            found = (*found, new)
        return max(found, key=lambda each: (each.incarnation, each.number)).start

    def _last(self, station: StationId, incarnation: int) -> OperationReceipt:
        """Return the receipt of the last operation that was taken of a station's file; one before the first for none."""
        table = sql_of(OperationReceipt)
        mine = sa.and_(
            table.c.site == self._site, table.c.station == station, table.c.incarnation == incarnation
        )  # fmt: skip
        query = sa.select(table).where(mine).order_by(table.c.seq.desc()).limit(1)
        found = rows_of(OperationReceipt, self._connection.execute(query))
        none = OperationReceipt(
            self._site, station, incarnation, 0, CommandId(NO_ID), GENESIS, OperationOutcome.APPLIED, "", "", 0
        )  # fmt: skip
        return found[0] if found else none

    def _receipts(self, push: Push) -> tuple[OperationReceipt, ...]:
        """Return the receipts of those of a push's operations that were taken before."""
        if not push.operations:
            return ()
        table = sql_of(OperationReceipt)
        query = sa.select(table).where(
            table.c.site == self._site, table.c.station == push.station, table.c.incarnation == push.incarnation,
            table.c.seq.in_([each.seq for each in push.operations]),
        ).order_by(table.c.seq)  # fmt: skip
        return rows_of(OperationReceipt, self._connection.execute(query))

    def _elsewhere(self, operations: Sequence[Operation]) -> set[bytes]:
        """Return the ids of operations that are in the log already, under another incarnation's number."""
        log = sql_of(Operation)
        ids = [each.id for each in operations]
        query = sa.select(log.c.id).where(log.c.site == self._site, log.c.id.in_(ids))
        return {bytes(row[0]) for row in self._connection.execute(query)}

    # What is kept

    def _take(
        self, operations: Sequence[Operation], head: FeedHead, at: int, *, behind: bool = False
    ) -> list[OperationReceipt]:
        """Apply, park or pass over operations, and keep their receipts.

        Args:
            operations: chained, in order, none of them taken before.
            head: how far the feed goes.
            at: the hub's time.
            behind: whether an operation before them is parked.
        """
        there = self._elsewhere(operations)
        fit = [] if behind else list(takewhile(is_known, operations))
        done = apply_all(self._connection, [each for each in fit if each.id not in there], head)
        outcomes = {
            each.id: (each.outcome, reason) for each, reason in zip(done.log, done.reasons, strict=True)
        }  # fmt: skip
        made = []
        for number, each in enumerate(operations):
            outcome, reason, parked = OperationOutcome.PARKED, "", ""
            if number >= len(fit):
                parked = codec.to_text(sent_operation(each))
            elif each.id in outcomes:
                outcome, reason = outcomes[each.id]
            else:
                # Its first copy may be known by what it left behind alone: this one says what it was.
                outcome, parked = OperationOutcome.DUPLICATE, codec.to_text(sent_operation(each))
            made.append(
                OperationReceipt(
                    each.site, each.station, each.incarnation, each.seq, each.id, each.hash, outcome, reason, parked, at
                )
            )
        self._keep(*made)
        return made

    def _keep_private(self, push: Push) -> None:
        """Keep the personal data that came with the operations: of this site alone."""
        rows = (private_of(each) for each in push.private)
        self._keep(*(row for row in rows if row is not None and row.TABLE.key_of(row)[0] == self._site))

    def _keep(self, *rows: Row) -> None:
        books = UnitOfWork(self._connection)
        books.save(*rows)
        books.flush(varied=True)


def any_parked(connection: sa.Connection, site: SiteId) -> bool:
    """Return whether operations of a site wait for a program that knows them."""
    table = sql_of(OperationReceipt)
    query = sa.select(table.c.seq).where(
        table.c.site == site, table.c.outcome == OperationOutcome.PARKED.value
    ).limit(1)  # fmt: skip
    return connection.execute(query).first() is not None


def _order(heard: StationHeard) -> tuple[int, int, int, int, int]:
    """Return what grows from one push of a station to the next."""
    return heard.epoch, heard.incarnation, heard.length, heard.cursor, -heard.aside


def _fork(operations: Iterable[Operation], known: Iterable[OperationReceipt]) -> int:
    """Return the first number under which another operation is known than the one that came; 0 for none."""
    hashes = {each.seq: each.hash for each in known}
    return next((each.seq for each in operations if hashes.get(each.seq, each.hash) != each.hash), 0)


def _sent(row: OperationReceipt) -> SentReceipt:
    return SentReceipt(row.seq, row.operation, row.outcome, row.reason)


def _unparked(row: OperationReceipt) -> Operation:
    sent = codec.from_text(SentOperation, row.parked)
    push = Push(
        epoch=0, site=row.site, station=row.station, incarnation=row.incarnation, start=b"", log_length=0, log_head=b"",
        operations=(),
    )  # fmt: skip
    return operation_of(sent, push)


def _chained(operations: Iterable[Operation], head: bytes) -> Iterator[Operation]:
    """Yield operations as long as each follows from the one before."""
    for each in operations:
        if each.prev_hash != head or operation_hash(each) != each.hash:
            return
        head = each.hash
        yield each
