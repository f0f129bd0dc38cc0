"""Stations as the composition root puts them together, and a hub that they reach over loopback; all on SQLite."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from core.catalog.commands import location_id
from core.kernel.database import Profile, open_station
from core.kernel.executor import Identity, write_identity
from core.kernel.home import Home
from core.kernel.ids import PersonId, StationId
from core.kernel.tables import sql_of
from core.kernel.uow import Role, UnitOfWork
from core.people.commands import SavePerson
from core.people.model import PersonCard
from core.people.secrets import badge_hash
from core.rights.commands import AddStation
from core.rights.model import StationKind
from core.station.replay import Line, Replay
from desktop.assembly import BENCH, Assembly
from desktop.headless import headless
from desktop.membership import HUB, KIND, NAME
from sync.hub.app import hub_app
from sync.hub.serving import served
from tests.orders.shop import lay_out
from tests.support import SITE
from tests.sync.world import World, world

BADGE = "BADGE-PAT"


@dataclass
class Site:
    """A hub with a shop, and its address."""

    world: World
    address: str

    def station(self, name: str, kind: StationKind) -> StationId:
        """Add a station at the hub."""
        made = StationId(name.encode().ljust(16, b"-"))
        base = self.world.office.it.base()
        self.world.office.it.run(AddStation(**base, station=made, name=name, kind=kind, base_version=0))
        return made


def one_person_works(it: World) -> None:
    shop = lay_out(it.office.it)
    shop.stock("MUG", "A-1", 100)
    person = PersonId(b"person-pat-00001")
    base = it.office.it.base()
    it.office.it.run(
        SavePerson(
            **base, person=person, roles="picker,packer,loader", language="en", preset="first_day", active=1,
            base_version=0,
        )
    )  # fmt: skip
    with it.central.begin():
        uow = UnitOfWork(it.central)
        uow.save(PersonCard(SITE, person, "Pat", badge_hash(BADGE), ""))
        uow.flush()


@contextmanager
def shared_site(folder: Path) -> Iterator[Site]:
    """A hub on loopback with a shop in it, where one person picks, packs and loads."""
    with world(folder, stations=0, after=one_person_works) as made, ExitStack() as stack:
        yield Site(made, stack.enter_context(served(hub_app(made.center, dict))))


def member_home(folder: Path, site: Site, name: str, kind: StationKind) -> Path:
    """Make the home of a station that the hub knows."""
    home = Home(folder)
    database = open_station(home.database, home.key(), role=Role.REPLICA)
    database.prepare()
    with database.connect() as connection:
        write_identity(connection, Identity(SITE, site.station(name, kind)))
        rows = {HUB: site.address, NAME: name, KIND: kind.value, BENCH: location_id("BENCH-1").hex()}
        with connection.begin():
            connection.execute(sa.insert(sql_of(Profile)), [{"name": n, "value": v} for n, v in rows.items()])
    database.dispose()
    return folder


@contextmanager
def at_work(folder: Path) -> Iterator[tuple[Assembly, Replay]]:
    """Open a station without a window."""
    with headless(folder, printer=False) as (assembly, replay):
        replay.start()
        yield assembly, replay


def until(
    replay: Replay, done: Callable[[], bool], seconds: float = 20.0, told: Callable[[], object] = lambda: ""
) -> None:
    """Let the station hear news until something is so."""
    pump = replay._pump
    for _ in range(int(seconds / 0.02)):
        if done():
            return
        pump.idle(0.02)
    raise AssertionError(f"it did not come: {told()}")


def sign_in(replay: Replay) -> dict[str, object]:
    """Sign Pat in, once the badge is known here."""
    told: dict[str, object] = {}

    def signed() -> bool:
        nonlocal told
        told = replay.perform(Line(0, "badge", BADGE))
        return told["flow"] != "sign_in"

    until(replay, signed)
    return told
