"""Giving work to stations: the most urgent walks that nobody holds, for as long as a station asks to be sure of."""

from collections.abc import Callable

import sqlalchemy as sa

from core.kernel.ids import NO_SESSION, SYSTEM, CommandId
from core.kernel.numbers import next_number
from core.kernel.tables import sql_of
from core.rights.commands import FENCES, Grant, GrantNumbers, GrantWork, NewRange
from core.rights.model import SiteStation, Stage, StationKind, StationStatus
from core.waves.leases import held_walks, next_walks
from sync.hub.recovery import is_recovering
from sync.numbers import IN_HAND
from sync.protocol import Lease

MINUTES_MAX = 120
"""No station is sure of more: what is held for an outage must not make a good day rigid."""
WALKS_MAX = 50
"""Of one grant: each is a row of one operation."""
PICKS = (StationKind.CART, StationKind.DESK)
"""A desk picks where it is all there is: a station that does everything."""


def grant(asked: Lease, at: int, new_id: Callable[[], bytes]) -> Callable[[sa.Connection], GrantWork | None]:
    """Return what decides, with the site's turn in hand, which work a station gets; None for none.

    Args:
        asked: the station's request.
        at: the hub's time.
        new_id: gives the operation's id.
    """

    def decide(connection: sa.Connection) -> GrantWork | None:
        if _kind(connection, asked) not in PICKS:
            return None
        wanted = min(asked.minutes, MINUTES_MAX) * 60 - held_walks(connection, asked.site, asked.station).seconds
        walks = next_walks(connection, asked.site, wanted)[:WALKS_MAX]
        if not walks:
            return None
        first = next_number(connection, asked.site, FENCES).value
        grants = tuple(Grant(Stage.PICK, walk, first + n) for n, walk in enumerate(walks))
        return GrantWork(
            id=CommandId(new_id()), site=asked.site, at=at, actor=SYSTEM, session=NO_SESSION, station=asked.station,
            incarnation=asked.incarnation, epoch=asked.epoch, grants=grants,
        )  # fmt: skip

    return decide


def grant_numbers(asked: Lease, at: int, new_id: Callable[[], bytes]) -> Callable[[sa.Connection], GrantNumbers | None]:
    """Return what decides which numbers a station gets to give out; None for none.

    Args:
        asked: the station's request.
        at: the hub's time.
        new_id: gives the operation's id.
    """

    def decide(connection: sa.Connection) -> GrantNumbers | None:
        kind = _kind(connection, asked)
        usual = {} if kind is None else IN_HAND[kind]
        firsts = {
            name: next_number(connection, asked.site, name).value
            for name in dict.fromkeys(asked.numbers)
            if name in usual
        }
        if not firsts:
            return None
        return GrantNumbers(
            id=CommandId(new_id()), site=asked.site, at=at, actor=SYSTEM, session=NO_SESSION, station=asked.station,
            incarnation=asked.incarnation, epoch=asked.epoch,
            ranges=tuple(NewRange(name, first, first + usual[name] - 1) for name, first in firsts.items()),
        )  # fmt: skip

    return decide


def _kind(connection: sa.Connection, asked: Lease) -> StationKind | None:
    """Return what a station is there for; None where nothing is given to it, or to its file, or to anybody now."""
    if is_recovering(connection, asked.site):
        return None
    stations = sql_of(SiteStation)
    query = sa.select(stations.c.kind).where(
        stations.c.site == asked.site, stations.c.id == asked.station, stations.c.incarnation == asked.incarnation,
        stations.c.status == StationStatus.ACTIVE.value,
    )  # fmt: skip
    kind = connection.execute(query).scalar_one_or_none()
    return None if kind is None else StationKind(kind)
