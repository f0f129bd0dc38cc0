"""The normal forms that files become: whole documents, checked, in base units, ready for a command.

Those of orders are named tuples: a file brings half a million, and making a frozen dataclass takes five times as long.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from core.catalog.commands import NewBoxType, NewContainer, NewItem, NewLocation
from core.orders.model import PartialPolicy, PaymentState


@dataclass(frozen=True, slots=True)
class ItemDocument:
    """An item with its owner's code."""

    line: int
    owner: str
    item: NewItem


@dataclass(frozen=True, slots=True)
class LocationDocument:
    """A location."""

    line: int
    location: NewLocation


@dataclass(frozen=True, slots=True)
class StockDocument:
    """Opening stock of one item at one location."""

    line: int
    owner: str
    sku: str
    location: str
    lot: str
    expiry: str
    serial: str
    condition: str
    quantity: int


@dataclass(frozen=True, slots=True)
class ContainerDocument:
    """A tote or a cart."""

    line: int
    container: NewContainer


@dataclass(frozen=True, slots=True)
class BoxDocument:
    """A carton one may pack in."""

    line: int
    box: NewBoxType


@dataclass(frozen=True, slots=True)
class PersonDocument:
    """Somebody who works here."""

    line: int
    name: str
    badge: str
    pin: str = field(repr=False)
    """Empty where none is said: one that is here stays."""
    roles: str
    """Comma-separated."""
    language: str
    preset: str
    active: int


@dataclass(frozen=True, slots=True)
class AnnouncedLine:
    """One item of a delivery."""

    line: int
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class DeliveryDocument:
    """Goods that somebody said would come."""

    line: int
    owner: str
    number: str
    supplier: str
    lines: tuple[AnnouncedLine, ...]


class LineDocument(NamedTuple):
    """One line of an order."""

    line: int
    external_line: str
    sku: str
    quantity: int
    unit_price_millionths: int
    description: str


class ContactDocument(NamedTuple):
    """Whom it goes to."""

    name: str
    company: str
    lines: str
    city: str
    region: str
    postcode: str
    country: str
    email: str
    phone: str
    gift_note: str
    customer: str
    language: str


class OrderDocument(NamedTuple):
    """An order from any channel."""

    line: int
    channel: str
    external_id: str
    owner: str
    ordered_at: int
    currency: str
    service: str
    priority: int
    promised_at: int
    cut_off_at: int
    payment: PaymentState
    partial: PartialPolicy
    handling: str
    contact: ContactDocument
    lines: tuple[LineDocument, ...]
