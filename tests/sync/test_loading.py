"""A station takes a site as it is: interrupted anywhere, beside own work, while the site goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.kernel.feed import Feed, head_of
from core.kernel.ids import BatchId
from core.kernel.loading import LoadedKey, Loading, loading_of, want_loading
from core.kernel.operations import Operation, OperationState
from core.kernel.tables import sql_of
from core.orders.model import Fulfilment, Order
from core.shipping.model import Manifest
from core.stock.model import Balance, StockEntry
from core.waves.model import Batch
from sync.hub import snapshots
from tests.orders.shop import lay_out, order_id
from tests.support import SITE
from tests.sync.held import confirmed_rows, hashes, shadows
from tests.sync.world import Member, World, world

LEDGER = StockEntry.TABLE.name


def the_first_knows_everything(it: World) -> None:
    lay_out(it.office.it)
    it.office.stock("MUG", "A-1", 100)
    it.office.stock("CUP", "A-2", 50)
    for n in range(5):
        it.office.order(f"o{n}", [("MUG", 2), ("CUP", 1)])
    it.office.promise()
    it.office.release()
    it.pull(it.members[0])


@pytest.fixture
def it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A hub with a shop and some released orders; two stations, of which the first knows everything."""
    monkeypatch.setattr(snapshots, "ROWS", 3)
    monkeypatch.setattr(snapshots, "ORDERS", 2)
    with world(tmp_path, after=the_first_knows_everything) as made:
        yield made


def begin(member: Member) -> None:
    member.bench.executor.load(lambda connection: want_loading(connection, SITE, 1))


def loading(member: Member) -> Loading | None:
    with member.connection.begin():
        return loading_of(member.connection, SITE)


def load(it: World, member: Member) -> None:
    begin(member)
    it.load(member)
    it.pull(member)
    assert loading(member) is None


def agree(it: World, member: Member) -> None:
    """What is confirmed here is what the hub has, but for the ledger's past, of which the balances tell."""
    mine, hub = confirmed_rows(member.connection), confirmed_rows(it.central)
    assert {name: rows for name, rows in mine.items() if name != LEDGER} == {
        name: rows for name, rows in hub.items() if name != LEDGER
    }
    assert sorted(map(repr, member.bench.all(Balance))) == sorted(map(repr, it.office.it.all(Balance)))


def test_a_station_that_loaded_the_site_has_what_the_feed_would_have_brought(it: World) -> None:
    one, two = it.members
    load(it, two)
    agree(it, two)
    theirs, mine = hashes(one.connection, LEDGER), hashes(two.connection, LEDGER)
    assert theirs == mine
    assert two.bench.all(StockEntry) == []


@pytest.mark.parametrize("stop", (1, 17, 33, 36))
def test_it_may_be_interrupted_anywhere_and_the_site_goes_on_meanwhile(it: World, stop: int) -> None:
    two = it.members[1]
    begin(two)
    it.load(two, parts=stop)
    # Orders come, goods move, and a reservation is no more.
    it.office.stock("MUG", "A-2", 7)
    it.office.order("late", [("MUG", 3)])
    it.office.promise()
    batch = it.office.it.all(Batch)[0]
    it.grant(it.members[0], BatchId(batch.id))
    it.pull(it.members[0])
    it.members[0].shop.pick_all()
    it.push(it.members[0])
    it.load(two)
    it.pull(two)
    assert loading(two) is None
    agree(it, two)


def test_own_work_stays_in_its_queue_and_over_what_is_confirmed(it: World) -> None:
    """A file that was away for too long: the hub's feed does not reach back, what was done meanwhile is not lost."""
    one = it.members[0]
    batch = it.office.it.all(Batch)[0]
    it.grant(one, BatchId(batch.id))
    it.pull(one)
    view = one.shop.start()
    one.shop.put(view)
    it.push(one)
    one.shop.put(one.shop.task())
    waiting = [each.id for each in one.bench.all(Operation) if each.state is OperationState.PENDING]
    assert len(waiting) == 1
    it.office.stock("CUP", "B-1", 9)
    with one.connection.begin():
        cursor = head_of(one.connection, SITE).seq
    with it.central.begin():
        it.central.execute(sa.delete(sql_of(Feed)).where(sql_of(Feed).c.seq <= cursor + 1))
    it.pull(one)
    assert loading(one) is not None, "the hub says that the station is too far behind"

    it.load(one)
    it.pull(one)
    assert loading(one) is None
    states = {each.id: each.state for each in one.bench.all(Operation)}
    assert states[waiting[0]] is OperationState.PENDING
    assert sum(state is OperationState.DURABLE for state in states.values()) == len(states) - 1
    assert shadows(one.connection) > 0
    mine, hub = confirmed_rows(one.connection), confirmed_rows(it.central)
    assert {n: rows for n, rows in mine.items() if n != LEDGER} == {n: rows for n, rows in hub.items() if n != LEDGER}
    it.settle()
    assert shadows(one.connection) == 0
    agree(it, one)
    assert one.bench.all(LoadedKey) == []


def test_what_is_no_more_at_the_hub_goes_and_what_is_over_does_not_come(
    it: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = it.members
    shop = it.office
    for batch in shop.it.all(Batch):
        it.grant(one, BatchId(batch.id))
    it.pull(one)
    while any(each.state == "ready" for each in one.bench.all(Batch)):
        one.shop.pick_all()
    # Carriers are asked for like work.
    it.lease(one, 0)
    it.pull(one)
    it.fetch(one)
    for n in range(5):
        one.shop.load(one.shop.pack_all(order_id(f"o{n}")))
    it.push(one)
    it.pull(one)
    assert shop.it.need(Fulfilment, shop.part(order_id("o0"))).open == 0

    load(it, two)
    assert any(each.id == order_id("o0") for each in two.bench.all(Order)), "its van has not left"
    agree(it, two)

    monkeypatch.setattr(snapshots, "RECENT_MS", -(10**12))
    manifest = shop.it.all(Manifest)[0]
    with it.central.begin():
        it.central.execute(sa.update(sql_of(Manifest)).values(state="closed", closed_at=manifest.opened_at))
    load(it, two)
    assert (two.bench.all(Order), two.bench.all(Batch)) == ([], [])
    assert sorted(map(repr, two.bench.all(Balance))) == sorted(map(repr, shop.it.all(Balance)))
