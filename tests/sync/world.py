"""Some stations and a hub in one process, without a wire: what was pushed and pulled is said by the test."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

import core.everything  # noqa: F401
from core.kernel.database import Database, open_station
from core.kernel.executor import Done, Executor, Failed, Identity, Work, write_identity
from core.kernel.feed import TRAVELS, Feed, FeedKind
from core.kernel.ids import BatchId, StationId
from core.kernel.loading import loading_of, want_loading
from core.kernel.numbers import OWN, NumberRange
from core.kernel.operations import Operation, OperationOutcome, OperationState
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.replica import confirmed
from core.kernel.shadow import Shadow
from core.kernel.tablehash import table_hashes
from core.kernel.tables import TABLES, rows_of, sql_of
from core.kernel.uow import Role
from core.rights.commands import FENCES, AddStation, GiveBackWork, Grant, GrantWork
from core.rights.model import OperationReceipt, Stage, StationKind
from core.waves.leases import held_walks
from desktop.membership import gate_of
from sync.hub.center import Center
from sync.numbers import IN_HAND
from sync.protocol import Fetch, Fetched, Lease, Leased, Load, Loaded, Pulled, Push, Pushed, Refused, SentReceipt
from sync.station.engines import (
    Acknowledge,
    Effect,
    Engine,
    GiveBack,
    KeepFetched,
    KeepLoaded,
    Me,
    ReadCursor,
    ReadHeld,
    ReadLoading,
    ReadLog,
    ReadNumbers,
    ReadWanted,
    SendFetch,
    SendLease,
    SendLoad,
    SendPull,
    SendPush,
    TakeRows,
    WantLoading,
)
from sync.station.fetch import fetch
from sync.station.files import keep_loaded, read_cursor, read_log, read_numbers, read_wanted
from sync.station.lease import lease
from sync.station.pull import pull
from sync.station.push import push
from sync.station.snapshot import snapshot
from sync.wire import from_bytes, to_bytes
from tests.orders.shop import Shop
from tests.support import KEY, SITE, Bench, FakeClock, FakeIds, open_gate

M = TypeVar("M")
Answer = Pushed | Pulled | Fetched | Leased | Loaded


@dataclass
class Member:
    """A station with its file, and a shop's handles on it."""

    name: StationId
    bench: Bench
    shop: Shop

    @property
    def identity(self) -> Identity:
        return Identity(SITE, self.name)

    @property
    def me(self) -> Me:
        return Me(SITE, self.name, 1, self.name)

    @property
    def connection(self) -> sa.Connection:
        return self.bench.executor.connection

    def unsettled(self) -> list[Operation]:
        return [each for each in self.bench.all(Operation) if each.state is not OperationState.DURABLE]


class AtTheHub:
    """The hub's own hands: an executor whose commands are operations of the hub, for a shop's handles."""

    def __init__(self, center: Center, connection: sa.Connection) -> None:
        self._center, self.connection = center, connection

    def perform(self, work: Work) -> Done | Failed:
        assert work.command is not None
        made = self._center.run(work.command)
        assert isinstance(made, SentReceipt), made
        if made.outcome is OperationOutcome.REFUSED:
            return Failed(work.command.id, Refusal(Reason(made.reason)))
        return Done(work.command.id, work.command.at)


@dataclass
class World:
    hub: Database
    central: sa.Connection
    center: Center
    office: Shop
    """Where the site is planned: at the hub."""
    members: list[Member] = field(default_factory=list)

    def grant(self, member: Member, *batches: BatchId) -> None:
        """Give walks to a station."""
        rows = [row for row in self.office.it.all(NumberRange) if row.name == FENCES and row.first == OWN]
        first = rows[0].next if rows else 1
        grants = tuple(Grant(Stage.PICK, batch, first + n) for n, batch in enumerate(batches))
        base = self.office.it.base()
        self.office.it.run(GrantWork(**base, station=member.name, incarnation=1, epoch=1, grants=grants))

    def push(self, member: Member, most: int = 200) -> None:
        """Let a station send what the hub has not, up to so many operations."""
        self._run(member, push(member.me), most=most, sends=1)

    def feed(self, after: int, operations: int = 10_000) -> list[Feed]:
        """Return whole operations of the feed behind a number."""
        feed = sql_of(Feed)
        with self.central.begin():
            rows = rows_of(Feed, self.central.execute(sa.select(feed).where(feed.c.seq > after).order_by(feed.c.seq)))
        ends = [n for n, row in enumerate(rows, 1) if row.kind is FeedKind.RECEIPT][:operations]
        return list(rows[: ends[-1]]) if ends else []

    def pull(self, member: Member, operations: int = 10_000) -> None:
        """Let a station take the next operations."""
        self._run(member, pull(member.me), most=operations, sends=1)

    def load(self, member: Member, parts: int = 10_000) -> None:
        """Let a station load the site, for so many parts."""
        self._run(member, snapshot(member.me), sends=parts)

    def lease(self, member: Member, minutes: int = 60) -> None:
        """Let a station see to it that it holds enough work."""
        self._run(member, lease(member.me, minutes))

    def settle(self) -> None:
        """Push and pull until nothing is left."""
        for member in self.members:
            self._run(member, push(member.me))
        for member in self.members:
            self._run(member, pull(member.me))
            self._run(member, fetch(member.me))

    def _run(self, member: Member, engine: Engine, most: int = 10_000, sends: int = 10_000) -> None:
        """Run an engine for so many messages, each of no more than so many operations."""
        left = [sends]

        def perform(effect: Effect) -> object:
            match effect:
                case ReadLog():
                    with member.connection.begin():
                        return read_log(member.connection, member.identity, min(most, effect.most))
                case ReadCursor():
                    with member.connection.begin():
                        return read_cursor(member.connection, member.identity)
                case SendPush():
                    return self._sent(left, self.center.push(over_the_wire(Push, effect.push)))
                case SendPull():
                    found = self._sent(left, self.center.pull(1, SITE, member.name, effect.after))
                    assert isinstance(found, Pulled), found
                    ends = [n for n, row in enumerate(found.rows, 1) if row.kind is FeedKind.RECEIPT][:most]
                    return replace(found, rows=found.rows[: ends[-1]] if ends else ())
                case Acknowledge():
                    member.bench.executor.acknowledge(effect.through)
                    return None
                case TakeRows():
                    return member.bench.executor.take(effect.rows)
                case ReadWanted():
                    with member.connection.begin():
                        return read_wanted(member.connection, effect.most)
                case SendFetch():
                    return self._sent(left, self.center.fetch(over_the_wire(Fetch, effect.fetch)))
                case ReadHeld():
                    with member.connection.begin():
                        return held_walks(member.connection, SITE, member.name)
                case ReadNumbers():
                    with member.connection.begin():
                        return read_numbers(member.connection, member.identity)
                case SendLease():
                    return self._sent(left, self.center.lease(over_the_wire(Lease, effect.lease)))
                case GiveBack():
                    each = effect.lease
                    base = member.bench.base()
                    member.bench.run(GiveBackWork(**base, stage=each.stage, work=each.work, fence=each.fence))
                    return None
                case ReadLoading():
                    with member.connection.begin():
                        return loading_of(member.connection, SITE)
                case SendLoad():
                    return self._sent(left, self.center.load(over_the_wire(Load, effect.load)))
                case KeepLoaded():
                    kept = effect.loaded
                    member.bench.executor.load(lambda connection: keep_loaded(connection, member.identity, kept))
                    return None
                case WantLoading():
                    member.bench.executor.load(lambda connection: want_loading(connection, SITE, 1))
                    return None
                case KeepFetched():
                    member.bench.executor.keep_fetched(effect.rows)
                    return None

        answer: object = None
        try:
            while True:
                answer = perform(engine.send(answer))
        except (StopIteration, Enough):
            engine.close()

    def _sent(self, left: list[int], answer: Answer | Refused) -> Answer:
        assert not isinstance(answer, Refused), answer
        left[0] -= 1
        if left[0] < 0:
            raise Enough
        return over_the_wire(type(answer), answer)


class Enough(Exception):
    """The line is cut."""


def over_the_wire(kind: type[M], message: M) -> M:
    """Return a message as it arrives."""
    data, packed = to_bytes(message)
    return from_bytes(kind, data, packed=packed)


@contextmanager
def world(folder: Path, stations: int = 2) -> Iterator[World]:
    """Open a hub and stations that know nothing yet."""
    with ExitStack() as stack:
        hub = open_station(folder / "hub.db", KEY)
        stack.callback(hub.dispose)
        hub.prepare()
        central = stack.enter_context(hub.connect())
        ids = FakeIds(start=900_000_000)
        center = Center(lambda site: hub if site == SITE else None, FakeClock(), ids, (SITE,))
        office = Shop(Bench(hub, AtTheHub(center, central), FakeClock(), ids))  # type: ignore[arg-type]
        it = World(hub, central, center, office)
        for n in range(1, stations + 1):
            made = stack.enter_context(member(folder, n))
            it.members.append(made)
            base = office.it.base()
            office.it.run(AddStation(**base, station=made.name, name=f"S-{n}", kind=StationKind.DESK, base_version=0))
            names = tuple(IN_HAND[StationKind.DESK])
            asked = Lease(epoch=1, site=SITE, station=made.name, incarnation=1, minutes=0, numbers=names)
            assert isinstance(center.lease(asked), Leased)
        yield it


@contextmanager
def member(folder: Path, n: int) -> Iterator[Member]:
    """Open a station of the site."""
    name = StationId(b"station-%08d" % n)
    database = open_station(folder / f"station-{n}.db", KEY, role=Role.REPLICA)
    database.prepare()
    with database.connect() as connection:
        write_identity(connection, Identity(SITE, name))
        clock = FakeClock()
        gate = gate_of(open_gate, Identity(SITE, name), Role.REPLICA)
        executor = Executor(connection, Identity(SITE, name), clock, gate, role=Role.REPLICA)
        bench = Bench(database, executor, clock, FakeIds(start=n * 1_000_000))
        yield Member(name, bench, Shop(bench, station=name))
    database.dispose()


def receipts(it: World) -> list[tuple[str, OperationOutcome]]:
    """Return what became of every operation at the hub, and why."""
    with it.central.begin():
        log = sql_of(OperationReceipt)
        rows = rows_of(OperationReceipt, it.central.execute(sa.select(log).order_by(log.c.station, log.c.seq)))
    return [(row.reason, row.outcome) for row in rows]


def hashes(connection: sa.Connection, *without: str) -> dict[str, str]:
    """Return what is to be equal everywhere."""
    with connection.begin():
        found = table_hashes(connection)
    return {name: value for name, value in found.items() if name not in ("op_touch", *without)}


def confirmed_rows(connection: sa.Connection) -> dict[str, dict[str, str]]:
    """Return the confirmed rows of every table that travels."""
    with connection.begin():
        return {name: confirmed(connection, info) for name, info in TABLES.items() if info.kind in TRAVELS}


def shadows(connection: sa.Connection) -> int:
    """Return how many images are kept."""
    with connection.begin():
        return int(connection.execute(sa.select(sa.func.count()).select_from(sql_of(Shadow))).scalar_one())


__all__ = ["Member", "World", "confirmed_rows", "hashes", "receipts", "shadows", "world"]
