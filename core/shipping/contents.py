"""What shipping prints, as content: the words and numbers of a label or manifest at the moment it was decided.

A content is what the spool row holds; `printing/` turns it into bytes afterwards. The one thing to know: everything is
a copy made then (addresses, names, times already in words), so that the same content draws the same paper for ever,
whatever has been renamed since. It holds addresses: it stays in local tables and in nothing that is synced or hashed.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseLabel:
    """The parcel label of the house carrier, numbered by an SSCC of our own."""

    KIND: ClassVar[str] = "house_label"
    VERSION: ClassVar[int] = 1

    site_name: str
    from_lines: tuple[str, ...]
    to_lines: tuple[str, ...]
    """Name and street lines without postcode; the country only where the carrier wants it among them."""
    to_postcode: str
    """As the country writes it; empty where there is none."""
    to_country: str
    """Two letters (ISO 3166) or the country's name."""
    carrier: str
    service: str
    order_number: str
    parcel_number: str
    """`1 of 2`."""
    sscc: str
    """18 digits, the last one their check digit."""
    weight_grams: int | None
    station: str
    printed_at_text: str
    """Local time of the site, as people there write it."""
    route: str = ""
    """Sort code the carrier's depot reads from afar; empty where the service has none."""
    reference: str = ""
    hazards: tuple[str, ...] = ()
    """What must be seen before the parcel is lifted: `UN3481`, `FRAGILE`."""
    copy_number: int = 1
    job: str = ""
    """The print job's id in hex, for the bytes only: nobody reads it on the label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestRow:
    """One parcel that goes with the carrier."""

    label: str
    """The number on its label: the SSCC, or the carrier's tracking number."""
    order_number: str
    postcode: str
    weight_grams: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The list of parcels that a driver signs for."""

    KIND: ClassVar[str] = "manifest"
    VERSION: ClassVar[int] = 1

    carrier: str
    site: str
    dock: str
    number: str
    closed_at_text: str
    rows: tuple[ManifestRow, ...]
    parcels: int
    """How many parcels were loaded: a manifest whose rows do not add up to it is never printed."""
    weight_grams: int
    """The weights of the rows, added; parcels without a weight count nothing."""
    closed_by: str = ""
    vehicle: str = ""
    copy_number: int = 1
    job: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineLabel:
    """Goods or a parcel that must not move on until somebody has decided about it."""

    KIND: ClassVar[str] = "quarantine_label"
    VERSION: ClassVar[int] = 1

    code: str
    """What a scan of it says: the LPN, the parcel or the case. Code 128."""
    reason: str
    subject: str
    """What is inside, in one or two lines: item and quantity, or the order of a parcel."""
    destination: str
    """Where it is to be put: shelf or location."""
    site_name: str
    raised_by: str
    raised_at_text: str
    sku: str = ""
    lot: str = ""
    quantity_text: str = ""
    copy_number: int = 1
    job: str = ""
