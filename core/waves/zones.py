"""Which walks are whose, by the zones that stations work: a picker is not sent across the hall for another's shelves.

A walk goes to stations that work most of its zones. Where somebody works all of them, that is whoever does; an order that lies
in zones of several carts is walked by one that works some of it; and where nobody who is there works any, by anybody: work waits
for no one who is away. A station of which nothing is said works all zones. (Reference: sync, 8.0, 1 and 3, and 8.2 *lease*.)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from core.catalog.model import Location
from core.kernel.batches import batched
from core.kernel.ids import BatchId, LocationId, SiteId, StationId, ZoneId
from core.kernel.tables import sql_of
from core.rights.model import PICKING, SiteStation, StationHeard, StationKind, StationStatus, StationZone
from core.waves.model import PickTask, TaskState

Zones = frozenset[ZoneId]
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Zoning:
    """Who works which zones, and who is there."""

    works: Mapping[StationId, Zones] = field(default_factory=dict)
    """Those of which something is said."""
    there: frozenset[StationId] = frozenset()
    """Stations that pick and are waited for."""
    _most: dict[Zones, int] = field(default_factory=dict, compare=False, repr=False)
    """How many of some zones any of them works: walks are many, their zones few."""

    def may(self, station: StationId, zones: Zones) -> bool:
        """Return whether a walk through zones may go to a station: nobody who is there works more of them."""
        if not self.works:
            return True
        most = self._most.get(zones)
        if most is None:
            most = self._most[zones] = max((self._worked(each, zones) for each in self.there), default=0)
        return self._worked(station, zones) >= most

    def whose(self, zones: Zones) -> frozenset[StationId]:
        """Return to whom a walk through zones may go; nobody where it is anybody's."""
        return frozenset(each for each in self.there if self.may(each, zones)) if self.works else frozenset()

    def _worked(self, station: StationId, zones: Zones) -> int:
        own = self.works.get(station)
        return len(zones if own is None else own & zones)


def zoning(connection: sa.Connection, site: SiteId, since: int = 0) -> Zoning:
    """Return who works which zones.

    Args:
        connection: a reader.
        site: which site.
        since: stations that were not heard since then, by the hub's clock, are not there; 0 where nobody can say.
    """
    works: dict[StationId, Zones] = {}
    said = sql_of(StationZone)
    for station, zone in connection.execute(sa.select(said.c.station, said.c.zone).where(said.c.site == site)):
        name = StationId(bytes(station))
        works[name] = works.get(name, frozenset()) | {ZoneId(bytes(zone))}
    return Zoning(works, pickers(connection, site, since)) if works else Zoning()


def pickers(connection: sa.Connection, site: SiteId, since: int = 0) -> frozenset[StationId]:
    """Return the stations that pick and were heard since a moment: carts, or where there are none desks."""
    stations, heard = sql_of(SiteStation), sql_of(StationHeard)
    query = (
        sa.select(stations.c.id, stations.c.kind, sa.func.coalesce(heard.c.at, 0))
        .outerjoin(heard, sa.and_(heard.c.site == stations.c.site, heard.c.station == stations.c.id))
        .where(
            stations.c.site == site, stations.c.status == StationStatus.ACTIVE.value,
            stations.c.kind.in_([kind.value for kind in PICKING]),
        )
    )  # fmt: skip
    there = [(StationId(bytes(name)), kind) for name, kind, at in connection.execute(query) if at >= since]
    carts = [name for name, kind in there if kind == StationKind.CART.value]
    return frozenset(carts or [name for name, _ in there])


def zones_of(connection: sa.Connection, site: SiteId, batches: Iterable[BatchId]) -> dict[BatchId, Zones]:
    """Return the zones in which walks still have stops."""
    tasks, places = sql_of(PickTask), sql_of(Location)
    found: dict[BatchId, Zones] = {}
    for some in batched(tuple(batches), _AT_ONCE):
        query = (
            sa.select(tasks.c.batch, places.c.zone)
            .distinct()
            .join(places, sa.and_(places.c.site == tasks.c.site, places.c.id == tasks.c.location))
            .where(tasks.c.site == site, tasks.c.batch.in_(some), tasks.c.state == TaskState.OPEN.value)
        )
        for batch, zone in connection.execute(query):
            name = BatchId(bytes(batch))
            found[name] = found.get(name, frozenset()) | {ZoneId(bytes(zone))}
    return found


def zone_by_place(connection: sa.Connection, site: SiteId, places: Iterable[LocationId]) -> dict[LocationId, ZoneId]:
    """Return the zone of each of some locations."""
    rows = sql_of(Location)
    found: dict[LocationId, ZoneId] = {}
    for some in batched(tuple(sorted(set(places))), _AT_ONCE):
        query = sa.select(rows.c.id, rows.c.zone).where(rows.c.site == site, rows.c.id.in_(some))
        found |= {LocationId(bytes(row[0])): ZoneId(bytes(row[1])) for row in connection.execute(query)}
    return found


__all__ = ["Zones", "Zoning", "pickers", "zone_by_place", "zones_of", "zoning"]
