"""Every step with every kind of code: right, wrong, unknown, ambiguous, a command, one that is no code at all.

`Desk.refuses` checks for each that one gesture row was written and nothing else, and that the step stays.
"""

import pytest

from core.cases.model import Case, CaseKind
from core.catalog.codes import command_code
from core.catalog.commands import location_id
from core.catalog.model import Code, Level
from core.kernel.flow import CodeKind, Verb
from core.kernel.ids import OwnerId
from core.kernel.journal import Gesture, GestureOutcome
from core.kernel.reasons import Reason
from core.picking.states import (
    AskShortReason,
    BatchDone,
    ConfirmDamaged,
    GoToLocation,
    NoWork,
    PutInTote,
    SayWhatFits,
    ScanCart,
    TakeItem,
)
from core.stock.model import Balance, Condition
from tests.picking.arrange import CART, GTIN, MILK, MUG, OTHER_CART, OWNER, RED, Arranged, Take, desk, item
from tests.support import SITE

STEPS: dict[type, tuple[str | Verb, ...]] = {
    GoToLocation: (),
    TakeItem: ("A-01-01",),
    PutInTote: ("A-01-01", GTIN[MUG], "TOTE-1", "A-01-02", GTIN[RED]),
    SayWhatFits: ("A-01-01", GTIN[MUG], "TOTE-1", "A-01-02", GTIN[RED], Verb.FULL),
    AskShortReason: (Verb.SHORT,),
    ConfirmDamaged: (Verb.DAMAGED,),
}

ITEM, PLACE, TOTE, OTHER_TOTE, TOTE_OR_ITEM, PLACE_OR_ITEM = GTIN[RED], "A-01-05", "TOTE-1", "TOTE-7", "TWO-T", "TWO-P"

WRONG: dict[type, dict[str, Reason]] = {
    GoToLocation: {
        ITEM: Reason.WRONG_KIND,
        GTIN[MUG]: Reason.WRONG_KIND,
        PLACE: Reason.WRONG_LOCATION,
        TOTE: Reason.WRONG_KIND,
        CART: Reason.WRONG_KIND,
        "101": Reason.WRONG_KIND,
        TOTE_OR_ITEM: Reason.WRONG_KIND,
        PLACE_OR_ITEM: Reason.WRONG_LOCATION,
    },
    TakeItem: {
        ITEM: Reason.WRONG_ITEM,
        "A-01-01": Reason.WRONG_KIND,
        PLACE: Reason.WRONG_KIND,
        TOTE: Reason.WRONG_KIND,
        CART: Reason.WRONG_KIND,
        "101": Reason.WRONG_KIND,
        TOTE_OR_ITEM: Reason.WRONG_ITEM,
        PLACE_OR_ITEM: Reason.WRONG_ITEM,
    },
    PutInTote: {
        GTIN[MUG]: Reason.WRONG_ITEM,
        ITEM: Reason.WRONG_KIND,
        PLACE: Reason.WRONG_KIND,
        OTHER_TOTE: Reason.WRONG_TOTE,
        CART: Reason.WRONG_KIND,
        "101": Reason.WRONG_KIND,
        TOTE_OR_ITEM: Reason.WRONG_TOTE,
    },
    SayWhatFits: dict.fromkeys((ITEM, PLACE, TOTE, CART, "101", TOTE_OR_ITEM), Reason.COMMAND_NOT_NOW),
    AskShortReason: dict.fromkeys((ITEM, PLACE, TOTE, CART, "101", TOTE_OR_ITEM), Reason.COMMAND_NOT_NOW),
    ConfirmDamaged: dict.fromkeys((GTIN[MUG], PLACE, TOTE, CART, "101", TOTE_OR_ITEM), Reason.COMMAND_NOT_NOW),
}
NOT_NOW: dict[type, tuple[Verb, ...]] = {
    GoToLocation: (Verb.FULL, Verb.YES, Verb.CONFIRM, Verb.ZERO, Verb.REPRINT, Verb.WEIGH),
    TakeItem: (Verb.FULL, Verb.YES, Verb.ZERO),
    PutInTote: (Verb.YES, Verb.PAUSE, Verb.CONFIRM, Verb.ZERO),
    SayWhatFits: (Verb.SHORT, Verb.SKIP, Verb.YES, Verb.PAUSE),
    AskShortReason: (Verb.SHORT, Verb.YES, Verb.CONFIRM, Verb.FULL),
    ConfirmDamaged: (Verb.DAMAGED, Verb.SHORT, Verb.FULL, Verb.SKIP),
}


@pytest.fixture
def stood(it: Arranged) -> Arranged:
    it.stock(MUG, "A-01-01", 20)
    it.stock(RED, "A-01-02", 5)
    it.order("101", MUG=1, RED=3)
    it.release(Take("101", MUG, "A-01-01", 1), Take("101", RED, "A-01-02", 3))
    tote = next(row.target for row in it.bench.all(Code) if row.code == "TOTE-8")
    nobody = OwnerId(bytes(16))
    it.bench.seed(
        Code(SITE, TOTE_OR_ITEM, CodeKind.TOTE, tote, nobody, Level.EACH, 1),
        Code(SITE, TOTE_OR_ITEM, CodeKind.ITEM, item(RED), OWNER, Level.EACH, 1),
        Code(SITE, PLACE_OR_ITEM, CodeKind.LOCATION, location_id("A-01-05"), nobody, Level.EACH, 1),
        Code(SITE, PLACE_OR_ITEM, CodeKind.ITEM, item(RED), OWNER, Level.EACH, 1),
    )
    return it


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_wrong_codes_are_said_to_be_wrong_and_unknown_ones_unknown(stood: Arranged, step: type) -> None:
    with desk(stood) as d:
        d.take(*STEPS[step])
        assert type(d.state) is step
        for code, reason in WRONG[step].items():
            assert d.refuses(code)[0] is reason, code
        assert d.refuses("NO-SUCH-CODE") == (Reason.UNKNOWN_CODE, {"got": "NO-SUCH-CODE"})
        for verb in NOT_NOW[step]:
            assert d.refuses(command_code(verb))[0] is Reason.COMMAND_NOT_NOW, verb
            assert d.refuses(verb)[0] is Reason.COMMAND_NOT_NOW, verb
        assert type(d.state) is step
    refused = [row for row in stood.bench.all(Gesture) if row.outcome is GestureOutcome.REFUSED]
    assert len(refused) == len(WRONG[step]) + 1 + 2 * len(NOT_NOW[step])
    assert {row.step for row in refused} == {step.__name__}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_a_weight_is_nothing_here(stood: Arranged, step: type) -> None:
    with desk(stood) as d:
        d.take(*STEPS[step])
        before = d.state
        d._do(lambda: d._station.weigh(1200))
        assert d.last.refusal is not None
        assert (d.last.refusal.reason, d.state) == (Reason.COMMAND_NOT_NOW, before)


def test_the_step_decides_what_a_code_with_two_meanings_is(stood: Arranged) -> None:
    nobody = OwnerId(bytes(16))
    stood.bench.seed(
        Code(SITE, "BOTH", CodeKind.LOCATION, location_id("A-01-01"), nobody, Level.EACH, 1),
        Code(SITE, "BOTH", CodeKind.ITEM, item(MUG), OWNER, Level.EACH, 1),
    )
    with desk(stood) as d:
        assert isinstance(d.take("BOTH"), TakeItem)
        assert isinstance(d.take("BOTH"), PutInTote)
        assert d.refuses("BOTH")[0] is Reason.WRONG_KIND


def test_the_facts_of_a_wrong_item_name_both(stood: Arranged) -> None:
    with desk(stood) as d:
        d.take("A-01-01")
        assert d.refuses(GTIN[RED]) == (
            Reason.WRONG_ITEM,
            {
                "expected": MUG, "expected_label": "Mug, 350 ml, blue", "expected_variant": "blue",
                "got": RED, "got_label": "Mug, 350 ml, red", "got_variant": "red",
            },
        )  # fmt: skip


def test_the_cart_step(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    it.simple(1)
    with desk(it, start=False) as d:
        assert isinstance(d.state, ScanCart)
        assert d.state.offer.carts == (CART, OTHER_CART)
        for code in (GTIN[MUG], "A-01-01", "TOTE-1", "101"):
            assert d.refuses(code)[0] is Reason.WRONG_KIND
        assert d.refuses("NO-SUCH-CODE")[0] is Reason.UNKNOWN_CODE
        for verb in (Verb.SHORT, Verb.YES, Verb.UNDO, Verb.CONFIRM):
            assert d.refuses(verb)[0] is Reason.COMMAND_NOT_NOW


def test_without_work(it: Arranged) -> None:
    with desk(it, start=False) as d:
        assert d.state == NoWork(Reason.NO_WORK)
        assert d.refuses(CART)[0] is Reason.NO_WORK
        assert d.refuses("NO-SUCH-CODE")[0] is Reason.UNKNOWN_CODE
        assert d.refuses(Verb.SHORT)[0] is Reason.NO_WORK
        it.stock(MUG, "A-01-01", 20)
        it.simple(1)
        assert isinstance(d.take(Verb.CONFIRM), ScanCart)


def test_after_the_batch(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    it.simple(1)
    with desk(it) as d:
        assert isinstance(d.take("A-01-01", GTIN[MUG], "TOTE-1"), BatchDone)
        assert d.refuses("NO-SUCH-CODE")[0] is Reason.UNKNOWN_CODE
        assert d.refuses(GTIN[MUG])[0] is Reason.WRONG_KIND
        assert d.refuses(Verb.SHORT)[0] is Reason.COMMAND_NOT_NOW


def test_a_reflex_rescan_confirms_nothing_and_a_backlog_is_dropped(stood: Arranged) -> None:
    stood.stock(MUG, "A-01-04", 20)
    with desk(stood) as d:
        d.take("A-01-04")
        asked = d.state
        assert isinstance(asked, GoToLocation)
        assert asked.question == "A-01-04"
        for _ in range(5):
            assert d.refuses("A-01-04", reflex=True)[0] is Reason.RESCAN_TOO_FAST
        assert d.state == asked
        d.take(Verb.NO)
        told = d.backlog(*["A-01-04"] * 5)
        assert [each.refusal.reason for each in told if each.refusal] == [Reason.RESCAN_TOO_FAST]
        assert (d.state, told[-1].dropped) == (asked, 3)


def test_a_yes_out_of_the_backlog_sets_nothing_aside(stood: Arranged) -> None:
    damaged, yes = command_code(Verb.DAMAGED), command_code(Verb.YES)
    with desk(stood) as d:
        told = d.backlog(damaged, yes, yes, yes, yes)
        assert isinstance(d.state, ConfirmDamaged)
        assert [each.refusal.reason for each in told if each.refusal] == [Reason.RESCAN_TOO_FAST]
    assert [row for row in stood.bench.all(Balance) if row.condition is Condition.DAMAGED] == []


# How strictly a unit must be scanned


def test_block_wants_the_item_scanned_or_a_supervisor(stood: Arranged) -> None:
    with desk(stood) as d:
        d.take("A-01-01")
        assert d.refuses(Verb.CONFIRM) == (
            Reason.SUPERVISOR_NEEDED,
            {
                "override": "item_scan_at_pick",
                "passed_by": "lead",
            },
        )
        d.take(Verb.CALL)
        assert d.state.view.location_code == "A-01-02", "no supervisor is there: the case is kept, the picker goes on"
    (case,) = stood.bench.all(Case)
    assert (case.kind, case.facts) == (CaseKind.OVERRIDE_NEEDED, '{"check":"item_scan_at_pick"}')


def test_confirm_asks_before_it_takes_units_that_will_not_scan(stood: Arranged) -> None:
    with desk(stood, policies={"item_scan_at_pick": "confirm"}) as d:
        assert d.take("A-01-01", Verb.CONFIRM).unscanned == 1
        assert d.take(Verb.NO).unscanned == 0
        assert isinstance(d.take(Verb.CONFIRM, Verb.YES), PutInTote)


def test_inform_takes_them_at_the_pickers_word(stood: Arranged) -> None:
    with desk(stood, policies={"item_scan_at_pick": "inform"}) as d:
        assert isinstance(d.take("A-01-01", Verb.CONFIRM), PutInTote)


def test_off_asks_for_the_place_alone(stood: Arranged) -> None:
    with desk(stood, policies={"item_scan_at_pick": "off"}) as d:
        assert isinstance(d.take("A-01-01"), PutInTote)


def test_a_lot_is_scanned_or_typed_whatever_the_policy(stood: Arranged) -> None:
    stood.stock(MILK, "A-01-04", 5, lot="L1", expiry="2026-05-01")
    stood.order("201", MILK=1)
    stood.release(Take("201", MILK, "A-01-04", 1, lot="L1"))
    with desk(stood, start=False, policies={"item_scan_at_pick": "off"}) as d:
        d.take(CART, "A-01-01", "TOTE-1", "A-01-02", "TOTE-1", Verb.CONFIRM, CART, "A-01-04")
        assert isinstance(d.state, TakeItem)
        assert d.refuses(Verb.CONFIRM)[0] is Reason.COMMAND_NOT_NOW
        d.scan("L1", typed=True)
        assert isinstance(d.state, PutInTote)
