"""What is kept beside a walk: its holder takes other units with the hub or without it, and nobody else is sent for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.catalog.commands import location_id
from core.kernel.ids import NO_ID, BatchId
from core.kernel.reasons import Reason
from core.picking.commands import AskKept, RepointTask
from core.picking.queries import AskOther
from core.picking.views import OtherStock, TaskView
from core.rights.model import SiteStation
from core.stock.model import Reservation
from sync.hub.planning import Planner
from sync.hub.reclaim import mark_lost
from tests.orders.shop import OWNER, item
from tests.support import SITE
from tests.sync.world import Member, World, hashes, released_walks, walks, world


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub with a walk for each of two orders, two units each out of A-1; three more lie at A-2."""
    with world(tmp_path, stations=2) as made:
        released_walks(made, 2)
        made.office.stock("MUG", "A-2", 3)
        made.settle()
        yield made


def kept(it: World) -> list[tuple[bytes, bytes, int]]:
    """Return what is kept at the hub: for which walk, where, how much."""
    rows = [row for row in it.office.it.all(Reservation) if row.work == NO_ID]
    return [(row.demand, row.location, row.quantity) for row in rows]


def at(member: Member, place: str, walk: BatchId) -> OtherStock:
    found: tuple[OtherStock, ...] = member.shop.ask(
        AskOther(SITE, OWNER, item("MUG"), place, location_id(place), batch=walk)
    )
    return found[0]


def other(member: Member, view: TaskView, place: str) -> RepointTask:
    return RepointTask(
        **member.bench.base(), batch=view.batch, task=view.task, source=view.key,
        target=at(member, place, view.batch).key, reservations=tuple(each.reservation for each in view.takes),
    )  # fmt: skip


def test_a_lease_brings_units_at_another_place_that_nobody_else_is_promised(it: World) -> None:
    one = it.members[0]
    it.lease(one)
    # For the second walk too few are left there.
    assert kept(it) == [(walks(it)[0], location_id("A-2"), 2)]

    big = it.office.order("big", [("MUG", 200)])
    it.office.promise()

    assert it.office.counts(big)["promised"] == 100 + 3 - 4 - 2
    it.settle()
    assert hashes(one.connection) == hashes(it.central)


def test_the_holder_takes_them_without_the_hub_and_may_go_back(it: World) -> None:
    one = it.members[0]
    it.lease(one)
    it.settle()
    view = one.shop.start()
    assert view.batch == walks(it)[0]
    assert (at(one, "A-2", view.batch).free, at(one, "A-2", view.batch).asks) == (2, 1)

    one.bench.run(other(one, view, "A-2"))
    moved = one.shop.task()
    assert moved.location_code == "A-2"
    one.bench.run(other(one, moved, "A-1"))
    one.bench.run(other(one, one.shop.task(), "A-2"))
    it.settle()

    assert kept(it) == [(view.batch, location_id("A-1"), 2)]
    assert hashes(one.connection) == hashes(it.central)
    it.office.check()


def test_who_has_none_asks_the_hub_and_takes_nothing_before_it_says_so(it: World) -> None:
    one, two = it.members
    it.grant(one, walks(it)[0])
    it.grant(two, walks(it)[1])
    it.settle()
    views = [member.shop.start(f"CART-{n}") for n, member in enumerate((one, two), 1)]
    for member, view in zip((one, two), views, strict=True):
        assert (at(member, "A-2", view.batch).free, at(member, "A-2", view.batch).asks) == (0, 3)
        assert member.bench.refuse(other(member, view, "A-2")).reason is Reason.NOT_KEPT_FOR_YOU
        key = at(member, "A-2", view.batch).key
        member.bench.run(AskKept(**member.bench.base(), batch=view.batch, key=key, quantity=2))
    it.settle()

    # There are three: the first who was heard has two of them.
    assert kept(it) == [(walks(it)[0], location_id("A-2"), 2)]
    one.bench.run(other(one, views[0], "A-2"))
    assert two.bench.refuse(other(two, views[1], "A-2")).reason is Reason.NOT_KEPT_FOR_YOU
    it.settle()
    assert hashes(two.connection) == hashes(it.central)


def test_what_was_kept_is_free_again_once_its_walk_is_over(it: World) -> None:
    one = it.members[0]
    it.lease(one)
    it.settle()
    one.shop.pick_all()
    it.settle()
    assert len(kept(it)) == 1

    Planner(SITE, it.hub, it.clock, it.ids).promise()

    assert kept(it) == []
    it.settle()
    assert hashes(one.connection) == hashes(it.central)
    it.office.check()


def test_what_is_kept_for_a_lost_cart_is_given_to_nobody(it: World) -> None:
    one, two = it.members
    it.lease(one)
    it.settle()
    row = next(row for row in it.office.it.all(SiteStation) if row.id == one.name)
    mark_lost(it.central, row, "burnt", it.clock, it.ids, switched_off=True)

    Planner(SITE, it.hub, it.clock, it.ids).promise()
    it.lease(two)

    assert kept(it) == [(walks(it)[0], location_id("A-2"), 2)]


def test_a_hub_that_was_set_back_keeps_again_what_it_kept(it: World) -> None:
    one = it.members[0]
    backup = it.backup()
    it.lease(one)
    it.settle()
    view = one.shop.start()
    it.restore(backup)
    assert kept(it) == []
    one.bench.run(other(one, view, "A-2"))

    for _ in range(4):
        it.settle()

    assert kept(it) == [(view.batch, location_id("A-1"), 2)]
    assert hashes(one.connection) == hashes(it.central)
