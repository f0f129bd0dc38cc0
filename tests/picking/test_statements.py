"""What a scan costs in SQL statements, BEGIN and COMMIT included: counted at the driver, writer and reader together.

The limit holds for each kind of scan, the dearest too: what a transaction writes is sent as one statement. Since that one
runs others inside, these have a limit of their own, so that none grows unseen.
"""

from core.kernel.flow import Verb
from tests.picking.arrange import CART, GTIN, MUG, RED, Arranged, Take, desk

PER_SCAN = 14
INSIDE = 32


def test_every_scan_of_a_batch(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    it.stock(RED, "A-01-02", 20)
    it.order("101", MUG=3, RED=2)
    it.order("102", MUG=1, RED=1)
    it.release(
        Take("101", MUG, "A-01-01", 3), Take("102", MUG, "A-01-01", 1), Take("101", RED, "A-01-02", 2),
        Take("102", RED, "A-01-02", 1),
    )  # fmt: skip
    sent: dict[str, int] = {}
    ran: dict[str, int] = {}
    with desk(it, start=False) as d:
        for name, gesture in (
            ("cart", CART), ("location", "A-01-01"), ("item", GTIN[MUG]), ("first put", "TOTE-1"),
            ("put into another tote", "TOTE-2"), ("undo", Verb.UNDO), ("location again", "A-01-01"), ("item again", GTIN[MUG]),
            ("put again", "TOTE-2"), ("next location", "A-01-02"), ("next item", GTIN[RED]), ("put", "TOTE-1"),
            ("last put", "TOTE-2"), ("undo of the end", Verb.UNDO), ("damaged", Verb.DAMAGED), ("so it is", Verb.YES),
            ("short", Verb.SHORT), ("why", (Verb.QTY, "1")), ("undo of a short", Verb.UNDO), ("put off", Verb.SKIP),
            ("call", Verb.CALL), ("pause", Verb.PAUSE),
        ):  # fmt: skip
            with d.statements() as seen:
                d.take(gesture)
            sent[name], ran[name] = len(seen), d.inside(seen)

    assert max(sent.values()) <= PER_SCAN, sent
    assert max(ran.values()) <= INSIDE, ran
    assert max(sent["location again"], sent["item again"], sent["short"]) <= 5, sent


def test_a_refused_scan_costs_no_more(it: Arranged) -> None:
    it.stock(MUG, "A-01-01", 20)
    it.simple(2)
    sent: dict[str, int] = {}
    with desk(it) as d:
        for code in ("NO-SUCH-CODE", "A-01-02", GTIN[RED], "TOTE-1"):
            with d.statements() as seen:
                said = d.scan(code)
            assert said.refusal is not None
            sent[code] = len(seen)

    assert max(sent.values()) <= PER_SCAN, sent
