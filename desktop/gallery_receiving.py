"""Screens of goods in, as pictures: which delivery, what of it is here, what units are to be known by, and too many of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.kernel.ids import DeliveryId, DeliveryLineId, ItemId, OwnerId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.receiving.flow import ReceiveFlow
from core.receiving.states import (
    ChooseDelivery,
    ConfirmFinish,
    CountUnits,
    SayExpiry,
    SayLot,
    ScanItem,
    ScanSerial,
    State,
)
from core.receiving.views import DeliveriesPage, DeliveryRow, DeliveryView, Goods, LineView
from desktop.gallery_shared import Shown

_ITEMS = (
    ("MUG-350-BLUE", "Mug, 350 ml", "blue", 48, 54),
    ("MUG-350-RED", "Mug, 350 ml", "red", 48, 12),
    ("LAMP-RETRO", "Retro lamp", "brass", 6, 0),
    ("TEA-GREEN-250", "Green tea, 250 g", "", 120, 0),
)


def receiving_states(shown: Sequence[Shown]) -> Iterator[Shown]:
    """Yield them, as if they had come up at the end of what was played."""
    last = next(each for each in reversed(shown) if each.feedback.refusal is None and each.standing is None)
    flow = ReceiveFlow()
    for name, state in _states():
        told = replace(
            last.feedback, flow=flow.NAME, state=state, expects=flow.expects(state), note=None, input=None
        )  # fmt: skip
        yield replace(last, name=f"receive-{name}", feedback=told, person="Dana Wolf", roles="lead")
        if name == "items":
            facts = {"got": "SOAP-OLIV", "number": "PO-2025-0417"}
            refused = replace(told, refusal=Refusal(Reason.NOT_ANNOUNCED, facts))
            yield replace(last, name="receive-not-announced", feedback=refused, person="Dana Wolf", roles="lead")


def _states() -> Iterator[tuple[str, State]]:
    suppliers = ("Northfield Pottery", "Halle", "", "Lumen", "Olea Soaps")
    rows = tuple(
        DeliveryRow(DeliveryId(b"delivery-%07d" % n), f"PO-2025-04{n}7", supplier, 222, 66 * (n == 1))
        for n, supplier in enumerate(suppliers, 1)
    )
    yield "choose", ChooseDelivery(DeliveriesPage(rows, 0, 12))
    yield "choose-last", ChooseDelivery(DeliveriesPage(rows[:2], 10, 12))
    yield "none", ChooseDelivery(DeliveriesPage((), 0, 0))
    lines = tuple(
        LineView(
            DeliveryLineId(b"line-%011d" % n), OwnerId(bytes(16)), ItemId(b"item-%011d" % n), sku, words, variant, "", expected, booked
        )
        for n, (sku, words, variant, expected, booked) in enumerate(_ITEMS)
    )  # fmt: skip
    view = DeliveryView(DeliveryId(b"delivery-0000001"), "PO-2025-0417", suppliers[0], 0, 222, 66, 14, 13, 0, lines)
    yield "items", ScanItem(view)
    yield "all", ScanItem(replace(view, lines=1, open_lines=0, booked=222, shown=lines[:1]))
    yield "finish", ConfirmFinish(view)
    tea = replace(lines[3], by_lot=1, by_date=1)
    yield "lot", SayLot(view, tea, Goods(12))
    yield "expiry", SayExpiry(view, tea, Goods(12, "L-2207", looked_up=1))
    yield "lot-units", CountUnits(view, tea, Goods(12, "L-2207", "2026-03-31", 1))
    lamp = replace(lines[2], by_serial=1)
    yield "serial", ScanSerial(view, lamp, Goods(1))
    yield "serials", CountUnits(view, lamp, Goods(1, serials=("RL-000417", "RL-000418")))
    yield "units", CountUnits(view, lines[1], Goods(6), typed="36")
    yield "too-many", CountUnits(view, lines[1], Goods(6), typed="360", question="IN-01")
