"""A carrier's label belongs to one closed parcel, and the dock takes the carrier's number for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.kernel import codec
from core.kernel.reasons import Reason
from core.kernel.spool import PrintJob
from core.packing.commands import ReopenParcel, TakeCarrierLabel
from core.packing.contents import CarrierLabel
from core.packing.model import Parcel
from tests.orders.shop import Shop
from tests.packing.arrange import CUP, MUG, desk, labelled, packing_shop, picked

TRACKING = "1Z999AA10123456784"


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    with packing_shop(tmp_path) as shop:
        yield shop


def given(it: Shop, parcel: Parcel, tracking: str = TRACKING) -> TakeCarrierLabel:
    return TakeCarrierLabel(
        **it.it.base(), parcel=parcel.id, carrier="KESTREL", tracking=tracking, form="zpl", dpi=203, digest="ab" * 32,
        labels=1,
    )  # fmt: skip


def test_its_bytes_are_asked_for_as_they_came_and_the_parcel_has_the_carriers_number(it: Shop) -> None:
    parcel = it.pack_all(picked(it, "o1", (MUG, 2)))

    it.it.run(given(it, parcel))

    assert it.it.need(Parcel, parcel.id).tracking == TRACKING
    (job,) = [each for each in it.it.all(PrintJob) if each.document == CarrierLabel.KIND]
    assert (job.rendering, job.pages, job.code, job.subject) == ("ab" * 32, 1, TRACKING, parcel.id)
    content = codec.from_text(CarrierLabel, job.content)
    assert (content.order_number, content.dpi, content.sha256) == ("o1", 203, job.rendering)


def test_one_number_is_on_one_parcel_that_is_closed_and_here(it: Shop) -> None:
    first = it.pack_all(picked(it, "o1", (MUG, 2)))
    second = labelled(it, it.pack_all(picked(it, "o2", (CUP, 1))))
    it.it.run(given(it, first))
    assert it.it.refuse(given(it, second)).reason is Reason.LABEL_TWICE
    it.load(second)
    assert it.it.refuse(given(it, second, "OTHER-1")).reason is Reason.ALREADY_LOADED

    it.it.run(ReopenParcel(**it.it.base(), parcel=first.id, reason="OPERATOR"))

    # What is in it changes: the carrier gives another label.
    assert it.it.need(Parcel, first.id).tracking == ""
    assert it.it.refuse(given(it, first)).reason is Reason.NOT_PACKED


def test_a_scan_of_the_carriers_number_at_the_dock_loads_its_parcel(it: Shop) -> None:
    parcel = labelled(it, it.pack_all(picked(it, "o1", (MUG, 2))))
    it.it.run(given(it, parcel))

    with desk(it, begin="dispatch") as d:
        d.take(TRACKING)

    assert it.it.need(Parcel, parcel.id).loaded_at > 0
