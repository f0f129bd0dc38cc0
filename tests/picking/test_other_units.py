"""Other lots, serials, dates, places and packages than reserved: what is taken, what is asked, what is refused."""

from dataclasses import replace

import pytest

from core.catalog.commands import location_id
from core.catalog.model import Code, Level, Location
from core.kernel.flow import CodeKind, Verb
from core.kernel.ids import NO_ID, LpnId, OwnerId
from core.kernel.reasons import Reason
from core.kernel.uow import UnitOfWork
from core.picking.commands import RepointTask
from core.picking.states import BatchDone, GoToLocation, PutInTote, TakeItem
from core.stock.commands import PlaceHold, Receipt, ReceiveStock, lot_id
from core.stock.ledger import key_of
from core.stock.model import Balance, HoldScope, Reservation
from core.waves.model import PickTask
from tests.picking.arrange import GTIN, MILK, MUG, OWNER, PHONE, RED, SOAP, Arranged, Take, desk, gs1, item
from tests.support import SITE

OLD, NEAR, FAR = "2025-12-01", "2026-01-10", "2026-06-30"


def milk(it: Arranged, *, wanted: int = 2, lot: str = "L1") -> None:
    it.stock(MILK, "A-01-01", 10, lot="L1", expiry=NEAR)
    it.stock(MILK, "A-01-01", 10, lot="L2", expiry=FAR)
    it.order("101", MILK=wanted)
    it.release(Take("101", MILK, "A-01-01", wanted, lot=lot))


# Lots


def test_where_two_lots_lie_the_lot_is_asked_for_and_the_right_one_taken(it: Arranged) -> None:
    milk(it)
    with desk(it) as d:
        d.take("A-01-01")
        assert d.refuses(GTIN[MILK]) == (Reason.SCAN_LOT, {"expected": "L1", "item": MILK})
        assert isinstance(d.take(gs1(MILK, lot="L1", expiry=NEAR)), PutInTote)


def test_a_lot_scanned_by_its_own_code_is_enough(it: Arranged) -> None:
    milk(it)
    with desk(it) as d:
        d.take("A-01-01", "L1")
        assert isinstance(d.state, PutInTote)


def test_where_one_lot_lies_the_item_says_it_all(it: Arranged) -> None:
    it.stock(MILK, "A-01-01", 10, lot="L1", expiry=NEAR)
    it.order("101", MILK=2)
    it.release(Take("101", MILK, "A-01-01", 2, lot="L1"))
    with desk(it) as d:
        assert isinstance(d.take("A-01-01", GTIN[MILK]), PutInTote)


def test_a_later_lot_is_taken_when_it_is_scanned_again(it: Arranged) -> None:
    milk(it)
    with desk(it) as d:
        d.take("A-01-01")
        asked = d.take(gs1(MILK, lot="L2"))
        assert isinstance(asked, TakeItem)
        assert asked.question == "L2"
        assert d.refuses(gs1(MILK, lot="L2"), reflex=True)[0] is Reason.RESCAN_TOO_FAST
        assert isinstance(d.take(gs1(MILK, lot="L2")), PutInTote)
        assert isinstance(d.take("TOTE-1"), BatchDone)
    left = {
        row.lot: (row.total, row.reserved) for row in it.bench.all(Balance) if row.location == location_id("A-01-01")
    }
    assert left == {lot_id(item(MILK), "L1"): (10, 0), lot_id(item(MILK), "L2"): (8, 0)}
    it.clean()


def test_an_earlier_lot_is_taken_at_once(it: Arranged) -> None:
    milk(it, lot="L2")
    with desk(it) as d:
        assert isinstance(d.take("A-01-01", gs1(MILK, lot="L1")), PutInTote)
    assert [row.lot for row in it.bench.all(Reservation)] == [lot_id(item(MILK), "L1")]
    assert [row.lot for row in it.bench.all(PickTask)] == [lot_id(item(MILK), "L1")]
    it.clean()


def test_another_answer_or_no_cancels_the_question(it: Arranged) -> None:
    milk(it)
    with desk(it) as d:
        d.take("A-01-01", gs1(MILK, lot="L2"), Verb.NO)
        assert d.state.question == ""
        d.take(gs1(MILK, lot="L2"), gs1(MILK, lot="L1"))
        assert isinstance(d.state, PutInTote)
        assert d.state.view.lot == "L1"


def test_a_lot_that_is_not_here_is_wrong(it: Arranged) -> None:
    milk(it)
    with desk(it) as d:
        d.take("A-01-01")
        assert d.refuses(gs1(MILK, lot="L9")) == (Reason.WRONG_LOT, {"expected": "L1", "got": "L9"})


def test_the_lot_of_another_item_is_no_lot_of_one_that_has_none(it: Arranged) -> None:
    it.stock(MILK, "A-01-01", 10, lot="L2", expiry=FAR)
    it.stock(MUG, "A-01-02", 10)
    it.order("101", MUG=1)
    it.release(Take("101", MUG, "A-01-02", 1))
    with desk(it) as d:
        d.take("A-01-02")
        assert d.refuses("L2") == (Reason.WRONG_KIND, {"expected_kind": "item", "expected": MUG, "got": "L2"})


def test_a_lot_that_others_hold_is_not_taken(it: Arranged) -> None:
    it.stock(MILK, "A-01-01", 10, lot="L1", expiry=FAR)
    it.stock(MILK, "A-01-01", 2, lot="L2", expiry=NEAR)
    it.order("101", MILK=2)
    it.order("102", MILK=1)
    it.release(Take("101", MILK, "A-01-01", 2, lot="L1"))
    it.release(Take("102", MILK, "A-01-01", 1, lot="L2"))
    with desk(it) as d:
        d.take("A-01-01")
        reason, facts = d.refuses(gs1(MILK, lot="L2"))
        assert reason is Reason.RESERVED_FOR_OTHERS
        assert (facts["free"], facts["wanted"]) == (1, 2)


def test_two_items_may_have_lots_of_one_name(it: Arranged) -> None:
    milk(it)
    it.stock(SOAP, "A-01-02", 3, lot="L1")
    with desk(it) as d:
        d.take("A-01-01", "L1")
        assert isinstance(d.state, PutInTote)
        assert d.state.view.lot == "L1"


# Dates and holds


def test_an_expired_lot_is_refused_and_the_next_one_named(it: Arranged) -> None:
    it.stock(MILK, "A-01-01", 10, lot="L0", expiry=OLD)
    it.stock(MILK, "A-01-02", 10, lot="L2", expiry=FAR)
    it.stock(MILK, "A-01-01", 10, lot="L1", expiry=NEAR)
    it.order("101", MILK=2)
    it.release(Take("101", MILK, "A-01-01", 2, lot="L0"))
    named = {"lot": "L0", "expiry": OLD, "next": "L1", "next_expiry": NEAR, "next_location": "A-01-01"}
    with desk(it) as d:
        d.take("A-01-01")
        assert d.refuses(gs1(MILK, lot="L0")) == (Reason.EXPIRED, named)
        assert d.refuses(gs1(MILK, lot="L0", expiry=OLD)) == (Reason.EXPIRED, named)
        assert isinstance(d.take(gs1(MILK, lot="L1")), PutInTote), "nothing is overridden: taken at once"


def test_an_expired_other_lot_is_refused(it: Arranged) -> None:
    milk(it)
    it.stock(MILK, "A-01-01", 10, lot="L0", expiry=OLD)
    with desk(it) as d:
        d.take("A-01-01")
        reason, facts = d.refuses(gs1(MILK, lot="L0"))
        assert (reason, facts["lot"], facts["next"]) == (Reason.EXPIRED, "L0", "L1")


def test_a_lot_is_good_through_its_last_day(it: Arranged) -> None:
    it.stock(MILK, "A-01-01", 10, lot="L1", expiry="2025-12-16")
    it.order("101", MILK=2)
    it.release(Take("101", MILK, "A-01-01", 2, lot="L1"))
    with desk(it) as d:
        assert isinstance(d.take("A-01-01", gs1(MILK, lot="L1", expiry="2025-12-16")), PutInTote)


def test_goods_on_hold_stay_where_they_are(it: Arranged) -> None:
    milk(it)
    hold(it, lot_id(item(MILK), "L1"))
    with desk(it) as d:
        d.take("A-01-01")
        assert d.refuses(gs1(MILK, lot="L1")) == (Reason.ON_HOLD, {"lot": "L1", "location": "A-01-01"})
        hold(it, lot_id(item(MILK), "L2"))
        assert d.refuses(gs1(MILK, lot="L2"))[0] is Reason.ON_HOLD


def hold(it: Arranged, target: bytes) -> None:
    it.bench.run(PlaceHold(**it.bench.base(), scope=HoldScope.LOT, target=target, reason="recall"))


def test_nothing_is_taken_from_a_blocked_place(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 10)
    it.simple(1)
    block(it, "A-01-01")
    with desk(it) as d:
        assert d.refuses("A-01-01") == (Reason.LOCATION_BLOCKED, {"location": "A-01-01", "why": "rack bent"})


def block(it: Arranged, place: str) -> None:
    row = it.bench.need(Location, location_id(place))
    with it.bench.executor.connection.begin():
        uow = UnitOfWork(it.bench.executor.connection)
        uow.update(row, blocked="rack bent")
        uow.flush()


# Another place


def test_the_same_item_elsewhere_is_taken_when_the_place_is_scanned_twice(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 10)
    it.stock(MUG, "A-01-03", 10)
    it.simple(2)
    with desk(it) as d:
        asked = d.take("A-01-03")
        assert isinstance(asked, GoToLocation)
        assert asked.question == "A-01-03"
        assert d.refuses("A-01-03", reflex=True)[0] is Reason.RESCAN_TOO_FAST
        taken = d.take("A-01-03")
        assert isinstance(taken, TakeItem)
        assert taken.view.location_code == "A-01-03"
        assert isinstance(d.take(GTIN[MUG], "TOTE-1"), BatchDone)
    it.clean()


def test_the_right_place_answers_the_question_too(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 10)
    it.stock(MUG, "A-01-03", 10)
    it.simple(2)
    with desk(it) as d:
        d.take("A-01-03", "A-01-01")
        assert (type(d.state), d.state.view.location_code) == (TakeItem, "A-01-01")


@pytest.mark.parametrize("why", ["nothing there", "held by others", "blocked", "reserve", "another item"])
def test_a_place_without_units_for_me_is_wrong(it: Arranged, why: str) -> None:
    it.stock(MUG, "A-01-01", 10)
    place = "A-01-03"
    if why == "held by others":
        it.stock(MUG, place, 1)
        it.order("900", MUG=1)
    elif why == "blocked":
        it.stock(MUG, place, 10)
        block(it, place)
    elif why == "reserve":
        place = "R-01-01"
        it.stock(MUG, place, 10)
    elif why == "another item":
        it.stock(RED, place, 10)
    it.simple(2)
    if why == "held by others":
        it.release(Take("900", MUG, place, 1))
    with desk(it) as d:
        assert d.refuses(place) == (Reason.WRONG_LOCATION, {"expected": "A-01-01", "got": place})


# Serials


def phones(it: Arranged) -> None:
    for serial in ("S1", "S2", "S3"):
        it.stock(PHONE, "A-01-01", 1, serial=serial)
    it.stock(PHONE, "A-01-02", 1, serial="S9")
    it.order("101", PHONE=2)
    it.release(Take("101", PHONE, "A-01-01", 1, serial="S1"), Take("101", PHONE, "A-01-01", 1, serial="S2"))


def test_a_serial_is_scanned_in_a_symbol_or_by_itself_or_typed(it: Arranged) -> None:
    phones(it)
    with desk(it) as d:
        d.take("A-01-01")
        assert d.refuses(GTIN[PHONE]) == (Reason.SCAN_SERIAL, {"expected": "S1", "item": PHONE})
        d.take(gs1(PHONE, serial="S1"), "TOTE-1", "A-01-01")
        d.scan("S2", typed=True)
        assert isinstance(d.state, PutInTote)
        assert isinstance(d.take("TOTE-1"), BatchDone)
    it.clean()


def test_a_free_serial_of_the_same_item_is_swapped_and_recorded(it: Arranged) -> None:
    phones(it)
    with desk(it) as d:
        d.take("A-01-01", "S3")
        assert isinstance(d.state, PutInTote)
        d.take("TOTE-1")
    assert {row.serial for row in it.bench.all(Balance) if row.lpn != NO_ID} == {"S3"}
    assert {row.serial for row in it.bench.all(Reservation)} == {"S2"}
    it.clean()


def test_a_serial_that_is_taken_elsewhere_reserved_or_unknown_is_refused(it: Arranged) -> None:
    phones(it)
    with desk(it) as d:
        d.take("A-01-01", "S1", "TOTE-1", "A-01-01")
        twice = {"serial": "S1", "got": "S1", "where": "TOTE-1"}
        assert d.refuses("S1") == (Reason.DUPLICATE_SERIAL, twice)
        assert d.refuses(gs1(PHONE, serial="S1")) == (Reason.DUPLICATE_SERIAL, twice)
        elsewhere = {"expected": "S2", "got": "S9", "where": "A-01-02"}
        assert d.refuses("S9") == (Reason.WRONG_SERIAL, elsewhere)
        assert d.refuses("S77") == (Reason.UNKNOWN_CODE, {"got": "S77"})
        for known in ("A-01-02", "TOTE-1"):
            assert d.refuses(known) == (Reason.WRONG_KIND, {"expected_kind": "item", "expected": PHONE, "got": known})
        assert d.refuses(GTIN[MUG])[0] is Reason.WRONG_ITEM


def test_a_serial_that_another_order_holds_is_refused(it: Arranged) -> None:
    phones(it)
    it.order("102", PHONE=1)
    it.release(Take("102", PHONE, "A-01-01", 1, serial="S3"))
    with desk(it) as d:
        d.take("A-01-01")
        assert d.refuses("S3")[0] is Reason.RESERVED_FOR_OTHERS


# Packages


def packed(it: Arranged, *, reserve_package: bool) -> None:
    package = LpnId(b"pallet-000000001")
    it.bench.seed(Code(SITE, "PAL-1", CodeKind.LPN, package, OwnerId(NO_ID), Level.EACH, 1))
    it.stock(MUG, "A-01-01", 5)
    it.bench.run(
        ReceiveStock(
            **it.bench.base(),
            receipts=(Receipt(owner=OWNER, item=item(MUG), location=location_id("A-01-01"), quantity=5, lpn=package),),
        )
    )
    it.simple(2)
    if reserve_package:
        held = it.bench.all(Reservation)[0]
        source = key_of(held)
        it.bench.run(
            RepointTask(
                **it.bench.base(), batch=it.bench.all(PickTask)[0].batch, task=it.bench.all(PickTask)[0].id,
                source=source, target=replace(source, lpn=package), reservations=(held.id,),
            )
        )  # fmt: skip


def test_units_in_a_package_are_taken_by_its_label(it: Arranged) -> None:
    packed(it, reserve_package=True)
    with desk(it) as d:
        d.take("A-01-01")
        assert d.refuses(GTIN[MUG]) == (Reason.SCAN_PACKAGE, {"expected": "PAL-1", "item": MUG})
        assert isinstance(d.take("PAL-1"), PutInTote)
        d.take("TOTE-1")
    it.clean()


def test_a_package_never_replaces_loose_units_silently(it: Arranged) -> None:
    packed(it, reserve_package=False)
    with desk(it) as d:
        d.take("A-01-01")
        assert d.take("PAL-1").question == "PAL-1"
        assert isinstance(d.take("PAL-1"), PutInTote)
    assert [row.lpn for row in it.bench.all(Reservation)] == [b"pallet-000000001"]
