"""Orders over the bench: what the packer scans, what is booked, what it costs."""

import pytest

from core.cases.commands import CloseCase
from core.cases.model import Case, CaseKind
from core.catalog.commands import container_id
from core.kernel import codec
from core.kernel.flow import Verb
from core.kernel.ids import NO_ID, FillId
from core.kernel.reasons import Reason
from core.kernel.spool import JobState, PrintJob
from core.orders.model import PartialPolicy
from core.packing import decide
from core.packing.model import LabelState, Parcel, ParcelContent, ParcelState
from core.packing.states import (
    AskMissing,
    AskMissingReason,
    ScanCarton,
    ScanWork,
    StickLabel,
    VerifyUnit,
)
from core.picking import decide as picking
from core.picking.model import Fill, FillState
from core.picking.states import PutInTote
from core.stock.model import Balance
from core.waves.model import Batch, BatchKind
from tests.orders.shop import Shop
from tests.packing.arrange import (
    CUP,
    FIRST_DAY,
    GTIN,
    INNER,
    LONG,
    MEDIUM,
    MILK,
    MUG,
    PHONE,
    POSTER,
    SMALL,
    cancel,
    desk,
    gs1,
    hold,
    item,
    label,
    labelled,
    picked,
    printed,
    singles,
    tote,
)


def test_a_packed_order_costs_its_units_and_three_scans(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2), (CUP, 1))
    with desk(it, policies=FIRST_DAY) as d:
        gestures = [tote(it, order), MEDIUM, GTIN[MUG], GTIN[CUP], GTIN[MUG]]
        assert isinstance(d.take(*gestures), StickLabel)
        printed(it)
        gestures.append(label(d))
        assert isinstance(d.take(label(d)), ScanWork)
        assert len(gestures) == 3 + 3

    (parcel,) = it.it.all(Parcel)
    assert (parcel.state, parcel.label, parcel.units) == (ParcelState.CLOSED, LabelState.APPLIED, 3)
    assert len(parcel.sscc) == 18
    assert sorted((row.item == item(MUG), row.first, row.quantity) for row in it.it.all(ParcelContent)) == [
        (False, 1, 1), (True, 1, 1), (True, 2, 1),
    ]  # fmt: skip
    assert {(row.document, row.printer) for row in it.it.all(PrintJob)} == {
        ("house_label", "label"), ("packing_slip", "document"),
    }  # fmt: skip
    assert next(row for row in it.it.all(PrintJob) if row.printer == "label").state is JobState.APPLIED
    assert [row.state for row in it.it.all(Fill)] == [FillState.EMPTIED], "the tote is free again"
    assert it.counts(order) == {"promised": 2, "reserved": 2, "picked": 2, "packed": 2}
    it.check()


def test_the_first_unit_takes_the_proposed_carton(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), GTIN[MUG])
        assert isinstance(d.state, VerifyUnit)
        assert (d.state.box.code, d.state.view.packed) == (SMALL, 1)


def test_an_order_opens_by_its_number_too(it: Shop) -> None:
    picked(it, "o1", (MUG, 2))
    with desk(it) as d:
        assert isinstance(d.take("o1"), ScanCarton)


def test_a_carton_of_several_units_counts_as_so_many(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 7))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM, INNER)
        assert d.state.view.packed == 6
        assert d.refuses(INNER) == (Reason.TOO_MANY, {"wanted": 1, "got": 6, "item": MUG})
        assert isinstance(d.take(GTIN[MUG]), StickLabel)
    it.check()


# Single units


def test_a_single_unit_is_packed_and_closed_by_one_scan(it: Shop) -> None:
    singles(it, "s1", "s2", cut_off_at=0)
    with desk(it, policies=FIRST_DAY) as d:
        assert [each.unit_code for each in d.state.due] == [GTIN[MUG], GTIN[MUG]]
        assert isinstance(d.take(GTIN[MUG]), StickLabel)
        d.take(label(d), GTIN[MUG])
        assert isinstance(d.take(label(d)), ScanWork)
    parcels = it.it.all(Parcel)
    assert len({row.order for row in parcels}) == 2
    assert {row.state for row in parcels} == {ParcelState.CLOSED}
    assert [row.state for row in it.it.all(Fill)] == [FillState.EMPTIED]
    it.check()


def test_the_most_urgent_order_gets_the_unit(it: Shop) -> None:
    late, soon = (it.order(name, [(MUG, 1)], cut_off_at=at) for name, at in (("late", 2_000), ("soon", 1_000)))
    it.promise()
    it.release()
    it.pick_all()
    with desk(it, policies=FIRST_DAY) as d:
        d.take(GTIN[MUG])
        assert d.state.parcel.order == soon
        d.take(label(d), GTIN[MUG])
        assert d.state.parcel.order == late


def test_a_held_order_is_passed_over_and_named_when_nothing_else_waits(it: Shop) -> None:
    one, _ = singles(it, "s1", "s2")
    hold(it, one)
    with desk(it, policies=FIRST_DAY) as d:
        assert len(d.state.due) == 1
        d.take(GTIN[MUG])
        assert d.state.parcel.order_number == "s2"
        d.take(label(d))
        assert d.refuses(GTIN[MUG]) == (Reason.ORDER_HELD, {"order": "s1"})


def test_a_single_serial_must_be_scanned_and_is_the_one_that_ships(it: Shop) -> None:
    for serial in ("S1", "S2"):
        it.stock(PHONE, "B-2", 1, serial=serial)
    singles(it, "s1", "s2", sku=PHONE)
    with desk(it, policies=FIRST_DAY) as d:
        assert d.refuses(GTIN[PHONE]) == (Reason.SCAN_SERIAL, {"item": PHONE})
        assert d.refuses(gs1(PHONE, serial="S9"))[0] is Reason.WRONG_SERIAL
        d.take(gs1(PHONE, serial="S2"))
        first = d.state.parcel.parcel
        d.take(label(d), "S1")
        assert isinstance(d.state, StickLabel)
    assert {row.parcel == first: row.serial for row in it.it.all(ParcelContent)} == {True: "S2", False: "S1"}
    it.check()


def test_a_single_unit_of_two_lots_asks_for_the_lot(it: Shop) -> None:
    it.stock(MILK, "B-2", 1, lot="L1", expiry="2026-03-01")
    it.stock(MILK, "B-2", 1, lot="L2", expiry="2026-04-01")
    singles(it, "s1", "s2", sku=MILK)
    with desk(it, policies=FIRST_DAY) as d:
        assert d.refuses(GTIN[MILK]) == (Reason.SCAN_LOT, {"item": MILK})
        assert d.refuses(gs1(MILK, lot="L9"))[0] is Reason.WRONG_LOT
        d.take(gs1(MILK, lot="L2"))
        assert isinstance(d.state, StickLabel)
        assert {each.unit_code for each in d.take(label(d)).due} == {gs1(MILK, lot="L1")}
    it.check()


def test_a_unit_out_of_an_orders_own_tote_opens_that_order_and_packs_nothing(it: Shop) -> None:
    picked(it, "o1", (MUG, 2))
    with desk(it, policies=FIRST_DAY) as d:
        assert isinstance(d.take(GTIN[MUG]), ScanCarton)
    assert it.it.all(ParcelContent) == []


def test_a_unit_that_lies_in_two_orders_totes_says_too_little(it: Shop) -> None:
    for name in ("o1", "o2"):
        picked(it, name, (MUG, 2))
    with desk(it, policies=FIRST_DAY) as d:
        assert d.refuses(GTIN[MUG])[0] is Reason.AMBIGUOUS_CODE


# Verifying


def test_a_wrong_item_too_many_and_the_wrong_lot_are_refused(it: Shop) -> None:
    it.stock(MILK, "B-2", 2, lot="L1", expiry="2026-03-01")
    order = picked(it, "o1", (MUG, 1), (MILK, 2))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM, GTIN[MUG])
        facts = {"got": CUP, "got_label": "Cup", "order": "o1"}
        assert d.refuses(GTIN[CUP]) == (Reason.NOT_THIS_ORDER, facts)
        assert d.refuses(GTIN[MUG]) == (Reason.TOO_MANY, {"wanted": 0, "got": 1, "item": MUG})
        assert d.refuses(gs1(MILK, lot="L7")) == (Reason.WRONG_LOT, {"expected": "L1", "got": "L7"})
        assert isinstance(d.take(gs1(MILK, lot="L1"), GTIN[MILK]), StickLabel)
    it.check()


def test_each_serial_goes_in_once(it: Shop) -> None:
    for serial in ("S1", "S2"):
        it.stock(PHONE, "B-2", 1, serial=serial)
    order = picked(it, "o1", (PHONE, 2))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM)
        assert d.refuses(GTIN[PHONE])[0] is Reason.SCAN_SERIAL
        d.take("S1")
        assert d.refuses(gs1(PHONE, serial="S1")) == (Reason.WRONG_SERIAL, {"got": "S1", "item": PHONE})
        assert isinstance(d.take(gs1(PHONE, serial="S2")), StickLabel)
    assert sorted(row.serial for row in it.it.all(ParcelContent)) == ["S1", "S2"]
    it.check()


def test_undo_takes_the_unit_out_that_went_in_last(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2), (CUP, 1))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM)
        before = it.travels()
        d.take(GTIN[MUG])
        one = it.travels()
        d.take(GTIN[CUP], Verb.UNDO)
        assert it.travels() == one
        assert (d.state.view.packed, isinstance(d.state, VerifyUnit)) == (1, True)
        d.take(Verb.UNDO)
        assert it.travels() == before
        assert isinstance(d.state, VerifyUnit)
        assert isinstance(d.take(Verb.UNDO), ScanCarton), "nothing is in it: the carton is put back"
        assert isinstance(d.take(Verb.UNDO), ScanWork)


# Cartons


def test_the_smallest_carton_that_takes_volume_and_longest_edge_is_proposed(it: Shop) -> None:
    orders = {
        SMALL: picked(it, "small", (MUG, 1), (CUP, 1)),
        MEDIUM: picked(it, "medium", (MUG, 8), (CUP, 2)),
        LONG: picked(it, "long", (POSTER, 1), (CUP, 1)),
        "BOX-DHL": picked(it, "theirs", (MUG, 1), carrier="DHL"),
        "": picked(it, "huge", (POSTER, 90)),
    }
    assert {code: it.pack_view(order).proposed for code, order in orders.items()} == {code: code for code in orders}


def test_another_carton_is_one_scan_and_one_of_another_carrier_is_refused(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 1), (CUP, 1))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order))
        assert d.refuses("BOX-DHL") == (Reason.CARTON_WRONG_FOR_CARRIER, {"got": "BOX-DHL", "carrier": "HOUSE"})
        d.take(MEDIUM)
        assert d.refuses("BOX-DHL")[0] is Reason.CARTON_WRONG_FOR_CARRIER
        assert d.take(LONG).box.code == LONG
        assert d.take((Verb.BOX, MEDIUM)).box.code == MEDIUM
        d.take(LONG, GTIN[MUG], GTIN[CUP])
    (parcel,) = it.it.all(Parcel)
    assert parcel.box_type == next(box.id for box in it_boxes(it) if box.code == LONG)


def it_boxes(it: Shop):
    from core.catalog.model import BoxType

    return it.it.all(BoxType)


def test_a_full_carton_closes_and_the_order_goes_on_in_another(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2), (CUP, 1))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM)
        assert d.refuses(Verb.FULL) == (Reason.NOTHING_TO_PACK, {"got": MEDIUM})
        d.take(GTIN[MUG], Verb.FULL)
        assert (d.state.parcel.units, d.state.parcel.more) == (1, 1)
        assert isinstance(d.take(label(d)), ScanCarton)
        d.take(SMALL, GTIN[MUG], GTIN[CUP])
        assert (d.state.parcel.units, d.state.parcel.more) == (2, 0)
        d.take(label(d))
    parcels = sorted(it.it.all(Parcel), key=lambda row: row.number)
    assert [(row.number, row.units, row.state) for row in parcels] == [(1, 1, "closed"), (2, 2, "closed")]
    assert len({row.sscc for row in parcels}) == 2
    it.check()


# Units that are not there


def test_missing_units_are_given_up_with_a_reason_and_the_carton_goes(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2), (CUP, 1))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM, GTIN[MUG], GTIN[CUP])
        assert isinstance(d.take(Verb.SHORT), AskMissing)
        assert isinstance(d.take((Verb.QTY, "2")), AskMissingReason)
        assert isinstance(d.take((Verb.QTY, "2")), StickLabel)
        d.take(label(d))
    assert it.counts(order, 1) == {"promised": 1, "reserved": 1, "picked": 1, "packed": 1, "short": 1}
    (case,) = it.it.all(Case)
    assert (case.kind, codec.parse(case.facts)["reason"]) == (CaseKind.MISSING_AT_BENCH, "WRONG_ITEM_PICKED")
    assert [row.state for row in it.it.all(Fill)] == [FillState.EMPTIED], "the tote is free"
    assert sum(row.total for row in it.it.all(Balance) if row.signed and row.total > 0) == 1, "unexplained"
    it.check()


def test_when_everything_is_missing_nothing_is_packed(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2))
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), Verb.SHORT, (Verb.QTY, "2"), (Verb.QTY, "1"))
        assert isinstance(d.state, ScanWork)
        assert d.state.due == ()
    assert it.it.all(Parcel) == []
    assert it.counts(order) == {"short": 2}
    assert [row.state for row in it.it.all(Fill)] == [FillState.EMPTIED]
    it.check()


def test_an_order_in_the_hospital_waits_until_somebody_decides(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2))
    code = tote(it, order)
    with desk(it, policies=FIRST_DAY) as d:
        d.take(code, Verb.SHORT, (Verb.QTY, "1"))
        assert d.last.note is not None
        assert dict(d.last.note.facts)["place"] == "H-1"
        assert (type(d.state), d.state.due) == (ScanWork, ())
        assert d.refuses(code) == (Reason.STILL_OPEN, {"order": "o1"})
        (case,) = it.it.all(Case)
        assert case.kind is CaseKind.HOSPITAL
        it.it.run(CloseCase(**it.it.base(), case=case.id, decision="found"))
        assert isinstance(d.take(code), ScanCarton)


def test_a_single_unit_in_the_hospital_waits_too(it: Shop) -> None:
    singles(it, "s1", "s2")
    with desk(it, policies=FIRST_DAY | {"carton_size": "confirm"}) as d:
        first = d.take(GTIN[MUG]).view.order_number
        d.take(Verb.SHORT, (Verb.QTY, "1"))
        assert len(d.state.due) == 1
        assert {first, d.take(GTIN[MUG]).view.order_number} == {"s1", "s2"}


def test_an_order_that_goes_whole_goes_without_a_unit_only_over_a_supervisor(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2), partial=PartialPolicy.WHOLE)
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM, GTIN[MUG], Verb.SHORT)
        reason, facts = d.refuses((Verb.QTY, "2"))
        assert (reason, facts["override"]) == (Reason.SUPERVISOR_NEEDED, "ship_short")
        assert isinstance(d.take(Verb.CALL), ScanWork), "no supervisor is there: it is parked, the packer goes on"
    assert [row.kind for row in it.it.all(Case)] == [CaseKind.OVERRIDE_NEEDED]


# Who may be packed at all


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("held", Reason.ORDER_HELD),
        ("cancelled", Reason.ORDER_CANCELLED),
        ("packed", Reason.ALREADY_PACKED),
        ("not picked", Reason.NOT_FULLY_PICKED),
    ],
)
def test_the_list_and_the_refusal_follow_one_rule(it: Shop, why: str, reason: Reason) -> None:
    if why == "not picked":
        it.released("o1", [(MUG, 1), (CUP, 1)])
        it.put(it.start())
    else:
        order = picked(it, "o1", (MUG, 2))
        if why == "held":
            hold(it, order)
        elif why == "cancelled":
            cancel(it, order)
        else:
            labelled(it, it.pack_all(order))
    with desk(it, policies=FIRST_DAY) as d:
        assert [each for each in d.state.due if each.order_number == "o1"] == []
        assert d.refuses("o1") == (reason, {"order": "o1"})


def test_an_empty_tote_and_a_tote_of_single_units_are_told_apart(it: Shop) -> None:
    singles(it, "s1", "s2")
    with desk(it, policies=FIRST_DAY) as d:
        bulk = next(each.tote for each in d.state.due)
        assert d.refuses("TOTE-50") == (Reason.NOTHING_TO_PACK, {"got": "TOTE-50"})
        assert d.refuses(bulk) == (Reason.SINGLE_UNITS, {"got": bulk})


# An order in two totes


def test_an_order_that_filled_two_totes_opens_by_either_and_empties_both(it: Shop) -> None:
    order = it.released("o1", [(MUG, 3), (CUP, 2)])
    view = it.start()
    state = PutInTote(view, view.quantity, 0)
    first = picking.pick(state, it.stamp(), FillId(NO_ID), container_id("TOTE-40"), 1)
    it.it.run(first)
    rest = it.task()
    it.it.run(
        picking.pick(PutInTote(rest, rest.quantity, 0), it.stamp(), first.fill, first.container, 1, fills_up=True)
    )
    while True:
        it.put(it.task())
        if it.it.need(Batch, view.batch).state == "picked":
            break
    with desk(it, policies=FIRST_DAY) as d:
        assert len(d.state.due) == 1, "an order is due once, however many totes it lies in"
        other = next(code for code in d.take("TOTE-40").view.totes if code != "TOTE-40")
        d.go("home")
        d.go("pack")
        assert isinstance(d.take(other), ScanCarton)
        d.take(MEDIUM, GTIN[MUG], GTIN[CUP], GTIN[MUG], GTIN[CUP], GTIN[MUG])
        assert isinstance(d.state, StickLabel)
    assert {row.state for row in it.it.all(Fill)} == {FillState.EMPTIED}
    assert it.counts(order, 1)["packed"] == 3
    it.check()


def test_the_tote_is_free_for_the_next_batch_once_its_order_is_packed(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2))
    code = tote(it, order)
    with desk(it, policies=FIRST_DAY) as d:
        d.take(code, MEDIUM, GTIN[MUG])
        assert it.it.all(Fill)[0].state is FillState.PICKED
        d.take(GTIN[MUG])
        assert it.it.all(Fill)[0].state is FillState.EMPTIED
        assert d.refuses(code)[0] is Reason.WRONG_KIND
        d.take(label(d))
        assert d.refuses(code) == (Reason.NOTHING_TO_PACK, {"got": code})


def test_an_order_of_which_a_single_unit_is_packed_is_none_of_a_tote_of_singles_any_more(it: Shop) -> None:
    """Its milk came later and was picked with others' single units; what is left lies in a tote of its own."""
    order = picked(it, "o1", (MUG, 1), (CUP, 1), (MILK, 1))
    it.stock(MILK, "B-2", 9, lot="L-1", expiry="2031-01-01")
    singles(it, "s1", sku=MILK)
    assert {row.kind for row in it.it.all(Batch)} == {BatchKind.CLUSTER, BatchKind.BULK}
    assert it.pack_view(order).bulk == 1, "one of its units lies with others'"
    view = it.pack_view(order)
    (milk,) = (each for each in view.loose if each.lot_code == "L-1")
    units = (decide.unit_of(view, milk, milk.first, 1),)
    it.it.run(decide.close(view, view.boxes[0], it.stamp(), it.context, units, 0))

    assert (it.pack_view(order).bulk, it.pack_view(order).walk) == (0, NO_ID)
