"""Units that are missing at the bench are picked again: a walk of its own, the same ordinals, the same carton."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.cases.model import Case, CaseKind
from core.catalog.commands import location_id
from core.kernel import codec
from core.kernel.flow import Verb
from core.kernel.notes import Note
from core.kernel.numbers import Number
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.orders.model import PartialPolicy
from core.packing.back_to_pick import AskElsewhere, Elsewhere, back_to_pick
from core.packing.commands import BackToPick
from core.packing.model import ParcelContent
from core.packing.states import AskMissing, AskMissingReason, ScanCarton, ScanWork, StickLabel, VerifyUnit
from core.picking.model import Fill, FillState, Pick
from core.rules.commands import SaveExceptionCodes
from core.rules.model import ExceptionCode
from core.stock.commands import AdjustStock
from core.stock.model import Balance, Reservation, StockKey
from core.waves.model import Batch, BatchState
from tests.orders.shop import OWNER, TODAY, Shop, item
from tests.packing.arrange import (
    CUP,
    FIRST_DAY,
    GTIN,
    MEDIUM,
    MILK,
    MUG,
    PHONE,
    desk,
    gs1,
    hold,
    packing_shop,
    picked,
    tote,
)
from tests.support import SITE, STATION

AGAIN, FIRST = (Verb.QTY, "3"), (Verb.QTY, "1")


@pytest.fixture
def it(tmp_path: Path):
    with packing_shop(tmp_path) as made:
        yield made


def command(it: Shop, order, reason: str = "COULD_NOT_LOCATE") -> BackToPick:
    view = it.pack_view(order)
    found = it.ask(AskElsewhere(SITE, STATION, view, TODAY, reason))
    assert isinstance(found, Elsewhere), found
    return back_to_pick(view, found, it.stamp(), reason)


def unexplained(it: Shop) -> int:
    return sum(row.total for row in it.it.all(Balance) if row.signed and row.total > 0)


def test_a_missing_unit_is_picked_again_and_goes_into_the_same_carton(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2), (CUP, 1))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM, GTIN[MUG], GTIN[CUP], Verb.SHORT)
        asked = d.take(AGAIN)
        assert isinstance(asked, AskMissingReason)
        assert asked.reasons[0] == "COULD_NOT_LOCATE"
        assert isinstance(d.take(FIRST), ScanWork)
        assert d.last.note is not None
        assert (d.last.note.note, dict(d.last.note.facts)) == (Note.BACK_TO_PICK, {"order": "o1", "quantity": 1})
        assert d.state.due == (), "the carton waits for it"
        assert d.refuses("o1") == (Reason.NOT_FULLY_PICKED, {"order": "o1"})
        assert it.counts(order, 1) == {"promised": 2, "reserved": 2, "picked": 1, "packed": 1}
        assert [row.state for row in it.it.all(Fill)] == [FillState.EMPTIED], "the tote is free"
        assert unexplained(it) == 1
        (case,) = it.it.all(Case)
        assert (case.kind, codec.parse(case.facts)["reason"]) == (CaseKind.MISSING_AT_BENCH, "COULD_NOT_LOCATE")
        it.check()

        it.pick_all()
        assert isinstance(d.take(tote(it, order)), VerifyUnit), "the open carton goes on"
        assert isinstance(d.take(GTIN[MUG]), StickLabel)
        d.take(d.state.parcel.sscc)
    inside = sorted((row.first, row.quantity) for row in it.it.all(ParcelContent) if row.item == item(MUG))
    assert inside == [(1, 1), (2, 1)]
    assert len({row.parcel for row in it.it.all(ParcelContent)}) == 1
    assert it.counts(order, 1) == {"promised": 2, "reserved": 2, "picked": 2, "packed": 2}
    it.check()


def test_ordinals_in_the_middle_are_picked_again_as_they_were(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 3))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM, GTIN[MUG], GTIN[MUG], Verb.UNDO, Verb.SHORT, AGAIN, FIRST)
    (batch,) = (row for row in it.it.all(Batch) if row.state is BatchState.READY)
    held = [(row.first, row.quantity) for row in it.it.all(Reservation)]
    assert (batch.units, held) == (2, [(2, 2)])
    assert [(row.first, row.quantity) for row in it.it.all(Pick)] == [(1, 1)]
    it.pick_all()
    assert {row.state for row in it.it.all(Batch)} == {BatchState.PICKED}
    it.pack_all(order)
    it.check()


def test_a_missing_lot_and_serial_are_replaced_by_others(it: Shop) -> None:
    it.stock(MILK, "B-1", 1, lot="L1", expiry="2026-03-01")
    it.stock(MILK, "B-2", 5, lot="L2", expiry="2026-06-01")
    it.stock(PHONE, "A-1", 1, serial="S1")
    it.stock(PHONE, "A-2", 1, serial="S2")
    order = picked(it, "o1", (MILK, 1), (PHONE, 1))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM, Verb.SHORT, AGAIN, FIRST)
        it.pick_all()
        d.take(Verb.CONFIRM, tote(it, order), MEDIUM, gs1(MILK, lot="L2"))
        (phone,) = (each for each in d.state.view.loose if each.serial)
        assert phone.serial != next(row.serial for row in it.it.all(Balance) if row.signed and row.serial and row.total)
        assert isinstance(d.take(gs1(PHONE, serial=phone.serial)), StickLabel)
    it.check()


def test_where_no_other_is_free_the_packer_is_told_and_may_do_something_else(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2))
    shelf = StockKey(owner=OWNER, item=item(MUG), location=location_id("A-1"))
    it.it.run(AdjustStock(**it.it.base(), key=shelf, difference=-98, reason="STOLEN"))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM, GTIN[MUG], Verb.SHORT, AGAIN)
        assert d.refuses(FIRST) == (Reason.NOT_ENOUGH_STOCK, {"free": 0, "asked": 1})
        assert isinstance(d.take(Verb.NO), AskMissing)
        assert isinstance(d.take((Verb.QTY, "2"), FIRST), StickLabel)
    assert it.counts(order)["short"] == 1
    it.check()


def test_an_order_that_goes_whole_needs_no_supervisor_to_be_picked_again(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2), partial=PartialPolicy.WHOLE)
    with desk(it, policies=FIRST_DAY) as d:
        assert isinstance(d.take(tote(it, order), MEDIUM, GTIN[MUG], Verb.SHORT, AGAIN, FIRST), ScanWork)


def test_a_sites_own_reasons_are_asked_and_kept(it: Shop) -> None:
    codes = tuple(ExceptionCode(SITE, code, "pack", "none", 0, "none", 0, 1) for code in ("FELL-OFF", "TORN"))
    it.it.run(SaveExceptionCodes(**it.it.base(), codes=codes))
    order = picked(it, "o1", (MUG, 2))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), Verb.SHORT, (Verb.QTY, "2"))
        assert d.state.reasons == ("FELL-OFF", "TORN")
        assert d.refuses((Verb.QTY, "3"))[0] is Reason.COMMAND_NOT_NOW
        d.take((Verb.QTY, "2"))
    (case,) = it.it.all(Case)
    assert codec.parse(case.facts) == {"quantity": 2, "reason": "TORN"}


def test_after_a_restart_the_reason_is_asked_still(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM, GTIN[MUG], Verb.SHORT, AGAIN)
        before = d.state
        assert d.restart().state == before
        assert isinstance(d.take(Verb.NO, Verb.NO), VerifyUnit)


def test_what_changed_meanwhile_is_refused(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2))
    stale = command(it, order)
    it.it.run(command(it, order))
    assert it.it.refuse(replace(stale, id=it.stamp()["id"])) == Refusal(Reason.CHANGED_MEANWHILE)


def test_a_held_order_is_not_picked_again(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2))
    sent = command(it, order)
    hold(it, order)
    assert it.it.refuse(sent).reason is Reason.ORDER_HELD


def test_units_that_somebody_else_took_are_not_promised_twice(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2))
    sent = command(it, order)
    picked(it, "o2", (MUG, 98))
    sent = replace(sent, number=command_number(it))
    assert it.it.refuse(sent) == Refusal(Reason.NOT_ENOUGH_STOCK, {"free": 0, "asked": 2})


def command_number(it: Shop) -> Number:
    return Number(max(row.number for row in it.it.all(Batch)) + 1)


def test_a_carton_without_anything_in_it_opens_anew(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), Verb.SHORT, AGAIN, FIRST)
        it.pick_all()
        assert isinstance(d.take(Verb.CONFIRM, tote(it, order)), ScanCarton)
        assert isinstance(d.take(MEDIUM, GTIN[MUG], GTIN[MUG]), StickLabel)
    it.check()
