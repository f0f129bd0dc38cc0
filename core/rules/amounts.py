"""How many of something: numbers of the house that are data, as policies are; of the rows that fit, the narrowest says it."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from core.kernel.ids import NO_ID, SiteId
from core.kernel.tables import rows_of, sql_of
from core.rules.model import Amount, Measure, Scope


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may be said of a measure, and what holds where nobody said anything."""

    usual: int
    most: int
    scopes: tuple[Scope, ...]
    """Those that are asked for; a row of another would be followed by nobody."""


MEASURES: Mapping[Measure, Bounds] = {
    # Enough for the stops at which something is missing: 1 of 100 (reference: sync, 2).
    Measure.UNITS_KEPT: Bounds(5, 1_000, (Scope.SITE, Scope.STATION, Scope.ZONE)),
    Measure.OVER_RECEIPT: Bounds(0, 100, (Scope.SITE,)),
    Measure.DELIVERY_DAYS: Bounds(60, 3_650, (Scope.SITE,)),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of a measure at a site."""

    usual: int
    values: Mapping[tuple[Scope, str], int]

    def of(self, *, station: bytes = NO_ID, zone: bytes = NO_ID) -> int:
        """Return what holds for a station and a zone: the zone's own, else the station's, else the site's."""
        found = ((Scope.ZONE, zone.hex()), (Scope.STATION, station.hex()), (Scope.SITE, ""))
        return next((self.values[each] for each in found if each in self.values), self.usual)


def amounts(connection: sa.Connection, site: SiteId, measure: Measure) -> Said:
    """Return what was said of a measure."""
    table = sql_of(Amount)
    query = sa.select(table).where(table.c.site == site, table.c.measure == measure.value)
    rows = rows_of(Amount, connection.execute(query))
    return Said(MEASURES[measure].usual, {(row.scope, row.target): row.value for row in rows})
