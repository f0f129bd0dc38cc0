"""Planning a release: which promised orders go to the floor now, where their units lie, and what waits and why.

Pure decisions over what the queries read; the commands that come out name everything they decided. A fulfilment whose
units cannot all be found in pick locations waits (for replenishment, or for stock) unless part of it may go. One that
is in an open batch waits for its end: so the unit ordinals of a line never meet, even when a batch is recalled.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from core.allocation.locate import LocatePlan, Shelf, Take, locate
from core.allocation.promise import StockName
from core.catalog.model import Item, LocationRole
from core.kernel.flow import Stamp
from core.kernel.ids import (
    BatchId,
    CommandId,
    FulfilmentId,
    ItemId,
    LocationId,
    SiteId,
    StationId,
    WaveId,
    ZoneId,
    derive,
)
from core.kernel.numbers import Number, next_number
from core.kernel.operations import ROWS_PER_OPERATION
from core.kernel.reasons import Reason
from core.kernel.tables import sql_of
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
from core.waves.model import BatchKind
from core.waves.planner import Candidate, CartSpec, PlannedBatch, plan_batches
from core.waves.queries import Releasable, locations_in_zone, releasable
from core.waves.zones import zone_by_place, zoning

_ROWS_OF_BATCH, _ROWS_OF_MEMBER, _ROWS_OF_TAKE = 2, 2, 3
"""The batch and its number range; a member and its fulfilment; a task, a reservation and a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which promised orders a wave takes; what is not named takes all."""

    cut_off_until: int | None = None
    carrier: str | None = None
    priority_from: int | None = None
    zone: ZoneId | None = None
    """Only orders all of whose units are taken in this zone."""
    limit: int = 500
    """Fulfilments, at most."""
    among: tuple[FulfilmentId, ...] | None = None
    """Only these, whatever else might go."""


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


@dataclass(frozen=True, slots=True)
class _Going:
    """A fulfilment that goes, with where its units come from."""

    part: Releasable
    takes: tuple[Take, ...]


def plan_release(
    connection: sa.Connection,
    site: SiteId,
    today: str,
    stamp: Stamp,
    *,
    filters: Filters,
    cart: CartSpec,
    into: WaveId | None = None,
) -> ReleasePlan:
    """Return the commands that release what may go now.

    Args:
        connection: a reader.
        site: the site.
        today: ISO date in the site's zone.
        stamp: base fields; the commands' ids derive from its id.
        filters: which orders.
        cart: what one walk carries.
        into: the wave they join; None for one of their own.
    """
    parts = releasable(
        connection, site, cut_off_until=filters.cut_off_until, carrier=filters.carrier,
        priority_from=filters.priority_from, among=filters.among,
    )  # fmt: skip
    items = {demand.item for part in parts for demand in part.demands}
    stock = pickable_stock(connection, site, today, items)
    in_zone = None if filters.zone is None else locations_in_zone(connection, site, filters.zone)
    reserve = {
        (row.owner, row.item): row.quantity
        for row in promisable(connection, site, today, (LocationRole.RESERVE,))
        if row.item in items
    }
    shelves = [Shelf(row.key, row.free, row.expiry, row.first_at, row.sequence) for row in stock]
    chosen = _Choice(shelves, reserve, in_zone, filters.limit)
    for part in parts:
        chosen.consider(part)
    sequence = {shelf.key.location: shelf.sequence for shelf in shelves}
    measures = _measures(connection, site, items)
    whose = _whose(connection, site, chosen.going)
    batches = plan_batches([_candidate(each, sequence, measures, whose) for each in chosen.going], cart)
    takes = {each.part.fulfilment: each.takes for each in chosen.going}
    parted = [part for planned in batches for part in _parted(planned, takes)]
    commands = tuple(_commands(connection, site, stamp, parted, takes, sequence, filters, into)) if parted else ()
    return ReleasePlan(commands, tuple(chosen.waiting))


@dataclass(slots=True)
class _Choice:
    """Takes units off the shelves, one fulfilment after another, the most urgent first."""

    shelves: list[Shelf]
    reserve: Mapping[StockName, int]
    in_zone: frozenset[LocationId] | None
    limit: int
    going: list[_Going] = field(default_factory=list)
    waiting: list[Unreleased] = field(default_factory=list)
    _left: dict[StockName, list[Shelf]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for shelf in self.shelves:
            self._left[shelf.key.owner, shelf.key.item].append(shelf)

    def consider(self, part: Releasable) -> None:
        """Let a fulfilment go, wait or pass by (another zone's, or beyond the limit)."""
        if len(self.going) >= self.limit:
            return
        names = {(demand.owner, demand.item): None for demand in part.demands}
        plan = locate(part.demands, [shelf for name in names for shelf in self._left[name]])
        if plan.short and (part.whole or not plan.takes):
            self.waiting.append(Unreleased(part.fulfilment, self._why(plan)))
        elif self.in_zone is None or all(each.key.location in self.in_zone for each in plan.takes):
            self.going.append(_Going(part, plan.takes))
            for name in names:
                self._left[name] = _less(self._left[name], plan.takes)

    def _why(self, plan: LocatePlan) -> Reason:
        lacking: dict[StockName, int] = defaultdict(int)
        for demand, missing in plan.short:
            lacking[demand.owner, demand.item] += missing
        above = all(self.reserve.get(name, 0) >= missing for name, missing in lacking.items())
        return Reason.WAITS_FOR_REPLENISHMENT if above else Reason.NOT_ENOUGH_STOCK


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
    wanted = sorted(items)
    for start in range(0, len(wanted), 500):
        query = sa.select(*columns).where(table.c.site == site, table.c.id.in_(wanted[start : start + 500]))
        for item, weight, length, width, height in connection.execute(query):
            volume = -(-(length or 0) * (width or 0) * (height or 0) // 1000)
            found[ItemId(item)] = _Measures(weight or 0, volume)
    return found


def _whose(
    connection: sa.Connection, site: SiteId, going: Iterable[_Going]
) -> Mapping[FulfilmentId, frozenset[StationId]]:
    """Return to which stations orders may go by their zones; nothing where all stations work all of them."""
    zoned = zoning(connection, site)
    if not zoned.works:
        return {}
    places = {each.part.fulfilment: {take.key.location for take in each.takes} for each in going}
    zones = zone_by_place(connection, site, {place for some in places.values() for place in some})
    return {
        name: zoned.whose(frozenset(zones[each] for each in some if each in zones)) for name, some in places.items()
    }


def _candidate(
    each: _Going,
    sequence: Mapping[LocationId, int],
    measures: Mapping[ItemId, _Measures],
    whose: Mapping[FulfilmentId, frozenset[StationId]],
) -> Candidate:
    part, takes, none = each.part, each.takes, _Measures(0, 0)
    return Candidate(
        fulfilment=part.fulfilment,
        order=part.order,
        priority=part.priority,
        cut_off_at=part.cut_off_at,
        ordered_at=part.ordered_at,
        lines=len(takes),
        units=sum(take.quantity for take in takes),
        weight_grams=sum(measures.get(take.key.item, none).weight_grams * take.quantity for take in takes),
        volume_ml=sum(measures.get(take.key.item, none).volume_ml * take.quantity for take in takes),
        first_stop=min((sequence.get(take.key.location, 0), take.key.location) for take in takes),
        whose=whose.get(part.fulfilment, frozenset()),
    )


def _parted(planned: PlannedBatch, takes: Mapping[FulfilmentId, Sequence[Take]]) -> Iterator[PlannedBatch]:
    """Yield a batch as parts that fit into one operation each; a fulfilment is never divided."""
    members: list[Candidate] = []
    rows = _ROWS_OF_BATCH
    for member in planned.members:
        more = _ROWS_OF_MEMBER + _ROWS_OF_TAKE * len(takes[member.fulfilment])
        if members and rows + more > ROWS_PER_OPERATION:
            yield _part(planned.kind, members)
            members, rows = [], _ROWS_OF_BATCH
        members.append(member)
        rows += more
    if members:
        yield _part(planned.kind, members)


def _part(kind: BatchKind, members: Sequence[Candidate]) -> PlannedBatch:
    return PlannedBatch(kind if len(members) > 1 else BatchKind.CLUSTER, tuple(members))


def _commands(
    connection: sa.Connection,
    site: SiteId,
    stamp: Stamp,
    batches: Sequence[PlannedBatch],
    takes: Mapping[FulfilmentId, Sequence[Take]],
    sequence: Mapping[LocationId, int],
    filters: Filters,
    into: WaveId | None,
) -> Iterator[CreateWave | ReleaseBatch]:
    wave = into or WaveId(derive(stamp["id"], "wave"))
    cut_off = min((m.cut_off_at for b in batches for m in b.members if m.cut_off_at), default=0)
    if into is None:
        number = next_number(connection, site, WAVE_NUMBERS)
        yield CreateWave(**stamp, wave=wave, number=number, carrier=filters.carrier or "", cut_off_at=cut_off)
    first = next_number(connection, site, BATCH_NUMBERS)
    for n, planned in enumerate(batches):
        yield ReleaseBatch(
            **_after(stamp, f"batch {n}"),
            batch=BatchId(derive(stamp["id"], "batch", n)),
            number=Number(first.value + n, first.range),
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
    for slot, member in enumerate(planned.members, start=1):
        yield NewMember(member.fulfilment, member.order, slot if planned.kind is BatchKind.CLUSTER else 0)


def _tasks(
    planned: PlannedBatch, takes: Mapping[FulfilmentId, Sequence[Take]], sequence: Mapping[LocationId, int]
) -> tuple[NewTask, ...]:
    """Return one task per stock key, in the order of the walk."""
    by_key: dict[StockKey, list[NewTake]] = defaultdict(list)
    for member in planned.members:
        for each in takes[member.fulfilment]:
            by_key[each.key].append(NewTake(each.demand.line, member.fulfilment, each.first, each.quantity))

    def stop(key: StockKey) -> tuple[object, ...]:
        return (sequence.get(key.location, 0), key.location, key.item, key.owner, key.lot, key.serial, key.lpn)

    return tuple(NewTask(key, tuple(by_key[key])) for key in sorted(by_key, key=stop))


def _after(stamp: Stamp, purpose: str) -> Stamp:
    return {**stamp, "id": CommandId(derive(stamp["id"], purpose))}
