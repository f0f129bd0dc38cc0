"""A carton that is opened again: all its paper is void, what is out already is named, what is closed anew prints once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.kernel.flow import Verb
from core.kernel.printing import MovePrintJob
from core.kernel.refusal import Fault, Refusal
from core.kernel.spool import CARTON_OPENED, JobState, PrintJob
from core.packing.commands import ReopenParcel, ReprintLabel, SavePaperRule, TakeCarrierLabel
from core.packing.contents import CartonContentLabel, LogisticLabel, ReturnLabel
from core.packing.enclosed import AskPaper, paper_to_void
from core.packing.model import LabelStop, PaperRule, Parcel, StoppedLabel
from core.packing.states import ConfirmReopen
from core.printers.commands import RepeatPrintJob
from desktop.paperwork import Said, spooled
from tests.orders.shop import Shop
from tests.packing.arrange import CUP, FIRST_DAY, GTIN, MEDIUM, MUG, desk, label, packing_shop, picked, tote
from tests.support import SITE

OUT, WAITS = (
    ("house_label", "packing_slip", "logistic_label"),
    ("carton_content_label", "return_label", "carrier_label"),
)


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    with packing_shop(tmp_path) as shop:
        papers = ",".join((CartonContentLabel.KIND, LogisticLabel.KIND, ReturnLabel.KIND))
        shop.it.run(SavePaperRule(**shop.it.base(), rule=PaperRule(SITE, "", "", papers, 1), base_version=0))
        yield shop


def packed(it: Shop) -> Parcel:
    """Return a closed carton with a carrier's label, of which some paper is out and some waits for a printer."""
    parcel = it.pack_all(picked(it, "o1", (MUG, 2), (CUP, 1)))
    it.it.run(
        TakeCarrierLabel(
            **it.it.base(), parcel=parcel.id, carrier="KESTREL", tracking="1Z999AA10123456784", form="zpl", dpi=203,
            digest="ab" * 32, labels=1,
        )
    )  # fmt: skip
    for job in it.it.all(PrintJob):
        for state in (JobState.SENDING, JobState.SENT, JobState.PRINTED) if job.document in OUT else ():
            it.it.run(MovePrintJob(**it.it.base(), job=job.id, state=state))
    return it.it.need(Parcel, parcel.id)


def states(it: Shop, *, copies: int = 1) -> dict[str, tuple[JobState, str]]:
    return {each.document: (each.state, each.fault) for each in it.it.all(PrintJob) if each.copy_number == copies}


def test_everything_that_goes_with_it_is_void_and_says_why(it: Shop) -> None:
    parcel = packed(it)
    kept = parcel.sscc
    assert set(states(it)) == {*OUT, *WAITS}

    done = it.it.run(ReopenParcel(**it.it.base(), parcel=parcel.id, reason="OPERATOR"))

    assert states(it) == dict.fromkeys((*OUT, *WAITS), (JobState.VOIDED, CARTON_OPENED))
    assert done.result["void"] == kept
    assert set(str(done.result["paper"]).split(",")) == set(OUT), "what never left us need not be looked for"


def test_what_was_printed_again_is_void_too_and_a_void_slip_is_not_printed_again(it: Shop) -> None:
    parcel = packed(it)
    slip = next(each for each in it.it.all(PrintJob) if each.document == "packing_slip")
    it.it.run(ReprintLabel(**it.it.base(), parcel=parcel.id, reason="JAM"))
    it.it.run(RepeatPrintJob(**it.it.base(), job=slip.id, reason="LOST"))
    assert {kind for kind, (state, _) in states(it, copies=2).items() if state is JobState.QUEUED} == {
        "house_label", "packing_slip",
    }  # fmt: skip

    it.it.run(ReopenParcel(**it.it.base(), parcel=parcel.id, reason="OPERATOR"))

    assert all(state is JobState.VOIDED for state, _ in states(it, copies=2).values())
    assert isinstance(it.it.refuse(RepeatPrintJob(**it.it.base(), job=slip.id, reason="LOST")), Refusal)


def test_nothing_of_a_void_job_is_sent_and_one_under_way_stays_void(it: Shop) -> None:
    parcel = packed(it)
    waiting, going = (
        next(each for each in it.it.all(PrintJob) if each.document == kind)
        for kind in ("return_label", "carton_content_label")
    )
    it.it.run(MovePrintJob(**it.it.base(), job=going.id, state=JobState.SENDING))

    done = it.it.run(ReopenParcel(**it.it.base(), parcel=parcel.id, reason="OPERATOR"))

    assert "carton_content_label" in str(done.result["paper"]), "it comes out, and is wrong"
    it.it.refuse(MovePrintJob(**it.it.base(), job=waiting.id, state=JobState.SENDING))
    for state in (JobState.SENT, JobState.UNKNOWN):
        it.it.refuse(MovePrintJob(**it.it.base(), job=going.id, state=state))


def test_the_packer_is_told_what_to_take_off_and_out_and_the_next_close_prints_all_of_it_once(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 1), (CUP, 1))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM, GTIN[MUG], GTIN[CUP])
        first = label(d)
        before = it.it.all(PrintJob)
        out = next(each for each in before if each.document == "house_label")
        it.it.run(MovePrintJob(**it.it.base(), job=out.id, state=JobState.SENDING))
        asked = d.take(Verb.UNDO)
        assert isinstance(asked, ConfirmReopen)
        assert asked.paper == ("house_label",)
        d.restart()
        assert d.state.paper == ("house_label",)
        d.take(Verb.YES)
        d.take(Verb.FULL)
        second = label(d)
    assert second != first
    fresh = [each for each in it.it.all(PrintJob) if each.carton == second]
    assert sorted(each.document for each in fresh) == sorted(each.document for each in before)
    assert {each.state for each in fresh} == {JobState.QUEUED}
    assert {each.state for each in it.it.all(PrintJob) if each.carton == first} == {JobState.VOIDED}


def test_the_slip_of_an_order_is_none_that_was_void(it: Shop) -> None:
    parcel = packed(it)

    def slip() -> Said:
        with it.connection.begin():
            return spooled(it.connection, SITE, "packing_slip", "order_number", "o1")

    assert slip().content.order_number == "o1"
    it.it.run(ReopenParcel(**it.it.base(), parcel=parcel.id, reason="OPERATOR"))
    with pytest.raises(Fault, match="no packing slip of o1 was printed at this station"):
        slip()


def test_where_it_was_closed_elsewhere_label_and_slip_are_named_all_the_same(it: Shop) -> None:
    with it.connection.begin():
        assert AskPaper(SITE, "095011010000099999").run(it.connection) == ("house_label", "packing_slip")


def test_a_number_that_another_station_ended_is_found_by_the_one_that_printed_it(it: Shop) -> None:
    parcel = packed(it)
    with it.connection.begin():
        assert paper_to_void(it.connection, SITE) == ()
    it.it.seed(StoppedLabel(SITE, parcel.sscc, LabelStop.VOID, 1))
    with it.connection.begin():
        found = paper_to_void(it.connection, SITE)
    assert {each.document for each, _why in found} == {*OUT, *WAITS}
