"""The cases that wait, at a station: which come first, what settles each, whose they are, and what becomes of the goods."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import core.station.cases
from core.amending.backing import plan_put_back
from core.amending.commands import CancelOrder, NotThere
from core.amending.planner import plan_cancel
from core.cases.commands import CloseCase, OpenCase
from core.cases.decisions import DECISIONS, Decision
from core.cases.model import RED, Case, CaseKind, CaseState
from core.catalog.commands import location_id
from core.catalog.model import Container
from core.catalog.places import unexplained
from core.kernel.commands import Command, body_of
from core.kernel.flow import Answered, Go, Refuse, Stamp, Verb
from core.kernel.ids import (
    NO_ID,
    NO_SESSION,
    SYSTEM,
    CaseId,
    CommandId,
    DeliveryLineId,
    OrderId,
    ParcelId,
    PersonId,
    ReturnId,
    StationId,
    derive,
)
from core.kernel.operations import Operation
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.people.commands import SavePerson
from core.people.model import Person, PersonCard
from core.people.roles import ROLES, allowed
from core.people.secrets import badge_hash, pin_hash
from core.receiving.commands import TakeOutGoods
from core.receiving.model import TakeOut
from core.returns.commands import ReceiveReturn
from core.rights.commands import AddStation
from core.rights.model import StationKind
from core.rules.model import Check
from core.station.back_queries import AskNothingLeft, AskNotThere
from core.station.case_queries import PAGE, AskCases, AskTakeOut, CaseSeen, CasesPage
from core.station.cases import DECIDERS, CasesFlow, ChooseCase, Settling, ShowCase, deciders, offered, seen_back
from core.station.flows import all_flows
from core.station.home import Home
from core.station.menu import CASES, MOST, left_to_others, open_menu
from core.stock.model import Balance
from desktop.case_words import CASE_FACTS
from desktop.languages import LANGUAGES, plain, speaking
from desktop.messages import case_fact
from desktop.present import present
from desktop.screens import Outcome
from tests.diagrams import compare, walked
from tests.orders.shop import Shop
from tests.packing.arrange import BENCH, MUG, packing_shop, picked
from tests.playbook import Desk, context
from tests.station.desk import FakeDesk
from tests.station.menus import inside
from tests.station.people import AYLIN, DANA, PIN, hire, station
from tests.support import NOON, SITE, STATION

STAMP = Stamp(id=CommandId(NO_ID), site=SITE, at=0, actor=SYSTEM, session=NO_SESSION)


def opened(shop: Shop, case: CaseKind, order: OrderId = OrderId(NO_ID), /, **facts: str) -> CaseId:
    """Open a case, and say which."""
    command = OpenCase(**shop.it.base(), kind=case, order=order, facts=tuple(facts.items()))
    shop.it.run(command)
    return CaseId(derive(command.id, f"case {case}"))


TAKES_OUT = TakeOutGoods(**STAMP, line=DeliveryLineId(b"l" * 16), taken=(), why=TakeOut.TWICE, case=None)
SECOND_BOX = ReceiveReturn(
    **STAMP, back=ReturnId(b"r" * 16), code="HX-7", number=2, parcel=ParcelId(NO_ID), order=OrderId(NO_ID),
    fulfilments=(), place=location_id("Q-1"), station=STATION,
)  # fmt: skip


@pytest.mark.parametrize("made", [TAKES_OUT, SECOND_BOX], ids=lambda made: made.KIND)
@pytest.mark.parametrize(
    ("kind", "roles", "reason"),
    [
        (StationKind.CART, "lead", Reason.OTHER_STATIONS),
        (StationKind.DOCK, "lead", Reason.OTHER_STATIONS),
        (StationKind.BENCH, "it", Reason.NOT_ALLOWED),
        (StationKind.BENCH, "lead", None),
        (StationKind.DESK, "inventory", None),
        (None, "lead", None),
    ],
)
def test_what_follows_from_a_decision_is_done_where_and_by_whom_the_hub_lets_it_in(
    made: Command, kind: StationKind | None, roles: str, reason: Reason | None
) -> None:
    seen = CaseSeen(case=CaseId(b"c" * 16), kind=CaseKind.OVER_RECEIPT, opened_at=0, delivery="D-1")
    asked = AskTakeOut(SITE, seen.case, TakeOut.TWICE)
    flow = CasesFlow(left_to_others(kind))
    step = flow.came(ShowCase(seen), Answered(asked, made, NOON, CommandId(b"x" * 16)), context(roles=roles))
    assert step is not None
    said = [each.refusal.reason if isinstance(each, Refuse) else None for each in step.effects]
    assert said == [reason]
    assert isinstance(step.state, ShowCase if reason else Settling)


def lost_edit(shop: Shop) -> CaseId:
    """Let somebody's language have been changed twice, unheard of each other."""
    hire(shop, AYLIN)
    person = shop.it.need(Person, AYLIN)

    def saved(language: str) -> SavePerson:
        return SavePerson(
            **shop.it.base(), person=AYLIN, roles=person.roles, language=language, preset=person.preset, active=1,
            base_version=person.version,
        )  # fmt: skip

    wanted = body_of(saved("ar"))
    shop.it.run(saved("de"))
    stands = 'person {"language":"de","preset":"first_day"}'
    return opened(
        shop, CaseKind.EDIT_LOST, kind="people.save", wanted=wanted, stands=stands, reason="changed_meanwhile"
    )


def stopped(shop: Shop) -> OrderId:
    """Let two mugs lie in a tote of an order that was cancelled."""
    order = picked(shop, "o9", (MUG, 2))
    with shop.connection.begin():
        command = plan_cancel(shop.connection, SITE, order, "customer", shop.stamp())
    assert isinstance(command, CancelOrder)
    shop.it.run(command)
    return order


def decided(shop: Shop, case: CaseId) -> str:
    row = shop.it.need(Case, case)
    return row.decision if row.state is CaseState.CLOSED else ""


@pytest.fixture
def lead(shop: Shop) -> Iterator[Desk]:
    """A lead at the cases, which are looked at when the test asks."""
    made = Desk(shop.it, all_flows(FakeDesk()), begin="home", roles="lead", place=BENCH)
    yield made
    made.switch_off()


def looks(d: Desk) -> CasesPage:
    d.go(CASES)
    assert isinstance(d.state, ChooseCase)
    return d.state.page


def test_what_cannot_wait_comes_first_and_then_the_oldest(shop: Shop, lead: Desk) -> None:
    for kind in (
        CaseKind.CALL,
        CaseKind.WEIGHT,
        CaseKind.LABEL_TWICE,
        CaseKind.DAMAGED,
        CaseKind.DOUBLE_PARCEL,
        CaseKind.CALL,
    ):
        opened(shop, kind)

    page = looks(lead)

    assert [each.kind for each in page.cases] == [
        CaseKind.LABEL_TWICE, CaseKind.DOUBLE_PARCEL, CaseKind.CALL, CaseKind.WEIGHT, CaseKind.DAMAGED,
    ]  # fmt: skip
    assert (page.total, page.red) == (6, 2)
    after = lead.take((Verb.QTY, str(PAGE + 1)))
    assert [each.kind for each in after.page.cases] == [CaseKind.CALL]
    assert lead.take((Verb.QTY, "2")).page.first == 0, "behind the last page comes the first"


def test_a_decision_closes_a_case_with_its_reason_and_who_decided(shop: Shop, lead: Desk) -> None:
    case = opened(shop, CaseKind.WEIGHT)
    looks(lead)
    assert isinstance(lead.take((Verb.QTY, "1")), ShowCase)
    page = lead.take((Verb.QTY, "2")).page

    assert (decided(shop, case), page.total) == (Decision.PACKED_ANEW.value, 0)
    assert shop.it.need(Case, case).decided_by == lead.person
    assert isinstance(lead.take(Verb.NO), Home)


def test_a_scan_shows_what_waits_about_it(shop: Shop, lead: Desk) -> None:
    order = picked(shop, "o1", (MUG, 2))
    opened(shop, CaseKind.CALL)
    alone = opened(shop, CaseKind.HOSPITAL, order)
    looks(lead)

    assert lead.take("o1").seen.case == alone
    opened(shop, CaseKind.WEIGHT, order)
    lead.take(Verb.NO)
    both = lead.take("o1")
    assert ([each.kind for each in both.page.cases], both.page.about) == ([CaseKind.HOSPITAL, CaseKind.WEIGHT], "o1")
    assert lead.take(Verb.NO).page.total == 3, "back leads to all of them"
    assert lead.take("A-1").page.total == 3
    assert lead.last.note is not None, "and where nothing waits about it, that is said"
    assert lead.refuses("NO-SUCH-CODE")[0] is Reason.UNKNOWN_CODE


def test_units_of_a_stopped_order_are_settled_by_the_place_they_lie_at(shop: Shop, lead: Desk) -> None:
    order = stopped(shop)
    seen = looks(lead).cases[0]
    assert (seen.kind, seen.number, dict(seen.facts)["quantity"]) == (CaseKind.PUT_BACK, "o9", "2")
    lead.take((Verb.QTY, "1"))

    page = lead.take("A-2").page

    assert page.total == 0
    assert (shop.at(MUG, "A-2"), shop.counts(order)) == (2, {"cancelled": 2})


def test_a_case_of_units_to_be_put_back_says_which_they_are_and_out_of_what(shop: Shop, lead: Desk) -> None:
    stopped(shop)
    looks(lead)
    seen = lead.take((Verb.QTY, "1")).seen

    (tote,) = {each.out_of for each in seen.back}
    assert tote in {each.code for each in shop.it.all(Container)}
    assert [each.quantity for each in seen.back] == [2]
    first, *_ = present(ShowCase(seen)).proof.steps
    assert plain(first) == f"Take out of {tote}: 2 x {seen.back[0].item}"


def test_units_that_wait_say_why_and_keep_their_answers(shop: Shop, lead: Desk) -> None:
    stopped(shop)
    looks(lead)
    seen = lead.take((Verb.QTY, "1")).seen
    waits = replace(seen, back=(), waits=Refusal(Reason.PACK_FIRST, {"order": "o9"}))

    screen = present(ShowCase(waits))
    assert [plain(each) for each in screen.proof.steps] == [
        "Have order o9 packed first. What is left over then is put back."
    ]
    assert screen.prompt == present(ShowCase(seen)).prompt
    assert (offered(waits), seen_back(waits)) == ((Decision.NOT_THERE,), True)


def test_units_that_are_not_there_leave_the_books_and_their_place_is_to_be_counted(shop: Shop, lead: Desk) -> None:
    order = stopped(shop)
    looks(lead)
    lead.take((Verb.QTY, "1"))

    (count,) = lead.take((Verb.QTY, "1")).page.cases

    assert (count.kind, count.number, count.place, dict(count.facts)["reason"]) == (
        CaseKind.STOCK_UNEXPLAINED, "o9", "A-1", "COULD_NOT_LOCATE",
    )  # fmt: skip
    assert shop.counts(order) == {"cancelled": 2}
    assert sum(row.total for row in shop.it.all(Balance) if row.location == unexplained(SITE)) == 2


def test_of_units_that_are_nowhere_any_more_only_the_case_is_closed(shop: Shop, lead: Desk) -> None:
    order = stopped(shop)
    part, again = (
        shop.part(order),
        OpenCase(**shop.it.base(), kind=CaseKind.PUT_BACK, order=order, subject=shop.part(order)),
    )
    with shop.connection.begin():
        back = plan_put_back(shop.connection, SITE, order, part, location_id("A-2"), shop.stamp())
    assert not isinstance(back, Refusal)
    shop.it.run(back)
    shop.it.run(again)
    looks(lead)
    seen = lead.take((Verb.QTY, "1")).seen

    assert (seen.nothing_left, offered(seen), seen_back(seen)) == (True, (Decision.NOTHING_LEFT,), False)
    assert lead.take((Verb.QTY, "1")).page.total == 0
    assert decided(shop, CaseId(derive(again.id, f"case {CaseKind.PUT_BACK}"))) == Decision.NOTHING_LEFT.value
    assert shop.at(MUG, "A-2") == 2


@pytest.mark.parametrize("asks", [AskNothingLeft, AskNotThere])
def test_a_case_of_which_something_is_there_is_not_closed_as_if_nothing_were(shop: Shop, lead: Desk, asks: Any) -> None:
    order = stopped(shop)
    looks(lead)
    seen = lead.take((Verb.QTY, "1")).seen
    assert (seen.nothing_left, offered(seen), seen_back(seen)) == (False, (Decision.NOT_THERE,), True)
    with shop.connection.begin():
        answer = asks(SITE, seen.case, order, shop.part(order)).run(shop.connection)
    assert isinstance(answer, Refusal if asks is AskNothingLeft else NotThere)


def test_the_version_that_lost_is_taken_over_what_stands(shop: Shop) -> None:
    case = lost_edit(shop)
    d = Desk(shop.it, all_flows(FakeDesk()), begin="home", roles="lead,it", place=BENCH)
    seen = looks(d).cases[0]
    assert [(each.name, each.wanted, each.stands) for each in seen.changes] == [("language", "ar", "de")]
    d.take((Verb.QTY, "1"), (Verb.QTY, "1"))
    assert (shop.it.need(Person, AYLIN).language, decided(shop, case)) == ("ar", Decision.TAKEN.value)
    d.switch_off()


def test_a_version_is_taken_by_those_only_who_may_make_the_edit(shop: Shop, lead: Desk) -> None:
    case = lost_edit(shop)
    looks(lead)
    lead.take((Verb.QTY, "1"))
    assert lead.refuses((Verb.QTY, "1"))[0] is Reason.NOT_ALLOWED
    assert (shop.it.need(Person, AYLIN).language, decided(shop, case)) == ("de", "")
    lead.take((Verb.QTY, "2"))
    assert decided(shop, case) == Decision.LEFT.value


def test_an_edit_that_is_not_all_there_is_not_made(shop: Shop) -> None:
    case = opened(shop, CaseKind.EDIT_LOST, kind="people.save", wanted='{"person":')
    d = Desk(shop.it, all_flows(FakeDesk()), begin="home", roles="lead,it", place=BENCH)
    assert looks(d).cases[0].changes == ()
    d.take((Verb.QTY, "1"))
    assert d.refuses((Verb.QTY, "1"))[0] is Reason.EDIT_GONE
    assert decided(shop, case) == ""
    d.switch_off()


def test_what_an_edit_carries_as_a_row_is_compared_field_by_field(shop: Shop) -> None:
    where = StationId(b"station-bench-07")
    shop.it.run(AddStation(**shop.it.base(), station=where, name="BENCH-7", kind=StationKind.BENCH, base_version=0))
    wanted = '{"base_version":1,"printer":{"dpi":203,"name":"P-1","station":"","version":2}}'
    stands = f'printer {{"dpi":300,"name":"P-1","station":"{where.hex()}","version":3}}'
    opened(shop, CaseKind.EDIT_LOST, kind="print.save_printer", wanted=wanted, stands=stands)
    with shop.connection.begin():
        seen = AskCases(SITE).run(shop.connection).cases[0]

    assert [(each.name, each.wanted, each.stands) for each in seen.changes] == [
        ("dpi", "203", "300"),
        ("station", "", "BENCH-7"),
    ]


def test_of_an_id_that_has_no_name_is_said_that_it_differs(shop: Shop) -> None:
    one, other = "1" * 32, "2" * 32
    opened(
        shop, CaseKind.EDIT_LOST, kind="amending.change", wanted=f'{{"contact":"{one}"}}',
        stands=f'sales_order {{"contact":"{other}"}}',
    )  # fmt: skip
    with shop.connection.begin():
        seen = AskCases(SITE).run(shop.connection).cases[0]

    assert [(each.name, each.wanted, each.stands, each.unnamed) for each in seen.changes] == [("contact", "", "", True)]


def test_a_case_of_another_role_is_passed_by_a_badge_of_it(shop: Shop) -> None:
    case = opened(shop, CaseKind.STOCK_UNEXPLAINED)
    ole = PersonId(b"ole-------------")
    card = PersonCard(SITE, ole, "Ole", badge_hash("BADGE-OLE"), pin_hash(PIN))
    who = SavePerson(
        **shop.it.base(), person=ole, roles="it", language="en", preset="first_day", active=1, base_version=0
    )  # fmt: skip
    shop.it.run(who, card)
    with station(shop) as d:
        d.take("BADGE-OLE")
        d.type_pin(PIN)
        looks(d)
        d.take((Verb.QTY, "1"))

        asked = {"override": "case", "passed_by": "lead,inventory"}
        assert d.refuses((Verb.QTY, "1")) == (Reason.SUPERVISOR_NEEDED, asked)
        assert decided(shop, case) == ""
        d.take("BADGE-DANA")
        d.type_pin(PIN)

    row = shop.it.need(Case, case)
    assert (row.decision, row.decided_by) == (Decision.COUNTED.value, ole), "whoever is signed in stays signed in"
    (passed,) = [each for each in shop.it.all(Operation) if each.kind == "people.override"]
    assert DANA.hex() in passed.body


@pytest.mark.parametrize("role", ["picker", "packer", "loader", "auditor"])
def test_who_decides_nothing_is_not_offered_them(role: str) -> None:
    step = CasesFlow().begin("", NOON, b"c" * 16, context(roles=role))
    assert [type(each) for each in step.effects] == [Refuse, Go]
    menu = open_menu("", context(roles=role), shared=True)
    assert CASES not in inside(menu)


@pytest.mark.parametrize("role", ["lead", "it", "inventory", "lead,inventory,it"])
def test_whoever_decides_finds_them_in_a_menu_that_fits(role: str) -> None:
    menu = open_menu("", context(roles=role), shared=True)
    assert CASES in menu.jobs
    assert max(len(menu.jobs), *(len(each) for _, each in menu.below), 0) <= MOST


def test_every_case_is_somebodys_who_may_decide() -> None:
    for kind in CaseKind:
        for role in deciders(kind).split(","):
            assert allowed(role, "cases.decide"), (kind, role)
            assert role in ROLES
    assert set(DECIDERS) <= set(CaseKind)


def test_a_lead_is_told_at_home_before_work_where_one_cannot_wait_and_after_it_else(shop: Shop, lead: Desk) -> None:
    opened(shop, CaseKind.CALL)
    lead.go("home")
    assert (lead.state.view.job.flow, lead.state.view.job.orders) == (CASES, 1)
    shop.released("o1", [(MUG, 1)])
    lead.go("home")
    assert lead.state.view.job.flow == "pick"
    opened(shop, CaseKind.LABEL_TWICE)
    lead.go("home")
    assert (lead.state.view.job.flow, lead.state.view.job.number) == (CASES, 1)
    assert isinstance(lead.take(Verb.CONFIRM), ChooseCase)


def test_a_case_that_somebody_else_settled_goes_from_the_screen(shop: Shop, lead: Desk) -> None:
    case = opened(shop, CaseKind.CALL)
    looks(lead)
    lead.take((Verb.QTY, "1"))
    done = shop.it.run(CloseCase(**shop.it.base(), case=case, decision="was_there"))
    lead._station.hear(done.changes)
    assert isinstance(lead.state, ChooseCase)
    assert lead.state.page.total == 0


def test_the_flow_goes_where_the_diagram_says(tmp_path: Path) -> None:
    flow, pairs = walked(CasesFlow())
    with packing_shop(tmp_path) as it:
        stopped(it)
        for _ in range(PAGE):
            opened(it, CaseKind.CALL)
        d = Desk(it.it, {**all_flows(FakeDesk()), "cases": flow}, begin="cases", roles="lead", place=BENCH)
        d.take((Verb.QTY, str(PAGE + 1)), (Verb.QTY, "2"), (Verb.QTY, "2"), Verb.NO)
        d.take("o9")
        assert isinstance(d.state, ShowCase)
        again = opened(it, CaseKind.CALL)
        d.take("A-2", (Verb.QTY, "1"))
        seen = d.state.seen.case
        d._station.hear(it.it.run(OpenCase(**it.it.base(), kind=CaseKind.CALL)).changes)
        it.it.run(CloseCase(**it.it.base(), case=seen, decision="x"))
        assert d.refuses((Verb.QTY, "1"))[0] is Reason.CHANGED_MEANWHILE
        d._station.hear(it.it.run(CloseCase(**it.it.base(), case=again, decision="x")).changes)
        d.take((Verb.QTY, "1"), Verb.CALL, (Verb.QTY, "1"), (Verb.QTY, "1"))
        d.switch_off()
    compare(core.station.cases, pairs)


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_a_case_says_is_said_in_words(language: str) -> None:
    with speaking(language):
        for name in CASE_FACTS:
            said = case_fact(name, "1")
            assert all(said)
            assert said[0] != name
        for value in (
            *(each.value for each in Reason),
            *(each.value for each in Check),
            "ship_short",
            "presumed_gone",
            "MISSING",
        ):
            assert plain(case_fact("reason", value)[1]) != value, value
        for kind in CaseKind:
            screen = present(ShowCase(CaseSeen(case=CaseId(NO_ID), kind=kind, opened_at=NOON)), NOON + 90_000)
            assert "_" not in screen.prompt + screen.detail
            assert len(screen.answers) == len(DECISIONS[kind]) + 2, "and its notes, and the way back"


def test_what_cannot_wait_is_marked_by_more_than_a_colour() -> None:
    seen = [CaseSeen(case=CaseId(NO_ID), kind=kind, opened_at=NOON) for kind in CaseKind]
    for each in seen:
        (answer, *_) = present(ChooseCase(CasesPage((each,), 0, 1, int(each.red))), NOON).answers
        assert answer.mark is (Outcome.REFUSE if each.kind in RED else Outcome.CAUTION)
