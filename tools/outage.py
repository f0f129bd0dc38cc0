"""What an outage costs a site: its days are played in made-up time, by the program's own engines and files.

`python -m tools.outage` lets the hub be dead for an hour; `python -m tools.shift` lets forty stations work a shift in which each
is offline by chance. People and goods are the simulation's (`tests/simulation/dst`): a double would be seen in the van. Only
how long something takes by hand is said here.
"""

import heapq
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from core.catalog.commands import NewContainer, SaveContainers
from core.catalog.model import ContainerKind
from tests.quick import share_statements
from tests.simulation.dst import outside
from tests.simulation.dst.books import Books
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
"""More than ever stand about."""


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

    def note(self, took: int) -> None:
        """Note how long something took; 0 where there was nothing to do."""
        if took:
            self.busy_ms += took
        else:
            self.idle_ms += IDLE_MS


@dataclass
class Offline:
    """When stations cannot reach the hub: since a moment, within their times."""

    times: dict[str, list[tuple[int, int]]]
    begun: int = 0
    """0 as long as none is offline."""

    def __call__(self, name: str, at: int) -> bool:
        """Return whether a station cannot reach it at a moment."""
        return bool(self.begun) and any(start <= at - self.begun < end for start, end in self.times.get(name, ()))


@dataclass
class Hours:
    """Plays a site on through the hours."""

    site: Site
    day: Day
    hands: Hands
    chance: Random
    offline: Offline
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
            # Work that was given comes by the feed, which a station follows all the time.
            machine.step("pull", 400, self.site.line)
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
        self.worked[name].note(took)
        self._at(took or IDLE_MS, "act", name)

    def ended(self) -> list[str]:
        """Let the network be whole and return what does not add up."""
        self.day.heal()
        hub = self.site.hub
        files = {name: str(machine.file) for name, machine in self.site.machines.items()}
        with Books(hub.storage.address, files) as books:
            return outside.at_the_end(books, self.site.hall, finished=False)


@contextmanager
def opened(stations: dict[str, int], orders_an_hour: int, offline: Offline, seed: int) -> Iterator[Hours]:
    """Open a site with goods, carts and totes enough, and nobody at work yet."""
    share_statements()
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


def left(site: Site) -> int:
    """Return how many parcels are in the van or gone."""
    return sum(box.place in ("van", "away") for box in site.hall.boxes)


def hub_dead(*, dead: bool, seed: int = 1) -> dict[str, Any]:
    """Play an hour to begin with and an hour that is counted, with the hub or without it; return the parcels that left."""
    names = ("cart-1", "cart-2", "cart-3", "cart-4", "bench-1", "bench-2", "bench-3", "dock-1")
    offline = Offline({name: [(0, HOUR)] for name in names} if dead else {})
    with opened({"cart": 4, "bench": 3, "dock": 1}, 170, offline, seed) as hours:
        hours.order(200)
        hours.day.office.on_plan(hours.slots)
        hours.begin()
        hours.play(hours.site.time.at + HOUR - 2 * MINUTE)
        hours.contact_ms = CLOSE_CONTACT_MS
        hours.play(hours.site.time.at + 2 * MINUTE)
        hours.contact_ms = CONTACT_MS
        offline.begun = hours.site.time.at
        before = left(hours.site)
        hours.play(hours.site.time.at + HOUR)
        parcels = left(hours.site) - before
        offline.begun = 0
        wrong = hours.ended()
    return {"parcels": parcels, "wrong": wrong}


def measure_hub_dead() -> dict[str, Any]:
    """Measure the parcels of an hour without the hub against those of the same hour with it."""
    usual, without = hub_dead(dead=False), hub_dead(dead=True)
    return {
        "parcels_of_the_usual_hour": usual["parcels"], "parcels_without_hub": without["parcels"],
        "share": without["parcels"] / usual["parcels"], "differences": len(usual["wrong"]) + len(without["wrong"]),
    }  # fmt: skip


def main() -> int:
    """Measure the hour without the hub."""
    print(json.dumps(measure_hub_dead()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
