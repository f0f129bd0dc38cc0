"""A PC that works alone gets a warehouse of its own: the places and boxes every one has, and the person who runs it.

What a shop sells and where it lies comes in by import, before or after. The one thing a newcomer would get wrong: each step may
have been done before, by an import or by a founding that was interrupted; nothing is written twice.
"""

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from core.catalog.commands import SaveBoxTypes, SaveContainers, SaveLocations
from core.catalog.model import BoxType, Container, Location, LocationRole
from core.exchange.layout import boxes, containers, fixed_places
from core.kernel.guards import make_guards
from core.kernel.ids import LocationId, PersonId, document_id
from core.kernel.tables import Row, rows_of, sql_of
from core.kernel.uow import Role
from core.people.commands import SavePerson
from core.people.model import Person, PersonCard
from core.people.secrets import badge_hash, pin_hash
from core.rules.policies import FIRST_DAY
from desktop.assembly import BENCH, Assembly, assembled, write_profile
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
        missing = tuple(each for each in fixed_places() if each.role not in _roles(assembly))
        if missing:
            run_now(assembly, SaveLocations(**stamp(assembly), locations=missing))
        if not _has(assembly, BoxType):
            run_now(assembly, SaveBoxTypes(**stamp(assembly), boxes=boxes()))
        if not _has(assembly, Container):
            run_now(assembly, SaveContainers(**stamp(assembly), containers=containers(TOTES, CARTS)))
        _engage(assembly, founder)
        write_profile(assembly, **{BENCH: _bench(assembly).hex()})


def _guarded(connection: sa.Connection) -> None:
    """Give the file the guards of one that decides for itself, whatever it was begun for."""
    with connection.begin():
        make_guards(connection, Role.AUTHORITY)


def _engage(assembly: Assembly, founder: Founder) -> None:
    site, person = assembly.identity.site, PersonId(document_id(0, "person", founder.badge))
    people = sql_of(Person)
    with assembly.database.reading() as connection:
        known = rows_of(
            Person, connection.execute(sa.select(people).where(people.c.site == site, people.c.id == person))
        )
    command = SavePerson(
        **stamp(assembly), person=person, roles=_ROLES, language=founder.language, preset=FIRST_DAY, active=1,
        base_version=known[0].version if known else 0,
    )  # fmt: skip
    card = (site, person, founder.name, badge_hash(founder.badge), pin_hash(founder.pin))
    run_now(assembly, command, {PersonCard: [card]})


def _roles(assembly: Assembly) -> set[str]:
    """Return what the places are for that there are."""
    with assembly.database.reading() as connection:
        return set(connection.execute(sa.select(sql_of(Location).c.role).distinct()).scalars())


def _has(assembly: Assembly, kind: type[Row]) -> bool:
    with assembly.database.reading() as connection:
        return connection.execute(sa.select(sa.literal(1)).select_from(sql_of(kind)).limit(1)).first() is not None


def _bench(assembly: Assembly) -> LocationId:
    """Return the first bench there is."""
    places = sql_of(Location)
    benches = sa.select(places).where(places.c.site == assembly.identity.site, places.c.role == LocationRole.PACK.value)
    with assembly.database.reading() as connection:
        first = rows_of(Location, connection.execute(benches.order_by(places.c.sequence, places.c.code).limit(1)))
    return first[0].id
