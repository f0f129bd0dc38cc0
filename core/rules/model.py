"""Tables of decisions as data: policies of checks, and exception codes with their effects."""

from enum import StrEnum

from core.kernel.ids import SiteId
from core.kernel.tables import Row, TableClass, table


class Mode(StrEnum):
    """How strict a check is."""

    OFF = "off"
    INFORM = "inform"
    CONFIRM = "confirm"
    BLOCK = "block"


class Check(StrEnum):
    """What a policy can be about."""

    SIGN_IN_PIN = "sign_in_pin"
    ITEM_SCAN_AT_PICK = "item_scan_at_pick"
    VERIFY_UNITS = "verify_units"
    WEIGHT = "weight"
    SCAN_BACK = "scan_back"
    ZERO_CHECK = "zero_check"
    CARTON_SIZE = "carton_size"
    SEPARATORS = "separators"
    """A code of an item by lot and serial, from a scanner that was not calibrated: it may have lost what divides them."""


class Scope(StrEnum):
    """What a policy row covers, the broadest first: of the rows that fit a case, the narrowest says it.

    The house says little of everything, a place says more of what happens there, a thing more of itself; and a row that
    names a person was written about that person's work, whatever it is about. A preset is no such row: it says how much
    somebody is trusted, which never loosens what a zone, a printer or an item asks for.
    """

    SITE = "site"
    PRESET = "preset"
    STATION = "station"
    ZONE = "zone"
    PRINTER = "printer"
    ITEM = "item"
    PERSON = "person"


@table(TableClass.FEED, key=("site", "check", "scope", "target"), name="policy")
class Policy(Row):
    """How strict one check is for one scope."""

    site: SiteId
    check: Check
    scope: Scope
    target: str
    """The preset's or printer's name, or an id as hex; empty for the site."""
    mode: Mode
    passed_by: str
    """Roles whose badge and PIN may pass it, comma-separated; empty for nobody."""
    version: int


class Measure(StrEnum):
    """What a number can be said of."""

    UNITS_KEPT = "units_kept"
    """Units in a zone that are kept beside one station's walks together, at other places than those are sent to."""
    OVER_RECEIPT = "over_receipt"
    """Percent of a delivery's line that may come over what was announced, before somebody has to look."""
    DELIVERY_DAYS = "delivery_days"
    """Days without a booking after which no more of a delivery is waited for; 0 for as long as nobody finishes it."""


@table(TableClass.FEED, key=("site", "measure", "scope", "target"))
class Amount(Row):
    """How many of something, for one scope."""

    site: SiteId
    measure: Measure
    scope: Scope
    target: str
    """An id as hex; empty for the site."""
    value: int
    version: int


@table(TableClass.FEED, key=("site", "code"))
class ExceptionCode(Row):
    """A reason for an exception and what follows from it (floor.md B8)."""

    site: SiteId
    code: str
    context: str
    adjust_inventory: str
    """none, location_to_zero, by_qty or to_quarantine."""
    create_count: int
    realloc: str
    """none, same_site or manual."""
    needs_supervisor: int
    active: int
