"""Planning at a standalone station: promise what is free, release what is promised. The office's part, run by command.

What was released for goods that are not there any more is planned anew.

The plans are pure and made on a reader; their commands go to the writer behind every waiting scan.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.allocation.queries import count_open_lines
from core.allocation.run import Allocator
from core.catalog.queries import site_row
from core.kernel.executor import Done, Work
from core.kernel.flow import Stamp
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, PersonId, SessionId
from core.stock.expiry import today_at
from core.waves.commands import ReleaseBatch
from core.waves.planner import CartSpec
from core.waves.planning import Planned
from core.waves.queries import cart_spec
from core.waves.release import Filters, plan_release
from core.waves.uncovered import uncovered_commands

if TYPE_CHECKING:
    from desktop.assembly import Assembly


def stamp(assembly: "Assembly", actor: PersonId = SYSTEM, session: SessionId = NO_SESSION) -> Stamp:
    """Return base fields of a command that nobody's scan or key gives, in somebody's name where somebody asked for it."""
    return Stamp(
        id=CommandId(assembly.ids.new()), site=assembly.identity.site, at=assembly.clock.now_ms(), actor=actor,
        session=session,
    )  # fmt: skip


def today(assembly: "Assembly") -> str:
    """Return the site's date."""
    with assembly.database.reading() as connection:
        site = site_row(connection, assembly.identity.site)
    return today_at(assembly.clock.now_ms(), "UTC" if site is None else site.time_zone)


def take_back(assembly: "Assembly", goes_on: Callable[[], bool] = lambda: True) -> None:
    """Take walks back that nobody has begun and that are sent for what is not there: what there is is promised anew."""
    with assembly.database.reading() as connection:
        going = list(uncovered_commands(connection, assembly.identity.site, stamp(assembly)))
    for each in going:
        if not goes_on():
            return
        # A refusal says that somebody has begun it since: whoever stands there finds less, and says so.
        assembly.writer.submit_background(Work(command=each)).result()


def promise(assembly: "Assembly", goes_on: Callable[[], bool] = lambda: True) -> tuple[int, int]:
    """Promise free stock to open lines; return how many lines got something and how many wait."""
    with assembly.database.reading() as connection:
        allocator = Allocator(
            assembly.identity.site, connection, assembly.writer.submit_background, assembly.clock, assembly.ids, goes_on
        )
        return allocator.run(), count_open_lines(connection, assembly.identity.site)


def release(
    assembly: "Assembly",
    filters: Filters,
    cart: CartSpec,
    actor: PersonId = SYSTEM,
    session: SessionId = NO_SESSION,
) -> tuple[int, int, int]:
    """Release promised orders; return orders, batches and how many had to wait."""
    with assembly.database.reading() as connection:
        plan = plan_release(
            connection, assembly.identity.site, today(assembly), stamp(assembly, actor, session), filters=filters,
            cart=cart,
        )  # fmt: skip
    orders, batches = 0, 0
    for command in plan.commands:
        outcome = assembly.writer.submit_background(Work(command=command)).result()
        if isinstance(outcome, Done) and isinstance(command, ReleaseBatch):
            orders, batches = orders + len(command.members), batches + 1
    return orders, batches, len(plan.waiting)


def plan_day(
    assembly: "Assembly",
    *,
    filters: Filters | None = None,
    cart: CartSpec | None = None,
    actor: PersonId = SYSTEM,
    session: SessionId = NO_SESSION,
    goes_on: Callable[[], bool] = lambda: True,
) -> Planned:
    """Take walks back that are sent for what is not there, promise, then release in waves until nothing that may go is left.

    It is released in somebody's name where somebody asked for it. `goes_on` is asked before each wave: what does not go in this run goes in the next.
    """
    take_back(assembly, goes_on)
    promised, waiting = promise(assembly, goes_on)
    if cart is None:
        with assembly.database.reading() as connection:
            cart = cart_spec(connection, assembly.identity.site)
    wanted = filters or Filters()
    orders, batches, unreleased = 0, 0, 0
    while goes_on():
        gone, walks, unreleased = release(assembly, wanted, cart, actor, session)
        orders, batches = orders + gone, batches + walks
        # One of which nothing was written would be planned again and again.
        if not walks:
            break
    return Planned(promised, waiting, orders, batches, unreleased)
