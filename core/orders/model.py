"""Tables of orders: one normal form for every channel, its lines, and the fulfilments that are picked, packed, shipped.

Work never hangs on the order: reservation, task, parcel, label and manifest hang on a fulfilment and name the unit
ordinals of its lines. Progress is counters; a stage is derived from them, never stored. Names and addresses are private
rows under random ids.
"""

from collections.abc import Iterable
from enum import StrEnum

from core.kernel import codec
from core.kernel.ids import (
    CommandId,
    ContactId,
    FulfilmentId,
    FulfilmentLineId,
    HoldId,
    ItemId,
    OrderId,
    OrderLineId,
    OwnerId,
    PersonId,
    SiteId,
    StationId,
)
from core.kernel.private import brings
from core.kernel.tables import Key, Partial, Row, TableClass, table


@table(TableClass.PRIVATE, key=("site", "id"))
class Contact(Row):
    """A name and address as it was when the order came: a copy, never changed in place by the floor."""

    site: SiteId
    id: ContactId
    name: str
    company: str
    lines: str
    """Street lines, one a line."""
    city: str
    region: str
    postcode: str
    country: str
    email: str
    phone: str
    gift_note: str
    customer: str
    """The channel's number for the customer."""
    language: str = ""
    """In which they read, two letters; empty where neither the order nor its country says one."""


class PaymentState(StrEnum):
    """Whether the money is there; unpaid orders are not released."""

    PAID = "paid"
    AUTHORISED = "authorised"
    ON_ACCOUNT = "on_account"
    UNPAID = "unpaid"


class PartialPolicy(StrEnum):
    """Whether part of an order may be promised and sent."""

    WHOLE = "whole"
    PARTIAL = "partial"


@table(
    TableClass.FEED,
    key=("site", "id"),
    unique={"external": ("site", "channel", "external_id")},
    indexes={"sales_order_number": ("site", "number")},
    touch="id",
    name="sales_order",
)
class Order(Row):
    """What somebody wants, as the channel said it."""

    site: SiteId
    id: OrderId
    channel: str
    external_id: str
    number: str
    """What people read and scan."""
    owner: OwnerId
    contact: ContactId
    ordered_at: int
    service: str
    """The shipping service wished for; carriers are chosen from it."""
    priority: int
    """Higher goes first; 0 is normal."""
    promised_at: int
    """When the customer was promised it; 0 when nothing was."""
    cut_off_at: int
    """The carrier's cut-off it should leave by; 0 when there is none."""
    payment: PaymentState
    partial: PartialPolicy
    handling: str
    cancelled_at: int
    """0 while it stands."""
    digest: bytes
    """SHA-256 of the document it came from: the same document twice changes nothing, another under its id is told."""
    version: int


@table(TableClass.FEED, key=("site", "id"), indexes={"order_line_order": ("site", "order")}, touch="order")
class OrderLine(Row):
    """One line of an order."""

    site: SiteId
    id: OrderLineId
    order: OrderId
    number: int
    external_line: str
    owner: OwnerId
    item: ItemId
    parent: OrderLineId
    """The line whose kit this is a part of; NO_ID for a line of its own."""
    description: str
    """As the customer saw it: a copy."""
    ordered: int
    cancelled: int
    unit_price_millionths: int
    currency: str


@table(
    TableClass.FEED,
    key=("site", "id"),
    indexes={"fulfilment_order": ("site", "order"), "fulfilment_open": ("site", "open", "cut_off_at")},
    touch="order",
)
class Fulfilment(Row):
    """What one site sends to one address with one service; its counters are the sums of its lines'."""

    site: SiteId
    id: FulfilmentId
    order: OrderId
    number: int
    owner: OwnerId
    contact: ContactId
    carrier: str
    service: str
    priority: int
    ordered_at: int
    promised_at: int
    cut_off_at: int
    partial: PartialPolicy
    payment: PaymentState
    lines: int
    units: int
    promised: int
    """Units of the site's stock held for it, located or not."""
    reserved: int
    """Units released to the floor: in reservations or already picked from them."""
    picked: int
    packed: int
    loaded: int
    short: int
    """Units given up: not found, and nothing else to send."""
    cancelled: int
    held: int
    """Open holds on its order."""
    open: int
    """1 until every unit is loaded, short or cancelled."""
    version: int


@brings(Fulfilment, again=False, when=lambda row: row.open and row.reserved)
def _contact_of(row: Row) -> list[tuple[type[Row], Key]]:
    """Where it goes comes with what is on the floor and still to be sent."""
    assert isinstance(row, Fulfilment)
    return [(Contact, (row.site, row.contact))]


@table(
    TableClass.FEED,
    key=("site", "id"),
    indexes={
        "fulfilment_line_fulfilment": ("site", "fulfilment"),
        "fulfilment_line_item": ("site", "item", "open"),
    },
    touch="order",
)
class FulfilmentLine(Row):
    """One line's part in a fulfilment, with everything that happened to its units."""

    site: SiteId
    id: FulfilmentLineId
    fulfilment: FulfilmentId
    order: OrderId
    order_line: OrderLineId
    number: int
    owner: OwnerId
    item: ItemId
    quantity: int
    promised: int
    reserved: int
    picked: int
    packed: int
    loaded: int
    short: int
    cancelled: int
    open: int


@table(TableClass.FEED, key=("site", "id"), indexes={"order_hold_order": ("site", "order")}, touch="order")
class OrderHold(Row):
    """Why an order must wait."""

    site: SiteId
    id: HoldId
    order: OrderId
    reason: str
    note: str
    placed_at: int
    placed_by: PersonId
    released_at: int
    """0 while it holds."""


class StopKind(StrEnum):
    """What the office wants of work in progress."""

    CANCEL = "cancel"
    CHANGE = "change"


class CancelState(StrEnum):
    """Whether a cancel can still be overtaken by a van."""

    ASKED = "asked"
    """A dock that has not heard of it may have loaded it, or may load it."""
    FINAL = "final"
    """It cannot leave any more, or it is known to have left: money may be given back, goods ordered again."""


@table(
    TableClass.FEED,
    key=("site", "order"),
    indexes={"order_cancel_asked": Partial(("site", "state", "asked_at"), where="state = 'asked'")},
    touch="order",
)
class OrderCancel(Row):
    """How far the cancel of an order is."""

    site: SiteId
    order: OrderId
    operation: CommandId
    """The newest one that asked for it."""
    asked_at: int
    state: CancelState
    waits: str
    """Canonical JSON: the docks it waits for; empty before the hub has asked itself, and when it is final."""
    final_at: int
    """0 before."""


def waits_text(stations: Iterable[StationId]) -> str:
    """Return the docks that are waited for as a row keeps them."""
    return codec.canonical([each.hex() for each in stations])


def waits_for(row: OrderCancel) -> tuple[StationId, ...]:
    """Return the docks that a cancel waits for."""
    return tuple(StationId(bytes.fromhex(each)) for each in codec.parse(row.waits)) if row.waits else ()


@table(TableClass.FEED, key=("site", "fulfilment"), touch="order")
class StopRequest(Row):
    """The office's word about work in progress: floor commands read it and never write it."""

    site: SiteId
    fulfilment: FulfilmentId
    order: OrderId
    kind: StopKind
    at: int
    by: PersonId
    text: str
