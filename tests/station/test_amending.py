"""The office's word at an order's screen: who is offered it, what is said before it is done, and what is so afterwards."""

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

import core.station.amending
from core.amending.backing import plan_put_back
from core.amending.commands import ChangeOrder
from core.amending.planner import OrderChange, plan_change
from core.cases.model import Case, CaseKind
from core.catalog.command_codes import command_code
from core.catalog.commands import location_id
from core.kernel.executor import Outcome, Work
from core.kernel.flow import Go, Refuse, Verb
from core.kernel.ids import StationId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import Changes
from core.orders.model import CancelState, Order, OrderCancel, OrderHold, StopRequest
from core.people.roles import ROLES, allowed
from core.rights.commands import AddStation
from core.rights.model import StationKind
from core.rules.commands import SaveExceptionCodes
from core.rules.model import ExceptionCode
from core.rules.reasons import CANCEL_REASONS, HOLD_REASONS
from core.station.amending import AskWhy, ConfirmWish, OrderFlow
from core.station.feedback import Feedback
from core.station.flows import all_flows
from core.station.home import NOTES_KEY, WISH_KEYS, Home, ShowOrder
from core.station.menu import HOME, Menu
from core.station.wishes import Meant, Wish
from core.stock.model import Reservation
from desktop.languages import plain
from desktop.present import present
from desktop.proofs import Rows
from tests.diagrams import compare, walked
from tests.orders.shop import Shop, order_id
from tests.packing.arrange import BENCH, GTIN, MUG, cancel, hold, labelled, packing_shop, picked
from tests.playbook import Desk, context
from tests.station.desk import FakeDesk
from tests.support import NOON, SITE

LEAD = "lead"
CANCEL, OTHER = (Verb.QTY, "2"), (Verb.QTY, "3")
FIRST = (Verb.QTY, "1")


class Planning:
    """Counts how often stock was to be promised."""

    def __init__(self) -> None:
        self.asked = 0

    def again(self) -> None:
        self.asked += 1


@pytest.fixture
def planning() -> Planning:
    return Planning()


@pytest.fixture
def lead(shop: Shop, planning: Planning) -> Iterator[Desk]:
    """A lead at home, at a station that is alone."""
    made = Desk(shop.it, all_flows(FakeDesk(), planning=planning), begin="home", roles=LEAD, place=BENCH)
    yield made
    made.switch_off()


def shares(shop: Shop) -> None:
    """Let others work at the site."""
    shop.it.run(
        AddStation(**shop.it.base(), station=StationId(b"s" * 16), name="DOCK-1", kind=StationKind.DOCK, base_version=0)
    )


def meant(d: Desk) -> Meant:
    assert isinstance(d.state, ConfirmWish), d.state
    return d.state.meant


def refusal(said: Feedback) -> Reason | None:
    return None if said.refusal is None else said.refusal.reason


def told(d: Desk) -> tuple[str, list[tuple[str, str]]]:
    """Return what the screen says: the sentence below its question, and its lines."""
    screen = present(d.state)
    assert isinstance(screen.proof, Rows)
    return plain(screen.detail), [(each.words, each.amount) for each in screen.proof.rows]


def test_an_order_that_waits_is_cancelled_with_a_reason_and_its_screen_says_so(
    shop: Shop, lead: Desk, planning: Planning
) -> None:
    shop.released("o1", [(MUG, 2)])
    lead.take("o1")
    assert lead.state.wishes == (Wish.CANCEL, Wish.HOLD)

    why = lead.take(CANCEL)
    assert (type(why), why.meant.reasons) == (AskWhy, CANCEL_REASONS)
    lead.take(FIRST)
    assert told(lead) == ("The customer asks for it. It is final at once.", [("Cancelled at once", "2 units")])
    shown = lead.take(Verb.YES)

    assert isinstance(shown, ShowOrder)
    assert (shown.found.cancelled, shown.found.cancel_asked, shown.wishes) == (True, False, ())
    assert present(shown).detail == "Cancelled"
    assert shop.it.need(OrderCancel, order_id("o1")).state is CancelState.FINAL
    assert [row.text for row in shop.it.all(StopRequest)] == ["customer"]
    assert shop.it.all(Reservation) == []
    assert planning.asked == 1, "what it leaves free is promised to others"
    assert lead.last.note is not None
    assert lead.last.note.note == "order_cancelled"


def test_what_is_picked_and_what_has_left_is_said_before_it_is_cancelled(shop: Shop, lead: Desk) -> None:
    order = picked(shop, "o1", (MUG, 2))
    lead.take("o1", CANCEL, FIRST)
    assert told(lead)[1] == [("Put back by hand", "2 units")]

    lead.take(Verb.YES)
    assert [row.order for row in shop.it.all(Case) if row.kind is CaseKind.PUT_BACK] == [order]


def test_of_an_order_that_left_is_said_that_it_is_too_late(shop: Shop, lead: Desk) -> None:
    shop.load(labelled(shop, shop.pack_all(picked(shop, "o1", (MUG, 2)))))
    lead.take("o1")
    assert lead.state.wishes == (Wish.CANCEL,), "nothing is left that could wait"

    lead.take(CANCEL, FIRST)
    assert told(lead)[1] == [("Too late", "2 units")]
    lead.take(Verb.YES)
    assert CaseKind.CANCEL_TOO_LATE in {row.kind for row in shop.it.all(Case)}
    assert isinstance(lead.state, ShowOrder)
    assert refusal(lead.press(*CANCEL)) is Reason.ALREADY_SHIPPED, "it was told once"


def test_where_a_site_is_shared_a_cancel_is_a_request_until_the_docks_were_heard(
    shop: Shop, lead: Desk, planning: Planning
) -> None:
    shop.released("o1", [(MUG, 2)])
    shares(shop)
    lead.take("o1", CANCEL, (Verb.QTY, "2"))
    assert told(lead)[0] == "Ordered twice. It is a request until every dock has answered."

    shown = lead.take(Verb.YES)

    assert (shown.found.cancelled, shown.found.cancel_asked) == (True, True)
    assert present(shown).detail == "Cancel asked"
    assert shop.it.need(OrderCancel, order_id("o1")).state is CancelState.ASKED


def test_a_hold_is_let_go_again_and_stock_is_promised_after_it(shop: Shop, lead: Desk, planning: Planning) -> None:
    shop.released("o1", [(MUG, 2)])
    lead.take("o1")
    why = lead.take(OTHER)
    assert why.meant.reasons == HOLD_REASONS
    lead.take((Verb.QTY, "3"))
    assert told(lead) == (
        "The payment is unclear. Nothing more of it is promised, released, packed or loaded.", [("Waits", "2 units")],
    )  # fmt: skip
    held = lead.take(Verb.YES)
    assert (held.found.held, held.wishes) == (True, (Wish.CANCEL, Wish.LET_GO))
    assert [row.reason for row in shop.it.all(OrderHold)] == ["money"]
    assert present(held).detail.startswith("Held")
    assert planning.asked == 1

    asked = lead.take(OTHER)
    assert (type(asked), told(lead)) == (ConfirmWish, ("It goes on from where it stands.", [("Goes on", "2 units")]))
    goes_on = lead.take(Verb.YES)

    assert (goes_on.found.held, goes_on.wishes) == (False, (Wish.CANCEL, Wish.HOLD))
    assert all(row.released_at for row in shop.it.all(OrderHold))
    assert planning.asked == 2


def test_an_order_that_a_change_stopped_is_let_go_once_what_is_too_much_was_put_back(shop: Shop, lead: Desk) -> None:
    order = shop.released("o1", [(MUG, 3)])
    shop.pick_all()
    with shop.connection.begin():
        change = plan_change(
            shop.connection, SITE, order, OrderChange(quantities={shop.order_line(order): 2}), shop.stamp()
        )
    assert isinstance(change, ChangeOrder)
    shop.it.run(change)

    shown = lead.take("o1")
    assert (shown.found.changed, shown.wishes) == (True, (Wish.CANCEL, Wish.LET_GO))
    assert present(shown).detail.startswith("Changed: waits")
    lead.take(OTHER)
    assert lead.refuses(Verb.YES) == (Reason.PUT_BACK_FIRST, {})

    with shop.connection.begin():
        back = plan_put_back(shop.connection, SITE, order, shop.part(order), location_id("A-2"), shop.stamp())
    assert not isinstance(back, Refusal)
    shop.it.run(back)
    asked_anew = lead.press(Verb.YES)
    assert asked_anew.refusal is not None
    assert asked_anew.refusal.reason is Reason.CHANGED_MEANWHILE, "there is one unit less to go on with"
    lead.take(Verb.YES)
    assert not lead.take("o1").found.changed
    assert shop.it.all(StopRequest) == []


def test_every_hold_of_an_order_ends_where_several_were_made(shop: Shop, lead: Desk) -> None:
    order = shop.order("o1", [(MUG, 1)])
    for _ in range(3):
        hold(shop, order)
    lead.take("o1", OTHER, Verb.YES)

    assert [bool(row.released_at) for row in shop.it.all(OrderHold)] == [True] * 3
    assert not lead.state.found.held


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_whoever_may_sees_the_keys_and_nobody_else_comes_there(shop: Shop, role: str) -> None:
    shop.released("o1", [(MUG, 2)])
    d = Desk(shop.it, all_flows(FakeDesk()), begin="home", roles=role, place=BENCH)
    shown = d.take("o1")
    may = tuple(
        wish for wish, needed in ((Wish.CANCEL, "orders.amend"), (Wish.HOLD, "orders.hold")) if allowed(role, needed)
    )
    assert shown.wishes == may
    wished = [f"QTY-{WISH_KEYS[each]}" for each in may]
    assert [each.key for each in present(shown).answers] == [*wished, f"QTY-{NOTES_KEY}", "NO"]
    assert present(shown).scan is bool(may), "none of them is lit as what comes next"
    assert bool(may) == (role in ("lead", "integration"))
    if not may:
        assert d.refuses(CANCEL)[0] is Reason.COMMAND_NOT_NOW
        assert d.refuses(OTHER)[0] is Reason.COMMAND_NOT_NOW
        begun = OrderFlow().begin(f"cancel {order_id('o1').hex()}", NOON, b"c" * 16, context(roles=role))
        assert [type(each) for each in begun.effects] == [Refuse, Go]
    d.switch_off()


def test_a_sites_own_reasons_come_in_the_place_of_those_it_starts_with(shop: Shop, lead: Desk) -> None:
    own = [
        ExceptionCode(SITE, code, where, "none", 0, "none", 0, 1)
        for code, where in (("RECALLED", "cancel"), ("AUDIT", "hold"))
    ]
    shop.it.run(SaveExceptionCodes(**shop.it.base(), codes=tuple(own)))
    shop.order("o1", [(MUG, 1)])
    assert lead.take("o1", CANCEL).meant.reasons == ("RECALLED",)
    lead.take(Verb.NO)
    assert lead.take(OTHER).meant.reasons == ("AUDIT",)
    lead.take(FIRST)
    assert told(lead)[0].startswith("AUDIT. ")


def test_every_step_with_every_kind_of_code(shop: Shop, lead: Desk) -> None:
    parcel = labelled(shop, shop.pack_all(picked(shop, "o2", (MUG, 1))))
    shop.released("o1", [(MUG, 2)])
    codes = ("o1", "o2", GTIN[MUG], "A-1", "TOTE-1", "CART-1", "DOCK-1", parcel.sscc, "NO-SUCH-CODE")
    keys = (Verb.CONFIRM, Verb.SHORT, Verb.UNDO, Verb.REPRINT, Verb.SKIP, Verb.CALL)

    def nothing_else_is_taken(*more: Verb | tuple[Verb, str]) -> None:
        before = lead.state
        for code in codes:
            assert lead.refuses(code)[0] is Reason.COMMAND_NOT_NOW, code
        for each in (*keys, *more):
            verb, digit = each if isinstance(each, tuple) else (each, "")
            assert lead.refuses(each)[0] is Reason.COMMAND_NOT_NOW, each
            assert lead.refuses(command_code(verb, digit))[0] is Reason.COMMAND_NOT_NOW, each
        said = lead.weigh(500)
        assert said.refusal is not None
        assert lead.state == before

    # Opened, answered and confirmed by codes that are scanned off the screen.
    lead.take("o1", command_code(Verb.QTY, "2"))
    assert isinstance(lead.state, AskWhy)
    nothing_else_is_taken(Verb.YES, (Verb.QTY, "9"))
    lead.take(command_code(Verb.QTY, "1"))
    assert isinstance(lead.state, ConfirmWish)
    nothing_else_is_taken((Verb.QTY, "1"), (Verb.QTY, "2"))
    assert isinstance(lead.take(command_code(Verb.NO)), ShowOrder)
    assert not lead.state.found.cancelled, "back leads to the order, and nothing is done"
    lead.take(command_code(Verb.QTY, "3"))
    assert isinstance(lead.take(Verb.NO), ShowOrder)
    lead.take(command_code(Verb.QTY, "2"), command_code(Verb.QTY, "1"), command_code(Verb.YES))
    assert lead.state.found.cancelled


def test_what_went_on_while_it_was_read_is_asked_anew(shop: Shop, lead: Desk) -> None:
    shop.released("o1", [(MUG, 2)])
    lead.take("o1", CANCEL, FIRST)
    assert meant(lead).cancelled == 2
    shop.pick_all()

    assert refusal(lead.press(Verb.YES)) is Reason.CHANGED_MEANWHILE
    assert (meant(lead).cancelled, meant(lead).put_back) == (0, 2)
    assert not shop.it.need(Order, order_id("o1")).cancelled_at
    lead.take(Verb.YES)
    assert shop.it.need(Order, order_id("o1")).cancelled_at


def test_the_screens_of_an_order_follow_what_others_do_with_it(shop: Shop, lead: Desk) -> None:
    order = shop.released("o1", [(MUG, 2)])
    changed = Changes(frozenset({"fulfilment"}), frozenset({order}))
    shown = lead.take("o1")
    assert shown.found.stage == "released"
    shop.pick_all()
    lead.hear(changed)
    assert lead.state.found.stage == "picked"
    lead.take(CANCEL, FIRST)
    cancel(shop, order)
    lead.hear(changed)

    assert isinstance(lead.state, ShowOrder)
    assert lead.state.found.cancelled, "somebody else was quicker"
    lead.hear(Changes(frozenset({"fulfilment"}), frozenset({b"x" * 16})))
    assert isinstance(lead.state, ShowOrder)


def test_from_the_menu_one_comes_back_to_what_was_asked(shop: Shop, lead: Desk) -> None:
    shop.released("o1", [(MUG, 2)])
    lead.take("o1", CANCEL, FIRST)
    lead.take(Verb.MENU, Verb.NO)
    assert meant(lead).reason == CANCEL_REASONS[0]


@pytest.mark.parametrize("back", [Verb.NO, Verb.MENU])
def test_the_menu_over_an_order_leads_back_to_it_as_it_is_by_then(shop: Shop, lead: Desk, back: Verb) -> None:
    shop.released("o1", [(MUG, 2)])
    lead.take("o1", Verb.MENU)
    assert isinstance(lead.state, Menu)
    shop.pick_all()
    lead.take(back)

    assert isinstance(lead.state, ShowOrder)
    assert (lead.state.found.order, lead.state.found.stage) == (order_id("o1"), "picked")
    lead.take(Verb.NO, Verb.MENU, Verb.NO)
    assert isinstance(lead.state, Home)


def test_home_is_an_answer_of_the_menu_over_an_order(shop: Shop, lead: Desk) -> None:
    shop.released("o1", [(MUG, 2)])
    lead.take("o1", Verb.MENU)
    lead.take((Verb.QTY, str(lead.state.jobs.index(HOME) + 1)))
    assert isinstance(lead.state, Home)


def test_a_yes_that_was_given_before_the_question_could_be_read_does_nothing(shop: Shop, lead: Desk) -> None:
    shop.released("o1", [(MUG, 2)])
    lead.take("o1", CANCEL)
    said = lead.backlog(command_code(Verb.QTY, "1"), command_code(Verb.YES))
    assert refusal(said[-1]) is Reason.RESCAN_TOO_FAST
    assert not shop.it.need(Order, order_id("o1")).cancelled_at


def test_the_flow_goes_where_the_diagram_says(tmp_path: Path) -> None:
    flow, pairs = walked(OrderFlow())
    with packing_shop(tmp_path) as it:
        it.released("o1", [(MUG, 2)])
        order = it.order("o2", [(MUG, 1)])
        hold(it, order)
        hold(it, order)
        d = Desk(it.it, {**all_flows(FakeDesk()), "order": flow}, begin="home", roles=LEAD, place=BENCH)
        d.take("o2", OTHER, Verb.YES)
        d.take("o1", CANCEL, FIRST)
        lose_the_race(d, it)
        d.take(Verb.YES)
        d.switch_off()
    compare(core.station.amending, pairs)


def lose_the_race(d: Desk, it: Shop) -> None:
    """Say yes, and let the units be picked between the plan and the write."""
    submit = d._station._world.submit

    def later(work: Work) -> Future[Outcome]:
        if work.command is not None:
            d._station._world.submit = submit
            it.pick_all()
        return submit(work)

    d._station._world.submit = later
    assert refusal(d.press(Verb.YES)) is Reason.CHANGED_MEANWHILE
    assert meant(d).put_back == 2
