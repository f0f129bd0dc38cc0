"""Measures of a station's line: scans while the feed comes at full speed, and how soon others see what one has done."""

import contextlib
import io
import itertools
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.exchange.imports import Importer
from core.kernel.executor import Done, Work
from core.kernel.tables import rows_of
from core.kernel.uow import Changes
from core.station.replay import Line
from core.stock.commands import Receipt, ReceiveStock
from core.stock.model import Balance
from desktop.assembly import Assembly, assembled
from desktop.cli import main as dockside
from desktop.headless import headless
from desktop.membership import in_step
from desktop.planning import stamp
from sync.hub.configuration import Configuration, HubHome
from sync.station.files import read_cursor, read_queue

UNSETTLED = 200
CHANGES = 150
PATIENCE_S = 600.0


@dataclass(frozen=True, slots=True)
class Pair:
    """A hub that serves, and two stations of its site: the sample's own, and a second desk."""

    hub: Path
    first: Path
    second: Path


def quiet(*words: str) -> None:
    """Run a command of ours without its output."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        assert dockside(list(words)) == 0, words


@contextmanager
def pair(folder: Path) -> Iterator[Pair]:
    """Move a sample into a hub of its own, serve it, and let a second desk join."""
    folder.mkdir()
    for each in (folder, folder.parent):
        # The hub's PostgreSQL may run as somebody else, who must be able to pass.
        each.chmod(each.stat().st_mode | 0o111)
    it = Pair(folder / "hub", folder / "first", folder / "second")
    quiet("sample", "--home", str(it.first), "--json")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    HubHome(it.hub).write(Configuration(port=port))
    quiet("hub", "adopt", str(it.first), "--embedded", "--home", str(it.hub))
    words = [sys.executable, "-m", "desktop.cli", "hub", "serve", "--json", "--home", str(it.hub)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            join = ("join", f"http://127.0.0.1:{port}", "--name", "Desk 2", "--kind", "desk")
            quiet(*join, "--simulated", "--home", str(it.second))
            yield it
        finally:
            process.terminate()


def wait_until(true: Callable[[], bool]) -> None:
    """Look again and again until something is so."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it never came to be so"
        time.sleep(0.02)


def sent(assembly: Assembly) -> bool:
    """Return whether the hub has everything that was done here."""
    with assembly.database.reading() as reader:
        return read_queue(reader, assembly.identity).waiting == 0


def cursor(assembly: Assembly) -> int:
    """Return how far the feed was taken."""
    with assembly.database.reading() as reader:
        return read_cursor(reader, assembly.identity).seq


def receive(assembly: Assembly) -> None:
    """Book a unit in where there are some: an operation like any other."""
    found = sa.select(Balance.TABLE.sql).where(Balance.TABLE.sql.c.signed == 0, Balance.TABLE.sql.c.total > 0).limit(1)
    with assembly.database.reading() as reader:
        (row,) = rows_of(Balance, reader.execute(found))
    receipt = Receipt(owner=row.owner, item=row.item, location=row.location, quantity=1)
    outcome = assembly.submit(Work(command=ReceiveStock(**stamp(assembly), receipts=(receipt,)))).result()
    assert isinstance(outcome, Done), outcome


def read_in(assembly: Assembly, orders: Path) -> None:
    """Read a file of orders in."""
    with assembly.database.reading() as reader:
        importer = Importer(
            site=assembly.identity.site, reader=reader, submit=assembly.writer.submit_background, clock=assembly.clock,
            ids=assembly.ids,
        )  # fmt: skip
        report = importer.run("orders", orders, "dockside")
    assert report.imported, report.to_text()


def measure_scans_while_pulling(it: Pair, orders: Path) -> dict[str, Any]:
    """Measure scans at a station that was away, has work that is not settled, and takes what others did meanwhile."""
    with headless(it.second, printer=False) as (assembly, _replay):
        read_in(assembly, orders)
        wait_until(lambda: sent(assembly))
        goal = cursor(assembly)
    with assembled(it.first) as alone:
        for _ in range(UNSETTLED):
            receive(alone)
    took: list[float] = []
    with headless(it.first, printer=False) as (assembly, replay):
        before, begun = cursor(assembly), time.monotonic()
        replay.start()
        replay.perform(Line(0, "badge", "BADGE-MARA"))
        replay.perform(Line(0, "open", "pick"))
        for code in itertools.cycle(("SOAP-OLIV", "NO-SUCH-CODE", "MUG-350-RED", "A-01-01")):
            if cursor(assembly) >= goal:
                break
            took.append(float(replay.perform(Line(0, "scan", code))["ms"]))
            replay.rest(0.05)
        seconds = time.monotonic() - begun
        rows = cursor(assembly) - before
    return {
        "scans": len(took), "p50_ms": _at(took, 50), "p99_ms": _at(took, 99), "rows": rows,
        "rows_per_second": rows / seconds,
    }  # fmt: skip


def measure_shown_elsewhere(it: Pair) -> dict[str, Any]:
    """Measure from a commit at one station to the moment in which the window of another hears of it."""
    heard = threading.Event()
    took: list[float] = []

    def changed(changes: Changes) -> None:
        if changes.touches(Balance):
            heard.set()

    with (
        assembled(it.first) as here, in_step(here, lambda _changes: None),
        assembled(it.second) as there, in_step(there, changed),
    ):  # fmt: skip
        wait_until(lambda: sent(here) and sent(there) and cursor(here) == cursor(there))
        for _ in range(CHANGES):
            heard.clear()
            begun = time.monotonic()
            receive(here)
            assert heard.wait(PATIENCE_S)
            took.append((time.monotonic() - begun) * 1000)
            time.sleep(0.05)
    return {"changes": len(took), "p50_ms": _at(took, 50), "p99_ms": _at(took, 99)}


def _at(values: list[float], percent: int) -> float:
    """Return the value below which so many of a hundred lie."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def measure_lines(folder: Path, orders: Path) -> dict[str, Any]:
    """Measure both at one pair of stations."""
    with pair(folder) as it:
        shown, pulling = measure_shown_elsewhere(it), measure_scans_while_pulling(it, orders)
    return {f"shown_{name}": value for name, value in shown.items()} | pulling
