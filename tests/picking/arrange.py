"""A small warehouse to pick in: items with codes on several levels, lots, serials, a cart, totes, orders, batches.

Stock and batches come through their own commands, so that everything adds up from the start; orders are written as
rows. `floor(path)` opens it; `desk(arranged)` signs a picker in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from core.catalog.commands import (
    NewCode,
    NewContainer,
    NewItem,
    NewLocation,
    SaveContainers,
    SaveItems,
    SaveLocations,
    SetUpSite,
    item_id,
    location_id,
    owner_id,
)
from core.catalog.model import ContainerKind, Level, LocationRole, SiteKind
from core.exchange.verify import verify_all
from core.kernel.ids import (
    NO_ID,
    BatchId,
    ContactId,
    FulfilmentId,
    FulfilmentLineId,
    ItemId,
    OrderId,
    OrderLineId,
    WaveId,
    document_id,
)
from core.kernel.numbers import Number
from core.kernel.tables import TABLES, TableClass
from core.orders.model import Fulfilment, FulfilmentLine, Order, OrderLine, PartialPolicy, PaymentState
from core.picking.flow import PickFlow
from core.rights.model import LeaseState, Stage, WorkLease
from core.station.home import HomeFlow
from core.stock.commands import Receipt, ReceiveStock, lot_id
from core.stock.model import StockKey
from core.waves.commands import CreateWave, NewMember, NewTake, NewTask, ReleaseBatch
from core.waves.model import BatchKind
from tests.playbook import Desk
from tests.support import NOON, SITE, STATION, Bench, bench

OWNER = owner_id("")
MUG, RED, MILK, PHONE, SOAP = "MUG-BLUE", "MUG-RED", "MILK", "PHONE", "SOAP"
GTIN = {
    MUG: "09501101003019",
    RED: "09501101003026",
    MILK: "09501101003033",
    PHONE: "09501101003040",
    SOAP: "09501101003057",
}
INNER = "19501101003016"
"""Six blue mugs."""
CART, OTHER_CART = "CART-01", "CART-02"
TRAVELS = (TableClass.FEED, TableClass.DERIVED)
WAVE = WaveId(b"wave-00000000001")


def item(sku: str) -> ItemId:
    return item_id(OWNER, sku)


def gs1(sku: str, *, lot: str = "", serial: str = "", expiry: str = "") -> str:
    """Return the Data Matrix text of an item with what else is known of it."""
    end = f"17{expiry.replace('-', '')[2:]}" if expiry else ""
    return f"]d201{GTIN[sku]}{end}" + (f"10{lot}" if lot else "") + (f"21{serial}" if serial else "")


@dataclass(frozen=True)
class Take:
    """One line's units at one place."""

    order: str
    sku: str
    place: str
    quantity: int
    lot: str = ""
    serial: str = ""

    @property
    def key(self) -> StockKey:
        return StockKey(
            owner=OWNER, item=item(self.sku), location=location_id(self.place), lot=lot_id(item(self.sku), self.lot),
            serial=self.serial,
        )  # fmt: skip


@dataclass
class Arranged:
    """The warehouse, and the names of what was put into it."""

    bench: Bench
    numbers: dict[str, int] = field(default_factory=dict)
    batches: int = 0
    policy: PartialPolicy = PartialPolicy.PARTIAL

    def stock(self, sku: str, place: str, quantity: int, *, lot: str = "", expiry: str = "", serial: str = "") -> None:
        self.bench.run(
            ReceiveStock(
                **self.bench.base(),
                receipts=(
                    Receipt(
                        owner=OWNER, item=item(sku), location=location_id(place), quantity=quantity, lot=lot,
                        expiry=expiry, serial=serial,
                    ),
                ),
            )
        )  # fmt: skip

    def order(self, number: str, **wanted: int) -> None:
        """Write an order with promised units: SKU (its name in capitals) and how many, one line each."""
        lines = [(globals().get(name, name), quantity) for name, quantity in wanted.items()]
        units = sum(quantity for _, quantity in lines)
        order, part = order_id(number), part_id(number)
        self.bench.seed(
            Order(
                SITE, order, "test", number, number, OWNER, ContactId(NO_ID), NOON, "standard", 0, 0, 0,
                PaymentState.PAID, self.policy, "", 0, bytes(32), 1,
            ),
            Fulfilment(
                SITE, part, order, 1, OWNER, ContactId(NO_ID), "DHL", "standard", 0, NOON, 0, 0, self.policy,
                PaymentState.PAID, len(lines), units, units, 0, 0, 0, 0, 0, 0, 0, 1, 1,
            ),
            *(
                OrderLine(
                    SITE, OrderLineId(document_id(1, "order line", number, sku)), order, n, str(n), OWNER, item(sku),
                    OrderLineId(NO_ID), sku, quantity, 0, 0, "GBP",
                )
                for n, (sku, quantity) in enumerate(lines, start=1)
            ),
            *(
                FulfilmentLine(
                    SITE, line_id(number, sku), part, order, OrderLineId(document_id(1, "order line", number, sku)), n,
                    OWNER, item(sku), quantity, quantity, 0, 0, 0, 0, 0, 0, 1,
                )
                for n, (sku, quantity) in enumerate(lines, start=1)
            ),
        )  # fmt: skip
        self.numbers[number] = units

    def release(self, *takes: Take, kind: BatchKind = BatchKind.CLUSTER) -> BatchId:
        """Release a batch: stops in the order the takes were named, slots in the order of the orders."""
        self.batches += 1
        batch = BatchId(document_id(2, "batch", str(self.batches)))
        if self.batches == 1:
            self.bench.run(
                CreateWave(**self.bench.base(), wave=WAVE, number=Number(14), carrier="DHL", cut_off_at=NOON)
            )
        cluster = kind is BatchKind.CLUSTER
        orders = list(dict.fromkeys(take.order for take in takes))
        by_key: dict[StockKey, list[Take]] = defaultdict(list)
        for take in takes:
            by_key[take.key].append(take)
        first: dict[tuple[str, str], int] = defaultdict(lambda: 1)
        tasks = []
        for key, inside in by_key.items():
            parts = []
            for take in inside:
                name = (take.order, take.sku)
                parts.append(NewTake(line_id(*name), part_id(take.order), first[name], take.quantity))
                first[name] += take.quantity
            tasks.append(NewTask(key, tuple(parts)))
        self.bench.run(
            ReleaseBatch(
                **self.bench.base(), batch=batch, number=Number(self.batches), wave=WAVE, kind=kind, priority=0, cut_off_at=NOON,
                weight_grams=0, volume_ml=0, tasks=tuple(tasks),
                members=tuple(
                    NewMember(part_id(order), order_id(order), n if cluster else 0)
                    for n, order in enumerate(orders, start=1)
                ),
            )
        )  # fmt: skip
        return batch

    def simple(self, *quantities: int) -> BatchId:
        """Release blue mugs of one location for one order each."""
        numbers = [f"10{n}" for n in range(1, len(quantities) + 1)]
        for number, quantity in zip(numbers, quantities, strict=True):
            self.order(number, MUG=quantity)
        return self.release(
            *(Take(number, MUG, "A-01-01", quantity) for number, quantity in zip(numbers, quantities, strict=True))
        )

    def lease(self, batch: BatchId, fence: int = 5) -> None:
        """Let the walk be leased work of this station, as at a site that several share."""
        self.bench.seed(WorkLease(SITE, Stage.PICK, batch, STATION, 1, 1, fence, LeaseState.HELD, 0, NOON))

    def unheard(self) -> None:
        """Let the hub not have acknowledged anything of what was done here."""
        with self.bench.executor.connection.begin():
            self.bench.executor.connection.exec_driver_sql("UPDATE op_log SET state = 'pending'")

    def travels(self) -> dict[str, list[tuple[object, ...]]]:
        """Return every row that is replicated or derived; the timeline and the turns at a batch only grow."""
        keep = {name for name, info in TABLES.items() if info.kind in TRAVELS} - {"op_touch"}
        return {name: rows for name, rows in self.bench.dump().items() if name in keep}

    def clean(self) -> None:
        """Check that everything that can be recomputed is what is stored."""
        with self.bench.executor.connection.begin():
            assert [str(each) for each in verify_all(self.bench.executor.connection)] == []


def order_id(number: str) -> OrderId:
    return OrderId(document_id(1, "order", number))


def part_id(number: str) -> FulfilmentId:
    return FulfilmentId(document_id(1, "part", number))


def line_id(number: str, sku: str) -> FulfilmentLineId:
    return FulfilmentLineId(document_id(1, "line", number, sku))


def _master_data(it: Bench) -> None:
    def each(sku: str, description: str, variant: str = "", codes: Sequence[NewCode] = (), **control: int) -> NewItem:
        return NewItem(sku=sku, description=description, variant=variant, codes=(NewCode(GTIN[sku]), *codes), **control)  # type: ignore[arg-type]

    it.run(
        SetUpSite(
            **it.base(), name="Sample", kind=SiteKind.WAREHOUSE, time_zone="Europe/London", calendar="{}", country="GB",
            address="", gs1_prefix="09501101", owner_code="", owner_name="Sample",
        )
    )  # fmt: skip
    it.run(
        SaveItems(
            **it.base(),
            owner=OWNER,
            items=(
                each(MUG, "Mug, 350 ml", "blue", (NewCode(INNER, Level.INNER, 6),)),
                each(RED, "Mug, 350 ml", "red"),
                each(MILK, "Oat milk", lot_control=1, expiry_control=1),
                each(PHONE, "Phone", serial_control=1),
                each(SOAP, "Soap bar"),
            ),
        )
    )
    pick = [NewLocation(f"A-01-0{n}", "A", LocationRole.PICK, n) for n in range(1, 8)]
    others = (
        NewLocation("R-01-01", "R", LocationRole.RESERVE, 50),
        NewLocation("Q-01", "Q", LocationRole.QUARANTINE, 90),
        NewLocation("BENCH-1", "B", LocationRole.PACK, 95),
    )
    it.run(SaveLocations(**it.base(), locations=(*pick, *others)))
    carts = [NewContainer(code, ContainerKind.CART, slots=6) for code in (CART, OTHER_CART)]
    totes = [NewContainer(f"TOTE-{n}", ContainerKind.TOTE) for n in range(1, 10)]
    it.run(SaveContainers(**it.base(), containers=(*carts, *totes)))


@contextmanager
def arranged(folder: Path) -> Iterator[Arranged]:
    """Open a warehouse with shelves that are still empty."""
    with bench(folder) as it:
        _master_data(it)
        yield Arranged(it)


@contextmanager
def desk(it: Arranged, *, start: bool = True, policies: Mapping[str, str] | None = None) -> Iterator[Desk]:
    """Switch a picker's station on; by default the cart is scanned already."""
    made = Desk(it.bench, {"pick": PickFlow(), "home": HomeFlow()}, begin="pick", policies=policies)
    if start:
        made.take(CART)
    try:
        yield made
    finally:
        made.switch_off()
