"""A site under faults: databases of a real PostgreSQL, hubs as processes that may be killed, and what is looked at in the end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from core.catalog.commands import NewContainer, SaveContainers
from core.catalog.model import ContainerKind
from core.kernel.database import open_postgres
from core.kernel.feed import FeedHead, head_of
from core.rights.commands import AddStation
from core.rights.model import StationKind
from sync.hub.center import Center
from sync.hub.cluster import Cluster, free_port
from sync.hub.configuration import Configuration, HubHome
from tests.faults.posts import PLACES, TOTES, Post, name_of, person_of, wait_for
from tests.orders.shop import Shop, lay_out
from tests.simulation.dst import outside, shown
from tests.simulation.dst.books import Books, feed_of, text_of, told
from tests.support import PICKER, SITE, Bench, FakeClock, FakeIds
from tests.sync.office import AtTheHub
from tests.sync.world import everybody

ROOT = Path(__file__).parents[2]
STATIONS = 10
"""Of the site: half are carts, the others benches."""
ORDERS = 30
WHOLE_S = 10.0
"""Within which everybody agrees once the network is whole (sync, 8.3, 10)."""


def kind_of(number: int) -> StationKind:
    return StationKind.CART if number % 2 else StationKind.BENCH


def lay_out_site(address: str) -> None:
    """Make a site in an empty database: stations, goods, and orders that the hub will plan."""
    hub = open_postgres(address)
    hub.prepare()
    with hub.connect() as central:
        clock, ids = FakeClock(), FakeIds(start=900_000_000)
        center = Center(lambda _site: hub, clock, ids)
        it = Bench(hub, AtTheHub(center, central), clock, ids)  # type: ignore[arg-type]
        shop: Shop = lay_out(it)
        carts = [NewContainer(f"CART-{n}", ContainerKind.CART, slots=6) for n in range(4, STATIONS + 1)]
        totes = [NewContainer(f"TOTE-{n}", ContainerKind.TOTE) for n in range(TOTES * 2, TOTES * (STATIONS + 2))]
        it.run(SaveContainers(**it.base(), containers=(*carts, *totes)))
        for sku, place in PLACES:
            shop.stock(sku, place, 10_000)
        everybody(shop, PICKER, *(person_of(n) for n in range(1, STATIONS + 1)))
        for n in range(1, STATIONS + 1):
            it.run(AddStation(**it.base(), station=name_of(n), name=f"S-{n}", kind=kind_of(n), base_version=0))
        for n in range(ORDERS):
            lines = [(sku, 1 + n % 2) for sku, _ in PLACES][: 1 + n % 3]
            shop.order(f"o{n}", lines, cut_off_at=1_000_000 + n)
    hub.dispose()


@dataclass
class Databases:
    """Databases of one server: a site that is laid out, and copies of it."""

    cluster: Cluster
    made: int = 0
    laid_out: bool = False

    def site(self) -> str:
        """Return the name of a new database with a site in which nothing has happened yet."""
        if not self.laid_out:
            self.cluster.create("laid_out")
            lay_out_site(self.cluster.address("laid_out"))
            self.laid_out = True
        return self.copy("laid_out")

    def copy(self, source: str) -> str:
        """Return the name of a copy of a database that nobody uses."""
        self.made += 1
        name = f"site_{self.made}"
        with self.cluster.asked() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        return name


@dataclass
class HubProcess:
    """A hub as a process of its own, always at the same address."""

    home: Path
    port: int
    host: str = "127.0.0.1"
    words: Sequence[str] = ()
    """What stands before its command."""
    process: "subprocess.Popen[str] | None" = None

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}"

    def start(self) -> float:
        """Start it and return how many seconds it took until it listened."""
        begun = time.monotonic()
        command = [sys.executable, "-m", "desktop.cli", "hub", "serve", "--port", str(self.port), "--json"]
        with (self.home / "stderr").open("a") as errors:
            self.process = subprocess.Popen(
                [*self.words, *command, "--home", str(self.home)], cwd=ROOT, text=True, stdout=subprocess.PIPE,
                stderr=errors, env=os.environ | {"PYTHONPATH": str(ROOT)}, start_new_session=True,
            )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "address" in json.loads(line or "{}"), (self.home / "stderr").read_text()
        return time.monotonic() - begun

    def kill(self) -> None:
        """End it by the signal that nobody hears."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        # With whatever works for it.
        os.killpg(self.process.pid, how)
        self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None


class PostgresProcess:
    """The server of a cluster, to be killed with all that works for it; it comes back where it was."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster, self._port, self._server = cluster, cluster.port, self._pid(cluster)

    @staticmethod
    def _pid(cluster: Cluster) -> int:
        return int((cluster.data / "postmaster.pid").read_text().splitlines()[0])

    def kill(self) -> None:
        """Kill it where it did not end by itself: the disk that says who it is may be gone."""
        server, children = self._server, list[str]()
        with suppress(OSError):
            children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        for process in (server, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        wait_for(lambda: not any(Path(f"/proc/{each}").exists() for each in (server, *children)), 10)

    def start(self) -> float:
        """Start it and return how many seconds it took until it answered."""
        begun = time.monotonic()
        options = f"-h 127.0.0.1 -p {self._port}"
        self._cluster._call(
            "pg_ctl", "-D", self._cluster.data, "-w", "-l", self._cluster.folder / "log", "-o", options, "start"
        )
        self._server = self._pid(self._cluster)
        return time.monotonic() - begun


@dataclass
class PostProcess:
    """A station as a process of its own."""

    folder: Path
    number: int
    address: str
    words: Sequence[str] = ()
    """What stands before its command."""
    env: Mapping[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[str] | None" = None
    confirmed: list[str] = field(default_factory=list)
    """Ids of all that was confirmed, in every life."""
    took: list[float] = field(default_factory=list)
    """Seconds from each start until its file was open."""

    def start(self, seed: int) -> None:
        """Start it, and return once its file is open."""
        begun = time.monotonic()
        command = [sys.executable, "-m", "tests.faults.posts", self.folder, self.number, kind_of(self.number).value]
        self.process = subprocess.Popen(
            [*self.words, *map(str, (*command, self.address, seed))], cwd=ROOT, text=True, stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | self.env,
        )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "open\n"
        self.took.append(time.monotonic() - begun)

    def works(self, times: int) -> None:
        """Wait until it has confirmed so much more."""
        assert self.process is not None and self.process.stdout is not None
        for _ in range(times):
            line = self.process.stdout.readline()
            assert line, "it ended by itself"
            self.confirmed.append(line.strip())

    def works_until_it_ends(self) -> None:
        """Hear what it confirms until somebody pulls its plug."""
        assert self.process is not None and self.process.stdout is not None
        self.confirmed += [line.strip() for line in self.process.stdout if line.endswith("\n")]
        self.kill()

    def pull(self) -> None:
        """Pull its plug, from another thread than the one that hears it."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)

    def kill(self) -> None:
        """End it by the signal that nobody hears; what it said until then counts."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGKILL)
        assert self.process.stdout is not None
        self.confirmed += [line.strip() for line in self.process.stdout if line.endswith("\n")]
        self.process.wait(30)
        self.process.stdout.close()
        self.process = None


@dataclass
class SiteUnderFaults:
    """A hub over a database, and what stations of it left behind."""

    databases: Databases
    database: str
    hub: HubProcess
    posts: dict[int, Path] = field(default_factory=dict)
    """The folders of stations that worked here."""

    @property
    def place(self) -> str:
        return self.databases.cluster.address(self.database)

    def configure(self, *, restored: bool = False) -> None:
        """Say where the site lives."""
        url = sa.make_url(self.place).set(drivername="postgresql")
        if self.hub.words:
            # From a network of its own the server is reached by its socket.
            url = url.set(host=None, query={"host": str(self.databases.cluster.folder)})
        plain = url.render_as_string(hide_password=False)
        HubHome(self.hub.home).write(Configuration({SITE: plain}, self.hub.host, self.hub.port, restored=restored))

    def head(self) -> FeedHead:
        """Return how far the feed goes, and in which life of the hub's memory."""
        database = open_postgres(self.place)
        try:
            with database.reading() as connection:
                return head_of(connection, SITE)
        finally:
            database.dispose()

    def drained(self, posts: Sequence[Post], seconds: float = WHOLE_S) -> float:
        """Wait until everybody is through with everything and return how long it took."""

        def words() -> list[tuple[int, int, int, int, object]]:
            return [
                (each.number, each.unsettled(), each.photos_waiting(), each.cursor(), list(each.heard)[-5:])
                for each in posts
            ]

        return wait_for(lambda: self._is_drained(posts), seconds, words)

    def _is_drained(self, posts: Sequence[Post]) -> bool:
        waiting = any(post.unsettled() or post.photos_waiting() for post in posts)
        return not waiting and {post.cursor() for post in posts} == {self.head().seq}

    def at_rest(self, posts: Sequence[Post], seconds: float = WHOLE_S) -> None:
        """Wait until everybody is through with everything, and end the hub: it gives out work whenever somebody asks."""
        while True:
            self.drained(posts, seconds)
            self.hub.stop()
            if self._is_drained(posts):
                return
            self.hub.start()

    def differences(
        self, files: Mapping[str, Path], *, loaded: Collection[str] = (), forgot: bool = False
    ) -> list[str]:
        """Return what somebody finds wrong who shares no code with the product.

        Args:
            files: stations' files by name.
            loaded: those that have not heard all that ever happened, but loaded the site as it was.
            forgot: whether the hub or a station was put back: then claims may have been refused, and goods be elsewhere.
        """
        plain = sa.make_url(self.place).set(drivername="postgresql").render_as_string(hide_password=False)
        with Books(plain, {name: str(path) for name, path in files.items()}) as books:
            central = books.central()
            wrong = [
                *outside.feed_without_gaps(central), *outside.rows_as_told(central), *outside.exactly_once(books),
                *outside.ledger_adds_up(central, "hub"), *outside.nobody_is_named(central),
                *outside.log_follows_at_the_hub(books), *shown.photos_are_whole(central),
            ]  # fmt: skip
            if not forgot:
                wrong += [*outside.nothing_refused(central), *outside.units_once(central)]
            for name in books.stations:
                wrong += [*outside.nothing_waits(books, name), *outside.log_follows(books.of(name), name)]
                if name in loaded:
                    wrong += has_what_the_hub_has(books, name)
                else:
                    wrong += [*outside.confirmed_as_told(books, name), *outside.ledger_adds_up(books.of(name), name)]
        return wrong

    def operations(self) -> set[str]:
        """Return the ids of every operation that is at the hub."""
        with Books(self.place.replace("postgresql+psycopg", "postgresql"), {}) as books:
            return {row["id"] for row in books.central().rows("op_log")}


def has_what_the_hub_has(books: Books, name: str) -> Iterator[str]:
    """What a station has that loaded the site is the hub's, word by word; and all that lies on shelves is among it."""
    book, central = books.of(name), books.central()
    for entity in told(feed_of(central)):
        strange = {*map(text_of, book.rows(entity))} - {*map(text_of, central.rows(entity))}
        if strange:
            yield f"{name}: {len(strange)} rows of {entity} are not the hub's"
    if sorted(map(text_of, book.rows("balance"))) != sorted(map(text_of, central.rows("balance"))):
        yield f"{name}: what lies on shelves is not what it is at the hub"


@contextmanager
def site_under_faults(
    databases: Databases, folder: Path, host: str = "127.0.0.1", words: Sequence[str] = ()
) -> Iterator[SiteUnderFaults]:
    """Run a hub over a site of its own for a while."""
    home = folder / "hub"
    home.mkdir()
    hub = HubProcess(home, free_port(), host, words)
    made = SiteUnderFaults(databases, databases.site(), hub)
    made.configure()
    with ExitStack() as stack:
        stack.callback(hub.kill)
        hub.start()
        yield made


def work_until(posts: Sequence[Post], done: Callable[[], bool], seconds: float, pause_s: float = 0.01) -> int:
    """Let everybody work in turn until something is so; return how much was done."""
    end, count = time.monotonic() + seconds, 0
    while not done():
        assert time.monotonic() < end, f"only {count} were done"
        for post in posts:
            post.work()
            count += 1
        time.sleep(pause_s)
    return count
