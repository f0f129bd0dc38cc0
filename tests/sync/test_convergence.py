"""Stations that work apart agree with the hub once everything was pushed and pulled, whatever they did and in which order."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from core.amending.planner import plan_cancel
from core.kernel.feed import Feed, FeedBroken, key_text
from core.kernel.ids import ContactId, OrderId
from core.kernel.operations import Operation, operation_hash
from core.kernel.private import PrivateOut, PrivateWanted
from core.kernel.refusal import Refusal
from core.kernel.tables import sql_of
from core.kernel.uow import UnitOfWork
from core.orders.commands import NewLine, NewOrder, ReceiveOrders
from core.orders.model import Contact, Fulfilment, Order, PartialPolicy, PaymentState
from core.packing.model import Parcel
from core.people.model import PersonCard
from core.rights.model import Stage, StationKind
from core.waves.model import Batch, BatchKind
from sync.protocol import Fetch, Fetched, Push, Pushed, sent_operation
from tests.orders.shop import OWNER, item, lay_out, order_id
from tests.support import NOON, SITE
from tests.sync.agreeing import agree
from tests.sync.held import confirmed_rows
from tests.sync.world import Member, World, world


def open_site(it: World) -> None:
    """Lay the shop out at the first station; everybody knows it then."""
    first = it.members[0]
    lay_out(first.bench)
    for sku, place in (("MUG", "A-1"), ("CUP", "A-2"), ("JUG", "B-1")):
        first.shop.stock(sku, place, 30)
    it.give_carrier(first, "HOUSE")
    it.settle()


def plan_at_the_hub(it: World, chance: Random) -> None:
    """The hub promises and releases, and gives the walks to stations."""
    it.office.promise()
    for batch in it.office.release():
        it.grant(chance.choice(it.members), batch)
        if it.office.it.need(Batch, batch).kind is BatchKind.BULK:
            it.grant(chance.choice(it.members), batch, stage=Stage.PACK)


def do_something(it: World, member: Member, chance: Random, orders: list[OrderId]) -> None:
    """One act of the floor or the office at a station, where it can be done there."""
    shop = member.shop
    if chance.randint(0, 3) == 0:
        plan_at_the_hub(it, chance)
        return
    act = chance.choice(["stock", "order", "order", "start", "put", "put", "put", "pack", "pack", "load", "cancel"])
    match act:
        case "stock":
            shop.stock(chance.choice(["MUG", "CUP"]), chance.choice(["A-1", "A-2"]), chance.randint(1, 5))
        case "order":
            name = f"o{len(orders)}-{member.name.decode()}"
            orders.append(shop.order(name, [(chance.choice(["MUG", "CUP", "JUG"]), chance.randint(1, 3))]))
        case "start":
            shop.start()
        case "put":
            shop.put(shop.task())
        case "pack":
            shop.pack_all(chance.choice(orders))
        case "load":
            shop.load(chance.choice(shop.it.all(Parcel)))
        case _:
            known = {row.id for row in shop.it.all(Order)}
            order = chance.choice([each for each in orders if each in known])
            with shop.connection.begin():
                plan = plan_cancel(shop.connection, SITE, order, "customer", shop.stamp())
            if not isinstance(plan, Refusal):
                shop.it.run(plan)


NOT_NOW = (AssertionError, IndexError, AttributeError, StopIteration)
"""What a shop's handles raise where there is nothing to do."""


@pytest.mark.parametrize("seed", range(6))
def test_whatever_stations_do_apart_they_agree_in_the_end(tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    with world(tmp_path, stations=3) as it:
        open_site(it)
        orders: list[OrderId] = []
        for _ in range(120):
            member = chance.choice(it.members)
            match chance.randint(0, 5):
                case 0:
                    it.push(member, chance.randint(1, 8))
                case 1:
                    it.pull(member, chance.randint(1, 8))
                case _:
                    try:
                        do_something(it, member, chance, orders)
                    except NOT_NOW:
                        continue
            if seed % 4 == 0:
                assert_images_hold(it, member)
        it.settle()
        agree(it)


def assert_images_hold(it: World, member: Member) -> None:
    """What is confirmed at a station is what the feed said up to its cursor."""
    told: dict[str, dict[str, str]] = {}
    for row in it.feed(0):
        if row.seq > member.bench.executor._cursor:
            break
        if row.kind == "row":
            told.setdefault(row.entity, {})[row.key] = row.content
        elif row.kind == "gone":
            told.setdefault(row.entity, {}).pop(row.key, None)
    found = {name: rows for name, rows in confirmed_rows(member.connection).items() if rows}
    assert found == {name: rows for name, rows in told.items() if rows}


def wanted(member: Member) -> list[str]:
    """Return what a station still asks for, but for the picker's name, which nobody ever gave."""
    return [row.entity for row in member.bench.all(PrivateWanted) if row.entity != PersonCard.TABLE.name]


def test_names_and_addresses_go_beside_the_operations(tmp_path: Path) -> None:
    with world(tmp_path, stations=3) as it:
        open_site(it)
        one, two, three = it.members
        ann = Contact(
            SITE, ContactId(b"contact-of-ann--"), "Ann", "", "1 Lane", "Leeds", "", "LS1", "GB", "", "", "", ""
        )
        new = NewOrder(
            id=order_id("o1"), channel="test", external_id="o1", number="o1", owner=OWNER, contact=ann.id, ordered_at=NOON,
            service="standard", carrier="HOUSE", priority=0, promised_at=0, cut_off_at=0, payment=PaymentState.PAID,
            partial=PartialPolicy.PARTIAL, handling="", digest=b"d" * 32,
            lines=(NewLine("1", item("MUG"), 1, 0, "EUR", "Mug"),),
        )  # fmt: skip
        one.bench.run(ReceiveOrders(**one.bench.base(), orders=(new,)), ann)
        assert [row.key for row in one.bench.all(PrivateOut)] == [f'[1,"{ann.id.hex()}"]']

        it.pull(two)
        assert two.bench.get(Contact, ann.id) is None
        it.settle()
        assert two.bench.get(Contact, ann.id) is None, "nobody sends it yet"
        it.office.promise()
        it.office.release()
        it.settle()

        for member in (one, two, three):
            assert member.bench.get(Contact, ann.id) == ann
            assert member.bench.all(PrivateOut) == []
            assert wanted(member) == []
        with it.central.begin():
            told = it.central.execute(sa.select(sql_of(Feed).c.content)).scalars().all()
            bodies = it.central.execute(sa.select(sql_of(Operation).c.body)).scalars().all()
        assert not [text for text in (*told, *bodies) if "Leeds" in text or "Lane" in text]


def test_what_the_hub_has_not_got_stays_wanted(tmp_path: Path) -> None:
    with world(tmp_path) as it:
        open_site(it)
        one, two = it.members
        one.shop.order("o1", [("MUG", 1)])
        it.settle()
        it.office.promise()
        it.office.release()
        it.settle()

        assert wanted(two) == ["contact"]
        it.central.rollback()
        with it.central.begin():
            books = UnitOfWork(it.central)
            books.save(*(row for row in one.bench.all(Contact)))
            books.flush()
        it.settle()

        assert wanted(two) == []
        assert two.bench.all(Contact) == one.bench.all(Contact)


def test_a_cart_is_given_no_address_however_it_asks_and_others_only_for_work_on_the_floor(tmp_path: Path) -> None:
    kinds = (StationKind.DESK, StationKind.CART, StationKind.BENCH, StationKind.DOCK)
    with world(tmp_path, kinds=kinds) as it:
        lay_out(it.office.it)
        it.office.stock("MUG", "A-1", 1)
        for name in ("o1", "o2"):
            it.office.order(name, [("MUG", 1)])
        contact = next(iter(it.office.it.all(Fulfilment))).contact
        it.central.rollback()
        with it.central.begin():
            books = UnitOfWork(it.central)
            books.save(Contact(SITE, contact, "Ann", "", "1 Lane", "Leeds", "", "LS1", "GB", "", "", "", ""))
            books.flush()
        asks = (("contact", key_text((SITE, contact))),)
        for member in it.members:
            asked = Fetch(epoch=1, site=SITE, station=member.name, wanted=asks)
            answer = it.center.fetch(asked)
            assert isinstance(answer, Fetched)
            assert (answer.rows, answer.withheld) == ((), asks), "nothing is released"

        it.office.promise()
        it.office.release()
        it.settle()
        desk, cart, bench, dock = it.members
        assert [len(member.bench.all(Contact)) for member in (desk, cart, bench, dock)] == [1, 0, 1, 1]
        assert [wanted(member) for member in it.members] == [[], [], [], []]
        refused = it.center.fetch(Fetch(epoch=1, site=SITE, station=cart.name, wanted=asks))
        assert isinstance(refused, Fetched)
        assert (refused.rows, refused.withheld) == ((), asks)


def test_a_feed_that_does_not_follow_is_not_taken(tmp_path: Path) -> None:
    with world(tmp_path) as it:
        open_site(it)
        one, two = it.members
        one.shop.stock("MUG", "A-1", 3)
        it.push(one)
        rows = it.feed(two.bench.executor._cursor)
        before = two.bench.dump()
        bent = replace(rows[0], content=rows[0].content.replace("3", "4"))

        for broken, words in (
            (rows[1:], "follows"),
            ([bent, *rows[1:]], "does not follow from"),
            (rows[:-1], "in the middle of an operation"),
        ):
            with pytest.raises(FeedBroken, match=words):
                two.bench.executor.take(broken)
        assert two.bench.dump() == before

        two.bench.executor.take(rows)
        assert two.shop.at("MUG", "A-1") == 33


def test_a_push_whose_answer_was_lost_is_sent_again_and_changes_nothing(tmp_path: Path) -> None:
    with world(tmp_path) as it:
        open_site(it)
        one = it.members[0]
        one.shop.stock("MUG", "A-1", 3)
        message = Push(
            epoch=1, site=SITE, station=one.name, incarnation=1, start=one.name, log_length=99, log_head=b"",
            operations=tuple(sent_operation(each) for each in one.bench.all(Operation)[-3:]),
        )  # fmt: skip
        first = it.center.push(message)
        length = len(it.feed(0))

        again = it.center.push(message)

        assert isinstance(first, Pushed)
        assert isinstance(again, Pushed)
        assert again.receipts == first.receipts
        assert len(it.feed(0)) == length


def test_a_gap_in_the_log_is_not_applied_over(tmp_path: Path) -> None:
    with world(tmp_path) as it:
        open_site(it)
        one = it.members[0]
        for _ in range(3):
            one.shop.stock("MUG", "A-1", 1)
        last = one.bench.all(Operation)[-1]
        answer = it.center.push(message_of(one, last))

        assert isinstance(answer, Pushed)
        assert answer.applied_through == last.seq - 3
        assert answer.receipts == ()


def test_another_operation_under_a_known_number_is_a_fork(tmp_path: Path) -> None:
    with world(tmp_path) as it:
        open_site(it)
        one = it.members[0]
        last = one.bench.all(Operation)[-1]
        other = replace(last, body=last.body.replace("30", "31"))
        other = replace(other, hash=operation_hash(other))
        answer = it.center.push(message_of(one, other))

        assert isinstance(answer, Pushed)
        assert answer.forked == last.seq


def test_an_operation_that_does_not_follow_on_its_chain_is_not_applied(tmp_path: Path) -> None:
    with world(tmp_path) as it:
        open_site(it)
        one = it.members[0]
        one.shop.stock("MUG", "A-1", 1)
        last = one.bench.all(Operation)[-1]
        answer = it.center.push(message_of(one, replace(last, body=last.body.replace("1", "2"))))

        assert isinstance(answer, Pushed)
        assert answer.applied_through == last.seq - 1


def message_of(member: Member, *operations: Operation) -> Push:
    return Push(
        epoch=1, site=SITE, station=member.name, incarnation=1, start=member.name, log_length=999, log_head=b"",
        operations=tuple(map(sent_operation, operations)),
    )  # fmt: skip
