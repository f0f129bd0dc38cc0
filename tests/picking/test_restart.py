"""Switched off at any moment, the station stands at the same step: nothing is lost, nothing is done twice."""

from typing import Any

import pytest

from core.kernel import codec
from core.kernel.flow import Verb
from core.kernel.operations import Operation
from core.picking.flow import PickFlow
from core.picking.states import State
from tests.picking.arrange import CART, GTIN, MILK, MUG, RED, Arranged, Take, desk, gs1
from tests.playbook import Desk, PowerCut

Gesture = str | Verb | tuple[Verb, str]

WALKS: dict[str, tuple[Gesture, ...]] = {
    "to the end": (
        CART, "A-01-01", GTIN[MUG], "TOTE-1", "TOTE-2", "A-01-02", GTIN[RED], "TOTE-1", "A-01-04",
        gs1(MILK, lot="L2"), "TOTE-1",
    ),
    "short": (CART, "A-01-01", GTIN[MUG], (Verb.QTY, "3"), "TOTE-1", "TOTE-2", (Verb.QTY, "2")),
    "full": (
        CART, "A-01-01", GTIN[MUG], "TOTE-1", "TOTE-2", "A-01-02", GTIN[RED], Verb.FULL, (Verb.QTY, "1"), "TOTE-3",
    ),
    "damaged": (CART, "A-01-01", Verb.DAMAGED, (Verb.QTY, "2"), Verb.YES, GTIN[MUG], "TOTE-1"),
    "back and forth": (
        CART, Verb.SKIP, "A-01-02", GTIN[RED], "TOTE-1", Verb.UNDO, "A-01-03", "A-01-03", GTIN[RED], "TOTE-1", Verb.CALL,
    ),
}  # fmt: skip


@pytest.fixture
def stood(it: Arranged) -> Arranged:
    for sku, place in ((MUG, "A-01-01"), (RED, "A-01-02"), (RED, "A-01-03")):
        it.stock(sku, place, 20)
    it.stock(MILK, "A-01-04", 5, lot="L1", expiry="2026-05-01")
    it.stock(MILK, "A-01-04", 5, lot="L2", expiry="2026-04-01")
    it.order("101", MUG=2, RED=3, MILK=1)
    it.order("102", MUG=2)
    it.release(
        Take("101", MUG, "A-01-01", 2),
        Take("102", MUG, "A-01-01", 2),
        Take("101", RED, "A-01-02", 3),
        Take("101", MILK, "A-01-04", 1, lot="L1"),
    )
    return it


@pytest.mark.parametrize("name", WALKS)
def test_the_same_step_is_shown_after_every_gesture(stood: Arranged, name: str) -> None:
    with desk(stood, start=False) as d:
        for gesture in WALKS[name]:
            d.take(gesture)
            before, operations = d.state, len(stood.bench.all(Operation))
            d.restart()
            assert d.state == before
            assert len(stood.bench.all(Operation)) == operations, "a start writes nothing of the business"
    stood.clean()


@pytest.mark.parametrize("name", WALKS)
@pytest.mark.parametrize("cut", ["before", "after"])
def test_the_plug_is_pulled_at_every_commit(stood: Arranged, name: str, cut: str) -> None:
    with desk(stood, start=False) as d:
        for gesture in WALKS[name]:
            before = d.state
            if not pulled(d, gesture, cut):
                continue
            if cut == "before":
                assert d.state == before
                d.take(gesture)
    stood.clean()
    kinds = [row.kind for row in sorted(stood.bench.all(Operation), key=lambda row: row.position)]
    assert [kind for kind in kinds if kind.startswith(("picking.", "cases."))] == written(name)


def pulled(d: Desk, gesture: Gesture, cut: str) -> bool:
    """Do a gesture with the plug pulled at its commit, if it has one, and switch on again."""
    d.cut = cut
    try:
        d.take(gesture)
    except PowerCut:
        d.restart()
        return True
    finally:
        d.cut = ""
    return False


def written(name: str) -> list[str]:
    pick, undo = "picking.pick", "picking.undo_pick"
    return {
        "to the end": ["picking.start", pick, pick, pick, "picking.repoint", pick],
        "short": ["picking.start", pick, pick, "picking.short"],
        "full": ["picking.start", pick, pick, pick, pick],
        "damaged": ["picking.start", "picking.damaged", pick],
        "back and forth": ["picking.start", "picking.skip", pick, undo, "picking.repoint", pick, "cases.open"],
    }[name]


class Kept(PickFlow):
    """Keeps every state it was in."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def handle(self, state: Any, event: Any, context: Any) -> Any:
        step = super().handle(state, event, context)
        self.seen.append(step.state)
        return step


@pytest.mark.parametrize("name", WALKS)
def test_every_state_survives_the_file(stood: Arranged, name: str) -> None:
    flow = Kept()
    d = Desk(stood.bench, {"pick": flow}, begin="pick")
    d.take(*WALKS[name])
    d.switch_off()
    assert len(flow.seen) > len(WALKS[name])
    for state in flow.seen:
        assert codec.from_text(State, codec.to_text(state)) == state  # type: ignore[arg-type, comparison-overlap]
