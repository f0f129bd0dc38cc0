"""What the hub does with pushed operations: each is taken once, in the order of its station, and has a receipt for ever.

One transaction a push, one push of a site at a time: the head of the site's feed is locked first. What was taken before
gives the receipt of the first time; what this program does not know yet is kept with everything behind it, acknowledged,
and applied once it is known; what another incarnation of the same file sent already is a duplicate.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Any, cast

import sqlalchemy as sa

from core.amending.finality import cancels_asked
from core.kernel import codec
from core.kernel.commands import Command, Finds, Reads, body_of
from core.kernel.feed import Feed, FeedHead, head_of
from core.kernel.ids import NO_ID, NO_SESSION, SYSTEM, CommandId, OrderId, SiteId, StationId, derive
from core.kernel.operations import GENESIS, Operation, OperationOutcome, OperationState, operation_hash
from core.kernel.statements import SQLITE_MARK, IfThere, insert_rows, mark_of, select_rows
from core.kernel.tables import Key, Row, rows_of, sql_of
from core.kernel.together import Question, ask, send
from core.kernel.uow import UnitOfWork
from core.rights.model import Epoch, OperationReceipt, SiteStation, StationHeard, StationStart, StationStatus
from core.rights.recovering import recovering
from core.rights.renewing import FreezeStation
from sync.hub.applying import apply_all, is_known, own_station
from sync.hub.planned_again import planned_again, remembered_again
from sync.hub.remembering import followed, remembered
from sync.protocol import (
    UNKNOWN_STATION,
    Push,
    Pushed,
    SentOperation,
    SentPrivate,
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


def goes_on_under(station: SiteStation, push: Push) -> int:
    """Return the incarnation that a file is told: one above its own has it ask for a new one.

    Who was given up and speaks all the same asks, also where the hub has forgotten that it did: the number by which it was
    given up is then no higher than the one that it got.
    """
    asks = station.status is StationStatus.LOST
    return max(station.incarnation, push.incarnation + 1 if asks else push.incarnation)


class Receiver:
    """Takes operations of one site's stations on a connection of its own."""

    def __init__(self, connection: sa.Connection, site: SiteId) -> None:
        """Use a connection to the central database."""
        self._connection = connection
        self._site = site
        self.cancels: tuple[OrderId, ...] = ()
        """Orders whose cancel was not final when the last push was taken."""

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
            head, (newest,) = self._locked(self._last_of(push.station, push.incarnation))
            last = self._newest(push.station, push.incarnation, newest)
            books = UnitOfWork(self._connection)
            books.fetch(_push_reads(push, head, last.seq), finds=_push_finds(push))
            station = books.get(SiteStation, (self._site, push.station))
            if station is None:
                raise NotTaken(UNKNOWN_STATION)
            out = station.status is StationStatus.REVOKED
            if not out and not self._shares(books, push, head):
                raise KnowsMore(push.epoch)
            start, has_asked = self._note_start(books, push, at)
            # Both of two files were stopped: a program that was started since asks who goes on, as each start does once.
            stopped = station.status is StationStatus.FROZEN and not has_asked
            incarnation = goes_on_under(station, push)
            if push.epoch < head.epoch:
                # It does not know yet that the hub was set back: only what it says afterwards counts.
                books.flush(varied=True)
                return Pushed(
                    epoch=head.epoch, at=at, applied_through=last.seq, applied_head=last.hash, newest_start=start,
                    receipts=(), incarnation=incarnation,
                )  # fmt: skip
            self._keep_private(push, known_stays=out)
            log = books
            if not out and self._remember(push, head, at):
                head, log = head_of(self._connection, self._site), UnitOfWork(self._connection)
            known = self._receipts(books, push, last.seq)
            forked = _fork(operations, known)
            new = [each for each in operations if each.seq > last.seq]
            receipts = [_sent(each) for each in known]
            if not forked and new and new[0].seq == last.seq + 1:
                fit = list(_chained(new, last.hash))
                behind = last.outcome is OperationOutcome.PARKED or station.status in _SET_ASIDE
                made = self._take(fit, head, at, log, behind=behind)
                books.save(*made)
                self._plan_again(fit, made, at)
                receipts += map(_sent, made)
                last = made[-1] if made else last
            elif forked and station.status is StationStatus.ACTIVE:
                self._decided([self._freeze(push, forked, at)], 0, at)
            self._note_heard(books, push, last.seq, at)
            books.flush(varied=True)
            still = self._is_recovering(books, head.epoch)
            self.cancels = cancels_asked(self._connection, self._site)
            twice = [each.operation for each in receipts if each.outcome is OperationOutcome.DUPLICATE]
            there = followed(self._connection, push, twice)
        return Pushed(
            epoch=head.epoch, at=at, applied_through=last.seq, applied_head=last.hash, newest_start=start,
            receipts=tuple(receipts), forked=forked or int(stopped), recovering=int(still), incarnation=incarnation,
            followed=there,
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
        made = self._take(operations, head, at or commands[0].at, UnitOfWork(self._connection))
        self._keep(*made)
        return [(command, _sent(receipt)) for command, receipt in zip(commands, made, strict=True)]

    def _remember(self, push: Push, head: FeedHead, at: int) -> bool:
        """Take what a station hands back, then look at what that goes against; return whether there was anything."""
        taken = []
        for each in remembered(self._connection, push, head):
            self._decided([each], 0, at)
            taken.append(each)
        for each in taken:
            for anew in remembered_again(self._connection, each):
                self._decided([anew], 0, at)
        return bool(taken)

    def _plan_again(self, operations: Sequence[Operation], made: Sequence[OperationReceipt], at: int) -> None:
        """Do what follows from operations as they came out."""
        for each, receipt in zip(operations, made, strict=True):
            for anew in planned_again(self._connection, each, receipt):
                self._decided([anew], 0, at)

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
                head = head_of(self._connection, self._site)
                made = self._take([operation], head, at, UnitOfWork(self._connection))
                self._keep(*made)
                self._plan_again([operation], made, at)
                done += 1
        return done

    # What is known

    def _is_recovering(self, books: UnitOfWork, epoch: int) -> bool:
        """Return whether an epoch that had begun before the push still goes on; the first has no row."""
        begun = books.get(Epoch, (self._site, epoch)) is not None
        return begun and recovering(UnitOfWork(self._connection), self._site, epoch)

    def lock(self) -> FeedHead:
        """Take the site's turn; until the transaction ends nobody else writes to it."""
        return self._locked()[0]

    def _locked(self, *questions: Question) -> tuple[FeedHead, list[Sequence[Sequence[Any]]]]:
        """Take the site's turn, and return what is found then."""
        mark = mark_of(self._connection)
        mine = select_rows(FeedHead.TABLE, f'"site"={mark}' + ("" if mark == SQLITE_MARK else " FOR UPDATE"))
        found, *rest = ask(self._connection, [(mine, (self._site,)), *questions])
        if found:
            return cast("FeedHead", FeedHead.TABLE.row(found[0])), rest
        begin = FeedHead(self._site, 1, 0, GENESIS)
        if mark == SQLITE_MARK:
            return begin, rest
        send(self._connection, [insert_rows(FeedHead.TABLE, [FeedHead.TABLE.values(begin)], mark, IfThere.STAYS)])
        return self._locked(*questions)

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

    def _shares(self, books: UnitOfWork, push: Push, head: FeedHead) -> bool:
        """Return whether what the station took of the feed is what is here."""
        if push.epoch < head.epoch or not push.cursor:
            return True
        found = books.get(Feed, (self._site, push.cursor))
        return push.epoch == head.epoch and found is not None and bytes(found.hash) == push.cursor_hash

    def _note_heard(self, books: UnitOfWork, push: Push, applied: int, at: int) -> None:
        """Keep how far the station is; a push that was late says nothing new."""
        before = books.get(StationHeard, (self._site, push.station))
        now = StationHeard(
            self._site, push.station, push.incarnation, push.epoch, push.cursor, push.log_length, applied,
            push.aside_left, at, push.at - at if push.at else 0,
        )  # fmt: skip
        if before is None or _order(before) <= _order(now):
            books.save(now)

    def _note_start(self, books: UnitOfWork, push: Push, at: int) -> tuple[bytes, bool]:
        """Keep the id of the station's start where it is new; return the newest heard of, and whether this one has asked.

        For an incarnation: a start asks once.
        """
        found = [*books.find(StationStart, "start", [(self._site, push.station)]).values()]
        if push.start not in {each.start for each in found}:
            number = max((each.number for each in found), default=0) + 1
            new = StationStart(self._site, push.station, number, push.start, at, push.incarnation)
            books.save(new)
            found.append(new)
        has_asked = any(each.minted for each in found if each.start == push.start)
        return max(found, key=lambda each: (each.incarnation, each.number)).start, has_asked

    def _last(self, station: StationId, incarnation: int) -> OperationReceipt:
        """Return the receipt of the last operation that was taken of a station's file; one before the first for none."""
        return self._newest(
            station, incarnation, next(iter(ask(self._connection, [self._last_of(station, incarnation)])))
        )

    def _last_of(self, station: StationId, incarnation: int) -> Question:
        """Return the question for it."""
        mine = " AND ".join(f'"{name}"={mark_of(self._connection)}' for name in ("site", "station", "incarnation"))
        where = f'{mine} ORDER BY "seq" DESC LIMIT 1'
        return select_rows(OperationReceipt.TABLE, where), (self._site, station, incarnation)

    def _newest(self, station: StationId, incarnation: int, found: Sequence[Sequence[Any]]) -> OperationReceipt:
        none = OperationReceipt(
            self._site, station, incarnation, 0, CommandId(NO_ID), GENESIS, OperationOutcome.APPLIED, "", "", 0
        )  # fmt: skip
        return cast("OperationReceipt", OperationReceipt.TABLE.row(found[0])) if found else none

    def _receipts(self, books: UnitOfWork, push: Push, through: int) -> list[OperationReceipt]:
        """Return the receipts of those of a push's operations that were taken before."""
        return [row for key in _receipt_keys(push, through) if (row := books.get(OperationReceipt, key)) is not None]

    # What is kept

    def _take(
        self, operations: Sequence[Operation], head: FeedHead, at: int, books: UnitOfWork, *, behind: bool = False
    ) -> list[OperationReceipt]:
        """Apply, park or pass over operations, and return their receipts, which are still to be kept.

        Args:
            operations: chained, in order, none of them taken before.
            head: how far the feed goes.
            at: the hub's time.
            books: finds those that are in the log already, under another incarnation's number.
            behind: whether an operation before them is parked.
        """
        there = self._elsewhere(books, operations)
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
        return made

    def _elsewhere(self, books: UnitOfWork, operations: Iterable[Operation]) -> set[CommandId]:
        """Return the ids of those that are in the log already."""
        found = books.find(Operation, "operation_id", [(each.site, each.id) for each in operations])
        return {row.id for row in found.values()}

    def _keep_private(self, push: Push, *, known_stays: bool) -> None:
        """Keep the personal data that came with the operations, of this site alone; of others' what is not here.

        Args:
            push: what they came with.
            known_stays: whether of the station's own, too, only what is not here is kept: it takes no part any more.
        """
        if not known_stays:
            self._keep(*self._private(push.private))
        told = list(self._private((*push.private, *push.remembered) if known_stays else push.remembered))
        books = UnitOfWork(self._connection)
        books.fetch(_keys_of(told))
        self._keep(*(row for row in told if books.get(type(row), row.TABLE.key_of(row)) is None))

    def _private(self, sent: Iterable[SentPrivate]) -> Iterator[Row]:
        rows = (private_of(each) for each in sent)
        return (row for row in rows if row is not None and row.TABLE.key_of(row)[0] == self._site)

    def _keep(self, *rows: Row) -> None:
        books = UnitOfWork(self._connection)
        books.save(*rows)
        books.flush(varied=True)


def _keys_of(rows: Iterable[Row]) -> Reads:
    keys: dict[type[Row], list[Key]] = {}
    for row in rows:
        keys.setdefault(type(row), []).append(row.TABLE.key_of(row))
    return keys


def _push_reads(push: Push, head: FeedHead, through: int) -> Reads:
    """Return what is looked at of a push beside what its operations look at: receipts of those that were taken before."""
    return {
        SiteStation: [(push.site, push.station)],
        StationHeard: [(push.site, push.station)],
        Epoch: [(push.site, head.epoch)],
        Feed: [(push.site, push.cursor)] if push.cursor and push.epoch == head.epoch else [],
        OperationReceipt: _receipt_keys(push, through),
    }


def _push_finds(push: Push) -> Finds:
    return {
        (StationStart, "start"): [(push.site, push.station)],
        (Operation, "operation_id"): [(push.site, each.id) for each in push.operations],
    }


def _receipt_keys(push: Push, through: int) -> list[Key]:
    taken = (each.seq for each in push.operations if each.seq <= through)
    return [(push.site, push.station, push.incarnation, seq) for seq in taken]


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
