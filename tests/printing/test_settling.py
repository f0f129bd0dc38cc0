"""Settling: what is printed is known by the printer's own word, early or late; all else is in doubt."""

import pytest

from core.kernel.ids import JobId
from core.kernel.spool import ConfirmedBy, JobState
from printing.drivers.protocols import Fate, PrinterState, Progress, Sent, Trouble
from printing.spooler import Spooler
from tests.printing.spooler_desk import Desk

SECOND = JobId(b"job-000000000002")


@pytest.mark.parametrize(("counts", "prints"), [(True, False), (False, True)])
def test_a_label_that_nobody_counted_is_in_doubt(desk: Desk, counts: bool, prints: bool) -> None:
    desk.printer.counts, desk.printer.prints = counts, prints

    desk.spooler.run_once()

    assert desk.job().state is JobState.UNKNOWN


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
    [
        ([Fate.UNDER_WAY, Fate.PRINTED], (JobState.PRINTED, ConfirmedBy.SERVER)),
        ([Fate.SAID], (JobState.PRINTED, ConfirmedBy.ALERT)),
        ([Fate.UNDER_WAY, Fate.GONE], (JobState.UNKNOWN, ConfirmedBy.NOBODY)),
    ],
)
def test_a_job_that_left_the_queue_was_printed_only_if_the_server_or_the_printer_says_so(
    desk: Desk, said: list[Fate], state: tuple[JobState, ConfirmedBy]
) -> None:
    desk.printer.counts, desk.printer.said = False, said

    desk.spooler.run_once()

    assert (desk.job().state, desk.job().confirmed_by) == state


def test_a_printer_that_only_listens_is_sent_to_and_its_labels_are_in_doubt_until_scanned(desk: Desk) -> None:
    desk.printer.state, desk.printer.troubles, desk.printer.counts = PrinterState.UNKNOWN, (Trouble.ONE_WAY,), False

    desk.spooler.run_once()

    assert (desk.job().state, len(desk.printer.paper)) == (JobState.UNKNOWN, 1)
