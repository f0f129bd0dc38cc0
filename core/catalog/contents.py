"""What labels of places, containers, goods and hazards say; `printing` lays them out.

The one thing to know: a content is data somebody gave, from the station's records or from a file, a label a row. Its
fields are the columns of that file, so a field's name is what a user reads in the header and in an error.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationLabel:
    """A place goods lie at, on a beam or a floor."""

    KIND: ClassVar[str] = "location_label"
    VERSION: ClassVar[int] = 1

    code: str
    """What a scan of it says, and what people read."""
    zone: str = ""
    note: str = ""
    """What else is to be known at the place, in a few words."""
    site_name: str = ""
    copy_number: int = 1
    job: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfLabel:
    """A place on a shelf, for the edge of its board."""

    KIND: ClassVar[str] = "shelf_label"
    VERSION: ClassVar[int] = 1

    code: str
    arrow: str = ""
    """`up` or `down`: where the place is, seen from the label; empty where it needs no saying."""
    note: str = ""
    copy_number: int = 1
    job: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DockLabel:
    """A door to the yard, read from a truck."""

    KIND: ClassVar[str] = "dock_label"
    VERSION: ClassVar[int] = 1

    code: str
    name: str = ""
    """What is read from afar where that is not the code: `3`."""
    note: str = ""
    site_name: str = ""
    copy_number: int = 1
    job: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToteLabel:
    """A tote, on its short side."""

    KIND: ClassVar[str] = "tote_label"
    VERSION: ClassVar[int] = 1

    code: str
    note: str = ""
    site_name: str = ""
    copy_number: int = 1
    job: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLabel:
    """A cart, on its handle."""

    KIND: ClassVar[str] = "cart_label"
    VERSION: ClassVar[int] = 1

    code: str
    slots: int = 0
    """How many totes it takes; 0 where that is not to be said."""
    note: str = ""
    site_name: str = ""
    copy_number: int = 1
    job: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotLabel:
    """A numbered place on a cart. A scan of it says the cart: nothing asks for a slot."""

    KIND: ClassVar[str] = "slot_label"
    VERSION: ClassVar[int] = 1

    code: str
    """The cart's."""
    slot: int
    copy_number: int = 1
    job: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkstationLabel:
    """A bench or a desk: the place that its station stands for."""

    KIND: ClassVar[str] = "workstation_label"
    VERSION: ClassVar[int] = 1

    code: str
    name: str = ""
    note: str = ""
    site_name: str = ""
    copy_number: int = 1
    job: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductLabel:
    """A trade item: what it is, and where it belongs to one, its lot and its expiry."""

    KIND: ClassVar[str] = "product_label"
    VERSION: ClassVar[int] = 1

    gtin: str
    """8, 12, 13 or 14 digits."""
    description: str = ""
    sku: str = ""
    lot: str = ""
    expiry: str = ""
    """ISO date."""
    serial: str = ""
    form: str = ""
    """`data_matrix`, `gs1_128`, `ean_13` or `ean_8`; empty: an EAN where the number is all there is to say, else a DataMatrix."""
    copy_number: int = 1
    job: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardLabel:
    """What must be applied to a parcel before it goes: a reminder for the packer, never the mark itself."""

    KIND: ClassVar[str] = "hazard_label"
    VERSION: ClassVar[int] = 1

    mark: str
    """As the rules call it: `lithium_battery`, `limited_quantity`."""
    on: str
    """The day the parcel goes, as an ISO date: rules change."""
    un_numbers: tuple[str, ...] = ()
    order_number: str = ""
    copy_number: int = 1
    job: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetCommand:
    """A command code on a sheet."""

    code: str
    """With its check character."""
    verb: str
    argument: str = ""
    name: str = ""
    """What the argument is called: a carton's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSheet:
    """The commands that can be scanned at a station."""

    KIND: ClassVar[str] = "command_sheet"
    VERSION: ClassVar[int] = 1

    commands: tuple[SheetCommand, ...]
    site_name: str = ""
    copy_number: int = 1
    job: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationSheet:
    """The codes that a scanner is calibrated by, in the order in which they are scanned."""

    KIND: ClassVar[str] = "calibration_sheet"
    VERSION: ClassVar[int] = 1

    codes: tuple[str, ...]
    """Code 128, or GS1-128 where U+001D stands in it."""
    site_name: str = ""
    copy_number: int = 1
    job: str = ""
