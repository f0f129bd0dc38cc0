"""A spooler over a real database, with a printer in memory that does what a test wants."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from core.kernel import codec
from core.kernel.blobs import BlobStore
from core.kernel.database import DatabaseFault
from core.kernel.executor import Outcome, Work
from core.kernel.flow import PrintMoved
from core.kernel.ids import JobId
from core.kernel.spool import ConfirmedBy, JobState, PrintJob
from printing.drivers.protocols import (
    NOTHING_SAID,
    Fate,
    Loaded,
    PrinterState,
    PrinterStatus,
    Progress,
    SendFault,
    Sent,
    Trouble,
)
from printing.ledger import Surroundings
from printing.media import Language, Media
from printing.outlet import Outlet
from printing.spooler import Spooler
from tests.printing.samples import HOUSE
from tests.support import NOON, PICKER, SITE, Bench, FakeIds

LABELS = Media(dpi=203, width_mm=101.6, height_mm=152.4, language=Language.ZPL)


@dataclass
class FakePrinter:
    """Prints what it gets, counts it, and can be told to fail."""

    state: PrinterState = PrinterState.READY
    troubles: tuple[Trouble, ...] = ()
    counts: bool = True
    prints: bool = True
    fault: SendFault | None = None
    bug: Exception | None = None
    paper: list[bytes] = field(default_factory=list)
    stuck: list[bytes] = field(default_factory=list)
    waiting: int = 0
    printing: list[bool] = field(default_factory=list)
    said: list[Fate] = field(default_factory=list)
    address: str = "tcp:label:9100"
    head: tuple[str, str, int] | None = None
    measures: bool = True
    calibrated: int = 0
    label_dots: int | None = None
    continuous: bool | None = None
    roll: Loaded = NOTHING_SAID
    forgets: bool = True
    asked_to_forget: list[str] = field(default_factory=list)

    def loaded(self) -> Loaded:
        return self.roll

    def send(self, job: bytes, progress: Progress) -> Sent:
        if self.bug is not None:
            raise self.bug
        if self.fault is not None:
            raise self.fault
        for left in range(10_000, len(job), 10_000):
            progress(left)
        progress(len(job))
        (self.paper if self.prints else self.stuck).append(job)
        return Sent(bytes_sent=len(job), ticket="7" if self.said else "")

    def status(self) -> PrinterStatus:
        printing = self.printing.pop(0) if self.printing else None
        return PrinterStatus(
            state=self.state,
            troubles=self.troubles,
            waiting_formats=self.waiting,
            printing=printing,
            label_dots=self.label_dots,
            continuous=self.continuous,
        )

    def come_out(self) -> None:
        self.paper += self.stuck
        self.stuck.clear()

    def labels_printed(self) -> int | None:
        return len(self.paper) if self.counts else None

    def identity(self) -> tuple[str, str, int] | None:
        return self.head

    def calibrate(self) -> bool:
        self.calibrated += 1
        return self.measures

    def fate(self, ticket: str) -> Fate | None:
        return self.said.pop(0) if ticket else None

    def forget(self, ticket: str) -> bool:
        self.asked_to_forget.append(ticket)
        return self.forgets


class TickingClock:
    """Time passes with every look, so that waiting for a counter ends."""

    def __init__(self) -> None:
        self.at = NOON

    def now_ms(self) -> int:
        self.at += 1
        return self.at

    def boot_ns(self) -> int:
        self.at += 600
        return self.at * 1_000_000


class Desk:
    """A spooler over a real database, with a printer in memory."""

    JOB: ClassVar[JobId] = JobId(b"job-000000000001")

    def __init__(self, it: Bench, folder: Path) -> None:
        self.it = it
        self.printer = FakePrinter()
        self.heard: list[PrintMoved] = []
        self.reports: list[BaseException] = []
        self.disk: DatabaseFault | None = None
        around = Surroundings(
            site=SITE, reading=it.database.reading, submit=self.submit, blobs=BlobStore(folder / "blobs"),
            clock=TickingClock(), ids=FakeIds(900), announce=self.heard.append, report=self.reports.append,
            locks=folder / "locks", look_seconds=0.001,
        )  # fmt: skip
        self.blobs, self.around = around.blobs, around
        self.spooler = Spooler(self.outlet, around)

    @property
    def outlet(self) -> Outlet:
        return Outlet(name="P-07", printer=self.printer, media=LABELS, takes=lambda job: job.printer == "label")

    def submit(self, work: Work) -> "Future[Outcome]":
        future: Future[Outcome] = Future()
        if self.disk is not None:
            future.set_exception(self.disk)
        else:
            future.set_result(self.it.executor.perform(work))
        return future

    def put(self, content: str = "", job: JobId = JOB, document: str = "house_label") -> None:
        text = content or codec.to_text(HOUSE)
        self.it.seed(
            PrintJob(
                SITE, job, NOON, document, 1, text, "label", b"parcel-000000001", "00614141", 1, JobState.QUEUED, 0,
                "", "", None, PICKER, "", "", 0, 0, 0, ConfirmedBy.NOBODY, NOON,
            )
        )  # fmt: skip

    def job(self, job: JobId = JOB) -> PrintJob:
        return self.it.need(PrintJob, job)

    def states(self) -> list[str]:
        return [each.state for each in self.heard]
