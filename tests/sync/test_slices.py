"""What comes down in a large part is kept in slices of whole operations, and people's work goes in between."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from core.catalog.commands import location_id
from core.kernel.executor import Executor, GaveWay, Work
from core.kernel.feed import Feed, FeedKind, head_of
from core.kernel.ids import FulfilmentId, OrderId, SiteId
from core.kernel.loading import want_loading
from core.kernel.operations import Operation
from core.kernel.replica import Taken
from core.kernel.writer import Writer
from core.orders.model import StopKind, StopRequest
from core.stock.commands import Receipt, ReceiveStock
from core.stock.model import Balance
from sync.protocol import Load, Pulled
from sync.station import running
from sync.station.engines import Forget, HubFault, Write
from sync.station.files import Tell, operations_of
from sync.station.running import Engines
from sync.station.surroundings import Surroundings
from tests.orders.shop import OWNER, item, lay_out
from tests.support import PICKER, SITE, open_gate
from tests.sync.held import confirmed_rows
from tests.sync.world import Member, World, world

PATIENCE_S = 15.0
CUP = Receipt(owner=OWNER, item=item("CUP"), location=location_id("A-2"), quantity=1)


def page(*lengths: int) -> list[Feed]:
    """Return operations of so many rows, each with its receipt as the last of them."""
    kinds = [kind for length in lengths for kind in [FeedKind.ROW] * (length - 1) + [FeedKind.RECEIPT]]
    return [Feed(SiteId(1), n, 1, kind, "", "", "", b"") for n, kind in enumerate(kinds, 1)]


@pytest.mark.parametrize(
    ("lengths", "slices"),
    [
        ((3,), [3]),
        ((3, 3, 3, 3), [9, 3]),
        ((5, 5, 1), [10, 1]),
        ((2, 30, 2, 3), [2, 30, 5]),
        ((30,), [30]),
        ((1,) * 25, [10, 10, 5]),
    ],
)
def test_slices_end_at_receipts_and_divide_no_operation(lengths: tuple[int, ...], slices: list[int]) -> None:
    rows = page(*lengths)
    found = list(operations_of(rows, 10))
    assert [len(each) for each in found] == slices
    assert all(each[-1].kind is FeedKind.RECEIPT for each in found)
    assert [row for each in found for row in each] == rows


class Line:
    """A line on which the hub answers pulls alone."""

    def __init__(self, it: World, member: Member) -> None:
        self._it, self._member = it, member

    async def pull(self, after: int, wait_s: int, epoch: int) -> Pulled:
        found = self._it.center.pull(1, SITE, self._member.name, after, epoch)
        if not isinstance(found, Pulled) or not found.rows:
            raise HubFault("the line is cut")
        return found

    async def close(self) -> None:
        return

    def __getattr__(self, name: str) -> Any:
        async def cut(_message: object) -> None:
            raise HubFault("the line is cut")

        return cut


def test_a_scan_goes_between_two_slices_of_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SLICE", 40)
    with world(tmp_path, stations=1) as it, ExitStack() as stack:
        (one,) = it.members
        lay_out(it.office.it)
        it.pull(one)
        begun = head(one.connection)
        for _ in range(30):
            it.office.stock("MUG", "A-1", 1)
        with it.central.begin():
            goal = head_of(it.central, SITE).seq
        one.connection.close()
        writer = stack.enter_context(Writer(one.bench.database, one.identity, one.bench.clock, open_gate))
        at: list[int] = []
        told: list[int] = []
        all_there = threading.Event()

        def write(
            executor: Executor, effect: Write, tell: Tell, whole: Callable[..., object] = running.write
        ) -> object:
            done = whole(executor, effect, tell)
            if isinstance(done, Taken):
                if not at:
                    writer.submit(Work(command=ReceiveStock(**one.bench.base(), receipts=(CUP,))))
                at.append(done.head.seq)
            return done

        monkeypatch.setattr(running, "write", write)

        def taken(what: Taken) -> None:
            told.append(what.head.seq)
            if what.head.seq == goal:
                all_there.set()

        around = Surroundings(
            replace(one.me, start=b"start-0000000002"), one.identity, one.bench.database.reading, writer, Line(it, one), Random(1), lambda _heard: None,
            give_back=lambda _lease: pytest.fail("nothing is held"), tell=lambda _connection, _epoch: [], taken=taken,
        )  # fmt: skip
        with Engines(around):
            assert all_there.wait(PATIENCE_S)
        with one.bench.database.connect() as connection:
            assert confirmed_rows(connection) == confirmed_rows(it.central)
            with connection.begin():
                log, held = Operation.TABLE.sql, Balance.TABLE.sql
                mine = sa.select(log.c.base_cursor).where(log.c.kind == ReceiveStock.KIND)
                seen = connection.execute(mine).scalar_one()
                there = sa.select(held.c.settled, held.c.total).where(
                    held.c.item == item("CUP"), held.c.location == location_id("A-2")
                )
                assert tuple(connection.execute(there).one()) == (0, 1)
    assert at == sorted(at)
    assert len(at) > 2
    assert begun < seen == at[0] < goal
    # Whoever shows it looks again once a page.
    assert told == [goal]


@pytest.mark.parametrize("asked", [1, 2, 3, 4])
def test_a_slice_that_gives_way_has_written_nothing_and_is_taken_as_it_was(tmp_path: Path, asked: int) -> None:
    with world(tmp_path, stations=2) as it:
        one, two = it.members
        lay_out(it.office.it)
        it.settle()
        one.shop.stock("MUG", "A-1", 3)
        one.shop.stock("MUG", "A-1", 5)
        it.push(one)
        # Under what is not settled here, too: images give way as well.
        two.shop.stock("MUG", "A-1", 7)
        rows, before, left = it.feed(head(two.connection)), two.bench.dump(), [asked]

        def gives_way() -> bool:
            left[0] -= 1
            return not left[0]

        two.bench.executor.gives_way = gives_way
        with pytest.raises(GaveWay):
            two.bench.executor.take(rows)
        assert two.bench.dump() == before
        two.bench.executor.take(rows)
        it.settle()
        assert two.shop.at("MUG", "A-1") == 15
        assert confirmed_rows(two.connection) == confirmed_rows(it.central)


def test_what_did_not_come_with_a_loading_goes_in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SLICE", 20)
    slices: list[int] = []

    def write(executor: Executor, effect: Write, tell: Tell, whole: Callable[..., object] = running.write) -> object:
        slices.extend([len(effect.rows)] if isinstance(effect, Forget) else [])
        return whole(executor, effect, tell)

    monkeypatch.setattr(running, "write", write)
    with world(tmp_path, stations=1) as it, ExitStack() as stack:
        (one,) = it.members
        lay_out(it.office.it)
        it.settle()
        one.bench.seed(
            *(
                StopRequest(
                    SITE, FulfilmentId(b"nobody's %07d" % n), OrderId(bytes(16)), StopKind.CANCEL, 0, PICKER, ""
                )
                for n in range(50)
            )
        )
        with one.connection.begin():
            want_loading(one.connection, SITE, 1)
        one.connection.close()
        writer = stack.enter_context(Writer(one.bench.database, one.identity, one.bench.clock, open_gate))
        done = threading.Event()
        around = Surroundings(
            replace(one.me, start=b"start-0000000002"), one.identity, one.bench.database.reading, writer, Loads(it, one), Random(1), lambda _heard: None,
            give_back=lambda _lease: pytest.fail("nothing is held"), tell=lambda _connection, _epoch: [], taken=lambda _what: done.set() if slices else None,
        )  # fmt: skip
        with Engines(around):
            assert done.wait(PATIENCE_S)
        with one.bench.database.connect() as connection:
            assert confirmed_rows(connection) == confirmed_rows(it.central)
    assert slices == [20, 20, 10]


class Loads(Line):
    """A line on which the hub gives the site as well."""

    async def load(self, message: Load) -> object:
        return self._it.center.load(message)


def head(connection: sa.Connection) -> int:
    with connection.begin():
        return head_of(connection, SITE).seq
