"""What other stations did with an order, by the rows that they left: who shares a site hears how things are, not how they came about.

The one thing a newcomer would get wrong: what was done here left rows as well. It is told by the own log, which knows what was
scanned and refused for it, and by its instant it is known which rows are of that.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from core.kernel.ids import NO_ID, ItemId, LocationId, OrderId, PersonId, SiteId
from core.kernel.tables import sql_of
from core.orders.model import Fulfilment, OrderCancel
from core.packing.model import Parcel, ParcelState
from core.picking.model import Fill, Pick
from core.rights.model import SiteStation
from core.shipping.model import Manifest
from core.waves.model import Assignment

PICKED, CLOSED, LOADED, CANCELLED = "picking.pick", "packing.close", "shipping.load", "amending.cancel"
"""The kinds of what is told: those of the operations that did it."""


@dataclass(frozen=True, slots=True)
class DoneElsewhere:
    """One thing that another station did."""

    at: int
    kind: str
    person: PersonId = PersonId(NO_ID)
    """NO_ID where the rows do not say who."""
    place: LocationId = LocationId(NO_ID)
    """The cart, bench or dock; NO_ID for none."""
    quantity: int = 0
    item: ItemId = ItemId(NO_ID)
    """NO_ID where the units are of several."""


def done_elsewhere(connection: sa.Connection, site: SiteId, order: OrderId) -> Iterator[DoneElsewhere]:
    """Yield what the rows say was picked, packed, loaded and cancelled of an order, wherever it was; nothing where a station is alone."""
    stations = sql_of(SiteStation)
    shared = connection.execute(sa.select(stations.c.id).where(stations.c.site == site).limit(1)).first()
    if shared is None:
        return
    parts = sql_of(Fulfilment)
    mine = sa.select(parts.c.id).where(parts.c.site == site, parts.c.order == order)
    yield from _picked(connection, site, mine)
    yield from _packed(connection, site, mine)
    cancels = sql_of(OrderCancel)
    asked = sa.select(cancels.c.asked_at).where(cancels.c.site == site, cancels.c.order == order)
    for (at,) in connection.execute(asked):
        yield DoneElsewhere(int(at), CANCELLED)


def _picked(connection: sa.Connection, site: SiteId, mine: sa.Select[tuple[bytes]]) -> Iterator[DoneElsewhere]:
    picks, fills, turns = sql_of(Pick), sql_of(Fill), sql_of(Assignment)
    who = (
        sa.select(turns.c.person)
        .where(turns.c.site == picks.c.site, turns.c.batch == picks.c.batch, turns.c.at <= picks.c.at)
        .order_by(turns.c.at.desc(), turns.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        sa.select(picks.c.at, who, fills.c.location, sa.func.sum(picks.c.quantity), picks.c.item)
        .select_from(picks)
        .join(fills, sa.and_(fills.c.site == picks.c.site, fills.c.id == picks.c.fill))
        .where(picks.c.site == site, picks.c.fulfilment.in_(mine))
        .group_by(picks.c.site, picks.c.batch, picks.c.at, fills.c.location, picks.c.item)
    )
    for at, person, place, quantity, item in connection.execute(query):
        yield DoneElsewhere(int(at), PICKED, person or PersonId(NO_ID), place, int(quantity), item)


def _packed(connection: sa.Connection, site: SiteId, mine: sa.Select[tuple[bytes]]) -> Iterator[DoneElsewhere]:
    parcels, lists = sql_of(Parcel), sql_of(Manifest)
    query = (
        sa.select(
            parcels.c.closed_at, parcels.c.packer, parcels.c.place, parcels.c.units, parcels.c.loaded_at,
            sa.func.coalesce(lists.c.dock, NO_ID), parcels.c.state,
        )
        .select_from(parcels)
        .outerjoin(lists, sa.and_(lists.c.site == parcels.c.site, lists.c.id == parcels.c.manifest))
        .where(parcels.c.site == site, parcels.c.fulfilment.in_(mine))
    )  # fmt: skip
    for closed_at, packer, place, units, loaded_at, dock, state in connection.execute(query):
        # Not in the query: most parcels of a site are closed, and an order has a few.
        if state != ParcelState.CLOSED.value:
            continue
        yield DoneElsewhere(int(closed_at), CLOSED, packer, place, int(units))
        if loaded_at:
            yield DoneElsewhere(int(loaded_at), LOADED, place=dock)


__all__ = ["DoneElsewhere", "done_elsewhere"]
