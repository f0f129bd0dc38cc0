"""Receiving, moving, adjusting, counting, holding: what each writes, and what each refuses without writing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.catalog.commands import NewItem, SaveItems, location_id
from core.catalog.places import unexplained, world
from core.kernel.commands import Command
from core.kernel.ids import NO_ID, CountId, HoldId, LocationId, LpnId, derive
from core.kernel.operations import Operation, OperationOutcome
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.stock.commands import (
    AdjustStock,
    LiftHold,
    PlaceHold,
    RaiseReplenishment,
    Receipt,
    ReceiveStock,
    lot_id,
)
from core.stock.counting import CountStock, plan_count
from core.stock.ledger import Movement, post
from core.stock.model import (
    NO_LOT,
    Balance,
    Cause,
    Condition,
    CountRequest,
    CountState,
    HoldScope,
    Lot,
    ReplenishmentNeed,
    Serial,
    StockEntry,
    StockHold,
    StockKey,
)
from core.stock.moving import MoveStock
from core.stock.queries import open_count, promisable
from tests.orders.shop import OWNER, TODAY, Shop, item, shop
from tests.support import NOON, SITE

WORLD, UNEXPLAINED = world(SITE), unexplained(SITE)


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as opened:
        yield opened


def key(sku: str = "MUG", place: str = "A-1", **more: object) -> StockKey:
    return StockKey(owner=OWNER, item=item(sku), location=location_id(place), **more)  # type: ignore[arg-type]


def receive(it: Shop, *receipts: Receipt) -> ReceiveStock:
    return ReceiveStock(**it.it.base(), receipts=receipts)


def receipt(quantity: int = 5, place: str = "A-1", **more: object) -> Receipt:
    return Receipt(owner=OWNER, item=item("MUG"), location=location_id(place), quantity=quantity, **more)  # type: ignore[arg-type]


def move(it: Shop, quantity: int, source: StockKey | None = None, target: str = "B-1") -> MoveStock:
    return MoveStock(**it.it.base(), source=source or key(), target=location_id(target), quantity=quantity)


def adjust(it: Shop, difference: int, where: StockKey | None = None) -> AdjustStock:
    return AdjustStock(**it.it.base(), key=where or key(), difference=difference, reason="broken")


def count(it: Shop, counted: int, where: StockKey | None = None, request: CountId | None = None) -> CountStock:
    with it.connection.begin():
        return plan_count(it.connection, SITE, where or key(), counted, it.stamp(), request)


def books(it: Shop) -> dict[LocationId, int]:
    """Return the units by place; those outside have the sign that brings the sum to zero."""
    found: dict[LocationId, int] = {}
    for row in it.it.all(Balance):
        found[row.location] = found.get(row.location, 0) + row.total
    assert sum(found.values()) == 0
    it.check()
    return found


def entries(it: Shop, command: Command) -> list[tuple[int, str, LocationId, int]]:
    rows = [row for row in it.it.all(StockEntry) if row.operation == command.id]
    return [(row.n, row.cause, row.location, row.quantity) for row in rows]


# What each writes


def test_goods_come_from_the_world_as_two_entries_that_sum_to_zero(it: Shop) -> None:
    command = receive(it, receipt(5, lot="L1", expiry="2026-05-01"))
    it.it.run(command)

    assert entries(it, command) == [(0, "receive", WORLD, -5), (1, "receive", location_id("A-1"), 5)]
    assert books(it) == {WORLD: -5, location_id("A-1"): 5}
    (lot,) = it.it.all(Lot)
    assert (lot.id, lot.code, lot.expiry, lot.first_at) == (lot_id(item("MUG"), "L1"), "L1", "2026-05-01", command.at)


def test_a_lot_that_is_here_keeps_its_first_day_when_more_of_it_comes(it: Shop) -> None:
    it.it.run(receive(it, receipt(5, lot="L1", expiry="2026-05-01")))
    (first,) = it.it.all(Lot)
    it.it.run(receive(it, receipt(3, lot="L1", expiry="2026-05-01")))

    assert it.it.all(Lot) == [first]
    assert it.at("MUG", "A-1") == 8


def test_two_items_may_use_the_same_lot_name(it: Shop) -> None:
    cup = replace(receipt(1, lot="L1"), item=item("CUP"))
    it.it.run(receive(it, receipt(1, lot="L1"), cup))

    assert {row.item for row in it.it.all(Lot)} == {item("MUG"), item("CUP")}


def test_units_go_from_place_to_place_and_nothing_is_left_behind(it: Shop) -> None:
    it.stock("MUG", "A-1", 5)
    it.it.run(move(it, 5))

    assert books(it) == {WORLD: -5, location_id("B-1"): 5}


@pytest.mark.parametrize(("difference", "left"), [(2, 7), (-2, 3), (-5, 0)])
def test_what_the_books_had_wrong_goes_to_or_comes_from_the_unexplained(it: Shop, difference: int, left: int) -> None:
    it.stock("MUG", "A-1", 5)
    it.it.run(adjust(it, difference))

    assert books(it).get(location_id("A-1"), 0) == left
    assert books(it)[UNEXPLAINED] == -difference
    assert {row.outcome for row in it.it.all(Operation)} == {OperationOutcome.APPLIED}


@pytest.mark.parametrize("counted", [0, 4, 5, 9])
def test_the_books_follow_what_was_counted(it: Shop, counted: int) -> None:
    it.stock("MUG", "A-1", 5)
    done = it.it.run(count(it, counted))

    assert done.result == {"difference": counted - 5}
    assert books(it).get(location_id("A-1"), 0) == counted


def test_a_count_closes_the_request_it_answers(it: Shop) -> None:
    it.stock("MUG", "A-1", 5)
    asked = CountId(b"count-0000000001")
    it.it.seed(
        CountRequest(
            SITE, asked, OWNER, item("MUG"), NO_LOT, key().lpn, location_id("A-1"), "short", NOON, CountState.OPEN, 0
        )
    )
    with it.connection.begin():
        assert open_count(it.connection, SITE, key()) is not None

    it.it.run(count(it, 3, request=asked))

    row = it.it.need(CountRequest, asked)
    assert (row.state, row.counted) == (CountState.CLOSED, 3)
    with it.connection.begin():
        assert open_count(it.connection, SITE, key()) is None


def test_a_need_lasts_as_long_as_its_quantity(it: Shop) -> None:
    def need(quantity: int) -> RaiseReplenishment:
        return RaiseReplenishment(**it.it.base(), needs=((OWNER, item("MUG"), quantity),))

    it.it.run(need(3))
    (first,) = it.it.all(ReplenishmentNeed)
    it.it.run(need(4))
    (second,) = it.it.all(ReplenishmentNeed)
    it.it.run(need(0))

    assert (first.quantity, second.quantity, second.opened_at) == (3, 4, first.opened_at)
    assert it.it.all(ReplenishmentNeed) == []


# What each refuses


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"quantity": 0}, Reason.NOT_A_QUANTITY),
        ({"quantity": -3}, Reason.NOT_A_QUANTITY),
        ({"quantity": 2, "serial": "S1"}, Reason.NOT_A_QUANTITY),
        ({"place": "NOWHERE"}, Reason.NOT_FOUND),
        ({"lot": "L1", "expiry": "2027-01-01"}, Reason.DIFFERS_FROM_FIRST),
    ],
)
def test_what_cannot_come_is_refused(it: Shop, more: dict[str, object], reason: Reason) -> None:
    it.it.run(receive(it, receipt(1, lot="L1", expiry="2026-05-01")))

    assert it.it.refuse(receive(it, receipt(**{"quantity": 1, **more}))).reason is reason  # type: ignore[arg-type]


def test_a_serial_that_is_here_does_not_come_again(it: Shop) -> None:
    it.it.run(receive(it, receipt(1, serial="S1")))

    assert it.it.refuse(receive(it, receipt(1, serial="S1"))) == Refusal(Reason.DUPLICATE_SERIAL, {"serial": "S1"})
    twice = receive(it, receipt(1, serial="S2"), receipt(1, serial="S2", place="B-1"))
    assert it.it.refuse(twice) == Refusal(Reason.DUPLICATE_SERIAL, {"serial": "S2"})


def test_goods_do_not_come_to_the_world(it: Shop) -> None:
    outside = replace(receipt(1), location=WORLD)

    assert it.it.refuse(receive(it, outside)).reason is Reason.NOT_FOUND


def test_reserved_units_are_not_moved_away_from_their_picker(it: Shop) -> None:
    it.stock("MUG", "A-1", 5)
    it.released("o1", [("MUG", 4)])

    assert it.it.refuse(move(it, 2)) == Refusal(Reason.NOT_ENOUGH_STOCK, {"free": 1})
    it.it.run(move(it, 1))
    it.check()


@pytest.mark.parametrize(
    ("quantity", "target", "reason"),
    [
        (0, "B-1", Reason.NOT_A_QUANTITY),
        (-1, "B-1", Reason.NOT_A_QUANTITY),
        (6, "B-1", Reason.NOT_ENOUGH_STOCK),
        (1, "NOWHERE", Reason.NOT_FOUND),
    ],
)
def test_an_impossible_move_is_refused(it: Shop, quantity: int, target: str, reason: Reason) -> None:
    it.stock("MUG", "A-1", 5)

    assert it.it.refuse(move(it, quantity, target=target)).reason is reason


@pytest.mark.parametrize("target", [WORLD, UNEXPLAINED])
def test_goods_leave_the_building_by_the_van_only(it: Shop, target: LocationId) -> None:
    it.stock("MUG", "A-1", 5)

    assert it.it.refuse(replace(move(it, 1), target=target)).reason is Reason.NOT_FOUND


def test_an_impossible_adjustment_is_refused(it: Shop) -> None:
    it.stock("MUG", "A-1", 5)

    assert it.it.refuse(adjust(it, 0)).reason is Reason.NOT_A_QUANTITY
    assert it.it.refuse(adjust(it, -6)) == Refusal(Reason.NOT_ENOUGH_STOCK, {"on_hand": 5})
    assert it.it.refuse(adjust(it, 1, key(place="NOWHERE"))).reason is Reason.NOT_FOUND
    assert it.it.refuse(adjust(it, 1, replace(key(), location=WORLD))).reason is Reason.NOT_FOUND


def test_an_impossible_count_is_refused(it: Shop) -> None:
    assert it.it.refuse(count(it, -1)).reason is Reason.NOT_A_QUANTITY
    assert it.it.refuse(count(it, 2, key(serial="S1"))).reason is Reason.NOT_A_QUANTITY
    assert it.it.refuse(count(it, 1, key(place="NOWHERE"))).reason is Reason.NOT_FOUND
    assert it.it.refuse(count(it, 1, replace(key(), location=UNEXPLAINED))).reason is Reason.NOT_FOUND


# Holds and quarantine


@pytest.mark.parametrize("scope", list(HoldScope))
def test_held_goods_are_promised_again_once_the_hold_is_lifted(it: Shop, scope: HoldScope) -> None:
    it.it.run(receive(it, receipt(5, lot="L1")))
    targets = {
        HoldScope.LOCATION: location_id("A-1"),
        HoldScope.LOT: lot_id(item("MUG"), "L1"),
        HoldScope.ITEM: item("MUG"),
    }
    placed = PlaceHold(**it.it.base(), scope=scope, target=targets[scope], reason="recall")

    it.it.run(placed)
    assert free(it) == 0
    lift = LiftHold(**it.it.base(), hold=HoldId(derive(placed.id, "hold")))
    it.it.run(lift)

    assert free(it) == 5
    assert it.it.all(StockHold)[0].released_at == lift.at
    assert it.it.refuse(replace(lift, **it.it.base())).reason is Reason.NOT_FOUND


def test_two_holds_of_one_place_are_lifted_one_by_one(it: Shop) -> None:
    it.stock("MUG", "A-1", 5)
    for reason in ("leak", "count"):
        it.it.run(PlaceHold(**it.it.base(), scope=HoldScope.LOCATION, target=location_id("A-1"), reason=reason))
    first, second = it.it.all(StockHold)

    it.it.run(LiftHold(**it.it.base(), hold=first.id))
    assert free(it) == 0
    it.it.run(LiftHold(**it.it.base(), hold=second.id))

    assert free(it) == 5


def test_a_hold_that_is_not_there_is_not_lifted(it: Shop) -> None:
    assert it.it.refuse(LiftHold(**it.it.base(), hold=HoldId(NO_ID))).reason is Reason.NOT_FOUND


@pytest.mark.parametrize(
    "more", [{"place": "Q-1"}, {"condition": Condition.DAMAGED}, {"condition": Condition.BLOCKED}, {"place": "IN-1"}]
)
def test_goods_in_quarantine_damaged_or_not_put_away_are_on_hand_and_not_promised(
    it: Shop, more: dict[str, object]
) -> None:
    it.it.run(receive(it, receipt(5, **more)))  # type: ignore[arg-type]

    assert sum(row.total for row in it.it.all(Balance) if not row.signed) == 5
    assert free(it) == 0


def free(it: Shop) -> int:
    with it.connection.begin():
        return sum(each.quantity for each in promisable(it.connection, SITE, TODAY))


# What the floor had and the books had not


def test_what_is_taken_beyond_the_books_comes_from_the_unexplained_and_is_told(it: Shop) -> None:
    it.stock("MUG", "A-1", 2)
    taken = move(it, 5)
    with it.connection.begin():
        uow = UnitOfWork(it.connection)
        post(uow, taken, [Movement(taken.source, replace(key(), location=location_id("B-1")), 5, Cause.MOVE)])
        uow.flush()

    assert uow.told[0] is OperationOutcome.APPLIED_WITH_EXCEPTION
    assert [entry[2:] for entry in entries(it, taken)] == [
        (UNEXPLAINED, -3),
        (location_id("A-1"), 3),
        (location_id("A-1"), -5),
        (location_id("B-1"), 5),
    ]
    assert {row.location: row.total for row in it.it.all(Balance)} == {
        WORLD: -2, UNEXPLAINED: -3, location_id("B-1"): 5,
    }  # fmt: skip


# What goods are to be known by


TEA, PHONE, PILL = "TEA", "PHONE", "PILL"


@pytest.fixture
def controlled(it: Shop) -> Shop:
    items = (
        NewItem(sku=TEA, description="Tea", lot_control=1), NewItem(sku=PHONE, description="Phone", serial_control=1),
        NewItem(sku=PILL, description="Pill", lot_control=1, expiry_control=1, serial_control=1),
    )  # fmt: skip
    it.it.run(SaveItems(**it.it.base(), owner=OWNER, items=items))
    return it


def came(sku: str, quantity: int = 1, place: str = "A-1", **more: object) -> Receipt:
    return replace(receipt(quantity, place, **more), item=item(sku))


@pytest.mark.parametrize(
    ("sku", "said", "reason"),
    [
        (TEA, {}, Reason.SCAN_LOT),
        (PHONE, {}, Reason.SCAN_SERIAL),
        (PILL, {"lot": "L1", "serial": "S1"}, Reason.EXPIRY_MISSING),
        (PILL, {"lot": "L1", "expiry": "2026-05-01"}, Reason.SCAN_SERIAL),
        (PILL, {"expiry": "2026-05-01", "serial": "S1"}, Reason.SCAN_LOT),
        ("MUG", {"expiry": "2026-05-01"}, Reason.SCAN_LOT),
    ],
)
def test_goods_without_what_they_are_to_be_known_by_do_not_come_in(
    controlled: Shop, sku: str, said: dict[str, str], reason: Reason
) -> None:
    command = receive(controlled, came("MUG", 5), came(sku, **said))

    assert controlled.it.refuse(command) == Refusal(reason, {"item": sku})


def test_goods_with_all_of_it_come_in(controlled: Shop) -> None:
    whole = came(PILL, lot="L1", expiry="2026-05-01", serial="S1")
    controlled.it.run(receive(controlled, came(TEA, 5, lot="L1"), came(PHONE, serial="S1"), whole))

    rows = [(row.item, row.serial, row.lot) for row in controlled.it.all(Serial)]
    assert sorted(rows) == sorted([(item(PHONE), "S1", NO_LOT), (item(PILL), "S1", lot_id(item(PILL), "L1"))])
    controlled.check()


def test_an_item_that_nobody_knows_does_not_come_in(it: Shop) -> None:
    assert it.it.refuse(receive(it, came("NEVER-HEARD-OF"))).reason is Reason.UNKNOWN_ITEM


@pytest.mark.parametrize(
    "again", [{"place": "B-1"}, {"condition": Condition.DAMAGED}, {"lpn": LpnId(b"p" * 16)}, {"place": "R-1"}]
)
def test_a_serial_that_is_anywhere_in_the_house_does_not_come_in_again(
    controlled: Shop, again: dict[str, object]
) -> None:
    controlled.it.run(receive(controlled, came(PHONE, serial="S1")))
    source = replace(key(), item=item(PHONE), serial="S1")
    controlled.it.run(move(controlled, 1, source, "B-2"))

    command = receive(controlled, came(PHONE, serial="S2"), came(PHONE, serial="S1", **again))
    assert controlled.it.refuse(command) == Refusal(Reason.DUPLICATE_SERIAL, {"serial": "S1"})


def test_one_serial_of_two_items_are_two_units(controlled: Shop) -> None:
    controlled.it.run(receive(controlled, came(PHONE, serial="S1"), came("MUG", serial="S1")))

    assert len(controlled.it.all(Serial)) == 2


def test_a_serial_belongs_to_one_lot(controlled: Shop) -> None:
    controlled.it.run(receive(controlled, came(PILL, lot="L1", expiry="2026-05-01", serial="S1")))
    command = receive(controlled, came(PILL, lot="L2", expiry="2026-05-01", serial="S1"))

    assert controlled.it.refuse(command) == Refusal(Reason.DIFFERS_FROM_FIRST, {"serial": "S1", "now": "L2"})


@pytest.mark.parametrize("outside", [WORLD, UNEXPLAINED])
def test_a_serial_that_left_or_was_lost_may_come_again(controlled: Shop, outside: LocationId) -> None:
    controlled.it.run(receive(controlled, came(PHONE, serial="S1")))
    here = replace(key(), item=item(PHONE), serial="S1")
    gone = AdjustStock(**controlled.it.base(), key=here, difference=-1, reason="lost")
    with controlled.connection.begin():
        uow = UnitOfWork(controlled.connection)
        post(uow, gone, [Movement(here, replace(here, location=outside), 1, Cause.LOAD)])
        uow.flush()
    controlled.it.run(receive(controlled, came(PHONE, place="B-1", serial="S1")))

    command = receive(controlled, came(PHONE, serial="S1"))
    assert controlled.it.refuse(command).reason is Reason.DUPLICATE_SERIAL


def test_what_the_station_let_in_is_applied_whatever_the_item_wants_by_then(controlled: Shop) -> None:
    command = receive(controlled, came(PHONE, quantity=2), came("NEVER-HEARD-OF"))
    with controlled.connection.begin():
        uow = UnitOfWork(controlled.connection)
        command.apply(uow)
        uow.flush()

    assert controlled.at(PHONE, "A-1") == 2
