"""The spooler: takes print jobs that the database holds, renders, sends and watches them, one printer at a time.

Every state a job reaches is a command, written before the act it is about. The rule that decides everything: while no
byte has left us a job may be tried again; after the first byte it never is, by itself. Whether paper came out is asked
of the printer's own counter, of what it says by itself, or of the print server between; where none of them answers in
time, the job is in doubt and a person looks, unless the printer says so late.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from typing import TypedDict

from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.kernel import codec
from core.kernel.flow import PrintMoved
from core.kernel.ids import CommandId
from core.kernel.refusal import Fault
from core.kernel.spool import OPEN_STATES, ConfirmedBy, JobState, PrintJob
from core.printers.model import printer_subject
from printing.drivers.one_writer import Lease, writer_of
from printing.drivers.protocols import Fate, Printer, PrinterState, PrinterStatus, SendFault, Sent, Trouble
from printing.drivers.variables import VIRTUAL
from printing.fault import LabelFault
from printing.foreign import DOCUMENT, judge, to_send
from printing.ledger import Surroundings, event_of, jobs_in_states, last_sent, move, note_seen, stamp, submit
from printing.media import Language, Media, fits

CONFIRM_MS = 8_000
"""How long a printer may be silent about a label before the job is in doubt."""
PATIENCE_MS = 10 * 60_000
"""How long one job is watched at most, while the printer goes on printing."""
_RETRY_S = (0.5, 1.0, 2.0, 5.0)
"""Waits between tries of a held or unreachable printer; the last one goes on."""
_IDLE_S = 5.0
CALIBRATE_MS = 15_000
"""How long a printer may take to measure its labels."""
_SAME_MM = 3.0
"""What two labels of one size differ by, as printers measure them."""
_LONG_JOB = 65_536
"""Bytes from which it is told how much of a job has left us."""
_TELL_PERCENT = 5
Stand = tuple[tuple[str, int], ...]
_NEVER: Stand = (("", 0),)
_NOTE_MS = 60_000
"""Between two notes of what a printer says of itself."""
_ANY_DPI = (Language.PDF, Language.PNG)
"""What a printer draws in its own dots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A printer with what is loaded in it, and the jobs that go to it."""

    name: str
    printer: Printer
    media: Media
    takes: Callable[[PrintJob], bool]


class _Kept(TypedDict, total=False):
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
        self._wants_look = threading.Event()
        self._wants_calibration = threading.Event()
        self._wishes: deque[bytes] = deque()
        self.seen: PrinterStatus | None = None
        """What the printer said of itself when it was last asked."""
        self._unprintable: dict[bytes, Stand] = {}
        """Jobs that are not tried again while the templates stand as they stood then."""
        self._failures = 0
        self._looked_at = False
        self._identity: tuple[str, str, int] | None = None
        self._noted_at = -_NOTE_MS
        self._wrong: Trouble | None = None
        """What no roll and no key mends: another head than the labels are made for, or no real printer."""

    @property
    def outlet(self) -> Outlet:
        """Return what it serves."""
        return self._outlet

    @property
    def changing(self) -> bool:
        """Say whether it is held because somebody changes its roll."""
        return self._changing.is_set()

    def run_once(self) -> bool:
        """Do what is asked, then carry the oldest open job as far as it goes now; return whether anything moved."""
        moved = self._grant()
        if not self.changing:
            moved = self._settle_late() or moved
        stand = self._templates() if self._unprintable else ()
        for job in jobs_in_states(self._around, OPEN_STATES):
            if self._unprintable.get(job.id, _NEVER) == stand or not self._outlet.takes(job):
                continue
            if not self.changing or self._is_test(job):
                return self._carry_safely(job) or moved
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

    def _carry_safely(self, job: PrintJob) -> bool:
        """Carry a job; one that raises what nobody foresaw is reported and left, and the printer goes on with the next."""
        try:
            return self._carry(job)
        except Fault:
            self._failures += 1  # the disk or the port: the same job again, later
            return False
        except Exception as e:  # noqa: BLE001  the worker's loop: no error ends the thread
            self._unprintable[job.id] = self._templates()
            self._around.report(e)
            move(self._around, job, JobState.UNKNOWN, fault="the program failed while it printed")
            return True

    def _carry(self, job: PrintJob) -> bool:
        rendering = self._rendered(job)
        if rendering is None:
            return True
        with writer_of(self._outlet.printer.address, self._around.clock.boot_ns, self._around.locks) as lease:
            if lease is None:
                return self._hold(job, rendering, Trouble.IN_USE)
            status = self._status()
            if not status.may_be_sent_to:
                return self._hold(job, rendering, *(status.troubles or (status.state,)))
            strange = self._strange() or self._other_media(status)
            if strange is not None:
                return self._hold(job, rendering, strange)
            before = self._outlet.printer.labels_printed()
            if before is not None and not status.idle:
                return self._hold(job, rendering, Trouble.BUSY)
            evidence = _Evidence(None if before is None else before + rendering.pages, status.printing is not None)
            done = self._send(job, rendering, evidence, lease)
        # Only now: nothing that is for the profile makes a label wait.
        self._note_seen(status, before or 0)
        return done

    def _strange(self) -> Trouble | None:
        """Return what is wrong with the printer as such: it is looked at once, before its first job."""
        if self._looked_at:
            return self._wrong
        said = self._identity = self._outlet.printer.identity()
        self._looked_at = True
        if said is not None:
            model, _, dpi = said
            if model.startswith(VIRTUAL) and not self._around.simulated:
                self._wrong = Trouble.SIMULATED
            elif dpi != self._outlet.media.dpi and self._outlet.media.language not in _ANY_DPI:
                self._wrong = Trouble.OTHER_HEAD
        return self._wrong

    def _note_seen(self, status: PrinterStatus, labels: int) -> None:
        """Write now and then what the printer says of itself; one that says nothing was not seen."""
        now = self._around.clock.now_ms()
        if status.state is not PrinterState.UNKNOWN and now >= self._noted_at + _NOTE_MS:
            self._noted_at = now
            note_seen(self._around, self._outlet.name, self._identity, labels)

    def _other_media(self, status: PrinterStatus) -> Trouble | None:
        """Return that other labels are loaded than the printer is set up for, by what it says of itself.

        Longer ones waste paper and nothing else; shorter ones tear a label apart. A printer that looks for gaps where a
        roll has none stops by itself, and many clones say so whatever they do.
        """
        media = self._outlet.media
        if media.language in _ANY_DPI or status.continuous is None:
            return None
        short = media.height_mm - (status.label_dots or 0) * 25.4 / media.dpi
        too_short = bool(status.label_dots) and not status.continuous and short > _SAME_MM
        return Trouble.OTHER_MEDIA if too_short or (status.continuous and media.gap_mm > 0) else None

    def _hold(self, job: PrintJob, rendering: _Rendered | None, *troubles: str) -> bool:
        self._failures += 1
        trouble = ",".join(troubles)
        if job.state is not JobState.HELD or job.fault != trouble:
            kept = _Kept() if rendering is None else rendering.kept()
            move(self._around, job, JobState.HELD, **kept, fault=trouble)
        return False

    def _is_test(self, job: PrintJob) -> bool:
        return job.subject == printer_subject(self._outlet.name)

    def _status(self) -> PrinterStatus:
        self.seen = self._outlet.printer.status()
        return self.seen

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
        self._tell(*self._measured())
        return True

    def _measured(self) -> tuple[str, str]:
        """Let the printer measure its labels; return how that went and what it found, in millimetres, or why not."""
        clock, media = self._around.clock, self._outlet.media
        with writer_of(self._outlet.printer.address, clock.boot_ns, self._around.locks) as lease:
            if lease is None:
                return "not_calibrated", Trouble.IN_USE
            try:
                if not self._outlet.printer.calibrate():
                    return "calibrated", ""
            except SendFault:
                return "not_calibrated", Trouble.UNREACHABLE
            end = clock.boot_ns() + CALIBRATE_MS * 1_000_000
            status = self._status()
            while not self._stop.is_set() and not status.may_be_sent_to and clock.boot_ns() < end:
                self._stop.wait(self._around.look_seconds)
                status = self._status()
        if not status.may_be_sent_to:
            return "not_calibrated", ",".join(status.troubles)
        if status.label_dots is None:
            return "calibrated", ""
        found = status.label_dots * 25.4 / media.dpi
        fits = abs(found - media.height_mm) <= _SAME_MM
        return "calibrated" if fits else "wrong_media", str(round(found))

    def _tell(self, state: str, fault: str = "") -> None:
        around = self._around
        subject = printer_subject(self._outlet.name)
        around.announce(
            PrintMoved(
                id=CommandId(around.ids.new()), at=around.clock.now_ms(), job=b"", subject=subject, state=state, fault=fault
            )
        )  # fmt: skip

    def _send(self, job: PrintJob, rendering: _Rendered, evidence: _Evidence, lease: Lease) -> bool:
        digest, data = rendering.digest, rendering.data
        self._done_said.clear()
        if not move(
            self._around, job, JobState.SENDING, **rendering.kept(), outlet=self._outlet.name,
            awaits=evidence.wanted or 0,
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
                self._around.announce(event_of(self._around, job, JobState.SENDING, rendering=digest, percent=percent))

        try:
            sent = self._outlet.printer.send(data, left)
        except SendFault as fault:
            self._failures += 1
            move(self._around, job, JobState.FAILED_CLEAN if fault.clean else JobState.UNKNOWN, fault=fault.reason)
            return not fault.clean
        move(self._around, job, JobState.SENT)
        self._watch(job, sent, evidence, lease)
        return True

    def _rendered(self, job: PrintJob) -> _Rendered | None:
        """Return the bytes of a job; None where it cannot be rendered, which opens a case."""
        if job.document == DOCUMENT:
            return self._foreign(job)
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
                language=job.language, customer=job.customer, templates=self._around.templates,
            )  # fmt: skip
        except (LabelFault, codec.CodecError) as fault:
            self._refused(job, str(fault))
            return None
        return _Rendered(self._around.blobs.put(made.data), made.data, made.pages, made.made_by)

    def _foreign(self, job: PrintJob) -> _Rendered | None:
        """Return somebody else's bytes as they came, if they may go to this printer; None where they may not."""
        said, blobs = codec.parse(job.content), self._around.blobs
        digest = str(said.get("sha256", ""))
        if not blobs.has(digest):
            self._refused(job, f"the bytes {digest[:12]} of {job.document} are not here any more")
            return None
        data = blobs.get(digest)
        found = judge(data, dpi=int(said.get("dpi", 0)), media=self._outlet.media, bare=True)
        if found.passes:
            return _Rendered(digest, to_send(data, found.form), found.labels, f"{job.document} as it came")
        first = found.first
        self._refused(
            job, f"{job.document}: {found.why_not}", ("byte", str(first.at)), ("command", first.command),
            ("reason", first.reason), ("sha256", digest),
        )  # fmt: skip
        return None

    def _refused(self, job: PrintJob, fault: str, *facts: tuple[str, str]) -> None:
        """Hold a job that cannot be printed as it is, and open a case for whoever mends it."""
        self._unprintable[job.id] = self._templates()
        if job.state is JobState.HELD and job.fault == fault:
            # A template was changed, and is broken as before: that was told.
            return
        move(self._around, job, JobState.HELD, fault=fault)
        about = (("document", job.document), ("fault", fault), *facts)
        submit(
            self._around, OpenCase(**stamp(self._around), kind=CaseKind.PRINT_FAULT, subject=job.subject, facts=about)
        )

    def _templates(self) -> Stand:
        """Return which templates there are, and when each was changed."""
        folder = self._around.templates
        try:
            found = () if folder is None else sorted(folder.iterdir())
            return tuple((each.name, each.stat().st_mtime_ns) for each in found)
        except OSError:
            # There is no such folder, or somebody is just writing into it: the next look tells.
            return ()

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
            before, count = count, printer.labels_printed() if evidence.wanted is not None else None
            # Its own word may be about somebody else's job: where it counts, the counter must not speak against it.
            alerted = self._done_said.is_set() and count in (None, evidence.wanted)
            if alerted or fate is Fate.PRINTED:
                by = ConfirmedBy.ALERT if alerted else ConfirmedBy.SERVER
                move(self._around, job, JobState.PRINTED, confirmed_by=by)
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
            if self._came_out(evidence, count, status, printed=printed):
                by = ConfirmedBy.STATUS if evidence.wanted is None else ConfirmedBy.COUNTER
                move(self._around, job, JobState.PRINTED, confirmed_by=by)
                return
            printed = printed or bool(status.printing)
            fault = "the printer did not count it in time"
            going_on = status.state is PrinterState.READY and not status.idle
            if going_on or fate is Fate.UNDER_WAY or (before is not None and count != before):
                end = clock.boot_ns() + CONFIRM_MS * 1_000_000
            self._stop.wait(self._around.look_seconds)
        move(self._around, job, JobState.UNKNOWN, fault=fault)

    @staticmethod
    def _came_out(evidence: _Evidence, count: int | None, status: PrinterStatus, *, printed: bool) -> bool:
        if evidence.wanted is not None:
            return count == evidence.wanted and status.idle
        return printed and status.state is PrinterState.READY and status.printing is False

    def _settle_late(self) -> bool:
        """Take a late word of the printer about a job in doubt; return whether there was one.

        Only the last job that was sent to it: what its counter says afterwards may be about others.
        """
        job = last_sent(self._around, self._outlet.name)
        if job is None or job.state is not JobState.UNKNOWN:
            return False
        alerted = self._done_said.is_set()
        self._done_said.clear()
        if not job.awaits:
            return alerted and move(self._around, job, JobState.PRINTED, confirmed_by=ConfirmedBy.ALERT)
        if not self._status().idle:
            return False
        counted = self._outlet.printer.labels_printed() == job.awaits
        return counted and move(self._around, job, JobState.PRINTED, confirmed_by=ConfirmedBy.COUNTER)
