"""A hub's machine that is put back whole: its witness knows no more than it has, so it listens before it gives anything out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cases.model import Case, CaseKind
from core.kernel.rewind import SetAside
from core.rights.model import Epoch, EpochState, LeaseState, Stage, WorkLease
from core.rights.queries import LISTENS_MS
from core.shipping.commands import carrier_right
from core.waves.model import Batch, BatchState
from sync.hub.page import summary
from sync.hub.planning import Planner
from sync.hub.presence import AWAY_MS, Presence, vouch
from sync.hub.status import site_status
from sync.hub.witness import FeedWitness, look
from tests.support import SITE, FakeClock
from tests.sync.agreeing import agree
from tests.sync.docks import FLOOR, two_orders_are_picked
from tests.sync.released import released_walks, walks
from tests.sync.world import World, world


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, stations=2, after=lambda made: released_walks(made, 1)) as made:
        yield made


@pytest.fixture
def docks(tmp_path: Path) -> Iterator[World]:
    """Return a cart, two benches and two docks, of which the first has the carrier; another one has nobody."""
    with world(tmp_path, kinds=FLOOR, after=two_orders_are_picked) as made:
        made.office.order("far", [("MUG", 1)], carrier="FAR")
        made.settle()
        yield made


def starts(it: World) -> Presence:
    """Start the hub's program."""
    presence = Presence(it.hub, SITE, it.clock)
    presence.note()
    return presence


def put_back_whole(it: World, tmp_path: Path, kept: Path) -> None:
    """Put back the hub's data and what its witness saw of them, and start it."""
    it.restore(kept, told=False)
    witness = FeedWitness(tmp_path / "as old as it", SITE)
    for _ in range(2):
        look(it.hub, SITE, witness, it.clock, it.ids)
    assert it.office.it.all(Epoch) == []
    starts(it)


def given(it: World) -> set[tuple[Stage, bytes]]:
    return {(row.stage, row.station) for row in it.office.it.all(WorkLease) if row.state is LeaseState.HELD}


def far(it: World) -> WorkLease | None:
    return it.office.it.get(WorkLease, *carrier_right("FAR"))


def test_one_that_was_away_is_given_nothing_before_those_on_the_network_have_spoken(it: World, tmp_path: Path) -> None:
    one, two = it.members
    starts(it)
    kept = it.backup()
    it.grant(one, *walks(it))
    it.push(one)
    it.pull(one)
    one.shop.pick_all()
    it.push(one)
    put_back_whole(it, tmp_path, kept)

    it.lease(two)
    assert given(it) == set()
    # Half a minute later the one that picked it is heard.
    it.clock.tick(LISTENS_MS // 2)
    it.push(one)
    assert len(it.office.it.all(Epoch)) == 1

    it.clock.tick(LISTENS_MS)
    for _ in range(3):
        it.settle()
        it.lease(two)
    it.settle()
    assert (Stage.PICK, two.name) not in given(it)
    assert {row.state for row in it.office.it.all(Batch)} == {BatchState.PICKED}


def test_where_nobody_knows_more_work_goes_on_after_a_minute(it: World, tmp_path: Path) -> None:
    _, two = it.members
    starts(it)
    put_back_whole(it, tmp_path, it.backup())
    planner = Planner(SITE, it.hub, it.clock, it.ids)
    it.office.order("late", [("MUG", 1)])
    it.lease(two)
    assert given(it) == set()
    assert planner.run().batches == 0

    it.clock.tick(LISTENS_MS)
    it.lease(two)
    assert (Stage.PICK, two.name) in given(it)
    assert planner.run().batches == 1


def test_a_hub_that_is_started_again_at_once_gives_at_once(it: World) -> None:
    starts(it)
    it.clock.tick(AWAY_MS)
    starts(it)

    it.lease(it.members[1])
    assert (Stage.PICK, it.members[1].name) in given(it)


def test_a_new_hub_was_never_away(it: World) -> None:
    starts(it)

    it.lease(it.members[1])
    assert (Stage.PICK, it.members[1].name) in given(it)


def test_a_hub_whose_chores_take_long_was_there_all_the_time(it: World) -> None:
    presence = starts(it)
    it.clock.tick(10 * AWAY_MS)
    presence.note()

    it.lease(it.members[1])
    assert (Stage.PICK, it.members[1].name) in given(it)


def test_a_machine_that_goes_on_in_the_middle_of_an_older_picture_was_away(it: World) -> None:
    class Picture(FakeClock):
        """The time since the machine was started stood still; the clock was set by the network."""

        def boot_ns(self) -> int:
            return 1

    clock = Picture(it.clock.at)
    presence = Presence(it.hub, SITE, clock)
    presence.note()
    it.clock.at = clock.tick(10 * AWAY_MS)
    presence.note()

    it.lease(it.members[1])
    assert given(it) == set()


def test_a_carrier_waits_for_every_other_dock(docks: World, tmp_path: Path) -> None:
    it = docks
    *_, dock, other = it.members
    starts(it)
    kept = it.backup()
    it.lease(dock)
    it.pull(dock)
    assert far(it) is not None
    # It loaded, and is switched off; the hub forgets that it has the carrier.
    put_back_whole(it, tmp_path, kept)
    it.clock.tick(LISTENS_MS)
    it.push(other)
    it.lease(other)
    assert far(it) is None
    with it.central.begin():
        words = summary(site_status(it.central, SITE))
    assert "gives no carrier to another dock until it has heard S-4" in words

    it.push(dock)
    assert len(it.office.it.all(Epoch)) == 1
    it.clock.tick(LISTENS_MS)
    for _ in range(3):
        it.settle()
        it.lease(other)
    row = far(it)
    assert row is not None
    assert row.station == dock.name


def test_a_dock_that_keeps_its_carrier_loads_on_and_a_person_can_vouch_for_the_machine(docks: World) -> None:
    it = docks
    *_, dock, other = it.members
    starts(it)
    it.clock.tick(AWAY_MS + 1)
    starts(it)
    it.clock.tick(LISTENS_MS)
    it.push(other)
    assert (Stage.LOAD, dock.name) in given(it)
    it.lease(other)
    assert far(it) is None

    assert vouch(it.hub, SITE)
    it.lease(other)
    row = far(it)
    assert row is not None
    assert row.station == other.name
    assert not vouch(it.hub, SITE)


def test_a_dock_that_was_heard_again_is_not_waited_for(docks: World) -> None:
    it = docks
    *_, dock, other = it.members
    starts(it)
    it.clock.tick(AWAY_MS + 1)
    starts(it)
    for member in (dock, other):
        it.push(member)
    it.lease(other)
    assert far(it) is None, "for a minute nothing is given"

    it.clock.tick(LISTENS_MS)
    it.lease(other)
    assert far(it) is not None


def test_what_both_did_is_there_where_the_hub_went_on_before_it_heard_what_it_forgot(it: World, tmp_path: Path) -> None:
    one, two = it.members
    it.settle()
    starts(it)
    kept = it.backup()
    common = it.feed(0)[-1].seq
    for _ in range(3):
        one.shop.stock("MUG", "A-1", 1)
    it.grant(one, *walks(it))
    it.push(one)
    it.pull(one)
    one.shop.pick_all()
    it.push(one)
    it.pull(one)
    left = one.shop.at("MUG", "A-1")
    put_back_whole(it, tmp_path, kept)
    it.clock.tick(LISTENS_MS)
    # Who knows more is not there: the same walk is given out again and walked, and the hub goes on.
    it.lease(two)
    two.shop.stock("MUG", "A-1", 5)
    for _ in range(2):
        it.push(two)
        it.pull(two)
    two.shop.pick_all()
    it.push(two)
    it.pull(two)
    assert it.office.it.all(Epoch) == []
    assert it.office.it.all(Case) == []

    it.push(one)

    (epoch,) = it.office.it.all(Epoch)
    assert epoch.seq == common
    for _ in range(4):
        it.settle()
    assert it.office.it.all(Epoch)[0].state is EpochState.OVER
    assert one.bench.all(SetAside) == two.bench.all(SetAside) == []
    agree(it)
    # Both walked it, and somebody looks.
    assert one.shop.at("MUG", "A-1") == it.office.at("MUG", "A-1") == left + 5 - 2
    assert {row.kind for row in it.office.it.all(Case)} == {CaseKind.CONTRADICTED, CaseKind.PUT_BACK}
