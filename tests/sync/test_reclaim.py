"""A station that will not come back: what it held is answered on the floor before anybody else gets it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cases.model import Case, CaseKind
from core.kernel.ids import BatchId, StationId
from core.kernel.operations import OperationOutcome
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.rights.commands import AddStation
from core.rights.losing import RevokeStation
from core.rights.model import (
    FloorAnswer,
    FloorLine,
    LeaseState,
    SiteStation,
    Stage,
    StationKind,
    StationStatus,
    WorkLease,
)
from core.waves.model import Batch, BatchState
from core.waves.planner import CartSpec
from sync.hub.reclaim import answer_floor, mark_lost, open_lines
from tests.orders.shop import lay_out
from tests.support import SITE
from tests.sync.world import Member, World, member, receipts, world


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub, a station with two walks of which one is begun, and another."""
    with world(tmp_path, kinds=(StationKind.CART, StationKind.CART)) as made:
        lay_out(made.members[0].bench)
        made.settle()
        made.office.stock("MUG", "A-1", 100)
        for n in range(2):
            made.office.order(f"o{n}", [("MUG", 2)], cut_off_at=1_000_000 + n)
        made.office.promise()
        made.office.release(CartSpec(slots=1))
        made.grant(made.members[0], *walks(made))
        made.settle()
        made.members[0].shop.start()
        made.settle()
        yield made


def walks(it: World) -> list[BatchId]:
    return [row.id for row in sorted(it.office.it.all(Batch), key=lambda row: row.cut_off_at)]


def station(it: World, member: Member) -> SiteStation:
    return it.office.it.need(SiteStation, member.name)


def give_up(it: World, member: Member, *, switched_off: bool = False) -> OperationOutcome:
    made = mark_lost(it.central, station(it, member), "burnt", it.clock, it.ids, switched_off=switched_off)
    return made.outcome


def lines(it: World) -> tuple[FloorLine, ...]:
    with it.central.begin():
        return open_lines(it.central, SITE)


def answer(it: World, line: FloorLine, found: FloorAnswer) -> Refusal | FloorAnswer:
    return answer_floor(it.central, SITE, line.id, found, it.clock, it.ids)


def dock(it: World, folder: Path) -> Member:
    """Add a dock that has heard everything."""
    made = member(folder, 9)
    it.members.append(made)
    base = it.office.it.base()
    it.office.it.run(AddStation(**base, station=made.name, name="D-1", kind=StationKind.DOCK, base_version=0))
    it.settle()
    return made


def test_what_a_lost_station_held_is_free_once_every_order_was_looked_for(it: World) -> None:
    one, two = it.members
    fences = {row.fence for row in it.office.it.all(WorkLease)}
    assert give_up(it, one) is OperationOutcome.APPLIED
    assert {row.state for row in it.office.it.all(WorkLease)} == {LeaseState.FROZEN}
    it.lease(two, 100)
    assert {row.station for row in it.office.it.all(WorkLease)} == {one.name}, "nobody gets it before"

    assert len(lines(it)) == 2
    for each in lines(it):
        assert answer(it, each, FloorAnswer.HERE) is FloorAnswer.HERE
    assert isinstance(answer(it, it.office.it.all(FloorLine)[0], FloorAnswer.HERE), Refusal), "once is enough"
    assert it.office.it.need(Batch, walks(it)[0]).state is BatchState.SUSPENDED, "it waits on its cart"
    it.lease(two, 100)

    got = it.office.it.need(WorkLease, Stage.PICK, walks(it)[1])
    assert (got.station, got.state) == (two.name, LeaseState.HELD)
    assert got.fence > max(fences)


def test_a_dock_is_given_up_only_with_its_device_switched_off(it: World, tmp_path: Path) -> None:
    made = dock(it, tmp_path)
    assert give_up(it, made) is OperationOutcome.REFUSED
    assert station(it, made).status is StationStatus.ACTIVE

    assert give_up(it, made, switched_off=True) is OperationOutcome.APPLIED
    assert station(it, made).status is StationStatus.LOST


def test_not_found_waits_until_every_dock_was_heard_since_the_loss(it: World, tmp_path: Path) -> None:
    made = dock(it, tmp_path)
    give_up(it, it.members[0])
    line = lines(it)[0]
    refused = answer(it, line, FloorAnswer.NOT_FOUND)

    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.DOCKS_NOT_HEARD
    assert len(lines(it)) == 2
    it.pull(made)
    it.push(made)
    assert answer(it, line, FloorAnswer.NOT_FOUND) is FloorAnswer.NOT_FOUND
    assert [row.kind for row in it.office.it.all(Case) if row.kind is CaseKind.FLOOR] == [CaseKind.FLOOR]


def test_what_a_dock_without_its_memory_may_have_loaded_is_presumed_gone(it: World, tmp_path: Path) -> None:
    made = dock(it, tmp_path)
    give_up(it, made, switched_off=True)
    give_up(it, it.members[0])

    assert answer(it, lines(it)[0], FloorAnswer.NOT_FOUND) is FloorAnswer.PRESUMED_GONE


def test_a_station_that_was_given_up_and_lives_hears_it_and_goes_on_without_what_it_held(it: World) -> None:
    one = it.members[0]
    give_up(it, one)
    one.shop.stock("MUG", "A-1", 5)
    before = it.office.at("MUG", "A-1")
    it.settle()
    it.settle()

    assert station(it, one).status is StationStatus.ACTIVE
    assert one.identity.incarnation == station(it, one).incarnation > 2
    assert it.office.at("MUG", "A-1") == before + 5, "what it did is not lost"
    assert {row.state for row in one.bench.all(WorkLease)} == {LeaseState.FROZEN}


def test_what_a_revoked_station_says_is_kept_and_changes_nothing(it: World) -> None:
    one = it.members[0]
    before = it.office.at("MUG", "A-1")
    it.office.it.run(RevokeStation(**it.office.it.base(), station=one.name))
    one.shop.stock("MUG", "A-1", 5)
    it.push(one)

    assert it.office.at("MUG", "A-1") == before
    assert [outcome for _, outcome in receipts(it)].count(OperationOutcome.PARKED) == 1
    assert StationId(one.name) == station(it, one).id
