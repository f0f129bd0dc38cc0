"""The story of an order: what was done with it, by whom, where, what was scanned for it, and what was refused on the way.

Operations say what was done; the station's own gestures say which codes led there. A refused gesture names no order: it
belongs to the one that the next accepted gesture worked on. The thing a newcomer would get wrong: gestures are kept for
long and have no index but their number, so they are looked for in the hours of this order only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.catalog.model import Item, Location
from core.kernel.ids import ItemId, LocationId, OrderId, PersonId, SiteId, StationId
from core.kernel.journal import Gesture, GestureInput, GestureOutcome
from core.kernel.tables import rows_of, sql_of
from core.orders.queries import TimelineEntry, body_of_entry, timeline
from core.people.model import PersonCard

REFUSED = "refused"
"""The kind of an event that is a refused gesture."""
EVENTS_SHOWN = 5
"""Events on one page of a story."""
BEFORE = 12
"""Gestures before an operation among which those that led to it are looked for."""
SPAN_MAX = 20_000
"""Gestures between an order's first and last operation that are looked through; of a longer story the codes are not told."""

_PICK, _BATCH_DONE = "picking.pick", "picking.finish"
_GOODS = ("takes", "short", "units", "inside")
"""Where the body of an operation lists units by line."""
_PLACES = ("dock", "bench", "place", "shelf")
_ON_CART = "CART "
"""What the place on a cart is called before the cart's own code."""
_CODES = (GestureInput.SCAN, GestureInput.MANUAL)


@dataclass(frozen=True, slots=True)
class StoryEvent:
    """One thing that happened to an order."""

    at: int
    kind: str
    """The operation's, or `REFUSED`."""
    who: str
    where: str
    """The cart, bench or dock; empty where the operation names none."""
    quantity: int = 0
    item: str = ""
    """What the units are, in words; empty where they are not one item's."""
    scans: tuple[str, ...] = ()
    """The codes that were scanned or typed for it."""
    reason: str = ""
    """Why it was refused."""
    exceptional: bool = False
    """Whether it was applied although the books said otherwise."""


def story(connection: sa.Connection, site: SiteId, order: OrderId) -> tuple[StoryEvent, ...]:
    """Return everything that happened to an order, oldest first."""
    entries = timeline(connection, order)
    bodies = {entry.position: body_of_entry(entry) for entry in entries if _is_floor_work(entry)}
    people = _names(connection, site, {entry.actor for entry in entries})
    items = _items(connection, site, {item for body in bodies.values() if (item := _item_of(body))})
    places = _places(connection, site, {place for body in bodies.values() if (place := _place_of(body))})
    gestures = _gestures(connection, [entry for entry in entries if _is_floor_work(entry)])
    told: list[StoryEvent] = []
    for entry in entries:
        body = bodies.get(entry.position, {})
        quantity = _quantity(body, order)
        kind = _BATCH_DONE if entry.kind == _PICK and not quantity else entry.kind
        who, where = people.get(entry.actor, ""), places.get(_place_of(body) or b"", "")
        led = gestures.pop((entry.station, entry.at), ())
        told += [
            StoryEvent(each.at, REFUSED, who, where, scans=(each.raw,), reason=each.reason)
            for each in led
            if each.outcome is GestureOutcome.REFUSED and kind != _BATCH_DONE
        ]
        scans = tuple(each.raw for each in led if each.outcome is GestureOutcome.ACCEPTED and each.input in _CODES)
        words = items.get(_item_of(body) or b"", "") if quantity else ""
        told.append(
            StoryEvent(entry.at, kind, who, where, quantity, words, () if kind == _BATCH_DONE else scans,
                       exceptional=entry.exceptional)
        )  # fmt: skip
    return tuple(told)


# What a body says


def _is_floor_work(entry: TimelineEntry) -> bool:
    return entry.kind.partition(".")[0] in ("picking", "packing", "shipping")


def _quantity(body: Mapping[str, Any], order: OrderId) -> int:
    """Return how many units of this order an operation moved; 0 where it does not say."""
    named = [part for name in _GOODS for part in _parts(body.get(name))]
    mine = [part for part in named if part.get("order", order.hex()) == order.hex()]
    return sum(int(part.get("quantity", 0)) for part in mine)


def _parts(found: Any) -> Iterable[Mapping[str, Any]]:
    if isinstance(found, Mapping):
        found = [part for inside in found.values() if isinstance(inside, list) for part in inside]
    return [part for part in found if isinstance(part, Mapping)] if isinstance(found, list) else []


def _item_of(body: Mapping[str, Any]) -> bytes | None:
    key, items = body.get("key"), body.get("items")
    if isinstance(key, Mapping) and isinstance(key.get("item"), str):
        return bytes.fromhex(key["item"])
    inside = {part.get("item") for part in _parts(body.get("inside"))} or set(items if isinstance(items, list) else ())
    only = inside.pop() if len(inside) == 1 else None
    return bytes.fromhex(only) if isinstance(only, str) else None


def _place_of(body: Mapping[str, Any]) -> bytes | None:
    # A parcel is loaded from a bench, not at it.
    names = [name for name in _PLACES if name != "bench" or "manifest" not in body]
    found = next((body[name] for name in names if isinstance(body.get(name), str) and body[name]), None)
    return None if found is None else bytes.fromhex(found)


# Names


def _names(connection: sa.Connection, site: SiteId, people: set[PersonId]) -> dict[PersonId, str]:
    cards = sql_of(PersonCard)
    query = sa.select(cards.c.id, cards.c.name).where(cards.c.site == site, cards.c.id.in_(people))
    return {PersonId(row[0]): str(row[1]) for row in connection.execute(query)}


def _items(connection: sa.Connection, site: SiteId, items: set[bytes]) -> dict[bytes, str]:
    table = sql_of(Item)
    query = sa.select(table.c.id, table.c.sku, table.c.description, table.c.variant).where(
        table.c.site == site, table.c.id.in_({ItemId(each) for each in items})
    )
    return {bytes(row[0]): ", ".join(filter(None, (row[2], row[3]))) or row[1] for row in connection.execute(query)}


def _places(connection: sa.Connection, site: SiteId, places: set[bytes]) -> dict[bytes, str]:
    table = sql_of(Location)
    query = sa.select(table.c.id, table.c.code).where(
        table.c.site == site, table.c.id.in_({LocationId(each) for each in places})
    )
    return {bytes(row[0]): str(row[1]).removeprefix(_ON_CART) for row in connection.execute(query)}


# What was scanned


def _gestures(
    connection: sa.Connection, entries: Sequence[TimelineEntry]
) -> dict[tuple[StationId, int], tuple[Gesture, ...]]:
    """Return the gestures that led to each operation, refused ones included, by station and the operation's instant.

    A gesture and everything it led to share their instant; an operation that follows another has an id of its own.
    """
    found: dict[tuple[StationId, int], tuple[Gesture, ...]] = {}
    for station in {entry.station for entry in entries}:
        instants = {entry.at for entry in entries if entry.station == station}
        first = _number_at(connection, station, min(instants))
        last = _number_at(connection, station, max(instants) + 1)
        if last - first <= SPAN_MAX:
            found |= {(station, at): led for at, led in _led(connection, station, (first, last), instants).items()}
    return found


def _led(
    connection: sa.Connection, station: StationId, span: tuple[int, int], instants: set[int]
) -> dict[int, tuple[Gesture, ...]]:
    table = sql_of(Gesture)
    at_work = sa.select(table.c.number).where(
        table.c.station == station, table.c.number.between(*span), table.c.at.in_(instants)
    )
    numbers = [int(row[0]) for row in connection.execute(at_work)]
    if not numbers:
        return {}
    near = sa.or_(*(table.c.number.between(number - BEFORE, number) for number in numbers))
    rows = sa.select(table).where(table.c.station == station, near).order_by(table.c.number)
    led: dict[int, tuple[Gesture, ...]] = {}
    since: list[Gesture] = []
    for row in rows_of(Gesture, connection.execute(rows)):
        if since and row.number != since[-1].number + 1:
            since = []
        since.append(row)
        if row.command is not None:
            if row.at in instants:
                led[row.at] = tuple(since)
            since = []
    return led


def _number_at(connection: sa.Connection, station: StationId, at: int) -> int:
    """Return the number of a station's first gesture from an instant on, by halving: gestures are numbered as they come."""
    table = sql_of(Gesture)
    ends = sa.select(sa.func.min(table.c.number), sa.func.max(table.c.number)).where(table.c.station == station)
    low, high = connection.execute(ends).one()
    if low is None:
        return 0
    low, high = int(low), int(high) + 1
    while low < high:
        middle = (low + high) // 2
        query = (
            sa.select(table.c.at)
            .where(table.c.station == station, table.c.number >= middle)
            .order_by(table.c.number)
            .limit(1)
        )
        if int(connection.execute(query).scalar_one()) < at:
            low = middle + 1
        else:
            high = middle
    return low
