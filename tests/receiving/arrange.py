"""A delivery that was announced at a small shop, and booking it."""

from hashlib import sha256

from core.catalog.commands import location_id
from core.kernel.ids import CommandId
from core.receiving.commands import (
    AnnounceDeliveries,
    BookGoods,
    NewDelivery,
    NewDeliveryLine,
    delivery_id,
    delivery_line_id,
)
from core.receiving.model import DeliveryLine
from core.stock.commands import Receipt
from tests.orders.shop import OWNER, item
from tests.support import Bench

DELIVERY = delivery_id(OWNER, "D-1")


def announce(it: Bench, number: str = "D-1", **quantities: int) -> None:
    """Announce a delivery of so many units of each SKU."""
    lines = tuple(NewDeliveryLine(item(sku), quantity) for sku, quantity in quantities.items())
    digest = sha256(f"{number} {sorted(quantities.items())}".encode()).digest()
    new = NewDelivery(delivery_id(OWNER, number), OWNER, number, "Potter & Son", digest, lines)
    it.run(AnnounceDeliveries(**it.base(), deliveries=(new,)))


def receipt(sku: str, quantity: int, place: str = "IN-1", **more: str) -> Receipt:
    return Receipt(owner=OWNER, item=item(sku), location=location_id(place), quantity=quantity, **more)


def booking(it: Bench, sku: str, *quantities: int, place: str = "IN-1") -> BookGoods:
    """Return the command that books units of a line of the delivery."""
    line = delivery_line_id(DELIVERY, item(sku))
    receipts = tuple(receipt(sku, quantity, place) for quantity in quantities)
    return BookGoods(**it.base(), line=line, receipts=receipts)


def book(it: Bench, sku: str, quantity: int, place: str = "IN-1") -> CommandId:
    """Book units and return the booking's id."""
    command = booking(it, sku, quantity, place=place)
    it.run(command)
    return command.id


def booked(it: Bench, sku: str) -> tuple[int, int]:
    """Return what was announced of a line, and what is booked."""
    row = it.need(DeliveryLine, delivery_line_id(DELIVERY, item(sku)))
    return row.expected, row.booked
