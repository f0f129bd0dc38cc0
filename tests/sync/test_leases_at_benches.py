"""The singles of a walk are in one bench's hands at a time, with or without the hub; what no tote binds to its order is its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cases.model import Case
from core.kernel.flow import Candidate, CodeKind
from core.kernel.ids import BatchId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.orders.model import FulfilmentLine
from core.packing import decide as packing
from core.packing.commands import CloseParcel
from core.packing.due import AskDue
from core.packing.queries import AskPack, AskSingle
from core.packing.views import Single
from core.picking.model import Fill
from core.picking.queries import AskTote, AskWork
from core.rights.commands import AddStation, RecallWork
from core.rights.model import LeaseState, SiteStation, Stage, StationKind, WorkLease
from core.station.line import Standing
from core.stock.model import Balance
from core.waves.leases import SECONDS_A_SINGLE
from core.waves.model import Batch
from desktop.line import Line
from desktop.membership import Membership
from tests.orders.shop import item, lay_out
from tests.support import PICKER, SITE
from tests.sync.held import hashes
from tests.sync.world import Member, World, world


@pytest.fixture
def singles(tmp_path: Path) -> Iterator[World]:
    """A hub with single units picked in two walks: the stations are benches, and know of it."""
    with world(tmp_path, kinds=(StationKind.CART, StationKind.CART)) as made:
        lay_out(made.members[0].bench)
        made.settle()
        made.office.stock("MUG", "A-1", 100)
        for n in range(2):
            for m in range(3):
                made.office.order(f"s{n}{m}", [("MUG", 1)], cut_off_at=1_000_000 + n)
            made.office.promise()
            made.grant(made.members[0], *made.office.release())
            made.settle()
            made.members[0].shop.pick_all(f"CART-{n + 1}")
            made.settle()
        for n, member in enumerate(made.members, 1):
            base, kind = made.office.it.base(), StationKind.BENCH
            made.office.it.run(AddStation(**base, station=member.name, name=f"B-{n}", kind=kind, base_version=1))
        made.settle()
        yield made


def loose(member: Member) -> list[BatchId]:
    rows = [row for row in member.bench.all(WorkLease) if row.station == member.name and row.stage is Stage.PACK]
    return [BatchId(row.work) for row in rows if row.state is LeaseState.HELD]


def scanned(member: Member) -> object:
    code = Candidate(kind=CodeKind.ITEM, target=item("MUG"), code="MUG", label="MUG")
    return member.shop.ask(AskSingle(SITE, member.name, (code,), "MUG"))


def close_single(member: Member, found: Single) -> CloseParcel:
    shop = member.shop
    return packing.close(found.view, found.view.boxes[0], shop.stamp(), shop.context, found.units, 0)


def test_all_singles_of_one_walk_are_one_benchs_and_nobody_elses(singles: World) -> None:
    one, two = singles.members
    assert isinstance(scanned(one), Refusal)
    singles.lease(one, 1)
    singles.settle()
    (batch,) = loose(one)
    assert [each.unit_code for each in one.shop.ask(AskDue(SITE, 1, one.name))] == ["MUG"] * 3
    assert two.shop.ask(AskDue(SITE, 1, two.name)) == ()

    found = scanned(two)
    assert isinstance(found, Refusal)
    assert found.reason is Reason.WORK_HELD
    (tote,) = (row.container for row in one.bench.all(Fill) if row.batch == batch)
    said = [member.shop.ask(AskPack(SITE, member.name, CodeKind.TOTE, tote)) for member in (one, two)]
    assert [each.reason for each in said] == [Reason.SINGLE_UNITS, Reason.WORK_HELD], "its units are scanned; not here"
    mine = scanned(one)
    assert isinstance(mine, Single)
    assert mine.view.walk == batch
    stolen = packing.pack(mine.view, mine.view.boxes[0], two.shop.stamp(), two.shop.context, mine.units)
    assert two.bench.refuse(stolen).reason is Reason.WORK_HELD

    # With or without the hub, all three of them, and nothing of the other walk.
    for _ in range(3):
        mine = scanned(one)
        assert isinstance(mine, Single)
        one.bench.run(close_single(one, mine))
    assert isinstance(scanned(one), Refusal)
    singles.settle()
    assert singles.office.it.all(Case) == []
    assert hashes(one.connection) == hashes(singles.central)


def test_benches_are_given_walks_of_singles_and_none_to_pick(singles: World) -> None:
    one, two = singles.members
    for member in (one, two):
        singles.lease(member, 60)
        singles.settle()
    assert len(loose(one)) == len(loose(two)) == 1
    assert loose(one) != loose(two)
    made = singles.office
    made.order("late", [("MUG", 2)])
    made.promise()
    made.release()
    singles.lease(two, 60)
    singles.settle()
    mine = [row.stage for row in two.bench.all(WorkLease) if row.station == two.name]
    assert mine == [Stage.PACK], "a bench does not pick"


def test_a_window_says_how_long_the_held_work_lasts_a_benchs_only_where_it_holds_some(singles: World) -> None:
    one, two = singles.members
    singles.grant(one, *(row.id for row in singles.office.it.all(Batch)), stage=Stage.PACK)
    singles.settle()

    assert stands(one).held_seconds == 6 * SECONDS_A_SINGLE
    assert stands(two).held_seconds is None, "totes bring the rest of its work"


def stands(member: Member) -> Standing:
    line = Line(Membership("http://hub:8700", "Bench 1", StationKind.BENCH), member.identity, member.bench.clock)
    with member.connection.begin():
        return line.stand(member.connection)


def test_singles_nobody_began_come_back_when_they_are_asked_for(singles: World) -> None:
    one, two = singles.members
    singles.grant(one, *(row.id for row in singles.office.it.all(Batch)), stage=Stage.PACK)
    singles.settle()
    singles.lease(one, 0)
    singles.settle()
    mine = scanned(one)
    assert isinstance(mine, Single)
    begun = mine.view.walk
    one.bench.run(close_single(one, mine))
    for batch in loose(one):
        office = singles.office.it
        office.run(RecallWork(**office.base(), stage=Stage.PACK, work=batch))
    singles.pull(one)
    singles.lease(one, 0)
    singles.settle()

    assert loose(one) == [begun]
    singles.lease(two, 60)
    singles.settle()
    assert len(loose(two)) == 1

    # The others of the walk lie at the bench that began it: it goes on with them.
    for _ in range(2):
        mine = scanned(one)
        assert isinstance(mine, Single)
        assert mine.view.walk == begun
        one.bench.run(close_single(one, mine))
    assert isinstance(scanned(one), Refusal)


@pytest.mark.parametrize("totes", [1, 2])
@pytest.mark.parametrize("first", ["pick", "pack", "between"])
def test_a_bench_packs_singles_it_holds_before_it_has_heard_of_their_picks(
    tmp_path: Path, first: str, totes: int
) -> None:
    with world(tmp_path) as it:
        one, two = it.members
        lay_out(one.bench)
        it.settle()
        it.office.stock("MUG", "A-1", 100)
        for n in range(3):
            it.office.order(f"s{n}", [("MUG", 1)])
        it.office.promise()
        (batch,) = it.office.release()
        it.grant(one, batch)
        it.grant(two, batch, stage=Stage.PACK)
        it.settle()
        stop = one.shop.start()
        one.shop.put(stop, 2, fills_up=totes == 2)
        if first == "between":
            it.push(one)
        one.shop.put(one.shop.task(), 1)
        assert len(one.bench.all(Fill)) == totes
        done = one.shop.ask(AskWork(SITE, PICKER, finished=batch, station=one.name))
        name = next(row.name for row in it.office.it.all(SiteStation) if row.id == two.name)
        assert done.destination == name, "to the bench that packs them, heard of or not"
        for _ in range(3):
            found = scanned(two)
            assert isinstance(found, Single)
            two.bench.run(close_single(two, found))
        assert isinstance(scanned(two), Refusal)

        for member in (one, two) if first == "pick" else (two, one):
            it.push(member)
        it.settle()

        assert it.office.it.all(Case) == []
        assert {row.lpn for row in it.office.it.all(Balance) if row.total} & {
            row.id for row in one.bench.all(Fill)
        } == set()
        assert it.office.at("MUG", "A-1") == 97
        assert it.office.at("MUG", "BENCH-1") == 3
        assert [(row.picked, row.packed) for row in it.office.it.all(FulfilmentLine)] == [(1, 1)] * 3
        for member in it.members:
            assert hashes(member.connection) == hashes(it.central)
        it.office.check()
        # Its tote is free again.
        tote = one.bench.all(Fill)[0].container
        assert one.shop.ask(AskTote(SITE, tote, "TOTE-1")) is None


def test_a_unit_nobody_heard_of_is_taken_for_one_of_a_walk_that_was_begun(tmp_path: Path) -> None:
    with world(tmp_path) as it:
        one, two = it.members
        lay_out(one.bench)
        it.settle()
        it.office.stock("MUG", "A-1", 100)
        walks = []
        for n in range(2):
            for m in range(3):
                it.office.order(f"s{n}{m}", [("MUG", 1)], cut_off_at=1_000_000 + n)
            it.office.promise()
            walks += it.office.release()
        it.grant(one, walks[1])
        it.grant(two, *walks, stage=Stage.PACK)
        it.settle()
        one.shop.start()
        it.settle()
        one.shop.put(one.shop.task())

        found = scanned(two)
        assert isinstance(found, Single)
        assert found.view.walk == walks[1], "the other has the more urgent orders, and is still on its shelf"
