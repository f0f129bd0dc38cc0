"""A hub of several processes: one address, and whatever ends, nothing is left and nobody waits for long."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import httpx
import pytest

from desktop.hub_service import WORKERS_MAX, workers_for
from sync.hub.serving import HubNotStarted
from sync.hub.taking import Share
from sync.hub.workers import Line, serve_by
from tests.cli.commands import Shell, started
from tests.sync.hub.processes import serving

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(
        not Path("/proc/self/task").exists(), reason="whose child a process is, only Linux says in a file"
    ),
]

PATIENCE_S = 30.0


def children(process: int) -> list[int]:
    """Return the processes that a process has started and that still run."""
    return [int(word) for file in Path(f"/proc/{process}/task").glob("*/children") for word in file.read_text().split()]


def answering(process: int) -> list[int]:
    """Return those of its children that answer stations."""
    return [each for each in children(process) if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]


def until(what: Callable[[], object]) -> None:
    """Wait for something."""
    end = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def status(address: str) -> dict[str, Any]:
    """Return how a hub is, over a connection of its own."""
    return dict(httpx.get(f"{address}/v1/status", trust_env=False, timeout=PATIENCE_S).json())


@pytest.mark.parametrize(
    ("sites", "processors", "wanted"),
    [(0, 8, 1), (1, 8, 1), (2, 8, 2), (40, 8, WORKERS_MAX), (4, 1, 1), (4, 2, 2)],
)
def test_as_many_processes_answer_as_there_are_sites_and_processors_for_them(
    sites: int, processors: int, wanted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(processors)), raising=False)

    assert workers_for(sites) == wanted


@pytest.mark.postgres
@pytest.mark.nightly
def test_one_that_ends_by_itself_is_started_anew_and_none_outlives_the_hub(
    hub: Shell, new_database: Callable[[], str]
) -> None:
    assert hub("hub", "init", "--database", new_database()).code == 0
    with serving(hub.home, "--workers", 2) as told:
        address, serves = told["address"], told["process"]
        before = answering(serves)
        assert len(before) == 2
        assert status(address)["notes"] == []

        os.kill(before[0], signal.SIGKILL)
        until(lambda: any("started anew" in note for note in status(address)["notes"]))
        until(lambda: len(answering(serves)) == 2)
        assert before[1] in answering(serves), "the other went on"
        left = children(serves)
    until(lambda: not any(Path(f"/proc/{each}").exists() for each in left))


@pytest.mark.postgres
@pytest.mark.nightly
def test_where_the_hub_is_killed_those_that_answer_end(hub: Shell, new_database: Callable[[], str]) -> None:
    assert hub("hub", "init", "--database", new_database()).code == 0
    process = started(["hub", "serve", "--port", "0", "--json", "--workers", "2"], hub.home)
    assert process.stdout is not None
    assert process.stdout.readline()
    left = children(process.pid)
    assert len(left) >= 2

    process.kill()
    process.communicate()

    until(lambda: not any(Path(f"/proc/{each}").exists() for each in left))


def breaks(_listener: socket.socket, _share: Share, _line: Line) -> None:
    """Do not answer."""
    sys.exit(0)


def test_an_address_at_which_part_of_a_hub_would_answer_is_never_told() -> None:
    told: list[str] = []
    with pytest.raises(HubNotStarted, match="did not begin"):
        serve_by(breaks, 2, "127.0.0.1", 0, told.append, lambda: ())

    assert told == []
    assert [each for each in active_children() if each.name == "dockside-hub"] == []


def test_a_port_that_is_taken_is_told_before_anything_is_started() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(HubNotStarted, match="does not listen on"),
    ):
        serve_by(breaks, 2, "127.0.0.1", taken.getsockname()[1], lambda _address: None, lambda: ())
