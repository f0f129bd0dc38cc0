"""Announcing, booking, taking out, finishing: what each writes, what each refuses, and what is told of more than was announced."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.cases.model import Case, CaseKind, CaseState
from core.catalog.commands import location_id
from core.catalog.places import world
from core.kernel import codec
from core.kernel.ids import CommandId, DeliveryId
from core.kernel.operations import Operation, OperationOutcome
from core.kernel.reasons import Reason
from core.kernel.rebuild import rebuild
from core.kernel.tablehash import table_hashes
from core.kernel.tables import sql_of
from core.receiving.closing import closing_commands
from core.receiving.commands import (
    AnnounceDeliveries,
    FinishDelivery,
    NewDelivery,
    NewDeliveryLine,
    Taken,
    TakeOutGoods,
    delivery_line_id,
)
from core.receiving.model import Delivery, DeliveryBooking, DeliveryLine, TakeOut
from core.receiving.taking_out import plan_take_out
from core.receiving.verify import verify_deliveries
from core.rules.commands import SetAmount
from core.rules.model import Measure, Scope
from core.stock.model import Balance, Cause, StockEntry, StockKey
from core.stock.moving import MoveStock
from tests.orders.shop import OWNER, Shop, item, shop
from tests.quick import open_new
from tests.receiving.arrange import DELIVERY, announce, book, booked, booking, receipt
from tests.support import PICKER, SITE

DAY_MS = 86_400_000
LINE = delivery_line_id(DELIVERY, item("MUG"))


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    """A shop that waits for ten mugs and four cups; what was done adds up in the end."""
    with shop(tmp_path) as opened:
        announce(opened.it, MUG=10, CUP=4)
        yield opened
        opened.check()


def allow(it: Shop, percent: int) -> None:
    it.it.run(
        SetAmount(
            **it.it.base(), measure=Measure.OVER_RECEIPT, scope=Scope.SITE, target="", value=percent, base_version=0
        )
    )


def told(it: Shop) -> list[dict[str, int]]:
    """Return what the cases about too many units say."""
    rows = it.it.all(Case)
    assert {row.kind for row in rows} <= {CaseKind.OVER_RECEIPT}
    assert all(row.subject == LINE for row in rows)
    said = [{name: codec.parse(row.facts)[name] for name in ("over", "expected", "booked")} for row in rows]
    return sorted(said, key=lambda each: int(each["booked"]))


def take_out(it: Shop, why: TakeOut = TakeOut.TWICE) -> TakeOutGoods:
    """Return what takes the units of the case out."""
    case = it.it.all(Case)[-1].id
    with it.connection.begin():
        made = plan_take_out(it.connection, SITE, case, why, it.stamp())
    assert isinstance(made, TakeOutGoods), made
    return made


def test_what_is_booked_lies_in_stock_and_counts_on_its_line(it: Shop) -> None:
    book(it.it, "MUG", 6)
    book(it.it, "MUG", 4, "A-1")

    assert booked(it.it, "MUG") == (10, 10)
    assert (it.at("MUG", "IN-1"), it.at("MUG", "A-1")) == (6, 4)
    assert [(row.quantity, row.location, row.booked_by) for row in it.it.all(DeliveryBooking)] == [
        (6, location_id("IN-1"), PICKER), (4, location_id("A-1"), PICKER),
    ]  # fmt: skip
    assert {row.cause for row in it.it.all(StockEntry)} == {Cause.RECEIVE}
    assert told(it) == []


def test_a_delivery_that_is_here_is_left_as_it_is(it: Shop) -> None:
    book(it.it, "MUG", 6)
    announce(it.it, MUG=99, JUG=3)

    assert booked(it.it, "MUG") == (10, 6)
    assert len(it.it.all(DeliveryLine)) == 2


def test_a_number_that_comes_under_another_id_is_another_word_about_the_first(it: Shop) -> None:
    (known,) = it.it.all(Delivery)
    lines = (NewDeliveryLine(item("CUP"), 3),)
    other = NewDelivery(DeliveryId(b"another delivery"), known.owner, known.number, "Smith", known.digest, lines)
    it.it.run(AnnounceDeliveries(**it.it.base(), deliveries=(other,)))

    assert list(it.it.all(Delivery)) == [known]
    assert {row.delivery for row in it.it.all(DeliveryLine)} == {known.id}
    assert [row.subject for row in it.it.all(Case)] == [other.id]


def test_more_than_was_announced_stands_and_is_told(it: Shop) -> None:
    first = book(it.it, "MUG", 8)
    second = book(it.it, "MUG", 5)

    assert booked(it.it, "MUG") == (10, 13)
    assert it.at("MUG", "IN-1") == 13
    assert told(it) == [{"over": 3, "expected": 10, "booked": 13}]
    outcomes = {row.id: row.outcome for row in it.it.all(Operation)}
    assert outcomes[first] is OperationOutcome.APPLIED
    assert outcomes[second] is OperationOutcome.APPLIED_WITH_EXCEPTION


def test_each_booking_beyond_tells_of_its_own_units(it: Shop) -> None:
    for quantity in (12, 3):
        book(it.it, "MUG", quantity)

    assert told(it) == [{"over": 2, "expected": 10, "booked": 12}, {"over": 3, "expected": 10, "booked": 15}]


def test_what_may_come_over_is_data_in_percent_and_rounded_down(it: Shop) -> None:
    allow(it, 15)
    book(it.it, "MUG", 11)
    assert told(it) == []

    book(it.it, "MUG", 1)
    assert told(it) == [{"over": 1, "expected": 10, "booked": 12}]


def test_what_cannot_be_received_is_refused_and_nothing_is_written(it: Shop) -> None:
    good = booking(it.it, "MUG", 1)
    refused = {
        Reason.NOT_FOUND: [replace(good, line=delivery_line_id(DELIVERY, item("JUG"))), replace(good, receipts=(receipt("CUP", 1),))],
        Reason.NOT_A_QUANTITY: [replace(good, receipts=()), replace(good, receipts=(receipt("MUG", 0),))],
    }  # fmt: skip
    for reason, commands in refused.items():
        for each in commands:
            assert it.it.refuse(each).reason is reason
    nowhere = replace(good, receipts=(replace(receipt("MUG", 1), location=world(SITE)),))
    assert it.it.refuse(nowhere).reason is Reason.NOT_FOUND


def test_units_that_were_booked_twice_never_came(it: Shop) -> None:
    book(it.it, "MUG", 8)
    book(it.it, "MUG", 5, "A-1")
    it.it.run(take_out(it))

    assert booked(it.it, "MUG") == (10, 10)
    assert (it.at("MUG", "IN-1"), it.at("MUG", "A-1")) == (8, 2), "the booking that went beyond is put right"
    assert [row.taken_out for row in it.it.all(DeliveryBooking)] == [0, 3]
    (case,) = it.it.all(Case)
    assert (case.state, case.decision, case.decided_by) == (CaseState.CLOSED, "counted_twice", PICKER)
    assert it.it.all(StockEntry)[-1].cause is Cause.UNRECEIVE


def test_units_that_go_back_leave_by_another_cause(it: Shop) -> None:
    book(it.it, "MUG", 12)
    it.it.run(take_out(it, TakeOut.SENT_BACK))

    assert it.at("MUG", "IN-1") == 10
    assert it.it.all(StockEntry)[-1].cause is Cause.SEND_BACK
    assert it.it.all(Case)[0].decision == "sent_back"


def test_what_was_carried_on_is_not_taken_out_where_it_no_longer_lies(it: Shop) -> None:
    book(it.it, "MUG", 12)
    key = StockKey(owner=OWNER, item=item("MUG"), location=location_id("IN-1"))
    it.it.run(MoveStock(**it.it.base(), source=key, target=location_id("A-1"), quantity=11))

    refusal = it.it.refuse(take_out(it))
    assert (refusal.reason, refusal.facts["free"]) == (Reason.NOT_ENOUGH_STOCK, 1)


def test_nothing_is_taken_out_twice(it: Shop) -> None:
    first = book(it.it, "MUG", 12)
    again = take_out(it)
    it.it.run(take_out(it))

    assert it.it.try_run(again) is not None
    assert booked(it.it, "MUG") == (10, 10), "who says the same of a case is right, and nothing more is done"
    assert it.it.refuse(replace(again, id=_fresh(it), why=TakeOut.SENT_BACK)).reason is Reason.CHANGED_MEANWHILE
    rest = replace(again, id=_fresh(it), case=None, taken=(Taken(first, 0, receipt("MUG", 11)),))
    assert it.it.refuse(rest).reason is Reason.NOTHING_TO_UNDO
    gone = replace(rest, taken=(Taken(CommandId(b"nobody-booked-me"), 0, receipt("MUG", 1)),))
    assert it.it.refuse(gone).reason is Reason.NOT_FOUND


def _fresh(it: Shop) -> CommandId:
    return CommandId(it.it.ids.new())


def test_a_booking_that_was_undone_leaves_nothing_to_settle(it: Shop) -> None:
    booking_id = book(it.it, "MUG", 12)
    undo = TakeOutGoods(
        **it.it.base(), line=LINE, taken=(Taken(booking_id, 0, receipt("MUG", 12)),), why=TakeOut.UNDONE, case=None
    )
    it.it.run(undo)

    assert booked(it.it, "MUG") == (10, 0)
    assert take_out(it).taken == ()


def test_a_delivery_is_finished_once(it: Shop) -> None:
    first = FinishDelivery(**it.it.base(), delivery=DELIVERY)
    it.it.run(first)
    it.it.run(FinishDelivery(**it.it.base(), delivery=DELIVERY))

    (row,) = it.it.all(Delivery)
    assert (row.finished_at, row.finished_by) == (first.at, PICKER)


def test_at_a_pc_that_is_alone_a_delivery_is_finished_in_time_by_its_own_clock_and_announced_again_it_is_open(
    it: Shop,
) -> None:
    book(it.it, "MUG", 2)
    announce(it.it, "D-2", MUG=10)
    assert (closing(it, 59), closing(it, 61), closing(it, 366)) == ([], ["D-1"], ["D-1", "D-2"])
    it.it.run(FinishDelivery(**it.it.base(), delivery=DELIVERY))

    it.it.clock.tick(100 * DAY_MS)
    announce(it.it, MUG=10, CUP=4)
    assert [row.finished_at for row in it.it.all(Delivery)] == [0, 0]
    assert booked(it.it, "MUG") == (10, 2)
    assert (closing(it, 59), closing(it, 61)) == ([], ["D-1"])


def closing(it: Shop, days: int) -> list[str]:
    """Return what would be finished so many days from now."""
    base = {**it.it.base(), "at": it.it.clock.now_ms() + days * DAY_MS}
    numbers = {row.id: row.number for row in it.it.all(Delivery)}
    with it.connection.begin():
        return sorted(numbers[each.delivery] for each in closing_commands(it.connection, SITE, base, alone=True))


def test_a_line_that_does_not_have_what_its_bookings_brought_is_named(it: Shop) -> None:
    book(it.it, "MUG", 6)
    line = sql_of(DeliveryLine)
    with it.connection.begin():
        it.connection.execute(sa.update(line).where(line.c.id == LINE).values(booked=7))
        found = [str(each) for each in verify_deliveries(it.connection)]
        it.connection.execute(sa.update(line).where(line.c.id == LINE).values(booked=6))

    assert len(found) == 1
    assert "booked 6" in found[0]
    assert "booked 7" in found[0]
    assert it.it.all(Balance)


def test_the_log_alone_makes_the_same_tables(it: Shop, tmp_path: Path) -> None:
    for quantity in (8, 5):
        book(it.it, "MUG", quantity)
    it.it.run(take_out(it))
    it.it.run(FinishDelivery(**it.it.base(), delivery=DELIVERY))

    other = open_new(tmp_path / "other.db")
    with it.it.database.reading() as source, other.reading() as target:
        rebuild(source, other)
        assert table_hashes(target) == table_hashes(source)
    other.dispose()
