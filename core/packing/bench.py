"""An order at the bench, read in a handful of statements: what its screen, its codes and its commands need.

The one thing a newcomer would get wrong: units that lie in no parcel are not stored anywhere, they are the picks less
the contents; units given up at the bench have the highest ordinals.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from core.cases.model import Case, CaseState
from core.catalog.codes import check_digit
from core.catalog.fill_codes import read_fill_code
from core.catalog.model import BoxType, Code, Container, Item, Location, LocationRole, Site
from core.catalog.places import unexplained
from core.catalog.queries import box_types
from core.catalog.readings import FillCode, FillUnits
from core.kernel.flow import CodeKind
from core.kernel.ids import (
    NO_ID,
    BatchId,
    ContainerId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    LocationId,
    SiteId,
    StationId,
)
from core.kernel.numbers import Number, NumberRange, in_use, number_of
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import UnitOfWork
from core.orders.model import Contact, Fulfilment, FulfilmentLine, Order, PartialPolicy, StopRequest
from core.packing.cartonize import Goods, propose, why_not_in
from core.packing.commands import PARKED, SSCC_NUMBERS, CodedFill
from core.packing.eligibility import why_not, why_not_by_slip
from core.packing.enclosed import papers_of
from core.packing.loose import loose_by_slip, picked_of, units_to_pack
from core.packing.model import Parcel, ParcelContent, ParcelState, kinds_of
from core.packing.views import BoxChoice, Loose, OpenParcel, PackLine, PackView
from core.picking.model import Fill, FillState, singles_fill
from core.rights.model import Stage, WorkLease
from core.rights.queries import speaks
from core.stock.model import Reservation
from core.waves.model import PickTask

_SSCC_DIGITS = 17
_NO_TOTE = FillId(NO_ID)


def sscc_of(prefix: str, number: int) -> str:
    """Return the 18 digits of a serial shipping container code: prefix, serial, check digit (GS1 General Specs 2.2.1)."""
    body = prefix + str(number).zfill(_SSCC_DIGITS - len(prefix))
    return body + check_digit(body)


def last_serial(prefix: str) -> int:
    """Return the highest serial that a prefix leaves room for."""
    return int(10 ** max(0, _SSCC_DIGITS - len(prefix))) - 1


@dataclass(frozen=True, slots=True)
class _Head:
    """What is said of an order once."""

    part: Fulfilment
    number: str
    handling: str
    stop: str
    prefix: str
    sscc_next: int | None
    sscc_range: int | None
    parked: int
    hospital: bytes | None
    hospital_code: str | None
    papers: str | None
    addressed: int
    """0 where nobody here knows yet where it goes."""


def pack_view(
    connection: sa.Connection, site: SiteId, fulfilment: FulfilmentId, station: StationId, tote: FillId = _NO_TOTE
) -> PackView | Refusal:
    """Return an order at the bench, or why it may not be packed.

    Args:
        connection: reads this station's file.
        site: its site.
        fulfilment: which part of an order.
        station: whose label numbers count.
        tote: the filling that was scanned: of units that two totes hold, its own are packed.
    """
    head = _head(connection, site, fulfilment, station)
    if head is None:
        return Refusal(Reason.WORK_GONE)
    part = head.part
    parcels, contents = _parcels(connection, site, fulfilment)
    still_open = next((each for each in parcels if each.state is ParcelState.OPEN), None)
    reason = why_not(part, head.stop, parked=bool(head.parked), carton_open=still_open is not None)
    if reason is not None:
        return Refusal(reason, {"order": head.number})
    lines = _lines(connection, site, fulfilment)
    picked = picked_of(connection, site, fulfilment, lines, contents, station, tote)
    if picked.given:
        return Refusal(Reason.WORK_GIVEN, {"order": head.number})
    if picked.others:
        return Refusal(Reason.WORK_HELD, {"order": head.number})
    goods = _goods(lines, picked.loose)
    number: Number = number_of(head.sscc_next, head.sscc_range)
    boxes = box_types(connection, site)
    proposed = propose(goods, boxes, part.carrier)
    return PackView(
        order=part.order, order_number=head.number, fulfilment=fulfilment, contact=part.contact, carrier=part.carrier,
        service=part.service, cut_off_at=part.cut_off_at, handling=head.handling, bulk=int(picked.bulk),
        walk=picked.walk,
        whole=int(part.partial is PartialPolicy.WHOLE), lines=lines, loose=tuple(picked.loose),
        totes=tuple(picked.totes), fill_left=tuple(picked.left.items()), parcel=_open_parcel(still_open, contents),
        closed_parcels=sum(1 for each in parcels if each.state is ParcelState.CLOSED),
        next_number=max((each.number for each in parcels), default=0) + 1,
        boxes=tuple(_choice(each, goods, part.carrier) for each in boxes),
        proposed="" if proposed is None else proposed.code, sscc_number=number,
        sscc=sscc_of(head.prefix, number.value), order_lines=tuple(line.order_line for line in lines),
        hospital=head.hospital_code or "", hospital_id=LocationId(head.hospital or NO_ID),
        papers=kinds_of(head.papers or ""), addressed=head.addressed,
    )  # fmt: skip


def pack_view_by_slip(
    connection: sa.Connection, code: FillCode, slip: str, station: StationId, besides: Iterable[str] = ()
) -> PackView | Refusal:
    """Return what a tote's slip says at the bench, or why it may not be packed by it; its picks may not be known here.

    Args:
        connection: reads this station's file.
        code: what the slip says.
        slip: its text.
        station: whose label numbers count.
        besides: slips of other totes that are here as well: an order that must go whole may lie in several.
    """
    head = _head(connection, code.site, code.fulfilment, station)
    if head is None:
        return Refusal(Reason.WORK_GONE)
    others: dict[FillId, FillCode] = {}
    for each in map(read_fill_code, besides):
        if isinstance(each, FillCode) and each.fulfilment == code.fulfilment and each.fill != code.fill:
            others[each.fill] = each
    here = [each for each in others.values() if _why_not_this_slip(connection, each, head.number) is None]
    return _why_not_this_slip(connection, code, head.number) or _unheard(connection, code, head, slip, here)


def pack_view_by_lease(
    connection: sa.Connection, site: SiteId, fulfilment: FulfilmentId, station: StationId, walk: BatchId
) -> PackView | Refusal:
    """Return a single unit's order that this bench holds, as it was released: its pick may not be known here."""
    head = _head(connection, site, fulfilment, station)
    lease, held, tasks = sql_of(WorkLease), sql_of(Reservation), sql_of(PickTask)
    mine = sa.select(lease.c.epoch, lease.c.fence, lease.c.incarnation).where(
        lease.c.site == site, lease.c.stage == Stage.PACK.value, lease.c.work == walk
    )
    right = connection.execute(mine).first()
    if head is None or right is None:
        return Refusal(Reason.WORK_GONE)
    lines = sql_of(FulfilmentLine)
    query = (
        sa.select(held)
        .join(tasks, sa.and_(tasks.c.site == held.c.site, tasks.c.id == held.c.work))
        .join(lines, sa.and_(lines.c.site == held.c.site, lines.c.id == held.c.demand))
        .where(held.c.site == site, tasks.c.batch == walk, lines.c.fulfilment == fulfilment)
        .order_by(held.c.demand, held.c.first)
    )
    units = tuple(
        FillUnits(
            line=FulfilmentLineId(row.demand), owner=row.owner, item=row.item, lot=row.lot, serial=row.serial,
            first=row.first, quantity=row.quantity,
        )
        for row in rows_of(Reservation, connection.execute(query))
    )  # fmt: skip
    code = FillCode(
        site=site, fill=singles_fill(walk, 0), container=ContainerId(NO_ID), fulfilment=fulfilment, walk=walk,
        place=unexplained(site), station=station, incarnation=right[2], epoch=right[0], fence=right[1], number=0,
        units=units,
    )  # fmt: skip
    return _unheard(connection, code, head, "")


def _unheard(
    connection: sa.Connection, code: FillCode, head: _Head, slip: str, besides: Iterable[FillCode] = ()
) -> PackView | Refusal:
    """Return an order whose picks may not be known here, by what a slip or a lease says of them."""
    site, part = code.site, head.part
    parcels, contents = _parcels(connection, site, code.fulfilment)
    loose = loose_by_slip(connection, code, contents)
    units = sum(each.quantity for each in loose)
    more = sum(each.quantity for other in besides for each in loose_by_slip(connection, other, contents))
    reason = why_not_by_slip(part, head.stop, units, more, parked=bool(head.parked))
    if reason is not None:
        return Refusal(reason, {"order": head.number})
    to_pack: Counter[FulfilmentLineId] = Counter()
    for each in loose:
        to_pack[each.line] += each.quantity
    known = _lines(connection, site, code.fulfilment, picked_only=False)
    lines = tuple(replace(line, to_pack=line.packed + to_pack[line.line]) for line in known if line.line in to_pack)
    if len(lines) < len(to_pack):
        return Refusal(Reason.WORK_GONE)
    goods = _goods(lines, loose)
    number = number_of(head.sscc_next, head.sscc_range)
    boxes = box_types(connection, site)
    proposed = propose(goods, boxes, part.carrier)
    return PackView(
        order=part.order, order_number=head.number, fulfilment=code.fulfilment, contact=part.contact,
        carrier=part.carrier, service=part.service, cut_off_at=part.cut_off_at, handling=head.handling, bulk=int(not slip),
        whole=1, lines=lines, loose=tuple(loose), totes=(_tote(connection, site, code.container),) if slip else (),
        fill_left=((code.fill, units),) if slip else (), parcel=None, walk=BatchId(NO_ID) if slip else code.walk,
        closed_parcels=sum(1 for each in parcels if each.state is ParcelState.CLOSED),
        next_number=max((each.number for each in parcels), default=0) + 1,
        boxes=tuple(_choice(each, goods, part.carrier) for each in boxes),
        proposed="" if proposed is None else proposed.code, sscc_number=number,
        sscc=sscc_of(head.prefix, number.value), order_lines=tuple(line.order_line for line in lines),
        hospital=head.hospital_code or "", hospital_id=LocationId(head.hospital or NO_ID), slip=slip,
        papers=kinds_of(head.papers or ""), addressed=head.addressed,
        coded=CodedFill(
            fill=code.fill, container=code.container, walk=code.walk, place=code.place, station=code.station,
            incarnation=code.incarnation, epoch=code.epoch, fence=code.fence, number=code.number,
        ),
    )  # fmt: skip


def _why_not_this_slip(connection: sa.Connection, code: FillCode, order: str) -> Refusal | None:
    """Return what is known here against a slip: the filling is done, a newer slip, the walk given to others since."""
    f, lease = sql_of(Fill), sql_of(WorkLease)
    query = sa.select(f.c.state, f.c.changes).where(f.c.site == code.site, f.c.id == code.fill)
    known = connection.execute(query).first()
    if known is not None and known[1] > code.number:
        return Refusal(Reason.SLIP_OLD, {"order": order})
    if known is not None and known[0] == FillState.EMPTIED.value:
        return Refusal(Reason.ALREADY_PACKED, {"order": order})
    given = sa.select(lease.c.epoch, lease.c.fence).where(
        lease.c.site == code.site, lease.c.stage == Stage.PICK.value, lease.c.work == code.walk
    )
    newest = connection.execute(given).first()
    if newest is not None and tuple(newest) > (code.epoch, code.fence):
        return Refusal(Reason.WORK_GIVEN, {"order": order})
    if not speaks(UnitOfWork(connection), code.site, code.station, code.incarnation, code.fulfilment, unknown=True):
        return Refusal(Reason.LOOK_FIRST, {"order": order})
    return None


def _tote(connection: sa.Connection, site: SiteId, container: ContainerId) -> str:
    totes = sql_of(Container)
    query = sa.select(totes.c.code).where(totes.c.site == site, totes.c.id == container)
    return str(connection.execute(query).scalar_one_or_none() or "")


def _choice(box: BoxType, goods: Sequence[Goods], carrier: str) -> BoxChoice:
    why = why_not_in(goods, box, carrier)
    return BoxChoice(
        box.id, box.code, box.name, box.tare_grams, box.length_mm, box.width_mm, box.height_mm,
        "" if why is None else str(why),
    )  # fmt: skip


def _goods(lines: Iterable[PackLine], loose: Iterable[Loose]) -> list[Goods]:
    quantity: dict[FulfilmentLineId, int] = defaultdict(int)
    for each in loose:
        quantity[each.line] += each.quantity
    return [
        Goods(quantity[line.line], line.length_mm, line.width_mm, line.height_mm, line.weight_grams)
        for line in lines
        if quantity[line.line]
    ]


def parked(site: SiteId | sa.BindParameter[Any], fulfilment: Any) -> sa.Exists:
    """Return the condition that a fulfilment waits in the hospital."""
    cases = sql_of(Case)
    return sa.exists().where(
        cases.c.site == site, cases.c.state == CaseState.OPEN.value, cases.c.subject == fulfilment,
        cases.c.kind.in_([each.value for each in PARKED]),
    )  # fmt: skip


def addressed(site: SiteId, contact: Any) -> sa.Exists:
    """Return the condition that an address is here: it comes beside what the feed says of its order."""
    contacts = sql_of(Contact)
    return sa.exists().where(contacts.c.site == site, contacts.c.id == contact)


def _head(connection: sa.Connection, site: SiteId, fulfilment: FulfilmentId, station: StationId) -> _Head | None:
    parts, orders, stops, sites, ranges, places = (
        sql_of(Fulfilment), sql_of(Order), sql_of(StopRequest), sql_of(Site), sql_of(NumberRange), sql_of(Location),
    )  # fmt: skip
    first = (
        sa.select(places.c.id)
        .where(places.c.site == site, places.c.role == LocationRole.HOSPITAL.value)
        .order_by(places.c.sequence, places.c.code)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        sa.select(
            parts, orders.c.number, orders.c.handling, sa.func.coalesce(stops.c.kind, ""),
            sa.func.coalesce(sites.c.gs1_prefix, ""), ranges.c.next, ranges.c.first,
            sa.case((parked(site, parts.c.id), 1), else_=0), places.c.id, places.c.code,
            papers_of(site), sa.case((addressed(site, parts.c.contact), 1), else_=0),
        )
        .select_from(parts)
        .join(orders, sa.and_(orders.c.site == parts.c.site, orders.c.id == parts.c.order))
        .outerjoin(stops, sa.and_(stops.c.site == parts.c.site, stops.c.fulfilment == parts.c.id))
        .outerjoin(sites, sites.c.site == parts.c.site)
        .outerjoin(
            ranges,
            sa.and_(
                ranges.c.site == parts.c.site, ranges.c.name == SSCC_NUMBERS,
                ranges.c.first == in_use(site, SSCC_NUMBERS, station),
            ),
        )
        .outerjoin(places, sa.and_(places.c.site == parts.c.site, places.c.id == first))
        .where(parts.c.site == site, parts.c.id == fulfilment)
    )  # fmt: skip
    row = connection.execute(query).first()
    if row is None:
        return None
    width = len(Fulfilment.TABLE.columns)
    values = tuple(row)
    return _Head(rows_of(Fulfilment, [values[:width]])[0], *values[width:])


def _lines(
    connection: sa.Connection, site: SiteId, fulfilment: FulfilmentId, *, picked_only: bool = True
) -> tuple[PackLine, ...]:
    lines, items, codes = sql_of(FulfilmentLine), sql_of(Item), sql_of(Code)
    code = (
        sa.select(codes.c.code)
        .where(
            codes.c.site == site, codes.c.target == items.c.id, codes.c.kind == CodeKind.ITEM.value,
            codes.c.quantity == 1,
        )
        .order_by(sa.func.length(codes.c.code).desc(), codes.c.code)
        .limit(1)
        .scalar_subquery()
    )  # fmt: skip
    query = (
        sa.select(
            lines.c.id, lines.c.order_line, lines.c.number, lines.c.owner, lines.c.item, items.c.sku,
            items.c.description, items.c.variant, items.c.picture, sa.func.coalesce(code, items.c.sku),
            units_to_pack(lines), lines.c.packed, items.c.lot_control,
            items.c.serial_control, items.c.hazard,
            items.c.weight_grams, items.c.weight_sigma_mg, items.c.weight_samples, items.c.length_mm,
            items.c.width_mm, items.c.height_mm,
        )
        .select_from(lines)
        .join(items, sa.and_(items.c.site == lines.c.site, items.c.id == lines.c.item))
        .where(lines.c.site == site, lines.c.fulfilment == fulfilment)
        .order_by(lines.c.number)
    )  # fmt: skip
    if picked_only:
        query = query.where(lines.c.picked > 0)
    names = PackLine.__dataclass_fields__
    return tuple(PackLine(**dict(zip(names, tuple(row), strict=True))) for row in connection.execute(query))


def _parcels(
    connection: sa.Connection, site: SiteId, fulfilment: FulfilmentId
) -> tuple[tuple[Parcel, ...], tuple[ParcelContent, ...]]:
    """Return the parcels of an order, void ones too, and what lies in those that are not."""
    parcels, contents = sql_of(Parcel), sql_of(ParcelContent)
    query = (
        sa.select(parcels, contents)
        .select_from(parcels)
        .outerjoin(contents, sa.and_(contents.c.site == parcels.c.site, contents.c.parcel == parcels.c.id))
        .where(parcels.c.site == site, parcels.c.fulfilment == fulfilment)
        .order_by(parcels.c.number, contents.c.line, contents.c.first)
    )
    width = len(Parcel.TABLE.columns)
    rows = [tuple(row) for row in connection.execute(query)]
    heads = {row[1]: row[:width] for row in rows}
    inside = [row[width:] for row in rows if row[width] is not None]
    found = rows_of(Parcel, list(heads.values()))
    void = {each.id for each in found if each.state is ParcelState.VOID}
    return found, tuple(each for each in rows_of(ParcelContent, inside) if each.parcel not in void)


def _open_parcel(row: Parcel | None, contents: Iterable[ParcelContent]) -> OpenParcel | None:
    if row is None:
        return None
    inside = tuple((each.id, each.line, each.quantity) for each in contents if each.parcel == row.id)
    return OpenParcel(row.id, row.number, row.units, row.box_type, inside)
