"""Giving work to stations: the most urgent walks that nobody holds, for as long as a station asks to be sure of."""

from collections.abc import Callable

import sqlalchemy as sa

from core.kernel.ids import NO_SESSION, SYSTEM, CommandId
from core.kernel.numbers import NumberRange
from core.kernel.tables import sql_of
from core.rights.commands import FENCES, Grant, GrantWork
from core.rights.model import SiteStation, Stage, StationKind, StationStatus
from core.waves.leases import held_walks, next_walks
from sync.hub.recovery import is_recovering
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
        stations, numbers = sql_of(SiteStation), sql_of(NumberRange)
        query = sa.select(stations.c.kind, stations.c.status, stations.c.incarnation).where(
            stations.c.site == asked.site, stations.c.id == asked.station
        )
        kind, status, incarnation = connection.execute(query).one()
        fits = status == StationStatus.ACTIVE.value and incarnation == asked.incarnation
        if not fits or StationKind(kind) not in PICKS or is_recovering(connection, asked.site):
            return None
        wanted = min(asked.minutes, MINUTES_MAX) * 60 - held_walks(connection, asked.site, asked.station).seconds
        walks = next_walks(connection, asked.site, wanted)[:WALKS_MAX]
        if not walks:
            return None
        fences = sa.select(numbers.c.next).where(numbers.c.site == asked.site, numbers.c.name == FENCES)
        first = int(connection.execute(fences).scalar_one_or_none() or 1)
        grants = tuple(Grant(Stage.PICK, walk, first + n) for n, walk in enumerate(walks))
        return GrantWork(
            id=CommandId(new_id()), site=asked.site, at=at, actor=SYSTEM, session=NO_SESSION, station=asked.station,
            incarnation=asked.incarnation, epoch=asked.epoch, grants=grants,
        )  # fmt: skip

    return decide
