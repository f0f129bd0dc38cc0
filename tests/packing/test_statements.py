"""At most 14 SQL statements a scan, BEGIN and COMMIT included: counted at the driver, writer and reader together.

As at the shelf, the limit holds for each kind of scan; what runs inside the one statement that writes has its own.
"""

from core.kernel.flow import Verb
from tests.orders.shop import Shop
from tests.packing.arrange import CUP, GTIN, MEDIUM, MUG, desk, labelled, picked, singles, tote
from tests.playbook import Desk

PER_SCAN = 14
PER_LOOK_UP = 16
"""Nobody scans one after the other here; an order is shown with all that happened, what was written about it, and what others did where there are any."""
INSIDE = 32
STRICT = {"verify_units": "block", "weight": "inform", "scan_back": "block", "carton_size": "inform"}
Gestures = tuple[tuple[str, str | Verb], ...]


def costs(d: Desk, gestures: Gestures) -> dict[str, int]:
    """Return what each scan cost; no gesture stands for the label in hand."""
    sent: dict[str, int] = {}
    for name, gesture in gestures:
        with d.statements() as seen:
            d.take(gesture or d.state.parcel.sscc)
        sent[name] = len(seen)
        assert d.inside(seen) <= INSIDE, (name, d.inside(seen))
    return sent


def test_every_scan_of_an_order_at_the_bench(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2), (CUP, 1))
    with desk(it, policies=STRICT) as d:
        sent = costs(
            d,
            (
                ("tote", tote(it, order)), ("carton", MEDIUM), ("first unit", GTIN[MUG]), ("unit", GTIN[MUG]),
                ("out again", Verb.UNDO), ("in again", GTIN[MUG]), ("last unit", GTIN[CUP]), ("reprint", Verb.NOTPRINTED),
                ("open again", Verb.UNDO), ("yes", Verb.YES), ("out", Verb.UNDO), ("in", GTIN[CUP]), ("label", ""),
            ),
        )  # fmt: skip

    assert max(sent.values()) <= PER_SCAN, sent


def test_the_one_scan_of_a_single_unit(it: Shop) -> None:
    singles(it, "s1", "s2", "s3")
    with desk(it, policies=STRICT) as d:
        sent = costs(d, (("unit", GTIN[MUG]), ("label", ""), ("next unit", GTIN[MUG]), ("next label", "")))

    assert max(sent.values()) <= PER_SCAN, sent


def test_every_scan_at_the_dock(it: Shop) -> None:
    for name in ("a", "b", "c", "d"):
        labelled(it, it.pack_all(picked(it, name, (MUG, 2))))
    with desk(it, begin="dispatch", policies=STRICT) as d:
        labels = [each.code for each in d.last.expects if each.kind == "parcel"]
        sent = costs(d, tuple((f"parcel {n}", code) for n, code in enumerate(labels)))
        sent |= costs(d, (("out", Verb.UNDO), ("in", labels[-1]), ("close", Verb.CONFIRM), ("yes", Verb.YES)))

    assert len(labels) == 4
    assert max(sent.values()) <= PER_SCAN, sent


def test_every_look_up_at_home(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2))
    parcel = labelled(it, it.pack_all(picked(it, "o2", (MUG, 2))))
    it.load(parcel)
    assert tote(it, order)
    with desk(it, begin="home", policies=STRICT, roles="lead") as d:
        sent = costs(
            d,
            (
                ("item", GTIN[MUG]), ("place", "A-1"), ("order", "o1"), ("order that left", "o2"), ("parcel", parcel.sscc),
                ("menu", Verb.MENU), ("tote", tote(it, order)),
            ),
        )  # fmt: skip

    assert max(sent.values()) <= PER_LOOK_UP, sent
