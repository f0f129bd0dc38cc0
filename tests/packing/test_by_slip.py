"""A tote whose picks nobody at the bench has heard of is packed by its slip, all of it in one commit, or not at all."""

from dataclasses import replace

from core.cases.model import Case, CaseKind
from core.catalog.commands import container_id
from core.catalog.fill_codes import fill_code, read_fill_code
from core.catalog.readings import FillCode
from core.kernel.flow import Verb
from core.kernel.ids import FillId
from core.kernel.operations import Operation
from core.kernel.reasons import Reason
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment, PartialPolicy
from core.packing.commands import CloseParcel
from core.packing.model import Parcel, ParcelContent, ParcelState
from core.packing.states import AskMissing, LookForWork, ScanCarton, ScanTote, ScanWork, StickLabel, VerifyUnit
from core.picking.model import Fill, FillState
from core.rights.model import SiteStation, StationKind, StationStatus
from tests.orders.shop import Shop
from tests.packing.arrange import CUP, FIRST_DAY, GTIN, MEDIUM, MUG, cancel, desk, label, slip
from tests.support import SITE, STATION

INSIDE = ((MUG, 2), (CUP, 1))


def packed(it: Shop) -> list[Operation]:
    return [row for row in it.it.all(Operation) if row.kind.startswith("packing.")]


def test_slip_tote_and_units_are_one_commit_and_leave_the_tote_empty(it: Shop) -> None:
    code = slip(it, "s1", *INSIDE)
    with desk(it, policies=FIRST_DAY) as d:
        assert d.take(code) == ScanTote(code, "TOTE-40")
        assert isinstance(d.take("TOTE-40"), ScanCarton)
        state = d.take(MEDIUM, GTIN[MUG], GTIN[CUP])
        assert isinstance(state, VerifyUnit)
        assert (state.view.packed, state.view.units, state.view.left) == (2, 3, 1)
        assert packed(it) == []

        assert isinstance(d.take(GTIN[MUG]), StickLabel)
        (closed,) = packed(it)
        assert (closed.kind, closed.fence) == (CloseParcel.KIND, 5)
        d.take(label(d))
    (parcel,) = it.it.all(Parcel)
    assert (parcel.state, parcel.units) == (ParcelState.CLOSED, 3)
    assert sorted((row.first, row.quantity) for row in it.it.all(ParcelContent)) == [(1, 1), (1, 1), (2, 1)]
    (fill,) = it.it.all(Fill)
    assert (fill.state, fill.container, fill.fence, fill.changes) == (FillState.EMPTIED, container_id("TOTE-40"), 5, 2)
    assert it.it.all(Case) == []


def test_a_slip_that_is_scanned_before_the_bench_is_opened_opens_it(it: Shop) -> None:
    code = slip(it, "s1", *INSIDE)
    with desk(it, begin="home", policies=FIRST_DAY) as d:
        assert d.take(code) == ScanTote(code, "TOTE-40")
        assert isinstance(d.take("TOTE-40"), ScanCarton)


def test_what_was_verified_comes_out_again_with_nothing_written(it: Shop) -> None:
    code = slip(it, "s1", *INSIDE)
    with desk(it, policies=FIRST_DAY) as d:
        d.take(code, "TOTE-40", MEDIUM, GTIN[MUG])
        state = d.take(Verb.UNDO)
        assert (state.view.packed, state.view.pending) == (0, ())
        d.restart()
        assert isinstance(d.state, VerifyUnit)
        d.take(GTIN[MUG], GTIN[MUG], GTIN[CUP])
    assert [row.kind for row in packed(it)] == [CloseParcel.KIND]


def test_an_order_that_goes_whole_opens_once_the_slips_of_all_its_totes_were_read(it: Shop) -> None:
    mugs, cups = halves(slip(it, "s1", *INSIDE))
    part = it.it.all(Fulfilment)[-1]
    with it.it.executor.connection.begin():
        uow = UnitOfWork(it.it.executor.connection)
        uow.update(part, partial=PartialPolicy.WHOLE)
        uow.flush()
    with desk(it, policies=FIRST_DAY) as d:
        d.take(mugs)
        assert d.scan("TOTE-40").refusal.reason is Reason.NOT_FULLY_PICKED
        assert d.scan("TOTE-40").refusal.reason is Reason.NOT_FULLY_PICKED, "one slip twice is one tote"
        assert d.take(cups) == ScanTote(cups, "TOTE-41", (mugs,))
        assert isinstance(d.take("TOTE-41"), ScanCarton)
        d.take(MEDIUM, GTIN[CUP])
        d.take(label(d))
        d.take(mugs, "TOTE-40", MEDIUM, GTIN[MUG], GTIN[MUG])
        d.take(label(d))
    assert sorted(row.units for row in it.it.all(Parcel)) == [1, 2]
    assert it.it.all(Case) == []


def halves(code: str) -> tuple[str, str]:
    """Return the slips of two totes that an order's lines lie in."""
    read = read_fill_code(code)
    assert isinstance(read, FillCode)
    mugs, cups = sorted(read.units, key=lambda each: -each.quantity)
    other = replace(read, units=(cups,), fill=FillId(b"fill-of-cups----"), container=container_id("TOTE-41"))
    return fill_code(replace(read, units=(mugs,))), fill_code(other)


def test_a_slip_in_the_wrong_tote_opens_nothing(it: Shop) -> None:
    code = slip(it, "s1", *INSIDE)
    with desk(it, policies=FIRST_DAY) as d:
        d.take(code)
        assert d.scan("TOTE-41").refusal.reason is Reason.SLIP_OF_OTHER
        assert d.scan(GTIN[MUG]).refusal.reason is Reason.WRONG_KIND
        assert isinstance(d.state, ScanTote)
        assert isinstance(d.take(Verb.NO), ScanWork)


def test_of_two_slips_of_one_filling_the_newer_counts_in_whatever_order(it: Shop) -> None:
    new = slip(it, "s1", *INSIDE, number=3)
    old = slip_again(new, number=2)
    with desk(it, policies=FIRST_DAY) as d:
        d.take(old, new)
        assert d.scan(old).refusal.reason is Reason.SLIP_OLD
        assert d.state == ScanTote(new, "TOTE-40")


def slip_again(code: str, number: int) -> str:
    read = read_fill_code(code)
    assert isinstance(read, FillCode)
    return fill_code(replace(read, number=number))


def test_a_unit_that_the_slip_does_not_say_is_refused_and_a_missing_one_is_the_hospitals(it: Shop) -> None:
    code = slip(it, "s1", *INSIDE)
    with desk(it, policies=FIRST_DAY) as d:
        d.take(code, "TOTE-40", MEDIUM, GTIN[CUP])
        assert d.scan(GTIN[CUP]).refusal.reason is Reason.TOO_MANY
        d.take(GTIN[MUG], Verb.SHORT)
        assert isinstance(d.state, AskMissing)
        assert d.press(Verb.QTY, "2").refusal.reason is Reason.COMMAND_NOT_NOW
        assert d.press(Verb.QTY, "3").refusal.reason is Reason.COMMAND_NOT_NOW
        d.take((Verb.QTY, "1"))
        assert d.scan(code).refusal is None
        assert d.scan("TOTE-40").refusal.reason is Reason.STILL_OPEN
    assert [row.kind for row in it.it.all(Case)] == [CaseKind.HOSPITAL]
    assert it.it.all(Parcel) == []


def test_a_tote_that_was_packed_by_its_slip_is_not_packed_again(it: Shop) -> None:
    code = slip(it, "s1", *INSIDE)
    with desk(it, policies=FIRST_DAY) as d:
        d.take(code, "TOTE-40", MEDIUM, GTIN[MUG], GTIN[MUG], GTIN[CUP])
        d.take(label(d), code)
        assert d.scan("TOTE-40").refusal.reason is Reason.ALREADY_PACKED
        assert isinstance(d.state, LookForWork | ScanWork)
    assert len(it.it.all(Parcel)) == 1


def test_a_cancelled_order_is_not_packed_by_a_slip_either(it: Shop) -> None:
    code = slip(it, "s1", *INSIDE)
    with desk(it, policies=FIRST_DAY) as d:
        d.take(code, "TOTE-40", MEDIUM, GTIN[MUG], GTIN[MUG])
        order = d.state.view.order
        cancel(it, order)
        assert d.scan(GTIN[CUP]).refusal is not None
    assert it.it.all(Parcel) == []


def test_where_several_stations_share_a_site_an_unknown_tote_waits_for_its_slip(it: Shop) -> None:
    with desk(it, policies=FIRST_DAY) as d:
        assert d.scan("TOTE-40").refusal.reason is Reason.NOTHING_TO_PACK
        it.it.seed(SiteStation(SITE, STATION, "B-1", StationKind.BENCH, StationStatus.ACTIVE, 1, 0, 1))
        assert d.scan("TOTE-40").refusal.reason is Reason.SLIP_NEEDED
