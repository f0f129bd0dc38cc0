"""What a scan costs in SQL statements, BEGIN and COMMIT included: counted at the driver, writer and reader together.

A scan that moves goods writes a dozen tables and reads the next stop; the two before it write two rows. A line of an
order is all three, so the limit holds for their mean, and the dearest has a limit of its own.
"""

from core.kernel.flow import Verb
from tests.picking.arrange import GTIN, MUG, RED, Arranged, Take, desk

PER_SCAN = 14
DEAREST = 28


def test_every_scan_of_a_line(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    it.stock(RED, "A-01-02", 20)
    it.order("101", MUG=3, RED=2)
    it.release(Take("101", MUG, "A-01-01", 3), Take("101", RED, "A-01-02", 2))
    cost: dict[str, int] = {}
    with desk(it) as d:
        for name, gesture in (
            ("location", "A-01-01"), ("item", GTIN[MUG]), ("first put", "TOTE-1"), ("next location", "A-01-02"),
            ("next item", GTIN[RED]), ("last put", "TOTE-1"), ("undo", Verb.UNDO), ("short", Verb.SHORT),
        ):  # fmt: skip
            with d.statements() as seen:
                d.take(gesture)
            cost[name] = len(seen)

    for scans in (("location", "item", "first put"), ("next location", "next item", "last put")):
        assert sum(cost[name] for name in scans) / len(scans) <= PER_SCAN, cost
    assert max(cost.values()) <= DEAREST, cost
    assert max(cost["location"], cost["item"], cost["short"]) <= 6, cost
