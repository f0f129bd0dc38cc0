"""Planning at a standalone station: promise what is free, release what is promised. The office's part, run by command.

The plans are pure and made on a reader; their commands go to the writer behind every waiting scan.
"""

from dataclasses import dataclass

from core.allocation.run import plan_run, promise_commands, replenishment
from core.catalog.queries import site_row
from core.kernel.executor import Done, Work
from core.kernel.flow import Stamp
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId
from core.stock.expiry import today_at
from core.waves.planner import CartSpec
from core.waves.release import Filters, plan_release
from desktop.assembly import Assembly


@dataclass(frozen=True, slots=True)
class Planned:
    """What a run of planning did."""

    promised_lines: int
    waiting_lines: int
    released_orders: int
    batches: int
    unreleased: int


def stamp(assembly: Assembly) -> Stamp:
    """Return base fields of a command that nobody at a bench gives."""
    return Stamp(
        id=CommandId(assembly.ids.new()), site=assembly.identity.site, at=assembly.clock.now_ms(), actor=SYSTEM,
        session=NO_SESSION,
    )  # fmt: skip


def today(assembly: Assembly) -> str:
    """Return the site's date."""
    with assembly.database.reading() as connection:
        site = site_row(connection, assembly.identity.site)
    return today_at(assembly.clock.now_ms(), "UTC" if site is None else site.time_zone)


def promise(assembly: Assembly) -> tuple[int, int]:
    """Promise free stock to open lines; return how many lines got something and how many wait."""
    day = today(assembly)
    with assembly.database.reading() as connection:
        plan = plan_run(connection, assembly.identity.site, day)
    done = 0
    for command in promise_commands(plan, stamp(assembly)):
        if isinstance(assembly.writer.submit_background(Work(command=command)).result(), Done):
            done += len(command.lines)
    with assembly.database.reading() as connection:
        needs = replenishment(connection, assembly.identity.site, day, stamp(assembly))
    if needs is not None:
        assembly.writer.submit_background(Work(command=needs)).result()
    return done, len(plan.waiting)


def release(assembly: Assembly, filters: Filters, cart: CartSpec) -> tuple[int, int, int]:
    """Release promised orders; return orders, batches and how many had to wait."""
    with assembly.database.reading() as connection:
        plan = plan_release(
            connection, assembly.identity.site, today(assembly), stamp(assembly), filters=filters, cart=cart
        )
    batches = 0
    for command in plan.commands:
        outcome = assembly.writer.submit_background(Work(command=command)).result()
        batches += int(isinstance(outcome, Done) and command.KIND == "waves.release")
    return plan.orders, batches, len(plan.waiting)


def plan_day(assembly: Assembly, *, filters: Filters | None = None, cart: CartSpec | None = None) -> Planned:
    """Promise and release once."""
    promised, waiting = promise(assembly)
    orders, batches, unreleased = release(assembly, filters or Filters(), cart or CartSpec())
    return Planned(promised, waiting, orders, batches, unreleased)
