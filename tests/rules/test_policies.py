"""How strict a check is, is data: the preset first, then the site, then the station, then the person."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.rules.commands import SaveExceptionCodes, SetPolicy
from core.rules.model import Check, ExceptionCode, Mode, Policy, Scope
from core.rules.policies import FIRST_DAY, NEW_STARTER, PRESETS, TRUSTED
from core.rules.queries import exception_codes, policies_for
from tests.support import PICKER, SITE, STATION, Bench, bench

HERE, ME = STATION.hex(), PICKER.hex()


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as opened:
        yield opened


def say(it: Bench, scope: Scope, target: str, mode: Mode, check: Check = Check.WEIGHT, version: int = 0) -> SetPolicy:
    return SetPolicy(
        **it.base(), check_name=check, scope=scope, target=target, mode=mode, overridable=1, base_version=version
    )


def modes(it: Bench, preset: str = FIRST_DAY) -> dict[str, str]:
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


@pytest.mark.parametrize("scope", [Scope.ZONE, Scope.ITEM, Scope.PRINTER])
def test_a_rule_that_nobody_would_follow_is_refused(it: Bench, scope: Scope) -> None:
    assert it.refuse(say(it, scope, "77", Mode.BLOCK)) == Refusal(Reason.NOT_FOUND, {"scope": scope})


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
