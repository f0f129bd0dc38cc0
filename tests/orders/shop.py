"""A small warehouse without threads, laid out by commands: orders come in, are promised, released, picked, packed, loaded."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from core.allocation.promise import PromisePlan
from core.allocation.run import plan_run, promise_commands, replenishment_commands
from core.catalog.commands import (
    NewBoxType,
    NewContainer,
    NewItem,
    NewLocation,
    SaveBoxTypes,
    SaveContainers,
    SaveItems,
    SaveLocations,
    SetUpSite,
    container_id,
    item_id,
    location_id,
    owner_id,
    zone_id,
)
from core.catalog.model import ContainerKind, LocationRole, SiteKind
from core.exchange.verify import verify_all
from core.kernel.flow import CodeKind, Context, Stamp
from core.kernel.ids import (
    NO_ID,
    NO_SESSION,
    BatchId,
    ContactId,
    FillId,
    FulfilmentId,
    ItemId,
    ManifestId,
    OrderId,
    OwnerId,
    StationId,
    derive,
    document_id,
)
from core.kernel.numbers import next_number
from core.kernel.refusal import Refusal
from core.kernel.tables import TABLES, TableClass
from core.orders.commands import NewLine, NewOrder, ReceiveOrders, fulfilment_id, fulfilment_line_id, line_id
from core.orders.model import Contact, Fulfilment, FulfilmentLine, PartialPolicy, PaymentState
from core.packing import decide as packing
from core.packing.commands import ConfirmLabel
from core.packing.model import Parcel
from core.packing.queries import AskPack
from core.packing.views import PackView
from core.picking import decide
from core.picking.commands import StartBatch
from core.picking.queries import AskWork
from core.picking.states import PutInTote
from core.picking.views import TaskView
from core.shipping.commands import MANIFEST_NUMBERS, LoadParcel, OpenManifest
from core.shipping.queries import AskParcelInHand
from core.stock.commands import Receipt, ReceiveStock
from core.stock.model import Balance
from core.waves.commands import ReleaseBatch
from core.waves.model import Batch
from core.waves.planner import CartSpec
from core.waves.release import Filters, ReleasePlan, plan_release
from tests.support import NOON, PICKER, SITE, STATION, Bench, bench, policies

TODAY = "2025-12-16"
HOUR = 3_600_000
OWNER = owner_id("SHOP")
CONTACT = ContactId(b"c" * 16)
ANN = Contact(SITE, CONTACT, "Ann", "", "1 Lane", "Leeds", "", "LS1", "GB", "", "", "", "")
"""Whose every order is where nobody says otherwise."""
PLACES = (
    ("A-1", "A", LocationRole.PICK, 1),
    ("A-2", "A", LocationRole.PICK, 2),
    ("B-1", "B", LocationRole.PICK, 3),
    ("B-2", "B", LocationRole.PICK, 4),
    ("R-1", "R", LocationRole.RESERVE, 90),
    ("Q-1", "Q", LocationRole.QUARANTINE, 95),
    ("IN-1", "I", LocationRole.RECEIVE, 96),
    ("BENCH-1", "P", LocationRole.PACK, 97),
    ("DOCK-1", "D", LocationRole.SHIP, 98),
)
TRAVELS = (TableClass.FEED, TableClass.DERIVED)
GROWS = {"op_touch", "number_range", "stopped_label"}


def item(sku: str, owner: OwnerId = OWNER) -> ItemId:
    return item_id(owner, sku)


def order_id(name: str) -> OrderId:
    return OrderId(document_id(0, "test", name))


@dataclass
class Shop:
    """The warehouse and its handles; `it` is the bench that runs commands."""

    it: Bench
    boxes: int = 0
    manifest: ManifestId | None = None
    station: StationId = STATION
    totes: Iterator[int] = field(default_factory=lambda: iter(range(1, 400)))

    @property
    def connection(self) -> sa.Connection:
        return self.it.executor.connection

    @property
    def context(self) -> Context:
        return Context(
            site=SITE,
            station=self.station,
            bench=location_id("BENCH-1"),
            actor=PICKER,
            session=NO_SESSION,
            today=TODAY,
            policies=policies(),
        )

    def like(self, other: "Shop") -> None:
        """Go on where another stands."""
        self.boxes, self.manifest, self.totes = other.boxes, other.manifest, copy(other.totes)

    def stamp(self) -> Stamp:
        return Stamp(**self.it.base())  # type: ignore[typeddict-item]

    # Arranging

    def stock(self, sku: str, place: str, quantity: int, **more: object) -> None:
        receipt = Receipt(owner=OWNER, item=item(sku), location=location_id(place), quantity=quantity, **more)  # type: ignore[arg-type]
        self.it.run(ReceiveStock(**self.it.base(), receipts=(receipt,)))

    def order(
        self,
        name: str,
        lines: Sequence[tuple[str, int]],
        *,
        priority: int = 0,
        cut_off_at: int = 0,
        ordered_at: int = NOON,
        partial: PartialPolicy = PartialPolicy.PARTIAL,
        payment: PaymentState = PaymentState.PAID,
        carrier: str = "HOUSE",
        owner: OwnerId = OWNER,
        contact: ContactId = CONTACT,
    ) -> OrderId:
        new = NewOrder(
            id=order_id(name), channel="test", external_id=name, number=name, owner=owner, contact=contact,
            ordered_at=ordered_at, service="standard", carrier=carrier, priority=priority, promised_at=0,
            cut_off_at=cut_off_at, payment=payment, partial=partial, handling="", digest=b"d" * 32,
            lines=tuple(NewLine(str(n), item(sku, owner), units, 0, "EUR", sku) for n, (sku, units) in enumerate(lines, 1)),
        )  # fmt: skip
        if contact == CONTACT and self.it.get(Contact, CONTACT) is None:
            # Where the site was laid out at a station, the hub has nobody's address yet.
            self.it.seed(ANN)
        self.it.run(ReceiveOrders(**self.it.base(), orders=(new,)))
        return new.id

    def promise(self) -> PromisePlan:
        with self.connection.begin():
            plans = list(plan_run(self.connection, SITE, TODAY))
        for plan in plans:
            for command in promise_commands(plan, self.stamp()):
                self.it.run(command)
        with self.connection.begin():
            needs = list(replenishment_commands(self.connection, SITE, TODAY, self.stamp()))
        for need in needs:
            self.it.run(need)
        return PromisePlan(
            tuple(each for plan in plans for each in plan.promises),
            tuple(each for plan in plans for each in plan.waiting),
            plans[-1].left if plans else {},
        )

    def plan(self, cart: CartSpec | None = None, **filters: object) -> ReleasePlan:
        with self.connection.begin():
            return plan_release(
                self.connection,
                SITE,
                TODAY,
                self.stamp(),
                filters=Filters(**filters),
                cart=cart or CartSpec(),  # type: ignore[arg-type]
            )

    def release(self, cart: CartSpec | None = None, **filters: object) -> list[BatchId]:
        plan = self.plan(cart, **filters)
        for command in plan.commands:
            self.it.run(command)
        return [each.batch for each in plan.commands if isinstance(each, ReleaseBatch)]

    def released(self, name: str, lines: Sequence[tuple[str, int]], **more: object) -> OrderId:
        """Return an order that is promised and in a batch of its own."""
        made = self.order(name, lines, **more)  # type: ignore[arg-type]
        self.promise()
        self.release()
        return made

    # The floor

    def start(self, cart: str = "CART-1") -> TaskView:
        offer = self.ask(AskWork(SITE, PICKER, station=self.station))
        batch = getattr(offer, "batch")
        self.it.run(StartBatch(**self.it.base(), batch=batch, cart=container_id(cart), station=self.station))
        return self.task()

    def task(self) -> TaskView:
        found = self.ask(AskWork(SITE, PICKER, station=self.station))
        assert isinstance(found, TaskView), found
        return found

    def put(self, view: TaskView, quantity: int | None = None, *, fills_up: bool = False) -> object:
        state = PutInTote(view, view.quantity, 0)
        take = decide.next_put(state)
        fill, tote = take.fill, take.container
        if fill == NO_ID:
            fill, tote = FillId(NO_ID), container_id(f"TOTE-{next(self.totes)}")
        units = quantity or decide.put_quantity(state)
        command = decide.pick(state, self.stamp(), fill, tote, units, fills_up=fills_up)
        self.it.run(command)
        return command

    def pick_all(self, cart: str = "CART-1") -> None:
        """Pick the next batch to its end."""
        view = self.start(cart)
        while True:
            self.put(view)
            if self.it.need(Batch, view.batch).state == "picked":
                return
            view = self.task()

    def pack_view(self, order: OrderId) -> PackView:
        found = self.ask(AskPack(SITE, self.station, CodeKind.BATCH, self.part(order)))
        assert isinstance(found, PackView), found
        return found

    def ask_refusal(self, order: OrderId) -> Refusal:
        """Return why an order may not be packed."""
        found = self.ask(AskPack(SITE, self.station, CodeKind.BATCH, self.part(order)))
        assert isinstance(found, Refusal), found
        return found

    def pack_all(self, order: OrderId) -> Parcel:
        """Pack everything of an order in one parcel and close it."""
        view = self.pack_view(order)
        box = view.boxes[0]
        self.it.run(packing.close(view, box, self.stamp(), self.context, packing.all_units(view), 0))
        return max((row for row in self.it.all(Parcel) if row.order == order), key=lambda row: row.number)

    def pack_some(self, order: OrderId, units: int) -> Parcel:
        """Pack the first units of the first loose run and close the parcel."""
        view = self.pack_view(order)
        loose = view.loose[0]
        box = view.boxes[0]
        part = (packing.unit_of(view, loose, loose.first, units),)
        self.it.run(packing.close(view, box, self.stamp(), self.context, part, 0))
        return max((row for row in self.it.all(Parcel) if row.order == order), key=lambda row: row.number)

    def load(self, parcel: Parcel) -> None:
        """Put a parcel into the van."""
        self.it.run(self.loading(parcel))

    def loading(self, parcel: Parcel) -> LoadParcel:
        self.it.run(ConfirmLabel(**self.it.base(), parcel=parcel.id))
        if self.manifest is None:
            self.manifest = ManifestId(derive(self.station, "manifest"))
            with self.connection.begin():
                number = next_number(self.connection, SITE, MANIFEST_NUMBERS, self.station)
            self.it.run(
                OpenManifest(
                    **self.it.base(), manifest=self.manifest, number=number, carrier=parcel.carrier,
                    dock=location_id("DOCK-1"),
                )
            )  # fmt: skip
        hand = self.ask(AskParcelInHand(SITE, parcel.id))
        return LoadParcel(
            **self.it.base(), parcel=parcel.id, manifest=self.manifest, order=parcel.order,
            fulfilment=parcel.fulfilment, bench=parcel.place, inside=hand.inside, needs_label=1, sscc=parcel.sscc,
            carrier=parcel.carrier, code=None,
        )  # fmt: skip

    # Looking

    def ask(self, query):
        with self.connection.begin():
            return query.run(self.connection)

    def part(self, order: OrderId) -> FulfilmentId:
        return fulfilment_id(order, 1)

    def head(self, order: OrderId) -> Fulfilment:
        return self.it.need(Fulfilment, self.part(order))

    def line(self, order: OrderId, number: int = 1) -> FulfilmentLine:
        return self.it.need(FulfilmentLine, fulfilment_line_id(self.part(order), number))

    def order_line(self, order: OrderId, number: int = 1):
        return line_id(order, number)

    def counts(self, order: OrderId, number: int = 1) -> Mapping[str, int]:
        """Return the counters of a line that are not zero."""
        row = self.line(order, number)
        names = ("promised", "reserved", "picked", "packed", "loaded", "short", "cancelled")
        return {name: getattr(row, name) for name in names if getattr(row, name)}

    def at(self, sku: str, place: str) -> int:
        """Return the units of an item at a place."""
        here = location_id(place)
        return sum(row.total for row in self.it.all(Balance) if (row.item, row.location) == (item(sku), here))

    def travels(self, *without: str) -> dict[str, list[tuple[object, ...]]]:
        """Return every row that is replicated or derived; the timeline and the numbers given out only grow."""
        keep = {name for name, info in TABLES.items() if info.kind in TRAVELS} - GROWS - set(without)
        return {name: rows for name, rows in self.it.dump().items() if name in keep}

    def check(self) -> None:
        """Everything that can be recomputed adds up."""
        with self.connection.begin():
            assert [str(each) for each in verify_all(self.connection)] == []


def lay_out(
    it: Bench, skus: Sequence[str] = ("MUG", "CUP", "JUG", "TEA"), extra: Mapping[str, object] | None = None
) -> Shop:
    """Return a shop with its places, items, carts and totes."""
    it.run(
        SetUpSite(
            **it.base(), name="Shop", kind=SiteKind.WAREHOUSE, time_zone="Europe/London", calendar="{}", country="GB",
            address="1 Street", gs1_prefix="0950110", owner_code="SHOP", owner_name="Shop",
        )
    )  # fmt: skip
    it.run(SaveLocations(**it.base(), locations=tuple(NewLocation(*each) for each in PLACES)))
    flags = extra or {}
    items = tuple(
        NewItem(sku=sku, description=sku.title(), weight_grams=300, length_mm=100, width_mm=100, height_mm=100, **flags)  # type: ignore[arg-type]
        for sku in skus
    )
    it.run(SaveItems(**it.base(), owner=OWNER, items=items))
    it.run(SaveBoxTypes(**it.base(), boxes=(NewBoxType("BOX-1", "Box", 400, 300, 300, 200, 30_000),)))
    carts = [NewContainer(f"CART-{n}", ContainerKind.CART, slots=6) for n in range(1, 4)]
    totes = [NewContainer(f"TOTE-{n}", ContainerKind.TOTE) for n in range(1, 60)]
    it.run(SaveContainers(**it.base(), containers=(*carts, *totes)))
    it.seed(ANN)
    return Shop(it)


@contextmanager
def shop(folder: Path, **more: object) -> Iterator[Shop]:
    """Open a shop in a folder."""
    with bench(folder) as it:
        yield lay_out(it, **more)  # type: ignore[arg-type]


__all__ = ["HOUR", "TODAY", "Shop", "item", "lay_out", "order_id", "shop", "zone_id"]
