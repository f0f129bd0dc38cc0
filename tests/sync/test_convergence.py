"""Stations that work apart agree with the hub once everything was pushed and pulled, whatever they did and in which order."""

from pathlib import Path
from random import Random

import pytest

from core.amending.planner import plan_cancel
from core.kernel.ids import OrderId
from core.kernel.refusal import Refusal
from core.orders.model import Order
from core.packing.model import Parcel
from core.stock.model import Balance
from tests.orders.shop import lay_out
from tests.support import SITE
from tests.sync.world import Member, World, confirmed_rows, hashes, shadows, world


def open_site(it: World) -> None:
    """Lay the shop out at the first station; everybody knows it then."""
    first = it.members[0]
    lay_out(first.bench)
    for sku, place in (("MUG", "A-1"), ("CUP", "A-2"), ("JUG", "B-1")):
        first.shop.stock(sku, place, 30)
    it.settle()


def do_something(member: Member, chance: Random, orders: list[OrderId]) -> None:
    """One act of the floor or the office at a station, where it can be done there."""
    shop = member.shop
    act = chance.choice(
        ["stock", "order", "order", "promise", "release", "start", "put", "put", "put", "pack", "load", "cancel"]
    )
    match act:
        case "stock":
            shop.stock(chance.choice(["MUG", "CUP"]), chance.choice(["A-1", "A-2"]), chance.randint(1, 5))
        case "order":
            name = f"o{len(orders)}-{member.name.decode()}"
            orders.append(shop.order(name, [(chance.choice(["MUG", "CUP", "JUG"]), chance.randint(1, 3))]))
        case "promise":
            shop.promise()
        case "release":
            shop.release()
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


@pytest.mark.parametrize("seed", range(8))
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
                        do_something(member, chance, orders)
                    except NOT_NOW:
                        continue
            if seed % 4 == 0:
                assert_images_hold(it, member)
        it.settle()
        want, rows = hashes(it.central), confirmed_rows(it.central)
        for member in it.members:
            assert shadows(member.connection) == 0
            assert confirmed_rows(member.connection) == rows
            assert hashes(member.connection) == want
            assert all(row.settled == row.total for row in member.bench.all(Balance))


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
