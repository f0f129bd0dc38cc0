"""The spooler: written before the act, kept before the first byte, never sent twice by itself, never silent."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from core.cases.model import Case, CaseKind
from core.catalog.contents import ToteLabel
from core.kernel import codec
from core.kernel.database import DatabaseFault
from core.kernel.ids import JobId
from core.kernel.spool import ConfirmedBy, JobState, PrintJob
from core.packing.contents import CarrierLabel
from core.printers.model import PrinterSeen
from printing.drivers.one_writer import writer_of
from printing.drivers.protocols import Fate, PrinterState, PrinterStatus, Progress, SendFault, Sent, Trouble
from printing.firewall import as_sent
from printing.ledger import recover
from printing.spooler import Spooler
from tests.printing.spooler_desk import LABELS, Desk
from tests.support import NOON, PICKER, bench


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

    assert recover(desk.around) == 1

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


SECOND = JobId(b"job-000000000002")


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


def test_a_late_word_of_the_counter_settles_a_doubt_without_anybody(desk: Desk) -> None:
    desk.printer.prints = False
    desk.spooler.run_once()
    assert desk.job().state is JobState.UNKNOWN
    assert not desk.spooler.run_once()

    desk.printer.come_out()

    assert desk.spooler.run_once()
    assert (desk.job().state, desk.job().confirmed_by) == (JobState.PRINTED, ConfirmedBy.COUNTER)
    assert desk.states()[-2:] == ["unknown", "printed"]
    assert len(desk.printer.paper) == 1


def test_a_late_word_comes_to_the_next_life_of_the_program_too(desk: Desk) -> None:
    desk.printer.prints = False
    desk.spooler.run_once()
    desk.printer.come_out()

    assert Spooler(desk.outlet, desk.around).run_once()

    assert desk.job().state is JobState.PRINTED


def test_a_counter_that_went_on_for_another_job_settles_nothing(desk: Desk) -> None:
    desk.printer.prints = False
    desk.spooler.run_once()
    desk.printer.prints = True
    desk.put(job=SECOND)

    desk.spooler.run_once()
    desk.spooler.run_once()

    assert (desk.job().state, desk.job(SECOND).state) == (JobState.UNKNOWN, JobState.PRINTED)


def test_a_counter_that_counted_more_than_the_job_leaves_it_in_doubt(desk: Desk) -> None:
    send = desk.printer.send

    def beside(job: bytes, progress: Progress) -> Sent:
        desk.printer.paper.append(b"somebody else's")
        return send(job, progress)

    desk.printer.send = beside  # type: ignore[method-assign]
    desk.spooler.run_once()

    assert desk.job().state is JobState.UNKNOWN
    assert "more than this job" in desk.job().fault


def test_a_job_waits_while_the_printer_still_prints_what_others_sent(desk: Desk) -> None:
    desk.printer.waiting = 3

    assert not desk.spooler.run_once()
    assert (desk.job().state, desk.job().fault, desk.printer.paper) == (JobState.HELD, "busy", [])

    desk.printer.waiting = 0
    assert desk.spooler.run_once()
    assert desk.job().state is JobState.PRINTED


def test_the_printers_own_word_that_it_is_done_is_taken_at_once_and_late(desk: Desk) -> None:
    desk.printer.counts = False
    desk.spooler.run_once()
    assert desk.job().state is JobState.UNKNOWN

    desk.spooler.hear_done()

    assert desk.spooler.run_once()
    assert (desk.job().state, desk.job().confirmed_by) == (JobState.PRINTED, ConfirmedBy.ALERT)


def test_a_printer_that_only_says_whether_it_prints_is_believed_when_it_has_stopped(desk: Desk) -> None:
    desk.printer.counts = False
    desk.printer.printing = [False, True, True, False]

    desk.spooler.run_once()

    assert (desk.job().state, desk.job().confirmed_by) == (JobState.PRINTED, ConfirmedBy.STATUS)


@pytest.mark.parametrize(
    ("said", "state"),
    [([Fate.UNDER_WAY, Fate.PRINTED], JobState.PRINTED), ([Fate.UNDER_WAY, Fate.GONE], JobState.UNKNOWN)],
)
def test_a_job_that_left_the_queue_was_printed_only_if_the_server_says_so(
    desk: Desk, said: list[Fate], state: JobState
) -> None:
    desk.printer.counts, desk.printer.said = False, said

    desk.spooler.run_once()

    assert desk.job().state is state


def test_a_printer_that_only_listens_is_sent_to_and_its_labels_are_in_doubt_until_scanned(desk: Desk) -> None:
    desk.printer.state, desk.printer.troubles, desk.printer.counts = PrinterState.UNKNOWN, (Trouble.ONE_WAY,), False

    desk.spooler.run_once()

    assert (desk.job().state, len(desk.printer.paper)) == (JobState.UNKNOWN, 1)


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


def test_a_job_keeps_which_templates_made_it_and_a_broken_one_holds_it(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "house_label.toml").write_text('version = 7\nsender = ["Acme"]\n', "utf-8")
    spooler = Spooler(desk.outlet, replace(desk.around, templates=folder))
    spooler.run_once()
    assert desk.job().template == "house_label 1, house_label.toml 7"
    assert b"^FDFrom Acme^FS" in desk.blobs.get(desk.job().rendering)

    (folder / "house_label.toml").write_text("version = 8\nbanner = 1\n", "utf-8")
    other = JobId(b"job-000000000002")
    desk.put(job=other)
    spooler.run_once()
    held = desk.job(other)
    assert (held.state, held.rendering) == (JobState.HELD, "")
    assert "house_label.toml, line 2: banner: no such key" in held.fault
    assert not spooler.run_once()

    # Broken otherwise is told anew, as before it is not; mended, the job goes on by itself.
    (folder / "house_label.toml").write_text("version = 9\nbanner = 2\n", "utf-8")
    spooler.run_once()
    assert [case.kind for case in desk.it.all(Case)] == [CaseKind.PRINT_FAULT]
    (folder / "house_label.toml").write_text("version = 10\n", "utf-8")
    assert spooler.run_once()
    assert (desk.job(other).state, desk.job(other).fault) == (JobState.PRINTED, "")
    assert desk.job(other).template == "house_label 1, house_label.toml 10"


def test_a_job_that_waited_and_goes_to_another_printer_is_made_for_its_head(desk: Desk) -> None:
    desk.printer.state, desk.printer.troubles = PrinterState.HELD, (Trouble.PAPER_OUT,)
    assert not desk.spooler.run_once()
    for_the_first = desk.job().rendering
    desk.printer.state, desk.printer.troubles = PrinterState.READY, ()

    other = replace(desk.outlet, name="P-08", media=replace(LABELS, dpi=300))
    assert Spooler(other, desk.around).run_once()

    [printed] = desk.printer.paper
    assert b"dpi=203" in desk.blobs.get(for_the_first)
    assert b"dpi=300" in printed
    assert desk.blobs.get(desk.job().rendering) == printed


@pytest.mark.parametrize(
    ("head", "simulated", "fault"),
    [
        (("ZD421-300dpi", "V93", 300), False, "other_head"), (("ZD421", "V93", 203), False, ""), (("DOCKSIDE-VIRTUAL", "V1", 203), False, "simulated"),
        (("DOCKSIDE-VIRTUAL", "V1", 203), True, ""), (None, False, ""),
    ],
)  # fmt: skip
def test_a_head_the_labels_are_not_made_for_and_a_virtual_printer_get_nothing_from_a_real_station(
    desk: Desk, head: tuple[str, str, int] | None, simulated: bool, fault: str
) -> None:
    desk.printer.head = head
    spooler = Spooler(desk.outlet, replace(desk.around, simulated=simulated))

    spooler.run_once()

    assert (desk.job().state, desk.job().fault) == ((JobState.HELD, fault) if fault else (JobState.PRINTED, ""))
    assert len(desk.printer.paper) == (not fault)


@pytest.mark.parametrize(
    ("dots", "state", "found"),
    [(round(152.4 / 25.4 * 203), "calibrated", "152"), (400, "wrong_media", "50"), (None, "calibrated", "")],
)
def test_a_printer_measures_its_labels_and_another_length_is_told(
    desk: Desk, dots: int | None, state: str, found: str
) -> None:
    desk.printer.label_dots = dots
    desk.spooler.hold()
    desk.spooler.calibrate()

    desk.spooler.run_once()

    said = next(each for each in desk.heard if each.job == b"")
    assert (said.state, said.fault, said.subject) == (state, found, b"printer P-07")
    assert (desk.printer.calibrated, desk.printer.paper) == (1, [])


def test_a_printer_that_stays_in_trouble_could_not_measure(desk: Desk) -> None:
    desk.printer.state, desk.printer.troubles = PrinterState.HELD, (Trouble.HEAD_OPEN,)
    desk.spooler.calibrate()

    desk.spooler.run_once()

    said = next(each for each in desk.heard if each.job == b"")
    assert (said.state, said.fault) == ("not_calibrated", "head_open")


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


def carriers(desk: Desk, data: bytes, dpi: int = 203) -> JobId:
    """Put a carrier's label into the spool as it came."""
    digest = desk.blobs.put(data)
    content = CarrierLabel(carrier="KESTREL", tracking="1Z9", language="zpl", dpi=dpi, sha256=digest)
    job = JobId(b"job-000000000000")
    desk.put(codec.to_text(content), job, CarrierLabel.KIND)
    return job


def test_a_carriers_label_leaves_as_it_came_and_is_logged_by_its_hash(desk: Desk) -> None:
    data = b"^XA^FO1,1^FDfrom somewhere else^FS^XZ"
    job = carriers(desk, data)

    assert desk.spooler.run_once()

    assert desk.printer.paper == [as_sent(data)]
    row = desk.job(job)
    assert (row.state, row.rendering, row.pages) == (JobState.PRINTED, sha256(data).hexdigest(), 1)


@pytest.mark.parametrize(
    ("data", "dpi", "facts"),
    [
        (b"^XA^FDA^FS~JR^XZ", 203, {"byte": "10", "command": "~JR", "reason": "restarts the printer"}),
        (b"^XA^FDA^FS^XZ", 300, {"byte": "-1", "reason": "made for 300 dpi, the printer has 203: fetch the label for 203 dpi, or as PDF or PNG"}),
    ],
)  # fmt: skip
def test_a_carriers_label_that_may_not_go_there_is_held_with_a_case_and_gets_no_byte(
    desk: Desk, data: bytes, dpi: int, facts: dict[str, str]
) -> None:
    job = carriers(desk, data, dpi)

    desk.spooler.run_once()

    assert (desk.job(job).state, desk.printer.paper) == (JobState.HELD, [])
    (case,) = desk.it.all(Case)
    told = codec.parse(case.facts)
    assert {key: told[key] for key in facts} == facts
    assert (told["document"], told["sha256"]) == ("carrier_label", sha256(data).hexdigest())
    assert desk.spooler.run_once()  # the house label behind it
    assert not desk.spooler.run_once()
    assert len(desk.it.all(Case)) == 1


@pytest.mark.parametrize(
    ("says", "height", "gap", "held"),
    [
        ({"continuous": True}, 152.4, 3.0, True),
        ({"continuous": True}, 152.4, 0.0, False),
        ({"continuous": False}, 152.4, 0.0, False),
        ({"continuous": False, "label_dots": 406}, 152.4, 3.0, True),
        ({"continuous": False, "label_dots": 1218}, 152.4, 3.0, False),
        ({"continuous": False, "label_dots": 1218}, 50.8, 3.0, False),
        ({"continuous": False, "label_dots": 0}, 152.4, 3.0, False),
        ({"label_dots": 406}, 152.4, 3.0, False),
    ],
)
def test_a_printer_that_says_other_labels_are_in_it_gets_none(
    desk: Desk, says: dict[str, int | bool], height: float, gap: float, held: bool
) -> None:
    for name, value in says.items():
        setattr(desk.printer, name, value)
    media = replace(LABELS, height_mm=height, gap_mm=gap)
    desk.put(codec.to_text(ToteLabel(code="TOTE-1")), JobId(b"job-000000000000"), "tote_label")
    spooler = Spooler(replace(desk.outlet, media=media), desk.around)

    spooler.run_once()

    job = desk.job(JobId(b"job-000000000000"))
    assert (job.state, job.fault, len(desk.printer.paper)) == (
        (JobState.HELD, "other_media", 0) if held else (JobState.PRINTED, "", 1)
    )


def test_what_a_printer_says_of_itself_is_kept_now_and_then(desk: Desk) -> None:
    desk.printer.head = ("ZD421-203dpi", "V93.21.1", 203)
    desk.printer.paper = [b"before"] * 41

    desk.spooler.run_once()

    (seen,) = desk.it.all(PrinterSeen)
    assert (seen.name, seen.model, seen.firmware, seen.labels) == ("P-07", "ZD421-203dpi", "V93.21.1", 41)
    assert seen.seen_at >= NOON
    desk.put(job=SECOND)
    desk.spooler.run_once()
    assert desk.it.all(PrinterSeen)[0].seen_at == seen.seen_at
    desk.around.clock.at += 60_000  # type: ignore[attr-defined]
    desk.put(job=JobId(b"job-000000000003"))
    desk.spooler.run_once()
    assert desk.it.all(PrinterSeen)[0].labels == 43
