"""Where the hub listens, and what its connections are like."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from sync.hub import serving
from sync.hub.app import hub_app
from sync.hub.center import Center
from sync.hub.serving import LOOPBACK, listening, served
from tests.support import SITE, FakeClock, FakeIds
from tests.sync.over_http import nothing

PATIENCE_S = 10.0
SILENT_S = 1.0


def test_an_answers_second_part_waits_for_nobody() -> None:
    with (
        listening(LOOPBACK, 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as taken,
    ):
        assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1


@contextmanager
def line(address: str, *said: bytes) -> Iterator[socket.socket]:
    """A connection over which something was said."""
    where = urlsplit(address)
    assert where.hostname is not None and where.port is not None
    with socket.create_connection((where.hostname, where.port), timeout=PATIENCE_S) as made:
        for part in said:
            made.sendall(part)
        yield made


def closed(made: socket.socket) -> bool:
    """Wait until the other side has closed a connection without a word."""
    try:
        return made.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"POST /v1/push HTTP/1.1\r\nHost: hu",
        b"POST /v1/photos HTTP/1.1\r\nHost: hub\r\nContent-Length: 99\r\n\r\nhalf",
    ],
    ids=["nothing", "half a head", "half a body"],
)
def test_a_connection_over_which_nothing_comes_any_more_is_closed(
    said: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serving, "_SILENT_S", SILENT_S)
    center = Center(lambda _site: None, FakeClock(), FakeIds())
    with served(hub_app(center, nothing)) as address, line(address, said) as made:
        assert closed(made)
        # Whoever comes next is answered.
        with line(address, b"GET /v1/hub HTTP/1.1\r\nHost: hub\r\n\r\n") as other:
            assert other.recv(100).startswith(b"HTTP/1.1 200")
    assert capsys.readouterr().err == ""


def test_what_comes_slowly_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    # Long beside the pauses: a busy machine makes them longer.
    monkeypatch.setattr(serving, "_SILENT_S", 2.5)
    center = Center(lambda _site: None, FakeClock(), FakeIds())
    with served(hub_app(center, nothing)) as address, line(address) as made:
        for each in b"GET /v1/hub HTTP/1.1\r\nHost: hub\r\n\r\n":
            made.sendall(bytes([each]))
            time.sleep(0.08)
        assert made.recv(100).startswith(b"HTTP/1.1 200")


def test_who_waits_for_an_answer_need_not_say_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_SILENT_S", SILENT_S)

    class Slow(Center):
        def names(self) -> dict[int, str]:  # type: ignore[override]
            time.sleep(4 * SILENT_S)
            return {SITE: "a site"}

    with (
        served(hub_app(Slow(lambda _site: None, FakeClock(), FakeIds()), nothing)) as address,
        line(address, b"GET /v1/hub HTTP/1.1\r\nHost: hub\r\n\r\n") as made,
    ):
        assert made.recv(100).startswith(b"HTTP/1.1 200")


def test_an_answer_that_is_taken_slowly_is_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_SILENT_S", SILENT_S)
    names = dict.fromkeys(range(20_000), "a site" * 200)

    class Large(Center):
        def names(self) -> dict[int, str]:  # type: ignore[override]
            return names

    with (
        served(hub_app(Large(lambda _site: None, FakeClock(), FakeIds()), nothing)) as address,
        line(address, b"GET /v1/hub HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n") as made,
    ):
        # More than the system keeps on its way.
        time.sleep(2.5 * SILENT_S)
        taken = 0
        while part := made.recv(1 << 20):
            taken += len(part)
    assert taken > 20_000 * 1_200
