"""A printer in memory that can lose its power, hold labels back and be cut off, under a spooler that can be killed.

What came out is counted by job, as a person would count it on the floor.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.kernel import codec
from core.kernel.blobs import BlobStore
from core.kernel.clock import Clock
from core.kernel.executor import Outcome, Work
from core.kernel.flow import PrintMoved
from core.kernel.ids import JobId
from core.kernel.spool import ConfirmedBy, JobState, PrintJob
from printing.drivers.protocols import Fate, Printer, PrinterStatus, Progress, SendFault, Sent, Trouble, judged
from printing.ledger import Surroundings, recover
from printing.media import Language, Media
from printing.outlet import Outlet
from printing.simulation.stream import Label, Stream
from printing.spooler import Spooler
from tests.printing.samples import HOUSE
from tests.support import NOON, PICKER, SITE, Bench, FakeIds, bench

LABELS = Media(dpi=203, width_mm=101.6, height_mm=152.4, language=Language.ZPL)
SHORT = b"^XA^FXjob=%s^FS^XZ\n"


class Killed(BaseException):
    """The program ends here, without a word: nothing may catch it."""


@dataclass
class PaperPrinter:
    """Counts labels as they come out; what it holds back is lost with its power."""

    address: str = "tcp:doomed:9100"
    paper: Counter[str] = field(default_factory=Counter)
    buffer: list[str] = field(default_factory=list)
    paused: bool = False
    counted: int = 0
    says: PrinterStatus | None = None
    """What it answers instead of how it is."""
    kill_after: int | None = None
    """The program dies when so many bytes of the next job have left it."""
    cut_after: int | None = None
    """The printer loses its power then."""
    pause_after: int | None = None
    """Somebody presses its pause key then."""

    def send(self, job: bytes, progress: Progress) -> Sent:
        """Take a job byte by byte."""
        stream = Stream()
        for n in range(len(job)):
            if self.kill_after == n:
                raise Killed
            if self.cut_after == n:
                self.lose_power()
                raise SendFault("connection reset", bytes_left_us=n)
            if self.pause_after == n:
                self.paused, self.pause_after = True, None
            for heard in stream.feed(job[n : n + 1]):
                if isinstance(heard, Label):
                    self.buffer.append(heard.raw.split(b"^FXjob=")[1].split(b"^")[0].split()[0].decode())
                    self.run()
            progress(n + 1)
        if self.kill_after == len(job):
            raise Killed
        return Sent(bytes_sent=len(job))

    def run(self) -> None:
        """Print what waits, unless it is paused."""
        while self.buffer and not self.paused:
            self.paper[self.buffer.pop(0)] += 1
            self.counted += 1

    def lose_power(self) -> None:
        """Forget what waits."""
        self.buffer.clear()
        self.cut_after = None

    def status(self) -> PrinterStatus:
        """Say how many wait."""
        return self.says or judged(*((Trouble.PAUSED,) if self.paused else ()), waiting=len(self.buffer))

    def labels_printed(self) -> int:
        """Return what it counted, which outlives its power."""
        return self.counted

    def identity(self) -> tuple[str, str, int] | None:
        """Say nothing."""
        return None

    def calibrate(self) -> bool:
        """Measure nothing."""
        return False

    def fate(self, ticket: str) -> Fate | None:
        """Return nothing."""
        return None

    def forget(self, ticket: str) -> bool:
        """Ask nothing."""
        return True


class QuickClock:
    """A second passes with every look."""

    def __init__(self) -> None:
        self.at = NOON

    def now_ms(self) -> int:
        self.at += 1
        return self.at

    def boot_ns(self) -> int:
        self.at += 900
        return self.at * 1_000_000


class Site:
    """A database, a printer, and one life of the program after another."""

    def __init__(self, it: Bench, folder: Path) -> None:
        self.it, self.printer = it, PaperPrinter()
        self.die_at: int | None = None
        """The program dies before its so manieth write, and writes nothing."""
        self._writes = 0
        self.around = Surroundings(
            site=SITE, reading=it.database.reading, submit=self._submit, blobs=BlobStore(folder / "blobs"), clock=QuickClock(), ids=FakeIds(900),
            announce=lambda _: None, report=_raise, locks=folder / "locks", look_seconds=0.0,
        )  # fmt: skip
        self.jobs = 0

    def _submit(self, work: Work) -> "Future[Outcome]":
        if self._writes == self.die_at:
            raise Killed
        self._writes += 1
        future: Future[Outcome] = Future()
        future.set_result(self.it.executor.perform(work))
        return future

    def listen(self, announce: Callable[[PrintMoved], None], clock: Clock) -> None:
        """Tell somebody what becomes of jobs, by a clock that runs."""
        self.around = replace(self.around, announce=announce, clock=clock, simulated=True, look_seconds=0.02)

    def ask(self, raw: bytes | None = None) -> str:
        """Put a job into the spool, with bytes that are kept already where they are given; return its name on paper."""
        self.jobs += 1
        job = JobId(b"job-%012d" % self.jobs)
        rendering = "" if raw is None else self.around.blobs.put(raw % job.hex().encode())
        self.it.seed(
            PrintJob(
                SITE, job, NOON + self.jobs, "house_label", 1, codec.to_text(HOUSE), "label", b"parcel-000000001", "", 1, JobState.QUEUED, 0,
                rendering, "", None, PICKER, "", "", int(bool(raw)), 0, 0, ConfirmedBy.NOBODY, NOON,
            )
        )  # fmt: skip
        return job.hex()

    def live(self, printer: Printer | None = None) -> None:
        """Start the program, let it carry what it can, and end it or see it killed."""
        try:
            recover(self.around)
            self._writes = 0
            spooler = Spooler(
                Outlet(name="P-07", printer=printer or self.printer, media=LABELS, takes=lambda _: True), self.around
            )
            for _ in range(20):
                if not spooler.run_once():
                    break
        except Killed:
            pass
        finally:
            self.printer.kill_after = self.die_at = None

    def state(self, name: str) -> JobState:
        """Return what the ledger says of a job."""
        return self.it.need(PrintJob, JobId(bytes.fromhex(name))).state

    def assert_true(self, name: str) -> None:
        """What the ledger says is what lies on the floor; of what nobody can know it says so."""
        out, state = self.printer.paper[name], self.state(name)
        assert out <= 1, f"{name} came out {out} times"
        if state is JobState.PRINTED:
            assert out == 1, f"{name} never came out"
        elif state is not JobState.UNKNOWN:
            assert (out, state) == (0, state)
            assert state in (JobState.QUEUED, JobState.HELD, JobState.FAILED_CLEAN)


def _raise(error: BaseException) -> None:
    raise error


@contextmanager
def doomed_site(folder: Path) -> Iterator[Site]:
    """Open a site in a folder."""
    with bench(folder) as it:
        # A program that is killed leaves what it wrote to the system; the disk's own losses are tried in tests/proof.
        raw = it.executor.connection.connection.dbapi_connection
        assert raw is not None
        raw.cursor().execute("PRAGMA synchronous=OFF")
        yield Site(it, folder)
