"""Notes that people write apart: all of them are kept, and their words come beside them and never in the feed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.amending.over import let_notes_go
from core.cases.commands import CloseCase, OpenCase, WriteNote, note_id
from core.cases.model import Case, CaseKind, NoteText, WrittenNote
from core.kernel.executor import Done, Work
from core.kernel.feed import Feed
from core.kernel.flow import Run, Verb
from core.kernel.ids import NO_ID, CaseId, OrderId, derive
from core.kernel.operations import Operation
from core.kernel.tables import rows_of, sql_of
from core.station.note_queries import About, notes_about
from core.station.writing import ConfirmNote, NoteFlow, ShowNotes
from tests.orders.shop import order_id
from tests.playbook import context, pressed
from tests.support import SITE
from tests.sync.released import released_walks
from tests.sync.test_conflicts import told
from tests.sync.world import Member, World, world

ORDER = order_id("o0")


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        released_walks(made, 1)
        made.settle()
        yield made


def writes(member: Member, words: str, order: OrderId = ORDER, case: bytes = NO_ID) -> None:
    command = WriteNote(**member.bench.base(), order=order, subject=case)
    member.bench.run(command, NoteText(SITE, note_id(command.id), words))


def read(member: Member, case: bytes = NO_ID) -> list[str]:
    with member.connection.begin():
        return sorted(each.text for each in notes_about(member.connection, SITE, ORDER, CaseId(case)))


def test_notes_that_were_written_apart_are_all_kept_with_their_words_at_every_station(it: World) -> None:
    one, two = it.members
    writes(one, "Anna rang")
    writes(two, "in cage 3")
    writes(one, "Anna rang again")
    assert (read(one), read(two)) == (["Anna rang", "Anna rang again"], ["in cage 3"])
    it.settle()
    it.settle()

    assert read(one) == read(two) == ["Anna rang", "Anna rang again", "in cage 3"]
    assert it.office.it.all(Case) == []
    it.office.check()


def test_a_note_that_is_typed_at_a_station_of_a_hub_is_kept(it: World) -> None:
    one, two = it.members
    flow, about = NoteFlow(), About(ORDER, CaseId(NO_ID), "o0")
    yes = replace(pressed(Verb.YES), id=one.bench.base()["id"])
    step = flow.handle(ConfirmNote(ShowNotes(about, ()), "Anna rang"), yes, context(roles="packer"))
    (run,) = step.effects
    assert isinstance(run, Run)
    outcome = one.bench.executor.perform(Work(command=run.command, private=run.beside))
    assert isinstance(outcome, Done), outcome
    it.settle()
    it.settle()

    assert read(one) == read(two) == ["Anna rang"]


def test_a_case_that_one_settles_is_still_written_about_by_another(it: World) -> None:
    one, two = it.members
    opened = OpenCase(**one.bench.base(), kind=CaseKind.CALL, order=ORDER)
    one.bench.run(opened)
    it.settle()
    case = CaseId(derive(opened.id, f"case {CaseKind.CALL}"))
    one.bench.run(CloseCase(**one.bench.base(), case=case, decision="was_there"))
    writes(two, "nobody there", ORDER, case)
    it.settle()
    it.settle()

    assert read(one, case) == read(two, case) == ["nobody there"]
    assert told(it) == []


def test_words_are_in_no_operation_and_in_no_row_of_the_feed(it: World) -> None:
    one, _ = it.members
    writes(one, "Anna rang")
    it.settle()

    with it.central.begin():
        bodies = it.central.execute(sa.select(sql_of(Operation).c.body)).scalars().all()
        rows = it.central.execute(sa.select(sql_of(Feed).c.content)).scalars().all()
    assert not [text for text in (*bodies, *rows) if "Anna rang" in text]
    assert [row.text for row in it.office.it.all(NoteText)] == ["Anna rang"]


def test_words_that_were_erased_at_the_hub_do_not_come_and_the_note_stays(it: World) -> None:
    one, two = it.members
    writes(one, "Anna rang")
    it.push(one)
    with it.central.begin():
        it.central.execute(sa.delete(sql_of(NoteText)))
    it.settle()

    assert read(two) == [""]
    assert len(two.bench.all(WrittenNote)) == 1


def test_a_station_lets_old_notes_go_with_their_words(it: World) -> None:
    one, two = it.members
    writes(one, "Anna rang")
    it.settle()
    it.settle()
    writes(one, "tomorrow")
    it.settle()
    it.settle()
    with two.connection.begin():
        query = sa.select(sql_of(Feed)).where(sql_of(Feed).c.entity == "note").order_by(sql_of(Feed).c.seq)
        rows = rows_of(Feed, two.connection.execute(query))
        let_notes_go(two.connection, SITE, rows[:1], 2**62)

    assert [row.text for row in two.bench.all(NoteText)] == ["tomorrow"]
    assert len(two.bench.all(WrittenNote)) == 1
