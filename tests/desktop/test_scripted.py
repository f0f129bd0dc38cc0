"""The played shift of a site that is shared: nobody calls it a day while others have something to bring."""

from pathlib import Path

from desktop.scripted import others_bring
from tests.orders.shop import Shop, lay_out
from tests.support import SITE, bench


def bring(shop: Shop) -> dict[str, bool]:
    with shop.connection.begin():
        return {flow: others_bring(shop.connection, SITE, flow) for flow in ("pick", "pack", "dispatch")}


def test_a_bench_waits_for_what_is_not_picked_and_a_dock_for_what_is_not_packed(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        shop = lay_out(it)
        assert bring(shop) == {"pick": False, "pack": False, "dispatch": False}
        shop.stock("MUG", "A-1", 5)
        order = shop.released("o1", [("MUG", 2)])
        assert bring(shop) == {"pick": False, "pack": True, "dispatch": True}

        shop.pick_all()
        assert bring(shop) == {"pick": False, "pack": False, "dispatch": True}

        shop.pack_all(order)
        assert bring(shop) == {"pick": False, "pack": False, "dispatch": False}
