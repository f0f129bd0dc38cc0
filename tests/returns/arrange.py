"""A bench where parcels come back; `returns(shop)` signs somebody in there, `gone(shop, name)` is a parcel that has left."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.cases.model import Case
from core.catalog.commands import location_id
from core.kernel.ids import StationId
from core.packing.model import Parcel
from core.returns.commands import ReceiveReturn
from core.returns.flow import ReturnsFlow, ScanReturn
from core.returns.model import id_of_parcel
from core.station.cases import CasesFlow
from core.station.home import HomeFlow
from tests.orders.shop import Shop
from tests.packing.arrange import BENCH, MUG, picked
from tests.playbook import Desk
from tests.support import STATION


def packed(it: Shop, name: str, units: int = 1) -> Parcel:
    """Return a parcel that stands at its bench."""
    return it.pack_all(picked(it, name, (MUG, units)))


def gone(it: Shop, name: str, units: int = 1) -> Parcel:
    """Return a parcel that a van took away."""
    parcel = packed(it, name, units)
    it.load(parcel)
    return it.it.need(Parcel, parcel.id)


@contextmanager
def returns(it: Shop, roles: str = "packer") -> Iterator[Desk]:
    """Switch a station on where boxes are received."""
    flows = {each.NAME: each for each in (ReturnsFlow(), HomeFlow(), CasesFlow())}
    made = Desk(it.it, flows, begin="returns", roles=roles, place=BENCH)
    try:
        assert isinstance(made.state, ScanReturn)
        yield made
    finally:
        made.switch_off()


def received(it: Shop, parcel: Parcel, place: str, station: StationId = STATION) -> ReceiveReturn:
    """Return the receipt of a parcel at a place."""
    return ReceiveReturn(
        **it.it.base(), back=id_of_parcel(parcel.id), code=parcel.sscc, number=1, parcel=parcel.id, order=parcel.order,
        fulfilments=(parcel.fulfilment,), place=location_id(place), station=station,
    )  # fmt: skip


def cases(it: Shop) -> list[tuple[str, bytes]]:
    """Return what is told, with the order it is about."""
    return [(row.kind.value, row.order) for row in sorted(it.it.all(Case), key=lambda row: row.opened_at)]
