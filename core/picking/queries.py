"""What a picker does next: the running batch's next stop, or a batch to take; and what a tote holds."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.catalog.model import Code, Container, ContainerKind, Item, Level, Location, LocationRole, Site, Zone
from core.kernel.commands import Command, command_of
from core.kernel.flow import CodeKind
from core.kernel.ids import (
    NO_ID,
    BatchId,
    ContainerId,
    FillId,
    ItemId,
    LocationId,
    LotId,
    LpnId,
    OwnerId,
    PersonId,
    SiteId,
    StationId,
)
from core.kernel.operations import Operation
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Fulfilment, FulfilmentLine, Order, PartialPolicy
from core.picking.commands import MarkDamaged, PickUnits, ShortPick, UndoDamaged, UndoPick, UndoShort
from core.picking.model import Fill, FillState
from core.picking.views import BatchOffer, OtherStock, Picked, SlotView, TakeView, TaskView, ToteState, Work
from core.stock.model import Balance, CountRequest, CountState, Lot, Reservation, StockHold, StockKey
from core.waves.model import Batch, BatchMember, BatchState, PickTask, TaskState, Wave

CARTS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class AskWork:
    """What do I do next?"""

    site: SiteId
    person: PersonId
    cart: str = ""
    """A cart or batch that was scanned: only its work."""
    finished: BatchId = BatchId(NO_ID)
    """A batch that was just finished: say so first."""

    def run(self, connection: sa.Connection) -> Work:
        """Return the next stop of my batch, else a batch to take, else nothing."""
        mine = self._batch(connection, BatchState.RUNNING)
        if mine is not None:
            view = task_view(connection, self.site, mine)
            if view is not None:
                return view
        if self.finished != NO_ID:
            return _picked(connection, self.site, self.finished)
        return self._offer(connection)

    def _batch(self, connection: sa.Connection, state: BatchState) -> Batch | None:
        batches = sql_of(Batch)
        query = sa.select(batches).where(
            batches.c.site == self.site, batches.c.state == state.value, batches.c.holder == self.person
        )
        found = rows_of(Batch, connection.execute(query.order_by(batches.c.number).limit(1)))
        return found[0] if found else None

    def _offer(self, connection: sa.Connection) -> BatchOffer | None:
        batches, carts, waves = sql_of(Batch), sql_of(Container), sql_of(Wave)
        states = [BatchState.READY.value, BatchState.SUSPENDED.value]
        query = (
            sa.select(batches, sa.func.coalesce(carts.c.code, ""), sa.func.coalesce(waves.c.number, 0), waves.c.carrier)
            .select_from(batches)
            .outerjoin(carts, sa.and_(carts.c.site == batches.c.site, carts.c.id == batches.c.cart))
            .outerjoin(waves, sa.and_(waves.c.site == batches.c.site, waves.c.id == batches.c.wave))
            .where(batches.c.site == self.site, batches.c.state.in_(states))
            .order_by(
                batches.c.state == BatchState.READY.value, batches.c.priority.desc(), batches.c.cut_off_at == 0,
                batches.c.cut_off_at, batches.c.number,
            )
            .limit(1)
        )  # fmt: skip
        if self.cart:
            query = query.where(sa.or_(carts.c.code == self.cart, batches.c.state == BatchState.READY.value))
        row = connection.execute(query).first()
        if row is None:
            return None
        width = len(Batch.TABLE.columns)
        batch = rows_of(Batch, [tuple(row)[:width]])[0]
        left_on, wave_number, carrier = tuple(row)[width:]
        members = sql_of(BatchMember)
        orders = sa.select(sa.func.count()).where(members.c.site == self.site, members.c.batch == batch.id)
        return BatchOffer(
            batch.id, batch.number, batch.kind, wave_number, carrier or "", batch.cut_off_at,
            int(connection.execute(orders).scalar_one()), batch.units, batch.tasks, left_on,
            (left_on,) if left_on else _free_carts(connection, self.site),
        )  # fmt: skip


def _free_carts(connection: sa.Connection, site: SiteId) -> tuple[str, ...]:
    carts, batches = sql_of(Container), sql_of(Batch)
    busy = sa.select(batches.c.cart).where(
        batches.c.site == site, batches.c.state.in_([BatchState.RUNNING.value, BatchState.SUSPENDED.value])
    )
    query = (
        sa.select(carts.c.code)
        .where(carts.c.site == site, carts.c.kind == ContainerKind.CART.value, carts.c.id.not_in(busy))
        .order_by(carts.c.code)
        .limit(CARTS_SHOWN)
    )
    return tuple(connection.execute(query).scalars())


def _picked(connection: sa.Connection, site: SiteId, batch: BatchId) -> Picked | None:
    batches, fills, containers = sql_of(Batch), sql_of(Fill), sql_of(Container)
    head = connection.execute(
        sa.select(batches.c.number, batches.c.cart).where(batches.c.site == site, batches.c.id == batch)
    ).first()
    if head is None:
        return None
    totes = (
        sa.select(containers.c.code)
        .select_from(containers)
        .join(fills, sa.and_(fills.c.site == containers.c.site, fills.c.container == containers.c.id))
        .where(fills.c.site == site, fills.c.batch == batch, fills.c.state == FillState.PICKED.value)
        .order_by(fills.c.slot, containers.c.code)
    )
    cart = sa.select(containers.c.code).where(containers.c.site == site, containers.c.id == head[1])
    code = connection.execute(cart).scalar_one_or_none() or ""
    return Picked(batch, head[0], tuple(connection.execute(totes).scalars()), code)


@dataclass(frozen=True, slots=True)
class AskCart:
    """Is this cart free, and what is booked to it?"""

    site: SiteId
    cart: ContainerId

    def run(self, connection: sa.Connection) -> int:
        """Return the number of the batch that is on it; 0 when it is free."""
        batches = sql_of(Batch)
        states = [BatchState.RUNNING.value, BatchState.SUSPENDED.value]
        query = sa.select(batches.c.number).where(
            batches.c.site == self.site, batches.c.cart == self.cart, batches.c.state.in_(states)
        )
        return int(connection.execute(query.limit(1)).scalar_one_or_none() or 0)


@dataclass(frozen=True, slots=True)
class AskTote:
    """What does this tote hold?"""

    site: SiteId
    container: ContainerId

    def run(self, connection: sa.Connection) -> ToteState | None:
        """Return its fill; None when it is empty."""
        fills, parts, orders = sql_of(Fill), sql_of(Fulfilment), sql_of(Order)
        query = (
            sa.select(fills.c.id, fills.c.batch, fills.c.slot, sa.func.coalesce(orders.c.number, ""))
            .select_from(fills)
            .outerjoin(parts, sa.and_(parts.c.site == fills.c.site, parts.c.id == fills.c.fulfilment))
            .outerjoin(orders, sa.and_(orders.c.site == parts.c.site, orders.c.id == parts.c.order))
            .where(
                fills.c.site == self.site,
                fills.c.container == self.container,
                fills.c.state != FillState.EMPTIED.value,
            )
            .limit(1)
        )
        row = connection.execute(query).first()
        return None if row is None else ToteState(FillId(row[0]), BatchId(row[1]), row[2], row[3])


@dataclass(frozen=True, slots=True)
class AskOther:
    """Are these units, of the same item but another lot, serial, package or place, free to take?"""

    site: SiteId
    owner: OwnerId
    item: ItemId
    location: LocationId
    lot: str = ""
    serial: str = ""
    code: str = ""
    """The location's code, for the sentence when nothing of the item lies there."""

    def run(self, connection: sa.Connection) -> tuple[OtherStock, ...]:
        """Return the matching balances at that location, first to expire first."""
        b, lots, p, holds = sql_of(Balance), sql_of(Lot), sql_of(Location), sql_of(StockHold)
        held = sa.exists().where(
            holds.c.site == self.site, holds.c.released_at == 0, holds.c.target.in_([b.c.lot, b.c.location, b.c.item])
        )
        query = (
            sa.select(
                b.c.lot, b.c.serial, b.c.lpn, b.c.total - b.c.reserved, sa.func.coalesce(lots.c.code, ""),
                sa.func.coalesce(lots.c.expiry, ""), p.c.code, b.c.total, sa.case((held, 1), else_=0),
            )
            .select_from(b)
            .join(p, sa.and_(p.c.site == b.c.site, p.c.id == b.c.location))
            .outerjoin(lots, sa.and_(lots.c.site == b.c.site, lots.c.id == b.c.lot))
            .where(
                b.c.site == self.site, b.c.item == self.item, b.c.location == self.location,
                b.c.owner == self.owner, b.c.condition == "good", b.c.total > 0,
            )
            .order_by(lots.c.expiry, lots.c.code, b.c.serial)
            .limit(50)
        )  # fmt: skip
        if self.lot:
            query = query.where(lots.c.code == self.lot)
        if self.serial:
            query = query.where(b.c.serial == self.serial)
        found = []
        for row in connection.execute(query):
            lot, serial, lpn, free, lot_code, expiry, code, total, on_hold = tuple(row)
            key = StockKey(
                owner=self.owner, item=self.item, location=self.location, lot=LotId(lot), serial=serial, lpn=LpnId(lpn)
            )
            found.append(OtherStock(key, free, lot_code, expiry, code, total, on_hold))
        return tuple(found)


Undoable = PickUnits | ShortPick | MarkDamaged
_UNDOABLE = {PickUnits.KIND, ShortPick.KIND, MarkDamaged.KIND}
_UNDOING = {UndoPick.KIND, UndoShort.KIND, UndoDamaged.KIND}
_LOOK_BACK = 60
"""Operations that are looked at: an undo reaches back over what one person did in a few minutes."""


@dataclass(frozen=True, slots=True)
class AskLastDone:
    """What did I do last in this batch that can be undone?"""

    station: StationId
    person: PersonId
    batch: BatchId

    def run(self, connection: sa.Connection) -> Undoable | None:
        """Return the command, as the log has it; None when there is nothing to undo."""
        log = sql_of(Operation)
        query = (
            sa.select(log)
            .where(log.c.station == self.station, log.c.actor == self.person)
            .order_by(log.c.position.desc())
            .limit(_LOOK_BACK)
        )
        undone: set[bytes] = set()
        for operation in rows_of(Operation, connection.execute(query)):
            if operation.kind not in _UNDOABLE | _UNDOING:
                continue
            done: Command = command_of(operation)
            if isinstance(done, UndoPick | UndoShort | UndoDamaged):
                undone.add(done.undoes)
            elif isinstance(done, PickUnits | ShortPick | MarkDamaged) and done.id not in undone:
                return done if done.batch == self.batch else None
        return None


def task_view(connection: sa.Connection, site: SiteId, batch: Batch) -> TaskView | None:
    """Return the next open stop of a batch; None when none is open."""
    head = _task_head(connection, site, batch)
    if head is None:
        return None
    key = StockKey(
        owner=head["owner"], item=head["item"], location=head["location"], lot=head["lot"], serial=head["serial"],
        lpn=head["lpn"],
    )  # fmt: skip
    fills = _fills(connection, site, batch.id)
    members = _members(connection, site, batch.id)
    takes = _takes(connection, site, head["id"], members, fills, bulk=batch.kind.value == "bulk")
    counts = _counts(connection, site, batch.id, head["id"])
    bad = _quarantine(connection, site)
    return TaskView(
        batch=batch.id, batch_number=batch.number, wave_number=head["wave_number"] or 0, carrier=head["carrier"] or "",
        cut_off_at=batch.cut_off_at, kind=batch.kind, place=head["place"], cart_code=head["cart_code"],
        task=head["id"], key=key, location_code=head["location_code"], zone=head["zone"] or "", sku=head["sku"],
        description=head["description"], variant=head["variant"], picture=head["picture"],
        code=_item_code(connection, site, key.item) or head["sku"], inner=_inner(connection, site, key.item, takes),
        lot=head["lot_code"], expiry=head["expiry"], lot_control=head["lot_control"],
        serial_control=head["serial_control"], hazard=head["hazard"], takes=takes,
        slots=_slots(members, fills), lines_done=batch.tasks_done, lines_total=batch.tasks, others_open=counts[0],
        last_sequence=counts[1], members=tuple((row["fulfilment"], row["short"]) for row in members),
        fills=tuple(row["id"] for row in fills if row["state"] != FillState.EMPTIED.value),
        full_fills=tuple(row["id"] for row in fills if row["state"] == FillState.FULL.value),
        count_open=_count_open(connection, site, key), free_here=max(0, head["free"] or 0), quarantine=bad[0],
        quarantine_code=bad[1], site_name=head["site_name"] or "",
    )  # fmt: skip


def _task_head(connection: sa.Connection, site: SiteId, batch: Batch) -> dict[str, Any] | None:
    t, i, p, z, lots, b, w, c, s = (
        sql_of(PickTask), sql_of(Item), sql_of(Location), sql_of(Zone), sql_of(Lot), sql_of(Balance), sql_of(Wave),
        sql_of(Container), sql_of(Site),
    )  # fmt: skip
    query = (
        sa.select(
            t.c.id, t.c.owner, t.c.item, t.c.lot, t.c.serial, t.c.lpn, t.c.location, p.c.code.label("location_code"),
            z.c.name.label("zone"), i.c.sku, i.c.description, i.c.variant, i.c.picture, i.c.lot_control,
            i.c.serial_control, i.c.hazard, sa.func.coalesce(lots.c.code, "").label("lot_code"),
            sa.func.coalesce(lots.c.expiry, "").label("expiry"), (b.c.total - b.c.reserved).label("free"),
            w.c.number.label("wave_number"), w.c.carrier, c.c.location.label("place"), c.c.code.label("cart_code"),
            s.c.name.label("site_name"),
        )
        .select_from(t)
        .join(i, sa.and_(i.c.site == t.c.site, i.c.id == t.c.item))
        .join(p, sa.and_(p.c.site == t.c.site, p.c.id == t.c.location))
        .join(c, sa.and_(c.c.site == t.c.site, c.c.id == batch.cart))
        .outerjoin(z, sa.and_(z.c.site == p.c.site, z.c.id == p.c.zone))
        .outerjoin(lots, sa.and_(lots.c.site == t.c.site, lots.c.id == t.c.lot))
        .outerjoin(w, sa.and_(w.c.site == t.c.site, w.c.id == batch.wave))
        .outerjoin(s, s.c.site == t.c.site)
        .outerjoin(
            b,
            sa.and_(
                b.c.site == t.c.site, b.c.item == t.c.item, b.c.location == t.c.location, b.c.owner == t.c.owner,
                b.c.lot == t.c.lot, b.c.serial == t.c.serial, b.c.lpn == t.c.lpn, b.c.condition == "good",
            ),
        )
        .where(t.c.site == site, t.c.batch == batch.id, t.c.state == TaskState.OPEN.value)
        .order_by(t.c.sequence)
        .limit(1)
    )  # fmt: skip
    row = connection.execute(query).mappings().first()
    return None if row is None else dict(row)


def _fills(connection: sa.Connection, site: SiteId, batch: BatchId) -> list[dict[str, Any]]:
    fills, containers = sql_of(Fill), sql_of(Container)
    query = (
        sa.select(fills.c.id, fills.c.slot, fills.c.state, fills.c.container, containers.c.code)
        .select_from(fills)
        .join(containers, sa.and_(containers.c.site == fills.c.site, containers.c.id == fills.c.container))
        .where(fills.c.site == site, fills.c.batch == batch)
        .order_by(fills.c.opened_at, fills.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _members(connection: sa.Connection, site: SiteId, batch: BatchId) -> list[dict[str, Any]]:
    m, parts, orders = sql_of(BatchMember), sql_of(Fulfilment), sql_of(Order)
    query = (
        sa.select(
            m.c.fulfilment,
            m.c.slot,
            m.c.order,
            parts.c.short,
            parts.c.picked,
            parts.c.units,
            parts.c.cancelled,
            parts.c.partial,
            orders.c.number,
        )
        .select_from(m)
        .join(parts, sa.and_(parts.c.site == m.c.site, parts.c.id == m.c.fulfilment))
        .join(orders, sa.and_(orders.c.site == m.c.site, orders.c.id == m.c.order))
        .where(m.c.site == site, m.c.batch == batch)
        .order_by(m.c.slot, orders.c.number)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _takes(
    connection: sa.Connection,
    site: SiteId,
    task: bytes,
    members: list[dict[str, Any]],
    fills: list[dict[str, Any]],
    *,
    bulk: bool,
) -> tuple[TakeView, ...]:
    r, lines = sql_of(Reservation), sql_of(FulfilmentLine)
    query = (
        sa.select(r.c.id, r.c.demand, r.c.first, r.c.quantity, lines.c.fulfilment)
        .select_from(r)
        .join(lines, sa.and_(lines.c.site == r.c.site, lines.c.id == r.c.demand))
        .where(r.c.site == site, r.c.work == task)
    )
    by_fulfilment = {row["fulfilment"]: row for row in members}
    open_fills = {row["slot"]: row for row in fills if row["state"] == FillState.OPEN.value}
    takes = []
    for reservation, line, first, quantity, fulfilment in connection.execute(query):
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
                "" if fill is None else fill["code"],
            )
        )  # fmt: skip
    return tuple(sorted(takes, key=lambda each: (each.slot, each.order_number, each.first)))


def _slots(members: list[dict[str, Any]], fills: list[dict[str, Any]]) -> tuple[SlotView, ...]:
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


def _counts(connection: sa.Connection, site: SiteId, batch: BatchId, task: bytes) -> tuple[int, int]:
    t = sql_of(PickTask)
    others = sa.func.sum(sa.case((sa.and_(t.c.state == TaskState.OPEN.value, t.c.id != task), 1), else_=0))
    query = sa.select(others, sa.func.max(t.c.sequence)).where(t.c.site == site, t.c.batch == batch)
    row = connection.execute(query).one()
    return int(row[0] or 0), int(row[1] or 0)


def _item_code(connection: sa.Connection, site: SiteId, item: ItemId) -> str:
    codes = sql_of(Code)
    query = (
        sa.select(codes.c.code)
        .where(codes.c.site == site, codes.c.target == item, codes.c.quantity == 1)
        .where(codes.c.kind == CodeKind.ITEM.value)
        .order_by(sa.func.length(codes.c.code).desc(), codes.c.code)
        .limit(1)
    )
    return str(connection.execute(query).scalar_one_or_none() or "")


def _inner(connection: sa.Connection, site: SiteId, item: ItemId, takes: tuple[TakeView, ...]) -> int:
    total = sum(each.quantity for each in takes)
    codes = sql_of(Code)
    query = sa.select(codes.c.quantity).where(
        codes.c.site == site,
        codes.c.target == item,
        codes.c.level.in_([Level.INNER.value, Level.CARTON.value]),
        codes.c.quantity > 1,
        codes.c.quantity <= total,
    )
    fitting = [int(each) for each in connection.execute(query).scalars() if total % int(each) == 0]
    return max(fitting, default=0)


def _count_open(connection: sa.Connection, site: SiteId, key: StockKey) -> int:
    counts = sql_of(CountRequest)
    query = sa.select(sa.func.count()).where(
        counts.c.site == site, counts.c.location == key.location, counts.c.state == CountState.OPEN.value,
        counts.c.item == key.item, counts.c.lot == key.lot,
    )  # fmt: skip
    return int(connection.execute(query).scalar_one() > 0)


def _quarantine(connection: sa.Connection, site: SiteId) -> tuple[LocationId, str]:
    places = sql_of(Location)
    query = (
        sa.select(places.c.id, places.c.code)
        .where(places.c.site == site, places.c.role == LocationRole.QUARANTINE.value)
        .order_by(places.c.sequence, places.c.code)
        .limit(1)
    )
    row = connection.execute(query).first()
    return (LocationId(NO_ID), "") if row is None else (LocationId(row[0]), str(row[1]))
