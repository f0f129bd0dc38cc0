"""A PC becomes a station of a hub: its home is made, the hub says who it is, the site is loaded.

Each step is in the file before the next begins, so that the same words again go on where it was interrupted. The one thing
a newcomer would get wrong: a home that decides for itself never joins; its work would be nobody's (`dockside hub adopt`).
"""

import asyncio
import json
import os
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import sqlalchemy as sa

import core.everything  # noqa: F401  every table and command must be declared
from core.catalog.model import Location, LocationRole, Site
from core.exchange.report import printable
from core.kernel.database import Database, Profile, open_station
from core.kernel.feed import head_of
from core.kernel.guards import make_guards
from core.kernel.home import DATABASE, Home
from core.kernel.ids import NO_ID, LocationId, SiteId, StationId
from core.kernel.loading import loading_of, want_loading
from core.kernel.refusal import Fault
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import Role
from core.rights.model import StationKind
from core.station.line import Standing
from desktop.assembly import BADGES, BENCH, PLACES, SIMULATED, Assembly, assembled
from desktop.join_words import JOIN_TROUBLES, Why
from desktop.membership import HUB, KIND, NAME, in_step, membership_of, read_profile, write_profile
from sync.protocol import (
    BUSY,
    KIND_NEEDED,
    NAME_TAKEN,
    NOT_HERE,
    NOT_READABLE,
    OTHER_PROTO,
    PORT,
    PROTO,
    SITE_NEEDED,
    TAKEN_OUT,
    TOO_LARGE,
    VERSIONS_BACK,
    Join,
    Joined,
)
from sync.snapshot_file import read_head, read_parts
from sync.station.engines import HubFault, HubRefusal, HubSeen, Me, NoHub
from sync.station.files import keep

_TOKEN = "join.token"  # noqa: S105  the name of a file, no secret
"""A file that says that this is the PC which asked before; gone once it has joined."""
_ROLES = {
    StationKind.BENCH: LocationRole.PACK, StationKind.DESK: LocationRole.PACK, StationKind.DOCK: LocationRole.SHIP,
}  # fmt: skip
_LOOK_S = 0.1
_SHOWN = 60
_SCHEMES = ("http", "https")
REASONS = {
    NAME_TAKEN: Why.NAME_TAKEN, KIND_NEEDED: Why.KIND_NEEDED, SITE_NEEDED: Why.WHICH_SITE, NOT_HERE: Why.OTHER_SITE,
    OTHER_PROTO: Why.NEWER, TAKEN_OUT: Why.TAKEN_OUT, BUSY: Why.BUSY, NOT_READABLE: Why.GARBLED, TOO_LARGE: Why.GARBLED,
}  # fmt: skip
"""Why a PC cannot join, by what the hub says; of what is not here only that it says no."""


class JoinFault(Fault):
    """The PC cannot join; nothing was written that a later try would stumble over."""

    def __init__(self, why: Why, **facts: str | int) -> None:
        """Say why, with what is known of it."""
        self.why = why
        self.facts = {
            name: each.removeprefix("http://") or each if isinstance(each, str) else each
            for name, each in facts.items()
        }
        super().__init__(JOIN_TROUBLES[why].format(**self.facts))


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


class Whose(StrEnum):
    """Whom a home belongs to."""

    NOBODY = "nobody"
    ITSELF = "itself"
    """It has a warehouse of its own."""
    HUB = "hub"


def address_of(words: str) -> str:
    """Return a hub's address as it is used: `hub`, `hub:8700` and `http://hub:8700` are the same.

    Raises:
        JoinFault: it is none.
    """
    told = words.strip().rstrip("/")
    scheme, found, rest = told.partition("://")
    host = rest if found else told
    if ":" not in host.rpartition("]")[2]:
        host = f"{host}:{PORT}"
    address = f"{scheme if found else 'http'}://{host}"
    try:
        parts = urlsplit(address)
        whole = parts.scheme in _SCHEMES and bool(parts.hostname) and bool(parts.port) and not parts.path
    except ValueError:
        whole = False
    if not whole or any(each.isspace() or not each.isprintable() for each in address):
        raise JoinFault(Why.NO_ADDRESS, got=printable(words.strip(), _SHOWN))
    return address


def look_at(words: str) -> HubSeen:
    """Return the hub at an address; nothing is written.

    Raises:
        JoinFault: there is none, or none that this program can speak with.
    """
    # A station that is alone waits for none of this at its start.
    from sync.station.http import look

    address = address_of(words)
    host = urlsplit(address).hostname or ""
    try:
        socket.getaddrinfo(host, None)
    except (OSError, UnicodeError) as e:
        raise JoinFault(Why.NO_HOST, got=printable(host, _SHOWN)) from e
    try:
        seen = asyncio.run(look(address))
    except NoHub as e:
        raise JoinFault(Why.NO_HUB, address=address) from e
    except HubFault as e:
        raise JoinFault(Why.NO_ANSWER, address=address) from e
    if not PROTO <= seen.proto <= PROTO + VERSIONS_BACK:
        raise JoinFault(Why.NEWER if seen.proto > PROTO else Why.OLDER, address=address)
    return seen


def whose(folder: Path) -> Whose:
    """Return whom a home belongs to; one that is not there is nobody's, and is not made.

    Raises:
        HomeFault: the folder will not do.
        DatabaseFault: its file cannot be read.
    """
    if not (folder / DATABASE).exists():
        return Whose.NOBODY
    home = Home(folder)
    database = open_station(home.database, home.key())
    try:
        return _whose(database)
    finally:
        database.dispose()


def _whose(database: Database) -> Whose:
    known = read_profile(database)
    if membership_of(known) is not None:
        return Whose.HUB
    with database.reading() as connection:
        begun = (
            sa.inspect(connection).has_table(Site.TABLE.name)
            and connection.execute(sa.select(sql_of(Site).c.site).limit(1)).first()
        )
    return Whose.ITSELF if begun else Whose.NOBODY


def begin(folder: Path, wanted: Wanted) -> None:
    """Let the hub say who this PC is, then make a home that belongs to it.

    Raises:
        JoinFault: the home holds a station already, or the hub will not have it so; nothing of it is kept.
        HomeFault: the folder will not do.
    """
    if not wanted.name:
        raise JoinFault(Why.NO_NAME)
    before = whose(folder)
    if before is Whose.ITSELF:
        raise JoinFault(Why.OWN_WAREHOUSE, got=str(folder.absolute()))
    if before is Whose.NOBODY:
        _refuse_site(wanted.site, look_at(wanted.hub))
    home = Home(folder)
    with home.lock():
        if before is Whose.NOBODY:
            token = home.folder / _TOKEN
            joined = _joined(wanted, token)
            database = open_station(home.database, home.key(), role=Role.REPLICA)
            try:
                database.prepare(home.backups)
                _become(database, wanted, joined)
            finally:
                database.dispose()
            token.unlink()
            return
        database = open_station(home.database, home.key(), role=Role.REPLICA)
        try:
            name = read_profile(database).get(NAME, "")
        finally:
            database.dispose()
    if name != wanted.name:
        raise JoinFault(Why.OTHER_NAME, name=name)


def _refuse_site(site: int, seen: HubSeen) -> None:
    """Refuse a site that the hub does not have, or none where it has several."""
    sites = ", ".join(f"{number} ({name})" for number, name in seen.sites)
    if site and site not in dict(seen.sites):
        raise JoinFault(Why.OTHER_SITE, address=seen.address, site=site, sites=sites)
    if not site and len(seen.sites) > 1:
        raise JoinFault(Why.WHICH_SITE, address=seen.address, sites=sites)


def _become(database: Database, wanted: Wanted, joined: Joined) -> None:
    """Write who the hub says that this is, and last that it is a member: until then nothing here counts."""
    me = {"site": str(joined.site), "station": joined.station.hex(), "incarnation": str(joined.incarnation)}
    with database.connect() as connection, connection.begin():
        # The file may have been begun for a station that decides for itself.
        make_guards(connection, Role.REPLICA)
        want_loading(connection, joined.site, joined.incarnation)
        facts = {**me, HUB: address_of(wanted.hub), NAME: joined.name, KIND: joined.kind}
        table = sql_of(Profile)
        connection.execute(sa.delete(table).where(table.c.name.in_(facts)))
        connection.execute(sa.insert(table), [{"name": name, "value": value} for name, value in facts.items()])


def _joined(wanted: Wanted, file: Path) -> Joined:
    """Ask the hub; a PC that asked before and heard no answer asks as the same one."""
    from sync.station.http import HttpLink

    new = not file.exists()
    if new:
        file.write_text(os.urandom(16).hex(), encoding="ascii")
    token = bytes.fromhex(file.read_text(encoding="ascii"))
    address = address_of(wanted.hub)
    asked = Join(name=wanted.name, kind=wanted.kind, site=wanted.site, token=token)

    async def once() -> Joined:
        link = HttpLink(address, Me(SiteId(wanted.site), StationId(NO_ID), NO_ID))
        try:
            return await link.join(asked)
        finally:
            await link.close()

    try:
        return asyncio.run(once())
    except HubRefusal as refusal:
        if new:
            file.unlink()
        said = refusal.refused
        facts: dict[str, str | int] = {
            "address": address,
            "name": wanted.name,
            "site": wanted.site,
            "sites": said.words,
        }
        raise JoinFault(REASONS.get(said.reason, Why.REFUSED), **facts) from refusal
    except HubFault as e:
        raise JoinFault(Why.NO_ANSWER, address=address) from e


def load_site(
    folder: Path,
    progress: Callable[[Standing], None],
    *,
    place: str = "",
    simulated: bool = False,
    snapshot: Path | None = None,
    stop: Event | None = None,
) -> int:
    """Load the site into a member's home until it can be worked at; return how far the feed was followed.

    Args:
        folder: the home.
        progress: hears how far it is.
        place: the station's place, by its location's code.
        simulated: whether its devices are drawn on the screen.
        snapshot: a file that the hub wrote of the site: what is in it need not come over the wire.
        stop: set to leave it for now; what is here stays, and the next time goes on there.

    Raises:
        JoinFault: no place fits, or the file is of another site.
        SnapshotFault: the file is no whole snapshot.
    """
    pause = stop or Event()
    with ExitStack() as stack:
        assembly = stack.enter_context(assembled(folder))
        if snapshot is not None:
            _take(assembly, snapshot)
        stack.enter_context(in_step(assembly, lambda _changes: None))
        reader = stack.enter_context(assembly.database.reading())
        while loading_of(reader, assembly.identity.site) is not None:
            if assembly.line is not None:
                progress(assembly.line.stand(reader))
            if pause.wait(_LOOK_S):
                return head_of(reader, assembly.identity.site).seq
        settle_in(assembly, reader, place=place, simulated=simulated)
        return head_of(reader, assembly.identity.site).seq


def _take(assembly: Assembly, file: Path) -> None:
    """Take a site from a file, all but its last part: that comes from the hub, which says with it how far to follow the feed.

    Raises:
        JoinFault: it is of another site.
    """
    head, me = read_head(file), assembly.identity
    if head.site != me.site:
        raise JoinFault(Why.OTHER_FILE, got=str(file), site=head.site, sites=str(me.site))
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
            raise JoinFault(Why.NO_PLACE, got=code)
        return named[0].id
    same = rows_of(Location, reader.execute(mine.where(places.c.code == name)))
    role = _ROLES.get(kind)
    fits = rows_of(
        Location, reader.execute(mine.where(places.c.role == role.value).order_by(places.c.sequence).limit(1))
    ) if role is not None else ()  # fmt: skip
    return next((each.id for each in (*same, *fits)), LocationId(NO_ID))
