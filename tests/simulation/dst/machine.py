"""A station's PC: its file, its clock, its executor and the production's engines, moved on by hand effect by effect.

The writer answers at once, the wire is whoever carries a message. A power cut is a real one: the file is opened again from
a copy made while the transaction was not committed.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from random import Random
from shutil import copyfile
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from core.kernel.commands import Command
from core.kernel.database import Database, open_station
from core.kernel.executor import Executor, Identity, Outcome, Work, identity_of, write_identity
from core.kernel.ids import StationId
from core.kernel.refusal import Fault
from core.kernel.tables import R
from core.kernel.uow import ByClass, Role, UnitOfWork
from core.kernel.witness import Said
from core.rights.commands import GiveBackWork
from core.rights.model import StationKind, WorkLease
from core.rights.recovering import listing
from desktop.membership import gate_of
from sync.protocol import (
    Carried,
    Carry,
    Compare,
    Compared,
    Fetch,
    Fetched,
    Lease,
    Leased,
    Load,
    Loaded,
    Pulled,
    Push,
    Pushed,
    Rejoin,
    Rejoined,
    Renew,
    Renewed,
)
from sync.station.engines import Beside, Effect, Engine, Me, NotMine
from sync.station.running import Engines
from sync.station.surroundings import Heard, Surroundings
from tests.quick import open_new
from tests.simulation.dst.album import Album
from tests.support import KEY, NOON, SITE, Bench, open_gate

T = TypeVar("T")

INCARNATION = 1
NO_ROWS: ByClass = {}


class PowerCut(Exception):
    """The plug was pulled."""


class Offline(Fault):
    """No answer comes: the message or its answer is lost, or nobody listens."""


class Slow(Exception):
    """The hub has answered, and the answer is on its way: whatever happens meanwhile."""

    def __init__(self, answer: object) -> None:
        """Carry the answer."""
        super().__init__()
        self.answer = answer


@dataclass
class Time:
    """The time that really is, and the ids that nobody ever has twice."""

    at: int = NOON
    ids: int = 0

    def new(self) -> bytes:
        """Return an id."""
        self.ids += 1
        return NOON.to_bytes(6, "big") + self.ids.to_bytes(10, "big")


@dataclass
class WrongClock:
    """A machine's clock: as wrong as the schedule says."""

    time: Time
    wrong_ms: int = 0

    def now_ms(self) -> int:
        return self.time.at + self.wrong_ms

    def boot_ns(self) -> int:
        return self.time.at * 1_000_000

    def tick(self, ms: int = 1) -> int:
        self.time.at += ms
        return self.now_ms()


class AtOnce:
    """What the writer gives back: done already, and awaited without a loop."""

    _asyncio_future_blocking = False

    def __init__(self, value: object) -> None:
        self._value = value

    def __await__(self) -> Generator[None, None, object]:
        return self._value
        yield  # what makes it a generator

    def result(self) -> object:
        return self._value


@dataclass(frozen=True)
class Sent:
    """A message that wants an answer."""

    kind: str
    message: Any

    def __await__(self) -> Generator["Sent", Any, Any]:
        return (yield self)


@dataclass(frozen=True)
class Pull:
    """A pull as a message; over HTTP it is a question in an address."""

    station: StationId
    after: int
    epoch: int


class Wire:
    """The link of a machine: whatever is said waits for whoever carries it."""

    def __init__(self, name: StationId) -> None:
        self._name = name

    async def push(self, message: Push) -> Pushed:
        return await Sent("push", message)  # type: ignore[no-any-return]

    async def pull(self, after: int, wait_s: int, epoch: int) -> Pulled:
        if wait_s:
            # Nothing new comes within the wait.
            return Pulled(epoch=epoch, at=0, after=after, head=after, rows=())
        return await Sent("pull", Pull(self._name, after, epoch))  # type: ignore[no-any-return]

    async def fetch(self, message: Fetch) -> Fetched:
        return await Sent("fetch", message)  # type: ignore[no-any-return]

    async def lease(self, message: Lease) -> Leased:
        return await Sent("lease", message)  # type: ignore[no-any-return]

    async def load(self, message: Load) -> Loaded:
        return await Sent("load", message)  # type: ignore[no-any-return]

    async def compare(self, message: Compare) -> Compared:
        return await Sent("compare", message)  # type: ignore[no-any-return]

    async def rejoin(self, message: Rejoin) -> Rejoined:
        return await Sent("rejoin", message)  # type: ignore[no-any-return]

    async def renew(self, message: Renew) -> Renewed:
        return await Sent("renew", message)  # type: ignore[no-any-return]

    async def carry(self, message: Carry) -> Carried:
        return await Sent("carry", message)  # type: ignore[no-any-return]

    async def close(self) -> None:
        return


class Eyes:
    """A witness that lies elsewhere than the machine's file."""

    def __init__(self) -> None:
        self._said: Said | None = None

    def read(self) -> Said | None:
        return self._said

    def write(self, said: Said) -> None:
        self._said = said


class Carrier(Protocol):
    """Takes a message to the hub and brings the answer, or does not."""

    def __call__(self, machine: "Machine", sent: Sent) -> object:
        """Return the answer.

        Raises:
            Fault: none comes.
        """


@dataclass
class Machine:
    """A station's PC."""

    name: str
    kind: StationKind
    station: StationId
    file: Path
    time: Time
    clock: WrongClock
    on: bool = False
    online: bool = True
    stopped: str = ""
    """Why its engines will not go on; empty while they do."""
    cut: str = ""
    """When the plug is pulled: before the next commit, after it, or before the second."""
    dead: bool = False
    """Whether it burnt: it is never switched on again."""
    copied: bool = False
    """Whether a copy of its file lives as well, or it is that copy."""
    files: int = 0
    saved: list[Path] = field(default_factory=list)
    """Copies of the file that somebody may put back."""
    witness: "Eyes" = field(default_factory=lambda: Eyes())
    album: Album = field(default_factory=Album)
    running: dict[str, tuple[Engine, Callable[[], object]]] = field(default_factory=dict)
    """Engines on their way, each with what brings the answer it is given next."""
    started: bytes = b""
    """The id of the program's start that goes on."""

    def __getstate__(self) -> dict[str, object]:
        """Return what is kept of it while it is put away: all but what is open."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    # Switched on and off

    def start(self) -> None:
        """Switch it on: from here everything comes from the file."""
        self.cut = self.stopped = ""
        self.started = self.time.new()
        self.wake()
        self._engines.note_start()

    def wake(self) -> None:
        """Go on with the start that goes on: it was put away, and nobody noticed."""
        database = open_station(self.file, KEY, role=Role.REPLICA)
        self._database: Database = database
        connection = database.connect()
        sa.event.listen(connection, "commit", self._commits)
        self._reader = database.reader()
        with connection.begin():
            identity = identity_of(connection)
        assert identity is not None
        gate = gate_of(open_gate, Role.REPLICA)
        executor = Executor(connection, identity, self.clock, gate, role=Role.REPLICA)
        self.bench = Bench(database, executor, self.clock, self.time)  # type: ignore[arg-type]
        me = Me(SITE, self.station, self.started)
        around = Surroundings(
            me,
            identity,
            self._reading,
            self,
            Wire(self.station),
            Random(0),
            self._heard,
            self._give_back,  # type: ignore[arg-type]
            lambda connection, epoch: listing(connection, self.station, epoch, self.bench.base),
            witness=self.witness,
            shelf=self.album,  # type: ignore[arg-type]
        )
        self._engines = Engines(around)
        self.rounds = {each.name: each.begin for each in self._engines._rounds}
        self.running.clear()
        self.on = True

    def stop(self) -> None:
        """Switch it off; an open transaction is gone."""
        for engine, _ in self.running.values():
            engine.close()
        self.running.clear()
        self._reader.close()
        self.bench.executor.connection.close()
        self._database.dispose()
        self._engines._loop.close()
        self.on = False

    def keep(self, name: str) -> Path:
        """Return a copy of the file as of the last commit."""
        self.files += 1
        kept = self.file.with_name(f"{self.name}-{name}-{self.files}.db")
        copy_database(self.file, kept)
        return kept

    def copy(self, name: str) -> "Machine":
        """Return another machine with a copy of the file, without a witness and photos: what lies beside the file stays here."""
        self.copied = True
        file = self.keep("copy")
        return Machine(name, self.kind, self.station, file, self.time, WrongClock(self.time), copied=True)

    def die(self) -> None:
        """Burn, with the file."""
        if self.on:
            self.stop()
        self.dead = True

    def pull_the_plug(self) -> None:
        """Let only what was committed be there."""
        left = self.keep("cut")
        self.stop()
        self.file = left

    def _commits(self, connection: sa.Connection) -> None:
        if self.cut == "before":
            self.cut = ""
            raise PowerCut
        if self.cut == "second":
            self.cut = "before"

    # What is written

    def run(self, command: Command, beside: ByClass = NO_ROWS) -> Outcome:
        """Run a command of the floor, with the personal data that it names.

        Raises:
            PowerCut: the plug was pulled, before it was written or before anybody heard that it was.
        """
        return self._written(lambda: self.bench.executor.perform(Work(command=command, private=beside)))

    def ask(self, task: Callable[[Executor], object]) -> AtOnce:
        """Let the executor do something, as the writer does it."""
        return AtOnce(self._written(lambda: task(self.bench.executor)))

    def submit_background(self, work: Work) -> AtOnce:
        """Run a command nobody waits for."""
        return AtOnce(self._written(lambda: self.bench.executor.perform(work)))

    def _written(self, write: Callable[[], T]) -> T:
        done = write()
        if self.cut == "after":
            self.cut = ""
            raise PowerCut
        return done

    def look(self, query: Any) -> Any:
        """Answer a question as the window asks it."""
        return query.run(self._reader)

    @property
    def reader(self) -> sa.Connection:
        """Return what the window reads with: nothing is committed there."""
        return self._reader

    def row(self, cls: type[R], *key: object) -> R | None:
        """Return a row by its key (the site is put in front)."""
        return UnitOfWork(self._reader).get(cls, (SITE, *key))

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        yield self._reader

    def _give_back(self, lease: WorkLease) -> GiveBackWork:
        return GiveBackWork(**self.bench.base(), stage=lease.stage, work=lease.work, fence=lease.fence)

    def _heard(self, heard: Heard) -> None:
        raise AssertionError("the engines' own loop does not run here")

    # The engines

    def step(self, name: str, effects: int, carry: Carrier) -> str:
        """Move an engine on by so many effects, from its beginning where it is not on its way; return how it went.

        Raises:
            PowerCut: the plug was pulled while it wrote.
        """
        if self.stopped:
            return "stopped"
        for _ in range(effects):
            engine, answered = self.running.pop(name, None) or (self.rounds[name](), lambda: None)
            try:
                effect = engine.send(answered())
                self.running[name] = engine, self._perform(engine, name, effect, carry)
            except StopIteration:
                return "done"
            except Slow:
                return "waits for an answer"
            except NotMine as e:
                self.stopped = str(e)
                return "not mine"
            except Fault as e:
                engine.close()
                return type(e).__name__
        return "on its way"

    def drop(self, name: str) -> None:
        """Let an engine that is on its way be forgotten."""
        engine, _ = self.running.pop(name, (None, None))
        if engine is not None:
            engine.close()

    def finish(self, carry: Carrier) -> str:
        """Let every engine go a whole round; return how it went."""
        return ",".join(self.step(name, 400, carry) for name in ("push", "pull", *self._others()))

    def _others(self) -> list[str]:
        # What is compared is so by then anyway: it is done once a day, in the end.
        return [name for name in self.rounds if name not in ("push", "pull", "compare")]

    def _perform(self, engine: Engine, name: str, effect: Effect, carry: Carrier) -> Callable[[], object]:
        """Let the production perform an effect and carry what it says over the wire; return what gives its answer."""
        if isinstance(effect, Beside):
            # What the production does on a thread of its own.
            done = self._engines._told_of_photo(effect, self._engines._beside(effect))
            return lambda: done
        performing = self._engines._perform(effect)

        def carried(say: Callable[[], Any]) -> object:
            try:
                sent = say()
                while True:
                    try:
                        answer = carry(self, sent)
                    except Slow as e:
                        late = e.answer
                        self.running[name] = engine, lambda: carried(lambda: performing.send(late))
                        raise
                    except Fault as e:
                        sent = performing.throw(e)
                    else:
                        sent = performing.send(answer)
            except StopIteration as e:
                return e.value

        given = carried(lambda: performing.send(None))
        return lambda: given


def copy_database(source: Path, target: Path) -> None:
    """Copy a database with what is only in its log."""
    for suffix in ("", "-wal"):
        if Path(f"{source}{suffix}").exists():
            copyfile(f"{source}{suffix}", f"{target}{suffix}")


def new_file(path: Path, station: StationId) -> None:
    """Make a station's file that knows nothing but whose it is."""
    database = open_new(path, Role.REPLICA)
    with database.connect() as connection:
        write_identity(connection, Identity(SITE, station, INCARNATION))
    database.dispose()
