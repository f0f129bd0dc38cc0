"""A hub put together from its home: its own PostgreSQL running where it has one, a database a site, what answers stations."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from core.kernel.clock import Clock
from core.kernel.database import Database, open_postgres
from core.kernel.ids import IdSource, SiteId
from sync.hub.center import Center
from sync.hub.configuration import EMBEDDED, Configuration, HubFault, HubHome

CONNECTIONS = 8
"""Kept open at most, for each database."""


@dataclass(frozen=True, slots=True)
class Hub:
    """An open hub."""

    home: HubHome
    configuration: Configuration
    databases: dict[SiteId, Database]
    center: Center
    clock: Clock
    ids: IdSource
    opens: Callable[[SiteId, str], None] = lambda _site, _place: None
    """Opens the database that a further site lives in: the center answers for it from then on."""


@contextmanager
def opened(
    home: HubHome,
    configuration: Configuration,
    clock: Clock,
    ids: IdSource,
    connections: int = CONNECTIONS,
    *,
    makes: str = "",
) -> Iterator[Hub]:
    """Open a hub's databases, each brought to today's tables; sites that share one share its connections.

    Args:
        home: the hub's.
        configuration: what its file says, or will say.
        clock: the hub's.
        ids: gives ids.
        connections: kept open at most, for each database.
        makes: the place that is made where it is not there yet, of the hub's own PostgreSQL.

    Raises:
        HubFault: a database of its own is not there.
        ClusterFault: its own PostgreSQL does not start.
        MigrationFault: a database was made by a newer program.
    """
    with ExitStack() as stack:
        by_place: dict[str, Database] = {}
        databases: dict[SiteId, Database] = {}
        own_runs = False

        def opens(site: SiteId, place: str) -> None:
            nonlocal own_runs
            if place not in by_place:
                if place.startswith(EMBEDDED) and not own_runs:
                    stack.enter_context(home.cluster.running())
                    own_runs = True
                database = open_postgres(_address(home, place, makes=place == makes), connections=connections)
                try:
                    database.prepare()
                except BaseException:
                    database.dispose()
                    raise
                stack.callback(database.dispose)
                by_place[place] = database
            databases[site] = by_place[place]

        for site, place in configuration.sites.items():
            opens(site, place)
        center = Center(databases.get, clock, ids, databases.keys())
        yield Hub(home, configuration, databases, center, clock, ids, opens)


def _address(home: HubHome, place: str, *, makes: bool) -> str:
    if not place.startswith(EMBEDDED):
        return place
    name = place.removeprefix(EMBEDDED)
    if makes:
        home.cluster.create(name)
    elif not home.cluster.has(name):
        raise HubFault(f"the hub's own PostgreSQL has no database {name}, which {home.file} names for a site")
    return home.cluster.address(name)
