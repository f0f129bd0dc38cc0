"""A hub that has no turn left says so before it takes in what it would not keep."""

import asyncio
import threading
from random import Random
from typing import Any

import pytest

from core.kernel.ids import StationId
from sync.hub import app, turns
from sync.hub.app import hub_app
from sync.hub.center import Center
from sync.hub.serving import served
from sync.hub.status import HubStatus
from sync.protocol import BUSY, Push, Pushed
from sync.station.engines import HubRefusal, Me
from sync.station.http import HttpLink
from tests.support import NOON, SITE, FakeClock, FakeIds


def nothing() -> HubStatus:
    return HubStatus(NOON, ())


def name_of(n: int) -> StationId:
    return StationId(b"station-%08d" % n)


def test_of_a_push_for_which_there_is_no_room_nothing_is_kept_and_its_connection_serves_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    center = Center(lambda site: None, FakeClock(), FakeIds())
    began, going_on = threading.Event(), threading.Event()
    read: list[object] = []
    body = app._body

    async def counted(request: Any) -> bytes | None:
        read.append(request.client)
        return await body(request)

    def slow(message: Push) -> Pushed:
        began.set()
        going_on.wait(20)
        return Pushed(epoch=1, at=0, applied_through=0, applied_head=b"", newest_start=b"", receipts=())

    async def scene(address: str) -> None:
        links = [HttpLink(address, Me(SITE, name_of(n), b"start"), attended=lambda: False) for n in range(2)]
        pushes = [
            Push(
                epoch=1, site=SITE, station=name_of(n), incarnation=1, start=Random(n).randbytes(300_000), log_length=0, log_head=b"",
                operations=(),
            ) for n in range(2)
        ]  # fmt: skip
        first = asyncio.ensure_future(links[0].push(pushes[0]))
        await asyncio.to_thread(began.wait, 20)
        for _ in range(3):
            with pytest.raises(HubRefusal, match=BUSY):
                await links[1].push(pushes[1])
        assert len(read) == 1
        going_on.set()
        await first
        await links[1].push(pushes[1])
        for link in links:
            await link.close()

    monkeypatch.setattr(turns, "UNATTENDED_MAX", 0)
    monkeypatch.setattr(app, "_body", counted)
    monkeypatch.setattr(center, "push", slow)
    with served(hub_app(center, nothing)) as address:
        asyncio.run(scene(address))

    assert len(read) == 2
