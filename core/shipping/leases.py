"""Carriers as work that docks hold: which a dock should ask for, and which of its own it can let go."""

from dataclasses import dataclass

import sqlalchemy as sa

from core.kernel.ids import SiteId, StationId
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Fulfilment
from core.rights.model import LeaseState, Stage, WorkLease
from core.shipping.commands import carrier_right
from core.shipping.model import Manifest, ManifestState


@dataclass(frozen=True, slots=True)
class Carriers:
    """A dock's carriers, as far as something is to be done about them."""

    free: tuple[str, ...]
    """Something is still to go with them, and no dock has them."""
    recalled: tuple[WorkLease, ...]
    """This dock's, asked for again, and no list of theirs is open."""


def held_carriers(connection: sa.Connection, site: SiteId, station: StationId | None = None) -> tuple[WorkLease, ...]:
    """Return the carriers that docks have, or one of them has."""
    leases = sql_of(WorkLease)
    query = sa.select(leases).where(
        leases.c.site == site, leases.c.stage == Stage.LOAD.value, leases.c.state == LeaseState.HELD.value,
        sa.true() if station is None else leases.c.station == station,
    )  # fmt: skip
    return rows_of(WorkLease, connection.execute(query.order_by(leases.c.work)))


def carriers_of(connection: sa.Connection, site: SiteId, station: StationId) -> Carriers:
    """Return which carriers nobody loads yet, and which of its own a dock can give back."""
    parts, lists = sql_of(Fulfilment), sql_of(Manifest)
    held = {row.work: row for row in held_carriers(connection, site)}
    names = connection.execute(
        sa.select(parts.c.carrier).where(parts.c.site == site, parts.c.open == 1).distinct()
    ).scalars()
    free = sorted(name for name in map(str, names) if name and carrier_right(name)[1] not in held)
    mine = [row for row in held.values() if row.station == station and row.recalled_at]
    open_lists = sa.select(lists.c.carrier).where(lists.c.site == site, lists.c.state == ManifestState.OPEN.value)
    busy = {carrier_right(str(name))[1] for name in connection.execute(open_lists).scalars()} if mine else set()
    return Carriers(tuple(free), tuple(row for row in mine if row.work not in busy))
