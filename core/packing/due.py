"""What could be packed now: the list a packer chooses from between two orders, most urgent first.

It is asked for at every return to an empty bench, so one statement brings a few candidates of each kind, sorted and cut in
the database, and the rule that the scan is checked with (`why_not`) decides over these alone. The conditions in the
statement only leave out what that rule refuses anyway.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Any

import sqlalchemy as sa

from core.catalog.model import Code, Container, Item
from core.kernel.flow import CodeKind
from core.kernel.ids import NO_ID, SiteId, StationId
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Fulfilment, FulfilmentLine, Order, StopRequest
from core.packing.bench import parked
from core.packing.eligibility import why_not
from core.packing.model import LabelState, Parcel, ParcelState
from core.packing.views import DueWork, unit_code
from core.picking.model import Fill, FillState, Pick
from core.stock.model import Lot
from core.waves.leases import may_pack

DUE_SHOWN = 8
"""Entries of each kind."""
_READ = 3 * DUE_SHOWN
"""Candidates of each kind that are read at first; four times as many where the rule leaves too few of a full page."""

_SITE: sa.BindParameter[Any] = sa.bindparam("site")
_STATION: sa.BindParameter[Any] = sa.bindparam("station")
_LIMIT: sa.BindParameter[Any] = sa.bindparam("limit", type_=sa.BigInteger())
_NOTHING: sa.Label[Any] = sa.literal("").label("nothing")


class _Kind(IntEnum):
    """Kinds of work, in the order they are shown."""

    UNLABELLED = 0
    """A packed parcel whose label was not scanned back; stopped ones are the dock's business."""
    CARTON = 1
    """An order of which a carton stands open and no tote is left to scan."""
    TOTE = 2
    UNIT = 3
    """A loose unit in a bulk tote, by the code to scan."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A candidate: its order with what the rule looks at, and what to scan."""

    kind: _Kind
    part: Fulfilment
    number: str
    may: bool
    units: int
    first: int
    """When it was closed, for what goes by age."""
    codes: tuple[str, ...]
    """The tote and the unit's code, lot and serial; of a parcel, its label."""

    @property
    def urgency(self) -> tuple[object, ...]:
        """Return what it is sorted by."""
        part = self.part
        return -part.priority, part.cut_off_at == 0, part.cut_off_at, self.number, self.codes


@dataclass(frozen=True, slots=True)
class AskDue:
    """What could be packed now?"""

    site: SiteId
    labels: int = 1
    """0 where nobody scans labels back: then no parcel waits for that."""
    station: StationId = StationId(NO_ID)
    """Where it is packed: of a site that several stations share, only those singles that this one holds."""

    def run(self, connection: sa.Connection) -> tuple[DueWork, ...]:
        """Return parcels without a label, then the most urgent orders, by the rule that the scan is checked with."""
        limit = _READ
        while True:
            found = [
                _found(tuple(row))
                for row in connection.execute(
                    _statement(), {"site": self.site, "limit": limit, "station": self.station}
                )
            ]
            kinds = {kind: [each for each in found if each.kind is kind] for kind in _Kind}
            may = {kind: [each for each in some if each.may] for kind, some in kinds.items()}
            if all(len(may[kind]) >= DUE_SHOWN or len(some) < limit for kind, some in kinds.items()):
                break
            limit *= 4
        bare = sorted(may[_Kind.UNLABELLED], key=lambda each: (each.first, each.codes)) if self.labels else []
        rest = [sorted(may[kind], key=lambda each: each.urgency) for kind in _Kind if kind is not _Kind.UNLABELLED]
        return tuple(_due(each) for some in (bare, *rest) for each in some[:DUE_SHOWN])


def _found(row: tuple[Any, ...]) -> _Found:
    kind, units, first, number, stop, waits, carton, *rest = row
    codes, part = rest[:4], rows_of(Fulfilment, [rest[4:]])[0]
    # What is packed already needs no leave to be packed.
    may = kind == _Kind.UNLABELLED or why_not(part, stop, parked=bool(waits), carton_open=bool(carton)) is None
    return _Found(_Kind(kind), part, number, may, units, first, tuple(each or "" for each in codes))


def _due(each: _Found) -> DueWork:
    part, number, (tote, unit, lot, serial) = each.part, each.number, each.codes
    match each.kind:
        case _Kind.UNLABELLED:
            return DueWork(number, "", "", each.units, 0, part.carrier, tote)
        case _Kind.CARTON:
            return DueWork(number, "", "", each.units, part.cut_off_at, part.carrier, order=number)
        case _Kind.TOTE:
            return DueWork(number, tote, "", part.picked - part.packed, part.cut_off_at, part.carrier)
        case _Kind.UNIT:
            # The number is for whoever does not find it there: the order is opened by that.
            return DueWork(number, tote, unit_code(unit, lot, serial), 1, part.cut_off_at, part.carrier)


@cache
def _statement() -> sa.CompoundSelect[Any]:
    kinds = (_unlabelled(), _cartons(), _totes(), _units())
    return sa.union_all(*(sa.select(each.limit(_LIMIT).subquery()) for each in kinds))


def _unlabelled() -> sa.Select[Any]:
    p, parts, stops = sql_of(Parcel), sql_of(Fulfilment), sql_of(StopRequest)
    return (
        _orders(_Kind.UNLABELLED, p.c.units, p.c.closed_at, (p.c.sscc, _NOTHING, _NOTHING, _NOTHING), may=False)
        .join(p, sa.and_(p.c.site == parts.c.site, p.c.fulfilment == parts.c.id))
        .where(
            p.c.site == _SITE, p.c.state == ParcelState.CLOSED.value, p.c.label == LabelState.SPOOLED.value,
            p.c.loaded_at == 0, parts.c.held == 0, stops.c.kind.is_(None),
        )
        .order_by(p.c.closed_at, p.c.sscc)
    )  # fmt: skip


def _cartons() -> sa.Select[Any]:
    p, f, parts = sql_of(Parcel), sql_of(Fill), sql_of(Fulfilment)
    tote = sa.exists().where(f.c.site == _SITE, f.c.fulfilment == parts.c.id, f.c.state == FillState.PICKED.value)
    return (
        _orders(_Kind.CARTON, p.c.units, p.c.closed_at, (_NOTHING, _NOTHING, _NOTHING, _NOTHING))
        .join(p, sa.and_(p.c.site == parts.c.site, p.c.fulfilment == parts.c.id))
        .where(p.c.site == _SITE, p.c.state == ParcelState.OPEN.value, p.c.units > 0, ~tote)
        .order_by(*_urgency())
    )


def _totes() -> sa.Select[Any]:
    f, c, parts = sql_of(Fill), sql_of(Container), sql_of(Fulfilment)
    first = sa.func.min(c.c.code)
    return (
        _orders(_Kind.TOTE, parts.c.picked, parts.c.cut_off_at, (first, _NOTHING, _NOTHING, _NOTHING))
        .join(f, sa.and_(f.c.site == parts.c.site, f.c.fulfilment == parts.c.id))
        .join(c, sa.and_(c.c.site == f.c.site, c.c.id == f.c.container))
        .where(f.c.site == _SITE, f.c.state == FillState.PICKED.value)
        .group_by(*parts.c, sql_of(Order).c.number, sql_of(StopRequest).c.kind)
        .order_by(*_urgency())
    )


def _units() -> sa.Select[Any]:
    p, f, c, lines, items, codes, lots, parts = (
        sql_of(Pick), sql_of(Fill), sql_of(Container), sql_of(FulfilmentLine), sql_of(Item), sql_of(Code), sql_of(Lot),
        sql_of(Fulfilment),
    )  # fmt: skip
    code = (
        sa.select(codes.c.code)
        .where(
            codes.c.site == p.c.site, codes.c.target == p.c.item, codes.c.quantity == 1,
            codes.c.kind == CodeKind.ITEM.value,
        )
        .order_by(sa.func.length(codes.c.code).desc(), codes.c.code)
        .limit(1)
        .scalar_subquery()
    )  # fmt: skip
    said = (
        c.c.code, sa.func.coalesce(code, items.c.sku), sa.case((items.c.lot_control == 1, lots.c.code), else_=""),
        sa.case((items.c.serial_control == 1, p.c.serial), else_=""),
    )  # fmt: skip
    return (
        _orders(_Kind.UNIT, p.c.quantity, p.c.at, said)
        .join(p, sa.and_(p.c.site == parts.c.site, p.c.fulfilment == parts.c.id))
        .join(f, sa.and_(f.c.site == p.c.site, f.c.id == p.c.fill))
        .join(c, sa.and_(c.c.site == f.c.site, c.c.id == f.c.container))
        .join(lines, sa.and_(lines.c.site == p.c.site, lines.c.id == p.c.line))
        .join(items, sa.and_(items.c.site == p.c.site, items.c.id == p.c.item))
        .outerjoin(lots, sa.and_(lots.c.site == p.c.site, lots.c.id == p.c.lot))
        .where(
            f.c.site == _SITE, f.c.state == FillState.PICKED.value, f.c.fulfilment == NO_ID,
            lines.c.picked > lines.c.packed, may_pack(_SITE, _STATION, f.c.batch),
        )
        .order_by(*_urgency())
    )  # fmt: skip


def _orders(
    kind: _Kind, units: Any, first: Any, codes: Iterable[sa.ColumnElement[str]], *, may: bool = True
) -> sa.Select[Any]:
    """Return the beginning of a statement that reads fulfilments with all that says whether they may be packed."""
    parts, orders, stops, boxes = sql_of(Fulfilment), sql_of(Order), sql_of(StopRequest), sql_of(Parcel).alias()
    carton = sa.exists().where(
        boxes.c.site == _SITE, boxes.c.fulfilment == parts.c.id, boxes.c.state == ParcelState.OPEN.value
    )
    waits = parked(_SITE, parts.c.id)
    query = (
        sa.select(
            sa.literal(kind.value).label("kind"), units.label("units"), first.label("first"),
            orders.c.number.label("order_number"), sa.func.coalesce(stops.c.kind, "").label("stop"),
            sa.case((waits, 1), else_=0).label("waits"), sa.case((carton, 1), else_=0).label("carton"),
            *(code.label(f"code_{n}") for n, code in enumerate(codes)), *parts.c,
        )
        .select_from(parts)
        .join(orders, sa.and_(orders.c.site == parts.c.site, orders.c.id == parts.c.order))
        .outerjoin(stops, sa.and_(stops.c.site == parts.c.site, stops.c.fulfilment == parts.c.id))
    )  # fmt: skip
    if not may:
        return query
    return query.where(
        parts.c.held == 0, stops.c.kind.is_(None), ~waits, sa.or_(parts.c.picked > parts.c.packed, carton)
    )


def _urgency() -> tuple[sa.ColumnElement[Any], ...]:
    parts = sql_of(Fulfilment)
    return parts.c.priority.desc(), parts.c.cut_off_at == 0, parts.c.cut_off_at, sql_of(Order).c.number
