"""What an outage costs a site, in made-up time: the hour without the hub, and a shift that is offline a third of the time."""

import os
from pathlib import Path

import pytest

from tools.outage import MINUTE, measure_hub_dead
from tools.shift import FULL, Shift, measure_shift

SOAK = os.environ.get("DOCKSIDE_SOAK") == "1"
"""Whether there is time for the whole shift: a quarter of an hour of a processor, and a shift that was ended is gone on with."""

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(3_600)]


def test_an_hour_without_the_hub_costs_few_parcels_and_nothing_is_wrong_afterwards() -> None:
    told = measure_hub_dead()

    assert told["differences"] == 0, told
    assert told["share"] >= 0.9, told


def test_carts_that_are_offline_a_third_of_a_shift_have_work_and_nothing_is_wrong_afterwards(tmp_path: Path) -> None:
    told = measure_shift(FULL) if SOAK else measure_shift(Shift(stations=12, hours=2), tmp_path)

    assert told["differences"] == 0, told
    assert told["utilisation"] >= 0.95, told


def test_a_shift_that_was_ended_in_its_middle_comes_to_the_same(tmp_path: Path) -> None:
    """And one that is over is not played again."""
    shift = Shift(stations=3, hours=0.4, part_ms=8 * MINUTE)

    at_once = measure_shift(shift, tmp_path / "at-once")
    measure_shift(shift, tmp_path / "in-parts", parts=2)
    in_parts = measure_shift(shift, tmp_path / "in-parts")

    assert in_parts == at_once
    assert in_parts["hours"] == shift.hours
    assert in_parts["parcels"]
    assert measure_shift(shift, tmp_path / "in-parts", parts=1) == in_parts
