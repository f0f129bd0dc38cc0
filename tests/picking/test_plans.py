"""No question of the shelf reads a whole table: whatever lies in the file, a scan finds its few rows."""

from core.catalog.commands import container_id, location_id
from core.kernel.ids import LocationId
from core.picking.queries import AskCart, AskLastDone, AskNextLot, AskOther, AskTote, AskWork
from tests.picking.arrange import CART, GTIN, MILK, MUG, OWNER, Arranged, Take, desk, item
from tests.plans import reads_too_much
from tests.support import PICKER, SITE

SMALL = {"sharing"}


def test_every_question_finds_its_rows_by_more_than_the_site(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    it.stock(MILK, "A-01-04", 5, lot="L1", expiry="2026-05-01")
    it.order("101", MUG=1, MILK=1)
    batch = it.release(Take("101", MUG, "A-01-01", 1), Take("101", MILK, "A-01-04", 1, lot="L1"))
    with desk(it) as d:
        d.take("A-01-01", GTIN[MUG], "TOTE-1")
        nowhere = LocationId(bytes(16))
        questions = {
            "my next stop": AskWork(SITE, PICKER),
            "work for somebody new": AskWork(SITE, PICKER, CART),
            "a cart": AskCart(SITE, container_id(CART)),
            "a tote": AskTote(SITE, container_id("TOTE-1"), "TOTE-1"),
            "the same item here": AskOther(SITE, OWNER, item(MUG), MUG, location_id("A-01-01")),
            "a serial anywhere": AskOther(SITE, OWNER, item(MUG), MUG, nowhere, serial="S1"),
            "the next lot": AskNextLot(SITE, OWNER, item(MILK), "2025-12-16", "L0", "2025-12-01"),
            "what was done last": AskLastDone(batch),
        }
        assert reads_too_much(it.bench, questions, SMALL) == []
