"""What a scanned code can mean: the readings of a code, and the ways in which one can be no code at all.

A reading is a candidate, never a decision: one scan may have several, and only a look-up in its context chooses. The
thing a newcomer would get wrong: `Rejected` beside a `PlainReading` is not an error of the floor; it says why the code
is not what it looks like, for the sentence when the plain text resolves to nothing either.
"""

from dataclasses import dataclass
from enum import StrEnum

from core.kernel.flow import Verb
from core.kernel.ids import (
    BatchId,
    ContainerId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    ItemId,
    LocationId,
    LotId,
    OwnerId,
    SiteId,
    StationId,
)

Day = tuple[int, int, int]
"""Year, month, day of the site's calendar."""

Elements = tuple[tuple[str, str], ...]
"""Application identifiers with their values, in the order of the code."""


class Flaw(StrEnum):
    """What is wrong with a code or with one part of it."""

    EMPTY = "empty"
    UNREADABLE = "unreadable"
    UNKNOWN_IDENTIFIER = "unknown_identifier"
    BAD_LENGTH = "bad_length"
    TOO_LONG = "too_long"
    BAD_CHARACTER = "bad_character"
    BAD_CHECK_DIGIT = "bad_check_digit"
    BAD_DATE = "bad_date"
    BAD_VALUE = "bad_value"
    REPEATED_IDENTIFIER = "repeated_identifier"
    MISSING_COMPANION = "missing_companion"
    FORBIDDEN_COMPANION = "forbidden_companion"
    LOST_SEPARATOR = "lost_separator"
    BAD_LINK = "bad_link"
    UNKNOWN_COMMAND = "unknown_command"
    UNKNOWN_VERSION = "unknown_version"
    SEVERAL_MEANINGS = "several_meanings"


class Level(StrEnum):
    """What the length and the indicator digit of a GTIN hint about the packaging it names."""

    UNIT = "unit"
    PACKAGE = "package"
    VARIABLE = "variable"


@dataclass(frozen=True, slots=True)
class PlainReading:
    """The text itself: an SKU, a location, a tote, a badge, a lot, whatever the records know by it."""

    text: str


@dataclass(frozen=True, slots=True)
class GtinReading:
    """A trade item number without anything else."""

    gtin14: str
    """Always 14 digits, the key for look-ups."""
    level: Level
    weight_grams: int | None = None
    """What a company's rule for its in-store numbers says that this piece weighs."""
    price: int | None = None
    """The same of its price, as it stands there: in the smallest coin, with no currency."""


@dataclass(frozen=True, slots=True)
class SsccReading:
    """The number of one handling unit (18 digits)."""

    sscc: str


@dataclass(frozen=True, slots=True)
class CommandReading:
    """An instruction of the operator's, printed on the command sheet or shown on the screen."""

    verb: Verb
    argument: str = ""


@dataclass(frozen=True, slots=True)
class TrackingReading:
    """A carrier's tracking number, by its form."""

    carrier: str
    number: str
    """In capitals, without blanks."""
    form: str
    """Which of the carrier's ways to number parcels."""
    vouchers: int
    """How many of two things vouch for it: a check digit, and letters or leading digits of the carrier's own. With
    none, anything of that length would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gs1Reading:
    """What a GS1 element string says; `ais` is all of it, the fields are the parts a floor asks for."""

    ais: Elements
    gtin: str | None = None
    """The item itself: (01), (03) or the item of which (8006) is a piece; 14 digits."""
    content_gtin: str | None = None
    """The item *inside* a logistic unit: (02) or (8026). A scan of it is not a scan of one unit."""
    sscc: str | None = None
    lot: str | None = None
    serial: str | None = None
    expiry: str | None = None
    """(17) or the day of (7003), ISO 8601; a day of 00 is the last of its month."""
    best_before: str | None = None
    """(15), ISO 8601."""
    count: int | None = None
    """Items in a variable measure item (30), or of `content_gtin` in the logistic unit (37)."""
    weight_grams: int | None = None
    """Net weight (310n, 320n), else gross weight (330n, 340n), rounded to whole grams."""
    lacks: tuple[str, ...] = ()
    """Identifiers whose companions are not in this code: such a reading is a hint, other codes may complete it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitalLinkReading(Gs1Reading):
    """The same from a GS1 Digital Link: the web address in a QR code or Data Matrix."""

    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FillUnits:
    """Units of one line in a fill, by their ordinals: all that verifies them."""

    line: FulfilmentLineId
    owner: OwnerId
    item: ItemId
    lot: LotId
    serial: str
    first: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FillCode:
    """One filling of a tote, as its cart knows it."""

    site: SiteId
    fill: FillId
    container: ContainerId
    fulfilment: FulfilmentId
    walk: BatchId
    """The batch it was picked in: the work that the lease is for."""
    place: LocationId
    """Where its goods are booked."""
    station: StationId
    incarnation: int
    """Of the station's file."""
    epoch: int
    fence: int
    """Of the lease."""
    number: int
    """Grows whenever something went in or out: of two codes of one fill the higher one counts."""
    units: tuple[FillUnits, ...]
    signature: bytes = b""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The code claims to be of a kind that it is not a valid member of."""

    reason: Flaw
    at: str = ""
    """The identifier or the part that is wrong, where there is one."""
    partial: Gs1Reading | None = None
    """For a missing companion: what the code does say, so that the next code of the same label can complete it."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A separator was probably lost on the way: the code may mean any of these, and none may be taken.

    Beside a `PlainReading` it matters only if the plain text resolves to nothing.
    """

    alternatives: tuple[Gs1Reading, ...]


Said = (
    PlainReading
    | GtinReading
    | SsccReading
    | CommandReading
    | TrackingReading
    | FillCode
    | Gs1Reading
    | DigitalLinkReading
)
"""A reading that says something."""

Reading = Said | Rejected | Ambiguous
