"""Stations work zones: walks go to whoever works where they lead, with the hub and ahead for a time without it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.catalog.commands import location_id, zone_id
from core.kernel.ids import BatchId, StationId
from core.kernel.reasons import Reason
from core.kernel.uow import UnitOfWork
from core.picking.queries import AskWork
from core.picking.views import BatchOffer
from core.rights.commands import AddStation, RecallWork
from core.rights.model import HubOutage, LeaseState, SiteStation, Stage, StationKind, StationZone, WorkLease
from core.rights.outages import note_contact
from core.waves import leases
from core.waves.commands import SetZones
from core.waves.leases import plan_zones
from core.waves.model import Batch, BatchState, PickTask
from core.waves.planner import CartSpec
from tests.orders.shop import lay_out
from tests.support import NOON, PICKER, SITE
from tests.sync.held import hashes
from tests.sync.world import Member, World, world

EACH = 6
MINUTE = 60_000
THIRD = StationId(b"station-third-01")


def work(it: World, member: Member, *zones: str) -> None:
    """Let a station work zones; none for all of them."""
    row = it.office.it.need(SiteStation, member.name)
    with it.central.begin():
        made = list(plan_zones(it.central, row, [zone_id(each) for each in zones], it.office.it.base()))
    for command in made:
        it.office.it.run(command)


def order(it: World, name: str, lines: Sequence[str], at: int) -> None:
    it.office.order(name, [(sku, 2) for sku in lines], cut_off_at=1_000_000 + at)


def released_in_two_zones(it: World) -> None:
    lay_out(it.members[0].bench)
    it.settle()
    it.office.stock("MUG", "A-1", 200)
    it.office.stock("CUP", "B-1", 200)
    work(it, it.members[0], "A")
    work(it, it.members[1], "B")
    for n in range(EACH):
        order(it, f"a{n}", ["MUG"], 2 * n)
        order(it, f"b{n}", ["CUP"], 2 * n + 1)
    it.office.promise()
    it.office.release(CartSpec(slots=2))
    it.settle()


@pytest.fixture
def it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A hub, a cart that works zone A, one that works zone B, and three walks of two orders in each; a walk takes half an hour."""
    monkeypatch.setattr(leases, "SECONDS_A_STOP", 1_800)
    with world(tmp_path, kinds=(StationKind.CART, StationKind.CART), after=released_in_two_zones) as made:
        yield made


def held(it: World, member: Member) -> list[BatchId]:
    """Return the walks of a station, the most urgent first."""
    rows = it.office.it.all(WorkLease)
    mine = {row.work for row in rows if row.station == member.name and row.state is LeaseState.HELD}
    return [row.id for row in sorted(it.office.it.all(Batch), key=lambda row: row.cut_off_at) if row.id in mine]


def zones(it: World, batches: Sequence[BatchId]) -> list[str]:
    """Return where the stops of walks are, one word a walk, in their order."""
    codes = {location_id("A-1"): "A", location_id("B-1"): "B"}
    stops = sorted(it.office.it.all(PickTask), key=lambda row: row.sequence)
    return ["".join(codes[row.location] for row in stops if row.batch == each) for each in batches]


def ask(member: Member) -> object:
    return member.shop.ask(AskWork(SITE, PICKER, station=member.name))


def away(it: World, member: Member) -> None:
    """Let a station not have been heard for long."""
    with it.central.begin():
        it.central.exec_driver_sql("UPDATE station_heard SET at = 0 WHERE station = ?", (member.name,))


def test_walks_keep_to_zones_and_go_to_whoever_works_them_an_hour_ahead(it: World) -> None:
    one, two = it.members
    for member in (one, two):
        it.lease(member)
        it.settle()

    assert [zones(it, held(it, each)) for each in (one, two)] == [["A", "A"], ["B", "B"]]
    for member in (one, two):
        it.lease(member, 600)
        it.settle()
    assert [zones(it, held(it, each)) for each in (one, two)] == [["A"] * 3, ["B"] * 3]
    found = ask(one)
    assert isinstance(found, BatchOffer)
    assert found.zones == ("A",)


def test_a_station_that_was_long_without_its_hub_holds_two_hours_of_its_own_zone(it: World) -> None:
    one = it.members[0]
    with one.connection.begin():
        note_contact(one.connection, SITE, b"start", NOON)
        note_contact(one.connection, SITE, b"start", NOON + 90 * MINUTE)
    assert len(one.bench.all(HubOutage)) == 1
    it.lease(one)
    it.settle()
    assert len(held(it, one)) == 2
    it.lease(one, None)
    it.settle()

    assert zones(it, held(it, one)) == ["A"] * 3, "not two hours, since its zone has no more"
    # And without the hub it walks all of it.
    for _ in range(3):
        one.shop.pick_all()
    assert ask(one) is Reason.OTHER_ZONES
    it.settle()
    assert hashes(one.connection) == hashes(it.central)


def test_who_has_nothing_in_his_zones_is_told_so_and_is_given_nothing_of_others(it: World) -> None:
    one, two = it.members
    it.lease(two, 600)
    it.settle()
    for _ in range(3):
        two.shop.pick_all("CART-2")
    it.settle()
    it.lease(two, 600)
    it.lease(one, 30)
    it.settle()

    assert [each for each in held(it, two) if it.office.it.need(Batch, each).state is not BatchState.PICKED] == []
    assert ask(two) is Reason.OTHER_ZONES
    assert zones(it, held(it, one)) == ["A"]


def test_work_of_a_zone_waits_for_nobody_who_is_away(it: World) -> None:
    one, two = it.members
    it.lease(two, 600)
    it.settle()
    away(it, one)
    it.lease(two, 600)
    it.settle()
    assert zones(it, held(it, two)) == ["A", "B", "B", "B"], "two hours and no more"

    # Once it is back, what is left there is its own again.
    it.lease(one, 600)
    it.settle()
    assert zones(it, held(it, one)) == ["A", "A"]


def test_an_order_in_two_zones_is_a_walk_of_its_own_for_whoever_works_both_or_else_one(it: World) -> None:
    one, two = it.members
    it.office.it.run(
        AddStation(**it.office.it.base(), station=THIRD, name="S-3", kind=StationKind.CART, base_version=0)
    )
    for n in range(2):
        order(it, f"both{n}", ["MUG", "CUP"], -10 + n)
    it.office.promise()
    (walk,) = it.office.release(CartSpec(slots=2))
    it.settle()
    assert zones(it, [walk]) == ["AB"]
    it.lease(one, 30)
    it.settle()
    assert walk in held(it, one), "the third was never heard: who works one of two zones works most of them"

    it.office.it.run(RecallWork(**it.office.it.base(), stage=Stage.PICK, work=walk))
    it.pull(one)
    it.lease(one, 0)
    it.settle()
    work(it, one, "A", "B")
    it.lease(two, 600)
    it.settle()
    assert walk not in held(it, two)
    it.lease(one, 600)
    it.settle()
    assert walk in held(it, one)


def test_a_station_that_is_to_work_elsewhere_gives_back_what_it_has_not_begun(it: World) -> None:
    one, two = it.members
    it.lease(one, 600)
    it.settle()
    one.shop.start()
    begun, *others = held(it, one)
    it.settle()
    work(it, two, "A")
    work(it, one, "B")
    assert {row.zone for row in it.office.it.all(StationZone) if row.station == one.name} == {zone_id("B")}
    it.pull(one)
    it.lease(one, 0)
    it.settle()
    it.lease(one, 600)
    it.settle()

    assert held(it, one)[0] == begun, "what was begun is finished"
    assert zones(it, held(it, one)) == ["A", "B", "B", "B"]
    it.lease(two, 600)
    it.settle()
    assert held(it, two) == others

    work(it, one)
    assert {row.station for row in it.office.it.all(StationZone)} == {two.name}, "none said is all of them"


def test_the_first_zones_that_are_said_at_all_ask_back_what_lies_outside_of_them(it: World) -> None:
    one, two = it.members
    work(it, one)
    work(it, two)
    it.lease(one, 600)
    it.settle()
    before = held(it, one)
    assert set("".join(zones(it, before))) == {"A", "B"}
    work(it, one, "A")

    recalled = {row.work for row in it.office.it.all(WorkLease) if row.recalled_at}
    assert recalled == {each for each, word in zip(before, zones(it, before), strict=True) if word == "B"}


def test_work_is_asked_back_only_for_who_may_have_it(it: World) -> None:
    one, two = it.members
    for member in (one, two):
        it.lease(member, 600)
        it.settle()
    for _ in range(3):
        two.shop.pick_all("CART-2")
    it.settle()

    def asked_back() -> list[BatchId]:
        it.lease(two, 600)
        return [BatchId(row.work) for row in it.office.it.all(WorkLease) if row.recalled_at]

    assert asked_back() == [], "what the other holds lies in no zone of his"
    work(it, two, "A", "B")
    assert asked_back() == held(it, one)[-1:]


def test_zones_are_said_of_stations_that_pick_and_of_places_that_are_there(it: World) -> None:
    office, one = it.office.it, it.members[0]
    bench = StationId(b"station-bench-01")
    office.run(AddStation(**office.base(), station=bench, name="Bench", kind=StationKind.BENCH, base_version=0))

    def said(station: StationId, zone: str, version: int) -> str:
        command = SetZones(
            **office.base(), station=station, zones=(zone_id(zone),), left=(), base_version=version
        )  # fmt: skip
        with it.central.begin():
            refusal = command.check(UnitOfWork(it.central))
        assert refusal is not None
        return refusal.reason

    version = office.need(SiteStation, one.name).version
    assert said(bench, "A", 1) is Reason.OTHER_STATIONS
    assert said(StationId(b"station-nobody-1"), "A", 1) is Reason.NOT_FOUND
    assert said(one.name, "NOWHERE", version) is Reason.NOT_FOUND
    assert said(one.name, "B", version - 1) is Reason.CHANGED_MEANWHILE
