"""Each check in each mode: off, inform, confirm, block; and the three presets as they are shipped."""

import pytest

from core.cases.model import Case, CaseKind
from core.kernel.flow import Tone, Verb
from core.kernel.ids import PersonId, SiteId
from core.kernel.reasons import Reason
from core.packing.model import LabelState, Parcel, ParcelState
from core.packing.states import ScanCarton, ScanWork, StickLabel, VerifyUnit, WeighParcel
from core.rules.model import Check, Mode, Policy, Scope
from core.rules.policies import FIRST_DAY, NEW_STARTER, PRESETS, TRUSTED, resolve_policies
from tests.orders.shop import Shop
from tests.packing.arrange import CUP, GTIN, LONG, MEDIUM, MUG, SMALL, desk, learn, picked, singles, tote

QUIET = {"verify_units": "block", "weight": "off", "scan_back": "block", "carton_size": "off"}


# Verify each unit


def test_verify_off_takes_the_carton_for_everything(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2), (CUP, 1))
    with desk(it, policies=QUIET | {"verify_units": "off"}) as d:
        assert isinstance(d.take(tote(it, order), MEDIUM), StickLabel)
        assert d.state.parcel.units == 3


def test_verify_inform_takes_the_rest_with_one_key(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2), (CUP, 1))
    with desk(it, policies=QUIET | {"verify_units": "inform"}) as d:
        assert isinstance(d.take(tote(it, order), MEDIUM, GTIN[CUP], Verb.CONFIRM), StickLabel)
        assert d.state.parcel.units == 3


def test_verify_confirm_asks_before_it_takes_the_rest(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2), (CUP, 1))
    with desk(it, policies=QUIET | {"verify_units": "confirm"}) as d:
        asked = d.take(tote(it, order), MEDIUM, GTIN[CUP], Verb.CONFIRM)
        assert (type(asked), asked.rest) == (VerifyUnit, 1)
        assert d.take(Verb.NO).rest == 0
        assert isinstance(d.take(Verb.CONFIRM, Verb.YES), StickLabel)


def test_verify_block_wants_every_unit_or_a_supervisor(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2), (CUP, 1))
    with desk(it, policies=QUIET) as d:
        d.take(tote(it, order), MEDIUM, GTIN[CUP])
        assert d.refuses(Verb.CONFIRM) == (
            Reason.SUPERVISOR_NEEDED,
            {
                "override": "verify_units",
                "passed_by": "lead",
                "units": 2,
            },
        )
        assert isinstance(d.take(GTIN[MUG], GTIN[MUG]), StickLabel)


# Weight: 2 mugs 600 g, a carton 200 g


def weighed_order(it: Shop) -> str:
    return tote(it, picked(it, "o1", (MUG, 2)))


UNITS = (MEDIUM, GTIN[MUG], GTIN[MUG])


@pytest.mark.parametrize("mode", ["off", "inform"])
def test_nobody_waits_for_the_scale_where_weight_only_informs(it: Shop, mode: str) -> None:
    with desk(it, policies=QUIET | {"weight": mode}) as d:
        assert isinstance(d.take(weighed_order(it), *UNITS), StickLabel)
        assert (d.state.parcel.expected_grams, d.state.parcel.tolerance_grams) == (800, 16)
        assert (d.weigh(805).tone, d.weigh(505).tone) == (Tone.ACCEPT, Tone.CAUTION)
        assert dict(d.last.note.facts) == {"grams": 505, "expected": 800}  # type: ignore[union-attr]
    assert it.it.all(Parcel)[0].weight_grams == 0, "what was closed stays as it was"


def test_the_scale_informs_while_units_go_in(it: Shop) -> None:
    with desk(it, policies=QUIET | {"weight": "inform"}) as d:
        d.take(weighed_order(it), MEDIUM, GTIN[MUG])
        assert (d.weigh(500).tone, d.weigh(800).tone) == (Tone.ACCEPT, Tone.CAUTION)
        d.take(GTIN[MUG])
    assert it.it.all(Parcel)[0].weight_grams == 0, "a weight without the last unit is not the carton's"


def test_a_carton_that_is_closed_by_key_keeps_the_weight_it_had(it: Shop) -> None:
    with desk(it, policies=QUIET | {"weight": "inform"}) as d:
        d.take(weighed_order(it), MEDIUM, GTIN[MUG])
        d.weigh(505)
        d.take(Verb.FULL)
    assert [(row.weight_grams, row.expected_grams) for row in it.it.all(Parcel)] == [(505, 500)]


def test_weight_confirm_closes_on_the_scale_and_asks_when_it_is_off(it: Shop) -> None:
    with desk(it, policies=QUIET | {"weight": "confirm"}) as d:
        at_scale = d.take(weighed_order(it), *UNITS)
        assert isinstance(at_scale, WeighParcel)
        assert (at_scale.check.expected_grams, at_scale.check.tolerance_grams) == (800, 16)
        assert it.it.all(Parcel)[0].state is ParcelState.OPEN
        assert d.refuses(GTIN[MUG])[0] is Reason.WEIGHT_MISSING
        d.weigh(500)
        assert (d.state.outside, d.last.tone) == (500, Tone.CAUTION)
        assert d.take(Verb.NO).outside == 0
        d.weigh(790)
        assert isinstance(d.state, StickLabel)
    assert it.it.all(Parcel)[0].weight_grams == 790


def test_a_weight_that_is_off_is_taken_at_the_packers_word(it: Shop) -> None:
    with desk(it, policies=QUIET | {"weight": "confirm"}) as d:
        d.take(weighed_order(it), *UNITS)
        d.weigh(900)
        assert isinstance(d.take(Verb.YES), StickLabel)
    assert it.it.all(Parcel)[0].weight_grams == 900


def test_a_last_unit_comes_out_again_at_the_scale(it: Shop) -> None:
    with desk(it, policies=QUIET | {"weight": "confirm"}) as d:
        d.take(weighed_order(it), *UNITS)
        back = d.take(Verb.UNDO)
        assert (type(back), back.view.left) == (VerifyUnit, 1)
        assert isinstance(d.take(GTIN[MUG]), WeighParcel)
    it.check()


def test_where_the_scale_is_away_the_packer_goes_on(it: Shop) -> None:
    with desk(it, policies=QUIET | {"weight": "confirm"}) as d:
        d.take(weighed_order(it), *UNITS)
        assert isinstance(d.take(Verb.SKIP), StickLabel)


def test_weight_blocks_only_with_learnt_weights_that_show_one_missing_unit(it: Shop) -> None:
    with desk(it, policies=QUIET | {"weight": "block"}) as d:
        d.take(weighed_order(it), *UNITS)
        assert not d.state.check.may_block, "nobody weighed a mug yet"
        d.weigh(500)
        assert d.state.outside == 500, "so it asks, and does not stop the parcel"
        d.take(Verb.NO)
        learn(it, MUG)
        d.restart()
        assert (d.state.check.sees_one_unit, d.state.check.may_block) == (True, True)
        d.weigh(500)
        assert d.last.refusal is not None
        assert d.last.refusal.reason is Reason.WEIGHT_OUTSIDE
        assert dict(d.last.refusal.facts) == {
            "got": 500,
            "expected": 800,
            "tolerance": 16,
            "override": "weight",
            "passed_by": "lead",
        }
        assert isinstance(d.take(Verb.CALL), ScanWork), "no supervisor is there: parked, and on with the next"
    assert [(row.kind, row.state) for row in it.it.all(Case)] == [(CaseKind.OVERRIDE_NEEDED, "open")]
    assert it.it.all(Parcel)[0].state is ParcelState.OPEN


def test_a_tolerance_that_hides_a_unit_never_blocks(it: Shop) -> None:
    learn(it, MUG, CUP, sigma_mg=40_000)
    order = picked(it, "o1", (MUG, 2), (CUP, 2))
    with desk(it, policies=QUIET | {"weight": "block"}) as d:
        d.take(tote(it, order), MEDIUM, GTIN[MUG], GTIN[MUG], GTIN[CUP], GTIN[CUP])
        assert (d.state.check.learnt, d.state.check.sees_one_unit, d.state.check.may_block) == (True, False, False)


def test_a_single_unit_goes_over_the_scale_too(it: Shop) -> None:
    singles(it, "s1", "s2")
    with desk(it, policies=QUIET | {"weight": "confirm"}) as d:
        assert isinstance(d.take(GTIN[MUG]), ScanCarton)
        assert isinstance(d.take(SMALL, GTIN[MUG]), WeighParcel)


# Scan the label back


def test_scan_back_off_asks_for_no_label(it: Shop) -> None:
    with desk(it, policies=QUIET | {"scan_back": "off"}) as d:
        work = d.take(weighed_order(it), *UNITS)
        assert (type(work), work.due) == (ScanWork, ())


def test_scan_back_inform_lets_the_next_order_begin(it: Shop) -> None:
    first, second = weighed_order(it), picked(it, "o2", (CUP, 2))
    with desk(it, policies=QUIET | {"scan_back": "inform"}) as d:
        d.take(first, *UNITS)
        assert isinstance(d.state, StickLabel)
        assert isinstance(d.take(tote(it, second)), ScanCarton)
    assert it.it.all(Parcel)[0].label is LabelState.SPOOLED


@pytest.mark.parametrize("mode", ["confirm", "block"])
def test_scan_back_confirm_and_block_want_the_label_or_a_key(it: Shop, mode: str) -> None:
    first, second = weighed_order(it), picked(it, "o2", (CUP, 2))
    with desk(it, policies=QUIET | {"scan_back": mode}) as d:
        d.take(first, *UNITS)
        assert d.refuses(tote(it, second))[0] is Reason.WRONG_KIND
        assert isinstance(d.take(Verb.SKIP), ScanWork)


# The carton's size: nine mugs need a medium one


@pytest.mark.parametrize(("mode", "tone"), [("off", Tone.ACCEPT), ("inform", Tone.CAUTION)])
def test_a_small_carton_is_taken_where_size_only_informs(it: Shop, mode: str, tone: Tone) -> None:
    order = picked(it, "o1", (MUG, 9))
    with desk(it, policies=QUIET | {"carton_size": mode}) as d:
        assert d.take(tote(it, order), SMALL).box.code == SMALL
        assert d.last.tone is tone


def test_carton_confirm_wants_a_carton_and_asks_about_a_small_one(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 9))
    with desk(it, policies=QUIET | {"carton_size": "confirm"}) as d:
        d.take(tote(it, order))
        assert d.refuses(GTIN[MUG])[0] is Reason.WRONG_KIND, "a unit takes no carton by itself"
        assert d.take(SMALL).question == SMALL
        assert d.refuses(SMALL, reflex=True)[0] is Reason.RESCAN_TOO_FAST
        assert d.take(SMALL).box.code == SMALL
        assert d.take(LONG).box.code == LONG


def test_carton_block_refuses_a_small_one_unless_it_is_one_of_several(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 9))
    with desk(it, policies=QUIET | {"carton_size": "block"}) as d:
        d.take(tote(it, order))
        facts = {"got": SMALL, "expected": MEDIUM, "override": "carton_size", "passed_by": "lead"}
        assert d.refuses(SMALL) == (Reason.CARTON_TOO_SMALL, facts)
        d.take(MEDIUM, GTIN[MUG])
        assert d.take(SMALL).box.code == SMALL, "the order goes on in another carton: the packer knows"


# Presets


def test_the_presets_say_what_their_names_promise() -> None:
    assert {preset: {str(check): str(mode) for check, mode in modes.items()} for preset, modes in PRESETS.items()} == {
        FIRST_DAY: {
            "sign_in_pin": "off", "item_scan_at_pick": "block", "verify_units": "block", "weight": "inform",
            "scan_back": "block", "zero_check": "off", "carton_size": "inform", "separators": "inform",
        },
        NEW_STARTER: {
            "sign_in_pin": "off", "item_scan_at_pick": "block", "verify_units": "block", "weight": "confirm",
            "scan_back": "block", "zero_check": "confirm", "carton_size": "confirm", "separators": "block",
        },
        TRUSTED: {
            "sign_in_pin": "off", "item_scan_at_pick": "block", "verify_units": "inform", "weight": "inform",
            "scan_back": "block", "zero_check": "off", "carton_size": "off", "separators": "block",
        },
    }  # fmt: skip


def test_the_narrowest_row_decides() -> None:
    person, station = PersonId(b"p" * 16).hex(), (b"s" * 16).hex()

    def row(scope: Scope, target: str, mode: Mode) -> Policy:
        return Policy(SiteId(1), Check.WEIGHT, scope, target, mode, "lead", 1)

    rows = [
        row(Scope.PERSON, person, Mode.BLOCK), row(Scope.STATION, station, Mode.CONFIRM),
        row(Scope.PRESET, TRUSTED, Mode.INFORM), row(Scope.SITE, "", Mode.OFF), row(Scope.PERSON, "other", Mode.OFF),
    ]  # fmt: skip
    for n, expected in enumerate(["block", "confirm", "inform", "off", "inform"]):
        found = resolve_policies(rows[n:], preset=TRUSTED, person=person, station=station)
        assert found.rule(Check.WEIGHT).mode == expected


def test_a_packed_order_at_each_preset(it: Shop) -> None:
    orders = {preset: picked(it, preset, (MUG, 2)) for preset in PRESETS}
    ends = {FIRST_DAY: StickLabel, NEW_STARTER: WeighParcel, TRUSTED: StickLabel}
    for preset, order in orders.items():
        modes = {str(check): str(mode) for check, mode in PRESETS[preset].items()}
        with desk(it, policies=modes) as d:
            if not isinstance(d.state, ScanWork):
                d.go("pack")
            assert isinstance(d.take(tote(it, order), MEDIUM, GTIN[MUG], GTIN[MUG]), ends[preset])
            if preset == NEW_STARTER:
                d.weigh(800)
            d.take(d.state.parcel.sscc)
