"""A morning of the gift shop, in the night its week of 510 orders and 11,000 lines: to the van with mistakes, every unit accounted for."""

import pytest

from tests.proof.outside import unaccounted, units_of_file
from tests.proof.shops import contradictions, days, ordered_units, too_few_mistakes, work
from tests.shared_data import shared

# The first test also plays: minutes, where the machine has other work.
pytestmark = pytest.mark.timeout(900)

MONDAY, MORNING, SUNDAY = "2009-11-30", "2009-12-01 11", "2009-12-06 24"
"""From the first day, to the end of an hour; nobody ordered on the Monday."""
ORDERS = {MORNING: 30, SUNDAY: 510}
PUTS = {MORNING: 500, SUNDAY: 10_000}


@pytest.fixture(
    scope="module",
    params=[pytest.param(MORNING, id="morning"), pytest.param(SUNDAY, id="week", marks=pytest.mark.nightly)],
)
def week(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    last = request.param
    folder = tmp_path_factory.mktemp("gift shop")
    source = shared("retail_uci") / "online_retail_2009-12_2010-02.csv.xz"
    days(source, folder / "week.csv", "InvoiceDate", lambda at: MONDAY <= at[: len(last)] <= last)
    home = folder / "home"
    return last, home, *work(home, folder / "week.csv", "retail_uci", seed=3)


def test_everything_that_was_imported_left_or_was_short(week) -> None:
    last, home, imported, played = week

    assert imported["imported"] == played["orders"] == ORDERS[last]
    assert contradictions(home) == []
    asked = units_of_file(home.parent / "week.csv", "Invoice", "StockCode", "Quantity")
    assert unaccounted(home.parent / "exports", asked) == []
    assert played["shipped"] + played["short"] + played["cancelled"] == played["units"] == ordered_units(home)
    assert (played["open_promised"], played["unloaded_parcels"]) == (0, 0)
    assert played["parcels"] == played["loaded"]
    assert played["shipped"] > 0.99 * played["units"]


def test_people_made_their_mistakes(week) -> None:
    last, _, _, played = week

    assert played["puts"] > PUTS[last]
    assert too_few_mistakes(played) == []
    assert played["refusals"]["wrong_item"] > 0
