"""What IT does at the hub of this machine: sites, stations, backups, checks. Answering stations is `hub_service.py`."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.catalog.queries import zone_named
from core.exchange.verify import verify_books
from core.kernel.commands import Command
from core.kernel.home import DATABASE
from core.kernel.ids import SiteId, StationId
from core.kernel.refusal import Fault
from core.kernel.tables import rows_of, sql_of
from core.kernel.verify import Difference
from core.rights.commands import AddStation, RecallWork
from core.rights.model import PICKING, SiteStation, StationKind
from core.waves.leases import plan_zones
from desktop.assembly import assembled
from desktop.founding import Founder
from desktop.hub_service import LOOKS, begin_epochs, chores_of, hub_home, status_of
from desktop.hub_sites import NewSite, begun, leader, run, stamp
from desktop.membership import HUB, KIND, NAME
from desktop.options import AnswerIsNo
from desktop.system import SystemClock, SystemIds
from sync.hub.adopting import admit, adopt, follow
from sync.hub.backup import BackedUp, back_up, restore
from sync.hub.configuration import EMBEDDED, address_of, shown
from sync.hub.opening import Hub, opened
from sync.hub.receiving import Receiver
from sync.hub.serials import twice_given
from sync.hub.snapshots import whole
from sync.hub.status import SiteStatus
from sync.hub.verifying import alone, first_of, verify_site
from sync.snapshot_file import write_snapshot

OWN_DATABASE = EMBEDDED + "dockside"


DIFFERENCES_TOLD = 50


@contextmanager
def at_hand(named: Path | None) -> Iterator[Hub]:
    """Open the hub for a while, to look at it.

    Raises:
        HubFault: there is none.
    """
    home = hub_home(named)
    with opened(home, home.read(), SystemClock(), SystemIds(), connections=0) as hub:
        yield hub


@contextmanager
def at_work(named: Path | None) -> Iterator[Hub]:
    """Open the hub for a while, to write something: where it was put back its epoch begins first, as before it serves.

    Raises:
        HubFault: there is none.
    """
    with at_hand(named) as hub:
        if hub.configuration.restored:
            begin_epochs(hub)
        for site in hub.databases:
            for looks_back in chores_of(hub, site)[:LOOKS]:
                looks_back()
        yield hub


def place_of(said: str) -> str:
    """Return where a site will live, as somebody said it.

    Raises:
        Fault: it is no address of a database.
    """
    try:
        return address_of(said)
    except ValueError as e:
        raise Fault(str(e)) from e


def init(named: Path | None, place: str, new: NewSite, lead: Founder) -> dict[str, Any]:
    """Make a site at the hub, and the hub where there is none yet.

    Args:
        named: the hub's home.
        place: the database it will live in: an address, or one of the hub's own.
        new: the site.
        lead: who can sign in at it from the first day; told in the answer where it was begun now, and nowhere else.

    Raises:
        Fault: the site lives elsewhere already, or its database cannot be used.
    """
    home = hub_home(named)
    known = home.begun()
    if known.sites.get(new.site, place) != place:
        raise Fault(f"site {new.site} lives in {shown(known.sites[new.site])} already")
    wanted = replace(known, sites={**known.sites, new.site: place})
    # With the other sites: one of them may begin its label numbers alike, and gives a part of them.
    with opened(home, wanted, SystemClock(), SystemIds(), connections=0, makes=place) as hub:
        made = begun(hub, new, lead)
        home.write(wanted)
    done = {"home": str(home.folder), "site": new.site, "database": shown(place), "made": made, "file": str(home.file)}
    return done | ({"lead": {"name": lead.name, "badge": lead.badge, "pin": lead.pin}} if made else {})


def first_try(named: Path | None) -> dict[str, Any]:
    """Make a hub with a PostgreSQL of its own, and return what was made."""
    return init(named, OWN_DATABASE, NewSite(SiteId(1), "Warehouse", "", "", "09501101"), leader("", "", ""))


def only_site(hub: Hub, named: int | None) -> SiteId:
    """Return the site that is meant: as named, or the only one there is.

    Raises:
        Fault: it is not this hub's, or there are several.
    """
    if named is not None and SiteId(named) in hub.databases:
        return SiteId(named)
    sites = ", ".join(map(str, sorted(hub.databases)))
    if named is not None:
        raise Fault(f"site {named} is not this hub's: it has {sites}")
    if len(hub.databases) != 1:
        raise Fault(f"this hub has several sites: say --site, one of {sites}")
    return next(iter(hub.databases))


def add_station(hub: Hub, site: SiteId, name: str, kind: StationKind) -> dict[str, Any]:
    """Let a PC become a station of a site, and return what it needs to join.

    Raises:
        AnswerIsNo: there is a station of that name.
    """
    stations = sql_of(SiteStation)
    with hub.databases[site].reading() as connection:
        same = sa.select(stations).where(stations.c.site == site, stations.c.name == name)
        if rows_of(SiteStation, connection.execute(same)):
            raise AnswerIsNo(f"site {site} has a station {name} already")
    station = StationId(hub.ids.new())
    run(hub, AddStation(**stamp(hub, site), station=station, name=name, kind=kind, base_version=0))
    return {
        "hub": hub.configuration.address, "site": site, "station": station.hex(), "name": name, "kind": kind.value,
    }  # fmt: skip


def set_zones(hub: Hub, site: SiteId, name: str, codes: Sequence[str]) -> dict[str, Any]:
    """Let a station work some zones, or all where none is named; walks that are others' then are asked back.

    Raises:
        AnswerIsNo: there is no such station or zone, or it does not pick.
    """
    stations = sql_of(SiteStation)

    def decide(connection: sa.Connection) -> list[Command]:
        query = sa.select(stations).where(stations.c.site == site, stations.c.name == name)
        rows = rows_of(SiteStation, connection.execute(query))
        if not rows or rows[0].kind not in PICKING:
            raise AnswerIsNo(f"site {site} has no station {name} that picks")
        known = {code: zone_named(connection, site, code) for code in codes}
        unknown = ", ".join(code for code, zone in known.items() if zone is None)
        if unknown:
            raise AnswerIsNo(f"site {site} has no zone {unknown}")
        zones = [zone.id for zone in known.values() if zone is not None]
        return list(plan_zones(connection, rows[0], zones, stamp(hub, site)))

    with hub.databases[site].connect() as connection:
        made = Receiver(connection, site).decide_all(decide, boot_ns=hub.clock.boot_ns())
    asked = sum(isinstance(command, RecallWork) for command, _ in made)
    return {"station": name, "zones": sorted(set(codes)), "asked_back": asked}


def verify(hub: Hub) -> tuple[list[str], list[str]]:
    """Return in words what does not add up, and what does not and a case tells of: it happened so, and waits for a person.

    Each database is looked at as it is at one moment.
    """
    found: list[Difference] = []
    for database in dict.fromkeys(hub.databases.values()):
        with database.snapshot() as connection:
            for site in (site for site, each in hub.databases.items() if each is database):
                found += verify_site(connection, site)
                with alone(connection, site):
                    found += verify_books(connection)
    found += twice_given(hub.databases)
    parts = [each for each in found if not each.case], [each for each in found if each.case]
    return first_of(parts[0], DIFFERENCES_TOLD), first_of(parts[1], DIFFERENCES_TOLD)


def adopted(named: Path | None, station: Path, place: str, name: str, kind: StationKind) -> dict[str, Any]:
    """Move a station that was alone into the hub, and let its own file follow.

    Args:
        named: the hub's home.
        station: the station's home, or its database file.
        place: the database its site will live in.
        name: what the station is called from now on.
        kind: what it is there for.

    Raises:
        Fault: it cannot be; nothing was written.
    """
    home = hub_home(named)
    known = home.begun()
    with assembled(station.parent if station.name == DATABASE else station) as alone:
        if alone.membership is not None:
            raise AnswerIsNo(f"{alone.home.folder} follows the hub {alone.membership.hub} already")
        me = alone.identity
        if known.sites.get(me.site, place) != place:
            raise AnswerIsNo(f"site {me.site} lives in {shown(known.sites[me.site])} already")
        wanted = replace(known, sites={**known.sites, me.site: place})
        alone_there = replace(wanted, sites={me.site: place})
        with opened(home, alone_there, SystemClock(), SystemIds(), connections=0, makes=place) as hub:
            now, boot = hub.clock.now_ms(), hub.clock.boot_ns()
            # Before the rows that name them: whoever finds a row finds its file. Stopped halfway, nothing is copied twice.
            files = alone.home.blobs.copy_to(home.blobs)
            with hub.databases[me.site].connect() as central, alone.database.reading() as source:
                done = adopt(source, central, me, now)
                admit(central, me, name, kind, now, boot, hub.ids.new)
            home.write(wanted)
        address = wanted.address
        facts = {HUB: address, NAME: name, KIND: kind.value}
        alone.writer.maintain(lambda connection: follow(connection, done.head, facts)).result()
    return {
        "site": me.site, "station": me.station.hex(), "name": name, "hub": address, "operations": done.operations,
        "feed": done.head.seq, "database": shown(place), "files": files.files, "damaged": list(files.damaged),
    }  # fmt: skip


def backed_up(named: Path | None, folder: Path) -> BackedUp:
    """Back up every server behind the hub."""
    home = hub_home(named)
    configuration = home.read()
    with ExitStack() as stack:
        if any(place.startswith(EMBEDDED) for place in configuration.sites.values()):
            stack.enter_context(home.cluster.running())
        return back_up(home, configuration, folder, SystemClock().now_ms())


def snapshot_of(hub: Hub, site: SiteId, file: Path) -> dict[str, Any]:
    """Write a site as it is at this moment to a file, for PCs that join with it.

    Raises:
        Fault: that is no place for one.
    """
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise Fault(
            f"{file} {'is a folder' if file.is_dir() else 'lies in no folder that is there'}: say the name of a file"
        )
    with hub.databases[site].snapshot() as connection:
        head = write_snapshot(file, site, whole(connection, site, hub.clock.now_ms()))
    return {"file": str(file), "site": site, "feed": head.seq, "epoch": head.epoch, "bytes": file.stat().st_size}


def put_back(named: Path | None, folder: Path, until: str | None) -> dict[str, Any]:
    """Put a backup of the hub's own PostgreSQL back.

    Raises:
        Fault: it cannot be.
    """
    home = hub_home(named)
    try:
        moment = None if until is None else datetime.fromisoformat(until).astimezone()
    except ValueError as e:
        raise Fault(f"{until!r} is no time such as 2026-01-31T14:30") from e
    return {"home": str(home.folder), "copy": restore(home, folder, moment)}


def recovery(hub: Hub, *, begin: bool) -> list[SiteStatus]:
    """Return how far every site is that was set back.

    Args:
        hub: the hub.
        begin: say that its databases were put back to an earlier state: every site begins a new epoch now.
    """
    if begin:
        begin_epochs(hub)
    return [each for each in status_of(hub).sites if each.recovering]
