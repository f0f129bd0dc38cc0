"""Where an order's units lie that are in no parcel: by its picks, or by the slip of a tote."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from core.catalog.model import Container
from core.catalog.readings import FillCode
from core.kernel.ids import NO_ID, BatchId, FillId, FulfilmentId, FulfilmentLineId, SiteId, StationId
from core.kernel.tables import sql_of
from core.packing.model import ParcelContent
from core.packing.views import Loose, PackLine
from core.picking.model import Fill, Pick
from core.rights.model import Stage, WorkLease
from core.stock.model import Balance, Lot
from core.waves.leases import may_pack
from core.waves.model import Batch, BatchKind


@dataclass(slots=True)
class Picked:
    """Where an order's picked units lie."""

    loose: list[Loose] = field(default_factory=list)
    totes: dict[str, None] = field(default_factory=dict)
    left: dict[FillId, int] = field(default_factory=dict)
    """Units of anybody's in each of its tote fillings, as the books have it."""
    bulk: bool = False
    walk: BatchId = BatchId(NO_ID)
    """Of its single units."""
    given: bool = False
    """Whether the walk of one of them was given to somebody else since."""
    others: bool = False
    """Whether its single units are another bench's to pack."""


def units_to_pack(lines: Any) -> sa.ColumnElement[int]:
    """Return the units of a line that were picked and should leave: where two carts picked them, more lies in totes."""
    wanted = lines.c.quantity - lines.c.short - lines.c.cancelled
    return sa.case((lines.c.picked > wanted, wanted), else_=lines.c.picked)


def picked_of(
    connection: sa.Connection,
    site: SiteId,
    fulfilment: FulfilmentId,
    lines: Sequence[PackLine],
    contents: Iterable[ParcelContent],
    station: StationId,
    scanned: FillId,
) -> Picked:
    """Return the units in no parcel, the totes they lie in, and what is left in each tote filling.

    Each unit once: where two carts that did not hear of each other picked it, it is in the tote that was scanned, else in
    one whose walk was not given to another, and what lies in the other stays there.
    """
    p, f, c, lots, batches, b, lease = (
        sql_of(Pick), sql_of(Fill), sql_of(Container), sql_of(Lot), sql_of(Batch), sql_of(Balance), sql_of(WorkLease),
    )  # fmt: skip
    given = sa.or_(lease.c.epoch > f.c.epoch, sa.and_(lease.c.epoch == f.c.epoch, lease.c.fence > f.c.fence))
    left = (
        sa.select(sa.func.coalesce(sa.func.sum(b.c.total), 0))
        .where(b.c.site == f.c.site, b.c.location == f.c.location, b.c.lpn == f.c.id)
        .scalar_subquery()
    )
    query = (
        sa.select(
            p.c.line, p.c.fill, f.c.location, p.c.lot, sa.func.coalesce(lots.c.code, ""), p.c.serial, p.c.first,
            p.c.quantity, c.c.code, batches.c.kind, left, sa.case((given, 1), else_=0), f.c.batch,
            sa.case((may_pack(site, station, f.c.batch), 1), else_=0),
        )
        .select_from(p)
        .join(f, sa.and_(f.c.site == p.c.site, f.c.id == p.c.fill))
        .join(c, sa.and_(c.c.site == f.c.site, c.c.id == f.c.container))
        .join(batches, sa.and_(batches.c.site == p.c.site, batches.c.id == p.c.batch))
        .outerjoin(lots, sa.and_(lots.c.site == p.c.site, lots.c.id == p.c.lot))
        .outerjoin(
            lease,
            sa.and_(lease.c.site == f.c.site, lease.c.stage == Stage.PICK.value, lease.c.work == f.c.batch),
        )
        .where(p.c.site == site, p.c.fulfilment == fulfilment)
        .order_by(p.c.line, p.c.first, p.c.fill != scanned, sa.case((given, 1), else_=0), p.c.fill)
    )  # fmt: skip
    taken: dict[FulfilmentLineId, set[int]] = defaultdict(set)
    for each in contents:
        taken[each.line].update(range(each.first, each.first + each.quantity))
    room = {line.line: line.to_pack - line.packed for line in lines}
    found = Picked()
    for row in connection.execute(query):
        line, fill, place, lot, lot_code, serial, first, quantity, tote, kind, in_fill, is_given, walk, mine = tuple(
            row
        )
        found.left[fill] = int(in_fill)
        for start, count in _runs(first, quantity, taken[line]):
            here = min(count, room.get(line, 0))
            if here:
                if kind == BatchKind.BULK.value:
                    found.bulk, found.walk = True, BatchId(walk)
                _leave_the_others(taken[line], start, here)
                found.given = found.given or bool(is_given)
                found.others = found.others or (kind == BatchKind.BULK.value and not mine)
                found.loose.append(Loose(line, fill, place, lot, lot_code, serial, start, here))
                found.totes[tote] = None
                room[line] -= here
    return found


def _leave_the_others(taken: set[int], first: int, quantity: int) -> None:
    """Count units that were found as taken: whoever picked them a second time put others into his tote."""
    taken.update(range(first, first + quantity))


def _runs(first: int, quantity: int, taken: set[int]) -> list[tuple[int, int]]:
    """Return the runs of ordinals first..first+quantity-1 that are not taken, as (start, count)."""
    runs: list[tuple[int, int]] = []
    for ordinal in range(first, first + quantity):
        if ordinal in taken:
            continue
        if runs and runs[-1][0] + runs[-1][1] == ordinal:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((ordinal, 1))
    return runs


def loose_by_slip(connection: sa.Connection, code: FillCode, contents: Iterable[ParcelContent]) -> list[Loose]:
    """Return the units that a slip says and that are in no parcel, as far as is known here."""
    lots = sql_of(Lot)
    query = sa.select(lots.c.id, lots.c.code).where(
        lots.c.site == code.site, lots.c.id.in_({each.lot for each in code.units})
    )
    names = {bytes(row[0]): str(row[1]) for row in connection.execute(query)}
    taken: dict[FulfilmentLineId, set[int]] = defaultdict(set)
    for each in contents:
        taken[each.line].update(range(each.first, each.first + each.quantity))
    return [
        Loose(units.line, code.fill, code.place, units.lot, names.get(units.lot, ""), units.serial, first, count)
        for units in code.units
        for first, count in _runs(units.first, units.quantity, taken[units.line])
    ]
