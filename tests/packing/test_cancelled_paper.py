"""Paper of a carton whose order is cancelled: what waits for a printer is void with the cancel, what left for one is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.amending.commands import CancelOrder
from core.amending.planner import plan_cancel
from core.kernel.flow import Verb
from core.kernel.printing import MovePrintJob
from core.kernel.reasons import Reason
from core.kernel.spool import ORDER_CANCELLED, JobState, PrintJob
from core.kernel.uow import Changes
from core.orders.model import StopKind, StopRequest
from core.packing.commands import ReprintLabel
from core.packing.enclosed import paper_to_void
from core.packing.model import Parcel
from core.packing.states import AskReprintReason, StickLabel, StopPacking
from printing.drivers.protocols import PrinterState, Trouble
from tests.orders.shop import Shop, order_id
from tests.packing.arrange import CUP, FIRST_DAY, GTIN, MEDIUM, MUG, desk, label, packing_shop, picked, tote
from tests.printing.spooler_desk import Desk
from tests.support import PICKER, SITE


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    with packing_shop(tmp_path) as shop:
        yield shop


def packed(it: Shop) -> Parcel:
    order = picked(it, "o1", (MUG, 1), (CUP, 1))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM, GTIN[MUG], GTIN[CUP])
        sscc = label(d)
    return next(each for each in it.it.all(Parcel) if each.sscc == sscc)


def cancel(it: Shop) -> str:
    with it.connection.begin():
        command = plan_cancel(it.connection, SITE, order_id("o1"), "customer", it.stamp())
    assert isinstance(command, CancelOrder), command
    return str(it.it.run(command).result.get("paper", ""))


def job(it: Shop, kind: str) -> PrintJob:
    return next(each for each in it.it.all(PrintJob) if each.document == kind)


def test_what_waits_is_void_with_the_cancel_and_what_left_for_a_printer_is_told(it: Shop) -> None:
    packed(it)
    it.it.run(MovePrintJob(**it.it.base(), job=job(it, "packing_slip").id, state=JobState.HELD, fault="paper_out"))
    assert cancel(it) == "", "no paper lies about"
    assert {(each.state, each.fault) for each in it.it.all(PrintJob)} == {(JobState.VOIDED, ORDER_CANCELLED)}
    it.it.refuse(MovePrintJob(**it.it.base(), job=job(it, "house_label").id, state=JobState.SENDING))


@pytest.mark.parametrize("far", [JobState.SENDING, JobState.UNKNOWN])
def test_a_label_that_left_stays_as_it_is_and_is_not_printed_again(it: Shop, far: JobState) -> None:
    parcel = packed(it)
    for state in (JobState.SENDING, JobState.SENT, far)[: 1 if far is JobState.SENDING else 3]:
        it.it.run(MovePrintJob(**it.it.base(), job=parcel.job, state=state))

    assert cancel(it) == "house_label"
    assert (job(it, "house_label").state, job(it, "packing_slip").state) == (far, JobState.VOIDED)
    refused = it.it.refuse(ReprintLabel(**it.it.base(), parcel=parcel.id, reason="JAM"))
    assert refused.reason is Reason.ORDER_CANCELLED
    with desk(it, policies=FIRST_DAY) as d:
        assert d.refuses(parcel.sscc)[0] is Reason.ORDER_CANCELLED
        assert d.state == StopPacking(Reason.ORDER_CANCELLED, "o1", ("house_label",))


@pytest.mark.parametrize("step", [StickLabel, AskReprintReason])
def test_the_packer_who_waits_for_the_label_is_stopped_and_told_what_is_about_to_come_out(it: Shop, step: type) -> None:
    order = picked(it, "o1", (MUG, 1), (CUP, 1))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM, GTIN[MUG], GTIN[CUP])
        it.it.run(MovePrintJob(**it.it.base(), job=job(it, "house_label").id, state=JobState.SENDING))
        if step is AskReprintReason:
            d.take(Verb.REPRINT)
        assert isinstance(d.state, step)
        it.it.seed(StopRequest(SITE, it.part(order), order, StopKind.CANCEL, 1, PICKER, "customer"))
        d.hear(Changes(frozenset(), frozenset({order})))
        assert d.state == StopPacking(Reason.ORDER_CANCELLED, "o1", ("house_label",))


def test_a_printer_that_was_out_of_paper_meanwhile_prints_nothing_of_an_order_that_another_station_cancelled(
    it: Shop, tmp_path: Path
) -> None:
    parcel = packed(it)
    d = Desk(it.it, tmp_path)
    d.printer.state, d.printer.troubles = PrinterState.HELD, (Trouble.PAPER_OUT,)
    d.spooler.run_once()
    assert job(it, "house_label").state is JobState.HELD

    it.it.seed(StopRequest(SITE, parcel.fulfilment, parcel.order, StopKind.CANCEL, 1, PICKER, "customer"))
    d.spooler.hear_ended()
    d.printer.state, d.printer.troubles = PrinterState.READY, ()
    d.spooler.run_once()

    assert d.printer.paper == []
    assert {(each.state, each.fault) for each in it.it.all(PrintJob)} == {(JobState.VOIDED, ORDER_CANCELLED)}
    assert [each.state for each in d.heard if each.job == parcel.job] == ["held", "voided"]


@pytest.mark.parametrize(("kind", "loaded"), [(StopKind.CHANGE, 0), (StopKind.CANCEL, 1)])
def test_neither_a_change_nor_a_carton_in_the_van_voids_anything(it: Shop, kind: StopKind, loaded: int) -> None:
    parcel = packed(it)
    it.it.seed(StopRequest(SITE, parcel.fulfilment, parcel.order, kind, 1, PICKER, "label"))
    with it.connection.begin():
        it.connection.exec_driver_sql(f"UPDATE parcel SET loaded_at = {loaded}")
        assert paper_to_void(it.connection, SITE) == ()
