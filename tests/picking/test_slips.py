"""At a site that several stations share each tote has a code; a slip says it while nobody has heard of the picks."""

from dataclasses import replace

import pytest

from core.catalog.commands import container_id
from core.catalog.fill_codes import fill_code, read_fill_code
from core.catalog.readings import FillCode
from core.kernel import codec
from core.kernel.flow import Verb
from core.kernel.ids import ContainerId, SiteId
from core.kernel.operations import Operation
from core.kernel.reasons import Reason
from core.kernel.spool import JobState, PrintJob
from core.picking.contents import FillSlip
from core.picking.model import Fill
from core.picking.states import BatchDone, GoToLocation, PutInTote, ScanCart, ShowCode
from tests.picking.arrange import GTIN, MUG, RED, Arranged, Take, desk, item, line_id, part_id
from tests.support import STATION

STOP = ("A-01-01", GTIN[MUG])


def slips(it: Arranged) -> list[PrintJob]:
    return [row for row in it.bench.all(PrintJob) if row.document == FillSlip.KIND]


def said(job: PrintJob) -> FillCode:
    slip = codec.from_text(FillSlip, job.content)
    assert slip.code == job.code
    read = read_fill_code(slip.code)
    assert isinstance(read, FillCode)
    assert read.number == slip.number
    return read


@pytest.fixture
def leased(it: Arranged) -> Arranged:
    """Two orders on a leased walk of two stops: the first order takes from both."""
    it.stock(MUG, "A-01-01", 20)
    it.stock(RED, "A-01-02", 20)
    it.order("101", MUG=2, RED=1)
    it.order("102", MUG=1)
    it.lease(
        it.release(
            Take("101", MUG, "A-01-01", 2), Take("102", MUG, "A-01-01", 1), Take("101", RED, "A-01-02", 1),
        )
    )  # fmt: skip
    return it


def walk_to_the_end(d: object) -> None:
    d.take(*STOP, "TOTE-1", "TOTE-2", "A-01-02", GTIN[RED], "TOTE-1")  # type: ignore[attr-defined]


def test_the_code_of_an_open_tote_is_shown_on_the_way_and_says_what_is_in_it(leased: Arranged) -> None:
    with desk(leased) as d:
        d.take(*STOP, "TOTE-1", "TOTE-2")
        state = d.take(Verb.REPRINT)
        assert isinstance(state, ShowCode)
        read = read_fill_code(state.code.slip.code)
        assert isinstance(read, FillCode)
        (fill,) = [row for row in leased.bench.all(Fill) if row.slot == 1]
        assert (read.fill, read.container, read.walk, read.place) == (
            fill.id,
            fill.container,
            fill.batch,
            fill.location,
        )
        assert (read.fulfilment, read.station, read.incarnation) == (part_id("101"), STATION, 1)
        assert (read.epoch, read.fence, read.number) == (1, 5, 1)
        assert [(each.line, each.item, each.first, each.quantity) for each in read.units] == [
            (line_id("101", MUG), item(MUG), 1, 2)
        ]

        assert d.take("TOTE-2").code.slip.order_number == "102"
        assert d.scan("TOTE-3").refusal.reason is Reason.WRONG_TOTE
        assert d.take(Verb.SKIP).code.slip.tote == "TOTE-1"
        assert isinstance(d.take(Verb.NO), GoToLocation)
    assert slips(leased) == []


def test_slips_print_when_the_walk_ends_unheard_and_another_only_when_something_changed(leased: Arranged) -> None:
    with desk(leased) as d:
        d.take(*STOP, "TOTE-1", "TOTE-2", "A-01-02", GTIN[RED])
        leased.unheard()
        d.take("TOTE-1")
        assert isinstance(d.state, BatchDone)
        assert d.state.slips == 2
        first = slips(leased)
        assert [sum(each.quantity for each in said(job).units) for job in first] == [3, 1]
        assert {job.state for job in first} == {JobState.QUEUED}

        d.take(Verb.UNDO, "A-01-02", GTIN[RED], "TOTE-1")
        assert isinstance(d.state, BatchDone)
        new = [job for job in slips(leased) if job not in first]
        (again,) = [job for job in new if job.state is JobState.QUEUED]
        (old,) = [job for job in slips(leased) if job.subject == again.subject and job.id != again.id]
        assert old.state is JobState.VOIDED
        assert said(again).number > said(old).number
        assert said(again).units == said(old).units


def test_a_tote_that_is_full_gets_its_slip_at_once_and_what_is_undone_makes_it_void(leased: Arranged) -> None:
    with desk(leased) as d:
        d.take(*STOP, "TOTE-1", "TOTE-2", "A-01-02", GTIN[RED])
        leased.unheard()
        state = d.take(Verb.FULL, Verb.FULL)
        assert isinstance(state, PutInTote)
        (full,) = slips(leased)
        assert (sum(each.quantity for each in said(full).units), said(full).container) == (2, container_id("TOTE-1"))

        d.take("TOTE-3")
        assert isinstance(d.state, BatchDone)
        assert [sum(each.quantity for each in said(job).units) for job in slips(leased)] == [2, 1, 1], "none twice"

        d.take(Verb.UNDO)
        assert isinstance(d.state, GoToLocation)
        (third,) = [row for row in leased.bench.all(Fill) if row.container == container_id("TOTE-3")]
        assert third.changes > next(said(job).number for job in slips(leased) if said(job).fill == third.id)


def test_a_full_tote_that_was_heard_of_needs_no_slip(leased: Arranged) -> None:
    with desk(leased) as d:
        d.take(*STOP, "TOTE-1", "TOTE-2", "A-01-02", GTIN[RED], Verb.FULL, Verb.FULL, "TOTE-3")
        assert isinstance(d.state, BatchDone)
    assert slips(leased) == []


def test_what_was_heard_needs_no_slip(leased: Arranged) -> None:
    with desk(leased) as d:
        walk_to_the_end(d)
        assert (d.state.slips, d.state.done.shared) == (0, 1)
        assert isinstance(d.take(Verb.CONFIRM), ScanCart) or d.state.reason
    assert slips(leased) == []


def test_who_leaves_the_cart_unheard_gets_the_slips_first(leased: Arranged) -> None:
    with desk(leased) as d:
        walk_to_the_end(d)
        leased.unheard()
        leased.bench.clock.tick(5_000)
        d.take(Verb.CONFIRM)
        assert isinstance(d.state, BatchDone)
        assert d.state.slips == 2
        assert not isinstance(d.take(Verb.CONFIRM), BatchDone)
    assert len(slips(leased)) == 2


def test_before_the_first_unit_there_is_no_code_and_the_refusal_says_when_there_is_one(leased: Arranged) -> None:
    with desk(leased) as d:
        assert d.press(Verb.REPRINT).refusal.reason is Reason.NO_TOTE_CODES
        d.take(*STOP, "TOTE-1", "TOTE-2")
        assert isinstance(d.take(Verb.REPRINT), ShowCode)


def test_a_station_that_is_alone_has_neither_codes_nor_slips(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    it.simple(1)
    with desk(it) as d:
        assert d.press(Verb.REPRINT).refusal.reason is Reason.COMMAND_NOT_NOW
        d.take(*STOP, "TOTE-1")
        assert isinstance(d.state, BatchDone)
        assert d.press(Verb.REPRINT).refusal.reason is Reason.COMMAND_NOT_NOW
    assert slips(it) == []
    assert {row.fence for row in it.bench.all(Operation)} == {0}


def test_a_slip_is_printed_again_as_a_copy(leased: Arranged) -> None:
    with desk(leased) as d:
        walk_to_the_end(d)
        d.take(Verb.REPRINT, Verb.REPRINT)
        assert isinstance(d.state, ShowCode)
    (job,) = slips(leased)
    assert job.copy_number == 1


def test_a_slip_that_was_half_read_is_said_to_be_one(leased: Arranged) -> None:
    with desk(leased) as d:
        walk_to_the_end(d)
        code = d.take(Verb.REPRINT).code.slip.code
        assert d.scan(code[:-8]).refusal.reason is Reason.SLIP_NOT_READ
        assert d.scan(code).refusal.reason is Reason.COMMAND_NOT_NOW


def test_a_slip_of_no_tote_of_this_site_is_said_to_be_one(leased: Arranged) -> None:
    with desk(leased) as d:
        walk_to_the_end(d)
        code = read_fill_code(d.take(Verb.REPRINT).code.slip.code)
        assert isinstance(code, FillCode)
        for other in (replace(code, site=SiteId(9)), replace(code, container=ContainerId(b"no such tote----"))):
            assert d.scan(fill_code(other)).refusal.reason is Reason.SLIP_OF_NO_TOTE
