"""What shipping prints, as content: the words and numbers of a label or manifest at the moment it was decided.

A content is what the spool row holds; `printing/` turns it into bytes afterwards. The one thing to know: everything is
a copy made then (addresses, names, times already in words), so that the same content draws the same paper for ever,
whatever has been renamed since. It holds addresses: it stays in local tables and in nothing that is synced or hashed.
"""

from dataclasses import dataclass
from typing import ClassVar


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
class ReturnLine:
    """One item that may come back."""

    sku: str
    description: str
    quantity: int
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnSlip:
    """What the customer fills in and puts on top of what goes back."""

    KIND: ClassVar[str] = "return_slip"
    VERSION: ClassVar[int] = 1

    rma: str
    """The number of the return, or of the order where there is none: what a scan of it says."""
    lines: tuple[ReturnLine, ...]
    shop_name: str = ""
    to_lines: tuple[str, ...] = ()
    order_number: str = ""
    reasons: tuple[str, ...] = ()
    how: str = ""
    """How to send it back, in a sentence or two."""
    returns_link: str = ""
    """A web address that becomes a QR code; empty for none."""
    copy_number: int = 1
    job: str = ""
