"""Hubs as processes of their own, on loopback, ended by their id."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.kernel.ids import SiteId, StationId
from sync.station.engines import Me
from tests.cli.commands import started


@contextmanager
def serving(home: Path, *words: object) -> Iterator[dict[str, Any]]:
    """Run a hub for a while and yield what it said once it listened, and its process."""
    process = started(["hub", "serve", "--port", "0", "--json", *words], home)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        told = dict(json.loads(line or "{}"))
        assert "address" in told, line or process.communicate()[1]
        yield told | {"process": process.pid}
    finally:
        end(process)


def end(process: "subprocess.Popen[str]") -> None:
    """End a process by the signal that asks for it, and see that it ended well."""
    process.send_signal(signal.SIGTERM)
    try:
        _, said = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    assert process.returncode == 0, said


def me_of(joined: dict[str, Any]) -> Me:
    """Return who a station is that was added."""
    station = StationId(bytes.fromhex(joined["station"]))
    return Me(SiteId(joined["site"]), station, b"start-0000000001")
