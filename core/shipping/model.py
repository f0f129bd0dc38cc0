"""Tables of the last metres: manifests, by carrier and dock."""

from enum import StrEnum

from core.kernel.ids import LocationId, ManifestId, PersonId, SiteId
from core.kernel.tables import Row, TableClass, Unique, table


class ManifestState(StrEnum):
    """Whether parcels may still be added."""

    OPEN = "open"
    CLOSED = "closed"


@table(
    TableClass.FEED,
    key=("site", "id"),
    unique={"number": ("site", "number"), "open": Unique(("site", "carrier", "dock"), where="state = 'open'")},
)
class Manifest(Row):
    """What one carrier takes from one dock in one go; a parcel is loaded when it names its manifest."""

    site: SiteId
    id: ManifestId
    number: int
    carrier: str
    dock: LocationId
    state: ManifestState
    parcels: int
    weight_grams: int
    opened_at: int
    closed_at: int
    closed_by: PersonId
    version: int
