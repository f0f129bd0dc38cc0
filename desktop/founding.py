"""A warehouse is begun, at a PC that works alone or at a hub: the places and boxes every one has, and the person who runs it.

What a shop sells and where it lies comes in by import, before or after. The one thing a newcomer would get wrong: each step may
have been done before, by an import or by a founding that was interrupted; nothing is written twice.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from core.catalog.commands import SaveBoxTypes, SaveContainers, SaveLocations
from core.catalog.model import BoxType, Container, Location, LocationRole
from core.exchange.layout import boxes, containers, fixed_places
from core.exchange.masters import PER_OPERATION
from core.kernel.batches import batched
from core.kernel.commands import Command
from core.kernel.flow import Stamp
from core.kernel.guards import make_guards
from core.kernel.ids import LocationId, SiteId
from core.kernel.tables import Row, Values, rows_of, sql_of
from core.kernel.uow import Role
from core.people.commands import SavePerson
from core.people.model import PersonCard
from core.people.queries import people_and_cards
from core.people.secrets import badge_hash, person_of, pin_hash
from core.rules.policies import FIRST_DAY
from desktop.assembly import BENCH, Assembly, assembled
from desktop.membership import write_profile
from desktop.planning import stamp
from desktop.sample import found_site, run_now

TOTES, CARTS = 120, 12
_ROLES = "picker,packer,loader,lead,inventory,it"
"""Whoever begins a warehouse does everything in it, until there are others."""


@dataclass(frozen=True, slots=True)
class Founder:
    """Who runs the warehouse."""

    name: str
    badge: str
    pin: str
    language: str


def found(folder: Path, founder: Founder) -> None:
    """Make a home that works alone ready to be signed in at.

    Raises:
        Fault: it cannot be; what was written is found again the next time.
    """
    with assembled(folder, create=True) as assembly:
        assembly.writer.maintain(_guarded).result()
        found_site(assembly)
        with assembly.database.reading() as connection:
            commands = tuple(furnishings(connection, lambda: stamp(assembly)))
        for command in commands:
            run_now(assembly, command)
        with assembly.database.reading() as connection:
            engaging, card = engagement(connection, stamp(assembly), founder)
        run_now(assembly, engaging, {PersonCard: [card]})
        write_profile(assembly, **{BENCH: _bench(assembly).hex()})


def furnishings(connection: sa.Connection, stamp: Callable[[], Stamp]) -> Iterator[Command]:
    """Yield what gives a site the places, cartons, totes and carts that every one has, as far as it has none.

    Args:
        connection: a reader's.
        stamp: makes the base of a command.
    """
    site, places = stamp()["site"], sql_of(Location)
    known = set(connection.execute(sa.select(places.c.role).where(places.c.site == site).distinct()).scalars())
    missing = tuple(each for each in fixed_places() if each.role not in known)
    if missing:
        yield SaveLocations(**stamp(), locations=missing)
    if not has_any(connection, site, BoxType):
        yield SaveBoxTypes(**stamp(), boxes=boxes())
    if not has_any(connection, site, Container):
        for part in batched(containers(TOTES, CARTS), PER_OPERATION):
            yield SaveContainers(**stamp(), containers=tuple(part))


def engagement(connection: sa.Connection, stamp: Stamp, founder: Founder) -> tuple[SavePerson, Values]:
    """Return what lets somebody sign in who does everything, and the private row with name, badge and PIN."""
    site, person = stamp["site"], person_of(founder.badge)
    known = people_and_cards(connection, site, [person])
    command = SavePerson(
        **stamp, person=person, roles=_ROLES, language=founder.language, preset=FIRST_DAY, active=1,
        base_version=known[person][0].version if known else 0,
    )  # fmt: skip
    return command, (site, person, founder.name, badge_hash(founder.badge), pin_hash(founder.pin))


def has_any(connection: sa.Connection, site: SiteId, kind: type[Row]) -> bool:
    """Return whether a site has rows of a kind."""
    table = sql_of(kind)
    return connection.execute(sa.select(sa.literal(1)).where(table.c.site == site).limit(1)).first() is not None


def _guarded(connection: sa.Connection) -> None:
    """Give the file the guards of one that decides for itself, whatever it was begun for."""
    with connection.begin():
        make_guards(connection, Role.AUTHORITY)


def _bench(assembly: Assembly) -> LocationId:
    """Return the first bench there is."""
    places = sql_of(Location)
    benches = sa.select(places).where(places.c.site == assembly.identity.site, places.c.role == LocationRole.PACK.value)
    with assembly.database.reading() as connection:
        first = rows_of(Location, connection.execute(benches.order_by(places.c.sequence, places.c.code).limit(1)))
    return first[0].id
