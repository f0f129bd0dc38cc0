"""Units missing or damaged, help called, and taking it all back."""

import pytest

from core.cases.model import Case, CaseKind
from core.catalog.commands import location_id
from core.catalog.model import Location
from core.kernel.flow import Verb
from core.kernel.ids import PersonId
from core.kernel.reasons import Reason
from core.kernel.spool import JobState, PrintJob
from core.kernel.uow import UnitOfWork
from core.orders.model import FulfilmentLine, PartialPolicy
from core.picking.states import AskShortReason, BatchDone, ConfirmDamaged, GoToLocation, TakeItem
from core.rules.model import ExceptionCode
from core.stock.model import Balance, Condition, CountRequest, Reservation
from core.waves.model import Batch, BatchState
from tests.picking.arrange import CART, GTIN, MUG, RED, Arranged, Take, desk, line_id
from tests.support import SITE

SECOND = PersonId(b"person-picker-02")

# Short


def test_a_short_costs_two_gestures_asks_for_a_count_and_never_for_a_tote(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 5)
    batch = it.simple(3)
    with desk(it) as d:
        assert isinstance(d.take(Verb.SHORT), AskShortReason)
        assert isinstance(d.take((Verb.QTY, "2")), BatchDone)
    line = it.bench.need(FulfilmentLine, line_id("101", MUG))
    assert (line.short, line.promised, line.reserved, line.picked) == (3, 0, 0, 0)
    counts = it.bench.all(CountRequest)
    assert [(row.location, row.reason) for row in counts] == [(location_id("A-01-01"), "STOCKOUT")]
    assert it.bench.need(Batch, batch).state is BatchState.PICKED
    assert it.bench.all(Reservation) == []
    assert it.bench.all(Case) == []
    it.clean()


def test_a_second_short_at_the_bin_asks_for_no_second_count(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 5)
    it.simple(1)
    it.order("201", MUG=1)
    it.release(Take("201", MUG, "A-01-01", 1))
    with desk(it) as d:
        d.take(Verb.SHORT, (Verb.QTY, "1"), Verb.CONFIRM, CART, Verb.SHORT, (Verb.QTY, "1"))
    assert len(it.bench.all(CountRequest)) == 1


def test_an_order_that_goes_whole_is_somebodys_decision(it: Arranged) -> None:
    it.policy = PartialPolicy.WHOLE
    it.stock(MUG, "A-01-01", 5)
    it.simple(3)
    with desk(it) as d:
        d.take(Verb.SHORT, (Verb.QTY, "1"))
    assert [row.kind for row in it.bench.all(Case)] == [CaseKind.SHORT_PICK]


def test_the_sites_own_reasons_are_asked_for(it: Arranged) -> None:
    it.bench.seed(*(ExceptionCode(SITE, code, "pick", "none", 1, "none", 0, 1) for code in ("LOST", "EATEN")))
    it.stock(MUG, "A-01-01", 5)
    it.simple(3)
    with desk(it) as d:
        assert d.take(Verb.SHORT).reasons == ("EATEN", "LOST")
        assert [each.meaning for each in d.last.expects] == ["next", "answer:EATEN", "answer:LOST", "undo"]
        assert d.refuses((Verb.QTY, "3"))[0] is Reason.COMMAND_NOT_NOW
        d.take((Verb.QTY, "1"))
    assert it.bench.all(CountRequest)[0].reason == "EATEN"


@pytest.mark.parametrize("at", ["on the way", "at the shelf", "at the totes"])
def test_no_leads_back_to_where_the_short_was_said(it: Arranged, at: str) -> None:
    it.stock(MUG, "A-01-01", 5)
    it.simple(3)
    with desk(it) as d:
        d.take(*{"on the way": (), "at the shelf": ("A-01-01",), "at the totes": ("A-01-01", GTIN[MUG])}[at])
        back = d.take(Verb.SHORT, Verb.NO)
        assert isinstance(back, GoToLocation if at == "on the way" else TakeItem)


# Damaged


def test_damaged_units_are_set_aside_without_leaving_the_step(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 10)
    it.simple(3)
    with desk(it) as d:
        d.take("A-01-01")
        assert isinstance(d.take(Verb.DAMAGED), ConfirmDamaged)
        assert d.refuses(GTIN[MUG])[0] is Reason.COMMAND_NOT_NOW, "a rescan never confirms it"
        assert d.refuses((Verb.QTY, "4")) == (Reason.TOO_MANY, {"wanted": 3, "got": 4})
        after = d.take((Verb.QTY, "2"), Verb.YES)
        assert isinstance(after, TakeItem)
        assert (after.view.quantity, after.view.free_here) == (3, 5), "others lie here: all three are still taken"
        assert isinstance(d.take(GTIN[MUG], "TOTE-1"), BatchDone)
    bad = [row for row in it.bench.all(Balance) if row.condition is Condition.DAMAGED]
    assert [(row.location, row.total) for row in bad] == [(location_id("Q-01"), 2)]
    job = it.bench.all(PrintJob)[0]
    assert (job.document, job.printer, job.state) == ("quarantine_label", "label", JobState.QUEUED)
    assert [row.kind for row in it.bench.all(Case)] == [CaseKind.DAMAGED]
    it.clean()


def test_what_nothing_else_replaces_is_given_up(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 3)
    it.simple(3)
    with desk(it) as d:
        d.take("A-01-01")
        after = d.take(Verb.DAMAGED, Verb.YES)
        assert isinstance(after, TakeItem)
        assert (after.view.quantity, after.view.slots[0].total) == (2, 2)
        assert isinstance(d.take(GTIN[MUG], "TOTE-1"), BatchDone)
    line = it.bench.need(FulfilmentLine, line_id("101", MUG))
    assert (line.short, line.picked, line.reserved, line.promised) == (1, 2, 2, 2)
    it.clean()


def test_when_all_are_damaged_the_stop_is_done(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 2)
    it.simple(2)
    with desk(it) as d:
        d.take(Verb.DAMAGED, (Verb.QTY, "2"))
        assert isinstance(d.take(Verb.YES), BatchDone)
    it.clean()


def test_damage_seen_between_two_totes_leaves_the_units_that_were_put(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 10)
    it.simple(2, 2)
    with desk(it) as d:
        d.take("A-01-01", GTIN[MUG], "TOTE-1")
        after = d.take(Verb.DAMAGED, Verb.YES)
        assert isinstance(after, TakeItem)
        assert after.view.quantity == 2
        assert isinstance(d.take(GTIN[MUG], "TOTE-2"), BatchDone)
    it.clean()


def test_without_a_quarantine_nothing_is_set_aside(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 2)
    it.simple(2)
    row = it.bench.need(Location, location_id("Q-01"))
    with it.bench.executor.connection.begin():
        uow = UnitOfWork(it.bench.executor.connection)
        uow.delete(row)
        uow.flush()
    with desk(it) as d:
        assert d.refuses(Verb.DAMAGED) == (Reason.NOT_FOUND, {"got": "quarantine"})


# Taking it back


def test_undo_goes_back_over_what_was_done_in_this_batch(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 10)
    it.stock(RED, "A-01-02", 4)
    it.order("101", MUG=1, RED=4)
    it.release(Take("101", MUG, "A-01-01", 1), Take("101", RED, "A-01-02", 4))
    with desk(it) as d:
        assert d.refuses(Verb.UNDO)[0] is Reason.NOTHING_TO_UNDO
        first = it.travels()
        d.take("A-01-01", GTIN[MUG], "TOTE-1")
        second = it.travels()
        d.take("A-01-02", Verb.DAMAGED, Verb.YES)
        third = it.travels()
        d.take(GTIN[RED], (Verb.QTY, "2"), "TOTE-1")
        fourth = it.travels()
        assert isinstance(d.take((Verb.QTY, "1")), BatchDone)
        for before in (fourth, third, second, first):
            assert isinstance(d.take(Verb.UNDO), GoToLocation)
            assert it.travels() == before
            it.clean()
        assert d.refuses(Verb.UNDO)[0] is Reason.NOTHING_TO_UNDO
        assert d.state.view.location_code == "A-01-01"
    jobs = it.bench.all(PrintJob)
    assert [row.state for row in jobs] == [JobState.VOIDED], "a label that did not come out is not printed"


def test_undo_at_the_totes_is_a_step_back_until_something_was_put(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 10)
    it.simple(1, 1)
    with desk(it) as d:
        start = it.travels()
        d.take("A-01-01", GTIN[MUG])
        assert isinstance(d.take(Verb.UNDO), TakeItem)
        assert isinstance(d.take(Verb.UNDO), GoToLocation)
        d.take("A-01-01", GTIN[MUG], "TOTE-1")
        assert isinstance(d.take(Verb.UNDO), GoToLocation)
        assert it.travels() == start


def test_undo_of_a_put_that_filled_the_tote_opens_it_again(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 10)
    it.stock(RED, "A-01-02", 4)
    it.order("101", MUG=1, RED=3)
    it.release(Take("101", MUG, "A-01-01", 1), Take("101", RED, "A-01-02", 3))
    with desk(it) as d:
        d.take("A-01-01", GTIN[MUG], "TOTE-1")
        before = it.travels()
        d.take("A-01-02", GTIN[RED], Verb.FULL, (Verb.QTY, "1"), Verb.UNDO)
        assert it.travels() == before
        d.take("A-01-02", GTIN[RED], "TOTE-1")
        assert isinstance(d.state, BatchDone)


def test_a_colleague_takes_back_what_was_done_before_he_took_over(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 10)
    it.stock(RED, "A-01-02", 4)
    it.order("101", MUG=1, RED=3)
    it.release(Take("101", MUG, "A-01-01", 1), Take("101", RED, "A-01-02", 3))
    with desk(it) as d:
        d.take("A-01-01", GTIN[MUG], "TOTE-1", Verb.PAUSE)
        d.person = SECOND
        d.restart().go("pick")
        d.take(CART)
        assert d.state.view.location_code == "A-01-02"
        d.take(Verb.UNDO)
        assert d.state.view.location_code == "A-01-01"


# Help


@pytest.mark.parametrize("scans", [(), ("A-01-01",), ("A-01-01", GTIN[MUG])])
def test_help_is_called_without_leaving_the_step(it: Arranged, scans: tuple[str, ...]) -> None:
    it.stock(MUG, "A-01-01", 10)
    it.simple(1)
    with desk(it) as d:
        d.take(*scans)
        before = d.state
        d.take(Verb.CALL)
        assert d.state == before
    assert [row.kind for row in it.bench.all(Case)] == [CaseKind.CALL]


def test_a_row_that_changed_underneath_is_said_and_the_work_goes_on(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 10)
    it.stock(RED, "A-01-02", 4)
    it.order("101", MUG=1, RED=3)
    it.release(Take("101", MUG, "A-01-01", 1), Take("101", RED, "A-01-02", 3))
    with desk(it) as d:
        d.take("A-01-01", GTIN[MUG])
        gone = next(row for row in it.bench.all(Reservation) if row.demand == line_id("101", MUG))
        with it.bench.executor.connection.begin():
            uow = UnitOfWork(it.bench.executor.connection)
            uow.delete(gone)
            uow.flush()
        said = d.scan("TOTE-1")
        assert said.refusal is not None
        assert said.refusal.reason is Reason.TOO_MANY
        assert (type(d.state), d.state.view.location_code) == (GoToLocation, "A-01-02")
