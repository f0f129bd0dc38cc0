"""What a picker does next: the running batch's next stop, or a batch to take; and what a tote holds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import sqlalchemy as sa

from core.catalog.model import PICKABLE, Container, ContainerKind, Location, LocationRole
from core.catalog.queries import locations_with_role, zone_codes
from core.kernel.commands import Command, command_of
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
from core.kernel.reasons import Reason
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Fulfilment, Order
from core.picking.commands import MarkDamaged, PickUnits, ShortPick, UndoDamaged, UndoPick, UndoShort
from core.picking.model import IN_USE, Fill, FillState
from core.picking.stops import leftover, next_stop
from core.picking.views import BatchOffer, NextLot, OtherStock, Picked, ToteState, Work
from core.rights.model import LeaseState, SiteStation, Stage, WorkLease
from core.rights.queries import is_mine, is_shared
from core.rules.queries import exception_codes
from core.rules.reasons import SHORT_REASONS
from core.stock.ledger import key_of
from core.stock.model import Balance, Condition, Lot, Reservation, StockHold, StockKey
from core.stock.queries import lots_of, pickable_stock
from core.waves.leases import waits_elsewhere
from core.waves.model import Batch, BatchMember, BatchState, Wave
from core.waves.queries import taken_first
from core.waves.zones import zones_of, zoning

REASONS_SHOWN = 4
"""A question has at most so many answers."""
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
    station: StationId = StationId(NO_ID)
    """Where I stand: of a site that several stations share, only what this one holds is offered."""

    def run(self, connection: sa.Connection) -> Work:
        """Return the next stop of my batch, else what is left of it, else a batch to take, else why there is none."""
        if self.finished != NO_ID:
            done = _picked(connection, self.site, self.finished)
            if done is not None:
                return done
        stop = next_stop(connection, self.site, self.station, self.person)
        if stop is not None:
            return stop
        return (
            leftover(connection, self.site, self.station, self.person)
            or self._offer(connection)
            or _why_nothing(connection, self.site, self.station)
        )

    def _offer(self, connection: sa.Connection) -> BatchOffer | None:
        batches, carts, waves = sql_of(Batch), sql_of(Container), sql_of(Wave)
        states = [BatchState.READY.value, BatchState.SUSPENDED.value]
        query = (
            sa.select(batches, sa.func.coalesce(carts.c.code, ""), sa.func.coalesce(waves.c.number, 0), waves.c.carrier)
            .select_from(batches)
            .outerjoin(carts, sa.and_(carts.c.site == batches.c.site, carts.c.id == batches.c.cart))
            .outerjoin(waves, sa.and_(waves.c.site == batches.c.site, waves.c.id == batches.c.wave))
            .where(batches.c.site == self.site, batches.c.state.in_(states))
            .where(is_mine(self.site, self.station, Stage.PICK, batches.c.id))
            .order_by(*taken_first(batches))
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
            (left_on,) if left_on else _free_carts(connection, self.site, batch.slots), self._scanned(connection),
            _zones(connection, self.site, batch.id),
        )  # fmt: skip

    def _scanned(self, connection: sa.Connection) -> ContainerId:
        """Return the cart that was scanned already; NO_ID when none was."""
        carts = sql_of(Container)
        if not self.cart:
            return ContainerId(NO_ID)
        query = sa.select(carts.c.id).where(
            carts.c.site == self.site, carts.c.code == self.cart, carts.c.kind == ContainerKind.CART.value
        )
        return ContainerId(connection.execute(query).scalar_one_or_none() or NO_ID)


def _zones(connection: sa.Connection, site: SiteId, batch: BatchId) -> tuple[str, ...]:
    """Return the zones that a walk goes through, where stations work zones of their own."""
    if not zoning(connection, site).works:
        return ()
    codes = zone_codes(connection, site)
    return tuple(sorted(codes[each] for each in zones_of(connection, site, [batch]).get(batch, ())))


def _free_carts(connection: sa.Connection, site: SiteId, slots: int) -> tuple[str, ...]:
    """Return carts with so many slots that carry nothing; a cart whose slots nobody counted takes any batch."""
    carts, batches = sql_of(Container), sql_of(Batch)
    busy = sa.select(batches.c.cart).where(
        batches.c.site == site, batches.c.state.in_([BatchState.RUNNING.value, BatchState.SUSPENDED.value])
    )
    query = (
        sa.select(carts.c.code)
        .where(carts.c.site == site, carts.c.kind == ContainerKind.CART.value, carts.c.id.not_in(busy))
        .where(sa.or_(carts.c.slots == 0, carts.c.slots >= slots))
        .order_by(carts.c.code)
        .limit(CARTS_SHOWN)
    )
    return tuple(connection.execute(query).scalars())


def _why_nothing(connection: sa.Connection, site: SiteId, station: StationId) -> Reason:
    """Return why there is no batch: nothing was released, it lies in others' zones, or orders wait for the next wave."""
    if waits_elsewhere(connection, site, station):
        return Reason.OTHER_ZONES
    parts = sql_of(Fulfilment)
    query = sa.select(parts.c.id).where(parts.c.site == site, parts.c.open == 1, parts.c.promised > parts.c.reserved)
    waits = connection.execute(query.limit(1)).first() is not None
    return Reason.WAITS_FOR_WAVE if waits else Reason.NO_WORK


def _picked(connection: sa.Connection, site: SiteId, batch: BatchId) -> Picked | None:
    batches, fills, containers, leases = sql_of(Batch), sql_of(Fill), sql_of(Container), sql_of(WorkLease)
    leased = sa.exists().where(leases.c.site == site, leases.c.stage == Stage.PICK.value, leases.c.work == batches.c.id)
    head = connection.execute(
        sa.select(batches.c.number, batches.c.cart, sa.case((leased, 1), else_=0), _bench_of(site, batches.c.id)).where(
            batches.c.site == site, batches.c.id == batch, batches.c.state == BatchState.PICKED.value
        )
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
    places = locations_with_role(connection, site, LocationRole.STAGE, LocationRole.PACK)
    where = next((each.code for each in places if each.role is LocationRole.STAGE), places[0].code if places else "")
    where = head[3] or where
    return Picked(batch, head[0], tuple(connection.execute(totes).scalars()), code, where, head[2])


def _bench_of(site: SiteId, work: sa.ColumnElement[bytes]) -> sa.ScalarSelect[str]:
    """Return the name of the bench that packs the singles of a walk: nobody else has the right to, heard of or not."""
    leases, stations = sql_of(WorkLease).alias(), sql_of(SiteStation)
    return (
        sa.select(stations.c.name)
        .select_from(leases)
        .join(stations, sa.and_(stations.c.site == leases.c.site, stations.c.id == leases.c.station))
        .where(
            leases.c.site == site, leases.c.stage == Stage.PACK.value, leases.c.work == work,
            leases.c.state == LeaseState.HELD.value,
        )
        .scalar_subquery()
    )  # fmt: skip


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
    code: str

    def run(self, connection: sa.Connection) -> ToteState | None:
        """Return its fill; None when it is empty."""
        row = connection.execute(_tote_statement(), {"site": self.site, "container": self.container}).first()
        return None if row is None else ToteState(FillId(row[0]), BatchId(row[1]), row[2], row[3])


@cache
def _tote_statement() -> sa.Select[Any]:
    fills, parts, orders, b = sql_of(Fill), sql_of(Fulfilment), sql_of(Order), sql_of(Balance)
    # Singles may all have been packed before anybody at the bench had heard of them: then nobody emptied their tote.
    goods = sa.exists().where(b.c.site == fills.c.site, b.c.location == fills.c.location, b.c.lpn == fills.c.id)
    still = sa.or_(fills.c.fulfilment != NO_ID, fills.c.state != FillState.PICKED.value, goods)
    return (
        sa.select(fills.c.id, fills.c.batch, fills.c.slot, sa.func.coalesce(orders.c.number, ""))
        .select_from(fills)
        .outerjoin(parts, sa.and_(parts.c.site == fills.c.site, parts.c.id == fills.c.fulfilment))
        .outerjoin(orders, sa.and_(orders.c.site == parts.c.site, orders.c.id == parts.c.order))
        .where(
            fills.c.site == sa.bindparam("site"), fills.c.container == sa.bindparam("container"),
            # A tote comes back for years: its emptied fills are not looked at.
            fills.c.state.in_(IN_USE), still,
        )
        .limit(1)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class AskOther:
    """Are these units, of the same item but another lot, serial, package or place, free to take?"""

    site: SiteId
    owner: OwnerId
    item: ItemId
    scanned: str
    """What was scanned, for the sentence and as the token of a question."""
    location: LocationId
    """Only what lies here; NO_ID for anywhere (a serial is looked for everywhere)."""
    lot: str = ""
    serial: str = ""
    lpn: LpnId = LpnId(NO_ID)
    known: int = 0
    """Whether the code names something here, should it be no such unit: wrong is never called unknown."""
    batch: BatchId = BatchId(NO_ID)
    """The walk they would be for: what is kept for it is free to it."""

    def run(self, connection: sa.Connection) -> tuple[OtherStock, ...]:
        """Return the matching balances, first to expire first."""
        kept, shared = sql_of(Reservation), is_shared(connection, self.site)
        mine = sa.select(kept).where(
            kept.c.site == self.site, kept.c.demand == self.batch, kept.c.work == NO_ID, kept.c.item == self.item
        )
        beside = {key_of(row): row.quantity for row in rows_of(Reservation, connection.execute(mine))}
        found = [self._stock(tuple(row), beside) for row in self._found(connection)]
        return tuple(_asking(each) if shared else _alone(each) for each in found)

    def _found(self, connection: sa.Connection) -> sa.CursorResult[Any]:
        b, lots, p, fills, totes = sql_of(Balance), sql_of(Lot), sql_of(Location), sql_of(Fill), sql_of(Container)
        holds = sql_of(StockHold)
        held = sa.exists().where(
            holds.c.site == self.site, holds.c.released_at == 0, holds.c.target.in_([b.c.lot, b.c.location, b.c.item])
        )
        query = (
            sa.select(
                b.c.location, b.c.lot, b.c.serial, b.c.lpn, b.c.total - b.c.reserved, sa.func.coalesce(lots.c.code, ""),
                sa.func.coalesce(lots.c.expiry, ""), p.c.code, b.c.total, sa.case((held, 1), else_=0), p.c.blocked,
                p.c.role, sa.func.coalesce(totes.c.code, ""), p.c.zone,
            )
            .select_from(b)
            .join(p, sa.and_(p.c.site == b.c.site, p.c.id == b.c.location))
            .outerjoin(lots, sa.and_(lots.c.site == b.c.site, lots.c.id == b.c.lot))
            .outerjoin(fills, sa.and_(fills.c.site == b.c.site, fills.c.id == b.c.lpn))
            .outerjoin(totes, sa.and_(totes.c.site == fills.c.site, totes.c.id == fills.c.container))
            .where(
                b.c.site == self.site, b.c.item == self.item, b.c.owner == self.owner,
                b.c.condition == Condition.GOOD.value, b.c.total > 0,
            )
            .order_by(lots.c.expiry, lots.c.code, b.c.serial)
            .limit(50)
        )  # fmt: skip
        for column, wanted in (
            (b.c.location, self.location), (lots.c.code, self.lot), (b.c.serial, self.serial), (b.c.lpn, self.lpn),
        ):  # fmt: skip
            if wanted and wanted != NO_ID:
                query = query.where(column == wanted)
        return connection.execute(query)

    def _stock(self, row: tuple[Any, ...], beside: Mapping[StockKey, int]) -> OtherStock:
        location, lot, serial, lpn, free, lot_code, expiry, code, total, on_hold, blocked, role, tote, zone = row
        key = StockKey(
            owner=self.owner, item=self.item, location=LocationId(location), lot=LotId(lot), serial=serial,
            lpn=LpnId(lpn),
        )  # fmt: skip
        pickable = int(role in [each.value for each in PICKABLE])
        # What is kept for the walk first, so that what the hub has to be asked for is what is free besides.
        mine = beside.get(key, 0)
        return OtherStock(
            key,
            max(0, free) + mine,
            lot_code,
            expiry,
            code,
            total,
            on_hold,
            blocked,
            pickable,
            tote,
            zone,
            max(0, free),
        )


def _asking(other: OtherStock) -> OtherStock:
    """Return what is free without the hub: where several stations share a site, only what is kept for the walk."""
    return replace(other, free=other.free - other.asks)


def _alone(other: OtherStock) -> OtherStock:
    """Return what is free where nobody else decides: nobody has to be asked."""
    return replace(other, asks=0)


@dataclass(frozen=True, slots=True)
class AskNextLot:
    """Which lot goes instead of one that is past its date?"""

    site: SiteId
    owner: OwnerId
    item: ItemId
    today: str
    lot: str
    expiry: str
    """The lot that may not be used, for the sentence."""

    def run(self, connection: sa.Connection) -> NextLot | None:
        """Return the first of the lots one may use to expire that has a free unit; None when there is none."""
        shelves = [
            each
            for each in pickable_stock(connection, self.site, self.today, [self.item])
            if each.key.owner == self.owner and each.expiry
        ]
        first = min(shelves, key=lambda each: (each.expiry, each.first_at, each.sequence), default=None)
        if first is None:
            return None
        lots = lots_of(connection, self.site, [first.key.lot])
        return NextLot(lots[first.key.lot].code, first.expiry, first.location_code)


@dataclass(frozen=True, slots=True)
class AskReasons:
    """Which reasons may be given for units that were not found?"""

    site: SiteId

    def run(self, connection: sa.Connection) -> tuple[str, ...]:
        """Return the site's own reasons, at most four, else the usual ones."""
        own = tuple(each.code for each in exception_codes(connection, self.site, "pick"))
        return own[:REASONS_SHOWN] or SHORT_REASONS


Undoable = PickUnits | ShortPick | MarkDamaged
_UNDOABLE = {PickUnits.KIND, ShortPick.KIND, MarkDamaged.KIND}
_UNDOING = {UndoPick.KIND, UndoShort.KIND, UndoDamaged.KIND}
_LOOK_BACK = 2000
"""Places in the log that are looked at: an undo reaches back over minutes, not over the day."""


@dataclass(frozen=True, slots=True)
class AskLastDone:
    """What was done last in this batch that can be undone?"""

    batch: BatchId

    def run(self, connection: sa.Connection) -> Undoable | None:
        """Return the command, as the log has it; None when there is nothing to undo."""
        log = sql_of(Operation)
        newest = sa.select(sa.func.max(log.c.position)).scalar_subquery()
        query = (
            sa.select(log)
            .where(log.c.position > newest - _LOOK_BACK, log.c.kind.in_(_UNDOABLE | _UNDOING))
            .order_by(log.c.position.desc())
        )
        undone: set[bytes] = set()
        for row in connection.execute(query):
            done: Command = command_of(rows_of(Operation, [row])[0])
            if isinstance(done, UndoPick | UndoShort | UndoDamaged):
                undone.add(done.undoes)
            elif isinstance(done, Undoable) and done.batch == self.batch and done.id not in undone:
                return done
        return None
