"""Random days at the office against a small reference model: promise, release, recall, pick, cancel, change, put back.

One line an order keeps the model small; what several lines do together has tests of its own.
"""

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.amending.backing import plan_put_back
from core.amending.commands import CancelOrder, ChangeOrder, PutBack
from core.amending.planner import OrderChange, plan_cancel, plan_change
from core.catalog.commands import location_id
from core.kernel.ids import BatchId, OrderId
from core.kernel.refusal import Refusal
from core.orders.commands import HoldOrder, ReleaseHold
from core.orders.model import OrderHold, PartialPolicy
from core.waves.commands import ReleaseBatch
from core.waves.planner import CartSpec
from core.waves.queries import plan_recall
from tests.orders.shop import Shop, shop
from tests.support import NOON, SITE


@dataclass
class Wish:
    """What the model knows of an order: counters of its one line."""

    order: OrderId
    whole: bool
    wanted: int
    promised: int = 0
    reserved: int = 0
    picked: int = 0
    loaded: int = 0
    cancelled: int = 0
    held: bool = False
    stop: str = ""
    to_put_back: int = 0
    batch: BatchId | None = None

    @property
    def counts(self) -> dict[str, int]:
        names = ("promised", "reserved", "picked", "loaded", "cancelled")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


@dataclass
class Model:
    stock: int = 0
    """On the shelves, reserved or not."""
    wishes: list[Wish] = field(default_factory=list)

    @property
    def free(self) -> int:
        return self.stock - sum(each.promised - each.picked for each in self.wishes)

    def promise(self) -> None:
        for each in self.wishes:
            missing = each.wanted - each.promised
            if missing <= 0 or each.held or each.stop:
                continue
            if each.whole and self.free < missing:
                continue
            each.promised += max(0, min(missing, self.free))

    def may_go(self) -> list[Wish]:
        return [
            each
            for each in self.wishes
            if each.promised > each.reserved
            and not each.held
            and not each.stop
            and each.batch is None
            and (not each.whole or each.promised == each.wanted)
        ]


class Office(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        self.shop: Shop = self.open.enter_context(shop(folder))
        self.model = Model()

    def teardown(self) -> None:
        self.open.close()

    def plan(self, what, *args):
        with self.shop.connection.begin():
            return what(self.shop.connection, SITE, *args, self.shop.stamp())

    @initialize(orders=st.lists(st.tuples(st.integers(1, 4), st.booleans()), min_size=3, max_size=5))
    def open_the_day(self, orders: list[tuple[int, bool]]) -> None:
        self.receive(place="A-1", units=7)
        self.receive(place="B-1", units=3)
        for units, whole in orders:
            self.order(units=units, whole=whole)
        self.promise()
        self.release(slots=2)

    @rule(place=st.sampled_from(["A-1", "A-2", "B-1"]), units=st.integers(1, 6))
    def receive(self, place: str, units: int) -> None:
        self.shop.stock("MUG", place, units)
        self.model.stock += units

    @precondition(lambda self: len(self.model.wishes) < 9)
    @rule(units=st.integers(1, 5), whole=st.booleans())
    def order(self, units: int, whole: bool) -> None:
        n = len(self.model.wishes)
        policy = PartialPolicy.WHOLE if whole else PartialPolicy.PARTIAL
        made = self.shop.order(f"o{n}", [("MUG", units)], partial=policy, ordered_at=NOON + n)
        self.model.wishes.append(Wish(made, whole, units))

    @rule()
    def promise(self) -> None:
        self.shop.promise()
        self.model.promise()

    @precondition(lambda self: self.model.may_go())
    @rule(slots=st.integers(1, 3))
    def release(self, slots: int) -> None:
        plan = self.shop.plan(CartSpec(slots=slots))
        going = self.model.may_go()
        assert plan.orders == len(going)
        for command in plan.commands:
            self.shop.it.run(command)
            if isinstance(command, ReleaseBatch):
                for member in command.members:
                    wish = next(each for each in going if each.order == member.order)
                    wish.batch, wish.reserved = command.batch, wish.promised

    def ready(self) -> list[BatchId]:
        return sorted({each.batch for each in self.model.wishes if each.batch and each.reserved > each.picked})

    @precondition(lambda self: self.ready())
    @rule(data=st.data())
    def recall(self, data: st.DataObject) -> None:
        batch = data.draw(st.sampled_from(self.ready()))
        self.shop.it.run(self.plan(plan_recall, batch))
        for each in self.model.wishes:
            if each.batch == batch:
                each.batch, each.reserved = None, each.picked

    @precondition(lambda self: self.ready())
    @rule()
    def pick(self) -> None:
        view = self.shop.start()
        while True:
            self.shop.put(view)
            if not view.others_open and self.over(view.batch):
                break
            view = self.shop.task()
        for each in self.model.wishes:
            if each.batch == view.batch:
                self.model.stock -= each.reserved - each.picked
                each.batch, each.picked = None, each.reserved

    def over(self, batch: BatchId) -> bool:
        from core.waves.model import Batch

        return self.shop.it.need(Batch, batch).state == "picked"

    def ready_to_pack(self) -> list[Wish]:
        return [
            each
            for each in self.model.wishes
            if each.picked > each.loaded and each.picked == each.wanted and not each.held and not each.stop
        ]

    @precondition(lambda self: self.ready_to_pack())
    @rule(data=st.data())
    def ship(self, data: st.DataObject) -> None:
        wish = data.draw(st.sampled_from(self.ready_to_pack()))
        self.shop.load(self.shop.pack_all(wish.order))
        wish.loaded = wish.picked

    @precondition(lambda self: self.model.wishes)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        wish = data.draw(st.sampled_from(self.model.wishes))
        command = self.plan(plan_cancel, wish.order, "customer")
        if isinstance(command, Refusal):
            assert wish.wanted == wish.loaded or wish.stop == "cancel"
            return
        assert isinstance(command, CancelOrder)
        self.shop.it.run(command)
        if wish.picked < wish.wanted:
            self.give_up(wish, wish.wanted - wish.picked)
        if wish.picked > wish.loaded:
            wish.stop, wish.to_put_back = "cancel", wish.picked - wish.loaded

    def give_up(self, wish: Wish, units: int) -> None:
        """Cancel units that are not picked: unpromised, then promised, then reserved ones."""
        released = max(0, units - (wish.wanted - wish.reserved))
        wish.wanted -= units
        wish.cancelled += units
        wish.reserved -= released
        wish.promised = max(min(wish.promised, wish.wanted), wish.reserved)
        if released:
            if wish.wanted == 0:
                # Stopped too: a picker might have had a unit in the hand.
                wish.stop = wish.stop or "cancel"
            if wish.reserved == wish.picked and wish.batch:
                wish.batch = None

    @precondition(lambda self: any(not each.stop and each.wanted > each.picked + 1 for each in self.model.wishes))
    @rule(data=st.data())
    def lower(self, data: st.DataObject) -> None:
        some = [each for each in self.model.wishes if not each.stop and each.wanted > each.picked + 1]
        wish = data.draw(st.sampled_from(some))
        want = data.draw(st.integers(wish.picked + 1, wish.wanted - 1))
        line = self.shop.order_line(wish.order)
        command = self.plan(plan_change, wish.order, OrderChange(quantities={line: want}))
        if isinstance(command, Refusal):
            assert wish.cancelled
            return
        assert isinstance(command, ChangeOrder)
        self.shop.it.run(command)
        self.give_up(wish, wish.wanted - want)

    @precondition(lambda self: any(each.to_put_back for each in self.model.wishes))
    @rule(data=st.data())
    def put_back(self, data: st.DataObject) -> None:
        wish = data.draw(st.sampled_from([each for each in self.model.wishes if each.to_put_back]))
        part = self.shop.part(wish.order)
        with self.shop.connection.begin():
            command = plan_put_back(self.shop.connection, SITE, wish.order, part, location_id("B-2"), self.shop.stamp())
        assert isinstance(command, PutBack)
        self.shop.it.run(command)
        units, wish.to_put_back = wish.to_put_back, 0
        for name in ("picked", "reserved", "promised", "wanted"):
            setattr(wish, name, getattr(wish, name) - units)
        wish.cancelled += units
        self.model.stock += units

    @precondition(lambda self: any(each.wanted for each in self.model.wishes))
    @rule(data=st.data())
    def hold_or_let_go(self, data: st.DataObject) -> None:
        wish = data.draw(st.sampled_from([each for each in self.model.wishes if each.wanted]))
        base, part = self.shop.it.base(), self.shop.part(wish.order)
        if wish.held:
            hold = next(row for row in self.shop.it.all(OrderHold) if row.order == wish.order and not row.released_at)
            self.shop.it.run(ReleaseHold(**base, hold=hold.id, fulfilments=(part,)))
            wish.held = False
            return
        outcome = self.shop.it.try_run(HoldOrder(**base, order=wish.order, fulfilments=(part,), reason="fraud"))
        wish.held = not hasattr(outcome, "refusal")

    @invariant()
    def the_books_are_the_model(self) -> None:
        for wish in self.model.wishes:
            counts = dict(self.shop.counts(wish.order))
            counts.pop("packed", None)
            assert counts == wish.counts
            row = self.shop.line(wish.order)
            assert row.loaded + row.short + row.cancelled + wish.wanted - wish.loaded == row.quantity
        assert sum(self.shop.at("MUG", place) for place in ("A-1", "A-2", "B-1", "B-2")) == self.model.stock
        assert self.model.free >= 0

    @invariant()
    def everything_adds_up(self) -> None:
        self.shop.check()


Office.TestCase.settings = settings(max_examples=settings().max_examples // 8, stateful_step_count=30)
test_the_office = Office.TestCase

__all__ = ["test_the_office"]
