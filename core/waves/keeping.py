"""Which units are kept beside a walk, and which that were kept are free again: looked up and decided by the hub."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import sqlalchemy as sa

from core.allocation.queries import free_of
from core.catalog.model import Location
from core.kernel.flow import Stamp
from core.kernel.ids import NO_ID, BatchId, CommandId, ReservationId, SiteId, StationId, ZoneId, derive
from core.kernel.tables import rows_of, sql_of
from core.rights.model import LeaseState, Stage, WorkLease
from core.rules.amounts import amounts
from core.rules.model import Measure
from core.stock.model import Reservation, StockKey
from core.stock.queries import ShelfStock, pickable_stock
from core.waves.model import Batch, BatchState, PickTask, TaskState
from core.waves.reserves import KeepForWalk, Kept, LetGoKept
from core.waves.zones import zone_by_place

LET_GO_MAX = 100
"""Of one operation: each is a row of it."""


def keep_commands(
    connection: sa.Connection, site: SiteId, station: StationId, batches: Sequence[BatchId], today: str, stamp: Stamp
) -> Iterator[KeepForWalk]:
    """Yield what is to be kept for walks that a station is given: for each stop, its units at one other place.

    Units that open orders may still be promised are taken, never those that are promised. How many in a zone is data
    (`core/rules/amounts.py`). Of what is known by serials it is another serial at the same place: that is what a picker has in
    hand instead.

    Args:
        connection: an open transaction's, the site's turn in hand.
        site: which site.
        station: who is given the walks.
        batches: the walks, the most urgent first.
        today: the site's day, for expiry.
        stamp: of the commands; their ids follow from its.
    """
    tasks = sql_of(PickTask)
    query = sa.select(tasks).where(
        tasks.c.site == site, tasks.c.batch.in_(batches), tasks.c.state == TaskState.OPEN.value
    )
    stops = rows_of(PickTask, connection.execute(query.order_by(tasks.c.sequence)))
    items = sorted({each.item for each in stops})
    if not items:
        return
    shelves: dict[tuple[bytes, bytes], list[ShelfStock]] = defaultdict(list)
    for shelf in pickable_stock(connection, site, today, items):
        shelves[shelf.key.owner, shelf.key.item].append(shelf)
    zones = zone_by_place(connection, site, [each.key.location for some in shelves.values() for each in some])
    most = amounts(connection, site, Measure.UNITS_KEPT)
    unpromised, used = dict(free_of(connection, site, today, items)), _kept_by_zone(connection, site, station)
    for number, batch in enumerate(batches):
        chosen: list[Kept] = []
        for stop in (each for each in stops if each.batch == batch):
            wanted, name = stop.quantity - stop.picked - stop.short, (stop.owner, stop.item)
            found = next(
                (
                    n for n, each in enumerate(shelves[name])
                    if _instead(each.key, stop) and 0 < wanted <= each.free
                    and used[zones[each.key.location]] + wanted
                    <= most.of(station=station, zone=zones[each.key.location])
                ),
                None,
            )  # fmt: skip
            if found is None or unpromised.get(name, 0) < wanted:
                continue
            shelf = shelves[name][found]
            chosen.append(Kept(shelf.key, wanted))
            shelves[name][found] = replace(shelf, free=shelf.free - wanted)
            unpromised[name] -= wanted
            used[zones[shelf.key.location]] += wanted
        if chosen:
            base: Stamp = {**stamp, "id": CommandId(derive(stamp["id"], "keep", number))}
            yield KeepForWalk(**base, batch=batch, units=tuple(chosen))


def let_go_command(connection: sa.Connection, site: SiteId, stamp: Stamp) -> LetGoKept | None:
    """Return what lets go of what was kept for walks that are over; None for nothing."""
    held, batches = sql_of(Reservation), sql_of(Batch)
    query = (
        sa.select(held.c.id)
        .join(batches, sa.and_(batches.c.site == held.c.site, batches.c.id == held.c.demand))
        .where(held.c.site == site, held.c.work == NO_ID, batches.c.state == BatchState.PICKED.value)
        .order_by(held.c.id)
        .limit(LET_GO_MAX)
    )
    over = tuple(ReservationId(bytes(each)) for each in connection.execute(query).scalars())
    return LetGoKept(**stamp, reservations=over) if over else None


def _instead(key: StockKey, stop: PickTask) -> bool:
    """Return whether a picker may take units of a key instead of a stop's: other ones, or another serial where he stands."""
    if stop.serial or key.serial:
        return bool(stop.serial and key.serial) and key.serial != stop.serial and key.location == stop.location
    return (key.location, key.lot, key.lpn) != (stop.location, stop.lot, stop.lpn)


def _kept_by_zone(connection: sa.Connection, site: SiteId, station: StationId) -> dict[ZoneId, int]:
    """Return the units that are kept for a station's walks, by the zone they lie in."""
    held, leases, places = sql_of(Reservation), sql_of(WorkLease), sql_of(Location)
    query = (
        sa.select(places.c.zone, sa.func.sum(held.c.quantity))
        .select_from(held)
        .join(leases, sa.and_(leases.c.site == held.c.site, leases.c.work == held.c.demand))
        .join(places, sa.and_(places.c.site == held.c.site, places.c.id == held.c.location))
        .where(
            held.c.site == site, held.c.work == NO_ID, leases.c.stage == Stage.PICK.value,
            leases.c.state == LeaseState.HELD.value, leases.c.station == station,
        )
        .group_by(places.c.zone)
    )  # fmt: skip
    found: dict[ZoneId, int] = defaultdict(int)
    found.update({ZoneId(bytes(row[0])): int(row[1]) for row in connection.execute(query)})
    return found
