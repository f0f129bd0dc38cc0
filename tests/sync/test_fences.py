"""What was first, a loss or a grant or an answer: fences tell it, over whatever the hub has forgotten meanwhile."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.kernel.numbers import OWN, NumberRange
from core.kernel.uow import UnitOfWork
from core.rights.losing import RevokeStation
from core.rights.model import (
    Epoch,
    EpochState,
    FloorAnswer,
    FloorLine,
    LeaseState,
    SiteStation,
    StationKind,
    StationStatus,
    WorkLease,
)
from core.rights.queries import speaks
from sync.hub.presence import AWAY_MS, Presence
from sync.hub.reclaim import answer_floor, mark_lost, open_lines
from sync.hub.recovery import missing, raise_epoch, raise_epochs
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


def lost(it: World, member: Member) -> None:
    """Give a station up that may speak yet."""
    mark_lost(it.central, station(it, member), "not found", it.clock, it.ids, switched_off=True)


def burns(it: World, member: Member) -> None:
    """Give a station up that speaks no more."""
    lost(it, member)
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


@pytest.mark.parametrize("then", ["a station speaks", "it is away once more"])
def test_one_that_burnt_before_anybody_told_the_hub_that_it_was_put_back_may_have_loaded_it(
    it: World, then: str
) -> None:
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
    if then == "it is away once more":
        it.clock.tick(2 * AWAY_MS)
        Presence(it.hub, SITE, it.clock).note()
    settled(it)
    burns(it, one)

    assert len(it.office.it.all(Epoch)) == 1
    assert len(lines(it)) > 1
    assert answers(it, FloorAnswer.NOT_FOUND) == {FloorAnswer.PRESUMED_GONE}


def test_a_mark_of_loss_stays_whoever_tells_that_the_station_went_on_before(it: World) -> None:
    dock = it.members[2]
    Presence(it.hub, SITE, it.clock).note()
    kept = it.backup()
    lost(it, dock)
    it.settle()
    it.settle()
    assert station(it, dock).status is StationStatus.ACTIVE
    it.restore(kept, told=False)
    Presence(it.hub, SITE, it.clock).note()
    burns(it, dock)
    settled(it)

    assert station(it, dock).status is StationStatus.LOST
    # What it may have loaded is looked for, and nobody waits for it.
    assert dock.name not in {each.id for each in missing(it.central, SITE)}


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


@pytest.mark.parametrize("told", [True, False], ids=["told", "put back unnoticed"])
def test_a_station_that_was_given_up_and_goes_on_goes_on_also_where_the_hub_forgot_that(
    it: World, *, told: bool
) -> None:
    one = it.members[0]
    it.grant(one, walks(it)[0])
    it.settle()
    kept = it.backup()
    lost(it, one)
    if told:
        kept = it.backup()
    it.settle()
    assert station(it, one).status is StationStatus.ACTIVE
    went_on = one.identity.incarnation
    it.restore(kept, told=told)
    if not told:
        lost(it, one)
        assert station(it, one).incarnation <= went_on, "the forgotten hub gave it a later number"
    assert station(it, one).status is StationStatus.LOST
    settled(it)

    assert station(it, one).status is StationStatus.ACTIVE
    assert one.identity.incarnation == station(it, one).incarnation > went_on
    assert answers(it, FloorAnswer.HERE) == {FloorAnswer.HERE}, "what it held is looked for"
    settled(it)
    it.lease(one, 100)
    it.settle()
    assert one.name in {row.station for row in it.office.it.all(WorkLease) if row.state is LeaseState.HELD}


def test_numbers_of_a_range_that_is_nearly_used_up_are_not_given_out_again(it: World) -> None:
    batches = it.office.it.need(NumberRange, "batch", OWN)
    with it.central.begin():
        books = UnitOfWork(it.central)
        books.put(replace(batches, last=batches.next + 999))
        books.flush()
    it.restore(it.backup())

    row = it.office.it.need(NumberRange, "batch", OWN)
    assert row.next == batches.next + 500, "and not all of them: the site has no others"


def test_a_dock_that_is_given_up_stays_so_whatever_rows_are_handed_back(it: World) -> None:
    dock = it.members[2]
    kept = it.backup()
    it.restore(kept)
    settled(it)
    it.restore(kept, told=False)
    Presence(it.hub, SITE, it.clock).note()
    burns(it, dock)
    settled(it)

    assert station(it, dock).status is StationStatus.LOST
    assert station(it, dock).broke > 0
    assert {row.state for row in it.office.it.all(Epoch)} == {EpochState.OVER}


def test_an_epoch_more_does_not_forget_who_was_lost_in_the_recovery_before(it: World) -> None:
    one, two, _ = it.members
    it.settle()
    kept = it.backup()
    it.grant(one, walks(it)[0])
    it.grant(two, walks(it)[1])
    it.settle()
    it.restore(kept)
    burns(it, one)
    raise_epochs(it.hub, it.clock, it.ids)
    settled(it)

    assert len(lines(it)) > 0, "nobody knows what it held: every open order is looked for"
    assert {row.state for row in it.office.it.all(Epoch)} == {EpochState.RECOVERING}


def test_two_who_speak_at_one_moment_begin_one_epoch(it: World) -> None:
    kept = it.backup()
    it.office.stock("MUG", "A-1", 1)
    it.settle()
    it.restore(kept, told=False)
    first = raise_epoch(it.central, SITE, it.clock, it.ids, known=1, heard=True)

    assert raise_epoch(it.central, SITE, it.clock, it.ids, known=1, heard=True) == first
    assert len(it.office.it.all(Epoch)) == 1
