"""Holes that models of the protocol had in earlier drafts, each as what happens here (reference: sync, 8.6 and 9)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.catalog.commands import container_id
from core.kernel.feed import FeedBroken
from core.kernel.ids import BatchId, StationId
from core.kernel.reasons import Reason
from core.picking.commands import StartBatch
from core.rights.commands import AddStation, GiveBackWork
from core.rights.model import (
    Epoch,
    EpochState,
    FloorAnswer,
    FloorLine,
    LeaseState,
    SiteStation,
    Stage,
    StationKind,
    WorkLease,
)
from core.waves.planner import CartSpec
from sync.hub.reclaim import answer_floor, mark_lost, open_lines
from sync.hub.recovery import missing
from sync.protocol import Push, Pushed, Renew, Renewed
from sync.station.engines import ReadLog, SendPush
from sync.station.files import look
from sync.station.push import push
from tests.orders.shop import lay_out
from tests.support import SITE
from tests.sync.released import released_walks, walks
from tests.sync.world import Member, World, world

ORDERS = 3


def walks_are_released(it: World) -> None:
    released_walks(it, ORDERS)


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub with a walk for each of some orders, and two stations."""
    with world(tmp_path, after=walks_are_released) as made:
        yield made


def start(member: Member, batch: BatchId) -> StartBatch:
    return StartBatch(**member.bench.base(), batch=batch, cart=container_id("CART-1"), station=member.name)


def said(member: Member) -> Push:
    """Return what a station would push now."""
    engine = push(member.me)
    wanted = next(engine)
    assert isinstance(wanted, ReadLog)
    with member.connection.begin():
        part = look(member.connection, member.identity, wanted)
    sent = engine.send(part)
    assert isinstance(sent, SendPush)
    engine.close()
    return sent.push


def state(it: World) -> EpochState:
    return it.office.it.all(Epoch)[-1].state


def waited_for(it: World) -> set[StationId]:
    with it.central.begin():
        return {each.id for each in missing(it.central, SITE)}


def lease(it: World, batch: BatchId) -> WorkLease:
    return it.office.it.need(WorkLease, Stage.PICK, batch)


def test_a_what_was_sent_before_the_new_epoch_was_known_does_not_count(it: World) -> None:
    one = it.members[0]
    kept = it.backup()
    it.grant(one, walks(it)[0])
    old = it.feed(one.bench.executor._cursor)
    one.shop.stock("MUG", "A-1", 3)
    late = said(one)
    it.restore(kept)
    answer = it.center.push(late)

    assert isinstance(answer, Pushed)
    assert answer.receipts == ()
    assert one.name in waited_for(it)
    it.push(one)
    assert one.bench.executor._cursor < old[0].seq
    with pytest.raises(FeedBroken, match="epoch 1"):
        one.bench.executor.take(old, 1)
    assert it.office.it.all(WorkLease) == [], "a grant of the old epoch is no right any more"


def test_b_a_station_whose_log_is_not_drained_is_not_heard(it: World) -> None:
    one, two = it.members
    it.restore(it.backup())
    for _ in range(3):
        one.shop.stock("MUG", "A-1", 1)
    for _ in range(2):
        it.push(two)
        it.pull(two)
    it.push(one, 1)
    it.push(one, 1)

    assert waited_for(it) == {one.name}
    assert state(it) is EpochState.RECOVERING
    it.settle()
    it.settle()
    assert state(it) is EpochState.OVER


def test_c_a_lease_is_bound_to_the_file_and_not_to_the_name(it: World) -> None:
    one, two = it.members
    it.grant(one, walks(it)[0])
    it.settle()
    kept = one.keep()
    one.shop.stock("MUG", "A-1", 1)
    it.settle()
    one.put_back(kept)
    it.settle()

    assert one.identity.incarnation == 2
    assert one.bench.refuse(start(one, walks(it)[0])).reason is Reason.STATION_RENEWED
    it.lease(two, 100)
    it.settle()
    assert lease(it, walks(it)[0]).station == one.name, "and nobody else gets it before the floor was looked at"
    assert lease(it, walks(it)[0]).state is LeaseState.FROZEN


def test_d_the_highest_fence_wins_over_an_older_lease_in_the_restored_data(it: World) -> None:
    one, two = it.members
    batch = walks(it)[0]
    it.grant(one, batch)
    it.settle()
    kept = it.backup()
    first = lease(it, batch)
    one.bench.run(GiveBackWork(**one.bench.base(), stage=Stage.PICK, work=batch, fence=first.fence))
    it.settle()
    it.grant(two, batch)
    it.settle()
    two.bench.run(start(two, batch))
    it.restore(kept)
    assert lease(it, batch).station == one.name

    for member in (two, two, two, one, one, one):
        it.push(member)
        it.pull(member)
    it.settle()
    it.settle()

    assert state(it) is EpochState.OVER
    found = lease(it, batch)
    assert (found.station, found.state) == (two.name, LeaseState.HELD)
    assert found.fence > first.fence


def test_e_a_restore_and_a_lost_disk_are_settled_on_the_floor(it: World) -> None:
    one, two = it.members
    it.grant(one, *walks(it)[:2])
    it.settle()
    it.restore(it.backup())
    station = it.office.it.all(SiteStation)[0]
    assert station.name == "S-1"
    mark_lost(it.central, station, "burnt", it.clock, it.ids, switched_off=True)
    for _ in range(3):
        for member in (two,):
            it.push(member)
            it.pull(member)

    assert state(it) is EpochState.RECOVERING, "every open order is looked for first"
    it.lease(two, 100)
    assert {row.station for row in it.office.it.all(WorkLease)} == {one.name}
    with it.central.begin():
        lines = open_lines(it.central, SITE)
    assert {each.epoch for each in lines} >= {it.office.it.all(Epoch)[-1].number}
    for each in lines:
        assert answer_floor(it.central, SITE, each.id, FloorAnswer.HERE, it.clock, it.ids) is FloorAnswer.HERE
    it.push(two)

    assert state(it) is EpochState.OVER
    assert not [row for row in it.office.it.all(FloorLine) if row.answer is FloorAnswer.OPEN]


def test_no_incarnation_is_minted_twice_over_a_restore(it: World) -> None:
    one = it.members[0]
    kept = it.backup()
    asked = Renew(epoch=1, site=SITE, station=one.name, incarnation=1, start=b"start of a copy.")
    first = it.center.renew(asked)
    it.restore(kept)
    number = it.office.it.all(Epoch)[-1].number
    again = it.center.renew(replace(asked, epoch=number, start=b"start of another"))

    assert isinstance(first, Renewed)
    assert isinstance(again, Renewed)
    assert 1 < first.incarnation < again.incarnation


def test_a_lease_that_was_given_back_is_no_ghost_after_its_grant_was_restored(it: World) -> None:
    one, two = it.members
    batch = walks(it)[0]
    it.grant(one, batch)
    it.settle()
    kept = it.backup()
    one.bench.run(GiveBackWork(**one.bench.base(), stage=Stage.PICK, work=batch, fence=lease(it, batch).fence))
    it.settle()
    it.restore(kept)
    late = said(one)
    it.settle()
    it.settle()
    it.center.push(late)

    assert lease(it, batch).state is LeaseState.RELEASED
    it.lease(two, 100)
    assert lease(it, batch).station == two.name


def test_a_recovery_does_not_wait_for_the_list_of_a_file_that_holds_nothing(it: World) -> None:
    one, two = it.members
    before = one.keep()
    one.shop.stock("MUG", "A-1", 1)
    it.settle()
    it.restore(it.backup())
    one.put_back(before)
    for _ in range(3):
        for member in (one, two):
            it.push(member)
            it.pull(member)
    assert one.identity.incarnation > 1, "what it listed was of the file before"
    with it.central.begin():
        lines = open_lines(it.central, SITE)
    for each in lines:
        answer_floor(it.central, SITE, each.id, FloorAnswer.HERE, it.clock, it.ids)
    it.settle()

    assert waited_for(it) == set()
    assert state(it) is EpochState.OVER


def a_walk_is_held(it: World) -> None:
    cart, dock = it.members
    lay_out(cart.bench)
    it.settle()
    it.office.stock("MUG", "A-1", 100)
    it.office.order("o1", [("MUG", 2)])
    it.office.promise()
    it.grant(cart, *it.office.release(CartSpec(slots=1)))
    it.give_carrier(dock, "HOUSE")
    it.settle()


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[World]:
    """A hub, a cart that holds a walk, and a dock."""
    with world(tmp_path, kinds=(StationKind.CART, StationKind.DOCK), after=a_walk_is_held) as made:
        yield made


def test_a_break_of_a_dock_is_not_forgotten_with_the_hub(floor: World) -> None:
    it = floor
    cart, dock = it.members
    kept, before = it.backup(), dock.keep()
    dock.shop.stock("MUG", "A-1", 1)
    it.push(dock)
    dock.put_back(before)
    it.push(dock)
    assert dock.identity.incarnation == 2, "the hub has seen that its file is an old one, and nobody else was told"
    it.restore(kept)
    for _ in range(3):
        for member in (cart, dock):
            it.push(member)
            it.pull(member)

    assert state(it) is EpochState.RECOVERING, "every open order is looked for first"
    with it.central.begin():
        lines = open_lines(it.central, SITE)
    found = {answer_floor(it.central, SITE, each.id, FloorAnswer.NOT_FOUND, it.clock, it.ids) for each in lines}
    assert found == {FloorAnswer.PRESUMED_GONE}, "a box of it may be in the van"
    it.settle()
    assert state(it) is EpochState.OVER


def test_a_recovery_does_not_wait_for_a_station_that_was_given_up(it: World) -> None:
    two = it.members[1]
    base = it.office.it.base()
    gone = StationId(b"station-gone----")
    it.office.it.run(AddStation(**base, station=gone, name="S-9", kind=StationKind.DESK, base_version=0))
    it.settle()
    it.restore(it.backup())
    it.settle()
    it.settle()
    assert waited_for(it) == {gone}

    mark_lost(it.central, it.office.it.need(SiteStation, gone), "stolen", it.clock, it.ids, switched_off=True)
    it.push(two)
    with it.central.begin():
        lines = open_lines(it.central, SITE)
    for each in lines:
        answer_floor(it.central, SITE, each.id, FloorAnswer.HERE, it.clock, it.ids)
    it.push(two)
    assert state(it) is EpochState.OVER
