"""Reading released work: what could be released, what a batch still holds, and why an order is where it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from core.allocation.locate import Demand
from core.allocation.queries import explain as explain_promises
from core.allocation.why import LineExplanation
from core.catalog.model import Container, ContainerKind, Location
from core.kernel.flow import Stamp
from core.kernel.ids import (
    BatchId,
    FulfilmentId,
    FulfilmentLineId,
    LocationId,
    OrderId,
    PersonId,
    SiteId,
    StationId,
    ZoneId,
)
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Fulfilment, FulfilmentLine, PartialPolicy, PaymentState, StopRequest
from core.rights.model import Stage, StationKind
from core.rights.queries import Name, is_kind, is_mine
from core.stock.model import Reservation
from core.waves.commands import RecallBatch, Unreserved
from core.waves.model import Batch, BatchMember, BatchState, MemberOutcome, PickTask, TaskState
from core.waves.planner import CartSpec


def under_way(
    site: SiteId | Name, station: StationId | Name, person: PersonId | Name, batches: sa.FromClause
) -> sa.ColumnElement[bool]:
    """Return the condition that a walk is under way, and is gone on with at this station by this person.

    Where stations share a site that is only where it is held: a badge may be at two carts, the goods are on one. A cart's PC
    is on the cart, so whoever is at it goes on with what lies there; elsewhere several people's walks go through one PC.
    """
    mine = sa.or_(batches.c.holder == person, is_kind(site, station, StationKind.CART))
    held = is_mine(site, station, Stage.PICK, batches.c.id, begun=sa.true())
    return sa.and_(batches.c.state == BatchState.RUNNING.value, mine, held)


def urgency(batches: sa.FromClause) -> tuple[sa.ColumnElement[Any], ...]:
    """Return the order in which walks are worked on: those without a cut-off after all that have one."""
    return batches.c.priority.desc(), batches.c.cut_off_at == 0, batches.c.cut_off_at, batches.c.number


def taken_first(batches: sa.FromClause) -> tuple[sa.ColumnElement[Any], ...]:
    """Return the order in which walks are offered: what somebody has left on a cart before what nobody has begun."""
    return batches.c.state == BatchState.READY.value, *urgency(batches)


@dataclass(frozen=True, slots=True)
class Releasable:
    """A fulfilment with promised units that no location is reserved for."""

    fulfilment: FulfilmentId
    order: OrderId
    priority: int
    cut_off_at: int
    ordered_at: int
    whole: bool
    demands: tuple[Demand, ...]


def releasable(
    connection: sa.Connection,
    site: SiteId,
    *,
    cut_off_until: int | None = None,
    carrier: str | None = None,
    priority_from: int | None = None,
    among: Iterable[FulfilmentId] | None = None,
) -> tuple[Releasable, ...]:
    """Return what may go to the floor, the most urgent first.

    Left out are held, stopped and unpaid fulfilments, those of which not everything is promised that must go whole,
    and those in an open batch.
    """
    line, part = sql_of(FulfilmentLine), sql_of(Fulfilment)
    # By way of the open fulfilments: lines of years that are over are not looked at.
    going = sa.select(part.c.id).where(part.c.site == site, part.c.open == 1, *_may_go(site))
    if cut_off_until is not None:
        going = going.where(part.c.cut_off_at != 0, part.c.cut_off_at <= cut_off_until)
    if carrier is not None:
        going = going.where(part.c.carrier == carrier)
    if priority_from is not None:
        going = going.where(part.c.priority >= priority_from)
    if among is not None:
        going = going.where(part.c.id.in_(sorted(among)))
    query = (
        sa.select(
            part.c.id, part.c.order, part.c.priority, part.c.cut_off_at, part.c.ordered_at, part.c.partial, line.c.id,
            line.c.owner, line.c.item, line.c.reserved + line.c.short + line.c.cancelled + 1,
            line.c.promised - line.c.reserved,
        )
        .select_from(line)
        .join(part, sa.and_(part.c.site == line.c.site, part.c.id == line.c.fulfilment))
        .where(line.c.site == site, line.c.fulfilment.in_(going), line.c.promised > line.c.reserved)
        .order_by(
            part.c.priority.desc(), part.c.cut_off_at == 0, part.c.cut_off_at, part.c.ordered_at, part.c.id,
            line.c.number,
        )
    )  # fmt: skip
    heads: dict[FulfilmentId, tuple[OrderId, int, int, int, bool]] = {}
    demands: dict[FulfilmentId, list[Demand]] = {}
    for row in connection.execute(query):
        fulfilment, order, priority, cut_off, ordered, partial, line_id, owner, item, first, quantity = tuple(row)
        heads[fulfilment] = (order, priority, cut_off, ordered, partial == PartialPolicy.WHOLE.value)
        # Units released before, given up or cancelled have the lower ordinals.
        demand = Demand(line_id, fulfilment, order, owner, item, first, quantity)
        demands.setdefault(fulfilment, []).append(demand)
    return tuple(Releasable(part_id, *head, tuple(demands[part_id])) for part_id, head in heads.items())


def has_carrier(connection: sa.Connection, site: SiteId, carrier: str) -> bool:
    """Return whether an order of the site goes with a carrier, or went."""
    part = sql_of(Fulfilment)
    query = sa.select(sa.literal(1)).where(part.c.site == site, part.c.carrier == carrier).limit(1)
    return connection.execute(query).first() is not None


@dataclass(frozen=True, slots=True)
class ReadyOrders:
    """Promised orders of one cut-off that may go to the floor."""

    cut_off_at: int
    """0 for those that have none."""
    orders: int
    units: int


def ready_by_cut_off(connection: sa.Connection, site: SiteId) -> tuple[ReadyOrders, ...]:
    """Return how many promised orders may go by cut-off, the next one first and those with none last.

    Some may still wait when they are released: their units may lie where nobody picks.
    """
    part = sql_of(Fulfilment)
    query = (
        sa.select(part.c.cut_off_at, sa.func.count(), sa.func.sum(part.c.promised - part.c.reserved))
        .where(part.c.site == site, part.c.open == 1, *_may_go(site))
        .group_by(part.c.cut_off_at)
        .order_by(part.c.cut_off_at == 0, part.c.cut_off_at)
    )
    return tuple(ReadyOrders(int(at), int(orders), int(units)) for at, orders, units in connection.execute(query))


def _may_go(site: SiteId) -> tuple[sa.ColumnElement[bool], ...]:
    part, stop, member = sql_of(Fulfilment), sql_of(StopRequest), sql_of(BatchMember)
    stopped = sa.exists().where(stop.c.site == site, stop.c.fulfilment == part.c.id)
    in_batch = sa.exists().where(
        member.c.site == site, member.c.fulfilment == part.c.id, member.c.outcome == MemberOutcome.OPEN.value
    )
    return (
        part.c.held == 0,
        part.c.promised > part.c.reserved,
        part.c.payment != PaymentState.UNPAID.value,
        sa.or_(
            part.c.partial == PartialPolicy.PARTIAL.value,
            part.c.promised >= part.c.units - part.c.short - part.c.cancelled,
        ),
        ~stopped,
        ~in_batch,
    )


def cart_spec(connection: sa.Connection, site: SiteId) -> CartSpec:
    """Return what any cart of the site can carry: the least of each measure that is known of them."""
    carts = sql_of(Container)

    def least(column: sa.ColumnElement[int]) -> sa.ColumnElement[int | None]:
        return sa.func.min(sa.case((column > 0, column)))

    measures = (carts.c.slots, carts.c.max_weight_grams, carts.c.volume_ml)
    query = sa.select(*[least(each) for each in measures]).where(
        carts.c.site == site, carts.c.kind == ContainerKind.CART.value
    )
    slots, grams, millilitres = tuple(connection.execute(query).one())
    usual = CartSpec()
    return CartSpec(
        slots=slots or usual.slots, max_weight_grams=grams or usual.max_weight_grams,
        volume_ml=millilitres or usual.volume_ml,
    )  # fmt: skip


def locations_in_zone(connection: sa.Connection, site: SiteId, zone: ZoneId) -> frozenset[LocationId]:
    """Return the locations of a zone."""
    places = sql_of(Location)
    query = sa.select(places.c.id).where(places.c.site == site, places.c.zone == zone)
    return frozenset(LocationId(each) for each in connection.execute(query).scalars())


def plan_recall(connection: sa.Connection, site: SiteId, batch: BatchId, stamp: Stamp) -> RecallBatch | Refusal:
    """Return the command that takes a batch back that nobody started, or why it cannot be."""
    batches, tasks, held, members = sql_of(Batch), sql_of(PickTask), sql_of(Reservation), sql_of(BatchMember)
    found = rows_of(Batch, connection.execute(sa.select(batches).where(batches.c.site == site, batches.c.id == batch)))
    if not found:
        return Refusal(Reason.NOT_FOUND)
    if found[0].state is not BatchState.READY:
        return Refusal(Reason.WORK_TAKEN, {"number": found[0].number})
    stops = sa.select(tasks.c.id).where(
        tasks.c.site == site, tasks.c.batch == batch, tasks.c.state == TaskState.OPEN.value
    )
    units = (
        sa.select(held.c.id, held.c.demand)
        .select_from(held)
        .join(tasks, sa.and_(tasks.c.site == held.c.site, tasks.c.id == held.c.work))
        .where(tasks.c.site == site, tasks.c.batch == batch)
        .order_by(held.c.id)
    )
    parts = sa.select(members.c.fulfilment).where(
        members.c.site == site, members.c.batch == batch, members.c.outcome == MemberOutcome.OPEN.value
    )
    return RecallBatch(
        **stamp,
        batch=batch,
        tasks=tuple(connection.execute(stops.order_by(tasks.c.sequence)).scalars()),
        reservations=tuple(Unreserved(row[0], FulfilmentLineId(row[1])) for row in connection.execute(units)),
        members=tuple(connection.execute(parts.order_by(members.c.fulfilment)).scalars()),
    )


def explain(connection: sa.Connection, site: SiteId, order: OrderId, today: str) -> tuple[LineExplanation, ...]:
    """Return for every line of an order where it stands, what it waits for, and in which batch it is."""
    lines = explain_promises(connection, site, order, today)
    batches = _open_batches(connection, site, {line.fulfilment for line in lines})
    return tuple(_with_batch(line, batches.get(line.fulfilment)) for line in lines)


def _with_batch(line: LineExplanation, batch: tuple[int, str] | None) -> LineExplanation:
    if batch is None:
        return line
    number, state = batch
    # What is left of it is released when this batch is done.
    return replace(line, facts={**line.facts, "batch": number, "batch_state": state})


def _open_batches(
    connection: sa.Connection, site: SiteId, fulfilments: Iterable[FulfilmentId]
) -> Mapping[FulfilmentId, tuple[int, str]]:
    member, batch = sql_of(BatchMember), sql_of(Batch)
    query = (
        sa.select(member.c.fulfilment, batch.c.number, batch.c.state)
        .select_from(member)
        .join(batch, sa.and_(batch.c.site == member.c.site, batch.c.id == member.c.batch))
        .where(
            member.c.site == site, member.c.fulfilment.in_(sorted(fulfilments)),
            member.c.outcome.in_([MemberOutcome.OPEN.value, MemberOutcome.PICKED.value, MemberOutcome.SHORT.value]),
        )
        .order_by(batch.c.number)
    )  # fmt: skip
    return {FulfilmentId(row[0]): (int(row[1]), str(row[2])) for row in connection.execute(query)}
