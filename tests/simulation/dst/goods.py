"""The hall as somebody sees it who looks at no screen: goods exist once, and lie where they were put last."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Box:
    """A carton with what is in it."""

    parcel: bytes
    order: str
    units: Counter[str]
    label: str = ""
    """What its label says; empty before it has one."""
    code: str = ""
    """What the square code on its label says, where there is one."""
    place: str = "bench"
    """bench, van, or away with a van that left."""
    street: str = ""
    """Where its label sends it."""


@dataclass(frozen=True)
class Wish:
    """What people want of an order since it was changed, or from the first."""

    operation: bytes
    """By which it was changed; empty for what it said first."""
    units: Counter[str]
    street: str


class Wrong(Exception):
    """Something that must not be seen in the hall."""


@dataclass
class Hall:
    """Shelves, totes, boxes and the van."""

    shelves: dict[str, Counter[str]] = field(default_factory=dict)
    totes: dict[str, Counter[str]] = field(default_factory=dict)
    """What lies in each tote that is not empty."""
    where: dict[str, str] = field(default_factory=dict)
    """On whose cart a tote stands; `benches` once the walk is done."""
    boxes: list[Box] = field(default_factory=list)
    broken: Counter[str] = field(default_factory=Counter)
    wanted: dict[str, Counter[str]] = field(default_factory=dict)
    """What people ordered, by the number on their order."""
    picked: dict[str, Counter[str]] = field(default_factory=dict)
    """What was picked for each order, as the picker's screen said."""
    remembered: set[str] = field(default_factory=set)
    """Orders that somebody still knew of when the hub forgot them."""
    final: set[str] = field(default_factory=set)
    """Orders of which the office was told that they are finally cancelled."""
    stolen: Counter[tuple[str, str]] = field(default_factory=Counter)
    """What vanished from a shelf, so that people come up short there until somebody counts it."""
    given_up: set[str] = field(default_factory=set)
    """Items of orders that the office cancelled: a picker who does not know it yet takes what another is sent for."""
    forgotten: bool = False
    """Whether the hub or a station forgot something, so that books and goods may differ until somebody looks."""
    rolled_back: bool = False
    """Whether a station forgot what it did: its walks wait until somebody has looked for what was on them."""
    copied: bool = False
    """Whether two copies of one file live: both know of the same work, and print the same labels."""
    put_back_whole: bool = False
    """Whether the hub's machine was put back with its witness: it lacks what others heard of it, and does not know that."""
    sent_again: bool = False
    """Whether work was given out again that somebody may have done: goods are picked twice, and must not leave twice."""
    inside: dict[str, Counter[str]] = field(default_factory=dict)
    """For which orders what lies in each tote was picked."""
    verified: set[str] = field(default_factory=set)
    """Totes whose units lie in a carton already of which no screen has said yet that it is closed."""
    tote_count: int = 0
    slips: dict[str, str] = field(default_factory=dict)
    """What the slip in a tote says."""
    rotten: set[str] = field(default_factory=set)
    """Stations whose files say something else than was written."""
    meant: dict[str, str] = field(default_factory=dict)
    """The station that a tote was brought for, where the cart's screen named one."""
    known: int = 59
    """Totes there are."""
    lost: list[tuple[str, str, str]] = field(default_factory=list)
    """Units that fell out of a tote, each with the order it was picked for, until somebody finds them."""
    missed: set[str] = field(default_factory=set)
    """Orders of which a station was told that goods are nowhere: what turns up of them is nobody's."""
    moved: dict[tuple[str, str], list[bytes]] = field(default_factory=dict)
    """The operations by which goods went to a shelf or from it, so that whoever counts there knows what he has not heard of."""
    doubtful: set[tuple[str, str]] = field(default_factory=set)
    """Shelves that were counted while something was done there that the counter's station had not heard of."""
    wishes: dict[str, list[Wish]] = field(default_factory=dict)
    """What was said of each order, one after the other; whether it was taken is for the hub to say."""
    heard: dict[str, Wish] = field(default_factory=dict)
    """Of orders that were changed, what the station has heard at which somebody loads."""
    told: frozenset[str] = frozenset()
    """The labels of the closed boxes that it knows."""
    called_off: dict[bytes, str] = field(default_factory=dict)
    """The cancels that were said at stations, with their orders; whether the hub heard of one is for its feed to say."""
    opened: list[Box] = field(default_factory=list)
    """Boxes that wait to be closed again, by whichever bench knows that they are open."""
    away: Counter[tuple[str, str]] = field(default_factory=Counter)
    """What counts took out of the books: somebody may still be sent for it."""
    overtaken: Counter[tuple[str, str]] = field(default_factory=Counter)
    """What was carried away from under a promise, or unheard of whoever comes to the shelf."""
    apart: set[tuple[str, str]] = field(default_factory=set)
    """Where two carried the same unheard of each other: which of them the books follow, nobody can say here."""

    @staticmethod
    def counted(units: dict[str, int]) -> Counter[str]:
        """Return units by item as they are counted here."""
        return Counter(units)

    def deliver(self, place: str, sku: str, units: int) -> None:
        """Put new goods on a shelf."""
        self.shelves.setdefault(place, Counter())[sku] += units

    def vanish(self, place: str, sku: str) -> bool:
        """Let a unit be gone from a shelf; return whether there was one."""
        there = self.at(place, sku)
        if there:
            self.shelves[place][sku] -= 1
            self.stolen[place, sku] += 1
        return there > 0

    def at(self, place: str, sku: str) -> int:
        """Return how many lie on a shelf."""
        return self.shelves.get(place, Counter())[sku]

    def miss(self, place: str, sku: str, units: int) -> None:
        """See that a shelf has fewer than somebody was sent for.

        Raises:
            Wrong: nobody took them away: they were promised to two people.
        """
        # What was taken back, because the hub could not apply it, lies on its shelf for the books alone.
        if sku in self.given_up or self.forgotten or self.sent_again:
            return
        gone = self.stolen[place, sku] + self.away[place, sku] + self.overtaken[place, sku]
        if gone < units and (place, sku) not in self.doubtful | self.apart:
            raise Wrong(f"{place} has not the {units} {sku} that somebody was sent for: {gone} were stolen")

    def pick(self, place: str, sku: str, units: int, tote: str, cart: str, orders: Counter[str]) -> None:
        """Take units off a shelf and put them into a tote on a cart.

        Raises:
            Wrong: they were promised twice: somebody picks more for an order than it wants.
        """
        self.shelves[place][sku] -= units
        for order, count in orders.items():
            picked = self.picked.setdefault(order, Counter())
            picked[sku] += count
            if picked[sku] > self.wanted[order][sku] and not self.sent_again:
                raise Wrong(f"{picked[sku]} {sku} were picked for {order}, ordered were {self.wanted[order][sku]}")
        assert self.shelves[place][sku] >= 0
        self.totes.setdefault(tote, Counter())[sku] += units
        self.inside.setdefault(tote, Counter()).update(orders)
        if self.where.setdefault(tote, cart) != cart:
            raise Wrong(f"{tote} is on {self.where[tote]}, and {cart} was told to fill it")

    def put_back(self, place: str, sku: str, units: int, tote: str, orders: Counter[str]) -> None:
        """Take units out of a tote again and put them back on their shelf."""
        left = self.totes[tote]
        left[sku] -= units
        assert left[sku] >= 0, (tote, sku)
        self.inside[tote] -= orders
        for order, count in orders.items():
            self.picked[order][sku] -= count
        self.deliver(place, sku, units)
        self._perhaps_empty(tote)

    def note(self, place: str, sku: str, operation: bytes) -> None:
        """Remember by which operation goods went to a shelf or from it."""
        self.moved.setdefault((place, sku), []).append(operation)

    def counted_at(self, place: str, sku: str, gone: int, *, sure: bool) -> None:
        """Let the books know what lies at a shelf.

        Args:
            place: where it was counted.
            sku: what.
            gone: units that had been stolen by then: the books are rid of them.
            sure: whether the counter's station had heard of all that was done there.
        """
        known = min(gone, self.stolen[place, sku])
        self.stolen[place, sku] -= known
        self.away[place, sku] += known
        if sure:
            self.doubtful.discard((place, sku))
        else:
            self.doubtful.add((place, sku))

    def lose(self, which: int) -> str:
        """Let a unit fall out of a tote that holds one order's units; return what."""
        found = [tote for tote in sorted(self.where) if self.where[tote] != "astray" and len(+self.inside[tote]) == 1]
        found = [tote for tote in found if sum(self.totes[tote].values()) > 1 and tote not in self.verified]
        if not found:
            return "nothing to lose"
        tote = found[which % len(found)]
        sku, (order,) = min(+self.totes[tote]), +self.inside[tote]
        self.totes[tote][sku] -= 1
        self.inside[tote][order] -= 1
        self.lost.append((tote, sku, order))
        return f"{sku} of {order}"

    def find(self, order: str, tote: str) -> None:
        """Put what was lost of an order back into its tote, where that is the one it fell out of."""
        for each in [each for each in self.lost if each[0] == tote and each[2] == order]:
            self.lost.remove(each)
            self.totes[tote][each[1]] += 1
            self.inside[tote][order] += 1

    def astray(self, which: int) -> str:
        """Let somebody leave a tote of one order that waits for a bench where nobody looks; return which."""
        found = [t for t in sorted(self.where) if self.where[t] == "benches" and len(+self.inside[t]) == 1]
        if found:
            self.where[found[which % len(found)]] = "astray"
        return found[which % len(found)] if found else "no tote waits"

    def turn_up(self) -> None:
        """Let totes that went astray be brought to the benches, but for those that nobody waits for any more."""
        for tote, place in self.where.items():
            if place == "astray" and self.missed.isdisjoint(+self.inside[tote]):
                self.where[tote] = "benches"

    def take_back(self, box: Box, sku: str, units: int) -> None:
        """Take units out of a box that does not go as it is; an empty one is thrown away, with its label."""
        box.units[sku] -= units
        assert box.units[sku] >= 0, (box.label, sku)
        if +box.units:
            self.open(box)
            return
        self.boxes = [each for each in self.boxes if each is not box]
        self.opened = [each for each in self.opened if each is not box]

    def open(self, box: Box) -> None:
        """Take the label off a box, and carry it to the benches to be closed again."""
        box.label = box.code = box.street = ""
        box.place = "bench"
        if all(each is not box for each in self.opened):
            self.opened.append(box)

    def fetch(self, totes: Iterable[str], cart: str) -> None:
        """Take totes from wherever they stand onto a cart."""
        for tote in totes:
            if tote in self.where:
                self.where[tote] = cart

    def leave(self, names: set[str]) -> None:
        """Let whoever comes next find the totes that stand where nobody works any more."""
        for tote, place in self.where.items():
            if place in names:
                self.where[tote] = "benches"

    def spoil(self, place: str, sku: str, units: int) -> None:
        """Set units of a shelf aside."""
        self.shelves[place][sku] -= units
        self.broken[sku] += units

    def empty_tote(self) -> str:
        """Return a tote that nothing lies in.

        Raises:
            Wrong: something lies in all of them: the site of a measure has too few, or too few people who empty them.
        """
        for _ in range(self.known):
            self.tote_count = self.tote_count % self.known + 1
            name = f"TOTE-{self.tote_count}"
            if name not in self.where:
                return name
        raise Wrong(f"something lies in all {self.known} totes")

    def bring(self, cart: str, meant: str) -> None:
        """Bring a cart's totes to the benches, for the one that is named."""
        for tote, place in self.where.items():
            if place == cart:
                self.where[tote] = "benches"
                self.meant[tote] = meant

    def at_the_benches(self, name: str) -> list[str]:
        """Return totes that wait for any bench, or that this one began to empty."""
        return sorted(tote for tote, place in self.where.items() if place in ("benches", name) and +self.totes[tote])

    def standing(self) -> list[str]:
        """Return totes in which something lies, but for those that nobody finds."""
        return sorted(tote for tote, place in self.where.items() if place != "astray" and +self.totes[tote])

    def mislay(self, one: int, other: int) -> bool:
        """Let the slip of one tote fall into another, in the order in which they are named; return whether there were two."""
        totes = sorted(self.where)
        if len(totes) < 2 or totes[one % len(totes)] not in self.slips:
            return False
        self.slips[totes[other % len(totes)]] = self.slips.pop(totes[one % len(totes)])
        return True

    def pack(self, tote: str, sku: str, units: int, box: Box, at: str) -> None:
        """Put units out of a tote into a box; the tote stays on that bench.

        Raises:
            Wrong: more is packed for an order than it wants.
        """
        left = self.totes[tote]
        self.where[tote] = at
        left[sku] -= units
        assert left[sku] >= 0, (tote, sku)
        box.units[sku] += units
        packed = sum(each.units[sku] for each in self.boxes if each.order == box.order)
        if packed > self.wanted[box.order][sku] and not self.sent_again:
            raise Wrong(f"{packed} {sku} are packed for {box.order}, ordered were {self.wanted[box.order][sku]}")
        self.inside[tote][box.order] -= units
        self._perhaps_empty(tote)

    def _perhaps_empty(self, tote: str) -> None:
        if not +self.totes[tote]:
            for each in (self.totes, self.where, self.inside, self.slips, self.meant):
                each.pop(tote, None)  # type: ignore[attr-defined]

    def box_of(self, parcel: bytes, order: str) -> Box:
        """Return the open box of a parcel; a new one where it has none."""
        for box in self.boxes:
            if box.parcel == parcel and not box.label:
                return box
        self.boxes.append(Box(parcel, order, Counter()))
        return self.boxes[-1]

    def label(self, box: Box, label: str) -> None:
        """Stick a label on a box.

        Raises:
            Wrong: another box has the same one, and no two copies of a file live; or it says no street.
        """
        if not box.street:
            raise Wrong(f"label {label} of {box.order} sends it nowhere")
        if not self.copied and any(each.label == label for each in self.boxes if each is not box):
            raise Wrong(f"label {label} is on two boxes")
        box.label = label
        self.opened = [each for each in self.opened if each is not box]

    @property
    def changed(self) -> bool:
        """Return whether anything was ever wanted otherwise."""
        return any(len(each) > 1 for each in self.wishes.values())

    def waiting(self) -> list[Box]:
        """Return boxes with a label that are not in the van."""
        return [box for box in self.boxes if box.label and box.place == "bench"]

    def aside(self) -> list[Box]:
        """Return boxes that a loader carried away."""
        return [box for box in self.boxes if box.label and box.place == "aside"]

    def seen(self, order: str) -> str:
        """Return what somebody who walks the hall sees of an order: `here`, `van`, or nothing."""
        places = {box.place for box in self.boxes if box.order == order and +box.units}
        if places & {"bench", "aside"} or any(
            inside[order] > 0 and self.where[tote] != "astray" for tote, inside in self.inside.items()
        ):
            return "here"
        return "van" if "van" in places else ""

    def load(self, box: Box) -> None:
        """Put a box into the van.

        Raises:
            Wrong: somebody gets more than was ordered, or what was cancelled; a label leaves on two boxes.
        """
        if box.order in self.final:
            raise Wrong(f"{box.order} was finally cancelled, and leaves")
        if any(each.label == box.label and each.place in ("van", "away") for each in self.boxes if each is not box):
            raise Wrong(f"label {box.label} leaves on two boxes")
        self._as_wanted(box)
        box.place = "van"
        sent = self.sent(box.order)
        if sent - self.wanted[box.order]:
            raise Wrong(f"{box.order} gets {dict(sent)}, ordered was {dict(self.wanted[box.order])}")

    def _as_wanted(self, box: Box) -> None:
        """See that a box goes as it is wanted, as far as the station has heard of the change and of the box.

        Raises:
            Wrong: it goes elsewhere, or with more than is wanted.
        """
        wish = self.heard.get(box.order)
        if wish is None or box.label not in self.told:
            return
        if box.street != wish.street:
            raise Wrong(f"{box.order} goes to {box.street}, and its dock has heard that it is {wish.street}")
        gone = Counter(box.units)
        for each in self.boxes:
            if each.order == box.order and each.place in ("van", "away") and each.label in self.told:
                gone += each.units
        if gone - wish.units:
            raise Wrong(
                f"{dict(gone)} of {box.order} leave, and their dock has heard that {dict(wish.units)} are wanted"
            )

    def sent(self, order: str) -> Counter[str]:
        """Return what of an order is in the van or gone."""
        units: Counter[str] = Counter()
        for box in self.boxes:
            if box.order == order and box.place in ("van", "away"):
                units += box.units
        return units

    def drive(self) -> None:
        """Let the van leave."""
        for box in self.boxes:
            if box.place == "van":
                box.place = "away"


__all__ = ["Box", "Hall", "Wish", "Wrong"]
