"""Pre-flight: a printer that is not what it is set up for gets nothing, and says so."""

from dataclasses import replace

import pytest

from core.catalog.contents import ToteLabel
from core.kernel import codec
from core.kernel.ids import JobId
from core.kernel.spool import JobState
from core.printers.model import PrinterSeen
from printing.drivers.protocols import Loaded, PrinterState, Trouble
from printing.spooler import Spooler
from tests.printing.spooler_desk import LABELS, Desk
from tests.support import NOON

SECOND = JobId(b"job-000000000002")


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


@pytest.mark.parametrize(
    ("roll", "gap", "marks", "fault"),
    [
        (Loaded(width_mm=76.0), 3.0, False, "other_width"),
        (Loaded(width_mm=100.0), 3.0, False, ""),
        (Loaded(width_mm=110.0), 3.0, False, ""),
        (Loaded(by_marks=True), 3.0, False, "other_marks"),
        (Loaded(by_marks=False), 3.0, False, ""),
        (Loaded(by_marks=True), 3.0, True, ""),
        (Loaded(by_marks=False), 3.0, True, "other_marks"),
        (Loaded(by_marks=True), 0.0, False, ""),
        (Loaded(), 3.0, True, ""),
    ],
)
def test_a_printer_whose_sensors_see_another_roll_gets_nothing_until_it_is_changed(
    desk: Desk, roll: Loaded, gap: float, marks: bool, fault: str
) -> None:
    desk.printer.head, desk.printer.roll = ("ZQ630", "V85", 203), roll
    spooler = Spooler(replace(desk.outlet, media=replace(LABELS, gap_mm=gap, marks=marks)), desk.around)

    spooler.run_once()

    assert (desk.job().state, desk.job().fault) == ((JobState.HELD, fault) if fault else (JobState.PRINTED, ""))
    assert len(desk.printer.paper) == (not fault)
    desk.printer.roll = Loaded(width_mm=101.6, by_marks=marks)
    spooler.run_once()
    assert desk.job().state is JobState.PRINTED


def test_another_roll_is_looked_for_after_the_printer_was_held(desk: Desk) -> None:
    desk.printer.head, desk.printer.roll = ("ZQ630", "V85", 203), Loaded(width_mm=101.6)
    desk.spooler.run_once()
    desk.put(job=SECOND)
    desk.printer.state, desk.printer.troubles = PrinterState.HELD, (Trouble.PAPER_OUT,)
    desk.spooler.run_once()
    desk.printer.state, desk.printer.troubles, desk.printer.roll = PrinterState.READY, (), Loaded(width_mm=51.0)

    desk.spooler.run_once()

    assert (desk.job(SECOND).state, desk.job(SECOND).fault) == (JobState.HELD, "other_width")


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
