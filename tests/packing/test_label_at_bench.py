"""The label at the bench: scanned back, not printed, void, found again, and how far it is."""

from dataclasses import replace

from core.kernel.flow import PrintMoved, Verb
from core.kernel.ids import CommandId
from core.kernel.printing import MovePrintJob
from core.kernel.reasons import Reason
from core.kernel.spool import JobState, PrintJob
from core.packing.model import LabelState, Parcel, ParcelState
from core.packing.states import (
    ConfirmReopen,
    ScanWork,
    StickLabel,
    VerifyUnit,
)
from core.printers.commands import SavePrinter, SaveRoute
from core.printers.model import PrinterRow, PrintRoute, Speech
from core.printers.queries import WayOut
from tests.orders.shop import Shop
from tests.packing.arrange import CUP, FIRST_DAY, GTIN, MEDIUM, MUG, desk, label, picked, printed, singles, tote
from tests.support import SITE

PRINTER = PrinterRow(
    SITE, "", "tcp:10.0.0.7:9100", "zpl", "", 203, 1016, 1524, "4x6", "", 30, None, None, Speech.UNTRIED, 1
)

# The label


def test_the_wrong_label_is_refused_and_the_right_one_proves_the_box(it: Shop) -> None:
    singles(it, "s1", "s2")
    with desk(it, policies=FIRST_DAY) as d:
        d.take(GTIN[MUG])
        other = label(d)
        d.take(Verb.SKIP)
        d.take(GTIN[MUG])
        mine = label(d)
        assert d.refuses(other) == (Reason.WRONG_PARCEL, {"expected": mine, "got": other})
        assert d.refuses(GTIN[MUG]) == (
            Reason.WRONG_KIND, {"expected_kind": "parcel", "expected": mine, "got": MUG},
        )  # fmt: skip
        d.take(mine)


def test_packed_without_a_label_is_a_state_that_is_found_again(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM, GTIN[MUG], GTIN[MUG])
        sscc = label(d)
        work = d.take(Verb.SKIP)
        assert [(each.label, each.order_number, each.units) for each in work.due] == [(sscc, "o1", 2)]
        found = d.take("o1")
        assert isinstance(found, StickLabel), "by its order, without opening anything"
        d.take(Verb.REPRINT, (Verb.QTY, "1"))
        assert isinstance(d.state, StickLabel)
        d.take(Verb.SKIP, sscc)
        assert isinstance(d.state, ScanWork)
    (parcel,) = it.it.all(Parcel)
    assert (parcel.label, parcel.copies, parcel.sscc) == (LabelState.APPLIED, 2, sscc)


def test_a_label_that_did_not_print_is_asked_for_again_with_one_key(it: Shop) -> None:
    singles(it, "s1", "s2")
    with desk(it, policies=FIRST_DAY) as d:
        d.take(GTIN[MUG], Verb.NOTPRINTED)
        assert isinstance(d.state, StickLabel)
        printed(it)
        d.take(label(d))
    jobs = {row.copy_number: row for row in it.it.all(PrintJob) if row.printer == "label"}
    assert (jobs[1].state, jobs[2].state) == (JobState.VOIDED, JobState.APPLIED)
    assert jobs[2].reprint_of == jobs[1].id


def test_reopening_voids_the_label_first_and_the_carton_is_closed_with_another(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 1), (CUP, 1))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM, GTIN[MUG], GTIN[CUP])
        first = label(d)
        assert isinstance(d.take(Verb.UNDO), ConfirmReopen)
        assert d.refuses(first)[0] is Reason.COMMAND_NOT_NOW, "a rescan never confirms it"
        assert d.refuses(Verb.CONFIRM)[0] is Reason.COMMAND_NOT_NOW
        opened = d.take(Verb.YES)
        assert isinstance(opened, VerifyUnit)
        assert (opened.view.left, opened.view.packed) == (0, 2)
        (parcel,) = it.it.all(Parcel)
        assert (parcel.state, parcel.label, parcel.sscc) == (ParcelState.OPEN, LabelState.VOID, "")
        d.take(Verb.UNDO)
        assert d.state.view.left == 1, "the unit that closed it comes out too"
        d.take(GTIN[CUP])
        assert label(d) != first
        d.take(label(d))
    assert [row.state for row in it.it.all(Parcel)] == [ParcelState.CLOSED]
    it.check()


def test_an_open_carton_without_a_tote_is_found_by_its_order(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 1), (CUP, 1))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM, GTIN[MUG], GTIN[CUP], Verb.UNDO, Verb.YES)
        d.restart().go("home")
        d.go("pack")
        assert [(each.order, each.units) for each in d.state.due] == [("o1", 2)]
        assert isinstance(d.take("o1"), VerifyUnit)
        d.take(Verb.FULL)
        assert isinstance(d.take(label(d)), ScanWork)


# How far the label is


def test_the_bench_shows_how_far_the_label_is_and_knows_it_again_after_a_restart(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM, GTIN[MUG], GTIN[MUG])
        assert d.state.job_state == "queued"
        job = next(row for row in it.it.all(PrintJob) if row.printer == "label")
        d._station.hear(news(job, "held", "paper_out"))
        assert (d.state.job_state, d.state.fault) == ("held", "paper_out")
        d.take(Verb.UNDO)
        d._station.hear(news(job, "printed"))
        assert d.take(Verb.NO).job_state == "printed", "what was heard behind a question is not forgotten"
        printed(it)
        d.restart()
        assert d.state.job_state == "printed"
        other = PrintMoved(id=CommandId(bytes(16)), at=1, job=b"j", subject=b"another parcel", state="held")
        before = d.state
        d._station.hear(other)
        assert d.state == before


def test_a_label_that_waits_goes_to_the_other_printer_once_somebody_here_says_so(it: Shop) -> None:
    base = it.it.base
    for name in ("P-07", "P-08"):
        it.it.run(SavePrinter(**base(), printer=replace(PRINTER, name=name, place=f"beside {name}"), base_version=0))
    route = PrintRoute(SITE, "", "label", "", "", "", 0, "", "P-07", "P-08", 0)
    it.it.run(SaveRoute(**base(), route=route, base_version=0))
    singles(it, "s1", "s2")
    with desk(it, policies=FIRST_DAY) as d:
        for gesture in ((Verb.QTY, "1"), "P-08"):
            d.take(GTIN[MUG])
            assert d.refuses((Verb.QTY, "1"))[0] is Reason.COMMAND_NOT_NOW, "nothing waits yet"
            job = next(row for row in it.it.all(PrintJob) if row.code == label(d))
            it.it.run(MovePrintJob(**base(), job=job.id, state=JobState.HELD, fault="paper_out"))
            d._station.hear(news(job, "held", "paper_out"))
            assert d.state.elsewhere == WayOut(job.id, "P-07", "P-08", "beside P-08", 102, 152)
            assert isinstance(d.take(gesture), StickLabel)
            moved = next(row for row in it.it.all(PrintJob) if row.id == job.id)
            assert (moved.outlet, moved.state, d.state.job_state) == ("P-08", JobState.QUEUED, "queued")
            d.take(Verb.SKIP)


def test_the_bench_knows_what_was_sent_and_takes_the_slip_of_the_parcel_for_no_label(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM, GTIN[MUG], GTIN[MUG])
        label_job = next(row for row in it.it.all(PrintJob) if row.printer == "label")
        slip = next(row for row in it.it.all(PrintJob) if row.printer == "document")
        assert slip.subject == label_job.subject
        d._station.hear(news(label_job, "sending", rendering="digest"))
        d._station.hear(news(label_job, "sent"))
        assert (d.state.job_state, d.state.parcel.rendering) == ("sent", "digest")
        d._station.hear(news(slip, "held", "paper_out", rendering="another"))
        assert (d.state.job_state, d.state.fault, d.state.parcel.rendering) == ("sent", "", "digest")


def news(job: PrintJob, state: str, fault: str = "", rendering: str = "") -> PrintMoved:
    return PrintMoved(
        id=CommandId(bytes(16)),
        at=1,
        job=job.id,
        subject=job.subject,
        state=state,
        fault=fault,
        code=job.code,
        rendering=rendering,
    )
