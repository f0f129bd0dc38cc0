"""What a loader is shown: the carrier's list, and the parcel in hand."""

from dataclasses import dataclass

from core.catalog.parcel_codes import ParcelCode
from core.kernel.ids import FulfilmentId, LocationId, ManifestId, OrderId, ParcelId
from core.kernel.numbers import Number
from core.kernel.reasons import Reason
from core.shipping.commands import Inside


@dataclass(frozen=True, slots=True)
class CarrierLoad:
    """How far one carrier's load is."""

    carrier: str
    cut_off_at: int
    manifest: ManifestId
    """NO_ID before its first parcel."""
    number: int
    loaded: int
    waiting: int
    """Closed parcels that are not loaded."""
    unlabelled: int
    """Of those waiting, parcels whose label was not scanned back."""
    next_labels: tuple[str, ...]
    """Labels of some that wait, for the simulated bench and the player."""


@dataclass(frozen=True, slots=True)
class DockView:
    """The dock with everything that goes out through it."""

    dock: LocationId
    dock_code: str
    loads: tuple[CarrierLoad, ...]
    next_number: Number


@dataclass(frozen=True, slots=True)
class ParcelInHand:
    """A parcel that was scanned at the dock."""

    parcel: ParcelId
    sscc: str
    order: OrderId
    order_number: str
    fulfilment: FulfilmentId
    carrier: str
    bench: LocationId
    inside: tuple[Inside, ...]
    manifest: ManifestId
    loaded_at: int
    labelled: int = 0
    """1 when its label was scanned back."""
    why_not: Reason | None = None
    """Why it must not go; None when it may."""
    since: int = 0
    """Since when, where that is known."""
    code: ParcelCode | None = None
    """What its label says, where its bench has not been heard: nothing else of it is known here."""


@dataclass(frozen=True, slots=True)
class StoppedParcel:
    """The one that must not go, until it lies on the problem shelf."""

    parcel: ParcelId
    sscc: str
    order: OrderId
    order_number: str
    reason: Reason
    at: int
    bench: LocationId
    inside: tuple[Inside, ...]


@dataclass(frozen=True, slots=True)
class Staying:
    """What stays behind if the list is closed now."""

    manifest: ManifestId
    number: int
    carrier: str
    parcels: tuple[tuple[ParcelId, OrderId], ...]
    left: tuple[str, ...]
    """Labels of closed parcels of this carrier that are not loaded."""
    backorders: tuple[str, ...] = ()
    """Orders of which a part goes and a part stays."""
