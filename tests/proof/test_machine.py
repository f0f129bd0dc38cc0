"""Random days on the floor against a small reference model: goods in, promise, release, every put, pack, load, undo.

What the office does meanwhile (cancel, change, hold) has a machine of its own in `tests/waves/test_machine.py`. One
item and one line an order keep the model small: it knows counters, and nothing of locations, totes or batches.
"""

import tempfile
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.catalog.commands import container_id, location_id
from core.kernel.commands import Command
from core.kernel.executor import Done
from core.kernel.flow import CodeKind
from core.kernel.ids import NO_ID, FillId, OrderId
from core.packing import decide as packing
from core.packing.commands import ReopenParcel
from core.packing.model import Parcel
from core.packing.queries import AskPack
from core.packing.views import PackView
from core.picking import decide
from core.picking.queries import AskWork
from core.picking.states import PutInTote
from core.picking.views import BatchOffer, TaskView
from core.shipping.commands import LoadParcel, UnloadParcel
from core.shipping.queries import AskParcelInHand
from core.station.moving_queries import AskMove
from core.stock.model import StockKey
from core.waves.commands import ReleaseBatch
from core.waves.planner import CartSpec
from tests.orders.shop import OWNER, Shop, item, shop
from tests.support import NOON, PICKER, SITE, STATION

SHELVES = ("A-1", "A-2", "B-1", "B-2")


@dataclass
class Wish:
    """What the model knows of an order's one line."""

    units: int
    promised: int = 0
    reserved: int = 0
    picked: int = 0
    packed: int = 0
    loaded: int = 0
    short: int = 0
    walking: bool = False
    """Whether it is in a batch that is not done."""

    @property
    def counts(self) -> dict[str, int]:
        names = ("promised", "reserved", "picked", "packed", "loaded", "short")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    @property
    def wanted(self) -> int:
        return self.units - self.short


@dataclass
class Model:
    shelves: int = 0
    quarantine: int = 0
    gone: int = 0
    """Units that left with the van."""
    wishes: dict[OrderId, Wish] = field(default_factory=dict)

    @property
    def on_the_way(self) -> int:
        """Units in totes, on the bench and in cartons that are still here."""
        return sum(each.picked - each.loaded for each in self.wishes.values())

    @property
    def free(self) -> int:
        """Units that are promised to nobody; fewer than none after a damage."""
        return self.shelves - sum(each.promised - each.picked for each in self.wishes.values())


class FloorMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        self.shop: Shop = self.open.enter_context(shop(folder, skus=("MUG",)))
        self.model = Model()
        self.received = 0
        self.carts = 0
        self.task: TaskView | None = None
        self.may_start = False
        self.closed: list[Parcel] = []

    def teardown(self) -> None:
        self.open.close()

    def look(self) -> None:
        """See what the floor sees now; read once a step, since every rule asks."""
        found = self.shop.ask(AskWork(SITE, PICKER))
        self.task = found if isinstance(found, TaskView) else None
        self.may_start = isinstance(found, BatchOffer)
        self.closed = [each for each in self.shop.it.all(Parcel) if each.state == "closed"]

    def perhaps_undo(self, command: Command, before: Model, data: st.DataObject) -> None:
        """Take a pick, short or damage back at once, or let it be."""
        if data.draw(st.integers(0, 3)) == 0:
            self.shop.it.run(decide.undo(command, self.shop.stamp()))
            self.model = before
        self.look()

    def settle(self) -> None:
        """Nobody walks any more once the picker has no stop."""
        self.look()
        if self.task is None:
            for each in self.model.wishes.values():
                each.walking = each.walking and each.reserved > each.picked

    @initialize(orders=st.lists(st.integers(1, 4), min_size=2, max_size=4))
    def open_the_day(self, orders: list[int]) -> None:
        self.receive(place="A-1", units=6)
        self.receive(place="B-1", units=3)
        for units in orders:
            self.order(units=units)
        self.promise()
        self.release(slots=2)

    # The office, as little as the floor needs

    @rule(place=st.sampled_from(SHELVES), units=st.integers(1, 5))
    def receive(self, place: str, units: int) -> None:
        self.shop.stock("MUG", place, units)
        self.model.shelves += units
        self.received += units

    @rule(source=st.sampled_from(SHELVES), to=st.sampled_from(SHELVES), units=st.integers(1, 4))
    def move(self, source: str, to: str, units: int) -> None:
        key = StockKey(owner=OWNER, item=item("MUG"), location=location_id(source))
        there = self.shop.at("MUG", source)
        # As its station says it, which has heard of every move.
        asked = self.shop.ask(AskMove(SITE, key, units, location_id(to), to))
        if isinstance(self.shop.it.try_run(replace(asked, **self.shop.it.base())), Done):
            assert source == to or self.shop.at("MUG", source) == there - units

    @precondition(lambda self: len(self.model.wishes) < 7)
    @rule(units=st.integers(1, 4))
    def order(self, units: int) -> None:
        n = len(self.model.wishes)
        self.model.wishes[self.shop.order(f"o{n}", [("MUG", units)], ordered_at=NOON + n)] = Wish(units)

    @rule()
    def promise(self) -> None:
        self.shop.promise()
        for each in self.model.wishes.values():
            each.promised += max(0, min(each.wanted - each.promised, self.model.free))

    @rule(slots=st.integers(1, 3))
    def release(self, slots: int) -> None:
        for command in self.shop.plan(CartSpec(slots=slots)).commands:
            self.shop.it.run(command)
            if isinstance(command, ReleaseBatch):
                orders = {member.fulfilment: member.order for member in command.members}
                for take in (each for task in command.tasks for each in task.takes):
                    wish = self.model.wishes[orders[take.fulfilment]]
                    wish.reserved += take.quantity
                    wish.walking = True
                    assert wish.reserved <= wish.promised

    # Picking

    @precondition(lambda self: self.may_start)
    @rule()
    def start(self) -> None:
        self.carts += 1
        self.shop.start(f"CART-{self.carts % 3 + 1}")

    @precondition(lambda self: self.task is not None)
    @rule(data=st.data())
    def put(self, data: st.DataObject) -> None:
        view = self.task
        state = PutInTote(view, view.quantity, 0)
        take = decide.next_put(state)
        fill, tote = take.fill, take.container
        if fill == NO_ID:
            fill, tote = FillId(NO_ID), container_id(f"TOTE-{next(self.shop.totes)}")
        units = data.draw(st.integers(1, decide.put_quantity(state)))
        command = decide.pick(state, self.shop.stamp(), fill, tote, units)
        before = deepcopy(self.model)
        self.shop.it.run(command)
        for each in command.takes:
            self.model.wishes[each.order].picked += each.quantity
            self.model.shelves -= each.quantity
        self.settle()
        self.perhaps_undo(command, before, data)

    @precondition(lambda self: self.task is not None)
    @rule(data=st.data())
    def short(self, data: st.DataObject) -> None:
        view = self.task
        command = decide.short(view, self.shop.stamp(), data.draw(st.integers(1, view.quantity)), "STOCKOUT")
        before = deepcopy(self.model)
        self.shop.it.run(command)
        self.give_up(command.short)
        self.perhaps_undo(command, before, data)

    @precondition(lambda self: self.task is not None)
    @rule(data=st.data())
    def damage(self, data: st.DataObject) -> None:
        view = self.task
        command = decide.damaged(view, self.shop.stamp(), data.draw(st.integers(1, view.quantity)))
        before = deepcopy(self.model)
        self.shop.it.run(command)
        self.model.shelves -= command.quantity
        self.model.quarantine += command.quantity
        self.give_up(command.short)
        self.perhaps_undo(command, before, data)

    def give_up(self, short) -> None:
        for each in short:
            wish = self.model.wishes[each.order]
            wish.short += each.quantity
            wish.promised -= each.quantity
            wish.reserved -= each.quantity
        self.settle()

    # Packing and loading

    def to_pack(self) -> list[OrderId]:
        return [
            order
            for order, each in self.model.wishes.items()
            if not each.walking and each.picked > each.packed and each.picked == each.wanted
        ]

    @precondition(lambda self: self.to_pack())
    @rule(data=st.data())
    def pack(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(self.to_pack()))
        view = self.shop.ask(AskPack(SITE, STATION, CodeKind.BATCH, self.shop.part(order)))
        assert isinstance(view, PackView), view
        wish = self.model.wishes[order]
        assert view.left == sum(each.quantity for each in view.loose) == wish.picked - wish.packed
        loose, box = view.loose[0], view.boxes[0]
        units = data.draw(st.integers(1, loose.quantity))
        part = (packing.unit_of(view, loose, loose.first, units),)
        if data.draw(st.booleans()):
            self.shop.it.run(packing.pack(view, box, self.shop.stamp(), self.shop.context, part))
        else:
            self.shop.it.run(packing.close(view, box, self.shop.stamp(), self.shop.context, part, 0))
        wish.packed += units

    def parcels(self, *, loaded: bool) -> list[Parcel]:
        return [each for each in self.closed if bool(each.loaded_at) is loaded]

    @precondition(lambda self: self.parcels(loaded=False))
    @rule(data=st.data())
    def reopen(self, data: st.DataObject) -> None:
        parcel = data.draw(st.sampled_from(self.parcels(loaded=False)))
        self.shop.it.try_run(ReopenParcel(**self.shop.it.base(), parcel=parcel.id, reason="OPERATOR"))

    @precondition(lambda self: self.parcels(loaded=False))
    @rule(data=st.data())
    def load(self, data: st.DataObject) -> None:
        parcel = data.draw(st.sampled_from(self.parcels(loaded=False)))
        self.shop.load(parcel)
        self.moved_with(parcel, 1)

    @precondition(lambda self: self.parcels(loaded=True))
    @rule(data=st.data())
    def unload(self, data: st.DataObject) -> None:
        parcel = data.draw(st.sampled_from(self.parcels(loaded=True)))
        hand = self.shop.ask(AskParcelInHand(SITE, parcel.id))
        self.shop.it.run(
            UnloadParcel(
                **self.shop.it.base(), parcel=parcel.id, manifest=self.shop.manifest, order=parcel.order,
                fulfilment=parcel.fulfilment, bench=parcel.place, inside=hand.inside,
            )
        )  # fmt: skip
        self.moved_with(parcel, -1)

    def moved_with(self, parcel: Parcel, sign: int) -> None:
        self.model.wishes[parcel.order].loaded += sign * parcel.units
        self.model.gone += sign * parcel.units

    @precondition(lambda self: self.parcels(loaded=True))
    @rule(data=st.data())
    def load_again(self, data: st.DataObject) -> None:
        parcel = data.draw(st.sampled_from(self.parcels(loaded=True)))
        hand = self.shop.ask(AskParcelInHand(SITE, parcel.id))
        self.shop.it.refuse(
            LoadParcel(
                **self.shop.it.base(), parcel=parcel.id, manifest=self.shop.manifest, order=parcel.order,
                fulfilment=parcel.fulfilment, bench=parcel.place, inside=hand.inside, needs_label=1,
                sscc=parcel.sscc, carrier=parcel.carrier, code=None,
            )
        )  # fmt: skip

    # What holds after every step

    @invariant()
    def the_books_are_the_model(self) -> None:
        for order, wish in self.model.wishes.items():
            assert dict(self.shop.counts(order)) == wish.counts
        assert sum(self.shop.at("MUG", place) for place in SHELVES) == self.model.shelves
        assert self.shop.at("MUG", "Q-1") == self.model.quarantine
        model = self.model
        assert model.shelves + model.quarantine + model.on_the_way + model.gone == self.received
        # What is reserved is there; a promise may wait for goods after a damage.
        assert sum(each.reserved - each.picked for each in model.wishes.values()) <= model.shelves

    @invariant()
    def everything_adds_up(self) -> None:
        self.shop.check()
        self.look()


FloorMachine.TestCase.settings = settings(max_examples=settings().max_examples // 10, stateful_step_count=30)
test_the_floor = FloorMachine.TestCase

__all__ = ["test_the_floor"]
