"""Tables of packing: parcels and what is in them, by unit ordinal."""

from enum import StrEnum

from core.kernel.guards import guard
from core.kernel.ids import (
    BoxTypeId,
    ContactId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    ItemId,
    JobId,
    LocationId,
    LotId,
    ManifestId,
    OrderId,
    OwnerId,
    ParcelId,
    PersonId,
    SiteId,
    StationId,
)
from core.kernel.tables import Row, TableClass, Unique, table


class ParcelState(StrEnum):
    """What a parcel is."""

    OPEN = "open"
    """Being packed."""
    CLOSED = "closed"
    """Everything in, weighed if policy says so, its label asked for."""
    VOID = "void"
    """Given up: reopened, or never finished."""


class LabelState(StrEnum):
    """How far a parcel's label has come."""

    NONE = "none"
    """Packed, unlabelled: a real state, shown at bench and dock."""
    SPOOLED = "spooled"
    """Asked for; how far the paper has come is the print job's own state."""
    APPLIED = "applied"
    """Scanned back from the box."""
    VOID = "void"


@table(
    TableClass.FEED,
    key=("site", "id"),
    unique={"sscc": Unique(("site", "sscc"), where="sscc <> ''")},
    indexes={
        "parcel_fulfilment": ("site", "fulfilment"),
        "parcel_manifest": ("site", "manifest"),
        "parcel_state": ("site", "state", "label"),
        # Counted and taken in turn at each look at the dock, out of the index alone: thousands may wait.
        "parcel_waiting": ("site", "loaded_at", "state", "carrier", "closed_at", "sscc", "label"),
    },
    touch="order",
)
class Parcel(Row):
    """One box."""

    site: SiteId
    id: ParcelId
    order: OrderId
    fulfilment: FulfilmentId
    number: int
    """1, 2, 3 within the fulfilment; a void one keeps its number."""
    box_type: BoxTypeId
    carrier: str
    service: str
    contact: ContactId
    """The address copy it ships to."""
    sscc: str
    """18 digits once closed, empty before."""
    units: int
    expected_grams: int
    """0 when a weight is unknown."""
    weight_grams: int
    """0 when it was not weighed."""
    station: StationId
    place: LocationId
    """The bench's location: where its goods are booked until they leave."""
    packer: PersonId
    opened_at: int
    closed_at: int
    state: ParcelState
    label: LabelState
    job: JobId
    """The print job of its newest label; NO_ID before."""
    copies: int
    """Labels printed for it so far."""
    manifest: ManifestId
    """NO_ID until it is loaded."""
    loaded_at: int
    version: int


@table(
    TableClass.FEED,
    key=("site", "id"),
    unique={"units": ("site", "line", "first", "parcel")},
    indexes={"parcel_content_parcel": ("site", "parcel")},
    touch="order",
)
class ParcelContent(Row):
    """Units of one line in one parcel.

    No ordinal should be in two parcels. Where two benches packed one all the same, each has a row: both happened, and a
    case names the parcels.
    """

    site: SiteId
    id: bytes
    parcel: ParcelId
    order: OrderId
    fulfilment: FulfilmentId
    line: FulfilmentLineId
    owner: OwnerId
    item: ItemId
    lot: LotId
    serial: str
    fill: FillId
    """The tote filling they came out of."""
    first: int
    quantity: int


guard("content_positive", "parcel_content", "NEW.quantity <= 0")
