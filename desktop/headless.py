"""The station without a window: the same object, driven by lines of a script or by the player."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.kernel.flow import PrintMoved
from core.kernel.spool import JobState, PrintJob
from core.kernel.tables import sql_of
from core.station.replay import Pump, Replay
from core.station.station import Feedback
from desktop.assembly import Assembly, assembled
from desktop.membership import in_step
from desktop.present import present
from desktop.print_room import spoolers, virtual_printer
from desktop.spoken import spoken
from desktop.words import sentence

UNDER_WAY = (JobState.QUEUED, JobState.SENDING, JobState.SENT)
_PRINT_PATIENCE = 400
"""Looks at the spool, 25 ms apart, before a script that waits for the printer gives up."""


class Bench:
    """The world around a replay's station: time, the spool, the words."""

    def __init__(self, assembly: Assembly, reader: sa.Connection, pump: Pump) -> None:
        """Watch an assembly."""
        self._assembly, self._reader, self._pump = assembly, reader, pump
        self._printed = self._done_jobs()
        self._moved = False

    def print_moved(self) -> None:
        """Hear that a job moved: only then is the spool worth a look."""
        self._moved = True

    def wait_ms(self, ms: int) -> None:
        """Let time pass."""
        self._assembly.clock.wait(ms)

    def wait_printer(self) -> None:
        """Wait until no label job is under way."""
        jobs = sql_of(PrintJob)
        query = sa.select(sa.func.count()).where(jobs.c.state.in_([state.value for state in UNDER_WAY]))
        for _ in range(_PRINT_PATIENCE):
            if not self._reader.execute(query).scalar_one():
                return
            self._pump.idle(0.025)

    def wait_import(self) -> None:
        """Wait until no file is being read in."""
        while self._assembly.desk.running:
            self._pump.idle(0.025)

    def labels(self) -> tuple[str, ...]:
        """Return the codes of labels printed since the last call."""
        if not self._moved:
            return ()
        self._moved = False
        done = self._done_jobs()
        fresh = tuple(code for job, code in done.items() if job not in self._printed and code)
        self._printed = done
        return fresh

    def _done_jobs(self) -> dict[bytes, str]:
        jobs = sql_of(PrintJob)
        states = [JobState.PRINTED.value, JobState.APPLIED.value]
        query = sa.select(jobs.c.id, jobs.c.code).where(jobs.c.state.in_(states)).order_by(jobs.c.created_at)
        return {row[0]: row[1] for row in self._reader.execute(query)}

    def elapsed_ns(self) -> int:
        """Return a clock for measuring."""
        return self._assembly.clock.boot_ns()

    def words(self, feedback: Feedback) -> str:
        """Return the sentence an operator would read about what happened."""
        return sentence(feedback)

    def prompt(self, state: Any) -> str:
        """Return what the screen asks for in a state: its prompt and what it shows largest."""
        return " · ".join(spoken(present(state)))


@contextmanager
def headless(
    folder: Path, *, allow_fuse: bool = False, printer: bool = True, facts: bool = True
) -> Iterator[tuple[Assembly, Replay]]:
    """Open a station's home and its station, with the virtual printer where the home may use one.

    Args:
        folder: the home.
        allow_fuse: let user-space file systems pass, for the power-cut tests.
        printer: whether to print at all.
        facts: whether the replay tells what its states hold.

    Raises:
        Fault: the home cannot be opened.
    """
    with ExitStack() as stack:
        assembly = stack.enter_context(assembled(folder, allow_fuse=allow_fuse))
        pump = Pump()
        replay_box: list[Replay] = []
        stack.enter_context(in_step(assembly, lambda changes: pump.deliver(lambda: station.hear(changes))))
        station, reader = assembly.station(pump.deliver, lambda feedback: replay_box[0].heard(feedback))
        stack.callback(reader.close)
        watcher = stack.enter_context(assembly.database.reading())
        bench = Bench(assembly, watcher, pump)
        replay = Replay(station, pump, bench, facts=facts)
        replay_box.append(replay)

        def moved(event: PrintMoved) -> None:
            bench.print_moved()
            station.hear(event)

        if printer and assembly.simulated:
            ports = stack.enter_context(virtual_printer(assembly.home.folder / "printed"))
            stack.enter_context(spoolers(assembly, lambda event: pump.deliver(lambda: moved(event)), ports))
        yield assembly, replay
