"""The spooler: written before the act, kept before the first byte, never sent twice by itself, never silent."""

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

import pytest

from core.cases.model import Case, CaseKind
from core.kernel import codec
from core.kernel.blobs import BlobStore
from core.kernel.database import DatabaseFault
from core.kernel.executor import Outcome, Work
from core.kernel.flow import PrintMoved
from core.kernel.ids import JobId
from core.kernel.spool import JobState, PrintJob
from printing.drivers.protocols import PrinterState, PrinterStatus, Progress, SendFault, Sent, Trouble
from printing.media import Language, Media
from printing.spooler import Outlet, Spooler, Surroundings
from tests.printing.samples import HOUSE
from tests.support import NOON, SITE, Bench, FakeIds, bench

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

    def send(self, job: bytes, progress: Progress) -> Sent:
        if self.bug is not None:
            raise self.bug
        if self.fault is not None:
            raise self.fault
        if self.prints:
            self.paper.append(job)
        return Sent(bytes_sent=len(job))

    def status(self) -> PrinterStatus:
        return PrinterStatus(state=self.state, troubles=self.troubles)

    def labels_printed(self) -> int | None:
        return len(self.paper) if self.counts else None


class TickingClock:
    """Time passes with every look, so that waiting for a counter ends."""

    def __init__(self) -> None:
        self.at = NOON

    def now_ms(self) -> int:
        self.at += 1
        return self.at

    def boot_ns(self) -> int:
        self.at += 4_000
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
            site=SITE, reader=it.database.reader, submit=self.submit, blobs=BlobStore(folder / "blobs"),
            clock=TickingClock(), ids=FakeIds(900), announce=self.heard.append, report=self.reports.append,
        )  # fmt: skip
        self.blobs = around.blobs
        self.spooler = Spooler(Outlet(role="label", printer=self.printer, media=LABELS), around)

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
                "", "", None,
            )
        )  # fmt: skip

    def job(self, job: JobId = JOB) -> PrintJob:
        return self.it.need(PrintJob, job)

    def states(self) -> list[str]:
        return [each.state for each in self.heard]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with bench(tmp_path) as it:
        made = Desk(it, tmp_path)
        made.put()
        yield made


def test_a_job_goes_by_sending_and_sent_to_printed_and_its_bytes_are_kept(desk: Desk) -> None:
    assert desk.spooler.run_once()

    assert desk.states() == ["sending", "sent", "printed"]
    job = desk.job()
    assert (job.state, job.attempts) == (JobState.PRINTED, 1)
    assert desk.printer.paper == [desk.blobs.get(job.rendering)]
    assert [(each.code, each.rendering) for each in desk.heard][:1] == [("00614141", job.rendering)], (
        "who looks can show it"
    )
    assert not desk.spooler.run_once()


def test_a_printer_that_is_not_ready_gets_no_byte_and_the_job_says_why(desk: Desk) -> None:
    desk.printer.state, desk.printer.troubles = PrinterState.HELD, (Trouble.PAPER_OUT,)

    assert not desk.spooler.run_once()
    assert not desk.spooler.run_once()

    assert (desk.states(), desk.printer.paper) == (["held"], [])
    assert desk.job().fault == "paper_out"
    desk.printer.state, desk.printer.troubles = PrinterState.READY, ()
    assert desk.spooler.run_once()
    assert desk.job().state is JobState.PRINTED


def test_a_printer_of_which_nothing_is_known_is_not_ready(desk: Desk) -> None:
    desk.printer.state, desk.printer.troubles = PrinterState.UNKNOWN, (Trouble.UNREACHABLE,)

    desk.spooler.run_once()

    assert (desk.job().state, desk.printer.paper) == (JobState.HELD, [])


def test_what_did_not_leave_us_is_tried_again_and_what_did_is_not(desk: Desk) -> None:
    desk.printer.fault = SendFault("refused", bytes_left_us=0)
    desk.spooler.run_once()
    assert desk.job().state is JobState.FAILED_CLEAN

    desk.printer.fault = SendFault("broken off", bytes_left_us=100)
    desk.spooler.run_once()
    assert desk.job().state is JobState.UNKNOWN

    desk.printer.fault = None
    assert not desk.spooler.run_once()
    assert desk.printer.paper == []


@pytest.mark.parametrize(("counts", "prints"), [(True, False), (False, True)])
def test_a_label_that_nobody_counted_is_in_doubt(desk: Desk, counts: bool, prints: bool) -> None:
    desk.printer.counts, desk.printer.prints = counts, prints

    desk.spooler.run_once()

    assert desk.job().state is JobState.UNKNOWN


def test_what_was_under_way_when_the_program_ended_is_in_doubt_and_not_sent_again(desk: Desk) -> None:
    desk.it.seed(replace(desk.job(), id=JobId(b"job-000000000002"), state=JobState.SENDING))

    assert desk.spooler.recover() == 1

    assert desk.job(JobId(b"job-000000000002")).state is JobState.UNKNOWN
    desk.spooler.run_once()
    assert len(desk.printer.paper) == 1


def test_content_that_cannot_be_rendered_is_held_with_a_case_and_the_next_job_prints(desk: Desk) -> None:
    broken = JobId(b"job-000000000000")
    desk.put('{"is":"HouseLabel"}', broken)

    assert desk.spooler.run_once()
    assert desk.spooler.run_once()

    assert desk.job(broken).state is JobState.HELD
    assert [case.kind for case in desk.it.all(Case)] == [CaseKind.PRINT_FAULT]
    assert desk.job().state is JobState.PRINTED
    assert not desk.spooler.run_once()


def test_an_error_nobody_foresaw_is_reported_and_leaves_the_job_in_doubt(desk: Desk) -> None:
    desk.printer.bug = ZeroDivisionError("driver")

    assert desk.spooler.run_once()

    assert [type(each) for each in desk.reports] == [ZeroDivisionError]
    assert desk.job().state is JobState.UNKNOWN
    assert not desk.spooler.run_once()


def test_a_full_disk_sends_nothing_and_the_job_waits(desk: Desk) -> None:
    desk.disk = DatabaseFault("not written: full")

    assert not desk.spooler.run_once()

    assert (desk.printer.paper, desk.job().state) == ([], JobState.QUEUED)
    desk.disk = None
    assert desk.spooler.run_once()
    assert desk.job().state is JobState.PRINTED


def test_a_job_voided_meanwhile_is_not_sent(desk: Desk) -> None:
    job = desk.job()
    before = desk.printer.status

    def voided() -> PrinterStatus:
        with desk.it.executor.connection.begin():
            desk.it.executor.connection.exec_driver_sql("UPDATE print_job SET state = 'voided'")
        return before()

    desk.printer.status = voided
    desk.spooler.run_once()

    assert desk.printer.paper == []
    assert desk.it.need(PrintJob, job.id).state is JobState.VOIDED
