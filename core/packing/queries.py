"""What a bench packs next, and everything it needs of one order."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.cases.model import Case, CaseKind, CaseState
from core.catalog.codes import check_digit
from core.catalog.model import Code, Container, Item, Site
from core.catalog.queries import box_types
from core.kernel.flow import CodeKind
from core.kernel.ids import (
    NO_ID,
    ContainerId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    ItemId,
    OrderId,
    ParcelId,
    SiteId,
)
from core.kernel.numbers import NumberRange
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Fulfilment, FulfilmentLine, Order, StopRequest
from core.packing.cartonize import Goods, propose
from core.packing.commands import SSCC_NUMBERS
from core.packing.eligibility import why_not
from core.packing.model import LabelState, Parcel, ParcelContent, ParcelState
from core.packing.views import BoxChoice, ClosedParcel, DueWork, Loose, OpenParcel, PackLine, PackView
from core.picking.model import Fill, FillState, Pick
from core.stock.model import Lot
from core.waves.model import Batch, BatchKind

DUE_SHOWN = 8
_SSCC_DIGITS = 17


def sscc_of(prefix: str, number: int) -> str:
    """Return the 18 digits of a serial shipping container code: prefix, serial, check digit (GS1 General Specs 2.2.1)."""
    body = prefix + str(number).zfill(_SSCC_DIGITS - len(prefix))
    return body + check_digit(body)


Found = PackView | Refusal


@dataclass(frozen=True, slots=True)
class AskPack:
    """What is to be packed out of this tote, of this order, or with this loose unit?"""

    site: SiteId
    kind: CodeKind
    target: bytes
    got: str = ""

    def run(self, connection: sa.Connection) -> Found:
        """Return the order at the bench, or why it may not be packed."""
        match self.kind:
            case CodeKind.TOTE:
                return self._tote(connection)
            case CodeKind.ORDER:
                return self._order(connection)
            case CodeKind.ITEM:
                return self._item(connection)
            case _:
                return pack_view(connection, self.site, FulfilmentId(self.target))

    def _tote(self, connection: sa.Connection) -> Found:
        fills = sql_of(Fill)
        query = sa.select(fills.c.fulfilment, fills.c.state).where(
            fills.c.site == self.site, fills.c.container == ContainerId(self.target),
            fills.c.state != FillState.EMPTIED.value,
        )  # fmt: skip
        row = connection.execute(query.limit(1)).first()
        if row is None:
            return Refusal(Reason.NOTHING_TO_PACK, {"got": self.got})
        if row[0] == NO_ID:
            return Refusal(Reason.WRONG_KIND, {"expected_kind": "item", "got": self.got, "bulk": 1})
        return pack_view(connection, self.site, FulfilmentId(row[0]))

    def _order(self, connection: sa.Connection) -> Found:
        parts = sql_of(Fulfilment)
        query = sa.select(parts.c.id).where(parts.c.site == self.site, parts.c.order == OrderId(self.target))
        ids = list(connection.execute(query.order_by(parts.c.open.desc(), parts.c.number)).scalars())
        if not ids:
            return Refusal(Reason.NOT_FOUND, {"got": self.got})
        return pack_view(connection, self.site, FulfilmentId(ids[0]))

    def _item(self, connection: sa.Connection) -> Found:
        """Return the first due order with a loose unit of this item in a bulk tote."""
        for fulfilment in _bulk_orders(connection, self.site, ItemId(self.target)):
            found = pack_view(connection, self.site, fulfilment)
            if isinstance(found, PackView):
                return found
        return Refusal(Reason.NOTHING_TO_PACK, {"got": self.got})


def _bulk_orders(connection: sa.Connection, site: SiteId, item: ItemId) -> list[FulfilmentId]:
    p, f, parts, lines = sql_of(Pick), sql_of(Fill), sql_of(Fulfilment), sql_of(FulfilmentLine)
    query = (
        sa.select(parts.c.id)
        .select_from(parts)
        .join(p, sa.and_(p.c.site == parts.c.site, p.c.fulfilment == parts.c.id))
        .join(f, sa.and_(f.c.site == p.c.site, f.c.id == p.c.fill))
        .join(lines, sa.and_(lines.c.site == p.c.site, lines.c.id == p.c.line))
        .where(
            f.c.site == site, f.c.state == FillState.PICKED.value, f.c.fulfilment == NO_ID, p.c.item == item,
            lines.c.picked > lines.c.packed, parts.c.held == 0,
        )
        .order_by(parts.c.priority.desc(), parts.c.cut_off_at == 0, parts.c.cut_off_at, parts.c.ordered_at, parts.c.id)
        .limit(5)
    )  # fmt: skip
    return [FulfilmentId(each) for each in connection.execute(query).scalars()]


def pack_view(connection: sa.Connection, site: SiteId, fulfilment: FulfilmentId) -> Found:
    """Return an order at the bench, or why it may not be packed."""
    head = _head(connection, site, fulfilment)
    if head is None:
        return Refusal(Reason.WORK_GONE)
    part, number, handling, stop, prefix, next_sscc = head
    parked = _parked(connection, site, fulfilment)
    reason = why_not(part, stop, parked=parked)
    if reason is not None:
        return Refusal(reason, {"order": number})
    lines = _lines(connection, site, fulfilment)
    contents = _contents(connection, site, fulfilment)
    loose, totes, left = _loose(connection, site, fulfilment, lines, contents)
    boxes = box_types(connection, site)
    goods = [
        Goods(_loose_of(line, loose), line.length_mm, line.width_mm, line.height_mm, line.weight_grams)
        for line in lines
    ]
    proposed = propose([each for each in goods if each.quantity], boxes, part.carrier)
    parcels = _parcels(connection, site, fulfilment)
    return PackView(
        order=part.order, order_number=number, fulfilment=fulfilment, contact=part.contact, carrier=part.carrier,
        service=part.service, cut_off_at=part.cut_off_at, handling=handling,
        bulk=int(any(row["bulk"] for row in left)), lines=lines, loose=loose, totes=totes,
        fill_left=tuple((row["fill"], row["left"]) for row in left), parcel=_open_parcel(parcels, contents),
        closed_parcels=sum(1 for row in parcels if row.state is ParcelState.CLOSED),
        next_number=max((row.number for row in parcels), default=0) + 1,
        boxes=tuple(
            BoxChoice(b.id, b.code, b.name, b.tare_grams, b.length_mm, b.width_mm, b.height_mm) for b in boxes
        ),
        proposed="" if proposed is None else proposed.code, sscc_number=next_sscc, sscc=sscc_of(prefix, next_sscc),
        order_lines=_order_lines(connection, site, fulfilment),
    )  # fmt: skip


def _head(
    connection: sa.Connection, site: SiteId, fulfilment: FulfilmentId
) -> tuple[Fulfilment, str, str, str, str, int] | None:
    parts, orders, stops, sites, ranges = (
        sql_of(Fulfilment), sql_of(Order), sql_of(StopRequest), sql_of(Site), sql_of(NumberRange),
    )  # fmt: skip
    query = (
        sa.select(
            parts, orders.c.number, orders.c.handling, sa.func.coalesce(stops.c.kind, ""),
            sa.func.coalesce(sites.c.gs1_prefix, ""), sa.func.coalesce(ranges.c.next, 1),
        )
        .select_from(parts)
        .join(orders, sa.and_(orders.c.site == parts.c.site, orders.c.id == parts.c.order))
        .outerjoin(stops, sa.and_(stops.c.site == parts.c.site, stops.c.fulfilment == parts.c.id))
        .outerjoin(sites, sites.c.site == parts.c.site)
        .outerjoin(ranges, sa.and_(ranges.c.site == parts.c.site, ranges.c.name == SSCC_NUMBERS))
        .where(parts.c.site == site, parts.c.id == fulfilment)
    )  # fmt: skip
    row = connection.execute(query).first()
    if row is None:
        return None
    width = len(Fulfilment.TABLE.columns)
    values = tuple(row)
    return (rows_of(Fulfilment, [values[:width]])[0], *values[width:])


def _parked(connection: sa.Connection, site: SiteId, fulfilment: FulfilmentId) -> bool:
    cases, fills = sql_of(Case), sql_of(Fill)
    query = (
        sa.select(sa.func.count())
        .select_from(fills)
        .join(cases, sa.and_(cases.c.site == fills.c.site, cases.c.subject == fills.c.id))
        .where(
            fills.c.site == site, fills.c.fulfilment == fulfilment, cases.c.kind == CaseKind.HOSPITAL.value,
            cases.c.state == CaseState.OPEN.value,
        )
    )  # fmt: skip
    return bool(connection.execute(query).scalar_one())


def _lines(connection: sa.Connection, site: SiteId, fulfilment: FulfilmentId) -> tuple[PackLine, ...]:
    lines, items, codes = sql_of(FulfilmentLine), sql_of(Item), sql_of(Code)
    code = (
        sa.select(sa.func.max(codes.c.code))
        .where(
            codes.c.site == site, codes.c.target == items.c.id, codes.c.kind == CodeKind.ITEM.value,
            codes.c.quantity == 1,
        )
        .scalar_subquery()
    )  # fmt: skip
    query = (
        sa.select(
            lines.c.id, lines.c.number, lines.c.owner, lines.c.item, items.c.sku, items.c.description, items.c.variant,
            items.c.picture, sa.func.coalesce(code, items.c.sku), lines.c.picked, lines.c.packed, items.c.lot_control,
            items.c.serial_control, items.c.hazard, items.c.weight_grams, items.c.weight_sigma_mg,
            items.c.weight_samples, items.c.length_mm, items.c.width_mm, items.c.height_mm,
        )
        .select_from(lines)
        .join(items, sa.and_(items.c.site == lines.c.site, items.c.id == lines.c.item))
        .where(lines.c.site == site, lines.c.fulfilment == fulfilment, lines.c.picked > 0)
        .order_by(lines.c.number)
    )  # fmt: skip
    names = PackLine.__dataclass_fields__
    return tuple(PackLine(**dict(zip(names, tuple(row), strict=True))) for row in connection.execute(query))


def _order_lines(connection: sa.Connection, site: SiteId, fulfilment: FulfilmentId) -> tuple[bytes, ...]:
    lines = sql_of(FulfilmentLine)
    query = sa.select(lines.c.order_line).where(lines.c.site == site, lines.c.fulfilment == fulfilment)
    return tuple(connection.execute(query.order_by(lines.c.number)).scalars())


def _contents(connection: sa.Connection, site: SiteId, fulfilment: FulfilmentId) -> tuple[ParcelContent, ...]:
    contents, parcels = sql_of(ParcelContent), sql_of(Parcel)
    query = (
        sa.select(contents)
        .select_from(contents)
        .join(parcels, sa.and_(parcels.c.site == contents.c.site, parcels.c.id == contents.c.parcel))
        .where(parcels.c.site == site, parcels.c.fulfilment == fulfilment, parcels.c.state != ParcelState.VOID.value)
    )
    return rows_of(ParcelContent, connection.execute(query))


def _parcels(connection: sa.Connection, site: SiteId, fulfilment: FulfilmentId) -> tuple[Parcel, ...]:
    parcels = sql_of(Parcel)
    query = sa.select(parcels).where(parcels.c.site == site, parcels.c.fulfilment == fulfilment)
    return rows_of(Parcel, connection.execute(query.order_by(parcels.c.number)))


def _open_parcel(parcels: Sequence[Parcel], contents: Iterable[ParcelContent]) -> OpenParcel | None:
    row = next((each for each in parcels if each.state is ParcelState.OPEN), None)
    if row is None:
        return None
    inside = tuple((each.id, each.line, each.quantity) for each in contents if each.parcel == row.id)
    return OpenParcel(row.id, row.number, row.units, row.box_type, inside)


def _loose(
    connection: sa.Connection,
    site: SiteId,
    fulfilment: FulfilmentId,
    lines: Sequence[PackLine],
    contents: Iterable[ParcelContent],
) -> tuple[tuple[Loose, ...], tuple[str, ...], list[dict[str, Any]]]:
    """Return the units in no parcel, the totes they lie in, and what is left in each tote filling."""
    p, f, c, lots, batches = sql_of(Pick), sql_of(Fill), sql_of(Container), sql_of(Lot), sql_of(Batch)
    query = (
        sa.select(
            p.c.line, p.c.fill, f.c.location, p.c.lot, sa.func.coalesce(lots.c.code, ""), p.c.serial, p.c.first,
            p.c.quantity, c.c.code, batches.c.kind,
        )
        .select_from(p)
        .join(f, sa.and_(f.c.site == p.c.site, f.c.id == p.c.fill))
        .join(c, sa.and_(c.c.site == f.c.site, c.c.id == f.c.container))
        .join(batches, sa.and_(batches.c.site == p.c.site, batches.c.id == p.c.batch))
        .outerjoin(lots, sa.and_(lots.c.site == p.c.site, lots.c.id == p.c.lot))
        .where(p.c.site == site, p.c.fulfilment == fulfilment)
        .order_by(p.c.line, p.c.first)
    )  # fmt: skip
    taken: dict[FulfilmentLineId, set[int]] = defaultdict(set)
    for each in contents:
        taken[each.line].update(range(each.first, each.first + each.quantity))
    # Units that were given up at the bench have the highest ordinals: picked less packed says how many are left.
    room = {line.line: line.to_pack - line.packed for line in lines}
    loose: list[Loose] = []
    totes: dict[str, None] = {}
    bulk: dict[FillId, bool] = {}
    for line, fill, place, lot, lot_code, serial, first, quantity, tote, kind in connection.execute(query):
        bulk[fill] = kind == BatchKind.BULK.value
        for start, count in _runs(first, quantity, taken[line]):
            here = min(count, room.get(line, 0))
            if here:
                loose.append(Loose(line, fill, place, lot, lot_code, serial, start, here))
                totes[tote] = None
                room[line] -= here
    left = [{"fill": fill, "bulk": is_bulk, "left": _left_in(connection, site, fill)} for fill, is_bulk in bulk.items()]
    return tuple(loose), tuple(totes), left


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


def _left_in(connection: sa.Connection, site: SiteId, fill: FillId) -> int:
    p, contents = sql_of(Pick), sql_of(ParcelContent)
    picked = sa.select(sa.func.coalesce(sa.func.sum(p.c.quantity), 0)).where(p.c.site == site, p.c.fill == fill)
    lines = sa.select(p.c.line).where(p.c.site == site, p.c.fill == fill)
    packed = sa.select(sa.func.coalesce(sa.func.sum(contents.c.quantity), 0)).where(
        contents.c.site == site, contents.c.fill == fill, contents.c.line.in_(lines)
    )
    return int(connection.execute(picked).scalar_one()) - int(connection.execute(packed).scalar_one())


def _loose_of(line: PackLine, loose: Iterable[Loose]) -> int:
    return sum(each.quantity for each in loose if each.line == line.line)


@dataclass(frozen=True, slots=True)
class AskDue:
    """What could be packed now?"""

    site: SiteId

    def run(self, connection: sa.Connection) -> tuple[DueWork, ...]:
        """Return the most urgent orders in totes that wait, by the rule that the scan is checked with."""
        f, c, parts, orders, stops = (
            sql_of(Fill), sql_of(Container), sql_of(Fulfilment), sql_of(Order), sql_of(StopRequest),
        )  # fmt: skip
        query = (
            sa.select(parts, orders.c.number, c.c.code, sa.func.coalesce(stops.c.kind, ""))
            .select_from(parts)
            .join(f, sa.and_(f.c.site == parts.c.site, f.c.fulfilment == parts.c.id))
            .join(c, sa.and_(c.c.site == f.c.site, c.c.id == f.c.container))
            .join(orders, sa.and_(orders.c.site == parts.c.site, orders.c.id == parts.c.order))
            .outerjoin(stops, sa.and_(stops.c.site == parts.c.site, stops.c.fulfilment == parts.c.id))
            .where(f.c.site == self.site, f.c.state == FillState.PICKED.value)
            .order_by(parts.c.priority.desc(), parts.c.cut_off_at == 0, parts.c.cut_off_at, orders.c.number, c.c.code)
            .limit(4 * DUE_SHOWN)
        )
        width = len(Fulfilment.TABLE.columns)
        due: list[DueWork] = []
        seen: set[bytes] = set()
        for raw in connection.execute(query):
            values = tuple(raw)
            part = rows_of(Fulfilment, [values[:width]])[0]
            number, tote, stop = values[width:]
            parked = _parked(connection, self.site, part.id)
            if part.id not in seen and why_not(part, stop, parked=parked) is None:
                seen.add(part.id)
                due.append(DueWork(number, tote, "", part.picked - part.packed, part.cut_off_at, part.carrier))
            if len(due) >= DUE_SHOWN:
                break
        return self._unlabelled(connection) + tuple(due) + self._singles(connection)

    def _unlabelled(self, connection: sa.Connection) -> tuple[DueWork, ...]:
        """Return packed parcels whose label was not scanned back, oldest first."""
        p, orders = sql_of(Parcel), sql_of(Order)
        query = (
            sa.select(orders.c.number, p.c.sscc, p.c.units, p.c.carrier)
            .select_from(p)
            .join(orders, sa.and_(orders.c.site == p.c.site, orders.c.id == p.c.order))
            .where(
                p.c.site == self.site, p.c.state == ParcelState.CLOSED.value, p.c.label == LabelState.SPOOLED.value,
                p.c.loaded_at == 0,
            )
            .order_by(p.c.closed_at)
            .limit(DUE_SHOWN)
        )  # fmt: skip
        return tuple(DueWork(row[0], "", "", row[2], 0, row[3], row[1]) for row in connection.execute(query))

    def _singles(self, connection: sa.Connection) -> tuple[DueWork, ...]:
        """Return loose units in bulk totes, by the code to scan."""
        p, f, c, lines, parts, codes = (
            sql_of(Pick), sql_of(Fill), sql_of(Container), sql_of(FulfilmentLine), sql_of(Fulfilment), sql_of(Code),
        )  # fmt: skip
        stops = sql_of(StopRequest)
        code = (
            sa.select(sa.func.max(codes.c.code))
            .where(codes.c.site == p.c.site, codes.c.target == p.c.item, codes.c.quantity == 1)
            .scalar_subquery()
        )
        query = (
            sa.select(c.c.code, code, parts.c.cut_off_at, parts.c.carrier)
            .select_from(p)
            .join(f, sa.and_(f.c.site == p.c.site, f.c.id == p.c.fill))
            .join(c, sa.and_(c.c.site == f.c.site, c.c.id == f.c.container))
            .join(lines, sa.and_(lines.c.site == p.c.site, lines.c.id == p.c.line))
            .join(parts, sa.and_(parts.c.site == p.c.site, parts.c.id == p.c.fulfilment))
            .outerjoin(stops, sa.and_(stops.c.site == parts.c.site, stops.c.fulfilment == parts.c.id))
            .where(
                f.c.site == self.site, f.c.state == FillState.PICKED.value, f.c.fulfilment == NO_ID,
                lines.c.picked > lines.c.packed, parts.c.held == 0, stops.c.kind.is_(None),
            )
            .order_by(parts.c.priority.desc(), parts.c.cut_off_at, parts.c.ordered_at)
            .limit(DUE_SHOWN)
        )  # fmt: skip
        return tuple(DueWork("", row[0], row[1] or "", 1, row[2], row[3]) for row in connection.execute(query))


@dataclass(frozen=True, slots=True)
class AskClosed:
    """The parcel that was just closed, or whose label was scanned."""

    site: SiteId
    parcel: ParcelId

    def run(self, connection: sa.Connection) -> ClosedParcel | None:
        """Return it with what comes next; None when it is gone."""
        p, orders, parts = sql_of(Parcel), sql_of(Order), sql_of(Fulfilment)
        query = (
            sa.select(
                p.c.id, p.c.sscc, p.c.order, orders.c.number, p.c.fulfilment, p.c.carrier, p.c.units, p.c.weight_grams,
                sa.case((parts.c.picked > parts.c.packed, 1), else_=0),
                sa.case((p.c.label == LabelState.APPLIED.value, 1), else_=0),
            )
            .select_from(p)
            .join(orders, sa.and_(orders.c.site == p.c.site, orders.c.id == p.c.order))
            .join(parts, sa.and_(parts.c.site == p.c.site, parts.c.id == p.c.fulfilment))
            .where(p.c.site == self.site, p.c.id == self.parcel)
        )  # fmt: skip
        row = connection.execute(query).first()
        if row is None:
            return None
        values: list[Any] = list(row)
        return ClosedParcel(*values)
