"""The checker can fail: whatever is altered behind everybody's back, it says so."""

import ast
import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.simulation.dst import outside
from tests.simulation.dst.books import Books, Row, connect
from tests.simulation.dst.day import Day
from tests.simulation.dst.goods import Box, Hall, Wish, Wrong
from tests.simulation.dst.machine import copy_database
from tests.simulation.dst.plan import Event, Schedule
from tests.simulation.dst.site import Templates, fast_folder

EVENTS: tuple[Event, ...] = (
    ("goods", 0, 0, 12), ("goods", 1, 1, 12), ("order", [[0, 2], [1, 1]]), ("order", [[1, 2]]), ("plan", 4),
    ("round", "cart-1"), ("round", "cart-1"), ("round", "bench-1"), ("round", "bench-1"),
)  # fmt: skip


@dataclass
class Kept:
    """A day that is over, in files of its own."""

    books: Books
    hall: Hall

    def alter(self, who: str, sql: str) -> None:
        """Alter a database behind everybody's back."""
        with closing(connect(self._file(who))) as connection:
            connection.execute("PRAGMA query_only = OFF")
            triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in triggers:
                connection.execute(f'DROP TRIGGER "{name}"')
            connection.execute(sql)
            assert connection.execute("SELECT changes()").fetchone()[0] > 0

    def _file(self, who: str) -> str:
        return self.books.hub if who == "hub" else self.books.stations[who]


@pytest.fixture(scope="module")
def day() -> Iterator[tuple[Path, Hall, list[str]]]:
    """A day's databases and its hall."""
    schedule = Schedule(1, 1, 1, EVENTS)
    with fast_folder() as folder, Templates(folder).site(schedule) as site:
        done = Day(site, schedule)
        assert done.run().wrong == []
        kept = folder / "kept"
        kept.mkdir()
        copy_database(Path(site.hub.storage.address), kept / "hub.db")
        for name, machine in site.machines.items():
            copy_database(machine.file, kept / f"{name}.db")
        yield kept, site.hall, list(site.machines)


@pytest.fixture
def kept(day: tuple[Path, Hall, list[str]], tmp_path: Path) -> Kept:
    folder, hall, names = day
    for name in ("hub", *names):
        copy_database(folder / f"{name}.db", tmp_path / f"{name}.db")
    books = Books(str(tmp_path / "hub.db"), {name: str(tmp_path / f"{name}.db") for name in names})
    return Kept(books, deepcopy(hall))


def wrong_in(kept: Kept) -> list[str]:
    with kept.books as books:
        return outside.at_the_end(books, kept.hall)


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


def test_it_shares_no_code_with_the_product() -> None:
    """Neither it nor what it looks things up in: the books, and what the hall knows."""
    here = "tests.simulation.dst"
    asked, others = [Path(outside.__file__)], set()
    for file in asked:
        for name in _imported(file):
            own = file.parent / f"{name.removeprefix(here).lstrip('.')}.py"
            if not name.startswith(here):
                others.add(name.split(".")[0])
            elif own not in asked:
                asked.append(own)

    assert {"books", "goods", "wanted"} <= {file.stem for file in asked}
    # What reads the stations' encrypted files is the driver's, not the product's.
    assert others - sys.stdlib_module_names <= {"sqlcipher3", "psycopg"}


def test_a_good_day_is_good(kept: Kept) -> None:
    assert wrong_in(kept) == []


_LAST = "(SELECT max(seq) FROM feed)"
_OPERATION = "(SELECT min(position) FROM op_log WHERE kind = 'picking.pick')"
TAMPERED = (
    ("hub", f"DELETE FROM feed WHERE seq = {_LAST} - 5", "where"),
    ("hub", "UPDATE feed SET content = replace(content, '2', '3') WHERE seq = 40", "does not follow from"),
    ("hub", f"DELETE FROM feed WHERE seq = {_LAST}", "middle of an operation"),
    ("hub", f"UPDATE feed_head SET seq = {_LAST} - 1", "its head is not"),
    ("hub", "UPDATE fulfilment SET priority = priority + 1", "is not what the feed says"),
    ("cart-1", "UPDATE fulfilment SET priority = priority + 1", "is not what the hub said"),
    ("cart-1", "DELETE FROM parcel", "parcel is not what the hub said"),
    ("cart-1", "UPDATE feed_head SET seq = seq - 1", "middle of an operation"),
    ("cart-1", f"UPDATE op_log SET body = body || ' ' WHERE position = {_OPERATION}", "does not follow from"),
    ("cart-1", f"DELETE FROM op_log WHERE position = {_OPERATION}", "does not follow from"),
    ("cart-1", f"UPDATE op_log SET state = 'pending' WHERE position = {_OPERATION}", "not settled"),
    ("cart-1", "INSERT INTO shadow VALUES ('site', '[1]', NULL, 1)", "in shadow"),
    ("cart-1", "INSERT INTO private_out VALUES ('contact', '[1]', 1)", "in private_out"),
    (
        "cart-1",
        "INSERT INTO contact SELECT * FROM (VALUES (1, '01', 'Ann'" + ", ''" * 11 + "))",
        "knows where an order goes",
    ),
    ("hub", "DELETE FROM op_log WHERE kind = 'picking.pick'", "is not at the hub"),
    ("hub", "UPDATE op_log SET body = body || ' ' WHERE kind = 'picking.pick'", "is another at the hub"),
    ("hub", "UPDATE op_log SET hash = prev_hash WHERE kind = 'picking.pick'", "has another hash"),
    ("hub", "UPDATE operation_receipt SET outcome = 'duplicate'", "no receipt but as a duplicate"),
    ("hub", "UPDATE operation_receipt SET outcome = 'failed' WHERE seq = 1", "failed"),
    ("hub", "UPDATE batch SET state = 'running'", "was released and is not done"),
    ("hub", "UPDATE operation_receipt SET outcome = 'refused', reason = 'work_held' WHERE seq = 1", "refused"),
    ("hub", "UPDATE stock_entry SET quantity = quantity + 1 WHERE n = 0", "from nowhere"),
    ("hub", "UPDATE balance SET total = total + 1", "not what its entries sum to"),
    ("bench-1", "UPDATE balance SET settled = settled + 1", "is not settled"),
    ("hub", "UPDATE balance SET total = -1, settled = -1 WHERE signed = 0", "below nothing"),
    ("hub", "UPDATE balance SET reserved = reserved + 1", "reservations sum to"),
    ("hub", "UPDATE fulfilment_line SET loaded = quantity + 1", "than ordered"),
    ("hub", "UPDATE work_lease SET incarnation = incarnation + 1 WHERE stage = 'pick'", "that has not got it"),
    ("hub", "UPDATE site_station SET status = 'lost' WHERE kind = 'cart'", "that has not got it"),
    ("hub", "UPDATE number_range SET last = last + 1000 WHERE name = 'sscc' AND first > 0", "belongs to somebody"),
    (
        "hub",
        'UPDATE op_log SET body = \'{"name":"Ann"}\' WHERE position = (SELECT max(position) FROM op_log)',
        "is named",
    ),
)


@pytest.mark.parametrize(("who", "sql", "words"), TAMPERED, ids=[f"{who}-{sql[:50]}" for who, sql, _ in TAMPERED])
def test_what_was_altered_is_seen(kept: Kept, who: str, sql: str, words: str) -> None:
    kept.alter(who, sql)

    assert any(words in each for each in wrong_in(kept)), wrong_in(kept)


def test_a_receipt_twice_in_the_feed_is_seen(kept: Kept) -> None:
    last = "SELECT entity FROM feed WHERE kind = 'receipt' ORDER BY seq DESC LIMIT 1"
    kept.alter(
        "hub", f"UPDATE feed SET entity = ({last}) WHERE seq = (SELECT min(seq) FROM feed WHERE kind = 'receipt')"
    )

    assert any("2 receipts of" in each for each in wrong_in(kept))


def test_operations_out_of_order_are_seen(kept: Kept) -> None:
    mine = "SELECT seq FROM feed WHERE kind = 'receipt' AND content LIKE '%picking.pick%' ORDER BY seq DESC LIMIT 1"
    content = """replace(content, '"seq":', '"seq":-')"""
    kept.alter("hub", f"UPDATE feed SET content = {content} WHERE seq = ({mine})")

    assert any("comes after" in each for each in wrong_in(kept))


def test_a_unit_in_two_parcels_and_a_label_on_two_are_seen(kept: Kept) -> None:
    with kept.books as books:
        book = books.central()
        # The database itself would not have them: what it would hold if it did.
        row = dict(book.rows("parcel_content")[0])
        book.rows("parcel_content").append({**row, "quantity": 5})
        book.rows("parcel").append(dict(book.rows("parcel")[0]))
        wrong = list(outside.units_once(book))

    assert any("is in two parcels" in each for each in wrong)
    assert any("on 2 parcels" in each for each in wrong)


def test_singles_of_two_walks_may_stand_for_each_other_until_both_are_walked_and_no_longer(kept: Kept) -> None:
    with kept.books as books:
        book = books.central()
        for row in book.rows("batch"):
            row["kind"] = "bulk"
        one = next(row for row in book.rows("fulfilment_line") if row["packed"])
        other = {**one, "id": "other", "packed": 0, "loaded": 0}
        one["picked"] = 0
        book.rows("fulfilment_line").append(other)

        assert list(outside.units_once(book, finished=False)) == []
        assert any("are packed and 0 picked" in each for each in outside.units_once(book))
        for row in book.rows("fulfilment_line"):
            row["picked"] = 0
        assert any("are packed and 0 picked" in each for each in outside.units_once(book, finished=False))


def test_a_walk_that_went_to_who_works_fewer_of_its_zones_is_seen(kept: Kept) -> None:
    with kept.books as books:
        book = books.central()
        grant = next(row for row in book.rows("op_log") if row["kind"] == "rights.grant" and '"pick"' in row["body"])
        station = json.loads(grant["body"])["station"]
        said = json.dumps({"station": station, "zones": ["elsewhere"]})
        book.rows("op_log").append({**grant, "kind": "waves.set_zones", "body": said, "position": 0})
        assert list(outside.walks_keep_to_zones(book)) == [], "nobody else is there"
        book.rows("site_station").append({"id": "other", "kind": "cart", "status": "active"})
        book.rows("operation_receipt").append({"station": "other", "at": grant["device_ms"] - 1})

        assert any("others work more of its zones" in each for each in outside.walks_keep_to_zones(book))


def test_work_that_was_asked_for_again_and_is_kept_is_seen(kept: Kept) -> None:
    kept.alter("hub", "UPDATE work_lease SET recalled_at = 1 WHERE stage = 'pick'")
    kept.alter("hub", "UPDATE batch SET state = 'ready'")
    kept.alter("hub", "UPDATE fulfilment SET packed = 0")

    assert any("was asked for again and not given back" in each for each in wrong_in(kept))


@pytest.mark.parametrize(
    ("table", "row", "words"),
    [
        ("number_range", {"name": "sscc", "first": 5, "last": 900, "next": 5}, "belong to two"),
        ("floor_line", {"id": "f", "answer": "open"}, "floor line f is open"),
        ("epoch", {"number": 7, "state": "recovering"}, "epoch 7 does not end"),
        ("order_cancel", {"order": "o", "state": "asked"}, "the cancel of o is not final"),
    ],
)
def test_what_is_left_open_or_belongs_to_two_is_seen(kept: Kept, table: str, row: Row, words: str) -> None:
    with kept.books as books:
        book = books.central()
        assert list(outside.nothing_is_left_open(book)) + list(outside.numbers_have_one_owner(book)) == []
        book.rows(table).append(row)
        wrong = [*outside.nothing_is_left_open(book), *outside.numbers_have_one_owner(book)]

    assert any(words in each for each in wrong), wrong


# What is seen in the hall


def test_goods_that_lie_elsewhere_than_they_are_booked_are_seen(kept: Kept) -> None:
    kept.hall.shelves["A-1"]["MUG"] += 1
    kept.hall.boxes.pop()

    wrong = wrong_in(kept)
    assert any("MUG at A-1" in each for each in wrong)
    assert any("went" in each for each in wrong)


def test_a_unit_in_a_tote_that_the_books_do_not_have_there_is_seen(kept: Kept) -> None:
    kept.hall.totes["TOTE-9"], kept.hall.where["TOTE-9"] = Counter(MUG=1), "benches"
    kept.hall.inside["TOTE-9"] = Counter({"O-1": 1})

    assert any("TOTE-9" in each and "in the books" in each for each in wrong_in(kept))


def test_a_unit_that_is_not_in_its_box_is_seen(kept: Kept) -> None:
    box = next(each for each in kept.hall.boxes if each.place == "van")
    box.place = "bench"

    assert any(box.parcel.hex() in each and "in the books" in each for each in wrong_in(kept))


def test_a_station_that_does_not_know_who_works_there_is_seen(kept: Kept) -> None:
    kept.alter("cart-1", "DELETE FROM person_card")

    assert any("whose badge is whose" in each for each in wrong_in(kept))


def test_somebody_who_works_here_and_is_named_in_the_feed_is_seen(kept: Kept) -> None:
    kept.alter("hub", 'UPDATE feed SET content = \'{"name":"Pat of cart-1"}\' WHERE seq = 40')

    assert any("somebody is named in feed" in each for each in wrong_in(kept))


def test_an_order_that_was_forgotten_for_good_is_seen(kept: Kept) -> None:
    kept.hall.remembered.add("O-7")

    assert any("O-7" in each and "nobody remembers" in each for each in wrong_in(kept))


def changed(kept: Kept, number: str, street: str = "", **units: int) -> None:
    """Let people want something else last; which the hub took as whatever it took last."""
    with kept.books as books:
        last = max(row["seq"] for row in books.central().rows("feed"))
        operation = next(row["entity"] for row in books.central().rows("feed") if row["seq"] == last)
    first = kept.hall.wishes[number][0]
    kept.hall.wishes[number].append(Wish(bytes.fromhex(operation), Counter(units), street or first.street))


def test_an_order_that_left_otherwise_than_it_was_wanted_last_is_seen(kept: Kept) -> None:
    changed(kept, "O-2", CUP=1)

    assert any("of O-2 left" in each and "nobody is told" in each for each in wrong_in(kept))


def test_books_that_want_something_else_than_people_do_are_seen(kept: Kept) -> None:
    changed(kept, "O-1", MUG=2, CUP=1, JUG=1)
    changed(kept, "O-2", "Street O-2 No. 1", CUP=2)

    wrong = wrong_in(kept)
    assert any("0 JUG of O-1 are wanted" in each for each in wrong)
    assert any("O-2 goes to Street O-2, wanted is Street O-2 No. 1" in each for each in wrong)


def box(hall: Hall, label: str, units: int) -> Box:
    made = hall.box_of(label.encode(), "O-1")
    made.units["MUG"] += units
    made.street = "1 Street"
    hall.label(made, label)
    return made


def test_a_second_parcel_is_seen_at_the_van() -> None:
    hall = Hall(wanted={"O-1": Counter(MUG=2)})
    hall.load(box(hall, "1", 2))
    with pytest.raises(Wrong, match="ordered was"):
        hall.load(box(hall, "2", 2))


def test_a_label_on_two_boxes_is_seen() -> None:
    hall = Hall(wanted={"O-1": Counter(MUG=4)})
    box(hall, "1", 2)
    other = hall.box_of(b"other", "O-1")
    other.street = "1 Street"
    with pytest.raises(Wrong, match="two boxes"):
        hall.label(other, "1")


def test_a_label_without_a_street_is_seen() -> None:
    with pytest.raises(Wrong, match="sends it nowhere"):
        Hall().label(Box(b"box", "O-1", Counter()), "1")


def test_a_label_that_leaves_twice_is_seen_at_the_van_also_where_two_copies_of_a_file_print_it() -> None:
    hall = Hall(wanted={"O-1": Counter(MUG=4)}, copied=True)
    hall.load(box(hall, "1", 2))
    other = hall.box_of(b"other", "O-1")
    other.street = "1 Street"
    hall.label(other, "1")
    with pytest.raises(Wrong, match="leaves on two boxes"):
        hall.load(other)


def test_more_in_boxes_than_was_ordered_is_seen_at_the_bench() -> None:
    hall = Hall(wanted={"O-1": Counter(MUG=2)})
    hall.totes["TOTE-1"], hall.where["TOTE-1"] = Counter(MUG=3), "benches"
    hall.inside["TOTE-1"] = Counter()
    hall.pack("TOTE-1", "MUG", 2, hall.box_of(b"1", "O-1"), "bench-1")
    with pytest.raises(Wrong, match="are packed for"):
        hall.pack("TOTE-1", "MUG", 1, hall.box_of(b"2", "O-1"), "bench-1")


def test_what_was_finally_cancelled_is_seen_at_the_van() -> None:
    hall = Hall(wanted={"O-1": Counter(MUG=2)}, final={"O-1"})
    with pytest.raises(Wrong, match="finally cancelled"):
        hall.load(box(hall, "1", 2))


def test_goods_that_two_are_sent_for_are_seen_at_the_shelf() -> None:
    hall = Hall(wanted={"O-1": Counter(MUG=2)})
    one = Counter({"O-1": 1})
    hall.deliver("A-1", "MUG", 1)
    hall.pick("A-1", "MUG", 1, "TOTE-1", "CART-1", one)
    with pytest.raises(Wrong, match="sent for"):
        hall.miss("A-1", "MUG", 1)
    hall.deliver("A-1", "MUG", 2)
    with pytest.raises(Wrong, match="is on CART-1"):
        hall.pick("A-1", "MUG", 1, "TOTE-1", "CART-2", one)
    with pytest.raises(Wrong, match="were picked for O-1"):
        hall.pick("A-1", "MUG", 1, "TOTE-3", "CART-2", one)


def test_what_a_dock_knows_to_be_wanted_otherwise_is_seen_at_the_van() -> None:
    hall = Hall(wanted={"O-1": Counter(MUG=2)})
    hall.heard = {"O-1": Wish(b"1", Counter(MUG=1), "there")}
    unheard = box(hall, "1", 2)
    hall.load(unheard)
    unheard.place, unheard.street = "bench", "there"
    hall.told = frozenset({"1"})
    with pytest.raises(Wrong, match="are wanted"):
        hall.load(unheard)
    unheard.street = "elsewhere"
    with pytest.raises(Wrong, match="has heard that it is there"):
        hall.load(unheard)
