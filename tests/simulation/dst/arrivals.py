"""What came in, came back and was carried elsewhere, as the hub's books have it in the end; it shares no code with the product.

Beside the rows it reads the log: what was done, in the order in which the feed tells of it, and what has to follow from that.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from tests.simulation.dst.books import Book, Books, Row, feed_of
from tests.simulation.dst.yard import Yard

_TWICE_MS = 5 * 60_000


def _done(book: Book, *kinds: str) -> list[tuple[Row, dict[str, Any]]]:
    """Return what was done of some kinds, in the order of the feed, with what each says."""
    at = {row["entity"]: row["seq"] for row in feed_of(book) if row["kind"] == "receipt"}
    rows = [row for row in book.rows("op_log") if row["kind"] in kinds and row["id"] in at]
    return [(row, json.loads(row["body"])) for row in sorted(rows, key=lambda each: at[each["id"]])]


def _cases(book: Book, kind: str) -> list[tuple[Row, dict[str, Any]]]:
    return [(row, json.loads(row["facts"])) for row in book.rows("exception_case") if row["kind"] == kind]


def lines_have_what_was_booked(book: Book, yard: Yard) -> Iterator[str]:
    """A line has what its bookings brought, without what was taken out; a pallet's units were booked once or are on it."""
    booked: Counter[str] = Counter()
    for row in book.rows("delivery_booking"):
        booked[row["line"]] += row["quantity"] - row["taken_out"]
        if not 0 <= row["taken_out"] <= row["quantity"]:
            yield f"hub: {row['taken_out']} units of a booking of {row['quantity']} were taken out"
    for row in book.rows("delivery_line"):
        if row["booked"] != booked[row["id"]]:
            yield f"hub: a line has {row['booked']} units, its bookings brought {booked[row['id']]}"
    done = {row["operation"] for row in book.rows("delivery_booking")}
    yield from (
        f"hub: {each.units} {each.sku} of {each.number} were laid down, and nobody booked them"
        for each in yard.laid
        if each.operation.hex() not in done
    )


def what_came_beyond_is_asked_about(book: Book) -> Iterator[str]:
    """Each booking that goes beyond what was announced has its case, as the feed tells of them, and no other has one."""
    expected = {row["id"]: row["expected"] for row in book.rows("delivery_line")}
    has: Counter[str] = Counter()
    left: dict[str, int] = {}
    closed: set[str] = set()
    beyond: dict[str, int] = {}
    for row, said in _done(book, "receiving.book", "receiving.take_out", "cases.close"):
        if row["kind"] == "receiving.book":
            units = sum(each["quantity"] for each in said["receipts"])
            has[said["line"]] += units
            left[row["id"]] = units
            most = expected[said["line"]]
            if has[said["line"]] > most:
                beyond[row["id"]] = min(units, has[said["line"]] - most)
        elif row["kind"] == "cases.close":
            closed.add(said["case"])
        elif said["case"] is None or said["case"] not in closed:
            for each in said["taken"]:
                units = min(each["receipt"]["quantity"], left.get(each["booking"], 0))
                left[each["booking"]] = left.get(each["booking"], 0) - units
                has[said["line"]] -= units
            closed.add(said["case"])
    told = {facts["booking"]: facts["over"] for _, facts in _cases(book, "over_receipt")}
    if told != beyond:
        yield f"hub: of bookings too much is {beyond}, and told is {told}"


def announcements_that_differ_are_told(book: Book) -> Iterator[str]:
    """Who announces a delivery otherwise than the first has a case."""
    first: dict[str, str] = {}
    other: Counter[str] = Counter()
    for _, said in _done(book, "receiving.announce"):
        for each in said["deliveries"]:
            other[each["id"]] += each["digest"] != first.setdefault(each["id"], each["digest"])
    told = Counter(row["subject"] for row, facts in _cases(book, "contradicted") if row["subject"] in first)
    if +other != told:
        yield f"hub: {dict(+other)} were announced otherwise, {dict(told)} are told"


def boxes_are_received_once(book: Book, yard: Yard) -> Iterator[str]:
    """A box that came back has one receipt, and each other one its case; it is booked where it stands."""
    rows, done = book.rows("goods_return"), _done(book, "returns.receive")
    twice = [row for row, _ in _cases(book, "return_twice")]
    if len(done) != len(rows) + len(twice):
        yield f"hub: {len(done)} receipts of boxes, {len(rows)} boxes, and {len(twice)} were told as received twice"
    places = {row["id"]: row["code"] for row in book.rows("location")}
    again = Counter(row["subject"] for row in twice)
    closed = Counter(row["subject"] for row in twice if row["state"] == "closed")
    for box in yard.back:
        said, name = len(yard.received[box.parcel]), box.parcel.hex()
        mine = [row for row in rows if name == row["parcel"] or box.label in (row["code"], row["code"][2:])]
        mine = [row for row in mine if row["receipt"] not in {each.hex() for each in yard.by_slip[box.parcel]}]
        if len(mine) != min(said, 1) or (said and again[mine[0]["id"]] != said - 1):
            yield f"hub: {box.label} was received {said} times, {len(mine)} boxes are booked"
            continue
        if said == 1 + closed[mine[0]["id"] if mine else ""] and said in (1, 2) and not yard.by_slip[box.parcel]:
            where = places[mine[0]["place"]]
            if where != yard.stands[box.parcel]:
                yield f"hub: {box.label} stands at {yard.stands[box.parcel]}, and is booked at {where}"
    yield from _left(book, rows)


def _left(book: Book, rows: list[Row]) -> Iterator[str]:
    """Whether a box had left, as far as it had been heard: told where not, and where nobody knew whose it is."""
    order = {row["id"]: n for n, (row, _) in enumerate(_done(book, "shipping.load", "returns.receive"))}
    loaded: dict[str, int] = {}
    for row, said in _done(book, "shipping.load"):
        loaded.setdefault(said["parcel"], order[row["id"]])
    told: dict[str, set[str]] = defaultdict(set)
    for kind in ("return_not_left", "return_unknown"):
        for row, _ in _cases(book, kind):
            told[row["subject"]].add(kind)
    for row in rows:
        known, at = bool(row["parcel"].strip("0")), loaded.get(row["parcel"], 10**9)
        if not known and row["order"].strip("0"):
            continue
        left = at < order[row["receipt"]]
        # One that nobody knew is named by who receives it again: then what had left by then counts.
        named_later = known and "return_unknown" in told[row["id"]]
        kinds = told[row["id"]] - ({"return_unknown"} if named_later else set())
        should = {"return_unknown"} if not known else set() if row["left"] else {"return_not_left"}
        if kinds != should or (bool(row["left"]) != left and not (named_later and at < 10**9)):
            yield f"hub: {row['code']} had left: {left}, booked is {row['left']}, told is {told[row['id']]}"


def totes_stand_where_they_were_put_last(book: Book) -> Iterator[str]:
    """The last word of the feed says where a tote stands; who put it elsewhere minutes before, unheard of, is told."""
    last: dict[object, tuple[Row, dict[str, Any]]] = {}
    twice: Counter[object] = Counter()
    for row, said in _done(book, "picking.move_tote"):
        before = last.get(said["container"])
        if before is not None and before[0]["id"] != said["known"] and before[1]["place"] != said["place"]:
            twice[said["container"]] += abs(row["device_ms"] - before[0]["device_ms"]) <= _TWICE_MS
        last[said["container"]] = row, said
    there = {row["container"]: row["move"] for row in book.rows("tote_place")}
    if there != {tote: row["id"] for tote, (row, _) in last.items()}:
        yield "hub: a tote stands elsewhere than who moved it last says"
    told = Counter(row["subject"] for row, facts in _cases(book, "moved_twice") if row["subject"] in last)
    if +twice != told:
        yield f"hub: {dict(+twice)} totes were carried elsewhere by two, told are {dict(told)}"


def notes_are_kept(books: Books, yard: Yard) -> Iterator[str]:
    """What people wrote is at the hub and at every station, once, and in nothing that is kept for ever."""
    wrote = sorted(yard.notes.values())
    central = books.central()
    for who, book in (("hub", central), *((name, books.of(name)) for name in books.stations)):
        # A photo is a note without words.
        if sorted(row["text"] for row in book.rows("note_text")) != [*[""] * len(yard.photos), *wrote]:
            yield f"{who}: has {len(book.rows('note_text'))} notes, people wrote {len(wrote)}"
    if len(central.rows("note")) != len(wrote) + len(yard.photos):
        yield f"hub: {len(central.rows('note'))} notes, people wrote {len(wrote)} and showed {len(yard.photos)}"
    words = [*(row["content"] for row in central.rows("feed")), *(row["body"] for row in central.rows("op_log"))]
    yield from (f"hub: a note is where it is never erased: {each}" for each in wrote if any(each in w for w in words))


def units_are_somewhere_once(book: Book, yard: Yard) -> Iterator[str]:
    """Whoever carried what, no unit is at two places: as many lie on all shelves as are booked there."""
    skus = {row["id"]: row["sku"] for row in book.rows("item")}
    places = {row["id"]: row["code"] for row in book.rows("location")}
    hall = yard.hall
    booked: Counter[str] = Counter()
    for row in book.rows("balance"):
        if places.get(row["location"]) in hall.shelves:
            booked[skus[row["item"]]] += row["total"]
    there = sum(hall.shelves.values(), Counter()) + sum(
        (Counter({sku: units}) for (_, sku), units in hall.stolen.items()), Counter()
    )
    doubtful = {sku for _, sku in hall.doubtful}
    for sku in skus.values():
        if sku not in doubtful and booked[sku] != there[sku]:
            yield f"hall: {there[sku]} {sku} on all shelves, {booked[sku]} in the books"


def all_of_it(books: Books, yard: Yard) -> list[str]:
    """Return what is wrong with what came, came back, was carried and was written, once everybody was heard."""
    book = books.central()
    return [
        *lines_have_what_was_booked(book, yard), *what_came_beyond_is_asked_about(book), *announcements_that_differ_are_told(book),
        *boxes_are_received_once(book, yard), *totes_stand_where_they_were_put_last(book), *notes_are_kept(books, yard),
    ]  # fmt: skip


__all__ = ["all_of_it", "units_are_somewhere_once"]
