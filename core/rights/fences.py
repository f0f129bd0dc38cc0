"""Fences: the numbers that leases of a site are given under, and the site's order of what happened to them.

What a newcomer would get wrong: whether a dock broke before or after work was given out is no question for a clock. A hub's
clock may be set back, and two hubs have two. Fences only grow, also over lives of the hub's memory: each epoch's begin above
all that an older one can have given, which a hub that was set back does not know.
"""

from core.kernel.ids import SiteId
from core.kernel.numbers import OWN, Number, NumberRange, take
from core.kernel.uow import UnitOfWork

FENCES = "fence"
"""The range of numbers that leases of a site are numbered from."""


_OF_AN_EPOCH = 20
"""Bits of the fences of one epoch: epochs are numbered by seconds, and nobody gives out a million leases in one of them."""


def first_fence(epoch: int) -> int:
    """Return the first fence of an epoch."""
    return epoch << _OF_AN_EPOCH


def fence_now(uow: UnitOfWork, site: SiteId) -> int:
    """Return the fence that comes next: all that was given out until now is below it."""
    row = uow.get(NumberRange, (site, FENCES, OWN))
    return 1 if row is None else row.next


def take_fence(uow: UnitOfWork, site: SiteId) -> int:
    """Return a fence of its own for something that happens now: what was before is below it, what comes later above."""
    fence = fence_now(uow, site)
    take(uow, site, FENCES, Number(fence))
    return fence
