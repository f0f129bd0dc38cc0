"""Every step of the bench with every kind of code: right, wrong, unknown, ambiguous, a command, one that is no code at all.

`Desk.refuses` checks for each that one gesture row was written and nothing else, and that the step stays. The right
codes are walked in `test_bench.py` and `test_diagram.py`.
"""

from collections.abc import Callable

import pytest

from core.catalog.command_codes import command_code
from core.catalog.commands import container_id
from core.catalog.model import BoxType, Code, Level
from core.kernel.flow import CodeKind, Verb
from core.kernel.ids import OrderId, OwnerId
from core.kernel.journal import Gesture, GestureOutcome
from core.kernel.reasons import Reason
from core.orders.model import Order
from core.packing.states import (
    AskMissing,
    AskMissingReason,
    AskReprintReason,
    ConfirmReopen,
    ScanCarton,
    ScanWork,
    StickLabel,
    StopPacking,
    VerifyUnit,
    WeighParcel,
)
from tests.orders.shop import Shop
from tests.packing.arrange import CUP, GTIN, MEDIUM, MUG, OWNER, PHONE, SMALL, cancel, desk, item, picked, tote
from tests.playbook import Desk
from tests.support import SITE

STRICT = {"verify_units": "block", "weight": "block", "scan_back": "block", "carton_size": "block"}
LIGHT = STRICT | {"weight": "inform"}
PLACE, CART, TOTE, OTHER_TOTE = "A-2", "CART-1", "TOTE-1", "TOTE-50"
ITEM_OR_TOTE, ITEM_OR_BOX, TWO_TOTES = "TWO-T", "TWO-B", "TWO-O"

Walk = Callable[[Shop, Desk], None]


def _open(it: Shop, d: Desk) -> None:
    d.take(TOTE)


def _carton(it: Shop, d: Desk) -> None:
    d.take(TOTE, MEDIUM, GTIN[MUG])


def _scale(it: Shop, d: Desk) -> None:
    d.take(TOTE, MEDIUM, GTIN[MUG], GTIN[MUG])


def _missing(it: Shop, d: Desk) -> None:
    d.take(TOTE, MEDIUM, GTIN[MUG], Verb.SHORT)


def _why_missing(it: Shop, d: Desk) -> None:
    _missing(it, d)
    d.take((Verb.QTY, "2"))


def _label(it: Shop, d: Desk) -> None:
    d.take(TOTE, MEDIUM, GTIN[MUG], GTIN[MUG])


def _why_again(it: Shop, d: Desk) -> None:
    _label(it, d)
    d.take(Verb.REPRINT)


def _reopen(it: Shop, d: Desk) -> None:
    _label(it, d)
    d.take(Verb.UNDO)


def _stopped(it: Shop, d: Desk) -> None:
    d.take(TOTE, MEDIUM, GTIN[MUG])
    cancel(it, _order(it))
    assert d.scan(GTIN[MUG]).refusal is not None


def _order(it: Shop) -> OrderId:
    return next(row.id for row in it.it.all(Order) if row.number == "o1")


STEPS: dict[type, tuple[dict[str, str], Walk]] = {
    ScanWork: (STRICT, lambda it, d: None),
    ScanCarton: (STRICT, _open),
    VerifyUnit: (STRICT, _carton),
    WeighParcel: (STRICT, _scale),
    AskMissing: (STRICT, _missing),
    AskMissingReason: (STRICT, _why_missing),
    StickLabel: (LIGHT, _label),
    AskReprintReason: (LIGHT, _why_again),
    ConfirmReopen: (LIGHT, _reopen),
    StopPacking: (STRICT, _stopped),
}

NOT_NOW = dict.fromkeys((GTIN[MUG], PLACE, OTHER_TOTE, CART, "o1", MEDIUM, ITEM_OR_TOTE), Reason.COMMAND_NOT_NOW)
WRONG: dict[type, dict[str, Reason]] = {
    ScanWork: {
        PLACE: Reason.WRONG_KIND,
        CART: Reason.WRONG_KIND,
        MEDIUM: Reason.WRONG_KIND,
        OTHER_TOTE: Reason.NOTHING_TO_PACK,
        GTIN[CUP]: Reason.NOTHING_TO_PACK,
        ITEM_OR_TOTE: Reason.AMBIGUOUS_CODE,
        TWO_TOTES: Reason.AMBIGUOUS_CODE,
    },
    ScanCarton: {
        PLACE: Reason.WRONG_KIND,
        CART: Reason.WRONG_KIND,
        TOTE: Reason.WRONG_KIND,
        "o1": Reason.WRONG_KIND,
        GTIN[MUG]: Reason.WRONG_KIND,
        "BOX-DHL": Reason.CARTON_WRONG_FOR_CARRIER,
        ITEM_OR_BOX: Reason.AMBIGUOUS_CODE,
    },
    VerifyUnit: {
        PLACE: Reason.WRONG_KIND,
        CART: Reason.WRONG_KIND,
        TOTE: Reason.WRONG_KIND,
        "o1": Reason.WRONG_KIND,
        GTIN[CUP]: Reason.NOT_THIS_ORDER,
        "BOX-DHL": Reason.CARTON_WRONG_FOR_CARRIER,
        ITEM_OR_TOTE: Reason.NOT_THIS_ORDER,
        ITEM_OR_BOX: Reason.AMBIGUOUS_CODE,
    },
    WeighParcel: dict.fromkeys((GTIN[MUG], PLACE, TOTE, CART, "o1", MEDIUM, ITEM_OR_TOTE), Reason.WEIGHT_MISSING),
    AskMissing: NOT_NOW,
    AskMissingReason: NOT_NOW,
    StickLabel: {
        PLACE: Reason.WRONG_KIND,
        CART: Reason.WRONG_KIND,
        OTHER_TOTE: Reason.WRONG_KIND,
        "o1": Reason.WRONG_KIND,
        GTIN[MUG]: Reason.WRONG_KIND,
        ITEM_OR_TOTE: Reason.WRONG_KIND,
    },
    AskReprintReason: NOT_NOW,
    ConfirmReopen: NOT_NOW,
    StopPacking: dict.fromkeys((GTIN[MUG], CART, "o1", MEDIUM), Reason.ORDER_CANCELLED),
}
KEYS: dict[type, tuple[tuple[Verb, ...], Reason]] = {
    ScanWork: ((Verb.SHORT, Verb.YES, Verb.FULL, Verb.UNDO, Verb.DAMAGED), Reason.COMMAND_NOT_NOW),
    ScanCarton: ((Verb.FULL, Verb.YES, Verb.CONFIRM, Verb.DAMAGED, Verb.SKIP), Reason.COMMAND_NOT_NOW),
    VerifyUnit: ((Verb.YES, Verb.DAMAGED, Verb.SKIP, Verb.REPRINT, Verb.NO), Reason.COMMAND_NOT_NOW),
    WeighParcel: ((Verb.YES, Verb.FULL, Verb.CONFIRM, Verb.SHORT, Verb.CALL), Reason.WEIGHT_MISSING),
    AskMissing: ((Verb.YES, Verb.CONFIRM, Verb.SHORT, Verb.FULL), Reason.COMMAND_NOT_NOW),
    AskMissingReason: ((Verb.YES, Verb.CONFIRM, Verb.SHORT, Verb.FULL), Reason.COMMAND_NOT_NOW),
    StickLabel: ((Verb.YES, Verb.CONFIRM, Verb.SHORT, Verb.FULL, Verb.NO), Reason.COMMAND_NOT_NOW),
    AskReprintReason: ((Verb.YES, Verb.CONFIRM, Verb.REPRINT, Verb.SKIP), Reason.COMMAND_NOT_NOW),
    ConfirmReopen: ((Verb.CONFIRM, Verb.SHORT, Verb.SKIP, Verb.REPRINT), Reason.COMMAND_NOT_NOW),
    StopPacking: ((Verb.SHORT, Verb.FULL, Verb.UNDO), Reason.ORDER_CANCELLED),
}
WEIGHT_IS_NOTHING = (ScanWork, AskMissing, AskMissingReason, AskReprintReason, ConfirmReopen)


@pytest.fixture
def stood(it: Shop) -> Shop:
    order = picked(it, "o1", (MUG, 2))
    assert tote(it, order) == TOTE
    nobody = OwnerId(bytes(16))
    small = next(box.id for box in it.it.all(BoxType) if box.code == SMALL)
    it.it.seed(
        Code(SITE, ITEM_OR_TOTE, CodeKind.TOTE, container_id(OTHER_TOTE), nobody, Level.EACH, 1),
        Code(SITE, ITEM_OR_TOTE, CodeKind.ITEM, item(PHONE), OWNER, Level.EACH, 1),
        Code(SITE, ITEM_OR_BOX, CodeKind.BOX_TYPE, small, nobody, Level.EACH, 1),
        Code(SITE, ITEM_OR_BOX, CodeKind.ITEM, item(MUG), OWNER, Level.EACH, 1),
        Code(SITE, TWO_TOTES, CodeKind.TOTE, container_id(TOTE), nobody, Level.EACH, 1),
        Code(SITE, TWO_TOTES, CodeKind.TOTE, container_id("TOTE-51"), OWNER, Level.EACH, 1),
    )
    return it


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_wrong_codes_are_said_to_be_wrong_and_unknown_ones_unknown(stood: Shop, step: type) -> None:
    policies, walk = STEPS[step]
    with desk(stood, policies=policies) as d:
        walk(stood, d)
        assert type(d.state) is step
        refused = sum(row.outcome is GestureOutcome.REFUSED for row in stood.it.all(Gesture))
        for code, reason in WRONG[step].items():
            assert d.refuses(code)[0] is reason, code
        assert d.refuses("NO-SUCH-CODE") == (Reason.UNKNOWN_CODE, {"got": "NO-SUCH-CODE"})
        verbs, reason = KEYS[step]
        for verb in verbs:
            assert d.refuses(command_code(verb))[0] is reason, verb
            assert d.refuses(verb)[0] is reason, verb
        assert type(d.state) is step
    gestures = [row for row in stood.it.all(Gesture) if row.outcome is GestureOutcome.REFUSED]
    assert len(gestures) == refused + len(WRONG[step]) + 1 + 2 * len(verbs)
    assert {row.step for row in gestures[refused:]} == {step.__name__}


@pytest.mark.parametrize("step", WEIGHT_IS_NOTHING, ids=lambda step: step.__name__)
def test_a_weight_is_nothing_here(stood: Shop, step: type) -> None:
    policies, walk = STEPS[step]
    with desk(stood, policies=policies) as d:
        walk(stood, d)
        before = d.state
        said = d.weigh(1200)
        assert said.refusal is not None
        assert (said.refusal.reason, d.state) == (Reason.COMMAND_NOT_NOW, before)


def test_an_empty_carton_may_lie_on_the_scale_before_it_is_scanned(stood: Shop) -> None:
    with desk(stood, policies=STRICT) as d:
        _open(stood, d)
        before = d.state
        said = d.weigh(200)
        assert (said.refusal, d.state) == (None, before)


def test_two_owners_who_share_a_code_are_told_apart_by_what_lies_here(stood: Shop) -> None:
    """The order of one owner is at the bench: the same code of another owner's item is nothing here."""
    theirs = OwnerId(b"another-owner-01")
    stood.it.seed(Code(SITE, "SHARED", CodeKind.ITEM, item(MUG), OWNER, Level.EACH, 1))
    stood.it.seed(Code(SITE, "SHARED", CodeKind.ITEM, item(PHONE, theirs), theirs, Level.EACH, 1))
    with desk(stood, policies=STRICT) as d:
        assert isinstance(d.take("SHARED"), ScanCarton)
        assert d.take(MEDIUM, "SHARED").view.packed == 1


def test_a_reflex_rescan_and_a_backlog_five_deep_confirm_nothing(stood: Shop) -> None:
    with desk(stood, policies=STRICT | {"carton_size": "confirm"}) as d:
        small = next(box for box in stood.pack_view(_order(stood)).boxes if box.code == SMALL)
        assert small.why_not == "", "two fit: the question needs a carton that is too small"
    picked(stood, "o2", (MUG, 9))
    with desk(stood, policies=STRICT | {"carton_size": "confirm"}) as d:
        d.take("o2", SMALL)
        asked = d.state
        assert isinstance(asked, ScanCarton)
        assert asked.question == SMALL
        for _ in range(5):
            assert d.refuses(SMALL, reflex=True)[0] is Reason.RESCAN_TOO_FAST
        assert d.state == asked
        d.take(Verb.NO)
        told = d.backlog(SMALL, SMALL, SMALL, SMALL, SMALL)
        assert isinstance(d.state, ScanCarton)
        assert [each.refusal.reason for each in told if each.refusal] == [Reason.RESCAN_TOO_FAST]
        assert told[-1].dropped == 3, "and what was read behind the refusal is named"


def test_a_yes_out_of_the_backlog_reopens_nothing(stood: Shop) -> None:
    with desk(stood, policies=LIGHT) as d:
        _label(stood, d)
        undo, yes = command_code(Verb.UNDO), command_code(Verb.YES)
        told = d.backlog(undo, yes, yes, yes, yes)
        assert isinstance(d.state, ConfirmReopen)
        assert [each.refusal.reason for each in told if each.refusal] == [Reason.RESCAN_TOO_FAST]
