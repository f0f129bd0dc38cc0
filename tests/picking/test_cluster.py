"""A cart through the warehouse: what the picker scans, what is booked, what it costs."""

from core.catalog.commands import container_id, location_id
from core.kernel.flow import Verb
from core.kernel.ids import NO_ID, LpnId, PersonId
from core.kernel.reasons import Reason
from core.kernel.uow import UnitOfWork
from core.orders.model import FulfilmentLine
from core.picking.model import Fill, FillState, Pick
from core.picking.states import (
    AskShortReason,
    BatchDone,
    GoToLocation,
    NoWork,
    PutInTote,
    SayWhatFits,
    ScanCart,
)
from core.stock.model import Balance, Reservation
from core.stock.reserving import let_go
from core.waves.model import Assignment, Batch, BatchKind, BatchMember, BatchState, PickTask, TaskState
from tests.picking.arrange import CART, GTIN, INNER, MUG, OTHER_CART, RED, SOAP, Arranged, Take, desk, line_id, part_id

SECOND = PersonId(b"person-picker-02")


def test_a_line_costs_three_scans_and_is_booked_with_the_third(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    batch = it.simple(3)
    with desk(it) as d:
        assert isinstance(d.state, GoToLocation)
        assert (d.state.view.location_code, d.state.view.quantity) == ("A-01-01", 3)
        before = it.bench.dump(without=frozenset({"gesture", "flow_state"}))
        d.take("A-01-01", GTIN[MUG])
        assert it.bench.dump(without=frozenset({"gesture", "flow_state"})) == before, "nothing until the tote"
        assert isinstance(d.take("TOTE-1"), BatchDone)

    line = it.bench.need(FulfilmentLine, line_id("101", MUG))
    assert (line.reserved, line.picked, line.short) == (3, 3, 0)
    fill = it.bench.all(Fill)[0]
    assert (fill.container, fill.state, fill.slot) == (container_id("TOTE-1"), FillState.PICKED, 1)
    pick = it.bench.all(Pick)[0]
    assert (pick.fill, pick.first, pick.quantity, pick.opened_fill) == (fill.id, 1, 3, 1)
    assert it.bench.all(Reservation) == []
    assert it.bench.need(Batch, batch).state is BatchState.PICKED
    assert it.bench.need(BatchMember, batch, part_id("101")).outcome == "picked"
    assert [row.what for row in it.bench.all(Assignment)] == ["started", "finished"]
    cart = {(row.location, row.lpn): row.total for row in it.bench.all(Balance) if row.lpn != NO_ID}
    assert cart == {(fill.location, LpnId(fill.id)): 3}
    it.clean()


def test_a_stop_for_several_orders_is_taken_once_and_put_slot_by_slot(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    it.simple(2, 1)
    with desk(it) as d:
        assert d.state.view.quantity == 3
        first = d.take("A-01-01", GTIN[MUG])
        assert isinstance(first, PutInTote)
        second = d.take("TOTE-1")
        assert isinstance(second, PutInTote)
        assert (second.put, second.taken) == (2, 3)
        assert [(each.slot, each.tote, each.done) for each in second.view.slots] == [(1, "TOTE-1", 2), (2, "", 0)]
        assert isinstance(d.take("TOTE-2"), BatchDone)
    assert [(row.slot, row.container) for row in sorted(it.bench.all(Fill), key=lambda row: row.slot)] == [
        (1, container_id("TOTE-1")),
        (2, container_id("TOTE-2")),
    ]
    it.clean()


def test_a_bound_tote_is_the_only_one_for_its_slot(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    it.stock(RED, "A-01-02", 5)
    it.order("101", MUG=1, RED=1)
    it.order("102", RED=1)
    it.release(Take("101", MUG, "A-01-01", 1), Take("101", RED, "A-01-02", 1), Take("102", RED, "A-01-02", 1))
    with desk(it) as d:
        d.take("A-01-01", GTIN[MUG], "TOTE-1", "A-01-02", GTIN[RED])
        assert d.refuses("TOTE-2") == (Reason.WRONG_TOTE, {"expected": "TOTE-1", "slot": 1, "got": "TOTE-2"})
        d.take("TOTE-1")
        assert d.refuses("TOTE-1") == (Reason.TOTE_IN_USE, {"order": "101", "slot": 1, "got": "TOTE-1"})
        assert isinstance(d.take("TOTE-2"), BatchDone)


def test_bulk_goes_into_one_tote_without_a_slot(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    for number in ("101", "102", "103"):
        it.order(number, MUG=1)
    it.release(*(Take(number, MUG, "A-01-01", 1) for number in ("101", "102", "103")), kind=BatchKind.BULK)
    with desk(it) as d:
        assert isinstance(d.take("A-01-01", GTIN[MUG], "TOTE-5"), BatchDone)
    fills = it.bench.all(Fill)
    assert [(row.slot, row.fulfilment) for row in fills] == [(0, bytes(16))]
    assert sorted(row.quantity for row in it.bench.all(Pick)) == [1, 1, 1]
    it.clean()


def test_an_inner_of_six_stands_for_the_prompt_but_not_for_more(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 40)
    it.simple(12, 3)
    with desk(it) as d:
        assert d.state.view.quantity == 15
        d.take("A-01-01", INNER)
        assert isinstance(d.state, PutInTote)
        assert d.state.taken == 15


def test_more_in_one_pack_than_wanted_is_too_many(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 40)
    it.simple(3)
    with desk(it) as d:
        d.take("A-01-01")
        assert d.refuses(INNER) == (Reason.TOO_MANY, {"wanted": 3, "got": 6})


def test_the_inner_that_divides_the_quantity_is_shown(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 40)
    it.simple(12)
    with desk(it) as d:
        assert (d.state.view.inner, d.state.view.code) == (6, GTIN[MUG])


def test_what_looks_the_same_beside_it_is_named(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 40)
    it.stock(RED, "A-01-02", 5)
    it.simple(1)
    with desk(it) as d:
        beside = d.state.view.neighbour
        assert beside is not None
        assert (beside.variant, beside.location_code) == ("red", "A-01-02")


def test_what_looks_the_same_far_away_is_not_named(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 40)
    it.stock(RED, "A-01-05", 5)
    it.simple(1)
    with desk(it) as d:
        assert d.state.view.neighbour is None


def test_fewer_than_asked_are_put_and_the_rest_is_explained_at_once(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    batch = it.simple(2, 2)
    with desk(it) as d:
        d.take("A-01-01", GTIN[MUG])
        assert d.refuses((Verb.QTY, "5")) == (Reason.TOO_MANY, {"wanted": 4, "got": 5})
        assert d.refuses((Verb.QTY, "0")) == (Reason.NOT_A_QUANTITY, {"quantity": 0})
        asked = d.take((Verb.QTY, "3"), "TOTE-1", "TOTE-2")
        assert isinstance(asked, AskShortReason)
        assert (asked.missing, asked.view.quantity) == (1, 1)
        assert isinstance(d.take((Verb.QTY, "2")), BatchDone)
    assert it.bench.need(FulfilmentLine, line_id("101", MUG)).picked == 2
    second = it.bench.need(FulfilmentLine, line_id("102", MUG))
    assert (second.picked, second.short, second.promised, second.reserved) == (1, 1, 1, 1)
    assert it.bench.need(BatchMember, batch, part_id("102")).outcome == "short"
    it.clean()


def test_a_full_tote_takes_what_fits_and_another_one_goes_on(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    it.stock(RED, "A-01-02", 5)
    it.order("101", MUG=1, RED=4)
    it.release(Take("101", MUG, "A-01-01", 1), Take("101", RED, "A-01-02", 4))
    with desk(it) as d:
        d.take("A-01-01", GTIN[MUG])
        assert d.refuses(Verb.FULL)[0] is Reason.COMMAND_NOT_NOW, "no tote stands there yet"
        d.take("TOTE-1", "A-01-02", GTIN[RED], Verb.FULL)
        assert isinstance(d.state, SayWhatFits)
        assert d.refuses((Verb.QTY, "4")) == (Reason.TOO_MANY, {"wanted": 3, "got": 4})
        after = d.take((Verb.QTY, "1"))
        assert isinstance(after, PutInTote)
        assert (after.put, after.full) == (1, 1)
        assert d.refuses(Verb.FULL)[0] is Reason.COMMAND_NOT_NOW
        assert d.refuses("TOTE-1") == (Reason.TOTE_IN_USE, {"order": "101", "slot": 1, "got": "TOTE-1"})
        assert isinstance(d.take("TOTE-2"), BatchDone)
        assert d.state.done.totes == ("TOTE-1", "TOTE-2")
    by_tote = {row.container: row for row in it.bench.all(Fill)}
    units = {row.fill: 0 for row in it.bench.all(Pick)}
    for row in it.bench.all(Pick):
        units[row.fill] += row.quantity
    assert units == {by_tote[container_id("TOTE-1")].id: 2, by_tote[container_id("TOTE-2")].id: 3}
    it.clean()


def test_nothing_fits_any_more(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    it.stock(RED, "A-01-02", 5)
    it.stock(SOAP, "A-01-03", 5)
    it.order("101", MUG=1, RED=1, SOAP=1)
    it.release(
        Take("101", MUG, "A-01-01", 1), Take("101", RED, "A-01-02", 1), Take("101", SOAP, "A-01-03", 1)
    )  # fmt: skip
    with desk(it) as d:
        d.take("A-01-01", GTIN[MUG], "TOTE-1", "A-01-02", GTIN[RED], Verb.FULL, Verb.FULL)
        assert [row.state for row in it.bench.all(Fill)] == [FillState.FULL]
        d.take("TOTE-2", "A-01-03", GTIN[SOAP])
        assert d.refuses("TOTE-1")[0] is Reason.WRONG_TOTE, "the new one stands in the slot now"
        d.take("TOTE-2")
    assert sorted(row.state for row in it.bench.all(Fill)) == ["picked", "picked"]
    it.clean()


def test_a_skipped_stop_comes_last_and_must_be_done(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    it.stock(RED, "A-01-02", 5)
    it.order("101", MUG=1, RED=1)
    it.release(Take("101", MUG, "A-01-01", 1), Take("101", RED, "A-01-02", 1))
    with desk(it) as d:
        assert d.take(Verb.SKIP).view.location_code == "A-01-02"
        d.take("A-01-02", GTIN[RED], "TOTE-1")
        assert d.state.view.location_code == "A-01-01"
        d.take("A-01-01", Verb.SKIP)
        assert (d.state.view.location_code, type(d.state)) == ("A-01-01", GoToLocation)
        d.take("A-01-01", GTIN[MUG], "TOTE-1")
        assert isinstance(d.state, BatchDone)
    skipped = next(row for row in it.bench.all(PickTask) if row.location == location_id("A-01-01"))
    assert (skipped.skipped, skipped.state) == (2, TaskState.DONE)


def test_a_paused_batch_is_taken_over_with_its_cart_by_somebody_else(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    it.stock(RED, "A-01-02", 5)
    it.order("101", MUG=1, RED=1)
    batch = it.release(Take("101", MUG, "A-01-01", 1), Take("101", RED, "A-01-02", 1))
    with desk(it) as d:
        d.take("A-01-01", GTIN[MUG], "TOTE-1", Verb.PAUSE)
        assert it.bench.need(Batch, batch).state is BatchState.SUSPENDED
        d.person = SECOND
        d.restart().go("pick")
        assert isinstance(d.state, ScanCart)
        assert d.state.offer.left_on == CART
        assert d.refuses(OTHER_CART) == (Reason.WRONG_TOTE, {"expected": CART, "got": OTHER_CART})
        d.take(CART)
        assert d.state.view.location_code == "A-01-02"
        assert it.bench.need(Batch, batch).holder == b"person-picker-02"
        assert isinstance(d.take("A-01-02", GTIN[RED], "TOTE-1"), BatchDone)
    assert [row.what for row in sorted(it.bench.all(Assignment), key=lambda row: row.at)] == [
        "started", "suspended", "resumed", "finished",
    ]  # fmt: skip
    it.clean()


def test_the_cart_may_be_scanned_at_home_and_takes_the_batch_at_once(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    it.simple(1)
    with desk(it, start=False) as d:
        d.go("pick", OTHER_CART)
        assert isinstance(d.state, GoToLocation)
        assert d.state.view.cart_code == OTHER_CART


def test_a_cart_carries_one_batch(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    it.simple(1)
    it.order("201", MUG=1)
    it.release(Take("201", MUG, "A-01-01", 1))
    with desk(it) as d:
        assert isinstance(d.state, GoToLocation)
    with desk(it, start=False) as d:
        d.person = SECOND
        d.restart().go("pick")
        assert d.state.offer.carts == (OTHER_CART,)
        assert d.refuses(CART) == (Reason.CART_IN_USE, {"number": 1})
        assert isinstance(d.take(OTHER_CART), GoToLocation)


def test_the_end_says_where_the_cart_goes_and_the_next_scan_goes_on(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    it.simple(1)
    with desk(it) as d:
        d.take("A-01-01", GTIN[MUG], "TOTE-1")
        assert (d.state.done.cart_code, d.state.done.destination, d.state.done.totes) == (CART, "BENCH-1", ("TOTE-1",))
        assert isinstance(d.take("BENCH-1"), NoWork)
        assert d.state.reason is Reason.NO_WORK


def test_promised_orders_that_nobody_released_are_the_reason_for_no_work(it: Arranged) -> None:
    it.order("101", MUG=1)
    with desk(it, start=False) as d:
        assert d.state == NoWork(Reason.WAITS_FOR_WAVE)
        assert d.refuses(CART)[0] is Reason.WAITS_FOR_WAVE


def test_stops_that_nobody_wants_any_more_end_the_batch_instead_of_sticking(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    it.stock(RED, "A-01-02", 5)
    it.order("101", MUG=1, RED=1)
    batch = it.release(Take("101", MUG, "A-01-01", 1), Take("101", RED, "A-01-02", 1))
    with desk(it) as d:
        d.take("A-01-01", GTIN[MUG])
        # The office cancels the other line: its units are let go of.
        gone = next(row for row in it.bench.all(Reservation) if row.demand == line_id("101", RED))
        with it.bench.executor.connection.begin():
            uow = UnitOfWork(it.bench.executor.connection)
            let_go(uow, gone, 1)
            uow.flush()
        assert isinstance(d.take("TOTE-1"), BatchDone)
    assert it.bench.need(Batch, batch).state is BatchState.PICKED
    assert sorted(row.state for row in it.bench.all(PickTask)) == ["done", "gone"]
    assert [row.state for row in it.bench.all(Fill)] == [FillState.PICKED]
