"""What a hub lets in of what a station sends: what stations of its kind do, by people who may do it.

A station asks the same before it acts; but whoever speaks for a station may have left that out, and what the station knows may be
old: a person's roles or the station's own kind were changed meanwhile. So what is decided is refused at the hub's door, and
what happened on the floor is kept and told, since it happened. (Reference: sync, invariants 5 and 24, and 8.4 *user/role*.)
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.cases.model import CaseKind
from core.kernel.commands import Command, OpClass, Read, Reads
from core.kernel.ids import SYSTEM, StationId
from core.kernel.reasons import Reason
from core.people.model import Person
from core.people.roles import INTEGRATION, allowed
from core.rights.model import SiteStation, StationKind

_NOBODYS: frozenset[StationKind] = frozenset()

KINDS: Mapping[str, frozenset[StationKind]] = {
    "pick.work": frozenset({StationKind.CART, StationKind.DESK}),
    "pack.work": frozenset({StationKind.BENCH, StationKind.DESK}),
    "ship.load": frozenset({StationKind.DOCK, StationKind.DESK}),
    "ship.manifest": frozenset({StationKind.DOCK, StationKind.DESK}),
    "receiving.book": frozenset({StationKind.BENCH, StationKind.DESK}),
    "receiving.finish": frozenset({StationKind.BENCH, StationKind.DESK}),
    "returns.receive": frozenset({StationKind.BENCH, StationKind.DESK}),
    # Who gets which work, who takes part and what was found on the floor is said by the hub alone.
    "rights.lease": _NOBODYS,
    "rights.recover": _NOBODYS,
    "rights.reclaim": _NOBODYS,
    "stations.admit": _NOBODYS,
}
"""Which stations do what a permission is for; of what is not named here all of them do."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What speaks against an operation, whatever the books say of it."""

    reason: Reason
    case: CaseKind
    needed: str
    """The permission that the operation needs."""
    happened: bool
    """Whether it is to be kept all the same: it is something that a person did to goods or paper."""


def door_reads(command: Command, station: StationId) -> Reads:
    """Return the keys of the rows that say whether an operation comes in by the right door."""
    return {SiteStation: [(command.site, station)], Person: [(command.site, command.actor)]}


def at_the_door(read: Read, command: Command, station: StationId) -> Outside | None:
    """Return what speaks against an operation that a station sent; None for nothing.

    Args:
        read: rows by key, as they are at the hub.
        command: what was done.
        station: where.
    """
    needed, happened = command.PERMISSION, command.CLASS is OpClass.FACT
    row = read.get(SiteStation, (command.site, station))
    does = KINDS.get(needed)
    if does is not None and (row is None or row.kind not in does):
        return Outside(Reason.OTHER_STATIONS, CaseKind.OTHER_STATIONS, needed, happened and does != _NOBODYS)
    return None if _may(read, command) else Outside(Reason.NOT_ALLOWED, CaseKind.ROLE_LOST, needed, happened)


def _may(read: Read, command: Command) -> bool:
    if command.actor == SYSTEM:
        return allowed(INTEGRATION, command.PERMISSION)
    person = read.get(Person, (command.site, command.actor))
    return person is not None and bool(person.active) and allowed(person.roles, command.PERMISSION)


__all__ = ["KINDS", "Outside", "at_the_door", "door_reads"]
