"""Where units that are missing at the bench could be picked instead: read and decided before anybody is sent."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from core.allocation.locate import Demand, Shelf, Take, locate
from core.kernel.flow import Stamp
from core.kernel.ids import NO_ID, BatchId, FulfilmentLineId, SiteId, StationId, WaveId, derive
from core.kernel.numbers import Number, next_number
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Fulfilment
from core.packing.commands import BackToPick
from core.packing.decide import all_units, ship_short
from core.packing.views import PackView
from core.picking.model import Pick
from core.picking.trimming import Trimmed, runs_of
from core.rules.queries import exception_codes
from core.rules.reasons import MISSING_REASONS
from core.stock.queries import pickable_stock
from core.waves.commands import BATCH_NUMBERS, NewTake, NewTask

REASONS_SHOWN = 4
"""A question has at most so many answers."""


@dataclass(frozen=True, slots=True)
class AskWhyMissing:
    """Which reasons may be given for units that are not in the tote?"""

    site: SiteId

    def run(self, connection: sa.Connection) -> tuple[str, ...]:
        """Return the site's own reasons, at most four, else the usual ones."""
        own = tuple(each.code for each in exception_codes(connection, self.site, "pack"))
        return own[:REASONS_SHOWN] or MISSING_REASONS


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where as many units lie free, and what the command of fetching them names."""

    tasks: tuple[NewTask, ...]
    picks: tuple[Trimmed, ...]
    number: Number
    priority: int


@dataclass(frozen=True, slots=True)
class AskElsewhere:
    """Where can the units be picked that this order misses?"""

    site: SiteId
    station: StationId
    view: PackView
    today: str
    reason: str
    """Why they are missing: said before it was asked where others are."""

    def run(self, connection: sa.Connection) -> Elsewhere | Refusal:
        """Return where all of them are free to take, or that they are not."""
        view = self.view
        items = {line.line: line for line in view.lines}
        demands = [
            Demand(
                each.line, view.fulfilment, view.order, items[each.line].owner, items[each.line].item, each.first,
                each.quantity,
            )
            for each in view.loose
        ]  # fmt: skip
        stock = pickable_stock(connection, self.site, self.today, {demand.item for demand in demands})
        shelves = [Shelf(row.key, row.free, row.expiry, row.first_at, row.sequence) for row in stock]
        plan = locate(demands, shelves)
        if plan.short:
            asked = sum(demand.quantity for demand in demands)
            free = asked - sum(missing for _, missing in plan.short)
            return Refusal(Reason.NOT_ENOUGH_STOCK, {"free": free, "asked": asked})
        walk = {shelf.key: (shelf.sequence, shelf.key.location, shelf.key.item) for shelf in shelves}
        takes = sorted(plan.takes, key=lambda take: (*walk[take.key], take.demand.line, take.first))
        parts = sql_of(Fulfilment)
        priority = sa.select(parts.c.priority).where(parts.c.site == self.site, parts.c.id == view.fulfilment)
        return Elsewhere(
            tuple(_tasks(takes)), tuple(self._trimmed(connection)),
            next_number(connection, self.site, BATCH_NUMBERS, self.station),
            int(connection.execute(priority).scalar_one_or_none() or 0),
        )  # fmt: skip

    def _trimmed(self, connection: sa.Connection) -> Iterator[Trimmed]:
        """Yield the picks of the missing units, with what is left of each."""
        out: dict[FulfilmentLineId, set[int]] = {}
        for each in self.view.loose:
            out.setdefault(each.line, set()).update(range(each.first, each.first + each.quantity))
        picks = sql_of(Pick)
        query = sa.select(picks).where(picks.c.site == self.site, picks.c.fulfilment == self.view.fulfilment)
        for row in rows_of(Pick, connection.execute(query.order_by(picks.c.line, picks.c.first, picks.c.id))):
            ordinals = range(row.first, row.first + row.quantity)
            left = [ordinal for ordinal in ordinals if ordinal not in out.get(row.line, ())]
            if len(left) < row.quantity:
                yield Trimmed(row.id, tuple(runs_of(left)))


def _tasks(takes: list[Take]) -> Iterator[NewTask]:
    """Yield one stop per stock key, in the order of the walk."""
    by_key: dict[object, list[Take]] = {}
    for take in takes:
        by_key.setdefault(take.key, []).append(take)
    for here in by_key.values():
        units = tuple(NewTake(take.demand.line, take.demand.fulfilment, take.first, take.quantity) for take in here)
        yield NewTask(here[0].key, units)


def back_to_pick(view: PackView, found: Elsewhere, stamp: Stamp, reason: str) -> BackToPick:
    """Return the command of picking the units that are in no parcel once more."""
    lines = {line.line: line for line in view.lines}
    missing = [(each.quantity, lines[each.line]) for each in view.loose]
    return BackToPick(
        **stamp, order=view.order, fulfilment=view.fulfilment, missing=all_units(view), reason=reason,
        picks=found.picks, empties=ship_short(view, stamp, reason).empties,
        batch=BatchId(derive(stamp["id"], "batch")), number=found.number, wave=WaveId(NO_ID),
        priority=found.priority, cut_off_at=view.cut_off_at,
        weight_grams=sum(quantity * (line.weight_grams or 0) for quantity, line in missing),
        volume_ml=sum(
            quantity * -(-(line.length_mm or 0) * (line.width_mm or 0) * (line.height_mm or 0) // 1000)
            for quantity, line in missing
        ),
        tasks=found.tasks,
    )  # fmt: skip
