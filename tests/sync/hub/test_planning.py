"""The hub plans by itself: what came is promised and released, decided in the site's turn, by however many hubs."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.catalog.commands import location_id, zone_id
from core.exchange.verify import verify_all
from core.kernel.database import Database, open_postgres
from core.kernel.feed import FeedKind
from core.kernel.ids import BatchId, FulfilmentId, SiteId, StationId
from core.kernel.operations import ROWS_PER_OPERATION, Operation
from core.kernel.reasons import Reason
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import UnitOfWork
from core.orders.commands import HoldOrder
from core.orders.model import Fulfilment, FulfilmentLine
from core.picking.queries import AskWork
from core.rights.commands import AddStation
from core.rights.model import SiteStation, StationHeard, StationKind, WorkLease
from core.rights.queries import is_recovering
from core.stock.model import Reservation
from core.waves.leases import plan_zones
from core.waves.model import Batch, BatchState, PickTask, Wave
from core.waves.planner import CartSpec
from core.waves.planning import Planned
from sync.hub.center import Center
from sync.hub.planning import Planner
from sync.hub.recovery import raise_epoch
from sync.hub.rounds import EVERY_S, Rounds, rest_after
from sync.protocol import Lease, Leased
from tests.orders.shop import Shop, lay_out
from tests.support import NOON, PICKER, SITE, Bench, FakeClock, FakeIds
from tests.sync.held import hashes
from tests.sync.office import AtTheHub
from tests.sync.world import World, world


def a_shop_is_there(it: World) -> None:
    lay_out(it.members[0].bench)
    it.settle()


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, after=a_shop_is_there) as made:
        yield made


def planner_of(it: World, start: int = 800_000_000) -> Planner:
    return Planner(SITE, it.hub, FakeClock(), FakeIds(start=start))


def fill(shop: Shop, orders: int, stock: int) -> None:
    shop.stock("MUG", "A-1", stock)
    for n in range(orders):
        shop.order(f"o{n}", [("MUG", 2), ("CUP", 1)])


def test_what_a_station_brought_is_promised_and_released_at_the_hub(it: World) -> None:
    one, two = it.members
    fill(one.shop, 30, 50)
    one.shop.stock("CUP", "B-1", 40)
    it.settle()

    done = planner_of(it).run(cart=CartSpec(slots=4))
    assert (done.released_orders, done.waiting_lines) == (30, 5), "there are mugs for 25; cups go alone"
    assert planner_of(it, 810_000_000).run() == Planned(0, 5, 0, 0, 0), "nothing is left to do"

    for member in (one, two):
        it.lease(member, 120)
    it.settle()
    assert {row.state for row in two.bench.all(Batch)} == {BatchState.READY}
    assert len(two.bench.all(Wave)) == 1, "one run, one wave"
    assert hashes(one.connection) == hashes(two.connection) == hashes(it.central)
    for member in (one, two):
        while not isinstance(member.shop.ask(AskWork(SITE, PICKER, station=member.name)), Reason):
            member.shop.pick_all()
        it.settle()
    assert {row.state for row in two.bench.all(Batch)} == {BatchState.PICKED}
    with it.central.begin():
        assert [each for each in verify_all(it.central) if each.table != "op_log"] == []


def test_no_operation_of_planning_has_more_rows_than_a_station_takes_at_once(it: World) -> None:
    one = it.members[0]
    fill(one.shop, 60, 1000)
    one.shop.stock("CUP", "B-1", 1000)
    it.settle()
    assert planner_of(it).run().released_orders == 60

    rows, longest = 0, 0
    for row in it.feed(0):
        rows = 0 if row.kind is FeedKind.RECEIPT else rows + 1
        longest = max(longest, rows)
    assert longest <= ROWS_PER_OPERATION
    kinds = [row.kind for row in it.office.it.all(Operation)]
    assert kinds.count("allocation.promise") == 2, "a hundred lines each"


def test_what_changed_since_it_was_looked_for_is_not_promised(it: World) -> None:
    fill(it.members[0].shop, 3, 50)
    it.members[0].shop.stock("CUP", "B-1", 2)
    it.settle()
    planner = planner_of(it)
    found = list(planner._to_promise())
    assert len(found) == 3
    part = found[0]
    order = it.office.it.need(Fulfilment, part).order
    it.office.it.run(HoldOrder(**it.office.it.base(), order=order, fulfilments=(part,), reason="office", note=""))

    assert planner._promise_some(found) > 0
    promised = {row.fulfilment for row in it.office.it.all(FulfilmentLine) if row.promised}
    assert promised == {FulfilmentId(each) for each in found[1:]}
    assert all(row.outcome != "refused" for row in it.office.it.all(Operation)), "it was not even tried"


def test_a_hub_that_was_set_back_plans_nothing(it: World) -> None:
    fill(it.members[0].shop, 3, 50)
    it.settle()
    raise_epoch(it.central, SITE, FakeClock(), FakeIds(start=700_000_000))
    before = it.feed(0)

    assert planner_of(it).run() == Planned(0, 6, 0, 0, 0)
    assert it.feed(0) == before


def test_a_hub_that_has_nobody_left_to_hear_goes_on_by_itself(it: World) -> None:
    raise_epoch(it.central, SITE, FakeClock(), FakeIds(start=700_000_000))
    it.center.go_on(SITE)
    with it.central.begin():
        assert is_recovering(it.central, SITE), "its stations are still to be heard"
        it.central.exec_driver_sql("UPDATE site_station SET status = 'lost'")
    it.center.go_on(SITE)
    with it.central.begin():
        assert not is_recovering(it.central, SITE)


def test_while_it_serves_a_hub_plans_whenever_something_came(it: World) -> None:
    with Rounds({SITE: [planner_of(it).run]}, it.center.head, FakeClock()) as rounds:
        fill(it.members[0].shop, 2, 50)
        it.settle()
        wait_for(lambda: len(it.office.it.all(Reservation)) == 2)
        assert rounds.notes == ()
    assert any(each.startswith("Planning stopped") for each in rounds.notes)


def test_what_came_while_a_site_was_looked_at_is_looked_for_again_and_nothing_else_is() -> None:
    feed, asked, looks = [1], [], []

    def head(_site: SiteId) -> int:
        asked.append(feed[0])
        return feed[0]

    def look() -> None:
        looks.append(feed[0])
        if len(looks) == 1:
            feed[0] = 2  # behind the look, before it is over

    with Rounds({SITE: [look]}, head, FakeClock()):
        wait_for(lambda: len(asked) >= 5)

    assert looks == [1, 2]


@dataclass(frozen=True)
class Served:
    """A site on PostgreSQL that nothing serves over a line, and the office that fills it."""

    central: Database
    connection: sa.Connection
    center: Center
    office: Shop


@pytest.fixture
def served(new_database: Callable[[], str]) -> Iterator[Served]:
    central = open_postgres(new_database().replace("postgresql:", "postgresql+psycopg:"), connections=6)
    central.prepare()
    try:
        with central.connect() as connection:
            center = Center(lambda site: central, FakeClock(), FakeIds(start=900_000_000))
            office = Shop(Bench(central, AtTheHub(center, connection), FakeClock(), FakeIds(start=910_000_000)))  # type: ignore[arg-type]
            lay_out(office.it)
            yield Served(central, connection, center, office)
    finally:
        central.dispose()


@pytest.mark.postgres
def test_two_hubs_that_plan_one_site_promise_nothing_twice(served: Served) -> None:
    central, connection, office = served.central, served.connection, served.office
    fill(office, 60, 70)
    office.stock("CUP", "B-1", 70)
    planners = [Planner(SITE, central, FakeClock(), FakeIds(start=n * 100_000_000)) for n in (1, 2)]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(Planner.run, planners))

    assert sum(each.released_orders for each in done) == 60
    lines = office.it.all(FulfilmentLine)
    assert sum(row.promised for row in lines if row.quantity == 2) == 70
    assert verify_all(connection) == ()


@pytest.mark.postgres
def test_walks_are_cut_by_zone_and_given_to_whoever_works_there(served: Served) -> None:
    central, connection, center, office = served.central, served.connection, served.center, served.office
    carts = {zone: StationId(f"station-zone-{zone}--".encode()) for zone in "AB"}
    for zone, cart in carts.items():
        base = office.it.base()
        office.it.run(AddStation(**base, station=cart, name=zone, kind=StationKind.CART, base_version=0))
        with connection.begin():
            books = UnitOfWork(connection)
            books.save(StationHeard(SITE, cart, 1, 1, 0, 0, 0, 0, NOON))
            books.flush(varied=True)
            rows = rows_of(SiteStation, connection.execute(sql_of(SiteStation).select()))
            row = next(each for each in rows if each.id == cart)
            (made,) = plan_zones(connection, row, [zone_id(zone)], office.it.base())
        office.it.run(made)
    for sku, place in (("MUG", "A-1"), ("CUP", "B-1")):
        office.stock(sku, place, 100)
        for n in range(12):
            office.order(f"{sku}-{n}", [(sku, 2)])
    assert Planner(SITE, central, FakeClock(), FakeIds(start=100_000_000)).run().batches == 4
    for cart in carts.values():
        asked = Lease(epoch=1, site=SITE, station=cart, incarnation=1, minutes=60)
        assert isinstance(center.lease(asked), Leased)

    stops = {row.batch: row.location for row in office.it.all(PickTask)}
    given = {(row.station, stops[BatchId(row.work)]) for row in office.it.all(WorkLease)}
    assert given == {(carts["A"], location_id("A-1")), (carts["B"], location_id("B-1"))}
    assert len(office.it.all(WorkLease)) == 4
    assert verify_all(connection) == ()


def wait_for(what: Callable[[], bool], seconds: float = 60.0) -> None:
    end, pause = time.monotonic() + seconds, threading.Event()
    while not what():
        assert time.monotonic() < end, "it did not come"
        pause.wait(0.05)


@pytest.mark.parametrize(
    ("took", "sites", "rest"), [(0.05, 1, 0.5), (0.05, 4, 2.0), (2.0, 10, EVERY_S), (30.0, 2, 300.0), (0.0, 3, 0.0)]
)
def test_planning_takes_a_tenth_however_many_sites_there_are(took: float, sites: int, rest: float) -> None:
    """Four sites of 0.05 s each are 0.2 s of 2; and none waits for others longer than it would where nothing moves."""
    assert rest_after(took, sites) == pytest.approx(rest)
