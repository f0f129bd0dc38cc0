"""A bench to pack at: a small shop with cartons of several sizes, lots, serials and totes that are picked already.

`packing_shop(path)` opens it; `desk(shop)` signs a packer in at BENCH-1.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from core.amending.commands import CancelOrder
from core.amending.planner import plan_cancel
from core.catalog.commands import (
    NewBoxType,
    NewCode,
    NewItem,
    NewLocation,
    SaveBoxTypes,
    SaveItems,
    SaveLocations,
    container_id,
    location_id,
)
from core.catalog.fill_codes import fill_code
from core.catalog.model import Item, Level, LocationRole
from core.catalog.readings import FillCode, FillUnits
from core.kernel.ids import FillId, FulfilmentLineId, OrderId, document_id
from core.kernel.printing import MovePrintJob
from core.kernel.spool import JobState, PrintJob
from core.kernel.uow import UnitOfWork
from core.orders.commands import HoldOrder
from core.orders.model import FulfilmentLine
from core.packing.commands import ConfirmLabel
from core.packing.flow import PackFlow
from core.packing.model import Parcel
from core.packing.states import StickLabel
from core.picking.model import Fill, FillState
from core.shipping.flow import DispatchFlow
from core.station.home import HomeFlow
from core.station.override import OverrideFlow
from core.stock.model import Reservation
from core.waves.model import Batch
from tests.orders.shop import OWNER, Shop, item, lay_out
from tests.playbook import Desk
from tests.support import SITE, STATION, bench

MUG, CUP, POSTER, MILK, PHONE = "MUG", "CUP", "POSTER", "MILK", "PHONE"
GTIN = {
    MUG: "09501101003019",
    CUP: "09501101003026",
    MILK: "09501101003033",
    PHONE: "09501101003040",
    POSTER: "09501101003057",
}
INNER = "19501101003016"
"""Six mugs."""
SMALL, MEDIUM, LONG, DHL_BOX = "BOX-S", "BOX-1", "BOX-L", "BOX-DHL"
BENCH = location_id("BENCH-1")


# The preset of a shop's first day, as far as the bench asks.
FIRST_DAY = {"verify_units": "block", "weight": "inform", "scan_back": "block", "carton_size": "inform"}


def gs1(sku: str, *, lot: str = "", serial: str = "") -> str:
    """Return the Data Matrix text of an item with its lot or serial."""
    return f"]d201{GTIN[sku]}" + (f"10{lot}" if lot else "") + (f"21{serial}" if serial else "")


def _new(sku: str, cube_mm: int, grams: int, **more: object) -> NewItem:
    codes = (NewCode(GTIN[sku]), *((NewCode(INNER, Level.INNER, 6),) if sku == MUG else ()))
    size = {"length_mm": cube_mm, "width_mm": cube_mm, "height_mm": cube_mm} | more
    return NewItem(sku=sku, description=sku.title(), weight_grams=grams, codes=codes, **size)  # type: ignore[arg-type]


@contextmanager
def packing_shop(folder: Path) -> Iterator[Shop]:
    """Open a shop whose shelves are full."""
    with bench(folder) as it:
        made = lay_out(it, skus=())
        items = (
            _new(MUG, 100, 300), _new(CUP, 100, 120), _new(POSTER, 50, 200, length_mm=600),
            _new(MILK, 100, 1000, lot_control=1), _new(PHONE, 100, 180, serial_control=1),
        )  # fmt: skip
        it.run(SaveItems(**it.base(), owner=OWNER, items=items))
        it.run(SaveLocations(**it.base(), locations=(NewLocation("H-1", "H", LocationRole.HOSPITAL, 99),)))
        boxes = (
            NewBoxType(SMALL, "Small", 150, 150, 150, 80, 5_000),
            NewBoxType(LONG, "Long", 700, 400, 400, 500, 30_000), NewBoxType(DHL_BOX, "Theirs", 120, 120, 120, 50, 0, "DHL"),
        )  # fmt: skip
        it.run(SaveBoxTypes(**it.base(), boxes=boxes))
        for sku, place in ((MUG, "A-1"), (CUP, "A-2"), (POSTER, "B-1")):
            made.stock(sku, place, 100)
        yield made


def picked(it: Shop, name: str, *lines: tuple[str, int], **more: object) -> OrderId:
    """Return an order whose units lie in a tote at the bench."""
    order = it.released(name, list(lines), **more)
    it.pick_all()
    return order


def slip(it: Shop, name: str, *lines: tuple[str, int], tote: str = "TOTE-40", **more: int) -> str:
    """Return the slip of a tote whose picks nobody here has heard of."""
    order = it.released(name, list(lines))
    batch = max(it.it.all(Batch), key=lambda row: row.number)
    held = [row for row in it.it.all(Reservation) if row.demand in {line.id for line in parts(it, order)}]
    units = tuple(
        FillUnits(
            line=FulfilmentLineId(row.demand), owner=row.owner, item=row.item, lot=row.lot, serial=row.serial,
            first=row.first, quantity=row.quantity,
        )
        for row in sorted(held, key=lambda row: (row.demand, row.first))
    )  # fmt: skip
    given = {"incarnation": 1, "epoch": 1, "fence": 5, "number": 2} | more
    return fill_code(
        FillCode(
            site=SITE, fill=FillId(document_id(3, "fill", name)), container=container_id(tote),
            fulfilment=it.part(order), walk=batch.id, place=location_id("CART"), station=STATION, units=units, **given,
        )
    )  # fmt: skip


def parts(it: Shop, order: OrderId) -> list[FulfilmentLine]:
    return [row for row in it.it.all(FulfilmentLine) if row.order == order]


def singles(it: Shop, *names: str, sku: str = MUG, **more: object) -> list[OrderId]:
    """Return orders of one unit each, picked together into one tote."""
    orders = [it.order(name, [(sku, 1)], **more) for name in names]  # type: ignore[arg-type]
    it.promise()
    it.release()
    it.pick_all()
    return orders


def tote(it: Shop, order: OrderId) -> str:
    """Return the code of the tote an order lies in."""
    row = next(each for each in it.it.all(Fill) if each.fulfilment == it.part(order) and each.state is FillState.PICKED)
    return next(f"TOTE-{n}" for n in range(1, 60) if container_id(f"TOTE-{n}") == row.container)


def learn(it: Shop, *skus: str, sigma_mg: int = 500) -> None:
    """Let weights count as learnt from weighings."""
    with it.connection.begin():
        uow = UnitOfWork(it.connection)
        for sku in skus:
            row = uow.get(Item, (SITE, item(sku)))
            assert row is not None
            uow.update(row, weight_samples=20, weight_sigma_mg=sigma_mg)
        uow.flush()


@contextmanager
def desk(
    it: Shop, *, begin: str = "pack", policies: Mapping[str, str] | None = None, roles: str = "packer,loader"
) -> Iterator[Desk]:
    """Switch a packer's station on."""
    flows = {each.NAME: each for each in (PackFlow(), HomeFlow(), DispatchFlow(), OverrideFlow())}
    made = Desk(it.it, flows, begin=begin, roles=roles, place=BENCH, policies=policies)
    try:
        yield made
    finally:
        made.switch_off()


def hold(it: Shop, order: OrderId) -> None:
    """Let the office hold an order."""
    it.it.run(HoldOrder(**it.it.base(), order=order, fulfilments=(it.part(order),), reason="fraud"))


def cancel(it: Shop, order: OrderId) -> None:
    """Let the office cancel an order."""
    with it.connection.begin():
        command = plan_cancel(it.connection, SITE, order, "customer", it.stamp())
    assert isinstance(command, CancelOrder), command
    it.it.run(command)


def labelled(it: Shop, parcel: Parcel) -> Parcel:
    """Scan a parcel's label back."""
    it.it.run(ConfirmLabel(**it.it.base(), parcel=parcel.id))
    return it.it.need(Parcel, parcel.id)


def printed(it: Shop) -> None:
    """Let the label printer print what is asked for."""
    for job in it.it.all(PrintJob):
        if job.printer == "label" and job.state is JobState.QUEUED:
            for state in (JobState.SENDING, JobState.SENT, JobState.PRINTED):
                it.it.run(MovePrintJob(**it.it.base(), job=job.id, state=state))


def label(d: Desk) -> str:
    """Return the label that is to be scanned back."""
    assert isinstance(d.state, StickLabel)
    return d.state.parcel.sscc
