"""Some stations and a hub in one process, without a wire: what was pushed and pulled is said by the test."""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

import core.everything  # noqa: F401
from core.cases.photos import doubt_safe
from core.cases.shelf import Shelf
from core.kernel.blobs import BlobStore
from core.kernel.database import Database, open_station
from core.kernel.executor import Executor, Identity, identity_of, write_identity
from core.kernel.feed import Feed, FeedKind, head_of
from core.kernel.ids import SYSTEM, BatchId, PersonId, StationId
from core.kernel.migrate import backup
from core.kernel.numbers import OWN, NumberRange
from core.kernel.operations import Operation, OperationState
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import Role
from core.kernel.witness import Said, Witness
from core.people.commands import SavePerson
from core.people.roles import ROLES
from core.rights.commands import AddStation, GiveBackWork, Grant, GrantWork
from core.rights.fences import FENCES
from core.rights.model import Stage, StationKind
from core.rights.recovering import ListHeld, listing
from core.rights.standing import begin, standing
from core.shipping.commands import carrier_right
from desktop.membership import gate_of
from sync.hub.center import Center
from sync.hub.recovery import raise_epochs
from sync.numbers import IN_HAND
from sync.protocol import (
    Carried,
    Carry,
    Compare,
    Fetch,
    Fetched,
    Lease,
    Leased,
    Load,
    Loaded,
    Pulled,
    Push,
    Pushed,
    Refused,
    Rejoin,
    Rejoined,
    Renew,
    Renewed,
)
from sync.station.carry import beside, carry
from sync.station.compare import compare
from sync.station.engines import (
    Beside,
    Effect,
    Engine,
    GiveBack,
    Look,
    Me,
    ReadLog,
    SendCarry,
    SendCompare,
    SendFetch,
    SendLease,
    SendLoad,
    SendPull,
    SendPush,
    SendRejoin,
    SendRenew,
    TellWitness,
)
from sync.station.fetch import fetch
from sync.station.files import look, write
from sync.station.lease import lease
from sync.station.pull import pull
from sync.station.push import push
from sync.station.snapshot import snapshot
from sync.wire import from_bytes, to_bytes
from tests.orders.shop import Shop
from tests.quick import kept_open, open_new
from tests.support import KEY, PICKER, SITE, Base, Bench, FakeClock, FakeIds, open_gate
from tests.sync.office import AtTheHub

M = TypeVar("M")
Answer = Pushed | Pulled | Fetched | Leased | Loaded | Rejoined | Renewed


@dataclass
class Member:
    """A station with its file, and a shop's handles on it."""

    name: StationId
    path: Path
    bench: Bench
    shop: Shop
    witness: Witness
    start: bytes = b""
    starts_so_far: int = 0
    shelf: Shelf = field(init=False)

    def __post_init__(self) -> None:
        self.shelf = Shelf(BlobStore(self.path.with_suffix(".blobs")))

    @property
    def identity(self) -> Identity:
        return self.bench.executor.identity

    @property
    def me(self) -> Me:
        return Me(SITE, self.name, self.start)

    def starts(self) -> None:
        """Begin a start of the program, as the station's own does: with its witness read and told."""
        self.starts_so_far += 1
        self.start = b"start %d of %b" % (self.starts_so_far, str(self.path).encode())
        with self.connection.begin():
            doubt_safe(self.connection, SITE)
        self.witness.write(begin(self.connection, self.start, self.witness.read(), self.bench.clock.now_ms()))

    @property
    def connection(self) -> sa.Connection:
        return self.bench.executor.connection

    def keep(self) -> Path:
        """Copy the station's file as it is now."""
        target = self.path.with_name(f"{self.path.stem}-at-{self.bench.ids.count}.db")
        backup(self.connection, target)
        return target

    def put_back(self, kept: Path | None = None, *, saw: Said | None = None) -> None:
        """End the program, put a copy of the file in its place, and start the program again; without one only start it.

        Args:
            kept: the copy.
            saw: what the witness said then, where the whole machine is put back and its witness with the file.
        """
        with self.connection.begin():
            now = standing(self.connection)
        if saw is not None or not now.older:
            self.witness.write(saw or Said(self.start, now.identity.incarnation, now.length, now.head))
        self.close()
        if kept is not None:
            for each in self.path.parent.glob(f"{self.path.name}*"):
                each.unlink()
            shutil.copy(kept, self.path)
        self.bench.executor, self.bench.database = _executor(self.path, self.name)
        self.starts()

    def close(self) -> None:
        self.connection.close()
        self.bench.database.dispose()

    def lists(self, connection: sa.Connection, epoch: int) -> list[ListHeld]:
        return listing(connection, self.name, epoch, self.shop.stamp)

    def unsettled(self) -> list[Operation]:
        return [each for each in self.bench.all(Operation) if each.state is not OperationState.DURABLE]


@dataclass
class World:
    folder: Path
    hub: Database
    central: sa.Connection
    center: Center
    office: Shop
    """Where the site is planned: at the hub."""
    members: list[Member] = field(default_factory=list)
    clock: FakeClock = field(default_factory=FakeClock)
    """The hub's."""
    ids: FakeIds = field(default_factory=lambda: FakeIds(start=900_000_000))

    def backup(self) -> Path:
        """Keep what the hub knows now."""
        target = self.folder / f"backup-{self.ids.count}.db"
        self.central.rollback()
        backup(self.central, target)
        return target

    def restore(self, kept: Path, *, told: bool = True) -> None:
        """Put back what the hub knew then.

        Args:
            kept: what was kept.
            told: whether the hub is told, as its own command does; not where somebody copies the file by hand.
        """
        self.close()
        self.clock.tick(3_600_000)
        for each in self.folder.glob("hub.db*"):
            each.unlink()
        shutil.copy(kept, self.folder / "hub.db")
        self.hub = kept_open(open_station(self.folder / "hub.db", KEY))
        self.central = self.hub.connect()
        self.office.it.database = self.hub
        self.office.it.executor.connection = self.central  # type: ignore[misc]
        if told:
            raise_epochs(self.hub, self.clock, self.ids)

    def twin(self, member: Member) -> Member:
        """Start another program on a copy of a station's file, as it is now."""
        path = member.path.with_name(f"{member.path.stem}-twin.db")
        shutil.copy(member.keep(), path)
        made = opened(path, member.name, member.bench.ids.count + 500_000)
        self.members.append(made)
        return made

    def close(self) -> None:
        self.central.close()
        self.hub.dispose()

    def grant(self, member: Member, *batches: BatchId, stage: Stage = Stage.PICK) -> None:
        """Give walks to a station, or the packing of their singles."""
        self._give(member, [(stage, batch) for batch in batches])

    def give_carrier(self, member: Member, carrier: str) -> None:
        """Give a carrier to a dock."""
        self._give(member, [carrier_right(carrier)])

    def _give(self, member: Member, works: Sequence[tuple[Stage, bytes]]) -> None:
        rows = [row for row in self.office.it.all(NumberRange) if row.name == FENCES and row.first == OWN]
        first = rows[0].next if rows else 1
        grants = tuple(Grant(stage, work, first + n) for n, (stage, work) in enumerate(works))
        base = self.office.it.base()
        with self.central.begin():
            epoch = head_of(self.central, SITE).epoch
        incarnation = member.identity.incarnation
        self.office.it.run(GrantWork(**base, station=member.name, incarnation=incarnation, epoch=epoch, grants=grants))

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

    def fetch(self, member: Member) -> None:
        """Let a station fetch the names and addresses that it has heard of."""
        self._run(member, fetch(member.me))

    def load(self, member: Member, parts: int = 10_000) -> None:
        """Let a station load the site, for so many parts."""
        self._run(member, snapshot(member.me), sends=parts)

    def lease(self, member: Member, minutes: int | None = 60) -> None:
        """Let a station see to it that it holds enough work; None for as much as its own outages say."""
        self._run(member, lease(member.me, minutes))

    def compare(self, member: Member) -> None:
        """Let a station hold its rows against the hub's."""
        self._run(member, compare(member.me))

    def carry(self, member: Member, carried: Callable[[Carry], Carried | Refused] | None = None) -> None:
        """Let a station bring photos and fetch those that are looked for at it.

        Args:
            member: the station.
            carried: takes its messages to the hub and brings the answers, where they do not simply go.
        """
        ask = carried or (lambda message: over_the_wire(Carried, self.center.carry(over_the_wire(Carry, message))))
        self._run(member, carry(member.me), carried=ask)

    def settle(self) -> None:
        """Push and pull until nothing is left."""
        for member in self.members:
            self._run(member, push(member.me))
        for member in self.members:
            self._run(member, pull(member.me))
            self.fetch(member)

    def answer(self, member: Member, engine: Engine, answer: Pushed | Refused) -> None:
        """Go on with an engine whose message was answered."""
        assert isinstance(answer, Pushed)
        self._run(member, engine, answer=answer)

    def _run(
        self, member: Member, engine: Engine, most: int = 10_000, sends: int = 10_000, answer: object = None,
        carried: Callable[[Carry], Carried | Refused] | None = None,
    ) -> None:  # fmt: skip
        """Run an engine for so many messages, each of no more than so many operations."""
        left = [sends]

        def perform(effect: Effect) -> object:
            if isinstance(effect, ReadLog):
                effect = replace(effect, most=min(most, effect.most))
            if isinstance(effect, Look):
                with member.connection.begin():
                    return look(member.connection, member.identity, effect)
            if isinstance(effect, Beside):
                with member.connection.begin():
                    return beside(member.connection, member.identity, member.shelf, effect)
            match effect:
                case SendPush():
                    return self._sent(left, self.center.push(over_the_wire(Push, effect.push)))
                case SendPull():
                    found = self._sent(left, self.center.pull(1, SITE, member.name, effect.after, effect.epoch))
                    assert isinstance(found, Pulled), found
                    ends = [n for n, row in enumerate(found.rows, 1) if row.kind is FeedKind.RECEIPT][:most]
                    return replace(found, rows=found.rows[: ends[-1]] if ends else ())
                case SendFetch():
                    return self._sent(left, self.center.fetch(over_the_wire(Fetch, effect.fetch)))
                case SendLease():
                    return self._sent(left, self.center.lease(over_the_wire(Lease, effect.lease)))
                case SendLoad():
                    return self._sent(left, self.center.load(over_the_wire(Load, effect.load)))
                case SendCompare():
                    return self._sent(left, self.center.compare(over_the_wire(Compare, effect.compare)))
                case SendRenew():
                    return self._sent([1], self.center.renew(over_the_wire(Renew, effect.renew)))
                case SendRejoin():
                    return self._sent([1], self.center.rejoin(over_the_wire(Rejoin, effect.rejoin)))
                case SendCarry():
                    assert carried is not None
                    return carried(effect.carry)
                case GiveBack():
                    each = effect.lease
                    base = member.bench.base()
                    member.bench.run(GiveBackWork(**base, stage=each.stage, work=each.work, fence=each.fence))
                    return None
                case TellWitness():
                    member.witness.write(effect.said)
                    return None
                case _:
                    return write(member.bench.executor, effect, member.lists)

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
def world(
    folder: Path,
    stations: int = 2,
    kinds: Sequence[StationKind] = (),
    after: Callable[["World"], object] = lambda it: None,
) -> Iterator[World]:
    """Open a hub and stations that know nothing yet, or what came of an arrangement: made once a process, and copied.

    Args:
        folder: for everybody's files.
        stations: how many desks there are, where no kinds are named.
        kinds: of the stations.
        after: what happens before; it ends with nothing open but the world itself.
    """
    shape = tuple(kinds) or (StationKind.DESK,) * stations
    with ExitStack() as stack:
        it = _copied(_begun(after, shape), folder, stack)
        yield it
        for made in it.members[len(shape) :]:
            made.close()


def everybody(office: Shop, *people: PersonId) -> None:
    """Let people do whatever there is to be done, by what the hub knows; who works in these tests and nobody else."""
    for person in people or (PICKER,):
        office.it.run(may_all(office.it.base(actor=SYSTEM), person))


def may_all(base: Base, person: PersonId = PICKER) -> SavePerson:
    """Return the command by which somebody has every role."""
    roles = ",".join(ROLES)
    return SavePerson(**base, person=person, roles=roles, language="en", preset="trusted", active=1, base_version=0)


def member(folder: Path, n: int) -> Member:
    """Open a station of the site, new."""
    return opened(folder / f"station-{n}.db", StationId(b"station-%08d" % n), n * 1_000_000)


@cache
def _begun(after: Callable[[World], object], kinds: Sequence[StationKind]) -> World:
    """Return a world that is closed, and whose files are copied by whoever goes on with it."""
    folder = Path(tempfile.mkdtemp(prefix="dockside-world-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with ExitStack() as stack:
        it = _opened(folder, stack)
        everybody(it.office)
        for n, kind in enumerate(kinds, start=1):
            made = member(folder, n)
            stack.callback(made.close)
            it.members.append(made)
            base = it.office.it.base()
            it.office.it.run(AddStation(**base, station=made.name, name=f"S-{n}", kind=kind, base_version=0))
            names = tuple(IN_HAND[kind])
            asked = Lease(epoch=1, site=SITE, station=made.name, incarnation=1, minutes=0, numbers=names)
            assert isinstance(it.center.lease(asked), Leased)
        after(it)
    return it


def _copied(begun: World, folder: Path, stack: ExitStack) -> World:
    """Go on with a world in another folder."""
    for each in begun.folder.glob("*.db*"):
        shutil.copyfile(each, folder / each.name)
    it = _opened(folder, stack)
    it.clock.at, it.ids.count = begun.clock.at, begun.ids.count
    it.office.like(begun.office)
    for was in begun.members:
        made = _reached(folder / was.path.name, was.name, was.bench.ids.count)
        stack.callback(made.close)
        made.start, made.starts_so_far = was.start, was.starts_so_far
        made.bench.clock.at = was.bench.clock.at
        made.shop.like(was.shop)
        said = was.witness.read()
        assert said is not None
        # A copy of the file itself would be no witness.
        made.witness.write(said)
        it.members.append(made)
    return it


def _opened(folder: Path, stack: ExitStack) -> World:
    hub = kept_open(open_new(folder / "hub.db"))
    central = hub.connect()
    ids = FakeIds(start=900_000_000)
    clock = FakeClock()
    center = Center(lambda site: it.hub if site == SITE else None, clock, ids, (SITE,))
    office = Shop(Bench(hub, AtTheHub(center, central), clock, ids))  # type: ignore[arg-type]
    it = World(folder, hub, central, center, office, clock=clock, ids=ids)
    stack.callback(it.close)
    return it


def opened(path: Path, name: StationId, ids: int) -> Member:
    """Open a station on a file, new or one that was copied from elsewhere."""
    made = _reached(path, name, ids)
    made.starts()
    return made


def _reached(path: Path, name: StationId, ids: int) -> Member:
    executor, database = _executor(path, name)
    bench = Bench(database, executor, executor._clock, FakeIds(start=ids))  # type: ignore[arg-type]
    return Member(name, path, bench, Shop(bench, station=name), Witness(path.with_suffix(".witness")))


def _executor(path: Path, name: StationId) -> tuple[Executor, Database]:
    database = open_new(path, Role.REPLICA)
    connection = database.connect()
    with connection.begin():
        identity = identity_of(connection)
    if identity is None:
        identity = Identity(SITE, name)
        write_identity(connection, identity)

    gate = gate_of(open_gate, Role.REPLICA)
    return Executor(connection, identity, FakeClock(), gate, role=Role.REPLICA), database


__all__ = ["Member", "World", "world"]
