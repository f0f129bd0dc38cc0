"""How long a label takes from the commit of its data to its first byte at the printer, and until it is known to be out."""

import queue
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.kernel.executor import Done, Work
from core.kernel.flow import PrintMoved
from core.kernel.tables import rows_of, sql_of
from core.people.model import Person
from core.printers.commands import PrintTestLabel
from desktop import print_room
from desktop.assembly import assembled
from desktop.planning import stamp
from desktop.print_room import spoolers, virtual_printer
from printing.drivers.protocols import Progress, Sent
from printing.drivers.wire import WirePrinter

LABELS = 300
_LIMIT_SECONDS = 30.0


def measure_first_byte(home: Path) -> dict[str, Any]:
    """Print labels one after the other; each waits until the one before is out. The first one loads what renders them."""
    first: list[int] = []
    known: list[float] = []

    class Watched(WirePrinter):
        """Notes when the first byte of a job has left."""

        def send(self, job: bytes, progress: Progress) -> Sent:
            left = len(first)

            def told(count: int) -> None:
                if len(first) == left:
                    first.append(time.perf_counter_ns())
                progress(count)

            return super().send(job, told)

    out: queue.SimpleQueue[str] = queue.SimpleQueue()

    def moved(event: PrintMoved) -> None:
        if event.state in ("printed", "unknown"):
            out.put(event.state)

    vars(print_room)["WirePrinter"] = Watched
    took = []
    try:
        with assembled(home) as assembly, virtual_printer(home / "printed") as ports, spoolers(assembly, moved, ports):
            with assembly.database.reading() as reader:
                people = rows_of(Person, reader.execute(sql_of(Person).select()))
            packer = next(each.id for each in people if "packer" in each.roles)
            for _ in range(LABELS):
                command = replace(PrintTestLabel(**stamp(assembly), printer="label"), actor=packer)
                outcome = assembly.submit(Work(command=command)).result()
                begun = time.perf_counter_ns()
                assert isinstance(outcome, Done), outcome
                assert out.get(timeout=_LIMIT_SECONDS) == "printed"
                known.append((time.perf_counter_ns() - first[-1]) / 1e6)
                took.append((first[-1] - begun) / 1e6)
    finally:
        vars(print_room)["WirePrinter"] = WirePrinter
    cold, warm = took[0], sorted(took[1:])
    figures = {
        "p50_ms": warm[LABELS // 2], "p99_ms": warm[LABELS * 99 // 100 - 1], "max_ms": warm[-1], "first_ms": cold,
        "known_p99_ms": sorted(known)[LABELS * 99 // 100],
    }  # fmt: skip
    return {"labels": LABELS} | {name: round(ms, 2) for name, ms in figures.items()}
