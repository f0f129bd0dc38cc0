"""What a hub does by itself while it serves, again and again: when a site's feed went on, and now and then without that.

The one thing a newcomer would get wrong: nothing here is remembered that matters. A look finds what there is to do in the
database; two hubs that look at one site do no harm, and a look that failed is simply the next one.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import sqlalchemy as sa

from core.kernel.clock import Clock
from core.kernel.ids import SiteId
from core.kernel.refusal import Fault

LOOK_S = 0.5
"""Seconds between two looks at how far the feeds go."""
EVERY_S = 60.0
"""Seconds after which a site is looked at although its feed did not move: stock expires, vans come nearer."""
SHARE = 10
"""A site that takes long rests so many times as long for each site there is: stations push meanwhile, and planning takes no
more than its share from them, however many sites a hub has."""
FAILED_S = 10.0


def rest_after(took_s: float, sites: int) -> float:
    """Return the seconds that a site rests whose chores took so long; sites wait for each other no longer than for nothing.

    Args:
        took_s: seconds that its chores took.
        sites: how many there are.
    """
    return max(took_s * SHARE, min(took_s * SHARE * sites, EVERY_S))


@dataclass(slots=True)
class _Site:
    """What is known of a site between two looks."""

    chores: Sequence[Callable[[], object]]
    head: int = -1
    """How far its feed went before they were done last: what comes meanwhile may have come behind their look."""
    at: float = 0.0
    rest: float = 0.0


class Rounds:
    """Does sites' chores on a thread of its own; a context manager."""

    def __init__(
        self,
        chores: Mapping[SiteId, Sequence[Callable[[], object]]],
        head: Callable[[SiteId], int],
        clock: Clock,
    ) -> None:
        """Prepare; it begins on entering.

        Args:
            chores: what is to be done at each site, in this order.
            head: says how far a site's feed goes.
            clock: the hub's.
        """
        self._sites = {site: _Site(each) for site, each in chores.items()}
        self._head = head
        self._clock = clock
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dockside-rounds")
        self.faults: dict[SiteId, str] = {}
        """Why a site's chores were not done when they were tried last."""

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        """Stop once the turn at hand is over."""
        self._over.set()
        self._thread.join()

    def add(self, site: SiteId, chores: Sequence[Callable[[], object]]) -> None:
        """Do a further site's chores from now on; from any thread."""
        self._sites[site] = _Site(chores)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what IT has to know of it."""
        stopped = () if self._thread.is_alive() else ("Planning stopped by a mistake of the program: restart the hub.",)
        return (*stopped, *(f"Site {site} is not planned: {why}" for site, why in sorted(self.faults.items())))

    def _run(self) -> None:
        while not self._over.wait(LOOK_S):
            for site, each in tuple(self._sites.items()):
                if not self._over.is_set():
                    self._look(site, each)

    def _look(self, site: SiteId, each: _Site) -> None:
        now = self._now()
        if now < each.at + each.rest:
            return
        try:
            head = self._head(site)
            if head == each.head and now < each.at + EVERY_S:
                return
            for chore in each.chores:
                chore()
            each.head = head
        except (sa.exc.DBAPIError, Fault) as e:
            self.faults[site] = str(e).splitlines()[0]
            each.at, each.rest = self._now(), FAILED_S
            return
        self.faults.pop(site, None)
        each.at = self._now()
        each.rest = rest_after(each.at - now, len(self._sites))

    def _now(self) -> float:
        return self._clock.boot_ns() / 1e9
