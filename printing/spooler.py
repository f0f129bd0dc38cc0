"""The spooler: takes print jobs that the database holds, has them rendered, sends and watches them, one printer at a time.

Every state a job reaches is a command, written before the act it is about. The rule that decides everything: while no
byte has left us a job may be tried again; after the first byte it never is, by itself. What a job is sent as is
`prepress`, whether the printer may get it `preflight`, and whether paper came out `settling`.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace

from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.kernel.blobs import BlobFault
from core.kernel.flow import PrintMoved
from core.kernel.ids import CommandId
from core.kernel.refusal import Fault
from core.kernel.spool import OPEN_STATES, UNDER_WAY, JobState, PrintJob
from core.printers.model import printer_subject
from printing.drivers.one_writer import Lease, writer_of
from printing.drivers.protocols import PrinterState, PrinterStatus, SendFault, Trouble
from printing.ledger import Surroundings, event_of, jobs_in_states, last_sent, move, stamp, submit, void_ended, written
from printing.outlet import Outlet
from printing.preflight import Preflight, calibrated
from printing.prepress import Kept, Rendering, Stand, Unprintable, rendered, stand_of
from printing.settling import Evidence, Settling

_RETRY_S = (0.5, 1.0, 2.0, 5.0)
"""Waits between tries of a held or unreachable printer; the last one goes on."""
_IDLE_S = 5.0
_LONG_JOB = 65_536
"""Bytes from which it is told how much of a job has left us."""
_TELL_PERCENT = 5
_NEVER: Stand = (("", -1),)


@dataclass(frozen=True, slots=True)
class Aside:
    """Something to print that is no job."""

    data: bytes = field(repr=False)
    said: Callable[[str], None]
    """Hears what keeps it from being printed, comma-separated, each time it was tried; nothing once it has left."""
    over: Callable[[], bool]
    """Whether nobody wants it any more."""


class Spooler:
    """Carries the jobs of one outlet."""

    def __init__(self, outlet: Outlet, around: Surroundings) -> None:
        """Stand ready; nothing may be sent before `recover` ran."""
        self._outlet = outlet
        self._around = around
        self._stop = threading.Event()
        self._poke = threading.Event()
        self._changing = threading.Event()
        self._ended = threading.Event()
        """Set when cartons were opened elsewhere."""
        self._owes_void = True
        """Whether paper of such cartons may still wait here: so it may at the start, and until it is void."""
        self._wants_look = threading.Event()
        self._wants_calibration = threading.Event()
        self._wishes: deque[bytes] = deque()
        self.seen: PrinterStatus | None = None
        """What the printer said of itself when it was last asked."""
        self._unprintable: dict[bytes, Stand] = {}
        """Jobs that are not tried again while everything stands as it stood then."""
        self._failures = 0
        self._carried: PrintJob | None = None
        """The job that is being carried."""
        self._laid = ""
        """The file of what left last, while it is not durable."""
        self._preflight = Preflight(outlet)
        self._settling = Settling(outlet, self._status, self._stop)

        self._aside: Aside | None = None
        self._left_aside: list[str] = []
        """Tickets of what was printed so, which a print server may keep."""

    @property
    def outlet(self) -> Outlet:
        """Return what it serves."""
        return self._outlet

    @property
    def changing(self) -> bool:
        """Say whether it is held because somebody changes its roll."""
        return self._changing.is_set()

    def run_once(self) -> bool:
        """Do what is asked, then carry the oldest open job as far as it goes now; return whether anything moved.

        What raises an error that nobody foresaw is reported and left, and the printer goes on.
        """
        try:
            return self._turn()
        except Fault:
            self._failures += 1  # the disk or the port: the same again, later
            return False
        except Exception as e:  # noqa: BLE001  the worker's loop: no error ends the thread
            self._around.report(e)
            job = self._carried
            if job is None:
                self._failures += 1
                return False
            self._unprintable[job.id] = stand_of(self._around)
            with suppress(Fault):
                move(self._around, job, JobState.UNKNOWN, fault="the program failed while it printed")
            return True

    def _turn(self) -> bool:
        self._carried = None
        moved = self._grant()
        if self._ended.is_set():
            self._ended.clear()
            self._owes_void = True
        if self._owes_void:
            void_ended(self._around)
            self._owes_void = False
        if not self.changing:
            moved = self._settling.settle_late(self._around) or moved
        moved = self._print_aside() or moved
        asked, self._left_aside = self._left_aside, []
        self._left_aside = [each for each in asked if not self._outlet.printer.forget(each)]
        stand = stand_of(self._around) if self._unprintable else ()
        for job in jobs_in_states(self._around, OPEN_STATES):
            if self._unprintable.get(job.id, _NEVER) == stand or not self._outlet.takes(job):
                continue
            if not self.changing or self._is_test(job):
                self._carried = job
                return self._carry(job) or moved
            self._hold(job, None, Trouble.CHANGING)
        return moved

    def look(self) -> None:
        """Ask the printer how it is, as soon as there is time, and say so."""
        self._wants_look.set()
        self._poke.set()

    def calibrate(self) -> None:
        """Let the printer measure its labels, and say how that went."""
        self._wants_calibration.set()
        self._poke.set()

    def poke(self) -> None:
        """Hear that there may be a new job."""
        self._poke.set()

    def hear_ended(self) -> None:
        """Hear that cartons were opened again elsewhere: their paper is void, and none of it leaves any more."""
        self._ended.set()
        self._poke.set()

    def print_aside(self, aside: Aside) -> None:
        """Print something that is no job and of which nothing is kept, as soon as the printer can."""
        self._aside = aside
        self._poke.set()

    def hold(self) -> None:
        """Send nothing until `resume`: somebody changes the roll."""
        self._changing.set()

    def resume(self) -> None:
        """Go on."""
        self._changing.clear()
        self._unprintable.clear()
        self._poke.set()

    def wish(self, setting: bytes) -> None:
        """Tell the printer a setting before its next job; one it does not take changes nothing."""
        self._wishes.append(setting)
        self._poke.set()

    def hear_done(self) -> None:
        """Hear that the printer said by itself that the job it had was done."""
        self._settling.hear_done()
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
        around = self._around
        with around.reading() as reader:
            # To open an encrypted file takes longer than to make a label, so that it is done once.
            self._around = replace(around, reading=lambda: nullcontext(reader))
            try:
                self._serve()
            finally:
                self._around = around

    def _serve(self) -> None:
        while not self._stop.is_set():
            self._poke.clear()
            if self.run_once():
                continue
            wait = _RETRY_S[min(self._failures, len(_RETRY_S) - 1)] if self._failures else _IDLE_S
            if not self._poke.wait(wait) and not self._failures:
                # Nobody wants anything: what the first label of the day would wait for is loaded now.
                import printing.render  # noqa: F401

    # One job

    def _carry(self, job: PrintJob) -> bool:
        try:
            rendering = rendered(self._around, job, self._outlet.media)
        except Unprintable as fault:
            self._refused(job, str(fault), fault.facts)
            return True
        with writer_of(self._outlet.printer.address, self._around.clock.boot_ns, self._around.locks) as lease:
            if lease is None:
                return self._hold(job, rendering, Trouble.IN_USE)
            status = self._status()
            if not status.may_be_sent_to:
                self._preflight.forget_roll()
                return self._hold(job, rendering, *(status.troubles or (status.state,)))
            wrong = self._preflight.trouble(status, simulated=self._around.simulated)
            if wrong is not None:
                return self._hold(job, rendering, wrong)
            before = self._outlet.printer.labels_printed()
            if before is not None and not status.idle:
                return self._hold(job, rendering, Trouble.BUSY)
            evidence = Evidence(None if before is None else before + rendering.pages, status.printing is not None)
            done = self._send(job, rendering, evidence, lease)
        # Only now: nothing that is for the profile makes a label wait.
        self._preflight.note(self._around, status, before or 0)
        return done

    def _send(self, job: PrintJob, rendering: Rendering, evidence: Evidence, lease: Lease) -> bool:
        digest, data = rendering.digest, rendering.data
        self._settling.begin()
        self._lay(rendering)
        news = written(
            self._around, job, JobState.SENDING, **rendering.kept(), outlet=self._outlet.name,
            awaits=evidence.wanted or 0, leaves=b"" if rendering.durable else data,
        )  # fmt: skip
        if news is None:
            return True
        self._failures = 0
        told = -1

        def left(count: int) -> None:
            nonlocal told
            lease.renew()
            if told < 0:
                # Not before: whoever hears it draws the label, and a packer waits for paper.
                told = 0
                self._around.announce(news)
            percent = count * 100 // len(data)
            if len(data) >= _LONG_JOB and percent >= told + _TELL_PERCENT:
                told = percent
                self._around.announce(event_of(self._around, job, JobState.SENDING, rendering=digest, percent=percent))

        try:
            sent = self._outlet.printer.send(data, left)
        except SendFault as fault:
            self._failures += 1
            self._keep_laid()
            move(self._around, job, JobState.FAILED_CLEAN if fault.clean else JobState.UNKNOWN, fault=fault.reason)
            return not fault.clean
        self._keep_laid()
        move(self._around, job, JobState.SENT)
        self._settling.watch(self._around, job, sent, evidence, lease)
        return True

    def _lay(self, rendering: Rendering) -> None:
        self._keep_laid()
        self._laid = "" if rendering.durable else rendering.digest

    def _keep_laid(self) -> None:
        """Make durable what left, before a row says that it is a file, or the next job takes its place in the database.

        Raises:
            BlobFault: the disk refused.
        """
        if self._laid:
            try:
                self._around.blobs.settle(self._laid)
            except OSError as e:
                raise BlobFault(f"not kept: {e}") from e
            self._laid = ""

    def _hold(self, job: PrintJob, rendering: Rendering | None, *troubles: str) -> bool:
        self._failures += 1
        trouble = ",".join(troubles)
        if job.state is not JobState.HELD or job.fault != trouble:
            kept = Kept() if rendering is None else rendering.kept()
            if rendering is not None:
                self._lay(rendering)
                self._keep_laid()
            move(self._around, job, JobState.HELD, **kept, fault=trouble)
        return False

    def _is_test(self, job: PrintJob) -> bool:
        return job.subject == printer_subject(self._outlet.name)

    def _status(self) -> PrinterStatus:
        self.seen = self._outlet.printer.status()
        return self.seen

    def _refused(self, job: PrintJob, fault: str, facts: tuple[tuple[str, str], ...]) -> None:
        """Hold a job that cannot be printed as it is, and open a case for whoever mends it."""
        self._unprintable[job.id] = stand_of(self._around)
        if job.state is JobState.HELD and job.fault == fault:
            # Something was changed, and it is as broken as before: that was told.
            return
        move(self._around, job, JobState.HELD, fault=fault)
        about = (("document", job.document), ("fault", fault), *facts)
        submit(
            self._around, OpenCase(**stamp(self._around), kind=CaseKind.PRINT_FAULT, subject=job.subject, facts=about)
        )

    # What is asked of the printer itself

    def _grant(self) -> bool:
        while self._wishes and self._status().state is not PrinterState.UNKNOWN:
            with suppress(SendFault):
                self._outlet.printer.send(self._wishes.popleft(), lambda _: None)
        if self._wants_look.is_set():
            self._wants_look.clear()
            self._status()
            self._tell("looked")
        if not self._wants_calibration.is_set():
            return False
        self._wants_calibration.clear()
        self._preflight.forget_roll()
        self._tell(*calibrated(self._outlet, self._around, self._status, self._stop))
        return True

    def _print_aside(self) -> bool:
        """Print what is no job, where nothing speaks against it; return whether it left."""
        aside = self._aside
        if aside is None or aside.over():
            self._aside = None
            return False
        held = self._send_aside(aside.data)
        if not aside.over():
            aside.said(held)
        if held:
            self._failures += 1
            return False
        self._aside, self._failures = None, 0
        return True

    def _send_aside(self, data: bytes) -> str:
        """Send it under the printer's lock; return what keeps it from that, comma-separated."""
        job = last_sent(self._around, self._outlet.name)
        if self.changing:
            return Trouble.CHANGING
        if job is not None and job.state in (*UNDER_WAY, JobState.UNKNOWN):
            # Its label would be counted as that of the job, of which nobody knows whether it came out.
            return Trouble.IN_DOUBT
        with writer_of(self._outlet.printer.address, self._around.clock.boot_ns, self._around.locks) as lease:
            if lease is None:
                return Trouble.IN_USE
            status = self._status()
            if not status.may_be_sent_to:
                return ",".join(status.troubles or (status.state,))
            wrong = self._preflight.trouble(status, simulated=self._around.simulated)
            if wrong is not None:
                return wrong
            try:
                self._left_aside.append(self._outlet.printer.send(data, lambda _: lease.renew()).ticket)
            except SendFault as fault:
                # What left in part may have come out: its scan says so, or another one is printed.
                return Trouble.UNREACHABLE if fault.clean else ""
        return ""

    def _tell(self, state: str, fault: str = "") -> None:
        around = self._around
        subject = printer_subject(self._outlet.name)
        around.announce(
            PrintMoved(
                id=CommandId(around.ids.new()), at=around.clock.now_ms(), job=b"", subject=subject, state=state, fault=fault
            )
        )  # fmt: skip
