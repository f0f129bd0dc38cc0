"""What is kept beside a walk: its holder takes other units with the hub or without it, and nobody else is sent for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cases.model import Case, CaseKind
from core.catalog.commands import location_id, zone_id
from core.exchange.verify import verify_all
from core.kernel import codec
from core.kernel.ids import NO_ID, BatchId, CommandId, derive
from core.kernel.reasons import Reason
from core.picking.commands import AskKept, RepointTask
from core.picking.queries import AskOther
from core.picking.views import OtherStock, TaskView
from core.rights.model import FloorAnswer, SiteStation
from core.rules.commands import SetAmount
from core.rules.model import Amount, Measure, Scope
from core.stock.model import Reservation, StockKey
from core.waves.keeping import keep_commands
from core.waves.planner import CartSpec
from sync.hub.planning import Planner
from sync.hub.reclaim import answer_floor, mark_lost, open_lines
from tests.orders.shop import OWNER, TODAY, item, lay_out
from tests.support import SITE
from tests.sync.held import hashes
from tests.sync.released import released_walks, walks
from tests.sync.world import Member, World, world


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


def test_what_a_lost_cart_took_from_beside_its_walk_before_another_got_it_stands_and_is_told(it: World) -> None:
    """Spent offline, and given out again meanwhile: both picked, both is in the books, and somebody is told of the units that are over."""
    one, two = it.members
    it.lease(one)
    it.settle()
    view = one.shop.start()
    one.bench.run(other(one, view, "A-2"))
    one.shop.put(one.shop.task())
    assert one.shop.at("MUG", "A-2") == 1

    row = next(row for row in it.office.it.all(SiteStation) if row.id == one.name)
    mark_lost(it.central, row, "burnt", it.clock, it.ids, switched_off=True)
    it.pull(two)
    it.push(two)
    with it.central.begin():
        lines = open_lines(it.central, SITE)
    for each in lines:
        assert answer_floor(it.central, SITE, each.id, FloorAnswer.HERE, it.clock, it.ids) is FloorAnswer.HERE
    it.lease(two)
    it.pull(two)
    two.shop.totes = iter((8, 9))
    for _ in walks(it):
        two.shop.pick_all("CART-2")
    it.push(two)
    for _ in range(3):
        it.settle()

    assert it.office.at("MUG", "A-2") == 1, "what he took is gone from there"
    assert it.office.at("MUG", "A-1") == 96
    Planner(SITE, it.hub, it.clock, it.ids).promise()
    assert kept(it) == []
    cases = {(row.kind, codec.parse(row.facts).get("reason")) for row in it.office.it.all(Case)}
    assert cases == {
        (CaseKind.STATION_RENEWED, None),
        (CaseKind.CONTRADICTED, "work_gone"),
        (CaseKind.PUT_BACK, "picked_twice"),
    }
    with it.central.begin():
        assert {each.case for each in verify_all(it.central)} == {CaseKind.PUT_BACK}


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


def say(it: World, value: int, scope: Scope = Scope.SITE, target: bytes = b"") -> None:
    base = it.office.it.base()
    row = it.office.it.get(Amount, Measure.UNITS_KEPT, scope, target.hex())
    it.office.it.run(
        SetAmount(
            **base, measure=Measure.UNITS_KEPT, scope=scope, target=target.hex(), value=value,
            base_version=0 if row is None else row.version,
        )
    )  # fmt: skip


def test_how_many_units_are_kept_is_data_and_the_zone_says_it_before_the_station_and_the_site(it: World) -> None:
    one, two = it.members
    it.office.stock("MUG", "A-2", 20)
    say(it, 100)
    say(it, 1, Scope.STATION, one.name)
    it.lease(one)
    assert kept(it) == [], "each stop wants two"

    say(it, 1, Scope.STATION, two.name)
    say(it, 4, Scope.ZONE, zone_id("A"))
    it.lease(two)
    assert kept(it) == [(walks(it)[1], location_id("A-2"), 2)], "the zone says more than the station"


def serials_at_one_place(it: World) -> None:
    lay_out(it.members[0].bench)
    it.settle()
    for n in range(4):
        it.office.stock("MUG", "A-1", 1, serial=f"S{n}")
    for n in range(2):
        it.office.order(f"o{n}", [("MUG", 1)], cut_off_at=1_000_000 + n)
    it.office.promise()
    it.office.release(CartSpec(slots=1, bulk_orders=1))
    it.settle()


def test_of_serials_another_one_where_the_picker_stands_is_kept_and_taken_without_the_hub(tmp_path: Path) -> None:
    with world(tmp_path, stations=2, after=serials_at_one_place) as it:
        it.office.stock("MUG", "A-2", 1, serial="S9")
        members = dict(zip(walks(it), it.members, strict=True))
        for walk, member in members.items():
            it.grant(member, walk)
            it.settle()
        views = [member.shop.start(f"CART-{n}") for n, member in enumerate(members.values(), 1)]
        sent = {view.key.serial for view in views}
        stamp = it.office.it.base()
        with it.central.begin():
            made = [
                each for n, (walk, member) in enumerate(members.items())
                for each in keep_commands(
                    it.central, SITE, member.name, [walk], TODAY, {**stamp, "id": CommandId(derive(stamp["id"], "keep", n))}
                )
            ][:1]  # fmt: skip
        it.office.it.run(made[0])
        it.settle()
        ((walk, place, quantity),) = kept(it)
        one = members[BatchId(walk)]
        other_one = next(member for member in it.members if member is not one)
        (unit,) = made[0].units
        assert (place, quantity) == (location_id("A-1"), 1)
        assert unit.key.serial not in {*sent, "S9"}

        view = one.shop.task()

        def repoint(member: Member, view: TaskView, target: StockKey) -> RepointTask:
            return RepointTask(
                **member.bench.base(), batch=view.batch, task=view.task, source=view.key, target=target,
                reservations=tuple(each.reservation for each in view.takes),
            )  # fmt: skip

        refused = other_one.bench.refuse(repoint(other_one, other_one.shop.task(), unit.key))
        assert refused.reason in (Reason.NOT_KEPT_FOR_YOU, Reason.RESERVED_FOR_OTHERS)
        one.bench.run(repoint(one, view, unit.key))
        assert one.shop.task().key.serial == unit.key.serial
        one.bench.run(repoint(one, one.shop.task(), view.key))
        one.bench.run(repoint(one, one.shop.task(), unit.key))
        one.shop.put(one.shop.task())
        it.settle()

        rows = [row for row in it.office.it.all(Reservation) if row.work == NO_ID]
        assert [row.serial for row in rows] == [view.key.serial], (
            "what it left is kept for it, and may be told to be missing"
        )
        assert it.office.it.all(Case) == []
        assert hashes(one.connection) == hashes(it.central)
        it.office.check()
