"""The hub as a service on this machine: what answers stations, and what the hub does by itself meanwhile.

What a newcomer would get wrong: what is imported here is held three times for as long as a hub runs, by the process that plans
and by each that answers. Nothing of a window, a printer or a sheet is among it; what IT does at a hub stands in `hub.py`.
"""

import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

import platformdirs
import sqlalchemy as sa

import core.everything  # noqa: F401  every table and command must be declared
from core.kernel.ids import SiteId
from desktop.memory import answer_soon, collect_seldom
from desktop.system import APPLICATION, SystemClock, SystemIds
from sync.hub.announcing import Announcer
from sync.hub.app import hub_app
from sync.hub.backup import log_trouble
from sync.hub.configuration import EMBEDDED, Configuration, HubHome
from sync.hub.newcomers import Newcomers
from sync.hub.opening import Hub, opened
from sync.hub.planning import Planner
from sync.hub.presence import Presence
from sync.hub.recovery import raise_epochs
from sync.hub.rounds import Rounds
from sync.hub.serving import LOOPBACK, serve
from sync.hub.status import HubStatus, hub_status
from sync.hub.taking import Share
from sync.hub.witness import FeedWitness, look
from sync.hub.workers import Line, serve_by

OPEN_NOTE = "The hub listens beyond this machine and takes whoever names a station for that station: keep it on a network of its own."
RESTORED_NOTE = "The databases came from a backup: `dockside hub serve` will begin a new epoch before it answers."

WORKERS_MAX = 2
"""Processes that answer where nobody says how many: each takes memory, and whoever has more sites than this can say so."""


def hub_home(named: Path | None) -> HubHome:
    """Return the hub's home: as named, or the system's place for it."""
    return HubHome(named or Path(platformdirs.user_data_dir(f"{APPLICATION} hub", appauthor=False)))


LOOKS = 2
"""The chores that find out whether the hub was put back: done before it answers, and before a command writes, too."""


def chores_of(hub: Hub, site: SiteId) -> list[Callable[[], object]]:
    """Return what the hub does at a site by itself."""
    chores: list[Callable[[], object]] = [
        Presence(hub.databases[site], site, hub.clock).note, partial(look_back, hub, site),
        partial(hub.center.go_on, site), partial(hub.center.unpark, site),
    ]  # fmt: skip
    if hub.configuration.plans:
        chores.append(planner_of(hub, site).run)
    return chores


def look_back(hub: Hub, site: SiteId) -> None:
    """Begin an epoch where a site's database was put back and nobody said so.

    Raises:
        Fault: what is known of it cannot be written.
    """
    look(hub.databases[site], site, FeedWitness(hub.home.folder / "witness", site), hub.clock, hub.ids)


def planner_of(hub: Hub, site: SiteId) -> Planner:
    """Return what plans a site."""
    return Planner(site, hub.databases[site], hub.clock, hub.ids)


def status_of(hub: Hub, *more: str) -> HubStatus:
    """Return how the hub is.

    Args:
        hub: the hub.
        more: what is to be known besides.
    """
    restored = (RESTORED_NOTE,) if hub.configuration.restored else ()
    notes = (*more, *restored, *_of_the_log(hub))
    remarks = () if hub.configuration.host in _LOOPBACKS else (OPEN_NOTE,)
    return hub_status(hub.databases, hub.clock.now_ms(), notes, remarks)


def _of_the_log(hub: Hub) -> Iterator[str]:
    """Yield what is wrong with the log of the hub's own PostgreSQL; another's is its administrator's."""
    own = (site for site, place in hub.configuration.sites.items() if place.startswith(EMBEDDED))
    for site in islice(own, 1):
        # One that does not answer is told with its site.
        with suppress(sa.exc.DBAPIError), hub.databases[site].reading() as connection:
            if trouble := log_trouble(connection):
                yield trouble


_LOOPBACKS = frozenset({LOOPBACK, "localhost", "::1"})


def serve_hub(
    named: Path | None,
    *,
    host: str | None,
    port: int | None,
    workers: int | None,
    ready: Callable[[Hub, str], None],
    announce: bool = False,
) -> None:
    """Serve until a signal ends it.

    Args:
        named: the hub's home.
        host: where to listen; None for where it says itself.
        port: the port; None for the hub's own, 0 for any.
        workers: processes that answer; None for what the hub says itself.
        ready: hears the address once it listens.
        announce: let PCs on the network hear of it also where it listens to this machine alone.
    """
    home = hub_home(named)
    said = home.read()
    configuration = replace(said, host=host or said.host, port=said.port if port is None else port)
    with _terminable(), opened(home, configuration, SystemClock(), SystemIds()) as made:
        hub = made
        if configuration.restored:
            begin_epochs(hub)
            hub = replace(hub, configuration=replace(configuration, restored=False))
        chores = {site: chores_of(hub, site) for site in hub.databases}
        for looks_back in chain.from_iterable(each[:LOOKS] for each in chores.values()):
            looks_back()
        with (
            Rounds(chores, hub.center.head, hub.clock) as rounds,
            Announcer(hub.center.names()) as announcer,
            Newcomers(hub, lambda site: rounds.add(site, chores_of(hub, site))) as newcomers,
        ):

            def listening(address: str) -> None:
                if announce or configuration.host not in _LOOPBACKS:
                    announcer.begin(address)
                ready(hub, address)

            def notes() -> Sequence[str]:
                return (*rounds.notes, *announcer.notes, *newcomers.notes)

            collect_seldom()
            answer_soon()
            where = configuration.host, configuration.port
            count = workers or configuration.workers or workers_for(len(hub.databases))
            if count > 1:
                serve_by(partial(_answer, home.folder, hub.configuration), count, *where, listening, notes)
            else:
                serve(hub_app(hub.center, lambda: status_of(hub, *notes())), *where, listening)


def workers_for(sites: int) -> int:
    """Return how many processes answer where nobody says: one a site and processor, since most of a push is theirs."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(processors, sites, WORKERS_MAX))


def _answer(folder: Path, configuration: Configuration, listener: socket.socket, share: Share, line: Line) -> None:
    """Answer beside others; whoever started this process plans."""
    home = HubHome(folder)
    with _terminable(), opened(home, configuration, SystemClock(), SystemIds()) as hub, Newcomers(hub):
        app = hub_app(hub.center, lambda: status_of(hub, *line.notes))
        collect_seldom()
        answer_soon()
        serve(app, configuration.host, configuration.port, line.answers, listener, share)


def begin_epochs(hub: Hub) -> None:
    """Let every site know that its hub was set back, before anything is answered."""
    for database in dict.fromkeys(hub.databases.values()):
        raise_epochs(database, hub.clock, hub.ids)
    hub.home.write(replace(hub.home.read(), restored=False))


@contextmanager
def _terminable() -> Iterator[None]:
    """End by the signal that asks for it as by the key that does: the hub's own database is stopped with it."""

    def stop(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        return
    finally:
        signal.signal(signal.SIGTERM, before)
