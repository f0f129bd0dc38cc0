"""The print ledger: which state may follow which, people's words about a job, and what it reports."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.kernel import codec
from core.kernel.ids import JobId, PersonId
from core.kernel.printing import MovePrintJob, may_become
from core.kernel.reasons import Reason
from core.kernel.spool import ConfirmedBy, JobState, PrintJob
from core.people.model import Person
from core.people.roles import reprints_free
from core.printers.commands import (
    ConfirmPrintJob,
    PrintTestLabel,
    RepeatPrintJob,
    SavePrinter,
    SaveRoute,
    SendElsewhere,
    TryDarkness,
)
from core.printers.contents import DarknessLadder
from core.printers.model import PrinterRow, PrintRoute, Speech, printer_subject
from core.printers.queries import DOUBT_MS, forgotten_doubts, open_jobs, printed_again, printers_of, routes_of
from tests.support import NOON, PICKER, SITE, Bench, bench

JOB = JobId(b"job-000000000001")
LEAD = PersonId(b"person-lead-0001")
S = JobState
AFTER = {
    S.QUEUED: {S.HELD, S.SENDING, S.FAILED_CLEAN, S.VOIDED},
    S.HELD: {S.HELD, S.QUEUED, S.SENDING, S.FAILED_CLEAN, S.VOIDED},
    S.FAILED_CLEAN: {S.QUEUED, S.HELD, S.SENDING, S.VOIDED},
    S.SENDING: {S.SENT, S.UNKNOWN, S.FAILED_CLEAN, S.VOIDED},
    S.SENT: {S.PRINTED, S.UNKNOWN, S.APPLIED, S.VOIDED},
    S.UNKNOWN: {S.PRINTED, S.APPLIED, S.VOIDED},
    S.PRINTED: {S.APPLIED, S.VOIDED},
    S.APPLIED: {S.VOIDED},
    S.VOIDED: set(),
}
"""devices.md 2.4."""
PRINTER = PrinterRow(
    SITE, "P-07", "tcp:10.0.0.7:9100", "zpl", "", 203, 1016, 1524, "4x6", "4 m left", 30, None, None, Speech.UNTRIED, 1
)
ROUTE = PrintRoute(SITE, "", "label", "", "", "", 0, "", "P-07", "", 1)


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as made:
        made.seed(
            Person(SITE, PICKER, "picker", "en", 1, "first_day", 1), Person(SITE, LEAD, "lead", "en", 1, "first_day", 1)
        )
        yield made


def job(state: JobState, **more: object) -> PrintJob:
    row = PrintJob(
        SITE, JOB, NOON, "quarantine_label", 1, "{}", "label", b"subject-00000001", "Q-1", 1, state, 1, "digest", "", None,
        PICKER, "", "P-07", 1, NOON, 12, ConfirmedBy.NOBODY, NOON,
    )  # fmt: skip
    return replace(row, **more)  # type: ignore[arg-type]


def test_a_state_follows_another_exactly_as_the_ledger_says() -> None:
    for state in JobState:
        assert {new for new in JobState if may_become(state, new)} == AFTER[state], state


@pytest.mark.parametrize("state", [S.SENDING, S.SENT, S.UNKNOWN, S.PRINTED, S.APPLIED])
def test_nothing_that_a_byte_left_of_is_ever_sent_again(state: JobState) -> None:
    reached, more = {state}, {state}
    while more:
        more = {new for each in more for new in AFTER[each] if new is not S.FAILED_CLEAN} - reached
        reached |= more

    assert not reached & {S.QUEUED, S.HELD, S.SENDING} - {state}


@pytest.mark.parametrize("reason", ["JAM", "DAMAGED", "LOST", "WRONG_PRINTER", "NOT_PRINTED"])
def test_a_job_printed_once_more_is_void_and_its_copy_says_why_and_who(it: Bench, reason: str) -> None:
    it.seed(job(S.UNKNOWN))

    it.run(RepeatPrintJob(**it.base(LEAD), job=JOB, reason=reason))

    old, new = sorted(it.all(PrintJob), key=lambda each: each.created_at)
    assert (old.state, new.state, new.reprint_of) == (S.VOIDED, S.QUEUED, JOB)
    assert (new.copy_number, new.reason, new.operator, new.content, new.subject) == (2, reason, LEAD, "{}", old.subject)
    assert (new.rendering, new.outlet, new.sent_at, new.awaits, new.attempts) == ("", "", 0, 0, 0)


@pytest.mark.parametrize("state", [S.QUEUED, S.HELD, S.FAILED_CLEAN, S.VOIDED])
def test_what_will_be_printed_by_itself_is_not_printed_once_more(it: Bench, state: JobState) -> None:
    it.seed(job(state))

    assert it.refuse(RepeatPrintJob(**it.base(), job=JOB, reason="JAM")).reason is Reason.CHANGED_MEANWHILE


def test_a_role_prints_so_many_copies_freely_and_a_supervisor_passes_more(it: Bench) -> None:
    it.seed(job(S.PRINTED, copy_number=4))

    refused = it.refuse(RepeatPrintJob(**it.base(), job=JOB, reason="LOST"))

    assert (refused.reason, refused.facts["copies"]) == (Reason.REPRINT_LIMIT, 4)
    assert reprints_free("picker") < 4 <= reprints_free("lead") == reprints_free("picker,lead")
    it.run(RepeatPrintJob(**it.base(), job=JOB, reason="LOST", passed=1))
    assert [each.copy_number for each in it.all(PrintJob) if each.state is S.QUEUED] == [5]


def test_a_lead_prints_more_copies_freely(it: Bench) -> None:
    it.seed(job(S.PRINTED, copy_number=4))

    it.run(RepeatPrintJob(**it.base(LEAD), job=JOB, reason="LOST"))

    assert len(it.all(PrintJob)) == 2


def test_paper_in_hand_ends_a_doubt_and_nothing_else(it: Bench) -> None:
    it.seed(job(S.SENT))
    assert it.refuse(ConfirmPrintJob(**it.base(), job=JOB)).reason is Reason.CHANGED_MEANWHILE
    it.run(MovePrintJob(**it.base(), job=JOB, state=S.UNKNOWN, fault="silent"))

    it.run(ConfirmPrintJob(**it.base(), job=JOB))

    row = it.need(PrintJob, JOB)
    assert (row.state, row.confirmed_by, row.fault) == (S.PRINTED, ConfirmedBy.PERSON, "")


def test_a_job_goes_to_another_printer_only_while_no_byte_has_left(it: Bench) -> None:
    it.seed(job(S.HELD, fault="paper_out", outlet=""), PRINTER)
    assert it.refuse(SendElsewhere(**it.base(), jobs=(JOB,), printer="P-99")).reason is Reason.NOT_FOUND

    it.run(SendElsewhere(**it.base(), jobs=(JOB,), printer="P-07"))

    row = it.need(PrintJob, JOB)
    assert (row.outlet, row.state, row.rendering, row.fault) == ("P-07", S.QUEUED, "", "")
    it.run(MovePrintJob(**it.base(), job=JOB, state=S.SENDING, outlet="P-07"))
    assert it.refuse(SendElsewhere(**it.base(), jobs=(JOB,), printer="P-07")).reason is Reason.CHANGED_MEANWHILE


def test_printers_and_routes_are_written_by_version_and_a_route_names_printers_there_are(it: Bench) -> None:
    assert it.refuse(SaveRoute(**it.base(), route=ROUTE, base_version=0)).reason is Reason.NOT_FOUND
    it.run(SavePrinter(**it.base(), printer=PRINTER, base_version=0))
    assert it.refuse(SavePrinter(**it.base(), printer=PRINTER, base_version=0)).reason is Reason.CHANGED_MEANWHILE
    itself = replace(ROUTE, fallback="P-07")
    assert it.refuse(SaveRoute(**it.base(), route=itself, base_version=0)).reason is Reason.NOT_FOUND

    it.run(SaveRoute(**it.base(), route=ROUTE, base_version=0))

    with it.database.reading() as reader:
        assert (printers_of(reader, SITE), routes_of(reader, SITE)) == ((PRINTER,), (ROUTE,))
    it.run(SaveRoute(**it.base(), route=replace(ROUTE, printer="", version=2), base_version=1))
    with it.database.reading() as reader:
        assert routes_of(reader, SITE) == ()


def test_the_reports_name_what_may_lie_about_twice_and_doubts_nobody_looked_into(it: Bench) -> None:
    def numbered(n: int, state: JobState, **more: object) -> PrintJob:
        return replace(job(state, **more), id=JobId(b"job-%012d" % n))

    it.seed(
        numbered(1, S.VOIDED), numbered(2, S.APPLIED, sent_at=NOON + 5),
        numbered(3, S.PRINTED, subject=b"subject-00000002"), numbered(4, S.QUEUED, subject=b"subject-00000002", attempts=0),
        numbered(5, S.UNKNOWN, subject=b"subject-00000003"), numbered(6, S.UNKNOWN, subject=b"subject-00000004", moved_at=NOON + 60_000),
    )  # fmt: skip

    with it.database.reading() as reader:
        [again] = printed_again(reader, SITE)
        assert [each.id for each in again.jobs] == [JobId(b"job-%012d" % n) for n in (1, 2)]
        assert printed_again(reader, SITE, NOON + 1) == ()
        late = forgotten_doubts(reader, SITE, NOON + DOUBT_MS + 1)
        assert [each.subject for each in late] == [b"subject-00000003"]
        assert forgotten_doubts(reader, SITE, NOON + DOUBT_MS) == ()


def test_a_darkness_ladder_is_a_job_for_its_printer_in_that_printers_language(it: Bench) -> None:
    it.seed(replace(PRINTER, language="tspl"))
    it.run(TryDarkness(**it.base(), printer="P-07"))

    with it.database.reading() as reader:
        [spooled] = open_jobs(reader, SITE)
    assert (spooled.document, spooled.printer, spooled.outlet, spooled.state) == (
        "darkness_ladder", "label", "P-07", S.QUEUED,
    )  # fmt: skip
    content = codec.from_text(DarknessLadder, spooled.content)
    assert (content.language, content.printer) == ("tspl", "P-07")


def test_there_is_no_ladder_for_a_printer_that_there_is_not(it: Bench) -> None:
    assert it.refuse(TryDarkness(**it.base(), printer="P-07")).reason is Reason.NOT_FOUND
    with it.database.reading() as reader:
        assert open_jobs(reader, SITE) == ()


def test_a_test_label_is_for_one_printer_and_its_scan_ends_it_whatever_was_known_of_it(it: Bench) -> None:
    it.run(PrintTestLabel(**it.base(), printer="P-07", media="4x6"))
    [row] = it.all(PrintJob)
    assert (row.outlet, row.document, row.subject) == ("P-07", "workstation_label", printer_subject("P-07"))
    assert row.code in row.content
    assert it.refuse(ConfirmPrintJob(**it.base(), job=row.id, scanned=1)).reason is Reason.CHANGED_MEANWHILE
    for state in (S.SENDING, S.SENT, S.PRINTED):
        it.run(MovePrintJob(**it.base(), job=row.id, state=state))

    it.run(ConfirmPrintJob(**it.base(), job=row.id, scanned=1))

    row = it.need(PrintJob, row.id)
    assert (row.state, row.confirmed_by) == (S.APPLIED, ConfirmedBy.SCAN)
