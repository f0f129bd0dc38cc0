"""A photo beside a note: chosen, dropped or pasted, looked at once more, kept, and seen where the next one looks."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

import pytest

from core.cases.model import NoteText, Photo, WrittenNote
from core.kernel.flow import Ask, Verb
from core.kernel.journal import Gesture
from core.kernel.operations import Operation
from core.kernel.reasons import Reason
from core.kernel.uow import Changes, UnitOfWork
from core.rights.model import SiteStation, StationKind, StationStatus
from core.station.flows import all_flows
from core.station.home import NOTES_KEY, ShowOrder
from core.station.note_queries import NoteSeen, PhotoSeen
from core.station.writing import ChoosePhoto, ConfirmPhoto, KeepPhoto, MakePhoto, NoteFlow, ShowNotes, ShowPhoto
from desktop.languages import plain
from desktop.present import present
from desktop.proofs import Picture
from desktop.storyline import Story
from tests.orders.shop import Shop, order_id
from tests.packing.arrange import BENCH, MUG
from tests.playbook import Desk, Playbook, context, pressed
from tests.station.desk import FakeDesk, FakePhotos
from tests.station.test_notes import ABOUT, THERE
from tests.support import SITE, STATION

NOTES = (Verb.QTY, str(NOTES_KEY))
NAME = sha256(b"a.jpg").hexdigest()


@pytest.fixture
def photos() -> FakePhotos:
    return FakePhotos()


@pytest.fixture
def d(shop: Shop, photos: FakePhotos) -> Iterator[Desk]:
    """A packer at the notes of an order."""
    shop.order("o1", [(MUG, 2)])
    made = Desk(shop.it, all_flows(FakeDesk(), photos=photos), begin="home", roles="packer", place=BENCH)
    made.take("o1", NOTES)
    yield made
    made.switch_off()


def rows(d: Desk) -> list[tuple[str, str]]:
    proof = present(d.state).proof
    assert isinstance(proof, Story)
    return [(plain(row.words), row.picture) for row in proof.rows]


def test_a_picture_that_is_chosen_is_seen_kept_and_shown_large(shop: Shop, d: Desk, photos: FakePhotos) -> None:
    d.take(Verb.PHOTO)
    assert isinstance(d.state, ChoosePhoto)
    assert [plain(each.words) for each in present(d.state).answers[:2]] == ["a.jpg", "b.png"]
    d.take((Verb.QTY, "1"))
    assert present(d.state).proof == Picture(NAME)
    d.take(Verb.YES)

    assert photos.kept == [NAME]
    (photo,), (note,), (text,) = shop.it.all(Photo), shop.it.all(WrittenNote), shop.it.all(NoteText)
    assert (photo.id, photo.digest, photo.size, photo.station) == (note.id, NAME, 5, STATION)
    assert (note.order, text.text) == (order_id("o1"), "")
    assert rows(d) == [("Photo", NAME)]
    d.take((Verb.QTY, "1"))
    assert isinstance(d.state, ShowPhoto)
    assert present(d.state).proof == Picture(NAME)
    d.take(Verb.NO, Verb.NO)
    assert isinstance(d.state, ShowOrder)
    assert ("Photo", "") in rows(d)
    shop.check()


def test_a_photo_has_words_if_somebody_writes_some_and_they_are_in_no_operation(
    shop: Shop, d: Desk, photos: FakePhotos
) -> None:
    photos.given.append("a.jpg")
    d.take(Verb.PHOTO)
    assert isinstance(d.state, ConfirmPhoto)
    d.scan("Frau Mayers Lampe", typed=True)
    assert present(d.state).detail == "Frau Mayers Lampe"
    d.take(Verb.YES)

    assert rows(d) == [("Frau Mayers Lampe", NAME)]
    d.take(Verb.NO)
    assert ("Photo: Frau Mayers Lampe", "") in rows(d)
    without = frozenset({"note_text"})
    assert not [each for each in shop.it.dump(without=without).values() if "Mayer" in str(each)]
    assert [row.raw for row in shop.it.all(Gesture) if row.step == "ConfirmPhoto"] == ["note", "YES"]


def test_a_picture_that_is_dropped_while_another_is_looked_at_takes_its_place(d: Desk, photos: FakePhotos) -> None:
    photos.given.append("a.jpg")
    d.take(Verb.PHOTO)
    photos.given.append("b.png")
    d.take(Verb.PHOTO)
    assert isinstance(d.state, ConfirmPhoto)
    assert d.state.photo.digest == sha256(b"b.png").hexdigest()


def test_what_takes_long_can_be_left_and_is_seen_once_it_is_ready(shop: Shop, d: Desk, photos: FakePhotos) -> None:
    photos.given.append("a.jpg")
    photos.slow = True
    d.take(Verb.PHOTO)
    assert isinstance(d.state, MakePhoto)
    d.hear(changes())
    assert isinstance(d.state, MakePhoto)
    d.take(Verb.NO)
    assert isinstance(d.state, ShowNotes)

    d.take(Verb.PHOTO, (Verb.QTY, "2"))
    assert isinstance(d.state, MakePhoto)
    photos.slow = False
    d.hear(changes())
    assert isinstance(d.state, ConfirmPhoto)
    photos.slow = True
    d.take(Verb.YES)
    assert isinstance(d.state, KeepPhoto)
    assert shop.it.all(Photo) == []
    d.take(Verb.NO)
    assert isinstance(d.state, ConfirmPhoto)
    d.take(Verb.YES)
    photos.slow = False
    d.hear(changes())
    assert isinstance(d.state, ShowNotes)
    assert [row.digest for row in shop.it.all(Photo)] == [sha256(b"b.png").hexdigest()]


def test_what_is_no_picture_is_said_and_nothing_is_written(shop: Shop, d: Desk, photos: FakePhotos) -> None:
    photos.given.append("orders.csv")
    refused = d.press(Verb.PHOTO).refusal
    assert refused is not None
    assert (refused.reason, refused.facts["got"]) == (Reason.NO_PICTURE, "orders.csv")
    assert isinstance(d.state, ShowNotes)
    d.take(Verb.PHOTO)
    assert d.scan("/home/somewhere/list.pdf", typed=True).refusal.reason is Reason.NO_PICTURE
    assert isinstance(d.state, ChoosePhoto)
    assert shop.it.all(WrittenNote) == []
    assert [row.raw for row in shop.it.all(Gesture) if "pdf" in row.raw] == []


def test_where_there_is_no_room_nothing_names_what_is_not_there(shop: Shop, d: Desk, photos: FakePhotos) -> None:
    photos.given.append("a.jpg")
    photos.full = True
    d.take(Verb.PHOTO)
    assert d.press(Verb.YES).refusal.reason is Reason.NOT_SAVED
    assert isinstance(d.state, ConfirmPhoto)
    assert shop.it.all(Photo) == []
    assert "cases.photo" not in [row.kind for row in shop.it.all(Operation)]
    photos.full = False
    d.take(Verb.YES)
    assert [row.digest for row in shop.it.all(Photo)] == [NAME]


def test_who_may_not_write_adds_no_photo() -> None:
    (Playbook(NoteFlow(FakePhotos()), context(roles="auditor"), THERE) >> pressed(Verb.PHOTO)).refuses(
        Reason.NOT_ALLOWED
    ).ends(THERE)
    (Playbook(NoteFlow(FakePhotos()), context(roles="packer"), THERE) >> pressed(Verb.PHOTO) << Ask).ends(THERE)


def test_a_photo_that_is_not_here_is_asked_for_and_says_where_it_is(shop: Shop, d: Desk, photos: FakePhotos) -> None:
    photos.given.append("a.jpg")
    d.take(Verb.PHOTO, Verb.YES)
    with shop.it.executor.connection.begin():
        uow = UnitOfWork(shop.it.executor.connection)
        uow.insert(SiteStation(SITE, STATION, "Bench 2", StationKind.BENCH, StationStatus.ACTIVE, 1, 0, 1))
        uow.flush()
    photos.kept.clear()
    d.take(Verb.NO, NOTES)
    assert rows(d) == [("Photo, Not here yet: taken at Bench 2", "")]
    assert photos.looked[-1] == NAME
    d.take((Verb.QTY, "1"))
    proof = present(d.state).proof
    assert isinstance(proof, Picture)
    assert (proof.digest, plain(proof.missing)) == ("", "Not here yet: taken at Bench 2")
    photos.kept.append(NAME)
    d.hear(changes())
    assert present(d.state).proof == Picture(NAME)


def changes() -> Changes:
    return Changes(frozenset({Photo.TABLE.name}), frozenset())


def test_of_a_station_that_is_gone_it_is_said_that_it_may_never_come() -> None:
    gone = NoteSeen(1, "Mara", "", PhotoSeen(NAME, "Bench 2", gone=True, here=False))
    proof = present(ShowPhoto(ShowNotes(ABOUT, (gone,)), gone)).proof
    assert isinstance(proof, Picture)
    assert plain(proof.missing) == "Taken at Bench 2, which takes no part any more: it may never come"
    alone = replace(gone, photo=PhotoSeen(NAME, here=False))
    proof = present(ShowPhoto(ShowNotes(ABOUT, (alone,)), alone)).proof
    assert isinstance(proof, Picture)
    assert proof.missing == "Its file is not here any more"


def test_all_photos_are_seen_one_after_the_other(d: Desk, photos: FakePhotos) -> None:
    for name in photos.pictures:
        photos.given.append(name)
        d.take(Verb.PHOTO, Verb.YES)
    d.take((Verb.QTY, "1"))
    seen = []
    for _ in range(3):
        assert isinstance(d.state, ShowPhoto)
        seen.append(photos.kept.index(d.state.note.photo.digest))
        d.take((Verb.QTY, "1"))
    assert seen == [1, 0, 1]
