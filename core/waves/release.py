"""Planning a release: which promised orders go to the floor now, where their units lie, and what waits and why.

Pure decisions over what the queries read; the commands that come out name everything they decided. A fulfilment whose
units cannot all be found in pick locations waits (for replenishment, or for stock) unless part of it may go.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from core.allocation.locate import Demand, Shelf, Take, locate
from core.allocation.promise import StockName
from core.catalog.model import Item, LocationRole
from core.kernel.flow import Stamp
from core.kernel.ids import BatchId, CommandId, FulfilmentId, ItemId, LocationId, SiteId, WaveId, derive
from core.kernel.numbers import NumberRange
from core.kernel.reasons import Reason
from core.kernel.tables import sql_of
from core.orders.model import Fulfilment, FulfilmentLine, PartialPolicy, PaymentState, StopRequest
from core.stock.model import StockKey
from core.stock.queries import pickable_stock, promisable
from core.waves.commands import (
    BATCH_NUMBERS,
    WAVE_NUMBERS,
    CreateWave,
    NewMember,
    NewTake,
    NewTask,
    ReleaseBatch,
)
from core.waves.planner import Candidate, CartSpec, PlannedBatch, plan_batches


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which promised orders a wave takes; what is not named takes all."""

    cut_off_until: int | None = None
    carrier: str | None = None
    priority_from: int | None = None
    limit: int = 500
    """Fulfilments, at most."""


@dataclass(frozen=True, slots=True)
class Unreleased:
    """A fulfilment that stays, and why."""

    fulfilment: FulfilmentId
    reason: Reason


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """What goes to the floor."""

    commands: tuple[CreateWave | ReleaseBatch, ...]
    waiting: tuple[Unreleased, ...]

    @property
    def orders(self) -> int:
        """Return how many fulfilments are released."""
        return sum(len(each.members) for each in self.commands if isinstance(each, ReleaseBatch))


@dataclass(frozen=True, slots=True)
class _Measures:
    weight_grams: int
    volume_ml: int


@dataclass(slots=True)
class _Part:
    """A fulfilment with what it wants released."""

    head: tuple[FulfilmentId, int, int, int, bool, str]
    demands: list[Demand] = field(default_factory=list)
    takes: list[Take] = field(default_factory=list)


_IDS_PER_SELECT = 500


def plan_release(
    connection: sa.Connection, site: SiteId, today: str, stamp: Stamp, *, filters: Filters, cart: CartSpec
) -> ReleasePlan:
    """Return the commands that release what may go now.

    Args:
        connection: a reader.
        site: the site.
        today: ISO date in the site's zone.
        stamp: base fields; the commands' ids derive from its id.
        filters: which orders.
        cart: what one walk carries.
    """
    parts = _promised(connection, site, filters)
    items = {demand.item for part in parts for demand in part.demands}
    shelves = [
        Shelf(row.key, row.free, row.expiry, row.first_at, row.sequence)
        for row in pickable_stock(connection, site, today, items)
    ]
    sequence = {shelf.key.location: shelf.sequence for shelf in shelves}
    going, waiting = _locate(connection, site, today, parts, shelves)
    measures = _measures(connection, site, items)
    candidates = [_candidate(part, sequence, measures) for part in going]
    batches = plan_batches(candidates, cart)
    takes = {part.head[0]: part.takes for part in going}
    commands = list(_commands(connection, site, stamp, batches, takes, sequence, filters)) if batches else []
    return ReleasePlan(tuple(commands), tuple(waiting))


def _promised(connection: sa.Connection, site: SiteId, filters: Filters) -> list[_Part]:
    line, part, stop = sql_of(FulfilmentLine), sql_of(Fulfilment), sql_of(StopRequest)
    heads = (
        sa.select(part.c.id)
        .select_from(part)
        .outerjoin(stop, sa.and_(stop.c.site == part.c.site, stop.c.fulfilment == part.c.id))
        .where(
            part.c.site == site, part.c.open == 1, part.c.held == 0, stop.c.kind.is_(None),
            part.c.payment != PaymentState.UNPAID.value, part.c.promised > part.c.reserved,
            sa.or_(
                part.c.partial == PartialPolicy.PARTIAL.value,
                part.c.promised >= part.c.units - part.c.short - part.c.cancelled,
            ),
        )
        .order_by(part.c.priority.desc(), part.c.cut_off_at == 0, part.c.cut_off_at, part.c.ordered_at, part.c.id)
        .limit(filters.limit)
    )  # fmt: skip
    if filters.cut_off_until is not None:
        heads = heads.where(part.c.cut_off_at != 0, part.c.cut_off_at <= filters.cut_off_until)
    if filters.carrier is not None:
        heads = heads.where(part.c.carrier == filters.carrier)
    if filters.priority_from is not None:
        heads = heads.where(part.c.priority >= filters.priority_from)
    chosen = list(connection.execute(heads).scalars())
    order = {part_id: n for n, part_id in enumerate(chosen)}
    parts: dict[FulfilmentId, _Part] = {}
    for start in range(0, len(chosen), _IDS_PER_SELECT):
        query = (
            sa.select(
                part.c.id, part.c.priority, part.c.cut_off_at, part.c.ordered_at, part.c.partial, part.c.carrier,
                line.c.id, line.c.order, line.c.owner, line.c.item, line.c.reserved, line.c.short, line.c.cancelled,
                line.c.promised,
            )
            .select_from(line)
            .join(part, sa.and_(part.c.site == line.c.site, part.c.id == line.c.fulfilment))
            .where(
                line.c.site == site, line.c.fulfilment.in_(chosen[start : start + _IDS_PER_SELECT]),
                line.c.promised > line.c.reserved,
            )
            .order_by(line.c.fulfilment, line.c.number)
        )  # fmt: skip
        for row in connection.execute(query):
            head = (row[0], row[1], row[2], row[3], row[4] == PartialPolicy.WHOLE.value, row[5])
            # Units already released, given up or cancelled have the lower ordinals.
            demand = Demand(row[6], row[0], row[7], row[8], row[9], row[10] + row[11] + row[12] + 1, row[13] - row[10])
            parts.setdefault(row[0], _Part(head)).demands.append(demand)
    return sorted(parts.values(), key=lambda each: order[each.head[0]])


def _locate(
    connection: sa.Connection, site: SiteId, today: str, parts: Sequence[_Part], shelves: Iterable[Shelf]
) -> tuple[list[_Part], list[Unreleased]]:
    left: dict[StockName, list[Shelf]] = defaultdict(list)
    for shelf in shelves:
        left[shelf.key.owner, shelf.key.item].append(shelf)
    going: list[_Part] = []
    waiting: list[Unreleased] = []
    reserve = {(row.owner, row.item) for row in promisable(connection, site, today, (LocationRole.RESERVE,))}
    for part in parts:
        names = {(demand.owner, demand.item) for demand in part.demands}
        plan = locate(part.demands, [shelf for name in names for shelf in left[name]])
        if plan.short and (part.head[4] or not plan.takes):
            lacking = {(demand.owner, demand.item) for demand, _ in plan.short}
            reason = Reason.WAITS_FOR_REPLENISHMENT if lacking & reserve else Reason.NOT_ENOUGH_STOCK
            waiting.append(Unreleased(part.head[0], reason))
            continue
        part.takes.extend(plan.takes)
        for name in names:
            left[name] = _less(left[name], plan.takes)
        going.append(part)
    return going, waiting


def _less(shelves: Sequence[Shelf], takes: Iterable[Take]) -> list[Shelf]:
    gone: dict[StockKey, int] = defaultdict(int)
    for each in takes:
        gone[each.key] += each.quantity
    return [
        Shelf(s.key, s.free - gone[s.key], s.expiry, s.first_at, s.sequence) if s.key in gone else s for s in shelves
    ]


def _measures(connection: sa.Connection, site: SiteId, items: Iterable[ItemId]) -> Mapping[ItemId, _Measures]:
    table = sql_of(Item)
    columns = (table.c.id, table.c.weight_grams, table.c.length_mm, table.c.width_mm, table.c.height_mm)
    found: dict[ItemId, _Measures] = {}
    wanted = list(items)
    for start in range(0, len(wanted), 500):
        query = sa.select(*columns).where(table.c.site == site, table.c.id.in_(wanted[start : start + 500]))
        for item, weight, length, width, height in connection.execute(query):
            volume = (length or 0) * (width or 0) * (height or 0) // 1000
            found[ItemId(item)] = _Measures(weight or 0, volume)
    return found


def _candidate(part: _Part, sequence: Mapping[LocationId, int], measures: Mapping[ItemId, _Measures]) -> Candidate:
    fulfilment, priority, cut_off, ordered, _, _ = part.head
    none = _Measures(0, 0)
    first = min((sequence.get(each.key.location, 0), each.key.location) for each in part.takes)
    return Candidate(
        fulfilment=fulfilment,
        order=part.demands[0].order,
        priority=priority,
        cut_off_at=cut_off,
        ordered_at=ordered,
        lines=len(part.takes),
        units=sum(each.quantity for each in part.takes),
        weight_grams=sum(measures.get(each.key.item, none).weight_grams * each.quantity for each in part.takes),
        volume_ml=sum(measures.get(each.key.item, none).volume_ml * each.quantity for each in part.takes),
        first_stop=first,
    )


def _commands(
    connection: sa.Connection,
    site: SiteId,
    stamp: Stamp,
    batches: Sequence[PlannedBatch],
    takes: Mapping[FulfilmentId, Sequence[Take]],
    sequence: Mapping[LocationId, int],
    filters: Filters,
) -> Iterator[CreateWave | ReleaseBatch]:
    wave = WaveId(derive(stamp["id"], "wave"))
    cut_off = min((m.cut_off_at for b in batches for m in b.members if m.cut_off_at), default=0)
    number = _next(connection, site, WAVE_NUMBERS)
    yield CreateWave(**stamp, wave=wave, number=number, carrier=filters.carrier or "", cut_off_at=cut_off)
    first = _next(connection, site, BATCH_NUMBERS)
    for n, planned in enumerate(batches):
        yield ReleaseBatch(
            **_after(stamp, f"batch {n}"),
            batch=BatchId(derive(stamp["id"], "batch", n)),
            number=first + n,
            wave=wave,
            kind=planned.kind,
            priority=max(m.priority for m in planned.members),
            cut_off_at=min((m.cut_off_at for m in planned.members if m.cut_off_at), default=0),
            weight_grams=sum(m.weight_grams for m in planned.members),
            volume_ml=sum(m.volume_ml for m in planned.members),
            members=tuple(_members(planned)),
            tasks=_tasks(planned, takes, sequence),
        )


def _members(planned: PlannedBatch) -> Iterator[NewMember]:
    cluster = planned.kind.value == "cluster"
    for slot, member in enumerate(planned.members, start=1):
        yield NewMember(member.fulfilment, member.order, slot if cluster else 0)


def _tasks(
    planned: PlannedBatch, takes: Mapping[FulfilmentId, Sequence[Take]], sequence: Mapping[LocationId, int]
) -> tuple[NewTask, ...]:
    """Return one task per stock key, in the order of the walk."""
    by_key: dict[StockKey, list[NewTake]] = defaultdict(list)
    for member in planned.members:
        for each in takes[member.fulfilment]:
            by_key[each.key].append(NewTake(each.demand.line, member.fulfilment, each.first, each.quantity))
    walk = sorted(by_key, key=lambda key: (sequence.get(key.location, 0), key.location, key.item, key.lot, key.serial))
    return tuple(NewTask(key, tuple(by_key[key])) for key in walk)


def _next(connection: sa.Connection, site: SiteId, name: str) -> int:
    ranges = sql_of(NumberRange)
    query = sa.select(ranges.c.next).where(ranges.c.site == site, ranges.c.name == name)
    return int(connection.execute(query).scalar_one_or_none() or 1)


def _after(stamp: Stamp, purpose: str) -> Stamp:
    return {**stamp, "id": CommandId(derive(stamp["id"], purpose))}
