"""The stop a picker stands before, read in a handful of statements: what its screen, its codes and its commands need.

The one thing a newcomer would get wrong: a stop whose units nobody holds any more is no stop, however open its row is.
The statements are built once: putting one together costs more than running it.
"""

from functools import cache
from typing import Any

import sqlalchemy as sa

from core.catalog.model import Code, Container, Item, Level, Location, LocationRole, Site, Zone
from core.kernel.flow import CodeKind
from core.kernel.ids import NO_ID, BatchId, ContainerId, FillId, LocationId, LpnId, PersonId, SiteId, StationId
from core.kernel.tables import sql_of
from core.orders.model import Fulfilment, FulfilmentLine, Order, PartialPolicy
from core.picking.model import Fill, FillState
from core.picking.views import Leftover, Neighbour, SlotView, TakeView, TaskView
from core.rights.model import Stage, WorkLease
from core.stock.model import Balance, CountRequest, CountState, Lot, Reservation, StockHold, StockKey
from core.waves.model import Batch, BatchKind, BatchMember, PickTask, TaskState, Wave
from core.waves.queries import under_way

_NEAR = 1
"""How many places to the left and right are looked at for something that looks the same."""

_AHEAD, _SEEN = 5, 4
"""Stops ahead that are shown, and places seen to either side."""
_LINE = "\n"
"""Between codes that come in one text: no code has it."""

Rows = list[dict[str, Any]]

_SITE: sa.BindParameter[Any] = sa.bindparam("site")
_BATCH: sa.BindParameter[Any] = sa.bindparam("batch")


def next_stop(connection: sa.Connection, site: SiteId, station: StationId, person: PersonId) -> TaskView | None:
    """Return the next open stop of the batch that is under way here; None when there is none."""
    head = _head(connection, site, station, person)
    if head is None:
        return None
    key = StockKey(
        owner=head["owner"], item=head["item"], location=head["location"], lot=head["lot"], serial=head["serial"],
        lpn=head["lpn"],
    )  # fmt: skip
    fills = fills_of(connection, site, head["batch"])
    members = members_of(connection, site, head["batch"])
    takes = _takes(connection, site, head["id"], members, fills, bulk=head["kind"] == BatchKind.BULK.value)
    codes = _codes(connection, site, key, sum(each.quantity for each in takes))
    return TaskView(
        batch=head["batch"], batch_number=head["number"], wave_number=head["wave_number"] or 0,
        carrier=head["carrier"] or "", cut_off_at=head["cut_off_at"], kind=BatchKind(head["kind"]),
        place=head["place"], cart_code=head["cart_code"], task=head["id"], key=key,
        location_code=head["location_code"], zone=head["zone"] or "", zone_id=head["zone_id"], sku=head["sku"],
        description=head["description"], variant=head["variant"], picture=head["picture"],
        code=codes[0] or head["sku"], inner=codes[1], lot=head["lot_code"], expiry=head["expiry"],
        lot_control=head["lot_control"], serial_control=head["serial_control"], hazard=head["hazard"], takes=takes,
        slots=_slots(members, fills), lines_done=head["tasks_done"], lines_total=head["tasks"],
        others_open=int(head["others_open"]), last_sequence=int(head["last_sequence"]),
        members=tuple((row["fulfilment"], row["short"]) for row in members),
        fills=tuple(row["id"] for row in fills if row["state"] != FillState.EMPTIED.value),
        full_fills=tuple(row["id"] for row in fills if row["state"] == FillState.FULL.value),
        count_open=int(head["count_open"]), free_here=max(0, head["free"] or 0),
        quarantine=LocationId(head["quarantine"] or NO_ID), quarantine_code=head["quarantine_code"] or "",
        site_name=head["site_name"] or "", held=int(head["held"]), blocked=head["blocked"], lpn_code=codes[2],
        neighbour=_neighbour(connection, site, key, head), came_from=head["came_from"] or "",
        epoch=head["epoch"] or 0, fence=head["fence"] or 0,
        ahead=_codes_in(head["ahead"]), beside=_codes_in(head["beside"]),
    )  # fmt: skip


def leftover(connection: sa.Connection, site: SiteId, station: StationId, person: PersonId) -> Leftover | None:
    """Return the batch that is under way here and has no stop left to go to; None when there is none."""
    batches, tasks = sql_of(Batch), sql_of(PickTask)
    query = sa.select(batches.c.id).where(batches.c.site == site, under_way(site, station, person, batches))
    batch = connection.execute(query.order_by(batches.c.number).limit(1)).scalar_one_or_none()
    if batch is None:
        return None
    still_open = sa.select(tasks.c.id).where(
        tasks.c.site == site, tasks.c.batch == batch, tasks.c.state == TaskState.OPEN.value
    )
    fills = fills_of(connection, site, BatchId(batch))
    return Leftover(
        BatchId(batch),
        tuple(connection.execute(still_open.order_by(tasks.c.sequence)).scalars()),
        tuple(row["id"] for row in fills if row["state"] != FillState.EMPTIED.value),
        tuple((row["fulfilment"], row["short"]) for row in members_of(connection, site, BatchId(batch))),
    )


def _head(connection: sa.Connection, site: SiteId, station: StationId, person: PersonId) -> dict[str, Any] | None:
    said = {"site": site, "station": station, "person": person}
    row = connection.execute(_head_statement(), said).mappings().first()
    return None if row is None else dict(row)


@cache
def _head_statement() -> sa.Select[Any]:
    h, t, i, p, z, lots, b, w, c, s, lease = (
        sql_of(Batch), sql_of(PickTask), sql_of(Item), sql_of(Location), sql_of(Zone), sql_of(Lot), sql_of(Balance),
        sql_of(Wave), sql_of(Container), sql_of(Site), sql_of(WorkLease),
    )  # fmt: skip
    return (
        sa.select(
            h.c.id.label("batch"), h.c.number, h.c.kind, h.c.cut_off_at, h.c.tasks, h.c.tasks_done, t.c.id, t.c.owner,
            t.c.item, t.c.lot, t.c.serial, t.c.lpn, t.c.location, p.c.code.label("location_code"), p.c.blocked,
            p.c.zone.label("zone_id"), p.c.sequence.label("walk"), z.c.name.label("zone"), i.c.sku, i.c.description,
            i.c.variant, i.c.picture, i.c.lot_control, i.c.serial_control, i.c.hazard,
            sa.func.coalesce(lots.c.code, "").label("lot_code"), sa.func.coalesce(lots.c.expiry, "").label("expiry"),
            (b.c.total - b.c.reserved).label("free"), w.c.number.label("wave_number"), w.c.carrier,
            c.c.location.label("place"), c.c.code.label("cart_code"), s.c.name.label("site_name"),
            lease.c.epoch, lease.c.fence,
            *_beside(h, t), *_around(t, p),
        )
        .select_from(h)
        .join(t, sa.and_(t.c.site == h.c.site, t.c.batch == h.c.id))
        .join(i, sa.and_(i.c.site == t.c.site, i.c.id == t.c.item))
        .join(p, sa.and_(p.c.site == t.c.site, p.c.id == t.c.location))
        .join(c, sa.and_(c.c.site == t.c.site, c.c.id == h.c.cart))
        .outerjoin(z, sa.and_(z.c.site == p.c.site, z.c.id == p.c.zone))
        .outerjoin(lots, sa.and_(lots.c.site == t.c.site, lots.c.id == t.c.lot))
        .outerjoin(w, sa.and_(w.c.site == t.c.site, w.c.id == h.c.wave))
        .outerjoin(s, s.c.site == t.c.site)
        .outerjoin(
            lease, sa.and_(lease.c.site == h.c.site, lease.c.stage == Stage.PICK.value, lease.c.work == h.c.id)
        )
        .outerjoin(
            b,
            sa.and_(
                b.c.site == t.c.site, b.c.item == t.c.item, b.c.location == t.c.location, b.c.owner == t.c.owner,
                b.c.lot == t.c.lot, b.c.serial == t.c.serial, b.c.lpn == t.c.lpn, b.c.condition == "good",
            ),
        )
        .where(h.c.site == _SITE, t.c.id == _first_open())
    )  # fmt: skip


def _first_open() -> sa.ScalarSelect[Any]:
    """Return the id of the next stop, found first: what is counted beside a stop is then counted once, not per stop."""
    h, t = sql_of(Batch).alias(), sql_of(PickTask).alias()
    mine = (
        sa.select(h.c.id)
        .where(h.c.site == _SITE, under_way(_SITE, sa.bindparam("station"), sa.bindparam("person"), h))
        .order_by(h.c.number)
        .limit(1)
        .scalar_subquery()
    )
    return (
        sa.select(t.c.id)
        .where(t.c.site == _SITE, t.c.batch == mine, t.c.state == TaskState.OPEN.value, _wanted(t))
        .order_by(t.c.sequence)
        .limit(1)
        .scalar_subquery()
    )


def _wanted(tasks: Any) -> sa.ColumnElement[bool]:
    """Return the condition that somebody still holds units of a stop."""
    held = sql_of(Reservation).alias()
    return sa.exists().where(held.c.site == tasks.c.site, held.c.work == tasks.c.id)


def _beside(h: sa.Table, t: sa.Table) -> tuple[sa.Label[Any], ...]:
    """Return the columns that are counted or looked up beside the stop itself."""
    others, counts, holds, places = sql_of(PickTask).alias(), sql_of(CountRequest), sql_of(StockHold), sql_of(Location)
    of_batch = (others.c.site == _SITE, others.c.batch == h.c.id)
    still_open = (others.c.state == TaskState.OPEN.value, others.c.id != t.c.id, _wanted(others))
    bad = (
        sa.select(places.c.id)
        .where(places.c.site == _SITE, places.c.role == LocationRole.QUARANTINE.value)
        .order_by(places.c.sequence, places.c.code)
        .limit(1)
        .correlate(None)
    )
    bad_code = bad.with_only_columns(places.c.code)
    count = sa.exists().where(
        counts.c.site == _SITE, counts.c.location == t.c.location, counts.c.state == CountState.OPEN.value,
        counts.c.item == t.c.item, counts.c.lot == t.c.lot,
    )  # fmt: skip
    held = sa.exists().where(
        holds.c.site == _SITE, holds.c.released_at == 0, holds.c.target.in_([t.c.lot, t.c.location, t.c.item])
    )
    return (
        sa.select(sa.func.count()).select_from(others).where(*of_batch, *still_open).scalar_subquery().label(
            "others_open"
        ),
        sa.select(sa.func.max(others.c.sequence)).where(*of_batch).scalar_subquery().label("last_sequence"),
        sa.case((count, 1), else_=0).label("count_open"),
        sa.case((held, 1), else_=0).label("held"),
        bad.scalar_subquery().label("quarantine"),
        bad_code.scalar_subquery().label("quarantine_code"),
    )  # fmt: skip


def _around(t: sa.Table, p: sa.Table) -> tuple[sa.Label[Any], ...]:
    """Return what the picker sees of the walk: the stop left behind, those ahead, and the places beside this one."""
    others, where = sql_of(PickTask).alias(), sql_of(Location).alias()
    stops = (
        sa.select(where.c.code)
        .select_from(others)
        .join(where, sa.and_(where.c.site == others.c.site, where.c.id == others.c.location))
        .where(others.c.site == t.c.site, others.c.batch == t.c.batch)
        .correlate(t)
    )
    behind = stops.where(others.c.sequence < t.c.sequence, others.c.state == TaskState.DONE.value)
    behind = behind.order_by(others.c.sequence.desc()).limit(1)
    ahead = stops.where(others.c.sequence > t.c.sequence, others.c.state == TaskState.OPEN.value)
    beside = (
        sa.select(where.c.code)
        .where(
            where.c.site == p.c.site, where.c.zone == p.c.zone,
            where.c.sequence.between(p.c.sequence - _SEEN, p.c.sequence + _SEEN),
        )
        .order_by(where.c.sequence)
        .correlate(p)
    )  # fmt: skip
    return (
        behind.scalar_subquery().label("came_from"),
        _joined(ahead.order_by(others.c.sequence).limit(_AHEAD)).correlate(t).scalar_subquery().label("ahead"),
        _joined(beside).correlate(p).scalar_subquery().label("beside"),
    )


def _joined(codes: sa.Select[Any]) -> sa.Select[Any]:
    inside = codes.subquery()
    return sa.select(sa.func.aggregate_strings(inside.c.code, _LINE))


def _codes_in(joined: str | None) -> tuple[str, ...]:
    return tuple(joined.split(_LINE)) if joined else ()


def fills_of(connection: sa.Connection, site: SiteId, batch: BatchId) -> Rows:
    """Return the fills of a batch with their totes, the oldest first."""
    return [dict(row) for row in connection.execute(_fills_statement(), {"site": site, "batch": batch}).mappings()]


@cache
def _fills_statement() -> sa.Select[Any]:
    fills, containers = sql_of(Fill), sql_of(Container)
    return (
        sa.select(fills.c.id, fills.c.slot, fills.c.state, fills.c.container, fills.c.changes, containers.c.code)
        .select_from(fills)
        .join(containers, sa.and_(containers.c.site == fills.c.site, containers.c.id == fills.c.container))
        .where(fills.c.site == _SITE, fills.c.batch == _BATCH)
        .order_by(fills.c.opened_at, fills.c.id)
    )


def members_of(connection: sa.Connection, site: SiteId, batch: BatchId) -> Rows:
    """Return the fulfilments of a batch with their orders and counters, by slot."""
    return [dict(row) for row in connection.execute(_members_statement(), {"site": site, "batch": batch}).mappings()]


@cache
def _members_statement() -> sa.Select[Any]:
    m, parts, orders = sql_of(BatchMember), sql_of(Fulfilment), sql_of(Order)
    return (
        sa.select(
            m.c.fulfilment, m.c.slot, m.c.order, parts.c.short, parts.c.picked, parts.c.units, parts.c.cancelled,
            parts.c.partial, orders.c.number,
        )
        .select_from(m)
        .join(parts, sa.and_(parts.c.site == m.c.site, parts.c.id == m.c.fulfilment))
        .join(orders, sa.and_(orders.c.site == m.c.site, orders.c.id == m.c.order))
        .where(m.c.site == _SITE, m.c.batch == _BATCH)
        .order_by(m.c.slot, orders.c.number)
    )  # fmt: skip


def _takes(
    connection: sa.Connection, site: SiteId, task: bytes, members: Rows, fills: Rows, *, bulk: bool
) -> tuple[TakeView, ...]:
    by_fulfilment = {row["fulfilment"]: row for row in members}
    open_fills = {row["slot"]: row for row in fills if row["state"] == FillState.OPEN.value}
    takes = []
    held = connection.execute(_takes_statement(), {"site": site, "task": task})
    for reservation, line, first, quantity, fulfilment in held:
        member = by_fulfilment.get(fulfilment)
        if member is None:
            continue
        slot = 0 if bulk else member["slot"]
        fill = open_fills.get(slot)
        takes.append(
            TakeView(
                reservation, line, fulfilment, member["order"], member["number"],
                int(member["partial"] == PartialPolicy.WHOLE.value), slot, first, quantity,
                FillId(NO_ID) if fill is None else fill["id"], ContainerId(NO_ID) if fill is None else fill["container"],
                "" if fill is None else fill["code"], 0 if fill is None else fill["changes"],
            )
        )  # fmt: skip
    return tuple(sorted(takes, key=lambda each: (each.slot, each.order_number, each.first)))


@cache
def _takes_statement() -> sa.Select[Any]:
    r, lines = sql_of(Reservation), sql_of(FulfilmentLine)
    return (
        sa.select(r.c.id, r.c.demand, r.c.first, r.c.quantity, lines.c.fulfilment)
        .select_from(r)
        .join(lines, sa.and_(lines.c.site == r.c.site, lines.c.id == r.c.demand))
        .where(r.c.site == _SITE, r.c.work == sa.bindparam("task"))
    )


def _slots(members: Rows, fills: Rows) -> tuple[SlotView, ...]:
    totes: dict[int, str] = {}
    for row in fills:
        if row["state"] in (FillState.OPEN.value, FillState.FULL.value):
            totes[row["slot"]] = row["code"]
    return tuple(
        SlotView(
            row["slot"], row["number"], totes.get(row["slot"], ""), row["picked"],
            row["units"] - row["short"] - row["cancelled"],
        )
        for row in members
        if row["slot"]
    )  # fmt: skip


def _codes(connection: sa.Connection, site: SiteId, key: StockKey, quantity: int) -> tuple[str, int, str]:
    """Return a code of one unit, the units of the packaging that divides a quantity, and the package's own code."""
    targets = {"item": key.item, "package": LpnId(key.lpn) if key.lpn != NO_ID else key.item}
    one, inner, package = "", 0, ""
    for kind, code, level, units in connection.execute(_codes_statement(), {"site": site, **targets}):
        if kind == CodeKind.LPN.value:
            package = code
        elif kind == CodeKind.ITEM.value and units == 1:
            one = code if len(code) > len(one) else one
        elif level in (Level.INNER.value, Level.CARTON.value) and 1 < units <= quantity and quantity % units == 0:
            inner = max(inner, units)
    return one, inner, package


@cache
def _codes_statement() -> sa.Select[Any]:
    codes = sql_of(Code)
    targets: list[sa.BindParameter[Any]] = [sa.bindparam("item"), sa.bindparam("package")]
    query = sa.select(codes.c.kind, codes.c.code, codes.c.level, codes.c.quantity)
    return query.where(codes.c.site == _SITE, codes.c.target.in_(targets)).order_by(codes.c.code)


def _neighbour(connection: sa.Connection, site: SiteId, key: StockKey, head: dict[str, Any]) -> Neighbour | None:
    """Return what lies in the same place or beside it and differs in its variant alone."""
    if not head["variant"]:
        return None
    walk = head["walk"]
    row = connection.execute(
        _neighbour_statement(),
        {
            "site": site, "zone": head["zone_id"], "from": walk - _NEAR, "to": walk + _NEAR, "item": key.item,
            "owner": key.owner, "description": head["description"], "variant": head["variant"],
            "place": key.location,
        },
    ).first()  # fmt: skip
    return None if row is None else Neighbour(*row)


@cache
def _neighbour_statement() -> sa.Select[Any]:
    p, b, i = sql_of(Location), sql_of(Balance), sql_of(Item)
    return (
        sa.select(i.c.sku, i.c.variant, i.c.picture, p.c.code)
        .select_from(p)
        .join(b, sa.and_(b.c.site == p.c.site, b.c.location == p.c.id))
        .join(i, sa.and_(i.c.site == b.c.site, i.c.id == b.c.item))
        .where(
            p.c.site == _SITE, p.c.zone == sa.bindparam("zone"),
            p.c.sequence.between(sa.bindparam("from"), sa.bindparam("to")), b.c.total > 0,
            i.c.id != sa.bindparam("item"), i.c.owner == sa.bindparam("owner"),
            i.c.description == sa.bindparam("description"), i.c.variant != sa.bindparam("variant"),
        )
        .order_by(p.c.id != sa.bindparam("place"), p.c.sequence, i.c.variant)
        .limit(1)
    )  # fmt: skip
