"""Schedules: the events of a day as plain data, drawn from one seed and kept as JSON.

An event never depends on what happened: where it names the seventh tote and there are three, it means one of the three.
So a schedule with any of its events left out is a schedule too, and a long one that finds a mistake can be cut down.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from tests.simulation.dst.line import FATES

Event = tuple[str | int | list[list[int]], ...]
SKUS = ("MUG", "CUP", "JUG", "TEA")
PLACES = ("A-1", "A-2", "B-1", "B-2")
ZONES = ("A", "B")
"""Of the places: each with its letter in front."""
CARRIERS = ("HOUSE", "PARCEL")
HUB = "hub"
"""Where the office decides that works at the hub itself; else it does at a station."""
COPY = "b"
"""Behind the name of a PC whose file is a copy of another's."""


@dataclass(frozen=True)
class Schedule:
    """A day."""

    carts: int
    benches: int
    docks: int
    events: tuple[Event, ...]
    words: str = ""
    """What it shows."""
    finish: bool = True
    """Whether the work that is left is done in the end, so that every walk is seen through to the van."""
    found_by: dict[str, int] = field(default_factory=dict)
    """The seed it was drawn from."""
    labels: int = 0
    """Label numbers that a bench is given at a time; 0 for as many as anywhere."""
    desks: int = 0
    """Only where somebody wrote the day: the office decides at any station, and at a desk nobody picks or packs."""

    @property
    def stations(self) -> tuple[str, ...]:
        """Return the names of the stations."""
        kinds = (("cart", self.carts), ("bench", self.benches), ("dock", self.docks), ("desk", self.desks))
        return tuple(f"{kind}-{n}" for kind, count in kinds for n in range(1, count + 1))

    def to_text(self) -> str:
        """Return it as JSON, an event a line."""
        names = ("words", "carts", "benches", "docks", "desks", "finish", "found_by", "labels")
        head = {name: getattr(self, name) for name in names}
        lines = ",\n  ".join(json.dumps(each) for each in self.events)
        return json.dumps(head)[:-1] + ', "events": [\n  ' + lines + "\n]}\n"


def read(path: Path) -> Schedule:
    """Return a schedule that was kept."""
    told = json.loads(path.read_text(encoding="utf-8"))
    events = tuple(tuple(each) for each in told.pop("events"))
    return Schedule(events=events, **told)


def draw(seed: int, steps: int, faults: str = "") -> Schedule:
    """Return the schedule of a seed, with faults of a kind; of any where none is named."""
    chance = Random(seed)
    carts, benches = chance.choice(((1, 1), (2, 1), (2, 2), (3, 2)))
    any_kind = chance.choices(list(FAULTS), [often for often, _ in FAULTS.values()])[0]
    docks = 1 if chance.random() < 0.7 else 2
    more = FAULTS[faults or any_kind][1]
    if faults == GOODS:
        # With the faults of any other kind: goods come and are carried about whatever else happens.
        more = FAULTS[any_kind][1] | more
    if "copy" in more:
        # Whoever works at a cart's copy takes the third cart.
        carts = min(carts, 2)
    if faults == GOODS:
        # Two of those that open what comes in at the door.
        benches = max(benches, 2)
    schedule = Schedule(
        carts=carts, benches=benches, docks=docks, events=(), found_by={"seed": seed}, labels=chance.choice((0, 6)),
    )  # fmt: skip
    names = schedule.stations
    if "copy" in more:
        names += tuple(f"{each}{COPY}" for each in names)
    drawer = Drawer(chance, names, schedule.stations, _WEIGHTS | more)
    before = drawer.before_goods() if faults == GOODS else []
    events = [*before, *drawer.opening(), *(drawer.event() for _ in range(steps))]
    return replace(schedule, events=tuple(events))


@dataclass
class Drawer:
    """Draws events."""

    chance: Random
    names: tuple[str, ...]
    """Of the PCs, copies among them."""
    stations: tuple[str, ...]
    weights: Mapping[str, float]

    def opening(self) -> list[Event]:
        """Return what a day begins with: goods, orders, work for everybody."""
        goods: list[Event] = [("goods", n, n, 12) for n in range(len(PLACES))]
        orders = [self._order() for _ in range(self.chance.randint(4, 9))]
        return [*goods, *orders, ("plan", self.chance.randint(1, 4)), *(("round", each) for each in self.stations * 2)]

    def before_goods(self) -> list[Event]:
        """Return what comes before a day of goods: a van has left, and deliveries are announced."""
        goods: list[Event] = [("goods", n, n, 9) for n in range(len(PLACES))]
        orders = [self._order() for _ in range(4)]
        rounds: list[Event] = [("round", each) for each in self.stations * 2]
        work: list[Event] = [("quiet", n) for n in range(4)]
        dock = next(each for each in self.stations if each.startswith("dock"))
        leave: list[Event] = [("act", dock, 97), ("act", dock, 97), ("back", 0), ("back", 0)]
        return [*goods, *orders, ("plan", 4), *rounds, *work, *leave, *(self._announced() for _ in range(2))]

    def _announced(self) -> Event:
        count = self.chance.randint(1, 3)
        lines = [[sku, self.chance.randint(2, 9)] for sku in self.chance.sample(range(4), count)]
        more = self.chance.choice((0, 0, 0, 2, -1))
        return ("announce", self._office(), self.chance.randrange(6), lines, more)

    def event(self) -> Event:
        """Return any event, those that get work done more often."""
        name = self.chance.choices(list(self.weights), list(self.weights.values()))[0]
        station = self.chance.choice(self.names)
        match name:
            case "order":
                return self._order()
            case "goods":
                return ("goods", self.chance.randrange(4), self.chance.randrange(4), self.chance.randint(1, 9))
            case "plan":
                return ("plan", self.chance.randint(1, 4))
            case "act":
                return ("act", station, self.chance.randrange(100))
            case "work":
                return ("work", station, self.chance.randint(2, 9), self.chance.randrange(100))
            case "sync":
                engine = self.chance.choice(("push", "push", "pull", "pull", "pull", "fetch", "lease"))
                fate = self.chance.choice(FATES) if self.chance.random() < 0.4 else ""
                return ("sync", station, engine, self.chance.randint(1, 7), fate)
            case "cut":
                return ("cut", station, self.chance.choice(("before", "after", "second")))
            case "skew":
                return ("skew", station, self.chance.choice((-1, 1)) * self.chance.choice((5_000, 86_400_000, 10**11)))
            case "older" | "mistake":
                return (name, self.chance.randrange(6))
            case "change":
                wanted = self.chance.choice((0, 1, 1, 2, 4))
                return ("change", self._office(), self.chance.randrange(20), self.chance.randrange(3), wanted)
            case "call_off":
                return ("call_off", self._opens(), self.chance.randrange(20))
            case "address":
                return ("address", self._office(), self.chance.randrange(20))
            case "late" | "cancel" | "recall" | "hold" | "let_go" | "go_on":
                return (name, self.chance.randrange(20))
            case "quiet":
                return ("quiet", self.chance.randrange(96))
            case "lose" | "astray":
                return (name, self.chance.randrange(20))
            case "mind" | "park":
                return (name, station, self.chance.randrange(96))
            case "count":
                return ("count", station, self.chance.randrange(4), self.chance.randrange(4))
            case "vanish" | "mislay":
                return (name, self.chance.randrange(4), self.chance.randrange(4))
            case "wait":
                return ("wait", self.chance.choice((1_000, 60_000, 3_600_000)))
            case "restore" | "restore_again":
                return (name, self.chance.randrange(5), int(self.chance.random() < 0.3))
            case "restore_whole":
                return (name, self.chance.randrange(5), self.chance.choice(self.stations))
            case "walk":
                return ("walk", self.chance.choice((1, 3, 20)))
            case "elsewhere":
                return ("elsewhere", station, self.chance.randrange(4))
            case "copy" | "save" | "dead":
                return (name, self.chance.choice(self.stations))
            case "lost":
                return ("lost", self.chance.choice(self.stations), int(self.chance.random() < 0.5))
            case "badge":
                return ("badge", station, self.chance.choice(self.names))
            case "zones":
                return ("zones", self.chance.choice(self.stations), self.chance.randrange(4))
            case "rollback":
                return ("rollback", station, self.chance.randrange(5))
            case "move":
                places = [self.chance.randrange(5) for _ in range(2)]
                return ("move", station, places[0], self.chance.randrange(4), places[1], self.chance.choice((2, 5, 99)))
            case "carry":
                return ("carry", station, self.chance.randrange(20), self.chance.randrange(5))
            case "announce":
                return self._announced()
            case "unpack":
                units, place = self.chance.choice((1, 3, 99)), self.chance.randrange(5)
                return ("unpack", self._opens(), self.chance.randrange(5), self.chance.randrange(3), units, place)
            case "finish":
                return ("finish", self._opens(), self.chance.randrange(5))
            case "leave":
                return ("act", self.chance.choice([each for each in self.stations if each.startswith("dock")]), 97)
            case "back":
                return ("back", self.chance.randrange(20))
            case "receive":
                which, place = self.chance.randrange(20), self.chance.randrange(2)
                return ("receive", self._opens(), which, place, self.chance.choice((0, 0, 1, 1, 2)))
            case "unbook":
                return ("unbook", self._opens())
            case "note" | "photo" | "look":
                return (name, station, self.chance.randrange(20))
            case "bring":
                fate = self.chance.choice(FATES) if self.chance.random() < 0.4 else ""
                return ("sync", station, "carry", self.chance.randint(1, 7), fate)
            case "settle":
                return ("settle", station, self.chance.randrange(96))
            case "backup" | "hub_cut" | "hub_cut_later" | "hub_restart" | "learn":
                return (name,)
            case _:
                return (name, station)

    def _opens(self) -> str:
        # Whoever has no door to the yard is sent there all the same now and then, and turned away.
        return self.chance.choice([each for each in self.names if not each.startswith("cart")])

    def _office(self) -> str:
        # Nobody types an address at a cart: none of them knows any.
        here = [each for each in self.stations if not each.startswith("cart")]
        return HUB if self.chance.random() < 0.6 else self.chance.choice(here)

    def _order(self) -> Event:
        lines = [[self.chance.randrange(4), self.chance.randint(1, 3)] for _ in range(self.chance.choice((1, 1, 2, 3)))]
        return ("order", lines, int(self.chance.random() < 0.3))


_WEIGHTS = {
    "order": 5, "goods": 1, "plan": 4, "act": 20, "work": 16, "round": 14, "sync": 22, "drop": 3, "offline": 3,
    "online": 4, "cut": 4, "off": 2, "on": 4, "skew": 1, "wait": 2, "late": 4, "hub_cut": 2, "hub_cut_later": 1, "hub_restart": 1, "mistake": 0.2,
    "older": 1, "learn": 2, "cancel": 2, "recall": 2, "vanish": 1, "check": 2, "quiet": 5, "undo": 2, "hold": 1, "let_go": 1,
    "mislay": 0.5, "badge": 0.5, "change": 1.5, "address": 1, "go_on": 2, "again": 1.5,
    "elsewhere": 3, "zones": 0.7, "mind": 4, "count": 1, "park": 0.5, "lose": 0.5, "astray": 0.3,
}  # fmt: skip

_BACK: dict[str, float] = {"backup": 3, "restore": 1.5, "restore_again": 0.4, "restore_whole": 1}
_OLD: dict[str, float] = {"save": 6, "rollback": 2, "walk": 2}
_COPIES: dict[str, float] = {"copy": 1.5, "walk": 2}
_LOST: dict[str, float] = {"lost": 1, "dead": 0.3, "walk": 3}
_GOODS: dict[str, float] = {
    "move": 14, "carry": 4, "announce": 3, "unpack": 16, "unbook": 2, "finish": 0.7, "leave": 4, "back": 4, "receive": 10,
    "note": 2, "settle": 8, "photo": 4, "look": 3, "bring": 5, "call_off": 1.5,
}  # fmt: skip
GOODS = "goods"
"""The kind of day on which goods come in, come back and are carried elsewhere."""
FAULTS: dict[str, tuple[float, dict[str, float]]] = {
    "floor": (35, {}), "restore": (17, _BACK), "rollback": (12, _OLD), "copy": (10, _COPIES), "lost": (10, _LOST),
    "twice": (8, _BACK | _OLD), "all": (8, _BACK | _OLD | _COPIES | _LOST),
    GOODS: (0, _GOODS),
}  # fmt: skip
"""How often, and what else happens on days on which the hub or a file goes back in time, is copied, or is lost.

Days of goods are drawn only where they are named: other seeds are the days that they were.
"""

__all__ = ["CARRIERS", "COPY", "FAULTS", "GOODS", "HUB", "PLACES", "SKUS", "Event", "Schedule", "draw", "read"]
