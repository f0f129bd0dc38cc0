"""A day as it goes: event after event, then the network is whole again, everybody finishes, and everything is looked at."""

import gc
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from unittest.mock import patch

from core.kernel.comparing import mended
from core.rights.queries import LISTENS_MS
from core.waves import leases
from sync.hub import applying, receiving
from tests.simulation.dst import arrivals, losses, outside, shown
from tests.simulation.dst.books import Books
from tests.simulation.dst.changes import Changes
from tests.simulation.dst.errands import Errands
from tests.simulation.dst.floor import Floor
from tests.simulation.dst.goods import Wrong
from tests.simulation.dst.office import Office
from tests.simulation.dst.plan import COPY, Event, Schedule
from tests.simulation.dst.setbacks import Setbacks
from tests.simulation.dst.site import Site, Templates

UNKNOWN = (
    "picking.pick",
    "picking.start_batch",
    "packing.close",
    "picking.short",
    "shipping.load",
    "packing.apply_label",
)
BY_HAND = ("act", "work", "mind", "park", "count")
"""What is counted by what came of it."""
ROUNDS_MAX = 10
"""Rounds after which everybody agrees once nothing is in the way."""
SECONDS_A_STOP = 600
"""A stop takes so long that an hour's work is a few walks, and several carts share a day's orders."""
CASES_MOST = 40
"""Cases that somebody looks at in a turn."""
GO_ON_MOST = 4
"""Orders that the office lets go on in a turn."""
TURNS_MAX = 60
"""Turns after which all work is done."""


@dataclass
class Result:
    """What came of a day."""

    wrong: list[str] = field(default_factory=list)
    """What must not be; empty for a good day."""
    trace: list[str] = field(default_factory=list)
    digest: str = ""
    """Over the trace and every row of every database at its end; empty where nobody asked."""
    done: dict[str, int] = field(default_factory=dict)
    """How often what was done."""


class Day:
    """Runs a schedule."""

    def __init__(self, site: Site, schedule: Schedule) -> None:
        """Begin in a site in which nothing has happened."""
        self.site = site
        self.schedule = schedule
        self.result = Result()
        self.office = Office(site)
        self.floor = Floor(site)
        self._events: dict[str, Callable[..., str]] = {
            name.removeprefix("on_"): getattr(part, name)
            for part in (
                self,
                self.office,
                self.floor,
                Changes(site, self.floor.by_hand, self.office.at_the_hub),
                Errands(site, self.floor.by_hand, self.office.at_the_hub),
                Setbacks(site, self._books, self._by_name),
            )
            for name in dir(part)
            if name.startswith("on_")
        }

    def _by_name(self, name: str, *rest: object) -> str:
        """Let an event happen by its name; a method, since a day is put away with all it holds (`asleep`)."""
        return self._events[name](*rest)

    def run(self) -> Result:
        """Run it to its end, or to the first thing that must not be."""
        try:
            for event in self.schedule.events:
                self.happen(event)
            self.heal()
            if self.schedule.finish:
                self.finish()
            self.before_the_count()
            self.count()
            self.compare()
            with self._books() as books:
                forgotten = self.site.hall.forgotten or bool(self.site.hub.mistakes)
                self.result.wrong += outside.at_the_end(
                    books, self.site.hall, forgotten=forgotten, finished=self.schedule.finish
                )
                self.result.wrong += [] if forgotten else arrivals.all_of_it(books, self.site.yard)
                albums = {name: each.album for name, each in self.site.machines.items()}
                self.result.wrong += shown.photos_are_where_they_are_looked_for(books, albums)
        except Wrong as e:
            self.result.wrong.append(f"hall: {e}")
        except Exception as e:  # noqa: BLE001  whatever the program under test raises is what was looked for
            where = traceback.extract_tb(e.__traceback__)[-1]
            self.result.wrong.append(f"{type(e).__name__}: {e} ({where.name}, line {where.lineno})")
        return self.result

    def before_the_count(self) -> None:
        """See that no unit was doubled or lost by who carried it; where two carried the same, it is counted then where it lies.

        Raises:
            Wrong: some are.
        """
        hall = self.site.hall
        if hall.apart and not (hall.forgotten or self.site.hub.mistakes or hall.away):
            with self._books() as books:
                found = list(arrivals.units_are_somewhere_once(books.central(), self.site.yard))
            if found:
                raise Wrong(found[0])
        hall.doubtful |= hall.apart

    def digest(self) -> str:
        """Return the hash of all that happened and of every row of every database."""
        with self._books() as books:
            text = "\n".join((*self.result.trace, *outside.everything(books)))
        return sha256(text.encode()).hexdigest()

    def happen(self, event: Event) -> None:
        """Let one event happen; an hour that is not known any more passes."""
        name, *arguments = event
        self.site.time.at += 500
        happened = self._events[str(name)](*arguments)
        # What the hub could not apply is taken back at its station, which is sent for the same again.
        self.site.hall.sent_again |= bool(self.site.hub.mistakes)
        self.result.trace.append(f"{event} {happened}")
        kind = happened.partition(" ")[0] if name in BY_HAND else str(name)
        self.result.done[kind] = self.result.done.get(kind, 0) + 1

    def compare(self) -> None:
        """Let every station hold its rows against the hub's.

        Raises:
            Wrong: something differed although nobody changed it behind the program's back.
        """
        for name, machine in self.site.machines.items():
            for _ in range(2 if machine.on else 0):
                machine.step("compare", 400, self.site.line)
            found = mended(machine.bench.executor.connection) if machine.on else ()
            if found and name not in self.site.hall.rotten:
                raise Wrong(f"{name} differs from the hub: {found}")

    def _books(self) -> Books:
        """Return all databases but those of machines that burnt, or that are to stand still until a person has looked."""
        machines = self.site.machines.items()
        files = {name: str(each.file) for name, each in machines if not each.dead and not each.stopped}
        return Books(self.site.hub.storage.address, files)

    def on_quiet(self, choice: int) -> str:
        """Let a quarter of an hour pass in which all goes well."""
        said = [self.floor.on_work(name, 4, choice) for name in self.site.machines]
        said += [self.on_round(name) for name in self.site.machines]
        return str(said)

    # Stations and wire

    def on_round(self, name: str) -> str:
        machine = self.floor.running(name)
        if machine is None:
            return "dark"
        with self.floor.plug(machine) as said:
            return machine.finish(self.site.line)
        return said[0]

    def on_sync(self, name: str, engine: str, effects: int, fate: str) -> str:
        machine = self.floor.running(name)
        if machine is None:
            return "dark"
        self.site.line.fate = fate
        with self.floor.plug(machine) as said:
            said.append(machine.step(engine, effects, self.site.line))
        self.site.line.fate = ""
        return said[0]

    def on_drop(self, name: str) -> str:
        machine = self.floor.running(name)
        for engine in list(machine.running) if machine is not None else ():
            machine.drop(engine)  # type: ignore[union-attr]
        return ""

    def on_offline(self, name: str) -> str:
        return self._set(name, online=False)

    def on_online(self, name: str) -> str:
        return self._set(name, online=True)

    def on_cut(self, name: str, when: str) -> str:
        return self._set(name, cut=when)

    def _set(self, name: str, **values: object) -> str:
        machine = self.site.machines.get(name)
        for each, value in values.items() if machine is not None else ():
            setattr(machine, each, value)
        return ""

    def on_off(self, name: str) -> str:
        machine = self.floor.running(name)
        if machine is not None:
            machine.stop()
        return ""

    def on_on(self, name: str) -> str:
        machine = self.site.machines.get(name)
        if machine is not None and not machine.on and not machine.dead:
            machine.start()
        return ""

    def on_skew(self, name: str, ms: int) -> str:
        if name in self.site.machines:
            self.site.machines[name].clock.wrong_ms = ms
        return ""

    def on_wait(self, ms: int) -> str:
        self.site.time.at += ms
        return ""

    def on_late(self, which: int) -> str:
        return self.site.line.deliver(which)

    # The hub

    def on_hub_cut(self) -> str:
        self.site.hub.dies = True
        return ""

    def on_hub_cut_later(self) -> str:
        self.site.hub.dies_later = True
        return ""

    def on_mistake(self, which: int) -> str:
        self.site.hub.mistaken = UNKNOWN[which % len(UNKNOWN)]
        return self.site.hub.mistaken

    def on_hub_restart(self) -> str:
        self.site.hub.restart()
        return ""

    def on_older(self, which: int) -> str:
        self.site.hub.unknown = UNKNOWN[which % len(UNKNOWN)]
        return self.site.hub.unknown

    def on_learn(self) -> str:
        self.site.hub.dies = self.site.hub.dies_later = False
        return str(self.site.hub.learn(self.site.time.at))

    # What was, is again

    def on_save(self, name: str) -> str:
        machine = self.site.machines[name]
        machine.saved.append(machine.keep("saved"))
        return ""

    def on_rollback(self, name: str, which: int) -> str:
        """Let a station's file be an older one of its own."""
        machine, hall = self.site.machines.get(name), self.site.hall
        if machine is None or machine.dead or not machine.saved:
            return "nothing saved"
        if machine.on:
            # Nobody puts a copy back within the seconds after which the witness looks again.
            machine.step("witness", 9, self.site.line)
            machine.stop()
        machine.file = machine.saved[which % len(machine.saved)]
        machine.saved[which % len(machine.saved)] = machine.keep("saved")
        self.site.players[name].unheard = self.site.lead(name).unheard = self.site.clerk(name).unheard = None
        hall.forgotten = hall.rolled_back = True
        hall.remembered.clear()
        machine.start()
        return ""

    # What is lost or copied

    def on_copy(self, name: str) -> str:
        """Let another PC work with a copy of a station's file, while the station goes on."""
        if self.floor.running(name) is None or f"{name}{COPY}" in self.site.machines:
            return "not copied"
        return self.site.copy(name).name

    def on_dead(self, name: str) -> str:
        self.site.machines[name].die()
        return ""

    def on_lost(self, name: str, dead: int) -> str:
        """Let the office give a station up; it burnt, or it lives all the same."""
        if dead:
            self.on_dead(name)
        return losses.give_up(self.site, name)

    def on_walk(self, most: int) -> str:
        return losses.walk(self.site, most)

    # Looking

    def on_check(self, name: str) -> str:
        """See that a station shows what the hub said up to where it listened, under its own work."""
        with self._books() as books:
            if name not in books.stations:
                return "dark"
            wrong = outside.while_it_goes(books, name, forgot=self.site.hall.put_back_whole)
        if wrong:
            raise Wrong("; ".join(wrong[:3]))
        return ""

    # The end

    def heal(self) -> None:
        """Let the wire be whole, everybody be there, and everyone agree within some rounds."""
        site = self.site
        site.hub.dies = site.hub.dies_later = False
        site.time.at += LISTENS_MS
        for name, machine in site.machines.items():
            machine.online, machine.cut = True, ""
            self.on_on(name)
            if machine.dead and losses.is_up(site, name):
                losses.give_up(site, name)
        while self.office.on_let_go(0) != "nothing is on hold":
            pass
        while site.line.late:
            site.line.deliver(0)
        self.on_learn()
        if site.hall.copied:
            self._look_at_copies()
        site.hall.turn_up()
        self.agree()

    def _look_at_copies(self) -> None:
        """Let everybody be heard; where two files of one station were stopped, the copy is switched off for good.

        The other one begins anew: that is what its screen tells a person to do.
        """
        for name in 3 * tuple(self.site.machines):
            self.on_round(name)
        for name in losses.stopped(self.site):
            original = name.removesuffix(COPY)
            for each in (self.site.machines[original], self.site.machines.get(f"{original}{COPY}")):
                if each is not None and each.name == original and each.on:
                    each.stop()
                    each.start()
                elif each is not None and each.name != original:
                    each.die()

    def agree(self) -> None:
        """Let every station go rounds until nothing waits to be sent, heard or settled.

        Raises:
            Wrong: something still does after as many as are enough.
        """
        names, waiting = list(self.site.machines), self._waiting()
        for _ in range(ROUNDS_MAX):
            said = [f"{name} {self.on_round(name)}" for name in names]
            walked = losses.walk(self.site, 99)
            self.result.trace.append(f"round {said} {walked}")
            waiting = self._waiting()
            if not waiting and not walked:
                return
            # Whoever has heard and said everything has nothing to do until others have something to say.
            names = [name for name in self.site.machines if walked or waiting.get(name) or "hub" in waiting]
        raise Wrong(f"after {ROUNDS_MAX} rounds there still waits: {waiting}")

    def _waiting(self) -> dict[str, list[str]]:
        with self._books() as books:
            return outside.waiting(books)

    def finish(self) -> None:
        """Let all work be done.

        Raises:
            Wrong: there is no end of it.
        """
        for turn in range(TURNS_MAX):
            self.office.on_plan(4)
            self.agree()
            went_on = [self._events["go_on"](n) for n in range(GO_ON_MOST if self.site.hall.changed else 0)]
            # A refusal is told by the feed as well.
            if not {"goes on", "waits for goods or labels"}.isdisjoint(went_on):
                self.agree()
            done = [word for name in self.site.machines for word in self._keep_on(name, turn)]
            done += self._mind(turn)
            self.result.trace.append(f"finish {done}")
            if not done and not self._ask_again():
                self._nothing_is_left()
                return
        raise Wrong("there is no end of the work")

    def _mind(self, turn: int) -> list[str]:
        """Let somebody settle what waits, at the first station that goes; return what was done."""
        name = next((name for name in self.site.machines if self.floor.running(name)), None)
        said: list[str] = []
        for n in range(CASES_MOST if name is not None else 0):
            said.append(self.floor.on_mind(name, turn + 7 * n))  # type: ignore[arg-type]
            if said[-1] == "no case waits":
                break
        return [each for each in said if was_done(each)]

    def count(self) -> None:
        """Let somebody count, in peace, where a count is asked for and where one was made of which nobody can say whether it is right.

        Raises:
            Wrong: there is no end of it.
        """
        for _ in range(ROUNDS_MAX):
            if self._ask_again():
                self.agree()
            self.site.forget_what_burnt()
            name = next((name for name in self.site.machines if self.floor.running(name)), None)
            lead = None if name is None else self.site.lead(name)
            asked = [] if lead is None else lead.asked()
            doubtful = sorted(self.site.hall.doubtful)
            if lead is None or not (asked or doubtful):
                return
            said = [lead.answer(each) for each in asked] + [lead.count(*each) for each in doubtful]
            self.result.trace.append(f"count {said}")
            self.office.let_go_kept()
            self.agree()
        raise Wrong("there is no end of the counting")

    def _ask_again(self) -> bool:
        """Let everybody whose station went dark hear what became of what he said, and do it with his hands; return whether any did."""
        asked = False
        for people, act in (
            (self.site.players, self.floor.on_act),
            (self.site.leads, self.floor.on_mind),
            (self.site.clerks, self._events["settle"]),
        ):
            for name, each in people.items():
                # Of what was said to a machine that burnt since, or that was switched off for good, nobody hears.
                if each.unheard is not None and self.floor.running(name) is not None:
                    act(name, 0)
                    asked = True
        return asked

    def _nothing_is_left(self) -> None:
        """See that no goods stand about that nobody may touch, wherever they are."""
        hall = self.site.hall
        left = [*hall.standing(), *(box.label for box in (*hall.waiting(), *hall.aside()) if +box.units)]
        if left and not (hall.forgotten or self.site.hub.mistakes):
            raise Wrong(f"{left} stand about, and nobody may touch them")

    def _keep_on(self, name: str, turn: int) -> list[str]:
        """Let somebody do what there is to do; return it."""
        done: list[str] = []
        idle = 0
        for choice in range(turn * 7 + 1, turn * 7 + 60):
            said = self.floor.on_act(name, choice % 96)
            if was_done(said):
                done.append(said)
                idle = 0
            else:
                idle += 1
            if idle > max(3, len(self.site.hall.at_the_benches(name))):
                break
        return done


def was_done(said: str) -> bool:
    """Return whether what somebody says means that something was written."""
    word, _, refused = said.removeprefix("again: ").partition(" ")
    return "." in word and not refused.startswith("refused")


@contextmanager
def no_collection() -> Iterator[None]:
    """Leave what a day leaves behind until it is over: looking for it again and again is a quarter of the day's time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def run(templates: Templates, schedule: Schedule, *, digest: bool = False) -> Result:
    """Run a schedule in a site of its own; with the digest where it is to be held against another run's."""
    with (
        no_collection(),
        templates.site(schedule) as site,
        patch.object(receiving, "is_known", site.hub.knows),
        patch.object(applying, "_one", site.hub.apply_one),
        patch.object(leases, "SECONDS_A_STOP", SECONDS_A_STOP),
    ):
        day = Day(site, schedule)
        result = day.run()
        if digest:
            result.digest = day.digest()
        return result
