"""Work that is over leaves a connected station by the rule by which a new one is not given it; nothing of it is needed again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.amending.over import WITH_ORDERS, Over, retire
from core.cases.commands import OpenCase
from core.cases.model import Case, CaseKind
from core.catalog.commands import location_id
from core.exchange.verify import verify_all
from core.exchange.verify_member import verify_member
from core.kernel.catching_up import KEPT_MS, forget
from core.kernel.feed import Feed
from core.kernel.ids import SYSTEM, BatchId
from core.kernel.loading import want_loading
from core.kernel.operations import OpTouch
from core.kernel.spool import PrintJob
from core.kernel.tables import sql_of
from core.orders.model import Contact, Fulfilment, Order
from core.packing.model import Parcel
from core.receiving.commands import FinishDelivery, Taken, TakeOutGoods, delivery_id, delivery_line_id
from core.receiving.model import Delivery, DeliveryBooking, DeliveryLine, TakeOut
from core.receiving.verify import verify_deliveries
from core.returns.commands import ReceiveReturn
from core.returns.model import Return, id_of_code
from core.returns.queries import AskBox
from core.rights.model import StationKind
from core.rules.commands import SetAmount
from core.rules.model import Measure, Scope
from core.shipping.commands import CloseManifest, Loaded
from core.shipping.model import Manifest
from core.stock.carrying import CarriedStock
from core.stock.model import Balance, LastMove, StockEntry, StockKey
from core.stock.moving import MoveStock
from core.waves.model import Batch
from sync.hub import snapshots
from sync.hub.planning import Planner
from tests.orders.shop import OWNER, item, lay_out, order_id
from tests.receiving.arrange import DELIVERY, announce, book, booking, receipt
from tests.returns.arrange import received
from tests.support import SITE, FakeClock
from tests.sync.held import confirmed_rows
from tests.sync.world import Member, World, world

DAY_MS = 86_400_000


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A shop in which three of five orders left with the van."""
    with world(tmp_path, kinds=(StationKind.DESK,) * 3) as made:
        one = made.members[0]
        lay_out(made.office.it)
        made.office.stock("MUG", "A-1", 100)
        for n in range(5):
            made.office.order(f"o{n}", [("MUG", 2)])
        made.office.promise()
        for batch in made.office.release():
            made.grant(one, BatchId(batch))
        made.settle()
        while any(each.state == "ready" for each in one.bench.all(Batch)):
            one.shop.pick_all()
        made.lease(one, 0)
        made.pull(one)
        parcels = [one.shop.pack_all(order_id(f"o{n}")) for n in range(5)][:3]
        for parcel in parcels:
            one.shop.load(parcel)
        loaded = tuple(Loaded(each.id, each.order) for each in parcels)
        assert one.shop.manifest is not None
        one.bench.run(CloseManifest(**one.bench.base(), manifest=one.shop.manifest, parcels=loaded))
        one.bench.run(received(one.shop, parcels[0], "Q-1", one.name))
        made.settle()
        yield made


def tidy(it: World, member: Member, now_ms: int) -> None:
    """Let go of everything that may be."""
    executor = member.bench.executor

    def some(connection: sa.Connection) -> None:
        more.append(forget(connection, SITE, now_ms) or bool(retire(connection, SITE, now_ms)))

    more = [True]
    while more[-1]:
        executor.load(some)


def a_month_later(it: World) -> int:
    """Let a month pass in which one thing happened, and return the time."""
    it.clock.tick(KEPT_MS + 60_000)
    it.office.it.clock.tick(KEPT_MS + 60_000)
    it.office.it.run(OpenCase(**it.office.it.base(), kind=CaseKind.CALL, subject=b"x"))
    it.settle()
    return it.clock.now_ms()


def test_a_month_later_a_station_holds_what_a_new_one_is_given(it: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, three = it.members
    tidy(it, one, it.clock.now_ms())
    assert len(one.bench.all(Order)) == 5, "the feed's word of them is not forgotten"

    now = a_month_later(it)
    one.shop.stock("MUG", "A-2", 1)
    tidy(it, one, now)
    assert len(one.bench.all(Order)) == 5, "own work is not settled"
    it.settle()
    balances = sorted(map(repr, one.bench.all(Balance)))
    for member in (one, two):
        tidy(it, member, now)
    monkeypatch.setattr(snapshots, "RECENT_MS", KEPT_MS)
    three.bench.executor.load(lambda connection: want_loading(connection, SITE, 1))
    it.load(three)
    it.pull(three)

    mine, given = confirmed_rows(one.connection), confirmed_rows(three.connection)
    ledger = StockEntry.TABLE.name
    assert {name: rows for name, rows in mine.items() if name != ledger} == {
        name: rows for name, rows in given.items() if name != ledger
    }
    assert confirmed_rows(two.connection) == mine
    assert sorted(each.id for each in one.bench.all(Order)) == sorted(order_id(f"o{n}") for n in (3, 4))
    assert (one.bench.all(Manifest), one.bench.all(Over), one.bench.all(Return)) == ([], [], [])
    assert len(it.office.it.all(Return)) == 1, "the hub keeps what came back"
    assert len(one.bench.all(StockEntry)) == 2, "of what was done lately"
    left = {row.id for row in one.bench.all(Parcel)}
    assert {job.subject for job in one.bench.all(PrintJob)} == left != set(), "paper goes with its parcel and its list"
    assert all(row.quantity for row in one.bench.all(CarriedStock)), (
        "what went through a tote or a carton leaves nothing"
    )
    assert {each.id for each in one.bench.all(OpTouch)} <= {order_id(f"o{n}") for n in (3, 4)}
    assert len(one.bench.all(Feed)) < 10
    assert one.bench.all(Case) == it.office.it.all(Case)
    assert sorted(map(repr, one.bench.all(Balance))) == balances == sorted(map(repr, it.office.it.all(Balance)))
    assert one.bench.all(CarriedStock) != []
    for member in (one, three):
        with member.connection.begin():
            assert verify_all(member.connection, follows=True) == ()
            assert verify_member(member.connection, SITE).differences == ()
    goes_on(it)
    with one.connection.begin():
        one.connection.execute(sa.update(sql_of(Case)).values(subject=b"another"))
        assert {each.table for each in verify_member(one.connection, SITE).differences} == {Case.TABLE.name}
        one.connection.execute(sa.update(sql_of(Feed)).values(hash=b"h" * 32).where(sql_of(Feed).c.kind == "receipt"))
        assert {each.table for each in verify_member(one.connection, SITE).differences} == {
            Case.TABLE.name,
            "feed",
            "feed_head",
        }


def goes_on(it: World) -> None:
    """Work goes on beside what left."""
    one, two, _ = it.members
    it.office.order("later", [("MUG", 1)])
    it.office.promise()
    for batch in it.office.release():
        it.grant(one, BatchId(batch))
    it.settle()
    one.shop.pick_all()
    one.shop.pack_all(order_id("later"))
    one.shop.manifest = None
    for parcel in [each for each in one.bench.all(Parcel) if not each.loaded_at]:
        one.shop.load(parcel)
    it.settle()
    hub = confirmed_rows(it.central)
    for name, rows in confirmed_rows(one.connection).items():
        assert rows.items() <= hub[name].items()
    assert sorted(map(repr, one.bench.all(Balance))) == sorted(map(repr, two.bench.all(Balance)))


def test_what_was_over_when_a_site_was_loaded_leaves_too_with_its_address(it: World) -> None:
    three = it.members[2]
    now = it.clock.now_ms()
    three.bench.executor.load(lambda connection: want_loading(connection, SITE, 1))
    it.load(three)
    it.pull(three)
    assert len(three.bench.all(Over)) == 3
    tidy(it, three, now)
    assert len(three.bench.all(Order)) == 5, "the list was closed lately"
    tidy(it, three, a_month_later(it))
    assert len(three.bench.all(Order)) == 2
    assert len(three.bench.all(Contact)) == 1, "others are still sent there"
    left = {part.id for part in three.bench.all(Fulfilment)}
    for cls in WITH_ORDERS:
        if "order" in cls.TABLE.columns and "fulfilment" in cls.TABLE.columns:
            assert {row.fulfilment for row in three.bench.all(cls)} <= left, cls  # type: ignore[attr-defined]


def test_a_finished_delivery_leaves_with_its_lines_and_bookings_and_no_other_does(it: World) -> None:
    one, two, three = it.members
    for number in ("D-1", "D-2"):
        announce(one.bench, number, MUG=10)
    book(one.bench, "MUG", 4)
    one.bench.run(FinishDelivery(**one.bench.base(), delivery=DELIVERY))
    mugs = StockKey(owner=OWNER, item=item("MUG"), location=location_id("IN-1"))
    one.bench.run(MoveStock(**one.bench.base(), source=mugs, target=location_id("A-2"), quantity=4))
    it.settle()
    tidy(it, two, it.clock.now_ms())
    assert (len(two.bench.all(Delivery)), len(two.bench.all(DeliveryBooking)), len(two.bench.all(LastMove))) == (
        2,
        1,
        1,
    )

    now = a_month_later(it)
    three.bench.executor.load(lambda connection: want_loading(connection, SITE, 1))
    it.load(three)
    it.pull(three)
    for member in (two, three):
        tidy(it, member, now)
        assert [row.number for row in member.bench.all(Delivery)] == ["D-2"]
        assert [row.delivery for row in member.bench.all(DeliveryLine)] == [delivery_id(OWNER, "D-2")]
        # By it a move says what its station had heard of, however long ago.
        assert (len(member.bench.all(DeliveryBooking)), len(member.bench.all(LastMove))) == (0, 1)
        with member.connection.begin():
            assert verify_member(member.connection, SITE).differences == ()
    office = it.office.it
    assert (len(office.all(DeliveryLine)), len(office.all(DeliveryBooking)), len(office.all(LastMove))) == (2, 1, 1)


def test_a_delivery_that_nobody_finishes_is_finished_in_time_and_leaves_and_what_comes_later_stands(it: World) -> None:
    one, two, three = it.members
    announce(one.bench, "D-1", MUG=10)
    book(one.bench, "MUG", 4)
    it.settle()
    away = booking(three.bench, "MUG", 3)
    base = it.office.it.base()
    it.office.it.run(
        SetAmount(**base, measure=Measure.DELIVERY_DAYS, scope=Scope.SITE, target="", value=61, base_version=0)
    )
    now = a_month_later(it)
    plan(it, now)
    assert [row.finished_at for row in it.office.it.all(Delivery)] == [0], "not yet"
    plan(it, now + 2 * DAY_MS)
    (finished,) = it.office.it.all(Delivery)
    assert (finished.finished_by, finished.finished_at) == (SYSTEM, now + 2 * DAY_MS)
    it.settle()
    a_month_later(it)
    tidy(it, two, a_month_later(it))
    assert (two.bench.all(Delivery), two.bench.all(DeliveryLine), two.bench.all(DeliveryBooking)) == ([], [], [])

    three.bench.run(away)
    it.settle()
    assert [row.booked for row in it.office.it.all(DeliveryLine)] == [7]
    for member in (two, three):
        with member.connection.begin():
            assert verify_member(member.connection, SITE).differences == ()
            assert list(verify_deliveries(member.connection)) == []
    it.office.check()


def test_a_delivery_that_is_still_booked_is_not_finished_by_its_age(it: World) -> None:
    one, *_ = it.members
    announce(one.bench, "D-1", MUG=10)
    book(one.bench, "MUG", 1)
    it.settle()
    it.clock.tick(59 * DAY_MS)
    book(one.bench, "MUG", 4)
    it.settle()

    plan(it, it.clock.now_ms() + 2 * DAY_MS)
    assert finished(it) == {"D-1": False}
    plan(it, it.clock.now_ms() + 61 * DAY_MS)
    assert finished(it) == {"D-1": True}


def test_what_nothing_came_of_is_waited_for_a_year(it: World) -> None:
    one, *_ = it.members
    announce(one.bench, "D-1", MUG=10)
    booking_id = book(one.bench, "MUG", 3)
    taken = (Taken(booking_id, 0, receipt("MUG", 3)),)
    line = delivery_line_id(DELIVERY, item("MUG"))
    one.bench.run(TakeOutGoods(**one.bench.base(), line=line, taken=taken, why=TakeOut.UNDONE, case=None))
    announce(one.bench, "D-2", MUG=10)
    it.settle()

    plan(it, it.clock.now_ms() + 364 * DAY_MS)
    assert finished(it) == {"D-1": False, "D-2": False}, "a hundred days at sea are nothing"
    plan(it, it.clock.now_ms() + 366 * DAY_MS)
    assert finished(it) == {"D-1": True, "D-2": True}


@pytest.mark.parametrize("years", [-20, 20])
def test_a_station_whose_clock_is_wrong_by_years_has_its_deliveries_waited_for_like_others(
    it: World, years: int
) -> None:
    one, *_ = it.members
    right = one.bench.clock.at
    one.bench.clock.at += years * 365 * DAY_MS
    announce(one.bench, "D-1", MUG=10)
    book(one.bench, "MUG", 4)
    one.bench.clock.at = right
    it.settle()

    plan(it, it.clock.now_ms() + 59 * DAY_MS)
    assert finished(it) == {"D-1": False}
    plan(it, it.clock.now_ms() + 61 * DAY_MS)
    assert finished(it) == {"D-1": True}


@pytest.mark.parametrize("let_go", [False, True])
@pytest.mark.parametrize("by", ["station", "hub"])
def test_a_delivery_that_was_finished_and_is_announced_again_is_open_everywhere(
    it: World, by: str, let_go: bool
) -> None:
    one, two, three = it.members
    announce(one.bench, "D-1", MUG=10)
    book(one.bench, "MUG", 4)
    it.settle()
    plan(it, it.clock.now_ms() + 61 * DAY_MS)
    it.settle()
    if let_go:
        it.clock.tick(61 * DAY_MS)
        a_month_later(it)
        now = a_month_later(it)
        for member in (two, three):
            tidy(it, member, now)
            assert (member.bench.all(Delivery), member.bench.all(DeliveryLine)) == ([], [])

    announce(two.bench if by == "station" else it.office.it, "D-1", MUG=10)
    it.settle()
    plan(it, it.clock.now_ms() + 59 * DAY_MS)
    it.settle()
    assert finished(it) == {"D-1": False}
    for member in it.members:
        rows = member.bench.all(Delivery), member.bench.all(DeliveryLine), member.bench.all(DeliveryBooking)
        assert rows == tuple(it.office.it.all(cls) for cls in (Delivery, DeliveryLine, DeliveryBooking))
        with member.connection.begin():
            assert list(verify_deliveries(member.connection)) == []
    three.bench.run(booking(three.bench, "MUG", 6))
    it.settle()
    assert [row.booked for row in two.bench.all(DeliveryLine)] == [10]
    assert [row.kind for row in it.office.it.all(Case) if row.kind is not CaseKind.CALL] == []
    it.office.check()


def finished(it: World) -> dict[str, bool]:
    """Return of each delivery whether it is waited for no more, as the hub has it."""
    return {row.number: bool(row.finished_at) for row in it.office.it.all(Delivery)}


def plan(it: World, now_ms: int) -> None:
    """Let the hub do at some time what it does by itself."""
    Planner(SITE, it.hub, FakeClock(now_ms), it.ids).run()


def test_a_box_under_a_code_that_one_bore_long_ago_is_its_second_everywhere(it: World) -> None:
    one, two, _ = it.members
    one.bench.run(_bare(one))
    it.settle()
    tidy(it, two, a_month_later(it))
    again = _bare(two)
    assert (again.number, again.back) == (2, id_of_code("HX-7", 2))
    two.bench.run(again)
    it.settle()

    assert sorted(row.number for row in it.office.it.all(Return) if row.code == "HX-7") == [1, 2]
    assert CaseKind.RETURN_TWICE not in {row.kind for row in it.office.it.all(Case)}


def _bare(member: Member) -> ReceiveReturn:
    """Return the receipt of the next box under a code that names nothing."""
    box = member.shop.ask(AskBox(SITE, "HX-7"))
    return ReceiveReturn(
        **member.bench.base(), back=box.back, code=box.code, number=box.number, parcel=box.parcel, order=box.order,
        fulfilments=(), place=location_id("Q-1"), station=member.name,
    )  # fmt: skip
