"""How strict a check is, and who may pass it, is data: of the rows that fit a case, the narrowest says it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.rules.commands import SaveExceptionCodes, SetPolicy
from core.rules.model import Check, ExceptionCode, Mode, Policy, Scope
from core.rules.policies import FIRST_DAY, NEW_STARTER, PRESETS, SUPERVISOR, TRUSTED, Resolved
from core.rules.queries import PolicyBook, exception_codes, policies_for
from tests.support import PICKER, SITE, STATION, Bench, bench

HERE, ME = STATION.hex(), PICKER.hex()
MUG, CUP, RING = b"m" * 16, b"c" * 16, b"r" * 16
HALL, CAGE = b"h" * 16, b"g" * 16


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as opened:
        yield opened


def say(it: Bench, scope: Scope, target: str, mode: Mode, check: Check = Check.WEIGHT, version: int = 0) -> SetPolicy:
    return SetPolicy(
        **it.base(), check_name=check, scope=scope, target=target, mode=mode, passed_by=SUPERVISOR, base_version=version
    )


def modes(it: Bench, preset: str = FIRST_DAY) -> dict[str, str]:
    return {check.value: resolved(it, preset).rule(check).mode for check in Check}


def resolved(it: Bench, preset: str = FIRST_DAY) -> Resolved:
    with it.executor.connection.begin():
        return policies_for(it.executor.connection, SITE, preset=preset, person=PICKER, station=STATION)


@pytest.mark.parametrize("preset", [FIRST_DAY, NEW_STARTER, TRUSTED])
def test_a_preset_names_every_check(it: Bench, preset: str) -> None:
    assert modes(it, preset) == {check.value: PRESETS[preset][check].value for check in Check}


def test_an_unknown_preset_is_a_first_day(it: Bench) -> None:
    assert modes(it, "nobody") == modes(it, FIRST_DAY)


def test_the_narrowest_says_it(it: Bench) -> None:
    told = []
    for scope, target, mode in (
        (Scope.SITE, "", Mode.CONFIRM),
        (Scope.PRESET, FIRST_DAY, Mode.OFF),
        (Scope.STATION, HERE, Mode.BLOCK),
        (Scope.PERSON, ME, Mode.INFORM),
    ):
        it.run(say(it, scope, target, mode))
        told.append(modes(it)[Check.WEIGHT])

    assert told == ["confirm", "off", "block", "inform"]


@pytest.mark.parametrize(
    ("scope", "target"), [(Scope.PRESET, TRUSTED), (Scope.STATION, "77"), (Scope.PERSON, "77"), (Scope.SITE, "77")]
)
def test_what_is_said_of_others_does_not_count_here(it: Bench, scope: Scope, target: str) -> None:
    before = modes(it)
    it.run(say(it, scope, target, Mode.BLOCK))

    assert modes(it) == before


@pytest.mark.parametrize(
    ("check", "scope"),
    [(Check.SIGN_IN_PIN, Scope.ITEM), (Check.WEIGHT, Scope.ZONE), (Check.WEIGHT, Scope.PRINTER),
     (Check.ITEM_SCAN_AT_PICK, Scope.PRINTER), (Check.SCAN_BACK, Scope.ITEM)],
)  # fmt: skip
def test_a_rule_that_nobody_would_follow_is_refused(it: Bench, check: Check, scope: Scope) -> None:
    assert it.refuse(say(it, scope, "77", Mode.BLOCK, check)) == Refusal(Reason.NOT_FOUND, {"scope": scope})


def test_an_item_says_more_than_its_zone_and_the_zone_more_than_the_trust_in_a_person(it: Bench) -> None:
    scan = Check.ITEM_SCAN_AT_PICK
    for scope, target, mode in (
        (Scope.PRESET, TRUSTED, Mode.INFORM), (Scope.STATION, HERE, Mode.INFORM), (Scope.ZONE, CAGE.hex(), Mode.BLOCK),
        (Scope.ITEM, RING.hex(), Mode.CONFIRM),
    ):  # fmt: skip
        it.run(say(it, scope, target, mode, scan))
    rules = resolved(it, TRUSTED)

    assert rules.rule(scan).mode == "inform"
    assert rules.rule(scan, items=(MUG,), zone=HALL).mode == "inform"
    assert rules.rule(scan, items=(MUG,), zone=CAGE).mode == "block"
    assert rules.rule(scan, items=(RING,), zone=CAGE).mode == "confirm"
    assert rules.rule(scan, items=(RING,), zone=HALL).mode == "confirm"


def test_what_is_said_of_a_person_by_name_says_more_than_any_thing(it: Bench) -> None:
    it.run(say(it, Scope.ITEM, RING.hex(), Mode.BLOCK))
    it.run(say(it, Scope.ITEM, RING.hex(), Mode.BLOCK, Check.VERIFY_UNITS))
    it.run(say(it, Scope.PERSON, ME, Mode.OFF))
    rules = resolved(it)

    assert rules.rule(Check.WEIGHT, items=(RING,)).mode == "off"
    assert rules.rule(Check.VERIFY_UNITS, items=(RING,)).mode == "block", "nothing was said of this check"


def test_of_several_items_the_strictest_counts_for_all(it: Bench) -> None:
    it.run(say(it, Scope.SITE, "", Mode.CONFIRM))
    it.run(say(it, Scope.ITEM, MUG.hex(), Mode.OFF))
    it.run(say(it, Scope.ITEM, RING.hex(), Mode.BLOCK))
    rules = resolved(it)

    assert rules.rule(Check.WEIGHT, items=(MUG,)).mode == "off"
    assert rules.rule(Check.WEIGHT, items=(MUG, CUP)).mode == "confirm"
    assert rules.rule(Check.WEIGHT, items=(CUP, RING, MUG)).mode == "block"


def test_a_printer_has_its_own_word_on_scanning_back(it: Bench) -> None:
    it.run(say(it, Scope.PRINTER, "label", Mode.OFF, Check.SCAN_BACK))
    rules = resolved(it)

    assert rules.rule(Check.SCAN_BACK, printer="label").mode == "off"
    assert rules.rule(Check.SCAN_BACK, printer="label-2").mode == "block"


def test_a_rule_names_who_may_pass_it(it: Bench) -> None:
    assert resolved(it).rule(Check.WEIGHT).passed_by == "lead"
    it.run(replace(say(it, Scope.SITE, "", Mode.BLOCK), passed_by="lead,inventory"))
    it.run(replace(say(it, Scope.ITEM, RING.hex(), Mode.BLOCK), passed_by=""))
    rules = resolved(it)

    assert rules.rule(Check.WEIGHT, items=(MUG,)).passed_by == "lead,inventory"
    assert rules.rule(Check.WEIGHT, items=(MUG, RING)).passed_by == "", "where one of them lets nobody, nobody may"


def test_policies_are_read_once_and_again_after_a_change(it: Bench) -> None:
    book, connection = PolicyBook(SITE, STATION), it.executor.connection
    it.listeners.append(book.changed)

    def looked_up(preset: str = FIRST_DAY) -> Resolved:
        with connection.begin():
            return book(connection, PICKER, preset)

    known = looked_up()
    assert looked_up() is known
    assert looked_up(NEW_STARTER).rule(Check.WEIGHT).mode == "confirm"

    it.run(SaveExceptionCodes(**it.base(), codes=(code("A-EMPTY"),)))
    assert looked_up() is known, "no policy was written"

    it.run(say(it, Scope.SITE, "", Mode.BLOCK))
    assert [known.rule(Check.WEIGHT).mode, looked_up().rule(Check.WEIGHT).mode] == ["inform", "block"]


def test_two_edits_of_one_version_are_one_too_many(it: Bench) -> None:
    it.run(say(it, Scope.SITE, "", Mode.OFF))
    assert it.refuse(say(it, Scope.SITE, "", Mode.BLOCK)) == Refusal(Reason.CHANGED_MEANWHILE, {"version": 1})

    it.run(say(it, Scope.SITE, "", Mode.BLOCK, version=1))
    assert [(row.mode, row.version) for row in it.all(Policy)] == [(Mode.BLOCK, 2)]


def code(name: str, *, context: str = "pick", active: int = 1, site: int = SITE) -> ExceptionCode:
    return ExceptionCode(site, name, context, "none", 1, "same_site", 0, active)  # type: ignore[arg-type]


def test_a_sites_reasons_are_those_of_the_context_that_are_in_use(it: Bench) -> None:
    codes = (code("B-BROKEN"), code("A-EMPTY"), code("OLD", active=0), code("BENCH", context="pack"))
    it.run(SaveExceptionCodes(**it.base(), codes=codes))

    with it.executor.connection.begin():
        found = exception_codes(it.executor.connection, SITE, "pick")
    assert [each.code for each in found] == ["A-EMPTY", "B-BROKEN"]


def test_another_sites_reasons_are_refused(it: Bench) -> None:
    command = SaveExceptionCodes(**it.base(), codes=(code("X", site=2),))

    assert it.refuse(command) == Refusal(Reason.NOT_FOUND, {"code": "X"})
