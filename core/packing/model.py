"""Tables of packing: parcels and what is in them, by unit ordinal."""

from enum import StrEnum

from core.kernel.guards import guard
from core.kernel.ids import (
    NO_ID,
    BoxTypeId,
    CommandId,
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
    unique={
        "sscc": Unique(("site", "sscc", "id"), where="sscc <> ''"),
        "tracking": Unique(("site", "tracking", "id"), where="tracking <> ''"),
    },
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
    closing: CommandId = CommandId(NO_ID)
    """The operation that gave it its label number; NO_ID before."""
    tracking: str = ""
    """The carrier's own number, without blanks; empty where there is none."""


class LabelStop(StrEnum):
    """Why no parcel may leave under a label number."""

    VOID = "void"
    """The parcel was opened again, or given up: its label may still lie about."""
    TWICE = "twice"
    """Two parcels bear it, or a station gave it out that had no right to: nobody knows whose it is."""


@table(TableClass.FEED, key=("site", "sscc"))
class StoppedLabel(Row):
    """A label number under which nothing leaves any more; numbers are never given out again."""

    site: SiteId
    sscc: str
    why: LabelStop
    at: int


@table(
    TableClass.FEED,
    key=("site", "parcel"),
    unique={"fulfilment": ("site", "fulfilment", "parcel"), "sscc": ("site", "sscc", "parcel")},
    indexes={"early_load_manifest": ("site", "manifest")},
    touch="order",
)
class EarlyLoad(Row):
    """A parcel in a van whose bench has not been heard yet: what its label says, until the bench's own word comes."""

    site: SiteId
    parcel: ParcelId
    order: OrderId
    fulfilment: FulfilmentId
    sscc: str
    operation: CommandId
    """That closed it, as the label says."""
    manifest: ManifestId
    units: str
    """Canonical JSON: line, first ordinal and number of each run of units."""
    quantity: int
    """Of all of them together."""
    weight_grams: int
    at: int


@table(
    TableClass.FEED,
    key=("site", "id"),
    unique={"units": ("site", "line", "first", "parcel"), "parcel": ("site", "parcel", "id")},
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


@table(TableClass.FEED, key=("site", "sscc"))
class PrintedSscc(Row):
    """A label number that was given out without closing a parcel: on a pallet, or from somebody's list."""

    site: SiteId
    sscc: str
    at: int
    """When it was given out last."""


def kinds_of(papers: str) -> tuple[str, ...]:
    """Return the content kinds that a rule's text names."""
    return tuple(filter(None, papers.split(",")))


@table(TableClass.FEED, key=("site", "channel", "customer"))
class PaperRule(Row):
    """What paper goes with a closed carton beside its label and slip; an empty condition is met by every order."""

    site: SiteId
    channel: str
    """Where it was ordered."""
    customer: str
    """The channel's number for the customer."""
    papers: str
    """Content kinds, comma-separated, such as ``carton_content_label``."""
    version: int

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the kinds it asks for."""
        return kinds_of(self.papers)
