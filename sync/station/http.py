"""The wire to the hub: requests over HTTP, one connection kept, every failure a `HubFault` that says whether trying again helps."""

import json
from collections.abc import Callable
from typing import TypeVar

import httpx

from sync.protocol import (
    ATTENDED,
    FOR_SITE,
    PROTO,
    WAITS,
    Carried,
    Carry,
    Compare,
    Compared,
    Fetch,
    Fetched,
    Join,
    Joined,
    Lease,
    Leased,
    Load,
    Loaded,
    Pulled,
    Push,
    Pushed,
    Refused,
    Rejoin,
    Rejoined,
    Renew,
    Renewed,
)
from sync.station.engines import HubFault, HubRefusal, HubSeen, Me, NoHub
from sync.wire import PACKED, UNPACKED_MAX, NotReadable, from_bytes, to_bytes

M = TypeVar("M")

_CONNECT_S = 5.0
_ANSWER_S = 20.0
"""Seconds an answer may take beyond what the hub was allowed to wait."""
_PHOTO_S = 180.0
"""Seconds for the answer to a photo: it counts from when the system has taken all of it, not from when the line has carried it."""
_WORDS_MAX = 200


async def look(address: str) -> HubSeen:
    """See what hub is at an address.

    Raises:
        HubFault: nothing answers.
        NoHub: something else does.
    """
    limits = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
    try:
        async with (
            httpx.AsyncClient(base_url=address, timeout=limits, trust_env=False) as client,
            client.stream("GET", "/v1/hub") as answer,
        ):
            body = await _limited(answer)
    except (httpx.TransportError, OSError) as e:
        if isinstance(e, httpx.ProtocolError):
            raise NoHub(str(e)) from e
        raise HubFault(f"{type(e).__name__}: {e}") from e
    except (httpx.InvalidURL, httpx.HTTPError) as e:
        raise NoHub(str(e)) from e
    try:
        said = json.loads(body)
        return HubSeen(address, int(said["proto"]), tuple((int(e["site"]), str(e["name"])) for e in said["sites"]))
    except (ValueError, TypeError, KeyError) as e:
        raise NoHub(f"{answer.status_code}: {type(e).__name__}") from e


class HttpLink:
    """Speaks to one hub, from one event loop."""

    def __init__(self, address: str, me: Me, attended: Callable[[], bool] = lambda: True) -> None:
        """Speak to the hub at an address such as `http://127.0.0.1:8700`.

        Args:
            address: the hub's.
            me: who speaks.
            attended: whether somebody works at the station: the hub takes from it first.
        """
        self._me = me
        self._attended = attended
        limits = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
        self._client = httpx.AsyncClient(base_url=address, timeout=limits, trust_env=False)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def push(self, message: Push) -> Pushed:
        """Send operations.

        Raises:
            HubFault: no answer, or none of a hub's.
            HubRefusal: the hub will not take it.
        """
        return await self._post(Pushed, "/v1/push", message)

    async def pull(self, after: int, wait_s: int, epoch: int) -> Pulled:
        """Ask for the feed behind a number, and let the hub wait for more.

        Raises:
            HubFault: no answer, or none of a hub's.
            HubRefusal: the hub will not give it.
        """
        asked = {
            "proto": PROTO, "site": self._me.site, "station": self._me.station.hex(), "after": after, "wait": wait_s,
            "epoch": epoch,
        }  # fmt: skip
        return await self._ask(Pulled, "GET", "/v1/pull", params=asked, timeout=httpx.Timeout(_ANSWER_S + wait_s))

    async def fetch(self, message: Fetch) -> Fetched:
        """Ask for private rows.

        Raises:
            HubFault: no answer, or none of a hub's.
            HubRefusal: the hub will not give them.
        """
        return await self._post(Fetched, "/v1/private", message)

    async def lease(self, message: Lease) -> Leased:
        """Ask for work.

        Raises:
            HubFault: no answer, or none of a hub's.
            HubRefusal: the hub will not give any.
        """
        return await self._post(Leased, "/v1/lease", message)

    async def load(self, message: Load) -> Loaded:
        """Ask for a part of the site.

        Raises:
            HubFault: no answer, or none of a hub's.
            HubRefusal: the hub will not give it.
        """
        return await self._post(Loaded, "/v1/snapshot", message)

    async def join(self, message: Join) -> Joined:
        """Ask to be a station of the hub's.

        Raises:
            HubFault: no answer, or none of a hub's.
            HubRefusal: the hub will not have it.
        """
        return await self._post(Joined, "/v1/join", message)

    async def compare(self, message: Compare) -> Compared:
        """Ask what is something else at the hub.

        Raises:
            HubFault: no answer, or none of a hub's.
            HubRefusal: the hub will not say.
        """
        return await self._post(Compared, "/v1/compare", message)

    async def rejoin(self, message: Rejoin) -> Rejoined:
        """Ask what the hub has forgotten.

        Raises:
            HubFault: no answer, or none of a hub's.
            HubRefusal: the hub will not say.
        """
        return await self._post(Rejoined, "/v1/rejoin", message)

    async def renew(self, message: Renew) -> Renewed:
        """Ask for a new incarnation.

        Raises:
            HubFault: no answer, or none of a hub's.
            HubRefusal: the hub will not answer.
        """
        return await self._post(Renewed, "/v1/renew", message)

    async def carry(self, message: Carry) -> Carried:
        """Bring and ask for the bytes of photos.

        Raises:
            HubFault: no answer, or none of a hub's.
            HubRefusal: the hub will not have them.
        """
        return await self._post(Carried, "/v1/photos", message, _PHOTO_S)

    async def _post(self, kind: type[M], path: str, message: object, answer_s: float = _ANSWER_S) -> M:
        body, packed = to_bytes(message)
        headers = {"Content-Type": "application/json"} | ({"Content-Encoding": PACKED} if packed else {})
        headers |= {FOR_SITE: str(self._me.site), WAITS: f"{answer_s:.0f}"} | (
            {ATTENDED: "1"} if self._attended() else {}
        )
        limits = httpx.Timeout(answer_s, connect=_CONNECT_S)
        return await self._ask(kind, "POST", path, content=body, headers=headers, timeout=limits)

    async def _ask(self, kind: type[M], method: str, path: str, **given: object) -> M:
        try:
            # Unpacked here, with a limit, and not by the client.
            async with self._client.stream(method, path, **given) as answer:  # type: ignore[arg-type]
                body = await _limited(answer)
        except httpx.HTTPError as e:
            raise HubFault(f"{type(e).__name__}: {e}") from e
        packed = answer.headers.get("Content-Encoding", "") == PACKED
        try:
            if answer.status_code == httpx.codes.OK:
                return from_bytes(kind, body, packed=packed)
            raise HubRefusal(from_bytes(Refused, body, packed=packed))
        except NotReadable as e:
            raise HubFault(f"{answer.status_code}: {_words_in(body) or e}") from e


def _words_in(body: bytes) -> str:
    """Return why a hub cannot answer, such as that its database does not; empty where it does not say so."""
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    return str(told.get("words", ""))[:_WORDS_MAX] if isinstance(told, dict) else ""


async def _limited(answer: httpx.Response) -> bytes:
    """Return an answer's bytes as they came.

    Raises:
        HubFault: they are more than any message has.
    """
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) > UNPACKED_MAX:
            raise HubFault(f"an answer of more than {UNPACKED_MAX} bytes")
    return bytes(body)


__all__ = ["HttpLink", "HubFault", "HubRefusal", "look"]
