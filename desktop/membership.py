"""Whether a home belongs to a hub: what its file says of it, and what follows for who may write what.

A home is alone or a member from its first day; only `dockside hub adopt` makes one out of the other. The one thing a
newcomer would get wrong: the hub's address is a fact of the file, the role follows from it, and nobody chooses it twice.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.kernel.commands import Command
from core.kernel.database import Database, Profile
from core.kernel.executor import Gate
from core.kernel.refusal import Refusal
from core.kernel.tables import sql_of
from core.kernel.uow import Changes, Role
from core.rights.model import StationKind
from core.rights.standing import refused_here

if TYPE_CHECKING:
    from desktop.assembly import Assembly

HUB, NAME, KIND = "hub", "station_name", "station_kind"
"""In the profile of a member: the hub's address, what the station is called there, what it is there for."""


@dataclass(frozen=True, slots=True)
class Membership:
    """What a station knows of its place in a site that it shares."""

    hub: str
    name: str
    kind: StationKind


def membership_of(profile: Mapping[str, str]) -> Membership | None:
    """Return a home's membership; None where it is alone."""
    if not profile.get(HUB):
        return None
    return Membership(profile[HUB], profile.get(NAME, ""), StationKind(profile.get(KIND, StationKind.DESK)))


def read_profile(database: Database) -> dict[str, str]:
    """Return what a file says of itself; nothing where it is new."""
    table = sql_of(Profile)
    with database.reading() as connection:
        if not sa.inspect(connection).has_table(Profile.TABLE.name):
            return {}
        return {str(row[0]): str(row[1]) for row in connection.execute(sa.select(table.c.name, table.c.value))}


def write_profile(assembly: "Assembly", **values: str) -> None:
    """Write facts about this station into its file."""
    table = sql_of(Profile)

    def write(connection: sa.Connection) -> None:
        with connection.begin():
            connection.execute(sa.delete(table).where(table.c.name.in_(values)))
            connection.execute(sa.insert(table), [{"name": name, "value": value} for name, value in values.items()])

    assembly.writer.maintain(write).result()
    assembly.profile = {**assembly.profile, **values}


def role_of(profile: Mapping[str, str]) -> Role:
    """Return whether a file decides or follows."""
    return Role.AUTHORITY if membership_of(profile) is None else Role.REPLICA


def gate_of(doorkeeper: Gate, role: Role) -> Gate:
    """Return what a command has to pass: the actor's permission, and where the site is shared the station's right."""
    if role is Role.AUTHORITY:
        return doorkeeper

    def gate(connection: sa.Connection, command: Command) -> Refusal | None:
        return doorkeeper(connection, command) or refused_here(connection, command)

    return gate


@contextmanager
def in_step(assembly: "Assembly", changed: Callable[[Changes], None]) -> Iterator[None]:
    """Keep a member in step with its hub for a while; a station that is alone does not even load what that takes.

    Args:
        assembly: the station's parts.
        changed: hears what others have changed, on a thread of its own.
    """
    if assembly.membership is None:
        yield
        return
    from desktop.line import connected

    with connected(assembly, assembly.membership, changed) as assembly.line:
        yield
    assembly.line = None
