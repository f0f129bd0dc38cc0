"""A box comes back: what its label says of it, where it is put down, and what is said of what the books have not seen leave."""

import pytest

import core.returns.flow
from core.catalog.command_codes import command_code
from core.catalog.commands import location_id
from core.catalog.model import Code, Level
from core.kernel.flow import Ask, Candidate, CodeKind, Play, Run, Say, Tone, Verb
from core.kernel.ids import NO_ID, OwnerId, ParcelId, ReturnId
from core.kernel.journal import GestureOutcome
from core.kernel.notes import Note
from core.kernel.operations import Operation
from core.kernel.reasons import Reason
from core.returns.flow import AnotherBox, ConfirmUnknown, ReturnsFlow, ScanPlace, ScanReturn, Writing
from core.returns.model import CODE_LONGEST, Return
from core.returns.queries import AskBox, AskHere
from core.returns.views import BoxInHand
from core.stock.model import StockEntry
from tests.diagrams import compare, walked
from tests.orders.shop import Shop, order_id
from tests.packing.arrange import BENCH, GTIN, MUG
from tests.playbook import Desk, Playbook, context, scanned
from tests.returns.arrange import cases, gone, packed, received, returns
from tests.support import PICKER, SITE, STATION

PLACE, OTHER = "Q-1", "IN-1"
STRANGE = "HX-77120-994"
"""A number that names nothing here."""
CARRIERS = "00340434161094042557"
"""Another company's label number."""


def box(**more: object) -> BoxInHand:
    usual: dict[str, object] = {
        "back": ReturnId(b"r" * 16), "code": "095011000000000019", "parcel": ParcelId(b"p" * 16),
        "order": order_id("o1"), "order_number": "o1", "left_at": 1,
    }  # fmt: skip
    return BoxInHand(**(usual | more))  # type: ignore[arg-type]


def receipts(it: Shop) -> list[str]:
    return [row.kind for row in it.it.all(Operation) if row.kind.startswith("returns.")]


# As a conversation


def test_a_box_is_its_label_and_the_place_it_is_put_down_at() -> None:
    back = box()
    label = Candidate(kind=CodeKind.PARCEL, target=back.parcel, code=back.code, label=back.code)
    place = Candidate(kind=CodeKind.LOCATION, target=b"q" * 16, code=PLACE, label=PLACE)
    book = Playbook(ReturnsFlow(), context(), ScanReturn())
    book >> scanned(label) << Ask(AskBox(SITE, back.code, parcel=back.parcel))
    book.answers(back) << Play(Tone.ACCEPT) << Say(Note.LOOKED_UP, {"what": "o1"})
    book >> scanned(place) << Ask(AskHere(SITE, back, place.target, PLACE))
    book.answers(None) << Run
    book.ends(Writing(ScanPlace(back), ScanReturn(), Note.RETURN_RECEIVED, (("label", back.code), ("place", PLACE))))


def test_a_box_that_has_not_left_by_the_books_sounds_otherwise() -> None:
    back = box(left_at=0)
    label = Candidate(kind=CodeKind.PARCEL, target=back.parcel, code=back.code, label=back.code)
    book = Playbook(ReturnsFlow(), context(), ScanReturn())
    (book >> scanned(label) << AskBox).answers(back) << Play(Tone.CAUTION) << Say(Note.LOOKED_UP, {"what": "o1"})
    book.ends(ScanPlace(back))


# At a station


def test_a_parcel_that_came_back_is_a_fact_and_moves_no_goods(it: Shop) -> None:
    parcel = gone(it, "o1", units=2)
    entries = len(it.it.all(StockEntry))
    with returns(it) as d:
        shown = d.take(parcel.sscc).box
        assert (shown.order_number, shown.carrier, shown.left_at) == ("o1", "HOUSE", parcel.loaded_at)
        assert [(each.sku, each.quantity) for each in shown.inside] == [(MUG, 2)]
        assert isinstance(d.take(PLACE), ScanReturn)
        assert d.last.note == Say(Note.RETURN_RECEIVED, {"label": parcel.sscc, "place": PLACE})
    (row,) = it.it.all(Return)
    assert (row.code, row.parcel, row.order, row.fulfilment) == (
        parcel.sscc,
        parcel.id,
        parcel.order,
        parcel.fulfilment,
    )
    assert (row.left, row.place, row.station, row.received_by) == (1, location_id(PLACE), STATION, PICKER)
    assert len(it.it.all(StockEntry)) == entries
    assert cases(it) == []
    it.check()


def test_whoever_has_no_box_goes_back_home(it: Shop) -> None:
    with returns(it) as d:
        d.take(Verb.NO)
        assert d.flow == "home"


def test_the_same_box_again_is_said_at_once_and_nothing_is_written(it: Shop) -> None:
    parcel = gone(it, "o1")
    with returns(it) as d:
        d.take(parcel.sscc, PLACE)
        (row,) = it.it.all(Return)
        reason, facts = d.refuses(parcel.sscc)
        assert (reason, facts["label"], facts["place"], facts["at"]) == (
            Reason.ALREADY_RETURNED, parcel.sscc, PLACE, row.received_at,
        )  # fmt: skip
    assert receipts(it) == ["returns.receive"]


def test_a_box_that_others_received_meanwhile_is_said_at_its_place(it: Shop) -> None:
    parcel = gone(it, "o1")
    with returns(it) as d:
        d.take(parcel.sscc)
        it.it.run(received(it, parcel, OTHER))
        assert d.refuses(PLACE)[0] is Reason.ALREADY_RETURNED


def test_what_has_not_left_by_the_books_is_received_and_told(it: Shop) -> None:
    parcel = packed(it, "o1")
    with returns(it) as d:
        assert d.take(parcel.sscc).box.left_at == 0
        d.take(PLACE)
    (row,) = it.it.all(Return)
    assert (row.parcel, row.left) == (parcel.id, 0)
    assert cases(it) == [("return_not_left", parcel.order)]
    it.check()


def test_a_slip_says_the_order_and_several_boxes_may_bear_it(it: Shop) -> None:
    gone(it, "o1", units=2)
    with returns(it) as d:
        first = d.take("o1").box
        assert (first.order_number, first.number, [each.quantity for each in first.inside]) == ("o1", 1, [2])
        d.take(PLACE)
        assert d.take("o1").box.before.place == PLACE
        assert isinstance(d.take(Verb.NO), ScanReturn)
        d.take("o1", Verb.YES, OTHER)
    rows = sorted(it.it.all(Return), key=lambda row: row.number)
    assert [(row.number, row.order, row.parcel, row.fulfilment, row.left) for row in rows] == [
        (n, order_id("o1"), NO_ID, NO_ID, 1) for n in (1, 2)
    ]
    assert [row.place for row in rows] == [location_id(PLACE), location_id(OTHER)]
    assert cases(it) == []
    it.check()


@pytest.mark.parametrize("code", [STRANGE, CARRIERS])
@pytest.mark.parametrize("yes", ["key", "rescan"])
def test_a_code_that_names_nothing_here_is_kept_once_somebody_said_so(it: Shop, code: str, yes: str) -> None:
    with returns(it) as d:
        assert isinstance(d.take(code), ConfirmUnknown)
        assert d.refuses("o1")[0] is Reason.COMMAND_NOT_NOW
        if yes == "rescan":
            assert d.refuses(code, reflex=True)[0] is Reason.RESCAN_TOO_FAST
        d.take(Verb.YES if yes == "key" else code, PLACE)
        assert isinstance(d.take(code), AnotherBox)
    (row,) = it.it.all(Return)
    assert (row.code, row.parcel, row.order, row.left) == (code, NO_ID, NO_ID, 0)
    assert cases(it) == [("return_unknown", NO_ID)]
    it.check()


@pytest.mark.parametrize("code", ["Ada Byron 1 Mill Lane", "x" * (CODE_LONGEST + 1), "Straße-1"])
def test_a_text_that_may_hold_a_name_is_not_kept(it: Shop, code: str) -> None:
    with returns(it) as d:
        assert d.refuses(code) == (Reason.UNKNOWN_CODE, {"got": code})


def test_a_box_in_hand_is_still_in_hand_after_a_restart(it: Shop) -> None:
    parcel = gone(it, "o1")
    with returns(it) as d:
        d.take(parcel.sscc)
        assert isinstance(d.restart().state, ScanPlace)
        d.take(PLACE)
    assert receipts(it) == ["returns.receive"]


WRONG: dict[type, dict[str, Reason]] = {
    ScanReturn: {
        GTIN[MUG]: Reason.WRONG_KIND, PLACE: Reason.WRONG_KIND, "TOTE-50": Reason.WRONG_KIND,
        "CART-1": Reason.WRONG_KIND, "o2": Reason.AMBIGUOUS_CODE,
    },
    ScanPlace: {
        GTIN[MUG]: Reason.WRONG_KIND, "o1": Reason.WRONG_KIND, "TOTE-50": Reason.WRONG_KIND,
        "A-1": Reason.NO_RETURNS_PLACE, "DOCK-1": Reason.NO_RETURNS_PLACE, "NO-SUCH-CODE": Reason.UNKNOWN_CODE,
    },
    ConfirmUnknown: dict.fromkeys((GTIN[MUG], PLACE, "o1", "NO-SUCH-CODE"), Reason.COMMAND_NOT_NOW),
    AnotherBox: dict.fromkeys((GTIN[MUG], PLACE, "o1", "NO-SUCH-CODE"), Reason.COMMAND_NOT_NOW),
}  # fmt: skip
STEPS: dict[type, tuple[str, ...]] = {
    ScanReturn: (), ScanPlace: ("o1",), ConfirmUnknown: (STRANGE,), AnotherBox: ("o1", PLACE, "o1"),
}  # fmt: skip
KEYS: dict[type, tuple[Verb, ...]] = {
    ScanReturn: (Verb.YES, Verb.SHORT, Verb.CONFIRM), ScanPlace: (Verb.YES, Verb.UNDO, Verb.CONFIRM),
    ConfirmUnknown: (Verb.CONFIRM,), AnotherBox: (Verb.CONFIRM,),
}  # fmt: skip


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_wrong_codes_and_keys_are_refused_and_write_nothing(it: Shop, step: type) -> None:
    gone(it, "o1")
    two = gone(it, "o2")
    it.it.seed(Code(SITE, "o2", CodeKind.PARCEL, two.id, OwnerId(bytes(16)), Level.EACH, 1))
    with returns(it) as d:
        d.take(*STEPS[step])
        assert type(d.state) is step
        for code, reason in WRONG[step].items():
            assert d.refuses(code)[0] is reason, code
        for verb in KEYS[step]:
            assert d.refuses(verb)[0] is Reason.COMMAND_NOT_NOW, verb
            assert d.refuses(command_code(verb))[0] is Reason.COMMAND_NOT_NOW, verb
        before = d.state
        said = d.weigh(1200)
        assert (said.outcome, d.state) == (GestureOutcome.REFUSED, before)


def test_the_flow_goes_where_the_diagram_says(it: Shop) -> None:
    flow, pairs = walked(ReturnsFlow())
    parcel = gone(it, "o1")
    d = Desk(it.it, {"returns": flow}, begin="returns", roles="packer", place=BENCH)
    d.take(Verb.CALL, parcel.sscc, Verb.CALL, Verb.NO, parcel.sscc)
    assert d.scan("A-1").refusal is not None
    d.take(PLACE, "o1", PLACE, "o1", Verb.NO, "o1", Verb.CALL, Verb.YES, OTHER)
    d.take(STRANGE, Verb.NO, STRANGE, Verb.CALL, STRANGE, PLACE)
    d.switch_off()

    compare(core.returns.flow, pairs)
