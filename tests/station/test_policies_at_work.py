"""What is said of an item, of a printer and of who may pass counts at the bench, from the next gesture on."""

from pathlib import Path

import pytest

from core.cases.model import Case, CaseKind
from core.kernel.flow import Verb
from core.kernel.ids import SYSTEM
from core.kernel.reasons import Reason
from core.packing.states import ScanWork, StickLabel, VerifyUnit
from core.rules.commands import SetPolicy
from core.rules.model import Check, Mode, Scope
from core.rules.policies import SUPERVISOR
from core.station.override import EnterSupervisorPin
from tests.orders.shop import Shop, item
from tests.packing.arrange import CUP, GTIN, MEDIUM, MUG, packing_shop, picked, tote
from tests.playbook import Desk
from tests.station.people import PIN, station


@pytest.fixture
def shop(tmp_path: Path):
    with packing_shop(tmp_path) as it:
        yield it


def say(  # noqa: PLR0913  a row says six things
    it: Shop, check: Check, scope: Scope, target: str, mode: Mode, *, passed_by: str = SUPERVISOR, version: int = 0
) -> None:
    it.it.run(
        SetPolicy(
            **it.it.base(SYSTEM), check_name=check, scope=scope, target=target, mode=mode, passed_by=passed_by,
            base_version=version,
        )
    )  # fmt: skip


def open_order(d: Desk, it: Shop, name: str = "o1") -> None:
    order = picked(it, name, (MUG, 2), (CUP, 1))
    d.go("pack")
    d.take(tote(it, order), MEDIUM)


def test_an_item_is_scanned_that_must_be_and_the_rest_goes_in_unseen(shop: Shop) -> None:
    say(shop, Check.VERIFY_UNITS, Scope.SITE, "", Mode.INFORM)
    say(shop, Check.VERIFY_UNITS, Scope.ITEM, item(CUP).hex(), Mode.BLOCK)
    with station(shop, gate=False) as d:
        d.take("BADGE-AYLIN")
        open_order(d, shop)
        reason, facts = d.refuses(Verb.CONFIRM)
        assert (reason, facts["override"]) == (Reason.SUPERVISOR_NEEDED, "verify_units")
        assert isinstance(d.take(GTIN[CUP]), VerifyUnit)
        assert isinstance(d.take(Verb.CONFIRM), StickLabel)


def test_a_printer_whose_labels_nobody_scans_back_sends_the_packer_on(shop: Shop) -> None:
    say(shop, Check.SCAN_BACK, Scope.PRINTER, "label", Mode.OFF)
    with station(shop, gate=False) as d:
        d.take("BADGE-AYLIN")
        open_order(d, shop)
        assert isinstance(d.take(GTIN[CUP], GTIN[MUG], GTIN[MUG]), ScanWork)


def test_a_change_counts_from_the_next_gesture_on(shop: Shop) -> None:
    with station(shop, gate=False) as d:
        d.take("BADGE-AYLIN")
        open_order(d, shop)
        assert d.refuses(Verb.CONFIRM)[0] is Reason.SUPERVISOR_NEEDED
        say(shop, Check.VERIFY_UNITS, Scope.ITEM, item(CUP).hex(), Mode.OFF)
        say(shop, Check.VERIFY_UNITS, Scope.ITEM, item(MUG).hex(), Mode.CONFIRM)
        assert d.take(Verb.CONFIRM).rest == 1, "the cups go unseen, the mugs at a word"


def test_who_may_pass_is_data(shop: Shop) -> None:
    say(shop, Check.VERIFY_UNITS, Scope.SITE, "", Mode.BLOCK, passed_by="auditor")
    with station(shop, gate=False) as d:
        d.take("BADGE-AYLIN")
        open_order(d, shop)
        assert d.refuses(Verb.CONFIRM)[1]["passed_by"] == "auditor"
        assert d.refuses("BADGE-DANA") == (Reason.SUPERVISOR_NEEDED, {}), "a lead is no auditor"

        say(shop, Check.VERIFY_UNITS, Scope.SITE, "", Mode.BLOCK, passed_by="auditor,inventory", version=1)
        d.refuses(Verb.CONFIRM)
        assert isinstance(d.take("BADGE-DANA"), EnterSupervisorPin)
        d.type_pin(PIN)
        assert isinstance(d.state, StickLabel)


def test_where_nobody_may_pass_the_badge_says_so_and_the_call_parks_the_order(shop: Shop) -> None:
    say(shop, Check.VERIFY_UNITS, Scope.ITEM, item(CUP).hex(), Mode.BLOCK, passed_by="")
    with station(shop, gate=False) as d:
        d.take("BADGE-AYLIN")
        open_order(d, shop)
        d.refuses(Verb.CONFIRM)
        before = d.state
        assert d.refuses("BADGE-DANA") == (Reason.NOT_OVERRIDABLE, {})
        assert d.state == before
        assert isinstance(d.take(Verb.CALL), ScanWork)
    assert [row.kind for row in shop.it.all(Case)] == [CaseKind.OVERRIDE_NEEDED]


def test_policies_cost_a_scan_no_statement(shop: Shop) -> None:
    say(shop, Check.VERIFY_UNITS, Scope.ITEM, item(CUP).hex(), Mode.BLOCK)
    with station(shop, gate=False) as d:
        d.take("BADGE-AYLIN")
        open_order(d, shop)
        with d.statements() as sent:
            d.take(GTIN[MUG])
    assert sent
    assert [each for each in sent if "policy" in each] == []
