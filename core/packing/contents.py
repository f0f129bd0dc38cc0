"""What packing prints, as content: the slip that lies on top of the goods when the customer opens the carton.

The one thing to know: it is a letter to the customer and not a record. Everything is a copy made when the carton was
closed, in the words the customer should read; it holds a name and an address, so it stays in local tables.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipLine:
    """One item of the order, as far as this carton is concerned."""

    sku: str
    description: str
    quantity: int
    """Units in this carton, in the item's base unit."""
    unit: str = ""
    """Written behind the quantity where it is not pieces: `g`, `ml`."""
    backordered: int = 0
    """Units that follow later."""
    in_other_cartons: int = 0
    """Units of the same line that travel in another carton of this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingSlip:
    """What is in one carton, for the one who unpacks it."""

    KIND: ClassVar[str] = "packing_slip"
    VERSION: ClassVar[int] = 1

    shop_name: str
    shop_lines: tuple[str, ...]
    """Address or web address under the shop's name."""
    order_number: str
    ordered_at_text: str
    ship_to_lines: tuple[str, ...]
    channel: str
    """Where it was ordered, for an order that came from a marketplace; may be empty."""
    lines: tuple[SlipLine, ...]
    carton: int
    cartons: int
    """Cartons of the order; 0 where it is not known yet how many there will be."""
    packed_at_text: str
    packed_by: str = ""
    gift_note: str = ""
    thanks: str = ""
    returns: str = ""
    """How to send something back, in one or two sentences."""
    returns_link: str = ""
    """A web address that becomes a QR code; empty for none."""
    copy_number: int = 1
    job: str = ""


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
    data: str = ""
    """What the label says to a dock that has not heard of the parcel; empty where nobody needs it."""
    hazards: tuple[str, ...] = ()
    """What must be seen before the parcel is lifted: `UN3481`, `FRAGILE`."""
    copy_number: int = 1
    job: str = ""
    """The print job's id in hex, for the bytes only: nobody reads it on the label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierLabel:
    """A carrier's own label: its bytes came from outside and are printed as they came; nothing here is laid out."""

    KIND: ClassVar[str] = "carrier_label"
    VERSION: ClassVar[int] = 1

    carrier: str
    tracking: str
    language: str
    """What the bytes are: zpl, pdf or png."""
    dpi: int
    """Dots an inch that they were made for; 0 for a document."""
    sha256: str
    """Of the bytes, which are kept as a blob."""
    order_number: str = ""
    parcel_number: str = ""
    unread: int = 0
    """1 where somebody wants it although no code on it reads."""
    copy_number: int = 1
    job: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticLabel:
    """The GS1 logistic label of a pallet or a carton: whose it is, what is on it, and its SSCC."""

    KIND: ClassVar[str] = "logistic_label"
    VERSION: ClassVar[int] = 1

    sscc: str
    """18 digits, the last one their check digit."""
    from_lines: tuple[str, ...] = ()
    to_lines: tuple[str, ...] = ()
    to_postcode: str = ""
    """AI 420."""
    order_number: str = ""
    """The customer's purchase order, AI 400."""
    content: str = ""
    """GTIN of what is contained, AI 02; it needs a count."""
    count: int = 0
    """How many of them, AI 37."""
    gtin: str = ""
    """GTIN of the unit where it is a trade item itself, AI 01."""
    lot: str = ""
    """AI 10."""
    expiry: str = ""
    """ISO date, AI 17."""
    best_before: str = ""
    """ISO date, AI 15."""
    description: str = ""
    carrier: str = ""
    net_grams: int = 0
    """AI 310n, in kilograms; it needs the number of the goods."""
    gross_grams: int = 0
    """AI 330n, in kilograms."""
    copy_number: int = 1
    job: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CartonContentLabel:
    """What is in a carton, for whoever must not open it."""

    KIND: ClassVar[str] = "carton_content_label"
    VERSION: ClassVar[int] = 1

    code: str
    """What a scan of it says: an SSCC, or a number of our own."""
    lines: tuple[str, ...]
    """*2 x MUG-BL Stoneware mug, blue*."""
    order_number: str = ""
    carton: str = ""
    """`1 of 2`."""
    units: int = 0
    weight_grams: int = 0
    """0 where it was not weighed."""
    tare_grams: int = 0
    """What of it is the carton itself; 0 where nobody knows."""
    site_name: str = ""
    packed_at_text: str = ""
    copy_number: int = 1
    job: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLabel:
    """The label that a customer sticks on what goes back."""

    KIND: ClassVar[str] = "return_label"
    VERSION: ClassVar[int] = 1

    rma: str
    """The number of the return: what a scan of it says."""
    to_lines: tuple[str, ...]
    """Where it goes: our returns desk, without the postcode."""
    to_postcode: str
    to_country: str = ""
    from_lines: tuple[str, ...] = ()
    order_number: str = ""
    reasons: tuple[str, ...] = ()
    """What the customer may tick."""
    copy_number: int = 1
    job: str = ""
