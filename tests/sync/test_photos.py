"""Photos that people take apart: their rows come by the feed, and their bytes behind them, whole or not at all."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.cases.commands import AddPhoto, note_id
from core.cases.model import Case, CaseKind, Photo, WrittenNote
from core.cases.photos import LARGEST
from core.cases.shelf import Shelf
from core.kernel.blobs import BlobStore
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.rights.model import StationStatus
from sync.protocol import TAKEN_OUT, UNKNOWN_STATION, Carried, Carry, Refused, SentPhoto
from sync.station.carry import BROUGHT_MAX, carry
from sync.station.engines import HubFault
from tests.support import SITE
from tests.sync.photos import ORDER, adds, asks, at_the_hub, jpeg, name, unsafe
from tests.sync.released import released_walks
from tests.sync.test_conflicts import told
from tests.sync.world import World, world


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        released_walks(made, 1)
        made.settle()
        yield made


# What becomes of them


def test_photos_that_were_added_apart_are_all_kept_and_come_to_whoever_looks(it: World) -> None:
    one, two = it.members
    scratch, box = jpeg("a scratch"), jpeg("the box")
    mine, others = adds(one, scratch), adds(two, box)
    it.settle()
    it.settle()
    assert (
        {row.digest for row in one.bench.all(Photo)} == {row.digest for row in two.bench.all(Photo)} == {mine, others}
    )
    for member in (one, two):
        it.carry(member)

    assert at_the_hub(it) == {mine: scratch, others: box}
    assert (one.shelf.look(others), two.shelf.look(mine)) == (False, False)
    for member in (one, two):
        it.carry(member)
    assert (one.shelf.read(others), two.shelf.read(mine)) == (box, scratch)
    assert (one.shelf.wanted(), unsafe(one), unsafe(two)) == ((), (), ())
    assert told(it) == []
    it.office.check()


def test_bytes_wait_for_the_operation_that_names_them(it: World) -> None:
    one, _ = it.members
    digest = adds(one, jpeg("a scratch"))
    it.carry(one)
    assert at_the_hub(it) == {}
    assert unsafe(one) == (digest,)

    it.push(one)
    it.carry(one)
    assert list(at_the_hub(it)) == [digest]
    assert unsafe(one) == ()


def test_what_is_looked_for_comes_later_where_its_station_was_not_heard_yet(it: World) -> None:
    one, two = it.members
    data = jpeg("a scratch")
    digest = adds(one, data)
    it.settle()
    assert not two.shelf.look(digest)
    it.carry(two)
    assert not two.shelf.has(digest)

    it.carry(one)
    it.carry(two)
    assert two.shelf.read(digest) == data


def test_whoever_looks_lets_the_line_know_once() -> None:
    shelf, heard = Shelf(BlobStore(Path("nowhere"))), []
    shelf.asked = lambda: heard.append(1)
    assert [shelf.look(name(b"x")) for _ in range(3)] == [False] * 3
    assert heard == [1]


# What goes wrong on the way


def test_a_photo_whose_answer_was_lost_is_not_brought_twice(it: World) -> None:
    one, _ = it.members
    digest = adds(one, jpeg("a scratch"))
    it.push(one)
    brought: list[SentPhoto] = []

    def lost(message: Carry) -> Carried | Refused:
        brought.extend(message.brought)
        answer = it.center.carry(message)
        if message.brought:
            raise HubFault("no answer")
        return answer

    with pytest.raises(HubFault):
        it.carry(one, lost)
    assert unsafe(one) == (digest,)
    it.carry(one, lost)
    assert len(brought) == 1
    assert unsafe(one) == ()


def test_a_photo_that_was_cut_off_is_not_taken_and_comes_again(it: World) -> None:
    one, _ = it.members
    data = jpeg("a scratch")
    digest = adds(one, data)
    it.push(one)

    def cut(message: Carry) -> Carried | Refused:
        some = tuple(SentPhoto(each.digest, each.data[:-3]) for each in message.brought)
        return it.center.carry(
            Carry(epoch=message.epoch, site=SITE, station=one.name, offered=message.offered, brought=some)
        )

    it.carry(one, cut)
    assert at_the_hub(it) == {}
    assert unsafe(one) == (digest,)
    it.carry(one)
    assert at_the_hub(it) == {digest: data}


@pytest.mark.parametrize(
    "data", [b"GIF89a not a JPEG", jpeg("x" * LARGEST), b""], ids=["no JPEG", "more than a photo has", "nothing"]
)
def test_the_hub_takes_nothing_that_is_no_photo(it: World, data: bytes) -> None:
    one, _ = it.members
    adds(one, jpeg("a scratch"))
    adds(one, jpeg("another"))
    it.push(one)
    with it.central.begin():
        uow = UnitOfWork(it.central)
        uow.insert(Photo(SITE, note_id(one.bench.base()["id"]), name(data), "image/jpeg", 1, one.name, 1))
        uow.flush()

    answer = asks(it, one, brought=(SentPhoto(name(data), data),))
    assert isinstance(answer, Carried)
    assert (answer.kept, at_the_hub(it)) == ((), {})


def test_bytes_under_the_name_of_others_are_not_taken_at_the_hub_nor_at_a_station(it: World) -> None:
    one, two = it.members
    digest = adds(one, jpeg("a scratch"))
    it.settle()
    answer = asks(it, one, brought=(SentPhoto(digest, jpeg("something else")),))
    assert isinstance(answer, Carried)
    assert (answer.kept, answer.lacking, at_the_hub(it)) == ((), (digest,), {})

    two.shelf.look(digest)
    found = (SentPhoto(digest, jpeg("something else")),)
    it.carry(two, lambda message: Carried(epoch=message.epoch, found=found))
    assert not two.shelf.has(digest)
    # Whoever looks again asks again: by itself nothing is fetched that is not kept.
    assert two.shelf.wanted() == ()


def test_bytes_that_no_photo_names_are_no_business_of_the_hubs(it: World) -> None:
    one, _ = it.members
    data = jpeg("of nothing")
    assert asks(
        it, one, offered=(name(data),), brought=(SentPhoto(name(data), data),), wanted=(name(data),)
    ) == Carried(epoch=1)
    assert at_the_hub(it) == {}


def test_the_same_picture_of_two_notes_is_kept_once(it: World) -> None:
    one, two = it.members
    data = jpeg("a scratch")
    digest = adds(one, data)
    assert adds(two, data) == digest
    it.settle()
    for member in (one, two):
        it.carry(member)
    assert at_the_hub(it) == {digest: data}
    assert (unsafe(one), unsafe(two)) == ((), ())


def test_a_photo_whose_file_was_damaged_stays_out_and_holds_up_no_other(it: World) -> None:
    one, _ = it.members
    bad, good = adds(one, jpeg("bad")), adds(one, jpeg("good"))
    (one.path.with_suffix(".blobs") / bad[:2] / bad[2:]).write_bytes(b"bent")
    it.push(one)
    it.carry(one)
    assert list(at_the_hub(it)) == [good]
    assert unsafe(one) == (bad,)


@pytest.mark.parametrize("fault", [OSError(5, "Input/output error"), PermissionError(13, "Permission denied")])
def test_a_photo_whose_file_the_disk_does_not_give_holds_up_no_other(
    it: World, monkeypatch: pytest.MonkeyPatch, fault: OSError
) -> None:
    one, _ = it.members
    bad, good = adds(one, jpeg("bad")), adds(one, jpeg("good"))
    it.push(one)
    read, there = Path.read_bytes, Path.exists

    def refuses(path: Path, otherwise: Callable[[Path], Any]) -> Any:
        if path.name == bad[2:]:
            raise fault
        return otherwise(path)

    monkeypatch.setattr(Path, "read_bytes", lambda path: refuses(path, read))
    it.carry(one)
    assert list(at_the_hub(it)) == [good]
    monkeypatch.setattr(Path, "exists", lambda path: refuses(path, there))
    it.carry(one)
    assert unsafe(one) == (bad,)


def test_a_disk_without_room_holds_up_nothing_that_is_brought_and_nothing_is_fetched_for_ever(
    it: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = it.members
    others = adds(two, jpeg("the box"))
    it.settle()
    it.carry(two)
    mine = adds(one, jpeg("a scratch"))
    it.settle()
    one.shelf.look(others)

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(BlobStore, "put", full)
    with pytest.raises(OSError, match="No space"):
        it.carry(one)
    assert set(at_the_hub(it)) == {mine, others}
    assert (unsafe(one), one.shelf.wanted()) == ((), ())


def test_who_looks_at_one_does_not_wait_until_all_of_a_day_were_brought(it: World) -> None:
    one, two = it.members
    wanted = adds(two, jpeg("the box"))
    it.settle()
    it.carry(two)
    for n in range(2 * BROUGHT_MAX + 1):
        adds(one, jpeg(f"scratch {n}"))
    it.settle()
    sent: list[Carry] = []

    def heard(message: Carry) -> Carried | Refused:
        sent.append(message)
        if message.brought and not one.shelf.has(wanted):
            one.shelf.look(wanted)
        return it.center.carry(message)

    it.carry(one, heard)
    assert [n for n, each in enumerate(sent) if each.wanted] == [BROUGHT_MAX + 1]
    assert len(at_the_hub(it)) == 2 * BROUGHT_MAX + 2
    assert unsafe(one) == ()


def test_of_what_others_took_and_nobody_looked_at_here_nothing_is_looked_for(
    it: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = it.members
    mine, others = adds(one, jpeg("a scratch")), adds(two, jpeg("the box"))
    it.settle()
    it.settle()
    assert {row.digest for row in one.bench.all(Photo)} == {mine, others}
    assert unsafe(one) == (mine,)
    seen: list[str] = []
    plain = Shelf.has

    def has(shelf: Shelf, digest: str) -> bool:
        seen.append(digest)
        return plain(shelf, digest)

    monkeypatch.setattr(Shelf, "has", has)
    it.carry(one)
    assert set(seen) == {mine}


def test_what_is_no_photo_is_not_brought_whatever_names_it(it: World) -> None:
    one, _ = it.members
    paper = BlobStore(one.path.with_suffix(".blobs")).put(b"^XA somebody's address ^XZ")
    assert one.shelf.has(paper)
    assert one.shelf.read(paper) is None


# Who, and what the hub forgot


@pytest.mark.parametrize(("status", "reason"), [(StationStatus.REVOKED, TAKEN_OUT), (None, UNKNOWN_STATION)])
def test_who_takes_no_part_brings_nothing_and_is_given_nothing(
    it: World, status: StationStatus | None, reason: str
) -> None:
    one, two = it.members
    data = jpeg("a scratch")
    digest = adds(one, data)
    it.settle()
    it.carry(one)
    with it.central.begin():
        it.central.execute(sa.text("DELETE FROM photo_bytes"))
        if status is None:
            it.central.execute(sa.text("DELETE FROM site_station WHERE id = :id").bindparams(id=two.name))
        else:
            it.central.execute(
                sa.text("UPDATE site_station SET status = 'revoked' WHERE id = :id").bindparams(id=two.name)
            )

    for said in ({"wanted": (digest,)}, {"brought": (SentPhoto(digest, data),)}):
        answer = asks(it, two, **said)
        assert isinstance(answer, Refused)
        assert answer.reason == reason
    assert at_the_hub(it) == {}


# The command, and what is over


def test_a_photo_that_no_hub_would_take_is_not_added(it: World) -> None:
    one, _ = it.members
    whole = {"order": ORDER, "digest": name(b"x"), "size": 1, "station": one.name}
    for wrong in (
        {"digest": "../../etc/passwd"},
        {"digest": name(b"x").upper()},
        {"size": LARGEST + 1},
        {"size": 0},
        {"media_type": "image/svg+xml"},
    ):
        refused = one.bench.refuse(AddPhoto(**one.bench.base(), **{**whole, **wrong}))
        assert isinstance(refused, Refusal)
        assert refused.reason is Reason.NO_PICTURE
    assert one.bench.all(WrittenNote) == []
    assert not Shelf(BlobStore(one.path.parent)).has("../" + one.path.name)


def test_a_hub_that_is_told_of_what_no_station_adds_keeps_the_fact_with_a_case(
    it: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = it.members
    with monkeypatch.context() as patch:
        patch.setattr(AddPhoto, "check", lambda *_: None)
        one.bench.run(AddPhoto(**one.bench.base(), order=ORDER, digest="nothing", size=1, station=one.name))
    it.push(one)
    assert [row.digest for row in it.office.it.all(Photo)] == ["nothing"]
    assert [row.kind for row in it.office.it.all(Case)] == [CaseKind.CONTRADICTED]


def test_an_engine_that_has_nothing_to_do_says_nothing(it: World) -> None:
    one, _ = it.members
    it.carry(one, lambda _: pytest.fail("it spoke"))
    engine = carry(one.me)
    engine.close()
