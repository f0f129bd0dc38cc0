"""What a walk may hold follows from the site's carts: the least of each measure, so that any free cart will do."""

from pathlib import Path

from core.catalog.commands import NewContainer, SaveContainers
from core.catalog.model import ContainerKind
from core.waves.model import Batch
from core.waves.planner import CartSpec
from core.waves.queries import cart_spec
from tests.orders.shop import Shop, shop
from tests.support import SITE


def carts(it: Shop, *measures: tuple[int, int, int]) -> CartSpec:
    """Return the spec with more carts of these slots, weights and volumes beside the shop's own of six slots."""
    new = tuple(NewContainer(f"CART-{n}", ContainerKind.CART, *each) for n, each in enumerate(measures, start=10))
    if new:
        it.it.run(SaveContainers(**it.it.base(), containers=new))
    with it.connection.begin():
        return cart_spec(it.connection, SITE)


def test_what_nobody_measured_is_as_usual(tmp_path: Path) -> None:
    with shop(tmp_path) as it:
        assert carts(it) == CartSpec(slots=6)


def test_the_smallest_of_each_measure_counts_and_totes_do_not(tmp_path: Path) -> None:
    with shop(tmp_path) as it:
        found = carts(it, (8, 50_000, 0), (4, 0, 90_000), (12, 40_000, 200_000))

    assert found == CartSpec(slots=4, max_weight_grams=40_000, volume_ml=90_000)


def test_batches_are_cut_by_the_carts_there_are(tmp_path: Path) -> None:
    with shop(tmp_path) as it:
        it.stock("MUG", "A-1", 50)
        spec = carts(it, (2, 0, 0))
        for n in range(5):
            it.order(f"o{n}", [("MUG", 2)])
        it.promise()
        it.release(spec)

        assert sorted(row.slots for row in it.it.all(Batch)) == [1, 2, 2]
