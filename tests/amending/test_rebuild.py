"""Another database, fed with the log of a day full of changes of mind, is the same."""

from pathlib import Path

import core.everything  # noqa: F401
from core.amending.backing import plan_put_back
from core.amending.planner import OrderChange, plan_cancel, plan_change, plan_resume
from core.catalog.commands import location_id
from core.kernel.ids import ContactId
from core.kernel.rebuild import rebuild
from core.kernel.tablehash import table_hashes
from core.orders.model import Contact, FulfilmentLine
from core.waves.queries import plan_recall
from tests.orders.shop import Shop, shop
from tests.quick import open_new
from tests.support import SITE

ELSEWHERE = ContactId(b"e" * 16)


def do(it: Shop, plan, *args, private: tuple[Contact, ...] = ()) -> None:
    with it.connection.begin():
        command = plan(it.connection, SITE, *args, it.stamp())
    it.it.run(command, *private)


def change_minds(it: Shop) -> None:
    it.stock("MUG", "A-1", 20)
    it.stock("CUP", "B-1", 20)
    picked = it.released("o1", [("MUG", 4), ("CUP", 1)])
    it.pick_all()
    packed = it.released("o2", [("MUG", 3), ("CUP", 2)])
    it.pick_all("CART-2")
    it.load(it.pack_some(packed, 1))
    it.pack_all(packed)
    wish = OrderChange(quantities={it.order_line(picked): 2}, contact=ELSEWHERE, priority=1)
    address = Contact(SITE, ELSEWHERE, "Ann", "", "9 Road", "York", "", "YO1", "GB", "", "", "", "")
    do(it, plan_change, picked, wish, private=(address,))
    do(it, plan_put_back, picked, it.part(picked), location_id("A-2"))
    do(it, plan_resume, picked, it.part(picked))
    it.load(it.pack_all(picked))
    do(it, plan_cancel, packed, "customer")
    do(it, plan_put_back, packed, it.part(packed), location_id("A-2"))
    again = it.order("o3", [("MUG", 2)])
    it.promise()
    (batch,) = it.release()
    do(it, plan_recall, batch)
    it.release()
    do(it, plan_change, again, OrderChange(quantities={it.order_line(again): 1}))
    do(it, plan_cancel, again, "fraud")


def test_the_log_alone_makes_the_same_tables(tmp_path: Path) -> None:
    with shop(tmp_path) as it:
        change_minds(it)
        it.check()
        rows = it.it.all(FulfilmentLine)
        other = open_new(tmp_path / "other.db")
        with it.it.database.reading() as source, other.reading() as target:
            rebuild(source, other)
            assert table_hashes(target) == table_hashes(source)
        other.dispose()

    assert [row.loaded + row.short + row.cancelled - row.quantity for row in rows] == [0] * len(rows)
