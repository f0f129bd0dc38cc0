"""The site of a schedule: a hub, stations and people, laid out once and copied for each day."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from shutil import copyfile
from unittest.mock import patch

import sqlalchemy as sa

import core.everything  # noqa: F401
from core.catalog.commands import NewLocation, SaveLocations
from core.catalog.model import LocationRole
from core.kernel.feed import Feed, FeedKind, head_of
from core.kernel.ids import PersonId, StationId
from core.kernel.operations import Operation, OperationOutcome
from core.kernel.tables import sql_of
from core.packing.commands import SSCC_NUMBERS
from core.people.model import PersonCard
from core.people.secrets import badge_hash
from core.rights.commands import AddStation
from core.rights.model import StationKind
from sync.numbers import IN_HAND
from tests.orders.shop import lay_out
from tests.simulation.dst.goods import Hall
from tests.simulation.dst.hub import Hub, InAFile, InPostgres, Storage
from tests.simulation.dst.line import Line
from tests.simulation.dst.machine import Machine, Time, WrongClock, new_file
from tests.simulation.dst.minding import Lead
from tests.simulation.dst.packer import Packer
from tests.simulation.dst.plan import COPY, Schedule
from tests.simulation.dst.players import Loader, Picker, Player
from tests.simulation.dst.settling import Settler
from tests.simulation.dst.yard import Yard
from tests.support import PICKER, SITE
from tests.sync.world import everybody

_DAYS = count(1)
"""Databases of a server are told apart by number: all tests of a process share it."""
CARTS = 3
"""Carts that the site has."""
FAST = Path("/dev/shm")
"""Where files cost no disk, if there is such a place."""


@dataclass
class Site:
    """Everything there is."""

    time: Time
    hub: Hub
    hall: Hall
    machines: dict[str, Machine] = field(default_factory=dict)
    players: dict[str, Player] = field(default_factory=dict)
    leads: dict[str, Lead] = field(default_factory=dict)
    """Whoever minds what waits, by the station he stands at."""
    clerks: dict[str, Settler] = field(default_factory=dict)
    """Whoever does what is to be done beside, by the station he stands at."""

    def __post_init__(self) -> None:
        """Lay the wire."""
        self.line = Line(self.hub)
        self.yard = Yard(self.hall)

    def lead(self, name: str) -> Lead:
        """Return who minds what waits at a station: whoever works there has the roles for it."""
        if name not in self.leads:
            player = self.players[name]
            self.leads[name] = Lead(player.machine, self.hall, player.person, site=self)
        return self.leads[name]

    def clerk(self, name: str) -> Settler:
        """Return who carries, unpacks and receives at a station: whoever works there has the roles for it."""
        if name not in self.clerks:
            player = self.players[name]
            self.clerks[name] = Settler(player.machine, self.hall, player.person, site=self)
        return self.clerks[name]

    def all_heard(self, machine: Machine, operations: list[bytes]) -> bool:
        """Return whether a station knows of operations, and whether nobody has yet to do with his hands what a station took."""
        everybody = (*self.players.values(), *self.leads.values(), *self.clerks.values())
        # What was said to a machine that burnt, or was switched off for good, is done by nobody any more.
        if any(each.unheard is not None and not each.machine.dead for each in everybody):
            return False
        with machine.bench.executor.connection.begin():
            return set(operations) <= self._known(machine.bench.executor.connection, operations)

    def known_at(self, machine: Machine, operations: list[bytes]) -> set[bytes]:
        """Return those of some operations that a station did itself or has heard of."""
        return self._known(machine.reader, operations)

    def _known(self, here: sa.Connection, operations: list[bytes]) -> set[bytes]:
        log = sql_of(Operation)
        wanted = sorted(operations)
        own = set(here.execute(sa.select(log.c.id).where(log.c.id.in_(wanted))).scalars())
        return own | self._told(wanted, head_of(here, SITE).seq)

    def note_overtaken(self, machine: Machine) -> None:
        """Let the hall know what was carried away from under somebody's promise, or unheard of where somebody works now."""
        carried = {each.operation: each for each in self.yard.carried}
        with self.hub.database.reading() as connection:
            told = outcomes(connection, list(carried), head_of(connection, SITE).seq)
        known = self.known_at(machine, list(carried))
        self.hall.overtaken = Counter()
        for operation, each in carried.items():
            if operation not in known or told.get(operation) != OperationOutcome.APPLIED:
                self.hall.overtaken[each.source, each.sku] += each.units

    def forget_what_burnt(self) -> None:
        """Let nobody wait for what went with the station that had it: everybody was heard, and the hub has it not."""
        with self.hub.database.reading() as connection:
            last = head_of(connection, SITE).seq
        for shelf, operations in self.hall.moved.items():
            told = self._told(operations, last)
            self.hall.moved[shelf] = [each for each in operations if each in told]

    def _told(self, operations: list[bytes], through: int) -> set[bytes]:
        """Return those of some operations that the hub's feed tells of, up to a row."""
        with self.hub.database.reading() as connection:
            return set(outcomes(connection, operations, through))

    def copy(self, name: str) -> Machine:
        """Let another PC go on with a copy of a station's file, and somebody work at it, while the station goes on."""
        machine = self.machines[name].copy(f"{name}{COPY}")
        self.machines[machine.name] = machine
        player = self.players[machine.name] = _player(machine, self.hall)
        original = self.players[name]
        player.person = original.person
        if isinstance(player, Picker) and isinstance(original, Picker):
            player.cart, player.batch = f"CART-{CARTS}", original.batch
        self.hall.copied = self.hall.sent_again = self.hall.forgotten = True
        machine.start()
        return machine


def outcomes(connection: sa.Connection, operations: list[bytes], through: int) -> dict[bytes, str]:
    """Return what came of those of some operations that the hub's feed tells of, up to a row."""
    feed = sql_of(Feed)
    query = sa.select(feed.c.entity, feed.c.content).where(
        feed.c.kind == FeedKind.RECEIPT.value,
        feed.c.seq <= through,
        feed.c.entity.in_([each.hex() for each in operations]),
    )
    return {bytes.fromhex(each): json.loads(said)["outcome"] for each, said in connection.execute(query)}


def _machine(folder: Path, name: str, time: Time) -> Machine:
    kind = StationKind(name.partition("-")[0])
    return Machine(name, kind, station_id(name), folder / f"{name}.db", time, WrongClock(time))


def station_id(name: str) -> StationId:
    """Return the id of a station by its name."""
    return StationId(f"station--{name}".encode()[:16].ljust(16, b"-"))


def card_of(person: PersonId) -> PersonCard:
    """Return what whoever works here is called, and the badge by which a station knows him."""
    name = person.decode().removeprefix("person").strip("-")
    return PersonCard(SITE, person, f"Pat of {name}", badge_hash(f"BADGE-{person.hex()}"), "")


def _player(machine: Machine, hall: Hall) -> Player:
    kind, _, number = machine.name.partition("-")
    person = PersonId(f"person--{machine.name}".encode()[:16].ljust(16, b"-"))
    match kind:
        case "cart":
            return Picker(machine, hall, person, cart=f"CART-{number}")
        case "bench":
            return Packer(machine, hall, person)
        case _:
            return Loader(machine, hall, person, dock=f"DOCK-{number}")


@contextmanager
def few_numbers(labels: int) -> Iterator[None]:
    """Let benches be given so many label numbers at a time; 0 for as many as anywhere."""
    usual = IN_HAND[StationKind.BENCH]
    less = {StationKind.BENCH: {**usual, SSCC_NUMBERS: labels or usual[SSCC_NUMBERS]}}
    with patch.dict(IN_HAND, less):  # type: ignore[arg-type]
        yield


@contextmanager
def fast_folder() -> Iterator[Path]:
    """Yield an empty folder on the fastest disk there is."""
    with tempfile.TemporaryDirectory(prefix="dockside-", dir=FAST if FAST.is_dir() else None) as folder:
        yield Path(folder)


class Templates:
    """Sites that are laid out and known to all their stations: made once, copied for each day."""

    def __init__(self, folder: Path, server: str = "") -> None:
        """Keep them in a folder; the hub's data in a PostgreSQL server where one is named."""
        self._folder = folder
        self._server = server
        self._made: dict[tuple[int, tuple[str, ...]], tuple[Path, Time]] = {}

    def prepare(self, schedule: Schedule) -> None:
        """Lay out a site of a schedule's shape, where that was not done: with the program as it is now."""
        shape = schedule.labels, schedule.stations
        if shape not in self._made:
            with few_numbers(schedule.labels):
                self._made[shape] = self._lay_out(schedule.stations)

    @contextmanager
    def site(self, schedule: Schedule) -> Iterator[Site]:
        """Open a site of a schedule's shape, in which nothing has happened yet."""
        self.prepare(schedule)
        names = schedule.stations
        template, time = self._made[schedule.labels, names]
        with few_numbers(schedule.labels), tempfile.TemporaryDirectory(dir=self._folder) as name:
            folder = Path(name)
            for each in template.iterdir():
                copyfile(each, folder / each.name)
            site = _site(self._storage(folder, template), folder, names, Time(time.at, time.ids))
            try:
                site.hub.start()
                for machine in site.machines.values():
                    machine.start()
                yield site
            finally:
                close(site)

    def _lay_out(self, names: tuple[str, ...]) -> tuple[Path, Time]:
        template = self._folder / f"template-{len(self._made)}"
        template.mkdir()
        site = _site(self._storage(template, None), template, names, Time())
        site.hub.storage.open().prepare()
        for name in names:
            new_file(site.machines[name].file, site.machines[name].station)
        site.hub.start()
        office = site.hub.office.it
        lay_out(office)
        more = [NewLocation("H-1", "H", LocationRole.HOSPITAL, 100)]
        if "dock-2" in names:
            more.append(NewLocation("DOCK-2", "D", LocationRole.SHIP, 99))
        office.run(SaveLocations(**office.base(), locations=tuple(more)))
        people = [PICKER, *(player.person for player in site.players.values())]
        office.seed(*map(card_of, people))
        everybody(site.hub.office, *people)
        for name in names:
            machine = site.machines[name]
            add = AddStation(
                **office.base(), station=machine.station, name=name, kind=machine.kind, base_version=0
            )  # fmt: skip
            office.run(add)
        for machine in site.machines.values():
            machine.start()
            machine.finish(site.line)
        close(site)
        return template, site.time

    def _storage(self, folder: Path, template: Path | None) -> Storage:
        if not self._server:
            return InAFile(folder / "hub.db")
        storage = InPostgres(self._server, f"day_{next(_DAYS)}")
        source = "template1" if template is None else (template / "database").read_text()
        storage.copy(source, storage.name)
        if template is None:
            (folder / "database").write_text(storage.name)
        return storage


def _site(storage: Storage, folder: Path, names: tuple[str, ...], time: Time) -> Site:
    hub = Hub(storage, time, WrongClock(time))
    site = Site(time, hub, Hall())
    for name in names:
        machine = site.machines[name] = _machine(folder, name, time)
        site.players[name] = _player(machine, site.hall)
    return site


def close(site: Site) -> None:
    """Close whatever of a site is open."""
    for machine in site.machines.values():
        if machine.on:
            machine.stop()
    if site.hub.up:
        site.hub.stop()
