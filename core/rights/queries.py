"""Looking at rights: which work is a station's to do."""

from typing import Any

import sqlalchemy as sa

from core.kernel.ids import SiteId, StationId
from core.kernel.tables import sql_of
from core.rights.model import LeaseState, SiteStation, Stage, WorkLease

Name = sa.BindParameter[Any]


def is_mine(
    site: SiteId | Name, station: StationId | Name, stage: Stage, work: sa.ColumnElement[bytes]
) -> sa.ColumnElement[bool]:
    """Return the condition that work is a station's to do: it holds a lease, or is alone at its site.

    What was asked for again is not begun any more.
    """
    stations, leases = sql_of(SiteStation).alias("sharing"), sql_of(WorkLease).alias("right_of")
    shared = sa.exists().where(stations.c.site == site)
    held = sa.exists().where(
        leases.c.site == site, leases.c.stage == stage.value, leases.c.work == work, leases.c.station == station,
        leases.c.state == LeaseState.HELD.value, leases.c.recalled_at == 0,
    )  # fmt: skip
    return sa.or_(~shared, held)
