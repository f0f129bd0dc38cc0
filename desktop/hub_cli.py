"""`dockside hub …`: the hub as a program that IT runs. For one PC nothing of this is needed."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.kernel.refusal import Fault
from core.rights.model import StationKind
from desktop.floor_cli import floor_app, lost, recall, revoke, vouch
from desktop.options import ADDS_UP, NUMBER_MAX, JsonOption, say

if TYPE_CHECKING:
    from sync.hub.opening import Hub
    from sync.hub.status import HubStatus

hub_app = typer.Typer(help="The hub that stations of a site share; a PC that works alone needs none.")
station_app = typer.Typer(help="The PCs that may join.")
hub_app.add_typer(station_app, name="station")
hub_app.add_typer(floor_app, name="floor")
hub_app.command()(recall)
hub_app.command()(lost)
hub_app.command()(revoke)
hub_app.command()(vouch)

HubHomeOption = Annotated[Path | None, typer.Option("--home", envvar="DOCKSIDE_HUB_HOME", help="the hub's data folder")]
SiteOption = Annotated[int | None, typer.Option(min=1, help="which site, where the hub has several")]


def _needs_the_hubs_parts() -> None:
    """Refuse where what only a hub needs was not installed.

    Raises:
        Fault: it was not.
    """
    from importlib.util import find_spec

    missing = [name for name in ("starlette", "uvicorn", "psycopg", "psycopg_pool") if find_spec(name) is None]
    if missing:
        raise Fault(f"{', '.join(missing)} are not installed here: a hub needs `dockside[hub]`")


@hub_app.callback()
def _hub() -> None:
    _needs_the_hubs_parts()


@hub_app.command()
def init(
    database: Annotated[
        str, typer.Option(help="an empty PostgreSQL database: postgresql://user:password@host/name")
    ] = "",
    embedded: Annotated[bool, typer.Option("--embedded", help="a PostgreSQL of the hub's own, in its home")] = False,
    site: Annotated[int, typer.Option(min=1, help="the site's number, which leads everything it has")] = 1,
    name: Annotated[str, typer.Option(help="what the site is called")] = "Warehouse",
    time_zone: Annotated[str, typer.Option(help="IANA name; this machine's by default")] = "",
    country: Annotated[str, typer.Option(help="two letters")] = "",
    gs1_prefix: Annotated[str, typer.Option(help="company prefix that parcel numbers begin with")] = "09501101",
    lead: Annotated[str, typer.Option(help="the name of who leads the site: the first who signs in there")] = "Lead",
    badge: Annotated[str, typer.Option(help="the lead's badge; one that nobody knows where it is not said")] = "",
    pin: Annotated[str, typer.Option(help="the lead's PIN; likewise")] = "",
    home: HubHomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a site in a database, and the hub's home where there is none; run it again for a further site."""
    from core.kernel.ids import SiteId
    from desktop import hub
    from desktop.hub_sites import NewSite, leader

    new = NewSite(SiteId(site), name, time_zone, country, gs1_prefix)
    who = leader(lead, badge, pin)
    done = hub.init(home, _place(database, embedded=embedded), new, who)
    begun = f"Site {site} was begun in {done['database']}" if done["made"] else f"Site {site} is in {done['database']}"
    words = [f"{begun}; {done['file']} says so.", *_lead_words(done)]
    if not done["made"] and (badge or pin):
        words.append("Somebody works there already: nobody was added. `dockside import people` does that at a station.")
    at = "" if home is None else f" --home {shlex.quote(str(home))}"
    words += [
        "Next:",
        f"  dockside hub serve{at}",
        f"  dockside hub station add NAME --kind cart|bench|dock|desk --site {site}{at}",
    ]
    say(done, "\n".join(words), as_json=as_json)


def _lead_words(done: "dict[str, Any] | None") -> list[str]:
    """Return what signs in at a site that was begun now: it is said once."""
    who = (done or {}).get("lead")
    if who is None:
        return []
    return [
        f"{who['name']} signs in there with badge {who['badge']} and PIN {who['pin']}.",
        "Note both: they are said this once, and kept nowhere as they are.",
    ]


@hub_app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="the address to listen on; this machine alone by default")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="0 for any that is free")] = None,
    embedded: Annotated[
        bool,
        typer.Option("--embedded", help="for a first try: make a hub with a PostgreSQL of its own where there is none"),
    ] = False,
    announce: Annotated[
        bool, typer.Option("--announce", help="let PCs hear of it also where it listens to this machine alone")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, max=64, help="processes that answer; by default one for each site and processor, two at most"
        ),
    ] = None,
    home: HubHomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer stations until a signal ends it; several may run over the same databases."""
    from desktop import hub_service

    def ready(running: "Hub", address: str) -> None:
        told = hub_service.status_of(running)
        notes = (*told.notes, *told.remarks)
        sites = ", ".join(map(str, sorted(running.databases)))
        words = [f"The hub answers at {address} for site {sites}; its page is there too.", *notes]
        facts = {"address": address, "sites": sorted(running.databases), "notes": list(notes)}
        say(facts | lead, "\n".join(words), as_json=as_json)
        lead.clear()

    lead: dict[str, Any] = {}
    if embedded and not hub_service.hub_home(home).begun().sites:
        # What is imported for this stays for as long as the hub runs.
        from desktop.hub import first_try

        made = first_try(home)
        lead["lead"] = made["lead"]
        if not as_json:
            say({}, "\n".join(_lead_words(made)), as_json=False)
    try:
        hub_service.serve_hub(home, host=host, port=port, workers=workers, ready=ready, announce=announce)
    finally:
        if lead and as_json:
            # It did not come to listen, and nobody is told again.
            say(lead, "", as_json=True)


@hub_app.command()
def status(home: HubHomeOption = None, as_json: JsonOption = False) -> None:
    """Say how every site is: its stations, when each was heard, what waits."""
    from desktop import hub, hub_service

    with hub.at_hand(home) as running:
        found = hub_service.status_of(running)
    say(found.to_json(), "\n".join(_told(found)), as_json=as_json)
    raise typer.Exit(0 if found.well else 1)


def _told(found: "HubStatus") -> list[str]:
    from sync.hub.page import ago, answer_words, kind_of, line_of, summary

    lines = [f"! {each}" for each in (*found.notes, *found.remarks)]
    for site in found.sites:
        lines.append(f"Site {site.site} {site.name}: {site.fault or summary(site)}")
        lines += [
            f"  {line_of(each, found.at)}  {each.name} ({kind_of(each)}): heard {ago(each.heard_at, found.at)}; "
            f"{each.applied} operations here, {each.waiting} on the way, {each.parked} parked"
            for each in site.stations
        ]
        if site.floor:
            lines.append(f"  To be looked for on the floor ({answer_words(site)}):")
            lines += [
                f"    {each.line}  {each.order or 'the van'}, was with {each.station or 'whoever it was'} to {each.stage}"
                for each in site.floor
            ]
            lines += (
                [f"    and {site.floor_lines - len(site.floor)} more"] if site.floor_lines > len(site.floor) else []
            )
    return lines


@hub_app.command()
def plan(
    site: SiteOption = None,
    cut_off: Annotated[str | None, typer.Option(help="only orders due by this local time: 2026-01-31T14:30")] = None,
    carrier: Annotated[str | None, typer.Option(help="only orders of this carrier")] = None,
    priority: Annotated[
        int | None, typer.Option(min=-NUMBER_MAX, max=NUMBER_MAX, help="only orders of this priority and above")
    ] = None,
    zone: Annotated[str | None, typer.Option(help="only orders all of whose units lie in this zone")] = None,
    home: HubHomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Promise free stock and release what is promised now; a hub that serves does so by itself."""
    from core.waves.planning import filters_of
    from desktop import hub, hub_service

    with hub.at_work(home) as running:
        planner = hub_service.planner_of(running, hub.only_site(running, site))
        try:
            with planner.database.reading() as reader:
                filters = filters_of(
                    reader, planner.site, cut_off=cut_off, carrier=carrier, priority=priority, zone=zone
                )
        except ValueError as e:
            raise typer.BadParameter(str(e)) from e
        done = planner.run(filters)
    facts = {name: getattr(done, name) for name in done.__slots__}
    words = f"{done.released_orders} orders released in {done.batches} batches; {done.waiting_lines} lines wait."
    say(facts, words, as_json=as_json)


@hub_app.command()
def verify(home: HubHomeOption = None, as_json: JsonOption = False) -> None:
    """Add up everything again: feed, logs, receipts, tables, stock, orders, work; report each difference."""
    from desktop import hub

    with hub.at_hand(home) as running:
        found, told = hub.verify(running)
    words = (
        [*found, *told] if found else ["Everything adds up, but for what a case tells of:" if told else ADDS_UP, *told]
    )
    say({"differences": found} | ({"in_cases": told} if told else {}), "\n".join(words), as_json=as_json)
    raise typer.Exit(1 if found else 0)


@hub_app.command()
def snapshot(
    file: Annotated[Path, typer.Argument(help="where to write it")],
    site: SiteOption = None,
    home: HubHomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a site as it is now to FILE, for PCs that join over a slow line: `dockside join … --snapshot FILE`."""
    from desktop import hub

    with hub.at_hand(home) as running:
        done = hub.snapshot_of(running, hub.only_site(running, site), file)
    say(done, f"{done['file']} has site {done['site']} as it is ({done['bytes']} bytes).", as_json=as_json)


@hub_app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="where backups are kept; earlier ones stay")],
    home: HubHomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy every PostgreSQL behind the hub into FOLDER, read the copy through, and keep the log of the hub's own there."""
    from desktop import hub

    done = hub.backed_up(home, folder)
    words = [f"Verified copies in {folder}: {', '.join(done.copies)}."]
    words += ["What comes after them is kept there too, within a minute."] if done.archived else []
    say({"copies": list(done.copies), "archived": done.archived}, "\n".join(words), as_json=as_json)


@hub_app.command()
def restore(
    folder: Annotated[Path, typer.Argument(help="where backups are kept")],
    until: Annotated[
        str | None, typer.Option(help="as it was then: 2026-01-31T14:30, local where it names no zone")
    ] = None,
    home: HubHomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a backup of the hub's own PostgreSQL into a new home; the hub begins a new epoch before it answers."""
    from desktop import hub

    done = hub.put_back(home, folder, until)
    words = [
        f"{done['copy']} was put back into {done['home']}.",
        "Stations may know more: `dockside hub serve` begins a new epoch and hears them before it gives out work.",
    ]
    say(done, "\n".join(words), as_json=as_json)


@hub_app.command()
def recover(
    begin: Annotated[
        bool, typer.Option("--begin", help="the databases were put back to an earlier state: a new epoch begins now")
    ] = False,
    home: HubHomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which stations a hub that was set back still has to hear, before it gives out work again."""
    from desktop import hub
    from sync.hub.page import summary

    with hub.at_hand(home) as running:
        left = hub.recovery(running, begin=begin)
    data = {str(site.site): {"epoch": site.epoch, "missing": list(site.missing)} for site in left}
    words = [f"Site {site.site} {site.name}: {summary(site)}" for site in left]
    say({"recovering": data}, "\n".join(words) or "No site is recovering.", as_json=as_json)
    raise typer.Exit(1 if left and not begin else 0)


@hub_app.command()
def adopt(
    station: Annotated[Path, typer.Argument(help="the station's home, or its database file; nobody works there now")],
    database: Annotated[
        str, typer.Option(help="the PostgreSQL database its site will live in: postgresql://user:password@host/name")
    ] = "",
    embedded: Annotated[bool, typer.Option("--embedded", help="a PostgreSQL of the hub's own, in its home")] = False,
    name: Annotated[str, typer.Option(help="what the station is called from now on")] = "Desk 1",
    kind: Annotated[StationKind, typer.Option(help="what it is there for from now on")] = StationKind.DESK,
    home: HubHomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move a station that was alone into the hub with nothing lost; it goes on as the first station of its site."""
    from desktop import hub

    done = hub.adopted(home, station, _place(database, embedded=embedded), _station_name(name), kind)
    words = [
        f"{done['operations']} operations and everything they made are at the hub, in {done['database']}.",
        f"{done['files']} pictures and documents are in the hub's folder.",
        *(f"damaged at the station, and not copied: {each}" for each in done["damaged"]),
        f"{done['name']} follows {done['hub']} from now on.",
        "Next: `dockside hub serve`; a hub that serves already answers for the site within seconds.",
    ]
    say(done, "\n".join(words), as_json=as_json)


def _station_name(said: str) -> str:
    """Return what a station is called.

    Raises:
        Fault: it is no name.
    """
    from core.rights.naming import NAME_MOST, station_name

    name = station_name(said)
    if not name:
        raise Fault(f"{said!r} is no name of a station: up to {NAME_MOST} letters, digits and signs")
    return name


def _place(database: str, *, embedded: bool) -> str:
    """Return where a site will live.

    Raises:
        Fault: it was not said, or said twice.
    """
    from desktop import hub

    if bool(database) == embedded:
        raise Fault("say where the site's data go: --database postgresql://user@host/name, or --embedded")
    return hub.place_of(hub.OWN_DATABASE if embedded else database)


@station_app.command()
def zones(
    name: str,
    zone: Annotated[
        list[str] | None, typer.Option("--zone", help="a zone's code; say it again for each; none for every zone")
    ] = None,
    site: SiteOption = None,
    home: HubHomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which zones station NAME works: it gets the walks there, and no others while somebody works those."""
    from desktop import hub

    with hub.at_work(home) as running:
        done = hub.set_zones(running, hub.only_site(running, site), name.strip(), zone or [])
    where = f"zones {', '.join(done['zones'])}" if done["zones"] else "every zone"
    words = f"{done['station']} works {where}. Walks asked back that are others' now: {done['asked_back']}."
    say(done, words, as_json=as_json)


@station_app.command()
def add(
    name: str,
    kind: Annotated[StationKind, typer.Option(help="what it is there for: its rights go by it")],
    site: SiteOption = None,
    home: HubHomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a PC join as NAME, and say what it needs for that."""
    from desktop import hub

    called = _station_name(name)
    with hub.at_work(home) as running:
        done = hub.add_station(running, hub.only_site(running, site), called, kind)
    words = [
        f"{done['name']} may join. Its PC needs:",
        *(f"  {what:8} {done[what]}" for what in ("hub", "site", "station", "name", "kind")),
        f"There: dockside join {done['hub']} --name {shlex.quote(str(done['name']))} --site {done['site']}",
        "That is where hub.toml lets the hub listen; one that was started with another --host or --port says where it answers.",
    ]
    say(done, "\n".join(words), as_json=as_json)
