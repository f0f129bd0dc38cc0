"""Days of a whole site, drawn from seeds: whatever the wire, the power and people do, in the end everything adds up."""

from collections.abc import Iterator

import pytest

from tests.simulation.dst.day import run
from tests.simulation.dst.plan import draw
from tests.simulation.dst.site import Templates, fast_folder

STEPS = 80


@pytest.fixture(scope="module")
def templates() -> Iterator[Templates]:
    with fast_folder() as folder:
        yield Templates(folder)


@pytest.mark.parametrize("seed", range(3))
def test_a_day_ends_well(templates: Templates, seed: int) -> None:
    assert run(templates, draw(seed, STEPS)).wrong == []


def test_the_same_seed_is_the_same_day(templates: Templates) -> None:
    first, second = (run(templates, draw(1, STEPS)) for _ in range(2))

    assert first.trace == second.trace
    assert first.digest == second.digest


def test_another_seed_is_another_day(templates: Templates) -> None:
    assert draw(1, STEPS) != draw(2, STEPS)
    assert run(templates, draw(1, 20)).digest != run(templates, draw(2, 20)).digest
