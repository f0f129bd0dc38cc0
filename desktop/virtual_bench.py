"""The virtual bench: a printer, a scanner and a scale, each a process of its own, told what to do by name.

Simulated devices never come near a real station: they say what they are, and a station that is not simulated gives them
nothing (`print_room.py`).
"""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import Any

import sqlalchemy as sa

from core.kernel.spool import JobState, PrintJob
from core.kernel.tables import sql_of
from desktop.assembly import assembled
from desktop.scenario import PRINTER, SCALE, SCANNER, ScenarioFault, wrong_wish
from printing.simulation.counting import Count, counted
from printing.simulation.tray import JOURNAL

_HOST = "127.0.0.1"
_ANSWER_S = 10.0


@dataclass(slots=True)
class VirtualBench:
    """Three running devices."""

    folder: Path
    devices: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What each said when it began: its port, or ports, and where it is controlled."""

    def tell(self, device: str, wish: Mapping[str, Any]) -> dict[str, Any]:
        """Tell a device what to do, and return what it says.

        Raises:
            ScenarioFault: there is no such device, or it is gone.
        """
        if device not in self.devices:
            raise ScenarioFault(f"there is no {device!r} on the bench; there are {', '.join(self.devices)}")
        try:
            with socket.create_connection((_HOST, self.devices[device]["control"]), _ANSWER_S) as link:
                link.sendall(json.dumps(wish).encode() + b"\n")
                said = json.loads(link.makefile(encoding="utf-8").readline() or "{}")
        except (OSError, ValueError) as e:
            raise ScenarioFault(f"the {device} of the bench is gone: {e}") from e
        if "port" in said:
            self.devices[device]["port"] = said["port"]
        return dict(said)

    def printed(self) -> list[dict[str, Any]]:
        """Return what its printer has printed, in order."""
        journal = self.folder / JOURNAL
        lines = journal.read_text(encoding="utf-8").splitlines() if journal.exists() else []
        return [json.loads(line) for line in lines]

    def last_codes(self) -> list[str]:
        """Return what the codes on its last print say: as its bytes name them, else as its picture is read."""
        last = next(reversed(self.printed()), None)
        if last is None:
            return []
        picture = self.folder / f"{last['n']:06}.png"
        if last["codes"] or not picture.exists() or find_spec("zxingcpp") is None:
            return list(last["codes"])
        reader, drawing = import_module("zxingcpp"), import_module("PIL.Image")
        with drawing.open(picture) as opened:
            return [str(each.text) for each in reader.read_barcodes(opened.convert("L"))]

    def count(self, home: Path | None) -> Count:
        """Count its labels; with the home of a station, beside that station's ledger."""
        return counted(self.printed(), {} if home is None else ledger_of(home))


@contextmanager
def virtual_bench(
    folder: Path, *, mode: str = "text", protocol: str = "sics", dpi: int = 203, port: int = 0, status_port: int = 0
) -> Iterator[VirtualBench]:
    """Run the three devices; they end with the block, and with this program however it ends.

    Args:
        folder: where prints are kept.
        mode: how the scanner speaks.
        protocol: how the scale speaks.
        dpi: of the printer's head.
        port: of the printer; 0 for any.
        status_port: where it is asked beside a job; 0 for any.

    Raises:
        ScenarioFault: one of them does not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    printer = ["printing.virtual", "--simulate", "--tied", "--dir", str(folder), "--dpi", str(dpi)]
    printer += ["--port", str(port), "--status-port", str(status_port)]
    devices = ["devices.virtual", "--simulate", "--tied"]
    with ExitStack() as stack:
        bench = VirtualBench(folder)
        for name, words in (
            (PRINTER, printer),
            (SCANNER, [*devices, "scanner", "--mode", mode]),
            (SCALE, [*devices, "scale", "--protocol", protocol]),
        ):
            bench.devices[name] = stack.enter_context(_running(name, words))
        yield bench


@contextmanager
def _running(name: str, words: Sequence[str]) -> Iterator[dict[str, Any]]:
    process = subprocess.Popen(
        [sys.executable, "-m", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    )  # fmt: skip
    try:
        line = process.stdout.readline() if process.stdout is not None else ""
        if not line:
            raise ScenarioFault(f"the {name} of the bench does not start")
        yield json.loads(line)
    finally:
        process.terminate()
        process.wait(10)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def ledger_of(home: Path) -> dict[str, JobState]:
    """Return the state of every label job of a station that nobody has open.

    Raises:
        Fault: the home cannot be opened.
    """
    jobs = sql_of(PrintJob)
    with assembled(home) as assembly, assembly.database.reading() as reader:
        query = sa.select(jobs.c.id, jobs.c.state).where(
            jobs.c.site == assembly.identity.site, jobs.c.printer == "label"
        )
        return {bytes(job).hex(): JobState(state) for job, state in reader.execute(query)}


def play(bench: VirtualBench, steps: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Play a scenario and yield what became of each step."""
    waiting = Event()
    for n, step in enumerate(steps, 1):
        if "wait_ms" in step:
            waiting.wait(step["wait_ms"] / 1000)
            yield {"step": n, "ok": True}
            continue
        wish = {name: value for name, value in step.items() if name != "to"}
        yield {"step": n} | bench.tell(str(step["to"]), wish)


def answered(bench: VirtualBench, home: Path | None, line: str) -> dict[str, Any]:
    """Return the answer to one line of the script: a wish for a device, or `{"do": "report"}`."""
    try:
        wish = json.loads(line)
    except ValueError:
        return {"ok": False, "error": "a line is a JSON object"}
    if wish == {"do": "report"}:
        return {"ok": True} | report(bench.count(home))
    if wish == {"do": "state"}:
        return {"ok": True, "devices": bench.devices}
    reason = wrong_wish(wish)
    if reason:
        return {"ok": False, "error": reason}
    try:
        return bench.tell(wish["to"], {name: value for name, value in wish.items() if name != "to"})
    except ScenarioFault as fault:
        return {"ok": False, "error": str(fault)}


def report(count: Count) -> dict[str, Any]:
    """Return a count as data."""
    return {
        "labels": count.labels, "spoilt": count.spoilt, "without_job": count.without_job, "jobs": count.jobs,
        "in_doubt": count.in_doubt,
        "differences": [
            {"job": each.job, "came_out": each.came_out, "ledger": each.state} for each in count.differences
        ],
    }  # fmt: skip
