"""The spooler: takes print jobs that the database holds, renders, sends and watches them, one printer at a time.

Every state a job reaches is a command, written before the act it is about. The rule that decides everything: while no
byte has left us a job may be tried again; after the first byte it never is, by itself. Whether paper came out is asked
of the printer's own counter; where that does not answer in time, the job is in doubt and a person looks.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.kernel import codec
from core.kernel.blobs import BlobStore
from core.kernel.clock import Clock
from core.kernel.executor import Done, Outcome, Work
from core.kernel.flow import PrintMoved, Stamp
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, IdSource, SiteId
from core.kernel.printing import MovePrintJob
from core.kernel.refusal import Fault
from core.kernel.spool import OPEN_STATES, JobState, PrintJob
from core.kernel.tables import rows_of, sql_of
from printing.drivers.protocols import Printer, PrinterState, SendFault
from printing.fault import LabelFault
from printing.media import Media

CONFIRM_MS = 8_000
"""How long a printer may take to count a label before the job is in doubt."""
_LOOK_S = 0.05
_RETRY_S = (0.5, 1.0, 2.0, 5.0)
"""Waits between tries of a held or unreachable printer; the last one goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A printer with what is loaded in it, for one role."""

    role: str
    """``label`` or ``document``."""
    printer: Printer
    media: Media


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a spooler needs beside its printer."""

    site: SiteId
    reader: Callable[[], sa.Connection]
    submit: Callable[[Work], "Future[Outcome]"]
    blobs: BlobStore
    clock: Clock
    ids: IdSource
    announce: Callable[[PrintMoved], None]
    """Hears of every state a job reaches, after its commit."""
    report: Callable[[BaseException], object]
    """Gets what a job raised that nobody foresaw."""


class Spooler:
    """Carries the jobs of one outlet."""

    def __init__(self, outlet: Outlet, around: Surroundings) -> None:
        """Stand ready; nothing is sent before `recover` ran."""
        self._outlet = outlet
        self._around = around
        self._stop = threading.Event()
        self._poke = threading.Event()
        self._unprintable: set[bytes] = set()
        self._failures = 0

    def recover(self) -> int:
        """Put every job that was under way when the program ended in doubt, and return how many there were."""
        jobs = self._jobs((JobState.SENDING, JobState.SENT))
        for job in jobs:
            self._move(job, JobState.UNKNOWN, fault="the program ended while it printed")
        return len(jobs)

    def run_once(self) -> bool:
        """Carry the oldest open job as far as it goes now; return whether there was one that could move."""
        for job in self._jobs(OPEN_STATES):
            if job.id not in self._unprintable:
                return self._carry_safely(job)
        return False

    def poke(self) -> None:
        """Hear that there may be a new job."""
        self._poke.set()

    @contextmanager
    def running(self) -> Iterator["Spooler"]:
        """Run on a thread of its own until the block ends."""
        self.recover()
        thread = threading.Thread(target=self._run, name=f"dockside-spooler-{self._outlet.role}")
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            self._poke.set()
            thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._poke.clear()
            if self.run_once():
                continue
            wait = _RETRY_S[min(self._failures, len(_RETRY_S) - 1)] if self._failures else 5.0
            self._poke.wait(wait)

    # One job

    def _carry_safely(self, job: PrintJob) -> bool:
        """Carry a job; one that raises what nobody foresaw is reported and left, and the printer goes on with the next."""
        try:
            return self._carry(job)
        except Fault:
            self._failures += 1  # the disk or the port: the same job again, later
            return False
        except Exception as e:  # noqa: BLE001  the worker's loop: no error ends the thread
            self._unprintable.add(job.id)
            self._around.report(e)
            self._move(job, JobState.UNKNOWN, fault="the program failed while it printed")
            return True

    def _carry(self, job: PrintJob) -> bool:
        rendering = self._rendered(job)
        if rendering is None:
            return True
        digest, data, pages = rendering
        status = self._outlet.printer.status()
        if status.state is not PrinterState.READY:
            self._failures += 1
            trouble = ",".join(status.troubles) or status.state
            if job.state is not JobState.HELD or job.fault != trouble:
                self._move(job, JobState.HELD, rendering=digest, fault=trouble)
            return False
        before = self._outlet.printer.labels_printed()
        if not self._move(job, JobState.SENDING, rendering=digest):
            return True
        self._failures = 0
        try:
            self._outlet.printer.send(data, lambda _: None)
        except SendFault as fault:
            self._failures += 1
            self._move(job, JobState.FAILED_CLEAN if fault.clean else JobState.UNKNOWN, fault=fault.reason)
            return not fault.clean
        self._move(job, JobState.SENT)
        self._watch(job, None if before is None else before + pages)
        return True

    def _rendered(self, job: PrintJob) -> tuple[str, bytes, int] | None:
        """Return digest, bytes and pages of a job; None where it cannot be rendered, which opens a case."""
        # Its libraries take a tenth of a second to load, which the first prompt of the day does not wait for.
        from printing.render import content_type, render

        try:
            content = codec.from_text(content_type(job.document), job.content)
            made = render(content, media=self._outlet.media, copy=job.copy_number, job=job.id.hex())
        except (LabelFault, codec.CodecError) as fault:
            self._unprintable.add(job.id)
            self._move(job, JobState.HELD, fault=str(fault))
            facts = (("document", job.document), ("fault", str(fault)))
            self._submit(OpenCase(**self._base(), kind=CaseKind.PRINT_FAULT, subject=job.subject, facts=facts))
            return None
        data = made.data
        if job.rendering and self._around.blobs.has(job.rendering):
            # What was kept is what is sent: a template that changed meanwhile changes no job.
            data = self._around.blobs.get(job.rendering)
        return self._around.blobs.put(data), data, made.pages

    def _watch(self, job: PrintJob, wanted: int | None) -> None:
        """Ask the printer's counter until it has counted the job, or the job is in doubt."""
        if wanted is None:
            self._move(job, JobState.UNKNOWN, fault="the printer does not count")
            return
        end = self._around.clock.boot_ns() + CONFIRM_MS * 1_000_000
        while not self._stop.is_set() and self._around.clock.boot_ns() < end:
            count = self._outlet.printer.labels_printed()
            if count is not None and count >= wanted:
                self._move(job, JobState.PRINTED)
                return
            self._stop.wait(_LOOK_S)
        self._move(job, JobState.UNKNOWN, fault="the printer did not count it in time")

    # Reading and writing

    def _jobs(self, states: tuple[JobState, ...]) -> tuple[PrintJob, ...]:
        jobs = sql_of(PrintJob)
        query = (
            sa.select(jobs)
            .where(
                jobs.c.site == self._around.site,
                jobs.c.state.in_([state.value for state in states]),
                jobs.c.printer == self._outlet.role,
            )
            .order_by(jobs.c.created_at, jobs.c.id)
            .limit(50)
        )
        connection = self._around.reader()
        try:
            return rows_of(PrintJob, connection.execute(query))
        finally:
            connection.close()

    def _move(self, job: PrintJob, state: JobState, *, rendering: str = "", fault: str = "") -> bool:
        """Write a state a job reached; return False where somebody else moved it meanwhile (it was voided)."""
        base = self._base()
        moved = self._submit(MovePrintJob(**base, job=job.id, state=state, rendering=rendering, fault=fault))
        if moved:
            event = PrintMoved(
                id=base["id"], at=base["at"], job=job.id, subject=job.subject, state=str(state), fault=fault,
                code=job.code, rendering=rendering,
            )  # fmt: skip
            self._around.announce(event)
        return moved

    def _submit(self, command: MovePrintJob | OpenCase) -> bool:
        return isinstance(self._around.submit(Work(command=command)).result(), Done)

    def _base(self) -> Stamp:
        around = self._around
        return Stamp(
            id=CommandId(around.ids.new()), site=around.site, at=around.clock.now_ms(), actor=SYSTEM, session=NO_SESSION
        )
