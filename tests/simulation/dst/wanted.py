"""What people want last of an order that was changed, against the books and the van; it shares no code with the product."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.simulation.dst.books import Book, feed_of
from tests.simulation.dst.goods import Hall, Wish


def _last(book: Book, hall: Hall) -> dict[str, Wish]:
    """Return the newest change of each order that the hub took, of those that were ever changed."""
    taken = {
        row["entity"]: row["seq"]
        for row in feed_of(book)
        if row["kind"] == "receipt" and json.loads(row["content"])["outcome"] != "refused"
    }
    changed = {number: wishes for number, wishes in hall.wishes.items() if len(wishes) > 1}
    return {
        number: max(wishes, key=lambda each: taken.get(each.operation.hex(), 0)) for number, wishes in changed.items()
    }


def orders_are_as_wanted(book: Book, hall: Hall) -> Iterator[str]:
    """The books want what people wanted last, or what left before; whatever else left has its case."""
    skus = {row["id"]: row["sku"] for row in book.rows("item")}
    streets = {row["id"]: row["lines"] for row in book.rows("contact")}
    orders = {row["number"]: row for row in book.rows("sales_order")}
    most: dict[str, Counter[str]] = defaultdict(Counter)
    short: dict[str, Counter[str]] = defaultdict(Counter)
    for row in book.rows("fulfilment_line"):
        most[row["order"]][skus[row["item"]]] += row["quantity"] - row["cancelled"]
        short[row["order"]][skus[row["item"]]] += row["short"]
    for number, wish in _last(book, hall).items():
        order = orders.get(number)
        if order is None or order["cancelled_at"]:
            continue
        if streets.get(order["contact"]) != wish.street:
            yield f"hub: {number} goes to {streets.get(order['contact'])}, wanted is {wish.street}"
        want = wish.units | hall.sent(number)
        books = most[order["id"]]
        for sku in {*want, *books}:
            if books[sku] < wish.units[sku] or books[sku] - short[order["id"]][sku] > want[sku]:
                yield f"hub: {books[sku]} {sku} of {number} are wanted, people want {wish.units[sku]}"
        yield from _said(book, hall, number, order["id"], wish)


def cancels_are_kept(book: Book, hall: Hall) -> Iterator[str]:
    """Whoever said yes to a cancel at a station has it, however far the order was by the time the hub heard of it.

    Or nothing of it was left to cancel: it had left, or goes without all of it.
    """
    heard = {row["entity"] for row in feed_of(book) if row["kind"] == "receipt"}
    orders = {row["number"]: row for row in book.rows("sales_order")}
    told = {row["order"] for row in book.rows("exception_case") if row["kind"] == "cancel_too_late"}
    goes = {
        row["order"] for row in book.rows("fulfilment_line") if row["quantity"] > row["short"] + row["cancelled"]
    }  # fmt: skip
    for operation, number in hall.called_off.items():
        order = orders.get(number) if operation.hex() in heard else None
        if order is not None and not order["cancelled_at"] and order["id"] in goes - told:
            yield f"hub: {number} was cancelled at a station, and goes on"


def _said(book: Book, hall: Hall, number: str, order: str, wish: Wish) -> Iterator[str]:
    """What left otherwise than it is wanted has a case that says that it was too late."""
    gone = [box for box in hall.boxes if box.order == number and box.place in ("van", "away")]
    otherwise = hall.sent(number) - wish.units or any(box.street != wish.street for box in gone)
    told = any(row["order"] == order and row["kind"] == "cancel_too_late" for row in book.rows("exception_case"))
    if otherwise and not told:
        yield f"hub: of {number} left {dict(hall.sent(number))} to {[each.street for each in gone]}, and nobody is told"


__all__ = ["cancels_are_kept", "orders_are_as_wanted"]
