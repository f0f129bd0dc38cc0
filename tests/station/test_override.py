"""A supervisor's badge and PIN pass a check for one gesture, and the log says who, for whom and what."""

from pathlib import Path

import pytest

import core.station.override
from core.cases.model import Case, CaseKind
from core.kernel.commands import command_of
from core.kernel.flow import PrintMoved, Verb
from core.kernel.ids import CommandId
from core.kernel.notes import Note
from core.kernel.operations import Operation
from core.kernel.reasons import Reason
from core.packing.model import Parcel
from core.packing.states import ScanWork, StickLabel, VerifyUnit, WeighParcel
from core.people.commands import RecordOverride
from core.people.model import Session
from core.people.roles import LEAD
from core.shipping.flow import ScanParcel
from core.station.flows import all_flows
from core.station.home import ShowParcel
from core.station.override import EnterSupervisorPin, OverrideFlow
from core.station.sign_in import EnterPin, ScanBadge
from tests.diagrams import drawn, walked
from tests.orders.shop import Shop
from tests.packing.arrange import BENCH, CUP, GTIN, MEDIUM, MUG, learn, packing_shop, picked, printed, tote
from tests.playbook import Desk
from tests.station.desk import FakeDesk
from tests.station.people import AYLIN, DANA, PEOPLE, PIN, hire, station

BLOCK = {"verify_units": "block", "weight": "block", "scan_back": "block", "carton_size": "block"}
UNITS = BLOCK | {"weight": "off"}


def at_the_units(d: Desk, it: Shop) -> None:
    """Stand at the bench with an unscanned unit, refused."""
    order = picked(it, "o1", (MUG, 2), (CUP, 1))
    d.take("BADGE-AYLIN")
    d.go("pack")
    d.take(tote(it, order), MEDIUM, GTIN[MUG])
    assert d.refuses(Verb.CONFIRM)[0] is Reason.SUPERVISOR_NEEDED


def overrides(it: Shop) -> list[RecordOverride]:
    rows = sorted(it.it.all(Operation), key=lambda row: row.position)
    return [done for done in map(command_of, rows) if isinstance(done, RecordOverride)]


def test_badge_and_pin_let_the_refused_gesture_through(shop: Shop) -> None:
    with open_station(shop) as d:
        at_the_units(d, shop)
        asked = d.take("BADGE-DANA")
        assert (type(asked), asked.name, asked.what) == (EnterSupervisorPin, "Dana", "verify_units")
        d.type_pin(PIN)
        assert isinstance(d.state, StickLabel), "the key that was refused is taken as it was"
        assert d.state.parcel.units == 3
        assert d.operator is not None
        assert d.operator.person == AYLIN, "whoever is signed in stays signed in"
    (record,) = overrides(shop)
    assert (record.supervisor, record.actor, record.what) == (DANA, AYLIN, "verify_units")
    closing = next(row for row in shop.it.all(Operation) if row.kind == "packing.close")
    assert record.subject == closing.id, "it names the command that it let through"
    assert len(shop.it.all(Session)) == 1
    shop.check()


def open_station(it: Shop, policies: dict[str, str] | None = None):
    return station(it, UNITS if policies is None else policies, gate=False)


def test_it_passes_one_gesture_and_not_the_next(shop: Shop) -> None:
    with open_station(shop) as d:
        at_the_units(d, shop)
        d.take("BADGE-DANA")
        d.type_pin(PIN)
        printed(shop)
        d.take(d.state.parcel.sscc)
        order = picked(shop, "o2", (MUG, 2))
        d.take(tote(shop, order), MEDIUM)
        assert d.refuses(Verb.CONFIRM)[0] is Reason.SUPERVISOR_NEEDED
    assert len(overrides(shop)) == 1


def test_a_weight_that_blocks_is_passed_as_it_was_read(shop: Shop) -> None:
    learn(shop, MUG)
    order = picked(shop, "o1", (MUG, 2))
    with open_station(shop, BLOCK) as d:
        d.take("BADGE-AYLIN")
        d.go("pack")
        d.take(tote(shop, order), MEDIUM, GTIN[MUG], GTIN[MUG])
        said = d.weigh(500)
        assert said.refusal is not None
        assert said.refusal.reason is Reason.WEIGHT_OUTSIDE
        d.take("BADGE-DANA")
        d.type_pin(PIN)
        assert isinstance(d.state, StickLabel)
    assert shop.it.all(Parcel)[0].weight_grams == 500


def test_a_parcel_without_its_label_goes_over_a_supervisor_even_as_the_first_of_its_list(shop: Shop) -> None:
    bare = shop.pack_all(picked(shop, "o1", (MUG, 2)))
    with open_station(shop) as d:
        d.take("BADGE-TOM")
        d.go("dispatch")
        assert d.refuses(bare.sscc)[0] is Reason.NOT_LABELLED
        d.take("BADGE-DANA")
        d.type_pin(PIN)
        assert isinstance(d.state, ScanParcel)
    assert shop.it.need(Parcel, bare.id).loaded_at
    assert [row.kind for row in shop.it.all(Operation) if row.kind.startswith("shipping.")] == [
        "shipping.open_manifest", "shipping.load",
    ]  # fmt: skip


def test_a_fifth_label_is_a_supervisors_decision(shop: Shop) -> None:
    parcel = shop.pack_all(picked(shop, "o1", (MUG, 2)))
    with open_station(shop) as d:
        d.take("BADGE-AYLIN", parcel.sscc)
        for _ in range(3):
            d.take(Verb.REPRINT, (Verb.QTY, "1"))
        d.take(Verb.REPRINT)
        said = d.press(Verb.QTY, "1")
        assert said.refusal is not None
        assert (said.refusal.reason, said.refusal.facts["override"]) == (Reason.REPRINT_LIMIT, "reprint_limit")
        assert isinstance(d.state, ShowParcel)
    assert shop.it.need(Parcel, parcel.id).copies == 4


@pytest.mark.parametrize("badge", ["BADGE-MARA", "BADGE-IVY", "BADGE-AYLIN"])
def test_only_a_supervisor_with_a_pin_passes_anything(shop: Shop, badge: str) -> None:
    with open_station(shop) as d:
        at_the_units(d, shop)
        before = d.state
        assert d.refuses(badge) == (Reason.SUPERVISOR_NEEDED, {})
        assert d.state == before
        assert isinstance(d.take("BADGE-DANA"), EnterSupervisorPin), "the refused gesture is still held"
    assert LEAD in PEOPLE[DANA][1]
    assert overrides(shop) == []


def test_a_wrong_pin_passes_nothing_and_no_leads_back(shop: Shop) -> None:
    with open_station(shop) as d:
        at_the_units(d, shop)
        before = d.state
        d.take("BADGE-DANA")
        said = d.type_pin("0000")
        assert said.refusal is not None
        assert said.refusal.reason is Reason.PIN_WRONG
        assert d.refuses(GTIN[MUG])[0] is Reason.COMMAND_NOT_NOW
        assert d.refuses(Verb.YES)[0] is Reason.COMMAND_NOT_NOW
        assert d.take(Verb.NO) == before
        d.take("BADGE-DANA")
        d.type_pin(PIN)
        assert isinstance(d.state, StickLabel)
    assert len(overrides(shop)) == 1


def test_another_gesture_lets_go_of_what_was_held(shop: Shop) -> None:
    with open_station(shop) as d:
        at_the_units(d, shop)
        d.take(GTIN[MUG])
        assert d.refuses("BADGE-DANA")[0] is Reason.WRONG_KIND, "a badge is no unit"


def test_leaving_the_job_lets_go_of_what_was_held(shop: Shop) -> None:
    with open_station(shop) as d:
        at_the_units(d, shop)
        d.go("home")
        d.take("BADGE-DANA")
        assert isinstance(d.state, EnterPin), "at home a badge signs in"
        d.type_pin(PIN)
        assert d.operator is not None
        assert d.operator.person == DANA
    assert overrides(shop) == []


def test_leaving_while_the_pin_is_asked_for_leaves_nothing_behind(shop: Shop) -> None:
    with open_station(shop) as d:
        at_the_units(d, shop)
        d.take("BADGE-DANA")
        d.go("home")
        d._station.hear(PrintMoved(id=CommandId(bytes(16)), at=1, job=b"j", subject=b"s", state="printed"))
        assert d.flow == "home"
        assert d.refuses(Verb.YES)[0] is Reason.COMMAND_NOT_NOW


def test_without_a_supervisor_the_work_is_parked_and_the_next_begins(shop: Shop) -> None:
    with open_station(shop) as d:
        at_the_units(d, shop)
        assert isinstance(d.take(Verb.CALL), ScanWork)
        assert d.last.note is not None
        assert d.last.note.note == Note.IN_HOSPITAL
        assert d.refuses("o1")[0] is Reason.STILL_OPEN
    (case,) = shop.it.all(Case)
    assert (case.kind, case.order) == (CaseKind.OVERRIDE_NEEDED, shop.it.all(Parcel)[0].order)


def test_a_call_without_a_refusal_only_calls(shop: Shop) -> None:
    with open_station(shop) as d:
        at_the_units(d, shop)
        d.take(GTIN[MUG], Verb.CALL)
        assert isinstance(d.state, VerifyUnit)
    assert [row.kind for row in shop.it.all(Case)] == [CaseKind.CALL]


def test_a_restart_while_the_pin_is_asked_for_shows_the_step_below(shop: Shop) -> None:
    with open_station(shop) as d:
        at_the_units(d, shop)
        before = d.state
        d.take("BADGE-DANA")
        d.restart()
        assert (d.flow, d.state.view) == ("pack", before.view)


def test_signing_out_while_the_pin_is_asked_for(shop: Shop) -> None:
    with open_station(shop) as d:
        at_the_units(d, shop)
        d.take("BADGE-DANA", Verb.LOGOUT)
        assert isinstance(d.state, ScanBadge)
        said = d.type_pin(PIN)
        assert said.refusal is not None
    assert overrides(shop) == []


def test_news_of_the_printer_reaches_the_step_below(shop: Shop) -> None:
    learn(shop, MUG)
    order = picked(shop, "o1", (MUG, 2))
    with open_station(shop, BLOCK) as d:
        d.take("BADGE-AYLIN")
        d.go("pack")
        d.take(tote(shop, order), MEDIUM, GTIN[MUG], GTIN[MUG])
        d.weigh(500)
        d.take("BADGE-DANA")
        d._station.hear(PrintMoved(id=CommandId(bytes(16)), at=1, job=b"j", subject=b"s", state="printed"))
        assert isinstance(d.state, EnterSupervisorPin)
        assert isinstance(d.take(Verb.NO), WeighParcel)


def test_the_flow_goes_where_the_diagram_says(tmp_path: Path) -> None:
    flow, pairs = walked(OverrideFlow())
    with packing_shop(tmp_path) as it:
        for person in PEOPLE:
            hire(it, person)
        flows = {**all_flows(FakeDesk()), "override": flow}
        d = Desk(it.it, flows, begin="sign_in", place=BENCH, policies=UNITS, people=True)
        at_the_units(d, it)
        assert d.scan("BADGE-MARA").refusal is not None
        d.take("BADGE-DANA", Verb.NO, "BADGE-DANA")
        d.type_pin("0000")
        hire(it, DANA, active=0, base_version=1)
        d.type_pin(PIN)
        assert d.last.refusal is not None
        assert d.last.refusal.reason is Reason.SUPERVISOR_NEEDED, "let go while the PIN was typed"
        hire(it, DANA, base_version=2)
        d.take("BADGE-DANA")
        d.type_pin(PIN)
        d.switch_off()

    assert pairs == drawn(core.station.override)
