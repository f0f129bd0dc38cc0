"""Tables of what the floor is made of: sites, owners, items and their codes, zones, locations, boxes, totes and carts."""

from enum import StrEnum

from core.kernel.flow import CodeKind
from core.kernel.ids import BoxTypeId, ContainerId, ItemId, LocationId, OwnerId, SiteId, ZoneId
from core.kernel.tables import Row, TableClass, table


class SiteKind(StrEnum):
    """What a site is."""

    WAREHOUSE = "warehouse"
    STORE = "store"
    VENDOR = "vendor"
    IN_TRANSIT = "in_transit"


@table(TableClass.FEED, key=("site",))
class Site(Row):
    """A physical building with stock and staff."""

    site: SiteId
    name: str
    kind: SiteKind
    time_zone: str
    """IANA name; cut-offs and expiry are local to it."""
    calendar: str
    """Canonical JSON: weekdays worked and closed dates."""
    country: str
    address: str
    """The sender's lines on labels, one a line."""
    gs1_prefix: str
    """GS1 company prefix with extension digit room: SSCCs begin with it."""
    owner: OwnerId
    """The default owner: whose goods they are where nothing else is said."""
    version: int


@table(TableClass.FEED, key=("site", "id"), unique={"code": ("site", "code")})
class Owner(Row):
    """Whose stock it is; one default owner stays invisible until there is a second."""

    site: SiteId
    id: OwnerId
    code: str
    name: str


class BaseUnit(StrEnum):
    """What one unit of a quantity is."""

    EACH = "each"
    GRAM = "g"
    MILLILITRE = "ml"
    MILLIMETRE = "mm"


@table(TableClass.FEED, key=("site", "id"), unique={"sku": ("site", "owner", "sku")})
class Item(Row):
    """A sellable thing; every quantity of it is a whole number of its base unit."""

    site: SiteId
    id: ItemId
    owner: OwnerId
    sku: str
    description: str
    variant: str
    """What tells it from its neighbours (colour, size), shown large."""
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    weight_grams: int | None
    weight_sigma_mg: int
    """Standard deviation of one unit's weight; 0 while it was not learnt."""
    weight_samples: int
    """How many weighings taught the weight; 0: from the item master only."""
    lot_control: int
    serial_control: int
    expiry_control: int
    hazard: str
    """UN number or LQ mark, empty for none."""
    handling: str
    """Flags, comma-separated: fragile, upright, gift_wrap."""
    origin_country: str
    hs_code: str
    picture: str
    """SHA-256 of its picture, empty for none."""
    version: int
    base_unit: BaseUnit = BaseUnit.EACH
    catch_weight: int = 0
    """1 when each unit is weighed as it moves; its entries carry a second quantity."""


class Level(StrEnum):
    """A packaging level of an item."""

    EACH = "each"
    INNER = "inner"
    CARTON = "carton"
    PALLET = "pallet"


@table(
    TableClass.FEED,
    key=("site", "code", "owner"),
    indexes={"code_target": ("site", "target")},
)
class Code(Row):
    """A scannable code and the one thing that an owner (or the site) calls by it: barcodes, SKUs, locations, totes, boxes.

    Numbers are normalised before they get here (a GTIN has 14 digits). Orders and parcels are found by their own
    numbers, not by rows here; what two owners, or an owner and the site, call alike is told apart at the scan.
    """

    site: SiteId
    code: str
    kind: CodeKind
    target: bytes
    owner: OwnerId
    """NO_ID for what belongs to the site."""
    level: Level
    quantity: int
    """Base units that one scan stands for; 1 for everything but packagings."""


@table(TableClass.FEED, key=("site", "id"), unique={"code": ("site", "code")})
class Zone(Row):
    """Locations that are worked together."""

    site: SiteId
    id: ZoneId
    code: str
    name: str
    sequence: int


class LocationRole(StrEnum):
    """What a location is for; decides in one place whether its stock can be promised or picked."""

    RECEIVE = "receive"
    RESERVE = "reserve"
    PICK = "pick"
    STAGE = "stage"
    PACK = "pack"
    SHIP = "ship"
    QUARANTINE = "quarantine"
    HOSPITAL = "hospital"
    PERSON = "person"
    CART = "cart"
    IN_TRANSIT = "in_transit"
    UNEXPLAINED = "unexplained"
    WORLD = "world"


PROMISABLE = (LocationRole.PICK, LocationRole.RESERVE)
"""Roles whose stock counts for a promise."""
PICKABLE = (LocationRole.PICK,)
"""Roles that stock is picked from; reserve storage raises a replenishment need instead."""
SIGNED = (LocationRole.UNEXPLAINED, LocationRole.WORLD)
"""Roles whose balances may be negative: where goods come from and go to."""


@table(
    TableClass.FEED,
    key=("site", "id"),
    unique={"code": ("site", "code")},
    indexes={"location_role": ("site", "role"), "location_walk": ("site", "zone", "sequence")},
)
class Location(Row):
    """An addressable place."""

    site: SiteId
    id: LocationId
    code: str
    """As people read it, grouped: ``A-12-03``; it is also what its barcode says."""
    zone: ZoneId
    role: LocationRole
    sequence: int
    """Its place on the walk."""
    blocked: str
    """Why nothing may be taken from it; empty when it may."""


@table(TableClass.FEED, key=("site", "id"), unique={"code": ("site", "code")})
class BoxType(Row):
    """A carton, bag or envelope one ships in; inner measures."""

    site: SiteId
    id: BoxTypeId
    code: str
    name: str
    length_mm: int
    width_mm: int
    height_mm: int
    tare_grams: int
    max_weight_grams: int
    carrier: str
    """The only carrier it may go with; empty for any."""
    active: int


class ContainerKind(StrEnum):
    """Reusable containers."""

    TOTE = "tote"
    CART = "cart"


@table(TableClass.FEED, key=("site", "id"), unique={"code": ("site", "code")})
class Container(Row):
    """A tote or cart: an asset. What is in it now is a fill with an id of its own."""

    site: SiteId
    id: ContainerId
    code: str
    kind: ContainerKind
    slots: int
    """Numbered places, on a cart."""
    location: LocationId
    """On a cart: the location its goods are booked to."""
    max_weight_grams: int
    volume_ml: int
