"""The hub's HTTP service: a few addresses, messages of the protocol, a page that says how it is.

Messages are read, answered and written on threads; what a pull waits for is looked up once for all who wait, and what
writes to a site waits for its turn as the bytes it came in.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from core.kernel.ids import SiteId, StationId
from sync.hub.center import Center
from sync.hub.page import status_page
from sync.hub.status import HubStatus
from sync.hub.turns import NoTurn, Turns
from sync.protocol import (
    ATTENDED,
    BUSY,
    FOR_SITE,
    NOT_READABLE,
    PROTO,
    TAKEN_OUT,
    TOO_LARGE,
    UNKNOWN_STATION,
    WAIT_S,
    WAITS,
    Carry,
    Compare,
    Fetch,
    Join,
    Lease,
    Load,
    Pulled,
    Push,
    Refused,
    Rejoin,
    Renew,
)
from sync.wire import PACKED, UNPACKED_MAX, NotReadable, from_bytes, to_bytes

M = TypeVar("M")

_LOOK_S = 0.2
"""Seconds between two looks at how far a feed goes, as long as somebody waits for it."""
_ALONE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "Cache-Control": "no-store"}
"""The page runs nothing and fetches nothing."""
_STATUS = {UNKNOWN_STATION: 403, TAKEN_OUT: 403, TOO_LARGE: 413, BUSY: 503}


class Heads:
    """Waits for feeds to go on: one look for all stations that wait for the same site."""

    def __init__(self, center: Center) -> None:
        """Look through a hub's center."""
        self._center = center
        self._looking: dict[SiteId, asyncio.Task[int]] = {}
        self._over = False

    def end(self) -> None:
        """Let all who wait go: the service ends."""
        self._over = True

    async def beyond(self, site: SiteId, after: int, wait_s: float) -> None:
        """Return once a site's feed goes beyond a number, or the time is over."""
        loop = asyncio.get_running_loop()
        end = loop.time() + wait_s
        # Other hubs write to the feed too, so nobody here can say when: somebody has to look.
        while not self._over and await self._look(site) <= after and loop.time() < end:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_S)

    async def _look(self, site: SiteId) -> int:
        task = self._looking.get(site)
        if task is None:
            task = asyncio.ensure_future(run_in_threadpool(self._center.head, site))
            self._looking[site] = task
            task.add_done_callback(lambda _done: self._looking.pop(site, None))
        return await asyncio.shield(task)


async def _no_database(_request: Request, error: Exception) -> Response:
    """Say that the database does not answer: whoever asked will ask again."""
    words = str(getattr(error, "orig", error)).splitlines()
    return JSONResponse({"words": f"the database does not answer: {words[0] if words else ''}"}, status_code=503)


async def _broken_off(_request: Request, _error: Exception) -> Response:
    """Answer nobody: whoever asked went away in the middle of a message, of which nothing was taken."""
    return Response(status_code=400)


def _who(center: Center) -> Callable[[Request], Awaitable[Response]]:
    """Return what tells a PC that is about to join who answers here."""

    async def who(_request: Request) -> Response:
        names = await run_in_threadpool(center.names)
        return JSONResponse({"proto": PROTO, "sites": [{"site": site, "name": name} for site, name in names.items()]})

    return who


def _question(kind: type[M], answer: Callable[[M], object]) -> Callable[[Request], Awaitable[Response]]:
    """Return what answers messages of a kind, none of which writes to a site's feed in turn."""

    async def asked(request: Request) -> Response:
        return await _answered(request, kind, answer)

    return asked


def hub_app(center: Center, status: Callable[[], HubStatus]) -> Starlette:
    """Return the service of a hub.

    Args:
        center: what answers.
        status: how the hub is, for its page.
    """
    heads, turns = Heads(center), Turns()

    async def push(request: Request) -> Response:
        return await _in_turn(turns, request, Push, center.push)

    async def lease(request: Request) -> Response:
        return await _in_turn(turns, request, Lease, center.lease)

    async def pull(request: Request) -> Response:
        asked = request.query_params
        try:
            site, station = SiteId(int(asked["site"])), StationId(bytes.fromhex(asked["station"]))
            proto, after, epoch = int(asked["proto"]), int(asked["after"]), int(asked["epoch"])
            wait_s = float(asked.get("wait", "0"))
        except (KeyError, ValueError) as e:
            return _answer(Refused(epoch=0, reason=NOT_READABLE, words=f"{type(e).__name__}: {e}"))
        found = await run_in_threadpool(center.pull, proto, site, station, after, epoch)
        if isinstance(found, Pulled) and found.epoch == epoch and not found.rows and wait_s > 0:
            await heads.beyond(site, after, min(wait_s, WAIT_S))
            found = await run_in_threadpool(center.pull, proto, site, station, after, epoch)
        return await run_in_threadpool(_answer, found)

    async def health(_request: Request) -> Response:
        return JSONResponse((await run_in_threadpool(status)).to_json())

    async def page(_request: Request) -> Response:
        return HTMLResponse(status_page(await run_in_threadpool(status)), headers=_ALONE)

    asked: tuple[tuple[str, type[Any], Callable[[Any], object]], ...] = (
        ("private", Fetch, center.fetch), ("snapshot", Load, center.load), ("compare", Compare, center.compare),
        ("join", Join, center.join), ("rejoin", Rejoin, center.rejoin), ("renew", Renew, center.renew),
        ("photos", Carry, center.carry),
    )  # fmt: skip
    routes = [
        *(Route(f"/v1/{name}", _question(kind, answer), methods=["POST"]) for name, kind, answer in asked),
        Route("/v1/push", push, methods=["POST"]),
        Route("/v1/pull", pull, methods=["GET"]),
        Route("/v1/lease", lease, methods=["POST"]),
        Route("/v1/hub", _who(center), methods=["GET"]),
        Route("/v1/status", health, methods=["GET"]),
        Route("/", page, methods=["GET"]),
    ]
    away = dict.fromkeys((sa.exc.OperationalError, sa.exc.InterfaceError), _no_database)
    app = Starlette(routes=routes, exception_handlers=away | {ClientDisconnect: _broken_off})
    app.state.end = heads.end
    return app


async def _in_turn(turns: Turns, request: Request, kind: type[M], answer: Callable[[M], object]) -> Response:
    """Answer a message that writes to a site, once it is its turn."""
    site, attended = request.headers.get(FOR_SITE), request.headers.get(ATTENDED) == "1"
    try:
        # Of many who come back after a night most find no room: nothing of what they send is kept for that.
        turns.look_for_room(site, attended=attended)
        body = await _body(request)
        # What the message itself says is read when it has its turn: until then only who waits for what is of interest.
        async with turns.turn(
            site, attended=attended, gone=lambda: _gone(request), patience_s=_patience(request),
        ):  # fmt: skip
            return await run_in_threadpool(_answer_to, request, body, kind, answer)
    except NoTurn:
        return _answer(Refused(epoch=0, reason=BUSY))


async def _gone(request: Request) -> None:
    """Return once whoever asked, and was read to the end, has closed the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _patience(request: Request) -> float | None:
    """Return how many seconds whoever asks waits for an answer, as it says; None where it does not say.

    A cable that was pulled, or a proxy in between, may never tell that somebody has gone.
    """
    said = request.headers.get(WAITS, "")
    return float(said) if said.isascii() and said.isdigit() else None


async def _answered(request: Request, kind: type[M], answer: Callable[[M], object]) -> Response:
    """Answer a message."""
    return await run_in_threadpool(_answer_to, request, await _body(request), kind, answer)


def _answer_to(request: Request, body: bytes | None, kind: type[M], answer: Callable[[M], object]) -> Response:
    """Answer a message, or say why it is none."""
    if body is None:
        return _answer(Refused(epoch=0, reason=TOO_LARGE))
    try:
        message = from_bytes(kind, body, packed=request.headers.get("Content-Encoding", "") == PACKED)
    except NotReadable as e:
        return _answer(Refused(epoch=0, reason=NOT_READABLE, words=str(e)))
    return _answer(answer(message))


async def _body(request: Request) -> bytes | None:
    """Return a request's body, None where it is longer than any message."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > UNPACKED_MAX:
            return None
        parts.append(part)
    return b"".join(parts)


def _answer(message: object) -> Response:
    body, packed = to_bytes(message)
    headers = {"Content-Encoding": PACKED} if packed else {}
    code = _STATUS.get(message.reason, 400) if isinstance(message, Refused) else 200
    return Response(body, status_code=code, media_type="application/json", headers=headers)


__all__ = ["Heads", "hub_app"]
