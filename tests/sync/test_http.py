"""Two stations, a hub on loopback and a real PostgreSQL: what one does the other shows, and everybody agrees."""

import asyncio
import threading
from collections.abc import Awaitable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import httpx
import pytest
import sqlalchemy as sa

import core.everything  # noqa: F401
from core.cases.commands import OpenCase
from core.cases.model import Case, CaseKind
from core.kernel.database import Database, open_postgres
from core.kernel.executor import Executor, Identity, write_identity
from core.kernel.feed import Feed, FeedBroken, content_text, feed_hash, head_of, row_of
from core.kernel.ids import StationId
from core.kernel.operations import Operation
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import Role
from core.kernel.writer import Writer
from core.orders.model import Order
from core.rights.model import SiteStation, StationKind, StationStatus
from sync.hub.app import hub_app
from sync.hub.center import Center
from sync.hub.serving import served
from sync.protocol import (
    PROTO,
    Lease,
    Leased,
    Pulled,
    Push,
    Pushed,
    sent_operation,
)
from sync.station.engines import Me
from sync.station.http import HttpLink, HubFault, HubRefusal
from sync.station.running import Engines
from sync.station.surroundings import Heard, Surroundings
from tests.orders.shop import lay_out
from tests.quick import open_new
from tests.support import NOON, SITE, Bench, FakeClock, FakeIds, open_gate
from tests.sync.held import confirmed_rows, hashes
from tests.sync.over_http import asked, name_of, nothing, unsettled, wait_for, working

pytestmark = pytest.mark.postgres


def test_what_one_station_does_another_shows(tmp_path: Path, central: Database, center: Center) -> None:
    with served(hub_app(center, nothing)) as address, ExitStack() as stack:
        one, two = (stack.enter_context(working(tmp_path, n, address)) for n in (1, 2))
        shop = lay_out(one)
        shop.stock("MUG", "A-1", 10)
        order = shop.order("o1", [("MUG", 2)])
        wait_for(lambda: unsettled(one) == 0)
        wait_for(lambda: any(row.id == order for row in two.all(Order)))

        # Numbers are granted meanwhile: what is equal now may be one grant apart a moment later.
        with central.connect() as connection:
            wait_for(lambda: hashes(connection) == hashes(one.executor.connection) == hashes(two.executor.connection))
            wait_for(lambda: confirmed_rows(connection) == confirmed_rows(two.executor.connection))
            with connection.begin():
                log = sql_of(Operation)
                assert connection.execute(sa.select(sa.func.count()).select_from(log)).scalar_one() > 5


def test_a_station_nobody_added_is_refused(center: Center) -> None:
    me = Me(SITE, StationId(b"station-unknown!"), b"start")
    with served(hub_app(center, nothing)) as address:
        with pytest.raises(HubRefusal, match="unknown_station"):
            asked(address, me, lambda link: link.pull(0, 0, 1))
        empty = Push(
            epoch=1, site=SITE, station=me.station, incarnation=1, start=b"s", log_length=0, log_head=b"", operations=()
        )
        with pytest.raises(HubRefusal, match="unknown_station"):
            asked(address, me, lambda link: link.push(empty))


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", {}),
        (b"{}", {}),
        (b"\xff\xfe", {}),
        (b"not packed", {"Content-Encoding": "zstd"}),
        (b'{"is":"Push"}', {}),
    ],
)
def test_what_is_no_message_is_refused_in_words(center: Center, body: bytes, headers: dict[str, str]) -> None:
    with served(hub_app(center, nothing)) as address:
        answer = httpx.post(f"{address}/v1/push", content=body, headers=headers, trust_env=False)

        assert (answer.status_code, answer.json()["reason"]) == (400, "not_readable")


def test_a_pull_says_what_it_does_not_understand(center: Center) -> None:
    with served(hub_app(center, nothing)) as address:
        for words in ({}, {"site": "x"}, {"site": "1", "station": "zz", "after": "0", "proto": "1"}):
            answer = httpx.get(f"{address}/v1/pull", params=words, trust_env=False)
            assert (answer.status_code, answer.json()["reason"]) == (400, "not_readable")
        other = {"site": "1", "station": name_of(1).hex(), "after": "0", "proto": str(PROTO + 1), "epoch": "1"}
        assert httpx.get(f"{address}/v1/pull", params=other, trust_env=False).json()["reason"] == "other_proto"
        other |= {"proto": str(PROTO), "site": "7"}
        assert httpx.get(f"{address}/v1/pull", params=other, trust_env=False).json()["reason"] == "not_here"


def test_a_hub_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    me = Me(SITE, name_of(1), b"start")
    with pytest.raises(HubFault, match="Connect"):
        asked("http://127.0.0.1:9", me, lambda link: link.pull(0, 0, 1))


def test_pushes_of_one_site_at_a_time_leave_a_feed_without_gaps(
    tmp_path: Path, central: Database, center: Center
) -> None:
    """Stations push at once over connections of their own; not even the first row of a site's feed is written twice."""
    pushes: list[Push] = []
    for n in (1, 2):
        with station(tmp_path, n) as it:
            for units in range(1, 9):
                it.run(OpenCase(**it.base(), kind=CaseKind.CALL, subject=bytes([n, units])))
            log = it.all(Operation)
        me = name_of(n)
        pushes += [
            Push(
                epoch=1, site=SITE, station=me, incarnation=1, start=me, log_length=8, log_head=b"",
                operations=tuple(map(sent_operation, log[: 2 * part])),
            )
            for part in (1, 2, 3, 4)
        ]  # fmt: skip
    with ThreadPoolExecutor(len(pushes)) as pool:
        answers = list(pool.map(center.push, pushes))

    assert all(isinstance(each, Pushed) for each in answers)
    last = [center.push(each) for each in pushes[3::4]]
    assert [each.applied_through for each in last if isinstance(each, Pushed)] == [8, 8]
    with central.connect() as connection, connection.begin():
        feed = rows_of(Feed, connection.execute(sa.select(sql_of(Feed)).order_by(sql_of(Feed).c.seq)))
        cases = connection.execute(sa.select(sa.func.count()).select_from(sql_of(Case))).scalar_one()
        head = head_of(connection, SITE)
    digest = bytes(32)
    for number, row in enumerate(feed, 1):
        digest = feed_hash(digest, row)
        assert (row.seq, row.hash) == (number, digest)
    assert (head.seq, head.hash) == (len(feed), digest)
    assert cases == 16


@contextmanager
def station(folder: Path, n: int) -> Iterator[Bench]:
    """A station's file that nobody syncs."""
    database = open_new(folder / f"alone-{n}.db", Role.REPLICA)
    with database.connect() as connection:
        identity = Identity(SITE, name_of(n))
        write_identity(connection, identity)
        clock = FakeClock()
        executor = Executor(connection, identity, clock, open_gate, role=Role.REPLICA)
        yield Bench(database, executor, clock, FakeIds(start=n * 1_000_000))
    database.dispose()


def test_a_station_asks_for_work_over_the_wire(center: Center) -> None:
    me = Me(SITE, name_of(1), b"start")
    asking = Lease(epoch=1, site=SITE, station=me.station, incarnation=1, minutes=60)
    with served(hub_app(center, nothing)) as address:
        answer = asked(address, me, lambda link: link.lease(asking))
        assert isinstance(answer, Leased)
        assert answer.granted == 0
        with pytest.raises(HubRefusal, match="unknown_station"):
            asked(address, me, lambda link: link.lease(replace(asking, station=StationId(b"station-unknown!"))))


def test_a_mistake_in_an_engine_is_told_and_not_lost_with_its_task(tmp_path: Path) -> None:
    told: list[Heard] = []
    with ExitStack() as stack:
        database = open_new(tmp_path / "station-1.db", Role.REPLICA)
        stack.callback(database.dispose)
        identity = Identity(SITE, name_of(1))
        with database.connect() as connection:
            write_identity(connection, identity)
        writer = stack.enter_context(Writer(database, identity, FakeClock(), open_gate))
        me = Me(SITE, identity.station, b"start-0000000001")

        def broken() -> object:
            raise RuntimeError("no such thing")

        around = Surroundings(
            me,
            identity,
            broken,
            writer,
            HttpLink("http://127.0.0.1:9", me),
            Random(1),
            told.append,
            give_back=broken,
            tell=lambda connection, epoch: [],
        )  # type: ignore[arg-type]
        stack.enter_context(Engines(around))
        wait_for(lambda: len(told) == 6)

    assert {(each.engine, each.final, each.words) for each in told} == {
        (name, True, "RuntimeError: no such thing") for name in ("push", "pull", "fetch", "lease", "witness", "compare")
    }


def test_a_row_of_the_feed_with_a_value_of_another_kind_is_broken() -> None:
    row = SiteStation(SITE, name_of(1), "S-1", StationKind.DESK, StationStatus.ACTIVE, 1, NOON, 1)
    text = content_text(row)
    assert row_of(SiteStation.TABLE, text) == row

    for broken in (text.replace("desk", "boat"), text.replace(name_of(1).hex(), "zz"), "{}"):
        with pytest.raises(FeedBroken, match="site_station"):
            row_of(SiteStation.TABLE, broken)


def test_while_the_database_is_away_the_hub_says_so_and_stations_ask_again() -> None:
    gone = open_postgres("postgresql+psycopg://nobody@127.0.0.1:9/none?connect_timeout=1")
    center = Center(lambda site: gone, FakeClock(), FakeIds())
    me = Me(SITE, name_of(1), b"start")
    with served(hub_app(center, nothing)) as address:
        answer = httpx.get(
            f"{address}/v1/pull",
            params={"site": "1", "station": me.station.hex(), "after": "0", "proto": str(PROTO), "epoch": "1"},
            trust_env=False,
        )
        assert (answer.status_code, "the database does not answer" in answer.json()["words"]) == (503, True)
        with pytest.raises(HubFault, match="503: the database does not answer"):
            asked(address, me, lambda link: link.pull(0, 0, 1))
    gone.dispose()


def test_a_push_of_a_client_that_gave_up_is_not_served_when_its_turn_comes(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    served_for: list[StationId] = []
    going_on = threading.Event()

    def slow(message: Push) -> Pushed:
        served_for.append(message.station)
        going_on.wait(20)
        return Pushed(epoch=1, at=0, applied_through=0, applied_head=b"", newest_start=b"", receipts=())

    def push(link: HttpLink, n: int) -> Awaitable[Pushed]:
        return link.push(
            Push(
                epoch=1, site=SITE, station=name_of(n), incarnation=1, start=b"s", log_length=0, log_head=b"",
                operations=(),
            )
        )  # fmt: skip

    async def scene(address: str) -> None:
        links = [HttpLink(address, Me(SITE, name_of(n), b"start")) for n in range(3)]
        asked = []
        for n, link in enumerate(links):
            asked.append(asyncio.ensure_future(push(link, n)))
            await asyncio.sleep(0.2)
        asked[1].cancel()
        await asyncio.sleep(0.2)
        going_on.set()
        await asyncio.wait(asked)
        for link in links:
            await link.close()

    monkeypatch.setattr(center, "push", slow)
    with served(hub_app(center, nothing)) as address:
        asyncio.run(scene(address))

    assert served_for == [name_of(0), name_of(2)]


def test_who_waits_for_news_is_answered_when_the_hub_ends(center: Center) -> None:
    me = Me(SITE, name_of(1), b"start")
    with ThreadPoolExecutor(1) as pool:
        with served(hub_app(center, nothing)) as address:
            head = center.head(SITE)
            waiting = pool.submit(asked, address, me, lambda link: link.pull(head, 25, 1))
            threading.Event().wait(0.5)
            assert not waiting.done()
        answer = waiting.result(10)

    assert isinstance(answer, Pulled)
    assert (answer.rows, answer.head) == ((), head)
