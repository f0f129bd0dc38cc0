"""Signing in: the badge alone on the floor, the PIN once a shift where policy or the role wants it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import core.station.sign_in
from core.catalog.command_codes import command_code
from core.kernel.flow import Verb
from core.kernel.ids import SYSTEM, SessionId
from core.kernel.journal import FlowState, Gesture
from core.kernel.operations import Operation
from core.kernel.reasons import Reason
from core.people.model import PinTries, Session
from core.people.queries import SHIFT_MS
from core.returns.flow import ConfirmUnknown
from core.rules.commands import SetPolicy
from core.rules.model import Check, Mode, Scope
from core.rules.policies import SUPERVISOR
from core.station.flows import all_flows
from core.station.home import Home
from core.station.sign_in import EnterPin, ScanBadge, SignInFlow
from tests.diagrams import drawn, walked
from tests.orders.shop import Shop
from tests.packing.arrange import BENCH, GTIN, MUG, packing_shop
from tests.playbook import Desk
from tests.station.desk import FakeDesk
from tests.station.people import AYLIN, MARA, PEOPLE, PIN, hire, station


def ask_for_pins(it: Shop, mode: Mode, scope: Scope = Scope.SITE, target: str = "") -> None:
    it.it.run(
        SetPolicy(
            **it.it.base(SYSTEM), check_name=Check.SIGN_IN_PIN, scope=scope, target=target, mode=mode, passed_by=SUPERVISOR,
            base_version=0,
        )
    )  # fmt: skip


def test_a_floor_role_signs_in_with_one_gesture(shop: Shop) -> None:
    with station(shop) as d:
        assert isinstance(d.take("BADGE-AYLIN"), Home)
        assert d.operator is not None
        assert (d.operator.person, d.operator.name) == (AYLIN, "Aylin")
    assert [(row.person, row.pin_at, row.ended_at) for row in shop.it.all(Session)] == [(AYLIN, 0, 0)]


def test_signing_in_costs_no_more_statements_than_any_other_scan(shop: Shop) -> None:
    """The first of a day reads the roles and the policies and teaches the connection its set: one more."""
    shop.order("waiting", [(MUG, 1)])
    sent: list[int] = []
    with station(shop) as d:
        for _ in range(3):
            with d.statements() as seen:
                assert isinstance(d.take("BADGE-AYLIN"), Home)
            sent.append(len(seen))
            d.take(Verb.LOGOUT)

    assert max(sent[1:]) <= 14, sent
    assert sent[0] <= 15, sent


def test_a_role_beyond_the_floor_types_its_pin(shop: Shop) -> None:
    with station(shop) as d:
        asked = d.take("BADGE-DANA")
        assert (type(asked), asked.name) == (EnterPin, "Dana")
        assert d.operator is None
        d.type_pin(PIN)
        assert isinstance(d.state, Home)
    assert shop.it.all(Session)[0].pin_at > 0


@pytest.mark.parametrize("mode", [Mode.CONFIRM, Mode.BLOCK])
def test_policy_asks_a_floor_role_for_its_pin_once_a_shift(shop: Shop, mode: Mode) -> None:
    with station(shop) as d:
        ask_for_pins(shop, mode)
        assert isinstance(d.take("BADGE-AYLIN"), EnterPin)
        d.type_pin(PIN)
        assert isinstance(d.state, Home)
        d.take(Verb.LOGOUT)
        assert isinstance(d.take("BADGE-AYLIN"), Home), "in the same shift the badge will do"
        d.take(Verb.LOGOUT)
        shop.it.clock.tick(SHIFT_MS)
        assert isinstance(d.take("BADGE-AYLIN"), EnterPin)


def test_a_policy_of_one_person_asks_nobody_else(shop: Shop) -> None:
    with station(shop) as d:
        ask_for_pins(shop, Mode.BLOCK, Scope.PERSON, AYLIN.hex())
        assert isinstance(d.take("BADGE-MARA"), Home)
        d.take(Verb.LOGOUT)
        assert isinstance(d.take("BADGE-AYLIN"), EnterPin)


def test_who_has_no_pin_where_one_is_wanted_does_not_come_in(shop: Shop) -> None:
    with station(shop) as d:
        ask_for_pins(shop, Mode.BLOCK)
        assert d.refuses("BADGE-MARA")[0] is Reason.NOT_ALLOWED
        assert d.operator is None


def test_wrong_pins_make_the_wait_grow_and_a_restart_does_not_end_it(shop: Shop) -> None:
    with station(shop) as d:
        d.take("BADGE-DANA")
        for n in range(1, 6):
            said = d.type_pin("0000")
            assert said.refusal is not None
            assert said.refusal.reason is Reason.PIN_WRONG
            assert shop.it.all(PinTries)[0].wrong == n
        d.restart()
        assert isinstance(d.state, ScanBadge)
        d.take("BADGE-DANA")
        said = d.type_pin(PIN)
        assert said.refusal is not None
        assert said.refusal.reason is Reason.PIN_LOCKED
        assert 0 < int(said.refusal.facts["seconds"]) <= 60
        shop.it.clock.tick(60_000)
        d.type_pin(PIN)
        assert isinstance(d.state, Home)
        assert shop.it.all(PinTries)[0].wrong == 0


def test_a_pin_is_written_nowhere(shop: Shop) -> None:
    with station(shop) as d:
        d.take("BADGE-DANA")
        d.type_pin("8642")
        d.type_pin(PIN)
    assert [row.raw for row in shop.it.all(Gesture) if "PIN" in row.raw] == ["PIN", "PIN"]
    written = json.dumps([row.body for row in shop.it.all(Operation)])
    assert PIN not in written
    assert "8642" not in written


def test_codes_and_keys_before_a_badge(shop: Shop) -> None:
    with station(shop) as d:
        for code in (GTIN[MUG], "TOTE-1", "A-1", "CART-1", "NO-SUCH-CODE"):
            assert d.refuses(code)[0] is Reason.BADGE_UNKNOWN, code
        for verb in (Verb.CONFIRM, Verb.YES, Verb.SHORT, Verb.UNDO):
            assert d.refuses(verb)[0] is Reason.NOT_SIGNED_IN, verb
            assert d.refuses(command_code(verb))[0] is Reason.NOT_SIGNED_IN, verb
        said = d.weigh(800)
        assert said.refusal is not None
        assert said.refusal.reason is Reason.NOT_SIGNED_IN


def test_codes_and_keys_before_a_pin(shop: Shop) -> None:
    with station(shop) as d:
        d.take("BADGE-DANA")
        for code in (GTIN[MUG], "BADGE-MARA", "TOTE-1", "NO-SUCH-CODE"):
            assert d.refuses(code)[0] is Reason.COMMAND_NOT_NOW, code
        for verb in (Verb.CONFIRM, Verb.YES, Verb.SHORT):
            assert d.refuses(verb)[0] is Reason.COMMAND_NOT_NOW, verb
        assert isinstance(d.take(Verb.NO), ScanBadge)


def test_somebody_who_left_is_nobody(shop: Shop) -> None:
    with station(shop) as d:
        shop.it.executor._gate = lambda _connection, _command: None
        hire(shop, MARA, active=0, base_version=1)
        assert d.refuses("BADGE-MARA")[0] is Reason.BADGE_UNKNOWN


def test_a_colleagues_badge_at_home_ends_one_session_and_begins_the_next(shop: Shop) -> None:
    with station(shop) as d:
        d.take("BADGE-MARA", "BADGE-AYLIN")
        assert d.operator is not None
        assert d.operator.person == AYLIN
    ended = {row.person: bool(row.ended_at) for row in shop.it.all(Session)}
    assert ended == {MARA: True, AYLIN: False}


def test_a_restart_keeps_whoever_is_signed_in(shop: Shop) -> None:
    with station(shop) as d:
        d.take("BADGE-MARA")
        d.restart()
        assert d.operator is not None
        assert d.operator.person == MARA


def test_of_two_sessions_that_run_the_one_that_was_begun_last_here_is_meant_whatever_the_clocks_said(
    shop: Shop,
) -> None:
    with station(shop) as d:
        d.take("BADGE-AYLIN")
        (row,) = shop.it.all(Session)
        # What came by the feed of a session that was begun before this file was put back.
        other = replace(row, id=SessionId(b"s" * 16), person=MARA, started_at=row.started_at + 3_600_000)
        shop.it.seed(other)
        d.restart()
        assert d.operator is not None
        assert d.operator.person == AYLIN


def test_a_step_is_kept_over_a_restart_whatever_the_clock_said_since_its_person_came(shop: Shop) -> None:
    with station(shop) as d:
        d.take("BADGE-DANA")
        d.type_pin(PIN)
        d.go("returns")
        shop.it.clock.tick(-3_600_000)
        d.take("HX-7")
        assert isinstance(d.state, ConfirmUnknown)
        d.restart()
        assert isinstance(d.state, ConfirmUnknown)


def test_a_step_of_somebody_else_is_not_gone_on_with(shop: Shop) -> None:
    with station(shop) as d:
        d.take("BADGE-DANA")
        d.type_pin(PIN)
        d.go("returns")
        d.take("HX-7")
        assert isinstance(d.state, ConfirmUnknown)
        d.take(Verb.LOGOUT, "BADGE-AYLIN")
        assert shop.it.all(FlowState) == []
        d.restart()
        assert isinstance(d.state, ScanBadge)


def test_the_flow_goes_where_the_diagram_says(tmp_path: Path) -> None:
    flow, pairs = walked(SignInFlow())
    with packing_shop(tmp_path) as it:
        for person in PEOPLE:
            hire(it, person)
        d = Desk(it.it, {**all_flows(FakeDesk()), "sign_in": flow}, begin="sign_in", place=BENCH, people=True)
        d.take("BADGE-MARA", Verb.LOGOUT, "BADGE-DANA", Verb.NO, "BADGE-DANA")
        d.type_pin("0000")
        d.type_pin(PIN)
        d.take(Verb.LOGOUT)
        d.switch_off()
    # What ends at home is another flow's step.
    assert pairs == {(a, b) for a, b in drawn(core.station.sign_in) if b != "home"}
