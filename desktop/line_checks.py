"""The doctor at the way to the hub: a proxy that stands in it, the hub's certificate, its answer, and its clock.

The one thing a newcomer would get wrong: it looks the way that the line itself goes, which is straight and with the same
authorities; a proxy of the system would answer for a hub that the station never reaches.
"""

import email.utils
import socket
import ssl
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx

from core.station.gear import Checked

_HTTP_S = 3.0
_SKEW_S = 60
_SOON_DAYS = 30
_DAY_S = 86_400


def line_checks(hub: str, now_ms: int) -> Iterator[Checked]:
    """Check the way to a hub."""
    yield from _proxy(hub)
    yield from certificate(hub, now_ms)
    try:
        said = httpx.get(hub, timeout=_HTTP_S, trust_env=False).headers.get("Date", "")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as e:
        yield Checked(about="hub", name=hub, state="wrong", why="unreachable", detail=str(e))
        return
    yield Checked(about="hub", name=hub, state="ok")
    if said:
        skew = now_ms / 1000 - email.utils.parsedate_to_datetime(said).timestamp()
        ahead = f"{skew:+.0f} s"
        if abs(skew) > _SKEW_S:
            yield Checked(about="clock", state="warning", why="skewed", detail=ahead)
        else:
            yield Checked(about="clock", state="ok")


def _proxy(hub: str) -> Iterator[Checked]:
    """Name a proxy that this computer is to use for the hub: the line goes past it, which its network may not let it."""
    parts = urlsplit(hub)
    found = urllib.request.getproxies().get(parts.scheme, "")
    if not found or urllib.request.proxy_bypass(parts.hostname or ""):
        return
    proxy = urlsplit(found if "//" in found else f"//{found}")
    # What stands in front of the @ is a name and a password.
    where = f"{proxy.hostname}:{proxy.port}" if proxy.port else str(proxy.hostname)
    yield Checked(about="proxy", name=where, state="warning", why="proxy_passed_by")


def certificate(hub: str, now_ms: int, context: ssl.SSLContext | None = None) -> Iterator[Checked]:
    """Check that a hub's certificate is one we trust, and for how long; a hub without one has none to be checked.

    Args:
        hub: its address.
        now_ms: the time, UTC.
        context: whom to trust; the line's own authorities without.
    """
    parts = urlsplit(hub)
    if parts.scheme != "https" or parts.hostname is None:
        return
    trusting = context or httpx.create_ssl_context(trust_env=False)
    try:
        with (
            socket.create_connection((parts.hostname, parts.port or 443), _HTTP_S) as link,
            trusting.wrap_socket(link, server_hostname=parts.hostname) as wrapped,
        ):
            until = ssl.cert_time_to_seconds(str((wrapped.getpeercert() or {}).get("notAfter", "")))
    except ssl.SSLCertVerificationError as e:
        yield Checked(
            about="certificate", name=parts.hostname, state="wrong", why="not_trusted", detail=e.verify_message
        )
        return
    except (OSError, ValueError):
        return  # that it does not answer is said of the hub
    left = (until - now_ms / 1000) / _DAY_S
    day = datetime.fromtimestamp(until, UTC).date().isoformat()
    soon = left <= _SOON_DAYS
    yield Checked(
        about="certificate", name=parts.hostname, state="warning" if soon else "ok", why="certificate_soon" if soon else "", detail=day,
    )  # fmt: skip
