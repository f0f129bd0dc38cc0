"""What a packer is shown of an order: frozen values that the queries fill and the flow's states carry."""

from dataclasses import dataclass

from core.kernel.ids import (
    NO_ID,
    BatchId,
    BoxTypeId,
    ContactId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    ItemId,
    LocationId,
    LotId,
    OrderId,
    OrderLineId,
    OwnerId,
    ParcelId,
)
from core.kernel.numbers import Number
from core.packing.commands.units import CodedFill, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class PackLine:
    """One line of the checklist."""

    line: FulfilmentLineId
    order_line: OrderLineId
    number: int
    owner: OwnerId
    item: ItemId
    sku: str
    description: str
    variant: str
    picture: str
    code: str
    """A code of the item that can be scanned."""
    to_pack: int
    """Units that were picked and should leave, packed ones included."""
    packed: int
    lot_control: int
    serial_control: int
    hazard: str
    weight_grams: int | None
    sigma_mg: int
    samples: int
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None


@dataclass(frozen=True, slots=True)
class Loose:
    """Picked units of a line that are in no parcel yet, by ordinal and tote filling."""

    line: FulfilmentLineId
    fill: FillId
    place: LocationId
    lot: LotId
    lot_code: str
    serial: str
    first: int
    quantity: int


@dataclass(frozen=True, slots=True)
class BoxChoice:
    """A carton one may pack in."""

    id: BoxTypeId
    code: str
    name: str
    tare_grams: int
    length_mm: int
    width_mm: int
    height_mm: int
    why_not: str = ""
    """Why it is none for these goods: too small, or wrong for the carrier; empty when it will do."""


@dataclass(frozen=True, slots=True)
class OpenParcel:
    """The parcel that is being packed."""

    id: ParcelId
    number: int
    units: int
    box: BoxTypeId
    contents: tuple[tuple[bytes, FulfilmentLineId, int], ...]
    """Content rows: id, line, quantity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackView:
    """An order at the bench."""

    order: OrderId
    order_number: str
    fulfilment: FulfilmentId
    contact: ContactId
    carrier: str
    service: str
    cut_off_at: int
    handling: str
    bulk: int
    """1 when its units lie in a tote with other orders' units."""
    walk: BatchId = BatchId(NO_ID)
    """The walk of singles that they are of then."""
    whole: int
    """1 when it goes whole: going without a unit is a supervisor's decision."""
    lines: tuple[PackLine, ...]
    loose: tuple[Loose, ...]
    totes: tuple[str, ...]
    fill_left: tuple[tuple[FillId, int], ...]
    """Units left in each tote filling, other orders' included, as the books have it."""
    parcel: OpenParcel | None
    closed_parcels: int
    next_number: int
    boxes: tuple[BoxChoice, ...]
    proposed: str
    """The code of the proposed carton; empty when none is large enough."""
    sscc_number: Number
    sscc: str
    order_lines: tuple[bytes, ...]
    hospital: str = ""
    hospital_id: LocationId = LocationId(NO_ID)
    """Where an order waits that cannot go on; empty where no such place is laid out."""
    coded: CodedFill | None = None
    """The slip that says what is in the tote; None where its picks are known here."""
    slip: str = ""
    """Its text."""
    papers: tuple[str, ...] = ()
    """What paper the shop or the customer wants with each carton, beside label and slip."""
    addressed: int = 1
    """0 where nobody here knows yet where it goes: it is not begun then, and no carton of it is closed."""
    pending: tuple[Unit, ...] = ()
    """Units verified by the slip: nothing of them is written before all of them are."""

    @property
    def units(self) -> int:
        """Return the units of the order that go out."""
        return sum(line.to_pack for line in self.lines)

    @property
    def packed(self) -> int:
        """Return the units that are in parcels."""
        return sum(line.packed for line in self.lines)

    @property
    def left(self) -> int:
        """Return the units that are in none."""
        return sum(each.quantity for each in self.loose)


@dataclass(frozen=True, slots=True)
class DueWork:
    """An order that could be packed now."""

    order_number: str
    tote: str
    """The tote to scan; for a bulk tote, units are scanned instead."""
    unit_code: str
    units: int
    cut_off_at: int
    carrier: str
    label: str = ""
    """The label of a packed parcel that was not scanned back: packed, unlabelled is a real state."""
    order: str = ""
    """The order's number, where a carton of it stands open and no tote is left to scan."""


@dataclass(frozen=True, slots=True)
class ClosedParcel:
    """A parcel that waits for its label to be scanned back."""

    parcel: ParcelId
    sscc: str
    order: OrderId
    order_number: str
    fulfilment: FulfilmentId
    carrier: str
    units: int
    weight_grams: int
    more: int
    """1 when the order goes on in another carton."""
    applied: int
    """1 when the label was scanned back already."""
    expected_grams: int = 0
    """What it should weigh; 0 where nobody knows."""
    tolerance_grams: int = 0
    job_state: str = ""
    """How far its newest label is; empty where it was printed elsewhere."""
    fault: str = ""
    """Why the printer holds it."""
    rendering: str = ""
    """SHA-256 of the label's bytes; empty while there are none."""

    def fits(self, grams: int) -> bool:
        """Return whether a weight is what it should be, or nobody knows."""
        return not self.expected_grams or abs(grams - self.expected_grams) <= self.tolerance_grams


@dataclass(frozen=True, slots=True)
class Single:
    """The order that a unit was scanned for, with the unit as the command names it."""

    view: PackView
    units: tuple[Unit, ...]
    """None when the unit only says which order it is."""


def unit_code(code: str, lot: str, serial: str) -> str:
    """Return a code that proves a unit: as a GS1 symbol would say it where lot or serial matter."""
    if serial:
        return f"]d201{code.zfill(14)}21{serial}" if code.isdigit() else serial
    return f"]d201{code.zfill(14)}10{lot}" if lot and code.isdigit() else code
