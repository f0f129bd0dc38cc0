"""At most 14 SQL statements a scan, BEGIN and COMMIT included: counted at the driver, writer and reader together.

As at the shelf, the limit holds for the mean over the scans of an order: its tote, its carton, its units, its label,
and the van. The dearest have a limit of their own, so that none grows unseen.
"""

from tests.orders.shop import Shop
from tests.packing.arrange import CUP, GTIN, MEDIUM, MUG, desk, labelled, picked, tote

PER_SCAN = 14
STRICT = {"verify_units": "block", "weight": "inform", "scan_back": "block", "carton_size": "inform"}


def test_every_scan_of_an_order_at_the_bench(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2), (CUP, 1))
    cost: dict[str, int] = {}
    with desk(it, policies=STRICT) as d:
        for name, code in (
            ("tote", tote(it, order)), ("carton", MEDIUM), ("first unit", GTIN[MUG]), ("unit", GTIN[MUG]),
            ("last unit", GTIN[CUP]), ("label", ""),
        ):  # fmt: skip
            with d.statements() as seen:
                d.take(code or d.state.parcel.sscc)
            cost[name] = len(seen)

    assert sum(cost.values()) / len(cost) <= PER_SCAN, cost
    assert max(cost.values()) <= 19, cost
    assert cost["unit"] <= 15, cost


def test_every_scan_at_the_dock(it: Shop) -> None:
    for name in ("a", "b", "c", "d"):
        parcel = it.pack_all(picked(it, name, (MUG, 2)))
        labelled(it, parcel)
    cost: list[int] = []
    with desk(it, begin="dispatch", policies=STRICT) as d:
        labels = [each.code for each in d.last.expects if each.kind == "parcel"]
        for code in labels:
            with d.statements() as seen:
                d.take(code)
            cost.append(len(seen))

    # The first opens the carrier's list, the last looks for what else came to the dock.
    assert cost[1:-1] == [16, 16], cost
    assert max(cost) <= 23, cost
