"""Planning again and again while the hub serves: when a site's feed went on, and now and then without that.

The one thing a newcomer would get wrong: nothing here is remembered that matters. A look finds what there is to do in the
database; two hubs that look at one site do no harm, and a look that failed is simply the next one.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import sqlalchemy as sa

from core.kernel.clock import Clock
from core.kernel.feed import head_of
from core.kernel.ids import SiteId
from core.kernel.refusal import Fault
from sync.hub.planning import Planner

LOOK_S = 0.5
"""Seconds between two looks at how far the feeds go."""
EVERY_S = 60.0
"""Seconds after which a site is planned although its feed did not move: stock expires, vans come nearer."""
SHARE = 10
"""A site that takes long to plan rests so many times as long."""
FAILED_S = 10.0


@dataclass(slots=True)
class _Site:
    """What is known of a site between two looks."""

    planner: Planner
    head: int = -1
    """How far its feed went after it was planned last."""
    at: float = 0.0
    rest: float = 0.0


class Rounds:
    """Plans sites on a thread of its own; a context manager."""

    def __init__(self, planners: Mapping[SiteId, Planner], clock: Clock) -> None:
        """Prepare; it begins on entering."""
        self._sites = {site: _Site(planner) for site, planner in planners.items()}
        self._clock = clock
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dockside-planning")
        self.faults: dict[SiteId, str] = {}
        """Why a site could not be planned when it was tried last."""

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        """Stop once the turn at hand is over."""
        self._over.set()
        self._thread.join()

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what IT has to know of it."""
        stopped = () if self._thread.is_alive() else ("Planning stopped by a mistake of the program: restart the hub.",)
        return (*stopped, *(f"Site {site} is not planned: {why}" for site, why in sorted(self.faults.items())))

    def _run(self) -> None:
        while not self._over.wait(LOOK_S):
            for site, each in self._sites.items():
                if not self._over.is_set():
                    self._look(site, each)

    def _look(self, site: SiteId, each: _Site) -> None:
        now = self._now()
        if now < each.at + each.rest:
            return
        try:
            if self._head(each) == each.head and now < each.at + EVERY_S:
                return
            each.planner.run()
            each.head = self._head(each)
        except (sa.exc.DBAPIError, Fault) as e:
            self.faults[site] = str(e).splitlines()[0]
            each.at, each.rest = self._now(), FAILED_S
            return
        self.faults.pop(site, None)
        each.at = self._now()
        each.rest = (each.at - now) * SHARE

    def _head(self, each: _Site) -> int:
        with each.planner.database.reading() as connection:
            return head_of(connection, each.planner.site).seq

    def _now(self) -> float:
        return self._clock.boot_ns() / 1e9
