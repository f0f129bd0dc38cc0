"""Photos over a real line: their bytes go up behind what is said and hold up nothing of it."""

import asyncio
import threading
from contextlib import ExitStack
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.cases.commands import AddPhoto, note_id
from core.cases.model import NoteText, Photo
from core.cases.photos import PhotoSafe
from core.kernel.database import Database
from core.kernel.ids import NoteId, StationId
from core.kernel.uow import UnitOfWork
from sync.hub.app import hub_app
from sync.hub.center import Center
from sync.hub.serving import served
from sync.protocol import (
    Carried,
    Carry,
    Compare,
    SentPhoto,
)
from sync.station import running
from sync.station.engines import Me, ReadPhotos
from sync.station.http import HttpLink, HubFault, HubRefusal
from sync.wire import PACKED, to_bytes
from tests.orders.shop import lay_out
from tests.support import NOON, SITE, FakeClock, FakeIds
from tests.sync.over_http import asked, name_of, nothing, unsettled, wait_for, working

pytestmark = pytest.mark.postgres


def test_a_photo_that_was_added_while_the_hub_was_away_comes_to_whoever_looks_at_it(
    tmp_path: Path, central: Database, center: Center
) -> None:
    there: list[int] = []
    away = Center(lambda site: central if there else None, FakeClock(), FakeIds(start=900_000_000))
    data = b"\xff\xd8\xff" + b"a scratch" * 40_000
    digest = sha256(data).hexdigest()
    with served(hub_app(away, nothing)) as address, ExitStack() as stack:
        one, two = (stack.enter_context(working(tmp_path, n, address)) for n in (1, 2))
        order = lay_out(one).order("o1", [("MUG", 2)])
        assert one.shelf.keep(digest, data)
        command = AddPhoto(**one.base(), order=order, digest=digest, size=len(data), station=name_of(1))
        one.run(command, NoteText(SITE, note_id(command.id), ""))
        there.append(1)
        wait_for(lambda: [row.digest for row in two.all(Photo)] == [digest])

        assert not two.shelf.look(digest)
        wait_for(lambda: two.shelf.read(digest) == data)
        wait_for(lambda: [row.digest for row in one.all(PhotoSafe)] == [digest])


def test_photos_are_looked_for_beside_the_line_and_once_one_was_acknowledged(
    tmp_path: Path, central: Database, center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "LOOK_S", 600.0)
    plain, threads = running.beside, []

    def heard(*given: Any) -> object:
        if isinstance(given[-1], ReadPhotos):
            threads.append(threading.current_thread().name)
        return plain(*given)

    monkeypatch.setattr(running, "beside", heard)
    with served(hub_app(center, nothing)) as address, working(tmp_path, 1, address) as one:
        wait_for(lambda: len(threads) == 1)
        shop = lay_out(one)
        order = shop.order("o1", [("MUG", 2)])
        for n in range(2, 4):
            wait_for(lambda: unsettled(one) == 0)
            shop.order(f"o{n}", [("MUG", 2)])
        wait_for(lambda: unsettled(one) == 0)
        assert len(threads) == 1

        data = b"\xff\xd8\xff" + b"a scratch"
        digest = sha256(data).hexdigest()
        assert one.shelf.keep(digest, data)
        command = AddPhoto(**one.base(), order=order, digest=digest, size=len(data), station=name_of(1))
        one.run(command, NoteText(SITE, note_id(command.id), ""))
        wait_for(lambda: [row.digest for row in one.all(PhotoSafe)] == [digest])
    assert "dockside-sync" not in threads


def test_what_is_done_beside_the_line_ends_before_the_engines_have_stopped(
    tmp_path: Path, central: Database, center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = threading.Event(), threading.Event()
    plain = running.beside

    def slow(*given: Any) -> object:
        begun.set()
        threading.Event().wait(0.5)
        ended.set()
        return plain(*given)

    monkeypatch.setattr(running, "beside", slow)
    with served(hub_app(center, nothing)) as address:
        with working(tmp_path, 1, address):
            assert begun.wait(15)
        assert ended.is_set()


def test_a_photo_has_time_to_go_up_on_a_thin_line() -> None:
    given: dict[str, float] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        given[request.url.path] = request.extensions["timeout"]["read"]
        raise httpx.ConnectError("nobody there")

    async def asked_both() -> None:
        link = HttpLink("http://hub", Me(SITE, name_of(1), b"start"))
        await link.close()
        link._client = httpx.AsyncClient(base_url="http://hub", transport=httpx.MockTransport(answer))
        for ask in (
            link.carry(Carry(epoch=1, site=SITE, station=name_of(1))),
            link.compare(Compare(epoch=1, site=SITE, station=name_of(1), seq=0, buckets=())),
        ):
            with pytest.raises(HubFault):
                await ask
        await link.close()

    asyncio.run(asked_both())
    assert given["/v1/photos"] >= 120 > given["/v1/compare"]


def test_of_a_photo_that_is_cut_off_on_the_wire_nothing_is_taken(central: Database, center: Center) -> None:
    data = b"\xff\xd8\xff" + b"a scratch" * 1_000
    digest = sha256(data).hexdigest()
    with central.connect() as connection, connection.begin():
        uow = UnitOfWork(connection)
        uow.insert(Photo(SITE, NoteId(b"note-00000000001"), digest, "image/jpeg", len(data), name_of(1), NOON))
        uow.flush()
    body, _ = to_bytes(Carry(epoch=1, site=SITE, station=name_of(1), brought=(SentPhoto(digest, data),)))
    with served(hub_app(center, nothing)) as address:
        sent = {"Content-Type": "application/json", "Content-Encoding": PACKED}
        for part in (body[:-1], body[: len(body) // 2], b""):
            assert httpx.post(f"{address}/v1/photos", content=part, headers=sent, trust_env=False).status_code == 400
        me = Me(SITE, name_of(1), b"start-0000000001")
        offered = Carry(epoch=1, site=SITE, station=name_of(1), offered=(digest,))
        assert asked(address, me, lambda link: link.carry(offered)) == Carried(epoch=1, lacking=(digest,))
        assert httpx.post(f"{address}/v1/photos", content=body, headers=sent, trust_env=False).status_code == 200
        assert asked(address, me, lambda link: link.carry(offered)) == Carried(epoch=1, kept=(digest,))
        with pytest.raises(HubRefusal, match="unknown_station"):
            asked(address, me, lambda link: link.carry(replace(offered, station=StationId(b"station-unknown!"))))
