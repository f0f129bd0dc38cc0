"""Whoever does what is to be done beside picking, packing and loading: goods are carried elsewhere, come in and come back, things are written down.

At any station that may do it, by its own books. What lies in the hall is there once: of two who mean the same units the second
finds them where the first one laid them, and says of them what the label says that he scans.
"""

from collections import Counter
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from core.cases.commands import AddPhoto, WriteNote, note_id
from core.cases.model import NoteText, Photo
from core.catalog.commands import container_id, location_id
from core.catalog.parcel_codes import ParcelCode, read_parcel_code
from core.kernel.commands import Command
from core.kernel.ids import NO_ID, NoteId, OrderId, ParcelId
from core.kernel.tables import Row
from core.orders.model import Order
from core.packing.model import Parcel
from core.receiving.commands import (
    AnnounceDeliveries,
    BookGoods,
    FinishDelivery,
    NewDelivery,
    NewDeliveryLine,
    Taken,
    TakeOutGoods,
    delivery_id,
)
from core.receiving.model import TakeOut
from core.receiving.queries import AskDeliveries, AskDelivery
from core.returns.commands import ReceiveReturn
from core.returns.queries import AskBox, AskHere
from core.returns.views import BoxInHand
from core.rights.model import StationKind
from core.station.moving_queries import AskGoods, AskMove, AskToteMove, AskToteStands, ToteStands
from core.stock.commands import Receipt
from core.stock.ledger import balance_key
from core.stock.model import Balance
from tests.orders.shop import OWNER, item, order_id
from tests.simulation.dst.goods import Box
from tests.simulation.dst.players import Player
from tests.simulation.dst.yard import Carried, Laid, Yard
from tests.support import SITE

if TYPE_CHECKING:
    from tests.simulation.dst.site import Site

WHERE_BOXES_STAND = ("Q-1", "IN-1")
_OPENS = (StationKind.BENCH, StationKind.DESK)
"""Where deliveries are unpacked and boxes come back."""


@dataclass
class Clerk(Player):
    """Carries, unpacks, receives, writes."""

    site: "Site | None" = None
    hand: tuple[str, str, int] | None = None
    """What is in the hands, and the place it came from."""
    laid: tuple[BookGoods, Laid] | None = None
    """What was booked here last."""
    moving: bytes = b""
    """The move that is being said."""

    @property
    def yard(self) -> Yard:
        assert self.site is not None
        return self.site.yard

    def decide(self, command: Command, *private: Row) -> str:
        return self.act(0) if self.unheard is not None else super().decide(command, *private)

    def put_down(self) -> None:
        """Lay what the station refused back to where it was."""
        if self.hand is not None:
            place, sku, units = self.hand
            if place in self.yard.pallets:
                self.yard.pallets[place][sku] += units
            else:
                self.hall.deliver(place, sku, units)
        self.yard.let_go(self.moving)
        self.hand, self.moving = None, b""

    def _unheard_of(self, operations: list[bytes]) -> set[bytes]:
        assert self.site is not None
        return set(operations) - self.site.known_at(self.machine, operations)

    # Goods and totes that are carried elsewhere

    def move(self, source: str, which: int, target: str, most: int) -> str:
        """Carry units of what the screen lists for a place to another, as many as it says are free."""
        if self.unheard is not None:
            return self.act(0)
        there = self.machine.look(AskGoods(SITE, location_id(source), source)).goods
        if not there or source == target:
            return "nothing to move"
        goods = there[which % len(there)]
        sku = goods.sku
        before = list(self.yard.carried_from(source, sku))
        unheard = self._unheard_of([each.operation for each in before])
        others = [each for each in before if each.operation in unheard]
        place, units = source, min(most, goods.free, self.hall.at(source, sku))
        if not units:
            # They lie where somebody laid them who is unheard of; the label that is scanned is that of the shelf they were on.
            place = next((each.target for each in others if self.hall.at(each.target, sku)), source)
            units = min(most, goods.free, self.hall.at(place, sku))
        if not units or place == target:
            return "nothing is there"
        command = replace(
            self.machine.look(AskMove(SITE, goods.key, units, location_id(target), target)), **self.stamp()
        )
        promised = self.machine.row(Balance, *balance_key(SITE, goods.key)[1:])
        # Of what came there unheard of the books may say that it was carried: the others' moves may be heard before that.
        known = (0 if promised is None else promised.total) - sum(each.units for each in others)
        left = min(known, self.hall.at(source, sku)) - (0 if promised is None else promised.reserved)
        if others and (place != source or left < units):
            # The same may have been meant: what was promised there is taken, or what another carried away.
            self.hall.apart |= {(each, sku) for each in (source, place, target, *(one.target for one in others))}
        self._in_hand(place, sku, units)
        self.moving = bytes(command.id)
        self.yard.carried.append(Carried(self.moving, sku, units, source, target))

        def hands() -> None:
            self.hand = None
            self.hall.deliver(target, sku, units)
            for each in {source, place, target}:
                self.hall.note(each, sku, command.id)

        return self.say(command, hands)

    def _in_hand(self, place: str, sku: str, units: int) -> None:
        self.yard.take(place, sku, units)
        self.hand = place, sku, units

    def carry(self, which: int, place: str) -> str:
        """Carry a tote that waits for a bench elsewhere."""
        if self.unheard is not None:
            return self.act(0)
        totes = sorted(tote for tote, at in self.hall.where.items() if at == "benches")
        if not totes:
            return "no tote stands about"
        tote = totes[which % len(totes)]
        stands: ToteStands = self.machine.look(AskToteStands(SITE, container_id(tote), tote))
        if stands.place == location_id(place):
            return f"{tote} stands there"
        asked = AskToteMove(SITE, stands.container, stands.fill, stands.order, location_id(place), place)
        command = replace(self.machine.look(asked), **self.stamp())

        def hands() -> None:
            self.yard.totes[tote] = place

        return self.say(command, hands)

    # Goods in

    def announce(self, number: str, units: Counter[str]) -> str:
        """Read in what is to come."""
        return self.decide(announcement(self.stamp(), number, units))  # type: ignore[arg-type]

    def unpack(self, which: int, line: int, most: int, place: str) -> str:
        """Lay units of a delivery down and book them: those on its pallet, or what somebody laid down who is unheard of."""
        if self.unheard is not None:
            return self.act(0)
        found = self.machine.look(AskDeliveries(SITE)).rows
        if not found or self.machine.kind not in _OPENS:
            return "nothing to unpack"
        view = self.machine.look(AskDelivery(SITE, found[which % len(found)].delivery))
        of = view.shown[line % len(view.shown)]
        there = self.yard.pallets[view.number][of.sku]
        if there:
            units = min(most, there)
            return self._lay(view.number, of, units, place, again=False)
        others = [each for each in self.yard.booked(view.number, of.sku) if not each.again]
        unheard = self._unheard_of([each.operation for each in others])
        mine = next((each for each in others if each.operation in unheard), None)
        if mine is None or of.booked >= of.expected or mine.place != place:
            return "nothing on the pallet"
        return self._lay(view.number, of, mine.units, mine.place, again=True)

    def _lay(self, number: str, line: Any, units: int, place: str, *, again: bool) -> str:
        receipt = Receipt(owner=line.owner, item=line.item, location=location_id(place), quantity=units)
        command = BookGoods(**self.stamp(), line=line.line, receipts=(receipt,))
        laid = Laid(bytes(command.id), number, line.sku, units, place, again)
        if not again:
            self.yard.pallets[number][line.sku] -= units
            self.hand = number, line.sku, units

        def hands() -> None:
            self.hand, self.laid = None, (command, laid)
            self.yard.laid.append(laid)
            self.hall.note(place, line.sku, command.id)
            if again:
                self.hall.stolen[place, line.sku] += units
            else:
                self.hall.deliver(place, line.sku, units)

        return self.say(command, hands)

    def _undo(self) -> str:
        """Lay what was booked last back on its pallet."""
        if self.laid is None:
            return "nothing was booked"
        command, laid = self.laid
        if not laid.again and self.hall.at(laid.place, laid.sku) < laid.units:
            return "it is not here any more"
        taken = tuple(Taken(command.id, n, each) for n, each in enumerate(command.receipts))
        out = TakeOutGoods(**self.stamp(), line=command.line, taken=taken, why=TakeOut.UNDONE, case=None)
        self.laid = None
        if not laid.again:
            self._in_hand(laid.place, laid.sku, laid.units)

        def hands() -> None:
            self.hand = None
            # What of it another has taken out of the books unheard of us, nobody can say here.
            self._look_again(laid.place, laid.sku, out)
            if not laid.again:
                self.yard.pallets[laid.number][laid.sku] += laid.units

        return self.say(out, hands)

    def _look_again(self, place: str, sku: str, by: Command) -> None:
        self.hall.note(place, sku, by.id)
        self.hall.doubtful.add((place, sku))

    def finish(self, which: int) -> str:
        """Say that no more of a delivery comes."""
        found = self.machine.look(AskDeliveries(SITE)).rows
        if not found or self.machine.kind not in _OPENS:
            return "nothing is waited for"
        return self.decide(FinishDelivery(**self.stamp(), delivery=found[which % len(found)].delivery))

    # Boxes that come back

    def receive(self, which: int, place: str, how: int) -> str:
        """Receive a box that came back: by the bars of its label, by its square code, or by its order's number."""
        if self.unheard is not None:
            return self.act(0)
        if not self.yard.back or self.machine.kind not in _OPENS:
            return "nothing came back"
        box = self.yard.back[which % len(self.yard.back)]
        by_slip = how == 2
        asked = self._by_slip(box) if by_slip else self._by_square(box) if how == 1 else self._by_bars(box)
        found = None if asked is None else self.machine.look(asked)
        if not isinstance(found, BoxInHand):
            return f"{box.label} is unknown"
        if found.before is not None and (found.one_only or not self._unheard_of(self._receipts(box))):
            return f"{box.label} is here"
        if self.machine.look(AskHere(SITE, found, location_id(place), place)) is not None:
            return f"{box.label} is here by now"
        command = ReceiveReturn(
            **self.stamp(), back=found.back, code=found.code, number=found.number, parcel=found.parcel,
            order=found.order, fulfilments=found.fulfilments, place=location_id(place), station=self.machine.station,
        )  # fmt: skip

        def hands() -> None:
            (self.yard.by_slip if by_slip else self.yard.received)[box.parcel].append(bytes(command.id))
            self.yard.stands[box.parcel] = place

        return self.say(command, hands)

    def _receipts(self, box: Box) -> list[bytes]:
        return [*self.yard.received[box.parcel], *self.yard.by_slip[box.parcel]]

    def _by_slip(self, box: Box) -> AskBox | None:
        row = self.machine.row(Order, order_id(box.order))
        # Whoever knows that a box was received does not take it for another of its order.
        known = self._receipts(box) and not self._unheard_of(self._receipts(box))
        return None if row is None or known else AskBox(SITE, box.order, order=row.id)

    def _by_square(self, box: Box) -> AskBox | None:
        label = read_parcel_code(box.code) if box.code else None
        return AskBox(SITE, label.sscc, parcel=label.parcel, label=label) if isinstance(label, ParcelCode) else None

    def _by_bars(self, box: Box) -> AskBox:
        row = self.machine.row(Parcel, box.parcel)
        known = row is not None and row.sscc == box.label
        return AskBox(SITE, box.label, parcel=ParcelId(box.parcel) if known else ParcelId(NO_ID))

    # What is written down

    def note(self, number: str) -> str:
        """Write something about an order."""
        if self.unheard is not None or self.machine.row(Order, order_id(number)) is None:
            return self.act(0) if self.unheard is not None else f"{number} is not known here"
        command = WriteNote(**self.stamp(), order=OrderId(order_id(number)))
        words = f"somebody called {self.machine.name} about {number}, call {len(self.yard.notes)}"
        self.beside = {NoteText: [(SITE, note_id(command.id), words)]}
        return self.say(command, lambda: self.yard.notes.__setitem__(bytes(command.id), words))

    def photograph(self, number: str) -> str:
        """Show something of an order: the picture is here before anything names it."""
        if self.unheard is not None or self.machine.row(Order, order_id(number)) is None:
            return self.act(0) if self.unheard is not None else f"{number} is not known here"
        data = f"\xff\xd8\xff{self.machine.name} {self.machine.time.at}".encode("latin-1")
        digest = sha256(data).hexdigest()
        self.machine.album.keep(digest, data)
        command = AddPhoto(
            **self.stamp(), order=OrderId(order_id(number)), digest=digest, size=len(data),
            station=self.machine.station,
        )  # fmt: skip
        note = note_id(command.id)
        self.beside = {NoteText: [(SITE, note, "")]}
        return self.say(command, lambda: self.yard.photos.append(note))

    def look(self, which: int) -> str:
        """Look at a photo that somebody showed."""
        if not self.yard.photos:
            return "no photo"
        row = self.machine.row(Photo, NoteId(self.yard.photos[which % len(self.yard.photos)]))
        if row is None:
            return "no photo of it is known here"
        return "is here" if self.machine.album.look(row.digest) else "is looked for"


def announcement(stamp: Any, number: str, units: Counter[str]) -> AnnounceDeliveries:
    """Return what says that a delivery is to come."""
    lines = tuple(NewDeliveryLine(item(sku), count) for sku, count in sorted(units.items()))
    digest = sha256(repr(sorted(units.items())).encode()).digest()
    new = NewDelivery(delivery_id(OWNER, number), OWNER, number, "Potter", digest, lines)
    return AnnounceDeliveries(**stamp, deliveries=(new,))


__all__ = ["WHERE_BOXES_STAND", "Clerk", "announcement"]
