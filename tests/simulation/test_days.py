"""Days of a whole site, drawn from seeds: whatever the wire, the power and people do, in the end everything adds up.

In the night as many seeds are run as fit into the minutes; how far they went is kept under `build/`, so that no seed is run
twice. A seed on which something goes wrong is cut down and written there as a schedule that can be kept.
"""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.dst.day import run
from tests.simulation.dst.plan import FAULTS, GOODS, draw
from tests.simulation.dst.search import keep
from tests.simulation.dst.site import Templates, fast_folder

STEPS = 60
NIGHT_STEPS = 250
NIGHT_MINUTES = float(os.environ.get("DOCKSIDE_SIMULATION_MINUTES", "15"))
"""Of each of two workers, with the tenth part of it over PostgreSQL, and a fifth for days of goods."""
BUILD = Path("build/simulation")
CUTS = 25
"""Times that a day is run to cut it down: a day takes ten seconds, and the night has other days. `search` cuts it further."""


@pytest.fixture(scope="module")
def templates() -> Iterator[Templates]:
    with fast_folder() as folder:
        yield Templates(folder)


@pytest.mark.parametrize("faults", FAULTS)
def test_a_day_ends_well(templates: Templates, faults: str) -> None:
    assert run(templates, draw(0, STEPS, faults)).wrong == []


def test_the_same_seed_is_the_same_day(templates: Templates) -> None:
    first, second = (run(templates, draw(2, STEPS // 2), digest=True) for _ in range(2))

    assert first.wrong == []
    assert first.trace == second.trace
    assert first.digest == second.digest != ""


def test_another_seed_is_another_day() -> None:
    assert draw(1, STEPS) != draw(2, STEPS)


@pytest.mark.postgres
def test_a_day_over_postgres_ends_well(postgres: str) -> None:
    with fast_folder() as folder:
        assert run(Templates(folder, postgres), draw(3, STEPS // 2)).wrong == []


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("share", range(2))
def test_a_night_of_days(templates: Templates, share: int) -> None:
    assert night(templates, f"seeds-{share}", 1_000 + share, NIGHT_MINUTES * 0.7) == []


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("share", range(2))
def test_a_night_of_goods(templates: Templates, share: int) -> None:
    assert night(templates, f"seeds-goods-{share}", 1_000 + share, NIGHT_MINUTES * 0.2, GOODS) == []


@pytest.mark.nightly
@pytest.mark.postgres
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("share", range(2))
def test_a_night_over_postgres(postgres: str, share: int) -> None:
    with fast_folder() as folder:
        assert night(Templates(folder, postgres), f"seeds-postgres-{share}", share, NIGHT_MINUTES * 0.1) == []


def night(templates: Templates, name: str, first: int, minutes: float, faults: str = "") -> list[str]:
    """Run days for so many minutes, each of them twice; return what was found.

    Every second seed is taken, from the one after those of the nights before.

    Args:
        templates: where days are run.
        name: of the file under `build/` in which is counted.
        first: the first seed of all.
        minutes: how long.
        faults: the kind of day; any where none is named.
    """
    BUILD.mkdir(parents=True, exist_ok=True)
    count = BUILD / f"{name}.json"
    done = json.loads(count.read_text(encoding="utf-8")) if count.exists() else 0
    end = time.monotonic() + minutes * 60
    found = []
    while time.monotonic() < end:
        seed = first + 2 * done
        schedule = draw(seed, NIGHT_STEPS, faults)
        templates.prepare(schedule)
        result, again = (run(templates, schedule, digest=True) for _ in range(2))
        if again.digest != result.digest:
            found.append(f"seed {seed} is not the same day twice")
        if result.wrong:
            path = BUILD / f"found-{name}-{seed}.json"
            keep(templates, schedule, "", path, CUTS)
            found.append(f"{path}: {result.wrong[0]}")
        done += 1
        count.write_text(json.dumps(done), encoding="utf-8")
    return found
