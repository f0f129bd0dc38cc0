"""What an outage costs a site: its days are played in made-up time, by the program's own engines and files.

`python -m tools.outage hub` lets the hub be dead for an hour; `python -m tools.outage shift` lets forty stations work a shift in which
each is offline by chance. People and goods are the simulation's (`tests/simulation/dst`): a double would be seen in the
van. Only how long something takes by hand is said here.
"""

import heapq
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any
from unittest.mock import patch

from core.catalog.commands import NewContainer, SaveContainers
from core.catalog.model import ContainerKind
from core.waves import leases
from tests.simulation.dst import outside
from tests.simulation.dst.day import Day
from tests.simulation.dst.plan import PLACES, SKUS, Schedule
from tests.simulation.dst.site import Site, Templates, fast_folder

SECOND, MINUTE = 1_000, 60_000
HOUR = 60 * MINUTE
CONTACT_MS, CLOSE_CONTACT_MS = 20 * SECOND, 2 * SECOND
"""How often a station speaks with the hub here, and in the minutes before it goes: in the product it does so all the time."""
PLAN_MS = 5 * MINUTE
IDLE_MS = 20 * SECOND
"""After which somebody who has nothing to do looks again."""
USUAL = tuple(n for n in range(1, 96) if n % 7 and n % 10)
"""Choices of a player that are no mistake and no odd way of working: this is about time."""
UNITS = 100_000
TOTES = 600


@dataclass(frozen=True, slots=True)
class Hands:
    """How long a person takes, in milliseconds."""

    stop: int = 45 * SECOND
    start: int = 30 * SECOND
    pack: int = 55 * SECOND
    label: int = 5 * SECOND
    load: int = 10 * SECOND

    def took(self, said: str) -> int:
        """Return how long what somebody did took; 0 where it was nothing."""
        word, _, refused = said.removeprefix("again: ").partition(" ")
        if "." not in word or refused.startswith("refused"):
            return 0
        ways = {"picking.start": self.start, "packing.close": self.pack, "packing.apply_label": self.label}
        by_area = {"picking": self.stop, "packing": self.label, "shipping": self.load}
        return ways.get(word, by_area.get(word.partition(".")[0], SECOND))


@dataclass
class Worked:
    """What a station's people came to."""

    busy_ms: int = 0
    idle_ms: int = 0


@dataclass
class Hours:
    """Plays a site on through the hours."""

    site: Site
    day: Day
    hands: Hands
    chance: Random
    offline: Callable[[str, int], bool]
    """Whether a station cannot reach the hub at a moment."""
    orders_an_hour: int
    slots: int = 4
    contact_ms: int = CONTACT_MS
    worked: dict[str, Worked] = field(default_factory=dict)
    _due: list[tuple[int, int, str, str]] = field(default_factory=list)
    _count: int = 0

    def begin(self) -> None:
        """Let everybody come to work."""
        for name in self.site.machines:
            self.worked[name] = Worked()
            self._at(self.chance.randrange(CONTACT_MS), "contact", name)
            self._at(self.chance.randrange(MINUTE), "act", name)
        self._at(PLAN_MS, "plan", "")

    def _at(self, after: int, what: str, name: str) -> None:
        self._count += 1
        heapq.heappush(self._due, (self.site.time.at + after, self._count, what, name))

    def play(self, until: int) -> None:
        """Let everything happen that is due before a moment."""
        while self._due and self._due[0][0] < until:
            at, _, what, name = heapq.heappop(self._due)
            self.site.time.at = max(self.site.time.at, at)
            match what:
                case "contact":
                    self._contact(name)
                case "plan":
                    self._plan()
                case _:
                    self._act(name)
        self.site.time.at = max(self.site.time.at, until)

    def _contact(self, name: str) -> None:
        machine = self.site.machines[name]
        machine.online = not self.offline(name, self.site.time.at)
        if machine.online:
            machine.finish(self.site.line)
        self._at(self.contact_ms, "contact", name)

    def _plan(self) -> None:
        """The office: new orders come, are promised and released, as the hub does it by itself."""
        if self.site.hub.up:
            self.order(self.orders_an_hour * PLAN_MS // HOUR)
            self.day.office.on_plan(self.slots)
        self._at(PLAN_MS, "plan", "")

    def order(self, count: int) -> None:
        """Let orders come."""
        for _ in range(count):
            some = self.chance.sample(range(len(SKUS)), self.chance.choice((1, 2, 2, 3)))
            self.day.office.on_order([[sku, self.chance.choice((1, 1, 2))] for sku in some])

    def _act(self, name: str) -> None:
        said = self.site.players[name].act(self.chance.choice(USUAL))
        took = self.hands.took(said)
        worked = self.worked[name]
        if took:
            worked.busy_ms += took
        else:
            worked.idle_ms += IDLE_MS
        self._at(took or IDLE_MS, "act", name)


@contextmanager
def opened(
    stations: dict[str, int], orders_an_hour: int, offline: Callable[[str, int], bool], seed: int
) -> Iterator[Hours]:
    """Open a site with goods, carts and totes enough, and nobody at work yet."""
    schedule = Schedule(stations["cart"], stations["bench"], stations["dock"], ())
    with fast_folder() as folder, Templates(folder).site(schedule) as site:
        day = Day(site, schedule)
        office = site.hub.office.it
        carts = [NewContainer(f"CART-{n}", ContainerKind.CART, slots=6) for n in range(1, stations["cart"] + 1)]
        totes = [NewContainer(f"TOTE-{n}", ContainerKind.TOTE) for n in range(1, TOTES)]
        office.run(SaveContainers(**office.base(), containers=(*carts, *totes)))
        site.hall.known = TOTES - 1
        for number in range(len(SKUS)):
            day.office.on_goods(number, number % len(PLACES), UNITS)
        yield Hours(site, day, Hands(), Random(seed), offline, orders_an_hour)


def ended(hours: Hours) -> list[str]:
    """Let the network be whole and return what does not add up."""
    hours.day.heal()
    hub = hours.site.hub
    files = {name: str(machine.file) for name, machine in hours.site.machines.items()}
    with outside.Books(hub.storage.address, files) as books:
        return outside.at_the_end(books, hours.site.hall, finished=False)


def left(site: Site) -> int:
    """Return how many parcels are in the van or gone."""
    return sum(box.place in ("van", "away") for box in site.hall.boxes)


def hub_dead(*, dead: bool, seed: int = 1) -> dict[str, Any]:
    """Play an hour to begin with and an hour that is counted, with the hub or without it; return the parcels that left."""
    start: list[int] = []

    def offline(_name: str, at: int) -> bool:
        return dead and bool(start) and at >= start[0]

    with opened({"cart": 4, "bench": 3, "dock": 1}, 170, offline, seed) as hours:
        hours.order(200)
        hours.day.office.on_plan(hours.slots)
        hours.begin()
        hours.play(hours.site.time.at + HOUR - 2 * MINUTE)
        hours.contact_ms = CLOSE_CONTACT_MS
        hours.play(hours.site.time.at + 2 * MINUTE)
        hours.contact_ms = CONTACT_MS
        start.append(hours.site.time.at)
        before = left(hours.site)
        hours.play(hours.site.time.at + HOUR)
        parcels = left(hours.site) - before
        start[:] = []
        wrong = ended(hours)
    return {"parcels": parcels, "wrong": wrong}


def measure_hub_dead() -> dict[str, Any]:
    """Measure the parcels of an hour without the hub against those of the same hour with it."""
    usual, without = hub_dead(dead=False), hub_dead(dead=True)
    return {
        "parcels_of_the_usual_hour": usual["parcels"], "parcels_without_hub": without["parcels"],
        "share": without["parcels"] / usual["parcels"], "differences": len(usual["wrong"]) + len(without["wrong"]),
    }  # fmt: skip


OFFLINE_MEAN_MS, ONLINE_MEAN_MS = 53 * MINUTE, 103 * MINUTE
"""Exponential times: offline 34 % of the time, as long as the published figures of the model say (sync.md, section 2)."""


def _outages(names: list[str], until: int, chance: Random) -> dict[str, list[tuple[int, int]]]:
    """Draw when each station is offline."""
    drawn: dict[str, list[tuple[int, int]]] = {}
    for name in names:
        at, times = 0, []
        while at < until:
            at += int(chance.expovariate(1 / ONLINE_MEAN_MS))
            end = at + int(chance.expovariate(1 / OFFLINE_MEAN_MS))
            times.append((at, end))
            at = end
        drawn[name] = times
    return drawn


def measure_shift(stations: int = 40, hours_long: int = 8, seed: int = 1) -> dict[str, Any]:
    """Measure how much of a shift carts have work that are offline a third of the time.

    A stop takes ten times as long as it does, and stations speak with the hub a tenth as often, so that a shift has a tenth
    of both: what is measured is whether there is a stop to go to.
    """
    names = [f"cart-{n}" for n in range(1, stations + 1)]
    outages = _outages(names, hours_long * HOUR, Random(seed))
    begun: list[int] = []

    def offline(name: str, at: int) -> bool:
        return bool(begun) and any(start <= at - begun[0] < end for start, end in outages.get(name, ()))

    slow = Hands(stop=450 * SECOND)
    with (
        patch.object(leases, "SECONDS_A_STOP", slow.stop // SECOND),
        opened({"cart": stations, "bench": 1, "dock": 1}, stations * 8, offline, seed) as hours,
    ):
        hours.hands, hours.contact_ms = slow, CONTACT_MS * slow.stop // Hands().stop
        hours.slots = 2
        hours.order(stations * 12)
        hours.day.office.on_plan(hours.slots)
        hours.begin()
        hours.play(hours.site.time.at + 10 * MINUTE)
        begun.append(hours.site.time.at)
        before = {name: Worked(each.busy_ms, each.idle_ms) for name, each in hours.worked.items()}
        hours.play(hours.site.time.at + hours_long * HOUR)
        busy = sum(hours.worked[name].busy_ms - before[name].busy_ms for name in names)
        idle = sum(hours.worked[name].idle_ms - before[name].idle_ms for name in names)
        wrong = ended(hours)
    return {
        "stations": stations, "hours": hours_long, "utilisation": busy / (busy + idle), "differences": len(wrong),
        "first": wrong[:1],
    }  # fmt: skip


def main(words: list[str]) -> int:
    """Measure one of them."""
    print(json.dumps(measure_hub_dead() if words == ["hub"] else measure_shift()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
