"""What happens on the floor on a day: people do the next thing, take back the last, lose goods, count, and mind what waits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.rights.model import LOADING
from tests.simulation.dst import losses
from tests.simulation.dst.changes import note_heard
from tests.simulation.dst.machine import Machine, PowerCut
from tests.simulation.dst.packer import Packer
from tests.simulation.dst.plan import PLACES, SKUS
from tests.simulation.dst.site import Site


class Floor:
    """The floor's events."""

    def __init__(self, site: Site) -> None:
        """Begin where nothing has happened."""
        self.site = site

    def running(self, name: str) -> Machine | None:
        """Return a machine that is there and on."""
        machine = self.site.machines.get(name)
        return machine if machine is not None and machine.on else None

    @contextmanager
    def plug(self, machine: Machine) -> Iterator[list[str]]:
        """Let the plug of a machine be pulled where that is due; it is switched on again."""
        said: list[str] = []
        try:
            yield said
        except PowerCut:
            machine.pull_the_plug()
            machine.start()
            said.append("power cut")

    def on_act(self, name: str, choice: int) -> str:
        return self.by_hand(name, lambda: self.site.players[name].act(choice))

    def on_undo(self, name: str) -> str:
        return self.by_hand(name, self.site.players[name].undo if name in self.site.players else str)

    def on_elsewhere(self, name: str, place: int) -> str:
        """Let a picker take at another place what he is sent for."""
        return self.by_hand(name, lambda: self.site.players[name].elsewhere(PLACES[place]))

    def on_park(self, name: str, choice: int) -> str:
        """Let a packer put an order aside that he cannot make out."""
        return self.by_hand(name, lambda: self._park(name, choice))

    def _park(self, name: str, choice: int) -> str:
        player = self.site.players[name]
        return player.park(choice) if isinstance(player, Packer) else "does not pack"

    def on_again(self, name: str) -> str:
        """Let a packer have others picked the next time that units are not there."""
        player = self.site.players.get(name)
        if not isinstance(player, Packer):
            return "does not pack"
        player.again = True
        return ""

    def on_mind(self, name: str, choice: int) -> str:
        """Let somebody settle a case that waits, at a station."""
        return self.by_hand(name, lambda: self.site.lead(name).act(choice))

    def on_count(self, name: str, sku: int, place: int) -> str:
        """Let somebody count a shelf, at a station, with what that knows."""
        return self.by_hand(name, lambda: self.site.lead(name).count(PLACES[place], SKUS[sku]))

    def by_hand(self, name: str, do: Callable[[], str]) -> str:
        machine = self.running(name)
        if machine is None:
            return "dark"
        if machine.kind in LOADING:
            losses.note_final(self.site)
            note_heard(self.site, machine)
        if self.site.yard.carried:
            self.site.note_overtaken(machine)
        with self.plug(machine) as said:
            return do()
        return said[0]

    def on_work(self, name: str, times: int, choice: int) -> str:
        return "; ".join(self.on_act(name, (choice + 13 * n) % 96) for n in range(times))

    def on_badge(self, name: str, other: str) -> str:
        """Let who is at one station work at another as well."""
        players = self.site.players
        if name in players and other in players:
            players[other].person = players[name].person
        return ""

    def on_rot(self, name: str, sku: str) -> str:
        """Let the disk of a station say something else of an item than was written."""
        machine = self.running(name)
        if machine is None:
            return "dark"
        words = "UPDATE item SET description = 'rotten' WHERE sku = ?"
        with machine.bench.executor.connection.begin():
            machine.bench.executor.connection.exec_driver_sql(words, (sku,))
        self.site.hall.rotten.add(name)
        return sku

    def on_vanish(self, sku: int, place: int) -> str:
        return str(self.site.hall.vanish(PLACES[place], SKUS[sku]))

    def on_mislay(self, one: int, other: int) -> str:
        return str(self.site.hall.mislay(one, other))

    def on_lose(self, which: int) -> str:
        return self.site.hall.lose(which)

    def on_astray(self, which: int) -> str:
        return self.site.hall.astray(which)


__all__ = ["Floor"]
