"""A cart, benches and docks of one site, and what they do with parcels and lists of a carrier."""

from core.cases.model import Case, CaseKind
from core.catalog.commands import location_id
from core.catalog.parcel_codes import ParcelCode, read_parcel_code
from core.kernel import codec
from core.kernel.ids import ManifestId, derive
from core.kernel.numbers import next_number
from core.kernel.spool import PrintJob
from core.packing.model import Parcel
from core.rights.model import StationKind
from core.shipping import decide
from core.shipping.commands import MANIFEST_NUMBERS, LoadParcel, OpenManifest
from core.shipping.model import Manifest, ManifestState
from core.shipping.queries import AskParcelInHand
from core.shipping.views import ParcelInHand
from core.stock.model import Balance
from tests.orders.shop import lay_out, order_id
from tests.support import SITE
from tests.sync.world import Member, World

FLOOR = (StationKind.CART, StationKind.BENCH, StationKind.BENCH, StationKind.DOCK, StationKind.DOCK)
ORDERS = ("o1", "o2")


def two_orders_are_picked(it: World) -> None:
    cart, _, _, dock, _ = it.members
    lay_out(cart.bench)
    it.settle()
    it.office.stock("MUG", "A-1", 100)
    for name in ORDERS:
        it.office.order(name, [("MUG", 3)])
    it.office.promise()
    it.grant(cart, *it.office.release())
    it.give_carrier(dock, "HOUSE")
    it.settle()
    cart.shop.pick_all()
    it.settle()


def pack(bench: Member, name: str = "o1") -> Parcel:
    return bench.shop.pack_all(order_id(name))


def label(bench: Member, parcel: Parcel) -> ParcelCode:
    """Return what the square code on a parcel's label says."""
    (text,) = {
        codec.parse(job.content)["data"]
        for job in bench.bench.all(PrintJob)
        if job.subject == parcel.id and job.document == "house_label"
    }
    found = read_parcel_code(text)
    assert isinstance(found, ParcelCode)
    return found


def hand(dock: Member, code: ParcelCode) -> ParcelInHand:
    """Return what a dock says of a parcel whose label it scans."""
    found = dock.shop.ask(AskParcelInHand(SITE, code.parcel, code))
    assert isinstance(found, ParcelInHand)
    return found


def open_list(dock: Member, carrier: str = "HOUSE", place: str = "DOCK-1") -> ManifestId:
    known = [row for row in dock.bench.all(Manifest) if row.carrier == carrier and row.dock == location_id(place)]
    opened = [row.id for row in known if row.state is ManifestState.OPEN]
    if opened:
        return opened[0]
    with dock.connection.begin():
        number = next_number(dock.connection, SITE, MANIFEST_NUMBERS, dock.name)
    base = dock.bench.base()
    made = ManifestId(derive(base["id"], "manifest"))
    dock.bench.run(OpenManifest(**base, manifest=made, number=number, carrier=carrier, dock=location_id(place)))
    return made


def loading(dock: Member, code: ParcelCode, place: str = "DOCK-1") -> LoadParcel:
    manifest = open_list(dock, place=place)
    return decide.load(hand(dock, code), manifest, dock.shop.stamp(), needs_label=False)


def load(dock: Member, code: ParcelCode, place: str = "DOCK-1") -> None:
    assert hand(dock, code).why_not is None
    dock.bench.run(loading(dock, code, place))


def cases(it: World, *kinds: CaseKind) -> list[Case]:
    return [row for row in it.office.it.all(Case) if not kinds or row.kind in kinds]


def loaded(it: World, name: str = "o1") -> int:
    return it.office.counts(order_id(name)).get("loaded", 0)


def on_shelf_and_out(it: World) -> dict[bytes, int]:
    """Return the units of each place at the hub."""
    found: dict[bytes, int] = {}
    for row in it.office.it.all(Balance):
        found[row.location] = found.get(row.location, 0) + row.total
    return {place: units for place, units in found.items() if units}
