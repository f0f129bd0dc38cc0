"""A station's file that was put back from a copy, or copied, finds out, and goes on under a number nobody ever had."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cases.decisions import DECISIONS, Decision
from core.cases.model import Case, CaseKind
from core.catalog.commands import container_id
from core.kernel.ids import NO_ID, BatchId, FillId
from core.kernel.operations import Operation
from core.kernel.reasons import Reason
from core.kernel.witness import Witness
from core.picking import decide
from core.picking.commands import PickUnits, StartBatch
from core.picking.model import Pick
from core.picking.states import PutInTote
from core.picking.views import TaskView
from core.rights.model import LeaseState, SiteStation, StationStatus, WorkLease
from sync.protocol import Push
from sync.station.engines import Effect, Engine, NotMine, ReadLog, ReadStanding, SendPush, TakeRows
from sync.station.files import look
from sync.station.pull import pull
from sync.station.push import push
from tests.sync.agreeing import agree
from tests.sync.docks import hand, label
from tests.sync.released import released_walks, walks
from tests.sync.world import Member, World, world

ORDERS = 4


def two_walks_are_held(it: World) -> None:
    released_walks(it, ORDERS)
    it.grant(it.members[0], *walks(it)[:2])
    it.settle()


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub with a walk for each of some orders, the first two at station one, and a second station."""
    with world(tmp_path, after=two_walks_are_held) as made:
        yield made


def start(member: Member, batch: BatchId, cart: str = "CART-1") -> StartBatch:
    return StartBatch(**member.bench.base(), batch=batch, cart=container_id(cart), station=member.name)


def station(it: World, member: Member) -> SiteStation:
    return it.office.it.need(SiteStation, member.name)


def test_a_file_that_ends_and_starts_as_it_should_is_sure_at_once(it: World) -> None:
    one = it.members[0]
    one.put_back()
    one.bench.run(start(one, walks(it)[0]))
    assert one.identity.incarnation == 1


def test_a_file_that_was_put_back_claims_nothing_before_the_hub_answers(it: World) -> None:
    one = it.members[0]
    kept = one.keep()
    one.shop.stock("MUG", "A-1", 3)
    one.put_back(kept)

    assert one.bench.refuse(start(one, walks(it)[0])).reason is Reason.STATION_UNSURE
    one.put_back()
    assert one.bench.refuse(start(one, walks(it)[0])).reason is Reason.STATION_UNSURE, "also after another start"


def test_a_folder_that_was_copied_goes_on_once_the_hub_named_its_start(it: World, tmp_path: Path) -> None:
    one = it.members[0]
    one.put_back()
    shutil.copy(tmp_path / "station-1.witness", tmp_path / "elsewhere.witness")
    copied = Witness(tmp_path / "elsewhere.witness")
    assert one.witness.read() is not None
    assert copied.read() is None, "it says in which file it was written"

    one.witness = copied
    one.starts()
    assert one.bench.refuse(start(one, walks(it)[0])).reason is Reason.STATION_UNSURE
    it.push(one)

    one.bench.run(start(one, walks(it)[0]))
    assert one.identity.incarnation == 1


def test_a_file_that_was_put_back_goes_on_anew_and_holds_nothing(it: World) -> None:
    one, two = it.members
    kept = one.keep()
    one.shop.stock("MUG", "A-1", 3)
    it.settle()
    one.put_back(kept)
    one.shop.stock("MUG", "A-1", 5)

    it.settle()
    it.settle()

    assert one.identity.incarnation == station(it, one).incarnation == 2
    assert station(it, one).status is StationStatus.ACTIVE
    agree(it)
    assert one.shop.at("MUG", "A-1") == two.shop.at("MUG", "A-1") == 108, "what was done on either side is there"
    assert {row.state for row in one.bench.all(WorkLease)} == {LeaseState.FROZEN}
    assert one.bench.refuse(start(one, walks(it)[0])).reason is Reason.STATION_RENEWED
    assert CaseKind.STATION_RENEWED in {row.kind for row in two.bench.all(Case)}


def test_a_file_that_was_put_back_to_before_what_it_never_sent_goes_on_anew(it: World) -> None:
    """The hub cannot know: only the witness saw that numbers were given out and goods moved, however often the file is put back."""
    one = it.members[0]
    kept = one.keep()
    one.shop.stock("MUG", "A-1", 3)
    one.put_back(kept)
    one.put_back(kept)
    one.put_back()

    it.settle()
    it.settle()

    assert one.identity.incarnation == station(it, one).incarnation == 2
    assert {row.state for row in one.bench.all(WorkLease)} == {LeaseState.FROZEN}
    one.put_back()
    it.settle()
    assert one.identity.incarnation == 2, "once"
    agree(it)


def test_a_witness_that_is_a_step_behind_says_nothing_against_its_file(it: World) -> None:
    one = it.members[0]
    behind = one.witness.read()
    one.shop.stock("MUG", "A-1", 3)
    one.put_back()
    assert behind is not None
    one.witness.write(behind)
    one.starts()
    one.bench.run(start(one, walks(it)[0]))
    it.settle()
    assert one.identity.incarnation == 1


def test_a_walk_is_not_gone_on_with_before_the_hub_has_said_that_the_file_is_the_newest(it: World) -> None:
    """Its screen would send the picker for what was picked already; nobody has told the file that it is an old one yet."""
    one = it.members[0]
    view = one.shop.start()
    it.settle()
    kept = one.keep()
    one.bench.run(picked(one, view))
    one.put_back(kept)

    assert one.bench.refuse(picked(one, view)).reason is Reason.STATION_UNSURE


def test_a_walk_is_gone_on_with_where_the_witness_agrees_and_nobody_hears_the_hub(it: World) -> None:
    one = it.members[0]
    view = one.shop.start()
    one.put_back()

    one.bench.run(picked(one, view))


def picked(member: Member, view: TaskView) -> PickUnits:
    put = PutInTote(view, view.quantity, 0)
    return decide.pick(put, member.shop.stamp(), FillId(NO_ID), container_id("TOTE-1"), view.quantity)


def test_what_lay_on_the_cart_of_a_file_that_was_put_back_is_not_picked_on(it: World) -> None:
    one = it.members[0]
    view = one.shop.start()
    it.settle()
    kept = one.keep()
    one.shop.stock("MUG", "A-1", 3)
    it.settle()
    one.put_back(kept)
    it.settle()

    assert one.bench.refuse(picked(one, view)).reason is Reason.STATION_RENEWED


def test_a_carton_that_was_closed_before_its_file_was_put_back_is_asked_about(it: World) -> None:
    """Nobody knows of it any more: somebody looks for such boxes, and a label that is on one already speaks for nothing."""
    one, two = it.members
    one.shop.pick_all()
    it.settle()
    (order,) = {row.order for row in one.bench.all(Pick)}
    kept = one.keep()
    closed = label(one, one.shop.pack_all(order))
    one.put_back(kept)
    it.settle()
    it.settle()

    (told,) = (row for row in two.bench.all(Case) if row.kind is CaseKind.STATION_RENEWED)
    assert DECISIONS[told.kind] == (Decision.NO_BOXES, Decision.LABELLED_ANEW)
    assert hand(two, closed).why_not is Reason.LABEL_VOID
    it.lease(one)
    it.settle()
    again = label(one, one.shop.pack_all(order))
    assert again.sscc != closed.sscc
    assert hand(two, again).why_not is None


def test_a_file_that_learns_from_the_feed_alone_that_it_is_old_goes_on_anew(it: World) -> None:
    one = it.members[0]
    kept = one.keep()
    one.shop.stock("MUG", "A-1", 3)
    it.settle()
    one.put_back(kept)
    it.pull(one)

    assert one.identity.incarnation == 2


def test_a_late_push_and_a_late_answer_never_mean_that_a_file_is_old(it: World) -> None:
    one = it.members[0]
    one.shop.stock("MUG", "A-1", 3)
    engine = push(one.me)
    wanted = next(engine)
    assert isinstance(wanted, ReadLog)
    with one.connection.begin():
        sent = engine.send(look(one.connection, one.identity, wanted))
    assert isinstance(sent, SendPush)
    late: Push = sent.push
    one.shop.stock("MUG", "A-1", 4)
    it.settle()
    one.put_back()
    one.shop.stock("MUG", "A-1", 5)
    it.settle()

    # It comes once more, and its answer to the program that asked, which has a longer log by now.
    it.answer(one, engine, it.center.push(late))
    it.settle()

    assert one.identity.incarnation == 1
    assert station(it, one).status is StationStatus.ACTIVE
    agree(it)


def test_of_two_living_files_of_one_station_both_are_stopped_in_the_end(it: World) -> None:
    one = it.members[0]
    twin = it.twin(one)
    assert twin.bench.refuse(start(twin, walks(it)[0])).reason is Reason.STATION_UNSURE, "it has no witness"
    with pytest.raises(NotMine):
        for _ in range(6):
            for each in (twin, one):
                each.shop.stock("MUG", "A-1", 1)
                it.push(each)
                it.pull(each)

    assert station(it, one).status is StationStatus.FROZEN
    assert CaseKind.STATION_TWICE in {row.kind for row in it.office.it.all(Case)}
    before = it.office.at("MUG", "A-1")
    twin.shop.stock("MUG", "A-1", 1)
    it.push(twin)
    assert it.office.at("MUG", "A-1") == before, "what comes of it is kept and changes nothing"

    one.put_back()
    for _ in range(4):
        it.push(one)
        it.pull(one)
    assert station(it, one).status is StationStatus.ACTIVE
    assert one.unsettled() == []
    assert it.office.at("MUG", "A-1") == before + 1, "until it is settled who goes on"


def test_another_operation_under_a_number_stops_the_station_until_it_goes_on_anew(it: World) -> None:
    one, two = it.members
    kept = one.keep()
    one.shop.stock("MUG", "A-1", 3)
    it.settle()
    one.put_back(kept)
    one.shop.stock("MUG", "A-1", 5)
    it.push(one)

    assert station(it, one).status is StationStatus.ACTIVE
    assert CaseKind.STATION_TWICE in {row.kind for row in it.office.it.all(Case)}
    assert len({each.id for each in one.bench.all(Operation)}) == len(one.bench.all(Operation))
    it.settle()
    it.settle()
    agree(it)
    assert two.shop.at("MUG", "A-1") == 108


def test_of_two_stopped_files_the_one_with_the_newest_number_goes_on_as_well_once_it_is_started_anew(it: World) -> None:
    one = it.members[0]
    twin = it.twin(one)
    with pytest.raises(NotMine):
        for _ in range(6):
            for each in (twin, one):
                each.shop.stock("MUG", "A-1", 1)
                it.push(each)
                it.pull(each)
    newest = max((one, twin), key=lambda each: each.identity.incarnation)
    assert newest.identity.incarnation == station(it, one).incarnation
    before = it.office.at("MUG", "A-1")
    newest.shop.stock("MUG", "A-1", 1)

    newest.put_back()
    for _ in range(4):
        it.push(newest)
        it.pull(newest)
    assert station(it, one).status is StationStatus.ACTIVE
    assert newest.unsettled() == []
    assert it.office.at("MUG", "A-1") > before


@pytest.mark.parametrize("after", [TakeRows, ReadStanding])
def test_of_two_engines_that_find_out_at_once_one_asks(it: World, after: type[Effect]) -> None:
    """Else the second asks for one more, and the hub takes that for another file and stops the station."""
    one = it.members[0]
    kept = one.keep()
    one.shop.stock("MUG", "A-1", 3)
    it.settle()
    one.put_back(kept)

    def pulled() -> Engine:
        """Pull, and push in between: the engines go on side by side."""
        engine, pushed = pull(one.me), False
        answer: object = None
        while True:
            try:
                effect = engine.send(answer)
            except StopIteration:
                return
            answer = yield effect
            if isinstance(effect, after) and not pushed:
                it.push(one)
                pushed = True

    it._run(one, pulled())
    row = station(it, one)
    assert (row.status, row.incarnation, one.identity.incarnation) == (StationStatus.ACTIVE, 2, 2)
    one.shop.stock("MUG", "A-1", 1)
    it.settle()
    agree(it)


def test_what_a_copy_sent_under_the_same_number_acknowledges_nothing_here(it: World) -> None:
    """Also where the push that hears of it carries no operation: what the hub had forgotten goes first."""
    one = it.members[0]
    twin = it.twin(one)
    twin.starts()
    twin.shop.stock("MUG", "A-1", 1)
    it.push(twin)
    one.put_back()
    one.shop.stock("MUG", "A-1", 2)
    (mine,) = one.unsettled()
    it.push(one, most=0)
    assert one.identity.incarnation == 2

    it.push(one)
    it.pull(one)
    assert one.unsettled() == []
    assert {mine.id, *(row.id for row in twin.unsettled())} <= {row.id for row in it.office.it.all(Operation)}
