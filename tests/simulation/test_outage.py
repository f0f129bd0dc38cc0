"""What an outage costs a site, in made-up time: the hour without the hub, and a shift that is offline a third of the time."""

import pytest

from tools.outage import measure_hub_dead, measure_shift

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(3_600)]


def test_an_hour_without_the_hub_costs_few_parcels_and_nothing_is_wrong_afterwards() -> None:
    told = measure_hub_dead()

    assert told["differences"] == 0, told
    assert told["share"] >= 0.9, told


def test_carts_that_are_offline_a_third_of_a_shift_have_work_and_nothing_is_wrong_afterwards() -> None:
    told = measure_shift(stations=12, hours_long=2)

    assert told["differences"] == 0, told
    assert told["utilisation"] >= 0.95, told
