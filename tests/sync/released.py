"""Walks of a world that are released: a site on which there is something to pick."""

from core.kernel.ids import BatchId
from core.waves.model import Batch
from core.waves.planner import CartSpec
from tests.orders.shop import lay_out
from tests.sync.world import World


def released_walks(it: World, orders: int) -> None:
    """Let the office release a walk for each of some orders, the most urgent first, and every station know of them."""
    lay_out(it.members[0].bench)
    it.settle()
    it.office.stock("MUG", "A-1", 100)
    for n in range(orders):
        it.office.order(f"o{n}", [("MUG", 2)], cut_off_at=1_000_000 + n)
    it.office.promise()
    it.office.release(CartSpec(slots=1))
    it.settle()


def walks(it: World) -> list[BatchId]:
    """Return the walks of a site, the most urgent first."""
    return [row.id for row in sorted(it.office.it.all(Batch), key=lambda row: row.cut_off_at)]


__all__ = ["released_walks", "walks"]
