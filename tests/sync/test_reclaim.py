"""A station that will not come back: what it held is answered on the floor before anybody else gets it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.amending.planner import plan_cancel
from core.amending.queries import cancel_standing
from core.cases.model import Case, CaseKind
from core.catalog.parcel_codes import ParcelCode, read_parcel_code
from core.kernel import codec
from core.kernel.ids import NO_ID, ParcelId, PersonId, StationId
from core.kernel.operations import OperationOutcome
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.spool import PrintJob
from core.orders.model import Fulfilment, FulfilmentLine
from core.packing.model import Parcel
from core.picking.queries import AskWork
from core.picking.views import BatchOffer
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
from core.shipping.commands import carrier_right
from core.shipping.queries import AskParcelInHand
from core.stock.model import Reservation
from core.waves.model import Batch, BatchState
from desktop.line_words import LINE_REMEDIES, LINE_TROUBLES
from sync.hub.page import status_page
from sync.hub.reclaim import answer_floor, find_box, mark_lost, open_lines
from sync.hub.status import hub_status, site_status
from sync.protocol import NAME_TAKEN, TAKEN_OUT, Compare, Fetch, Join, Lease, Load, Refused, Renew, Renewed
from tests.orders.shop import lay_out, order_id
from tests.support import PICKER, SITE
from tests.sync.held import receipts
from tests.sync.released import released_walks, walks
from tests.sync.world import Member, World, member, world

HOUR_MS = 3_600_000


def one_of_two_walks_is_begun(it: World) -> None:
    released_walks(it, 2)
    it.grant(it.members[0], *walks(it))
    it.settle()
    it.members[0].shop.start()
    it.settle()


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub, a station with two walks of which one is begun, and another."""
    with world(tmp_path, kinds=(StationKind.CART, StationKind.CART), after=one_of_two_walks_is_begun) as made:
        yield made


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


@pytest.mark.parametrize("before", [2, 1])
def test_what_was_answered_is_free_also_where_the_hub_hears_of_the_answers_from_others(it: World, before: int) -> None:
    one, two = it.members
    give_up(it, one)
    it.members.remove(one)
    kept = it.backup()
    found = lines(it)
    for each in found[:before]:
        answer(it, each, FloorAnswer.HERE)
    it.settle()
    it.restore(kept)
    for each in found[before:]:
        assert answer(it, each, FloorAnswer.HERE) is FloorAnswer.HERE
    for _ in range(3):
        it.settle()

    assert lines(it) == ()
    assert {row.state for row in it.office.it.all(WorkLease)} == {LeaseState.CLOSED}
    assert it.office.it.need(Batch, walks(it)[0]).state is BatchState.SUSPENDED
    it.lease(two, 100)
    assert {row.station for row in it.office.it.all(WorkLease)} == {two.name}


def test_what_a_lost_station_held_is_looked_for_also_where_the_hub_forgot_the_loss(it: World) -> None:
    one, two = it.members
    kept = it.backup()
    give_up(it, one)
    it.members.remove(one)
    it.settle()
    it.restore(kept)
    for _ in range(3):
        it.settle()

    assert station(it, one).status is StationStatus.LOST
    assert len(lines(it)) == 2
    it.lease(two, 100)
    assert {(row.station, row.state) for row in it.office.it.all(WorkLease)} == {(one.name, LeaseState.FROZEN)}


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


@pytest.mark.parametrize("clock_ms", [0, -HOUR_MS], ids=["clock goes on", "clock is set back"])
def test_what_a_dock_without_its_memory_may_have_loaded_is_presumed_gone(
    it: World, tmp_path: Path, clock_ms: int
) -> None:
    made = dock(it, tmp_path)
    it.clock.tick(clock_ms)
    give_up(it, made, switched_off=True)
    give_up(it, it.members[0])

    assert answer(it, lines(it)[0], FloorAnswer.NOT_FOUND) is FloorAnswer.PRESUMED_GONE


@pytest.mark.parametrize("clock_ms", [0, -HOUR_MS], ids=["clock goes on", "clock is set back"])
def test_a_dock_that_broke_before_the_work_was_given_out_has_nothing_of_it(
    it: World, tmp_path: Path, clock_ms: int
) -> None:
    one, two = it.members
    made = dock(it, tmp_path)
    give_up(it, one)
    give_up(it, made, switched_off=True)
    for each in lines(it):
        answer(it, each, FloorAnswer.HERE)
    it.clock.tick(clock_ms)
    it.lease(two, 100)
    give_up(it, two)

    assert answer(it, lines(it)[0], FloorAnswer.NOT_FOUND) is FloorAnswer.NOT_FOUND


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
    it.office.it.run(RevokeStation(**it.office.it.base(), station=one.name, switched_off=0))
    one.shop.stock("MUG", "A-1", 5)
    it.push(one)

    assert it.office.at("MUG", "A-1") == before
    assert [outcome for _, outcome in receipts(it)].count(OperationOutcome.PARKED) == 1
    assert StationId(one.name) == station(it, one).id


@pytest.mark.parametrize("how", ["revoked", "lost"])
def test_who_takes_no_part_any_more_is_given_nothing_and_told_so(it: World, how: str) -> None:
    """Neither the feed nor the site, names, addresses or work; what it still says is taken, and the lost one may come back."""
    one = it.members[0]
    if how == "lost":
        give_up(it, one)
    else:
        it.office.it.run(RevokeStation(**it.office.it.base(), station=one.name, switched_off=0))
    base: Any = {"epoch": 1, "site": SITE, "station": one.name}
    asked = (
        it.center.pull(1, SITE, one.name, 0, 1), it.center.load(Load(**base, incarnation=1, goes_on="")),
        it.center.fetch(Fetch(**base, wanted=())), it.center.compare(Compare(**base, seq=0, buckets=())),
        it.center.lease(Lease(**base, incarnation=1, minutes=60)),
    )  # fmt: skip
    assert [each.reason for each in asked if isinstance(each, Refused)] == [TAKEN_OUT] * 5
    assert TAKEN_OUT in LINE_TROUBLES
    assert TAKEN_OUT in LINE_REMEDIES

    it.push(one)
    again = it.center.pull(1, SITE, one.name, 0, 1)
    assert isinstance(again, Refused) == (how == "revoked")
    joined = it.center.join(Join(name=station(it, one).name, kind="cart", site=SITE, token=b"t" * 16))
    assert isinstance(joined, Refused)
    assert joined.reason == (TAKEN_OUT if how == "revoked" else NAME_TAKEN)


# A dock that lost its memory


@pytest.fixture
def docks(tmp_path: Path) -> Iterator[World]:
    """A hub, a cart that picked two orders, a bench, and two docks of which the first has the carrier and loaded a parcel."""
    kinds = (StationKind.CART, StationKind.BENCH, StationKind.DOCK, StationKind.DOCK)
    with world(tmp_path, kinds=kinds) as made:
        cart, bench, first, _ = made.members
        lay_out(cart.bench)
        made.settle()
        made.office.stock("MUG", "A-1", 100)
        for name in ("o1", "o2", "o3"):
            made.office.order(name, [("MUG", 2)])
        made.office.promise()
        made.grant(cart, *made.office.release())
        made.give_carrier(first, "HOUSE")
        made.settle()
        cart.shop.pick_all()
        made.settle()
        for name in ("o1", "o2"):
            bench.shop.pack_all(order_id(name))
        made.settle()
        yield made


def on_hold(it: World) -> tuple[str, ...]:
    with it.central.begin():
        return tuple(each.name for each in site_status(it.central, SITE).stations if each.on_hold)


def carrier(it: World) -> WorkLease:
    return it.office.it.need(WorkLease, *carrier_right("HOUSE"))


@pytest.mark.parametrize("how", ["lost", "set back"])
def test_a_carrier_of_a_dock_that_lost_its_memory_is_free_once_its_parcels_were_looked_for(
    docks: World, how: str
) -> None:
    _, _, first, other = docks.members
    if how == "lost":
        give_up(docks, first, switched_off=True)
    else:
        asked = Renew(epoch=1, site=SITE, station=first.name, incarnation=1, start=b"anew")
        assert isinstance(docks.center.renew(asked), Renewed)
    assert carrier(docks).state is LeaseState.FROZEN
    assert on_hold(docks) == ("S-3",)
    status = hub_status({SITE: docks.hub}, 0)
    page, told = status_page(status), status.sites[0].floor
    assert "on hold until the floor list is answered: S-3" in page
    assert {(each.station, each.stage) for each in told} == {("S-3", "load")}
    assert all(f"<code>{each.line}</code>" in page for each in told)
    assert [each["line"] for each in status.to_json()["sites"][0]["floor"]] == [each.line for each in told]
    docks.settle()
    docks.lease(other)
    assert carrier(docks).station == first.name, "nobody loads it before"

    found = lines(docks)
    assert sorted(each.parcel == NO_ID for each in found) == [False, False, True], "its parcels, and the van"
    for each in found:
        assert answer(docks, each, FloorAnswer.HERE) is FloorAnswer.HERE
    assert on_hold(docks) == ()
    docks.lease(other)
    assert (carrier(docks).station, carrier(docks).state) == (other.name, LeaseState.HELD)


def test_a_parcel_that_a_lost_dock_may_have_loaded_is_asked_for_at_the_carrier_and_stopped(docks: World) -> None:
    _, _, first, other = docks.members
    give_up(docks, first, switched_off=True)
    docks.settle()
    docks.settle()
    parcel = next(each for each in lines(docks) if each.order == order_id("o1"))
    assert answer(docks, parcel, FloorAnswer.NOT_FOUND) is FloorAnswer.PRESUMED_GONE

    (case,) = [row for row in docks.office.it.all(Case) if row.kind is CaseKind.CARRIER_INQUIRY]
    assert (case.order, case.subject) == (parcel.order, parcel.parcel)
    docks.settle()
    found = other.shop.ask(AskParcelInHand(SITE, parcel.parcel))
    assert found.why_not is Reason.ORDER_HELD, "should it turn up, nobody sends it a second time"


def test_nothing_is_not_found_while_a_dock_is_on_hold(docks: World) -> None:
    cart, _, first, other = docks.members
    give_up(docks, first, switched_off=True)
    give_up(docks, cart)
    docks.settle()
    docks.settle()
    line = next(each for each in lines(docks) if each.stage is Stage.PICK)
    refused = answer(docks, line, FloorAnswer.NOT_FOUND)
    assert isinstance(refused, Refusal)
    assert (refused.reason, refused.facts["station"]) == (Reason.DOCKS_NOT_HEARD, "S-3")

    for each in [each for each in lines(docks) if each.stage is Stage.LOAD]:
        answer(docks, each, FloorAnswer.HERE)
    docks.pull(other)
    docks.push(other)
    assert answer(docks, line, FloorAnswer.NOT_FOUND) is FloorAnswer.PRESUMED_GONE


def test_a_lost_dock_keeps_a_cancel_open_only_until_what_it_may_have_loaded_was_looked_for(docks: World) -> None:
    _, _, first, other = docks.members
    give_up(docks, first, switched_off=True)
    with docks.central.begin():
        plan = plan_cancel(docks.central, SITE, order_id("o1"), "customer", docks.office.stamp())
    assert not isinstance(plan, Refusal)
    docks.office.it.run(plan)
    docks.pull(other)
    docks.push(other)
    with docks.central.begin():
        standing = cancel_standing(docks.central, SITE, order_id("o1"))
    assert standing is not None
    assert (standing.final, standing.waits, standing.on_hold) == (False, ("S-3",), ("S-3",))

    for each in lines(docks):
        answer(docks, each, FloorAnswer.HERE)
    docks.push(other)
    with docks.central.begin():
        standing = cancel_standing(docks.central, SITE, order_id("o1"))
    assert standing is not None
    assert standing.final


def test_a_label_of_a_lost_bench_counts_once_its_box_was_found_on_the_floor(docks: World) -> None:
    _, bench, first, _ = docks.members
    parcel = bench.shop.pack_all(order_id("o3"))
    code = label_of(bench, parcel)
    give_up(docks, bench)
    docks.pull(first)
    in_hand = AskParcelInHand(SITE, parcel.id, code)
    assert first.shop.ask(in_hand).why_not is Reason.LABEL_VOID

    assert find_box(docks.central, SITE, code, docks.clock, docks.ids) is None
    docks.pull(first)
    assert first.shop.ask(in_hand).why_not is None


def test_a_label_of_a_lost_bench_counts_once_its_order_was_answered_on_the_floor(docks: World) -> None:
    _, bench, first, _ = docks.members
    parcel = bench.shop.pack_all(order_id("o3"))
    code = label_of(bench, parcel)
    give_up(docks, bench)
    docks.pull(first)
    for answered, wanted in ((FloorAnswer.GONE, Reason.LABEL_VOID), (FloorAnswer.HERE, None)):
        first.bench.seed(
            FloorLine(
                SITE, answered.encode(), bench.name, Stage.PACK, b"walk", 1, parcel.order, parcel.fulfilment,
                ParcelId(NO_ID), "{}", 1, 0, answered, PersonId(NO_ID), 0,
                station(docks, bench).broke + 1,
            )
        )  # fmt: skip
        assert first.shop.ask(AskParcelInHand(SITE, parcel.id, code)).why_not is wanted


# What follows an answer


def test_a_walk_that_was_begun_goes_on_at_another_station_with_its_cart(it: World) -> None:
    one, two = it.members
    begun = walks(it)[0]
    give_up(it, one)
    for each in lines(it):
        answer(it, each, FloorAnswer.HERE)
    it.lease(two, 100)
    it.settle()

    offer = two.shop.ask(AskWork(SITE, PICKER, station=two.name))
    assert isinstance(offer, BatchOffer)
    assert (offer.batch, offer.left_on) == (begun, "CART-1"), "what was begun goes first"
    two.shop.pick_all()
    it.settle()
    assert it.office.it.need(Batch, begun).state is BatchState.PICKED


@pytest.mark.parametrize("found", [FloorAnswer.GONE, FloorAnswer.NOT_FOUND])
def test_what_has_left_is_not_picked_again_and_what_is_nowhere_is(it: World, found: FloorAnswer) -> None:
    one, two = it.members
    give_up(it, one)
    first = next(each for each in lines(it) if each.work == walks(it)[0])
    assert answer(it, first, found) is found
    for each in lines(it):
        answer(it, each, FloorAnswer.HERE)
    it.lease(two, 100)
    it.settle()
    held = [row for row in it.office.it.all(Reservation) if row.demand in demands(it, first.fulfilment)]

    (case,) = [row for row in it.office.it.all(Case) if row.kind is CaseKind.FLOOR]
    assert case.order == first.order
    again = found is FloorAnswer.NOT_FOUND
    assert bool(held) is again
    assert bool(it.office.it.need(Fulfilment, first.fulfilment).held) is not again
    assert it.office.release() == [], "nor in another walk"


def demands(it: World, fulfilment: bytes) -> set[bytes]:
    return {row.id for row in it.office.it.all(FulfilmentLine) if row.fulfilment == fulfilment}


def label_of(bench: Member, parcel: Parcel) -> ParcelCode:
    texts = [
        codec.parse(job.content)["data"]
        for job in bench.bench.all(PrintJob)
        if job.subject == parcel.id and job.document == "house_label"
    ]
    found = read_parcel_code(texts[0])
    assert isinstance(found, ParcelCode)
    return found
