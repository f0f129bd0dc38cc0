"""A PC becomes a station of a hub: its home is made, the hub says who it is, the site is loaded.

Each step is in the file before the next begins, so that the same words again go on where it was interrupted. The one thing
a newcomer would get wrong: a home that decides for itself never joins; its work would be nobody's (`dockside hub adopt`).
"""

import asyncio
import json
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import sqlalchemy as sa

import core.everything  # noqa: F401  every table and command must be declared
from core.catalog.model import Location, LocationRole
from core.kernel.database import Database, Profile, open_station
from core.kernel.executor import Identity, identity_of, write_identity
from core.kernel.feed import head_of
from core.kernel.home import Home
from core.kernel.ids import NO_ID, LocationId, SiteId, StationId
from core.kernel.loading import loading_of, want_loading
from core.kernel.refusal import Fault
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import Role
from core.rights.model import StationKind
from core.station.line import Standing
from desktop.assembly import BADGES, BENCH, PLACES, SIMULATED, Assembly, assembled, write_profile
from desktop.membership import HUB, KIND, NAME, in_step, membership_of, read_profile
from sync.protocol import KIND_NEEDED, NAME_TAKEN, PORT, SITE_NEEDED, Join, Joined
from sync.snapshot_file import read_head, read_parts
from sync.station.engines import HubRefusal, Me
from sync.station.files import keep
from sync.station.http import HttpLink

TOKEN = "join_token"  # noqa: S105  the name of a fact, no secret
_ROLES = {
    StationKind.BENCH: LocationRole.PACK, StationKind.DESK: LocationRole.PACK, StationKind.DOCK: LocationRole.SHIP,
}  # fmt: skip
_LOOK_S = 0.1
_WORDS = {
    NAME_TAKEN: "another PC is {name} there: choose another name, or let IT settle who it is",
    KIND_NEEDED: "the hub does not know {name}: say what it is there for with --kind cart, bench, dock or desk",
    SITE_NEEDED: "the hub has several sites: say which with --site",
}


class JoinFault(Fault):
    """The PC cannot join; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """As what a PC joins."""

    hub: str
    name: str
    kind: str = ""
    """Empty where the hub knows."""
    site: int = 0
    place: str = ""
    """Its location's code; empty for one that fits its name or kind."""


def address_of(words: str) -> str:
    """Return a hub's address as it is used: `hub`, `hub:8700` and `http://hub:8700` are the same."""
    told = words.strip().rstrip("/")
    scheme, found, rest = told.partition("://")
    host = rest if found else told
    if ":" not in host.rpartition("]")[2]:
        host = f"{host}:{PORT}"
    return f"{scheme if found else 'http'}://{host}"


def begin(folder: Path, wanted: Wanted) -> None:
    """Make a home that belongs to a hub, and let the hub say who it is.

    Raises:
        JoinFault: the home holds a station already, or the hub will not have it under that name.
        HubFault: the hub does not answer.
        HomeFault: the folder will not do.
    """
    home = Home(folder)
    with home.lock():
        new = not home.database.exists()
        database = open_station(home.database, home.key(), role=Role.REPLICA)
        try:
            known = read_profile(database)
            if not new and known and TOKEN not in known and membership_of(known) is None:
                raise JoinFault(
                    f"{home.folder} holds a warehouse of its own: `dockside hub adopt` moves it into a hub with nothing lost"
                )
            database.prepare(home.backups)
            _ask(database, wanted)
        finally:
            database.dispose()


def _ask(database: Database, wanted: Wanted) -> None:
    """Become a station, unless this file is one already."""
    known = read_profile(database)
    if membership_of(known) is not None:
        if known.get(NAME) != wanted.name:
            raise JoinFault(f"this is {known.get(NAME)} already")
        return
    token = bytes.fromhex(known.get(TOKEN, "")) or os.urandom(16)
    with database.connect() as connection:
        _write(connection, {TOKEN: token.hex()})
        joined = _joined(wanted, token)
        if identity_of(connection) is None:
            connection.rollback()
            write_identity(connection, Identity(joined.site, joined.station, joined.incarnation))
        with connection.begin():
            want_loading(connection, joined.site, joined.incarnation)
        _write(connection, {HUB: address_of(wanted.hub), NAME: joined.name, KIND: joined.kind})


def _joined(wanted: Wanted, token: bytes) -> Joined:
    asked = Join(name=wanted.name, kind=wanted.kind, site=wanted.site, token=token)

    async def once() -> Joined:
        link = HttpLink(address_of(wanted.hub), Me(SiteId(wanted.site), StationId(NO_ID), NO_ID))
        try:
            return await link.join(asked)
        finally:
            await link.close()

    try:
        return asyncio.run(once())
    except HubRefusal as refusal:
        words = _WORDS.get(refusal.refused.reason, str(refusal))
        raise JoinFault(words.format(name=wanted.name)) from refusal


def _write(connection: sa.Connection, rows: dict[str, str]) -> None:
    table = sql_of(Profile)
    with connection.begin():
        connection.execute(sa.delete(table).where(table.c.name.in_(rows)))
        connection.execute(sa.insert(table), [{"name": name, "value": value} for name, value in rows.items()])


def load_site(
    folder: Path,
    progress: Callable[[Standing], None],
    *,
    place: str = "",
    simulated: bool = False,
    snapshot: Path | None = None,
) -> int:
    """Load the site into a member's home until it can be worked at; return how far the feed was followed.

    Args:
        folder: the home.
        progress: hears how far it is.
        place: the station's place, by its location's code.
        simulated: whether its devices are drawn on the screen.
        snapshot: a file that the hub wrote of the site: what is in it need not come over the wire.

    Raises:
        JoinFault: no place fits, or the file is of another site.
        SnapshotFault: the file is no whole snapshot.
    """
    pause = Event()
    with ExitStack() as stack:
        assembly = stack.enter_context(assembled(folder))
        if snapshot is not None:
            _take(assembly, snapshot)
        stack.enter_context(in_step(assembly, lambda _changes: None))
        reader = stack.enter_context(assembly.database.reading())
        while loading_of(reader, assembly.identity.site) is not None:
            if assembly.line is not None:
                progress(assembly.line.stand(reader))
            pause.wait(_LOOK_S)
        settle_in(assembly, reader, place=place, simulated=simulated)
        return head_of(reader, assembly.identity.site).seq


def _take(assembly: Assembly, file: Path) -> None:
    """Take a site from a file, all but its last part: that comes from the hub, which says with it how far to follow the feed.

    Raises:
        JoinFault: it is of another site.
    """
    head, me = read_head(file), assembly.identity
    if head.site != me.site:
        raise JoinFault(f"{file} is of site {head.site}; this PC is a station of site {me.site}")
    for asked, part in read_parts(file):
        with assembly.database.reading() as reader:
            state = loading_of(reader, me.site)
        if state is None or state.goal or not state.fresh or not part.goes_on:
            return
        if state.goes_on == asked:
            assembly.writer.ask(lambda executor, part=part: keep(executor, part)).result()  # type: ignore[misc]


def settle_in(assembly: Assembly, reader: sa.Connection, *, place: str = "", simulated: bool = False) -> None:
    """Give a station that has loaded its site the place it stands at.

    Raises:
        JoinFault: there is no such place.
    """
    membership = assembly.membership
    if membership is None or BENCH in assembly.profile:
        return
    bench = _place(reader, assembly.identity.site, place, membership.name, membership.kind)
    facts = {BENCH: bench.hex()}
    if simulated:
        from desktop.sample import OPERATORS, SHAPE

        badges = [[name, roles, badge] for name, badge, roles, _, _ in OPERATORS]
        facts |= {SIMULATED: "1", PLACES: SHAPE, BADGES: json.dumps(badges)}
    write_profile(assembly, **facts)


def _place(reader: sa.Connection, site: SiteId, code: str, name: str, kind: StationKind) -> LocationId:
    places = sql_of(Location)
    mine = sa.select(places).where(places.c.site == site)
    if code:
        named = rows_of(Location, reader.execute(mine.where(places.c.code == code)))
        if not named:
            raise JoinFault(f"there is no location {code} at the site")
        return named[0].id
    same = rows_of(Location, reader.execute(mine.where(places.c.code == name)))
    role = _ROLES.get(kind)
    fits = rows_of(
        Location, reader.execute(mine.where(places.c.role == role.value).order_by(places.c.sequence).limit(1))
    ) if role is not None else ()  # fmt: skip
    return next((each.id for each in (*same, *fits)), LocationId(NO_ID))
