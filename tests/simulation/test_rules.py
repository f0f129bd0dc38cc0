"""Every rule of the protocol is needed: a kept day goes well with it, and something is seen to go wrong without it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.dst.plan import read
from tests.simulation.dst.rules import MASKED, MUTANTS
from tests.simulation.dst.search import KEPT, file_of, wrong_with
from tests.simulation.dst.site import Templates, fast_folder


@pytest.fixture(scope="module")
def templates() -> Iterator[Templates]:
    with fast_folder() as folder:
        yield Templates(folder)


@pytest.mark.parametrize("rule", [rule for rule in MUTANTS if rule not in MASKED])
def test_a_rule_is_needed(templates: Templates, rule: str) -> None:
    wrong = wrong_with(templates, read(file_of(rule)), rule)

    assert wrong != []
    # What removes the rule must fit the program: it is the rule that is missed, not the switch that is broken.
    assert not [each for each in wrong if each.startswith(("TypeError", "AttributeError", "NameError"))]


@pytest.mark.parametrize("path", sorted(KEPT.glob("*.json")), ids=lambda path: path.stem)
def test_a_kept_day_goes_well(templates: Templates, path: Path) -> None:
    assert wrong_with(templates, read(path)) == []


def test_what_masks_a_rule_is_a_rule_and_is_needed() -> None:
    for rule, others in MASKED.items():
        assert rule in MUTANTS
        assert set(others) <= set(MUTANTS)
        assert not file_of(rule).exists()


def test_no_schedule_is_kept_for_nothing() -> None:
    names = {file_of(rule).name for rule in MUTANTS}
    others = [path.name for path in KEPT.glob("*.json") if path.name not in names]
    # What was found, and rows of the conflict matrix.
    assert [name for name in others if not name.startswith(("found-", "row-"))] == []


@pytest.mark.nightly
@pytest.mark.parametrize("rule", MASKED)
def test_a_rule_that_is_masked_is_not_missed_alone(templates: Templates, rule: str) -> None:
    for whole in MASKED[rule]:
        if whole not in MASKED:
            assert wrong_with(templates, read(file_of(whole)), rule) == []
