"""Fences: the numbers that leases of a site are given under, and the site's order of what happened to them.

What a newcomer would get wrong: whether a dock broke before or after work was given out is no question for a clock. A hub's
clock may be set back, and two hubs have two; fences only grow, over every life of the hub's memory.
"""

from core.kernel.ids import SiteId
from core.kernel.numbers import OWN, Number, NumberRange, take
from core.kernel.uow import UnitOfWork

FENCES = "fence"
"""The range of numbers that leases of a site are numbered from."""


def fence_now(uow: UnitOfWork, site: SiteId) -> int:
    """Return the fence that comes next: all that was given out until now is below it."""
    row = uow.get(NumberRange, (site, FENCES, OWN))
    return 1 if row is None else row.next


def take_fence(uow: UnitOfWork, site: SiteId) -> int:
    """Return a fence of its own for something that happens now: what was before is below it, what comes later above."""
    fence = fence_now(uow, site)
    take(uow, site, FENCES, Number(fence))
    return fence
