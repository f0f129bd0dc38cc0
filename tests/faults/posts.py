"""Stations at work: the product's engines over HTTP on a real file, and somebody who does something again and again.

`python -m tests.faults.posts FOLDER NUMBER KIND ADDRESS SEED` works until somebody ends it, and says the id of each thing that was
confirmed; a folder that is empty is loaded from the hub first.
"""

import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
import uuid_utils

import core.everything  # noqa: F401  every table must be declared before the file is made
from core.cases.commands import AddPhoto, OpenCase, note_id
from core.cases.model import CaseKind, NoteText
from core.cases.photos import not_safe
from core.cases.shelf import Shelf
from core.catalog.commands import container_id
from core.kernel.blobs import BlobStore
from core.kernel.commands import Command
from core.kernel.database import at_one_moment, open_station
from core.kernel.executor import Done, Identity, Outcome, Work, identity_of, write_identity
from core.kernel.feed import head_of
from core.kernel.ids import NO_ID, FillId, PersonId, StationId
from core.kernel.loading import loading_of, want_loading
from core.kernel.operations import Operation, OperationState
from core.kernel.tables import sql_of
from core.kernel.uow import Role
from core.kernel.witness import Witness
from core.kernel.writer import Writer
from core.picking import decide
from core.picking.commands import StartBatch
from core.picking.model import Fill, FillState
from core.picking.queries import AskWork
from core.picking.states import PutInTote
from core.picking.views import BatchOffer, TaskView
from core.rights.commands import GiveBackWork
from core.rights.model import SiteStation, StationKind, WorkLease
from core.rights.recovering import listing
from desktop.membership import gate_of
from sync.station.engines import Me
from sync.station.http import HttpLink
from sync.station.running import Engines
from sync.station.surroundings import Heard, Surroundings
from tests.orders.shop import Shop, order_id
from tests.support import KEY, PICKER, SITE, Base, Bench, open_gate

TOTES = 30
"""Each post's own, so that two never take the same empty one."""
YEAR_MS = 365 * 24 * 3_600_000
PLACES = (("MUG", "A-1"), ("CUP", "A-2"), ("JUG", "B-1"))
PHOTO = (4_000, 60_000)
"""Bytes of a photo, which nothing can pack."""


class Ids:
    """Ids that nobody ever has twice, whatever is started how often."""

    def new(self) -> bytes:
        return uuid_utils.uuid7().bytes


@dataclass
class MovedClock:
    """The machine's clock, as wrong as somebody set it."""

    wrong_ms: int = 0
    slept_ns: int = 0
    """Time that passed while the machine was suspended."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.wrong_ms

    def boot_ns(self) -> int:
        return time.monotonic_ns() + self.slept_ns

    def tick(self, _ms: int = 0) -> int:
        return self.now_ms()


def name_of(number: int) -> StationId:
    return StationId(b"station-%08d" % number)


def person_of(number: int) -> PersonId:
    return PersonId(b"picker--%08d" % number)


@dataclass
class Hands:
    """An executor whose works go through the writer, for a bench's handles; it remembers what was confirmed."""

    writer: Writer
    connection: sa.Connection
    confirmed: list[bytes] = field(default_factory=list)
    hear: Callable[[bytes], None] = lambda _id: None

    def perform(self, work: Work) -> Outcome:
        outcome = self.writer.submit(work).result()
        if isinstance(outcome, Done) and outcome.command is not None:
            self.confirmed.append(outcome.command)
            self.hear(outcome.command)
        return outcome


@dataclass
class OwnBench(Bench):
    """A bench at which everything is done by a person of its own: a walk goes with who began it."""

    person: PersonId = PICKER

    def base(self, actor: PersonId = PICKER) -> Base:
        return super().base(self.person if actor == PICKER else actor)


@dataclass
class Post:
    """A station with somebody at it."""

    number: int
    kind: StationKind
    path: Path
    bench: Bench
    shop: Shop
    hands: Hands
    engines: Engines
    chance: Random
    heard: deque[Heard]
    shelf: Shelf

    @property
    def name(self) -> StationId:
        return name_of(self.number)

    @contextmanager
    def looking(self) -> Iterator[sa.Connection]:
        """Lend the connection that looks."""
        with self.hands.connection.begin():
            yield self.hands.connection

    @property
    def is_ready(self) -> bool:
        """Return whether the site came, so that there is something to work on."""
        with self.looking() as connection:
            loading = loading_of(connection, SITE)
        return (loading is None or not loading.fresh) and self.bench.get(SiteStation, self.name) is not None

    def unsettled(self) -> int:
        log = sql_of(Operation)
        query = sa.select(sa.func.count()).where(log.c.state != OperationState.DURABLE.value)
        with self.looking() as connection:
            return int(connection.execute(query).scalar_one())

    def photos_waiting(self) -> int:
        """Return how many photos lie here of which the hub has not said that it has their bytes."""
        with self.looking() as connection:
            return sum(map(self.shelf.has, not_safe(connection, SITE, self.name)))

    def cursor(self) -> int:
        with self.looking() as connection:
            return head_of(connection, SITE).seq

    def incarnation(self) -> int:
        with self.looking() as connection:
            found = identity_of(connection)
        assert found is not None
        return found.incarnation

    def work(self) -> Outcome:
        """Do the next thing: a cart picks what it was given; who has nothing books goods in or opens a case."""
        if self.kind is StationKind.CART and self.chance.random() < 0.7:
            command = self._walk()
            if command is not None:
                return self.bench.try_run(command)
        match self.chance.random():
            case few if few < 0.08:
                return self.photograph()
            case some if some < 0.3:
                return self.note()
        sku, place = self.chance.choice(PLACES)
        self.shop.stock(sku, place, 1)
        return Done(None)

    def note(self) -> Outcome:
        """Open a case: what can always be done."""
        return self.bench.try_run(
            OpenCase(**self.bench.base(), kind=CaseKind.CALL, facts=(("post", str(self.number)),))
        )

    def photograph(self) -> Outcome:
        """Show something of an order; the picture is kept before anything names it."""
        data = b"\xff\xd8\xff" + self.chance.randbytes(self.chance.randint(*PHOTO))
        digest = sha256(data).hexdigest()
        assert self.shelf.keep(digest, data)
        command = AddPhoto(
            **self.bench.base(), order=order_id("o0"), digest=digest, size=len(data), station=self.name
        )  # fmt: skip
        return self.bench.try_run(command, NoteText(SITE, note_id(command.id), ""))

    def _walk(self) -> Command | None:
        """Return the next step of a cart; None where it was given nothing."""
        with self.looking() as connection, at_one_moment(connection):
            offer = AskWork(SITE, person_of(self.number), station=self.name).run(connection)
        if isinstance(offer, BatchOffer):
            cart = container_id(f"CART-{self.number}")
            return StartBatch(**self.bench.base(), batch=offer.batch, cart=cart, station=self.name)
        if not isinstance(offer, TaskView):
            return None
        state = PutInTote(offer, offer.quantity, 0)
        take = decide.next_put(state)
        fill, tote = take.fill, take.container
        if fill == NO_ID:
            fill, tote = FillId(NO_ID), self._empty_tote()
        return decide.pick(state, self.shop.stamp(), fill, tote, decide.put_quantity(state))

    def _empty_tote(self) -> Any:
        full = {row.container for row in self.bench.all(Fill) if row.state is not FillState.EMPTIED}
        mine = (container_id(f"TOTE-{(self.number + 1) * TOTES + n}") for n in range(TOTES))
        return next(each for each in mine if each not in full)


@contextmanager
def at_post(
    folder: Path,
    number: int,
    address: str,
    kind: StationKind = StationKind.CART,
    *,
    clock: MovedClock | None = None,
    load: bool = False,
    seed: int = 0,
    hear: Callable[[bytes], None] = lambda _id: None,
) -> Iterator[Post]:
    """Let a station work in a folder for a while; what was there before goes on.

    Args:
        folder: for its file and its witness.
        number: which station of the site.
        address: the hub's.
        kind: what it is there for.
        clock: the machine's.
        load: whether a new one loads the site as it is, and does not follow the feed from its beginning.
        seed: what is done.
        hear: is told the id of each operation once it is confirmed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, clock = folder / "station.db", clock or MovedClock()
    with ExitStack() as stack:
        database = open_station(path, KEY, role=Role.REPLICA)
        stack.callback(database.dispose)
        database.prepare()
        with database.connect() as connection:
            with connection.begin():
                identity = identity_of(connection)
            if identity is None:
                identity = Identity(SITE, name_of(number))
                write_identity(connection, identity)
                if load:
                    with connection.begin():
                        want_loading(connection, SITE, identity.incarnation)
        writer = stack.enter_context(Writer(database, identity, clock, gate_of(open_gate, Role.REPLICA)))
        hands = Hands(writer, stack.enter_context(database.reading()), hear=hear)
        bench = OwnBench(database, hands, clock, Ids(), person=person_of(number))  # type: ignore[arg-type]
        me = Me(SITE, identity.station, Ids().new())
        heard: deque[Heard] = deque(maxlen=1_000)

        def give_back(lease: WorkLease) -> GiveBackWork:
            return GiveBackWork(**bench.base(), stage=lease.stage, work=lease.work, fence=lease.fence)

        shelf = Shelf(BlobStore(folder / "blobs"))
        around = Surroundings(
            me, identity, database.reading, writer, HttpLink(address, me), Random(), heard.append, give_back,
            lambda connection, epoch: listing(connection, identity.station, epoch, bench.base),  # type: ignore[arg-type]
            witness=Witness(folder / "station.witness"), shelf=shelf,
        )  # fmt: skip
        engines = stack.enter_context(Engines(around))
        shelf.asked = engines.look_for_photos
        bench.listeners.append(lambda _changes: engines.poke())
        shop = Shop(bench, station=identity.station)
        yield Post(number, kind, path, bench, shop, hands, engines, Random(seed * 1_000 + number), heard, shelf)


def wait_for(what: Callable[[], object], seconds: float, words: Callable[[], object] = lambda: "") -> float:
    """Wait until something is so, and return how many seconds that took."""
    begun = time.monotonic()
    while not what():
        assert time.monotonic() < begun + seconds, f"it did not come: {words()}"
        time.sleep(0.02)
    return time.monotonic() - begun


def main(folder: str, number: str, kind: str, address: str, seed: str) -> None:
    """Work until somebody ends it."""

    def say(done: bytes) -> None:
        print(done.hex(), flush=True)

    place = Path(folder)
    with at_post(place, int(number), address, StationKind(kind), load=True, seed=int(seed), hear=say) as post:
        print("open", flush=True)
        pause = threading.Event()
        # By what the product itself waits by: a library that lies about the time has `time.sleep` fail.
        while not pause.wait(0.01):
            if post.is_ready:
                post.work()


if __name__ == "__main__":
    main(*sys.argv[1:])
