"""The spooler: written before the act, never sent twice by itself, never silent."""

from dataclasses import replace

import pytest

from core.kernel.database import DatabaseFault
from core.kernel.ids import JobId
from core.kernel.spool import CARTON_OPENED, ConfirmedBy, JobState, PrintJob
from core.packing.model import LabelStop, StoppedLabel
from printing.drivers.one_writer import writer_of
from printing.drivers.protocols import Fate, PrinterState, PrinterStatus, Progress, SendFault, Sent, Trouble
from printing.ledger import Surroundings, recover
from printing.spooler import Aside
from tests.printing.spooler_desk import Desk
from tests.support import NOON, PICKER, SITE

SECOND = JobId(b"job-000000000002")


def test_a_job_goes_by_sending_and_sent_to_printed_and_its_bytes_are_kept(desk: Desk) -> None:
    assert desk.spooler.run_once()

    assert desk.states() == ["sending", "sent", "printed"]
    job = desk.job()
    assert (job.state, job.attempts) == (JobState.PRINTED, 1)
    assert (job.outlet, job.pages, job.confirmed_by, job.operator) == ("P-07", 1, ConfirmedBy.COUNTER, PICKER)
    assert NOON < job.sent_at < job.moved_at
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


def test_whoever_keeps_what_was_printed_aside_is_asked_to_let_go_of_it_until_it_did(desk: Desk) -> None:
    desk.spooler.run_once()
    told: list[str] = []
    desk.printer.said, desk.printer.forgets = [Fate.PRINTED], False

    desk.spooler.print_aside(Aside(b"a badge", told.append, lambda: False))
    assert desk.spooler.run_once()
    assert (told, desk.printer.paper[-1]) == ([""], b"a badge")
    desk.spooler.run_once()
    desk.printer.forgets = True
    desk.spooler.run_once()
    desk.spooler.run_once()

    assert desk.printer.asked_to_forget == ["7", "7", "7"], "jobs are kept, and not asked for"


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


def test_what_was_under_way_when_the_program_ended_is_in_doubt_and_not_sent_again(desk: Desk) -> None:
    desk.it.seed(replace(desk.job(), id=JobId(b"job-000000000002"), state=JobState.SENDING))

    assert recover(desk.around) == 1

    assert desk.job(JobId(b"job-000000000002")).state is JobState.UNKNOWN
    desk.spooler.run_once()
    assert len(desk.printer.paper) == 1


def test_an_error_nobody_foresaw_is_reported_and_leaves_the_job_in_doubt(desk: Desk) -> None:
    desk.printer.bug = ZeroDivisionError("driver")

    assert desk.spooler.run_once()

    assert [type(each) for each in desk.reports] == [ZeroDivisionError]
    assert desk.job().state is JobState.UNKNOWN
    assert not desk.spooler.run_once()


def test_an_error_beside_the_jobs_is_reported_once_and_the_next_job_goes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.spooler.run_once()
    desk.printer.said = [Fate.PRINTED]

    def odd(_ticket: str) -> bool:
        raise ValueError("its driver")

    monkeypatch.setattr(desk.printer, "forget", odd)
    desk.spooler.print_aside(Aside(b"a badge", lambda _: None, lambda: False))
    desk.put(job=SECOND)
    assert not desk.spooler.run_once()
    assert desk.spooler.run_once()

    assert [str(each) for each in desk.reports] == ["its driver"]
    assert desk.job(SECOND).state is JobState.PRINTED


def test_paper_of_an_opened_carton_is_void_although_the_disk_was_full_when_it_was_heard_of(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Surroundings] = []
    full = [DatabaseFault("full")]

    def void(around: Surroundings) -> None:
        asked.append(around)
        if full:
            raise full.pop()

    monkeypatch.setattr("printing.spooler.void_ended", void)
    assert not desk.spooler.run_once()
    assert (len(asked), desk.printer.paper) == (1, []), "nothing goes while it is not known"
    assert desk.spooler.run_once()
    assert not desk.spooler.run_once()
    assert len(asked) == 2


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


def test_paper_of_a_carton_that_another_station_opened_again_is_void_and_not_sent(desk: Desk) -> None:
    goes, printed, waits = desk.job(), *(JobId(f"job-00000000000{n}".encode()) for n in (0, 9))
    desk.it.seed(
        *(
            replace(goes, id=each, carton=each.hex(), created_at=NOON + after)
            for each, after in ((printed, 1), (waits, 2))
        )
    )
    desk.spooler.run_once()
    desk.spooler.run_once()
    assert desk.it.need(PrintJob, printed).state is JobState.PRINTED

    desk.it.seed(*(StoppedLabel(SITE, each.hex(), LabelStop.VOID, NOON) for each in (printed, waits)))
    desk.spooler.hear_ended()
    desk.spooler.run_once()

    for each in (printed, waits):
        assert (desk.it.need(PrintJob, each).state, desk.it.need(PrintJob, each).fault) == (
            JobState.VOIDED,
            CARTON_OPENED,
        )
    assert (desk.job().state, len(desk.printer.paper)) == (JobState.PRINTED, 2)


def test_what_is_written_before_the_first_byte_says_all_of_the_job(desk: Desk) -> None:
    seen: list[PrintJob] = []
    send = desk.printer.send

    def looking(job: bytes, progress: Progress) -> Sent:
        seen.append(desk.job())
        return send(job, progress)

    desk.printer.send = looking  # type: ignore[method-assign]
    desk.spooler.run_once()

    [row] = seen
    assert (row.state, row.outlet, row.copy_number, row.operator) == (JobState.SENDING, "P-07", 1, PICKER)
    assert desk.blobs.get(row.rendering) == desk.printer.paper[0]
    assert (row.subject, row.awaits) == (b"parcel-000000001", 1)


def test_a_job_waits_while_the_printer_still_prints_what_others_sent(desk: Desk) -> None:
    desk.printer.waiting = 3

    assert not desk.spooler.run_once()
    assert (desk.job().state, desk.job().fault, desk.printer.paper) == (JobState.HELD, "busy", [])

    desk.printer.waiting = 0
    assert desk.spooler.run_once()
    assert desk.job().state is JobState.PRINTED


def test_two_programs_never_write_to_one_printer_at_the_same_time(desk: Desk) -> None:
    with writer_of(desk.printer.address, desk.around.clock.boot_ns, desk.around.locks) as lease:
        assert lease is not None
        assert not desk.spooler.run_once()
        assert (desk.job().fault, desk.printer.paper) == ("in_use", [])

    assert desk.spooler.run_once()
    assert desk.job().state is JobState.PRINTED


def test_a_printer_whose_roll_is_changed_gets_nothing_until_it_is_done(desk: Desk) -> None:
    desk.spooler.hold()
    assert not desk.spooler.run_once()
    assert (desk.job().fault, desk.printer.paper) == ("changing", [])

    desk.spooler.resume()

    assert desk.spooler.run_once()
    assert desk.job().state is JobState.PRINTED


def test_of_a_long_job_it_is_told_how_much_has_left(desk: Desk) -> None:
    long = desk.blobs.put(b"^XA^FX" + b"0" * 1_000_000 + b"^XZ")
    desk.it.seed(replace(desk.job(), id=SECOND, rendering=long, pages=1, created_at=NOON - 1))

    desk.spooler.run_once()

    told = [each.percent for each in desk.heard if each.percent]
    assert told == sorted(told)
    assert (told[-1], len(told)) == (100, 20)
    assert desk.job(SECOND).state is JobState.PRINTED


def test_while_a_roll_is_changed_only_the_test_label_of_that_printer_goes(desk: Desk) -> None:
    desk.it.seed(replace(desk.job(), id=SECOND, subject=b"printer P-07", created_at=NOON + 1))
    desk.spooler.hold()

    assert desk.spooler.run_once()

    assert (desk.job().fault, desk.job(SECOND).state) == ("changing", JobState.PRINTED)


def test_it_is_asked_how_the_printer_is_and_says_so(desk: Desk) -> None:
    desk.printer.state, desk.printer.troubles = PrinterState.HELD, (Trouble.PAPER_OUT,)
    desk.spooler.look()

    desk.spooler.run_once()

    assert desk.spooler.seen is not None
    assert desk.spooler.seen.troubles == (Trouble.PAPER_OUT,)
    assert ("looked", b"printer P-07") in [(each.state, each.subject) for each in desk.heard]
