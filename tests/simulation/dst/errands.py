"""What happens beside orders on a day: goods are announced and come, are carried elsewhere, boxes come back, people write notes."""

from collections import Counter
from collections.abc import Callable

from tests.simulation.dst.clerk import WHERE_BOXES_STAND, announcement
from tests.simulation.dst.plan import HUB, PLACES, SKUS
from tests.simulation.dst.settling import Settler
from tests.simulation.dst.site import Site

SHELVES = (*PLACES, "IN-1")
"""Where goods are laid and carried to."""


class Errands:
    """The events of goods and boxes that come, and of whatever is carried elsewhere."""

    def __init__(
        self, site: Site, by_hand: Callable[[str, Callable[[], str]], str], at_the_hub: Callable[..., bool]
    ) -> None:
        """Act in a site; whatever is done at a station is done by hand, and the hub may die over what is done there."""
        self.site, self._by_hand, self._at_the_hub = site, by_hand, at_the_hub

    def _do(self, name: str, do: Callable[[Settler], str]) -> str:
        if name not in self.site.machines:
            return "no such station"
        return self._by_hand(name, lambda: do(self.site.clerk(name)))

    def on_move(self, name: str, source: int, which: int, target: int, most: int) -> str:
        """Let somebody carry goods from one place to another."""
        return self._do(name, lambda clerk: clerk.move(SHELVES[source], which, SHELVES[target], most))

    def on_carry(self, name: str, which: int, place: int) -> str:
        """Let somebody carry a tote elsewhere."""
        return self._do(name, lambda clerk: clerk.carry(which, SHELVES[place]))

    def on_announce(self, where: str, which: int, lines: list[list[int]], more: int) -> str:
        """Let somebody read in what is to come, as it was read in before or anew, at the hub or at a station.

        Args:
            where: does he.
            which: delivery.
            lines: what of each it says; the first time also what comes.
            more: so many more units of the first line come than it says; fewer below 0.
        """
        yard, number = self.site.yard, f"D-{which}"
        units = Counter({SKUS[sku]: count for sku, count in lines})
        if number not in yard.announced:
            yard.announced[number] = units
            first = SKUS[lines[0][0]]
            yard.pallets[number] = units + Counter({first: max(more, 1 - units[first])})
        elif more >= 0:
            # Another reads in the same file.
            units = yard.announced[number]
        if where == HUB:
            office = self.site.hub.office
            return str(self._at_the_hub(lambda: office.it.run(announcement(office.it.base(), number, units)))) + number
        return self._do(where, lambda clerk: clerk.announce(number, units))

    def on_unpack(self, name: str, which: int, line: int, most: int, place: int) -> str:
        """Let somebody lay goods of a delivery down and book them."""
        return self._do(name, lambda clerk: clerk.unpack(which, line, most, SHELVES[place]))

    def on_unbook(self, name: str) -> str:
        """Let somebody take back what he booked last."""
        return self._do(name, lambda clerk: clerk.undo())

    def on_finish(self, name: str, which: int) -> str:
        """Let somebody say that no more of a delivery comes."""
        return self._do(name, lambda clerk: clerk.finish(which))

    def on_back(self, which: int) -> str:
        """Let a van bring a box back."""
        gone = [box for box in self.site.hall.boxes if box.place == "away"]
        gone = [box for box in gone if all(box is not each for each in self.site.yard.back)]
        if not gone:
            return "nothing has left"
        box = gone[which % len(gone)]
        self.site.yard.back.append(box)
        return box.label

    def on_receive(self, name: str, which: int, place: int, how: int) -> str:
        """Let somebody receive a box that came back."""
        return self._do(name, lambda clerk: clerk.receive(which, WHERE_BOXES_STAND[place], how))

    def on_note(self, name: str, which: int) -> str:
        """Let somebody write about an order."""
        numbers = list(self.site.hall.wanted)
        if not numbers:
            return "no order"
        return self._do(name, lambda clerk: clerk.note(numbers[which % len(numbers)]))

    def on_photo(self, name: str, which: int) -> str:
        """Let somebody show something of an order."""
        numbers = list(self.site.hall.wanted)
        if not numbers:
            return "no order"
        return self._do(name, lambda clerk: clerk.photograph(numbers[which % len(numbers)]))

    def on_look(self, name: str, which: int) -> str:
        """Let somebody look at what was shown."""
        return self._do(name, lambda clerk: clerk.look(which))

    def on_settle(self, name: str, choice: int) -> str:
        """Let somebody settle a case of all that."""
        return self._do(name, lambda clerk: clerk.act(choice))


__all__ = ["SHELVES", "Errands"]
