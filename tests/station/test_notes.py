"""What people write down about an order or a case: typed, read once more, kept, and seen where the next one looks."""

from collections.abc import Iterator

import pytest

import core.station.writing
from core.cases.commands import OpenCase, WriteNote
from core.cases.model import CaseKind, NoteText, WrittenNote
from core.kernel.flow import Go, Refuse, Verb
from core.kernel.ids import NO_ID, CommandId, derive
from core.kernel.journal import Gesture, GestureInput
from core.kernel.operations import Operation
from core.kernel.reasons import Reason
from core.kernel.uow import Changes
from core.station.cases import CasesFlow, ShowCase, offered
from core.station.flows import all_flows
from core.station.home import NOTES_KEY, ShowOrder
from core.station.note_queries import About, NoteSeen
from core.station.story import NOTED
from core.station.writing import SHOWN, ConfirmNote, NoteFlow, ShowNotes
from desktop.languages import plain
from desktop.present import present
from desktop.proofs import Steps
from desktop.storyline import Story
from tests.diagrams import compare, walked
from tests.orders.shop import Shop, order_id
from tests.packing.arrange import BENCH, MUG
from tests.playbook import Desk, Playbook, context, pressed, scanned
from tests.station.desk import FakeDesk, FakePhotos
from tests.support import NOON

NOTES = (Verb.QTY, str(NOTES_KEY))
WORDS = "Frau Mayer hat angerufen, bitte unten klingeln"


@pytest.fixture
def packer(shop: Shop) -> Iterator[Desk]:
    made = Desk(shop.it, all_flows(FakeDesk()), begin="home", roles="packer", place=BENCH)
    yield made
    made.switch_off()


def writes(d: Desk, words: str) -> None:
    """Type a note, and keep it."""
    said = d.scan(words, typed=True)
    assert said.refusal is None, said.refusal
    assert isinstance(d.state, ConfirmNote)
    d.take(Verb.YES)


def shown(d: Desk) -> list[str]:
    proof = present(d.state).proof
    assert isinstance(proof, Story)
    return [plain(row.words) for row in proof.rows]


def test_a_note_is_typed_read_once_more_and_seen_in_the_orders_story(shop: Shop, packer: Desk) -> None:
    shop.order("o1", [(MUG, 2)])
    packer.take("o1", NOTES)
    assert present(packer.state).prompt == "Notes on order o1"
    writes(packer, WORDS)

    assert shown(packer) == [WORDS]
    order = packer.take(Verb.NO)
    assert isinstance(order, ShowOrder)
    (event,) = (each for each in order.found.events if each.kind == NOTED)
    assert event.text == WORDS
    assert f"Note: {WORDS}" in shown(packer)


def test_its_words_are_in_no_operation_and_in_no_gesture(shop: Shop, packer: Desk) -> None:
    shop.order("o1", [(MUG, 2)])
    packer.take("o1", NOTES)
    writes(packer, WORDS)

    (text,) = shop.it.all(NoteText)
    assert text.text == WORDS
    (note,) = shop.it.all(WrittenNote)
    assert (note.id, note.order, note.subject) == (text.id, order_id("o1"), NO_ID)
    assert [row.raw for row in shop.it.all(Gesture) if row.input is GestureInput.MANUAL] == ["note"]
    without = frozenset({"note_text"})
    assert not [rows for rows in shop.it.dump(without=without).values() if "Mayer" in str(rows)]
    shop.check()


def test_an_erased_note_says_that_its_words_are_not_here(shop: Shop, packer: Desk) -> None:
    shop.order("o1", [(MUG, 2)])
    shop.it.run(WriteNote(**shop.it.base(), order=order_id("o1")))
    packer.take("o1", NOTES)
    assert shown(packer) == ["A note whose words are not here"]


def test_a_note_on_a_case_is_seen_at_the_case_and_in_the_story_of_its_order(shop: Shop) -> None:
    order = shop.order("o1", [(MUG, 2)])
    opened = OpenCase(**shop.it.base(), kind=CaseKind.HOSPITAL, order=order)
    shop.it.run(opened)
    d = Desk(shop.it, all_flows(FakeDesk()), begin="home", roles="lead", place=BENCH)
    d.go(CasesFlow.NAME)
    d.take((Verb.QTY, "1"))
    notes = (Verb.QTY, str(len(offered(d.state.seen)) + 1))
    d.take(notes)
    assert present(d.state).prompt == "Notes on this case"
    writes(d, "In cage 3")
    seen = d.take(Verb.NO)

    assert isinstance(seen, ShowCase)
    assert [each.text for each in seen.seen.notes] == ["In cage 3"]
    proof = present(d.state).proof
    assert isinstance(proof, Steps)
    assert "In cage 3" in [plain(fact.value) for fact in proof.facts]
    d.go("home", f"order {order.hex()}")
    assert "Note: In cage 3" in shown(d)
    (note,) = shop.it.all(WrittenNote)
    assert note.subject == derive(opened.id, f"case {CaseKind.HOSPITAL}")
    d.switch_off()


def test_all_notes_are_there_a_few_at_a_time(shop: Shop, packer: Desk) -> None:
    shop.order("o1", [(MUG, 2)])
    packer.take("o1", NOTES)
    for n in range(SHOWN + 2):
        writes(packer, f"note {n}")
    assert shown(packer) == ["note 2", "note 3", "note 4"]
    packer.take((Verb.QTY, "1"))
    assert shown(packer) == ["note 0", "note 1"]
    packer.take((Verb.QTY, "1"))
    assert shown(packer) == ["note 2", "note 3", "note 4"]


ABOUT = About(order_id("o1"), NO_ID, "o1")  # type: ignore[arg-type]
THERE = ShowNotes(ABOUT, (NoteSeen(NOON, "Mara", "there"),))


def test_a_code_that_is_scanned_is_no_note_and_who_may_not_write_reads() -> None:
    may, reads = context(roles="packer"), context(roles="auditor")
    (Playbook(NoteFlow(), may, THERE) >> scanned(raw="4006381333931")).refuses(Reason.COMMAND_NOT_NOW).ends(THERE)
    typed = scanned(raw="words")
    typed = type(typed)(id=typed.id, at=typed.at, raw="words", typed=True)
    (Playbook(NoteFlow(), reads, THERE) >> typed).refuses(Reason.NOT_ALLOWED).ends(THERE)
    (Playbook(NoteFlow(), may, ConfirmNote(THERE, "words")) >> pressed(Verb.YES) << WriteNote).ends(
        core.station.writing.Writing
    )


def test_what_is_not_there_has_no_notes(shop: Shop) -> None:
    d = Desk(shop.it, all_flows(FakeDesk()), begin="home", roles="lead", place=BENCH)
    assert d.go("note", f"case {(b'x' * 16).hex()}").refusal.reason is Reason.NOT_FOUND
    d.switch_off()
    step = NoteFlow().begin("", NOON, CommandId(b"c" * 16), context(roles="lead"))
    assert [type(each) for each in step.effects] == [Go]
    assert not [each for each in step.effects if isinstance(each, Refuse)]


def adds_a_photo(d: Desk, photos: FakePhotos) -> None:
    """Choose a picture, keep it once there is room, and look at it while it changes."""
    d.take(Verb.PHOTO)
    d.take(Verb.NO)
    photos.given.append("a.jpg")
    d.take(Verb.PHOTO)
    d.take(Verb.NO)
    d.take(Verb.PHOTO)
    d.take((Verb.QTY, "2"))
    photos.full = True
    assert d.press(Verb.YES).refusal.reason is Reason.NOT_SAVED
    photos.full = False
    d.take(Verb.YES)
    d.take((Verb.QTY, "1"))
    d.hear(Changes(frozenset({"photo"}), frozenset()))
    assert type(d.state).__name__ == "ShowPhoto"
    d.take(Verb.NO)


def test_the_flow_goes_where_the_diagram_says(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    photos = FakePhotos()
    flow, pairs = walked(NoteFlow())
    flow._photos = photos
    shop.order("o1", [(MUG, 2)])
    d = Desk(shop.it, {**all_flows(FakeDesk()), "note": flow}, begin="home", roles="lead", place=BENCH)
    d.take("o1", NOTES)
    writes(d, "first")
    d.scan("second", typed=True)
    d.scan("second, once more", typed=True)
    d.take(Verb.NO)
    adds_a_photo(d, photos)
    d.scan("third", typed=True)
    monkeypatch.setattr(WriteNote, "check", lambda *_: core.station.writing.Refusal(Reason.NOT_FOUND))
    assert d.press(Verb.YES).refusal.reason is Reason.NOT_FOUND
    d.switch_off()
    compare(core.station.writing, pairs)
    assert [row.kind for row in shop.it.all(Operation)].count("cases.note") == 1
