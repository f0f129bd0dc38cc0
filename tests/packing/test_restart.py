"""Switched off at any moment, the bench stands at the same step: nothing is packed, closed or labelled twice."""

from typing import Any

import pytest

from core.kernel import codec
from core.kernel.flow import Verb
from core.kernel.operations import Operation
from core.packing.flow import PackFlow
from core.packing.states import State
from tests.orders.shop import Shop
from tests.packing.arrange import BENCH, CUP, GTIN, MEDIUM, MUG, desk, picked, tote
from tests.playbook import Desk, PowerCut

Gesture = str | Verb | int | tuple[Verb, str]
"""A code, a key, or a weight in grams; the label of the parcel in hand is written LABEL."""
LABEL = "the label in hand"
LIGHT = {"verify_units": "block", "weight": "inform", "scan_back": "block", "carton_size": "inform"}
HEAVY = LIGHT | {"weight": "confirm"}
PACKED = (GTIN[MUG], GTIN[MUG], GTIN[CUP])

WALKS: dict[str, tuple[dict[str, str], tuple[Gesture, ...]]] = {
    "to the end": (LIGHT, ("TOTE-1", MEDIUM, *PACKED, LABEL)),
    "two cartons": (LIGHT, ("TOTE-1", MEDIUM, GTIN[MUG], Verb.FULL, LABEL, MEDIUM, GTIN[MUG], GTIN[CUP], LABEL)),
    "undo": (LIGHT, ("TOTE-1", MEDIUM, GTIN[MUG], Verb.UNDO, *PACKED, LABEL)),
    "over the scale": (HEAVY, ("TOTE-1", MEDIUM, *PACKED, 920, LABEL)),
    "reopened": (LIGHT, ("TOTE-1", MEDIUM, *PACKED, Verb.UNDO, Verb.YES, Verb.UNDO, GTIN[CUP], LABEL)),
    "missing": (LIGHT, ("TOTE-1", MEDIUM, GTIN[MUG], Verb.SHORT, (Verb.QTY, "2"), (Verb.QTY, "1"), LABEL)),
    "hospital": (LIGHT, ("TOTE-1", MEDIUM, GTIN[MUG], Verb.SHORT, (Verb.QTY, "1"))),
    "not printed": (LIGHT, ("TOTE-1", MEDIUM, *PACKED, Verb.NOTPRINTED, Verb.REPRINT, (Verb.QTY, "1"), LABEL)),
}
PACK, CLOSE, APPLY = "packing.pack", "packing.close", "packing.apply_label"
WRITTEN = {
    "to the end": [PACK, PACK, CLOSE, APPLY],
    "two cartons": [PACK, CLOSE, APPLY, PACK, CLOSE, APPLY],
    "undo": [PACK, "packing.unpack", PACK, PACK, CLOSE, APPLY],
    "over the scale": [PACK, PACK, PACK, CLOSE, APPLY],
    "reopened": [PACK, PACK, CLOSE, "packing.reopen", "packing.unpack", CLOSE, APPLY],
    "missing": [PACK, "packing.ship_short", CLOSE, APPLY],
    "hospital": [PACK, "packing.park"],
    "not printed": [PACK, PACK, CLOSE, "packing.reprint", "packing.reprint", APPLY],
}


@pytest.fixture
def stood(it: Shop) -> Shop:
    assert tote(it, picked(it, "o1", (MUG, 2), (CUP, 1))) == "TOTE-1"
    return it


def do(d: Desk, gesture: Gesture) -> None:
    match gesture:
        case int():
            assert d.weigh(gesture).refusal is None
        case str() if gesture == LABEL:
            d.take(d.state.parcel.sscc)
        case _:
            d.take(gesture)


@pytest.mark.parametrize("name", WALKS)
def test_a_restart_between_two_gestures_shows_the_same_step(stood: Shop, name: str) -> None:
    policies, gestures = WALKS[name]
    with desk(stood, policies=policies) as d:
        for gesture in gestures:
            do(d, gesture)
            before, written = d.state, len(stood.it.all(Operation))
            d.restart()
            assert type(d.state) is type(before)
            assert shown(d.state) == shown(before)
            assert len(stood.it.all(Operation)) == written, "a start writes nothing of the business"
    stood.check()


def shown(state: Any) -> tuple[Any, ...]:
    """Return what the packer reads of a step: a weight that was on the scale is read again."""
    view, box, parcel = (getattr(state, name, None) for name in ("view", "box", "parcel"))
    counts = None if view is None else ([line.packed for line in view.lines], view.left, view.sscc)
    return (counts, None if box is None else box.code, None if parcel is None else parcel.sscc)


@pytest.mark.parametrize("name", WALKS)
@pytest.mark.parametrize("cut", ["before", "after"])
def test_the_plug_is_pulled_at_every_commit(stood: Shop, name: str, cut: str) -> None:
    policies, gestures = WALKS[name]
    with desk(stood, policies=policies) as d:
        for gesture in gestures:
            before = shown(d.state)
            if pulled(d, gesture, cut) and cut == "before":
                assert shown(d.state) == before
                do(d, gesture)
    stood.check()
    operations = sorted(stood.it.all(Operation), key=lambda row: row.position)
    assert [row.kind for row in operations if row.kind.startswith("packing.")] == WRITTEN[name]


def pulled(d: Desk, gesture: Gesture, cut: str) -> bool:
    """Do a gesture with the plug pulled at its commit, if it has one, and switch on again."""
    d.cut = cut
    try:
        do(d, gesture)
    except PowerCut:
        d.restart()
        return True
    finally:
        d.cut = ""
    return False


class Kept(PackFlow):
    """Keeps every state it was in."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def handle(self, state: Any, event: Any, context: Any) -> Any:
        step = super().handle(state, event, context)
        self.seen.append(step.state)
        return step


@pytest.mark.parametrize("name", WALKS)
def test_every_state_survives_the_file(stood: Shop, name: str) -> None:
    flow, (policies, gestures) = Kept(), WALKS[name]
    d = Desk(stood.it, {"pack": flow}, begin="pack", place=BENCH, policies=policies)
    for gesture in gestures:
        do(d, gesture)
    d.switch_off()
    for state in flow.seen:
        assert codec.from_text(State, codec.to_text(state)) == state  # type: ignore[arg-type, comparison-overlap]
