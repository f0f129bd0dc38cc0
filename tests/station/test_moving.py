"""Goods and totes are carried elsewhere: by scan, key and number, and back; and what two carried is looked at and put right."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import core.station.moving
from core.cases.decisions import Decision
from core.cases.model import Case, CaseKind, CaseState
from core.catalog.commands import container_id, location_id
from core.kernel.executor import Done
from core.kernel.flow import Ask, Candidate, CodeKind, Go, Play, Refuse, Say, Tone, Verb
from core.kernel.ids import NO_ID, NO_SESSION, SYSTEM, CommandId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.uow import NO_CHANGES
from core.picking.model import TotePlace
from core.station.case_queries import CaseSeen
from core.station.cases import CasesFlow, ShowCase, offered
from core.station.flows import all_flows
from core.station.home import Home
from core.station.moving import ChooseGoods, Moved, MoveFlow, PutGoods, PutTote, ScanSource
from core.station.moving_queries import AskGoods, AskMove, AskToteMove, AskToteStands, Goods, GoodsAt
from core.stock.model import LastMove, StockKey
from core.stock.moving import NOT_MOVED, MoveStock
from desktop.languages import plain
from desktop.present import present
from tests.diagrams import compare, walked
from tests.orders.shop import OWNER, Shop, item
from tests.packing.arrange import BENCH, GTIN, INNER, MILK, MUG, PHONE, gs1, picked, tote
from tests.playbook import Desk, Playbook, context, pressed, scanned
from tests.station.desk import FakeDesk
from tests.support import NOON, SITE

LEAD = context(roles="lead")
A1, A2, B2 = (location_id(each) for each in ("A-1", "A-2", "B-2"))
MUGS = StockKey(owner=OWNER, item=item(MUG), location=A1)
GOODS = Goods(MUGS, MUG, "Mug", "blue", "", "", "", 12)
HERE = GoodsAt(A1, "A-1", (GOODS,))


def place(code: str) -> Candidate:
    return Candidate(kind=CodeKind.LOCATION, target=location_id(code), code=code, label=code)


def mug(**more: Any) -> Candidate:
    return Candidate(kind=CodeKind.ITEM, target=item(MUG), code=MUG, label="Mug", **more)


@pytest.fixture
def lead(shop: Shop) -> Iterator[Desk]:
    made = Desk(shop.it, all_flows(FakeDesk()), begin="move", roles="lead", place=BENCH)
    yield made
    made.switch_off()


def refused(d: Desk, gesture: Any) -> Reason:
    return d.refuses(gesture)[0]


# As a conversation


def test_place_item_and_target_are_all_it_takes() -> None:
    look, move = Ask(AskGoods(SITE, A1, "A-1")), Ask(AskMove(SITE, MUGS, 12, B2, "B-2"))
    book = Playbook(MoveFlow(), LEAD) >> scanned(place("A-1")) << look
    book.answers(HERE) << Play(Tone.ACCEPT) << Say(Note.RIGHT_PLACE, {"location": "A-1"})
    book >> scanned(mug()) << Play(Tone.ACCEPT) << Say(Note.RIGHT_ITEM, {"item": MUG, "quantity": 12})
    book.ends(PutGoods(HERE, GOODS))
    book >> scanned(place("B-2")) << move
    book.answers(MoveStock(**nobody(), source=MUGS, target=B2, quantity=12)) << MoveStock
    book >> Done(CommandId(NO_ID), NOON, NO_CHANGES, {}) << Play(Tone.ACCEPT)
    book << Say(Note.MOVED, {"quantity": 12, "item": MUG, "location": "B-2"})
    back = AskMove(SITE, replace(MUGS, location=B2), 12, A1, "A-1")
    book.ends(ScanSource(Moved(MUG, 12, "A-1", "B-2", back)))


def nobody() -> dict[str, Any]:
    return {"id": CommandId(NO_ID), "site": SITE, "at": 0, "actor": SYSTEM, "session": NO_SESSION}


def test_who_may_not_move_stock_is_not_let_in() -> None:
    step = MoveFlow().begin("", NOON, CommandId(b"c" * 16), context(roles="picker"))
    assert [type(each) for each in step.effects] == [Refuse, Go]


# At a station


def test_goods_are_carried_and_carried_back(shop: Shop, lead: Desk) -> None:
    there = lead.take("A-1")
    assert [each.sku for each in there.among] == [MUG]
    put = lead.take(GTIN[MUG])
    assert (put.goods.sku, put.quantity) == (MUG, 100)
    lead.take((Verb.QTY, "7"), "B-2")

    assert (shop.at(MUG, "A-1"), shop.at(MUG, "B-2")) == (93, 7)
    assert isinstance(lead.state, ScanSource)
    assert [row.target for row in shop.it.all(LastMove)] == [B2]
    back = present(lead.state).answers[0]
    assert (plain(back.words), plain(back.detail)) == ("Back to A-1", "7 x MUG")

    lead.take(Verb.UNDO)
    assert (shop.at(MUG, "A-1"), shop.at(MUG, "B-2")) == (100, 0)
    assert refused(lead, Verb.UNDO) is Reason.NOTHING_TO_UNDO
    shop.check()


def test_a_number_is_typed_where_a_digit_is_not_enough(shop: Shop, lead: Desk) -> None:
    lead.take("A-1", GTIN[MUG])
    lead.scan("25", typed=True)
    assert lead.state.quantity == 25
    for wrong, reason in (("101", Reason.TOO_MANY), ("0", Reason.NOT_A_QUANTITY)):
        assert lead.scan(wrong, typed=True).refusal.reason is reason
    lead.take("B-2")
    assert shop.at(MUG, "B-2") == 25


def test_what_is_promised_stays_for_its_picker(shop: Shop, lead: Desk) -> None:
    shop.released("o1", [(MUG, 4)])
    lead.take("A-1", GTIN[MUG])
    assert lead.state.goods.free == 96
    assert refused(lead, (Verb.QTY, "97")) is Reason.TOO_MANY


def test_digits_stand_one_behind_the_other_as_in_goods_in_and_are_taken_back() -> None:
    book = Playbook(MoveFlow(), LEAD, PutGoods(HERE, GOODS))
    for digit, units in (("1", 1), ("2", 12)):
        book = book >> pressed(Verb.QTY, digit) << Play(Tone.ACCEPT)
        assert book.state.quantity == units
    (book >> pressed(Verb.QTY, "0")).refuses(Reason.TOO_MANY)
    assert [(each.verb, each.enabled) for each in present(book.state).row] == [("UNDO", True)]
    (book >> pressed(Verb.UNDO) << Play(Tone.ACCEPT)).ends(PutGoods(HERE, GOODS))
    (book >> pressed(Verb.QTY, "0")).refuses(Reason.NOT_A_QUANTITY)
    (book >> pressed(Verb.UNDO)).refuses(Reason.COMMAND_NOT_NOW)


def test_a_number_that_is_typed_is_one_although_a_place_is_called_so() -> None:
    book = Playbook(MoveFlow(), LEAD, PutGoods(HERE, GOODS)) >> scanned(place("12"), typed=True) << Play(Tone.ACCEPT)
    book.ends(PutGoods(HERE, GOODS, "12"))
    book >> scanned(place("12")) << Ask(AskMove(SITE, MUGS, 12, location_id("12"), "12"))


def test_what_lies_beyond_the_list_is_asked_for_by_its_scan(
    shop: Shop, lead: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (core.station.moving, core.station.moving_queries):
        monkeypatch.setattr(module, "LINES_MOST", 2)
    core.station.moving_queries._free_at.cache_clear()
    for serial in ("S-1", "S-2", "S-3"):
        shop.stock(PHONE, "B-2", 1, serial=serial)
    shop.stock("POSTER", "B-2", 4)
    shop.stock(MILK, "B-2", 5, lot="L9", expiry="2026-01-31")
    try:
        listed = [(each.sku, each.key.serial) for each in lead.take("B-2").among]
        beyond = next(each for each in ("S-3", "S-2", "S-1") if (PHONE, each) not in listed)
        assert len(listed) == 2
        assert lead.take(beyond).goods.key.serial == beyond
        lead.take(Verb.NO)
        assert lead.take("POSTER").goods.free == 4
        lead.take(Verb.NO)
        assert refused(lead, "CUP") is Reason.NOTHING_TO_MOVE
        assert refused(lead, "S-9") is Reason.NOTHING_TO_MOVE
    finally:
        core.station.moving_queries._free_at.cache_clear()


def test_lots_of_one_item_are_told_apart_by_their_code_or_by_a_key(shop: Shop, lead: Desk) -> None:
    shop.stock(MILK, "B-2", 5, lot="L1", expiry="2026-01-31")
    shop.stock(MILK, "B-2", 8, lot="L2", expiry="2026-02-28")
    lead.take("B-2", GTIN[MILK])
    assert isinstance(lead.state, ChooseGoods), "two lots lie there"
    lead.take(gs1(MILK, lot="L2"))
    assert (lead.state.goods.lot, lead.state.quantity) == ("L2", 8)
    lead.take(Verb.NO, (Verb.QTY, "1"))
    assert lead.state.goods.lot == "L1"
    lead.take("A-2")
    assert (shop.at(MILK, "B-2"), shop.at(MILK, "A-2")) == (8, 5)


def test_a_serial_is_carried_by_its_number(shop: Shop, lead: Desk) -> None:
    for serial in ("S-1", "S-2"):
        shop.stock(PHONE, "B-2", 1, serial=serial)
    lead.take("B-2", "S-2")
    assert (lead.state.goods.key.serial, lead.state.quantity) == ("S-2", 1)
    lead.take("A-2")
    moved = [row for row in shop.it.all(LastMove) if row.serial]
    assert [(row.serial, row.target) for row in moved] == [("S-2", A2)]


@pytest.mark.parametrize(
    ("gestures", "wrong", "reason"),
    [
        ((), "NOBODYS", Reason.UNKNOWN_CODE),
        ((), GTIN[MUG], Reason.WRONG_KIND),
        ((), "B-2", Reason.NOTHING_TO_MOVE),
        (("A-1",), GTIN[PHONE], Reason.NOTHING_TO_MOVE),
        (("A-1", INNER), "A-1", Reason.LIES_THERE),
        (("A-1", INNER), GTIN[MUG], Reason.WRONG_KIND),
        (("TOTE-9",), "TOTE-9", Reason.WRONG_KIND),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    lead: Desk, gestures: tuple[str, ...], wrong: str, reason: Reason
) -> None:
    lead.take(*gestures)
    assert refused(lead, wrong) is reason


def test_what_is_packed_in_a_parcel_is_nobodys_to_carry(shop: Shop, lead: Desk) -> None:
    shop.pack_all(picked(shop, "o1", (MUG, 2)))
    assert shop.at(MUG, "BENCH-1") == 2
    assert refused(lead, "BENCH-1") is Reason.NOTHING_TO_MOVE


def test_a_tote_is_carried_as_a_whole_and_nothing_of_it_moves_in_the_ledger(shop: Shop, lead: Desk) -> None:
    order = picked(shop, "o1", (MUG, 2))
    code = tote(shop, order)
    before = shop.it.dump()["stock_entry"]
    seen = lead.take(code).tote
    assert (seen.number, seen.place_code) == ("o1", "")
    lead.take("B-2")
    assert lead.state.last.back is None, "nobody knows where it stood"

    row = shop.it.need(TotePlace, container_id(code))
    assert (row.place, row.order) == (B2, order)
    assert plain(present(lead.take(code)).proof.detail).startswith("Order o1, stands at B-2")
    assert refused(lead, "B-2") is Reason.LIES_THERE
    lead.take("A-2", Verb.UNDO)
    assert shop.it.need(TotePlace, container_id(code)).place == B2
    assert shop.it.dump()["stock_entry"] == before
    assert shop.pack_all(order).units == 2
    shop.check()


def test_a_tote_that_is_still_being_filled_stays_on_its_cart(shop: Shop, lead: Desk) -> None:
    shop.released("o1", [(MUG, 2), ("CUP", 1)])
    shop.put(shop.start())
    lead.take("TOTE-1")
    assert refused(lead, "B-2") is Reason.TOTE_BEING_FILLED
    assert isinstance(lead.state, PutTote)


def test_whoever_leaves_with_goods_in_hand_goes_on_with_them(lead: Desk) -> None:
    lead.take("A-1", GTIN[MUG], (Verb.QTY, "3"), Verb.MENU, Verb.NO)
    assert (type(lead.state), lead.state.quantity) == (PutGoods, 3)
    lead.take(Verb.NO, Verb.NO, Verb.NO)
    assert isinstance(lead.state, Home)


def test_the_flow_goes_where_the_diagram_says(shop: Shop) -> None:
    flow, pairs = walked(MoveFlow())
    d = Desk(shop.it, {**all_flows(FakeDesk()), "move": flow}, begin="move", roles="lead", place=BENCH)
    d.take("A-1", Verb.NO, "A-1", GTIN[MUG], Verb.NO, GTIN[MUG], "B-2", Verb.UNDO)
    d.take("TOTE-9", Verb.NO, "A-1", "TOTE-9", "B-2")
    d.take("A-1", GTIN[MUG])
    shop.it.run(MoveStock(**shop.it.base(), source=MUGS, target=A2, quantity=100))
    assert d.press(Verb.QTY, "9").refusal is None
    assert d.scan("B-2").refusal.reason is Reason.NOT_ENOUGH_STOCK
    d.take(Verb.NO, Verb.NO)
    picked_from = d.take("A-2", GTIN[MUG], (Verb.QTY, "2"), "B-2")
    assert picked_from.last is not None
    shop.it.run(
        MoveStock(**shop.it.base(), source=StockKey(owner=OWNER, item=item(MUG), location=B2), target=A1, quantity=2)
    )
    assert d.press(Verb.UNDO).refusal.reason is Reason.NOT_ENOUGH_STOCK
    shop.released("o1", [("CUP", 1), ("POSTER", 1)])
    shop.put(shop.start())
    d.take("TOTE-1")
    assert d.scan("B-2").refusal.reason is Reason.TOTE_BEING_FILLED
    d.switch_off()
    compare(core.station.moving, pairs)


# What two carried


def twice(shop: Shop) -> Case:
    """Let mugs have been carried to A-2 and then, by somebody who had not heard of it, to B-2."""
    shop.it.run(MoveStock(**shop.it.base(), source=MUGS, target=A2, quantity=100))
    shop.it.run(MoveStock(**shop.it.base(), source=MUGS, target=B2, quantity=100))
    (case,) = (row for row in shop.it.all(Case) if row.kind is CaseKind.MOVED_TWICE)
    return case


def at_the_case(d: Desk) -> CaseSeen:
    d.go(CasesFlow.NAME)
    d.take((Verb.QTY, "1"))
    assert isinstance(d.state, ShowCase)
    return d.state.seen


def decision(d: Desk, wanted: Decision) -> None:
    d.take((Verb.QTY, str(offered(d.state.seen).index(wanted) + 1)))


def test_a_case_says_who_carried_it_where(shop: Shop, lead: Desk) -> None:
    twice(shop)
    seen = at_the_case(lead)
    assert [each.place for each in seen.moves] == ["A-2", "B-2"]
    assert (seen.place, seen.item) == ("B-2", "Mug")


@pytest.mark.parametrize(
    ("wanted", "lies"), [(Decision.LIES_LAST, "B-2"), (Decision.LIES_FIRST, "A-2"), (Decision.COUNTED, "B-2")]
)
def test_what_is_decided_is_where_it_lies_then(shop: Shop, lead: Desk, wanted: Decision, lies: str) -> None:
    case = twice(shop)
    at_the_case(lead)
    decision(lead, wanted)

    assert shop.at(MUG, lies) == 100
    row = shop.it.need(Case, case.id)
    assert (row.state, row.decision) == (CaseState.CLOSED, wanted.value)
    shop.check()


def test_goods_that_were_carried_on_since_are_not_carried_back_by_a_case(shop: Shop, lead: Desk) -> None:
    case = twice(shop)
    at_the_case(lead)
    shop.it.run(
        MoveStock(**shop.it.base(), source=StockKey(owner=OWNER, item=item(MUG), location=B2), target=A1, quantity=60)
    )
    decision_of = (Verb.QTY, "2")
    assert lead.press(*decision_of).refusal.reason is Reason.NOT_ENOUGH_STOCK
    assert shop.it.need(Case, case.id).state is CaseState.OPEN


def test_a_tote_that_two_carried_is_put_right_by_a_key(shop: Shop, lead: Desk) -> None:
    stands = shop.ask(AskToteStands(SITE, container_id("TOTE-9"), "TOTE-9"))
    for code in ("A-2", "B-2"):
        asked = AskToteMove(SITE, stands.container, stands.fill, stands.order, location_id(code), code)
        shop.it.run(replace(shop.ask(asked), known=NOT_MOVED, **shop.it.base()))
    seen = at_the_case(lead)
    assert (seen.item, seen.place) == ("TOTE-9", "B-2")
    decision(lead, Decision.LIES_FIRST)
    assert shop.it.need(TotePlace, container_id("TOTE-9")).place == A2
