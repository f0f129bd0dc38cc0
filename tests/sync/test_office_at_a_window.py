"""The office's word at one station's screen, as the others hear it: with the hub, without it, and overtaken by the floor."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.catalog.commands import location_id
from core.kernel.flow import Verb
from core.kernel.operations import OperationOutcome
from core.kernel.reasons import Reason
from core.kernel.replica import Taken
from core.orders.model import CancelState, Order, OrderCancel, OrderHold
from core.packing.states import ScanCarton, ScanWork, StopPacking, VerifyUnit
from core.rights.model import StationKind
from core.station.elsewhere import done_elsewhere
from core.station.flows import all_flows
from core.station.home import ShowOrder
from core.station.story import story
from desktop.present import present
from tests.orders.shop import lay_out, order_id
from tests.packing.arrange import labelled, tote
from tests.playbook import Desk
from tests.station.desk import FakeDesk
from tests.support import SITE
from tests.sync.agreeing import agree_in_the_end
from tests.sync.docks import label, load, pack
from tests.sync.held import receipts
from tests.sync.world import Member, World, world

FLOOR = (StationKind.CART, StationKind.BENCH, StationKind.DOCK, StationKind.DESK)
ORDER = order_id("o1")
CANCEL, OTHER, FIRST = (Verb.QTY, "2"), (Verb.QTY, "3"), (Verb.QTY, "1")


def a_walk_is_held(it: World) -> None:
    cart, *_ = it.members
    lay_out(cart.bench)
    it.settle()
    it.office.stock("MUG", "A-1", 100)
    it.office.order("o1", [("MUG", 3)])
    it.office.promise()
    it.grant(cart, *it.office.release())
    it.settle()


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub, a cart that holds the walk of one order, a bench, a dock and a desk."""
    with world(tmp_path, kinds=FLOOR, after=a_walk_is_held) as made:
        yield made


@contextmanager
def window(it: World, member: Member, roles: str = "lead", begin: str = "home") -> Iterator[Desk]:
    """Sit down at a station."""
    kind = FLOOR[it.members.index(member)]
    flows = all_flows(FakeDesk(), kind=kind)
    made = Desk(
        member.bench, flows, begin=begin, roles=roles, place=location_id("BENCH-1"), station=member.name
    )  # fmt: skip
    yield made
    made.switch_off()


def hears(it: World, member: Member, at: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a station take what there is, and its window hear of it, as the line to the hub does."""
    take, came = member.bench.executor.take, list[Taken]()

    def taken(*rows: object) -> Taken:
        came.append(take(*rows))  # type: ignore[arg-type]
        return came[-1]

    with monkeypatch.context() as patch:
        patch.setattr(member.bench.executor, "take", taken)
        it.pull(member)
    for each in came:
        at.hear(each.changes)


def shown(d: Desk) -> str:
    assert isinstance(d.state, ShowOrder), d.state
    return present(d.state).detail


def packs(d: Desk) -> bool:
    return isinstance(d.state, ScanCarton | VerifyUnit)


@pytest.mark.parametrize("where", range(len(FLOOR)), ids=[each.value for each in FLOOR])
def test_a_lead_cancels_at_any_station_and_the_screen_says_until_when_it_is_a_request(
    it: World, where: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cart, _, dock, desk = it.members
    cart.shop.pick_all()
    it.settle()
    member = it.members[where]
    with window(it, member) as d:
        d.take("o1", CANCEL, FIRST)
        assert present(d.state).detail.endswith("It is a request until every dock has answered.")
        d.take(Verb.YES)
        assert shown(d) == "Cancel asked"

        it.push(member)
        hears(it, member, d, monkeypatch)
        assert shown(d) == "Cancel asked, waits for S-3, S-4", "the window follows without a touch"
        for each in (dock, desk):
            it.pull(each)
            it.push(each)
        hears(it, member, d, monkeypatch)
        assert shown(d) == "Cancelled"
        assert d.state.found.cancel_asked is False
    assert it.office.it.need(OrderCancel, ORDER).state is CancelState.FINAL
    agree_in_the_end(it)


def test_a_cancel_at_one_window_stops_a_packer_at_another(it: World, monkeypatch: pytest.MonkeyPatch) -> None:
    cart, bench, _, desk = it.members
    cart.shop.pick_all()
    it.settle()
    with window(it, bench, "packer", "pack") as packer, window(it, desk) as lead:
        packer.take(tote(bench.shop, ORDER))
        assert packs(packer)
        lead.take("o1", CANCEL, FIRST, Verb.YES)
        assert packs(packer), "nobody told the bench yet"

        it.push(desk)
        hears(it, bench, packer, monkeypatch)

        assert packer.state == StopPacking(Reason.ORDER_CANCELLED, "o1")
        packer.take(Verb.CONFIRM)
        assert isinstance(packer.state, ScanWork)
        assert packer.refuses(tote(bench.shop, ORDER))[0] is Reason.ORDER_CANCELLED, "nor is it begun anew"
    agree_in_the_end(it)


def test_without_its_hub_a_station_cancels_for_itself_and_the_others_hear_of_it_later(
    it: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cart, bench, _, desk = it.members
    cart.shop.pick_all()
    it.settle()
    with window(it, bench) as lead:
        lead.take("o1", CANCEL, FIRST, Verb.YES)
        assert shown(lead) == "Cancel asked"
        lead.go("pack")
        assert lead.refuses(tote(bench.shop, ORDER))[0] is Reason.ORDER_CANCELLED, "here it stops at once"
    it.settle()
    assert desk.bench.need(Order, ORDER).cancelled_at
    agree_in_the_end(it)


def test_a_cancel_that_the_floor_overtook_is_planned_again_at_the_hub(
    it: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The desk knew of nothing that was picked: what it would have let go lies in a tote by now."""
    cart, _, dock, desk = it.members
    cart.shop.pick_all()
    it.push(cart)
    with window(it, desk) as lead:
        lead.take("o1", CANCEL, FIRST)
        assert lead.state.meant.cancelled == 3, "as far as the desk knows nothing is picked"
        lead.take(Verb.YES)
        it.push(desk)
        assert OperationOutcome.REFUSED in {outcome for _, outcome in receipts(it)}
        assert it.office.it.need(Order, ORDER).cancelled_at, "what was said yes to is done all the same"
        hears(it, desk, lead, monkeypatch)
        assert shown(lead).startswith("Cancel asked, waits for ")
        for each in (dock, desk):
            it.pull(each)
            it.push(each)
        hears(it, desk, lead, monkeypatch)
        assert shown(lead) == "Cancelled"
    assert it.office.counts(ORDER).get("cancelled", 0) == 0, "the units are put back before they count"
    row = it.office.it.need(OrderCancel, ORDER)
    assert row.state is CancelState.FINAL
    it.push(desk)
    agree_in_the_end(it)


def test_what_others_did_is_in_an_orders_story_at_every_station_and_once(it: World) -> None:
    cart, bench, dock, desk = it.members
    for minutes, member in enumerate((cart, bench, dock), 1):
        member.bench.clock.tick(minutes * 60_000)
    cart.shop.pick_all()
    it.settle()
    it.give_carrier(dock, "HOUSE")
    parcel = pack(bench)
    labelled(bench.shop, parcel)
    it.settle()
    load(dock, label(bench, parcel))
    it.settle()

    told = {}
    for member in it.members:
        with member.bench.database.reading() as reader:
            told[member.name] = story(reader, SITE, ORDER)

    steps = ["picking.pick", "packing.close", "shipping.load"]
    for events in told.values():
        assert [each.kind for each in events if each.kind in steps] == steps
        assert sum(each.quantity for each in events if each.kind == "picking.pick") == 3
    picked, closed, loaded = told[desk.name]
    assert (picked.item, picked.where, closed.quantity) == ("Mug", "CART-1", 3)
    assert [each.at for each in (picked, closed, loaded)] == sorted({picked.at, closed.at, loaded.at})
    assert loaded.where == "DOCK-1"
    with window(it, desk) as lead:
        lead.take("o1")
        assert lead.state.found.label_on, "it was scanned back at the bench"
        steps_shown = [(each.words, bool(each.time)) for each in present(lead.state).proof.steps]  # type: ignore[union-attr]
        assert steps_shown[1:4] == [("Picked", True), ("Packed", True), ("Loaded", True)]
        lead.take(parcel.sscc)
        facts = {each.name: each.value for each in present(lead.state).beside[0].facts}  # type: ignore[union-attr]
        assert (facts["Label"], facts["Copies"]) == ("printed", "1")


def test_what_others_did_is_found_by_the_order_and_not_among_all_that_is_packed(it: World) -> None:
    desk = it.members[-1]
    reader = desk.bench.database.reader()
    sent: list[tuple[str, Any]] = []
    sa.event.listen(reader.engine, "before_cursor_execute", lambda *said: sent.append((said[2], said[3])))
    assert list(done_elsewhere(reader, SITE, ORDER)) == []
    plans = [
        str(row[3])
        for said, values in list(sent)
        for row in reader.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values)
    ]
    reader.close()
    for table, index in (("parcel", "parcel_fulfilment"), ("pick", "pick_fulfilment")):
        assert [each for each in plans if each.startswith(f"SEARCH {table} ") and f"INDEX {index} " in each], plans
    assert not [each for each in plans if each.startswith("SCAN")], plans


def test_a_hold_and_its_end_are_heard_everywhere(it: World, monkeypatch: pytest.MonkeyPatch) -> None:
    cart, bench, _, desk = it.members
    cart.shop.pick_all()
    it.settle()
    with window(it, desk) as lead, window(it, bench, "packer", "pack") as packer:
        lead.take("o1", OTHER, FIRST, Verb.YES)
        it.push(desk)
        hears(it, bench, packer, monkeypatch)
        assert packer.refuses(tote(bench.shop, ORDER))[0] is Reason.ORDER_HELD
        lead.take(OTHER, Verb.YES)
        it.push(desk)
        hears(it, bench, packer, monkeypatch)
        packer.take(tote(bench.shop, ORDER))
        assert packs(packer)
    assert all(row.released_at for row in it.office.it.all(OrderHold))
    agree_in_the_end(it)


def test_a_cancel_that_was_planned_again_outlives_a_restore_of_the_hub_to_before_it(it: World) -> None:
    cart, _, _, desk = it.members
    cart.shop.pick_all()
    it.push(cart)
    kept = it.backup()
    with window(it, desk) as lead:
        lead.take("o1", CANCEL, FIRST, Verb.YES)
    it.push(desk)
    it.settle()
    assert it.office.it.need(Order, ORDER).cancelled_at
    it.restore(kept)
    for _ in range(4):
        it.settle()

    assert it.office.it.need(Order, ORDER).cancelled_at
    assert it.office.it.need(OrderCancel, ORDER).state is CancelState.FINAL
    agree_in_the_end(it)
