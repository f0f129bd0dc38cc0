"""People who do what their station's screen says: they move goods once the screen says done, and only then.

Whoever's station loses its power after a command went off asks again with the same command once it is back, as the flow
does; only what the screen confirms is done with the hands.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from core.catalog.commands import container_id, location_id
from core.catalog.parcel_codes import ParcelCode, read_parcel_code
from core.kernel.commands import Command
from core.kernel.executor import Done
from core.kernel.flow import Stamp
from core.kernel.ids import (
    NO_ID,
    BatchId,
    CommandId,
    ContainerId,
    FillId,
    ManifestId,
    ParcelId,
    PersonId,
)
from core.kernel.tables import Row
from core.kernel.uow import ByClass
from core.picking import decide as picking
from core.picking.commands import AskKept, PickUnits, RepointTask, StartBatch
from core.picking.fill_codes import AskFillCodes
from core.picking.queries import AskOther, AskWork
from core.picking.states import PutInTote
from core.picking.views import BatchOffer, Leftover, Picked, TaskView
from core.shipping import decide as shipping
from core.shipping.commands import SetAside
from core.shipping.eligibility import STOPS
from core.shipping.queries import AskDock, AskParcelInHand, AskStaying
from core.shipping.views import ParcelInHand
from core.waves.model import Batch, BatchKind, BatchState
from tests.orders.shop import OWNER
from tests.simulation.dst.goods import Box, Hall, Wrong
from tests.simulation.dst.machine import Machine
from tests.support import SITE

HANDS = Callable[[], None]
"""What is done with the hands once the screen says done."""


@dataclass
class Player:
    """Somebody at a station."""

    machine: Machine
    hall: Hall
    person: PersonId
    unheard: tuple[Command, HANDS] | None = None
    """What was said to the station and not confirmed."""
    beside: ByClass = field(default_factory=dict)
    """Personal data that it names."""

    def stamp(self) -> Stamp:
        return Stamp(**self.machine.bench.base(self.person))  # type: ignore[typeddict-item]

    def say(self, command: Command, hands: HANDS) -> str:
        """Give the station a command and do with the hands what it confirms; return what it said.

        Raises:
            PowerCut: it went dark.
        """
        self.unheard = command, hands
        outcome = self.machine.run(command, self.beside)
        self.unheard, self.beside = None, {}
        if isinstance(outcome, Done):
            hands()
            return command.KIND
        self.put_down()
        return f"{command.KIND} refused: {outcome.refusal.reason}"

    def decide(self, command: Command, *private: Row) -> str:
        """Give the station a decision of the office, with personal data that it names."""
        self.beside = {type(each): [tuple(getattr(each, name) for name in each.TABLE.columns)] for each in private}
        return self.say(command, lambda: None)

    def put_down(self) -> None:
        """Let go of what was in the hands for something that the station refused."""

    def act(self, choice: int) -> str:
        """Do the next thing; return what."""
        if self.unheard is not None:
            command, hands = self.unheard
            return f"again: {self.say(command, hands)}"
        return self._act(choice)

    def _act(self, choice: int) -> str:
        raise NotImplementedError

    def undo(self) -> str:
        """Take back what was done last; return what."""
        return self.act(0) if self.unheard is not None else self._undo()

    def _undo(self) -> str:
        return "nothing to take back"

    def elsewhere(self, _place: str) -> str:
        """Take something at another place than the screen says."""
        return "nothing to take elsewhere"


@dataclass
class Picker(Player):
    """Walks with a cart."""

    cart: str = ""
    batch: BatchId = BatchId(NO_ID)
    """The walk that was begun last."""
    totes: set[str] = field(default_factory=set)
    """Of that walk."""
    last: tuple[PickUnits, str, str, str, Counter[str]] | None = None
    """What was put last into which tote, out of which place, of what, for whom."""

    def _act(self, choice: int) -> str:
        found = self.machine.look(AskWork(SITE, self.person, station=self.machine.station))
        match found:
            case BatchOffer(batch=batch):
                start = StartBatch(
                    **self.stamp(), batch=batch, cart=container_id(self.cart), station=self.machine.station
                )
                return self.say(start, lambda: self._begun(batch))
            case TaskView():
                return self._stop(found, choice)
            case Leftover():
                return self.say(picking.finish_leftover(found, self.stamp(), self.machine.station), self._bring)
            case _:
                return str(found)

    def _stop(self, view: TaskView, choice: int) -> str:
        there = self.hall.at(view.location_code, view.sku)
        if view.held or view.blocked:
            return "held"
        if not there:
            missing = view.quantity
            command = picking.short(view, self.stamp(), missing, "STOCKOUT", station=self.machine.station)
            return self.say(command, lambda: self._missed(view, missing))
        if choice >= 97 and view.quarantine != NO_ID:
            spoilt = picking.damaged(view, self.stamp(), 1, station=self.machine.station)
            return self.say(spoilt, lambda: self._spoilt(view, spoilt))
        state = PutInTote(view, view.quantity, 0)
        take = picking.next_put(state)
        units = min(picking.put_quantity(state), there)
        if choice % 10 == 0:
            units = 1
        fill, tote = (take.fill, take.tote) if take.fill != NO_ID else (FillId(NO_ID), self.hall.empty_tote())
        if self.hall.sent_again and self.hall.where.get(tote, self.cart) != self.cart:
            return f"{tote} is not here"
        command = picking.pick(state, self.stamp(), fill, container_id(tote), units, station=self.machine.station)
        numbers = {each.fulfilment: each.order_number for each in view.takes}
        orders: Counter[str] = Counter()
        for each in command.takes:
            orders[numbers[each.fulfilment]] += each.quantity
        return self.say(command, lambda: self._picked(command, view, units, tote, orders))

    def elsewhere(self, place: str) -> str:
        """Take what the next stop wants at another place, as far as the screen allows it; return what it said."""
        if self.unheard is not None:
            return self.act(0)
        view = self.machine.look(AskWork(SITE, self.person, station=self.machine.station))
        if not isinstance(view, TaskView) or view.location_code == place or not self.hall.at(place, view.sku):
            return "nothing to take elsewhere"
        there = AskOther(SITE, view.key.owner, view.key.item, place, location_id(place), batch=view.batch)
        found = [each for each in self.machine.look(there) if each.free + each.asks >= view.quantity]
        if not found:
            return "too few elsewhere"
        if found[0].free < view.quantity:
            ask = AskKept(**self.stamp(), batch=view.batch, key=found[0].key, quantity=view.quantity - found[0].free)
            return self.say(ask, lambda: None)
        other = RepointTask(
            **self.stamp(), batch=view.batch, task=view.task, source=view.key, target=found[0].key,
            reservations=tuple(each.reservation for each in view.takes),
        )  # fmt: skip
        return self.say(other, lambda: None)

    def _missed(self, view: TaskView, units: int) -> None:
        self.hall.miss(view.location_code, view.sku, units)
        self._perhaps_done(view)

    def _spoilt(self, view: TaskView, by: Command) -> None:
        self.hall.spoil(view.location_code, view.sku, 1)
        self.hall.note(view.location_code, view.sku, by.id)
        self._perhaps_done(view)

    def _picked(self, command: PickUnits, view: TaskView, units: int, tote: str, orders: Counter[str]) -> None:
        self.hall.pick(view.location_code, view.sku, units, tote, self.cart, orders)
        self.hall.note(view.location_code, view.sku, command.id)
        self.totes.add(tote)
        self.last = command, tote, view.location_code, view.sku, orders
        self._perhaps_done(view)

    def _undo(self) -> str:
        if self.last is None:
            return "nothing to take back"
        done, tote, place, sku, orders = self.last
        units = sum(orders.values())
        mine = {each for each in self.totes if each in self.hall.where}
        there = {self.hall.where[each] for each in mine}
        if there - {self.cart, "benches"} or self.hall.inside.get(tote, Counter()) & orders != orders:
            return "it is not here any more"
        if self.hall.totes[tote][sku] < units:
            # Some fell out: whoever packs it will miss them.
            return "not all of it is here any more"

        def hands() -> None:
            self.hall.fetch(mine, self.cart)
            self.hall.put_back(place, sku, units, tote, orders)
            self.hall.note(place, sku, command.id)

        self.last = None
        command = picking.undo(done, self.stamp())
        return self.say(command, hands)

    def _perhaps_done(self, view: TaskView) -> None:
        row = self.machine.row(Batch, view.batch)
        if row is not None and row.state is BatchState.PICKED:
            self._bring()

    def _begun(self, batch: BatchId) -> None:
        if batch != self.batch:
            self.totes, self.last = set(), None
        self.batch = batch

    def _bring(self) -> None:
        """Put the slips into the totes that come out where the hub has not heard of the picks, and bring them."""
        # Whoever leaves the cart has waited for what the hub was told last.
        at = self.machine.clock.now_ms() + 5_000
        for each in self.machine.look(AskFillCodes(SITE, self.batch, unheard_at=at)):
            self.hall.slips[each.slip.tote] = each.slip.code
        done = self.machine.look(AskWork(SITE, self.person, finished=self.batch, station=self.machine.station))
        self.hall.bring(self.cart, done.destination if isinstance(done, Picked) else "")


@dataclass
class Loader(Player):
    """Loads boxes into the van."""

    dock: str = "DOCK-1"

    def _act(self, choice: int) -> str:
        boxes = self.hall.waiting() or self.hall.aside()
        if choice >= 96 and any(box.place == "van" for box in self.hall.boxes):
            return self._close()
        if not boxes:
            return "nothing to load"
        box = boxes[choice % len(boxes)]
        code = read_parcel_code(box.code) if box.code else None
        speaks = code if isinstance(code, ParcelCode) else None
        found = self.machine.look(AskParcelInHand(SITE, ParcelId(box.parcel), speaks))
        if not isinstance(found, ParcelInHand):
            return f"{box.label} is unknown"
        if found.why_not in STOPS and box.place == "bench":
            return self._set_aside(found)
        if found.why_not is not None:
            return f"{box.label} refused: {found.why_not}"
        return self._load(found, box)

    def _set_aside(self, found: ParcelInHand) -> str:
        command = SetAside(
            **self.stamp(), parcel=found.parcel, order=found.order, shelf=location_id("Q-1"),
            reason=found.why_not, bench=found.bench, inside=found.inside,  # type: ignore[arg-type]
        )  # fmt: skip
        box = next(each for each in self.hall.boxes if each.parcel == found.parcel)

        def hands() -> None:
            box.place = "aside"

        return self.say(command, hands)

    def _load(self, found: ParcelInHand, box: Box) -> str:
        view = self.machine.look(AskDock(SITE, self.machine.station, location_id(self.dock)))
        lists = [each.manifest for each in view.loads if each.carrier == found.carrier and each.manifest != NO_ID]
        if not lists:
            begin = shipping.open_list(view, found, ManifestId(self.machine.time.new()), self.stamp())
            return self.say(begin, lambda: None)
        command = shipping.load(found, lists[0], self.stamp(), needs_label=True)
        return self.say(command, lambda: self.hall.load(box))

    def _close(self) -> str:
        view = self.machine.look(AskDock(SITE, self.machine.station, location_id(self.dock)))
        for load in view.loads:
            if load.loaded:
                staying = self.machine.look(AskStaying(SITE, load.manifest))
                return self.say(shipping.close(staying, self.stamp()), self.hall.drive)
        return "no list to close"


__all__ = ["BatchKind", "CommandId", "ContainerId", "Loader", "OWNER", "Picker", "Player", "Wrong"]
