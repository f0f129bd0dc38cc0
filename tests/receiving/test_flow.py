"""Goods in as conversations, and at a real station: what each scan leads to, what is refused, and what is written in the end."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.catalog.commands import NewCode, NewItem, SaveItems, location_id
from core.catalog.model import Level
from core.kernel.flow import Ask, Candidate, CodeKind, Go, Play, Run, Say, Symbol, Tone, Verb
from core.kernel.ids import DeliveryId, DeliveryLineId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.tables import sql_of
from core.receiving import flow as receiving
from core.receiving.commands import BookGoods, FinishDelivery
from core.receiving.flow import ReceiveFlow
from core.receiving.model import Delivery, DeliveryBooking
from core.receiving.queries import AskDeliveries, AskDelivery, AskLine
from core.receiving.states import (
    ChooseDelivery,
    ConfirmFinish,
    CountUnits,
    LookAtDelivery,
    Saving,
    SayExpiry,
    SayLot,
    ScanItem,
    ScanSerial,
)
from core.receiving.views import DeliveriesPage, DeliveryRow, DeliveryView, Goods, LineView, Said
from core.station.home import HomeFlow
from core.stock.commands import lot_id
from core.stock.model import Balance, Lot, StockKey
from core.stock.moving import MoveStock
from tests.diagrams import compare, walked
from tests.orders.shop import OWNER, Shop, item, shop
from tests.playbook import Desk, Playbook, pressed, scanned
from tests.receiving.arrange import announce, book, booked
from tests.support import SITE

GTIN = "09501101530003"
MUGS = LineView(DeliveryLineId(b"line-of-the-mugs"), OWNER, item("MUG"), "MUG", "Mug", "", "", 10, 4)
VIEW = DeliveryView(DeliveryId(b"delivery-0000001"), "D-1", "Potter & Son", 0, 10, 4, 1, 1, 0, (MUGS,))
MUG = Candidate(kind=CodeKind.ITEM, target=item("MUG"), code="MUG", label="Mug")
CARTON = replace(MUG, code="MUG-CARTON", quantity=6)
CUP = Candidate(kind=CodeKind.ITEM, target=item("CUP"), code="CUP", label="Cup")
IN = Candidate(kind=CodeKind.LOCATION, target=location_id("IN-1"), code="IN-1", label="IN-1")
SHELF = Candidate(kind=CodeKind.LOCATION, target=location_id("A-1"), code="A-1", label="A-1")


def talk(state: Any) -> Playbook:
    return Playbook(ReceiveFlow(), state=state)


def counting(units: int = 1, **line: int) -> CountUnits:
    return CountUnits(VIEW, replace(MUGS, **line), Goods(units))


# Which delivery


def test_it_begins_with_what_is_waited_for_and_leads_home() -> None:
    page = DeliveriesPage((DeliveryRow(VIEW.delivery, "D-1", "Potter & Son", 10, 4),), 0, 1)
    it = Playbook(ReceiveFlow()) << AskDeliveries
    (it.answers(page).ends(ChooseDelivery(page)) >> pressed(Verb.NO) << Go("home")).ends(ChooseDelivery)


def test_a_delivery_is_chosen_by_a_digit_or_by_its_number() -> None:
    rows = tuple(DeliveryRow(DeliveryId(b"delivery-%07d" % n), f"D-{n}", "", 10, 0) for n in range(5))
    state = ChooseDelivery(DeliveriesPage(rows, 0, 12))
    second = Ask(AskDelivery(SITE, rows[1].delivery))
    (talk(state) >> pressed(Verb.QTY, "2") << Play(Tone.ACCEPT) << second).ends(LookAtDelivery(rows[1].delivery))
    talk(state) >> pressed(Verb.QTY, "6") << Play(Tone.ACCEPT) << Ask(AskDeliveries(SITE, 5))
    (talk(state) >> pressed(Verb.QTY, "7")).refuses(Reason.COMMAND_NOT_NOW).ends(state)
    by_number = talk(state) >> scanned(raw="D-1")
    by_number << Ask(AskDelivery(SITE, number="D-1"))
    (by_number.answers(VIEW) << Play(Tone.ACCEPT) << Say(Note.DELIVERY_OPENED, {"number": "D-1"})).ends(ScanItem(VIEW))
    (talk(state) >> scanned(raw="D-9")).answers(None).refuses(Reason.NO_DELIVERY).ends(state)


def test_from_the_last_page_one_comes_to_the_first() -> None:
    rows = tuple(DeliveryRow(DeliveryId(b"delivery-%07d" % n), f"D-{n}", "", 10, 0) for n in range(2))
    (
        talk(ChooseDelivery(DeliveriesPage(rows, 10, 12)))
        >> pressed(Verb.QTY, "3")
        << Play(Tone.ACCEPT)
        << Ask(AskDeliveries(SITE, 0))
    )


def test_a_delivery_that_is_gone_leads_back_to_the_others() -> None:
    it = talk(ScanItem(VIEW)) >> pressed(Verb.NO) << Play(Tone.ACCEPT)
    it << AskDeliveries
    gone = talk(CountUnits(VIEW, MUGS, Goods(1))) >> pressed(Verb.NO) << Play(Tone.ACCEPT) << Say(Note.UNDONE)
    (gone.answers(None) << Reason.WORK_GONE) << AskDeliveries


# Which units


def found(it: Playbook, line: LineView, **said: Any) -> Playbook:
    return it.answers(((line, Said(line.item, line.sku, **said)),))


def named(it: Playbook) -> Playbook:
    return it << Play(Tone.ACCEPT) << Say(Note.RIGHT_ITEM, {"item": "MUG"})


def test_an_items_code_says_how_many_it_stands_for() -> None:
    it = talk(ScanItem(VIEW)) >> scanned(CARTON)
    it << Ask(AskLine(SITE, VIEW.delivery, (Said(item("MUG"), "MUG-CARTON", quantity=6),)))
    named(found(it, MUGS, quantity=6)).ends(counting(6))


def test_what_is_not_announced_is_put_aside_and_what_is_none_of_ours_is_unknown() -> None:
    state = ScanItem(VIEW)
    (talk(state) >> scanned(CUP)).answers(()).refuses(Reason.NOT_ANNOUNCED).ends(state)
    (talk(state) >> scanned()).refuses(Reason.UNKNOWN_CODE).ends(state)
    (talk(state) >> scanned(SHELF)).refuses(Reason.WRONG_KIND).ends(state)
    (talk(state) >> scanned(rejected=Reason.LOST_SEPARATORS)).refuses(Reason.LOST_SEPARATORS).ends(state)
    both = talk(state) >> scanned(MUG, CUP)
    both.answers(tuple((replace(MUGS, item=each), Said(each, "X")) for each in (MUGS.item, item("CUP")))).refuses(
        Reason.AMBIGUOUS_CODE
    ).ends(state)


def test_a_lot_and_its_date_are_asked_for_where_the_code_does_not_say_them() -> None:
    milk = replace(MUGS, by_lot=1, by_date=1)
    it = named(found(talk(ScanItem(VIEW)) >> scanned(MUG), milk))
    it.ends(SayLot(VIEW, milk, Goods(1)))
    (it >> scanned(MUG)).refuses(Reason.SAY_LOT)
    (it >> scanned(CUP)).refuses(Reason.WRONG_ITEM)
    (it >> scanned(raw="L" * 41)).refuses(Reason.UNKNOWN_CODE)
    it = (it >> scanned(raw="L1") << Play(Tone.ACCEPT)).answers("")
    it.ends(SayExpiry(VIEW, milk, Goods(1, "L1", looked_up=1)))
    for wrong in ("tomorrow", "2026-02-30", "261332", "260230", "2026"):
        (it >> scanned(raw=wrong)).refuses(Reason.NOT_A_DATE)
    (it >> scanned(raw="261231") << Play(Tone.ACCEPT)).ends(CountUnits(VIEW, milk, Goods(1, "L1", "2026-12-31", 1)))


def test_a_lot_that_was_here_before_has_its_date() -> None:
    milk = replace(MUGS, by_lot=1, by_date=1)
    it = talk(SayLot(VIEW, milk, Goods(6))) >> scanned(raw="L1") << Play(Tone.ACCEPT)
    it.answers("2026-05-01").ends(CountUnits(VIEW, milk, Goods(6, "L1", "2026-05-01", 1)))


def test_a_code_that_says_all_of_it_leads_to_counting() -> None:
    milk = replace(MUGS, by_lot=1, by_date=1)
    it = found(talk(ScanItem(VIEW)) >> scanned(MUG), milk, lot="L1", expiry="2026-12-31")
    named_ = it << Play(Tone.ACCEPT) << Say(Note.RIGHT_ITEM, {"item": "MUG"})
    named_.answers("").ends(CountUnits(VIEW, milk, Goods(1, "L1", "2026-12-31", 1)))
    it = talk(SayLot(VIEW, milk, Goods(1))) >> scanned(replace(MUG, lot="L2", expiry="2027-01-31")) << Play(Tone.ACCEPT)
    it.answers("").ends(CountUnits(VIEW, milk, Goods(1, "L2", "2027-01-31", 1)))


def test_serial_numbers_are_scanned_one_after_the_other() -> None:
    lamp = replace(MUGS, by_serial=1)
    it = named(found(talk(ScanItem(VIEW)) >> scanned(MUG), lamp, quantity=6))
    it.ends(ScanSerial(VIEW, lamp, Goods(1)))
    (it >> scanned(MUG)).refuses(Reason.SCAN_SERIAL)
    it = it >> scanned(raw="S-1") << Play(Tone.ACCEPT)
    it.ends(CountUnits(VIEW, lamp, Goods(1, serials=("S-1",))))
    (it >> scanned(raw="S-1")).refuses(Reason.DUPLICATE_SERIAL)
    (it >> pressed(Verb.QTY, "5")).refuses(Reason.SCAN_SERIAL)
    (it >> scanned(MUG)).refuses(Reason.SCAN_SERIAL)
    it >> scanned(replace(MUG, serial="S-2")) << Play(Tone.ACCEPT) << Say(Note.SERIAL_TAKEN, {"serial": "S-2"})
    it >> scanned(IN) << (lambda run: [each.serial for each in run.command.receipts] == ["S-1", "S-2"])
    it.ends(Saving)


TOTE = Candidate(kind=CodeKind.TOTE, target=b"t" * 16, code="TOTE-1", label="TOTE-1")
BADGE = Candidate(kind=CodeKind.PERSON, target=b"p" * 16, code="BADGE-SECRET", label="Lea Lead")
MILK = replace(MUGS, by_lot=1, by_date=1)
NAMING = (
    (SayLot(VIEW, MILK, Goods(1)), Reason.WRONG_KIND),
    (SayExpiry(VIEW, MILK, Goods(1, "L1", looked_up=1)), Reason.NOT_A_DATE),
    (ScanSerial(VIEW, replace(MUGS, by_serial=1), Goods(1)), Reason.WRONG_KIND),
    (CountUnits(VIEW, replace(MUGS, by_serial=1), Goods(1, serials=("S-1",))), Reason.WRONG_KIND),
)


@pytest.mark.parametrize(("state", "reason"), NAMING)
@pytest.mark.parametrize("code", [TOTE, BADGE])
def test_a_code_of_something_else_is_no_name_of_units(state: Any, reason: Reason, code: Candidate) -> None:
    (talk(state) >> scanned(code)).refuses(reason).ends(state)
    if not isinstance(state, CountUnits):
        (talk(state) >> scanned(SHELF)).refuses(reason).ends(state)


@pytest.mark.parametrize(("state", "reason"), NAMING)
def test_a_badge_is_taken_for_nothing_and_shown_to_nobody(state: Any, reason: Reason) -> None:
    it = talk(state) >> scanned(BADGE, typed=True)
    (it << (lambda no: no.refusal.reason is reason and "BADGE-SECRET" not in no.refusal.facts.values())).ends(state)


def test_what_is_read_off_the_goods_and_typed_is_the_lot_although_an_order_is_called_so() -> None:
    it = talk(SayLot(VIEW, MILK, Goods(1))) >> scanned(replace(TOTE, kind=CodeKind.ORDER, code="1001"), typed=True)
    (it << Play(Tone.ACCEPT)).answers("2026-05-01").ends(CountUnits(VIEW, MILK, Goods(1, "1001", "2026-05-01", 1)))


def test_a_symbol_without_the_items_number_says_lot_date_and_serial() -> None:
    by_all = replace(MUGS, by_lot=1, by_date=1, by_serial=1)
    it = talk(SayLot(VIEW, by_all, Goods(1))) >> scanned(raw="10L7", symbol=Symbol(lot="L7")) << Play(Tone.ACCEPT)
    it = it.answers("") >> scanned(raw="17261231", symbol=Symbol(expiry="2026-12-31")) << Play(Tone.ACCEPT)
    it = it >> scanned(raw="21S9", symbol=Symbol(serial="S9")) << Play(Tone.ACCEPT)
    it.ends(CountUnits(VIEW, by_all, Goods(1, "L7", "2026-12-31", 1, ("S9",))))
    it = it >> scanned(raw="21S8", symbol=Symbol(serial="S8")) << Play(Tone.ACCEPT) << Say
    assert it.state.goods.serials == ("S9", "S8")
    (it >> scanned(raw="91X", symbol=Symbol())).refuses(Reason.UNKNOWN_CODE)
    (it >> scanned(raw="10L8", symbol=Symbol(lot="L8", serial="S7"))).refuses(Reason.WRONG_LOT)
    (talk(counting()) >> scanned(raw="10L7", symbol=Symbol(lot="L7"))).refuses(Reason.UNKNOWN_CODE)


def test_date_and_serial_come_from_a_code_of_the_same_lot_only() -> None:
    for state in (
        SayExpiry(VIEW, MILK, Goods(1, "L1", looked_up=1)),
        ScanSerial(VIEW, replace(MUGS, by_lot=1, by_serial=1), Goods(1, "L1", looked_up=1)),
    ):
        other = scanned(replace(MUG, lot="L2", expiry="2027-01-31", serial="S-2"))
        (talk(state) >> other).refuses(Reason.WRONG_LOT).ends(state)
        (talk(state) >> scanned(replace(MUG, lot="L1", expiry="2027-01-31", serial="S-2")) << Play(Tone.ACCEPT)).ends(
            CountUnits
        )


# How many, and where


def test_undo_takes_the_last_scan_off_and_no_leads_out() -> None:
    it = talk(counting()) >> scanned(CARTON) << Play(Tone.ACCEPT) << Say
    it = it >> scanned(MUG) << Play(Tone.ACCEPT) << Say
    for units in (7, 1):
        it = it >> pressed(Verb.UNDO) << Play(Tone.ACCEPT) << Say(Note.UNDONE)
        assert it.state.units == units
    it = it >> pressed(Verb.QTY, "5") << Play(Tone.ACCEPT)
    it = it >> scanned(MUG) << Play(Tone.ACCEPT) << Say
    it = it >> pressed(Verb.UNDO) << Play(Tone.ACCEPT) << Say(Note.UNDONE)
    assert it.state.units == 5
    it = it >> pressed(Verb.UNDO) << Play(Tone.ACCEPT) << Say(Note.UNDONE) << AskDelivery
    it.ends(LookAtDelivery)
    lamps = CountUnits(VIEW, replace(MUGS, by_serial=1), Goods(1, serials=("S-1", "S-2")))
    it = talk(lamps) >> pressed(Verb.UNDO) << Play(Tone.ACCEPT) << Say(Note.UNDONE)
    assert it.state.goods.serials == ("S-1",)
    (talk(lamps) >> pressed(Verb.NO) << Play(Tone.ACCEPT) << Say(Note.UNDONE) << AskDelivery).ends(LookAtDelivery)


@pytest.mark.parametrize("code", [replace(IN, code="12"), replace(MUG, code="12"), replace(CUP, code="12")])
def test_a_number_that_is_typed_is_one_although_something_is_called_so(code: Candidate) -> None:
    it = talk(counting()) >> scanned(code, typed=True) << Play(Tone.ACCEPT)
    assert it.state.units == 12


def test_a_code_that_is_typed_while_units_are_counted_is_that_code() -> None:
    (talk(counting()) >> scanned(CUP, typed=True)).refuses(Reason.WRONG_ITEM)
    (talk(counting(6)) >> scanned(IN, typed=True) << Run).ends(Saving)


def test_units_are_counted_by_scans_or_by_a_number() -> None:
    it = talk(counting()) >> scanned(CARTON) << Play(Tone.ACCEPT) << Say(Note.RIGHT_ITEM, {"item": "MUG"})
    assert it.state.units == 7
    for digit, units in (("1", 1), ("2", 12)):
        it = it >> pressed(Verb.QTY, digit) << Play(Tone.ACCEPT)
        assert it.state.units == units
    it = it >> scanned(MUG) << Play(Tone.ACCEPT) << Say
    assert it.state.units == 13
    typed = replace(scanned(raw="5"), typed=True)
    it = it >> typed << Play(Tone.ACCEPT)
    assert it.state.units == 5
    it = it >> pressed(Verb.UNDO) << Play(Tone.ACCEPT)
    assert it.state.units == 13
    (it >> pressed(Verb.QTY, "0")).refuses(Reason.NOT_A_QUANTITY)
    (it >> pressed(Verb.QTY, "1234567")).refuses(Reason.NOT_A_QUANTITY)
    (it >> scanned(CUP)).refuses(Reason.WRONG_ITEM)
    (it >> scanned()).refuses(Reason.UNKNOWN_CODE)


def test_units_of_another_lot_are_other_units() -> None:
    state = CountUnits(VIEW, replace(MUGS, by_lot=1), Goods(1, "L1", looked_up=1))
    (talk(state) >> scanned(replace(MUG, lot="L2"))).refuses(Reason.WRONG_LOT).ends(state)


def test_the_scan_of_the_place_books_them() -> None:
    it = talk(counting(6)) >> scanned(IN)

    def is_it(run: Any) -> bool:
        (receipt,) = run.command.receipts
        return (receipt.quantity, receipt.location) == (6, IN.target) and isinstance(run.command, BookGoods)

    (it << is_it).ends(Saving)


def test_more_than_announced_is_booked_by_the_second_scan_of_the_place() -> None:
    state = counting(7)
    it = talk(state) >> scanned(IN) << Play(Tone.CAUTION)
    it << Say(Note.MORE_THAN_ANNOUNCED, {"booked": 11, "expected": 10})
    (it >> scanned(IN, settled=False)).refuses(Reason.RESCAN_TOO_FAST)
    elsewhere = it >> scanned(SHELF) << Play(Tone.CAUTION) << Say
    (elsewhere >> scanned(SHELF) << Run).ends(Saving)
    (talk(replace(state, question="IN-1")) >> pressed(Verb.NO) << Play(Tone.ACCEPT)).ends(state)
    within = CountUnits(replace(VIEW, percent=10), MUGS, Goods(7))
    (talk(within) >> scanned(IN) << Run).ends(Saving)


def test_the_end_is_asked_where_something_is_missing() -> None:
    it = talk(ScanItem(VIEW)) >> pressed(Verb.CONFIRM) << Play(Tone.CAUTION)
    (it.ends(ConfirmFinish(VIEW)) >> pressed(Verb.YES) << FinishDelivery).ends(Saving)
    (talk(ScanItem(replace(VIEW, open_lines=0))) >> pressed(Verb.CONFIRM) << FinishDelivery).ends(Saving)
    done = ScanItem(replace(VIEW, finished_at=5))
    (talk(done) >> pressed(Verb.CONFIRM)).refuses(Reason.COMMAND_NOT_NOW).ends(done)


# At a real station


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    """A shop that waits for mugs (six in a carton), milk by lot and date, and lamps by serial."""
    with shop(tmp_path) as opened:
        arrange(opened)
        yield opened
        opened.check()


def arrange(it: Shop) -> None:
    news = (
        NewItem(sku="MUG", description="Mug", codes=(NewCode("MUG-CARTON", Level.CARTON, 6),)),
        NewItem(sku="MILK", description="Milk", lot_control=1, expiry_control=1),
        NewItem(sku="LAMP", description="Lamp", serial_control=1),
        NewItem(sku="VIAL", description="Vial", lot_control=1, serial_control=1, codes=(NewCode(GTIN),)),
        NewItem(sku="KIT", description="Kit", lot_control=1, expiry_control=1, serial_control=1),
    )
    it.it.run(SaveItems(**it.it.base(), owner=OWNER, items=news))
    announce(it.it, MUG=10, MILK=4, LAMP=2)


def desk(it: Shop, flow: ReceiveFlow | None = None) -> Desk:
    return Desk(it.it, {"receive": flow or ReceiveFlow(), "home": HomeFlow()}, begin="receive", roles="inventory")


def test_a_delivery_comes_in_as_it_is_unpacked(it: Shop) -> None:
    d = desk(it)
    d.take("D-1", "MUG-CARTON", "MUG", "A-1", "MUG", (Verb.QTY, "3"), "IN-1")
    d.take("MILK", "L-7", "2026-05-01", (Verb.QTY, "4"), "IN-1", "LAMP", "S-1", "S-2", "IN-1")

    assert [booked(it.it, sku) for sku in ("MUG", "MILK", "LAMP")] == [(10, 10), (4, 4), (2, 2)]
    assert (it.at("MUG", "A-1"), it.at("MUG", "IN-1"), it.at("MILK", "IN-1")) == (7, 3, 4)
    assert [(row.code, row.expiry) for row in it.it.all(Lot)] == [("L-7", "2026-05-01")]
    assert {row.serial for row in it.it.all(Balance) if row.serial and not row.signed} == {"S-1", "S-2"}
    assert d.state.view.open_lines == 0
    d.take(Verb.CONFIRM)
    assert isinstance(d.state, ChooseDelivery)
    assert d.state.page.total == 0
    assert it.it.all(Delivery)[0].finished_at
    d.switch_off()


def test_of_an_item_by_lot_alone_no_date_is_kept_whatever_its_code_says(it: Shop) -> None:
    announce(it.it, "D-2", VIAL=4)
    d = desk(it)
    d.take("D-2", GTIN, "L7", "S-1", "IN-1")
    d.take(f"https://id.gs1.org/01/{GTIN}/10/L7?17=270131", "S-2", "IN-1")
    assert [(row.code, row.expiry) for row in it.it.all(Lot)] == [("L7", "")]
    assert it.at("VIAL", "IN-1") == 2
    d.switch_off()


def test_labels_of_lot_and_serial_beside_the_items_own_are_read_as_gs1(it: Shop) -> None:
    d = desk(it)
    d.take("D-1", "MILK")
    for code in ("]C110L7", "]C101095011015300102110"):
        d.take(Verb.NO, "MILK")
        refused = d.scan(code).refusal
        assert (refused is None) == code.endswith("L7")
    d.take(Verb.NO, "MILK", "]C10109501101530010172612311010L9")
    assert (d.state.goods.lot, d.state.goods.expiry) == ("10L9", "2026-12-31")
    d.switch_off()


def test_a_booking_is_undone_at_once(it: Shop) -> None:
    d = desk(it)
    d.take("D-1", "MUG-CARTON", "IN-1", Verb.UNDO)

    assert booked(it.it, "MUG") == (10, 0)
    assert it.at("MUG", "IN-1") == 0
    assert d.refuses(Verb.UNDO)[0] is Reason.NOTHING_TO_UNDO
    d.switch_off()


def test_a_serial_that_is_in_the_house_is_refused_and_the_units_stay_in_hand(it: Shop) -> None:
    d = desk(it)
    d.take("D-1", "LAMP", "S-1", "IN-1", "LAMP", "S-1")
    assert d.refuses("IN-1")[0] is Reason.DUPLICATE_SERIAL
    assert d.state.goods.serials == ("S-1",)
    d.switch_off()


def test_units_in_hand_are_still_in_hand_after_a_restart(it: Shop) -> None:
    d = desk(it)
    d.take("D-1", "MUG-CARTON", (Verb.QTY, "5"))
    d.restart()
    assert d.state.units == 5
    d.take("IN-1")
    d.restart()
    assert isinstance(d.state, ScanItem)
    assert booked(it.it, "MUG") == (10, 5)
    assert len(it.it.all(DeliveryBooking)) == 1
    d.switch_off()


def test_what_others_book_is_shown(it: Shop) -> None:
    d = desk(it)
    d.take("D-1")
    book(it.it, "MUG", 4)
    d.take(Verb.NO, (Verb.QTY, "1"))
    assert [(each.sku, each.booked, each.expected) for each in d.state.view.shown][0] == ("MUG", 4, 10)
    d.switch_off()


def test_the_flow_goes_where_the_diagram_says(tmp_path: Path) -> None:
    flow, pairs = walked(ReceiveFlow())
    with shop(tmp_path) as it:
        arrange(it)
        for n in range(5):
            announce(it.it, f"E-{n}", VIAL=2, KIT=1)
        d = desk(it, flow)
        d.take((Verb.QTY, "6"), (Verb.QTY, "1"), Verb.NO, "D-1", Verb.CONFIRM, Verb.NO)
        d.take("MUG", Verb.NO, "MUG", "IN-1", Verb.UNDO, "MUG", "IN-1")
        d.take("MILK", Verb.NO, "MILK", "L-1", Verb.NO, "MILK", "L-1", "261231", "IN-1", "MILK", "L-1", "IN-1")
        d.take("LAMP", Verb.NO, "LAMP", "S-1", "IN-1", "LAMP", "S-1")
        d.refuses("IN-1")
        d.take(Verb.NO, Verb.NO, "E-1", "VIAL", "L-1", "S-1", "IN-1", "KIT", "L-1", "261231", "S-1", "IN-1")
        assert d.scan(f"(01){GTIN}(10)L-2(21)S-2", typed=True).refusal is None
        d.take("IN-1")
        carry_on(it)
        d.press(Verb.UNDO)
        d.take(
            "KIT",
            "L-1",
            "S-2",
            Verb.NO,
            Verb.CONFIRM,
            "E-3",
            Verb.CONFIRM,
            Verb.YES,
            "E-2",
            "KIT",
            "L-2",
            "261231",
            "S-3",
        )
        with it.connection.begin():
            it.connection.execute(sa.delete(sql_of(Delivery)))
        d.press(Verb.NO)
        assert isinstance(d.state, ChooseDelivery)
        d.switch_off()
    compare(receiving, pairs)


def carry_on(it: Shop) -> None:
    """Carry the vial that was booked last to a shelf, so that its booking cannot be undone where it lay."""
    last = StockKey(
        owner=OWNER, item=item("VIAL"), location=location_id("IN-1"), lot=lot_id(item("VIAL"), "L-2"), serial="S-2"
    )
    it.it.run(MoveStock(**it.it.base(), source=last, target=location_id("A-1"), quantity=1))
