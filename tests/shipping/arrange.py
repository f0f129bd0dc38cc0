"""Parcels at the dock, by order and carrier; `dock(shop)` signs a loader in there."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from core.packing.commands import ReopenParcel
from core.packing.model import Parcel
from core.shipping.flow import ScanParcel
from tests.orders.shop import Shop
from tests.packing.arrange import MUG, desk, labelled, picked
from tests.playbook import Desk

STRICT = {"scan_back": "block"}


def parcel(it: Shop, name: str, carrier: str = "HOUSE", *, label: bool = True, units: int = 1) -> Parcel:
    """Return a packed parcel, its label scanned back unless it is said otherwise."""
    packed = it.pack_all(picked(it, name, (MUG, units), carrier=carrier))
    return labelled(it, packed) if label else packed


def reopened(it: Shop, packed: Parcel) -> None:
    """Open a parcel again: its label, that somebody still holds in hand, is void."""
    it.it.run(ReopenParcel(**it.it.base(), parcel=packed.id, reason="OPERATOR"))


@contextmanager
def dock(it: Shop, policies: Mapping[str, str] = STRICT) -> Iterator[Desk]:
    """Switch a loader's station on."""
    with desk(it, begin="dispatch", policies=policies, roles="loader") as d:
        assert isinstance(d.state, ScanParcel)
        yield d
