"""One run of promising: what is free goes to what is open, as commands of bounded size."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

import sqlalchemy as sa

from core.allocation.commands import LINES_PER_OPERATION, Promised, PromiseLines
from core.allocation.promise import PromisePlan, StockName, plan_promises
from core.allocation.queries import free_to_promise, open_lines, outstanding
from core.catalog.model import PICKABLE, LocationRole
from core.kernel.flow import Stamp
from core.kernel.ids import CommandId, SiteId, derive
from core.kernel.tables import rows_of, sql_of
from core.stock.commands import RaiseReplenishment
from core.stock.model import ReplenishmentNeed
from core.stock.queries import promisable

NEEDS_PER_OPERATION = 250
"""Feed rows a station takes in one transaction (architecture.md 3)."""


def plan_run(connection: sa.Connection, site: SiteId, today: str) -> PromisePlan:
    """Return what may be promised now, decided by priority, cut-off and age."""
    return plan_promises(open_lines(connection, site), free_to_promise(connection, site, today))


def promise_commands(plan: PromisePlan, stamp: Stamp) -> Iterator[PromiseLines]:
    """Yield a plan as commands, the most urgent lines first; a fulfilment is never divided."""
    for n, part in enumerate(_parts(plan)):
        base: Stamp = {**stamp, "id": CommandId(derive(stamp["id"], "promise", n))}
        yield PromiseLines(**base, lines=part)


def _parts(plan: PromisePlan) -> Iterator[tuple[Promised, ...]]:
    part: list[Promised] = []
    for _, group in groupby(plan.promises, key=lambda each: each.fulfilment):
        lines = [Promised(each.line, each.fulfilment, each.quantity) for each in group]
        if part and len(part) + len(lines) > LINES_PER_OPERATION:
            yield tuple(part)
            part = []
        part.extend(lines)
    if part:
        yield tuple(part)


def replenishment_commands(
    connection: sa.Connection, site: SiteId, today: str, stamp: Stamp
) -> Iterator[RaiseReplenishment]:
    """Yield the commands that bring the needs up to date: units promised that lie in reserve storage, not on a shelf.

    Only needs that changed are named, one of nothing where the shelf was filled. What no storage has is no need.
    """
    known = {(row.owner, row.item): row.quantity for row in _needs(connection, site)}
    pickable = _units(connection, site, today, PICKABLE)
    reserve = _units(connection, site, today, (LocationRole.RESERVE,))
    wanted = {
        name: min(units - pickable.get(name, 0), reserve.get(name, 0))
        for name, units in outstanding(connection, site).items()
    }
    needs = {name: units for name, units in wanted.items() if units > 0}
    changed = [
        (*name, needs.get(name, 0)) for name in sorted({*known, *needs}) if needs.get(name, 0) != known.get(name, 0)
    ]
    for n, start in enumerate(range(0, len(changed), NEEDS_PER_OPERATION)):
        base: Stamp = {**stamp, "id": CommandId(derive(stamp["id"], "replenish", n))}
        yield RaiseReplenishment(**base, needs=tuple(changed[start : start + NEEDS_PER_OPERATION]))


def replenishment(connection: sa.Connection, site: SiteId, today: str, stamp: Stamp) -> RaiseReplenishment | None:
    """Return the first command that brings the needs up to date; None when they are."""
    return next(replenishment_commands(connection, site, today, stamp), None)


def _needs(connection: sa.Connection, site: SiteId) -> tuple[ReplenishmentNeed, ...]:
    table = sql_of(ReplenishmentNeed)
    return rows_of(ReplenishmentNeed, connection.execute(sa.select(table).where(table.c.site == site)))


def _units(
    connection: sa.Connection, site: SiteId, today: str, roles: Iterable[LocationRole]
) -> Mapping[StockName, int]:
    return {(row.owner, row.item): row.quantity for row in promisable(connection, site, today, roles)}
