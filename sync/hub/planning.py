"""The hub plans its sites: free stock is promised as orders and goods come in, and what is promised goes to the floor.

What there is to do is looked for outside anybody's turn; what is done is decided again with the site's turn in hand, from the
rows as they are then, for a bounded number of orders: nothing stale is written, and no push waits long. Several hubs may
plan one site: each finds what the other left.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

import sqlalchemy as sa

from core.allocation.commands import PromiseLines
from core.allocation.promise import plan_promises
from core.allocation.queries import count_open_lines, free_to_promise, open_fulfilments, open_lines
from core.allocation.run import plan_run, promise_commands, replenishment_commands, withdraw_commands
from core.catalog.queries import site_row
from core.kernel.batches import batched
from core.kernel.clock import Clock
from core.kernel.commands import Command
from core.kernel.database import Database
from core.kernel.flow import Stamp
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, FulfilmentId, IdSource, SiteId, WaveId
from core.kernel.operations import OperationOutcome
from core.receiving.closing import closing_commands
from core.rights.queries import gives_nothing
from core.stock.expiry import today_at
from core.waves.commands import CreateWave, ReleaseBatch
from core.waves.keeping import let_go_command
from core.waves.planner import CartSpec
from core.waves.planning import Planned
from core.waves.queries import cart_spec
from core.waves.release import Filters, ReleasePlan, plan_release
from core.waves.uncovered import uncovered_commands
from sync.hub.receiving import Receiver

OPERATIONS_A_TURN = 10
"""Each of no more than 250 rows; a push that waits for the turn waits for so many."""
ORDERS_A_TURN = 200
"""Fulfilments that are looked at again in one turn."""

Decision = Callable[[sa.Connection, Stamp], Iterable[Command]]


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans one site."""

    site: SiteId
    database: Database
    clock: Clock
    ids: IdSource

    def run(self, filters: Filters | None = None, cart: CartSpec | None = None) -> Planned:
        """Take back what no stock covers, promise what is free, and release what is promised until nothing is left.

        Deliveries that nobody finishes are finished as well.
        """
        self._while_there_is(self._closings)
        promised = self.promise()
        orders, batches, unreleased = self.release(filters or Filters(), cart)
        with self.database.reading() as connection:
            return Planned(promised, count_open_lines(connection, self.site), orders, batches, unreleased)

    def promise(self) -> int:
        """Promise free stock to open lines, and return how many lines got something.

        First walks go back that nobody has begun and that are sent for what is not there: their units are promised anew as well.
        """
        self._while_there_is(self._kept_for_nobody)
        self._while_there_is(self._uncovered)
        self._while_there_is(self._withdrawals)
        done = 0
        while made := sum(map(self._promise_some, batched(self._to_promise(), ORDERS_A_TURN))):
            done += made
        self._while_there_is(self._replenishments)
        return done

    def release(self, filters: Filters, cart: CartSpec | None) -> tuple[int, int, int]:
        """Release what is promised, wave after wave; return orders, batches and how many orders had to wait."""
        orders, batches = 0, 0
        while True:
            with self.database.reading() as connection:
                spec = cart or cart_spec(connection, self.site)
                plan = self._plan(connection, self._stamp(), filters, spec, None)
            gone, walks = self._wave(plan, filters, spec)
            orders, batches = orders + gone, batches + walks
            # A wave that is not full was the last; one of which nothing was written would be planned again and again.
            if plan.orders < filters.limit or not walks:
                return orders, batches, len(plan.waiting)

    # What is decided in a turn

    def _kept_for_nobody(self, connection: sa.Connection, stamp: Stamp) -> Iterator[Command]:
        over = let_go_command(connection, self.site, stamp)
        return iter(() if over is None else (over,))

    def _closings(self, connection: sa.Connection, stamp: Stamp) -> Iterator[Command]:
        return closing_commands(connection, self.site, stamp)

    def _uncovered(self, connection: sa.Connection, stamp: Stamp) -> Iterator[Command]:
        return uncovered_commands(connection, self.site, stamp)

    def _withdrawals(self, connection: sa.Connection, stamp: Stamp) -> Iterator[Command]:
        return withdraw_commands(connection, self.site, self._today(connection), stamp)

    def _replenishments(self, connection: sa.Connection, stamp: Stamp) -> Iterator[Command]:
        return replenishment_commands(connection, self.site, self._today(connection), stamp)

    def _promises(self, connection: sa.Connection, stamp: Stamp, some: Sequence[FulfilmentId]) -> Iterator[Command]:
        still = list(open_fulfilments(connection, self.site, some))
        free = free_to_promise(connection, self.site, self._today(connection))
        return promise_commands(plan_promises(open_lines(connection, self.site, still), free), stamp)

    def _plan(
        self, connection: sa.Connection, stamp: Stamp, filters: Filters, cart: CartSpec, into: WaveId | None
    ) -> ReleasePlan:
        today = self._today(connection)
        return plan_release(connection, self.site, today, stamp, filters=filters, cart=cart, into=into)

    # Turns

    def _promise_some(self, some: Sequence[FulfilmentId]) -> int:
        made = self._turn(lambda connection, stamp: self._promises(connection, stamp, some))
        return sum(len(each.lines) for each in made if isinstance(each, PromiseLines))

    def _to_promise(self) -> Iterator[FulfilmentId]:
        """Yield the fulfilments that could be promised something, the most urgent first."""
        with self.database.reading() as connection:
            plans = list(plan_run(connection, self.site, self._today(connection)))
        return iter(dict.fromkeys(each.fulfilment for plan in plans for each in plan.promises))

    def _wave(self, plan: ReleasePlan, filters: Filters, cart: CartSpec) -> tuple[int, int]:
        """Release what a plan found, some of its walks a turn, all in one wave; return orders and batches."""
        wave: WaveId | None = None
        orders, batches = 0, 0
        for among in _portions(plan):
            these = replace(filters, among=among)
            made = self._turn(
                lambda connection, stamp, these=these, wave=wave: (
                    self._plan(connection, stamp, these, cart, wave).commands
                )  # type: ignore[misc]
            )
            for each in made:
                if isinstance(each, CreateWave):
                    wave = each.wave
                if isinstance(each, ReleaseBatch):
                    orders, batches = orders + len(each.members), batches + 1
        return orders, batches

    def _while_there_is(self, decision: Decision) -> None:
        """Do something in turns as long as there is something; whether there is, is looked up outside of them."""
        while True:
            with self.database.reading() as connection:
                there = next(iter(decision(connection, self._stamp())), None)
            if there is None or len(self._turn(decision)) < OPERATIONS_A_TURN:
                return

    def _turn(self, decision: Decision) -> list[Command]:
        """Decide and write with the site's turn in hand; return what was applied."""

        def decide(connection: sa.Connection) -> Iterable[Command]:
            # A hub that was set back does not know yet what its stations hold.
            if gives_nothing(connection, self.site, self.clock.now_ms()):
                return ()
            return islice(decision(connection, self._stamp()), OPERATIONS_A_TURN)

        with self.database.connect() as connection:
            made = Receiver(connection, self.site).decide_all(decide, boot_ns=self.clock.boot_ns())
        return [command for command, receipt in made if receipt.outcome is OperationOutcome.APPLIED]

    def _today(self, connection: sa.Connection) -> str:
        row = site_row(connection, self.site)
        return today_at(self.clock.now_ms(), "UTC" if row is None else row.time_zone)

    def _stamp(self) -> Stamp:
        return Stamp(
            id=CommandId(self.ids.new()), site=self.site, at=self.clock.now_ms(), actor=SYSTEM, session=NO_SESSION
        )


def _portions(plan: ReleasePlan) -> Iterator[tuple[FulfilmentId, ...]]:
    """Yield the fulfilments of a plan's walks, whole walks together, so many that one turn holds them."""
    walks = [tuple(each.fulfilment for each in c.members) for c in plan.commands if isinstance(c, ReleaseBatch)]
    for some in batched(walks, OPERATIONS_A_TURN - 1):
        yield tuple(chain.from_iterable(some))


__all__ = ["Planner"]
