"""The story of an order: what was done with it, by whom, where, what was scanned for it, and what was refused on the way.

Operations say what was done; the station's own gestures say which codes led there. A refused gesture names no order: it
belongs to the one that the next accepted gesture worked on. The thing a newcomer would get wrong: gestures are kept for
long, and only those that led to an operation are found by their instant, the others by the numbers before it. What other
stations did is known by the rows alone (`elsewhere.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.catalog.model import Item, Location
from core.kernel.ids import OrderId, PersonId, SiteId, StationId
from core.kernel.journal import Gesture, GestureInput, GestureOutcome
from core.kernel.reading import read_together
from core.kernel.tables import Row, rows_of, sql_of
from core.orders.queries import TimelineEntry, body_of_entry, timeline
from core.people.model import PersonCard
from core.station.elsewhere import DoneElsewhere, done_elsewhere
from core.station.note_queries import PhotoSeen, notes_about

REFUSED = "refused"
"""The kind of an event that is a refused gesture."""
NOTED = "cases.note"
"""The kind of an event that is a note."""
_NOTES = (NOTED, "cases.photo")
EVENTS_SHOWN = 5
"""Events on one page of a story."""
EVENTS_BESIDE_WISHES = 3
"""The same, where two rows of answers leave less room in the smallest window."""
BEFORE = 12
"""Gestures before an operation among which those that led to it are looked for."""

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
    text: str = ""
    """What somebody wrote down."""
    photo: PhotoSeen | None = None
    """The picture with it."""


def story(connection: sa.Connection, site: SiteId, order: OrderId) -> tuple[StoryEvent, ...]:
    """Return everything that happened to an order, oldest first."""
    entries = timeline(connection, site, order)
    here = {(entry.at, _work(entry.kind)) for entry in entries}
    rows = done_elsewhere(connection, site, order)
    others = sorted((each for each in rows if (each.at, _work(each.kind)) not in here), key=_instant)
    bodies = {entry.position: body_of_entry(entry) for entry in entries if _is_floor_work(entry)}
    words = _words(connection, site, {entry.actor for entry in entries}, bodies.values(), others)
    gestures = _gestures(connection, [entry for entry in entries if _is_floor_work(entry)])
    told: list[StoryEvent] = []
    for entry in entries:
        if entry.kind in _NOTES:
            continue
        body = bodies.get(entry.position, {})
        quantity = _quantity(body, order)
        kind = _BATCH_DONE if entry.kind == _PICK and not quantity else entry.kind
        who, where = words.people.get(entry.actor, ""), words.places.get(_place_of(body) or b"", "")
        led = gestures.pop((entry.station, entry.at), ())
        told += [
            StoryEvent(each.at, REFUSED, who, where, scans=(each.raw,), reason=each.reason)
            for each in led
            if each.outcome is GestureOutcome.REFUSED and kind != _BATCH_DONE
        ]
        scans = tuple(each.raw for each in led if each.outcome is GestureOutcome.ACCEPTED and each.input in _CODES)
        item = words.items.get(_item_of(body) or b"", "") if quantity else ""
        told.append(
            StoryEvent(entry.at, kind, who, where, quantity, item, () if kind == _BATCH_DONE else scans,
                       exceptional=entry.exceptional)
        )  # fmt: skip
    # Of what others did, the rows are here: each goes where its time belongs.
    for done in others:
        who, where = words.people.get(done.person, ""), words.places.get(done.place, "")
        _insert(told, StoryEvent(done.at, done.kind, who, where, done.quantity, words.items.get(done.item, "")))
    for note in notes_about(connection, site, order):
        _insert(told, StoryEvent(note.at, NOTED, note.who, "", text=note.text, photo=note.photo))
    return tuple(told)


def _work(kind: str) -> str:
    """Return what work an operation is of: a parcel is closed by several."""
    return kind.partition(".")[0]


def _instant(done: DoneElsewhere) -> int:
    return done.at


def _insert(told: list[StoryEvent], event: StoryEvent) -> None:
    place = next((n for n, each in enumerate(told) if each.at > event.at), len(told))
    told.insert(place, event)


# What a body says


def _is_floor_work(entry: TimelineEntry) -> bool:
    return _work(entry.kind) in ("picking", "packing", "shipping", "returns")


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


@dataclass(frozen=True, slots=True)
class _Words:
    """What people, items and places are called."""

    people: Mapping[bytes, str]
    items: Mapping[bytes, str]
    places: Mapping[bytes, str]


def _words(
    connection: sa.Connection,
    site: SiteId,
    people: set[PersonId],
    bodies: Iterable[Mapping[str, Any]],
    others: Sequence[DoneElsewhere],
) -> _Words:
    wanted: dict[type[Row], set[Any]] = {
        PersonCard: people | {each.person for each in others},
        Item: {item for body in bodies if (item := _item_of(body))} | {each.item for each in others},
        Location: {place for body in bodies if (place := _place_of(body))} | {each.place for each in others},
    }
    tables = {cls: sql_of(cls) for cls in wanted}
    read = read_together(
        connection,
        [(cls, sa.and_(table.c.site == site, table.c.id.in_(wanted[cls]))) for cls, table in tables.items()],
    )
    return _Words(
        {row.id: row.name for row in read[PersonCard]},
        {row.id: ", ".join(filter(None, (row.description, row.variant))) or row.sku for row in read[Item]},
        {row.id: row.code.removeprefix(_ON_CART) for row in read[Location]},
    )


# What was scanned


def _gestures(
    connection: sa.Connection, entries: Sequence[TimelineEntry]
) -> dict[tuple[StationId, int], tuple[Gesture, ...]]:
    """Return the gestures that led to each operation, refused ones included, by station and the operation's instant.

    A gesture and everything it led to share their instant; an operation that follows another has an id of its own.
    """
    wanted = {(entry.station, entry.at) for entry in entries}
    found: dict[tuple[StationId, int], tuple[Gesture, ...]] = {}
    since: list[Gesture] = []
    for row in _near(connection, wanted):
        if since and (row.station, row.number) != (since[-1].station, since[-1].number + 1):
            since = []
        since.append(row)
        if row.command is not None:
            if (row.station, row.at) in wanted:
                found[row.station, row.at] = tuple(since)
            since = []
    return found


def _near(connection: sa.Connection, wanted: Iterable[tuple[StationId, int]]) -> tuple[Gesture, ...]:
    """Return the gestures of these instants and those just before each, in their order."""
    near, led = sql_of(Gesture), sql_of(Gesture).alias()
    stations, instants = {station for station, _ in wanted}, {at for _, at in wanted}
    query = (
        sa.select(near)
        .select_from(led)
        .join(
            near, sa.and_(near.c.station == led.c.station, near.c.number.between(led.c.number - BEFORE, led.c.number))
        )
        .where(led.c.station.in_(stations), led.c.at.in_(instants), led.c.command.is_not(None))
        .distinct()
    )
    return rows_of(Gesture, connection.execute(query.order_by(near.c.station, near.c.number)))
