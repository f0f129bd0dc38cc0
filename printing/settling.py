"""Whether a job came out: by the printer's own counter, by what it says of itself, or by the print server between.

Where none of them answers in time the job is in doubt and a person looks, unless the printer says so late. The one thing
a newcomer would get wrong: that all bytes were taken says nothing about paper.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from core.kernel.spool import UNDER_WAY, ConfirmedBy, JobState, PrintJob
from printing.drivers.one_writer import Lease
from printing.drivers.protocols import Fate, PrinterState, PrinterStatus, Sent
from printing.ledger import Surroundings, last_sent, move
from printing.outlet import Outlet

CONFIRM_MS = 8_000
"""How long a printer may be silent about a label before the job is in doubt."""
PATIENCE_MS = 10 * 60_000
"""How long one job is watched at most, while the printer goes on printing."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a printer said before a job, by which it is known afterwards whether the job came out."""

    wanted: int | None
    """Where its counter stands then; None where it does not count."""
    tells_printing: bool
    """Whether it says that it prints while it does."""


class Settling:
    """Settles the jobs of one printer after their bytes have left."""

    def __init__(self, outlet: Outlet, status: Callable[[], PrinterStatus], stop: threading.Event) -> None:
        """Have heard nothing yet.

        Args:
            outlet: the printer.
            status: asks it how it is now.
            stop: set when the program ends: a job that is watched is in doubt then.
        """
        self._outlet, self._status, self._stop = outlet, status, stop
        self._done_said = threading.Event()
        self._doubtful = True
        """Whether the job that was sent last may be in doubt: so it is at the start, and whenever one leaves."""

    def hear_done(self) -> None:
        """Hear that the printer said by itself that the job it had was done."""
        self._done_said.set()

    def begin(self) -> None:
        """Forget what was said of jobs before: the next one is about to leave."""
        self._done_said.clear()
        self._doubtful = True

    def watch(self, around: Surroundings, job: PrintJob, sent: Sent, evidence: Evidence, lease: Lease) -> None:
        """Look at the printer until it is known that the job came out, or nobody can say."""
        clock, printer = around.clock, self._outlet.printer
        end = clock.boot_ns() + CONFIRM_MS * 1_000_000
        last = clock.boot_ns() + PATIENCE_MS * 1_000_000
        fault, printed = "the printer does not count", False
        count: int | None = None
        while not self._stop.is_set() and clock.boot_ns() < min(end, last):
            if lease.held():
                lease.renew()
            fate = printer.fate(sent.ticket)
            before, count = count, printer.labels_printed() if evidence.wanted is not None else None
            # Its own word may be about somebody else's job: where it counts, the counter must not speak against it.
            alerted = self._done_said.is_set() and count in (None, evidence.wanted)
            if alerted or fate in (Fate.SAID, Fate.PRINTED):
                by = ConfirmedBy.SERVER if fate is Fate.PRINTED and not alerted else ConfirmedBy.ALERT
                move(around, job, JobState.PRINTED, confirmed_by=by)
                return
            if fate is Fate.GONE:
                fault = "it left the print queue, and nobody says that it was printed"
                break
            if fate is None and evidence.wanted is None and not evidence.tells_printing:
                break
            if count is not None and evidence.wanted is not None and count > evidence.wanted:
                fault = "the printer counted more than this job"
                break
            status = self._status()
            if _came_out(evidence, count, status, printed=printed):
                by = ConfirmedBy.STATUS if evidence.wanted is None else ConfirmedBy.COUNTER
                move(around, job, JobState.PRINTED, confirmed_by=by)
                return
            printed = printed or bool(status.printing)
            fault = "the printer did not count it in time"
            going_on = status.state is PrinterState.READY and not status.idle
            if going_on or fate is Fate.UNDER_WAY or (before is not None and count != before):
                end = clock.boot_ns() + CONFIRM_MS * 1_000_000
            self._stop.wait(around.look_seconds)
        move(around, job, JobState.UNKNOWN, fault=fault)

    def settle_late(self, around: Surroundings) -> bool:
        """Take a late word of the printer about a job in doubt; return whether there was one.

        Only the last job that was sent to it: what its counter says afterwards may be about others.
        """
        if not self._doubtful:
            return False
        job = last_sent(around, self._outlet.name)
        self._doubtful = job is not None and job.state in (*UNDER_WAY, JobState.UNKNOWN)
        if job is None or job.state is not JobState.UNKNOWN:
            return False
        alerted = self._done_said.is_set()
        self._done_said.clear()
        if not job.awaits:
            return alerted and move(around, job, JobState.PRINTED, confirmed_by=ConfirmedBy.ALERT)
        if not self._status().idle:
            return False
        counted = self._outlet.printer.labels_printed() == job.awaits
        return counted and move(around, job, JobState.PRINTED, confirmed_by=ConfirmedBy.COUNTER)


def _came_out(evidence: Evidence, count: int | None, status: PrinterStatus, *, printed: bool) -> bool:
    if evidence.wanted is not None:
        return count == evidence.wanted and status.idle
    return printed and status.state is PrinterState.READY and status.printing is False
