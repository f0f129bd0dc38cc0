"""Real work for a hub: what carts and a bench of a site did apart, as the pushes they will send once the hub is back.

`python -m tools.hub_load make ADDRESS COPY FILE ORDERS` plans a site in an empty database, copies the database as it then is, lets
three carts pick and a bench pack, and writes their pushes. The site is the tests' own: `DOCKSIDE_TEST_SITE` says another.
`python -m tools.hub_load send ADDRESS FILE…` sends them, the carts' beside each other and then the bench's, a site a file.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from core.kernel import codec
from core.kernel.database import Database, open_postgres
from core.kernel.operations import Operation, OperationState
from core.rights.commands import AddStation
from core.rights.model import StationKind
from core.waves.planner import CartSpec
from desktop.system import SystemClock, SystemIds
from sync.hub.center import Center
from sync.hub.planning import Planner
from sync.protocol import Push, sent_operation
from tests.orders.shop import Shop, lay_out, order_id
from tests.support import SITE, Bench, FakeClock, FakeIds
from tests.sync.office import AtTheHub
from tests.sync.world import Member, World, everybody, member
from tools.ready_pushes import Answer, Ready, open_wire, ready

CARTS = 3
OPERATIONS = 50
"""Of one push."""
WARMING = 2
"""A cart's pushes before anything is measured."""
NOTHING_LEFT = (AssertionError, AttributeError, IndexError, StopIteration, KeyError)
"""What a shop's handles raise where there is nothing to do."""


def make(address: str, copy: str, out: Path, orders: int) -> None:
    """Plan a site, copy its database, and write what carts and bench will push."""
    hub = open_postgres(address)
    hub.prepare()
    with tempfile.TemporaryDirectory(prefix="dockside-load-") as folder, ExitStack() as stack:
        it = _site(stack, hub, Path(folder))
        carts, bench = it.members[:-1], it.members[-1]
        _plan(it, carts, orders)
        for number, cart in enumerate(carts, 1):
            _pick(cart, f"CART-{number}")
        picked = [list(pushes(cart)) for cart in carts]
        # What a hub plans by itself is planned: it would begin with that, and so would the measure.
        Planner(SITE, hub, SystemClock(), SystemIds()).run()
        it.central.close()
        _copy(address, copy)
        it.settle()
        for number in range(orders):
            try:
                bench.shop.pack_all(order_id(f"o{number}"))
            except NOTHING_LEFT:
                continue
        out.write_text(
            json.dumps([[codec.to_text(push) for push in some] for some in (*picked, list(pushes(bench)))]),
            encoding="utf-8",
        )
    hub.dispose()


def _site(stack: ExitStack, hub: Database, folder: Path) -> World:
    central = stack.enter_context(hub.connect())
    ids, clock = FakeIds(start=900_000_000), FakeClock()
    center = Center(lambda site: hub if site == SITE else None, clock, ids)
    it = World(folder, hub, central, center, Shop(Bench(hub, AtTheHub(center, central), clock, ids)))  # type: ignore[arg-type]
    everybody(it.office)
    for number in range(1, CARTS + 2):
        made = member(folder, number)
        stack.callback(made.close)
        it.members.append(made)
        base = it.office.it.base()
        it.office.it.run(
            AddStation(**base, station=made.name, name=f"S-{number}", kind=StationKind.DESK, base_version=0)
        )
    return it


def _plan(it: World, carts: Sequence[Member], orders: int) -> None:
    """Lay out, take orders of one to three lines, promise and release them, and give each cart its walks."""
    first = it.members[0]
    lay_out(first.bench)
    for sku, place in (("MUG", "A-1"), ("CUP", "A-2"), ("JUG", "B-1")):
        first.shop.stock(sku, place, 100_000)
    it.settle()
    for number in range(orders):
        lines = [("MUG", 2), ("CUP", 1), ("JUG", 1)][: 1 + number % 3]
        it.office.order(f"o{number}", lines, cut_off_at=1_000_000 + number)
    it.office.promise()
    for number, batch in enumerate(it.office.release(CartSpec(slots=4))):
        it.grant(carts[number % len(carts)], batch)
    it.settle()
    for _ in range(1 + orders // 100):
        # Its label numbers come in ranges.
        it.lease(it.members[-1], 0)
        it.settle()


def _pick(cart: Member, name: str) -> None:
    while True:
        try:
            cart.shop.start(name)
        except NOTHING_LEFT:
            return
        try:
            while True:
                cart.shop.put(cart.shop.task())
        except NOTHING_LEFT:
            continue


def pushes(one: Member) -> Iterator[Push]:
    """Yield a station's pushes of what the hub has not."""
    mine = [each for each in one.bench.all(Operation) if each.station == one.name]
    new = sorted((each for each in mine if each.state is OperationState.PENDING), key=lambda each: each.seq)
    for start in range(0, len(new), OPERATIONS):
        some = new[start : start + OPERATIONS]
        yield Push(
            epoch=1, site=SITE, station=one.name, incarnation=1, start=one.name, log_length=new[-1].seq,
            log_head=new[-1].hash, operations=tuple(map(sent_operation, some)),
        )  # fmt: skip


def _copy(address: str, copy: str) -> None:
    """Copy a PostgreSQL database that nobody is connected to."""
    url = sa.make_url(address)
    engine = sa.create_engine(url.set(database="template1"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{copy}" TEMPLATE "{url.database}"')
    engine.dispose()


def read(file: Path) -> list[list[Push]]:
    """Return the pushes of a file, by station: the carts' first, the bench's last."""
    told = json.loads(file.read_text(encoding="utf-8"))
    return [[codec.from_text(Push, text) for text in some] for some in told]


async def send(address: str, sites: Sequence[list[list[Push]]]) -> dict[str, float]:
    """Send everything, each station its pushes one after another; return operations, seconds and what was not applied.

    Each cart's first pushes are not counted: a hub that was just started plans its statements by them.
    """
    made = [[[ready(push) for push in some] for some in stations] for stations in sites]
    answers: list[Answer] = []

    async def station(some: Sequence[Ready]) -> None:
        line = await open_wire(address)
        answers.extend([await line.ask(each.request) for each in some])
        line.close()

    async def site(stations: list[list[Ready]]) -> None:
        await asyncio.gather(*(station(some[WARMING:]) for some in stations[:-1]))
        await station(stations[-1])

    await asyncio.gather(*(station(some[:WARMING]) for stations in made for some in stations[:-1]))
    counted = len(answers)
    begun = time.perf_counter()
    await asyncio.gather(*(site(each) for each in made))
    took = time.perf_counter() - begun
    pushed = [each.pushed() for each in answers]
    operations = sum(len(each.receipts) for each in pushed[counted:])
    failed = sum(bool(receipt.reason) for each in pushed for receipt in each.receipts)
    return {"operations": operations, "seconds": took, "not_applied": failed}


def main(words: list[str]) -> int:
    """Make or send."""
    if words[0] == "make":
        make(words[1], words[2], Path(words[3]), int(words[4]))
    else:
        print(json.dumps(asyncio.run(send(words[1], [read(Path(each)) for each in words[2:]]))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
