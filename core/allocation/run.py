"""One run of promising: what stock no longer covers is taken back, what is free goes to what is open; in bounded commands.

It follows whatever brings orders or goods; running it again promises nothing twice.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import groupby

import sqlalchemy as sa

from core.allocation.commands import LINES_PER_OPERATION, Promised, PromiseLines, WithdrawPromises
from core.allocation.promise import Promise, PromisePlan, StockName, plan_promises
from core.allocation.queries import (
    excess,
    free_to_promise,
    open_fulfilments,
    open_lines,
    outstanding,
    promised_lines,
)
from core.allocation.withdraw import plan_withdrawals
from core.catalog.model import PICKABLE, LocationRole
from core.catalog.queries import site_row
from core.kernel.batches import batched
from core.kernel.clock import Clock
from core.kernel.executor import Done, Outcome, Work
from core.kernel.flow import Stamp
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, IdSource, SiteId, derive
from core.kernel.tables import rows_of, sql_of
from core.stock.commands import RaiseReplenishment
from core.stock.expiry import today_at
from core.stock.model import ReplenishmentNeed
from core.stock.queries import promisable

FULFILMENTS_AT_ONCE = 4_000
"""Fulfilments whose lines are planned together."""
NEEDS_PER_OPERATION = 250
"""Feed rows a station takes in one transaction (architecture.md 3)."""


@dataclass(slots=True)
class Allocator:
    """What a run of promising needs of its surroundings."""

    site: SiteId
    reader: sa.Connection
    submit: Callable[[Work], "Future[Outcome]"]
    clock: Clock
    ids: IdSource
    goes_on: Callable[[], bool] = field(default=lambda: True)
    """Asked before each command: what is not promised in this run is in the next."""

    def run(self) -> int:
        """Take back what is not covered, promise what is free, bring the replenishment needs up to date.

        Returns:
            How many lines got something.
        """
        today = self.today()
        done = 0
        for taken in list(withdraw_commands(self.reader, self.site, today, self._stamp())):
            # A refusal says that a walk has the units by now.
            self.submit(Work(command=taken)).result()
        for plan in plan_run(self.reader, self.site, today):
            for command in promise_commands(plan, self._stamp()):
                if not self.goes_on():
                    return done
                # A refusal says that a line went on since the plan: it is looked at again in the next run.
                if isinstance(self.submit(Work(command=command)).result(), Done):
                    done += len(command.lines)
        for need in list(replenishment_commands(self.reader, self.site, today, self._stamp())):
            self.submit(Work(command=need)).result()
        return done

    def today(self) -> str:
        """Return the site's date."""
        site = site_row(self.reader, self.site)
        return today_at(self.clock.now_ms(), "UTC" if site is None else site.time_zone)

    def _stamp(self) -> Stamp:
        return Stamp(
            id=CommandId(self.ids.new()), site=self.site, at=self.clock.now_ms(), actor=SYSTEM, session=NO_SESSION
        )


def plan_run(connection: sa.Connection, site: SiteId, today: str) -> Iterator[PromisePlan]:
    """Yield what may be promised now, decided by priority, cut-off and age, in portions until nothing is left.

    A line that no portion names waits: `explain` says why.
    """
    left = free_to_promise(connection, site, today)
    waiting = batched(open_fulfilments(connection, site), FULFILMENTS_AT_ONCE)
    while any(left.values()) and (some := next(waiting, None)):
        plan = plan_promises(open_lines(connection, site, some), left)
        left = plan.left
        yield plan


def withdraw_commands(connection: sa.Connection, site: SiteId, today: str, stamp: Stamp) -> Iterator[WithdrawPromises]:
    """Yield the commands that take back promises no stock covers, and those of orders that were not paid."""
    over = excess(connection, site, today)
    plan = plan_withdrawals(promised_lines(connection, site, {item for _, item in over}), over)
    for n, part in enumerate(_parts(plan)):
        base: Stamp = {**stamp, "id": CommandId(derive(stamp["id"], "withdraw", n))}
        yield WithdrawPromises(**base, lines=part)


def promise_commands(plan: PromisePlan, stamp: Stamp) -> Iterator[PromiseLines]:
    """Yield a plan as commands, the most urgent lines first; a fulfilment is never divided."""
    for n, part in enumerate(_parts(plan.promises)):
        base: Stamp = {**stamp, "id": CommandId(derive(stamp["id"], "promise", n))}
        yield PromiseLines(**base, lines=part)


def _parts(promises: Iterable[Promise]) -> Iterator[tuple[Promised, ...]]:
    part: list[Promised] = []
    for _, group in groupby(promises, key=lambda each: each.fulfilment):
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


def _needs(connection: sa.Connection, site: SiteId) -> tuple[ReplenishmentNeed, ...]:
    table = sql_of(ReplenishmentNeed)
    return rows_of(ReplenishmentNeed, connection.execute(sa.select(table).where(table.c.site == site)))


def _units(
    connection: sa.Connection, site: SiteId, today: str, roles: Iterable[LocationRole]
) -> Mapping[StockName, int]:
    return {(row.owner, row.item): row.quantity for row in promisable(connection, site, today, roles)}
