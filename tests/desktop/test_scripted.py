"""The played shift of a site that is shared: nobody calls it a day while others have something to bring."""

from pathlib import Path

import sqlalchemy as sa

from core.kernel.operations import Operation, OperationState
from core.kernel.tables import sql_of
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


def test_nobody_closes_the_window_before_the_hub_has_heard_what_was_done(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        shop = lay_out(it)
        with shop.connection.begin():
            shop.connection.execute(sa.update(sql_of(Operation)).values(state=OperationState.PENDING.value))
        assert bring(shop) == {"pick": True, "pack": True, "dispatch": True}
