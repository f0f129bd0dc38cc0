"""Stations that work and speak with a hub over HTTP, in this process."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

import sqlalchemy as sa

from core.cases.shelf import Shelf
from core.kernel.blobs import BlobStore
from core.kernel.executor import Identity, Work, write_identity
from core.kernel.ids import StationId
from core.kernel.operations import Operation, OperationState
from core.kernel.uow import Role
from core.kernel.writer import Writer
from core.rights.commands import GiveBackWork
from sync.hub.status import HubStatus
from sync.station.engines import Me
from sync.station.http import HttpLink
from sync.station.running import Engines
from sync.station.surroundings import Surroundings
from tests.quick import open_new
from tests.support import NOON, SITE, Bench, FakeClock, FakeIds, open_gate


def nothing() -> HubStatus:
    """How a hub is that has no sites."""
    return HubStatus(NOON, ())


def name_of(n: int) -> StationId:
    return StationId(b"station-%08d" % n)


class Through:
    """An executor whose works go through a writer, for a bench's handles."""

    def __init__(self, writer: Writer, connection: sa.Connection) -> None:
        self.writer, self.connection = writer, connection

    def perform(self, work: Work) -> object:
        return self.writer.submit(work).result()


@contextmanager
def working(folder: Path, n: int, address: str) -> Iterator[Bench]:
    """A station that works and syncs."""
    with ExitStack() as stack:
        database = open_new(folder / f"station-{n}.db", Role.REPLICA)
        stack.callback(database.dispose)
        identity = Identity(SITE, name_of(n))
        with database.connect() as connection:
            write_identity(connection, identity)
        clock = FakeClock()
        writer = stack.enter_context(Writer(database, identity, clock, open_gate))
        connection = stack.enter_context(database.connect())
        me = Me(SITE, identity.station, b"start-%010d" % n)
        bench = Bench(database, Through(writer, connection), clock, FakeIds(start=n * 1_000_000))  # type: ignore[arg-type]
        around = Surroundings(
            me,
            identity,
            database.reading,
            writer,
            HttpLink(address, me),
            Random(n),
            lambda heard: None,
            give_back=lambda lease: GiveBackWork(**bench.base(), stage=lease.stage, work=lease.work, fence=lease.fence),
            tell=lambda connection, epoch: [],
            shelf=Shelf(BlobStore(folder / f"blobs-{n}")),
        )
        bench.shelf = around.shelf
        engines = stack.enter_context(Engines(around))
        bench.shelf.asked = engines.look_for_photos
        bench.listeners.append(lambda changes: engines.poke())
        yield bench


def asked(address: str, me: Me, ask: Callable[[HttpLink], Awaitable[object]]) -> object:
    """Ask a hub something once."""

    async def once() -> object:
        link = HttpLink(address, me)
        try:
            return await ask(link)
        finally:
            await link.close()

    return asyncio.run(once())


def wait_for(what, seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not what():
        assert time.monotonic() < end, "it did not come"
        pause.wait(0.02)


def unsettled(bench: Bench) -> int:
    return sum(each.state is not OperationState.DURABLE for each in bench.all(Operation))


__all__ = ["asked", "name_of", "nothing", "unsettled", "wait_for", "working"]
