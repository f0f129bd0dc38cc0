"""The diagram at the head of the flow says which step follows which, no more and no less: the bench is walked and compared."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import core.packing.flow
from core.kernel.flow import Verb
from core.kernel.ids import OrderId
from core.kernel.uow import Changes
from core.packing.flow import PackFlow
from core.station.home import HomeFlow
from tests.diagrams import compare, walked
from tests.orders.shop import Shop
from tests.packing.arrange import BENCH, CUP, GTIN, MEDIUM, MUG, cancel, packing_shop, picked, singles, slip, tote
from tests.playbook import Desk

LIGHT = {"verify_units": "block", "weight": "inform", "scan_back": "block", "carton_size": "inform"}
HEAVY = LIGHT | {"weight": "confirm"}
Gesture = str | Verb | tuple[Verb, str]
WHY, HOSPITAL, WITHOUT, OTHERS = (Verb.QTY, "1"), (Verb.QTY, "1"), (Verb.QTY, "2"), (Verb.QTY, "3")
AGAIN = "leave the bench and come back"
LAST = ("TOTE-1", MEDIUM, GTIN[MUG], GTIN[CUP])

WALKS: tuple[tuple[dict[str, str], tuple[Gesture, ...]], ...] = (
    (LIGHT, (Verb.CONFIRM, "TOTE-1", Verb.UNDO, "TOTE-1", Verb.CALL, MEDIUM, Verb.NO)),
    (LIGHT, ("TOTE-1", GTIN[MUG], Verb.CALL, Verb.UNDO)),
    (LIGHT, ("TOTE-1", Verb.SHORT, Verb.NO, Verb.SHORT, HOSPITAL)),
    (LIGHT, ("TOTE-1", MEDIUM, GTIN[MUG], Verb.SHORT, Verb.NO, Verb.SHORT, WITHOUT, Verb.NO, WITHOUT, WHY)),
    (LIGHT, ("TOTE-1", MEDIUM, GTIN[MUG], Verb.SHORT, OTHERS, WHY)),
    (LIGHT, ("TOTE-1", MEDIUM, GTIN[MUG], Verb.FULL, Verb.NOTPRINTED)),
    (LIGHT, (*LAST, Verb.REPRINT, Verb.NO, Verb.REPRINT, WHY, Verb.UNDO, Verb.NO, Verb.UNDO, Verb.YES)),
    (LIGHT, (*LAST, Verb.SKIP, "o1")),
    (LIGHT, (*LAST, Verb.UNDO, Verb.YES, AGAIN, "o1")),
    (HEAVY, (*LAST, Verb.UNDO)),
    (HEAVY, (*LAST, Verb.SKIP)),
    (HEAVY, (*LAST, AGAIN, "o1")),
    (HEAVY, ("TOTE-1", MEDIUM, GTIN[MUG], Verb.FULL)),
)


def walk(folder: Path, flow: PackFlow, policies: dict[str, str], then: Callable[[Shop, OrderId, Desk], None]) -> None:
    """Walk at a bench of its own."""
    folder.mkdir()
    with packing_shop(folder) as it:
        order = picked(it, "o1", (MUG, 1), (CUP, 1))
        assert tote(it, order) == "TOTE-1"
        d = Desk(it.it, {"pack": flow, "home": HomeFlow()}, begin="pack", place=BENCH, policies=policies)
        then(it, order, d)
        d.switch_off()


def test_the_flow_goes_where_the_diagram_says(tmp_path: Path) -> None:
    flow, pairs = walked(PackFlow())
    for n, (policies, gestures) in enumerate(WALKS):

        def along(it: Shop, order: OrderId, d: Desk, gestures: tuple[Gesture, ...] = gestures) -> None:
            for gesture in gestures:
                if gesture == AGAIN:
                    d.go("home")
                    d.go("pack")
                else:
                    d.take(gesture)

        walk(tmp_path / str(n), flow, policies, along)
    walk(tmp_path / "stop", flow, LIGHT, _stopped)
    walk(tmp_path / "set aside", flow, LIGHT, _set_aside)
    for name, before in (("later", (Verb.SKIP,)), ("waits", ()), ("again", (Verb.REPRINT,))):
        walk(tmp_path / name, flow, LIGHT, partial(_cancelled, before=before))
    walk(tmp_path / "single", flow, LIGHT, _single)
    walk(tmp_path / "next", flow, LIGHT | {"scan_back": "inform"}, _the_next)
    walk(tmp_path / "slip", flow, LIGHT, _by_slip)
    walk(tmp_path / "slip and scale", flow, HEAVY, _by_slip_and_scale)
    walk(tmp_path / "scale", flow, HEAVY, lambda it, order, d: (d.take(*LAST), d.weigh(620)))  # type: ignore[arg-type, return-value]

    compare(core.packing.flow, pairs)


def _stopped(it: Shop, order: OrderId, d: Desk) -> None:
    d.take("TOTE-1", MEDIUM)
    cancel(it, order)
    assert d.scan(GTIN[MUG]).refusal is not None
    d.take(Verb.CONFIRM)


def _set_aside(it: Shop, order: OrderId, d: Desk) -> None:
    d.take(*LAST)
    cancel(it, order)
    assert d.scan(d.state.parcel.sscc).refusal is not None
    d.take("H-1")


def _cancelled(it: Shop, order: OrderId, d: Desk, *, before: tuple[Verb, ...]) -> None:
    d.take(*LAST)
    label = d.state.parcel.sscc
    d.take(*before)
    cancel(it, order)
    if Verb.SKIP in before:
        assert d.scan(label).refusal is not None
    else:
        d.hear(Changes(frozenset(), frozenset({order})))


def _single(it: Shop, order: OrderId, d: Desk) -> None:
    singles(it, "s1", "s2", sku=CUP)
    d.take(GTIN[CUP])


def _by_slip(it: Shop, order: OrderId, d: Desk) -> None:
    code = slip(it, "s1", (MUG, 1), (CUP, 1))
    d.take(code, Verb.NO, code, "TOTE-40", MEDIUM, GTIN[MUG], GTIN[CUP], Verb.SKIP)
    d.take(code)
    assert d.scan("TOTE-40").refusal is not None


def _by_slip_and_scale(it: Shop, order: OrderId, d: Desk) -> None:
    d.take(slip(it, "s1", (MUG, 1), (CUP, 1)), "TOTE-40", MEDIUM, GTIN[MUG], GTIN[CUP], Verb.UNDO)


def _the_next(it: Shop, order: OrderId, d: Desk) -> None:
    picked(it, "o2", (MUG, 2))
    d.take(*LAST, "o2")
