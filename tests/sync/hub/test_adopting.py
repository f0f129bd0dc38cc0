"""A station that was alone becomes the first of a site at a hub: nothing is lost, and it goes on where it was."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.catalog.model import Item
from core.exchange.verify import verify_books
from core.kernel import guards
from core.kernel.blobs import BlobStore
from core.kernel.database import Database, open_postgres
from core.kernel.executor import Executor, Identity
from core.kernel.feed import Feed
from core.kernel.ids import SiteId
from core.kernel.numbers import next_number
from core.kernel.operations import Operation, OperationState
from core.kernel.tables import TABLES, TableClass, rows_of, sql_of
from core.kernel.uow import Role
from core.kernel.witness import Witness
from core.rights.model import StationKind, StationStart, WorkLease
from core.waves.commands import BATCH_NUMBERS
from core.waves.model import Batch, BatchState
from desktop.assembly import assembled
from desktop.cli import main
from sync.hub.adopting import NotAdopted, admit, adopt, differences, follow
from sync.hub.center import Center
from sync.hub.configuration import HubHome, address_of
from sync.hub.planning import Planner
from sync.hub.verifying import alone as alone_at
from sync.hub.verifying import verify_site
from tests.cli.commands import Shell
from tests.homes import copy_home
from tests.orders.shop import Shop, shop
from tests.quick import open_new
from tests.support import NOON, SITE, STATION, Bench, FakeClock, FakeIds, open_gate
from tests.sync.held import confirmed_rows
from tests.sync.world import Member, World

ME = Identity(SITE, STATION)


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Shop]:
    """A station with two walks, one of which it has begun."""
    with shop(tmp_path) as it:
        it.stock("MUG", "A-1", 20)
        it.released("o1", [("MUG", 2)])
        it.released("o2", [("MUG", 2)])
        it.start()
        yield it


@contextmanager
def empty_hub(folder: Path) -> Iterator[Database]:
    hub = open_new(folder / "hub.db")
    yield hub
    hub.dispose()


def joined(alone: Shop, hub: Database) -> None:
    """Adopt a station and let its file follow."""
    with hub.connect() as central, alone.it.database.reading() as source:
        done = adopt(source, central, ME, NOON)
        admit(central, ME, "Desk 1", StationKind.DESK, NOON, 1, FakeIds(start=700_000_000).new)
    follow(alone.connection, done.head, {"hub": "http://127.0.0.1:9"})
    alone.connection.rollback()


def world_of(alone: Shop, hub: Database, central: sa.Connection, folder: Path) -> tuple[World, Member]:
    """Return the hub and the station as they go on."""
    center = Center(lambda site: hub, FakeClock(), FakeIds(start=900_000_000))
    clock = alone.it.clock
    executor = Executor(alone.connection, ME, clock, open_gate, role=Role.REPLICA)
    bench = Bench(alone.it.database, executor, clock, FakeIds(start=50_000_000))
    member = Member(STATION, folder / "station.db", bench, Shop(bench), Witness(folder / "station.witness"))
    member.starts()
    office = Shop(Bench(hub, None, FakeClock(), FakeIds(start=910_000_000)))  # type: ignore[arg-type]
    return World(folder, hub, central, center, office, [member]), member


def test_everything_is_at_the_hub_and_the_station_goes_on_with_what_it_has_begun(alone: Shop, tmp_path: Path) -> None:
    before = confirmed_rows(alone.connection)
    log = alone.it.all(Operation)
    with empty_hub(tmp_path) as hub, hub.connect() as central:
        joined(alone, hub)
        with central.begin():
            assert list(verify_site(central, SITE)) == []
            at_hub = rows_of(
                Operation, central.execute(sa.select(sql_of(Operation)).order_by(sql_of(Operation).c.position))
            )
            assert [(each.id, each.seq, each.hash) for each in at_hub][: len(log)] == [
                (each.id, each.seq, each.hash) for each in log
            ]
            assert [each.kind for each in at_hub][len(log) :] == ["rights.add_station", "rights.grant"]
            (start,) = central.execute(sa.select(sql_of(StationStart).c.station)).scalars()
            assert start == STATION, "nobody else joins under its name"
        there = confirmed_rows(central)
        changed = {name for name, rows in there.items() if rows != before[name]}
        assert changed == {"site_station", "work_lease", "number_range"}, "what the hub itself did since"
        assert {each.state for each in alone.it.all(Operation)} == {OperationState.DURABLE}

        it, member = world_of(alone, hub, central, tmp_path)
        it.settle()
        assert confirmed_rows(member.connection) == confirmed_rows(central)
        (lease,) = member.bench.all(WorkLease)
        assert (lease.station, member.bench.need(Batch, lease.work).state) == (STATION, BatchState.RUNNING)
        with central.begin():
            highest = central.execute(sa.select(sa.func.max(sql_of(Batch).c.number))).scalar_one()
            assert next_number(central, SITE, BATCH_NUMBERS).value == highest + 1

        member.shop.order("o3", [("MUG", 1)])
        it.settle()
        assert Planner(SITE, hub, FakeClock(), FakeIds(start=800_000_000)).run().released_orders == 1
        it.settle()
        assert sorted(row.number for row in member.bench.all(Batch)) == [1, 2, 3]
        assert confirmed_rows(member.connection) == confirmed_rows(central)
        with central.begin():
            assert list(verify_site(central, SITE)) == []


def test_stopped_halfway_it_is_done_again_and_nothing_twice(alone: Shop, tmp_path: Path) -> None:
    with empty_hub(tmp_path) as hub, hub.connect() as central, alone.it.database.reading() as source:
        first = adopt(source, central, ME, NOON)
        again = adopt(source, central, ME, NOON)
        assert (again.operations, again.head) == (0, first.head)

        alone.stock("MUG", "A-2", 1)
        more = adopt(source, central, ME, NOON)
        assert more.operations == 1, "what it did meanwhile is taken too, as long as nobody else can have joined"

        admit(central, ME, "Desk 1", StationKind.DESK, NOON, 1, FakeIds(start=700_000_000).new)
        alone.stock("MUG", "A-2", 1)
        before = confirmed_rows(central)
        with pytest.raises(NotAdopted, match="went on working by itself"):
            adopt(source, central, ME, NOON)
        assert confirmed_rows(central) == before


def test_a_site_that_is_another_stations_is_refused(alone: Shop, tmp_path: Path) -> None:
    with empty_hub(tmp_path) as hub, hub.connect() as central, alone.it.database.reading() as source:
        adopt(source, central, ME, NOON)
        with pytest.raises(NotAdopted, match="not this station's"):
            adopt(source, central, Identity(SITE, b"station-00000002"), NOON)  # type: ignore[arg-type]


def test_what_would_not_be_equal_is_not_adopted(alone: Shop, tmp_path: Path) -> None:
    """Somebody changed a row past the program: the log does not make it, so it would be lost."""
    with alone.connection.begin():
        alone.connection.exec_driver_sql("UPDATE location SET zone = x'00'")
    with empty_hub(tmp_path) as hub, hub.connect() as central, alone.it.database.reading() as source:
        with pytest.raises(NotAdopted, match="rows would differ"):
            adopt(source, central, ME, NOON)
        with central.begin():
            assert central.execute(sa.select(sa.func.count()).select_from(sql_of(Feed))).scalar_one() == 0


WRONG = {
    "DELETE FROM feed WHERE seq = 20": "feed",
    "UPDATE feed SET content = '{}' WHERE seq = 20": "feed",
    "UPDATE feed_head SET seq = seq + 1": "feed_head",
    "DELETE FROM operation_receipt WHERE seq = 3": "operation_receipt",
    "UPDATE operation_receipt SET hash = x'00' WHERE seq = 3": "op_log",
    "UPDATE op_log SET position = 100000 WHERE seq = 3": "feed",
    "DELETE FROM location WHERE code = 'A-1'": "location",
    "UPDATE item SET description = 'another'": "item",
    "DELETE FROM op_log WHERE seq = 3": "op_log",
}
"""What somebody may do past the program, and the table in which it is found."""


def test_what_does_not_add_up_at_a_hub_is_named(alone: Shop, tmp_path: Path) -> None:
    with empty_hub(tmp_path) as hub, hub.connect() as central:
        joined(alone, hub)
        for wrong, table in WRONG.items():
            with central.begin() as transaction:
                guards.drop_guards(central)
                central.exec_driver_sql(wrong)
                assert table in {each.table for each in verify_site(central, SITE)}, wrong
                transaction.rollback()
        with central.begin():
            assert list(verify_site(central, SITE)) == []


def test_two_sites_of_one_database_that_have_the_same_order_are_added_up_apart(alone: Shop, tmp_path: Path) -> None:
    with empty_hub(tmp_path) as hub, hub.connect() as central:
        joined(alone, hub)
        with central.begin():
            for name, info in TABLES.items():
                if info.kind in (TableClass.FEED, TableClass.LEDGER, TableClass.DERIVED) or name == "op_log":
                    others = ",".join(f'"{column}"' for column in info.columns if column != "site")
                    central.exec_driver_sql(f'INSERT INTO "{name}" (site,{others}) SELECT 2,{others} FROM "{name}"')
            assert verify_books(central) != ()
            for site in (SITE, SiteId(2)):
                with alone_at(central, site):
                    assert verify_books(central) == ()
            assert verify_books(central) != (), "everything is seen again"


@pytest.mark.postgres
@pytest.mark.parametrize("played", [False, pytest.param(True, marks=pytest.mark.nightly)])
def test_a_home_is_adopted_as_it_is_and_follows(
    sample_home: Path, tmp_path: Path, hub: Shell, new_database: Callable[[], str], *, played: bool
) -> None:
    home = copy_home(sample_home, tmp_path / "home")
    if played:
        assert main(["replay", "--play", "--seed", "5", "--mistakes", "5", "--home", str(home)]) == 0
    place = new_database()
    files = set(BlobStore(home / "blobs").names())
    said = hub("hub", "adopt", home, "--database", place, "--name", "Desk 1", "--json")
    assert (said.code, said.err) == (0, "")
    assert (said.data["files"], said.data["damaged"]) == (len(files), []) != (0, [])
    assert set(HubHome(hub.home).blobs.names()) == files
    assert hub("hub", "adopt", home, "--database", place).code == 1, "it follows a hub already"
    assert hub("hub", "verify", "--json").data == {"differences": []}

    central = open_postgres(address_of(place))
    with assembled(home) as station, station.database.reading() as source, central.reading() as there:
        assert station.bench(source) == "Desk 1", "its window is called what the hub calls it"
        assert station.database.role is Role.REPLICA
        wanted = {f"{g.name}_{event.lower()}" for g in guards.all_guards(Role.REPLICA) for event in g.events}
        assert set(source.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars()) == wanted
        ids = [set(each.execute(sa.select(sql_of(Operation).c.id)).scalars()) for each in (source, there)]
        assert ids[0] < ids[1]
        found = {each.table for each in differences(source, there, station.identity.site)}
        pictures = set(source.execute(sa.select(sql_of(Item).c.picture)).scalars()) - {""}
        assert pictures <= files != set(), "what the rows name is there"
        assert found <= {"site_station", "work_lease", "number_range", "op_touch"}, "what the hub itself did since"
    central.dispose()
    told = hub("hub", "status", "--json").data["sites"][0]
    assert [each["name"] for each in told["stations"]] == ["Desk 1"]
