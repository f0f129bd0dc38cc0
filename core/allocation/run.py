"""One run of promising: what is free goes to what is open, as commands of bounded size."""

from collections.abc import Iterator

import sqlalchemy as sa

from core.allocation.commands import LINES_PER_OPERATION, Promised, PromiseLines
from core.allocation.promise import PromisePlan, plan_promises
from core.allocation.queries import free_to_promise, open_lines, outstanding
from core.catalog.model import PICKABLE
from core.kernel.flow import Stamp
from core.kernel.ids import CommandId, SiteId, derive
from core.stock.commands import RaiseReplenishment
from core.stock.queries import promisable


def plan_run(connection: sa.Connection, site: SiteId, today: str) -> PromisePlan:
    """Return what may be promised now, decided by priority, cut-off and age."""
    return plan_promises(open_lines(connection, site), free_to_promise(connection, site, today))


def promise_commands(plan: PromisePlan, stamp: Stamp) -> Iterator[PromiseLines]:
    """Yield a plan as commands, the most urgent lines first."""
    for n, start in enumerate(range(0, len(plan.promises), LINES_PER_OPERATION)):
        part = plan.promises[start : start + LINES_PER_OPERATION]
        lines = tuple(Promised(each.line, each.fulfilment, each.quantity) for each in part)
        base: Stamp = {**stamp, "id": CommandId(derive(stamp["id"], "promise", n))}
        yield PromiseLines(**base, lines=lines)


def replenishment(connection: sa.Connection, site: SiteId, today: str, stamp: Stamp) -> RaiseReplenishment | None:
    """Return the command that says what was promised and does not lie in pick locations; None when all does."""
    pickable = {(row.owner, row.item): row.quantity for row in promisable(connection, site, today, PICKABLE)}
    needs = tuple(
        (owner, item, wanted - pickable.get((owner, item), 0))
        for (owner, item), wanted in sorted(outstanding(connection, site).items())
        if wanted > pickable.get((owner, item), 0)
    )
    if not needs:
        return None
    base: Stamp = {**stamp, "id": CommandId(derive(stamp["id"], "replenish"))}
    return RaiseReplenishment(**base, needs=needs)
