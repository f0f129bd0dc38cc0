"""How many numbers of which kind a station keeps in hand, so that it never waits for the hub to give one out."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from core.kernel.ids import SiteId, StationId
from core.kernel.numbers import NumberRange
from core.kernel.tables import sql_of
from core.packing.commands import SSCC_NUMBERS
from core.rights.model import LOADING, SiteStation, StationKind
from core.shipping.commands import MANIFEST_NUMBERS
from core.shipping.leases import Carriers, carriers_of
from core.waves.commands import BATCH_NUMBERS

IN_HAND: Mapping[StationKind, Mapping[str, int]] = {
    StationKind.CART: {},
    # A parcel every half minute for the two hours that work is held at most; a walk of its own for one in twelve.
    StationKind.BENCH: {SSCC_NUMBERS: 240, BATCH_NUMBERS: 20},
    StationKind.DOCK: {MANIFEST_NUMBERS: 20},
    StationKind.DESK: {SSCC_NUMBERS: 240, BATCH_NUMBERS: 20, MANIFEST_NUMBERS: 20},
}
"""Numbers in hand once a range was given, by what a station is there for; the next is asked for at half of it."""


@dataclass(frozen=True, slots=True)
class InHand:
    """What a station's file says of its numbers, and of carriers."""

    kind: StationKind | None
    """What the station is there for; None before the site's feed told it."""
    left: Mapping[str, int]
    """Numbers that it may still give out, by name."""
    carriers: Carriers = Carriers((), ())
    """Those without a dock, and those to be given back; none where nothing is loaded."""

    def wanted(self) -> tuple[str, ...]:
        """Return the names of which less than half is left."""
        usual = {} if self.kind is None else IN_HAND[self.kind]
        return tuple(name for name, number in usual.items() if self.left.get(name, 0) * 2 < number)


def in_hand(connection: sa.Connection, site: SiteId, station: StationId, incarnation: int, epoch: int) -> InHand:
    """Return how many numbers a station may still give out, of ranges of this incarnation and no older epoch.

    With that, at a dock: which carriers are to be asked for or given back.
    """
    stations, ranges = sql_of(SiteStation), sql_of(NumberRange)
    kind = connection.execute(
        sa.select(stations.c.kind).where(stations.c.site == site, stations.c.id == station)
    ).scalar_one_or_none()
    query = (
        sa.select(ranges.c.name, sa.func.sum(ranges.c.last - ranges.c.next + 1))
        .where(
            ranges.c.site == site, ranges.c.station == station, ranges.c.incarnation == incarnation,
            ranges.c.epoch >= epoch,
        )
        .group_by(ranges.c.name)
    )  # fmt: skip
    left = {str(name): int(number) for name, number in connection.execute(query)}
    known = None if kind is None else StationKind(kind)
    return InHand(known, left, carriers_of(connection, site, station) if known in LOADING else Carriers((), ()))


__all__ = ["IN_HAND", "InHand", "in_hand"]
