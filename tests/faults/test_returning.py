"""Hundreds of stations that were apart for a night come back at once: all of it is taken once, those with people first."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.returning import measure_returning

pytestmark = [pytest.mark.nightly, pytest.mark.postgres, pytest.mark.timeout(1_800)]

STATIONS = int(os.environ.get("DOCKSIDE_RETURNING_STATIONS", "500"))
OPERATIONS = int(os.environ.get("DOCKSIDE_RETURNING_OPERATIONS", "1000"))
"""Of each station: what eight hours are."""
MEMORY_MB = 400


@pytest.fixture
def reachable() -> Iterator[Path]:
    """Return a folder that whoever runs the database may reach."""
    with tempfile.TemporaryDirectory(prefix="dockside-returning-") as folder:
        yield Path(folder) / "all"


def test_all_are_drained_once_and_who_works_meanwhile_is_served_first(reachable: Path) -> None:
    told = measure_returning(reachable, STATIONS, OPERATIONS)
    print(told)
    assert (told["lost_or_twice"], told["not_applied"]) == (0, 0)
    assert told["attended_mean_s"] < told["others_mean_s"]
    assert told["memory_mb"] <= MEMORY_MB
    assert told["listened"] == STATIONS
