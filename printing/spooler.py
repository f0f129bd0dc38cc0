"""The spooler: takes print jobs that the database holds, renders, sends and watches them, one printer at a time.

Every state a job reaches is a command, written before the act it is about. The rule that decides everything: while no
byte has left us a job may be tried again; after the first byte it never is, by itself. Whether paper came out is asked
of the printer's own counter, of what it says by itself, or of the print server between; where none of them answers in
time, the job is in doubt and a person looks, unless the printer says so late.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

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
from core.kernel.spool import OPEN_STATES, UNDER_WAY, ConfirmedBy, JobState, PrintJob
from core.kernel.tables import rows_of, sql_of
from printing.drivers.one_writer import Lease, writer_of
from printing.drivers.protocols import Fate, Printer, PrinterState, PrinterStatus, SendFault, Sent, Trouble
from printing.fault import LabelFault
from printing.media import Media, fits

CONFIRM_MS = 8_000
"""How long a printer may be silent about a label before the job is in doubt."""
PATIENCE_MS = 10 * 60_000
"""How long one job is watched at most, while the printer goes on printing."""
_RETRY_S = (0.5, 1.0, 2.0, 5.0)
"""Waits between tries of a held or unreachable printer; the last one goes on."""
_LONG_JOB = 65_536
"""Bytes from which it is told how much of a job has left us."""
_TELL_PERCENT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A printer with what is loaded in it, and the jobs that go to it."""

    name: str
    printer: Printer
    media: Media
    takes: Callable[[PrintJob], bool]


class _Kept(TypedDict):
    rendering: str
    pages: int
    template: str


@dataclass(frozen=True, slots=True)
class _Rendered:
    """A job's bytes, as they are kept."""

    digest: str
    data: bytes
    pages: int
    template: str

    def kept(self) -> _Kept:
        """Return what the job's row keeps of it."""
        return {"rendering": self.digest, "pages": self.pages, "template": self.template}


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What a printer said before a job, by which it is known afterwards whether the job came out."""

    wanted: int | None
    """Where its counter stands then; None where it does not count."""
    tells_printing: bool
    """Whether it says that it prints while it does."""


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
    look_seconds: float = 0.05
    """Between two looks at a printer that has a job."""
    templates: Path | None = None
    """The folder of the home's templates; none without."""
    locks: Path | None = None
    """Where the locks of printers are; where all programs of this computer look, without."""


def recover(around: Surroundings) -> int:
    """Put every job that was under way when the program ended in doubt, and return how many there were."""
    jobs = _jobs(around, UNDER_WAY)
    for job in jobs:
        _move(around, job, JobState.UNKNOWN, fault="the program ended while it printed")
    return len(jobs)


class Spooler:
    """Carries the jobs of one outlet."""

    def __init__(self, outlet: Outlet, around: Surroundings) -> None:
        """Stand ready; nothing may be sent before `recover` ran."""
        self._outlet = outlet
        self._around = around
        self._stop = threading.Event()
        self._poke = threading.Event()
        self._changing = threading.Event()
        self._done_said = threading.Event()
        self._unprintable: set[bytes] = set()
        self._failures = 0

    @property
    def outlet(self) -> Outlet:
        """Return what it serves."""
        return self._outlet

    def run_once(self) -> bool:
        """Carry the oldest open job as far as it goes now; return whether there was one that could move."""
        late = self._settle_late()
        for job in _jobs(self._around, OPEN_STATES):
            if job.id not in self._unprintable and self._outlet.takes(job):
                return self._carry_safely(job) or late
        return late

    def poke(self) -> None:
        """Hear that there may be a new job."""
        self._poke.set()

    def hold(self) -> None:
        """Send nothing until `resume`: somebody changes the roll."""
        self._changing.set()

    def resume(self) -> None:
        """Go on."""
        self._changing.clear()
        self._unprintable.clear()
        self._poke.set()

    def hear_done(self) -> None:
        """Hear that the printer said by itself that the job it had was done."""
        self._done_said.set()
        self._poke.set()

    @contextmanager
    def running(self) -> Iterator["Spooler"]:
        """Run on a thread of its own until the block ends."""
        thread = threading.Thread(target=self._run, name=f"dockside-spooler-{self._outlet.name}")
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
        with writer_of(self._outlet.printer.address, self._around.clock.boot_ns, self._around.locks) as lease:
            if lease is None:
                return self._hold(job, rendering, Trouble.IN_USE)
            if self._changing.is_set():
                return self._hold(job, rendering, Trouble.CHANGING)
            status = self._outlet.printer.status()
            if not status.may_be_sent_to:
                return self._hold(job, rendering, *(status.troubles or (status.state,)))
            before = self._outlet.printer.labels_printed()
            if before is not None and not status.idle:
                return self._hold(job, rendering, Trouble.BUSY)
            evidence = _Evidence(None if before is None else before + rendering.pages, status.printing is not None)
            return self._send(job, rendering, evidence, lease)

    def _hold(self, job: PrintJob, rendering: _Rendered, *troubles: str) -> bool:
        self._failures += 1
        trouble = ",".join(troubles)
        if job.state is not JobState.HELD or job.fault != trouble:
            self._move(job, JobState.HELD, **rendering.kept(), fault=trouble)
        return False

    def _send(self, job: PrintJob, rendering: _Rendered, evidence: _Evidence, lease: Lease) -> bool:
        digest, data = rendering.digest, rendering.data
        self._done_said.clear()
        if not self._move(
            job, JobState.SENDING, **rendering.kept(), outlet=self._outlet.name, awaits=evidence.wanted or 0
        ):  # fmt: skip
            return True
        self._failures = 0
        told = 0

        def left(count: int) -> None:
            nonlocal told
            lease.renew()
            percent = count * 100 // len(data)
            if len(data) >= _LONG_JOB and percent >= told + _TELL_PERCENT:
                told = percent
                self._around.announce(_event(self._around, job, JobState.SENDING, rendering=digest, percent=percent))

        try:
            sent = self._outlet.printer.send(data, left)
        except SendFault as fault:
            self._failures += 1
            self._move(job, JobState.FAILED_CLEAN if fault.clean else JobState.UNKNOWN, fault=fault.reason)
            return not fault.clean
        self._move(job, JobState.SENT)
        self._watch(job, sent, evidence, lease)
        return True

    def _rendered(self, job: PrintJob) -> _Rendered | None:
        """Return the bytes of a job; None where it cannot be rendered, which opens a case."""
        if job.rendering and job.pages and self._around.blobs.has(job.rendering):
            # What was kept is what is sent: a template that changed meanwhile changes no job. Only where it was made
            # for another printer, and never left us, it is made anew: bytes for 203 dpi are no label at 300.
            kept = self._around.blobs.get(job.rendering)
            if fits(kept, self._outlet.media):
                return _Rendered(job.rendering, kept, job.pages, job.template)
        # Its libraries take a tenth of a second to load, which the first prompt of the day does not wait for.
        from printing.render import content_type, render

        try:
            content = codec.from_text(content_type(job.document), job.content)
            made = render(
                content, media=self._outlet.media, copy=job.copy_number, job=job.id.hex(),
                templates=self._around.templates,
            )  # fmt: skip
        except (LabelFault, codec.CodecError) as fault:
            self._unprintable.add(job.id)
            self._move(job, JobState.HELD, fault=str(fault))
            facts = (("document", job.document), ("fault", str(fault)))
            base = _base(self._around)
            _submit(self._around, OpenCase(**base, kind=CaseKind.PRINT_FAULT, subject=job.subject, facts=facts))
            return None
        return _Rendered(self._around.blobs.put(made.data), made.data, made.pages, made.made_by)

    # Whether it came out

    def _watch(self, job: PrintJob, sent: Sent, evidence: _Evidence, lease: Lease) -> None:
        """Look at the printer until it is known that the job came out, or nobody can say."""
        clock, printer = self._around.clock, self._outlet.printer
        end = clock.boot_ns() + CONFIRM_MS * 1_000_000
        last = clock.boot_ns() + PATIENCE_MS * 1_000_000
        fault, printed = "the printer does not count", False
        count: int | None = None
        while not self._stop.is_set() and clock.boot_ns() < min(end, last):
            if lease.held():
                lease.renew()
            fate = printer.fate(sent.ticket)
            if self._done_said.is_set() or fate is Fate.PRINTED:
                by = ConfirmedBy.ALERT if self._done_said.is_set() else ConfirmedBy.SERVER
                self._move(job, JobState.PRINTED, confirmed_by=by)
                return
            if fate is Fate.GONE:
                fault = "it left the print queue, and nobody says that it was printed"
                break
            if fate is None and evidence.wanted is None and not evidence.tells_printing:
                break
            before, count = count, printer.labels_printed() if evidence.wanted is not None else None
            if count is not None and evidence.wanted is not None and count > evidence.wanted:
                fault = "the printer counted more than this job"
                break
            status = printer.status()
            if self._came_out(evidence, count, status, printed=printed):
                by = ConfirmedBy.STATUS if evidence.wanted is None else ConfirmedBy.COUNTER
                self._move(job, JobState.PRINTED, confirmed_by=by)
                return
            printed = printed or bool(status.printing)
            fault = "the printer did not count it in time"
            going_on = status.state is PrinterState.READY and not status.idle
            if going_on or fate is Fate.UNDER_WAY or (before is not None and count != before):
                end = clock.boot_ns() + CONFIRM_MS * 1_000_000
            self._stop.wait(self._around.look_seconds)
        self._move(job, JobState.UNKNOWN, fault=fault)

    @staticmethod
    def _came_out(evidence: _Evidence, count: int | None, status: PrinterStatus, *, printed: bool) -> bool:
        if evidence.wanted is not None:
            return count == evidence.wanted and status.idle
        return printed and status.state is PrinterState.READY and status.printing is False

    def _settle_late(self) -> bool:
        """Take a late word of the printer about a job in doubt; return whether there was one.

        Only the last job that was sent to it: what its counter says afterwards may be about others.
        """
        job = _last_sent(self._around, self._outlet.name)
        if job is None or job.state is not JobState.UNKNOWN:
            return False
        if self._done_said.is_set():
            self._done_said.clear()
            return self._move(job, JobState.PRINTED, confirmed_by=ConfirmedBy.ALERT)
        if not job.awaits or not self._outlet.printer.status().idle:
            return False
        counted = self._outlet.printer.labels_printed() == job.awaits
        return counted and self._move(job, JobState.PRINTED, confirmed_by=ConfirmedBy.COUNTER)

    def _move(
        self, job: PrintJob, state: JobState, *, rendering: str = "", fault: str = "", outlet: str = "", pages: int = 0,
        awaits: int = 0, confirmed_by: ConfirmedBy = ConfirmedBy.NOBODY, template: str = "",
    ) -> bool:  # fmt: skip
        return _move(
            self._around, job, state, rendering=rendering, fault=fault, outlet=outlet, pages=pages, awaits=awaits,
            confirmed_by=confirmed_by, template=template,
        )  # fmt: skip


# Reading and writing


def _jobs(around: Surroundings, states: tuple[JobState, ...]) -> tuple[PrintJob, ...]:
    jobs = sql_of(PrintJob)
    return _read(
        around,
        sa.select(jobs)
        .where(jobs.c.site == around.site, jobs.c.state.in_([state.value for state in states]))
        .order_by(jobs.c.created_at, jobs.c.id),
    )


def _last_sent(around: Surroundings, outlet: str) -> PrintJob | None:
    jobs = sql_of(PrintJob)
    query = (
        sa.select(jobs)
        .where(jobs.c.site == around.site, jobs.c.outlet == outlet, jobs.c.sent_at > 0)
        .order_by(jobs.c.sent_at.desc(), jobs.c.id.desc())
        .limit(1)
    )
    return next(iter(_read(around, query)), None)


def _read(around: Surroundings, query: sa.Select[tuple[object, ...]]) -> tuple[PrintJob, ...]:
    connection = around.reader()
    try:
        return rows_of(PrintJob, connection.execute(query))
    finally:
        connection.close()


def _move(
    around: Surroundings, job: PrintJob, state: JobState, *, rendering: str = "", fault: str = "", outlet: str = "",
    pages: int = 0, awaits: int = 0, confirmed_by: ConfirmedBy = ConfirmedBy.NOBODY, template: str = "",
) -> bool:  # fmt: skip
    """Write a state a job reached; return False where somebody else moved it meanwhile (it was voided)."""
    command = MovePrintJob(
        **_base(around), job=job.id, state=state, rendering=rendering, fault=fault, outlet=outlet, pages=pages,
        awaits=awaits, confirmed_by=confirmed_by, template=template,
    )  # fmt: skip
    moved = _submit(around, command)
    if moved:
        around.announce(_event(around, job, state, fault=fault, rendering=rendering, told=command))
    return moved


def _event(
    around: Surroundings, job: PrintJob, state: JobState, *, fault: str = "", rendering: str = "", percent: int = 0,
    told: MovePrintJob | None = None,
) -> PrintMoved:  # fmt: skip
    return PrintMoved(
        id=CommandId(around.ids.new()) if told is None else told.id,
        at=around.clock.now_ms() if told is None else told.at, job=job.id,
        subject=job.subject, state=str(state), fault=fault, code=job.code, rendering=rendering, percent=percent,
    )  # fmt: skip


def _submit(around: Surroundings, command: MovePrintJob | OpenCase) -> bool:
    return isinstance(around.submit(Work(command=command)).result(), Done)


def _base(around: Surroundings) -> Stamp:
    return Stamp(
        id=CommandId(around.ids.new()), site=around.site, at=around.clock.now_ms(), actor=SYSTEM, session=NO_SESSION
    )
