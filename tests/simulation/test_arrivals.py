"""The checker of what comes in, comes back and is carried about can fail: whatever is altered behind everybody's back, it says so."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest

from tests.simulation.dst import arrivals, shown
from tests.simulation.dst.album import Album
from tests.simulation.dst.books import Books
from tests.simulation.dst.day import Day
from tests.simulation.dst.goods import Box, Hall
from tests.simulation.dst.machine import copy_database
from tests.simulation.dst.plan import Event, Schedule
from tests.simulation.dst.site import Templates, fast_folder
from tests.simulation.dst.yard import Yard
from tests.simulation.test_outside import Kept

STATIONS = ("cart-1", "bench-1", "dock-1", "desk-1")
ROUNDS: tuple[Event, ...] = tuple(("round", name) for name in 2 * STATIONS)
APART: tuple[Event, ...] = (
    ("unpack", "bench-1", 0, 0, 99, 2), ("unpack", "desk-1", 0, 0, 99, 2), ("receive", "bench-1", 0, 0, 0),
    ("receive", "desk-1", 0, 1, 1), ("receive", "desk-1", 1, 0, 0), ("note", "desk-1", 0), ("note", "cart-1", 0),
    ("carry", "bench-1", 0, 2), ("carry", "desk-1", 0, 3), ("move", "cart-1", 0, 0, 2, 99), ("move", "desk-1", 0, 0, 3, 99),
    ("photo", "desk-1", 0), ("photo", "cart-1", 0),
)  # fmt: skip
"""What a desk does in the same minutes as the others, who do not hear of it."""
EVENTS: tuple[Event, ...] = (
    ("goods", 0, 0, 12), ("goods", 1, 1, 12), ("order", [[0, 2]]), ("order", [[1, 1]]), ("plan", 4), *ROUNDS,
    ("quiet", 1), ("quiet", 2), ("act", "dock-1", 97), ("back", 0), ("back", 0), *ROUNDS,
    ("announce", "hub", 0, [[2, 4], [3, 3]], 0), ("announce", "desk-1", 0, [[2, 5]], -1), ("order", [[1, 2]]), ("plan", 4), *ROUNDS,
    ("work", "cart-1", 5, 1), *ROUNDS, ("offline", "desk-1"), *APART, *ROUNDS, ("online", "desk-1"), *ROUNDS,
    ("look", "bench-1", 0), ("look", "cart-1", 0), *ROUNDS,
)  # fmt: skip


@pytest.fixture(scope="module")
def day() -> Iterator[tuple[Path, Yard, dict[str, Album]]]:
    """A day's databases, what came to its door, and the photos that lie beside stations' files."""
    schedule = Schedule(1, 1, 1, EVENTS, desks=1, finish=False)
    with fast_folder() as folder, Templates(folder).site(schedule) as site:
        assert Day(site, schedule).run().wrong == []
        kept = folder / "kept"
        kept.mkdir()
        copy_database(Path(site.hub.storage.address), kept / "hub.db")
        for name, machine in site.machines.items():
            copy_database(machine.file, kept / f"{name}.db")
        yield kept, site.yard, {name: machine.album for name, machine in site.machines.items()}


@pytest.fixture
def kept(day: tuple[Path, Yard, dict[str, Album]], tmp_path: Path) -> Kept:
    folder, yard, names = day
    for name in ("hub", *names):
        copy_database(folder / f"{name}.db", tmp_path / f"{name}.db")
    books = Books(str(tmp_path / "hub.db"), {name: str(tmp_path / f"{name}.db") for name in names})
    return Kept(books, deepcopy(yard.hall))


@pytest.fixture
def yard(day: tuple[Path, Yard, dict[str, Album]]) -> Yard:
    return deepcopy(day[1])


@pytest.fixture
def albums(day: tuple[Path, Yard, dict[str, Album]]) -> dict[str, Album]:
    return deepcopy(day[2])


def wrong_in(kept: Kept, yard: Yard) -> list[str]:
    with kept.books as books:
        return arrivals.all_of_it(books, yard)


def test_a_good_day_is_good_and_has_all_of_it(kept: Kept, yard: Yard) -> None:
    assert wrong_in(kept, yard) == []
    with kept.books as books:
        cases = sorted(row["kind"] for row in books.central().rows("exception_case"))
    assert cases == ["contradicted", "moved_twice", "moved_twice", "over_receipt", "return_twice"]
    assert len(yard.notes) == len(yard.photos) == 2
    assert len(yard.stands) == 2


TAMPERED = (
    ("UPDATE delivery_line SET booked = booked + 1", "its bookings brought"),
    ("UPDATE delivery_booking SET taken_out = quantity + 1", "were taken out"),
    ("DELETE FROM delivery_booking", "nobody booked them"),
    ("DELETE FROM exception_case WHERE kind = 'over_receipt'", "of bookings too much"),
    ("DELETE FROM exception_case WHERE kind = 'contradicted'", "were announced otherwise"),
    ("DELETE FROM exception_case WHERE kind = 'return_twice'", "told as received twice"),
    ("DELETE FROM goods_return", "boxes are booked"),
    ("UPDATE goods_return SET place = (SELECT id FROM location WHERE code = 'A-1')", "is booked at A-1"),
    ('UPDATE goods_return SET "left" = 0', "had left"),
    ("UPDATE exception_case SET kind = 'return_not_left' WHERE kind = 'return_twice'", "had left"),
    ("UPDATE tote_place SET move = x'00'", "a tote stands elsewhere"),
    ("DELETE FROM exception_case WHERE kind = 'moved_twice'", "totes were carried elsewhere"),
    ("DELETE FROM note_text", "people wrote 2"),
    ("DELETE FROM note", "0 notes"),
)


@pytest.mark.parametrize(("sql", "words"), TAMPERED, ids=[sql[:60] for sql, _ in TAMPERED])
def test_what_was_altered_is_seen(kept: Kept, yard: Yard, sql: str, words: str) -> None:
    kept.alter("hub", sql)

    assert any(words in each for each in wrong_in(kept, yard)), wrong_in(kept, yard)


def test_a_note_that_a_station_has_not_is_seen(kept: Kept, yard: Yard) -> None:
    kept.alter("cart-1", "DELETE FROM note_text")

    assert any(each.startswith("cart-1: has 0 notes") for each in wrong_in(kept, yard))


def test_a_note_in_what_is_kept_for_ever_is_seen(kept: Kept, yard: Yard) -> None:
    words = next(iter(yard.notes.values()))
    kept.alter("hub", f"UPDATE feed SET content = content || '{words}' WHERE seq = 40")  # noqa: S608

    assert any("never erased" in each for each in wrong_in(kept, yard))


def wrong_with_photos(kept: Kept, albums: dict[str, Album]) -> list[str]:
    with kept.books as books:
        return list(shown.photos_are_where_they_are_looked_for(books, albums))


def test_photos_are_at_the_hub_and_with_those_who_looked(kept: Kept, albums: dict[str, Album]) -> None:
    assert wrong_with_photos(kept, albums) == []
    assert [len(albums[name].photos) for name in STATIONS] == [2, 1, 0, 1]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DELETE FROM photo_bytes", "is not at the hub"),
        ("UPDATE photo_bytes SET data = x'ffd8ff00'", "is not what its name says"),
        ("DELETE FROM photo", "is shown by no note"),
    ],
    ids=["lost", "bent", "unnamed"],
)
def test_photos_that_were_altered_are_seen(kept: Kept, albums: dict[str, Album], sql: str, words: str) -> None:
    kept.alter("hub", sql)

    assert any(words in each for each in wrong_with_photos(kept, albums))


def test_a_photo_that_nobody_has_any_more_is_missed_by_nobody(kept: Kept, albums: dict[str, Album]) -> None:
    kept.alter("hub", "DELETE FROM photo_bytes")
    for each in albums.values():
        each.photos.clear()

    assert wrong_with_photos(kept, albums) == []


def test_a_photo_that_was_looked_for_and_did_not_come_is_seen(kept: Kept, albums: dict[str, Album]) -> None:
    (digest,) = albums["desk-1"].photos
    albums["dock-1"].look(digest)

    assert any("did not come" in each for each in wrong_with_photos(kept, albums))


def test_a_unit_that_is_at_two_places_is_seen(kept: Kept, yard: Yard) -> None:
    yard.hall.deliver("A-1", "MUG", 1)

    with kept.books as books:
        assert any("MUG on all shelves" in each for each in arrivals.units_are_somewhere_once(books.central(), yard))


def test_a_box_that_is_received_and_not_booked_is_seen(kept: Kept, yard: Yard) -> None:
    yard.back.append(Box(b"other", "O-1", yard.hall.counted({}), label="7"))
    yard.received[b"other"].append(b"1")

    assert any("7 was received 1 times, 0 boxes" in each for each in wrong_in(kept, yard))


def test_goods_that_were_carried_away_are_missed_by_nobody_who_had_not_heard() -> None:
    hall = Hall()
    hall.overtaken["A-1", "MUG"] = 2
    hall.miss("A-1", "MUG", 2)
    hall.apart.add(("A-2", "MUG"))
    hall.miss("A-2", "MUG", 2)
