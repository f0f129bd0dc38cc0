"""What was first, a loss or a grant or an answer: fences tell it, over whatever the hub has forgotten meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.kernel.uow import UnitOfWork
from core.rights.losing import RevokeStation
from core.rights.model import (
    Epoch,
    FloorAnswer,
    FloorLine,
    LeaseState,
    SiteStation,
    StationKind,
    StationStatus,
    WorkLease,
)
from core.rights.queries import speaks
from sync.hub.presence import Presence
from sync.hub.reclaim import answer_floor, mark_lost, open_lines
from tests.support import SITE
from tests.sync.released import released_walks, walks
from tests.sync.world import Member, World, world


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """Return a hub with four walks that nobody has, two carts and a dock."""
    kinds = (StationKind.CART, StationKind.CART, StationKind.DOCK)
    with world(tmp_path, kinds=kinds, after=lambda made: released_walks(made, 4)) as made:
        yield made


def station(it: World, member: Member) -> SiteStation:
    return it.office.it.need(SiteStation, member.name)


def burns(it: World, member: Member) -> None:
    """Give a station up that speaks no more."""
    mark_lost(it.central, station(it, member), "burnt", it.clock, it.ids, switched_off=True)
    it.members.remove(member)


def lines(it: World) -> tuple[FloorLine, ...]:
    with it.central.begin():
        return open_lines(it.central, SITE)


def answers(it: World, found: FloorAnswer) -> set[object]:
    """Answer all that is open alike, and return what was written."""
    return {answer_floor(it.central, SITE, line.id, found, it.clock, it.ids) for line in lines(it)}


def settled(it: World) -> None:
    for _ in range(4):
        it.settle()


def counts(it: World, member: Member, line: FloorLine) -> bool:
    """Return whether a slip counts that a station printed in its first life, of goods of a line."""
    with it.central.begin():
        return speaks(UnitOfWork(it.central), SITE, member.name, 1, line.fulfilment, unknown=False)


@pytest.mark.parametrize("restores", [1, 2])
def test_a_dock_that_burnt_after_a_grant_that_the_hub_forgot_may_have_loaded_it(it: World, restores: int) -> None:
    one, two, dock = it.members
    if restores == 2:
        it.grant(two, walks(it)[3])
        it.settle()
    kept = it.backup()
    if restores == 2:
        it.restore(kept)
        settled(it)
    it.lease(one, 100)
    it.settle()
    it.restore(kept)
    burns(it, dock)
    settled(it)
    burns(it, one)

    assert len(lines(it)) > 1
    assert answers(it, FloorAnswer.NOT_FOUND) == {FloorAnswer.PRESUMED_GONE}


def test_one_that_burnt_before_anybody_told_the_hub_that_it_was_put_back_may_have_loaded_it(it: World) -> None:
    one, two, dock = it.members
    Presence(it.hub, SITE, it.clock).note()
    it.grant(two, walks(it)[3])
    it.settle()
    kept = it.backup()
    it.lease(one, 100)
    it.settle()
    it.restore(kept, told=False)
    Presence(it.hub, SITE, it.clock).note()
    burns(it, dock)
    settled(it)
    burns(it, one)

    assert len(it.office.it.all(Epoch)) == 1
    assert len(lines(it)) > 1
    assert answers(it, FloorAnswer.NOT_FOUND) == {FloorAnswer.PRESUMED_GONE}


@pytest.mark.parametrize("granted", [0, 1], ids=["before the first grant", "after one"])
def test_a_loss_from_before_an_epoch_is_no_break_of_its_recovery(it: World, granted: int) -> None:
    one, two, _ = it.members
    if granted:
        it.grant(one, walks(it)[3])
    it.settle()
    kept = it.backup()
    it.grant(two, walks(it)[0])
    it.grant(one, walks(it)[1])
    it.settle()
    burns(it, two)
    it.settle()
    it.restore(kept)
    settled(it)

    assert {line.station for line in lines(it)} == {two.name}
    assert [line.epoch for line in lines(it)] == [0]


def test_what_was_answered_in_a_life_that_the_hub_forgot_was_answered_before_a_loss_in_this_one(it: World) -> None:
    one, two, _ = it.members
    it.grant(two, walks(it)[3])
    it.settle()
    kept = it.backup()
    it.restore(kept)
    settled(it)
    it.grant(one, walks(it)[0])
    it.settle()
    burns(it, one)
    (line,) = lines(it)
    answers(it, FloorAnswer.HERE)
    assert counts(it, one, line)
    it.pull(two)
    it.push(two)
    it.restore(kept)
    it.members.append(one)
    burns(it, one)
    settled(it)

    assert it.office.it.need(FloorLine, line.id).answer is FloorAnswer.HERE
    assert not counts(it, one, line)


def test_what_was_looked_for_since_a_loss_counts_also_once_the_station_is_revoked(it: World) -> None:
    one = it.members[0]
    it.grant(one, walks(it)[0])
    it.settle()
    burns(it, one)
    (line,) = lines(it)
    answers(it, FloorAnswer.HERE)

    it.office.it.run(RevokeStation(**it.office.it.base(), station=one.name, switched_off=1))
    assert counts(it, one, line)


def test_a_station_that_goes_on_since_it_was_given_up_goes_on_also_where_the_hub_forgot_that(it: World) -> None:
    one = it.members[0]
    it.grant(one, walks(it)[0])
    it.settle()
    mark_lost(it.central, station(it, one), "not found", it.clock, it.ids, switched_off=False)
    kept = it.backup()
    it.settle()
    assert station(it, one).status is StationStatus.ACTIVE
    goes_on = one.identity.incarnation
    it.restore(kept)
    assert station(it, one).status is StationStatus.LOST
    settled(it)

    assert (station(it, one).status, station(it, one).incarnation) == (StationStatus.ACTIVE, goes_on)
    assert one.identity.incarnation == goes_on
    # It lost what it knew of before the backup: its walk is looked for.
    assert answers(it, FloorAnswer.HERE) == {FloorAnswer.HERE}
    settled(it)
    it.lease(one, 100)
    it.settle()
    assert one.name in {row.station for row in it.office.it.all(WorkLease) if row.state is LeaseState.HELD}
