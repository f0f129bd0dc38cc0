"""The marketplace's busiest day, worked to the van with mistakes, and every unit accounted for."""

import pytest

from tests.proof.outside import unaccounted, units_of_file
from tests.proof.shops import contradictions, days, ordered_units, too_few_mistakes, work
from tests.proof.test_gift_shop import ORDERS as GIFTS
from tests.proof.test_gift_shop import SUNDAY
from tests.shared_data import shared

# The first test also plays: minutes, where the machine has other work.
pytestmark = pytest.mark.timeout(600)

DAY = "2017-11-24"
ORDERS = 28


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("marketplace")
    source = shared("retail_olist") / "sample3000"
    for each in source.iterdir():
        if each.name != "olist_orders_dataset.csv":
            (folder / each.name).symlink_to(each)
    orders = folder / "olist_orders_dataset.csv"
    days(source / orders.name, orders, "order_purchase_timestamp", lambda at: at.startswith(DAY))
    home = folder / "home"
    return home, *work(home, orders, "retail_olist", seed=5)


def test_everything_that_was_imported_left_or_was_short(day) -> None:
    home, imported, played = day

    assert imported["imported"] == played["orders"] == ORDERS
    assert ORDERS + GIFTS[SUNDAY] >= 500, "a week of the gift shop and a day of the marketplace"
    assert contradictions(home) == []
    asked = units_of_file(home.parent / "olist_order_items_dataset.csv", "order_id", "product_id")
    assert unaccounted(home.parent / "exports", asked) == []
    assert played["shipped"] + played["short"] + played["cancelled"] == played["units"] == ordered_units(home)
    assert (played["open_promised"], played["unloaded_parcels"]) == (0, 0)


def test_people_made_their_mistakes(day) -> None:
    _, _, played = day

    assert too_few_mistakes(played) == []
    assert sum(played["refusals"].values()) > 0
