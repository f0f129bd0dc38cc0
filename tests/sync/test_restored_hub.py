"""A hub that is set back to a backup: nothing is lost that a station knows, nothing is granted before all were heard."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.kernel.feed import Feed, FeedBroken
from core.kernel.ids import ContactId
from core.kernel.private import PrivateOut
from core.kernel.rewind import SetAside
from core.kernel.tables import sql_of
from core.kernel.uow import UnitOfWork
from core.orders.commands import HoldOrder
from core.orders.model import Contact, Fulfilment, Order
from core.rights.commands import AddStation
from core.rights.model import Epoch, EpochState, SiteStation, WorkLease
from core.waves.model import Batch, BatchState
from sync.station.pull import follow
from sync.station.push import push
from tests.orders import shop
from tests.support import Bench
from tests.sync.agreeing import agree
from tests.sync.held import hashes, shadows
from tests.sync.released import released_walks, walks
from tests.sync.test_leases import held
from tests.sync.world import Member, World, world

ORDERS = 4


def walks_are_released(it: World) -> None:
    released_walks(it, ORDERS)


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub with a walk for each of some orders, and three stations that know of them."""
    with world(tmp_path, stations=3, after=walks_are_released) as made:
        yield made


def epoch(it: World) -> Epoch:
    return it.office.it.all(Epoch)[-1]


def test_what_was_done_since_the_backup_is_there_again(it: World) -> None:
    one, two, three = it.members
    kept = it.backup()
    it.grant(one, *walks(it)[:2])
    it.settle()
    one.shop.pick_all()
    two.shop.stock("MUG", "A-1", 7)
    it.settle()
    three.shop.stock("MUG", "A-2", 5)
    before = hashes(it.central)
    it.restore(kept)
    assert hashes(it.central) != before

    it.settle()
    it.settle()

    assert epoch(it).number > 1
    assert epoch(it).state is EpochState.OVER
    agree(it)
    assert three.shop.at("MUG", "A-2") == 5
    assert {row.state for row in one.bench.all(Batch) if row.id == walks(it)[0]} == {BatchState.PICKED}
    assert set(held(one)) == set(walks(it)[:2])


def test_what_a_station_does_while_the_hub_does_not_know_it_is_not_lost(it: World) -> None:
    one = it.members[0]
    it.grant(one, *walks(it)[:2])
    it.settle()
    kept = it.backup()
    one.shop.stock("MUG", "A-1", 3)
    it.settle()
    it.restore(kept)
    one.shop.stock("MUG", "A-1", 4)
    one.shop.pick_all()

    for _ in range(3):
        it.settle()

    agree(it)
    assert one.shop.at("MUG", "A-1") == it.office.at("MUG", "A-1")


def test_nothing_is_granted_before_every_station_was_heard(it: World) -> None:
    one, two, three = it.members
    kept = it.backup()
    it.restore(kept)
    for member in (one, two):
        it.push(member)
        it.pull(member)
        it.push(member)
    it.lease(two, 60)
    assert it.office.it.all(WorkLease) == []
    assert epoch(it).state is EpochState.RECOVERING

    it.settle()
    it.settle()
    assert epoch(it).state is EpochState.OVER
    it.lease(two, 60)
    assert it.office.it.all(WorkLease) != []


def test_a_hub_that_nobody_told_of_its_restore_hears_it_from_its_stations(it: World) -> None:
    one = it.members[0]
    kept = it.backup()
    one.shop.stock("MUG", "A-1", 3)
    it.settle()
    it.restore(kept, told=False)

    for _ in range(3):
        it.settle()

    assert epoch(it).number > 1
    agree(it)
    assert it.office.at("MUG", "A-1") == 103


def test_what_others_remember_of_a_station_does_not_make_the_hub_wait_for_it(it: World) -> None:
    one, two, _ = it.members
    kept = it.backup()
    one.shop.stock("MUG", "A-1", 3)
    it.settle()
    two.shop.stock("MUG", "A-1", 4)
    it.restore(kept)
    for member in (two, two, two, one, one):
        it.push(member)
        it.pull(member)
    for _ in range(3):
        it.settle()

    assert epoch(it).state is EpochState.OVER
    agree(it)
    assert it.office.at("MUG", "A-1") == 107


def test_a_station_that_was_loaded_after_the_backup_loads_anew_and_loses_nothing(it: World) -> None:
    one, two, _ = it.members
    kept = it.backup()
    one.shop.stock("MUG", "A-1", 3)
    it.grant(one, walks(it)[0])
    it.settle()
    with one.connection.begin():
        # As if it had joined since: of the feed before, its file has nothing.
        one.connection.execute(sa.delete(sql_of(Feed)).where(sql_of(Feed).c.seq <= one.bench.executor._cursor - 2))
    it.office.stock("MUG", "A-1", 4)
    it.pull(one)
    it.restore(kept)
    with pytest.raises(FeedBroken, match="loaded anew"):
        it.push(one)
    assert one.bench.executor.identity.incarnation == 1

    for _ in range(4):
        it._run(one, follow(one.me))
        it._run(two, push(two.me))
        it._run(one, push(one.me))
    for _ in range(3):
        it.settle()

    assert epoch(it).state is EpochState.OVER
    assert one.unsettled() == []
    assert shadows(one.connection) == 0
    assert one.bench.all(SetAside) == []
    # Of a ledger that is over a loading brings what it sums to.
    assert hashes(one.connection, "stock_entry") == hashes(it.central, "stock_entry")
    assert it.office.at("MUG", "A-1") == 107
    assert held(one) == [walks(it)[0]]


def test_what_the_hub_never_forgot_is_waited_for_by_nobody_who_loads_anew(it: World) -> None:
    one, two, _ = it.members
    one.shop.stock("MUG", "A-1", 3)
    it.settle()
    kept = it.backup()
    common = one.bench.executor._cursor
    two.shop.stock("MUG", "A-1", 4)
    it.settle()
    two.shop.stock("MUG", "A-2", 5)
    it.settle()
    with one.connection.begin():
        # As if it had been away and was loaded since: it has rows from long before, and then none for a while.
        feed = sql_of(Feed)
        gap = sa.and_(feed.c.seq >= common, feed.c.seq <= one.bench.executor._cursor - 2)
        one.connection.execute(sa.delete(feed).where(gap))
    it.restore(kept)
    with pytest.raises(FeedBroken, match="loaded anew"):
        it.push(one)
    assert common // 2 < len(one.bench.all(SetAside))

    for _ in range(4):
        it._run(one, follow(one.me))
        it.settle()

    assert one.bench.all(SetAside) == []
    assert one.unsettled() == []
    assert epoch(it).state is EpochState.OVER
    assert it.office.at("MUG", "A-2") == one.shop.at("MUG", "A-2") == 5


def test_a_way_back_that_brings_nothing_leaves_nothing_that_nobody_counted(it: World) -> None:
    one, two, _ = it.members
    kept = it.backup()
    for _ in range(2):
        # The hub has gone on; this station took nothing that the hub forgot, and has not followed it since.
        it.restore(kept)
        it.push(two)
        it.push(one)
        assert one.bench.all(SetAside) == []

    for _ in range(3):
        it.settle()

    assert epoch(it).state is EpochState.OVER
    agree(it)


def test_what_others_handed_back_before_a_station_was_loaded_anew_is_waited_for_by_nobody(it: World) -> None:
    one, two, _ = it.members
    kept = it.backup()
    one.shop.stock("MUG", "A-1", 3)
    it.settle()
    with one.connection.begin():
        one.connection.execute(sa.delete(sql_of(Feed)).where(sql_of(Feed).c.seq <= one.bench.executor._cursor - 2))
    it.restore(kept)
    with pytest.raises(FeedBroken, match="loaded anew"):
        it.push(one)
    for _ in range(2):
        it.push(two)
        it.pull(two)
    # What it did comes with what is loaded: no receipt of it will follow.
    it._run(one, follow(one.me))
    assert one.unsettled() != []

    for _ in range(3):
        it.settle()

    assert epoch(it).state is EpochState.OVER
    assert one.unsettled() == []
    assert shadows(one.connection) == 0
    assert one.bench.all(SetAside) == []
    assert it.office.at("MUG", "A-1") == one.shop.at("MUG", "A-1") == 103


def test_two_restores_in_a_row_forget_nothing(it: World) -> None:
    one, two, _ = it.members
    first = it.backup()
    it.office.stock("MUG", "A-1", 1)
    it.settle()
    second = it.backup()
    it.office.stock("MUG", "A-1", 2)
    two.shop.stock("MUG", "A-1", 4)
    it.settle()
    it.restore(second)
    it.push(one)
    it.pull(one)
    it.restore(first)

    for _ in range(4):
        it.settle()

    agree(it)
    assert it.office.at("MUG", "A-1") == 107
    assert epoch(it).state is EpochState.OVER


def test_what_was_done_in_the_last_epoch_counts_also_beside_what_waits_since_an_earlier_one(it: World) -> None:
    one, two, _ = it.members
    kept = it.backup()
    hold(one.bench, it.office.it.all(Fulfilment)[0])
    it.settle()
    it.restore(kept)
    # What the first did is sent again by it, and by nobody else, where something else was done there: it is away.
    it.members.remove(one)
    hold(it.office.it, it.office.it.all(Fulfilment)[0])
    rename(it, two, "S-8")
    it.settle()
    kept = it.backup()
    rename(it, two, "S-9")
    it.settle()
    it.restore(kept)

    it.settle()
    it.settle()
    assert it.office.it.need(SiteStation, two.name).name == "S-9"

    it.members.insert(0, one)
    for _ in range(4):
        it.settle()
    agree(it)
    assert epoch(it).state is EpochState.OVER


def hold(bench: Bench, part: Fulfilment) -> None:
    bench.run(HoldOrder(**bench.base(), order=part.order, fulfilments=(part.id,), reason="OFFICE"))


def rename(it: World, member: Member, name: str) -> None:
    row = it.office.it.need(SiteStation, member.name)
    base = it.office.it.base()
    it.office.it.run(AddStation(**base, station=row.id, name=name, kind=row.kind, base_version=row.version))


def test_rows_that_came_with_a_way_back_are_asked_for_again_with_the_next(it: World) -> None:
    one, two, _ = it.members
    kept = it.backup()
    it.office.order("late", [("MUG", 1)])
    it.settle()
    it.restore(kept)
    it.push(two)
    it.push(one)
    # The hub has the order again, and gives it as it is there; the feed that brings it is not followed yet.
    assert "late" in [row.number for row in one.bench.all(Order)]
    it.restore(kept)

    it.push(one)

    assert "late" not in [row.number for row in one.bench.all(Order)]
    for _ in range(3):
        it.settle()
    assert epoch(it).state is EpochState.OVER
    agree(it)
    assert "late" in [row.number for row in one.bench.all(Order)]


def test_addresses_that_the_hub_forgot_are_there_again_and_none_that_is_known_is_written_over(it: World) -> None:
    kept = it.backup()
    elsewhere = ContactId(b"another address-")
    known = replace(shop.ANN, id=ContactId(b"a known address-"))
    keep_at_the_hub(it, known)
    keep_at_the_hub(it, replace(known, id=elsewhere, city="Elsewhere"))
    it.office.stock("MUG", "A-1", 5)
    it.office.order("near", [("MUG", 1)], contact=known.id)
    it.office.order("far", [("MUG", 1)], contact=elsewhere)
    it.office.promise()
    it.office.release()
    it.settle()
    one = it.members[0]
    assert {row.id for row in one.bench.all(Contact)} >= {known.id, elsewhere}
    it.restore(kept)
    assert {row.id for row in it.office.it.all(Contact)}.isdisjoint((known.id, elsewhere))
    keep_at_the_hub(it, replace(known, city="Moved"))

    it.settle()
    it.settle()

    cities = {row.id: row.city for row in it.office.it.all(Contact)}
    assert (cities[known.id], cities[elsewhere]) == ("Moved", "Elsewhere")
    assert [member.bench.all(PrivateOut) for member in it.members] == [[], [], []]
    agree(it)


def keep_at_the_hub(it: World, row: Contact) -> None:
    with it.central.begin():
        books = UnitOfWork(it.central)
        books.save(row)
        books.flush(varied=True)
